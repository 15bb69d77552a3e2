"""Counts of what was taken for what → a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tagger.evaluation.verdict import SOME, CurveVerdict, MixUp, Need, TopicVerdict, Verdict

__all__ = ["give_verdict", "judge_curve"]

# With so many examples a threshold rests on them by half (`tagger.scoring.thresholds.PRIOR`); below, more examples are
# the first thing to do about a topic, whatever its figures, which are rough then.
_ENOUGH = 50
# Wanted examples are rounded up to tens: nobody counts them.
_TENS = 10
# Mix-ups with another topic from which it is named: one is chance.
_OFTEN = 2
# Pairs of topics that are kept: hundreds of topics have thousands, most of them chance.
_MIX_UPS = 50
# What twice the documents must bring in macro-F1 to be much, or a little.
_MUCH, _LITTLE = 0.03, 0.01


def give_verdict(
    titles: Mapping[str, str],
    *,
    confusion: NDArray[np.int64],
    besides: NDArray[np.int64],
    trained_on: Sequence[int],
    exact: float | None,
    false_tags: float | None,
    curve: Sequence[tuple[float, float, float]] = (),
) -> Verdict:
    """Judge each topic by what it was taken for, `confusion` and `besides` as `measures.confusion` counts them.

    `trained_on` is how many examples of each topic were learnt from.
    """
    taken = confusion.copy()
    np.fill_diagonal(taken, 0)
    between = taken[:-1, :-1]
    names, right = tuple(titles), np.diag(confusion)[:-1]
    examples = confusion[:-1].sum(axis=1)
    assigned = confusion[:, :-1].sum(axis=0) + besides
    both_ways = between + between.T
    verdicts = []
    for column, name in enumerate(names):
        other = int(both_ways[column].argmax())
        often = int(both_ways[column, other])
        partner = (names[other], titles[names[other]], often) if often >= _OFTEN else ("", "", 0)
        counts = (
            int(examples[column]),
            int(examples[column] - right[column]),
            int(assigned[column]),
            int(assigned[column] - right[column]),
        )
        learnt = int(trained_on[column])
        need = _need(*counts, learnt, without=int(confusion[column, -1]))
        more = math.ceil((_ENOUGH - learnt) / _TENS) * _TENS if need in {"examples", "threshold"} else 0
        verdicts.append(TopicVerdict(name, titles[name], *counts, learnt, need, max(0, more), *partner))
    return Verdict(
        topics=tuple(sorted(verdicts, key=lambda verdict: (verdict.need == "test", verdict.f1))),
        exact=exact,
        false_tags=false_tags,
        curve=judge_curve(curve),
        mix_ups=tuple(islice(_mix_ups(titles, taken, confusion.sum(axis=1)), _MIX_UPS)),
        plain=int(confusion[-1].sum()),
    )


def judge_curve(curve: Sequence[tuple[float, float, float]]) -> CurveVerdict | None:
    """Say whether more labels would help, by macro-F1, the last entry, of shares of the documents.

    None of fewer than two shares. Errors fall with examples by a power law (Hestness et al. 2017, arXiv 1712.00409), so
    that each doubling leaves the same share of them. That share is taken over the last two doublings, where there are
    as many: over one it is noise.
    """
    if len(curve) < 2:
        return None
    (smaller, _, before), (whole, _, now) = curve[max(0, len(curve) - 3)], curve[-1]
    doublings = math.log2(whole / smaller)
    left = 1.0 if before >= 1 else ((1 - now) / (1 - before)) ** (1 / doublings)
    gain = max(0.0, (1 - now) * (1 - min(1.0, left)))
    helps: Literal["much", "little", "hardly"] = "much" if gain >= _MUCH else "little" if gain >= _LITTLE else "hardly"
    return CurveVerdict(smaller, before, now, now + gain, helps)


def _need(examples: int, missed: int, assigned: int, wrong: int, trained_on: int, *, without: int) -> Need:
    """Say what a topic needs, of whose texts so many were given no topic; the others were below no threshold."""
    if not examples:
        return "test"
    if not assigned and without:
        return "threshold"
    if trained_on < _ENOUGH:
        return "examples"
    return "look" if max(missed / examples, wrong / max(1, assigned)) >= SOME else ""


def _mix_ups(titles: Mapping[str, str], taken: NDArray[np.int64], examples: NDArray[np.int64]) -> Iterator[MixUp]:
    """Yield what was taken for what, the most frequent first."""
    named = [*titles.items(), ("", "")]
    rows, columns = np.nonzero(taken)
    for at in np.argsort(-taken[rows, columns], kind="stable").tolist():
        row, column = int(rows[at]), int(columns[at])
        yield MixUp(*named[row], *named[column], int(taken[row, column]), int(examples[row]))
