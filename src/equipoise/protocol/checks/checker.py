"""The small checks of which all others are made: a name is declared, a label stands once, a rule runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from equipoise.errors import Problem
from equipoise.protocol.definition import Protocol
from equipoise.protocol.reading.document import Document, Path
from equipoise.protocol.reading.validation import did_you_mean
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.rule import Rule, RuleProblem, compile_rule

_NEVER = ("a rule that is never true", "one that can be", "remove what it is for")


@dataclass(frozen=True)
class Checks:
    """A protocol, where it was read from, and what rules may use.

    columns: the names that rules may read so far; derived items join them in the order of the file.
    codes: what may stand beside a name.  several: of the items of several visits, the name at each visit → the
    name that the file writes.
    """

    protocol: Protocol
    document: Document
    columns: dict[str, pl.DataType]
    codes: Mapping[str, tuple[str, ...]]
    several: Mapping[str, str]

    @classmethod
    def of(cls, protocol: Protocol, document: Document) -> Checks:
        """The checks of a protocol of which nothing is derived yet."""
        several = {
            f"{name}_{visit}": name
            for name, item in (document.value.get("items") or {}).items()
            if isinstance(item.get("collected"), tuple)
            for visit in item["collected"]
        }
        return cls(protocol, document, columns.for_rules(protocol), columns.choices(protocol), several)

    def problem(
        self, path: Path, found: str, expected: str, remedy: str = "", *, key: bool = False
    ) -> Problem:
        """A problem in its place."""
        return self.document.problem(path, found, expected, remedy, key=key)

    def written(self, path: Path) -> bool:
        """Whether a part stands in the file, and is not what the language adds."""
        try:
            self.document.get(path)
        except KeyError:
            return False
        return True

    # -- names and labels --------------------------------------------------------------------------

    def known(self, path: Path, name: str | None, names: Iterable[str], what: str) -> Iterator[Problem]:
        """A name, where there is one, is declared."""
        declared = list(names)
        if name is not None and name not in declared:
            one = f"an {what}" if what[0] in "aeiou" else f"a {what}"
            remedy = did_you_mean(name, declared) if declared else f"declare {one}"
            yield self.problem(path, repr(name), f"a declared {what}", remedy)

    def all_known(
        self, path: Path, given: Sequence[str], names: Iterable[str], what: str
    ) -> Iterator[Problem]:
        """Names are declared, each stands once."""
        declared = list(names)
        for index, name in enumerate(given):
            yield from self.known((*path, index), name, declared, what)
        yield from self.different(path, given)

    def different(self, path: Path, values: Sequence[object]) -> Iterator[Problem]:
        """No value stands twice."""
        for index, value in enumerate(values):
            if value in values[:index]:
                text = f"{value:g}" if isinstance(value, float) else repr(value)
                yield self.problem((*path, index), f"{text} a second time", "each once", "remove it")

    def labels(self, block: Path, labels: Mapping[str, str], what: str) -> Iterator[Problem]:
        """Labels stand in documents without their names: two that are equal cannot be told apart."""
        first: dict[str, str] = {}
        for name, label in labels.items():
            if label in first:
                found = f"the label {label!r} for both {first[label]} and {name}"
                yield self.problem((*block, name), found, f"a label of its own for each {what}", "reword one")
            first.setdefault(label, name)

    # -- items -------------------------------------------------------------------------------------

    def items(self) -> list[str]:
        """The names of everything that is known of a subject by declaration: items and derived items."""
        return [*self.protocol.items, *self.protocol.derived]

    def has_levels(self, name: str) -> bool:
        """Whether an item that is declared has levels."""
        derived = self.protocol.derived.get(name)
        if derived is not None:
            return derived.classes is not None
        return self.protocol.items[name].type in ("choice", "boolean")

    def factor(self, path: Path, name: str | None, *others: str) -> Iterator[Problem]:
        """An item with levels, or one of the other names."""
        if name in others:
            return
        yield from self.known(path, name, [*self.items(), *others], "item or derived item")
        yield from self._levels(path, name)

    def factors(self, path: Path, names: Sequence[str], *others: str) -> Iterator[Problem]:
        """Items with levels, each once; the other names may stand among them."""
        yield from self.all_known(path, names, [*self.items(), *others], "item or derived item")
        for index, name in enumerate(names):
            yield from self._levels((*path, index), name)

    def _levels(self, path: Path, name: str | None) -> Iterator[Problem]:
        if name in self.items() and not self.has_levels(name):
            yield self.problem(path, f"{name!r}, which has no levels", "a choice, a boolean or a classified item",
                               "derive classes from it")  # fmt: skip

    # -- rules -------------------------------------------------------------------------------------

    def condition(self, path: Path, text: str | None) -> Iterator[Problem]:
        """A rule, where there is one, runs and is not constantly false."""
        if text is not None:
            rule = self.compiled(path, text)
            yield from rule_problem(rule)
            yield from self.never(path, rule)

    def never(self, path: Path, rule: Rule | Problem | None) -> Iterator[Problem]:
        """Some subjects can meet a rule."""
        if isinstance(rule, Rule) and constant(rule) is False:
            yield self.problem(path, *_NEVER)

    def compiled(
        self, path: Path, text: str, kind: str = "truth", over: Mapping[str, pl.DataType] | None = None
    ) -> Rule | Problem | None:
        """A rule that runs, or what is wrong with it; None where that is said of what it reads.

        kind: what the rule must give.  over: the columns that it reads, where they are not those of subjects.
        """
        try:
            # The columns of adverse events are not items, even where they share a name with one.
            known, codes = (self.columns, self.codes) if over is None else (over, {})
            return compile_rule(text, known, codes, kind)
        except RuleProblem as problem:
            if any(problem.found.startswith(f"the name '{item}_") for item in self._unsettled()):
                return None  # what is wrong is the item's list of visits, which is said there
            expected, remedy = self._instead(problem)
            placed = self.problem(path, problem.found, expected, remedy)
            return replace(placed, path=f"{placed.path}, character {problem.offset + 1} of the rule")

    def _instead(self, problem: RuleProblem) -> tuple[str, str]:
        """What to expect and do about a name that is declared, but not as what a rule can read here."""
        name = problem.found.removeprefix("the name '").removesuffix("'")
        if f"the name '{name}'" != problem.found:
            return problem.expected, problem.remedy
        if name in self.protocol.derived:
            return "an item, or an item derived above", "move its block above this one"
        if visits := [one for one, item in self.several.items() if item == name]:
            return "the name of one of its visits", f"write {' or '.join(visits)}"
        for block in ("populations", "endpoints", "events", "arms", "analyses", "cutoffs"):
            if name in getattr(self.protocol, block):
                return "a declared item", f"{name!r} is one of the {block}: rules read items"
        return problem.expected, problem.remedy

    def _unsettled(self) -> list[str]:
        """Items whose list of visits is wrong: what they are named at each visit is not known."""
        return [
            name
            for name, item in (self.document.value.get("items") or {}).items()
            if isinstance(visits := item.get("collected"), tuple)
            and (not visits or len(set(visits)) < len(visits) or not set(visits) <= set(self.protocol.visits))
        ]


def rule_problem(rule: Rule | Problem | None) -> Iterator[Problem]:
    """What is wrong with a rule that was compiled, if anything."""
    if isinstance(rule, Problem):
        yield rule


def constant(rule: Rule) -> object:
    """The value of a rule that reads no column; None for every other."""
    return None if rule.columns else rule.evaluate(pl.DataFrame({"": [None]})).item()


def earlier(day: date | str, other: date | str) -> bool:
    """Whether a day is before another one; a month is any of its days, and what is not stated is never earlier.

    >>> earlier("2020-01", date(2020, 1, 1)), earlier("2019-12", date(2020, 1, 1))
    (False, True)
    """
    if "not stated" in (day, other):
        return False
    length = min(len(str(day)), len(str(other)))
    return str(day)[:length] < str(other)[:length]
