"""The page of an evaluation: verdict first, thresholds to try, and the errors with their lines."""

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Browser, open_browser, what_is_missing
from command_line import invoke

import tagger
from tagger.cli import main, quality_page
from tagger.dataset import Dataset, read_dataset
from tagger.errors import DataError, RunError, SettingsError
from tagger.evaluation import Report, evaluate_tagger, resampling
from tagger.messages import in_language
from tagger.records import Example, Topic

pytest.importorskip("jinja2", reason="jinja2 is not installed: pip install 'tagger-zh[pages]'")

from tagger.pages import check_page
from tagger.pages.evaluation import write_evaluation

TITLES = {"fruit": "水果", "train": "铁路"}


@pytest.fixture(scope="module", autouse=True)
def fewer_resamples() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resampling, "RESAMPLES", 50)
        yield


@pytest.fixture(scope="module")
def mislabelled() -> Dataset:
    """Two topics, and two paragraphs labelled as the other one."""
    examples = [Example(f"苹果香蕉{n}葡萄", ("fruit",), f"a{n % 2}", n, 2 + n) for n in range(6)]
    examples += [Example(f"火车高铁{n}车站", ("train",), f"b{n % 2}", n, 8 + n) for n in range(6)]
    examples += [Example("苹果香蕉又苹果</script>", ("train",), "c", 1, 14), Example("火车和车站 车票", (), "d", 1, 15)]
    return read_dataset(examples, topics=[Topic(name, title) for name, title in TITLES.items()])


@pytest.fixture(scope="module")
def report(mislabelled: Dataset, tiny: tagger.Tagger) -> Report:
    found = evaluate_tagger(tiny, mislabelled)
    return replace(found, curve=((0.5, 0.4, 0.3), (1.0, 0.6, 0.5)))


