"""Lines → which of them hard wrapping has filled, in a text whose lines break at one width."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from tagger.text.lines import UNSEEN, Line
from tagger.text.looks import PAGE_NUMBER_FIRST, is_closed, is_page_number, is_prose

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
_SPEECH_FULL = 0.7
_SPEECH_PROSE = 0.05
_SENTENCE_ENDS = frozenset("。！？!?”")
# What a line may not be broken in: a word or number, or a character and the punctuation behind it.
_UNIT = re.compile(r"[\x21-\x7e]+|[“‘（《「『【]*.[，。、；：？！”’）》」』】]*")


def full_lines(lines: Sequence[Line]) -> AbstractSet[int] | None:
    """Find the lines that hard wrapping has filled, by their starts; None where the text is not hard-wrapped.

    Text with a blank line after each line is not wrapped but spaced.
    """
    pairs = [(line, following) for line, following in pairwise(lines) if _follows(following)]
    broken = sum(1 for line, _ in pairs if not is_closed(line.text))
    if broken < max(_LINES, _BROKEN * min(_FULL, _NARROW_FULL) * len(pairs)):  # soonest told
        return None
    ends = any(line.text[-1] in _SENTENCE_ENDS for line in lines)
    plain = len(pairs) == len(lines) - 1 and not any(line.indented for line in lines)
    found: list[frozenset[int]] = []
    measures: tuple[Callable[[Line], float], ...] = (_columns, _characters)
    for measure in measures:
        widths = [measure(line) for line, _ in pairs]
        ordered = sorted(widths)
        # The width that most lines come close to; of equals the widest.
        width = max(set(widths), key=lambda w: (_between(ordered, w - _SLACK, w + _HANG), w))
        filled = [n for n, w in enumerate(widths) if width - _SLACK <= w <= width + _HANG]
        if width >= _NARROWEST and _is_wrapped(pairs, filled, narrow=width < _NARROW, ends=ends):
            if sum(measure(line) > width + _HANG for line in lines) > _LONGER * len(lines):
                continue
            if plain:
                exact = _most_common(widths[n] for n in filled if not is_closed(pairs[n][0].text))
                filled = [n for n in filled if not _ends_short(*pairs[n], room=exact - widths[n])]
            found.append(frozenset(pairs[n][0].start for n in filled))
    return max(found, key=len) if found else None


def _follows(line: Line) -> bool:
    """Whether a line stands right under the one before, or is the number of a page."""
    return not line.after_blank or (line.text[0] in PAGE_NUMBER_FIRST and is_page_number(line.text))


def _most_common(widths: Iterable[float]) -> float:
    counts = Counter(widths)
    return max(counts, key=lambda width: (counts[width], width))


def _ends_short(line: Line, following: Line, *, room: float) -> bool:
    """Recognise where a paragraph ends near the margin: what the next line begins with would have had room."""
    if line.text[-1] not in _SENTENCE_ENDS:
        return False
    first = _UNIT.match(following.text)
    return first is not None and len(first.group().encode("utf-8", "surrogatepass")) / 3 <= room


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


def _is_wrapped(pairs: Sequence[tuple[Line, Line]], filled: Sequence[int], *, narrow: bool, ends: bool) -> bool:
    broken = [pairs[n][0].text for n in filled if not is_closed(pairs[n][0].text)]
    prose = sum(map(is_prose, broken))
    share = len(filled) / len(pairs)
    speech = ends and share >= _SPEECH_FULL and prose >= _SPEECH_PROSE * len(broken)
    return (
        len(broken) >= _LINES
        and share >= (_NARROW_FULL if narrow else _FULL)
        and len(broken) >= _BROKEN * len(filled)
        and (prose >= _PROSE * len(broken) or speech)
        and (ends or not narrow)
    )
