"""The Cox proportional-hazards model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.observations import (
    FloatArray,
    checked_flag,
    checked_fraction,
    checked_model,
    read_only,
    refused,
)
from equipoise.stats.regression.chi_square import ChiSquareTest, chi_square_test
from equipoise.stats.regression.cox_data import CoxData, Ties, cox_data
from equipoise.stats.regression.cox_model import CoxModel as CoxModel
from equipoise.stats.regression.newton import Maximum, maximize
from equipoise.stats.regression.robust import by_cluster, sandwich, score_residuals
from equipoise.stats.regression.standardized import Standardized, numpy_likelihood, standardized


def cox(
    time: ArrayLike | str,
    event: ArrayLike | str,
    covariates: Any,
    *,
    names: Sequence[str] | None = None,
    entry: ArrayLike | str | None = None,
    strata: ArrayLike | str | Sequence[str] | None = None,
    weights: ArrayLike | str | None = None,
    offset: ArrayLike | str | None = None,
    cluster: ArrayLike | str | None = None,
    robust: bool | None = None,
    ties: Ties = "efron",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> CoxModel:
    """Estimate log hazard ratios by maximum partial likelihood.

    time: shape (n,), at least 0.  event: shape (n,), True for an event.  covariates: shape (n, p), or
    (n,) for one, finite numbers; or a frame or dictionary of columns, or with data= their names. Categories
    become columns by ``indicators``.  names: p different names, where covariates bring none.
    entry: None, or (n,): a row is at risk after its entry until its time (delayed entry; several rows a
    subject for covariates that change). An entry of 0 is observation from the origin.
    strata: None, (n,) labels, or (n, f) labels of f crossed factors: a baseline hazard each.
    weights: None, or (n,) above 0.  offset: None, or (n,), added to the linear predictor.
    cluster: None, or (n,) labels of rows that belong together.  robust: whether z, P values and limits use
    the sandwich variance; by default with a cluster or with weights that are not whole numbers, as in R.
    ties: "efron", "breslow", "exact-partial" (R's exact, SAS's DISCRETE: time is discrete) or
    "exact-marginal" (SAS's EXACT, Stata's exactm: tied deaths happened in some order); the exact ones take
    neither weights nor a robust variance.  confidence_level: of the Wald limits of the hazard ratios.
    Returns a CoxModel.  Nothing is hidden: covariates dropped as constant or collinear, coefficients at
    infinity, strata without events, and missing convergence are in ``warnings``.
    Raises DataError on unusable times, events, covariates, names, lengths or combinations of options.
    Source: Cox 1972, 1975; Efron 1977; Breslow 1974; Kalbfleisch & Prentice 1973; Lin & Wei 1989; values as
    R survival 3.5-3, coxph.

    >>> model = cox([1, 1, 2, 3, 4], [1, 0, 1, 1, 0], [1, 0, 1, 0, 1], names=["treated"])
    >>> round(float(model.coefficients[0]), 6), round(model.log_likelihood, 6)
    (0.340144, -3.36207)
    """
    found = cox_data(
        time, event, covariates, names=names, entry=entry, strata=strata, weights=weights, offset=offset,
        cluster=cluster, ties=ties, data=data,
    )  # fmt: skip
    checked_fraction(confidence_level, argument="confidence_level")
    sandwiched = _robust(found, weights is not None, robust)
    return fit(found, robust=sandwiched, confidence_level=confidence_level)


def _robust(data: CoxData, weighted: bool, robust: bool | None) -> bool:
    """Whether the variance is to be robust; refuses what has no meaning."""
    if robust is not None:
        checked_flag(robust, argument="robust")
    if data.ties.startswith("exact"):
        if weighted or robust or data.cluster is not None:
            what = "weights" if weighted else "robust" if data.cluster is None else "cluster"
            raise refused(what, f"given with ties {data.ties}", "none of weights, cluster and robust",
                          "use ties efron or breslow")  # fmt: skip
        return False
    if robust is None:
        return data.cluster is not None or bool(weighted and np.mod(data.weights, 1).any())
    if not robust and data.cluster is not None:
        raise refused(
            "robust", "False with a cluster", "True or None with a cluster", "leave out one of them"
        )
    if robust and data.entry is not None and data.cluster is None:
        raise refused("cluster", "None with entry and robust", "which rows belong to one subject",
                      "pass the subjects' labels as cluster")  # fmt: skip
    return bool(robust)


def fit(data: CoxData, *, robust: bool = False, confidence_level: float = 0.95) -> CoxModel:
    """The model of data that ``cox`` has checked.

    >>> from equipoise.stats.regression.cox_data import cox_data
    >>> data = cox_data([1, 2, 3], [1, 1, 1], [0, 1, 0], names=["x"], entry=None, strata=None, weights=None,
    ...                 offset=None, cluster=None, ties="efron", data=None)
    >>> fit(data).n_events
    3
    """
    if not data.event.any():
        return _without_events(data, robust, confidence_level)
    problem = standardized(data)
    found = maximize(problem.likelihood)
    silent = 0
    if len(data.stratum_labels) > 1:
        silent = int(np.sum(np.bincount(data.stratum[data.event], minlength=len(data.stratum_labels)) == 0))
    warnings = _warnings(found, data.names, problem.scale, silent)
    return _model(data, problem, found, robust, confidence_level, warnings)


def _model(
    data: CoxData,
    problem: Standardized,
    found: Maximum,
    robust: bool,
    confidence_level: float,
    warnings: tuple[str, ...],
) -> CoxModel:
    """A Maximum in standardized units as a model in the units of the caller."""
    unit = np.where(problem.scale > 0, problem.scale, np.nan)
    coefficients = found.coefficients / unit
    covariance = found.covariance / (unit[:, None] * unit)
    std_err = np.sqrt(covariance.diagonal())
    kept = found.kept
    df = int(np.count_nonzero(kept))
    estimates = found.coefficients[kept]
    null, final = found.null, found.final
    all_finite = bool(np.isfinite(estimates).all())
    wald = float(estimates @ final.information @ estimates) if all_finite else math.nan
    robust_covariance = robust_std_err = robust_score = None
    n_clusters = 0
    used = std_err
    if robust:
        n_clusters = data.time.size if data.cluster is None else int(data.cluster.max()) + 1
        variance, at_null = _robust_parts(data, problem, found)
        # The clusters' residuals sum to 0: their squares have at most one rank less than there are clusters.
        enough = n_clusters > df
        if not enough:
            warnings += (
                f"{n_clusters} clusters for {df} coefficients: the robust joint tests are not estimable",
            )
        robust_covariance = variance / (unit[:, None] * unit)
        used = robust_std_err = np.sqrt(robust_covariance.diagonal())
        inner = variance[np.ix_(kept, kept)]
        wald = _quadratic(inner, estimates) if all_finite and enough else math.nan
        at_zero = _quadratic(at_null.T @ at_null, at_null.sum(axis=0)) if enough else math.nan
        robust_score = chi_square_test(at_zero, df, "robust score")
        read_only(robust_covariance)
        read_only(robust_std_err)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        finite = np.where(np.isfinite(coefficients), coefficients, np.nan)
        wald_z = finite / used
        reach = _critical(confidence_level) * used
        hazard_ratio, lower, upper = np.exp(coefficients), np.exp(finite - reach), np.exp(finite + reach)
    p_value = np.array([2 * normal_sf(abs(z)) for z in wald_z.tolist()])
    for array in (coefficients, std_err, covariance, wald_z, p_value, hazard_ratio, lower, upper):
        read_only(array)
    gain = 2 * (final.log_likelihood - null.log_likelihood)
    return CoxModel(
        names=data.names,
        n=data.time.size,
        n_events=int(np.count_nonzero(data.event)),
        n_clusters=n_clusters,
        ties=data.ties,
        robust=robust,
        confidence_level=confidence_level,
        coefficients=coefficients,
        std_err=std_err,
        covariance=covariance,
        robust_std_err=robust_std_err,
        robust_covariance=robust_covariance,
        wald_z=wald_z,
        p_value_two_sided=p_value,
        hazard_ratio=hazard_ratio,
        lower=lower,
        upper=upper,
        log_likelihood_null=null.log_likelihood,
        log_likelihood=final.log_likelihood,
        likelihood_ratio=chi_square_test(gain, df, "likelihood ratio"),
        wald=chi_square_test(wald, df, "Wald"),
        score=chi_square_test(found.score_statistic, df, "score"),
        robust_score=robust_score,
        iterations=found.iterations,
        converged=found.converged,
        warnings=warnings,
        data=data,
    )


@cache
def _critical(confidence_level: float) -> float:
    return -normal_quantile((1 - confidence_level) / 2)


def _quadratic(matrix: FloatArray, vector: FloatArray) -> float:
    """vector' inverse(matrix) vector; NaN when the matrix has no inverse (fewer clusters than coefficients)."""
    if not vector.size:
        return math.nan
    try:
        value = float(vector @ np.linalg.solve(matrix, vector))
    except np.linalg.LinAlgError:
        return math.nan
    return value if value >= 0 else math.nan


