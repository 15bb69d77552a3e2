"""Where a run writes to: what every sink can do, and the one for streams such as standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from tagger.batch.chunks import Chunk, Compression, Done, Work, spell_name
from tagger.batch.counts import Checkpoint
from tagger.batch.inputs import input_size
from tagger.batch.tables import TABLES, WORKBOOK
from tagger.errors import DataError, Problem, said_once
from tagger.files import translate_write_errors
from tagger.formats import FileOptions
from tagger.formats.opening import ending_of
from tagger.formats.sheets import check_sheet
from tagger.messages import Message, _, current

__all__ = [
    "RunHeader",
    "Sink",
    "Stream",
    "check_output",
    "list_rejects",
    "tell_rejects",
]

# Endings of what is read but not written: a file of that name would not be what its name says.
_NOT_WRITTEN = frozenset([
    ".arrow", ".doc", ".docx", ".feather", ".htm", ".html", ".json", ".pdf", ".tsv", ".txt", ".xls",
])  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RunHeader:
    """What a run reads and how it tags; `to_dict` has all of it that decides what is written to the output.

    Attributes:
        inputs: the names of the files.
        model: the `model_hash` of the model.
        work: what is done with each chunk.
    """

    inputs: Sequence[str]
    model: str
    work: Work

    def to_dict(self) -> Mapping[str, Any]:
        """Return what must be the same for a run to be resumed, ready for JSON."""
        from importlib.metadata import version  # noqa: PLC0415 - a tenth of a short run, which writes no journal

        options = self.work.options
        return {
            "version": version("tagger-zh"),
            "model": self.model,
            "inputs": [[spell_name(name), input_size(name)] for name in self.inputs],
            **{f"fields.{name}": value for name, value in asdict(self.work.fields).items()},
            **{name: getattr(options, name) for name in FileOptions.__dataclass_fields__},
            "max_line_bytes": options.max_line_bytes,
            "chunk_bytes": options.chunk_bytes,
            "thresholds": dict(options.thresholds) or None,
        }


class Sink(Protocol):
    """Where a run writes to.

    Attributes:
        live: whether somebody reads along, so that records are written as soon as the input pauses. Where it pauses
            differs from run to run, and so do the chunks: such a run cannot be resumed.
        compression: how the output is to be compressed.
    """

    live: bool
    compression: Compression

    def begin(self, header: RunHeader) -> Checkpoint:
        """Open what is written to, and return where to go on from; an empty checkpoint is the beginning."""

    def write(self, chunk: Chunk, done: Done) -> None:
        """Write what the next chunk became."""

    def flush(self) -> None:
        """Make everything written so far durable and visible."""

    def finish(self) -> None:
        """End the output: the end of the inputs was reached."""

    def close(self) -> None:
        """Close what `begin` opened, whether the end was reached or not."""


class _Writable(Protocol):
    """What bytes can be written to, such as a file that is open."""

    def write(self, data: bytes, /) -> object:
        """Write all of the data."""

    def flush(self) -> object:
        """Pass on what is in the buffer."""


class Stream:
    """Writes JSON lines to a file that is open; what cannot be tagged is passed to `on_reject`, a sentence each.

    Raises:
        RunError: when it cannot be written to.
        BrokenPipeError: when no one reads any more.
    """

    live = True
    compression: Compression = ""

    def __init__(self, file: _Writable, on_reject: Callable[[str], object]) -> None:
        self._file = file
        self._on_reject = on_reject

    def begin(self, header: RunHeader) -> Checkpoint:  # noqa: ARG002 - a stream is never resumed
        """Return an empty checkpoint: a stream is always written from the beginning."""
        return Checkpoint()

    def write(self, chunk: Chunk, done: Done) -> None:  # noqa: ARG002 - the protocol's signature
        """Write what the next chunk became."""
        with translate_write_errors():
            self._file.write(done.output)
        for reject in tell_rejects(done):
            self._on_reject(reject)

    def flush(self) -> None:
        """Pass on what is in the buffer."""
        with translate_write_errors():
            self._file.flush()

    finish = flush

    def close(self) -> None:
        """Leave the file open: whoever opened it closes it."""


def list_rejects(done: Done) -> Iterator[Message]:
    """Yield a sentence for each line or text file that could not be tagged: where it is, and why.

    It is in the language used, whatever that of the process was that tagged.
    """
    return (_("{place}: {reason}", place=place, reason=reason) for place, reason in _rejects(done))


def tell_rejects(done: Done) -> Iterator[Message]:
    """Yield the same, what many of them have alike said once."""
    return said_once(_rejects(done))


def _rejects(done: Done) -> Iterator[tuple[str, str]]:
    rejects = map(orjson.loads, done.rejects.splitlines())
    places = (each["file"] if each["line"] is None else f"{each['file']}:{each['line']}" for each in rejects)
    return zip(places, map(_spoken, done.reasons), strict=True)


def _spoken(reason: str) -> str:
    if not isinstance(reason, Message):
        return reason
    return Message(reason.in_language(current()), reason.template, reason.values, reason.plural)


def check_output(output: str | Path) -> None:
    """Check that a file can be written under this name.

    Raises:
        DataError: when it is a folder, or its ending names a format that cannot be written.
        RunError: when it is a workbook, and XlsxWriter is not installed.
    """
    path, ending = Path(output), ending_of(str(output))
    if path.is_dir():
        raise DataError(str(output), Problem(_("is a folder: name a file to write")))
    if ending in _NOT_WRITTEN:
        message = _("what is written is JSON lines or a table: name it .jsonl, .csv, .xlsx or .parquet")
        raise DataError(str(output), Problem(message))
    if ending in TABLES and ending != path.suffix.lower():
        raise DataError(
            str(output),
            Problem(
                _(
                    "tables are not compressed: name it {ending}, or .jsonl{compression}",
                    ending=ending,
                    compression=path.suffix.lower(),
                )
            ),
        )
    if ending == WORKBOOK:
        check_sheet(path)
