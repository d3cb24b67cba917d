"""Survival at fixed times in two groups: their difference and ratio, and tests of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import normal_sf
from equipoise.stats.observations import (
    FloatArray,
    checked_events,
    checked_fraction,
    checked_times,
    read_only,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.counts import CountArray
from equipoise.stats.survival.curves import Label, labeled, words
from equipoise.stats.survival.intervals import Interval, checked_interval, critical_value
from equipoise.stats.survival.kaplan_meier import kaplan_meier
from equipoise.stats.survival.readings import percent


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MilestoneDifference(StatisticalResult):
    """Survival of (control, experimental) at each time, and how far apart: arrays over times; (m, 2) where of groups.

    difference is experimental minus control, with Wald limits from Greenwood's variances; ratio is experimental to
    control, with Wald limits on the logarithm.  z, chi_square and the P values test equality on the scale of
    ``transform``; z is positive when the experimental group survives better, and its one-sided P value is the upper
    tail.  Limits of the groups' survival are those of ``interval``.  NaN: not estimable; warnings say why.
    """

    groups: tuple[Label, ...]
    time: FloatArray
    n_at_risk: CountArray
    survival: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    difference: FloatArray
    difference_std_err: FloatArray
    difference_lower: FloatArray
    difference_upper: FloatArray
    ratio: FloatArray
    ratio_lower: FloatArray
    ratio_upper: FloatArray
    z: FloatArray
    chi_square: FloatArray
    p_value_two_sided: FloatArray
    p_value_one_sided: FloatArray
    transform: Interval
    interval: Interval
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        control, experimental = (words(label) for label in self.groups)
        return (
            f"Survival at fixed times, {experimental} against {control}; test on the {self.transform} scale, "
            f"{percent(self.confidence_level)} limits"
        )

    def rows(self) -> Iterator[Row]:
        """Each group's survival, then the comparison, at each time."""
        for index, label in enumerate(self.groups):
            for statistic in ("survival", "std_err", "lower", "upper", "n_at_risk"):
                for at, value in zip(
                    self.time.tolist(), getattr(self, statistic)[:, index].tolist(), strict=True
                ):
                    yield Row(statistic, float(value), group=words(label), at=at, method=self.interval)
        yield from self._headline()

    def _headline(self) -> Iterator[Row]:
        control, experimental = (words(label) for label in self.groups)
        for statistic in ("difference", "difference_std_err", "difference_lower", "difference_upper", "ratio",
                          "ratio_lower", "ratio_upper", "z", "chi_square", "p_value_two_sided",
                          "p_value_one_sided"):  # fmt: skip
            method = (
                "Wald"
                if statistic.startswith(("difference", "ratio"))
                else f"{self.transform} transformation"
            )
            for at, value in zip(self.time.tolist(), getattr(self, statistic).tolist(), strict=True):
                yield Row(statistic, value, group=f"{experimental} vs {control}", at=at, method=method)


def _plain(survival: FloatArray, log_std_err: FloatArray) -> tuple[FloatArray, FloatArray]:
    return survival, survival * log_std_err


