"""Snapshot → datasets; and the columns that rules add to the subject-level rows, whatever their origin."""

from __future__ import annotations

import polars as pl

from equipoise.datasets.adverse_events import adverse_events
from equipoise.datasets.frames import Datasets, DataSource
from equipoise.datasets.subject_level import subject_level
from equipoise.datasets.time_to_event import time_to_event
from equipoise.log.log import Snapshot
from equipoise.protocol import columns
from equipoise.protocol.definition import Protocol
from equipoise.protocol.rules import compile_rule

POPULATION = "population_"


def derive(protocol: Protocol, snapshot: Snapshot, files: tuple[tuple[str, str], ...] = ()) -> Datasets:
    """Derive the three datasets of an analysis from what the log held as of the cutoff.

    files: (name, SHA-256) of what the log was read from, for the provenance.
    """
    subjects = subject_level(protocol, snapshot)
    return Datasets(
        protocol=protocol,
        subjects=apply_rules(protocol, subjects),
        time_to_event=time_to_event(protocol, snapshot, subjects),
        adverse_events=adverse_events(protocol, snapshot, subjects),
        source=DataSource(snapshot.log_hash, str(snapshot.cutoff), files, snapshot.log_length),
    )


def apply_rules(protocol: Protocol, subjects: pl.DataFrame) -> pl.DataFrame:
    """Add ``randomized``, ``treated``, the derived items, and one ``population_<id>`` a population.

    A subject is in a population only if its rule is true: unknown does not let anyone in.
    """
    known = columns.for_rules(protocol)
    codes = columns.choices(protocol)
    frame = subjects.with_columns(
        pl.col("arm").is_not_null().alias("randomized"), pl.col("actual_arm").is_not_null().alias("treated")
    )
    for name, derived in protocol.derived.items():
        if derived.value is not None:
            rule = compile_rule(derived.value, known, codes, "any")
            values = rule.evaluate(frame)
        else:
            values = classify(
                frame, {code: level.when for code, level in (derived.classes or {}).items()}, known, codes
            )
        frame = frame.with_columns(values.alias(name))
        known[name] = frame[name].dtype
    for name, population in protocol.populations.items():
        member = compile_rule(population.require, known, codes).evaluate(frame)
        frame = frame.with_columns(member.fill_null(False).alias(POPULATION + name))
    return frame


def classify(
    frame: pl.DataFrame,
    classes: dict[str, str],
    known: dict[str, pl.DataType],
    codes: dict[str, tuple[str, ...]],
) -> pl.Series:
    """The first class whose rule is true; null where an earlier rule is unknown or none holds."""
    undecided = pl.Series([True] * frame.height, dtype=pl.Boolean)
    result = pl.Series("class", [None] * frame.height, dtype=pl.String)
    for code, when in classes.items():
        holds = compile_rule(when, known, codes).evaluate(frame)
        here = undecided & holds.fill_null(False)
        result = result.zip_with(~here, pl.Series([code] * frame.height, dtype=pl.String))
        undecided = undecided & ~holds.fill_null(True)  # unknown: no later class may claim the subject
    return result.alias("class")
