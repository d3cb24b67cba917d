"""The cumulative hazard by Nelson and Aalen, and the survival that it implies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    checked_events,
    checked_fraction,
    checked_times,
    read_only,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.counts import checked_entries, counts, counts_at_risk, empty_risk_sets
from equipoise.stats.survival.intervals import critical_value
from equipoise.stats.survival.readings import percent

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture

HazardTies = Literal["aalen", "fleming-harrington"]
HazardVariance = Literal["aalen", "klein", "greenwood"]
HazardInterval = Literal["plain", "log"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NelsonAalen(StatisticalResult):
    """One cumulative hazard: arrays of one length, a row for each distinct time, of event or censoring.

    n_at_risk counts subjects just before the time; cumulative_hazard is its value at and just after it, std_err its
    standard error, lower and upper its pointwise limits; log limits are NaN while the hazard is 0.
    survival is exp(-cumulative_hazard), the Breslow or Fleming–Harrington estimate; its limits are those of the hazard
    turned, and ``survival * std_err`` is its standard error.
    """

    n: int
    time: FloatArray
    n_at_risk: IntArray
    n_events: IntArray
    n_censored: IntArray
    cumulative_hazard: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    confidence_level: float
    interval: HazardInterval
    ties: HazardTies
    variance: HazardVariance
    warnings: tuple[str, ...] = ()

    @property
    def survival(self) -> FloatArray:
        """exp(-cumulative hazard)."""
        return np.asarray(np.exp(-self.cumulative_hazard))

    @property
    def survival_lower(self) -> FloatArray:
        """The lower limit of that survival."""
        return np.asarray(np.exp(-self.upper))

    @property
    def survival_upper(self) -> FloatArray:
        """The upper limit of that survival."""
        return np.asarray(np.exp(-self.lower))

    def at(self, times: ArrayLike) -> NelsonAalenAt:
        """Read the cumulative hazard at the given times, in the order given.

        times: shape (m,) or one number, each at least 0.  Before the first observed time it is 0; after the last one
        it is NaN, not estimable.  Raises DataError on times that are negative or not finite.

        >>> nelson_aalen([1, 2, 3], [1, 1, 0]).at([0, 2, 4]).cumulative_hazard.round(6).tolist()
        [0.0, 0.833333, nan]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        row = np.searchsorted(self.time, ticks, side="right")
        beyond = ticks > self.time[-1]
        read = (
            np.where(beyond, np.nan, np.concatenate(([0.0], column))[row])
            for column in (self.cumulative_hazard, self.std_err, self.lower, self.upper)
        )
        hazard, std_err, lower, upper = read
        return NelsonAalenAt(
            time=ticks,
            cumulative_hazard=hazard,
            std_err=std_err,
            lower=lower,
            upper=upper,
            last=float(self.time[-1]),
            method=self._method(),
        )

    def plot(
        self, *, title: str = "Nelson–Aalen", x_label: str = "Time", y_label: str = "Cumulative hazard"
    ) -> Picture:
        """Draw the cumulative hazard with its limits.

        >>> "<svg" in nelson_aalen([1, 2, 3], [1, 1, 0]).plot().svg
        True
        """
        from equipoise.drawing.step_plot import Line, step_plot

        line = Line("", self.time, self.cumulative_hazard, self.lower, self.upper, start=0.0)
        return step_plot([line], title=title, x_label=x_label, y_label=y_label, description=self.summary(),
                         notes=self.warnings)  # fmt: skip

    def _method(self) -> str:
        ties = "Nelson–Aalen" if self.ties == "aalen" else "Fleming–Harrington"
        return f"{ties}, {self.variance} variance, {self.interval}"

    def _title(self) -> str:
        ties = "" if self.ties == "aalen" else ", tied events one after the other (Fleming–Harrington)"
        return (
            f"Nelson–Aalen cumulative hazard{ties}; {percent(self.confidence_level)} limits {self.interval}, "
            f"{self.variance} variance"
        )

    def _headline(self) -> Iterator[Row]:
        yield Row("n", float(self.n))
        yield Row("n_events", float(self.n_events.sum()))
        for statistic in ("cumulative_hazard", "std_err", "lower", "upper"):
            value = float(getattr(self, statistic)[-1])
            yield Row(f"final_{statistic}", value, method=self._method())

    def rows(self) -> Iterator[Row]:
        """Size and events, then the curve: its statistics at each distinct time."""
        yield from self._headline()
        for column in ("cumulative_hazard", "std_err", "lower", "upper", "survival", "survival_lower",
                       "survival_upper", "n_at_risk", "n_events", "n_censored"):  # fmt: skip
            for at, value in zip(self.time.tolist(), getattr(self, column).tolist(), strict=True):
                yield Row(column, float(value), at=at, method=self._method())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NelsonAalenAt(StatisticalResult):
    """A cumulative hazard read at chosen times; NaN where it is not estimable."""

    time: FloatArray
    cumulative_hazard: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    last: float
    method: str

    @property
    def warnings(self) -> tuple[str, ...]:
        """Times at which nothing is estimable."""
        beyond = self.time[self.time > self.last].tolist()
        listed = ", ".join(f"{time:g}" for time in beyond)
        return (f"not estimable at {listed}: beyond the last follow-up, {self.last:g}",) if beyond else ()

    def _title(self) -> str:
        return f"Cumulative hazard at chosen times: {self.method}"

    def rows(self) -> Iterator[Row]:
        """The four statistics at each time."""
        for statistic in ("cumulative_hazard", "std_err", "lower", "upper"):
            for at, value in zip(self.time.tolist(), getattr(self, statistic).tolist(), strict=True):
                words = "beyond the last follow-up" if at > self.last else ""
                yield Row(statistic, value, at=at, method=self.method, warning=words)


