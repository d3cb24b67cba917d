"""What is given: drugs, and courses with their treatments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks
from equipoise.protocol.definition import Course, Span, Treatment
from equipoise.protocol.reading.document import Path

_PER_TIME = re.compile(
    r"(/|\bper\b|\ba\b|\beach\b)\s*(24\s*)?(d|days?|h|hr|hours?|min|minutes?)\b", re.IGNORECASE
)
_VEIN = re.compile(r"venous|\bi\.?v\b|\bvein", re.IGNORECASE)


def check_treatment(checks: Checks) -> Iterator[Problem]:
    """Yield what does not fit in drugs and courses."""
    of = checks.protocol
    yield from checks.labels(("drugs",), {name: one.label for name, one in of.drugs.items()}, "drug")
    yield from checks.labels(("courses",), {name: one.label for name, one in of.courses.items()}, "course")
    for name, course in of.courses.items():
        for treatment, one in course.treatments.items():
            place: Path = ("courses", name, "treatments", treatment)
            yield from _what_is_given(checks, place, one)
            yield from _days(checks, (*place, "days"), course, one)
            yield from checks.condition((*place, "when"), one.when)


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
