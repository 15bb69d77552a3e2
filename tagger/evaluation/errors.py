"""Examples that were tagged otherwise than they are labelled: where they stand, what was said of them, and why.

Why is told by a linear model that never saw the text: in cross-validation that of the fold which left its document out,
and not the one trained on all examples, which has learnt the text and would explain it away; of a test set that was
held out, the model that is measured. It is what the words of the text by themselves speak for. What the paragraphs
around it add, and what its length does, is in the probability and not among the words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import Dataset
from tagger.evaluation.resampling import Predictions
from tagger.features.extraction import Rows, sublinear
from tagger.scoring.linear import LinearModel

__all__ = ["Reasons", "Word", "WrongExample", "WrongTopic", "find_errors", "shown_words", "weigh_features"]

# Features kept for and against a topic. Some are parts of longer ones, which are left out where they are shown.
_KEPT = 8
_SHOWN = 4

Reasons = Mapping[tuple[int, int], Sequence[tuple[int, float]]]
"""For an example and a topic, by their numbers: the columns of features that say most, and what each adds."""


@dataclass(frozen=True)
class Word:
    """A feature of a text, and what it adds to the score of a topic: above 0 it speaks for it, below against."""

    feature: str
    value: float


@dataclass(frozen=True)
class WrongTopic:
    """A topic that an example has and was not given, or was given and does not have.

    Attributes:
        topic, title: which it is, and what people read.
        labelled: whether the example has it.
        probability: how probable it was held to be; the farther from what is labelled, the worse.
        speaks_for, speaks_against: the features that say most, the strongest first; none where no model was asked.
    """

    topic: str
    title: str
    labelled: bool
    probability: float
    speaks_for: tuple[Word, ...] = ()
    speaks_against: tuple[Word, ...] = ()


@dataclass(frozen=True)
class WrongExample:
    """An example that was tagged otherwise than it is labelled.

    Attributes:
        file: the label file; empty where the examples were not read from one.
        line: its physical line there; None where it is not known.
        document, paragraph: as in `Example`.
        labelled, predicted: its topics, and those that it was given; a tuple of names.
        labelled_titles, predicted_titles: what people read for them.
        topics: those in which the two differ, the worst first.
        text: as it was labelled.
    """

    file: str
    line: int | None
    document: str | None
    paragraph: int | None
    labelled: tuple[str, ...]
    labelled_titles: tuple[str, ...]
    predicted: tuple[str, ...]
    predicted_titles: tuple[str, ...]
    topics: tuple[WrongTopic, ...]
    text: str

    @property
    def wrongness(self) -> float:
        """How far the probability of its worst topic is from what is labelled, 0 to 1."""
        return _distance(self.topics[0])

    @property
    def place(self) -> str:
        """Where it stands, as in the messages of errors: `labels.csv:17`."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def to_dict(self) -> dict[str, Any]:
        """Return the record, ready for JSON."""
        return asdict(self)


def find_errors(
    dataset: Dataset,
    predictions: Predictions,
    *,
    reasons: Reasons | None = None,
    features: Callable[[], Sequence[str]] = tuple,
) -> tuple[WrongExample, ...]:
    """Return the examples that were tagged wrongly, the worst first: those that were held for sure.

    The columns of the predictions are in order of the dataset's topics. `reasons` are those of `weigh_features`, and
    `features` returns what the columns in them are called.
    """
    topics, target, assigned = dataset.topics, predictions.target, predictions.assigned
    names = features() if reasons else ()
    found = []
    for row in np.flatnonzero((target != assigned).any(axis=1)).tolist():
        example = dataset.examples[row]
        differing = [
            WrongTopic(
                topics[column].name,
                topics[column].title,
                bool(target[row, column]),
                float(predictions.probability[row, column]),
                *_words((reasons or {}).get((row, column), ()), names),
            )
            for column in np.flatnonzero(target[row] != assigned[row]).tolist()
        ]
        labelled, given = ([topics[n] for n in np.flatnonzero(marks[row]).tolist()] for marks in (target, assigned))
        found.append(
            WrongExample(
                file=example.file or dataset.source,
                line=example.line,
                document=example.document,
                paragraph=example.paragraph,
                labelled=example.topics,
                labelled_titles=tuple(topic.title for topic in labelled),
                predicted=tuple(topic.name for topic in given),
                predicted_titles=tuple(topic.title for topic in given),
                topics=tuple(sorted(differing, key=lambda topic: -_distance(topic))),
                text=example.text,
            )
        )
    return tuple(sorted(found, key=lambda example: -example.wrongness))


def weigh_features(linear: LinearModel, counts: Rows, wrong: NDArray[np.bool_]) -> dict[tuple[int, int], Any]:
    """Return the features that say most for and against each marked topic of counted texts (texts, topics).

    The value of a feature is its share of the score, `(1 + ln count) · IDF · weight / norm of the row`, as
    `Tagger.explain` has it.
    """
    reasons = {}
    for row in np.flatnonzero(wrong.any(axis=1)).tolist():
        text = counts.slice(row, row + 1)
        tf = sublinear(text.values)
        shares = tf / max(float(np.linalg.norm(tf * linear.idf[text.columns])), np.finfo(float).tiny)
        weights = linear.weights_of(text.columns)
        for topic in np.flatnonzero(wrong[row]).tolist():
            values = shares * weights[:, topic]
            order = np.argsort(values, kind="stable")
            chosen = dict.fromkeys([*order[::-1][:_KEPT].tolist(), *order[:_KEPT].tolist()])
            reasons[row, topic] = [(int(text.columns[at]), float(values[at])) for at in chosen]
    return reasons


def shown_words(words: Sequence[Word]) -> list[str]:
    """Return the features to show of those that say most: signs, and parts of longer ones, say nothing more."""
    texts = [word.feature for word in words if any(map(str.isalnum, word.feature))]
    return [text for text in texts if not any(text in other for other in texts if text != other)][:_SHOWN]


def _distance(topic: WrongTopic) -> float:
    return abs(float(topic.labelled) - topic.probability)


def _words(reasons: Sequence[tuple[int, float]], names: Sequence[str]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Return the words for and against, each word once: it may be a word and characters at once."""
    sums: dict[str, float] = {}
    for column, value in reasons:
        sums[names[column]] = sums.get(names[column], 0.0) + value
    ordered = sorted(sums.items(), key=lambda item: -abs(item[1]))
    speaking = [Word(feature, round(value, 6)) for feature, value in ordered]
    return tuple(word for word in speaking if word.value > 0), tuple(word for word in speaking if word.value < 0)
