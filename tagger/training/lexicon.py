"""Which words there are: those of jieba's dictionary and the keywords, as far as the training texts hold them.

A model knows no other words. A dictionary of its own keeps it small, needs no dictionary installed where it tags, and
cuts text there as it was cut here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import SettingsError
from tagger.features.extraction import Rows, document_frequencies, stack
from tagger.features.segmentation import words_at
from tagger.features.vocabulary import ALNUM, OTHER, Vocabulary, build_vocabulary, character_classes_of
from tagger.messages import _
from tagger.text import Codes, normalise

__all__ = ["MAX_WORD_LENGTH", "find_words", "word_kinds"]

# Longer runs of letters and digits are identifiers, not words.
MAX_WORD_LENGTH = 32


def find_words(parts: Sequence[Codes], alphabet: NDArray[np.uint32], keywords: Iterable[str]) -> tuple[list[str], Rows]:
    """Find the words, of two characters and more, that texts contain, and which text contains which.

    A text contains a word of the dictionary wherever its characters occur side by side, and a run of letters and
    digits where it begins and ends. `keywords` must be normalised. The words are in the order of the alphabet, and so
    are the columns of the rows.
    """
    runs = {run for codes in parts for run in _runs(codes)}
    words = _written_in(alphabet, f"{_dictionary()}{' '.join([*keywords, *sorted(runs)])} ")
    tree, nodes = build_vocabulary(alphabet, np.zeros(0, dtype=np.uint64), words)
    number = np.zeros(len(tree.flags), dtype=np.int64)
    number[nodes] = np.arange(len(words))
    held = stack([_held(codes, tree, number) for codes in parts])
    found = np.flatnonzero(document_frequencies(held, features=len(words)))
    found = found[np.argsort([words[index] for index in found.tolist()])] if found.size else found
    column = np.full(len(words), -1, dtype=np.int32)
    column[found] = np.arange(len(found))
    return [words[index] for index in found.tolist()], held.renumber(column)


def word_kinds() -> dict[str, str]:
    """Return the kind of each word of the dictionary, normalised, as jieba tags it: "n" a noun, "v" a verb."""
    parts = normalise(" ".join(_lines())).split(" ")
    return dict(zip(parts[::3], parts[2::3], strict=True))


@lru_cache(maxsize=1)
def _dictionary() -> str:
    """Return the words of the dictionary, normalised, with a space around each."""
    return normalise(f" {' '.join(line.split(' ', 1)[0] for line in _lines())} ")


def _lines() -> list[str]:
    """Read jieba's dictionary, lines of a word, its frequency and its kind.

    jieba itself, which takes a second to start, is not imported.
    """
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise SettingsError(_("jieba, whose dictionary tells words, is not installed: pip install jieba"))
    return (Path(spec.origin).parent / "dict.txt").read_text(encoding="utf-8").splitlines()


def _written_in(alphabet: NDArray[np.uint32], words: str) -> list[str]:
    """Return those of the words, separated by spaces, that have two letters or more, all of them in the alphabet."""
    letters = alphabet[character_classes_of(alphabet) != OTHER]
    if not letters.size:
        return []
    return list(dict.fromkeys(re.findall(rf"(?<= )[{''.join(map(chr, letters.tolist()))}]{{2,}}(?= )", words)))


def _held(codes: Codes, tree: Vocabulary, number: NDArray[np.int64]) -> Rows:
    """Return which text contains which of the tree's words, anywhere; columns are the words' numbers."""
    numbers = tree.numbers.take(codes.codes)
    found = [(ends, nodes) for _, ends, nodes in words_at(numbers, tree.pairs(numbers), tree)]
    ends, nodes = (np.concatenate(parts) for parts in zip(*found, strict=True)) if found else (_NOTHING, _NOTHING)
    keys = np.unique(codes.rows().take(ends) * len(number) + number.take(nodes))
    indptr = np.searchsorted(keys, np.arange(len(codes) + 1) * len(number))
    return Rows(indptr, (keys % len(number)).astype(np.int32), np.ones(len(keys)))


_NOTHING = np.zeros(0, dtype=np.int64)


def _runs(codes: Codes) -> Iterator[str]:
    """Return every run of two and more letters and digits."""
    script = character_classes_of(codes.codes) == ALNUM
    first = np.flatnonzero(script[1:] & ~script[:-1]) + 1
    last = np.flatnonzero(script[:-1] & ~script[1:]) + 1
    kept = (last - first > 1) & (last - first <= MAX_WORD_LENGTH)
    for start, end in zip(first[kept].tolist(), last[kept].tolist(), strict=True):
        yield codes.text(start, end)