def _robust_parts(data: CoxData, problem: Standardized, found: Maximum) -> tuple[FloatArray, FloatArray]:
    """The sandwich, (p, p), and the score residuals at zero of the kept covariates by cluster."""
    p = len(data.names)
    likelihood = numpy_likelihood(data, problem.likelihood)
    kept = found.kept
    used = likelihood.only(kept)
    cluster = None if data.cluster is None else data.cluster[used.sets.row]
    at_null = by_cluster(score_residuals(used, np.zeros(int(kept.sum()))), cluster)
    variance = np.full((p, p), np.nan)
    finite = np.isfinite(found.coefficients)
    if finite.any() and not np.isnan(found.covariance[np.ix_(finite, finite)]).any():
        # With a coefficient at infinity the residuals are those of the limit, where the path ended.
        residuals = by_cluster(score_residuals(used, found.path), cluster)[:, finite[kept]]
        variance[np.ix_(finite, finite)] = sandwich(residuals, found.covariance[np.ix_(finite, finite)])
    return variance, at_null


def _warnings(
    found: Maximum, names: tuple[str, ...], scale: FloatArray, silent_strata: int
) -> tuple[str, ...]:
    worded: list[str] = []
    seen = False  # a covariate with information of its own
    if not (found.converged and found.kept.all()):
        for name, kept, direction, spread in zip(names, found.kept, found.diverging, scale, strict=True):
            if spread == 0:
                worded.append(f"{name}: constant within every stratum among subjects at risk; no estimate")
            elif not kept and not seen:
                worded.append(f"{name}: no event tells anything about it; no estimate")
            elif not kept:
                worded.append(f"{name}: a linear combination of the covariates before it; no estimate")
            elif math.isnan(direction):
                worded.append(f"{name}: undetermined, because the likelihood grows without end; no estimate")
            elif direction:
                worded.append(
                    f"{name}: the likelihood still grows as the coefficient goes to {direction * math.inf:+.0f}; "
                    "use the likelihood-ratio or score test, and profile-likelihood limits for the other side"
                )
            seen = seen or bool(kept)
    if silent_strata:
        worded.append(f"strata without events, which add no information: {silent_strata}")
    if not found.converged and not np.any(found.diverging[found.kept]):
        worded.append(f"no convergence after {found.iterations} iterations: do not use the estimates")
    return tuple(worded)


