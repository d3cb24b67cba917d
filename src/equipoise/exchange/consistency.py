"""Whether facts of one subject can all be true: what is certain to be wrong, and what is only suspicious."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from equipoise.errors import Problem
from equipoise.exchange.cells import Cells
from equipoise.exchange.values import Unfit
from equipoise.log import facts as kinds
from equipoise.log.facts import Fact
from equipoise.protocol.definition import Protocol


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact and the row that it stands in."""

    fact: Fact
    table: Cells
    index: int

    def problem(self, found: str, expected: str, remedy: str = "") -> Problem:
        """A problem of the row, about its subject's column."""
        return self.table.reject(self.index, self.table.block.subject.column, Unfit(found, expected, remedy))

    @property
    def place(self) -> str:
        """Where the row stands, for a message about another row."""
        return f"{self.table.table.name}, row {self.table.table.row(self.index)}"


# What can be said once about a subject, and by what it is told from others of its kind.
ONCE: dict[type, tuple[Callable[..., str], str]] = {
    kinds.Registered: (lambda fact: "", "registration"),
    kinds.Randomized: (lambda fact: fact.randomization, "randomization"),
    kinds.TreatmentStarted: (lambda fact: fact.arm, "start of treatment"),
    kinds.StageEnded: (lambda fact: fact.stage, "end of stage"),
}
WORDS: dict[type, str] = {
    kinds.Registered: "a registration",
    kinds.ItemRecorded: "an item",
    kinds.Randomized: "a randomization",
    kinds.TreatmentStarted: "a start of treatment",
    kinds.EventOccurred: "an event",
    kinds.AdverseEventRecorded: "an adverse event",
    kinds.FollowedUp: "a contact alive",
    kinds.StageEnded: "an end of stage",
}
# What a subject who has died cannot do. Items and ends of stages may be recorded later (autopsy, closure).
OF_THE_LIVING = (
    kinds.Registered, kinds.Randomized, kinds.TreatmentStarted, kinds.EventOccurred,
    kinds.AdverseEventRecorded, kinds.FollowedUp,
)  # fmt: skip
_BEFORE_RANDOMIZATION = (kinds.TreatmentStarted, kinds.EventOccurred)


def check(
    placed: Iterable[Placed], protocol: Protocol, recorded_at: datetime, problems: list[Problem]
) -> tuple[list[Placed], list[Problem]]:
    """Check all facts, subject by subject; certain faults are added to ``problems``.

    Returns the facts without repeated follow-up contacts, and the warnings.
    """
    subjects: dict[str, list[Placed]] = {}
    for one in placed:
        subjects.setdefault(one.fact.subject_id, []).append(one)
    kept: list[Placed] = []
    warnings: list[Problem] = []
    # A day of grace: the day of recording is UTC's, and a site may be ahead of it.
    today = recorded_at.date() + timedelta(days=1)
    for subject, facts in subjects.items():
        facts = _without_repetitions(facts, problems, warnings)
        kept += facts
        problems += _allocated(facts, protocol)
        problems += _future(facts, today)
        problems += _once(facts, protocol)
        problems += _unfounded(subject, facts)
        problems += _after_death(facts, protocol)
        warnings += _early(facts)
        problems += _unregistered_yet(facts)
    return kept, warnings


def first_day(fact: Fact) -> date:
    """The first day that the date can mean."""
    return fact.occurred_on


def last_day(fact: Fact) -> date:
    """The last day that the date can mean."""
    day = fact.occurred_on
    if fact.precision == "day":
        return day
    month = day.month if fact.precision == "month" else 12
    return date(day.year, month, monthrange(day.year, month)[1])


def _without_repetitions(
    facts: Sequence[Placed], problems: list[Problem], warnings: list[Problem]
) -> list[Placed]:
    """Drop repeated contacts, keep equal adverse events with a warning, refuse any other repetition."""
    seen: dict[object, Placed] = {}
    kept = []
    for one in facts:
        key = _identity(one.fact)
        first = seen.setdefault(key, one)
        if first is one:
            kept.append(one)
            continue
        found = f"{WORDS[type(one.fact)]} that says the same as {first.place}"
        if isinstance(one.fact, kinds.FollowedUp):
            continue  # two contacts on one day are one
        if isinstance(one.fact, kinds.AdverseEventRecorded):
            kept.append(one)
            warnings.append(
                one.problem(found, "each adverse event once", "if it happened once, remove the row")
            )
        else:
            problems.append(
                one.problem(found, "each fact once", "remove the row, or limit the rule with where")
            )
    items: dict[object, Placed] = {}
    for one in kept:
        if isinstance(one.fact, kinds.ItemRecorded):
            first = items.setdefault((one.fact.item, one.fact.occurred_on, one.fact.precision), one)
            if first is not one:
                found = f"another value of {one.fact.item} than {first.place}, on the same day"
                problems.append(one.problem(found, "one value of an item a day", "correct one of them"))
    return kept


