"""Which coefficients of a logistic model have their maximum at infinity, decided by linear programs.

With rows signed so that a positive predictor favors what was observed, the likelihood has no finite maximum
exactly when some direction lowers no predictor and raises one (Albert & Anderson 1984). The rows that can be
raised are predicted without error in the limit and say no more; the others have a finite maximum of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray

# In units of the covariates' spread: what the linear program's own tolerance of 1e-7 cannot tell from 0.
_RAISED = 1e-6
_NO_PART = 1e-6
_UNSEEN = 1e-11

Separation = Literal["none", "quasi-complete", "complete"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Divided:
    """What separation leaves.  kind: of the whole.  remaining: (n,) rows that still inform.
    direction: for each parameter 0 when it is finite, -1 or 1 for its infinity, NaN when it is undetermined.
    """

    kind: Separation
    remaining: BoolArray
    direction: FloatArray


def divided(design: FloatArray, parameters: FloatArray) -> Divided:
    """Divide signed rows into those predicted without error in the limit and those that still inform.

    design: shape (n, k), rows times 1 (event) or -1, columns of about unit spread and full rank.
    parameters: shape (m, k), each row a combination of the design's coefficients that somebody asks for.
    Source: Albert & Anderson 1984; the linear programs of Konis 2007.

    >>> found = divided(np.array([[1.0, 1.0], [-1.0, 0.0], [-1.0, 0.0]]), np.eye(2))
    >>> found.kind, found.direction.tolist()
    ('complete', [-1.0, 1.0])
    """
    distinct, of = np.unique(design, axis=0, return_inverse=True)
    left = np.ones(len(distinct), dtype=np.bool_)
    while left.any():
        towards = _raising(distinct[left])
        raised = distinct[left] @ towards > _RAISED
        if not raised.any():
            break
        left[np.flatnonzero(left)[raised]] = False
    remaining = left[of.ravel()]
    if remaining.all():
        return Divided(kind="none", remaining=remaining, direction=np.zeros(len(parameters)))
    return Divided(
        kind="quasi-complete" if remaining.any() else "complete",
        remaining=remaining,
        direction=_directions(distinct, left, parameters),
    )


def _raising(rows: FloatArray) -> FloatArray:
    """The direction within the unit box that lowers no row and raises their sum the most."""
    from scipy.optimize import linprog  # a tenth of a second, for the rare case

    found = linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs")
    return np.zeros(rows.shape[1]) if found.x is None else np.asarray(found.x, dtype=np.float64)


def _directions(rows: FloatArray, left: BoolArray, parameters: FloatArray) -> FloatArray:
    """For each parameter the sign that all directions of separation agree on."""
    # Directions that the remaining rows do not see: a parameter without part in them stays finite.
    unseen = np.eye(rows.shape[1])
    if left.any():
        values, vectors = np.linalg.eigh(rows[left].T @ rows[left] / int(left.sum()))
        unseen = vectors[:, values < _UNSEEN * float(values.max())]
    direction = np.zeros(len(parameters))
    for j, parameter in enumerate(parameters):
        goal = parameter / np.linalg.norm(parameter)
        if np.linalg.norm(goal @ unseen) <= _NO_PART:
            continue
        low, high = -_extent(rows, -goal), _extent(rows, goal)
        if low >= -_RAISED and high > _RAISED:
            direction[j] = 1.0
        elif high <= _RAISED and low < -_RAISED:
            direction[j] = -1.0
        else:
            direction[j] = np.nan
    return direction


def _extent(rows: FloatArray, goal: FloatArray) -> float:
    """The largest value of the goal along directions that lower no row, within the unit box."""
    from scipy.optimize import linprog

    found = linprog(-goal, A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1, 1), method="highs")
    return 0.0 if found.x is None else float(goal @ found.x)
