"""Planned examinations of proportional hazards → result rows: log-log plot, scaled Schoenfeld residuals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equipoise.analysis.results import Result
from equipoise.analysis.sample import ARM, OVERALL, Sample
from equipoise.analysis.selection import select
from equipoise.analysis.survival import (
    arms_of,
    fit_cox,
    fit_curve,
    fit_model,
    fitted_arms,
    name_of,
    row_about,
)
from equipoise.errors import DataError
from equipoise.protocol.definition import Analysis, Comparison, CoxPlan
from equipoise.stats.regression.cox import CoxModel
from equipoise.stats.regression.proportional_hazards import ProportionalHazardsTest, proportional_hazards_test

LOG_LOG = "points log-log"
METHOD = "proportional hazards, scaled Schoenfeld residuals, km transform"
POINTS = "points scaled Schoenfeld residuals, km transform"
GLOBAL = "GLOBAL"


def rows(name: str, plan: Analysis, sample: Sample) -> Iterator[Result]:
    """All rows of the planned examinations."""
    if "log-log plot" in plan.diagnostics and sample.by:
        yield from log_log_rows(name, plan, sample)
    if "scaled Schoenfeld residuals" in plan.diagnostics and plan.cox is not None:
        for comparison in plan.comparisons or (None,):
            yield from residual_rows(name, plan, plan.cox, sample, comparison)


def log_log_rows(name: str, plan: Analysis, sample: Sample) -> Iterator[Result]:
    """The points of a log-log plot by group: the log of the cumulative hazard, log(-log S), where it changes.

    With proportional hazards the groups' lines are parallel.  Where S is 1 or 0 there is no such point, and an
    event on day 0 has no place on a logarithmic axis of time.
    """
    for group in sample.groups:
        curve = fit_curve(sample.of_group(group), plan.kaplan_meier)
        known = (curve.n_events > 0) & (curve.survival > 0) & (curve.survival < 1) & (curve.time > 0)
        values = np.log(-np.log(curve.survival[known]))
        for at, value in zip(curve.time[known].tolist(), values.tolist(), strict=True):
            yield row_about(name, sample, group, "log_minus_log_survival", value, at=at, method=LOG_LOG)


@dataclass(frozen=True, slots=True)
class Examined:
    """A model with its columns by term: the arms or levels compared, and each covariate."""

    model: CoxModel | None
    terms: dict[str, list[str]]
    warning: str


def residual_rows(
    name: str, plan: Analysis, cox: CoxPlan, sample: Sample, comparison: Comparison | None
) -> Iterator[Result]:
    """The test of each term and of all, and the residuals with their smooth."""
    group = OVERALL if comparison is None else name_of(comparison)
    examined = _examined(plan, cox, sample, comparison)
    if not examined.terms:
        return
    found, warning = _tested(examined, cox)
    for index, term in enumerate([*(found.terms if found is not None else examined.terms), GLOBAL]):
        for statistic in ("chi_square", "df", "p_value_two_sided"):
            value = None
            if found is not None:
                one = found.global_test if term == GLOBAL else None
                value = float(getattr(found, statistic)[index] if one is None else getattr(one, statistic))
            yield row_about(name, sample, group, statistic, value, level=term, method=METHOD, warning=warning)
    if found is not None and examined.model is not None:
        yield from _point_rows(name, sample, group, found, examined)


def _examined(plan: Analysis, cox: CoxPlan, sample: Sample, comparison: Comparison | None) -> Examined:
    """The model that the report shows; where covariates are selected, the final one."""
    warning = ""
    if cox.selection is not None:
        selected = select(sample, cox, comparison, arms_of(plan))
        sample, cox, warning = selected.part, selected.plan, selected.warning
    if comparison is None:
        found, model, said = fit_model(sample, cox)
        names = [term.level or term.group for term in found]
        compared = sum(not term.level for term in found)
        first = sample.by
    else:
        model, said = fit_cox(sample, cox, comparison, arms_of(plan))
        compared = len(fitted_arms(cox, comparison, arms_of(plan))) - 1
        names = [comparison.experimental] if model is None else list(model.names)
        first = ARM
    terms: dict[str, list[str]] = {}
    for index, column in enumerate(names):
        # A level's column is named factor=level vs factor=first, a number's by its own id.
        factor = column.partition("=")[0] if " vs " in column else column
        terms.setdefault(first if index < compared else factor, []).append(column)
    return Examined(model, terms, "; ".join(filter(None, (warning, said))))


def _tested(examined: Examined, plan: CoxPlan) -> tuple[ProportionalHazardsTest | None, str]:
    """The test, or why there is none."""
    if examined.model is None:
        return None, examined.warning
    if plan.ties.startswith("exact"):
        return None, "no test of proportional hazards with exact ties"
    try:
        found = proportional_hazards_test(examined.model, transform="km", terms=examined.terms)
    except DataError:
        said = "no test of proportional hazards without events or with an infinite coefficient"
        return None, "; ".join(filter(None, (examined.warning, said)))
    return found, "; ".join(filter(None, (examined.warning, *found.warnings)))


def _point_rows(
    name: str, sample: Sample, group: str, found: ProportionalHazardsTest, examined: Examined
) -> Iterator[Result]:
    """The residuals of each term, a smooth of them, and what they would scatter about with proportional hazards."""
    order = np.argsort(found.transformed, kind="stable")
    scale, days = found.transformed[order], found.time[order]
    for index, term in enumerate(found.terms):

        def row(statistic: str, value: float, at: float | None, term: str = term) -> Result:
            return row_about(name, sample, group, statistic, value, level=term, at=at, method=POINTS)

        columns = examined.terms[term]
        constant = 1.0  # of several columns: a factor on their linear predictor
        if len(columns) == 1 and examined.model is not None:
            constant = float(examined.model.coefficients[examined.model.names.index(columns[0])])
        yield row("scaled_schoenfeld_constant", constant, None)
        values = found.scaled[:, index]
        known = ~np.isnan(values)
        for at, value in zip(found.time[known].tolist(), values[known].tolist(), strict=True):
            yield row("scaled_schoenfeld", value, at)
        if np.unique(found.transformed[known]).size <= 4:
            continue  # too few times for the spline
        smooth = found.smooth(term)
        # The spline is on the scale of the test; the axis of the figure is time.
        places = np.interp(smooth.transformed, scale, days).tolist()
        for statistic, line in (("value", smooth.value), ("lower", smooth.lower), ("upper", smooth.upper)):
            for at, value in zip(places, line.tolist(), strict=True):
                yield row(f"scaled_schoenfeld_smooth_{statistic}", value, at)
