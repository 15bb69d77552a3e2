"""Inputs → chunks of whole lines: files, folders, patterns and standard input, of any form and compression.

Where a chunk ends depends on the bytes alone, so that a resumed run cuts as the one before it did. Only where someone
waits for each record is a pipe cut where it pauses.
"""

from __future__ import annotations

import hashlib
import io
import os
import select
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from glob import glob
from itertools import islice
from pathlib import Path
from typing import Any

from tagger.batch.chunks import Chunk, Lines, LongLine, Pause, TextFile, Texts, UnreadableFile
from tagger.batch.lines import HEAD
from tagger.batch.options import RunOptions
from tagger.batch.record import DEFAULT_FIELDS, Fields
from tagger.batch.tables import RecordLines
from tagger.errors import DataError, Problem
from tagger.formats import STANDARD_INPUT, Broken, Form, Record, read_source
from tagger.formats.columns import TEXT_NAMES, find_field, flatten
from tagger.formats.fitting import check_kinds, is_pipe
from tagger.formats.json_values import read_json_lines
from tagger.formats.looking import find_form, head_text
from tagger.formats.opening import Stream, ending_of, open_stream
from tagger.formats.records import lookup
from tagger.formats.source import encoding_of
from tagger.messages import N_, Message, _, joined

__all__ = ["JSON_LINES", "OTHER_ENDINGS", "find_inputs", "input_size", "list_passed_over", "read_chunks"]

JSON_LINES = frozenset([".jsonl", ".ndjson"])
# What only other programs can write, or read.
OTHER_ENDINGS = frozenset([".doc", ".docx", ".pdf", ".ppt", ".pptx", ".wps"])
# Files of a folder that are articles; where there are none, those that hold records are taken.
_ARTICLES = frozenset([".htm", ".html", ".txt"])
_RECORDS = frozenset([".csv", ".jl", ".json", ".jsonl", ".jsonlines", ".ndjson", ".parquet", ".tsv", ".xls", ".xlsx"])
_NOT_LOOKED_INTO = N_(
    "is a link to a folder, or one that may not be read: name the folder itself, or change its permissions"
)
_AND_THEN = N_("{first}; {second}")
# What begins so is hidden, or locks a document that Office has open.
_HIDDEN = (".", "~$")
# Records looked at to see which field holds the text.
_SAMPLE = 50
# Seconds without a byte after which what has come through a pipe is tagged: too short to notice, and longer than the
# pauses of a program that has more to write.
_PAUSE = 0.1


def find_inputs(names: Iterable[str]) -> tuple[str, ...]:
    """List the files that names mean, each once: files, `-`, folders, of which hidden files are left out, and patterns.

    Raises:
        DataError: when a name means no file, or one that only another program can read.
    """
    found = tuple(dict.fromkeys(found for name in names for found in _find(name)))
    for name in found:
        if ending_of(name) in OTHER_ENDINGS and not Path(name).is_dir():
            raise DataError(
                name, Problem(_("is neither text, JSON lines nor a table: save it as .txt, .jsonl or .csv"))
            )
    return found


def input_size(name: str) -> int | None:
    """Return the size of an input in bytes, as it is stored; None for a pipe."""
    path = Path(name)
    return path.stat().st_size if name != STANDARD_INPUT and path.is_file() else None


def read_chunks(
    inputs: Sequence[str],
    options: RunOptions,
    fields: Fields = DEFAULT_FIELDS,
    *,
    live: bool = False,
    told: Callable[[str], object] | None = None,
) -> Iterator[Chunk | Pause]:
    """Read the inputs in order, a chunk at a time; with a `Pause` wherever a pipe pauses, if somebody is `live`.

    `told` is called with a sentence about each input of records that is not as expected: what it is, and which field
    holds the text.

    Raises:
        DataError: when records cannot be read, or their compressed data is damaged.
    """
    tape = _Tape()
    for name in inputs:
        if name != STANDARD_INPUT and Path(name).is_dir():
            tape.add(UnreadableFile(name, _(_NOT_LOOKED_INTO)))
            continue
        try:
            with open_stream(name) as stream:
                form = find_form(stream, options, articles=True)
                _check_pipe(inputs, form, options, fields)
                if form == "text":
                    tape.add(TextFile(name, stream.read(options.max_line_bytes + 1)))
                else:
                    if tape.waiting:
                        yield tape.texts()
                    records = _Records(stream, form, options, fields)
                    if told is not None and not records.plain:
                        told(records.sentence())
                    yield from _read_records(records, tape, options, live=live)
        except DataError as error:
            if name == STANDARD_INPUT or ending_of(name) not in _ARTICLES:
                raise
            tape.add(UnreadableFile(name, error.problems[0].message))
        if tape.waiting >= options.chunk_bytes:
            yield tape.texts()
    if tape.waiting:
        yield tape.texts()


def _check_pipe(inputs: Sequence[str], form: Form, options: RunOptions, fields: Fields) -> None:
    """Check what nobody can before it is read, if it is all that is read."""
    if len(inputs) == 1 and is_pipe(inputs[0]):
        check_kinds(inputs[0], form, options, of_records=fields.of_records)


