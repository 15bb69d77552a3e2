"""A server's answers are the library's, and what it must not answer it refuses in words."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command_line import invoke

import tagger
from tagger.batch import Fields, tag_records
from tagger.cli import main
from tagger.errors import RunError, SettingsError

pytest.importorskip("starlette", reason="Starlette is not installed: pip install 'tagger-zh[serve]'")
pytest.importorskip("uvicorn", reason="uvicorn is not installed: pip install 'tagger-zh[serve]'")
from asking import Client
from foreign import foreign

from tagger.web import app as web_app
from tagger.web.app import create_app, served
from tagger.web.options import ServeOptions
from tagger.web.server import open_socket

TEXT = "2024年5月1日\n民警在银行柜台劝住了正要给“客服”转账的老人。\n昨天下了一场雨。"
HOSTS = ("127.0.0.1", "localhost", "::1")


TOKEN = "secret"  # noqa: S105 - of these tests alone


@pytest.fixture(scope="module")
def asking() -> Client:
    return Client(create_app(ServeOptions(hosts=HOSTS, max_bytes=100_000, max_texts=3)))


def test_an_answer_is_what_batch_tagging_adds_to_a_record(asking: Client, shipped: tagger.Tagger) -> None:
    (record,) = tag_records([{"text": TEXT}], tagger=shipped)
    assert asking.post("/tag", json={"text": TEXT}).json() == record
    fields = Fields(paragraphs=True, explain=3)
    records = [*tag_records([{"text": TEXT}, {"text": ""}], tagger=shipped, fields=fields)]
    found = asking.post("/tag", json={"texts": [TEXT, ""], "paragraphs": True, "explain": 3}).json()
    assert found == json.loads(json.dumps({"articles": records}))
    assert asking.post("/tag", json={"texts": []}).json() == {"articles": []}


def test_evidence_is_stretches_of_the_paragraphs_that_were_asked_for(asking: Client) -> None:
    date, fraud, rain = asking.post("/tag", json={"text": TEXT, "evidence": True}).json()["paragraphs"]
    assert date["furniture"]
    assert [date["evidence"], rain["evidence"]] == [[], []]
    words = [fraud["text"][stretch["start"] : stretch["end"]] for stretch in fraud["evidence"]]
    assert "转账" in words
    assert {stretch["topic"] for stretch in fraud["evidence"]} == {"anti_fraud"}
    assert all(stretch["value"] > 0 for stretch in fraud["evidence"])


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, 'is no JSON (unexpected end of data: line 1 column 2 (char 1)): send {"text": "…"}'),
        (b"[]", 400, 'must be an object with "text", or with "texts"'),
        (b'{"text": "a", "texts": []}', 400, 'must be an object with "text", or with "texts"'),
        (b'{"text": 7}', 400, '"text" must be a string, and "texts" a list of strings'),
        (b'{"texts": "a"}', 400, '"text" must be a string, and "texts" a list of strings'),
        (b'{"text": "\\ud800"}', 400, "is no JSON"),
        (b'{"texts": ["", "", "", ""]}', 413, "has 4 texts, and 3 are allowed: send fewer at a time"),
        (b'{"text": "", "paragraphs": 1}', 400, '"paragraphs" must be true or false'),
        (b'{"text": "", "explain": true}', 400, '"explain" must be a number of features from 0 to 50'),
        (b'{"text": "", "explain": 51}', 400, '"explain" must be a number of features from 0 to 50'),
        (b'{"text": "", "topk": 1}', 400, 'has \'topk\', which is not known: there are "text", "texts"'),
        (b'{"text": "' + b"a" * 100_000 + b'"}', 413, "has 100012 bytes, and 100000 are allowed: send less at a time"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(asking: Client, body: bytes, status: int, words: str) -> None:
    answer = asking.post("/tag", parts=[body], headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status == status
    assert answer.error.startswith(words)


def test_a_long_body_of_a_length_that_was_not_told_is_refused(asking: Client) -> None:
    answer = asking.post("/tag", parts=[b"a" * 1000] * 200)
    assert answer.status == 413
    assert answer.json() == {"error": "has more than the 100000 bytes that are allowed: send less at a time"}


def test_only_json_is_taken_which_a_form_of_another_site_cannot_send(asking: Client) -> None:
    answer = asking.post("/tag", json={"text": ""}, headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.error[:12]) == (415, "must be JSON")


def test_another_host_and_a_page_of_another_site_are_refused(asking: Client) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "", "[", "[::2]:8765"):
        answer = asking.get("/", headers={"Host": host})
        assert answer.status == 403
        assert answer.error.startswith("asked for under another name")
    for host in ("localhost:8765", "[::1]:8765"):
        assert asking.get("/health", headers={"Host": host}).status == 200
    for origin in ("http://evil.example", "null", "http://127.0.0.1:8766"):
        answer = asking.post("/tag", json={"text": ""}, headers={"Origin": origin})
        assert (answer.status, answer.error) == (403, "asked for by a page of another site")
    assert asking.post("/tag", json={"text": ""}, headers={"Origin": "http://127.0.0.1:8765"}).status == 200


def test_a_token_is_asked_for_where_there_is_one() -> None:
    asking = Client(create_app(ServeOptions(token=TOKEN)))
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Bearer "}, {"Authorization": "字"}):
        answer = asking.post("/tag", json={"text": ""}, headers=headers)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert asking.get("/?token=other").status == 401
    assert asking.post("/tag?token=secret", json={"text": ""}).status == 401
    assert asking.post("/tag", json={"text": ""}, headers={"Authorization": "Bearer secret"}).status == 200
    assert asking.get("/?token=secret").status == 200
    assert asking.get("/health").json()["status"] == "ok"
    assert asking.get("/openapi.json").json()["security"] == [{"token": []}]
    assert asking.get("/static/try.js").status == 200


def test_the_page_is_served_with_a_policy_that_lets_nothing_else_in(asking: Client) -> None:
    answer = asking.get("/")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert '<html lang="zh" data-titles="{&quot;admin_service&quot;' in answer.body.decode()
    assert "<script>" not in answer.body.decode()
    for name, kind in (("try.js", "text/javascript"), ("try.css", "text/css")):
        found = asking.get(f"/static/{name}")
        assert found.headers["content-type"].startswith(kind)
    english = Client(create_app(ServeOptions(language="en")))
    assert '<html lang="en"' in english.get("/").body.decode()


def test_what_is_not_here_is_said(asking: Client) -> None:
    for path in ("/nothing", "/static/nothing.js", "/static/..%2fapp.py"):
        answer = asking.get(path)
        assert (answer.status, answer.error[:11]) == (404, "is not here")
        assert answer.error.endswith(": there are /, /tag, /health, /openapi.json")
    assert asking.get("/tag").json() == {"error": "is asked for by another method"}


def test_a_request_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_app, "answer", lambda *_: time.sleep(0.5))
    answer = Client(create_app(ServeOptions(seconds=0.05))).post("/tag", json={"text": ""})
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert answer.json() == {"error": "took longer than 0.05 s: send less at a time, or later"}


def test_what_fails_inside_is_said_without_telling_of_the_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_app, "answer", lambda *_: 1 // 0)
    asking = Client(create_app(ServeOptions()))
    answer = asking.post("/tag", json={"text": ""})
    assert (answer.status, answer.json()) == (500, {"error": "failed inside the server; its log says where"})
    assert isinstance(asking.failures[0], ZeroDivisionError)


def test_a_request_that_breaks_off_is_no_failure(asking: Client) -> None:
    assert asking.post("/tag", parts=[b'{"text"', None]).error == "broke off"
    assert not asking.failures


def test_the_description_names_all_that_an_answer_has(asking: Client, shipped: tagger.Tagger) -> None:
    described = asking.get("/openapi.json").json()
    answers = described["paths"]["/tag"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]["oneOf"]
    (record,) = tag_records([{"text": TEXT}], tagger=shipped, fields=Fields(paragraphs=True, explain=1))
    assert answers[0]["properties"].keys() == record.keys()
    assert answers[0]["properties"]["paragraphs"]["items"]["properties"].keys() == record["paragraphs"][0].keys()
    assert "security" not in described


def test_options_reach_the_processes_that_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGGER_SERVE", "")
    monkeypatch.setenv("TAGGER_LANG", "en")
    options = ServeOptions(token=TOKEN, hosts=HOSTS, seconds=2.5)
    options.hand_on()
    assert ServeOptions.handed_on() == options
    assert Client(served()).get("/").status == 401
    with pytest.raises(SettingsError, match="at_once is 0: it must be more than 0"):
        replace(options, at_once=0)


def test_workers_answer_in_the_language_of_the_process_that_started_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGGER_SERVE", "")
    monkeypatch.setenv("TAGGER_LANG", "en")
    with foreign():
        ServeOptions(token=TOKEN, hosts=HOSTS).hand_on()
        assert os.environ["TAGGER_LANG"] == "zh"
        answer = Client(served()).get("/")
    assert answer.json() == {"error": "〔needs the token: send the header 'Authorization: Bearer TOKEN'〕"}


def test_an_address_that_is_taken_is_said() -> None:
    with open_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RunError, match=rf"127\.0\.0\.1:{port}: cannot listen there: .*; choose another --port"):
            open_socket("127.0.0.1", port)
    with open_socket("::1", 0) as other:
        assert other.family == socket.AF_INET6


def test_without_starlette_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tagger.web.app", None)
    result = invoke(main, ["serve"])
    assert result.exit_code == 1
    assert "pip install 'tagger-zh[serve]'" in result.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])  # noqa: S104 - that is what is tried
def test_beyond_this_machine_a_token_is_made_up(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[ServeOptions] = []
    monkeypatch.setattr("tagger.web.server.run", lambda options, *_, **__: given.append(options))
    result = invoke(main, ["serve", "--host", host, "--port", "0"])
    assert result.exit_code == 0
    (options,) = given
    assert (options.token is None) == (host != "0.0.0.0")  # noqa: S104 - likewise
    assert bool(options.hosts) == (options.token is None)
    shown = result.stdout.strip()
    assert shown.startswith("http://[::1]:" if host == "::1" else f"http://{host}:")
    assert shown.endswith("/" if options.token is None else f"/?token={options.token}")


@pytest.fixture(params=[1, 2])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server, in a folder that holds a module which a worker process must not import."""
    (tmp_path / "contextlib.py").write_text("open('imported', 'w').close()\n", encoding="utf-8")
    command = [sys.executable, "-P", "-m", "tagger", "serve", "--port", "0", "--workers", str(request.param)]
    environment = os.environ | {"PYTHONPATH": str(Path(tagger.__file__).parents[1])}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    try:
        yield process, address
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in {0, 128 + signal.SIGTERM, -signal.SIGTERM}
        process.stdout.close()
        assert not (tmp_path / "imported").exists()


def ask(address: str, path: str = "tag") -> Any:
    body = json.dumps({"text": TEXT}).encode() if path == "tag" else None
    request = urllib.request.Request(f"{address}{path}", body, {"Content-Type": "application/json"})  # noqa: S310 - ours
    for _ in range(100):
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - likewise
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError("it does not answer")


@pytest.mark.full
def test_a_real_server_answers_and_replaces_a_worker_that_dies(
    server: tuple[subprocess.Popen[str], str], shipped: tagger.Tagger
) -> None:
    process, address = server
    expected = next(tag_records([{"text": TEXT}], tagger=shipped))
    assert ask(address) == expected
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    # The worker processes; the helper of multiprocessing that tracks resources is started first.
    workers = [
        int(pid) for pid in children.read_text().split() if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()
    ]
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        assert ask(address) == expected
    assert ask(address, "health")["status"] == "ok"
