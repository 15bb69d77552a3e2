"""A dataset → counted features and targets, counted once and shared by every fold."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import Dataset
from tagger.dataset.documents import copy_key
from tagger.features.extraction import Rows
from tagger.settings import Settings
from tagger.text import encode, is_furniture, normalise, simplify
from tagger.training.counting import CountedTexts, count_texts
from tagger.training.course import Course, ignore
from tagger.training.tfidf import lsa_coordinates, single_character_weight, tfidf_matrix

__all__ = ["Corpus", "build_corpus"]


@dataclass(frozen=True)
class Corpus(CountedTexts):
    """Counted training texts: first the examples, then each keyword as a text of its own, then unlabelled texts.

    Attributes:
        dictionary: the keywords, which are taken for words.
        targets: bool (texts, topics), none of them for unlabelled texts.
        groups: int64 (examples,), the number of each example's document.
        furniture: bool (examples,), which examples look like furniture of the page, such as dates and editors.
        named: bool (examples,), which examples say what document they are of; equal texts of others are one document.
        unlabelled: how many of the texts, the last ones, are unlabelled.
        latent: float64 (texts, directions), their coordinates by latent semantic analysis (see `lsa_coordinates`);
            without unlabelled texts there are no directions.
    """

    dictionary: tuple[str, ...]
    targets: NDArray[np.bool_]
    groups: NDArray[np.int64]
    furniture: NDArray[np.bool_]
    named: NDArray[np.bool_]
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

    def without_feature_names(self) -> Corpus:
        """Return what fitting needs, lighter to be sent to other processes."""
        return replace(self, feature_names=())

    def part(self, rows: NDArray[np.int64]) -> Corpus:
        """Return the corpus of these examples alone, and of all keywords and unlabelled texts.

        The vocabulary stays whole: features that only other examples contain get no weight in a fit to the part.
        """
        texts = self._with_the_rest(rows)
        return replace(
            self.take(texts),
            targets=self.targets[texts],
            groups=self.groups[rows],
            furniture=self.furniture[rows],
            named=self.named[rows],
            latent=self.latent[texts],
        )

    def unseen(self, rows: NDArray[np.int64], *, known: NDArray[np.int64]) -> Rows:
        """Count examples as a tagger does that was trained on the `known` ones and on all that are not examples."""
        return self.count_unseen(rows, known=self._with_the_rest(known))

    def _with_the_rest(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([rows, np.arange(self.examples, len(self.counts))])


def build_corpus(dataset: Dataset, settings: Settings, *, course: Course = ignore) -> Corpus:
    """Count the features of all examples, keywords and unlabelled texts; `course` is told about how much is done."""
    if settings.simplify:
        dataset = _simplified(dataset)
    keywords = _keywords(dataset)
    dictionary = tuple(keywords) if settings.words else ()
    if settings.keyword_weight == 0:
        keywords = {}
    # A keyword stands within a text: spaces keep it from the boundaries, which it tells nothing of.
    inside = (f" {keyword} " for keyword in keywords)
    texts = [*(example.text for example in dataset.examples), *inside, *dataset.unlabelled]
    groups = _groups(dataset)
    # A keyword and an unlabelled text are documents of their own.
    others = np.arange(len(texts) - len(groups)) + groups.max(initial=-1) + 1
    counted = count_texts(encode(texts), np.concatenate([groups, others]), dictionary, settings, course=course)
    column = {topic.name: number for number, topic in enumerate(dataset.topics)}
    targets = np.zeros((len(texts), len(column)), dtype=bool)
    for row, names in enumerate([*(example.topics for example in dataset.examples), *keywords.values()]):
        targets[row, [column[name] for name in names]] = True
    latent = np.zeros((len(texts), 0))
    if dataset.unlabelled:
        weight = single_character_weight(targets[: len(dataset.examples)], settings)
        matrix = tfidf_matrix(counted, weight, minimum=2)[1]
        latent = lsa_coordinates(matrix, seed=settings.seed)
    return Corpus(
        **{part.name: getattr(counted, part.name) for part in fields(counted)},
        dictionary=dictionary,
        targets=targets,
        groups=groups,
        furniture=np.array([is_furniture(example.text) for example in dataset.examples], dtype=bool),
        named=np.array([example.document is not None for example in dataset.examples], dtype=bool),
        unlabelled=len(dataset.unlabelled),
        latent=latent,
    )


def _simplified(dataset: Dataset) -> Dataset:
    """Return a dataset with its texts and keywords in simplified characters."""
    return replace(
        dataset,
        examples=tuple(replace(example, text=simplify(example.text)) for example in dataset.examples),
        topics=tuple(replace(topic, keywords=tuple(map(simplify, topic.keywords))) for topic in dataset.topics),
        unlabelled=tuple(map(simplify, dataset.unlabelled)),
    )


def _keywords(dataset: Dataset) -> dict[str, set[str]]:
    """Return the normalised keywords, each with the topics that name it, in the order of the alphabet."""
    found: dict[str, set[str]] = {}
    for topic in dataset.topics:
        for keyword in topic.keywords:
            found.setdefault(normalise(keyword).strip(), set()).add(topic.name)
    return dict(sorted(found.items()))


def _groups(dataset: Dataset) -> NDArray[np.int64]:
    """Number the documents, shape (examples,).

    Equal texts without a document are taken for one document, or one of them would be tested on the other; so are
    copies that differ in signs and spaces only.
    """
    numbers: dict[tuple[bool, str], int] = {}
    keys = [
        (False, copy_key(example.text)) if example.document is None else (True, example.document)
        for example in dataset.examples
    ]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