def _log(survival: FloatArray, log_std_err: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.log(survival), log_std_err


def _log_log(survival: FloatArray, log_std_err: FloatArray) -> tuple[FloatArray, FloatArray]:
    hazard = -np.log(survival)
    return -np.log(hazard), log_std_err / hazard


def _logit(survival: FloatArray, log_std_err: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.log(survival / (1 - survival)), log_std_err / (1 - survival)


def _arcsin(survival: FloatArray, log_std_err: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.arcsin(np.sqrt(survival)), 0.5 * log_std_err * np.sqrt(survival / (1 - survival))


# Survival and its standard error on each scale, all rising with survival, for 0 < survival <= 1.
_SCALES: dict[str, Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]] = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
    "logit": _logit,
    "arcsin": _arcsin,
}


def milestone_difference(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[Label],
    at: ArrayLike,
    transform: Interval = "plain",
    confidence_level: float = 0.95,
    interval: Interval = "log-log",
    data: Frame | None = None,
) -> MilestoneDifference:
    """Compare survival of two groups at fixed times.

    time, event, data: as ``kaplan_meier``.  group: shape (n,), labels.  groups: (control, experimental).
    at: one or several times, at least 0.  transform: the scale of the test, "plain", "log", "log-log", "logit" or
    "arcsin"; the plain one agrees with the limits of the difference, and rejects too often in small samples, where
    log-log is nearer to its level.  confidence_level: of all limits.  interval: of each group's survival.
    Returns a MilestoneDifference.  The times must be chosen before the data are seen; nothing is corrected for several.
    Raises DataError on unusable arguments, other than two groups, and a group of nobody.
    Source: Klein, Logan, Harhoff & Andersen 2007 (Stat Med 26:4505); from R's summary(survfit(), times = ) by hand.

    >>> found = milestone_difference([1, 2, 3, 4], [1, 0, 0, 1], list("ABAB"), groups=("A", "B"), at=2)
    >>> found.difference.tolist(), found.difference_std_err.round(6).tolist()
    ([0.5], [0.353553])
    """
    time, event, group = columns(data, time=time, event=event, group=group)
    times = checked_times(time)
    events = checked_events(event, times.size)
    labels, codes = labeled(group, groups, times.size, exactly=2)
    checked_fraction(confidence_level, argument="confidence_level")
    checked_interval(transform, argument="transform")
    ticks = checked_times(np.atleast_1d(np.asarray(at)), argument="at")
    curves = [
        kaplan_meier(
            times[codes == k], events[codes == k], confidence_level=confidence_level, interval=interval
        )
        for k in (0, 1)
    ]
    read = [curve.at(ticks) for curve in curves]
    survival, std_err, lower, upper = (
        np.column_stack([getattr(one, name) for one in read])
        for name in ("survival", "std_err", "lower", "upper")
    )
    z_level = critical_value(confidence_level)
    difference = survival[:, 1] - survival[:, 0]
    error = np.hypot(std_err[:, 0], std_err[:, 1])
    positive = np.where(survival > 0, survival, np.nan)
    log_std_err = std_err / positive
    ratio = survival[:, 1] / positive[:, 0]
    widen = np.exp(np.minimum(z_level * np.hypot(log_std_err[:, 0], log_std_err[:, 1]), 700))

    # Where 1 lies at infinity or has no slope, a group without events cannot be placed on the scale.
    placed = positive if transform in ("plain", "log") else np.where(survival == 1, np.nan, positive)
    value, value_error = _SCALES[transform](placed, log_std_err)
    apart, apart_error = value[:, 1] - value[:, 0], np.hypot(value_error[:, 0], value_error[:, 1])
    z = apart / np.where(apart_error > 0, apart_error, np.nan)
    result = {
        "time": ticks,
        "n_at_risk": np.column_stack([one.n_at_risk for one in read]),
        "survival": survival,
        "std_err": std_err,
        "lower": lower,
        "upper": upper,
        "difference": difference,
        "difference_std_err": error,
        "difference_lower": difference - z_level * error,
        "difference_upper": difference + z_level * error,
        "ratio": ratio,
        "ratio_lower": ratio / widen,
        "ratio_upper": ratio * widen,
        "z": z,
        "chi_square": z**2,
        "p_value_two_sided": np.array([2 * normal_sf(abs(one)) for one in z.tolist()]),
        "p_value_one_sided": np.array([normal_sf(one) for one in z.tolist()]),
    }
    for column in result.values():
        read_only(column)
    last = [float(curve.time[-1]) for curve in curves]
    return MilestoneDifference(
        groups=labels,
        **result,
        transform=transform,
        interval=interval,
        confidence_level=confidence_level,
        warnings=tuple(_warnings(labels, ticks, survival, last, z, transform)),
    )


def _warnings(
    groups: tuple[Label, ...], ticks: FloatArray, survival: FloatArray, last: list[float], z: FloatArray,
    transform: Interval,
) -> Iterator[str]:  # fmt: skip
    for row, tick in enumerate(ticks.tolist()):
        for column, label in enumerate(groups):
            value = survival[row, column]
            if np.isnan(value):
                yield f"at {tick:g}: not estimable, beyond the last follow-up of {words(label)}, {last[column]:g}"
            elif value == 0:
                yield f"at {tick:g}: {words(label)} has survival 0, whose standard error is not estimable: no limits, no test"
            elif value == 1 and np.isnan(z[row]):
                yield f"at {tick:g}: {words(label)} has no event, and survival 1 has no {transform} test"
            elif value == 1:
                yield f"at {tick:g}: {words(label)} has no event, and its variance of 0 makes limits and test too narrow"
