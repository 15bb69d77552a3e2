"""The output while it grows: partial files, and a journal from which a run that was broken off goes on.

    OUT.partial, OUT.rejects.jsonl.partial   what was written so far
    OUT.journal                              JSON lines: what the run is, then a checkpoint each

A checkpoint is written after the data it speaks of is on the disk, so whatever breaks the run, the last whole line of
the journal tells lengths to which both files can be cut. The finished files appear by rename, the output last.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from tagger.batch.chunks import Chunk, Compression, Done, compress
from tagger.batch.counts import Counts
from tagger.batch.tables import TABLES, write_table
from tagger.errors import RunError

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks, and forbids to rename what is open
    fcntl = None  # type: ignore[assignment]  # the module, or none

__all__ = ["REJECTS", "Checkpoint", "Journal", "journal_of"]

REJECTS = ".rejects.jsonl"
_FULL = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])


@dataclass(frozen=True)
class Checkpoint:
    """How far a run is: chunks done, the digest of what was read for them, lengths of both files, and the counts."""

    chunks: int = 0
    digest: str = ""
    output: int = 0
    rejects: int = 0
    done: bool = False
    counts: Counts = Counts()  # noqa: RUF009 - frozen


def journal_of(output: str | Path) -> Path:
    """Name the journal of an output; a link stands for what it leads to."""
    return Path(f"{Path(output).resolve()}.journal")


class Journal:
    """Writes the output and the rejects of a run, and where it stands.

    `header` is what the run is: another run may go on from its checkpoints only if it is the same.

    Raises:
        RunError: when the files cannot be written, another run is writing them or has left them, or they are of a run
            that was not the same.
    """

    live = False

    def __init__(
        self,
        output: str | Path,
        header: Mapping[str, Any],
        *,
        resume: bool,
        seconds: float = 0.0,
        compression: Compression = "",
    ) -> None:
        self._seconds = seconds
        self._compression = compression
        self._path = Path(output).resolve()
        self._rejects_path = Path(f"{self._path}{REJECTS}")
        self._journal_path = journal_of(output)
        self._files: list[BinaryIO] = []
        with _telling(self._journal_path):
            self._journal = self._journal_path.open("a+b")
        try:
            self._lock()
            self.reached = self._kept = self._begin(header, resume=resume)
            if not self.reached.done:
                lengths = self.reached.output, self.reached.rejects
                for path, length in zip((self._path, self._rejects_path), lengths, strict=True):
                    with _telling(_partial(path)):
                        self._files.append(_open_at(_partial(path), length))
        except BaseException:
            self.close()
            raise
        self._kept_at = time.monotonic()

    def write(self, chunk: Chunk, done: Done) -> None:
        """Write what came of the next chunk."""
        for path, file, data in zip(self._partials(), self._files, (done.output, done.rejects), strict=True):
            with _telling(path):
                file.write(data)
        self.reached = Checkpoint(
            chunks=chunk.number,
            digest=chunk.digest,
            output=self.reached.output + len(done.output),
            rejects=self.reached.rejects + len(done.rejects),
            counts=self.reached.counts + done.counts,
        )
        if time.monotonic() - self._kept_at >= self._seconds:
            self.keep()

    def pause(self) -> None:
        """Do nothing: no one waits for what is in a partial file."""

    def give_up(self, done: Done) -> None:
        """Do nothing: what came before the bad line is tagged anew when the run goes on."""

    def keep(self) -> None:
        """Put all that was written on the disk, and then where it ends into the journal: a checkpoint."""
        self._kept_at = time.monotonic()
        if self.reached == self._kept:
            return
        for path, file in zip(self._partials(), self._files, strict=True):
            with _telling(path):
                file.flush()
                os.fsync(file.fileno())
        self._note(self.reached)
        self._kept = self.reached

    def finish(self) -> None:
        """Let the finished files appear under their names, and the journal vanish."""
        if not self.reached.done:
            if not self.reached.output:
                empty = compress(b"", self._compression, even_empty=True)
                self._files[0].write(empty)
                self.reached = replace(self.reached, output=len(empty))
            self.reached = replace(self.reached, done=True)
            self.keep()
        self.close()
        with _telling(self._path):
            if self.reached.rejects:
                _appear(self._rejects_path)
            else:
                _partial(self._rejects_path).unlink(missing_ok=True)
                self._rejects_path.unlink(missing_ok=True)  # of an earlier run
            _appear(self._path)
            _sync_folder(self._path.parent)
            self._journal_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files as they are; what was written since the last checkpoint is cut off when the run goes on."""
        for file in (*self._files, self._journal):
            with suppress(OSError):  # a full disk has been told of already
                file.close()

    def _partials(self) -> tuple[Path, Path]:
        return _partial(self._path), _partial(self._rejects_path)

    def _lock(self) -> None:
        if fcntl is not None:  # pragma: no branch - see above
            try:
                fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise RunError(f"{self._path}: another run is writing it; name another output") from None

    def _begin(self, header: Mapping[str, Any], *, resume: bool) -> Checkpoint:
        """Start the journal, or find where it ends; its last line may have been broken off."""
        self._journal.seek(0)
        lines = self._journal.read().split(b"\n")[:-1]
        if not lines:
            self._journal.truncate(0)
            self._note(header)
            _sync_folder(self._path.parent)
            return Checkpoint()
        if not resume:
            raise RunError(
                f"{self._journal_path}: is left from a run that did not end: give --resume to go on, "
                "or delete it to start anew"
            )
        try:
            if differences := list(_compare(orjson.loads(lines[0]), header)):
                raise RunError(
                    f"{self._path}: cannot be gone on with, as this is not the run that began it: "
                    f"{'; '.join(differences)}. Give what it was begun with, or start anew: "
                    f"delete {self._journal_path}"
                )
            last = _read_checkpoint(lines[-1]) if len(lines) > 1 else Checkpoint()
        except (ValueError, TypeError, KeyError, AttributeError):
            raise RunError(f"{self._journal_path}: is damaged, or no journal: delete it to start anew") from None
        self._journal.truncate(sum(len(line) + 1 for line in lines))
        return last

    def _note(self, entry: object) -> None:
        with _telling(self._journal_path):
            self._journal.write(orjson.dumps(entry) + b"\n")
            self._journal.flush()
            os.fsync(self._journal.fileno())


