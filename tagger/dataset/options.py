"""How labels are read: which columns, and what is done with rows that are doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from tagger.errors import SettingsError
from tagger.formats.options import FileOptions
from tagger.messages import _

__all__ = ["LabelOptions"]

Rule = Literal["keep", "drop", "stop"]


@dataclass(frozen=True, kw_only=True)
class LabelOptions(FileOptions):
    """How label files are read; what is None is found by looking into the file.

    Attributes:
        text_field: the column that holds the text; `a.b` is the field b of an object a.
        topics_field: the column that holds the topics.
        document_field: the column that says which paragraphs are of one article.
        separator: what stands between several topics in one cell, beside `|`.
        without_topic: what is done with rows without a topic: "keep" teaches that such a text has none of them, "drop"
            passes them over, "stop" is an error. None keeps them where the other rows show that a text may have none.
        rare: what is done with a topic that has a single example: "drop" leaves it out, "keep" learns it all the same.
        several: read one text in several rows as one text with several topics.
        keep_conflicts: say nothing about texts that occur several times with different topics; they are kept anyway.
        strict: stop at whatever is doubtful instead of saying it and going on.

    Raises:
        SettingsError: when a value is none of those that there are.
    """

    text_field: str | None = field(
        default=None, metadata={"help": "Column with the text; a.b is a field in an object.  [default: by its name]"}
    )
    topics_field: str | None = field(default=None, metadata={"help": "Column with the topics.  [default: by its name]"})
    document_field: str | None = field(
        default=None, metadata={"help": "Column that says which rows are one article.  [default: by its name]"}
    )
    separator: str | None = field(
        default=None, metadata={"help": "What stands between several topics in a cell.  [default: | and found]"}
    )
    without_topic: Rule | None = field(
        default=None,
        metadata={
            "help": "Rows without a topic: keep (they have none of them), drop or stop.  [default: by the other rows]"
        },
    )
    rare: Rule = field(default="drop", metadata={"help": "Topics with one example: keep, drop or stop."})
    several: bool = field(
        default=False, metadata={"help": "Read one text in several rows as one text with several topics."}
    )
    keep_conflicts: bool = field(
        default=False, metadata={"help": "Do not warn of texts that occur with different topics."}
    )
    strict: bool = field(default=False, metadata={"help": "Stop at whatever is doubtful."})

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in (("without_topic", self.without_topic), ("rare", self.rare)):
            if value is not None and value not in get_args(Rule):
                raise SettingsError(_("{name} is {value!r}: it must be keep, drop or stop", name=name, value=value))
        if self.text_field is not None and self.text_field == self.topics_field:
            raise SettingsError(
                _("text_field and topics_field are both {name!r}: name two columns", name=self.text_field)
            )
        if self.separator is not None and not self.separator:
            raise SettingsError(_("separator is empty: give the sign that stands between topics"))
