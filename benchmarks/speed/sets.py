"""Labelled sets to train and to be judged on, and texts to be timed on.

The project's own articles are always there. Held-out documents are a fifth, chosen by a hash of their names, and the
texts to be timed on are composed of the sentences of those. Where TAGGER_BENCH names a folder, two public sets come
besides, with the test texts as they stand.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Labelled", "LabelledSet", "Timed", "is_exclusive", "pool_of_paragraphs", "read_sets"]

ROOT = Path(__file__).parents[2]
PRESS = "press"
# Set → the name of its texts in the tables.
PUBLIC = {"thucnews_titles": "public titles", "chnsenticorp": "public paragraphs"}
# Reviews shorter than this are no paragraphs.
_SHORTEST_REVIEW = 36


@dataclass(frozen=True)
class Labelled:
    """A text and its labels."""

    text: str
    labels: tuple[str, ...]
    document: str


@dataclass(frozen=True)
class Timed:
    """Texts to be timed on; what they are is told by `about`."""

    name: str
    about: str
    texts: tuple[str, ...]

    def measures(self) -> dict[str, Any]:
        """Give how many they are and how long."""
        characters = sum(map(len, self.texts))
        return {
            "about": self.about,
            "texts": len(self.texts),
            "characters": round(characters / len(self.texts), 1),
            "bytes": sum(len(text.encode()) for text in self.texts),
        }


@dataclass(frozen=True)
class LabelledSet:
    """Examples to train on, examples to be judged on, texts to be timed on."""

    name: str
    train: tuple[Labelled, ...]
    test: tuple[Labelled, ...]
    timed: tuple[Timed, ...]


def is_exclusive(examples: Sequence[Labelled]) -> bool:
    """Tell whether every example has exactly one label."""
    return all(len(example.labels) == 1 for example in examples)


def read_sets(*, megabytes: float) -> Iterator[LabelledSet]:
    """Read the project's own set, and the public ones where TAGGER_BENCH names their folder."""
    yield _press(megabytes)
    folder = os.environ.get("TAGGER_BENCH")
    for name, title in PUBLIC.items() if folder else ():
        train, test = (_json_lines(Path(folder or "") / name / f"{part}.jsonl") for part in ("train", "test"))
        if title == "public titles":
            timed = Timed(title, f"test split of {name}", tuple(example.text for example in test))
        else:
            texts = tuple(example.text for example in test if len(example.text) >= _SHORTEST_REVIEW)
            timed = Timed(title, f"test split of {name}, from {_SHORTEST_REVIEW} characters up", texts)
        yield LabelledSet(name, train, test, (timed,))


def pool_of_paragraphs(count: int) -> list[str]:
    """Compose paragraphs for the run that grows."""
    return _compose(_sentences(_held_out()), _paragraph, count * 1000, most=count)


def _press(megabytes: float) -> LabelledSet:
    train = tuple(example for example in _labels() if not _is_held_out(example.document))
    sentences = _sentences(_held_out())
    size = int(megabytes * 1e6)
    about = "composed of sentences of held-out articles of the project"
    timed = (
        Timed("titles", about, tuple(_compose(sentences, _title, size))),
        Timed("paragraphs", about, tuple(_compose(sentences, _paragraph, size))),
        Timed("articles", about, tuple(_compose(sentences, _article, size))),
    )
    return LabelledSet(PRESS, train, tuple(_held_out()), timed)


def _labels() -> list[Labelled]:
    with (ROOT / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["document"].startswith("authored/")]
    return [
        Labelled(
            " ".join(row["text"].split("\n")), tuple(name for name in row["topics"].split("|") if name), row["document"]
        )
        for row in rows
    ]


def _held_out() -> list[Labelled]:
    return [example for example in _labels() if _is_held_out(example.document)]


def _is_held_out(document: str) -> bool:
    return hashlib.sha256(document.encode()).digest()[0] % 5 == 0


def _json_lines(path: Path) -> tuple[Labelled, ...]:
    with path.open("rb") as lines:
        rows = [json.loads(line) for line in lines]
    # fastText takes a line for a text.
    return tuple(
        Labelled(" ".join(row["text"].split("\n")), tuple(row["labels"]), f"#{place}") for place, row in enumerate(rows)
    )


def _sentences(examples: Sequence[Labelled]) -> list[str]:
    return [
        sentence
        for example in examples
        for sentence in re.split(r"(?<=[。！？；])", example.text)
        if sentence.endswith(("。", "！", "？", "；"))
    ]


_Composer = Callable[[Sequence[str], random.Random], str]


def _compose(sentences: Sequence[str], composer: _Composer, size: int, *, most: int | None = None) -> list[str]:
    """Compose texts, the same on every run, until they hold `size` bytes or are `most`."""
    chance = random.Random(0)  # noqa: S311 - a fixed seed is the point
    texts: list[str] = []
    while size > 0 and len(texts) != most:
        texts.append(composer(sentences, chance))
        size -= len(texts[-1].encode())
    return texts


def _title(sentences: Sequence[str], chance: random.Random) -> str:
    """Take one or two clauses, 19 characters on average."""
    clauses = [clause for clause in re.split(r"[，。！？；、：“”]", chance.choice(sentences)) if clause]
    start = chance.randrange(len(clauses))
    title = clauses[start]
    return title if len(title) > 15 else " ".join([title, *clauses[start + 1 : start + 2]])


def _paragraph(sentences: Sequence[str], chance: random.Random) -> str:
    """Join sentences, 119 characters on average."""
    length = chance.randrange(36, 159)
    text = ""
    while len(text) < length:
        text += chance.choice(sentences)
    return text


def _article(sentences: Sequence[str], chance: random.Random) -> str:
    """Put a title above sixteen paragraphs; one line, since fastText takes a line for a text."""
    paragraphs = [_paragraph(sentences, chance) for _ in range(16)]
    return "  ".join([_title(sentences, chance), *paragraphs])
