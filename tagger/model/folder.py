"""Model folders: saved, loaded, told apart by their hashes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from tagger.errors import FormatError, ModelError, reason
from tagger.messages import Message, _
from tagger.model.arrays import ARRAYS, check_arrays, to_array
from tagger.model.card import render_card
from tagger.model.files import Content, is_regular, read_content
from tagger.model.manifest import FORMAT, MANIFEST, from_manifest, read_hashes, read_manifest, to_manifest
from tagger.model.model import FEATURES, Model
from tagger.model.old_formats import OLDEST, stored_names, upgrade
from tagger.model.replacing import atomic_folder, check_writable, read_whole
from tagger.model.schema import check_entries, decode

__all__ = ["check_target", "load_model", "model_files", "model_hash", "save_model", "shipped_model"]

_CARD = "README.md"
# What file managers leave in a folder that somebody has looked at.
_LITTER = re.compile(r"\.DS_Store|\._.*|\.directory|(?i:(eh)?thumbs\.db|desktop\.ini)")


def shipped_model() -> Path:
    """Return the folder of the model that ships with the package, in an installed wheel or in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "models" / "police_press"
    return installed if installed.is_dir() else package.parent / "models" / "police_press"


def save_model(model: Model, folder: str | Path) -> None:
    """Write a model to a folder, which must be new, empty or hold nothing but a model; that one is then replaced.

    The same model gives the same bytes. It is on the disk when this returns, and takes the place of the other in one
    step.

    Raises:
        ModelError: when the folder holds something else, or cannot be written.
    """
    target = Path(folder).resolve()
    check_target(target)
    try:
        with atomic_folder(target) as draft:
            for stored in ARRAYS:
                np.save(draft / stored.file, np.asarray(stored.get(model)), allow_pickle=False)
            (draft / FEATURES).write_bytes(model.feature_text.tobytes())
            hashes = {name: read_content(draft / name)[1] for name in _file_names(FORMAT)}
            text = json.dumps(to_manifest(model) | {"files": hashes}, ensure_ascii=False, indent=1, allow_nan=False)
            check_entries(decode(text))
            (draft / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
            (draft / _CARD).write_text(render_card(model), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ModelError(target, _cannot_be_written(error)) from error
    except (TypeError, ValueError) as error:
        wrong = _("cannot be saved, as it could not be loaded: {error}", error=error)
        raise ModelError(target, wrong) from error


def load_model(folder: str | Path, *, digest: str | None = None) -> Model:
    """Read a model folder, and check all of it; only files of 16 MB and more are mapped instead of read.

    `digest` is the `model_hash` that it must have; None takes any.

    Raises:
        FormatError: when the folder was written by a newer version of Tagger, or by one too old.
        ModelError: when it is not a model, is another one than `digest` says, or a part of it is missing, damaged or
            does not fit the rest.
    """
    if not isinstance(folder, str | Path):
        raise TypeError(f"a model folder is named by a str or a Path, not {type(folder).__name__}")
    path = Path(folder)
    return read_whole(path.resolve(), lambda: _load(path, digest))


def _load(path: Path, digest: str | None) -> Model:
    manifest, found = read_manifest(path)
    if digest is not None and found != digest:
        raise ModelError(
            path,
            _(
                "is another model than the one that is wanted: its hash is {found}, not {digest}",
                found=found,
                digest=digest,
            ),
        )
    number = manifest["format"]
    if number < OLDEST:
        raise FormatError(
            path,
            _(
                "has format {number}, this Tagger reads {oldest} to {newest}: train it again from its labels",
                number=number,
                oldest=OLDEST,
                newest=FORMAT,
            ),
        )
    hashes = read_hashes(manifest)
    content = {name: _read_hashed(path / name, hashes.get(name)) for name in _file_names(number)}
    renamed = stored_names(number)
    files = {stored: renamed.get(stored.file, stored.file) for stored in ARRAYS}
    arrays = {
        stored.file: to_array(content[name], stored, path / name) for stored, name in files.items() if name is not None
    }
    try:
        manifest, arrays = upgrade(manifest, arrays)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ModelError(
            path / MANIFEST,
            _("does not fit format {number} ({error}); restore the folder or train again", number=number, error=error),
        ) from error
    model = from_manifest(manifest, arrays, np.frombuffer(content[FEATURES], dtype=np.uint8), path / MANIFEST)
    check_arrays(model, path)
    return model


def model_hash(folder: str | Path) -> str:
    """Return the SHA-256 of a model's manifest, which has those of its other files: equal for equal models.

    It covers all that decides what a model says. `load_model` compares it.

    Raises:
        ModelError: when the folder is not a model.
    """
    path = Path(folder)
    return read_whole(path.resolve(), lambda: read_manifest(path)[1])


def model_files(folder: str | Path) -> list[Path]:
    """Return the files that a model consists of: all that has to be copied to have it in another place."""
    number = read_manifest(Path(folder))[0]["format"]
    return [path for name in (MANIFEST, *_file_names(number), _CARD) if is_regular(path := Path(folder) / name)]


def check_target(target: Path) -> None:
    """Refuse a place where a model may not, or cannot be saved.

    What file managers leave in folders does not count.

    Raises:
        ModelError: when it is a file, or a folder that holds anything but a model, or cannot be written.
    """
    if target.exists() and not target.is_dir():
        raise ModelError(target, _("is a file: a model is saved to a folder, choose another name"))
    try:
        names = {path.name for path in target.iterdir()} if target.is_dir() else set()
        # A model of an older format has other files, which its manifest names.
        own = set(read_hashes(read_manifest(target)[0])) if MANIFEST in names else set()
        foreign = sorted(name for name in names - {MANIFEST, _CARD, *own} if not _LITTER.fullmatch(name))
        if foreign:
            raise ModelError(
                target,
                _("holds {file!r}, which is not a part of a model: choose a new or an empty folder", file=foreign[0]),
            )
        check_writable(target.resolve())
    except OSError as error:
        raise ModelError(target, _cannot_be_written(error)) from error


def _cannot_be_written(error: OSError) -> Message:
    return _("cannot be written: {reason}; choose another folder", reason=reason(error))


def _file_names(number: int) -> tuple[str, ...]:
    """Return the files beside manifest and card that a model of this format has."""
    renamed = stored_names(number)
    names = (renamed.get(stored.file, stored.file) for stored in ARRAYS)
    return (*(name for name in names if name is not None), FEATURES)


def _read_hashed(path: Path, expected: object) -> Content:
    if not isinstance(expected, str):
        raise ModelError(path, _("has no hash in {file}; restore the folder or train again", file=MANIFEST))
    try:
        content, digest = read_content(path)
    except FileNotFoundError as error:
        wrong = _("cannot be read ({reason}); restore the folder or train again", reason=reason(error))
        raise ModelError(path, wrong) from error
    if digest != expected:
        raise ModelError(
            path, _("is damaged: its hash is not the one in {file}; restore the folder or train again", file=MANIFEST)
        )
    return content
