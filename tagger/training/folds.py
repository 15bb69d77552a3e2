"""Documents → folds, none of them split, each topic spread over the folds as evenly as its documents allow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold

__all__ = ["split_documents"]

# With so many documents to an example nearly every example is a document of its own.
_SINGLE = 0.9


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
        elif len(documents) >= _SINGLE * len(groups):
            # With few or no examples to keep together the grouped splitter spreads topics no better, 200 times slower
            # on 4,000 texts: documents are spread, each by its rarest topic.
            number = np.searchsorted(documents, groups)
            of_document = np.full(len(documents), strata.max())
            np.minimum.at(of_document, number, strata)
            splitter = StratifiedKFold(splits, shuffle=True, random_state=seed)
            for rest, fold in splitter.split(of_document, of_document):
                yield np.flatnonzero(np.isin(number, rest)), np.flatnonzero(np.isin(number, fold))
        else:
            yield from StratifiedGroupKFold(splits, shuffle=True, random_state=seed).split(strata, strata, groups)


def _strata(targets: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Stratify by the rarest topic of each row, rows without a topic being a stratum of their own."""
    rarity = np.argsort(np.argsort(targets.sum(axis=0), kind="stable"))
    ranked = np.where(targets, rarity, targets.shape[1])
    return np.asarray(ranked.min(axis=1, initial=targets.shape[1]))
