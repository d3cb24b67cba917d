"""Maximize a partial likelihood, and say when its maximum lies at infinity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import BoolArray, FloatArray
from equipoise.stats.regression.partial_likelihood import Evaluation, RiskSets, evaluate
from equipoise.stats.regression.separation import infinite_directions

_MOST_ITERATIONS = 60
_MOST_HALVINGS = 40
# The squared length of a Newton step in standard errors. After a step of 1e-10 standard errors the next
# one is its square: the estimate has every digit it can have.
_CONVERGED = 1e-20
_FLAT = 1e-12
# While the likelihood no longer grows, a coefficient on its way to infinity still gains about one unit of
# the predictor over the covariate's range at each step; one with a finite maximum gains 1e-6 or less.
_STILL_MOVING = 1e-3
# A covariate with less than this share of information of its own is a combination of the earlier ones.
_COLLINEAR = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """Where Newton–Raphson ended, in the units of the covariates it was given.

    kept: (p,) False for covariates without information of their own.  diverging: (p,) 0, or -1 or 1 when
    the coefficient runs to infinity, or NaN when it is undetermined.  coefficients: (p,) accordingly.
    covariance: (p, p), NaN for a coefficient that is not finite, and without convergence.  null, final: evaluations of the
    kept covariates at zero and at the end.
    """

    kept: BoolArray
    diverging: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    null: Evaluation
    final: Evaluation
    iterations: int
    converged: bool


def maximize(sets: RiskSets, covariates: FloatArray) -> Maximum:
    """Find the coefficients of the largest partial likelihood by Newton–Raphson with step halving.

    sets: the risk sets.  covariates: shape (m, p), centered and scaled to unit variance or constant 0.
    Returns a Maximum.  Source: Therneau & Grambsch 2000, chapter 3; for the end at infinity see ``separation``.

    >>> from equipoise.stats.regression.partial_likelihood import risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> maximize(sets, np.array([[1.0], [0.0]])).coefficients.tolist()
    [inf]
    """
    p = covariates.shape[1]
    at_zero = evaluate(sets, covariates, np.zeros(p))
    kept = independent_columns(at_zero.information, smallest=np.full(p, _COLLINEAR * sets.event.size))
    used = np.ascontiguousarray(covariates[:, kept])
    null = evaluate(sets, used, np.zeros(used.shape[1]))
    extent = np.ptp(used, axis=0) if used.size else np.zeros(used.shape[1])

    beta, direction, step = (np.zeros(used.shape[1]) for _ in range(3))
    current, converged, iterations = null, False, 0
    while not converged and not direction.any() and iterations < _MOST_ITERATIONS:
        iterations += 1
        step = _newton_step(current)
        share, following = _climb(sets, used, beta, step, current)
        if share == 0:
            break
        moving = np.maximum(np.abs(step), np.abs(_newton_step(following))) * extent > _STILL_MOVING
        moving |= np.diag(following.information) <= _FLAT * np.diag(null.information)
        gained = abs(following.log_likelihood - current.log_likelihood)
        if moving.any() and gained <= _FLAT * (1 + abs(current.log_likelihood)):
            direction = infinite_directions(sets, used, null, following, step, moving)
        converged = not direction.any() and bool(current.score @ step <= _CONVERGED)
        beta, current = beta + share * step, following

    finite = direction == 0
    # In the limit a diverging covariate shares no information with the others.
    inverse = _inverse(current.information[np.ix_(finite, finite)], converged or bool(direction.any()))
    coefficients, diverging, covariance = np.full(p, np.nan), np.full(p, np.nan), np.full((p, p), np.nan)
    coefficients[kept] = np.where(finite, beta, np.where(finite, 1.0, direction) * np.inf)
    diverging[kept] = direction
    rows = np.flatnonzero(kept)[finite]
    covariance[np.ix_(rows, rows)] = inverse
    return Maximum(
        kept=kept,
        diverging=diverging,
        coefficients=coefficients,
        covariance=covariance,
        null=null,
        final=current,
        iterations=iterations,
        converged=converged and not np.isnan(inverse).any(),
    )


def _inverse(information: FloatArray, maximum_found: bool) -> FloatArray:
    """The covariance, all NaN when there is none: without a maximum, or when rounding has eaten it."""
    unknown = np.full_like(information, np.nan)
    if not maximum_found or information.size == 0:
        return unknown
    if np.linalg.cond(information) > 1 / np.finfo(np.float64).eps:
        return unknown
    inverse: FloatArray = np.linalg.inv(information).astype(np.float64)
    return inverse if (np.diag(inverse) > 0).all() else unknown


def _newton_step(at: Evaluation) -> FloatArray:
    # By least squares, because the information of a coefficient on its way to infinity ends as nothing.
    step: FloatArray = np.linalg.lstsq(at.information, at.score)[0].astype(np.float64)
    return step


def _climb(
    sets: RiskSets, covariates: FloatArray, beta: FloatArray, step: FloatArray, current: Evaluation
) -> tuple[float, Evaluation]:
    """The first of 1, 1/2, 1/4 … of the step that does not lower the likelihood; 0 when there is none."""
    slack = _FLAT * (1 + abs(current.log_likelihood))
    share = 1.0
    for _ in range(_MOST_HALVINGS):
        following = evaluate(sets, covariates, beta + share * step)
        if following.log_likelihood >= current.log_likelihood - slack:
            return share, following
        share /= 2
    return 0.0, current
