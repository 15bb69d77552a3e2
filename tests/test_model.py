import json
import mmap
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packed_weights import packed

import tagger
from tagger.dataset import read_dataset
from tagger.evaluation import evaluate_tagger
from tagger.features.vocabulary import PREFIX, WORD, unpack
from tagger.model import FORMAT, files, model_files, model_hash, shipped_model, strongest_features
from tagger.model.arrays import ARRAYS as STORED
from tagger.model.arrays import to_array
from tagger.model.replacing import atomic_folder
from tagger.text import BOUNDARY

ARRAYS = [
    "alphabet.npy",
    "chance.npy",
    "columns.npy",
    "context.npy",
    "flags.npy",
    "idf.npy",
    "keys.npy",
    "length_weights.npy",
    "masks.npy",
    "rows.npy",
    "slots.npy",
    "values.npy",
    "weights.npy",
]


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


def test_what_becomes_of_the_files_of_a_loaded_model_changes_nothing(folder: Path) -> None:
    model = tagger.load(folder)
    before = model.predict_proba(["苹果和火车"]).tolist()
    for path in folder.iterdir():
        with path.open("r+b") as file:
            file.write(b"\xff" * path.stat().st_size)
        os.truncate(path, 0)
    assert model.predict_proba(["苹果和火车"]).tolist() == before
    assert model.model.features()


def test_large_files_are_mapped_and_say_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tagger.load(folder)
    monkeypatch.setattr(files, "MAPPED_FROM", 1)
    model = tagger.load(folder)
    assert isinstance(model.model.classifier.linear.weights.base.base.obj, mmap.mmap)  # type: ignore[union-attr]
    assert model.predict_proba(["苹果和火车"]).tolist() == before.predict_proba(["苹果和火车"]).tolist()
    assert not np.asarray(before.model.classifier.linear.weights).flags.writeable


def test_there_is_no_pickle_in_the_folder(folder: Path) -> None:
    others = ["README.md", "manifest.json", "texts.npy", "vocabulary.tsv"]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*ARRAYS, *others])
    for name in ARRAYS:
        np.load(folder / name, allow_pickle=False)


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(tagger.ModelError, match=r"none: there is no such model folder"):
        tagger.load(tmp_path / "none")
    (tmp_path / "labels.csv").touch()
    with pytest.raises(tagger.ModelError, match=r"labels\.csv: is a file, and a model is a folder"):
        tagger.load(tmp_path / "labels.csv")


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


def damaged(tiny: tagger.Tagger, folder: Path, name: str, change: Callable[[Any], Any]) -> pytest.ExceptionInfo[Any]:
    """Save a packed model, change one of its arrays, and return with what it is refused."""
    packed(tiny).save(folder)
    np.save(folder / name, change(np.load(folder / name)))
    rehash(folder, name)
    with pytest.raises(tagger.ModelError) as refused:
        tagger.load(folder)
    return refused


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("rows.npy", lambda rows: rows[1:], "rows.npy: has"),
        ("rows.npy", lambda rows: rows - 1, "rows.npy: does not fit"),
        ("rows.npy", lambda rows: rows + 1, "rows.npy: does not fit"),
        ("rows.npy", lambda rows: rows[:0], "masks.npy: holds weights though rows.npy"),
        ("masks.npy", lambda masks: np.pad(masks, ((0, 0), (0, 1))), "masks.npy: does not fit"),
        ("masks.npy", lambda masks: masks | 1, "masks.npy: does not fit"),
        ("masks.npy", lambda masks: masks & 128, "masks.npy: does not fit"),
        ("values.npy", lambda values: values[1:], "masks.npy: does not fit"),
        ("values.npy", lambda values: values * np.float16(np.inf), "values.npy: holds NaN, infinite"),
        ("weights.npy", lambda _: np.ones((3, 2), np.float32), "weights.npy: holds weights though rows.npy"),
    ],
)
def test_packed_weights_that_do_not_fit_are_refused(
    tiny: tagger.Tagger, tmp_path: Path, name: str, change: Callable[[Any], Any], told: str
) -> None:
    assert told in str(damaged(tiny, tmp_path / "packed", name, change).value)


