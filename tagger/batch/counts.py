"""What became of the lines: counts that add up, how far a run is, and its summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Counts", "Progress", "Summary"]


@dataclass(frozen=True)
class Counts:
    """How many lines there were and what became of them: `lines == tagged + rejected + blank`.

    A text file counts as one line. `topics` tells how many records have each topic, `reasons` how many lines were
    rejected for each kind of reason.
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
        """Give the counts ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Progress:
    """How far a run is: bytes of the inputs as they are stored, and what became of their lines.

    `total` is None where an input has no known size; `seconds` are those of this process.
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
        finished: whether the end of the inputs was reached; where not, the run was stopped on request.
        resumed: lines that were done when this process began.
        seconds: what this process took, loading the model included.
        bytes: of the inputs, as they are stored, that this process went through.
    """

    counts: Counts
    finished: bool
    resumed: int
    seconds: float
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Give the summary ready for JSON, with the rates of this process."""
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
