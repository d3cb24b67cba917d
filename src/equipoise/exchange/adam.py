"""ADaM data sets (ADSL, ADTTE, ADAE) → the frames of an analysis, as the mapping's ``adam`` block says.

Values are taken as derived there, and only checked: a time against its dates, a subject against ADSL, a
cause against its end point. ``source`` holds the row of the file, the header being row 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from equipoise.datasets.frames import ADVERSE_EVENT, TIME_TO_EVENT, subject_columns
from equipoise.dates import days_between
from equipoise.errors import MappingError, Problem
from equipoise.exchange import values
from equipoise.exchange.cells import Cells, Read, Unavailable
from equipoise.exchange.mapping import (
    Adae,
    Adam,
    Adsl,
    Adtte,
    LoadedMapping,
    Source,
    When,
    load_mapping,
    mapping_error,
)
from equipoise.exchange.references import open_tables
from equipoise.exchange.rejects import rejected
from equipoise.exchange.values import Unfit
from equipoise.protocol.definition import Endpoint, Protocol
from equipoise.protocol.rules.columns import SITE


@dataclass(frozen=True, slots=True)
class AdamFrames:
    """The three frames, by the contracts of :mod:`equipoise.datasets.frames`, and the files they are from.

    files: (name as in the mapping, SHA-256) of each file.
    """

    subjects: pl.DataFrame = field(repr=False)  # rows are patients: never in a repr
    time_to_event: pl.DataFrame = field(repr=False)
    adverse_events: pl.DataFrame = field(repr=False)
    files: tuple[tuple[str, str], ...]


def read_adam(protocol: Protocol, mapping: str | Path | LoadedMapping) -> AdamFrames:
    """Read the ADaM data sets of a mapping: of its file, or of what was loaded of it.

    Raises MappingError for a mapping that does not fit the protocol or the files, and RejectedData with
    every row that contradicts itself, another data set or the protocol; then nothing is returned.
    """
    loaded = mapping if isinstance(mapping, LoadedMapping) else load_mapping(mapping)
    adam = loaded.content.adam
    if adam is None:
        problem = loaded.document.problem(("tables",), "tables", "adam", "import them as facts")
        raise MappingError(f"{loaded.document.file} gives facts, not datasets", [problem])
    cells = open_tables(loaded, protocol)
    randomization = _check(loaded, adam, protocol)
    problems: list[Problem] = []
    subjects = list(_subjects(cells["adam", "adsl"], adam.adsl, protocol, randomization, problems))
    known = {row["subject_id"] for row in subjects}
    times = list(_times(cells["adam", "adtte"], adam.adtte, protocol, known, problems))
    events: list[dict[str, Any]] = []
    if adam.adae is not None:
        events = list(_adverse_events(cells["adam", "adae"], adam.adae, protocol, known, problems))
    if problems:
        raise rejected(problems)
    files = {table.block.file: table.table.sha256 for table in cells.values()}
    return AdamFrames(
        subjects=pl.DataFrame(subjects, schema=subject_columns(protocol), orient="row"),
        time_to_event=pl.DataFrame(times, schema=TIME_TO_EVENT, orient="row"),
        adverse_events=pl.DataFrame(events, schema=ADVERSE_EVENT, orient="row"),
        files=tuple(files.items()),
    )


def _check(loaded: LoadedMapping, adam: Adam, protocol: Protocol) -> str:
    """What only this block must say; returns the randomization, if one is the same for all."""
    document, problems = loaded.document, []
    if adam.adsl.randomization is None and len(protocol.randomizations) > 1:
        expected = f"randomization: one of {', '.join(protocol.randomizations)}"
        problems.append(
            document.problem(("adam", "adsl"), "no randomization", expected, "say which one it was")
        )
    source = adam.adtte.endpoint
    for name in {source.constant, source.if_missing, *(source.values or {}).values()} & {*protocol.endpoints}:
        if adam.adtte.cause is None and name is not None and len(protocol.endpoints[name].events) > 1:
            found = f"no cause for {name}, which counts {len(protocol.endpoints[name].events)} events"
            problems.append(document.problem(("adam", "adtte"), found, "cause", "say in which column it is"))
    if problems:
        raise mapping_error(document, problems)
    return next(iter(protocol.randomizations))


def _reads(table: Cells, block: Adsl | Adtte | Adae, protocol: Protocol) -> dict[str, Read]:
    """The meanings of every field of a block, and who each row is about."""
    reads = {"subject_id": table.subjects()}
    for name in type(block).model_fields:
        part = getattr(block, name)
        if isinstance(part, When):
            reads[name] = table.dates(part)
        elif isinstance(part, Source):
            reads[name] = table.read(part, values.for_field(name, protocol) or values.text)
    return reads


def _rows(
    table: Cells, where: str | None, reads: Mapping[str, Read], required: Sequence[str], problems: list[Problem],
    lenient: Sequence[str] = (),
) -> Iterator[tuple[int, dict[str, Any]]]:  # fmt: skip
    """Each row's values; a row with an unfit value gives problems instead.

    lenient: fields whose meaning depends on the rest of the row; they are left to the caller, unfit or not.
    """
    unknown = Unfit(
        f"{where!r} unknown: a cell is missing", "true or false", "decide it with is null or is not null"
    )
    for index, holds in enumerate(table.mask(where)):
        if not holds:
            if holds is None:
                problems.append(table.reject(index, "", unknown))
            continue
        row = {name: _whole_day(read.meanings[index]) for name, read in reads.items()}
        faults = [
            (name, value) for name, value in row.items() if isinstance(value, Unfit) and name not in lenient
        ]
        faults += [
            (name, Unfit("no value", f"the {name} of the row")) for name in required if row[name] is None
        ]
        problems.extend(table.reject(index, reads[name].column, fault) for name, fault in faults)
        if not faults:
            yield index, row


def _whole_day(value: Any) -> Any:
    """Datasets hold whole days only."""
    if not isinstance(value, tuple):
        return value
    on, precision = value
    return on if precision == "day" else Unfit(f"the {precision} {on.isoformat()[:7]}", "a date with its day")


def _subjects(
    table: Cells, block: Adsl, protocol: Protocol, randomization: str, problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    columns = subject_columns(protocol)
    reads = _reads(table, block, protocol)
    for name, source in block.items.items():
        reads[f"item {name}"] = table.read(source, values.of_item(name, protocol.items[name]))
    for factor, source in block.stratum.items():
        reads[f"stratum_{factor}"] = table.read(source, values.for_stratum(factor, protocol))
    first: dict[str, int] = {}
    for index, row in _rows(table, None, reads, ("subject_id", "arm"), problems):
        row.setdefault("randomization", randomization)
        row[SITE] = row.pop("site", None)
        subject = row["subject_id"]
        fault = None
        if first.setdefault(subject, index) != index:
            found = f"{subject!r}, also in row {table.table.row(first[subject])}"
            fault = ("subject_id", Unfit(found, "one row a subject"))
        elif row["randomization"] and row["arm"] not in protocol.randomizations[row["randomization"]].arms:
            found = f"the arm {row['arm']!r}"
            fault = ("arm", Unfit(found, f"an arm of randomization {row['randomization']!r}"))
        if fault:
            problems.append(table.reject(index, reads[fault[0]].column, fault[1]))
        for name in block.items:
            value = row.pop(f"item {name}")
            row[name] = None if isinstance(value, Unavailable) else value
            if f"{name}_unavailable" in columns:
                row[f"{name}_unavailable"] = value.reason if isinstance(value, Unavailable) else None
        yield {name: row.get(name) for name in columns} | {"source": [table.table.row(index)]}


def _times(
    table: Cells, block: Adtte, protocol: Protocol, known: set[str], problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    reads = _reads(table, block, protocol)
    first: dict[tuple[str, str], int] = {}
    required = ("subject_id", "endpoint", "time", "censored")
    for index, row in _rows(
        table, block.where, reads, required, problems, lenient=("cause", "censor_reason")
    ):
        endpoint = protocol.endpoints[row["endpoint"]]
        event = row["censored"] == 0
        faults = [("subject_id", fault) for fault in _unknown(row, known)]
        key = (row["subject_id"], row["endpoint"])
        if first.setdefault(key, index) != index:
            found = f"{key[0]!r} and {key[1]!r}, also in row {table.table.row(first[key])}"
            faults.append(("subject_id", Unfit(found, "one row a subject and end point")))
        if row["censored"] < 0:
            faults.append(
                ("censored", Unfit(f"{row['censored']}", "0 for an event, 1 and above for censoring"))
            )
        faults += [("time", fault) for fault in _against_dates(row, endpoint)]
        cause, reason = _cause(row.get("cause"), endpoint, event), row.get("censor_reason")
        if isinstance(cause, Unfit):
            faults.append(("cause" if "cause" in reads else "censored", cause))
        if isinstance(reason, Unfit) and not event:
            faults.append(("censor_reason", reason))
        problems.extend(table.reject(index, reads[name].column, fault) for name, fault in faults)
        taken = {name: row.get(name) for name in ("subject_id", "endpoint", "origin_on", "ended_on", "time")}
        rest = {"event": event, "cause": cause, "censor_reason": None if event else reason}
        yield taken | rest | {"source": [table.table.row(index)]}


def _against_dates(row: Mapping[str, Any], endpoint: Endpoint) -> Iterator[Unfit]:
    """AVAL must be the days from its origin to its end, counted as the end point says."""
    start: date | None
    start, end = row.get("origin_on"), row.get("ended_on")
    extra = 1 if endpoint.count_days == "inclusive" else 0
    if row["time"] < extra:
        yield Unfit(f"{row['time']} days", f"at least {extra}, counted {endpoint.count_days}")
    elif start is not None and end is not None and days_between(start, end) + extra != row["time"]:
        counted = f"{days_between(start, end) + extra}, counted {endpoint.count_days} from {start} to {end}"
        yield Unfit(
            f"{row['time']} days", counted, "correct the time or a date, or count_days of the end point"
        )


def _cause(cause: Any, endpoint: Endpoint, event: bool) -> Any:
    """The event that ended follow-up: one of the end point's; for a censored time, a competing one or none."""
    if not event:
        return cause if cause in endpoint.competing else None
    if cause is None and len(endpoint.events) == 1:
        return endpoint.events[0]
    if cause is None:
        return Unfit("an event without a cause", f"one of {', '.join(endpoint.events)}")
    if isinstance(cause, Unfit) or cause in endpoint.events:
        return cause
    return Unfit(
        f"the cause {cause!r}", f"one of {', '.join(endpoint.events)}, for it is counted as an event"
    )


def _adverse_events(
    table: Cells, block: Adae, protocol: Protocol, known: set[str], problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    reads = _reads(table, block, protocol)
    for index, row in _rows(table, block.where, reads, ("subject_id", "term"), problems):
        faults = [("subject_id", fault) for fault in _unknown(row, known)]
        start, end = row.get("started_on"), row.get("ended_on")
        if start is not None and end is not None and end < start:
            faults.append(("ended_on", Unfit(f"an end on {end}", f"a day not before the onset on {start}")))
        problems.extend(table.reject(index, reads[name].column, fault) for name, fault in faults)
        yield {name: row.get(name) for name in ADVERSE_EVENT} | {"source": [table.table.row(index)]}


def _unknown(row: Mapping[str, Any], known: set[str]) -> Iterator[Unfit]:
    if row["subject_id"] not in known:
        yield Unfit(
            f"{row['subject_id']!r}", "a subject of ADSL", "is the identifier right, or the subject left out?"
        )
