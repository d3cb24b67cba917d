"""Classifications and derived values: ordered rules, what unknown does to them, and which of them decide an assignment."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol
from equipoise.report.explain.document import (
    Block,
    Link,
    Paragraph,
    Section,
    Strong,
    facts,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.drawings import classification_chart
from equipoise.report.explain.saying import Saying
from equipoise.report.explain.sentences import verbatim
from equipoise.report.explain.wording import columns_of

ORDERED = (
    "The rules are ordered: the first that holds gives the class. A rule that cannot be decided, because a value is "
    "unknown, gives no class and lets no later rule apply."
)


def deciding(protocol: Protocol) -> list[str]:
    """The derived items that a randomization, its strata, a group or a branch of the path reads."""
    rules = [one.when for one in protocol.randomizations.values() if one.when is not None]
    rules += [one.when for one in protocol.groups.values()]
    for step in protocol.path.values():
        if step.next is not None and not isinstance(step.next, str):
            rules += [branch.when for branch in step.next if branch.when is not None]
        rules += [one.when for one in step.deviations.values() if one.when is not None]
    read = columns_of(rules)
    for randomization in protocol.randomizations.values():
        if not isinstance(randomization.strata, str):
            read |= set(randomization.strata)
    return [name for name, one in protocol.derived.items() if name in read and one.classes is not None]


def classification(say: Saying, name: str, *, chart: bool = False) -> tuple[Block, ...]:
    """A derived item: its ordered rules as a table, or its value; and who may be left without a class."""
    one = say.protocol.derived[name]
    about: list[Block] = []
    if one.undecided:
        about.append(paragraph(Strong("Who may be left without one: "), one.undecided))
    about += say.source(one.source)
    if say.wording.names.is_made_eligible(name):
        met = paragraph(
            "All criteria of eligibility (",
            Link("Section 5", "section-5"),
            ") are met: yes. One is not met: no.",
        )
        unknown = paragraph("Unknown where a criterion is unknown and none is known not to be met.")
        return (facts(one.label, [("Value", (met, unknown))]),)
    if one.classes is None:
        unit = words(f"in {one.unit}") if one.unit else ()
        return (facts(one.label, [("Value", (*say.rule(one.value), *unit)), ("", about)]),)
    rows = []
    for index, level in enumerate(one.classes.values(), 1):
        everyone = level.when.strip().lower() == "true"
        rule: tuple[Block, ...] = (
            (Paragraph(("Everyone else",)), verbatim(level.when)) if everyone else say.rule(level.when)
        )
        rows.append((str(index), Strong(level.label), rule))
    table = grid(one.label, ("Order", "Class", "If"), rows, (0.35, 1.1, 2.8))
    return (*((classification_chart(say.protocol, name, say.wording),) if chart else ()), table, *about)


def others(say: Saying, number: str) -> Section | None:
    """The derived items that decide no assignment."""
    decided = set(deciding(say.protocol))
    names = [name for name in say.protocol.derived if name not in decided]
    if not names:
        return None
    blocks = [block for name in names for block in classification(say, name)]
    ordered = any(say.protocol.derived[name].classes is not None for name in names)
    return Section(
        number,
        "Classifications and Derived Values",
        (*((paragraph(ORDERED),) if ordered else ()), *blocks),
    )
