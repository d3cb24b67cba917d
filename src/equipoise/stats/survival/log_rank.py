"""The log-rank test of two or more groups, stratified if asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    IntArray,
    checked_events,
    checked_times,
    group_codes,
    read_only,
    stratum_codes,
)

# A group's own variance below this share of its variance is rounding: it was determined by the others.
_RANK_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogRank:
    """A log-rank test: arrays follow the order of ``groups``, sums are over strata.

    z and p_value_one_sided are for two groups only, NaN otherwise: z is positive when the second group,
    the experimental one, had fewer events than expected; its one-sided P value is the upper tail of z.
    warnings: what made a number not estimable (NaN), in words; empty when nothing did.
    """

    groups: tuple[str, ...] | tuple[int, ...]
    n: IntArray
    observed: IntArray
    expected: FloatArray
    variance: FloatArray
    chi_square: float
    df: int
    p_value_two_sided: float
    z: float
    p_value_one_sided: float
    warnings: tuple[str, ...]


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    groups: Sequence[str] | Sequence[int],
    strata: ArrayLike | None = None,
) -> LogRank:
    """Test equality of survival in two or more groups.

    time: shape (n,), at least 0.  event: shape (n,), True for an event.  group: shape (n,), labels.
    groups: the labels in order, (control, experimental) for two; every label of ``group`` is listed.
    strata: None, shape (n,) labels, or shape (n, f) labels of f crossed factors.
    Returns a LogRank.  The variance is hypergeometric.  Strata without an event, or with one group at
    risk, add nothing.  df is the rank of the variance.  A group that was at risk at no event is left
    out of the test, with a warning; without any information chi_square is NaN, with a warning.
    Raises DataError on unusable times, events, labels or lengths.
    Source: Mantel 1966; Peto & Peto 1972; values as R survival 3.5-3, survdiff.

    >>> test = log_rank([1, 3, 2, 4], [1, 1, 1, 1], list("AABB"), groups=("A", "B"))
    >>> test.observed.tolist(), test.expected.round(4).tolist(), round(test.z, 4)
    ([2, 2], [1.3333, 2.6667], 0.7845)
    """
    times = checked_times(time)
    events = checked_events(event, times.size)
    codes = group_codes(group, groups, times.size)
    stratum = stratum_codes(strata, times.size)
    k = len(groups)

    deaths, at_risk = _tables(times, events, codes, stratum, k)
    total_deaths = deaths.sum(axis=1)
    total_at_risk = at_risk.sum(axis=1)
    share = at_risk / total_at_risk[:, None]
    expected = total_deaths @ share
    weight = total_deaths * (total_at_risk - total_deaths) / np.maximum(total_at_risk - 1, 1)
    variance = np.diag(weight @ share) - share.T @ (weight[:, None] * share)
    observed = np.bincount(codes[events], minlength=k).astype(np.int64)

    chi_square, df = _quadratic_form(observed - expected, variance, weight @ share)
    z = math.nan
    if k == 2 and df == 1:
        z = math.copysign(math.sqrt(chi_square), expected[1] - observed[1])
    n = np.bincount(codes, minlength=k).astype(np.int64)
    for array in (n, observed, expected, variance):
        read_only(array)
    return LogRank(
        groups=cast("tuple[str, ...] | tuple[int, ...]", tuple(groups)),
        n=n,
        observed=observed,
        expected=expected,
        variance=variance,
        chi_square=chi_square,
        df=df,
        p_value_two_sided=chi_square_sf(chi_square, df),
        z=z,
        p_value_one_sided=normal_sf(z),
        warnings=_warnings(groups, n, expected, df),
    )


def _tables(
    times: FloatArray, events: BoolArray, codes: IntArray, stratum: IntArray, k: int
) -> tuple[FloatArray, FloatArray]:
    """Events and subjects at risk by group, each of shape (t, k), at the t event times of the strata.

    Counts are whole numbers far below 2**53, so cumulative sums over all strata at once are exact.
    """
    order = np.lexsort((times, stratum))
    ordered_stratum, ordered_time = stratum[order], times[order]
    new = np.concatenate(([True], (np.diff(ordered_time) != 0) | (np.diff(ordered_stratum) != 0)))
    row = np.cumsum(new) - 1
    rows = int(row[-1]) + 1

    leaving = np.bincount(row * k + codes[order], minlength=rows * k).reshape(rows, k)
    dying = events[order]
    deaths = np.bincount(row[dying] * k + codes[order][dying], minlength=rows * k).reshape(rows, k)

    left_before = np.cumsum(leaving, axis=0) - leaving
    size = np.zeros((int(stratum.max()) + 1, k), dtype=np.int64)
    np.add.at(size, (stratum, codes), 1)
    entered = np.cumsum(size, axis=0)[ordered_stratum[new]]
    with_event = deaths.any(axis=1)
    at_risk = (entered - left_before)[with_event]
    return deaths[with_event].astype(np.float64), at_risk.astype(np.float64)


def _quadratic_form(
    difference: FloatArray, variance: FloatArray, binomial_variance: FloatArray
) -> tuple[float, int]:
    """The chi-square and its degrees of freedom, by a generalized inverse of the variance."""
    kept = independent_columns(variance, smallest=_RANK_TOLERANCE * binomial_variance)
    df = int(kept.sum())
    if df == 0:
        return math.nan, 0
    chosen = difference[kept]
    return max(float(chosen @ np.linalg.solve(variance[np.ix_(kept, kept)], chosen)), 0.0), df


def _warnings(
    groups: Sequence[str] | Sequence[int], n: IntArray, expected: FloatArray, df: int
) -> tuple[str, ...]:
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
