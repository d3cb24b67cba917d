"""Limits of a rate of events: counts taken as Poisson."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
)

RateInterval = Literal["exact", "log"]


def checked_rate_interval(interval: str) -> None:
    """Refuse an interval that there is not."""
    checked_choice(interval, get_args(RateInterval), argument="interval")


def rate_limits(
    n_events: IntArray, person_time: FloatArray, interval: RateInterval, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    """Lower and upper limits of events over person-time, of any shape; NaN without person-time.

    exact: the Poisson means whose tails are (1 - level) / 2 each; log: normal on the log scale, NaN without events.
    Source: Garwood 1936; values as R poisson.test.

    >>> [float(x.round(6)) for x in rate_limits(np.array(10), np.array(2.0), "exact", 0.95)]
    [2.397694, 9.195178]
    """
    from scipy.special import gammainccinv, gammaincinv

    tail = (1 - confidence_level) / 2
    time = np.where(person_time > 0, person_time, np.nan)
    if interval == "exact":
        low = np.where(n_events > 0, gammaincinv(np.maximum(n_events, 1), tail), 0.0)
        return low / time, gammainccinv(n_events + 1.0, tail) / time
    counted = np.where(n_events > 0, n_events, np.nan)
    reach = np.exp(-normal_quantile(tail) / np.sqrt(counted))
    return counted / time / reach, counted / time * reach
