"""A model's manifest: what is written of a model as JSON, and a model made of it and of its arrays again."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tagger.errors import FormatError, ModelError, SettingsError
from tagger.features.hash_table import HashTable
from tagger.features.vocabulary import Vocabulary
from tagger.messages import _, english
from tagger.model.arrays import to_context, to_weights
from tagger.model.files import read_content
from tagger.model.model import Model, Provenance
from tagger.model.schema import Entries, check_entries, decode
from tagger.records import Topic
from tagger.scoring.articles import ChanceRates
from tagger.scoring.classifier import Classifier
from tagger.scoring.linear import Calibration, LinearModel
from tagger.scoring.thresholds import OperatingPoint, TopicThreshold
from tagger.settings import Settings

__all__ = ["FORMAT", "MANIFEST", "from_manifest", "read_hashes", "read_manifest", "to_manifest"]

FORMAT = 7
MANIFEST = "manifest.json"
# Bytes: a topic takes some twenty thousand. What they become may take twenty times as much memory.
_LARGEST_MANIFEST = 64 << 20
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
        "settings": _to_choices(model.settings),
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
        "provenance": asdict(model.provenance) | {"reading": list(map(english, model.provenance.reading))},
        "quality": model.quality,
        "operating_points": {
            way: {
                name: {"best": _to_numbers(topic.best), "points": [_to_numbers(point) for point in topic.points]}
                for name, topic in zip(model.topic_names, thresholds, strict=True)
            }
            for way, thresholds in _ways(classifier).items()
        },
    }


def _to_choices(settings: Settings) -> dict[str, Any]:
    """Return the settings; one that came later than the format is there only where it says something."""
    choices = asdict(settings)
    return choices if settings.simplify else {name: value for name, value in choices.items() if name != "simplify"}


def _ways(classifier: Classifier) -> dict[str, tuple[TopicThreshold, ...]]:
    """Return the thresholds of the two ways to classify: texts by themselves, and paragraphs among others."""
    return {"texts": classifier.text_thresholds, "paragraphs": classifier.paragraph_thresholds}


def read_manifest(path: Path) -> tuple[dict[str, Any], str]:
    """Read the manifest of a model folder, and return it with its SHA-256; only its format is looked at.

    Raises:
        FormatError: when the folder was written by a newer version of Tagger.
        ModelError: when it is not a model.
    """
    if path.is_file():
        raise ModelError(path, _("is a file, and a model is a folder made by tagger train; check the path"))
    if not path.is_dir():
        raise ModelError(
            path, _("there is no such model folder; check the path, or train one: tagger train LABELS -o DIR")
        )
    try:
        content, digest = read_content(path / MANIFEST, most=_LARGEST_MANIFEST)
        manifest = decode(content)
    except FileNotFoundError:
        raise ModelError(
            path, _("is not a model: it has no {file}; a model is a folder made by tagger train", file=MANIFEST)
        ) from None
    except (ValueError, RecursionError) as error:
        wrong = _("cannot be read ({reason}); restore the folder or train again", reason=error)
        raise ModelError(path / MANIFEST, wrong) from error
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int or manifest["format"] < 1:
        raise ModelError(path / MANIFEST, _("has no format number: it is not the manifest of a model; train again"))
    if manifest["format"] > FORMAT:
        raise FormatError(
            path,
            _(
                "has format {number}, this Tagger reads up to {newest}: pip install -U tagger-zh",
                number=manifest["format"],
                newest=FORMAT,
            ),
        )
    return manifest, digest


def read_hashes(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the hashes of the other files by their names, as a manifest of any format has them; unchecked."""
    files = manifest.get("files")
    return files if isinstance(files, dict) else {}


def from_manifest(
    manifest: dict[str, Any], arrays: dict[str, NDArray[Any]], feature_text: NDArray[np.uint8], path: Path
) -> Model:
    """Make a model of its manifest, its arrays by file name, and its features; `path` is the manifest's.

    Raises:
        ModelError: when something is missing from the manifest, or cannot be.
    """
    try:
        entries = check_entries(manifest)
        settings = _to_settings(manifest["settings"])
    except (TypeError, ValueError, RecursionError) as error:
        wrong = _(
            "does not fit format {number} ({error}); restore the folder or train again", number=FORMAT, error=error
        )
        raise ModelError(path, wrong) from error
    return Model(
        topics=tuple(Topic(topic.name, topic.title, topic.description, topic.keywords) for topic in entries.topics),
        settings=settings,
        dictionary=entries.dictionary,
        vocabulary=Vocabulary(
            alphabet=arrays["alphabet.npy"],
            table=HashTable(arrays["keys.npy"], arrays["slots.npy"]),
            flags=arrays["flags.npy"],
            columns=arrays["columns.npy"],
        ),
        classifier=_to_classifier(entries, arrays, settings, path.parent),
        provenance=_to_provenance(manifest["provenance"]),
        feature_text=feature_text,
        quality=manifest["quality"],
        text_hashes=arrays["texts.npy"],
    )


def _to_settings(choices: dict[str, Any]) -> Settings:
    settings = Settings(**choices)
    if settings.exclusive is None or settings.always_assign is None:
        raise SettingsError(_("exclusive and always_assign are left open, and a trained tagger has chosen both"))
    return settings


def _to_provenance(entries: dict[str, Any]) -> Provenance:
    return Provenance(**entries | {"reading": tuple(map(str, entries.get("reading", ())))})


def _to_classifier(entries: Entries, arrays: dict[str, NDArray[Any]], settings: Settings, folder: Path) -> Classifier:
    names = [topic.name for topic in entries.topics]

    def column(values: dict[str, float]) -> NDArray[np.float64]:
        return np.array([values[name] for name in names], dtype=np.float64)

    usual = entries.usual_paragraphs
    return Classifier(
        linear=LinearModel(
            idf=arrays["idf.npy"],
            weights=to_weights(arrays, len(names), folder),
            bias=column(entries.bias),
            length_weights=arrays["length_weights.npy"],
        ),
        calibration=Calibration(
            exclusive=bool(settings.exclusive),
            **{name: column(getattr(entries.calibration, name)) for name in _CALIBRATION},
        ),
        context=to_context(arrays["context.npy"], len(names)),
        text_thresholds=_to_thresholds(entries, "texts", names),
        paragraph_thresholds=_to_thresholds(entries, "paragraphs", names),
        chance=ChanceRates(arrays["chance.npy"], float(usual)) if usual is not None else None,
        exclusive=bool(settings.exclusive),
        always_assign=bool(settings.always_assign),
    )


def _to_thresholds(
    entries: Entries, way: Literal["texts", "paragraphs"], names: list[str]
) -> tuple[TopicThreshold, ...]:
    chosen, others = entries.thresholds[way], entries.operating_points[way]
    return tuple(
        TopicThreshold(
            chosen=_to_point(chosen[name].threshold, chosen[name].precision, chosen[name].recall),
            best=_to_point(*others[name].best),
            points=tuple(_to_point(*point) for point in others[name].points),
        )
        for name in names
    )


def _to_numbers(point: OperatingPoint) -> list[float | None]:
    """JSON has no NaN: a precision or recall that was not measured is null."""
    return [None if math.isnan(value) else value for value in (point.threshold, point.precision, point.recall)]


def _to_point(threshold: float, precision: float | None, recall: float | None) -> OperatingPoint:
    return OperatingPoint(*(math.nan if value is None else float(value) for value in (threshold, precision, recall)))
