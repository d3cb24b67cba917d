"""The follow-up table: how long patients were watched, by each method that the rows hold."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol
from equipoise.report.labels import OVERALL, Labels, lower_first, plural
from equipoise.report.numbers import NOT_APPLICABLE, count, duration, ranged
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes, missing

FOLLOWED = {"the living": "Patients alive", "those without the event": "Patients without an event"}


def follow_up_tables(protocol: Protocol, rows: Rows) -> list[Table]:
    """How long patients were followed, by each method that the rows hold: a table for each population."""
    populations = list(dict.fromkeys(row.population for row in rows.of("follow_up")))
    return [_table(protocol, rows, population, len(populations) > 1) for population in populations]


def _table(protocol: Protocol, rows: Rows, population: str, several: bool) -> Table:
    """The table of one population, which its name and title tell only where there are several."""
    labels = Labels(protocol)
    own = [row for row in rows.of("follow_up") if row.population == population]
    groups = {row.group for row in own}
    columns = [*labels.arms_in(groups), *([OVERALL] if OVERALL in groups else [])]
    body: list[Row] = []
    chosen = Rows(own)
    kinds = dict.fromkeys((row.variable, row.method) for row in own)
    for variable in dict.fromkeys(variable for variable, _ in kinds):
        body.append(Row(labels.variable(variable)))
        for method in (method for one, method in kinds if one == variable):
            body.extend(_follow_up_rows(protocol, chosen, variable, method, columns))
    return Table(
        name=f"follow-up-{population}" if several else "follow-up",
        title=f"Duration of Follow-up{f', {lower_first(labels.population(population))}' if several else ''}",
        stub="End point and measure",
        columns=tuple(Column(labels.arm(group)) for group in columns), rows=tuple(body),
        footnotes=footnotes([], body), csv_rows=csv_rows(own, labels),
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

    def known(group: str) -> bool:
        found = rows.all("follow_up", "n", group=group, variable=variable, method=method)
        return bool(found or rows.all("follow_up", "median", group=group, variable=variable, method=method))

    def cells(low: str, high: str, middle: bool = True) -> tuple[str, ...]:
        found = []
        for group in columns:
            if not known(group):
                found.append(NOT_APPLICABLE)
                continue
            limits = ranged(part(low, group), part(high, group), style)
            found.append(f"{part('median', group)} ({limits})" if middle else limits)
        return tuple(found)

    if method.startswith("reverse"):
        return [Row(f"Reverse Kaplan–Meier, median (95% CI), {plural(unit)}", cells("lower", "upper"), 1)]
    who = method.removeprefix("observed among ")
    living = FOLLOWED.get(who, who[:1].upper() + who[1:])
    patients = tuple(
        count(rows.value("follow_up", "n", group=group, variable=variable, method=method) or 0)
        if known(group)
        else NOT_APPLICABLE
        for group in columns
    )
    return [
        Row(f"{living}, {'No.' if style == 'jama' else 'no.'}", patients, 1),
        Row(f"{living}, median (IQR), {plural(unit)}", cells("q1", "q3"), 1),
        Row(f"{living}, range, {plural(unit)}", cells("min", "max", False), 1),
    ]
