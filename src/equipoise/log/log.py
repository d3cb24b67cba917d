"""The log of a trial, and its snapshot as of a cutoff.

No analysis accepts a ``Log``, so none can run without a cutoff.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType

from equipoise.errors import DataError, LogError, Problem
from equipoise.log.facts import Correction, Fact


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The last day included, and optionally the last instant of knowledge included.

    on: facts that occurred later are left out.  recorded_by: facts and corrections that were recorded
    later are left out, as if the log had been read at that instant.
    """

    on: date
    recorded_by: datetime | None = None

    def __post_init__(self) -> None:
        if isinstance(self.on, datetime):
            raise DataError(f"cutoff is {self.on!r}; expected a date without a time of day")
        if self.recorded_by is not None and self.recorded_by.tzinfo is None:
            raise DataError(f"recorded_by is {self.recorded_by!r}; expected an instant with a time zone")

    def __str__(self) -> str:
        text = self.on.isoformat()
        return text if self.recorded_by is None else f"{text}, as recorded by {self.recorded_by.isoformat()}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts in force as of a cutoff, by position in the log. Two snapshots are equal if these are."""

    cutoff: Cutoff
    facts: Mapping[int, Fact]
    log_length: int = field(compare=False)
    log_hash: str = field(compare=False)

    def by_subject(self) -> dict[str, list[tuple[int, Fact]]]:
        """Group the facts by subject, in the order in which the log learned them."""
        groups: dict[str, list[tuple[int, Fact]]] = {}
        for position, fact in self.facts.items():
            groups.setdefault(fact.subject_id, []).append((position, fact))
        return groups

    def __repr__(self) -> str:
        return f"Snapshot({len(self.facts)} facts as of {self.cutoff})"


class Log:
    """An append-only sequence of facts and corrections; positions count from 1.

    >>> from datetime import UTC, date, datetime
    >>> from equipoise.log.facts import EventOccurred, FollowedUp
    >>> noon = datetime(2020, 1, 1, 12, tzinfo=UTC)
    >>> log = Log([FollowedUp(subject_id="S1", occurred_on=date(2019, 5, 1), recorded_at=noon)])
    >>> log = log.append([EventOccurred(subject_id="S1", occurred_on=date(2019, 9, 1), event="relapse",
    ...                                 recorded_at=noon)])
    >>> len(log), len(log.as_of(Cutoff(date(2019, 6, 30))).facts)
    (2, 1)
    """

    def __init__(self, entries: Iterable[Fact | Correction] = ()) -> None:
        self._entries = tuple(entries)
        _check(self._entries)

    def append(self, entries: Iterable[Fact | Correction]) -> Log:
        """Return the log with these entries at its end; refuses any that would break it."""
        return Log(self._entries + tuple(entries))

    def as_of(self, cutoff: Cutoff) -> Snapshot:
        """Take the facts in force as of the cutoff.

        Corrections known by ``cutoff.recorded_by`` apply whenever the corrected fact occurred; what
        counts is the day on which the fact, as corrected, occurred.
        """
        known = self._entries
        if cutoff.recorded_by is not None:
            known = tuple(entry for entry in known if entry.recorded_at <= cutoff.recorded_by)
        in_force: dict[int, Fact] = {}
        for position, entry in enumerate(known, start=1):
            if not isinstance(entry, Correction):
                in_force[position] = entry
                continue
            del in_force[entry.corrects]
            if entry.replacement is not None:
                in_force[position] = entry.replacement
        facts = {position: fact for position, fact in in_force.items() if fact.occurred_on <= cutoff.on}
        return Snapshot(cutoff, MappingProxyType(facts), len(known), self.hash)

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) over the canonical JSON of every entry, one a line."""
        from equipoise.log.codec import encode

        digest = hashlib.sha256()
        for entry in self._entries:
            digest.update(encode(entry).encode())
            digest.update(b"\n")
        return digest.hexdigest()

    @property
    def last_day(self) -> date | None:
        """The latest day on which anything in force occurred; None for an empty log."""
        facts = self.as_of(Cutoff(date.max)).facts.values()
        return max((fact.occurred_on for fact in facts), default=None)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Fact | Correction]:
        return iter(self._entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Log) and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Log({len(self)} entries)"  # never the entries: they are patients


def _check(entries: tuple[Fact | Correction, ...]) -> None:
    """Refuse entries recorded before their predecessor, and corrections of what is not in force."""
    problems: list[Problem] = []
    in_force: dict[int, Fact] = {}
    latest: datetime | None = None
    for position, entry in enumerate(entries, start=1):
        if latest is not None and entry.recorded_at < latest:
            problems.append(
                _problem(
                    position,
                    f"recorded_at {entry.recorded_at.isoformat()}",
                    f"no earlier than its predecessor's {latest.isoformat()}",
                    "check the clock that stamped it",
                )
            )
        latest = entry.recorded_at if latest is None else max(latest, entry.recorded_at)
        if isinstance(entry, Correction):
            problems += _check_correction(position, entry, in_force)
        else:
            in_force[position] = entry
    if problems:
        raise LogError(f"{len(problems)} problem(s) in the log; nothing was appended", problems)


def _check_correction(position: int, entry: Correction, in_force: dict[int, Fact]) -> list[Problem]:
    old = in_force.pop(entry.corrects, None)
    if old is None:
        found = f"a correction of entry {entry.corrects}"
        return [
            _problem(position, found, "the position of a fact still in force", "name its latest correction")
        ]
    if entry.replacement is None:
        return []
    in_force[position] = entry.replacement
    if type(entry.replacement) is not type(old) or entry.replacement.subject_id != old.subject_id:
        found = f"a {type(entry.replacement).__name__} in place of a {type(old).__name__}, or another subject"
        return [
            _problem(
                position, found, "the same kind of fact about the same subject", "retract it and add anew"
            )
        ]
    return []


def _problem(position: int, found: str, expected: str, remedy: str) -> Problem:
    return Problem(file="log", path=f"entry {position}", found=found, expected=expected, remedy=remedy)
