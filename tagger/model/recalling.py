"""English sentences that a model stores → messages again, in the reader's language.

What is stored is English, whoever trained; who looks at the model may read another language. A sentence is read by the
templates that it can have been made from, its values too, down to what is data. It counts only where the message found
says in English, to the letter, what is stored; anything else stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Literal

from tagger.messages import N_, _, _n, english, joined

__all__ = ["KINDS", "Kind", "recall"]

Kind = Literal["read", "signature"]
Phrase = tuple[str, ...]

_CONFLICTS = (
    "with other topics than before ({lines}), kept as they are: settle on one, or give --several if each row has one "
    "of a text's topics"
)
# What a sentence or one of its values may be: templates, as they stand where they are said; two are one with a plural.
KINDS: Mapping[str, tuple[Phrase, ...]] = {
    "read": (
        ("Warning: {warning}",),
        ("titles and keywords of topics from {file}",),
        ("passed over: {number} {kind} ({lines})",),
        ("{examples} of {rows} in {files}; {topics}",),
        ("{examples} of {rows}; {topics}",),
        ("{rows} without a topic teach that a text may have none, {why}",),
        ("{rows} rows are {texts} texts: topics of one text are put together",),
        ("cells such as {cell!r} hold several topics, parted by {signs}; --separator chooses",),
        ("texts hold tags of HTML, from line {line} on: they are read as a browser shows them",),
        ("names that differ only by case, width, spaces or .0 are one topic: {variants}",),
        ("numbers of topics are lines of the list of classes beside the file, 0 being {name!r}",),
        ("if rows without a topic are about none of the topics, say so: --without-topic keep",),
        ("topics are taken from column {column!r}, by what stands in it; --topics-field takes another",),
        ("text is taken from column {column!r}, which holds the longest; --text-field takes another",),
        ("each of the columns {names} is a topic: 1 marks a row",),
        ("each of the columns {names} holds a topic of the text; --topics-field takes one of them",),
        ("lists of 0 and 1 in {column!r} mark topics, which have the numbers of their places, from 0 on",),
        ("texts are read from {column!r}, and not from {others}: --text-field chooses",),
        ("column {column!r} parts the rows into {parts}: all of them are read",),
        ("one object holds all records, in its field {field!r}",),
        ("one object holds a list for each column",),
        ("topics are read from {column!r}, not from {others}: --topics-field chooses",),
        ("columns without a name of their own are called {names}",),
        ("sheets that are not read: {sheets}; --sheet takes another",),
        ("cells are merged over several rows: --fill-merged fills all of them",),
        ("copies of texts, but for signs and spaces: {number} ({lines})",),
        ("documents that several files name are one each: {number} ({names}); rename them if they are not",),
        ("{file} beside it is not used, as it has none of these topics; --topics uses it all the same",),
        ("{file}: {what}; {columns}",),
        ("{file}: {what}",),
    ),
    "warning": (
        ("{what} (first on line {line})",),
        ("{empty} of {number} rows have no topic: if cells were merged in Excel, {remedy}",),
        ("rows stand sorted by topic within their documents: context is not learnt; keep the order of the articles",),
        (f"{{n}} text {_CONFLICTS}", f"{{n}} texts {_CONFLICTS}"),
        ("topics such as {name!r} are dates: a spreadsheet makes them of 1-2, unless cells are text",),
        ("topics of their own, as a remark stands behind the name: {names}; take out what is none",),
    ),
    "what": (
        (
            "read in a wrong encoding before, by the looks: {n} text",
            "read in a wrong encoding before, by the looks: {n} texts",
        ),
        ("U+FFFD where bytes were replaced: {n} text", "U+FFFD where bytes were replaced: {n} texts"),
        ("no word, but signs or digits: {n} text", "no word, but signs or digits: {n} texts"),
        ("{form}, {encoding}",),
        ("{form}, {detail}",),
        ("{form}, tasks of Label Studio",),
        ("workbook, sheet {sheet}",),
        ("a folder for each of {topics} topics, {files} files",),
        ("table",),
        ("JSON",),
        ("JSON lines",),
        ("Parquet",),
        ("Arrow",),
        ("lines of fastText",),
        ("a text on each line",),
        ("text",),
        ("records",),
        ("examples",),
        ("a table of Polars",),
        ("an Arrow table",),
        ("a table of pandas",),
    ),
    "detail": (("parted by {sign}, not quoted",), ("parted by {sign}",), ("{data}",)),
    "sign": (("comma",), ("tab",), ("semicolon",), ("bar",), ("{data}",)),
    "columns": (("{columns}, {column}",), ("{role} from {column!r}",)),
    "role": (("text",), ("topics",), ("document",), ("paragraph",)),
    "examples": (("{n} example", "{n} examples"),),
    "rows": (("{n} row", "{n} rows"), ("{number}",)),
    "files": (("{n} file", "{n} files"), ("{number}",)),
    "topics": (
        ("{topics}; without a topic {number} ({lines})",),
        ("{topics}: {counts}",),
        ("{n} topic", "{n} topics"),
        ("{number}",),
    ),
    "counts": (("{largest} … {smallest}",), ("{list}",)),
    "variants": (("{first}; {second}",), ("{name} (also {others})",)),
    "kind": (
        ("row without a text", "rows without a text"),
        ("row without a topic", "rows without a topic"),
        ("row that nobody has labelled", "rows that nobody has labelled"),
        ("header line among the rows", "header lines among the rows"),
        ("older annotation of a task", "older annotations of a task"),
        (
            "row of topics with one example, {names}; --rare keep learns them",
            "rows of topics with one example, {names}; --rare keep learns them",
        ),
    ),
    "lines": (
        ("line {lines} …", "lines {lines} …"),
        ("line {lines}", "lines {lines}"),
        ("line {places} …", "lines {places} …"),
        ("line {places}", "lines {places}"),
        ("{numbers}",),
    ),
    "why": (
        ("as other rows have several",),
        ("as there is one topic only",),
        ("as the column is named topics and many rows have none",),
        ("as asked for",),
    ),
    "remedy": (("give --fill-merged",), ("unmerge and fill them",)),
    "signature": (
        ("{signature}, {resamples} resamples",),
        ("tagger-zh {version}, data {data}, {settings}, {folds} folds by document",),
        ("tagger-zh {version}, data {data}, trained on {trained_on}, {settings}",),
    ),
}
_PLAIN = frozenset(["{data}", "{number}", "{numbers}", "{list}"])
# Values that are messages under another name than their kind's.
_ALSO = {
    "form": "what",
    "column": "columns",
    "largest": "list",
    "smallest": "list",
    "first": "variants",
    "second": "variants",
}
# What separates values that are lists: numbers of lines, or of how many examples topics have; settings; signs.
_LISTS = {"list": r"(?<=\d), ", "numbers": ", ", "places": ", ", "settings": ", ", "signs": " "}
_WORDS = {"exclusive": N_("exclusive"), "multi-label": N_("multi-label"), "space": N_("space")}
# What else values look like that are no messages.
_DATA = dict.fromkeys(["n", "number", "folds", "resamples", "empty", "line", "texts"], r"\d+") | {
    "encoding": r"[A-Z0-9_-]+",
    "numbers": r"[\d, ]+",
}
# Longer texts, or with more commas, are none of these sentences, and would take long.
_LONGEST, _COMMAS = 2000, 40
# Readings of one text that are followed: nearly all have one.
_READINGS = 4
_SLOT = re.compile(r"(\{\w+(?:!r)?\})")


def recall(text: str, kind: Kind) -> str:
    """Return a stored sentence as the message that it was, in the language used; as it is where that is not known."""
    if len(text) > _LONGEST or text.count(", ") > _COMMAS:
        return text
    return next((found for found in _Reader().read(text, kind) if english(found) == text), text)


class _Said(str):
    """Data of a message that stood there by its `repr`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class _Reader:
    """Reads a text by templates; each part of it once as each kind, so that no text takes long."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[str]] = {}

    def read(self, text: str, kind: str) -> list[str]:
        """Return the messages of a kind that a text may be."""
        if (text, kind) not in self._known:
            messages = (
                _message(phrase, number, values)
                for phrase in KINDS[kind]
                for number, template in enumerate(phrase, start=1)
                for values in self._values(text, _pieces(template))
            )
            self._known[text, kind] = [*islice(messages, _READINGS)]
        return self._known[text, kind]

    def _values(self, text: str, pieces: tuple[str, ...]) -> Iterator[dict[str, str]]:
        """Yield the values with which a template, in pieces, is a text."""
        literal, *rest = pieces
        if not text.startswith(literal):
            return
        text = text[len(literal) :]
        if not rest:
            if not text:
                yield {}
            return
        slot, *behind = rest
        name = slot.strip("{}").removesuffix("!r")
        for end in _ends(text, behind):
            for value in self._value(text[:end], name, quoted=slot.endswith("!r}")):
                for others in self._values(text[end:], tuple(behind)):
                    yield {name: value, **others}

    def _value(self, text: str, name: str, *, quoted: bool) -> Iterable[str]:
        kind = _ALSO.get(name, name)
        if quoted:
            return [_Said(text)] if text[:1] == text[-1:] and text[:1] in ("'", '"') else []
        if kind in _LISTS and re.fullmatch(_DATA.get(kind, ".+"), text):
            parts = [_(_WORDS[part]) if part in _WORDS else part for part in re.split(_LISTS[kind], text)]
            return [joined(parts, "{first} {second}") if kind == "signs" else joined(parts)]
        if kind in KINDS:
            return self.read(text, kind)
        return [text] if re.fullmatch(_DATA.get(name, ".+"), text, re.DOTALL) else []


@cache
def _pieces(template: str) -> tuple[str, ...]:
    """Cut a template into literals and slots, in turn."""
    return tuple(_SLOT.split(template))


def _message(phrase: Phrase, number: int, values: dict[str, str]) -> str:
    if phrase[0] in _PLAIN:
        return next(iter(values.values()))
    if len(phrase) == 1:
        return _(phrase[0], **values)
    # A message of one is told from that of several by its number, which some do not name.
    one, several = phrase
    return _n(one, several, int(values.pop("n", number)), **values)


def _ends(text: str, behind: list[str]) -> list[int]:
    """Return where a value may end that others come behind."""
    if behind == [""]:
        return [len(text)]
    return [found.start() for found in re.finditer(re.escape(behind[0]), text)]
