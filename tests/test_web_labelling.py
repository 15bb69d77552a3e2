"""The labelling page decides nothing twice and loses nothing, whatever ends it."""

import gc
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke

import tagger
from tagger.cli import main
from tagger.curation.outlook import Gain, Outlook
from tagger.dataset import LabelOptions, read_dataset
from tagger.errors import RunError
from tagger.evidence import Evidence, Stretch
from tagger.labelling.desk import Guess
from tagger.labelling.journal import Journal
from tagger.labelling.saving import Saver
from tagger.labelling.session import Session
from tagger.records import Example, Topic

pytest.importorskip("starlette", reason="Starlette is not installed: pip install 'tagger-zh[serve]'")
pytest.importorskip("uvicorn", reason="uvicorn is not installed: pip install 'tagger-zh[serve]'")
from asking import Client

from tagger.web.labelling import create_labelling_app
from tagger.web.options import ServeOptions
from tagger.web.promptness import prompt

TOPICS = (Topic("food", '美食 "<b>"', "吃的"), Topic("sport", "体育"))
POOL = (Example("火锅开张", (), "a"), Example("<script>alert(1)</script>", (), "a"), Example("今天下雨", ()))
TOKEN = "secret"  # noqa: S105 - of these tests alone
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    journal = Journal(tmp_path / "labels.csv.journal")
    journal.choose("any")
    yield Session(POOL, TOPICS, journal, Saver(tmp_path / "labels.csv", journal, LabelOptions()))
    journal.close()


@pytest.fixture
def asking(session: Session) -> Client:
    return Client(create_labelling_app(session, ServeOptions(token=TOKEN), mode="any", name='<pool> & "co"'))


def test_what_is_not_here_is_said_with_what_is(asking: Client) -> None:
    answer = asking.get("/tag", headers=HEADERS)
    assert (answer.status, answer.error) == (404, "is not here: there are /, /next, /item, /decide, /undo")


def test_texts_are_asked_about_decided_and_taken_back(asking: Client, session: Session) -> None:
    found = asking.post("/next", json={}, headers=HEADERS).json()
    assert found["item"]["text"] == "火锅开张"
    assert found["item"]["after"] == "<script>alert(1)</script>"
    assert (found["item"]["guess"], found["state"]["left"], found["state"]["problem"]) == (None, 3, "")
    key = found["item"]["key"]
    decision = {"key": key, "topics": ["food"], "answer": "decided", "flag": True}
    found = asking.post("/decide", json=decision, headers=HEADERS).json()
    assert found["item"]["text"] == "<script>alert(1)</script>"
    assert found["state"]["last"][0] == {
        "key": key, "text": "火锅开张", "answer": "decided", "topics": ["food"], "flag": True,
    }  # fmt: skip
    assert found["item"]["past"] is None
    reopened = asking.get(f"/item?key={key}", headers=HEADERS).json()["item"]
    assert (reopened["why"], reopened["past"]) == ("review", {"answer": "decided", "topics": ["food"], "flag": True})
    assert asking.post("/undo", json={}, headers=HEADERS).json()["item"] == reopened
    answer = asking.post("/undo", json={}, headers=HEADERS)
    assert (answer.status, answer.error) == (409, "nothing is left to be taken back")
    session.learn([], {key: Guess(("food",), {"food": 0.9})})
    for item in iter(session.next, None):
        found = asking.post("/decide", json=decision | {"key": item.key}, headers=HEADERS).json()
    assert found["item"] is None
    assert found["state"]["left"] == 0


