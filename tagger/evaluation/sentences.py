"""Sentences for people, each whole and with its values by name, so that it can be said in another language."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Sentence"]


@dataclass(frozen=True)
class Sentence:
    """A sentence with named places, and what stands there; `str` puts both together.

    >>> str(Sentence("Not one of its {examples} texts was missed.", {"examples": 12}))
    'Not one of its 12 texts was missed.'
    """

    text: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)
