"""Snapshot → datasets; and the columns that rules add to the subject-level rows, whatever their origin."""

from __future__ import annotations

import polars as pl

from equipoise.datasets.adverse_events import adverse_events
from equipoise.datasets.frames import Datasets, DataSource
from equipoise.datasets.subject_level import subject_level
from equipoise.datasets.time_to_event import time_to_event
from equipoise.log.facts import SYNTHETIC
from equipoise.log.log import Snapshot
from equipoise.protocol.definition import Protocol
from equipoise.protocol.rules.classification import Classifier
from equipoise.protocol.rules.rule import compile_rule

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
        source=DataSource(
            snapshot.log_hash,
            str(snapshot.cutoff),
            files,
            snapshot.log_length,
            synthetic=any(fact.recorded_by.startswith(SYNTHETIC) for fact in snapshot.facts.values()),
        ),
    )


def apply_rules(protocol: Protocol, subjects: pl.DataFrame) -> pl.DataFrame:
    """Add ``randomized``, ``treated``, the derived items, and one ``population_<id>`` a population.

    A subject is in a population only if its rule is true: unknown does not let anyone in.
    """
    classifier = Classifier(protocol)
    frame = classifier.add_derived(subjects)
    for name, population in protocol.populations.items():
        member = compile_rule(population.require, classifier.known, classifier.codes).evaluate(frame)
        frame = frame.with_columns(member.fill_null(False).alias(POPULATION + name))
    return frame
