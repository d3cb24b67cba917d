"""Each candidate term in a model of its own: the univariate table of a report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    BoolArray,
    checked_choice,
    checked_events,
    checked_fraction,
    checked_times,
    refused,
    stratum_codes,
)
from equipoise.stats.regression.cox import CoxModel
from equipoise.stats.regression.logistic_data import checked_data
from equipoise.stats.regression.logistic_model import LogisticModel
from equipoise.stats.regression.selection_fits import (
    CoxFitter,
    Fit,
    Fitter,
    LogisticFitter,
    Missing,
    complete,
    fit_terms,
    term_test,
)
from equipoise.stats.regression.selection_terms import Term, checked_terms
from equipoise.stats.results import Row, StatisticalResult

ScreenTest = Literal["wald", "likelihood-ratio", "score"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScreenedTerm:
    """One term alone.  n_excluded: rows left out as unknown.  passed: P at most the limit, None without one."""

    term: str
    columns: tuple[str, ...]
    test: ScreenTest
    chi_square: float
    df: int
    p_value_two_sided: float
    n: int
    n_events: int
    n_excluded: int
    passed: bool | None
    model: CoxModel | LogisticModel
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnivariateScreen(StatisticalResult):
    """Every term alone, in the order given.  limit: the P value up to which a term passes, or None."""

    kind: str
    test: ScreenTest
    limit: float | None
    missing: Missing
    terms: tuple[ScreenedTerm, ...]
    passed: tuple[str, ...]
    warnings: tuple[str, ...]

    def _title(self) -> str:
        limit = "" if self.limit is None else f", P at most {self.limit:g} passes"
        cases = "complete cases of all terms" if self.missing == "fixed" else "complete cases of each term"
        return f"Univariate {self.kind} models, {self.test} test{limit}; {cases}"

    def _headline(self) -> Iterator[Row]:
        shown = ("n", "n_events", "n_excluded", "chi_square", "df", "p_value_two_sided")
        yield from (row for row in self.rows() if not row.level and row.statistic in shown)

    def rows(self) -> Iterator[Row]:
        """The test of each term, and the estimates of its columns."""
        for one in self.terms:
            said = "; ".join(one.warnings)
            for name in ("n", "n_events", "n_excluded", "chi_square", "df", "p_value_two_sided"):
                value = float(getattr(one, name))
                yield Row(name, value, variable=one.term, method=one.test, warning=said)
            yield from estimates(one.model, one.columns, one.term)


def estimates(model: CoxModel | LogisticModel, names: Sequence[str], term: str) -> Iterator[Row]:
    """The rows of a term's columns in a model.

    >>> from equipoise.stats import logistic
    >>> model = logistic([1, 1, 0, 1, 0, 0], [1, 1, 1, 0, 0, 0], names=["treated"])
    >>> [row.statistic for row in estimates(model, ["treated"], "treated")][:2]
    ['coefficient', 'std_err']
    """
    measure = "odds_ratio" if isinstance(model, LogisticModel) else "hazard_ratio"
    for name in names:
        i = model.names.index(name)
        for statistic, array in (
            ("coefficient", model.coefficients),
            ("std_err", model.std_err),
            (measure, getattr(model, measure)),
            ("lower", model.lower),
            ("upper", model.upper),
            ("p_value_two_sided", model.p_value_two_sided),
        ):
            yield Row(statistic, float(array[i]), variable=term, level=name, method="Wald")


def univariate_screen_cox(
    time: Any,
    event: Any,
    terms: Mapping[str, Any] | Sequence[str],
    *,
    strata: Any = None,
    entry: Any = None,
    weights: Any = None,
    ties: Any = "efron",
    test: ScreenTest = "wald",
    limit: float | None = None,
    missing: Missing = "refitted",
    levels: Mapping[str, Sequence[Any]] | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> UnivariateScreen:
    """A Cox model of each term alone.

    time, event, strata, entry, weights, ties, confidence_level: as ``cox``.  terms, levels: as
    ``backward_selection_cox``.  test: "wald", "likelihood-ratio" or "score" of all the term's columns.
    limit: the P value up to which a term passes.  missing: "refitted" uses every subject in whom the term is
    known, "fixed" the subjects in whom all terms are.
    Returns a UnivariateScreen.  Raises DataError on unusable arguments.
    Source: as SAS PHREG and R's coxph with one term at a time.

    >>> found = univariate_screen_cox([1, 2, 3, 4, 5], [1, 1, 0, 1, 1], {"a": [1, 0, 1, 0, 1], "b": [5, 1, 4, 2, 3]})
    >>> [one.term for one in found.terms], found.terms[1].df
    (['a', 'b'], 1)
    """
    fitter, found = cox_fitter(
        time, event, terms, strata, entry, weights, ties, levels, (), confidence_level, data
    )
    return screened(fitter, found, test, limit, missing, "Cox")


def univariate_screen_logistic(
    response: Any,
    terms: Mapping[str, Any] | Sequence[str],
    *,
    weights: Any = None,
    offset: Any = None,
    test: ScreenTest = "wald",
    limit: float | None = None,
    missing: Missing = "refitted",
    levels: Mapping[str, Sequence[Any]] | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> UnivariateScreen:
    """A logistic model of each term alone.

    response, weights, offset, confidence_level: as ``logistic``; the others as ``univariate_screen_cox``.
    Returns a UnivariateScreen.  Raises DataError on unusable arguments.
    Source: as SAS LOGISTIC and R's glm with one term at a time.

    >>> found = univariate_screen_logistic([1, 0, 1, 0, 1], {"a": [1, 0, 1, 0, 0]}, limit=0.2, test="score")
    >>> round(found.terms[0].p_value_two_sided, 4), found.passed
    (0.136, ('a',))
    """
    fitter, found = logistic_fitter(response, terms, weights, offset, levels, (), confidence_level, data)
    return screened(fitter, found, test, limit, missing, "logistic")


def cox_fitter(
    time: Any, event: Any, terms: Any, strata: Any, entry: Any, weights: Any, ties: Any, levels: Any,
    interactions: Any, confidence_level: float, data: Frame | None,
) -> tuple[CoxFitter, dict[str, Term]]:  # fmt: skip
    """The checked arguments of a selection among Cox models."""
    time, event, strata, entry, weights = columns(
        data, time=time, event=event, strata=strata, entry=entry, weights=weights
    )
    times = checked_times(time)
    fitter = CoxFitter(
        time=times,
        event=checked_events(event, times.size),
        stratum=stratum_codes(strata, times.size),
        ties=ties,
        confidence_level=checked_fraction(confidence_level, argument="confidence_level"),
        entry=None if entry is None else _alongside(entry, times.size, "entry"),
        weights=None if weights is None else _alongside(weights, times.size, "weights"),
    )
    return fitter, checked_terms(terms, interactions, levels, times.size, data)


def _alongside(values: Any, n: int, argument: str) -> Any:
    found = np.asarray(values)
    if found.shape != (n,):
        raise refused(argument, f"shape {found.shape}", f"one number for each of the {n} times",
                      "pass values of the same subjects, in the same order")  # fmt: skip
    return found


def logistic_fitter(
    response: Any, terms: Any, weights: Any, offset: Any, levels: Any, interactions: Any,
    confidence_level: float, data: Frame | None,
) -> tuple[LogisticFitter, dict[str, Term]]:  # fmt: skip
    """The checked arguments of a selection among logistic models."""
    given = checked_data(response, [], None, weights, offset, data)
    fitter = LogisticFitter(
        response=given.response,
        confidence_level=checked_fraction(confidence_level, argument="confidence_level"),
        weights=given.weights,
        offset=given.offset,
    )
    return fitter, checked_terms(terms, interactions, levels, given.response.size, data)


def screened(
    fitter: Fitter, terms: Mapping[str, Term], test: ScreenTest, limit: float | None, missing: Missing, kind: str,
    rows: BoolArray | None = None,
) -> UnivariateScreen:  # fmt: skip
    """The screen of checked terms; rows: the complete cases to use instead of those of these terms."""
    checked_choice(test, ("wald", "likelihood-ratio", "score"), argument="test")
    checked_choice(missing, ("fixed", "refitted"), argument="missing")
    if limit is not None:
        checked_fraction(limit, argument="limit")
    fixed = complete(list(terms.values()), fitter.size) if rows is None else rows
    found = tuple(
        _alone(fitter, term, fixed if missing == "fixed" else complete([term], fitter.size), test, limit)
        for term in terms.values()
    )
    return UnivariateScreen(
        kind=kind,
        test=test,
        limit=limit,
        missing=missing,
        terms=found,
        passed=tuple(one.term for one in found if one.passed),
        warnings=tuple(f"{one.term}: {said}" for one in found for said in one.warnings),
    )


def _alone(
    fitter: Fitter, term: Term, rows: BoolArray, test: ScreenTest, limit: float | None
) -> ScreenedTerm:
    if not rows.any():
        raise refused(f"terms[{term.name}]", "no complete case", "subjects in whom the term is known",
                      "leave the term out, or use missing='refitted'")  # fmt: skip
    fit = fit_terms(fitter, [term], rows)
    used, chi_square, df, p_value, note = _test_alone(fitter, term, rows, fit, test)
    warnings = tuple(dict.fromkeys((*fit.model.warnings, *((note,) if note else ()))))
    return ScreenedTerm(
        term=term.name,
        columns=term.columns,
        test=used,
        chi_square=chi_square,
        df=df,
        p_value_two_sided=p_value,
        n=fit.n,
        n_events=fit.n_events,
        n_excluded=int(np.count_nonzero(~rows)),
        passed=None if limit is None else bool(p_value <= limit),
        model=fit.model,
        warnings=warnings,
    )


def _test_alone(
    fitter: Fitter, term: Term, rows: BoolArray, fit: Fit, test: ScreenTest
) -> tuple[ScreenTest, float, int, float, str]:
    if not fit.trusted:
        return test, math.nan, fit.df, math.nan, "no model could be fitted: not estimable"
    if test == "score":
        return test, fit.model.score.chi_square, fit.df, fit.model.score.p_value_two_sided, ""
    found = term_test(fitter, [term], 0, rows, fit, test)
    return found.test, found.chi_square, found.df, found.p_value_two_sided, found.note
