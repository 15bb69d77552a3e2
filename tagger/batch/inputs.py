"""Inputs → chunks of whole lines: files, folders, patterns and standard input; plain, gzip or Zstandard.

Where a chunk ends depends on the bytes alone, so that a resumed run cuts as the one before it did. Only where someone
waits for each record is a pipe cut where it pauses.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import select
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from typing import Any

from tagger.batch.chunks import HEAD, Chunk, Lines, LongLine, Pause, TextFile, Texts, UnreadableFile, zstandard
from tagger.batch.options import RunOptions
from tagger.batch.tables import TABLES, open_csv, open_parquet
from tagger.errors import DataError, Problem

__all__ = ["JSON_LINES", "OTHER_ENDINGS", "STANDARD_INPUT", "ending_of", "find_inputs", "input_size", "read_chunks"]

STANDARD_INPUT = "-"
JSON_LINES = frozenset([".jsonl", ".ndjson"])
OTHER_ENDINGS = frozenset([".doc", ".docx", ".json", ".pdf", ".tsv", ".xls", ".xlsx"])
_GZIP, _ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PEEK = 4096  # bytes: enough to see past blank lines to the first brace, and no more than a buffer holds
# Seconds without a byte after which what has come through a pipe is tagged: too short to notice, and longer than the
# pauses of a program that has more to write.
_PAUSE = 0.1


def find_inputs(names: Iterable[str]) -> tuple[str, ...]:
    """List the files that names mean, each once: files, `-`, folders with .txt files in them, and patterns.

    Raises:
        DataError: when a name means no file, or one that is neither text, JSON lines nor a table.
    """
    found = tuple(dict.fromkeys(found for name in names for found in _find(name)))
    for name in found:
        if ending_of(name) in OTHER_ENDINGS and not Path(name).is_dir():
            raise DataError(name, Problem("is neither text, JSON lines nor a table: save it as .txt, .jsonl or .csv"))
    return found


def input_size(name: str) -> int | None:
    """Return the size of an input in bytes, as it is stored; None for a pipe."""
    path = Path(name)
    return path.stat().st_size if name != STANDARD_INPUT and path.is_file() else None


def ending_of(name: str) -> str:
    """Return the ending that says what is in a file; the ending of a compression does not count."""
    path = Path(name.lower())
    return Path(path.stem).suffix if path.suffix in {".gz", ".zst"} else path.suffix


def read_chunks(inputs: Sequence[str], options: RunOptions, *, live: bool = False) -> Iterator[Chunk | Pause]:
    """Read the inputs in order, a chunk at a time; with a `Pause` wherever a pipe pauses, if somebody is `live`.

    Raises:
        DataError: when JSON lines cannot be read, or their compressed data is damaged.
    """
    tape = _Tape()
    for name in inputs:
        if _is_text(name):
            tape.add(_read_text(name, options))
            if tape.waiting >= options.chunk_bytes:
                yield tape.texts()
        else:
            if tape.waiting:
                yield tape.texts()
            yield from _read_records(name, tape, options, live=live)
    if tape.waiting:
        yield tape.texts()


def _read_records(name: str, tape: _Tape, options: RunOptions, *, live: bool) -> Iterator[Chunk | Pause]:
    """Read JSON lines or a table; or what standard input holds, if that is one text."""
    with _opened(name) as plain:
        stream = _as_lines(plain, options)
        if name == STANDARD_INPUT and not _holds_json_lines(stream):
            tape.add(TextFile(name, _read(stream, options.max_line_bytes + 1)))
            return
        for part in _cut_lines(stream, options, pausing=live and stream.may_pause):
            yield part if isinstance(part, Pause) else tape.lines(name, part, stream)
    tape.end(name)


def _is_text(name: str) -> bool:
    """Whether an input is one text, by its name; what standard input holds is seen when it is read."""
    return name != STANDARD_INPUT and (ending_of(name) not in JSON_LINES | TABLES or Path(name).is_dir())


@dataclass(frozen=True)
class _Stream:
    """An input that is open: `file` gives its bytes, `stored` those it has on disk, which are fewer if compressed."""

    name: str
    file: Any
    stored: Any
    damage: tuple[type[Exception], ...] = (OSError,)

    @property
    def may_pause(self) -> bool:
        """Whether it can be asked if more has come: any open file that is not compressed, except on Windows."""
        try:
            return self.file is self.stored and self.file.fileno() >= 0 and sys.platform != "win32"
        except OSError:
            return False

    def position(self) -> int | None:
        """Return how far it was read, in bytes on disk; None for a pipe."""
        try:
            return int(self.stored.tell())
        except OSError:
            return None


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

    def lines(self, name: str, content: Lines | LongLine, stream: _Stream) -> Chunk:
        """Number the next lines of an input."""
        data, length = (content.data, 0) if isinstance(content, Lines) else (content.head, content.length)
        self._digest.update(data)
        self._digest.update(b"%d\n" % length)
        self._read += length or len(data)
        position = stream.position()
        return self._chunk(name, content, self._ended + (self._read if position is None else position))

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

    def _chunk(self, source: str, content: Lines | LongLine | Texts, position: int) -> Chunk:
        self._number += 1
        return Chunk(
            source=source, content=content, number=self._number, digest=self._digest.hexdigest(), position=position
        )


def _bytes_of(text: TextFile | UnreadableFile) -> bytes:
    return text.data if isinstance(text, TextFile) else b""


def _as_lines(stream: _Stream, options: RunOptions) -> _Stream:
    """Read a table as lines."""
    ending = ending_of(stream.name)
    if ending == ".csv":
        lines = open_csv(stream.name, stream.file, encoding=options.encoding, limit=options.max_line_bytes)
    elif ending == ".parquet":
        lines = open_parquet(stream.file)
    else:
        return stream
    return replace(stream, file=lines, damage=(*stream.damage, ValueError, csv.Error))


def _cut_lines(stream: _Stream, options: RunOptions, *, pausing: bool) -> Iterator[Lines | LongLine | Pause]:
    line, begun, over = 1, b"", 0
    read = _read_until_pause if pausing else _read
    while piece := read(stream, options.chunk_bytes):
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
            yield Lines(line, lines)
            line += lines.count(b"\n")
            begun = b""
        begun += piece[cut:]
        if len(begun) > options.max_line_bytes:
            begun, over = begun[:HEAD], len(begun)
        if pausing and short:
            yield Pause()
    if begun:
        yield LongLine(line, begun, over) if over else Lines(line, begun)


def _read(stream: _Stream, size: int) -> bytes:
    try:
        data: bytes = stream.file.read(size)
    except stream.damage as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(stream.name, Problem(f"cannot be read to its end ({reason}): restore the file")) from error
    return data


def _read_until_pause(stream: _Stream, size: int) -> bytes:
    """Read what is there, up to the size, and wait for the first byte only."""
    data = stream.file.read1(size)
    while 0 < len(data) < size and select.select([stream.file], [], [], _PAUSE)[0]:
        more = stream.file.read1(size - len(data))
        if not more:
            break
        data += more
    return bytes(data)


def _read_text(name: str, options: RunOptions) -> TextFile | UnreadableFile:
    if Path(name).is_dir():
        reason = "is a link to a folder, or one that may not be read: name the folder itself, or change its permissions"
        return UnreadableFile(name, f"{name}: {reason}")
    try:
        with _opened(name) as stream:
            return TextFile(name, _read(stream, options.max_line_bytes + 1))
    except DataError as error:
        return UnreadableFile(name, str(error))


@contextmanager
def _opened(name: str) -> Iterator[_Stream]:
    if name == STANDARD_INPUT:
        # A stand-in for a file, as in tests, may have no `peek`.
        stdin: Any = sys.stdin.buffer
        yield _uncompressed(name, stdin if hasattr(stdin, "peek") else io.BufferedReader(stdin))
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; the error is about opening alone
    except OSError as error:
        raise DataError(name, Problem(f"cannot be read: {error.strerror}; check the path")) from error
    with file:
        yield _uncompressed(name, file)


def _uncompressed(name: str, file: Any) -> _Stream:
    """Uncompress what begins as compressed data does, whatever its name says."""
    try:
        head = file.peek(_PEEK)
    except OSError as error:
        raise DataError(name, Problem(f"cannot be read: {error.strerror}; check the path")) from error
    if head.startswith(_GZIP):
        return _Stream(name, gzip.GzipFile(fileobj=file), file, (OSError, EOFError, zlib.error))
    if head.startswith(_ZSTANDARD):
        zstd = zstandard()
        return _Stream(name, zstd.ZstdFile(file), file, (OSError, EOFError, zstd.ZstdError))
    return _Stream(name, file, file)


def _holds_json_lines(stream: _Stream) -> bool:
    try:
        head: bytes = stream.file.peek(_PEEK)
    except stream.damage as error:
        raise DataError(stream.name, Problem(f"cannot be read ({error}): restore the data")) from error
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _find(name: str) -> Iterator[str]:
    path = Path(name)
    if name == STANDARD_INPUT or (path.exists() and not path.is_dir()):
        yield name
    elif path.is_dir():
        texts = sorted(_walk(path))
        if not texts:
            raise DataError(name, Problem("holds no .txt file; name files to tag, or a pattern such as 'DIR/*.jsonl'"))
        yield from map(str, texts)
    elif any(sign in name for sign in "*?["):
        matches = sorted(glob(name, recursive=True))  # noqa: PTH207 - pathlib knows no patterns from the root
        if not matches:
            raise DataError(name, Problem("matches no file; check the pattern"))
        for match in matches:
            yield from _find(match)
    else:
        raise DataError(name, Problem("there is no such file or folder; check the path"))


def _walk(folder: Path) -> Iterator[Path]:
    """Find the .txt files in a folder, and the folders in it that are not looked into, which are rejected in turn."""
    closed: list[Path] = []
    for place, folders, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        yield from (path for path in (Path(place, name) for name in files) if _is_text_file(path))
        yield from (path for path in (Path(place, name) for name in folders) if path.is_symlink())
    yield from closed


def _is_text_file(path: Path) -> bool:
    return ending_of(path.name) == ".txt" and path.is_file()