def _read_checkpoint(line: bytes) -> Checkpoint:
    entry = orjson.loads(line)
    return Checkpoint(**(entry | {"counts": Counts(**entry["counts"])}))


def _compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in now:
        if name == "inputs" and before[name] != now[name]:
            yield _compare_inputs(before[name], now[name])
        elif before.get(name) != now[name]:
            yield f"{name} was {before.get(name)!r} and is {now[name]!r}"


def _compare_inputs(before: list[Any], now: list[Any]) -> str:
    for (name, size), (other, other_size) in zip(before, now, strict=False):
        if name != other:
            return f"the input was {name} and is {other}"
        if size != other_size:
            return f"the input {name} had {size} bytes and has {other_size}"
    return f"there were {len(before)} inputs and are {len(now)}"


def _partial(path: Path) -> Path:
    return Path(f"{path}.partial")


def _open_at(path: Path, length: int) -> BinaryIO:
    """Open a file to write on from a length, and cut off what is behind."""
    if not length:
        return path.open("wb")
    file = path.open("r+b")
    if file.seek(0, os.SEEK_END) < length:
        file.close()
        raise RunError(f"{path}: is shorter than its journal says, so it was changed: delete the journal to start anew")
    file.truncate(length)
    file.seek(length)
    return file


def _appear(path: Path) -> None:
    """Give the finished file its name; it may have it already, from a run that was broken off just then."""
    try:
        if path.suffix.lower() in TABLES:
            table = Path(f"{path}.table")
            write_table(_partial(path), table, path.suffix.lower())
            table.replace(path)
            _partial(path).unlink()
        else:
            _partial(path).replace(path)
    except FileNotFoundError:
        if not path.exists():
            raise


def _sync_folder(path: Path) -> None:
    """Put names on the disk that were given or changed in a folder."""
    with suppress(PermissionError):  # Windows opens no folders, and needs none of this
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        todo = "make room" if error.errno in _FULL else "choose another folder"
        raise RunError(f"{path}: cannot be written: {error.strerror}; {todo}") from error
