"""Out-of-fold predictions grouped by document → a report with its signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import Dataset
from tagger.settings import Settings
from tagger.training import train_dataset
from tagger.training.folds import split_documents

__all__ = ["Report", "TopicScores", "average_precision", "cross_validate"]

# Up to this many documents each is left out in turn; beyond, `Settings.folds` parts of them.
LEAVE_ONE_OUT = 20


@dataclass(frozen=True)
class TopicScores:
    """The measures of one topic, or their means; None where a measure is not defined, for want of examples."""

    average_precision: float | None
    precision: float | None
    recall: float | None
    f1: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Give the measures by name, to six digits."""
        return {name: None if value is None else round(value, 6) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Report:
    """How good a tagger is on documents it was not trained on.

    Attributes:
        method: how the predictions were made, for people.
        topics: the measures of each topic.
        mean: their means over the topics where they are defined.
        signature: what a figure must be quoted with: version, data, folds, seed.
    """

    method: str
    topics: dict[str, TopicScores]
    mean: TopicScores
    signature: str

    def to_dict(self) -> dict[str, Any]:
        """Give the report as it stands in a model's manifest."""
        return {
            "method": self.method,
            "signature": self.signature,
            "topics": {name: scores.to_dict() for name, scores in self.topics.items()},
            "mean": self.mean.to_dict(),
        }


def cross_validate(dataset: Dataset, settings: Settings) -> Report:
    """Tag each document by a tagger trained on the others, calibration and thresholds included, and measure.

    Raises:
        DataError: when the labels cannot be trained on.
        ValueError: when there are fewer than two documents.
    """
    documents = len(dataset.documents())
    if documents < 2:
        raise ValueError("evaluation needs examples from at least two documents, to train on one and test on another")
    folds = documents if documents <= LEAVE_ONE_OUT else settings.folds
    names = [topic.name for topic in dataset.topics]
    targets = np.array([[name in example.topics for name in names] for example in dataset.examples], dtype=bool)
    probability = np.zeros(targets.shape)
    assigned = np.zeros(targets.shape, dtype=bool)
    for rest, fold in _document_folds(dataset, targets, folds=folds, seed=settings.seed):
        tagger = train_dataset(replace(dataset, examples=tuple(dataset.examples[row] for row in rest)), settings)
        texts = [dataset.examples[row].text for row in fold]
        probability[fold] = tagger.predict_proba(texts)
        assigned[fold] = [[name in topics for name in names] for topics in tagger.predict(texts)]
    method = "Leave one document out" if folds == documents else f"{folds} folds of documents"
    topics = {name: _measure(probability[:, i], assigned[:, i], targets[:, i]) for i, name in enumerate(names)}
    return Report(
        method=f"{method}, {len(dataset.examples)} paragraphs of {documents} documents",
        topics=topics,
        mean=_mean(list(topics.values())),
        signature=(
            f"tagger-zh {version('tagger-zh')}, data {dataset.hash()[:12]}, "
            f"folds {folds} by document, seed {settings.seed}"
        ),
    )


def average_precision(scores: NDArray[np.float64], targets: NDArray[np.bool_]) -> float | None:
    """Measure a ranking: the mean of the precision at each rise of recall; None without a single target.

    Equal scores count as one step, as in scikit-learn's average_precision_score.
    """
    if not targets.any():
        return None
    order = np.argsort(-scores, kind="stable")
    true = np.cumsum(targets[order])
    last_of_equals = np.append(np.diff(scores[order]) != 0, True)
    precision = (true / np.arange(1, len(order) + 1))[last_of_equals]
    rises = np.diff(true[last_of_equals], prepend=0)
    return float((precision * rises).sum() / targets.sum())


def _document_folds(
    dataset: Dataset, targets: NDArray[np.bool_], *, folds: int, seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    numbers = {document: number for number, document in enumerate(dataset.documents())}
    groups = np.array([numbers[example.document] for example in dataset.examples])
    yield from split_documents(groups, targets, folds=folds, seed=seed)


def _measure(probability: NDArray[np.float64], assigned: NDArray[np.bool_], target: NDArray[np.bool_]) -> TopicScores:
    true = int((assigned & target).sum())
    return TopicScores(
        average_precision=average_precision(probability, target),
        precision=true / int(assigned.sum()) if assigned.any() else None,
        recall=true / int(target.sum()) if target.any() else None,
        f1=2 * true / int(assigned.sum() + target.sum()) if assigned.any() or target.any() else None,
    )


def _mean(scores: list[TopicScores]) -> TopicScores:
    def over(name: str) -> float | None:
        values = [value for value in (getattr(topic, name) for topic in scores) if value is not None]
        return sum(values) / len(values) if values else None

    return TopicScores(**{name: over(name) for name in TopicScores.__dataclass_fields__})
