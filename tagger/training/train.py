"""A dataset → a tagger: what the settings leave open chosen from the data, the corpus trained on, all packed up."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tagger.dataset import Dataset, LabelOptions, read_dataset
from tagger.errors import DataError, Problem
from tagger.messages import _
from tagger.model import Model, Provenance, feature_lines, hash_texts
from tagger.records import Topic
from tagger.settings import FOLDS, Settings, parse_objective
from tagger.tagger import Tagger
from tagger.training.classifier import fit_classifier
from tagger.training.corpus import Corpus, build_corpus
from tagger.training.course import Course, ignore, part, thousandths
from tagger.training.held_out import HeldOut, out_of_fold_scores
from tagger.training.packing import lighten
from tagger.training.parallel import one_thread
from tagger.training.pool import with_useful_pool

__all__ = ["resolve_settings", "train", "train_dataset", "train_measurably"]

_log = logging.getLogger("tagger.training")
# What the weights depend on, beside the data and the settings.
_PACKAGES = ("tagger-zh", "numpy", "scikit-learn", "scipy", "jieba")
# From so many examples times topics on, where each fold takes long, there are fewer folds for calibration.
_MUCH = 400_000
_FOLDS_OF_MUCH = 3
# Shares of the work that are done when texts are counted, when folds are scored, and when the whole is fitted: about
# those of 50,000 headlines.
_COUNTED, _SCORED, _FITTED = 0.15, 0.7, 0.95


def train(  # noqa: PLR0913 - what labels and settings may come as, each by its name
    labels: Any,
    *,
    topics: str | Path | Sequence[Topic] | None = None,
    settings: Settings | None = None,
    unlabelled: Any = (),
    options: LabelOptions | None = None,
    encoding: str | None = None,
    keep_conflicts: bool = False,
    jobs: int = 1,
) -> Tagger:
    """Train a tagger from labels in any form.

    Args:
        labels: a file (CSV, Excel, JSON, Parquet, exports of labelling tools …), a folder for each topic, a data frame,
            `Example`s, records such as `{"text": …, "topics": …}`, or pairs of a text and its topics.
        topics: a topics.toml or topics in memory; None takes the topics.toml beside the labels if it fits them. With
            keywords in it a tagger can be trained without any example: `train([], topics="topics.toml")`.
        settings: how to train.
        unlabelled: a file, or texts, of the same kind that nobody has labelled: they help where labels are few.
        options: how labels are read, where looking into them is not to decide.
        encoding: the same as `options.encoding`.
        keep_conflicts: the same as `options.keep_conflicts`.
        jobs: the number of processes, -1 one for each core; they repay their start from some ten thousand examples on.

    The same data and settings give the same tagger, in whatever process. What was read is told by
    `tagger.dataset.read_dataset(labels).reading`, and on the model's card. What was passed over, and what may be wrong,
    goes to the logger "tagger.training" as warnings.

    Raises:
        DataError: naming every line that is wrong, and what is wrong with it.
        SettingsError: when the settings leave nothing to learn from.
    """
    dataset = read_dataset(
        labels, topics=topics, unlabelled=unlabelled, options=options, encoding=encoding, keep_conflicts=keep_conflicts
    )
    for sentence in () if dataset.reading is None else dataset.reading.doubts():
        _log.warning("%s", sentence)
    return train_dataset(dataset, settings or Settings(), jobs=jobs, told=_log.info)


def train_dataset(
    dataset: Dataset,
    settings: Settings,
    *,
    tuning: dict[str, Any] | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], object] | None = None,
    told: Callable[[str], object] | None = None,
) -> Tagger:
    """Train a tagger from a checked dataset; `tuning` is for the model card: how the settings were found.

    Unlabelled texts are learnt from only where folds of the labelled ones say that it helps; `told` is called with a
    sentence about that. `progress` is called with how much is done, in thousandths of the work, and 1,000.
    """
    dataset = with_useful_pool(dataset, resolve_settings(settings, dataset), jobs=jobs, told=told)
    return train_measurably(dataset, settings, tuning=tuning, jobs=jobs, course=thousandths(progress))[0]


def train_measurably(
    dataset: Dataset,
    settings: Settings,
    *,
    tuning: dict[str, Any] | None = None,
    jobs: int = 1,
    course: Course = ignore,
) -> tuple[Tagger, Corpus, HeldOut]:
    """Do as `train_dataset` does, with all unlabelled texts; return the corpus too, and the scores by folds.

    `course` is told the share of the work that is done.
    """
    settings = resolve_settings(settings, dataset)
    with one_thread():
        corpus = build_corpus(dataset, settings, course=part(course, 0.0, _COUNTED))
        held_out = out_of_fold_scores(corpus, settings, jobs=jobs, course=part(course, _COUNTED, _SCORED))
        classifier = fit_classifier(corpus, settings, held_out=held_out)
    course(_FITTED)
    tagger = Tagger(
        Model(
            topics=dataset.topics,
            settings=settings,
            dictionary=corpus.dictionary,
            vocabulary=corpus.vocabulary,
            classifier=lighten(classifier),
            provenance=_provenance(dataset, tuning),
            feature_text=feature_lines(corpus.feature_names),
            text_hashes=np.unique(hash_texts(example.text for example in dataset.examples)),
        )
    )
    course(1.0)
    return tagger, corpus, held_out


def resolve_settings(settings: Settings, dataset: Dataset) -> Settings:
    """Choose from the data what the settings leave open."""
    numbers = [len(example.topics) for example in dataset.examples]
    exclusive = settings.exclusive
    if exclusive is None:
        exclusive = bool(numbers) and set(numbers) == {1}
    if exclusive:
        wrong = [
            Problem(_("has {number} topics where an exclusive tagger needs exactly one", number=number), example.line)
            for example, number in zip(dataset.examples, numbers, strict=True)
            if number != 1
        ]
        if wrong:
            raise DataError(dataset.source, *wrong)
    always = settings.always_assign
    if always is None:
        always = bool(numbers) and min(numbers) >= 1 and parse_objective(settings.threshold).measure == "f1"
    folds = settings.folds or (FOLDS if len(numbers) * len(dataset.topics) < _MUCH else _FOLDS_OF_MUCH)
    if not dataset.examples:
        settings = _for_keywords(settings)
    # Neighbours tell nothing where rows stand in another order than the article's.
    context = settings.context and dataset.in_order
    return replace(settings, exclusive=exclusive, always_assign=always, context=context, folds=folds)


def _for_keywords(settings: Settings) -> Settings:
    """Return settings by which a tagger that has nothing but keywords assigns a topic where one of its words stands.

    Parts of keywords tell little: on labels.csv, single characters and pairs halve the precision (.79 to .41). Texts
    with keywords of several topics are less sure of each, down to .35 where there are four.
    """
    threshold = "0.3" if settings.threshold == "f1" else settings.threshold
    return replace(settings, words=True, characters=False, lengths=False, threshold=threshold)


def _installed() -> Iterator[tuple[str, str]]:
    for package in _PACKAGES:
        yield package, version(package)


def _provenance(dataset: Dataset, tuning: dict[str, Any] | None) -> Provenance:
    counts = {topic.name: 0 for topic in dataset.topics}
    for example in dataset.examples:
        for name in example.topics:
            counts[name] += 1
    return Provenance(
        data_hash=dataset.hash(),
        examples=len(dataset.examples),
        documents=len(set(dataset.document_numbers())),
        fewest_topics=min((len(example.topics) for example in dataset.examples), default=0),
        topic_counts=counts,
        versions={"python": platform.python_version()} | dict(_installed()),
        tuning=tuning,
        unlabelled=len(dataset.unlabelled),
        reading=() if dataset.reading is None else tuple(dataset.reading.without_folders().sentences()),
    )
