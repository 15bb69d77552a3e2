"""Model ↔ model folder; nothing else touches those files.

    manifest.json     format, topics, settings, thresholds, calibration, dictionary, provenance, quality, file hashes
    vocabulary.tsv    the features as text, in the order of the columns
    alphabet.npy      the characters of the vocabulary
    keys.npy, slots.npy, flags.npy, columns.npy  the tree of its pairs and words, and their columns
    idf.npy, weights.npy  the arrays of the linear model; the weights are times IDF
    of_length.npy     what the length of a text adds to scores; no rows where it adds nothing
    context.npy       how the paragraphs of an article tell of one another; no rows where they do not
    README.md         the model card, for people; not read again

No pickle: the arrays are plain `.npy` files, memory-mapped on load. A folder appears by rename, so that a broken save
leaves the one before.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.card import render_card
from tagger.context import Context
from tagger.errors import FormatError, ModelError, SettingsError
from tagger.linear import KNOTS, Calibration
from tagger.lookup import Lookup
from tagger.model import Model, Provenance
from tagger.records import Topic
from tagger.settings import Settings
from tagger.text import CODE_POINTS
from tagger.thresholds import Operating, OperatingPoint
from tagger.vocabulary import ALPHABET, Vocabulary

__all__ = ["FORMAT", "check_target", "load_model", "model_files", "model_hash", "save_model", "shipped_model", "umask"]

FORMAT = 3
# Older folders that are still read. Format 2 had a context without units and lengths, a hash table of another kind,
# weights that IDF is not in yet, and knew nothing of how long texts are.
_OLDEST = 2
_NEW = {"of_length.npy"}
_MANIFEST = "manifest.json"
_VOCABULARY = "vocabulary.tsv"
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
_POINT = ("threshold", "precision", "recall")
_FILES = (*_ARRAYS, _VOCABULARY)


def shipped_model() -> Path:
    """Find the folder of the model that ships with the package, in an installed wheel or in a checkout."""
    package = Path(__file__).parent
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
        with _appearing(target) as draft:
            arrays = {
                "alphabet.npy": model.vocabulary.alphabet,
                "keys.npy": model.vocabulary.lookup.keys,
                "slots.npy": model.vocabulary.lookup.slots,
                "flags.npy": model.vocabulary.flags,
                "columns.npy": model.vocabulary.columns,
                "idf.npy": model.idf,
                "weights.npy": model.weights,
                "of_length.npy": model.of_length,
                "context.npy": _to_array(model.context, len(model.topics)),
            }
            for name, array in arrays.items():
                np.save(draft / name, np.asarray(array), allow_pickle=False)
            (draft / _VOCABULARY).write_bytes(model.spelling.tobytes())
            manifest = _manifest(model) | {"files": {name: _hash(draft / name) for name in _FILES}}
            text = json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False)
            (draft / _MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
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
    manifest = _read_manifest(path)
    if manifest["format"] < _OLDEST:
        raise FormatError(
            path,
            f"has format {manifest['format']}, this Tagger reads {_OLDEST} to {FORMAT}: train it anew from its labels",
        )
    hashes = _entry(manifest, "files", dict, path / _MANIFEST)
    missing = _NEW if manifest["format"] < FORMAT else set()
    for name in _FILES:
        if name not in missing:
            _check_hash(path / name, hashes.get(name))
    arrays = {name: _read_array(path / name, dtype) for name, dtype in _ARRAYS.items() if name not in missing}
    model = _from_manifest(manifest, arrays, _map_bytes(path / _VOCABULARY), path / _MANIFEST)
    _check_shapes(model, path)
    return _from_format_2(model) if manifest["format"] == 2 else model


def _from_format_2(model: Model) -> Model:
    vocabulary = model.vocabulary
    lookup = Lookup.build(vocabulary.lookup.keys, first=len(vocabulary.alphabet) + 1)
    return replace(
        model,
        vocabulary=replace(vocabulary, lookup=lookup),
        weights=(model.weights * model.idf[:, np.newaxis].astype(np.float64)).astype(np.float32),
    )


def model_hash(folder: str | Path) -> str:
    """Give the SHA-256 of a model's manifest, which holds those of its other files: equal for equal models.

    Raises:
        ModelError: when the folder is no model.
    """
    _read_manifest(Path(folder))
    return _hash(Path(folder) / _MANIFEST)


def model_files(folder: str | Path) -> list[Path]:
    """Name the files that a model consists of: all that has to be copied for the model to be in another place."""
    return [path for name in (_MANIFEST, *_FILES, _CARD) if (path := Path(folder) / name).is_file()]


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
    own = set(_read_manifest(target).get("files", ())) if _MANIFEST in names else set()
    if foreign := sorted(names - {_MANIFEST, _CARD, *own}):
        raise ModelError(target, f"holds {foreign[0]!r}, which is no part of a model: choose a new or an empty folder")


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """Give a draft folder that takes the target's place when all went well, and vanishes when not."""
    import shutil  # noqa: PLC0415 - with all that these import, a while that a process which only loads need not wait
    import tempfile  # noqa: PLC0415

    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    replaced = draft.with_suffix(".old")
    try:
        draft.chmod(0o777 & ~umask())
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


