"""Counted texts → topics of texts, paragraphs and articles. Shared by tagging and cross-validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tagger.scoring.articles import ChanceRates
from tagger.scoring.context import Context, contextual_probabilities
from tagger.scoring.linear import Calibration, LinearModel, assign
from tagger.scoring.thresholds import TopicThreshold
from tagger.settings import ThresholdObjective

__all__ = ["Classifier"]


@dataclass(frozen=True)
class Classifier:
    """Everything needed to classify except the vocabulary.

    Attributes:
        linear: counted texts → scores.
        calibration: scores → probabilities.
        context: how a paragraph's probabilities depend on the other paragraphs; None where they do not.
        text_thresholds: from which probability each topic is assigned to a text by itself.
        paragraph_thresholds: the same for a paragraph judged among others.
        chance: how often a paragraph is so probable in articles without the topic; None where an article has the topics
            of its paragraphs, whatever their number.
        exclusive: whether a text has no more than one topic.
        always_assign: whether the best topic is assigned even below its threshold.
    """

    linear: LinearModel
    calibration: Calibration
    context: Context | None
    text_thresholds: tuple[TopicThreshold, ...]
    paragraph_thresholds: tuple[TopicThreshold, ...]
    chance: ChanceRates | None
    exclusive: bool
    always_assign: bool

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """The probability from which each topic is assigned to a text by itself, float64 (topics,)."""
        return np.array([topic.chosen.threshold for topic in self.text_thresholds])

    def classify_scores(
        self,
        raw: NDArray[np.float64],
        known: NDArray[np.int64],
        character_counts: NDArray[np.int64],
        *,
        paragraph_counts: NDArray[np.int64] | None = None,
        furniture: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the probability of every topic for scored texts, and which are assigned, both (texts, topics).

        `raw` (texts, topics) are their scores, by so many `known` features (texts,), and `character_counts` (texts,)
        their lengths. `paragraph_counts` (articles,) say how many of the texts, one after another, are the paragraphs
        of one article, which are then judged by one another too; `furniture` (texts,) marks those that are no part of
        what the article says.
        """
        probability, among = contextual_probabilities(
            raw,
            known,
            character_counts,
            self.calibration,
            paragraph_counts=paragraph_counts,
            furniture=furniture,
            context=self.context,
        )
        in_article = np.array([topic.chosen.threshold for topic in self.paragraph_thresholds])
        assigned = assign(
            probability,
            np.where(among[:, np.newaxis], in_article, self.thresholds),
            exclusive=self.exclusive,
            always=self.always_assign,
            empty=known == 0,
        )
        if furniture is not None:
            assigned[furniture] = False
        return probability, assigned

    def assign(self, probability: NDArray[np.float64], *, empty: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """Return which topics are assigned to texts by themselves at these probabilities (texts, topics)."""
        return assign(probability, self.thresholds, exclusive=self.exclusive, always=self.always_assign, empty=empty)

    def classify_articles(
        self,
        probability: NDArray[np.float64],
        assigned: NDArray[np.bool_],
        paragraph_counts: NDArray[np.int64],
        weights: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the probability of every topic for articles, and which they have: both (articles, topics).

        Made of what `classify_scores` returned for their paragraphs, which weigh so much (paragraphs,); furniture
        weighs nothing. An exclusive classifier averages over paragraphs; another takes the surest paragraph for
        probability, and assigns the topics of paragraphs where they are more than chance gives
        (`tagger.scoring.articles`).
        """
        whole = np.zeros((len(paragraph_counts), probability.shape[1]))
        chosen = np.zeros(whole.shape, dtype=bool)
        article = np.repeat(np.arange(len(paragraph_counts)), paragraph_counts)
        counted = weights > 0
        counts = np.bincount(article[counted], minlength=len(paragraph_counts))
        filled = np.flatnonzero(counts)
        if not filled.size:
            return whole, chosen
        probability, assigned, weights = probability[counted], assigned[counted], weights[counted, np.newaxis]
        starts = (np.cumsum(counts) - counts)[filled]
        if self.exclusive:
            whole[filled] = np.add.reduceat(probability * weights, starts) / np.add.reduceat(weights, starts)
            chosen[filled] = self.assign(whole[filled])
            return whole, chosen
        whole[filled] = np.maximum.reduceat(probability, starts)
        if self.always_assign:
            # What was assigned for want of anything better says nothing of the article.
            sure = np.logical_or.reduceat(assigned & (probability >= self.thresholds), starts)
            chosen[filled] = np.where(sure.any(axis=1, keepdims=True), sure, self.assign(whole[filled]))
            return whole, chosen
        chosen[filled] = np.logical_or.reduceat(assigned, starts)
        if self.chance is not None:
            for nth, topic in zip(*np.nonzero(chosen[filled]), strict=True):
                article = filled[nth]
                rows = slice(starts[nth], starts[nth] + counts[article])
                found = probability[rows, topic][assigned[rows, topic]]
                chosen[article, topic] = self.chance.supports(topic, found, counts[article])
        return whole, chosen

    def with_objective(self, objective: ThresholdObjective, *, always_assign: bool) -> Classifier:
        """Return this classifier with the thresholds for another objective."""
        return replace(
            self._with_thresholds(lambda _, topic: topic.with_objective(objective)), always_assign=always_assign
        )

    def with_thresholds(self, objectives: dict[int, ThresholdObjective]) -> Classifier:
        """Return this classifier with another objective for some topics, by their columns."""
        return self._with_thresholds(
            lambda column, topic: topic.with_objective(objectives[column]) if column in objectives else topic
        )

    def _with_thresholds(self, choose: Callable[[int, TopicThreshold], TopicThreshold]) -> Classifier:
        return replace(
            self,
            text_thresholds=tuple(choose(*item) for item in enumerate(self.text_thresholds)),
            paragraph_thresholds=tuple(choose(*item) for item in enumerate(self.paragraph_thresholds)),
        )
