"""Log odds of an article's paragraphs → probabilities that take its other paragraphs into account.

A paragraph says less by itself than among its neighbours, where they are all about one thing. What the others say of a
topic is summarised in three ways, from the probabilities that they have by themselves:

    near      the mean of the two before it and the two behind it, the nearest counting double
    rest      the mean of all others
    surest    the highest of all others

In an article whose paragraphs have the probabilities a, b, c and d, for the second of them these are
(2a + 2c + d) / 5, (a + c + d) / 3 and max(a, c, d). They count the more the longer the paragraph is, up to `_LONG`
characters, for a byline or a heading tells nothing by its company, and the less the surer it is by itself:

    log odds = own · log odds alone + (1 - p²) · (length · (near, rest, surest) · weights + alone + short · length)

None of the three weights is negative: others can only speak for a topic. What speaks against one is that an article is
silent about it (the last two, mostly negative); and as p² goes to 1 that vanishes, so that a paragraph which says
plainly what it is about keeps its topic in any company. Furniture of the page is neither judged nor evidence. A network
over the same evidence told the authored articles apart better, and took topics away from real ones.

Learnt on out-of-fold probabilities (`tagger.training.context`): stacking, Wolpert 1992. A paragraph without others is
judged by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.scoring.linear import Calibration, squash

__all__ = [
    "Context",
    "LinearContext",
    "NetworkContext",
    "contextual_probabilities",
    "evidence",
    "order_by_document",
    "surroundings",
]

# How heavily the paragraphs one and two steps away count.
_NEAR = (2.0, 1.0)
# From so many characters on a paragraph is as good as any longer one.
_LONG = 60


@dataclass(frozen=True)
class LinearContext:
    """The coefficients of `evidence`, each topic's its own.

    Attributes:
        weights: float64 (topics, 6): own, near, rest, surest, alone, short.
    """

    weights: NDArray[np.float64]

    def log_odds(
        self,
        raw: NDArray[np.float64],  # noqa: ARG002 - what the network needs
        alone: NDArray[np.float64],
        paragraph_counts: NDArray[np.int64],
        character_counts: NDArray[np.int64],
        *,
        exclusive: bool,
    ) -> NDArray[np.float64]:
        """Return the log odds of every topic (paragraphs, topics).

        `raw` and `alone` (paragraphs, topics) are the scores and log odds that paragraphs have by themselves. Each of
        the articles has two paragraphs or more.
        """
        given = evidence(alone, paragraph_counts, character_counts, exclusive=exclusive)
        # Not by a matrix product, whose last bits depend on how many rows there are.
        return np.asarray(np.einsum("ntk,tk->nt", given, self.weights))


@dataclass(frozen=True)
class NetworkContext:
    """The small network that models up to format 3 have: kept so that they tag as they did.

    Attributes:
        inner: float64 (7 × topics + 2, topics + units), the coefficients of scores, surroundings and length, a column
            for each topic and for each hidden unit; the last row is added to each.
        outer: float64 (units, topics), the coefficients of the units' hyperbolic tangents.
    """

    inner: NDArray[np.float64]
    outer: NDArray[np.float64]

    def log_odds(
        self,
        raw: NDArray[np.float64],
        alone: NDArray[np.float64],
        paragraph_counts: NDArray[np.int64],
        character_counts: NDArray[np.int64],
        *,
        exclusive: bool,
    ) -> NDArray[np.float64]:
        """Return what `LinearContext.log_odds` does."""
        values = np.concatenate([raw, squash(alone, exclusive=exclusive)], axis=1)
        length = np.log1p(np.minimum(character_counts, _LONG))[:, np.newaxis]
        given = np.concatenate([raw, surroundings(values, paragraph_counts), length], axis=1)
        topics = self.outer.shape[1]
        sums = np.einsum("ij,jk->ik", given, self.inner[:-1]) + self.inner[-1]
        return np.asarray(sums[:, :topics] + np.einsum("ij,jk->ik", np.tanh(sums[:, topics:]), self.outer))


Context = LinearContext | NetworkContext
"""What judges a paragraph among others."""


def contextual_probabilities(
    raw: NDArray[np.float64],
    known: NDArray[np.int64],
    character_counts: NDArray[np.int64],
    calibration: Calibration,
    *,
    paragraph_counts: NDArray[np.int64] | None = None,
    furniture: NDArray[np.bool_] | None = None,
    context: Context | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the probability of each topic (paragraphs, topics), and which paragraphs were judged among others.

    `raw` (paragraphs, topics) are their scores, `known` and `character_counts` (paragraphs,) how many features and
    characters they have. `paragraph_counts` (articles,) say how many of the paragraphs each article has, in order;
    without them, or without `context`, each is judged by itself. Those without a known feature get the prior, and
    `furniture` (paragraphs,) 0.
    """
    exclusive = calibration.exclusive
    log_odds = calibration.log_odds(raw, known)
    log_odds[known == 0] = calibration.prior_log_odds
    probability = squash(log_odds, exclusive=exclusive)
    among = np.zeros(len(raw), dtype=bool)
    if context is not None and paragraph_counts is not None:
        article = np.repeat(np.arange(len(paragraph_counts)), paragraph_counts)
        plain = np.ones(len(raw), dtype=bool) if furniture is None else ~furniture
        counts = np.bincount(article[plain], minlength=len(paragraph_counts))
        among = plain & (counts[article] > 1)
        odds = context.log_odds(
            raw[among], log_odds[among], counts[counts > 1], character_counts[among], exclusive=exclusive
        )
        probability[among] = squash(odds, exclusive=exclusive)
    probability[known == 0] = calibration.prior
    if furniture is not None:
        probability[furniture] = 0.0
    return probability, among


def evidence(
    alone: NDArray[np.float64],
    paragraph_counts: NDArray[np.int64],
    character_counts: NDArray[np.int64],
    *,
    exclusive: bool,
) -> NDArray[np.float64]:
    """Return all that a paragraph is judged by among others, shape (paragraphs, topics, 6).

    `alone` (paragraphs, topics) are the log odds that the paragraphs have by themselves, `character_counts`
    (paragraphs,) their lengths. Each of the articles has two paragraphs or more.
    """
    probability = squash(alone, exclusive=exclusive)
    doubt = 1 - probability**2
    length = np.log1p(np.minimum(character_counts, _LONG)) / np.log1p(_LONG)
    by_length = doubt * length[:, np.newaxis]
    near, rest, surest = np.split(surroundings(probability, paragraph_counts), 3, axis=1)
    return np.stack([alone, by_length * near, by_length * rest, by_length * surest, doubt, by_length], axis=2)


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
