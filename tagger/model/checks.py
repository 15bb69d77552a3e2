"""Whether the parts of a model that was read fit one another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagger.errors import ModelError
from tagger.features.vocabulary import MAX_ALPHABET
from tagger.model.manifest import MANIFEST
from tagger.model.model import Model
from tagger.scoring.linear import KNOTS
from tagger.text import CODE_POINTS

__all__ = ["VOCABULARY", "check_shapes"]

VOCABULARY = "vocabulary.tsv"


def check_shapes(model: Model, path: Path) -> None:
    """Refuse a model, read from a folder, whose arrays are of sizes or hold numbers that do not go together.

    Raises:
        ModelError: naming the first file that does not fit the rest.
    """
    features, topics = len(model.idf), len(model.topics)
    vocabulary = model.vocabulary
    alphabet, table, columns = vocabulary.alphabet, vocabulary.table, vocabulary.columns
    slots, taken, nodes = len(table.slots), int(np.count_nonzero(table.slots)), len(vocabulary.flags)
    calibration, context = model.calibration, model.context
    units = 0 if context is None else len(context.outer)
    checks = {
        "alphabet.npy": len(alphabet) <= MAX_ALPHABET
        and bool((alphabet < CODE_POINTS).all())
        and len(np.unique(alphabet)) == len(alphabet),
        "keys.npy": len(table.keys) == nodes and bool((table.keys[:1] == 0).all()),
        # Every node but those of single characters is there; and half of the slots, at least, are free, or a search
        # for an unknown key would not end.
        "slots.npy": slots > max(0, 2 * taken - 1)
        and taken == nodes - len(alphabet) - 1
        and _within(table.slots, 0, nodes - 1),
        "flags.npy": nodes > len(alphabet) and vocabulary.flags[0] == 0,
        "columns.npy": columns.shape == (nodes, 2)
        and _within(columns, -1, features - 1)
        and int(np.count_nonzero(columns >= 0)) == features,
        VOCABULARY: int(np.count_nonzero(model.feature_text == ord("\n"))) == features + 1,
        "weights.npy": model.weights.shape == (features, topics),
        "of_length.npy": model.length_weights.shape in {(0, topics), (KNOTS, topics)},
        "context.npy": context is None
        or (context.inner.shape == (7 * topics + 2, topics + units) and context.outer.shape == (units, topics)),
        MANIFEST: topics > 0
        and all(
            bool(np.isfinite(numbers).all())
            for numbers in (model.bias, model.thresholds, calibration.slope, calibration.offset)
        )
        and bool(((calibration.prior >= 0) & (calibration.prior <= 1)).all()),
    }
    for name, fits in checks.items():
        if not fits:
            raise ModelError(path / name, "does not fit the rest of the model; restore the folder or train anew")


def _within(array: NDArray[np.int32], lowest: int, highest: int) -> bool:
    return not array.size or bool(array.min() >= lowest and array.max() <= highest)
