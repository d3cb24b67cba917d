"""The synopsis and the baseline table. Baseline differences of a randomized trial are not tested."""

from __future__ import annotations

from equipoise.protocol.definition import BaselineItem, Protocol
from equipoise.report.labels import OVERALL, Labels, listed, lower_first, plural
from equipoise.report.numbers import (
    NOT_APPLICABLE,
    Style,
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


def baseline_table(protocol: Protocol, rows: Rows) -> Table | None:
    """Characteristics of the patients at baseline, an arm a column; None where there are no rows."""
    plan = protocol.baseline
    groups = rows.groups("baseline")
    if plan is None or not groups:
        return None
    labels = Labels(protocol)
    columns = [*labels.arms_in(groups), *([OVERALL] if OVERALL in groups else [])]
    sizes = {group: rows.value("baseline", "n", group=group, variable="subjects") or 0.0 for group in columns}
    body: list[Row] = []
    for item in plan.items:
        body.extend(_item_rows(protocol, rows, item, columns, sizes))
    notes = []
    if any(item.percent_of == "known" for item in plan.items) and any(row.stub == "Unknown" for row in body):
        notes.append("Percentages are of the patients with a known value.")
    return Table(
        name="baseline", title=f"Baseline Characteristics, {lower_first(labels.population(plan.population))}",
        stub="Characteristic",
        columns=tuple(Column(labels.arm(group), f"(N = {count(sizes[group])})") for group in columns),
        rows=tuple(body), footnotes=footnotes(notes, body), csv_rows=csv_rows(rows.of("baseline"), labels),
    )  # fmt: skip


def _item_rows(
    protocol: Protocol, rows: Rows, item: BaselineItem, columns: list[str], sizes: dict[str, float]
) -> list[Row]:
    """The rows of one characteristic: its levels, or its summaries, then how many are unknown."""
    levels = _levels(protocol, item.item)
    if levels is None:
        return _numeric_rows(protocol, rows, item, columns)
    label = Labels(protocol).factor(item.item)
    joint = ", No. (%)" if protocol.report.style == "jama" else " — no. (%)"
    unknown = _unknown_row(rows, item, columns, sizes)
    places = {group: percent_decimals(sizes[group]) for group in columns}

    def cells(code: str) -> tuple[str, ...]:
        return tuple(_choice_cell(rows, item.item, code, group, places[group]) for group in columns)

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


def _choice_cell(rows: Rows, item: str, code: str, group: str, places: int) -> str:
    """n (%) of a level; the denominator is that of the row, never the column's size by assumption."""
    n = rows.value("baseline", "n", group=group, variable=item, level=code)
    of = rows.value("baseline", "denominator", group=group, variable=item, level=code)
    if n is None:
        return NOT_APPLICABLE
    return count(n) if of is None else n_percent(n, of, places)


def _unknown_row(rows: Rows, item: BaselineItem, columns: list[str], sizes: dict[str, float]) -> list[Row]:
    """One row of unknown values, if there are any; with a percentage where it is part of the whole."""
    missing_n = [
        rows.value("baseline", "n_missing", group=group, variable=item.item) or 0.0 for group in columns
    ]
    if not any(missing_n):
        return []
    if item.percent_of == "known":
        return [Row("Unknown", tuple(count(n) for n in missing_n), 1)]
    pairs = zip(missing_n, columns, strict=True)
    return [Row("Unknown", tuple(n_percent(n, sizes[group]) for n, group in pairs), 1)]


def _numeric_rows(protocol: Protocol, rows: Rows, item: BaselineItem, columns: list[str]) -> list[Row]:
    """The rows of a numeric characteristic."""
    whole = item.item in protocol.items and protocol.items[item.item].type == "integer"
    label = Labels(protocol).factor(item.item)
    known = protocol.items.get(item.item) or protocol.derived.get(item.item)
    unit = f", {plural(known.unit)}" if known is not None and known.unit else ""
    summaries = [
        (
            SHOWN_AS[shown],
            tuple(_summary(rows, item.item, shown, group, whole, protocol.report.style) for group in columns),
        )
        for shown in item.show
    ]
    missing_n = [
        rows.value("baseline", "n_missing", group=group, variable=item.item) or 0.0 for group in columns
    ]
    unknown = [Row("Unknown", tuple(count(n) for n in missing_n), 1)] if any(missing_n) else []
    if len(summaries) == 1:
        return [Row(f"{label}, {summaries[0][0]}{unit}", summaries[0][1]), *unknown]
    body = [Row(text[:1].upper() + text[1:], cells, 1) for text, cells in summaries]
    return [Row(label + unit), *body, *unknown]


def _summary(rows: Rows, item: str, shown: str, group: str, whole: bool, style: Style) -> str:
    """One summary of a number in one group."""
    names = SUMMARIES[shown]
    found = [rows.one("baseline", name, group=group, variable=item) for name in names]
    places = 1 if whole else decimals_for(_spread(rows, item, group))
    # The quartiles of whole numbers are printed as whole numbers where they are; a mean keeps its decimal.
    trim = whole and shown != "mean_sd"
    text = [
        missing(row) if row is None or row.value is None else _trimmed(row.value, places, trim)
        for row in found
    ]
    if shown == "mean_sd":
        return f"{text[0]} ({text[1]})"
    return (
        f"{text[0]} ({ranged(text[1], text[2], style)})"
        if len(text) == 3
        else ranged(text[0], text[1], style)
    )


def _spread(rows: Rows, item: str, group: str) -> float:
    """How far the values of a number lie apart, to choose its decimals."""
    deviation = rows.value("baseline", "sd", group=group, variable=item)
    if deviation:
        return deviation
    low = rows.value("baseline", "q1", group=group, variable=item)
    high = rows.value("baseline", "q3", group=group, variable=item)
    return high - low if low is not None and high is not None else 0.0


def _trimmed(value: float, places: int, whole: bool) -> str:
    """A whole number without a decimal, if asked and if it is one."""
    return fixed(value, 0 if whole and float(value).is_integer() else places)
