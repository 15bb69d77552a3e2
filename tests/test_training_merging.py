"""Equal columns merged: a linear SVM learns the same from them."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from tagger.training.merging import merge_columns
from tagger.training.svm import LogCountRatios


def rows_with_equal_columns() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return 60 rows whose columns 5 to 7 are that at 0, and 8 that at 1; 9 and 10 are empty."""
    random = np.random.default_rng(0)
    rows = np.where(random.random((60, 11)) < 0.4, random.random((60, 11)), 0)
    rows[:, 5:8], rows[:, 8], rows[:, 9:] = rows[:, :1], rows[:, 1], 0
    return rows


def test_equal_columns_become_one_and_others_stay_apart() -> None:
    rows = rows_with_equal_columns()
    merged = merge_columns(csr_matrix(rows))
    assert merged.columns.tolist() == [0, 1, 2, 3, 4, 0, 0, 0, 1, 5, 5]
    assert merged.first.tolist() == [0, 1, 2, 3, 4, 9]
    assert merged.copies.tolist() == [4, 2, 1, 1, 1, 2]
    assert merged.matrix.toarray() == pytest.approx(rows[:, merged.first] * np.sqrt(merged.copies))


def test_columns_that_differ_in_size_or_in_their_rows_are_not_equal() -> None:
    rows = np.array([[1.0, 0.5, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0, 0.0]])
    matrix = csr_matrix(rows)
    matrix.data[-1] = 1.0
    assert merge_columns(matrix).columns.tolist() == [0, 1, 2, 3, 4]


def test_zeros_that_are_stored_count_for_nothing() -> None:
    matrix = csr_matrix(np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
    matrix.data[[0, 2, 3, 5]] = 0
    merged = merge_columns(matrix)
    assert merged.columns.tolist() == [0, 1, 0]
    assert merged.matrix.nnz == 2


def test_rows_without_any_feature_have_one_column() -> None:
    merged = merge_columns(csr_matrix((3, 4)))
    assert merged.columns.tolist() == [0, 0, 0, 0]
    assert merged.matrix.shape == (3, 1)


def test_an_svm_learns_from_merged_columns_what_it_learns_from_all() -> None:
    rows = rows_with_equal_columns()
    target = np.random.default_rng(1).random(60) < 0.5
    merged = merge_columns(csr_matrix(rows))
    machine = LinearSVC(tol=1e-8, max_iter=100_000, random_state=0)
    whole = machine.fit(rows, target).coef_[0]
    few = machine.fit(merged.matrix, target).coef_[0] / np.sqrt(merged.copies)
    assert few[merged.columns] == pytest.approx(whole, abs=1e-4)


def test_log_count_ratios_of_merged_columns_are_those_of_all() -> None:
    rows = rows_with_equal_columns()
    target = np.random.default_rng(1).random(60) < 0.5
    merged = merge_columns(csr_matrix(rows))
    weights = np.linspace(0.5, 1, 60)
    all_of_them = LogCountRatios(csr_matrix(rows), weights, np.ones(11, dtype=np.int64)).of(target)
    few = LogCountRatios(merged.matrix, weights, merged.copies).of(target)
    assert few[merged.columns] == pytest.approx(all_of_them)
