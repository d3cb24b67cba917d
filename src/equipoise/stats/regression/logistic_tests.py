"""Tests between logistic models: nested models, and covariates taken together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from equipoise.stats.observations import (
    checked_choice,
    checked_model,
    refused,
)
from equipoise.stats.regression.chi_square import ChiSquareTest, chi_square_test
from equipoise.stats.regression.logistic import logistic
from equipoise.stats.regression.logistic_model import LogisticModel


def logistic_term_test(
    model: LogisticModel,
    *,
    covariates: Sequence[str],
    test: Literal["likelihood-ratio", "wald"] = "likelihood-ratio",
) -> ChiSquareTest:
    """Test that the named covariates of a logistic model add nothing: a factor's indicators, an interaction.

    model: a fitted logistic model.  covariates: names of its covariates, tested together.
    test: "likelihood-ratio" refits the model without them and remains valid with separated data; "wald" uses
    their coefficients and covariance, and is NaN where one of them has no finite estimate.
    Returns a ChiSquareTest; df counts the covariates that could be estimated.
    Raises DataError on names that the model lacks, or none.
    Source: as R's drop1(test = "LRT"), SAS LOGISTIC type 3 analysis of effects (Wald) and contrasts.

    >>> import numpy as np
    >>> a, b = [1, 1, 1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 1, 0, 1, 0]
    >>> model = logistic([1, 0, 1, 1, 0, 0, 1, 0], np.column_stack((a, b)), names=["a", "b"])
    >>> round(logistic_term_test(model, covariates=["a"]).chi_square, 4)
    3.4522
    """
    checked_model(model, LogisticModel, "logistic")
    given = model.data
    foreign = [name for name in covariates if name not in given.names]
    if isinstance(covariates, str) or foreign or not covariates or len(set(covariates)) < len(covariates):
        raise refused(
            "covariates", repr(covariates), f"some of {given.names!r}, each once", "correct the names"
        )
    checked_choice(test, ("likelihood-ratio", "wald"), argument="test")
    if test == "wald":
        at = np.array([model.names.index(name) for name in covariates])
        estimates = model.coefficients[at]
        dropped = np.isnan(estimates) if model.separation == "none" else np.zeros(at.size, dtype=np.bool_)
        at = at[~dropped]
        estimates, covariance = model.coefficients[at], model.covariance[np.ix_(at, at)]
        if not np.isfinite(covariance).all():
            return chi_square_test(math.nan, at.size, "Wald")
        return chi_square_test(float(estimates @ np.linalg.solve(covariance, estimates)), at.size, "Wald")
    others = [i for i, name in enumerate(given.names) if name not in covariates]
    smaller = logistic(
        given.response,
        given.matrix[:, others] if others else [],
        names=[given.names[i] for i in others],
        weights=given.weights,
        offset=given.offset,
        intercept=model.intercept,
    )
    return logistic_likelihood_ratio(smaller, model)


def logistic_likelihood_ratio(smaller: LogisticModel, larger: LogisticModel) -> ChiSquareTest:
    """Test the covariates that the larger of two nested logistic models adds: an interaction, for example.

    smaller, larger: models of the same subjects, intercept and offset; the larger has every name of the smaller.
    Returns a ChiSquareTest; df is the number of added coefficients that could be estimated.  Valid also where
    a model is separated: both log likelihoods are suprema.
    Raises DataError when the models cannot be nested.
    Source: twice the difference of the log likelihoods; R's anova(a, b, test = "LRT").

    >>> from equipoise.stats.regression.logistic import logistic
    >>> y, a, b = [1, 0, 1, 1, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 1, 0, 1, 0]
    >>> larger = logistic(y, np.column_stack((a, b)), names=["a", "b"])
    >>> logistic_likelihood_ratio(logistic(y, a, names=["a"]), larger).df
    1
    """
    checked_model(smaller, LogisticModel, "logistic")
    checked_model(larger, LogisticModel, "logistic")
    if not set(smaller.names) <= set(larger.names):
        added = sorted(set(smaller.names) - set(larger.names))
        raise refused("smaller", f"names {added} that the larger model lacks", "nested models",
                      "pass the smaller model first")  # fmt: skip
    same = (smaller.n, smaller.n_events, smaller.intercept) == (larger.n, larger.n_events, larger.intercept)
    if not same or not math.isclose(
        smaller.log_likelihood_null, larger.log_likelihood_null, rel_tol=1e-9, abs_tol=1e-12
    ):
        raise refused(
            "larger",
            f"n {larger.n}, events {larger.n_events}, null log likelihood {larger.log_likelihood_null:.6g}",
            f"those of the smaller model: {smaller.n}, {smaller.n_events}, {smaller.log_likelihood_null:.6g}",
            "fit both to the same complete cases, weights and offset",
        )
    df = larger.likelihood_ratio.df - smaller.likelihood_ratio.df
    return chi_square_test(2 * (larger.log_likelihood - smaller.log_likelihood), df, "likelihood ratio")
