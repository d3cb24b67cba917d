"""Section 4: arms and groups, the path step by step, why it is so, when the trial stops, starts and ends."""

from __future__ import annotations

from equipoise.report.explain.document import (
    NOT_STATED,
    Block,
    Inline,
    Link,
    Paragraph,
    Section,
    Strong,
    facts,
    grid,
    note,
    words,
)
from equipoise.report.explain.path import path_table
from equipoise.report.explain.saying import Saying, on_day, phrase, stated, text_blocks


def design(say: Saying) -> Section:
    """Section 4."""
    protocol = say.protocol
    blocks: list[Block] = [
        grid(
            "Arms",
            ("Arm", "Role", "Description"),
            [
                (_named(arm.label, arm.short), arm.role, text_blocks(arm.description))
                for arm in protocol.arms.values()
            ],
            (1.2, 0.7, 2.8),
        ),
        *say.sources((arm.short or arm.label, arm.source) for arm in protocol.arms.values()),
    ]
    if protocol.groups:
        rows = [
            (
                (*words(Strong(_named(one.label, one.short))), *say.source(one.source)),
                say.rule(one.when),
                text_blocks(one.description),
            )
            for one in protocol.groups.values()
        ]
        title = "Groups of participants who are treated by rule, without randomization"
        blocks.append(grid(title, ("Group", "Who", "Description"), rows, (1.2, 1.6, 1.6)))
    if protocol.path:
        blocks += path_table(say)
    parts = [Section("4.1", "Description of Trial Design", tuple(blocks))]
    reasons = [
        Paragraph((Strong(f"{one.label or 'Randomization'}: "), *say.linked(one.rationale, prose=True)))
        for one in protocol.randomizations.values()
        if one.rationale
    ]
    if reasons:
        parts.append(Section("4.2", "Rationale for Trial Design", tuple(reasons)))
    stops = _stopping(say)
    if stops:
        parts.append(Section("4.3", "Trial Stopping Rules", stops))
    parts.append(Section("4.4", "Start of Trial and End of Trial", _dates(say)))
    return Section("4", "Trial Design", (), tuple(parts))


def _named(label: str, short: str | None) -> str:
    """A label with its short form, unless it holds it already."""
    return f"{label} ({short})" if short and short.lower() not in label.lower() else label


def _stopping(say: Saying) -> tuple[Block, ...]:
    """What may stop a randomization: the boundaries by name, and the rule on adverse events in full."""
    blocks: list[Block] = []
    for one in say.protocol.monitoring.values():
        randomization = say.protocol.randomizations.get(one.randomization)
        label = (randomization.label if randomization else "") or "Randomization"
        kinds = [
            f"{name} ({phrase(rule)})" if rule != NOT_STATED else name
            for name, rule in (
                ("efficacy", "" if isinstance(one.efficacy, str) else one.efficacy.spending),
                ("futility", "" if isinstance(one.futility, str) else one.futility.rule),
            )
            if rule
        ]
        line: list[Inline] = [Strong(f"{label}: ")]
        if kinds:
            line.append(f"boundaries for {' and '.join(kinds)} on {say.labels.endpoint(one.endpoint)}")
            line += [" (", Link("Section 10.9", "section-10-9"), "). "]
        if one.safety != NOT_STATED:
            line += ["Adverse events: ", one.safety, "." if not one.safety.endswith(".") else ""]
        if len(line) > 1:
            blocks.append(Paragraph(tuple(part for part in line if part != "")))
    return tuple(blocks)


def _dates(say: Saying) -> tuple[Block, ...]:
    oversight = say.protocol.oversight
    rows: list[tuple[str, Inline | Block]] = [
        ("Enrollment opened", stated(oversight.opened, on_day)),
        ("Enrollment closed", stated(oversight.closed, on_day)),
    ]
    for one in say.protocol.randomizations.values():
        label = one.label or "Randomization"
        rows.append((f"{label}: randomization opened", stated(one.opened, on_day)))
        rows.append((f"{label}: randomization closed", stated(one.closed, on_day)))
    places = note(
        "Sources: ",
        Link("Section 11.2", "section-11-2"),
        " and ",
        Link("Section 6.7.2", "section-6-7-2"),
        ".",
    )
    return (facts("Dates", rows), places)
