"""A plain table of patients, a column an item → a frame that rules can be evaluated over.

No mapping: the columns carry the protocol's own names and codes. A blank cell is unknown; a reason that the
item declares stands for "unavailable, because".
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from equipoise.errors import Problem
from equipoise.exchange.rejects import reject, rejected
from equipoise.exchange.tables import Table, read_table
from equipoise.exchange.values import Unfit, of_item
from equipoise.protocol.definition import Protocol
from equipoise.protocol.reading.validation import did_you_mean
from equipoise.protocol.rules import columns

SUBJECT = "subject_id"


def read_patients(protocol: Protocol, path: str | Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Read a CSV, Parquet or transport file; returns the frame and the items that have no column.

    Raises RejectedData with every cell that is no value of its item.
    """
    table = read_table(Path(path))
    problems = _header(protocol, table)
    if problems:
        raise rejected(problems)
    types = {name: kind for name, kind in columns.for_rules(protocol).items() if name not in columns.STATUS}
    values: dict[str, list[object]] = {name: [None] * table.frame.height for name in types}
    values[SUBJECT] = list(table.frame[SUBJECT])
    for name in table.frame.columns:
        if name != SUBJECT:
            _read(protocol, table, name, values, problems)
    problems += _subjects(table)
    if problems:
        raise rejected(problems)
    missing = tuple(name for name in protocol.items if name not in table.frame.columns)
    return pl.DataFrame(values, schema=types), missing


def _header(protocol: Protocol, table: Table) -> list[Problem]:
    names = table.frame.columns
    problems = [
        Problem(file=table.name, line=1, path=f"column {name}", found=f"the column {name!r}", expected="an item of the protocol",
                remedy=did_you_mean(name, [SUBJECT, *protocol.items]))
        for name in names
        if name != SUBJECT and name not in protocol.items
    ]  # fmt: skip
    if SUBJECT not in names:
        problems.append(Problem(file=table.name, line=1, found="no column of subjects", expected=f"a column {SUBJECT!r}",
                                remedy="name it so"))  # fmt: skip
    return problems


def _read(
    protocol: Protocol, table: Table, name: str, values: dict[str, list[object]], problems: list[Problem]
) -> None:
    item = protocol.items[name]
    read = of_item(name, item)
    for index, cell in enumerate(table.frame[name]):
        if cell is None or not cell.strip():
            continue
        if cell.strip() in item.unavailable:
            values[f"{name}_unavailable"][index] = cell.strip()
            continue
        try:
            value = read(cell.strip())
        except Unfit as unfit:
            problems.append(
                reject(table.name, table.row(index), cell=name, value=cell, line=table.line(index), found=unfit.found,
                       expected=unfit.expected, remedy=unfit.remedy)
            )  # fmt: skip
        else:
            values[name][index] = float(value) if item.type == "decimal" else value  # type: ignore[arg-type]


def _subjects(table: Table) -> list[Problem]:
    problems: list[Problem] = []
    first: dict[str | None, int] = {}
    for index, subject in enumerate(table.frame[SUBJECT]):
        row, line = table.row(index), table.line(index)
        if not subject or not subject.strip():
            problems.append(reject(table.name, row, cell=SUBJECT, value=subject, line=line, found="nothing",
                                   expected="a subject's identifier"))  # fmt: skip
        elif subject in first:
            problems.append(reject(table.name, row, cell=SUBJECT, value=subject, line=line, expected="each subject once",
                                   found=f"{subject!r} a second time (first in row {first[subject]})"))  # fmt: skip
        first.setdefault(subject, row)
    return problems
