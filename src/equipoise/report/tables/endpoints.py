"""Tables of a time-to-event analysis: the result by arm, and first events by component."""

from __future__ import annotations

from equipoise.analysis.results import Result
from equipoise.dates import DAYS_IN
from equipoise.protocol.definition import Analysis, Endpoint, Protocol
from equipoise.report.labels import (
    ARM,
    OVERALL,
    Labels,
    by_of,
    listed,
    lower_first,
    pairs_of,
    patients,
    plural,
    time_label,
)
from equipoise.report.numbers import (
    NOT_APPLICABLE,
    NOT_REACHED,
    Style,
    count,
    duration,
    estimate,
    level_text,
    n_percent,
    p_value,
    percent_decimals,
    ranged,
)
from equipoise.report.rows import Rows
from equipoise.report.tables.incidence import gray_lines, incidence_notes, incidence_rows
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes, missing, warnings_of
from equipoise.report.tables.restricted_mean import restricted_mean_rows

LOG_RANK = ("log-rank", "stratified log-rank", "weighted log-rank", "stratified weighted log-rank")


def endpoint_table(protocol: Protocol, rows: Rows, name: str) -> Table | None:
    """The result of an analysis: events, estimates at planned times, medians, tests, hazard ratios."""
    plan = protocol.analyses[name]
    labels = Labels.of(protocol, plan)
    arms = labels.groups_in(by_of(plan), rows.groups(name))
    if not arms:
        return None
    style = protocol.report.style
    used: list[Result] = []
    body = [
        *_event_rows(rows, name, plan, arms, style),
        *_time_rows(rows, name, plan, arms, labels, used),
        *_median_rows(rows, name, plan, arms, labels, used),
        *restricted_mean_rows(rows, name, plan, arms, labels, used),
        *incidence_rows(rows, name, plan, arms, labels, used),
        *gray_lines(rows, name, plan, arms, labels, used),
        *_comparison_rows(rows, name, plan, arms, labels, used),
    ]
    columns = tuple(
        Column(labels.arm(arm), _size(rows.value(name, "n", group=arm, variable=plan.endpoint)))
        for arm in arms
    )
    drawn = ("curve", "points")
    machine = [row for row in rows.of(name) if row.subset == "all" and not row.method.startswith(drawn)]
    return Table(
        name=f"{name}-results", title=f"{labels.analysis(name)}, {lower_first(labels.population(plan.population))}", stub="Outcome",
        columns=columns, rows=tuple(body),
        footnotes=footnotes(_notes(rows, name, plan, labels), body, ["CI"], warnings_of(used), labels),
        csv_rows=csv_rows(machine, labels),
    )  # fmt: skip


def _size(n: float | None) -> str:
    """The second line of a column's head."""
    return "" if n is None else f"(N = {count(n)})"


def _event_rows(rows: Rows, name: str, plan: Analysis, arms: list[str], style: Style) -> list[Row]:
    """Patients with an event, of all; patients censored."""
    cells = []
    for arm in arms:
        n = rows.value(name, "n", group=arm, variable=plan.endpoint)
        events = rows.value(name, "events", group=arm, variable=plan.endpoint)
        known = n is not None and events is not None
        cells.append(n_percent(events or 0, n or 0, percent_decimals(n or 0)) if known else NOT_APPLICABLE)
    joint = ", No. (%)" if style == "jama" else " — no. (%)"
    return [Row(f"Patients with an event{joint}", tuple(cells))]


def _time_rows(
    rows: Rows, name: str, plan: Analysis, arms: list[str], labels: Labels, used: list[Result]
) -> list[Row]:
    """Kaplan-Meier estimates at the planned times, in percent."""
    endpoint = labels.endpoint_of(plan)
    interval = plan.kaplan_meier.interval
    body = []
    for time in plan.kaplan_meier.times:
        days = time * DAYS_IN[endpoint.unit]
        cells = []
        for arm in arms:
            found = _at(rows, name, "survival", arm, plan, interval, days)
            lower = _at(rows, name, "lower", arm, plan, interval, days)
            upper = _at(rows, name, "upper", arm, plan, interval, days)
            used.extend(row for row in (found, lower, upper) if row is not None)
            cells.append(_percentage(found, lower, upper, labels.protocol.report.style))
        body.append(Row(f"At {time_label(days, endpoint.unit)}", tuple(cells), 1))
    if not body:
        return []
    level = level_text(plan.kaplan_meier.confidence_level)
    return [Row(f"Kaplan–Meier estimate, % ({level} CI)"), *body]


def _at(
    rows: Rows, name: str, statistic: str, arm: str, plan: Analysis, method: str, days: float
) -> Result | None:
    """The row at a time; half a day is less than the distance of any two planned times."""
    found = rows.all(name, statistic, group=arm, variable=plan.endpoint, method=method)
    near = [row for row in found if row.at is not None and abs(row.at - days) < 0.5]
    return next((row for row in near if row.method == method), near[0] if near else None)


