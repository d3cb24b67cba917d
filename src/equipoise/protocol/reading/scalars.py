"""A word of the file without quotes → a number, a date, an instant, true, false, nothing, or text."""

from __future__ import annotations

import re
from datetime import date, datetime
from math import isfinite
from typing import Any

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[-+]\d{2}:\d{2})\Z", re.ASCII
)
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True,
          "TRUE": True, "false": False, "False": False, "FALSE": False}  # fmt: skip


def scalar(text: str) -> Any:
    """Resolve a plain scalar by the YAML 1.2 core schema, plus ISO dates; anything else is text.

    >>> [scalar(text) for text in ("1", "1e-3", "true", "2020-01-31", "2020-02-30", "no")]
    [1, 0.001, True, datetime.date(2020, 1, 31), '2020-02-30', 'no']
    """
    if text in _WORDS:
        return _WORDS[text]
    try:
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text) and isfinite(number := float(text)):
            return number
        if _DATE.match(text):
            return date.fromisoformat(text)
        if _INSTANT.match(text):
            return datetime.fromisoformat(text)
    except ValueError:  # such as 2020-02-30: stays text, and the model says that it is no date
        return text
    return text
