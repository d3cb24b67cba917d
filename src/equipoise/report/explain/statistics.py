"""Section 10: what holds for all analyses, populations, baseline tables; analyses, tables and looks stand in modules of their own."""

from __future__ import annotations

from equipoise.protocol.definition import Baseline, BaselineItem, Population
from equipoise.report.explain.analyses import (
    analyses_table,
    factor,
    methods_table,
    proportions_tables,
    tabulations,
)
from equipoise.report.explain.conditions import columns_of, conditions
from equipoise.report.explain.document import (
    Block,
    Inline,
    Link,
    Paragraph,
    Section,
    Strong,
    facts,
    grid,
    note,
    paragraph,
    words,
)
from equipoise.report.explain.monitoring import interim_analyses, sample_size
from equipoise.report.explain.safety import safety_tables
from equipoise.report.explain.saying import (
    Saying,
    joined,
    marked,
    on_day,
    phrase,
    ranges,
    stated,
    text_blocks,
)

_ANALYSES = (
    ("10.4", "primary", "Analyses Associated with the Primary Objective(s)"),
    ("10.5", "secondary", "Analyses Associated with the Secondary Objective(s)"),
    ("10.6", "exploratory", "Analyses Associated with Exploratory Objective(s)"),
)
_RANDOMIZED = {"randomized", "randomization", "randomized_on", "arm"}


def statistics(say: Saying) -> Section:
    """Section 10."""
    protocol = say.protocol
    parts = [
        Section("10.1", "General Considerations", _general(say)),
        Section("10.2", "Analysis Sets", _populations(say)),
    ]
    if protocol.baselines:
        title = "Analyses of Demographics and Other Baseline Variables"
        parts.append(Section("10.3", title, _baselines(say)))
    for place, role, title in _ANALYSES:
        blocks = (*analyses_table(say, role), *proportions_tables(say, role))
        if blocks:
            parts.append(Section(place, title, blocks))
    if protocol.adverse_events is not None:
        parts.append(Section("10.7", "Safety Analyses", safety_tables(say)))
    others = [
        ("Post Hoc Analyses", (*analyses_table(say, "post hoc"), *proportions_tables(say, "post hoc"))),
        ("Counts in the Reports", proportions_tables(say, "descriptive")),
        ("Tables of Counts", tabulations(say)),
    ]
    shown = [(title, blocks) for title, blocks in others if blocks]
    if shown:
        inner = tuple(Section(f"10.8.{index}", *one) for index, one in enumerate(shown, 1))
        parts.append(Section("10.8", "Other Analyses", (), inner))
    if protocol.monitoring:
        looks = [block for one in protocol.monitoring.values() for block in interim_analyses(say, one)]
        parts.append(Section("10.9", "Interim Analyses", tuple(looks)))
        sizes = [sample_size(say, one) for one in protocol.monitoring.values()]
        parts.append(Section("10.11", "Sample Size Determination", tuple(sizes)))
    return Section("10", "Statistical Considerations", (), tuple(parts))


def _general(say: Saying) -> tuple[Block, ...]:
    plan = say.protocol.statistics
    about = facts(
        "All analyses",
        [
            ("Software", stated(plan.software)),
            ("Multiplicity", stated(plan.multiplicity)),
            ("Missing outcomes", stated(plan.missing)),
            ("", say.source(plan.source)),
        ],
    )
    blocks: list[Block] = [about, *say.statements(plan.statements)]
    if say.protocol.cutoffs:
        cutoffs = say.protocol.cutoffs.values()
        rows = [
            (one.label, on_day(one.on), "" if one.recorded_by is None else on_day(one.recorded_by))
            for one in cutoffs
        ]
        blocks.append(grid("Data cutoffs", ("Cutoff", "Last day included", "Recorded by"), rows, (1.6, 1, 1)))
        blocks += say.sources((one.label, one.source) for one in cutoffs)
    blocks += methods_table(say)
    where: tuple[Inline, ...] = (
        "What the language assumes where the file is silent: ", Link("Section 12.5", "section-12-5"), ".",
    )  # fmt: skip
    return (*blocks, note(*where))


# -- populations -------------------------------------------------------------------------------------


