"""The exact marginal likelihood: tied deaths happened in some order, and every order counts.

For deaths of risks r_i and survivors of total risk S the sum over all orders is the chance that every dying
row fails before any survivor: the integral of S exp(-S t) prod(1 - exp(-r_i t)) over t. With y = log(S t)
its integrand is a smooth, log-concave hump, for which the trapezoidal rule is exact to rounding.
"""

from __future__ import annotations

import numpy as np

from equipoise.stats.observations import FloatArray, IntArray
from equipoise.stats.regression.risk_sets import RiskSets

# Away from its hump the integrand is left out once it has fallen by e to this power.
_FALLEN = 42.0
# In units of the hump's own spread, and absolutely: the rule's error is below e**-50 for either.
_STEP = 0.6
_LONGEST_STEP = 0.19
# z = exp(6.5) is beyond the reach of exp(-z), and small enough for exp(z).
_LARGEST_LOG = 6.5


def marginal_terms(
    sets: RiskSets, predictor: FloatArray, log_survivors: FloatArray
) -> tuple[float, FloatArray, list[tuple[IntArray, FloatArray]]]:
    """The log likelihood and its derivatives by u_i, the log risk of each death over its survivors' total.

    predictor: (m,).  log_survivors: (t,) the log total risk of the survivors of each cell that has any.
    Returns the value; its gradient, (e,); and its second derivatives as blocks: deaths by cell, (c, d), and
    (c, d, d). Deaths in a cell without survivors have derivatives of 0: some order is certain.
    Source: Kalbfleisch & Prentice 1973; the integral of DeLong, Guirguis & So 1994.
    """
    relative = np.full(sets.dying.size, np.nan)
    term = np.full(sets.deaths.size, -1)
    term[sets.term_cell] = np.arange(sets.term_cell.size)
    term_of = term[sets.dying_cell]
    known = term_of >= 0
    relative[known] = predictor[sets.dying[known]] - log_survivors[term_of[known]]
    pull = np.zeros(sets.dying.size)
    value = 0.0
    blocks: list[tuple[IntArray, FloatArray]] = []
    for d in np.unique(sets.deaths[sets.term_cell]).tolist():
        cells = sets.term_cell[sets.deaths[sets.term_cell] == d]
        rows = sets.dying_start[cells][:, None] + np.arange(d)
        u = relative[rows]
        logs, gradient, hessian = _single(u) if d == 1 else _orders(u)
        value += float(logs.sum())
        pull[rows] = gradient
        blocks.append((rows, hessian))
    return value, pull, blocks


def _single(u: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """One death: r / (S + r)."""
    small = np.exp(-np.abs(u))
    others = np.where(u > 0, small, 1) / (1 + small)
    logs = -np.log1p(small) + np.minimum(u, 0)
    return logs[:, 0], others, -(small / (1 + small) ** 2)[:, :, None]


def _orders(u: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log of the sum over the orders of d deaths, its gradient, (c, d), and second derivatives, (c, d, d)."""
    mode, spread = _hump(u)
    step = np.minimum(_STEP * spread, _LONGEST_STEP)
    top = _log_integrand(u, mode[:, None])[:, 0]
    left, right = (_reach(u, mode, top, step * side) for side in (-1, 1))
    y = mode[:, None] + step[:, None] * np.arange(-left, right + 1)
    log_height = _log_integrand(u, y)
    height = np.exp(log_height - top[:, None])
    area = height.sum(axis=1)
    weight = height / area[:, None]
    g, slope = _pull(u, y)
    mean = np.einsum("cy,cyd->cd", weight, g)
    apart = g - mean[:, None, :]
    hessian = np.einsum("cy,cyd,cye->cde", weight, apart, apart, optimize=True)
    d = u.shape[1]
    hessian[:, np.arange(d), np.arange(d)] += np.einsum("cy,cyd->cd", weight, slope)
    return top + np.log(area * step), mean, hessian


def _log_z(u: FloatArray, y: FloatArray) -> FloatArray:
    return np.minimum(u[:, None, :] + y[:, :, None], _LARGEST_LOG)


def _log_integrand(u: FloatArray, y: FloatArray) -> FloatArray:
    """(c, y): y - exp(y), from S t exp(-S t), and log(1 - exp(-z)) of each death, with z = r t."""
    log_z = _log_z(u, y)
    # Where z is so small that 1 - exp(-z) is z, the log is taken of nothing that can vanish.
    chance = np.where(log_z < -40, log_z, np.log(-np.expm1(-np.exp(np.maximum(log_z, -40)))))
    found: FloatArray = y - np.exp(y) + chance.sum(axis=2)
    return found


def _pull(u: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(c, y, d): the derivative of log(1 - exp(-z)) by log z, g = z / (exp(z) - 1), and the derivative of g."""
    z = np.exp(np.maximum(_log_z(u, y), -40))
    g = z / np.expm1(z)
    return g, g * (1 - g - z)


def _hump(u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where the integrand of each cell is largest, (c,), and its spread there: 1 / sqrt(-second derivative)."""
    y = np.full(u.shape[0], np.log(1.0 + u.shape[1]))
    for _ in range(60):
        g, slope = _pull(u, y[:, None])
        first = g.sum(axis=(1, 2)) + 1 - np.exp(y)
        second = slope.sum(axis=(1, 2)) - np.exp(y)
        # The mode lies in [0, log(1 + d)], where exp(y) is 1 and a sum of at most d numbers up to 1.
        following = np.clip(y - first / second, 0, np.log(1.0 + u.shape[1]))
        if np.max(np.abs(following - y)) < 1e-6:
            break
        y = following
    return y, 1 / np.sqrt(-second)


def _reach(u: FloatArray, mode: FloatArray, top: FloatArray, step: FloatArray) -> int:
    """How many steps from the mode until the integrand of every cell has all but vanished."""
    steps = 16
    while True:
        end = (mode + steps * step)[:, None]
        if np.all(_log_integrand(u, end)[:, 0] < top - _FALLEN):
            return steps
        steps += 8
