"""Planned backward selections of covariates → result rows: each covariate alone, every step, the final model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.results import Result
from equipoise.analysis.sample import OVERALL, Sample
from equipoise.analysis.survival import (
    arms_of,
    coefficient_rows,
    covariate_terms,
    cox_method,
    cox_rows,
    fit_cox,
    fit_model,
    fitted,
    fitted_arms,
    group_terms,
    indicator,
    model_rows,
    name_of,
    row_about,
)
from equipoise.protocol.definition import Analysis, Comparison, CoxPlan
from equipoise.stats.regression.selection import BackwardSelection, backward_selection_cox

STOPPED = "the selection stopped where a model or a test failed, so that the covariates left are not selected"


@dataclass(frozen=True, slots=True)
class Selected:
    """A selection.  part: the subjects in whom everything is known.  warning: how many were not.

    plan: the model with the covariates that stay.  found: None where there was nobody or nothing to select with;
    then the model keeps every covariate, and the warning says why.
    """

    part: Sample
    plan: CoxPlan
    found: BackwardSelection | None
    warning: str


def rows(name: str, plan: Analysis, sample: Sample) -> Iterator[Result]:
    """All rows of the models of an analysis that selects covariates; none where it selects none."""
    if plan.cox is None or plan.cox.selection is None:
        return
    arms = arms_of(plan)
    for comparison in plan.comparisons or (None,):
        selected = select(sample, plan.cox, comparison, arms)
        yield from _univariate_rows(name, sample, plan.cox, comparison, arms)
        yield from _trace_rows(name, sample, plan.cox, comparison, selected)
        if comparison is not None:
            yield from cox_rows(name, selected.part, selected.plan, comparison, arms, selected.warning)
        else:
            yield from model_rows(name, selected.part, selected.plan, selected.warning)


def settled(sample: Sample, plan: CoxPlan, comparison: Comparison, arms: Sequence[str]) -> CoxPlan:
    """The model of a comparison as its subgroups use it: with the covariates that stay among everyone."""
    return plan if plan.selection is None else select(sample, plan, comparison, arms).plan


def select(sample: Sample, plan: CoxPlan, comparison: Comparison | None, arms: Sequence[str]) -> Selected:
    """Select covariates in the subjects in whom all of them are known; arms or levels that are compared stay."""
    factor = [sample.by] if comparison is None and len(sample.groups) > 1 else []
    covariates = [one for one in plan.covariates if one not in factor]
    strata = sample.stratum_columns(plan.strata, plan.strata_as)
    chosen = sample if comparison is None else sample.of_groups(fitted_arms(plan, comparison, arms))
    part, warning = chosen.complete([*factor, *strata, *covariates])
    if not part.event.any():
        return Selected(part, plan, None, "; ".join(filter(None, (warning, "no selection without an event"))))
    terms = {one: _columns([term.values for term in covariate_terms(part, one)], part) for one in covariates}
    compared = _compared(part, plan, comparison, arms, sample.groups if factor else [])
    forced = factor or ["arm"] if compared else []
    found = backward_selection_cox(
        part.time, part.event, {**{one: _columns(compared, part) for one in forced}, **terms}, forced=forced,
        strata=part.strata(strata), ties=plan.ties, stay=_stay(plan), confidence_level=plan.confidence_level,
    )  # fmt: skip
    warning = "; ".join(filter(None, (warning, "" if found.finished else STOPPED)))
    stays = tuple(one for one in covariates if one in found.selected)
    return Selected(part, plan.model_copy(update={"covariates": stays}), found, warning)


def _stay(plan: CoxPlan) -> float:
    return 0.15 if plan.selection is None else plan.selection.stay


def _compared(
    part: Sample, plan: CoxPlan, comparison: Comparison | None, arms: Sequence[str], groups: Sequence[str]
) -> list[NDArray[np.float64]]:
    """The columns of the arms or levels that are compared; none where everyone is one group."""
    if comparison is None:
        return [term.values for term in group_terms(part, groups)] if groups else []
    others = [one for one in fitted_arms(plan, comparison, arms) if one != comparison.control]
    return [indicator(part, "arm", one) for one in others]


def _columns(values: list[NDArray[np.float64]], part: Sample) -> NDArray[np.float64]:
    """Columns side by side; a factor with one level left says nothing, which a column of zeros says too."""
    return np.column_stack(values or [np.zeros(part.frame.height)])


def _univariate_rows(
    name: str, sample: Sample, plan: CoxPlan, comparison: Comparison | None, arms: Sequence[str]
) -> Iterator[Result]:
    """Each candidate in a model of its own, and what is compared without covariates: whoever has the values."""
    alone = plan.model_copy(update={"covariates": (), "selection": None})
    method = f"univariate {cox_method(alone)}"
    if comparison is not None:
        model, warning = fit_cox(sample, alone, comparison, arms)
        yield from coefficient_rows(name, sample, method, model, 0, (name_of(comparison), ""), warning)
    elif len(sample.groups) > 1:
        terms, model, warning = fit_model(sample, alone)
        for index, term in enumerate(terms):
            yield from coefficient_rows(name, sample, method, model, index, (term.group, ""), warning)
    chosen = sample if comparison is None else sample.of_groups(fitted_arms(plan, comparison, arms))
    place = OVERALL if comparison is None else name_of(comparison)
    strata = sample.stratum_columns(plan.strata, plan.strata_as)
    for covariate in plan.covariates:
        if covariate == sample.by:
            continue
        part, warning = chosen.complete([*strata, covariate])
        terms = list(covariate_terms(part, covariate))
        if not terms or not part.frame.height:
            continue
        model = fitted(part, plan, [term.values for term in terms], [term.level for term in terms], strata)
        warning = "; ".join(filter(None, (warning, *model.warnings)))
        for index, term in enumerate(terms):
            yield from coefficient_rows(name, sample, method, model, index, (place, term.level), warning)


def _trace_rows(
    name: str, sample: Sample, plan: CoxPlan, comparison: Comparison | None, selected: Selected
) -> Iterator[Result]:
    """What left at which step and by which test; then the tests of what stays."""
    group = OVERALL if comparison is None else name_of(comparison)
    stay = f"P to stay {_stay(plan):g}"
    start = f"backward selection, {stay}"
    part, found = selected.part, selected.found
    counts = {"n": part.frame.height, "events": int(part.event.sum())}
    for statistic, count in counts.items():
        yield row_about(name, sample, group, statistic, count, level="step 0", method=start,
                        warning=selected.warning)  # fmt: skip
    if found is None:
        return
    left = [(f"step {step.number}: {step.removed}", step.test) for step in found.steps]
    for level, test in [*left, *((f"final: {test.term}", test) for test in found.tests)]:
        if test is None:
            continue
        method = f"backward selection, {test.test.replace('-', ' ')} test, {stay}"
        for statistic, value in (
            ("chi_square", test.chi_square),
            ("df", float(test.df)),
            ("p_value_to_stay", test.p_value_two_sided),
        ):
            yield row_about(name, sample, group, statistic, value, level=level, method=method,
                            warning=test.note)  # fmt: skip
