"""Words of a rule as a sentence or as lists: groups inside groups never run together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

from equipoise.report.explain.document import Block, Bullets, Inline, Paragraph

SHORT = 230  # characters of conditions of one kind that need no list
PROSE = 280  # characters of "a and b; or c and d" that need no list
MOST = 5  # conditions of one kind that need no list

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_OPENING = {
    "all": "All of these",
    "any": "At least one of these",
    "none": "None of these",
    "not all": "Not all of these",
    "cases": "The first of these that applies",
}
_WORD = {"all": "and", "any": "or"}
_OTHER = {"all": "any", "any": "all"}


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
    """Words in one line; groups inside groups stand in brackets, or apart by semicolons where that suffices.

    >>> a, b, c = Leaf("a"), Leaf("b"), Leaf("c")
    >>> sentence(Group("all", (a, Group("any", (b, c)))))
    'a; and b or c'
    >>> sentence(Group("all", (a, Group("any", (b, Group("all", (c, a)))))))
    'a, and (b, or (c and a))'
    """
    if isinstance(words, Leaf):
        return words.text
    prose = "" if inner else _prose(words)
    if prose:
        return prose
    parts = [sentence(part, inner=True) for part in words.parts]
    if words.kind in _WORD:
        text = _joined(parts, _WORD[words.kind])
    else:
        opening = {"none": "none of these", "not all": "not all of these", "cases": "the first that applies"}
        text = f"{opening[words.kind]}: {'; '.join(parts)}"
    if words.note:
        return f"({text}; {words.note})"
    return f"({text})" if inner and len(words.parts) > 1 else text


def _joined(parts: list[str], word: str) -> str:
    """Conditions in a row: with a comma where one of them has words or signs that divide, with semicolons beside commas."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        heavy = any(sign in part for part in parts for sign in (",", ":", " and ", " or "))
        return f"{parts[0]}{',' if heavy else ''} {word} {parts[1]}"
    sign = "; " if any("," in part or ";" in part for part in parts) else ", "
    return f"{sign.join(parts[:-1])}{sign}{word} {parts[-1]}"


def _prose(words: Group) -> str:
    """A group of groups of conditions as "a and b; or c and d"; empty where that could be read in another way."""
    if words.kind not in _WORD or words.note or not any(isinstance(part, Group) for part in words.parts):
        return ""
    parts = []
    for part in words.parts:
        inside = part.parts if isinstance(part, Group) else (part,)
        if isinstance(part, Group) and (part.kind != _OTHER[words.kind] or part.note):
            return ""
        if not all(isinstance(one, Leaf) and ";" not in one.text for one in inside):
            return ""
        parts.append(f" {_WORD[_OTHER[words.kind]]} ".join(sentence(one) for one in inside))
    return f"; {_WORD[words.kind]} ".join(parts)


def blocks(words: Words, *, listed: bool = False, lead: tuple[Inline, ...] = ()) -> tuple[Block, ...]:
    """Words as a line where that is easily read, else as a list in which each bracket is a list of its own.

    listed: a group is a list however short it is, because the group beside it is one.  lead: what stands before.
    """
    if isinstance(words, Leaf) or (not listed and _short(words)):
        text = sentence(words)
        return (Paragraph((*lead, text if lead else capital(text))),)
    note = f" ({words.note})" if words.note else ""
    opening = f"{_OPENING[words.kind]}{note}:"
    long = any(isinstance(part, Group) and not _short(part) for part in words.parts)
    return (
        Paragraph((*lead, opening[:1].lower() + opening[1:] if lead else opening)),
        Bullets(tuple(blocks(part, listed=long) for part in words.parts), ordered=words.kind == "cases"),
    )


def _short(words: Group) -> bool:
    """Whether a group is easily read in one line."""
    text = sentence(words)
    if all(isinstance(part, Leaf) for part in words.parts):
        return len(words.parts) <= MOST and len(text) <= SHORT
    return bool(_prose(words)) and len(text) <= PROSE


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
