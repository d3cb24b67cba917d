"""Fits and tests that selection of terms is made of, the same for Cox and for logistic models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray, IntArray
from equipoise.stats.regression.chi_square import chi_square_test
from equipoise.stats.regression.cox import CoxModel, cox
from equipoise.stats.regression.logistic import logistic
from equipoise.stats.regression.logistic_model import LogisticModel
from equipoise.stats.regression.selection_terms import Term

TermTestKind = Literal["wald", "likelihood-ratio"]
Missing = Literal["fixed", "refitted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermTest:
    """A test that the columns of one term add nothing.  note: why it is another test than was asked for, if so."""

    term: str
    test: TermTestKind
    chi_square: float
    df: int
    p_value_two_sided: float
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A fitted model, without its intercept.  df: estimated coefficients.  parameters: those and the intercept."""

    model: CoxModel | LogisticModel
    coefficients: FloatArray
    covariance: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    p_value: FloatArray
    log_likelihood: float
    df: int
    parameters: int
    n: int
    n_events: int
    trusted: bool

    @property
    def aic(self) -> float:
        """Minus twice the log likelihood plus twice the number of parameters."""
        return 2 * self.parameters - 2 * self.log_likelihood


class Fitter(Protocol):
    """Fits one kind of model to some rows."""

    @property
    def size(self) -> int:
        """The number of rows of the data."""

    @property
    def measure(self) -> str:
        """What the exponential of a coefficient is."""

    def fit(self, matrix: FloatArray, names: Sequence[str], rows: BoolArray) -> Fit:
        """The model of the columns among the rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoxFitter:
    """Cox models of one set of subjects."""

    time: FloatArray
    event: BoolArray
    stratum: IntArray
    ties: Any
    confidence_level: float
    entry: FloatArray | None = None
    weights: FloatArray | None = None

    @property
    def size(self) -> int:
        """The number of rows of the data."""
        return self.time.size

    @property
    def measure(self) -> str:
        """What the exponential of a coefficient is."""
        return "hazard_ratio"

    def fit(self, matrix: FloatArray, names: Sequence[str], rows: BoolArray) -> Fit:
        """The model of the columns among the rows."""
        # A model without covariates has a likelihood too: that of a column of zeros, which says nothing.
        empty = not names
        given: dict[str, Any] = {}
        if self.entry is not None:
            given["entry"] = self.entry[rows]
        if self.weights is not None:
            given["weights"] = self.weights[rows]
        model = cox(
            self.time[rows],
            self.event[rows],
            np.zeros((int(rows.sum()), 1)) if empty else matrix[rows],
            names=["nothing"] if empty else list(names),
            strata=self.stratum[rows],
            ties=self.ties,
            confidence_level=self.confidence_level,
            **given,
        )
        df = model.likelihood_ratio.df
        infinite = bool(np.isinf(model.coefficients).any()) or any(
            "undetermined" in one for one in model.warnings
        )
        # A model without a coefficient to estimate has nothing to converge to.
        return Fit(
            model=model,
            coefficients=model.coefficients,
            covariance=model.covariance,
            std_err=model.std_err,
            lower=model.lower,
            upper=model.upper,
            p_value=model.p_value_two_sided,
            log_likelihood=model.log_likelihood,
            df=df,
            parameters=df,
            n=model.n,
            n_events=model.n_events,
            trusted=model.n_events > 0 and (model.converged or infinite or df == 0),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticFitter:
    """Logistic models of one set of subjects."""

    response: BoolArray
    confidence_level: float
    weights: FloatArray | None = None
    offset: FloatArray | None = None

    @property
    def size(self) -> int:
        """The number of rows of the data."""
        return self.response.size

    @property
    def measure(self) -> str:
        """What the exponential of a coefficient is."""
        return "odds_ratio"

    def fit(self, matrix: FloatArray, names: Sequence[str], rows: BoolArray) -> Fit:
        """The model of the columns among the rows."""
        model = logistic(
            self.response[rows],
            matrix[rows] if names else [],
            names=list(names),
            weights=None if self.weights is None else self.weights[rows],
            offset=None if self.offset is None else self.offset[rows],
            confidence_level=self.confidence_level,
        )
        return Fit(
            model=model,
            coefficients=model.coefficients[1:],
            covariance=model.covariance[1:, 1:],
            std_err=model.std_err[1:],
            lower=model.lower[1:],
            upper=model.upper[1:],
            p_value=model.p_value_two_sided[1:],
            log_likelihood=model.log_likelihood,
            df=model.likelihood_ratio.df,
            parameters=model.likelihood_ratio.df + 1,
            n=model.n,
            n_events=model.n_events,
            trusted=0 < model.n_events < model.n and (model.converged or model.separation != "none"),
        )


def fit_terms(fitter: Fitter, terms: Sequence[Term], rows: BoolArray) -> Fit:
    """The model of the terms among the rows, their columns side by side in the order given."""
    names = [name for term in terms for name in term.columns]
    matrix = np.hstack([term.matrix for term in terms]) if terms else np.empty((rows.size, 0))
    return fitter.fit(matrix, names, rows)


def term_test(
    fitter: Fitter, terms: Sequence[Term], which: int, rows: BoolArray, fit: Fit, test: TermTestKind
) -> TermTest:
    """The test of one term in the model of all of them; df 0 when the other terms determine it.

    Wald's test of columns of which one has no finite estimate does not exist: then the likelihood ratio.
    """
    first = sum(len(term.columns) for term in terms[:which])
    columns = np.arange(first, first + len(terms[which].columns))
    name = terms[which].name
    estimates = fit.coefficients[columns]
    finite = np.isfinite(estimates) & np.isfinite(fit.std_err[columns])
    if test == "wald" and finite.all():
        return _wald(name, fit, columns)
    without = fit_terms(fitter, [*terms[:which], *terms[which + 1 :]], rows)
    df = fit.df - without.df
    if test == "wald" and df == int(finite.sum()) > 0:
        return _wald(
            name, fit, columns[finite], note="some of its columns are constant or determined by others"
        )
    statistic = chi_square_test(2 * (fit.log_likelihood - without.log_likelihood), df, "likelihood ratio")
    note = ""
    if df == 0:
        note = "constant, or determined by the other terms: nothing to test"
    elif not without.trusted:
        note = "the model without it did not converge"
    elif test == "wald":
        note = "an estimate is infinite or undetermined, and has no Wald test: likelihood ratio instead"
    return TermTest(
        term=name,
        test="likelihood-ratio",
        chi_square=statistic.chi_square,
        df=df,
        p_value_two_sided=statistic.p_value_two_sided if without.trusted or df == 0 else math.nan,
        note=note,
    )


def _wald(name: str, fit: Fit, columns: IntArray, note: str = "") -> TermTest:
    estimates, covariance = fit.coefficients[columns], fit.covariance[np.ix_(columns, columns)]
    found = chi_square_test(float(estimates @ np.linalg.solve(covariance, estimates)), len(columns), "Wald")
    return TermTest(
        term=name,
        test="wald",
        chi_square=found.chi_square,
        df=found.df,
        p_value_two_sided=found.p_value_two_sided,
        note=note,
    )


def complete(terms: Sequence[Term], size: int) -> BoolArray:
    """The rows in which every term is known."""
    known = np.ones(size, dtype=np.bool_)
    for term in terms:
        known &= term.known
    return known
