"""Out-of-fold probabilities × an objective → the probability from which each topic is assigned.

A threshold has an objective: the best F1 ("f1"), a precision or a recall to keep ("precision=0.95", "recall=0.9"), or
a probability as it is ("0.5"). What each threshold would give is measured once, on out-of-fold probabilities, as
operating points that a model keeps, so that the objective can be changed without training again.

A threshold tuned on the few examples of a rare topic overfits (Lin and Lin, CIKM 2023, doi 10.1145/3583780.3614996), so
the outcome of each example is mixed with its calibrated probability, which counts as many examples as `PRIOR`: a topic
with no more examples than that is decided by half by its calibration, for which the best threshold is known to be half
of the F1 it reaches (Lipton, Elkan and Naryanaswamy 2014, arXiv 1402.1892); a frequent one by its examples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
from numpy.typing import NDArray

from tagger.settings import ThresholdObjective

__all__ = [
    "OperatingPoint",
    "Points",
    "TopicThreshold",
    "choose_threshold",
    "choose_with_false_tag_limit",
    "measure_points",
    "thin",
]

# Of 0, 5, 20, 50, 200 and no limit, 50 gave the best micro-F1, macro-F1 and exact match and the precision nearest to
# the one asked for, on halves of the out-of-fold scores of a public set of 65 topics (DuEE 1.0).
PRIOR = 50.0
# Enough to choose a precision or recall to two digits, few enough to be read in a manifest.
MOST_POINTS = 60
# Upper bound of the penalty λ in F1 - λ · false-tag rate: at 64, tagging 1/64 of the topic-less examples outweighs
# any F1. The least sufficient λ is found by this many bisections.
_MAX_PENALTY = 64.0
_BISECTIONS = 24
# Without anything to choose by, a topic is assigned where it is likelier than not.
UNMEASURED = 0.5
# A topic with this threshold is hardly ever assigned: the objective cannot be reached.
NEVER = 1.0


@dataclass(frozen=True)
class OperatingPoint:
    """What a threshold would give: precision and recall expected on unseen documents."""

    threshold: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both, 0 where both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class TopicThreshold:
    """The threshold of a topic, and what others would give.

    Attributes:
        chosen: the threshold in force, with what to expect of it.
        best: the threshold of the best F1, as training chose it.
        points: what other thresholds would give where nothing is assigned below them.
    """

    chosen: OperatingPoint
    best: OperatingPoint
    points: tuple[OperatingPoint, ...]

    def with_objective(self, objective: ThresholdObjective) -> TopicThreshold:
        """Return it with the threshold for another objective."""
        return replace(
            self, chosen=self.best if objective.measure == "f1" else choose_threshold(self.points, objective)
        )


class Points(Sequence[OperatingPoint]):
    """Operating points as three arrays (points,): there may be one for each example."""

    def __init__(
        self, thresholds: NDArray[np.float64], precisions: NDArray[np.float64], recalls: NDArray[np.float64]
    ) -> None:
        self.thresholds, self.precisions, self.recalls = thresholds, precisions, recalls

    @classmethod
    def of(cls, points: Sequence[OperatingPoint]) -> Points:
        """Return points as arrays."""
        if isinstance(points, Points):
            return points
        return cls(*np.array([(p.threshold, p.precision, p.recall) for p in points]).reshape(-1, 3).T)

    def __len__(self) -> int:
        return len(self.thresholds)

    @overload
    def __getitem__(self, index: int) -> OperatingPoint: ...
    @overload
    def __getitem__(self, index: slice) -> Points: ...
    def __getitem__(self, index: int | slice) -> OperatingPoint | Points:
        of_each = self.thresholds[index], self.precisions[index], self.recalls[index]
        return Points(*of_each) if isinstance(index, slice) else OperatingPoint(*map(float, of_each))

    @property
    def f1(self) -> NDArray[np.float64]:
        """The F1 of each, 0 where precision and recall are, float64 (points,)."""
        total = self.precisions + self.recalls
        product = 2 * self.precisions * self.recalls
        return np.divide(product, total, out=np.zeros_like(total), where=total > 0)


def measure_points(
    probability: NDArray[np.float64],
    target: NDArray[np.bool_],
    *,
    selectable: NDArray[np.bool_] | None = None,
    forced: NDArray[np.bool_] | None = None,
) -> Points:
    """Measure what thresholds of one topic would give, from the highest threshold to the lowest.

    A threshold assigns the topic to `selectable` examples from it upwards (None: all may be) and to `forced` ones
    whatever their probability (None: none is). `probability` (examples,) is NaN where it could not be measured.
    """
    measured = np.isfinite(probability)
    selectable = measured if selectable is None else measured & selectable
    forced = np.zeros_like(measured) if forced is None else measured & forced
    if not target[measured].any():
        return Points(*np.zeros((3, 0)))
    outcome = _mix(probability, target, measured)
    total = outcome[measured].sum()
    rows = np.flatnonzero(selectable & ~forced)
    rows = rows[np.argsort(-probability[rows], kind="stable")]
    falling = probability[rows]
    following = np.append(falling[1:], 0.0)
    true = outcome[forced].sum() + np.concatenate([[0.0], np.cumsum(outcome[rows])])
    assigned = forced.sum() + np.arange(len(rows) + 1)
    # Half-way between two neighbours, so that a threshold does not hang on the last bit of either; none is possible
    # between equals, and none that assigns nothing is of use.
    thresholds = np.concatenate([[NEVER], (falling + following) / 2])
    possible = np.concatenate([[True], falling > following]) & (assigned > 0)
    possible[-1] = assigned[-1] > 0
    true, assigned = true[possible], assigned[possible]
    return Points(thresholds[possible], true / assigned, true / total)


def choose_threshold(points: Sequence[OperatingPoint], objective: ThresholdObjective) -> OperatingPoint:
    """Return the point that meets the objective best; precision and recall are NaN where nothing was measured.

    precision: the lowest threshold that keeps it, which has the best recall; where none does, the topic is never
    assigned. recall: the highest threshold that keeps it; where none does, the lowest that was measured.
    """
    of_each, value = Points.of(points), _value(objective)
    if objective.measure == "probability":
        above = np.flatnonzero(of_each.thresholds >= value)
        return replace(of_each[above[-1]] if above.size else _UNKNOWN, threshold=value)
    if not of_each:
        return replace(_UNKNOWN, threshold=UNMEASURED)
    if objective.measure == "f1":
        return of_each[int(of_each.f1.argmax())]
    if objective.measure == "precision":
        kept = np.flatnonzero(of_each.precisions >= value)
        return of_each[kept[-1]] if kept.size else replace(of_each[0], threshold=NEVER)
    enough = np.flatnonzero(of_each.recalls >= value)
    return of_each[enough[0] if enough.size else -1]


def choose_with_false_tag_limit(
    points: Sequence[Sequence[OperatingPoint]], plain: NDArray[np.float64], *, most: float
) -> list[OperatingPoint]:
    """Choose the best F1 of each topic so that no more than a share `most` of examples without a topic is given one.

    `points` are those of each topic, `plain` (examples, topics) the probabilities of the examples without any. Where
    the best thresholds assign too many, each topic pays a penalty, the same for all, for the share that it assigns
    itself: the smallest penalty that keeps the limit, found by bisection.
    """
    free = [choose_threshold(found, ThresholdObjective("f1")) for found in points]
    if most >= 1 or _share_tagged(free, plain) <= most:
        return free
    of_each = [Points.of(found) for found in points]
    shares = [_share_from(plain[:, topic], found) for topic, found in enumerate(of_each)]
    f1 = [found.f1 for found in of_each]
    low, high = 0.0, _MAX_PENALTY
    chosen = free
    for _ in range(_BISECTIONS):
        penalty = (low + high) / 2
        tried = [
            found[int(np.argmax(score - penalty * share))] if found else without
            for found, score, share, without in zip(of_each, f1, shares, free, strict=True)
        ]
        if _share_tagged(tried, plain) > most:
            low = penalty
        else:
            high, chosen = penalty, tried
    return chosen


def _share_tagged(chosen: Sequence[OperatingPoint], plain: NDArray[np.float64]) -> float:
    """Return the share of examples (examples, topics) that get any topic by these thresholds."""
    if not len(plain):
        return 0.0
    return float((plain >= [point.threshold for point in chosen]).any(axis=1).mean())


def _share_from(probability: NDArray[np.float64], points: Points) -> NDArray[np.float64]:
    """Return the share of examples (examples,) that each point's threshold assigns, shape (points,)."""
    ordered = np.sort(probability[np.isfinite(probability)])
    below = np.searchsorted(ordered, points.thresholds)
    return np.asarray((len(ordered) - below) / max(1, len(probability)))


