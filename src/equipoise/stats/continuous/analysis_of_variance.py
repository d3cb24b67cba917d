"""One-way analysis of variance: do the means of several groups differ?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.continuous.values import grouped_values
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.tails import f_sf
from equipoise.stats.observations import (
    checked_choice,
    usual_size,
)
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisOfVariance(StatisticalResult):
    """An F test of equal means; df is between groups, df_within inside them (not whole for Welch's)."""

    method: str
    n: int
    n_groups: int
    f: float
    df: float
    df_within: float
    p_value_two_sided: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return self.method

    def rows(self) -> Iterator[Row]:
        """Counts, F, its degrees of freedom and the P value."""
        for name in ("n", "n_groups", "f", "df", "df_within", "p_value_two_sided"):
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=self.warnings[0] if math.isnan(value) else "")


def analysis_of_variance(
    values: Any,
    group: Any,
    *,
    groups: Sequence[Any] | None = None,
    variances: Literal["equal", "pooled", "welch"] = "equal",
    data: Frame | None = None,
) -> AnalysisOfVariance:
    """Compare the means of two or more groups.

    values: shape (n,), finite.  group: labels, shape (n,).  groups: which, at least two; all of them when None.
    variances: "equal", also called "pooled" (the classical F) or "welch" (each group its own).
    Raises DataError on unusable values or labels.
    Source: Fisher 1925; Welch 1951; R's oneway.test(var.equal =) and aov, SAS PROC ANOVA and GLM (MEANS / WELCH).

    >>> test = analysis_of_variance([1, 2, 3, 4, 6, 8, 2, 2, 5], list("AAABBBCCC"))
    >>> round(test.f, 4), test.df, test.df_within, round(test.p_value_two_sided, 4)
    (4.875, 2.0, 6.0, 0.0553)
    """
    checked_choice(variances, ("equal", "pooled", "welch"), argument="variances")
    numbers, codes, labels = grouped_values(values, group, groups, data)
    usual_size(numbers, argument="values")
    k, n = len(labels), numbers.size
    sizes = np.bincount(codes, minlength=k).astype(np.float64)
    # From a common center, so that large measurements with a small spread keep their digits.
    numbers = numbers - numbers.mean()
    means = np.bincount(codes, weights=numbers, minlength=k) / sizes
    squares = np.bincount(codes, weights=(numbers - means[codes]) ** 2, minlength=k)
    for i in range(k):
        inside = numbers[codes == i]
        if inside.min() == inside.max():
            squares[i] = 0.0
    f = df_within = p_value = math.nan
    warnings: tuple[str, ...] = ()
    if variances != "welch":
        df_within = float(n - k)
        within = float(squares.sum())
        if df_within > 0 and within > 0:
            between = float(sizes @ (means - numbers.mean()) ** 2)
            f = between / (k - 1) / (within / df_within)
    elif np.all(sizes > 1) and np.all(squares > 0):
        weight = sizes / (squares / (sizes - 1))
        share = weight / weight.sum()
        lack = float(((1 - share) ** 2 / (sizes - 1)).sum()) / (k * k - 1)
        center = float(share @ means)
        f = float(weight @ (means - center) ** 2) / ((k - 1) * (1 + 2 * (k - 2) * lack))
        df_within = 1 / (3 * lack)
    if math.isnan(f):
        warnings = ("not estimable: too few measurements, or no variation inside groups",)
    else:
        p_value = f_sf(f, k - 1, df_within)
    return AnalysisOfVariance(
        method="one-way analysis of variance" + (", Welch" if variances == "welch" else ""),
        n=n,
        n_groups=k,
        f=f,
        df=float(k - 1),
        df_within=df_within,
        p_value_two_sided=p_value,
        warnings=warnings,
    )
