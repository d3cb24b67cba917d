"""The calendar for the solver: months and days of the month as whole numbers that hang on the number of a day.

What the solver is told first is true of every day, but of some that are none as well: lengths of months and
years within bounds. That proves most things at once. Days that it proposes are looked up in the calendar;
where one is none, the solver is told of the months about it exactly, and asked again. Only when that does
not end is it told the whole calendar, which is linear arithmetic too, but slow.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import Any

_MONTHS, _DAYS = 4800, 146097  # in 400 years, after which the calendar repeats itself
_BEFORE_MARCH_1 = date(1, 3, 1).toordinal() - 366  # the number of the day before 1 March of the year 0


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A day. number: counted from 1 January of the year 1, as Python does.  month: counted through the years."""

    name: str
    number: Any
    month: Any
    of_month: Any


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """What lies between two days. count: months, years or days.  near: with which numbers it is compared.

    days: the first and the later day, where their months count.
    """

    count: Any
    days: tuple[Day, ...] = ()
    facts: tuple[Any, ...] = ()
    near: set[Fraction] = field(default_factory=set)


class Calendar:
    """The days and spans of one patient; one variable for each, however often a rule speaks of it."""

    def __init__(self, z3: Any, context: Any) -> None:
        self.z3, self.context = z3, context
        self._days: dict[int, Day] = {}
        self._spans: dict[tuple[str, int, int], Span] = {}
        self._kept: list[Any] = []  # formulas: an identity is of one formula as long as that is kept

    def span(self, function: str, first: Any, later: Any) -> Span:
        """What a function of the rule language counts from one day to another; days are whole numbers."""
        key = (function, first.get_id(), later.get_id())
        if key not in self._spans:
            self._kept += [first, later]
            if function == "days_between":
                self._spans[key] = Span(later - first)
            else:
                make = {"completed_months": self._months, "completed_years": self._years}[function]
                self._spans[key] = make(self._day(first), self._day(later))
        return self._spans[key]

    def on(self, number: Any, day: date) -> Any:
        """It is that day, of which the calendar is known."""
        known = self._days.get(number.get_id())
        same = [number == day.toordinal()]
        if known is not None:
            same += [known.month == _index(day), known.of_month == day.day]
        return self.z3.And(same)

    def whole(self, span: Span) -> Any:
        """Whole months lie between, to the day: both days have the same number in their months."""
        first, later = span.days
        return first.of_month == later.of_month

    # -- what is true --------------------------------------------------------------------------------

    def facts(self, spans: Sequence[Span]) -> list[Any]:
        """What is true of these spans and of the days at their ends."""
        z3, (low, high) = self.z3, _drift()
        days = days_of(spans)
        facts = [fact for span in spans for fact in span.facts]
        for day in days:
            drift = _MONTHS * (day.number - day.of_month) - _DAYS * day.month
            facts += [day.of_month >= 1, day.of_month <= 31, drift >= low, drift <= high]
        for one, other in combinations(days, 2):  # the earlier: in an earlier month, or earlier in its month
            in_month = z3.And(one.month == other.month, one.of_month < other.of_month)
            facts.append((one.number < other.number) == z3.Or(one.month < other.month, in_month))
        return facts

    def months_of(self, model: Any, days: Sequence[Day]) -> list[int] | None:
        """The months in which a model puts the days; None if each of the days is one of the calendar."""
        months, real = [], True
        for day in days:
            number, month, of_month = (
                model.eval(one, model_completion=True).as_long()
                for one in (day.number, day.month, day.of_month)
            )
            months.append(month)
            on = date.fromordinal(number)
            real = real and (month, of_month) == (_index(on), on.day)
        return None if real else months

    def exactly(self, day: Day, months: Sequence[int]) -> list[Any]:
        """What is true of a day if it lies in one of these months."""
        facts = []
        for month in months:
            year, of_year = divmod(month + 2, 12)
            if not date.min.year <= year <= date.max.year:
                facts.append(day.month != month)
                continue
            begin, length = date(year, of_year + 1, 1).toordinal(), monthrange(year, of_year + 1)[1]
            there = self.z3.And(day.number == begin - 1 + day.of_month, day.of_month <= length)
            facts.append(self.z3.Implies(day.month == month, there))
        return facts

    def all(self, days: Sequence[Day]) -> list[Any]:
        """All that is true of days.

        Years begin in March here: the leap day is the last of a year, and one division gives the days before
        a month.
        """
        return [fact for day in days for fact in self._exact(day)]

    def _exact(self, day: Day) -> tuple[Any, ...]:
        z3 = self.z3
        year, month, by_4, by_100, by_400, before = (
            z3.Int(f"{day.name} {part}", self.context)
            for part in ("year", "month of year", "by 4", "by 100", "by 400", "before")
        )
        century = z3.And(year == 100 * by_100 + 99, year != 400 * by_400 + 399)
        leap = z3.And(year == 4 * by_4 + 3, z3.Not(century))  # of the calendar year in which it ends
        february = z3.If(leap, *(z3.IntVal(length, self.context) for length in (29, 28)))
        short = z3.Or([month == one for one in (1, 3, 6, 8)])  # April, June, September, November
        return (
            day.month == 12 * year + month, month >= 0, month <= 11,
            *(bound for part, by in ((by_4, 4), (by_100, 100), (by_400, 400))
              for bound in (by * part <= year, year < by * part + by)),
            5 * before <= 153 * month + 2, 153 * month + 2 < 5 * before + 5,
            z3.Implies(short, day.of_month <= 30), z3.Implies(month == 11, day.of_month <= february),
            day.number == _BEFORE_MARCH_1 + 365 * year + by_4 - by_100 + by_400 + before + day.of_month,
        )  # fmt: skip

    # -- days and spans ------------------------------------------------------------------------------

    def _day(self, number: Any) -> Day:
        key, name = number.get_id(), f"day {len(self._days)}"
        if key not in self._days:
            if self.z3.is_int_value(number):
                on = date.fromordinal(number.as_long())
                parts = [self.z3.IntVal(value, self.context) for value in (_index(on), on.day)]
            else:
                parts = [self.z3.Int(f"{name} {part}", self.context) for part in ("month", "of month")]
            self._days[key] = Day(name, number, *parts)
        return self._days[key]

    def _months(self, first: Day, later: Day) -> Span:
        z3, name = self.z3, f"span {len(self._spans)}"
        months, years = (z3.Int(f"{name} {unit}", self.context) for unit in ("months", "years"))
        one, none = (z3.IntVal(value, self.context) for value in (1, 0))
        days = later.number - first.number
        facts = (
            months == later.month - first.month - z3.If(later.of_month < first.of_month, one, none),
            12 * years <= months, months < 12 * years + 12,
            # A month has 28 to 31 days, a year 365 or 366; the month or year that is not completed is not full.
            z3.If(months >= 0,
                  z3.And(days >= 28 * months, days <= 31 * months + 30, days >= 365 * years, days <= 366 * years + 365),
                  z3.And(days < 0, days <= 28 * months + 27, days >= 31 * months)),
        )  # fmt: skip
        return Span(months, (first, later), facts)

    def _years(self, first: Day, later: Day) -> Span:
        months = self.span("completed_months", first.number, later.number)
        years = self.z3.Int(f"span {len(self._spans)} in years", self.context)
        facts = (*months.facts, 12 * years <= months.count, months.count < 12 * years + 12)
        return Span(years, (first, later), facts)


def days_of(spans: Sequence[Span]) -> list[Day]:
    """The days of which the months count, each once."""
    return list(dict.fromkeys(day for span in spans for day in span.days))


def _index(day: date) -> int:
    """The number of a month through the years; March of the year 0 is 0."""
    return 12 * day.year + day.month - 3


@lru_cache(maxsize=1)
def _drift() -> tuple[int, int]:
    """How far months run ahead of, or behind, months of equal length, in parts of a day."""
    firsts = [date(year, month, 1) for year in range(1, 401) for month in range(1, 13)]
    drifts = [_MONTHS * (first.toordinal() - 1) - _DAYS * _index(first) for first in firsts]
    return min(drifts), max(drifts)
