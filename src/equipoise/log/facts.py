"""The closed list of facts: what can be said to have happened.

A fact is one immutable, attributed statement. It has two dates: ``occurred_on``, when it happened in the
subject's life, and ``recorded_at``, when the log learned it. Nothing is ever overwritten: a correction is
a new fact that names the old one by its position in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import isfinite
from typing import Literal

from equipoise.dates import Precision
from equipoise.errors import DataError

Value = bool | int | float | str | date
Stage = Literal["screening", "treatment", "follow_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFact:
    """What every statement about a subject carries.

    occurred_on: the first day the date can mean.  precision: the part of the date that is known.
    recorded_at: an aware UTC instant.  recorded_by: who or what said it.
    """

    subject_id: str
    occurred_on: date
    precision: Precision = "day"
    recorded_at: datetime
    recorded_by: str = ""

    def __post_init__(self) -> None:
        if not self.subject_id.strip():
            raise DataError(f"subject_id is {self.subject_id!r}; expected a non-empty identifier")
        if isinstance(self.occurred_on, datetime):
            raise DataError(f"occurred_on is {self.occurred_on!r}; expected a date without a time of day")
        _require_utc(self.recorded_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered(SubjectFact):
    """The subject entered the trial's register (before any randomization)."""

    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecorded(SubjectFact):
    """A value of a protocol item, or the reason why it is unavailable."""

    item: str
    value: Value | None = None
    unavailable: str = ""

    def __post_init__(self) -> None:
        super(ItemRecorded, self).__post_init__()  # slots and zero-argument super() do not agree in 3.11
        if (self.value is None) == (not self.unavailable):
            raise DataError(
                f"item {self.item!r} of subject {self.subject_id!r} has value {self.value!r} and unavailable "
                f"{self.unavailable!r}; expected exactly one of them"
            )
        if isinstance(self.value, float) and not isfinite(self.value):
            raise DataError(f"item {self.item!r} has value {self.value!r}; expected a finite number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomized(SubjectFact):
    """The arm was allocated: the moment of no return. ``stratum`` holds the factor levels as used."""

    randomization: str
    arm: str
    stratum: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentStarted(SubjectFact):
    """The first dose of an arm's treatment; the arm as actually given."""

    arm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOccurred(SubjectFact):
    """An event that the protocol declares, such as relapse or death."""

    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEventRecorded(SubjectFact):
    """An untoward occurrence; ``occurred_on`` is its onset.

    grade: 1 to 5, None if not graded.  serious, emergent: None if not recorded.
    """

    term: str
    category: str = ""
    grade: int | None = None
    serious: bool | None = None
    related: str = ""
    emergent: bool | None = None
    ended_on: date | None = None

    def __post_init__(self) -> None:
        super(AdverseEventRecorded, self).__post_init__()
        if self.grade is not None and self.grade not in range(1, 6):
            raise DataError(f"adverse event {self.term!r} has grade {self.grade!r}; expected 1 to 5")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedUp(SubjectFact):
    """The subject was seen or heard of, alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEnded(SubjectFact):
    """The subject left a stage of the trial: completed it, or discontinued for a coded reason."""

    stage: Stage
    completed: bool
    reason: str = ""


Fact = (
    Registered
    | ItemRecorded
    | Randomized
    | TreatmentStarted
    | EventOccurred
    | AdverseEventRecorded
    | FollowedUp
    | StageEnded
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Replaces the fact at a position of the log, or retracts it (no replacement); says why."""

    corrects: int
    replacement: Fact | None = None
    reason: str
    recorded_at: datetime
    recorded_by: str = ""

    def __post_init__(self) -> None:
        _require_utc(self.recorded_at)
        if not self.reason.strip():
            raise DataError(f"the correction of fact {self.corrects} has no reason; expected one")


def _require_utc(instant: datetime) -> None:
    if instant.tzinfo is None or instant.utcoffset() != UTC.utcoffset(None):
        raise DataError(
            f"recorded_at is {instant!r}; expected an instant in UTC, such as 2024-05-01T12:00:00Z"
        )
