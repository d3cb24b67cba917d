"""The table of a backward selection: what left at which step and why, and what stays."""

from __future__ import annotations

from equipoise.analysis.results import Result
from equipoise.protocol.definition import Analysis, Protocol
from equipoise.report.labels import ARM, OVERALL, Labels, group_of, lower_first, patients
from equipoise.report.numbers import Style, count, fixed, p_value, plain
from equipoise.report.rows import Rows
from equipoise.report.tables.model import LEFT_OUT, Column, Row, Table, csv_rows, footnotes, warnings_of

METHOD = "backward selection"


def selection_table(protocol: Protocol, rows: Rows, name: str) -> Table | None:
    """Every step of each selection of an analysis, then the tests of what stays; None without any."""
    plan = protocol.analyses[name]
    trace = [row for row in rows.of(name) if row.method.startswith(METHOD)]
    if plan.cox is None or plan.cox.selection is None or not trace:
        return None
    labels = Labels.of(protocol, plan)
    style = protocol.report.style
    body: list[Row] = []
    groups = [group_of(one) for one in plan.comparisons] or [OVERALL]
    for group in groups:
        found = [row for row in trace if row.group == group]
        if len(groups) > 1 and found:
            body.append(Row(labels.full_group(group)))
        body += _lines(rows, name, plan, group, found, labels, style)
    stay = plain(plan.cox.selection.stay)
    notes = [
        f"Backward selection: at each step the covariate with the largest P value leaves if that is above {stay}; a "
        "factor enters and leaves with all its levels."
    ]
    notes += _who(trace)
    used = [row for row in trace if not LEFT_OUT.fullmatch(row.warning)]
    return Table(
        name=f"{name}-selection", title=f"Selection of Covariates, {labels.analysis(name)}", stub="Step",
        columns=(Column("χ²"), Column("df"), Column("P value", "to stay")), rows=tuple(body),
        footnotes=footnotes(notes, body, (), warnings_of(used), labels), csv_rows=csv_rows(trace, labels),
    )  # fmt: skip


def left_at(rows: Rows, name: str, group: str) -> dict[str, str]:
    """The step at which each covariate left, by the covariate's id."""
    found: dict[str, str] = {}
    for row in rows.of(name):
        step, colon, item = row.level.partition(": ")
        if row.method.startswith(METHOD) and row.group == group and colon and step.startswith("step "):
            found[item] = step
    return found


def _lines(
    rows: Rows, name: str, plan: Analysis, group: str, found: list[Result], labels: Labels, style: Style
) -> list[Row]:
    """A line for each step and for each covariate that stays."""
    lines: list[Row] = []
    stays = False
    for level in dict.fromkeys(row.level for row in found if row.level != "step 0"):
        step, _, item = level.partition(": ")
        if step == "final" and not stays:
            lines.append(Row("In the final model"))
            stays = True

        def cell(statistic: str, level: str = level) -> float | None:
            return rows.value(
                name, statistic, group=group, variable=plan.endpoint, level=level, method=METHOD
            )

        chi_square, df, p = cell("chi_square"), cell("df"), cell("p_value_to_stay")
        cells = (
            "" if chi_square is None else fixed(chi_square, 2), "" if df is None else count(df),
            "" if p is None else p_value(p, style),
        )  # fmt: skip
        label = "Arm" if item == ARM else labels.factor(item)
        if stays:
            lines.append(Row(f"{label}{_forced(plan, item)}", cells, 1))
        else:
            lines.append(Row(f"{step[:1].upper()}{step[1:]}: {lower_first(label)} leaves", cells))
    if found and not stays:
        lines.append(Row("In the final model", ("no covariate",), spanning=True))
    return lines


def _forced(plan: Analysis, item: str) -> str:
    """What is said of a term that is compared and may not leave."""
    return ", always in the model" if item in (ARM, plan.by) else ""


def _who(trace: list[Result]) -> list[str]:
    """In how many patients the covariates were selected."""
    said = []
    for start in [row for row in trace if row.level == "step 0" and row.statistic == "n"]:
        n, lost = start.value or 0.0, LEFT_OUT.search(start.warning)
        without = f"; {lost.group(1)} without a value of one of them are left out" if lost else ""
        said.append(f"Selected in the {count(n)} {patients(n)} in whom every candidate is known{without}.")
    return list(dict.fromkeys(said))
