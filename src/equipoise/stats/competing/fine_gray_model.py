"""A fitted Fine-Gray model: what it holds, and the incidence it predicts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.competing.causes import Label
from equipoise.stats.competing.fine_gray_risk_sets import CensoringTies
from equipoise.stats.observations import FloatArray, IntArray, checked_times, read_only, refused
from equipoise.stats.regression.chi_square import ChiSquareTest
from equipoise.stats.results import Row, StatisticalResult

FineGrayTies = Literal["breslow", "efron"]
FineGrayVariance = Literal["fine-gray", "robust", "model"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictedIncidence(StatisticalResult):
    """Predicted cumulative incidence: estimate of shape (profiles, times)."""

    cause_of_interest: Label
    time: FloatArray
    estimate: FloatArray
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Cumulative incidence of cause {self.cause_of_interest} predicted by Fine and Gray's model"

    def rows(self) -> Iterator[Row]:
        """Every profile, time by time."""
        for i, curve in enumerate(self.estimate):
            for at, value in zip(self.time.tolist(), curve.tolist(), strict=True):
                yield Row("estimate", value, group=f"profile {i + 1}", at=at, method="fine-gray")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FineGrayModel(StatisticalResult):
    """A fitted model; arrays follow ``names``.

    hazard_ratio is of the subdistribution: its direction is that of the cumulative incidence, its size is not a ratio of
    cause-specific hazards.  covariance, std_err, limits, wald_z, P values and the Wald test use ``variance_method``;
    the likelihood-ratio test (of a pseudo-likelihood where someone was censored) and the score test are model-based.
    model_covariance: the inverse information.  baseline_*: jumps of the cumulative subdistribution hazard at covariates
    of zero, by stratum.  NaN and infinite coefficients as in CoxModel; all are named in ``warnings``.
    """

    names: tuple[str, ...]
    dropped: tuple[str, ...]
    cause_of_interest: Label
    n: int
    n_events: int
    n_competing: int
    n_censored: int
    ties: FineGrayTies
    censoring_ties: CensoringTies
    variance_method: FineGrayVariance
    confidence_level: float
    coefficients: FloatArray
    std_err: FloatArray
    covariance: FloatArray
    model_covariance: FloatArray
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
    baseline_time: FloatArray
    baseline_stratum: IntArray
    baseline_hazard: FloatArray
    last_time: float
    n_strata: int
    iterations: int
    converged: bool
    warnings: tuple[str, ...]

    def predict(
        self, covariates: ArrayLike, times: ArrayLike | None = None, *, stratum: int = 0
    ) -> PredictedIncidence:
        """Cumulative incidence for chosen covariates.

        covariates: shape (m, p), or (p,) for one profile, or (m,) with one covariate.  times: shape (t,), by default
        the event times.  stratum: its place among the sorted strata.  1 - exp(-H(t) exp(x'b)); NaN beyond the last follow-up, and where a coefficient
        is not finite.
        Raises DataError on another shape, or a stratum that there is not.
        Source: Fine & Gray 1999, formula 10; values as R cmprsk 2.2, predict(crr).

        >>> from equipoise.stats import fine_gray
        >>> model = fine_gray([1, 2, 3, 4, 5, 6], [1, 2, 1, 0, 1, 2], [1, 0, 0, 1, 1, 0])
        >>> model.predict([1.0], [3]).estimate.round(4).tolist()
        [[0.4329]]
        """
        profiles = np.asarray(covariates, dtype=np.float64)
        if profiles.ndim < 2:
            profiles = profiles.reshape(-1, len(self.names) if profiles.size == len(self.names) else 1)
        if profiles.ndim != 2 or profiles.shape[1] != len(self.names) or not np.isfinite(profiles).all():
            raise refused("covariates", f"shape {profiles.shape}", f"finite numbers, shape (m, {len(self.names)})",
                          "give one row a profile and one column a name")  # fmt: skip
        mine = self.baseline_stratum == stratum
        if not mine.any():
            raise refused("stratum", stratum, "a stratum with events, counted from 0", "name one of them")
        when = self.baseline_time[mine]
        ticks = when if times is None else checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        hazard = np.concatenate(([0.0], np.cumsum(self.baseline_hazard[mine])))
        hazard = hazard[np.searchsorted(when, ticks, side="right")]
        with np.errstate(over="ignore", invalid="ignore"):
            relative = np.exp(profiles @ np.where(np.isnan(self.coefficients), 0.0, self.coefficients))
            estimate = -np.expm1(-relative[:, None] * hazard)
        dropped = np.array([name in self.dropped for name in self.names])
        unknown = not (np.isfinite(self.coefficients) | dropped).all()
        estimate = np.where((ticks > self.last_time) | unknown, np.nan, estimate)
        said = []
        if unknown:
            said.append("a coefficient is not finite: no prediction")
        if not unknown and np.isnan(estimate[:, ticks <= self.last_time]).any():
            said.append("the baseline, at covariates zero, is beyond floating point: fit centered covariates")
        if np.any(ticks > self.last_time):
            said.append(f"not estimable beyond the last follow-up at {self.last_time:g}")
        read_only(estimate)
        return PredictedIncidence(
            cause_of_interest=self.cause_of_interest, time=ticks, estimate=estimate, warnings=tuple(said)
        )

    @property
    def method(self) -> str:
        """The variant in words, as result rows name it."""
        tied = "Efron" if self.ties == "efron" else "Breslow"
        strata = f", {self.n_strata} strata" if self.n_strata > 1 else ""
        return f"Fine-Gray, {tied} ties, censoring at ties as {self.censoring_ties}, {self.variance_method} variance{strata}"

    def _title(self) -> str:
        return (
            f"Cause {self.cause_of_interest}: {self.method}; {100 * self.confidence_level:g}% Wald intervals"
        )

    def rows(self) -> Iterator[Row]:
        """The counts and tests of the model, then each coefficient with its subdistribution hazard ratio."""
        for name in ("n", "n_events", "n_competing", "n_censored", "log_likelihood_null", "log_likelihood"):
            yield Row(name, float(getattr(self, name)), variable="model", method=self.method)
        for test in (self.likelihood_ratio, self.wald, self.score):
            for row in test.rows():
                yield Row(row.statistic, row.value, variable=f"{test.method} test", method=self.method)
        yield from self._headline()

    def _headline(self) -> Iterator[Row]:
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
            own = next((one for one in self.warnings if one.startswith(f"{name}: ")), "")
            for statistic, values in columns.items():
                value = float(values[j])
                yield Row(
                    statistic,
                    value,
                    variable=name,
                    method=self.method,
                    warning="" if math.isfinite(value) else own,
                )
