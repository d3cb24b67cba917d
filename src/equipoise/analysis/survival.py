"""Planned time-to-event analyses → result rows: Kaplan-Meier, log-rank, Cox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.results import Result
from equipoise.analysis.sample import ARM, OVERALL, Sample, factor_values, group_of_each, level_codes
from equipoise.dates import in_days
from equipoise.protocol.definition import Analysis, Comparison, CoxPlan, KaplanMeierPlan, LogRankPlan
from equipoise.stats.regression.cox import CoxModel, cox
from equipoise.stats.regression.profile import profile_intervals
from equipoise.stats.survival.kaplan_meier import KaplanMeier, kaplan_meier
from equipoise.stats.survival.log_rank import LogRank, log_rank
from equipoise.stats.survival.weighted_log_rank import WeightedLogRank, weighted_log_rank

TIES = {
    "efron": "Efron ties",
    "breslow": "Breslow ties",
    "exact-partial": "exact partial likelihood",
    "exact-marginal": "exact marginal likelihood",
}


def name_of(comparison: Comparison) -> str:
    """The group of a comparison's rows."""
    return f"{comparison.experimental} vs {comparison.control}"


def no_subjects(sample: Sample) -> str:
    """Why groups that a sample tells apart cannot be compared."""
    return "an arm has no subjects" if sample.by == ARM else f"a level of {sample.by} has no subjects"


def rows(name: str, plan: Analysis, sample: Sample) -> Iterator[Result]:
    """All rows of a planned analysis, but for its subgroups."""
    yield from event_counts(name, sample)
    # Where cumulative incidence is planned, a curve that nobody asked for would stand in for it and be wrong.
    if plan.cumulative_incidence is None or "kaplan_meier" in plan.model_fields_set:
        yield from kaplan_meier_rows(name, sample, plan.kaplan_meier, ticks_of(plan, sample))
    if plan.log_rank is not None:
        for comparison in plan.comparisons:
            yield from log_rank_rows(name, sample, plan.log_rank, comparison)
        # Levels that no comparison pairs are compared all together, whether or not the plan says overall.
        together = plan.log_rank.overall or not plan.comparisons
        if together and len(sample.groups) > 1:
            yield from log_rank_rows(name, sample, plan.log_rank, None)
    # Where covariates are selected the model is that of those which stay: see selection.
    if plan.cox is not None and plan.cox.selection is None:
        for comparison in plan.comparisons:
            yield from cox_rows(name, sample, plan.cox, comparison, arms_of(plan))
        if not plan.comparisons:
            yield from model_rows(name, sample, plan.cox)


def arms_of(plan: Analysis) -> list[str]:
    """The arms that an analysis compares, each once."""
    return list(dict.fromkeys(chain.from_iterable((c.control, c.experimental) for c in plan.comparisons)))


def event_counts(name: str, sample: Sample) -> Iterator[Result]:
    """Subjects, events and censored subjects, by group and overall, and events by component."""
    endpoint = sample.protocol.endpoints[sample.endpoint]
    if sample.by not in (ARM, ""):
        unknown = group_of_each(sample.frame, sample.by).null_count()
        yield row_about(name, sample, OVERALL, "n_missing", unknown)
    for group in dict.fromkeys([*sample.groups, OVERALL]):
        part = sample if group == OVERALL else sample.of_group(group)
        events, n = int(part.event.sum()), part.frame.height
        causes = part.frame["cause"]
        counts = {"n": n, "events": events, "censored": n - events}
        for statistic, value in counts.items():
            yield row_about(name, sample, group, statistic, value)
        for statistic, components in (
            ("first_events", endpoint.events),
            ("competing_events", endpoint.competing),
        ):
            for component in components:
                yield row_about(
                    name, sample, group, statistic, int((causes == component).sum()), level=component
                )


def fit_curve(sample: Sample, plan: KaplanMeierPlan) -> KaplanMeier:
    """The Kaplan-Meier curve of a sample."""
    return kaplan_meier(
        sample.time, sample.event, confidence_level=plan.confidence_level, interval=plan.interval
    )


