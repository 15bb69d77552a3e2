"""Files of a model folder that are not what they should be: links, pipes, devices, sizes that do not agree."""

import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tagger
from tagger.features.vocabulary import pack
from tagger.model import model_files, model_hash
from tagger.model.files import MAPPED_FROM

FILES = ("manifest.json", "weights.npy", "vocabulary.tsv")


@pytest.fixture
def folder(tiny: tagger.Tagger, tmp_path: Path) -> Path:
    tiny.save(tmp_path / "model")
    return tmp_path / "model"


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def put(folder: Path, name: str, content: bytes) -> None:
    """Write a file and its hash, which fits."""
    (folder / name).write_bytes(content)
    edit(folder, lambda m: m["files"].update({name: hashlib.sha256(content).hexdigest()}))


def put_array(folder: Path, name: str, change: Callable[[Any], Any]) -> None:
    np.save(folder / name, change(np.load(folder / name).copy()))
    put(folder, name, (folder / name).read_bytes())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["link", "link to nothing", "device", "pipe", "folder"])
def test_what_is_no_file_is_refused_at_once(folder: Path, tmp_path: Path, name: str, kind: str) -> None:
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    match kind:
        case "link":
            (tmp_path / "elsewhere").write_bytes(content)
            path.symlink_to(tmp_path / "elsewhere")
        case "link to nothing":
            path.symlink_to(tmp_path / "nothing")
        case "device":
            path.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(path)
        case _:
            path.mkdir()
    for read in (tagger.load, model_hash) if name == "manifest.json" else (tagger.load,):
        with pytest.raises(tagger.ModelError, match=f"{name}: is a link or no regular file"):
            read(folder)
    if name != "manifest.json":
        assert path not in model_files(folder)


def test_a_file_that_may_not_be_read_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def forbidden(path: Any, *arguments: Any, **options: Any) -> int:
        if str(path).endswith("idf.npy"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(tagger.ModelError, match=r"idf\.npy: cannot be read \(Permission denied\)"):
        tagger.load(folder)


def test_a_link_to_the_folder_of_a_model_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    assert tagger.load(tmp_path / "link").topics == ("fruit", "train")


@pytest.mark.full
@pytest.mark.parametrize(
    ("size", "message"), [(MAPPED_FROM - 1, "is damaged"), (1 << 28, "is damaged"), (1 << 40, "has 1,099,511,627,776")]
)
def test_a_file_that_is_larger_than_its_array_takes_no_more_memory(folder: Path, size: int, message: str) -> None:
    # With holes, which take no room on the disk.
    os.truncate(folder / "weights.npy", size)
    script = f"""
import tagger, resource
try:
    tagger.load({str(folder)!r})
except tagger.ModelError as error:
    print(error)
"""
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_DATA, (400 << 20,) * 2)\n{script}"
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, check=True, timeout=60)
    assert f"weights.npy: {message}" in done.stdout


def test_an_array_that_says_to_be_larger_than_its_file_takes_no_memory(folder: Path) -> None:
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 2), }".ljust(117) + b"\n"
    put(folder, "weights.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + bytes(64))
    tracemalloc.start()
    with pytest.raises(tagger.ModelError, match=r"weights\.npy: is not an array: 64 bytes are not 1000000000 times 2"):
        tagger.load(folder)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_manifest_too_large_is_not_read(folder: Path) -> None:
    os.truncate(folder / "manifest.json", 1 << 40)
    with pytest.raises(tagger.ModelError, match=r"manifest\.json: has 1,099,511,627,776 bytes, more than"):
        tagger.load(folder)


def test_a_digest_is_compared(folder: Path) -> None:
    digest = model_hash(folder)
    assert tagger.load(folder, digest=digest).topics == ("fruit", "train")
    edit(folder, lambda m: m["thresholds"]["texts"]["fruit"].update(threshold=0.25))
    assert tagger.load(folder).thresholds["fruit"] == 0.25
    with pytest.raises(tagger.ModelError, match=f"is another model than the one that is wanted: .* not {digest}"):
        tagger.load(folder, digest=digest)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"kind\tword\n", "does not begin with the line"),
        (b"x\ta\t1\n", "has a line that is not a kind"),
        (b"c\ta\n", "has a line that is not a kind"),
        (b"c\ta\tmany\n", "has a line that is not a kind"),
        (b"c\t\xff\t1\n", "can't decode byte 0xff"),
    ],
)
def test_a_vocabulary_that_is_none_is_said(folder: Path, content: bytes, message: str) -> None:
    lines = (folder / "vocabulary.tsv").read_bytes().splitlines(keepends=True)
    changed = [content, *lines[1:]] if content.startswith(b"kind") else [lines[0], content, *lines[2:]]
    put(folder, "vocabulary.tsv", b"".join(changed))
    with pytest.raises(tagger.ModelError, match=rf"vocabulary\.tsv: .*{message}"):
        tagger.load(folder)


