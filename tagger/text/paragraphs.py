"""Text → paragraphs with their places: one a line, and lines that a page broke in mid-sentence rejoined.

A line is joined to the next in three cases.

*Run-on lines.* A line that holds a comma or a full stop is running prose; where it ends without closing punctuation
(or an emoji, which closes chatty ones) the page has cut it, and what follows is its rest, unless it opens a paragraph
by its looks. After a blank line it is only where no new sentence begins. Headings, bullets, bylines and number tiles
hold neither comma nor full stop, or are told by their looks; the lines of a list by being alike.

*Hard-wrapped text.* Where most lines of a text break at one width without closing punctuation, every line of that
width runs on, and paragraphs end at short lines, blank lines and indents.

*Punctuation.* No paragraph begins with a comma or a closing quotation mark.

The number of a page that stands in mid-sentence is left out; so are the spaces of a text whose characters stand apart
by themselves, as recognition of scanned pages leaves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from itertools import pairwise, takewhile

from tagger.records import Paragraph
from tagger.text.furniture import is_furniture
from tagger.text.lines import Line, read_lines
from tagger.text.lists import leaves_ends_open, list_items
from tagger.text.looks import (
    COMMAS,
    NEVER_FIRST,
    PAGE_NUMBER_FIRST,
    are_alike,
    is_closed,
    is_cut_number,
    is_heading,
    is_page_number,
    is_prose,
    is_sentence,
    is_turn,
    may_run_on,
    open_alike,
    opens_anew,
    opens_sentence,
    runs_on,
)
from tagger.text.markup import Page, read_markup
from tagger.text.traditional import simplify as simplified
from tagger.text.wrapping import full_lines

__all__ = ["split_paragraphs"]

_ENDS = frozenset("。！？”：；")
# What stands in the line above a subtitle.
_CUE = " --> "
# A text is spaced out where this share of its words, or more, are single characters; fewer words may be so by chance.
_SINGLE = 0.8
_FEWEST_WORDS = 10
# Spaces beside anything but Latin letters and digits, whose words they part.
_NO_SPACE = re.compile(r"(?<=[^\x00-\x7f])[^\S\n]+|[^\S\n]+(?=[^\x00-\x7f])")
# A menu is so many short lines or more below the first of it.
_MENU = re.compile(r"(?:网站)?首页|主页")
_SHORTEST_MENU = 4
_LONGEST_ENTRY = 6


def split_paragraphs(text: str, *, simplify: bool = False) -> tuple[Paragraph, ...]:
    r"""Split an article into its paragraphs, in order, none of them blank.

    `text[p.start:p.end]` is what paragraph `p` was read from; no two overlap, and only white space, tags and the
    numbers of pages lie between them. HTML is read as a browser shows it. Lines of the page that are not the article
    are marked `furniture`.

    With `simplify`, text in traditional characters is split as the same in simplified ones; paragraphs keep their own.

    >>> [p.text for p in split_paragraphs("反诈周报\n\n今年以来,全市公安机关破获涉电信网络诈\n\n骗案件三百余起。")]
    ['反诈周报', '今年以来,全市公安机关破获涉电信网络诈骗案件三百余起。']
    >>> [p.text for p in split_paragraphs("<h1>反诈周报</h1><p>本周<b>劝阻</b>&ldquo;刷单&rdquo;转账三起。</p>")]
    ['反诈周报', '本周劝阻“刷单”转账三起。']

    Raises:
        RunError: when OpenCC is not installed, which `simplify` needs.
    """
    page = read_markup(text)
    if simplify:
        paragraphs = tuple(_split_simplified(text, page))
    elif page is not None:
        paragraphs = tuple(_read(lines, page) for lines in _group(read_lines(page.text)))
    else:
        paragraphs = tuple(map(_join, _group(read_lines(text))))
    return _with_menus(paragraphs) if "页" in text else paragraphs


def _with_menus(paragraphs: tuple[Paragraph, ...]) -> tuple[Paragraph, ...]:
    """Mark the entries of menus as furniture: short lines, one below another, the first of which is 首页."""
    marked = [*paragraphs]
    for first, paragraph in enumerate(paragraphs):
        if _MENU.fullmatch(paragraph.text):
            entries = [*takewhile(_is_entry, paragraphs[first:])]
            if len(entries) >= _SHORTEST_MENU:
                marked[first : first + len(entries)] = [replace(entry, furniture=True) for entry in entries]
    return tuple(marked)


def _is_entry(paragraph: Paragraph) -> bool:
    return len(paragraph.text) <= _LONGEST_ENTRY and paragraph.text.isalpha()


def _split_simplified(text: str, page: Page | None) -> Iterator[Paragraph]:
    """Split the text in simplified characters, and put the given ones in their places again."""
    seen = text if page is None else page.text
    for lines in _group(read_lines(simplified(seen))):
        if page is not None:
            paragraph = _read(lines, page)
        else:
            paragraph = _join([line._replace(text=text[line.start : line.end]) for line in lines])
        yield replace(paragraph, furniture=is_furniture(simplified(paragraph.text)))


def _group(lines: Sequence[Line]) -> Sequence[Sequence[Line]]:
    """Put together the lines of each paragraph."""
    if len(lines) == 1:
        return (lines,)
    page = _Lines(lines)
    paragraphs: list[list[Line]] = []
    numbers = 0  # of pages, that stand after the last paragraph
    end = ""  # of the last line
    for line in lines:
        text = line.text
        if text[0] in PAGE_NUMBER_FIRST and is_page_number(text):
            numbers += 1
        elif numbers:
            resumed = paragraphs[-numbers - 1] if len(paragraphs) > numbers else None
            if resumed and page.continues(resumed, line._replace(after_blank=line.parted)):
                del paragraphs[-numbers:]
                resumed.append(line)
                numbers, end = 0, text[-1]
                continue
            numbers = 0
        elif (
            paragraphs
            # Most lines end as sentences, and are told from the others without asking further.
            and (page.wrapped or end not in _ENDS or text[0] in NEVER_FIRST)
            and page.continues(paragraphs[-1], line)
        ):
            paragraphs[-1].append(line)
            end = text[-1]
            continue
        paragraphs.append([line])
        end = text[-1]
    return paragraphs


class _Lines:
    """The lines of a text, and whether one is the rest of another."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._full = full_lines(lines)
        if self._full is not None and _open_alike(lines):
            self._full = None
        self.wrapped = self._full is not None

    @cached_property
    def _items(self) -> AbstractSet[int]:
        return list_items(self._lines)

    @cached_property
    def _ends_are_open(self) -> bool:
        return leaves_ends_open(self._lines)

    def continues(self, pieces: Sequence[Line], line: Line) -> bool:
        """Whether a line goes on with the paragraph of these pieces."""
        last = pieces[-1]
        if line.text[0] in NEVER_FIRST:
            return not line.parted and _CUE not in last.text
        if self._full is not None:
            may_continue = last.start in self._full and not (line.indented or line.after_blank)
        else:
            # Most lines are closed, and most others hold no comma: soonest told.
            may_continue = not is_closed(last.text) and may_run_on(last.text)
        if not may_continue or line.parted or opens_anew(line.text):
            return False
        return self.wrapped or self._is_rest(pieces, line)

    def _is_rest(self, pieces: Sequence[Line], line: Line) -> bool:
        """Whether a line is the rest of a sentence in a text that is not hard-wrapped."""
        last, text = pieces[-1].text, line.text
        is_cut = is_cut_number(text, after=last)
        if not (runs_on(last) or (is_cut and is_sentence(last))) or not (is_closed(text) or is_prose(text)):
            return False
        if self._ends_are_open and last[-1] not in COMMAS:
            return False
        is_item = not self._items.isdisjoint((pieces[-1].start, line.start)) or open_alike(pieces[0].text, text)
        is_new = is_turn(text, after=last) or (line.after_blank and opens_sentence(text, after=last))
        if is_item or is_new:
            return False
        return len(pieces) > 1 or is_cut or not (is_heading(last, before=text) or are_alike(last, text))