def kaplan_meier_rows(
    name: str, sample: Sample, plan: KaplanMeierPlan, ticks: Sequence[float]
) -> Iterator[Result]:
    """The curve of each group, its values at the planned times, its median, and its risk table at the ticks."""
    unit = sample.protocol.endpoints[sample.endpoint].unit
    for group in sample.groups:
        curve = fit_curve(sample.of_group(group), plan)
        for column in ("survival", "std_err", "lower", "upper", "n_at_risk", "n_events", "n_censored"):
            values = getattr(curve, column).tolist()
            for at, value in zip(curve.time.tolist(), values, strict=True):
                yield row_about(name, sample, group, column, value, at=at, method=f"curve {plan.interval}")
        times = [in_days(time, unit) for time in plan.times]
        if times:
            there = curve.at(times)
            for column in ("survival", "std_err", "lower", "upper", "n_at_risk"):
                for at, value in zip(times, getattr(there, column).tolist(), strict=True):
                    warning = "beyond the last follow-up" if value != value and at > curve.time[-1] else ""
                    yield row_about(
                        name, sample, group, column, value, at=at, method=plan.interval, warning=warning
                    )
        median = curve.median()
        for statistic, value in (("median", median.estimate), ("median_lower", median.lower), ("median_upper", median.upper)):  # fmt: skip
            warning = "not reached" if value != value else ""
            yield row_about(name, sample, group, statistic, value, method=plan.interval, warning=warning)
        if ticks:
            table = curve.risk_table(ticks)
            for column, statistic in (("n_at_risk", "at_risk"), ("cumulative_events", "cumulative_events"), ("cumulative_censored", "cumulative_censored")):  # fmt: skip
                for at, value in zip(ticks, getattr(table, column).tolist(), strict=True):
                    yield row_about(name, sample, group, statistic, value, at=at, method="risk table")


def ticks_of(plan: Analysis, sample: Sample) -> list[float]:
    """The ticks of the figure's axis, in days."""
    if plan.figure is None:
        return []
    unit = sample.protocol.endpoints[sample.endpoint].unit
    count = int(plan.figure.until / plan.figure.every + 1e-9)
    return [in_days(plan.figure.every * index, unit) for index in range(count + 1)]


def fit_log_rank(
    sample: Sample, plan: LogRankPlan, groups: Sequence[str]
) -> tuple[LogRank | WeightedLogRank | None, str]:
    """The log-rank test of some groups (control first), and a warning about subjects left out.

    No test where a group has no subjects left.
    """
    columns = sample.stratum_columns(plan.strata, plan.strata_as)
    part, warning = sample.of_groups(groups).complete(columns)
    if set(part.groups) != set(groups):
        return None, "; ".join(filter(None, (warning, no_subjects(sample))))
    test: LogRank | WeightedLogRank
    if plan.weights is None:
        test = log_rank(
            part.time, part.event, part.group_labels(), groups=list(groups), strata=part.strata(columns)
        )
    else:
        test = weighted_log_rank(
            part.time, part.event, part.group_labels(), groups=list(groups), strata=part.strata(columns),
            weight="fleming-harrington", rho=plan.weights.rho, gamma=plan.weights.gamma,
        )  # fmt: skip
    return test, "; ".join(filter(None, (warning, *test.warnings)))


def log_rank_rows(
    name: str, sample: Sample, plan: LogRankPlan, comparison: Comparison | None
) -> Iterator[Result]:
    """The log-rank test of a comparison, or of all groups."""
    arms = sample.groups if comparison is None else [comparison.control, comparison.experimental]
    group = "overall" if comparison is None else name_of(comparison)
    test, warning = fit_log_rank(sample, plan, arms)
    method = log_rank_method(plan)
    if test is not None:
        for index, arm in enumerate(arms):
            yield row_about(
                name, sample, arm, "observed", float(test.observed[index]), level=group, method=method
            )
            yield row_about(
                name, sample, arm, "expected", float(test.expected[index]), level=group, method=method
            )
    one_sided = comparison is not None and plan.sided == 1
    statistics = ["chi_square", "df", *(["z"] if comparison is not None else []),
                  "p_value_one_sided" if one_sided else "p_value_two_sided"]  # fmt: skip
    for statistic in statistics:
        value = None if test is None else float(getattr(test, statistic))
        yield row_about(name, sample, group, statistic, value, method=method, warning=warning)


