"""What a model knows of the language: characters, pairs of neighbours and words, one tree read at all places at once.

Every character of the vocabulary has a number from 1 up. Characters, pairs, words and the beginnings of words are nodes
of a tree (a trie); the node of a character is its number, and the node of anything longer is found by the node of all
but its last character and the number of that one, both in one 64-bit key, so that nothing is ever taken for another.
With the words 反诈 and 反诈骗 and the characters 反 1, 诈 2, 骗 3:

    node      1    2    3    4           5       6
    key       0,1  0,2  0,3  1,2         2,3     4,3
    spells    反   诈   骗   反诈        诈骗    反诈骗
    it is                    a word and          a word
                             begins one

Reading 打反诈骗 finds the node of the pair at each position by one look into a hash table for all places (none, 4, 5),
then, only where a longer word begins with that pair, the next character (6), and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tagger.features.hash_table import HashTable
from tagger.text import BOUNDARY, CODE_POINTS

__all__ = [
    "ALNUM",
    "CHARACTERS",
    "HAN",
    "MAX_ALPHABET",
    "OTHER",
    "PREFIX",
    "WORD",
    "WORDS",
    "Vocabulary",
    "build_vocabulary",
    "character_classes_of",
    "numbers_of",
    "pack",
    "unpack",
]

# Numbers of characters have 16 bits, 0 being that of all unknown ones.
MAX_ALPHABET = (1 << 16) - 1
_SHIFT = np.uint64(16)

# Flags of a node: it is a word; it begins a longer word.
WORD, PREFIX = np.uint8(1), np.uint8(2)
# The two features that a node can be, as columns of `Vocabulary.columns`.
CHARACTERS, WORDS = 0, 1
# Kinds of characters: punctuation and signs, of which no word is made; Latin letters and digits, which a word never
# parts; and Han characters.
OTHER, ALNUM, HAN = np.uint8(0), np.uint8(1), np.uint8(2)


@dataclass(frozen=True)
class Vocabulary:
    """The characters, pairs and words that a model knows.

    Attributes:
        alphabet: uint32 (characters,), code points; the number of `alphabet[i]` is `i + 1`.
        table: finds the node of all but the last character and the number of that one, in one key. Nodes are the
            places of their keys; those of characters stand first, and are known without being looked up.
        flags: uint8 (nodes,), whether a node is a word and whether it begins one; node 0 is none.
        columns: int32 (nodes, 2), the column of each node as characters and as a word, -1 where it is no feature.
    """

    alphabet: NDArray[np.uint32]
    table: HashTable
    flags: NDArray[np.uint8]
    columns: NDArray[np.int32]

    @cached_property
    def numbers(self) -> NDArray[np.uint16]:
        """The number of every code point, 0 where it has none; most of it is never touched and takes no memory."""
        return numbers_of(self.alphabet)

    @cached_property
    def character_classes(self) -> NDArray[np.uint8]:
        """What kind of character each number is: `OTHER`, `ALNUM` or `HAN`."""
        return np.concatenate([[OTHER], character_classes_of(self.alphabet)])

    @cached_property
    def character_columns(self) -> NDArray[np.int32]:
        """The columns of nodes as characters and pairs, side by side in memory."""
        return np.ascontiguousarray(self.columns[:, CHARACTERS])

    @cached_property
    def word_columns(self) -> NDArray[np.int32]:
        """The columns of nodes as words, side by side in memory."""
        return np.ascontiguousarray(self.columns[:, WORDS])

    def pairs(self, numbers: NDArray[np.uint16]) -> NDArray[np.int32]:
        """Return the node of each character, by its number, and the next, 0 where there is none: (characters - 1,)."""
        return self.table.find(pack(numbers[:-1], numbers[1:]))

    def match(
        self, numbers: NDArray[np.uint16], pairs: NDArray[np.int32]
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int32]]]:
        """Find what is or begins a word, the shortest first: how many characters, where it begins, and its node.

        `pairs` are those of the numbers, the last of which is that of a boundary.
        """
        length = 2
        starts = np.flatnonzero(self.flags.take(pairs) != 0)
        nodes = pairs.take(starts)
        while starts.size:
            yield length, starts, nodes
            longer = np.flatnonzero((self.flags.take(nodes) & PREFIX) != 0)
            starts = starts.take(longer)
            # No word has a boundary in it, so that nothing reaches over the end.
            nodes = self.table.find(pack(nodes.take(longer), numbers.take(starts + length)))
            starts, nodes = starts[nodes != 0], nodes[nodes != 0]
            length += 1

    def node_texts(self) -> list[str]:
        """Spell out every node; node 0 is the empty text."""
        texts = ["", *map(chr, self.alphabet.tolist())]
        before, last = unpack(self.table.keys[len(texts) :])
        for node, number in zip(before.tolist(), last.tolist(), strict=True):
            texts.append(texts[node] + texts[number])
        return texts


def numbers_of(alphabet: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Return the number of every code point, 0 where it has none: (code points,)."""
    numbers = np.zeros(CODE_POINTS, dtype=np.uint16)
    numbers[alphabet] = np.arange(1, len(alphabet) + 1)
    return numbers