def _read_records(records: _Records, tape: _Tape, options: RunOptions, *, live: bool) -> Iterator[Chunk | Pause]:
    for part in _cut_lines(records, options, pausing=live and records.may_pause):
        yield part if isinstance(part, Pause) else tape.lines(records, part)
    tape.end(records.name)


class _Records:
    """An open input of records, as lines: those of the file itself, or one for each row of another form.

    Attributes:
        name: the name, as the user gave it.
        plain: whether it is what is expected: JSON lines in UTF-8, with the field asked for.
        text_field: the field that holds the text.
        numbered: whether the lines have their numbers in front.
        lines_of_text: whether they are no JSON but the texts themselves.
        may_pause: whether it can be asked if more has come.
    """

    def __init__(self, stream: Stream, form: Form, options: RunOptions, fields: Fields) -> None:
        self.name = stream.name
        self._stream = stream
        encoding = options.encoding or encoding_of(stream, form)
        as_it_is = encoding == "utf-8" and options.errors == "strict"
        self.lines_of_text = form == "lines" and as_it_is
        self.numbered = not (form in ("jsonl", "lines") and as_it_is)
        self.may_pause = stream.may_pause and not self.numbered
        if self.numbered:
            wanted = [fields.text, fields.title]
            source = read_source(stream, form, options, wanted=wanted, limit=options.max_line_bytes)
            first = list(islice(source.records, _SAMPLE))
            names = [*source.header] or _names(first)
            self.text_field = _choose_text(names, first, fields)
            self._lines = RecordLines(first, source.records, self.text_field)
            self._about, encoding, self._notes = source.about, source.encoding, source.notes
        elif self.lines_of_text:
            names = [fields.text]
            self.text_field = fields.text
            self._about, self._notes = _("a text on each line"), ()
        else:
            sample = list(islice(read_json_lines(io.StringIO(head_text(stream, options))), _SAMPLE))
            names = _names(sample)
            self.text_field = _choose_text(names, sample, fields)
            self._about, self._notes = _("JSON lines"), ()
        self._encoding = encoding
        self.plain = not self.numbered and self.text_field == fields.text
        is_file = self.numbered or stream.position() is not None  # of a pipe only a little was seen
        if fields.title is not None and names and is_file and find_field(names, fields.title, ()) is None:
            raise DataError(
                self.name,
                Problem(
                    _(
                        "has no field {field!r} for the title; found: {found}",
                        field=fields.title,
                        found=joined(names),
                    )
                ),
            )

    def sentence(self) -> str:
        """Return what it is, and where the text is found."""
        what = self._about
        if self._encoding:
            what = _("{form}, {encoding}", form=what, encoding=self._encoding.upper())
        said = _("{file}: {what}; text from {field!r}", file=self.name, what=what, field=self.text_field)
        return joined([said, *self._notes], _AND_THEN)

    def broken(self) -> dict[int, str]:
        """Return why lines that were read since the last time are no records, by their numbers."""
        return self._lines.broken() if self.numbered else {}

    def read(self, size: int) -> bytes:
        """Return the next bytes of lines, some more than asked for where a row is longer."""
        return self._lines.read(size) if self.numbered else self._stream.read(size)

    def read_until_pause(self, size: int) -> bytes:
        """Return what is there, up to the size, and wait for the first byte only."""
        file = self._stream.file
        data = file.read1(size)
        while 0 < len(data) < size and select.select([file], [], [], _PAUSE)[0]:
            more = file.read1(size - len(data))
            if not more:
                break
            data += more
        return bytes(data)

    def position(self) -> int | None:
        """Return how far the input was read, in bytes on disk; None for a pipe."""
        return self._stream.position()


def _names(records: Iterable[Any]) -> list[str]:
    """Return the names of the fields that records have, in order of first occurrence."""
    return [*dict.fromkeys(name for record in records if isinstance(record, Record) for name in flatten(record.fields))]


def _choose_text(names: Sequence[str], sample: Sequence[Record | Broken], fields: Fields) -> str:
    """Return the field to read: the one asked for; one with a usual name where no record has the default."""
    found = find_field(names, fields.text, ())
    if found is None and fields.text == DEFAULT_FIELDS.text:
        found = find_field([name for name in names if name not in fields.gained], None, TEXT_NAMES)
        if found is None and len(names) == 1 and any(_holds_string(record, names[0]) for record in sample):
            found = names[0]
    return found or fields.text


def _holds_string(record: Record | Broken, name: str) -> bool:
    return isinstance(record, Record) and isinstance(lookup(record.fields, name), str)