def log_rank_method(plan: LogRankPlan) -> str:
    """The exact variant of the test, as result rows name it."""
    text = f"{'stratified ' if plan.strata else ''}{'' if plan.weights is None else 'weighted '}log-rank"
    if plan.weights is not None:
        text += f" (Fleming-Harrington rho {plan.weights.rho:g} gamma {plan.weights.gamma:g})"
    return f"{text} by {by_strata(plan.strata, plan.strata_as)}" if plan.strata else text


def by_strata(strata: Sequence[str], strata_as: str) -> str:
    """The strata as a method names them."""
    return ", ".join(strata) + (" as verified" if strata_as == "verified" else "")


def cox_method(plan: CoxPlan) -> str:
    """The exact variant, as result rows and the methods paragraph name it."""
    text = f"Cox, {TIES[plan.ties]}"
    if plan.arms == "all":
        text += ", all arms in one model"
    if plan.strata:
        text += f", stratified by {by_strata(plan.strata, plan.strata_as)}"
    if plan.covariates:
        text += f", adjusted for {', '.join(plan.covariates)}"
    if plan.interval == "profile":
        text += ", profile likelihood limits"
    if plan.selection is not None:
        text += f", {plan.selection.direction} selection with P {plan.selection.stay:g} to stay"
    return text


def fit_cox(
    sample: Sample, plan: CoxPlan, comparison: Comparison, arms: Sequence[str]
) -> tuple[CoxModel | None, str]:
    """The Cox model of a comparison: first the experimental arm against the control, other arms, covariates.

    No model where one of the two arms has no subjects left.
    """
    wanted = fitted_arms(plan, comparison, arms)
    strata = sample.stratum_columns(plan.strata, plan.strata_as)
    part, warning = sample.of_groups(wanted).complete([*strata, *plan.covariates])
    if not {comparison.control, comparison.experimental} <= set(part.groups):
        return None, "; ".join(filter(None, (warning, no_subjects(sample))))
    columns = [indicator(part, "arm", comparison.experimental)]
    names = [comparison.experimental]
    for arm in wanted:
        if arm not in (comparison.control, comparison.experimental):
            columns.append(indicator(part, "arm", arm))
            names.append(arm)
    for covariate in plan.covariates:
        for term in covariate_terms(part, covariate):
            columns.append(term.values)
            names.append(term.level)
    model = fitted(part, plan, columns, names, strata)
    return model, "; ".join(filter(None, (warning, *model.warnings)))


def fitted(
    part: Sample, plan: CoxPlan, columns: Sequence[NDArray[np.float64]], names: Sequence[str], strata: Sequence[str]
) -> CoxModel:  # fmt: skip
    """The Cox model of some columns, with the limits that the plan asks for."""
    model = cox(part.time, part.event, np.column_stack(list(columns)), names=list(names), strata=part.strata(strata),
                ties=plan.ties, confidence_level=plan.confidence_level)  # fmt: skip
    if plan.interval == "wald":
        return model
    limits = profile_intervals(model)
    warnings = tuple(dict.fromkeys([*model.warnings, *limits.warnings]))
    return replace(model, lower=limits.lower, upper=limits.upper, warnings=warnings)


def fitted_arms(plan: CoxPlan, comparison: Comparison, arms: Sequence[str]) -> list[str]:
    """The arms in the model of a comparison."""
    return [comparison.control, comparison.experimental] if plan.arms == "compared" else list(arms)


def indicator(sample: Sample, factor: str, level: str) -> NDArray[np.float64]:
    """1 for subjects at the level, else 0."""
    return np.array([value == level for value in sample.labels(factor)], dtype=np.float64)


def cox_rows(
    name: str, sample: Sample, plan: CoxPlan, comparison: Comparison, arms: Sequence[str], note: str = ""
) -> Iterator[Result]:
    """The hazard ratio of a comparison with its interval; in the whole sample, those of its covariates too.

    note: a warning from before the sample came here.
    """
    model, warning = fit_cox(sample, plan, comparison, arms)
    warning = "; ".join(filter(None, (note, warning)))
    group = name_of(comparison)
    yield from coefficient_rows(name, sample, cox_method(plan), model, 0, (group, ""), warning)
    if model is None or sample.subset != "all":
        return
    first = len(fitted_arms(plan, comparison, arms)) - 1
    for index, level in enumerate(model.names[first:], start=first):
        yield from coefficient_rows(name, sample, cox_method(plan), model, index, (group, level), warning)


