"""The table of a Cox model with covariates: every coefficient, not only what the arms or levels differ by.

Where covariates were selected, each candidate also stands alone beside the final model.
"""

from __future__ import annotations

from equipoise.analysis.results import Result
from equipoise.protocol.definition import Analysis, Protocol
from equipoise.report.labels import Labels
from equipoise.report.numbers import Style, estimate, level_text, p_value
from equipoise.report.rows import Rows
from equipoise.report.tables.endpoints import described
from equipoise.report.tables.model import (
    LEFT_OUT,
    Column,
    Row,
    Table,
    csv_rows,
    footnotes,
    missing,
    warnings_of,
)
from equipoise.report.tables.selection import left_at

ALONE = "univariate Cox"


def covariates_table(protocol: Protocol, rows: Rows, name: str) -> Table | None:
    """Each coefficient as a hazard ratio with its interval and P value; None without covariates or rows."""
    plan = protocol.analyses[name]
    whole = [row for row in rows.of(name) if row.statistic == "hazard_ratio" and row.subset == "all"]
    fitted = [row for row in whole if row.method.startswith("Cox")]
    alone = [row for row in whole if row.method.startswith(ALONE)]
    # A candidate that left has only its row alone; both kinds of rows follow the order of the plan.
    terms = alone or fitted
    if plan.cox is None or not any(row.level for row in terms):
        return None
    labels = Labels.of(protocol, plan)
    style = protocol.report.style
    models = (ALONE, "Cox") if alone else ("Cox",)
    body: list[Row] = []
    before = ""
    for row in terms:
        if plan.comparisons and not row.level:
            cells = _cells(rows, name, plan, row, style, models)
            body.append(Row(labels.full_group(row.group), cells, strong=len(plan.comparisons) > 1))
            before = ""
            continue
        factor, reference = _factor(row)
        if reference and factor != before:
            body.append(Row(labels.factor(factor)))
            body.append(
                Row(labels.level(factor, reference), _references(rows, name, row, factor, style, models), 1)
            )
        before = factor
        body.append(_row(rows, name, plan, row, labels, style, models))
    machine = [row for row in rows.of(name) if row.method.startswith(models) and row.subset == "all"]
    level = level_text(plan.cox.confidence_level)
    columns = (Column("Hazard ratio", f"({level} CI)"), Column("P value", "two-sided"))
    notes = [f"{'; '.join(dict.fromkeys(described(row.method, labels) for row in fitted))}." if fitted else "",
             "Above 1: more events than in the reference."]  # fmt: skip
    if alone:
        notes.append(
            "Alone: each in a model of its own, in the patients in whom it is known. Final model: after backward "
            "selection, in the patients in whom every candidate is known."
        )
    warned = warnings_of([*fitted, *(row for row in alone if not LEFT_OUT.fullmatch(row.warning))])
    return Table(
        name=f"{name}-model", title=f"Cox Model{'s' if alone else ''}, {labels.analysis(name)}", stub="Covariate",
        columns=columns * len(models), rows=tuple(body), spans=(("Alone", 2), ("Final model", 2)) if alone else (),
        footnotes=footnotes([" ".join(filter(None, notes[:2])), *notes[2:]], body, ["CI"], warned, labels),
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


def _references(
    rows: Rows, name: str, row: Result, factor: str, style: Style, models: tuple[str, ...]
) -> tuple[str, ...]:
    """The cells of a reference level; none in a final model that the factor has left."""
    gone = factor in left_at(rows, name, row.group)
    cells = [
        ("" if gone and model == "Cox" and len(models) > 1 else _reference(style), "") for model in models
    ]
    return tuple(cell for pair in cells for cell in pair)


def _cells(
    rows: Rows, name: str, plan: Analysis, row: Result, style: Style, models: tuple[str, ...]
) -> tuple[str, ...]:
    """The hazard ratio of a coefficient with its interval, and its P value, by each model."""
    cells: list[str] = []
    for model in models:

        def found(statistic: str, model: str = model) -> Result | None:
            return rows.one(
                name, statistic, group=row.group, variable=plan.endpoint, level=row.level, method=model
            )

        ratio = found("hazard_ratio")
        if ratio is None and model == "Cox" and len(models) > 1:
            step = left_at(rows, name, row.group).get(_factor(row)[0], "")
            cells += [f"left at {step}" if step else missing(None), ""]
            continue
        value = None if ratio is None else ratio.value
        lower, upper, p = (
            None if one is None else one.value for one in map(found, ("lower", "upper", "p_value_two_sided"))
        )
        cells.append(missing(ratio) if value is None else estimate(value, lower, upper, 2, style))
        cells.append("" if p is None else p_value(p, style))
    return tuple(cells)


def _row(
    rows: Rows, name: str, plan: Analysis, row: Result, labels: Labels, style: Style, models: tuple[str, ...]
) -> Row:
    """One coefficient: a level under its factor, or a number with its unit."""
    factor, reference = _factor(row)
    cells = _cells(rows, name, plan, row, style, models)
    if reference:
        code = (row.level or row.group).partition(" vs ")[0].removeprefix(f"{factor}=")
        return Row(labels.level(factor, code), cells, 1)
    known = labels.protocol.items.get(factor) or labels.protocol.derived.get(factor)
    per = f", per {known.unit}" if known is not None and known.unit else ""
    return Row(f"{labels.factor(factor)}{per}", cells)
