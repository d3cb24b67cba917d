"""Rules: SQL boolean expressions over declared items, with SQL's three-valued logic.

A rule is parsed and allow-listed by sqlglot, typed against the declared columns, and evaluated by polars
for one subject as for a million. Unknown is not false: a rule over a missing value is null, and a class
applies only where it is true and every class before it is known to be false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from equipoise.protocol.validation import did_you_mean

if TYPE_CHECKING:
    from sqlglot import expressions as exp

MAX_NESTING = 20

_KINDS = {pl.Int64: "number", pl.Float64: "number", pl.String: "text", pl.Boolean: "truth", pl.Date: "date"}
_COMPARISONS = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE")
_LOGIC = ("And", "Or", "Not")
_ARITHMETIC = ("Add", "Sub", "Mul", "Neg")


class RuleProblem(Exception):
    """What is wrong in a rule: offset in its text, what was found, expected, and the remedy."""

    def __init__(self, offset: int, found: str, expected: str, remedy: str = "") -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.offset, self.found, self.expected, self.remedy = offset, found, expected, remedy


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule.

    text: as written.  sql: the normalized form that is evaluated.  kind: ``truth``, ``number``, ``text``
    or ``date``.  columns: the items that it reads.
    """

    text: str
    sql: str = field(repr=False)
    kind: str = field(repr=False)
    columns: frozenset[str] = field(repr=False)

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        """Evaluate over the rows; null is unknown.

        >>> frame = pl.DataFrame({"mrd": [0.2, 0.05, None]})
        >>> compile_rule("mrd >= 0.1", {"mrd": pl.Float64()}).evaluate(frame).to_list()
        [True, False, None]
        """
        if frame.height == 0:
            return pl.Series("rule", [], dtype=pl.Boolean() if self.kind == "truth" else pl.Null())
        value = frame.select(pl.sql_expr(self.sql).alias("rule"))["rule"]
        # A rule without columns is one constant, true for every row.
        return value if value.len() == frame.height else pl.Series("rule", [value[0]] * frame.height)


def compile_rule(
    text: str,
    columns: Mapping[str, pl.DataType],
    choices: Mapping[str, tuple[str, ...]] | None = None,
    kind: str = "truth",
) -> Rule:
    """Check a rule and make it ready to run.

    columns: the names that it may use, with their types.  choices: for columns of choices, their codes.
    kind: what the rule must give (``any`` to accept all).  Raises RuleProblem.
    """
    tree = _parse(text)
    checker = _Checker(text, columns, choices or {})
    given = checker.kind_of(tree)
    if kind != "any" and given not in (kind, "null"):
        raise RuleProblem(0, f"an expression that gives {given}", f"one that gives {kind}")
    rule = Rule(text, tree.sql(dialect="postgres", identify=True), given, frozenset(checker.used))
    _try(rule, columns)
    return rule


def _try(rule: Rule, columns: Mapping[str, pl.DataType]) -> None:
    """Run the rule once over a row of unknowns: what polars cannot run is a problem of the file, now."""
    try:
        unknown: dict[str, list[None]] = {name: [None] for name in rule.columns} or {"": [None]}
        rule.evaluate(pl.DataFrame(unknown, schema_overrides={name: columns[name] for name in rule.columns}))
    except (pl.exceptions.PolarsError, ValueError, OverflowError, TypeError) as error:
        reason = str(error).splitlines()[0][:80]
        raise RuleProblem(0, f"an expression that cannot be evaluated ({reason})", "a simpler one") from None


@lru_cache(maxsize=4096)
def _parse(text: str) -> Any:
    import sqlglot
    from sqlglot.errors import ParseError, SqlglotError

    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING or text.lower().count("case") > MAX_NESTING or text.lower().count("not") > 200:
        raise RuleProblem(
            0, "a deeply nested rule", f"at most {MAX_NESTING} levels", "split it into derived items"
        )
    try:
        trees = sqlglot.parse(text, read="postgres")
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        offset = _offset(text, first.get("line"), first.get("col"))
        found = str(first.get("description") or "a syntax error").rstrip(".")
        found = "an unfinished expression" if found.startswith("Required keyword") else found
        raise RuleProblem(offset, found, "an SQL expression such as age >= 18 and sex = 'female'") from None
    except (SqlglotError, ValueError, RecursionError) as error:
        raise RuleProblem(0, f"text that is no SQL ({str(error)[:60]})", "an SQL expression") from None
    if len(trees) != 1 or trees[0] is None:
        raise RuleProblem(0, f"{len(trees)} statements", "one expression")
    return trees[0]


def _offset(text: str, line: int | None, column: int | None) -> int:
    if not line or line != 1 or column is None:
        return 0
    return max(0, min(column - 1, len(text)))


