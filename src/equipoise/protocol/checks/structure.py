"""What the blocks of the plan say of one another: names are declared, and what is combined can be combined.

Recording, treatment and oversight are checked here, the path in :mod:`equipoise.protocol.checks.path`, outcomes and
analyses in :mod:`equipoise.protocol.checks.plans`. What these leave to rules and patients is proved by ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks, earlier
from equipoise.protocol.checks.path import check_path
from equipoise.protocol.checks.plans import check_plan
from equipoise.protocol.definition import Course, Protocol, Span, Treatment, Version
from equipoise.protocol.reading.document import Document, Path

_PER_TIME = re.compile(
    r"(/|\bper\b|\ba\b|\beach\b)\s*(24\s*)?(d|days?|h|hr|hours?|min|minutes?)\b", re.IGNORECASE
)
_VEIN = re.compile(r"venous|\bi\.?v\b|\bvein", re.IGNORECASE)


def check(
    protocol: Protocol, document: Document, condition: Callable[[Path, str], Iterator[Problem]]
) -> Iterator[Problem]:
    """Yield every inconsistency of the blocks that describe how the trial is run and analyzed.

    condition: checks a rule at a place, as the other rules of the file are checked.
    """
    checks = Checks(protocol, document, condition)
    yield from _labels(checks)
    yield from _items(checks)
    yield from _treatment(checks)
    yield from _versions(checks)
    yield from check_path(checks)
    yield from check_plan(checks)


def _labels(checks: Checks) -> Iterator[Problem]:
    of = checks.protocol
    blocks: dict[str, tuple[Any, str]] = {
        "visits": (of.visits, "visit"), "assays": (of.assays, "assay"), "consents": (of.consents, "consent"),
        "drugs": (of.drugs, "drug"), "courses": (of.courses, "course"), "groups": (of.groups, "group"),
    }  # fmt: skip
    for block, (parts, what) in blocks.items():
        yield from checks.labels((block,), {name: part.label for name, part in parts.items()}, what)
    for name, visit in of.visits.items():
        if visit.window != "not stated" and min(visit.window) < 0:
            before, after = visit.window
            yield checks.problem(("visits", name, "window"), f"[{before}, {after}]", "days before and days after, both from 0 on",
                                 "write [2, 3] for two days before to three days after")  # fmt: skip


def _items(checks: Checks) -> Iterator[Problem]:
    """Assays and visits are declared, where the file names them: an item of several visits is one item there."""
    written = checks.document.value.get("items") or {}
    for name, item in checks.protocol.items.items():
        if name in written:
            yield from checks.known(("items", name, "assay"), item.assay, checks.protocol.assays, "assay")
    for name, raw in written.items():
        visits = raw.get("collected")
        if not isinstance(visits, tuple):
            continue
        place: Path = ("items", name)
        if not visits:
            yield checks.problem((*place, "collected"), "no visit", "at least one", "name the visits")
        yield from checks.all_known((*place, "collected"), visits, checks.protocol.visits, "visit")
        yield from checks.known((*place, "assay"), raw.get("assay"), checks.protocol.assays, "assay")


# -- treatment ---------------------------------------------------------------------------------------


def _treatment(checks: Checks) -> Iterator[Problem]:
    for name, group in checks.protocol.groups.items():
        yield from checks.rule(("groups", name, "when"), group.when)
    for name, course in checks.protocol.courses.items():
        for treatment, one in course.treatments.items():
            place: Path = ("courses", name, "treatments", treatment)
            yield from _what_is_given(checks, place, one)
            yield from _days(checks, (*place, "days"), course, one)
            yield from checks.rule((*place, "when"), one.when)


def _what_is_given(checks: Checks, place: Path, one: Treatment) -> Iterator[Problem]:
    """A drug or a procedure; a dose and an infusion that can be given."""
    yield from checks.known((*place, "drug"), one.drug, checks.protocol.drugs, "drug")
    if (one.drug is None) == (one.procedure is None):
        found = "neither drug nor procedure" if one.drug is None else "both drug and procedure"
        yield checks.problem(
            place, found, "exactly one of them", "write two treatments" if one.drug else "name one"
        )
    if one.infusion != "not stated" and one.procedure is not None and one.drug is None:
        yield checks.problem(
            (*place, "infusion"), f"an infusion of {one.procedure}", "an infusion of a drug only", "remove it"
        )
    infused = one.infusion if one.infusion in ("intermittent", "continuous") else None
    if infused and one.route != "not stated" and not _VEIN.search(one.route):
        yield checks.problem((*place, "route"), f"{one.route!r} for a {infused} infusion", "a route into a vein",
                             "write intravenous, or remove the infusion")  # fmt: skip
    if one.dose == "not stated":
        return
    if one.dose.maximum is not None and one.dose.maximum < one.dose.amount:
        found = (
            f"at most {one.dose.maximum:g} {one.dose.unit} of a dose of {one.dose.amount:g} {one.dose.unit}"
        )
        yield checks.problem((*place, "dose", "maximum"), found, "at least the amount, in the same unit",
                             "state the maximum in the unit of the dose")  # fmt: skip
    if one.infusion == "continuous" and not _PER_TIME.search(one.dose.unit):
        # 15 µg/m2 over a day and over four weeks are 28-fold apart.
        yield checks.problem((*place, "dose", "unit"), f"{one.dose.unit!r} for a continuous infusion", "an amount per time",
                             "write for example µg/m2/day")  # fmt: skip


def _days(checks: Checks, place: Path, course: Course, one: Treatment) -> Iterator[Problem]:
    """Days in order, each once, none after the course's last one."""
    if one.days == "not stated":
        return
    if isinstance(one.days, Span):
        days: tuple[int, ...] = (one.days.first, one.days.last)
        if days[0] > days[1]:
            yield checks.problem(
                (*place, "last"),
                f"day {days[1]}, before day {days[0]}",
                "a day from the first on",
                "exchange them",
            )
            return
    else:
        days = one.days
        if not days:
            yield checks.problem(place, "an empty list", "at least one day", "write not stated")
        elif list(days) != sorted(set(days)):
            yield checks.problem(
                place, f"the days {', '.join(map(str, days))}", "each day once, in order", "sort them"
            )
    if course.days != "not stated" and days and max(days) > course.days:
        yield checks.problem(place, f"day {max(days)} of a course of {course.days} days", f"days from 1 to {course.days}",
                             "correct the day, or the length of the course")  # fmt: skip


