"""Fact ↔ one line of JSON, by stable name and schema number.

The names below are written in data and never change, whatever happens to the classes. A change of a
fact's fields gets a new schema number and a step in ``UPCASTS`` that turns the old object into the new.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import Any, get_args, get_type_hints

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
SCHEMA = {name: 1 for name in NAMES}
UPCASTS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}

_NAME_OF = {kind: name for name, kind in NAMES.items()}
_TYPES = {kind: get_type_hints(kind) for kind in NAMES.values()}
_REQUIRED = {
    kind: {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    for kind in NAMES.values()
}
_DEFAULTS = {
    kind: {f.name: f.default if f.default is not MISSING else {} for f in fields(kind)}
    for kind in NAMES.values()
}


def encode(fact: Fact | Correction) -> str:
    """Write a fact as canonical JSON: sorted keys, no spaces, defaults left out."""
    return json.dumps(
        _to_tree(fact), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def decode(line: str) -> Fact | Correction:
    """Read a fact back.  Raises DataError, naming the field, for anything that ``encode`` never wrote."""
    try:
        tree = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"fact {line[:60]!r} is not JSON ({error}); expected one object a line") from None
    return _from_tree(tree)


def _to_tree(fact: Fact | Correction) -> dict[str, Any]:
    kind = type(fact)
    name = _NAME_OF[kind]
    tree: dict[str, Any] = {"fact": name, "schema": SCHEMA[name]}
    for attribute, default in _DEFAULTS[kind].items():
        value = getattr(fact, attribute)
        if attribute in _REQUIRED[kind] or value != default:
            tree[attribute] = _plain(value)
    return tree


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if type(value) in _NAME_OF:
        return _to_tree(value)
    return dict(value) if hasattr(value, "items") else value


def _from_tree(tree: Any) -> Fact | Correction:
    if not isinstance(tree, dict) or tree.get("fact") not in NAMES:
        found = tree.get("fact") if isinstance(tree, dict) else type(tree).__name__
        raise DataError(f"fact is {found!r}; expected one of {', '.join(NAMES)}")
    tree = dict(tree)
    name, schema = tree.pop("fact"), tree.pop("schema", None)
    while (name, schema) in UPCASTS:
        tree, schema = UPCASTS[name, schema](tree), schema + 1
    if schema != SCHEMA[name]:
        raise DataError(f"{name} has schema {schema!r}; this version reads up to {SCHEMA[name]}")
    kind = NAMES[name]
    if unknown := set(tree) - set(_TYPES[kind]):
        raise DataError(f"{name} has unknown field {min(unknown)!r}; expected {', '.join(_TYPES[kind])}")
    if missing := _REQUIRED[kind] - set(tree):
        raise DataError(f"{name} lacks field {min(missing)!r}")
    values = {key: _typed(name, key, value, _TYPES[kind][key]) for key, value in tree.items()}
    return kind(**values)


def _typed(name: str, key: str, value: Any, hint: Any) -> Any:
    """Restore one field; JSON's own types must fit the declared ones exactly (True is not 1)."""
    if key == "recorded_at" and isinstance(value, str):
        return _read(datetime.fromisoformat, value, name, key).astimezone(UTC)
    if isinstance(value, dict) and set(value) == {"date"} and isinstance(value["date"], str):
        value = _read(date.fromisoformat, value["date"], name, key)
    if key == "replacement" and value is not None:
        value = _from_tree(value)
    if key == "stratum":
        fits = isinstance(value, dict) and all(isinstance(part, str) for part in value.values())
    else:
        allowed = get_args(hint) or (hint,)
        fits = value in allowed if all(isinstance(part, str) for part in allowed) else type(value) in allowed
    if not fits:
        raise DataError(f"{name}.{key} is {value!r}; expected {getattr(hint, '__name__', hint)}")
    return value


def _read(read: Callable[[str], Any], text: str, name: str, key: str) -> Any:
    try:
        return read(text)
    except ValueError:
        raise DataError(f"{name}.{key} is {text!r}; expected ISO 8601") from None
