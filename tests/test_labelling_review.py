"""Doubtful labels are looked at one after another, and changed in their file as `tagger apply` does it."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke

import tagger
from tagger import curation
from tagger.cli import main
from tagger.curation.decisions import read_decisions
from tagger.dataset.editing import open_labels
from tagger.dataset.keys import example_key
from tagger.errors import DataError, RunError, SettingsError
from tagger.labelling.findings import Reviewing, open_review
from tagger.labelling.journal import Journal
from tagger.labelling.marking import Mark, Marks, find_marks
from tagger.labelling.review import Review
from tagger.labelling.writer import Writer
from tagger.records import Example
from tagger.text import BOUNDARY

TOPICS = '[food]\ntitle = "美食"\n[sport]\ntitle = "体育"\n'
# No two rows look alike: quotation marks, spaces, another column.
LABELS = (
    'text,topics,document,more\r\n"火锅开张",体育,a,1\r\n球队夺冠, 体育,a,2\r\n今天下雨,"美食",b, 3\r\n面馆排队,,,\r\n'
)
HEADER = "行,问题,把握,现标,建议,决定,依据,文本,键"


def key(text: str, *topics: str) -> str:
    return example_key(Example(text, topics))


ROWS = (
    f"2,错标?,0.93,体育,美食,,火锅 +1.2 队 -0.3,火锅开张,{key('火锅开张', '体育')}",
    f"2,近似文本异标,,体育,,,第 9 行,火锅开张,{key('火锅开张', '体育')}",
    f"4,多标?,0.7,美食,无,,,今天下雨,{key('今天下雨', '美食')}",
    f"5,漏标?,0.6,,美食,,,面馆排队,{key('面馆排队')}",
    f"3,重复,,体育,,,第 2 行,球队夺冠,{key('球队夺冠', '体育')}",
    ",易混主题,,体育,,,→ 美食 × 3,,",
)
END = chr(BOUNDARY)
Opening = Callable[..., AbstractContextManager[Reviewing]]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    (tmp_path / "topics.toml").write_text(TOPICS, encoding="utf-8")
    path = tmp_path / "labels.csv"
    path.write_bytes(LABELS.encode())
    return path


@pytest.fixture
def opening(tmp_path: Path, labels: Path) -> Opening:
    def begin(*rows: str) -> AbstractContextManager[Reviewing]:
        (tmp_path / "findings.csv").write_text("\n".join([HEADER, *(rows or ROWS)]), encoding="utf-8")
        return open_review(tmp_path / "findings.csv", labels)

    return begin


@pytest.fixture
def work(opening: Opening) -> Iterator[Reviewing]:
    with opening() as work:
        work.choose(None)
        yield work


@pytest.fixture
def review(work: Reviewing) -> Review:
    return work.session(blind=False)


def keys_of(review: Review) -> dict[str, str]:
    return {item.example.text: key for key, item in review._items.items()}


class TestOpening:
    def test_findings_about_one_row_are_one_question(self, work: Reviewing) -> None:
        first, second, third = work.items
        assert (first.example.text, first.before, first.after, first.why) == ("火锅开张", "", "球队夺冠", "doubtful")
        assert first.doubt is not None
        assert (first.doubt.line, first.doubt.topics, first.doubt.suggestion) == (2, ("sport",), ("food",))
        assert (first.doubt.problems, first.doubt.wrong) == (("错标?", "近似文本异标"), 0.93)
        assert first.doubt.evidence == "火锅 +1.2 队 -0.3; 第 9 行"
        assert second.doubt is not None
        assert second.doubt.suggestion == ()
        assert third.example.text == "面馆排队"
        assert [topic.title for topic in work.topics] == ["美食", "体育"]
        assert work.mode == "any"
        assert [*work.sentences()] == ["3 doubtful rows to look at"]

    def test_the_second_finding_may_have_the_suggestion(self, opening: Opening) -> None:
        with opening(ROWS[1], ROWS[0]) as work:
            (item,) = work.items
            assert item.doubt is not None
            assert item.doubt.suggestion == ("food",)

    def test_what_is_decided_in_the_sheet_is_not_asked(self, opening: Opening) -> None:
        rows = [ROWS[0].replace("美食,,", "美食,改,"), ROWS[2].replace("无,,", "无,拿不准,"), ROWS[3]]
        with opening(*rows) as work:
            assert [item.example.text for item in work.items] == ["今天下雨", "面馆排队"]
            assert [*work.sentences()][1] == "1 row is decided in the sheet and not asked about: tagger apply writes it"

    def test_a_row_that_is_not_what_it_was_is_said_and_not_asked(self, opening: Opening) -> None:
        with opening(ROWS[0].replace("火锅开张,k", "火锅开张,kx"), ROWS[2]) as work:
            assert [item.example.text for item in work.items] == ["今天下雨"]
            assert [(row.row, row.line) for row in work.changed] == [(2, 2)]
            assert "line 2 has changed since it was looked at" in work.changed[0].reason
        with (
            pytest.raises(DataError, match="1 rows are about lines that changed since"),
            opening(ROWS[0].replace("火锅开张,k", "火锅开张,kx")),
        ):
            pass

    def test_nothing_to_look_at_is_said(self, opening: Opening) -> None:
        with pytest.raises(DataError, match="has nothing to look at that is not decided"), opening(*ROWS[4:]):
            pass

    def test_the_mode_is_that_of_labels_and_suggestions(self, opening: Opening, labels: Path) -> None:
        labels.write_text("text,topics\n火锅开张,体育\n球队夺冠,体育\n", encoding="utf-8")
        with opening(ROWS[0]) as work:
            assert work.mode == "one"
        with opening(ROWS[0].replace(",美食,", ",美食|体育,")) as work:
            assert work.mode == "several"
            work.choose("any")
        with opening(ROWS[0]) as work:
            work.choose("one")
            assert work.mode == "any"

    def test_without_topics_toml_topics_are_those_of_the_labels(self, opening: Opening, labels: Path) -> None:
        labels.with_name("topics.toml").unlink()
        # An unknown topic is no suggestion; a sheet without keys is about what has the text.
        with opening(
            f"2,错标?,,体育,旅游,,,火锅开张,{key('火锅开张', '体育')}", "4,多标?,x,美食,无,,,今天下雨,"
        ) as work:
            assert sorted(topic.name for topic in work.topics) == ["体育", "美食"]
            assert [item.doubt.suggestion for item in work.items if item.doubt] == [None, ()]
            assert [item.doubt.wrong for item in work.items if item.doubt] == [None, None]

    def test_nobody_labels_into_the_file_meanwhile(self, opening: Opening, labels: Path) -> None:
        other = Journal(f"{labels}.journal")
        with pytest.raises(RunError, match="is open in another process that labels"), opening():
            pass
        other.close()
        with opening(), pytest.raises(RunError, match="is open in another process that labels"):
            Journal(f"{labels}.journal")

    def test_the_blind_see_no_suggestion(self, work: Reviewing) -> None:
        item = work.session(blind=True).next()
        assert item is not None
        assert item.doubt is not None
        assert (item.doubt.topics, item.doubt.suggestion, item.doubt.evidence, item.doubt.wrong) == (
            ("sport",), None, "", None,
        )  # fmt: skip


class TestReview:
    def test_what_is_decided_is_changed_in_the_file_and_nothing_else(
        self, work: Reviewing, review: Review, labels: Path
    ) -> None:
        keys = keys_of(review)
        first = review.next()
        assert first is not None
        review.decide(first.key, ["food"], flag=True)
        review.decide(keys["今天下雨"], ["food"])
        review.decide(keys["面馆排队"], [], answer="unsure")
        assert review.next() is None
        assert review.save() == ""
        assert labels.read_bytes() == LABELS.encode().replace('"火锅开张",体育'.encode(), '"火锅开张",美食'.encode())
        state = review.state()
        assert [state[name] for name in ("decided", "changed", "kept", "unsure", "left", "refused")] == [
            2,
            1,
            1,
            1,
            0,
            [],
        ]
        assert state["last"][2] == {
            "key": first.key, "text": "火锅开张", "answer": "decided", "topics": ("food",), "flag": True,
        }  # fmt: skip
        backup = labels.with_name("labels.csv.bak")
        assert (backup.read_bytes(), work.mender.backup, work.mender.changed) == (LABELS.encode(), str(backup), {2})

    def test_undo_brings_back_what_was_there_and_a_second_thought_is_written(
        self, review: Review, labels: Path
    ) -> None:
        keys = keys_of(review)
        assert review.undo() is None
        for topics in (["food"], ["food", "sport"]):
            review.decide(keys["火锅开张"], topics)
            assert review.save() == ""
        assert read_topics(labels)["火锅开张"] == {"美食", "体育"}
        for expected, decided in (({"美食"}, ("food", "sport")), ({"体育"}, ("food",))):
            reopened, again = review.item(keys["火锅开张"]), review.undo()
            assert again is not None
            assert again.past is not None
            assert again.past.topics == decided
            assert reopened == again
            assert review.save() == ""
            assert read_topics(labels)["火锅开张"] == expected
        assert labels.read_bytes() == LABELS.encode()
        assert not labels.with_name("labels.csv.bak.2").exists()

    def test_not_sure_after_all_brings_back_what_was_there(self, review: Review, labels: Path) -> None:
        keys = keys_of(review)
        review.decide(keys["火锅开张"], ["food"])
        assert review.save() == ""
        review.decide(keys["火锅开张"], [], answer="unsure")
        assert review.save() == ""
        assert labels.read_bytes() == LABELS.encode()

    def test_it_goes_on_after_a_restart(self, opening: Opening, labels: Path) -> None:
        with opening() as work:
            work.choose("any")
            review = work.session(blind=False)
            keys = keys_of(review)
            review.decide(keys["火锅开张"], ["food"])
            assert review.save() == ""
            review.decide(keys["今天下雨"], [])  # and it is killed before it is written
            review.decide(keys["面馆排队"], [], answer="unsure")
        with opening() as work:
            assert [*work.sentences()] == ["3 doubtful rows to look at, of which 3 were looked at before"]
            review = work.session(blind=False)
            with Writer(review):
                assert read_topics(labels)["今天下雨"] == set()
            assert review.undo() is not None
            assert review.undo() is not None
            assert review.undo() is not None
            assert review.save() == ""
            assert labels.read_bytes() == LABELS.encode()
        with opening() as work:
            assert [*work.sentences()] == ["3 doubtful rows to look at"]

    def test_a_row_that_changed_since_is_refused_and_said(self, review: Review, labels: Path) -> None:
        keys = keys_of(review)
        review.decide(keys["火锅开张"], ["food"])
        review.decide(keys["今天下雨"], [])
        labels.write_bytes(LABELS.replace("火锅开张", "火锅关张").encode())
        assert review.save() == ""
        assert labels.read_bytes() == LABELS.replace("火锅开张", "火锅关张").replace('"美食"', '""').encode()
        (refused,) = review.state()["refused"]
        assert refused == "line 2 has changed since it was looked at: check the labels again"
        # Where it is again what it was, it is written with the next; taken back it is no matter any more.
        review.decide(keys["面馆排队"], ["food"])
        assert review.save() == ""
        assert len(review.state()["refused"]) == 1
        labels.write_bytes(labels.read_bytes().replace("火锅关张".encode(), "火锅开张".encode()))
        assert review.save() == ""
        assert review.state()["refused"] == []
        assert read_topics(labels) == {
            "火锅开张": {"美食"},
            "球队夺冠": {"体育"},
            "今天下雨": set(),
            "面馆排队": {"美食"},
        }

    def test_what_the_user_changed_after_us_is_theirs(self, review: Review, labels: Path) -> None:
        keys = keys_of(review)
        review.decide(keys["火锅开张"], ["food"])
        assert review.save() == ""
        labels.write_bytes(LABELS.encode())  # back by hand
        review.decide(keys["火锅开张"], ["food", "sport"])
        assert review.save() == ""
        assert labels.read_bytes() == LABELS.encode()
        assert "has changed since" in review.state()["refused"][0]
        review.decide(keys["火锅开张"], ["sport"])
        assert review.save() == ""
        assert review.state()["refused"] == []

    def test_a_file_that_is_held_is_written_later(
        self, review: Review, labels: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tagger.labelling.writer._QUIET", 0.02)
        usual = curation.applying.replace_labels

        def held(*_: object, **__: object) -> Any:
            raise RunError("labels.csv: cannot be written")

        monkeypatch.setattr("tagger.labelling.mending.replace_labels", held)
        with Writer(review) as writer:
            review.watch(writer.wake)
            review.decide(keys_of(review)["火锅开张"], ["food"])
            wait_until(lambda: writer.problem == "labels.csv: cannot be written")
            monkeypatch.setattr("tagger.labelling.mending.replace_labels", usual)
            wait_until(lambda: writer.problem == "")
        assert read_topics(labels)["火锅开张"] == {"美食"}

    def test_what_cannot_be_is_refused(self, opening: Opening) -> None:
        with opening() as work:
            work.choose("one")
            review = work.session(blind=False)
            keys = keys_of(review)
            with pytest.raises(SettingsError, match="there is no such text"):
                review.decide("x", ["food"])
            with pytest.raises(SettingsError, match="a text has exactly one topic here"):
                review.decide(keys["火锅开张"], [])
            with pytest.raises(SettingsError, match="there is no topic 'x'"):
                review.decide(keys["火锅开张"], ["x"])
            review.decide(keys["面馆排队"], [])  # as it is
            assert review.state()["kept"] == 1


def test_findings_for_programs_say_as_much(tmp_path: Path) -> None:
    evidence: list[Any] = [{"feature": "火锅", "value": 1.234}, {"feature": "队", "value": -0.31}, {"feature": "x"}, 7]
    record = {"kind": "wrong topic", "line": 2, "wrong": 0.5, "evidence": evidence, "decision": "", "text": "火锅"}
    (tmp_path / "f.jsonl").write_text(
        json.dumps(record) + "\n" + json.dumps(record | {"wrong": 2, "evidence": None}), encoding="utf-8"
    )
    one, other = read_decisions(tmp_path / "f.jsonl")
    assert (one.problem, one.wrong, one.evidence) == ("wrong topic", 0.5, "火锅 +1.2 队 -0.3")
    assert (other.wrong, other.evidence) == (None, "")


def shown(evidence: str, text: str) -> tuple[dict[str, list[float]], list[str]]:
    """Return what is marked in a text with its values, and which words of the evidence are marked there."""
    marks = find_marks(evidence, text)
    found: dict[str, list[float]] = {}
    for mark in marks.text:
        found.setdefault(text[mark.start : mark.end], []).append(mark.value)
    assert [mark.start for mark in marks.text] == sorted(mark.start for mark in marks.text)
    return found, [evidence[mark.start : mark.end] for mark in marks.evidence]


@pytest.mark.parametrize(
    ("evidence", "text", "marked", "listed"),
    [
        ("火锅 +1.2 队 -0.3; 第 9 行", "火锅店排队吃火锅", {"火锅": [1.2, 1.2], "队": [-0.3]}, ["火锅", "队"]),
        ("美食；火锅 +1.2 x -12.5；第 9 行", "火锅", {"火锅": [1.2]}, ["火锅"]),  # behind a note; x is not there
        ("国反 +0.4 反诈 +0.9", "全国反诈", {"反诈": [0.9]}, ["反诈"]),  # what says less does not cut it
        ("app +0.5 12 -0.1", "ＡＰＰ有①②个", {"ＡＰＰ": [0.5], "①②": [-0.1]}, ["app", "12"]),
        ("火锅 +1.0", "火\u200b锅", {"火\u200b锅": [1.0]}, ["火锅"]),
        (
            "锅 +1.0",
            "㍿🀄锅",
            {"锅": [1.0]},
            ["锅"],
        ),  # ㍿ reads as four, 🀄 is outside the first plane
        (f"{END}锅 +1.0 锅{END} -0.2", "锅锅锅", {"锅": [1.0, -0.2]}, [f"{END}锅", f"锅{END}"]),
        (f"{END} +1.0 {END}{END} +2.0", "", {}, []),
        ("<i>队</i> -0.3", "<i>队</i>", {"<i>队</i>": [-0.3]}, ["<i>队</i>"]),
        ("97%; 第 9 行", "97%", {}, []),
    ],
)
def test_the_words_of_a_finding_are_found_in_its_text(
    evidence: str, text: str, marked: dict[str, list[float]], listed: list[str]
) -> None:
    assert shown(evidence, text) == (marked, listed)


def test_what_a_finding_lists_is_marked_in_the_list_too() -> None:
    assert find_marks("队 -0.3 火锅 +1.2", "火锅") == Marks((Mark(0, 2, 1.2),), (Mark(7, 9, 1.2),))


class TestCommand:
    @pytest.fixture(autouse=True)
    def needs(self) -> None:
        pytest.importorskip("starlette", reason="Starlette is not installed: pip install 'tagger-zh[serve]'")
        pytest.importorskip("uvicorn", reason="uvicorn is not installed: pip install 'tagger-zh[serve]'")

    def test_it_says_what_was_done(self, tmp_path: Path, labels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from asking import Client  # noqa: PLC0415 - needs Starlette

        rows = [*ROWS, "3,错标?,,体育,美食,,,别的,"]
        (tmp_path / "findings.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
        asked: list[Any] = []

        def label(app: Any, _: Any) -> None:
            asking = Client(app)
            headers = {"Authorization": f"Bearer {token[0]}"}
            asked.append(asking.get(f"/?token={token[0]}").body.decode())
            found = asking.post("/next", json={}, headers=headers).json()
            asked.append(found["item"]["doubt"])
            decision = {"key": found["item"]["key"], "topics": ["food"], "answer": "decided"}
            asked.append(asking.post("/decide", json=decision, headers=headers).json()["state"]["changed"])

            async def end() -> None:
                async with app.router.lifespan_context(app):
                    pass

            asyncio.run(end())

        token = ["secret"]
        monkeypatch.setattr("secrets.token_urlsafe", lambda _: token[0])
        monkeypatch.setattr("tagger.web.labelling.run_app", label)
        arguments = ["label", "--review", str(tmp_path / "findings.csv"), str(labels)]
        result = invoke(main, arguments)
        assert result.exit_code == 0, result.stderr
        assert 'data-review="true"' in asked[0]
        assert asked[1] == {
            "row": 2, "line": 2, "topics": ["sport"], "suggestion": ["food"], "problems": ["错标?", "近似文本异标"],
            "wrong": 0.93, "evidence": "火锅 +1.2 队 -0.3; 第 9 行",
            "marks": {
                "text": [{"start": 0, "end": 2, "value": 1.2}], "evidence": [{"start": 0, "end": 2, "value": 1.2}],
            },
        }  # fmt: skip
        assert asked[2] == 1
        assert "findings.csv:8: line 3 has changed since it was looked at" in result.stderr
        assert "findings.csv: 1 decided otherwise, 0 found right, 0 not sure, 2 left" in result.stderr
        assert f"labels.csv: 1 row changed; before: {labels}.bak" in result.stderr
        monkeypatch.setattr("tagger.web.labelling.run_app", lambda *_: None)
        result = invoke(main, [*arguments, "--mode", "one"])
        assert "is labelled with --mode any: go on with that" in result.stderr
        assert "row changed" not in invoke(main, arguments).stderr

    @pytest.mark.parametrize("arguments", [[], ["labels.csv"], ["--review", "f.csv", "pool.csv", "labels.csv"]])
    def test_files_are_named_as_they_are_needed(self, arguments: list[str]) -> None:
        result = invoke(main, ["label", *arguments])
        assert result.exit_code == 2
        assert "name POOL and LABELS; with --review FINDINGS name LABELS alone" in result.stderr


def read_topics(labels: Path) -> dict[str, set[str]]:
    return {example.text: {*example.topics} for example in open_labels(labels).examples}


def wait_until(found: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not found():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.full
@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.long)])
def test_no_acknowledged_decision_is_lost_when_it_is_killed(tmp_path: Path, kills: int) -> None:
    pytest.importorskip("uvicorn", reason="uvicorn is not installed: pip install 'tagger-zh[serve]'")
    choose = random.Random(5)  # noqa: S311 - moments, no secrets
    (tmp_path / "topics.toml").write_text(TOPICS, encoding="utf-8")
    rows = [f"第{number}段,{('food', 'sport')[number % 2]}" for number in range(3000)]
    (tmp_path / "labels.csv").write_text("\n".join(["text,topics", *rows]), encoding="utf-8")
    asked = [f"{line},food|sport,,{row.partition(',')[0]}" for line, row in enumerate(rows, start=2)]
    (tmp_path / "f.csv").write_text("\n".join(["line,suggestion,decision,text", *asked]), encoding="utf-8")
    command = [sys.executable, "-P", "-m", "tagger", "label", "--review", "f.csv", "labels.csv"]
    environment = os.environ | {"PYTHONPATH": str(Path(tagger.__file__).parents[1])}
    wanted = {row.partition(",")[0]: {row.partition(",")[2]} for row in rows}
    acknowledged = 0
    for number in range(kills + 1):
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        end = time.monotonic() + choose.uniform(0.5, 4)
        try:
            found = None
            while time.monotonic() < end and number < kills:
                try:
                    found = found or post(address, "next", {})
                    item, topics = found["item"], choose.choice([[], ["food"], ["sport"], ["food", "sport"]])
                    if choose.random() < 0.01:
                        time.sleep(1.2)  # so that the file is written
                    if time.monotonic() > end - 0.02:
                        break
                    found = post(address, "decide", {"key": item["key"], "topics": topics, "answer": "decided"})
                except urllib.error.URLError:
                    time.sleep(0.05)
                else:
                    wanted[item["text"]] = set(topics)
                    acknowledged += 1
            if number == kills:
                wait_until(lambda: read_topics(tmp_path / "labels.csv") == wanted)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        assert len(read_topics(tmp_path / "labels.csv")) == len(rows)  # whole at every moment
    assert acknowledged > kills


def post(address: str, path: str, body: Any) -> Any:
    place, _, token = address.partition("?token=")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(place + path, json.dumps(body).encode(), headers)  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - likewise
        return json.load(answer)
