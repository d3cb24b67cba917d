"""One row a subject and end point (ADTTE): time, event, cause, and why follow-up ended without one."""

from __future__ import annotations

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


def time_to_event(protocol: Protocol, snapshot: Snapshot, subjects: pl.DataFrame) -> pl.DataFrame:
    """Derive the time-to-event rows of every end point, for the subjects who have its origin.

    The first event counts; on one day, events come before competing events, each in the protocol's
    order (decisions/0004). Without any, the subject is censored at the last day known alive, or at the
    last follow-up visit where the end point says so, but not after the end of follow-up.

    Raises RejectedData where an event or the end of follow-up lies before the origin.
    """
    by_subject = snapshot.by_subject()
    rows: dict[str, list[Any]] = {name: [] for name in TIME_TO_EVENT}
    problems: list[Problem] = []
    for name, endpoint in protocol.endpoints.items():
        for subject in subjects.iter_rows(named=True):
            if subject[ORIGIN[endpoint.origin]] is None:
                continue
            row = _row(name, endpoint, subject, by_subject[subject["subject_id"]])
            if row["time"] < 0:
                problems.append(_before_origin(name, endpoint, row))
            for column, values in rows.items():
                values.append(row[column])
    if problems:
        raise RejectedData(
            f"{len(problems)} subject(s) with an event before the origin of an end point", problems
        )
    return pl.DataFrame(rows, schema=TIME_TO_EVENT)


def _row(name: str, endpoint: Endpoint, subject: dict[str, Any], entries: Entries) -> dict[str, Any]:
    origin = subject[ORIGIN[endpoint.origin]]
    first = _first_event(endpoint, entries)
    if first is not None:
        ended_on, cause, position = first
        event, reason, source = cause in endpoint.events, None, [position]
    else:
        ended_on, reason, source = _censoring(endpoint, subject, entries, origin)
        event, cause = False, None
    return {
        "subject_id": subject["subject_id"],
        "endpoint": name,
        "origin_on": origin,
        "ended_on": ended_on,
        "time": days_between(origin, ended_on) + (endpoint.count_days == "inclusive"),
        "event": event,
        "cause": cause,
        "censor_reason": reason,
        "source": source,
    }


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
    endpoint: Endpoint, subject: dict[str, Any], entries: Entries, origin: date
) -> tuple[date, str, list[int]]:
    """The day of censoring, its reason, and the facts of that day."""
    last = subject[endpoint.censored_at]
    if endpoint.censored_at == "last_follow_up" and subject["died_on"] is not None:
        last = subject["died_on"]  # a death that the end point does not count still ends observation
    last = origin if last is None else last
    ends = [fact for _, fact in entries if isinstance(fact, StageEnded) and fact.stage == "follow_up"]
    reason = "in follow-up"
    if subject["died_on"] is not None and last >= subject["died_on"]:
        reason = "died"
    elif ends and not ends[-1].completed:
        reason, last = ends[-1].reason, min(last, max(ends[-1].occurred_on, origin))
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
