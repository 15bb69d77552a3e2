"""Files of any form → texts without labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tagger.dataset.options import LabelOptions
from tagger.dataset.sources import is_hidden
from tagger.errors import DataError, Problem
from tagger.formats import Broken, Record, open_source
from tagger.formats.columns import DOCUMENT_NAMES, TEXT_NAMES, find_field, flatten
from tagger.formats.records import lookup
from tagger.messages import _, joined
from tagger.records import Example
from tagger.text import normalise, read_text

__all__ = ["fresh_texts", "read_pool", "read_unlabelled"]


def read_unlabelled(path: str | Path, options: LabelOptions | None = None) -> tuple[str, ...]:
    """Read the texts of a file of any form, or of a folder of text files, in order; other fields are passed over.

    Blank texts are passed over too. What it raises, `read_pool` says.
    """
    return tuple(text.text for text in read_pool(path, options))


def read_pool(path: str | Path, options: LabelOptions | None = None) -> tuple[Example, ...]:
    """Read texts as `read_unlabelled` does, and where each comes from: examples without topics.

    Their document is that which a record names, or the file in a folder.

    Raises:
        DecodeError: when the file is no text.
        DataError: when it cannot be read, or which field is the text cannot be told.
    """
    options = options or LabelOptions()
    if Path(path).is_dir():
        files = [file for file in sorted(Path(path).rglob("*")) if file.is_file() and not is_hidden(file, Path(path))]
        read = (
            Example(read_text(file, encoding=options.encoding, errors=options.errors), (), str(file.relative_to(path)))
            for file in files
        )
        return tuple(example for example in read if example.text.strip())
    with open_source(str(path), options, wanted=[options.text_field]) as source:
        items = list(source.records)
    records = [item for item in items if isinstance(item, Record)]
    names = [*source.header] or [*dict.fromkeys(name for record in records[:100] for name in flatten(record.fields))]
    name = find_field(names, options.text_field, TEXT_NAMES) or (names[0] if len(names) == 1 else None)
    problems = [Problem(item.reason, item.line) for item in items if isinstance(item, Broken)]
    if not items:
        problems = [Problem(_('is empty: write one {{"text": …}} on each line'))]
    elif name is None:
        found = joined(map(repr, names)) or _("none")
        problems.append(Problem(_("has no column 'text'; found: {found}; --text-field says which it is", found=found)))
    if name is not None:
        problems += [problem for record in records if (problem := _problem(record, name))]
    if problems:
        raise DataError(str(path), *sorted(problems, key=lambda problem: problem.line or 0))
    document = find_field([other for other in names if other != name], options.document_field, DOCUMENT_NAMES)
    return tuple(
        Example(text, (), _document(record, document), line=record.line)
        for record in records
        if (text := lookup(record.fields, str(name))) is not None and text.strip()
    )


def _document(record: Record, name: str | None) -> str | None:
    found = lookup(record.fields, name) if name is not None else None
    return None if found in (None, "") else str(found)


def _problem(record: Record, name: str) -> Problem | None:
    """Return what is wrong with a record: no field of that name, or no string in it; null is a blank text."""
    text = lookup(record.fields, name)
    if isinstance(text, str) or (text is None and (name in record.fields or "." in name)):
        return None
    if text is None:
        found = joined(map(repr, record.fields)) or _("none")
        return Problem(_("has no field {field!r}; found: {found}", field=name, found=found), record.line)
    return Problem(_("the text is {text!r:.60}: it must be a string", text=text), record.line)


def fresh_texts(texts: Sequence[str], examples: Sequence[Example]) -> tuple[str, ...]:
    """Leave out texts that are among the examples or came before, and blank ones: they tell nothing new."""
    seen = {"", *(normalise(example.text).strip() for example in examples)}
    fresh = []
    for text in texts:
        key = normalise(text).strip()
        if key not in seen:
            seen.add(key)
            fresh.append(text)
    return tuple(fresh)
