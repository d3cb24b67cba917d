"""Sections 12 to 14: amendments, readings, what the language assumes, rules as written; glossary; references."""

from __future__ import annotations

from collections.abc import Mapping

from equipoise.protocol.definition import Protocol, Version
from equipoise.report.explain.abbreviations import spelled_out
from equipoise.report.explain.conditions import columns_of
from equipoise.report.explain.document import (
    Block,
    Inline,
    Mono,
    Paragraph,
    Section,
    Table,
    Target,
    bullets,
    facts,
    grid,
    note,
    paragraph,
)
from equipoise.report.explain.objectives import capital
from equipoise.report.explain.saying import NOTHING, Saying, joined, on_day, one_or_list, phrase, stated

READINGS = ("12.4", "Readings and Notes")


def appendices(say: Saying) -> tuple[Section, ...]:
    """Sections 12, 13 and 14."""
    protocol = say.protocol
    parts = []
    if protocol.versions:
        table = versions_table(say, "Versions", protocol.versions)
        about = paragraph("The last version is in force.")
        parts.append(Section("12.3", "Prior Protocol Amendment(s)", (about, *table)))
    if protocol.notes:
        notes = bullets((Paragraph(say.linked(one, prose=True)) for one in protocol.notes), ordered=True)
        parts.append(Section(*READINGS, (notes,)))
    parts.append(Section("12.5", "What the Language Assumes Where the File Is Silent", _assumed(say)))
    rules = say.rules()
    if rules:
        parts.append(Section("12.6", "Rules as the Program Reads Them", _rules(say, rules)))
    return (
        Section("12", "Appendix: Supporting Details", (), tuple(parts)),
        Section("13", "Appendix: Glossary of Terms and Abbreviations", _glossary(protocol)),
        Section("14", "Appendix: References", (_references(protocol),) if protocol.sources else (NOTHING,)),
    )


def versions_table(say: Saying, title: str, versions: Mapping[str, Version]) -> tuple[Block, ...]:
    """Dated versions, the first one first; the last is in force."""
    approved = {one.approved_by for one in versions.values()}
    shared = approved.pop() if len(approved) == 1 and len(versions) > 1 else ()
    rows = [
        (
            code,
            stated(one.on, on_day),
            stated(one.changes),
            "" if shared else one_or_list(list(one.approved_by)),
        )
        for code, one in versions.items()
    ]
    table: Table = grid(title, ("Version", "Date", "Changes", "Approved by"), rows, (0.8, 0.9, 2.2, 1.4))
    boards = (note("Approved by: ", "; ".join(shared), "."),) if shared else ()
    return (table, *boards, *say.sources((code, one.source) for code, one in versions.items()))


def _assumed(say: Saying) -> tuple[Block, ...]:
    """How the language reads what is recorded, then each default that stood in for silence, and the program's report."""
    protocol = say.protocol
    moments = {item.collected for item in protocol.items.values()}
    lines = [
        *(
            ["Recorded at baseline: the last value until treatment starts counts."]
            if "baseline" in moments
            else []
        ),
        *(["Recorded whenever it becomes known: the last value counts."] if "ongoing" in moments else []),
        *(["A criterion of eligibility that is unknown is not met."] if protocol.eligibility else []),
        "Who is in a population must be known to be: unknown is not in it.",
        *(
            [
                "A proportion counts those for whom its rule is known to be true; all others stay in the denominator."
            ]
            if protocol.proportions
            else []
        ),
    ]
    defaults: dict[str, list[str]] = {}
    for line in say.assumed():
        what, _, text = line.partition(": ")
        defaults.setdefault(what, []).append(text)
    rows = [(what, "; or ".join(texts)) for what, texts in defaults.items()]
    report = facts(
        "The report that the program writes",
        [
            ("Style", phrase(protocol.report.style)),
            ("Sections", joined(map(phrase, protocol.report.sections))),
        ],
    )
    title = "Settings that the file leaves to the language, wherever it does; no source says them"
    table = grid(title, ("Setting", "Is"), rows, (1.4, 2), "dense")
    return (bullets(lines), *((table,) if rows else ()), report)


def _rules(say: Saying, rules: list[tuple[str, str]]) -> tuple[Block, ...]:
    """Each rule as the file writes it, then what its names stand for."""
    listed = [(Target(number, f"rule-{number[1:]}"), Mono(text)) for number, text in rules]
    table = grid("Rules", ("Rule", "As written"), listed, (0.22, 4), "dense")
    names = say.wording.names.used(columns_of([text for _, text in rules]))
    half = (len(names) + 1) // 2
    pairs = [
        (*names[index], *(names[index + half] if index + half < len(names) else ("", "")))
        for index in range(half)
    ]
    rows: list[tuple[Inline, ...]] = [
        (Mono(one), capital(label), Mono(other) if other else "", capital(text))
        for one, label, other, text in pairs
    ]
    about = paragraph(
        "The numbers after rules in the text lead here. A rule is true, false or unknown; unknown is never true, and "
        "“not” of unknown is unknown. “x available” in the text means that x is not recorded as unavailable; x_unavailable "
        "is the reason. Names that read as their labels are not listed below."
    )
    head = ("Name", "Meaning", "Name ", "Meaning ")
    return (
        about,
        table,
        *((grid("Names in rules", head, rows, (1.2, 1.4, 1.4, 1.5), "dense"),) if rows else ()),
    )


def _glossary(protocol: Protocol) -> tuple[Block, ...]:
    """Abbreviations that the file gives as such or spells out, without those that their own label holds."""
    short = spelled_out(protocol)
    short |= {
        one.short: one.label
        for table in (protocol.arms, protocol.groups, protocol.endpoints)
        for one in table.values()
        if one.short and one.short.lower() not in one.label.lower()
    }
    if not short:
        return (NOTHING,)
    return (grid("Abbreviations", ("Abbreviation", "Meaning"), sorted(short.items()), (1, 3)),)


def _references(protocol: Protocol) -> Block:
    rows = [(Target(name, f"source-{name}"), citation) for name, citation in protocol.sources.items()]
    return grid("Sources", ("Name", "Citation"), rows, (0.8, 3))
