"""Text → lines on a terminal: Chinese is broken between characters, and no line begins or ends with the wrong mark."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

__all__ = ["print_wrapped", "wrapped"]

_WIDE = (
    "\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff\uff10-\uff5a\U00020000-\U0003ffff"
)
# What no line begins with, and what none ends with.
_CLOSING = "”’），。；：、！？》〉】」』〕…％"
_OPENING = "“‘（《〈【「『〔"
# What stays together: one wide character, or others up to a space, with the marks on both sides and the spaces behind.
_PIECE = re.compile(rf"\s*[{_OPENING}(\[]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}{_CLOSING}]+)?[{_CLOSING})\],.;:!?%]*\s*")


def wrapped(text: Text, width: int) -> list[Text]:
    """Return the lines of a text, none wider than so many cells; a piece that is wider alone is cut.

    >>> [line.plain for line in wrapped(Text("精确率：给出的主题里，对的占多少。"), 16)]
    ['精确率：给出的主', '题里，对的占多', '少。']
    """
    breaks, used = [], 0
    for found in _PIECE.finditer(text.plain):
        piece = found[0]
        if used and used + cell_len(piece.rstrip()) > width:
            breaks.append(found.start())
            used = 0
        for offset, character in enumerate(piece.rstrip(), start=found.start()):
            if used + cell_len(character) > width:
                breaks.append(offset)
                used = 0
            used += cell_len(character)
        used += len(piece) - len(piece.rstrip())
    lines = text.divide(breaks)
    for line in lines:
        line.rstrip()
    return list(lines)


def print_wrapped(console: Console, text: Text, *, indent: int = 0) -> None:
    """Print a text on as many lines as it takes, all of them indented by so many spaces."""
    for line in wrapped(text, max(2, console.width - indent)):
        console.print(Text.assemble(" " * indent, line), no_wrap=True, overflow="ignore")
