"""Section 3: objectives and estimands, end points and the events that they count."""

from __future__ import annotations

from collections.abc import Callable

from equipoise.protocol.definition import Endpoint, Estimand
from equipoise.report.explain.document import (
    Block,
    Inline,
    Link,
    Missing,
    Section,
    Strong,
    bullets,
    facts,
    grid,
    note,
    paragraph,
    words,
)
from equipoise.report.explain.saying import NOTHING, Saying, phrase, stated, text_blocks
from equipoise.report.labels import lower_first

ROLES = (
    ("primary", "3.1", "Primary Objective(s) and Associated Estimand(s)"),
    ("secondary", "3.2", "Secondary Objective(s) and Associated Estimand(s)"),
    ("exploratory", "3.3", "Exploratory Objective(s)"),
    ("post hoc", "3.4", "End Points Added Post Hoc"),
)


def objectives(say: Saying) -> Section:
    """Section 3: each role with its estimands and end points; then what end points share, and their events."""
    protocol = say.protocol
    parts = []
    for role, place, title in ROLES:
        blocks: list[Block] = [_estimand(say, one) for one in protocol.estimands.values() if one.role == role]
        ends = [one for one in protocol.endpoints.values() if one.role == role]
        if ends:
            rows = [
                (
                    (*words(Strong(named(one))), *text_blocks(one.definition), *say.source(one.source)),
                    capital(say.given(one, "origin", origin_words(say, one), "End points, counted from")),
                    "; ".join(say.labels.event(event) for event in one.events),
                    "; ".join(say.labels.event(event) for event in one.competing),
                )
                for one in ends
            ]
            head = ("End point", "From", "To the first of", "Competing events")
            blocks.append(grid("Times to an event", head, rows, (2.3, 0.9, 1.6, 1.0)))
        shares = [one.label for one in protocol.proportions.values() if one.role == role]
        if shares:
            about = paragraph("Proportions (", Link("Section 10", "section-10"), "):")
            blocks += [about, bullets(shares)] if len(shares) < 4 else [
                paragraph(Strong("Proportions: "), "; ".join(shares), " (", Link("Section 10", "section-10"), ").")
            ]  # fmt: skip
        if blocks:
            parts.append(Section(place, title, tuple(blocks)))
    events = (*_shared(say), *_events(say))
    if events:
        parts.append(Section("3.5", "What End Points Count", events))
    return Section(
        "3", "Trial Objectives and Associated Estimands", () if parts else (NOTHING,), tuple(parts)
    )


def named(one: Endpoint) -> str:
    """An end point with its abbreviation."""
    return f"{one.label} ({one.short})" if one.short else one.label


def capital(text: str) -> str:
    """A cell with its first letter large."""
    return text[:1].upper() + text[1:]


def _estimand(say: Saying, one: Estimand) -> Block:
    protocol = say.protocol
    if isinstance(one.intercurrent_events, str):
        events: Inline | Block = Missing()
    else:
        events = bullets(
            (
                paragraph(
                    f"{event.label}: ", stated(event.strategy), f". {event.detail}" if event.detail else ""
                ),
                *say.source(event.source),
            )
            for event in one.intercurrent_events.values()
        )
    analysis = ""
    if one.analysis is not None:
        shares = protocol.proportions
        analysis = shares[one.analysis].label if one.analysis in shares else say.labels.analysis(one.analysis)
    variable = say.labels.variable(one.variable)
    return facts(
        one.objective,
        [
            ("Treatment", one.treatment),
            ("Population", one.population),
            ("Variable", variable),
            ("Intercurrent events and their strategies", events),
            ("Population-level summary", one.summary),
            ("Analysis", analysis),
            ("", say.source(one.source)),
        ],
    )


def origin_words(say: Saying, one: Endpoint) -> str:
    """The origin of an end point: a fixed one, an event, or an item that is a date."""
    if one.origin in say.protocol.events:
        return f"first day of: {say.labels.event(one.origin)}"
    if one.origin in say.protocol.items:
        return lower_first(say.labels.factor(one.origin))
    return phrase(one.origin)


def _shared(say: Saying) -> tuple[Block, ...]:
    """How end points are counted, once for all that are counted alike."""
    ends = list(say.protocol.endpoints.values())
    lines = [
        _alike(ends, "Without an event, a participant counts until ", lambda one: say.given(
            one, "censored_at", phrase(one.censored_at), "End points, without an event counted until")),
        _alike(ends, "Time is counted in ", lambda one: say.given(
            one, "count_days", phrase(one.count_days), "End points, time counted in")),
        _alike(ends, "Times are shown in ", lambda one: say.given(
            one, "unit", f"{one.unit}s", "End points, times shown in")),
    ]  # fmt: skip
    return (paragraph(" ".join(lines)),) if ends else ()


def _alike(ends: list[Endpoint], start: str, how: Callable[[Endpoint], str]) -> str:
    """One sentence on how end points are counted; where they differ, which of them in which way."""
    groups: dict[str, list[str]] = {}
    for one in ends:
        groups.setdefault(how(one), []).append(one.short or one.label)
    if len(groups) == 1:
        return f"{start}{next(iter(groups))}."
    return start + "; ".join(f"{text} ({', '.join(names)})" for text, names in groups.items()) + "."


def _events(say: Saying) -> tuple[Block, ...]:
    events = say.protocol.events
    ruled = [one for one in events.values() if one.when is not None or one.visit is not None]
    rows = [
        (Strong(one.label), visit.label if (visit := say.protocol.visits.get(one.visit or "")) else "", say.rule(one.when))
        for one in ruled
    ]  # fmt: skip
    plain = [one.label for one in events.values() if one not in ruled]
    ends = [one.label for one in events.values() if one.terminal]
    blocks: list[Block] = []
    if rows:
        head = ("Event", "Established at", "Established if")
        blocks.append(grid("Events that an evaluation establishes", head, rows, (1.6, 0.8, 1.8)))
    if plain:
        blocks.append(paragraph(Strong("Other events: "), "; ".join(plain), "."))
    if ends:
        blocks.append(note("After this nothing else can happen: ", "; ".join(ends), "."))
    return (*blocks, *say.sources((one.label, one.source) for one in events.values()))
