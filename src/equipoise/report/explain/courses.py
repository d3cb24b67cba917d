"""Section 6.3: all courses in one table, and once for all what is not stated of them."""

from __future__ import annotations

from collections.abc import Iterable

from equipoise.protocol.definition import Course, Dose, Span, Treatment
from equipoise.report.explain.document import (
    NOT_STATED,
    Block,
    Inline,
    Missing,
    Paragraph,
    Strong,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.saying import Saying, number, sentence_end, text_blocks
from equipoise.report.labels import lower_first

PLAN = "Part of the plan; how it is done is not laid down here."


def course_blocks(say: Saying) -> tuple[Block, ...]:
    """The table of courses, what is not stated of their treatments, and the sources."""
    courses = say.protocol.courses
    given = courses_of(say)
    rows: list[tuple[Inline | tuple[Block, ...], ...]] = []
    for name, course in courses.items():
        about, who = _about(course), "; ".join(given.get(name, []))
        groups = _alike(course.treatments.values())
        rows += [
            (*((about, who) if index == 0 else ("", "")), *_row(say, group))
            for index, group in enumerate(groups)
        ] or [(about, who, "", "", "")]
    head = ("Course", "For", "Treatment", "Dose, route and days", "For whom, and how")
    table = grid("Courses and their treatments", head, rows, (1.3, 0.8, 1.4, 1.1, 2.0))
    sources = say.sources((one.label, one.source) for one in courses.values())
    return (table, *_unstated(say), *sources)


def _about(one: Course) -> tuple[Block, ...]:
    lines: list[Inline] = []
    if one.days != NOT_STATED:
        lines.append(f"{one.days} days")
    if one.rest != NOT_STATED:
        lines.append(f"{', then ' if lines else 'Then '}{one.rest} days without treatment")
    return (
        *words(Strong(one.label)),
        *((paragraph(*lines),) if lines else ()),
        *text_blocks(one.detail),
    )


def _alike(treatments: Iterable[Treatment]) -> list[list[Treatment]]:
    """Treatments in order; those that follow each other and of which the same is said stand together."""
    groups: list[list[Treatment]] = []
    for one in treatments:
        apart = one.detail is not None or one.source is not None or not one.prescribed
        if groups and not apart and _said(groups[-1][-1]) == _said(one):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _said(one: Treatment) -> tuple[object, ...]:
    return (
        one.dose,
        one.route,
        one.infusion,
        one.days,
        one.when,
        one.reduction,
        one.prescribed,
        one.detail,
        one.source,
    )


def _row(say: Saying, group: list[Treatment]) -> tuple[Inline | tuple[Block, ...], ...]:
    one = group[0]
    how: list[Block] = list(say.rule(one.when))
    if not one.prescribed:
        how += words(PLAN)
    how += text_blocks(one.detail)
    if one.reduction != NOT_STATED:
        how.append(paragraph("Reduction of the dose: ", sentence_end(one.reduction)))
    how += say.source(one.source)
    names = [treatment_name(say, each) for each in group]
    return ("; ".join([names[0], *map(lower_first, names[1:])]), _dose(one), tuple(how))


def treatment_name(say: Saying, one: Treatment) -> str:
    """What is given: its label, and the drug or the procedure where the label does not say it."""
    drug = say.protocol.drugs.get(one.drug or "")
    name = drug.label if drug is not None else one.drug or one.procedure or ""
    if one.label and name and name.lower() not in one.label.lower():
        return f"{one.label} ({name})"
    return one.label or name[:1].upper() + name[1:]


def _dose(one: Treatment) -> tuple[Block, ...]:
    """Dose, route, infusion and days as far as stated; what of dose and days is not, beside the rest."""
    parts = []
    if isinstance(one.dose, Dose):
        most = f", at most {number(one.dose.maximum)} {one.dose.unit}" if one.dose.maximum is not None else ""
        parts.append(f"{number(one.dose.amount)} {one.dose.unit}{most}")
    if one.route != NOT_STATED:
        parts.append(one.route)
    if one.infusion != NOT_STATED:
        parts.append(one.infusion if one.infusion == "bolus" else f"{one.infusion} infusion")
    if isinstance(one.days, Span):
        parts.append(f"days {one.days.first} to {one.days.last}")
    elif one.days != NOT_STATED:
        parts.append(f"{'day' if len(one.days) == 1 else 'days'} {', '.join(map(str, one.days))}")
    if not parts:
        return words(Missing())
    dose = one.dose == NOT_STATED and one.drug is not None  # a procedure need not have one
    silent = [*(["dose"] if dose else []), *(["days"] if one.days == NOT_STATED else [])]
    missing = (paragraph(f"{' and '.join(silent).capitalize()} ", Missing()),) if silent else ()
    return (*words(", ".join(parts)), *missing)


def _unstated(say: Saying) -> tuple[Block, ...]:
    """What no cell of the table says is not stated, each property once with what it is missing of."""
    courses = say.protocol.courses.values()
    drugs = [
        (one, course) for course in courses for one in course.treatments.values() if one.drug is not None
    ]
    lines = [
        _of("length", "course", [(one.label, one.days) for one in courses]),
        _of("days without treatment after it", "course", [(one.label, one.rest) for one in courses]),
    ]
    for what, field in (("route", "route"), ("infusion", "infusion"), ("reduction of the dose", "reduction")):
        named = [
            (f"{treatment_name(say, one)} ({course.label})", getattr(one, field)) for one, course in drugs
        ]
        lines.append(_of(what, "drug", named))
    found = [line for line in lines if line]
    if not found:
        return ()
    return (Paragraph(("Of courses and drugs this is ", Missing(), f": {'; '.join(found)}."), "note"),)


def _of(what: str, kind: str, values: list[tuple[str, object]]) -> str:
    """A property and what it is missing of; empty where it is stated of all."""
    missing = [name for name, value in values if value == NOT_STATED]
    known = [name for name, value in values if value != NOT_STATED]
    if not missing:
        return ""
    if not known:
        return f"{what} of any {kind}"
    if len(known) < len(missing):
        return f"{what} of any {kind} but {', '.join(known)}"
    return f"{what} of {', '.join(missing)}"


def courses_of(say: Saying) -> dict[str, list[str]]:
    """For each course, who is planned to have it: arms, groups, or everyone before them, by the path."""
    protocol = say.protocol
    found: dict[str, list[str]] = {}

    def walk(start: str, who: str) -> None:
        waiting, seen = [start], set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen or name not in protocol.path:
                continue
            seen.add(name)
            step = protocol.path[name]
            group = protocol.groups.get(step.group or "")
            if group is not None:
                label = group.short or group.label
                for to, kind in step.ways():
                    if kind == "next" and who != label:
                        walk(to, label)
                continue
            if step.course is not None and who not in found.setdefault(step.course, []):
                found[step.course].append(who)
            for arm, to in step.arms.items():
                walk(to, say.labels.short(arm))
            waiting += [to for to, kind in step.ways() if kind == "next"]

    if protocol.path:
        walk(next(iter(protocol.path)), "everyone, before any randomization")
    return found
