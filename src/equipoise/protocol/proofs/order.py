"""What must come before what on every way through the path: consents, registration, and what rules read."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from equipoise.protocol import paths
from equipoise.protocol.definition import Protocol, Step
from equipoise.protocol.proofs.arrivals import Arrival, Arrivals, Say
from equipoise.protocol.reading.document import Path
from equipoise.protocol.rules import columns

# What is known of a subject only once this has been done; the rest is known whenever it happens.
KNOWN_AFTER = {
    "registered_on": "registration",
    "randomization": "randomization",
    "randomized_on": "randomization",
    "arm": "randomization",
    "treatment_started_on": "course",
    "actual_arm": "course",
}

NEEDS = {"course": ("consent",), "randomization": ("consent", "registration")}  # what must come before


@dataclass(frozen=True, slots=True)
class Asked:
    """Rules or names that are read when a step is done. own: the step's own visit is on record by then."""

    what: str
    place: Path
    rules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    own: bool = False


def prove_order(protocol: Protocol, arrivals: Arrivals, say: Say) -> None:
    """Prove what comes before what, and that all that is declared for the path is on it."""
    prover = _Order(protocol, arrivals, say)
    prover.consented()
    prover.once()
    prover.recorded()
    prover.used()


def way_of(arrival: Arrival) -> str:
    """The steps of a way, as a sentence may name them."""
    return " > ".join(arrival.way)


