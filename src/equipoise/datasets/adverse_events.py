"""One row an adverse event (ADAE)."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from equipoise.datasets.frames import ADVERSE_EVENT
from equipoise.log.facts import AdverseEventRecorded
from equipoise.log.log import Snapshot
from equipoise.protocol.definition import Protocol


def adverse_events(protocol: Protocol, snapshot: Snapshot, subjects: pl.DataFrame) -> pl.DataFrame:
    """Derive the adverse-event rows, in the order of the log."""
    starts = dict(zip(subjects["subject_id"], subjects["treatment_started_on"], strict=True))
    rows: dict[str, list[Any]] = {name: [] for name in ADVERSE_EVENT}
    for position, fact in snapshot.facts.items():
        if isinstance(fact, AdverseEventRecorded):
            row = {
                "subject_id": fact.subject_id,
                "category": fact.category,
                "term": fact.term,
                "grade": fact.grade,
                "serious": fact.serious,
                "related": fact.related,
                "emergent": _emergent(protocol, fact, starts[fact.subject_id]),
                "started_on": fact.occurred_on,
                "ended_on": fact.ended_on,
                "source": [position],
            }
            for name, values in rows.items():
                values.append(row[name])
    return pl.DataFrame(rows, schema=ADVERSE_EVENT)


def _emergent(
    protocol: Protocol, fact: AdverseEventRecorded, treatment_started_on: date | None
) -> bool | None:
    """Whether the event arose under treatment; unknown without a plan, a flag or a first dose."""
    plan = protocol.adverse_events
    if plan is None or plan.treatment_emergent == "recorded":
        return fact.emergent
    return None if treatment_started_on is None else fact.occurred_on >= treatment_started_on
