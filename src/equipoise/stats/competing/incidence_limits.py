"""Limits of a cumulative incidence, on the scale on which it is taken to be normal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import FloatArray

IncidenceInterval = Literal["plain", "log", "log-log", "cloglog", "logit", "arcsin"]


def incidence_limits(
    estimate: FloatArray, std_err: FloatArray, interval: IncidenceInterval, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    """Lower and upper limits, each between 0 and 1; NaN where the scale has no such point.

    estimate: in [0, 1].  std_err: its standard error.  interval: plain (cut at 0 and 1), log (cut at 1), log-log (of
    the incidence, as R survfit and SAS), cloglog (log-log of the probability of no such event), logit, arcsin.
    Source: delta method; values as R survival 3.5-3 (survfit of several states) and etm ("cloglog").

    >>> [round(float(x[0]), 6) for x in incidence_limits(np.array([0.5]), np.array([0.1]), "log-log", 0.95)]
    [0.295172, 0.674523]
    """
    z = -normal_quantile((1 - confidence_level) / 2)
    lower, upper = np.full(estimate.shape, np.nan), np.full(estimate.shape, np.nan)
    needs_low, needs_high = _OPEN_AT[interval]
    inside = ~np.isnan(estimate) & ~np.isnan(std_err)
    inside &= ~((estimate <= 0) & needs_low) & ~((estimate >= 1) & needs_high)
    # Next to 0 and 1 a factor may be infinite: the limit is then the end of the scale.
    with np.errstate(over="ignore", divide="ignore"):
        lower[inside], upper[inside] = _LIMITS[interval](estimate[inside], z * std_err[inside])
    return lower, upper


def _plain(p: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.maximum(p - reach, 0), np.minimum(p + reach, 1)


def _log(p: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    return p * np.exp(-reach / p), np.minimum(p * np.exp(reach / p), 1)


def _log_log(p: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    log_p = np.log(p)
    factor = np.exp(reach / np.abs(p * log_p))
    return np.exp(log_p * factor), np.exp(log_p / factor)


def _cloglog(p: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    log_q = np.log1p(-p)
    factor = np.exp(reach / np.abs((1 - p) * log_q))
    return -np.expm1(log_q / factor), -np.expm1(log_q * factor)


def _logit(p: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    odds, factor = p / (1 - p), np.exp(reach / (p * (1 - p)))
    return odds / (factor + odds), 1 / (1 + 1 / (odds * factor))


def _arcsin(p: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    angle, turn = np.arcsin(np.sqrt(p)), reach / (2 * np.sqrt(p * (1 - p)))
    return np.sin(np.maximum(angle - turn, 0)) ** 2, np.sin(np.minimum(angle + turn, np.pi / 2)) ** 2


# The limits by scale, and whether the scale is undefined at an incidence of 0 and of 1.
_LIMITS: dict[IncidenceInterval, Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]] = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
    "cloglog": _cloglog,
    "logit": _logit,
    "arcsin": _arcsin,
}
_OPEN_AT: dict[IncidenceInterval, tuple[bool, bool]] = {
    "plain": (False, False),
    "log": (True, False),
    "log-log": (True, True),
    "cloglog": (True, True),
    "logit": (True, True),
    "arcsin": (True, True),
}
INTERVALS = tuple(_LIMITS)
