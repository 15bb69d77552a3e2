"""The arrays of a model folder: one table of their files, types, shapes and where in a model they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.features.vocabulary import MAX_ALPHABET
from tagger.model.model import Model
from tagger.scoring.articles import LEVELS
from tagger.scoring.context import LinearContext, NetworkContext
from tagger.scoring.linear import KNOTS
from tagger.text import CODE_POINTS

__all__ = ["ARRAYS", "StoredArray", "check_arrays", "read_array", "to_context"]


# What NumPy raises where a file's header is not that of an array.
_NO_ARRAY = (ValueError, TypeError, OverflowError, MemoryError, RecursionError, SyntaxError, TokenError)
# What a linear context has for each topic.
_COEFFICIENTS = 6


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
    known = len(alphabet) <= MAX_ALPHABET and bool((alphabet < CODE_POINTS).all())
    return known and len(np.unique(alphabet)) == len(alphabet)


def _slots_fit(model: Model) -> bool:
    """Check that every node but those of single characters is there, and that half of the slots are free.

    Otherwise a search for an unknown key would not end.
    """
    vocabulary = model.vocabulary
    slots, nodes = vocabulary.table.slots, len(vocabulary.flags)
    taken = int(np.count_nonzero(slots))
    full = taken == nodes - len(vocabulary.alphabet) - 1
    return full and len(slots) > max(0, 2 * taken - 1) and _within(slots, 0, nodes - 1)


def _keys_fit(model: Model) -> bool:
    """Check that key 0, which stands for all that is not there, is zero."""
    return bool(np.array_equal(model.vocabulary.table.keys[:1], [0]))


def _columns_fit(model: Model) -> bool:
    columns = model.vocabulary.columns
    return columns.shape[1] == 2 and _within(columns, -1, _feature_count(model) - 1)


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
    StoredArray(
        "flags.npy",
        np.uint8,
        1,
        lambda m: m.vocabulary.flags,
        lambda m: len(m.vocabulary.flags) > len(m.vocabulary.alphabet) and m.vocabulary.flags[0] == 0,
    ),
    StoredArray("columns.npy", np.int32, 2, lambda m: m.vocabulary.columns, _columns_fit),
    StoredArray("idf.npy", np.float32, 1, lambda m: m.classifier.linear.idf, lambda _: True),
    StoredArray(
        "weights.npy",
        np.float32,
        2,
        lambda m: m.classifier.linear.weights,
        lambda m: m.classifier.linear.weights.shape[1] == len(m.topics),
    ),
    StoredArray(
        "length_weights.npy",
        np.float64,
        2,
        lambda m: m.classifier.linear.length_weights,
        lambda m: m.classifier.linear.length_weights.shape in {(0, len(m.topics)), (KNOTS, len(m.topics))},
    ),
    StoredArray("context.npy", np.float64, 2, _context_rows, _context_fits),
    StoredArray("chance.npy", np.float64, 2, _chance_rows, _chance_fits),
)


def read_array(path: Path, stored: StoredArray) -> NDArray[Any]:
    """Map one array of a model folder into memory.

    Raises:
        ModelError: when it cannot be read, is not an array of the type and dimensions wanted, or has numbers that are
            not finite.
    """
    try:
        # Not by np.load, which takes zip files and pickles too.
        array = np.lib.format.open_memmap(path, mode="r")
    except OSError as error:
        raise ModelError(
            path, f"cannot be read ({error.strerror or error}); restore the folder or train again"
        ) from error
    except _NO_ARRAY as error:
        raise ModelError(path, f"is not an array ({error}); restore the folder or train again") from error
    if array.dtype != stored.dtype:
        wanted = np.dtype(stored.dtype)
        raise ModelError(path, f"holds {array.dtype} where {wanted} is wanted; restore the folder or train again")
    if array.ndim != stored.dimensions:
        raise ModelError(path, f"has {array.ndim} dimensions; restore the folder or train again")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ModelError(path, "holds NaN or infinite numbers; restore the folder or train again")
    # As a plain array over the mapped file: every operation on a np.memmap first makes another one.
    return np.asarray(array)


def check_arrays(model: Model, folder: Path) -> None:
    """Refuse a model, read from a folder, whose arrays do not go together.

    Raises:
        ModelError: naming the first file that does not fit the rest, or the folder where it cannot be told which one.
    """
    vocabulary, linear = model.vocabulary, model.classifier.linear
    nodes = {"keys.npy": len(vocabulary.table.keys), "flags.npy": len(vocabulary.flags)}
    _check_agreement(folder, "nodes", nodes | {"columns.npy": len(vocabulary.columns)})
    features = {"idf.npy": len(linear.idf), "weights.npy": len(linear.weights)}
    features["columns.npy"] = int(np.count_nonzero(vocabulary.columns >= 0))
    features["vocabulary.tsv"] = int(np.count_nonzero(model.feature_text == ord("\n"))) - 1
    _check_agreement(folder, "features", features)
    for stored in ARRAYS:
        if not stored.fits(model):
            raise ModelError(
                folder / stored.file, "does not fit the rest of the model; restore the folder or train again"
            )


def _check_agreement(folder: Path, what: str, counts: dict[str, int]) -> None:
    """Refuse files that do not all have as many nodes or features; where all others agree, one alone is wrong."""
    numbers = Counter(counts.values())
    usual, agreeing = numbers.most_common(1)[0]
    if agreeing == len(counts):
        return
    if agreeing == len(counts) - 1:
        odd, number = next(item for item in counts.items() if item[1] != usual)
        others = ", ".join(name for name in counts if name != odd)
        raise ModelError(
            folder / odd, f"has {number:,} {what} where {others} have {usual:,}; restore the folder or train again"
        )
    told = ", ".join(f"{name} has {number:,}" for name, number in counts.items())
    raise ModelError(folder, f"holds files that do not fit together: of {what}, {told}; restore it or train again")


def _feature_count(model: Model) -> int:
    return len(model.classifier.linear.idf)


def _within(array: NDArray[np.int32], lowest: int, highest: int) -> bool:
    return not array.size or bool(array.min() >= lowest and array.max() <= highest)
