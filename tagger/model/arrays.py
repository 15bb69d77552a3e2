"""The arrays of a model folder: one table of their files, types, shapes and where in a model they are."""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.features.vocabulary import MAX_ALPHABET, unpack
from tagger.messages import N_, _, joined
from tagger.model.files import Content
from tagger.model.model import FEATURES, Model, check_lines
from tagger.model.schema import LARGEST
from tagger.scoring.articles import LEVELS
from tagger.scoring.context import LinearContext, NetworkContext
from tagger.scoring.linear import KNOTS
from tagger.scoring.weights import PackedWeights, Weights, mask_bytes
from tagger.text import BOUNDARY, CODE_POINTS

__all__ = ["ARRAYS", "StoredArray", "check_arrays", "to_array", "to_context", "to_weights"]


# What NumPy raises where a file's header is not that of an array.
_NO_ARRAY = (ValueError, TypeError, OverflowError, MemoryError, RecursionError, SyntaxError, TokenError)
# What a linear context has for each topic.
_COEFFICIENTS = 6
_LONGEST_HEADER = 10 + (1 << 16)
_PART = 1 << 20
# Slots taken one after another. With two in seven taken at random it is some thirty; a search goes through all of them.
_LONGEST_RUN = 1000
# The characters of all nodes' texts together, or for each node: words are short.
_LONGEST_TEXTS, _LONGEST_TEXT = 10_000_000, 100
# How many bits of each byte are set.
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1).sum(axis=1)
_SURROGATES = (0xD800, 0xDFFF)


@dataclass(frozen=True)
class StoredArray:
    """One array of a model.

    Attributes:
        file: its name in the folder.
        dtype, dimensions: what it must be.
        get: takes it out of a model.
        fits: whether it can be, in itself and beside the rest of a model that has as many nodes and features.
    """

    file: str
    dtype: type[np.generic]
    dimensions: int
    get: Callable[[Model], NDArray[Any]]
    fits: Callable[[Model], bool]


def _alphabet_fits(model: Model) -> bool:
    alphabet = model.vocabulary.alphabet
    low, high = _SURROGATES
    known = len(alphabet) <= MAX_ALPHABET and bool(
        ((alphabet < CODE_POINTS) & ((alphabet < low) | (alphabet > high))).all()
    )
    return known and len(np.unique(alphabet)) == len(alphabet)


def _slots_fit(model: Model) -> bool:
    """Check that every node but those of single characters is there, half of the slots are free, and well spread.

    Otherwise a search for an unknown key would not end, or take for ever.
    """
    vocabulary = model.vocabulary
    slots, nodes = vocabulary.table.slots, len(vocabulary.flags)
    free = np.flatnonzero(slots == 0)
    taken = len(slots) - len(free)
    full = taken == nodes - len(vocabulary.alphabet) - 1
    spread = bool((np.diff(free, prepend=-1, append=len(slots)) <= _LONGEST_RUN).all())
    return full and len(slots) > max(0, 2 * taken - 1) and spread and _within(slots, 0, nodes - 1)


def _keys_fit(model: Model) -> bool:
    """Check that key 0, which stands for all that is not there, is zero, and that the others make a tree.

    Its nodes come after those that they are under, and their last characters are of the alphabet.
    """
    keys, characters = model.vocabulary.table.keys, len(model.vocabulary.alphabet)
    first = characters + 1
    under, last = unpack(keys[first:])
    own = np.arange(first, len(keys))
    fits = bool(((under > 0) & (under < own) & (last > 0) & (last <= characters)).all())
    return fits and bool(np.array_equal(keys[:1], [0])) and _texts_fit(under, first)


def _texts_fit(under: NDArray[np.int64], first: int) -> bool:
    """Check that the texts of nodes, each a character longer than that of the one it is under, fit into memory."""
    total, left = 0, under
    most = max(_LONGEST_TEXTS, _LONGEST_TEXT * len(under))
    while left.size and total <= most:
        total += left.size
        left = under.take(left[left >= first] - first)
    return total <= most