def _percentage(found: Result | None, lower: Result | None, upper: Result | None, style: Style) -> str:
    """An estimate between 0 and 1 as a percentage with its interval."""
    if found is None or found.value is None:
        return missing(found)
    limits = [None if row is None or row.value is None else 100 * row.value for row in (lower, upper)]
    return estimate(100 * found.value, limits[0], limits[1], 1, style)


def _median_rows(
    rows: Rows, name: str, plan: Analysis, arms: list[str], labels: Labels, used: list[Result]
) -> list[Row]:
    """Median times with their intervals."""
    endpoint = labels.endpoint_of(plan)
    cells = []
    for arm in arms:
        parts = [
            rows.one(name, statistic, group=arm, variable=plan.endpoint, method=plan.kaplan_meier.interval)
            for statistic in ("median", "median_lower", "median_upper")
        ]
        used.extend(row for row in parts if row is not None)
        text = [_duration(row, endpoint) for row in parts]
        limits = ranged(text[1], text[2], labels.protocol.report.style)
        cells.append(text[0] if set(text) == {NOT_REACHED} else f"{text[0]} ({limits})")
    if not any(rows.all(name, "median", group=arm, variable=plan.endpoint) for arm in arms):
        return []
    level = level_text(plan.kaplan_meier.confidence_level)
    return [Row(f"Median, {plural(endpoint.unit)} ({level} CI)", tuple(cells))]


def _duration(row: Result | None, endpoint: Endpoint) -> str:
    """A duration of a row in the end point's unit."""
    if row is None or row.value is None:
        return missing(row)
    return duration(row.value, endpoint.unit)


def _comparison_rows(
    rows: Rows, name: str, plan: Analysis, arms: list[str], labels: Labels, used: list[Result]
) -> list[Row]:
    """Hazard ratios and P values, a row for each control arm, in the column of the experimental arm."""
    body: list[Row] = []
    style = labels.protocol.report.style
    compared = pairs_of(plan, arms)
    for control in dict.fromkeys(control for _, control in compared):
        pairs = {one: f"{one} vs {control}" for one, other in compared if other == control}
        hazard, tests = [], []
        for arm in arms:
            group = pairs.get(arm)
            blank = "1 [Reference]" if style == "jama" else "1.00 (reference)"
            hazard.append(blank if arm == control else _hazard_ratio(rows, name, plan, group, style, used))
            tests.append("" if arm == control else _p_cell(rows, name, plan, group, style, used))
        versus = f" vs {labels.arm(control)}"
        if plan.cox is not None:
            level = level_text(plan.cox.confidence_level)
            body.append(Row(f"Hazard ratio{versus} ({level} CI)", tuple(hazard)))
        if any(tests):
            body.append(Row(f"P value{versus} ({_test_name(plan)})", tuple(tests)))
    overall = p_row(rows, name, plan, OVERALL)
    if overall is not None and overall.value is not None:
        kind = _test_name(plan).split(",")[0]
        every = "all arms" if by_of(plan) == ARM else "all groups"
        body.append(Row(f"P value, {every} ({kind})", (p_value(overall.value, style),), spanning=True))
    return body


def _test_name(plan: Analysis) -> str:
    """The test whose P value is shown."""
    if plan.log_rank is None:
        return "Cox model, two-sided"
    side = "one-sided" if plan.log_rank.sided == 1 else "two-sided"
    weighted = "" if plan.log_rank.weights is None else "weighted "
    return f"{'stratified ' if plan.log_rank.strata else ''}{weighted}log-rank, {side}"


def p_row(rows: Rows, name: str, plan: Analysis, group: str) -> Result | None:
    """The P value of the planned test: the log-rank test or, where none is planned, the Cox model's."""
    statistic = "p_value_two_sided"
    if plan.log_rank is not None and plan.log_rank.sided == 1 and group != OVERALL:
        statistic = "p_value_one_sided"
    for method in LOG_RANK if plan.log_rank is not None else ("Cox",):
        found = rows.one(name, statistic, group=group, variable=plan.endpoint, method=method)
        if found is not None:
            return found
    return None


def _p_cell(
    rows: Rows, name: str, plan: Analysis, group: str | None, style: Style, used: list[Result]
) -> str:
    """The P value of a comparison in its cell."""
    if group is None:
        return ""
    found = p_row(rows, name, plan, group)
    if found is None:
        return ""
    used.append(found)
    return missing(found) if found.value is None else p_value(found.value, style)


def _hazard_ratio(
    rows: Rows, name: str, plan: Analysis, group: str | None, style: Style, used: list[Result]
) -> str:
    """The hazard ratio of a comparison in its cell."""
    if group is None:
        return ""
    found = rows.one(name, "hazard_ratio", group=group, variable=plan.endpoint, method="Cox")
    if found is not None:
        used.append(found)
    if found is None or found.value is None:
        return missing(found)
    lower = rows.value(name, "lower", group=group, variable=plan.endpoint, method="Cox")
    upper = rows.value(name, "upper", group=group, variable=plan.endpoint, method="Cox")
    return estimate(found.value, lower, upper, 2, style)


