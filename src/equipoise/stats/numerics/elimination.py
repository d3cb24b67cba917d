"""Which columns of a symmetric, positive semidefinite matrix carry information of their own."""

from __future__ import annotations

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray


def independent_columns(matrix: FloatArray, *, smallest: FloatArray) -> BoolArray:
    """Mark the columns that are not, up to rounding, linear combinations of earlier ones.

    matrix: shape (p, p), symmetric, positive semidefinite: an information or covariance matrix.
    smallest: shape (p,), the least remaining diagonal element that still counts as information.
    Returns shape (p,), bool; the rows and columns marked True form a matrix of full rank.
    Source: Cholesky elimination without pivoting, so that the later of two equal columns is dropped.

    >>> independent_columns(np.array([[2.0, 2.0], [2.0, 2.0]]), smallest=np.full(2, 1e-12)).tolist()
    [True, False]
    """
    remaining = np.array(matrix, dtype=np.float64)
    kept = np.zeros(len(remaining), dtype=np.bool_)
    for j in range(len(remaining)):
        pivot = remaining[j, j]
        if pivot > smallest[j]:
            kept[j] = True
            remaining -= np.outer(remaining[:, j], remaining[j]) / pivot
    return kept
