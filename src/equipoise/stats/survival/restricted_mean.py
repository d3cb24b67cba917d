"""Restricted mean survival time: the area under the curve up to a time, alone and of two groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import normal_sf
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_events,
    checked_fraction,
    checked_number,
    checked_times,
    read_only,
    usual_size,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.curve import KaplanMeier
from equipoise.stats.survival.curves import Label, labeled, words
from equipoise.stats.survival.intervals import critical_value
from equipoise.stats.survival.kaplan_meier import kaplan_meier
from equipoise.stats.survival.readings import percent


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedMean(StatisticalResult):
    """The mean time without event up to ``until``, and the mean time lost; both have the one standard error.

    Limits are Wald limits, not cut at 0 and ``until``.  NaN: not estimable; warnings say why.
    """

    n: int
    n_events: int
    until: float
    restricted_mean: float
    std_err: float
    lower: float
    upper: float
    time_lost: float
    time_lost_lower: float
    time_lost_upper: float
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Restricted mean survival time up to {self.until:.10g}; {percent(self.confidence_level)} Wald limits"

    def rows(self) -> Iterator[Row]:
        """Size, events, and the two means with their limits."""
        for statistic in ("n", "n_events", "restricted_mean", "std_err", "lower", "upper", "time_lost",
                          "time_lost_lower", "time_lost_upper"):  # fmt: skip
            at = self.until
            yield Row(statistic, float(getattr(self, statistic)), at=at, method="Greenwood variance")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RestrictedMeanDifference(StatisticalResult):
    """Restricted means of (control, experimental) up to ``until`` and three comparisons; arrays of the two groups.

    difference: experimental minus control.  ratio: of the restricted means; time_lost_ratio: of the times lost; both
    experimental to control, with Wald limits and tests on the logarithm.  z and p_value_one_sided are of the
    difference: positive when the experimental group lives longer.  NaN: not estimable; warnings say why.
    """

    groups: tuple[Label, ...]
    until: float
    n: IntArray
    n_events: IntArray
    restricted_mean: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    time_lost: FloatArray
    difference: float
    difference_std_err: float
    difference_lower: float
    difference_upper: float
    z: float
    p_value_two_sided: float
    p_value_one_sided: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    ratio_p_value_two_sided: float
    time_lost_ratio: float
    time_lost_ratio_lower: float
    time_lost_ratio_upper: float
    time_lost_ratio_p_value_two_sided: float
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        control, experimental = (words(label) for label in self.groups)
        return (
            f"Restricted mean survival time up to {self.until:.10g}, {experimental} against {control}; "
            f"{percent(self.confidence_level)} Wald limits"
        )

    def rows(self) -> Iterator[Row]:
        """Each group's means, then the comparisons."""
        for index, label in enumerate(self.groups):
            for statistic in ("n", "n_events", "restricted_mean", "std_err", "lower", "upper", "time_lost"):
                value = float(getattr(self, statistic)[index])
                yield Row(statistic, value, group=words(label), at=self.until, method="Greenwood variance")
        yield from self._headline()

    def _headline(self) -> Iterator[Row]:
        control, experimental = (words(label) for label in self.groups)
        for statistic in ("difference", "difference_std_err", "difference_lower", "difference_upper", "z",
                          "p_value_two_sided", "p_value_one_sided", "ratio", "ratio_lower", "ratio_upper",
                          "ratio_p_value_two_sided", "time_lost_ratio", "time_lost_ratio_lower",
                          "time_lost_ratio_upper", "time_lost_ratio_p_value_two_sided"):  # fmt: skip
            method = "Wald on the logarithm" if "ratio" in statistic else "Wald"
            yield Row(statistic, getattr(self, statistic), group=f"{experimental} vs {control}", at=self.until,
                      method=method)  # fmt: skip


