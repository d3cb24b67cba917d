"""The calendar."""

from __future__ import annotations

import doctest
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise import dates
from equipoise.dates import DAYS_IN, UNITS, days_between, in_days, parse_date, study_day


def test_examples_in_docstrings_are_true():
    assert doctest.testmod(dates).failed == 0


def test_units_are_those_of_the_protocol_language():
    assert UNITS == tuple(DAYS_IN) == ("day", "week", "month", "year")
    assert [in_days(2, unit) for unit in UNITS] == [2.0, 14.0, 60.875, 730.5]
    assert in_days(12, "month") == in_days(1, "year")


@given(st.dates(), st.integers(-400, 400))
def test_study_day_has_no_day_zero(reference, days):
    try:
        on = reference + timedelta(days)
    except OverflowError:
        return

    assert days_between(reference, on) == days
    assert study_day(reference, on) == (days + 1 if days >= 0 else days)


@given(st.dates())
def test_whole_and_partial_dates_are_read(day):
    assert parse_date(day.isoformat()) == (day, "day")
    assert parse_date(day.isoformat()[:7]) == (day.replace(day=1), "month")
    assert parse_date(day.isoformat()[:4]) == (day.replace(day=1, month=1), "year")


@pytest.mark.parametrize(
    "text",
    ["", "2020-02-30", "2019-02-29", "2020-13", "0000", "20200131", "2020-1-1", "2020-01-", "31.01.2020", "2020-W01",
     "2020-01-01T00:00", "٢٠٢٠-01-01", "2020-01-01\n2020", "-2020", "99999"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        parse_date(text)
