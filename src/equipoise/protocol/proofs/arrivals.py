"""Who can arrive at each step of the path, by which way, and what has been done by then.

A way through the path is a list of claims: of ordered branches, the rule of the one that is taken is true and every
rule before it is false (unknown never falls through); an arm claims itself; past the check of eligibility every
criterion is met. A way that no patient can go is dropped where it becomes impossible. Of two ways to a step, one says
nothing new if it asks for more and leaves as much done: only the others are kept, so that their number stays small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from typing import Protocol as Shape

from equipoise.protocol import paths
from equipoise.protocol.definition import Protocol, Step
from equipoise.protocol.definition.trial import ELIGIBLE
from equipoise.protocol.proofs.symbolic import STATUS_OF
from equipoise.protocol.proofs.witnesses import Claim, Patients, Row, Search, name_of, text_of
from equipoise.protocol.reading.document import Path

MAX_WAYS = 200  # to one step that are told apart

Done = frozenset[tuple[str, str]]


class Say(Shape):
    """How a finding is said: its kind, statement and place; what was expected, the remedy, the patient and the rules."""

    def __call__(
        self, kind: Literal["proved", "failed", "undecided"], statement: str, place: Path,
        expected: str = "", remedy: str = "", row: dict[str, Any] | None = None, rules: Sequence[str] = (),
    ) -> None: ...  # fmt: skip


@dataclass(frozen=True, slots=True)
class Someone:
    """A patient who was looked for at a step: what came of it, as in Search, and the rules that the patient meets."""

    state: Literal["found", "none", "open"]
    row: Row | None = None
    rules: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One kind of way to a step. claims: of who comes by it.  done: (kind, name) of what is behind.  way: the steps."""

    claims: tuple[Claim, ...]
    done: Done
    way: tuple[str, ...]

    def did(self, kind: str) -> list[str]:
        """The names of what of this kind is behind."""
        return sorted(name for one, name in self.done if one == kind)


@dataclass(frozen=True, slots=True)
class Exit:
    """One way on from a step. does: whether the step's own thing is done by who takes it."""

    kind: str
    to: str
    place: Path
    claims: tuple[Claim, ...] = ()
    does: bool = True


