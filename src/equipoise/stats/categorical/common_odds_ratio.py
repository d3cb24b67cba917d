"""One odds ratio over strata: Mantel–Haenszel's, whether it is the same in all strata, and the exact conditional test."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats.categorical.cochran_mantel_haenszel import informative
from equipoise.stats.categorical.tables import checked_strata
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import chi_square_sf, normal_quantile
from equipoise.stats.numerics.lattice import hypergeometric, no_more_likely, tails
from equipoise.stats.numerics.tails import bisected
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_flag,
    checked_fraction,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult

# Multiplications that an exact distribution over strata may take.
_LARGEST_WORK = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CommonOddsRatio(StatisticalResult):
    """An odds ratio ad/bc common to all strata, with limits; std_err is of its logarithm, NaN for the exact one.

    P values are of the exact conditional test that it is 1, one-sided ones of an odds ratio below and above 1; they
    are NaN for the Mantel-Haenszel estimate, whose test is ``cochran_mantel_haenszel``.
    """

    method: str
    n: int
    n_strata: int
    n_strata_used: int
    odds_ratio: float
    std_err: float
    lower: float
    upper: float
    confidence_level: float
    p_value_two_sided: float
    p_value_less: float
    p_value_greater: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"{self.method}, {100 * self.confidence_level:g}% limits"

    def rows(self) -> Iterator[Row]:
        """Counts, the odds ratio with limits, and what the method has beside it."""
        beside = (
            ("p_value_two_sided", "p_value_less", "p_value_greater")
            if math.isnan(self.std_err)
            else ("std_err",)
        )
        for name in ("n", "n_strata", "n_strata_used", "odds_ratio", "lower", "upper", *beside):
            value = float(getattr(self, name))
            lacking = self.warnings[0] if math.isnan(value) and self.warnings else ""
            yield Row(name, value, method=self.method, warning=lacking)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OddsRatioHomogeneity(StatisticalResult):
    """A test that the odds ratio is the same in all strata."""

    method: str
    n_strata: int
    n_strata_used: int
    odds_ratio: float
    chi_square: float
    df: int
    p_value_two_sided: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return self.method

    def rows(self) -> Iterator[Row]:
        """Counts, the common odds ratio, the statistic and its P value."""
        for name in ("n_strata", "n_strata_used", "odds_ratio", "chi_square", "df", "p_value_two_sided"):
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=self.warnings[0] if math.isnan(value) else "")


def mantel_haenszel_odds_ratio(
    response: Any,
    group: Any = None,
    strata: Any = None,
    *,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> CommonOddsRatio:
    """Estimate a common odds ratio over strata by Mantel and Haenszel, with limits by Robins, Breslow and Greenland.

    response: two-by-two tables of counts, shape (strata, 2, 2); or with ``group`` and ``strata`` each subject's
    response.  groups, levels: order of rows and columns; with groups=(control, experimental) and levels=(0, 1) the
    odds ratio is of the event, experimental over control.  Strata with one group or one response add nothing.
    Where a sum is 0 the estimate is 0 or infinite, or does not exist, and a warning says so.
    Raises DataError on unusable tables or labels.
    Source: Mantel & Haenszel 1959; Robins, Breslow & Greenland 1986; R's mantelhaen.test, SAS PROC FREQ CMH.

    >>> found = mantel_haenszel_odds_ratio([[[4, 1], [2, 3]], [[5, 2], [1, 4]]])
    >>> round(found.odds_ratio, 4), round(found.lower, 4), round(found.upper, 4)
    (7.8182, 1.1005, 55.5437)
    """
    tables = _two_by_two(response, group, strata, groups, levels, data)
    checked_fraction(confidence_level, argument="confidence_level")
    used = informative(tables)
    ratio, std_err = _mantel_haenszel(tables)
    z = -normal_quantile((1 - confidence_level) / 2)
    known = math.isfinite(std_err)
    warnings = []
    if math.isnan(ratio):
        warnings.append("not estimable: no stratum has events in one group and non-events in the other")
    elif not known:
        warnings.append(f"the odds ratio is {'0' if ratio == 0 else 'infinite'}: its standard error and limits are not estimable; "
                        "exact_conditional has limits")  # fmt: skip
    return CommonOddsRatio(
        method="Mantel-Haenszel common odds ratio",
        n=int(tables.sum()),
        n_strata=len(tables),
        n_strata_used=int(used.sum()),
        odds_ratio=ratio,
        std_err=std_err,
        lower=math.exp(math.log(ratio) - z * std_err) if known else math.nan,
        upper=math.exp(math.log(ratio) + z * std_err) if known else math.nan,
        confidence_level=confidence_level,
        p_value_two_sided=math.nan,
        p_value_less=math.nan,
        p_value_greater=math.nan,
        warnings=tuple(warnings),
    )


def breslow_day(
    response: Any,
    group: Any = None,
    strata: Any = None,
    *,
    tarone: bool = True,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    data: Frame | None = None,
) -> OddsRatioHomogeneity:
    """Test that the odds ratio is the same in all strata.

    response, group, strata, groups, levels: as ``mantel_haenszel_odds_ratio``; at least two informative strata.
    tarone: with Tarone's correction (then it has its chi-square distribution), or without it as SAS prints first.
    Raises DataError on unusable tables or labels.
    Source: Breslow & Day 1980; Tarone 1985; SAS PROC FREQ CMH, statsmodels StratifiedTable.test_equal_odds.

    >>> round(breslow_day([[[4, 1], [2, 3]], [[5, 2], [1, 4]]]).chi_square, 4)
    0.0648
    """
    checked_flag(tarone, argument="tarone")
    tables = _two_by_two(response, group, strata, groups, levels, data)
    used = informative(tables)
    ratio, _ = _mantel_haenszel(tables)
    df, chi_square, warnings = int(used.sum()) - 1, math.nan, []
    if df < 1:
        warnings.append("not estimable: fewer than two strata have two groups and two responses")
    elif not 0 < ratio < math.inf:
        warnings.append("not estimable: the common odds ratio is not a positive number")
    else:
        a, expected, variance = _fitted(tables[used].astype(np.float64), ratio)
        chi_square = float((((a - expected) ** 2) / variance).sum())
        if tarone:
            chi_square -= float((a - expected).sum()) ** 2 / float(variance.sum())
    return OddsRatioHomogeneity(
        method=f"Breslow-Day {'with' if tarone else 'without'} Tarone's correction",
        n_strata=len(tables),
        n_strata_used=int(used.sum()),
        odds_ratio=ratio,
        chi_square=chi_square,
        df=max(df, 0),
        p_value_two_sided=math.nan if math.isnan(chi_square) else chi_square_sf(max(chi_square, 0.0), df),
        warnings=tuple(warnings),
    )


def exact_conditional(
    response: Any,
    group: Any = None,
    strata: Any = None,
    *,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    confidence_level: float = 0.95,
    mid_p: bool = False,
    data: Frame | None = None,
) -> CommonOddsRatio:
    """Test and estimate a common odds ratio over strata exactly, given the margins of every stratum.

    response, group, strata, groups, levels: as ``mantel_haenszel_odds_ratio``; one table gives Fisher's exact test.
    odds_ratio is the conditional maximum-likelihood estimate; limits invert the two one-sided tests.  The two-sided
    P value sums the outcomes no more likely than the observed one (relative difference 1e-7 counts as equal).
    mid_p: half of the observed outcome's probability is taken off each P value and, in the limits, off each tail.
    Raises DataError on unusable tables or labels, and where it would take more than 2e9 multiplications.
    Source: Gart 1970; Mehta, Patel & Gray 1985; R's mantelhaen.test(exact = TRUE).

    >>> found = exact_conditional([[[4, 1], [2, 3]], [[5, 2], [1, 4]]])
    >>> round(found.p_value_two_sided, 4), round(found.odds_ratio, 4)
    (0.0887, 6.3538)
    """
    checked_flag(mid_p, argument="mid_p")
    tables = _two_by_two(response, group, strata, groups, levels, data)
    checked_fraction(confidence_level, argument="confidence_level")
    used = informative(tables)
    warnings = []
    two_sided = less = greater = 1.0
    estimate, lower, upper = math.nan, 0.0, math.inf
    if used.any():
        chosen = tables[used]
        observed = int(chosen[:, 0, 0].sum())
        low, at_one = _sum_of_first_cells(chosen, 0.0)
        place = observed - low
        two_sided = no_more_likely(at_one, place)
        less, greater = tails(at_one, place)
        if mid_p:
            two_sided, less, greater = (p - float(at_one[place]) / 2 for p in (two_sided, less, greater))
        estimate, lower, upper = _exact_limits(chosen, place, at_one.size, confidence_level, mid_p)
        if place in (0, at_one.size - 1):
            warnings.append(
                f"the smallest or largest outcome possible was observed: the odds ratio is {'0' if place == 0 else 'infinite'}"
            )
    else:
        warnings.append(
            "not estimable: no stratum has two groups and two responses; the limits are 0 and infinity"
        )
    return CommonOddsRatio(
        method="exact conditional common odds ratio" + (", mid-P" if mid_p else ""),
        n=int(tables.sum()),
        n_strata=len(tables),
        n_strata_used=int(used.sum()),
        odds_ratio=estimate,
        std_err=math.nan,
        lower=lower,
        upper=upper,
        confidence_level=confidence_level,
        p_value_two_sided=two_sided,
        p_value_less=less,
        p_value_greater=greater,
        warnings=tuple(warnings),
    )


def _two_by_two(
    response: Any,
    group: Any,
    strata: Any,
    groups: Sequence[Any] | None,
    levels: Sequence[Any] | None,
    data: Frame | None,
) -> IntArray:
    tables = checked_strata(response, group, strata, groups=groups, levels=levels, data=data)
    if tables.shape[1:] != (2, 2):
        raise refused(
            "response",
            f"tables of shape {tables.shape[1:]}",
            "two-by-two tables",
            "use cochran_mantel_haenszel",
        )
    return tables


def _mantel_haenszel(tables: IntArray) -> tuple[float, float]:
    """The odds ratio and the standard error of its logarithm; infinite or NaN where a sum is 0."""
    a, b, c, d = tables.astype(np.float64).reshape(-1, 4).T
    n = np.maximum(a + b + c + d, 1)
    same, other = a * d / n, b * c / n
    top, bottom = float(same.sum()), float(other.sum())
    if top == 0 or bottom == 0:
        return (math.nan if top == bottom else 0.0 if top == 0 else math.inf), math.nan
    p, q = (a + d) / n, (b + c) / n
    variance = (
        float((p * same).sum()) / (2 * top**2)
        + float((p * other + q * same).sum()) / (2 * top * bottom)
        + float((q * other).sum()) / (2 * bottom**2)
    )
    return top / bottom, math.sqrt(variance)


def _fitted(tables: FloatArray, ratio: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """First cells, the ones expected with this odds ratio and the margins, and their variances."""
    a = tables[:, 0, 0]
    row, column, n = tables[:, 0].sum(axis=1), tables[:, :, 0].sum(axis=1), tables.sum(axis=(1, 2))
    rest = n - row - column
    # (1 - ratio) A^2 + b A - ratio row column = 0, solved by the root formula that does not cancel.
    b = rest + ratio * (row + column)
    root = np.sqrt(b * b + 4 * (1 - ratio) * ratio * row * column)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected: FloatArray = np.where(
            b >= 0, 2 * ratio * row * column / (b + root), (root - b) / (2 * (1 - ratio))
        )
    variance: FloatArray = 1 / (
        1 / expected + 1 / (row - expected) + 1 / (column - expected) + 1 / (rest + expected)
    )
    return a, expected, variance


def _sum_of_first_cells(tables: IntArray, log_tilt: float) -> tuple[int, FloatArray]:
    """The distribution of the sum of first cells given all margins, at the odds ratio exp(log_tilt)."""
    low, total, work = 0, np.ones(1), 0
    for table in tables:
        start, weights = hypergeometric(
            int(table[0].sum()), int(table[:, 0].sum()), int(table.sum()), log_tilt=log_tilt
        )
        work += total.size * weights.size
        if work > _LARGEST_WORK:
            raise refused("response", f"tables that need more than {_LARGEST_WORK:.0e} multiplications", "smaller strata",
                          "use cochran_mantel_haenszel, which serves at this size")  # fmt: skip
        low, total = low + start, np.convolve(total, weights)
    return low, total


def _exact_limits(
    tables: IntArray, place: int, size: int, confidence_level: float, mid_p: bool
) -> tuple[float, float, float]:
    # Around a rough estimate the probabilities near the observed outcome are large: no tail of a tail is needed.
    rough, _ = _mantel_haenszel(tables * 2 + 1)
    _, base = _sum_of_first_cells(tables, math.log(rough))
    steps = np.arange(size) - place
    with np.errstate(divide="ignore"):
        log_base = np.log(base)

    def weights(shift: float) -> FloatArray:
        logs = log_base + steps * shift
        tilted: FloatArray = np.exp(logs - logs.max())
        return np.asarray(tilted / float(tilted.sum()))

    half = 0.5 if mid_p else 1.0
    tail = (1 - confidence_level) / 2

    def mean(shift: float) -> float:
        return float(weights(shift) @ steps)

    def above(shift: float) -> float:
        w = weights(shift)
        return float(w[place + 1 :].sum()) + half * float(w[place]) - tail

    def below(shift: float) -> float:
        w = weights(shift)
        return tail - float(w[:place].sum()) - half * float(w[place])

    if place == 0:
        estimate, lower = 0.0, 0.0
    else:
        estimate = rough * math.exp(_crossing(mean)) if place < size - 1 else math.inf
        lower = rough * math.exp(_crossing(above))
    upper = math.inf if place == size - 1 else rough * math.exp(_crossing(below))
    return estimate, lower, upper


def _crossing(rises: Any) -> float:
    """Where an increasing function of a log odds ratio crosses 0."""
    reach = 1.0
    while rises(-reach) >= 0 or rises(reach) <= 0:
        reach *= 2
        if reach > 700:
            return -math.inf if rises(-700) >= 0 else math.inf
    return bisected(rises, -reach, reach)
