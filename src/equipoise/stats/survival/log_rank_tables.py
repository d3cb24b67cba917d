"""What every test between survival curves is made of: a table of groups at each event time of each stratum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats import compiling
from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import (
    NEAR_TIE,
    BoolArray,
    FloatArray,
    IntArray,
    checked_events,
    checked_times,
    group_codes,
    stratum_codes,
)
from equipoise.stats.survival.counts import checked_entries

# A group's own variance below this share of its variance is rounding: it was determined by the others.
_RANK_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Followed:
    """Checked observations of subjects of k groups. stratum and entry are None where there are none.

    near: 0, or where near-ties of many times are not joined yet, how near they are (see ``checked_times``).
    """

    time: FloatArray
    event: BoolArray
    group: IntArray
    stratum: IntArray | None
    entry: FloatArray | None
    k: int
    near: float

    def n(self) -> IntArray:
        """Subjects by group."""
        return np.bincount(self.group, minlength=self.k)

    def n_events(self) -> IntArray:
        """Events by group."""
        return np.bincount(self.group[self.event], minlength=self.k)


def followed(
    data: Frame | None,
    time: Any,
    event: Any,
    group: Any,
    groups: Sequence[str] | Sequence[int],
    strata: Any,
    entry: Any,
) -> Followed:
    """The observations of the arguments that all tests share, or DataError.

    >>> followed(None, [1, 2], [1, 0], ["A", "B"], ("A", "B"), None, None).n().tolist()
    [1, 1]
    """
    time, event, group, strata, entry = columns(
        data, time=time, event=event, group=group, strata=strata, entry=entry
    )
    times = checked_times(time, large_joined=entry is not None)
    events = checked_events(event, times.size)
    codes = group_codes(group, groups, times.size)
    stratum = None if strata is None else stratum_codes(strata, times.size)
    entries, times = checked_entries(entry, times)
    near = NEAR_TIE if entries is None else 0.0
    return Followed(
        time=times, event=events, group=codes, stratum=stratum, entry=entries, k=len(groups), near=near
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventTables:
    """Events and subjects at risk by group, each of shape (t, k), at the t event times of all strata.

    stratum: shape (t,), ascending; times ascend within a stratum.
    """

    time: FloatArray
    stratum: IntArray
    deaths: FloatArray
    at_risk: FloatArray


def event_tables(seen: Followed) -> EventTables:
    """Reduce subjects to tables. At risk at t are those with entry < t <= time; entry 0 is from the very start.

    Counts are whole numbers far below 2**53, so cumulative sums over all strata at once are exact.

    >>> seen = followed(None, [1, 2, 2], [1, 1, 0], ["A", "B", "B"], ("A", "B"), None, None)
    >>> event_tables(seen).at_risk.tolist()
    [[1.0, 2.0], [0.0, 2.0]]
    """
    k, stratum = seen.k, seen.stratum
    if seen.entry is None and compiling.worthwhile(seen.time.size):
        from equipoise.stats.compiled.log_rank import tables

        found = tables(seen.time, seen.event, seen.group, k, stratum, near=seen.near)
        return EventTables(time=found.time, stratum=found.stratum, deaths=found.deaths, at_risk=found.at_risk)
    order = seen.time.argsort() if stratum is None else np.lexsort((seen.time, stratum))
    time = seen.time[order]
    first = np.empty(time.size, dtype=np.bool_)
    first[0] = True
    np.not_equal(time[1:], time[:-1], out=first[1:])
    if stratum is not None:
        stratum = stratum[order]
        first[1:] |= stratum[1:] != stratum[:-1]
    row = first.cumsum() - 1
    rows = int(row[-1]) + 1

    cell = row * k + seen.group[order]
    leaving = np.bincount(cell, minlength=rows * k).reshape(rows, k)
    deaths = np.bincount(cell[seen.event[order]], minlength=rows * k).reshape(rows, k)
    with_event = deaths.any(axis=1)
    left_before = leaving.cumsum(axis=0) - leaving
    when = time[first][with_event]
    where = np.zeros(when.size, dtype=np.int64) if stratum is None else stratum[first][with_event]
    if seen.entry is not None:
        entered = _entered(seen, seen.entry, when, where)
    elif stratum is None:
        entered = seen.n()
    else:
        size = np.bincount(stratum * k + seen.group[order], minlength=(int(stratum[-1]) + 1) * k)
        entered = size.reshape(-1, k).cumsum(axis=0)[where]
    return EventTables(
        time=when,
        stratum=where,
        deaths=deaths[with_event].astype(np.float64),
        at_risk=(entered - left_before[with_event]).astype(np.float64),
    )


def _entered(seen: Followed, entry: FloatArray, when: FloatArray, where: IntArray) -> IntArray:
    """By group, who entered before each event time, all earlier strata included (they have left, too)."""
    distinct = np.unique(np.concatenate((when, entry)))
    stratum = np.zeros(entry.size, dtype=np.int64) if seen.stratum is None else seen.stratum
    rank = np.where(entry == 0, 0, np.searchsorted(distinct, entry) + 1)
    key = stratum * (distinct.size + 1) + rank
    at = where * (distinct.size + 1) + np.searchsorted(distinct, when) + 1
    return np.stack([np.searchsorted(np.sort(key[seen.group == g]), at) for g in range(seen.k)], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreSums:
    """Weighted sums over all tables: events and expected events by group (k,), and the variance (k, k).

    scale: shape (k,), the variance that each group would have if it were not determined by the others.
    """

    observed: FloatArray
    expected: FloatArray
    variance: FloatArray
    scale: FloatArray


def score_sums(tables: EventTables, weight: FloatArray | None = None) -> ScoreSums:
    """The sums of a test with hypergeometric variance; without weights those of the log-rank test.

    weight: None, or shape (t,), a weight of each table.

    >>> seen = followed(None, [1, 2], [1, 1], ["A", "B"], ("A", "B"), None, None)
    >>> score_sums(event_tables(seen)).variance.tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    died, total = tables.deaths.sum(axis=1), tables.at_risk.sum(axis=1)
    share = tables.at_risk / total[:, None]
    spread = died * (total - died) / np.maximum(total - 1, 1)
    if weight is None:
        observed = tables.deaths.sum(axis=0)
    else:
        observed, died, spread = weight @ tables.deaths, weight * died, weight * weight * spread
    part = spread[:, None] * share
    variance = -(share.T @ part)
    # The rest is counted, not subtracted from 1: a group of nearly all subjects keeps its digits.
    rest = (total[:, None] - tables.at_risk) / total[:, None]
    np.fill_diagonal(variance, (part * rest).sum(axis=0))
    return ScoreSums(observed=observed, expected=died @ share, variance=variance, scale=part.sum(axis=0))