def test_a_guess_is_told_with_its_probabilities(asking: Client, session: Session) -> None:
    key = asking.post("/next", json={}, headers=HEADERS).json()["item"]["key"]
    session.learn([], {key: Guess(("food",), {"food": 0.9, "sport": 0.2})})
    found = asking.post("/next", json={}, headers=HEADERS).json()
    guess = {"topics": ["food"], "probabilities": {"food": 0.9, "sport": 0.2}}
    assert found["item"]["guess"] == guess | {"evidence": []}
    assert found["state"]["ahead"] == ""
    evidence = Evidence("food", (Stretch(0, 2, 0.5),), 0.1)
    session.learn([], {key: Guess(("food",), {"food": 0.9, "sport": 0.2}, (evidence,))})
    session.outlook = Outlook(((10, 0.5), (80, 0.75)), (Gain(50, 0.02, 0.01, 0.03),), exclusive=True)
    found = asking.post("/next", json={}, headers=HEADERS).json()
    assert found["item"]["guess"]["evidence"] == [{"topic": "food", "start": 0, "end": 2, "value": 0.5}]
    assert "判对的比例" in found["state"]["ahead"]  # the page is in Chinese, whatever the terminal is


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "is no JSON"),
        (b"[]", 400, "is no object"),
        (b"{}", 400, "is no decision"),
        (b'{"key": "x", "topics": [], "answer": "maybe"}', 400, "is no decision"),
        (b'{"key": "x", "topics": [], "answer": "decided"}', 400, "there is no such text"),
        (b'{"key": "x", "topics": ["t"], "answer": "decided"}', 400, "there is no topic 't'"),
        (b"a" * 100_001, 413, "has more than the 100000 bytes"),
    ],
)
def test_what_is_no_decision_is_refused(asking: Client, body: bytes, status: int, words: str) -> None:
    answer = asking.post("/decide", parts=[body], headers=HEADERS)
    assert (answer.status, answer.error[: len(words)]) == (status, words)


