"""Files in → a file out: reading, tagging and writing put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import orjson

from tagger.batch.chunks import Chunk, Done, Pause, Work
from tagger.batch.counts import Checkpoint, Progress, Summary
from tagger.batch.inputs import find_inputs, input_size, list_passed_over, read_chunks
from tagger.batch.journal import GivenUpError, Journal
from tagger.batch.options import RunOptions, usable_cores
from tagger.batch.record import DEFAULT_FIELDS, Fields
from tagger.batch.sinks import RunHeader, Sink, check_output, list_rejects
from tagger.batch.tables import WORKBOOK, FullSheetError
from tagger.batch.workers import Workers, open_tagger
from tagger.batch.written import check_files
from tagger.errors import DataError, Problem, RunError, SettingsError
from tagger.formats.fitting import check_fitting
from tagger.messages import _, current, in_language
from tagger.model import model_files, model_hash, shipped_model
from tagger.tagger import load
from tagger.text import LOOKS_TRADITIONAL

__all__ = ["Stop", "tag_files"]


class Stopped(Exception):  # noqa: N818 - not an error: it was asked for
    """Raised where a run waits for input when it is asked to stop."""


class Stop:
    """A stop request, checked between chunks; safe to set from a signal handler or another thread.

    The run finishes the chunks it has begun, writes a checkpoint and returns. From a signal handler, the request
    interrupts even a run that waits for standard input.
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
        """Mark code that may be interrupted at any point, as nothing in it is lost."""
        self._waiting = True
        try:
            # The request may have come just before the mark.
            if self.requested:
                raise Stopped
            yield
        finally:
            self._waiting = False


def tag_files(  # noqa: PLR0913 - what a run may be given, each by its name
    inputs: Sequence[str],
    output: str | Path | Sink,
    *,
    model: str | Path | None = None,
    fields: Fields = DEFAULT_FIELDS,
    options: RunOptions | None = None,
    progress: Callable[[Progress], object] | None = None,
    told: Callable[[str], object] | None = None,
    stop: Stop | None = None,
) -> Summary:
    """Tag files into one file of JSON lines or a table, in order, and return the counts.

    `inputs` are text files, JSON lines or arrays, tables (CSV, Excel, Parquet), folders of them, patterns, or `-` for
    standard input, whatever their names: what each is, is found by looking. They may be compressed (gz, zst, bz2, xz,
    zip), and an output of JSON lines too (.gz, .zst). `told` is called with a sentence about each input of records that
    is not as expected, and about files of a folder that are passed over.

    During a run, the output is `OUT.partial`, beside it `OUT.journal`; with `options.resume` a run goes on from there.
    Lines that cannot be tagged go to `OUT.rejects.jsonl`. The output may be a `Sink` too, such as a `Stream`. With
    several jobs, a script that calls this needs `if __name__ == "__main__":`, as its worker processes import it.

    No file that is written may be an input, a file of the model, or written twice.

    Raises:
        DataError: when an input is missing or damaged, when a file would be read and written or written twice, when the
            output has the name of another form, when the first hundred records all fail alike, when nothing could be
            tagged and the output exists already, or with `options.strict` when a line cannot be tagged.
        ModelError: when the model cannot be loaded.
        RunError: when the output cannot be written, a worker process died, or what is to be resumed was another run.
        SettingsError: when a run into a stream is to be resumed.
    """
    began = time.monotonic()
    options = options or RunOptions()
    names = find_inputs(inputs)
    if told is not None:
        for sentence in list_passed_over(inputs):
            told(sentence)
    folder = Path(shipped_model() if model is None else model)
    file = Path(output) if isinstance(output, str | Path) else None
    if file is not None:
        check_output(file)
    check_files(names, model_files(folder), file, map(Path, options.also_written))
    check_fitting(names, options, articles=True, of_records=fields.of_records)
    sink = _open_sink(output, options)
    digest = model_hash(folder)
    tagger = open_tagger(folder, digest, options.thresholds) if options.thresholds else load(folder, digest=digest)
    workbook = file is not None and file.suffix.lower() == WORKBOOK
    work = Work(fields=fields, options=options, compression=sink.compression, workbook=workbook)
    start = sink.begin(RunHeader(inputs=names, model=digest, work=work))
    with closing(sink):
        counts = start.counts
        chunks = read_chunks(names, options, fields, live=sink.live, told=told)
        feed = _Feed(chunks, names, stop or Stop(), ended=start.done)
        jobs = options.jobs or usable_cores()
        workers = Workers(tagger=tagger, folder=folder, digest=digest, work=work, jobs=jobs)
        first = position = feed.skip(start)
        with _kept_on_error(sink), workers:
            first_reject = ""
            hint = None if fields.simplify or tagger.settings.simplify else told
            for chunk, done in _tag(feed, workers, sink):
                if hint is not None and chunk.looks_traditional():
                    hint(_("{file} {remark}", file=chunk.source, remark=_(LOOKS_TRADITIONAL)))
                hint = None
                _write(chunk, done, sink, strict=options.strict)
                first_reject = first_reject or next(list_rejects(done), "")
                counts, position = counts + done.counts, chunk.position
                if progress is not None:
                    progress(Progress(counts, position, feed.total, time.monotonic() - began))
            (sink.finish if feed.ended else sink.flush)()
    took = time.monotonic() - began
    return Summary(counts, feed.ended, start.counts.lines, took, position - first, tagger.titles, first_reject)


