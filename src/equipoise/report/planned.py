"""What a protocol plans and this version does not run: said in the report, so that nobody looks for it in vain."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.protocol.definition import AdverseEvents, Analysis, Proportion, Protocol
from equipoise.report.labels import Labels, listed, lower_first


def not_run(protocol: Protocol) -> list[str]:
    """Each part of the plan that is not run, in words; empty where everything is.

    >>> from equipoise.protocol.load import load_protocol
    >>> from equipoise.trial.opening import find_protocol
    >>> not_run(load_protocol(find_protocol("intergroup0035")))
    []
    """
    labels = Labels(protocol)
    found = [
        f"{labels.analysis(name)}: {part}"
        for name, plan in protocol.analyses.items()
        for part in _of_analysis(plan, labels)
    ]
    found += [
        f"{plan.label}: {part}" for plan in protocol.proportions.values() for part in _of_proportion(plan)
    ]
    found += _of_adverse_events(protocol.adverse_events)
    return found + [
        f"Monitoring of {lower_first(plan.label or labels.endpoint(plan.endpoint))}: boundaries and looks"
        for plan in protocol.monitoring.values()
    ]


def _of_analysis(plan: Analysis, labels: Labels) -> Iterator[str]:
    if plan.cumulative_incidence is not None:
        test = plan.cumulative_incidence.test
        tested = " and Gray’s test" if test == "gray" else ""
        yield f"cumulative incidence beside competing events{tested}"
    if plan.cox is not None and plan.cox.selection is not None:
        yield f"{plan.cox.selection.direction} selection of covariates (the model shown holds all of them)"
    if plan.diagnostics:
        yield f"examination of proportional hazards by {listed([*plan.diagnostics])}"
    if plan.subgroups and not plan.comparisons:
        yield f"subgroups by {labels.factors(plan.subgroups)}, which need a comparison of arms"


def _of_proportion(plan: Proportion) -> Iterator[str]:
    """The numbers of patients are counted; what is estimated or tested from them is not."""
    parts = [
        ("the test of arms", plan.test),
        ("the difference with its interval", plan.difference),
        ("the odds ratio with its interval", plan.odds_ratio),
        ("adjustment for covariates", ", ".join(plan.covariates)),
    ]
    missing = [words for words, planned in parts if planned and planned != "not stated"]
    if missing:
        yield f"{listed(missing)} (numbers and percentages are shown)"


def _of_adverse_events(plan: AdverseEvents | None) -> list[str]:
    if plan is None:
        return []
    found = [f"Adverse events in a table of their own: {table.label}" for table in plan.tables.values()]
    if plan.periods:
        periods = listed([lower_first(period.label) for period in plan.periods.values()])
        found.append(f"Adverse events by period: {periods}")
    return found
