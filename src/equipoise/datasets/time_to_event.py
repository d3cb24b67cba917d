"""One row a subject and end point (ADTTE): time, event, cause, and why follow-up ended without one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from equipoise.datasets.frames import TIME_TO_EVENT
from equipoise.dates import days_between
from equipoise.errors import Problem, RejectedData
from equipoise.log.facts import EventOccurred, Fact, StageEnded
from equipoise.log.log import Snapshot
from equipoise.protocol.definition import Endpoint, Protocol

ORIGIN = {
    "randomization": "randomized_on",
    "registration": "registered_on",
    "treatment_start": "treatment_started_on",
}
Entries = list[tuple[int, Fact]]


@dataclass(frozen=True, slots=True)
class Origin:
    """The day from which a subject counts.  later: reached on the way through the trial, not at its entry.

    visit: the visit that records the day, where one does.
    """

    on: date
    later: bool
    visit: str = ""


def time_to_event(protocol: Protocol, snapshot: Snapshot, subjects: pl.DataFrame) -> pl.DataFrame:
    """Derive the time-to-event rows of every end point, for the subjects who have reached its origin.

    Where the origin is an event or a date on record, what happened before it does not count
    (decisions/0018). The first event counts; on one day, events come before competing events, each in the
    protocol's order (decisions/0004). Without any, the subject is censored at the last day known alive, or at
    the last follow-up visit where the end point says so, but not after the end of follow-up.

    Raises RejectedData where an event or the end of follow-up lies before a randomization, a registration or a
    start of treatment, or a death before any origin.
    """
    by_subject = snapshot.by_subject()
    rows: dict[str, list[Any]] = {name: [] for name in TIME_TO_EVENT}
    problems: list[Problem] = []
    for name, endpoint in protocol.endpoints.items():
        for subject in subjects.iter_rows(named=True):
            entries = by_subject[subject["subject_id"]]
            origin = _origin(protocol, endpoint, subject, entries)
            if origin is None or origin.on > snapshot.cutoff.on:
                continue
            row = _row(protocol, name, subject, entries, origin)
            if row["ended_on"] < origin.on:
                problems.append(_before_origin(name, endpoint, row))
            for column, values in rows.items():
                values.append(row[column])
    if problems:
        raise RejectedData(
            f"{len(problems)} subject(s) with an event before the origin of an end point", problems
        )
    return pl.DataFrame(rows, schema=TIME_TO_EVENT)


def _origin(
    protocol: Protocol, endpoint: Endpoint, subject: dict[str, Any], entries: Entries
) -> Origin | None:
    """The origin of an end point; None for a subject who has not reached it."""
    if endpoint.origin in ORIGIN:
        on = subject[ORIGIN[endpoint.origin]]
        return None if on is None else Origin(on, later=False)
    if endpoint.origin in protocol.events:
        events = [fact for _, fact in entries if isinstance(fact, EventOccurred)]
        on = min((fact.occurred_on for fact in events if fact.event == endpoint.origin), default=None)
    else:
        on, visit = subject[endpoint.origin], str(protocol.items[endpoint.origin].collected)
        return None if on is None else Origin(on, later=True, visit=visit if visit in protocol.visits else "")
    return None if on is None else Origin(on, later=True)


def _row(
    protocol: Protocol, name: str, subject: dict[str, Any], entries: Entries, origin: Origin
) -> dict[str, Any]:
    endpoint = protocol.endpoints[name]
    first = _first_event(endpoint, _counted(protocol, entries, origin))
    if first is not None:
        ended_on, cause, position = first
        event, reason, source = cause in endpoint.events, None, [position]
    else:
        ended_on, reason, source = _censoring(endpoint, subject, entries, origin)
        event, cause = False, None
    return {
        "subject_id": subject["subject_id"],
        "endpoint": name,
        "origin_on": origin.on,
        "ended_on": ended_on,
        "time": days_between(origin.on, ended_on) + (endpoint.count_days == "inclusive"),
        "event": event,
        "cause": cause,
        "censor_reason": reason,
        "source": source,
    }


def _counted(protocol: Protocol, entries: Entries, origin: Origin) -> Entries:
    """The facts among which events are looked for: from a later origin on.

    A death stays, so that one before the origin is seen to contradict it. An event that the origin's own visit
    establishes is one of its findings, whatever day of the visit it carries: it happens at time 0.
    """
    if not origin.later:
        return entries
    counted: Entries = []
    for position, fact in entries:
        if not isinstance(fact, EventOccurred):
            continue
        kind = protocol.events[fact.event]
        if fact.occurred_on >= origin.on or kind.terminal:
            counted.append((position, fact))
        elif origin.visit and kind.visit == origin.visit:
            counted.append((position, replace(fact, occurred_on=origin.on, precision="day")))
    return counted


def _first_event(endpoint: Endpoint, entries: Entries) -> tuple[date, str, int] | None:
    rank = {event: index for index, event in enumerate((*endpoint.events, *endpoint.competing))}
    candidates = [
        (fact.occurred_on, rank[fact.event], position, fact.event)
        for position, fact in entries
        if isinstance(fact, EventOccurred) and fact.event in rank
    ]
    if not candidates:
        return None
    on, _, position, event = min(candidates)
    return on, event, position


def _censoring(
    endpoint: Endpoint, subject: dict[str, Any], entries: Entries, origin: Origin
) -> tuple[date, str, list[int]]:
    """The day of censoring, its reason, and the facts of that day."""
    last = subject[endpoint.censored_at]
    if origin.later and last is not None and subject["died_on"] is None:
        last = max(last, origin.on)  # who has reached the origin was alive on it
    if endpoint.censored_at == "last_follow_up" and subject["died_on"] is not None:
        last = subject["died_on"]  # a death that the end point does not count still ends observation
    last = origin.on if last is None else last
    ends = [fact for _, fact in entries if isinstance(fact, StageEnded) and fact.stage == "follow_up"]
    reason = "in follow-up"
    if subject["died_on"] is not None and last >= subject["died_on"]:
        reason = "died"
    elif ends and not ends[-1].completed:
        reason, last = ends[-1].reason, min(last, max(ends[-1].occurred_on, origin.on))
    source = [position for position, fact in entries if fact.occurred_on == last]
    return last, reason, source


def _before_origin(name: str, endpoint: Endpoint, row: dict[str, Any]) -> Problem:
    return Problem(
        file="log",
        path=f"subject {row['subject_id']}, end point {name}",
        found=f"{row['cause'] or 'end of follow-up'} on {row['ended_on']}, before {endpoint.origin} on {row['origin_on']}",
        expected="a day on or after the origin",
        remedy="correct the date in the log",
    )
