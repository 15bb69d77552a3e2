"""A model's manifest: what is written of a model as JSON, and a model made of it and of its arrays again."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.errors import FormatError, ModelError, SettingsError
from tagger.features.hash_table import HashTable
from tagger.features.vocabulary import Vocabulary
from tagger.model.arrays import to_context
from tagger.model.model import Model, Provenance
from tagger.records import Topic
from tagger.scoring.articles import ChanceRates
from tagger.scoring.classifier import Classifier
from tagger.scoring.linear import Calibration, LinearModel
from tagger.scoring.thresholds import OperatingPoint, TopicThreshold
from tagger.settings import Settings

__all__ = ["FORMAT", "MANIFEST", "check_numbers", "from_manifest", "manifest_value", "read_manifest", "to_manifest"]

FORMAT = 4
MANIFEST = "manifest.json"
_POINT = ("threshold", "precision", "recall")
_CALIBRATION = ("slope", "offset", "scarce_slope", "scarce_offset", "prior")


def to_manifest(model: Model) -> dict[str, Any]:
    """Return all of a model that is not in a file of its own, ready for JSON."""
    classifier = model.classifier
    calibration = classifier.calibration

    def by_topic(values: NDArray[np.float64]) -> dict[str, float]:
        return dict(zip(model.topic_names, values.tolist(), strict=True))

    return {
        "format": FORMAT,
        "topics": [asdict(topic) for topic in model.topics],
        "settings": asdict(model.settings),
        "thresholds": {
            way: {
                name: dict(zip(_POINT, _to_numbers(topic.chosen), strict=True))
                for name, topic in zip(model.topic_names, thresholds, strict=True)
            }
            for way, thresholds in _ways(classifier).items()
        },
        "bias": by_topic(classifier.linear.bias),
        "calibration": {name: by_topic(getattr(calibration, name)) for name in _CALIBRATION},
        "usual_paragraphs": None if classifier.chance is None else classifier.chance.usual,
        "dictionary": list(model.dictionary),
        "provenance": asdict(model.provenance),
        "quality": model.quality,
        "operating_points": {
            way: {
                name: {"best": _to_numbers(topic.best), "points": [_to_numbers(point) for point in topic.points]}
                for name, topic in zip(model.topic_names, thresholds, strict=True)
            }
            for way, thresholds in _ways(classifier).items()
        },
    }


def _ways(classifier: Classifier) -> dict[str, tuple[TopicThreshold, ...]]:
    """Return the thresholds of the two ways to classify: texts by themselves, and paragraphs among others."""
    return {"texts": classifier.text_thresholds, "paragraphs": classifier.paragraph_thresholds}


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of a model folder; only its format is looked at.

    Raises:
        FormatError: when the folder was written by a newer version of Tagger.
        ModelError: when it is not a model.
    """
    if not path.is_dir():
        raise ModelError(
            path, "there is no such model folder; check the path, or train one: tagger train LABELS -o DIR"
        )
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ModelError(
            path, f"is not a model: it has no {MANIFEST}; a model is a folder made by tagger train"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(path / MANIFEST, f"cannot be read ({error}); restore the folder or train again") from error
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int or manifest["format"] < 1:
        raise ModelError(path / MANIFEST, "has no format number: it is not the manifest of a model; train again")
    if manifest["format"] > FORMAT:
        raise FormatError(
            path, f"has format {manifest['format']}, this Tagger reads up to {FORMAT}: pip install -U tagger-zh"
        )
    return manifest


def manifest_value(mapping: dict[str, Any], key: str, expected: type, path: Path) -> Any:
    """Return a value of a manifest, which must be of the type expected; `path` is told where it is not."""
    value = mapping.get(key)
    if not isinstance(value, expected):
        raise ModelError(path, f"{key!r} is missing or not a {expected.__name__}; restore the folder or train again")
    return value


def from_manifest(
    manifest: dict[str, Any], arrays: dict[str, NDArray[Any]], feature_text: NDArray[np.uint8], path: Path
) -> Model:
    """Make a model of its manifest, its arrays by file name, and its features; `path` is the manifest's.

    Raises:
        ModelError: when something is missing from the manifest, or cannot be.
    """
    try:
        topics = tuple(
            Topic(**(topic | {"keywords": tuple(topic["keywords"])}))
            for topic in manifest_value(manifest, "topics", list, path)
        )
        settings = Settings(**manifest_value(manifest, "settings", dict, path))
        return Model(
            topics=topics,
            settings=settings,
            dictionary=tuple(map(str, manifest_value(manifest, "dictionary", list, path))),
            vocabulary=Vocabulary(
                alphabet=arrays["alphabet.npy"],
                table=HashTable(arrays["keys.npy"], arrays["slots.npy"]),
                flags=arrays["flags.npy"],
                columns=arrays["columns.npy"],
            ),
            classifier=_to_classifier(manifest, arrays, [topic.name for topic in topics], settings, path),
            provenance=_to_provenance(manifest["provenance"]),
            feature_text=feature_text,
            quality=manifest["quality"],
        )
    except (KeyError, TypeError, ValueError, AttributeError, SettingsError) as error:
        problem = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise ModelError(
            path, f"does not fit format {FORMAT} ({problem}); restore the folder or train again"
        ) from error


def check_numbers(model: Model, path: Path) -> None:
    """Refuse a model whose manifest has no topic, or numbers that cannot be; `path` is the manifest's.

    Raises:
        ModelError: when it has.
    """
    classifier = model.classifier
    calibration = classifier.calibration
    numbers = [classifier.linear.bias, *(getattr(calibration, name) for name in _CALIBRATION)]
    numbers += [np.array([topic.chosen.threshold for topic in way]) for way in _ways(classifier).values()]
    if classifier.chance is not None:
        numbers.append(np.array([classifier.chance.usual]))
    finite = all(bool(np.isfinite(values).all()) for values in numbers)
    if not model.topics or not finite or not bool(((calibration.prior >= 0) & (calibration.prior <= 1)).all()):
        raise ModelError(path, "does not fit the rest of the model; restore the folder or train again")


def _to_provenance(entries: dict[str, Any]) -> Provenance:
    return Provenance(**entries | {"reading": tuple(map(str, entries.get("reading", ())))})


def _to_classifier(
    manifest: dict[str, Any], arrays: dict[str, NDArray[Any]], names: list[str], settings: Settings, path: Path
) -> Classifier:
    calibration = manifest_value(manifest, "calibration", dict, path)
    usual = manifest["usual_paragraphs"]

    def column(values: dict[str, float]) -> NDArray[np.float64]:
        return np.array([values[name] for name in names], dtype=np.float64)

    return Classifier(
        linear=LinearModel(
            idf=arrays["idf.npy"],
            weights=arrays["weights.npy"],
            bias=column(manifest["bias"]),
            length_weights=arrays["length_weights.npy"],
        ),
        calibration=Calibration(
            exclusive=bool(settings.exclusive), **{name: column(calibration[name]) for name in _CALIBRATION}
        ),
        context=to_context(arrays["context.npy"], len(names)),
        text_thresholds=_to_thresholds(manifest, "texts", names),
        paragraph_thresholds=_to_thresholds(manifest, "paragraphs", names),
        chance=ChanceRates(arrays["chance.npy"], float(usual)) if usual is not None else None,
        exclusive=bool(settings.exclusive),
        always_assign=bool(settings.always_assign),
    )


def _to_thresholds(manifest: dict[str, Any], way: str, names: list[str]) -> tuple[TopicThreshold, ...]:
    chosen, others = manifest["thresholds"][way], manifest["operating_points"][way]
    return tuple(
        TopicThreshold(
            chosen=_to_point([chosen[name][number] for number in _POINT]),
            best=_to_point(others[name]["best"]),
            points=tuple(_to_point(point) for point in others[name]["points"]),
        )
        for name in names
    )


def _to_numbers(point: OperatingPoint) -> list[float | None]:
    """JSON has no NaN: a precision or recall that was not measured is null."""
    return [None if math.isnan(value) else value for value in (point.threshold, point.precision, point.recall)]


def _to_point(numbers: list[float | None]) -> OperatingPoint:
    threshold, precision, recall = (math.nan if value is None else float(value) for value in numbers)
    return OperatingPoint(threshold, precision, recall)
