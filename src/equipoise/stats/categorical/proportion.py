"""One proportion: confidence limits by the methods that protocols name, and tests of a stated value."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.blaker import blaker_limits
from equipoise.stats.categorical.tables import checked_events_of, indicator
from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import chi_square_sf, normal_quantile, normal_sf
from equipoise.stats.numerics.lattice import binomial, no_more_likely
from equipoise.stats.numerics.tails import (
    beta_quantile,
    beta_upper_quantile,
    binomial_lower,
    binomial_upper,
    bisected,
)
from equipoise.stats.observations import (
    checked_choice,
    checked_fraction,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult

ProportionMethod = Literal[
    "wald", "wald_cc", "wilson", "wilson_cc", "clopper-pearson", "mid-p", "agresti-coull", "jeffreys", "arcsine",
    "logit", "likelihood-ratio", "blaker",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion(StatisticalResult):
    """A proportion with confidence limits."""

    method: str
    n: int
    n_events: int
    estimate: float
    lower: float
    upper: float
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Proportion, {100 * self.confidence_level:g}% {self.method} limits"

    def rows(self) -> Iterator[Row]:
        """Counts, the proportion and its limits."""
        for name in ("n", "n_events", "estimate", "lower", "upper"):
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=self.warnings[0] if math.isnan(value) else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionTest(StatisticalResult):
    """A test that a proportion is ``null``; one-sided P values are of a smaller and of a larger proportion."""

    method: str
    n: int
    n_events: int
    estimate: float
    null: float
    z: float
    p_value_two_sided: float
    p_value_less: float
    p_value_greater: float

    def _title(self) -> str:
        return f"{self.method} test of a proportion of {self.null:g}"

    def rows(self) -> Iterator[Row]:
        """Counts, the proportion, the statistic where there is one, and P values."""
        names = ["n", "n_events", "estimate", *(() if math.isnan(self.z) else ("z",))]
        for name in (*names, "p_value_two_sided", "p_value_less", "p_value_greater"):
            yield Row(name, float(getattr(self, name)), method=self.method)


def proportion_interval(
    events: Any,
    n: Any = None,
    *,
    method: ProportionMethod = "clopper-pearson",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> Proportion:
    """Confidence limits of one proportion.

    events: how many of ``n`` had the event; or without n, each subject's event, shape (n,), booleans or 0 and 1.
    method: "wald", "wald_cc" (1/(2n) wider), "wilson" (score), "wilson_cc", "clopper-pearson" (exact), "mid-p",
    "agresti-coull", "jeffreys", "arcsine" (Anscombe), "logit", "likelihood-ratio", "blaker" (exact, shorter).
    Wald and Agresti-Coull limits are not cut at 0 and 1.  wilson_cc follows R's prop.test, which corrects by 0.5 but
    by nothing at exactly n/2.  Jeffreys limits are 0 at no events and 1 at all.  Logit limits do not exist there.
    Raises DataError on unusable counts.
    Source: Newcombe 1998 (Stat Med 17:857); Brown, Cai & DasGupta 2001; Blaker 2000; SAS PROC FREQ BINOMIAL(CL=).

    >>> found = proportion_interval(81, 263, method="wilson")
    >>> round(found.lower, 4), round(found.upper, 4)
    (0.2553, 0.3662)
    """
    checked_choice(method, _LIMITS, argument="method")
    checked_fraction(confidence_level, argument="confidence_level")
    x, size = _counted(events, n, data)
    lower, upper = _LIMITS[method](x, size, (1 - confidence_level) / 2)
    warnings: tuple[str, ...] = ()
    if math.isnan(lower):
        warnings = (f"logit limits are not estimable with {x} events of {size}",)
    elif method == "wald" and x in (0, size):
        warnings = (f"Wald limits have no width with {x} events of {size}: choose another method",)
    return Proportion(
        method=method,
        n=size,
        n_events=x,
        estimate=x / size,
        lower=lower,
        upper=upper,
        confidence_level=confidence_level,
        warnings=warnings,
    )


def proportion_test(
    events: Any,
    n: Any = None,
    *,
    null: float = 0.5,
    method: Literal["exact", "mid-p", "score"] = "exact",
    data: Frame | None = None,
) -> ProportionTest:
    """Test that a proportion has a stated value.

    events, n: as ``proportion_interval``.  null: strictly between 0 and 1.
    method: "exact" (binomial; two-sided: all outcomes no more likely than the observed one), "mid-p" (less half of
    the observed outcome's probability), or "score" (z with the variance under the null, without correction).
    Raises DataError on unusable counts or null.
    Source: Clopper & Pearson 1934; R's binom.test, prop.test(correct = FALSE); SAS PROC FREQ BINOMIAL.

    >>> round(proportion_test(9, 24, null=0.25).p_value_two_sided, 6)
    0.161119
    """
    checked_choice(method, ("exact", "mid-p", "score"), argument="method")
    checked_fraction(null, argument="null")
    x, size = _counted(events, n, data)
    z = math.nan
    if method == "score":
        z = (x - size * null) / math.sqrt(size * null * (1 - null))
        two_sided, less, greater = chi_square_sf(z * z, 1), normal_sf(-z), normal_sf(z)
    else:
        probability = binomial(size, null)
        two_sided = no_more_likely(probability, x)
        less, greater = binomial_lower(x, size, null), binomial_upper(x, size, null)
        if method == "mid-p":
            two_sided, less, greater = (p - float(probability[x]) / 2 for p in (two_sided, less, greater))
    return ProportionTest(
        method={"exact": "exact binomial", "mid-p": "mid-P binomial", "score": "score"}[method],
        n=size,
        n_events=x,
        estimate=x / size,
        null=null,
        z=z,
        p_value_two_sided=two_sided,
        p_value_less=less,
        p_value_greater=greater,
    )


def _counted(events: Any, n: Any, data: Frame | None) -> tuple[int, int]:
    if n is not None:
        return checked_events_of(events, n, events_argument="events", n_argument="n")
    (events,) = columns(data, events=events)
    if np.ndim(events) == 0:
        raise refused("n", None, "the number of subjects", "pass events and n, or each subject's event")
    happened = indicator(events, "events")
    return int(happened.sum()), happened.size


def _z(tail: float) -> float:
    return -normal_quantile(tail)


def _wald(x: int, n: int, tail: float) -> tuple[float, float]:
    p = x / n
    reach = _z(tail) * math.sqrt(p * (1 - p) / n)
    return p - reach, p + reach


def _wald_corrected(x: int, n: int, tail: float) -> tuple[float, float]:
    lower, upper = _wald(x, n, tail)
    return lower - 0.5 / n, upper + 0.5 / n


def _wilson(x: int, n: int, tail: float, shift: float = 0.0) -> tuple[float, float]:
    z2 = _z(tail) ** 2

    def limit(events: float, sign: int) -> float:
        p = events / n
        center = (p + z2 / (2 * n)) / (1 + z2 / n)
        return center + sign * math.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n)

    low, high = x - shift, x + shift
    return 0.0 if low <= 0 else limit(low, -1), 1.0 if high >= n else limit(high, 1)


def _wilson_corrected(x: int, n: int, tail: float) -> tuple[float, float]:
    return _wilson(x, n, tail, min(0.5, abs(x - n / 2)))


def _clopper_pearson(x: int, n: int, tail: float) -> tuple[float, float]:
    lower = 0.0 if x == 0 else beta_quantile(tail, x, n - x + 1)
    return lower, 1.0 if x == n else beta_upper_quantile(tail, x + 1, n - x)


def _mid_p(x: int, n: int, tail: float) -> tuple[float, float]:
    # P(X > x) + P(X = x)/2 is the mean of two tails: nothing is taken off.
    def above(p: float) -> float:
        return (binomial_upper(x, n, p) + binomial_upper(x + 1, n, p)) / 2 - tail

    def below(p: float) -> float:
        return tail - (binomial_lower(x, n, p) + binomial_lower(x - 1, n, p)) / 2

    return 0.0 if x == 0 else bisected(above, 0.0, 1.0), 1.0 if x == n else bisected(below, 0.0, 1.0)


def _agresti_coull(x: int, n: int, tail: float) -> tuple[float, float]:
    z = _z(tail)
    size = n + z * z
    center = (x + z * z / 2) / size
    reach = z * math.sqrt(center * (1 - center) / size)
    return center - reach, center + reach


def _jeffreys(x: int, n: int, tail: float) -> tuple[float, float]:
    a, b = x + 0.5, n - x + 0.5
    return 0.0 if x == 0 else beta_quantile(tail, a, b), 1.0 if x == n else beta_upper_quantile(tail, a, b)


def _arcsine(x: int, n: int, tail: float) -> tuple[float, float]:
    angle = math.asin(math.sqrt((x + 0.375) / (n + 0.75)))
    reach = _z(tail) / (2 * math.sqrt(n))
    return math.sin(max(angle - reach, 0.0)) ** 2, math.sin(min(angle + reach, math.pi / 2)) ** 2


def _logit(x: int, n: int, tail: float) -> tuple[float, float]:
    if x in (0, n):
        return math.nan, math.nan
    center, reach = math.log(x / (n - x)), _z(tail) * math.sqrt(n / (x * (n - x)))
    return 1 / (1 + math.exp(reach - center)), 1 / (1 + math.exp(-reach - center))


def _likelihood_ratio(x: int, n: int, tail: float) -> tuple[float, float]:
    enough = _z(tail) ** 2 / 2

    def lost(p: float) -> float:
        """The log likelihood at the estimate less the one at p."""
        return (x * math.log(x / n / p) if x else 0.0) + (
            (n - x) * math.log((n - x) / n / (1 - p)) if x < n else 0.0
        )

    lower = 0.0 if x == 0 else bisected(lambda p: enough - lost(p), 1e-300, x / n)
    upper = 1.0 if x == n else bisected(lambda p: lost(p) - enough, x / n, 1 - 1e-16)
    return lower, upper


_LIMITS: dict[str, Callable[[int, int, float], tuple[float, float]]] = {
    "wald": _wald,
    "wald_cc": _wald_corrected,
    "wilson": _wilson,
    "wilson_cc": _wilson_corrected,
    "clopper-pearson": _clopper_pearson,
    "mid-p": _mid_p,
    "agresti-coull": _agresti_coull,
    "jeffreys": _jeffreys,
    "arcsine": _arcsine,
    "logit": _logit,
    "likelihood-ratio": _likelihood_ratio,
    "blaker": blaker_limits,
}
