"""Survival curves of several groups, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_events,
    checked_times,
    group_codes,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.counts import CountArray, WeightType
from equipoise.stats.survival.curve import KaplanMeier, drawn
from equipoise.stats.survival.intervals import Interval
from equipoise.stats.survival.kaplan_meier import kaplan_meier
from equipoise.stats.survival.readings import SurvivalAt

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture

Label = str | int | float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurvivalCurvesAt(StatisticalResult, Mapping[Label, SurvivalAt]):
    """The curves of groups read at chosen times: by label, or as arrays with a row a group and a column a time."""

    groups: tuple[Label, ...]
    parts: tuple[SurvivalAt, ...]

    def __getitem__(self, label: Label) -> SurvivalAt:
        if label not in self.groups:
            raise KeyError(label)
        return self.parts[self.groups.index(label)]

    def __iter__(self) -> Iterator[Label]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def time(self) -> FloatArray:
        """The times, in the order given."""
        return self.parts[0].time

    @property
    def n_at_risk(self) -> CountArray:
        """Subjects with follow-up to the time or beyond."""
        return np.array([part.n_at_risk for part in self.parts])

    @property
    def survival(self) -> FloatArray:
        """Survival, NaN beyond a group's last follow-up."""
        return np.array([part.survival for part in self.parts])

    @property
    def std_err(self) -> FloatArray:
        """The standard error of survival."""
        return np.array([part.std_err for part in self.parts])

    @property
    def lower(self) -> FloatArray:
        """The lower limit of survival."""
        return np.array([part.lower for part in self.parts])

    @property
    def upper(self) -> FloatArray:
        """The upper limit of survival."""
        return np.array([part.upper for part in self.parts])

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of each group, with its label."""
        return tuple(
            f"{words(label)}: {text}"
            for label, part in zip(self.groups, self.parts, strict=True)
            for text in part.warnings
        )

    def _title(self) -> str:
        return self.parts[0]._title()

    def rows(self) -> Iterator[Row]:
        """The rows of each group, with its label as group."""
        for label, part in zip(self.groups, self.parts, strict=True):
            for row in part.rows():
                yield replace(row, group=words(label))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurvivalCurves(StatisticalResult, Mapping[Label, KaplanMeier]):
    """The curve of each group, by its label and in the order of ``groups``; other arrays follow that order."""

    groups: tuple[Label, ...]
    curves: tuple[KaplanMeier, ...]

    def __getitem__(self, label: Label) -> KaplanMeier:
        if label not in self.groups:
            raise KeyError(label)
        return self.curves[self.groups.index(label)]

    def __iter__(self) -> Iterator[Label]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def n(self) -> IntArray:
        """Subjects by group."""
        return np.array([curve.n for curve in self.curves], dtype=np.int64)

    @property
    def n_events(self) -> FloatArray:
        """Events by group."""
        return np.array([curve.n_events.sum() for curve in self.curves], dtype=np.float64)

    @property
    def median(self) -> FloatArray:
        """Median survival by group, NaN where it is not reached."""
        return np.array([curve.median().estimate for curve in self.curves])

    @property
    def median_lower(self) -> FloatArray:
        """The lower limits of the medians."""
        return np.array([curve.median().lower for curve in self.curves])

    @property
    def median_upper(self) -> FloatArray:
        """The upper limits of the medians."""
        return np.array([curve.median().upper for curve in self.curves])

    def at(self, times: ArrayLike) -> SurvivalCurvesAt:
        """Read every curve at the given times: ``KaplanMeier.at`` of each group.

        >>> survival_curves([1, 2, 3, 4], [1, 1, 0, 1], list("ABAB")).at([1, 2]).survival.tolist()
        [[0.5, 0.5], [1.0, 0.5]]
        """
        return SurvivalCurvesAt(groups=self.groups, parts=tuple(curve.at(times) for curve in self.curves))

    def plot(
        self,
        *,
        title: str = "Kaplan–Meier survival",
        x_label: str = "Time",
        y_label: str = "Survival",
        limits: bool = False,
    ) -> Picture:
        """Draw all curves with marks at censorings and the numbers at risk below; ``limits`` adds their limits.

        >>> curves = survival_curves([1, 2, 3, 4], [1, 1, 0, 1], list("ABAB"))
        >>> "<svg" in curves.plot().svg
        True
        """
        from equipoise.drawing.step_plot import axis_ticks, step_plot

        ticks = axis_ticks(max(float(curve.time[-1]) for curve in self.curves))
        parts = [
            drawn(curve, words(label), ticks) for label, curve in zip(self.groups, self.curves, strict=True)
        ]
        lines = [line if limits else replace(line, lower=None, upper=None) for line, _ in parts]
        return step_plot(lines, title=title, x_label=x_label, y_label=y_label, description=self.summary(),
                         notes=self.warnings, risk=[numbers for _, numbers in parts])  # fmt: skip

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of each curve, with its label."""
        return tuple(
            f"{words(label)}: {text}"
            for label, curve in zip(self.groups, self.curves, strict=True)
            for text in curve.warnings
        )

    def _title(self) -> str:
        return self.curves[0]._title()

    def rows(self) -> Iterator[Row]:
        """The rows of each curve, with its label as group."""
        for label, curve in zip(self.groups, self.curves, strict=True):
            for row in curve.rows():
                yield replace(row, group=words(label))

    def _headline(self) -> Iterator[Row]:
        for label, curve in zip(self.groups, self.curves, strict=True):
            for row in curve._headline():
                yield replace(row, group=words(label))

    def _notes(self) -> tuple[str, ...]:
        return tuple(
            f"{words(label)}: {text}"
            for label, curve in zip(self.groups, self.curves, strict=True)
            for text in curve._notes()
        )


