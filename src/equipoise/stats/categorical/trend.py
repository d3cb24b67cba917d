"""The Cochran–Armitage test for a trend of a proportion over ordered groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.tables import checked_table
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.numerics.lattice import drawn_sums, whole_scores
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    checked_flag,
    read_only,
    refused,
    usual_size,
)
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendTest(StatisticalResult):
    """A test for trend: n_events and n_subjects follow the order of the groups.

    z is positive, and p_value_greater small, when events are more frequent at higher scores.  With exact=True the
    P values are exact, and z, chi_square are what they would be compared with the normal distribution.
    """

    method: str
    n: int
    n_subjects: IntArray
    n_events: IntArray
    scores: FloatArray
    z: float
    chi_square: float
    df: int
    p_value_two_sided: float
    p_value_less: float
    p_value_greater: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return self.method

    def rows(self) -> Iterator[Row]:
        """n, the statistic and P values."""
        for name in ("n", "z", "chi_square", "df", "p_value_two_sided", "p_value_less", "p_value_greater"):
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=self.warnings[0] if math.isnan(value) else "")


def cochran_armitage(
    response: Any,
    group: Any = None,
    *,
    scores: Sequence[float] | None = None,
    divisor: Literal["n", "n-1"] = "n",
    exact: bool = False,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    data: Frame | None = None,
) -> TrendTest:
    """Test whether a proportion rises or falls over ordered groups.

    response: counts, shape (groups, 2), columns (without event, with event); or with ``group`` each subject's
    response of two levels, the second of which is the event.  groups: the groups in order; sorted when None.
    scores: one number a group; 1, 2, … when None.
    divisor: of the variance; "n" (R's prop.trend.test, SAS) or "n-1" (the permutation variance; CMH correlation).
    exact: P values from all ways to deal the events among the subjects; the two-sided one sums the outcomes at
    least as far from the expected sum of scores (SAS EXACT TREND).  Scores must be multiples of one unit.
    Raises DataError on unusable tables, labels or scores, and where an exact test would take too long.
    Source: Cochran 1954; Armitage 1955.

    >>> test = cochran_armitage([[9, 1], [7, 3], [4, 6]])
    >>> round(test.z, 4), round(test.p_value_two_sided, 4)
    (2.3717, 0.0177)
    """
    checked_choice(divisor, ("n", "n-1"), argument="divisor")
    checked_flag(exact, argument="exact")
    table = checked_table(response, group, groups=groups, levels=levels, data=data)
    if table.counts.shape[1] != 2:
        raise refused("response", f"{table.counts.shape[1]} responses", "two: without and with the event",
                      "join the others, or use cochran_mantel_haenszel with association='correlation'")  # fmt: skip
    score = _checked_scores(scores, len(table.rows))
    sizes, events = table.counts.sum(axis=1), table.counts[:, 1].copy()
    n, x = int(sizes.sum()), int(events.sum())
    # From their mean the scores sum to 0 over subjects, so the statistic needs no expected value.
    centered = score - float(score @ sizes) / n
    spread = float(centered**2 @ sizes)
    warnings = tuple(
        f"group {table.rows[i]!r} has no subjects: it adds nothing" for i in np.flatnonzero(sizes == 0)
    )
    z = chi_square = two_sided = less = greater = math.nan
    if 0 < x < n and spread > 1e-20 * float(np.max(np.abs(score)) + 1) ** 2 * n:
        share = x / n
        variance = share * (1 - share) * spread * (1 if divisor == "n" else n / (n - 1))
        z = float(centered @ events) / math.sqrt(variance)
        chi_square = z * z
        two_sided, less, greater = chi_square_sf(chi_square, 1), normal_sf(-z), normal_sf(z)
        if exact:
            two_sided, less, greater = _exact(score, sizes, events)
    else:
        warnings = ("not estimable: all responses are the same, or all subjects have one score", *warnings)
    for array in (sizes, events, score):
        read_only(array)
    return TrendTest(
        method="exact Cochran-Armitage trend"
        if exact
        else f"Cochran-Armitage trend, variance with divisor {divisor}",
        n=n,
        n_subjects=sizes,
        n_events=events,
        scores=score,
        z=z,
        chi_square=chi_square,
        df=0 if math.isnan(z) else 1,
        p_value_two_sided=two_sided,
        p_value_less=less,
        p_value_greater=greater,
        warnings=warnings,
    )


def _checked_scores(scores: Sequence[float] | None, k: int) -> FloatArray:
    if scores is None:
        return np.arange(1.0, k + 1)
    found = np.asarray(scores)
    if found.shape != (k,) or found.dtype.kind not in "iuf" or not np.all(np.isfinite(found)):
        raise refused(
            "scores",
            repr(scores),
            f"{k} finite numbers",
            "give one score for each group, in the order of groups",
        )
    return usual_size(found.astype(np.float64), argument="scores")


def _exact(score: FloatArray, sizes: IntArray, events: IntArray) -> tuple[float, float, float]:
    found = whole_scores(score)
    if found is None:
        raise refused(
            "scores",
            repr(score.tolist()),
            "multiples of one unit for an exact test",
            "round the scores, or pass exact=False",
        )
    whole = found[0]
    levels, where = np.unique(whole, return_inverse=True)
    many = np.bincount(where, weights=sizes).astype(np.int64)
    probability = drawn_sums(levels, many, int(events.sum()))
    observed = int(whole @ events)
    # Distances from the expected sum in whole numbers, n times as large: ties are exact.
    n, x = int(sizes.sum()), int(events.sum())
    distance = np.abs(np.arange(probability.size) * n - x * int(whole @ sizes))
    two_sided = min(1.0, float(probability[distance >= abs(observed * n - x * int(whole @ sizes))].sum()))
    return (
        two_sided,
        float(min(1.0, probability[: observed + 1].sum())),
        float(min(1.0, probability[observed:].sum())),
    )