def umask() -> int:
    """Read the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(model: Model) -> dict[str, Any]:
    names = [topic.name for topic in model.topics]
    calibration = model.calibration
    return {
        "format": FORMAT,
        "topics": [asdict(topic) for topic in model.topics],
        "settings": asdict(model.settings),
        "thresholds": {
            name: dict(zip(_POINT, _to_numbers(operating.chosen), strict=True))
            for name, operating in zip(names, model.operating, strict=True)
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
            name: {"best": _to_numbers(operating.best), "points": [_to_numbers(point) for point in operating.points]}
            for name, operating in zip(names, model.operating, strict=True)
        },
    }


def _read_manifest(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise ModelError(
            path, "there is no such model folder; check the path, or train one: tagger train LABELS -o DIR"
        )
    try:
        manifest = json.loads((path / _MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ModelError(
            path, f"is no model: it has no {_MANIFEST}; a model is a folder made by tagger train"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(path / _MANIFEST, f"cannot be read ({error}); restore the folder or train anew") from error
    if not isinstance(manifest, dict) or type(manifest.get("format")) is not int or manifest["format"] < 1:
        raise ModelError(path / _MANIFEST, "has no format number: it is no manifest of a model; train anew")
    if manifest["format"] > FORMAT:
        raise FormatError(
            path, f"has format {manifest['format']}, this Tagger reads up to {FORMAT}: pip install -U tagger-zh"
        )
    return manifest


def _entry(mapping: dict[str, Any], key: str, kind: type, path: Path) -> Any:
    value = mapping.get(key)
    if not isinstance(value, kind):
        raise ModelError(path, f"{key!r} is missing or no {kind.__name__}; restore the folder or train anew")
    return value


def _check_hash(path: Path, expected: object) -> None:
    if not isinstance(expected, str):
        raise ModelError(path, f"has no hash in {_MANIFEST}; restore the folder or train anew")
    try:
        actual = _hash(path)
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror}); restore the folder or train anew") from error
    if actual != expected:
        raise ModelError(path, f"is damaged: its hash is not the one in {_MANIFEST}; restore the folder or train anew")


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


def _from_manifest(
    manifest: dict[str, Any], arrays: dict[str, NDArray[Any]], spelling: NDArray[np.uint8], path: Path
) -> Model:
    try:
        topics = tuple(
            Topic(**(entry | {"keywords": tuple(entry["keywords"])}))
            for entry in _entry(manifest, "topics", list, path)
        )
        settings = Settings(**_entry(manifest, "settings", dict, path))
        calibration = _entry(manifest, "calibration", dict, path)

        def column(values: dict[str, float]) -> NDArray[np.float64]:
            return np.array([values[topic.name] for topic in topics], dtype=np.float64)

        return Model(
            topics=topics,
            settings=settings,
            dictionary=tuple(map(str, _entry(manifest, "dictionary", list, path))),
            vocabulary=Vocabulary(
                alphabet=arrays["alphabet.npy"],
                lookup=Lookup(arrays["keys.npy"], arrays["slots.npy"]),
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
            of_length=arrays.get("of_length.npy", np.zeros((0, len(topics)))),
            context=_to_context(arrays["context.npy"], len(topics), old=manifest["format"] < FORMAT),
            operating=tuple(
                Operating(
                    chosen=_to_point([manifest["thresholds"][topic.name][name] for name in _POINT]),
                    best=_to_point(manifest["operating_points"][topic.name]["best"]),
                    points=tuple(_to_point(point) for point in manifest["operating_points"][topic.name]["points"]),
                )
                for topic in topics
            ),
            provenance=Provenance(**manifest["provenance"]),
            spelling=spelling,
            quality=manifest["quality"],
        )
    except (KeyError, TypeError, ValueError, AttributeError, SettingsError) as error:
        problem = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise ModelError(path, f"does not fit format {FORMAT} ({problem}); restore the folder or train anew") from error


def _to_array(context: Context | None, topics: int) -> NDArray[np.float64]:
    if context is None:
        return np.zeros((0, topics))
    return np.concatenate([context.inner, np.pad(context.outer, ((0, 0), (0, len(context.outer))))])


def _to_context(array: NDArray[np.float64], topics: int, *, old: bool) -> Context | None:
    """Cut the rows of the units, which are padded with zeros, from the others."""
    if not len(array):
        return None
    if old:
        own, offset, others = np.diag(array[0]), array[1:2], array[2:]
        return Context(np.concatenate([own, others, np.zeros((1, topics)), offset]), np.zeros((0, topics)))
    rows = 7 * topics + 2
    return Context(array[:rows], array[rows:, :topics])


def _to_numbers(point: OperatingPoint) -> list[float | None]:
    """JSON knows no NaN: a precision or recall that was not measured is null."""
    return [None if math.isnan(value) else value for value in (point.threshold, point.precision, point.recall)]


def _to_point(numbers: list[float | None]) -> OperatingPoint:
    threshold, precision, recall = (math.nan if value is None else float(value) for value in numbers)
    return OperatingPoint(threshold, precision, recall)


def _check_shapes(model: Model, path: Path) -> None:
    features, topics = len(model.idf), len(model.topics)
    vocabulary = model.vocabulary
    alphabet, lookup, columns = vocabulary.alphabet, vocabulary.lookup, vocabulary.columns
    slots, taken, nodes = len(lookup.slots), int(np.count_nonzero(lookup.slots)), len(vocabulary.flags)
    calibration, context = model.calibration, model.context
    units = 0 if context is None else len(context.outer)
    checks = {
        "alphabet.npy": len(alphabet) <= ALPHABET
        and bool((alphabet < CODE_POINTS).all())
        and len(np.unique(alphabet)) == len(alphabet),
        "keys.npy": len(lookup.keys) == nodes and bool((lookup.keys[:1] == 0).all()),
        # Every node but those of single characters is there; and half of the slots, at least, are free, or a search
        # for an unknown key would not end.
        "slots.npy": slots > max(0, 2 * taken - 1)
        and taken == nodes - len(alphabet) - 1
        and _within(lookup.slots, 0, nodes - 1),
        "flags.npy": nodes > len(alphabet) and vocabulary.flags[0] == 0,
        "columns.npy": columns.shape == (nodes, 2)
        and _within(columns, -1, features - 1)
        and int(np.count_nonzero(columns >= 0)) == features,
        _VOCABULARY: int(np.count_nonzero(model.spelling == ord("\n"))) == features + 1,
        "weights.npy": model.weights.shape == (features, topics),
        "of_length.npy": model.of_length.shape in {(0, topics), (KNOTS, topics)},
        "context.npy": context is None
        or (context.inner.shape == (7 * topics + 2, topics + units) and context.outer.shape == (units, topics)),
        _MANIFEST: topics > 0
        and all(
            bool(np.isfinite(numbers).all())
            for numbers in (model.bias, model.thresholds, calibration.slope, calibration.offset)
        )
        and bool(((calibration.prior >= 0) & (calibration.prior <= 1)).all()),
    }
    for name, fits in checks.items():
        if not fits:
            raise ModelError(path / name, "does not fit the rest of the model; restore the folder or train anew")


def _within(array: NDArray[np.int32], lowest: int, highest: int) -> bool:
    return not array.size or bool(array.min() >= lowest and array.max() <= highest)
