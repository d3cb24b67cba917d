"""Sections 1 and 2: synopsis and schema; introduction."""

from __future__ import annotations

from equipoise.report.explain.document import (
    Block,
    Inline,
    Link,
    Section,
    Table,
    bullets,
    facts,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.drawings import trial_schema
from equipoise.report.explain.objectives import named
from equipoise.report.explain.saying import NOTHING, Saying, one_or_list, stated, text_blocks
from equipoise.report.explain.schedule import schedule


def protocol_summary(say: Saying) -> Section:
    """Section 1."""
    protocol = say.protocol
    synopsis = Section(
        "1.1",
        "Protocol Synopsis",
        text_blocks(protocol.summary),
        (
            Section("1.1.1", "Primary and Secondary Objectives and Estimands", _objectives(say)),
            Section("1.1.2", "Overall Design", (_overall(say),)),
        ),
    )
    return Section(
        "1",
        "Protocol Summary",
        (),
        (
            synopsis,
            Section("1.2", "Trial Schema", _schema(say)),
            Section("1.3", "Schedule of Activities", schedule(say) or (NOTHING,)),
        ),
    )


def introduction(say: Saying) -> Section:
    """Section 2: the statements on the background."""
    said = [
        block
        for one in say.protocol.background
        for block in (*text_blocks(one.text), *say.source(one.source))
    ]
    return Section("2", "Introduction", tuple(said) or (NOTHING,))


def _objectives(say: Saying) -> tuple[Block, ...]:
    """What is asked first and second; the rest stands in section 3."""
    protocol = say.protocol
    rows = []
    for role in ("primary", "secondary"):
        asked = [one.objective for one in protocol.estimands.values() if one.role == role]
        ends = [named(one) for one in protocol.endpoints.values() if one.role == role]
        ends += [one.label for one in protocol.proportions.values() if one.role == role]
        if asked or ends:
            rows.append((role.capitalize(), one_or_list(asked), one_or_list(ends)))
    more: tuple[Inline, ...] = ("All objectives and end points: ", Link("Section 3", "section-3"), ".")
    table = grid("Objectives and end points", ("Role", "Objective", "End points"), rows, (0.6, 2.0, 1.2))
    return (*((table,) if rows else ()), paragraph(*more))


def _overall(say: Saying) -> Table:
    protocol = say.protocol
    arms = [f"{arm.label} ({arm.role})" for arm in protocol.arms.values()]
    planned = [
        words(
            [
                paragraph(
                    f"{one.label or 'Randomization'}: ",
                    stated(one.planned, lambda count: f"{count} participants"),
                )
            ]
        )
        for one in protocol.randomizations.values()
    ]
    return facts(
        "Overall design",
        [
            ("Condition", stated(protocol.condition)),
            ("Arms", one_or_list(arms)),
            ("Groups without randomization", one_or_list([one.label for one in protocol.groups.values()])),
            ("Planned to be randomized", planned[0] if len(planned) == 1 else bullets(planned)),
            ("Masking", stated(protocol.masking)),
            ("Sites, countries and committee", paragraph(Link("Section 11", "section-11"))),
        ],
    )


def _schema(say: Saying) -> tuple[Block, ...]:
    """The path as a drawing; without a path, who is randomized among which arms."""
    drawn = trial_schema(say.protocol, say.wording)
    if drawn:
        return drawn
    rows = [
        (one.label or "Randomization", one_or_list([say.labels.arm(arm) for arm in one.arms]))
        for one in say.protocol.randomizations.values()
    ]
    return (grid("Randomizations and their arms", ("Randomization", "Arms"), rows),)
