"""Texts → the words that they say, and neighbours that cling together as one word, such as 屏幕共享.

A dictionary does not have the words of a trade. Neighbours are taken for one where they stand together far oftener than
by chance and different words stand before and behind them, so that they are not a piece of something longer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.features.segmentation import segment
from tagger.features.vocabulary import Vocabulary
from tagger.text import Codes
from tagger.training.lexicon import word_kinds

__all__ = ["Phrases", "find_phrases"]

_LONGEST = 8  # characters
_FEWEST = 3  # times
# Neighbours cling together that are met so many times oftener than by chance.
_COHESION = 20.0
# They are a piece of something longer if one word is beside them more often than this.
_ALWAYS = 0.7
_PART = 1 << 20  # characters worked on at once
# Kinds of words that name no subject, by jieba's dictionary: numerals, measures, pronouns, prepositions, conjunctions,
# adverbs, particles, directions, times, prefixes, suffixes, places.
_EMPTY = ("m", "q", "r", "p", "c", "d", "u", "y", "e", "o", "f", "t", "h", "k", "x", "ns")
# 三天 and 前三名 are numbers; 三等功 is none.
_NUMBER = re.compile(
    "[前近约第]?[0-9〇零一二三四五六七八九十百千万亿两几多余数]+[多余几]?(年|月|日|时|分|秒|天|周|个|名|起|人|次|元|件|条|岁|万元|小时|分钟)?"
)
_ONE_LETTER = 1

_Words = list[tuple[str, bool]]
_Parts = tuple[str, ...]


@dataclass(frozen=True)
class Phrases:
    """Words and clinging neighbours of two characters and more, and which text says which.

    Attributes:
        words: in the order of the alphabet.
        rows, columns: int64 (entries,), the number of a text and that of a word it says; rows ascend.
    """

    words: tuple[str, ...]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    def counts(self, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many of these texts say each word: int64 (words,)."""
        return np.bincount(self.columns[np.isin(self.rows, texts)], minlength=len(self.words))

    def first(self, word: int, texts: NDArray[np.int64]) -> int:
        """Return the first of these texts that says a word; one of them must."""
        says = self.rows[self.columns == word]
        return int(texts[np.isin(texts, says).argmax()])


def find_phrases(codes: Codes, vocabulary: Vocabulary) -> Phrases:
    """Find the words of texts by a vocabulary that was built on them, and what clings together; empty words are out."""
    kinds = word_kinds()
    texts = _cut(codes, vocabulary)
    single = Counter(word for words in texts for word, _ in words)
    joined = Counter(parts for words in texts for _, parts, _ in _neighbours(words))
    times = joined + Counter({(word,): number for word, number in single.items()})
    full = {word for word in single if not _is_empty(word, kinds)}
    total = sum(single.values())
    clinging = {
        parts for parts in joined if times[parts] >= _FEWEST and full.issuperset(parts) and _cling(parts, times, total)
    }
    free = _free(clinging, texts)
    named = {parts: "".join(parts) for parts in (*((word,) for word in full if len(word) > 1), *free)}
    words = tuple(sorted(set(named.values())))
    number = {word: column for column, word in enumerate(words)}
    said = {
        (row, number[named[parts]])
        for row, cut in enumerate(texts)
        for parts in (*((word,) for word, _ in cut), *(parts for _, parts, _ in _neighbours(cut)))
        if parts in named
    }
    rows, columns = np.array(sorted(said), dtype=np.int64).reshape(-1, 2).T
    return Phrases(words, rows, columns)


def _cut(codes: Codes, vocabulary: Vocabulary) -> list[_Words]:
    """Return the words of each text, and of each word whether the next one stands right behind it."""
    cut: list[_Words] = []
    for part in codes.parts(_PART):
        numbers = vocabulary.numbers.take(part.codes)
        found = segment(numbers, vocabulary.pairs(numbers), vocabulary)
        ends = np.sort(found.ends) + 1
        starts = ends - found.longest.take(ends - 1)
        rows = np.searchsorted(part.starts, starts, side="right") - 1 + len(cut)
        near = np.isin(ends, starts)
        text = part.text(0, len(part.codes))
        cut += [[] for _ in range(len(part))]
        for row, start, end, clings in zip(rows.tolist(), starts.tolist(), ends.tolist(), near.tolist(), strict=True):
            cut[row].append((text[start:end], clings))
    return cut


def _neighbours(words: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, _Parts, str]]:
    """Yield two and three words that stand together, with those before and behind them, empty at the end of a run."""
    for first in range(len(words)):
        for last in (first + 1, first + 2):
            if not words[last - 1][1]:
                break
            parts = tuple(word for word, _ in words[first : last + 1])
            if sum(map(len, parts)) > _LONGEST:
                break
            before = words[first - 1][0] if first and words[first - 1][1] else ""
            yield before, parts, words[last + 1][0] if words[last][1] else ""


def _cling(parts: _Parts, times: Counter[_Parts], total: int) -> bool:
    """Return whether words stand together far oftener than by chance, wherever they are parted."""
    chance = max(times[parts[:cut]] * times[parts[cut:]] for cut in range(1, len(parts)))
    return times[parts] * total >= _COHESION * chance


def _free(clinging: set[_Parts], texts: Sequence[_Words]) -> list[_Parts]:
    """Return those that have no word always before or always behind them."""
    sides: dict[_Parts, tuple[Counter[str], Counter[str]]] = {parts: (Counter(), Counter()) for parts in clinging}
    for words in texts:
        for before, parts, behind in _neighbours(words):
            if parts in clinging:
                sides[parts][0][before] += 1
                sides[parts][1][behind] += 1
    return [
        parts
        for parts, both in sides.items()
        if all(times <= _ALWAYS * side.total() for side in both for word, times in side.items() if word)
    ]


def _is_empty(word: str, kinds: dict[str, str]) -> bool:
    return (
        kinds.get(word, "").startswith(_EMPTY)
        or _NUMBER.fullmatch(word) is not None
        or (len(word) == _ONE_LETTER and word.isascii())
    )
