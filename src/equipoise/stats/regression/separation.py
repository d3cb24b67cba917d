"""Which coefficients have their maximum at infinity, once Newton–Raphson has found that one has.

If in some direction every event keeps the largest predictor of its risk set, the partial likelihood never
falls that way (a group without events is the common case). In the limit the subjects left behind drop out
of the risk sets, and what they alone informed has no information left.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray
from equipoise.stats.regression.partial_likelihood import Evaluation

# At the end of the iterations what vanishes has fallen to about 1e-12 of its information at zero.
_EMPTIED = 1e-6
# A component of a direction without information below this is rounding.
_NO_PART = 1e-3


class _Grows(Protocol):
    def grows_with(self, j: int) -> float: ...


def infinite_directions(
    likelihood: _Grows, null: Evaluation, final: Evaluation, step: FloatArray, moving: BoolArray
) -> FloatArray:
    """For each coefficient 0 when it is finite, -1 or 1 for its infinity, NaN when it is undetermined.

    null, final: at zero and where the iterations ended.
    step: (p,) the last Newton step.  moving: (p,) the coefficients that still moved.
    Of the coefficients that moved or are without information in the limit, one is infinite when the
    likelihood never falls as it alone grows, or when it takes part in the only direction without
    information; it is undetermined when it takes part in one of several; else it is finite after all.
    Source: Albert & Anderson 1984 (quasi-complete separation), for the risk sets of Cox's likelihood.

    >>> from equipoise.stats.regression.partial_likelihood import partial_likelihood
    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> likelihood = partial_likelihood(sets, np.array([[1.0], [0.0]]))
    >>> at = [likelihood.evaluate(np.array([b])) for b in (0.0, 30.0)]
    >>> infinite_directions(likelihood, *at, np.array([1.0]), np.array([True])).tolist()
    [1.0]
    """
    spread = np.sqrt(np.diag(null.information))
    values, vectors = np.linalg.eigh(final.information / np.outer(spread, spread))
    empty = vectors[:, values < _EMPTIED]
    takes_part = np.sqrt((empty**2).sum(axis=1)) > _NO_PART
    directions = np.zeros(spread.size)
    for j in np.flatnonzero(moving | takes_part).tolist():
        side = likelihood.grows_with(j)
        if side == 0 and takes_part[j]:
            side = float(np.sign(step[j])) if empty.shape[1] == 1 else np.nan
        directions[j] = side
    return directions
