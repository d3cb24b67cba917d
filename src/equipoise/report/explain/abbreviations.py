"""Abbreviations that a protocol file spells out where it uses them: "minimal residual disease (MRD)"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from equipoise.protocol.definition import Protocol

_AFTER = re.compile(r"([^()]{3,120}?)\s\(([A-Z][A-Za-z]*[A-Z])\)")
_WITHIN = re.compile(r"\b([A-Z][A-Za-z]*[A-Z])\s\(([^()]{3,120})\)")
_SMALL = {"a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with"}


def spelled_out(protocol: Protocol) -> dict[str, str]:
    """Each abbreviation with the words that the file has beside it and whose initials it is made of."""
    found: dict[str, str] = {}
    for text in _texts(protocol):
        pairs = [(one[2], meaning(one[1], one[2])) for one in _AFTER.finditer(text)]
        pairs += [
            (one[1], one[2] if meaning(one[2], one[1]) == one[2] else "") for one in _WITHIN.finditer(text)
        ]
        for short, long in pairs:
            if long:
                found.setdefault(short, f"{long[:1].upper()}{long[1:]}")
    return found


def meaning(before: str, short: str) -> str:
    """The last words of a text whose initials are the letters of an abbreviation; empty where there are none.

    >>> meaning("by flow, minimal residual disease", "MRD"), meaning("Common Terminology Criteria for Adverse Events", "CTCAE")
    ('minimal residual disease', 'Common Terminology Criteria for Adverse Events')
    >>> meaning("graft-versus-host disease", "GVHD"), meaning("patients in remission", "MRD")
    ('graft-versus-host disease', '')
    """
    letters = list(short.lower())
    words = list(re.finditer(r"[A-Za-z]+", before))
    start = 0
    while letters and words:
        word = words.pop()
        if word[0][0].lower() == letters[-1]:
            letters.pop()
            start = word.start()
        elif word[0].lower() not in _SMALL or len(letters) == len(short):
            return ""
    return "" if letters else before[start:].strip()


def _texts(value: Any) -> Iterator[str]:
    """Every text of the file, on one line."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield " ".join(value.split())
