"""Proportional hazards with a rate for each interval: Poisson regression with the log of person-time as offset."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.observations import BoolArray, FloatArray, IntArray, checked_fraction, read_only, refused
from equipoise.stats.parametric.exposure import checked_cuts, exposures
from equipoise.stats.regression.chi_square import ChiSquareTest, chi_square_test
from equipoise.stats.regression.cox_data import cox_data
from equipoise.stats.regression.newton import Maximum, maximize
from equipoise.stats.regression.partial_likelihood import Evaluation
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PiecewiseModel(StatisticalResult):
    """A fitted model: the arrays of coefficients follow ``names``, those of rates the intervals.

    rate: per unit of time where all covariates are 0; log_rate_std_err its standard error on the log scale.
    A coefficient whose maximum lies at infinity is infinite, its std_err NaN; ``warnings`` say so.
    """

    names: tuple[str, ...]
    n: int
    n_events: IntArray
    person_time: FloatArray
    cuts: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    std_err: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    wald_z: FloatArray
    p_value_two_sided: FloatArray
    rate: FloatArray
    log_rate_std_err: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    likelihood_ratio: ChiSquareTest
    confidence_level: float
    converged: bool
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Piecewise exponential proportional hazards, {self.rate.size} intervals; {100 * self.confidence_level:.10g}% Wald limits"

    def rows(self) -> Iterator[Row]:
        """The model, each coefficient, the rate of each interval."""
        yield Row("n", float(self.n), variable="model")
        yield Row("n_events", float(self.n_events.sum()), variable="model")
        yield Row("log_likelihood", self.log_likelihood, variable="model")
        for row in self.likelihood_ratio.rows():
            yield replace(row, variable="likelihood ratio test")
        columns = {
            "log_hazard_ratio": self.coefficients,
            "std_err": self.std_err,
            "z": self.wald_z,
            "p_value_two_sided": self.p_value_two_sided,
            "hazard_ratio": self.hazard_ratio,
            "lower": self.lower,
            "upper": self.upper,
        }
        for j, name in enumerate(self.names):
            for statistic, values in columns.items():
                yield Row(statistic, float(values[j]), variable=name)
        for j, start in enumerate((0.0, *self.cuts.tolist())):
            yield Row("rate", float(self.rate[j]), level=f"after {start:g}")


@dataclass(frozen=True, slots=True, eq=False)
class ExposureLikelihood:
    """The likelihood with the rates maximized out: that of events chosen in proportion to rate times exposure.

    matrix: (n, p).  spent: (n, m) of the m intervals with events.  deaths: (m,).  dying, when: row and interval of each event.
    """

    matrix: FloatArray
    spent: FloatArray
    deaths: FloatArray
    dying: IntArray
    when: IntArray

    @property
    def p(self) -> int:
        """The number of covariates."""
        return int(self.matrix.shape[1])

    @property
    def rows(self) -> int:
        """The number of subjects."""
        return int(self.matrix.shape[0])

    @property
    def n_events(self) -> int:
        """The number of events."""
        return int(self.dying.size)

    @property
    def extent(self) -> FloatArray:
        """The range of each covariate, (p,)."""
        return np.asarray(np.ptp(self.matrix, axis=0), dtype=np.float64)

    def only(self, kept: BoolArray) -> ExposureLikelihood:
        """The same without the covariates that are not kept."""
        return replace(self, matrix=np.ascontiguousarray(self.matrix[:, kept]))

    def sums(self, coefficients: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The log of exposure times relative hazard by interval, the mean covariates by it, and each subject's share of events."""
        predictor = self.matrix @ coefficients
        top = float(predictor.max())
        weight = self.spent * np.exp(predictor - top)[:, None]
        total = weight.sum(axis=0)
        mean = (weight.T @ self.matrix) / total[:, None]
        return np.log(total) + top, mean, weight @ (self.deaths / total)

    def evaluate(self, coefficients: FloatArray) -> Evaluation:
        """Value, score and information."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            log_total, mean, share = self.sums(coefficients)
            own = self.matrix[self.dying].sum(axis=0)
            value = float(own @ coefficients - self.deaths @ log_total)
            information = self.matrix.T @ (share[:, None] * self.matrix) - mean.T @ (
                self.deaths[:, None] * mean
            )
            score = own - self.deaths @ mean
        return Evaluation(value if math.isfinite(value) else -math.inf, score, information)

    def grows_with(self, j: int) -> float:
        """1 or -1 when every event has the largest covariate, or the smallest, of those exposed in its interval."""
        values = self.matrix[:, j]
        equal = 1e-9 * float(np.ptp(values))
        for side in (1.0, -1.0):
            largest = np.where(self.spent > 0, side * values[:, None], -np.inf).max(axis=0)
            if np.all(side * values[self.dying] >= largest[self.when] - equal):
                return side
        return 0.0


def piecewise_exponential_regression(
    time: ArrayLike | str,
    event: ArrayLike | str,
    cuts: ArrayLike,
    covariates: Any,
    *,
    names: Sequence[str] | None = None,
    entry: ArrayLike | str | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> PiecewiseModel:
    """Estimate log hazard ratios, with a baseline rate that is constant within intervals.

    time, event, covariates, names, entry: as for ``cox``.  cuts: as for ``piecewise_exponential``.
    Returns a PiecewiseModel; covariates without information and coefficients at infinity are in ``warnings``.
    Raises DataError on unusable times, events, cuts or covariates, and without events or person-time.
    Source: Holford 1980; Laird & Olivier 1981; values as R glm(event ~ interval + x + offset(log(time)), poisson).

    >>> model = piecewise_exponential_regression([3, 5, 2, 8], [1, 0, 1, 1], [4], [1, 0, 0, 1], names=["treated"])
    >>> round(float(model.coefficients[0]), 6)
    0.191473
    """
    found = cox_data(time, event, covariates, names=names, entry=entry, strata=None, weights=None, offset=None,
                     cluster=None, ties="efron", data=data)  # fmt: skip
    changes = checked_cuts(cuts)
    checked_fraction(confidence_level, argument="confidence_level")
    spent, last = exposures(found.time, found.entry, changes)
    deaths = np.bincount(last[found.event], minlength=changes.size + 1)
    total = spent.sum(axis=0)
    if not found.event.any() or ((deaths > 0) & (total == 0)).any():
        raise refused("event", f"{int(deaths.sum())} events, some without person-time" if found.event.any() else "no events",
                      "events, and person-time in their intervals", "there is nothing to estimate")  # fmt: skip
    used = deaths > 0
    mean = found.matrix.mean(axis=0)
    centered = found.matrix - mean
    scale = centered.std(axis=0)
    constant = np.abs(centered).max(axis=0, initial=0) <= 1e-13 * np.abs(found.matrix).max(axis=0, initial=0)
    scale = np.where(constant, 0.0, scale)
    matrix = np.where(constant, 0.0, centered) / np.where(scale > 0, scale, 1)
    dying = np.flatnonzero(found.event)
    likelihood = ExposureLikelihood(
        matrix, spent[:, used], deaths[used].astype(np.float64), dying, (np.cumsum(used) - 1)[last[dying]]
    )
    end = maximize(likelihood)
    return _model(found.names, likelihood, end, changes, deaths, total, used, mean, scale, confidence_level)


def _model(
    names: tuple[str, ...],
    likelihood: ExposureLikelihood,
    end: Maximum,
    cuts: FloatArray,
    deaths: IntArray,
    total: FloatArray,
    used: BoolArray,
    mean: FloatArray,
    scale: FloatArray,
    confidence_level: float,
) -> PiecewiseModel:
    """The maximum in the units of the caller, with the rates."""
    unit = np.where(scale > 0, scale, np.nan)
    coefficients = end.coefficients / unit
    covariance = end.covariance / (unit[:, None] * unit)
    std_err = np.sqrt(covariance.diagonal())
    rate, rate_error = np.where(total > 0, 0.0, np.nan), np.full(used.size, np.nan)
    events = deaths[used].astype(np.float64)
    if np.isfinite(end.coefficients[end.kept]).all():
        inner = likelihood.only(end.kept)
        log_total, center, _ = inner.sums(end.coefficients[end.kept])
        shift = center + (mean / unit)[end.kept]  # means of the covariates as given, in standard deviations
        log_rate = np.log(events) - log_total - float((mean * coefficients)[end.kept].sum())
        own = end.covariance[np.ix_(end.kept, end.kept)]
        rate[used] = np.exp(log_rate)
        rate_error[used] = np.sqrt(1 / events + np.einsum("ji,ik,jk->j", shift, own, shift))
    else:
        rate[used] = np.nan
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.where(np.isfinite(coefficients), coefficients, np.nan)
        reach = -normal_quantile((1 - confidence_level) / 2) * std_err
        hazard_ratio, lower, upper = np.exp(coefficients), np.exp(finite - reach), np.exp(finite + reach)
        wald_z = finite / std_err
    p_value = np.array([2 * normal_sf(abs(z)) for z in wald_z.tolist()])
    constant = float(events @ np.log(events) - events.sum())
    for array in (
        coefficients,
        covariance,
        std_err,
        hazard_ratio,
        lower,
        upper,
        wald_z,
        p_value,
        rate,
        rate_error,
        deaths,
    ):
        read_only(array)
    gain = 2 * (end.final.log_likelihood - end.null.log_likelihood)
    return PiecewiseModel(
        names=names,
        n=likelihood.rows,
        n_events=deaths,
        person_time=total,
        cuts=cuts,
        coefficients=coefficients,
        covariance=covariance,
        std_err=std_err,
        hazard_ratio=hazard_ratio,
        lower=lower,
        upper=upper,
        wald_z=wald_z,
        p_value_two_sided=p_value,
        rate=rate,
        log_rate_std_err=rate_error,
        log_likelihood_null=end.null.log_likelihood + constant,
        log_likelihood=end.final.log_likelihood + constant,
        likelihood_ratio=chi_square_test(gain, int(end.kept.sum()), "likelihood ratio"),
        confidence_level=confidence_level,
        converged=end.converged,
        warnings=_warnings(names, end, scale, cuts, used),
    )


def _warnings(
    names: tuple[str, ...], end: Maximum, scale: FloatArray, cuts: FloatArray, used: BoolArray
) -> tuple[str, ...]:
    found = []
    for name, kept, direction, spread in zip(names, end.kept, end.diverging, scale, strict=True):
        if spread == 0:
            found.append(f"{name}: constant; no estimate")
        elif not kept:
            found.append(f"{name}: a linear combination of the covariates before it; no estimate")
        elif math.isnan(direction):
            found.append(f"{name}: undetermined, because the likelihood grows without end; no estimate")
        elif direction:
            found.append(f"{name}: the likelihood still grows as the coefficient goes to {direction * math.inf:+.0f}; "
                         "use the likelihood-ratio test")  # fmt: skip
    if not all(used.tolist()):
        starts = np.concatenate(([0.0], cuts))[~used].tolist()
        found.append(
            "no events in the intervals after "
            + ", ".join(f"{s:g}" for s in starts)
            + ": the rate there is 0"
        )
    if not end.converged and not np.any(end.diverging[end.kept]):
        found.append(f"no convergence after {end.iterations} iterations: do not use the estimates")
    return tuple(found)
