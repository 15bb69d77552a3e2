"""Labels with errors planted into them → what log odds mean: a probability of being wrong, and hits to be expected.

Errors are planted into the user's own labels and looked for like those that may be there already. How they rank says
how a wrong label ranks among these texts; how many labels rank so high without having been planted says how many wrong
ones there are: no more than leave room for the right ones. The place that leaves room for fewest gives an upper bound
of their share (as in Blanchard, Lee and Scott 2010, Semi-supervised novelty detection). What ranks higher than labels
would if they were drawn as likely as the judges say gives a lower one: where texts are hard, right labels rank high
too. The middle of both is taken, and Bayes' rule gives each label's probability.

Half of the errors are any other topic, half the likeliest other one, for people confuse topics that are alike. Nobody
knows which of both the user's errors are, nor whether topics are missing as often as they are too many: what would be
expected if they were all of the one half, or each kind of correction as frequent as it looks by itself, says how far to
trust an estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tagger.curation.opinions import Opinions
from tagger.curation.suspects import ADDS, DROPS, SWAPS, Corrections, Mode, best_corrections

__all__ = ["Calibration", "Sought", "calibrate", "other_views", "plant_errors", "plantings"]

# As many labels as people get wrong in sets that were read again: 3 to 10% (Northcutt et al. 2021).
RATE = 0.05
# Errors that are wanted, and the plantings that they may take where examples are few.
_WANTED = 200
_MOST = 4
# Shares of the planted errors that are looked at from the top, to see how many others rank as high.
_SHARES = np.arange(0.1, 0.75, 0.05)
# With fewer planted errors than this above a place, chance decides.
_FEWEST = 10
# Even where by their numbers only errors should rank, not all are: some labels are right that nobody would give to such
# a text by its words.
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


@dataclass(frozen=True)
class Sought:
    """Labels with planted errors, and what was found in them.

    Attributes:
        corrections: of each example, by judges that were taught with these labels.
        wrong: bool (examples,), where errors were planted.
        any_other, likeliest: bool (examples,), which of these added any other topic, and which the likeliest other one;
            those that only dropped a topic are both.
    """

    corrections: Corrections
    wrong: NDArray[np.bool_]
    any_other: NDArray[np.bool_]
    likeliest: NDArray[np.bool_]

    @classmethod
    def of(cls, corrections: Corrections, opinions: Opinions, planted: NDArray[np.bool_]) -> Sought:
        """Compare labels with errors, bool (examples, topics), with those that the opinions are of."""
        added = planted & ~opinions.targets
        first = np.where(opinions.targets, -1, opinions.probability).argmax(axis=1)
        likeliest = added[np.arange(len(added)), first]
        wrong, only_dropped = (planted != opinions.targets).any(axis=1), ~added.any(axis=1)
        return cls(corrections, wrong, wrong & ~likeliest, wrong & (likeliest | only_dropped))


def calibrate(opinions: Opinions, sought: Sequence[Sought], *, seed: int = 0) -> Calibration | None:
    """Learn from opinions of the labels as they are, and from what was found in labels with errors.

    None where too few were planted to say anything.
    """
    return _learn(opinions.corrections(), sought, "wrong", _drawn(opinions, seed))


def other_views(opinions: Opinions, sought: Sequence[Sought], *, seed: int = 0) -> Iterator[NDArray[np.float64]]:
    """Yield each label's probability of being wrong if errors are others than `calibrate` takes them for.

    Each is float64 (examples,), with adding, dropping and swapping apart: of all errors, if all added any other topic,
    and if all added the likeliest one. Where too few were planted a view is left out.
    """
    corrections, drawn = opinions.corrections(), _drawn(opinions, seed)
    for which in ("wrong", "any_other", "likeliest"):
        together = _learn(corrections, sought, which, drawn)
        if together is None:
            continue
        whole = together.probability(corrections.log_odds)
        apart = whole.copy()
        for kind in (ADDS, DROPS, SWAPS):
            learnt, mine = _learn(corrections, sought, which, drawn, kind=kind), corrections.kind == kind
            if learnt is not None:
                apart[mine] = learnt.probability(corrections.log_odds[mine])
        # Texts that only look like a topic rank as high as those that lack it: by themselves they would seem wrong.
        yield np.where(corrections.kind == ADDS, np.minimum(apart, whole), apart)


def _learn(
    corrections: Corrections,
    sought: Sequence[Sought],
    which: str,
    drawn: Sequence[Corrections],
    *,
    kind: int | None = None,
) -> Calibration | None:
    """Learn from planted errors of one sort, by corrections of one kind or of all."""

    def of_kind(some: Corrections) -> NDArray[np.bool_]:
        return np.ones(len(some.log_odds), dtype=np.bool_) if kind is None else some.kind == kind

    mine = [of_kind(one.corrections) for one in sought]
    pairs = [*zip(sought, mine, strict=True)]
    planted = np.concatenate([one.corrections.log_odds[ok & getattr(one, which)] for one, ok in pairs])
    others = np.concatenate([one.corrections.log_odds[ok & ~one.wrong] for one, ok in pairs])
    labels = corrections.log_odds[of_kind(corrections)]
    if len(planted) < 2 * _FEWEST or not len(labels):
        return None
    places, ratios = _density_ratio(planted, others)
    shares = _SHARES[np.round(_SHARES * len(planted)) >= _FEWEST]
    bars = np.sort(planted)[::-1][np.round(shares * len(planted)).astype(np.int64) - 1]
    above = _number_above(labels, bars) / len(labels)
    expected = np.mean([_number_above(one.log_odds[of_kind(one)], bars) for one in drawn], axis=0) / len(labels)
    most = float((above / shares).min())
    least = float(((above - expected) / shares).max())
    return Calibration(places, ratios, min(1.0, (most + float(np.clip(least, 0, most))) / 2), len(planted))


def _number_above(log_odds: NDArray[np.float64], bars: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((log_odds[:, np.newaxis] >= bars).sum(axis=0), dtype=np.float64)


def _drawn(opinions: Opinions, seed: int) -> list[Corrections]:
    """Return corrections of labels that are drawn as likely as the judges say, a few times."""
    random, probability = np.random.default_rng(seed), opinions.probability
    found = []
    for _ in range(_DRAWS):
        if opinions.mode.exclusive:
            sums = np.cumsum(probability, axis=1)
            drawn = random.random((len(sums), 1)) * sums[:, -1:] < sums
            targets = drawn & (np.cumsum(drawn, axis=1) == 1)
        else:
            targets = random.random(probability.shape) < probability
        found.append(best_corrections(probability, targets, opinions.mode))
    return found


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
