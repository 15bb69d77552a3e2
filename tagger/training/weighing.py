"""Counted texts → TF-IDF rows as scikit-learn takes them, and where they lie by what they have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD

from tagger.features import Rows, document_frequencies, inverse_frequencies, tfidf
from tagger.settings import Settings

__all__ = ["locate", "weigh"]

# Of 50, 100 and 300, 50 told most about labels on headlines, reviews and press.
_DIRECTIONS = 50


def weigh(
    counts: Rows, single: NDArray[np.bool_], settings: Settings, *, minimum: int
) -> tuple[NDArray[np.float64], csr_matrix]:
    """Give the IDF of these texts (features,) and their rows; a feature that none of them holds has IDF 0."""
    frequencies = document_frequencies(counts, features=len(single))
    idf = inverse_frequencies(frequencies, documents=len(counts), minimum=max(1, minimum))
    idf *= np.where(single, settings.character_weight, 1.0)
    rows = tfidf(counts, idf)
    return idf, csr_matrix((rows.values, rows.columns, rows.indptr), shape=(len(rows), len(single)))


def locate(matrix: csr_matrix, *, seed: int) -> NDArray[np.float64]:
    """Give the coordinates of rows along the directions in which they vary most, shape (rows, directions).

    Features that stand in the same texts share directions, so that texts lie together which have no feature in common
    (latent semantic analysis: Deerwester et al. 1990).
    """
    directions = min(_DIRECTIONS, *(length - 1 for length in matrix.shape))
    return np.asarray(TruncatedSVD(directions, n_iter=4, random_state=seed).fit_transform(matrix))
