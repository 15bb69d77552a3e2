"""Examples and topics → a dataset in which nothing contradicts."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tagger.dataset.labels import read_labels, read_unlabelled
from tagger.dataset.topics import nearest, read_topics
from tagger.errors import DataError, Problem
from tagger.records import Example, Topic
from tagger.text import normalise

__all__ = ["Dataset", "check_dataset", "read_dataset", "read_held_out"]

TOPICS_FILE = "topics.toml"
# A linear model can be fitted to one example of a topic, but not tested on another.
FEWEST = 2


@dataclass(frozen=True)
class Dataset:
    """Checked examples and the topics they may have.

    Attributes:
        source: the name of the file the examples came from.
        topics: ordered by name.
        unlabelled: texts of the same kind that nobody has labelled; training gives them pseudo-labels.
    """

    source: str
    examples: tuple[Example, ...]
    topics: tuple[Topic, ...]
    unlabelled: tuple[str, ...] = ()

    def hash(self) -> str:
        """Return the SHA-256 of examples, topics and unlabelled texts, whatever the form of the files."""
        content = [
            [[e.document, list(e.topics), e.text] for e in self.examples],
            [[t.name, t.title, t.description, list(t.keywords)] for t in self.topics],
            *([list(self.unlabelled)] if self.unlabelled else []),
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode("ascii")).hexdigest()

    def document_numbers(self) -> list[int]:
        """Return the number of each example's document, in order of their first example; one without has its own."""
        numbers: dict[str, int] = {}
        found: list[int] = []
        alone = 0
        for example in self.examples:
            if example.document is None:
                found.append(len(numbers) + alone)
                alone += 1
            else:
                found.append(numbers.setdefault(example.document, len(numbers) + alone))
        return found


def read_dataset(
    labels: str | Path | Sequence[Example],
    *,
    topics: str | Path | Sequence[Topic] | None = None,
    unlabelled: str | Path | Sequence[str] = (),
    encoding: str | None = None,
    keep_conflicts: bool = False,
) -> Dataset:
    """Read and check labels and topics, and read unlabelled texts.

    `topics` of None takes the file topics.toml beside the labels where there is one, and else the names that occur.
    `keep_conflicts` keeps a text that occurs twice with different topics, both times, as large collections have them.

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
    dataset = check_dataset(examples, topics or (), source=source, keep_conflicts=keep_conflicts)
    texts = read_unlabelled(unlabelled) if isinstance(unlabelled, (str, Path)) else tuple(unlabelled)
    if texts and not examples:
        raise DataError(source, Problem("holds no example: unlabelled texts help only beside labelled ones"))
    return replace(dataset, unlabelled=_fresh(texts, examples))


def read_held_out(labels: str | Path, *, topics: Sequence[Topic], encoding: str | None = None) -> Dataset:
    """Read examples to measure a tagger of these topics on: a topic may have one of them, or none.

    Raises:
        DataError: naming every line whose topics the tagger does not know.
    """
    source = str(labels)
    examples = tuple(_by_name(example, topics) for example in read_labels(labels, encoding=encoding))
    if problems := [*_unknown_topics(examples, [topic.name for topic in topics])]:
        raise DataError(source, *problems)
    return Dataset(source, examples, tuple(topics))


def check_dataset(
    examples: Sequence[Example], topics: Sequence[Topic], *, source: str, keep_conflicts: bool = False
) -> Dataset:
    """Check that examples agree with the topics and with each other; without topics, take those that occur.

    Raises:
        DataError: naming every contradiction with its lines.
    """
    declared = bool(topics)
    if malformed := [*_malformed(examples, topics)]:
        raise DataError(source, *malformed)
    examples = [_by_name(example, topics) for example in examples]
    if not declared:
        topics = [Topic(name, title=name) for name in sorted({name for e in examples for name in e.topics})]
    dataset = Dataset(source, tuple(examples), tuple(sorted(topics, key=lambda topic: topic.name)))
    problems = [] if keep_conflicts else [*_conflicts(examples)]
    problems += _joined_wrongly(examples)
    if declared:
        problems += _unknown_topics(examples, [topic.name for topic in dataset.topics])
    if not problems:
        problems += _rare_topics(dataset)
    if problems:
        raise DataError(source, *sorted(problems, key=lambda problem: problem.line or 0))
    return dataset


def _fresh(texts: Sequence[str], examples: Sequence[Example]) -> tuple[str, ...]:
    """Leave out texts that are among the examples or came before, and blank ones: they tell nothing new."""
    seen = {"", *(normalise(example.text).strip() for example in examples)}
    fresh = []
    for text in texts:
        key = normalise(text).strip()
        if key not in seen:
            seen.add(key)
            fresh.append(text)
    return tuple(fresh)


def _by_name(example: Example, topics: Sequence[Topic]) -> Example:
    """Return the example with the names of topics where it has their titles, which is what people write."""
    names = {topic.name for topic in topics}
    titled = {topic.title: topic.name for topic in topics}
    if names.issuperset(example.topics):
        return example
    return replace(example, topics=tuple(sorted({n if n in names else titled.get(n, n) for n in example.topics})))


def _malformed(examples: Sequence[Example], topics: Sequence[Topic]) -> Iterator[Problem]:
    """Find what the file readers would have refused, in examples and topics made in memory."""
    for example in examples:
        names: object = example.topics
        if not isinstance(names, tuple):
            yield Problem(f"the topics are {example.topics!r}: they must be a tuple of names", example.line)
        elif not normalise(example.text).strip():
            yield Problem("the text is empty: write the paragraph or delete the line", example.line)
    for name, number in Counter(topic.name for topic in topics).items():
        if number > 1:
            yield Problem(f"topic {name!r} is given {number} times: give it once")


def _joined_wrongly(examples: Sequence[Example]) -> Iterator[Problem]:
    """Find names that are several topics joined by another sign than |."""
    names = {name for example in examples for name in example.topics}
    for example in examples:
        for name in example.topics:
            parts = re.split(r"[、,，;；/]", name)
            if len(parts) > 1 and names.issuperset(part.strip() for part in parts):
                yield Problem(f"topic {name!r} is made of known ones: join them by |", example.line)


def _unknown_topics(examples: Sequence[Example], known: list[str]) -> Iterator[Problem]:
    for example in examples:
        for name in example.topics:
            if name not in known:
                hint = nearest(name, known) or f"; known are {', '.join(known)}"
                yield Problem(f"unknown topic {name!r}{hint}", example.line)


def _conflicts(examples: Sequence[Example]) -> Iterator[Problem]:
    """Find texts that occur twice with different topics, whatever their width and case."""
    seen: dict[str, Example] = {}
    for example in examples:
        first = seen.setdefault(normalise(example.text).strip(), example)
        if first.topics != example.topics:
            yield Problem(
                f"the same text has the topics {_names(example)} here and {_names(first)} "
                f"{'on line ' + str(first.line) if first.line else 'before'}: "
                "settle on one, or keep both with --keep-conflicts",
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
            example = next((example for example in dataset.examples if topic.name in example.topics), None)
            hint = nearest(topic.name, [other.name for other in dataset.topics if other != topic])
            yield Problem(
                f"topic {topic.name!r} has {counts[topic.name]} example(s) and {len(topic.keywords)} keyword(s): "
                f"give it {FEWEST} or more, or leave it out{hint}; several topics are joined by |",
                example.line if example else None,
            )
    if len(dataset.topics) == 1 and all(example.topics for example in dataset.examples):
        yield Problem(f"every example has the topic {dataset.topics[0].name!r}: add some without it to tell it from")
