"""A fitted Cox model as a result."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray, refused
from equipoise.stats.regression.chi_square import ChiSquareTest
from equipoise.stats.regression.cox_data import CoxData, Ties
from equipoise.stats.results import Row, StatisticalResult, shown

_WORDS: dict[Ties, str] = {
    "efron": "Efron ties",
    "breslow": "Breslow ties",
    "exact-partial": "exact partial likelihood",
    "exact-marginal": "exact marginal likelihood",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoxModel(StatisticalResult):
    """A fitted Cox model; the arrays follow ``names``.

    covariance and std_err are model-based. With ``robust`` there are also robust_covariance and
    robust_std_err (else None), and wald_z, the P values, the limits and the Wald test are of these; the
    likelihood-ratio and score tests stay model-based, and robust_score is the score test made robust.
    wald_z is coefficient / standard error, so its sign is that of the coefficient: negative means a lower
    hazard (the opposite of a log-rank z).  lower and upper are Wald limits of the hazard ratio.
    A covariate without information of its own has NaN throughout.  A coefficient whose maximum lies at
    infinity is reported infinite, its hazard ratio 0 or infinite, its std_err, limits and P value NaN, and
    with it the Wald test; what it leaves undetermined is NaN.  The likelihood-ratio and score tests remain
    valid, the log likelihood is the supremum, and converged is False.  All are named in ``warnings``.
    n counts rows, n_clusters the clusters of a robust variance (0 without one).
    data: what was fitted, for all that is computed after the fit.
    """

    names: tuple[str, ...]
    n: int
    n_events: int
    n_clusters: int
    ties: Ties
    robust: bool
    confidence_level: float
    coefficients: FloatArray
    std_err: FloatArray
    covariance: FloatArray
    robust_std_err: FloatArray | None
    robust_covariance: FloatArray | None
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
    robust_score: ChiSquareTest | None
    iterations: int
    converged: bool
    warnings: tuple[str, ...]
    data: CoxData = field(repr=False)

    @property
    def method(self) -> str:
        """The variant in words, as result rows name it."""
        parts = ["Cox", _WORDS[self.ties]]
        if len(self.data.stratum_labels) > 1:
            parts.append(f"{len(self.data.stratum_labels)} strata")
        if self.robust:
            parts.append(f"robust variance by {self.n_clusters} clusters")
        return ", ".join(parts)

    def _title(self) -> str:
        return f"{self.method}; {100 * self.confidence_level:g}% Wald intervals"

    def _notes(self) -> tuple[str, ...]:
        parts = [f"n {self.n}, {self.n_events} events"]
        for test in (self.likelihood_ratio, self.wald, self.score, self.robust_score):
            if test is not None and test.df:
                p_value = shown("p_value_two_sided", test.p_value_two_sided)
                parts.append(
                    f"{test.method} {shown('chi_square', test.chi_square)}, df {test.df}, P {p_value}"
                )
        return ("; ".join(parts), *self.warnings)

    def rows(self) -> Iterator[Row]:
        """The counts and tests of the model, then each coefficient with its hazard ratio."""
        for name in ("n", "n_events", "log_likelihood_null", "log_likelihood"):
            yield Row(name, float(getattr(self, name)), variable="model", method=self.method)
        for test in (self.likelihood_ratio, self.wald, self.score, self.robust_score):
            for row in test.rows() if test is not None else ():
                yield Row(row.statistic, row.value, variable=f"{test.method} test" if test else "",
                          method=self.method)  # fmt: skip
        yield from self._headline()

    def _headline(self) -> Iterator[Row]:
        columns = {
            "log_hazard_ratio": self.coefficients,
            "std_err": self.std_err,
            "robust_std_err": self.robust_std_err,
            "z": self.wald_z,
            "p_value_two_sided": self.p_value_two_sided,
            "hazard_ratio": self.hazard_ratio,
            "lower": self.lower,
            "upper": self.upper,
        }
        for j, name in enumerate(self.names):
            own = next((one for one in self.warnings if one.startswith(f"{name}: ")), "")
            for statistic, values in columns.items():
                if values is not None:
                    value = float(values[j])
                    yield Row(statistic, value, variable=name, method=self.method,
                              warning="" if math.isfinite(value) else own)  # fmt: skip


def undetermined(model: CoxModel) -> BoolArray:
    """Coefficients without a value because the likelihood grows without end, (p,); those left out are not among them."""
    return np.array(
        [any(one.startswith(f"{name}: undetermined") for one in model.warnings) for name in model.names],
        dtype=np.bool_,
    )


def finite_coefficients(model: CoxModel, what: str) -> FloatArray:
    """The coefficients with 0 for covariates that were left out, (p,); refused where one is infinite or undetermined.

    A covariate left out adds nothing to the predictor; one that is undetermined adds nobody knows how much.
    """
    loose = undetermined(model)
    for found, words in ((np.isinf(model.coefficients), "at infinity"), (loose, "that is undetermined")):
        if found.any():
            name = model.names[int(np.argmax(found))]
            raise refused("model", f"a coefficient {words} ({name})", f"finite coefficients for {what}",
                          "leave that covariate out, or make it a stratum")  # fmt: skip
    return np.where(np.isnan(model.coefficients), 0.0, model.coefficients)
