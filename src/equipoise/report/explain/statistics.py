"""Section 10: populations, baseline tables, planned analyses, safety tables, interim analyses, sample size."""

from __future__ import annotations

from equipoise.protocol.definition import (
    AdverseEventTable,
    Analysis,
    Baseline,
    BaselineItem,
    CutoffDate,
    Monitoring,
    Proportion,
)
from equipoise.report.explain.document import (
    Block,
    Inline,
    Section,
    Strong,
    bullets,
    facts,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.estimates import cox_words, incidence_words, kaplan_meier_words, log_rank_words
from equipoise.report.explain.saying import (
    Saying,
    comparison_words,
    given,
    joined,
    number,
    on_day,
    one_or_list,
    phrase,
    share,
    stated,
    text_blocks,
)
from equipoise.report.numbers import level_text

_ANALYSES = (
    ("10.4", "primary", "Analyses Associated with the Primary Objective(s)"),
    ("10.5", "secondary", "Analyses Associated with the Secondary Objective(s)"),
    ("10.6", "exploratory", "Analyses Associated with Exploratory Objective(s)"),
)
DEFAULTS = (
    "“(default)” marks what the language of the protocol file assumes where the file itself says nothing."
)


def statistics(say: Saying) -> Section:
    """Section 10."""
    protocol = say.protocol
    parts = [
        Section("10.1", "General Considerations", (paragraph(DEFAULTS), *_cutoffs(say))),
        Section("10.2", "Analysis Sets", (_populations(say),)),
    ]
    if protocol.baselines:
        title = "Analyses of Demographics and Other Baseline Variables"
        tables = tuple(block for one in protocol.baselines.values() for block in _baseline(say, one))
        parts.append(Section("10.3", title, tables))
    for place, role, title in _ANALYSES:
        plans = [
            _analysis(say, name, one)
            for name, one in protocol.analyses.items()
            if protocol.endpoints[one.endpoint].role == role
        ]
        plans += _proportions(say, [one for one in protocol.proportions.values() if one.role == role])
        if plans:
            parts.append(Section(place, title, tuple(plans)))
    if protocol.adverse_events is not None:
        parts.append(Section("10.7", "Safety Analyses", _safety(say)))
    if protocol.tables:
        rows = [
            (
                (*words(Strong(one.label)), *say.source(one.source)),
                say.labels.population(one.population),
                _factor(say, one.rows),
                given(one, "columns", _factor(say, one.columns)),
                _factor(say, one.by) if one.by else "",
                _cutoff(say, one.cutoff),
            )
            for one in protocol.tables.values()
        ]
        head = ("Table", "Population", "Rows", "Columns", "One for each", "Data cutoff")
        table = grid("Planned tables of counts", head, rows, (1.5, 1.1, 1.1, 1.1, 0.7, 1.1))
        parts.append(Section("10.8", "Other Analyses", (table,)))
    if protocol.monitoring:
        plans = [_monitoring(say, one) for one in protocol.monitoring.values()]
        parts.append(Section("10.9", "Interim Analyses", tuple(plans)))
        sizes = [_size(say, one) for one in protocol.monitoring.values()]
        parts.append(Section("10.11", "Sample Size Determination", tuple(sizes)))
    return Section("10", "Statistical Considerations", (), tuple(parts))


def _cutoffs(say: Saying) -> tuple[Block, ...]:
    if not say.protocol.cutoffs:
        return ()
    rows = [
        (
            (*words(one.label), *say.source(one.source)),
            on_day(one.on),
            "" if one.recorded_by is None else on_day(one.recorded_by),
        )
        for one in say.protocol.cutoffs.values()
    ]
    return (grid("Data cutoffs", ("Cutoff", "Last day included", "Recorded by"), rows, (1.6, 1, 1)),)


def _cutoff(say: Saying, name: str | None) -> str:
    if name is None:
        return ""
    one: CutoffDate | None = say.protocol.cutoffs.get(name)
    return name if one is None else f"{one.label} ({on_day(one.on)})"


def _populations(say: Saying) -> Block:
    rows = []
    for one in say.protocol.populations.values():
        counted = given(one, "arm", phrase(one.arm))
        about = (*words(one.label), *words(f"Counted {counted}."), *say.source(one.source))
        rows.append((about, text_blocks(one.definition), say.rule(one.require)))
    return grid("Populations", ("Population", "Definition", "Who is in it"), rows, (1.2, 1.4, 1.8))


def _factor(say: Saying, name: str) -> str:
    """An item, or the arm."""
    return "arm" if name == "arm" else say.labels.factor(name)


def _baseline(say: Saying, one: Baseline) -> tuple[Block, ...]:
    about = facts(
        one.label or "Baseline table",
        [
            ("Population", say.labels.population(one.population)),
            ("Columns", given(one, "by", _factor(say, one.by))),
            ("Column of everyone", given(one, "overall", "yes" if one.overall else "no")),
            ("Decimals of percentages", stated(one.decimals)),
            ("", say.source(one.source)),
        ],
    )
    rows = [(say.labels.factor(item.item), _summary(say, item)) for item in one.items]
    title = f"{one.label or 'Baseline table'}: variables"
    return (about, grid(title, ("Variable", "Shown as"), rows, (1.3, 1.5)))


def _summary(say: Saying, one: BaselineItem) -> str:
    """How a variable is summarized: only numbers have a mean or a median; levels are counted."""
    name = one.item
    item, derived = say.protocol.items.get(name), say.protocol.derived.get(name)
    counted = derived.classes is not None if derived is not None else item is not None and item.type not in (
        "integer", "decimal",
    )  # fmt: skip
    if counted:
        return given(one, "percent_of", f"number, and percentage of {phrase(one.percent_of)}")
    return given(one, "show", joined(map(phrase, one.show), "; "))


# -- efficacy ----------------------------------------------------------------------------------------


def _analysis(say: Saying, name: str, one: Analysis) -> Block:
    end = say.protocol.endpoints[one.endpoint]
    unit = end.unit
    figure = (
        f"until {number(one.figure.until)} {unit}s, a mark every {number(one.figure.every)}"
        if one.figure
        else ""
    )
    return facts(
        say.labels.analysis(name),
        [
            ("End point", end.label),
            ("Population", say.labels.population(one.population)),
            ("Comparisons", one_or_list(comparison_words(say.labels, one.comparisons))),
            ("By levels of", _factor(say, one.by) if one.by else ""),
            (
                "Kaplan–Meier estimates",
                given(one, "kaplan_meier", kaplan_meier_words(one.kaplan_meier, unit)),
            ),
            ("Cumulative incidence", incidence_words(one.cumulative_incidence, unit)),
            ("Log-rank test", log_rank_words(say, one)),
            ("Cox model", cox_words(say, one)),
            ("Subgroups", one_or_list([say.labels.factor(name) for name in one.subgroups])),
            ("Proportional hazards examined by", one_or_list(list(one.diagnostics))),
            ("Significant below", "" if one.threshold is None else stated(one.threshold, number)),
            ("Data cutoff", _cutoff(say, one.cutoff)),
            ("Figure", figure),
            ("", say.source(one.source)),
        ],
    )


def _proportions(say: Saying, plans: list[Proportion]) -> list[Block]:
    if not plans:
        return []
    rows = []
    for one in plans:
        lines: list[tuple[str, Inline]] = [("Population", say.labels.population(one.population))]
        lines += [("Comparison", text) for text in comparison_words(say.labels, one.comparisons)]
        if one.by:
            lines.append(("By levels of", _factor(say, one.by)))
        for label, value in (
            ("Test", one.test),
            ("Difference", one.difference),
            ("Odds ratio", one.odds_ratio),
        ):
            if value is not None:
                lines.append((label, stated(value, phrase)))
        if one.covariates:
            lines.append(("Covariates", joined((say.labels.factor(name) for name in one.covariates), "; ")))
        lines.append(("Confidence level", given(one, "confidence_level", level_text(one.confidence_level))))
        if one.threshold is not None:
            lines.append(("Significant below", stated(one.threshold, number)))
        if one.cutoff:
            lines.append(("Data cutoff", _cutoff(say, one.cutoff)))
        how = tuple(paragraph(f"{label}: ", value) for label, value in lines)
        rows.append(((*words(Strong(one.label)), *say.source(one.source)), say.rule(one.response), how))
    return [
        paragraph(
            "The proportion of participants for whom the rule is true. Unknown is not true: such participants count in "
            "the denominator alone."
        ),
        grid("Proportions", ("Proportion", "Participants for whom", "Analyzed"), rows, (1.1, 1.5, 1.5)),
    ]


# -- safety ------------------------------------------------------------------------------------------


def _safety(say: Saying) -> tuple[Block, ...]:
    plan = say.protocol.adverse_events
    if plan is None:
        return ()
    about = facts(
        "Main table of adverse events",
        [
            ("Population", say.labels.population(plan.population)),
            (
                "Terms shown from",
                given(plan, "minimum_percent", f"{number(plan.minimum_percent)}% of participants in any arm"),
            ),
        ],
    )
    if not plan.tables:
        return (about,)
    rows = [
        (
            (*words(Strong(one.label)), *say.source(one.source)),
            say.labels.population(one.population),
            given(one, "by", "one column of everyone" if one.by is None else _factor(say, one.by)),
            _events_shown(say, one),
        )
        for one in plan.tables.values()
    ]
    head = ("Table", "Population", "Columns", "What is shown")
    return (about, grid("Other tables of adverse events", head, rows, (1.4, 1.1, 1.0, 1.7)))


def _events_shown(say: Saying, one: AdverseEventTable) -> tuple[Block, ...]:
    plan = say.protocol.adverse_events
    periods = {} if plan is None else plan.periods
    kinds = {} if plan is None else plan.special_interest
    lines = [
        ("Periods", joined((periods[name].label for name in one.periods if name in periods), "; ")),
        ("Counted among", given(one, "per", phrase(one.per))),
        ("Terms shown from", given(one, "minimum_percent", f"{number(one.minimum_percent)}%")),
        ("A column for each lowest grade", joined(map(str, one.grades))),
        ("Kinds", joined((kinds[name].label for name in one.kinds if name in kinds), "; ")),
        ("Test", given(one, "test", "yes" if one.test else "no")),
    ]
    return tuple(paragraph(f"{label}: {text}") for label, text in lines if text)


# -- monitoring --------------------------------------------------------------------------------------


def _title(say: Saying, one: Monitoring) -> str:
    if one.label:
        return one.label
    return say.labels.analysis(one.analysis) if one.analysis else say.labels.endpoint(one.endpoint)


def _monitoring(say: Saying, one: Monitoring) -> Block:
    randomization = say.protocol.randomizations.get(one.randomization)
    efficacy = (
        words(stated(one.efficacy))
        if isinstance(one.efficacy, str)
        else (
            paragraph("Spending of the type I error: ", stated(one.efficacy.spending, phrase)),
            *(
                ()
                if one.efficacy.parameter is None
                else words(f"Parameter of the spending function: {number(one.efficacy.parameter)}")
            ),
            paragraph("Information: ", stated(one.efficacy.information)),
        )
    )
    futility = (
        words(stated(one.futility))
        if isinstance(one.futility, str)
        else (
            paragraph("Rule: ", stated(one.futility.rule, phrase)),
            paragraph("Level: ", stated(one.futility.level, number)),
        )
    )
    return facts(
        _title(say, one),
        [
            ("Randomization", (randomization.label if randomization else "") or "Randomization"),
            ("End point", say.labels.endpoint(one.endpoint)),
            ("Analysis", say.labels.analysis(one.analysis) if one.analysis else ""),
            ("Analyses, the final one included", stated(one.analyses)),
            ("Planned information fractions", stated(one.looks, lambda looks: ", ".join(map(number, looks)))),
            ("Boundary for efficacy", efficacy),
            ("Boundary for futility", futility),
            ("Stopping rule for adverse events", stated(one.safety)),
            ("The committee also considers", bullets(one.considers) if one.considers else ""),
            ("Release of results", stated(one.release)),
            ("Data cutoffs", one_or_list([_cutoff(say, name) for name in one.cutoffs])),
            ("", (*text_blocks(one.detail), *say.source(one.source))),
        ],
    )


def _size(say: Saying, one: Monitoring) -> Block:
    unit = say.protocol.endpoints[one.endpoint].unit if one.endpoint in say.protocol.endpoints else "year"
    expected = stated(
        one.expected,
        lambda value: (
            f"{share(value.control)} with control and {share(value.experimental)} with experimental treatment "
            f"at {number(value.at)} {unit}{'' if value.at == 1 else 's'}"
        ),
    )
    return facts(
        _title(say, one),
        [
            ("Type I error", stated(one.alpha, number)),
            ("Sided", stated(one.sided, lambda side: "one-sided" if side == 1 else "two-sided")),
            ("Power", stated(one.power, share)),
            ("Hazard ratio", stated(one.hazard_ratio, number)),
            ("Expected without event", expected),
            ("Participants", stated(one.subjects)),
            ("Events at full information", stated(one.events)),
        ],
    )