def _notes(rows: Rows, name: str, plan: Analysis, labels: Labels) -> list[str]:
    """What the numbers of this table were computed with, as their rows say."""
    notes = []
    if any(row.statistic == "survival" and row.method == plan.kaplan_meier.interval for row in rows.of(name)):
        scale = "no" if plan.kaplan_meier.interval == "plain" else plan.kaplan_meier.interval
        notes.append(
            f"Intervals of the Kaplan–Meier estimates: {scale} transformation, Greenwood’s variance."
        )
    notes += incidence_notes(rows, name, plan, labels)
    notes += _competing_notes(rows, name, plan, labels)
    methods = {
        row.method
        for row in rows.of(name)
        if row.subset == "all"
        and row.statistic == "hazard_ratio"
        and not row.level
        and row.method.startswith("Cox")
    }
    if methods:
        named = "; ".join(sorted(described(method, labels) for method in methods))
        meaning = (
            "favors the experimental arm" if plan.comparisons else "is fewer events than in the reference"
        )
        notes.append(f"Hazard ratios: {named}; below 1 {meaning}.")
    if plan.log_rank is not None and plan.log_rank.strata:
        notes.append(f"Log-rank test stratified by {labels.factors(plan.log_rank.strata)}.")
    apart = rows.value(name, "n_missing", variable=plan.endpoint)
    if apart:
        factor = lower_first(labels.factor(by_of(plan)))
        notes.append(f"{count(apart)} {patients(apart)} without a value of {factor}: in no column.")
    return notes


def _competing_notes(rows: Rows, name: str, plan: Analysis, labels: Labels) -> list[str]:
    """What is cause-specific, because it censors patients at a competing event."""
    competing = labels.endpoint_of(plan).competing
    if not competing:
        return []
    events = listed([lower_first(labels.event(event)) for event in competing])
    if plan.cumulative_incidence is None:
        return [
            f"Patients with a competing event first ({events}) are censored there: the estimates and hazard ratios "
            "are cause-specific, and 1 minus the estimate is not the cumulative incidence."
        ]
    found = {row.statistic for row in rows.of(name)}
    censoring = [
        words for statistic, words in (
            ("survival", "Kaplan–Meier estimates"), ("observed", "log-rank tests"), ("hazard_ratio", "hazard ratios"),
        ) if statistic in found
    ]  # fmt: skip
    if not censoring:
        return []
    subject = listed(censoring)
    return [
        f"{subject[:1].upper()}{subject[1:]} are cause-specific: they censor patients at a competing event ({events})."
    ]


def described(method: str, labels: Labels) -> str:
    """A method of a row with the labels of the factors that it names by id."""
    parts = []
    for part in method.split(", "):
        named, verified, _ = part.partition(" as verified")
        words = named.split(" ")
        parts.append(" ".join([*words[:-1], _factor(words[-1], labels)]) + verified)
    return ", ".join(parts)


def _factor(word: str, labels: Labels) -> str:
    """A factor's label, or the word itself."""
    label = labels.factor(word)
    return word if label == word else lower_first(label)


def components_table(protocol: Protocol, rows: Rows, name: str) -> Table | None:
    """Which component came first; None for an end point of one event."""
    plan = protocol.analyses[name]
    labels = Labels.of(protocol, plan)
    endpoint = labels.endpoint_of(plan)
    if len(endpoint.events) + len(endpoint.competing) < 2:
        return None
    columns = labels.groups_in(by_of(plan), rows.groups(name))
    if _has_components(rows, name) and OVERALL not in columns:
        columns.append(OVERALL)
    sizes = {group: rows.value(name, "n", group=group, variable=plan.endpoint) for group in columns}

    def body(statistic: str, events: tuple[str, ...]) -> list[Row]:
        return [
            Row(labels.event(event), tuple(
                _component(rows, name, plan.endpoint, statistic, event, group, sizes[group]) for group in columns
            ), 1) for event in events
        ]  # fmt: skip

    joint = ", No. (%)" if protocol.report.style == "jama" else " — no. (%)"
    printed = [Row(f"First event{joint}"), *body("first_events", endpoint.events)]
    if endpoint.competing:
        printed += [Row(f"Competing event{joint}"), *body("competing_events", endpoint.competing)]
    machine = [row for row in rows.of(name) if row.statistic in ("first_events", "competing_events")]
    if not machine:
        return None
    return Table(
        name=f"{name}-components", title=f"First Events by Component, {labels.analysis(name)}", stub="Event",
        columns=tuple(Column(labels.arm(group), _size(sizes[group])) for group in columns),
        rows=tuple(printed), footnotes=footnotes(["Each patient is counted once, at the first event."], printed),
        csv_rows=csv_rows(machine, labels),
    )  # fmt: skip


def _has_components(rows: Rows, name: str) -> bool:
    """Whether first events were counted over all arms."""
    return any(row.statistic == "first_events" and row.group == OVERALL for row in rows.of(name))


def _component(
    rows: Rows, name: str, endpoint: str, statistic: str, event: str, group: str, size: float | None
) -> str:
    """n (%) of one component; an absent row is an event that nobody had."""
    n = rows.value(name, statistic, group=group, variable=endpoint, level=event) or 0.0
    return n_percent(n, size, percent_decimals(size)) if size else count(n)
