"""What outcomes, analyses and monitoring say of one another: each names what is declared and fits it."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks
from equipoise.protocol.definition import Analysis, Comparison, Monitoring, Proportion
from equipoise.protocol.reading.document import Path

ORIGINS = ("randomization", "registration", "treatment_start")
_PARAMETRIC = ("hwang_shih_decani", "kim_demets")
_SECTIONS = ("flow", "follow_up", "adverse_events")


def check_plan(checks: Checks) -> Iterator[Problem]:
    """Yield what does not fit in events, end points, estimands, adverse events, analyses and monitoring."""
    yield from _events(checks)
    yield from _origins(checks)
    yield from _estimands(checks)
    yield from _adverse_events(checks)
    yield from _names(checks)
    for name, analysis in checks.protocol.analyses.items():
        yield from _analysis(checks, ("analyses", name), analysis)
    for name, proportion in checks.protocol.proportions.items():
        yield from _proportion(checks, ("proportions", name), proportion)
    yield from _tables(checks)
    for name, monitoring in checks.protocol.monitoring.items():
        yield from _monitoring(checks, ("monitoring", name), monitoring)


# -- outcomes ----------------------------------------------------------------------------------------


def _events(checks: Checks) -> Iterator[Problem]:
    for name, event in checks.protocol.events.items():
        place: Path = ("events", name)
        yield from checks.known((*place, "visit"), event.visit, checks.protocol.visits, "visit")
        yield from checks.rule((*place, "when"), event.when)
        if event.when is not None and event.visit is None:
            yield checks.problem((*place, "when"), "a rule without a visit", "the visit at which it establishes the event",
                                 "name the visit, or say the rule in the label")  # fmt: skip


def _origins(checks: Checks) -> Iterator[Problem]:
    of = checks.protocol
    for name, endpoint in of.endpoints.items():
        place: Path = ("endpoints", name, "origin")
        origin, item = endpoint.origin, of.items.get(endpoint.origin)
        if origin in ORIGINS:
            continue
        if origin in of.events and item is not None:
            yield checks.problem(place, f"{origin!r}, an event and an item", "one of them", "rename one")
        elif origin in of.events:
            if origin in (*endpoint.events, *endpoint.competing):
                yield checks.problem(
                    place,
                    f"{origin!r}, which also ends it",
                    "an origin that is none of its events",
                    "remove one",
                )
        elif item is None or item.type != "date":
            found = repr(origin) if item is None else f"{origin!r}, an item of type {item.type}"
            yield checks.problem(place, found, f"{', '.join(ORIGINS)}, an event, or an item of type date")


def _estimands(checks: Checks) -> Iterator[Problem]:
    of = checks.protocol
    for name, estimand in of.estimands.items():
        place: Path = ("estimands", name)
        yield from checks.known(
            (*place, "variable"),
            estimand.variable,
            [*of.endpoints, *of.proportions],
            "end point or proportion",
        )
        estimator = estimand.analysis
        yield from checks.known(
            (*place, "analysis"), estimator, [*of.analyses, *of.proportions], "analysis or proportion"
        )
        if estimator is None or estimand.variable not in (*of.endpoints, *of.proportions):
            continue
        analyzed = of.analyses[estimator].endpoint if estimator in of.analyses else estimator
        if analyzed != estimand.variable and estimator in (*of.analyses, *of.proportions):
            yield checks.problem((*place, "analysis"), f"{estimator!r}, which analyzes {analyzed}", f"an analysis of {estimand.variable}",
                                 "name another analysis, or another variable")  # fmt: skip


def _adverse_events(checks: Checks) -> Iterator[Problem]:
    of, adverse = checks.protocol, checks.protocol.adverse_events
    if adverse is None:
        return
    place: Path = ("adverse_events",)
    for name, kind in adverse.special_interest.items():
        yield from checks.all_known((*place, "special_interest", name, "arms"), kind.arms, of.arms, "arm")
    periods = {name: one.label for name, one in adverse.periods.items()}
    yield from checks.labels((*place, "periods"), periods, "period")
    for name, period in adverse.periods.items():
        at: Path = (*place, "periods", name)
        yield from checks.all_known((*at, "courses"), period.courses, of.courses, "course")
        yield from checks.known((*at, "population"), period.population, of.populations, "population")
    tables = {name: one.label for name, one in adverse.tables.items()}
    yield from checks.labels((*place, "tables"), tables, "table")
    for name, table in adverse.tables.items():
        at = (*place, "tables", name)
        yield from checks.known((*at, "population"), table.population, of.populations, "population")
        yield from checks.factor((*at, "by"), table.by, "arm")
        yield from checks.all_known((*at, "periods"), table.periods, adverse.periods, "period")
        yield from checks.all_known(
            (*at, "kinds"), table.kinds, adverse.special_interest, "kind of special interest"
        )
        yield from checks.different((*at, "grades"), table.grades)
        for index, grade in enumerate(table.grades):
            yield from checks.known((*at, "grades", index), str(grade), adverse.grades, "grade")


# -- analyses ----------------------------------------------------------------------------------------


def _names(checks: Checks) -> Iterator[Problem]:
    """A result is found by the name of what planned it, so each name stands for one plan."""
    of, seen = checks.protocol, dict.fromkeys(_SECTIONS, "which is a section of the report")
    plans = {
        "baselines": of.baselines,
        "analyses": of.analyses,
        "proportions": of.proportions,
        "tables": of.tables,
    }
    for block, planned in plans.items():
        for name in planned:
            elsewhere = block == "analyses" and (name in _SECTIONS or name in of.baselines)
            if name in seen and not elsewhere:  # the check of analyses says so itself
                yield checks.problem(
                    (block, name),
                    f"the name {name!r}, {seen[name]}",
                    "a name of its own",
                    "rename one",
                    key=True,
                )
            seen.setdefault(name, f"which stands under {block} too")


def _analysis(checks: Checks, place: Path, analysis: Analysis) -> Iterator[Problem]:
    of, planned = checks.protocol, analysis.model_fields_set
    yield from checks.factor((*place, "by"), analysis.by)
    yield from checks.known((*place, "cutoff"), analysis.cutoff, of.cutoffs, "cutoff")
    endpoint = of.endpoints.get(analysis.endpoint)
    if analysis.cumulative_incidence is not None and endpoint is not None and not endpoint.competing:
        yield checks.problem((*place, "cumulative_incidence"), f"{analysis.endpoint}, which has no competing event",
                             "an end point with competing events", "name them, or remove it: without any, it is 1 - Kaplan-Meier")  # fmt: skip
    if analysis.comparisons and analysis.by is not None:
        yield checks.problem((*place, "by"), "by beside comparisons of arms", "one of them",
                             "write subgroups, or a second analysis without comparisons")  # fmt: skip
    if not analysis.comparisons:
        remedy = "add comparisons or by, or write null"
        if "log_rank" in planned and analysis.log_rank is not None and analysis.by is None:
            yield checks.problem(
                (*place, "log_rank"), "a log-rank test of one group", "groups that are compared", remedy
            )
        if (
            "cox" in planned
            and analysis.cox is not None
            and analysis.by is None
            and not analysis.cox.covariates
        ):
            yield checks.problem(
                (*place, "cox"), "a Cox model without arms, by or covariates", "something to contrast", remedy
            )
    if analysis.cox is not None and analysis.cox.selection is not None and not analysis.cox.covariates:
        yield checks.problem(
            (*place, "cox", "selection"),
            "a selection without covariates",
            "the covariates to select from",
            "name them",
        )


def _proportion(checks: Checks, place: Path, proportion: Proportion) -> Iterator[Problem]:
    of = checks.protocol
    yield from checks.rule((*place, "response"), proportion.response)
    yield from checks.known((*place, "population"), proportion.population, of.populations, "population")
    yield from checks.known((*place, "cutoff"), proportion.cutoff, of.cutoffs, "cutoff")
    yield from checks.factor((*place, "by"), proportion.by, "arm")
    yield from checks.all_known(
        (*place, "covariates"), proportion.covariates, [*of.items, *of.derived], "item or derived item"
    )
    for index, comparison in enumerate(proportion.comparisons):
        yield from _comparison(checks, (*place, "comparisons", index), comparison)
    if not proportion.comparisons:
        keys = ("difference", "odds_ratio") if proportion.by else ("test", "difference", "odds_ratio")
        for key in keys:
            if getattr(proportion, key) not in (None, "not stated"):
                yield checks.problem((*place, key), f"{key.replace('_', ' ')} without a comparison", "comparisons of arms",
                                     "add them, or remove it")  # fmt: skip


def _comparison(checks: Checks, place: Path, comparison: Comparison) -> Iterator[Problem]:
    of, pair = checks.protocol, {comparison.experimental, comparison.control}
    for side in ("experimental", "control"):
        yield from checks.known((*place, side), getattr(comparison, side), of.arms, "arm")
    if len(pair) == 1:
        yield checks.problem(place, f"{comparison.control!r} against itself", "two different arms")
    elif pair <= set(of.arms) and not any(pair <= set(one.arms) for one in of.randomizations.values()):
        found = f"{comparison.experimental} against {comparison.control}"
        yield checks.problem(
            place, found, "two arms of one randomization", "compare only what was randomized"
        )


def _tables(checks: Checks) -> Iterator[Problem]:
    of = checks.protocol
    for name, table in of.tables.items():
        place: Path = ("tables", name)
        yield from checks.known((*place, "population"), table.population, of.populations, "population")
        yield from checks.known((*place, "cutoff"), table.cutoff, of.cutoffs, "cutoff")
        yield from checks.factor((*place, "rows"), table.rows, "arm")
        yield from checks.factor((*place, "columns"), table.columns, "arm")
        yield from checks.factor((*place, "by"), table.by, "arm")
        if table.rows == table.columns or table.by in (table.rows, table.columns):
            yield checks.problem(place, f"{table.rows} against {table.columns}" + (f" by {table.by}" if table.by else ""),
                                 "different items", "each item once")  # fmt: skip


# -- monitoring --------------------------------------------------------------------------------------


def _monitoring(checks: Checks, place: Path, plan: Monitoring) -> Iterator[Problem]:
    of = checks.protocol
    yield from checks.known((*place, "randomization"), plan.randomization, of.randomizations, "randomization")
    yield from checks.known((*place, "endpoint"), plan.endpoint, of.endpoints, "end point")
    yield from checks.known((*place, "analysis"), plan.analysis, of.analyses, "analysis")
    yield from checks.all_known((*place, "cutoffs"), plan.cutoffs, of.cutoffs, "cutoff")
    for index, look in enumerate(plan.held):
        yield from checks.known((*place, "held", index, "cutoff"), look.cutoff, of.cutoffs, "cutoff")
    yield from _looks(checks, place, plan)
    analysis, randomization = of.analyses.get(plan.analysis or ""), of.randomizations.get(plan.randomization)
    if analysis is not None and plan.endpoint in of.endpoints and analysis.endpoint != plan.endpoint:
        yield checks.problem((*place, "analysis"), f"{plan.analysis!r}, which analyzes {analysis.endpoint}", f"an analysis of {plan.endpoint}",
                             "name another analysis, or another end point")  # fmt: skip
    if analysis is not None and randomization is not None and set(randomization.arms) <= set(of.arms):
        compared = {arm for one in analysis.comparisons for arm in (one.experimental, one.control)}
        if not compared or not compared <= set(randomization.arms):
            found = f"{plan.analysis!r}, which compares {', '.join(sorted(compared)) or 'no arms'}"
            yield checks.problem((*place, "analysis"), found, f"arms of {plan.randomization}: {', '.join(randomization.arms)}",
                                 "name another analysis, or another randomization")  # fmt: skip
    spending = None if plan.efficacy == "not stated" else plan.efficacy
    if spending is not None and spending.parameter is not None and spending.spending not in _PARAMETRIC:
        yield checks.problem((*place, "efficacy", "parameter"), f"a parameter of {spending.spending}",
                             f"a parameter of {' or '.join(_PARAMETRIC)} only", "remove it")  # fmt: skip
    if plan.alpha != "not stated" and plan.power != "not stated" and plan.power <= plan.alpha:
        yield checks.problem(
            (*place, "power"), f"{plan.power:g}", f"more than alpha ({plan.alpha:g})", "exchange them"
        )


def _looks(checks: Checks, place: Path, plan: Monitoring) -> Iterator[Problem]:
    if plan.looks == "not stated":
        return
    looks = plan.looks
    for index in range(1, len(looks)):
        if looks[index] <= looks[index - 1]:
            yield checks.problem(
                (*place, "looks", index),
                f"{looks[index]:g} after {looks[index - 1]:g}",
                "increasing fractions",
                "sort them",
            )
    if not looks or looks[-1] != 1:
        yield checks.problem((*place, "looks"), f"looks that end at {looks[-1]:g}" if looks else "an empty list", "a last look at 1",
                             "the final analysis is at full information" if looks else "write not stated")  # fmt: skip
    if plan.analyses != "not stated" and plan.analyses != len(looks):
        yield checks.problem((*place, "analyses"), f"{plan.analyses} analyses and {len(looks)} looks", "one look each, the final one included",
                             "correct one of them")  # fmt: skip
