"""What to do about a value that the language does not allow: by what stands there, and by what may stand there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from equipoise.protocol.reading.document import shown

_MANY = 300  # names among which a likeness is looked for
_DATES = {"date_type", "date_from_datetime_inexact"}
_TRUE, _FALSE = {"yes", "y", "on", "true", "1"}, {"no", "n", "off", "false", "0"}
_UNSTATED = {
    "unknown",
    "none",
    "na",
    "n/a",
    "not known",
    "not reported",
    "not specified",
    "unspecified",
    "tbd",
    "?",
    "-",
}
_TYPOGRAPHIC = re.compile("[‘’‚“”„«»]")
_PERCENT = re.compile(r"([0-9.]+) ?%\Z")
_COMMA = re.compile(r"([-+]?[0-9]+),([0-9]+)\Z")
_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+\Z")
_FRACTION = re.compile(r"([0-9]{1,9}) ?/ ?([1-9][0-9]{0,8})\Z")
_UNIT = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?)(?: [A-Za-zµ].*|[A-Za-zµ]{2,}(?:/.*)?)\Z")
_SPAN = re.compile(r"([0-9.]{1,9}) ?(?:-|–|to|\.\.\.?) ?([0-9.]{1,9})\Z")
_BETWEEN = re.compile(r"\s*[,;]\s*|\s+and\s+")  # the entries of a list in words
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\Z")


def did_you_mean(word: str, known: Iterable[str], few: int = 12) -> str:
    """A remedy that names the nearest known word, or all of them when they are few.

    >>> did_you_mean("relaps", ["relapse", "death"])
    "did you mean 'relapse'?"
    >>> did_you_mean("parents", ["patient", "parent or guardian"])
    "did you mean 'parent or guardian'?"
    """
    names = list(islice(known, _MANY))
    stem = word[:80].lower().rstrip("s")
    near = [name for name in names if len(stem) >= 4 and name.startswith(stem)]
    near = near if len(near) == 1 else difflib.get_close_matches(word[:80], names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    if not names:
        return ""
    more = f" and {len(names) - few} more" if len(names) > few else ""
    return f"known: {', '.join(names[:few])}{more}"


def of_key(key: str, known: Sequence[str], rest: bool = False) -> str:
    """What to do about a key that is not part of the language. rest: of a value with a comma, and no key at all.

    >>> of_key("5", ["amount", "unit"], rest=True)
    'write decimals with a point, and a list in brackets'
    """
    said = did_you_mean(key, known, few=20)
    if _TYPOGRAPHIC.search(key):
        return "use straight quotes"
    if rest and not said.startswith("did you mean"):
        if key.isdigit():
            return "write decimals with a point, and a list in brackets"
        return "put text that holds a comma in quotes"
    return "equipoise schema prints all keys" if said.endswith("more") else said


def of_value(
    value: Any,
    kinds: Collection[str],
    words: Sequence[str],
    keys: Sequence[str],
    limits: Sequence[tuple[str, float]],
) -> str:
    """What to do about a value.

    kinds: how it fails, as the model's errors name it.  words: those that may stand there.  keys: those of the block
    that may stand there.  limits: the limits that it does not keep, by kind.
    """
    if value is None:
        return "write the value, or remove the key"
    if isinstance(value, str) and (said := _of_word(value, words)):
        return said
    if set(kinds) & {"model_type", "model_attributes_type", "dict_type", "mapping_type"}:
        return _of_block(value, kinds, keys)
    if isinstance(value, dict) and "tuple_type" in kinds:
        return _of_list(value)
    if "string_type" in kinds and not set(kinds) & _DATES:
        return _of_text(value)
    if "bool_type" in kinds:
        plain = str(value).lower()
        word = "true" if plain in _TRUE else "false" if plain in _FALSE else "true or false"
        return f"write {word}, without quotes"
    if set(kinds) & {"int_type", "float_type"} and isinstance(value, str):
        return _of_number(value, whole="int_type" in kinds)
    if "tuple_type" in kinds and "string_pattern_mismatch" not in kinds:
        return _of_list(value)
    if said := _of_share(value, dict(limits)):
        return said
    return _of_date(kinds, value) if set(kinds) & {*_DATES, "datetime_type"} else ""


def _of_word(value: str, words: Sequence[str]) -> str:
    if "not stated" in words and value.strip().lower() in _UNSTATED:
        return "write not stated"
    said = did_you_mean(value, words)
    return said if said.startswith("did you mean") else ""


def _of_block(value: Any, kinds: Collection[str], keys: Sequence[str]) -> str:
    span = _SPAN.match(value) if isinstance(value, str) else None
    if span and tuple(keys) == ("first", "last"):
        return f"write {{first: {span[1]}, last: {span[2]}}}"
    if "tuple_type" in kinds and not isinstance(value, str):
        return _of_list(value)
    if keys:
        more = f" and {len(keys) - 12} more" if len(keys) > 12 else ""
        return f"its keys are {', '.join(keys[:12])}{more}"
    return "write a name and a colon before each value"


def _of_text(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], str):
        return f"write it without brackets: {value[0]}" if value[0].isidentifier() else "put it in quotes"
    if isinstance(value, dict) and any(one is not None for one in value.values()):
        return "write one text, without keys"
    return (
        "put text that begins with a bracket in quotes"
        if isinstance(value, dict | tuple)
        else "put it in quotes"
    )


def _of_number(text: str, whole: bool) -> str:
    """The number that was meant, where the text says it in another form."""
    if _plain(text) is not None:
        return "write it without quotes"
    if percent := _PERCENT.match(text):
        number = _plain(percent[1])
        return f"write {number / 100:g} for {text}" if number is not None else "write a number"
    if _THOUSANDS.match(text) and (whole or text.count(",") > 1):
        return f"write {text.replace(',', '')}"
    if comma := _COMMA.match(text):
        return f"write {comma[1]}.{comma[2]}, with a point"
    if fraction := _FRACTION.match(text):
        return f"write {int(fraction[1]) / int(fraction[2]):g}"
    if unit := _UNIT.match(text):
        return f"write {unit[1]} alone"
    return "write the number in digits"


def _plain(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") and "_" not in text else None


def _of_list(value: Any) -> str:
    if isinstance(value, str) and (span := _SPAN.match(value)):
        return f"write [{span[1]}, {span[2]}]"
    if isinstance(value, dict):
        return "begin each entry of the list with - and a space"
    if not isinstance(value, str):
        return f"write it in brackets: [{shown(value)}]"
    entries = _BETWEEN.split(value) if len(value) <= 60 else []
    if entries and all(re.fullmatch(r"[\w.+\-]+", entry) for entry in entries):
        return f"write it in brackets: [{', '.join(entries)}]"
    return "write it in brackets: [a, b]"


def _of_share(value: Any, limits: dict[str, float]) -> str:
    """What to write for a percentage, or for an error where a level of confidence belongs."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    if 1 in (limits.get("less_than"), limits.get("less_than_equal")) and 1 < value <= 100:
        return f"write {value / 100:g} for {value:g}%"
    if limits.get("greater_than") == 0.5 and 0 < value < 0.5:
        return f"write {1 - value:g}, the confidence and not the error"
    return ""


def _of_date(kinds: Collection[str], value: object) -> str:
    if isinstance(value, datetime):
        return "write the day only"
    if isinstance(value, date):
        return "add the time and its zone, such as T23:59:59Z"
    if not isinstance(value, str):
        return "write year-month-day"
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        parts = _DAY.match(value)
        padded = f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}" if parts else value
        return "write a day of the calendar, as year-month-day" if padded == value else f"write {padded}"
    if "datetime_type" in kinds and instant.tzinfo is None:
        return "add the time zone: Z is UTC"
    return "write it without quotes"
