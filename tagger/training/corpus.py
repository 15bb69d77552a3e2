"""A dataset → counted features and targets, counted once and shared by every fold."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import UNNAMED, Dataset
from tagger.features.extraction import Rows
from tagger.features.vocabulary import Vocabulary
from tagger.model.model import Feature
from tagger.settings import Settings
from tagger.text import encode, normalise
from tagger.training.counting import Counted, count_texts
from tagger.training.tfidf import lsa_coordinates, single_character_weight, tfidf_matrix

__all__ = ["Corpus", "build_corpus"]


@dataclass(frozen=True)
class Corpus:
    """Training texts, counted: first the examples, then each keyword as a text of its own, then unlabelled texts.

    Attributes:
        dictionary: the keywords, which are taken for words.
        features: how many features there are.
        counted: the texts and their features.
        single: bool (features,), which features are single characters.
        targets: bool (texts, topics), none of them for unlabelled texts.
        groups: int64 (examples,), the number of each example's document.
        unlabelled: how many of the texts, the last ones, are unlabelled.
        latent: float64 (texts, directions), where the texts lie by what they have in common (see `lsa_coordinates`); without
            unlabelled texts there are no directions.
    """

    dictionary: tuple[str, ...]
    features: int
    counted: Counted
    single: NDArray[np.bool_]
    targets: NDArray[np.bool_]
    groups: NDArray[np.int64]
    unlabelled: int
    latent: NDArray[np.float64]

    @property
    def examples(self) -> int:
        """How many of the texts are examples; then come keywords."""
        return len(self.groups)

    @property
    def labelled(self) -> int:
        """How many of the texts are examples and keywords."""
        return len(self.counts) - self.unlabelled

    @property
    def character_counts(self) -> NDArray[np.int64]:
        """How many characters each text has, shape (texts,)."""
        return self.counted.codes.character_counts()

    @property
    def counts(self) -> Rows:
        """How often each text has each feature."""
        return self.counted.counts

    @property
    def vocabulary(self) -> Vocabulary:
        """What finds the features."""
        return self.counted.vocabulary

    @property
    def feature_names(self) -> tuple[Feature, ...]:
        """The features in order of their columns."""
        return self.counted.feature_names

    def without_feature_names(self) -> Corpus:
        """Give what fitting needs, lighter to be sent to other processes."""
        return replace(self, counted=replace(self.counted, feature_names=()))

    def part(self, rows: NDArray[np.int64]) -> Corpus:
        """Give the corpus of these examples alone, and of all keywords and unlabelled texts.

        The vocabulary stays whole: features that only other examples hold get no weight in a fit to the part.
        """
        texts = self._with_the_rest(rows)
        return replace(
            self,
            counted=self.counted.take(texts),
            targets=self.targets[texts],
            groups=self.groups[rows],
            latent=self.latent[texts],
        )

    def unseen(self, rows: NDArray[np.int64], *, known: NDArray[np.int64]) -> Rows:
        """Count examples as a tagger does that was trained on the `known` ones and what is no example alone."""
        return self.counted.unseen(rows, known=self._with_the_rest(known))

    def _with_the_rest(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([rows, np.arange(self.examples, len(self.counts))])


def build_corpus(dataset: Dataset, settings: Settings) -> Corpus:
    """Count the features of all examples, keywords and unlabelled texts."""
    keywords = _keywords(dataset)
    dictionary = tuple(keywords) if settings.words else ()
    if settings.keyword_weight == 0:
        keywords = {}
    texts = [*(example.text for example in dataset.examples), *keywords, *dataset.unlabelled]
    counted = count_texts(encode(texts), dictionary, settings)
    single = np.array([f.kind == "characters" and len(f.text) == 1 for f in counted.feature_names], dtype=bool)
    topics = [topic.name for topic in dataset.topics]
    assigned = [set(example.topics) for example in dataset.examples] + list(keywords.values())
    assigned += [set() for _ in dataset.unlabelled]
    targets = np.array([[topic in names for topic in topics] for names in assigned], dtype=bool)
    targets = targets.reshape(len(assigned), len(topics))
    latent = np.zeros((len(texts), 0))
    if dataset.unlabelled:
        character_weight = single_character_weight(targets[: len(dataset.examples)], settings)
        latent = lsa_coordinates(
            tfidf_matrix(counted.counts, single, character_weight, minimum=2)[1], seed=settings.seed
        )
    return Corpus(
        dictionary=dictionary,
        features=len(counted.feature_names),
        counted=counted,
        single=single,
        targets=targets,
        groups=_groups(dataset),
        unlabelled=len(dataset.unlabelled),
        latent=latent,
    )


def _keywords(dataset: Dataset) -> dict[str, set[str]]:
    """Gather the normalised keywords, each with the topics that name it, in the order of the alphabet."""
    found: dict[str, set[str]] = {}
    for topic in dataset.topics:
        for keyword in topic.keywords:
            found.setdefault(normalise(keyword).strip(), set()).add(topic.name)
    return dict(sorted(found.items()))


def _groups(dataset: Dataset) -> NDArray[np.int64]:
    """Number the documents, shape (examples,).

    Equal texts that name no document are taken for one, or one of them would be tested on the other.
    """
    numbers: dict[str, int] = {}
    keys = [
        f"{UNNAMED}{normalise(example.text).strip()}" if example.document.startswith(UNNAMED) else example.document
        for example in dataset.examples
    ]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
