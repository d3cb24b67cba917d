"""The robust (sandwich) variance: each cluster's own influence on the coefficients, squared and summed."""

from __future__ import annotations

import numpy as np

from equipoise.stats.observations import FloatArray, IntArray
from equipoise.stats.regression.partial_likelihood import PartialLikelihood
from equipoise.stats.regression.risk_sums import moments


def score_residuals(likelihood: PartialLikelihood, coefficients: FloatArray) -> FloatArray:
    """Each row's weight times its part of the score, (m, p), in the order of ``likelihood.sets.row``.

    Of row i: its covariates less the mean of its risk set, at its death, less the same of all times at risk,
    weighted by its hazard there. Rows never at risk at an event are left out: theirs is 0.
    For Efron and Breslow ties.  Source: Therneau & Grambsch 2000, section 4.6; R survival 3.5-3, coxscore.

    >>> from equipoise.stats.regression.partial_likelihood import partial_likelihood
    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> score_residuals(partial_likelihood(sets, np.array([[1.0], [0.0]])), np.zeros(1)).ravel().tolist()
    [0.25, 0.25]
    """
    sets, x = likelihood.sets, likelihood.design[:, 1:]
    predictor = x @ coefficients
    if likelihood.offset is not None:
        predictor = predictor + likelihood.offset
    found = moments(sets, predictor, likelihood.design)
    multiplier = sets.multiplier[:, None]
    shared = found.back(np.concatenate((multiplier, multiplier * found.mean), axis=1))
    residuals: FloatArray = shared[:, 1:] - shared[:, :1] * x
    # At a tied time Efron's denominators differ; a death is compared with the average of their means.
    terms = np.diff(np.append(sets.term_start, sets.term_cell.size))
    mean = np.add.reduceat(found.mean, sets.term_start, axis=0) / terms[:, None]
    residuals[sets.dying] += sets.weights[sets.dying, None] * (x[sets.dying] - mean[sets.dying_cell])
    return residuals


def by_cluster(residuals: FloatArray, cluster: IntArray | None) -> FloatArray:
    """Residuals summed over the rows of each cluster; cluster: (m,) codes, or None for one row each.

    >>> by_cluster(np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 0])).ravel().tolist()
    [5.0, 2.0]
    """
    if cluster is None:
        return residuals
    summed = np.zeros((int(cluster.max()) + 1, residuals.shape[1]))
    for j in range(residuals.shape[1]):  # none where every covariate was dropped
        summed[:, j] = np.bincount(cluster, weights=residuals[:, j])
    return summed


def sandwich(residuals: FloatArray, covariance: FloatArray) -> FloatArray:
    """covariance times the sum of squares of the clusters' residuals times covariance, (p, p).

    No small-sample factor, as in R and SAS; Stata multiplies by g/(g - 1).
    Source: Lin & Wei 1989; Lee, Wei & Amato 1992.

    >>> sandwich(np.array([[1.0], [-1.0]]), np.array([[0.5]])).tolist()
    [[0.5]]
    """
    influence = residuals @ covariance
    found: FloatArray = influence.T @ influence
    return found
