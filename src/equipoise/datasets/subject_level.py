"""One row a subject (ADSL): what is known of each as of the cutoff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

from equipoise.datasets.frames import SUBJECT, subject_columns
from equipoise.log.facts import (
    AdverseEventRecorded,
    EventOccurred,
    Fact,
    FollowedUp,
    ItemRecorded,
    Randomized,
    Registered,
    StageEnded,
    TreatmentStarted,
)
from equipoise.log.log import Snapshot
from equipoise.protocol.definition import Protocol

Entries = list[tuple[int, Fact]]


def subject_level(protocol: Protocol, snapshot: Snapshot) -> pl.DataFrame:
    """Derive the subject-level rows, in the order in which the log met the subjects.

    Columns: :func:`equipoise.datasets.frames.subject_columns`. ``source`` holds the positions of all the
    facts about the subject.
    """
    columns = subject_columns(protocol)
    rows: dict[str, list[Any]] = {name: [] for name in columns}
    for subject_id, entries in snapshot.by_subject().items():
        row = _row(protocol, entries)
        row |= {"subject_id": subject_id, "source": [position for position, _ in entries]}
        for name, values in rows.items():
            values.append(row.get(name))
    return pl.DataFrame(rows, schema=columns)


def _row(protocol: Protocol, entries: Entries) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for _, fact in entries:
        if isinstance(fact, Registered):
            row |= {"site_id": fact.site or None, "registered_on": fact.occurred_on}
        elif isinstance(fact, Randomized) and "arm" not in row:
            row |= {"randomization": fact.randomization, "randomized_on": fact.occurred_on, "arm": fact.arm}
            row |= {f"stratum_{factor}": level for factor, level in fact.stratum.items()}
        elif isinstance(fact, TreatmentStarted) and "actual_arm" not in row:
            row |= {"treatment_started_on": fact.occurred_on, "actual_arm": fact.arm}
        elif isinstance(fact, StageEnded):
            row[f"{fact.stage}_ended"] = "completed" if fact.completed else fact.reason
    facts = [fact for _, fact in entries]
    row["died_on"] = death_date(protocol, facts)
    row["last_follow_up"] = _latest(f.occurred_on for f in facts if isinstance(f, FollowedUp))
    row["last_known_alive"] = _last_known_alive(facts, row["died_on"])
    return row | _items(protocol, entries, row)


def death_date(protocol: Protocol, facts: Iterable[Fact]) -> date | None:
    """The day of the first terminal event."""
    terminal = {name for name, event in protocol.events.items() if event.terminal}
    return min(
        (f.occurred_on for f in facts if isinstance(f, EventOccurred) and f.event in terminal), default=None
    )


def _last_known_alive(facts: list[Fact], died_on: date | None) -> date | None:
    """The latest day with evidence of life.

    The end of a stage is no such evidence: a subject is declared lost long after the last contact.
    """
    evidence = (
        Registered,
        ItemRecorded,
        Randomized,
        TreatmentStarted,
        EventOccurred,
        AdverseEventRecorded,
        FollowedUp,
    )
    latest = _latest(fact.occurred_on for fact in facts if isinstance(fact, evidence))
    return min(latest, died_on) if latest is not None and died_on is not None else latest


def _latest(days: Iterable[date]) -> date | None:
    return max(days, default=None)


def _items(protocol: Protocol, entries: Entries, row: dict[str, Any]) -> dict[str, Any]:
    """The value of each item: at baseline the last one up to first treatment (ICH E9), else the last one.

    A value outweighs a later reason why there is none.
    """
    reference = row.get("treatment_started_on") or row.get("randomized_on") or row.get("registered_on")
    found: dict[str, Any] = {}
    ordered = sorted(entries, key=lambda entry: (entry[1].occurred_on, entry[0]))
    for _, fact in ordered:
        if not isinstance(fact, ItemRecorded) or fact.item not in protocol.items:
            continue
        item = protocol.items[fact.item]
        if item.collected == "baseline" and reference is not None and fact.occurred_on > reference:
            continue
        if fact.value is not None:
            found[fact.item] = float(fact.value) if item.type == "decimal" else fact.value  # type: ignore[arg-type]
        else:
            found.setdefault(f"{fact.item}_unavailable", fact.unavailable)
    for name in protocol.items:
        if name in found:
            found.pop(f"{name}_unavailable", None)
    assert not set(found) & set(SUBJECT), "the loader refuses items with these names"
    return found
