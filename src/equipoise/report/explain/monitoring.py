"""Sections 10.9 and 10.11: the group-sequential plans, the looks that were held, and the sample size."""

from __future__ import annotations

from equipoise.protocol.definition import Monitoring
from equipoise.report.explain.analyses import cutoff
from equipoise.report.explain.document import (
    NOT_STATED,
    Block,
    Inline,
    Missing,
    Paragraph,
    facts,
    grid,
)
from equipoise.report.explain.saying import (
    Saying,
    joined,
    marked,
    number,
    on_day,
    phrase,
    sentence_end,
    share,
    stated,
    text_blocks,
)


def interim_analyses(say: Saying, one: Monitoring) -> tuple[Block, ...]:
    """The boundaries of one plan and the looks that were held."""
    randomization = say.protocol.randomizations.get(one.randomization)
    efficacy: Inline | Block = Missing()
    if not isinstance(one.efficacy, str):
        spent = f"Spending of the type I error: {phrase(one.efficacy.spending)}"
        if one.efficacy.parameter is not None:
            spent += f", parameter {number(one.efficacy.parameter)}"
        efficacy = Paragraph(marked(f"{spent}; information: {one.efficacy.information}"))
    futility: Inline | Block = Missing()
    if not isinstance(one.futility, str):
        level = one.futility.level if isinstance(one.futility.level, str) else number(one.futility.level)
        futility = Paragraph(marked(f"{phrase(one.futility.rule)}; level: {level}"))
    plan = facts(
        title(say, one),
        [
            ("Randomization", (randomization.label if randomization else "") or "Randomization"),
            ("End point", say.labels.endpoint(one.endpoint)),
            ("Analysis", say.labels.analysis(one.analysis) if one.analysis else ""),
            ("Analyses, the final one included", stated(one.analyses)),
            ("Planned information fractions", stated(one.looks, lambda looks: ", ".join(map(number, looks)))),
            ("Boundary for efficacy", efficacy),
            ("Boundary for futility", futility),
            ("Stopping rule for adverse events", Missing() if one.safety == NOT_STATED else "Section 4.3"),
            ("The committee may also weigh", joined(one.considers, "; ")),
            ("Release of results", stated(one.release)),
            ("Data cutoffs", joined((cutoff(say, name) for name in one.cutoffs), "; ")),
            ("", (*text_blocks(one.detail), *say.source(one.source))),
        ],
    )
    if not one.held:
        return (plan,)
    rows = [
        (
            cutoff(say, look.cutoff),
            stated(look.held, on_day),
            stated(look.events),
            stated(look.critical_p, number),
            stated(look.decision, sentence_end),
        )
        for look in one.held
    ]
    head = ("Data cutoff", "Held", "Events", "Critical P value", "Decision")
    held = grid(f"Looks that were held: {title(say, one)}", head, rows, (1.3, 0.8, 0.5, 0.7, 2.2))
    return (plan, held, *say.sources((cutoff(say, look.cutoff) or "Look", look.source) for look in one.held))


def title(say: Saying, one: Monitoring) -> str:
    """What a plan is called: its own label, or that of its analysis or end point."""
    if one.label:
        return one.label
    return say.labels.analysis(one.analysis) if one.analysis else say.labels.endpoint(one.endpoint)


def sample_size(say: Saying, one: Monitoring) -> Block:
    """What the design of one comparison assumes."""
    unit = say.protocol.endpoints[one.endpoint].unit if one.endpoint in say.protocol.endpoints else "year"
    expected = stated(
        one.expected,
        lambda value: (
            f"{share(value.control)} with control and {share(value.experimental)} with experimental treatment "
            f"at {number(value.at)} {unit}{'' if value.at == 1 else 's'}"
        ),
    )
    return facts(
        title(say, one),
        [
            ("Type I error", stated(one.alpha, number)),
            ("Sided", stated(one.sided, lambda side: "one-sided" if side == 1 else "two-sided")),
            ("Power", stated(one.power, share)),
            ("Hazard ratio", stated(one.hazard_ratio, number)),
            ("Expected without event", expected),
            ("Participants", stated(one.subjects)),
            ("Events at full information", stated(one.events)),
            ("Why this effect", Paragraph(say.linked(one.rationale, prose=True)) if one.rationale else ""),
            ("", say.source(one.source)),
        ],
    )
