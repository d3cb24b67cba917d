"""The ratio of two proportions: estimate and limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from equipoise.stats.categorical.restricted import ratio_score
from equipoise.stats.categorical.tables import TwoGroups
from equipoise.stats.categorical.two_groups import (
    COMPARISON,
    checked_method,
    counts_of,
    group_rows,
    two_sided_quantile,
)
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.tails import bisected
from equipoise.stats.results import Row, StatisticalResult

INTERVALS = {
    "log": "log-Wald (Katz)",
    "adjusted-log": "log-Wald with 1/2 added (Pettigrew-Gart-Thomas)",
    "koopman": "Koopman (score, without N/(N - 1))",
    "miettinen-nurminen": "Miettinen-Nurminen (score, with N/(N - 1))",
}

# The logarithm of a limit is looked for between these: ratios from 1e-130 to 1e130.
_FARTHEST = 300.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskRatio(StatisticalResult):
    """Experimental over control risk with limits; std_err is that of its logarithm (NaN where a group has no event)."""

    counts: TwoGroups
    risk_experimental: float
    risk_control: float
    risk_ratio: float
    std_err: float
    lower: float
    upper: float
    method: str
    confidence_level: float
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        return f"Risk ratio, {100 * self.confidence_level:g}% limits: {INTERVALS[self.method]}"

    def rows(self) -> Iterator[Row]:
        """Counts and risks of the groups, then the ratio."""
        yield from group_rows(self.counts)
        words = "; ".join(self.warnings)
        for name in ("risk_ratio", "std_err", "lower", "upper"):
            value = getattr(self, name)
            yield Row(
                name, value, group=COMPARISON, method=self.method, warning=words if math.isnan(value) else ""
            )


def risk_ratio(
    events_experimental: int | None = None,
    n_experimental: int | None = None,
    events_control: int | None = None,
    n_control: int | None = None,
    *,
    response: Any = None,
    group: Any = None,
    groups: Sequence[Any] | None = None,
    method: Literal["log", "adjusted-log", "koopman", "miettinen-nurminen"] = "miettinen-nurminen",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> RiskRatio:
    """Estimate the experimental over the control risk, with limits.

    Four counts; or response (n,), True for an event, group (n,), groups = (control, experimental).
    method: ``miettinen-nurminen`` (SAS RELRISK(CL=SCORE)), ``koopman`` (the same without N/(N - 1)), ``log`` (Katz; SAS
    and R's default, NaN limits where a group has no event), ``adjusted-log`` (1/2 added to events and subjects).
    Without control events the ratio is infinite (NaN where neither group has events) and upper score limits are infinite.
    Raises DataError on unusable counts, labels or responses, and on an empty group.
    Source: Katz et al. 1978; Pettigrew et al. 1986; Koopman 1984; Miettinen & Nurminen 1985; SAS PROC FREQ RELRISK.

    >>> found = risk_ratio(36, 40, 16, 80, method="koopman")
    >>> round(found.risk_ratio, 4), round(found.lower, 4), round(found.upper, 4)
    (4.5, 2.9396, 7.1522)
    """
    counts = counts_of(
        events_experimental, n_experimental, events_control, n_control, response, group, groups, data
    )
    checked_method(method, tuple(INTERVALS))
    z = two_sided_quantile(confidence_level)
    x1, n1 = counts.events_experimental, counts.n_experimental
    x0, n0 = counts.events_control, counts.n_control
    warnings: list[str] = []
    estimate = math.inf if x0 == 0 else (x1 * n0) / (x0 * n1)
    if x1 == x0 == 0:
        estimate = math.nan
        warnings.append("not estimable: neither group has an event")
    error = math.sqrt((n1 - x1) / (x1 * n1) + (n0 - x0) / (x0 * n0)) if x1 and x0 else math.nan
    if method == "log":
        lower, upper = _around(estimate, error, z)
        if math.isnan(error) and estimate == estimate:
            warnings.append("standard error and log-Wald limits are not estimable: a group has no event")
    elif method == "adjusted-log":
        a, b, m1, m0 = x1 + 0.5, x0 + 0.5, n1 + 0.5, n0 + 0.5
        adjusted = math.sqrt(1 / a - 1 / m1 + 1 / b - 1 / m0)
        lower, upper = _around(a * m0 / (b * m1), adjusted, z)
    else:
        lower, upper = _score_limits(counts, z, corrected=method == "miettinen-nurminen")
    if lower == upper and not math.isnan(lower):
        warnings.append("the limits have no width, since everyone has the event: use miettinen-nurminen")
    if method != "log" and math.isnan(error) and estimate == estimate:
        warnings.append("standard error of the logarithm is not estimable: a group has no event")
    return RiskRatio(
        counts=counts,
        risk_experimental=x1 / n1,
        risk_control=x0 / n0,
        risk_ratio=estimate,
        std_err=error,
        lower=lower,
        upper=upper,
        method=method,
        confidence_level=float(confidence_level),
        warnings=tuple(warnings),
    )


def _around(estimate: float, error: float, z: float) -> tuple[float, float]:
    if math.isnan(error):
        return math.nan, math.nan
    return estimate * math.exp(-z * error), estimate * math.exp(z * error)


def _score_limits(counts: TwoGroups, z: float, *, corrected: bool) -> tuple[float, float]:
    x1, n1 = counts.events_experimental, counts.n_experimental
    x0, n0 = counts.events_control, counts.n_control
    n = n1 + n0
    far = z * math.sqrt(n / (n - 1)) if corrected else z
    lower = upper = None
    if x1 == 0:
        lower = 0.0
    if x0 == 0:
        upper = math.inf
    middle = math.log(x1 * n0 / (x0 * n1)) if x1 and x0 else 0.0
    low, high = (-_FARTHEST, middle) if x0 else (-_FARTHEST, _FARTHEST)
    if lower is None:
        lower = math.exp(bisected(lambda log: far - ratio_score(x1, n1, x0, n0, math.exp(log)), low, high))
    low, high = (middle, _FARTHEST) if x1 else (-_FARTHEST, _FARTHEST)
    if upper is None:
        upper = math.exp(bisected(lambda log: -far - ratio_score(x1, n1, x0, n0, math.exp(log)), low, high))
    return lower, upper
