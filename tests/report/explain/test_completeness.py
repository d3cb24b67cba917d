"""Everything that a protocol file says stands in its document, and no number that it does not say."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import pytest
from pydantic import BaseModel

from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.report.explain.build import build
from equipoise.report.explain.document import NOT_STATED, Table, paragraph, plain_text, words
from equipoise.report.explain.html import render_html
from equipoise.report.explain.names import family
from equipoise.report.explain.saying import number, on_day, phrase, share
from equipoise.trial.opening import PROTOCOL, shipped_trials
from report.explain.everything import EVERYTHING

SHIPPED = sorted(shipped_trials())
# Keys whose value is an identifier, which the document replaces by the label of what it names.
NAMES = {
    "assay", "visit", "drug", "arms", "strata", "covariates", "subgroups", "endpoint", "population", "analysis",
    "experimental", "control", "by", "item", "rows", "columns", "cutoff", "cutoffs", "consent", "course", "randomization",
    "group", "next", "to", "refused", "leave_to", "leave", "events", "competing", "variable", "courses", "periods", "kinds",
    "origin", "collected", "final",
}  # fmt: skip


@lru_cache
def shipped(trial: str) -> Protocol:
    return load_protocol(shipped_trials()[trial] / PROTOCOL)


@pytest.fixture(autouse=True)
def without_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawings repeat what the text says; here the text must say it itself."""
    monkeypatch.setattr("equipoise.report.explain.summary.trial_schema", lambda *parts: ())
    monkeypatch.setattr(
        "equipoise.report.explain.classifications.classification_chart", lambda *parts: paragraph("")
    )


def leaves(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that the file gives, with the keys that lead to it; defaults are not the file's."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if name in value.model_fields_set:
                yield from leaves(getattr(value, name), (*place, name))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if (*place, key) != ("derived", "eligible") or "criteria under eligibility" not in (
                one.source or ""
            ):
                yield from leaves(one, (*place, key))  # that one the language makes of the criteria
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from leaves(one, (*place, str(index)))
    elif value is not None:
        yield place, value


def said(value: Any) -> list[str]:
    """How a value may be said: any of these."""
    if isinstance(value, datetime | date):
        return [on_day(value)]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, int | float):
        return [number(value), share(value)]
    text = " ".join(value.split())
    month = re.fullmatch(r"\d{4}-\d{2}", text)
    return [text, phrase(text), text.replace("one-sided", "1"), *([on_day(text)] if month else [])]


def stripped(page: str) -> str:
    """What a reader sees of a page, with single spaces."""
    body = re.sub(r"<(style|svg|title)\b.*?</\1>", " ", page, flags=re.DOTALL)
    inline = re.sub(r"</?(a|wbr|strong|code|span)\b[^>]*>", "", body)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", inline)).split())


def names_something(place: tuple[str, ...]) -> bool:
    keys = [key for key in place[-2:] if not key.isdigit()]
    return bool(keys) and (
        keys[-1] in NAMES or (len(place) > 1 and place[-2] in ("ratio", "arms") and place[0] == "path")
    )


# Not printed as such, and why.
SAID_OTHERWISE = {
    "exclusion": "the criterion stands under Exclusion Criteria",
    "terminal": "an event that ends the participant's time says so",
    "prescribed": "a treatment that is only allowed says so",
    "sided": "one-sided or two-sided",
    "overall": "a column of everyone, or a test of all arms, says so",
    "window": "said with its signs",
    "times": "said as a phrase where it is a number of repetitions",
    "does": "said as a sentence",
    "type": "said as a phrase",
    "role": "said by the section or the table",
    "arm": "as randomized or as treated",
    "style": "said in capitals",
    "sections": "said as a phrase",
    "strata_as": "said as a phrase",
    "arms": "said as a phrase",
    "decimals": "one of the settings of a table",
    "allowed": "yes or no",
    "kind": "the title of the table of such events",
}


@pytest.mark.parametrize("trial", SHIPPED)
def test_every_text_rule_number_and_date_of_the_file_stands_on_the_page(trial: str) -> None:
    protocol = shipped(trial)
    text = stripped(render_html(build(protocol, "0")))
    # An item of several visits is one row, with its label and its visits apart.
    base = {item.label: family(protocol, name)[0] for name, item in protocol.items.items()}

    missing = [
        (place, value)
        for place, value in leaves(protocol)
        if not names_something(place)
        and not {*place[-2:]} & set(SAID_OTHERWISE)
        and not any(words.lower() in text.lower() for words in said(base.get(value, value)))
    ]

    assert missing == []


@pytest.mark.parametrize("trial", SHIPPED)
def test_every_label_of_what_is_named_stands_on_the_page_as_often_as_it_must(trial: str) -> None:
    # A label is printed where it is defined; a use of its name prints it again.
    protocol = shipped(trial)
    text = plain_text(build(protocol, "0"))

    for analysis in protocol.analyses.values():
        end, population = (
            protocol.endpoints[analysis.endpoint].label,
            protocol.populations[analysis.population].label,
        )
        assert text.count(end) >= 2 and text.count(population) >= 2
    for course in protocol.courses.values():
        assert text.count(course.label) >= 1


