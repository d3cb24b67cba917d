"""What a protocol's rules leave open, proved by an SMT solver or shown by a patient for whom they fail.

A finding is proved for every patient that the declared items allow, not for the patients of an example.
Where the protocol has criteria of eligibility, its patients are those who meet all of them. A failed
finding shows one patient, who has been put through the evaluator that the trial itself will use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import prod
from typing import Any, Literal

from equipoise.errors import Problem
from equipoise.protocol.definition import Protocol, Randomization
from equipoise.protocol.proofs.path import prove_path
from equipoise.protocol.proofs.witnesses import EFFORT, Claim, Patients, Search, name_of, text_of
from equipoise.protocol.reading.document import Document, Path, dotted
from equipoise.protocol.rules import columns

MAX_COMBINATIONS = 1000  # of strata that are looked at one by one

Kind = Literal["proved", "failed", "undecided"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was to be proved, and how it ended.

    undecided: the solver did not find out in time.  counter_example: the patient in words, by item; of what
    is proved, an example.  row: the same patient as the evaluator reads it, with all that the search fixed.
    """

    kind: Kind
    statement: str
    place: Path
    counter_example: dict[str, str] | None = None
    expected: str = ""
    remedy: str = ""
    row: dict[str, Any] | None = field(default=None, repr=False)
    document: Document | None = field(default=None, repr=False, compare=False)

    def problem(self) -> Problem:
        """The finding as a problem in its place in the file."""
        found = self.statement
        if self.counter_example:
            found += f": {', '.join(f'{name} {value}' for name, value in self.counter_example.items())}"
        expected = self.expected or "a rule of which the solver finds out"
        if self.document is not None:
            return self.document.problem(self.place, found, expected, self.remedy)
        return Problem(
            file="protocol", path=dotted(self.place), found=found, expected=expected, remedy=self.remedy
        )


def prove(protocol: Protocol, document: Document | None = None, effort: int = EFFORT) -> list[Finding]:
    """Prove what must be true of a protocol's rules, in the order of the file's blocks.

    document: where the protocol was read from, for the line and column of problems.
    effort: what the solver may spend on one question, in its own units: the same answer on every machine.
    """
    return _Prover(protocol, document, effort).run()


def overlaps(protocol: Protocol, name: str, effort: int = EFFORT) -> list[tuple[str, str, dict[str, str]]]:
    """Pairs of classes whose rules both hold for some eligible patient, with that patient.

    In ordered classes that is no fault: the first that holds applies. It is for who reads the rules.
    """
    prover = _Prover(protocol, None, effort)
    classes = protocol.derived[name].classes or {}
    found = []
    for first, second in combinations(classes, 2):
        rules = (classes[first].when, classes[second].when)
        search = prover.patients.find((*prover.eligible(), *map(Claim, rules)), plain=True)
        if search.row is not None:
            found.append((first, second, prover.patients.shown(search.row, rules)))
    return found


