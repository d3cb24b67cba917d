"""Sections 11 to 14: oversight and consent, deviations; amendments; glossary; references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from equipoise.protocol.definition import Consent, Protocol, Version
from equipoise.report.explain.document import (
    Block,
    Inline,
    Missing,
    Mono,
    Section,
    Strong,
    Table,
    Target,
    bullets,
    facts,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.names import Names
from equipoise.report.explain.path import step_label
from equipoise.report.explain.saying import (
    NOTHING,
    Saying,
    given,
    joined,
    on_day,
    one_or_list,
    phrase,
    stated,
    stated_list,
)
from equipoise.report.explain.sentences import capital
from equipoise.report.explain.wording import columns_of


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
                        ("Enrollment opened", stated(plan.opened, on_day)),
                        ("Enrollment closed", stated(plan.closed, on_day)),
                        ("Enrolled", stated(plan.enrolled, lambda count: f"{count} participants")),
                        ("", say.source(plan.source)),
                    ],
                ),
            ),
        ),
    ]
    if protocol.consents:
        consents = tuple(block for one in protocol.consents.values() for block in _consent(say, one))
        parts.append(Section("11.3", "Informed Consent Process", consents))
    committee = facts(
        "Data and safety monitoring committee",
        [("Committee", stated(plan.committee)), ("Meetings", stated(plan.meetings))],
    )
    parts.append(Section("11.4", "Committees", (committee,)))
    deviations = _deviations(say)
    if deviations is not None:
        parts.append(Section("11.10", "Protocol Deviations", (deviations,)))
    report = facts(
        "The report that equipoise writes",
        [
            ("Style", given(protocol.report, "style", phrase(protocol.report.style))),
            ("Sections", given(protocol.report, "sections", joined(map(phrase, protocol.report.sections)))),
        ],
    )
    parts.append(Section("11.12", "Data Dissemination", (report,)))
    return Section("11", "Trial Oversight and Other General Considerations", (), tuple(parts))


def _consent(say: Saying, one: Consent) -> Iterator[Block]:
    yield facts(
        one.label,
        [
            ("Given by", stated(one.given_by, lambda who: " or ".join(who))),
            ("Assent of a child", stated(one.assent)),
            ("The text must say", bullets(one.informs) if one.informs else ""),
            ("Versions", Missing() if isinstance(one.versions, str) else ""),
            ("", say.source(one.source)),
        ],
    )
    if not isinstance(one.versions, str) and one.versions:
        yield versions_table(say, f"{one.label}: versions", one.versions)


def _deviations(say: Saying) -> Table | None:
    rows = [
        (
            (
                *words(Strong(one.label)),
                *words(f"at: {step_label(say.protocol, step)}"),
                *say.source(one.source),
            ),
            say.rule(one.when),
            f"to {step_label(say.protocol, say.protocol.path[one.to])}"
            if one.to in say.protocol.path
            else one.to,
            one.counts or "",
        )
        for step in say.protocol.path.values()
        for one in step.deviations.values()
    ]
    if not rows:
        return None
    head = ("Deviation that the protocol allows", "If", "Then", "How such a participant is counted")
    return grid("Deviations from the path", head, rows, (1.4, 1.4, 1.0, 1.2))


# -- appendices --------------------------------------------------------------------------------------


def versions_table(say: Saying, title: str, versions: Mapping[str, Version]) -> Table:
    """Dated versions, the first one first; the last is in force."""
    rows = [
        (
            code,
            stated(one.on, on_day),
            (*words(stated(one.changes)), *say.source(one.source)),
            one_or_list(list(one.approved_by)),
        )
        for code, one in versions.items()
    ]
    return grid(title, ("Version", "Date", "Changes", "Approved by"), rows, (0.7, 0.9, 2.2, 1.0))


def appendices(say: Saying) -> tuple[Section, ...]:
    """Sections 12, 13 and 14."""
    protocol = say.protocol
    amendments = (
        (
            Section(
                "12.3",
                "Prior Protocol Amendment(s)",
                (
                    paragraph("The last version is in force."),
                    versions_table(say, "Versions", protocol.versions),
                ),
            ),
        )
        if protocol.versions
        else ()
    )
    return (
        Section("12", "Appendix: Supporting Details", () if amendments else (NOTHING,), amendments),
        Section("13", "Appendix: Glossary of Terms and Abbreviations", _glossary(say)),
        Section("14", "Appendix: References", (_references(protocol),) if protocol.sources else (NOTHING,)),
    )


def _glossary(say: Saying) -> tuple[Block, ...]:
    protocol = say.protocol
    short = {
        one.short: one.label
        for table in (protocol.arms, protocol.groups, protocol.endpoints)
        for one in table.values()
        if one.short and one.short != one.label
    }
    names = say.wording.names.used(columns_of(list(rules_of(protocol))))
    blocks: list[Block] = []
    if short:
        blocks.append(grid("Abbreviations", ("Abbreviation", "Meaning"), sorted(short.items()), (1, 3)))
    if names:
        rows: list[tuple[Inline, ...]] = [(Mono(name), capital(label)) for name, label in names]
        blocks.append(grid("Names in rules", ("Name", "Meaning"), rows, (1, 1.8)))
    return tuple(blocks) or (NOTHING,)


def rules_of(protocol: Protocol) -> Iterator[str]:
    """Every rule about participants that the file holds."""
    made = Names(protocol).is_made_eligible
    for name, derived in protocol.derived.items():
        if made(name):  # of the criteria, which follow
            continue
        yield from [derived.value] if derived.value is not None else []
        yield from (level.when for level in (derived.classes or {}).values())
    yield from (one.require for one in protocol.eligibility.values())
    yield from (one.require for one in protocol.populations.values())
    yield from (one.response for one in protocol.proportions.values())
    yield from (one.when for one in protocol.groups.values())
    yield from (one.when for one in protocol.randomizations.values() if one.when is not None)
    yield from (one.when for one in protocol.events.values() if one.when is not None)
    for course in protocol.courses.values():
        yield from (one.when for one in course.treatments.values() if one.when is not None)
    for step in protocol.path.values():
        if step.next is not None and not isinstance(step.next, str):
            yield from (branch.when for branch in step.next if branch.when is not None)
        yield from (one.when for one in step.deviations.values() if one.when is not None)


def _references(protocol: Protocol) -> Block:
    rows = [(Target(name, f"source-{name}"), citation) for name, citation in protocol.sources.items()]
    return grid("Sources", ("Name", "Citation"), rows, (0.8, 3))
