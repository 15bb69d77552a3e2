"""Weights of many topics without what they do not say: equal rows once, and small weights not at all.

Features that occur in the same texts, as often, have the same weights: of those that one text alone has, most. While a
model is trained each row of weights is there once, `SharedWeights`.

Of many topics most weights are so small that no probability shows them. What is left is stored as a bit for each row
and topic, and the weights whose bit is set, one after another, `PackedWeights`:

    topics   a    b    c         bits     values
    row 0  [1.5  0.0  0.2]      1 0 1    1.5 0.2
    row 1  [0.0  0.0  0.7]      0 0 1    0.7

In memory all is laid out, feature by feature, where that takes little. Where it does not, rows that have a weight for
many topics, which are those of frequent features, are spread out, to be added up as they are; of the others each weight
has its topic beside it. What is read is then in proportion to what a text touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tagger.features.extraction import Rows, sublinear

__all__ = ["PackedWeights", "SharedWeights", "Weights", "mask_bytes", "row_sums"]

# From this share of topics on a row is spread out: to add up a weight by its topic takes four times as long.
_SPREAD = 0.25
# Bytes of all weights up to which they are laid out: no feature's row has to be looked for then, a tenth of the time.
_WHOLE = 1 << 26
# Bits unpacked at once.
_PART = 1 << 24


@dataclass(frozen=True)
class SharedWeights:
    """Weights of features for topics, equal rows once.

    Attributes:
        rows: int32 (features,), the row of weights that each feature has.
        table: float (rows, topics).
    """

    rows: NDArray[np.int32]
    table: NDArray[np.floating]

    @property
    def shape(self) -> tuple[int, int]:
        """How many features and topics there are."""
        return len(self.rows), self.table.shape[1]

    @property
    def whole(self) -> None:
        """They are never laid out."""
        return None

    def sums(self, counts: Rows) -> NDArray[np.float64]:
        """Return the weights of counted texts, each times its 1 + ln count, added up: (texts, topics)."""
        found = Rows(counts.indptr, self.rows.take(counts.columns), counts.values)
        repeated = found.keep(found.values != 1)
        return row_sums(self.table, found, repeated, sublinear(repeated.values))

    def take(self, features: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return the weights of these features: (features, topics)."""
        return self.table.take(self.rows.take(features), axis=0)

    def of_topic(self, topic: int) -> NDArray[np.floating]:
        """Return the weight of every feature for a topic: (features,)."""
        return self.table[:, topic].take(self.rows)


