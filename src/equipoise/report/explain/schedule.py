"""The schedule of activities: what is done when, in the order of the path, one table for each part of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from equipoise.protocol.definition import Protocol, Step
from equipoise.report.explain.courses import treatment_name
from equipoise.report.explain.document import (
    NOT_STATED,
    Block,
    Paragraph,
    Strong,
    Table,
    grid,
    note,
    paragraph,
    words,
)
from equipoise.report.explain.names import family
from equipoise.report.explain.occasions import how_often, times_words
from equipoise.report.explain.saying import Saying, marked, one_or_list
from equipoise.report.labels import lower_first

MARK, SOME = "●", "(●)"
MATRIX_COLUMNS = 9  # more than these in one part are listed, one below the other
MOST_ROWS = 6  # more items than these at one visit share a row
CONDITION = re.compile(
    r"(^|[\s,;])(if|where|when|unless|only|in case of|for (those|patients|participants))\s|, with\s",
    re.IGNORECASE,
)  # words by which a text says that something is not done in everyone
NOT_FOR_ALL = {
    "not required",
    "not applicable",
    "not indicated",
    "not needed",
}  # reasons why a value is unavailable
HEADINGS = ("Consent and allocation", "Treatment", "Evaluation", "Laboratory", "Data", "Safety")


Moment = tuple[str, str]  # consent, visit, course or randomization; its name


@dataclass(slots=True)
class Part:
    """A part of the path: its title, its moments in order with their labels, the arms that have each, and how often."""

    title: str
    moments: dict[Moment, str] = field(default_factory=dict)
    arms: dict[Moment, list[str]] = field(default_factory=dict)
    often: dict[Moment, str] = field(default_factory=dict)

    def every(self) -> set[str]:
        """The arms of the part."""
        return {arm for arms in self.arms.values() for arm in arms}


def schedule(say: Saying) -> tuple[Block, ...]:
    """The tables, and below them what is recorded at baseline and at any time."""
    protocol = say.protocol
    blocks: list[Block] = []
    parts = (
        _parts(say)
        if protocol.path
        else [Part("", {("visit", name): one.label for name, one in protocol.visits.items()})]
    )
    some = False
    for part in parts:
        if not part.moments:
            continue
        title = f"Schedule of activities: {part.title}" if part.title else "Schedule of activities"
        rows = _rows(say, part)
        some = some or any(SOME in marks.values() for _, _, marks in rows)
        blocks.append(
            _list(title, part, rows) if len(part.moments) > MATRIX_COLUMNS else _matrix(title, part, rows)
        )
    windows = [
        f"{one.label}, {before} days before to {after} days after"
        for one in protocol.visits.values()
        if not isinstance(one.window, str)
        for before, after in (one.window,)
    ]
    if blocks:
        marks = [
            f"{MARK} done, given or recorded",
            *([f"{SOME} for those whom a rule or the text names"] if some else []),
        ]
        blocks.append(note("; ".join(marks), "."))
    if windows:
        blocks.append(note("Windows around the planned day: ", "; ".join(windows), "."))
    return (*blocks, *_always(say))


def _always(say: Saying) -> tuple[Block, ...]:
    """What is recorded at baseline, and whenever it becomes known."""
    blocks: list[Block] = []
    events = [one.label for one in say.protocol.events.values() if one.visit is None]
    for when, label, more in (("baseline", "Baseline data: ", []), ("ongoing", "At any time: ", events)):
        labels = [item.label for item in say.protocol.items.values() if item.collected == when]
        known = {text.lower() for text in labels}
        labels += [text for text in more if text.lower() not in known]
        if labels:
            blocks.append(Paragraph((Strong(label), "; ".join(labels), ".")))
    return tuple(blocks)


# -- parts of the path -------------------------------------------------------------------------------


def _parts(say: Saying) -> list[Part]:
    """Before randomizations and groups, then one for each of them."""
    protocol = say.protocol
    roots = [name for name, step in protocol.path.items() if step.randomization]
    roots += [name for name, step in protocol.path.items() if step.group]
    parts = [_part(say, "to randomization" if roots else "", next(iter(protocol.path)), set(roots))]
    walked = {step.visit for step in protocol.path.values()}
    apart = {("visit", name): one.label for name, one in protocol.visits.items() if name not in walked}
    parts[0].moments = {**apart, **parts[0].moments}  # visits that no step names come before the path
    for root in roots:
        step = protocol.path[root]
        title = _title(protocol, step)
        parts.append(_part(say, title, root, set(roots) - {root}))
    return parts


def _title(protocol: Protocol, step: Step) -> str:
    if step.group is not None:
        return protocol.groups[step.group].label if step.group in protocol.groups else step.group
    one = protocol.randomizations.get(step.randomization or "")
    return (one.label if one else "") or "Randomization"


def _part(say: Saying, title: str, start: str, others: set[str]) -> Part:
    """The moments that can be reached from a step without entering another part."""
    protocol = say.protocol
    part = Part(title)
    reached: dict[str, set[str]] = {}
    starts: dict[str, str] = {"": start}

    def walk(name: str, arm: str) -> None:
        waiting = [name]
        while waiting:
            now = waiting.pop()
            if now not in protocol.path or now in others or arm in reached.get(now, set()):
                continue
            reached.setdefault(now, set()).add(arm)
            step = protocol.path[now]
            for code, to in step.arms.items():
                starts[say.labels.short(code)] = to
                walk(to, say.labels.short(code))
            waiting += [to for to, kind in step.ways() if kind == "next"]

    walk(start, "")
    for name, step in protocol.path.items():  # in the order of the file
        if name not in reached:
            continue
        for kind, thing, label in _things(protocol, step):
            part.moments.setdefault((kind, thing), label)
            known = part.arms.setdefault((kind, thing), [])
            known += [arm for arm in sorted(reached[name]) if arm and arm not in known]
    depth = _depths(protocol, start, set(reached))
    first: dict[Moment, int] = {}
    for name in sorted(reached, key=lambda name: depth[name]):
        for kind, thing, _ in _things(protocol, protocol.path[name]):
            first.setdefault((kind, thing), depth[name])
    part.moments = {key: part.moments[key] for key in sorted(part.moments, key=lambda key: first[key])}
    for kind, thing in part.moments:
        if kind == "course":
            arms = part.arms[kind, thing] or [""]
            found = {arm: how_often(protocol, starts[arm], set(reached), thing) for arm in arms}
            said = {arm: times_words(*pair) if pair else "" for arm, pair in found.items()}
            alike = len(set(said.values())) == 1
            part.often[kind, thing] = said[arms[0]] if alike else "; ".join(
                f"{arm}: {text or 'once'}" for arm, text in said.items()
            )  # fmt: skip
    return part


def _depths(protocol: Protocol, start: str, within: set[str]) -> dict[str, int]:
    """How many steps lie before each step on the longest way to it, so that arms stand beside each other."""
    depth = dict.fromkeys(within, 0)
    for _ in within:
        for name in within:
            step = protocol.path[name]
            for to, kind in step.ways():
                if kind in ("next", "arm") and to in within and depth[to] < min(depth[name] + 1, len(within)):
                    depth[to] = depth[name] + 1
    return depth


def _things(protocol: Protocol, step: Step) -> list[tuple[str, str, str]]:
    """What a step adds to the schedule: kind, name and label."""
    if step.consent is not None and step.consent in protocol.consents:
        return [("consent", step.consent, protocol.consents[step.consent].label)]
    if step.visit is not None and step.visit in protocol.visits:
        return [("visit", step.visit, protocol.visits[step.visit].label)]
    if step.course is not None and step.course in protocol.courses:
        return [("course", step.course, protocol.courses[step.course].label)]
    if step.randomization is not None:
        one = protocol.randomizations.get(step.randomization)
        return [("randomization", step.randomization, "Randomization" if one else step.randomization)]
    return []


# -- rows --------------------------------------------------------------------------------------------

Row = tuple[str, str, dict[Moment, str]]  # heading, label, marks


def _rows(say: Saying, part: Part) -> list[Row]:
    """What is done at the moments of a part, in groups."""
    found: dict[tuple[str, str], dict[Moment, str]] = {}
    for moment in part.moments:
        for heading, label, mark in _done(say, part, *moment):
            found.setdefault((heading, label), {}).setdefault(moment, mark)
    rows = [(heading, label, marks) for (heading, label), marks in found.items()]
    rows += _silences(say, part)
    return sorted(rows, key=lambda row: HEADINGS.index(row[0]))


def _silences(say: Saying, part: Part) -> Iterator[Row]:
    """What other parts of the path have and the file does not state of this one, where it has courses."""
    protocol = say.protocol
    courses = {name for kind, name in part.moments if kind == "course"}
    if not courses:
        return
    if not any(kind == "visit" for kind, _ in part.moments) and any(
        step.visit for step in protocol.path.values()
    ):
        yield "Evaluation", f"Visits and what they evaluate: {NOT_STATED}", {}
    periods = protocol.adverse_events.periods.values() if protocol.adverse_events else ()
    if periods and not any(courses & set(one.courses) for one in periods):
        yield "Safety", f"Adverse events, periods and terms: {NOT_STATED}", {}


def _done(say: Saying, part: Part, kind: str, name: str) -> Iterator[tuple[str, str, str]]:
    """What is done at one moment: the heading, the label and the mark of each row."""
    protocol = say.protocol
    if kind in ("consent", "randomization"):
        yield "Consent and allocation", "Informed consent" if kind == "consent" else "Randomization", MARK
    elif kind == "course":
        for one in protocol.courses[name].treatments.values():
            yield "Treatment", treatment_name(say, one), MARK if one.when is None else SOME
        periods = protocol.adverse_events.periods.values() if protocol.adverse_events else ()
        if any(name in one.courses for one in periods):
            yield "Safety", "Adverse events, counted by period (Section 9.2)", MARK
    else:
        yield from _evaluated(say, part, name)


def _evaluated(say: Saying, part: Part, visit: str) -> Iterator[tuple[str, str, str]]:
    """What is evaluated at a visit: laboratory values by name; other data by name where they are few."""
    protocol = say.protocol
    items = [(name, item) for name, item in protocol.items.items() if item.collected == visit]
    laboratory = {name: family(protocol, name)[0] for name, item in items if item.assay is not None}
    known = {label.lower() for label in laboratory.values()}
    yield from (
        ("Evaluation", text, SOME if CONDITION.search(text) else MARK)
        for text in protocol.visits[visit].evaluates if text.lower() not in known
    )  # fmt: skip
    for name, label in laboratory.items():
        yield "Laboratory", label, _item_mark(protocol, name, label)
    data = {name: family(protocol, name)[0] for name, item in items if item.assay is None}
    if len(data) > MOST_ROWS:
        yield "Data", f"Data of: {lower_first(protocol.visits[visit].label)} (Section 8.9)", MARK
        return
    for name, label in data.items():
        arms = _arms_of_drug(say, part, label)
        yield (
            "Data",
            f"{label} ({', '.join(arms)})" if arms else label,
            SOME if arms else _item_mark(protocol, name, label),
        )


def _item_mark(protocol: Protocol, name: str, label: str) -> str:
    """Whether an item is of everyone, as far as its label and its reasons to be unavailable tell."""
    some = CONDITION.search(label) or NOT_FOR_ALL & {
        text.lower() for text in protocol.items[name].unavailable
    }
    return SOME if some else MARK


def _arms_of_drug(say: Saying, part: Part, label: str) -> list[str]:
    """The arms that alone have the drug which a label begins with; none where every arm has it, or no drug is named."""
    for name, drug in say.protocol.drugs.items():
        if not re.match(rf"{re.escape(drug.label)}\b", label, re.IGNORECASE):
            continue
        given = {
            arm for (kind, course), arms in part.arms.items() if kind == "course" for arm in arms
            if any(one.drug == name for one in say.protocol.courses[course].treatments.values())
        }  # fmt: skip
        return sorted(given) if given != part.every() else []
    return []


def _head(part: Part, moment: Moment) -> str:
    """The label of a moment, with the arms of a course where the part has several and not all have it."""
    arms = part.arms.get(moment, [])
    label, often = part.moments[moment], part.often.get(moment, "")
    told = set(arms) == part.every() or any(arm.lower() in label.lower() for arm in arms) or ":" in often
    own = ", ".join(arms) if moment[0] == "course" and not told else ""
    about = ", ".join(text for text in (own, often) if text)
    return f"{label} ({about})" if about else label


def _matrix(title: str, part: Part, rows: list[Row]) -> Table:
    made: list[tuple[tuple[Block, ...], ...]] = []
    heading = ""
    for group, label, marks in rows:
        if group != heading:
            made.append((words(Strong(group)), *(() for _ in part.moments)))
            heading = group
        made.append(
            (words(paragraph(*marked(label))), *(words(marks.get(moment, "")) for moment in part.moments))
        )
    head = ("Activity", *(_head(part, moment) for moment in part.moments))
    return Table(title, head, tuple(made), (2.6, *(1.0 for _ in part.moments)), "matrix")


def _list(title: str, part: Part, rows: list[Row]) -> Table:
    made = [
        (_head(part, moment), one_or_list([label for _, label, marks in rows if moment in marks]))
        for moment in part.moments
    ]
    made += [("Throughout", paragraph(*marked(label))) for _, label, marks in rows if not marks]
    return grid(title, ("When", "What is done, given or recorded"), made, (1, 2.6))
