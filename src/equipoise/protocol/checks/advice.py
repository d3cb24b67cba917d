"""What is allowed in a protocol file and seldom wise: warnings, each with its evidence.

Nothing here refuses a file. Sources: Kahan, Rehal and Cro, Trials 2015;16:405 (allocations of open trials that can be
guessed from small, fixed blocks, most of all from blocks within sites: 67 of 152 unmasked trials stratified by site);
Schoenfeld, Biometrika 1981;68:316 (under proportional hazards the hazard ratio is the ratio of the logarithms of survival).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log, prod

from equipoise.errors import Problem
from equipoise.protocol.definition import Monitoring, Protocol, Randomization
from equipoise.protocol.definition.trial import ELIGIBLE
from equipoise.protocol.reading.document import Document, Path
from equipoise.protocol.rules.classification import Classifier
from equipoise.protocol.rules.columns import SITE
from equipoise.protocol.rules.rule import compile_rule


def advise(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield the warnings about randomizations, cutoffs and monitoring, and about what nothing reads."""
    for name, randomization in protocol.randomizations.items():
        path: Path = ("randomizations", name)
        yield from _blocks(randomization, document, path)
        yield from _blocks_by_site(randomization, document, path)
        yield from _strata(protocol, randomization, document, path)
    yield from _cutoffs(protocol, document)
    for name, plan in protocol.monitoring.items():
        yield from _hazard_ratio(plan, document, ("monitoring", name, "hazard_ratio"))
    yield from _unread(protocol, document)


def _blocks(randomization: Randomization, document: Document, path: Path) -> Iterator[Problem]:
    if randomization.blocks == "not stated" or not randomization.blocks:
        return
    place = (*path, "blocks")
    smallest = (
        len(randomization.arms) if randomization.ratio == "not stated" else sum(randomization.ratio.values())
    )
    if smallest in randomization.blocks:
        yield document.problem(place, f"blocks of {smallest}", "larger blocks",
                               "once the first of such a block is known, an open trial knows the rest")  # fmt: skip
    if len(set(randomization.blocks)) == 1:
        yield document.problem(place, "blocks of one size", "several sizes, drawn at random",
                               "with a fixed size the last allocations of a block can be guessed")  # fmt: skip


def _strata(
    protocol: Protocol, randomization: Randomization, document: Document, path: Path
) -> Iterator[Problem]:
    if (
        randomization.strata == "not stated"
        or not randomization.strata
        or randomization.method == "minimization"
    ):
        return
    sites = protocol.oversight.sites if SITE in randomization.strata else 1
    strata = prod(len(protocol.factor_levels(factor)) for factor in randomization.strata if factor != SITE)
    strata *= 1 if sites == "not stated" else sites
    planned = randomization.planned
    if planned == "not stated":
        return
    block = (
        2 * len(randomization.arms)
        if randomization.blocks in ("not stated", ())
        else max(randomization.blocks)
    )
    if planned < strata * int(block):
        yield document.problem((*path, "strata"), f"{strata} strata for {planned} planned subjects",
                               f"at most {max(planned // int(block), 1)} (one block of {block} each)",
                               "incomplete blocks in sparse strata bring back imbalance: use fewer factors or minimization")  # fmt: skip


def _blocks_by_site(randomization: Randomization, document: Document, path: Path) -> Iterator[Problem]:
    strata = () if randomization.strata == "not stated" else randomization.strata
    if randomization.method == "permuted blocks" and SITE in strata:
        yield document.problem((*path, "strata"), "permuted blocks within each site", "strata without site_id, or minimization",
                               "a site that knows its own past allocations can guess the end of each block")  # fmt: skip


