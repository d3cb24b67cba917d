"""One table as its mapping reads it: column by column, each distinct cell interpreted once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from equipoise.exchange import values
from equipoise.exchange.mapping import Source, TableBlock, When
from equipoise.exchange.rejects import Reject, reject
from equipoise.exchange.tables import Table
from equipoise.exchange.values import Reader, Unfit
from equipoise.protocol.reading.document import shown
from equipoise.protocol.reading.validation import did_you_mean
from equipoise.protocol.rules.rule import compile_rule


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A cell that says that there is no value, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """One meaning a row: a value, None (no value), Unavailable, or Unfit; and the column it is from."""

    column: str
    meanings: Sequence[Any]


class Cells:
    """The rows of one table."""

    def __init__(self, table: Table, block: TableBlock) -> None:
        self.table, self.block = table, block
        self.height = table.frame.height
        self._missing = frozenset(block.missing)
        self._columns: dict[str, list[str | None]] = {}

    def column(self, name: str) -> list[str | None]:
        """The cells of a column; None where the mapping says that a cell is missing."""
        if name not in self._columns:
            missing = self._missing
            self._columns[name] = [
                None if cell in missing else cell for cell in self.table.frame[name].to_list()
            ]
        return self._columns[name]

    def subjects(self) -> Read:
        """The subject of each row; a row without one is unfit."""
        name, prefix = self.block.subject.column, self.block.subject.prefix

        def identify(cell: str | None) -> str | Unfit:
            if cell is None or not cell.strip():
                return Unfit(
                    "no subject", "an identifier", "remove the row, or say which subject it is about"
                )
            if len(cell) > 200 or not cell.isprintable():
                return Unfit(shown(cell), "an identifier of at most 200 printable characters")
            return prefix + cell.strip()

        return Read(name, self._each(name, identify))

    def mask(self, where: str | None) -> Sequence[bool | None]:
        """Whether a rule holds in each row; None where a missing cell leaves it unknown."""
        if where is None:
            return [True] * self.height
        import polars as pl

        rule = compile_rule(where, {name: pl.String() for name in self.table.frame.columns})
        names = sorted(rule.columns) or self.table.frame.columns[:1]
        frame = pl.DataFrame([pl.Series(name, self.column(name), dtype=pl.String) for name in names])
        return rule.evaluate(frame).to_list()

    def read(self, source: Source, reader: Reader, column: str | None = None) -> Read:
        """Interpret a source.  column: where it stands, if the source does not say it (long tables)."""
        column = column or source.column
        if column is None:
            return Read("", [reader(source.constant or "")] * self.height)
        meanings = self._each(column, lambda cell: _meaning(source, reader, cell))
        return Read(column, self._limited(meanings, source.where))

    def dates(self, when: When) -> Read:
        """Interpret a date: (day, precision) a row, None, or Unfit."""
        if when.date is not None:
            column, meanings = "", [(when.date, "day")] * self.height
        elif when.column is not None:
            column = when.column
            meanings = self._each(column, lambda cell: _date(cell, when.format))
        else:
            column = when.days if isinstance(when.days, str) else when.since or ""
            meanings = self._counted(when)
        return Read(column, self._limited(meanings, when.where))

    def reject(self, index: int, column: str, unfit: Unfit) -> Reject:
        """The reject of a row, with its cell as it stands in the file."""
        value = self.table.frame[column][index] if column else ""
        return reject(
            self.table.name, self.table.row(index), cell=column, value=value, line=self.table.line(index),
            found=unfit.found, expected=unfit.expected, remedy=unfit.remedy,
        )  # fmt: skip

    def _each(self, column: str, of: Callable[[str | None], Any]) -> list[Any]:
        cells = self.column(column)
        meanings = {cell: of(cell) for cell in dict.fromkeys(cells)}
        return [meanings[cell] for cell in cells]

    def _limited(self, meanings: list[Any], where: str | None) -> list[Any]:
        if where is None:
            return meanings
        unknown = Unfit(
            "an unknown condition", f"{where!r} to be true or false", "decide missing cells with is null"
        )
        pairs = zip(meanings, self.mask(where), strict=True)
        return [meaning if holds else None if holds is False else unknown for meaning, holds in pairs]

    def _counted(self, when: When) -> list[Any]:
        if isinstance(when.days, str):
            counts: list[Any] = self._each(when.days, lambda cell: _or_unfit(values.whole, cell))
        else:
            counts = [when.days] * self.height
        starts: list[Any]
        if when.since is None:
            starts = [(self.block.day_zero, "day")] * self.height
        else:
            starts = self._each(when.since, lambda cell: _date(cell, "YYYY-MM-DD"))
        return [_later(start, count) for start, count in zip(starts, counts, strict=True)]


def _meaning(source: Source, reader: Reader, cell: str | None) -> Any:
    reasons = source.unavailable
    if cell is None:
        if isinstance(reasons, str):
            return Unavailable(reasons)
        if reasons is not None and "" in reasons:
            return Unavailable(reasons[""])
        return None if source.if_missing is None else _or_unfit(reader, source.if_missing)
    if reasons is not None and not isinstance(reasons, str) and cell in reasons:
        return Unavailable(reasons[cell])
    if source.values is None:
        return _or_unfit(reader, cell)
    if cell not in source.values:
        known = ", ".join(shown(name) for name in list(source.values)[:12])
        return Unfit(shown(cell), f"one of {known}", did_you_mean(cell, source.values) or "add it to values")
    return _or_unfit(reader, source.values[cell])


def _or_unfit(reader: Reader, cell: str | None) -> Any:
    try:
        return None if cell is None else reader(cell)
    except Unfit as unfit:
        return unfit


def _date(cell: str | None, form: str) -> Any:
    try:
        return None if cell is None else values.partial_date(cell, form)
    except Unfit as unfit:
        return unfit


def _later(start: Any, days: Any) -> Any:
    for part in (start, days):
        if part is None or isinstance(part, Unfit):
            return part
    day, precision = start
    if precision != "day":
        return Unfit(f"days since {day.isoformat()[:7]}", "days since a date with its day")
    try:
        later: date = day + timedelta(days=days)
    except OverflowError:
        return Unfit(f"{days} days", "a day of the calendar")
    return later, "day"