@pytest.fixture(scope="module")
def page(report: Report, mislabelled: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "evaluation.html"
    write_evaluation(report, path, texts=[example.text for example in mislabelled.examples])
    return path


def data(path: Path) -> Any:
    found = re.search(r'id="data">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_page_begins_with_the_verdict_and_ends_with_the_signature(page: Path, report: Report) -> None:
    text = page.read_text(encoding="utf-8")
    places = [text.index(in_language(sentence, "zh")) for sentence in report.verdict.sentences()]
    parts = [
        text.index(f'<h2 id="{name}"') for name in ("verdict", "thresholds", "sure", "confusion", "learning", "errors")
    ]
    assert parts == sorted(parts)
    assert all(parts[0] < place < parts[1] for place in places)
    assert text.index(str(in_language(report.signature, "zh"))) > parts[-1]
    assert "<bdi>水果</bdi>" in text


def test_errors_are_told_with_their_line_and_what_spoke_for_them(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "<bdi>&lt;examples&gt;:14</bdi>" in text
    assert "苹果香蕉又苹果&lt;/script&gt;" in text
    assert re.search(r"支持： <bdi>[^<]*苹果", text)
    assert text.count("<script") == 2


def test_a_threshold_gives_as_many_as_the_predictions_have(page: Path, report: Report) -> None:
    p = report.predictions
    assert p is not None
    for column, curve in enumerate(data(page)["curves"]):
        assert curve["steps"][0] == [1000, 0, 0]
        assert curve["examples"] == p.target[:, column].sum()
        assert curve["now"] == [p.assigned[:, column].sum(), (p.assigned & p.target)[:, column].sum()]
        for threshold, given, right in curve["steps"][1:]:
            values = p.probability[:, column]
            chosen = values >= np.sort(values)[::-1][given - 1]
            assert (chosen.sum(), (chosen & p.target[:, column]).sum()) == (given, right)
            assert threshold == int(1000 * values[chosen].min())


def test_lengths_add_up(page: Path, report: Report, mislabelled: Dataset, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "不到 20 字" in text
    write_evaluation(report, tmp_path / "out.html")
    assert "不到 20 字" not in (tmp_path / "out.html").read_text(encoding="utf-8")
    given = re.search(r"不到 20 字</th><td class=\"number\">(\d+)</td><td class=\"number\">(\d+)", text)
    assert given is not None
    assert report.predictions is not None
    assert [int(n) for n in given.groups()] == [len(mislabelled.examples), int(report.predictions.assigned.sum())]


def test_topics_that_exclude_one_another_have_curves_of_the_best_one(
    exclusive: tagger.Tagger, root: Path, tmp_path: Path
) -> None:
    dataset = read_dataset(root / "tests" / "cases" / "exclusive.csv")
    found = evaluate_tagger(exclusive, dataset)
    write_evaluation(found, tmp_path / "out.html", language="en")
    curves = data(tmp_path / "out.html")["curves"]
    assert sum(curve["steps"][-1][1] for curve in curves) == len(dataset.examples)
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Nothing was wrong." in text
    assert 'id="learning"' not in text


def test_a_report_without_predictions_has_no_thresholds_to_try(report: Report, tmp_path: Path) -> None:
    unknown = replace(report.macro, f1=replace(report.macro.f1, value=None, low=None, high=None))
    rough = replace(unknown, recall=replace(report.macro.recall, low=None, high=None))
    write_evaluation(replace(report, predictions=None, macro=rough), tmp_path / "out.html", texts=["x"])
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert 'id="thresholds"' not in text
    assert '<td class="number">–</td></tr>' in text


def test_a_page_that_cannot_be_is_said(report: Report, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be one of zh, en"):
        write_evaluation(report, tmp_path / "out.html", language="fr")
    with pytest.raises(DataError, match=r"name it \.html"):
        write_evaluation(report, tmp_path / "out.csv")


def test_the_command_writes_a_page(model: Path, tiny_labels: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    result = invoke(main, ["evaluate", tiny_labels, "--model", model, "--html", out, "--lang", "en", "--json"])
    assert result.exit_code == 0, result.stderr
    assert f"{out}: a page about it" in result.stderr
    assert "What another threshold would do" in out.read_text(encoding="utf-8")
    refused = invoke(main, ["evaluate", tmp_path / "none.csv", "--html", tmp_path / "out.csv"])
    assert (refused.exit_code, "name it .html" in refused.stderr) == (1, True)
    twice = invoke(main, ["evaluate", tiny_labels, "--model", model, "--model", model, "--html", out])
    assert (twice.exit_code, "--html is about one model" in twice.stderr) == (2, True)


def test_training_writes_a_page_beside_the_model(tiny_labels: Path, tmp_path: Path) -> None:
    model, page = tmp_path / "models" / "mine", tmp_path / "models" / "mine.evaluation.html"
    result = invoke(main, ["train", tiny_labels, "-o", model, "--jobs", "1"])
    assert result.exit_code == 0, result.stderr
    assert result.stderr.endswith(
        f"{model}: saved; try: tagger tag --model {model} FILE\n{page}: a page about its quality\n"
    )
    assert '<html lang="zh-Hans">' in page.read_text(encoding="utf-8")
    assert sorted(model.parent.iterdir()) == [model, page]
    assert tagger.load(model).topics == ("fruit", "train")  # which refuses a folder with anything else in it
    page.unlink()
    page.mkdir()
    refused = invoke(main, ["train", tiny_labels, "-o", model])
    assert (refused.exit_code, f"{page}: is a folder: name a file to write" in refused.stderr) == (1, True)


@pytest.mark.full
def test_the_model_is_the_same_with_a_page_and_without(tiny_labels: Path, tmp_path: Path) -> None:
    page, model, plain = tmp_path / "out.html", tmp_path / "mine", tmp_path / "plain"
    without = invoke(main, ["train", tiny_labels, "-o", plain, "--no-html"])
    assert without.stderr.endswith(f"{plain}: saved; try: tagger tag --model {plain} FILE\n")
    result = invoke(main, ["train", tiny_labels, "-o", model, "--html", page, "--lang", "en"])
    assert result.stderr.endswith(f"{page}: a page about its quality\n")
    assert "What another threshold would do" in page.read_text(encoding="utf-8")
    assert sorted(tmp_path.iterdir()) == [model, page, plain]
    assert {path.name: path.read_bytes() for path in model.iterdir()} == {
        path.name: path.read_bytes() for path in plain.iterdir()
    }


@pytest.mark.parametrize("named", [True, False])
def test_a_page_that_cannot_be_written_loses_nothing(
    tiny_labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise RunError("no room")

    monkeypatch.setattr("tagger.pages.evaluation.write_evaluation", full)
    model = tmp_path / "mine"
    option = ["--html", str(tmp_path / "out.html")] if named else []
    result = invoke(main, ["train", tiny_labels, "-o", model, "--jobs", "1", *option])
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        (1, "Error: no room") if named else (0, "Warning: no room")
    )
    assert f"{model}: saved" in result.stderr
    assert "exact match" in result.stdout
    assert tagger.load(model).topics == ("fruit", "train")


def test_a_model_without_a_page_says_how_to_get_one(
    tiny_labels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command: list[str | Path] = ["train", tiny_labels, "-o", tmp_path / "mine"]
    told = invoke(main, [*command, "--no-evaluate"]).stderr
    assert told.endswith("FILE\na page about its quality comes without --no-evaluate\n")
    monkeypatch.setattr("tagger.cli.quality_page.find_spec", lambda _: None)
    told = invoke(main, [*command, "--jobs", "1"]).stderr
    assert told.endswith("FILE\na page about its quality needs Jinja2: pip install 'tagger-zh[pages]'\n")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    refused = invoke(main, [*command, "--html", tmp_path / "out.html"])
    assert (refused.exit_code, "12 examples" in refused.stderr) == (1, False)
    assert "pages need Jinja2: pip install 'tagger-zh[pages]'" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_named_by_dots_has_its_page_beside_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine" / "deep").mkdir(parents=True)
    for folder, output in (("mine", "."), ("mine/deep", "..")):
        monkeypatch.chdir(tmp_path / folder)
        assert quality_page._beside(output) == str(tmp_path / "mine.evaluation.html")


def test_training_writes_no_page_where_none_can_be(tiny_labels: Path, tmp_path: Path) -> None:
    model, page, read = tmp_path / "mine", tmp_path / "out.html", tmp_path / "texts.html"
    read.write_text("雨\n", encoding="utf-8")
    for arguments, words in (
        (["--html", str(page), "--no-evaluate"], "--html is a page about the quality: leave out --no-evaluate"),
        (["--html", str(model / "out.html")], "a model folder holds nothing but the model: name a page beside it"),
        (["--html", str(tmp_path / "out.csv")], "name it .html"),
        (["--html", str(page), "--no-html"], "--html names a page, and --no-html leaves it out: give one of them"),
        (["--unlabelled", str(read), "--html", str(read)], "is read and written at once: choose another name"),
    ):
        assert words in invoke(main, ["train", tiny_labels, "-o", model, *arguments]).stderr
        assert not model.exists()
    (tmp_path / "labels.csv").write_text(
        "text,topics,document\n苹果,fruit,a\n香蕉,fruit,a\n下雨,,a\n", encoding="utf-8"
    )
    with pytest.raises(RunError, match="too long"):
        check_page(tmp_path / f"{'a' * 300}.html")
    result = invoke(main, ["train", tmp_path / "labels.csv", "-o", model, "--html", page])
    assert (result.exit_code, page.exists()) == (0, False)
    assert f"{page}: not written, as fewer than two documents tell nothing of quality" in result.stderr


@pytest.mark.full
def test_the_slider_tells_what_a_threshold_would_do(page: Path, tmp_path: Path) -> None:
    if missing := what_is_missing():
        assert os.environ.get("TAGGER_BROWSER") != "required", missing
        pytest.skip(missing)
    with open_browser(tmp_path / "browser") as browser:
        for width in (1280, 390):
            browser.resize(width)
            browser.open(page)
            assert browser.run("return document.documentElement.scrollWidth") <= width
        curve = data(page)["curves"][0]
        browser.run("document.getElementById('threshold').focus()")
        browser.press("\ue011")  # Home
        assert browser.text("#told").startswith(
            f"“{curve['title']}”阈值 1.000：给出 0 段，对 0，错 0，漏 {curve['examples']}"
        )
        browser.press("\ue010")  # End
        _, given, right = curve["steps"][-1]
        assert f"给出 {given} 段，对 {right}，错 {given - right}，漏 {curve['examples'] - right}" in browser.text(
            "#told"
        )
        assert browser.console() == []
        assert browser.requests() == [page.as_uri()]
        check_with_axe(browser)


def check_with_axe(browser: Browser) -> None:
    if (axe := os.environ.get("TAGGER_AXE")) is not None:
        browser.run(Path(axe).read_text(encoding="utf-8"))
        found = browser.run_later("axe.run().then((found) => arguments[0](found.violations))")
        told = [(v["id"], v["impact"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found]
        assert [each for each in told if each[1] in ("serious", "critical")] == []
