"""Options of reading × what the files are → an error where one of them would do nothing, before anything is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Literal

from tagger.errors import DataError, Problem
from tagger.formats.looking import find_form
from tagger.formats.opening import STANDARD_INPUT, open_stream
from tagger.formats.options import BINARY, FORMS, FileOptions, Form
from tagger.messages import N_, _

__all__ = ["Kind", "check_fitting", "check_kinds", "is_pipe"]

Kind = Form | Literal["folder", "words"]
"""What is read: a file of a form, a folder that has a text in each file, or words that are no file at all."""

_TEXTUAL = frozenset([*FORMS, "folder"]) - BINARY
# Option → what it is for, in words, and which kinds these are.
_FOR: Mapping[str, tuple[str, frozenset[str]]] = {
    "form": (N_("files"), frozenset(FORMS)),
    "encoding": (N_("files of text"), _TEXTUAL),
    "errors": (N_("files of text"), _TEXTUAL),
    "delimiter": (N_("tables such as CSV"), frozenset(["csv"])),
    "sheet": (N_("workbooks"), frozenset(["workbook"])),
    "fill_merged": (N_("workbooks"), frozenset(["workbook"])),
}
_RECORDS = N_("records"), frozenset(FORMS) - {"text"}
_KINDS: Mapping[Kind, str] = {
    "csv": N_("is a table of text"),
    "json": N_("is JSON"),
    "jsonl": N_("is JSON lines"),
    "workbook": N_("is a workbook"),
    "parquet": N_("is Parquet"),
    "arrow": N_("is Arrow"),
    "fasttext": N_("is lines of fastText"),
    "lines": N_("is a text on each line"),
    "text": N_("is a text"),
    "folder": N_("is a folder"),
    "words": N_("is text itself, no file"),
}


def check_fitting(
    names: Sequence[str], options: FileOptions, *, articles: bool = False, of_records: Sequence[str] = ()
) -> None:
    """Check that each option that was given does something for at least one of the files.

    What standard input or another pipe is, only reading tells: where one is among the names, nothing is checked. A file
    that cannot be read is passed over, as whoever reads it will say so.

    Args:
        names: files and folders that are read with the options.
        options: those that were given differ from the default.
        articles: as in `find_form`.
        of_records: other options that were given, by their flags, which are about the fields of records.

    Raises:
        DataError: when an option does nothing for any of them.
    """
    if any(map(is_pipe, names)):
        return
    asked = _asked(options, of_records)
    first: tuple[str, Kind] | None = None
    for name in names:
        if not asked:
            return
        kind = _kind_of(name, options, articles=articles)
        if kind is not None:
            first = first or (name, kind)
            asked = {flag: use for flag, use in asked.items() if kind not in use[1]}
    if asked and first is not None:
        raise _unfitting(*first, asked, number=len(names))


def is_pipe(name: str) -> bool:
    """Return whether an input can be read only once: standard input, or a pipe that has a name."""
    path = Path(name)
    return name == STANDARD_INPUT or (path.exists() and not path.is_file() and not path.is_dir())


def check_kinds(name: str, kind: Kind, options: FileOptions, *, of_records: Sequence[str] = ()) -> None:
    """Check that each option that was given does something for an input whose kind is known.

    Raises:
        DataError: when one does nothing.
    """
    asked = {flag: use for flag, use in _asked(options, of_records).items() if kind not in use[1]}
    if asked:
        raise _unfitting(name, kind, asked, number=1)


def _asked(options: FileOptions, of_records: Sequence[str]) -> dict[str, tuple[str, frozenset[str]]]:
    """Return the options that were given, by their flags, with what they are for."""
    given = [choice for choice in fields(FileOptions) if getattr(options, choice.name) != choice.default]
    asked = {choice.metadata.get("flag", f"--{choice.name.replace('_', '-')}"): _FOR[choice.name] for choice in given}
    return asked | dict.fromkeys(of_records, _RECORDS)


def _kind_of(name: str, options: FileOptions, *, articles: bool) -> Kind | None:
    if Path(name).is_dir():
        return "folder"
    try:
        with open_stream(name) as stream:
            return find_form(stream, options, articles=articles)
    except DataError:
        return None


def _unfitting(name: str, kind: Kind, asked: Mapping[str, tuple[str, frozenset[str]]], *, number: int) -> DataError:
    flag, (what, _kinds) = next(iter(asked.items()))
    if number > 1:
        text = N_("{kind}, {option} is for {what}, and none of the {number} inputs is such: leave {option} out")
    elif kind == "text":  # whatever has no structure that is known
        text = N_("{kind}, and {option} is for {what}: leave {option} out, or say by --form what it is")
    else:
        text = N_("{kind}, and {option} is for {what}: leave {option} out")
    return DataError(name, Problem(_(text, kind=_(_KINDS[kind]), option=flag, what=_(what), number=number)))
