"""Hazard ratios in subgroups, and whether they differ."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.analysis.results import Result
from equipoise.analysis.sample import Sample
from equipoise.analysis.selection import settled
from equipoise.analysis.survival import arms_of, covariate_terms, cox_method, cox_rows, indicator, name_of
from equipoise.protocol.definition import Analysis, Comparison, CoxPlan
from equipoise.stats.regression.cox import cox, likelihood_ratio_between


def rows(name: str, plan: Analysis, sample: Sample) -> Iterator[Result]:
    """Subjects, events and the hazard ratio at each level of each subgroup factor; the interaction test.

    The model is the analysis's own, on the subgroup's subjects; a factor is not a stratum or covariate
    within its own levels; where covariates are selected, those that stay among everyone. A level without
    subjects has no row.
    """
    models = {
        comparison: settled(sample, plan.cox, comparison, arms_of(plan))
        for comparison in plan.comparisons if plan.cox is not None
    }  # fmt: skip
    for factor in plan.subgroups:
        for level in sample.protocol.factor_levels(factor):
            part = sample.of_level(factor, level)
            if not part.frame.height:
                continue  # a level that the population does not have, such as low risk among high risk
            yield from _counts(name, plan, part)
            for comparison, model in models.items():
                yield from cox_rows(name, part, _without(model, factor), comparison, arms_of(plan))
        for comparison, model in models.items():
            yield from interaction_rows(name, sample, model, comparison, factor)


def _without(plan: CoxPlan, factor: str) -> CoxPlan:
    strata = tuple(name for name in plan.strata if name != factor)
    covariates = tuple(name for name in plan.covariates if name != factor)
    return plan.model_copy(update={"strata": strata, "covariates": covariates})


def _counts(name: str, plan: Analysis, part: Sample) -> Iterator[Result]:
    for arm in arms_of(plan):
        subjects = part.of_group(arm)
        counts = {"n": subjects.frame.height, "events": int(subjects.event.sum())}
        for statistic, value in counts.items():
            yield Result(analysis=name, population=part.population, subset=part.subset, group=arm,
                         variable=part.endpoint, statistic=statistic, value=float(value))  # fmt: skip


def interaction_rows(
    name: str, sample: Sample, plan: CoxPlan, comparison: Comparison, factor: str
) -> Iterator[Result]:
    """The likelihood-ratio test of arm by factor, beside both main effects, on the two arms compared."""
    two_arms = sample.of_groups([comparison.control, comparison.experimental])
    part, warning = two_arms.complete(
        [factor, *sample.stratum_columns(plan.strata, plan.strata_as), *plan.covariates]
    )
    statistics = ("interaction_chi_square", "interaction_df", "interaction_p_value")
    values: tuple[float, ...] = (np.nan, np.nan, np.nan)
    present = set(part.labels(factor))
    levels = [level for level in sample.protocol.factor_levels(factor) if level in present]
    if len(levels) < 2 or len(part.groups) < 2 or not part.event.any():
        warning = warning or "fewer than two levels or arms with subjects, or no event"
    else:
        values, notes = _interaction(part, plan, comparison, factor, levels)
        warning = "; ".join(filter(None, (warning, notes)))
    for statistic, value in zip(statistics, values, strict=True):
        yield Result(analysis=name, population=part.population, group=name_of(comparison), variable=part.endpoint,
                     level=factor, statistic=statistic, method=f"likelihood ratio, {cox_method(plan)}",
                     value=float(value), warning=warning)  # fmt: skip


def _interaction(
    part: Sample, plan: CoxPlan, comparison: Comparison, factor: str, levels: list[str]
) -> tuple[tuple[float, ...], str]:
    arm = indicator(part, "arm", comparison.experimental)
    main = {comparison.experimental: arm}
    main |= {f"{factor}={level}": indicator(part, factor, level) for level in levels[1:]}
    crossed = {f"{comparison.experimental} by {name}": arm * main[name] for name in list(main)[1:]}
    for covariate in plan.covariates:
        if covariate != factor:
            main |= {term.level: term.values for term in covariate_terms(part, covariate)}
    strata = part.strata(part.stratum_columns(plan.strata, plan.strata_as))
    smaller, larger = (
        cox(
            part.time,
            part.event,
            np.column_stack(list(columns.values())),
            names=list(columns),
            strata=strata,
            ties=plan.ties,
            confidence_level=plan.confidence_level,
        )
        for columns in (main, main | crossed)
    )
    test = likelihood_ratio_between(smaller, larger)
    return (test.chi_square, float(test.df), test.p_value_two_sided), "; ".join(larger.warnings)
