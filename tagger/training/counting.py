"""Training texts → the vocabulary they make, and their features counted by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tagger.features.extraction import Rows, count, document_frequencies, find, stack
from tagger.features.vocabulary import MAX_ALPHABET, WORD, Vocabulary, build_vocabulary, numbers_of, pack, unpack
from tagger.model.model import Feature
from tagger.settings import Settings
from tagger.text import BOUNDARY, CODE_POINTS, SPACE, Codes
from tagger.training.course import Course, ignore, part
from tagger.training.lexicon import find_words

__all__ = ["CountedTexts", "count_texts", "held_by_documents"]

# Characters worked on at once: what is made of them takes some 100 MB.
_PART = 1 << 20
_NO_PAIRS = np.zeros(0, dtype=np.uint64)


@dataclass(frozen=True)
class CountedTexts:
    """Texts, the vocabulary they make, and what was counted.

    Attributes:
        settings: what was counted, and how.
        codes: the texts.
        documents: int64 (texts,), the number of each text's document.
        vocabulary: what finds the features.
        feature_names: the features in order of their columns, the most frequent first; may be left out to save room.
        is_character: bool (features,), which features are single characters.
        counts: how often each text has each feature.
        words: which text contains which word of the vocabulary, also as a part of another.
        word_nodes: int32 (words,), the node of each word.
    """

    settings: Settings
    codes: Codes
    documents: NDArray[np.int64]
    vocabulary: Vocabulary
    feature_names: tuple[Feature, ...]
    is_character: NDArray[np.bool_]
    counts: Rows
    words: Rows
    word_nodes: NDArray[np.int32]

    @property
    def features(self) -> int:
        """How many features there are."""
        return len(self.is_character)

    @property
    def character_counts(self) -> NDArray[np.int64]:
        """How many characters each text has, shape (texts,)."""
        return self.codes.character_counts()

    def take(self, texts: NDArray[np.int64]) -> Self:
        """Return these texts alone. The vocabulary stays whole."""
        return replace(
            self,
            codes=self.codes.take(texts),
            documents=self.documents[texts],
            counts=self.counts.take(texts),
            words=self.words.take(texts),
        )

    def count_unseen(self, texts: NDArray[np.int64], *, known: NDArray[np.int64]) -> Rows:
        """Count texts as a tagger counts them that was trained on the `known` ones alone.

        Words that only other texts contain are unknown to such a tagger, which segments new text into more and shorter
        words than text that it was trained on. `counts` was made with the whole vocabulary.
        """
        if not self.settings.words:
            return self.counts.take(texts)
        held = held_by_documents(self.words.take(known), self.documents[known], features=len(self.word_nodes))
        flags = self.vocabulary.flags.copy()
        flags[self.word_nodes[held < self.settings.minimum_documents]] &= ~WORD
        return _rows(self.codes.take(texts), replace(self.vocabulary, flags=flags), words=True)


def count_texts(
    codes: Codes,
    documents: NDArray[np.int64],
    keywords: Iterable[str],
    settings: Settings,
    *,
    course: Course = ignore,
) -> CountedTexts:
    """Count the features that enough documents contain, and number them, those of most texts first.

    What tagging reads most often then lies side by side in memory. `documents` (texts,) number the texts' documents:
    a name that one story repeats from paragraph to paragraph occurs in one. `keywords` are words whether the dictionary
    has them or not, and must be normalised. `course` is told about how much is done.
    """
    minimum = settings.minimum_documents
    alphabet, pairs = _characters_and_pairs(codes, documents, settings, course=part(course, 0.0, 0.3))
    words, held = _words(codes, documents, alphabet, keywords if settings.words else None, minimum)
    course(0.7)
    vocabulary, word_nodes = build_vocabulary(alphabet, pairs, words)
    counts = _rows(codes, vocabulary, words=settings.words)
    course(0.9)
    frequencies = document_frequencies(counts, features=vocabulary.columns.size)
    enough = held_by_documents(counts, documents, features=vocabulary.columns.size) >= minimum
    kept = np.flatnonzero(enough.reshape(-1, 2) & [settings.characters, settings.words])
    kept = kept[np.argsort(-frequencies[kept], kind="stable")]
    columns = np.full(vocabulary.columns.size, -1, dtype=np.int32)
    columns[kept] = np.arange(len(kept))
    texts = vocabulary.node_texts()
    names = tuple(
        Feature("word" if column % 2 else "characters", texts[column // 2], number)
        for column, number in zip(kept.tolist(), frequencies[kept].tolist(), strict=True)
    )
    return CountedTexts(
        settings=settings,
        codes=codes,
        documents=documents,
        vocabulary=replace(vocabulary, columns=columns.reshape(-1, 2)),
        feature_names=names,
        is_character=np.array([f.kind == "characters" and len(f.text) == 1 for f in names], dtype=bool),
        counts=counts.renumber(columns),
        words=held,
        word_nodes=word_nodes,
    )


def held_by_documents(counts: Rows, documents: NDArray[np.int64], *, features: int) -> NDArray[np.int64]:
    """Return how many documents contain each feature in any of their texts, shape (features,).

    `documents` (texts,) number the texts' documents from 0.
    """
    sizes = np.bincount(documents)
    several = np.flatnonzero(sizes[documents] > 1)
    held = document_frequencies(counts, features=features)
    if not several.size:
        return held
    # What several texts of a document hold is counted once: those texts alone have to be looked through.
    rows = counts.take(several)
    pairs = np.repeat(documents[several], np.diff(rows.indptr)) * features + rows.columns
    pairs.sort()
    again = pairs[1:][pairs[1:] == pairs[:-1]]
    return held - np.bincount(again % features, minlength=features)


def _characters_and_pairs(
    codes: Codes, documents: NDArray[np.int64], settings: Settings, *, course: Course
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Return the characters, most frequent first, and the keys of the pairs that enough documents contain."""
    number = np.zeros(CODE_POINTS, dtype=np.int64)
    parts = list(codes.parts(_PART))
    for done, some in enumerate(parts, start=1):
        met, times = np.unique(some.codes, return_counts=True)
        number[met] += times
        course(done / len(parts) / 2)
    number[[SPACE] if settings.boundaries else [SPACE, BOUNDARY]] = 0
    known = np.flatnonzero(number)
    alphabet = known[np.argsort(-number[known], kind="stable")][:MAX_ALPHABET].astype(np.uint32)
    numbers = numbers_of(alphabet)
    pairs = _NO_PAIRS
    for done, some in enumerate(parts, start=1):
        pairs = np.union1d(pairs, _pairs(numbers.take(some.codes)))
        course(0.5 + done / len(parts) / 2)
    empty = pack(numbers[[BOUNDARY]], numbers[[BOUNDARY]])
    pairs = pairs[pairs != empty]
    minimum = settings.minimum_documents
    return (alphabet, pairs) if minimum == 1 else _frequent(codes, documents, alphabet, pairs, minimum)


