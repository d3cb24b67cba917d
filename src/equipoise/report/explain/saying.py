"""Fixed phrases: how a number, a day, a yes or no, a source and what is not stated are said, in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from equipoise.protocol.definition import Protocol, Statement
from equipoise.report.explain.document import (
    NOT_STATED,
    Block,
    Inline,
    Link,
    Missing,
    Paragraph,
    Reference,
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
    "inclusive": "days, the first and the last both included",
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
    "exact-partial": "the exact partial likelihood",
    "exact-marginal": "the exact marginal likelihood",
    "profile": "profile likelihood",
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
    "special interest": "of special interest",
    "composite": "composites of several terms",
    "of the treatment": "known of the treatment",
    "jama": "JAMA",
    "nejm": "NEJM",
    "miettinen-nurminen": "Miettinen–Nurminen",
    "newcombe": "Newcombe",
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

        marked_names = [name for name in protocol.sources if not name.isalpha()]
        self._name = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in marked_names) or r"(?!)")
        self._rules: dict[tuple[str, bool], int] = {}
        self._assumed: dict[str, None] = {}

    def source(self, text: str | None) -> tuple[Block, ...]:
        """Where a statement is from, in small print, each source linked to its reference."""
        if text is None:
            return ()
        return (Paragraph(("Source: ", *self.linked(text)), "source"),)

    def sources(self, pairs: Iterable[tuple[str, str | None]]) -> tuple[Block, ...]:
        """Where the rows of a table are from, once under it. pairs: what a row is called, and its source."""
        of: dict[str, list[str]] = {}
        rows = list(pairs)
        for name, source in rows:
            if source is not None:
                of.setdefault(" ".join(source.split()), []).append(name)
        if not of:
            return ()
        if len(of) == 1 and len(rows) == len(next(iter(of.values()))):
            return self.source(next(iter(of)))
        parts: list[Inline] = ["Sources. "]
        for index, (source, names) in enumerate(of.items()):
            parts += ["" if index == 0 else " ", f"{ranges(names)}: ", *self.linked(source.rstrip(".")), "."]
        return (Paragraph(tuple(part for part in parts if part != ""), "source"),)

    def statements(self, said: Iterable[Statement]) -> tuple[Block, ...]:
        """Statements in a row; those that follow each other and have the same source name it once."""
        blocks: list[Block] = []
        rows = list(said)
        for index, one in enumerate(rows):
            blocks.append(paragraph(one.text))
            if index + 1 == len(rows) or rows[index + 1].source != one.source:
                blocks += self.source(one.source)
        return tuple(blocks)

    def linked(self, text: str, *, prose: bool = False) -> tuple[Inline, ...]:
        """A text in which names of sources lead to the reference.

        prose: the text does more than name sources; a source that is called by a plain word is not looked for in it.
        """
        parts: list[Inline] = []
        end = 0
        for found in (self._name if prose else self._source).finditer(text):
            parts += [text[end : found.start()], Link(found[0], f"source-{found[0]}")]
            end = found.end()
        return tuple(part for part in (*parts, text[end:]) if part != "")

    def rule(
        self, text: str | None, *, event: bool = False, lead: tuple[Inline, ...] = ()
    ) -> tuple[Block, ...]:
        """A rule in words, with the number under which an appendix has it as written; nothing for no rule."""
        if text is None:
            return ()
        first, *rest = self.wording.blocks(text, event=event, lead=lead)
        parts = first.parts if isinstance(first, Paragraph) else ()
        return (Paragraph((*parts, "\u00a0", self.reference(text, event=event))), *rest)

    def reference(self, text: str, *, event: bool = False) -> Reference:
        """The number of a rule in the appendix; the same rule has one number wherever it stands."""
        number = self._rules.setdefault((" ".join(text.split()), event), len(self._rules) + 1)
        return Reference(f"R{number}", f"rule-{number}")

    def rules(self) -> list[tuple[str, str]]:
        """Every rule that has been said, by its number."""
        return [(f"R{number}", text) for (text, _), number in self._rules.items()]

    def given(self, block: Any, field: str, text: str, what: str) -> str:
        """A value in words; where the file leaves it to the language, what it is of is kept for the appendix."""
        if field not in block.model_fields_set and text:
            self._assumed[f"{what}: {text}"] = None
        return text

    def assumed(self) -> list[str]:
        """Everything that was said because the language assumes it where the file is silent."""
        return list(self._assumed)


def ranges(names: list[str]) -> str:
    """Names in a row; numbers that follow each other as a range.

    >>> ranges(["1", "2", "3", "7", "8", "MRD"])
    '1–3, 7, 8, MRD'
    """
    runs: list[list[str]] = []
    for name in names:
        follows = runs and name.isdigit() and runs[-1][-1].isdigit() and int(name) == int(runs[-1][-1]) + 1
        if follows:
            runs[-1].append(name)
        else:
            runs.append([name])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


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


def marked(text: str) -> tuple[Inline, ...]:
    """A line put together here in which what is not stated gets its mark."""
    parts: list[Inline] = []
    for index, piece in enumerate(text.split(NOT_STATED)):
        parts += [*([Missing()] if index else []), *([piece] if piece else [])]
    return tuple(parts)


def sentence_end(text: str) -> str:
    """A text that ends as a sentence does.

    >>> sentence_end("Twice a year"), sentence_end("Why?")
    ('Twice a year.', 'Why?')
    """
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def text_blocks(*texts: str | None) -> tuple[Block, ...]:
    """Paragraphs for the texts that there are."""
    return tuple(paragraph(text) for text in texts if text)


def one_or_list(texts: list[str]) -> Inline | Block:
    """One text as it is, several as a list; nothing for none."""
    return "" if not texts else texts[0] if len(texts) == 1 else bullets(texts)
