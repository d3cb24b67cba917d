"""The three datasets of an analysis and their columns. Every row names the facts that it came from.

ADaM names, for those who look for them: ``subjects`` is ADSL, ``time_to_event`` ADTTE (``event`` is
CNSR = 0, ``time`` AVAL), ``adverse_events`` ADAE.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from equipoise.protocol.definition import Protocol
from equipoise.protocol.rules import columns

SOURCE = pl.List(pl.Int64)

SUBJECT: dict[str, pl.DataType] = {**columns.SUBJECT, "source": SOURCE}

TIME_TO_EVENT: dict[str, pl.DataType] = {
    "subject_id": pl.String(),
    "endpoint": pl.String(),
    "origin_on": pl.Date(),
    "ended_on": pl.Date(),
    "time": pl.Int64(),  # days
    "event": pl.Boolean(),
    "cause": pl.String(),  # the event or competing event that ended follow-up; null if neither did
    "censor_reason": pl.String(),  # why follow-up ended without either; null with a cause
    "source": SOURCE,
}

ADVERSE_EVENT: dict[str, pl.DataType] = {**columns.ADVERSE_EVENT, "source": SOURCE}


def subject_columns(protocol: Protocol) -> dict[str, pl.DataType]:
    """Columns of the subject-level frame before derivation: the fixed ones, then those of the items.

    An item that can be unavailable has a second column ``<item>_unavailable`` with the reason.
    A stratification factor has a column ``stratum_<factor>`` with the level used at randomization.
    """
    return {**SUBJECT, **columns.of_items(protocol), **columns.of_strata(protocol)}


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where the data came from: what the provenance of every output repeats.

    files: (name, SHA-256) of each file read.  data_hash: of the log, or of the files together.
    log_length: number of log entries known at the cutoff; None for data sets that were cut elsewhere.
    warnings: what looked odd while reading, without being certainly wrong.
    synthetic: no person stands behind the data.
    """

    data_hash: str
    cutoff: str
    files: tuple[tuple[str, str], ...] = ()
    log_length: int | None = None
    warnings: tuple[str, ...] = ()
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Datasets:
    """What an analysis reads: one row a subject; a subject and end point; an adverse event.

    Made by :func:`equipoise.datasets.derive` from a snapshot, or read from ADaM files.
    """

    protocol: Protocol
    subjects: pl.DataFrame = field(repr=False)  # rows are patients: never in a repr
    time_to_event: pl.DataFrame = field(repr=False)
    adverse_events: pl.DataFrame = field(repr=False)
    source: DataSource