def restricted_mean(
    time: ArrayLike | str,
    event: ArrayLike | str,
    *,
    until: float | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> RestrictedMean:
    """Estimate the mean time without event up to a time: the area under the Kaplan–Meier curve.

    time, event, data: as ``kaplan_meier``.  until: above 0; without it, the last follow-up, which depends on the data.
    confidence_level: of the Wald limits.
    Returns a RestrictedMean.  The variance is the sum over events of (area from there to ``until``)^2 d / (n (n - d)).
    Beyond the last follow-up the area is unknown, unless the curve has fallen to 0: NaN with a warning, where R
    carries the last survival forward in silence.
    Raises DataError as ``kaplan_meier`` does, and on an ``until`` that is not above 0.
    Source: Irwin 1949; Meier 1975; values as R's print(survfit(), rmean =) and survRM2; SAS LIFETEST
    multiplies the variance of its mean by m / (m - 1), m events.

    >>> found = restricted_mean([1, 2, 3], [1, 1, 0], until=3)
    >>> round(found.restricted_mean, 12), round(found.std_err, 6), round(found.time_lost, 12)
    (2.0, 0.471405, 1.0)
    """
    time, event = columns(data, time=time, event=event)
    curve = kaplan_meier(time, event, confidence_level=confidence_level)
    end = float(curve.time[-1]) if until is None else _checked_until(until)
    mean, lost, variance, warnings = _area(curve, end, "")
    std_err = math.sqrt(variance)
    reach = critical_value(confidence_level) * std_err
    return RestrictedMean(
        n=curve.n,
        n_events=int(curve.n_events[curve.time <= end].sum()),
        until=end,
        restricted_mean=mean,
        std_err=std_err,
        lower=mean - reach,
        upper=mean + reach,
        time_lost=lost,
        time_lost_lower=lost - reach,
        time_lost_upper=lost + reach,
        confidence_level=confidence_level,
        warnings=warnings,
    )


def restricted_mean_difference(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[Label],
    until: float | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> RestrictedMeanDifference:
    """Compare the restricted mean survival times of two groups, without assuming proportional hazards.

    time, event, data: as ``kaplan_meier``.  group: shape (n,), labels.  groups: (control, experimental).
    until: above 0; without it, the smaller of the groups' last follow-up times, which depends on the data.
    confidence_level: of all limits.
    Returns a RestrictedMeanDifference.  Beyond the last follow-up of a group: NaN with a warning.
    Raises DataError on unusable arguments, other than two groups, and a group of nobody.
    Source: Royston & Parmar 2013; Uno et al. 2014 (survRM2, unadjusted); ratios by the delta method on the logarithm.

    >>> found = restricted_mean_difference([1, 2, 3, 4], [1, 1, 0, 0], list("ABAB"), groups=("A", "B"), until=3)
    >>> found.difference, round(found.difference_std_err, 6)
    (0.5, 0.790569)
    """
    time, event, group = columns(data, time=time, event=event, group=group)
    times = checked_times(time)
    events = checked_events(event, times.size)
    labels, codes = labeled(group, groups, times.size, exactly=2)
    checked_fraction(confidence_level, argument="confidence_level")
    curves = [kaplan_meier(times[codes == k], events[codes == k]) for k in (0, 1)]
    end = min(float(curve.time[-1]) for curve in curves) if until is None else _checked_until(until)
    areas = [_area(curve, end, f"{words(label)}: ") for curve, label in zip(curves, labels, strict=True)]
    mean = np.array([area[0] for area in areas])
    lost = np.array([area[1] for area in areas])
    std_err = np.sqrt([area[2] for area in areas])
    z_level = critical_value(confidence_level)
    difference = float(mean[1] - mean[0])
    error = math.hypot(*std_err.tolist())
    z = difference / error if error > 0 else math.nan
    ratio = _ratio(mean, std_err, z_level)
    lost_ratio = _ratio(lost, std_err, z_level)
    n = np.array([curve.n for curve in curves], dtype=np.int64)
    n_events = np.array([curve.n_events[curve.time <= end].sum() for curve in curves], dtype=np.int64)
    lower, upper = mean - z_level * std_err, mean + z_level * std_err
    for array in (n, n_events, mean, std_err, lower, upper, lost):
        read_only(array)
    return RestrictedMeanDifference(
        groups=labels,
        until=end,
        n=n,
        n_events=n_events,
        restricted_mean=mean,
        std_err=std_err,
        lower=lower,
        upper=upper,
        time_lost=lost,
        difference=difference,
        difference_std_err=error,
        difference_lower=difference - z_level * error,
        difference_upper=difference + z_level * error,
        z=z,
        p_value_two_sided=2 * normal_sf(abs(z)),
        p_value_one_sided=normal_sf(z),
        ratio=ratio[0],
        ratio_lower=ratio[1],
        ratio_upper=ratio[2],
        ratio_p_value_two_sided=ratio[3],
        time_lost_ratio=lost_ratio[0],
        time_lost_ratio_lower=lost_ratio[1],
        time_lost_ratio_upper=lost_ratio[2],
        time_lost_ratio_p_value_two_sided=lost_ratio[3],
        confidence_level=confidence_level,
        warnings=tuple(_warnings(labels, areas, lost, error)),
    )


def _checked_until(until: float) -> float:
    remedy = "name the time up to which the mean is taken"
    return checked_number(until, argument="until", expected="a finite time above 0", remedy=remedy, above=0)


def _area(curve: KaplanMeier, until: float, whose: str) -> tuple[float, float, float, tuple[str, ...]]:
    """The areas under and above a curve up to ``until``, and the variance of either."""
    last, survival = float(curve.time[-1]), float(curve.survival[-1])
    if until > last and survival > 0:
        return math.nan, math.nan, math.nan, (
            f"{whose}not estimable up to {until:g}: the last follow-up is {last:g}, where survival is {survival:.4g}",
        )  # fmt: skip
    usual_size(curve.time[-1:], argument="time")
    rows = int(np.searchsorted(curve.time, until, side="right"))
    widths = np.diff(curve.time[:rows], prepend=0.0, append=until)
    heights = np.concatenate(([1.0], curve.survival[:rows]))
    rectangles = widths * heights
    # From each row on to the end.
    ahead = np.cumsum(rectangles[:0:-1])[::-1]
    n, d = curve.n_at_risk[:rows].astype(np.float64), curve.n_events[:rows].astype(np.float64)
    # Who dies as the last one leaves no area ahead, so that n - d = 0 adds nothing.
    terms = d / (n * np.where(n > d, n - d, np.inf))
    # Summed by itself, for the time lost may be tiny beside ``until``.
    lost = float(np.sum(widths * (1 - heights)))
    return float(rectangles.sum()), lost, float(np.sum(ahead**2 * terms)), ()


def _ratio(of: FloatArray, std_err: FloatArray, z_level: float) -> tuple[float, float, float, float]:
    """Experimental to control with limits and two-sided P value on the logarithm; NaN where one of them is not above 0."""
    control, experimental = of.tolist()
    if not (control > 0 and experimental > 0):
        return (0.0 if experimental == 0 < control else math.nan), math.nan, math.nan, math.nan
    error = math.hypot(*(std_err / of).tolist())
    ratio = experimental / control
    widen = math.exp(min(z_level * error, 700))
    p_value = 2 * normal_sf(abs(math.log(ratio)) / error) if error > 0 else math.nan
    return ratio, ratio / widen, ratio * widen, p_value


def _warnings(
    groups: tuple[Label, ...],
    areas: list[tuple[float, float, float, tuple[str, ...]]],
    lost: FloatArray,
    error: float,
) -> Iterator[str]:
    for *_, warnings in areas:
        yield from warnings
    for label, time_lost in zip(groups, lost.tolist(), strict=True):
        if time_lost == 0:
            yield f"{words(label)} has no event before the end: its standard error of 0 is too small, and a ratio of times lost has no limits"
    if error == 0:
        yield "no standard error: the difference has no test"
