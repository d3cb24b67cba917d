"""Kaplan–Meier survival curves: the estimate with its variance and limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    NEAR_TIE,
    BoolArray,
    FloatArray,
    IntArray,
    checked_events,
    checked_fraction,
    checked_times,
    read_only,
    refused,
    stratum_codes,
)
from equipoise.stats.survival.counts import (
    CountArray,
    WeightType,
    checked_entries,
    checked_weights,
    counts,
    counts_at_risk,
    empty_risk_sets,
)
from equipoise.stats.survival.curve import KaplanMeier, Variance
from equipoise.stats.survival.greenwood import product_limit
from equipoise.stats.survival.intervals import Interval, checked_interval, critical_value, limits
from equipoise.stats.survival.robust_variance import log_survival_variance

# Where analyses and tests look for them.
__all__ = ["Interval", "KaplanMeier", "kaplan_meier"]


def kaplan_meier(
    time: ArrayLike | str,
    event: ArrayLike | str,
    *,
    entry: ArrayLike | str | None = None,
    weights: ArrayLike | str | None = None,
    weight_type: WeightType | None = None,
    cluster: ArrayLike | str | None = None,
    confidence_level: float = 0.95,
    interval: Interval = "log-log",
    data: Frame | None = None,
) -> KaplanMeier:
    """Estimate survival by the product-limit method, with Greenwood's standard error.

    time: shape (n,), whole or fractional, at least 0; zero is legal.  event: shape (n,), True for an
    event, False for censoring.  entry: None, or shape (n,), when observation of a subject began, before
    its time (left truncation: at risk at t is who has entry < t <= time).
    weights: None, or shape (n,), above 0, with weight_type: "frequency" (2 is two subjects; Greenwood's
    variance) or "sampling" (a subject who stands for 2; robust variance).  cluster: None, or shape (n,) labels
    of subjects that belong together (eyes of a patient, rows of a subject); the variance is then robust.
    confidence_level: of the pointwise limits.  interval: "plain" (cut at 0 and 1), "log" (cut at 1), "log-log",
    "logit" or "arcsin".  data: a frame whose columns the arguments name.
    Returns a KaplanMeier over all distinct times.  At a tie events precede censorings.
    Raises DataError on empty input, unequal lengths, and times that are negative or not finite.
    Source: Kaplan & Meier 1958; Greenwood 1926; values as R survival 3.5-3, survfit(conf.type=, weights=,
    robust=, cluster=), SAS LIFETEST with conftype= as named here.

    >>> curve = kaplan_meier([1, 1, 2, 3], [True, False, True, False])
    >>> curve.time.tolist(), curve.survival.tolist()
    ([1.0, 2.0, 3.0], [0.75, 0.375, 0.375])
    """
    time, event, entry, weights, cluster = columns(
        data, time=time, event=event, entry=entry, weights=weights, cluster=cluster
    )
    plain = entry is None and weights is None and weight_type is None and cluster is None
    times = checked_times(time, large_joined=not plain)
    events = checked_events(event, times.size)
    checked_fraction(confidence_level, argument="confidence_level")
    checked_interval(interval)
    if plain:
        return _plain_curve(times, events, confidence_level, interval)

    entries, times = checked_entries(entry, times)
    weighting, kind = checked_weights(weights, weight_type, times.size)
    if cluster is not None and kind == "frequency":
        raise refused("cluster", "with frequency weights", "sampling weights, or none",
                      "repeat the subjects instead of counting them")  # fmt: skip
    return _general_curve(times, events, entries, weighting, kind, cluster, confidence_level, interval)


def _plain_curve(
    times: FloatArray, events: BoolArray, confidence_level: float, interval: Interval
) -> KaplanMeier:
    """Every subject once, and from the origin on."""
    distinct, n_events, n_censored = counts(times, events, near=NEAR_TIE)
    survival = product_limit(n_events, n_censored)
    for column in (distinct, n_events, n_censored, survival):
        read_only(column)
    return KaplanMeier(
        n=times.size,
        time=distinct,
        n_events=n_events,
        n_censored=n_censored,
        survival=survival,
        confidence_level=confidence_level,
        interval=interval,
    )


def _general_curve(
    times: FloatArray,
    events: BoolArray,
    entries: FloatArray | None,
    weights: FloatArray | None,
    weight_type: WeightType | None,
    cluster: ArrayLike | None,
    confidence_level: float,
    interval: Interval,
) -> KaplanMeier:
    """Delayed entry, weights, clusters."""
    weighting = np.ones(times.size) if weights is None else weights
    counted = counts_at_risk(times, events, entries, weighting)
    n_at_risk, n_events = counted.n_at_risk, counted.n_events
    survivors = np.where(counted.extinct, 0.0, n_at_risk - n_events)
    survival: FloatArray = np.asarray(np.cumprod(survivors / n_at_risk), dtype=np.float64)
    alive = ~np.logical_or.accumulate(counted.extinct)
    variance: Variance = "robust" if weight_type == "sampling" or cluster is not None else "Greenwood"
    if variance == "robust":
        together = np.arange(times.size) if cluster is None else _cluster_codes(cluster, times.size)
        log_variance = log_survival_variance(counted, events, weighting, together)
    else:
        terms = np.zeros(survival.size)
        np.divide(n_events, n_at_risk * survivors, out=terms, where=alive)
        log_variance = np.cumsum(terms)
    log_std_err = np.sqrt(log_variance[alive])
    std_err, lower, upper = (np.full(survival.size, np.nan) for _ in range(3))
    std_err[alive] = survival[alive] * log_std_err
    lower[alive], upper[alive] = limits(
        interval, survival[alive], log_std_err, critical_value(confidence_level)
    )

    tally: list[CountArray] = [n_at_risk, n_events, counted.n_censored]
    if weight_type != "sampling":
        tally = [np.rint(column).astype(np.int64) for column in tally]
    for column in (counted.time, *tally, survival, std_err, lower, upper):
        read_only(column)
    if counted.entry_time is not None and counted.n_entered is not None:
        read_only(counted.entry_time)
        read_only(counted.n_entered)
    return KaplanMeier(
        n=int(weighting.sum()) if weight_type == "frequency" else times.size,
        time=counted.time,
        n_events=tally[1],
        n_censored=tally[2],
        survival=survival,
        confidence_level=confidence_level,
        interval=interval,
        variance=variance,
        weight_type=weight_type,
        entry_time=counted.entry_time,
        n_entered=counted.n_entered,
        warnings=empty_risk_sets(counted),
        _kept={"n_at_risk": tally[0], "std_err": std_err, "lower": lower, "upper": upper},
    )


def _cluster_codes(cluster: ArrayLike, n: int) -> IntArray:
    try:
        return stratum_codes(cluster, n)
    except DataError as error:
        raise DataError(str(error).replace("strata:", "cluster:", 1)) from error
