"""Classifications and derived values: ordered rules, what unknown does to them, and which of them decide an assignment."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol
from equipoise.report.explain.conditions import columns_of
from equipoise.report.explain.document import (
    Block,
    Link,
    Paragraph,
    Section,
    Strong,
    bullets,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.drawings import classification_chart
from equipoise.report.explain.saying import Saying, sentence_end
from equipoise.report.labels import plural

ORDERED = (
    "The rules are ordered: the first that holds gives the class. A rule that cannot be decided, because a value is "
    "unknown, gives no class and lets no later rule apply."
)


def assignments(say: Saying) -> tuple[Block, ...]:
    """The classifications that decide who is assigned to what: those that a rule reads with a chart, strata without."""
    protocol = say.protocol
    drawn = _read_by_rules(protocol)
    names = [
        name
        for name, one in protocol.derived.items()
        if one.classes is not None and name in drawn | _strata(protocol)
    ]
    blocks: list[Block] = []
    for name in names:
        one = protocol.derived[name]
        rows = [
            (str(index), Strong(level.label), _class_rule(say, level.when))
            for index, level in enumerate((one.classes or {}).values(), 1)
        ]
        blocks.append(grid(one.label, ("Order", "Class", "If"), rows, (0.3, 1.2, 2.8)))
        if one.undecided:
            blocks.append(paragraph(Strong("Who may be left without one: "), one.undecided))
        blocks += say.source(one.source)
        if name in drawn:
            blocks.append(classification_chart(protocol, name, say.wording))
    return tuple(blocks)


def others(say: Saying, number: str) -> Section | None:
    """The derived items that decide no assignment, in one table."""
    protocol = say.protocol
    decided = _read_by_rules(protocol) | _strata(protocol)
    rows = []
    for name, one in protocol.derived.items():
        if one.classes is not None and name in decided:
            continue
        about: list[Block] = [*words(Strong(one.label))]
        if one.undecided:
            about.append(paragraph("Without one: ", sentence_end(one.undecided)))
        rows.append(((*about, *say.source(one.source)), _value(say, name)))
    if not rows:
        return None
    ordered = any(one.classes is not None for name, one in protocol.derived.items() if name not in decided)
    table = grid("Derived items", ("What", "Classes in their order, or value"), rows, (1.3, 2.6))
    blocks = (*((paragraph(ORDERED),) if ordered else ()), table)
    return Section(number, "Classifications and Derived Values", blocks)


def _read_by_rules(protocol: Protocol) -> set[str]:
    """The derived items that a randomization, a group or a way on of the path reads."""
    rules = [one.when for one in protocol.randomizations.values() if one.when is not None]
    rules += [one.when for one in protocol.groups.values()]
    for step in protocol.path.values():
        if step.next is not None and not isinstance(step.next, str):
            rules += [branch.when for branch in step.next if branch.when is not None]
        rules += [one.when for one in step.deviations.values() if one.when is not None]
    return columns_of(rules) & set(protocol.derived)


def _strata(protocol: Protocol) -> set[str]:
    named = [one.strata for one in protocol.randomizations.values() if not isinstance(one.strata, str)]
    return {name for strata in named for name in strata}


def _class_rule(say: Saying, rule: str) -> tuple[Block, ...]:
    return words("Everyone else") if rule.strip().lower() == "true" else say.rule(rule)


def _value(say: Saying, name: str) -> tuple[Block, ...]:
    one = say.protocol.derived[name]
    if say.wording.names.is_made_eligible(name):
        met = paragraph("All criteria of eligibility (", Link("Section 5", "section-5"), ") are met.")
        unknown = paragraph("Unknown where a criterion is unknown and none is known not to be met.")
        return (met, unknown)
    if one.classes is None:
        said = say.rule(one.value)
        if one.unit is None:
            return said
        first, *rest = said
        parts = first.parts if isinstance(first, Paragraph) else ()
        return (Paragraph((*parts, f", in {plural(one.unit)}")), *rest)
    lines = []
    for level in one.classes.values():
        lead = (Strong(level.label), ": ")
        everyone = level.when.strip().lower() == "true"
        lines.append((paragraph(*lead, "everyone else"),) if everyone else say.rule(level.when, lead=lead))
    return (bullets(lines, ordered=True),)