def test_a_decision_that_could_not_be_kept_is_not_acknowledged(
    asking: Client, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RunError("labels.csv.journal: cannot be written: No space left on device; make room")

    monkeypatch.setattr(Journal, "decide", full)
    item = session.next()
    assert item is not None
    decision = {"key": item.key, "topics": [], "answer": "decided"}
    answer = asking.post("/decide", json=decision, headers=HEADERS)
    assert (answer.status, answer.error[-9:]) == (507, "make room")
    assert session.state()["decided"] == 0


def test_nothing_is_answered_without_the_token(asking: Client) -> None:
    for path in ("/next", "/decide", "/undo"):
        assert asking.post(path, json={}).status == 401
    assert asking.get("/item?key=x").status == 401
    assert asking.get("/").status == 401
    assert asking.get("/static/label.js").status == 200


def test_names_and_titles_stay_text_in_the_page(asking: Client) -> None:
    page = asking.get(f"/?token={TOKEN}").body.decode()
    assert "<title>&lt;pool&gt; &amp; &quot;co&quot;</title>" in page
    (topics,) = re.findall(r'data-topics="([^"]*)"', page)
    assert "<" not in topics
    assert 'data-mode="any"' in page


class TestCommand:
    def run(self, folder: Path, *arguments: str, topics: bool = True) -> Any:
        (folder / "pool.txt").write_text("火锅开张\n球队夺冠\n", encoding="utf-8")
        if topics:
            (folder / "topics.toml").write_text('[food]\ntitle = "美食"\n', encoding="utf-8")
        return invoke(main, ["label", str(folder / "pool.txt"), str(folder / "labels.csv"), *arguments])

    def test_the_mode_is_said_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        served: list[Any] = []
        monkeypatch.setattr("tagger.web.labelling.run_app", lambda app, _: served.append(app))
        result = self.run(tmp_path)
        assert result.exit_code == 1
        assert "labels.csv: --mode must be said once: one, several, any" in result.stderr
        assert self.run(tmp_path, "--mode", "one").exit_code == 0
        result = self.run(tmp_path)
        assert result.exit_code == 0
        assert result.stdout.startswith("http://127.0.0.1:")
        result = self.run(tmp_path, "--mode", "any")
        assert result.exit_code == 1
        assert "is labelled with --mode one: go on with that" in result.stderr
        assert len(served) == 2

    def test_without_starlette_the_extra_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "tagger.web.labelling", None)
        assert "pip install 'tagger-zh[serve]'" in self.run(tmp_path).stderr

    def test_the_page_is_opened_in_a_browser_on_a_terminal(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[str] = []
        monkeypatch.setattr("tagger.web.labelling.run_app", lambda *_: None)
        monkeypatch.setattr("webbrowser.open", opened.append)
        monkeypatch.setattr("tagger.cli.label.is_terminal", lambda: True)
        result = self.run(tmp_path, "--mode", "any")
        assert result.exit_code == 0
        assert opened == [result.stdout.strip()]
        assert self.run(tmp_path, "--no-open").exit_code == 0
        assert len(opened) == 1


def test_threads_wait_less_for_each_other_while_keys_are_answered() -> None:
    before = sys.getswitchinterval(), gc.get_threshold()
    with prompt():
        assert sys.getswitchinterval() < before[0]
        assert gc.get_freeze_count() > 0
    assert (sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()) == (*before, 0)


def post(address: str, path: str, body: Any) -> Any:
    place, _, token = address.partition("?token=")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(place + path, json.dumps(body).encode(), headers)  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - likewise
        return json.load(answer)


def wait_until_all_ended(variable: str) -> None:
    """Wait for all processes that have a variable in their environment, where the system shows it.

    Those that learn end with the one that was killed, also where that was while they were started.
    """
    end = time.monotonic() + 20
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            while variable.encode() in path.read_bytes().split(b"\0"):
                assert time.monotonic() < end
                time.sleep(0.2)


@pytest.mark.full
@pytest.mark.parametrize(("kills", "texts"), [(6, 2000), pytest.param(200, 20_000, marks=pytest.mark.long)])
def test_no_acknowledged_decision_is_lost_when_it_is_killed(tmp_path: Path, kills: int, texts: int) -> None:
    choose = random.Random(7)  # noqa: S311 - moments, no secrets
    pool = [{"text": f"第{number}段 {choose.choice(['火锅', '球队', '下雨'])}"} for number in range(texts)]
    (tmp_path / "pool.jsonl").write_text("\n".join(json.dumps(record) for record in pool), encoding="utf-8")
    (tmp_path / "topics.toml").write_text('[food]\ntitle = "美食"\n[sport]\ntitle = "体育"\n', encoding="utf-8")
    own = "text,topics\n前面,food\n已有,sport\n"
    (tmp_path / "labels.csv").write_text(own, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "tagger", "label", "pool.jsonl", "labels.csv", "--mode", "any"]
    environment = os.environ | {"PYTHONPATH": str(Path(tagger.__file__).parents[1]), "TAGGER_TEST_RUN": str(tmp_path)}
    acknowledged: dict[str, list[str]] = {}
    for _ in range(kills):
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        end = time.monotonic() + choose.uniform(0.5, 3)
        try:
            found = None
            while time.monotonic() < end:
                try:
                    found = found or post(address, "next", {})
                    item, topics = found["item"], choose.choice([[], ["food"], ["sport"], ["food", "sport"]])
                    decision = {"key": item["key"], "topics": topics, "answer": "decided"}
                    if time.monotonic() > end - 0.02:
                        break
                    found = post(address, "decide", decision)
                except urllib.error.URLError:
                    time.sleep(0.05)
                else:
                    acknowledged[item["text"]] = topics
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        read_dataset(tmp_path / "labels.csv")  # whole at every moment
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(1)
    process.terminate()
    process.wait()
    process.stdout.close()
    text = (tmp_path / "labels.csv").read_text(encoding="utf-8")
    assert text.startswith(own)
    options = LabelOptions(without_topic="keep")
    written = {e.text: list(e.topics) for e in read_dataset(tmp_path / "labels.csv", options=options).examples}
    assert len(acknowledged) > kills
    assert {key: written.get(key) for key in acknowledged} == acknowledged
    assert len(text.splitlines()) == len(written) + 1
    wait_until_all_ended(f"TAGGER_TEST_RUN={tmp_path}")
