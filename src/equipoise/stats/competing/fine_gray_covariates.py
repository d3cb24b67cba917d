"""Covariates of Fine and Gray's model: checked, then centered and scaled for the iterations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats.observations import FloatArray, IntArray, refused

# What is left of a constant covariate after its mean is taken off is rounding of this relative size.
_CONSTANT = 1e-13


def checked_covariates(given: Any, names: tuple[str, ...], n: int) -> FloatArray:
    """The covariates as (p, n), a row a covariate.

    >>> checked_covariates([[1, 2], [3, 4]], ("a", "b"), 2).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    found = np.asarray(given)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim == 2 and len(found) == n and names and found.shape[1] != len(names):
        raise refused("names", f"{len(names)} for {found.shape[1]} covariates: {names!r}", "one name for each covariate",
                      "give one name a column")  # fmt: skip
    if found.shape != (n, len(names)) or not names:
        raise refused("covariates", f"shape {found.shape}", f"({n}, {len(names)}): the times by the names",
                      "give one row a subject and one name a column")  # fmt: skip
    if len(set(names)) < len(names):
        raise refused("names", repr(names), "different names", "rename the repeated one")
    if found.dtype.kind not in "biuf":
        raise refused("covariates", f"dtype {found.dtype}", "numbers", "code categories as 0/1 columns")
    matrix = np.ascontiguousarray(found.T, dtype=np.float64)
    unusable = ~np.isfinite(matrix)
    if unusable.any():
        column, row = (int(index) for index in np.argwhere(unusable)[0])
        raise refused(f"covariates[{names[column]}]", f"{matrix[column, row]} at row {row}", "finite numbers",
                      "fit complete cases, and count the others")  # fmt: skip
    return matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standardized:
    """columns: (p, n) less their stratum means, over their spread.  center: (s, p).  scale: (p,), 0 when constant."""

    columns: FloatArray
    center: FloatArray
    scale: FloatArray


def standardized_covariates(matrix: FloatArray, stratum: IntArray, strata: int) -> Standardized:
    """A shift within a stratum cancels in the likelihood, and only variation within strata informs it.

    >>> found = standardized_covariates(np.array([[1.0, 3.0], [2.0, 2.0]]), np.zeros(2, dtype=np.int64), 1)
    >>> found.columns.tolist(), found.scale.tolist()
    ([[-1.0, 1.0], [0.0, 0.0]], [1.0, 0.0])
    """
    if strata == 1:
        center = matrix.mean(axis=1)[:, None]
        deviation = matrix - center
    else:
        size = np.bincount(stratum, minlength=strata)
        center = np.array([np.bincount(stratum, weights=x, minlength=strata) / size for x in matrix])
        deviation = matrix - center[:, stratum]
    scale = np.sqrt(np.einsum("ij,ij->i", deviation, deviation) / matrix.shape[1])
    constant = np.abs(deviation).max(axis=1) <= _CONSTANT * np.abs(matrix).max(axis=1)
    scale[constant] = 0.0
    deviation /= np.where(constant, np.inf, scale)[:, None]
    return Standardized(columns=deviation, center=center.T, scale=scale)