def test_a_tagger_of_packed_weights_says_the_same_when_loaded(tiny: tagger.Tagger, tmp_path: Path) -> None:
    made = packed(tiny)
    made.save(tmp_path / "packed")
    loaded = tagger.load(tmp_path / "packed")
    texts = ["苹果和火车", "下雨了", "", "香蕉"]
    assert loaded.predict_proba(texts).tolist() == made.predict_proba(texts).tolist()
    loaded.save(tmp_path / "again")
    for path in (tmp_path / "packed").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_files_that_do_not_fit_one_another_are_named_where_none_can_be_blamed(folder: Path) -> None:
    for name, length in (("keys.npy", 3), ("flags.npy", 4)):
        np.save(folder / name, np.load(folder / name)[:length])
        rehash(folder, name)
    nodes = len(np.load(folder / "columns.npy"))
    told = f"of nodes, keys.npy has 3, flags.npy has 4, columns.npy has {nodes}"
    message = f"model: holds files that do not fit together: {told}; restore it or train again"
    with pytest.raises(tagger.ModelError, match=message):
        tagger.load(folder)
    for name, length in (("keys.npy", 0), ("flags.npy", 0), ("columns.npy", 0)):
        np.save(folder / name, np.load(folder / name)[:length])
        rehash(folder, name)
    with pytest.raises(tagger.ModelError, match=r"columns\.npy: has 0 features where"):
        tagger.load(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 neither is this a zip file",
        b"\x80\x04pickled",
        b"\x93NUMPY\x01\x00",
        b"\x93NUMPY\x09\x00v\x00{}",
        *(
            b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
            for header in (
                b"(" * 5000,
                b"{1",
                b"{[1]: 2}",
                b"{1: 2, '3': 4, '5': 6}",
                b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d,)}" % 10**30,
                b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            )
        ),
    ],
)
def test_what_is_no_array_is_said(tmp_path: Path, content: bytes) -> None:
    stored = next(stored for stored in STORED if stored.file == "idf.npy")
    with pytest.raises(tagger.ModelError, match=r"idf\.npy: is not an array"):
        to_array(content, stored, tmp_path / "idf.npy")


def test_a_zip_file_is_no_array(folder: Path) -> None:
    np.savez(folder / "idf.npz", idf=np.ones(3, dtype=np.float32))
    (folder / "idf.npz").rename(folder / "idf.npy")
    rehash(folder, "idf.npy")
    with pytest.raises(tagger.ModelError, match=r"idf\.npy: is not an array"):
        tagger.load(folder)


def test_a_vocabulary_cut_short_is_said(folder: Path) -> None:
    lines = (folder / "vocabulary.tsv").read_bytes().splitlines(keepends=True)
    (folder / "vocabulary.tsv").write_bytes(b"".join(lines[:-1]))
    rehash(folder, "vocabulary.tsv")
    with pytest.raises(tagger.ModelError, match=rf"vocabulary\.tsv: has {len(lines) - 2} features where idf\.npy"):
        tagger.load(folder)


def test_a_link_to_a_model_stays_one(tiny: tagger.Tagger, folder: Path) -> None:
    link = folder.with_name("link")
    link.symlink_to(folder, target_is_directory=True)
    tiny.save(link)
    assert link.is_symlink()


