"""Model → model card: README.md in the model folder, for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tagger.model.model import Feature, Model

__all__ = ["render_card", "strongest_features"]

_SHOWN = 20
_POINT = ("threshold", "precision", "recall")


def render_card(model: Model) -> str:
    """Write the card: what the model knows, what it was trained on, how good it is, and what decides."""
    return "\n".join([*_head(model), *_topics(model), *_quality(model), *_features(model), *_training(model)]) + "\n"


def strongest_features(model: Model, *, top: int = _SHOWN) -> Iterator[list[tuple[Feature, float]]]:
    """Yield for each topic the features with the largest weight × IDF, largest first."""
    features = model.features()
    for topic in range(len(model.topics)):
        strength = model.classifier.linear.weights_for(topic)
        found = np.flatnonzero(strength > 0)
        order = found[np.argsort(-strength[found], kind="stable")][:top].tolist()
        yield [(features[column], float(strength[column])) for column in order]


def _head(model: Model) -> Iterator[str]:
    yield "# Model card"
    yield ""
    always, exclusive = model.settings.always_assign, model.settings.exclusive
    most = "one topic" if exclusive else "any number of topics"
    mode = f"{most} for each paragraph, {'the best one even below its threshold' if always else 'or none'}"
    yield f"Tags paragraphs of Chinese text with {len(model.topics)} topics: {mode}."
    yield ""
    yield "A tag is help for reading, not evidence about the people or bodies in a text."
    yield ""


def _topics(model: Model) -> Iterator[str]:
    classifier = model.classifier
    rows = [
        (
            topic.name,
            topic.title,
            model.provenance.topic_counts[topic.name],
            *(
                _figure(value)
                for way in (text.chosen, paragraph.chosen)
                for value in (way.threshold, way.precision, way.recall)
            ),
            topic.description,
        )
        for topic, text, paragraph in zip(
            model.topics, classifier.text_thresholds, classifier.paragraph_thresholds, strict=True
        )
    ]
    yield "## Topics"
    yield ""
    yield f"Thresholds are chosen for `{model.settings.threshold}`, once for texts by themselves and once for the"
    yield "paragraphs of articles; precision and recall are what to expect of them on text like the examples, estimated"
    yield "on documents that were left out."
    yield ""
    header = ("topic", "title", "examples", *(f"{way} {name}" for way in ("text", "paragraph") for name in _POINT))
    yield from _table((*header, "description"), rows)


def _quality(model: Model) -> Iterator[str]:
    yield "## Measured quality"
    yield ""
    if model.quality is None:
        yield "Not measured."
        yield ""
        return
    if "real" in model.quality:
        yield from _real(model.quality["real"])
        yield "### On the labelled documents"
        yield ""
    yield "Every fold trains the whole chain again, thresholds too. In brackets 95% intervals, from resampling"
    yield "documents."
    yield ""
    yield from _measured(model.quality)
    for name, quality in model.quality.get("also", {}).items():
        yield f"### {name}"
        yield ""
        yield from _measured(quality)


def _real(figures: dict[str, Any]) -> Iterator[str]:
    """Yield what was measured on articles that nobody wrote for this model: each way to tag them a column."""
    yield f"### On {figures['articles']} real articles"
    yield ""
    yield f"{figures['paragraphs']} paragraphs, {figures['plain']} without a topic; nothing was learnt from them."
    yield ""
    ways = [way for way in ("tag", "furnished", "predict") if way in figures]
    rows = [
        (name, *(_interval(figures[way][name]) if name in figures[way] else "" for way in ways))
        for name in figures["tag"]
    ]
    yield from _table(("measure", *ways), rows)


def _interval(value: Sequence[float]) -> str:
    point, low, high = map(_figure, value)
    return f"{point} ({low}–{high})"


def _measured(quality: dict[str, Any]) -> Iterator[str]:
    yield f"By {quality['method']}."
    yield ""
    measures = ("average precision", "precision", "recall", "F1")
    keys = ("average_precision", "precision", "recall", "f1")
    named = [*quality["topics"].items(), ("macro", quality["macro"]), ("micro", quality["micro"])]
    yield from _table(
        ("topic", *measures), [(name, *(_estimate(scores[key]) for key in keys)) for name, scores in named]
    )
    yield f"- exact match {_estimate(quality['exact_match'])}"
    yield f"- tagged though it has no topic {_estimate(quality['false_tag_rate'])}"
    yield f"- expected calibration error {_figure(quality['calibration_error'])}"
    yield f"- signature: `{quality['signature']}`"
    yield ""


def _features(model: Model) -> Iterator[str]:
    yield "## What decides"
    yield ""
    yield "The features with the largest weight × IDF; words and character n-grams."
    yield ""
    for topic, strongest in zip(model.topics, strongest_features(model), strict=True):
        found = ", ".join(dict.fromkeys(feature.text for feature, _ in strongest))
        yield f"- {topic.title} (`{topic.name}`): {found}"
    yield ""


def _training(model: Model) -> Iterator[str]:
    provenance = model.provenance
    yield "## Training"
    yield ""
    if not provenance.examples:
        yield "- nothing was learnt: a topic is assigned where one of its keywords stands, whole"
    yield f"- {provenance.examples} examples from {provenance.documents} documents"
    yield f"- {sum(len(topic.keywords) for topic in model.topics)} keywords"
    if provenance.unlabelled:
        yield f"- {provenance.unlabelled} unlabelled texts, their topics pseudo-labels"
    yield f"- {len(model.classifier.linear.idf)} features"
    if model.classifier.context is not None:
        yield "- paragraphs of an article are judged by those around them too"
    yield from (f"- read: {sentence}" for sentence in provenance.reading)
    yield f"- data: SHA-256 `{provenance.data_hash}`"
    if provenance.tuning is not None:
        yield from _tuning(provenance.tuning)
    yield "- versions: " + ", ".join(f"{name} {number}" for name, number in provenance.versions.items())


def _tuning(tuning: dict[str, Any]) -> Iterator[str]:
    yield f"- settings chosen by {tuning['measure']} on folds of the same documents: {tuning['chosen']}; tried:"
    yield from (f"  - {settings}: {_figure(score)}" for settings, score in tuning["tried"].items())
    if tuning["cut"]:
        yield f"  - and no more: the time budget cut off {tuning['cut']} candidates"


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in row) + " |"
    yield ""


def _estimate(estimate: dict[str, float | None]) -> str:
    if estimate["low"] is None:
        return _figure(estimate["value"])
    return f"{_figure(estimate['value'])} ({_figure(estimate['low'])}–{_figure(estimate['high'])})"


def _figure(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"
