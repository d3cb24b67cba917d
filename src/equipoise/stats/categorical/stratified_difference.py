"""The difference of two proportions over strata: common estimate, limits by eight methods, test and homogeneity."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.restricted import difference_variance, risks_at_difference
from equipoise.stats.categorical.risk_difference import score_limits
from equipoise.stats.categorical.strata_of_groups import Strata, strata_of_groups
from equipoise.stats.categorical.two_groups import (
    COMPARISON,
    checked_method,
    two_sided_quantile,
    wilson,
)
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.numerics.tails import bisected
from equipoise.stats.observations import FloatArray, read_only
from equipoise.stats.results import Row, StatisticalResult

INTERVALS = {
    "sato": "Mantel-Haenszel weights, Sato variance",
    "greenland-robins": "Mantel-Haenszel weights, Greenland-Robins variance (Wald)",
    "miettinen-nurminen": "Miettinen-Nurminen (score) with Mantel-Haenszel weights",
    "miettinen-nurminen-iterated": "Miettinen-Nurminen (score) with their iterated weights",
    "newcombe": "stratified Newcombe (Yan-Su) with Mantel-Haenszel weights",
    "newcombe-wilson": "stratified Newcombe (Yan-Su) with weights of the stratified Wilson limits",
    "inverse-variance": "inverse-variance weights",
    "summary-score": "summary of the strata's Miettinen-Nurminen limits",
}

# Rounds of an iteration of weights, far more than are needed, and the change at which it ends.
_ROUNDS, _SETTLED = 500, 1e-14


_WITHOUT_ERROR = "std_err is not estimable: the limits of this method are not made from one (those of sato and greenland-robins are)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StratifiedRiskDifference(StatisticalResult):
    """A common risk difference over strata; arrays have one element a stratum that has subjects in both groups.

    weights sum to 1.  std_err is NaN for intervals that have none (score, Newcombe).  z and the two P values test a
    common difference of 0; homogeneity tests that the strata's differences are equal (chi-square, k - 1 df).
    """

    strata: Strata
    risk_difference: float
    std_err: float
    lower: float
    upper: float
    z: float
    p_value_one_sided: float
    p_value_two_sided: float
    homogeneity_chi_square: float
    homogeneity_df: int
    homogeneity_p_value: float
    stratum_difference: FloatArray
    weights: FloatArray
    method: str
    confidence_level: float
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        return (
            f"Stratified risk difference, {100 * self.confidence_level:g}% limits: {INTERVALS[self.method]}"
        )

    def rows(self) -> Iterator[Row]:
        """The common difference and its tests, then each stratum."""
        yield from self._headline()
        for label, d, w in zip(self.strata.labels, self.stratum_difference, self.weights, strict=True):
            yield Row("risk_difference", float(d), group=COMPARISON, level=str(label), method=self.method)
            words = "; ".join(self.warnings) if math.isnan(w) else ""
            yield Row(
                "weight", float(w), group=COMPARISON, level=str(label), method=self.method, warning=words
            )

    def _headline(self) -> Iterator[Row]:
        words = "; ".join(one for one in self.warnings if one != _WITHOUT_ERROR) or "this method has none"
        for name in (
            "risk_difference", "std_err", "lower", "upper", "z", "p_value_one_sided", "p_value_two_sided",
            "homogeneity_chi_square", "homogeneity_df", "homogeneity_p_value",
        ):  # fmt: skip
            value = getattr(self, name)
            yield Row(
                name,
                value,
                group=COMPARISON,
                method=self.method,
                warning=""
                if not math.isnan(value)
                else _WITHOUT_ERROR
                if name == "std_err" and _WITHOUT_ERROR in self.warnings
                else words,
            )


def stratified_risk_difference(
    events_experimental: Any = None,
    n_experimental: Any = None,
    events_control: Any = None,
    n_control: Any = None,
    *,
    response: Any = None,
    group: Any = None,
    strata: Any = None,
    groups: Sequence[Any] | None = None,
    method: Literal[
        "sato",
        "greenland-robins",
        "miettinen-nurminen",
        "miettinen-nurminen-iterated",
        "newcombe",
        "newcombe-wilson",
        "inverse-variance",
        "summary-score",
    ] = "miettinen-nurminen",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> StratifiedRiskDifference:
    """Estimate a common risk difference, experimental minus control, over strata.

    Four arrays of counts, shape (k,), one number a stratum; or response (n,), group (n,), strata (n,) or (n, f), and
    groups = (control, experimental).  Strata with subjects in one group only say nothing about a difference: they are
    left out, with a warning.
    method, with the weights n1 n0 / (n1 + n0) of Mantel and Haenszel where nothing else is said:
    ``sato`` (SAS COMMONRISKDIFF(CL=MH); R metafor rma.mh), ``greenland-robins`` (separate binomial variances: the
    CMH-weighted
    Wald interval of tern), ``miettinen-nurminen`` (SAS CL=MNMH), ``miettinen-nurminen-iterated`` (their weights,
    which are inverse to variances at common risks, iterated at each difference: SAS CL=MN),
    ``newcombe`` (SAS CL=NEWCOMBE), ``newcombe-wilson``
    (tern wilson_h), ``inverse-variance``, ``summary-score`` (SAS CL=SCORE).
    The test of 0: the score statistic for the methods of Miettinen and Nurminen (with Mantel-Haenszel weights its
    square is the Cochran-Mantel-Haenszel chi-square), estimate / std_err otherwise, none for Newcombe's.
    Homogeneity: for the two score methods by score variances at the common difference (Miettinen & Nurminen), otherwise
    sum((d_k - d)^2 / var_k) with separate variances; strata without variance leave it NaN, with a warning.
    Raises DataError on unusable counts or labels, and where no stratum has both groups.
    Source: Sato 1989; Greenland & Robins 1985; Miettinen & Nurminen 1985; Yan & Su 2010; SAS PROC FREQ.

    >>> found = stratified_risk_difference([12, 15, 9], [30, 35, 23], [8, 10, 6], [30, 35, 27], method="sato")
    >>> round(found.risk_difference, 6), round(found.std_err**2, 8)
    (0.146928, 0.00484709)
    """
    found = strata_of_groups(
        events_experimental, n_experimental, events_control, n_control, response, group, strata, groups, data
    )
    checked_method(method, tuple(INTERVALS))
    z = two_sided_quantile(confidence_level)
    warnings = list(found.warnings)
    d = (found.x1 * found.n0 - found.x0 * found.n1) / (found.n1 * found.n0)
    mantel_haenszel = found.n1 * found.n0 / (found.n1 + found.n0)
    separate = found.x1 * (found.n1 - found.x1) / found.n1**3 + found.x0 * (found.n0 - found.x0) / found.n0**3
    weights = mantel_haenszel / mantel_haenszel.sum()
    estimate, error, statistic = float(weights @ d), math.nan, math.nan
    scored = method.startswith("miettinen-nurminen")
    if scored:
        iterated = method.endswith("iterated")
        estimate, lower, upper, statistic, weights = _score(found, d, z, iterated=iterated)
    elif method.startswith("newcombe"):
        if method == "newcombe-wilson":
            weights = _wilson_weights(found.x1 + found.x0, found.n1 + found.n0, z)
        estimate, lower, upper = _newcombe(found, weights, z)
    else:
        if method == "sato":
            error = _sato_error(found, estimate)
        elif method == "greenland-robins":
            error = math.sqrt(float(weights**2 @ separate))
        else:
            middle, variance = (d, separate) if method == "inverse-variance" else _stratum_scores(found, z)
            if np.all(variance > 0):
                weights = (1 / variance) / (1 / variance).sum()
                estimate, error = float(weights @ middle), float((1 / variance).sum() ** -0.5)
            else:
                weights, estimate = np.full(d.shape, np.nan), math.nan
                warnings.append("not estimable: a stratum without variance would have all of the weight")
        lower, upper = estimate - z * error, estimate + z * error
        statistic = estimate / error if error else math.nan
    if error == 0:
        warnings.append("the limits have no width and there is no test, since no stratum has variance: use miettinen-nurminen")  # fmt: skip
    if scored or method.startswith("newcombe"):
        warnings.append(_WITHOUT_ERROR)
    chi_square, words = _homogeneity(found, d, separate, estimate, scored=scored)
    warnings += words
    read_only(d)
    read_only(weights)
    return StratifiedRiskDifference(
        strata=found,
        risk_difference=estimate,
        std_err=error,
        lower=lower,
        upper=upper,
        z=statistic,
        p_value_one_sided=normal_sf(statistic),
        p_value_two_sided=2 * normal_sf(abs(statistic)),
        homogeneity_chi_square=chi_square,
        homogeneity_df=len(d) - 1,
        homogeneity_p_value=chi_square_sf(chi_square, len(d) - 1),
        stratum_difference=d,
        weights=weights,
        method=method,
        confidence_level=float(confidence_level),
        warnings=tuple(warnings),
    )


def _sato_error(s: Strata, estimate: float) -> float:
    n = s.n1 + s.n0
    p = (s.n1**2 * s.x0 - s.n0**2 * s.x1 + s.n1 * s.n0 * (s.n0 - s.n1) / 2) / n**2
    q = (s.x1 * (s.n0 - s.x0) + s.x0 * (s.n1 - s.x1)) / (2 * n)
    variance = float(estimate * p.sum() + q.sum()) / float((s.n1 * s.n0 / n).sum()) ** 2
    return math.sqrt(max(variance, 0.0))


def _score_variance(s: Strata, difference: float) -> FloatArray:
    n = s.n1 + s.n0
    return difference_variance(s.x1, s.n1, s.x0, s.n0, difference) * n / (n - 1)


def _iterated_weights(s: Strata, difference: float) -> FloatArray:
    """Weights inverse to the variance at common risks, which are the weighted means of the restricted risks."""
    p1, p0 = risks_at_difference(s.x1, s.n1, s.x0, s.n0, difference)
    weights = s.n1 * s.n0 / (s.n1 + s.n0)
    weights = weights / weights.sum()
    for _ in range(_ROUNDS):
        first, second = float(weights @ p1), float(weights @ p0)
        spread = first * (1 - first), second * (1 - second)
        if min(spread) <= 0:
            break
        renewed = 1 / (spread[0] / spread[1] / s.n1 + 1 / s.n0)
        renewed /= renewed.sum()
        change = float(np.abs(renewed - weights).max())
        weights = renewed
        if change < _SETTLED:
            break
    return weights


def _score(
    s: Strata, d: FloatArray, z: float, *, iterated: bool
) -> tuple[float, float, float, float, FloatArray]:
    """Estimate, limits, statistic at 0, and weights (at the estimate)."""
    fixed = s.n1 * s.n0 / (s.n1 + s.n0)
    fixed = fixed / fixed.sum()

    def weights_at(difference: float) -> FloatArray:
        return _iterated_weights(s, difference) if iterated else fixed

    def away(difference: float) -> float:
        return float(weights_at(difference) @ (d - difference))

    def statistic(difference: float) -> float:
        w = weights_at(difference)
        gap, variance = float(w @ (d - difference)), float(w**2 @ _score_variance(s, difference))
        if variance > 0:
            return gap / math.sqrt(variance)
        return 0.0 if abs(gap) < 1e-12 else math.copysign(math.inf, gap)

    if np.all(d == -1) or np.all(d == 1):
        estimate = float(d[0])
    else:
        estimate = bisected(lambda x: -away(x), -1.0, 1.0) if iterated else float(fixed @ d)
    lower = -1.0 if estimate == -1 else bisected(lambda x: z - statistic(x), -1.0, estimate)
    upper = 1.0 if estimate == 1 else bisected(lambda x: -z - statistic(x), estimate, 1.0)
    return estimate, lower, upper, statistic(0.0), weights_at(estimate)


def _stratum_scores(s: Strata, z: float) -> tuple[FloatArray, FloatArray]:
    """Middle and squared half width / z of each stratum's Miettinen-Nurminen interval."""
    limits = np.array([score_limits(*four, z, corrected=True) for four in s.tables()])
    middle: FloatArray = limits.mean(axis=1)
    return middle, ((limits[:, 1] - limits[:, 0]) / (2 * z)) ** 2


