"""Fixed phrases: how a number, a day, a yes or no, a source and what is not stated are said, in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from equipoise.protocol.definition import Protocol
from equipoise.report.explain.document import (
    NOT_STATED,
    Block,
    Bullets,
    Inline,
    Link,
    Missing,
    Paragraph,
    bullets,
    paragraph,
)
from equipoise.report.explain.sentences import day
from equipoise.report.explain.wording import Wording
from equipoise.report.labels import Labels

NOTHING = Paragraph(("The protocol file says nothing about this.",), "nothing")

# What the words of the protocol language mean to a reader who has never seen it.
PHRASES = {
    "integer": "whole number",
    "decimal": "number",
    "text": "text",
    "choice": "one of",
    "boolean": "yes or no",
    "date": "date",
    "planned": "as randomized",
    "actual": "as treated",
    "last_known_alive": "the last day known to be alive",
    "last_follow_up": "the last follow-up",
    "elapsed": "elapsed days (the day of origin is day 0)",
    "inclusive": "both the first and the last day",
    "median_iqr": "median and interquartile range",
    "mean_sd": "mean and standard deviation",
    "range": "range",
    "known": "those with a known value",
    "all": "everyone",
    "recorded": "as recorded",
    "on_or_after_treatment_start": "events that start on or after the first day of treatment",
    "compared": "the two arms of each comparison",
    "randomized": "as used in the randomization",
    "verified": "as on record",
    "efron": "Efron",
    "breslow": "Breslow",
    "log-log": "log-log",
    "gray": "Gray",
    "obrien_fleming": "O’Brien–Fleming",
    "pocock": "Pocock",
    "hwang_shih_decani": "Hwang–Shih–DeCani",
    "kim_demets": "Kim–DeMets",
    "alternative_rejected": "the alternative hypothesis is rejected",
    "beta_spending": "spending of the type II error",
    "conditional_power": "conditional power",
    "treatment_start": "start of treatment",
    "jama": "JAMA",
    "nejm": "NEJM",
    "miettinen-nurminen": "Miettinen–Nurminen",
    "wald": "Wald",
    "fisher": "Fisher exact",
    "chi-squared or fisher": "chi-squared or Fisher exact",
    "subject": "participants",
    "course": "courses given",
    "follow_up": "follow-up",
    "adverse_events": "adverse events",
    "endpoints": "end points",
    "flow": "flow of participants",
    "published": "published and computed numbers",
}


class Saying:
    """What sections share: the protocol, its labels, words for its rules, and its sources."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.labels = Labels(protocol)
        self.wording = Wording(protocol)
        self._source = re.compile(
            "|".join(rf"\b{re.escape(name)}\b" for name in sorted(protocol.sources, key=len, reverse=True))
            or r"(?!)"
        )

    def source(self, text: str | None) -> tuple[Block, ...]:
        """Where a statement is from, in small print, each source linked to its reference."""
        if text is None:
            return ()
        return (Paragraph(("Source: ", *self.linked(text)), "source"),)

    def linked(self, text: str) -> tuple[Inline, ...]:
        """A text in which names of sources lead to the reference."""
        parts: list[Inline] = []
        end = 0
        for found in self._source.finditer(text):
            parts += [text[end : found.start()], Link(found[0], f"source-{found[0]}")]
            end = found.end()
        return tuple(part for part in (*parts, text[end:]) if part != "")

    def rule(self, text: str | None, *, event: bool = False) -> tuple[Block, ...]:
        """A rule in words and as written; nothing for no rule."""
        return () if text is None else self.wording.blocks(text, event=event)


def number(value: float) -> str:
    """A number of the file, with all its digits and no more.

    >>> number(5.0), number(0.0001), number(-2), number(10000)
    ('5', '0.0001', '−2', '10000')
    """
    from decimal import Decimal

    return f"{Decimal(repr(value)).normalize():f}".replace("-", "−")


def share(value: float) -> str:
    """A share as a percentage, with all its digits.

    >>> share(0.025), share(0.8), share(0.0001)
    ('2.5%', '80%', '0.01%')
    """
    from decimal import Decimal

    return f"{(Decimal(repr(value)) * 100).normalize():f}%"


def on_day(value: date | str) -> str:
    """A day, or the month where the source prints no day.

    >>> on_day(date(2019, 6, 30)), on_day("2016-11")
    ('30 June 2019', 'November 2016')
    """
    if isinstance(value, datetime):
        zone = value.strftime("%Z") or "UTC"
        return f"{day(value.date())} {value:%H:%M} {zone}"
    if isinstance(value, date):
        return day(value)
    year, month = value.split("-")
    return day(date(int(year), int(month), 1)).split(" ", 1)[1]


def stated(value: Any, say: Any = str) -> Inline:
    """A value in words, or the mark that the source does not state it."""
    return Missing() if value == NOT_STATED else say(value)


def stated_list(values: Any, say: Any = str) -> Inline | Block:
    """Several values as a list, one of them as a line; the mark where the source does not state them."""
    if isinstance(values, str):
        return Missing()
    said = [say(value) for value in values]
    return said[0] if len(said) == 1 else "; ".join(said) if sum(map(len, said)) < 60 else bullets(said)


def phrase(word: str) -> str:
    """What a word of the language means to a reader."""
    return PHRASES.get(word, word)


def yes_no(value: bool) -> str:
    """A truth value.

    >>> yes_no(True)
    'yes'
    """
    return "yes" if value else "no"


def coded(entries: Mapping[str, str]) -> Bullets:
    """Codes with their labels."""
    return bullets(label for label in entries.values())


def times(pair: tuple[int, int]) -> str:
    """How often a step is done.

    >>> times((1, 1)), times((2, 2)), times((1, 4))
    ('once', '2 times', '1 to 4 times')
    """
    low, high = pair
    if low == high:
        return "once" if low == 1 else f"{low} times"
    return f"{low} to {high} times"


def joined(parts: Iterable[str], by: str = ", ") -> str:
    """Words in a row."""
    return by.join(parts)


def text_blocks(*texts: str | None) -> tuple[Block, ...]:
    """Paragraphs for the texts that there are."""
    return tuple(paragraph(text) for text in texts if text)


def given(block: Any, field: str, text: str) -> str:
    """A value in words, marked where the file leaves it to the language's default."""
    return text if field in block.model_fields_set else f"{text} (default)"


def comparison_words(labels: Labels, comparisons: Iterable[Any]) -> list[str]:
    """Comparisons of arms: experimental versus control."""
    return [f"{labels.arm(one.experimental)} versus {labels.arm(one.control)}" for one in comparisons]


def one_or_list(texts: list[str]) -> Inline | Block:
    """One text as it is, several as a list; nothing for none."""
    return "" if not texts else texts[0] if len(texts) == 1 else bullets(texts)
