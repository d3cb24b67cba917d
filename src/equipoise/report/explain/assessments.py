"""Section 8: visits, assays, what is recorded and derived."""

from __future__ import annotations

from equipoise.protocol.definition import Assay, Item, Visit
from equipoise.report.explain.classifications import others
from equipoise.report.explain.document import (
    NOT_STATED,
    Block,
    Inline,
    Missing,
    Paragraph,
    Section,
    Strong,
    Table,
    grid,
    note,
    paragraph,
)
from equipoise.report.explain.names import family
from equipoise.report.explain.saying import (
    NOTHING,
    Saying,
    joined,
    number,
    one_or_list,
    phrase,
    share,
    yes_no,
)
from equipoise.report.labels import lower_first, plural


def assessments(say: Saying) -> Section:
    """Section 8."""
    protocol = say.protocol
    parts = []
    general = (*_visits(say), *_assays(say))
    if general:
        parts.append(Section("8.1", "Trial Assessments and Procedures Considerations", general))
    places = (
        ("8.2", "Screening/Baseline Assessments and Procedures", "Recorded at baseline", ("baseline",)),
        ("8.9", "Recorded at Visits", "Recorded at visits", tuple(protocol.visits)),
        ("8.10", "Recorded at Any Time", "Recorded whenever it becomes known", ("ongoing",)),
    )
    for place, title, caption, moments in places:
        items = {name: item for name, item in protocol.items.items() if item.collected in moments}
        if items:
            parts.append(Section(place, title, _items(say, caption, items)))
    derived = others(say, "8.11")
    if derived is not None:
        parts.append(derived)
    return Section("8", "Trial Assessments and Procedures", () if parts else (NOTHING,), tuple(parts))


def _visits(say: Saying) -> tuple[Block, ...]:
    visits = list(say.protocol.visits.values())
    if not visits:
        return ()
    rows = [(one.label, _window(one), joined(one.evaluates, "; ")) for one in visits]
    silent = [one.label for one in visits if isinstance(one.window, str)]
    which = "any visit" if len(silent) == len(visits) else "; ".join(silent)
    missing = (note("The window around the planned day is ", Missing(), f" of {which}."),) if silent else ()
    table = grid("Visits", ("Visit", "Window", "Evaluated"), rows, (1.0, 1.0, 2.6))
    return (table, *missing, *say.sources((one.label, one.source) for one in visits))


def _window(one: Visit) -> str:
    if isinstance(one.window, str):
        return ""
    before, after = one.window
    return f"from {before} days before to {after} days after the planned day"


def _assays(say: Saying) -> tuple[Block, ...]:
    assays = list(say.protocol.assays.values())
    if not assays:
        return ()
    rows = [(Strong(one.label), _measured(one)) for one in assays]
    table = grid("Assays", ("Assay", "How it is measured"), rows, (1.0, 3.2))
    return (table, *say.sources((one.label, one.source) for one in assays))


def _measured(one: Assay) -> tuple[Block, ...]:
    """What is said of an assay in one paragraph, and in one more what is not."""
    sensitivity = one.sensitivity
    said = [
        ("method", one.method),
        ("specimen", one.specimen),
        *([("performed by", one.performed_by)] if one.performed_by else []),
        ("laboratory", one.laboratory),
        (
            "sensitivity",
            sensitivity
            if isinstance(sensitivity, str)
            else f"{number(sensitivity)} of cells ({share(sensitivity)})",
        ),
        ("laboratory masked to the arm", one.masked if isinstance(one.masked, str) else yes_no(one.masked)),
        ("panels", "; ".join(one.panels)),
    ]
    known = [f"{label}: {value}" for label, value in said if value not in ("", NOT_STATED)]
    silent = [label for label, value in said if value == NOT_STATED]
    lines: list[Block] = []
    if known:
        text = ". ".join(line[:1].upper() + line[1:] for line in known)
        lines.append(paragraph(f"{text}."))
    if silent:
        start: tuple[Inline, ...] = (f"{', '.join(silent)[:1].upper()}{', '.join(silent)[1:]}: ", Missing())
        lines.append(Paragraph(start))
    return tuple(lines)


def _items(say: Saying, title: str, items: dict[str, Item]) -> tuple[Block, ...]:
    """What is recorded, a row each; the same item of several visits is one row."""
    protocol = say.protocol
    rows: dict[str, tuple[str, Item, list[str]]] = {}
    for name, item in items.items():
        label, visit = family(protocol, name)
        at = visit or (
            protocol.visits[str(item.collected)].label if item.collected in protocol.visits else ""
        )
        alike = repr(item.model_copy(update={"label": label, "collected": ""}))
        rows.setdefault(alike, (label, item, []))[2].append(at)
    table: Table = grid(
        title,
        ("What", "At", "Value", "May be unavailable because"),
        [
            (
                label,
                "; ".join([at[0], *map(lower_first, at[1:])]) if any(at) else "",
                _value(say, item),
                one_or_list([", ".join(item.unavailable)] if item.unavailable else []),
            )
            for label, item, at in rows.values()
        ],
        (1.4, 1.1, 2.0, 1.1),
    )
    return (table, *say.sources((lower_first(label), item.source) for label, item, _ in rows.values()))


def _value(say: Saying, one: Item) -> str:
    """The type of an item with all that is declared of its values."""
    parts = [phrase(one.type)]
    if one.unit:
        parts.append(f"in {plural(one.unit)}")
    if one.range is not None:
        parts.append(f"from {number(one.range[0])} to {number(one.range[1])}")
    if one.detection_limit is not None:
        parts.append(f"detection limit {number(one.detection_limit)}")
    assay = say.protocol.assays.get(one.assay or "")
    if assay is not None:
        parts.append(f"by {lower_first(assay.label)}")
    labels = "; ".join((one.choices or {}).values())
    line = ", ".join(parts)
    return f"{line}: {labels}" if labels else line
