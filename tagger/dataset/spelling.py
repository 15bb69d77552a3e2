"""How a label file spells topics: which names, what parts several of them, lists or strings."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from tagger.dataset.cells import (
    find_separators,
    is_none,
    is_unlabelled,
    list_names,
    name_key,
    one_spelling,
    split_names,
)

__all__ = ["Spelling", "same_topics"]

_BAR = "|"
# Where no value has no name, one or several, those that are like it.
_LIKE = ((0, 1, 2), (1, 2), (2, 1))
_SPACES = "[ \u3000]*"


class Spelling:
    """The way of one file, learnt from the values of all its rows, which are strings, lists, numbers or None.

    `classes` are what numbers stand for; `separator` is what was named by the user.
    """

    def __init__(self, values: Iterable[Any], *, classes: Sequence[str] = (), separator: str | None = None) -> None:
        values = list(values)
        lists = [_list_of(value) for value in values]
        strings = [str(value) for value, names in zip(values, lists, strict=True) if names is None]
        self._separators = (separator,) if separator is not None else find_separators(strings)
        split = [split_names(str(v), self._separators) if n is None else n for v, n in zip(values, lists, strict=True)]
        spelt = Counter(name for names in split for name in names)
        self._one = one_spelling(spelt.elements())
        numbers = {*self._one.values()}
        if classes and numbers and all(name.isdecimal() and int(name) < len(classes) for name in numbers):
            self._one = {name: classes[int(number)] for name, number in self._one.items()}
        else:
            classes = ()
        self._written = {name: str(number) for number, name in reversed([*enumerate(classes)])}
        for name, _ in reversed(spelt.most_common()):
            self._written[self._one[name]] = name
        # How values of no name, of one and of several look, the commonest last.
        forms: dict[int, Counter[str]] = defaultdict(Counter)
        empty: Counter[str] = Counter()
        for value, names in zip(values, split, strict=True):
            if value is not None and not (isinstance(value, str) and is_unlabelled(value)):
                forms[min(len(names), 2)][_form_of(value)] += 1
            if isinstance(value, str) and (is_none(value) or not value.strip()):
                empty[value] += 1
        self._forms = {number: counted.most_common(1)[0][0] for number, counted in forms.items()}
        self._empty = max(empty, key=empty.__getitem__, default="")
        joined = [s for s in strings if len(split_names(s, self._separators)) > 1]
        self._joint = self._find_joint(joined)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that the file has, as they are read."""
        return tuple(dict.fromkeys(self._one.values()))

    def read(self, value: Any) -> list[str]:
        """Return the topics in a value, as they are read."""
        return list(dict.fromkeys(self._one[name] for name in self._names(value)))

    def write(self, before: Any, topics: Sequence[str]) -> Any:
        """Return a value for these topics to stand in the place of another, as like that and the rest as may be."""
        names = self._names(before)
        kept = [name for name in dict.fromkeys(names) if self._one[name] in topics]
        had = {self._one[name] for name in kept}
        names = [*kept, *(self._written.get(topic, topic) for topic in topics if topic not in had)]
        form = self._form(before, len(names))
        if form == "list":
            entries = before if isinstance(before, list) else []
            numeric = bool(entries) and all(isinstance(entry, int) for entry in entries)
            return [int(name) if numeric and name.isdecimal() else name for name in names]
        if form == "choices":
            return {"choices": names}
        if form == "number" and len(names) == 1 and names[0].isdecimal():
            return int(names[0])
        if form in _LITERALS:
            return _LITERALS[form](names, before)
        return self._joint.join(names) or self._empty

    def _names(self, value: Any) -> list[str]:
        names = _list_of(value)
        return split_names(str(value), self._separators) if names is None else names

    def _form(self, before: Any, number: int) -> str:
        """Return the form to write: the one that was there, unless the file has another for as many names."""
        form = "null" if before is None else _form_of(before)
        if form in ("list", "choices"):
            return form
        usual = next((self._forms[like] for like in _LIKE[min(number, 2)] if like in self._forms), None)
        if form == "null":
            return usual or "list"
        if form == "plain" and number < 2:
            return form
        return usual or form

    def _find_joint(self, joined: Sequence[str]) -> str:
        """Return what stands between several names, with its spaces; a bar where no cell tells."""
        counts: Counter[str] = Counter()
        for sign in (_BAR, "｜", *self._separators):
            for cell in joined:
                counts.update(re.findall(f"{_SPACES}{re.escape(sign)}{_SPACES}" if sign != " " else " +", cell))
        given = self._separators[0] if len(self._separators) == 1 and not joined else _BAR
        return counts.most_common(1)[0][0] if counts else given


def _list_of(value: Any) -> list[str] | None:
    """Return the names in a value that is a list by its form, as `list_names`; none in what cannot be topics."""
    try:
        return list_names(value)
    except ValueError:
        return []


def _form_of(value: Any) -> str:
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return "choices"
    if not isinstance(value, str):
        return "number"
    text = value.strip()
    if _list_of(text) is None or not text or text[0] not in "[{(":
        return "plain"
    if text[0] == "{":
        return "JSON choices"
    return "Python list" if "'" in text and '"' not in text else "JSON list"


def _json_list(names: list[str], before: Any) -> str:
    close = isinstance(before, str) and "," in before and ", " not in before
    return json.dumps(names, ensure_ascii=False, separators=(",", ":") if close else None)


def _python_list(names: list[str], _before: Any) -> str:
    return repr(names)


def _json_choices(names: list[str], _before: Any) -> str:
    return json.dumps({"choices": names}, ensure_ascii=False)


_LITERALS = {
    "JSON list": _json_list,
    "Python list": _python_list,
    "JSON choices": _json_choices,
}


def same_topics(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether names are the same, whatever their order, case and width."""
    return set(map(name_key, one)) == set(map(name_key, other))
