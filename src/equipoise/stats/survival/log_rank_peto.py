"""The hazard ratio that the log-rank test itself gives: exp((O - E) / V)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.observations import (
    checked_fraction,
    listed,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.log_rank import Labels, log_rank


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PetoHazardRatio(StatisticalResult):
    """The hazard of the second group divided by that of the first, from the log-rank observed and expected.

    log_hazard_ratio: (O - E) / V of the second group; std_err, of the logarithm: 1 / sqrt(V).
    z: positive when the second group had fewer events than expected; it is that of the log-rank test.
    """

    groups: Labels
    hazard_ratio: float
    lower: float
    upper: float
    log_hazard_ratio: float
    std_err: float
    z: float
    p_value_two_sided: float
    confidence_level: float
    stratified: bool
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Peto hazard ratio{', stratified' if self.stratified else ''}, {100 * self.confidence_level:.12g}% limits"

    def rows(self) -> Iterator[Row]:
        """The ratio with its limits."""
        method = "Peto, stratified log-rank" if self.stratified else "Peto, log-rank"
        for statistic in (
            "hazard_ratio",
            "lower",
            "upper",
            "log_hazard_ratio",
            "std_err",
            "z",
            "p_value_two_sided",
        ):
            yield Row(statistic, float(getattr(self, statistic)), group=f"{self.groups[1]} vs {self.groups[0]}",
                      method=method, warning="; ".join(self.warnings))  # fmt: skip


def peto_hazard_ratio(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[str] | Sequence[int],
    strata: ArrayLike | str | Sequence[str] | None = None,
    entry: ArrayLike | str | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> PetoHazardRatio:
    """Estimate a hazard ratio from the log-rank test of two groups, without a model fitted by iteration.

    groups: two labels, (control, experimental).  The other arguments: as ``log_rank``.
    Near 1 it is the Cox hazard ratio; far from 1 it lies nearer to 1 than that.
    Returns a PetoHazardRatio.  Without information its numbers are NaN, with a warning.
    Raises DataError as ``log_rank``, and on more than two groups.
    Source: Peto & Peto 1972; Yusuf et al. 1985; V is the hypergeometric variance of R's survdiff.

    >>> ratio = peto_hazard_ratio([1, 3, 2, 4], [1, 1, 1, 1], list("AABB"), groups=("A", "B"))
    >>> round(ratio.log_hazard_ratio, 6), round(ratio.std_err**-2, 6)
    (-0.923077, 0.722222)
    """
    checked_fraction(confidence_level, argument="confidence_level")
    listed(groups, argument="groups")
    if len(groups) != 2:
        raise refused("groups", repr(tuple(groups)), "two groups, control first", "compare two at a time")
    test = log_rank(time, event, group, groups=groups, strata=strata, entry=entry, data=data)
    variance = float(test.variance[1, 1]) if test.df else math.nan
    log_ratio = float(test.observed[1] - test.expected[1]) / variance
    std_err = 1 / math.sqrt(variance)
    reach = -normal_quantile((1 - confidence_level) / 2) * std_err
    return PetoHazardRatio(
        groups=cast("Labels", tuple(groups)),
        hazard_ratio=_exp(log_ratio),
        lower=_exp(log_ratio - reach),
        upper=_exp(log_ratio + reach),
        log_hazard_ratio=log_ratio,
        std_err=std_err,
        z=test.z,
        p_value_two_sided=2 * normal_sf(abs(test.z)),
        confidence_level=confidence_level,
        stratified=test.method != "log-rank",
        warnings=test.warnings,
    )


def _exp(x: float) -> float:
    """exp that says infinity where a double ends."""
    return math.exp(x) if not x > 709 else math.inf
