"""Texts → one array of normalised code points: what `normalise` does to one text, for many at once.

Most characters fold to exactly one. What each folds to is worked out when it is first met and kept in a table with a
place for every code point, so that a batch is folded by one look into that table. A batch with a character that folds
to none or to several (… is three full stops) has those spelled out in its texts first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.text.normalisation import normalise

__all__ = ["BOUNDARY", "CODE_POINTS", "SPACE", "Codes", "encode"]

SPACE = 0x20
# What stands between two texts, and is no character of any: ￨ is normalised to │.
BOUNDARY = 0xFFE8
CODE_POINTS = 0x110000
_NOT_MET = 0
_NOT_ONE = 0xFFFFFFFF
# Pages of it that no character falls on take no memory.
_FOLDED = np.zeros(CODE_POINTS, dtype=np.uint32)


@dataclass(frozen=True)
class Codes:
    """Normalised texts in one array, a `BOUNDARY` before, between and after them.

    Attributes:
        codes: uint32 (characters,), the boundaries among them.
        starts: int64 (texts + 1,), where each text begins; the boundary before it stands one place ahead. The last
            entry is the length of `codes`.
    """

    codes: NDArray[np.uint32]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def character_counts(self) -> NDArray[np.int64]:
        """Count the characters of each text, shape (texts,)."""
        return np.diff(self.starts) - 1

    def rows(self) -> NDArray[np.int64]:
        """Return the text of each character, of the boundary behind it, and of the very first: int64 (characters,)."""
        lengths = np.diff(self.starts)
        lengths[:1] += 1
        return np.repeat(np.arange(len(self)), lengths)

    def take(self, rows: NDArray[np.int64]) -> Codes:
        """Return these texts, in this order."""
        lengths = np.diff(self.starts)[rows]
        starts = np.concatenate([[1], 1 + np.cumsum(lengths)])
        places = np.repeat(self.starts[rows] - starts[:-1], lengths) + np.arange(1, starts[-1])
        return Codes(np.concatenate([self.codes[:1], self.codes[places]]), starts)

    def parts(self, size: int) -> Iterator[Codes]:
        """Yield the texts in turn, no more at once than have `size` characters, or one that has more."""
        first = 0
        while first < len(self):
            last = max(first + 1, int(np.searchsorted(self.starts, self.starts[first] + size, side="right")) - 1)
            before = self.starts[first] - 1
            yield Codes(self.codes[before : self.starts[last]], self.starts[first : last + 1] - before)
            first = last

    def text(self, start: int, end: int) -> str:
        """Return the normalised text from one place in `codes` to another."""
        return self.codes[start:end].tobytes().decode("utf-32-le", "surrogatepass")


def encode(texts: Sequence[str]) -> Codes:
    """Normalise texts and join them."""
    codes = np.frombuffer("\n".join(["", *texts, ""]).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    folded = _FOLDED.take(codes)
    if not folded.all():
        _meet(codes[folded == _NOT_MET])
        folded = _FOLDED.take(codes)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    starts = np.concatenate([[1], 1 + np.cumsum(lengths + 1)])
    if folded.max() == _NOT_ONE:
        return encode(_spelled_out(texts, starts, codes, np.flatnonzero(folded == _NOT_ONE)))
    folded[starts - 1] = BOUNDARY
    return Codes(folded, starts)


def _meet(codes: NDArray[np.uint32]) -> None:
    """Enter what these characters fold to; two threads that meet one at a time enter the same."""
    for code in np.unique(codes).tolist():
        folded = normalise(chr(code))
        _FOLDED[code] = ord(folded) if len(folded) == 1 else _NOT_ONE


def _spelled_out(
    texts: Sequence[str], starts: NDArray[np.int64], codes: NDArray[np.uint32], places: NDArray[np.int64]
) -> list[str]:
    """Replace the characters at these places, which fold to none or several, in the texts that hold them."""
    characters = [chr(code) for code in np.unique(codes[places]).tolist()]
    spelled = list(texts)
    for row in np.unique(np.searchsorted(starts, places, side="right") - 1).tolist():
        for character in characters:
            spelled[row] = spelled[row].replace(character, normalise(character))
    return spelled
