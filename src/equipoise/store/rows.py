"""A log entry ↔ the row that both stores keep: columns for other tools, and the body that is the entry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from equipoise.errors import DataError, Problem
from equipoise.log.codec import NAMES, decode, encode
from equipoise.log.facts import Correction, Fact
from equipoise.log.log import Log
from equipoise.store import damaged

COLUMNS = ("kind", "subject_id", "occurred_on", "recorded_at", "recorded_by", "body")
RESTORE = "restore the file from a copy"

_NAME_OF = {kind: name for name, kind in NAMES.items()}


def to_row(entry: Fact | Correction) -> tuple[str, ...]:
    """Write an entry as a row, in the order of COLUMNS.

    A correction shows the subject and day of its replacement, or none for a retraction.
    """
    return (*_columns(entry), encode(entry))


def to_log(rows: Iterable[Sequence[Any]], path: Path) -> Log:
    """Read rows of (position, *COLUMNS) back, checking every one.  Raises LogError with all the damage."""
    entries: list[Fact | Correction] = []
    problems: list[Problem] = []
    for expected, (position, *columns) in enumerate(rows, start=1):
        if position != expected:
            problems.append(_damage(path, expected, f"position {position!r}", f"position {expected}"))
            break
        try:
            entry = decode(columns[-1])
        except (DataError, TypeError) as error:
            problems.append(_damage(path, expected, str(error), "an entry that the codec wrote"))
            continue
        if tuple(columns[:-1]) != (agreed := _columns(entry)):
            found = f"the columns {tuple(columns[:-1])}"
            problems.append(_damage(path, expected, found, f"{agreed}, as the body says"))
        entries.append(entry)
    if problems:
        raise damaged(path, problems)
    return Log(entries)


def chained(bodies: Iterable[str], link: str = "") -> Iterator[str]:
    """The hash chain: each link is the SHA-256 (hex) of the link before it and of the body, a line each.

    >>> [link[:8] for link in chained(["a", "b"])]
    ['6dba9d80', 'bb5c066d']
    """
    for body in bodies:
        link = hashlib.sha256(f"{link}\n{body}\n".encode()).hexdigest()
        yield link


def _columns(entry: Fact | Correction) -> tuple[str, ...]:
    subject = entry.replacement if isinstance(entry, Correction) else entry
    return (
        _NAME_OF[type(entry)],
        subject.subject_id if subject else "",
        subject.occurred_on.isoformat() if subject else "",
        entry.recorded_at.isoformat().replace("+00:00", "Z"),
        entry.recorded_by,
    )


def _damage(path: Path, position: int, found: str, expected: str) -> Problem:
    return Problem(file=str(path), path=f"entry {position}", found=found, expected=expected, remedy=RESTORE)
