"""Logistic regression by Firth's penalized likelihood: finite estimates also where the data are separated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.observations import (
    FloatArray,
    checked_choice,
    checked_flag,
    checked_fraction,
    read_only,
)
from equipoise.stats.regression.chi_square import ChiSquareTest, chi_square_test
from equipoise.stats.regression.logistic_data import INTERCEPT, checked_data
from equipoise.stats.regression.logistic_design import Standard, held, standardized
from equipoise.stats.regression.logistic_likelihood import SignedRows
from equipoise.stats.regression.zero import zero_of_increasing
from equipoise.stats.results import Row, StatisticalResult

FirthInterval = Literal["profile", "wald"]

_MOST_ITERATIONS = 200
_MOST_HALVINGS = 40
_CONVERGED = 1e-20
# Below this a step that no longer shrinks by its square is rounding.
_ROUNDING = 1e-14
_FLAT = 1e-13
# The largest change of any log odds in one step: beyond it the penalty is another function.
_LONGEST = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FirthLogistic(StatisticalResult):
    """A penalized logistic model; the arrays follow ``names``, the intercept first.

    chi_square and p_value_two_sided test each coefficient by the penalized likelihood ratio; z and
    p_value_wald by Wald's test.  lower and upper are limits of the odds ratio of the ``interval`` asked for.
    log_likelihood is the penalized one; log_likelihood_null that with all coefficients but the intercept held
    at zero, under the same penalty.  covariance is the inverse of the expected information at the estimates.
    """

    names: tuple[str, ...]
    n: int
    n_events: int
    confidence_level: float
    interval: FirthInterval
    coefficients: FloatArray
    std_err: FloatArray
    covariance: FloatArray
    odds_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    chi_square: FloatArray
    p_value_two_sided: FloatArray
    z: FloatArray
    p_value_wald: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    likelihood_ratio: ChiSquareTest
    iterations: int
    converged: bool
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return (
            f"Logistic regression, Firth's penalized likelihood, {self.interval} "
            f"{100 * self.confidence_level:g}% limits; {self.n_events} events of {self.n}"
        )

    def _headline(self) -> Iterator[Row]:
        shown = ("coefficients", "std_err", "odds_ratio", "lower", "upper", "chi_square", "p_value_two_sided")
        yield from (row for row in self.rows() if row.variable and row.statistic in shown)

    def rows(self) -> Iterator[Row]:
        """Every statistic of the model and of each coefficient."""
        for name in ("n", "n_events", "log_likelihood_null", "log_likelihood"):
            yield Row(name, float(getattr(self, name)))
        for i, name in enumerate(self.names):
            said = next((words for words in self.warnings if words.startswith(f"{name}: ")), "")
            for statistic in ("coefficients", "std_err", "odds_ratio", "lower", "upper", "chi_square",
                              "p_value_two_sided", "z", "p_value_wald"):  # fmt: skip
                value = float(getattr(self, statistic)[i])
                yield Row(statistic, value, variable=name, method="penalized likelihood", warning=said)
        for statistic in ("chi_square", "df", "p_value_two_sided"):
            value = float(getattr(self.likelihood_ratio, statistic))
            yield Row(statistic, value, variable="all covariates", method="penalized likelihood ratio")


def firth_logistic(
    response: Any,
    covariates: Any,
    *,
    names: Sequence[str] | None = None,
    weights: Any = None,
    offset: Any = None,
    intercept: bool = True,
    interval: FirthInterval = "profile",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> FirthLogistic:
    """Estimate log odds ratios by the likelihood times the root of the information's determinant.

    Arguments as ``logistic``.  interval: "profile" inverts the penalized likelihood-ratio test, "wald".
    Returns a FirthLogistic: estimates are finite also with separated data, and less biased in small samples.
    For a 2 x 2 table this adds one half to each cell.
    Raises DataError on unusable arguments.
    Source: Firth 1993; Heinze & Schemper 2002 (profile limits and tests; R's logistf, SAS LOGISTIC FIRTH).

    >>> found = firth_logistic([1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], names=["treated"])
    >>> found.odds_ratio.round(6).tolist()
    [0.142857, 49.0]
    """
    checked_flag(intercept, argument="intercept")
    given = checked_data(response, covariates, names, weights, offset, data)
    checked_fraction(confidence_level, argument="confidence_level")
    checked_choice(interval, ("profile", "wald"), argument="interval")
    standard = standardized(given, intercept)
    rows, first = standard.rows, int(intercept)
    k = rows.design.shape[1]
    best = _maximized(rows, np.eye(k), np.zeros(k))
    null = _maximized(rows, np.eye(k)[:, :first], np.zeros(k))
    inverse = np.linalg.inv(best.information)
    estimates, covariance = standard.back @ best.coefficients, standard.back @ inverse @ standard.back.T
    std_err = np.sqrt(np.diag(covariance))
    z_level = -normal_quantile((1 - confidence_level) / 2)
    tests, lower, upper = np.full(k, np.nan), estimates - z_level * std_err, estimates + z_level * std_err
    for j in range(k):
        one = _Held(rows, standard.back[j], best)
        tests[j] = one.fallen(0.0)[0]
        if interval == "profile":
            lower[j], upper[j] = (one.limit(side, z_level) for side in (-1.0, 1.0))

    place = np.concatenate((np.ones(first, bool), standard.kept))
    total = len(place)

    def placed(values: FloatArray) -> FloatArray:
        whole = np.full(total, np.nan)
        whole[place] = values
        read_only(whole)
        return whole

    whole_covariance = np.full((total, total), np.nan)
    whole_covariance[np.ix_(place, place)] = covariance
    read_only(whole_covariance)
    # The penalty in the caller's units: half the log determinant of the information there.
    units = -math.log(abs(float(np.linalg.det(standard.back)))) if k else 0.0
    z = estimates / std_err
    with np.errstate(over="ignore"):
        odds = {"odds_ratio": np.exp(estimates), "lower": np.exp(lower), "upper": np.exp(upper)}
    return FirthLogistic(
        names=(INTERCEPT, *given.names) if intercept else given.names,
        n=given.n,
        n_events=given.n_events,
        confidence_level=confidence_level,
        interval=interval,
        coefficients=placed(estimates),
        std_err=placed(std_err),
        covariance=whole_covariance,
        chi_square=placed(tests),
        p_value_two_sided=placed(
            np.array(
                [
                    chi_square_test(one, 1, "penalized likelihood ratio").p_value_two_sided
                    for one in tests.tolist()
                ]
            )
        ),
        z=placed(z),
        p_value_wald=placed(np.array([2 * normal_sf(abs(one)) for one in z.tolist()])),
        log_likelihood_null=null.log_likelihood + units,
        log_likelihood=best.log_likelihood + units,
        likelihood_ratio=chi_square_test(
            2 * (best.log_likelihood - null.log_likelihood), k - first, "penalized likelihood ratio"
        ),
        iterations=best.iterations,
        converged=best.converged,
        warnings=_warnings(given.names, standard, best, lower, upper),
        **{name: placed(values) for name, values in odds.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Point:
    """The penalized log likelihood at a coefficient vector, its gradient, the expected and the observed information."""

    coefficients: FloatArray
    log_likelihood: float
    score: FloatArray
    information: FloatArray
    curvature: FloatArray
    iterations: int = 0
    converged: bool = False


def _point(rows: SignedRows, coefficients: FloatArray) -> _Point:
    design = rows.design
    k = design.shape[1]
    predictor = design @ coefficients
    if rows.offset is not None:
        predictor = predictor + rows.offset
    small = np.exp(-np.abs(predictor))
    above = 1 + small
    missed, spread = np.where(predictor >= 0, small, 1.0) / above, small / (above * above)
    counts = np.ones(len(design)) if rows.weights is None else rows.weights
    information = design.T @ (design * (spread * counts)[:, None])
    try:
        factor = np.linalg.inv(np.linalg.cholesky(information))
    except np.linalg.LinAlgError:
        nothing = np.full((k, k), np.nan)
        return _Point(
            coefficients=coefficients, log_likelihood=-math.inf, score=np.full(k, np.nan), information=nothing,
            curvature=nothing,
        )  # fmt: skip
    # Half the log determinant has the gradient sum x q w' / 2 with q = x' I^-1 x, and in its own curvature the
    # squares of x' I^-1 y: products of the rows' outer products.
    scaled = design @ factor.T
    leverage = np.einsum("ij,ij->i", scaled, scaled)
    slope, bend = spread * (2 * missed - 1), spread * (1 - 6 * spread)
    score = design.T @ (counts * (missed + leverage * slope / 2))
    outer = (scaled[:, :, None] * scaled[:, None, :]).reshape(len(design), -1)
    mixed = outer.T @ (design * (counts * slope)[:, None])
    curvature = (
        information - design.T @ (design * (counts * bend * leverage / 2)[:, None]) + mixed.T @ mixed / 2
    )
    log_likelihood = float(counts @ (np.minimum(predictor, 0.0) - np.log1p(small)))
    return _Point(
        coefficients=coefficients,
        log_likelihood=log_likelihood - float(np.log(np.diag(factor)).sum()),
        score=score,
        information=information,
        curvature=curvature,
    )


def _maximized(rows: SignedRows, free: FloatArray, start: FloatArray) -> _Point:
    """The largest penalized likelihood along the free directions, by Newton's method with step halving.

    free: (k, f), orthonormal.  Where the penalized likelihood is not concave, the step is that of scoring.
    """
    current = _point(rows, start)
    if not free.shape[1]:
        return replace(current, converged=True)
    previous = math.inf
    for iterations in range(1, _MOST_ITERATIONS + 1):
        if not math.isfinite(current.log_likelihood):
            return replace(current, iterations=iterations)
        score = free.T @ current.score
        step = free @ _ascent(free.T @ current.curvature @ free, free.T @ current.information @ free, score)
        squared = float(current.score @ step)
        slack = _FLAT * (1 + abs(current.log_likelihood))
        share = min(1.0, _LONGEST / max(float(np.max(np.abs(rows.design @ step))), 1e-300))
        for _ in range(_MOST_HALVINGS):
            following = _point(rows, current.coefficients + share * step)
            if following.log_likelihood >= current.log_likelihood - slack:
                break
            share /= 2
        else:
            return replace(current, iterations=iterations)
        current = following
        if squared <= _CONVERGED or (squared <= _ROUNDING and squared >= previous / 4):
            return replace(current, iterations=iterations, converged=True)
        previous = squared
    return replace(current, iterations=_MOST_ITERATIONS)


def _ascent(curvature: FloatArray, information: FloatArray, score: FloatArray) -> FloatArray:
    try:
        np.linalg.cholesky(curvature)
    except np.linalg.LinAlgError:
        curvature = information
    try:
        step = np.linalg.solve(curvature, score)
    except np.linalg.LinAlgError:
        step = np.linalg.lstsq(curvature, score)[0]
    return step.astype(np.float64)


def _height(at: _Point) -> float:
    return at.log_likelihood if at.converged else -math.inf


class _Held:
    """The penalized likelihood with one parameter held; values are in the caller's units of it."""

    def __init__(self, rows: SignedRows, parameter: FloatArray, best: _Point) -> None:
        self.rows, self.best, self.line = rows, best, held(parameter)
        direction = np.linalg.solve(best.information, parameter)
        self.estimate = float(parameter @ best.coefficients)
        self.std_err = math.sqrt(float(parameter @ direction))
        # How the other coefficients follow the held one, to first order.
        self.tangent = direction / float(parameter @ direction)
        self.last = best.coefficients

    def fallen(self, value: float) -> tuple[float, float]:
        """How far twice the penalized likelihood has fallen at a value, and the slope of the profile there."""
        # Separated data can have two hills on such a line: the higher one counts.
        near = self.best.coefficients + (value - self.estimate) * self.tangent
        starts = (
            near,
            self.line.origin * value + self.line.free @ (self.line.free.T @ self.last),
            self.line.origin * value,
        )
        at = max((_maximized(self.rows, self.line.free, start) for start in starts), key=_height)
        self.last = at.coefficients
        fall = max(2 * (self.best.log_likelihood - at.log_likelihood), 0.0) if at.converged else math.nan
        return fall, float(at.score @ self.line.origin)

    def limit(self, side: float, z: float) -> float:
        """Where the fall is z squared, on one side of the estimate."""

        def excess(away: float) -> tuple[float, float]:
            fall, slope = self.fallen(self.estimate + side * away * self.std_err)
            root, sign = math.sqrt(fall), math.copysign(1.0, away)
            return (sign * root - z, -side * sign * slope * self.std_err / root) if root else (-z, 1.0)

        return self.estimate + side * zero_of_increasing(excess, z) * self.std_err


def _warnings(
    names: tuple[str, ...], standard: Standard, best: _Point, lower: FloatArray, upper: FloatArray
) -> tuple[str, ...]:
    worded = [
        f"{name}: constant; no estimate"
        if still
        else f"{name}: a linear combination of the covariates before it; no estimate"
        for name, still, kept in zip(names, standard.constant, standard.kept, strict=True)
        if not kept
    ]
    if not best.converged:
        worded.append(f"no convergence after {best.iterations} iterations: do not use the estimates")
    if np.isnan(lower).any() or np.isnan(upper).any():
        worded.append("a limit was not found")
    return tuple(worded)
