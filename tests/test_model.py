import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tagger
from tagger.model import FORMAT, shipped_model
from tagger.model.arrays import to_context
from tagger.model.folder import atomic_folder
from tagger.model.old_formats import upgrade

ARRAYS = ["alphabet.npy", "columns.npy", "flags.npy", "idf.npy", "keys.npy", "slots.npy", "weights.npy"]


@pytest.fixture
def folder(tiny: tagger.Tagger, tmp_path: Path) -> Path:
    tiny.save(tmp_path / "model")
    return tmp_path / "model"


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def rehash(folder: Path, name: str) -> None:
    import hashlib  # noqa: PLC0415 - one test's business

    edit(folder, lambda m: m["files"].update({name: hashlib.sha256((folder / name).read_bytes()).hexdigest()}))


def test_what_is_saved_tags_alike_when_loaded(tiny: tagger.Tagger, folder: Path) -> None:
    texts = ["苹果和火车", "下雨了", "", "香蕉"]
    loaded = tagger.load(folder)
    assert loaded.predict_proba(texts).tolist() == tiny.predict_proba(texts).tolist()
    assert loaded.settings == tiny.settings
    assert loaded.model.features() == tiny.model.features()
    assert loaded.model.provenance == tiny.model.provenance


def test_a_loaded_tagger_saves_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    tagger.load(folder).save(tmp_path / "again")
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_arrays_are_memory_mapped(folder: Path) -> None:
    model = tagger.load(folder).model
    assert isinstance(model.classifier.linear.weights.base, np.memmap)
    assert isinstance(model.vocabulary.table.keys.base, np.memmap)


def test_there_is_no_pickle_in_the_folder(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "alphabet.npy",
        "columns.npy",
        "context.npy",
        "flags.npy",
        "idf.npy",
        "keys.npy",
        "length_weights.npy",
        "manifest.json",
        "slots.npy",
        "vocabulary.tsv",
        "weights.npy",
    ]
    for name in ARRAYS:
        np.load(folder / name, allow_pickle=False)


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(tagger.ModelError, match=r"none: there is no such model folder"):
        tagger.load(tmp_path / "none")


