"""Model folders: saved, loaded, told apart by their hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.errors import FormatError, ModelError
from tagger.features.hash_table import HashTable
from tagger.model.atomic_folder import atomic_folder
from tagger.model.card import render_card
from tagger.model.checks import VOCABULARY, check_shapes
from tagger.model.manifest import FORMAT, MANIFEST, context_rows, entry, from_manifest, read_manifest, to_manifest
from tagger.model.model import Model

__all__ = ["check_target", "load_model", "model_files", "model_hash", "save_model", "shipped_model"]

# Older folders that are still read. Format 2 had a context without units and lengths, a hash table of another kind,
# weights that IDF is not in yet, and knew nothing of how long texts are.
_OLDEST = 2
_NEW = {"of_length.npy"}
_CARD = "README.md"
_ARRAYS: dict[str, np.dtype[Any]] = {
    "alphabet.npy": np.dtype(np.uint32),
    "keys.npy": np.dtype(np.uint64),
    "slots.npy": np.dtype(np.int32),
    "flags.npy": np.dtype(np.uint8),
    "columns.npy": np.dtype(np.int32),
    "idf.npy": np.dtype(np.float32),
    "weights.npy": np.dtype(np.float32),
    "of_length.npy": np.dtype(np.float64),
    "context.npy": np.dtype(np.float64),
}
_FILES = (*_ARRAYS, VOCABULARY)


def shipped_model() -> Path:
    """Find the folder of the model that ships with the package, in an installed wheel or in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "models" / "police_press"
    return installed if installed.is_dir() else package.parent / "models" / "police_press"


def save_model(model: Model, folder: str | Path) -> None:
    """Write a model to a folder, which must be new, empty or hold nothing but a model; that one is then replaced.

    The same model gives the same bytes.

    Raises:
        ModelError: when the folder holds something else, or cannot be written.
    """
    target = Path(folder).resolve()
    check_target(target)
    try:
        with atomic_folder(target) as draft:
            arrays = {
                "alphabet.npy": model.vocabulary.alphabet,
                "keys.npy": model.vocabulary.table.keys,
                "slots.npy": model.vocabulary.table.slots,
                "flags.npy": model.vocabulary.flags,
                "columns.npy": model.vocabulary.columns,
                "idf.npy": model.idf,
                "weights.npy": model.weights,
                "of_length.npy": model.length_weights,
                "context.npy": context_rows(model.context, len(model.topics)),
            }
            for name, array in arrays.items():
                np.save(draft / name, np.asarray(array), allow_pickle=False)
            (draft / VOCABULARY).write_bytes(model.feature_text.tobytes())
            manifest = to_manifest(model) | {"files": {name: _hash(draft / name) for name in _FILES}}
            text = json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False)
            (draft / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
            (draft / _CARD).write_text(render_card(model), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ModelError(target, f"cannot be written: {error.strerror or error}; choose another folder") from error


def load_model(folder: str | Path) -> Model:
    """Read a model folder, memory-mapping its arrays, and check all of it.

    Raises:
        FormatError: when the folder was written by a newer version of Tagger, or by one too old.
        ModelError: when it is no model, or a part of it is missing, damaged or does not fit the rest.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    if manifest["format"] < _OLDEST:
        raise FormatError(
            path,
            f"has format {manifest['format']}, this Tagger reads {_OLDEST} to {FORMAT}: train it anew from its labels",
        )
    hashes = entry(manifest, "files", dict, path / MANIFEST)
    missing = _NEW if manifest["format"] < FORMAT else set()
    for name in _FILES:
        if name not in missing:
            _check_hash(path / name, hashes.get(name))
    arrays = {name: _read_array(path / name, dtype) for name, dtype in _ARRAYS.items() if name not in missing}
    model = from_manifest(manifest, arrays, _map_bytes(path / VOCABULARY), path / MANIFEST)
    check_shapes(model, path)
    return _from_format_2(model) if manifest["format"] == 2 else model


def _from_format_2(model: Model) -> Model:
    vocabulary = model.vocabulary
    table = HashTable.build(vocabulary.table.keys, first=len(vocabulary.alphabet) + 1)
    return replace(
        model,
        settings=replace(model.settings, lengths=False),
        vocabulary=replace(vocabulary, table=table),
        weights=(model.weights * model.idf[:, np.newaxis].astype(np.float64)).astype(np.float32),
    )


def model_hash(folder: str | Path) -> str:
    """Give the SHA-256 of a model's manifest, which holds those of its other files: equal for equal models.

    Raises:
        ModelError: when the folder is no model.
    """
    read_manifest(Path(folder))
    return _hash(Path(folder) / MANIFEST)


def model_files(folder: str | Path) -> list[Path]:
    """Name the files that a model consists of: all that has to be copied for the model to be in another place."""
    return [path for name in (MANIFEST, *_FILES, _CARD) if (path := Path(folder) / name).is_file()]


def check_target(target: Path) -> None:
    """Refuse a place where a model may not be saved.

    Raises:
        ModelError: when it is a file, or a folder that holds anything but a model.
    """
    if target.exists() and not target.is_dir():
        raise ModelError(target, "is a file: a model is saved to a folder, choose another name")
    if not target.is_dir():
        return
    names = {path.name for path in target.iterdir()}
    # A model of an older format has other files, which its manifest names.
    own = set(read_manifest(target).get("files", ())) if MANIFEST in names else set()
    if foreign := sorted(names - {MANIFEST, _CARD, *own}):
        raise ModelError(target, f"holds {foreign[0]!r}, which is no part of a model: choose a new or an empty folder")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_hash(path: Path, expected: object) -> None:
    if not isinstance(expected, str):
        raise ModelError(path, f"has no hash in {MANIFEST}; restore the folder or train anew")
    try:
        actual = _hash(path)
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror}); restore the folder or train anew") from error
    if actual != expected:
        raise ModelError(path, f"is damaged: its hash is not the one in {MANIFEST}; restore the folder or train anew")


def _read_array(path: Path, dtype: np.dtype[Any]) -> NDArray[Any]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelError(path, f"is no array ({error}); restore the folder or train anew") from error
    if array.dtype != dtype:
        raise ModelError(path, f"holds {array.dtype} where {dtype} is wanted; restore the folder or train anew")
    if array.ndim != (2 if path.name in {"weights.npy", "columns.npy", "of_length.npy", "context.npy"} else 1):
        raise ModelError(path, f"has {array.ndim} dimensions; restore the folder or train anew")
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise ModelError(path, "holds NaN or infinite numbers; restore the folder or train anew")
    # As a plain array over the mapped file: every operation on a np.memmap first makes another one.
    return np.asarray(array)


def _map_bytes(path: Path) -> NDArray[np.uint8]:
    try:
        return np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise ModelError(path, f"cannot be read ({error}); restore the folder or train anew") from error
