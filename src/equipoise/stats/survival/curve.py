"""A survival curve as a result: its columns, what is read off it, its rows and its figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.stats.observations import FloatArray, checked_fraction, checked_times, read_only
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.counts import CountArray, WeightType
from equipoise.stats.survival.greenwood import at_risk, with_limits
from equipoise.stats.survival.intervals import Interval
from equipoise.stats.survival.readings import RiskTable, SurvivalAt, SurvivalQuantile, crossing, percent

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Line, Picture, RiskCounts

Variance = Literal["Greenwood", "robust"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KaplanMeier(StatisticalResult):
    """One survival curve: arrays of one length, a row for each distinct time, of event or censoring.

    n: subjects (with frequency weights their sum, with sampling weights the persons).
    n_at_risk counts subjects just before the time; survival is its value at and just after the time.
    std_err is the standard error of the survival (``variance`` says which); lower and upper are pointwise limits.
    NaN: std_err and limits once survival is 0; log-log, logit and arcsin limits while it is 1.
    With weights the counts are sums of weights.  entry_time, n_entered: distinct times of entry and how many entered
    then; None without delayed entry.  reverse: the events are ends of follow-up (``reverse_kaplan_meier``).
    warnings: empty risk sets, in words.
    """

    n: int
    time: FloatArray
    n_events: CountArray
    n_censored: CountArray
    survival: FloatArray
    confidence_level: float
    interval: Interval
    variance: Variance = "Greenwood"
    weight_type: WeightType | None = None
    entry_time: FloatArray | None = None
    n_entered: FloatArray | None = None
    reverse: bool = False
    warnings: tuple[str, ...] = ()
    # Columns that were computed with the curve; the others follow from its counts when first asked for, for
    # they are most of the time and the memory that a long curve takes.
    _kept: dict[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    @property
    def n_at_risk(self) -> CountArray:
        """Subjects just before each time."""
        if "n_at_risk" not in self._kept:
            self._keep(n_at_risk=at_risk(self.n_events, self.n_censored))
        return self._kept["n_at_risk"]

    @property
    def std_err(self) -> FloatArray:
        """The standard error of survival."""
        return self._limited("std_err")

    @property
    def lower(self) -> FloatArray:
        """The lower pointwise limit of survival."""
        return self._limited("lower")

    @property
    def upper(self) -> FloatArray:
        """The upper pointwise limit of survival."""
        return self._limited("upper")

    def _limited(self, column: str) -> FloatArray:
        if column not in self._kept:
            std_err, lower, upper = with_limits(
                self.n_events, self.n_censored, self.survival, self.interval, self.confidence_level
            )
            self._keep(std_err=std_err, lower=lower, upper=upper)
        return self._kept[column]

    def _keep(self, **columns: NDArray[Any]) -> None:
        for column in columns.values():
            read_only(column)
        self._kept.update(columns)

    def at(self, times: ArrayLike) -> SurvivalAt:
        """Read the curve at the given times, in the order given.

        times: shape (m,) or one number, each at least 0.
        n_at_risk counts subjects with follow-up to the time or beyond.  Before the first observed time
        survival is 1 with limits 1.  After the last one survival is NaN (not estimable), unless the
        curve had fallen to 0, where it stays 0.  Otherwise as R's summary(survfit(...), times = ...).
        Raises DataError on times that are negative or not finite.

        >>> from equipoise.stats import kaplan_meier
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
            last=float(self.time[-1]),
            confidence_level=self.confidence_level,
            interval=self.interval,
        )

    def risk_table(self, times: ArrayLike) -> RiskTable:
        """The numbers under a survival figure (at risk, censored, events), in the order given.

        times: shape (m,) or one number, each at least 0.
        At time t: n_at_risk counts subjects with time >= t (just before t, as the curve's n_at_risk);
        the cumulative counts include whatever happens at t itself.  So the three sum to n plus the
        subjects whose time is exactly t.
        Raises DataError on times that are negative or not finite.
        Source: Morris et al. 2019 (KMunicate, BMJ Open 9:e030215); counts as R's summary.survfit.

        >>> from equipoise.stats import kaplan_meier
        >>> kaplan_meier([1, 2, 3], [1, 1, 0]).risk_table([0, 2, 4]).n_at_risk.tolist()
        [3, 2, 0]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        row = np.searchsorted(self.time, ticks, side="right")
        return RiskTable(
            time=ticks,
            n_at_risk=self._at_risk(ticks),
            cumulative_events=_counted_up(self.n_events)[row],
            cumulative_censored=_counted_up(self.n_censored)[row],
        )

    def _at_risk(self, ticks: FloatArray) -> CountArray:
        row = np.searchsorted(self.time, ticks, side="left")
        there: CountArray = np.concatenate((self.n_at_risk, np.zeros(1, self.n_at_risk.dtype)))[row]
        if self.entry_time is None or self.n_entered is None:
            return there
        # The next row's risk set holds who enters between the tick and that row; at the tick they are not there yet.
        opened = np.where(self.entry_time == 0, -1.0, self.entry_time)
        entered = _counted_up(self.n_entered)
        next_time = np.append(self.time, np.inf)[row]
        not_yet = entered[np.searchsorted(opened, next_time)] - entered[np.searchsorted(opened, ticks)]
        return np.where(np.isinf(next_time), 0, there - not_yet).astype(there.dtype)

    def quantile(self, probability: float) -> SurvivalQuantile:
        """The first time at which survival is at most 1 - probability.

        probability: strictly between 0 and 1; 0.5 is the median.
        Where the curve is flat exactly at the level, the middle of the flat stretch, which ends at the
        next step down, or at the last follow-up (R's quantile.survfit, SAS LIFETEST; lifelines gives the left end).
        The limits are read off the curve's own limits in the same way, at their first crossing.
        Returns a SurvivalQuantile with NaN for what is not reached.  Raises DataError on another probability.
        Source: Brookmeyer & Crowley 1982; Therneau, survival 3.5-3.

        >>> from equipoise.stats import kaplan_meier
        >>> kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).quantile(0.5).estimate
        2.5
        """
        p = checked_fraction(probability, argument="probability")
        return SurvivalQuantile(
            probability=p,
            estimate=crossing(self.time, self.survival, p),
            lower=crossing(self.time, self.lower, p),
            upper=crossing(self.time, self.upper, p),
            confidence_level=self.confidence_level,
            interval=self.interval,
        )

    def median(self) -> SurvivalQuantile:
        """The median survival time: ``quantile(0.5)``.

        >>> from equipoise.stats import kaplan_meier
        >>> kaplan_meier([1, 2, 3], [1, 1, 0]).median().estimate
        2.0
        """
        return self.quantile(0.5)

    def plot(self, *, title: str | None = None, x_label: str = "Time", y_label: str | None = None) -> Picture:
        """Draw the curve with its limits, marks at censorings, and the numbers at risk below.

        >>> from equipoise.stats import kaplan_meier
        >>> "<svg" in kaplan_meier([1, 2, 3], [1, 1, 0]).plot().svg
        True
        """
        from equipoise.drawing.step_plot import axis_ticks, step_plot

        line, numbers = drawn(self, "", axis_ticks(float(self.time[-1])))
        name, share = (
            ("Reverse Kaplan–Meier", "Still followed") if self.reverse else ("Kaplan–Meier", "Survival")
        )
        return step_plot([line], title=name if title is None else title, x_label=x_label,
                         y_label=share if y_label is None else y_label, description=self.summary(),
                         notes=self.warnings, risk=[numbers])  # fmt: skip

    def _title(self) -> str:
        weights = f", {self.weight_type} weights" if self.weight_type else ""
        entry = "" if self.entry_time is None else ", delayed entry"
        name = "Reverse Kaplan–Meier follow-up" if self.reverse else "Kaplan–Meier survival"
        return (
            f"{name}{weights}{entry}; {percent(self.confidence_level)} limits {self.interval}, "
            f"{self.variance} variance"
        )

    def _headline(self) -> Iterator[Row]:
        yield Row("n", float(self.n))
        yield Row("n_events", float(self.n_events.sum()))
        median = self.median()
        for statistic, value in (
            ("median", median.estimate),
            ("median_lower", median.lower),
            ("median_upper", median.upper),
        ):
            words = "not reached" if np.isnan(value) else ""
            yield Row(statistic, value, method=self.interval, warning=words)

    def rows(self) -> Iterator[Row]:
        """Size, events and median, then the curve: seven statistics at each distinct time."""
        yield from self._headline()
        for column in ("survival", "std_err", "lower", "upper", "n_at_risk", "n_events", "n_censored"):
            for at, value in zip(self.time.tolist(), getattr(self, column).tolist(), strict=True):
                yield Row(column, float(value), at=at, method=f"curve {self.interval}")

    def _notes(self) -> tuple[str, ...]:
        return (*self.warnings, *(f"median {words}" for words in self.median().warnings))


def _counted_up(counted: CountArray) -> CountArray:
    """Cumulative counts after 0, 1, 2, … rows."""
    total: CountArray = np.concatenate((np.zeros(1, dtype=counted.dtype), np.cumsum(counted)))
    return total


def drawn(curve: KaplanMeier, label: str, ticks: Sequence[float]) -> tuple[Line, RiskCounts]:
    """A curve's line of a figure and the numbers below it.

    >>> from equipoise.stats import kaplan_meier
    >>> drawn(kaplan_meier([1, 2], [1, 0]), "A", (0, 1))[1].at_risk.tolist()
    [2, 2]
    """
    from equipoise.drawing.step_plot import Line, RiskCounts

    table = curve.risk_table(np.asarray(ticks, dtype=np.float64))
    line = Line(label, curve.time, curve.survival, curve.lower, curve.upper, curve.time[curve.n_censored > 0])
    return line, RiskCounts(
        label, table.time, table.n_at_risk, table.cumulative_events, table.cumulative_censored
    )
