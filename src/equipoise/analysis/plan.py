"""Everything that a protocol plans to analyze, in one pass → result rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.analysis import adverse_events, baseline, flow, follow_up, subgroups, survival
from equipoise.analysis.results import Result, Results
from equipoise.analysis.sample import sample
from equipoise.datasets.frames import Datasets

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
    if protocol.baseline is not None:
        table = protocol.baseline
        yield "baseline table", lambda: baseline.rows(datasets, table)
    followed: set[tuple[str, str]] = set()
    for name, plan in protocol.analyses.items():
        chosen = sample(datasets, plan.endpoint, plan.population)
        label = plan.label or protocol.endpoints[plan.endpoint].label
        if not chosen.arms:
            yield label, lambda n=name, s=chosen: survival.event_counts(n, s)  # type: ignore[misc]
            continue
        if (plan.endpoint, plan.population) not in followed:
            followed.add((plan.endpoint, plan.population))
            yield f"{label}: follow-up", lambda s=chosen, p=plan: follow_up.rows(s, p.kaplan_meier)  # type: ignore[misc]
        yield label, lambda n=name, s=chosen, p=plan: survival.rows(n, p, s)  # type: ignore[misc]
        if plan.subgroups:
            yield f"{label}: subgroups", lambda n=name, s=chosen, p=plan: subgroups.rows(n, p, s)  # type: ignore[misc]
    if protocol.adverse_events is not None and datasets.adverse_events.height:
        events = protocol.adverse_events
        yield "adverse events", lambda: adverse_events.rows(datasets, events)
