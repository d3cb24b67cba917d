"""Sections 6 and 7: drugs, courses, randomization, the rules that decide the assignment; discontinuation."""

from __future__ import annotations

from equipoise.protocol.definition import Randomization
from equipoise.report.explain.classifications import ORDERED, assignments
from equipoise.report.explain.courses import course_blocks
from equipoise.report.explain.document import (
    Block,
    Inline,
    Missing,
    Section,
    Strong,
    bullets,
    facts,
    grid,
    paragraph,
)
from equipoise.report.explain.path import reason
from equipoise.report.explain.saying import (
    NOTHING,
    Saying,
    one_or_list,
    sentence_end,
    stated,
    text_blocks,
)


def intervention(say: Saying) -> Section:
    """Section 6."""
    protocol = say.protocol
    parts = []
    if protocol.drugs:
        drugs = grid(
            "Drugs",
            ("Drug", "Role", "Description"),
            [(one.label, stated(one.role), text_blocks(one.description)) for one in protocol.drugs.values()],
            (1.0, 0.8, 2.8),
        )
        sources = say.sources((one.label, one.source) for one in protocol.drugs.values())
        parts.append(Section("6.1", "Description of Investigational Trial Intervention", (drugs, *sources)))
    if protocol.courses:
        title = "Investigational Trial Intervention Administration"
        parts.append(Section("6.3", title, course_blocks(say)))
    assignment = assignments(say)
    allocation = [
        *(
            [Section("6.7.1", "Participant Assignment", (paragraph(ORDERED), *assignment))]
            if assignment
            else []
        ),
        Section(
            "6.7.2",
            "Randomization",
            tuple(_randomization(say, one) for one in protocol.randomizations.values()),
        ),
        Section("6.7.3", "Measures to Maintain Blinding", _masking(say)),
    ]
    parts.append(Section("6.7", "Assignment, Randomization and Masking", (), tuple(allocation)))
    return Section("6", "Trial Intervention and Concomitant Therapy", (), tuple(parts))


def _masking(say: Saying) -> tuple[Block, ...]:
    """The masking of the trial, then of each randomization that says something of its own."""
    protocol = say.protocol
    own = [one for one in protocol.randomizations.values() if one.masking != "not stated"]
    return (
        paragraph("Masking of the trial: ", stated(protocol.masking)),
        *(paragraph(f"{one.label or 'Randomization'}: ", stated(one.masking)) for one in own),
    )


# -- randomization -----------------------------------------------------------------------------------


def _randomization(say: Saying, one: Randomization) -> Block:
    ratio = stated(
        one.ratio, lambda ratio: "; ".join(f"{say.labels.arm(arm)} {share}" for arm, share in ratio.items())
    )
    stated_factors = () if isinstance(one.strata, str) else one.strata
    factors = [_stratum(say, name) for name in stated_factors]
    factors += [f"{factor} (levels not stated)" for factor in one.stratified_by]
    strata: Inline | Block = bullets(factors) if factors else "none"
    if not factors and isinstance(one.strata, str):
        strata = Missing()
    when: Inline | tuple[Block, ...] = say.rule(one.when) if one.when is not None else "all participants"
    return facts(
        one.label or "Randomization",
        [
            ("Who", when),
            ("Arms", one_or_list([say.labels.arm(arm) for arm in one.arms])),
            ("Ratio", ratio),
            ("Strata", strata),
            ("Method", stated(one.method)),
            ("Sizes of blocks", stated(one.blocks, lambda sizes: ", ".join(map(str, sizes)))),
            ("Planned", stated(one.planned, lambda count: f"{count} participants")),
            ("Masking", stated(one.masking)),
            ("Closed because", one.closed_because or ""),
            ("", say.source(one.source)),
        ],
    )


def _stratum(say: Saying, name: str) -> str:
    if name not in say.protocol.items and name not in say.protocol.derived:
        return say.wording.names.label(name)
    if name in say.protocol.derived:  # its classes stand in Section 6.7.1
        return say.labels.factor(name)
    levels = "; ".join(say.protocol.factor_levels(name).values())
    return f"{say.labels.factor(name)} ({levels})"


# -- discontinuation ---------------------------------------------------------------------------------


def discontinuation(say: Saying) -> Section:
    """Section 7: the coded reasons, by stage."""
    reasons = say.protocol.dispositions
    parts = []
    for name, title, entries in (
        ("7.1", "Discontinuation of Trial Intervention for Individual Participants", reasons.treatment),
        ("7.2", "Participant Discontinuation or Withdrawal from the Trial", reasons.follow_up),
    ):
        if entries:
            listed = sentence_end("; ".join(entries.values()))
            blocks = (paragraph(Strong("Coded reasons: "), listed), *say.source(reasons.source))
            parts.append(Section(name, title, blocks))
    final = "; ".join(dict.fromkeys(reason(say, code) for code in reasons.final))
    ends = (
        (paragraph(Strong("Reasons with which follow-up ends, too: "), sentence_end(final)),) if final else ()
    )
    title = "Participant Discontinuation of Trial Intervention and Discontinuation or Withdrawal from Trial"
    return Section("7", title, ends if parts or ends else (NOTHING,), tuple(parts))
