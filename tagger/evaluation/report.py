"""Predictions → a report: every measure with its interval, and the signature it must be quoted with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from tagger.evaluation.errors import WrongExample
from tagger.evaluation.judging import give_verdict
from tagger.evaluation.measures import Bin, brier_score, calibration_error, confusion, coverage, reliability
from tagger.evaluation.resampling import Estimate, Predictions, Statistic, estimate, resamples_of
from tagger.evaluation.verdict import Verdict
from tagger.messages import N_, _, english
from tagger.notebook import show_table
from tagger.scoring.linear import best_topics

__all__ = ["Estimate", "Predictions", "Report", "Scores", "headline", "measure"]

# What is said of a topic that nothing was tagged with, by whether it is for want of probability.
_SILENT = {
    True: N_("nothing was tagged with {title!r}: none of its {examples} texts reaches its threshold"),
    False: N_("nothing was tagged with {title!r}: all of its {examples} texts were given others"),
}


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
        confusion: what was taken for what; the last row and column are "none". A row adds up to the examples of its
            topic, and the last one to the examples without any.
        besides: how often each topic was wrongly given to an example beside others, of which none was missed.
        coverage: for the surest share of assigned topics: the share, the least probability, the precision.
        curve: mean average precision and macro-F1 by the share of documents trained on, where it was asked for.
        titles: what people read for each topic.
        verdict: what is to be said of all that, in plain sentences and as facts.
        errors: the examples that were tagged wrongly, the worst first; not in `to_dict`, as they are texts.
        predictions: what was said of every example; not in `to_dict` either.
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
    curve: tuple[tuple[float, float, float], ...]
    besides: tuple[int, ...]
    titles: dict[str, str]
    verdict: Verdict
    errors: tuple[WrongExample, ...] = field(default=(), repr=False, compare=False)
    predictions: Predictions | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        macro, micro = _("macro-F1"), _("micro-F1")
        return f"{type(self).__name__}({self.method}: {macro} {_range(self.macro.f1)}, {micro} {_range(self.micro.f1)})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the measures of each topic and over all, with their 95% intervals."""
        each = {**self.topics, _("macro"): self.macro, _("micro"): self.micro}
        rows = [
            (
                name,
                str(scores.examples),
                *map(_range, (scores.average_precision, scores.precision, scores.recall, scores.f1)),
            )
            for name, scores in each.items()
        ]
        columns = (_("topic"), _("examples"), _("average precision"), _("precision"), _("recall"), _("F1"))
        return show_table(f"{self.method}\n{self.signature}", columns, rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the report for a program, in English, floats to six digits: the same run gives the same JSON."""
        whole = asdict(replace(self, errors=(), predictions=None))
        del whole["errors"], whole["predictions"]
        rounded: dict[str, Any] = _rounded(whole | {"verdict": self.verdict.to_dict()})
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
    errors: tuple[WrongExample, ...] = (),
) -> Report:
    """Measure predictions, with intervals from resampling whole documents (Efron and Tibshirani 1993, ch. 13)."""
    p = predictions
    topics = len(p.topics)
    resamples = resamples_of(p)
    estimates = estimate(Statistic(p), p.groups, seed, resamples=resamples)
    each, macro, micro = estimates[: 4 * topics], estimates[4 * topics : 4 * topics + 4], estimates[-6:-2]
    if p.exclusive:
        best = best_topics(p.probability)
        bins = reliability(p.probability.max(axis=1), np.asarray((best & p.target).any(axis=1)))
    else:
        bins = reliability(p.probability.ravel(), p.target.ravel())
    counts = list(zip(p.target.sum(axis=0).tolist(), p.assigned.sum(axis=0).tolist(), strict=True))
    total = (int(p.target.sum()), int(p.assigned.sum()))
    titles = dict(zip(p.topics, p.titles or p.topics, strict=True))
    taken, besides = confusion(p.target, p.assigned, p.probability)
    exact_match, false_tag_rate = estimates[-2:]
    verdict = give_verdict(
        titles,
        confusion=taken,
        besides=besides,
        trained_on=p.trained_on or tuple(p.target.sum(axis=0).tolist()),
        exact=exact_match.value,
        false_tags=false_tag_rate.value,
        curve=curve,
    )
    silent = (
        _(_SILENT[topic.need == "threshold"], title=topic.title, examples=topic.examples)
        for topic in verdict.topics
        if topic.silent
    )
    return Report(
        method=method,
        signature=_("{signature}, {resamples} resamples", signature=signature, resamples=resamples),
        warnings=(*warnings, *silent),
        topics={name: Scores(*counts[k], *each[k::topics]) for k, name in enumerate(p.topics)},
        macro=Scores(*total, *macro),
        micro=Scores(*total, *micro),
        exact_match=exact_match,
        false_tag_rate=false_tag_rate,
        calibration_error=calibration_error(bins),
        brier=brier_score(p.probability, p.target),
        reliability=bins,
        confusion=tuple(tuple(row) for row in taken.tolist()),
        coverage=coverage(p.probability, p.target, p.assigned),
        curve=curve,
        besides=tuple(besides.tolist()),
        titles=titles,
        verdict=verdict,
        errors=errors,
        predictions=p,
    )


def headline(predictions: Predictions) -> tuple[float, float]:
    """Return mean average precision and macro-F1 alone, 0 where they are not defined."""
    values = Statistic(predictions)(np.ones(len(predictions.groups)))
    start = 4 * len(predictions.topics)
    return float(np.nan_to_num(values[start])), float(np.nan_to_num(values[start + 3]))


def _range(estimate: Estimate) -> str:
    """Return a measure with its interval, as 0.88 (0.82–0.93)."""
    if estimate.value is None:
        return "–"
    interval = "" if estimate.low is None else f" ({estimate.low:.2f}–{estimate.high:.2f})"
    return f"{estimate.value:.2f}{interval}"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, (list, tuple)) else english(value)
