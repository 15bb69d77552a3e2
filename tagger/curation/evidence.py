"""A corpus and corrections → the features that speak for each correction and against it.

They are weighed by a fit to the other examples: whatever is doubtful itself must not speak for itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.curation.suspects import Corrections
from tagger.features.extraction import tfidf
from tagger.settings import Settings
from tagger.training import Corpus, one_thread
from tagger.training.linear_fit import fit_linear

__all__ = ["Evidence", "weigh"]

_FOR, _AGAINST = 4, 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """A feature, and what it adds to the score of the corrected topics over those that stand."""

    feature: str
    value: float


def weigh(
    corpus: Corpus, settings: Settings, corrections: Corrections, rows: NDArray[np.int64]
) -> list[tuple[Evidence, ...]]:
    """Return what speaks most for the corrections of these examples, then what speaks most against them.

    A word and the characters that it is made of are one feature; a feature within another that says more is left out.
    """
    rest = np.setdiff1d(np.arange(corpus.examples), rows)
    # Where nothing would be left to learn from, the doubtful ones must speak for themselves.
    if not rest.size or not corpus.targets[rest].any():
        rest = np.arange(corpus.examples)
    with one_thread():
        linear, _ = fit_linear(corpus.part(rest), settings)
    counts = corpus.counts.take(rows)
    values = tfidf(counts, linear.idf)
    idf = np.where(linear.idf > 0, linear.idf, 1.0)
    found = []
    for place, row in enumerate(rows.tolist()):
        entries = slice(values.indptr[place], values.indptr[place + 1])
        columns = values.columns[entries]
        weight = np.zeros(len(columns))
        if (added := int(corrections.added[row])) >= 0:
            weight += linear.weights_for(added)[columns]
        if (dropped := int(corrections.dropped[row])) >= 0:
            weight -= linear.weights_for(dropped)[columns]
        sums: dict[str, float] = defaultdict(float)
        for column, value in zip(
            columns.tolist(), (weight / idf[columns] * values.values[entries]).tolist(), strict=True
        ):
            sums[corpus.feature_names[column].text] += value
        found.append((*_most(sums, _FOR, sign=1), *_most(sums, _AGAINST, sign=-1)))
    return found


def _most(sums: dict[str, float], number: int, *, sign: int) -> list[Evidence]:
    chosen: list[Evidence] = []
    for feature, value in sorted(sums.items(), key=lambda item: (-sign * item[1], item[0])):
        if len(chosen) == number or sign * value < 0.05:
            break
        if not any(feature in other.feature or other.feature in feature for other in chosen):
            chosen.append(Evidence(feature, round(value, 3)))
    return chosen
