"""Several label files → the labels of all of them, each example with the name of its file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tagger.dataset.labels import Labels, read_labels
from tagger.dataset.options import LabelOptions
from tagger.dataset.reading import Reading
from tagger.messages import _, _n, joined

__all__ = ["files_of", "read_several"]


def files_of(labels: Any) -> list[Path] | None:
    """Return the files that labels are: one, or several in a sequence; None where they are something else."""
    if isinstance(labels, str | Path):
        return [Path(labels)]
    if isinstance(labels, list | tuple) and labels and all(isinstance(name, str | Path) for name in labels):
        return [Path(name) for name in labels]
    return None


def read_several(files: Sequence[str | Path], options: LabelOptions) -> Labels:
    """Read label files one after another, as one.

    Documents of the same name are one document, in whatever files they stand: to part an article would be the worse
    mistake, as it would be learnt from and tested on.

    Raises:
        DataError: when one of them cannot be read, as `read_labels` says it.
    """
    parts = [(str(file), read_labels(file, options)) for file in files]
    examples = tuple(replace(example, file=name) for name, part in parts for example in part.examples)
    problems = tuple(replace(problem, source=name) for name, part in parts for problem in part.problems)
    readings = tuple(part.reading for file, part in parts)
    reading = Reading(
        file=", ".join(name for name, part in parts),
        form=_n("{n} file", "{n} files", len(parts)),
        rows=sum(part.rows for part in readings),
        notes=tuple(_shared(parts)),
        parts=readings,
    )
    return Labels(examples, reading, problems)


def _shared(parts: Sequence[tuple[str, Labels]]) -> Iterator[str]:
    """Yield a sentence about documents that stand in several files, if there are any."""
    files: dict[str, set[str]] = defaultdict(set)
    for name, part in parts:
        for example in part.examples:
            if example.document is not None:
                files[example.document].add(name)
    shared = [document for document, names in files.items() if len(names) > 1]
    if shared:
        named = joined(map(repr, shared[:3]))
        yield _(
            "documents that several files name are one each: {number} ({names}); rename them if they are not",
            number=len(shared),
            names=_("{names} …", names=named) if len(shared) > 3 else named,
        )