class _Prover:
    def __init__(self, protocol: Protocol, document: Document | None, effort: int) -> None:
        self.protocol, self.document = protocol, document
        self.patients = Patients(protocol, effort)
        self.findings: list[Finding] = []
        self.who = "eligible patient" if protocol.eligibility else "patient"
        self.one = f"an {self.who}" if protocol.eligibility else "a patient"
        self._eligible: tuple[Claim, ...] | None = None

    def run(self) -> list[Finding]:
        self._derived()
        self._eligibility()
        self._randomizations()
        self._populations()
        prove_path(self.protocol, self.patients, self.eligible(), self._say)
        return self.findings

    def eligible(self) -> tuple[Claim, ...]:
        """Every criterion is met; nothing where no patient can meet them all, which is a finding of its own."""
        if self._eligible is None:
            claims = tuple(Claim(criterion.require) for criterion in self.protocol.eligibility.values())
            self._eligible = () if self.patients.find(claims).state == "none" else claims
        return self._eligible

    # -- reporting ---------------------------------------------------------------------------------

    def _say(self, kind: Kind, statement: str, place: Path, expected: str = "", remedy: str = "",
             row: dict[str, Any] | None = None, rules: Sequence[str] = ()) -> None:  # fmt: skip
        shown = None if row is None else self.patients.shown(row, rules)
        finding = Finding(kind, statement, place, shown, expected, remedy, row, self.document)
        self.findings.append(finding)

    def _open(self, search: Search, place: Path, question: str) -> None:
        self._say("undecided", f"{question} ({search.why or 'the solver gave up'})", place,
                  remedy="make the rule simpler")  # fmt: skip

    def _possible(self, claims: Sequence[Claim], place: Path, question: str, failure: str, expected: str,
                  remedy: str = "") -> bool:  # fmt: skip
        """Whether such a patient can be; says so only where not, or where it stays open."""
        search = self.patients.find(claims)
        if search.state == "none":
            self._say("failed", failure, place, expected, remedy)
        elif search.state == "open":
            self._open(search, place, question)
        return search.state == "found"

    # -- derived items -----------------------------------------------------------------------------

    def _derived(self) -> None:
        for name, derived in self.protocol.derived.items():
            if derived.classes is None:
                continue
            place: Path = ("derived", name, "classes")
            self._exhaustive(name, place)
            reachable = [
                self._possible(
                    (*self.eligible(), Claim(f"{name_of(name)} = {text_of(code)}")), (*place, code, "when"),
                    f"can {self.one} be in class {code} of {name}?",
                    f"no {self.who} can be in class {code} of {name}", "a class that some can be in",
                    "look at the classes before it, and at the ranges and units of its items",
                )
                for code in derived.classes
            ]  # fmt: skip
            if all(reachable):
                some = f"each of the {len(reachable)} classes of {name} has a possible patient"
                self._say("proved", some, place)

    def _exhaustive(self, name: str, place: Path) -> None:
        derived, rules = self.protocol.derived[name], self.patients.symbols.rules_of(name)
        without = Claim(f"{name_of(name)} is null")
        known = self._all_known(name) if derived.undecided else ()
        for whom, cases in self._concerned(name):
            every = f"every {whom}" + (" whose items are all known" if derived.undecided else "")
            for among in cases:
                search = self.patients.find((*self.eligible(), *among, *known, without), plain=True)
                if search.state != "none":
                    break
            if search.state == "none":
                self._say("proved", f"{every} has a class of {name}", place)
            elif search.state == "open":
                self._open(search, place, f"has {every} a class of {name}?")
            else:
                one = self.one if whom == self.who else f"a {whom}"
                self._say("failed", f"{one} without a class of {name}", place, f"a class for {every}",
                          "cover this patient by a rule, or say in undecided who may be left without a class",
                          search.row, [*rules, *(claim.rule for claim in among)])  # fmt: skip
        if derived.undecided:
            self._undecided(name, place, without)

    def _concerned(self, name: str) -> list[tuple[str, list[tuple[Claim, ...]]]]:
        """Who must have a class, by cases: every patient, unless the file leaves some out and never misses them.

        A stratum of one randomization means nothing for who is not in it. So where ``undecided`` says that
        some have no class, and no other rule reads it, a class is asked of those for whom it is used.
        """
        protocol = self.protocol
        if not protocol.derived[name].undecided or self._read_by_rules(name):
            return [(self.who, [()])]
        populations = {
            analysis.population for analysis in protocol.analyses.values()
            if name in (analysis.by, *analysis.subgroups, *(analysis.log_rank.strata if analysis.log_rank else ()),
                        *((*analysis.cox.strata, *analysis.cox.covariates) if analysis.cox else ()))
        }  # fmt: skip
        populations |= {
            table.population for table in protocol.baselines.values()
            if name in (table.by, *(one.item for one in table.items))
        }  # fmt: skip
        shares, tables = protocol.proportions.values(), protocol.tables.values()
        populations |= {one.population for one in shares if name in (one.by, *one.covariates)}
        populations |= {one.population for one in tables if name in (one.rows, one.columns, one.by)}
        randomizations = protocol.randomizations.items()
        used = [
            (f"patient of the randomization {one}", [_when(randomization)])
            for one, randomization in randomizations if name in _strata_of(randomization)
        ]  # fmt: skip
        # Who was randomized met the rule for it: errors of conduct are no matter of the rules.
        origins = [(Claim(f"randomization = {text_of(one)}"), *_when(each)) for one, each in randomizations]
        origins.append((Claim("randomization is null"),))
        used += [
            (f"patient of the population {one}", [(Claim(population.require), *origin) for origin in origins])
            for one, population in protocol.populations.items() if one in populations
        ]  # fmt: skip
        return used or [(self.who, [()])]

    def _read_by_rules(self, name: str) -> bool:
        """Whether another rule of the file reads a derived item."""
        protocol = self.protocol
        rules = [rule for other in protocol.derived for rule in self.patients.symbols.rules_of(other)]
        rules += [criterion.require for criterion in protocol.eligibility.values()]
        rules += [population.require for population in protocol.populations.values()]
        rules += [one.when for one in protocol.randomizations.values() if one.when is not None]
        return any(name in self.patients.symbols.reading(rule).rule.columns for rule in rules)

    def _read_by(self, name: str) -> list[str]:
        """The recorded columns that a derived item reads; the reason of an unknown item is not one of them."""
        reads = self.patients.symbols.reads([*self.patients.symbols.rules_of(name)])
        of = self.protocol
        return [
            one for one in reads
            if one not in of.derived and not (one not in of.items and one.endswith("_unavailable"))
        ]  # fmt: skip

    def _all_known(self, name: str) -> tuple[Claim, ...]:
        return tuple(Claim(f"{name_of(one)} is not null") for one in self._read_by(name))

    def _undecided(self, name: str, place: Path, without: Claim) -> None:
        """Who is left without a class: where which single item is unknown, with one example."""
        known, example, unknown = self._read_by(name), None, []
        for one in known:
            rest = [Claim(f"{name_of(other)} is not null") for other in known if other != one]
            here = Claim(f"{name_of(one)} is null")
            search = self.patients.find((*self.eligible(), *rest, here, without), plain=example is None)
            if search.row is not None:
                unknown.append(one)
                example = example or search.row
        if example is None:
            anyone = self.patients.find((*self.eligible(), without), plain=True)
            example = anyone.row
        rules = self.patients.symbols.rules_of(name)
        if example is None:
            self._say("proved", f"no {self.who} is left without a class of {name}", place[:2])
        else:
            where = (
                f"where {' or '.join(unknown)} is unknown" if unknown else "where several items are unknown"
            )
            said = f"{self.one} can be left without a class of {name} {where}"
            self._say("proved", said, (*place[:2], "undecided"), row=example, rules=rules)

    # -- eligibility and populations ----------------------------------------------------------------

    def _eligibility(self) -> None:
        criteria = self.protocol.eligibility
        for code, criterion in criteria.items():
            place: Path = ("eligibility", code, "require")
            self._either(place, criterion.require, f"criterion {code}", ())
        if not criteria:
            return
        claims = [Claim(criterion.require) for criterion in criteria.values()]
        all_met = self._possible(claims, ("eligibility",), "can a patient meet all criteria?",
                                 "no patient can meet all criteria", "criteria that some can meet together",
                                 "look for two criteria that exclude one another")  # fmt: skip
        if all_met:
            self._say("proved", f"a patient can meet all {len(criteria)} criteria", ("eligibility",))

    def _populations(self) -> None:
        for name, population in self.protocol.populations.items():
            place: Path = ("populations", name, "require")
            self._either(place, population.require, f"the rule of population {name}", self.eligible())

    def _either(self, place: Path, rule: str, what: str, among: tuple[Claim, ...]) -> None:
        """A rule that some meet (of those among whom it must be possible) and some do not."""
        met = self._possible((*among, Claim(rule)), place, f"can anybody meet {what}?",
                             f"nobody can meet {what}", "a rule that some meet")  # fmt: skip
        unmet = self._possible((Claim(rule, (False, None)),), place, f"can anybody fail {what}?",
                               f"nobody can fail {what}", "a rule that some do not meet",
                               "remove it, or look at the ranges of its items")  # fmt: skip
        if met and unmet:
            self._say("proved", f"some meet {what} and some do not", place)

    # -- randomizations ----------------------------------------------------------------------------

    def _randomizations(self) -> None:
        randomizations = self.protocol.randomizations
        for name, randomization in randomizations.items():
            place: Path = ("randomizations", name)
            entered = randomization.when is None or self._possible(
                (*self.eligible(), *_when(randomization)), (*place, "when"),
                f"can {self.one} enter the randomization {name}?",
                f"no {self.who} can enter the randomization {name}", "a rule that some meet",
            )  # fmt: skip
            if entered and randomization.when is not None:
                self._say("proved", f"{self.one} can enter the randomization {name}", (*place, "when"))
            if entered and _strata_of(randomization):
                self._strata(name, randomization)
        for first, second in combinations(randomizations, 2):
            self._apart(first, second)

    def _apart(self, first: str, second: str) -> None:
        place: Path = ("randomizations", second, "when")
        both = (*_when(self.protocol.randomizations[first]), *_when(self.protocol.randomizations[second]))
        search = self.patients.find((*self.eligible(), *both), plain=True)
        if search.state == "none":
            self._say("proved", f"no {self.who} can enter both {first} and {second}", place)
        elif search.state == "open":
            self._open(search, place, f"can {self.one} enter both {first} and {second}?")
        else:
            self._say("failed", f"{self.one} who can enter both {first} and {second}", place,
                      "at most one randomization for each", "let the rules exclude one another",
                      search.row, [claim.rule for claim in both])  # fmt: skip

    def _strata(self, name: str, randomization: Randomization) -> None:
        factors = _strata_of(randomization)
        place: Path = ("randomizations", name, "strata")
        among = (*self.eligible(), *_when(randomization))
        for index, factor in enumerate(factors):
            self._has_level(factor, (*place, index), name, among)
        levels = [[(factor, level) for level in self.protocol.factor_levels(factor)] for factor in factors]
        total = prod(map(len, levels))
        if total > MAX_COMBINATIONS:
            said = f"which of the {total} combinations of strata are possible? (too many to look at)"
            self._say("undecided", said, place, remedy="stratify by fewer factors")
            return
        states = []
        for combination in product(*levels):
            search = self.patients.find((*among, *(self._level(*one) for one in combination)))
            states.append(search.state)
            if len(factors) == 1 and search.state == "none":
                said = f"no patient of the randomization {name} can be in stratum {combination[0][1]}"
                self._say("failed", said, (*place, 0), "a stratum that some can be in",
                          f"look at the rules of {factors[0]} and of the randomization")  # fmt: skip
        if "open" in states:
            self._say("undecided", f"{states.count('open')} of {total} combinations of strata", place)
        elif len(factors) > 1 or "none" not in states:
            possible = f"{states.count('found')} of {total} combinations of strata are possible in {name}"
            self._say("proved", possible, place)

    def _level(self, factor: str, level: str) -> Claim:
        item = self.protocol.items.get(factor)
        truth = item is not None and item.type == "boolean"
        return Claim(f"{name_of(factor)} = {level if truth else text_of(level)}")

    def _has_level(self, factor: str, place: Path, name: str, among: tuple[Claim, ...]) -> None:
        """Who is randomized must have a stratum; where a classification must be complete, that is said there."""
        derived = self.protocol.derived.get(factor)
        if derived is not None and not derived.undecided:
            return
        rule = f"{name_of(factor)} is null"
        search = self.patients.find((*among, Claim(rule)), plain=True)
        if search.state == "open":
            self._open(search, place, f"has every patient of the randomization {name} a level of {factor}?")
        elif search.state == "found":
            when = [claim.rule for claim in _when(self.protocol.randomizations[name])]
            said = f"a patient of the randomization {name} without a level of {factor}"
            self._say("failed", said, place, "a stratum for each patient who is randomized",
                      "let the randomization's rule ask for it", search.row, [rule, *when])  # fmt: skip


def _when(randomization: Randomization) -> tuple[Claim, ...]:
    return () if randomization.when is None else (Claim(randomization.when),)


def _strata_of(randomization: Randomization) -> tuple[str, ...]:
    """The factors with levels in the file; which sites there are, only the data say."""
    strata = () if randomization.strata == "not stated" else randomization.strata
    return tuple(factor for factor in strata if factor != columns.SITE)
