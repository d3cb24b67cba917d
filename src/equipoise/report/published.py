"""Does it reproduce? Published numbers, stored as rows like ours, joined to the computed ones."""

from __future__ import annotations

import csv
import io
from math import floor, log10
from typing import Any

import polars as pl

from equipoise.analysis.results import Result
from equipoise.dates import DAYS_IN
from equipoise.errors import InputError, Problem
from equipoise.report.numbers import fixed
from equipoise.report.rows import Rows

COLUMNS = ("item", "source", "analysis", "population", "subset", "group", "variable", "level", "at", "statistic",
           "method", "scale", "relation", "printed", "decimals", "compare", "note")  # fmt: skip
SCALES = ("", "percent", "percent reduction", "years", "months")
RELATIONS = ("=", "<")


def read_published(text: str, file: str) -> list[dict[str, str]]:
    """Read a ``published.csv``. Raises InputError with every row that cannot be compared.

    A row names the result row that it is about; ``scale`` turns our value into the printed one, and
    ``decimals`` says how it was rounded. ``relation`` is ``<`` for "P<.0001". Rows with compare = no
    are shown beside ours without a verdict.
    """
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        found = ", ".join(reader.fieldnames or ()) or "nothing"
        raise InputError(f"cannot use {file}", [Problem(file=file, line=1, found=f"the columns {found}",
                                                        expected=", ".join(COLUMNS))])  # fmt: skip
    records = [dict(record) for record in reader]
    problems = [
        problem for number, record in enumerate(records, start=2) for problem in _wrong(record, number, file)
    ]
    if problems:
        raise InputError(f"{len(problems)} problem(s) in {file}", problems)
    return records


def _wrong(record: dict[str, Any], number: int, file: str) -> list[Problem]:
    problems = []
    for column, fits, expected in (
        ("scale", lambda text: text in SCALES, f"one of {', '.join(filter(None, SCALES))}, or nothing"),
        ("relation", lambda text: text in RELATIONS, f"one of {' '.join(RELATIONS)}"),
        ("printed", _is_number, "a number"),
        ("decimals", lambda text: text in "0123456789" and len(text) == 1, "a digit"),
        ("compare", lambda text: text in ("yes", "no"), "yes or no"),
        ("at", lambda text: text == "" or _is_number(text), "a number of days, or nothing"),
    ):
        value = record.get(column)
        if value is None or not fits(value):
            problems.append(
                Problem(
                    file=file, path=f"row {number}, column {column}", found=repr(value), expected=expected
                )
            )
    if None in record:
        problems.append(Problem(file=file, path=f"row {number}", found="more cells than columns", expected="one cell a column",
                                remedy="quote cells that hold commas"))  # fmt: skip
    return problems


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 1e15
    except ValueError:
        return False


def compare(records: list[dict[str, str]], rows: Rows) -> pl.DataFrame:
    """Each published number beside ours, rounded as printed: item, source, printed, computed, agrees, note."""
    compared: list[dict[str, Any]] = []
    for record in records:
        row = _ours(record, rows)
        value = None if row is None or row.value is None else _scaled(row.value, record["scale"])
        decimals = int(record["decimals"])
        agrees = None if record["compare"] == "no" else value is not None and _agrees(record, value, decimals)
        sign = "<" if record["relation"] == "<" else ""
        compared.append({
            "item": record["item"], "source": record["source"], "printed": sign + record["printed"],
            "computed": "no such result" if value is None else _shown(value, decimals),
            "agrees": agrees, "note": record["note"],
        })  # fmt: skip
    schema = {"item": pl.String, "source": pl.String, "printed": pl.String, "computed": pl.String,
              "agrees": pl.Boolean, "note": pl.String}  # fmt: skip
    return pl.DataFrame(compared, schema=schema)


def _ours(record: dict[str, str], rows: Rows) -> Result | None:
    found = rows.all(record["analysis"], record["statistic"], group=record["group"], variable=record["variable"],
                     level=record["level"], subset=record["subset"], method=record["method"])  # fmt: skip
    at = float(record["at"]) if record["at"] else None
    return next((row for row in found if row.at == at and row.population == record["population"]), None)


def _scaled(value: float, scale: str) -> float:
    if scale == "percent":
        return 100 * value
    if scale == "percent reduction":
        return 100 * (1 - value)
    if scale in ("years", "months"):
        return value / DAYS_IN[scale.removesuffix("s")]
    return value


def _shown(value: float, decimals: int) -> str:
    """Rounded as printed, or to two digits where that would show nothing but zeros."""
    if value and not fixed(value, decimals).strip("0.−"):
        return fixed(value, 1 - floor(log10(abs(value))))
    return fixed(value, decimals)


def _agrees(record: dict[str, str], value: float, decimals: int) -> bool:
    """Equal once rounded as printed; below the printed bound for a relation <."""
    if record["relation"] == "<":
        return value < float(record["printed"])
    return fixed(value, decimals) == fixed(float(record["printed"]), decimals)
