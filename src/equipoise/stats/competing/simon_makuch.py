"""Survival by a state that changes during follow-up: Simon–Makuch curves, the Mantel–Byar test, Cox's model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.competing.split_at import SplitRows, split_at
from equipoise.stats.frames import Frame
from equipoise.stats.observations import (
    checked_times,
    refused,
    two_labels,
)
from equipoise.stats.regression.cox import CoxModel, cox
from equipoise.stats.regression.cox_data import Ties
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.curve import KaplanMeier
from equipoise.stats.survival.curves import SurvivalCurves
from equipoise.stats.survival.intervals import Interval
from equipoise.stats.survival.kaplan_meier import kaplan_meier
from equipoise.stats.survival.log_rank import LogRank, log_rank

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateDependentSurvival(StatisticalResult):
    """Two curves and their comparison.

    curves: by label; a subject is at risk in one state at a time, so n counts rows of subjects, and their sum is more
    than the subjects.  mantel_byar: the log-rank test with changing groups; z is positive when the changed state had
    fewer events than expected.  cox: the model of the changing state.  split: the rows behind all.
    """

    landmark: float
    n: int
    n_changed: int
    n_excluded: int
    curves: SurvivalCurves
    mantel_byar: LogRank
    cox: CoxModel
    split: SplitRows
    warnings: tuple[str, ...]

    def curve(self, *, changed: bool) -> KaplanMeier:
        """The curve of one of the two states.

        >>> found = simon_makuch([5, 8, 6, 9], [1, 0, 1, 1], [2, float("nan"), float("nan"), 3])
        >>> found.curve(changed=True).survival.tolist()
        [0.5, 0.0]
        """
        return self.curves.curves[int(changed)]

    def plot(
        self, *, title: str = "Survival by changing state", x_label: str = "Time", limits: bool = False
    ) -> Picture:
        """Draw both curves with the numbers at risk, which grow as subjects change.

        >>> found = simon_makuch([5, 8, 6, 9], [1, 0, 1, 1], [2, float("nan"), float("nan"), 3])
        >>> "</svg>" in found.plot().svg
        True
        """
        return self.curves.plot(title=title, x_label=x_label, limits=limits)

    def _title(self) -> str:
        since = f" from a landmark at {self.landmark:g}" if self.landmark else ""
        return f"Simon–Makuch curves and Mantel–Byar test{since}; {self.cox.method}"

    def rows(self) -> Iterator[Row]:
        """Counts, the test, the model, and both curves."""
        yield from self._comparison()
        yield from self.curves.rows()

    def _headline(self) -> Iterator[Row]:
        yield from self._comparison()
        yield from self.curves._headline()

    def _comparison(self) -> Iterator[Row]:
        for name in ("n", "n_changed", "n_excluded"):
            yield Row(name, float(getattr(self, name)), group="subjects")
        for row in self.mantel_byar.rows():
            yield replace(row, method="Mantel-Byar")
        yield from self.cox._headline()


def simon_makuch(
    time: ArrayLike | str,
    event: ArrayLike | str,
    change_time: ArrayLike | str,
    *,
    landmark: float = 0.0,
    labels: tuple[str, str] = ("before the change", "after the change"),
    ties: Ties = "efron",
    interval: Interval = "log-log",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> StateDependentSurvival:
    """Compare survival before and after a change of state, each subject counting where it is: no immortal time.

    time, event, change_time: as for ``split_at`` (NaN: never changed).  landmark: the curves begin there, among those
    still at risk (Simon & Makuch); the test and the model use the time after it, too.  labels: of the two states.
    ties: of Cox's model.  interval, confidence_level: of the curves; the level also of the hazard ratio.
    The curves are Kaplan–Meier with entry at the change. They are not survival of fixed groups of patients.
    Returns a StateDependentSurvival.  Raises DataError as ``split_at``, and when nobody was at risk in one of the
    states after the landmark.
    Source: Mantel & Byar 1974; Simon & Makuch 1984; Crowley & Hu 1977; values as R survival 3.5-3,
    survfit and coxph of Surv(start, stop, event) ~ state.

    >>> found = simon_makuch([5, 8, 6, 9], [1, 0, 1, 1], [2, float("nan"), float("nan"), 3])
    >>> found.mantel_byar.observed.tolist(), found.mantel_byar.expected.round(4).tolist()
    ([1, 2], [1.1667, 1.8333])
    """
    two_labels(labels)
    split = split_at(time, event, change_time, data=data)
    begin = float(checked_times([landmark], argument="landmark")[0])
    inside = split.stop > begin if begin > 0 else np.ones(split.stop.size, dtype=np.bool_)
    subject, stop, happened, changed = (
        column[inside] for column in (split.subject, split.stop, split.event, split.changed)
    )
    start = np.maximum(split.start[inside], begin)
    for state, label in ((False, labels[0]), (True, labels[1])):
        if not np.any(changed == state):
            raise refused("change_time", f"nobody at risk in the state {label!r} after {begin:g}", "subjects in both states",
                          "choose another landmark, or compare nothing")  # fmt: skip
    curves = []
    for state in (False, True):
        own = changed == state
        curves.append(kaplan_meier(stop[own], happened[own], entry=start[own], interval=interval,
                                   confidence_level=confidence_level))  # fmt: skip
    group = np.asarray(labels)[changed.astype(np.int64)]
    kept = np.unique(subject)
    return StateDependentSurvival(
        landmark=begin,
        n=kept.size,
        n_changed=int(np.unique(subject[changed]).size),
        n_excluded=split.n - kept.size,
        curves=SurvivalCurves(groups=labels, curves=tuple(curves)),
        mantel_byar=log_rank(stop, happened, group, groups=labels, entry=start),
        cox=cox(stop, happened, changed.astype(np.float64), names=["changed"], entry=start, ties=ties,
                confidence_level=confidence_level),
        split=split,
        warnings=split.warnings,
    )  # fmt: skip
