"""What is read off a curve: its value at times, the numbers under a figure, quantiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equipoise.stats.observations import FloatArray
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.counts import CountArray
from equipoise.stats.survival.intervals import Interval

# Levels this close to a step of the curve lie on it: products of fractions do not hit 0.5 exactly (R's rule).
_ON_THE_STEP = float(np.sqrt(np.finfo(np.float64).eps))


def percent(level: float) -> str:
    """A confidence level as a person writes it.

    >>> percent(0.95), percent(0.999)
    ('95%', '99.9%')
    """
    return f"{100 * level:.10g}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalQuantile(StatisticalResult):
    """The time by which a share of subjects had the event, with limits; NaN is not reached, and warnings say so."""

    probability: float
    estimate: float
    lower: float
    upper: float
    confidence_level: float = 0.95
    interval: Interval = "log-log"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Which of the three numbers is not estimable, and why, in words."""
        level = f"{1 - self.probability:.10g}"
        found = []
        if np.isnan(self.estimate):
            found.append(f"not estimable: the curve never reaches {level}")
        if np.isnan(self.lower):
            found.append(f"lower limit not estimable: the curve's lower limit never reaches {level}")
        if np.isnan(self.upper):
            found.append(f"upper limit not estimable: the curve's upper limit never reaches {level}")
        return tuple(found)

    def _title(self) -> str:
        name = "Median" if self.probability == 0.5 else f"{self.probability:.10g} quantile of the"
        return f"{name} time to the event, {percent(self.confidence_level)} limits from the {self.interval} limits of the curve"

    def rows(self) -> Iterator[Row]:
        """Estimate and limits."""
        for statistic in ("estimate", "lower", "upper"):
            value = getattr(self, statistic)
            words = "not reached" if np.isnan(value) else ""
            yield Row(statistic, value, method=f"quantile {self.probability:.10g}, {self.interval}", warning=words)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurvivalAt(StatisticalResult):
    """A curve read at chosen times; each field but ``n_at_risk`` is NaN where it is not estimable."""

    time: FloatArray
    n_at_risk: CountArray
    survival: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    last: float = np.inf
    confidence_level: float = 0.95
    interval: Interval = "log-log"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Times at which nothing is estimable."""
        beyond = self.time[np.isnan(self.survival)].tolist()
        if not beyond:
            return ()
        listed = ", ".join(f"{time:g}" for time in beyond)
        return (f"not estimable at {listed}: beyond the last follow-up, {self.last:g}",)

    def _title(self) -> str:
        return f"Survival at chosen times, {percent(self.confidence_level)} {self.interval} limits"

    def rows(self) -> Iterator[Row]:
        """The five statistics at each time."""
        for statistic in ("n_at_risk", "survival", "std_err", "lower", "upper"):
            for at, value in zip(self.time.tolist(), getattr(self, statistic).tolist(), strict=True):
                beyond = "beyond the last follow-up" if value != value and at > self.last else ""
                yield Row(statistic, float(value), at=at, method=self.interval, warning=beyond)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskTable(StatisticalResult):
    """Counts at chosen times: at risk there, cumulative events and censorings up to and including it."""

    time: FloatArray
    n_at_risk: CountArray
    cumulative_events: CountArray
    cumulative_censored: CountArray

    def _title(self) -> str:
        return "At risk, cumulative events and cumulative censorings"

    def rows(self) -> Iterator[Row]:
        """The three counts at each time."""
        for column, statistic in (
            ("n_at_risk", "at_risk"),
            ("cumulative_events", "cumulative_events"),
            ("cumulative_censored", "cumulative_censored"),
        ):
            for at, value in zip(self.time.tolist(), getattr(self, column).tolist(), strict=True):
                yield Row(statistic, float(value), at=at, method="risk table")


def crossing(time: FloatArray, curve: FloatArray, p: float) -> float:
    """Where 1 - curve first reaches p, in the middle of a flat stretch at p; NaN when it does not.

    >>> crossing(np.array([1.0, 2.0, 4.0]), np.array([0.9, 0.5, 0.2]), 0.5)
    3.0
    """
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
