"""Section 5: who takes part."""

from __future__ import annotations

from equipoise.report.explain.document import Block, Section, Table, grid, paragraph
from equipoise.report.explain.saying import NOTHING, Saying, coded, stated, text_blocks

UNKNOWN = (
    "A participant takes part only if every criterion is known to be met: what is unknown is not met. Under each "
    "criterion stands what must be true, in words and as the protocol file writes it."
)


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
            parts.append(Section(number, title, (paragraph(UNKNOWN), table)))
    if protocol.dispositions.screening:
        blocks: list[Block] = [
            paragraph("Reasons coded for leaving before treatment or randomization:"),
            coded(protocol.dispositions.screening),
            *say.source(protocol.dispositions.source),
        ]
        parts.append(Section("5.6", "Screen Failure and Rescreening", tuple(blocks)))
    if not protocol.eligibility:
        parts.insert(1, Section("5.2", "Inclusion Criteria", (NOTHING,)))
    return Section("5", "Trial Population", (), tuple(parts))


def _criteria(say: Saying, title: str, *, exclusion: bool) -> Table | None:
    rows = [
        (
            str(number),
            (*text_blocks(one.text), *say.source(one.source)),
            say.rule(one.require),
        )
        for number, one in enumerate(say.protocol.eligibility.values(), 1)
        if one.exclusion is exclusion
    ]
    if not rows:
        return None
    return grid(title, ("No.", "Criterion", "Must be true"), rows, (0.3, 1.6, 1.7))