@pytest.mark.parametrize("trial", SHIPPED)
def test_no_number_stands_on_the_page_that_the_file_does_not_say(trial: str) -> None:
    protocol = shipped(trial)
    document = build(protocol, "0")
    text = re.sub(r"\bR\d+\b", "", plain_text(document))  # rules are numbered
    known = " ".join(" ".join(said(value)) for _, value in leaves(protocol))
    known += " " + " ".join(
        name for name in [*protocol.items, *protocol.derived, *protocol.versions, *protocol.sources]
    )
    known += " " + " ".join(key for place, _ in leaves(protocol) for key in place)
    known += " " + " ".join(f"{section.number} {section.title}" for section in document.walk())
    known += (
        " ".join(
            map(
                str,
                range(
                    1, 1 + max(len(protocol.path), len(protocol.eligibility), len(protocol.populations), 12)
                ),
            )
        )
        + " 95% 0 11.2 11.3 4.3 4.4 6.3 6.7 6.7.1 6.7.2 8.9 10.9 11.10 12.4 12.5"
    )
    known += f" {protocol.hash[:12]}"
    numbers = set(re.findall(r"\d+(?:[.,]\d+)*", known))

    invented = {found for found in re.findall(r"\d+(?:[.,]\d+)*", text) if found not in numbers}

    assert invented == set()


# -- every key matters -------------------------------------------------------------------------------


def changed(value: Any, place: tuple[str, ...]) -> Any:
    """The block with one value replaced by another, without checking it."""
    if not place:
        if isinstance(value, bool):
            return not value
        if isinstance(value, datetime | date):
            return value.replace(day=28)
        if isinstance(value, int | float):
            return value + 1 if isinstance(value, int) else value * 0.9 or 0.5
        return "2017-03" if re.fullmatch(r"\d{4}-\d{2}", value) else f"{value} xqz"
    key, *rest = place
    if isinstance(value, BaseModel):
        return value.model_copy(update={key: changed(getattr(value, key), tuple(rest))})
    if isinstance(value, Mapping):
        return {name: changed(one, tuple(rest)) if name == key else one for name, one in value.items()}
    return tuple(changed(one, tuple(rest)) if index == int(key) else one for index, one in enumerate(value))


@lru_cache
def everything() -> Protocol:
    return parse_protocol(EVERYTHING)


RULES = ("when", "require", "value", "where", "response")


@pytest.mark.parametrize("place", [place for place, _ in leaves(everything())], ids=".".join)
def test_whatever_the_file_changes_changes_the_document(place: tuple[str, ...]) -> None:
    before = plain_text(build(everything(), "0"))
    other = changed(everything(), place)
    if place[-1] in RULES:  # a rule must stay one
        rule = dict(leaves(everything()))[place]
        other = _with(everything(), place, f"1 + {rule}" if place[-1] == "value" else f"({rule}) or true")

    try:
        after = plain_text(build(other, "0"))
    except KeyError:  # the name was looked up, and nothing bears it
        return

    hashes = (everything().hash[:12], other.hash[:12])
    assert after.replace(hashes[1], "") != before.replace(hashes[0], "")


def _with(value: Any, place: tuple[str, ...], new: Any) -> Any:
    if not place:
        return new
    key, *rest = place
    if isinstance(value, BaseModel):
        return value.model_copy(update={key: _with(getattr(value, key), tuple(rest), new)})
    if isinstance(value, Mapping):
        return {name: _with(one, tuple(rest), new) if name == key else one for name, one in value.items()}
    return tuple(
        _with(one, tuple(rest), new) if index == int(key) else one for index, one in enumerate(value)
    )


def unstated(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places where the language takes ``not stated`` and the protocol says something."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            one = getattr(value, name)
            if NOT_STATED in str(field.annotation) and one not in (None, NOT_STATED, ()):
                yield (*place, name)
            yield from unstated(one, (*place, name))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from unstated(one, (*place, key))
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from unstated(one, (*place, str(index)))


def silences(document: Any) -> set[str]:
    """Everything that the document says to be not stated: each paragraph that says it, each cell with its row."""
    found = set()
    for blocks in ((document.facts,), *(section.blocks for section in document.walk())):
        for block in blocks:
            rows = block.rows if isinstance(block, Table) else ((words(block),),)
            lines = [
                f"{block.title if isinstance(block, Table) else ''} {' | '.join(map(plain_text, row))}"
                for row in rows
            ]
            found |= {line for line in lines if NOT_STATED in line}
    return found


@pytest.mark.parametrize("place", [*unstated(everything())], ids=".".join)
def test_what_is_not_stated_is_said_to_be_not_stated(place: tuple[str, ...]) -> None:
    # What is not stated of several things is said once for all of them: a new statement, or one about more than before.
    before = silences(build(everything(), "0"))
    after = silences(build(_with(everything(), place, NOT_STATED), "0"))

    assert after - before


def test_what_the_language_makes_of_the_criteria_is_said_without_repeating_them() -> None:
    text = plain_text(build(everything(), "0"))

    assert "All criteria of eligibility (Section 5) are met." in text
    assert "(age >= 1) and (fit)" not in text


def test_the_protocol_of_everything_says_something_in_every_key_of_the_language() -> None:
    unsaid: set[str] = set()
    seen: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, BaseModel):
            for name in type(value).model_fields:
                key = f"{type(value).__name__}.{name}"
                (seen if name in value.model_fields_set else unsaid).add(key)
                walk(getattr(value, name))
        elif isinstance(value, Mapping):
            for one in value.values():
                walk(one)
        elif isinstance(value, tuple):
            for one in value:
                walk(one)

    walk(everything())

    # A backward selection is the only one there is, and an item's source stands in another of the protocol's items.
    assert unsaid - seen == {"SelectionPlan.direction"}


def test_what_is_not_stated_is_marked_wherever_it_stands() -> None:
    protocol = shipped("intergroup0035")
    page = render_html(build(protocol, "0"))

    mark = rf"<span class=\"missing\">{NOT_STATED}</span>"
    (gathered,) = re.findall(rf"<th[^>]*>{mark}</th><td[^>]*>(Ratio;[^<]*)</td>", page)

    assert {"Ratio", "strata", "method", "sizes of blocks"} <= set(gathered.split("; "))
    assert re.search(rf"<th[^>]*>{mark}</th><td[^>]*>Registration; ", page)