def test_an_empty_vocabulary_is_said(folder: Path) -> None:
    (folder / "vocabulary.tsv").write_bytes(b"")
    rehash(folder, "vocabulary.tsv")
    with pytest.raises(tagger.ModelError, match=r"vocabulary\.tsv: has -1 features"):
        tagger.load(folder)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("weights.npy", np.full((3, 2), np.nan, dtype=np.float32), "holds NaN"),
        ("idf.npy", np.full(3, np.inf, dtype=np.float32), "holds NaN, infinite or enormous"),
        ("weights.npy", np.zeros((3, 2)), "holds float64 where float32 is wanted"),
        ("weights.npy", np.zeros((3, 2), dtype=np.float32), r"weights\.npy: has 3 features where idf\.npy, "),
        ("idf.npy", np.zeros(3, dtype=np.float32), r"idf\.npy: has 3 features where weights\.npy, "),
        ("weights.npy", lambda a: np.pad(a, ((0, 0), (0, 1))), r"weights\.npy: does not fit the rest"),
        ("idf.npy", np.zeros((3, 2), dtype=np.float32), "has 2 dimensions"),
        ("idf.npy", np.float32(1), "has 0 dimensions"),
        ("alphabet.npy", np.full(3, 0x110000, dtype=np.uint32), "does not fit the rest"),
        ("alphabet.npy", np.full(3, 0x4E00, dtype=np.uint32), "does not fit the rest"),
        ("keys.npy", np.zeros(3, dtype=np.uint64), r"keys\.npy: has 3 nodes where flags\.npy, columns\.npy have "),
        ("keys.npy", np.ones_like, r"keys\.npy: does not fit the rest"),
        ("slots.npy", np.zeros(3, dtype=np.int32), "does not fit the rest"),
        ("slots.npy", np.ones(512, dtype=np.int32), "does not fit the rest"),
        ("slots.npy", np.full(512, 10**6, dtype=np.int32), "does not fit the rest"),
        ("length_weights.npy", np.zeros((3, 2)), "does not fit the rest"),
        ("length_weights.npy", np.zeros((49, 1)), "does not fit the rest"),
        ("flags.npy", np.ones(3, dtype=np.uint8), r"flags\.npy: has 3 nodes where keys\.npy, columns\.npy have "),
        ("flags.npy", np.ones_like, r"flags\.npy: does not fit the rest"),
        ("columns.npy", np.zeros((3, 2), dtype=np.int32), r"columns\.npy: has 3 nodes where keys\.npy, flags\.npy"),
        ("columns.npy", lambda a: np.full_like(a, -1), r"columns\.npy: has 0 features where idf\.npy, "),
        ("columns.npy", lambda a: a + 1000, r"columns\.npy: has \d+ features where"),
        ("columns.npy", lambda a: np.where(a < 0, a, a + 1), r"columns\.npy: does not fit the rest"),
        (
            "columns.npy",
            lambda a: np.pad(a, ((0, 0), (0, 1)), constant_values=-1),
            r"columns\.npy: does not fit the rest",
        ),
        ("context.npy", np.zeros((2, 5)), r"context\.npy: does not fit the rest"),
        ("chance.npy", np.zeros((3, 2)), r"chance\.npy: does not fit the rest"),
        ("chance.npy", np.full((16, 2), 1.5), r"chance\.npy: does not fit the rest"),
    ],
)
def test_an_array_that_cannot_be_is_said(folder: Path, name: str, array: Any, message: str) -> None:
    np.save(folder / name, array(np.load(folder / name)) if callable(array) else array)
    rehash(folder, name)
    with pytest.raises(tagger.ModelError, match=message):
        tagger.load(folder)


def test_a_boundary_is_no_feature_by_itself(folder: Path) -> None:
    boundary = 1 + np.load(folder / "alphabet.npy").tolist().index(BOUNDARY)
    columns = np.load(folder / "columns.npy")
    feature = int(np.flatnonzero(columns[:, 0] >= 0)[0])
    columns[[boundary, feature]] = columns[[feature, boundary]]
    np.save(folder / "columns.npy", columns)
    rehash(folder, "columns.npy")
    with pytest.raises(tagger.ModelError, match=r"columns\.npy: does not fit the rest"):
        tagger.load(folder)


