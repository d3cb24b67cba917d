"""A part of a rule that has been read, and what is evaluated where parts are compared or joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from equipoise.protocol.rules.language import DTYPES


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a rule that has been read: its kind (``null`` if it is always unknown), value and SQL.

    size: of how many parts its value is made.
    """

    kind: str
    value: pl.Expr
    sql: str
    size: int = 1

    def of(self, kind: str) -> pl.Expr:
        """The value; an unknown of the wanted kind where it is always unknown."""
        return pl.lit(None, dtype=DTYPES[kind]) if self.kind == "null" else self.value


def compared(left: Part, operator: str, right: Part) -> pl.Expr:
    """Whether two parts of one kind stand in the relation; always unknown where one of them is."""
    if "null" in (left.kind, right.kind):
        return pl.lit(None, dtype=pl.Boolean)
    one, other = left.value, right.value
    if operator in ("=", "<>"):
        return one == other if operator == "=" else one != other
    if operator in ("<", "<="):
        return one < other if operator == "<" else one <= other
    return one > other if operator == ">" else one >= other


def joined(values: Sequence[pl.Expr], operator: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    """Values joined by ``and`` or ``or``: in pairs, so that a long chain is not a deep one."""
    while len(values) > 1:
        pairs = [values[index : index + 2] for index in range(0, len(values), 2)]
        values = [pair[0] if len(pair) == 1 else operator(*pair) for pair in pairs]
    return values[0]
