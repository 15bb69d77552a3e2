"""Counted texts → TF-IDF rows as scikit-learn takes them, length columns, and LSA coordinates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD

from tagger.features.extraction import document_frequencies, inverse_frequencies, tfidf
from tagger.scoring.linear import KNOTS, knots
from tagger.settings import Settings
from tagger.training.counting import CountedTexts, held_by_documents

__all__ = ["LENGTH_SCALE", "length_columns", "lsa_coordinates", "single_character_weight", "tfidf_matrix"]

# Of 50, 100 and 300, 50 told most about labels on headlines, reviews and press.
_DIRECTIONS = 50
# Size of the length columns beside features, whose rows are of norm 1. Of 0.03 to 0.45, 0.1 and more won most where the
# texts to be tagged are as long as those trained on, and lost most where they are halves of such; 0.05 keeps most of
# the one and little of the other.
LENGTH_SCALE = 0.05
# With so many examples in a topic the IDF of single characters is multiplied by a factor halfway between the setting
# and 1. Where examples are few, words and pairs are rare, and characters carry more.
_HALF_OWN = 30.0


def tfidf_matrix(
    texts: CountedTexts, character_weight: float, *, minimum: int
) -> tuple[NDArray[np.float64], csr_matrix]:
    """Return the IDF of texts (features,) and their rows; a feature of fewer than `minimum` documents has IDF 0."""
    frequencies = document_frequencies(texts.counts, features=texts.features)
    idf = inverse_frequencies(frequencies, documents=len(texts.counts))
    held = held_by_documents(texts.counts, texts.documents, features=texts.features)
    idf *= np.where(texts.is_character, character_weight, 1.0) * (held >= max(1, minimum))
    rows = tfidf(texts.counts, idf)
    return idf, csr_matrix((rows.values, rows.columns, rows.indptr), shape=(len(rows), texts.features))


def single_character_weight(targets: NDArray[np.bool_], settings: Settings) -> float:
    """Return the factor for single characters, the nearer to 1 the fewer examples the topics have on average."""
    own = _HALF_OWN / (_HALF_OWN + targets.sum() / max(1, targets.shape[1]))
    return float(settings.character_weight + own * (1 - settings.character_weight))


def length_columns(character_counts: NDArray[np.int64], rows: NDArray[np.bool_]) -> csr_matrix:
    """Return the lengths of the marked rows as columns to learn from, (rows, KNOTS): each lies between two knots.

    Other rows have no length.
    """
    below, share = knots(character_counts[rows])
    columns = np.stack([below, below + 1], axis=1).ravel()
    values = LENGTH_SCALE * np.stack([1 - share, share], axis=1).ravel()
    return csr_matrix((values, columns, np.concatenate([[0], 2 * np.cumsum(rows)])), shape=(len(rows), KNOTS))


def lsa_coordinates(matrix: csr_matrix, *, seed: int) -> NDArray[np.float64]:
    """Return the coordinates of rows along the directions in which they vary most, shape (rows, directions).

    Features that occur in the same texts share directions, so that texts are near one another which have no feature in
    common (latent semantic analysis: Deerwester et al. 1990).
    """
    directions = min(_DIRECTIONS, *(length - 1 for length in matrix.shape))
    return np.asarray(TruncatedSVD(directions, n_iter=4, random_state=seed).fit_transform(matrix))
