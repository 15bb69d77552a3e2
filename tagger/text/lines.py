"""Text → its visible lines with their places, and what stands between them.

Most texts have one line for each paragraph or less. Three other marks end a line here: a run of wide spaces after a
closed sentence (pages pasted as one line), the name of the editor put behind the last sentence, and U+2029, which also
stands for the block tags of HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

__all__ = ["PARTS", "UNSEEN", "Line", "read_lines"]

# Unicode's mark between paragraphs: lines on both sides of it are never rejoined.
PARTS = "\u2029"

# What stands at the ends of a line and is not seen: white space, control and zero-width characters, byte order marks.
UNSEEN = (
    "".join(
        map(
            chr,
            [*range(0x21), *range(0x7F, 0xA1), 0xAD, 0x1680, 0x180E, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F],
        )
    )
    + "\u205f\u2060\u3000\u3164\ufeff"
)

# Line ends beside \n; each is one character, so that places stay what they are where \n takes its place.
_LINE_ENDS = "\r\v\f\x85\u2028\u2029"
# Programs that write \r\n for each \n of a text that has \r\n already leave \r\r\n: one line end.
_BREAK = re.compile(r"\r{0,2}\n|[\r\v\f\x85\u2028\u2029]")

# One of these stands in every run of spaces that may part paragraphs.
_GAPS = ("\u3000\u3000", "\xa0\xa0", "\xa0 \xa0", "\u2003\u2003", "\u2002\u2002", "    ")
_RUN = re.compile(r"[ \t\xa0\u2000-\u200a\u202f\u205f\u3000]{2,}")
# So many ASCII spaces are an indent; fewer are typed after a full stop by habit.
_INDENT = 4
_WIDE = "\xa0\u2002\u2003\u3000"
_QUOTES = "”’」』）)】》"
_ENDS = frozenset("。！？!?…；;")
# After a heading or a date line such a run parts only what is plainly prose from it: this long, and with a full stop.
_PROSE_LENGTH = 15
# 第一条　　为了… is one paragraph, and so is 一、　　…
_NUMBER = re.compile(r"(?:第.{1,6}[条章节款编]|.{0,4})$")

_BRACKETS = frozenset("】]）)")
_CREDIT_SIGNS = "编审校"
# The editor's name behind the last sentence: 【编辑:某某】
_CREDIT = re.compile(r"[【\[（(]\s*(?:责任)?(?:编辑|责编|编审|审核|校对)\s*[:：][^【】\[\]（）()。]{1,20}[】\]）)]$")


class Line(NamedTuple):
    """A non-blank line without the white space around it.

    `start` and `end` are offsets into the given text; `raw` is the line with its indent. Whatever stands before and
    after, a `parted` line is not the rest of another.
    """

    text: str
    start: int
    end: int
    indented: bool
    after_blank: bool
    raw: str
    parted: bool = False


def read_lines(text: str) -> Sequence[Line]:
    """Read the lines that can be seen, in order."""
    lines = list(_lines(text))
    if PARTS in text:
        lines = list(_parted(text, lines))
    for gap in _GAPS:
        # One character is found ten times sooner than two.
        if gap[0] in text and gap in text and _is_inside(gap, text):
            lines = _cut(lines, [n for n, line in enumerate(lines) if gap in line.text], _gaps)
    if any(map(text.__contains__, _CREDIT_SIGNS)):
        lines = _cut(lines, [n for n, line in enumerate(lines) if line.text[-1] in _BRACKETS], _credits)
    return lines


def _lines(text: str) -> Iterator[Line]:
    cut = text
    for end in _LINE_ENDS:
        if end in text:
            cut = cut.replace(end, "\n")
    start = end_of_last = 0
    for raw in cut.split("\n"):
        first, start = start, start + len(raw) + 1
        stripped = raw.strip(UNSEEN)
        if not stripped:
            continue
        # `strip` gives the same string back where there is nothing to strip, as mostly.
        place = first if stripped is raw else first + raw.index(stripped)
        # One line end and nothing else is what mostly lies between two lines, or two.
        after_blank = place > end_of_last + 1 and (
            text.startswith("\n\n", end_of_last) or len(_BREAK.findall(text, end_of_last, place)) > 1
        )
        end_of_last = place + len(stripped)
        yield Line(stripped, place, end_of_last, place > first, after_blank, raw)


def _parted(text: str, lines: Sequence[Line]) -> Iterator[Line]:
    end_of_last = 0
    for line in lines:
        parted = text.find(PARTS, end_of_last, line.start) >= 0
        yield line._replace(parted=True, after_blank=True) if parted else line
        end_of_last = line.end


def _is_inside(gap: str, text: str) -> bool:
    """Whether this gap stands anywhere but at the beginning of lines, where it is an indent."""
    return text.count(gap) > text.count("\n" + gap) + text.startswith(gap)


def _cut(lines: list[Line], numbers: Sequence[int], find: Callable[[str], Sequence[tuple[int, int]]]) -> list[Line]:
    """Cut these lines at the places that are found in them."""
    cut: list[Line] = []
    end = 0
    for number in numbers:
        if places := find(lines[number].text):
            cut += lines[end:number]
            cut += _parts(lines[number], places)
            end = number + 1
    return cut + lines[end:] if cut else lines


def _parts(line: Line, places: Sequence[tuple[int, int]]) -> Iterator[Line]:
    """Cut a line in several; the first keeps what was known of the line."""
    start = 0
    for end, following in (*places, (len(line.text), len(line.text))):
        part = line.text[start:end]
        place = line.start + start
        if start:
            yield Line(part, place, place + len(part), indented=True, after_blank=True, raw=part, parted=True)
        else:
            yield line._replace(text=part, end=place + len(part), raw=part)
        start = following


def _gaps(text: str) -> Sequence[tuple[int, int]]:
    """Find the runs of spaces in a line that part paragraphs: where each begins and ends."""
    runs = [
        match
        for match in _RUN.finditer(text)
        if len(match.group()) >= _INDENT or sum(map(match.group().count, _WIDE)) > 1
    ]
    closed = [_is_closed(text, match.start()) for match in runs]
    if not any(closed):
        return ()
    places = []
    ends = [match.start() for match in runs[1:]] + [len(text)]
    start = 0
    for match, after_sentence, end in zip(runs, closed, ends, strict=True):
        is_prose = end - match.end() >= _PROSE_LENGTH and text.find("。", match.end(), end) >= 0
        if after_sentence or (is_prose and not _NUMBER.match(text, start, match.start())):
            places.append(match.span())
        start = match.end()
    return places


def _is_closed(text: str, end: int) -> bool:
    return text[max(0, end - 4) : end].rstrip(_QUOTES)[-1:] in _ENDS


def _credits(text: str) -> Sequence[tuple[int, int]]:
    """Find where the editor's name begins that stands behind a sentence."""
    match = _CREDIT.search(text, max(0, len(text) - 30))
    if match is None:
        return ()
    before = len(text[: match.start()].rstrip(UNSEEN))
    return ((before, match.start()),) if before else ()
