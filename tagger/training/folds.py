"""Documents → folds, none of them split, each topic spread over the folds as evenly as its documents allow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold

__all__ = ["split_documents"]


def split_documents(
    groups: NDArray[np.int64], targets: NDArray[np.bool_], *, folds: int, seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the rows to train on and to test on for each fold; nothing where there are fewer than two documents.

    `folds` is lowered to the number of documents, which makes it leave-one-document-out.
    """
    documents = np.unique(groups)
    splits = min(folds, len(documents))
    if splits == len(documents):
        for document in documents[: len(documents) if splits > 1 else 0]:
            yield np.flatnonzero(groups != document), np.flatnonzero(groups == document)
        return
    strata = _strata(targets)
    with warnings.catch_warnings():
        # A topic with fewer examples than folds is spread as far as it goes; the caller copes with folds without it.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        if splits > np.bincount(strata).max():
            yield from GroupKFold(splits, shuffle=True, random_state=seed).split(strata, groups=groups)
        elif len(documents) == len(groups):
            # Without documents to keep together the grouped splitter gives the same, 200 times slower on 4,000 texts.
            yield from StratifiedKFold(splits, shuffle=True, random_state=seed).split(strata, strata)
        else:
            yield from StratifiedGroupKFold(splits, shuffle=True, random_state=seed).split(strata, strata, groups)


def _strata(targets: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Stratify by the rarest topic of each row, rows without a topic being a stratum of their own."""
    rarity = np.argsort(np.argsort(targets.sum(axis=0), kind="stable"))
    ranked = np.where(targets, rarity, targets.shape[1])
    return np.asarray(ranked.min(axis=1, initial=targets.shape[1]))
