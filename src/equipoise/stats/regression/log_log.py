"""The log-log curves that show by eye whether hazards are proportional."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import FloatArray, checked_events, checked_times, group_codes, read_only
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogLogCurve:
    """One group: log(-log S) at each event time above 0 at which S lies between 0 and 1."""

    group: str
    time: FloatArray
    log_time: FloatArray
    log_minus_log_survival: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogLogCurves(StatisticalResult):
    """A curve for each group; with proportional hazards they are a constant distance apart."""

    curves: tuple[LogLogCurve, ...]
    warnings: tuple[str, ...] = ()

    def plot(self, *, title: str = "Log-log survival", x_label: str = "Log of time") -> Picture:
        """Draw log(-log S) against the log of time, as steps.

        >>> "<svg" in log_log_curves([1, 2, 3, 4], [1, 1, 1, 1], ["a", "b", "a", "b"], groups=("a", "b")).plot().svg
        True
        """
        from equipoise.stats.regression.residual_plot import steps_plot

        drawn = [
            (one.group, one.log_time, one.log_minus_log_survival) for one in self.curves if one.time.size
        ]
        return steps_plot(
            drawn, title=title, x_label=x_label, y_label="log(−log S)", description=self.summary()
        )

    def _title(self) -> str:
        return "Log of the cumulative hazard, log(-log S) of Kaplan–Meier, by group"

    def _headline(self) -> Iterator[Row]:
        for one in self.curves:
            yield Row("n_points", float(one.time.size), group=one.group)

    def rows(self) -> Iterator[Row]:
        """Each point of each group."""
        for one in self.curves:
            for at, value in zip(one.time.tolist(), one.log_minus_log_survival.tolist(), strict=True):
                yield Row("log_minus_log_survival", value, group=one.group, at=at)


def log_log_curves(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[str] | Sequence[int],
    data: Frame | None = None,
) -> LogLogCurves:
    """The points of a log-log plot: log(-log S) against the log of time, by group.

    time, event, data: as ``kaplan_meier``.  group: (n,) labels, each one of ``groups``.
    Points where S is 1 or 0, and events at time 0, have no place on these axes and are left out.
    Returns a LogLogCurves.  Raises DataError as ``kaplan_meier`` does, and on labels that are not in groups.
    Source: Kalbfleisch & Prentice 2002; values as R plot(survfit(...), fun = "cloglog").

    >>> found = log_log_curves([1, 2, 3, 4], [1, 1, 1, 1], ["a", "b", "a", "b"], groups=("a", "b"))
    >>> found.curves[0].log_minus_log_survival.round(6).tolist()
    [-0.366513]
    """
    time, event, group = columns(data, time=time, event=event, group=group)
    times = checked_times(time)
    events = checked_events(event, times.size)
    codes = group_codes(group, groups, times.size)
    curves, warnings = [], []
    for code, label in enumerate(groups):
        mine = codes == code
        at = values = np.zeros(0)
        if mine.any():
            curve = kaplan_meier(times[mine], events[mine])
            known = (curve.n_events > 0) & (curve.survival > 0) & (curve.survival < 1) & (curve.time > 0)
            at, values = curve.time[known], np.log(-np.log(curve.survival[known]))
        if not at.size:
            warnings.append(f"{label}: no time at which survival lies between 0 and 1")
        log_time = np.log(at)
        for array in (at, values, log_time):
            read_only(array)
        curves.append(
            LogLogCurve(group=str(label), time=at, log_time=log_time, log_minus_log_survival=values)
        )
    return LogLogCurves(curves=tuple(curves), warnings=tuple(warnings))
