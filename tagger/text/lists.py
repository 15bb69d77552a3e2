"""Lines → which of them are items of a list that has no bullets, so that none is the rest of the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from tagger.text.lines import Line
from tagger.text.looks import COMMAS, holds_end, is_closed, is_prose, opens_anew, runs_on

__all__ = ["leaves_ends_open", "list_items"]

# Items are short, and of any length among themselves; three unclosed lines of one length, and a closed one after
# them, are a sentence on a narrow page.
_ITEMS = 3
_LENGTHS = range(3, 31)
_SPREAD = 2
# Who writes no full stops writes none within lines either. Of the lines with a comma, of pages that break sentences no
# more than 0.3 lacked their end, of a sentence cut into five lines 0.8; of lists of posts and headlines 0.87 and more.
_OPEN_LINES = 8
_OPEN = 0.85
_HOLD_ENDS = 0.25


def list_items(lines: Sequence[Line]) -> AbstractSet[int]:
    """Find the items of lists such as the papers to bring along, by their starts.

    At least three lines stand together, short, none of them closed or ended by a comma.
    """
    found: set[int] = set()
    blocks = [number for number, line in enumerate(lines) if line.after_blank or not number]
    for first, end in pairwise([*blocks, len(lines)]):
        if end - first >= _ITEMS:
            found.update(_items(lines[first:end]))
    return found


def leaves_ends_open(lines: Sequence[Line]) -> bool:
    """Recognise a list of sentences written without full stops, so that a line without its end is no piece of one."""
    if len(lines) < _OPEN_LINES:  # soonest told
        return False
    prose = [line.text for line in lines if is_prose(line.text)]
    ends_open = [text for text in prose if runs_on(text)]
    if len(ends_open) < max(_OPEN_LINES, _OPEN * len(prose)):
        return False
    return sum(map(holds_end, ends_open)) <= _HOLD_ENDS * len(ends_open)


def _items(block: Sequence[Line]) -> Iterator[int]:
    """Find the items among lines without a blank one between."""
    run: list[Line] = []
    for line in block:
        if _may_be_item(line):
            run.append(line)
            continue
        yield from _starts(run, before=line)
        run = []
    yield from _starts(run, before=None)


def _may_be_item(line: Line) -> bool:
    text = line.text
    return len(text) in _LENGTHS and not is_closed(text) and text[-1] not in COMMAS and "。" not in text


def _starts(run: Sequence[Line], *, before: Line | None) -> Sequence[int]:
    if len(run) < _ITEMS:
        return ()
    lengths = [len(line.text) for line in run]
    is_sentence = max(lengths) - min(lengths) <= _SPREAD
    if before is not None and is_sentence and not opens_anew(before.text):
        return ()
    return [line.start for line in run]
