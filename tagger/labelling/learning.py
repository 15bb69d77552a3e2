"""Examples × the texts of a pool → what a model makes of them, in which order to ask, and what more would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tagger.curation.outlook import Outlook, look_ahead
from tagger.dataset import Dataset, LabelOptions
from tagger.dataset.checks import check_dataset
from tagger.dataset.labels import Labels
from tagger.dataset.reading import Reading
from tagger.errors import TaggerError
from tagger.evidence import Evidence, find_evidence
from tagger.labelling.journal import Mode
from tagger.records import Example, Topic
from tagger.settings import Settings
from tagger.tagging import classify_texts
from tagger.training import build_corpus, resolve_settings, train_dataset

__all__ = ["Learnt", "foresee", "learn"]

# Texts put in order; the others wait behind them.
_ORDERED = 500
# Labels whose worth is told.
_AHEAD = 50
_SETTINGS = {
    "one": Settings(exclusive=True),
    "several": Settings(exclusive=False, always_assign=True),
    "any": Settings(exclusive=False, always_assign=False),
}


@dataclass(frozen=True)
class Learnt:
    """What a model makes of the texts of a pool.

    Attributes:
        topics: the columns.
        probability: float64 (texts, topics).
        assigned: bool (texts, topics).
        order: int64, the texts to ask about first.
        evidence: what decided for the topics assigned to these, by text.
    """

    topics: tuple[str, ...]
    probability: NDArray[np.float64]
    assigned: NDArray[np.bool_]
    order: NDArray[np.int64]
    evidence: Mapping[int, tuple[Evidence, ...]]


def learn(
    examples: Sequence[Example], topics: Sequence[Topic], texts: Sequence[str], mode: Mode, also: Sequence[int] = ()
) -> Learnt | None:
    """Train on examples and look at texts; None where the examples are too few to learn from.

    Of texts in `also` it is told too what decided, beside those that are to be asked about first.
    """
    try:
        model = train_dataset(_dataset(examples, topics), _SETTINGS[mode]).model
    except TaggerError:
        return None
    probability, assigned = classify_texts(model, texts)
    names = [topic.name for topic in model.topics]
    counts = np.array([sum(name in example.topics for example in examples) for name in names])
    border = _border(probability, model.classifier.thresholds, exclusive=mode == "one")
    order = _in_turn(border, counts, _ORDERED)
    rows = [row for row in dict.fromkeys([*order.tolist(), *also]) if assigned[row].any()]
    asked = [[name for name, has in zip(names, assigned[row], strict=True) if has] for row in rows]
    evidence = dict(zip(rows, find_evidence(model, [texts[row] for row in rows], asked), strict=True))
    return Learnt(tuple(names), probability, assigned, order, evidence)


def foresee(examples: Sequence[Example], topics: Sequence[Topic], mode: Mode) -> Outlook | None:
    """Tell what the next fifty labels would bring; None where the examples are too few to tell."""
    try:
        dataset = _dataset(examples, topics)
        settings = resolve_settings(_SETTINGS[mode], dataset)
        outlook = look_ahead(build_corpus(dataset, settings), settings, _AHEAD)
    except TaggerError:
        return None
    return outlook if outlook.gains else None


def _dataset(examples: Sequence[Example], topics: Sequence[Topic]) -> Dataset:
    labels = Labels(tuple(examples), Reading("<decisions>", rows=len(examples)))
    dataset = check_dataset(labels, topics, LabelOptions(keep_conflicts=True, rare="drop"))
    return replace(dataset, in_order=False)


def _border(
    probability: NDArray[np.float64], thresholds: NDArray[np.float64], *, exclusive: bool
) -> NDArray[np.float64]:
    """Return how far each text is from where each topic begins, in log odds: (texts, topics)."""
    odds = np.log(np.clip(probability, 1e-6, 1 - 1e-6))
    if exclusive and odds.shape[1] > 1:
        second, best = np.sort(odds, axis=1)[:, -2:].T[:, :, np.newaxis]
        return np.asarray(np.abs(odds - np.where(odds == best, second, best)))
    return np.asarray(np.abs(odds - np.log(np.clip(thresholds, 1e-6, 1 - 1e-6))))


def _in_turn(border: NDArray[np.float64], counts: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """Return texts, each topic asking in turn, the rarest first, for the one nearest to its border."""
    nearest = np.argsort(border, axis=0, kind="stable")
    turns = nearest[:, np.argsort(counts, kind="stable")].ravel().tolist()
    return np.array([*dict.fromkeys(turns)][:number], dtype=np.int64)
