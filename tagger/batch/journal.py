"""The sink of files: partial files while they grow, and a journal from which a run that was broken off goes on.

    OUT.partial, OUT.rejects.jsonl.partial   what was written so far
    OUT.journal                              JSON lines: what the run is, then a checkpoint each

A checkpoint is written after the data it counts is on the disk, so whatever breaks the run, the last whole line of the
journal has lengths to which both files can be cut. The finished files appear by rename, the output last.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from tagger.batch.chunks import Chunk, Compression, Done, compress
from tagger.batch.counts import Checkpoint, Counts
from tagger.batch.sinks import RunHeader, list_rejects
from tagger.batch.tables import TABLES, WORKBOOK, FullSheetError, write_table
from tagger.batch.written import files_of, partial_of
from tagger.errors import DataError, Problem, RunError
from tagger.files import sync_file, translate_write_errors
from tagger.formats.sheets import MOST_ROWS
from tagger.messages import N_, Message, _, joined

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks, and forbids to rename what is open
    fcntl = None  # type: ignore[assignment]  # the module, or none

__all__ = ["GivenUpError", "Journal"]

# Records that fail alike, before any could be tagged, from which a run is given up: its options are wrong.
_HOPELESS = 100

_COMPRESSIONS: dict[str, Compression] = {".gz": "gz", ".zst": "zst"}


class GivenUpError(DataError):
    """Raised when a run is given up: nothing of it is kept, and what was there before stays."""


class Journal:
    """The sink of files: writes output and rejects, and a journal of how far they are.

    `begin` goes on from the checkpoints of an earlier run if that is allowed and it was the same run.

    Raises:
        GivenUpError: when the first hundred records all fail alike.
        RunError: when the files cannot be written, another run is writing them or has left them, or they are of a run
            that was not the same.
    """

    live = False

    def __init__(self, output: str | Path, *, resume: bool = False, seconds: float = 0.0) -> None:
        self._resume = resume
        self._seconds = seconds
        files = files_of(Path(output))
        self._path, self._rejects_path = files["the output"], files["the rejects"]
        self._journal_path = files["the journal"]
        self.compression = _COMPRESSIONS.get(Path(output).suffix.lower(), "")
        self._files: list[BinaryIO] = []
        self._source = self._first_reject = ""
        self._opened = False

    def begin(self, header: RunHeader) -> Checkpoint:
        """Open the files, cut to the last checkpoint of an earlier run, and return it; or an empty one."""
        with translate_write_errors(self._journal_path):
            self._journal = self._journal_path.open("a+b")
        try:
            self._lock()
            self._reached = self._kept = self._open_journal(header.to_dict())
            if not self._reached.done:
                lengths = self._reached.output, self._reached.rejects
                for path, length in zip(self._partials(), lengths, strict=True):
                    with translate_write_errors(path):
                        self._files.append(_open_at(path, length))
        except BaseException:
            self.close()
            raise
        self._kept_at = time.monotonic()
        self._opened = True
        return self._reached

    def write(self, chunk: Chunk, done: Done) -> None:
        """Write what the next chunk became, and a checkpoint if it is time for one.

        Raises:
            FullSheetError: when the output is a workbook, and it holds no more rows.
        """
        if self._path.suffix.lower() == WORKBOOK and self._reached.counts.tagged + done.counts.tagged > MOST_ROWS:
            self.flush()
            wrong = _("a workbook holds {most} rows, and there are more", most=MOST_ROWS)
            raise FullSheetError(wrong, partial_of(self._path))
        for path, file, data in zip(self._partials(), self._files, (done.output, done.rejects), strict=True):
            with translate_write_errors(path):
                file.write(data)
        self._reached = Checkpoint(
            chunks=chunk.number,
            digest=chunk.digest,
            output=self._reached.output + len(done.output),
            rejects=self._reached.rejects + len(done.rejects),
            counts=self._reached.counts + done.counts,
        )
        self._give_up_where_all_fail(chunk, done)
        if time.monotonic() - self._kept_at >= self._seconds:
            self.flush()

    def _give_up_where_all_fail(self, chunk: Chunk, done: Done) -> None:
        """Raise a GivenUpError where nothing could be tagged, and the records fail alike, so that options are wrong."""
        counts = self._reached.counts
        if not self._first_reject:
            self._source, self._first_reject = chunk.source, next(list_rejects(done), "")
        if counts.rejected >= _HOPELESS and not counts.tagged and len(counts.reasons) == 1:
            raise self._give_up(
                _("all of the first {number} fail: {first}", number=counts.rejected, first=self._first_reject)
            )

    def _give_up(self, message: str) -> GivenUpError:
        """Remove the partial files and the journal, so that an output of an earlier run stays as it is."""
        self.close()
        for path in (*self._partials(), self._journal_path):
            path.unlink(missing_ok=True)
        return GivenUpError(self._source, Problem(message))

    def flush(self) -> None:
        """Write a checkpoint: put what was written on the disk, and then its length into the journal."""
        self._kept_at = time.monotonic()
        if self._reached == self._kept:
            return
        for path, file in zip(self._partials(), self._files, strict=True):
            with translate_write_errors(path):
                file.flush()
                os.fsync(file.fileno())
        self._note(self._reached)
        self._kept = self._reached

    def finish(self) -> None:
        """Rename the finished files to their final names, and remove the journal.

        Raises:
            GivenUpError: when nothing could be tagged and there is an output of an earlier run.
        """
        counts = self._reached.counts
        if counts.rejected and not counts.tagged and self._first_reject and self._path.exists():
            raise self._give_up(_("nothing could be tagged, so the output stays: {first}", first=self._first_reject))
        if not self._reached.done:
            if not self._reached.output:
                empty = compress(b"", self.compression, even_empty=True)
                self._files[0].write(empty)
                self._reached = replace(self._reached, output=len(empty))
            self._reached = replace(self._reached, done=True)
            self.flush()
        self.close()
        with translate_write_errors(self._path):
            if self._reached.rejects:
                _publish(self._rejects_path)
            else:
                partial_of(self._rejects_path).unlink(missing_ok=True)
                self._rejects_path.unlink(missing_ok=True)  # of an earlier run
            _publish(self._path)
            sync_file(self._path.parent)
            self._journal_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files as they are; what was written since the last checkpoint is cut off when the run goes on.

        Of a run that has not done anything nothing is left.
        """
        for file in (*self._files, self._journal):
            with suppress(OSError):  # a full disk was reported when it was written to
                file.close()
        if self._opened and not self.begun:
            self._opened = False
            for path in (*self._partials(), self._journal_path):
                path.unlink(missing_ok=True)

    @property
    def begun(self) -> bool:
        """Whether anything was done, so that a run can go on from there once it has broken off."""
        return bool(self._reached.chunks) or self._reached.done

    def _partials(self) -> tuple[Path, Path]:
        return partial_of(self._path), partial_of(self._rejects_path)

    def _lock(self) -> None:
        if fcntl is not None:  # pragma: no branch - see above
            try:
                fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise RunError(_("{file}: another run is writing it; name another output", file=self._path)) from None

    def _open_journal(self, header: Mapping[str, Any]) -> Checkpoint:
        """Start the journal, or read its last checkpoint; its last line may have been broken off."""
        self._journal.seek(0)
        lines = self._journal.read().split(b"\n")[:-1]
        if not lines:
            self._journal.truncate(0)
            self._note(header)
            sync_file(self._path.parent)
            return Checkpoint()
        if not self._resume:
            raise RunError(
                _(
                    "{file}: is left from a run that did not end: give --resume to go on, or delete it to start again",
                    file=self._journal_path,
                )
            )
        try:
            if differences := list(_compare(orjson.loads(lines[0]), header)):
                raise RunError(
                    _(
                        "{file}: cannot be resumed: it was started with different settings: {differences}. Use the "
                        "same ones, or delete {journal} to start again",
                        file=self._path,
                        differences=joined(differences, N_("{first}; {second}")),
                        journal=self._journal_path,
                    )
                )
            last = _read_checkpoint(lines[-1]) if len(lines) > 1 else Checkpoint()
        except (ValueError, TypeError, KeyError, AttributeError):
            raise RunError(
                _("{file}: is damaged, or not a journal: delete it to start again", file=self._journal_path)
            ) from None
        self._journal.truncate(sum(len(line) + 1 for line in lines))
        return last

    def _note(self, entry: object) -> None:
        with translate_write_errors(self._journal_path):
            self._journal.write(orjson.dumps(entry) + b"\n")
            self._journal.flush()
            os.fsync(self._journal.fileno())


