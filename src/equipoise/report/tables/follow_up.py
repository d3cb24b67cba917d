"""The follow-up table: how long patients were watched, by each method that the rows hold."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol
from equipoise.report.labels import OVERALL, Labels, plural
from equipoise.report.numbers import count, duration, ranged
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes, missing

FOLLOWED = {"the living": "Patients alive", "those without the event": "Patients without an event"}


def follow_up_table(protocol: Protocol, rows: Rows) -> Table | None:
    """How long patients were followed, by each method that the rows hold."""
    groups = rows.groups("follow_up")
    if not groups:
        return None
    labels = Labels(protocol)
    columns = [*labels.arms_in(groups), *([OVERALL] if OVERALL in groups else [])]
    body: list[Row] = []
    kinds = dict.fromkeys((row.variable, row.method) for row in rows.of("follow_up"))
    for variable in dict.fromkeys(variable for variable, _ in kinds):
        body.append(Row(labels.variable(variable)))
        for method in (method for one, method in kinds if one == variable):
            body.extend(_follow_up_rows(protocol, rows, variable, method, columns))
    return Table(
        name="follow-up", title="Duration of Follow-up", stub="End point and measure",
        columns=tuple(Column(labels.arm(group)) for group in columns), rows=tuple(body),
        footnotes=footnotes([], body), csv_rows=csv_rows(rows.of("follow_up"), labels),
    )  # fmt: skip


def _follow_up_rows(
    protocol: Protocol, rows: Rows, variable: str, method: str, columns: list[str]
) -> list[Row]:
    """The rows of one way to measure follow-up."""
    endpoint = protocol.endpoints.get(variable)
    unit = endpoint.unit if endpoint is not None else "year"
    style = protocol.report.style

    def part(statistic: str, group: str) -> str:
        row = rows.one("follow_up", statistic, group=group, variable=variable, method=method)
        return missing(row) if row is None or row.value is None else duration(row.value, unit)

    def cells(low: str, high: str, middle: bool = True) -> tuple[str, ...]:
        found = []
        for group in columns:
            limits = ranged(part(low, group), part(high, group), style)
            found.append(f"{part('median', group)} ({limits})" if middle else limits)
        return tuple(found)

    if method.startswith("reverse"):
        return [Row(f"Reverse Kaplan–Meier, median (95% CI), {plural(unit)}", cells("lower", "upper"), 1)]
    who = method.removeprefix("observed among ")
    living = FOLLOWED.get(who, who[:1].upper() + who[1:])
    patients = tuple(
        count(rows.value("follow_up", "n", group=group, variable=variable, method=method) or 0)
        for group in columns
    )
    return [
        Row(f"{living}, {'No.' if style == 'jama' else 'no.'}", patients, 1),
        Row(f"{living}, median (IQR), {plural(unit)}", cells("q1", "q3"), 1),
        Row(f"{living}, range, {plural(unit)}", cells("min", "max", False), 1),
    ]