class Arrivals:
    """The arrivals at every step that a patient can reach.

    eligible: the claims of who meets every criterion.  at: the arrivals of each step.  taken: the exits, by place,
    that some patient can take.  crowded: a step with more ways than are told apart, where following them ended.
    open: questions that the solver left open; such ways count as possible.
    """

    def __init__(self, protocol: Protocol, patients: Patients, eligible: tuple[Claim, ...]) -> None:
        self.protocol, self.patients, self.eligible = protocol, patients, eligible
        self.crowded = ""
        self.open: list[Search] = []
        self.taken: set[Path] = set()
        self._searches: dict[frozenset[Claim], Search] = {}
        self._exits: dict[str, list[Exit]] = {}
        self._reads: dict[str, frozenset[str]] = {}
        self.order = paths.in_order(protocol.path)
        checked = any(step.does == "eligibility" for step in protocol.path.values())
        begin = Arrival(() if checked else eligible, frozenset(), tuple(self.order[:1]))
        self.at = self.walk({step: [begin] for step in self.order[:1]})

    def walk(self, begin: Mapping[str, Sequence[Arrival]]) -> dict[str, list[Arrival]]:
        """The arrivals at every step after these; the first ones are among them."""
        at: dict[str, list[Arrival]] = {step: list(arrivals) for step, arrivals in begin.items()}
        for step in self.order:
            if self.crowded:
                break
            for arrival in at.get(step, ()):
                for exit_ in self.exits(step):
                    further = self._along(step, arrival, exit_)
                    if further is not None:
                        self.taken.add(exit_.place)
                        self._enter(at.setdefault(exit_.to, []), further)
        return at

    def _along(self, step: str, arrival: Arrival, exit_: Exit) -> Arrival | None:
        """The arrival at the next step, unless no patient can take this way."""
        claims = tuple(dict.fromkeys((*arrival.claims, *exit_.claims)))
        if claims != arrival.claims and self.find(claims).state == "none":
            return None
        did = _thing(self.protocol.path[step]) if exit_.does else frozenset()
        return Arrival(claims, arrival.done | did, (*arrival.way, exit_.to))

    def _enter(self, arrivals: list[Arrival], new: Arrival) -> None:
        if any(_covers(one, new) for one in arrivals):
            return
        if len(arrivals) >= MAX_WAYS:
            self.crowded = new.way[-1]
            return
        arrivals[:] = [one for one in arrivals if not _covers(new, one)]
        arrivals.append(new)

    def find(self, claims: Sequence[Claim]) -> Search:
        """A patient of whom all is true.

        Claims that share no column bind different parts of a patient. Each part is asked for by itself and once: the
        criteria of eligibility, above all, stand on every way and seldom hang together with what follows.
        """
        row: Row = {}
        open_: Search | None = None
        for part in self._parts(tuple(dict.fromkeys(claims))):
            search = self._asked_once(part)
            if search.state == "none":
                return search
            open_ = search if search.state == "open" else open_
            row |= search.row or {}
        return open_ or Search("found", row)

    def _asked_once(self, part: tuple[Claim, ...]) -> Search:
        key = frozenset(part)
        if key not in self._searches:
            self._searches[key] = self.patients.find(part)
            if self._searches[key].state == "open":
                self.open.append(self._searches[key])
        return self._searches[key]

    def _parts(self, claims: tuple[Claim, ...]) -> list[tuple[Claim, ...]]:
        """The claims by what hangs together: two belong to one part if they read a common column, or others between do."""
        parts: list[tuple[set[str], tuple[Claim, ...]]] = []
        for claim in claims:
            columns = set(self._columns(claim.rule))
            joined: tuple[Claim, ...] = ()
            apart = []
            for read, part in parts:
                if read & columns:
                    columns, joined = columns | read, joined + part
                else:
                    apart.append((read, part))
            parts = [*apart, (columns, (*joined, claim))]
        return [part for _, part in parts]

    def _columns(self, rule: str) -> frozenset[str]:
        """What a rule reads; a status counts as the column that it is made of, a reason as its item."""
        if rule not in self._reads:
            names = self.patients.symbols.reads([rule])
            self._reads[rule] = frozenset(
                STATUS_OF.get(name, name.removesuffix("_unavailable")) for name in names
            )
        return self._reads[rule]

    def someone(
        self,
        arrivals: Sequence[Arrival],
        cases: Sequence[tuple[Claim, ...]] = ((),),
        more: tuple[Claim, ...] = (),
    ) -> Someone:
        """A patient who comes one of these ways and is one of these cases; easy to read."""
        answer = Someone("none")
        for arrival in arrivals:
            for case in cases:
                claims = (*arrival.claims, *case, *more)
                quick = self.find(claims)
                if quick.state == "found":
                    said = {claim.rule: None for claim in claims if claim not in self.eligible}
                    return Someone("found", {**(quick.row or {}), **self._readable(claims)}, tuple(said))
                if quick.state == "open":
                    answer = Someone("open", why=quick.why or "the solver gave up")
        return answer

    def _readable(self, claims: tuple[Claim, ...]) -> Row:
        """What is shown of a patient of whom all is true, in round numbers; what only eligibility asks is not shown."""
        row: Row = {}
        for part in self._parts(tuple(dict.fromkeys(claims))):
            if not set(part) <= set(self.eligible):
                row |= self.patients.find(part, plain=True).row or {}
        return row

    def can_be(self, arrivals: Sequence[Arrival], case: Claim) -> Search:
        """Whether a patient comes one of these ways of whom this is true."""
        answer = Search("none")
        for arrival in arrivals:
            search = self.find((*arrival.claims, case))
            if search.state == "found":
                return search
            answer = search if search.state == "open" else answer
        return answer

    # -- ways on -----------------------------------------------------------------------------------

    def exits(self, step: str) -> list[Exit]:
        """The ways on from a step, those by rule with their claims."""
        if step not in self._exits:
            path = self.protocol.path
            self._exits[step] = [one for one in self._ways(step, path[step]) if one.to in path]
        return self._exits[step]

    def _ways(self, name: str, step: Step) -> Iterator[Exit]:
        place: Path = ("path", name)
        own = self.passing(step)
        if isinstance(step.next, str):
            yield Exit("next", step.next, (*place, "next"), own)
        for index, branch in enumerate(step.next if isinstance(step.next, tuple) else ()):
            claims = (*own, *self.taking(step, index))
            yield Exit("next", branch.to, (*place, "next", index), claims)
        for arm, to in step.arms.items():
            claims = (*own, *_allocated(step.randomization or "", arm))
            yield Exit("arm", to, (*place, "arms", arm), claims)
        for code, deviation in step.deviations.items():
            when = () if deviation.when is None else (Claim(deviation.when),)
            yield Exit("deviation", deviation.to, (*place, "deviations", code), (*own, *when))
        if step.refused:
            yield Exit("refused", step.refused, (*place, "refused"), does=False)
        if step.leave_to:
            yield Exit("leave", step.leave_to, (*place, "leave_to"), does=False)

    def passing(self, step: Step) -> tuple[Claim, ...]:
        """Who goes on from the check of eligibility meets every criterion, unless a branch asks who is eligible."""
        if step.does != "eligibility":
            return ()
        rules = rules_of(step)
        return () if rules and ELIGIBLE in self.patients.symbols.reads(rules) else self.eligible

    def taking(self, step: Step, index: int) -> tuple[Claim, ...]:
        """What is true of who takes a branch."""
        assert isinstance(step.next, tuple)
        before = [Claim(one.when, (False,)) for one in step.next[:index] if one.when is not None]
        when = step.next[index].when
        return (*before, *([Claim(when)] if when is not None else []))

    def stuck(self, step: Step) -> list[tuple[Claim, ...]]:
        """What is true of who has no branch, by cases: a rule is unknown after others that are false, or all are false."""
        rules = rules_of(step)
        cases = [
            (*(Claim(one, (False,)) for one in rules[:index]), Claim(rule, (None,)))
            for index, rule in enumerate(rules)
        ]
        if isinstance(step.next, tuple) and step.next and step.next[-1].when is not None:
            cases.append(tuple(Claim(one, (False,)) for one in rules))
        return [(*self.passing(step), *case) for case in cases]


def rules_of(step: Step) -> list[str]:
    """The rules of a step's branches, in order."""
    return [one.when for one in step.next if one.when is not None] if isinstance(step.next, tuple) else []


def _allocated(randomization: str, arm: str) -> tuple[Claim, ...]:
    return (
        Claim(f"{name_of('randomization')} = {text_of(randomization)}"),
        Claim(f"{name_of('arm')} = {text_of(arm)}"),
    )


def _thing(step: Step) -> Done:
    """What is behind who has done the step."""
    name = getattr(step, step.kind, None) if step.does is None else ""
    return frozenset({(step.kind, name or "")})


def _covers(one: Arrival, other: Arrival) -> bool:
    """Whether who comes the other way adds nothing: as many patients come this way, with no more done.

    Randomizations are told apart: two on one way are a fault, and less done would hide it.
    """
    return (
        set(one.claims) <= set(other.claims)
        and one.done <= other.done
        and one.did("randomization") == other.did("randomization")
    )
