"""Pointwise limits of a survival curve: the transformations on which survival is taken as normal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import (
    FloatArray,
    checked_choice,
)

Interval = Literal["plain", "log", "log-log", "logit", "arcsin"]


def critical_value(confidence_level: float) -> float:
    """The normal quantile of two-sided limits.

    >>> round(critical_value(0.95), 6)
    1.959964
    """
    return -normal_quantile((1 - confidence_level) / 2)


def checked_interval(interval: str, *, argument: str = "interval") -> None:
    """Refuse an interval, or a scale by its name, that there is not."""
    checked_choice(interval, get_args(Interval), argument=argument)


def limits(
    interval: Interval, survival: FloatArray, log_std_err: FloatArray, z: float
) -> tuple[FloatArray, FloatArray]:
    """Lower and upper limit of survival, from the standard error of log survival.

    survival: shape (m,), above 0 and at most 1.  log_std_err: the same shape.  z: the normal quantile.
    "plain" is cut at 0 and 1, "log" at 1, "arcsin" at the angles of 0 and 1; "log-log" and "logit" need no cut.
    NaN while survival is 1 for the three on whose scale 1 lies at infinity or has no slope (log-log, logit, arcsin).
    Source: Kalbfleisch & Prentice 2002; Klein & Moeschberger 2003, 4.3; values as R survfit(conf.type=).

    >>> lower, upper = limits("plain", np.array([0.5]), np.array([0.2]), 2.0)
    >>> round(float(lower[0]), 3), round(float(upper[0]), 3)
    (0.3, 0.7)
    """
    return _LIMITS[interval](survival, log_std_err, z)


def _plain(survival: FloatArray, log_std_err: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    reach = z * survival * log_std_err
    return np.maximum(survival - reach, 0), np.minimum(survival + reach, 1)


def _log(survival: FloatArray, log_std_err: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    # exp(700) is the last power of e that a double holds; any factor near it is cut at 1 all the same.
    widen = np.exp(np.minimum(z * log_std_err, 700))
    return survival / widen, np.minimum(survival * widen, 1)


def _log_log(survival: FloatArray, log_std_err: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    log_survival = np.where(survival == 1, np.nan, np.log(survival))
    widen = np.exp(np.minimum(z * log_std_err / np.abs(log_survival), 700))
    return np.exp(log_survival * widen), np.exp(log_survival / widen)


def _logit(survival: FloatArray, log_std_err: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    below_one = np.where(survival == 1, np.nan, survival)
    against = (1 - below_one) / below_one
    widen = np.exp(np.minimum(z * log_std_err / (1 - below_one), 350))
    return 1 / (1 + against * widen), 1 / (1 + against / widen)


def _arcsin(survival: FloatArray, log_std_err: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    below_one = np.where(survival == 1, np.nan, survival)
    angle = np.arcsin(np.sqrt(below_one))
    reach = 0.5 * z * log_std_err * np.sqrt(below_one / (1 - below_one))
    return np.sin(np.maximum(angle - reach, 0)) ** 2, np.sin(np.minimum(angle + reach, np.pi / 2)) ** 2


# Another interval is another row here and in ``Interval``.
_LIMITS: dict[str, Callable[[FloatArray, FloatArray, float], tuple[FloatArray, FloatArray]]] = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
    "logit": _logit,
    "arcsin": _arcsin,
}
