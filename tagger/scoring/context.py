"""Scores of an article's paragraphs → probabilities that take its other paragraphs into account.

A paragraph says less by itself than among its neighbours: 他们又走访了三户 is about fraud where those around it are. So
each is scored by itself first, and then classified for all topics once more by its own scores, by what the other
paragraphs of its article say of every topic, summarised in three ways, and by how long it is:

    near      the mean of the two before it and the two behind it, the nearest counting double
    rest      the mean of all others
    surest    the highest of all others
    length    the logarithm of its characters, all from `_LONG` up being alike

In an article whose paragraphs have the scores a, b, c and d, for the second of them the first three are
(2a + 2c + d) / 5, (a + c + d) / 3 and max(a, c, d). Each is taken of the scores, which tell the unlikely from the
impossible, and of the probabilities, which tell the likely from the certain.

These interact: neighbours about a topic speak for a paragraph of eighty characters between them, and hardly for a
byline, a heading or a question that says nothing itself. So the second classifier is a small network: a linear function
of all of these and of a few hidden units, each the hyperbolic tangent of another one. It is learnt on out-of-fold
scores (`tagger.training.context`): stacking, Wolpert 1992. A paragraph without others is judged by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.scoring.linear import Calibration, probabilities, squash

__all__ = ["Context", "contextual_probabilities", "evidence", "order_by_document", "surroundings"]

# How heavily the paragraphs one and two steps away count.
_NEAR = (2.0, 1.0)
# From so many characters on a paragraph is as good as any longer one. Without this bound long talk of nothing, which
# the articles written for the shipped model seldom have, was given topics in the five given articles.
_LONG = 60


@dataclass(frozen=True)
class Context:
    """A small network over `evidence`: what a paragraph and its article say → log odds of every topic.

    Attributes:
        inner: float64 (7 × topics + 2, topics + units), the coefficients of `evidence`, a column for each topic and
            for each unit; the last row is added to each.
        outer: float64 (units, topics), the coefficients of the units' hyperbolic tangents.
    """

    inner: NDArray[np.float64]
    outer: NDArray[np.float64]

    def margins(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log odds of every topic for `evidence` (paragraphs, 7 × topics + 1): (paragraphs, topics)."""
        topics = self.outer.shape[1]
        # Not by a matrix product, whose last bits depend on how many rows there are.
        sums = np.einsum("ij,jk->ik", inputs, self.inner[:-1]) + self.inner[-1]
        return np.asarray(sums[:, :topics] + np.einsum("ij,jk->ik", np.tanh(sums[:, topics:]), self.outer))


def contextual_probabilities(
    raw: NDArray[np.float64],
    calibration: Calibration,
    *,
    empty: NDArray[np.bool_] | None = None,
    paragraph_counts: NDArray[np.int64] | None = None,
    character_counts: NDArray[np.int64] | None = None,
    context: Context | None = None,
) -> NDArray[np.float64]:
    """Return the probability of each topic for paragraphs with scores `raw` (paragraphs, topics).

    `paragraph_counts` (articles,) say how many of the paragraphs each article has, in order, and `character_counts`
    (paragraphs,) how many characters each paragraph has; without both, or without `context`, each is judged by itself.
    Those that are `empty` have no known feature and get the prior.
    """
    alone = probabilities(raw, calibration, empty=empty)
    if context is None or paragraph_counts is None or character_counts is None:
        return alone
    rows = np.flatnonzero(np.repeat(paragraph_counts > 1, paragraph_counts))
    inputs = evidence(raw[rows], alone[rows], paragraph_counts[paragraph_counts > 1], character_counts[rows])
    alone[rows] = squash(context.margins(inputs), exclusive=calibration.exclusive)
    if empty is not None:
        alone[empty] = calibration.prior
    return alone


def evidence(
    raw: NDArray[np.float64],
    alone: NDArray[np.float64],
    paragraph_counts: NDArray[np.int64],
    character_counts: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return all that a paragraph is judged by among others, shape (paragraphs, 7 × topics + 1).

    `raw` and `alone` (paragraphs, topics) are the scores and probabilities that the paragraphs have by themselves,
    `character_counts` (paragraphs,) their lengths. Each of the articles has two paragraphs or more.
    """
    around = surroundings(np.concatenate([raw, alone], axis=1), paragraph_counts)
    return np.concatenate([raw, around, np.log1p(np.minimum(character_counts, _LONG))[:, np.newaxis]], axis=1)


def surroundings(values: NDArray[np.float64], paragraph_counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Summarise for each paragraph the `values` (paragraphs, k) of the others of its article: near, rest and surest.

    Each of the articles has two paragraphs or more. Shape (paragraphs, 3 × k).
    """
    if not len(values):
        return np.zeros((0, 3 * values.shape[1]))
    article = np.repeat(np.arange(len(paragraph_counts)), paragraph_counts)
    starts = np.cumsum(paragraph_counts) - paragraph_counts
    others = (paragraph_counts[article] - 1)[:, np.newaxis]
    rest = (np.add.reduceat(values, starts)[article] - values) / others
    highest = np.maximum.reduceat(values, starts)[article]
    is_highest = values == highest
    second = np.maximum.reduceat(np.where(is_highest, -np.inf, values), starts)[article]
    only = np.add.reduceat(is_highest.astype(np.int64), starts)[article] == 1
    return np.concatenate([_near(values, article), rest, np.where(is_highest & only, second, highest)], axis=1)


def order_by_document(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the order (texts,) that puts texts of one document together, and how many each document has."""
    _, paragraph_counts = np.unique(groups, return_counts=True)
    return np.argsort(groups, kind="stable"), paragraph_counts


def _near(values: NDArray[np.float64], article: NDArray[np.int64]) -> NDArray[np.float64]:
    total = np.zeros_like(values)
    weights = np.zeros((len(values), 1))
    for step, weight in enumerate(_NEAR, start=1):
        together = weight * (article[step:] == article[:-step])[:, np.newaxis]
        total[step:] += together * values[:-step]
        total[:-step] += together * values[step:]
        weights[step:] += together
        weights[:-step] += together
    return np.asarray(total / weights)