def _flags_fit(model: Model) -> bool:
    """Check that no word has a boundary in it, for the search for words would go on behind the last text."""
    vocabulary = model.vocabulary
    flags, characters = vocabulary.flags, len(vocabulary.alphabet)
    boundary = vocabulary.numbers[BOUNDARY]
    if len(flags) <= characters or flags[0]:
        return False
    under, last = unpack(vocabulary.table.keys[1 + characters :])
    return not (boundary and flags[1 + characters :][(under == boundary) | (last == boundary)].any())


def _columns_fit(model: Model) -> bool:
    """Check that what is not there is no feature, nor a boundary by itself, and every other node one or none."""
    columns = model.vocabulary.columns
    none = bool((columns[[0, model.vocabulary.numbers[BOUNDARY]]] == -1).all())
    return none and columns.shape[1] == 2 and _within(columns, -1, _feature_count(model) - 1)


def _context_fits(model: Model) -> bool:
    context, topics = model.classifier.context, len(model.topics)
    if isinstance(context, NetworkContext):
        units = len(context.outer)
        return context.inner.shape == (_network_inputs(topics), topics + units) and context.outer.shape[1] == topics
    return context is None or context.weights.shape == (topics, _COEFFICIENTS)


def _chance_fits(model: Model) -> bool:
    chance, levels = model.classifier.chance, len(LEVELS)
    if chance is None:
        return True
    return chance.rates.shape == (levels, len(model.topics)) and bool(((chance.rates >= 0) & (chance.rates <= 1)).all())


def _packed(model: Model) -> PackedWeights:
    """Return packed weights, which are empty where those of a model are not packed."""
    weights = model.classifier.linear.weights
    if isinstance(weights, PackedWeights):
        return weights
    none = np.zeros((0, mask_bytes(len(model.topics))), np.uint8)
    return PackedWeights(len(model.topics), np.zeros(0, np.int32), none, np.zeros(0, np.float16))


def _whole_weights(model: Model) -> NDArray[np.floating]:
    """Return the weights of all features and topics, none where they are packed."""
    weights = model.classifier.linear.weights
    return weights if isinstance(weights, np.ndarray) else np.zeros((0, len(model.topics)), np.float32)


def _masks_fit(model: Model) -> bool:
    """Check that there is a bit for each topic, none set beyond them, and one set for each weight."""
    packed = _packed(model)
    if packed.masks.shape[1] != mask_bytes(packed.topics):
        return False
    beyond = 8 * packed.masks.shape[1] - packed.topics
    stray = bool((packed.masks[:, -1:] & ((1 << beyond) - 1)).any())
    return not stray and int(_BITS.take(packed.masks).sum()) == len(packed.values)


def to_weights(arrays: dict[str, NDArray[Any]], topics: int, folder: Path) -> Weights:
    """Return the weights that arrays, by their files' names, hold: packed where there are rows for features.

    Raises:
        ModelError: when there are some of the other kind too.
    """
    rows = arrays["rows.npy"]
    for name in ("weights.npy",) if len(rows) else ("masks.npy", "values.npy"):
        if len(arrays[name]):
            raise ModelError(
                folder / name,
                _("holds weights though rows.npy says that another file does; restore the folder or train again"),
            )
    return (
        PackedWeights(topics, rows, arrays["masks.npy"], arrays["values.npy"]) if len(rows) else arrays["weights.npy"]
    )


def _context_rows(model: Model) -> NDArray[np.float64]:
    """Return a context as one array, as `to_context` reads it; a network's hidden units last, padded with zeros."""
    context = model.classifier.context
    if context is None:
        return np.zeros((0, len(model.topics)))
    if isinstance(context, NetworkContext):
        return np.concatenate([context.inner, np.pad(context.outer, ((0, 0), (0, len(context.outer))))])
    return context.weights


