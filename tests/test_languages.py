"""What is stored is English and the same bytes whatever the language; what people read is in theirs."""

import gettext
import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

import tagger
from tagger import messages
from tagger.batch import RunOptions, Stream, list_rejects, tag_files
from tagger.batch.chunks import Chunk, Done, Lines, Work, tag_chunk
from tagger.dataset import read_dataset
from tagger.errors import DataError, RunError
from tagger.evaluation import compare, evaluate_tagger, resampling
from tagger.evaluation.verdict import TopicVerdict, Verdict
from tagger.messages import english, in_language
from tagger.model.card import render_card
from tagger.training import train_dataset
from tagger.training.pool import PoolTrial


class Marked(gettext.NullTranslations):
    """A catalogue that has every message, in another language."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"«{msgid1 if n == 1 else msgid2}»"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each message is between signs of its own in Chinese, and Chinese is not yet used."""
    real = messages._catalogue
    monkeypatch.setattr(messages, "_catalogue", lambda language: Marked() if language == "zh" else real(language))
    monkeypatch.setattr(resampling, "RESAMPLES", 20)
    yield
    messages.use(None)


@pytest.mark.usefixtures("marked")
@pytest.mark.full
def test_a_model_has_the_same_bytes_in_every_language_but_for_its_card(tiny_labels: Path, tmp_path: Path) -> None:
    for language in messages.LANGUAGES:
        with messages.used(language):
            dataset = read_dataset(tiny_labels, unlabelled=["火车和车站", "苹果和葡萄"])
            told: list[str] = []
            made = train_dataset(dataset, tagger.Settings(folds=2), told=told.append)
            measured = replace(made.model, quality=evaluate_tagger(made, dataset).quality())
            tagger.Tagger(measured).save(tmp_path / language)
        assert [sentence.startswith("«") for sentence in told] == [language == "zh"]
    one, other = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in messages.LANGUAGES)
    assert one.keys() == other.keys()
    assert {name for name in one if one[name] != other[name]} == {"README.md"}
    assert b"\xc2\xab" not in other["manifest.json"]
    lines = other["README.md"].decode("utf-8").splitlines()
    assert "## «Training»" in lines
    assert sum(line.startswith("«- read: «") for line in lines) == 4


@pytest.mark.usefixtures("marked")
def test_a_card_says_again_in_the_reader_s_language_what_a_manifest_says_in_english(
    tiny: tagger.Tagger, tiny_labels: Path, tmp_path: Path
) -> None:
    quality = evaluate_tagger(tiny, read_dataset(tiny_labels)).quality()
    assert quality["method"] == "held-out, 12 examples of 4 documents"
    quality["also"] = {"A part of its own": quality | {"method": "reading 37 of them"}}
    tagger.Tagger(replace(tiny.model, quality=quality)).save(tmp_path / "model")
    with messages.used("zh"):
        card = render_card(tagger.load(tmp_path / "model").model)
    assert "«By «held-out, 12 examples of 4 documents».»" in card
    assert "### A part of its own\n\n«By reading 37 of them.»" in card


@pytest.mark.usefixtures("marked")
def test_reports_are_english_for_programs(tiny: tagger.Tagger, tiny_labels: Path) -> None:
    dataset = read_dataset(tiny_labels)
    with messages.used("zh"):
        report = evaluate_tagger(tiny, dataset)
        found = compare(report, report)
        assert all(text.startswith("«") for text in (report.method, report.signature, *report.warnings))
        assert all(text.startswith("«") for text in (found.signature, found.sentence()))
        assert "«precision»" in report._repr_html_()
        assert all(sentence.startswith("«") for sentence in report.verdict.sentences())
        for_programs = json.dumps([report.to_dict(), report.quality(), found.to_dict()], ensure_ascii=False)
    assert "«" not in for_programs
    assert "texts the tagger was trained on" in for_programs


@pytest.mark.usefixtures("marked")
def test_titles_in_a_row_are_parted_as_the_language_parts_them() -> None:
    topics = [TopicVerdict(name, name.upper(), 9, 9, 9, 9, 99, "look") for name in "abcde"]
    (sentence,) = Verdict(tuple(topics), None, None, None, ()).sentences()
    assert "wrong with A, B, C, D …:" in sentence
    assert "««A, B», «C, D»» …»:" in in_language(sentence, "zh")
    helps, harms = PoolTrial(9, 0.5, 0.4), PoolTrial(9, 0.4, 0.5)
    assert str(helps).endswith("0.500 with them and 0.400 without, so they are learnt from")
    assert str(harms).endswith("so they would harm and are left out")


