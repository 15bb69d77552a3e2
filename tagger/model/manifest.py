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
from tagger.model.model import Model, Provenance
from tagger.records import Topic
from tagger.scoring.context import Context
from tagger.scoring.linear import Calibration
from tagger.scoring.thresholds import OperatingPoint, TopicThreshold
from tagger.settings import Settings

__all__ = ["FORMAT", "MANIFEST", "context_rows", "entry", "from_manifest", "read_manifest", "to_context", "to_manifest"]

FORMAT = 3
MANIFEST = "manifest.json"
_POINT = ("threshold", "precision", "recall")


def to_manifest(model: Model) -> dict[str, Any]:
    """Give all of a model that is not in a file of its own, ready for JSON."""
    names = [topic.name for topic in model.topics]
    calibration = model.calibration
    return {
        "format": FORMAT,
        "topics": [asdict(topic) for topic in model.topics],
        "settings": asdict(model.settings),
        "thresholds": {
            name: dict(zip(_POINT, _to_numbers(topic_threshold.chosen), strict=True))
            for name, topic_threshold in zip(names, model.topic_thresholds, strict=True)
        },
        "bias": dict(zip(names, model.bias.tolist(), strict=True)),
        "calibration": {
            "slope": dict(zip(names, calibration.slope.tolist(), strict=True)),
            "offset": dict(zip(names, calibration.offset.tolist(), strict=True)),
            "prior": dict(zip(names, calibration.prior.tolist(), strict=True)),
        },
        "dictionary": list(model.dictionary),
        "provenance": asdict(model.provenance),
        "quality": model.quality,
        "operating_points": {
            name: {
                "best": _to_numbers(topic_threshold.best),
                "points": [_to_numbers(point) for point in topic_threshold.points],
            }
            for name, topic_threshold in zip(names, model.topic_thresholds, strict=True)
        },
    }


def read_manifest(path: Path) -> dict[str, Any]:
    """Read the manifest of a model folder; what is in it is not looked at but for the format.

    Raises:
        FormatError: when the folder was written by a newer version of Tagger.
        ModelError: when it is no model.
    """
    if not path.is_dir():
        raise ModelError(
            path, "there is no such model folder; check the path, or train one: tagger train LABELS -o DIR"
        )
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ModelError(path, f"is no model: it has no {MANIFEST}; a model is a folder made by tagger train") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(path / MANIFEST, f"cannot be read ({error}); restore the folder or train anew") from error
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int or manifest["format"] < 1:
        raise ModelError(path / MANIFEST, "has no format number: it is no manifest of a model; train anew")
    if manifest["format"] > FORMAT:
        raise FormatError(
            path, f"has format {manifest['format']}, this Tagger reads up to {FORMAT}: pip install -U tagger-zh"
        )
    return manifest


def entry(mapping: dict[str, Any], key: str, kind: type, path: Path) -> Any:
    """Give an entry of a manifest, which must be of this kind; `path` is told where it is not."""
    value = mapping.get(key)
    if not isinstance(value, kind):
        raise ModelError(path, f"{key!r} is missing or no {kind.__name__}; restore the folder or train anew")
    return value


def from_manifest(
    manifest: dict[str, Any], arrays: dict[str, NDArray[Any]], feature_text: NDArray[np.uint8], path: Path
) -> Model:
    """Make a model of its manifest, its arrays by file name, and its spelled features; `path` is the manifest's.

    Raises:
        ModelError: when something is missing from the manifest, or cannot be.
    """
    try:
        topics = tuple(
            Topic(**(entry | {"keywords": tuple(entry["keywords"])})) for entry in entry(manifest, "topics", list, path)
        )
        settings = Settings(
            **_rename(entry(manifest, "settings", dict, path), most_wrongly_tagged="max_false_tag_rate")
        )
        calibration = entry(manifest, "calibration", dict, path)

        def column(values: dict[str, float]) -> NDArray[np.float64]:
            return np.array([values[topic.name] for topic in topics], dtype=np.float64)

        return Model(
            topics=topics,
            settings=settings,
            dictionary=tuple(map(str, entry(manifest, "dictionary", list, path))),
            vocabulary=Vocabulary(
                alphabet=arrays["alphabet.npy"],
                table=HashTable(arrays["keys.npy"], arrays["slots.npy"]),
                flags=arrays["flags.npy"],
                columns=arrays["columns.npy"],
            ),
            idf=arrays["idf.npy"],
            weights=arrays["weights.npy"],
            bias=column(manifest["bias"]),
            calibration=Calibration(
                exclusive=bool(settings.exclusive),
                slope=column(calibration["slope"]),
                offset=column(calibration["offset"]),
                prior=column(calibration["prior"]),
            ),
            length_weights=arrays.get("of_length.npy", np.zeros((0, len(topics)))),
            context=to_context(arrays["context.npy"], len(topics), old=manifest["format"] < FORMAT),
            topic_thresholds=tuple(
                TopicThreshold(
                    chosen=_to_point([manifest["thresholds"][topic.name][name] for name in _POINT]),
                    best=_to_point(manifest["operating_points"][topic.name]["best"]),
                    points=tuple(_to_point(point) for point in manifest["operating_points"][topic.name]["points"]),
                )
                for topic in topics
            ),
            provenance=Provenance(**manifest["provenance"]),
            feature_text=feature_text,
            quality=_to_quality(manifest["quality"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, SettingsError) as error:
        problem = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise ModelError(path, f"does not fit format {FORMAT} ({problem}); restore the folder or train anew") from error


def context_rows(context: Context | None, topics: int) -> NDArray[np.float64]:
    """Lay out a context as one array, as `to_context` reads it: the units' rows last, padded with zeros."""
    if context is None:
        return np.zeros((0, topics))
    return np.concatenate([context.inner, np.pad(context.outer, ((0, 0), (0, len(context.outer))))])


def to_context(array: NDArray[np.float64], topics: int, *, old: bool) -> Context | None:
    """Read a context from its array, or from one of format 2, which had no units; None where there are no rows."""
    if not len(array):
        return None
    if old:
        own, offset, others = np.diag(array[0]), array[1:2], array[2:]
        return Context(np.concatenate([own, others, np.zeros((1, topics)), offset]), np.zeros((0, topics)))
    rows = 7 * topics + 2
    return Context(array[:rows], array[rows:, :topics])


def _rename(mapping: dict[str, Any], **names: str) -> dict[str, Any]:
    """Return a mapping with keys of older models under the names they have now."""
    return {names.get(key, key): value for key, value in mapping.items()}


def _to_quality(quality: dict[str, Any] | None) -> dict[str, Any] | None:
    if quality is None:
        return None
    renamed = _rename(quality, wrongly_tagged="false_tag_rate")
    if "also" in renamed:
        renamed["also"] = {
            name: _rename(found, wrongly_tagged="false_tag_rate") for name, found in renamed["also"].items()
        }
    return renamed


def _to_numbers(point: OperatingPoint) -> list[float | None]:
    """JSON knows no NaN: a precision or recall that was not measured is null."""
    return [None if math.isnan(value) else value for value in (point.threshold, point.precision, point.recall)]


def _to_point(numbers: list[float | None]) -> OperatingPoint:
    threshold, precision, recall = (math.nan if value is None else float(value) for value in numbers)
    return OperatingPoint(threshold, precision, recall)
