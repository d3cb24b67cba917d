"""Rows that cannot be used: one reject each, with the file, the row as in the file, the column and the value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from equipoise.errors import Problem, RejectedData

SHOWN = 200  # how many the message prints; the exception and the file of rejects hold all
COLUMNS = ("file", "row", "column", "value", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Problem):
    """A problem of one row or cell of a table.

    row: as a spreadsheet numbers it, the header being row 1.  cell: the name of the column.  value: as
    it stands in the file.  ``line`` is given where the file has lines, and differs from the row after a
    cell with line breaks.
    """

    row: int | None = None
    cell: str = ""
    value: str = ""


def reject(
    file: str, row: int, *, cell: str = "", value: str | None = None, line: int | None = None,
    found: str, expected: str, remedy: str = "",
) -> Reject:  # fmt: skip
    """Make a reject whose place reads ``row 12, column age``."""
    path = f"row {row}, column {cell}" if cell else f"row {row}"
    return Reject(
        file=file, line=line, path=path, found=found, expected=expected, remedy=remedy,
        row=row, cell=cell, value=value or "",
    )  # fmt: skip


def rejected(problems: Iterable[Problem]) -> RejectedData:
    """Make the error that holds every problem and prints the first ones."""
    every = tuple(dict.fromkeys(problems))  # a cell that several facts need is one problem
    files = list(dict.fromkeys(problem.file for problem in every))
    summary = f"{len(every)} problem{'s' * (len(every) != 1)} in {', '.join(files)}; nothing was imported"
    if len(every) > SHOWN:
        summary += f" (the first {SHOWN} follow, and {len(every) - SHOWN} more are not shown)"
    error = RejectedData(summary, every[:SHOWN])
    error.problems = every
    return error


def refused(name: str, found: str, expected: str, remedy: str = "", line: int | None = None) -> RejectedData:
    """Make the error for a file that is no table at all."""
    return rejected([Problem(file=name, line=line, found=found, expected=expected, remedy=remedy)])


def write_rejects(path: str | Path, problems: Sequence[Problem]) -> None:
    """Write the problems as CSV: file, row, column, value, reason.

    A cell that a spreadsheet would run as a formula is written with an apostrophe before it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for problem in problems:
        row, cell, value = (
            (problem.row, problem.cell, problem.value) if isinstance(problem, Reject) else ("", "", "")
        )
        reason = f"found {problem.found}; expected {problem.expected}"
        reason += f"; {problem.remedy}" if problem.remedy else ""
        writer.writerow([problem.file, row or problem.line or "", *map(_inert, (cell, value)), reason])
    Path(path).write_text(text.getvalue(), encoding="utf-8", newline="")


def _inert(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
