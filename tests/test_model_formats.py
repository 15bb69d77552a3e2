"""Models of older formats are read, and tag as they did; so they do when they are saved in today's."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tagger
from tagger.model import FORMAT
from tagger.model.arrays import to_context
from tagger.model.old_formats import OLDEST, stored_names, upgrade
from tagger.scoring.context import LinearContext, NetworkContext
from tagger.scoring.linear import KNOTS, squash
from tagger.scoring.weights import PackedWeights

KINDS = ("multi_label", "exclusive")


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def saved_anew(model: tagger.Tagger, folder: Path) -> tagger.Tagger:
    model.save(folder)
    assert json.loads((folder / "manifest.json").read_bytes())["format"] == FORMAT
    return tagger.load(folder)


def test_a_folder_of_format_2_still_tags_as_it_did(root: Path, tmp_path: Path) -> None:
    old = tagger.load(root / "tests/cases/format_2/model")
    told = read_lines(root / "tests/cases/format_2/predictions.jsonl")
    texts = [line["text"] for line in told]
    for model in (old, saved_anew(old, tmp_path / "new")):
        assert model.predict(texts) == [tuple(line["topics"]) for line in told]
        assert model.predict_proba(texts) == pytest.approx(np.array([line["probabilities"] for line in told]), abs=1e-6)
        assert not model.settings.lengths
        assert model.model.classifier.context is None
        assert model.model.classifier.chance is None
    assert tagger.load(tmp_path / "new").predict_proba(texts).tolist() == old.predict_proba(texts).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_format_3_predicts_as_it_did(root: Path, tmp_path: Path, kind: str) -> None:
    folder = root / "tests/cases/format_3" / kind
    old = tagger.load(folder / "model")
    told = read_lines(folder / "texts.jsonl")
    texts = [line["text"] for line in told]
    for model in (old, saved_anew(old, tmp_path / "new")):
        assert model.predict(texts) == [tuple(line["topics"]) for line in told]
        assert model.predict_proba(texts) == pytest.approx(np.array([line["probabilities"] for line in told]), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_of_format_3_judges_paragraphs_by_its_network_as_it_did(root: Path, tmp_path: Path, kind: str) -> None:
    folder = root / "tests/cases/format_3" / kind
    old = tagger.load(folder / "model")
    told = read_lines(folder / "articles.jsonl")
    for model in (old, saved_anew(old, tmp_path / "new")):
        assert isinstance(model.model.classifier.context, NetworkContext)
        for line, article in zip(told, model.tag_many(line["text"] for line in told), strict=True):
            assert [tag.topic for tag in article.topics] == line["topics"]
            assert article.probabilities == pytest.approx(line["probabilities"], abs=1e-9)
            assert [p.text for p in article.paragraphs] == [p["text"] for p in line["paragraphs"]]
            for paragraph, before in zip(article.paragraphs, line["paragraphs"], strict=True):
                assert [tag.topic for tag in paragraph.topics] == before["topics"]
                assert paragraph.probabilities == pytest.approx(before["probabilities"], abs=1e-9)


@pytest.mark.parametrize("number", [4, 5, 6, 7])
def test_a_folder_of_this_kind_of_context_tags_as_it_did(root: Path, tmp_path: Path, number: int) -> None:
    folder = root / f"tests/cases/format_{number}"
    old = tagger.load(folder / "model")
    told, articles = read_lines(folder / "texts.jsonl"), read_lines(folder / "articles.jsonl")
    texts = [line["text"] for line in told]
    for model in (old, saved_anew(old, tmp_path / "new")):
        assert isinstance(model.model.classifier.context, LinearContext)
        assert model.model.classifier.chance is not None
        assert model.predict(texts) == [tuple(line["topics"]) for line in told]
        assert model.predict_proba(texts) == pytest.approx(np.array([line["probabilities"] for line in told]), abs=1e-9)
        for line, article in zip(articles, model.tag_many(line["text"] for line in articles), strict=True):
            assert [tag.topic for tag in article.topics] == line["topics"]
            for paragraph, before in zip(article.paragraphs, line["paragraphs"], strict=True):
                assert [tag.topic for tag in paragraph.topics] == before["topics"]
                assert paragraph.probabilities == pytest.approx(before["probabilities"], abs=1e-9)


def test_a_model_of_format_5_and_later_knows_the_texts_it_was_trained_on(root: Path) -> None:
    known = [len(tagger.load(root / f"tests/cases/format_{n}/model").model.text_hashes) for n in (4, 5, 6, 7)]
    assert known[0] == 0
    assert min(known[1:]) > 0


def test_the_folder_of_format_6_has_packed_weights(root: Path) -> None:
    linear = tagger.load(root / "tests/cases/format_6/model").model.classifier.linear
    assert isinstance(linear.weights, PackedWeights)
    older = tagger.load(root / "tests/cases/format_5/model").model.classifier.linear
    every = np.arange(len(linear.idf))
    small = np.abs(older.weights_of(every)).astype(np.float16) <= 0.02
    assert not linear.weights_of(every)[small].any()
    assert linear.weights_of(every)[~small] == pytest.approx(older.weights_of(every)[~small], rel=1e-3)


def test_a_folder_of_every_format_that_is_read_is_kept(root: Path) -> None:
    numbers = [json.loads(path.read_bytes())["format"] for path in (root / "tests/cases").rglob("manifest.json")]
    assert set(numbers) == set(range(OLDEST, FORMAT + 1))


def test_the_articles_of_format_3_tell_a_context_from_none(root: Path) -> None:
    folder = root / "tests/cases/format_3/multi_label"
    model = tagger.load(folder / "model")
    line = read_lines(folder / "articles.jsonl")[0]
    by_itself = model.predict_proba([p["text"] for p in line["paragraphs"]])
    among = np.array([list(p["probabilities"].values()) for p in line["paragraphs"]])
    assert np.abs(by_itself - among).max() > 0.3


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_of_format_3_has_one_threshold_for_texts_and_paragraphs(root: Path, kind: str) -> None:
    classifier = tagger.load(root / "tests/cases/format_3" / kind / "model").model.classifier
    assert classifier.text_thresholds == classifier.paragraph_thresholds
    assert not classifier.calibration.scarce_slope.any()
    assert not classifier.calibration.scarce_offset.any()
    assert classifier.chance is None
    assert len(classifier.linear.length_weights) == KNOTS


def test_thresholds_of_a_model_of_format_3_can_be_changed(root: Path) -> None:
    model = tagger.load(root / "tests/cases/format_3/multi_label/model").with_thresholds("recall=0.9")
    assert model.settings.threshold == "recall=0.9"
    assert all(topic.chosen.recall >= 0.9 for topic in model.model.classifier.paragraph_thresholds)


def test_a_damaged_file_of_format_3_is_named_as_it_is_called_there(root: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(root / "tests/cases/format_3/multi_label/model", tmp_path / "m"))
    (folder / "of_length.npy").write_bytes(b"")
    with pytest.raises(tagger.ModelError, match=r"of_length\.npy: is damaged"):
        tagger.load(folder)


def test_a_model_of_an_older_format_is_replaced_whole(root: Path, tmp_path: Path, tiny: tagger.Tagger) -> None:
    folder = Path(shutil.copytree(root / "tests/cases/format_3/multi_label/model", tmp_path / "m"))
    tiny.save(folder)
    assert not (folder / "of_length.npy").exists()
    assert tagger.load(folder).topics == tiny.topics


def test_files_have_their_old_names_in_old_formats() -> None:
    packed = {"rows.npy": None, "masks.npy": None, "values.npy": None}
    lacking = packed | {"texts.npy": None, "chance.npy": None}
    assert stored_names(2) == lacking | {"length_weights.npy": None}
    assert stored_names(3) == lacking | {"length_weights.npy": "of_length.npy"}
    assert stored_names(4) == packed | {"texts.npy": None}
    assert stored_names(5) == packed
    assert stored_names(FORMAT) == {}


def manifest_of(number: int, topics: int) -> dict[str, Any]:
    names = [f"t{topic}" for topic in range(topics)]
    return {
        "format": number,
        "topics": [{"name": name} for name in names],
        "settings": {"most_wrongly_tagged": 0.05, "seed": 3},
        "quality": None,
        "bias": dict.fromkeys(names, 0.5),
        "calibration": {name: dict.fromkeys(names, 1.0) for name in ("slope", "offset", "prior")},
        "thresholds": {name: {"threshold": 0.4} for name in names},
        "operating_points": {name: {"best": [0.4, 0.5, 0.6], "points": []} for name in names},
    }


def test_a_context_of_format_2_judges_as_it_did() -> None:
    random = np.random.default_rng(0)
    own, offset, others = random.normal(size=3), random.normal(size=3), random.normal(size=(18, 3))
    arrays: dict[str, Any] = {
        "keys.npy": np.zeros(2, dtype=np.uint64),
        "alphabet.npy": np.zeros(0, dtype=np.uint32),
        "weights.npy": np.zeros((1, 3), dtype=np.float32),
        "idf.npy": np.ones(1, dtype=np.float32),
        "context.npy": np.concatenate([own[np.newaxis], offset[np.newaxis], others]),
    }
    manifest, upgraded = upgrade(manifest_of(2, 3), arrays)
    older = {"lengths": False, "boundaries": False}
    assert manifest["settings"] == {"max_false_tag_rate": 0.05, "seed": 3} | older
    assert upgraded["context.npy"].shape == (3 + 18 + 1 + 1, 3)
    context = to_context(upgraded["context.npy"], 3)
    assert isinstance(context, NetworkContext)
    raw, alone = random.normal(size=(2, 3)), random.normal(size=(2, 3))
    # Of two paragraphs, the other one is near, rest and surest.
    around = np.tile(np.concatenate([raw, squash(alone, exclusive=False)], axis=1)[::-1], 3)
    for size in (1, 500):
        odds = context.log_odds(raw, alone, np.array([2]), np.full(2, size), exclusive=False)
        assert odds == pytest.approx(own * raw + offset + around @ others)


def test_measures_of_format_3_have_their_new_names() -> None:
    old = manifest_of(3, 1)
    old["quality"] = {"wrongly_tagged": 0.1, "also": {"part": {"wrongly_tagged": 0.2, "f1": 1}}}
    manifest, arrays = upgrade(old, {})
    assert manifest["quality"] == {"false_tag_rate": 0.1, "also": {"part": {"false_tag_rate": 0.2, "f1": 1}}}
    assert arrays["chance.npy"].shape == (0, 1)
    assert manifest["thresholds"]["texts"] == manifest["thresholds"]["paragraphs"] == old["thresholds"]
    old["quality"] = {"wrongly_tagged": 0.1}
    assert upgrade(old, {})[0]["quality"] == {"false_tag_rate": 0.1}
    now = {"format": FORMAT}
    assert upgrade(now, {}) == (now, {})


@pytest.mark.parametrize("gone", ["bias", "calibration", "thresholds", "settings", "quality"])
def test_a_manifest_of_an_older_format_that_lacks_something_is_said(root: Path, tmp_path: Path, gone: str) -> None:
    folder = Path(shutil.copytree(root / "tests/cases/format_3/multi_label/model", tmp_path / "m"))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest[gone]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(tagger.ModelError, match=rf"manifest\.json: does not fit format 3 \('{gone}'\)"):
        tagger.load(folder)