def log_rank_sums(seen: Followed) -> ScoreSums:
    """The sums of the log-rank test, of two groups without tables where there are many subjects.

    >>> seen = followed(None, [1, 2], [1, 1], ["A", "B"], ("A", "B"), None, None)
    >>> log_rank_sums(seen).expected.tolist()
    [0.5, 1.5]
    """
    if seen.k != 2 or seen.entry is not None or not compiling.worthwhile(seen.time.size):
        return score_sums(event_tables(seen))
    from equipoise.stats.compiled.log_rank import moments_of_two

    found = moments_of_two(seen.time, seen.event, seen.group, seen.stratum, near=seen.near)
    return ScoreSums(
        observed=found.observed.astype(np.float64),
        expected=found.expected,
        variance=found.variance,
        scale=found.scale,
    )


def quadratic_form(difference: FloatArray, variance: FloatArray, scale: FloatArray) -> tuple[float, int]:
    """The chi-square and its degrees of freedom, by a generalized inverse of the variance.

    >>> quadratic_form(np.array([0.5, -0.5]), np.array([[0.25, -0.25], [-0.25, 0.25]]), np.ones(2))
    (1.0, 1)
    """
    if len(difference) == 2:  # one of the two carries all; its variance is a sum without subtraction
        own = float(variance[1, 1])
        return (float(difference[1]) ** 2 / own, 1) if own > 0 else (math.nan, 0)
    kept = independent_columns(variance, smallest=_RANK_TOLERANCE * scale)
    df = int(kept.sum())
    if df == 0:
        return math.nan, 0
    chosen = difference[kept]
    return max(float(chosen @ np.linalg.solve(variance[np.ix_(kept, kept)], chosen)), 0.0), df


def missing_information(
    groups: Sequence[str] | Sequence[int], n: IntArray, expected: FloatArray, df: int
) -> tuple[str, ...]:
    """Which groups the test could not use and why, in words.

    >>> missing_information(("A", "B", "C"), np.array([1, 1, 0]), np.array([0.5, 0.5, 0]), 1)
    ("group 'C' has no subjects: it is left out of the test",)
    """
    if not expected.any():
        return ("no events: the test is not estimable",)
    found = [
        f"group {label!r} has no subjects: it is left out of the test"
        if n[i] == 0
        else f"group {label!r} was at risk at no event: it is left out of the test"
        for i, label in enumerate(groups)
        if expected[i] == 0
    ]
    if df == 0:
        found.append("at no event were subjects of two groups at risk with a survivor: not estimable")
    return tuple(found)