LINES = '{"text": "苹果"}\n{"body": 1}\n[1]\n{"text": 1}\n坏\n{"text": NaN}\n'.encode()


@pytest.mark.usefixtures("marked")
def test_rejected_lines_are_english_in_files_and_in_the_reader_s_language_on_a_terminal(
    model: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(LINES + b'\xff\n{"text": "x", "topics": 1}\n')
    table = tmp_path / "in.csv"
    table.write_bytes(b"id,text\n1,x\n2,y,z\n3,x\n")
    shown: list[str] = []
    with messages.used("zh"):
        tag_files([str(source), str(table)], out, model=model, options=RunOptions(jobs=1))
        with (tmp_path / "stream").open("wb") as file:
            names = [str(source), str(table)]
            tag_files(names, Stream(file, shown.append), model=model, options=RunOptions(jobs=1))
    rejects = (tmp_path / "out.jsonl.rejects.jsonl").read_bytes()
    assert "«".encode() not in rejects
    stored = [orjson.loads(line) for line in rejects.splitlines()]
    assert [reject["line"] for reject in stored] == [2, 3, 4, 5, 6, 7, 8, 3]
    assert stored[0]["reason"] == "no field 'text'; found: body"
    assert [line[1:].partition(": ")[0] for line in shown] == [
        f"{reject['file']}:{reject['line']}" for reject in stored
    ]
    assert all(line.partition(": ")[2].startswith("«") for line in shown)


@pytest.mark.usefixtures("marked")
def test_text_files_that_cannot_be_read_are_named_once(model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b.txt").write_text("苹果" * 40, encoding="utf-8")
    names = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    shown: list[str] = []
    options = RunOptions(jobs=1, max_line_bytes=100)
    with messages.used("zh"), (tmp_path / "stream").open("wb") as file:
        tag_files(names, Stream(file, shown.append), model=model, options=options)
        with pytest.raises(DataError) as caught:
            tag_files(names, tmp_path / "out.jsonl", model=model, options=replace(options, strict=True))
    assert [line.startswith(f"«{name}: «") for name, line in zip(names, shown, strict=True)] == [True, True]
    assert str(caught.value) == shown[0]


@pytest.mark.usefixtures("marked")
def test_what_another_process_rejects_is_said_in_the_language_of_this_one(tiny: tagger.Tagger) -> None:
    chunk = Chunk(source="in.jsonl", content=Lines(1, LINES), number=1, digest="", position=1)
    done: Done = pickle.loads(pickle.dumps(tag_chunk(chunk, tagger=tiny, work=Work())))
    with messages.used("zh"):
        said = list(list_rejects(done))
    assert said[0] == "«in.jsonl:2: «no field 'text'; found: body»»"
    assert english(said[0]) == "in.jsonl:2: no field 'text'; found: body"
    assert all(": «" in sentence for sentence in said)
    assert [english(reason) for reason in done.reasons] == [
        orjson.loads(x)["reason"] for x in done.rejects.splitlines()
    ]


@pytest.mark.usefixtures("marked")
def test_a_run_can_be_resumed_in_another_language(model: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_bytes(b"id,text\n" + b"1,x,too many\n2,y\n" * 40)
    options = RunOptions(jobs=1, chunk_bytes=200, checkpoint_seconds=0)
    seen = iter(range(2))

    def stop(_: object) -> None:
        if next(seen, None) is None:
            raise RunError("enough")

    with messages.used("zh"), pytest.raises(RunError, match="enough") as caught:
        tag_files([str(source)], out, model=model, options=options, progress=stop)
    assert caught.value.__notes__[0].startswith("«")
    with messages.used("zh"), pytest.raises(RunError, match=r"^«.*«max_line_bytes was 16777216 and is 9»"):
        tag_files([str(source)], out, model=model, options=replace(options, resume=True, max_line_bytes=9))
    counts = tag_files([str(source)], out, model=model, options=replace(options, resume=True)).counts
    assert (counts.tagged, counts.rejected) == (40, 40)
    assert "«".encode() not in Path(f"{out}.rejects.jsonl").read_bytes()


@pytest.mark.usefixtures("marked")
def test_what_is_wrong_with_a_model_is_said_in_the_reader_s_language(model: Path, tmp_path: Path) -> None:
    with messages.used("zh"):
        with pytest.raises(tagger.ModelError) as caught:
            tagger.load(tmp_path / "none")
        (tmp_path / "file").touch()
        with pytest.raises(tagger.ModelError) as refused:
            tagger.load(model).save(tmp_path / "file")
    assert str(caught.value).startswith(f"{tmp_path / 'none'}: «there is no such model folder")
    assert refused.value.reason.startswith("«is a file")
