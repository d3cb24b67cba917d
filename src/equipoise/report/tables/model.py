"""The one table model: what a page prints, and the result rows behind it as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from equipoise.analysis.results import Result
from equipoise.report.labels import Labels
from equipoise.report.numbers import ABBREVIATIONS, NOT_ESTIMABLE, NOT_REACHED

CsvValue = str | float | None

CSV_COLUMNS = (
    "population", "subset", "group", "group_label", "variable", "variable_label", "level", "level_label",
    "at_days", "statistic", "method", "value", "warning",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; ``note`` is its second line, such as the number of patients."""

    head: str
    note: str = ""
    align: str = "right"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a stub and its cells.  A section has no cells; a spanning row has one across all columns.

    strong: the row heads others although it has numbers of its own.
    """

    stub: str
    cells: tuple[str, ...] = ()
    indent: int = 0
    spanning: bool = False
    strong: bool = False

    @property
    def section(self) -> bool:
        """Whether the row only heads those below it."""
        return not self.cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: printed as it stands; ``csv_rows`` are its numbers as they were computed.

    name: file name of the CSV and anchor on the page.  spans: heads above the columns, each with the
    number of columns it covers (an empty head covers columns that have none).
    """

    name: str
    title: str
    stub: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    spans: tuple[tuple[str, int], ...] = ()
    footnotes: tuple[str, ...] = ()
    csv_columns: tuple[str, ...] = CSV_COLUMNS
    csv_rows: tuple[tuple[CsvValue, ...], ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            expected = 1 if row.spanning else len(self.columns)
            if row.cells and len(row.cells) != expected:
                raise ValueError(
                    f"table {self.name}, row {row.stub!r}: {len(row.cells)} cells, not {expected}"
                )

    def to_csv(self) -> str:
        """The unrounded rows as CSV; text that a spreadsheet would run as a formula is disarmed."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.csv_columns)
        for row in self.csv_rows:
            writer.writerow(["" if cell is None else _disarmed(cell) for cell in row])
        return text.getvalue()


def _disarmed(cell: str | float) -> str:
    """A cell of a CSV file: numbers in full, text never as a formula (OWASP: CSV injection)."""
    if isinstance(cell, str):
        # A lone carriage return would end the row: Python's writer does not quote it on every version.
        text = cell.replace("\r\n", "\n").replace("\r", "\n")
        return f"'{text}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else text
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else repr(float(cell))


def csv_rows(rows: Iterable[Result], labels: Labels) -> tuple[tuple[CsvValue, ...], ...]:
    """Result rows with their labels, in the columns of ``CSV_COLUMNS``."""
    return tuple(
        (
            row.population, row.subset, row.group, labels.group(row.group), row.variable,
            labels.variable(row.variable) if row.variable else "", row.level, _level(row, labels),
            row.at, row.statistic, row.method, row.value, row.warning,
        )
        for row in rows
    )  # fmt: skip


def _level(row: Result, labels: Labels) -> str:
    """The label of a row's level: an event, a choice, a factor or a comparison."""
    if not row.level:
        return ""
    if row.statistic in ("first_events", "competing_events"):
        return labels.event(row.level)
    if row.statistic.startswith("interaction"):
        return labels.factor(row.level)
    return labels.group(row.level) if " vs " in row.level else labels.level(row.variable, row.level)


def missing(row: Result | None) -> str:
    """What stands where a number cannot be given: nothing known, not reached, or not estimable."""
    if row is None:
        return NOT_ESTIMABLE
    return NOT_REACHED if row.warning.startswith("not reached") else NOT_ESTIMABLE


def footnotes(
    texts: Iterable[str], rows: Iterable[Row], extra: Iterable[str] = (), warnings: Iterable[str] = ()
) -> tuple[str, ...]:
    """Footnotes of a table: the notes given, then the abbreviations that its cells and stubs use.

    extra: keys of ``ABBREVIATIONS`` that stand in heads or the title.  warnings: why numbers are missing.
    """
    words = " ".join(f"{row.stub} {' '.join(row.cells)}" for row in rows)
    tokens = set(words.replace("(", " ").replace(")", " ").replace("–", " ").replace("-", " ").split())
    tokens |= set(words.replace("(", " ").replace(")", " ").replace(",", " ").split()) | set(extra)
    used = sorted(text for key, text in ABBREVIATIONS.items() if key in tokens)
    reasons = sorted({text for text in warnings if text and not text.startswith("not reached")})
    abbreviations = [f"Abbreviations: {'; '.join(used)}."] if used else []
    not_given = [f"Not estimable: {'; '.join(reasons)}."] if reasons else []
    return (*texts, *not_given, *abbreviations)