class _Tape:
    """Numbers the chunks, and keeps the digest of all that was read and the position where it ends.

    Text files wait until they make a chunk together; `waiting` is the number of their bytes, names included.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self._texts: list[TextFile | UnreadableFile] = []
        self._number = 0
        self._ended = 0
        self._read = 0
        # As fast as a disk; it guards against mistakes only.
        self._digest = hashlib.blake2b(digest_size=16)

    def lines(self, records: _Records, content: Lines | LongLine) -> Chunk:
        """Number the next lines of an input."""
        data, length = (content.data, 0) if isinstance(content, Lines) else (content.head, content.length)
        self._digest.update(data)
        self._digest.update(b"%d\n" % length)
        self._read += length or len(data)
        position = records.position()
        end = self._ended + (self._read if position is None else position)
        return self._chunk(records.name, content, end, records.text_field)

    def add(self, text: TextFile | UnreadableFile) -> None:
        """Keep a text file for the next chunk of texts."""
        self._texts.append(text)
        self.waiting += len(text.name) + len(_bytes_of(text))

    def texts(self) -> Chunk:
        """Number the text files that were kept, as one chunk."""
        texts, self._texts, self.waiting = self._texts, [], 0
        for text in texts:
            data = _bytes_of(text)
            self._digest.update(b"%d\n" % len(data))
            self._digest.update(data)
            self.end(text.name)
        return self._chunk(texts[0].name, Texts(tuple(texts)), self._ended)

    def end(self, name: str) -> None:
        """Note that an input was read to its end."""
        size = input_size(name)
        self._ended += self._read if size is None else size
        self._read = 0

    def _chunk(
        self, source: str, content: Lines | LongLine | Texts, position: int, text_field: str = DEFAULT_FIELDS.text
    ) -> Chunk:
        self._number += 1
        return Chunk(
            source=source,
            content=content,
            text_field=text_field,
            number=self._number,
            digest=self._digest.hexdigest(),
            position=position,
        )


def _bytes_of(text: TextFile | UnreadableFile) -> bytes:
    return text.data if isinstance(text, TextFile) else b""


def _cut_lines(records: _Records, options: RunOptions, *, pausing: bool) -> Iterator[Lines | LongLine | Pause]:
    line, begun, over = 1, b"", 0
    read = records.read_until_pause if pausing else records.read
    while piece := read(options.chunk_bytes):
        short = len(piece) < options.chunk_bytes
        if over:
            end = piece.find(b"\n")
            rest = piece if end < 0 else piece[:end]
            begun, over = (begun + rest)[:HEAD], over + len(rest)
            if end < 0:
                continue
            yield LongLine(line, begun, over)
            line, begun, over, piece = line + 1, b"", 0, piece[end + 1 :]
        cut = piece.rfind(b"\n") + 1
        if cut:
            lines = begun + piece[:cut]
            yield Lines(line, lines, records.numbered, records.lines_of_text, records.broken())
            line += lines.count(b"\n")
            begun = b""
        begun += piece[cut:]
        if len(begun) > options.max_line_bytes:
            begun, over = begun[:HEAD], len(begun)
        if pausing and short:
            yield Pause()
    if begun:
        yield LongLine(line, begun, over) if over else Lines(line, begun, records.numbered, records.lines_of_text)


def _find(name: str) -> Iterator[str]:
    path = Path(name)
    if name == STANDARD_INPUT or (path.exists() and not path.is_dir()):
        yield name
    elif path.is_dir():
        yield from map(str, _files_of(path))
    elif any(sign in name for sign in "*?["):
        matches = sorted(glob(name, recursive=True))  # noqa: PTH207 - pathlib knows no patterns from the root
        if not matches:
            raise DataError(name, Problem(_("matches no file; check the pattern")))
        for match in matches:
            yield from _find(match)
    else:
        raise DataError(name, Problem(_("there is no such file or folder; check the path")))


def list_passed_over(names: Iterable[str]) -> Iterator[Message]:
    """Yield a sentence about each folder with files that are not tagged: how many of each ending, hidden ones aside."""
    for name in dict.fromkeys(names):
        if name != STANDARD_INPUT and Path(name).is_dir():
            taken = set(_files_of(Path(name)))
            others = Counter(path.suffix.lower() or path.name for path in _walk(Path(name))[0] if path not in taken)
            if others:
                files = joined(_("{n} {ending}", n=n, ending=ending) for ending, n in sorted(others.items()))
                yield _("{folder}: passed over: {files}", folder=name, files=files)


def _files_of(folder: Path) -> list[Path]:
    """Return the articles in a folder and those in it, or the files of records where there are none.

    Folders that are not looked into, links and those that may not be read, come with them, to be rejected in turn.
    """
    found, closed = _walk(folder)
    for endings in (_ARTICLES, _RECORDS):
        if files_of_form := [path for path in found if ending_of(path.name) in endings]:
            return sorted([*files_of_form, *closed])
    if closed:
        return sorted(closed)
    raise DataError(
        str(folder),
        Problem(
            _(
                "holds no .txt or .html file, and none of records such as .jsonl or .csv; name files to tag, or a "
                "pattern such as 'DIR/*.log'"
            )
        ),
    )


def _walk(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files in a folder and those in it, and the folders that are not looked into; no hidden ones."""
    found: list[Path] = []
    closed: list[Path] = []
    for place, folders, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith(_HIDDEN))
        closed.extend(Path(place, name) for name in folders if Path(place, name).is_symlink())
        found += [Path(place, name) for name in files if not name.startswith(_HIDDEN) and Path(place, name).is_file()]
    return found, closed