@dataclass(frozen=True)
class PackedWeights:
    """Weights of features for topics (features, topics), those that are left out being 0.

    Attributes:
        topics: how many topics there are.
        rows: int32 (features,), the row of weights that each feature has.
        masks: uint8 (rows, `mask_bytes(topics)`), a bit for each topic for which a row has a weight, as
            `numpy.packbits` lays them out.
        values: float16 (weights,), row by row.
    """

    topics: int
    rows: NDArray[np.int32]
    masks: NDArray[np.uint8]
    values: NDArray[np.float16]

    @property
    def shape(self) -> tuple[int, int]:
        """How many features and topics there are."""
        return len(self.rows), self.topics

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take in a folder."""
        return self.rows.nbytes + self.masks.nbytes + self.values.nbytes

    @cached_property
    def whole(self) -> NDArray[np.float32] | None:
        """All weights laid out (features, topics); None where that takes too much."""
        if 4 * len(self.rows) * self.topics > _WHOLE:
            return None
        table = np.zeros((len(self.masks), self.topics), dtype=np.float32)
        table[self._bits(0, len(self.masks))] = self.values
        return table.take(self.rows, axis=0)

    def sums(self, counts: Rows) -> NDArray[np.float64]:
        """Return the weights of counted texts, each times its 1 + ln count, added up: (texts, topics)."""
        table = self._table
        places = Rows(counts.indptr, table.places.take(counts.columns), counts.values)
        spread = places.columns < len(table.spread)
        frequent = places if spread.all() else places.keep(spread)
        repeated = frequent.keep(frequent.values != 1)
        result = row_sums(table.spread, frequent, repeated, sublinear(repeated.values))
        if frequent is places:
            return result
        rare = places.keep(~spread)
        entries, numbers = table.entries(rare.columns - len(table.spread))
        at = np.repeat(np.arange(len(counts)) * self.topics, np.diff(rare.indptr)).repeat(numbers)
        at += table.topics.take(entries)
        values = table.values.take(entries).astype(np.float64)
        values *= sublinear(rare.values).repeat(numbers)
        result += np.bincount(at, values, minlength=result.size).reshape(result.shape)
        return result

    def take(self, features: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the weights of these features, spread out: (features, topics)."""
        if self.whole is not None:
            return self.whole.take(features, axis=0)
        table = self._table
        places = table.places.take(features)
        spread = places < len(table.spread)
        result = np.zeros((len(places), self.topics), dtype=np.float32)
        result[spread] = table.spread.take(places[spread], axis=0)
        entries, numbers = table.entries(places[~spread] - len(table.spread))
        result[np.flatnonzero(~spread).repeat(numbers), table.topics.take(entries)] = table.values.take(entries)
        return result

    def of_topic(self, topic: int) -> NDArray[np.float32]:
        """Return the weight of every feature for a topic: (features,)."""
        if self.whole is not None:
            return self.whole[:, topic]
        table = self._table
        rare = np.zeros(len(table.starts) - 1, dtype=np.float32)
        found = np.flatnonzero(table.topics == topic)
        rare[np.searchsorted(table.starts, found, side="right") - 1] = table.values[found]
        return np.concatenate([table.spread[:, topic], rare]).take(table.places)

    @cached_property
    def _table(self) -> _Table:
        numbers = np.empty(len(self.masks), dtype=np.int64)
        parts = range(0, len(self.masks), max(1, _PART // max(1, self.topics)))
        for start in parts:
            bits = self._bits(start, parts.step)
            numbers[start : start + len(bits)] = np.count_nonzero(bits, axis=1)
        frequent = numbers >= _SPREAD * self.topics
        order = np.where(frequent, np.cumsum(frequent), frequent.sum() + np.cumsum(~frequent)) - 1
        spread = np.zeros((int(frequent.sum()), self.topics), dtype=np.float32)
        topics, rare = [], []
        ends = np.concatenate([[0], np.cumsum(numbers)])
        for start in parts:
            bits = self._bits(start, parts.step)
            often = frequent[start : start + len(bits)]
            values = self.values[ends[start] : ends[start + len(bits)]]
            mine = often.repeat(numbers[start : start + len(bits)])
            first = int(frequent[:start].sum())
            spread[first : first + int(often.sum())][bits[often]] = values[mine]
            topics.append(np.nonzero(bits[~often])[1].astype(np.int32))
            rare.append(values[~mine].astype(np.float32))
        starts = np.concatenate([[0], np.cumsum(numbers[~frequent])])
        places = order.astype(np.int32).take(self.rows)
        return _Table(places, spread, starts, np.concatenate(topics), np.concatenate(rare))

    def _bits(self, start: int, number: int) -> NDArray[np.bool_]:
        return np.unpackbits(self.masks[start : start + number], axis=1, count=self.topics).view(bool)


@dataclass(frozen=True)
class _Table:
    """Rows as they are added up: first those that are spread out, then the others.

    Attributes:
        places: int32 (features,), the place of each feature's row.
        spread: float32 (rows spread out, topics).
        starts: int64 (other rows + 1,), where the weights of each begin.
        topics, values: int32 and float32 (weights of other rows,).
    """

    places: NDArray[np.int32]
    spread: NDArray[np.float32]
    starts: NDArray[np.int64]
    topics: NDArray[np.int32]
    values: NDArray[np.float32]

    def entries(self, rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the weights of these other rows are, one row after another, and how many each has."""
        first = self.starts.take(rows)
        numbers = self.starts.take(rows + 1) - first
        ends = np.cumsum(numbers)
        return np.repeat(first - ends + numbers, numbers) + np.arange(ends[-1] if len(ends) else 0), numbers


Weights: TypeAlias = "NDArray[np.floating] | SharedWeights | PackedWeights"


def mask_bytes(topics: int) -> int:
    """Return how many bytes hold a bit for each topic."""
    return -(-topics // 8)


def row_sums(
    weights: NDArray[np.floating], counts: Rows, repeated: Rows, factors: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weights (features, topics) of counted texts, each times its 1 + ln count, added up: (texts, topics).

    Every weight is summed as if its count were 1, as 90% are, and ((1 + ln count) - 1) times the weight added for those
    that are `repeated`, whose 1 + ln count are the `factors`.
    """
    result = counts.sums(weights.take(counts.columns, axis=0))
    result += repeated.sums(weights.take(repeated.columns, axis=0) * (factors - 1)[:, np.newaxis])
    return result
