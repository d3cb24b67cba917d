"""The ratio of two proportions over strata: common estimate with limits, and homogeneity."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.strata_of_groups import Strata, strata_of_groups
from equipoise.stats.categorical.two_groups import COMPARISON, checked_method, two_sided_quantile
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.observations import FloatArray, read_only
from equipoise.stats.results import Row, StatisticalResult

INTERVALS = {
    "mantel-haenszel": "Mantel-Haenszel, Greenland-Robins variance",
    "inverse-variance": "inverse-variance weights of the logarithms (logit of SAS)",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StratifiedRiskRatio(StatisticalResult):
    """A common risk ratio over strata; stratum_ratio has one element a stratum that has subjects in both groups.

    std_err is that of the logarithm.  z and the two P values test a common ratio of 1; homogeneity is
    sum((log r_k - log r)^2 / var_k) with k - 1 df, NaN where a stratum has a group without events.
    """

    strata: Strata
    risk_ratio: float
    std_err: float
    lower: float
    upper: float
    z: float
    p_value_one_sided: float
    p_value_two_sided: float
    homogeneity_chi_square: float
    homogeneity_df: int
    homogeneity_p_value: float
    stratum_ratio: FloatArray
    method: str
    confidence_level: float
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        return f"Stratified risk ratio, {100 * self.confidence_level:g}% limits: {INTERVALS[self.method]}"

    def rows(self) -> Iterator[Row]:
        """The common ratio and its tests, then each stratum."""
        yield from self._headline()
        for label, ratio in zip(self.strata.labels, self.stratum_ratio, strict=True):
            words = "no group has events" if math.isnan(ratio) else ""
            yield Row("risk_ratio", float(ratio), group=COMPARISON, level=str(label), method=self.method, warning=words)  # fmt: skip

    def _headline(self) -> Iterator[Row]:
        words = "; ".join(self.warnings) or "this method has none"
        for name in (
            "risk_ratio", "std_err", "lower", "upper", "z", "p_value_one_sided", "p_value_two_sided",
            "homogeneity_chi_square", "homogeneity_df", "homogeneity_p_value",
        ):  # fmt: skip
            value = getattr(self, name)
            yield Row(
                name, value, group=COMPARISON, method=self.method, warning=words if math.isnan(value) else ""
            )


def stratified_risk_ratio(
    events_experimental: Any = None,
    n_experimental: Any = None,
    events_control: Any = None,
    n_control: Any = None,
    *,
    response: Any = None,
    group: Any = None,
    strata: Any = None,
    groups: Sequence[Any] | None = None,
    method: Literal["mantel-haenszel", "inverse-variance"] = "mantel-haenszel",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> StratifiedRiskRatio:
    """Estimate a common risk ratio, experimental over control, over strata.

    Data as ``stratified_risk_difference``: four arrays of counts, or one row a subject.
    method: ``mantel-haenszel`` (SAS CMH, R metafor rma.mh), ``inverse-variance`` (SAS calls it logit; here no 1/2 is added
    to strata with a group without events: the estimate is then NaN, with a warning).
    z is positive where the experimental risk is the higher one.  Without events in one of the groups the ratio is 0 or
    infinite, without limits.  Raises DataError on unusable data, and where no stratum has both groups.
    Source: Greenland & Robins 1985 (Biometrics 41:55); Rothman & Greenland; values as metafor.

    >>> found = stratified_risk_ratio([12, 15, 9], [30, 35, 23], [8, 10, 6], [30, 35, 27])
    >>> round(found.risk_ratio, 6), round(found.std_err, 6)
    (1.561224, 0.21685)
    """
    found = strata_of_groups(
        events_experimental, n_experimental, events_control, n_control, response, group, strata, groups, data
    )
    checked_method(method, tuple(INTERVALS))
    z = two_sided_quantile(confidence_level)
    warnings = list(found.warnings)
    n = found.n1 + found.n0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (found.x1 * found.n0) / (found.x0 * found.n1)
        variance = 1 / found.x1 - 1 / found.n1 + 1 / found.x0 - 1 / found.n0
        log_ratio = np.log(ratio)
    usable = bool(np.all((found.x1 > 0) & (found.x0 > 0)))
    error = math.nan
    if method == "mantel-haenszel":
        above, below = float((found.x1 * found.n0 / n).sum()), float((found.x0 * found.n1 / n).sum())
        estimate = above / below if below else math.inf if above else math.nan
        events = found.x1 + found.x0
        middle = float(((found.n1 * found.n0 * events - found.x1 * found.x0 * n) / n**2).sum())
        if above and below:
            error = math.sqrt(middle / (above * below))
        else:
            warnings.append("standard error and limits are not estimable: a group has no event")
    elif usable and np.all(variance > 0):
        weights = 1 / variance
        estimate, error = math.exp(float(weights @ log_ratio) / weights.sum()), float(weights.sum() ** -0.5)
    else:
        estimate = math.nan
        warnings.append("not estimable: a stratum has a group without events, or one with events only")
    chi_square = math.nan
    if len(ratio) == 1:
        warnings.append("homogeneity is not estimable: there is one stratum")
    else:
        if usable and np.all(variance > 0) and estimate > 0:
            chi_square = float(((log_ratio - math.log(estimate)) ** 2 / variance).sum())
        else:
            warnings.append("homogeneity is not estimable: a stratum has a group without events, or one with events only")  # fmt: skip
    statistic = math.log(estimate) / error if error > 0 else math.nan
    read_only(ratio)
    return StratifiedRiskRatio(
        strata=found,
        risk_ratio=estimate,
        std_err=error,
        lower=estimate * math.exp(-z * error),
        upper=estimate * math.exp(z * error),
        z=statistic,
        p_value_one_sided=normal_sf(statistic),
        p_value_two_sided=2 * normal_sf(abs(statistic)),
        homogeneity_chi_square=chi_square,
        homogeneity_df=len(ratio) - 1,
        homogeneity_p_value=chi_square_sf(chi_square, len(ratio) - 1),
        stratum_ratio=ratio,
        method=method,
        confidence_level=float(confidence_level),
        warnings=tuple(warnings),
    )
