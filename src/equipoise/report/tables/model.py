"""The one table model: what a page prints, and the result rows behind it as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from equipoise.analysis.results import Result
from equipoise.report.labels import Labels, lower_first
from equipoise.report.numbers import ABBREVIATIONS, NOT_ESTIMABLE, NOT_REACHED

CsvValue = str | float | None

LEFT_OUT = re.compile(r"(\d+) without a value of (.+) left out")
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
    texts: Iterable[str],
    rows: Iterable[Row],
    extra: Iterable[str] = (),
    warnings: Iterable[tuple[float | None, str]] = (),
    labels: Labels | None = None,
) -> tuple[str, ...]:
    """Footnotes of a table: the notes given, then the abbreviations that its cells and stubs use.

    extra: keys of ``ABBREVIATIONS`` that stand in heads or the title.  warnings: each with its number, None where it
    cannot be given.  labels: for what warnings name by id.
    """
    words = " ".join(f"{row.stub} {' '.join(row.cells)}" for row in rows)
    tokens = set(words.replace("(", " ").replace(")", " ").replace("–", " ").replace("-", " ").split())
    tokens |= set(words.replace("(", " ").replace(")", " ").replace(",", " ").split()) | set(extra)
    used = sorted(text for key, text in ABBREVIATIONS.items() if key in tokens)
    abbreviations = [f"Abbreviations: {'; '.join(used)}."] if used else []
    return (*texts, *_warned(list(warnings), labels), *abbreviations)


def warnings_of(rows: Iterable[Result]) -> list[tuple[float | None, str]]:
    """The warnings of rows, each with its number, as footnotes take them."""
    return [(row.value, row.warning) for row in rows if row.warning]


def _warned(warnings: list[tuple[float | None, str]], labels: Labels | None) -> list[str]:
    """Who is in no test or model, why numbers are missing, and what is odd about others."""
    left_out: set[str] = set()
    absent: set[str] = set()
    odd: set[str] = set()
    for value, text in warnings:
        parts = [part for part in text.split("; ") if part and not part.startswith("not reached")]
        counts = [part for part in parts if LEFT_OUT.fullmatch(part)]
        left_out |= {_left_out(part, labels) for part in counts}
        rest = "; ".join(_said(part, labels) for part in parts if part not in counts)
        if rest:
            (absent if value is None else odd).add(rest)
    return [
        *sorted(left_out),
        *([f"Not estimable: {'; '.join(sorted(absent))}."] if absent else []),
        *([f"Estimated with a warning: {'; '.join(sorted(odd - absent))}."] if odd - absent else []),
    ]


def _left_out(warning: str, labels: Labels | None) -> str:
    """A warning that counts who is in no test or model, as a sentence.

    >>> _left_out("1 without a value of a or b left out", None)
    'Without 1 patient who has no value of a or b.'
    """
    number, names = LEFT_OUT.fullmatch(warning).groups()  # type: ignore[union-attr]
    words = [name if labels is None else lower_first(labels.factor(name)) for name in names.split(" or ")]
    who = "patient who has" if number == "1" else "patients who have"
    return f"Without {number} {who} no value of {' or '.join(words)}."


def _said(warning: str, labels: Labels | None) -> str:
    """A warning whose subject, before the colon, is a term of a model, with the labels of arms and levels."""
    term, colon, rest = warning.partition(": ")
    if labels is None or not colon or (" " in term and " vs " not in term and " by " not in term):
        return warning
    parts = re.split("( vs | by )", term)
    return f"{''.join(labels.factor(labels.arm(part)) for part in parts)}: {rest}"
