"""Rates that are constant within intervals, and the survival that follows from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_events,
    checked_fraction,
    checked_times,
    read_only,
    refused,
)
from equipoise.stats.parametric.exposure import checked_cuts, exposures
from equipoise.stats.parametric.poisson import RateInterval, checked_rate_interval, rate_limits
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.counts import checked_entries
from equipoise.stats.survival.curves import Label, labeled, words
from equipoise.stats.survival.intervals import Interval, checked_interval, critical_value, limits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModeledSurvival(StatisticalResult):
    """Survival by the rates at chosen times, with limits from the delta method for the log of survival."""

    group: Label
    time: FloatArray
    survival: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    interval: Interval
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Survival from piecewise constant rates, {self.interval} limits"

    def rows(self) -> Iterator[Row]:
        """Four statistics at each time."""
        for i, at in enumerate(self.time.tolist()):
            for name in ("survival", "std_err", "lower", "upper"):
                yield Row(
                    name, float(getattr(self, name)[i]), group=words(self.group), at=at, method=self.interval
                )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PiecewiseExponential(StatisticalResult):
    """Rates by group and interval: arrays (groups, intervals); an interval is (start, stop], the last one without end.

    A rate is NaN where there is no person-time.  log_likelihood: (groups,).
    """

    groups: tuple[Label, ...]
    start: FloatArray
    stop: FloatArray
    n_events: IntArray
    person_time: FloatArray
    rate: FloatArray
    lower: FloatArray
    upper: FloatArray
    log_likelihood: FloatArray
    interval: RateInterval
    confidence_level: float
    warnings: tuple[str, ...]

    def survival(
        self, times: ArrayLike, *, group: Label | None = None, interval: Interval = "log-log"
    ) -> ModeledSurvival:
        """Survival of one group at the given times: exp of minus the area under the rates.

        times: shape (m,) or one number, each at least 0; beyond the last follow-up the last rate goes on.
        group: needed where there are several.  interval: as for ``kaplan_meier``.
        NaN where a rate on the way is unknown.  Raises DataError on unusable times, group or interval.

        >>> piecewise_exponential([3, 5, 2], [1, 0, 1], []).survival([5]).survival.round(6).tolist()
        [0.367879]
        """
        if (group is None and len(self.groups) > 1) or (group is not None and group not in self.groups):
            raise refused("group", repr(group), f"one of {self.groups!r}", "say whose survival")
        checked_interval(interval)
        label = self.groups[0] if group is None else group
        g = self.groups.index(label)
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        spent = exposures(ticks, None, self.stop[:-1])[0]
        rate, events, exposure = self.rate[g], self.n_events[g], self.person_time[g]
        # An interval that is not reached asks for no rate.
        known = np.where(spent > 0, rate, 0.0)
        hazard = (spent * known).sum(axis=1)
        per_event = np.divide(np.sqrt(events), exposure, out=np.zeros(events.size), where=exposure > 0)
        log_std_err = np.sqrt(((spent * per_event) ** 2).sum(axis=1))
        survival = np.exp(-hazard)
        lower, upper = np.full(ticks.size, np.nan), np.full(ticks.size, np.nan)
        sure = ~np.isnan(survival)
        lower[sure], upper[sure] = limits(
            interval, survival[sure], log_std_err[sure], critical_value(self.confidence_level)
        )
        beyond = ticks[~sure].tolist()
        listed = ", ".join(f"{t:g}" for t in beyond)
        return ModeledSurvival(
            group=label,
            time=ticks,
            survival=survival,
            std_err=np.where(sure, survival * log_std_err, np.nan),
            lower=lower,
            upper=upper,
            interval=interval,
            warnings=(f"not estimable at {listed}: an interval without person-time lies before",)
            if beyond
            else (),
        )

    def _title(self) -> str:
        kind = "exact Poisson" if self.interval == "exact" else "log"
        return f"Piecewise exponential rates; {100 * self.confidence_level:.10g}% {kind} limits"

    def rows(self) -> Iterator[Row]:
        """Five statistics for each group and interval."""
        for g, label in enumerate(self.groups):
            for j, (start, stop) in enumerate(zip(self.start.tolist(), self.stop.tolist(), strict=True)):
                where = f"({start:g}, {stop:g}]" if math.isfinite(stop) else f"over {start:g}"
                for name in ("n_events", "person_time", "rate", "lower", "upper"):
                    yield Row(name, float(getattr(self, name)[g, j]), group=words(label), level=where,
                              method=self.interval)  # fmt: skip


def piecewise_exponential(
    time: ArrayLike | str,
    event: ArrayLike | str,
    cuts: ArrayLike,
    *,
    entry: ArrayLike | str | None = None,
    group: ArrayLike | str | None = None,
    groups: Sequence[Label] | None = None,
    interval: RateInterval = "exact",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> PiecewiseExponential:
    """Estimate a rate for each interval: events over person-time; without cuts an exponential model.

    time, event, entry, group, groups, interval, confidence_level, data: as for ``person_time``.
    cuts: ascending times at which rates change; an event at a cut belongs to the interval that ends there.
    Returns a PiecewiseExponential.  Raises DataError on unusable times, events, cuts or labels.
    Source: Holford 1976; Friedman 1982; values as R poisson.test and survival 3.5-3, pyears.

    >>> found = piecewise_exponential([3, 5, 2, 8], [1, 0, 1, 1], [4])
    >>> found.n_events.tolist(), found.person_time.tolist()
    ([[2, 1]], [[13.0, 5.0]])
    """
    time, event, entry, group = columns(data, time=time, event=event, entry=entry, group=group)
    times = checked_times(time)
    events = checked_events(event, times.size)
    entries, times = checked_entries(entry, times)
    changes = checked_cuts(cuts)
    checked_fraction(confidence_level, argument="confidence_level")
    checked_rate_interval(interval)
    labels, codes = (
        (("all",), np.zeros(times.size, dtype=np.int64))
        if group is None
        else labeled(group, groups, times.size)
    )
    spent, last = exposures(times, entries, changes)
    k, m = len(labels), changes.size + 1
    n_events = np.bincount(codes[events] * m + last[events], minlength=k * m).reshape(k, m)
    total = np.array([[math.fsum(spent[codes == g, j].tolist()) for j in range(m)] for g in range(k)])
    rate = np.divide(n_events, total, out=np.full((k, m), np.nan), where=total > 0)
    lower, upper = rate_limits(n_events, total, interval, confidence_level)
    log_rate = np.log(np.where(n_events > 0, rate, 1.0))
    log_likelihood = np.asarray((n_events * (log_rate - 1)).sum(axis=1), dtype=np.float64)
    start, stop = np.concatenate(([0.0], changes)), np.concatenate((changes, [np.inf]))
    for array in (start, stop, n_events, total, rate, lower, upper, log_likelihood):
        read_only(array)
    return PiecewiseExponential(
        groups=labels,
        start=start,
        stop=stop,
        n_events=n_events,
        person_time=total,
        rate=rate,
        lower=lower,
        upper=upper,
        log_likelihood=log_likelihood,
        interval=interval,
        confidence_level=confidence_level,
        warnings=tuple(
            f"{words(labels[g])}: no person-time after {start[j]:g}, so no rate there"
            for g, j in np.argwhere(total == 0).tolist()
        ),
    )