def words(label: Label) -> str:
    """A group's label as text; whole numbers of a float column without their point.

    >>> words("A"), words(1.0), words(2)
    ('A', '1', '2')
    """
    return f"{label:.10g}" if isinstance(label, float) else str(label)


def labeled(
    group: ArrayLike, groups: Sequence[Label] | None, n: int, *, exactly: int | None = None
) -> tuple[tuple[Label, ...], IntArray]:
    """The groups in order (sorted where ``groups`` does not state one) and each subject's position among them.

    Raises DataError as ``group_codes`` does, on a group without subjects, and on another number than ``exactly``.

    >>> labels, codes = labeled(["B", "A", "B"], None, 3)
    >>> labels, codes.tolist()
    (('A', 'B'), [1, 0, 1])
    """
    order: Any = groups
    if order is None:
        found = np.asarray(group)
        known = found[(found != None) & (found == found)]  # noqa: E711
        if found.shape == known.shape == (n,) and len({type(label) for label in known.tolist()}) == 1:
            order = np.unique(known).tolist()
            if len(order) == 1 and exactly is None:
                return tuple(order), np.zeros(n, dtype=np.int64)
        else:
            # Labels that are missing, of another length or of two kinds: any order will do to be told so.
            order = (0, 1)
    codes = group_codes(group, order, n)
    if exactly is not None and len(order) != exactly:
        raise refused("groups", repr(tuple(order)), f"{exactly} groups, control first",
                      "name the two that are compared, and pass their subjects only")  # fmt: skip
    empty = np.flatnonzero(np.bincount(codes, minlength=len(order)) == 0)
    if empty.size:
        raise refused("groups", f"{order[empty[0]]!r} without subjects", "at least one subject in each group",
                      "leave it out: nobody's survival has no estimate")  # fmt: skip
    return tuple(order), codes


def survival_curves(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[Label] | None = None,
    entry: ArrayLike | str | None = None,
    weights: ArrayLike | str | None = None,
    weight_type: WeightType | None = None,
    cluster: ArrayLike | str | None = None,
    confidence_level: float = 0.95,
    interval: Interval = "log-log",
    data: Frame | None = None,
) -> SurvivalCurves:
    """Estimate the Kaplan–Meier curve of each group.

    group: shape (n,), labels.  groups: their order; without it, sorted.  The rest as ``kaplan_meier``, for each group
    by itself.
    Returns a SurvivalCurves: a mapping from label to KaplanMeier.
    Raises DataError as ``kaplan_meier`` does, on a label that ``groups`` does not list and on a group of nobody.
    Source: as ``kaplan_meier``; R's survfit(Surv(time, event) ~ group).

    >>> curves = survival_curves([1, 2, 3, 4], [1, 1, 0, 1], list("ABAB"))
    >>> curves["B"].survival.tolist(), curves.median.tolist()
    ([0.5, 0.0], [2.0, 3.0])
    """
    time, event, group, entry, weights, cluster = columns(
        data, time=time, event=event, group=group, entry=entry, weights=weights, cluster=cluster
    )
    times = checked_times(time)
    events = checked_events(event, times.size)
    labels, codes = labeled(group, groups, times.size)

    def part(values: Any, chosen: Any, argument: str) -> Any:
        if values is None:
            return None
        found = np.asarray(values)
        if found.shape[:1] != times.shape:
            raise refused(argument, f"shape {found.shape}", f"one for each of the {times.size} times",
                          "pass values of the same subjects, in the same order")  # fmt: skip
        return found[chosen]

    curves = []
    for index in range(len(labels)):
        chosen = codes == index
        curves.append(
            kaplan_meier(
                times[chosen],
                events[chosen],
                entry=part(entry, chosen, "entry"),
                weights=part(weights, chosen, "weights"),
                weight_type=weight_type,
                cluster=part(cluster, chosen, "cluster"),
                confidence_level=confidence_level,
                interval=interval,
            )
        )
    return SurvivalCurves(groups=labels, curves=tuple(curves))