def _without_events(data: CoxData, robust: bool, confidence_level: float) -> CoxModel:
    p = len(data.names)
    unknown, square = np.full(p, np.nan), np.full((p, p), np.nan)
    read_only(unknown)
    read_only(square)
    nothing = {name: chi_square_test(math.nan, 0, name) for name in ("likelihood ratio", "Wald", "score")}
    return CoxModel(
        names=data.names,
        n=data.time.size,
        n_events=0,
        n_clusters=0,
        ties=data.ties,
        robust=robust,
        confidence_level=confidence_level,
        coefficients=unknown,
        std_err=unknown,
        covariance=square,
        robust_std_err=unknown if robust else None,
        robust_covariance=square if robust else None,
        wald_z=unknown,
        p_value_two_sided=unknown,
        hazard_ratio=unknown,
        lower=unknown,
        upper=unknown,
        log_likelihood_null=0.0,
        log_likelihood=0.0,
        likelihood_ratio=nothing["likelihood ratio"],
        wald=nothing["Wald"],
        score=nothing["score"],
        robust_score=None,
        iterations=0,
        converged=False,
        warnings=("no events: nothing is estimable",),
        data=data,
    )


def likelihood_ratio_between(smaller: CoxModel, larger: CoxModel) -> ChiSquareTest:
    """Test the covariates that the larger of two nested models adds: an interaction, for example.

    smaller, larger: models of the same subjects, strata and ties; the larger has every name of the smaller.
    Returns a ChiSquareTest; df is the number of added coefficients that could be estimated.
    Raises DataError when the models cannot be nested.
    Source: twice the difference of the log partial likelihoods, Cox 1975.

    >>> data = ([1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 1, 1])
    >>> a = cox(*data, [1, 0, 1, 0, 1, 0], names=["a"])
    >>> b = cox(*data, [[1, 3], [0, 2], [1, 1], [0, 5], [1, 4], [0, 9]], names=["a", "b"])
    >>> likelihood_ratio_between(a, b).df
    1
    """
    checked_model(smaller, CoxModel, "cox")
    checked_model(larger, CoxModel, "cox")
    if not set(smaller.names) <= set(larger.names):
        added = sorted(set(smaller.names) - set(larger.names))
        raise refused("smaller", f"names {added} that the larger model lacks", "nested models",
                      "pass the smaller model first")  # fmt: skip
    same = (smaller.n, smaller.n_events, smaller.ties) == (larger.n, larger.n_events, larger.ties)
    if not same or not math.isclose(
        smaller.log_likelihood_null, larger.log_likelihood_null, rel_tol=1e-9, abs_tol=1e-12
    ):
        raise refused(
            "larger",
            f"n {larger.n}, events {larger.n_events}, ties {larger.ties}, "
            f"null log likelihood {larger.log_likelihood_null:.6g}",
            f"those of the smaller model: {smaller.n}, {smaller.n_events}, {smaller.ties}, "
            f"{smaller.log_likelihood_null:.6g}",
            "fit both to the same complete cases and strata",
        )
    df = larger.likelihood_ratio.df - smaller.likelihood_ratio.df
    return chi_square_test(2 * (larger.log_likelihood - smaller.log_likelihood), df, "likelihood ratio")
