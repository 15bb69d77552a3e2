"""TF-IDF rows and targets → weights: two linear support vector machines for each topic, averaged into one.

The first machine learns from the rows as they are. For the second each feature is scaled by its log-count ratio, how
much likelier it is inside the topic than outside (Wang and Manning, Baselines and bigrams, ACL 2012): a feature that
parts the topic from the rest needs less weight to be heard, one that stands everywhere needs more. The machines err
on different texts, so their average is better than either; and as a scaled feature's weight is the scale times a
weight, and the average of two linear functions is linear, what is left of both is one weight for each feature.

Both learn from the length of a text beside its features (`tagger.linear.by_length`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from tagger.errors import SettingsError
from tagger.features import Rows
from tagger.linear import by_length, scores
from tagger.settings import Settings
from tagger.training.corpus import Corpus
from tagger.training.guessing import guess
from tagger.training.machines import train_machine, weigh_rows, weigh_topics
from tagger.training.ratios import CountRatios, scale_columns
from tagger.training.weighing import LOUDNESS, place_lengths, weigh, weigh_characters

__all__ = ["Fitted", "fit", "score"]

# A feature of one unlabelled text alone tells nothing, and most features of a large pool are such.
_MINIMUM_UNLABELLED = 2
# With so many texts in a topic its ratios are trusted half as much as with any number. Ratios of ten texts are noise:
# there the plain average loses half a point to the first machine alone, and this wins it back.
_HALF_TRUST = 30.0


@dataclass(frozen=True)
class Fitted:
    """What fitting gives: float64 idf (features,), weights (features, topics) and bias (topics,).

    `of_length` is float64 (KNOTS, topics), what length adds to a score, or (0, topics) where it adds nothing.
    `known` (topics,) is False for topics that had no example to be told from, or none to learn from.
    """

    idf: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    of_length: NDArray[np.float64]
    known: NDArray[np.bool_]

    @property
    def gains(self) -> NDArray[np.float64]:
        """Weights times IDF, as `tagger.linear.scores` takes them: (features, topics)."""
        return self.idf[:, np.newaxis] * self.weights


def fit(corpus: Corpus, settings: Settings) -> Fitted:
    """Fit to the texts of a corpus: features that none of them holds get no weight, in IDF neither.

    Raises:
        SettingsError: when there is no feature to learn from.
    """
    if not corpus.features:
        raise SettingsError(
            f"no feature stands in minimum_documents={settings.minimum_documents} texts: lower it, or give more text"
        )
    minimum = max(settings.minimum_documents, _MINIMUM_UNLABELLED) if corpus.unlabelled else settings.minimum_documents
    character_weight = weigh_characters(corpus.targets[: corpus.examples], settings)
    idf, matrix = weigh(corpus.counts, corpus.single, character_weight, minimum=minimum)
    row_weights = weigh_rows(corpus, settings)
    ratios = CountRatios(matrix, row_weights) if settings.count_ratios else None
    lengths = _lengths(corpus, settings)
    matrix = hstack([matrix, lengths], format="csr")
    if corpus.unlabelled:
        corpus = guess(corpus, matrix, settings)
    targets = corpus.targets
    known = np.asarray(targets.any(axis=0) & ~targets.all(axis=0))
    weights = np.zeros((matrix.shape[1], targets.shape[1]))
    bias = np.where(targets.all(axis=0), 1.0, -1.0)
    costs = weigh_topics(targets, row_weights, settings)
    for topic in np.flatnonzero(known):
        # liblinear's own random numbers are global, so that threads would break repeatability: one topic at a time.
        target, cost = targets[:, topic], costs[:, topic]
        weights[:, topic], bias[topic] = train_machine(matrix, target, cost, settings)
        if ratios is not None:
            scale = np.concatenate([ratios.of(target), np.ones(lengths.shape[1])])
            scaled, offset = train_machine(scale_columns(matrix, scale), target, cost, settings)
            share = _trust(target, row_weights)
            weights[:, topic] += share * (scale * scaled - weights[:, topic])
            bias[topic] += share * (offset - bias[topic])
    of_length = LOUDNESS * weights[corpus.features :]
    return Fitted(idf, weights[: corpus.features], bias, of_length, known)


def score(counts: Rows, sizes: NDArray[np.int64], fitted: Fitted) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score counted texts, shape (rows, topics), and tell which of them have no feature that the fit knows.

    `sizes` (rows,) are their lengths in characters.
    """
    raw, empty = scores(counts, fitted.idf, fitted.gains, fitted.bias)
    return raw + by_length(sizes, fitted.of_length), empty


def _lengths(corpus: Corpus, settings: Settings) -> csr_matrix:
    """Give the length columns of a corpus; a keyword stands for texts of any length and has none."""
    if not settings.lengths:
        return csr_matrix((len(corpus.counts), 0))
    texts = np.ones(len(corpus.counts), dtype=bool)
    texts[corpus.examples : corpus.labelled] = False
    return place_lengths(corpus.sizes, texts)


def _trust(target: NDArray[np.bool_], weighing: NDArray[np.float64]) -> float:
    """Give the share of the second machine in the average, up to a half."""
    texts = min(weighing[target].sum(), weighing[~target].sum())
    return float(0.5 * texts / (texts + _HALF_TRUST))
