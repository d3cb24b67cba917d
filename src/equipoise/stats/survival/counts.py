"""From subjects to the rows of a curve: distinct times, and how many are at risk, have the event, are censored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.stats import compiling
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    IntArray,
    checked_choice,
    checked_times,
    refused,
)

WeightType = Literal["frequency", "sampling"]
# Whole numbers, or sums of sampling weights.
CountArray = NDArray[Any]


def counts(
    times: FloatArray, events: BoolArray, *, near: float = 0.0
) -> tuple[FloatArray, IntArray, IntArray]:
    """Distinct times, ascending, with the events and the censorings at each.

    times: shape (n,), n at least 1.  events: shape (n,).  near: 0 where near-ties are joined already, otherwise they
    are joined here on the times once sorted (many times only: see ``checked_times``).
    Returns three arrays of one length.

    >>> [column.tolist() for column in counts(np.array([2.0, 1.0, 2.0]), np.array([True, False, False]))]
    [[1.0, 2.0], [0, 1], [1, 1]]
    """
    if compiling.worthwhile(times.size):
        from equipoise.stats.compiled.counts import counts as compiled_counts

        return compiled_counts(times, events, near=near)
    order = times.argsort()
    ordered = times[order]
    new = np.empty(times.size, dtype=np.bool_)
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    first = new.nonzero()[0]
    n_events: IntArray = np.add.reduceat(events[order], first, dtype=np.int64)
    n_all = np.empty(first.size, dtype=np.int64)
    np.subtract(first[1:], first[:-1], out=n_all[:-1])
    n_all[-1] = times.size - first[-1]
    return ordered[first], n_events, n_all - n_events


@dataclass(frozen=True, slots=True)
class Counted:
    """Weighted counts with delayed entry, a row for each distinct time of event or censoring.

    extinct: where everyone at risk had the event.  exit_row: each subject's row.  entry_row: the first row at which
    the subject is at risk.  entry_time, n_entered: distinct times of entry and how many entered; None without entry.
    """

    time: FloatArray
    n_at_risk: FloatArray
    n_events: FloatArray
    n_censored: FloatArray
    extinct: BoolArray
    exit_row: IntArray
    entry_row: IntArray
    entry_time: FloatArray | None
    n_entered: FloatArray | None


def counts_at_risk(
    times: FloatArray, events: BoolArray, entries: FloatArray | None, weights: FloatArray
) -> Counted:
    """Counts where subjects enter late or weigh differently: at risk at t is who has entry < t <= time.

    Who enters at 0 is at risk from the origin on, at time 0 too, as without entry.

    >>> found = counts_at_risk(np.array([2.0, 3.0]), np.array([True, True]), np.array([0.0, 2.0]), np.ones(2))
    >>> found.n_at_risk.tolist()
    [1.0, 1.0]
    """
    distinct, exit_row = np.unique(times, return_inverse=True)
    rows = distinct.size
    n_events = weight_by_row(exit_row[events], weights[events], rows)
    n_censored = weight_by_row(exit_row[~events], weights[~events], rows)
    leaving = weight_by_row(exit_row, weights, rows)
    leaving_heads = np.bincount(exit_row, minlength=rows)
    # From the end, so that the last risk sets are exact sums of their few members.
    n_at_risk: FloatArray = np.cumsum(leaving[::-1])[::-1]
    heads = np.cumsum(leaving_heads[::-1])[::-1]
    entry_time: FloatArray | None = None
    n_entered: FloatArray | None = None
    entry_row: IntArray = np.zeros(times.size, dtype=np.int64)
    if entries is not None:
        entry_row = np.searchsorted(distinct, entries, side="right")
        entry_row[entries == 0] = 0
        # Still outside at a row: whoever enters at that row or later.
        late = weight_by_row(entry_row, weights, rows)
        late_heads = np.bincount(entry_row, minlength=rows)
        n_at_risk = n_at_risk - np.append(np.cumsum(late[:0:-1])[::-1], 0)
        heads = heads - np.append(np.cumsum(late_heads[:0:-1])[::-1], 0)
        entry_time, place = np.unique(entries, return_inverse=True)
        n_entered = weight_by_row(place, weights, entry_time.size)
    event_heads = np.bincount(exit_row[events], minlength=rows)
    return Counted(
        time=distinct,
        n_at_risk=n_at_risk,
        n_events=n_events,
        n_censored=n_censored,
        extinct=event_heads == heads,
        exit_row=exit_row.astype(np.int64),
        entry_row=entry_row,
        entry_time=entry_time,
        n_entered=n_entered,
    )


def empty_risk_sets(counted: Counted) -> tuple[str, ...]:
    """Where delayed entry leaves nobody under observation, in words.

    >>> late = counts_at_risk(np.array([2.0, 9.0]), np.array([True, True]), np.array([0.0, 5.0]), np.ones(2))
    >>> empty_risk_sets(late)
    ('everyone at risk had the event at 2, and others entered later: the curve is 0 from then on',)
    """
    if counted.entry_time is None:
        return ()
    found = []
    if counted.entry_time[0] > 0:
        found.append(f"nobody was under observation before {counted.entry_time[0]:g}: "
                     "survival is that of subjects without the event by then")  # fmt: skip
    # Nobody stays after a row when all of the next row's risk set enter at it or later.
    entered = np.bincount(counted.entry_row, minlength=counted.time.size)
    left = np.bincount(counted.exit_row, minlength=counted.time.size)
    stay = np.cumsum(entered) - np.cumsum(left)
    for row in np.flatnonzero(stay[:-1] == 0).tolist():
        now = counted.time[row]
        if counted.extinct[row]:
            found.append(f"everyone at risk had the event at {now:g}, and others entered later: "
                         "the curve is 0 from then on")  # fmt: skip
            break
        # Who enters at the very time is under observation right after it; at 0 they are counted already.
        then = counted.entry_time[
            np.searchsorted(counted.entry_time, now, side="left" if now > 0 else "right")
        ]
        if then > now:
            found.append(f"nobody was at risk between {now:g} and {then:g}: "
                         "what happened there is unknown, and the curve is flat")  # fmt: skip
    return tuple(found)


def weight_by_row(row: IntArray, weights: FloatArray, rows: int) -> FloatArray:
    """Sums of weights by row.

    >>> weight_by_row(np.array([0, 2, 2]), np.array([1.0, 0.5, 2.0]), 3).tolist()
    [1.0, 0.0, 2.5]
    """
    return np.asarray(np.bincount(row, weights, minlength=rows), dtype=np.float64)


def checked_entries(entry: ArrayLike | None, times: FloatArray) -> tuple[FloatArray | None, FloatArray]:
    """Times of entry into observation, and the follow-up times; near-ties are joined between the two as within them.

    An entry is before the subject's time; 0 is the origin, and there both may be 0.
    Raises DataError on an entry at or after the time, and as ``checked_times``.

    >>> [column.tolist() for column in checked_entries([0, 0.3], np.array([0.1 + 0.2, 2.0]))]
    [[0.0, 0.3], [0.3, 2.0]]
    """
    if entry is None:
        return None, times
    entries = checked_times(entry, argument="entry")
    if entries.size != times.size:
        raise refused("entry", f"shape {entries.shape}", f"one entry for each of the {times.size} times",
                      "pass 0 for subjects under observation from the origin")  # fmt: skip
    joined = checked_times(np.concatenate((entries, times)))
    entries, times = joined[: times.size], joined[times.size :]
    late = (entries >= times) & ~((entries == 0) & (times == 0))
    if late.any():
        where = int(np.argmax(late))
        raise refused("entry", f"{entries[where]} with time {times[where]} at position {where} ({int(late.sum())} in all)",
                      "an entry before the time", "leave out subjects who were never under observation")  # fmt: skip
    return entries, times


def checked_weights(
    weights: ArrayLike | None, weight_type: WeightType | None, n: int
) -> tuple[FloatArray | None, WeightType | None]:
    """Case weights and what they mean; both are given or neither.

    Raises DataError on weights that are not positive and finite, and on counts that are not whole.

    >>> checked_weights([2, 1], "frequency", 2)[0].tolist()
    [2.0, 1.0]
    """
    if weights is None:
        if weight_type is not None:
            raise refused("weight_type", repr(weight_type), "weights with it", "pass weights=, or neither")
        return None, None
    checked_choice(
        weight_type,
        ("frequency", "sampling"),
        argument="weight_type",
        remedy="say whether a weight of 2 is two subjects (frequency) or one who stands for two (sampling)",
    )
    found = np.asarray(weights)
    if found.shape != (n,):
        raise refused("weights", f"shape {found.shape}", f"one weight for each of the {n} times",
                      "pass weights of the same subjects, in the same order")  # fmt: skip
    if found.dtype.kind not in "iuf":
        raise refused("weights", f"dtype {found.dtype}", "numbers", "convert them before the call")
    numbers = found.astype(np.float64)
    unusable = ~(np.isfinite(numbers) & (numbers > 0))
    if unusable.any():
        where = int(np.argmax(unusable))
        raise refused("weights", f"{numbers[where]} at position {where}", "finite weights above 0",
                      "leave out subjects without weight, and count them")  # fmt: skip
    if weight_type == "frequency" and np.any(numbers != np.rint(numbers)):
        where = int(np.argmax(numbers != np.rint(numbers)))
        raise refused("weights", f"{numbers[where]} at position {where}", "whole numbers, for they are counts",
                      'pass weight_type="sampling" for weights that are not counts')  # fmt: skip
    return numbers, weight_type
