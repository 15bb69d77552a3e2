"""Examples and topics → a dataset in which nothing contradicts; what is doubtful is said, or an error if it must be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tagger.dataset.cells import name_key
from tagger.dataset.dataset import Dataset
from tagger.dataset.documents import in_order, is_sorted_by_topic
from tagger.dataset.labels import Labels, read_labels
from tagger.dataset.options import LabelOptions
from tagger.dataset.reading import Passed, Reading
from tagger.dataset.repeated import find_conflicts, line_of, sum_up, tell_copies
from tagger.dataset.several import files_of, read_several
from tagger.dataset.topics import nearest, read_topics
from tagger.dataset.unlabelled import fresh_texts, read_unlabelled
from tagger.errors import DataError, Problem
from tagger.messages import N_, _, _n, joined
from tagger.records import Example, Topic
from tagger.text import normalise

__all__ = ["Doubtful", "check_dataset", "read_dataset", "read_doubtful", "read_held_out", "topics_for"]

TOPICS_FILE = "topics.toml"
# A linear model can be fitted to one example of a topic, but not tested on another.
FEWEST = 2
_SORTED = N_("rows stand sorted by topic within their documents: context is not learnt; keep the order of the articles")
# Reasons are said of several rows; `Passed.kind` says them of one.
_SEVERAL = 2


@dataclass(frozen=True)
class Doubtful:
    """Labels of which nothing was refused.

    Attributes:
        dataset: the examples that can be learnt from; None where no tagger could be trained on them.
        examples: all of them; each has a line, which is its number where it was read from no file.
        written: the same, with their topics as they are written, where `examples` have the names of known topics.
        topics: those that are known.
        problems: what `read_dataset` would refuse.
        reading: what was read.
    """

    dataset: Dataset | None
    examples: tuple[Example, ...]
    written: tuple[Example, ...]
    topics: tuple[Topic, ...]
    problems: tuple[Problem, ...]
    reading: Reading


def read_dataset(
    labels: Any,
    *,
    topics: str | Path | Sequence[Topic] | None = None,
    unlabelled: Any = (),
    options: LabelOptions | None = None,
    encoding: str | None = None,
    keep_conflicts: bool = False,
) -> Dataset:
    """Read and check labels and topics, and read unlabelled texts.

    Args:
        labels: a file of any form or several, a folder for each topic, a data frame, examples, records, or pairs of
            text and topics.
        topics: a topics.toml, or topics in memory. None takes the file topics.toml beside the labels if it names a
            topic that they have, and else the names that occur.
        unlabelled: a file of any form with texts, or texts in memory.
        options: how labels are read.
        encoding: the same as `options.encoding`.
        keep_conflicts: the same as `options.keep_conflicts`.

    Raises:
        DataError: naming every contradiction with its lines.
    """
    options = options or LabelOptions()
    options = replace(
        options, encoding=encoding or options.encoding, keep_conflicts=keep_conflicts or options.keep_conflicts
    )
    read, known = _read_with_topics(labels, topics, options)
    dataset = check_dataset(read, known, options)
    texts = read_unlabelled(unlabelled, options) if isinstance(unlabelled, str | Path) else tuple(unlabelled)
    if texts and not dataset.examples:
        problem = Problem(_("holds no example: unlabelled texts help only beside labelled ones"))
        raise DataError(read.reading.file, problem)
    return replace(dataset, unlabelled=fresh_texts(texts, dataset.examples))


def read_held_out(labels: Any, *, topics: Sequence[Topic], options: LabelOptions | None = None) -> Dataset:
    """Read examples to measure a tagger of these topics on: a topic may have one of them, or none.

    Raises:
        DataError: naming every line whose topics the tagger does not know.
    """
    read = _read(labels, options or LabelOptions())
    examples = tuple(_by_name(example, topics) for example in read.examples)
    if problems := [*read.problems, *_unknown_topics(examples, topics)]:
        raise DataError(read.reading.file, *problems)
    return Dataset(read.reading.file, examples, tuple(topics), reading=_counted(read.reading, examples, topics))


def read_doubtful(
    labels: Any, *, topics: str | Path | Sequence[Topic] | None = None, options: LabelOptions | None = None
) -> Doubtful:
    """Read labels and topics as `read_dataset` does, and return what it would refuse beside what is left without it.

    Texts that occur with different topics are kept, all of them; whoever looks for copies finds them.

    Raises:
        DecodeError: when a file is no text.
        DataError: when it cannot be read, or its columns cannot be told.
    """
    # What is asked of a checker is to be said, not to stop at.
    options = replace(options or LabelOptions(), keep_conflicts=True, strict=False)
    read, known = _read_with_topics(labels, topics, options)
    if options.rare == "stop":
        options = replace(options, rare="drop")
    given = tuple(example if example.line else replace(example, line=n) for n, example in enumerate(read.examples, 1))
    malformed = [*_malformed(given, known)]
    unfit = {problem.line for problem in malformed}
    sound = tuple(example for example in given if example.line not in unfit)
    named = tuple(_by_name(example, known) for example in sound)
    faults = [*_joined_wrongly(named)]
    if known:
        faults += _unknown_topics(named, known, read.reading.topics_file)
    lines = {problem.line for problem in faults}
    kept = [example for example in named if example.line not in lines]
    problems, found = (*read.problems, *malformed, *faults), tuple(known or _occurring(kept))
    try:
        dataset = check_dataset(replace(read, examples=tuple(kept), problems=()), known, options)
    except DataError as error:
        reading = _counted(read.reading, named, _occurring(named))
        return Doubtful(None, named, sound, found, (*problems, *error.problems), reading)
    return Doubtful(dataset, named, sound, found, problems, dataset.reading or read.reading)


def check_dataset(read: Labels, topics: Sequence[Topic], options: LabelOptions) -> Dataset:
    """Check that examples agree with the topics and with each other; without topics, take those that occur.

    Raises:
        DataError: naming every contradiction with its lines.
    """
    source, declared = read.reading.file, bool(topics)
    if malformed := [*_malformed(read.examples, topics)]:
        raise DataError(source, *read.problems, *malformed)
    examples = [_by_name(example, topics) for example in read.examples]
    if not declared:
        topics = _occurring(examples)
    topics = tuple(sorted(topics, key=lambda topic: topic.name))
    problems = [*read.problems, *_joined_wrongly(examples)]
    if declared:
        problems += _unknown_topics(examples, topics, read.reading.topics_file)
    conflicts = [] if options.keep_conflicts else [*find_conflicts(examples)]
    if options.strict:
        problems += conflicts
    passed: list[Passed] = []
    if not problems:
        examples, topics, passed, rare = _without_rare(examples, topics, options)
        problems = [*rare, *_untrainable(examples, topics)]
        if problems and passed:
            problems += [
                Problem(_("left out: {number} {kind}", number=rows.number, kind=rows.kind())) for rows in passed
            ]
    if problems:
        raise DataError(source, *problems)
    examples = in_order(examples)
    doubts = [sum_up(conflicts)] if conflicts else []
    sorted_by_topic = is_sorted_by_topic(examples)
    if sorted_by_topic:
        doubts.append(_(_SORTED))
    reading = replace(
        read.reading,
        passed=(*read.reading.passed, *passed),
        notes=(*read.reading.notes, *tell_copies(examples)),
        warnings=(*read.reading.warnings, *doubts),
    )
    reading = _counted(reading, examples, topics)
    return Dataset(source, tuple(examples), topics, in_order=not sorted_by_topic, reading=reading)


def _read(labels: Any, options: LabelOptions) -> Labels:
    """Read labels; examples that were made in memory are taken as they are."""
    if isinstance(labels, Sequence) and not isinstance(labels, str) and all(isinstance(e, Example) for e in labels):
        return Labels(tuple(labels), Reading("<examples>", rows=len(labels)))
    files = files_of(labels)
    if files is not None and len(files) > 1:
        return read_several(files, options)
    return read_labels(labels if files is None else str(files[0]), options)


def _read_with_topics(
    labels: Any, topics: str | Path | Sequence[Topic] | None, options: LabelOptions
) -> tuple[Labels, Sequence[Topic]]:
    """Read labels, and the topics that are given or stand beside them; none where they are those that occur."""
    read, file = _read(labels, options), ""
    if topics is None and (files := files_of(labels)):
        topics, file, read = _topics_beside(files, read)
    elif isinstance(topics, str | Path):
        topics, file = read_topics(topics), str(topics)
    return replace(read, reading=replace(read.reading, topics_file=file)), topics or ()


def _occurring(examples: Sequence[Example]) -> list[Topic]:
    return [Topic(name, title=name) for name in sorted({name for e in examples for name in e.topics})]


def topics_for(
    labels: str | Path, topics: str | Path | Sequence[Topic] | None, names: Iterable[str]
) -> tuple[Topic, ...]:
    """Return the topics of labels that have these names, found as in `read_dataset`; empty without a topics.toml."""
    if isinstance(topics, str | Path):
        return read_topics(topics)
    if topics is not None:
        return tuple(topics)
    read = Labels((Example("", tuple(names)),), Reading(str(labels)))
    return _topics_beside([Path(labels)], read)[0] or ()


def _topics_beside(files: Sequence[Path], read: Labels) -> tuple[tuple[Topic, ...] | None, str, Labels]:
    """Return the topics of a topics.toml beside the labels, and its name, if it is about the topics that they have."""
    beside_each = dict.fromkeys(file / TOPICS_FILE if file.is_dir() else file.with_name(TOPICS_FILE) for file in files)
    found = {name_key(name) for example in read.examples for name in example.topics}
    for beside in beside_each:
        if beside.is_file():
            topics = read_topics(beside)
            known = {name_key(name) for topic in topics for name in (topic.name, topic.title)}
            if not found or known & found:
                return topics, str(beside), read
            note = _(
                "{file} beside it is not used, as it has none of these topics; --topics uses it all the same",
                file=beside.name,
            )
            read = replace(read, reading=replace(read.reading, notes=(*read.reading.notes, note)))
    return None, "", read


def _counted(reading: Reading, examples: Sequence[Example], topics: Iterable[Topic]) -> Reading:
    counts = {topic.name: 0 for topic in topics}
    for example in examples:
        for name in example.topics:
            counts[name] += 1
    lines = [line_of(example, 0) for example in examples if not example.topics]
    none = Passed(_("without a topic"), len(lines), tuple(lines[:20])) if lines else None
    return replace(reading, texts=len(examples), topics=counts, without_topic=none)


def _by_name(example: Example, topics: Sequence[Topic]) -> Example:
    """Return the example with the names of topics where it has their titles, or either in another spelling."""
    names = {topic.name for topic in topics}
    if names.issuperset(example.topics):
        return example
    spelt = {name_key(topic.title): topic.name for topic in topics}
    spelt |= {name_key(topic.name): topic.name for topic in topics}
    known = {name if name in names else spelt.get(name_key(name), name) for name in example.topics}
    return replace(example, topics=tuple(sorted(known)))


def _malformed(examples: Sequence[Example], topics: Sequence[Topic]) -> Iterator[Problem]:
    """Find what the file readers would have refused, in examples and topics made in memory."""
    for number, example in enumerate(examples, start=1):
        names: object = example.topics
        line = example.line or number
        if not isinstance(names, tuple):
            what = _("the topics are {topics!r}: they must be a tuple of names", topics=example.topics)
            yield Problem(what, line, example.file)
        elif not normalise(example.text).strip():
            what = _("the text is empty: write the paragraph or leave out the example")
            yield Problem(what, line, example.file)
    for name, number in Counter(topic.name for topic in topics).items():
        if number > 1:
            yield Problem(_("topic {name!r} is given {number} times: give it once", name=name, number=number))


def _joined_wrongly(examples: Sequence[Example]) -> Iterator[Problem]:
    """Find names that are several topics joined by another sign than |."""
    names = {name for example in examples for name in example.topics}
    joined = {}
    for name in names:
        parts = [part.strip() for part in re.split(r"[、,，;；/#]", name)]
        joined[name] = len(parts) > 1 and names.issuperset(parts)
    for example in examples:
        for name in example.topics:
            if joined[name]:
                what = _("topic {name!r} is made of known ones: join them by |, or name the --separator", name=name)
                yield Problem(what, example.line, example.file)


def _unknown_topics(examples: Sequence[Example], topics: Sequence[Topic], file: str = "") -> Iterator[Problem]:
    known = {topic.name for topic in topics}
    hints: dict[str, str] = {}
    for example in examples:
        for name in set(example.topics).difference(known):
            if name not in hints:
                words = dict.fromkeys(word for topic in topics for word in (topic.name, topic.title))
                hints[name] = nearest(name, [*words]) or _known(topics, file)
            what = _("unknown topic {name!r}{hint}", name=name, hint=hints[name])
            yield Problem(what, example.line, example.file)


def _known(topics: Sequence[Topic], file: str) -> str:
    shown = joined(
        topic.name if topic.title == topic.name else f"{topic.title} ({topic.name})" for topic in topics[:20]
    )
    if file:
        return _("; known are {names} (of {file})", names=shown, file=file)
    return _("; known are {names}", names=shown)


def _without_rare(
    examples: list[Example], topics: tuple[Topic, ...], options: LabelOptions
) -> tuple[list[Example], tuple[Topic, ...], list[Passed], list[Problem]]:
    """Leave out topics that are too rare to be learnt, and the examples that have no other; or say what is wrong.

    Where every topic has one example only, all are kept.
    """
    counts = Counter(name for example in examples for name in example.topics)
    rare = [topic for topic in topics if counts[topic.name] + len(topic.keywords) < FEWEST]
    if not rare or options.rare == "keep":
        return examples, topics, [], []
    if len(rare) == len(topics) > 1 and options.rare == "drop" and not options.strict:
        return examples, topics, [], []  # nothing would be left
    if options.rare == "stop" or options.strict or len(rare) == len(topics):
        return examples, topics, [], [*_rare_topics(rare, topics, examples)]
    names = {topic.name for topic in rare}
    kept, lines = [], []
    for number, example in enumerate(examples, start=1):
        left = tuple(name for name in example.topics if name not in names)
        if left == example.topics:
            kept.append(example)
            continue
        lines.append(line_of(example, number))
        if left:
            kept.append(replace(example, topics=left))
    shown = joined(map(repr, sorted(names)[:5]))
    why = _n(
        "row of topics with one example, {names}; --rare keep learns them",
        "rows of topics with one example, {names}; --rare keep learns them",
        _SEVERAL,
        names=_("{names} …", names=shown) if len(names) > 5 else shown,
    )
    return (
        kept,
        tuple(topic for topic in topics if topic.name not in names),
        [Passed(why, len(lines), tuple(lines))],
        [],
    )


def _rare_topics(rare: Sequence[Topic], topics: Sequence[Topic], examples: Sequence[Example]) -> Iterator[Problem]:
    counts = Counter(name for example in examples for name in example.topics)
    for topic in rare:
        example = next((example for example in examples if topic.name in example.topics), None)
        hint = nearest(topic.name, [other.name for other in topics if other != topic])
        yield Problem(
            _(
                "topic {name!r} has {examples} example(s) and {keywords} keyword(s): "
                "give it {fewest} or more, or leave it out{hint}; several topics are joined by |",
                name=topic.name,
                examples=counts[topic.name],
                keywords=len(topic.keywords),
                fewest=FEWEST,
                hint=hint,
            ),
            example.line if example else None,
            example.file if example else None,
        )


def _untrainable(examples: Sequence[Example], topics: Sequence[Topic]) -> Iterator[Problem]:
    if not topics:
        yield Problem(_("no example has a topic: write topics into the column, several joined by |"))
    elif len(topics) == 1 and examples and all(example.topics for example in examples):
        what = _("every example has the topic {name!r}: add some without it to tell it from", name=topics[0].name)
        yield Problem(what)
