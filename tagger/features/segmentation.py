"""Characters → words: the longest word of the vocabulary that ends a run is cut off its end, again and again.

Backward maximum matching. Against the most probable path through the whole of jieba's dictionary it changed the
accuracy of taggers by no more than noise (docs/accuracy.md), and it can be done for all runs of characters at once.
Take 打击电信诈骗, where 打击, 电信 and 诈骗 are words:

    place                     1   2   3   4   5   6
    character                 打  击  电  信  诈  骗
    longest word              1   2   1   2   1   2    that ends here, in characters
    end of the previous word  0   0   2   2   4   4

The last character of a run ends a word, and so do those just before words: from 6 to 4, to 2, to 0, where the run
begins. All runs go back together, a word at a time, until the last has come to its beginning. Between punctuation
stand some twenty words at most; in what is left of longer runs they are found by doubling: who stands one word before
(4), who one or two before those (2, 0), and so on, in as many rounds as the number of words has binary digits (pointer
jumping, Wyllie 1979).

A run of Latin letters and digits is never parted: it is one word, or part of a longer one such as 卡拉ok.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagger.features.vocabulary import ALNUM, OTHER, WORD, Vocabulary

__all__ = ["Words", "segment", "words_at"]

# So many words all runs go back together, one word a round; what is left of longer runs is done by doubling.
_STEPS = 64


@dataclass(frozen=True)
class Words:
    """The words of an array of characters.

    Attributes:
        ends: int64 (words,), where the last character of each is, in no order.
        nodes: int32 (words,), 0 for a run of letters and digits that the vocabulary does not know.
        longest: int64 (characters,), the length of the word that is cut off a run's end at each character: the longest
            of the vocabulary that ends there, or 1. At the last of a run of letters and digits it is no shorter than
            that run, and before it 1, though no word ends there: abc has 1, 1, 3. 0 where a character is of no word.
    """

    ends: NDArray[np.int64]
    nodes: NDArray[np.int32]
    longest: NDArray[np.int64]


def segment(numbers: NDArray[np.uint16], pairs: NDArray[np.int32], vocabulary: Vocabulary) -> Words:
    """Cut characters, given by their numbers and with a boundary at both ends, into words.

    `pairs` are the nodes of all pairs, as `Vocabulary.pairs` finds them.
    """
    classes = vocabulary.character_classes.take(numbers)
    in_run = classes != OTHER
    longest, nodes = _longest(numbers, pairs, vocabulary, classes)
    reached = np.flatnonzero(in_run[:-1] & ~in_run[1:])
    found = [reached]
    while reached.size and len(found) < _STEPS:
        reached = reached - longest.take(reached)
        reached = reached[in_run.take(reached)]
        found.append(reached)
    if reached.size:
        found.append(_double(reached, longest, in_run))
    ends = np.concatenate(found)
    return Words(ends, nodes.take(ends), longest)


def _double(ends: NDArray[np.int64], longest: NDArray[np.int64], in_run: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Find all that end a word before `ends`, in rounds that each go twice as far as the one before."""
    before = np.arange(len(longest)) - longest
    found = [ends]
    while found[-1].size:
        reached = before.take(np.concatenate(found))
        found.append(reached[in_run.take(reached)])
        before = before.take(before)
    return np.concatenate(found[1:])


def words_at(
    numbers: NDArray[np.uint16], pairs: NDArray[np.int32], vocabulary: Vocabulary
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int32]]]:
    """Find every word of two characters and more wherever it stands, be it part of another: length, ends, nodes.

    Shorter ones come first. No word begins or ends in the middle of letters and digits.
    """
    is_alnum = vocabulary.character_classes.take(numbers) == ALNUM
    inside = is_alnum[1:] & is_alnum[:-1]
    for length, starts, nodes in vocabulary.match(numbers, pairs):
        ends = starts + (length - 1)
        whole = (vocabulary.flags.take(nodes) & WORD) != 0
        whole &= ~(inside.take(starts - 1) | inside.take(ends))
        yield length, ends[whole], nodes[whole]


def _longest(
    numbers: NDArray[np.uint16], pairs: NDArray[np.int32], vocabulary: Vocabulary, classes: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return `Words.longest`, and the node of each of these words."""
    longest = (classes != OTHER).astype(np.int64)
    nodes = numbers.astype(np.int32)
    is_alnum = classes == ALNUM
    first = np.flatnonzero(is_alnum[1:] & ~is_alnum[:-1]) + 1
    last = np.flatnonzero(is_alnum[:-1] & ~is_alnum[1:])
    longest[last] = last - first + 1
    nodes[last[last > first]] = 0
    for length, ends, found in words_at(numbers, pairs, vocabulary):
        longest[ends] = length
        nodes[ends] = found
    return longest, nodes
