"""Profile-likelihood intervals of a Cox model: the coefficients that a likelihood-ratio test does not reject."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    checked_fraction,
    checked_model,
    read_only,
    refused,
)
from equipoise.stats.regression.cox import CoxModel
from equipoise.stats.regression.cox_model import undetermined
from equipoise.stats.regression.newton import Likelihood
from equipoise.stats.regression.partial_likelihood import Evaluation
from equipoise.stats.regression.standardized import standardized
from equipoise.stats.results import Row, StatisticalResult

# The likelihood at a limit is met to this share of its size, which is about what rounding leaves of it; the squared
# step of the other coefficients, to this many squared standard errors.
_MET = 2e-14
_SETTLED = 1e-18
_MOST_STEPS = 100
# In standard deviations of a covariate: where the likelihood has not fallen at this coefficient it never will.
_FAR = 60.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProfileIntervals(StatisticalResult):
    """Limits by the profile likelihood; the arrays follow ``names``.

    coefficients, coefficient_lower, coefficient_upper: log hazard ratios.  hazard_ratio, lower, upper: e to them.
    A limit is infinite (0 or infinity as a hazard ratio) where the likelihood never falls far enough, and
    NaN for a covariate without an estimate; ``warnings`` says which.
    """

    names: tuple[str, ...]
    confidence_level: float
    coefficients: FloatArray
    coefficient_lower: FloatArray
    coefficient_upper: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    method: str
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"{self.method}; {100 * self.confidence_level:g}% profile-likelihood intervals"

    def rows(self) -> Iterator[Row]:
        """Each coefficient and hazard ratio with its limits."""
        columns = {
            "log_hazard_ratio": self.coefficients,
            "log_hazard_ratio_lower": self.coefficient_lower,
            "log_hazard_ratio_upper": self.coefficient_upper,
            "hazard_ratio": self.hazard_ratio,
            "lower": self.lower,
            "upper": self.upper,
        }
        for j, name in enumerate(self.names):
            own = next((one for one in self.warnings if one.startswith(f"{name}: ")), "")
            for statistic, values in columns.items():
                value = float(values[j])
                yield Row(statistic, value, variable=name, method="profile likelihood",
                          warning="" if math.isfinite(value) else own)  # fmt: skip


def profile_intervals(model: CoxModel, *, confidence_level: float | None = None) -> ProfileIntervals:
    """Limits of each hazard ratio where twice the log partial likelihood has fallen by the chi-square quantile.

    model: as ``cox`` returns it, with any ties, strata, entry, weights or offset.  confidence_level: that of
    the model unless given.
    At each limit the other coefficients are those of the largest likelihood. Where a coefficient is infinite
    (no events in an arm, for example) the limit on the other side is finite, and is the interval to report.
    Returns ProfileIntervals.  Raises DataError for a model with a robust variance, whose likelihood is no
    likelihood of independent rows, and for another confidence level.
    Source: Venzon & Moolgavkar 1988; equals SAS PROC PHREG with RISKLIMITS=PL.

    >>> from equipoise.stats.regression.cox import cox
    >>> model = cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], names=["treated"])
    >>> intervals = profile_intervals(model)
    >>> round(float(intervals.lower[0]), 4), float(intervals.upper[0])
    (1.9434, inf)
    """
    checked_model(model, CoxModel, "cox")
    level = model.confidence_level if confidence_level is None else confidence_level
    checked_fraction(level, argument="confidence_level")
    if model.robust:
        raise refused("model", "one with a robust variance", "one with a model-based variance",
                      "use its Wald limits, or fit it without cluster and robust")  # fmt: skip
    p = len(model.names)
    limits = np.full((2, p), np.nan)
    if model.n_events:
        problem = standardized(model.data)
        kept = ~np.isnan(model.coefficients) | undetermined(model)
        likelihood = problem.likelihood if kept.all() else problem.likelihood.only(kept)
        drop = normal_quantile((1 - level) / 2) ** 2 / 2
        for position, j in enumerate(np.flatnonzero(kept).tolist()):
            for row, side in enumerate((-1.0, 1.0)):
                found = _limit(model, likelihood, kept, problem.scale[kept], position, side, drop)
                limits[row, j] = found / problem.scale[j]
    with np.errstate(over="ignore"):
        lower, upper = np.exp(limits[0]), np.exp(limits[1])
    read_only(limits)
    read_only(lower)
    read_only(upper)
    return ProfileIntervals(
        names=model.names,
        confidence_level=level,
        coefficients=model.coefficients,
        coefficient_lower=limits[0],
        coefficient_upper=limits[1],
        hazard_ratio=model.hazard_ratio,
        lower=lower,
        upper=upper,
        method=model.method,
        warnings=tuple(_warnings(model, limits)),
    )


def _warnings(model: CoxModel, limits: FloatArray) -> Iterator[str]:
    for j, name in enumerate(model.names):
        if np.isnan(limits[:, j]).any():
            yield f"{name}: no estimate, so no limits"
        elif np.isinf(limits[0, j]) and np.isinf(limits[1, j]):
            yield f"{name}: no limit on either side, for the likelihood does not fall with it"
        elif np.isinf(limits[:, j]).any():
            ratio, side = ("0", "lower") if np.isinf(limits[0, j]) else ("infinity", "upper")
            yield f"{name}: the {side} limit of the hazard ratio is {ratio}, for the likelihood never falls that way"


def _limit(
    model: CoxModel, likelihood: Likelihood, kept: BoolArray, scale: FloatArray, j: int, side: float, drop: float
) -> float:  # fmt: skip
    """The limit of coefficient j on one side, in standardized units."""
    estimate = model.coefficients[kept] * scale
    target = model.log_likelihood - drop
    if estimate[j] == side * math.inf:
        return side * math.inf
    start = np.where(np.isfinite(estimate), estimate, 0.0)

    def profile(value: float, others: FloatArray) -> tuple[float, float, FloatArray]:
        beta, found = _settled(likelihood, j, value, others)
        return found.log_likelihood - target, float(found.score[j]), beta

    if math.isnan(estimate[j]) and profile(side * _FAR, start)[0] > 0:
        return side * math.inf
    if math.isfinite(estimate[j]):
        spread = model.std_err[kept][j] * scale[j]
        first = estimate[j] + side * math.sqrt(2 * drop) * (spread if math.isfinite(spread) else 1.0)
        inside = estimate[j]
    else:
        # From a coefficient at the other infinity (or anywhere, where nothing is determined) back to where it falls.
        first, inside = 0.0, -side * math.inf
    return _crossing(profile, start, first, inside, side, _MET * (1 + abs(target)))


def _crossing(
    profile: Callable[[float, FloatArray], tuple[float, float, FloatArray]],
    beta: FloatArray,
    value: float,
    inside: float,
    side: float,
    met: float,
) -> float:
    """Where the profile, which falls on this side, crosses 0: Newton steps kept between inside and outside."""
    outside = side * math.inf
    for _ in range(_MOST_STEPS):
        height, slope, beta = profile(value, beta)
        if abs(height) <= met:
            return value
        if height > 0:
            inside = value
        else:
            outside = value
        following = value - height / slope if slope * side < 0 else math.nan
        # Concave: a step from outside stays outside, one from inside may be far too long.
        if math.isinf(outside) and not abs(following - value) <= 2 + abs(value):
            following = value + side * (1 + abs(value))
        elif math.isinf(inside) and not abs(following - value) <= 2 + abs(value):
            following = value - side * (1 + abs(value))
        elif not math.isinf(outside) and not math.isinf(inside):
            low, high = min(inside, outside), max(inside, outside)
            if not low < following < high:
                following = (low + high) / 2
            if high - low <= 4 * np.spacing(max(abs(low), abs(high))):
                return following
        if following == value:
            return value
        value = following
    return math.nan


def _settled(likelihood: Likelihood, j: int, value: float, beta: FloatArray) -> tuple[FloatArray, Evaluation]:
    """The largest likelihood with coefficient j held at a value, and the coefficients there."""
    beta = beta.copy()
    beta[j] = value
    others = np.arange(beta.size) != j
    found = likelihood.evaluate(beta)
    if not math.isfinite(found.log_likelihood):
        beta[others] = 0.0
        found = likelihood.evaluate(beta)
    for _ in range(_MOST_STEPS if others.any() else 0):
        score, information = found.score[others], found.information[np.ix_(others, others)]
        step = np.linalg.lstsq(information, score)[0]
        decrement = float(score @ step)
        if not decrement > _SETTLED:
            break
        share, following = 1.0, None
        while share > 1e-10:
            trial = beta.copy()
            trial[others] += share * step
            following = likelihood.evaluate(trial)
            if following.log_likelihood >= found.log_likelihood - 1e-13 * (1 + abs(found.log_likelihood)):
                break
            share /= 2
        else:
            break
        beta, last, found = trial, found, following
        gained = found.log_likelihood - last.log_likelihood
        if gained <= 1e-14 * abs(last.log_likelihood) and (decrement <= 1e-12 or share < 1):
            break
    return beta, found
