"""Kaplan–Meier survival curves with the numbers a table and a figure need of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_events,
    checked_fraction,
    checked_times,
    read_only,
    refused,
)

Interval = Literal["plain", "log", "log-log"]

# Levels this close to a step of the curve lie on it: products of fractions do not hit 0.5 exactly (R's rule).
_ON_THE_STEP = float(np.sqrt(np.finfo(np.float64).eps))


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalQuantile:
    """The time by which a share of subjects had the event, with limits; NaN is not reached."""

    probability: float
    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurvivalAt:
    """A curve read at chosen times; each field but ``n_at_risk`` is NaN where it is not estimable."""

    time: FloatArray
    n_at_risk: IntArray
    survival: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskTable:
    """Counts at chosen times: at risk there, cumulative events and censorings up to and including it."""

    time: FloatArray
    n_at_risk: IntArray
    cumulative_events: IntArray
    cumulative_censored: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KaplanMeier:
    """One survival curve: arrays of one length, a row for each distinct time, of event or censoring.

    n_at_risk counts subjects just before the time; survival is its value at and just after the time.
    std_err is the standard error of the survival (Greenwood); lower and upper are pointwise limits.
    Where R gives NA there is NaN: std_err and limits once survival is 0, and log-log limits while it is 1.
    """

    time: FloatArray
    n_at_risk: IntArray
    n_events: IntArray
    n_censored: IntArray
    survival: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    confidence_level: float
    interval: Interval

    @property
    def n(self) -> int:
        """How many subjects the curve is of."""
        return int(self.n_at_risk[0])

    def at(self, times: ArrayLike) -> SurvivalAt:
        """Read the curve at the given times, in the order given.

        times: shape (m,) or one number, each at least 0.
        n_at_risk counts subjects with follow-up to the time or beyond.  Before the first observed time
        survival is 1 with limits 1.  After the last one survival is NaN (not estimable), unless the
        curve had fallen to 0, where it stays 0.  Otherwise as R's summary(survfit(...), times = ...).
        Raises DataError on times that are negative or not finite.

        >>> kaplan_meier([1, 2, 3], [1, 1, 0]).at([2, 4]).survival.round(6).tolist()
        [0.333333, nan]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        row = np.searchsorted(self.time, ticks, side="right")
        beyond = ticks > self.time[-1]

        def read(column: FloatArray, before: float, after: float) -> FloatArray:
            values = np.concatenate(([before], column))[row]
            return np.where(beyond, after, values)

        return SurvivalAt(
            time=ticks,
            n_at_risk=self._at_risk(ticks),
            survival=read(self.survival, 1.0, 0.0 if self.survival[-1] == 0 else np.nan),
            std_err=read(self.std_err, 0.0, np.nan),
            lower=read(self.lower, 1.0, np.nan),
            upper=read(self.upper, 1.0, np.nan),
        )

    def risk_table(self, times: ArrayLike) -> RiskTable:
        """The numbers under a survival figure (at risk, censored, events), in the order given.

        times: shape (m,) or one number, each at least 0.
        At time t: n_at_risk counts subjects with time >= t (just before t, as the curve's n_at_risk);
        the cumulative counts include whatever happens at t itself.  So the three sum to n plus the
        subjects whose time is exactly t.
        Raises DataError on times that are negative or not finite.
        Source: Morris et al. 2019 (KMunicate, BMJ Open 9:e030215); counts as R's summary.survfit.

        >>> kaplan_meier([1, 2, 3], [1, 1, 0]).risk_table([0, 2, 4]).n_at_risk.tolist()
        [3, 2, 0]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        row = np.searchsorted(self.time, ticks, side="right")
        return RiskTable(
            time=ticks,
            n_at_risk=self._at_risk(ticks),
            cumulative_events=np.concatenate(([0], np.cumsum(self.n_events)))[row],
            cumulative_censored=np.concatenate(([0], np.cumsum(self.n_censored)))[row],
        )

    def _at_risk(self, ticks: FloatArray) -> IntArray:
        row = np.searchsorted(self.time, ticks, side="left")
        return np.concatenate((self.n_at_risk, [0]))[row]

    def quantile(self, probability: float) -> SurvivalQuantile:
        """The first time at which survival is at most 1 - probability.

        probability: strictly between 0 and 1; 0.5 is the median.
        Where the curve is flat exactly at the level, the middle of the flat stretch, which ends at the
        next step down, or at the last follow-up (R's quantile.survfit; SAS gives the left end).
        The limits are read off the curve's own limits in the same way, at their first crossing.
        Returns a SurvivalQuantile with NaN for what is not reached.  Raises DataError on another probability.
        Source: Brookmeyer & Crowley 1982; Therneau, survival 3.5-3.

        >>> kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).quantile(0.5).estimate
        2.5
        """
        p = checked_fraction(probability, argument="probability")
        return SurvivalQuantile(
            probability=p,
            estimate=_crossing(self.time, self.survival, p),
            lower=_crossing(self.time, self.lower, p),
            upper=_crossing(self.time, self.upper, p),
        )

    def median(self) -> SurvivalQuantile:
        """The median survival time: ``quantile(0.5)``.

        >>> kaplan_meier([1, 2, 3], [1, 1, 0]).median().estimate
        2.0
        """
        return self.quantile(0.5)


def _crossing(time: FloatArray, curve: FloatArray, p: float) -> float:
    """Where 1 - curve first reaches p, in the middle of a flat stretch at p; NaN when it does not."""
    known = ~np.isnan(curve)
    if not known.any():
        return float("nan")
    # A limit can rise again late in a curve; the first crossing counts, as in R's print of a median.
    fallen = np.maximum.accumulate(1 - curve[known])
    reached = int(np.searchsorted(fallen + _ON_THE_STEP, p))
    passed = int(np.searchsorted(fallen - _ON_THE_STEP, p))
    if reached == fallen.size:
        return float("nan")
    if passed < fallen.size:
        return float(time[known][reached] + time[known][passed]) / 2
    # On the level to the very end; a limit that stops being defined before the end has no end to average.
    return float(time[known][reached] + time[-1]) / 2 if known[-1] else float("nan")


def _plain(survival: FloatArray, log_std_err: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    reach = z * survival * log_std_err
    return np.maximum(survival - reach, 0), np.minimum(survival + reach, 1)


def _log(survival: FloatArray, log_std_err: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    return survival * np.exp(-z * log_std_err), np.minimum(survival * np.exp(z * log_std_err), 1)


def _log_log(survival: FloatArray, log_std_err: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    log_survival = np.where(survival == 1, np.nan, np.log(survival))
    reach = z * log_std_err / np.abs(log_survival)
    return np.exp(log_survival * np.exp(reach)), np.exp(log_survival * np.exp(-reach))


# The limits by transformation, for 0 < survival <= 1. Another one is another row here and in Interval.
_LIMITS: dict[Interval, Callable[[FloatArray, FloatArray, float], tuple[FloatArray, FloatArray]]] = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
}


def kaplan_meier(
    time: ArrayLike, event: ArrayLike, *, confidence_level: float = 0.95, interval: Interval = "log-log"
) -> KaplanMeier:
    """Estimate survival by the product-limit method, with Greenwood's standard error.

    time: shape (n,), whole or fractional, at least 0; zero is legal.  event: shape (n,), True for an
    event, False for censoring.  confidence_level: of the pointwise limits.  interval: "plain" (cut at
    0 and 1), "log" (cut at 1) or "log-log".
    Returns a KaplanMeier over all distinct times.  At a tie events precede censorings.
    Raises DataError on empty input, unequal lengths, and times that are negative or not finite.
    Source: Kaplan & Meier 1958; Greenwood 1926; limits as R survival 3.5-3, survfit(conf.type=).

    >>> curve = kaplan_meier([1, 1, 2, 3], [True, False, True, False])
    >>> curve.time.tolist(), curve.survival.tolist()
    ([1.0, 2.0, 3.0], [0.75, 0.375, 0.375])
    """
    times = checked_times(time)
    events = checked_events(event, times.size)
    checked_fraction(confidence_level, argument="confidence_level")
    if interval not in _LIMITS:
        raise refused("interval", repr(interval), f"one of {', '.join(_LIMITS)}", "name one of them")

    order = np.argsort(times, kind="stable")
    ordered = times[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] > ordered[:-1])))
    n_at_risk = (times.size - first).astype(np.int64)
    n_events = np.add.reduceat(events[order], first, dtype=np.int64)
    n_censored = np.diff(first, append=times.size) - n_events

    survivors = n_at_risk - n_events
    survival: FloatArray = np.cumprod(survivors / n_at_risk, dtype=np.float64)
    alive = survivors > 0
    # Greenwood's sum is the variance of log survival; it is infinite once nobody is left.
    terms = np.zeros_like(survival)
    np.divide(n_events, n_at_risk.astype(np.float64) * survivors, out=terms, where=alive)
    log_std_err = np.sqrt(np.cumsum(terms))[alive]
    std_err, lower, upper = (np.full_like(survival, np.nan) for _ in range(3))
    std_err[alive] = survival[alive] * log_std_err
    z = -normal_quantile((1 - confidence_level) / 2)
    lower[alive], upper[alive] = _LIMITS[interval](survival[alive], log_std_err, z)

    columns = (ordered[first], n_at_risk, n_events, n_censored, survival, std_err, lower, upper)
    for column in columns:
        read_only(column)
    return KaplanMeier(
        time=columns[0],
        n_at_risk=n_at_risk,
        n_events=n_events,
        n_censored=n_censored,
        survival=survival,
        std_err=std_err,
        lower=lower,
        upper=upper,
        confidence_level=confidence_level,
        interval=interval,
    )