def _pairs(numbers: NDArray[np.uint16]) -> NDArray[np.uint64]:
    both = np.flatnonzero((numbers[:-1] != 0) & (numbers[1:] != 0))
    return pack(numbers.take(both), numbers.take(both + 1))


def _frequent(
    codes: Codes,
    documents: NDArray[np.int64],
    alphabet: NDArray[np.uint32],
    pairs: NDArray[np.uint64],
    minimum: int,
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Return those of the characters and pairs that at least `minimum` documents contain."""
    vocabulary, _ = build_vocabulary(alphabet, pairs, [])
    counts = _rows(codes, vocabulary, words=False)
    # Nodes are, in this order: none, characters, pairs; each has two columns.
    kept = held_by_documents(counts, documents, features=vocabulary.columns.size)[::2] >= minimum
    # The boundary is no feature itself.
    characters = kept[1 : len(alphabet) + 1] | (alphabet == BOUNDARY)
    number = np.concatenate([[0], np.cumsum(characters)])
    first, second = unpack(pairs[kept[len(alphabet) + 1 :]])
    return alphabet[characters], np.sort(pack(number[first], number[second]))


def _words(
    codes: Codes,
    documents: NDArray[np.int64],
    alphabet: NDArray[np.uint32],
    keywords: Iterable[str] | None,
    minimum: int,
) -> tuple[list[str], Rows]:
    """Return the words that `minimum` documents contain, and which text has which; none where keywords is None."""
    if keywords is None:
        return [], Rows(np.zeros(len(codes) + 1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0))
    words, held = find_words(list(codes.parts(_PART)), alphabet, keywords)
    kept = held_by_documents(held, documents, features=len(words)) >= minimum
    number = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    return [word for word, enough in zip(words, kept.tolist(), strict=True) if enough], held.renumber(number)


def _rows(codes: Codes, vocabulary: Vocabulary, *, words: bool) -> Rows:
    return stack([count(find(part, vocabulary, words=words)) for part in codes.parts(_PART)])
