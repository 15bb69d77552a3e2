"""Examples that were wrong: which, where, and by what words; their files; two models beside one another."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tagger
from tagger.dataset import Dataset, read_dataset
from tagger.evaluation import (
    Report,
    check_error_file,
    compare,
    cross_validate,
    evaluate_tagger,
    resampling,
    shown_words,
    write_errors,
)
from tagger.evaluation.errors import Word
from tagger.records import Example, Topic

TITLES = {"fruit": "水果", "train": "铁路"}


@pytest.fixture(scope="module", autouse=True)
def fewer_resamples() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resampling, "RESAMPLES", 100)
        yield


@pytest.fixture(scope="module")
def mislabelled() -> Dataset:
    """Two topics, and two paragraphs labelled as the other one."""
    examples = [Example(f"苹果香蕉{n}葡萄", ("fruit",), f"a{n % 2}", n, 2 + n) for n in range(6)]
    examples += [Example(f"火车高铁{n}车站", ("train",), f"b{n % 2}", n, 8 + n) for n in range(6)]
    examples += [Example("苹果香蕉又苹果", ("train",), "c", 1, 14), Example("火车和车站 车票", (), "d", 1, 15)]
    return read_dataset(examples, topics=[Topic(name, title) for name, title in TITLES.items()])


@pytest.fixture(scope="module")
def report(mislabelled: Dataset) -> Report:
    return cross_validate(mislabelled, tagger.Settings(exclusive=False, always_assign=False))


def test_what_was_labelled_otherwise_is_found_with_its_line(report: Report) -> None:
    found = {error.line: error for error in report.errors}
    assert {14, 15} <= set(found)
    error = found[14]
    assert (error.labelled, error.labelled_titles) == (("train",), ("铁路",))
    assert (error.predicted, error.predicted_titles) == (("fruit",), ("水果",))
    assert {topic.topic: topic.labelled for topic in error.topics} == {"fruit": False, "train": True}
    assert (error.document, error.paragraph, error.text) == ("c", 1, "苹果香蕉又苹果")
    assert error.place == "<examples>:14"


def test_the_worst_come_first(report: Report) -> None:
    wrongness = [error.wrongness for error in report.errors]
    assert wrongness == sorted(wrongness, reverse=True)
    for error in report.errors:
        assert error.wrongness == max(abs(topic.labelled - topic.probability) for topic in error.topics)


def test_the_words_are_those_of_a_tagger_that_never_saw_the_document(report: Report, mislabelled: Dataset) -> None:
    for error in report.errors[:2]:
        rest = [example for example in mislabelled.examples if example.document != error.document]
        settings = tagger.Settings(exclusive=False, always_assign=False)
        blind = tagger.train(rest, topics=mislabelled.topics, settings=settings)
        explained = {found.topic: found for found in blind.explain(error.text)}
        for topic in error.topics:
            sums: dict[str, float] = {}
            for c in explained[topic.topic].contributions:
                if c.kind != "length":
                    sums[c.feature] = sums.get(c.feature, 0.0) + c.value
            assert topic.speaks_for + topic.speaks_against
            for word in topic.speaks_for + topic.speaks_against:
                assert word.value == pytest.approx(sums[word.feature], abs=1e-4)
            strongest = max(sums, key=lambda feature: sums[feature])
            if topic.speaks_for:
                assert sums[topic.speaks_for[0].feature] == pytest.approx(sums[strongest], abs=1e-4)


def test_a_model_s_errors_have_its_own_words(mislabelled: Dataset, tiny: tagger.Tagger) -> None:
    found = evaluate_tagger(tiny, mislabelled)
    errors = {error.line: error for error in found.errors}
    contributions = {(e.topic, c.feature): c for e in tiny.explain(errors[14].text) for c in e.contributions}
    for topic in errors[14].topics:
        for word in topic.speaks_for:
            assert word.value >= contributions[topic.topic, word.feature].value - 1e-6
    assert found.titles == {name: name for name in tiny.topics}


def test_nothing_is_wrong_where_all_is_right(tiny: tagger.Tagger) -> None:
    examples = [Example("苹果甜", ("fruit",), "x"), Example("火车慢", ("train",), "x"), Example("天晴", (), "y")]
    topics = [Topic("fruit", "fruit", "", ("x", "y")), Topic("train", "train", "", ("x", "y"))]
    assert evaluate_tagger(tiny, read_dataset(examples, topics=topics)).errors == ()


def test_signs_and_parts_of_longer_features_are_not_shown() -> None:
    words = [Word("转账", 0.5), Word("账", 0.4), Word("。”", 0.3), Word("老人", 0.2), Word("老", 0.1)]
    assert shown_words(words) == ["转账", "老人"]


def test_errors_are_written_as_lines_and_as_a_table(report: Report, tmp_path: Path) -> None:
    write_errors(tmp_path / "e.jsonl", report.errors)
    write_errors(tmp_path / "e.csv", report.errors)
    lines = [json.loads(line) for line in (tmp_path / "e.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == json.loads(json.dumps([error.to_dict() for error in report.errors]))
    assert (tmp_path / "e.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "e.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == [error.text for error in report.errors]
    row = next(row for row in rows if row["line"] == "14")
    assert (row["labelled"], row["predicted_titles"]) == ("train", "水果")
    assert set(row["wrong"].split("|")) == {"水果", "铁路"}
    assert len(row["probability"].split("|")) == len(row["speaks_for"].split("|")) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.csv", "e.jsonl"]


def test_a_file_of_errors_that_cannot_be_is_refused_before_anything_is_written(report: Report, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("text,topics\n", encoding="utf-8")
    for name, message in [
        ("e.txt", "is not written: name it .csv, .tsv, .xlsx"),
        ("no/e.csv", "there is no such folder"),
        ("labels.csv", "is read and written at once"),
        ("d.csv", "is a folder: name a file"),
    ]:
        (tmp_path / "d.csv").mkdir(exist_ok=True)
        with pytest.raises(tagger.DataError, match=message):
            check_error_file(tmp_path / name, [labels, tmp_path / "gone.csv"])
    with pytest.raises(tagger.DataError, match="is a folder: name a file"):
        write_errors(tmp_path / "d.csv", report.errors)


def test_a_model_does_not_differ_from_itself(tiny: tagger.Tagger, mislabelled: Dataset) -> None:
    found = evaluate_tagger(tiny, mislabelled)
    same = compare(found, found)
    assert all(difference.difference.value in (0.0, None) for difference in same.measures)
    assert str(same.sentence()).startswith("Which is better cannot be told")
    assert same.to_dict()["sentence"] == str(same.sentence())


def test_a_better_model_is_told_whichever_comes_first(tiny: tagger.Tagger) -> None:
    topics = [Topic(name, name, "", ("x", "y")) for name in tiny.topics]
    words = {"fruit": "苹果和香蕉", "train": "火车和车站"}
    examples = [Example(f"{words[t]}{n}", (t,), f"{t}{n}") for t in words for n in range(20)]
    dataset = read_dataset([*examples, Example("天晴", (), "z"), Example("下雨了", (), "y")], topics=topics)
    # Assigns both topics to everything.
    worse = tiny.with_thresholds("0.0")
    good, bad = (evaluate_tagger(model, dataset) for model in (tiny, worse))
    there, back = compare(good, bad, names=("good", "bad")), compare(bad, good, names=("bad", "good"))
    assert str(there.sentence()).startswith("good is better than bad: macro-F1 is higher by 0.")
    assert str(back.sentence()) == str(there.sentence())
    f1 = there.topics["fruit"]
    assert f1.first is not None
    assert f1.second is not None
    assert f1.difference.value == pytest.approx(f1.second - f1.first)
    assert f1.tells


def test_reports_on_other_examples_are_not_compared(report: Report, tiny: tagger.Tagger) -> None:
    examples = [Example("苹果甜", ("fruit",), "x"), Example("火车慢", ("train",), "y"), Example("天晴", (), "y")]
    other = evaluate_tagger(tiny, read_dataset(examples, topics=[Topic(t, t, "", ("x", "y")) for t in tiny.topics]))
    with pytest.raises(tagger.DataError, match="are not on the same examples"):
        compare(report, other)


def test_evaluate_is_there_in_python(mislabelled: Dataset, tiny: tagger.Tagger) -> None:
    examples = list(mislabelled.examples)
    settings = tagger.Settings(exclusive=False, always_assign=False)
    found = tagger.evaluate(examples, topics=mislabelled.topics, settings=settings, folds=2)
    assert found.method.startswith("2 folds of documents, 14 examples")
    assert tagger.evaluate(examples, model=tiny).method.startswith("held-out, 14 examples")
    with pytest.raises(tagger.SettingsError, match="a model is measured as it is"):
        tagger.evaluate(examples, model=tiny, curve=True)


def test_predictions_keep_what_is_compared(report: Report) -> None:
    assert report.predictions is not None
    assert report.predictions.titles == tuple(TITLES.values())
    assert np.array_equal(report.predictions.target.any(axis=1), [True] * 13 + [False])
