"""What is analyzed and shown: populations, baselines, analyses, proportions, tables and the report."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks
from equipoise.protocol.definition import Analysis, Baseline, BaselineItem, Comparison, Proportion
from equipoise.protocol.reading.document import Path
from equipoise.protocol.rules import columns

_SECTIONS = ("flow", "follow_up", "adverse_events")


def check_analyses(checks: Checks) -> Iterator[Problem]:
    """Yield what does not fit in populations, baselines, analyses, proportions, tables and the report."""
    of = checks.protocol
    for name, population in of.populations.items():
        yield from checks.condition(("populations", name, "require"), population.require)
    yield from _names(checks)
    for name, analysis in of.analyses.items():
        yield from _analysis(checks, ("analyses", name), analysis)
    for name, baseline in of.baselines.items():
        yield from _baseline(checks, ("baselines", name), baseline)
    for name, proportion in of.proportions.items():
        yield from _proportion(checks, ("proportions", name), proportion)
    yield from _tables(checks)
    yield from _report(checks)


def _names(checks: Checks) -> Iterator[Problem]:
    """A result is found by the name of what planned it, so each name stands for one plan."""
    of, seen = checks.protocol, dict.fromkeys(_SECTIONS, "which is a section of the report")
    plans = {"baselines": of.baselines, "analyses": of.analyses, "proportions": of.proportions, "tables": of.tables}  # fmt: skip
    for block, planned in plans.items():
        for name in planned:
            place: Path = (block, name)
            if block == "analyses" and (name in _SECTIONS or name in of.baselines):
                expected = "a name that no section has"
                yield checks.problem(place, f"the name {name!r}", expected, "rename it", key=True)
            elif name in seen:
                found = f"the name {name!r}, {seen[name]}"
                yield checks.problem(place, found, "a name of its own", "rename one", key=True)
            seen.setdefault(name, f"which stands under {block} too")


# -- analyses of end points --------------------------------------------------------------------------


def _analysis(checks: Checks, place: Path, analysis: Analysis) -> Iterator[Problem]:
    of = checks.protocol
    yield from checks.known((*place, "endpoint"), analysis.endpoint, of.endpoints, "end point")
    yield from checks.known((*place, "population"), analysis.population, of.populations, "population")
    yield from checks.known((*place, "cutoff"), analysis.cutoff, of.cutoffs, "cutoff")
    yield from checks.factor((*place, "by"), analysis.by)
    yield from _comparisons(checks, place, analysis)
    yield from checks.factors((*place, "subgroups"), analysis.subgroups)
    yield from _estimates(checks, place, analysis)
    yield from _cox(checks, (*place, "cox"), analysis)
    if not analysis.comparisons:
        yield from _of_one_group(checks, place, analysis)


def _comparisons(checks: Checks, place: Path, analysis: Analysis) -> Iterator[Problem]:
    """Two arms of one randomization, each pair once, and the control on its side."""
    of = checks.protocol
    allocated = [set(one.arms) for one in of.randomizations.values()]
    for index, comparison in enumerate(analysis.comparisons):
        at: Path = (*place, "comparisons", index)
        yield from _two_arms(checks, at, comparison)
        if comparison.experimental == comparison.control:
            continue
        pair = {comparison.experimental, comparison.control}
        if any(pair == {one.experimental, one.control} for one in analysis.comparisons[:index]):
            yield checks.problem(at, "a comparison a second time", "each once", "remove it")
        if comparison.experimental in of.arms and of.arms[comparison.experimental].role == "control":
            found = f"{comparison.experimental!r}, whose role is control"
            yield checks.problem((*at, "experimental"), found, "an experimental arm",
                                 "a hazard ratio is experimental over control: exchange them")  # fmt: skip
        if set().union(*allocated) <= set(of.arms):  # else that is said already
            yield from _randomized(checks, at, comparison)
    if analysis.comparisons and analysis.by is not None:
        yield checks.problem((*place, "by"), "by beside comparisons of arms", "one of them",
                             "write subgroups, or a second analysis without comparisons")  # fmt: skip


def _two_arms(checks: Checks, place: Path, comparison: Comparison) -> Iterator[Problem]:
    for side in ("experimental", "control"):
        yield from checks.known((*place, side), getattr(comparison, side), checks.protocol.arms, "arm")
    if comparison.experimental == comparison.control:
        yield checks.problem(place, f"{comparison.control!r} against itself", "two different arms")


def _randomized(checks: Checks, place: Path, comparison: Comparison) -> Iterator[Problem]:
    """Arms that are declared are compared within one randomization."""
    of, pair = checks.protocol, {comparison.experimental, comparison.control}
    if pair <= set(of.arms) and not any(pair <= set(one.arms) for one in of.randomizations.values()):
        found = f"{comparison.experimental} against {comparison.control}"
        expected = "two arms of one randomization"
        yield checks.problem(place, found, expected, "compare only what was randomized")


def _estimates(checks: Checks, place: Path, analysis: Analysis) -> Iterator[Problem]:
    """Kaplan-Meier estimates and their figure, cumulative incidence, and the strata of the log-rank test."""
    yield from checks.different((*place, "kaplan_meier", "times"), analysis.kaplan_meier.times)
    endpoint = checks.protocol.endpoints.get(analysis.endpoint)
    if analysis.cumulative_incidence is not None and endpoint is not None and not endpoint.competing:
        yield checks.problem((*place, "cumulative_incidence"), f"{analysis.endpoint}, which has no competing event",
                             "an end point with competing events", "name them, or remove it: without any, it is 1 - Kaplan-Meier")  # fmt: skip
    if analysis.log_rank is not None:
        strata = analysis.log_rank.strata
        yield from checks.factors((*place, "log_rank", "strata"), strata, columns.SITE)
    figure, at = analysis.figure, (*place, "figure", "every")
    if figure is not None and figure.every > figure.until:
        yield checks.problem(at, f"{figure.every:g}", "at most until")
    if figure is not None and figure.until > 40 * figure.every:
        yield checks.problem(at, f"{figure.every:g}", "at most 40 ticks")


def _cox(checks: Checks, place: Path, analysis: Analysis) -> Iterator[Problem]:
    cox, items = analysis.cox, checks.protocol.items
    if cox is None:
        return
    yield from checks.factors((*place, "strata"), cox.strata, columns.SITE)
    covariates: Path = (*place, "covariates")
    yield from checks.all_known(covariates, cox.covariates, checks.items(), "item or derived item")
    for index, name in enumerate(cox.covariates):
        if name in items and items[name].type in ("text", "date"):
            yield checks.problem((*covariates, index), f"{name!r} of type {items[name].type}",
                                 "a number, a choice, a boolean or a derived item")  # fmt: skip
    for index, name in enumerate(cox.covariates):
        if name in cox.strata:
            yield checks.problem((*covariates, index), f"{name!r}, which is also a stratum", "one or the other",
                                 "remove one: within a stratum it does not vary")  # fmt: skip
    if cox.selection is not None and not cox.covariates:
        found = "a selection without covariates"
        yield checks.problem((*place, "selection"), found, "the covariates to select from", "name them")


def _of_one_group(checks: Checks, place: Path, analysis: Analysis) -> Iterator[Problem]:
    """Without comparisons and without ``by``, no test and no model that the file asks for has groups."""
    planned, remedy = analysis.model_fields_set, "add comparisons or by, or write null"
    if analysis.by is not None:
        return
    if "log_rank" in planned and analysis.log_rank is not None:
        found = "a log-rank test of one group"
        yield checks.problem((*place, "log_rank"), found, "groups that are compared", remedy)
    if "cox" in planned and analysis.cox is not None and not analysis.cox.covariates:
        found = "a Cox model without arms, by or covariates"
        yield checks.problem((*place, "cox"), found, "something to contrast", remedy)


# -- baselines ---------------------------------------------------------------------------------------


def _baseline(checks: Checks, place: Path, baseline: Baseline) -> Iterator[Problem]:
    populations, names = checks.protocol.populations, checks.items()
    yield from checks.known((*place, "population"), baseline.population, populations, "population")
    if baseline.by != "arm":
        yield from checks.factor((*place, "by"), baseline.by)
    seen = set[str]()
    for index, entry in enumerate(baseline.items):
        at: Path = (*place, "items", index)
        yield from checks.known((*at, "item"), entry.item, names, "item or derived item")
        if entry.item in seen:
            yield checks.problem((*at, "item"), f"{entry.item!r} a second time", "each once", "remove it")
        seen.add(entry.item)
        if entry.item in names:
            yield from _shown(checks, at, entry)


def _shown(checks: Checks, place: Path, entry: BaselineItem) -> Iterator[Problem]:
    """How one item of the baseline table is summarized."""
    numeric = checks.columns.get(entry.item) in (columns.OF_TYPE["integer"], columns.OF_TYPE["decimal"])
    if not numeric and not checks.has_levels(entry.item):
        yield checks.problem((*place, "item"), f"{entry.item!r}, a text or date", "a number or a factor")
    elif not numeric and "show" in entry.model_fields_set:
        found = f"a summary of numbers for {entry.item!r}"
        yield checks.problem((*place, "show"), found, "show beside numbers only", "remove it")
    elif numeric and not entry.show:
        yield checks.problem((*place, "show"), "an empty list", "at least one summary")
    yield from checks.different((*place, "show"), entry.show)


# -- proportions, tables, report ---------------------------------------------------------------------


def _proportion(checks: Checks, place: Path, proportion: Proportion) -> Iterator[Problem]:
    of = checks.protocol
    yield from checks.condition((*place, "response"), proportion.response)
    yield from checks.known((*place, "population"), proportion.population, of.populations, "population")
    yield from checks.known((*place, "cutoff"), proportion.cutoff, of.cutoffs, "cutoff")
    yield from checks.factor((*place, "by"), proportion.by, "arm")
    yield from checks.all_known(
        (*place, "covariates"), proportion.covariates, [*of.items, *of.derived], "item or derived item"
    )
    for index, name in enumerate(proportion.covariates):
        if name in of.items and of.items[name].type in ("text", "date"):
            yield checks.problem((*place, "covariates", index), f"{name!r} of type {of.items[name].type}",
                                 "a number, a choice, a boolean or a derived item")  # fmt: skip
    if proportion.sided == 1 and not proportion.comparisons:
        yield checks.problem((*place, "sided"), "a one-sided test without a comparison", "comparisons of arms",
                             "a test of several groups has no side: write 2, or remove it")  # fmt: skip
    for index, comparison in enumerate(proportion.comparisons):
        at: Path = (*place, "comparisons", index)
        yield from _two_arms(checks, at, comparison)
        if comparison.experimental != comparison.control:
            yield from _randomized(checks, at, comparison)
    if not proportion.comparisons:
        keys = ("difference", "odds_ratio") if proportion.by else ("test", "difference", "odds_ratio")
        for key in keys:
            if getattr(proportion, key) not in (None, "not stated"):
                yield checks.problem((*place, key), f"{key.replace('_', ' ')} without a comparison", "comparisons of arms",
                                     "add them, or remove it")  # fmt: skip


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


def _report(checks: Checks) -> Iterator[Problem]:
    report, place = checks.protocol.report, ("report", "sections")
    yield from checks.different(place, report.sections)
    if "sections" not in report.model_fields_set:
        return
    for index, section in enumerate(report.sections):
        block = {"baseline": "baselines"}.get(section, section)
        if section in ("baseline", "adverse_events") and not getattr(checks.protocol, block):
            found, remedy = (
                f"the section {section} without a plan for it",
                "add the block, or remove the section",
            )
            yield checks.problem((*place, index), found, f"the block {block}", remedy)
