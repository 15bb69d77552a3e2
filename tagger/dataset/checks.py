"""Examples and topics → a dataset in which nothing contradicts."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tagger.dataset.labels import read_labels
from tagger.dataset.topics import nearest, read_topics
from tagger.errors import DataError, Problem
from tagger.records import Example, Topic
from tagger.text import normalise

__all__ = ["Dataset", "check_dataset", "read_dataset"]

TOPICS_FILE = "topics.toml"
# A linear model can be fitted to one example of a topic, but not tested on another.
FEWEST = 2


@dataclass(frozen=True)
class Dataset:
    """Checked examples and the topics they may have.

    Attributes:
        source: the name of the file the examples came from.
        topics: ordered by name.
    """

    source: str
    examples: tuple[Example, ...]
    topics: tuple[Topic, ...]

    def hash(self) -> str:
        """Give the SHA-256 of examples and topics, which does not depend on the form of the files."""
        content = [
            [[e.document, list(e.topics), e.text] for e in self.examples],
            [[t.name, t.title, t.description, list(t.keywords)] for t in self.topics],
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode("ascii")).hexdigest()

    def documents(self) -> tuple[str, ...]:
        """Give the names of the documents, in order of their first example."""
        return tuple(dict.fromkeys(example.document for example in self.examples))


def read_dataset(
    labels: str | Path | Sequence[Example],
    *,
    topics: str | Path | Sequence[Topic] | None = None,
    encoding: str | None = None,
) -> Dataset:
    """Read and check labels and topics.

    `topics` of None takes the file topics.toml beside the labels where there is one, and else the names that occur.

    Raises:
        DataError: naming every contradiction with its lines.
    """
    if isinstance(labels, (str, Path)):
        source, examples = str(labels), read_labels(labels, encoding=encoding)
        beside = Path(labels).with_name(TOPICS_FILE)
        if topics is None and beside.is_file():
            topics = beside
    else:
        source, examples = "<examples>", tuple(labels)
    if isinstance(topics, (str, Path)):
        topics = read_topics(topics)
    return check_dataset(examples, topics or (), source=source)


def check_dataset(examples: Sequence[Example], topics: Sequence[Topic], *, source: str) -> Dataset:
    """Check that examples agree with the topics and with each other; without topics, take those that occur.

    Raises:
        DataError: naming every contradiction with its lines.
    """
    declared = bool(topics)
    if not declared:
        topics = [Topic(name, title=name) for name in sorted({name for e in examples for name in e.topics})]
    dataset = Dataset(source, tuple(examples), tuple(sorted(topics, key=lambda topic: topic.name)))
    problems = [*_conflicts(examples)]
    if declared:
        problems += _unknown_topics(examples, [topic.name for topic in dataset.topics])
    if not problems:
        problems += _rare_topics(dataset)
    if problems:
        raise DataError(source, *sorted(problems, key=lambda problem: problem.line or 0))
    return dataset


def _unknown_topics(examples: Sequence[Example], known: list[str]) -> Iterator[Problem]:
    for example in examples:
        for name in example.topics:
            if name not in known:
                hint = nearest(name, known) or f"; known are {', '.join(known)}"
                yield Problem(f"unknown topic {name!r}{hint}", example.line)


def _conflicts(examples: Sequence[Example]) -> Iterator[Problem]:
    """Find texts that stand twice with different topics, whatever their width and case."""
    seen: dict[str, Example] = {}
    for example in examples:
        first = seen.setdefault(normalise(example.text).strip(), example)
        if first.topics != example.topics:
            yield Problem(
                f"the same text has the topics {_names(example)} here and {_names(first)} "
                f"{'on line ' + str(first.line) if first.line else 'before'}: settle on one of them",
                example.line,
            )


def _names(example: Example) -> str:
    return "|".join(example.topics) or "(none)"


def _rare_topics(dataset: Dataset) -> Iterator[Problem]:
    if not dataset.topics:
        yield Problem("no example has a topic: write topics into the column, several joined by |")
    counts = Counter(name for example in dataset.examples for name in example.topics)
    for topic in dataset.topics:
        if counts[topic.name] + len(topic.keywords) < FEWEST:
            yield Problem(
                f"topic {topic.name!r} has {counts[topic.name]} examples and {len(topic.keywords)} keywords: "
                f"give it {FEWEST} or more, or leave it out"
            )
    if len(dataset.topics) == 1 and all(example.topics for example in dataset.examples):
        yield Problem(f"every example has the topic {dataset.topics[0].name!r}: add some without it to tell it from")
