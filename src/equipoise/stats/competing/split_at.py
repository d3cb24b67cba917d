"""Subjects who change state during follow-up, as rows in which nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    IntArray,
    checked_events,
    checked_times,
    read_only,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.counts import checked_entries


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitRows(StatisticalResult):
    """Counting-process rows: at risk in (start, stop], ``event`` at stop.

    subject: each row's position in the input, for ``age[rows.subject]``.  changed: False before the change, True after.
    """

    n: int
    subject: IntArray
    start: FloatArray
    stop: FloatArray
    event: BoolArray
    changed: BoolArray
    warnings: tuple[str, ...]

    def columns(self) -> dict[str, Any]:
        """The rows as a frame for ``data=``.

        >>> split_at([5], [1], [2]).columns()["start"].tolist()
        [0.0, 2.0]
        """
        return {name: getattr(self, name) for name in ("subject", "start", "stop", "event", "changed")}

    def _title(self) -> str:
        return "Follow-up split at the change of state"

    def rows(self) -> Iterator[Row]:
        """Subjects, rows, time at risk and events before and after the change."""
        yield Row("n", float(self.n), group="subjects")
        for label, inside in (("before the change", ~self.changed), ("after the change", self.changed)):
            yield Row("n_rows", float(inside.sum()), group=label)
            yield Row("person_time", float((self.stop - self.start)[inside].sum()), group=label)
            yield Row("n_events", float(self.event[inside].sum()), group=label)


def split_at(
    time: ArrayLike | str,
    event: ArrayLike | str,
    change_time: ArrayLike | str,
    *,
    entry: ArrayLike | str | None = None,
    data: Frame | None = None,
) -> SplitRows:
    """Split follow-up where a state changes (transplant, response, a second drug), for a covariate that depends on time.

    time, event, entry: as for ``kaplan_meier``.  change_time: shape (n,), when the state changed; NaN means that it
    never did while the subject was observed.  On the day of the change itself the subject counts as not yet changed;
    whoever changed by the entry, or at 0, is changed throughout, and a change on the last day has no time after it.
    Returns SplitRows, one or two a subject, in the order of subjects.
    Raises DataError on unusable times and events, and on a change after the end of follow-up.
    Source: Crowley & Hu 1977; Andersen & Gill 1982; values as R survival 3.5-3, tmerge.

    >>> rows = split_at([5, 8], [1, 0], [2, float("nan")])
    >>> rows.stop.tolist(), rows.changed.tolist()
    ([2.0, 5.0, 8.0], [False, True, False])
    """
    time, event, change_time, entry = columns(
        data, time=time, event=event, change_time=change_time, entry=entry
    )
    times = checked_times(time)
    events = checked_events(event, times.size)
    entries, times = checked_entries(entry, times)
    change, times = checked_changes(change_time, times, "change_time")
    begin = np.zeros(times.size) if entries is None else entries
    after = ~np.isnan(change) & ((change < times) | (change == 0))
    before = ~(after & (change <= begin))
    subject = np.concatenate((np.flatnonzero(before), np.flatnonzero(after)))
    changed = np.concatenate((np.zeros(before.sum(), dtype=np.bool_), np.ones(after.sum(), dtype=np.bool_)))
    end = np.where(after, change, times)
    start = np.concatenate((begin[before], np.maximum(change, begin)[after]))
    stop = np.concatenate((end[before], times[after]))
    happened = np.concatenate((events[before] & ~after[before], events[after]))
    order = np.lexsort((changed, subject))
    subject, start, stop = subject[order].astype(np.int64), start[order], stop[order]
    happened, changed = happened[order], changed[order]
    for column in (subject, start, stop, happened, changed):
        read_only(column)
    late = int(np.sum(~np.isnan(change) & ~after))
    words = (f"changed on the last day of follow-up, without time after it: {late}",) if late else ()
    return SplitRows(
        n=times.size,
        subject=subject,
        start=start,
        stop=stop,
        event=happened,
        changed=changed,
        warnings=words,
    )


def checked_changes(change: ArrayLike, times: FloatArray, argument: str) -> tuple[FloatArray, FloatArray]:
    """Times of a change, NaN for never, and the follow-up times; near-ties are joined between the two.

    >>> checked_changes([0.3, float("nan")], np.array([0.1 + 0.2, 2.0]), "change_time")[1].tolist()
    [0.3, 2.0]
    """
    found = np.asarray(change)
    if found.shape != times.shape:
        raise refused(argument, f"shape {found.shape}", f"one for each of the {times.size} times",
                      "pass NaN for subjects without a change")  # fmt: skip
    if found.dtype.kind not in "iuf":
        raise refused(argument, f"dtype {found.dtype}", "numbers, NaN for never", "convert before the call")
    days = found.astype(np.float64)
    known = ~np.isnan(days)
    if known.any():
        joined = checked_times(np.concatenate((checked_times(days[known], argument=argument), times)))
        days[known], times = joined[: known.sum()], joined[known.sum() :]
    late = known & (days > times)
    if late.any():
        where = int(np.argmax(late))
        raise refused(argument, f"{days[where]:g} with time {times[where]:g} at position {where} ({int(late.sum())} in all)",
                      "a change within the follow-up", "pass NaN where no change was observed")  # fmt: skip
    return days, times
