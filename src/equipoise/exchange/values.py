"""A cell's text → a typed value, or why it is none. The same reading for constants, maps and rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from math import isfinite

from equipoise.dates import Precision, parse_date
from equipoise.log.facts import Value
from equipoise.protocol.definition import Item, Protocol
from equipoise.protocol.reading.document import shown
from equipoise.protocol.reading.validation import did_you_mean

Reader = Callable[[str], Value]
When = tuple[date, Precision]

MAX_TEXT = 4000
_WHOLE = re.compile(
    r"[-+]?[0-9]{1,15}(?:\.0{1,6})?\Z"
)  # 43.0: what R and pandas make of whole numbers beside NA
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?\Z")
_WITH_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ]\d{2}(?::\d{2}){0,2}(?:\.\d{1,6})?(?:Z|[-+]\d{2}:?\d{2})?\Z", re.ASCII
)
_PATTERNS = {
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DDMMMYYYY": "%d%b%Y",
}
_SHAPES = {"%d%b%Y": re.compile(r"\d{1,2}[A-Za-z]{3}\d{4}\Z", re.ASCII)}
_NUMERIC_SHAPE = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{4}\Z", re.ASCII)


class Unfit(Exception):
    """Why a text cannot be what it should be: found, expected, remedy, as in a Problem."""

    def __init__(self, found: str, expected: str, remedy: str = "") -> None:
        super().__init__(found, expected, remedy)
        self.found, self.expected, self.remedy = found, expected, remedy


def number_text(value: float) -> str:
    """Write a number as a person would: 43.0 is ``43``.

    >>> number_text(43.0), number_text(0.1)
    ('43', '0.1')
    """
    return str(int(value)) if value == value and abs(value) < 1e15 and value == int(value) else repr(value)


def text(cell: str) -> str:
    """Any text, without the blanks around it."""
    if len(cell) > MAX_TEXT:
        raise Unfit(f"text of {len(cell):,} characters", f"at most {MAX_TEXT:,}")
    return cell.strip()


def whole(cell: str) -> int:
    """A whole number; 43.0 is one."""
    if _WHOLE.match(cell) is None:
        raise Unfit(shown(cell), "a whole number")
    return int(cell.partition(".")[0])


def decimal(cell: str) -> float:
    """A number with a decimal point, or without one."""
    if _NUMBER.match(cell) is None:
        comma = re.fullmatch(r"[-+]?\d+,\d+", cell) is not None
        raise Unfit(shown(cell), "a number", "write a decimal point, not a comma" if comma else "")
    value = float(cell)
    if not isfinite(value):
        raise Unfit(shown(cell), "a finite number")
    return value


def boolean(cell: str) -> bool:
    """``true`` or ``false``; what 1, Y or yes mean is for the mapping to say."""
    if cell not in ("true", "false"):
        raise Unfit(shown(cell), "true or false", 'say what it means, as in values: {"1": true, "0": false}')
    return cell == "true"


def grade(cell: str) -> int:
    """A grade of an adverse event, 1 to 5."""
    value = whole(cell)
    if not 1 <= value <= 5:
        raise Unfit(shown(cell), "a grade from 1 to 5")
    return value


def day(cell: str) -> date:
    """A whole ISO date."""
    value, precision = partial_date(cell)
    if precision != "day":
        raise Unfit(shown(cell), "a date with its day, such as 2020-01-31")
    return value


def partial_date(cell: str, form: str = "YYYY-MM-DD") -> When:
    """A date in a stated form; an ISO date may lack its day and month, and loses its time of day."""
    expected = "a date such as 2020-01-31" if form == "YYYY-MM-DD" else f"a date as {form}"
    try:
        if form == "YYYY-MM-DD":
            timed = _WITH_TIME.match(cell)
            return parse_date(timed[1] if timed else cell)
        pattern = _PATTERNS[form]
        if _SHAPES.get(pattern, _NUMERIC_SHAPE).match(cell):
            return datetime.strptime(cell, pattern).date(), "day"
    except ValueError:
        pass
    raise Unfit(shown(cell), expected, "name its format in the mapping" if form == "YYYY-MM-DD" else "")


def code(known: Iterable[str], what: str) -> Reader:
    """A reader of the codes that the protocol declares."""
    codes = tuple(known)

    def read(cell: str) -> Value:
        if cell not in codes:
            remedy = did_you_mean(cell, codes) or "the protocol declares none"
            raise Unfit(f"{what} {shown(cell)}", f"{what} of the protocol", remedy)
        return cell

    return read


def of_item(name: str, item: Item) -> Reader:
    """A reader of an item's values: its type, its choices, its range."""
    if item.type == "choice":
        return code(item.choices or (), f"a choice of {name}")
    plain: dict[str, Reader] = {
        "integer": whole,
        "decimal": decimal,
        "boolean": boolean,
        "date": day,
        "text": text,
    }
    read = plain[item.type]
    if item.range is None or item.type not in ("integer", "decimal"):
        return read
    low, high = item.range

    def ranged(cell: str) -> Value:
        value = read(cell)
        if not low <= float(value) <= high:  # type: ignore[arg-type]
            raise Unfit(
                shown(cell), f"{name} from {low:g} to {high:g}", "correct it, or the range in the protocol"
            )
        return value

    return ranged


def stages(protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """The reasons for which each stage can end."""
    reasons = protocol.dispositions
    return {
        "screening": tuple(reasons.screening),
        "treatment": tuple(reasons.treatment),
        "follow_up": tuple(reasons.follow_up),
    }


def for_field(field: str, protocol: Protocol) -> Reader | None:
    """The reader of a field of the mapping that holds a code or a typed value, by the field's name."""
    reasons = stages(protocol)
    known: dict[str, tuple[Iterable[str], str]] = {
        "randomization": (protocol.randomizations, "a randomization"),
        "arm": (protocol.arms, "an arm"),
        "actual_arm": (protocol.arms, "an arm"),
        "event": (protocol.events, "an event"),
        "cause": (protocol.events, "an event"),
        "endpoint": (protocol.endpoints, "an endpoint"),
        "stage": (reasons, "a stage"),
        "reason": (dict.fromkeys(reason for codes in reasons.values() for reason in codes), "a reason"),
        **{
            f"{stage}_ended": (("completed", *codes), f"an end of {stage}")
            for stage, codes in reasons.items()
        },
    }
    if field in known:
        return code(*known[field])
    typed: dict[str, Reader] = {
        "completed": boolean, "serious": boolean, "emergent": boolean, "grade": grade, "time": whole, "censored": whole,
        **dict.fromkeys(("site", "detail", "term", "category", "related", "censor_reason"), text),
    }  # fmt: skip
    return typed.get(field)


def for_stratum(factor: str, protocol: Protocol) -> Reader:
    """The reader of a stratification factor's levels."""
    if factor not in protocol.items and factor not in protocol.derived:
        return text
    levels = (
        protocol.factor_levels(factor) if factor in protocol.items or protocol.derived[factor].classes else {}
    )
    return code(levels, f"a level of {factor}") if levels else text
