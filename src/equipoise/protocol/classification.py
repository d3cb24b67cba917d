"""Ordered classes over the rows of a frame: the one meaning that datasets, conduct and proofs share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from equipoise.protocol import columns
from equipoise.protocol.definition import Protocol
from equipoise.protocol.rules import Rule, compile_rule


class Classifier:
    """A protocol's derived items, compiled once, for one subject or a million.

    known: every name that rules may use, with its type.  rules: for each classified item its rules in order.
    behind: for each derived item, the items that it rests on, through other derived ones.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.known: dict[str, pl.DataType] = columns.for_rules(protocol)
        self.codes = columns.choices(protocol)
        self.rules: dict[str, dict[str, Rule]] = {}
        self.behind: dict[str, set[str]] = {}
        self._values: dict[str, pl.Expr] = {}
        for name, derived in protocol.derived.items():
            if derived.value is not None:
                rule = compile_rule(derived.value, self.known, self.codes, "any")
                self._values[name] = rule.expression
                self.behind[name] = self.items_behind([rule])
                nothing = pl.DataFrame(
                    schema={item: self.known[item] for item in rule.columns} or {"": pl.Null()}
                )
                self.known[name] = rule.evaluate(nothing).dtype
                continue
            classes = derived.classes or {}
            rules = {
                code: compile_rule(level.when, self.known, self.codes) for code, level in classes.items()
            }
            self.rules[name] = rules
            self.behind[name] = self.items_behind(rules.values())
            self._values[name] = first_that_holds(rules)
            self.known[name] = pl.String()

    def items_behind(self, rules: Iterable[Rule]) -> set[str]:
        """The items that rules rest on, themselves or through derived items."""
        return {item for rule in rules for name in rule.columns for item in self.behind.get(name, {name})}

    def add_derived(self, subjects: pl.DataFrame) -> pl.DataFrame:
        """Add ``randomized``, ``treated`` and the derived items, in their order.

        subjects: one row a subject, with the columns of :func:`equipoise.protocol.columns.for_rules` but the two.
        """
        frame = subjects.with_columns(
            pl.col("arm").is_not_null().alias("randomized"),
            pl.col("actual_arm").is_not_null().alias("treated"),
        )
        for name, value in self._values.items():
            frame = frame.with_columns(value.alias(name))
        return frame


def first_that_holds(rules: Mapping[str, Rule]) -> pl.Expr:
    """The code of the first rule that is true; null where a rule before it is unknown, or none holds.

    >>> known = {"mrd": pl.Float64()}
    >>> rules = {"high": compile_rule("mrd >= 0.1", known), "low": compile_rule("mrd < 0.1", known)}
    >>> pl.DataFrame({"mrd": [0.5, 0.01, None]}).select(first_that_holds(rules)).to_series().to_list()
    ['high', 'low', None]
    """
    value: pl.Expr = pl.lit(None, dtype=pl.String)
    for code, rule in list(rules.items())[::-1]:
        # A rule that is unknown stops here: no later class may claim the subject.
        later = pl.when(rule.expression.is_null()).then(pl.lit(None, dtype=pl.String)).otherwise(value)
        value = pl.when(rule.expression).then(pl.lit(code)).otherwise(later)
    return value
