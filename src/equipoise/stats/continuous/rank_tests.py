"""Wilcoxon's rank tests: two samples (Mann–Whitney) and pairs (signed ranks), with the shift and its limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.continuous.shifts import Differences, WalshAverages, limits, middle
from equipoise.stats.continuous.values import checked_values, mid_ranks, two_samples, without_rounding
from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.numerics.lattice import drawn_sums, signed_sums, tails
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    checked_flag,
    checked_fraction,
    checked_number,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult

RankMethod = Literal["auto", "exact", "normal"]

# With fewer in each sample (pairs) and no ties, "auto" is exact: R's rule.
_EXACT_BELOW = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WilcoxonTest(StatisticalResult):
    """A rank test with the Hodges-Lehmann estimate of the shift and its limits.

    statistic: the Mann-Whitney U of the experimental group (pairs in which its value is larger, ties half), or the
    sum of ranks of positive differences.  z: its normal deviate, NaN for exact P values; positive, with
    p_value_greater small, when the experimental (first) values are larger.
    compared: "experimental vs control" by their labels, for two groups.
    """

    method: str
    n: int
    statistic: float
    z: float
    p_value_two_sided: float
    p_value_less: float
    p_value_greater: float
    estimate: float
    lower: float
    upper: float
    confidence_level: float
    warnings: tuple[str, ...]
    compared: str = ""

    def _title(self) -> str:
        return f"{self.method}, {100 * self.confidence_level:g}% limits of the shift"

    def rows(self) -> Iterator[Row]:
        """n, the statistic, P values, and the shift with limits."""
        names = [
            "n",
            "statistic",
            *(() if math.isnan(self.z) else ("z",)),
            "p_value_two_sided",
            "p_value_less",
            "p_value_greater",
        ]
        for name in (*names, "estimate", "lower", "upper"):
            value = float(getattr(self, name))
            yield Row(
                name,
                value,
                group=self.compared,
                method=self.method,
                warning=self.warnings[0] if math.isnan(value) and self.warnings else "",
            )


def rank_sum_test(
    values: Any,
    group: Any,
    *,
    groups: Sequence[Any],
    method: RankMethod = "auto",
    correction: bool = True,
    null: float = 0.0,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> WilcoxonTest:
    """Compare the values of two groups by ranks: the Wilcoxon-Mann-Whitney test.

    values: shape (n,), finite.  group: labels, shape (n,).  groups: (control, experimental).
    method: "exact" (the permutation distribution of the ranks, with ties too), "normal" (variance corrected for
    ties), or "auto": exact where both groups have fewer than 50 subjects and nothing is tied (R's rule).
    correction: 0.5 off the distance from the expected statistic, for "normal" only (on in R and SAS).
    null: the shift tested.  The estimate is the median of all differences experimental less control; limits are
    differences too: exact ones without ties for "exact", otherwise from the normal distribution.
    The two-sided exact P value is of sums at least as far from the expected one.
    Raises DataError on unusable values or labels, and where an exact distribution would take too long.
    Source: Wilcoxon 1945; Mann & Whitney 1947; Hodges & Lehmann 1963; R's wilcox.test (exactRankTests with ties).

    >>> test = rank_sum_test([1, 2, 3, 4, 6, 8], list("AAABBB"), groups=("A", "B"))
    >>> test.statistic, test.p_value_two_sided, test.estimate
    (9.0, 0.1, 4.0)
    """
    _check_options(method, correction, null, confidence_level)
    control, experimental = two_samples(values, group, groups, data)
    a, b = control.size, experimental.size
    shifted = without_rounding(experimental - null, experimental, null) if null else experimental
    ranks, many = mid_ranks(np.concatenate((control, shifted)))
    statistic = float(ranks[a:].sum()) - b * (b + 1) / 2
    tied = bool(np.any(many > 1))
    exact = method == "exact" or (method == "auto" and not tied and max(a, b) < _EXACT_BELOW)
    apart = statistic - a * b / 2
    n = a + b
    differences = Differences(control, experimental)
    warnings: tuple[str, ...] = ()
    z = math.nan
    alpha_half = (1 - confidence_level) / 2
    if exact:
        score, multiplicity = np.unique(np.rint(2 * ranks).astype(np.int64), return_counts=True)
        probability = drawn_sums(score, multiplicity.astype(np.int64), b)
        two_sided, less, greater = _exact_p_values(
            probability, round(2 * float(ranks[a:].sum())), 2 * b * (n + 1)
        )
        if not tied:
            # Sums of doubled ranks are even: every other place is the distribution of U.
            out = _left_out(probability[b * (b + 1) :: 2], alpha_half)
        else:
            out = _normal_left_out(a * b / 2, _rank_sum_variance(a, b, many), alpha_half, correction)
    else:
        variance = _rank_sum_variance(a, b, many)
        z, two_sided, less, greater = _normal_p_values(apart, variance, correction)
        if variance == 0:
            warnings = ("not estimable: all values are the same",)
        out = _normal_left_out(
            a * b / 2, _rank_sum_variance(a, b, _ties_inside(control, experimental)), alpha_half, correction
        )
    lower, upper = limits(differences, out)
    if out < 0 and not math.isnan(two_sided):
        warnings = (
            *warnings,
            "too few subjects for limits at this level: they are the smallest and largest difference",
        )
    return WilcoxonTest(
        method=_named("Wilcoxon rank-sum", exact, tied, correction),
        compared=f"{groups[1]} vs {groups[0]}",
        n=n,
        statistic=statistic,
        z=z,
        p_value_two_sided=two_sided,
        p_value_less=less,
        p_value_greater=greater,
        estimate=middle(differences),
        lower=lower,
        upper=upper,
        confidence_level=confidence_level,
        warnings=warnings,
    )


def signed_rank_test(
    first: Any,
    second: Any = None,
    *,
    method: RankMethod = "auto",
    zeros: Literal["drop", "pratt"] = "drop",
    correction: bool = True,
    null: float = 0.0,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> WilcoxonTest:
    """Test whether differences of pairs are symmetric about ``null``: Wilcoxon's signed-rank test.

    first, second: shape (n,), finite, of the same subjects; with first alone, the differences themselves.
    method: "exact" (all signs equally likely, with ties too), "normal" (corrected for ties), or "auto": exact for
    fewer than 50 pairs without ties and zeros (R's rule).
    Differences are rounded to 13 digits of the largest measurement, so that ties are ties.
    zeros: differences equal to null are left out ("drop", as R and SAS) or ranked and then left out ("pratt").
    correction: 0.5 off the distance from the expected statistic, for "normal" only.
    The estimate is the pseudomedian: the median of the means of any two differences; limits are such means too.
    Raises DataError on unusable values, and where an exact distribution would take too long.
    Source: Wilcoxon 1945; Pratt 1959; Hodges & Lehmann 1963; R's wilcox.test(paired = TRUE), coin.

    >>> test = signed_rank_test([1.5, -0.2, 2.5, 3.1])
    >>> test.statistic, test.p_value_two_sided, round(test.estimate, 4)
    (9.0, 0.25, 1.75)
    """
    _check_options(method, correction, null, confidence_level)
    checked_choice(zeros, ("drop", "pratt"), argument="zeros")
    first, second = columns(data, first=first, second=second)
    differences = checked_values(first, "first")
    parts: list[Any] = [differences, null]
    if second is not None:
        parts.append(checked_values(second, "second", differences.size))
        differences = differences - parts[-1]
    if differences.size == 0:
        raise refused("first", "nothing", "at least one pair", "pass the measurements of the subjects")
    centered = without_rounding(differences - null, *parts)
    ranked = centered if zeros == "pratt" else centered[centered != 0]
    none = int(np.sum(centered == 0))
    ranks, many = mid_ranks(np.abs(ranked))
    scores = ranks[ranked != 0]
    positive = float(ranks[ranked > 0].sum())
    tied = bool(np.any(many > 1)) or none > 0
    exact = method == "exact" or (method == "auto" and not tied and differences.size < _EXACT_BELOW)
    walsh = WalshAverages(ranked + null if zeros == "drop" and ranked.size else differences)
    total, z = float(scores.sum()), math.nan
    alpha_half = (1 - confidence_level) / 2
    variance = float(scores @ scores) / 4
    warnings: tuple[str, ...] = (
        ()
        if not none
        else (
            f"{none} of {centered.size} differences are {null:g}: {'left out' if zeros == 'drop' else 'ranked, then left out'}",
        )
    )
    out = _normal_left_out(walsh.size / 2, _signed_rank_variance(walsh.values), alpha_half, correction)
    if scores.size == 0:
        two_sided = less = greater = 1.0 if exact else math.nan
        warnings = ("not estimable: every difference is the null", *warnings)
    elif exact:
        doubled = np.rint(2 * scores).astype(np.int64)
        probability = signed_sums(doubled)
        two_sided, less, greater = _exact_p_values(probability, round(2 * positive), int(doubled.sum()))
        out = _left_out(probability[::2], alpha_half) if not tied else out
    else:
        z, two_sided, less, greater = _normal_p_values(positive - total / 2, variance, correction)
    lower, upper = limits(walsh, out)
    if out < 0 and scores.size:
        warnings = (
            *warnings,
            "too few pairs for limits at this level: they are the smallest and largest mean of two",
        )
    return WilcoxonTest(
        method=_named("Wilcoxon signed-rank", exact, tied, correction)
        + (", Pratt's zeros" if zeros == "pratt" else ""),
        n=differences.size,
        statistic=positive,
        z=z,
        p_value_two_sided=two_sided,
        p_value_less=less,
        p_value_greater=greater,
        estimate=middle(walsh),
        lower=lower,
        upper=upper,
        confidence_level=confidence_level,
        warnings=warnings,
    )


def _check_options(method: str, correction: bool, null: float, confidence_level: float) -> None:
    checked_choice(method, ("auto", "exact", "normal"), argument="method")
    checked_flag(correction, argument="correction")
    checked_number(null, argument="null", expected="a finite number", remedy="state the shift to test")
    checked_fraction(confidence_level, argument="confidence_level")


def _named(test: str, exact: bool, tied: bool, correction: bool) -> str:
    if exact:
        return f"{test}, exact" + (" with ties" if tied else "")
    return f"{test}, normal approximation" + (" with continuity correction" if correction else "")


def _exact_p_values(
    probability: FloatArray, observed: int, twice_expected: int
) -> tuple[float, float, float]:
    """Two-sided, less, greater; distances are doubled, so that they are whole numbers."""
    less, greater = tails(probability, observed)
    distance = np.abs(2 * np.arange(probability.size) - twice_expected)
    far = probability[distance >= abs(2 * observed - twice_expected)]
    return min(1.0, float(far.sum())), less, greater


def _normal_p_values(apart: float, variance: float, correction: bool) -> tuple[float, float, float, float]:
    """z, two-sided, less, greater; the correction is toward the side that is asked for, as in R."""
    if variance == 0:
        return math.nan, math.nan, math.nan, math.nan
    spread, half = math.sqrt(variance), 0.5 if correction else 0.0
    z = (apart - math.copysign(half, apart)) / spread if apart else 0.0
    return (
        z,
        min(1.0, 2 * normal_sf(abs(z) if abs(apart) > half else 0.0)),
        normal_sf(-(apart + half) / spread),
        normal_sf((apart - half) / spread),
    )


def _rank_sum_variance(a: int, b: int, ties: IntArray) -> float:
    n = a + b
    joined = float((ties.astype(np.float64) ** 3 - ties).sum())
    return a * b / 12 * ((n + 1) - joined / (n * (n - 1)))


def _signed_rank_variance(values: FloatArray) -> float:
    """For limits: ties of the values themselves are what a shift leaves."""
    n, ties = values.size, np.unique(values, return_counts=True)[1].astype(np.float64)
    return n * (n + 1) * (2 * n + 1) / 24 - float((ties**3 - ties).sum()) / 48


def _ties_inside(control: FloatArray, experimental: FloatArray) -> IntArray:
    """Ties that a shift between the groups leaves: those inside either group."""
    return np.concatenate([np.unique(one, return_counts=True)[1] for one in (control, experimental)]).astype(
        np.int64
    )


def _left_out(probability: FloatArray, alpha_half: float) -> int:
    """How many pairs the exact limits leave out at either end: the most whose tail is below alpha / 2; -1 if none is."""
    return int(np.searchsorted(np.cumsum(probability), alpha_half * (1 - 1e-12))) - 1


def _normal_left_out(expected: float, variance: float, alpha_half: float, correction: bool) -> int:
    reach = -normal_quantile(alpha_half) * math.sqrt(max(variance, 0.0)) + (0.5 if correction else 0.0)
    return math.ceil(expected - reach) - 1
