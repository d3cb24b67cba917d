"""The columns of a plain curve that follow from its counts: at risk, survival, Greenwood's standard error, limits."""

from __future__ import annotations

import numpy as np

from equipoise.stats import compiling
from equipoise.stats.observations import FloatArray, IntArray
from equipoise.stats.survival.intervals import Interval, critical_value, limits

# Rows of a long curve whose limits are computed together: what they need stays in the processor's cache.
_BLOCK = 1 << 13


def at_risk(n_events: IntArray, n_censored: IntArray) -> IntArray:
    """Subjects just before each time, from the counts at the distinct times, ascending.

    >>> at_risk(np.array([1, 1]), np.array([1, 0])).tolist()
    [3, 1]
    """
    n_at_risk: IntArray = (n_events + n_censored)[::-1].cumsum()[::-1]
    return n_at_risk


def product_limit(n_events: IntArray, n_censored: IntArray) -> FloatArray:
    """Survival at and just after each time.

    >>> product_limit(np.array([1, 1]), np.array([1, 2])).round(6).tolist()
    [0.8, 0.533333]
    """
    if compiling.worthwhile(n_events.size):
        from equipoise.stats.compiled.counts import survival_alone

        return survival_alone(n_events, n_censored)
    n_at_risk = at_risk(n_events, n_censored)
    survival: FloatArray = ((n_at_risk - n_events) / n_at_risk).cumprod()
    return survival


def with_limits(
    n_events: IntArray,
    n_censored: IntArray,
    survival: FloatArray,
    interval: Interval,
    confidence_level: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Standard error of survival, and its limits; NaN where nobody survives.

    >>> counts = np.array([1, 1]), np.array([0, 0])
    >>> with_limits(*counts, product_limit(*counts), "log", 0.95)[0].round(6).tolist()
    [0.353553, nan]
    """
    z = critical_value(confidence_level)
    # Greenwood's sums make room for the standard errors.
    std_err = _greenwood_sums(n_events, n_censored)
    lower, upper = np.empty_like(survival), np.empty_like(survival)
    # Survivors run out in the last row only: there Greenwood's sum is infinite.
    known = survival.size - int(n_censored[-1] == 0)
    for first in range(0, known, _BLOCK):
        rows = slice(first, min(first + _BLOCK, known))
        log_std_err = np.sqrt(std_err[rows])
        lower[rows], upper[rows] = limits(interval, survival[rows], log_std_err, z)
        std_err[rows] = survival[rows] * log_std_err
    for column in (std_err, lower, upper):
        column[known:] = np.nan
    return std_err, lower, upper


def _greenwood_sums(n_events: IntArray, n_censored: IntArray) -> FloatArray:
    """The variance of log survival; in the last row any number where nobody survives it."""
    if compiling.worthwhile(n_events.size):
        from equipoise.stats.compiled.counts import product_limit as compiled_product_limit

        return compiled_product_limit(n_events, n_censored)[2]
    n_at_risk = at_risk(n_events, n_censored)
    left = n_at_risk.astype(np.float64) * (n_at_risk - n_events)
    left[-1] = max(left[-1], 1.0)
    sums: FloatArray = (n_events / left).cumsum()
    return sums