def _open_alike(lines: Sequence[Line]) -> bool:
    """Recognise a list whose lines come near one width: most open as the line before does."""
    return 2 * sum(open_alike(last.text, line.text) for last, line in pairwise(lines)) >= len(lines) - 1


def _join(lines: Sequence[Line]) -> Paragraph:
    first = lines[0]
    text = first.text
    if len(lines) == 1:
        return _paragraph(text, first.start, first.end, (first[1:3],))
    parts = [text]
    for last, line in pairwise(lines):
        parts += [" ", line.text] if _is_parted(last.text, line.text) else [line.text]
    text = "".join(parts)
    pieces = tuple((line.start, line.end) for line in lines)
    return _paragraph(text, first.start, lines[-1].end, pieces)


def _is_parted(text: str, following: str) -> bool:
    """Recognise Latin words that were parted by the break; Han text has no space to give back, nor has a number."""
    last, first = text[-1], following[0]
    words = last.isascii() and last.isalnum() and first.isascii() and first.isalnum()
    return words and not (last.isdigit() and first.isdigit())


def _read(lines: Sequence[Line], page: Page) -> Paragraph:
    """Join lines of visible text, with their places in the source."""
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    end = 0
    for line in lines:
        for number, stretch in enumerate(page.stretches(line.start, line.end)):
            if parts and (stretch.spaced if number else _is_parted(parts[-1], stretch.text)):
                parts.append(" ")
            parts.append(stretch.text)
            pieces.append((stretch.start, stretch.start + len(stretch.text)))
            end = stretch.end
    text = "".join(parts)
    return _paragraph(text, pieces[0][0], end, tuple(pieces))


def _paragraph(text: str, start: int, end: int, pieces: tuple[tuple[int, int], ...]) -> Paragraph:
    if 3 * text.count(" ") > len(text) and _is_spaced_out(text):
        text, pieces = _closed_up(text, pieces)
    # A frozen dataclass sets its fields one by one through `object.__setattr__`; this takes half the time, and it is a
    # tenth of all the time of splitting.
    paragraph = object.__new__(Paragraph)
    paragraph.__dict__.update(text=text, start=start, end=end, pieces=pieces, furniture=is_furniture(text))
    return paragraph


def _is_spaced_out(text: str) -> bool:
    words = text.split()
    return len(words) >= _FEWEST_WORDS and sum(len(word) == 1 for word in words) >= _SINGLE * len(words)


def _closed_up(text: str, pieces: tuple[tuple[int, int], ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Take the spaces out that part no Latin words, from the text and from the pieces that it was read from."""
    gone = {place for gap in _NO_SPACE.finditer(text) for place in range(*gap.span())}
    closed: list[tuple[int, int]] = []
    at = 0
    for start, end in pieces:
        at += at > 0 and text[at] == " "  # by which pieces were joined; none begins with one
        kept = [place for place in range(start, end) if at + place - start not in gone]
        at += end - start
        for place in kept:
            if closed and closed[-1][1] == place and place > start:
                closed[-1] = closed[-1][0], place + 1
            else:
                closed.append((place, place + 1))
    return "".join(sign for place, sign in enumerate(text) if place not in gone), tuple(closed)
