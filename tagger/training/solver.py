"""TF-IDF rows and targets → weights: two linear support vector machines for each topic, averaged into one.

The first machine learns from the rows as they are. For the second each feature is scaled by its log-count ratio, how
much likelier it is inside the topic than outside (Wang and Manning, Baselines and bigrams, ACL 2012): a feature that
parts the topic from the rest needs less weight to be heard, one that stands everywhere needs more. The machines err
on different texts, so their average is better than either; and as a scaled feature's weight is the scale times a
weight, and the average of two linear functions is linear, what is left of both is one weight for each feature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.errors import SettingsError
from tagger.features import Rows
from tagger.linear import scores
from tagger.settings import Settings
from tagger.training.corpus import Corpus
from tagger.training.guessing import guess
from tagger.training.machines import train_machine, weigh_rows, weigh_topics
from tagger.training.ratios import CountRatios, scale_columns
from tagger.training.weighing import weigh

__all__ = ["Fitted", "fit", "score"]

# A feature of one unlabelled text alone tells nothing, and most features of a large pool are such.
_MINIMUM_UNLABELLED = 2
# With so many texts in a topic its ratios are trusted half as much as with any number. Ratios of ten texts are noise:
# there the plain average loses half a point to the first machine alone, and this wins it back.
_HALF_TRUST = 30.0


@dataclass(frozen=True)
class Fitted:
    """What fitting gives: float64 idf (features,), weights (features, topics) and bias (topics,).

    `known` (topics,) is False for topics that had no example to be told from, or none to learn from.
    """

    idf: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
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
    idf, matrix = weigh(corpus.counts, corpus.single, settings, minimum=minimum)
    if corpus.unlabelled:
        corpus = guess(corpus, matrix, settings)
    targets = corpus.targets
    known = np.asarray(targets.any(axis=0) & ~targets.all(axis=0))
    weights = np.zeros((corpus.features, targets.shape[1]))
    bias = np.where(targets.all(axis=0), 1.0, -1.0)
    row_weights = weigh_rows(corpus, settings)
    costs = weigh_topics(targets, row_weights, settings)
    ratios = CountRatios(matrix, row_weights) if settings.count_ratios else None
    for topic in np.flatnonzero(known):
        # liblinear's own random numbers are global, so that threads would break repeatability: one topic at a time.
        target, cost = targets[:, topic], costs[:, topic]
        weights[:, topic], bias[topic] = train_machine(matrix, target, cost, settings)
        if ratios is not None:
            scale = ratios.of(target)
            scaled, offset = train_machine(scale_columns(matrix, scale), target, cost, settings)
            share = _trust(target, row_weights)
            weights[:, topic] += share * (scale * scaled - weights[:, topic])
            bias[topic] += share * (offset - bias[topic])
    return Fitted(idf, weights, bias, known)


def score(counts: Rows, fitted: Fitted) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Score counted texts, shape (rows, topics), and tell which of them have no feature that the fit knows."""
    return scores(counts, fitted.idf, fitted.gains, fitted.bias)


def _trust(target: NDArray[np.bool_], weighing: NDArray[np.float64]) -> float:
    """Give the share of the second machine in the average, up to a half."""
    texts = min(weighing[target].sum(), weighing[~target].sum())
    return float(0.5 * texts / (texts + _HALF_TRUST))