def pack(nodes: NDArray[np.integer], numbers: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Return the keys of nodes and the characters, by their numbers, that follow them."""
    return nodes.astype(np.uint64) << _SHIFT | numbers.astype(np.uint64)


def unpack(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the nodes and the numbers that keys were made of."""
    return (keys >> _SHIFT).astype(np.int64), (keys & np.uint64(MAX_ALPHABET)).astype(np.int64)


def character_classes_of(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the class of each code point: Han characters, lower-case Latin letters and digits, or other signs."""
    han = (codes >= 0x3400) & (codes <= 0x9FFF) | (codes >= 0xF900) & (codes <= 0xFAFF) | (codes >= 0x20000)
    latin = (codes >= ord("a")) & (codes <= ord("z"))
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    return np.where(han, HAN, np.where(latin | digits, ALNUM, OTHER))


def build_vocabulary(
    alphabet: NDArray[np.uint32], pairs: NDArray[np.uint64], words: Sequence[str]
) -> tuple[Vocabulary, NDArray[np.int32]]:
    """Build the tree of these characters, pairs and words, and give the node of each word.

    Pairs are keys of two characters' numbers; words have two characters and more, all of the alphabet. Columns are
    left open: every node but that of the boundary gets two of its own, `2 * node` and `2 * node + 1`.
    """
    bare = np.arange(1 + len(alphabet), dtype=np.uint64)
    flags = [np.zeros(len(bare), dtype=np.uint8)]
    keys, count = [bare], len(bare)
    numbers = numbers_of(alphabet)
    letters = numbers.take(np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32))
    word_lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    starts = np.cumsum(word_lengths) - word_lengths
    nodes = letters.take(starts).astype(np.int64)
    for depth in range(1, max(2, int(word_lengths.max(initial=0)))):
        deep = np.flatnonzero(word_lengths > depth)
        wanted = pack(nodes[deep], letters.take(starts[deep] + depth))
        known = np.union1d(pairs, wanted) if depth == 1 else np.unique(wanted)
        position = np.searchsorted(known, wanted)
        nodes[deep] = count + position
        flag = np.zeros(len(known), dtype=np.uint8)
        flag[position[word_lengths[deep] == depth + 1]] |= WORD
        flag[position[word_lengths[deep] > depth + 1]] |= PREFIX
        flags.append(flag)
        keys.append(known)
        count += len(known)
    table = HashTable.build(np.concatenate(keys), first=len(bare))
    columns = np.arange(2 * count, dtype=np.int32).reshape(count, 2)
    # A boundary by itself is in every text.
    columns[[0, numbers[BOUNDARY]]] = -1
    return Vocabulary(alphabet, table, np.concatenate(flags), columns), nodes.astype(np.int32)
