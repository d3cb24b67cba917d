"""Tables of counts: planned shares of patients, and the levels of one factor against those of another."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol, Tabulation
from equipoise.report.labels import ARM, OVERALL, Labels, by_of, lower_first
from equipoise.report.numbers import NOT_APPLICABLE, count, n_percent, percent_decimals
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes


def proportion_tables(protocol: Protocol, rows: Rows) -> list[Table]:
    """The planned shares that have rows: a table for those of one population with the same columns."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name, plan in protocol.proportions.items():
        if rows.of(name):
            alike.setdefault((plan.population, by_of(plan)), []).append(name)
    return [_shares(protocol, rows, *key, names) for key, names in alike.items()]


def _shares(protocol: Protocol, rows: Rows, population: str, by: str, names: list[str]) -> Table:
    """How many patients of a population meet each criterion."""
    labels = Labels.of(protocol, protocol.proportions[names[0]])
    columns = list(dict.fromkeys([*labels.groups_in(by, rows.groups(names[0])), OVERALL]))
    sizes = {group: _value(rows, names[0], "denominator", group, names[0]) for group in columns}
    body: list[Row] = []
    for name in names:
        counts = [_value(rows, name, "n", group, name) for group in columns]
        cells = tuple(_share(n, sizes[group]) for n, group in zip(counts, columns, strict=True))
        body.append(Row(f"{protocol.proportions[name].label}{_joint(protocol)}", cells))
        unknown = tuple(_value(rows, name, "n_unknown", group, name) for group in columns)
        if any(unknown):
            body.append(Row("Unknown, counted as not", tuple(count(n) for n in unknown), 1))
    every = "Patients" if by else "All Patients"
    apart = "" if by in (ARM, "") else f" by {lower_first(labels.factor(by))}"
    return Table(
        name=f"shares-{population}{f'-by-{by}' if by not in (ARM, '') else ''}{'' if by else '-all'}",
        title=f"Shares of {every}{apart}, {lower_first(labels.population(population))}", stub="Share",
        columns=tuple(Column(labels.arm(group), _size(sizes[group])) for group in columns), rows=tuple(body),
        footnotes=footnotes(["Numbers and percentages only: no interval and no test was computed."], body),
        csv_rows=csv_rows((row for name in names for row in rows.of(name)), labels),
    )  # fmt: skip


def _share(n: float, size: float) -> str:
    return n_percent(n, size, percent_decimals(size)) if size else NOT_APPLICABLE


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


def _joint(protocol: Protocol) -> str:
    return ", No. (%)" if protocol.report.style == "jama" else " — no. (%)"


def _size(n: float) -> str:
    return f"(N = {count(n)})"
