"""Sections 3 and 4: objectives and estimands, end points and events; the design."""

from __future__ import annotations

from equipoise.protocol.definition import Endpoint, Estimand
from equipoise.report.explain.document import (
    Block,
    Inline,
    Link,
    Missing,
    Section,
    Strong,
    bullets,
    facts,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.path import path_table
from equipoise.report.explain.saying import (
    NOTHING,
    Saying,
    given,
    on_day,
    one_or_list,
    phrase,
    stated,
    text_blocks,
)

_ROLES = (
    ("primary", "Primary Objective(s) and Associated Estimand(s)"),
    ("secondary", "Secondary Objective(s) and Associated Estimand(s)"),
    ("exploratory", "Exploratory Objective(s)"),
)


def objectives(say: Saying) -> Section:
    """Section 3: each role with its estimands and end points; then the events that end points count."""
    parts = []
    for index, (role, title) in enumerate(_ROLES, 1):
        blocks: list[Block] = []
        for estimand in say.protocol.estimands.values():
            if estimand.role == role:
                blocks.append(_estimand(say, estimand))
        for endpoint in say.protocol.endpoints.values():
            if endpoint.role == role:
                blocks.append(_endpoint(say, endpoint))
        shares = [one.label for one in say.protocol.proportions.values() if one.role == role]
        if shares:
            blocks += [
                paragraph(
                    "End points that are proportions; ",
                    Link("Section 10", "section-10"),
                    " says how they are analyzed:",
                ),
                bullets(shares),
            ]
        if blocks:
            parts.append(Section(f"3.{index}", title, tuple(blocks)))
    events = _events(say)
    if events:
        parts.append(Section("3.4", "Events That End Points Count", events))
    return Section(
        "3", "Trial Objectives and Associated Estimands", () if parts else (NOTHING,), tuple(parts)
    )


def _estimand(say: Saying, one: Estimand) -> Block:
    protocol = say.protocol
    variable = one.variable
    label = (
        protocol.endpoints[variable].label
        if variable in protocol.endpoints
        else protocol.proportions[variable].label
        if variable in protocol.proportions
        else variable
    )
    if isinstance(one.intercurrent_events, str):
        events: Inline | Block = Missing()
    else:
        events = bullets(
            (
                paragraph(f"{event.label}: ", stated(event.strategy)),
                *text_blocks(event.detail),
                *say.source(event.source),
            )
            for event in one.intercurrent_events.values()
        )
    analysis = ""
    if one.analysis is not None:
        analysis = (
            protocol.proportions[one.analysis].label
            if one.analysis in protocol.proportions
            else say.labels.analysis(one.analysis)
        )
    return facts(
        "Estimand",
        [
            ("Objective", one.objective),
            ("Treatment", one.treatment),
            ("Population", one.population),
            ("Variable", label),
            ("Intercurrent events and their strategies", events),
            ("Population-level summary", one.summary),
            ("Analysis", analysis),
            ("", say.source(one.source)),
        ],
    )


def origin_words(say: Saying, one: Endpoint) -> str:
    """The origin of an end point: a fixed one, an event, or an item that is a date."""
    if one.origin in say.protocol.events:
        return f"first day of: {say.labels.event(one.origin)}"
    if one.origin in say.protocol.items:
        return say.labels.factor(one.origin)
    return phrase(one.origin)


def _endpoint(say: Saying, one: Endpoint) -> Block:
    name = f"{one.label} ({one.short})" if one.short else one.label
    return facts(
        f"End point: {name}",
        [
            ("Definition", one.definition or ""),
            ("From", given(one, "origin", origin_words(say, one))),
            ("To the first of", one_or_list([say.labels.event(event) for event in one.events])),
            ("Competing events", one_or_list([say.labels.event(event) for event in one.competing])),
            ("Without an event, counted until", given(one, "censored_at", phrase(one.censored_at))),
            ("Time counts", given(one, "count_days", phrase(one.count_days))),
            ("Shown in", given(one, "unit", f"{one.unit}s")),
            ("", say.source(one.source)),
        ],
    )


def _events(say: Saying) -> tuple[Block, ...]:
    rows = []
    for event in say.protocol.events.values():
        visit = say.protocol.visits.get(event.visit or "")
        where = "" if visit is None else visit.label
        ends = "ends the participant’s time in the trial" if event.terminal else ""
        rows.append(
            (
                words([*words(event.label), *words(ends), *say.source(event.source)]),
                where,
                say.rule(event.when),
            )
        )
    return (
        (grid("Events", ("Event", "Established at", "Established if"), rows, (1.6, 0.8, 1.6)),)
        if rows
        else ()
    )


# -- design ------------------------------------------------------------------------------------------


def design(say: Saying) -> Section:
    """Section 4: arms and groups, the path step by step, when the trial starts and ends."""
    protocol = say.protocol
    arms = grid(
        "Arms",
        ("Arm", "Role", "Description"),
        [
            (
                f"{arm.label} ({arm.short})" if arm.short and arm.short != arm.label else arm.label,
                arm.role,
                (*text_blocks(arm.description), *say.source(arm.source)),
            )
            for arm in protocol.arms.values()
        ],
        (1.2, 0.7, 2.4),
    )
    blocks: list[Block] = [arms]
    if protocol.groups:
        blocks.append(
            grid(
                "Groups of participants who are treated by rule, without randomization",
                ("Group", "Who", "Description"),
                [
                    (
                        f"{one.label} ({one.short})" if one.short and one.short != one.label else one.label,
                        say.rule(one.when),
                        (*text_blocks(one.description), *say.source(one.source)),
                    )
                    for one in protocol.groups.values()
                ],
                (1.0, 1.5, 1.8),
            )
        )
    if protocol.path:
        blocks += path_table(say)
    parts = [Section("4.1", "Description of Trial Design", tuple(blocks))]
    stops = [
        (
            Strong(
                say.labels.analysis(one.analysis)
                if one.analysis
                else one.label or say.labels.endpoint(one.endpoint)
            ),
            one.safety,
        )
        for one in protocol.monitoring.values()
        if one.safety != "not stated"
    ]
    rules = [paragraph(label, ": ", text) for label, text in stops]
    if protocol.monitoring:
        rules.append(paragraph("Boundaries and planned looks: ", Link("Section 10.9", "section-10-9"), "."))
        parts.append(Section("4.3", "Trial Stopping Rules", tuple(rules)))
    parts.append(Section("4.4", "Start of Trial and End of Trial", (_dates(say),)))
    return Section("4", "Trial Design", (), tuple(parts))


def _dates(say: Saying) -> Block:
    oversight = say.protocol.oversight
    rows: list[tuple[str, Inline | Block]] = [
        ("Enrollment opened", stated(oversight.opened, on_day)),
        ("Enrollment closed", stated(oversight.closed, on_day)),
    ]
    for one in say.protocol.randomizations.values():
        label = one.label or "Randomization"
        rows.append((f"{label}: randomization opened", stated(one.opened, on_day)))
        rows.append((f"{label}: randomization closed", stated(one.closed, on_day)))
    return facts("Dates", rows)
