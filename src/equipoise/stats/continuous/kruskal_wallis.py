"""Rank tests of several groups, and of groups within strata."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats.continuous.values import grouped_values, mid_ranks
from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import FloatArray, IntArray, stratum_codes
from equipoise.stats.results import Row, StatisticalResult

# A group's own variance below this share of its variance is rounding: it was determined by the others.
_RANK_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTest(StatisticalResult):
    """A rank test of two or more groups.

    z and the one-sided P values exist for two groups, NaN otherwise: z is positive, and p_value_greater small, when
    the second group has the larger values.
    """

    method: str
    n: int
    n_strata: int
    chi_square: float
    df: int
    p_value_two_sided: float
    z: float
    p_value_less: float
    p_value_greater: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return self.method

    def rows(self) -> Iterator[Row]:
        """n, the statistic and P values."""
        names = ["n", "chi_square", "df", "p_value_two_sided"]
        names += ["z", "p_value_less", "p_value_greater"] if self.df == 1 else []
        for name in names:
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=self.warnings[0] if math.isnan(value) else "")


def kruskal_wallis(
    values: Any, group: Any, *, groups: Sequence[Any] | None = None, data: Frame | None = None
) -> RankTest:
    """Test whether values tend to be larger in some of two or more groups, by ranks, corrected for ties.

    values: shape (n,), finite.  group: labels, shape (n,).  groups: which, at least two; all of them when None.
    Raises DataError on unusable values or labels.
    Source: Kruskal & Wallis 1952; R's kruskal.test, SAS PROC NPAR1WAY WILCOXON.

    >>> test = kruskal_wallis([1, 2, 3, 4, 6, 8, 2, 2, 5], list("AAABBBCCC"))
    >>> round(test.chi_square, 4), test.df, round(test.p_value_two_sided, 4)
    (4.7816, 2, 0.0916)
    """
    numbers, codes, labels = grouped_values(values, group, groups, data)
    return _tested("Kruskal-Wallis", numbers, codes, np.zeros(numbers.size, dtype=np.int64), len(labels))


def van_elteren(
    values: Any, group: Any, strata: Any, *, groups: Sequence[Any] | None = None, data: Frame | None = None
) -> RankTest:
    """Test whether values tend to be larger in some of the groups, by ranks within strata.

    values, group, groups: as ``kruskal_wallis``.  strata: labels, shape (n,), or (n, f) of f crossed factors.
    Each stratum's rank sums are weighted by 1 / (n + 1) of the stratum, which is best against one shift in all.
    Strata with one group or one value add nothing.  Raises DataError on unusable values or labels.
    Source: van Elteren 1960; SAS PROC FREQ CMH2 SCORES=MODRIDIT; R's coin wilcox_test(y ~ g | stratum) weighs otherwise.

    >>> round(van_elteren([1, 2, 3, 4, 5, 6], list("AABABB"), list("xxxyyy")).z, 4)
    1.7321
    """
    (strata,) = columns(data, strata=strata)
    numbers, codes, labels = grouped_values(values, group, groups, data)
    return _tested("van Elteren", numbers, codes, stratum_codes(strata, numbers.size), len(labels))


def _tested(method: str, numbers: FloatArray, codes: IntArray, stratum: IntArray, k: int) -> RankTest:
    difference, variance, silent = np.zeros(k), np.zeros((k, k)), 0
    order = np.argsort(stratum, kind="stable")
    edges = np.flatnonzero(np.diff(stratum[order])) + 1
    for members in np.split(order, edges):
        n = members.size
        ranks, _ = mid_ranks(numbers[members])
        apart = ranks - (n + 1) / 2
        sizes = np.bincount(codes[members], minlength=k).astype(np.float64)
        spread = float(apart @ apart)
        if n < 2 or spread == 0 or np.sum(sizes > 0) < 2:
            silent += 1
            continue
        difference += np.bincount(codes[members], weights=apart, minlength=k) / (n + 1)
        variance += (n * np.diag(sizes) - np.outer(sizes, sizes)) * (spread / (n * (n - 1)) / (n + 1) ** 2)
    # The second group comes first: of two, its sign is kept.
    turned = np.arange(k)[::-1]
    difference, variance = difference[turned], variance[np.ix_(turned, turned)]
    kept = independent_columns(variance, smallest=_RANK_TOLERANCE * np.maximum(np.diag(variance), 1e-300))
    df = int(kept.sum())
    chi_square = z = math.nan
    strata = edges.size + 1
    warnings = (
        [f"{silent} of {strata} strata have one group or one value only: they add nothing"] if silent else []
    )
    if df:
        chosen = difference[kept]
        chi_square = max(float(chosen @ np.linalg.solve(variance[np.ix_(kept, kept)], chosen)), 0.0)
        z = math.copysign(math.sqrt(chi_square), float(chosen[0])) if k == 2 else math.nan
    else:
        warnings.insert(0, "not estimable: the values do not vary between subjects of different groups")
    return RankTest(
        method=method,
        n=numbers.size,
        n_strata=strata,
        chi_square=chi_square,
        df=df,
        p_value_two_sided=chi_square_sf(chi_square, df),
        z=z,
        p_value_less=normal_sf(-z),
        p_value_greater=normal_sf(z),
        warnings=tuple(warnings),
    )