def thin(points: Sequence[OperatingPoint], keep: OperatingPoint) -> tuple[OperatingPoint, ...]:
    """Leave out points so that `MOST_POINTS` remain, evenly spread over recall, the one to keep among them."""
    if len(points) <= MOST_POINTS:
        return tuple(points)
    of_each = Points.of(points)
    recalls = of_each.recalls
    wanted = np.linspace(recalls[0], recalls[-1], MOST_POINTS - 2)
    chosen = {0, len(points) - 1, *np.searchsorted(recalls, wanted).clip(max=len(points) - 1).tolist()}
    same = [of_each.thresholds == keep.threshold, of_each.precisions == keep.precision, recalls == keep.recall]
    chosen.update(np.flatnonzero(np.all(same, axis=0)).tolist())
    return tuple(of_each[index] for index in sorted(chosen))


_UNKNOWN = OperatingPoint(UNMEASURED, math.nan, math.nan)


def _value(objective: ThresholdObjective) -> float:
    return 0.0 if objective.value is None else objective.value


def _mix(
    probability: NDArray[np.float64], target: NDArray[np.bool_], measured: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Mix each outcome with its calibrated probability, which weighs as much as `PRIOR` examples of the topic."""
    share = PRIOR / (PRIOR + target[measured].sum())
    return np.where(measured, (1 - share) * target + share * np.nan_to_num(probability), 0.0)
