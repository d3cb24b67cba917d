"""Fact ↔ one line of JSON, by stable name and schema number.

The names below are written in data and never change, whatever happens to the classes. A change of a
fact's fields gets a new schema number and a step in ``UPCASTS`` that turns the old object into the new.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import Any

from equipoise.errors import DataError
from equipoise.log import facts as kinds
from equipoise.log.facts import Correction, Fact

NAMES: dict[str, type[Fact] | type[Correction]] = {
    "registered": kinds.Registered,
    "item_recorded": kinds.ItemRecorded,
    "randomized": kinds.Randomized,
    "treatment_started": kinds.TreatmentStarted,
    "event_occurred": kinds.EventOccurred,
    "adverse_event_recorded": kinds.AdverseEventRecorded,
    "followed_up": kinds.FollowedUp,
    "stage_ended": kinds.StageEnded,
    "correction": kinds.Correction,
}
SCHEMA = dict.fromkeys(NAMES, 1)
UPCASTS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}

_NAME_OF = {kind: name for name, kind in NAMES.items()}
_REQUIRED = {
    kind: {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    for kind in NAMES.values()
}
_DEFAULTS = {
    kind: {f.name: f.default if f.default is not MISSING else {} for f in fields(kind)}
    for kind in NAMES.values()
}
_TO_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def encode(fact: Fact | Correction) -> str:
    """Write a fact as canonical JSON: sorted keys, no spaces, defaults left out."""
    return _TO_JSON.encode(_to_tree(fact))


def decode(line: str) -> Fact | Correction:
    """Read a fact back.  Raises DataError, naming the field, for what ``encode`` cannot have written.

    Layout and order of keys are free; names, types, dates and instants are not.
    """
    try:
        tree = json.loads(line, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, TypeError, RecursionError) as error:
        # Never the line itself: it is a patient's.
        raise DataError(f"a fact is not JSON ({_short(error)}); expected one object a line") from None
    return _from_tree(tree)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ValueError("a key is there twice")
    return tree


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _shown(value: object) -> str:
    if isinstance(value, dict | list):  # may be nested deeper than Python can print
        return "an object" if isinstance(value, dict) else "a list"
    return _short(repr(value))


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _to_tree(fact: Fact | Correction) -> dict[str, Any]:
    kind = type(fact)
    name = _NAME_OF[kind]
    tree: dict[str, Any] = {"fact": name, "schema": SCHEMA[name]}
    for attribute, default in _DEFAULTS[kind].items():
        value = getattr(fact, attribute)
        if attribute in _REQUIRED[kind] or value != default:
            tree[attribute] = _plain(attribute, value)
    return tree


def _plain(attribute: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        # Only an item's value may be a date or a text: there the date says so.
        return {"date": value.isoformat()} if attribute == "value" else value.isoformat()
    if type(value) in _NAME_OF:
        return _to_tree(value)
    return dict(value) if isinstance(value, Mapping) else value


def _from_tree(tree: Any, allowed: Mapping[str, type] = NAMES) -> Fact | Correction:
    found = tree.get("fact") if isinstance(tree, dict) else tree
    if not isinstance(tree, dict) or not isinstance(found, str) or found not in allowed:
        raise DataError(f"fact is {_shown(found)}; expected one of {', '.join(allowed)}")
    name, tree = found, _current(found, tree)
    kind, required = NAMES[name], _REQUIRED[NAMES[name]]
    known = _DEFAULTS[kind]
    if unknown := set(tree) - set(known):
        raise DataError(f"{name} has unknown field {_shown(min(unknown))}; expected {', '.join(known)}")
    if missing := required - set(tree):
        raise DataError(f"{name} lacks field {min(missing)!r}")
    try:
        return kind(**{key: _restored(key, value) for key, value in tree.items()})
    except DataError as error:
        raise DataError(f"{name}: {error}") from None


def _current(name: str, tree: dict[str, Any]) -> dict[str, Any]:
    """The fields of a fact under the schema of this version."""
    tree = {key: value for key, value in tree.items() if key != "fact"}
    schema = tree.pop("schema", None)
    while type(schema) is int and (name, schema) in UPCASTS:
        try:
            tree, schema = UPCASTS[name, schema](tree), schema + 1
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"{name} of schema {schema} lacks what it must have ({_short(error)})") from None
    if type(schema) is not int or schema != SCHEMA[name]:
        raise DataError(f"{name} has schema {_shown(schema)}; this version reads up to {SCHEMA[name]}")
    return tree


def _restored(key: str, value: Any) -> Any:
    """What JSON has no type for; the facts themselves refuse every other wrong type."""
    if key == "recorded_at":
        return _instant(value)
    if key in ("occurred_on", "ended_on"):
        return None if value is None and key == "ended_on" else _date(key, value)
    if key == "value" and isinstance(value, dict):
        if set(value) != {"date"}:
            raise DataError('value is an object; expected a number, a text, true, false or {"date": …}')
        return _date(key, value["date"])
    if key == "replacement" and value is not None:
        return _from_tree(value, _CORRECTABLE)
    return value


_CORRECTABLE = {name: kind for name, kind in NAMES.items() if kind is not Correction}


def _date(key: str, text: Any) -> date:
    try:
        day = date.fromisoformat(text)
    except (ValueError, TypeError):
        day = None
    if day is None or day.isoformat() != text:
        raise DataError(f"{key} is {_shown(text)}; expected a date such as 2024-05-01")
    return day


def _instant(text: Any) -> datetime:
    # Python reads many more forms, and one without a zone as local time.
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) and text.endswith("Z") else None
    except ValueError:
        instant = None
    if instant is None or _plain("recorded_at", instant) != text:
        raise DataError(f"recorded_at is {_shown(text)}; expected an instant such as 2024-05-01T12:00:00Z")
    return instant
