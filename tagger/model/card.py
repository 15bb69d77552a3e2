"""Model → model card: README.md in the model folder, for people, in the language used when it is written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tagger.messages import N_, Message, _, joined, recognised
from tagger.model.model import Feature, Model
from tagger.model.recalling import recall

__all__ = ["BY_DOCUMENT", "BY_FOLDS", "HELD_OUT", "render_card", "strongest_features"]

_SHOWN = 20
_KINDS = {
    (True, True): N_(
        "Tags paragraphs of Chinese text with {number} topics: one topic for each paragraph, the best one even below "
        "its threshold."
    ),
    (True, False): N_("Tags paragraphs of Chinese text with {number} topics: one topic for each paragraph, or none."),
    (False, True): N_(
        "Tags paragraphs of Chinese text with {number} topics: any number of topics for each paragraph, the best one "
        "even below its threshold."
    ),
    (False, False): N_(
        "Tags paragraphs of Chinese text with {number} topics: any number of topics for each paragraph, or none."
    ),
}
_THRESHOLDS = N_(
    "Thresholds are chosen for `{objective}`, once for texts by themselves and once for the\n"
    "paragraphs of articles; precision and recall are what to expect of them on text like the examples, estimated\n"
    "on documents that were left out."
)
_TOPIC_COLUMNS = (
    N_("topic"),
    N_("title"),
    N_("examples"),
    N_("text threshold"),
    N_("text precision"),
    N_("text recall"),
    N_("paragraph threshold"),
    N_("paragraph precision"),
    N_("paragraph recall"),
    N_("description"),
)
_WAYS = (N_("tag"), N_("furnished"), N_("predict"))
_MEASURES = {
    "average_precision": N_("average precision"),
    "precision": N_("precision"),
    "recall": N_("recall"),
    "f1": N_("F1"),
}
# How quality was measured, for reports and for what a manifest keeps of them.
BY_DOCUMENT = N_("leave one document out, {examples} examples of {documents} documents")
BY_FOLDS = N_("{folds} folds of documents, {examples} examples of {documents} documents")
HELD_OUT = N_("held-out, {examples} examples of {documents} documents")
# What is said again where it was stored, the first that fits.
_STORED = (
    BY_DOCUMENT,
    BY_FOLDS,
    HELD_OUT,
    N_("accuracy"),
    N_("mean average precision"),
    N_("macro-F1"),
    N_("micro-F1"),
    N_("F1 {topic}"),
    N_("micro-F1 of articles"),
    N_("wrongly tagged, of those without a topic"),
    N_("All documents, each paragraph by itself"),
    N_("Every fifth genre left out"),
    N_("Trained on the authored articles, tested on the given"),
    N_("The five given articles alone"),
)


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
    yield "# " + _("Model card")
    yield ""
    settings = model.settings
    yield _(_KINDS[bool(settings.exclusive), bool(settings.always_assign)], number=len(model.topics))
    yield ""
    yield _("A tag is help for reading, not evidence about the people or bodies in a text.")
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
    yield "## " + _("Topics")
    yield ""
    yield _(_THRESHOLDS, objective=model.settings.threshold)
    yield ""
    yield from _table([*map(_, _TOPIC_COLUMNS)], rows)


def _quality(model: Model) -> Iterator[str]:
    yield "## " + _("Measured quality")
    yield ""
    if model.quality is None:
        yield _("Not measured.")
        yield ""
        return
    if "real" in model.quality:
        yield from _real(model.quality["real"])
        yield "### " + _("On the labelled documents")
        yield ""
    yield _(
        "Every fold trains the whole chain again, thresholds too. In brackets 95% intervals, from resampling\n"
        "documents."
    )
    yield ""
    yield from _measured(model.quality)
    for name, quality in model.quality.get("also", {}).items():
        yield f"### {_stored(name)}"
        yield ""
        yield from _measured(quality)


def _real(figures: dict[str, Any]) -> Iterator[str]:
    """Yield what was measured on articles that nobody wrote for this model: each way to tag them a column."""
    yield "### " + _("On {number} real articles", number=figures["articles"])
    yield ""
    yield _(
        "{paragraphs} paragraphs, {plain} without a topic; nothing was learnt from them.",
        paragraphs=figures["paragraphs"],
        plain=figures["plain"],
    )
    yield ""
    ways = [way for way in _WAYS if way in figures]
    rows = [
        (_stored(name), *(_interval(figures[way][name]) if name in figures[way] else "" for way in ways))
        for name in figures["tag"]
    ]
    yield from _table((_("measure"), *map(_, ways)), rows)


def _interval(value: Sequence[float]) -> str:
    point, low, high = map(_figure, value)
    return f"{point} ({low}–{high})"


def _measured(quality: dict[str, Any]) -> Iterator[str]:
    yield _("By {method}.", method=_stored(quality["method"]))
    yield ""
    named = [*quality["topics"].items(), (_("macro"), quality["macro"]), (_("micro"), quality["micro"])]
    yield from _table(
        (_("topic"), *map(_, _MEASURES.values())),
        [(name, *(_estimate(scores[key]) for key in _MEASURES)) for name, scores in named],
    )
    yield _("- exact match {figure}", figure=_estimate(quality["exact_match"]))
    yield _("- tagged though it has no topic {figure}", figure=_estimate(quality["false_tag_rate"]))
    yield _("- expected calibration error {figure}", figure=_figure(quality["calibration_error"]))
    yield _("- signature: `{signature}`", signature=recall(quality["signature"], "signature"))
    yield ""


def _features(model: Model) -> Iterator[str]:
    yield "## " + _("What decides")
    yield ""
    yield _("The features with the largest weight × IDF; words and character n-grams.")
    yield ""
    for topic, strongest in zip(model.topics, strongest_features(model), strict=True):
        found = joined(dict.fromkeys(feature.text for feature, _strength in strongest))
        yield _("- {title} (`{name}`): {features}", title=topic.title, name=topic.name, features=found)
    yield ""


def _training(model: Model) -> Iterator[str]:
    provenance = model.provenance
    yield "## " + _("Training")
    yield ""
    if not provenance.examples:
        yield _("- nothing was learnt: a topic is assigned where one of its keywords stands, whole")
    yield _(
        "- {examples} examples from {documents} documents",
        examples=provenance.examples,
        documents=provenance.documents,
    )
    yield _("- {number} keywords", number=sum(len(topic.keywords) for topic in model.topics))
    if provenance.unlabelled:
        yield _("- {number} unlabelled texts, their topics pseudo-labels", number=provenance.unlabelled)
    yield _("- {number} features", number=len(model.classifier.linear.idf))
    if model.classifier.context is not None:
        yield _("- paragraphs of an article are judged by those around them too")
    yield from (_("- read: {sentence}", sentence=_recalled(sentence)) for sentence in provenance.reading)
    yield _("- data: SHA-256 `{digest}`", digest=provenance.data_hash)
    if provenance.tuning is not None:
        yield from _tuning(provenance.tuning)
    versions = joined(f"{name} {number}" for name, number in provenance.versions.items())
    yield _("- versions: {versions}", versions=versions)


def _tuning(tuning: dict[str, Any]) -> Iterator[str]:
    yield _(
        "- settings chosen by {measure} on folds of the same documents: {chosen}; tried:",
        measure=_stored(tuning["measure"]),
        chosen=tuning["chosen"],
    )
    yield from (f"  - {settings}: {_figure(score)}" for settings, score in tuning["tried"].items())
    if tuning["cut"]:
        yield _("  - and no more: the time budget cut off {number} candidates", number=tuning["cut"])


def _recalled(sentence: str) -> str:
    return sentence if isinstance(sentence, Message) else recall(sentence, "read")


def _stored(text: str) -> str:
    """Return what a manifest says in English in the language used, as far as it is known."""
    return recognised(text, _STORED) or text


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
