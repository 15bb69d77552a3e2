"""Load `tagger serve` with a mixture of requests: python benchmarks/serve.py [--seconds 600] [--workers 2].

Eight clients ask one after another, each for itself: single articles, many at once, with evidence, and every tenth
request malformed or too large. Every good answer is compared with the library's. Prints how many requests were
answered, how long they took, and the memory of the workers when the load began and when it ended.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import tagger
from tagger.batch import Fields, tag_records

CLIENTS = 8
SEEDS = Path(__file__).parents[1] / "seeds"
_WRONG = [b"{", b'{"texts": 7}', b'{"text": "' + b"a" * 3_000_000 + b'"}']


def main() -> None:
    """Start a server, load it and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    good = _requests()
    command = [sys.executable, "-m", "tagger", "serve", "--port", "0", "--workers", str(options.workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        address = (server.stdout or sys.stdin).readline().strip().removeprefix("http://").rstrip("/")
        _wait_for(address)
        took: list[float] = []
        wrong: list[str] = []
        end = time.monotonic() + options.seconds
        threads = [
            threading.Thread(target=_ask, args=(address, good, random.Random(number), end, took, wrong))  # noqa: S311
            for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(min(30.0, options.seconds / 4))
        before = _memory(server.pid)
        for thread in threads:
            thread.join()
        after = _memory(server.pid)
        server.terminate()
    took.sort()
    print(f"{len(took)} requests of {CLIENTS} clients in {options.seconds:g} s, {options.workers} workers")
    print(f"median {_at(took, 0.5)} ms, 99% within {_at(took, 0.99)} ms, slowest {_at(took, 1)} ms")
    print(f"memory of server and workers {before:.0f} MB when warm, {after:.0f} MB at the end")
    print(f"{len(wrong)} answers other than expected" + (f": {wrong[0]}" if wrong else ""))


def _requests() -> list[tuple[bytes, Any]]:
    model = tagger.load()
    texts = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    texts += [text[:200] for text in texts] + ["民警劝阻转账", ""]
    made = []
    for text in texts:
        (record,) = tag_records([{"text": text}], tagger=model)
        made.append((json.dumps({"text": text}).encode(), record))
    records = [*tag_records([{"text": text} for text in texts], tagger=model, fields=Fields(paragraphs=True))]
    made.append((json.dumps({"texts": texts, "paragraphs": True}).encode(), {"articles": records}))
    return [(body, json.loads(json.dumps(expected))) for body, expected in made]


def _ask(
    address: str,
    good: list[tuple[bytes, Any]],
    choose: random.Random,
    end: float,
    took: list[float],
    wrong: list[str],
) -> None:
    while time.monotonic() < end:
        bad = choose.random() < 0.1
        body, expected = (choose.choice(_WRONG), None) if bad else choose.choice(good)
        began = time.monotonic()
        try:
            status, answer = _post(address, body)
        except OSError as error:
            # A body that is too large is refused before it is read, and the connection closed.
            if len(body) < 1_000_000:
                wrong.append(repr(error))
            continue
        took.append(time.monotonic() - began)
        if (bad and (status not in {400, 413} or "error" not in answer)) or (not bad and answer != expected):
            wrong.append(f"{status} {str(answer)[:200]}")


def _post(address: str, body: bytes) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("POST", "/tag", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.load(answer)
    finally:
        connection.close()


def _wait_for(address: str) -> None:
    while True:
        try:
            _post(address, b'{"text": ""}')
        except OSError:
            time.sleep(0.2)
        else:
            return


def _memory(parent: int) -> float:
    """Return the resident megabytes of a process and its children."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    pages = [int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in [str(parent), *children]]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _at(took: list[float], share: float) -> str:
    return f"{1000 * took[min(len(took) - 1, int(share * len(took)))]:.0f}"


if __name__ == "__main__":
    main()
