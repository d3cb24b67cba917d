"""Section 11: oversight, consent, departures from the path."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from equipoise.protocol.definition import Consent
from equipoise.report.explain.appendices import versions_table
from equipoise.report.explain.document import (
    Block,
    Inline,
    Link,
    Missing,
    Section,
    Strong,
    facts,
    grid,
    note,
    paragraph,
    words,
)
from equipoise.report.explain.path import step_label
from equipoise.report.explain.saying import Saying, joined, ranges, stated, stated_list, yes_no


def oversight(say: Saying) -> Section:
    """Section 11."""
    protocol, plan = say.protocol, say.protocol.oversight
    parts = [
        Section(
            "11.1",
            "Regulatory and Ethical Considerations",
            (facts("Review", [("Review boards", stated_list(plan.review))]),),
        ),
        Section(
            "11.2",
            "Trial Oversight",
            (
                facts(
                    "Sites and enrollment",
                    [
                        ("Sites", stated(plan.sites)),
                        ("Countries", stated(plan.countries, joined)),
                        ("Dates", paragraph(Link("Section 4.4", "section-4-4"))),
                        ("Enrolled", stated(plan.enrolled, lambda count: f"{count} participants")),
                        ("", say.source(plan.source)),
                    ],
                ),
            ),
        ),
    ]
    if protocol.consents:
        parts.append(Section("11.3", "Informed Consent Process", tuple(_consents(say))))
    committee = facts(
        "Data and safety monitoring committee",
        [("Committee", stated(plan.committee)), ("Meetings", stated(plan.meetings))],
    )
    parts.append(Section("11.4", "Committees", (committee,)))
    deviations = _deviations(say)
    if deviations:
        parts.append(Section("11.10", _ways_title(say), deviations))
    return Section("11", "Trial Oversight and Other General Considerations", (), tuple(parts))


SIDE_BY_SIDE = 3  # consents that stand beside each other as columns


def _consents(say: Saying) -> Iterator[Block]:
    """Consents beside each other, a few at a time; then the versions of each."""
    consents = list(say.protocol.consents.values())
    for start in range(0, len(consents), SIDE_BY_SIDE):
        some = consents[start : start + SIDE_BY_SIDE]
        rows: list[tuple[str, Callable[[Consent], Inline]]] = [
            ("Form", lambda one: stated(one.form)),
            ("Given by", lambda one: stated(one.given_by, lambda who: " or ".join(who))),
            ("Assent of a child", lambda one: stated(one.assent)),
            ("The text must say", lambda one: joined(one.informs, "; ")),
            (
                "Versions",
                lambda one: Missing() if isinstance(one.versions, str) else "below" if one.versions else "",
            ),
        ]
        made = [(Strong(label), *(say_it(one) for one in some)) for label, say_it in rows]
        head = ("Consent", *(one.label for one in some))
        made = [row for row in made if any(row[1:])]
        yield grid("Consents", head, made, (1.0, *(1.6 for _ in some)))
    yield from say.sources((one.label, one.source) for one in consents)
    for one in consents:
        if not isinstance(one.versions, str) and one.versions:
            yield from versions_table(say, f"{one.label}: versions", one.versions)


def _ways_title(say: Saying) -> str:
    """Only what the protocol does not allow is called a deviation."""
    allowed = [one.allowed for step in say.protocol.path.values() for one in step.deviations.values()]
    if not any(one is False for one in allowed):
        return "Other Ways On"
    return (
        "Protocol Deviations"
        if all(one is False for one in allowed)
        else "Protocol Deviations and Other Ways On"
    )


def _deviations(say: Saying) -> tuple[Block, ...]:
    protocol = say.protocol
    taken = [(step, one) for step in protocol.path.values() for one in step.deviations.values()]
    if not taken:
        return ()
    rows = [
        (
            str(index),
            (*words(Strong(one.label)), *words(f"at: {step_label(protocol, step)}")),
            say.rule(one.when),
            f"to {step_label(protocol, protocol.path[one.to])}" if one.to in protocol.path else one.to,
            "" if one.allowed == "not stated" else yes_no(one.allowed),
            one.counts or "",
        )
        for index, (step, one) in enumerate(taken, 1)
    ]
    silent = [str(index) for index, (_, one) in enumerate(taken, 1) if one.allowed == "not stated"]
    head = ("No.", "Also taken", "If", "Then", "Allowed", "How such a participant is counted")
    missing = note("Whether the protocol allows it is ", Missing(), f": {ranges(silent)}.")
    return (
        grid("Other ways on than the planned one", head, rows, (0.25, 1.7, 1.3, 1.0, 0.6, 1.4)),
        *((missing,) if silent else ()),
        *say.sources((str(index), one.source) for index, (_, one) in enumerate(taken, 1)),
    )
