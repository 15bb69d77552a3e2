"""The one way from counted texts to topics, for tagging and for cross-validation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tagger.features.extraction import Rows
from tagger.scoring.context import Context, contextual_probabilities
from tagger.scoring.linear import Calibration, LinearModel, assign
from tagger.scoring.thresholds import TopicThreshold
from tagger.settings import ThresholdObjective

__all__ = ["Classifier"]


@dataclass(frozen=True)
class Classifier:
    """All that is learnt but the vocabulary.

    Attributes:
        linear: counted texts → scores.
        calibration: scores → probabilities.
        context: how the paragraphs of an article tell of one another; None where each is judged by itself.
        topic_thresholds: from which probability each topic is assigned.
        exclusive: whether a text has no more than one topic.
        always_assign: whether the best topic is assigned even below its threshold.
    """

    linear: LinearModel
    calibration: Calibration
    context: Context | None
    topic_thresholds: tuple[TopicThreshold, ...]
    exclusive: bool
    always_assign: bool

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """The probability from which each topic is assigned, float64 (topics,)."""
        return np.array([topic.chosen.threshold for topic in self.topic_thresholds])

    def classify(
        self,
        counts: Rows,
        character_counts: NDArray[np.int64],
        *,
        paragraph_counts: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the probability of every topic for counted texts, and which are assigned, both (texts, topics).

        `character_counts` (texts,) are their lengths. `paragraph_counts` (articles,) say how many of the texts, one
        after another, are the paragraphs of one article, which are then judged by one another too.
        """
        raw, empty = self.linear.scores(counts, character_counts)
        return self.classify_scores(raw, empty, character_counts, paragraph_counts=paragraph_counts)

    def classify_scores(
        self,
        raw: NDArray[np.float64],
        empty: NDArray[np.bool_],
        character_counts: NDArray[np.int64],
        *,
        paragraph_counts: NDArray[np.int64] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return what `classify` does, of texts that have been scored."""
        probability = contextual_probabilities(
            raw,
            self.calibration,
            empty=empty,
            paragraph_counts=paragraph_counts,
            character_counts=character_counts,
            context=self.context,
        )
        return probability, self.assign(probability, empty=empty)

    def assign(self, probability: NDArray[np.float64], *, empty: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """Return which topics are assigned at these probabilities (texts, topics)."""
        return assign(probability, self.thresholds, exclusive=self.exclusive, always=self.always_assign, empty=empty)

    def with_objective(self, objective: ThresholdObjective, *, always_assign: bool) -> Classifier:
        """Return this classifier with the thresholds for another objective."""
        chosen = tuple(topic.with_objective(objective) for topic in self.topic_thresholds)
        return replace(self, topic_thresholds=chosen, always_assign=always_assign)
