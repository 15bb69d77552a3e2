"""Files in → a file out: reading, tagging, writing and checkpoints put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from tagger.batch.chunks import Chunk, Compression, Done, Work, readable
from tagger.batch.counts import Progress, Summary
from tagger.batch.inputs import STANDARD_INPUT, find_inputs, input_size, read_chunks
from tagger.batch.journal import REJECTS, Journal
from tagger.batch.options import RunOptions, usable_cores
from tagger.batch.record import DEFAULT_FIELDS, Fields
from tagger.batch.sinks import Stream
from tagger.batch.workers import tag_in_order
from tagger.errors import DataError, Problem, RunError
from tagger.storage import model_hash, shipped_model
from tagger.tagger import load

__all__ = ["Stop", "tag_files"]

_COMPRESSIONS: dict[str, Compression] = {".gz": "gz", ".zst": "zst"}


class Stopped(Exception):  # noqa: N818 - no error: it was asked for
    """Raised where a run waits for input when it is asked to stop."""


class Stop:
    """Asks a run to stop: it finishes the chunks it has begun, writes a checkpoint and returns.

    `request` is made to be called from a signal handler, and then interrupts even a run that waits for standard input.
    """

    def __init__(self) -> None:
        self.requested = False
        self._waiting = False

    def request(self) -> None:
        """Ask the run to stop."""
        self.requested = True
        if self._waiting:
            raise Stopped

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark a stretch that may be broken off at any point, as nothing in it is lost."""
        self._waiting = True
        try:
            # The request may have come just before the mark.
            if self.requested:
                raise Stopped
            yield
        finally:
            self._waiting = False


def tag_files(
    inputs: Sequence[str],
    output: str | Path | Stream,
    *,
    model: str | Path | None = None,
    fields: Fields = DEFAULT_FIELDS,
    options: RunOptions | None = None,
    progress: Callable[[Progress], object] | None = None,
    stop: Stop | None = None,
) -> Summary:
    """Tag files into one file of JSON lines, in order, and give the counts.

    `inputs` are JSON lines (.jsonl, .ndjson), text files, folders with .txt files, patterns, or `-` for standard input;
    they and the output may be compressed (.gz, .zst). While a run lasts, the output is `OUT.partial`, beside it
    `OUT.journal`; with `options.resume` a run goes on from there. Lines that cannot be tagged go to
    `OUT.rejects.jsonl`. With several jobs, a script that calls this needs `if __name__ == "__main__":`, as its worker
    processes import it.

    Raises:
        DataError: when an input is missing or damaged or is the output too, or where `options.strict` a line cannot be
            tagged.
        ModelError: when the model cannot be loaded.
        RunError: when the output cannot be written, a worker process died, or what is to be resumed was another run.
    """
    began = time.monotonic()
    options = options or RunOptions()
    names = find_inputs(inputs)
    if not isinstance(output, Stream):
        _check_not_read(output, names)
    folder = Path(shipped_model() if model is None else model)
    tagger = load(folder)
    digest = model_hash(folder)
    compression = "" if isinstance(output, Stream) else _COMPRESSIONS.get(Path(output).suffix.lower(), "")
    work = Work(fields, options.encoding, options.max_line_bytes, compression, options.strict)
    if isinstance(output, Stream):
        sink: Journal | Stream = output
    else:
        header = _header(names, digest, work, options)
        sink = Journal(
            output, header, resume=options.resume, seconds=options.checkpoint_seconds, compression=compression
        )
    feed = _Feed(names, options, stop or Stop(), live=sink.live, ended=sink.reached.done)
    resumed = sink.reached.counts.lines
    try:
        start = position = feed.skip(sink.reached.chunks, sink.reached.digest)
        jobs = options.jobs or usable_cores()
        for result in tag_in_order(feed, tagger=tagger, folder=folder, digest=digest, work=work, jobs=jobs):
            if result is None:
                sink.pause()
                continue
            chunk, done = result
            if options.strict and done.rejects:
                sink.give_up(done)
                raise _refusal(chunk, done)
            sink.write(chunk, done)
            position = chunk.position
            if progress is not None:
                progress(Progress(sink.reached.counts, position, feed.total, time.monotonic() - began))
        if feed.ended:
            sink.finish()
        else:
            sink.keep()
    except DataError as error:
        sink.keep()
        _note_resumable(error, sink)
        raise
    except RunError as error:
        _note_resumable(error, sink)
        raise
    finally:
        sink.close()
    return Summary(sink.reached.counts, feed.ended, resumed, time.monotonic() - began, position - start)


def _check_not_read(output: str | Path, names: Sequence[str]) -> None:
    for written in (Path(output), Path(f"{output}{REJECTS}")):
        if written.exists() and any(name != STANDARD_INPUT and written.samefile(name) for name in names):
            raise DataError(str(written), Problem("is read and written at once: name another file to write"))


def _note_resumable(error: DataError | RunError, sink: Journal | Stream) -> None:
    if isinstance(sink, Journal):
        error.add_note("What was done is kept: to go on, give the same command with --resume.")


class _Feed:
    """The chunks of a run, until there are no more (`ended`) or until it is asked to stop."""

    def __init__(self, names: Sequence[str], options: RunOptions, stop: Stop, *, live: bool, ended: bool) -> None:
        self._chunks = read_chunks(names, options, live=live)
        self._stop = stop
        self.ended = ended
        sizes = [input_size(name) for name in names]
        self.total = None if None in sizes else sum(size or 0 for size in sizes)

    def __iter__(self) -> Iterator[Chunk | None]:
        return self

    def __next__(self) -> Chunk | None:
        if self.ended:
            raise StopIteration
        try:
            with self._stop.waiting():
                return next(self._chunks)
        except Stopped:
            raise StopIteration from None
        except StopIteration:
            self.ended = True
            raise

    def skip(self, chunks: int, digest: str) -> int:
        """Read again what is done, to prove that it is still the same, and give the place where it ends."""
        if not chunks or self.ended:
            return 0
        chunk = None
        for _ in range(chunks):
            chunk = next(self, None)
        if chunk is None and not self.ended:
            return 0  # asked to stop
        if chunk is None or chunk.digest != digest:
            raise RunError(
                "the input is not what it was, in the part that is done: give the one that the run was begun with, "
                "or delete the journal to start anew"
            )
        return chunk.position


def _refusal(chunk: Chunk, done: Done) -> DataError:
    first = orjson.loads(done.rejects.split(b"\n", 1)[0])
    if first["line"] is None:
        refusal = DataError(first["file"], Problem(first["reason"].removeprefix(f"{first['file']}: ")))
    else:
        refusal = DataError(chunk.source, Problem(first["reason"], first["line"]))
    refusal.add_note("Without --strict, what cannot be tagged is put aside and the run goes on.")
    return refusal


def _header(names: Sequence[str], digest: str, work: Work, options: RunOptions) -> dict[str, Any]:
    """Tell what a run is: everything that decides what is written."""
    from importlib.metadata import version  # noqa: PLC0415 - a tenth of a short run, which writes no journal

    return {
        "version": version("tagger-zh"),
        "model": digest,
        "inputs": [[readable(name), input_size(name)] for name in names],
        **{f"fields.{name}": value for name, value in asdict(work.fields).items()},
        "encoding": work.encoding,
        "max_line_bytes": work.max_line_bytes,
        "chunk_bytes": options.chunk_bytes,
    }
