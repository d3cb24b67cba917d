"""What a rule may be made of: reads the parsed tree node by node, by a list of allowed nodes and their types."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import and_, or_
from typing import TYPE_CHECKING

import polars as pl

from equipoise.protocol.reading.validation import did_you_mean
from equipoise.protocol.rules.language import (
    ARGUMENTS,
    FUNCTIONS,
    KINDS,
    MAX_DIGITS,
    MAX_NESTING,
    MAX_PARTS,
    MAX_TERMS,
    NODES,
    OPERATORS,
    PREDICATES,
    SIZE_OF_A_CALL,
    bare,
)
from equipoise.protocol.rules.parts import Part, compared, joined
from equipoise.protocol.rules.refusals import RuleProblem, refused, short, span_of, words_of

if TYPE_CHECKING:
    from sqlglot import expressions as exp

__all__ = ["MAX_NESTING", "SPLIT", "Part", "Reader", "RuleProblem"]

SPLIT = "split it into derived items"
_TYPOGRAPHIC = "‘’‚“”„«»`´"
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
# What to write where kinds are mixed: a day without its word is a difference of numbers.
_REMEDIES = {
    frozenset({"date", "text"}): "write date '2020-01-31'",
    frozenset({"date", "number"}): "write date '2020-01-31'",
    frozenset({"number", "text"}): "write numbers without quotes",
    frozenset({"number", "truth"}): "write its name alone, or not before it",
}


class Reader:
    """Reads the parsed rule: only allowed nodes, every name declared, every comparison between equals."""

    def __init__(
        self, text: str, columns: Mapping[str, pl.DataType], choices: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.text, self.columns, self.choices = text, columns, choices
        self.used: set[str] = set()
        self._size = 0  # of what has been read of the node in hand

    def read(self, node: exp.Expr, depth: int = 0) -> Part:
        """Turn a node into what is evaluated; raises RuleProblem where it may not stand."""
        if depth > MAX_NESTING:
            raise self._problem(node, "a deeply nested rule", f"at most {MAX_NESTING} levels", SPLIT)
        before, self._size = self._size, 1
        part: Part = getattr(self, self._method(node))(node, depth + 1)
        if self._size > MAX_PARTS:
            raise self._problem(node, "a rule that repeats its parts too often", f"at most {MAX_PARTS} parts to evaluate",
                                SPLIT)  # fmt: skip
        part = replace(part, size=self._size)
        self._size += before
        return part

    def _method(self, node: exp.Expr) -> str:
        """The method that reads a node; refuses one that is not on the list or has a part that is not."""
        method, parts = NODES.get(type(node).__name__, ("", ()))
        unknown = [
            name for name, value in node.args.items() if name not in parts and value not in (None, False, [])
        ]
        if not method or unknown:
            raise self._refused(node)
        return method

    # -- leaves ------------------------------------------------------------------------------------

    def _column(self, node: exp.Expr, depth: int) -> Part:
        name = node.name
        if name not in self.columns:
            remedy = did_you_mean(name, [*self.columns][::-1])  # the trial's own names first
            if set(name) & set(_TYPOGRAPHIC):
                remedy = "use straight quotes: 'text'"
            elif any(name in codes for codes in self.choices.values()):
                remedy = f"put text in quotes: '{name}'"
            raise self._problem(node, f"the name {short(name)}", "a declared item", remedy)
        kind = KINDS.get(self.columns[name].base_type())
        if kind is None:
            raise self._problem(node, f"the name {name!r}", "an item with a type that rules can read")
        self.used.add(name)
        quoted = name.replace('"', '""')
        return Part(kind, pl.col(name), f'"{quoted}"')

    def _literal(self, node: exp.Expr, depth: int) -> Part:
        text = str(node.this)
        if node.is_string:
            quoted = text.replace("'", "''")
            return Part("text", pl.lit(text, dtype=pl.String), f"'{quoted}'")
        if not _NUMBER.match(text):
            raise self._problem(node, f"the number {short(text)}", "digits, such as 25 or 0.1")
        whole = text.isdigit()
        digits = sum(character.isdigit() for character in re.split("[eE]", text)[0])
        if digits > MAX_DIGITS or (number := float(text)) > 10.0**MAX_DIGITS:
            raise self._problem(node, f"the number {short(text)}", f"at most {MAX_DIGITS} digits")
        literal = pl.lit(int(text), dtype=pl.Int64) if whole else pl.lit(number, dtype=pl.Float64)
        return Part("number", literal, text)

    def _boolean(self, node: exp.Expr, depth: int) -> Part:
        return Part("truth", pl.lit(bool(node.this)), "TRUE" if node.this else "FALSE")

    def _null(self, node: exp.Expr, depth: int) -> Part:
        return Part("null", pl.lit(None), "NULL")

    def _paren(self, node: exp.Expr, depth: int) -> Part:
        return self.read(node.this, depth)

    def _date(self, node: exp.Expr, depth: int) -> Part:
        literal = node.this
        if node.args["to"].sql() != "DATE" or type(literal).__name__ != "Literal" or not literal.is_string:
            raise self._refused(node)
        text = str(literal.this)
        try:
            day = date.fromisoformat(text) if _DATE.match(text) else None
        except ValueError:
            day = None
        if day is None:
            raise self._problem(node, f"the date {short(text)}", "a calendar date such as date '2020-01-31'")
        return Part("date", pl.lit(day, dtype=pl.Date), f"DATE '{text}'")

    # -- logic and arithmetic ----------------------------------------------------------------------

    def _logic(self, node: exp.Expr, depth: int) -> Part:
        parts = [self._wanted(one, "truth", depth) for one in self._chain(node)]
        value = joined([part.of("truth") for part in parts], and_ if type(node).__name__ == "And" else or_)
        operator = f" {OPERATORS[type(node).__name__]} "
        return Part("truth", value, f"({operator.join(part.sql for part in parts)})")

    def _chain(self, node: exp.Expr) -> list[exp.Expr]:
        """The operands of nested operators of one name, from left to right, without recursion."""
        waiting, operands = [node], []
        while waiting:
            one = waiting.pop()
            if type(one) is type(node):
                self._method(one)
                waiting += [one.expression, one.this]
            else:
                operands.append(one)
        return operands

    def _not(self, node: exp.Expr, depth: int) -> Part:
        part = self._wanted(node.this, "truth", depth)
        return Part("truth", ~part.of("truth"), f"(NOT {part.sql})")

    def _arithmetic(self, node: exp.Expr, depth: int) -> Part:
        spine: list[exp.Expr] = []
        left: exp.Expr = node
        while type(left).__name__ in ("Add", "Sub", "Mul"):
            self._method(left)
            spine.append(left)
            left = left.this
        if len(spine) >= MAX_TERMS:
            raise self._problem(node, f"{len(spine) + 1} terms", f"at most {MAX_TERMS}", SPLIT)
        part = self._wanted(left, "number", depth)
        value, sql = part.of("number").cast(pl.Float64), part.sql
        for one in reversed(spine):
            part = self._wanted(one.expression, "number", depth)
            right, operator = part.of("number").cast(pl.Float64), OPERATORS[type(one).__name__]
            value = value + right if operator == "+" else value - right if operator == "-" else value * right
            sql = f"({sql} {operator} {part.sql})"
        return Part("number", value, sql)

    def _negative(self, node: exp.Expr, depth: int) -> Part:
        part = self._wanted(node.this, "number", depth)
        return Part("number", -part.of("number").cast(pl.Float64), f"(- {part.sql})")

    def _wanted(self, node: exp.Expr, wanted: str, depth: int) -> Part:
        part = self.read(node, depth)
        if part.kind not in (wanted, "null"):
            remedy = "write date '2020-01-31'" if (part.kind, wanted) == ("text", "date") else ""
            raise self._problem(
                node, f"{self._words(node)}, which gives {part.kind}", f"one that gives {wanted}", remedy
            )
        return part

    # -- comparisons -------------------------------------------------------------------------------

    def _comparison(self, node: exp.Expr, depth: int) -> Part:
        for side in (node.this, node.expression):
            if type(bare(side)).__name__ == "Null":
                raise self._problem(node, "a comparison with null, which is always unknown",
                                    "is null or is not null")  # fmt: skip
        operator = OPERATORS[type(node).__name__]
        left, right = self._alike(
            node, [node.this, node.expression], depth, ordered=operator not in ("=", "<>")
        )
        return Part("truth", compared(left, operator, right), f"({left.sql} {operator} {right.sql})")

    def _in(self, node: exp.Expr, depth: int) -> Part:
        if not node.expressions:
            raise self._problem(node, self._words(node), "a list of values after in")
        value, *others = self._alike(node, [node.this, *node.expressions], depth)
        self._size += (len(others) - 1) * value.size
        equal = [compared(value, "=", other) for other in others]
        listed = ", ".join(other.sql for other in others)
        return Part("truth", joined(equal, or_), f"({value.sql} IN ({listed}))")

    def _between(self, node: exp.Expr, depth: int) -> Part:
        value, low, high = self._alike(
            node, [node.this, node.args["low"], node.args["high"]], depth, ordered=True
        )
        self._size += value.size
        inside = compared(value, ">=", low) & compared(value, "<=", high)
        return Part("truth", inside, f"({value.sql} BETWEEN {low.sql} AND {high.sql})")

    def _is(self, node: exp.Expr, depth: int) -> Part:
        self._bracketed(node, [node.this])
        part, right = self.read(node.this, depth), node.expression
        if type(right).__name__ == "Null":
            value, word = part.value.is_null(), "NULL"
        elif type(right).__name__ == "Boolean" and part.kind in ("truth", "null"):
            value, word = part.of("truth").eq_missing(bool(right.this)), "TRUE" if right.this else "FALSE"
        else:
            raise self._problem(node, self._words(node), "is null, is true or is false")
        if node.args.get("negate"):  # is not null; is not true comes as not (is true)
            value, word = ~value, f"NOT {word}"
        return Part("truth", value, f"({part.sql} IS {word})")

    def _alike(
        self, node: exp.Expr, nodes: Sequence[exp.Expr], depth: int, *, ordered: bool = False
    ) -> list[Part]:
        """Read parts that are compared or stand for one another: all of one kind, or always unknown."""
        if type(node).__name__ in PREDICATES:
            self._bracketed(node, nodes[:1] if type(node).__name__ == "In" else nodes)
        parts = [self.read(one, depth) for one in nodes]
        kinds = {part.kind for part in parts} - {"null"}
        if len(kinds) > 1:
            remedy = _REMEDIES.get(frozenset(kinds), "")
            raise self._problem(
                node, f"a mixture of {' and '.join(sorted(kinds))}", "values of one kind", remedy
            )
        if ordered and kinds & {"text", "truth"}:
            raise self._problem(
                node, f"an order of {min(kinds)}", "an order of numbers or dates", "use = or in"
            )
        for one in nodes[1:]:
            self._choice(nodes[0], one)
            self._choice(one, nodes[0])
        return parts

    def _bracketed(self, node: exp.Expr, operands: Sequence[exp.Expr]) -> None:
        """Databases disagree on what ``a = b is null`` and ``a < b = c`` mean; whoever writes it says."""
        if any(type(one).__name__ in (*PREDICATES, "Not", "And", "Or") for one in operands):
            raise self._problem(node, "a comparison of a comparison, without brackets", "one that can be read in one way",
                                "put one of them in brackets; a range is age between 1 and 30")  # fmt: skip

    def _choice(self, column: exp.Expr, literal: exp.Expr) -> None:
        column, literal = bare(column), bare(literal)
        if type(column).__name__ != "Column" or type(literal).__name__ != "Literal":
            return
        codes = self.choices.get(column.name)
        if codes is not None and literal.this not in codes:
            few = ", ".join(codes[:12]) + (", …" if len(codes) > 12 else "")
            raise self._problem(literal, f"{column.name} compared with {short(literal.this)}",
                                f"one of its choices ({few})", did_you_mean(literal.this, codes))  # fmt: skip

    # -- choices between values --------------------------------------------------------------------

    def _coalesce(self, node: exp.Expr, depth: int) -> Part:
        parts = self._alike(node, [node.this, *node.expressions], depth)
        kind = min({part.kind for part in parts} - {"null"}, default="null")
        listed = ", ".join(part.sql for part in parts)
        return Part(kind, pl.coalesce([part.value for part in parts]), f"COALESCE({listed})")

    def _case(self, node: exp.Expr, depth: int) -> Part:
        branches = node.args["ifs"]
        for branch in branches:
            if {name for name, value in branch.args.items() if value} - {"this", "true"}:
                raise self._refused(branch)
        default = node.args.get("default")
        conditions = [self._wanted(branch.this, "truth", depth) for branch in branches]
        nodes = [branch.args["true"] for branch in branches] + ([default] if default is not None else [])
        parts = self._alike(node, nodes, depth)
        kind = min({part.kind for part in parts} - {"null"}, default="null")
        value, sql = (
            (parts[-1].value, f" ELSE {parts[-1].sql}") if default is not None else (pl.lit(None), "")
        )
        for condition, part in zip(reversed(conditions), reversed(parts[: len(branches)]), strict=True):
            value = pl.when(condition.of("truth")).then(part.value).otherwise(value)
            sql = f" WHEN {condition.sql} THEN {part.sql}{sql}"
        return Part(kind, value, f"(CASE{sql} END)")

    # -- functions of dates ------------------------------------------------------------------------

    def _function(self, node: exp.Expr, depth: int) -> Part:
        name, arguments = node.name.lower(), node.expressions
        if name not in FUNCTIONS or not isinstance(node.this, str):  # a name in quotes is no name of ours
            raise self._refused(node)
        if len(arguments) != 2:
            count = f"{len(arguments)} value{'' if len(arguments) == 1 else 's'}"
            raise self._problem(node, f"{name} of {count}", f"two dates: {name}(first, later)")
        first, later = (self._wanted(one, "date", depth) for one in arguments)
        for one in arguments:
            if type(bare(one)).__name__ not in ARGUMENTS:
                raise self._problem(one, f"{self._words(one)} in {name}", "an item, a date or null",
                                    "make it a derived item")  # fmt: skip
        self._size += SIZE_OF_A_CALL
        value = FUNCTIONS[name](first.of("date"), later.of("date"))
        return Part("number", value, f"{name.upper()}({first.sql}, {later.sql})")

    # -- problems ----------------------------------------------------------------------------------

    def _refused(self, node: exp.Expr) -> RuleProblem:
        return refused(self.text, node)

    def _words(self, node: exp.Expr) -> str:
        return words_of(self.text, node)

    def _problem(self, node: exp.Expr, found: str, expected: str, remedy: str = "") -> RuleProblem:
        return RuleProblem(span_of(self.text, node)[0], found, expected, remedy)
