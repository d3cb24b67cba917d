"""Backward selection of terms, as a protocol writes it: from all candidates to those that stay, with every step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats.frames import Frame
from equipoise.stats.observations import (
    BoolArray,
    checked_choice,
    checked_fraction,
    refused,
)
from equipoise.stats.regression.cox import CoxModel
from equipoise.stats.regression.logistic_model import LogisticModel
from equipoise.stats.regression.screening import (
    ScreenTest,
    UnivariateScreen,
    cox_fitter,
    estimates,
    logistic_fitter,
    screened,
)
from equipoise.stats.regression.selection_fits import (
    Fit,
    Fitter,
    Missing,
    TermTest,
    TermTestKind,
    complete,
    fit_terms,
    term_test,
)
from equipoise.stats.regression.selection_terms import Term
from equipoise.stats.results import Row, StatisticalResult

# P values nearer than this, relatively, are equal: the order of removal must not hang on rounding.
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SelectionStep:
    """One step.  removed: the term that left, empty for step 0, the model of all candidates.

    test: its test before it left.  reason: why it left.  tests: of all terms in the model before it left.
    terms: those in the model now, with its n, n_events, n_excluded (rows with an unknown term), its log
    likelihood and AIC.
    """

    number: int
    removed: str
    reason: str
    test: TermTest | None
    tests: tuple[TermTest, ...]
    terms: tuple[str, ...]
    n: int
    n_events: int
    n_excluded: int
    log_likelihood: float
    aic: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _FinalModel(StatisticalResult):
    """The coefficients of the final model, term by term, as a table of their own."""

    words: str
    model: CoxModel | LogisticModel
    terms: tuple[tuple[str, tuple[str, ...]], ...]

    def _title(self) -> str:
        return self.words

    def rows(self) -> Iterator[Row]:
        """The estimates of every column of every term."""
        for term, columns in self.terms:
            for row in estimates(self.model, columns, term):
                level = "" if columns == (term,) else row.level
                yield Row(row.statistic, row.value, variable=term, level=level, method=row.method)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BackwardSelection(StatisticalResult):
    """A backward selection.  selected: the terms that stay, forced ones included.

    steps: step 0 is the model of all candidates, then one step for each removal.  tests: of the terms in the
    final model.  model: the final model; None where a Cox model is left without a term.  columns: of each term.
    screen: the univariate screen that came first, if one was asked for; screened_out: terms that it took out.
    finished: False where a model did not converge, and the selection stopped there (see ``warnings``).
    """

    kind: str
    test: TermTestKind
    stay: float
    missing: Missing
    candidates: tuple[str, ...]
    forced: tuple[str, ...]
    selected: tuple[str, ...]
    removed: tuple[str, ...]
    screened_out: tuple[str, ...]
    steps: tuple[SelectionStep, ...]
    tests: tuple[TermTest, ...]
    model: CoxModel | LogisticModel | None
    columns: Mapping[str, tuple[str, ...]]
    screen: UnivariateScreen | None
    finished: bool
    warnings: tuple[str, ...]

    def _title(self) -> str:
        cases = (
            "complete cases of all candidates" if self.missing == "fixed" else "complete cases of each model"
        )
        forced = f"; forced: {', '.join(self.forced)}" if self.forced else ""
        return f"Backward selection, {self.kind} model, {self.test} test, P to stay {self.stay:g}; {cases}{forced}"

    def _final(self) -> _FinalModel | None:
        if self.model is None or not self.selected:
            return None
        return _FinalModel(
            words=f"Final model: {', '.join(self.selected)}",
            model=self.model,
            terms=tuple((name, self.columns[name]) for name in self.selected),
        )

    def _headline(self) -> Iterator[Row]:
        yield from (row for row in self.rows() if row.group.startswith("step"))

    def rows(self) -> Iterator[Row]:
        """Every step, the tests in the final model, and its coefficients."""
        for step in self.steps:
            what = f"{step.removed} removed" if step.removed else "all candidates"
            place = f"step {step.number}"
            said = "; ".join(part for part in (step.reason if step.removed else "", *step.warnings) if part)
            if step.test is not None:
                for name in ("chi_square", "df", "p_value_two_sided"):
                    value = float(getattr(step.test, name))
                    yield Row(name, value, place, what, method=step.test.test, warning=said)
            for name in ("n", "n_events", "n_excluded", "log_likelihood", "aic"):
                yield Row(name, float(getattr(step, name)), place, what, method=self.test, warning=said)
        for test in self.tests:
            for name in ("chi_square", "df", "p_value_two_sided"):
                yield Row(
                    name, float(getattr(test, name)), "final", test.term, method=test.test, warning=test.note
                )
        final = self._final()
        if final is not None:
            for row in final.rows():
                yield Row(row.statistic, row.value, "final", row.variable, row.level, method=row.method)

    def summary(self) -> str:
        """The steps and the final model as text."""
        # zero-argument super() does not know a class with slots
        steps = StatisticalResult.summary(self)
        final = self._final()
        return "\n\n".join([steps, "No term stays." if final is None else final.summary()])

    def _repr_html_(self) -> str:
        final = self._final()
        return StatisticalResult._repr_html_(self) + ("" if final is None else final._repr_html_())


def backward_selection_cox(
    time: Any,
    event: Any,
    terms: Mapping[str, Any] | Sequence[str],
    *,
    forced: Sequence[str] = (),
    interactions: Sequence[tuple[str, str]] = (),
    strata: Any = None,
    entry: Any = None,
    weights: Any = None,
    ties: Any = "efron",
    stay: float = 0.15,
    test: TermTestKind = "wald",
    missing: Missing = "fixed",
    screen: float | None = None,
    screen_test: ScreenTest = "wald",
    levels: Mapping[str, Sequence[Any]] | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> BackwardSelection:
    """Backward selection of the terms of a Cox model.

    time, event, strata, entry, weights, ties, confidence_level: as ``cox``.
    terms: names with columns: an array of shape (n,) or (n, q), or with data the name of a column or a list of
    names; or, with data, the names of columns, each a term.  A text column becomes indicators against its first
    level, sorted or as ``levels`` says.  NaN and None are unknown values.  interactions: pairs of terms; both
    terms stay while their product does.  forced: terms that never leave.
    stay: at each step the term with the largest P value leaves if that exceeds ``stay`` (0.15).
    test: "wald", of all the term's columns (the default of SAS and Stata), or "likelihood-ratio".
    missing: "fixed", every model is of the subjects in whom all candidates are known (SAS, Stata); "refitted",
    each is of the subjects in whom its own terms are known, and so the subjects change from step to step.
    screen: first take out the candidates whose P value alone, by ``screen_test``, exceeds this.
    Equal P values: the smaller chi-square leaves, then the term listed later.  A term that is constant or
    determined by the others leaves first, untested.  A term with an infinite estimate has no Wald test; it is
    tested by its likelihood ratio, and the step says so.
    Returns a BackwardSelection.  Raises DataError on unusable arguments.
    Source: as SAS PHREG SELECTION=BACKWARD SLSTAY=, Stata stepwise, pr(): stcox.

    >>> found = backward_selection_cox(
    ...     [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 1, 1, 1],
    ...     {"a": [9, 7, 8, 5, 6, 3, 4, 1], "b": [0, 1, 1, 0, 0, 1, 0, 1]})
    >>> found.selected, found.removed
    (('a',), ('b',))
    """
    fitter, found = cox_fitter(
        time, event, terms, strata, entry, weights, ties, levels, interactions, confidence_level, data
    )
    return _selected(fitter, found, "Cox", forced, stay, test, missing, screen, screen_test)


def backward_selection_logistic(
    response: Any,
    terms: Mapping[str, Any] | Sequence[str],
    *,
    forced: Sequence[str] = (),
    interactions: Sequence[tuple[str, str]] = (),
    weights: Any = None,
    offset: Any = None,
    stay: float = 0.15,
    test: TermTestKind = "wald",
    missing: Missing = "fixed",
    screen: float | None = None,
    screen_test: ScreenTest = "wald",
    levels: Mapping[str, Sequence[Any]] | None = None,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> BackwardSelection:
    """Backward selection of the terms of a logistic model; the intercept always stays.

    response, weights, offset, confidence_level: as ``logistic``.  The others: as ``backward_selection_cox``.
    Returns a BackwardSelection.  Raises DataError on unusable arguments.
    Source: as SAS LOGISTIC SELECTION=BACKWARD SLSTAY= (without FAST), Stata stepwise, pr(): logit.

    >>> found = backward_selection_logistic(
    ...     [1, 1, 0, 1, 0, 0, 1, 0], {"a": [9, 7, 8, 5, 6, 3, 4, 1], "b": [0, 1, 0, 0, 0, 1, 0, 1]}, stay=0.5)
    >>> found.removed
    ('b',)
    """
    fitter, found = logistic_fitter(
        response, terms, weights, offset, levels, interactions, confidence_level, data
    )
    return _selected(fitter, found, "logistic", forced, stay, test, missing, screen, screen_test)


def _selected(
    fitter: Fitter,
    terms: dict[str, Term],
    kind: str,
    forced: Sequence[str],
    stay: float,
    test: TermTestKind,
    missing: Missing,
    screen: float | None,
    screen_test: ScreenTest,
) -> BackwardSelection:
    _check(terms, forced, stay, test, missing)
    first: UnivariateScreen | None = None
    screened_out: tuple[str, ...] = ()
    rows = complete(list(terms.values()), fitter.size)
    if screen is not None:
        alone = {name: term for name, term in terms.items() if name not in forced and not term.of}
        first = screened(
            fitter, alone, screen_test, screen, missing, kind, rows if missing == "fixed" else None
        )
        out = {name for name in alone if name not in first.passed}
        screened_out = tuple(name for name, term in terms.items() if name in out or out & set(term.of))
    left = [term for name, term in terms.items() if name not in screened_out]
    # Forced terms come first, so that of two terms which say the same the forced one is kept.
    left.sort(key=lambda term: term.name not in forced)

    path = _Path(fitter, kind, rows if missing == "fixed" else None, test)
    steps, fit, tests, finished = path.walk(left, tuple(forced), stay)
    selected = steps[-1].terms
    return BackwardSelection(
        kind=kind,
        test=test,
        stay=stay,
        missing=missing,
        candidates=tuple(terms),
        forced=tuple(forced),
        selected=tuple(name for name in terms if name in selected),
        removed=tuple(step.removed for step in steps[1:]),
        screened_out=screened_out,
        steps=steps,
        tests=tests,
        model=None if fit is None or (kind == "Cox" and not selected) else fit.model,
        columns={name: term.columns for name, term in terms.items()},
        screen=first,
        finished=finished,
        warnings=_warnings(steps, tests, screened_out, screen, finished),
    )


def _check(terms: dict[str, Term], forced: Sequence[str], stay: float, test: str, missing: str) -> None:
    checked_fraction(stay, argument="stay")
    checked_choice(test, ("wald", "likelihood-ratio"), argument="test")
    checked_choice(missing, ("fixed", "refitted"), argument="missing")
    if isinstance(forced, str) or not isinstance(forced, (list, tuple)):
        raise refused("forced", repr(forced), "a list of names", f"write [{forced!r}]")
    for name in forced:
        checked_choice(name, terms, argument="forced", remedy="add it to the terms")
    # An interaction that is forced forces its two terms: they cannot leave before it. Columns must differ too.
    names = [column for term in terms.values() for column in term.columns]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise refused("terms", f"the column {repeated!r} twice", "different columns", "name it in one term")


@dataclass(frozen=True, slots=True, kw_only=False, eq=False)
class _Path:
    """From all terms to those that stay.  rows: the fixed complete cases, or None for those of each model."""

    fitter: Fitter
    kind: str
    rows: BoolArray | None
    test: TermTestKind

    def walk(
        self, left: list[Term], forced: tuple[str, ...], stay: float
    ) -> tuple[tuple[SelectionStep, ...], Fit | None, tuple[TermTest, ...], bool]:
        """The steps, the last model, the tests in it, and whether the end was reached."""
        steps: list[SelectionStep] = []
        removed, reason = "", ""
        of_removed: TermTest | None = None
        before: tuple[TermTest, ...] = ()
        while True:
            rows, fit = self._fit(left)
            tests: tuple[TermTest, ...] = ()
            if fit.trusted:
                tests = tuple(term_test(self.fitter, left, i, rows, fit, self.test) for i in range(len(left)))
            steps.append(self._step(len(steps), removed, reason, of_removed, before, left, rows, fit))
            if not fit.trusted:
                return tuple(steps), fit, tests, False
            held = {*forced, *(name for term in left for name in term.of)}
            free = [test for test in tests if test.term not in held]
            if any(math.isnan(test.p_value_two_sided) and test.df for test in free):
                return tuple(steps), fit, tests, False
            leaving = _leaving(free, stay)
            if leaving is None:
                return tuple(steps), fit, tests, True
            removed, of_removed, before = leaving.term, leaving, tests
            reason = leaving.note if leaving.df == 0 else f"P {leaving.p_value_two_sided:.4g} > {stay:g}"
            left = [term for term in left if term.name != leaving.term]

    def _fit(self, left: list[Term]) -> tuple[BoolArray, Fit]:
        rows = complete(left, self.fitter.size) if self.rows is None else self.rows
        if not rows.any():
            raise refused("terms", "no subject in whom all are known", "complete cases",
                          "leave out the term with the most unknown values")  # fmt: skip
        return rows, fit_terms(self.fitter, left, rows)

    def _step(
        self, number: int, removed: str, reason: str, test: TermTest | None, before: tuple[TermTest, ...],
        left: list[Term], rows: BoolArray, fit: Fit,
    ) -> SelectionStep:  # fmt: skip
        own = {column for term in left for column in term.columns} | {"intercept"}
        # A model without terms stands on a column of zeros, of which nobody wants to hear.
        said = tuple(one for one in fit.model.warnings if left or ":" not in one or one.split(":")[0] in own)
        return SelectionStep(
            number=number,
            removed=removed,
            reason=reason,
            test=test,
            tests=before,
            terms=tuple(term.name for term in left),
            n=fit.n,
            n_events=fit.n_events,
            n_excluded=int(np.count_nonzero(~rows)),
            log_likelihood=fit.log_likelihood,
            aic=fit.aic,
            warnings=said,
        )


def _leaving(free: Sequence[TermTest], stay: float) -> TermTest | None:
    """The term that leaves next: what cannot be tested, else the largest P value if it exceeds ``stay``."""
    untestable = [test for test in free if test.df == 0]
    if untestable:
        return untestable[-1]
    if not free:
        return None
    largest = max(test.p_value_two_sided for test in free)
    if largest <= stay:
        return None
    tied = [test for test in free if test.p_value_two_sided >= largest * (1 - _EQUAL)]
    smallest = min(test.chi_square for test in tied)
    return [test for test in tied if test.chi_square <= smallest * (1 + _EQUAL)][-1]


def _warnings(
    steps: tuple[SelectionStep, ...],
    tests: tuple[TermTest, ...],
    screened_out: tuple[str, ...],
    screen: float | None,
    finished: bool,
) -> tuple[str, ...]:
    worded: list[str] = []
    if screened_out:
        worded.append(f"taken out by the univariate screen (P > {screen:g}): {', '.join(screened_out)}")
    if steps[0].n_excluded:
        worded.append(f"step 0: {steps[0].n_excluded} rows left out, because a candidate is unknown")
    for step in steps:
        worded.extend(f"step {step.number}: {said}" for said in step.warnings)
        if step.test is not None and step.test.note:
            worded.append(f"step {step.number}: {step.removed}: {step.test.note}")
    worded.extend(f"final model: {test.term}: {test.note}" for test in tests if test.note)
    if not finished:
        worded.append("stopped: a model or a test failed; the terms left are not a finished selection")
    return tuple(worded)
