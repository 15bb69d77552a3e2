"""The checked examples that a tagger is trained on or measured with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from tagger.dataset.reading import Reading
from tagger.records import Example, Topic

__all__ = ["Dataset"]


@dataclass(frozen=True)
class Dataset:
    """Checked examples and the topics they may have.

    Attributes:
        source: the name of the file the examples came from.
        topics: ordered by name.
        unlabelled: texts of the same kind that nobody has labelled; training gives them pseudo-labels.
        in_order: whether the paragraphs of a document stand in its order, so that neighbours tell something.
        reading: what was read; None for examples that were made otherwise.
    """

    source: str
    examples: tuple[Example, ...]
    topics: tuple[Topic, ...]
    unlabelled: tuple[str, ...] = ()
    in_order: bool = True
    reading: Reading | None = None

    def hash(self) -> str:
        """Return the SHA-256 of examples, topics and unlabelled texts, whatever the form of the files."""
        content = [
            [[e.document, list(e.topics), e.text] for e in self.examples],
            [[t.name, t.title, t.description, list(t.keywords)] for t in self.topics],
            *([list(self.unlabelled)] if self.unlabelled else []),
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode("ascii")).hexdigest()

    def document_numbers(self) -> list[int]:
        """Return the number of each example's document, in order of their first example; one without has its own."""
        numbers: dict[str, int] = {}
        found: list[int] = []
        alone = 0
        for example in self.examples:
            if example.document is None:
                found.append(len(numbers) + alone)
                alone += 1
            else:
                found.append(numbers.setdefault(example.document, len(numbers) + alone))
        return found
