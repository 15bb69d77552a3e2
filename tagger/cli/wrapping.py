"""Text → lines on a terminal: Chinese is broken between characters, and no line begins or ends with the wrong mark."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

__all__ = ["print_wrapped", "wrap", "wrapped"]

# No line begins with one of the first, none ends with one of the others.
_CLOSING = frozenset("，。；：、！？）】》”’」』〉…—·%" + ")]}>,.;:!?")
_OPENING = frozenset("（【《“‘「『〈" + "([{<")
# They are one cell wide, and belong to Chinese text nevertheless.
_NARROW = frozenset("“”‘’…—·")
# A blank, what a note in brackets begins with (“[默认：”, which would be torn), or a character.
_TOKENS = re.compile(r"\s+|\[\w{1,4}：|\S")


def wrap(text: str, width: int) -> list[str]:
    """Return a paragraph in lines of at most so many cells; what has no place to be broken stays whole.

    Chinese is broken between any characters, but not before a closing mark nor behind an opening one.
    """
    lines: list[str] = []
    for blank, piece in _pieces(text):
        if lines and cell_len(lines[-1] + blank + piece) <= width:
            lines[-1] += blank + piece
        else:
            lines.append(piece)
    return lines


def wrapped(text: Text, width: int) -> list[Text]:
    """Return the lines of a text with its styles, none wider than so many cells; what cannot be broken is cut.

    >>> [line.plain for line in wrapped(Text("精确率：给出的主题里，对的占多少。"), 16)]
    ['精确率：给出的主', '题里，对的占多', '少。']
    """
    breaks: list[int] = []
    end = used = 0
    for blank, piece in _pieces(text.plain):
        first = end == 0
        start = end + len(blank)
        end = start + len(piece)
        if first or used + cell_len(blank + piece) <= width:
            used += cell_len(blank)
        else:
            breaks.append(start)
            used = 0
        for offset, character in enumerate(piece, start=start):
            if used + cell_len(character) > width:
                breaks.append(offset)
                used = 0
            used += cell_len(character)
    lines = text.divide(breaks)
    for line in lines:
        line.rstrip()
    return list(lines)


def print_wrapped(console: Console, text: Text, *, indent: int = 0) -> None:
    """Print a text on as many lines as it takes, all of them indented by so many spaces."""
    for line in wrapped(text, max(2, console.width - indent)):
        console.print(Text.assemble(" " * indent, line), no_wrap=True, overflow="ignore")


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stays together, with the blanks before it."""
    blank, piece = "", ""
    for token in _TOKENS.findall(text):
        if token.isspace():
            if piece:
                yield blank, piece
            blank, piece = token, ""
        elif piece and _breaks(piece[-1], token[0]):
            yield blank, piece
            blank, piece = "", token
        else:
            piece += token
    if piece:
        yield blank, piece


def _breaks(before: str, after: str) -> bool:
    """Whether a line may end between two characters that have no blank between them."""
    if after in _CLOSING or before in _OPENING:
        return False
    return _is_chinese(before) or _is_chinese(after)


def _is_chinese(character: str) -> bool:
    return character in _NARROW or cell_len(character) > 1
