"""One patient of a protocol in symbols: every column a variable within its domain, every rule a formula over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from equipoise.protocol.definition import Item, Protocol
from equipoise.protocol.proofs.calendar import Span
from equipoise.protocol.proofs.formulas import Formula
from equipoise.protocol.proofs.terms import Terms, Value, exact
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.language import DTYPES, KINDS
from equipoise.protocol.rules.rule import Rule, compile_rule, parse

LARGEST = 9 * 10**15  # of a number: whole numbers up to here are exact in double precision
STATUS_OF = {"randomized": "arm", "treated": "actual_arm"}  # a status is whether another column is known


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule that has been read.

    arithmetic: it computes, so that rounding may tell it from its formula.  spans: of which days it counts
    what lies between.
    """

    rule: Rule
    value: Value
    arithmetic: bool
    spans: tuple[Span, ...]


class Symbols(Terms):
    """One patient of a protocol, of whom nothing is known but what the protocol declares.

    ``domain`` grows with each column that a rule reads: its declared range, choices and reasons.
    ``near`` keeps the numbers and days with which a column is compared; the best examples lie there.
    """

    def __init__(self, protocol: Protocol) -> None:
        super().__init__()
        self.protocol = protocol
        self.choices = columns.choices(protocol)
        self.types = columns.for_rules(protocol)
        self.domain: dict[str, list[Any]] = {}
        self.variables: dict[str, Any] = {}
        self.near: dict[str, set[Fraction]] = {}
        self._values: dict[str, Value] = {}
        self._readings: dict[str, Reading] = {}
        for name, derived in protocol.derived.items():
            kind = "text" if derived.value is None else self._compiled(derived.value).kind
            self.types[name] = DTYPES[kind]

    def _compiled(self, text: str) -> Rule:
        return compile_rule(text, self.types, self.choices, "any")

    # -- rules -------------------------------------------------------------------------------------

    def reading(self, text: str) -> Reading:
        """The rule, checked, and its formula."""
        if text not in self._readings:
            rule, reader = self._compiled(text), Formula(self, self.column, self.near)
            value = reader.read(parse(text))
            self._readings[text] = Reading(rule, value, reader.arithmetic, tuple(reader.spans))
        return self._readings[text]

    def truth(self, text: str, wanted: Sequence[bool | None]) -> Any:
        """The formula of: the rule is one of these; None is unknown."""
        value = self.reading(text).value
        z3 = self.z3
        of = {
            True: z3.And(value.known, value.value),
            False: z3.And(value.known, z3.Not(value.value)),
            None: z3.Not(value.known),
        }
        return z3.Or([of[one] for one in wanted])

    def rules_of(self, name: str) -> list[str]:
        """The rules that make a derived item; none for what is recorded."""
        derived = self.protocol.derived.get(name)
        if derived is None:
            return []
        if derived.value is not None:
            return [derived.value]
        return [level.when for level in (derived.classes or {}).values()]

    def reads(self, texts: Sequence[str]) -> list[str]:
        """What rules read, directly and through derived items, in the order in which names are declared."""
        waiting, seen = list(texts), set[str]()
        while waiting:
            reading = self.reading(waiting.pop())
            for name in sorted(reading.rule.columns - seen):  # variables are numbered as rules are read
                seen.add(name)
                waiting += self.rules_of(name)
        return [name for name in self.types if name in seen]

    def computes(self, texts: Sequence[str]) -> bool:
        """Whether arithmetic takes part in one of the rules, directly or through a derived item."""
        return any(reading.arithmetic for reading in self._read(texts))

    def spans(self, texts: Sequence[str]) -> list[Span]:
        """The days between which one of the rules counts, directly or through a derived item."""
        return list(dict.fromkeys(span for reading in self._read(texts) for span in reading.spans))

    def _read(self, texts: Sequence[str]) -> list[Reading]:
        """The readings of rules, and of the rules of the derived items that they read."""
        through = [rule for name in self.reads(texts) for rule in self.rules_of(name)]
        return [self.reading(text) for text in (*texts, *through)]

    # -- columns -----------------------------------------------------------------------------------

    def column(self, name: str) -> Value:
        """What is known of a column: a variable within its domain, or the derived item's formula."""
        if name not in self._values:
            self._values[name] = self._column(name)
        return self._values[name]

    def _column(self, name: str) -> Value:
        z3 = self.z3
        if name in self.protocol.derived:
            return self._derived(name)
        if name in STATUS_OF:
            return Value("truth", self.true, self.column(STATUS_OF[name]).known)
        kind = KINDS[self.types[name].base_type()]
        item = self.protocol.items.get(name)
        of = self.protocol.items.get(name.removesuffix("_unavailable"))
        value = self._variable(name, kind, item)
        if item is not None:  # always collected, unless the file names reasons why it may not be there
            known = z3.Bool(f"{name} known", self.context) if item.unavailable else self.true
        elif of is not None:
            known = z3.Not(self.column(name.removesuffix("_unavailable")).known)
        else:
            known = z3.Bool(f"{name} known", self.context)
        return Value(kind, known, value)

    def _variable(self, name: str, kind: str, item: Item | None) -> Any:
        z3, context = self.z3, self.context
        if kind == "truth":
            variable = z3.Bool(name, context)
        elif self.types[name] == pl.Float64():
            variable = z3.Real(name, context)
        else:
            variable = z3.Int(name, context)
        self.variables[name] = variable
        if kind == "date":
            self.domain[name] = [variable >= 1, variable <= date.max.toordinal()]
        elif kind == "text" and name in self.choices:
            codes = [self.text(code) for code in self.choices[name]]
            self.domain[name] = [z3.Or([variable == code for code in codes])]
        elif kind == "number":
            low, high = item.range if item is not None and item.range else (-LARGEST, LARGEST)
            value = z3.ToReal(variable) if variable.is_int() else variable
            self.domain[name] = [value >= self.number(exact(low)), value <= self.number(exact(high))]
            return value
        return variable

    def _derived(self, name: str) -> Value:
        derived = self.protocol.derived[name]
        if derived.value is not None:
            return self.reading(derived.value).value
        z3, undecided, known, value = self.z3, self.true, self.false, self.default("text")
        for code, level in (derived.classes or {}).items():
            here = z3.And(undecided, self.truth(level.when, (True,)))
            value = z3.If(here, self.code(code), value)
            known = z3.Or(known, here)
            undecided = z3.And(undecided, self.truth(level.when, (False,)))  # unknown never falls through
        return Value("text", known, value)