def _open_sink(output: str | Path | Sink, options: RunOptions) -> Sink:
    if isinstance(output, str | Path):
        return Journal(output, resume=options.resume, seconds=options.checkpoint_seconds)
    if options.resume and output.live:
        raise SettingsError(_("--resume goes on with a file: name it with -o"))
    return output


class _Feed:
    """The chunks of a run, until there are no more (`ended`) or until it is asked to stop."""

    def __init__(self, chunks: Iterator[Chunk | Pause], names: Sequence[str], stop: Stop, *, ended: bool) -> None:
        self._chunks = chunks
        self._stop = stop
        self.ended = ended
        sizes = [input_size(name) for name in names]
        self.total = None if None in sizes else sum(size or 0 for size in sizes)

    def __iter__(self) -> Iterator[Chunk | Pause]:
        return self

    def __next__(self) -> Chunk | Pause:
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

    def skip(self, done: Checkpoint) -> int:
        """Read what is done once more, to prove that it is still the same, and return the position where it ends."""
        if not done.chunks or self.ended:
            return 0
        chunk = None
        for _number in range(done.chunks):
            chunk = next(self, None)
        if chunk is None and not self.ended:
            return 0  # asked to stop
        if not isinstance(chunk, Chunk) or chunk.digest != done.digest:
            raise RunError(
                _(
                    "the input has changed, in the part that is done: give the one that the run was started with, "
                    "or delete the journal to start again"
                )
            )
        return chunk.position


def _tag(feed: _Feed, workers: Workers, sink: Sink) -> Iterator[tuple[Chunk, Done]]:
    """Yield what each chunk became, in order; where the input pauses, nothing is held back."""
    for chunk in feed:
        if isinstance(chunk, Pause):
            yield from workers.drain()
            sink.flush()
        else:
            yield from workers.take(chunk)
    yield from workers.drain()


def _write(chunk: Chunk, done: Done, sink: Sink, *, strict: bool) -> None:
    if strict and done.rejects:
        if sink.live:  # in a file, the chunk is tagged as a whole when the run is resumed
            sink.write(chunk, replace(done, rejects=b"", reasons=()))
        raise _strict_error(chunk, done)
    sink.write(chunk, done)


def _strict_error(chunk: Chunk, done: Done) -> DataError:
    first = orjson.loads(done.rejects.split(b"\n", 1)[0])
    problem = Problem(in_language(done.reasons[0], current()), first["line"])
    error = DataError(first["file"] if problem.line is None else chunk.source, problem)
    error.add_note(_("Without --strict, what cannot be tagged is put aside and the run goes on."))
    return error


@contextmanager
def _kept_on_error(sink: Sink) -> Iterator[None]:
    """Keep what was done when a run breaks, and say how to go on if that is possible."""
    try:
        yield
    except (GivenUpError, FullSheetError):
        raise
    except (DataError, RunError) as error:
        if isinstance(error, DataError):  # after a RunError, writing would fail again
            sink.flush()
        if isinstance(sink, Journal) and sink.begun:
            error.add_note(_("What was done is kept: to go on, give the same command with --resume."))
        raise
