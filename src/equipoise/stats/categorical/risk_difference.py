"""The difference of two proportions: estimate, limits by ten methods, tests with and without a margin."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from equipoise.stats.categorical.exact_unconditional import exact_limits
from equipoise.stats.categorical.restricted import difference_score, difference_variance
from equipoise.stats.categorical.tables import TwoGroups
from equipoise.stats.categorical.two_groups import (
    COMPARISON,
    checked_method,
    counts_of,
    group_rows,
    two_sided_quantile,
    wilson,
    wilson_corrected,
)
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_cdf, normal_sf
from equipoise.stats.numerics.tails import bisected
from equipoise.stats.observations import (
    checked_choice,
    checked_number,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult

# What each interval is, for a reader. Its name is what ``method=`` takes.
INTERVALS = {
    "miettinen-nurminen": "Miettinen-Nurminen (score, with N/(N - 1))",
    "mee": "Mee (score, without N/(N - 1))",
    "wald": "Wald",
    "wald_cc": "Wald with continuity correction",
    "agresti-caffo": "Agresti-Caffo",
    "newcombe": "Newcombe (hybrid of Wilson limits)",
    "newcombe_cc": "Newcombe with continuity correction",
    "hauck-anderson": "Hauck-Anderson",
    "exact-score": "exact unconditional, score statistic (Chan-Zhang)",
    "exact-difference": "exact unconditional, raw difference (Santner-Snell)",
}
TESTS = {
    "miettinen-nurminen": "score test, restricted risks, with N/(N - 1)",
    "farrington-manning": "score test, restricted risks (Farrington-Manning)",
    "wald": "Wald test, separate risks",
    "hauck-anderson": "Hauck-Anderson test",
}
Method = Literal[
    "miettinen-nurminen", "mee", "wald", "wald_cc", "agresti-caffo", "newcombe", "newcombe_cc",
    "hauck-anderson", "exact-score", "exact-difference",
]  # fmt: skip
Alternative = Literal["greater", "less"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskDifference(StatisticalResult):
    """Experimental minus control risk with limits; std_err is that of separate binomials (Wald), of every method."""

    counts: TwoGroups
    risk_experimental: float
    risk_control: float
    risk_difference: float
    std_err: float
    lower: float
    upper: float
    method: str
    confidence_level: float
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        return f"Risk difference, {100 * self.confidence_level:g}% limits: {INTERVALS[self.method]}"

    def rows(self) -> Iterator[Row]:
        """Counts and risks of the groups, then the difference."""
        yield from group_rows(self.counts)
        words = "; ".join(self.warnings)
        for name in ("risk_difference", "std_err", "lower", "upper"):
            value = getattr(self, name)
            yield Row(
                name, value, group=COMPARISON, method=self.method, warning=words if math.isnan(value) else ""
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberNeeded(StatisticalResult):
    """Subjects to treat for one more event (positive) or one fewer (negative), with limits.

    Where the limits of the difference have 0 between them the set is not an interval: it goes from ``lower``
    (negative) to minus infinity and from plus infinity to ``upper`` (positive), and a warning says so.
    """

    number_needed: float
    lower: float
    upper: float
    difference: RiskDifference
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        title = self.difference._title()
        return f"Number needed to treat, from {title[0].lower()}{title[1:]}"

    def rows(self) -> Iterator[Row]:
        """The number and its limits."""
        words = "; ".join(self.warnings)
        for name in ("number_needed", "lower", "upper"):
            value = getattr(self, name)
            yield Row(
                name,
                value,
                group=COMPARISON,
                method=self.difference.method,
                warning=words if math.isnan(value) else "",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskDifferenceTest(StatisticalResult):
    """A test of risk difference = margin; z is positive where the experimental risk exceeds control + margin.

    p_value_one_sided is the tail of ``alternative``.
    """

    counts: TwoGroups
    risk_difference: float
    margin: float
    std_err: float
    z: float
    p_value_one_sided: float
    p_value_two_sided: float
    alternative: str
    method: str
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        sign = ">" if self.alternative == "greater" else "<"
        return f"Risk difference {sign} {self.margin:g}: {TESTS[self.method]}"

    def rows(self) -> Iterator[Row]:
        """Counts and risks of the groups, then the test."""
        yield from group_rows(self.counts)
        words = "; ".join(self.warnings)
        for name in ("risk_difference", "margin", "std_err", "z", "p_value_one_sided", "p_value_two_sided"):
            value = getattr(self, name)
            yield Row(
                name, value, group=COMPARISON, method=self.method, warning=words if math.isnan(value) else ""
            )


def risk_difference(
    events_experimental: int | None = None,
    n_experimental: int | None = None,
    events_control: int | None = None,
    n_control: int | None = None,
    *,
    response: Any = None,
    group: Any = None,
    groups: Sequence[Any] | None = None,
    method: Method = "miettinen-nurminen",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> RiskDifference:
    """Estimate the experimental minus the control risk, with limits.

    Four counts; or response (n,), True for an event, group (n,), groups = (control, experimental).
    method: ``miettinen-nurminen``, ``mee`` (the same without N/(N - 1)), ``wald``, ``wald_cc``,
    ``agresti-caffo``, ``newcombe``, ``newcombe_cc``, ``hauck-anderson``, ``exact-score`` (Chan & Zhang: SAS EXACT
    RISKDIFF(METHOD=SCORE), StatXact), ``exact-difference`` (Santner & Snell: SAS METHOD=NOSCORE).
    Wald, Agresti-Caffo and Hauck-Anderson limits are not cut at -1 and 1.  Exact limits: see ``exact_limits``.
    Raises DataError on unusable counts, labels or responses, and on an empty group.
    Source: Newcombe 1998 (Stat Med 17:873), Miettinen & Nurminen 1985, Chan & Zhang 1999; SAS PROC FREQ RISKDIFF.

    >>> found = risk_difference(56, 70, 48, 80)
    >>> round(found.risk_difference, 4), round(found.lower, 4), round(found.upper, 4)
    (0.2, 0.0528, 0.3382)
    """
    counts = counts_of(
        events_experimental, n_experimental, events_control, n_control, response, group, groups, data
    )
    checked_method(method, tuple(INTERVALS))
    z = two_sided_quantile(confidence_level)
    x1, n1, x0, n0 = _four(counts)
    warnings: tuple[str, ...] = ()
    if method in ("exact-score", "exact-difference"):
        lower, upper = exact_limits(counts, confidence_level, score=method == "exact-score")
    elif method in ("miettinen-nurminen", "mee"):
        lower, upper = score_limits(x1, n1, x0, n0, z, corrected=method == "miettinen-nurminen")
    elif method in ("newcombe", "newcombe_cc"):
        lower, upper = _newcombe(counts, z, wilson if method == "newcombe" else wilson_corrected)
    elif method == "hauck-anderson" and min(n1, n0) == 1:
        lower = upper = math.nan
        warnings = ("limits not estimable: Hauck-Anderson divides by n - 1, and a group has one subject",)
    else:
        estimate, half = _centered(counts, z, method)
        lower, upper = estimate - half, estimate + half
    if lower == upper and method == "wald":
        warnings = ("the Wald limits have no width, since each group has the event in all subjects or in none: "
                    "use newcombe or miettinen-nurminen",)  # fmt: skip
    return RiskDifference(
        counts=counts,
        risk_experimental=x1 / n1,
        risk_control=x0 / n0,
        risk_difference=_observed(counts),
        std_err=_separate_error(counts),
        lower=lower,
        upper=upper,
        method=method,
        confidence_level=float(confidence_level),
        warnings=warnings,
    )


def number_needed_to_treat(
    events_experimental: int | None = None,
    n_experimental: int | None = None,
    events_control: int | None = None,
    n_control: int | None = None,
    *,
    response: Any = None,
    group: Any = None,
    groups: Sequence[Any] | None = None,
    method: Method = "newcombe",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> NumberNeeded:
    """One over the risk difference, with one over its limits.  Arguments as ``risk_difference``.

    Infinite where the difference is 0.  Raises DataError as ``risk_difference``.
    Source: Altman 1998 (BMJ 317:1309).

    >>> found = number_needed_to_treat(56, 70, 48, 80)
    >>> round(found.number_needed, 6), round(found.lower, 2), round(found.upper, 2)
    (5.0, 3.0, 19.07)
    """
    found = risk_difference(
        events_experimental, n_experimental, events_control, n_control, response=response, group=group,
        groups=groups, method=method, confidence_level=confidence_level, data=data,
    )  # fmt: skip
    warnings = found.warnings
    lower, upper = _inverse(found.upper), _inverse(found.lower)
    if found.lower <= 0 <= found.upper:
        lower, upper = -_inverse(-found.lower), _inverse(found.upper)
        warnings += (
            "the limits of the difference include 0: the numbers compatible with the data run from the "
            "lower limit through infinity to the upper limit, and exclude what lies between the two",
        )
    return NumberNeeded(
        number_needed=_inverse(found.risk_difference),
        lower=lower,
        upper=upper,
        difference=found,
        warnings=warnings,
    )


def risk_difference_test(
    events_experimental: int | None = None,
    n_experimental: int | None = None,
    events_control: int | None = None,
    n_control: int | None = None,
    *,
    response: Any = None,
    group: Any = None,
    groups: Sequence[Any] | None = None,
    margin: float = 0.0,
    alternative: Alternative = "greater",
    method: Literal[
        "farrington-manning", "miettinen-nurminen", "wald", "hauck-anderson"
    ] = "farrington-manning",
    data: Frame | None = None,
) -> RiskDifferenceTest:
    """Test whether the experimental minus the control risk exceeds (or is below) a margin.

    Data as ``risk_difference``.  margin: from -1 to 1, both excluded; -0.1 with ``greater`` is the
    non-inferiority of a response rate by 10 points; 0.1 with ``less`` that of a rate of harm.
    method: ``farrington-manning`` (the score test; its square at margin 0 is Pearson's chi-square, its interval Mee's),
    ``miettinen-nurminen`` (with N/(N - 1): agrees with the interval of that name), ``wald``, ``hauck-anderson``.
    Without any variance z is NaN where the difference is the margin, infinite otherwise, with a warning.
    Raises DataError as ``risk_difference``, and on a margin outside (-1, 1).
    Source: Farrington & Manning 1990; SAS PROC FREQ RISKDIFF(NONINF, METHOD=FM, SCORE, WALD, HA).

    >>> found = risk_difference_test(56, 70, 48, 80, margin=-0.1)
    >>> round(found.z, 4), round(found.p_value_one_sided, 6)
    (3.9342, 4.2e-05)
    """
    counts = counts_of(
        events_experimental, n_experimental, events_control, n_control, response, group, groups, data
    )
    checked_method(method, tuple(TESTS))
    remedy = "write 10 points as 0.1"
    checked_number(
        margin, argument="margin", expected="a difference between -1 and 1", remedy=remedy, above=-1
    )
    if not margin < 1:
        raise refused("margin", margin, "a difference between -1 and 1", "write 10 points as 0.1")
    checked_choice(
        alternative, ("greater", "less"), argument="alternative", remedy="say on which side of the margin"
    )
    x1, n1, x0, n0 = _four(counts)
    observed = _observed(counts)
    away = observed - margin
    warnings: tuple[str, ...] = ()
    if method == "wald":
        error = _separate_error(counts)
    elif method == "hauck-anderson":
        error = _unbiased_error(counts) if min(n1, n0) > 1 else math.nan
        away -= math.copysign(min(1 / (2 * min(n1, n0)), abs(away)), away)
    else:
        factor = (n1 + n0) / (n1 + n0 - 1) if method == "miettinen-nurminen" else 1.0
        error = math.sqrt(float(difference_variance(x1, n1, x0, n0, margin)) * factor)
    if error > 0:
        z = away / error
    else:
        z = math.nan if abs(away) < 1e-15 or math.isnan(error) else math.copysign(math.inf, away)
        words = "z is not estimable" if math.isnan(z) else "z is infinite"
        warnings = (f"{words}: the groups leave no variance for this method",)
    return RiskDifferenceTest(
        counts=counts,
        risk_difference=observed,
        margin=float(margin),
        std_err=error,
        z=z,
        p_value_one_sided=normal_sf(z) if alternative == "greater" else normal_cdf(z),
        p_value_two_sided=2 * normal_sf(abs(z)),
        alternative=alternative,
        method=method,
        warnings=warnings,
    )


def _four(counts: TwoGroups) -> tuple[int, int, int, int]:
    return counts.events_experimental, counts.n_experimental, counts.events_control, counts.n_control


def _observed(counts: TwoGroups) -> float:
    """The difference of the risks, rounded once: whole numbers first."""
    x1, n1, x0, n0 = _four(counts)
    return (x1 * n0 - x0 * n1) / (n1 * n0)


def _separate_error(counts: TwoGroups) -> float:
    x1, n1, x0, n0 = _four(counts)
    return math.sqrt(x1 * (n1 - x1) / n1**3 + x0 * (n0 - x0) / n0**3)


def _unbiased_error(counts: TwoGroups) -> float:
    x1, n1, x0, n0 = _four(counts)
    return math.sqrt(x1 * (n1 - x1) / (n1**2 * (n1 - 1)) + x0 * (n0 - x0) / (n0**2 * (n0 - 1)))


def _centered(counts: TwoGroups, z: float, method: str) -> tuple[float, float]:
    """Center and half width of the intervals that are symmetric."""
    x1, n1, x0, n0 = _four(counts)
    if method == "agresti-caffo":
        more = TwoGroups(
            events_experimental=x1 + 1, n_experimental=n1 + 2, events_control=x0 + 1, n_control=n0 + 2
        )
        return _observed(more), z * _separate_error(more)
    if method == "hauck-anderson":
        return _observed(counts), z * _unbiased_error(counts) + 1 / (2 * min(n1, n0))
    correction = (1 / n1 + 1 / n0) / 2 if method == "wald_cc" else 0.0
    return _observed(counts), z * _separate_error(counts) + correction


def _newcombe(counts: TwoGroups, z: float, limits: Any) -> tuple[float, float]:
    x1, n1, x0, n0 = _four(counts)
    (l1, u1), (l0, u0) = limits(x1, n1, z), limits(x0, n0, z)
    p1, p0, d = x1 / n1, x0 / n0, _observed(counts)
    return d - math.hypot(p1 - l1, u0 - p0), d + math.hypot(u1 - p1, p0 - l0)


def score_limits(x1: int, n1: int, x0: int, n0: int, z: float, *, corrected: bool) -> tuple[float, float]:
    """Limits of Miettinen and Nurminen (corrected: with N/(N - 1)) or Mee, to the last bit.

    >>> [round(limit, 4) for limit in score_limits(56, 70, 48, 80, 1.959963984540054, corrected=True)]
    [0.0528, 0.3382]
    """
    n = n1 + n0
    far = z * math.sqrt(n / (n - 1)) if corrected else z
    d = (x1 * n0 - x0 * n1) / (n1 * n0)

    def above(difference: float) -> float:
        return far - float(difference_score(x1, n1, x0, n0, difference))

    def below(difference: float) -> float:
        return -far - float(difference_score(x1, n1, x0, n0, difference))

    return (
        -1.0 if d == -1 else bisected(above, -1.0, d),
        1.0 if d == 1 else bisected(below, d, 1.0),
    )


def _inverse(value: float) -> float:
    return math.inf if value == 0 else 1 / value