def _cutoffs(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """The file says what its source prints; an analysis as of a month cannot be run before somebody names the day."""
    of = protocol
    named = [(("analyses", name), one.cutoff) for name, one in of.analyses.items()]
    named += [(("proportions", name), one.cutoff) for name, one in of.proportions.items()]
    named += [(("tables", name), one.cutoff) for name, one in of.tables.items()]
    for place, name in named:
        cutoff = of.cutoffs.get(name or "")
        if cutoff is not None and isinstance(cutoff.on, str):
            found = f"{name!r}, of which only the month {cutoff.on} is known"
            yield document.problem((*place, "cutoff"), found, "a cutoff with a day",
                                   "data cannot be cut by a month: the last cutoff with a day is taken")  # fmt: skip


def _hazard_ratio(plan: Monitoring, document: Document, path: Path) -> Iterator[Problem]:
    """The hazard ratio and the shares that are expected belong together, as far as their printed places allow."""
    if plan.hazard_ratio == "not stated" or plan.expected == "not stated":
        return
    control, experimental = plan.expected.control, plan.expected.experimental
    half, other, ratio = _half(control), _half(experimental), _half(plan.hazard_ratio)
    bounds = [
        log(max(min(experimental + sign * other, 1 - 1e-9), 1e-9)) / log(max(min(control + sign * half * -1, 1 - 1e-9), 1e-9))
        for sign in (1, -1)
    ]  # fmt: skip
    if bounds[0] > plan.hazard_ratio + ratio or bounds[1] < plan.hazard_ratio - ratio:
        implied = log(experimental) / log(control)
        yield document.problem(path, f"{plan.hazard_ratio:g}, where {control:g} and {experimental:g} at {plan.expected.at:g} give {implied:.2f}",
                               "a hazard ratio that agrees with the expected shares",
                               "under proportional hazards it is log(experimental) / log(control): is one of the three misprinted?")  # fmt: skip


def _half(number: float) -> float:
    """Half a unit of the last place in which a number is written; of one written out, of its second place."""
    written = repr(number)
    places = len(written.partition(".")[2]) if "e" not in written else 2
    return 0.5 * 10.0 ** -max(places, 2) * (1 + 1e-9)


def _unread(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Items that are declared, and that no rule, table, analysis, end point, stratum or covariate reads."""
    read = {*_named(protocol), *_in_rules(protocol)}
    read |= {name.removesuffix("_unavailable") for name in read if name}
    dead = [name for name in (*protocol.items, *protocol.derived) if name not in read and name != ELIGIBLE]
    if dead:
        yield document.problem(("items",), f"{len(dead)} that nothing reads: {', '.join(dead)}",
                               "items that a rule, a table, an analysis or an end point uses",
                               "what is recorded and never used costs time at every visit: remove it, or say where it is shown", key=True)  # fmt: skip


def _named(protocol: Protocol) -> Iterator[str]:
    """The items that blocks name."""
    for randomization in protocol.randomizations.values():
        yield from () if randomization.strata == "not stated" else randomization.strata
    yield from (endpoint.origin for endpoint in protocol.endpoints.values())
    for baseline in protocol.baselines.values():
        yield from (baseline.by, *(entry.item for entry in baseline.items))
    for analysis in protocol.analyses.values():
        yield from (analysis.by or "", *analysis.subgroups)
        yield from analysis.log_rank.strata if analysis.log_rank else ()
        yield from (*analysis.cox.strata, *analysis.cox.covariates) if analysis.cox else ()
    for proportion in protocol.proportions.values():
        yield from (proportion.by or "", *proportion.covariates)
    for table in protocol.tables.values():
        yield from (table.rows, table.columns, table.by or "")
    if protocol.adverse_events is not None:
        yield from (table.by or "" for table in protocol.adverse_events.tables.values())


def _in_rules(protocol: Protocol) -> Iterator[str]:
    """The items that rules read."""
    classifier = Classifier(protocol)
    rules = [
        one.value for name, one in protocol.derived.items() if one.value is not None and name != ELIGIBLE
    ]
    rules += [level.when for one in protocol.derived.values() for level in (one.classes or {}).values()]
    rules += [one.require for one in protocol.eligibility.values()]
    rules += [one.require for one in protocol.populations.values()]
    rules += [one.when for one in protocol.groups.values()]
    conditions = [one.when for one in protocol.randomizations.values()]
    conditions += [one.when for one in protocol.events.values()]
    conditions += [one.when for course in protocol.courses.values() for one in course.treatments.values()]
    for step in protocol.path.values():
        conditions += [one.when for one in (step.next if isinstance(step.next, tuple) else ())]
        conditions += [one.when for one in step.deviations.values()]
    rules += [when for when in conditions if when is not None]
    rules += [one.response for one in protocol.proportions.values()]
    for rule in dict.fromkeys(rules):
        yield from compile_rule(rule, classifier.known, classifier.codes, "any").columns