# -- dates -------------------------------------------------------------------------------------------


def _versions(checks: Checks) -> Iterator[Problem]:
    """What is dated is dated in order, as far as days or months are stated."""
    of = checks.protocol
    yield from _in_order(checks, ("versions",), of.versions)
    for consent, one in of.consents.items():
        if one.versions != "not stated":
            yield from _in_order(checks, ("consents", consent, "versions"), one.versions)
    yield from _span(checks, ("oversight",), of.oversight.opened, of.oversight.closed)
    for name, each in of.randomizations.items():
        yield from _span(checks, ("randomizations", name), each.opened, each.closed)


def _in_order(checks: Checks, place: Path, versions: Mapping[str, Version]) -> Iterator[Problem]:
    dated = [(name, version.on) for name, version in versions.items() if version.on != "not stated"]
    for (before, first), (name, later) in pairwise(dated):
        if earlier(later, first):
            yield checks.problem((*place, name, "on"), f"{later}, before {before} of {first}", "versions in order of date",
                                 "exchange them, or correct the date")  # fmt: skip


def _span(checks: Checks, place: Path, opened: date | str, closed: date | str) -> Iterator[Problem]:
    if earlier(closed, opened):
        what = "month" if len(str(opened)) == 7 else "day"
        found = f"{closed}, before it opened"
        yield checks.problem((*place, "closed"), found, f"a {what} from {opened} on")
