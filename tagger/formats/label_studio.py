"""Records of Label Studio's exports → plain records: JSON with tasks, and the newest of several annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tagger.errors import DataError, Problem
from tagger.formats.columns import TEXT_NAMES, find_field
from tagger.formats.records import Broken, Record
from tagger.messages import _

__all__ = ["is_task", "newest_rows", "read_tasks"]

# What every row of Label Studio's CSV and JSON-MIN has, beside the data and the choices.
_ROW_FIELDS = frozenset(["annotation_id", "annotator"])


def is_task(fields: Mapping[str, Any]) -> bool:
    """Return whether a record is a task of Label Studio's JSON: data, and what annotators made of it."""
    return isinstance(fields.get("data"), dict) and isinstance(_annotations(fields), list)


def read_tasks(records: Iterable[Record | Broken], source: str) -> Iterator[Record | Broken]:
    """Turn tasks into records with `text`, `topics` and the other fields of their data.

    The newest annotation counts. A task that was skipped, or that nobody annotated, has topics of None: it is no label.
    What a model predicted becomes `suggestion`, `probability` and `model_version`.

    Raises:
        DataError: when annotations mark stretches of text instead of choosing topics.
    """
    for record in records:
        if isinstance(record, Broken) or not is_task(record.fields):
            yield record
            continue
        data = record.fields["data"]
        name = find_field(data, None, TEXT_NAMES)
        text = data.get(name) if name is not None else next((v for v in data.values() if isinstance(v, str)), None)
        others = {key: value for key, value in data.items() if key not in (name, "text", "topics")}
        topics = _topics(record, source)
        yield Record(record.line, {"text": text, "topics": topics, **_prediction(record, source), **others})


def newest_rows(records: list[Record]) -> tuple[list[Record], list[Record]]:
    """Return the newest row of each task of a CSV or JSON-MIN export, and the rows that are older."""
    if not records or not _ROW_FIELDS.issubset(records[0].fields) or "id" not in records[0].fields:
        return records, []
    newest: dict[str, Record] = {}
    for record in records:
        task = str(record.fields.get("id"))
        if task not in newest or _time(record.fields) >= _time(newest[task].fields):
            newest[task] = record
    kept = {id(record) for record in newest.values()}
    return [r for r in records if id(r) in kept], [r for r in records if id(r) not in kept]


def _topics(record: Record, source: str) -> list[str] | None:
    made = [entry for entry in _annotations(record.fields) if isinstance(entry, dict)]
    made = [entry for entry in made if not entry.get("was_cancelled")]
    return _choices(_newest(made), record, source) if made else None


def _prediction(record: Record, source: str) -> dict[str, Any]:
    """Return what a model predicted, if one did; exports may have no more than the numbers of predictions."""
    made = [entry for entry in record.fields.get("predictions") or [] if isinstance(entry, dict)]
    if not made:
        return {}
    newest = _newest(made)
    found = {"probability": newest.get("score"), "model_version": newest.get("model_version")}
    return {"suggestion": _choices(newest, record, source)} | {k: v for k, v in found.items() if v is not None}


def _annotations(fields: Mapping[str, Any]) -> Any:
    """Return what annotators made of a task, which old versions called completions."""
    return fields.get("annotations", fields.get("completions"))


def _newest(made: list[dict[str, Any]]) -> dict[str, Any]:
    # Of equally old ones the last in the file.
    return max(enumerate(made), key=lambda numbered: (_time(numbered[1]), numbered[0]))[1]


def _choices(entry: Mapping[str, Any], record: Record, source: str) -> list[str]:
    chosen: list[str] = []
    for result in entry.get("result") or []:
        value = result.get("value", {}) if isinstance(result, dict) else {}
        if "start" in value or "labels" in value:
            message = _("marks stretches of text: Tagger learns topics of whole texts, as <Choices> gives them")
            raise DataError(source, Problem(message, record.line))
        chosen += value.get("choices") or []
        taxonomy = value.get("taxonomy") or []
        chosen += ["/".join(path) for path in taxonomy]
    return chosen


def _time(fields: Mapping[str, Any]) -> str:
    # Times in ISO format are in order as text.
    return str(fields.get("updated_at") or fields.get("created_at") or "")
