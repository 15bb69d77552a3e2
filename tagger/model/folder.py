"""Model folders: saved, loaded, told apart by their hashes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import FormatError, ModelError
from tagger.model.arrays import ARRAYS, check_arrays, read_array
from tagger.model.card import render_card
from tagger.model.manifest import (
    FORMAT,
    MANIFEST,
    check_numbers,
    from_manifest,
    manifest_value,
    read_manifest,
    to_manifest,
)
from tagger.model.model import Model
from tagger.model.old_formats import OLDEST, stored_names, upgrade

__all__ = ["atomic_folder", "check_target", "load_model", "model_files", "model_hash", "save_model", "shipped_model"]

_CARD = "README.md"
_FEATURES = "vocabulary.tsv"


def shipped_model() -> Path:
    """Return the folder of the model that ships with the package, in an installed wheel or in a checkout."""
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
            for stored in ARRAYS:
                np.save(draft / stored.file, np.asarray(stored.get(model)), allow_pickle=False)
            (draft / _FEATURES).write_bytes(model.feature_text.tobytes())
            hashes = {name: _hash(draft / name) for name in _file_names(FORMAT)}
            text = json.dumps(to_manifest(model) | {"files": hashes}, ensure_ascii=False, indent=1, allow_nan=False)
            (draft / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
            (draft / _CARD).write_text(render_card(model), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ModelError(target, f"cannot be written: {error.strerror or error}; choose another folder") from error


def load_model(folder: str | Path) -> Model:
    """Read a model folder, memory-mapping its arrays, and check all of it.

    Raises:
        FormatError: when the folder was written by a newer version of Tagger, or by one too old.
        ModelError: when it is not a model, or a part of it is missing, damaged or does not fit the rest.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    number = manifest["format"]
    if number < OLDEST:
        raise FormatError(
            path, f"has format {number}, this Tagger reads {OLDEST} to {FORMAT}: train it again from its labels"
        )
    hashes = manifest_value(manifest, "files", dict, path / MANIFEST)
    for name in _file_names(number):
        _check_hash(path / name, hashes.get(name))
    renamed = stored_names(number)
    files = {stored: renamed.get(stored.file, stored.file) for stored in ARRAYS}
    arrays = {stored.file: read_array(path / name, stored) for stored, name in files.items() if name is not None}
    feature_text = _map_bytes(path / _FEATURES)
    try:
        manifest, arrays = upgrade(manifest, arrays)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelError(
            path / MANIFEST, f"does not fit format {number} ({error}); restore the folder or train again"
        ) from error
    model = from_manifest(manifest, arrays, feature_text, path / MANIFEST)
    check_numbers(model, path / MANIFEST)
    check_arrays(model, path)
    return model


def model_hash(folder: str | Path) -> str:
    """Return the SHA-256 of a model's manifest, which has those of its other files: equal for equal models.

    Raises:
        ModelError: when the folder is not a model.
    """
    read_manifest(Path(folder))
    return _hash(Path(folder) / MANIFEST)


def model_files(folder: str | Path) -> list[Path]:
    """Return the files that a model consists of: all that has to be copied to have it in another place."""
    number = read_manifest(Path(folder))["format"]
    return [path for name in (MANIFEST, *_file_names(number), _CARD) if (path := Path(folder) / name).is_file()]


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
        raise ModelError(
            target, f"holds {foreign[0]!r}, which is not a part of a model: choose a new or an empty folder"
        )


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Yield a draft folder that takes the target's place when all went well, and vanishes when not."""
    import shutil  # noqa: PLC0415 - both take a while to import, which a process that only loads need not wait for
    import tempfile  # noqa: PLC0415 - likewise

    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    replaced = draft.with_suffix(".old")
    try:
        draft.chmod(0o777 & ~_umask())
        yield draft
        try:
            if target.exists():
                target.rename(replaced)
            draft.rename(target)
        except BaseException:
            # An interrupt may have come just after the renames.
            if replaced.exists() and not target.exists():
                replaced.rename(target)
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if target.exists():
            shutil.rmtree(replaced, ignore_errors=True)


def _umask() -> int:
    """Read the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _file_names(number: int) -> tuple[str, ...]:
    """Return the files beside manifest and card that a model of this format has."""
    renamed = stored_names(number)
    names = (renamed.get(stored.file, stored.file) for stored in ARRAYS)
    return (*(name for name in names if name is not None), _FEATURES)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_hash(path: Path, expected: object) -> None:
    if not isinstance(expected, str):
        raise ModelError(path, f"has no hash in {MANIFEST}; restore the folder or train again")
    try:
        actual = _hash(path)
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror}); restore the folder or train again") from error
    if actual != expected:
        raise ModelError(path, f"is damaged: its hash is not the one in {MANIFEST}; restore the folder or train again")


def _map_bytes(path: Path) -> NDArray[np.uint8]:
    try:
        return np.memmap(path, dtype=np.uint8, mode="r")
    except (OSError, ValueError) as error:
        raise ModelError(path, f"cannot be read ({error}); restore the folder or train again") from error
