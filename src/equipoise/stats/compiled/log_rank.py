"""The sums of the two-sample log-rank test, and the tables that other tests are made of, for large data.

One pass over days that are counted, or over sorted times; all strata at once. Sums carry their rounding along
(Kahan), so that they are as exact over ten million events as over ten.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from equipoise.stats.compiled.counts import countable
from equipoise.stats.compiled.near_ties import join_limit
from equipoise.stats.compiled.sorting import (
    BoolArray,
    FloatArray,
    IntArray,
    Sorted,
    plain,
    sorted_rows,
    survey,
)

_NO_LABELS = np.empty(0, dtype=np.int64)
_ONE = np.uint64(1)


class Moments(NamedTuple):
    """Of the two groups, summed over event times and strata.

    scale: shape (2,), the variance that each group would have if it were not determined by the other.
    """

    n: IntArray
    observed: IntArray
    expected: FloatArray
    variance: FloatArray
    scale: FloatArray


class Tables(NamedTuple):
    """Events and subjects at risk by group, (t, k), at the t event times; strata ascend, and times within them."""

    time: FloatArray
    stratum: IntArray
    deaths: FloatArray
    at_risk: FloatArray


@njit(cache=True, nogil=True, error_model="numpy")
def _added(total, carried, term):  # type: ignore[no-untyped-def]
    term -= carried
    following = total + term
    return following, (following - total) - term


@njit(cache=True, nogil=True, error_model="numpy")
def _terms(died, first, second):  # type: ignore[no-untyped-def]
    """One table: expected events of both groups, their scales, and the variance that they share."""
    size = float(first + second)
    p = first / size
    q = second / size
    spread = died * (size - died) / max(size - 1.0, 1.0)
    return died * p, died * q, spread * p, spread * q, spread * p * q


@njit(cache=True, nogil=True, error_model="numpy")
def _two_by_time(time, code, limit, at_risk, sums):  # type: ignore[no-untyped-def]
    """Over sorted times; ``at_risk`` begins with all subjects of each stratum and group."""
    deaths = np.zeros(at_risk.size, dtype=np.int64)
    e = f = s = u = v = 0.0
    ce = cf = cs = cu = cv = 0.0
    first = 0
    while first < time.size:
        stop = first + 1
        while stop < time.size and time[stop] - time[stop - 1] <= limit:
            stop += 1
        if stop > first + 1:
            for i in range(first, stop):
                deaths[code[i] >> _ONE] += np.int64(code[i] & _ONE)
        elif code[first] & _ONE:
            deaths[code[first] >> _ONE] = 1
        for i in range(first, stop):
            if code[i] & _ONE:
                one = (code[i] >> _ONE) & ~_ONE
                other = one | _ONE
                died = deaths[one] + deaths[other]
                if died > 0:
                    te, tf, ts, tu, tv = _terms(float(died), at_risk[one], at_risk[other])
                    e, ce = _added(e, ce, te)
                    f, cf = _added(f, cf, tf)
                    s, cs = _added(s, cs, ts)
                    u, cu = _added(u, cu, tu)
                    v, cv = _added(v, cv, tv)
                    deaths[one] = 0
                    deaths[other] = 0
        for i in range(first, stop):
            at_risk[code[i] >> _ONE] -= 1
        first = stop
    sums[0], sums[1], sums[2], sums[3], sums[4] = e, f, s, u, v


@njit(cache=True, nogil=True, error_model="numpy")
def _two_by_day(cells, at_risk, sums):  # type: ignore[no-untyped-def]
    """Over days ascending: cells by day, label (stratum and group) and event."""
    e = f = s = u = v = 0.0
    ce = cf = cs = cu = cv = 0.0
    for day in range(cells.shape[0]):
        for one in range(0, at_risk.size, 2):
            died = cells[day, one, 1] + cells[day, one + 1, 1]
            if died > 0:
                te, tf, ts, tu, tv = _terms(float(died), at_risk[one], at_risk[one + 1])
                e, ce = _added(e, ce, te)
                f, cf = _added(f, cf, tf)
                s, cs = _added(s, cs, ts)
                u, cu = _added(u, cu, tu)
                v, cv = _added(v, cv, tv)
            at_risk[one] -= cells[day, one, 0] + cells[day, one, 1]
            at_risk[one + 1] -= cells[day, one + 1, 0] + cells[day, one + 1, 1]
    sums[0], sums[1], sums[2], sums[3], sums[4] = e, f, s, u, v


@njit(cache=True, nogil=True, error_model="numpy")
def _tables_by_time(time, code, limit, k, at_risk, row, when, deaths, at_risk_then):  # type: ignore[no-untyped-def]
    """Each stratum's tables from ``row`` on, which is moved behind them; with no room (0 rows) only counts them."""
    write = when.size > 0
    here = np.zeros(at_risk.size, dtype=np.int64)
    first = 0
    while first < time.size:
        stop = first + 1
        while stop < time.size and time[stop] - time[stop - 1] <= limit:
            stop += 1
        for i in range(first, stop):
            here[code[i] >> _ONE] += np.int64(code[i] & _ONE)
        for i in range(first, stop):
            label = np.int64(code[i] >> _ONE)
            if here[label] > 0:
                stratum = label // k
                if write:
                    when[row[stratum]] = time[first]
                for g in range(k):
                    if write:
                        deaths[row[stratum], g] = here[stratum * k + g]
                        at_risk_then[row[stratum], g] = at_risk[stratum * k + g]
                    here[stratum * k + g] = 0
                row[stratum] += 1
        for i in range(first, stop):
            at_risk[code[i] >> _ONE] -= 1
        first = stop


