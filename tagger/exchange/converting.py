"""One file of labels → another, for another tool; what was written is read again before it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from tagger.dataset import LabelOptions, read_labels
from tagger.dataset.checks import topics_for
from tagger.dataset.spelling import same_topics
from tagger.errors import DataError, Problem
from tagger.exchange.entries import Entry, alike, read_entries
from tagger.exchange.forms import Form, form_of
from tagger.exchange.label_studio import CONFIG_FILE, is_ours, write_config
from tagger.files import atomic_file
from tagger.messages import N_, _, english, joined
from tagger.model import model_hash
from tagger.records import Topic
from tagger.tagger import load

__all__ = ["Converted", "convert_labels"]

_WORDS = {
    "text": N_("line ends and spaces in {number} texts"),
    "document": N_("the documents of {number} texts"),
    "paragraph": N_("the numbers of {number} paragraphs"),
    "suggestion": N_("the guesses for {number} texts"),
    "probability": N_("{number} probabilities"),
    "model_version": N_("the model's name of {number} guesses"),
}


@dataclass(frozen=True)
class Converted:
    """What was converted.

    Attributes:
        source: the file that was read.
        output: the file that was written.
        form: what it was written for.
        also_written: files beside it.
        texts: how many texts there are.
        labelled: those with topics.
        without_topic: those that have none of the topics.
        unlabelled: those that nobody has labelled.
        guessed: those with a guess of a model.
        notes: what was decided in reading, and what the form cannot hold.
    """

    source: str
    output: str
    form: str
    also_written: tuple[str, ...]
    texts: int
    labelled: int
    without_topic: int
    unlabelled: int
    guessed: int
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON, in English."""
        return asdict(replace(self, notes=tuple(map(english, self.notes))))


def convert_labels(
    source: str | Path,
    output: str | Path,
    *,
    to: str | None = None,
    model: str | Path | None = None,
    topics: str | Path | Sequence[Topic] | None = None,
    options: LabelOptions | None = None,
) -> Converted:
    """Convert a file of labels of any form, or of texts that are to be labelled, into another.

    Args:
        source: a file of any form that `read_labels` reads, or a folder for each topic.
        output: the file to write; one that is there is replaced.
        to: one of `TARGETS`; told by the ending of the output where left out.
        model: a model folder, by which texts that nobody has labelled get a guess.
        topics: as in `read_dataset`: which topics Label Studio offers, and their titles.
        options: how the source is read.

    Raises:
        DataError: when the source cannot be read, or the form cannot hold what it has.
        ModelError: when the model cannot be loaded.
        RunError: when the output cannot be written.
    """
    name = str(output)
    form = form_of(output, to)
    if Path(source).resolve() == Path(output).resolve():
        raise DataError(name, Problem(_("is read and written at once: name another file to write")))
    if Path(output).is_dir():
        raise DataError(name, Problem(_("is a folder: name a file to write")))
    read = read_entries(source, options)
    entries = read.entries if model is None else _guessed(read.entries, Path(model))
    names = sorted({name for e in entries for name in (*(e.topics or ()), *(e.suggestion or ()))})
    config = _config(source, output, topics, names) if form.name == "label-studio" else {}
    data = _written(name, form, entries)
    notes = (*read.notes, *_losses(form, entries, name), *_in_training(name, data, entries))
    for path, content in (*config.items(), (Path(output), data)):
        with atomic_file(path) as file:
            file.write(content)
    return Converted(
        source=str(source),
        output=name,
        form=form.name,
        also_written=tuple(map(str, config)),
        texts=len(entries),
        labelled=sum(bool(entry.topics) for entry in entries),
        without_topic=sum(entry.topics == () for entry in entries),
        unlabelled=sum(entry.topics is None for entry in entries),
        guessed=sum(entry.suggestion is not None for entry in entries),
        notes=notes,
    )


def _guessed(entries: Sequence[Entry], folder: Path) -> tuple[Entry, ...]:
    """Return the entries, those that nobody has labelled with the guess of a model.

    Its probability is that of the least probable topic in it, or where it is none, that of the most probable one
    taken from 1.
    """
    tagger = load(folder)
    version = f"{folder.resolve().name} {model_hash(folder)[:12]}"
    unlabelled = [entry for entry in entries if entry.topics is None]
    texts = [entry.text for entry in unlabelled]
    guesses = iter(zip(tagger.predict(texts), tagger.predict_proba(texts).tolist(), strict=True))
    guessed = []
    for entry in entries:
        if entry.topics is None:
            topics, probabilities = next(guesses)
            by_topic = dict(zip(tagger.topics, probabilities, strict=True))
            sure = min(map(by_topic.__getitem__, topics)) if topics else 1 - max(probabilities)
            guessed.append(replace(entry, suggestion=topics, probability=round(sure, 4), model_version=version))
        else:
            guessed.append(entry)
    return tuple(guessed)


