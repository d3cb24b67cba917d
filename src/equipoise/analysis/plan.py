"""Everything that a protocol plans to analyze, in one pass → result rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.analysis import (
    adverse_events,
    baseline,
    competing,
    counts,
    diagnostics,
    flow,
    follow_up,
    proportions,
    restricted_mean,
    selection,
    subgroups,
    survival,
)
from equipoise.analysis.results import Result, Results
from equipoise.analysis.sample import ARM, by_of, sample
from equipoise.datasets.frames import Datasets
from equipoise.protocol.definition import Protocol

Progress = Callable[[str, int, int], None]


def no_progress(step: str, done: int, total: int) -> None:
    """Report nothing."""


def analyze(datasets: Datasets, progress: Progress = no_progress) -> Results:
    """Run every planned analysis. ``progress`` is told the step, how many are done, and of how many."""
    steps = list(_steps(datasets))
    results: list[Result] = []
    for done, (label, step) in enumerate(steps):
        progress(label, done, len(steps))
        results.extend(step())
    progress("analyses", len(steps), len(steps))
    return Results.of(results)


def _steps(datasets: Datasets) -> Iterator[tuple[str, Callable[[], Iterator[Result]]]]:
    protocol = datasets.protocol
    yield "participant flow", lambda: flow.rows(datasets)
    for name, table in protocol.baselines.items():
        label = table.label or "baseline table"
        yield label, lambda n=name, t=table: baseline.rows(datasets, n, t)  # type: ignore[misc]
    followed = _followed(protocol)
    for name, plan in protocol.analyses.items():
        chosen = sample(datasets, plan.endpoint, plan.population, by_of(plan))
        label = plan.label or protocol.endpoints[plan.endpoint].label
        if not chosen.groups or not chosen.frame.height:
            yield label, lambda n=name, s=chosen: survival.event_counts(n, s)  # type: ignore[misc]
            continue
        if name in followed:
            yield f"{label}: follow-up", lambda s=chosen, p=plan: follow_up.rows(s, p.kaplan_meier)  # type: ignore[misc]
        yield label, lambda n=name, s=chosen, p=plan: survival.rows(n, p, s)  # type: ignore[misc]
        if plan.cumulative_incidence is not None:
            yield f"{label}: cumulative incidence", lambda n=name, s=chosen, p=plan: competing.rows(n, p, s)  # type: ignore[misc]
        if plan.cox is not None and plan.cox.selection is not None:
            yield f"{label}: selection", lambda n=name, s=chosen, p=plan: selection.rows(n, p, s)  # type: ignore[misc]
        if plan.restricted_mean is not None:
            yield f"{label}: restricted means", lambda n=name, s=chosen, p=plan: restricted_mean.rows(n, p, s)  # type: ignore[misc]
        if plan.diagnostics:
            yield f"{label}: proportional hazards", lambda n=name, s=chosen, p=plan: diagnostics.rows(n, p, s)  # type: ignore[misc]
        if plan.subgroups:
            yield f"{label}: subgroups", lambda n=name, s=chosen, p=plan: subgroups.rows(n, p, s)  # type: ignore[misc]
    for name, proportion in protocol.proportions.items():
        yield proportion.label, lambda n=name, p=proportion: proportions.rows(datasets, n, p)  # type: ignore[misc]
    for name, tabulation in protocol.tables.items():
        yield tabulation.label, lambda n=name, t=tabulation: counts.table_rows(datasets, n, t)  # type: ignore[misc]
    if protocol.adverse_events is not None and datasets.adverse_events.height:
        events = protocol.adverse_events
        yield "adverse events", lambda: adverse_events.rows(datasets, events)


def _followed(protocol: Protocol) -> set[str]:
    """The analysis of each end point and population that shows its follow-up: the first of arms, else the first."""
    chosen: dict[tuple[str, str], str] = {}
    for name, plan in sorted(protocol.analyses.items(), key=lambda one: by_of(one[1]) != ARM):
        chosen.setdefault((plan.endpoint, plan.population), name)
    return set(chosen.values())
