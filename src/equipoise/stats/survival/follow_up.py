"""How long the subjects were followed: reverse Kaplan–Meier, and the plain distribution of the times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.continuous.descriptive import quantile
from equipoise.stats.frames import Frame, column, columns
from equipoise.stats.observations import checked_events, checked_times
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.intervals import Interval
from equipoise.stats.survival.kaplan_meier import KaplanMeier, kaplan_meier


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFollowUp(StatisticalResult):
    """The observed times of n subjects, whatever ended them; quartiles by R's definition 7."""

    n: int
    median: float
    q1: float
    q3: float
    minimum: float
    maximum: float

    def _title(self) -> str:
        return "Observed follow-up, quantiles of type 7"

    def rows(self) -> Iterator[Row]:
        """Size, median, quartiles and range."""
        for statistic in ("n", "median", "q1", "q3", "minimum", "maximum"):
            yield Row(statistic, float(getattr(self, statistic)), method="observed, quantiles of type 7")


def reverse_kaplan_meier(
    time: ArrayLike | str,
    event: ArrayLike | str,
    *,
    confidence_level: float = 0.95,
    interval: Interval = "log-log",
    data: Frame | None = None,
) -> KaplanMeier:
    """Estimate potential follow-up: the time to censoring, cut short by events.

    time: shape (n,), at least 0.  event: shape (n,), True for the event of the endpoint, as in
    ``kaplan_meier``; here an event is what ends the observation of follow-up.  The rest as there.
    Returns a KaplanMeier whose ``n_events`` are the censorings; ``.median()`` is the median follow-up.
    At a tie the roles swap wholly: censorings come first, as R does for Surv(time, 1 - status).
    Raises DataError as ``kaplan_meier`` does.
    Source: Schemper & Smith 1996 (Control Clin Trials 17:343).

    >>> reverse_kaplan_meier([2, 4, 6, 8], [True, False, False, False]).median().estimate
    6.0
    """
    time, event = columns(data, time=time, event=event)
    times = checked_times(time)
    followed = ~checked_events(event, times.size)
    curve = kaplan_meier(times, followed, confidence_level=confidence_level, interval=interval)
    return replace(curve, reverse=True)


def observed_follow_up(time: ArrayLike | str, *, data: Frame | None = None) -> ObservedFollowUp:
    """Median, quartiles and range of the observed times, events and censorings alike.

    time: shape (n,), at least 0.  Pass the event-free subjects only for "follow-up of survivors".
    data: a frame whose column ``time`` names.
    Raises DataError as ``kaplan_meier`` does.
    Source: Hyndman & Fan 1996, definition 7; values as R's quantile().

    >>> observed_follow_up([10, 20, 40]).median
    20.0
    """
    times = checked_times(column(data, time, "time"))
    return ObservedFollowUp(
        n=times.size,
        median=quantile(times, 0.5),
        q1=quantile(times, 0.25),
        q3=quantile(times, 0.75),
        minimum=float(np.min(times)),
        maximum=float(np.max(times)),
    )
