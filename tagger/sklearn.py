"""The tagger as a scikit-learn estimator, for pipelines, cross_val_score and GridSearchCV.

It is the same code as `tagger.train`, under scikit-learn's conventions: texts are X, and y is either one label for
each text or an indicator matrix of topics.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from tagger.dataset import Dataset
from tagger.records import Example, Topic
from tagger.settings import ClassWeight, Settings
from tagger.tagging import classify_texts, score_texts
from tagger.training import train_dataset

__all__ = ["LEFT_OUT", "TopicClassifier"]

# Settings that are no parameter here: what y is decides the first, and texts of X have no neighbours, the others.
LEFT_OUT = ("exclusive", "context", "max_false_paragraph_rate")


class TopicClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Classifies Chinese text by words and characters, TF-IDF and linear support vector machines.

    The parameters are those of `tagger.Settings` but for `exclusive`, which y decides, and `context`, as each text is
    taken by itself. `keywords` gives words for a class, as topics.toml does; `n_jobs` is the number of processes that
    train, -1 one for each core; `class_weight` may be None for "none".

    Attributes:
        classes_: the labels in the order of the columns; for an indicator matrix the numbers of its columns.
        tagger_: the `Tagger` behind it. Its topics are the positions in `classes_`.

    >>> classifier = TopicClassifier().fit(["苹果甜", "香蕉甜", "火车快", "火车慢"], ["水果", "水果", "车", "车"])
    >>> classifier.predict(["苹果和香蕉", "一列火车"])
    array(['水果', '车'], dtype='<U2')
    """

    def __init__(  # noqa: PLR0913 - scikit-learn wants every parameter by its name
        self,
        *,
        keywords: dict[Any, Sequence[str]] | None = None,
        always_assign: bool | None = Settings.always_assign,
        words: bool = Settings.words,
        characters: bool = Settings.characters,
        character_weight: float = Settings.character_weight,
        minimum_documents: int = Settings.minimum_documents,
        threshold: str = Settings.threshold,
        max_false_tag_rate: float = Settings.max_false_tag_rate,
        cost: float = Settings.cost,
        class_weight: ClassWeight | None = Settings.class_weight,
        count_ratios: bool | None = Settings.count_ratios,
        boundaries: bool = Settings.boundaries,
        lengths: bool = Settings.lengths,
        keyword_weight: float = Settings.keyword_weight,
        folds: int | None = Settings.folds,
        simplify: bool = Settings.simplify,
        seed: int = Settings.seed,
        n_jobs: int | None = None,
    ) -> None:
        self.keywords = keywords
        self.always_assign = always_assign
        self.words = words
        self.characters = characters
        self.character_weight = character_weight
        self.minimum_documents = minimum_documents
        self.threshold = threshold
        self.max_false_tag_rate = max_false_tag_rate
        self.cost = cost
        self.class_weight = class_weight
        self.count_ratios = count_ratios
        self.boundaries = boundaries
        self.lengths = lengths
        self.keyword_weight = keyword_weight
        self.folds = folds
        self.simplify = simplify
        self.seed = seed
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Tags:
        """Return what scikit-learn should know: X is a list of texts, and y may have several labels."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        return tags

    def fit(self, X: Iterable[str], y: ArrayLike, groups: ArrayLike | None = None) -> TopicClassifier:  # noqa: N803 - scikit-learn's name
        """Train on texts (texts,) and labels (texts,) or an indicator matrix (texts, topics).

        `groups` (texts,) keeps the texts of one document together when probabilities are calibrated.

        Raises:
            ValueError: when an X is not a text, naming its row; when texts and labels are not of one length; when y is
                neither form.
        """
        texts, labels = _texts(X), np.asarray(y)
        if labels.ndim and len(labels) != len(texts):
            raise ValueError(f"there are {len(texts)} texts and {len(labels)} labels: each text needs one")
        form = type_of_target(labels, input_name="y")
        if form not in {"binary", "multiclass", "multilabel-indicator"}:
            raise ValueError(f"y is {form}: it must be a label for each text, or an indicator matrix of topics")
        self.exclusive_ = form != "multilabel-indicator"
        if self.exclusive_:
            self.classes_, columns = np.unique(labels, return_inverse=True)
            if len(self.classes_) < 2:
                raise ValueError("y has one class only: TopicClassifier needs two or more to tell apart")
            marks = columns[:, np.newaxis] == np.arange(len(self.classes_))
        else:
            self.classes_, marks = np.arange(labels.shape[1]), labels.astype(bool)
        self.tagger_ = train_dataset(self._dataset(texts, marks, groups), self._settings(), jobs=self.n_jobs or 1)
        return self

    def predict(self, X: Iterable[str]) -> NDArray[Any]:  # noqa: N803 - scikit-learn's name
        """Return a label for each text (texts,), or an indicator matrix (texts, topics) where y was one."""
        check_is_fitted(self)
        probability, assigned = classify_texts(self.tagger_.model, _texts(X))
        return np.asarray(self.classes_[probability.argmax(axis=1)]) if self.exclusive_ else assigned.astype(int)

    def predict_proba(self, X: Iterable[str]) -> NDArray[np.float64]:  # noqa: N803 - scikit-learn's name
        """Return the calibrated probability of each class, shape (texts, classes)."""
        check_is_fitted(self)
        return self.tagger_.predict_proba(_texts(X))

    def decision_function(self, X: Iterable[str]) -> NDArray[np.float64]:  # noqa: N803 - scikit-learn's name
        """Return scores (texts, classes); of two exclusive classes the second's lead over the first, (texts,)."""
        check_is_fitted(self)
        scores = score_texts(self.tagger_.model, _texts(X))[0]
        return scores[:, 1] - scores[:, 0] if self.exclusive_ and scores.shape[1] == 2 else scores

    def _settings(self) -> Settings:
        choices = self.get_params(deep=False)
        del choices["keywords"], choices["n_jobs"]
        choices["class_weight"] = self.class_weight or "none"
        return Settings(exclusive=self.exclusive_, **choices)

    def _dataset(self, texts: Sequence[str], marks: NDArray[np.bool_], groups: ArrayLike | None) -> Dataset:
        # Zero-padded, so that topics in the order of their names are in the order of the classes.
        names = [f"{column:06}" for column in range(len(self.classes_))]
        documents = [None] * len(texts) if groups is None else [*map(str, np.asarray(groups))]
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


def _texts(X: Iterable[str]) -> list[str]:  # noqa: N803 - scikit-learn's name
    """Return the texts of a list, an array or a column; what is not a text is an error that names its row."""
    if isinstance(X, str) or np.ndim(X) > 1:  # type: ignore[arg-type]  # any sequence has dimensions
        raise ValueError("X must be one-dimensional, a list or a column of texts such as df['text']")
    texts = list(X)
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(  # noqa: TRY004 - what scikit-learn raises for missing values
                f"row {row} of X is {text!r}, not a text: fill in or drop missing texts first"
            )
    return texts
