"""What became of the lines: counts that add up, how far a run is, and its summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Checkpoint", "Counts", "Progress", "Summary"]


@dataclass(frozen=True)
class Counts:
    """How many lines there were and what became of them: `lines == tagged + rejected + blank`.

    A text file counts as one line. `topics` is the number of records with each topic, `reasons` the number of lines
    rejected for each category of reason.
    """

    lines: int = 0
    tagged: int = 0
    rejected: int = 0
    blank: int = 0
    topics: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            lines=self.lines + other.lines,
            tagged=self.tagged + other.tagged,
            rejected=self.rejected + other.rejected,
            blank=self.blank + other.blank,
            topics=_add(self.topics, other.topics),
            reasons=_add(self.reasons, other.reasons),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the counts ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Checkpoint:
    """From where a run can go on.

    Attributes:
        chunks: how many chunks are done.
        digest: of what was read for them.
        output: the length of the output, in bytes.
        rejects: the length of the rejects, in bytes.
        done: whether the end of the inputs was reached.
        counts: what became of the lines.
    """

    chunks: int = 0
    digest: str = ""
    output: int = 0
    rejects: int = 0
    done: bool = False
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        counts: what became of the lines so far.
        position: bytes of the inputs that were read, as they are stored.
        total: the size of the inputs in bytes; None where one has no known size.
        seconds: what this process took so far.
    """

    counts: Counts
    position: int
    total: int | None
    seconds: float


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        counts: over the whole run, what was tagged before it was resumed included.
        finished: whether the end of the inputs was reached; if not, the run was stopped on request.
        resumed: lines that an earlier process had done.
        seconds: what this process took, loading the model included.
        bytes: of the inputs that this process read, as they are stored.
        titles: what people read for the topics; not in `to_dict`.
        first_reject: where the first line is that this process could not tag, and why; not in `to_dict`.
    """

    counts: Counts
    finished: bool
    resumed: int
    seconds: float
    bytes: int
    titles: dict[str, str] = field(default_factory=dict)
    first_reject: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the summary ready for JSON, with the rates of this process."""
        return {
            **self.counts.to_dict(),
            "finished": self.finished,
            "resumed": self.resumed,
            "seconds": round(self.seconds, 3),
            "lines_per_second": round((self.counts.lines - self.resumed) / self.seconds, 1),
            "bytes_per_second": round(self.bytes / self.seconds),
        }


def _add(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}
