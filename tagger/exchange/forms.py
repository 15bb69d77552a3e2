"""The files that are written for people and labelling tools: which there are, and what each can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import orjson

from tagger.errors import DataError, Problem
from tagger.exchange.entries import Entry
from tagger.exchange.label_studio import write_tasks
from tagger.formats.fasttext_lines import read_fasttext
from tagger.formats.sheets import render_sheet
from tagger.messages import N_, _, joined

__all__ = ["TARGETS", "Form", "Target", "form_of"]

Target = Literal["csv", "xlsx", "jsonl", "doccano", "label-studio", "fasttext"]
"""What a file can be written for."""
TARGETS: tuple[Target, ...] = get_args(Target)

_NONE, _UNLABELLED = "无", "未标注"
# Lines by which a file is known for fastText's: most of them must have a label.
_LOOKED_AT = 50
_GUESS = ("suggestion", "probability", "model_version")


@dataclass(frozen=True)
class Form:
    """A form that files are written in.

    Attributes:
        name: as the user gives it.
        endings: those that its files may have, the first of them the usual one.
        write: entries → the bytes of a file of a name; `careful` spells topics so that no sign in them parts them.
        hold: an entry → what of it the form can hold.
        tells_none: whether a text that has none of the topics differs from one that nobody has labelled.
    """

    name: Target
    endings: tuple[str, ...]
    write: Callable[[str, Sequence[Entry], bool], bytes]
    hold: Callable[[Entry], Entry] = lambda entry: entry
    tells_none: bool = True


def form_of(output: str | Path, to: str | None) -> Form:
    """Return the form that was asked for, or that the ending of a file tells.

    Raises:
        DataError: when the ending tells none, or is none of that form.
    """
    ending = Path(output).suffix.lower()
    name = to or _BY_ENDING.get(ending)
    if name is None:
        raise DataError(
            str(output), Problem(_("what it is to be cannot be told: give --to {forms}", forms=joined(TARGETS)))
        )
    form = _FORMS[name]
    if ending not in form.endings:
        raise DataError(
            str(output),
            Problem(
                _(
                    "is no name for {form}: let it end in {endings}",
                    form=name,
                    endings=joined(form.endings, N_("{first} or {second}")),
                )
            ),
        )
    return form


def _write_sheet(name: str, entries: Sequence[Entry], careful: bool) -> bytes:  # noqa: FBT001 - the shape of all of these
    columns = _columns(entries)
    rows = [_row(entry, columns, careful=careful) for entry in entries]
    return render_sheet(name, ["text", "topics", *columns], rows, exact=["text", "topics", *columns])


def _columns(entries: Sequence[Entry]) -> list[str]:
    """Return the names of those fields that any entry has, beside text and topics."""
    return [
        name
        for name in ("document", "paragraph", *_GUESS)
        if any(getattr(entry, name) not in (None, "") for entry in entries)
    ]


def _row(entry: Entry, columns: Sequence[str], *, careful: bool) -> list[str | float | None]:
    row: list[str | float | None] = [entry.text]
    row.append(_UNLABELLED if entry.topics is None else _cell(entry.topics, careful=careful))
    for name in columns:
        value = getattr(entry, name)
        row.append(_cell(value, careful=careful) if isinstance(value, tuple) else value)
    return row


def _cell(topics: Sequence[str], *, careful: bool) -> str:
    """Spell topics for a cell: parted by |, or as a list of JSON where a name may hold what parts names."""
    if careful and any(re.search(r"\W", topic) for topic in topics):
        return json.dumps(topics, ensure_ascii=False)
    return "|".join(topics) or _NONE


def _write_lines(_name: str, entries: Sequence[Entry], _careful: bool) -> bytes:  # noqa: FBT001 - as above
    return b"".join(orjson.dumps(_record(entry, "topics")) + b"\n" for entry in entries)


def _record(entry: Entry, topics: str) -> dict[str, Any]:
    record: dict[str, Any] = {"text": entry.text, topics: entry.topics}
    for name in ("document", "paragraph", *_GUESS):
        value = getattr(entry, name)
        if value not in (None, ""):
            record[name] = value
    return record


def _write_doccano(name: str, entries: Sequence[Entry], _careful: bool) -> bytes:  # noqa: FBT001 - as above
    if Path(name).suffix.lower() != ".csv":
        return b"".join(orjson.dumps(_record(entry, "label")) + b"\n" for entry in entries)
    if bad := next((topic for entry in entries for topic in entry.topics or () if "#" in topic), None):
        message = _("topic {topic!r} holds #, by which doccano's CSV parts topics: write .jsonl", topic=bad)
        raise DataError(name, Problem(message))
    columns = _columns(entries)
    rows = [_row(replace(entry, topics=None), columns, careful=True) for entry in entries]
    for row, entry in zip(rows, entries, strict=True):
        row[1] = "#".join(entry.topics or ())
    data = render_sheet(name, ["text", "label", *columns], rows, exact=["text", "label", *columns])
    return data.removeprefix(b"\xef\xbb\xbf")  # doccano itself writes none


def _write_tasks(_name: str, entries: Sequence[Entry], _careful: bool) -> bytes:  # noqa: FBT001 - as above
    return write_tasks(entries)


def _write_fasttext(name: str, entries: Sequence[Entry], _careful: bool) -> bytes:  # noqa: FBT001 - as above
    lines = []
    for number, entry in enumerate(entries, start=1):
        topics = entry.topics or ()
        if bad := next((topic for topic in topics if re.search(r"\s", topic)), None):
            raise DataError(
                name, Problem(_("topic {topic!r} has a space, which no label of fastText can have", topic=bad), number)
            )
        if "__label__" in entry.text:
            raise DataError(name, Problem(_("a text holds __label__, which fastText takes for a label"), number))
        lines.append(_fasttext_line(entry))
    if 2 * sum(bool(entry.topics) for entry in entries[:_LOOKED_AT]) <= len(entries[:_LOOKED_AT]):
        message = _(
            "too few of the first texts have a topic to be known for lines of fastText: label more, or write .jsonl"
        )
        raise DataError(name, Problem(message))
    return "".join(f"{line}\n" for line in lines).encode()


def _fasttext_line(entry: Entry) -> str:
    return " ".join([*(f"__label__{topic}" for topic in entry.topics or ()), *entry.text.split()])


def _hold_fasttext(entry: Entry) -> Entry:
    """Return what is read again of a line: no line ends, and no spaces beside Chinese characters."""
    read = next(read_fasttext([_fasttext_line(replace(entry, topics=None))]))
    return Entry(read.fields["text"], entry.topics or None)  # type: ignore[union-attr]  # nothing in it is broken


_ALL: tuple[Form, ...] = (
    Form("csv", (".csv", ".tsv"), _write_sheet),
    Form("xlsx", (".xlsx",), _write_sheet),
    Form("jsonl", (".jsonl", ".ndjson"), _write_lines),
    Form("doccano", (".jsonl", ".csv"), _write_doccano, tells_none=False),
    Form("label-studio", (".json",), _write_tasks),
    Form("fasttext", (".txt",), _write_fasttext, _hold_fasttext, tells_none=False),
)
_FORMS: Mapping[str, Form] = {form.name: form for form in _ALL}
_BY_ENDING = {ending: form.name for form in reversed(_ALL) for ending in form.endings}