@dataclass(frozen=True, slots=True)
class Term:
    """A column of a model and where its rows stand: a comparison of groups, or a level of ``overall``."""

    group: str
    level: str
    values: NDArray[np.float64]


def model_rows(name: str, sample: Sample, plan: CoxPlan, note: str = "") -> Iterator[Result]:
    """The Cox model of an analysis without comparisons: each level against the first, then the covariates.

    A level is a group's row, ``factor=level vs factor=first``; a covariate is a level of group ``overall``.
    Without a second level and without covariates there is nothing to model.
    """
    terms, model, warning = fit_model(sample, plan)
    warning = "; ".join(filter(None, (note, warning)))
    for index, term in enumerate(terms):
        yield from coefficient_rows(
            name, sample, cox_method(plan), model, index, (term.group, term.level), warning
        )


def fit_model(sample: Sample, plan: CoxPlan) -> tuple[list[Term], CoxModel | None, str]:
    """The Cox model of an analysis without comparisons, its terms and a warning; no model where it has no subjects."""
    factor = [sample.by] if len(sample.groups) > 1 else []
    covariates = [one for one in plan.covariates if one not in factor]
    strata = sample.stratum_columns(plan.strata, plan.strata_as)
    part, warning = sample.complete([*factor, *strata, *covariates])
    terms = group_terms(part, sample.groups)
    for covariate in covariates:
        terms += covariate_terms(part, covariate)
    model = None
    if not terms:
        return terms, model, warning
    if factor and sample.groups[0] not in part.groups:
        warning = "; ".join(filter(None, (warning, no_subjects(sample))))
    elif part.frame.height:
        names = [term.level or term.group for term in terms]
        model = fitted(part, plan, [term.values for term in terms], names, strata)
        warning = "; ".join(filter(None, (warning, *model.warnings)))
    return terms, model, warning


def group_terms(part: Sample, groups: Sequence[str]) -> list[Term]:
    """Every group but the first against the first.  groups: of the sample before any subject was left out."""
    return [Term(f"{group} vs {groups[0]}", "", _in_group(part, group)) for group in groups[1:]]


def _in_group(sample: Sample, group: str) -> NDArray[np.float64]:
    return np.array([one == group for one in sample.group_labels()], dtype=np.float64)


def covariate_terms(sample: Sample, covariate: str) -> Iterator[Term]:
    """A number as it is; a factor as its levels with subjects against the first of them."""
    if sample.frame[covariate].dtype.is_numeric():
        yield Term(OVERALL, covariate, sample.frame[covariate].cast(float).to_numpy())
        return
    present = set(factor_values(sample.frame, covariate))
    levels = [code for code in level_codes(sample.protocol, sample.frame, covariate) if code in present]
    for code in levels[1:]:
        versus = f"{covariate}={code} vs {covariate}={levels[0]}"
        yield Term(OVERALL, versus, indicator(sample, covariate, code))


def coefficient_rows(
    name: str, sample: Sample, method: str, model: CoxModel | None, index: int, place: tuple[str, str],
    warning: str,
) -> Iterator[Result]:  # fmt: skip
    """One coefficient of a Cox model as a hazard ratio with its interval.  place: group and level of its rows."""
    group, level = place
    for statistic, attribute in (
        ("hazard_ratio", "hazard_ratio"),
        ("lower", "lower"),
        ("upper", "upper"),
        ("log_hazard_ratio", "coefficients"),
        ("std_err", "std_err"),
        ("p_value_two_sided", "p_value_two_sided"),
    ):
        value = None if model is None else float(getattr(model, attribute)[index])
        yield row_about(name, sample, group, statistic, value, level=level, method=method, warning=warning)


def row_about(
    name: str,
    sample: Sample,
    group: str,
    statistic: str,
    value: float | None,
    *,
    level: str = "",
    at: float | None = None,
    method: str = "",
    warning: str = "",
) -> Result:
    """A result row about the end point of a sample."""
    return Result(
        analysis=name,
        population=sample.population,
        subset=sample.subset,
        group=group,
        variable=sample.endpoint,
        level=level,
        at=at,
        statistic=statistic,
        method=method,
        value=None if value is None else float(value),
        warning=warning,
    )
