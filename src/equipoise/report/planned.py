"""What a protocol plans and this version does not run: said in the report, so that nobody looks for it in vain."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.protocol.definition import AdverseEvents, Analysis, Protocol
from equipoise.report.labels import Labels, by_of, listed, lower_first


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
    found += _of_adverse_events(protocol.adverse_events)
    return found + [
        f"Monitoring of {lower_first(plan.label or labels.endpoint(plan.endpoint))}: boundaries and looks"
        for plan in protocol.monitoring.values()
    ]


def _of_analysis(plan: Analysis, labels: Labels) -> Iterator[str]:
    if "log-log plot" in plan.diagnostics and not by_of(plan):
        yield "examination of proportional hazards by log-log plot, which needs groups"
    if "scaled Schoenfeld residuals" in plan.diagnostics and plan.cox is None:
        yield "examination of proportional hazards by scaled Schoenfeld residuals, which need a Cox model"
    if plan.subgroups and not plan.comparisons:
        yield f"subgroups by {labels.factors(plan.subgroups)}, which need a comparison of arms"


def _of_adverse_events(plan: AdverseEvents | None) -> list[str]:
    if plan is None:
        return []
    found = [f"Adverse events in a table of their own: {table.label}" for table in plan.tables.values()]
    if plan.periods:
        periods = listed([lower_first(period.label) for period in plan.periods.values()])
        found.append(f"Adverse events by period: {periods}")
    return found
