"""A dataset → predictions for each document by a tagger that never saw it → a report.

Every fold trains the whole chain again on the other documents: vocabulary, IDF, weights, calibration and thresholds, so
that nothing of the documents it is tested on leaks into it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import Dataset
from tagger.errors import DataError, Problem
from tagger.evaluation.errors import Reasons, find_errors, weigh_features
from tagger.evaluation.report import Report, headline, measure
from tagger.evaluation.resampling import Predictions
from tagger.messages import Message, _, _n
from tagger.model.card import BY_DOCUMENT, BY_FOLDS
from tagger.scoring.classifier import Classifier
from tagger.scoring.context import order_by_document
from tagger.settings import Settings
from tagger.text import normalise
from tagger.training import (
    Corpus,
    build_corpus,
    fit_classifier,
    in_processes,
    one_thread,
    resolve_settings,
    split_documents,
)

__all__ = [
    "LEAVE_ONE_OUT",
    "blank",
    "classify_fold",
    "cross_validate",
    "method_of",
    "signature_of",
    "warnings_of",
]

# Up to this many documents each is left out in turn; beyond, as many parts of them as asked for.
LEAVE_ONE_OUT = 20
FOLDS = 5
# Shares of the documents that the learning curve trains on.
CURVE = (0.125, 0.25, 0.5, 1.0)

# What is predicted so far, the rows to train on, and those to predict.
_Task: TypeAlias = tuple[Predictions, NDArray[np.int64], NDArray[np.int64]]


def cross_validate(
    dataset: Dataset,
    settings: Settings,
    *,
    folds: int | None = None,
    curve: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Tag each document by a tagger trained on the others, and measure.

    `folds` of None leaves out one document at a time where there are few, and a fifth of them where there are many.
    `curve` trains on parts of the documents too. `jobs` is the number of processes (None: one, -1: one for each core);
    the report is the same for any. `progress` is called with how many trainings are done, and of how many.

    Raises:
        DataError: when there are fewer than two documents.
    """
    settings = resolve_settings(settings, dataset)
    with one_thread():
        corpus = build_corpus(dataset, settings)
    documents = len(np.unique(corpus.groups))
    folds = _number_of_folds(dataset, documents, folds)
    targets = corpus.targets[: corpus.examples]
    splits = list(split_documents(corpus.groups, targets, folds=folds, seed=settings.seed))
    shares = CURVE if curve else (1.0,)
    predictions = [blank(dataset, corpus, settings) for _ in shares]
    tasks = [
        (prediction, _share(corpus.groups, rest, share, settings.seed), fold)
        for share, prediction in zip(shares, predictions, strict=True)
        for rest, fold in splits
    ]
    reasons: dict[tuple[int, int], Sequence[tuple[int, float]]] = {}
    for done, (prediction, found) in enumerate(_fill(corpus, settings, tasks, jobs=jobs or 1), start=1):
        if prediction is predictions[-1]:
            reasons |= found
        if progress is not None:
            progress(done, len(tasks))
    fold_of = np.zeros(corpus.examples, dtype=np.int64)
    for number, (_rest, fold) in enumerate(splits):
        fold_of[fold] = number
    return measure(
        predictions[-1],
        method=method_of(dataset, documents, folds),
        signature=signature_of(dataset, settings, folds),
        warnings=tuple(warnings_of(dataset, corpus, fold_of)),
        seed=settings.seed,
        curve=tuple((share, *headline(p)) for share, p in zip(shares, predictions, strict=True)) if curve else (),
        errors=find_errors(
            dataset,
            predictions[-1],
            reasons=reasons,
            features=lambda: [feature.text for feature in corpus.feature_names],
        ),
    )


def method_of(dataset: Dataset, documents: int, folds: int) -> Message:
    """Say how a dataset of so many documents was evaluated by folds."""
    text = BY_DOCUMENT if folds == documents else BY_FOLDS
    return _(text, folds=folds, examples=len(dataset.examples), documents=documents)


def signature_of(dataset: Dataset, settings: Settings, folds: int) -> Message:
    """Return what figures must be quoted with that were measured by folds."""
    return _(
        "tagger-zh {version}, data {data}, {settings}, {folds} folds by document",
        version=version("tagger-zh"),
        data=dataset.hash()[:12],
        settings=settings.describe(),
        folds=folds,
    )


