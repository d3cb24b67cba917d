"""Tables of counts: the levels of one factor against those of another."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol, Tabulation
from equipoise.report.labels import OVERALL, Labels, lower_first
from equipoise.report.numbers import count
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes


def tabulation_table(protocol: Protocol, rows: Rows, name: str) -> Table | None:
    """The planned counts of one factor's levels by those of another, in a part for each level of a third."""
    plan = protocol.tables[name]
    own = rows.of(name)
    if not own:
        return None
    labels = Labels(protocol)
    columns = [*labels.groups_in(plan.columns, rows.groups(name)), OVERALL]
    body: list[Row] = []
    for subset in dict.fromkeys(row.subset for row in own):
        body += _part(protocol, rows, name, plan, subset, columns, labels)
    heads = tuple(
        Column(labels.arm(group), "" if plan.by else _size(_value(rows, name, "n", group, "subjects")))
        for group in columns
    )
    return Table(
        name=f"{name}-counts", title=f"{plan.label}, {lower_first(labels.population(plan.population))}",
        stub=labels.factor(plan.rows), columns=heads, rows=tuple(body), footnotes=footnotes([], body),
        csv_rows=csv_rows(own, labels),
    )  # fmt: skip


def _part(
    protocol: Protocol, rows: Rows, name: str, plan: Tabulation, subset: str, columns: list[str], labels: Labels
) -> list[Row]:  # fmt: skip
    """The rows of one part, below its head where there are several."""

    def cells(statistic: str, variable: str, level: str = "") -> tuple[float, ...]:
        return tuple(_value(rows, name, statistic, group, variable, level, subset) for group in columns)

    body = []
    if plan.by is not None:
        sizes = tuple(_size(n) for n in cells("n", "subjects"))
        body.append(Row(labels.arm(subset.removeprefix("arm=")), sizes, strong=True))
    indent = 1 if plan.by is not None else 0
    for code, label in protocol.factor_levels(plan.rows).items():
        body.append(Row(label, tuple(count(n) for n in cells("n", plan.rows, code)), indent))
    unknown = cells("n_missing", plan.rows)
    if any(unknown):
        body.append(Row("Unknown", tuple(count(n) for n in unknown), indent))
    return body


def _value(
    rows: Rows, name: str, statistic: str, group: str, variable: str, level: str = "", subset: str = "all"
) -> float:
    found = rows.value(name, statistic, group=group, variable=variable, level=level, subset=subset)
    return found or 0.0


def _size(n: float) -> str:
    return f"(N = {count(n)})"
