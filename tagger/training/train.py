"""The whole of training, in order: corpus, out-of-fold scores, calibration, thresholds, final fit."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import Dataset, read_dataset
from tagger.errors import DataError, Problem
from tagger.linear import probabilities
from tagger.lookup import Lookup
from tagger.model import Model, Provenance, write_vocabulary
from tagger.records import Example, Topic
from tagger.settings import Settings
from tagger.tagger import Tagger
from tagger.training.calibration import fit_calibration
from tagger.training.corpus import Corpus, build_corpus
from tagger.training.folds import split_documents
from tagger.training.solver import fit, score
from tagger.training.thresholds import choose_thresholds

__all__ = ["train", "train_dataset"]

# What the weights depend on, beside the data and the settings.
_PACKAGES = ("tagger-zh", "numpy", "scikit-learn", "scipy", "jieba", "rjieba")


def train(
    labels: str | Path | Sequence[Example],
    *,
    topics: str | Path | Sequence[Topic] | None = None,
    settings: Settings | None = None,
    encoding: str | None = None,
) -> Tagger:
    """Train a tagger from labels.csv, JSON lines or examples in memory.

    `topics` is a topics.toml or topics in memory; None takes the topics.toml beside the labels where there is one.
    With keywords in it a tagger can be trained without any example: `train([], topics="topics.toml")`.

    The same data and settings give the same tagger, in whatever process.

    Raises:
        DataError: naming every line that is wrong, and what is wrong with it.
    """
    dataset = read_dataset(labels, topics=topics, encoding=encoding)
    return train_dataset(dataset, settings or Settings())


def train_dataset(dataset: Dataset, settings: Settings) -> Tagger:
    """Train a tagger from a checked dataset."""
    settings = _resolve(settings, dataset)
    corpus = build_corpus(dataset, settings)
    targets = corpus.targets[: corpus.examples]
    prior = _prior(targets)
    held_out = out_of_fold_scores(corpus, settings)
    calibration = fit_calibration(held_out, targets, exclusive=bool(settings.exclusive), prior=prior)
    thresholds = choose_thresholds(probabilities(held_out, calibration), targets)
    fitted = fit(corpus, np.arange(len(corpus.counts)), settings)
    kept = np.flatnonzero(fitted.idf)
    return Tagger(
        Model(
            topics=dataset.topics,
            settings=settings,
            dictionary=corpus.dictionary,
            lookup=_narrow(corpus.lookup, kept),
            idf=fitted.idf[kept].astype(np.float32),
            weights=fitted.weights[kept].astype(np.float32),
            bias=fitted.bias,
            calibration=calibration,
            thresholds=thresholds,
            provenance=_provenance(dataset),
            vocabulary=write_vocabulary(corpus.vocabulary[column] for column in kept),
        )
    )


def out_of_fold_scores(corpus: Corpus, settings: Settings) -> NDArray[np.float64]:
    """Score each example by a fit to the other folds' documents (and all keywords), shape (examples, topics).

    NaN where the other folds could not teach a topic, and everywhere where there is one document only.
    """
    held_out = np.full((corpus.examples, corpus.targets.shape[1]), np.nan)
    keywords = np.arange(corpus.examples, len(corpus.counts))
    targets = corpus.targets[: corpus.examples]
    for rest, fold in split_documents(corpus.groups, targets, folds=settings.folds, seed=settings.seed):
        fitted = fit(corpus, np.concatenate([rest, keywords]), settings)
        held_out[fold] = score(corpus, fold, fitted)
    return held_out


def _resolve(settings: Settings, dataset: Dataset) -> Settings:
    """Choose from the data what the settings leave open."""
    numbers = [len(example.topics) for example in dataset.examples]
    exclusive = settings.exclusive
    if exclusive is None:
        exclusive = bool(numbers) and set(numbers) == {1} and settings.always_assign is not False
    if exclusive:
        wrong = [
            Problem(f"has {number} topics where an exclusive tagger needs exactly one", example.line)
            for example, number in zip(dataset.examples, numbers, strict=True)
            if number != 1
        ]
        if wrong:
            raise DataError(dataset.source, *wrong)
    always = settings.always_assign
    if always is None:
        always = exclusive or (bool(numbers) and min(numbers) >= 1)
    return replace(settings, exclusive=exclusive, always_assign=always)


def _prior(targets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give each topic's share among the examples, one of each outcome added (Laplace)."""
    return np.asarray((targets.sum(axis=0) + 1) / (len(targets) + 2))


def _narrow(lookup: Lookup, kept: NDArray[np.int64]) -> Lookup:
    """Build the lookup of some of the columns, numbered anew."""
    keys = np.zeros(int(lookup.columns.max(initial=-1)) + 1, dtype=np.uint64)
    taken = lookup.columns >= 0
    keys[lookup.columns[taken]] = lookup.keys[taken]
    return Lookup.build(keys[kept])


def _provenance(dataset: Dataset) -> Provenance:
    counts = {topic.name: 0 for topic in dataset.topics}
    for example in dataset.examples:
        for name in example.topics:
            counts[name] += 1
    return Provenance(
        data_hash=dataset.hash(),
        examples=len(dataset.examples),
        documents=len(dataset.documents()),
        topic_counts=counts,
        versions={"python": platform.python_version()} | {package: version(package) for package in _PACKAGES},
    )
