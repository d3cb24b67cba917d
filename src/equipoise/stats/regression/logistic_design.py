"""The design of a logistic model in units in which it is solved: centered, scaled, without what adds nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import BoolArray, FloatArray
from equipoise.stats.regression.logistic_data import LogisticData
from equipoise.stats.regression.logistic_likelihood import SignedRows

# What is left of a constant covariate after its mean is taken off is rounding of this relative size.
_CONSTANT = 1e-13
# A covariate with less than this share of variance of its own is a combination of the earlier ones.
COLLINEAR = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standard:
    """The design in standardized units.  kept: (p,) covariates with information of their own.
    constant: (p,).  back: (k, k) from standardized parameters of the kept to those of the caller.
    used: (n,) the caller's rows that count, None for all.
    """

    rows: SignedRows
    kept: BoolArray
    constant: BoolArray
    back: FloatArray
    used: BoolArray | None


def standardized(given: LogisticData, intercept: bool) -> Standard:
    """Signed rows, centered (with an intercept) and scaled; only subjects that count.

    >>> from equipoise.stats.regression.logistic_data import checked_data
    >>> found = standardized(checked_data([1, 0], [2.0, 4.0], ["dose"], None, None, None), True)
    >>> found.rows.design.tolist(), found.back.tolist()
    ([[1.0, -1.0], [-1.0, -1.0]], [[1.0, -3.0], [0.0, 1.0]])
    """
    used = None if given.weights is None or given.weights.all() else given.weights > 0
    matrix, happened, weights, offset = given.matrix, given.response, given.weights, given.offset
    if used is not None:
        matrix, happened = matrix[used], happened[used]
        weights = None if weights is None else weights[used]
        offset = None if offset is None else offset[used]
    n, p = matrix.shape
    design = np.empty((n, p + intercept))
    centered = design[:, int(intercept) :]
    mean = matrix.mean(axis=0) if intercept else np.zeros(p)
    np.subtract(matrix, mean, out=centered)
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    extent = high - low if intercept else np.maximum(-low, high)
    constant = extent <= _CONSTANT * np.maximum(-low, high) * intercept
    spread = np.sqrt(np.einsum("ij,ij->j", centered, centered) / n)
    spread[constant] = 1.0
    centered /= spread
    if constant.any():
        centered[:, constant] = 0.0
    kept = _independent(centered.T @ centered / n)
    sign = np.where(happened, 1.0, -1.0)
    centered *= sign[:, None]
    if intercept:
        design[:, 0] = sign
    back = np.diag(np.concatenate((np.ones(int(intercept)), 1 / spread[kept])))
    if intercept:
        back[0, 1:] = -mean[kept] / spread[kept]
    if not kept.all():
        design = np.ascontiguousarray(design[:, np.concatenate((np.ones(int(intercept), bool), kept))])
    rows = SignedRows(design=design, offset=None if offset is None else offset * sign, weights=weights)
    return Standard(rows=rows, kept=kept, constant=constant, back=back, used=used)


def _independent(correlation: FloatArray) -> BoolArray:
    try:
        if (np.diag(np.linalg.cholesky(correlation)) ** 2 > COLLINEAR).all():
            return np.ones(len(correlation), dtype=np.bool_)
    except np.linalg.LinAlgError:
        pass
    return independent_columns(correlation, smallest=np.full(len(correlation), COLLINEAR))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """The coefficients at which one parameter has a value: origin times the value, plus any mix of the free ones.

    origin: (k,).  free: (k, k - 1), orthonormal, so that what is solved stays as well-conditioned as the design.
    """

    origin: FloatArray
    free: FloatArray


def held(parameter: FloatArray) -> Line:
    """The line of coefficients that hold a parameter.

    parameter: (k,) its combination of the coefficients, a row of ``Standard.back``.

    >>> line = held(np.array([0.0, 2.0]))
    >>> line.origin.tolist(), np.abs(line.free.ravel()).tolist()
    ([0.0, 0.5], [1.0, 0.0])
    """
    basis = np.linalg.qr(parameter[:, None], mode="complete")[0]
    return Line(origin=parameter / float(parameter @ parameter), free=np.ascontiguousarray(basis[:, 1:]))