def test_a_large_vocabulary_is_checked_in_parts(tiny: tagger.Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    from tagger.model import model  # noqa: PLC0415 - shadows the fixture of that name

    text = tiny.model.feature_text
    for size in (20, 100, 1000):
        monkeypatch.setattr(model, "_PART", size)
        model.check_lines(text)
        with pytest.raises(ValueError, match="has a line"):
            model.check_lines(text[:-1])


def chain(keys: Any) -> Any:
    """Return keys of nodes that are each under the one before."""
    first = int(np.flatnonzero(keys > 0xFFFF)[0])
    nodes = np.arange(first, len(keys))
    return np.concatenate([keys[:first], pack(nodes - 1, np.ones(len(nodes), dtype=np.int64))])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("alphabet.npy", lambda a: np.where(np.arange(len(a)) == 1, np.uint32(0xD800), a)),
        ("keys.npy", lambda a: np.where(a > 0xFFFF, a | np.uint64(0xFFFF), a)),
        ("keys.npy", lambda a: np.where(a > 0xFFFF, a & np.uint64(0xFFFFFFFFFFFF0000), a)),
        ("keys.npy", lambda a: np.where(a > 0xFFFF, pack(np.arange(len(a)), np.ones(len(a), dtype=np.int64)), a)),
        ("idf.npy", lambda a: -a),
        ("flags.npy", lambda a: np.where(np.arange(len(a)) == 0, np.uint8(1), a)),
        ("columns.npy", lambda a: np.where((a == -1) & (a[:, :1] >= 0), -2, a)),
        ("slots.npy", lambda a: np.concatenate([np.zeros(5000, dtype=np.int32), a[a > 0], a[a > 0][:0]])),
        ("slots.npy", lambda a: np.insert(a[a > 0], np.arange(0, np.count_nonzero(a), 2), 0)),  # a third is free
    ],
)
def test_arrays_that_would_never_end_or_lead_out_are_refused(
    folder: Path, name: str, change: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tagger.model import arrays  # noqa: PLC0415 - shadows names

    monkeypatch.setattr(arrays, "_LONGEST_RUN", 100)
    put_array(folder, name, change)
    with pytest.raises(tagger.ModelError, match=rf"{name}: does not fit the rest"):
        tagger.load(folder)


def test_nodes_whose_texts_would_fill_the_memory_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tagger.model import arrays  # noqa: PLC0415 - shadows names

    put_array(folder, "keys.npy", chain)
    monkeypatch.setattr(arrays, "_LONGEST_TEXTS", 1)
    monkeypatch.setattr(arrays, "_LONGEST_TEXT", 10)
    with pytest.raises(tagger.ModelError, match=r"keys\.npy: does not fit the rest"):
        tagger.load(folder)


def test_numbers_that_are_enormous_are_refused(folder: Path) -> None:
    put_array(folder, "weights.npy", lambda a: a * np.float32(1e20))
    with pytest.raises(tagger.ModelError, match=r"weights\.npy: holds NaN, infinite or enormous"):
        tagger.load(folder)


def test_arrays_in_the_order_of_fortran_are_read(folder: Path) -> None:
    before = tagger.load(folder).predict_proba(["苹果"]).tolist()
    put_array(folder, "weights.npy", np.asfortranarray)
    assert tagger.load(folder).predict_proba(["苹果"]).tolist() == before


def test_a_model_that_could_not_be_loaded_is_not_saved(tiny: tagger.Tagger, folder: Path) -> None:
    from dataclasses import replace  # noqa: PLC0415 - one test's business

    broken = tagger.Tagger(replace(tiny.model, quality={"method": "none"}))
    before = model_hash(folder)
    with pytest.raises(tagger.ModelError, match=r"cannot be saved, as it could not be loaded: .*`signature`"):
        broken.save(folder)
    assert model_hash(folder) == before
