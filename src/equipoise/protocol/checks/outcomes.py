"""What is observed: events, end points, estimands and adverse events name what is declared, and fit it."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks, rule_problem
from equipoise.protocol.definition import AdverseEvents, Endpoint
from equipoise.protocol.reading.document import Path
from equipoise.protocol.rules import columns

ORIGINS = ("randomization", "registration", "treatment_start")


def check_outcomes(checks: Checks) -> Iterator[Problem]:
    """Yield what does not fit in events, end points, estimands and adverse events."""
    of = checks.protocol
    yield from _events(checks)
    for name, endpoint in of.endpoints.items():
        yield from _endpoint(checks, ("endpoints", name), endpoint)
        yield from _origin(checks, ("endpoints", name, "origin"), endpoint)
    labels = {name: one.label for name, one in of.endpoints.items()}
    yield from checks.labels(("endpoints",), labels, "end point")
    yield from _estimands(checks)
    if of.adverse_events is not None:
        yield from _grades(checks, ("adverse_events",), of.adverse_events)
        yield from _special_interest(checks, ("adverse_events", "special_interest"), of.adverse_events)
        yield from _periods(checks, ("adverse_events", "periods"), of.adverse_events)
        yield from _tables(checks, ("adverse_events", "tables"), of.adverse_events)


# -- events and end points ---------------------------------------------------------------------------


def _events(checks: Checks) -> Iterator[Problem]:
    for name, event in checks.protocol.events.items():
        place: Path = ("events", name)
        yield from checks.known((*place, "visit"), event.visit, checks.protocol.visits, "visit")
        yield from checks.condition((*place, "when"), event.when)
        if event.when is not None and event.visit is None:
            yield checks.problem((*place, "when"), "a rule without a visit", "the visit at which it establishes the event",
                                 "name the visit, or say the rule in the label")  # fmt: skip


def _endpoint(checks: Checks, place: Path, endpoint: Endpoint) -> Iterator[Problem]:
    events = checks.protocol.events
    yield from checks.all_known((*place, "events"), endpoint.events, events, "event")
    yield from checks.all_known((*place, "competing"), endpoint.competing, events, "event")
    for both in sorted(set(endpoint.events) & set(endpoint.competing)):
        yield checks.problem((*place, "competing"), f"{both!r}, which is also an event", "one or the other")
    # A subject who has died cannot have the event any more; that is no censoring like another.
    named = {*endpoint.events, *endpoint.competing}
    for event, kind in events.items():
        if kind.terminal and event not in named and named <= set(events):
            yield checks.problem((*place, "events"), f"no word on the terminal event {event!r}",
                                 "it among events or competing", f"write competing: [{event}]")  # fmt: skip


def _origin(checks: Checks, place: Path, endpoint: Endpoint) -> Iterator[Problem]:
    of = checks.protocol
    origin, item = endpoint.origin, of.items.get(endpoint.origin)
    if origin in ORIGINS:
        return
    if origin in of.events and item is not None:
        yield checks.problem(place, f"{origin!r}, an event and an item", "one of them", "rename one")
    elif origin in of.events:
        if origin in (*endpoint.events, *endpoint.competing):
            expected = "an origin that is none of its events"
            yield checks.problem(place, f"{origin!r}, which also ends it", expected, "remove one")
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


# -- adverse events ----------------------------------------------------------------------------------


def _grades(checks: Checks, place: Path, adverse: AdverseEvents) -> Iterator[Problem]:
    yield from checks.known(
        (*place, "population"), adverse.population, checks.protocol.populations, "population"
    )
    if not adverse.grades:
        yield checks.problem((*place, "grades"), "no grade", "at least one")
    elif str(adverse.severe_from) not in adverse.grades:
        found = f"{adverse.severe_from}, which grades does not have"
        yield checks.problem((*place, "severe_from"), found, f"one of {', '.join(adverse.grades)}")
    yield from checks.labels((*place, "grades"), adverse.grades, "grade")


def _special_interest(checks: Checks, place: Path, adverse: AdverseEvents) -> Iterator[Problem]:
    kinds = adverse.special_interest
    yield from checks.labels(place, {name: one.label for name, one in kinds.items()}, "kind")
    for name, kind in kinds.items():
        where = checks.compiled((*place, name, "where"), kind.where, over=columns.ADVERSE_EVENT)
        yield from rule_problem(where)
        yield from checks.all_known((*place, name, "arms"), kind.arms, checks.protocol.arms, "arm")


def _periods(checks: Checks, place: Path, adverse: AdverseEvents) -> Iterator[Problem]:
    of, periods = checks.protocol, adverse.periods
    yield from checks.labels(place, {name: one.label for name, one in periods.items()}, "period")
    for name, period in periods.items():
        at: Path = (*place, name)
        yield from checks.all_known((*at, "courses"), period.courses, of.courses, "course")
        yield from checks.known((*at, "population"), period.population, of.populations, "population")


def _tables(checks: Checks, place: Path, adverse: AdverseEvents) -> Iterator[Problem]:
    of, kinds = checks.protocol, adverse.special_interest
    yield from checks.labels(place, {name: one.label for name, one in adverse.tables.items()}, "table")
    for name, table in adverse.tables.items():
        at: Path = (*place, name)
        yield from checks.known((*at, "population"), table.population, of.populations, "population")
        yield from checks.factor((*at, "by"), table.by, "arm")
        yield from checks.all_known((*at, "periods"), table.periods, adverse.periods, "period")
        yield from checks.all_known((*at, "kinds"), table.kinds, kinds, "kind of special interest")
        yield from checks.different((*at, "grades"), table.grades)
        for index, grade in enumerate(table.grades):
            yield from checks.known((*at, "grades", index), str(grade), adverse.grades, "grade")
