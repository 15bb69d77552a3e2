"""Two taggers on one test set → the difference of each measure with its interval: a paired bootstrap by document.

Both are measured on the same drawn documents (Efron and Tibshirani 1993, ch. 13; Koehn, EMNLP 2004), so that what makes
some documents hard for both does not widen the interval of the difference.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tagger.errors import DataError, Problem
from tagger.evaluation.report import Report
from tagger.evaluation.resampling import MEASURES, RESAMPLES, Estimate, Statistic, estimate
from tagger.messages import N_, Message, _, english

__all__ = ["Comparison", "Difference", "compare"]

# By this one it is said which is better. To look for one of several that tells would find one by chance.
_DECIDING = "macro-F1"
_COMPARED = (
    N_("mean average precision"),
    N_("macro-F1"),
    N_("micro-F1"),
    N_("exact match"),
    N_("false tag rate"),
)


@dataclass(frozen=True)
class Difference:
    """A measure of both, and by how much the second is above the first, with its 95% interval."""

    measure: str
    first: float | None
    second: float | None
    difference: Estimate

    @property
    def tells(self) -> bool:
        """Whether the interval leaves out 0: by chance alone it does so in one case of twenty."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and not low <= 0 <= high


@dataclass(frozen=True)
class Comparison:
    """How two taggers differ on one test set.

    Attributes:
        names: what the first and the second are called.
        measures: the differences of measures over all topics.
        topics: those of the F1 of each topic.
        signature: what a figure must be quoted with, beside the signatures of both reports.
    """

    names: tuple[str, str]
    measures: tuple[Difference, ...]
    topics: dict[str, Difference]
    signature: str

    def sentence(self) -> Message:
        """Return which of them is better, or that it cannot be told."""
        found = next(difference for difference in self.measures if difference.measure == _DECIDING)
        by, low, high = found.difference.value, found.difference.low, found.difference.high
        if not found.tells or by is None or low is None or high is None:
            return _("Which is better cannot be told on these documents: more of them would tell.")
        return _(
            "{better} is better than {other}: {measure} is higher by {by:.3f} ({low:.3f} to {high:.3f}).",
            better=self.names[by > 0],
            other=self.names[by <= 0],
            measure=_(found.measure),
            by=abs(by),
            low=min(abs(low), abs(high)),
            high=max(abs(low), abs(high)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison, ready for JSON."""
        return asdict(self) | {"signature": english(self.signature), "sentence": english(self.sentence())}


def compare(
    first: Report, second: Report, *, names: tuple[str, str] = ("first", "second"), seed: int = 0
) -> Comparison:
    """Compare two reports on the same examples.

    Raises:
        DataError: when they are not on the same examples and topics.
    """
    a, b = first.predictions, second.predictions
    same = a is not None and b is not None and a.topics == b.topics and a.target.shape == b.target.shape
    if a is None or b is None or not same or not ((a.target == b.target).all() and (a.groups == b.groups).all()):
        raise DataError("<reports>", Problem(_("are not on the same examples and topics, so they cannot be compared")))
    of_a, of_b = Statistic(a), Statistic(b)
    differences = estimate(lambda weights: of_b(weights) - of_a(weights), a.groups, seed)
    topics = len(a.topics)
    start = 4 * topics
    values = [_values(report) for report in (first, second)]
    overall = [
        Difference(name, values[0][name], values[1][name], differences[start + at])
        for at, name in enumerate(MEASURES)
        if name in _COMPARED
    ]
    by_topic = {
        name: Difference("F1", first.topics[name].f1.value, second.topics[name].f1.value, differences[3 * topics + at])
        for at, name in enumerate(a.topics)
    }
    return Comparison(
        names,
        tuple(overall),
        by_topic,
        _("paired bootstrap by document, {resamples} resamples, seed {seed}", resamples=RESAMPLES, seed=seed),
    )


def _values(report: Report) -> dict[str, float | None]:
    return {
        "mean average precision": report.macro.average_precision.value,
        "macro-F1": report.macro.f1.value,
        "micro-F1": report.micro.f1.value,
        "exact match": report.exact_match.value,
        "false tag rate": report.false_tag_rate.value,
    }
