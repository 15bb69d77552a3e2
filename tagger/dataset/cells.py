"""A cell of topics → names: lists, several names in one string, one name spelt in many ways."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from tagger.messages import _

__all__ = [
    "find_separators",
    "is_no_label",
    "is_no_text",
    "is_none",
    "is_null",
    "is_span",
    "is_unlabelled",
    "list_names",
    "name_key",
    "one_spelling",
    "split_names",
]

# What people put between several topics. Only the bars always do; each of the others may be part of a name, and counts
# where parts are found in other cells too.
_BARS = "|｜"
_SIGNS = ("、", ",", "，", ";", "；", "#", "+", "\t", "\n")
# These stand in names so often (生活/美食) that every part must be a whole cell elsewhere.
_DOUBTFUL_SIGNS = ("/", " ", "&")

# What programs and people write where there is no label.
_NO_LABEL = frozenset([
    "nan", "na", "n/a", "#n/a", "#na", "null", "none", "<na>", "nil", "-", "--", "—", "#ref!", "#value!", "#name?",
    "#div/0!", "未标注", "未标", "待标注", "无标签", "没有标签", "unlabeled", "unlabelled", "not labeled", "无",
    "暂无", "/", "?", "？", "\\n", "待定", "待确认", "待复核", "拿不准", "无法判断", "tbd", "todo",
])  # fmt: skip
# What programs write where there is no text.
_NO_TEXT = frozenset(["nan", "null", "none", "<na>", "#n/a", "#ref!", "#value!", "#name?"])
# Those of them that say that nobody has decided yet, and those that say that a text has none of the topics.
_UNLABELLED = frozenset([
    "未标注", "未标", "待标注", "unlabeled", "unlabelled", "not labeled", "待定", "待确认", "待复核", "拿不准",
    "无法判断", "tbd", "todo",
])  # fmt: skip
_NONE = frozenset(["无", "无标签", "没有标签"])
# A number as a spreadsheet may show it, 1E+02: its sign parts nothing.
_NUMBER = re.compile(r"\d(?:\.\d+)?[eE]\+\d+", re.ASCII)
_WHOLE_NUMBER = re.compile(r"(-?\d+)\.0+")


def list_names(value: Any) -> list[str] | None:
    """Return the names in a value that is a list by its form; None where it is a string still to be split.

    Lists may come as JSON or as Python writes them, and as `{"choices": […]}` of Label Studio. A number is the name of
    its digits. What is no label (null, nan, 未标注, a formula) is no name.

    Raises:
        ValueError: when it is something else, with what that is.
    """
    if isinstance(value, str):
        parsed = _parse(value)
        if parsed is None:
            return [] if is_no_label(value) else None
        value = parsed
    if isinstance(value, dict) and set(value) == {"choices"}:
        value = value["choices"]
    if not isinstance(value, list | tuple | set):
        value = [value]
    if any(is_span(entry) for entry in value):
        raise ValueError(
            _(
                "the topics are {topics}: labels of stretches of a text; Tagger learns labels of whole texts",
                topics=_shown(value),
            )
        )
    names = [_name(entry) for entry in value]
    if None in names:
        raise ValueError(_("the topics are {topics}: they must be names, or a list of names", topics=_shown(value)))
    return [name for name in names if name and not is_no_label(name)]


def is_span(value: Any) -> bool:
    """Return whether an entry of a list of labels is a stretch of text, [start, end, label], as doccano writes it."""
    if isinstance(value, dict):
        return {"start_offset", "end_offset"} <= set(value) or {"start", "end"} <= set(value)
    return isinstance(value, list) and len(value) == 3 and isinstance(value[0], int) and isinstance(value[1], int)


def is_null(value: Any) -> bool:
    """Return whether a value is none: null, or NaN, which tables of pandas have in its place."""
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 - NaN differs from itself


def name_key(name: str) -> str:
    """Return what all spellings of a name have in common: no case, width, spaces, invisible signs, nor `.0`."""
    return _clean(unicodedata.normalize("NFKC", name).casefold()).replace(" ", "")


def is_no_label(name: str) -> bool:
    """Return whether a cell says that there is no label, or holds the formula of a spreadsheet."""
    plain = name.strip().casefold()
    return not plain or plain in _NO_LABEL or plain.startswith("=")


def is_no_text(text: str) -> bool:
    """Return whether a cell of texts holds nothing but what a program has written in the place of one."""
    return text.strip().casefold() in _NO_TEXT


def is_unlabelled(cell: str) -> bool:
    """Return whether a cell says that nobody has labelled its row."""
    return cell.strip().casefold() in _UNLABELLED


def is_none(cell: str) -> bool:
    """Return whether a cell says that its row has none of the topics."""
    return cell.strip() in _NONE


def find_separators(cells: Iterable[str]) -> tuple[str, ...]:
    """Return the signs that part several topics in a cell, beside the bars.

    A sign does where, in at least half of the cells that it parts, a part stands in another cell too, alone or beside
    other parts; `/` and the like only where each part is a whole cell somewhere.
    """
    distinct = {cell.strip() for cell in cells if cell.strip() and not _NUMBER.fullmatch(cell.strip())}
    found: list[str] = []
    for sign in (*_SIGNS, *_DOUBTFUL_SIGNS):
        parted = [set(_split(cell, sign)) for cell in distinct if sign in cell]
        parted = [parts for parts in parted if len(parts) > 1]
        whole = {part for cell in distinct if sign not in cell for part in split_names(cell, found)}
        beside = Counter(part for parts in parted for part in parts)
        if sign in _DOUBTFUL_SIGNS:
            is_separator = all(parts <= whole for parts in parted)
        else:
            known = sum(any(part in whole or beside[part] > 1 for part in parts) for parts in parted)
            is_separator = known >= len(parted) / 2
        if parted and is_separator:
            found.append(sign)
    return tuple(found)


def split_names(cell: str, separators: Sequence[str]) -> list[str]:
    """Split a cell into the names in it, at bars and the separators."""
    names = [cell]
    for sign in (*_BARS, *separators):
        names = [part for name in names for part in _split(name, sign)]
    return [name for name in names if not is_no_label(name)]


def one_spelling(names: Iterable[str]) -> dict[str, str]:
    """Return for each name the spelling to use: of those that differ by case, width or invisible signs the commonest.

    Of equally common ones the first is taken. `1.0` is `1`, which a spreadsheet has made of it.
    """
    counts = Counter(names)
    chosen: dict[str, str] = {}
    for name, _number in counts.most_common():
        chosen.setdefault(name_key(name), _clean(name))
    return {name: chosen[name_key(name)] for name in counts}


def _parse(cell: str) -> Any:
    """Read a list as JSON or Python writes it, or an object; None where it is neither."""
    text = cell.strip()
    if not text or text[0] + text[-1] not in ("[]", "{}", "()"):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, list | tuple | set | dict) else None


def _name(value: Any) -> str | None:
    """Return the name that an entry stands for, empty for none; None for what cannot be one."""
    if is_null(value):
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) and not isinstance(value, bool) else str(value)
    return None


def _split(cell: str, sign: str) -> list[str]:
    return [part.strip() for part in cell.split(sign) if part.strip()]


def _clean(name: str) -> str:
    visible = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    text = " ".join(visible.split())
    number = _WHOLE_NUMBER.fullmatch(text)
    return number[1] if number else text


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
