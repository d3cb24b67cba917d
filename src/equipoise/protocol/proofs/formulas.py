"""Rules as formulas: what a rule says of a patient, for an SMT solver.

The tree is the one that :mod:`equipoise.protocol.rules.grammar` reads, node by node, by the same table. A value
is a pair: whether it is known, and what it is if it is. That is SQL's three-valued logic without a third
truth value. Numbers are exact here and double precision in the evaluator; who searches with these formulas
confirms what is found with the evaluator (:mod:`equipoise.protocol.proofs.witnesses`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from equipoise.protocol.proofs.calendar import Span
from equipoise.protocol.proofs.terms import Terms, Value, exact
from equipoise.protocol.rules.language import NODES, OPERATORS, bare

if TYPE_CHECKING:
    from sqlglot import expressions as exp


class Formula:
    """Reads a checked tree; the methods are those that the table of :mod:`equipoise.protocol.rules.language` names.

    column: what is known of a column, by its name.  near: for each column, the numbers and days with which it is
    compared; reading adds to them.  arithmetic: what was read computes.  spans: of which days it counts what lies
    between.
    """

    def __init__(self, terms: Terms, column: Callable[[str], Value], near: dict[str, set[Fraction]]) -> None:
        self.terms, self.z3 = terms, terms.z3
        self.column, self.near = column, near
        self.arithmetic = False
        self.spans: list[Span] = []

    def read(self, node: exp.Expr) -> Value:
        """The value of a node, with whether it is known."""
        method, _ = NODES[type(node).__name__]
        value: Value = getattr(self, method)(node)
        return value

    def _as(self, node: exp.Expr, kind: str) -> Value:
        return self._of(self.read(node), kind)

    def _of(self, value: Value, kind: str) -> Value:
        if value.kind != "null" or kind == "null":
            return value
        return Value(kind, self.terms.false, self.terms.default(kind))

    # -- leaves ------------------------------------------------------------------------------------

    def _known(self, kind: str, value: Any) -> Value:
        return Value(kind, self.terms.true, value)

    def _column(self, node: exp.Expr) -> Value:
        return self.column(node.name)

    def _literal(self, node: exp.Expr) -> Value:
        if node.is_string:
            return self._known("text", self.terms.code(str(node.this)))
        return self._known("number", self.terms.number(exact(str(node.this))))

    def _boolean(self, node: exp.Expr) -> Value:
        return self._known("truth", self.terms.true if node.this else self.terms.false)

    def _null(self, node: exp.Expr) -> Value:
        return Value("null", self.terms.false, None)

    def _paren(self, node: exp.Expr) -> Value:
        return self.read(node.this)

    def _date(self, node: exp.Expr) -> Value:
        return self._known("date", self.terms.whole(_day(node)))

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
            return Value("truth", self.terms.false, self.terms.false)
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
            at = self.near.setdefault(column.name, set())
        else:
            return
        if type(constant).__name__ == "Literal" and not constant.is_string:
            at.add(sign * exact(str(constant.this)))
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
        return self.terms.calendar.span(node.name.lower(), first, later)

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
        holds += [self.terms.true] * (default is not None)
        return self._first(list(zip(holds, parts, strict=True)), parts[0].kind)

    def _first(self, branches: Sequence[tuple[Any, Value]], kind: str) -> Value:
        """The value of the first branch whose condition holds."""
        if kind == "null":
            return Value("null", self.terms.false, None)
        known, value = self.terms.false, self.terms.default(kind)
        for holds, part in reversed(branches):
            known, value = self.z3.If(holds, part.known, known), self.z3.If(holds, part.value, value)
        return Value(kind, known, value)


def _day(node: exp.Expr) -> int:
    return date.fromisoformat(str(node.this.this)).toordinal()