def _read_checkpoint(line: bytes) -> Checkpoint:
    entry = orjson.loads(line)
    return Checkpoint(**(entry | {"counts": Counts(**entry["counts"])}))


def _compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Message]:
    for name in now:
        if name == "inputs" and before[name] != now[name]:
            yield _compare_inputs(before[name], now[name])
        elif before.get(name) != now[name]:
            yield _("{name} was {before!r} and is {now!r}", name=name, before=before.get(name), now=now[name])


def _compare_inputs(before: list[Any], now: list[Any]) -> Message:
    for (name, size), (other, other_size) in zip(before, now, strict=False):
        if name != other:
            return _("the input was {before} and is {now}", before=name, now=other)
        if size != other_size:
            return _("the input {file} had {before} bytes and has {now}", file=name, before=size, now=other_size)
    return _("there were {before} inputs and are {now}", before=len(before), now=len(now))


def _open_at(path: Path, length: int) -> BinaryIO:
    """Open a file to write to from a length on, and cut off what is behind."""
    if not length:
        return path.open("wb")
    file = path.open("r+b")
    if file.seek(0, os.SEEK_END) < length:
        file.close()
        raise RunError(
            _("{file}: is shorter than its journal says: it was changed; delete the journal to start again", file=path)
        )
    file.truncate(length)
    file.seek(length)
    return file


def _publish(path: Path) -> None:
    """Rename a finished file; it may have its name already, from a run that was broken off just then."""
    try:
        if path.suffix.lower() in TABLES:
            table = Path(f"{path}.table")
            write_table(partial_of(path), table, path.suffix.lower())
            sync_file(table)
            table.replace(path)
            partial_of(path).unlink()
        else:
            partial_of(path).replace(path)
    except FileNotFoundError:
        if not path.exists():
            raise
