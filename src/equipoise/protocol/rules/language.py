"""The rule language as a table: the nodes that a rule may be made of, the kinds of its values, its functions.

The evaluator (:mod:`equipoise.protocol.rules.grammar`) and the proofs (:mod:`equipoise.protocol.proofs.formulas`) read a
rule by this one table, so that neither knows a node that the other does not.

Completed months are counted as a calendar does: month n is completed on the day of that number n months
later, and where that month has no such day, on the first of the following month. From 31 January the first
month is completed on 1 March, from 29 February a year is completed on 1 March of a common year. The count is
0 on the first day itself, and negative exactly when the later day is before the first (the largest n whose
day has come). A completed year is twelve completed months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

MAX_NESTING = 20
MAX_TERMS = 100  # of a sum or product; chains of and, or are limited by the length alone
MAX_PARTS = 20_000  # to evaluate: in and between repeat their first operand, and nested they multiply
MAX_DIGITS = 15  # of a number: what double precision holds exactly

KINDS = {pl.Int64: "number", pl.Float64: "number", pl.String: "text", pl.Boolean: "truth", pl.Date: "date"}
DTYPES = {"number": pl.Float64(), "text": pl.String(), "truth": pl.Boolean(), "date": pl.Date()}
OPERATORS = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=",
             "Add": "+", "Sub": "-", "Mul": "*", "And": "AND", "Or": "OR"}  # fmt: skip

# The allow-list: for each node, the reader's method and the parts that it knows. Any other part is refused.
_BINARY = ("this", "expression")
NODES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Paren": ("_paren", ("this",)),
    "Column": ("_column", ("this",)),
    "Literal": ("_literal", ("this", "is_string")),
    "Boolean": ("_boolean", ("this",)),
    "Null": ("_null", ()),
    "And": ("_logic", _BINARY),
    "Or": ("_logic", _BINARY),
    "Not": ("_not", ("this",)),
    "Add": ("_arithmetic", _BINARY),
    "Sub": ("_arithmetic", _BINARY),
    "Mul": ("_arithmetic", _BINARY),
    "Neg": ("_negative", ("this",)),
    **dict.fromkeys(("EQ", "NEQ", "LT", "LTE", "GT", "GTE"), ("_comparison", _BINARY)),
    "In": ("_in", ("this", "expressions")),
    "Between": ("_between", ("this", "low", "high")),
    "Is": ("_is", (*_BINARY, "negate")),
    "Coalesce": ("_coalesce", ("this", "expressions")),
    "Case": ("_case", ("ifs", "default")),
    "Cast": ("_date", ("this", "to")),
    "Anonymous": ("_function", ("this", "expressions")),  # only by the names in FUNCTIONS
}
PREDICATES = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "In", "Between", "Is")
ALLOWED = (
    "names, literals, and, or, not, comparisons, in, between, is null, case, coalesce, + - *, "
    "completed_months, completed_years, days_between"
)


def bare(node: Any) -> Any:
    """A node without the brackets around it."""
    while type(node).__name__ == "Paren":
        node = node.this
    return node


def _completed_months(first: pl.Expr, later: pl.Expr) -> pl.Expr:
    months = 12 * (_whole(later.dt.year()) - _whole(first.dt.year()))
    months = months + _whole(later.dt.month()) - _whole(first.dt.month())
    return months - _whole(later.dt.day() < first.dt.day())


def _completed_years(first: pl.Expr, later: pl.Expr) -> pl.Expr:
    before = _day_of_year(later) < _day_of_year(first)
    return _whole(later.dt.year()) - _whole(first.dt.year()) - _whole(before)


def _days_between(first: pl.Expr, later: pl.Expr) -> pl.Expr:
    return _whole(later.cast(pl.Int32)) - _whole(first.cast(pl.Int32))


def _day_of_year(day: pl.Expr) -> pl.Expr:
    """A number that orders days by month and day alone, leap year or not."""
    return 32 * _whole(day.dt.month()) + _whole(day.dt.day())


def _whole(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.Int64)


# Two dates in, a whole number out; unknown where either date is unknown.
FUNCTIONS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "completed_months": _completed_months,
    "completed_years": _completed_years,
    "days_between": _days_between,
}
SIZE_OF_A_CALL = 30  # the parts that a function is made of, at most
ARGUMENTS = ("Column", "Cast", "Null")  # an item, a date, null: what has a name can be shown and proved
# What other databases call them; not the same rule at the end of a month, so they are proposed, never read.
ELSEWHERE = {
    "months_between": "completed_months",
    "years_between": "completed_years",
    "age": "completed_years",
    "datediff": "days_between",
    "date_diff": "days_between",
    "datesub": "days_between",
    "date_sub": "days_between",
}
