"""How a file is read where looking into it is not to decide: the same options for every command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from tagger.errors import SettingsError
from tagger.messages import _, joined
from tagger.text.decoding import Errors

__all__ = ["BINARY", "FORMS", "FileOptions", "Form"]

Form = Literal["csv", "json", "jsonl", "workbook", "parquet", "arrow", "fasttext", "lines", "text"]
"""What a file is: "csv" is any table of delimited text, "json" an array or objects over several lines, "jsonl" JSON
lines, "workbook" a spreadsheet of Excel or OpenDocument, "lines" a text on each line, "text" one article."""
FORMS: tuple[Form, ...] = get_args(Form)
BINARY: frozenset[Form] = frozenset(["workbook", "parquet", "arrow"])
"""Those that are no text, and so have no encoding."""


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """How files are read; what is None is found by looking into the file.

    Attributes:
        form: what the files are, one of `FORMS`.
        encoding: of text in them, such as "gb18030".
        errors: "strict" refuses bytes that are no text in the encoding, "replace" puts U+FFFD there.
        delimiter: what parts the cells of a row; "tab" is a tab.
        sheet: the name of a workbook's sheet, or its number from 1; the first sheet where None.
        fill_merged: fill cells that are merged in a workbook, all of them, with what the first of them holds.

    Raises:
        SettingsError: when a value is none of those that there are.
    """

    form: Form | None = field(
        default=None, metadata={"help": f"What the files are: {', '.join(FORMS)}.  [default: found by looking]"}
    )
    encoding: str | None = field(
        default=None, metadata={"help": "Encoding of text.  [default: UTF-8, UTF-16, GB18030 or Big5, as it fits]"}
    )
    errors: Errors = field(
        default="strict",
        metadata={
            "help": "What to do with bytes that are no text: strict or replace (by U+FFFD).",
            "flag": "--encoding-errors",
        },
    )
    delimiter: str | None = field(
        default=None, metadata={"help": "What parts the cells of a row, such as ';' or tab.  [default: found]"}
    )
    sheet: str | None = field(
        default=None, metadata={"help": "Name or number of a workbook's sheet.  [default: the first]"}
    )
    fill_merged: bool = field(default=False, metadata={"help": "Fill all cells that are merged in a workbook."})

    def __post_init__(self) -> None:
        if self.form is not None and self.form not in FORMS:
            raise SettingsError(
                _("{name} is {value!r}: it must be one of {values}", name="form", value=self.form, values=joined(FORMS))
            )
        if self.encoding is not None:
            try:
                b"a".decode(self.encoding, "replace")
            except (LookupError, ValueError):
                raise SettingsError(
                    _("encoding is {value!r}, which is unknown: give one such as gb18030 or big5", value=self.encoding)
                ) from None
        if self.errors not in get_args(Errors):
            raise SettingsError(_("errors is {value!r}: it must be strict or replace", value=self.errors))
        if self.delimiter is not None and len(self.delimiter) != 1:
            if self.delimiter not in {"tab", "\\t"}:
                raise SettingsError(_("delimiter is {value!r}: it must be one character, or tab", value=self.delimiter))
            object.__setattr__(self, "delimiter", "\t")
        if self.delimiter in {"\n", "\r", '"'}:
            raise SettingsError(
                _("delimiter is {value!r}: rows end and cells are quoted by that", value=self.delimiter)
            )