@njit(cache=True, nogil=True, error_model="numpy")
def _tables_by_day(cells, k, at_risk, row, when, deaths, at_risk_then):  # type: ignore[no-untyped-def]
    """As ``_tables_by_time``, over days."""
    write = when.size > 0
    for day in range(cells.shape[0]):
        for stratum in range(row.size):
            base = stratum * k
            died = 0
            for g in range(k):
                died += cells[day, base + g, 1]
            if died > 0:
                if write:
                    when[row[stratum]] = day
                    for g in range(k):
                        deaths[row[stratum], g] = cells[day, base + g, 1]
                        at_risk_then[row[stratum], g] = at_risk[base + g]
                row[stratum] += 1
            for g in range(k):
                at_risk[base + g] -= cells[day, base + g, 0] + cells[day, base + g, 1]


@njit(cache=True, nogil=True)
def _count_cells(times, events, group, stratum, k, labels, cells):  # type: ignore[no-untyped-def]
    """Counts by day, stratum, group and event."""
    per_day = np.uint64(labels)
    groups = np.uint64(k)
    if stratum.size > 0:
        for i in range(times.size):
            label = np.uint64(stratum[i]) * groups + np.uint64(group[i])
            cells[((np.uint64(times[i]) * per_day + label) << _ONE) | np.uint64(events[i])] += 1
    else:
        for i in range(times.size):
            row = np.uint64(times[i]) * per_day + np.uint64(group[i])
            cells[(row << _ONE) | np.uint64(events[i])] += 1


@njit(cache=True, nogil=True)
def _totals_of_codes(code, totals):  # type: ignore[no-untyped-def]
    """Subjects and events of every stratum and group."""
    for i in range(code.size):
        label = code[i] >> _ONE
        totals[label, 0] += 1
        totals[label, 1] += np.int64(code[i] & _ONE)


class _Reduced(NamedTuple):
    """Observations as cells by day, or sorted; totals: subjects and events of every stratum and group."""

    cells: NDArray[np.int32] | None
    rows: Sorted | None
    limit: float
    totals: IntArray
    n_strata: int


