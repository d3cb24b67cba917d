"""Newton–Raphson for Fine and Gray's partial likelihood, which says when its maximum lies at infinity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equipoise.stats.competing.fine_gray_likelihood import Fit
from equipoise.stats.competing.fine_gray_risk_sets import Subdistribution
from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import BoolArray, FloatArray

Evaluate = Callable[[FloatArray, FloatArray], Fit]

_MOST_ITERATIONS = 60
_MOST_HALVINGS = 40
# The squared length of a Newton step in standard errors; the error after such a step is its square.
_CONVERGED = 1e-18
_FLAT = 1e-12
# A coefficient on its way to infinity gains about one unit of the predictor over the covariate's range at each step.
_STILL_MOVING = 1e-3
# A covariate with less than this share of information of its own is a combination of the earlier ones.
_COLLINEAR = 1e-11
# At the end of the iterations what vanishes has fallen to about 1e-12 of its information at zero.
_EMPTIED = 1e-6
_NO_PART = 1e-3
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """Where the iterations ended, for the covariates kept.

    kept: (p,) False for covariates without information of their own.  coefficients: (q,) of the kept ones.
    diverging: (q,) 0 when finite, -1 or 1 when the coefficient runs to infinity, NaN when it is undetermined.
    """

    kept: BoolArray
    coefficients: FloatArray
    diverging: FloatArray
    null: Fit
    final: Fit
    iterations: int
    converged: bool


def maximize(sets: Subdistribution, covariates: FloatArray, evaluate: Evaluate) -> Maximum:
    """Find the largest partial likelihood.

    covariates: (p, n), centered, of unit spread or constant 0.  evaluate: the likelihood of covariates and coefficients.

    >>> from equipoise.stats.competing.fine_gray_likelihood import evaluate
    >>> from equipoise.stats.competing.fine_gray_risk_sets import _doctest_sets
    >>> sets = _doctest_sets()
    >>> maximize(sets, np.array([[1.0, 0.0]]), lambda x, b: evaluate(sets, x, b)).diverging.tolist()
    [1.0]
    """
    p = len(covariates)
    null = evaluate(covariates, np.zeros(p))
    kept = independent_columns(null.information, smallest=np.full(p, _COLLINEAR * sets.event.size))
    used = covariates
    if not kept.all():
        used = np.ascontiguousarray(covariates[kept])
        null = evaluate(used, np.zeros(len(used)))
    beta = np.zeros(len(used))
    diverging = np.zeros(len(used))
    extent = np.ptp(used, axis=1)
    current, converged, iterations = null, len(used) == 0, 0
    while not converged and not diverging.any() and iterations < _MOST_ITERATIONS:
        iterations += 1
        step = _newton_step(current)
        slack = _FLAT * (1 + abs(current.log_likelihood))
        share = 1.0
        for _ in range(_MOST_HALVINGS):
            following = evaluate(used, beta + share * step)
            if following.log_likelihood >= current.log_likelihood - slack:
                break
            share /= 2
        else:
            break
        if abs(following.log_likelihood - current.log_likelihood) <= slack:
            further = _newton_step(following)
            moving = np.maximum(np.abs(step), np.abs(further)) * extent > _STILL_MOVING
            moving |= np.diag(following.information) <= _FLAT * np.diag(null.information)
            if moving.any():
                diverging = _infinite(sets, used, null, following, step, moving)
        converged = not diverging.any() and bool(current.score @ step <= _CONVERGED)
        beta, current = beta + share * step, following
    return Maximum(
        kept=kept,
        coefficients=beta,
        diverging=diverging,
        null=null,
        final=current,
        iterations=iterations,
        converged=converged,
    )


def _newton_step(at: Fit) -> FloatArray:
    try:
        step = np.linalg.solve(at.information, at.score)
    except np.linalg.LinAlgError:
        step = np.linalg.lstsq(at.information, at.score)[0]
    usable: FloatArray = step.astype(np.float64) if np.isfinite(step).all() else np.zeros_like(at.score)
    return usable


def _infinite(
    sets: Subdistribution, covariates: FloatArray, null: Fit, final: Fit, step: FloatArray, moving: BoolArray
) -> FloatArray:
    """0, -1 or 1 for its infinity, or NaN for undetermined, of each coefficient that no longer has a maximum.

    One is infinite when every event has the largest (or smallest) covariate of its risk set, or when it takes part in
    the only direction without information; it is undetermined when it takes part in one of several.
    """
    spread = np.sqrt(np.diag(null.information))
    values, vectors = np.linalg.eigh(final.information / np.outer(spread, spread))
    empty = vectors[:, values < _EMPTIED]
    takes_part = np.sqrt((empty**2).sum(axis=1)) > _NO_PART
    directions = np.zeros(spread.size)
    for j in np.flatnonzero(moving | takes_part).tolist():
        side = _side(sets, covariates[j])
        if side == 0 and takes_part[j]:
            side = float(np.sign(step[j])) if empty.shape[1] == 1 else np.nan
        directions[j] = side
    return directions


def _side(sets: Subdistribution, covariate: FloatArray) -> float:
    """1 when every event has the largest covariate of its risk set, -1 when the smallest, else 0."""
    equal = _EQUAL * float(np.ptp(covariate))
    slots = sets.n_slots
    for side in (1.0, -1.0):
        there, lost = np.full(slots, -np.inf), np.full(slots, -np.inf)
        np.maximum.at(there, sets.slot, side * covariate)
        np.maximum.at(lost, sets.slot[sets.competing], side * covariate[sets.competing])
        largest = np.empty(slots - len(sets.segments))
        for s, (first, last) in enumerate(sets.segments):
            later = there[first + s + 1 : last + s + 1][::-1]
            largest[first:last] = np.maximum(
                np.maximum.accumulate(later)[::-1], np.maximum.accumulate(lost[first + s : last + s])
            )
        if np.all(side * covariate[sets.event] >= largest[sets.event_cell] - equal):
            return side
    return 0.0
