"""The tagger as a scikit-learn estimator, for pipelines, cross_val_score and GridSearchCV.

It is the same code as `tagger.train`, under scikit-learn's conventions: texts are X, and y is either one label for
each text or an indicator matrix of topics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from tagger.dataset import UNNAMED, Dataset
from tagger.records import Example, Topic
from tagger.settings import ClassWeight, Settings
from tagger.training import train_dataset

__all__ = ["TopicClassifier"]


class TopicClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Classifies Chinese text by words and characters, TF-IDF and linear support vector machines.

    The parameters are those of `tagger.Settings`; `keywords` gives words for a class, as topics.toml does.

    Attributes:
        classes_: the labels in the order of the columns; for an indicator matrix the numbers of its columns.
        tagger_: the `Tagger` behind it. Its topics are the columns in `classes_`.

    >>> classifier = TopicClassifier().fit(["苹果甜", "香蕉甜", "火车快", "火车慢"], ["水果", "水果", "车", "车"])
    >>> classifier.predict(["苹果和香蕉", "一列火车"])
    array(['水果', '车'], dtype='<U2')
    """

    def __init__(  # noqa: PLR0913 - scikit-learn wants every parameter by its name
        self,
        *,
        keywords: dict[Any, Sequence[str]] | None = None,
        threshold: str = Settings.threshold,
        words: bool = Settings.words,
        characters: bool = Settings.characters,
        character_weight: float = Settings.character_weight,
        minimum_documents: int = Settings.minimum_documents,
        cost: float = Settings.cost,
        class_weight: ClassWeight = Settings.class_weight,
        count_ratios: bool = Settings.count_ratios,
        lengths: bool = Settings.lengths,
        keyword_weight: float = Settings.keyword_weight,
        folds: int = Settings.folds,
        seed: int = Settings.seed,
    ) -> None:
        self.keywords = keywords
        self.threshold = threshold
        self.words = words
        self.characters = characters
        self.character_weight = character_weight
        self.minimum_documents = minimum_documents
        self.cost = cost
        self.class_weight = class_weight
        self.count_ratios = count_ratios
        self.lengths = lengths
        self.keyword_weight = keyword_weight
        self.folds = folds
        self.seed = seed

    def fit(self, X: Sequence[str], y: ArrayLike, groups: ArrayLike | None = None) -> TopicClassifier:  # noqa: N803 - scikit-learn's name
        """Train on texts (texts,) and labels (texts,) or an indicator matrix (texts, topics).

        `groups` (texts,) keeps the texts of one document together when probabilities are calibrated.

        Raises:
            ValueError: when texts and labels are not of one length, or y is neither form.
        """
        labels = np.asarray(y)
        form = type_of_target(labels, input_name="y")
        if form not in {"binary", "multiclass", "multilabel-indicator"}:
            raise ValueError(f"y is {form}: it must be a label for each text, or an indicator matrix of topics")
        if len(labels) != len(X):
            raise ValueError(f"there are {len(X)} texts and {len(labels)} labels: each text needs one")
        self.exclusive_ = form != "multilabel-indicator"
        if self.exclusive_:
            self.classes_, columns = np.unique(labels, return_inverse=True)
            marks = columns[:, np.newaxis] == np.arange(len(self.classes_))
        else:
            self.classes_, marks = np.arange(labels.shape[1]), labels.astype(bool)
        self.tagger_ = train_dataset(self._dataset(X, marks, groups), self._settings())
        return self

    def predict(self, X: Sequence[str]) -> NDArray[Any]:  # noqa: N803 - scikit-learn's name
        """Give a label for each text (texts,), or an indicator matrix (texts, topics) where y was one."""
        check_is_fitted(self)
        probability, assigned = self.tagger_.classify(X)
        return np.asarray(self.classes_[probability.argmax(axis=1)]) if self.exclusive_ else assigned.astype(int)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:  # noqa: N803 - scikit-learn's name
        """Give the calibrated probability of each class, shape (texts, classes)."""
        check_is_fitted(self)
        return self.tagger_.predict_proba(X)

    def decision_function(self, X: Sequence[str]) -> NDArray[np.float64]:  # noqa: N803 - scikit-learn's name
        """Give scores, shape (texts, classes); of two exclusive classes the second's lead over the first, (texts,)."""
        check_is_fitted(self)
        scores = self.tagger_.scores(X)
        return scores[:, 1] - scores[:, 0] if self.exclusive_ and scores.shape[1] == 2 else scores

    def _settings(self) -> Settings:
        choices = {name: value for name, value in self.get_params(deep=False).items() if name != "keywords"}
        return Settings(exclusive=self.exclusive_, **choices)

    def _dataset(self, texts: Sequence[str], marks: NDArray[np.bool_], groups: ArrayLike | None) -> Dataset:
        # Zero-padded, so that topics in the order of their names are in the order of the classes.
        names = [f"{column:06}" for column in range(len(self.classes_))]
        documents = (
            [f"{UNNAMED}{row}" for row in range(len(texts))] if groups is None else [*map(str, np.asarray(groups))]
        )
        keywords = self.keywords or {}
        return Dataset(
            source="<X, y>",
            examples=tuple(
                Example(text, tuple(names[column] for column in np.flatnonzero(row)), document)
                for text, row, document in zip(texts, marks, documents, strict=True)
            ),
            topics=tuple(
                Topic(name, str(label), "", tuple(keywords.get(label, ())))
                for name, label in zip(names, self.classes_.tolist(), strict=True)
            ),
        )
