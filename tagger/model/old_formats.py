"""Manifests and arrays of older formats → those of today's.

Format 2 had a context without hidden units and lengths, a hash table of another kind, weights without IDF in them, and
did not know how long texts are. Format 3 had other names for a setting, a measure and a file; its calibration did not
look at how few features a text has, its context was a small network, its thresholds were the same for texts and
paragraphs, and chance was not counted. Format 4 did not know the texts it was trained on. Format 5 had all weights in
one array. Format 6 did not count how texts begin and end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.features.hash_table import HashTable
from tagger.scoring.weights import mask_bytes

__all__ = ["OLDEST", "stored_names", "upgrade"]

# The oldest format that is still read.
OLDEST = 2

_SETTINGS = {"most_wrongly_tagged": "max_false_tag_rate"}
_MEASURES = {"wrongly_tagged": "false_tag_rate"}


def stored_names(number: int) -> dict[str, str | None]:
    """Return for a format the files that have, or had, other names: None for those that it lacks."""
    lacking: dict[str, str | None] = {}
    if number <= 5:
        lacking |= {"rows.npy": None, "masks.npy": None, "values.npy": None}
    if number <= 4:
        lacking["texts.npy"] = None
    if number >= 4:
        return lacking
    return lacking | {"length_weights.npy": "of_length.npy" if number == 3 else None, "chance.npy": None}


def upgrade(
    manifest: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the manifest and arrays of a model of any format as today's format has them."""
    if manifest["format"] <= 2:
        manifest, arrays = _from_2(manifest, arrays)
    if manifest["format"] <= 3:
        manifest, arrays = _from_3(manifest, arrays)
    if manifest["format"] <= 4:
        arrays = arrays | {"texts.npy": np.zeros(0, np.uint32)}
    if manifest["format"] <= 5:
        masks = np.zeros((0, mask_bytes(len(manifest["topics"]))), np.uint8)
        none: dict[str, NDArray[Any]] = {"rows.npy": np.zeros(0, np.int32), "values.npy": np.zeros(0, np.float16)}
        arrays = arrays | none | {"masks.npy": masks}
    if manifest["format"] <= 6:
        manifest = manifest | {"settings": manifest["settings"] | {"boundaries": False}}
    return manifest, arrays


def _from_2(
    manifest: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    topics = len(manifest["topics"])
    table = HashTable.build(arrays["keys.npy"], first=len(arrays["alphabet.npy"]) + 1)
    weights = arrays["weights.npy"] * arrays["idf.npy"][:, np.newaxis].astype(np.float64)
    upgraded: dict[str, NDArray[Any]] = {
        "slots.npy": table.slots,
        "weights.npy": weights.astype(np.float32),
        "length_weights.npy": np.zeros((0, topics)),
        "context.npy": _context_from_2(arrays["context.npy"], topics),
    }
    return manifest | {"settings": manifest["settings"] | {"lengths": False}}, arrays | upgraded


def _context_from_2(array: NDArray[np.float64], topics: int) -> NDArray[np.float64]:
    """Lay out a linear context: the coefficients of each topic's own score, the offsets, and those of the others."""
    if not len(array):
        return array
    own, offset, others = np.diag(array[0]), array[1:2], array[2:]
    return np.concatenate([own, others, np.zeros((1, topics)), offset])


def _from_3(
    manifest: dict[str, Any], arrays: dict[str, NDArray[Any]]
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    quality = manifest["quality"]
    if quality is not None:
        quality = _rename(quality, _MEASURES)
        if "also" in quality:
            quality["also"] = {name: _rename(found, _MEASURES) for name, found in quality["also"].items()}
    none = dict.fromkeys(manifest["bias"], 0.0)
    changed = {
        "settings": _rename(manifest["settings"], _SETTINGS),
        "quality": quality,
        "usual_paragraphs": None,
        "calibration": manifest["calibration"] | {"scarce_slope": none, "scarce_offset": none},
        "thresholds": dict.fromkeys(("texts", "paragraphs"), manifest["thresholds"]),
        "operating_points": dict.fromkeys(("texts", "paragraphs"), manifest["operating_points"]),
    }
    return manifest | changed, arrays | {"chance.npy": np.zeros((0, len(manifest["topics"])))}


def _rename(mapping: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in mapping.items()}
