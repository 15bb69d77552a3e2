"""Model → model card: README.md in the model folder, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tagger.model import Feature, Model

__all__ = ["render_card", "strongest_features"]

_SHOWN = 20


def render_card(model: Model) -> str:
    """Write the card: what the model knows, what it was trained on, how good it is, and what decides."""
    return "\n".join([*_head(model), *_topics(model), *_quality(model), *_features(model), *_training(model)]) + "\n"


def strongest_features(model: Model, topic: int, *, top: int = _SHOWN) -> list[tuple[Feature, float]]:
    """Give the features that speak loudest for a topic, by weight × IDF, strongest first."""
    strength = model.weights[:, topic] * model.idf
    features = model.features()
    order = np.argsort(-strength, kind="stable")[:top]
    return [(features[column], float(strength[column])) for column in order if strength[column] > 0]


def _head(model: Model) -> Iterator[str]:
    yield "# Model card"
    yield ""
    mode = "exactly one topic for each paragraph" if model.settings.exclusive else "any number of topics, or none"
    yield f"Tags paragraphs of Chinese text with {len(model.topics)} topics: {mode}."
    if model.settings.always_assign and not model.settings.exclusive:
        yield "The best topic is assigned even below its threshold, since every example had one."
    yield ""
    yield "A tag is help for reading, not evidence about the people or bodies in a text."
    yield ""


def _topics(model: Model) -> Iterator[str]:
    rows = [
        (topic.name, topic.title, model.provenance.topic_counts[topic.name], f"{threshold:.3f}", topic.description)
        for topic, threshold in zip(model.topics, model.thresholds.tolist(), strict=True)
    ]
    yield "## Topics"
    yield ""
    yield from _table(("topic", "title", "examples", "threshold", "description"), rows)


def _quality(model: Model) -> Iterator[str]:
    yield "## Measured quality"
    yield ""
    if model.quality is None:
        yield "Not measured."
        yield ""
        return
    yield f"{model.quality['method']}; every fold trains the whole chain anew, thresholds too."
    yield "Signature: `" + model.quality["signature"] + "`."
    yield ""
    measures = ("average precision", "precision", "recall", "F1")
    keys = ("average_precision", "precision", "recall", "f1")
    rows = [(name, *(_figure(scores[key]) for key in keys)) for name, scores in model.quality["topics"].items()]
    rows.append(("mean", *(_figure(model.quality["mean"][key]) for key in keys)))
    yield from _table(("topic", *measures), rows)


def _features(model: Model) -> Iterator[str]:
    yield "## What decides"
    yield ""
    yield "The features with the largest weight × IDF; words and character n-grams."
    yield ""
    for index, topic in enumerate(model.topics):
        found = ", ".join(dict.fromkeys(feature.text for feature, _ in strongest_features(model, index)))
        yield f"- {topic.title} (`{topic.name}`): {found}"
    yield ""


def _training(model: Model) -> Iterator[str]:
    provenance = model.provenance
    yield "## Training"
    yield ""
    yield f"- {provenance.examples} examples from {provenance.documents} documents"
    yield f"- {sum(len(topic.keywords) for topic in model.topics)} keywords"
    yield f"- {len(model.idf)} features"
    yield f"- data: SHA-256 `{provenance.data_hash}`"
    yield "- versions: " + ", ".join(f"{name} {number}" for name, number in provenance.versions.items())


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
    yield ""


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
