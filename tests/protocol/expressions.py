"""Random well-typed rules, and a slow evaluator of SQL's three-valued logic that shares nothing with ours.

A rule is a tree of tuples: (operator, operands…). It is written as SQL text, with brackets only where SQL's
precedence needs them, and evaluated here by the definitions of SQL:1999, 8.12 (truth tables) and 6.9, 6.11.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl

COLUMNS: dict[str, pl.DataType] = {
    "age": pl.Int64(), "weight": pl.Float64(), "grade": pl.Int64(), "sex": pl.String(), "site": pl.String(),
    "boy": pl.Boolean(), "frail": pl.Boolean(), "born": pl.Date(), "seen": pl.Date(),
}  # fmt: skip
NAMES = {
    "number": ("age", "weight", "grade"),
    "text": ("sex", "site"),
    "truth": ("boy", "frail"),
    "date": ("born", "seen"),
}
# Few values and many unknowns: every comparison is often true, often false and often undecided.
VALUES: dict[str, tuple[Any, ...]] = {
    "number": (0, 1, 2, 3, -1), "text": ("f", "m", "", "it's", "é"), "truth": (True, False),
    "date": (date(1972, 1, 31), date(1972, 2, 29), date(1972, 3, 1), date(1971, 2, 28), date(1969, 12, 31)),
}  # fmt: skip
FUNCTIONS = ("completed_months", "completed_years", "days_between")
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
# How tightly an operator binds, in SQL; what binds less than its place needs brackets.
BINDING = {
    "or": 1,
    "and": 2,
    "not": 3,
    "is": 4,
    "compare": 5,
    "in": 6,
    "between": 6,
    "+": 7,
    "-": 7,
    "*": 8,
    "neg": 9,
}


def rows(chance: random.Random, height: int) -> list[dict[str, Any]]:
    """Rows with about a third of unknowns."""
    made = []
    for _ in range(height):
        row = {}
        for kind, names in NAMES.items():
            for name in names:
                value = chance.choice(VALUES[kind])
                if kind == "date":  # about the day on which a month or a year is completed
                    value += timedelta(days=chance.choice((0, 0, 0, 1, -1, 30, 31, 365)))
                row[name] = (
                    None if chance.random() < 0.35 else float(value) / 2 if name == "weight" else value
                )
        made.append(row)
    return made


def draw(chance: random.Random, kind: str = "truth", depth: int = 4) -> tuple[Any, ...]:
    """A random expression of a kind."""
    leaf = depth <= 0 or chance.random() < 0.15
    if leaf and kind != "truth" and chance.random() < 0.5:
        value = chance.choice(VALUES[kind])
        return ("literal", value + chance.choice((0, 0.5)) if kind == "number" and value >= 0 else value)
    if leaf and chance.random() < 0.1 and kind == "truth":
        return ("literal", chance.choice((True, False)))
    if leaf:
        return ("column", chance.choice(NAMES[kind]))
    down = depth - 1
    shared = chance.random()
    if shared < 0.12:
        branches = [
            (draw(chance, "truth", down - 1), draw(chance, kind, down)) for _ in range(chance.randint(1, 2))
        ]
        return ("case", branches, draw(chance, kind, down) if chance.random() < 0.5 else None)
    if shared < 0.22:
        return ("coalesce", [draw(chance, kind, down) for _ in range(chance.randint(1, 3))])
    if kind == "number":
        if chance.random() < 0.25:
            return ("call", chance.choice(FUNCTIONS), _argument(chance), _argument(chance))
        if chance.random() < 0.15:
            return ("neg", draw(chance, kind, down))
        return (chance.choice("+-*"), draw(chance, kind, down), draw(chance, kind, down))
    if kind != "truth":
        return draw(chance, kind, 0)
    what = chance.choice(
        (
            "and",
            "or",
            "and",
            "or",
            "not",
            "compare",
            "compare",
            "compare",
            "in",
            "between",
            "is null",
            "is truth",
        )
    )
    if what in ("and", "or"):
        return (what, [draw(chance, "truth", down) for _ in range(chance.randint(2, 3))])
    if what == "not":
        return ("not", draw(chance, "truth", down))
    if what == "is truth":
        return ("is", draw(chance, "truth", down), chance.choice((True, False)), chance.random() < 0.5)
    of = chance.choice(
        ("number", "number", "date") if what == "between" else ("number", "text", "truth", "date")
    )
    if what == "is null":
        return ("is", draw(chance, of, down), None, chance.random() < 0.5)
    if what == "between":
        return (
            "between",
            draw(chance, of, down),
            draw(chance, of, 1),
            draw(chance, of, 1),
            chance.random() < 0.3,
        )
    if what == "in":
        listed = [
            draw(chance, of, 1) if chance.random() < 0.85 else ("literal", None)
            for _ in range(chance.randint(1, 3))
        ]
        return ("in", draw(chance, of, down), listed, chance.random() < 0.3)
    operator = chance.choice(COMPARISONS if of in ("number", "date") else COMPARISONS[:2])
    return ("compare", operator, draw(chance, of, down), draw(chance, of, down))


def _argument(chance: random.Random) -> tuple[Any, ...]:
    """A column of dates mostly; a date; null now and then."""
    drawn = chance.random()
    if drawn < 0.7:
        return ("column", chance.choice(NAMES["date"]))
    return ("literal", None if drawn > 0.97 else chance.choice(VALUES["date"]))


def write(tree: tuple[Any, ...], chance: random.Random, dialect: str = "rule") -> str:
    """The expression as SQL; for SQLite, dates are whole numbers and truth values are 0 and 1."""

    def at(node: tuple[Any, ...], binding: int) -> str:
        text, own = words(node)
        return f"({text})" if own < binding or chance.random() < 0.05 else text

    def literal(value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return str(int(value)) if dialect == "sqlite" else str(value).lower()
        if isinstance(value, date):
            return str(value.toordinal()) if dialect == "sqlite" else f"date '{value}'"
        return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)

    def words(node: tuple[Any, ...]) -> tuple[str, int]:
        what = node[0]
        if what == "literal":
            negative = isinstance(node[1], int | float) and not isinstance(node[1], bool) and node[1] < 0
            return literal(node[1]), BINDING["neg"] if negative else 10
        if what == "column":
            return node[1], 10
        if what in ("and", "or"):
            return f" {what} ".join(at(one, BINDING[what] + 1) for one in node[1]), BINDING[what]
        if what == "not":
            return f"not {at(node[1], BINDING['not'])}", BINDING["not"]
        if what == "neg":
            return f"- {at(node[1], BINDING['neg'])}", BINDING["neg"]
        if what in ("+", "-", "*"):
            return f"{at(node[1], BINDING[what])} {what} {at(node[2], BINDING[what] + 1)}", BINDING[what]
        if what == "compare":
            return f"{at(node[2], 7)} {node[1]} {at(node[3], 7)}", BINDING["compare"]
        if what == "is":
            right = "null" if node[2] is None else str(node[2]).lower()
            return f"{at(node[1], 7)} is {'not ' if node[3] else ''}{right}", BINDING["is"]
        if what == "between":
            word = "not between" if node[4] else "between"
            return f"{at(node[1], 7)} {word} {at(node[2], 7)} and {at(node[3], 7)}", BINDING["between"]
        if what == "in":
            listed = ", ".join(at(one, 1) for one in node[2])
            return f"{at(node[1], 7)} {'not in' if node[3] else 'in'} ({listed})", BINDING["in"]
        if what == "coalesce":
            # SQLite wants two arguments at least; a null more changes nothing.
            parts = [at(one, 1) for one in node[1]] + ["NULL"] * (dialect == "sqlite" and len(node[1]) == 1)
            return f"coalesce({', '.join(parts)})", 10
        if what == "call":
            name = node[1] if chance.random() < 0.8 else node[1].upper()
            return f"{name}({at(node[2], 1)}, {at(node[3], 1)})", 10
        branches = "".join(f" when {at(condition, 1)} then {at(value, 1)}" for condition, value in node[1])
        default = f" else {at(node[2], 1)}" if node[2] is not None else ""
        return f"case{branches}{default} end", 10

    return at(tree, 0)


def value_of(tree: tuple[Any, ...], row: dict[str, Any]) -> Any:
    """The value in a row; None is unknown."""
    what = tree[0]
    if what == "literal":
        return tree[1]
    if what == "column":
        return row[tree[1]]
    if what == "and":
        return _all([value_of(one, row) for one in tree[1]])
    if what == "or":
        return _not(_all([_not(value_of(one, row)) for one in tree[1]]))
    if what == "not":
        return _not(value_of(tree[1], row))
    if what == "is":
        value = value_of(tree[1], row)
        return (value is tree[2]) != tree[3]
    if what == "case":
        for condition, value in tree[1]:
            if value_of(condition, row) is True:
                return value_of(value, row)
        return None if tree[2] is None else value_of(tree[2], row)
    if what == "coalesce":
        return next((value for one in tree[1] if (value := value_of(one, row)) is not None), None)
    if what == "between":
        value, low, high = (value_of(one, row) for one in tree[1:4])
        inside = _all([_compared(">=", value, low), _compared("<=", value, high)])
        return _not(inside) if tree[4] else inside
    if what == "in":
        value = value_of(tree[1], row)
        outside = _all([_not(_compared("=", value, value_of(one, row))) for one in tree[2]])
        return outside if tree[3] else _not(outside)
    if what == "compare":
        return _compared(tree[1], value_of(tree[2], row), value_of(tree[3], row))
    if what == "call":
        return counted(tree[1], value_of(tree[2], row), value_of(tree[3], row))
    operands = [value_of(one, row) for one in tree[1:]]
    if None in operands:
        return None
    if what == "neg":
        return -operands[0]
    left, right = operands
    return left + right if what == "+" else left - right if what == "-" else left * right


@cache
def counted(function: str, first: date | None, later: date | None) -> int | None:
    """What a function of two dates gives, by walking through the calendar day by day."""
    if first is None or later is None:
        return None
    if function == "days_between":
        return sum(1 if later > first else -1 for _ in _after(min(first, later), max(first, later)))
    steps = sum(completes_a_month(first, day) for day in _after(min(first, later), max(first, later)))
    months = steps if later >= first else -steps
    return months if function == "completed_months" else _twelves(months)


def completes_a_month(first: date, day: date) -> bool:
    """Whether a month after (or before) the first day is completed on this day."""
    last_of_previous = day.replace(day=1) - timedelta(days=1)
    return day.day == first.day or (day.day == 1 and last_of_previous.day < first.day)


def _after(begin: date, end: date) -> list[date]:
    return [begin + timedelta(days=step) for step in range(1, (end - begin).days + 1)]


def _twelves(months: int) -> int:
    """How often twelve months are completed; the largest number that is not too many."""
    years = 0
    while 12 * years > months:
        years -= 1
    while 12 * (years + 1) <= months:
        years += 1
    return years


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(values: list[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def _compared(operator: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if operator in ("=", "<>"):
        return (left == right) == (operator == "=")
    if operator in ("<", "<="):
        return left < right if operator == "<" else left <= right
    return left > right if operator == ">" else left >= right