def nelson_aalen(
    time: ArrayLike | str,
    event: ArrayLike | str,
    *,
    entry: ArrayLike | str | None = None,
    ties: HazardTies = "aalen",
    variance: HazardVariance = "aalen",
    confidence_level: float = 0.95,
    interval: HazardInterval = "log",
    data: Frame | None = None,
) -> NelsonAalen:
    """Estimate the cumulative hazard.

    time, event, entry, data: as ``kaplan_meier``.
    ties: "aalen" adds d / n at a time with d events among n at risk; "fleming-harrington" takes the d one after the
    other, 1 / n + 1 / (n - 1) + … .
    variance: "aalen" adds d / n^2 (with fleming-harrington 1 / n^2 + 1 / (n - 1)^2 + …), the others correct for ties:
    "klein" adds d (n - d) / (n^2 (n - 1)), "greenwood" d (n - d) / n^3.
    interval: "log" (on the logarithm of the hazard: log-log of survival) or "plain" (cut at 0: log of survival).
    Returns a NelsonAalen over all distinct times.  Raises DataError as ``kaplan_meier`` does, and on klein or
    greenwood with fleming-harrington.
    Source: Nelson 1972; Aalen 1978; Fleming & Harrington 1984; Klein 1991.  R survfit(stype = 2, ctype = 1 or 2) has
    the same cumhaz, std.chaz and, with conf.type "log-log" or "log", the same limits of survival.  lifelines has
    fleming-harrington by default, and greenwood without it; Stata's sts is aalen.

    >>> found = nelson_aalen([1, 1, 2, 3], [1, 1, 0, 1])
    >>> found.cumulative_hazard.tolist(), found.std_err.round(6).tolist()
    ([0.5, 0.5, 1.5], [0.353553, 0.353553, 1.06066])
    """
    time, event, entry = columns(data, time=time, event=event, entry=entry)
    times = checked_times(time)
    events = checked_events(event, times.size)
    entries, times = checked_entries(entry, times)
    checked_fraction(confidence_level, argument="confidence_level")
    _check_options(ties, variance, interval)

    warnings: tuple[str, ...] = ()
    if entries is None:
        distinct, n_events, n_censored = counts(times, events)
        n_at_risk = (n_events + n_censored)[::-1].cumsum()[::-1]
    else:
        counted = counts_at_risk(times, events, entries, np.ones(times.size))
        distinct, warnings = counted.time, empty_risk_sets(counted)
        n_at_risk, n_events, n_censored = (
            column.astype(np.int64) for column in (counted.n_at_risk, counted.n_events, counted.n_censored)
        )
    if ties == "aalen":
        n, d = n_at_risk.astype(np.float64), n_events.astype(np.float64)
        hazard = np.cumsum(d / n)
        std_err = np.sqrt(np.cumsum(_variance_terms(variance, n, d)))
    else:
        hazard, std_err = _one_after_the_other(n_at_risk, n_events)
    z = critical_value(confidence_level)
    if interval == "plain":
        lower, upper = np.maximum(hazard - z * std_err, 0), hazard + z * std_err
    else:
        positive = np.where(hazard > 0, hazard, np.nan)
        widen = np.exp(np.minimum(z * std_err / positive, 700))
        lower, upper = positive / widen, positive * widen
    for column in (distinct, n_at_risk, n_events, n_censored, hazard, std_err, lower, upper):
        read_only(column)
    return NelsonAalen(
        n=times.size,
        time=distinct,
        n_at_risk=n_at_risk,
        n_events=n_events,
        n_censored=n_censored,
        cumulative_hazard=hazard,
        std_err=std_err,
        lower=lower,
        upper=upper,
        confidence_level=confidence_level,
        interval=interval,
        ties=ties,
        variance=variance,
        warnings=warnings,
    )


def _check_options(ties: str, variance: str, interval: str) -> None:
    checked_choice(ties, ("aalen", "fleming-harrington"), argument="ties")
    checked_choice(variance, ("aalen", "klein", "greenwood"), argument="variance")
    if ties == "fleming-harrington" and variance != "aalen":
        raise refused("variance", repr(variance), "aalen with fleming-harrington ties",
                      "the other two correct for ties that are already taken apart")  # fmt: skip
    checked_choice(interval, ("plain", "log"), argument="interval")


def _variance_terms(variance: HazardVariance, n: FloatArray, d: FloatArray) -> FloatArray:
    if variance == "aalen":
        return d / n**2
    # A last subject who has the event leaves nothing to estimate a variance from: 0 / 0 is taken as 0.
    divisor = np.maximum(n - 1, 1) if variance == "klein" else n
    return d * (n - d) / (n**2 * divisor)


def _one_after_the_other(n_at_risk: IntArray, n_events: IntArray) -> tuple[FloatArray, FloatArray]:
    """Cumulative hazard and its standard error with the events of a tie in a row."""
    place = np.cumsum(n_events) - n_events
    nth = np.arange(int(n_events.sum())) - np.repeat(place, n_events)
    left = np.repeat(n_at_risk, n_events) - nth
    after = np.cumsum(n_events)
    hazard, squared = (
        np.concatenate(([0.0], np.cumsum(terms)))[after]
        for terms in (1 / left, 1 / left.astype(np.float64) ** 2)
    )
    return hazard, np.sqrt(squared)
