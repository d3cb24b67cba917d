"""Words of a rule as a sentence or as lists: groups inside groups never run together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

from equipoise.report.explain.document import Block, Bullets, Mono, Paragraph

SHORT = 130  # characters of a condition that needs no list

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_OPENING = {
    "all": "All of these hold",
    "any": "At least one of these holds",
    "none": "None of these holds",
    "not all": "Not all of these hold",
    "cases": "The first of these that applies",
}
_JOIN = {"all": ", and ", "any": ", or "}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition without conditions inside, in words."""

    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that belong together, and how. note: what unknown does, where the rule itself says it."""

    kind: Literal["all", "any", "none", "not all", "cases"]
    parts: tuple[Words, ...]
    note: str = ""


Words: TypeAlias = Leaf | Group


def sentence(words: Words, *, inner: bool = False) -> str:
    """Words in one line; groups inside groups stand in brackets.

    >>> sentence(Group("all", (Leaf("a"), Group("any", (Leaf("b"), Leaf("c"))))))
    'a, and (b, or c)'
    """
    if isinstance(words, Leaf):
        return words.text
    parts = [sentence(part, inner=True) for part in words.parts]
    if words.kind in _JOIN:
        text = _JOIN[words.kind].join(parts)
    else:
        opening = {"none": "none of these", "not all": "not all of these", "cases": "the first that applies"}
        text = f"{opening[words.kind]}: {'; '.join(parts)}"
    if words.note:
        return f"({text}; {words.note})"
    return f"({text})" if inner and len(words.parts) > 1 else text


def blocks(words: Words, *, listed: bool = False) -> tuple[Block, ...]:
    """Words as a line where that is easily read, else as a list in which each bracket is a list of its own.

    listed: a group is a list however short it is, because the group beside it is one.
    """
    if isinstance(words, Leaf) or (not listed and _short(words)):
        return (Paragraph((capital(sentence(words)),)),)
    note = f" ({words.note})" if words.note else ""
    opening = Paragraph((f"{_OPENING[words.kind]}{note}:",))
    long = any(isinstance(part, Group) and not _short(part) for part in words.parts)
    return (
        opening,
        Bullets(tuple(blocks(part, listed=long) for part in words.parts), ordered=words.kind == "cases"),
    )


def _short(words: Group) -> bool:
    """Whether a group is easily read in one line: no group inside, few parts, few letters."""
    flat = all(isinstance(part, Leaf) for part in words.parts)
    return flat and len(words.parts) < 4 and len(sentence(words)) <= SHORT


def verbatim(text: str) -> Paragraph:
    """A rule as the file writes it."""
    return Paragraph((Mono(" ".join(text.split())),), "rule")


def day(on: date) -> str:
    """A day in words.

    >>> day(date(2019, 6, 30))
    '30 June 2019'
    """
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def capital(text: str) -> str:
    """A sentence with its first letter large, unless its first word is spelled in its own way.

    >>> capital("age at least 1 year"), capital("mRNA found")
    ('Age at least 1 year', 'mRNA found')
    """
    first = text.split(" ", 1)[0]
    return (
        text[:1].upper() + text[1:] if first[1:].islower() or len(first) == 1 or not first.isalpha() else text
    )


def noted(words: Words, note: str) -> Words:
    """Words with what the rule itself says about unknown."""
    if isinstance(words, Leaf):
        return Leaf(f"{words.text} ({note})")
    return replace(words, note=note) if not words.note else Group("all", (words,), note)
