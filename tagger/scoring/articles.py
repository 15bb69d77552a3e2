"""Probabilities of paragraphs → the topics of their article.

An article has a topic where one of its paragraphs has it, unless that is what chance gives in so long a text. How often
a paragraph of an article that lacks a topic is nevertheless so probable is measured on documents that were left out, at
the probabilities of `LEVELS`. Thresholds are right for articles as long as those; of the paragraphs that a longer one
has beyond, chance gives a Poisson number that are at least as probable as p, with the mean surplus · rate(p). The topic
is kept where for some k the k-th surest paragraph is so sure that chance gives k of them with a probability of
`_CHANCE` at most: one sure paragraph among fifty is enough, one doubtful paragraph among three hundred is not. Where
too few documents lack a topic to measure its rates, every paragraph that has it counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVELS", "ChanceRates", "measure_chance"]

LEVELS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
# With 0.05 three of 38 documents of 300 unrelated texts had a topic, with 0.02 none; real articles keep theirs.
_CHANCE = 0.02
_USUAL = 0.9
# Of fewer examples even a rate of none, half an example among them, would be too high.
_FEWEST_EXAMPLES = 60
_NEGLIGIBLE = 1e-17


@dataclass(frozen=True)
class ChanceRates:
    """How often a paragraph of an article without a topic is at least so probable.

    Attributes:
        rates: float64 (levels, topics), falling, for each of `LEVELS`.
        usual: paragraphs of a document that they were measured on, which nine in ten have at most.
    """

    rates: NDArray[np.float64]
    usual: float

    def supports(self, topic: int, assigned: NDArray[np.float64], paragraphs: int) -> bool:
        """Return whether paragraphs with these probabilities are more than chance gives in so many paragraphs."""
        falling = np.sort(assigned)[::-1]
        levels = np.searchsorted(LEVELS, falling, side="right") - 1
        # Of those at one level, which have one rate, all together are the least likely.
        last = np.flatnonzero(np.diff(levels, append=-1))
        means = max(0.0, paragraphs - self.usual) * self.rates[levels[last], topic]
        return any(_at_least(k, mean) <= _CHANCE for k, mean in zip((last + 1).tolist(), means.tolist(), strict=True))


def measure_chance(
    probability: NDArray[np.float64], targets: NDArray[np.bool_], groups: NDArray[np.int64]
) -> ChanceRates:
    """Measure rates on out-of-fold probabilities (examples, topics), NaN where there are none.

    `groups` (examples,) number the documents; one has a topic where any of its examples has it. Half an example is
    added to every count, so that nothing is impossible. The rates of a topic are 0 where too few examples are measured.
    """
    documents, number = np.unique(groups, return_inverse=True)
    has = np.zeros((len(documents), targets.shape[1]), dtype=bool)
    np.logical_or.at(has, number, targets)
    rates = np.zeros((len(LEVELS), targets.shape[1]))
    for topic in range(targets.shape[1]):
        without = probability[~has[number, topic], topic]
        without = np.sort(without[np.isfinite(without)])
        if len(without) >= _FEWEST_EXAMPLES:
            reached = len(without) - np.searchsorted(without, LEVELS)
            rates[:, topic] = (reached + 0.5) / (len(without) + 0.5)
    return ChanceRates(rates, float(np.quantile(np.bincount(number, minlength=1), _USUAL)))


def _at_least(number: int, mean: float) -> float:
    """Return the probability that a Poisson variable with this mean is `number`, which is positive, or more."""
    if mean == 0:
        return 0.0
    above = number > mean
    # Summed from the largest term on, of the tail that is away from the mean: e to the -mean may be too small a number.
    k = number if above else number - 1
    term = math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
    total = 0.0
    while term > total * _NEGLIGIBLE:
        total += term
        term *= mean / (k + 1) if above else k / mean
        k += 1 if above else -1
    return total if above else 1.0 - total
