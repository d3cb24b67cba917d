"""The subgroup table: the same rows as the forest plot, and its entries for that figure."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.protocol.definition import Analysis, Comparison, Protocol
from equipoise.report.labels import Labels, group_of
from equipoise.report.numbers import NOT_APPLICABLE, Style, count, estimate, level_text, p_value
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes, missing


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a subgroup display; a factor's head has no numbers but may have an interaction test."""

    label: str
    kind: str  # "overall", "factor", "level"
    events: tuple[str, str] = ("", "")
    estimate: str = ""
    interaction: str = ""
    hazard_ratio: float | None = None
    lower: float | None = None
    upper: float | None = None
    weight: float = 0.0
    warning: str = ""


def subgroup_entries(protocol: Protocol, rows: Rows, name: str, comparison: Comparison) -> list[Entry]:
    """The overall estimate, then each factor with its levels, in the order that the protocol planned."""
    plan = protocol.analyses[name]
    if not any(row.subset != "all" for row in rows.of(name)):
        return []
    labels = Labels(protocol)
    style = protocol.report.style
    group = group_of(comparison)
    entries = [_entry(rows, name, plan, comparison, "All patients", "overall", "all", style)]
    for factor in plan.subgroups:
        test = rows.one(name, "interaction_p_value", group=group, variable=plan.endpoint, level=factor)
        shown = "" if test is None else missing(test) if test.value is None else p_value(test.value, style)
        warning = "" if test is None or test.value is not None else test.warning
        entries.append(Entry(labels.factor(factor), "factor", interaction=shown, warning=warning))
        for code, label in _levels(protocol, rows, name, factor).items():
            subset = f"{factor}={code}"
            entries.append(_entry(rows, name, plan, comparison, label, "level", subset, style))
    return entries


def _levels(protocol: Protocol, rows: Rows, name: str, factor: str) -> dict[str, str]:
    """The levels of a factor that have rows: the protocol's in its order, then any other."""
    labels = Labels(protocol)
    prefix = f"{factor}="
    codes = {row.subset.removeprefix(prefix) for row in rows.of(name) if row.subset.startswith(prefix)}
    known = factor in protocol.items or (
        factor in protocol.derived and protocol.derived[factor].classes is not None
    )
    planned = [code for code in protocol.factor_levels(factor) if code in codes] if known else []
    return {code: labels.level(factor, code) for code in [*planned, *sorted(codes - set(planned))]}


def _entry(
    rows: Rows,
    name: str,
    plan: Analysis,
    comparison: Comparison,
    label: str,
    kind: str,
    subset: str,
    style: Style,
) -> Entry:
    """One line with numbers."""
    group = group_of(comparison)
    counts, weight = [], 0.0
    for arm in (comparison.experimental, comparison.control):
        n = rows.value(name, "n", group=arm, variable=plan.endpoint, subset=subset)
        events = rows.value(name, "events", group=arm, variable=plan.endpoint, subset=subset)
        weight += events or 0.0
        counts.append(NOT_APPLICABLE if n is None or events is None else f"{count(events)}/{count(n)}")
    row = rows.one(name, "hazard_ratio", group=group, variable=plan.endpoint, subset=subset)
    lower = rows.value(name, "lower", group=group, variable=plan.endpoint, subset=subset)
    upper = rows.value(name, "upper", group=group, variable=plan.endpoint, subset=subset)
    given = row is not None and row.value is not None
    value = row.value if row is not None else None
    shown = missing(row) if value is None else estimate(value, lower, upper, 2, style)
    return Entry(
        label, kind, (counts[0], counts[1]), shown, "", value, lower if given else None,
        upper if given else None, weight, row.warning if row is not None and not given else "",
    )  # fmt: skip


def subgroup_table(protocol: Protocol, rows: Rows, name: str, comparison: Comparison) -> Table | None:
    """The subgroups of one comparison."""
    entries = subgroup_entries(protocol, rows, name, comparison)
    if not entries:
        return None
    plan = protocol.analyses[name]
    labels = Labels(protocol)
    level = level_text(plan.cox.confidence_level if plan.cox is not None else 0.95)
    arms = (comparison.experimental, comparison.control)
    body = tuple(
        Row(
            one.label,
            (*one.events, one.estimate, one.interaction),
            1 if one.kind == "level" else 0,
            strong=one.kind != "level",
        )
        for one in entries
    )
    group = group_of(comparison)
    machine = [
        row for row in rows.of(name)
        if row.group in (*arms, group)
        and (row.subset != "all" or row.statistic.startswith("interaction"))
    ]  # fmt: skip
    return Table(
        name=f"{name}-subgroups-{comparison.experimental}-vs-{comparison.control}",
        title=f"{labels.analysis(name)} by Subgroup, {labels.group(group)}", stub="Subgroup",
        columns=(
            *(Column(labels.short(arm), "events/patients") for arm in arms),
            Column("Hazard ratio", f"({level} CI)"), Column("P value for", "interaction"),
        ),
        rows=body,
        footnotes=footnotes(
            ["Intervals of subgroups are not adjusted for their number.",
             *([f"{labels.abbreviations()}."] if labels.abbreviations() else [])], body, ["CI"],
            [(None, one.warning) for one in entries], labels,
        ),
        csv_rows=csv_rows(machine, labels),
    )  # fmt: skip
