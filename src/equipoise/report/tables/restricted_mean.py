"""What a table of results says of restricted mean times: of each group, and their differences."""

from __future__ import annotations

from equipoise.analysis.results import Result
from equipoise.dates import DAYS_IN
from equipoise.protocol.definition import Analysis
from equipoise.report.labels import Labels, group_of, plural, time_label
from equipoise.report.numbers import estimate, level_text, p_value
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Row, missing

METHOD = "restricted mean"


def restricted_mean_rows(
    rows: Rows, name: str, plan: Analysis, groups: list[str], labels: Labels, used: list[Result]
) -> list[Row]:
    """The mean time without event up to a time by group; for each control the differences from it."""
    planned = plan.restricted_mean
    if planned is None or not any(row.statistic == "restricted_mean" for row in rows.of(name)):
        return []
    unit = labels.endpoint_of(plan).unit
    until = planned.until * DAYS_IN[unit]
    style = labels.protocol.report.style

    def found(statistic: str, group: str) -> Result | None:
        every = rows.all(name, statistic, group=group, variable=plan.endpoint, method=METHOD)
        return every[0] if every else None

    def printed(statistic: str, group: str) -> str:
        parts = [found(one, group) for one in (statistic, "lower", "upper")]
        used.extend(row for row in parts if row is not None)
        value, lower, upper = (
            None if row is None or row.value is None else row.value / DAYS_IN[unit] for row in parts
        )
        return missing(parts[0]) if value is None else estimate(value, lower, upper, 2, style)

    level, words = level_text(planned.confidence_level), time_label(until, unit)
    body = [
        Row(f"Restricted mean to {words}, {plural(unit)} ({level} CI)",
            tuple(printed("restricted_mean", group) for group in groups))
    ]  # fmt: skip
    for control in dict.fromkeys(one.control for one in plan.comparisons):
        pairs = {one.experimental: group_of(one) for one in plan.comparisons if one.control == control}
        differences, tests = [], []
        for group in groups:
            pair = pairs.get(group)
            differences.append("" if pair is None else printed("restricted_mean_difference", pair))
            p = None if pair is None else found("p_value_two_sided", pair)
            tests.append("" if p is None or p.value is None else p_value(p.value, style))
        versus = f"vs {labels.arm(control)}"
        body.append(
            Row(f"Difference of restricted means {versus}, {plural(unit)} ({level} CI)", tuple(differences))
        )
        body.append(Row(f"P value {versus} (restricted means, two-sided)", tuple(tests)))
    return body
