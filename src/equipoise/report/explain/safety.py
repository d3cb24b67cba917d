"""Section 9 and the tables of section 10.7: how adverse events are graded, told together, counted and shown."""

from __future__ import annotations

from equipoise.protocol.definition import AdverseEvents, AdverseEventTable
from equipoise.report.explain.document import (
    Block,
    Section,
    Strong,
    facts,
    grid,
    note,
    paragraph,
    words,
)
from equipoise.report.explain.saying import (
    NOTHING,
    Saying,
    joined,
    number,
    phrase,
    stated,
)

_KINDS = (
    ("special interest", "Adverse events of special interest"),
    ("of the treatment", "Adverse events known of the treatment, monitored for that reason"),
    ("composite", "Composites of several terms, for tables"),
)


def safety(say: Saying) -> Section:
    """Section 9."""
    title = (
        "Adverse Events, Serious Adverse Events, Product Complaints, Pregnancy and Postpartum Information, and "
        "Special Safety Situations"
    )
    plan = say.protocol.adverse_events
    if plan is None:
        return Section("9", title, (NOTHING,))
    emergent = say.given(
        plan, "treatment_emergent", phrase(plan.treatment_emergent), "Adverse events, treatment-emergent"
    )
    severe = say.given(plan, "severe_from", f"grade {plan.severe_from}", "Adverse events, severe from")
    own = (("Severe from", "severe_from", severe), ("Treatment-emergent", "treatment_emergent", emergent))
    definitions = facts(
        "Terms and grades",
        [
            ("Dictionary of terms", plan.dictionary),
            ("Grading", plan.grading),
            ("Graded by", stated(plan.graded_by)),
            ("Grades", "; ".join(f"{grade}, {label}" for grade, label in plan.grades.items())),
            *((label, text) for label, key, text in own if key in plan.model_fields_set),
            ("Expedited reporting", stated(plan.expedited)),
            ("", say.source(plan.source)),
        ],
    )
    silent = [f"{label.lower()}: {text}" for label, key, text in own if key not in plan.model_fields_set]
    assumed = (note("Of the language, not of a source: ", "; ".join(silent), "."),) if silent else ()
    parts = [Section("9.1", "Definitions", (definitions, *assumed))]
    blocks = _reporting(say, plan)
    if blocks:
        parts.append(Section("9.2", "Timing and Procedures for Collection and Reporting", blocks))
    return Section("9", title, (), tuple(parts))


def _reporting(say: Saying, plan: AdverseEvents) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if plan.periods:
        rows = [
            (
                one.label,
                joined((_course(say, name) for name in one.courses), "; "),
                say.labels.population(one.population),
            )
            for one in plan.periods.values()
        ]
        blocks.append(grid("Periods", ("Period", "Courses", "Among"), rows))
        blocks += say.sources((one.label, one.source) for one in plan.periods.values())
    for kind, title in _KINDS:
        chosen = [one for one in plan.special_interest.values() if one.kind == kind]
        if not chosen:
            continue
        named = [
            (
                Strong(one.label),
                say.rule(one.where, event=True),
                joined((say.labels.arm(arm) for arm in one.arms), "; "),
            )
            for one in chosen
        ]
        blocks.append(grid(title, ("Kind", "Events", "Monitored in"), named, (1.0, 2.6, 1.0)))
        blocks += say.sources((one.label, one.source) for one in chosen)
    return tuple(blocks)


def _course(say: Saying, name: str) -> str:
    return say.protocol.courses[name].label if name in say.protocol.courses else name


def safety_tables(say: Saying) -> tuple[Block, ...]:
    """The planned tables of adverse events."""
    plan = say.protocol.adverse_events
    if plan is None:
        return ()
    least = f"{number(plan.minimum_percent)}% of participants in any arm"
    about = paragraph(
        Strong("Main table: "),
        f"{say.labels.population(plan.population)}; terms shown from ",
        say.given(plan, "minimum_percent", least, "Main table of adverse events, terms shown from"),
        ".",
    )
    if not plan.tables:
        return (about,)
    rows = [
        (
            (
                *words(Strong(one.label)),
                *words(f"{say.labels.population(one.population)}; columns: {_columns(say, one)}"),
            ),
            _shown(say, one),
        )
        for one in plan.tables.values()
    ]
    table = grid("Other tables of adverse events", ("Table", "What is shown"), rows, (1.6, 2.2))
    return (about, table, *say.sources((one.label, one.source) for one in plan.tables.values()))


def _columns(say: Saying, one: AdverseEventTable) -> str:
    by = (
        "everyone in one column"
        if one.by is None
        else "arm"
        if one.by == "arm"
        else say.labels.factor(one.by)
    )
    return say.given(one, "by", by, "Other tables of adverse events, columns")


def _shown(say: Saying, one: AdverseEventTable) -> str:
    plan = say.protocol.adverse_events
    periods = {} if plan is None else plan.periods
    kinds = {} if plan is None else plan.special_interest
    what = "Other tables of adverse events"
    least = say.given(one, "minimum_percent", f"{number(one.minimum_percent)}%", f"{what}, terms shown from")
    lines = [
        ("kinds", joined((kinds[name].label for name in one.kinds if name in kinds), ", ")),
        ("periods", joined((periods[name].label for name in one.periods if name in periods), ", ")),
        ("counted among", say.given(one, "per", phrase(one.per), f"{what}, counted among")),
        ("terms shown from", least),
        ("columns of the lowest grades", joined(map(str, one.grades))),
        ("tested", say.given(one, "test", "yes" if one.test else "no", f"{what}, tested")),
    ]
    text = "; ".join(f"{label}: {value}" for label, value in lines if value)
    return f"{text[:1].upper()}{text[1:]}."
