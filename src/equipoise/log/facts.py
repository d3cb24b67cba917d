"""The closed list of facts: what can be said to have happened.

A fact is one immutable, attributed statement. It has two dates: ``occurred_on``, when it happened in the
subject's life, and ``recorded_at``, when the log learned it. Nothing is ever overwritten: a correction is
a new fact that names the old one by its position in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from functools import cache, partial
from math import isfinite
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from equipoise.dates import Precision
from equipoise.errors import DataError

SYNTHETIC = "synthetic"  # what ``recorded_by`` begins with where no person stands behind a fact

Value = bool | int | float | str | date
Stage = Literal["screening", "treatment", "follow_up"]

MAX_INTEGER = 2**63 - 1  # what a column of whole numbers holds


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
        _require_types(self)
        if not self.subject_id.strip():
            raise DataError(f"subject_id is {self.subject_id!r}; expected a non-empty identifier")
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
        if isinstance(self.value, int) and not -MAX_INTEGER <= self.value <= MAX_INTEGER:
            raise DataError(f"item {self.item!r} has a whole number beyond 64 bits; expected a smaller one")

    # True, 1 and 1.0 are equal to Python; as statements about a subject they are not.
    def __eq__(self, other: object) -> bool:
        return type(other) is ItemRecorded and self._statement() == other._statement()

    def __hash__(self) -> int:
        return hash(self._statement())

    def _statement(self) -> tuple[object, ...]:
        plain = tuple(getattr(self, name) for name in _NAMES_BUT_VALUE)
        return (*plain, type(self.value), repr(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomized(SubjectFact):
    """The arm was allocated: the moment of no return. ``stratum`` holds the factor levels as used."""

    randomization: str
    arm: str
    stratum: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        super(Randomized, self).__post_init__()
        for part in (*self.stratum.keys(), *self.stratum.values()):
            if type(part) is not str or not _encodable(part):
                raise DataError(f"stratum has the part {part!r}; expected text")
        # A copy that nobody can change, in one order, because the order of factors says nothing.
        object.__setattr__(self, "stratum", MappingProxyType(dict(sorted(self.stratum.items()))))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {part.name: getattr(self, part.name) for part in fields(self)}
        return partial(Randomized, **{**values, "stratum": dict(self.stratum)}), ()


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
        if self.grade is not None and not 1 <= self.grade <= 5:
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
        _require_types(self)
        _require_utc(self.recorded_at)
        if self.corrects < 1:
            raise DataError(f"corrects is {self.corrects}; expected a position in the log, from 1")
        if not self.reason.strip():
            raise DataError(f"the correction of fact {self.corrects} has no reason; expected one")
        if self.replacement is not None and self.replacement.recorded_at > self.recorded_at:
            raise DataError(f"the replacement of fact {self.corrects} is recorded later than its correction")


@cache
def _allowed_types(kind: type) -> dict[str, tuple[tuple[type, ...], tuple[str, ...]]]:
    """For each field of a fact, the exact types that it takes and, where it is one of a few words, these."""
    allowed = {}
    for name, hint in get_type_hints(kind).items():
        origin = get_origin(hint)
        words = get_args(hint) if origin is Literal else ()
        types = (str,) if words else (Mapping,) if origin is Mapping else get_args(hint) or (hint,)
        allowed[name] = (types, words)
    return allowed


def _require_types(fact: Any) -> None:
    """Refuse what the codec could not write or would read back as something else: True is not 1."""
    of: Any = type(fact)
    for name, (types, words) in _allowed_types(of).items():
        value = getattr(fact, name)
        kind = type(value)
        if kind not in types and not (Mapping in types and isinstance(value, Mapping)):
            names = " or ".join(getattr(one, "__name__", str(one)) for one in types).replace(
                "NoneType", "None"
            )
            raise DataError(f"{name} is a {kind.__name__}; expected {names}")
        if words and value not in words:
            raise DataError(f"{name} is {value[:60]!r}; expected {', '.join(words)}")
        if kind is str and not _encodable(value):
            raise DataError(f"{name} holds half of a surrogate pair; expected text")


def _encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _require_utc(instant: datetime) -> None:
    if instant.tzinfo is None or instant.utcoffset() != UTC.utcoffset(None):
        raise DataError(
            f"recorded_at is {instant!r}; expected an instant in UTC, such as 2024-05-01T12:00:00Z"
        )


_NAMES_BUT_VALUE = tuple(part.name for part in fields(ItemRecorded) if part.name != "value")
