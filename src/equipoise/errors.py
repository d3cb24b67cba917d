"""The kinds of error, and how problems are collected and worded.

A refusal is a value; an error is a bug or a broken file. A broken file is reported once, with every
problem that was found in it: each says where, what was found, what was expected and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in one place of one input.

    file: as the user named it.  line, column: counted from 1, where known.  path: the place inside
    the document (``endpoints.dfs.events[1]``) or table (``row 12, column age``).
    found, expected, remedy: phrases without a full stop.

    >>> print(Problem(file="trial.yaml", line=7, column=3, path="arms.b.ratio", found="0.5",
    ...               expected="a whole number of at least 1", remedy="for 1:2 write 1 and 2"))
    trial.yaml:7:3  arms.b.ratio: found 0.5; expected a whole number of at least 1. Remedy: for 1:2 write 1 and 2.
    """

    file: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    found: str
    expected: str
    remedy: str = ""

    @property
    def where(self) -> str:
        """The place as ``file:line:column``, as editors and terminals make it a link."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        place = f"{self.where}  {self.path}" if self.path else self.where
        text = f"{place}: found {self.found}; expected {self.expected}."
        end = "" if self.remedy.endswith("?") else "."
        return f"{text} Remedy: {self.remedy}{end}" if self.remedy else text


class EquipoiseError(Exception):
    """Whatever equipoise raises on purpose."""


class DataError(EquipoiseError, ValueError):
    """An argument that a computation cannot use; the message names it, its value and the expectation."""


class InputError(EquipoiseError):
    """A file that cannot be used, with every problem found in it.

    >>> error = InputError("1 problem in trial.yaml", [Problem(file="trial.yaml", found="nothing",
    ...                                                        expected="a protocol")])
    >>> print(error)
    1 problem in trial.yaml
      trial.yaml: found nothing; expected a protocol.
    """

    def __init__(self, summary: str, problems: Iterable[Problem] = ()) -> None:
        self.summary = summary
        self.problems = tuple(problems)
        super().__init__("\n  ".join([summary, *map(str, self.problems)]))


class ProtocolError(InputError):
    """A protocol file that does not say a usable trial."""


class MappingError(InputError):
    """A mapping file that does not say how tables become facts or datasets."""


class RejectedData(InputError):
    """Data with rows that cannot become facts; nothing of them was kept."""


class LogError(InputError):
    """A log that cannot be read, or an append that would break it; nothing was written."""