def test_a_folder_that_is_no_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(tagger.ModelError, match=r"is not a model: it has no manifest\.json"):
        tagger.load(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": "1"}', "[" * 100_000])
def test_a_manifest_that_is_none_is_said(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(tagger.ModelError, match=r"manifest\.json"):
        tagger.load(folder)


def test_a_newer_format_asks_for_a_newer_tagger(folder: Path) -> None:
    edit(folder, lambda m: m.update(format=FORMAT + 1))
    with pytest.raises(tagger.FormatError, match=f"has format {FORMAT + 1}, this Tagger reads up to {FORMAT}"):
        tagger.load(folder)


def test_a_format_too_old_asks_for_training_anew(folder: Path) -> None:
    edit(folder, lambda m: m.update(format=1))
    with pytest.raises(tagger.FormatError, match=f"has format 1, this Tagger reads 2 to {FORMAT}: train it again"):
        tagger.load(folder)


def test_a_folder_of_format_2_still_tags_as_it_did(root: Path, tmp_path: Path) -> None:
    old = tagger.load(root / "tests/cases/format_2/model")
    lines = (root / "tests/cases/format_2/predictions.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    texts = [line["text"] for line in told]
    assert old.predict(texts) == [tuple(line["topics"]) for line in told]
    assert old.predict_proba(texts) == pytest.approx(np.array([line["probabilities"] for line in told]), abs=1e-6)
    assert not old.settings.lengths
    old.save(tmp_path / "new")
    assert tagger.load(tmp_path / "new").predict_proba(texts).tolist() == old.predict_proba(texts).tolist()


def test_a_context_of_format_2_judges_as_it_did() -> None:
    random = np.random.default_rng(0)
    own, offset, others = random.normal(size=(2, 3)), random.normal(size=3), random.normal(size=(18, 3))
    manifest = {"format": 2, "topics": [{}] * 3, "settings": {}, "quality": None}
    arrays: dict[str, Any] = {
        "keys.npy": np.zeros(2, dtype=np.uint64),
        "alphabet.npy": np.zeros(0, dtype=np.uint32),
        "weights.npy": np.zeros((1, 3), dtype=np.float32),
        "idf.npy": np.ones(1, dtype=np.float32),
        "context.npy": np.concatenate([own[:1], offset[np.newaxis], others]),
    }
    context = to_context(upgrade(manifest, arrays)[1]["context.npy"], 3)
    assert context is not None
    given = random.normal(size=(5, 22))
    assert context.margins(given) == pytest.approx(own[0] * given[:, :3] + offset + given[:, 3:21] @ others)


@pytest.mark.parametrize("name", [*ARRAYS, "vocabulary.tsv"])
def test_a_file_that_is_missing_truncated_or_without_hash_is_said(folder: Path, name: str) -> None:
    path = folder / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(tagger.ModelError, match=f"{name}: is damaged"):
        tagger.load(folder)
    path.unlink()
    with pytest.raises(tagger.ModelError, match=f"{name}: cannot be read"):
        tagger.load(folder)
    edit(folder, lambda m: m["files"].pop(name))
    with pytest.raises(tagger.ModelError, match=f"{name}: has no hash"):
        tagger.load(folder)


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_cut_short_is_said_even_where_its_hash_fits(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1])
    rehash(folder, name)
    with pytest.raises(tagger.ModelError, match=f"{name}: is not an array"):
        tagger.load(folder)


def test_a_vocabulary_cut_short_is_said(folder: Path) -> None:
    lines = (folder / "vocabulary.tsv").read_bytes().splitlines(keepends=True)
    (folder / "vocabulary.tsv").write_bytes(b"".join(lines[:-1]))
    rehash(folder, "vocabulary.tsv")
    with pytest.raises(tagger.ModelError, match=r"vocabulary\.tsv: does not fit the rest"):
        tagger.load(folder)


def test_a_link_to_a_model_stays_one(tiny: tagger.Tagger, folder: Path) -> None:
    link = folder.with_name("link")
    link.symlink_to(folder, target_is_directory=True)
    tiny.save(link)
    assert link.is_symlink()


def test_an_empty_vocabulary_is_said(folder: Path) -> None:
    (folder / "vocabulary.tsv").write_bytes(b"")
    rehash(folder, "vocabulary.tsv")
    with pytest.raises(tagger.ModelError, match=r"vocabulary\.tsv: cannot be read"):
        tagger.load(folder)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("weights.npy", np.full((3, 2), np.nan, dtype=np.float32), "holds NaN"),
        ("idf.npy", np.full(3, np.inf, dtype=np.float32), "holds NaN or infinite"),
        ("weights.npy", np.zeros((3, 2)), "holds float64 where float32 is wanted"),
        ("weights.npy", np.zeros((3, 2), dtype=np.float32), "does not fit the rest"),
        ("idf.npy", np.zeros((3, 2), dtype=np.float32), "has 2 dimensions"),
        ("idf.npy", np.float32(1), "has 0 dimensions"),
        ("alphabet.npy", np.full(3, 0x110000, dtype=np.uint32), "does not fit the rest"),
        ("alphabet.npy", np.full(3, 0x4E00, dtype=np.uint32), "does not fit the rest"),
        ("keys.npy", np.zeros(3, dtype=np.uint64), "does not fit the rest"),
        ("slots.npy", np.zeros(3, dtype=np.int32), "does not fit the rest"),
        ("slots.npy", np.ones(512, dtype=np.int32), "does not fit the rest"),
        ("slots.npy", np.full(512, 10**6, dtype=np.int32), "does not fit the rest"),
        ("length_weights.npy", np.zeros((3, 2)), "does not fit the rest"),
        ("flags.npy", np.ones(3, dtype=np.uint8), "does not fit the rest"),
        ("columns.npy", np.zeros((3, 2), dtype=np.int32), "does not fit the rest"),
    ],
)
def test_an_array_that_cannot_be_is_said(folder: Path, name: str, array: Any, message: str) -> None:
    np.save(folder / name, array)
    rehash(folder, name)
    with pytest.raises(tagger.ModelError, match=message):
        tagger.load(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.pop("files"), "'files' is missing"),
        (lambda m: m.pop("topics"), "'topics' is missing"),
        (lambda m: m.update(topics=[]), "does not fit the rest"),
        (lambda m: m["topics"][0].update(colour="red"), "colour"),
        (lambda m: m["settings"].update(cost=-1), "cost is -1"),
        (lambda m: m["settings"].update(speed=1), "speed"),
        (lambda m: m["thresholds"].pop("fruit"), "'fruit' is missing"),
        (lambda m: m["thresholds"]["fruit"].update(threshold="high"), "could not convert"),
        (lambda m: m["thresholds"]["fruit"].pop("recall"), "'recall' is missing"),
        (lambda m: m["bias"].update(fruit=float("nan")), "does not fit the rest"),
        (lambda m: m.update(dictionary={"反诈": 1}), "'dictionary' is missing or not a list"),
        (lambda m: m["calibration"]["prior"].update(fruit=float("nan")), "does not fit the rest"),
        (lambda m: m["provenance"].pop("data_hash"), "data_hash"),
        (lambda m: m.pop("quality"), "'quality' is missing"),
    ],
)
def test_a_manifest_that_does_not_fit_is_said(
    folder: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    edit(folder, change)
    with pytest.raises(tagger.ModelError, match=message):
        tagger.load(folder)


def test_a_model_is_replaced_and_nothing_else_is(tiny: tagger.Tagger, folder: Path, tmp_path: Path) -> None:
    tiny.save(folder)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("mine", encoding="utf-8")
    shutil.copy(tmp_path / "papers" / "thesis.txt", folder / "note.txt")
    for other in (folder, tmp_path / "papers"):
        with pytest.raises(tagger.ModelError, match=r"holds '\w+\.txt', which is not a part of a model"):
            tiny.save(other)
    assert (folder / "note.txt").exists()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "manifest.json").write_text('{"name": "a web site"}', encoding="utf-8")
    with pytest.raises(tagger.ModelError, match="is not the manifest of a model"):
        tiny.save(tmp_path / "site")
    with pytest.raises(tagger.ModelError, match="is a file"):
        tiny.save(tmp_path / "papers" / "thesis.txt")
    assert (tmp_path / "papers" / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_an_empty_folder_is_as_good_as_none(tiny: tagger.Tagger, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    tiny.save(tmp_path / "empty")
    assert tagger.load(tmp_path / "empty").topics == tiny.topics


def test_a_place_that_cannot_be_written_is_said(tiny: tagger.Tagger, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(tagger.ModelError, match="cannot be written"):
        tiny.save(tmp_path / "file" / "model")


class _Interrupted:
    """An array that cannot be saved: the user presses Ctrl-C meanwhile."""

    def __array__(self, *_: object, **__: object) -> None:
        raise KeyboardInterrupt


def test_an_interrupt_leaves_the_model_before_and_no_half_of_the_new_one(
    tiny: tagger.Tagger, folder: Path, tmp_path: Path
) -> None:
    from dataclasses import replace  # noqa: PLC0415

    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    vocabulary = replace(tiny.model.vocabulary, alphabet=_Interrupted())  # type: ignore[arg-type]
    broken = tagger.Tagger(replace(tiny.model, vocabulary=vocabulary))
    with pytest.raises(KeyboardInterrupt):
        broken.save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_draft_that_is_lost_brings_the_model_before_back(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for target in (folder, folder.with_name("new")):
        with pytest.raises(FileNotFoundError), atomic_folder(target) as draft:
            shutil.rmtree(draft)
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_parent_that_may_not_be_written_is_said(tiny: tagger.Tagger, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(tagger.ModelError, match="cannot be written"):
            tiny.save(tmp_path / "model")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_the_folder_has_the_modes_of_any_other(tiny: tagger.Tagger, tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        tiny.save(tmp_path / "model")
        (tmp_path / "plain").mkdir()
    finally:
        os.umask(before)
    assert (tmp_path / "model").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_shipped_model_is_found() -> None:
    assert shipped_model().name == "police_press"
    assert (shipped_model() / "manifest.json").is_file()


def test_a_copied_folder_is_a_model_too(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    assert tagger.load(tmp_path / "copy").topics == ("fruit", "train")
