"""Texts and light rewrites of them → how many are found, what is found besides, and how long it takes."""

from __future__ import annotations

import os
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tagger.copies import near_copies
from tagger.dataset import read_dataset
from tagger.dataset.documents import copy_key

__all__ = ["measure", "table"]

ROOT = Path(__file__).parents[2]
PRESS = "press"
SETS = (PRESS, "thucnews_titles_12800", "chnsenticorp", "duee_events")
TIMED = ("thucnews_titles", "chnsenticorp", "duee_events", "cail2019_divorce", "chip_ctc")
REWRITTEN = 400
SHORTEST = 20  # letters and figures of a text that is rewritten
PARAGRAPHS = 6000
SPEED = "speed"


def measure(
    names: Sequence[str] | None, *, seeds: Sequence[int], size: int = 1 << 20
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each set's name and what was found in it, and then the speed."""
    for name in names or (*SETS, SPEED):
        found = _speed(size) if name == SPEED else _found(name, seeds)
        print(name, found, file=sys.stderr, flush=True)
        yield name, found


def table(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of both tables."""
    yield "| texts | " + " | ".join(_REWRITES) + f" | pairs among {PARAGRAPHS} |"
    yield "|---" * (len(_REWRITES) + 2) + "|"
    for name in SETS:
        if name in results:
            shares = [f"{results[name]['found'][rewrite]:.4f}" for rewrite in _REWRITES]
            yield f"| {name} | " + " | ".join(shares) + f" | {results[name]['pairs']} |"
    if SPEED in results:
        speed = results[SPEED]
        yield ""
        yield (
            f"{speed['texts']} texts, {speed['characters']} characters: tagger {speed['tagger']:.1f} s of processor "
            f"time, datasketch {speed['datasketch']:.1f} s, {speed['datasketch'] / speed['tagger']:.0f} times as long; "
            f"{speed['megabytes']} MB more at the most"
        )


def _found(name: str, seeds: Sequence[int]) -> dict[str, Any]:
    texts = [*dict.fromkeys(text for text in _texts(name) if len(copy_key(text)) >= SHORTEST)]
    shares = dict.fromkeys(_REWRITES, 0.0)
    for seed in seeds:
        draw = random.Random(seed)  # noqa: S311 - the same texts on every run
        drawn = draw.sample(texts, min(REWRITTEN, len(texts)))
        for title, rewrite in _REWRITES.items():
            rewritten = [rewrite(text, "".join(drawn), draw) for text in drawn]
            pairs = {(pair.first, pair.second) for pair in near_copies([*drawn, *rewritten])}
            hits = sum((place, place + len(drawn)) in pairs for place in range(len(drawn)))
            shares[title] += hits / len(drawn) / len(seeds)
    sample = random.Random(0).sample(texts, min(PARAGRAPHS, len(texts)))  # noqa: S311 - likewise
    return {"found": shares, "texts": len(sample), "pairs": len(near_copies(sample))}


def _speed(size: int) -> dict[str, Any]:
    texts = [text for name in TIMED for text in _texts(name)][:size]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    near_copies(texts)
    ours = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    _by_datasketch(texts)
    return {
        "texts": len(texts),
        "characters": sum(map(len, texts)),
        "tagger": ours,
        "datasketch": time.process_time() - start,
        "megabytes": (after - before) // 1024,
    }


def _by_datasketch(texts: Sequence[str]) -> int:
    """Look for candidates as its documentation shows, with as many permutations and bands; nothing is verified."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - a rival, for this alone

    index = MinHashLSH(num_perm=128, params=(32, 4))
    pairs = ([text[place : place + 2].encode() for place in range(len(text) - 1)] for text in texts)
    found = 0
    for number, sketch in enumerate(MinHash.generator(pairs, num_perm=128)):
        found += len(index.query(sketch))
        index.insert(number, sketch, check_duplication=False)
    return found


def _texts(name: str) -> list[str]:
    path = ROOT / "labels.csv" if name == PRESS else Path(os.environ["TAGGER_BENCH"]) / name / "train.jsonl"
    return [example.text for example in read_dataset(path, topics=(), keep_conflicts=True).examples]


def _change(text: str, letters: str, draw: random.Random) -> str:
    changed = list(text)
    for place in draw.sample(range(len(text)), max(1, len(text) // 20)):
        changed[place] = draw.choice(letters)
    return "".join(changed)


def _swap(text: str, _: str, draw: random.Random) -> str:
    clauses = re.split(r"(?<=[,。;!?,])", text)
    if len(clauses) > 2:
        place = draw.randrange(len(clauses) - 1)
        clauses[place : place + 2] = clauses[place + 1], clauses[place]
    return "".join(clauses)


_REWRITES: dict[str, Callable[[str, str, random.Random], str]] = {
    "one character in 20 changed": _change,
    "last tenth cut": lambda text, _, __: text[: -max(1, len(text) // 10)],
    "lead and source added": lambda text, _, __: f"本报讯 {text}(记者)",
    "clauses swapped": _swap,
}
