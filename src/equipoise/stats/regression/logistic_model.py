"""A fitted logistic model as a result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from equipoise.stats.observations import FloatArray
from equipoise.stats.regression.chi_square import ChiSquareTest
from equipoise.stats.regression.logistic_data import LogisticData
from equipoise.stats.regression.logistic_separation import Separation
from equipoise.stats.results import Row, StatisticalResult

if TYPE_CHECKING:
    from equipoise.stats.regression.exact_logistic import ExactLogistic


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticModel(StatisticalResult):
    """A logistic model; the arrays follow ``names``, the intercept first.

    lower and upper are Wald limits of the odds ratio; that of the intercept is the odds at covariates zero.
    likelihood_ratio, wald and score test that all coefficients but the intercept are zero.
    deviance is minus twice the log likelihood of single subjects (a saturated model has 0).
    fitted: (n rows,) the probability of the event; 0 or 1 for a row that is predicted without error.
    A covariate without information of its own has NaN throughout.  A coefficient whose maximum lies at
    infinity is reported infinite, its odds ratio 0 or infinite, its std_err, limits and P value NaN, and
    with it the Wald test; what separation leaves undetermined is NaN.  The likelihood-ratio and score tests
    remain valid, the log likelihood is the supremum, converged is False, and separation says which kind.
    exact: the exact conditional analysis, where it was asked for and the data are separated.
    """

    names: tuple[str, ...]
    n: int
    n_events: int
    confidence_level: float
    coefficients: FloatArray
    std_err: FloatArray
    covariance: FloatArray
    z: FloatArray
    p_value_two_sided: FloatArray
    odds_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    deviance: float
    null_deviance: float
    aic: float
    likelihood_ratio: ChiSquareTest
    wald: ChiSquareTest
    score: ChiSquareTest
    iterations: int
    converged: bool
    separation: Separation
    fitted: FloatArray
    warnings: tuple[str, ...]
    intercept: bool
    exact: ExactLogistic | None = None
    data: LogisticData = field(repr=False)

    def _title(self) -> str:
        level = f"{100 * self.confidence_level:g}%"
        return f"Logistic regression, maximum likelihood, Wald {level} limits; {self.n_events} events of {self.n}"

    def _headline(self) -> Iterator[Row]:
        shown = ("coefficient", "std_err", "z", "p_value_two_sided", "odds_ratio", "lower", "upper")
        yield from (row for row in self.rows() if row.method == "Wald" and row.statistic in shown)
        for row in self.rows():
            if row.variable == "all covariates":
                yield Row(row.statistic, row.value, variable=f"all covariates, {row.method}")

    def _notes(self) -> tuple[str, ...]:
        return self.warnings if self.exact is None else (*self.warnings, self.exact.summary())

    def rows(self) -> Iterator[Row]:
        """Every statistic: of the model, of each test, of each coefficient."""
        method = "maximum likelihood"
        for name in (
            "n",
            "n_events",
            "log_likelihood_null",
            "log_likelihood",
            "deviance",
            "null_deviance",
            "aic",
        ):
            yield Row(name, float(getattr(self, name)), method=method)
        for name in ("likelihood_ratio", "wald", "score"):
            test: ChiSquareTest = getattr(self, name)
            for statistic in ("chi_square", "df", "p_value_two_sided"):
                yield Row(
                    statistic,
                    float(getattr(test, statistic)),
                    variable="all covariates",
                    method=f"{name.replace('_', ' ')} test",
                )
        for i, name in enumerate(self.names):
            said = next((words for words in self.warnings if words.startswith(f"{name}: ")), "")
            for statistic, array in (
                ("coefficient", self.coefficients),
                ("std_err", self.std_err),
                ("z", self.z),
                ("p_value_two_sided", self.p_value_two_sided),
                ("odds_ratio", self.odds_ratio),
                ("lower", self.lower),
                ("upper", self.upper),
            ):
                yield Row(statistic, float(array[i]), variable=name, method="Wald", warning=said)
        if self.exact is not None:
            yield from self.exact.rows()
