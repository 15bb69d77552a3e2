"""Lines → which of them hard wrapping has filled, in a text whose lines break at one width."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from tagger.text.lines import UNSEEN, Line
from tagger.text.looks import is_closed, is_prose

__all__ = ["full_lines"]

# Hard wrapping: lines are full when they come this close to the width at which the text breaks, for a line may not
# begin with punctuation, nor break in a number; closing punctuation may hang over. Widths are tried in columns (a Han
# character fills two), as pages count, and in characters, as programs do. Narrower than this no page is set.
_SLACK = 2
_HANG = 1
_NARROWEST = 10
_LINES = 4
# Of the lines that another follows, so many are full; of the full ones, so many are not closed; and of these, so many
# hold a comma or a full stop, unlike the lines of a list. No more than this are longer than the width.
_FULL = 0.4
_BROKEN = 0.6
_PROSE = 0.3
_LONGER = 0.05
# Lists of lines so short are often near one width: below it more lines must be full.
_NARROW = 18
_NARROW_FULL = 0.6
# Speeches and transcripts have few commas: where nearly all lines are full, and some paragraph ends in a sentence.
_PLAIN_FULL = 0.7
_PLAIN_PROSE = 0.05
_SENTENCE_ENDS = frozenset("。！？!?”")


def full_lines(lines: Sequence[Line]) -> AbstractSet[int] | None:
    """Find the lines that hard wrapping has filled, by their starts; None where the text is not hard-wrapped.

    Text with a blank line after each line is not wrapped but spaced.
    """
    followed = [line for line, following in pairwise(lines) if not following.after_blank]
    if sum(not is_closed(line.text) for line in followed) < _LINES:
        return None
    found: list[list[Line]] = []
    for measure in (_columns, _characters):
        widths = sorted(map(measure, followed))
        # The width that most lines come close to; of equals the widest.
        width = max(set(widths), key=lambda w: (_between(widths, w - _SLACK, w + _HANG), w))
        full = [line for line in lines if width - _SLACK <= measure(line) <= width + _HANG]
        if width >= _NARROWEST and _is_wrapped(
            full, followed, narrow=width < _NARROW, longer=_between(widths, width + 2, math.inf)
        ):
            found.append(full)
    return {line.start for line in max(found, key=len)} if found else None


def _columns(line: Line) -> float:
    """Measure a line, its indent included, in Han characters.

    What takes three bytes of UTF-8 (Han, full width, quotes) has two columns, ASCII one.
    """
    written = line.raw.rstrip(UNSEEN)
    return (len(written) + len(written.encode("utf-8", "surrogatepass"))) // 2 / 2


def _characters(line: Line) -> float:
    """Measure a line, its indent included, in characters."""
    return len(line.raw.rstrip(UNSEEN))


def _between(ordered: Sequence[float], low: float, high: float) -> int:
    return bisect_right(ordered, high) - bisect_left(ordered, low)


def _is_wrapped(full: Sequence[Line], followed: Sequence[Line], *, narrow: bool, longer: int) -> bool:
    starts = {line.start for line in followed}
    filled = [line for line in full if line.start in starts]
    broken = [line for line in filled if not is_closed(line.text)]
    prose = [line for line in broken if is_prose(line.text)]
    share = len(filled) / len(followed)
    ends = any(line.text[-1] in _SENTENCE_ENDS for line in followed)
    plain = ends and share >= _PLAIN_FULL and len(prose) >= _PLAIN_PROSE * len(broken)
    return (
        len(broken) >= _LINES
        and longer <= _LONGER * len(followed)
        and share >= (_NARROW_FULL if narrow else _FULL)
        and len(broken) >= _BROKEN * len(filled)
        and (len(prose) >= _PROSE * len(broken) or plain)
        and (ends or not narrow)
    )
