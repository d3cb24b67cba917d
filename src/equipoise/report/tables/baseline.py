"""The synopsis and the baseline tables. Baseline differences of a randomized trial are not tested."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.protocol.definition import Baseline, BaselineItem, Protocol
from equipoise.report.labels import OVERALL, Labels, listed, lower_first, patients, plural
from equipoise.report.numbers import (
    NOT_APPLICABLE,
    count,
    decimals_for,
    fixed,
    n_percent,
    percent_decimals,
    ranged,
)
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Column, CsvValue, Row, Table, csv_rows, footnotes, missing

SUMMARIES = {"mean_sd": ("mean", "sd"), "median_iqr": ("median", "q1", "q3"), "range": ("min", "max")}
SHOWN_AS = {"mean_sd": "mean (SD)", "median_iqr": "median (IQR)", "range": "range"}


def synopsis(protocol: Protocol) -> Table:
    """The trial in a dozen facts, as its protocol states them; what a source does not say is said so."""
    facts = [
        ("Registration", protocol.registry),
        ("Phase", protocol.phase),
        ("Condition", protocol.condition),
        ("Masking", protocol.masking),
        ("Sponsor", protocol.sponsor),
        *(("Arm", _arm(protocol, arm)) for arm in protocol.arms),
        *_randomizations(protocol),
        *((f"{point.role.capitalize()} end point", point.label) for point in protocol.endpoints.values()),
        *(("Analysis population", population.label) for population in protocol.populations.values()),
    ]
    machine: list[tuple[CsvValue, ...]] = [(name, text) for name, text in facts]
    rows = tuple(Row(name, (text[:1].upper() + text[1:],)) for name, text in facts)
    return Table(
        name="synopsis", title="The Trial at a Glance", stub="Item",
        columns=(Column("As stated in the protocol", align="left"),), rows=rows,
        csv_columns=("item", "text"), csv_rows=tuple(machine),
    )  # fmt: skip


def _arm(protocol: Protocol, arm: str) -> str:
    """An arm's label, role and, where the protocol gives one, description."""
    planned = protocol.arms[arm]
    text = f"{planned.label} ({planned.role})"
    return f"{text}: {planned.description}" if planned.description else text


def _randomizations(protocol: Protocol) -> list[tuple[str, str]]:
    """Ratio, method and strata of each randomization."""
    labels = Labels(protocol)
    facts = []
    for plan in protocol.randomizations.values():
        named = f"Randomization, {plan.label}" if plan.label else "Randomization"
        ratio = "ratio not stated"
        if plan.ratio != "not stated":
            ratio = ":".join(str(plan.ratio[arm]) for arm in plan.arms if arm in plan.ratio)
        method = "method not stated" if plan.method == "not stated" else plan.method
        strata = "strata not stated"
        if plan.strata != "not stated":
            strata = f"stratified by {labels.factors(plan.strata)}" if plan.strata else "no strata"
        facts.append(
            (named, f"{ratio} ({listed([labels.short(arm) for arm in plan.arms])}), {method}, {strata}")
        )
    return facts


def baseline_tables(protocol: Protocol, rows: Rows) -> list[Table]:
    """Characteristics of the patients at baseline: each planned table that has rows."""
    tables = [_table(protocol, rows, name, plan) for name, plan in protocol.baselines.items()]
    return [table for table in tables if table is not None]


@dataclass(frozen=True, slots=True)
class View:
    """The rows of one baseline table and its columns: groups, with the size of each."""

    protocol: Protocol
    rows: Rows
    name: str
    plan: Baseline
    sizes: dict[str, float]

    def value(self, statistic: str, group: str, variable: str, level: str = "") -> float | None:
        """A number of the table."""
        return self.rows.value(self.name, statistic, group=group, variable=variable, level=level)

    def places(self, group: str) -> int:
        """Decimals of the percentages of a column: as planned, else as its size allows."""
        planned = self.plan.decimals
        return planned if isinstance(planned, int) else percent_decimals(self.sizes[group])


def _table(protocol: Protocol, rows: Rows, name: str, plan: Baseline) -> Table | None:
    """One baseline table, a group a column; None where there are no rows."""
    groups = rows.groups(name)
    if not groups:
        return None
    labels = Labels(protocol)
    columns = [*labels.groups_in(plan.by, groups), *([OVERALL] if plan.overall else [])]
    sizes = {group: rows.value(name, "n", group=group, variable="subjects") or 0.0 for group in columns}
    view = View(protocol, rows, name, plan, sizes)
    body: list[Row] = []
    for item in plan.items:
        body.extend(_item_rows(view, item))
    notes = []
    if any(item.percent_of == "known" for item in plan.items) and any(row.stub == "Unknown" for row in body):
        notes.append("Percentages are of the patients with a known value.")
    apart = view.value("n_missing", OVERALL, "subjects")
    if apart:
        factor = lower_first(labels.factor(plan.by))
        where = "only in the overall column" if plan.overall else "in no column"
        notes.append(f"{count(apart)} {patients(apart)} without a value of {factor}: {where}.")
    title = plan.label or f"Baseline Characteristics, {lower_first(labels.population(plan.population))}"
    return Table(
        # A prefix keeps a table named after its id from taking the file of another one.
        name="baseline" if name == "baseline" else f"baseline-{name}", title=title, stub="Characteristic",
        columns=tuple(Column(labels.arm(group), f"(N = {count(sizes[group])})") for group in columns),
        rows=tuple(body), footnotes=footnotes(notes, body), csv_rows=csv_rows(rows.of(name), labels),
    )  # fmt: skip


