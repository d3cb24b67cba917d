"""Whether the effect of a treatment differs between the levels of a factor: three tests of the interaction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, column
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    refused,
)
from equipoise.stats.regression.chi_square import ChiSquareTest, chi_square_test
from equipoise.stats.regression.cox import CoxModel, cox, likelihood_ratio_between
from equipoise.stats.regression.cox_data import Ties, cox_data
from equipoise.stats.regression.indicators import indicators
from equipoise.stats.regression.standardized import standardized
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InteractionTest(StatisticalResult):
    """Tests that the treatment's hazard ratios are the same at every level of the factor.

    likelihood_ratio, wald, score: with a robust variance only the Wald test is robust.
    names: of the interaction terms.  smaller, larger: the models without and with them.
    """

    names: tuple[str, ...]
    likelihood_ratio: ChiSquareTest
    wald: ChiSquareTest
    score: ChiSquareTest
    smaller: CoxModel
    larger: CoxModel
    method: str
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Interaction; {self.method}"

    def rows(self) -> Iterator[Row]:
        """Each test, then each interaction as a ratio of hazard ratios."""
        for test in (self.likelihood_ratio, self.wald, self.score):
            for row in test.rows():
                yield Row(row.statistic, row.value, variable=f"{test.method} test", method=self.method)
        for name in self.names:
            j = self.larger.names.index(name)
            for statistic in ("hazard_ratio", "lower", "upper"):
                yield Row(
                    statistic, float(getattr(self.larger, statistic)[j]), variable=name, method=self.method
                )

    def _headline(self) -> Iterator[Row]:
        return (row for row in self.rows() if row.variable not in self.names)


def interaction_test(
    time: ArrayLike | str,
    event: ArrayLike | str,
    treatment: ArrayLike | str,
    factor: ArrayLike | str,
    *,
    factor_as: Literal["levels", "number"] = "levels",
    covariates: Any = None,
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
) -> InteractionTest:
    """Test the interaction of a treatment and a factor in Cox models.

    treatment: shape (n,), labels of two or more arms; the first of the sorted labels is the reference.
    factor: shape (n,), labels whose levels become indicators, or with factor_as "number" a covariate.
    Both models hold the treatment, the factor and the covariates; the larger one also their products. A
    factor that is among the strata has its main effect in the baseline hazards.
    covariates, names and the other options: as in ``cox``.
    Returns an InteractionTest; the likelihood-ratio test is of the two models, the Wald test of the larger
    one, the score test of the larger one's likelihood at the estimates of the smaller one.
    Raises DataError as ``cox`` does, and when treatment or factor have a single level.
    Source: Cox 1972; the likelihood-ratio test equals R's anova of the two coxph models.

    >>> test = interaction_test([5, 3, 8, 2, 9, 4, 7, 1], [1, 1, 1, 1, 0, 1, 1, 1], list("ABABABAB"), list("uuvvuuvv"))
    >>> test.names, test.likelihood_ratio.df
    (('treatment=B:factor=v',), 1)
    """
    checked_choice(factor_as, ("levels", "number"), argument="factor_as")
    arms = _columns(treatment, data, "treatment")
    if factor_as == "levels":
        parts = _columns(factor, data, "factor")
    else:
        name = factor if isinstance(factor, str) else "factor"
        parts = _named(
            np.asarray(column(data, factor, "factor")), [name], data, np.size(column(data, time, "time"))
        )
    n, found_n = (next(iter(one.values())).size for one in (arms, parts))
    if found_n != n:
        raise refused("factor", f"{found_n} values", f"one for each of the {n} treatments",
                      "pass columns of the same rows")  # fmt: skip
    products = {f"{a}:{b}": x * z for a, x in arms.items() for b, z in parts.items()}
    further = _named(covariates, names, data, n)
    repeated = (set(arms) & set(parts)) | ((set(arms) | set(parts)) & set(further))
    if repeated:
        raise refused("covariates", f"{sorted(repeated)[0]!r} twice", "different names for treatment, factor, covariates",
                      "leave treatment and factor out of the covariates, or rename")  # fmt: skip
    main = {**arms, **parts, **further}
    options: dict[str, Any] = {
        "entry": entry, "strata": strata, "weights": weights, "offset": offset, "cluster": cluster,
        "robust": robust, "ties": ties, "confidence_level": confidence_level, "data": data,
    }  # fmt: skip
    smaller = cox(time, event, main, **options)
    larger = cox(time, event, {**main, **products}, **options)
    found = tuple(products)
    return InteractionTest(
        names=found,
        likelihood_ratio=likelihood_ratio_between(smaller, larger),
        wald=_wald(larger, found),
        score=_score(smaller, larger),
        smaller=smaller,
        larger=larger,
        method=larger.method,
        # A factor among the strata has its main effect there; that its columns have no estimate is as planned.
        warnings=tuple(
            one for one in larger.warnings if not any(one.startswith(f"{name}: constant") for name in parts)
        ),
    )


def _columns(values: ArrayLike | str, data: Frame | None, argument: str) -> dict[str, FloatArray]:
    found = np.asarray(column(data, values, argument))
    return dict(indicators(found, name=values if isinstance(values, str) else argument))


def _named(covariates: Any, names: Sequence[str] | None, data: Frame | None, n: int) -> dict[str, Any]:
    """The further covariates by their names."""
    if covariates is None:
        return {}
    # Their checks are those of a model of them alone, without events.
    checked = cox_data(np.zeros(n), np.zeros(n, dtype=np.bool_), covariates, names=names, entry=None, strata=None,
                       weights=None, offset=None, cluster=None, ties="efron", data=data)  # fmt: skip
    return dict(zip(checked.names, checked.matrix.T, strict=True))


def _wald(model: CoxModel, names: tuple[str, ...]) -> ChiSquareTest:
    position = np.array([model.names.index(name) for name in names])
    kept = position[~np.isnan(model.coefficients[position])]
    variance = model.robust_covariance if model.robust_covariance is not None else model.covariance
    estimates = model.coefficients[kept]
    value = math.nan
    if np.isfinite(estimates).all() and kept.size:
        value = float(estimates @ np.linalg.solve(variance[np.ix_(kept, kept)], estimates))
    return chi_square_test(value, kept.size, "robust Wald" if model.robust else "Wald")


def _score(smaller: CoxModel, larger: CoxModel) -> ChiSquareTest:
    """The score of the larger likelihood at the smaller one's estimates, over its information there."""
    df = larger.likelihood_ratio.df - smaller.likelihood_ratio.df
    if not larger.n_events or np.isinf(smaller.coefficients).any() or not df:
        return chi_square_test(math.nan, df, "score")
    problem = standardized(larger.data)
    at = dict(zip(smaller.names, np.nan_to_num(smaller.coefficients), strict=True))
    beta = np.array([at.get(name, 0.0) for name in larger.names]) * problem.scale
    found = problem.likelihood.evaluate(beta)
    kept: IntArray = _informative(larger)
    score, information = found.score[kept], found.information[np.ix_(kept, kept)]
    value = float(score @ np.linalg.lstsq(information, score)[0])
    return chi_square_test(value, df, "score")


def _informative(model: CoxModel) -> IntArray:
    """Positions of the covariates that have information of their own, with a finite estimate or not."""
    left_out = ("constant within every stratum", "a linear combination", "no event tells")
    return np.array(
        [
            j
            for j, name in enumerate(model.names)
            if not any(w.startswith(f"{name}: {reason}") for w in model.warnings for reason in left_out)
        ],
        dtype=np.int64,
    )
