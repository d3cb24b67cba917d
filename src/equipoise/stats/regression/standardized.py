"""The likelihood of checked data in standardized covariates, in which it is maximized."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.stats import compiling
from equipoise.stats.observations import BoolArray, FloatArray
from equipoise.stats.regression.cox_data import CoxData
from equipoise.stats.regression.newton import Likelihood
from equipoise.stats.regression.partial_likelihood import PartialLikelihood, partial_likelihood
from equipoise.stats.regression.risk_sets import RiskSets, risk_sets

# What is left of a constant covariate after its mean is taken off is rounding of this relative size.
_CONSTANT = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Standardized:
    """A likelihood and the scale of its covariates: a coefficient divided by its scale is in the caller's units.

    A covariate that is constant within every stratum has the scale 0, and a column of zeros.
    """

    likelihood: Likelihood
    scale: FloatArray


def standardized(data: CoxData) -> Standardized:
    """The likelihood to maximize: compiled for large data without entries, else numpy's.

    >>> from equipoise.stats.regression.cox_data import cox_data
    >>> data = cox_data([1, 2], [1, 1], [3, 5], names=["x"], entry=None, strata=None, weights=None, offset=None,
    ...                 cluster=None, ties="efron", data=None)
    >>> standardized(data).scale.tolist()
    [1.0]
    """
    approximate = data.ties in ("efron", "breslow")
    if data.entry is None and approximate and compiling.worthwhile(data.time.size):
        from equipoise.stats.regression.large import large_likelihood

        likelihood, scale = large_likelihood(data, lambda: reference(data)[0], _CONSTANT)
        return Standardized(likelihood, scale)
    return Standardized(*reference(data))


def reference(data: CoxData) -> tuple[PartialLikelihood, FloatArray]:
    """The same by numpy alone, which is the meaning of the compiled form."""
    sets = risk_sets(data.time, data.event, data.stratum, data.ties, entry=data.entry, weights=data.weights)
    ordered = data.matrix.take(sets.row, axis=0)
    centered = ordered - _means(sets, ordered)
    scale = np.sqrt(np.einsum("ij,ij->j", centered, centered) / len(centered))
    # Most often even the largest covariate of all leaves no doubt about the smallest spread.
    if scale.min(initial=np.inf) > _CONSTANT * max(ordered.max(initial=0), -ordered.min(initial=0)):
        centered /= scale
    else:
        constant = np.abs(centered).max(axis=0, initial=0) <= _CONSTANT * np.abs(ordered).max(
            axis=0, initial=0
        )
        centered, scale = _without(centered, scale, constant)
        centered /= np.where(scale > 0, scale, 1)
    return partial_likelihood(sets, centered, _offset(data, sets)), scale


def numpy_likelihood(data: CoxData, found: Likelihood) -> PartialLikelihood:
    """The likelihood itself when it is numpy's, else numpy's of the same data."""
    if isinstance(found, PartialLikelihood):
        return found
    return reference(data)[0]


def _means(sets: RiskSets, ordered: FloatArray) -> FloatArray:
    """Stratum means: a shift within a stratum cancels, and only variation within strata informs."""
    if len(sets.strata) == 1:
        mean: FloatArray = np.add.reduce(ordered, axis=0) / len(ordered)
        return mean
    of = np.searchsorted(sets.strata[:, 1], sets.last, side="right")
    size = np.bincount(of)
    return np.column_stack(
        [(np.bincount(of, weights=column) / size)[of] for column in ordered.T]
        or [np.empty((len(ordered), 0))]
    )


def _without(centered: FloatArray, scale: FloatArray, constant: BoolArray) -> tuple[FloatArray, FloatArray]:
    return np.where(constant, 0.0, centered), np.where(constant, 0.0, scale)


def _offset(data: CoxData, sets: RiskSets) -> FloatArray | None:
    return data.offset[sets.row] if data.offset.any() else None
