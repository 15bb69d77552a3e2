"""topics.toml → topics: a title, a description and keywords for each."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path

from tagger.errors import DataError, Problem
from tagger.formats.faults import explain_toml
from tagger.messages import _, joined
from tagger.records import Topic
from tagger.text import read_text

__all__ = ["nearest", "read_topics"]

_KEYS = ("title", "description", "keywords")


def read_topics(path: str | Path) -> tuple[Topic, ...]:
    """Read topics in the order of the file: one table each, every key in it optional.

        [anti_fraud]
        title = "反诈"
        description = "电信网络诈骗的防范与打击"
        keywords = ["刷单", "止付"]

    Raises:
        DataError: when the file cannot be read, is no TOML, or holds what no topic has.
    """
    source = str(path)
    try:
        tables = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        what = _(
            'is no TOML: {reason}; names that are not ASCII need plain quotation marks: ["美食"], title = "美食"',
            reason=explain_toml(error),
        )
        raise DataError(source, Problem(what)) from error
    problems = [problem for name, table in tables.items() for problem in _problems(name, table)]
    if not tables:
        problems = [Problem(_("holds no topic: write a table such as [anti_fraud] for each"))]
    if problems:
        raise DataError(source, *problems)
    return tuple(
        Topic(
            name=name,
            title=table.get("title", name),
            description=table.get("description", ""),
            keywords=tuple(table.get("keywords", ())),
        )
        for name, table in tables.items()
    )


def nearest(name: str, known: list[str]) -> str:
    """Suggest the known name nearest to one that is not, as the end of a sentence; empty where none is near."""
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return _("; did you mean {name!r}?", name=close[0]) if close else ""


def _problems(name: str, table: object) -> list[Problem]:
    if not isinstance(table, dict):
        what = _("{name!r} stands outside of a topic: put it under a heading such as [anti_fraud]", name=name)
        return [Problem(what)]
    faults = [_fault(key, value) for key, value in table.items()]
    if not name.strip() or "|" in name or name != name.strip():
        faults.insert(0, _("a name may not be blank, have blank ends or hold '|'"))
    return [Problem(_("topic {name!r}: {fault}", name=name, fault=fault)) for fault in faults if fault is not None]


def _fault(key: str, value: object) -> str | None:
    if key not in _KEYS:
        hint = nearest(key, list(_KEYS)) or _("; a topic has {keys}", keys=joined(_KEYS))
        return _("unknown key {key!r}{hint}", key=key, hint=hint)
    if key != "keywords":
        return None if isinstance(value, str) else _("{key} must be a string", key=key)
    if not isinstance(value, list):
        return _("keywords must be a list")
    if not all(isinstance(word, str) and word.strip() for word in value):
        return _("every keyword must be a word in quotation marks")
    return None
