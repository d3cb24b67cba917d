"""Ordered classes over the rows of a frame: the one meaning that datasets, conduct and proofs share."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from equipoise.protocol import columns
from equipoise.protocol.definition import Protocol
from equipoise.protocol.rules import Rule, compile_rule


def add_derived(protocol: Protocol, subjects: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.DataType]]:
    """Add ``randomized``, ``treated`` and the derived items; returns the frame and all names that rules may use.

    subjects: one row a subject, with the columns of :func:`equipoise.protocol.columns.for_rules` but the two.
    """
    known, codes = columns.for_rules(protocol), columns.choices(protocol)
    frame = subjects.with_columns(
        pl.col("arm").is_not_null().alias("randomized"), pl.col("actual_arm").is_not_null().alias("treated")
    )
    for name, derived in protocol.derived.items():
        if derived.value is not None:
            values = compile_rule(derived.value, known, codes, "any").evaluate(frame)
        else:
            rules = {
                code: compile_rule(level.when, known, codes)
                for code, level in (derived.classes or {}).items()
            }
            values = classify(frame, rules)
        frame = frame.with_columns(values.alias(name))
        known[name] = frame[name].dtype
    return frame, known


def classify(frame: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.Series:
    """The first class whose rule is true; null where a rule before it is unknown, or none holds.

    >>> frame = pl.DataFrame({"mrd": [0.5, 0.01, None]})
    >>> known = {"mrd": pl.Float64()}
    >>> classify(frame, {"high": compile_rule("mrd >= 0.1", known), "low": compile_rule("mrd < 0.1", known)}).to_list()
    ['high', 'low', None]
    """
    open_ = pl.Series([True] * frame.height, dtype=pl.Boolean)
    result = pl.Series("class", [None] * frame.height, dtype=pl.String)
    for code, rule in rules.items():
        holds = rule.evaluate(frame)
        here = open_ & holds.fill_null(False)
        result = result.zip_with(~here, pl.Series([code] * frame.height, dtype=pl.String))
        open_ = open_ & ~holds.fill_null(True)  # unknown: no later class may claim the subject
    return result.alias("class")