def _config(
    source: str | Path, output: str | Path, topics: str | Path | Sequence[Topic] | None, names: Sequence[str]
) -> dict[Path, bytes]:
    """Return the configuration of Label Studio that goes beside the tasks.

    Raises:
        DataError: when somebody else's stands there.
    """
    path = Path(output).with_name(CONFIG_FILE)
    if path.exists() and not (path.is_file() and is_ours(path.read_bytes())):
        raise DataError(str(path), Problem(_("is not one that tagger wrote, and would be replaced: move it away")))
    declared = {topic.name: topic.title for topic in topics_for(source, topics, names)}
    titles = set(declared.values())
    if names and titles.issuperset(names) and not set(declared).issuperset(names):  # the labels have the titles
        declared = {title: title for title in declared.values()}
    return {path: write_config({**declared, **{name: name for name in names if name not in declared}})}


def _written(name: str, form: Form, entries: Sequence[Entry]) -> bytes:
    """Return what is to be written: what is read again as the same, as far as the form can hold it."""
    wrong = None
    for careful in (False, True):
        data = form.write(name, entries, careful)
        wrong = _misread(name, form, entries, data)
        if wrong is None:
            return data
    raise DataError(name, Problem(_("{form} cannot hold {what}: write .jsonl", form=form.name, what=wrong)))


def _misread(name: str, form: Form, entries: Sequence[Entry], data: bytes) -> str | None:
    """Return the first thing that would be read again as something else."""
    try:
        again = read_entries(name, LabelOptions(), data=data).entries
    except DataError as error:
        return _("these texts, as they could not be read again ({reason})", reason=error.problems[0].message)
    if len(again) != len(entries):
        return _(
            "these {number} texts, as they would be read again as {others}", number=len(entries), others=len(again)
        )
    for entry, read in zip(entries, again, strict=True):
        held, found = form.hold(entry), form.hold(read)
        if not form.tells_none:
            held, found = replace(held, topics=held.topics or None), replace(found, topics=found.topics or None)
        if not all(map(_same_set, (held.topics, held.suggestion), (found.topics, found.suggestion))):
            return _shown(entry.topics or entry.suggestion or ())
        if not alike(replace(held, topics=None, suggestion=None), replace(found, topics=None, suggestion=None)):
            return _("the text {text!r}", text=entry.text[:40])
    wanted = [entry.topics for entry in entries if entry.topics]
    trained = [example.topics for example in read_labels(name, data=data).examples if example.topics] if wanted else []
    # Texts that are nothing but tags of HTML are passed over by `train`.
    pairs = zip(wanted, trained, strict=True) if len(wanted) == len(trained) else ()
    return next((_shown(topics) for topics, read in pairs if not same_topics(topics, read)), None)


def _shown(topics: Sequence[str]) -> str:
    return _("the topics {topics}", topics=joined(map(repr, topics), N_("{first} and {second}")) or _("none"))


def _same_set(one: Sequence[str] | None, other: Sequence[str] | None) -> bool:
    return (one is None) == (other is None) and same_topics(one or (), other or ())


def _losses(form: Form, entries: Sequence[Entry], name: str) -> Iterator[str]:
    """Yield what of the entries the form cannot hold."""
    lost: Counter[str] = Counter()
    for entry in entries:
        held = form.hold(entry)
        lost.update(
            f.name for f in fields(Entry) if f.name in _WORDS and getattr(held, f.name) != getattr(entry, f.name)
        )
    if lost:
        what = joined(_(_WORDS[key], number=number) for key, number in lost.items())
        yield _("{form} does not hold {what}", form=form.name, what=what)
    none = sum(entry.topics == () for entry in entries)
    if none and not form.tells_none and none < sum(not entry.topics for entry in entries):
        yield _(
            "{form} does not tell {number} texts with none of the topics from those that nobody has labelled",
            form=form.name,
            number=none,
        )
    if form.name == "doccano" and Path(name).suffix.lower() == ".csv" and any(len(e.topics or ()) > 1 for e in entries):
        yield _("doccano takes several topics in its own CSV, a#b, for one: import .jsonl there")


def _in_training(name: str, data: bytes, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield what `train` would make otherwise of the file."""
    wanted = [entry.topics for entry in entries if entry.topics is not None]
    if not any(wanted):
        return
    read = read_labels(name, data=data).examples
    kept = sum(not example.topics for example in read)
    if kept != (none := wanted.count(())):
        rule = "keep" if kept < none and None not in [e.topics for e in entries] else "drop"
        yield _(
            "{number} texts have none of the topics, and train takes {kept} of them so: give it --without-topic {rule}",
            number=none,
            kept=kept,
            rule=rule,
        )
