"""Text → paragraphs with their places: one a line, and lines that a page broke in mid-sentence rejoined.

A line is joined to the next in two cases.

*Run-on lines.* A line that holds a comma or a full stop is running prose; where it ends without closing punctuation
(or an emoji, which closes chatty ones) the page has cut it, and what follows is its rest, even after a blank line,
unless it opens a paragraph by its looks. Headings, bullets, bylines and number tiles hold neither comma nor full
stop, or are told by their looks.

*Hard-wrapped text.* Where most lines of a text break at one width without closing punctuation, every line of that
width runs on, and paragraphs end at short lines, blank lines and indents.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import NamedTuple

from tagger.records import Paragraph

__all__ = ["split_paragraphs"]

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
# What stands at the ends of a line and is not seen: white space, control and zero-width characters, byte order marks.
_UNSEEN = (
    "".join(
        map(
            chr,
            [*range(0x21), *range(0x7F, 0xA1), 0xAD, 0x1680, 0x180E, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F],
        )
    )
    + "\u205f\u2060\u3000\u3164\ufeff"
)

_COMMAS = "，,、"
# What a line cut in mid-sentence ends with, beside a letter, a digit or a Han character.
_UNFINISHED = _COMMAS + "（(“‘《「『【〈[-·/&+%％"
# A comma or full stop of running prose: ASCII ones only beside Han text, for 1,234 and www.site.com are not prose.
_STOP = r"。|(?<=[^\x00-\x7f])\.(?!\w)"
_PROSE = re.compile(rf"，|{_STOP}|(?<=[^\x00-\x7f]),|,(?=[^\x00-\x7f])")
_FULL_STOP = re.compile(_STOP)

_BULLET = re.compile(r"[■□▪▫◆◇●○◎•·∙※★☆►▶▷➤→√✓✔❶-❿]|[-*–—]\s")
# What opens a new paragraph, and so is never the rest of a broken one.
_OPENING = re.compile(
    r"[（(]?[一二三四五六七八九十]{1,3}[、）)]|[（(]?\d{1,2}(?:[、）)]|[．.](?!\d))|[①-⑳]"
    r"|[（(](?:记者|通讯员|完|来源|责任编辑)|(?:版权|Copyright|备案号|地址)"
)
# Who speaks, or what a label such as 来源: is for; in hard-wrapped text any word may stand there.
_SPEAKER = re.compile(r"[^，。,、；;！!？?\s]{1,6}\s?[:：]")
_BYLINE = re.compile(
    r"(?:来源|责任编辑|责编|编辑|作者|通讯员|字体|标签)\s*[:：]"
    r"|(?:.{0,12}(?:记者|通讯员)\s+\S{2,4}(?:\s+\S+){0,6})$|.{0,40}\s摄$"
    r"|(?:Copyright|版权|备案号)"
    r"|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s+\d{1,2}:\d{2}"
)

# A heading may hold a comma too (警银联动,守护钱袋子), but it is short, and what follows is a paragraph of another
# size; a page that cuts sentences so short cuts the rest short as well. Where what follows is short too, a heading is
# told by its parts, which are much alike: of two, neither has fewer than four characters nor six more than the other;
# of three and more, all have the same or one more. A broken sentence is cut at an odd place, and the seeds' first
# pieces have 34 characters and more.
_HEADING_LENGTH = 30
_HEADING_RATIO = 1.5
_HEADING_PART = 4
_HEADING_SPREAD = 6

# Hard wrapping: lines are full when they come this close to the width at which the text breaks, for a line may not
# begin with punctuation, nor break in a number; closing punctuation may hang over. Widths are tried in columns (a Han
# character fills two), as pages count, and in characters, as programs do. Narrower than this no page is set.
_WRAP_SLACK = 2
_WRAP_HANG = 1
_WRAP_NARROWEST = 18
_WRAP_LINES = 4
# Of the lines that another follows, so many are full; of the full ones, so many are not closed; and of these, so many
# hold a comma or a full stop, unlike the lines of a list. No more than this are longer than the width.
_WRAP_FULL = 0.4
_WRAP_BROKEN = 0.6
_WRAP_PROSE = 0.3
_WRAP_LONGER = 0.05


class _Line(NamedTuple):
    """A non-blank line without the white space around it.

    `start` and `end` are offsets into the given text; `raw` is the line with its indent.
    """

    text: str
    start: int
    end: int
    indented: bool
    after_blank: bool
    raw: str


def split_paragraphs(text: str) -> tuple[Paragraph, ...]:
    r"""Split an article into its paragraphs, in order, none of them blank.

    `text[p.start:p.end]` is what the reader sees of paragraph `p`; no two overlap and only white space lies between
    them.

    >>> [p.text for p in split_paragraphs("反诈周报\n\n今年以来,全市公安机关破获涉电信网络诈\n\n骗案件三百余起。")]
    ['反诈周报', '今年以来,全市公安机关破获涉电信网络诈骗案件三百余起。']
    """
    lines = tuple(_lines(text))
    if len(lines) == 1:
        return (_join(lines),)
    full = _full_lines(lines)
    paragraphs: list[list[_Line]] = []
    for line in lines:
        if paragraphs and _continues(paragraphs[-1], line, full):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return tuple(_join(pieces) for pieces in paragraphs)


def _lines(text: str) -> Iterator[_Line]:
    end_of_last = 0
    for match in _LINE.finditer(text):
        raw = match.group()
        stripped = raw.strip(_UNSEEN)
        if not stripped:
            continue
        start = match.start() + raw.index(stripped)
        # One line end and nothing else is what mostly lies between two lines.
        after_blank = start > end_of_last + 1 and len(_BREAK.findall(text, end_of_last, start)) > 1
        end_of_last = start + len(stripped)
        yield _Line(stripped, start, end_of_last, start > match.start(), after_blank, raw)


def _continues(pieces: Sequence[_Line], line: _Line, full: AbstractSet[int] | None) -> bool:
    last = pieces[-1]
    if full is None:
        if _is_closed(last.text):  # as most lines are: soonest told
            return False
    elif last.start not in full or line.indented or line.after_blank:
        return False
    if _BULLET.match(line.text) or _OPENING.match(line.text):
        return False
    if full is not None:
        return True
    is_rest = _is_closed(line.text) or _PROSE.search(line.text) is not None
    is_turn = _SPEAKER.match(line.text) is not None and last.text[-1] not in _COMMAS
    is_heading = len(pieces) == 1 and _is_heading(last.text, before=line.text)
    is_list = len(pieces) == 1 and _are_alike(last.text, line.text)
    return is_rest and not (is_turn or is_heading or is_list) and _runs_on(last.text)


def _are_alike(text: str, other: str) -> bool:
    """Tell the lines of a list, such as 张三,男,1980年生: cut by commas alike, neither closed."""
    commas, others = len(_PROSE.findall(text)), len(_PROSE.findall(other))
    return commas == others > 1 and not _is_closed(other) and abs(len(text) - len(other)) < len(text) / 3


def _runs_on(text: str) -> bool:
    """Tell whether a page has cut this piece of a paragraph in mid-sentence."""
    return bool(_PROSE.search(text)) and not (_is_closed(text) or _BULLET.match(text) or _BYLINE.match(text))


def _is_closed(text: str) -> bool:
    return not (text[-1].isalnum() or text[-1] in _UNFINISHED)


def _is_heading(text: str, *, before: str) -> bool:
    if len(text) > _HEADING_LENGTH or _FULL_STOP.search(text) or text[-1] in _COMMAS:
        return False
    if len(before) > max(_HEADING_LENGTH, _HEADING_RATIO * len(text)):
        return True
    parts = sorted(len(part) for part in _PROSE.split(text))
    spread = parts[-1] - parts[0]
    return spread <= 1 if len(parts) > 2 else parts[0] >= _HEADING_PART and spread <= _HEADING_SPREAD


def _columns(line: _Line) -> float:
    """Measure a line, its indent included, in Han characters.

    What takes three bytes of UTF-8 (Han, full width, quotes) has two columns, ASCII one.
    """
    written = line.raw.rstrip(_UNSEEN)
    return (len(written) + len(written.encode("utf-8", "surrogatepass"))) // 2 / 2


def _characters(line: _Line) -> float:
    """Measure a line, its indent included, in characters."""
    return len(line.raw.rstrip(_UNSEEN))


def _full_lines(lines: Sequence[_Line]) -> AbstractSet[int] | None:
    """Find the lines that hard wrapping has filled, by their starts; None where the text is not hard-wrapped.

    Text with a blank line after each line is not wrapped but spaced.
    """
    followed = [line for line, following in pairwise(lines) if not following.after_blank]
    if sum(not _is_closed(line.text) for line in followed) < _WRAP_LINES:
        return None
    found: list[list[_Line]] = []
    for measure in (_columns, _characters):
        widths = sorted(map(measure, followed))
        # The width that most lines come close to; of equals the widest.
        width = max(set(widths), key=lambda w: (_between(widths, w - _WRAP_SLACK, w + _WRAP_HANG), w))
        full = [line for line in lines if width - _WRAP_SLACK <= measure(line) <= width + _WRAP_HANG]
        if width >= _WRAP_NARROWEST and _is_wrapped(full, followed, longer=_between(widths, width + 2, math.inf)):
            found.append(full)
    return {line.start for line in max(found, key=len)} if found else None


def _between(ordered: Sequence[float], low: float, high: float) -> int:
    return bisect_right(ordered, high) - bisect_left(ordered, low)


def _is_wrapped(full: Sequence[_Line], followed: Sequence[_Line], *, longer: int) -> bool:
    starts = {line.start for line in followed}
    filled = [line for line in full if line.start in starts]
    broken = [line for line in filled if not _is_closed(line.text)]
    prose = [line for line in broken if _PROSE.search(line.text)]
    return (
        len(broken) >= _WRAP_LINES
        and longer <= _WRAP_LONGER * len(followed)
        and len(filled) >= _WRAP_FULL * len(followed)
        and len(broken) >= _WRAP_BROKEN * len(filled)
        and len(prose) >= _WRAP_PROSE * len(broken)
    )


def _join(pieces: Sequence[_Line]) -> Paragraph:
    text = pieces[0].text
    if len(pieces) == 1:
        return Paragraph(text, pieces[0].start, pieces[0].end, (pieces[0][1:3],))
    for piece in pieces[1:]:
        # Latin words were parted by the break; Han text has no space to give back.
        parted = text[-1].isascii() and text[-1].isalnum() and piece.text[0].isascii() and piece.text[0].isalnum()
        text += f" {piece.text}" if parted else piece.text
    return Paragraph(
        text=text,
        start=pieces[0].start,
        end=pieces[-1].end,
        pieces=tuple((piece.start, piece.end) for piece in pieces),
    )
