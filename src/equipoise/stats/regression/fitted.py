"""A fitted Cox model with its risk sets at the estimate: what residuals, baselines and predictions start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_model,
    refused,
)
from equipoise.stats.regression.cox_model import CoxModel, finite_coefficients
from equipoise.stats.regression.partial_likelihood import PartialLikelihood, partial_likelihood
from equipoise.stats.regression.risk_sets import RiskSets, risk_sets
from equipoise.stats.regression.risk_sums import Moments, moments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """The risk sets of a model at its coefficients.

    coefficients: (p,), 0 for a covariate that the fit dropped.  center: (p,) the means that were taken off the
    covariates, so that nothing cancels.  likelihood: of the centered covariates.  moments: of each term.
    predictor: (m,) centered linear predictor with the offset, of the rows ``sets.row``.
    """

    coefficients: FloatArray
    center: FloatArray
    sets: RiskSets
    likelihood: PartialLikelihood
    predictor: FloatArray
    moments: Moments


def fitted(model: CoxModel, what: str) -> Fitted:
    """Bring a model's risk sets back; refuses the models for which ``what`` has no meaning.

    Raises DataError with exact ties, a coefficient that is infinite or undetermined, and without events.

    >>> from equipoise.stats import cox
    >>> fitted(cox([1, 2, 3], [1, 1, 1], [0, 1, 0]), "residuals").sets.deaths.tolist()
    [1, 1, 1]
    """
    checked_model(model, CoxModel, "cox")
    data = model.data
    if data.ties not in ("efron", "breslow"):
        raise refused("model", f"ties {data.ties}", f"ties efron or breslow for {what}",
                      "fit the model with one of them; the exact likelihoods have no baseline hazard")  # fmt: skip
    if not data.event.any():
        raise refused("model", "no event", f"at least one event for {what}", "wait for events")
    coefficients = finite_coefficients(model, what)
    center = data.matrix.mean(axis=0)
    sets = risk_sets(data.time, data.event, data.stratum, data.ties, entry=data.entry, weights=data.weights)
    centered = data.matrix[sets.row] - center
    offset = data.offset[sets.row]
    likelihood = partial_likelihood(sets, centered, offset)
    predictor = linear_predictor(centered, coefficients) + offset
    return Fitted(
        coefficients=coefficients,
        center=center,
        sets=sets,
        likelihood=likelihood,
        predictor=predictor,
        moments=moments(sets, predictor, likelihood.design),
    )


def linear_predictor(covariates: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Covariates times coefficients, (n,), such that equal rows have equal results to the last bit.

    >>> linear_predictor(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([0.5, 1.0])).tolist()
    [2.5, 1.0]
    """
    # A matrix product may round the same row differently in different places, which would untie ties.
    found = np.zeros(len(covariates))
    for j, coefficient in enumerate(coefficients.tolist()):
        found += covariates[:, j] * coefficient
    return found


def usable(covariance: FloatArray) -> FloatArray:
    """A covariance with 0 in the place of covariates that the fit dropped.

    >>> usable(np.array([[np.nan]])).tolist()
    [[0.0]]
    """
    found: FloatArray = np.where(np.isnan(covariance), 0.0, covariance)
    return found


def used_covariance(model: CoxModel) -> FloatArray:
    """The covariance that the model's own P values use, (p, p), NaN as 0.

    >>> from equipoise.stats import cox
    >>> used_covariance(cox([1, 2, 3], [1, 1, 1], [0, 1, 0])).shape
    (1, 1)
    """
    robust = model.robust_covariance
    return usable(model.covariance if robust is None else robust)


def sums(codes: IntArray, weights: FloatArray, size: int = 0) -> FloatArray:
    """The weights summed by code, of at least ``size`` codes.

    >>> sums(np.array([0, 1, 0]), np.array([1.0, 2.0, 3.0])).tolist()
    [4.0, 2.0]
    """
    return np.asarray(np.bincount(codes, weights=weights, minlength=size), dtype=np.float64)
