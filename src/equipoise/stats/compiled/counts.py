"""How many events and censorings fall on each distinct time, for large data: by counting days, or on sorted times."""

from __future__ import annotations

import numpy as np
from numba import njit

from equipoise.stats.compiled.near_ties import join_limit
from equipoise.stats.compiled.sorting import (
    BoolArray,
    FloatArray,
    IntArray,
    Survey,
    plain,
    sorted_rows,
    survey,
)

# Counting serves up to this many cells a row: it reads and writes less than a sort would.
CELLS_PER_ROW = 4
_ONE = np.uint64(1)


def countable(found: Survey, n: int, cells_per_day: int) -> bool:
    """Whether the times are whole and so small that one cell for each day, and what falls on it, is less than sorting.

    >>> countable(survey(np.array([3.0, 1.0])), 2, 2), countable(survey(np.array([0.5])), 1, 2)
    (True, False)
    """
    return (
        not found.fractional
        and n < 2**31
        and (found.largest + 1) * cells_per_day <= CELLS_PER_ROW * max(n, 1024)
    )


@njit(cache=True, nogil=True)
def _by_day(times, events, cells):  # type: ignore[no-untyped-def]
    for i in range(times.size):
        cells[(np.uint64(times[i]) << _ONE) | np.uint64(events[i])] += 1


@njit(cache=True, nogil=True)
def _by_time(time, code, limit, n_events, n_censored):  # type: ignore[no-untyped-def]
    """Counts at each distinct time; ``time`` and ``n_events`` may overwrite what has been read already."""
    rows = -1
    died = np.int64(0)
    lost = np.int64(0)
    previous = 0.0
    for i in range(time.size):
        here = time[i]
        event = np.int64(code[i] & _ONE)
        if i == 0 or here - previous > limit:
            if rows >= 0:
                n_events[rows] = died
                n_censored[rows] = lost
            rows += 1
            time[rows] = here
            died = np.int64(0)
            lost = np.int64(0)
        previous = here
        died += event
        lost += 1 - event
    n_events[rows] = died
    n_censored[rows] = lost
    return rows + 1


def counts(
    times: FloatArray, events: BoolArray, *, near: float = 0.0
) -> tuple[FloatArray, IntArray, IntArray]:
    """The distinct times, ascending, and the events and censorings at each.

    times: shape (n,), without unusable ones, n at least 1.  events: shape (n,), bool.
    near: 0 where near-ties are joined already; otherwise they are joined here (see ``near_ties``).

    >>> [column.tolist() for column in counts(np.array([2.0, 1.0, 2.0]), np.array([True, False, False]))]
    [[1.0, 2.0], [0, 1], [1, 1]]
    """
    times, events = plain(times), plain(events)
    found = survey(times)
    if countable(found, times.size, 2):
        cells = np.zeros((int(found.largest) + 1, 2), dtype=np.int32)
        _by_day(times, events, cells.reshape(-1))
        days = np.flatnonzero(cells.any(axis=1))
        return days.astype(np.float64), cells[days, 1].astype(np.int64), cells[days, 0].astype(np.int64)
    time, code = sorted_rows(times, found, events=events)
    limit = join_limit(time, near)[0] if near and found.fractional else 0.0
    n_events = code.view(np.int64)
    n_censored = np.empty(times.size, dtype=np.int64)
    rows = _by_time(time, code, limit, n_events, n_censored)
    columns = (time[:rows], n_events[:rows], n_censored[:rows])
    # Few distinct times must not keep the room of all rows.
    return columns if 2 * rows > times.size else tuple(column.copy() for column in columns)  # type: ignore[return-value]


@njit(cache=True, nogil=True, error_model="numpy")
def _survival(n_events, n_censored, subjects, survival):  # type: ignore[no-untyped-def]
    staying = subjects
    product = 1.0
    for i in range(n_events.size):
        left = staying - n_events[i]
        product *= left / staying
        survival[i] = product
        staying = left - n_censored[i]


def survival_alone(n_events: IntArray, n_censored: IntArray) -> FloatArray:
    """Survival from counts at distinct times, ascending: of ``product_limit`` the one column that every reader wants.

    >>> survival_alone(np.array([1, 1]), np.array([1, 0])).tolist()
    [0.6666666666666666, 0.0]
    """
    survival = np.empty(n_events.size)
    _survival(plain(n_events), plain(n_censored), int(n_events.sum() + n_censored.sum()), survival)
    return survival


@njit(cache=True, nogil=True, error_model="numpy")
def _product_limit(n_events, n_censored, subjects, n_at_risk, survival, greenwood):  # type: ignore[no-untyped-def]
    staying = subjects
    product = 1.0
    total = 0.0
    for i in range(n_events.size):
        left = staying - n_events[i]
        n_at_risk[i] = staying
        product *= left / staying
        total += n_events[i] / (float(staying) * left)
        survival[i] = product
        greenwood[i] = total
        staying = left - n_censored[i]


def product_limit(n_events: IntArray, n_censored: IntArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """From counts at distinct times, ascending: n_at_risk, survival, and Greenwood's variance of log survival.

    The variance is infinite where all at risk had the event.

    >>> at_risk, survival, _ = product_limit(np.array([1, 1]), np.array([1, 0]))
    >>> at_risk.tolist(), survival.tolist()
    ([3, 1], [0.6666666666666666, 0.0])
    """
    n_at_risk = np.empty_like(n_events)
    survival, greenwood = np.empty(n_events.size), np.empty(n_events.size)
    subjects = int(n_events.sum() + n_censored.sum())
    _product_limit(plain(n_events), plain(n_censored), subjects, n_at_risk, survival, greenwood)
    return n_at_risk, survival, greenwood


@njit(cache=True, nogil=True)
def _tally(time, code, limit, tally):  # type: ignore[no-untyped-def]
    """Codes counted at each distinct time; ``time`` is overwritten with the distinct ones."""
    rows = -1
    previous = 0.0
    for i in range(time.size):
        here = time[i]
        if i == 0 or here - previous > limit:
            rows += 1
            time[rows] = here
        previous = here
        tally[rows, code[i] >> _ONE] += 1
    return rows + 1


def tally(times: FloatArray, code: IntArray, codes: int, *, near: float = 0.0) -> tuple[FloatArray, IntArray]:
    """The distinct times, ascending, and how many subjects of each code are there: shape (t, codes).

    times: shape (n,), without unusable ones, n at least 1.  code: shape (n,), from 0 to codes - 1.  near: as ``counts``.

    >>> [one.tolist() for one in tally(np.array([2.0, 1.5, 2.0]), np.array([1, 0, 1]), 2)]
    [[1.5, 2.0], [[1, 0], [0, 2]]]
    """
    times = plain(times)
    found = survey(times)
    time, coded = sorted_rows(times, found, group=plain(code), k=codes)
    limit = join_limit(time, near)[0] if near and found.fractional else 0.0
    counted = np.zeros((times.size, codes), dtype=np.int64)
    rows = _tally(time, coded, limit, counted)
    return (
        (time[:rows], counted[:rows])
        if 2 * rows > times.size
        else (time[:rows].copy(), counted[:rows].copy())
    )
