"""Sections 1 and 2: synopsis, schema, schedule of activities; introduction."""

from __future__ import annotations

from equipoise.protocol.definition import Item, Protocol
from equipoise.report.explain.document import (
    Block,
    Section,
    Table,
    bullets,
    facts,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.drawings import trial_schema
from equipoise.report.explain.saying import NOTHING, Saying, joined, one_or_list, stated, text_blocks

MARK = "●"
MATRIX_COLUMNS = 9  # more visits than this are listed, one below the other


def protocol_summary(say: Saying) -> Section:
    """Section 1."""
    protocol = say.protocol
    synopsis = Section(
        "1.1",
        "Protocol Synopsis",
        text_blocks(protocol.summary),
        (
            Section("1.1.1", "Primary and Secondary Objectives and Estimands", (_objectives(say),)),
            Section("1.1.2", "Overall Design", (_overall(say),)),
        ),
    )
    schedule = _schedule(say)
    return Section(
        "1",
        "Protocol Summary",
        (),
        (
            synopsis,
            Section("1.2", "Trial Schema", _schema(say)),
            Section("1.3", "Schedule of Activities", schedule or (NOTHING,)),
        ),
    )


def introduction(say: Saying) -> Section:
    """Section 2: the language has no place for the background, the risks and the benefits."""
    return Section("2", "Introduction", (NOTHING,))


def _objectives(say: Saying) -> Block:
    protocol = say.protocol
    rows = []
    for role in ("primary", "secondary", "exploratory"):
        asked = [one.objective for one in protocol.estimands.values() if one.role == role]
        ends = [
            f"{one.label} ({one.short})" if one.short else one.label
            for one in protocol.endpoints.values()
            if one.role == role
        ]
        shares = [one.label for one in protocol.proportions.values() if one.role == role]
        if asked or ends or shares:
            rows.append((role.capitalize(), one_or_list(asked), one_or_list([*ends, *shares])))
    return grid("Objectives and end points", ("Role", "Objective", "End points"), rows, (0.7, 1.6, 1.6))


def _overall(say: Saying) -> Table:
    protocol = say.protocol
    oversight = protocol.oversight
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
            ("Sites", stated(oversight.sites, str)),
            ("Countries", stated(oversight.countries, joined)),
            ("Committee", stated(oversight.committee)),
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


# -- schedule of activities --------------------------------------------------------------------------


def _schedule(say: Saying) -> tuple[Block, ...]:
    protocol = say.protocol
    activities = _activities(protocol)
    used = {when for _, at in activities for when in at}
    moments = [
        name for name in ("baseline", *protocol.visits, "ongoing") if name in used or name in protocol.visits
    ]
    if not activities and not moments:
        return ()
    heads = {"baseline": "Baseline", "ongoing": "Ongoing"} | {
        name: visit.label for name, visit in protocol.visits.items()
    }
    legend = [
        "Baseline: the last value until treatment starts." if "baseline" in moments else "",
        "Ongoing: whenever it becomes known; the last value counts." if "ongoing" in moments else "",
    ]
    note = paragraph(" ".join([f"{MARK} recorded or evaluated.", *filter(None, legend)]))
    if len(moments) > MATRIX_COLUMNS:
        rows = [
            (heads[moment], one_or_list([label for label, at in activities if moment in at]))
            for moment in moments
        ]
        return (grid("Schedule of activities", ("When", "What is recorded or evaluated"), rows, (1, 2.6)),)
    windows = [(*[""] * 1, *(_window(protocol, moment) for moment in moments))]
    rows_of = [
        (words(label), *(words(MARK if moment in at else "") for moment in moments))
        for label, at in activities
    ]
    if any(any(row) for row in windows):
        rows_of.insert(0, (words("Window, days before and after"), *(words(cell) for cell in windows[0][1:])))
    table = Table(
        "Schedule of activities",
        ("Activity", *(heads[moment] for moment in moments)),
        tuple(rows_of),
        (3.2, *(1.0 for _ in moments)),
        "matrix",
    )
    return (table, note)


def _window(protocol: Protocol, moment: str) -> str:
    visit = protocol.visits.get(moment)
    if visit is None or isinstance(visit.window, str):
        return ""
    before, after = visit.window
    return f"−{before} to +{after}" if before else f"0 to +{after}"


def _activities(protocol: Protocol) -> list[tuple[str, set[str]]]:
    """What is done, and at which moments; one line for an item of several visits."""
    rows: dict[str, set[str]] = {}
    for name, item in protocol.items.items():
        at = item.collected if isinstance(item.collected, str) else ""
        rows.setdefault(_family(protocol, name, item), set()).add(at)
    for name, visit in protocol.visits.items():
        for text in visit.evaluates:
            rows.setdefault(text, set()).add(name)
    return list(rows.items())


def _family(protocol: Protocol, name: str, item: Item) -> str:
    """The label that items of several visits share; an item's own label for any other."""
    visit = item.collected if isinstance(item.collected, str) else ""
    if visit in protocol.visits and name.endswith(f"_{visit}"):
        at = protocol.visits[visit].label
        return item.label.removesuffix(f", {at[:1].lower()}{at[1:]}")
    return item.label
