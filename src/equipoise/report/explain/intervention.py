"""Sections 6 and 7: drugs, courses, randomization, the rules that decide the assignment; discontinuation."""

from __future__ import annotations

from equipoise.protocol.definition import Course, Dose, Randomization, Span, Treatment
from equipoise.report.explain.classifications import ORDERED, classification, deciding
from equipoise.report.explain.document import (
    Block,
    Inline,
    Missing,
    Section,
    Strong,
    bullets,
    facts,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.saying import (
    NOTHING,
    Saying,
    coded,
    number,
    on_day,
    one_or_list,
    stated,
    text_blocks,
)


def intervention(say: Saying) -> Section:
    """Section 6."""
    protocol = say.protocol
    parts = []
    if protocol.drugs:
        drugs = grid(
            "Drugs",
            ("Drug", "Role", "Description"),
            [
                (one.label, stated(one.role), (*text_blocks(one.description), *say.source(one.source)))
                for one in protocol.drugs.values()
            ],
            (1.0, 0.8, 2.2),
        )
        parts.append(Section("6.1", "Description of Investigational Trial Intervention", (drugs,)))
    if protocol.courses:
        given = courses_of(say)
        courses = tuple(
            Section(f"6.3.{index}", one.label, _course(say, one, given.get(name, [])))
            for index, (name, one) in enumerate(protocol.courses.items(), 1)
        )
        parts.append(Section("6.3", "Investigational Trial Intervention Administration", (), courses))
    assignment = tuple(
        block for name in deciding(protocol) for block in classification(say, name, chart=True)
    )
    masking = [one for one in protocol.randomizations.values() if one.masking != "not stated"]
    allocation = [
        *(
            [Section("6.7.1", "Participant Assignment", (paragraph(ASSIGNMENT), *assignment))]
            if assignment
            else []
        ),
        Section(
            "6.7.2",
            "Randomization",
            tuple(_randomization(say, one) for one in protocol.randomizations.values()),
        ),
        Section(
            "6.7.3",
            "Measures to Maintain Blinding",
            (
                paragraph("Masking of the trial: ", stated(protocol.masking)),
                *(paragraph(f"{one.label or 'Randomization'}: ", stated(one.masking)) for one in masking),
            ),
        ),
    ]
    parts.append(Section("6.7", "Assignment, Randomization and Masking", (), tuple(allocation)))
    return Section("6", "Trial Intervention and Concomitant Therapy", (), tuple(parts))


ASSIGNMENT = (
    "The classifications below decide who is assigned to what: a randomization, its strata, a group or a branch of the "
    "path reads them. " + ORDERED
)


# -- courses -----------------------------------------------------------------------------------------


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
                label = group.label
                for to, kind in step.ways():
                    if kind == "next" and who != label:
                        walk(to, label)
                continue
            if step.course is not None and who not in found.setdefault(step.course, []):
                found[step.course].append(who)
            for arm, to in step.arms.items():
                walk(to, say.labels.arm(arm))
            waiting += [to for to, kind in step.ways() if kind == "next"]

    if protocol.path:
        walk(next(iter(protocol.path)), "everyone who comes this far, before any randomization")
    return found


def _course(say: Saying, one: Course, who: list[str]) -> tuple[Block, ...]:
    rows = [
        (treatment_name(say, item), _dose(item), _route(item), _days(item), _who(say, item))
        for item in one.treatments.values()
    ]
    table = grid(
        f"Treatments of {one.label}",
        ("Treatment", "Dose", "Route", "Days", "Who, and changes of dose"),
        rows,
        (1.5, 1.1, 1.0, 0.9, 2.0),
    )
    place: list[Inline] = [
        Strong("Length: "), stated(one.days, lambda days: f"{days} days"),
        " · ", Strong("Days without treatment after it: "), stated(one.rest),
    ]  # fmt: skip
    if who:
        place += [" · ", Strong("Planned for: "), "; ".join(who)]
    about = (paragraph(*place), *text_blocks(one.detail), *say.source(one.source))
    return (*about, table) if rows else about


def treatment_name(say: Saying, one: Treatment) -> tuple[Block, ...]:
    """What is given: its label, the drug or the procedure."""
    drug = say.protocol.drugs.get(one.drug or "")
    name = drug.label if drug is not None else one.drug or one.procedure or ""
    lines = [words(Strong(one.label or name))]
    if one.label and name and name != one.label:
        lines.append(words(name))
    lines.append(text_blocks(one.detail))
    if not one.prescribed:
        lines.append(words("allowed, not prescribed by the protocol"))
    lines.append(say.source(one.source))
    return tuple(block for line in lines for block in line)


def _dose(one: Treatment) -> Inline:
    if isinstance(one.dose, Dose):
        most = f", at most {number(one.dose.maximum)} {one.dose.unit}" if one.dose.maximum is not None else ""
        return f"{number(one.dose.amount)} {one.dose.unit}{most}"
    return Missing()


def _route(one: Treatment) -> tuple[Block, ...]:
    route = words(stated(one.route))
    if one.drug is None and one.infusion == "not stated":
        return route
    return (*route, paragraph("Infusion: ", stated(one.infusion)))


def _days(one: Treatment) -> Inline:
    if isinstance(one.days, Span):
        return f"{one.days.first} to {one.days.last}"
    return stated(one.days, lambda days: ", ".join(map(str, days)))


def _who(say: Saying, one: Treatment) -> tuple[Block, ...]:
    who = say.rule(one.when) if one.when is not None else words("everyone in the course")
    return (*who, paragraph("Reduction of the dose: ", stated(one.reduction)))


# -- randomization -----------------------------------------------------------------------------------


def _randomization(say: Saying, one: Randomization) -> Block:
    ratio = stated(
        one.ratio, lambda ratio: "; ".join(f"{say.labels.arm(arm)} {share}" for arm, share in ratio.items())
    )
    strata: Inline | Block
    if isinstance(one.strata, str):
        strata = Missing()
    else:
        strata = bullets(_stratum(say, name) for name in one.strata) if one.strata else "none"
    when: Inline | tuple[Block, ...] = say.rule(one.when) if one.when is not None else "all participants"
    return facts(
        one.label or "Randomization",
        [
            ("Who", when),
            ("Arms", one_or_list([say.labels.arm(arm) for arm in one.arms])),
            ("Ratio", ratio),
            ("Strata", strata),
            ("Method", stated(one.method)),
            ("Sizes of blocks", stated(one.blocks, lambda sizes: ", ".join(map(str, sizes)))),
            ("Planned", stated(one.planned, lambda count: f"{count} participants")),
            ("Masking", stated(one.masking)),
            ("Opened", stated(one.opened, on_day)),
            ("Closed", stated(one.closed, on_day)),
            ("Closed because", one.closed_because or ""),
            ("", say.source(one.source)),
        ],
    )


def _stratum(say: Saying, name: str) -> str:
    if name not in say.protocol.items and name not in say.protocol.derived:
        return say.wording.names.label(name)
    levels = "; ".join(say.protocol.factor_levels(name).values())
    return f"{say.labels.factor(name)} ({levels})"


# -- discontinuation ---------------------------------------------------------------------------------


def discontinuation(say: Saying) -> Section:
    """Section 7: the coded reasons, by stage."""
    reasons = say.protocol.dispositions
    parts = []
    for name, title, entries in (
        ("7.1", "Discontinuation of Trial Intervention for Individual Participants", reasons.treatment),
        ("7.2", "Participant Discontinuation or Withdrawal from the Trial", reasons.follow_up),
    ):
        if entries:
            blocks = (paragraph("Coded reasons:"), coded(entries), *say.source(reasons.source))
            parts.append(Section(name, title, blocks))
    title = "Participant Discontinuation of Trial Intervention and Discontinuation or Withdrawal from Trial"
    return Section("7", title, () if parts else (NOTHING,), tuple(parts))
