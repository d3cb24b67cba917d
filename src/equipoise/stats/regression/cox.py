"""The Cox proportional-hazards model for covariates fixed in time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.numerics.distributions import chi_square_sf, normal_quantile, normal_sf
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_events,
    checked_fraction,
    checked_times,
    read_only,
    refused,
    stratum_codes,
)
from equipoise.stats.regression.newton import Maximum, maximize
from equipoise.stats.regression.partial_likelihood import RiskSets, Ties, risk_sets

# What is left of a constant covariate after its mean is taken off is rounding of this relative size.
_CONSTANT = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquareTest:
    """One test that coefficients are zero; NaN where it is not estimable."""

    chi_square: float
    df: int
    p_value_two_sided: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoxModel:
    """A fitted Cox model; the arrays follow ``names``.

    wald_z is coefficient / std_err, so its sign is that of the coefficient: negative means a lower hazard
    (the opposite of a log-rank z).  lower and upper are Wald limits of the hazard ratio.
    A covariate without information of its own has NaN throughout.  A coefficient whose maximum lies at
    infinity is reported infinite, its hazard ratio 0 or infinite, its std_err, limits and P value NaN, and
    with it the Wald test; what it leaves undetermined is NaN.  The likelihood-ratio and score tests remain
    valid, the log likelihood is the supremum, and converged is False.  All are named in ``warnings``.
    """

    names: tuple[str, ...]
    n: int
    n_events: int
    ties: Ties
    confidence_level: float
    coefficients: FloatArray
    std_err: FloatArray
    covariance: FloatArray
    wald_z: FloatArray
    p_value_two_sided: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    likelihood_ratio: ChiSquareTest
    wald: ChiSquareTest
    score: ChiSquareTest
    iterations: int
    converged: bool
    warnings: tuple[str, ...]


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str],
    strata: ArrayLike | None = None,
    ties: Ties = "efron",
    confidence_level: float = 0.95,
) -> CoxModel:
    """Estimate log hazard ratios by maximum partial likelihood.

    time: shape (n,), at least 0.  event: shape (n,), True for an event.  covariates: shape (n, p), or
    (n,) for one, finite numbers; indicators are made by the caller.  names: p different names.
    strata: None, (n,) labels, or (n, f) labels of f crossed factors.  ties: "efron" or "breslow".
    confidence_level: of the Wald limits of the hazard ratios.
    Returns a CoxModel.  Nothing is hidden: covariates dropped as constant or collinear, coefficients at
    infinity, strata without events, and missing convergence are in ``warnings``.
    Raises DataError on unusable times, events, covariates, names or lengths.
    Source: Cox 1972, 1975; Efron 1977; Breslow 1974; values as R survival 3.5-3, coxph.

    >>> model = cox([1, 1, 2, 3, 4], [1, 0, 1, 1, 0], [1, 0, 1, 0, 1], names=["treated"])
    >>> round(float(model.coefficients[0]), 6), round(model.log_likelihood, 6)
    (0.340144, -3.36207)
    """
    times = checked_times(time)
    events = checked_events(event, times.size)
    stratum = stratum_codes(strata, times.size)
    matrix = _checked_covariates(covariates, tuple(names), times.size)
    if ties not in ("efron", "breslow"):
        raise refused("ties", repr(ties), "efron or breslow", "name one of the two")
    checked_fraction(confidence_level, argument="confidence_level")
    if not events.any():
        return _without_events(times.size, tuple(names), ties, confidence_level)

    sets = risk_sets(times, events, stratum, ties)
    standardized, scale = _standardized(sets, matrix, stratum)
    found = maximize(sets, standardized)
    silent_strata = int(np.sum(np.bincount(stratum[events], minlength=int(stratum.max()) + 1) == 0))
    warnings = _warnings(found, tuple(names), scale, silent_strata)
    return _model(found, scale, tuple(names), times.size, int(events.sum()), ties, confidence_level, warnings)


def _checked_covariates(covariates: ArrayLike, names: tuple[str, ...], n: int) -> FloatArray:
    found = np.asarray(covariates)
    if found.ndim == 1:
        found = found[:, None]
    if found.shape != (n, len(names)):
        raise refused("covariates", f"shape {found.shape}", f"({n}, {len(names)}): the times by the names",
                      "give one row a subject and one name a column")  # fmt: skip
    if len(set(names)) < len(names):
        raise refused("names", repr(names), "different names", "rename the repeated one")
    if found.dtype.kind not in "biuf":
        raise refused("covariates", f"dtype {found.dtype}", "numbers", "code categories as 0/1 columns")
    matrix = found.astype(np.float64)
    unusable = ~np.isfinite(matrix)
    if unusable.any():
        row, column = (int(index) for index in np.argwhere(unusable)[0])
        raise refused(f"covariates[{names[column]}]", f"{matrix[row, column]} at row {row}", "finite numbers",
                      "fit complete cases, and count the others")  # fmt: skip
    return matrix


def _standardized(sets: RiskSets, matrix: FloatArray, stratum: IntArray) -> tuple[FloatArray, FloatArray]:
    """Covariates in the order of the risk sets, less their stratum means, over their spread.

    A shift within a stratum cancels in the partial likelihood, and only variation within strata informs
    it. The scale of a constant covariate is 0, and so is its column.
    """
    ordered, of = matrix[sets.row], stratum[sets.row]
    size = np.maximum(np.bincount(of), 1)
    centered = np.empty_like(ordered)
    scale = np.zeros(ordered.shape[1])
    for j in range(ordered.shape[1]):
        column = ordered[:, j] - (np.bincount(of, weights=ordered[:, j]) / size)[of]
        spread = float(np.sqrt(np.mean(column**2)))
        constant = np.max(np.abs(column)) <= _CONSTANT * np.max(np.abs(ordered[:, j]))
        scale[j] = 0.0 if constant else spread
        centered[:, j] = 0.0 if constant else column / spread
    return centered, scale


def _model(
    found: Maximum,
    scale: FloatArray,
    names: tuple[str, ...],
    n: int,
    n_events: int,
    ties: Ties,
    confidence_level: float,
    warnings: tuple[str, ...],
) -> CoxModel:
    """A Maximum in standardized units as a model in the units of the caller."""
    unit = np.where(scale > 0, scale, np.nan)
    coefficients = found.coefficients / unit
    covariance = found.covariance / np.outer(unit, unit)
    std_err = np.sqrt(np.diag(covariance))
    wald_z = np.where(np.isfinite(coefficients), coefficients, np.nan) / std_err
    reach = -normal_quantile((1 - confidence_level) / 2) * std_err
    kept = found.kept
    df = int(kept.sum())
    estimates = found.coefficients[kept]
    all_finite = bool(np.isfinite(estimates).all())
    null, final = found.null, found.final
    with np.errstate(over="ignore"):
        hazard_ratio, lower, upper = (
            np.exp(coefficients),
            np.exp(np.where(np.isfinite(reach), coefficients - reach, np.nan)),
            np.exp(np.where(np.isfinite(reach), coefficients + reach, np.nan)),
        )
    p_value = np.array([2 * normal_sf(abs(z)) for z in wald_z.tolist()])
    for array in (coefficients, std_err, covariance, wald_z, p_value, hazard_ratio, lower, upper):
        read_only(array)
    return CoxModel(
        names=names,
        n=n,
        n_events=n_events,
        ties=ties,
        confidence_level=confidence_level,
        coefficients=coefficients,
        std_err=std_err,
        covariance=covariance,
        wald_z=wald_z,
        p_value_two_sided=p_value,
        hazard_ratio=hazard_ratio,
        lower=lower,
        upper=upper,
        log_likelihood_null=null.log_likelihood,
        log_likelihood=final.log_likelihood,
        likelihood_ratio=_test(2 * (final.log_likelihood - null.log_likelihood), df),
        wald=_test(float(estimates @ final.information @ estimates) if all_finite else math.nan, df),
        score=_test(float(null.score @ np.linalg.solve(null.information, null.score)), df),
        iterations=found.iterations,
        converged=found.converged,
        warnings=warnings,
    )


def _test(chi_square: float, df: int) -> ChiSquareTest:
    # Rounding can leave a difference of two equal likelihoods a hair below zero.
    value = chi_square if math.isnan(chi_square) else max(chi_square, 0.0)
    return ChiSquareTest(
        chi_square=value if df else math.nan, df=df, p_value_two_sided=chi_square_sf(value, df)
    )


def _warnings(
    found: Maximum, names: tuple[str, ...], scale: FloatArray, silent_strata: int
) -> tuple[str, ...]:
    worded: list[str] = []
    for name, kept, direction, spread in zip(names, found.kept, found.diverging, scale, strict=True):
        if spread == 0:
            worded.append(f"{name}: constant within every stratum among subjects at risk; no estimate")
        elif not kept:
            worded.append(f"{name}: a linear combination of the covariates before it; no estimate")
        elif math.isnan(direction):
            worded.append(f"{name}: undetermined, because the likelihood grows without end; no estimate")
        elif direction:
            worded.append(
                f"{name}: the likelihood still grows as the coefficient goes to {direction * math.inf:+.0f}; "
                "use the likelihood-ratio or score test"
            )
    if silent_strata:
        worded.append(f"strata without events, which add no information: {silent_strata}")
    if not found.converged and not np.any(found.diverging[found.kept]):
        worded.append(f"no convergence after {found.iterations} iterations: do not use the estimates")
    return tuple(worded)


def _without_events(n: int, names: tuple[str, ...], ties: Ties, confidence_level: float) -> CoxModel:
    p = len(names)
    unknown, square = np.full(p, np.nan), np.full((p, p), np.nan)
    read_only(unknown)
    read_only(square)
    nothing = ChiSquareTest(chi_square=math.nan, df=0, p_value_two_sided=math.nan)
    return CoxModel(
        names=names,
        n=n,
        n_events=0,
        ties=ties,
        confidence_level=confidence_level,
        coefficients=unknown,
        std_err=unknown,
        covariance=square,
        wald_z=unknown,
        p_value_two_sided=unknown,
        hazard_ratio=unknown,
        lower=unknown,
        upper=unknown,
        log_likelihood_null=0.0,
        log_likelihood=0.0,
        likelihood_ratio=nothing,
        wald=nothing,
        score=nothing,
        iterations=0,
        converged=False,
        warnings=("no events: nothing is estimable",),
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
    return _test(2 * (larger.log_likelihood - smaller.log_likelihood), df)
