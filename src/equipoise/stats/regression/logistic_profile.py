"""Profile-likelihood intervals of a logistic model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import (
    FloatArray,
    checked_fraction,
    checked_model,
    read_only,
)
from equipoise.stats.regression.logistic_design import Line, held, standardized
from equipoise.stats.regression.logistic_likelihood import SignedRows, evaluate, maximize
from equipoise.stats.regression.logistic_model import LogisticModel
from equipoise.stats.regression.zero import zero_of_increasing
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticProfileIntervals(StatisticalResult):
    """Likelihood limits; the arrays follow ``names``.  lower and upper are limits of the odds ratio.

    coefficient_lower and coefficient_upper are those of the coefficients.  The limit on the side of an
    infinite coefficient is that infinity.  NaN where the model has no estimate, with a warning.
    """

    names: tuple[str, ...]
    confidence_level: float
    coefficients: FloatArray
    coefficient_lower: FloatArray
    coefficient_upper: FloatArray
    odds_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Logistic regression, profile-likelihood {100 * self.confidence_level:g}% limits"

    def rows(self) -> Iterator[Row]:
        """Every limit of every coefficient."""
        for i, name in enumerate(self.names):
            said = next((words for words in self.warnings if words.startswith(f"{name}: ")), "")
            for statistic in ("coefficient_lower", "coefficient_upper", "odds_ratio", "lower", "upper"):
                value = float(getattr(self, statistic)[i])
                yield Row(statistic, value, variable=name, method="profile likelihood", warning=said)


def logistic_profile_intervals(
    model: LogisticModel, *, confidence_level: float | None = None
) -> LogisticProfileIntervals:
    """Likelihood-ratio limits of each coefficient, the others at their best.

    model: a fitted logistic model, separated or not.  confidence_level: that of the model when None.
    Returns LogisticProfileIntervals: the two coefficients at which twice the log likelihood has fallen by the
    chi-square quantile.  A coefficient at infinity keeps one finite limit.
    Raises DataError on a level that is not between 0 and 1.
    Source: Venzon & Moolgavkar 1988; as R's confint.glm (MASS), SAS LOGISTIC CLPARM=PL.

    >>> from equipoise.stats.regression.logistic import logistic
    >>> model = logistic([1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], names=["treated"])
    >>> found = logistic_profile_intervals(model)
    >>> found.coefficient_lower.round(4).tolist(), found.coefficient_upper.round(4).tolist()
    ([-inf, 1.9495], [-0.1088, inf])
    """
    checked_model(model, LogisticModel, "logistic")
    level = model.confidence_level if confidence_level is None else confidence_level
    checked_fraction(level, argument="confidence_level")
    z = -normal_quantile((1 - level) / 2)
    k = len(model.names)
    lower, upper = np.full(k, np.nan), np.full(k, np.nan)
    warnings: list[str] = []
    profile = _Profile(model) if 0 < model.n_events < model.n or not model.intercept else None
    for j, name in enumerate(model.names):
        if profile is None or np.isnan(model.coefficients[j]):
            warnings.append(f"{name}: the model has no estimate, and so no limits")
            continue
        lower[j], upper[j] = profile.limits(j, z)
        if math.isnan(lower[j]) or math.isnan(upper[j]):
            warnings.append(f"{name}: a limit was not found")
    with np.errstate(over="ignore"):
        arrays = {
            "coefficient_lower": lower, "coefficient_upper": upper, "lower": np.exp(lower), "upper": np.exp(upper)
        }  # fmt: skip
    for array in arrays.values():
        read_only(array)
    return LogisticProfileIntervals(
        names=model.names,
        confidence_level=level,
        coefficients=model.coefficients,
        odds_ratio=model.odds_ratio,
        warnings=tuple(warnings),
        **arrays,
    )


class _Profile:
    """The likelihood of a model with one coefficient held."""

    def __init__(self, model: LogisticModel) -> None:
        standard = standardized(model.data, model.intercept)
        kept = np.concatenate((np.ones(int(model.intercept), dtype=np.bool_), standard.kept))
        self.model, self.rows, self.back = model, standard.rows, standard.back
        self.place = np.where(kept, np.cumsum(kept) - 1, -1)

    def limits(self, j: int, z: float) -> tuple[float, float]:
        """The lower and the upper limit of coefficient j."""
        line = held(self.back[self.place[j]])
        estimate = float(self.model.coefficients[j])
        finite = math.isfinite(estimate)
        # In units of the standard error; an infinite estimate has none, but its covariate has a scale.
        unit = float(self.model.std_err[j]) if finite else float(np.linalg.norm(self.back[self.place[j]]))
        center = estimate if finite else 0.0

        def limit(side: float) -> float:
            if estimate == side * math.inf:
                return estimate
            fall = self._fall(line)

            def excess(away: float) -> tuple[float, float]:
                root, slope = fall(center + side * away * unit)
                # Signed, so that it increases also beyond a finite estimate; an infinite one has no other side.
                sign = math.copysign(1.0, away) if finite else 1.0
                return (sign * root - z, -side * sign * slope * unit / root) if root else (-z, 1.0)

            return center + side * zero_of_increasing(excess, z if finite else 0.0) * unit

        return limit(-1.0), limit(1.0)

    def _fall(self, line: Line) -> Callable[[float], tuple[float, float]]:
        """A function of the held value: the root of the fall of twice the likelihood, the slope of the profile."""
        design = np.ascontiguousarray(self.rows.design @ line.free)
        along = self.rows.design @ line.origin
        start = np.zeros(design.shape[1])
        best = self.model.log_likelihood

        def fall(value: float) -> tuple[float, float]:
            nonlocal start
            offset = along * value if self.rows.offset is None else self.rows.offset + along * value
            found = maximize(
                SignedRows(design=design, offset=offset, weights=self.rows.weights),
                start=start,
                to_the_end=True,
            )
            start = found.coefficients
            at = evaluate(self.rows, line.origin * value + line.free @ found.coefficients)
            return math.sqrt(max(2 * (best - found.at.log_likelihood), 0.0)), float(at.score @ line.origin)

        return fall