def _number_of_folds(dataset: Dataset, documents: int, folds: int | None) -> int:
    if documents < 2:
        raise DataError(
            dataset.source,
            Problem(_("evaluation trains on some documents and tests on others, but there is one only: name more")),
        )
    return min(folds or (documents if documents <= LEAVE_ONE_OUT else FOLDS), documents)


def _share(groups: NDArray[np.int64], rows: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    """Return the rows of a share of the documents; each larger share includes the smaller ones."""
    documents = np.random.default_rng(seed).permutation(np.unique(groups[rows]))
    return rows[np.isin(groups[rows], documents[: max(2, round(share * len(documents)))])]


def _fill(
    corpus: Corpus, settings: Settings, tasks: Sequence[_Task], *, jobs: int
) -> Iterator[tuple[Predictions, Reasons]]:
    """Train for each task and write into its predictions what is found of its fold; yield them, and what was wrong."""
    bare = corpus.without_feature_names()
    outcomes = in_processes(_predict, [(bare, settings, rows, fold) for _, rows, fold in tasks], jobs=jobs)
    for (prediction, _rows, fold), (probability, assigned, reasons) in zip(tasks, outcomes, strict=True):
        prediction.probability[fold], prediction.assigned[fold] = probability, assigned
        yield prediction, {(int(fold[row]), topic): found for (row, topic), found in reasons.items()}


def _predict(
    corpus: Corpus, settings: Settings, rows: NDArray[np.int64], fold: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], Reasons]:
    classifier = fit_classifier(corpus.part(rows), settings)
    counts = corpus.unseen(fold, known=rows)
    scored = classifier.linear.scores(counts, corpus.character_counts[fold])
    probability, assigned = classify_fold(classifier, corpus, fold, *scored)
    return probability, assigned, weigh_features(classifier.linear, counts, assigned != corpus.targets[fold])


def classify_fold(
    classifier: Classifier,
    corpus: Corpus,
    fold: NDArray[np.int64],
    raw: NDArray[np.float64],
    known: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return probabilities and assigned topics, both (examples, topics), of examples whose documents are whole.

    `raw` (examples, topics) are their scores, `known` (examples,) how many features they have.
    """
    order, paragraph_counts = order_by_document(corpus.groups[fold])
    ordered = fold[order]
    found = classifier.classify_scores(
        raw[order],
        known[order],
        corpus.character_counts[ordered],
        paragraph_counts=paragraph_counts,
        # A text that is a document of its own is taken as it is.
        furniture=corpus.furniture[ordered] & np.repeat(paragraph_counts > 1, paragraph_counts),
    )
    back = np.argsort(order)
    return found[0][back], found[1][back]


def blank(dataset: Dataset, corpus: Corpus, settings: Settings) -> Predictions:
    """Return predictions of nothing for each example, to be filled in."""
    targets = corpus.targets[: corpus.examples]
    return Predictions(
        topics=tuple(topic.name for topic in dataset.topics),
        groups=corpus.groups,
        target=targets,
        assigned=np.zeros(targets.shape, dtype=bool),
        probability=np.zeros(targets.shape),
        exclusive=bool(settings.exclusive),
        titles=tuple(topic.title for topic in dataset.topics),
    )


def warnings_of(dataset: Dataset, corpus: Corpus, fold_of: NDArray[np.int64]) -> Iterator[Message]:
    """Give what is to be known of figures where the examples are in these folds (examples,)."""
    if all(example.document is None for example in dataset.examples):
        yield _(
            "no example names its document, so each text is taken for one of its own: where several come from one "
            "article, say so in a column 'document' (文档), or they are on both sides and the figures flatter"
        )
    folds_of_text = defaultdict(set)
    for example, number in zip(dataset.examples, fold_of.tolist(), strict=True):
        folds_of_text[normalise(example.text).strip()].add(number)
    repeated = sum(len(numbers) > 1 for numbers in folds_of_text.values())
    if repeated:
        yield _n(
            "{n} text is in several folds, in documents of different names: check for copies",
            "{n} texts are in several folds, in documents of different names: check for copies",
            repeated,
        )
    for column, topic in enumerate(dataset.topics):
        if len(np.unique(corpus.groups[corpus.targets[: corpus.examples, column]])) == 1:
            yield _(
                "topic {title!r} occurs in one document only: what was learnt of it could not be tested",
                title=topic.title,
            )