def _identity(fact: Fact) -> object:
    """All that a fact says, but for who said it and when."""
    skipped = ("recorded_at", "recorded_by", "stratum")
    return type(fact), *(
        getattr(fact, name) for name in type(fact).__dataclass_fields__ if name not in skipped
    )


def _allocated(facts: Sequence[Placed], protocol: Protocol) -> Iterator[Problem]:
    """An arm, and the levels of the strata, must be those of the randomization that the row names."""
    for one in facts:
        if not isinstance(one.fact, kinds.Randomized):
            continue
        planned = protocol.randomizations[one.fact.randomization]
        if one.fact.arm not in planned.arms:
            yield one.problem(
                f"the arm {one.fact.arm!r}",
                f"an arm of {one.fact.randomization!r}: {', '.join(planned.arms)}",
            )
        if planned.strata != "not stated" and set(one.fact.stratum) != set(planned.strata):
            found = f"levels of {', '.join(one.fact.stratum) or 'no factor'}"
            yield one.problem(
                found, f"the strata of {one.fact.randomization!r}: {', '.join(planned.strata) or 'none'}"
            )


def _future(facts: Sequence[Placed], today: date) -> Iterator[Problem]:
    for one in facts:
        if first_day(one.fact) > today:
            yield one.problem(
                f"the day {one.fact.occurred_on}",
                f"a day not after the import on {today - timedelta(days=1)}",
            )


def _once(facts: Sequence[Placed], protocol: Protocol) -> Iterator[Problem]:
    seen: dict[object, Placed] = {}
    for one in facts:
        kind = type(one.fact)
        if kind in ONCE:
            of, what = ONCE[kind]
            which = of(one.fact)
        elif isinstance(one.fact, kinds.EventOccurred) and protocol.events[one.fact.event].terminal:
            which, what = one.fact.event, "terminal event"
        else:
            continue
        first = seen.setdefault((kind, which), one)
        if first is not one:
            name = f"{what} {which!r}" if which else what
            yield one.problem(f"a second {name} of the subject", f"one; the first is in {first.place}")


def _unfounded(subject: str, facts: Sequence[Placed]) -> Iterator[Problem]:
    if not any(isinstance(one.fact, kinds.Registered | kinds.Randomized) for one in facts):
        expected = "a registration or a randomization of the subject"
        yield facts[0].problem(
            f"{len(facts)} fact(s) about {subject!r} only", expected, "is the identifier right?"
        )


def _after_death(facts: Sequence[Placed], protocol: Protocol) -> Iterator[Problem]:
    deaths = [
        one for one in facts
        if isinstance(one.fact, kinds.EventOccurred) and protocol.events[one.fact.event].terminal
    ]  # fmt: skip
    if not deaths:
        return
    death = min(deaths, key=lambda one: last_day(one.fact))
    for one in facts:
        if (
            one is not death
            and isinstance(one.fact, OF_THE_LIVING)
            and first_day(one.fact) > last_day(death.fact)
        ):
            found = f"{WORDS[type(one.fact)]} on {one.fact.occurred_on}"
            yield one.problem(found, f"nothing after the death on {death.fact.occurred_on} ({death.place})")


def _unregistered_yet(facts: Sequence[Placed]) -> Iterator[Problem]:
    registered = next((one for one in facts if isinstance(one.fact, kinds.Registered)), None)
    for one in facts:
        if (
            registered
            and isinstance(one.fact, kinds.Randomized)
            and last_day(one.fact) < first_day(registered.fact)
        ):
            found = f"a randomization on {one.fact.occurred_on}"
            yield one.problem(found, f"a day not before the registration on {registered.fact.occurred_on}")


def _early(facts: Sequence[Placed]) -> Iterator[Problem]:
    """Possible, but seldom meant: treatment or an event before randomization."""
    randomized = next((one for one in facts if isinstance(one.fact, kinds.Randomized)), None)
    for one in facts:
        if (
            randomized
            and isinstance(one.fact, _BEFORE_RANDOMIZATION)
            and last_day(one.fact) < first_day(randomized.fact)
        ):
            found = f"{WORDS[type(one.fact)]} on {one.fact.occurred_on}"
            yield one.problem(found, f"a day not before the randomization on {randomized.fact.occurred_on}")