def _item_rows(view: View, item: BaselineItem) -> list[Row]:
    """The rows of one characteristic: its levels, or its summaries, then how many are unknown."""
    protocol = view.protocol
    levels = _levels(protocol, item.item)
    if levels is None:
        return _numeric_rows(view, item)
    label = Labels(protocol).factor(item.item)
    joint = ", No. (%)" if protocol.report.style == "jama" else " — no. (%)"
    unknown = _unknown_row(view, item)

    def cells(code: str) -> tuple[str, ...]:
        return tuple(_choice_cell(view, item.item, code, group) for group in view.sizes)

    if list(levels) == ["true", "false"]:
        return [Row(label + joint, cells("true")), *unknown]
    return [Row(label + joint), *(Row(text, cells(code), 1) for code, text in levels.items()), *unknown]


def _levels(protocol: Protocol, item: str) -> dict[str, str] | None:
    """The levels of a characteristic; None for a number."""
    derived = protocol.derived.get(item)
    if derived is not None:
        return protocol.factor_levels(item) if derived.classes is not None else None
    if item in protocol.items and protocol.items[item].type in ("choice", "boolean"):
        return protocol.factor_levels(item)
    return None


def _choice_cell(view: View, item: str, code: str, group: str) -> str:
    """n (%) of a level; the denominator is that of the row, never the column's size by assumption."""
    n = view.value("n", group, item, code)
    of = view.value("denominator", group, item, code)
    if n is None:
        return NOT_APPLICABLE
    return count(n) if of is None else n_percent(n, of, view.places(group))


def _unknown_row(view: View, item: BaselineItem) -> list[Row]:
    """One row of unknown values, if there are any; with a percentage where it is part of the whole."""
    missing_n = {group: view.value("n_missing", group, item.item) or 0.0 for group in view.sizes}
    if not any(missing_n.values()):
        return []
    if item.percent_of == "known":
        return [Row("Unknown", tuple(count(n) for n in missing_n.values()), 1)]
    cells = (n_percent(n, view.sizes[group], view.places(group)) for group, n in missing_n.items())
    return [Row("Unknown", tuple(cells), 1)]


def _numeric_rows(view: View, item: BaselineItem) -> list[Row]:
    """The rows of a numeric characteristic."""
    protocol = view.protocol
    whole = item.item in protocol.items and protocol.items[item.item].type == "integer"
    label = Labels(protocol).factor(item.item)
    known = protocol.items.get(item.item) or protocol.derived.get(item.item)
    unit = f", {plural(known.unit)}" if known is not None and known.unit else ""
    summaries = [
        (SHOWN_AS[shown], tuple(_summary(view, item.item, shown, group, whole) for group in view.sizes))
        for shown in item.show
    ]
    missing_n = [view.value("n_missing", group, item.item) or 0.0 for group in view.sizes]
    unknown = [Row("Unknown", tuple(count(n) for n in missing_n), 1)] if any(missing_n) else []
    if len(summaries) == 1:
        return [Row(f"{label}, {summaries[0][0]}{unit}", summaries[0][1]), *unknown]
    body = [Row(text[:1].upper() + text[1:], cells, 1) for text, cells in summaries]
    return [Row(label + unit), *body, *unknown]


def _summary(view: View, item: str, shown: str, group: str, whole: bool) -> str:
    """One summary of a number in one group."""
    found = [view.rows.one(view.name, name, group=group, variable=item) for name in SUMMARIES[shown]]
    places = 1 if whole else decimals_for(_spread(view, item, group))
    # The quartiles of whole numbers are printed as whole numbers where they are; a mean keeps its decimal.
    trim = whole and shown != "mean_sd"
    text = [
        missing(row) if row is None or row.value is None else _trimmed(row.value, places, trim)
        for row in found
    ]
    style = view.protocol.report.style
    if shown == "mean_sd":
        return f"{text[0]} ({text[1]})"
    return (
        f"{text[0]} ({ranged(text[1], text[2], style)})"
        if len(text) == 3
        else ranged(text[0], text[1], style)
    )


def _spread(view: View, item: str, group: str) -> float:
    """How far the values of a number lie apart, to choose its decimals."""
    deviation = view.value("sd", group, item)
    if deviation:
        return deviation
    low, high = view.value("q1", group, item), view.value("q3", group, item)
    return high - low if low is not None and high is not None else 0.0


def _trimmed(value: float, places: int, whole: bool) -> str:
    """A whole number without a decimal, if asked and if it is one."""
    return fixed(value, 0 if whole and float(value).is_integer() else places)
