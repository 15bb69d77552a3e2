"""Traditional text, from the conversion to tagging, training, runs over files and the command line."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from command_line import invoke
from hypothesis import given, settings
from strategies import hard_text

import tagger
from tagger.batch import Chunk, Fields, RunOptions, tag_files
from tagger.batch.chunks import LongLine, TextFile, Texts
from tagger.cli.group import main
from tagger.dataset import Dataset, read_dataset
from tagger.errors import RunError
from tagger.evaluation import evaluate_tagger, held_out
from tagger.evidence import find_evidence
from tagger.model import shipped_model
from tagger.records import Example
from tagger.tagging import classify_paragraphs
from tagger.text import looks_traditional, simplify, split_paragraphs
from tagger.text.traditional import _converter
from tagger.training import train_dataset

opencc = pytest.importorskip("opencc", reason="OpenCC is not installed: pip install 'tagger-zh[traditional]'")

LINES = [
    "反诈周报",
    "来源:平安某地 责任编辑:某某",
    "民警在银行柜台劝住了正要给“客服”转账的老人。",
    "请先了解户口迁移业务。",
]
SIMPLIFIED = "\n".join(LINES)
TRADITIONAL = opencc.OpenCC("s2t").convert(SIMPLIFIED)
HTML = "<p>民警在銀行櫃台<b>勸住</b>了正要&#36681;賬的老人。</p><p>責任編輯：某某</p>"


@pytest.fixture(scope="module")
def simplifying(shipped: tagger.Tagger) -> tagger.Tagger:
    return shipped.simplifying()


@settings(max_examples=40)
@given(hard_text)
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(simplify(text)) == len(text)


def test_what_opencc_cannot_take_keeps_its_place() -> None:
    assert simplify("詐\0騙\ud800\U00020bb7錢") == "诈\0骗\ufffd\U00020bb7钱"


def test_where_opencc_changes_the_length_characters_are_taken_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(text: str) -> str:
        simplified: str = opencc.OpenCC("t2s").convert(text)
        return simplified.partition("\0")[0] + "人" * (text == "騙")

    monkeypatch.setitem(sys.modules, "opencc", SimpleNamespace(OpenCC=lambda _: SimpleNamespace(convert=convert)))
    _converter.cache_clear()
    try:
        assert simplify("詐騙") == "诈骗"
        assert simplify("詐\0騙") == "诈\0騙"
    finally:
        _converter.cache_clear()


@pytest.mark.parametrize(
    ("text", "traditional"),
    [
        (TRADITIONAL, True),
        (SIMPLIFIED, False),
        ("", False),
        ("abc", False),
        ("人民", False),
        ("警方呼籲女士", True),
        ("陳先生报警说他被骗了钱", False),
        ("한국어 かな", False),
    ],
)
def test_traditional_text_is_told_by_most_of_its_characters(text: str, traditional: bool) -> None:
    assert looks_traditional(text) == traditional


def test_traditional_text_is_tagged_as_simplified_and_keeps_its_characters(
    shipped: tagger.Tagger, simplifying: tagger.Tagger
) -> None:
    ours, theirs = simplifying.tag(TRADITIONAL), shipped.tag(SIMPLIFIED)
    assert (ours.topics, ours.probabilities) == (theirs.topics, theirs.probabilities)
    assert ours.topics
    for our, their in zip(ours.paragraphs, theirs.paragraphs, strict=True):
        assert (our.pieces, our.furniture, our.topics) == (their.pieces, their.furniture, their.topics)
        assert our.text == TRADITIONAL[our.start : our.end]
    assert [paragraph.furniture for paragraph in ours.paragraphs] == [False, True, False, False]
    assert simplifying.predict([TRADITIONAL]) == shipped.predict([SIMPLIFIED])
    assert shipped.predict([TRADITIONAL]) != shipped.predict([SIMPLIFIED])
    assert simplifying.tag(SIMPLIFIED).probabilities == theirs.probabilities


def test_markup_is_read_before_it_is_simplified(simplifying: tagger.Tagger) -> None:
    first, second = simplifying.split(HTML)
    assert first.text == "民警在銀行櫃台勸住了正要轉賬的老人。"
    assert [HTML[start:end] for start, end in first.pieces] == [
        "民警在銀行櫃台",
        "勸住",
        "了正要",
        "&",
        "賬的老人。",
    ]
    assert (second.text, second.furniture) == ("責任編輯：某某", True)
    assert not split_paragraphs(HTML)[1].furniture


def test_lines_are_rejoined_as_those_of_simplified_text() -> None:
    page = "他說,\nAPP is\nbad,對方\n\n讓他轉賬,一共三萬\n\n元。"
    ours, theirs = split_paragraphs(page, simplify=True), split_paragraphs(simplify(page))
    assert [paragraph.pieces for paragraph in ours] == [paragraph.pieces for paragraph in theirs]
    assert [simplify(paragraph.text) for paragraph in ours] == [paragraph.text for paragraph in theirs]
    assert "讓他轉賬,一共三萬元。" in ours[-1].text


def test_explanations_point_into_the_text_as_given(simplifying: tagger.Tagger, shipped: tagger.Tagger) -> None:
    text = TRADITIONAL.splitlines()[2]
    found, same = simplifying.explain(text)[0], shipped.explain(SIMPLIFIED.splitlines()[2])[0]
    assert found.score == same.score
    assert found.contributions == same.contributions
    places = {c.feature: {text[start:end] for start, end in c.places} for c in found.contributions}
    assert places["转账"] == {"轉賬"}


def test_evidence_stands_where_it_does_in_simplified_text(simplifying: tagger.Tagger, shipped: tagger.Tagger) -> None:
    texts = [TRADITIONAL.splitlines()[2], SIMPLIFIED.splitlines()[2]]
    ours = [*find_evidence(simplifying.model, texts, [["anti_fraud"]] * 2)]
    (theirs,) = find_evidence(shipped.model, texts[1:], [["anti_fraud"]])
    assert ours == [theirs, theirs]
    assert theirs[0].stretches


def test_furniture_of_traditional_articles_is_recognised_in_evaluation(
    simplifying: tagger.Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = [Example(TRADITIONAL.splitlines()[2], ("anti_fraud",), "a"), Example("責任編輯：某某", (), "a")]
    seen: list[list[bool]] = []
    usual = classify_paragraphs

    def watched(model: Any, texts: Any, counts: Any, furniture: list[bool]) -> Any:
        seen.append(furniture)
        return usual(model, texts, counts, furniture)

    monkeypatch.setattr(held_out, "classify_paragraphs", watched)
    evaluate_tagger(simplifying, Dataset("labels.csv", tuple(examples), simplifying.model.topics))
    assert seen == [[False, True]]


def test_a_saved_model_keeps_to_it_and_others_do_not_mention_it(tmp_path: Path, tiny: tagger.Tagger) -> None:
    tiny.simplifying().save(tmp_path / "simplifying")
    tiny.save(tmp_path / "plain")
    assert tagger.load(tmp_path / "simplifying").settings.simplify
    assert tagger.load(tmp_path / "plain", simplify=True).settings.simplify
    assert not tagger.load(tmp_path / "plain").settings.simplify
    assert "simplify" not in json.loads((tmp_path / "plain" / "manifest.json").read_text())["settings"]


def test_two_models_are_compared_on_simplified_text(tmp_path: Path) -> None:
    told = []
    for name, text in {"given": TRADITIONAL, "read": SIMPLIFIED}.items():
        rows = [
            f"{line},{topic}"
            for line, topic in zip(text.splitlines()[2:], ["anti_fraud", "admin_service"], strict=True)
        ]
        (tmp_path / f"{name}.csv").write_text("text,topics\n" + "\n".join(rows), encoding="utf-8")
        models = ["--model", str(shipped_model())] * 2
        told.append(
            invoke(main, ["evaluate", tmp_path / f"{name}.csv", *models, "--json", *["--simplify"] * (name == "given")])
        )
    given, read = (json.loads(result.stdout)["reports"] for result in told)
    assert [report["micro"] for report in given] == [report["micro"] for report in read]
    assert read[0]["micro"]["f1"]["value"] == 1


def test_what_is_trained_on_is_simplified_too() -> None:
    texts = ["蘋果甜", "香蕉甜", "火車快", "火車慢"]
    examples = [{"text": text, "topics": topic} for text, topic in zip(texts, "aabb", strict=True)]
    topics = (tagger.Topic("a", "A", "", ("雞蛋",)), tagger.Topic("b", "B", "", ("車站",)))
    how = tagger.Settings(simplify=True)
    ours = train_dataset(read_dataset(examples, topics=topics, unlabelled=["雞蛋甜", "火車站"]), how)
    features = {feature.text for feature in ours.model.features()}
    assert {"苹", "鸡蛋", "车站"} <= features
    assert not {"蘋", "雞蛋", "車站"} & features
    assert ours.model.dictionary == ("车站", "鸡蛋")
    assert ours.predict(["火車"]) == ours.predict(["火车"]) == [("b",)]
    assert ours.settings.describe().endswith("simplify=True")


def test_a_run_with_workers_simplifies(tmp_path: Path, shipped: tagger.Tagger) -> None:
    lines = [json.dumps({"title": text[:4], "text": text}) for text in (TRADITIONAL, SIMPLIFIED) * 12]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    told: list[str] = []
    fields = Fields(simplify=True, paragraphs=True, title="title", explain=2)
    options = RunOptions(jobs=2, chunk_bytes=300)
    tag_files([str(tmp_path / "in.jsonl")], tmp_path / "out.jsonl", fields=fields, options=options, told=told.append)
    assert told == []
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [len(records), records[0]["topics"]] == [24, [tag.topic for tag in shipped.tag(SIMPLIFIED).topics]]
    assert {str(record["probabilities"]) for record in records} == {str(records[0]["probabilities"])}
    title, *paragraphs = [paragraph["text"] for paragraph in records[0]["paragraphs"]]
    assert [title, *paragraphs] == [TRADITIONAL[:4], *TRADITIONAL.splitlines()]
    assert records[0]["explanations"] == records[1]["explanations"]


@pytest.mark.parametrize("escaped", [True, False])
def test_a_run_says_when_its_text_looks_traditional(tmp_path: Path, escaped: bool) -> None:
    for name, texts in {"in": [TRADITIONAL, SIMPLIFIED], "other": [SIMPLIFIED, TRADITIONAL]}.items():
        lines = [json.dumps({"text": text}, ensure_ascii=escaped) for text in texts]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    (tmp_path / "in.txt").write_text(TRADITIONAL, encoding="big5", errors="ignore")
    output: list[str | Path] = ["-o", tmp_path / "out.jsonl", "--jobs", "1"]
    hint = " looks traditional, and topics are told by simplified characters: --simplify reads it as such\n"
    for name, told in {"in.jsonl": 1, "in.txt": 1, "other.jsonl": 0}.items():
        done = invoke(main, ["tag", tmp_path / name, *output, "--chunk-bytes", "100"])
        assert done.stderr.count(name + hint) == told
    long = LongLine(number=1, head=TRADITIONAL.encode(), length=10**9)
    assert not Chunk(source="long.jsonl", content=long, number=1, digest="", position=0).looks_traditional()


def test_the_commands_simplify(tmp_path: Path, model: Path, tiny_labels: Path) -> None:
    text = "民警勸阻轉賬"
    plain, simple = invoke(main, ["explain", "--json", text]), invoke(main, ["explain", "--json", "--simplify", text])
    assert plain.stderr.startswith("the text looks traditional")
    assert simple.stderr == ""
    same = invoke(main, ["explain", "--json", simplify(text)])
    assert simple.stdout == same.stdout != plain.stdout
    (tmp_path / "labels.jsonl").write_text(opencc.OpenCC("s2t").convert(tiny_labels.read_text(encoding="utf-8")))
    how: list[str | Path] = ["--model", model, "--json"]
    traditional = invoke(main, ["evaluate", tmp_path / "labels.jsonl", *how, "--simplify"])
    as_given = invoke(main, ["evaluate", tiny_labels, *how])
    ours, theirs = json.loads(traditional.stdout), json.loads(as_given.stdout)
    assert ours["topics"] == theirs["topics"]


def test_without_opencc_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, shipped: tagger.Tagger) -> None:
    monkeypatch.setitem(sys.modules, "opencc", None)
    _converter.cache_clear()
    for simplifies in (lambda: tagger.load(simplify=True), shipped.simplifying, lambda: Fields(simplify=True)):
        with pytest.raises(RunError, match=r"needs OpenCC: pip install 'tagger-zh\[traditional\]'"):
            simplifies()


def test_bytes_that_are_no_text_do_not_look_traditional() -> None:
    data = "民警勸阻轉賬".encode() + b"\xff\xff" + "警方勸阻".encode()
    texts = Texts((TextFile("film.mp4", data),))
    assert not Chunk(source="film.mp4", content=texts, number=1, digest="", position=0).looks_traditional()
