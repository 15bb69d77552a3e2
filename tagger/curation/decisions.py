"""A sheet of findings that a person went through → what was decided about which line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tagger.dataset.cells import list_names, name_key
from tagger.errors import DataError, Problem
from tagger.exchange.entries import read_probability
from tagger.formats import Broken, FileOptions, Record, open_source
from tagger.formats.columns import plain_name
from tagger.formats.sheets import rearm
from tagger.messages import _, joined

__all__ = ["Answer", "Decision", "answer_of", "read_decisions"]

Answer = Literal["change", "keep", "none", "unsure"]
"""What a word in the column `decision` says: take the suggestion, leave the topics, there are none, do nothing."""

_NAMES = {
    "line": ("line", "行"),
    "decision": ("decision", "决定"),
    "suggestion": ("suggestion", "建议"),
    "text": ("text", "文本"),
    "key": ("key", "键"),
    "problem": ("problem", "问题", "kind"),
    "wrong": ("wrong", "把握"),
    "evidence": ("evidence", "依据"),
}
_ANSWERS: Mapping[str, Answer] = {
    "改": "change", "change": "change", "yes": "change",
    "对": "keep", "ok": "keep", "keep": "keep",
    "无": "none", "none": "none", "都不是": "none", "-": "none",
    "拿不准": "unsure", "unsure": "unsure", "": "unsure",
}  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What stands in a row of a sheet of findings.

    Attributes:
        row: the line of the sheet.
        line: the line of the label file that it is about; None where it names none.
        decision: what the person wrote, a string or a list of topics; empty for nothing.
        suggestion: the topics that were suggested, likewise; None where the sheet has none.
        text: the text as it was; None where the sheet has none.
        key: as `example_key` of the example as it was; empty where the sheet has none.
        problem: what kind of finding it is, in the words of the sheet; empty where it does not say.
        wrong: the probability that the label is wrong; None where the sheet does not say.
        evidence: the words for and against the suggestion, and what else there is to say; empty where there is none.
    """

    row: int
    line: int | None
    decision: str | list[str]
    suggestion: str | list[str] | None = None
    text: str | None = None
    key: str = ""
    problem: str = ""
    wrong: float | None = None
    evidence: str = ""


def answer_of(word: str) -> Answer | None:
    """Return what a word in the column `decision` says; None where it is no such word, and so names topics."""
    return _ANSWERS.get(name_key(word))


def read_decisions(path: str | Path) -> tuple[Decision, ...]:
    """Read the rows of a sheet of findings: CSV, TSV, a workbook or JSON lines, with English or Chinese names.

    Raises:
        DataError: when it cannot be read, or has no column for the lines or the decisions.
    """
    name = str(path)
    with open_source(name, FileOptions(), wanted=[one for names in _NAMES.values() for one in names]) as source:
        items = list(source.records)
    if broken := [Problem(item.reason, item.line) for item in items if isinstance(item, Broken)]:
        raise DataError(name, *broken)
    records = [item for item in items if isinstance(item, Record)]
    columns = [*source.header] or [*dict.fromkeys(column for record in records for column in record.fields)]
    by_name = {plain_name(column): column for column in columns}
    found = {role: next((by_name[n] for n in names if n in by_name), None) for role, names in _NAMES.items()}
    for role in ("line", "decision"):
        if found[role] is None and records:
            here = joined(map(repr, columns)) or _("none")
            one, other = _NAMES[role]
            why = _(
                "has no column {one!r} or {other!r}; found: {columns}; give the sheet of findings first",
                one=one,
                other=other,
                columns=here,
            )
            raise DataError(name, Problem(why))
    disarmed = source.form == "csv"
    return tuple(_decision(record, found, disarmed=disarmed) for record in records)


def _decision(record: Record, found: Mapping[str, str | None], *, disarmed: bool) -> Decision:
    def value(role: str) -> Any:
        column = found[role]
        given = None if column is None else record.fields.get(column)
        return rearm(given) if disarmed and isinstance(given, str) else given

    number = re.fullmatch(r"(\d{1,15})(?:\.0)?", str(value("line")).strip(), re.ASCII)
    text = value("text")
    return Decision(
        row=record.line,
        line=int(number[1]) if number else None,
        decision=_topics(value("decision")) or "",
        suggestion=_topics(value("suggestion")),
        text=text if isinstance(text, str) else None,
        key=str(value("key") or "").strip(),
        problem=str(value("problem") or "").strip(),
        wrong=read_probability(value("wrong")),
        evidence=_evidence(value("evidence")),
    )


def _evidence(value: Any) -> str:
    """Return the evidence as a sheet has it, also of a list of features and what they weigh."""
    if not isinstance(value, list):
        return str(value or "").strip()
    parts = [part for part in value if isinstance(part, dict) and isinstance(part.get("value"), int | float)]
    return " ".join(f"{part.get('feature')} {part['value']:+.1f}" for part in parts)


def _topics(value: Any) -> str | list[str] | None:
    """Return the string or the list that a cell holds; a list of no topic is the word for that."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip()
    try:
        return list_names(value) or "none"
    except ValueError:
        return str(value)
