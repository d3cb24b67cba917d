"""Adverse events → result rows: subjects by worst grade, for any event, class and term, by arm.

A subject with several events of a kind counts once, at the worst grade; ``n_events`` counts events.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from equipoise.analysis.results import Result
from equipoise.analysis.sample import members_of
from equipoise.datasets.frames import Datasets
from equipoise.protocol.definition import AdverseEvents, SpecialInterest
from equipoise.protocol.rules.columns import ADVERSE_EVENT
from equipoise.protocol.rules.rule import compile_rule

GRADES = range(1, 6)


def rows(datasets: Datasets, plan: AdverseEvents) -> Iterator[Result]:
    """Any treatment-emergent event, events of special interest, classes by name, their terms by name."""
    members = members_of(datasets, plan.population)
    events = datasets.adverse_events.filter(pl.col("emergent")).join(
        members.select("subject_id", "arm"), on="subject_id", how="inner"
    )
    arms = [arm for arm in datasets.protocol.arms if (members["arm"] == arm).any()]
    subjects = {arm: int((members["arm"] == arm).sum()) for arm in arms} | {"overall": members.height}
    for group, n in subjects.items():
        yield _row(plan, group, "subjects", "", "n", n)
    yield from _kind(plan, subjects, events, "any", "")
    for name, interest in plan.special_interest.items():
        chosen = compile_rule(interest.where, ADVERSE_EVENT).evaluate(events).fill_null(False)
        watched = _monitored(subjects, interest)
        yield from _kind(plan, watched, events.filter(chosen), "special_interest", name)
    for (category,), of_class in events.sort("category", "term").group_by("category", maintain_order=True):
        yield from _kind(plan, subjects, of_class, str(category), "")
        for (term,), of_term in of_class.group_by("term", maintain_order=True):
            yield from _kind(plan, subjects, of_term, str(category), str(term))


def _monitored(subjects: dict[str, int], interest: SpecialInterest) -> dict[str, int]:
    """The groups in which a kind is monitored: elsewhere none was looked for, and none found says nothing."""
    if not interest.arms:
        return subjects
    return {group: n for group, n in subjects.items() if group in interest.arms}


def _kind(
    plan: AdverseEvents, subjects: dict[str, int], events: pl.DataFrame, variable: str, level: str
) -> Iterator[Result]:
    worst = events.group_by("arm", "subject_id").agg(
        pl.col("grade").max(), pl.col("serious").any().alias("serious"), pl.len().alias("events")
    )
    for group, n in subjects.items():
        part = worst if group == "overall" else worst.filter(pl.col("arm") == group)
        severe = int((part["grade"] >= plan.severe_from).sum())
        counts = {"n_any_grade": part.height, "n_severe": severe, "n_serious": int(part["serious"].sum()),
                  "n_events": int(part["events"].sum())}  # fmt: skip
        counts |= {f"n_grade_{grade}": int((part["grade"] == grade).sum()) for grade in GRADES}
        counts["n_not_graded"] = part["grade"].null_count()
        for statistic, value in counts.items():
            yield _row(plan, group, variable, level, statistic, value)
        for statistic, value in (("percent_any_grade", part.height), ("percent_severe", severe)):
            yield _row(plan, group, variable, level, statistic, 100 * value / n if n else None)


def _row(
    plan: AdverseEvents, group: str, variable: str, level: str, statistic: str, value: float | None
) -> Result:
    return Result(
        analysis="adverse_events",
        population=plan.population,
        group=group,
        variable=variable,
        level=level,
        statistic=statistic,
        value=value,
        warning="" if value is not None else "nobody in the population",
    )
