"""Texts × a model → the stretches of text that decided, in whole words as a reader sees them.

A feature is a character, a pair of neighbours or a word, and the best of them are often no words: 国反 of 全国反诈,
务服 of 政务服务. Here every occurrence of a feature gives what it adds to a topic's score to the words it stands in,
those that the model cuts the text into: half to the word of its first character and half to that of its last. Words
that speak for the topic and are held together by a pair that reaches from one to the other make one stretch:

    words        政务   服务   中心   办   了   手续
    weights      .40    .31    .22   .05  -.02   .24
    务服 .18      ╰──────╯
    stretches    政务服务 .71   中心 .22         手续 .24

Nothing is counted twice and nothing is lost: the stretches, and the rest with the bias in it, add up to the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tagger.errors import SettingsError
from tagger.features.extraction import Occurrences, count, find, sublinear
from tagger.features.segmentation import segment
from tagger.features.vocabulary import OTHER
from tagger.messages import _, joined
from tagger.model import Model
from tagger.scoring.linear import length_scores
from tagger.text import Codes, encode, normalise, normalise_with_offsets, simplify

__all__ = ["Evidence", "Stretch", "find_evidence"]

# Words below this share of a paragraph's strongest are left to the rest. At a tenth half of a paragraph was
# underlined; at a third often only one word of it.
_LEAST = 0.2
# The same for a single character or a number that stands by itself: it is seldom what a reader would point at.
_LEAST_ALONE = 0.6
# Pairs that reach from one word to the next join them where they have more than this share of the weaker one: any pair
# would do for 建成执法办案管理中心, by 成执.
_BOND = 0.15
# The most stretches of one paragraph and topic: what is seen at a glance.
_STRETCHES = 8
# Characters worked on at once.
_BATCH = 1 << 18


@dataclass(frozen=True, slots=True)
class Stretch:
    """What `text[start:end]` adds to the score of a topic: `value` is above 0."""

    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a text has a topic's score: `sum(s.value for s in stretches) + rest == score`.

    `stretches` are the strongest that speak for it, in order of their places, none over another; `rest` is what all
    other features, the length of the text and the bias add.
    """

    topic: str
    stretches: tuple[Stretch, ...]
    rest: float


def find_evidence(
    model: Model, texts: Sequence[str], topics: Sequence[Sequence[str]]
) -> Iterator[tuple[Evidence, ...]]:
    """Yield for each text, taken as one paragraph, the evidence for each of the topics asked for, in that order.

    Raises:
        SettingsError: when a topic is not one of the model's.
        ValueError: when there are not as many lists of topics as texts.
    """
    numbers = {name: number for number, name in enumerate(model.topic_names)}
    if unknown := sorted({name for asked in topics for name in asked} - numbers.keys()):
        known = joined(numbers)
        raise SettingsError(_("unknown topic {topic!r}: known are {known}", topic=unknown[0], known=known))
    columns = [[numbers[name] for name in asked] for asked in topics]
    if model.settings.simplify:
        texts = list(map(simplify, texts))  # of the same length, so that places stay
    pairs = list(zip(texts, columns, strict=True))
    first = size = 0
    for last, text in enumerate(texts, start=1):
        size += len(text) + 1
        if size >= _BATCH or last == len(texts):
            yield from _evidence(model, *map(list, zip(*pairs[first:last], strict=True)))
            first, size = last, 0


def _evidence(model: Model, texts: list[str], topics: list[list[int]]) -> Iterator[tuple[Evidence, ...]]:
    codes = encode(texts)
    found = find(codes, model.vocabulary, words=model.settings.words)
    units = _units(model, codes)
    cases = _Cases(topics, np.searchsorted(units.starts, codes.starts))
    weights, bonds, scores = _weigh(model, found, units, cases)
    begins, ends = _merge(weights, bonds, units, cases)
    # Between two stretches, what is of none is summed up too, and left out.
    values = np.add.reduceat(np.append(weights, 0.0), np.stack([begins, ends], axis=1).ravel())[::2]
    first, last = units.starts[cases.units[begins]], units.starts[cases.units[ends - 1] + 1]
    bounds = np.searchsorted(begins, cases.starts).tolist()
    merged = list(zip(first.tolist(), last.tolist(), values.tolist(), strict=True))
    odd = {character for character in set().union(*texts) if len(normalise(character)) != 1}
    case = iter(zip(pairwise(bounds), scores.tolist(), strict=True))
    for text, asked, zero in zip(texts, topics, codes.starts.tolist(), strict=False):
        origin = range(len(text) + 1) if odd.isdisjoint(text) else normalise_with_offsets(text)[1]
        evidence = []
        for column in asked:
            (low, high), score = next(case)
            strongest = sorted(merged[low:high], key=lambda entry: -entry[2])[:_STRETCHES]
            stretches = tuple(_as_given(sorted(strongest), origin, zero))
            rest = score - sum(stretch.value for stretch in stretches)
            evidence.append(Evidence(model.topic_names[column], stretches, rest))
        yield tuple(evidence)


def _as_given(stretches: Sequence[tuple[int, int, float]], origin: Sequence[int], zero: int) -> Iterator[Stretch]:
    """Yield stretches, given by their places in the codes, by those in the text; two of one character are one.

    That is ¼, which is normalised to a 1 and a 4.
    """
    last: Stretch | None = None
    for first, end, value in stretches:
        new = Stretch(origin[first - zero], origin[end - 1 - zero] + 1, value)
        if last is None or new.start >= last.end:
            if last is not None:
                yield last
            last = new
        else:
            last = Stretch(last.start, new.end, last.value + value)
    if last is not None:
        yield last