class _Order:
    def __init__(self, protocol: Protocol, arrivals: Arrivals, say: Say) -> None:
        self.protocol, self.arrivals, self.say = protocol, arrivals, say

    # -- consent, registration, randomization --------------------------------------------------------

    def consented(self) -> None:
        """A consent comes before courses and randomizations, registration before randomizations."""
        good, said = True, set[tuple[str, str]]()
        for name in self.arrivals.order:
            step = self.protocol.path[name]
            for needed in NEEDS.get(step.kind, ()):
                bare = [
                    one for one in self.arrivals.at.get(name, ())
                    if not one.did(needed) and not any((before, needed) in said for before in one.way)
                ]  # fmt: skip
                if bare:  # who comes further without it needs no word of their own
                    good = False
                    said.add((name, needed))
                    thing = f"{step.kind} {getattr(step, step.kind)}"
                    self._say(f"a patient comes to the {thing} without {needed}: {way_of(bare[0])}",
                              ("path", name), f"a {needed} before it on every way",
                              f"put a step of {needed} before it", bare[0])  # fmt: skip
        if good:
            self.say("proved", "a consent comes before every course and randomization, registration before every "
                     "randomization", ("path",))  # fmt: skip

    def once(self) -> None:
        """Nobody meets two randomizations on one way."""
        good = True
        for name, step in self.protocol.path.items():
            if not step.randomization:
                continue
            again = [one for one in self.arrivals.at.get(name, ()) if one.did("randomization")]
            if again:
                good = False
                first = again[0].did("randomization")[0]
                self._say(f"a patient meets two randomizations, {first} and {step.randomization}: {way_of(again[0])}",
                          ("path", name), "at most one randomization on each way",
                          "let the ways part before them", again[0])  # fmt: skip
        if good and len(self.protocol.randomizations) > 1:
            self.say("proved", "nobody meets two randomizations on one way", ("path",))

    def _say(self, statement: str, place: Path, expected: str, remedy: str, arrival: Arrival) -> None:
        someone = self.arrivals.someone([arrival])
        row = someone.row if someone.rules else None
        self.say("failed", statement, place, expected, remedy, row, someone.rules)

    # -- what rules read ---------------------------------------------------------------------------

    def recorded(self) -> None:
        """Each rule reads only what is on record by then, on every way."""
        read, wrong = set[Path](), set[Path]()
        for name, step in self.protocol.path.items():
            for asked in self._asked(name, step):
                read.add(asked.place)
                if asked.place not in wrong and not self._on_record(name, step, asked):
                    wrong.add(asked.place)  # said once, at the first step where it is so
        if read and not wrong:
            self.say("proved", f"each of the {len(read)} rules along the path reads only what is on record by then",
                     ("path",))  # fmt: skip

    def _asked(self, name: str, step: Step) -> Iterator[Asked]:
        """The rules that are read at a step, each with its place."""
        of = self.protocol
        if step.does == "eligibility":
            for code, criterion in of.eligibility.items():
                yield Asked(f"criterion {code}", ("eligibility", code, "require"), (criterion.require,))
        if step.randomization is not None:
            yield from self._at_randomization(step.randomization)
        if step.group is not None:
            yield Asked(
                f"the rule of group {step.group}",
                ("groups", step.group, "when"),
                (of.groups[step.group].when,),
            )
        if step.course is not None:
            for treatment, one in of.courses[step.course].treatments.items():
                if one.when is not None:
                    place: Path = ("courses", step.course, "treatments", treatment, "when")
                    yield Asked(f"the rule of treatment {treatment}", place, (one.when,))
        for index, branch in enumerate(step.next if isinstance(step.next, tuple) else ()):
            if branch.when is not None:
                what = f"the branch to {branch.to} at step {name}"
                yield Asked(what, ("path", name, "next", index, "when"), (branch.when,), own=True)
        for code, deviation in step.deviations.items():
            if deviation.when is not None:
                place = ("path", name, "deviations", code, "when")
                yield Asked(f"the deviation {code} at step {name}", place, (deviation.when,), own=True)
        for event, kind in of.events.items():
            if step.visit is not None and kind.visit == step.visit and kind.when is not None:
                yield Asked(f"the rule of event {event}", ("events", event, "when"), (kind.when,), own=True)

    def _at_randomization(self, name: str) -> Iterator[Asked]:
        randomization, place = self.protocol.randomizations[name], ("randomizations", name)
        if randomization.when is not None:
            yield Asked(f"the rule of randomization {name}", (*place, "when"), (randomization.when,))
        for index, factor in enumerate(() if randomization.strata == "not stated" else randomization.strata):
            what = f"stratum {factor} of randomization {name}"
            yield Asked(what, (*place, "strata", index), names=(factor,))

    def _on_record(self, name: str, step: Step, asked: Asked) -> bool:
        read = self._read(asked)
        after = KNOWN_AFTER | dict.fromkeys(columns.of_strata(self.protocol), "randomization")
        for arrival in self.arrivals.at.get(name, ()):
            visits = [*arrival.did("visit"), *([step.visit] if asked.own and step.visit else [])]
            known = paths.recorded(self.protocol, visits)
            kinds = {kind for kind, _ in arrival.done}
            missing = [item for item in read if item in self.protocol.items and item not in known]
            missing += [one for one in read if after.get(one, "") not in ("", *kinds)]
            if missing:
                verb = "are" if len(missing) > 1 else "is"
                said = f"{asked.what} reads {', '.join(missing)}, which {verb} not on record at step {name}"
                way = f" on the way {way_of(arrival)}" if len(arrival.way) > 1 else ""
                self._say(
                    said + way,
                    asked.place,
                    "only what is on record by then",
                    self._remedy(missing[0]),
                    arrival,
                )
                return False
        return True

    def _remedy(self, missing: str) -> str:
        item = self.protocol.items.get(missing)
        if item is None:
            return "read it in a later step"
        on_path = [name for name, step in self.protocol.path.items() if step.visit == item.collected]
        if not on_path:
            return f"no step of the path is the visit {item.collected}, at which it is recorded"
        return f"it is recorded at {item.collected}, in step {' or '.join(on_path)}: read it after that"

    def _read(self, asked: Asked) -> list[str]:
        """The items and columns that rules or names rest on, through derived ones."""
        symbols = self.arrivals.patients.symbols
        rules = [*asked.rules, *(rule for name in asked.names for rule in symbols.rules_of(name))]
        names = [*symbols.reads(rules), *asked.names]
        of = self.protocol
        items = [
            name.removesuffix("_unavailable") if name not in of.items and name.endswith("_unavailable") else name
            for name in names
        ]  # fmt: skip
        return [name for name in dict.fromkeys(items) if name not in of.derived]

    # -- what is declared and nowhere on the path ------------------------------------------------------

    def used(self) -> None:
        """Every part that is declared for the path is on it."""
        dead = list(self._dead())
        for place, said in dead:
            self.say(
                "failed",
                said,
                place,
                "only parts that the trial uses",
                "add it where it belongs, or remove it",
            )
        if not dead:
            self.say("proved", "every part that is declared for the path is on it", ("path",))

    def _dead(self) -> Iterator[tuple[Path, str]]:
        of, steps = self.protocol, list(self.protocol.path.values())
        parts: dict[str, Iterable[str]] = {
            "visit": of.visits, "consent": of.consents, "course": of.courses, "group": of.groups,
            "randomization": of.randomizations,
        }  # fmt: skip
        for kind, declared in parts.items():
            on_path = {getattr(step, kind) for step in steps}
            for name in _without(declared, on_path):
                yield (f"{kind}s", name), f"{kind} {name} is in no step of the path"
        if of.eligibility and not any(step.does == "eligibility" for step in steps):
            yield ("eligibility",), "no step of the path checks eligibility"
        given = {treatment.drug for course in of.courses.values() for treatment in course.treatments.values()}
        for name in _without(of.drugs, given):
            yield ("drugs", name), f"drug {name} is given in no course"
        for name in _without(of.assays, {item.assay for item in of.items.values()}):
            yield ("assays", name), f"assay {name} measures no item"
        for name in _without(of.arms, {arm for one in of.randomizations.values() for arm in one.arms}):
            yield ("arms", name), f"arm {name} is in no randomization"
        ends = of.endpoints.values()
        for name in _without(
            of.events, {event for one in ends for event in (*one.events, *one.competing, one.origin)}
        ):
            yield ("events", name), f"event {name} is in no end point"
        leaving = {code for step in steps for code in step.reasons}
        for stage in ("screening", "treatment", "follow_up"):
            for code in _without(getattr(of.dispositions, stage), leaving):
                yield ("dispositions", stage, code), f"for the reason {code} nobody leaves at any step"


def _without(declared: Iterable[str], used: Container[str | None]) -> list[str]:
    return [name for name in declared if name not in used]
