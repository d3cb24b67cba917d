"""The log of a trial, and its snapshot as of a cutoff.

No analysis accepts a ``Log``, so none can run without a cutoff.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, get_args

from equipoise.errors import DataError, LogError, Problem
from equipoise.log.facts import Correction, Fact

_ENTRIES = frozenset((*get_args(Fact), Correction))


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The last day included, and optionally the last instant of knowledge included.

    on: facts that occurred later are left out.  recorded_by: facts and corrections that were recorded
    later are left out, as if the log had been read at that instant.
    """

    on: date
    recorded_by: datetime | None = None

    def __post_init__(self) -> None:
        if isinstance(self.on, datetime) or not isinstance(self.on, date):
            raise DataError(f"cutoff is {self.on!r}; expected a date without a time of day")
        if self.recorded_by is not None and (
            not isinstance(self.recorded_by, datetime) or self.recorded_by.utcoffset() is None
        ):
            raise DataError(f"recorded_by is {self.recorded_by!r}; expected an instant with a time zone")

    def __str__(self) -> str:
        text = self.on.isoformat()
        return text if self.recorded_by is None else f"{text}, as recorded by {self.recorded_by.isoformat()}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts in force as of a cutoff, by position in the log. Two snapshots are equal if these are.

    log_length, log_hash: of the entries that were known by the cutoff.
    """

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
        self._superseded = _check((), self._entries, frozenset())
        self._digest: tuple[int, Any] = (0, hashlib.sha256())

    def append(self, entries: Iterable[Fact | Correction]) -> Log:
        """Return the log with these entries at its end; refuses any that would break it."""
        added = tuple(entries)
        longer = Log.__new__(Log)
        # Only what is new is checked and hashed: a log that grows by one fact at a time stays affordable.
        longer._superseded = _check(self._entries, added, self._superseded)
        longer._entries = self._entries + added
        longer._digest = self._digest
        return longer

    def as_of(self, cutoff: Cutoff) -> Snapshot:
        """Take the facts in force as of the cutoff.

        Corrections known by ``cutoff.recorded_by`` apply whenever the corrected fact occurred; what
        counts is the day on which the fact, as corrected, occurred. The snapshot's length and hash are
        those of the known entries, so it is the same whatever is recorded later.
        """
        if cutoff.recorded_by is None:
            known = self
        else:
            length = bisect_right(self._entries, cutoff.recorded_by, key=lambda entry: entry.recorded_at)
            known = self if length == len(self) else Log(self._entries[:length])
        facts = {position: fact for position, fact in known._in_force() if fact.occurred_on <= cutoff.on}
        return Snapshot(cutoff, MappingProxyType(facts), len(known), known.hash)

    def _in_force(self) -> Iterator[tuple[int, Fact]]:
        """The facts as corrected, each at the position of its latest entry."""
        for position, entry in enumerate(self._entries, start=1):
            fact = entry.replacement if isinstance(entry, Correction) else entry
            if fact is not None and position not in self._superseded:
                yield position, fact

    @property
    def hash(self) -> str:
        """SHA-256 (hex) over the canonical JSON of every entry, one a line."""
        from equipoise.log.codec import encode

        length, digest = self._digest
        if length < len(self._entries):
            digest = digest.copy()
            for entry in self._entries[length:]:
                digest.update(encode(entry).encode())
                digest.update(b"\n")
            self._digest = (len(self._entries), digest)
        return str(digest.hexdigest())

    @property
    def last_day(self) -> date | None:
        """The latest day on which anything in force occurred; None for an empty log."""
        return max((fact.occurred_on for _, fact in self._in_force()), default=None)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Fact | Correction]:
        return iter(self._entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Log) and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Log, (self._entries,)  # a digest cannot be pickled

    def __repr__(self) -> str:
        return f"Log({len(self)} entries)"  # never the entries: they are patients


def _check(
    before: tuple[Fact | Correction, ...], added: tuple[Fact | Correction, ...], superseded: frozenset[int]
) -> frozenset[int]:
    """Refuse entries recorded before their predecessor, and corrections of what is not in force.

    superseded: positions that entries of ``before`` correct.  Returns them with those that ``added`` corrects.
    """
    problems: list[Problem] = []
    corrected = set(superseded)
    latest = before[-1].recorded_at if before else None
    for position, entry in enumerate(added, start=len(before) + 1):
        if type(entry) not in _ENTRIES:
            found = f"a {type(entry).__name__}"
            problems.append(_problem(position, found, "a fact or a correction"))
            continue
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
            index = entry.corrects - 1
            old = None
            if entry.corrects < position and entry.corrects not in corrected:
                old = _fact(before[index] if index < len(before) else added[index - len(before)])
            problems += _check_correction(position, entry, old)
            corrected.add(entry.corrects)
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        raise LogError(f"{count} in the log; nothing was appended", problems)
    return superseded if len(corrected) == len(superseded) else frozenset(corrected)


def _fact(entry: Fact | Correction) -> Fact | None:
    return entry.replacement if isinstance(entry, Correction) else entry


def _check_correction(position: int, entry: Correction, old: Fact | None) -> Iterator[Problem]:
    if old is None:
        found = f"a correction of entry {entry.corrects}"
        yield _problem(position, found, "the position of a fact still in force", "name its latest correction")
        return
    new = entry.replacement
    if new is None:
        return
    if type(new) is not type(old):
        found, expected = (
            f"a {type(new).__name__} in place of a {type(old).__name__}",
            "the same kind of fact",
        )
        yield _problem(position, found, expected, "retract it and add anew")
    if new.subject_id != old.subject_id:
        yield _problem(
            position, "a fact about another subject", "one about the same", "retract it and add anew"
        )


def _problem(position: int, found: str, expected: str, remedy: str = "") -> Problem:
    return Problem(file="log", path=f"entry {position}", found=found, expected=expected, remedy=remedy)