@pytest.mark.parametrize("flag", [WORD, PREFIX])
@pytest.mark.parametrize("place", [0, 1])
def test_no_word_has_a_boundary_in_it(folder: Path, place: int, flag: np.uint8) -> None:
    alphabet = np.load(folder / "alphabet.npy").tolist()
    boundary, flags = 1 + alphabet.index(BOUNDARY), np.load(folder / "flags.npy")
    pairs = unpack(np.load(folder / "keys.npy")[1 + len(alphabet) :])
    flags[1 + len(alphabet) + np.flatnonzero(pairs[place] == boundary)[0]] |= flag
    np.save(folder / "flags.npy", flags)
    rehash(folder, "flags.npy")
    with pytest.raises(tagger.ModelError, match=r"flags\.npy: does not fit the rest"):
        tagger.load(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.pop("files"), "has no hash"),
        (lambda m: m.pop("topics"), "`topics`"),
        (lambda m: m.update(topics=[]), r"\$\.topics"),
        (lambda m: m["topics"][0].update(colour="red"), "colour"),
        (lambda m: m["settings"].update(cost=-1), "cost is -1"),
        (lambda m: m["settings"].update(speed=1), "speed"),
        (lambda m: m["thresholds"].pop("texts"), "thresholds of texts: the topics are none, not fruit, train"),
        (lambda m: m["operating_points"].pop("paragraphs"), "operating_points of paragraphs: the topics are none"),
        (
            lambda m: m["thresholds"]["texts"].pop("fruit"),
            "thresholds of texts: the topics are train, not fruit, train",
        ),
        (lambda m: m["topics"][1].update(name="fruit"), "a topic occurs twice"),
        (lambda m: m["settings"].update(exclusive=None), "left open"),
        (lambda m: m["settings"].update(folds=2**70), "64-bit"),
        (lambda m: m["thresholds"]["paragraphs"]["fruit"].update(threshold="high"), "got `str`"),
        (lambda m: m["thresholds"]["paragraphs"]["fruit"].update(threshold=None), "got `null`"),
        (lambda m: m["thresholds"]["paragraphs"]["fruit"].update(threshold=-0.1), ">= 0.0"),
        (lambda m: m["thresholds"]["texts"]["fruit"].update(threshold=1.1), "<= 1.0"),
        (lambda m: m["bias"].update(fruit=1e13), "<= 1000000000000.0"),
        (lambda m: m["thresholds"]["texts"]["fruit"].pop("recall"), "`recall`"),
        (lambda m: m["calibration"].pop("scarce_slope"), "`scarce_slope`"),
        (lambda m: m["calibration"]["scarce_offset"].update(fruit=float("inf")), "cannot be read"),
        (lambda m: m["bias"].update(fruit=float("nan")), "cannot be read"),
        (lambda m: m.update(dictionary={"反诈": 1}), r"\$\.dictionary"),
        (lambda m: m["calibration"]["prior"].update(fruit=1.5), "<= 1.0"),
        (lambda m: m["provenance"].pop("data_hash"), "data_hash"),
        (lambda m: m.pop("quality"), "`quality`"),
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


def test_the_strongest_features_come_first_and_none_is_left_out(tiny: tagger.Tagger) -> None:
    for topic, strongest in enumerate(strongest_features(tiny.model, top=3)):
        weights = tiny.model.classifier.linear.weights_for(topic)
        assert [strength for _, strength in strongest] == np.sort(weights)[::-1][:3].tolist()


def test_the_card_has_every_part_that_was_measured(tiny: tagger.Tagger, tiny_labels: Path, tmp_path: Path) -> None:
    quality = evaluate_tagger(tiny, read_dataset(tiny_labels)).quality()
    quality["also"] = {"On real articles": quality | {"method": "reading 37 of them"}}
    tuning = {"measure": "macro-F1", "chosen": "as they are", "tried": {"cost=2": 0.5}, "cut": 0}
    model = replace(tiny.model, quality=quality, provenance=replace(tiny.model.provenance, tuning=tuning))
    tagger.Tagger(model).save(tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "By held-out, 12 examples of 4 documents." in card
    assert "### On real articles\n\nBy reading 37 of them." in card
    assert "settings chosen by macro-F1 on folds of the same documents: as they are; tried:\n  - cost=2: 0.5" in card
    assert "the time budget cut off" not in card
    assert tagger.load(tmp_path / "model").model.quality == quality


def test_a_model_consists_of_the_files_that_its_manifest_names(folder: Path, root: Path) -> None:
    assert {path.name for path in model_files(folder)} == {path.name for path in folder.iterdir()}
    old = root / "tests/cases/format_3/multi_label/model"
    assert {path.name for path in model_files(old)} == {path.name for path in old.iterdir()}


def test_equal_models_have_equal_hashes(tiny: tagger.Tagger, folder: Path, tmp_path: Path) -> None:
    tagger.load(folder).save(tmp_path / "again")
    tiny.with_thresholds("0.5").save(tmp_path / "other")
    assert model_hash(folder) == model_hash(tmp_path / "again") != model_hash(tmp_path / "other")
    with pytest.raises(tagger.ModelError, match="there is no such model folder"):
        model_hash(tmp_path / "none")
