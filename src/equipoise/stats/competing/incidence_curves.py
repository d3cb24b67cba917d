"""What an estimate of cumulative incidence holds, and how it is read: curves, values at times, differences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.competing.causes import Label
from equipoise.stats.competing.incidence_limits import IncidenceInterval, incidence_limits
from equipoise.stats.competing.incidence_readings import (
    IncidenceAt,
    IncidenceDifference,
    IncidenceVariance,
    group_word,
    variant,
)
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.observations import FloatArray, IntArray, checked_times, read_only, refused
from equipoise.stats.results import Row, StatisticalResult

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IncidenceCurve(StatisticalResult):
    """Cumulative incidence of one cause in one group: arrays of one length, a row for each distinct time.

    n_at_risk: just before the time.  n_events: of this cause.  event_free: the probability of no event of any cause.
    estimate, variance, std_err: of the incidence at and just after the time.  lower, upper: pointwise limits.
    """

    group: Label
    cause: Label
    time: FloatArray
    n_at_risk: IntArray
    n_events: IntArray
    n_censored: IntArray
    event_free: FloatArray
    estimate: FloatArray
    variance: FloatArray
    std_err: FloatArray
    variance_method: IncidenceVariance
    interval: IncidenceInterval
    confidence_level: float

    @property
    def lower(self) -> FloatArray:
        """The lower limits; NaN where the scale has none (log-log: while the incidence is 0 or 1)."""
        return incidence_limits(self.estimate, self.std_err, self.interval, self.confidence_level)[0]

    @property
    def upper(self) -> FloatArray:
        """The upper limits; NaN where the scale has none."""
        return incidence_limits(self.estimate, self.std_err, self.interval, self.confidence_level)[1]

    def _title(self) -> str:
        return f"Cumulative incidence of cause {self.cause}; {variant(self.variance_method, self.interval, self.confidence_level)}"

    def rows(self) -> Iterator[Row]:
        """The columns, time by time."""
        lower, upper = incidence_limits(self.estimate, self.std_err, self.interval, self.confidence_level)
        known: dict[str, FloatArray | IntArray] = {
            "n_at_risk": self.n_at_risk,
            "n_events": self.n_events,
            "n_censored": self.n_censored,
            "estimate": self.estimate,
            "std_err": self.std_err,
            "lower": lower,
            "upper": upper,
        }
        for i, at in enumerate(self.time.tolist()):
            for name, values in known.items():
                yield _row(self, name, float(values[i]), at)

    def _headline(self) -> Iterator[Row]:
        last = float(self.time[-1])
        yield _row(self, "n", float(self.n_at_risk[0]), last)
        yield _row(self, "n_events", float(self.n_events.sum()), last)
        for name in ("estimate", "std_err", "lower", "upper"):
            yield _row(self, name, float(getattr(self, name)[-1]), last)

    def read(self, ticks: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Estimate and variance at times: 0 before the first one; NaN beyond the last unless nobody is event-free."""
        row = np.searchsorted(self.time, ticks, side="right")
        beyond = (ticks > self.time[-1]) & (self.event_free[-1] > 0)
        estimate = np.concatenate(([0.0], self.estimate))[row]
        variance = np.concatenate(([0.0], self.variance))[row]
        return np.where(beyond, np.nan, estimate), np.where(beyond, np.nan, variance)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CumulativeIncidence(StatisticalResult):
    """All curves: of each group, in order, the causes in order.

    groups: ("all",) without groups.  n, n_censored: shape (groups,).  n_events: shape (groups, causes).
    """

    groups: tuple[Label, ...]
    causes: tuple[Label, ...]
    n: IntArray
    n_events: IntArray
    n_censored: IntArray
    curves: tuple[IncidenceCurve, ...]
    variance_method: IncidenceVariance
    interval: IncidenceInterval
    confidence_level: float
    warnings: tuple[str, ...]

    def curve(self, cause: Label, group: Label | None = None) -> IncidenceCurve:
        """One curve.  group may be left out where there is only one.

        >>> from equipoise.stats import cumulative_incidence
        >>> cumulative_incidence([1, 2], [1, 2], group=["A", "B"]).curve(2, "B").estimate.tolist()
        [1.0]
        """
        c = _place(cause, self.causes, "cause")
        if group is None and len(self.groups) > 1:
            raise refused("group", "None", f"one of {self.groups!r}", "say whose curve")
        g = 0 if group is None else _place(group, self.groups, "group")
        return self.curves[g * len(self.causes) + c]

    def at(self, times: ArrayLike) -> IncidenceAt:
        """Read all curves at the given times, in the order given.

        times: shape (m,) or one number, each at least 0.
        Before the first observed time the incidence is 0 with limits 0.  After the last one of a group it is NaN (not
        estimable), as R's timepoints(), unless nobody of the group was left without an event: then it stays.
        Raises DataError on times that are negative or not finite.

        >>> from equipoise.stats import cumulative_incidence
        >>> cumulative_incidence([1, 2, 3], [1, 2, 0]).at([1, 9]).estimate[0, 0].round(4).tolist()
        [0.3333, nan]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        shape = (len(self.groups), len(self.causes), ticks.size)
        read = [curve.read(ticks) for curve in self.curves]
        estimate = np.array([one[0] for one in read]).reshape(shape)
        variance = np.array([one[1] for one in read]).reshape(shape)
        std_err = np.sqrt(variance)
        lower, upper = incidence_limits(estimate, std_err, self.interval, self.confidence_level)
        first = np.array([curve.time[0] for curve in self.curves]).reshape(shape[:2])[:, :, None]
        lower, upper = (np.where(ticks < first, 0.0, limit) for limit in (lower, upper))
        n_at_risk = np.array(
            [
                np.append(curve.n_at_risk, 0)[np.searchsorted(curve.time, ticks, side="left")]
                for curve in self.curves[:: len(self.causes)]
            ]
        )
        for array in (estimate, variance, std_err, lower, upper, n_at_risk):
            read_only(array)
        return IncidenceAt(
            groups=self.groups,
            causes=self.causes,
            time=ticks,
            n_at_risk=n_at_risk,
            estimate=estimate,
            variance=variance,
            std_err=std_err,
            lower=lower,
            upper=upper,
            variance_method=self.variance_method,
            interval=self.interval,
            confidence_level=self.confidence_level,
            warnings=_beyond(self, self.groups, ticks),
        )

    def difference(
        self, times: ArrayLike, *, cause: Label, groups: Sequence[Label] | None = None
    ) -> IncidenceDifference:
        """Compare two groups at the given times.

        times: shape (m,) or one number.  cause: whose incidence.  groups: (control, experimental); may be left out
        where there are just two.  The groups are independent, so variances add.
        Returns an IncidenceDifference, NaN where one of the curves is not estimable.
        Source: normal approximation; the ratio by the delta method on its logarithm.

        >>> from equipoise.stats import cumulative_incidence
        >>> found = cumulative_incidence([1, 2, 3, 1, 2, 3], [1, 1, 2, 2, 1, 2], group=list("AAABBB"))
        >>> found.difference(3, cause=1).risk_difference.round(4).tolist()
        [-0.3333]
        """
        pair = self.groups if groups is None else tuple(groups)
        if len(pair) != 2:
            raise refused("groups", repr(pair), "two groups, control first", "name the two to be compared")
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        (low_risk, low_variance), (risk, variance) = (self.curve(cause, label).read(ticks) for label in pair)
        reach = -normal_quantile((1 - self.confidence_level) / 2)
        change, std_err = risk - low_risk, np.sqrt(variance + low_variance)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where((low_risk > 0) & (risk > 0), risk / low_risk, np.nan)
            log_std_err = np.sqrt(variance / risk**2 + low_variance / low_risk**2)
            z = np.where(std_err > 0, -change / std_err, np.nan)
        values = {
            "risk_difference": change,
            "std_err": std_err,
            "lower": np.maximum(change - reach * std_err, -1),
            "upper": np.minimum(change + reach * std_err, 1),
            "risk_ratio": ratio,
            "ratio_lower": ratio * np.exp(-reach * log_std_err),
            "ratio_upper": ratio * np.exp(reach * log_std_err),
            "z": z,
            "p_value_two_sided": np.array([2 * normal_sf(abs(one)) for one in z.tolist()]),
            "p_value_one_sided": np.array([normal_sf(one) for one in z.tolist()]),
        }
        warnings = list(_beyond(self, pair, ticks))
        if np.any(np.isnan(z) & ~np.isnan(change)):
            warnings.append(
                "no event of the cause in either group by one of the times: no test and no ratio there"
            )
        elif np.any(np.isnan(ratio) & ~np.isnan(change)):
            warnings.append("no event of the cause in one group by one of the times: no ratio there")
        for array in values.values():
            read_only(array)
        return IncidenceDifference(
            groups=(pair[0], pair[1]),
            cause=cause,
            time=ticks,
            variance_method=self.variance_method,
            confidence_level=self.confidence_level,
            warnings=tuple(warnings),
            **values,
        )

    def plot(self, cause: Label | None = None) -> Picture:
        """Draw the curves of one cause, or of all, a line for each group and cause, with the numbers at risk.

        >>> from equipoise.stats import cumulative_incidence
        >>> "</svg>" in cumulative_incidence([1, 2, 3], [1, 2, 0]).plot(1).svg
        True
        """
        from equipoise.drawing.step_plot import Line, RiskCounts, axis_ticks, step_plot

        chosen = [c for c in self.curves if cause is None or c.cause == cause]
        if not chosen:
            raise refused("cause", repr(cause), f"one of {self.causes!r}", "name a cause of the data")
        ticks = np.array(axis_ticks(max(float(curve.time[-1]) for curve in chosen)))
        counts = self.at(ticks).n_at_risk
        lines, risk = [], []
        for curve in chosen:
            words = [] if self.groups == ("all",) else [str(curve.group)]
            words += [f"cause {curve.cause}"] if len(self.causes) > 1 and cause is None else []
            label = ", ".join(words)
            lower, upper = incidence_limits(
                curve.estimate, curve.std_err, curve.interval, curve.confidence_level
            )
            lines.append(
                Line(
                    label,
                    curve.time,
                    curve.estimate,
                    lower,
                    upper,
                    curve.time[curve.n_censored > 0],
                    start=0.0,
                )
            )
            done = np.searchsorted(curve.time, ticks, side="right")
            risk.append(
                RiskCounts(
                    label,
                    ticks,
                    counts[self.groups.index(curve.group)],
                    np.append(0, np.cumsum(curve.n_events))[done],
                    np.append(0, np.cumsum(curve.n_censored))[done],
                )
            )
        title = "Cumulative incidence" + ("" if cause is None else f" of cause {cause}")
        return step_plot(lines, title=title, x_label="Time", y_label="Cumulative incidence", risk=risk)

    def _title(self) -> str:
        return f"Cumulative incidence; {variant(self.variance_method, self.interval, self.confidence_level)}"

    def rows(self) -> Iterator[Row]:
        """Every curve, time by time."""
        for curve in self.curves:
            yield from curve.rows()

    def _headline(self) -> Iterator[Row]:
        for curve in self.curves:
            yield from curve._headline()


def _row(curve: IncidenceCurve, statistic: str, value: float, at: float) -> Row:
    warning = ""
    if math.isnan(value):
        warning = "no limit on this scale at an incidence of 0 or 1"
    return Row(
        statistic, value, group=group_word(curve.group), variable="cause", level=str(curve.cause), at=at,
        method=curve.variance_method, warning=warning,
    )  # fmt: skip


def _place(label: Label, labels: tuple[Label, ...], argument: str) -> int:
    if label not in labels:
        raise refused(argument, repr(label), f"one of {labels!r}", "name one of them")
    return labels.index(label)


def _beyond(found: CumulativeIncidence, groups: Sequence[Label], ticks: FloatArray) -> tuple[str, ...]:
    """Which groups have no follow-up to the last of the times."""
    worded = []
    for label in groups:
        curve = found.curve(found.causes[0], label)
        if float(ticks.max()) > curve.time[-1] and curve.event_free[-1] > 0:
            whose = "" if label == "all" else f"group {label!r}: "
            worded.append(f"{whose}not estimable beyond its last follow-up at {curve.time[-1]:g}")
    return tuple(worded)
