"""Ordered classes over the rows of a frame: the one meaning that datasets, conduct and proofs share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import polars as pl

from equipoise.protocol.definition import Protocol
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.rule import Rule, compile_rule

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)

FEW = 1000  # subjects


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
        self._rests_on: dict[str, set[str]] = {}  # derived items only, directly
        self._reads: dict[str, list[str]] = {}  # columns that are not derived
        self._layers: list[list[str]] = []
        for name, derived in protocol.derived.items():
            if derived.value is not None:
                rule = compile_rule(derived.value, self.known, self.codes, "any")
                self._values[name] = rule.expression
                self.behind[name] = self.items_behind([rule])
                self._place(name, [rule])
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
            self._place(name, rules.values())
            self.known[name] = pl.String()

    def _place(self, name: str, rules: Iterable[Rule]) -> None:
        """Put a derived item into the first layer above all that it rests on."""
        grounds = {column for rule in rules for column in rule.columns} & set(self._rests_on)
        depth = 1 + max(
            (index for index, layer in enumerate(self._layers) if grounds & set(layer)), default=-1
        )
        if depth == len(self._layers):
            self._layers.append([])
        self._layers[depth].append(name)
        self._reads[name] = sorted(set().union(*(rule.columns for rule in rules)) - set(self._rests_on))
        self._rests_on[name] = grounds

    def items_behind(self, rules: Iterable[Rule]) -> set[str]:
        """The items that rules rest on, themselves or through derived items."""
        return {item for rule in rules for name in rule.columns for item in self.behind.get(name, {name})}

    def add_derived(self, subjects: pl.DataFrame, only: Iterable[str] | None = None) -> pl.DataFrame:
        """Add ``randomized``, ``treated`` and the derived items, in their order.

        subjects: one row a subject, with the columns of :func:`equipoise.protocol.columns.for_rules` but the two.
        only: the derived items that are asked for; what they rest on comes with them.
        """
        wanted = list(self._values) if only is None else self._with_their_grounds(only)
        status = [
            subjects["arm"].is_not_null().alias("randomized"),
            subjects["actual_arm"].is_not_null().alias("treated"),
        ]
        whole = subjects.hstack(status)
        # Of many columns those that are read; one at least, so that a rule without any knows how many subjects there are.
        reads = dict.fromkeys(["randomized", *(column for name in wanted for column in self._reads[name])])
        read = whole.select(list(reads))
        # Planned as a whole, rules of many rows share their parts; for a few, planning takes longer than doing.
        few = subjects.height < FEW
        derived = self._derived(read, wanted) if few else self._derived(read.lazy(), wanted).collect()
        return whole.hstack([derived[name] for name in wanted])

    def _derived(self, frame: Frame, wanted: Sequence[str]) -> Frame:
        for layer in self._layers:  # what does not rest on one another is computed together
            frame = frame.with_columns(self._values[name].alias(name) for name in layer if name in wanted)
        return frame

    def _with_their_grounds(self, names: Iterable[str]) -> list[str]:
        """Derived items and those that they rest on, in the order of the file."""
        waiting, needed = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += self._rests_on[name]
        return [name for name in self._values if name in needed]


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
