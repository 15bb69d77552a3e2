"""Training with texts whose topics nobody told."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from command_line import invoke
from numpy.typing import NDArray

import tagger
from tagger.cli import main
from tagger.dataset import read_dataset, read_unlabelled
from tagger.errors import DataError
from tagger.evaluation import cross_validate
from tagger.records import Example, Topic
from tagger.training.corpus import build_corpus
from tagger.training.held_out import out_of_fold_scores
from tagger.training.pool import PoolTrial, with_useful_pool
from tagger.training.pseudo_labels import add_pseudo_labels
from tagger.training.tfidf import tfidf_matrix

# 葡萄 and 榴莲 stand with 苹果, and 汽车 and 轮船 with 火车, in texts without labels only.
LABELLED = [
    Example("苹果真好", ("fruit",), "a"),
    Example("苹果很多", ("fruit",), "b"),
    Example("火车真好", ("train",), "c"),
    Example("火车很多", ("train",), "d"),
]
POOL = [
    *(f"苹果和{other}{n}" for n in range(8) for other in ("葡萄", "榴莲")),
    *(f"火车和{other}{n}" for n in range(8) for other in ("汽车", "轮船")),
]

KINDS = [["苹果", "香蕉", "葡萄", "榴莲"], ["火车", "汽车", "轮船", "飞机"]]
SEVERAL = [
    Example(f"{word}{end}", (topic,), f"{topic}{number}")
    for topic, kind in zip(["fruit", "train"], KINDS, strict=True)
    for number, word in enumerate(kind)
    for end in ("真好", "很多", "来了")
]


@pytest.fixture(scope="module")
def taught() -> tagger.Tagger:
    return tagger.train(LABELLED, unlabelled=POOL)


def test_a_word_that_no_label_tells_of_is_learnt_from_the_words_beside_it(taught: tagger.Tagger) -> None:
    words = ["葡萄", "榴莲", "汽车", "轮船"]
    assert taught.predict(words) == [("fruit",), ("fruit",), ("train",), ("train",)]
    alone = tagger.train(LABELLED)
    assert np.ptp(alone.predict_proba(["葡萄", "榴莲", "轮船"]), axis=0).max() == 0  # 车 of 汽车 it knows


def test_what_stands_in_one_unlabelled_text_alone_is_no_feature_that_counts() -> None:
    model = tagger.train(LABELLED, unlabelled=[*POOL, "鹦鹉学舌"]).model
    idf = {
        feature.text: weight
        for feature, weight in zip(model.features(), model.classifier.linear.idf.tolist(), strict=True)
    }
    assert idf["鹦鹉"] == 0
    assert idf["葡萄"] > 0


def guess(examples: Sequence[Example], pool: Sequence[str], *, always_assign: bool) -> NDArray[np.bool_]:
    """Return the topics that the texts of a pool are learnt with."""
    # These texts all end in one of three ways, and half of what they have would be how they do.
    settings = tagger.Settings(exclusive=False, always_assign=always_assign, boundaries=False)
    corpus = build_corpus(read_dataset(examples, unlabelled=pool), settings)
    targets = add_pseudo_labels(corpus, tfidf_matrix(corpus, 0.7, minimum=2)[1], settings).targets
    assert targets[: len(examples)].tolist() == corpus.targets[: len(examples)].tolist()
    return targets[len(examples) :]


WEATHER = [
    Example(f"{word}{end}", (), f"{word}{end}")
    for word in ("大雪", "下雨", "刮风", "多云")
    for end in ("真好", "很多", "来了")
]


@pytest.mark.parametrize(("fruit", "train"), [(30, 30), (6, 30), (30, 6), (3, 3)])
def test_each_topic_takes_the_share_that_it_has_of_the_pool_not_of_the_examples(fruit: int, train: int) -> None:
    """Of the examples each topic has a third, and the weather the rest."""
    examples = [replace(example, document=example.text) for example in [*SEVERAL, *WEATHER]]
    pool = [
        f"{example.text}{number}"
        for first, most in ((0, fruit), (12, train), (24, 90 - fruit - train))
        for number, example in zip(range(most), cycle(examples[first : first + 12]), strict=False)
    ]
    taken = guess(examples, pool, always_assign=False)
    assert taken[:fruit, 0].all()
    assert taken[fruit : fruit + train, 1].all()
    assert taken.sum(axis=0).tolist() == pytest.approx([fruit, train], abs=1)


def test_a_topic_that_folds_show_too_seldom_takes_the_share_that_it_has_of_the_examples() -> None:
    examples = [*LABELLED[::2], Example("下雨了", (), "e"), Example("天晴了", (), "f")]
    assert guess(examples, POOL, always_assign=False).sum(axis=0).tolist() == [len(POOL) / 4] * 2


def test_every_text_of_the_pool_gets_a_topic_where_every_example_has_one() -> None:
    assert guess(LABELLED, POOL, always_assign=True).any(axis=1).all()


def test_folds_are_of_examples_alone_and_each_learns_from_the_whole_pool() -> None:
    dataset = read_dataset(LABELLED, unlabelled=POOL)
    settings = tagger.Settings(exclusive=True)
    corpus = build_corpus(dataset, settings)
    assert (corpus.examples, corpus.labelled, len(corpus.counts)) == (4, 4, 4 + len(POOL))
    assert out_of_fold_scores(corpus, settings).scores.shape == (4, 2)
    assert len(corpus.part(np.array([0, 2])).counts) == 2 + len(POOL)
    assert cross_validate(dataset, settings).quality()["method"].endswith("4 examples of 4 documents")


def test_the_same_texts_give_the_same_tagger(taught: tagger.Tagger, tmp_path: Path) -> None:
    pool = tmp_path / "pool.jsonl"
    pool.write_text("".join(json.dumps({"text": text, "topics": ["?"]}) + "\n" for text in POOL), encoding="utf-8")
    again = tagger.train(LABELLED, unlabelled=pool, jobs=2)
    for one, two in ((taught, again), (taught, tagger.train(LABELLED, unlabelled=tuple(POOL)))):
        assert (
            np.asarray(one.model.classifier.linear.weights).tobytes()
            == np.asarray(two.model.classifier.linear.weights).tobytes()
        )
        assert one.model.provenance == two.model.provenance


def test_the_card_and_the_hash_tell_of_the_pool(taught: tagger.Tagger, tmp_path: Path) -> None:
    taught.save(tmp_path / "model")
    assert "- 32 unlabelled texts, their topics pseudo-labels" in (tmp_path / "model" / "README.md").read_text("utf-8")
    assert tagger.load(tmp_path / "model").model.provenance.unlabelled == 32
    assert taught.model.provenance.data_hash != tagger.train(LABELLED).model.provenance.data_hash


def test_texts_that_are_examples_or_blank_or_come_twice_are_left_out() -> None:
    dataset = read_dataset(LABELLED, unlabelled=["苹果真好", " 苹果真好\n", "", "  ", "新的", "新的 ", "另一个"])
    assert dataset.unlabelled == ("新的", "另一个")


def test_a_pool_without_any_example_is_refused() -> None:
    fruit = Topic("fruit", "水果", "", ("苹果", "香蕉"))
    with pytest.raises(DataError, match="holds no example: unlabelled texts help only beside labelled ones"):
        read_dataset([], topics=[fruit, Topic("train", "火车", "", ("火车", "高铁"))], unlabelled=["新的"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "好"}\n{"title": "好"}\n{"text": 1}\n', r"pool\.jsonl:2: .*text.*\n.*pool\.jsonl:3: "),
        ('{"text": "好"}\nno JSON\n', r"pool\.jsonl:2: "),
        ("PK\x03\x04", "is a zip archive that cannot be read"),
        ("", r"pool\.jsonl: is empty"),
    ],
)
def test_a_bad_line_of_the_pool_is_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "pool.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_unlabelled(tmp_path / "pool.jsonl")


def test_a_pool_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pool\.jsonl: cannot be read: No such file"):
        tagger.train(LABELLED, unlabelled=tmp_path / "pool.jsonl")


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., Result]:
    labels = tmp_path / "labels.csv"
    rows = "".join(f"{e.text},{e.topics[0]},{e.document}\n" for e in LABELLED)
    labels.write_text(f"text,topic,document\n{rows}", encoding="utf-8")

    command: list[str | Path] = ["train", labels, "-o", tmp_path / "mine", "--jobs", "1"]
    return lambda pool: invoke(main, [*command, "--unlabelled", pool])


def test_the_command_learns_from_a_pool_and_says_how_much_of_it_was_new(
    train: Callable[..., Result], tmp_path: Path
) -> None:
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in (*POOL, "苹果真好")]
    (tmp_path / "pool.jsonl").write_text("\n".join(lines), encoding="utf-8")
    result = train(tmp_path / "pool.jsonl")
    assert result.exit_code == 0, result.output
    assert f"{tmp_path / 'pool.jsonl'}: 32 unlabelled texts that are new" in result.stderr
    assert tagger.load(tmp_path / "mine").predict(["榴莲", "轮船"]) == [("fruit",), ("train",)]


def test_the_command_names_the_bad_line_of_a_pool(train: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "pool.jsonl").write_text('{"text": "好"}\n{}\n', encoding="utf-8")
    result = train(tmp_path / "pool.jsonl")
    assert (result.exit_code, "pool.jsonl:2: " in result.stderr) == (1, True)
    assert not (tmp_path / "mine").exists()


USEFUL = [f"{one}和{other}{n}" for kind in KINDS for one in kind for other in kind if one != other for n in range(4)]
HARMFUL = [f"{one}和{other}{n}" for one in KINDS[0] for other in KINDS[1] for n in range(6)]


@pytest.mark.full
@pytest.mark.parametrize(
    "settings",
    [
        tagger.Settings(exclusive=True, always_assign=True),
        tagger.Settings(exclusive=False, always_assign=True),
        tagger.Settings(exclusive=False, always_assign=False),
    ],
)
def test_a_pool_is_learnt_from_only_where_folds_say_that_it_helps(settings: tagger.Settings) -> None:
    said: list[str] = []
    useful, harmful = (read_dataset(SEVERAL, unlabelled=pool) for pool in (USEFUL, HARMFUL))
    kept = with_useful_pool(useful, settings, told=said.append)
    assert kept.unlabelled == useful.unlabelled
    assert kept.reading is not None
    assert kept.reading.notes == tuple(said)
    assert with_useful_pool(replace(harmful, reading=None), settings, told=said.append).unlabelled == ()
    assert said[0].startswith("96 unlabelled texts: by folds of the labelled ones ")
    assert said[0].endswith(" without, so they are learnt from")
    assert said[1].endswith(" without, so they would harm and are left out")


def test_a_pool_that_changes_nothing_is_learnt_from() -> None:
    assert PoolTrial(1, 0.5, 0.5).helps


def test_without_a_pool_nothing_is_tried() -> None:
    dataset = read_dataset(LABELLED)
    said: list[str] = []
    assert with_useful_pool(dataset, tagger.Settings(), told=said.append) is dataset
    assert said == []
