"""Fine and Gray's proportional-hazards model of the subdistribution of one cause."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats import compiling
from equipoise.stats.competing.causes import Label, checked_causes, labels_of, of_interest
from equipoise.stats.competing.fine_gray_covariates import (
    Standardized,
    checked_covariates,
    standardized_covariates,
)
from equipoise.stats.competing.fine_gray_fit import Evaluate, Maximum, maximize
from equipoise.stats.competing.fine_gray_likelihood import evaluate
from equipoise.stats.competing.fine_gray_model import (
    FineGrayModel,
    FineGrayTies,
    FineGrayVariance,
)
from equipoise.stats.competing.fine_gray_risk_sets import (
    Censoring,
    CensoringTies,
    Subdistribution,
    censoring_curves,
    risk_sets,
)
from equipoise.stats.competing.fine_gray_variance import censoring_residuals, score_residuals
from equipoise.stats.frames import Frame, columns, named_covariates
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    checked_fraction,
    checked_times,
    read_only,
    refused,
    stratum_codes,
)
from equipoise.stats.regression.chi_square import chi_square_test


def fine_gray(
    time: ArrayLike | str,
    cause: ArrayLike | str,
    covariates: Any,
    *,
    names: Sequence[str] | None = None,
    cause_of_interest: Label = 1,
    strata: ArrayLike | Sequence[str] | str | None = None,
    censoring_groups: ArrayLike | str | None = None,
    ties: FineGrayTies = "breslow",
    censoring_ties: CensoringTies = "cmprsk",
    variance: FineGrayVariance = "fine-gray",
    confidence_level: float = 0.95,
    causes: Sequence[Label] | None = None,
    censored: Label = 0,
    data: Frame | None = None,
) -> FineGrayModel:
    """Estimate log subdistribution hazard ratios of one cause.

    time: shape (n,), at least 0.  cause: shape (n,), whole numbers with 0 for censoring, or texts, where ``censored``
    names the text that is censoring; causes: all of them, to refuse another one.  covariates: shape (n, p), (n,) for
    one, a frame, or names of columns; names: p different names.
    strata: None, or labels of strata with a baseline each (crossed where several).  censoring_groups: None, or labels
    of groups with a censoring curve each (crr's cengroup).
    ties: "breslow" (crr) or "efron" (coxph's default).  censoring_ties: at equal times "cmprsk" keeps events at risk
    of censoring, "survival" (finegray) does not.  variance: "fine-gray" (crr: with the part that comes from estimating
    the censoring curve), "robust" (coxph with a cluster for each subject on the rows of finegray) or "model".
    data: any frame; then texts name its columns.
    Returns a FineGrayModel.  Covariates dropped, coefficients at infinity and missing convergence are in ``warnings``.
    Raises DataError on unusable times, causes, covariates, labels or lengths.
    Source: Fine & Gray 1999; values as R cmprsk 2.2 (crr) and survival 3.5-3 (finegray and coxph).

    >>> model = fine_gray([1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 2], [1, 0, 0, 1, 1, 0], names=["treated"])
    >>> round(float(model.coefficients[0]), 6), round(float(model.std_err[0]), 6)
    (1.007, 1.047445)
    """
    time, cause, strata, censoring_groups = columns(
        data, time=time, cause=cause, strata=strata, censoring_groups=censoring_groups
    )
    given, labels = named_covariates(data, covariates, names)
    times = checked_times(time)
    found = checked_causes(cause, times.size, censored=censored, causes=causes)
    matrix = checked_covariates(given, labels, times.size)
    stratum = stratum_codes(strata, times.size)
    group = np.zeros(times.size, dtype=np.int64)
    if censoring_groups is not None:
        group = labels_of(censoring_groups, times.size, "censoring_groups")[1]
    _checked_options(ties, censoring_ties, variance)
    checked_fraction(confidence_level, argument="confidence_level")
    kind = of_interest(found.code, found.position(cause_of_interest, "cause_of_interest"))
    if not np.any(kind == 1):
        raise refused("cause", f"no event of cause {cause_of_interest!r}", "at least one",
                      "without events there is no model to fit")  # fmt: skip

    compiled = compiling.worthwhile(times.size)
    if compiled:
        # No sum depends on the order of the subjects, and in the order of time the kernels read memory in order.
        order = np.argsort(times, kind="stable")
        times, kind, stratum, group, matrix = (
            times[order],
            kind[order],
            stratum[order],
            group[order],
            np.take(matrix, order, axis=1),
        )
    curves = censoring_curves(times, kind, group, censoring_ties)
    sets = risk_sets(kind, stratum, curves, efron=ties == "efron", compiled=compiled)
    standardized = standardized_covariates(matrix, stratum, len(sets.segments))
    best = maximize(sets, standardized.columns, _likelihood(sets))
    covariance, model_covariance = _covariances(sets, curves, standardized, best, variance)
    return _model(
        best,
        sets,
        curves,
        standardized,
        covariance,
        model_covariance,
        kind,
        names=labels,
        cause_of_interest=cause_of_interest,
        ties=ties,
        censoring_ties=censoring_ties,
        variance=variance,
        confidence_level=float(confidence_level),
    )


def _likelihood(sets: Subdistribution) -> Evaluate:
    return lambda covariates, coefficients: evaluate(sets, covariates, coefficients)


def _checked_options(ties: str, censoring_ties: str, variance: str) -> None:
    known = {
        "ties": (ties, ("breslow", "efron")),
        "censoring_ties": (censoring_ties, ("cmprsk", "survival")),
        "variance": (variance, ("fine-gray", "robust", "model")),
    }
    for argument, (value, choices) in known.items():
        checked_choice(value, choices, argument=argument)


def _covariances(
    sets: Subdistribution,
    curves: Censoring,
    standardized: Standardized,
    best: Maximum,
    variance: FineGrayVariance,
) -> tuple[FloatArray, FloatArray]:
    """The covariance asked for and the model-based one, of standardized coefficients; NaN for those not finite."""
    p = standardized.scale.size
    unknown = np.full((p, p), np.nan)
    finite = best.diverging == 0
    at = np.flatnonzero(best.kept)[finite]
    information = best.final.information[np.ix_(finite, finite)]
    if at.size == 0 or not (best.converged or best.diverging.any()):
        return unknown, unknown.copy()
    try:
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return unknown, unknown.copy()
    if not (np.diag(inverse) > 0).all():
        return unknown, unknown.copy()
    model = unknown.copy()
    model[np.ix_(at, at)] = inverse
    if variance == "model":
        return model.copy(), model
    used = standardized.columns if best.kept.all() else standardized.columns[best.kept]
    residuals = score_residuals(sets, used, best.final)
    if variance == "fine-gray" and sets.competing.size:
        residuals += censoring_residuals(sets, used, best.final, curves)
    residuals = residuals[finite]
    sandwich = unknown.copy()
    sandwich[np.ix_(at, at)] = inverse @ (residuals @ residuals.T) @ inverse
    return sandwich, model


def _model(
    best: Maximum,
    sets: Subdistribution,
    curves: Censoring,
    standardized: Standardized,
    covariance: FloatArray,
    model_covariance: FloatArray,
    kind: IntArray,
    *,
    names: tuple[str, ...],
    cause_of_interest: Label,
    ties: FineGrayTies,
    censoring_ties: CensoringTies,
    variance: FineGrayVariance,
    confidence_level: float,
) -> FineGrayModel:
    """A maximum in standardized units as a model in the units of the caller."""
    p = len(names)
    unit = np.where(standardized.scale > 0, standardized.scale, np.nan)
    coefficients = np.full(p, np.nan)
    finite = best.diverging == 0
    coefficients[best.kept] = np.where(
        finite, best.coefficients, np.where(finite, 1.0, best.diverging) * np.inf
    )
    coefficients = coefficients / unit
    covariance, model_covariance = (c / np.outer(unit, unit) for c in (covariance, model_covariance))
    std_err = np.sqrt(np.diag(covariance))
    wald_z = np.where(np.isfinite(coefficients), coefficients, np.nan) / std_err
    reach = -normal_quantile((1 - confidence_level) / 2) * std_err
    with np.errstate(over="ignore"):
        hazard_ratio = np.exp(coefficients)
        lower, upper = (
            np.exp(np.where(np.isnan(reach), np.nan, coefficients + side * reach)) for side in (-1, 1)
        )
    df = int(best.kept.sum())
    estimated = np.flatnonzero(best.kept)
    wald = math.nan
    if finite.all() and best.converged and df:
        own = coefficients[estimated] * unit[estimated]
        spread = covariance[np.ix_(estimated, estimated)] * np.outer(unit[estimated], unit[estimated])
        wald = float(own @ np.linalg.lstsq(spread, own)[0])
    score = best.null.score @ np.linalg.lstsq(best.null.information, best.null.score)[0] if df else math.nan
    when, stratum, hazard = _baseline(best, sets, curves, standardized)
    p_value = np.array([2 * normal_sf(abs(z)) for z in wald_z.tolist()])
    arrays = (
        coefficients, std_err, covariance, model_covariance, wald_z, p_value, hazard_ratio, lower, upper, when, stratum,
        hazard,
    )  # fmt: skip
    for array in arrays:
        read_only(array)
    counts = np.bincount(kind, minlength=3).tolist()
    return FineGrayModel(
        names=names,
        dropped=tuple(name for name, kept in zip(names, best.kept, strict=True) if not kept),
        cause_of_interest=cause_of_interest,
        n=kind.size,
        n_events=counts[1],
        n_competing=counts[2],
        n_censored=counts[0],
        ties=ties,
        censoring_ties=censoring_ties,
        variance_method=variance,
        confidence_level=confidence_level,
        coefficients=coefficients,
        std_err=std_err,
        covariance=covariance,
        model_covariance=model_covariance,
        wald_z=wald_z,
        p_value_two_sided=p_value,
        hazard_ratio=hazard_ratio,
        lower=lower,
        upper=upper,
        log_likelihood_null=best.null.log_likelihood,
        log_likelihood=best.final.log_likelihood,
        likelihood_ratio=chi_square_test(
            2 * (best.final.log_likelihood - best.null.log_likelihood), df, "likelihood ratio"
        ),
        wald=chi_square_test(wald, df, "Wald"),
        score=chi_square_test(float(score), df, "score"),
        baseline_time=when,
        baseline_stratum=stratum,
        baseline_hazard=hazard,
        last_time=float(curves.time[-1]),
        n_strata=len(sets.segments),
        iterations=best.iterations,
        converged=best.converged,
        warnings=_warnings(best, names, standardized.scale, sets),
    )


def _baseline(
    best: Maximum, sets: Subdistribution, curves: Censoring, standardized: Standardized
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Time, stratum and jump of the cumulative subdistribution hazard at covariates of zero; NaN without estimates."""
    stratum = np.repeat(np.arange(len(sets.segments)), [last - first for first, last in sets.segments])
    jumps = np.add.reduceat(best.final.inverse, sets.event_start)
    slopes = best.coefficients / standardized.scale[best.kept]
    shift = standardized.center[:, best.kept] @ slopes + best.final.level
    with np.errstate(over="ignore"):
        hazard = jumps * np.exp(-shift)[stratum]
    if best.diverging.any() or not best.converged:
        hazard = np.full_like(hazard, np.nan)
    return curves.time[sets.cell_row], stratum, hazard


def _warnings(
    best: Maximum, names: tuple[str, ...], scale: FloatArray, sets: Subdistribution
) -> tuple[str, ...]:
    worded: list[str] = []
    directions = np.zeros(len(names))
    directions[best.kept] = best.diverging
    for name, kept, direction, spread in zip(names, best.kept, directions.tolist(), scale, strict=True):
        if spread == 0:
            worded.append(f"{name}: constant within every stratum; no estimate")
        elif not kept:
            worded.append(f"{name}: a linear combination of the covariates before it; no estimate")
        elif math.isnan(direction):
            worded.append(f"{name}: undetermined, because the likelihood grows without end; no estimate")
        elif direction:
            worded.append(
                f"{name}: the likelihood still grows as the coefficient goes to {direction * math.inf:+.0f}; "
                "use the likelihood-ratio or score test"
            )
    silent = sum(first == last for first, last in sets.segments)
    if silent:
        worded.append(f"strata without events of the cause, which add no information: {silent}")
    if not best.converged and not best.diverging.any():
        worded.append(f"no convergence after {best.iterations} iterations: do not use the estimates")
    return tuple(worded)