def _reduced(
    times: FloatArray, events: BoolArray, group: IntArray, k: int, stratum: IntArray | None, near: float
) -> _Reduced:
    times, events, group = plain(times), plain(events), plain(group)
    stratum = None if stratum is None else plain(stratum)
    found = survey(times)
    n_strata = 1 if stratum is None else int(stratum.max()) + 1
    labels = n_strata * k
    if countable(found, times.size, 2 * labels):
        cells = np.zeros((int(found.largest) + 1, labels, 2), dtype=np.int32)
        known = _NO_LABELS if stratum is None else stratum
        _count_cells(times, events, group, known, k, labels, cells.reshape(-1))
        by_event = cells.sum(axis=0, dtype=np.int64)
        totals = np.stack((by_event.sum(axis=1), by_event[:, 1]), axis=1)
        return _Reduced(cells, None, 0.0, totals, n_strata)
    rows = sorted_rows(times, found, events=events, group=group, stratum=stratum, k=k, n_strata=n_strata)
    limit = join_limit(rows.time, near)[0] if near and found.fractional else 0.0
    totals = np.zeros((labels, 2), dtype=np.int64)
    _totals_of_codes(rows.code, totals)
    return _Reduced(None, rows, limit, totals, n_strata)


def moments_of_two(
    times: FloatArray,
    events: BoolArray,
    group: IntArray,
    stratum: IntArray | None = None,
    *,
    near: float = 0.0,
) -> Moments:
    """The sums of the log-rank test of two groups.

    times, events, group (0 or 1), stratum (from 0; None is one stratum): shape (n,), n at least 1.
    near: 0 where near-ties are joined already; otherwise they are joined here.

    >>> found = moments_of_two(np.array([1.0, 3, 2, 4]), np.ones(4, dtype=bool), np.array([0, 0, 1, 1]))
    >>> found.observed.tolist(), found.expected.round(4).tolist()
    ([2, 2], [1.3333, 2.6667])
    """
    reduced = _reduced(times, events, group, 2, stratum, near)
    sums = np.empty(5)
    at_risk = reduced.totals[:, 0].copy()
    if reduced.cells is not None:
        _two_by_day(reduced.cells, at_risk, sums)
    elif reduced.rows is not None:
        _two_by_time(reduced.rows.time, reduced.rows.code, reduced.limit, at_risk, sums)
    n, observed = reduced.totals.reshape(-1, 2, 2).sum(axis=0).T
    variance = sums[4] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return Moments(n.copy(), observed.copy(), sums[:2].copy(), variance, sums[2:4].copy())


def tables(
    times: FloatArray,
    events: BoolArray,
    group: IntArray,
    k: int,
    stratum: IntArray | None = None,
    *,
    near: float = 0.0,
) -> Tables:
    """Events and subjects at risk of k groups at every event time of every stratum; arguments as ``moments_of_two``.

    >>> tables(np.array([1.0, 2, 2]), np.array([True, True, False]), np.array([0, 1, 1]), 2).at_risk.tolist()
    [[1.0, 2.0], [0.0, 2.0]]
    """
    reduced = _reduced(times, events, group, k, stratum, near)
    row = np.zeros(reduced.n_strata, dtype=np.int64)
    _fill(reduced, k, row, np.empty(0), np.empty((0, k)), np.empty((0, k)))
    sizes = row.copy()
    row[:] = np.cumsum(sizes) - sizes
    when, deaths, at_risk = np.empty(sizes.sum()), np.empty((sizes.sum(), k)), np.empty((sizes.sum(), k))
    if when.size:
        _fill(reduced, k, row, when, deaths, at_risk)
    return Tables(when, np.repeat(np.arange(reduced.n_strata), sizes), deaths, at_risk)


def _fill(
    reduced: _Reduced, k: int, row: IntArray, when: FloatArray, deaths: FloatArray, at_risk: FloatArray
) -> None:
    subjects = reduced.totals[:, 0].copy()
    if reduced.cells is not None:
        _tables_by_day(reduced.cells, k, subjects, row, when, deaths, at_risk)
    elif reduced.rows is not None:
        time, code = reduced.rows
        _tables_by_time(time, code, reduced.limit, k, subjects, row, when, deaths, at_risk)
