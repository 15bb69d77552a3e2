"""Predictions → a report: every measure with its interval, and the signature it must be quoted with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.evaluation.measures import (
    Bin,
    Ranking,
    brier_score,
    calibration_error,
    confusion,
    coverage,
    f1_score,
    ratio,
    reliability,
)
from tagger.scoring.linear import best_topics

__all__ = ["Estimate", "Predictions", "Report", "Scores", "headline", "measure"]

RESAMPLES = 1000
# From so many examples times topics on, where a resample takes a tenth of a second and intervals are narrow, there are
# fewer: the ends of an interval are then those of the 5th and the 195th of 200.
_MUCH = 400_000
_RESAMPLES_OF_MUCH = 200


@dataclass(frozen=True)
class Predictions:
    """What a tagger, or one for each fold, said of labelled examples.

    Attributes:
        topics: the names of the columns.
        groups: int64 (examples,), the number of each example's document.
        target, assigned: bool (examples, topics).
        probability: float64 (examples, topics).
        exclusive: whether a text has no more than one topic.
    """

    topics: tuple[str, ...]
    groups: NDArray[np.int64]
    target: NDArray[np.bool_]
    assigned: NDArray[np.bool_]
    probability: NDArray[np.float64]
    exclusive: bool


@dataclass(frozen=True)
class Estimate:
    """A measure with the bounds of its 95% interval, by resampling documents; all None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Scores:
    """The measures of one topic, or over all of them; `examples` have the topic, `assigned` were given it."""

    examples: int
    assigned: int
    average_precision: Estimate
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True)
class Report:
    """How good a tagger is on documents it was not trained on.

    Attributes:
        method: how the predictions were made, for people.
        signature: what a figure must be quoted with: version, data, settings, folds, seed.
        warnings: what makes the figures doubtful.
        topics: the measures of each topic.
        macro: the means over topics where they are defined; its counts are sums.
        micro: measures over all pairs of example and topic at once.
        exact_match: the share of examples with exactly the right topics.
        false_tag_rate: of the examples without any topic, the share that was given one.
        calibration_error, brier: how far probabilities are from what happens; see `measures`.
        reliability: the table behind the calibration error.
        confusion: what was taken for what; the last row and column are "none".
        coverage: for the surest share of assigned topics: the share, the least probability, the precision.
        curve: mean average precision and macro-F1 by the share of documents trained on, where it was asked for.
    """

    method: str
    signature: str
    warnings: tuple[str, ...]
    topics: dict[str, Scores]
    macro: Scores
    micro: Scores
    exact_match: Estimate
    false_tag_rate: Estimate
    calibration_error: float
    brier: float
    reliability: tuple[Bin, ...]
    confusion: tuple[tuple[int, ...], ...]
    coverage: tuple[tuple[float, float, float], ...]
    curve: tuple[tuple[float, float, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report for a program, floats to six digits: the same run gives the same JSON."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded

    def quality(self) -> dict[str, Any]:
        """Return the part that a model's manifest keeps and its card shows."""
        whole = self.to_dict()
        names = (
            "method",
            "signature",
            "topics",
            "macro",
            "micro",
            "exact_match",
            "false_tag_rate",
            "calibration_error",
        )
        return {name: whole[name] for name in names}


def measure(
    predictions: Predictions,
    *,
    method: str,
    signature: str,
    warnings: tuple[str, ...] = (),
    seed: int = 0,
    curve: tuple[tuple[float, float, float], ...] = (),
) -> Report:
    """Measure predictions, with intervals from resampling whole documents (Efron and Tibshirani 1993, ch. 13)."""
    p = predictions
    topics = len(p.topics)
    resamples = RESAMPLES if p.target.size < _MUCH else _RESAMPLES_OF_MUCH
    estimates = _estimate(_Statistic(p), p.groups, seed, resamples)
    each, macro, micro = estimates[: 4 * topics], estimates[4 * topics : 4 * topics + 4], estimates[-6:-2]
    if p.exclusive:
        best = best_topics(p.probability)
        bins = reliability(p.probability.max(axis=1), np.asarray((best & p.target).any(axis=1)))
    else:
        bins = reliability(p.probability.ravel(), p.target.ravel())
    counts = list(zip(p.target.sum(axis=0).tolist(), p.assigned.sum(axis=0).tolist(), strict=True))
    total = (int(p.target.sum()), int(p.assigned.sum()))
    return Report(
        method=method,
        signature=f"{signature}, {resamples} resamples",
        warnings=warnings,
        topics={name: Scores(*counts[k], *each[k::topics]) for k, name in enumerate(p.topics)},
        macro=Scores(*total, *macro),
        micro=Scores(*total, *micro),
        exact_match=estimates[-2],
        false_tag_rate=estimates[-1],
        calibration_error=calibration_error(bins),
        brier=brier_score(p.probability, p.target),
        reliability=bins,
        confusion=tuple(tuple(row) for row in confusion(p.target, p.assigned).tolist()),
        coverage=coverage(p.probability, p.target, p.assigned),
        curve=curve,
    )


def headline(predictions: Predictions) -> tuple[float, float]:
    """Return mean average precision and macro-F1 alone, 0 where they are not defined."""
    values = _Statistic(predictions)(np.ones(len(predictions.groups)))
    start = 4 * len(predictions.topics)
    return float(np.nan_to_num(values[start])), float(np.nan_to_num(values[start + 3]))


class _Statistic:
    """Every measure that has an interval, in one array, for one bootstrap sample, given as weights per example."""

    def __init__(self, predictions: Predictions) -> None:
        p = predictions
        self._topics = len(p.topics)
        self._rankings = [Ranking(p.probability[:, k], p.target[:, k]) for k in range(self._topics)]
        self._pairs = Ranking(p.probability.ravel(), p.target.ravel(), pairs=max(1, self._topics))
        plain = ~p.target.any(axis=1)
        exact = (p.target == p.assigned).all(axis=1)
        # Few topics are marked in an example.
        self._marked, self._marks = np.nonzero(np.hstack([p.target & p.assigned, p.assigned, p.target]))
        self._example_marks = np.stack([exact, plain & p.assigned.any(axis=1), plain], axis=1).astype(np.float64)

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return all measures in order, shape (4 × topics + 10,).

        Average precision, precision, recall and F1 of each topic; their means; the same over all pairs; exact match;
        and the share of examples without a topic that were given one.
        """
        marks = np.bincount(self._marks, weights.take(self._marked), minlength=3 * self._topics)
        true, assigned, target = marks.reshape(3, self._topics)
        average = np.array([ranking.average_precision(weights) for ranking in self._rankings])
        each = np.array([average, ratio(true, assigned), ratio(true, target), f1_score(true, assigned, target)])
        sums = np.array([true.sum(), assigned.sum(), target.sum()])
        pairs = self._pairs.average_precision(weights)
        micro = np.array([pairs, ratio(sums[0], sums[1]), ratio(sums[0], sums[2]), f1_score(*sums)])
        exact, tagged, plain = weights @ self._example_marks
        whole = np.array([ratio(exact, weights.sum()), ratio(tagged, plain)])
        return np.concatenate([each.ravel(), _mean(each), micro, whole])


def _mean(each: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average over the topics for which a measure is defined, NaN where it is for none."""
    defined = np.isfinite(each)
    return ratio(np.where(defined, each, 0.0).sum(axis=1), defined.sum(axis=1))


def _estimate(
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    groups: NDArray[np.int64],
    seed: int,
    resamples: int,
) -> list[Estimate]:
    """Compute a statistic, and again for documents drawn with replacement: the 2.5th to the 97.5th percentile."""
    _, document = np.unique(groups, return_inverse=True)
    documents = int(document.max(initial=-1)) + 1
    random = np.random.default_rng(seed)
    values = statistic(np.ones(len(groups)))
    drawn = np.array(
        [
            statistic(
                np.bincount(random.integers(documents, size=documents), minlength=documents)[document].astype(float)
            )
            for _ in range(resamples)
        ]
    )
    return [
        Estimate(*(_number(x) for x in (value, *_interval(draws))))
        for value, draws in zip(values, drawn.T, strict=True)
    ]


def _interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    defined = draws[np.isfinite(draws)]
    if not defined.size:
        return float("nan"), float("nan")
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, (list, tuple)) else value