def to_context(array: NDArray[np.float64], topics: int) -> LinearContext | NetworkContext | None:
    """Read a context from its array, which has a row for each topic, or those of a network; None where it has none."""
    if not len(array):
        return None
    rows = _network_inputs(topics)
    return LinearContext(array) if len(array) == topics else NetworkContext(array[:rows], array[rows:, :topics])


def _chance_rows(model: Model) -> NDArray[np.float64]:
    chance = model.classifier.chance
    return np.zeros((0, len(model.topics))) if chance is None else chance.rates


def _network_inputs(topics: int) -> int:
    """Return how many inputs a network has: scores, six surroundings of each topic, the length and a constant."""
    return 7 * topics + 2


ARRAYS = (
    StoredArray("alphabet.npy", np.uint32, 1, lambda m: m.vocabulary.alphabet, _alphabet_fits),
    StoredArray("keys.npy", np.uint64, 1, lambda m: m.vocabulary.table.keys, _keys_fit),
    StoredArray("slots.npy", np.int32, 1, lambda m: m.vocabulary.table.slots, _slots_fit),
    StoredArray("flags.npy", np.uint8, 1, lambda m: m.vocabulary.flags, _flags_fit),
    StoredArray("columns.npy", np.int32, 2, lambda m: m.vocabulary.columns, _columns_fit),
    StoredArray(
        "idf.npy",
        np.float32,
        1,
        lambda m: m.classifier.linear.idf,
        lambda m: bool((m.classifier.linear.idf >= 0).all()),
    ),
    StoredArray(
        "weights.npy",
        np.float32,
        2,
        _whole_weights,
        lambda m: m.classifier.linear.weights.shape[1] == len(m.topics),
    ),
    StoredArray(
        "rows.npy",
        np.int32,
        1,
        lambda m: _packed(m).rows,
        lambda m: _within(_packed(m).rows, 0, len(_packed(m).masks) - 1),
    ),
    StoredArray("masks.npy", np.uint8, 2, lambda m: _packed(m).masks, _masks_fit),
    StoredArray("values.npy", np.float16, 1, lambda m: _packed(m).values, _masks_fit),
    StoredArray(
        "length_weights.npy",
        np.float64,
        2,
        lambda m: m.classifier.linear.length_weights,
        lambda m: m.classifier.linear.length_weights.shape in {(0, len(m.topics)), (KNOTS, len(m.topics))},
    ),
    StoredArray("context.npy", np.float64, 2, _context_rows, _context_fits),
    StoredArray("chance.npy", np.float64, 2, _chance_rows, _chance_fits),
    StoredArray(
        "texts.npy",
        np.uint32,
        1,
        lambda m: m.text_hashes,
        lambda m: bool((m.text_hashes[1:] > m.text_hashes[:-1]).all()),
    ),
)


def to_array(content: Content, stored: StoredArray, path: Path) -> NDArray[Any]:
    """Return the array that a file of a model folder holds, which cannot be written to; its numbers are not copied.

    Raises:
        ModelError: when it is not an array of the type and dimensions wanted, has more or fewer numbers than it says,
            or numbers that are too large or not finite.
    """
    try:
        # Not by np.load, which takes zip files and pickles too.
        head = io.BytesIO(content[:_LONGEST_HEADER])
        if np.lib.format.read_magic(head) != (1, 0):
            raise ValueError(_("its version is not 1.0"))
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(head)
    except _NO_ARRAY as error:
        wrong = _("is not an array ({error}); restore the folder or train again", error=error)
        raise ModelError(path, wrong) from error
    if dtype != stored.dtype:
        wanted = np.dtype(stored.dtype)
        raise ModelError(
            path,
            _("holds {found} where {wanted} is wanted; restore the folder or train again", found=dtype, wanted=wanted),
        )
    if len(shape) != stored.dimensions:
        raise ModelError(path, _("has {n} dimensions; restore the folder or train again", n=len(shape)))
    begin, size = head.tell(), math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(content) != begin + size:
        raise ModelError(
            path,
            _(
                "is not an array: {bytes:,} bytes are not {shape} numbers of {size}; restore the folder or train again",
                bytes=len(content) - begin,
                shape=joined(map(str, shape), N_("{first} times {second}")),
                size=dtype.itemsize,
            ),
        )
    array: NDArray[Any] = np.frombuffer(content, dtype=np.uint8)[begin:].view(dtype)
    array = array.reshape(shape, order="F" if fortran else "C")
    if dtype.kind == "f" and not _all_fit(array.ravel(order="K")):
        raise ModelError(path, _("holds NaN, infinite or enormous numbers; restore the folder or train again"))
    return array


