"""Correlation of two measurements: Pearson's, Spearman's and Kendall's, each with its test."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.continuous.values import checked_values, mid_ranks
from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.numerics.tails import t_sf
from equipoise.stats.observations import (
    FloatArray,
    checked_choice,
    checked_fraction,
    usual_size,
)
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation(StatisticalResult):
    """A correlation and the test that it is 0: t with df for Pearson and Spearman, z for Kendall, the other NaN.

    lower and upper are Fisher's limits for Pearson's, NaN for the others and where n is below 4.
    """

    method: str
    n: int
    estimate: float
    t: float
    df: float
    z: float
    p_value_two_sided: float
    p_value_less: float
    p_value_greater: float
    lower: float
    upper: float
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        limited = f", {100 * self.confidence_level:g}% limits" if self.method == "Pearson" else ""
        return f"{self.method} correlation{limited}"

    def rows(self) -> Iterator[Row]:
        """n, the correlation, and its test."""
        tested = ("z",) if math.isnan(self.t) and not math.isnan(self.z) else ("t", "df")
        bounds = ("lower", "upper") if self.method == "Pearson" else ()
        for name in (
            "n",
            "estimate",
            *bounds,
            *tested,
            "p_value_two_sided",
            "p_value_less",
            "p_value_greater",
        ):
            value = float(getattr(self, name))
            lacking = self.warnings[0] if math.isnan(value) and self.warnings else ""
            yield Row(name, value, method=self.method, warning=lacking)


def correlation(
    first: Any,
    second: Any,
    *,
    method: Literal["pearson", "spearman", "kendall"] = "pearson",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> Correlation:
    """Estimate the correlation of two measurements of the same subjects, and test that there is none.

    first, second: shape (n,), finite.  method: "pearson" (t test, Fisher's limits), "spearman" (of mid-ranks, t test)
    or "kendall" (tau-b, normal test with variance corrected for ties, no continuity correction).
    Raises DataError on unusable values.  Source: Fisher 1921; Kendall 1938, 1945; R's cor.test (exact = FALSE),
    SAS PROC CORR.

    >>> found = correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 7], method="kendall")
    >>> found.estimate, round(found.z, 4)
    (0.6, 1.4697)
    """
    checked_choice(method, ("pearson", "spearman", "kendall"), argument="method")
    checked_fraction(confidence_level, argument="confidence_level")
    first, second = columns(data, first=first, second=second)
    x = checked_values(first, "first")
    y = checked_values(second, "second", x.size)
    n = x.size
    estimate = t = df = z = lower = upper = math.nan
    p_values = (math.nan, math.nan, math.nan)
    constant = n < 2 or x.min() == x.max() or y.min() == y.max()
    warnings: tuple[str, ...] = ("not estimable: a measurement does not vary",) if constant else ()
    if not constant and method == "kendall":
        estimate, z = _kendall(x, y)
        p_values = 2 * normal_sf(abs(z)), normal_sf(-z), normal_sf(z)
    elif not constant:
        if method == "spearman":
            x, y = mid_ranks(x)[0], mid_ranks(y)[0]
        estimate, beside = _pearson(usual_size(x, argument="first"), usual_size(y, argument="second"))
        if n > 2:
            df = n - 2.0
            t = math.copysign(math.inf, estimate) if beside == 0 else estimate * math.sqrt(df / beside)
            p_values = 2 * t_sf(abs(t), df), t_sf(-t, df), t_sf(t, df)
        else:
            warnings = ("two subjects have no test of correlation: t and P values are not estimable",)
        if method == "pearson" and n > 3:
            reach = -normal_quantile((1 - confidence_level) / 2) / math.sqrt(n - 3)
            # atanh by way of 1 - r^2, which is there also where r rounds to 1.
            fisher = math.inf if beside == 0 else math.log((1 + abs(estimate)) / math.sqrt(beside))
            center = math.copysign(fisher, estimate)
            lower, upper = math.tanh(center - reach), math.tanh(center + reach)
        elif method == "pearson" and n == 3:
            warnings = ("limits need at least 4 subjects: not estimable",)
    return Correlation(
        method=method.capitalize(),
        n=n,
        estimate=estimate,
        t=t,
        df=df,
        z=z,
        p_value_two_sided=p_values[0],
        p_value_less=p_values[1],
        p_value_greater=p_values[2],
        lower=lower,
        upper=upper,
        confidence_level=confidence_level,
        warnings=warnings,
    )


def _pearson(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """The correlation r and 1 - r^2, the latter from the residual, so that it keeps its digits near r = 1."""
    u, v = x - x.mean(), y - y.mean()
    u, v = u / math.sqrt(float(u @ u)), v / math.sqrt(float(v @ v))
    r = max(-1.0, min(1.0, float(u @ v)))
    residual = v - r * u
    beside = float(residual @ residual)
    return (math.copysign(1.0, r), 0.0) if beside < 1e-28 * x.size else (r, beside)


def _kendall(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """tau-b, and concordant less discordant pairs over its standard deviation under independence."""
    n = x.size
    places = np.unique(y, return_inverse=True)[1]
    order = np.lexsort((places, x))
    pairs = n * (n - 1) // 2
    tx, ty = (np.unique(values, return_counts=True)[1].astype(np.float64) for values in (x, y))
    both = np.unique(
        np.column_stack((np.unique(x, return_inverse=True)[1], places)), axis=0, return_counts=True
    )[1]
    tied_x, tied_y = float((tx * (tx - 1)).sum()) / 2, float((ty * (ty - 1)).sum()) / 2
    tied_both = float((both * (both - 1)).sum()) / 2
    difference = pairs - tied_x - tied_y + tied_both - 2 * _inversions(places[order].tolist())
    tau = difference / math.sqrt((pairs - tied_x) * (pairs - tied_y))

    def sums(ties: FloatArray) -> tuple[float, float, float]:
        return (
            float((ties * (ties - 1) * (2 * ties + 5)).sum()),
            float((ties * (ties - 1)).sum()),
            float((ties * (ties - 1) * (ties - 2)).sum()),
        )

    (a5, a2, a3), (b5, b2, b3) = sums(tx), sums(ty)
    variance = (n * (n - 1.0) * (2 * n + 5) - a5 - b5) / 18 + a2 * b2 / (2.0 * n * (n - 1))
    if n > 2:
        variance += a3 * b3 / (9.0 * n * (n - 1) * (n - 2))
    return tau, difference / math.sqrt(variance)


def _inversions(places: list[int]) -> int:
    """How many pairs stand in descending order: merging sorted halves, n log n."""
    if len(places) < 2:
        return 0
    half = len(places) // 2
    left, right = places[:half], places[half:]
    found = _inversions(left) + _inversions(right)
    left.sort()
    right.sort()
    return found + int((half - np.searchsorted(left, right, side="right")).sum())
