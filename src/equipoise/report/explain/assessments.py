"""Sections 8 and 9: visits, assays, what is recorded and derived; adverse events."""

from __future__ import annotations

from equipoise.protocol.definition import AdverseEvents, Assay, Item, Visit
from equipoise.report.explain.classifications import others
from equipoise.report.explain.document import (
    Block,
    Missing,
    Mono,
    Section,
    Strong,
    bullets,
    facts,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.saying import (
    NOTHING,
    Saying,
    given,
    number,
    one_or_list,
    phrase,
    share,
    stated,
    yes_no,
)


def assessments(say: Saying) -> Section:
    """Section 8."""
    protocol = say.protocol
    parts = []
    general: list[Block] = []
    if protocol.visits:
        rows = [
            (
                (*words(Strong(one.label)), *say.source(one.source)),
                _window(one),
                one_or_list(list(one.evaluates)),
            )
            for one in protocol.visits.values()
        ]
        general.append(grid("Visits", ("Visit", "Window", "Also evaluated"), rows, (1.4, 0.8, 1.8)))
    general += [_assay(say, one) for one in protocol.assays.values()]
    if general:
        parts.append(Section("8.1", "Trial Assessments and Procedures Considerations", tuple(general)))
    collected: dict[str, list[str]] = {}
    for name, item in protocol.items.items():
        collected.setdefault(str(item.collected), []).append(name)
    if "baseline" in collected:
        table = _items(
            say, "Recorded at baseline: the last value until treatment starts", collected["baseline"]
        )
        parts.append(Section("8.2", "Screening/Baseline Assessments and Procedures", (table,)))
    visits = [name for name in protocol.visits if name in collected]
    if visits:
        tables = tuple(_items(say, protocol.visits[name].label, collected[name]) for name in visits)
        parts.append(Section("8.9", "Recorded at Visits", tables))
    if "ongoing" in collected:
        title = "Recorded whenever it becomes known; the last value counts"
        parts.append(Section("8.10", "Recorded at Any Time", (_items(say, title, collected["ongoing"]),)))
    derived = others(say, "8.11")
    if derived is not None:
        parts.append(derived)
    return Section("8", "Trial Assessments and Procedures", () if parts else (NOTHING,), tuple(parts))


def _window(one: Visit) -> tuple[Block, ...]:
    if isinstance(one.window, str):
        return words(Missing())
    before, after = one.window
    return words(f"from {before} days before to {after} days after the planned day")


def _assay(say: Saying, one: Assay) -> Block:
    return facts(
        f"Assay: {one.label}",
        [
            ("Method", stated(one.method)),
            ("Laboratory", stated(one.laboratory)),
            (
                "Sensitivity",
                stated(one.sensitivity, lambda value: f"{number(value)} of cells ({share(value)})"),
            ),
            ("Laboratory masked to the arm", stated(one.masked, yes_no)),
            ("Panels", one_or_list(list(one.panels))),
            ("", say.source(one.source)),
        ],
    )


def _items(say: Saying, title: str, names: list[str]) -> Block:
    rows = []
    for name in names:
        one = say.protocol.items[name]
        rows.append(
            (
                (*words(Strong(one.label)), *words(Mono(name))),
                (*_value(say, one), *say.source(one.source)),
                one_or_list(list(one.unavailable)),
            )
        )
    return grid(title, ("What", "Value", "May be unavailable because"), rows, (1.5, 2.2, 1.0))


def _value(say: Saying, one: Item) -> tuple[Block, ...]:
    """The type of an item with all that is declared of its values."""
    parts = [phrase(one.type)]
    if one.unit:
        parts.append(f"in {one.unit}")
    if one.range is not None:
        parts.append(f"from {number(one.range[0])} to {number(one.range[1])}")
    if one.detection_limit is not None:
        parts.append(f"detection limit {number(one.detection_limit)}")
    line = ", ".join(parts)
    assay = say.protocol.assays.get(one.assay or "")
    measured = () if assay is None else words(f"Assay: {assay.label}")
    labels = list((one.choices or {}).values())
    if not labels:
        return (*words(line), *measured)
    if sum(map(len, labels)) < 90:
        return (*words(f"{line}: {'; '.join(labels)}"), *measured)
    return (paragraph(f"{line}:"), bullets(labels), *measured)


# -- adverse events ----------------------------------------------------------------------------------


def safety(say: Saying) -> Section:
    """Section 9."""
    title = (
        "Adverse Events, Serious Adverse Events, Product Complaints, Pregnancy and Postpartum Information, and "
        "Special Safety Situations"
    )
    plan = say.protocol.adverse_events
    if plan is None:
        return Section("9", title, (NOTHING,))
    grades = grid(
        "Grades", ("Grade", "Meaning"), [(grade, label) for grade, label in plan.grades.items()], (0.4, 3)
    )
    definitions = facts(
        "Terms and grades",
        [
            ("Dictionary of terms", plan.dictionary),
            ("Grading", plan.grading),
            ("Severe from", given(plan, "severe_from", f"grade {plan.severe_from}")),
            ("Treatment-emergent", given(plan, "treatment_emergent", phrase(plan.treatment_emergent))),
            ("", say.source(plan.source)),
        ],
    )
    parts = [
        Section("9.1", "Definitions", (definitions, grades)),
        Section("9.2", "Timing and Procedures for Collection and Reporting", _reporting(say, plan)),
    ]
    return Section("9", title, (), tuple(parts))


def _reporting(say: Saying, plan: AdverseEvents) -> tuple[Block, ...]:
    blocks: list[Block] = [paragraph("Expedited reporting: ", stated(plan.expedited))]
    if plan.periods:
        rows = [
            (
                (*words(one.label), *say.source(one.source)),
                one_or_list([_course(say, name) for name in one.courses]),
                say.labels.population(one.population),
            )
            for one in plan.periods.values()
        ]
        blocks.append(grid("Periods", ("Period", "Courses", "Among"), rows))
    if plan.special_interest:
        rows_of = [
            (
                (*words(one.label), *say.source(one.source)),
                say.rule(one.where, event=True),
                one_or_list([say.labels.arm(arm) for arm in one.arms]),
            )
            for one in plan.special_interest.values()
        ]
        blocks.append(
            grid(
                "Adverse events of special interest",
                ("Kind", "Events", "Monitored in"),
                rows_of,
                (1.0, 2.4, 1.0),
            )
        )
    return tuple(blocks)


def _course(say: Saying, name: str) -> str:
    return say.protocol.courses[name].label if name in say.protocol.courses else name
