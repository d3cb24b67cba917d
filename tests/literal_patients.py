"""Patients written out in a test → what a trial's rules make of them; and a protocol with another reading of its source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from equipoise.datasets.derivation import apply_rules
from equipoise.datasets.frames import subject_columns
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import parse_protocol


def rows_of(protocol: Protocol, patients: Sequence[dict[str, object]]) -> pl.DataFrame:
    """The subject-level rows with derived items and populations; what a patient does not say is unknown."""
    schema = subject_columns(protocol)
    assert not {name for patient in patients for name in patient} - set(schema)
    rows = [
        {name: patient.get(name, str(number) if name == "subject_id" else None) for name in schema}
        for number, patient in enumerate(patients)
    ]
    return apply_rules(protocol, pl.DataFrame(rows, schema=schema, orient="row"))


def other_reading(file: Path, changes: Sequence[tuple[str, str]]) -> Protocol:
    """The protocol with some of its text replaced; all of it must be there."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_protocol(text)
