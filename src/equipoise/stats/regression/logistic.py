"""Logistic regression by maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from equipoise.errors import DataError
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    checked_flag,
    checked_fraction,
    read_only,
)
from equipoise.stats.regression.chi_square import chi_square_test
from equipoise.stats.regression.exact_logistic import exact_logistic
from equipoise.stats.regression.logistic_data import INTERCEPT, LogisticData, checked_data
from equipoise.stats.regression.logistic_design import COLLINEAR, Standard, standardized
from equipoise.stats.regression.logistic_likelihood import (
    Evaluation,
    LogisticMaximum,
    SignedRows,
    evaluate,
    maximize,
    newton_step,
)
from equipoise.stats.regression.logistic_model import LogisticModel
from equipoise.stats.regression.logistic_separation import Divided, divided


def logistic(
    response: Any,
    covariates: Any,
    *,
    names: Sequence[str] | None = None,
    weights: Any = None,
    offset: Any = None,
    intercept: bool = True,
    confidence_level: float = 0.95,
    exact_when_separated: bool = False,
    data: Frame | None = None,
) -> LogisticModel:
    """Estimate log odds ratios by maximum likelihood.

    response: shape (n,), True or 1 for the event that is modeled.  covariates: shape (n, p), or (n,) for one,
    finite numbers, a frame, or with data the names of columns; an empty list fits the intercept alone.
    names: p different names.  weights: (n,) whole numbers, the subjects that a row stands for.
    offset: (n,) known part of the log odds.  intercept: whether the model has one.
    confidence_level: of the Wald limits; likelihood limits come from ``logistic_profile_intervals``.
    exact_when_separated: add the exact conditional analysis where the data are separated and it is feasible.
    Returns a LogisticModel.  Complete and quasi-complete separation are decided by linear programs; the
    coefficients that run to infinity are infinite, and a warning names the remedies.
    Raises DataError on unusable responses, covariates, names, weights, offsets or lengths.
    Source: Cox 1970; separation: Albert & Anderson 1984; values as R's glm(family = binomial), SAS LOGISTIC.

    >>> model = logistic([1, 1, 0, 1, 0, 0], [1, 1, 1, 0, 0, 0], names=["treated"])
    >>> model.odds_ratio.round(6).tolist(), round(model.log_likelihood, 6)
    ([0.5, 4.0], -3.819085)
    """
    checked_flag(intercept, argument="intercept")
    checked_flag(exact_when_separated, argument="exact_when_separated")
    given = checked_data(response, covariates, names, weights, offset, data)
    checked_fraction(confidence_level, argument="confidence_level")
    model = _fitted(given, intercept, confidence_level)
    if not exact_when_separated or model.separation == "none":
        return model
    if not intercept or given.offset is not None:
        said = "no exact analysis: it needs a model with an intercept and without an offset"
        return replace(model, warnings=(*model.warnings, said))
    try:
        exact = exact_logistic(
            given.response,
            given.matrix,
            names=given.names,
            weights=given.weights,
            confidence_level=confidence_level,
        )
    except DataError as error:
        return replace(model, warnings=(*model.warnings, f"no exact analysis: {error}"))
    return replace(model, exact=exact)


def _fitted(given: LogisticData, intercept: bool, confidence_level: float) -> LogisticModel:
    n, n_events = given.n, given.n_events
    if intercept and n_events in (0, n):
        return _one_outcome(given, confidence_level)
    standard = standardized(given, intercept)
    rows, k = standard.rows, standard.rows.design.shape[1]
    start = np.zeros(k)
    if intercept:
        start[0] = math.log(n_events / (n - n_events))
        if rows.offset is not None:
            alone = SignedRows(design=rows.design[:, :1], offset=rows.offset, weights=rows.weights)
            start[0] = maximize(alone).coefficients[0]
    null = evaluate(rows, start)
    found = maximize(rows, start=start)
    division = divided(rows.design, standard.back) if found.suspected else None
    if division is not None and division.kind == "none":
        found, division = maximize(rows, start=found.coefficients, to_the_end=True), None
    if division is None:
        inverse, at = _inverse(found), found
    else:
        at, inverse = _limit(rows, division, found)
    return _model(given, standard, null, at, inverse, division, intercept, confidence_level)


def _inverse(found: LogisticMaximum) -> FloatArray:
    """The covariance in standardized units, all NaN without a maximum."""
    if not found.converged:
        return np.full_like(found.at.information, np.nan)
    inverse = np.linalg.inv(found.at.information)
    symmetric: FloatArray = (inverse + inverse.T) / 2
    return symmetric


def _limit(rows: SignedRows, division: Divided, found: LogisticMaximum) -> tuple[LogisticMaximum, FloatArray]:
    """The maximum among the rows that still inform: the limit of the likelihood, and a generalized inverse."""
    k = rows.design.shape[1]
    some = division.remaining
    design = rows.design[some]
    own = np.zeros(k, dtype=np.bool_)
    if some.any():
        own = independent_columns(design.T @ design / len(design), smallest=np.full(k, COLLINEAR))
    reduced = SignedRows(
        design=np.ascontiguousarray(design[:, own]),
        offset=None if rows.offset is None else rows.offset[some],
        weights=None if rows.weights is None else rows.weights[some],
    )
    inner = maximize(reduced)
    coefficients, inverse = np.zeros(k), np.zeros((k, k))
    coefficients[own] = inner.coefficients
    inverse[np.ix_(own, own)] = _inverse(inner)
    full = LogisticMaximum(
        coefficients=coefficients,
        at=inner.at,
        iterations=found.iterations + inner.iterations,
        converged=inner.converged,
        suspected=True,
    )
    return full, inverse


def _model(
    given: LogisticData,
    standard: Standard,
    null: Evaluation,
    at: LogisticMaximum,
    inverse: FloatArray,
    division: Divided | None,
    intercept: bool,
    confidence_level: float,
) -> LogisticModel:
    """A maximum in standardized units as a model in the units of the caller."""
    k, own = len(given.names) + intercept, standard.kept
    estimates: FloatArray = standard.back @ at.coefficients
    variance = standard.back @ inverse @ standard.back.T
    direction = np.zeros(len(estimates)) if division is None else division.direction
    if division is not None:
        infinite = direction != 0
        estimates[infinite] = direction[infinite] * np.inf
        variance[infinite] = np.nan
        variance[:, infinite] = np.nan
    if own.all():
        coefficients, covariance, towards = estimates, variance, direction
    else:
        place = np.concatenate((np.ones(int(intercept), bool), own))
        coefficients, covariance, towards = np.full(k, np.nan), np.full((k, k), np.nan), np.full(k, np.nan)
        coefficients[place], towards[place] = estimates, direction
        covariance[np.ix_(place, place)] = variance
    finished = at.converged and division is None
    df = int(np.count_nonzero(own))
    names = (INTERCEPT, *given.names) if intercept else given.names
    log_likelihood = at.at.log_likelihood
    return _result(
        given=given,
        names=names,
        coefficients=coefficients,
        covariance=covariance,
        confidence_level=confidence_level,
        log_likelihood_null=null.log_likelihood,
        log_likelihood=log_likelihood,
        aic=2 * (df + intercept) - 2 * log_likelihood,
        likelihood_ratio=chi_square_test(2 * (log_likelihood - null.log_likelihood), df, "likelihood ratio"),
        wald=chi_square_test(
            _wald(at.coefficients, inverse, int(intercept)) if finished else math.nan, df, "Wald"
        ),
        score=chi_square_test(float(null.score @ newton_step(null)) if df else math.nan, df, "score"),
        iterations=at.iterations,
        converged=finished,
        separation="none" if division is None else division.kind,
        fitted=_fitted_probabilities(given, standard, at, division, estimates),
        warnings=_warnings(given.names, names, standard.constant, own, towards, division, at, intercept),
        intercept=intercept,
    )


def _wald(coefficients: FloatArray, inverse: FloatArray, first: int) -> float:
    tested = coefficients[first:]
    return float(tested @ np.linalg.solve(inverse[first:, first:], tested)) if tested.size else math.nan


def _result(
    *, given: LogisticData, coefficients: FloatArray, covariance: FloatArray, **others: Any
) -> LogisticModel:
    """The model with what follows from coefficients and covariance."""
    with np.errstate(over="ignore", invalid="ignore"):
        std_err = np.sqrt(np.diag(covariance))
        finite = np.where(np.isnan(std_err), np.nan, coefficients)
        z = finite / std_err
        reach = -normal_quantile((1 - others["confidence_level"]) / 2) * std_err
        odds_ratio, lower, upper = np.exp(coefficients), np.exp(finite - reach), np.exp(finite + reach)
    p_value = np.array([2 * normal_sf(abs(one)) for one in z.tolist()])
    for array in (coefficients, std_err, covariance, z, p_value, odds_ratio, lower, upper, others["fitted"]):
        read_only(array)
    return LogisticModel(
        n=given.n,
        n_events=given.n_events,
        coefficients=coefficients,
        std_err=std_err,
        covariance=covariance,
        z=z,
        p_value_two_sided=p_value,
        odds_ratio=odds_ratio,
        lower=lower,
        upper=upper,
        deviance=abs(2 * others["log_likelihood"]),
        null_deviance=abs(2 * others["log_likelihood_null"]),
        data=given,
        **others,
    )


def _fitted_probabilities(
    given: LogisticData,
    standard: Standard,
    at: LogisticMaximum,
    division: Divided | None,
    estimates: FloatArray,
) -> FloatArray:
    """The probability of the event for each row of the caller; NaN for uncounted rows of separated data."""
    if division is None:
        return _probabilities(given, estimates, standard.kept)
    counted = np.flatnonzero(np.ones(given.response.size, bool) if standard.used is None else standard.used)
    fitted = np.full(given.response.size, np.nan)
    fitted[counted] = given.response[counted]
    some = division.remaining
    predictor = standard.rows.design[some] @ at.coefficients
    if standard.rows.offset is not None:
        predictor += standard.rows.offset[some]
    opposite = np.where(predictor >= 0, np.exp(-np.abs(predictor)), 1.0) / (1 + np.exp(-np.abs(predictor)))
    event = given.response[counted][some]
    fitted[counted[some]] = np.where(event, 1 - opposite, opposite)
    return fitted


def _probabilities(given: LogisticData, estimates: FloatArray, own: BoolArray) -> FloatArray:
    first = estimates.size - int(np.count_nonzero(own))
    predictor = (given.matrix if own.all() else given.matrix[:, own]) @ estimates[first:]
    if first:
        predictor += estimates[0]
    if given.offset is not None:
        predictor += given.offset
    small = np.exp(-np.abs(predictor))
    probability: FloatArray = np.where(predictor >= 0, 1.0, small) / (1 + small)
    return probability


def _warnings(
    names: tuple[str, ...],
    all_names: tuple[str, ...],
    constant: BoolArray,
    own: BoolArray,
    direction: FloatArray,
    division: Divided | None,
    at: LogisticMaximum,
    intercept: bool,
) -> tuple[str, ...]:
    worded: list[str] = []
    for name, still, kept in zip(names, constant, own, strict=True):
        if still:
            worded.append(
                f"{name}: constant; no estimate" if intercept else f"{name}: zero throughout; no estimate"
            )
        elif not kept:
            worded.append(f"{name}: a linear combination of the covariates before it; no estimate")
    dropped = {name for name, kept in zip(names, own, strict=True) if not kept}
    for name, side in zip(all_names, direction, strict=True):
        if name in dropped:
            continue
        if math.isnan(side):
            worded.append(f"{name}: undetermined, because the likelihood grows without end; no estimate")
        elif side:
            worded.append(
                f"{name}: the likelihood grows as the coefficient goes to {'+' if side > 0 else '-'}infinity"
            )
    if division is not None:
        sure = int(np.count_nonzero(~division.remaining))
        worded.append(
            f"{division.kind} separation: {sure} of {division.remaining.size} rows are predicted without error; "
            "use the likelihood-ratio or score test, logistic_profile_intervals, exact_logistic or firth_logistic"
        )
    if not at.converged:
        worded.append(f"no convergence after {at.iterations} iterations: do not use the estimates")
    return tuple(worded)


def _one_outcome(given: LogisticData, confidence_level: float) -> LogisticModel:
    k = len(given.names) + 1
    untested = ("likelihood ratio", "Wald", "score")
    likelihood_ratio, wald, score = (chi_square_test(math.nan, 0, method) for method in untested)
    which = "has the event" if given.n_events else "is without the event"
    return _result(
        given=given,
        names=(INTERCEPT, *given.names),
        coefficients=np.full(k, np.nan),
        covariance=np.full((k, k), np.nan),
        confidence_level=confidence_level,
        log_likelihood_null=0.0,
        log_likelihood=0.0,
        aic=math.nan,
        likelihood_ratio=likelihood_ratio,
        wald=wald,
        score=score,
        iterations=0,
        converged=False,
        separation="complete",
        fitted=given.response.astype(np.float64),
        warnings=(f"every subject {which}: nothing is estimable",),
        intercept=True,
    )
