"""Rules as formulas: what a rule says of every patient that the protocol's items allow, for an SMT solver.

The tree is the one that :mod:`equipoise.protocol.rules.grammar` reads, node by node, by the same table. A value
is a pair: whether it is known, and what it is if it is. That is SQL's three-valued logic without a third
truth value. Numbers are exact here and double precision in the evaluator; who searches with these formulas
confirms what is found with the evaluator (:mod:`equipoise.protocol.proofs.witnesses`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from equipoise.protocol.definition import Item, Protocol
from equipoise.protocol.proofs.calendar import Calendar, Span
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.language import DTYPES, KINDS, NODES, OPERATORS, bare
from equipoise.protocol.rules.rule import Rule, compile_rule, parse

if TYPE_CHECKING:
    from sqlglot import expressions as exp

LARGEST = 9 * 10**15  # of a number: whole numbers up to here are exact in double precision
STATUS_OF = {"randomized": "arm", "treated": "actual_arm"}  # a status is whether another column is known


def solver_library() -> Any:
    """z3, which takes a while to load and which only proofs need."""
    import z3  # type: ignore[import-untyped]

    return z3


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a kind (``null`` if it is always unknown): whether it is known, and what it is then."""

    kind: str
    known: Any
    value: Any


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


class Symbols:
    """One patient of a protocol, of whom nothing is known but what the protocol declares.

    ``domain`` grows with each column that a rule reads: its declared range, choices and reasons.
    ``near`` keeps the numbers and days with which a column is compared; the best examples lie there.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.z3 = solver_library()
        self.context = self.z3.Context()  # of its own: two threads may prove at the same time
        self.true, self.false = (self.z3.BoolVal(one, self.context) for one in (True, False))
        self.choices = columns.choices(protocol)
        self.types = columns.for_rules(protocol)
        self.domain: dict[str, list[Any]] = {}
        self.variables: dict[str, Any] = {}
        self.near: dict[str, set[Fraction]] = {}
        self.texts: dict[str, int] = {}
        self.calendar = Calendar(self.z3, self.context)
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
            rule, reader = self._compiled(text), _Formula(self)
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
            self.domain[name] = [value >= self.number(_exact(low)), value <= self.number(_exact(high))]
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

    # -- constants ---------------------------------------------------------------------------------

    def number(self, exact: Fraction) -> Any:
        """A number, exactly."""
        return self.z3.RealVal(f"{exact.numerator}/{exact.denominator}", self.context)

    def whole(self, number: int) -> Any:
        """A whole number: a day, or the number that stands for a text."""
        return self.z3.IntVal(number, self.context)

    def text(self, text: str) -> int:
        """The number that stands for a text; any number that stands for none is some other text."""
        return self.texts.setdefault(text, len(self.texts))

    def code(self, text: str) -> Any:
        """The constant that stands for a text."""
        return self.whole(self.text(text))

    def default(self, kind: str) -> Any:
        """Some value of the kind, where none is known."""
        if kind == "truth":
            return self.false
        return self.number(Fraction(0)) if kind == "number" else self.whole(1)


class _Formula:
    """Reads a checked tree; the methods are those that the table of :mod:`equipoise.protocol.rules.grammar` names."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols, self.z3 = symbols, symbols.z3
        self.arithmetic = False
        self.spans: list[Span] = []

    def read(self, node: exp.Expr) -> Value:
        method, _ = NODES[type(node).__name__]
        value: Value = getattr(self, method)(node)
        return value

    def _as(self, node: exp.Expr, kind: str) -> Value:
        return self._of(self.read(node), kind)

    def _of(self, value: Value, kind: str) -> Value:
        if value.kind != "null" or kind == "null":
            return value
        return Value(kind, self.symbols.false, self.symbols.default(kind))

    # -- leaves ------------------------------------------------------------------------------------

    def _known(self, kind: str, value: Any) -> Value:
        return Value(kind, self.symbols.true, value)

    def _column(self, node: exp.Expr) -> Value:
        return self.symbols.column(node.name)

    def _literal(self, node: exp.Expr) -> Value:
        if node.is_string:
            return self._known("text", self.symbols.code(str(node.this)))
        return self._known("number", self.symbols.number(_exact(str(node.this))))

    def _boolean(self, node: exp.Expr) -> Value:
        return self._known("truth", self.symbols.true if node.this else self.symbols.false)

    def _null(self, node: exp.Expr) -> Value:
        return Value("null", self.symbols.false, None)

    def _paren(self, node: exp.Expr) -> Value:
        return self.read(node.this)

    def _date(self, node: exp.Expr) -> Value:
        return self._known("date", self.symbols.whole(_day(node)))

    # -- logic and arithmetic ----------------------------------------------------------------------

    def _logic(self, node: exp.Expr) -> Value:
        waiting, parts = [node], []
        while waiting:  # a long chain is not a deep one
            one = waiting.pop()
            if type(one) is type(node):
                waiting += [one.expression, one.this]
            else:
                parts.append(self._as(one, "truth"))
        return self._all(parts) if type(node).__name__ == "And" else self._any(parts)

    def _all(self, parts: Sequence[Value]) -> Value:
        z3 = self.z3
        true = z3.And([z3.And(part.known, part.value) for part in parts])
        false = z3.Or([z3.And(part.known, z3.Not(part.value)) for part in parts])
        return Value("truth", z3.Or(true, false), true)

    def _any(self, parts: Sequence[Value]) -> Value:
        z3 = self.z3
        true = z3.Or([z3.And(part.known, part.value) for part in parts])
        false = z3.And([z3.And(part.known, z3.Not(part.value)) for part in parts])
        return Value("truth", z3.Or(true, false), true)

    def _not(self, node: exp.Expr) -> Value:
        part = self._as(node.this, "truth")
        return Value("truth", part.known, self.z3.Not(part.value))

    def _arithmetic(self, node: exp.Expr) -> Value:
        self.arithmetic = True
        left, right = self._as(node.this, "number"), self._as(node.expression, "number")
        operator = OPERATORS[type(node).__name__]
        one, other = left.value, right.value
        value = one + other if operator == "+" else one - other if operator == "-" else one * other
        return Value("number", self.z3.And(left.known, right.known), value)

    def _negative(self, node: exp.Expr) -> Value:
        part = self._as(node.this, "number")
        return Value("number", part.known, -part.value)

    # -- comparisons -------------------------------------------------------------------------------

    def _comparison(self, node: exp.Expr) -> Value:
        return self._compared(node.this, OPERATORS[type(node).__name__], node.expression)

    def _compared(self, left: exp.Expr, operator: str, right: exp.Expr) -> Value:
        self._note(left, right)
        self._note(right, left)
        one, other = self.read(left), self.read(right)
        if "null" in (one.kind, other.kind):
            return Value("truth", self.symbols.false, self.symbols.false)
        a, b = one.value, other.value
        if operator in ("=", "<>"):
            value = a == b if operator == "=" else a != b
        elif operator in ("<", "<="):
            value = a < b if operator == "<" else a <= b
        else:
            value = a > b if operator == ">" else a >= b
        return Value("truth", self.z3.And(one.known, other.known), value)

    def _note(self, column: exp.Expr, constant: exp.Expr) -> None:
        """Remember a boundary: the number or day that a column or a count is compared with."""
        column, constant = bare(column), bare(constant)
        sign = -1 if type(constant).__name__ == "Neg" else 1
        constant = bare(constant.this) if sign < 0 else constant
        if type(column).__name__ == "Anonymous":
            at = self._span(column).near
        elif type(column).__name__ == "Column":
            at = self.symbols.near.setdefault(column.name, set())
        else:
            return
        if type(constant).__name__ == "Literal" and not constant.is_string:
            at.add(sign * _exact(str(constant.this)))
        elif type(constant).__name__ == "Cast":
            at.add(Fraction(_day(constant)))

    def _in(self, node: exp.Expr) -> Value:
        return self._any([self._compared(node.this, "=", one) for one in node.expressions])

    def _between(self, node: exp.Expr) -> Value:
        low, high = node.args["low"], node.args["high"]
        return self._all([self._compared(node.this, ">=", low), self._compared(node.this, "<=", high)])

    def _is(self, node: exp.Expr) -> Value:
        z3, right = self.z3, node.expression
        if type(right).__name__ == "Null":
            value = z3.Not(self.read(node.this).known)
        else:
            part = self._as(node.this, "truth")
            value = z3.And(part.known, part.value if right.this else z3.Not(part.value))
        return self._known("truth", z3.Not(value) if node.args.get("negate") else value)

    # -- functions of dates ------------------------------------------------------------------------

    def _function(self, node: exp.Expr) -> Value:
        first, later = (self._as(one, "date") for one in node.expressions)
        span = self._span(node)
        self.spans.append(span)
        return Value("number", self.z3.And(first.known, later.known), self.z3.ToReal(span.count))

    def _span(self, node: exp.Expr) -> Span:
        first, later = (self._as(one, "date").value for one in node.expressions)
        return self.symbols.calendar.span(node.name.lower(), first, later)

    # -- choices between values --------------------------------------------------------------------

    def _alike(self, nodes: Sequence[exp.Expr]) -> list[Value]:
        parts = [self.read(one) for one in nodes]
        kind = min({part.kind for part in parts} - {"null"}, default="null")
        return [self._of(part, kind) for part in parts]

    def _coalesce(self, node: exp.Expr) -> Value:
        parts = self._alike([node.this, *node.expressions])
        return self._first([(part.known, part) for part in parts], parts[0].kind)

    def _case(self, node: exp.Expr) -> Value:
        branches, default = node.args["ifs"], node.args.get("default")
        conditions = [self._as(branch.this, "truth") for branch in branches]
        holds = [self.z3.And(one.known, one.value) for one in conditions]
        nodes = [branch.args["true"] for branch in branches] + ([default] if default is not None else [])
        parts = self._alike(nodes)
        holds += [self.symbols.true] * (default is not None)
        return self._first(list(zip(holds, parts, strict=True)), parts[0].kind)

    def _first(self, branches: Sequence[tuple[Any, Value]], kind: str) -> Value:
        """The value of the first branch whose condition holds."""
        if kind == "null":
            return Value("null", self.symbols.false, None)
        known, value = self.symbols.false, self.symbols.default(kind)
        for holds, part in reversed(branches):
            known, value = self.z3.If(holds, part.known, known), self.z3.If(holds, part.value, value)
        return Value(kind, known, value)


def _exact(number: float | str) -> Fraction:
    """A number as it is written: 0.1 is a tenth. Where it is too small to write out, as it is evaluated."""
    rounded = float(number)
    written = number if isinstance(number, str) else repr(rounded)
    return Fraction(written) if abs(rounded) > 1e-300 else Fraction(rounded)


def _day(node: exp.Expr) -> int:
    return date.fromisoformat(str(node.this.this)).toordinal()
