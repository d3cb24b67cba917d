"""The table of a Cox model with covariates: every coefficient, not only what the arms or levels differ by."""

from __future__ import annotations

from equipoise.analysis.results import Result
from equipoise.protocol.definition import Analysis, Protocol
from equipoise.report.labels import Labels
from equipoise.report.numbers import Style, estimate, level_text, p_value
from equipoise.report.rows import Rows
from equipoise.report.tables.endpoints import described
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes, missing, warnings_of


def covariates_table(protocol: Protocol, rows: Rows, name: str) -> Table | None:
    """Each coefficient as a hazard ratio with its interval and P value; None without covariates or rows."""
    plan = protocol.analyses[name]
    terms = [row for row in rows.of(name) if row.statistic == "hazard_ratio" and row.method.startswith("Cox")]
    terms = [row for row in terms if row.subset == "all"]
    if plan.cox is None or not any(row.level for row in terms):
        return None
    labels = Labels.of(protocol, plan)
    style = protocol.report.style
    body: list[Row] = []
    before = ""
    for row in terms:
        if plan.comparisons and not row.level:
            cells = _cells(rows, name, plan, row, style)
            body.append(Row(labels.full_group(row.group), cells, strong=len(plan.comparisons) > 1))
            before = ""
            continue
        factor, reference = _factor(row)
        if reference and factor != before:
            body.append(Row(labels.factor(factor)))
            body.append(Row(labels.level(factor, reference), (_reference(style), ""), 1))
        before = factor
        body.append(_row(rows, name, plan, row, labels, style))
    machine = [row for row in rows.of(name) if row.method.startswith("Cox") and row.subset == "all"]
    level = level_text(plan.cox.confidence_level)
    method = described(terms[0].method, labels)
    return Table(
        name=f"{name}-model", title=f"Cox Model, {labels.analysis(name)}", stub="Covariate",
        columns=(Column("Hazard ratio", f"({level} CI)"), Column("P value", "two-sided")), rows=tuple(body),
        footnotes=footnotes([f"{method}. Above 1: more events than in the reference."], body, ["CI"],
                            warnings_of(terms), labels),
        csv_rows=csv_rows(machine, labels),
    )  # fmt: skip


def _factor(row: Result) -> tuple[str, str]:
    """The covariate that a row is about, and the level that it is compared with; a number has none."""
    term = row.level or row.group
    _, versus, reference = term.partition(" vs ")
    factor, _, code = reference.partition("=")
    return (factor, code) if versus else (term, "")


def _reference(style: Style) -> str:
    return "1 [Reference]" if style == "jama" else "1.00 (reference)"


def _cells(rows: Rows, name: str, plan: Analysis, row: Result, style: Style) -> tuple[str, str]:
    """The hazard ratio of a coefficient with its interval, and its P value."""

    def value(statistic: str) -> float | None:
        return rows.value(
            name, statistic, group=row.group, variable=plan.endpoint, level=row.level, method="Cox"
        )

    p = value("p_value_two_sided")
    ratio = (
        missing(row) if row.value is None else estimate(row.value, value("lower"), value("upper"), 2, style)
    )
    return ratio, "" if p is None else p_value(p, style)


def _row(rows: Rows, name: str, plan: Analysis, row: Result, labels: Labels, style: Style) -> Row:
    """One coefficient: a level under its factor, or a number with its unit."""
    factor, reference = _factor(row)
    cells = _cells(rows, name, plan, row, style)
    if reference:
        code = (row.level or row.group).partition(" vs ")[0].removeprefix(f"{factor}=")
        return Row(labels.level(factor, code), cells, 1)
    known = labels.protocol.items.get(factor) or labels.protocol.derived.get(factor)
    per = f", per {known.unit}" if known is not None and known.unit else ""
    return Row(f"{labels.factor(factor)}{per}", cells)