def _stratified_wilson(x: FloatArray, n: FloatArray, weights: FloatArray, z: float) -> tuple[float, float]:
    """Wilson limits of a weighted mean of risks: strata's limits at a smaller quantile, averaged."""
    at = _smaller_quantile(x, n, weights, z)
    limits = np.array([wilson(float(a), float(b), at) for a, b in zip(x, n, strict=True)])
    return float(weights @ limits[:, 0]), float(weights @ limits[:, 1])


def _smaller_quantile(x: FloatArray, n: FloatArray, weights: FloatArray, z: float) -> float:
    error = weights * np.sqrt(x * (n - x) / n**3)
    # Without any variance every choice between z / sqrt(k) and z has the same limit; the larger is the safer one.
    return z * float(np.sqrt(error @ error) / error.sum()) if error.any() else z


def _wilson_weights(x: FloatArray, n: FloatArray, z: float) -> FloatArray:
    """Weights that make the stratified Wilson interval of all subjects shortest (Yan & Su), iterated to the end."""
    weights = np.full(x.shape, 1 / len(x))
    variance = x * (n - x) / n**3
    for _ in range(_ROUNDS):
        at = _smaller_quantile(x, n, weights, z)
        renewed = (1 + at**2 / n) ** 2 / (variance + at**2 / (4 * n**2))
        renewed /= renewed.sum()
        change = float(np.abs(renewed - weights).max())
        weights = renewed
        if change < _SETTLED:
            break
    return weights


def _newcombe(s: Strata, weights: FloatArray, z: float) -> tuple[float, float, float]:
    (l1, u1), (l0, u0) = (_stratified_wilson(x, n, weights, z) for x, n in ((s.x1, s.n1), (s.x0, s.n0)))
    spread1, spread0 = float(weights**2 @ (1 / s.n1)), float(weights**2 @ (1 / s.n0))
    d = float(weights @ (s.x1 / s.n1 - s.x0 / s.n0))
    return (
        d,
        d - z * math.sqrt(spread1 * l1 * (1 - l1) + spread0 * u0 * (1 - u0)),
        d + z * math.sqrt(spread1 * u1 * (1 - u1) + spread0 * l0 * (1 - l0)),
    )


def _homogeneity(
    s: Strata, d: FloatArray, separate: FloatArray, estimate: float, *, scored: bool
) -> tuple[float, list[str]]:
    if len(d) == 1:
        return math.nan, ["homogeneity is not estimable: there is one stratum"]
    variance = _score_variance(s, estimate) if scored else separate
    if math.isnan(estimate) or not np.all(variance > 0):
        return math.nan, ["homogeneity is not estimable: a stratum has no variance"]
    return float(((d - estimate) ** 2 / variance).sum()), []