def _populations(say: Saying) -> tuple[Block, ...]:
    populations = say.protocol.populations
    parts = {name: conditions(one.require) for name, one in populations.items()}
    rows = []
    counted: dict[str, list[str]] = {}
    for index, (name, one) in enumerate(populations.items(), 1):
        rows.append((str(index), Strong(one.label), text_blocks(one.definition), _who(say, name, one, parts)))
        how = say.given(one, "arm", phrase(one.arm), "Populations, counted by the arm")
        if one.arm == "planned" and not _needs_randomization(parts[name]):
            how = f"{how}, as far as they were" if "arm" in one.model_fields_set else ""
        counted.setdefault(how, []).append(str(index))
    counted.pop("", None)  # nothing is said of them, and they may have no arm
    head = ("No.", "Population", "Definition", "Who is in it")
    table = grid("Populations", head, rows, (0.25, 1.2, 1.5, 1.9))
    arms = "; ".join(f"{how}: {ranges(numbers)}" for how, numbers in counted.items())
    lines = (note("Counted by the arm ", arms, "."),) if arms else ()
    sources = say.sources((str(index), one.source) for index, one in enumerate(populations.values(), 1))
    return (table, *lines, *sources)


def _needs_randomization(parts: list[str]) -> bool:
    """Whether a rule lets in only who was randomized."""
    return any(
        columns_of([part]) & _RANDOMIZED and not part.upper().startswith(("NOT ", "COALESCE")) and " OR " not in part
        and " IS NULL" not in part
        for part in parts
    )  # fmt: skip


def _who(say: Saying, name: str, one: Population, parts: dict[str, list[str]]) -> tuple[Block, ...]:
    """The rule in words; where it is that of another population and more, by what it adds."""
    mine = set(parts[name])
    wider = [other for other, its in parts.items() if other != name and len(its) > 1 and set(its) < mine]
    if not wider:
        return say.rule(one.require)
    base = max(wider, key=lambda other: len(parts[other]))
    added = " and ".join(part for part in parts[name] if part not in parts[base])
    first, *rest = say.wording.blocks(added, lead=(f"Of “{say.labels.population(base)}”: ",))
    inline = first.parts if isinstance(first, Paragraph) else ()
    return (Paragraph((*inline, "\u00a0", say.reference(one.require))), *rest)


# -- baseline tables ---------------------------------------------------------------------------------


def _baselines(say: Saying) -> tuple[Block, ...]:
    rows = []
    for one in say.protocol.baselines.values():
        columns = say.given(one, "by", factor(say, one.by), "Baseline tables, columns")
        overall = say.given(
            one, "overall", "yes" if one.overall else "no", "Baseline tables, a column of everyone"
        )
        about = f"{say.labels.population(one.population)}; columns: {columns}; a column of everyone: {overall}; decimals of percentages: {one.decimals}"
        rows.append(
            ((*words(Strong(one.label or "Baseline table")), Paragraph(marked(about))), _variables(say, one))
        )
    sources = say.sources(
        (one.label or "Baseline table", one.source) for one in say.protocol.baselines.values()
    )
    return (
        grid("Baseline tables", ("Table", "Variables, and how they are shown"), rows, (1.3, 2.4)),
        *sources,
    )


def _variables(say: Saying, one: Baseline) -> tuple[Block, ...]:
    shown: dict[str, list[str]] = {}
    for item in one.items:
        shown.setdefault(_summary(say, item), []).append(say.labels.factor(item.item))
    return tuple(
        paragraph(Strong(f"{how[:1].upper()}{how[1:]}: "), "; ".join(names), ".")
        for how, names in shown.items()
    )


def _summary(say: Saying, one: BaselineItem) -> str:
    """How a variable is summarized: only numbers have a mean or a median; levels are counted."""
    name = one.item
    item, derived = say.protocol.items.get(name), say.protocol.derived.get(name)
    counted = derived.classes is not None if derived is not None else item is not None and item.type not in (
        "integer", "decimal",
    )  # fmt: skip
    if counted:
        text = f"number, and percentage of {phrase(one.percent_of)}"
        return say.given(one, "percent_of", text, "Baseline tables, levels")
    return say.given(one, "show", joined(map(phrase, one.show), "; "), "Baseline tables, numbers")
