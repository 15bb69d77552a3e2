"""Labels with errors planted into them → what log odds mean: a probability of being wrong, and hits to be expected.

Errors are planted into the user's own labels and looked for like those that may be there already. How they rank says
how a wrong label ranks among these texts; how many labels rank so high without having been planted says how many wrong
ones there are: no more than leave room for the right ones. The place that leaves room for fewest gives an upper bound
of their share (as in Blanchard, Lee and Scott 2010, Semi-supervised novelty detection). What ranks higher than labels
would if they were drawn as likely as the judges say gives a lower one: where texts are hard, right labels rank high
too. The middle of both is taken, and Bayes' rule gives each label's probability.

Half of the errors are any other topic, half the likeliest other one, for people confuse topics that are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tagger.curation.opinions import Opinions
from tagger.curation.suspects import Mode, best_corrections

__all__ = ["Calibration", "calibrate", "plant_errors", "plantings"]

# As many labels as people get wrong in sets that were read again: 3 to 10% (Northcutt et al. 2021).
RATE = 0.05
# Errors that are wanted, and the plantings that they may take where examples are few.
_WANTED = 200
_MOST = 4
# Shares of the planted errors that are looked at from the top, to see how many others rank as high.
_SHARES = np.arange(0.1, 0.75, 0.05)
# With fewer planted errors than this above a place, chance decides.
_FEWEST = 10
# Of labels that rank where by their numbers only errors should, so many had been planted, over eight plantings into
# headlines and press; the others are what nobody would say of such a text by its words.
_SUREST = 0.92
_DRAWS = 5


def plantings(examples: int) -> int:
    """Return how often errors are planted into so many examples."""
    return int(np.clip(np.ceil(_WANTED / max(1.0, RATE * examples)), 1, _MOST))


def plant_errors(
    targets: NDArray[np.bool_],
    probability: NDArray[np.float64],
    *,
    rate: float = RATE,
    alike: float = 0.5,
    mode: Mode,
    seed: int,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return labels with errors (examples, topics), and which examples have one (examples,).

    Where the mode allows it a third of the errors adds a topic, a third drops one, and the rest swaps two. `alike` is
    the share that takes the topic of the highest `probability` (examples, topics) among those that the example has not.
    """
    random = np.random.default_rng(seed)
    planted, wrong = targets.copy(), np.zeros(len(targets), dtype=np.bool_)
    for row in random.permutation(len(targets))[: round(rate * len(targets))].tolist():
        has, lacks = np.flatnonzero(targets[row]), np.flatnonzero(~targets[row])
        kinds = [] if mode.exclusive else ["add"] * bool(lacks.size) + ["drop"] * bool(has.size > (not mode.may_lack))
        kinds += ["swap"] * bool(has.size and lacks.size)
        if not kinds:
            continue
        kind = kinds[random.integers(len(kinds))]
        if kind != "add":
            planted[row, random.choice(has)] = False
        if kind != "drop":
            likeliest = random.random() < alike
            planted[row, lacks[probability[row, lacks].argmax()] if likeliest else random.choice(lacks)] = True
        wrong[row] = True
    return planted, wrong


@dataclass(frozen=True)
class Calibration:
    """What log odds mean among these labels.

    Attributes:
        places: float64 (places,), log odds, ascending.
        ratios: float64 (places,), how much denser errors are there than labels, ascending too.
        rate: the share of labels that is taken for wrong.
        planted: how many errors this was learnt from.
    """

    places: NDArray[np.float64]
    ratios: NDArray[np.float64]
    rate: float
    planted: int

    def probability(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability that labels of such log odds are wrong, of the same shape."""
        ratio = np.exp(np.interp(log_odds, self.places, np.log(self.ratios)))
        return np.minimum(_SUREST, self.rate * ratio)


def calibrate(
    opinions: Opinions, planted: NDArray[np.float64], others: NDArray[np.float64], *, seed: int = 0
) -> Calibration | None:
    """Learn from opinions of the labels as they are, and the log odds of planted errors and of the labels beside those.

    None where too few were planted to say anything.
    """
    if len(planted) < 2 * _FEWEST:
        return None
    places, ratios = _density_ratio(planted, others)
    shares = _SHARES[np.round(_SHARES * len(planted)) >= _FEWEST]
    bars = np.sort(planted)[::-1][np.round(shares * len(planted)).astype(np.int64) - 1]
    above = _shares_above(opinions.corrections().log_odds, bars)
    most = float((above / shares).min())
    least = float(((above - _expected(opinions, bars, seed)) / shares).max())
    return Calibration(places, ratios, min(1.0, (most + float(np.clip(least, 0, most))) / 2), len(planted))


def _shares_above(log_odds: NDArray[np.float64], bars: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((log_odds[:, np.newaxis] >= bars).mean(axis=0))


def _expected(opinions: Opinions, bars: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Return the share of labels above each bar if all were drawn as likely as the judges say, float64 (bars,)."""
    random, probability = np.random.default_rng(seed), opinions.probability
    above = np.zeros(len(bars))
    for _ in range(_DRAWS):
        if opinions.mode.exclusive:
            sums = np.cumsum(probability, axis=1)
            drawn = random.random((len(sums), 1)) * sums[:, -1:] < sums
            targets = drawn & (np.cumsum(drawn, axis=1) == 1)
        else:
            targets = random.random(probability.shape) < probability
        above += _shares_above(best_corrections(probability, targets, opinions.mode).log_odds, bars) / _DRAWS
    return above


def _density_ratio(
    planted: NDArray[np.float64], others: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return log odds, and how much denser planted errors are there than others, which grows with them.

    A share of errors that rises as log odds rise, fitted to places that hold equally many errors: isotonic regression
    by pooling neighbours that are out of order (Ayer et al. 1955).
    """
    edges = np.quantile(planted, np.linspace(0, 1, max(4, min(20, len(planted) // _FEWEST)) + 1))
    edges[0], edges[-1] = -np.inf, np.inf
    edges = np.unique(edges)
    inside = np.histogram(planted, edges)[0] / len(planted)
    outside = (np.histogram(others, edges)[0] + 0.5) / (len(others) + 0.5)
    blocks: list[list[float]] = []
    for one, other in zip(inside.tolist(), outside.tolist(), strict=True):
        blocks.append([one, other, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [sum(pair) for pair in zip(blocks[-1], last, strict=True)]
    ratios = np.concatenate([np.full(int(width), one / other) for one, other, width in blocks])
    middles = [np.median(planted[(planted >= low) & (planted < high)]) for low, high in pairwise(edges)]
    return np.array(middles), ratios
