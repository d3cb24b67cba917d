"""Published against computed numbers: every item with its source, and a word, not a color, for agreement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from equipoise.errors import DataError
from equipoise.protocol.definition import Protocol
from equipoise.report.numbers import NOT_APPLICABLE
from equipoise.report.tables.model import Column, CsvValue, Row, Table

PUBLISHED_COLUMNS = ("item", "source", "printed", "computed", "agrees", "note")


def published_table(frame: pl.DataFrame, protocol: Protocol) -> Table | None:
    """Each published number beside the computed one.

    frame: columns ``item``, ``source``, ``printed``, ``computed`` (as they are to be shown), ``agrees``
    (bool; null where not compared), ``note``.  A source that begins with the id of one of the protocol's
    is printed with its number in the list of sources.  Raises DataError when one is missing.
    """
    absent = [name for name in PUBLISHED_COLUMNS if name not in frame.columns]
    if absent:
        raise DataError(f"published: columns {frame.columns}; expected also {absent}")
    if frame.is_empty():
        return None
    numbers = {name: f"Source {index + 1}" for index, name in enumerate(protocol.sources)}
    records = list(frame.select(PUBLISHED_COLUMNS).iter_rows(named=True))
    noted = any(record["note"] for record in records)
    notes = (Column("Note", align="left"),) if noted else ()
    return Table(
        name="published", title="Published and Computed Numbers", stub="Item",
        columns=(Column("Published"), Column("Computed"), Column("Agreement", align="left"), *notes),
        rows=tuple(_rows(records, numbers, noted)), footnotes=(agreement(frame),),
        csv_columns=PUBLISHED_COLUMNS,
        csv_rows=tuple(tuple(_machine(record[name]) for name in PUBLISHED_COLUMNS) for record in records),
    )  # fmt: skip


def _rows(records: list[dict[str, Any]], numbers: dict[str, str], noted: bool) -> Iterator[Row]:
    """A row for each number, below a head for each stretch of numbers from one source."""
    before = None
    for record in records:
        if record["source"] != before:
            before = record["source"]
            yield Row(_source(_text(before), numbers))
        verdict = {True: "✓ Agrees", False: "✗ Differs", None: NOT_APPLICABLE}[record["agrees"]]
        shown = (_text(record["printed"]), _text(record["computed"]), verdict)
        yield Row(_text(record["item"]), (*shown, _text(record["note"])) if noted else shown, 1)


def agreement(frame: pl.DataFrame) -> str:
    """How many of the compared numbers agree."""
    compared = frame.filter(pl.col("agrees").is_not_null())
    agreed = compared.filter(pl.col("agrees")).height
    return f"{agreed} of {compared.height} compared numbers agree."


def _source(text: str, numbers: dict[str, str]) -> str:
    """A source by its number in the list that the page prints, with the place in it."""
    name, _, place = text.partition(" ")
    return ", ".join(part for part in (numbers.get(name, name), place) if part) if name in numbers else text


def _text(value: Any) -> str:
    """A cell as text; numbers keep all their digits, since they were not rounded for us."""
    return "" if value is None else str(value)


def _machine(value: Any) -> CsvValue:
    """A cell for the CSV file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int | float) or value is None else str(value)
