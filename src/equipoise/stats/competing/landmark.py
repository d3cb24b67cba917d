"""Landmark analysis: survival from a fixed time on, by the state that subjects had reached by then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.competing.split_at import checked_changes
from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    BoolArray,
    IntArray,
    checked_events,
    checked_times,
    read_only,
    refused,
    two_labels,
)
from equipoise.stats.regression.cox import CoxModel, cox
from equipoise.stats.regression.cox_data import Ties
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.curves import SurvivalCurves
from equipoise.stats.survival.intervals import Interval
from equipoise.stats.survival.kaplan_meier import kaplan_meier
from equipoise.stats.survival.log_rank import LogRank, log_rank

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LandmarkAnalysis(StatisticalResult):
    """Survival from the landmark on, times counted from it.

    kept: positions in the input of those event-free and under observation after the landmark; reached: whether each of
    them had reached the state.  Excluded are n_excluded_events with an event at or before it and n_excluded_censored.
    n_reached_later: kept in the first group although they reached the state after the landmark.
    """

    landmark: float
    n: int
    n_excluded_events: int
    n_excluded_censored: int
    n_reached_later: int
    kept: IntArray
    reached: BoolArray
    curves: SurvivalCurves
    log_rank: LogRank
    cox: CoxModel

    def plot(self, *, title: str = "", x_label: str = "", limits: bool = False) -> Picture:
        """Draw both curves from the landmark on.

        >>> found = landmark([5, 8, 6, 9], [1, 0, 1, 1], [1, float("nan"), float("nan"), 3], at=2)
        >>> "</svg>" in found.plot().svg
        True
        """
        return self.curves.plot(
            title=title or f"Survival from the landmark at {self.landmark:g}",
            x_label=x_label or "Time from the landmark",
            limits=limits,
        )

    def _title(self) -> str:
        return f"Landmark analysis at {self.landmark:g}; {self.log_rank.method} test; {self.cox.method}"

    def rows(self) -> Iterator[Row]:
        """Counts, the test, the model, and both curves."""
        yield from self._comparison()
        yield from self.curves.rows()

    def _headline(self) -> Iterator[Row]:
        yield from self._comparison()
        yield from self.curves._headline()

    def _comparison(self) -> Iterator[Row]:
        for name in ("n", "n_excluded_events", "n_excluded_censored", "n_reached_later"):
            yield Row(name, float(getattr(self, name)), group="subjects", at=self.landmark)
        yield from self.log_rank.rows()
        yield from self.cox._headline()


def landmark(
    time: ArrayLike | str,
    event: ArrayLike | str,
    state_time: ArrayLike | str,
    *,
    at: float,
    labels: tuple[str, str] = ("not reached", "reached"),
    strata: ArrayLike | str | None = None,
    ties: Ties = "efron",
    interval: Interval = "log-log",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> LandmarkAnalysis:
    """Compare survival after a landmark between those who had, and had not, reached a state by then (a response).

    time, event: as for ``kaplan_meier``.  state_time: shape (n,), when the state was reached; NaN means never.
    at: the landmark, chosen before looking. Kept are subjects with time > at; the state is reached when state_time <= at.
    labels: of the two groups.  strata: of the test and the model.  The rest: as for ``simon_makuch``.
    Returns a LandmarkAnalysis; nobody disappears uncounted.
    Raises DataError on unusable times, a state reached after the end of follow-up, and a group without subjects.
    Source: Anderson, Cain & Gelber 1983; values as R survival 3.5-3 on the subset.

    >>> found = landmark([5, 8, 6, 9, 1], [1, 0, 1, 1, 1], [1, float("nan"), float("nan"), 3, 1], at=2)
    >>> found.n, found.n_excluded_events, found.n_reached_later, found.curves.n.tolist()
    (4, 1, 1, [3, 1])
    """
    two_labels(labels)
    time, event, state_time, strata = columns(
        data, time=time, event=event, state_time=state_time, strata=strata
    )
    times = checked_times(time)
    events = checked_events(event, times.size)
    reached_at, times = checked_changes(state_time, times, "state_time")
    begin = float(checked_times([at], argument="at")[0])
    if strata is not None and np.shape(strata)[:1] != times.shape:
        raise refused("strata", f"shape {np.shape(strata)}", f"one label for each of the {times.size} times",
                      "pass labels of the same subjects, in the same order")  # fmt: skip
    inside = times > begin
    kept = np.flatnonzero(inside)
    reached = reached_at[kept] <= begin
    for state, label in ((False, labels[0]), (True, labels[1])):
        if not np.any(reached == state):
            raise refused("at", f"nobody in the group {label!r} among {kept.size} subjects after {begin:g}",
                          "subjects in both groups", "choose another landmark")  # fmt: skip
    rest, happened = times[kept] - begin, events[kept]
    curves = tuple(
        kaplan_meier(rest[reached == state], happened[reached == state], interval=interval,
                     confidence_level=confidence_level)
        for state in (False, True)
    )  # fmt: skip
    within = None if strata is None else np.asarray(strata)[kept]
    group = np.asarray(labels)[reached.astype(np.int64)]
    read_only(kept)
    read_only(reached)
    return LandmarkAnalysis(
        landmark=begin,
        n=kept.size,
        n_excluded_events=int(events[~inside].sum()),
        n_excluded_censored=int((~events[~inside]).sum()),
        n_reached_later=int(np.sum(reached_at[kept] > begin)),
        kept=kept,
        reached=reached,
        curves=SurvivalCurves(groups=labels, curves=curves),
        log_rank=log_rank(rest, happened, group, groups=labels, strata=within),
        cox=cox(rest, happened, reached.astype(np.float64), names=["reached"], strata=within, ties=ties,
                confidence_level=confidence_level),
    )  # fmt: skip