def _all_fit(numbers: NDArray[np.floating]) -> bool:
    """Whether all numbers can be; looked at in parts, as a large array is not to take memory beside itself."""
    most = min(LARGEST, float(np.finfo(numbers.dtype).max))
    parts = (numbers[start : start + _PART] for start in range(0, len(numbers), _PART))
    return all(bool((np.abs(part) <= most).all()) for part in parts)


def check_arrays(model: Model, folder: Path) -> None:
    """Refuse a model, read from a folder, whose arrays do not go together.

    Raises:
        ModelError: naming the first file that does not fit the rest, or the folder where it cannot be told which one.
    """
    vocabulary, linear = model.vocabulary, model.classifier.linear
    nodes = {"keys.npy": len(vocabulary.table.keys), "flags.npy": len(vocabulary.flags)}
    _check_agreement(folder, _NODES, nodes | {"columns.npy": len(vocabulary.columns)})
    features = {"idf.npy": len(linear.idf), _file_of(linear.weights): linear.weights.shape[0]}
    features["columns.npy"] = int(np.count_nonzero(vocabulary.columns >= 0))
    features[FEATURES] = int(np.count_nonzero(model.feature_text == ord("\n"))) - 1
    _check_agreement(folder, _FEATURES, features)
    for stored in ARRAYS:
        if not stored.fits(model):
            raise ModelError(
                folder / stored.file, _("does not fit the rest of the model; restore the folder or train again")
            )
    try:
        check_lines(model.feature_text)
    except ValueError as error:
        wrong = _("{error}; restore the folder or train again", error=error)
        raise ModelError(folder / FEATURES, wrong) from error


# What is said where one file, or several, have another number of something.
_NODES = (
    N_("has {number:,} nodes where {others} have {usual:,}; restore the folder or train again"),
    N_("holds files that do not fit together: of nodes, {counts}; restore it or train again"),
)
_FEATURES = (
    N_("has {number:,} features where {others} have {usual:,}; restore the folder or train again"),
    N_("holds files that do not fit together: of features, {counts}; restore it or train again"),
)


def _check_agreement(folder: Path, texts: tuple[str, str], counts: dict[str, int]) -> None:
    """Refuse files that do not all have as many nodes or features; where all others agree, one alone is wrong."""
    of_one, of_several = texts
    numbers = Counter(counts.values())
    usual, agreeing = numbers.most_common(1)[0]
    if agreeing == len(counts):
        return
    if agreeing == len(counts) - 1:
        odd, number = next(item for item in counts.items() if item[1] != usual)
        others = joined(name for name in counts if name != odd)
        raise ModelError(folder / odd, _(of_one, number=number, others=others, usual=usual))
    told = joined(_("{file} has {number:,}", file=name, number=number) for name, number in counts.items())
    raise ModelError(folder, _(of_several, counts=told))


def _file_of(weights: Weights) -> str:
    """Return the file that has a number or a row for each feature."""
    return "weights.npy" if isinstance(weights, np.ndarray) else "rows.npy"


def _feature_count(model: Model) -> int:
    return len(model.classifier.linear.idf)


def _within(array: NDArray[np.int32], lowest: int, highest: int) -> bool:
    return not array.size or bool(array.min() >= lowest and array.max() <= highest)