class _Cases:
    """The pairs of text and topic that are asked for, one after another, and the units of each in a row.

    Attributes:
        rows, topics: int64 (cases,).
        starts: int64 (cases + 1,), where the units of each begin.
        units: int64 (units of all cases,), which unit of the batch each is.
        first: int64 (texts + 1,), the first case of each text.
    """

    def __init__(self, topics: Sequence[Sequence[int]], first_units: NDArray[np.int64]) -> None:
        numbers = np.array(list(map(len, topics)), dtype=np.int64)
        self.rows = np.repeat(np.arange(len(topics)), numbers)
        self.topics = np.array([column for asked in topics for column in asked], dtype=np.int64)
        self.first = np.concatenate([[0], np.cumsum(numbers)])
        lengths = np.diff(first_units)[self.rows]
        self.starts = np.concatenate([[0], np.cumsum(lengths)])
        self.shift = first_units[self.rows] - self.starts[:-1]
        self.units = np.repeat(self.shift, lengths) + np.arange(self.starts[-1])


@dataclass(frozen=True)
class _Units:
    """What a batch of texts is cut into: the words, and every character that is of no word.

    Attributes:
        of_character: int64 (characters,), the unit that each is of.
        starts: int64 (units + 1,), where each begins; the last entry is the number of characters.
        is_word, is_whole: bool (units,), whether it is a word, and one of two characters and more that is no number.
    """

    of_character: NDArray[np.int64]
    starts: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    is_whole: NDArray[np.bool_]


def _units(model: Model, codes: Codes) -> _Units:
    numbers = model.vocabulary.numbers.take(codes.codes)
    outside = model.vocabulary.character_classes.take(numbers) == OTHER
    is_end = outside.copy()
    is_end[segment(numbers, model.vocabulary.pairs(numbers), model.vocabulary).ends] = True
    ends = np.flatnonzero(is_end) + 1
    starts = np.append(0, ends)
    lengths = np.diff(starts)
    # Digits of all scripts are folded to these ten.
    digits = np.add.reduceat((codes.codes >= ord("0")) & (codes.codes <= ord("9")), starts[:-1], dtype=np.int64)
    is_word = ~outside[ends - 1]
    return _Units(
        np.repeat(np.arange(len(ends)), lengths), starts, is_word, is_word & (lengths > 1) & (digits < lengths)
    )


def _weigh(
    model: Model, found: Occurrences, units: _Units, cases: _Cases
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return what each unit of each case adds, what binds it to the one after it, and the score of each case."""
    linear = model.classifier.linear
    rows = count(found)
    entry, text = _entries(found)
    tf = sublinear(rows.values)
    norms = np.sqrt(rows.sums((tf * linear.idf.take(rows.columns)) ** 2))
    norms[norms == 0] = 1
    # What one occurrence has of its feature's weight: features that occur several times are parted evenly.
    shares = (tf / rows.values).take(entry) / norms.take(text)
    first, last = _reach(found)
    # Each occurrence, once for every case of its text.
    numbers = np.diff(cases.first)[text]
    which = np.repeat(np.arange(len(text)), numbers)
    case = np.repeat(cases.first[text] - np.append(0, np.cumsum(numbers)[:-1]), numbers) + np.arange(len(which))
    values = shares[which] * linear.weights_at(found.columns[which], cases.topics[case])
    left, right = (units.of_character[place][which] - cases.shift[case] for place in (first, last))
    size = int(cases.starts[-1])
    weights = _sums(left, values / 2, size) + _sums(right, values / 2, size)
    bonds = _sums(left, np.where(left != right, values, 0.0), size)
    of_length = length_scores(found.codes.character_counts(), linear.length_weights)
    scores = _sums(case, values, len(cases.rows)) + (linear.bias + of_length)[cases.rows, cases.topics]
    return weights, bonds, scores


def _sums(places: NDArray[np.int64], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Add up the values at each place, shape (size,)."""
    return np.bincount(places, values, size).astype(np.float64, copy=False)


def _entries(found: Occurrences) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each occurrence which entry of the counted rows it is of, and of which text."""
    starts = np.searchsorted(found.positions, found.features_per_character * found.codes.starts)
    text = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    keys = text * (int(found.columns.max(initial=0)) + 1) + found.columns
    return np.unique(keys, return_inverse=True)[1], text


def _reach(found: Occurrences) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the first and the last character of each occurrence, in the codes.

    All characters of a word are of one unit, so that for words the last stands for the first.
    """
    place, kind = np.divmod(found.positions, found.features_per_character)
    return place, place + (kind == 1)


def _merge(
    weights: NDArray[np.float64], bonds: NDArray[np.float64], units: _Units, cases: _Cases
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the stretches begin and end among the units of all cases."""
    candidates = np.where(units.is_word[cases.units], weights, 0.0)
    strongest = np.maximum.reduceat(candidates, cases.starts[:-1]) if len(cases.rows) else np.zeros(0)
    strongest = np.repeat(strongest, np.diff(cases.starts))
    chosen = (candidates > 0) & (candidates >= _LEAST * strongest)
    joined = chosen[1:] & chosen[:-1] & (bonds[:-1] > _BOND * np.minimum(weights[1:], weights[:-1]))
    joined[cases.starts[1:-1] - 1] = False
    is_first, is_last = ~np.append(False, joined), ~np.append(joined, False)
    alone = is_first & is_last & ~units.is_whole[cases.units]
    chosen &= ~alone | (candidates >= _LEAST_ALONE * strongest)
    return np.flatnonzero(chosen & is_first), np.flatnonzero(chosen & is_last) + 1
