"""Section 5: who takes part."""

from __future__ import annotations

from equipoise.report.explain.document import Block, Section, Strong, grid, paragraph
from equipoise.report.explain.saying import NOTHING, Saying, sentence_end, stated, text_blocks

MUST = "A participant takes part only if every criterion is known to be met; beside each stands what must be true."


def population(say: Saying) -> Section:
    """Section 5: condition, criteria, screen failure."""
    protocol = say.protocol
    parts = [
        Section(
            "5.1",
            "Description of Trial Population and Rationale",
            (paragraph("Condition: ", stated(protocol.condition)),),
        )
    ]
    for number, title, exclusion in (
        ("5.2", "Inclusion Criteria", False),
        ("5.3", "Exclusion Criteria", True),
    ):
        table = _criteria(say, title, exclusion=exclusion)
        if table is not None:
            parts.append(Section(number, title, table))
    if protocol.dispositions.screening:
        blocks: list[Block] = [
            paragraph(
                Strong("Reasons coded for leaving before treatment or randomization: "),
                sentence_end("; ".join(protocol.dispositions.screening.values())),
            ),
            *say.source(protocol.dispositions.source),
        ]
        parts.append(Section("5.6", "Screen Failure and Rescreening", tuple(blocks)))
    if not protocol.eligibility:
        parts.insert(1, Section("5.2", "Inclusion Criteria", (NOTHING,)))
    return Section("5", "Trial Population", (), tuple(parts))


def _criteria(say: Saying, title: str, *, exclusion: bool) -> tuple[Block, ...] | None:
    chosen = [
        (str(number), one)
        for number, one in enumerate(say.protocol.eligibility.values(), 1)
        if one.exclusion is exclusion
    ]
    if not chosen:
        return None
    rows = [(number, text_blocks(one.text), say.rule(one.require)) for number, one in chosen]
    table = grid(title, ("No.", "Criterion", "Must be true"), rows, (0.25, 1.8, 1.6))
    return (paragraph(MUST), table, *say.sources((number, one.source) for number, one in chosen))
