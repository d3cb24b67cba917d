"""Which coefficients have their maximum at infinity, once Newton–Raphson has found that one has.

If in some direction every event keeps the largest predictor of its risk set, the partial likelihood never
falls that way (a group without events is the common case). In the limit the subjects left behind drop out
of the risk sets, and what they alone informed has no information left.
"""

from __future__ import annotations

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray
from equipoise.stats.regression.partial_likelihood import Evaluation, RiskSets

# At the end of the iterations what vanishes has fallen to about 1e-12 of its information at zero.
_EMPTIED = 1e-6
# A component of a direction without information below this is rounding.
_NO_PART = 1e-3
# Equal covariates of one stratum, as a share of the covariate's extent, after centering.
_EQUAL = 1e-9


def infinite_directions(
    sets: RiskSets,
    covariates: FloatArray,
    null: Evaluation,
    final: Evaluation,
    step: FloatArray,
    moving: BoolArray,
) -> FloatArray:
    """For each coefficient 0 when it is finite, -1 or 1 for its infinity, NaN when it is undetermined.

    covariates: shape (m, p), standardized.  null, final: at zero and where the iterations ended.
    step: (p,) the last Newton step.  moving: (p,) the coefficients that still moved.
    Of the coefficients that moved or are without information in the limit, one is infinite when the
    likelihood never falls as it alone grows, or when it takes part in the only direction without
    information; it is undetermined when it takes part in one of several; else it is finite after all.
    Source: Albert & Anderson 1984 (quasi-complete separation), for the risk sets of Cox's likelihood.

    >>> from equipoise.stats.regression.partial_likelihood import evaluate, risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> x = np.array([[1.0], [0.0]])
    >>> at = [evaluate(sets, x, np.array([b])) for b in (0.0, 30.0)]
    >>> infinite_directions(sets, x, *at, np.array([1.0]), np.array([True])).tolist()
    [1.0]
    """
    spread = np.sqrt(np.diag(null.information))
    values, vectors = np.linalg.eigh(final.information / np.outer(spread, spread))
    empty = vectors[:, values < _EMPTIED]
    takes_part = np.sqrt((empty**2).sum(axis=1)) > _NO_PART
    directions = np.zeros(spread.size)
    for j in np.flatnonzero(moving | takes_part).tolist():
        side = _side(sets, covariates[:, j])
        if side == 0 and takes_part[j]:
            side = float(np.sign(step[j])) if empty.shape[1] == 1 else np.nan
        directions[j] = side
    return directions


def _side(sets: RiskSets, covariate: FloatArray) -> float:
    """1 when every event has the largest covariate of its risk set, -1 when the smallest, else 0."""
    equal = _EQUAL * float(np.ptp(covariate))
    for side in (1.0, -1.0):
        largest = np.maximum.reduceat(side * covariate, sets.cell_start)
        for first, last in sets.strata.tolist():
            largest[first:last] = np.maximum.accumulate(largest[first:last][::-1])[::-1]
        if np.all(side * covariate[sets.event] >= largest[sets.event_cell] - equal):
            return side
    return 0.0
