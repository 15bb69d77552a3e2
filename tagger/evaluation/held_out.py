"""A tagger and labelled examples it was not trained on → a report."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from tagger.dataset import Dataset
from tagger.evaluation.errors import Reasons, find_errors, weigh_features
from tagger.evaluation.report import Report, measure
from tagger.evaluation.resampling import Predictions
from tagger.features.extraction import count, extract
from tagger.messages import N_, _
from tagger.model import Model, hash_texts
from tagger.model.card import HELD_OUT
from tagger.scoring.context import order_by_document
from tagger.tagger import Tagger
from tagger.tagging import classify_paragraphs
from tagger.text import is_furniture, simplify

__all__ = ["evaluate_tagger"]

_ALL_SEEN = N_("these are texts the tagger was trained on: there the figures say nothing about other text")
_SOME_SEEN = N_(
    "{seen} of {examples} are texts the tagger was trained on: there the figures say nothing about other text"
)


def evaluate_tagger(tagger: Tagger, dataset: Dataset, *, seed: int = 0) -> Report:
    """Measure a tagger on a held-out dataset, which must have been read with the tagger's own topics."""
    topics = tagger.topics
    groups = np.array(dataset.document_numbers())
    order, paragraph_counts = order_by_document(groups)
    texts = [dataset.examples[index].text for index in order.tolist()]
    several = np.repeat(paragraph_counts > 1, paragraph_counts).tolist()
    simplified = map(simplify, texts) if tagger.settings.simplify else texts
    # A text that is a document of its own is taken as it is.
    furniture = [among and is_furniture(text) for among, text in zip(several, simplified, strict=True)]
    probability, assigned = classify_paragraphs(tagger.model, texts, paragraph_counts.tolist(), furniture)
    position = np.argsort(order)
    predictions = Predictions(
        topics=topics,
        groups=groups,
        target=np.array([[topic in example.topics for topic in topics] for example in dataset.examples]),
        assigned=assigned[position],
        probability=probability[position],
        exclusive=bool(tagger.settings.exclusive),
        titles=tuple(topic.title for topic in tagger.model.topics),
        trained_on=tuple(tagger.model.provenance.topic_counts[topic] for topic in topics),
    )
    warnings = []
    seen = int(np.isin(hash_texts(example.text for example in dataset.examples), tagger.model.text_hashes).sum())
    if seen or dataset.hash() == tagger.model.provenance.data_hash:
        text = _ALL_SEEN if seen in (0, len(dataset.examples)) else _SOME_SEEN
        warnings.append(_(text, seen=seen, examples=len(dataset.examples)))
    return measure(
        predictions,
        method=_(
            HELD_OUT,
            examples=len(dataset.examples),
            documents=len(paragraph_counts),
        ),
        signature=_(
            "tagger-zh {version}, data {data}, trained on {trained_on}, {settings}",
            version=version("tagger-zh"),
            data=dataset.hash()[:12],
            trained_on=tagger.model.provenance.data_hash[:12],
            settings=tagger.settings.describe(),
        ),
        warnings=tuple(warnings),
        seed=seed,
        errors=find_errors(
            dataset,
            predictions,
            reasons=_reasons(tagger.model, dataset, predictions.assigned != predictions.target),
            features=lambda: [feature.text for feature in tagger.model.features()],
        ),
    )


def _reasons(model: Model, dataset: Dataset, wrong: NDArray[np.bool_]) -> Reasons:
    """Return what speaks for and against the topics in which examples were wrong."""
    rows = np.flatnonzero(wrong.any(axis=1)).tolist()
    texts = [dataset.examples[row].text for row in rows]
    counts = count(extract(texts, model.vocabulary, words=model.settings.words))
    found = weigh_features(model.classifier.linear, counts, wrong[rows])
    return {(rows[row], topic): words for (row, topic), words in found.items()}
