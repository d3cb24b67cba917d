"""Days, months, years and dates with a missing part: the only calendar arithmetic.

Durations are whole days wherever they are computed, so that equal times are equal. Months and years
are for display and for the protocol's own limits: 365.25 days a year, 30.4375 a month. Completed months and years
of the calendar, which rules count, have their definition in :mod:`equipoise.protocol.rules.language`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, get_args

Unit = Literal["day", "week", "month", "year"]
Precision = Literal["day", "month", "year"]

DAYS_IN: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
UNITS: tuple[str, ...] = get_args(Unit)

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")


def in_days(value: float, unit: Unit) -> float:
    """Convert a duration to days.

    >>> in_days(3, "year")
    1095.75
    """
    return value * DAYS_IN[unit]


def days_between(start: date, end: date) -> int:
    """Count the days from ``start`` to ``end``; the same day is 0.

    >>> days_between(date(2020, 2, 28), date(2020, 3, 1))
    2
    """
    return (end - start).days


def study_day(reference: date, on: date) -> int:
    """Number a date as CDISC does: the reference day is 1, the day before is -1, there is no day 0.

    A label, never a duration.  Source: SDTMIG 3.4, section 4.4.4.

    >>> study_day(date(2020, 1, 10), date(2020, 1, 10)), study_day(date(2020, 1, 10), date(2020, 1, 9))
    (1, -1)
    """
    days = days_between(reference, on)
    return days + 1 if days >= 0 else days


def parse_date(text: str) -> tuple[date, Precision]:
    """Read an ISO 8601 date that may lack its day, or its day and month.

    Returns the first day it can mean and the part that is known.  Raises ValueError for anything else.

    >>> parse_date("1990-02-08")
    (datetime.date(1990, 2, 8), 'day')
    >>> parse_date("1990-02")
    (datetime.date(1990, 2, 1), 'month')
    """
    match = _ISO.match(text.strip())
    if match is None or not text.isascii():
        raise ValueError(f"{text!r} is not an ISO 8601 date (YYYY-MM-DD, YYYY-MM or YYYY)")
    year, month, day = match.groups()
    precision: Precision = "day" if day else "month" if month else "year"
    return date(int(year), int(month or 1), int(day or 1)), precision
