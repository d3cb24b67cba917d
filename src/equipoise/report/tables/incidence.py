"""What a table of results says of cumulative incidence: estimates at planned times, Gray's test, and how."""

from __future__ import annotations

from equipoise.analysis.results import Result
from equipoise.dates import DAYS_IN
from equipoise.protocol.definition import Analysis, Endpoint
from equipoise.report.labels import (
    ARM,
    OVERALL,
    Labels,
    by_of,
    group_of,
    listed,
    lower_first,
    pairs_of,
    time_label,
)
from equipoise.report.numbers import NOT_ESTIMABLE, Style, estimate, fixed, level_text, p_value
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Row, missing

GRAY = "Gray"


def incidence_of(endpoint: Endpoint) -> str:
    """What has the incidence: the end point by its label, without words that say how it is analyzed."""
    label = endpoint.label
    if label.lower().startswith("cumulative incidence"):
        return label
    named = lower_first(label).removeprefix("time to ")
    return f"Cumulative incidence of {named}"


def incidence_rows(
    rows: Rows, name: str, plan: Analysis, groups: list[str], labels: Labels, used: list[Result]
) -> list[Row]:
    """The incidence at the planned times in percent: of the end point, then of each competing event."""
    planned = plan.cumulative_incidence
    if planned is None or not planned.times:
        return []
    endpoint = labels.endpoint_of(plan)
    level = level_text(planned.confidence_level)
    heads = [(incidence_of(endpoint), "")]
    heads += [
        (f"Competing: {lower_first(labels.event(event))}, cumulative incidence", event)
        for event in endpoint.competing
    ]
    body: list[Row] = []
    for head, component in heads:
        lines = []
        for time in planned.times:
            days = time * DAYS_IN[endpoint.unit]
            cells = tuple(
                _cell(rows, name, plan, group, component, days, labels.protocol.report.style, used) for group in groups
            )  # fmt: skip
            lines.append(Row(f"At {time_label(days, endpoint.unit)}", cells, 1))
        body += [Row(f"{head}, % ({level} CI)"), *lines]
    found = any(row.statistic == "cumulative_incidence" for row in rows.of(name))
    return body if found else []


def incidence_at(
    rows: Rows, name: str, plan: Analysis, group: str, statistic: str, days: float, component: str = ""
) -> Result | None:
    """The row of an incidence at a planned time; half a day is less than the distance of any two."""
    found = rows.all(
        name, statistic, group=group, variable=plan.endpoint, level=component, method="cumulative incidence,"
    )
    return next((row for row in found if row.at is not None and abs(row.at - days) < 0.5), None)


def _cell(
    rows: Rows,
    name: str,
    plan: Analysis,
    group: str,
    component: str,
    days: float,
    style: Style,
    used: list[Result],
) -> str:
    """An incidence in percent with its limits."""
    parts = [
        incidence_at(rows, name, plan, group, statistic, days, component)
        for statistic in ("cumulative_incidence", "lower", "upper")
    ]
    used.extend(row for row in parts if row is not None)
    value, lower, upper = (None if row is None or row.value is None else 100 * row.value for row in parts)
    if value is None:
        return missing(parts[0])
    if lower is None and upper is None:
        return f"{fixed(value, 1)} ({NOT_ESTIMABLE})"
    return estimate(value, lower, upper, 1, style)


def gray_rows(rows: Rows, name: str, plan: Analysis) -> list[tuple[str, Result]]:
    """The P values of Gray's test with the comparisons that they are of, or that of all groups."""
    groups = [group_of(comparison) for comparison in plan.comparisons] or [OVERALL]
    found = [
        (group, rows.one(name, "p_value_two_sided", group=group, variable=plan.endpoint, method=GRAY))
        for group in groups
    ]
    return [(group, row) for group, row in found if row is not None]


def gray_lines(
    rows: Rows, name: str, plan: Analysis, groups: list[str], labels: Labels, used: list[Result]
) -> list[Row]:
    """Gray's test: a row for each control arm with the P value below the experimental arm, or one of all groups."""
    style = labels.protocol.report.style
    tests = dict(gray_rows(rows, name, plan))
    used.extend(tests.values())

    def printed(group: str) -> str:
        row = tests.get(group)
        return "" if row is None else missing(row) if row.value is None else p_value(row.value, style)

    if OVERALL in tests:
        every = "all arms" if by_of(plan) == ARM else "all groups"
        return [Row(f"P value, {every} (Gray’s test)", (printed(OVERALL),), spanning=True)]
    body = []
    compared = pairs_of(plan, groups) if tests else []
    for control in dict.fromkeys(other for _, other in compared):
        pairs = {one: f"{one} vs {other}" for one, other in compared if other == control}
        cells = tuple(printed(pairs.get(group, "")) for group in groups)
        body.append(Row(f"P value vs {labels.arm(control)} (Gray’s test, two-sided)", cells))
    return body


def incidence_notes(rows: Rows, name: str, plan: Analysis, labels: Labels) -> list[str]:
    """How an incidence and its limits were computed, and beside what."""
    if not any(row.statistic == "cumulative_incidence" for row in rows.of(name)):
        return []
    return [
        f"Cumulative incidence by the Aalen–Johansen method beside {competing_words(plan, labels)}; intervals: log-log "
        "transformation, Aalen’s variance."
    ]


def competing_words(plan: Analysis, labels: Labels) -> str:
    """The competing events in a sentence."""
    events = labels.endpoint_of(plan).competing
    named = listed([lower_first(labels.event(event)) for event in events])
    return f"{named} as competing event{'s' if len(events) > 1 else ''}"
