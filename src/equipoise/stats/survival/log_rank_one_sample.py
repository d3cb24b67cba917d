"""One group against a known survival curve: observed and expected events."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import normal_sf
from equipoise.stats.observations import (
    checked_choice,
    checked_events,
    checked_fraction,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult

Variance = Literal["expected", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OneSampleLogRank(StatisticalResult):
    """Events against those expected; z is positive when there were fewer.

    ratio: observed / expected (standardized mortality ratio), with exact Poisson limits.
    """

    n: int
    observed: int
    expected: float
    ratio: float
    lower: float
    upper: float
    z: float
    chi_square: float
    p_value_one_sided: float
    p_value_two_sided: float
    variance: Variance
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"One-sample log-rank test, variance {self.variance}; ratio with exact {100 * self.confidence_level:.12g}% limits"

    def rows(self) -> Iterator[Row]:
        """Counts, ratio and test."""
        for statistic in ("n", "observed", "expected", "ratio", "lower", "upper", "z", "chi_square",
                          "p_value_one_sided", "p_value_two_sided"):  # fmt: skip
            yield Row(statistic, float(getattr(self, statistic)), method=f"one-sample log-rank, variance {self.variance}",
                      warning="; ".join(self.warnings))  # fmt: skip


def one_sample_log_rank(
    event: ArrayLike | str,
    *,
    cumulative_hazard: ArrayLike | str,
    variance: Variance = "expected",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> OneSampleLogRank:
    """Test whether subjects have events as a known curve says.

    event: shape (n,), True for an event.  cumulative_hazard: shape (n,), what the known curve gives each
    subject up to the end of its own follow-up: -log(survival); finite, at least 0.
    variance: of observed minus expected: "expected" (the count is Poisson) or "mean" of observed and expected,
    whose one-sided error is nearer to nominal in small samples.
    Returns a OneSampleLogRank.  Nothing expected: NaN, with a warning.
    Raises DataError on other lengths and on values that are not a cumulative hazard.
    Source: Breslow 1975; Finkelstein, Muzikansky & Schoenfeld 2003; Wu 2014 ("mean").  With "expected" as R
    survival 3.5-3, survdiff(Surv(time, status) ~ offset(survival)); limits as R's poisson.test.

    >>> test = one_sample_log_rank([1, 1, 0, 0], cumulative_hazard=[1, 1, 1, 1])
    >>> test.observed, test.expected, test.z, test.ratio
    (2, 4.0, 1.0, 0.5)
    """
    event, hazard = columns(data, event=event, cumulative_hazard=cumulative_hazard)
    checked_choice(variance, ("expected", "mean"), argument="variance")
    checked_fraction(confidence_level, argument="confidence_level")
    found = np.asarray(hazard)
    if found.ndim != 1 or found.size == 0 or found.dtype.kind not in "iuf":
        raise refused("cumulative_hazard", f"shape {found.shape}, dtype {found.dtype}", "one number a subject",
                      "pass minus the logarithm of the known survival at the end of each follow-up")  # fmt: skip
    numbers = found.astype(np.float64)
    unusable = ~(np.isfinite(numbers) & (numbers >= 0))
    if unusable.any():
        where = int(np.argmax(unusable))
        raise refused("cumulative_hazard", f"{numbers[where]} at position {where}", "finite, at least 0",
                      "pass -log(survival), of a survival above 0")  # fmt: skip
    events = checked_events(event, numbers.size)
    observed, expected = int(events.sum()), math.fsum(numbers.tolist())
    possible = expected > 0
    spread = expected if variance == "expected" else (observed + expected) / 2
    z = (expected - observed) / math.sqrt(spread) if possible else math.nan
    lower, upper = _poisson_limits(observed, confidence_level)
    return OneSampleLogRank(
        n=numbers.size,
        observed=observed,
        expected=expected,
        ratio=observed / expected if possible else math.nan,
        lower=lower / expected if possible else math.nan,
        upper=upper / expected if possible else math.nan,
        z=z,
        chi_square=z * z,
        p_value_one_sided=normal_sf(z),
        p_value_two_sided=2 * normal_sf(abs(z)),
        variance=variance,
        confidence_level=float(confidence_level),
        warnings=() if possible else ("no events are expected: not estimable",),
    )


def _poisson_limits(count: int, confidence_level: float) -> tuple[float, float]:
    """The means with which a count as large, or as small, has the probability of one tail."""
    from scipy.special import gammainccinv, gammaincinv

    tail = (1 - confidence_level) / 2
    lower = float(gammaincinv(count, tail)) if count else 0.0
    return lower, float(gammainccinv(count + 1, tail))