class _Checker:
    """Walks the parsed rule: only allowed nodes, every name declared, every comparison between equals."""

    def __init__(
        self, text: str, columns: Mapping[str, pl.DataType], choices: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.text, self.columns, self.choices = text, columns, choices
        self.used: set[str] = set()

    def kind_of(self, node: exp.Expression) -> str:
        """The kind of value a node gives; raises RuleProblem where it may not stand."""
        name = type(node).__name__
        if name == "Paren":
            return self.kind_of(node.this)
        if name == "Column":
            return self._column(node)
        if name == "Literal":
            return "text" if node.is_string else "number"
        if name in ("Boolean", "Null"):
            return "truth" if name == "Boolean" else "null"
        if name in _LOGIC:
            return self._all(node, "truth", "truth")
        if name in _ARITHMETIC:
            return self._all(node, "number", "number")
        if name in _COMPARISONS:
            return self._comparison(node, ordered=name not in ("EQ", "NEQ"))
        handler = getattr(self, f"_{name.lower()}", None)
        if handler is None:
            raise self._problem(node, f"{node.sql(dialect='postgres')[:40]!r}",
                                "names, literals, and, or, not, comparisons, in, between, is null, case, coalesce, + - *")  # fmt: skip
        return str(handler(node))

    def _column(self, node: exp.Expression) -> str:
        name = node.name
        if node.args.get("table") is not None:
            raise self._problem(node, f"{node.sql()!r}", "a plain name without a dot")
        if name not in self.columns:
            raise self._problem(
                node, f"the name {name!r}", "a declared item", did_you_mean(name, self.columns)
            )
        self.used.add(name)
        return _KINDS[self.columns[name].base_type()]

    def _all(self, node: exp.Expression, wanted: str, gives: str) -> str:
        for part in (node.this, node.args.get("expression")):
            if part is not None and (kind := self.kind_of(part)) not in (wanted, "null"):
                raise self._problem(
                    part,
                    f"{part.sql(dialect='postgres')[:40]!r}, which gives {kind}",
                    f"one that gives {wanted}",
                )
        return gives

    def _comparison(self, node: exp.Expression, *, ordered: bool) -> str:
        self._same_kind(node, node.this, [node.expression], ordered=ordered)
        return "truth"

    def _same_kind(
        self, node: exp.Expression, left: exp.Expression, others: list[exp.Expression], *, ordered: bool
    ) -> str:
        kinds = {self.kind_of(part) for part in (left, *others)} - {"null"}
        if len(kinds) > 1:
            raise self._problem(node, f"a comparison of {' with '.join(sorted(kinds))}", "values of one kind")
        if ordered and kinds & {"text", "truth"}:
            raise self._problem(
                node, f"an order of {min(kinds)}", "an order of numbers or dates", "use = or in"
            )
        for one, other in [(left, part) for part in others] + [(part, left) for part in others]:
            self._choice(one, other)
        return min(kinds, default="null")

    def _choice(self, column: exp.Expression, literal: exp.Expression) -> None:
        if (
            type(column).__name__ == "Column"
            and type(literal).__name__ == "Literal"
            and column.name in self.choices
        ):
            codes = self.choices[column.name]
            if literal.this not in codes:
                raise self._problem(column, f"{column.name} compared with {literal.this!r}",
                                    f"one of its choices ({', '.join(codes[:12])})", did_you_mean(literal.this, codes))  # fmt: skip

    def _in(self, node: exp.Expression) -> str:
        if not node.expressions or node.args.get("query") is not None:
            raise self._problem(node, f"{node.sql()[:40]!r}", "a list of values after in")
        self._same_kind(node, node.this, list(node.expressions), ordered=False)
        return "truth"

    def _between(self, node: exp.Expression) -> str:
        self._same_kind(node, node.this, [node.args["low"], node.args["high"]], ordered=True)
        return "truth"

    def _is(self, node: exp.Expression) -> str:
        kind = self.kind_of(node.this)
        right = type(node.expression).__name__
        if right == "Null" or (right == "Boolean" and kind == "truth"):
            return "truth"
        raise self._problem(node, f"{node.sql()[:40]!r}", "is null, is true or is false")

    def _coalesce(self, node: exp.Expression) -> str:
        return self._same_kind(node, node.this, list(node.expressions), ordered=False)

    def _case(self, node: exp.Expression) -> str:
        if node.this is not None:
            raise self._problem(node, "case with a subject", "case when … then … else … end")
        results = []
        for branch in node.args["ifs"]:
            if self.kind_of(branch.this) not in ("truth", "null"):
                raise self._problem(branch, f"{branch.this.sql()[:40]!r}", "a condition after when")
            results.append(branch.args["true"])
        if node.args.get("default") is not None:
            results.append(node.args["default"])
        return self._same_kind(node, results[0], results[1:], ordered=False)

    def _cast(self, node: exp.Expression) -> str:
        literal = node.this
        if node.args["to"].sql() != "DATE" or type(literal).__name__ != "Literal" or not literal.is_string:
            raise self._problem(node, f"{node.sql()[:40]!r}", "a date such as date '2020-01-31'")
        from datetime import date

        try:
            date.fromisoformat(literal.this)
        except ValueError:
            raise self._problem(
                node, f"the date {literal.this!r}", "a calendar date such as date '2020-01-31'"
            ) from None
        return "date"

    def _problem(self, node: exp.Expression, found: str, expected: str, remedy: str = "") -> RuleProblem:
        leaf = next((part for part in node.walk() if part.meta.get("start") is not None), None)
        return RuleProblem(int(leaf.meta["start"]) if leaf is not None else 0, found, expected, remedy)
