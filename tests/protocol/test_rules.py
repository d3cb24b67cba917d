"""Rules: three-valued logic as SQL defines it, nothing evaluated that is not on the list, problems in their place."""

from __future__ import annotations

import doctest
import pickle
import random
import sqlite3
import subprocess
import sys
import time
from datetime import date, timedelta
from itertools import accumulate

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.protocol.rules import grammar, language
from equipoise.protocol.rules import rule as rules
from equipoise.protocol.rules.rule import MAX_LENGTH, Rule, RuleProblem, compile_rule
from protocol.expressions import (
    COLUMNS,
    FUNCTIONS,
    NAMES,
    VALUES,
    completes_a_month,
    counted,
    draw,
    rows,
    value_of,
    write,
)

CHOICES = {"sex": ("f", "m", "", "it's", "é"), "site": ("f", "m", "", "it's", "é")}


def frame_of(table):
    return pl.DataFrame({name: [row[name] for row in table] for name in COLUMNS}, schema=COLUMNS)


def test_examples_in_docstrings_are_true():
    assert doctest.testmod(rules).failed == 0


# -- against two other evaluators -----------------------------------------------------------------------


def _sqlite(table):
    database = sqlite3.connect(":memory:")
    database.execute(f"create table subject ({', '.join(COLUMNS)})")
    plain = [
        [value.toordinal() if isinstance(value, date) else value for value in row.values()] for row in table
    ]
    database.executemany(
        f"insert into subject ({', '.join(table[0])}) values ({', '.join('?' * len(COLUMNS))})", plain
    )
    for name in FUNCTIONS:
        database.create_function(name, 2, lambda *days, name=name: counted(name, *(None if day is None else date.fromordinal(day) for day in days)), deterministic=True)  # fmt: skip
    return database


def test_rules_agree_with_sqlite_and_with_the_definition_of_sql():
    chance = random.Random(20)
    table = rows(chance, 40)
    frame, database = frame_of(table), _sqlite(table)
    unknown = differs = 0
    for number in range(600):
        tree = draw(chance)
        text = write(tree, chance)
        if len(text) > 1500:
            continue
        expected = [value_of(tree, row) for row in table]
        try:
            rule = compile_rule(text, COLUMNS, CHOICES)
        except RuleProblem as problem:
            # Random trees hold two things that are refused on purpose.
            assert problem.found.startswith(
                ("a comparison with null", "an expression that is always unknown")
            ), (text, problem)
            continue

        assert rule.evaluate(frame).to_list() == expected, text
        assert rule.evaluate(frame[:1]).to_list() == expected[:1], text
        statement = f"select {write(tree, chance, 'sqlite')} from subject"
        assert [None if one is None else bool(one) for (one,) in database.execute(statement)] == expected, (
            text
        )
        again = compile_rule(rule.sql, COLUMNS, CHOICES)
        assert (again.sql, again.evaluate(frame).to_list()) == (rule.sql, expected), text
        unknown += expected.count(None)
        differs += len(set(expected)) > 1
        assert number < 600

    # The draw must reach all three truth values, or it proves little.
    assert unknown > 1500
    assert differs > 200


@pytest.mark.parametrize("kind", ["number", "text", "date"])
def test_values_agree_with_the_definition_of_sql(kind):
    chance = random.Random(21)
    table = rows(chance, 25)
    frame = frame_of(table)
    for _ in range(120):
        tree = draw(chance, kind)
        text = write(tree, chance)
        try:
            values = compile_rule(text, COLUMNS, CHOICES, kind).evaluate(frame).to_list()
        except RuleProblem as problem:
            assert problem.found.startswith(
                ("a comparison with null", "an expression that is always unknown")
            ), text
            continue
        assert values == [value_of(tree, row) for row in table], text


# -- truth tables, written out ---------------------------------------------------------------------------

T, F, U = True, False, None
PAIRS = [(left, right) for left in (T, F, U) for right in (T, F, U)]
TRUTH = {  # SQL:1999, 8.12; over (a, b) in the order TT TF TU FT FF FU UT UF UU
    "boy and frail": [T, F, U, F, F, F, U, F, U],
    "boy or frail": [T, T, T, T, F, U, T, U, U],
    "not boy": [F, F, F, T, T, T, U, U, U],
    "boy = frail": [T, F, U, F, T, U, U, U, U],
    "boy <> frail": [F, T, U, T, F, U, U, U, U],
    "boy is null": [F, F, F, F, F, F, T, T, T],
    "boy is not null": [T, T, T, T, T, T, F, F, F],
    "boy is unknown": [F, F, F, F, F, F, T, T, T],
    "boy is true": [T, T, T, F, F, F, F, F, F],
    "boy is not true": [F, F, F, T, T, T, T, T, T],
    "boy is false": [F, F, F, T, T, T, F, F, F],
    "(boy and frail) is null": [F, F, T, F, F, F, T, F, T],
    "coalesce(boy, frail)": [T, T, T, F, F, F, T, F, U],
    "coalesce(boy, false)": [T, T, T, F, F, F, F, F, F],
    "case when boy then frail end": [T, F, U, U, U, U, U, U, U],
    "case when boy then frail else true end": [T, F, U, T, T, T, T, T, T],
    "case when boy is null then true when frail then false end": [F, U, U, F, U, U, T, T, T],
    "boy in (true, frail)": [T, T, T, F, T, U, U, U, U],
    "boy in (true, null)": [T, T, T, U, U, U, U, U, U],
    "boy not in (true, null)": [F, F, F, U, U, U, U, U, U],
    "boy and true": [T, T, T, F, F, F, U, U, U],
    "boy or null": [T, T, T, U, U, U, U, U, U],
    "true": [T] * 9,
    "not (1 = 2 or 2 > 3)": [T] * 9,
}  # fmt: skip


@pytest.mark.parametrize("text", TRUTH)
def test_truth_tables(text):
    frame = pl.DataFrame({"boy": [one for one, _ in PAIRS], "frail": [other for _, other in PAIRS]}, schema_overrides={"boy": pl.Boolean, "frail": pl.Boolean})  # fmt: skip

    assert compile_rule(text, COLUMNS).evaluate(frame).to_list() == TRUTH[text]


NUMBERS = [0, 1, 2, 3, None]
OVER_NUMBERS = {
    "age between 1 and 2": [F, T, T, F, U],
    "age not between 1 and 2": [T, F, F, T, U],
    "age between 2 and 1": [F, F, F, F, U],
    "age between 1 and weight": [F, U, U, U, U],  # weight is unknown: 0 is below 1 whatever it is
    "age in (1, 2)": [F, T, T, F, U],
    "age not in (1, null)": [U, F, U, U, U],
    "age in (1, null)": [U, T, U, U, U],
    "age = 1 or age = 2": [F, T, T, F, U],
    "age < 1.5": [T, T, F, F, U],
    "age >= 1 and age < 3": [F, T, T, F, U],
    "- age < -1": [F, F, T, T, U],
    "2 * age - 1 = age": [F, T, F, F, U],
    "1 + 2 * age = 5": [F, F, T, F, U],
    "age - 1 - 1 = 0": [F, F, T, F, U],
    "age - (1 - 1) = 2": [F, F, T, F, U],
    "age = weight or age = 1": [U, T, U, U, U],
    "age = weight is null": [T, T, T, T, T],  # (age = weight) is null, as in PostgreSQL
    "age < 2 is not true": [F, F, T, T, T],
    "not age = 1": [T, F, T, T, U],
    "not age in (1) and age < 3": [T, F, T, F, U],
    "case when age > 1 then 'f' else 'm' end = 'f'": [F, F, T, T, F],
    "coalesce(age, 7) = 7": [F, F, F, F, T],
    "coalesce(weight, age) = 2": [F, F, T, F, U],
}  # fmt: skip


@pytest.mark.parametrize("text", OVER_NUMBERS)
def test_tables_over_numbers(text):
    frame = pl.DataFrame({"age": NUMBERS, "weight": [None] * 5}, schema_overrides={"weight": pl.Float64})

    assert compile_rule(text, COLUMNS).evaluate(frame).to_list() == OVER_NUMBERS[text]


def test_dates_and_texts_are_compared_as_what_they_are():
    frame = pl.DataFrame({"born": [date(2019, 12, 31), date(2020, 1, 1), None], "sex": ["it's", "é", None]})

    def values(text):
        return compile_rule(text, COLUMNS).evaluate(frame).to_list()

    assert values("born < date '2020-01-01'") == [T, F, U]
    assert values("born = '2020-01-01'::date") == [F, T, U]
    assert values("sex = 'it''s'") == [T, F, U]
    assert values("sex in ('é', 'x')") == [F, T, U]
    assert values("\"sex\" = 'é'") == [F, T, U]
    assert values("sex <> 'é' -- a comment\n") == [T, F, U]


def test_whole_numbers_do_not_overflow_in_arithmetic():
    frame = pl.DataFrame({"age": [10**9, 9 * 10**18]})

    # In 64 bits both products wrap around and the second is negative.
    assert compile_rule("age * age * age > 0", COLUMNS).evaluate(frame).to_list() == [True, True]
    assert compile_rule("999999999999999 * 999999999999999 > 0", COLUMNS).evaluate(frame).to_list() == [
        True,
        True,
    ]


def test_large_whole_numbers_are_compared_exactly():
    frame = pl.DataFrame({"age": [2**53, 2**53 + 1]})

    assert compile_rule("age = grade", COLUMNS).evaluate(
        frame.with_columns(pl.lit(2**53).alias("grade"))
    ).to_list() == [T, F]


# -- days, months and years between dates ------------------------------------------------------------------

ON_BOUNDARIES = {  # (first, later): completed months, completed years, days between; by the calendar
    ("2020-01-15", "2020-01-15"): (0, 0, 0),
    ("2020-01-15", "2020-02-14"): (0, 0, 30),
    ("2020-01-15", "2020-02-15"): (1, 0, 31),
    ("2020-01-15", "2021-01-14"): (11, 0, 365),
    ("2020-01-15", "2021-01-15"): (12, 1, 366),
    ("2020-01-31", "2020-02-29"): (0, 0, 29),  # 31 February is no day: 1 March completes the month
    ("2020-01-31", "2020-03-01"): (1, 0, 30),
    ("2020-01-31", "2020-03-30"): (1, 0, 59),
    ("2020-01-31", "2020-03-31"): (2, 0, 60),
    ("2021-01-29", "2021-02-28"): (0, 0, 30),
    ("2021-01-29", "2021-03-01"): (1, 0, 31),
    ("2020-01-29", "2020-02-29"): (1, 0, 31),
    ("2020-02-29", "2021-02-28"): (11, 0, 365),  # born on a leap day: a year older on 1 March
    ("2020-02-29", "2021-03-01"): (12, 1, 366),
    ("2020-02-29", "2024-02-28"): (47, 3, 1460),
    ("2020-02-29", "2024-02-29"): (48, 4, 1461),
    ("1896-02-29", "1904-02-28"): (95, 7, 2920),  # 1900 was no leap year
    ("1900-02-28", "1900-03-01"): (0, 0, 1),
    ("2000-02-28", "2000-03-01"): (0, 0, 2),  # 2000 was one
    ("2020-12-31", "2021-01-01"): (0, 0, 1),
    ("2020-01-01", "2019-12-31"): (-1, -1, -1),  # negative as soon as it is before
    ("2020-02-15", "2020-01-15"): (-1, -1, -31),
    ("2020-02-15", "2020-01-14"): (-2, -1, -32),
    ("2020-03-31", "2020-03-01"): (-1, -1, -30),
    ("2020-03-31", "2020-02-29"): (-2, -1, -31),
    ("2021-01-15", "2020-01-15"): (-12, -1, -366),
    ("2021-01-15", "2020-01-14"): (-13, -2, -367),
    ("0001-01-01", "9999-12-31"): (119987, 9998, 3652058),
}


@pytest.mark.parametrize(("first", "later"), ON_BOUNDARIES)
def test_what_lies_between_two_days_on_boundaries(first, later):
    frame = pl.DataFrame(
        {"born": [date.fromisoformat(first)], "seen": [date.fromisoformat(later)]}, schema={"born": pl.Date, "seen": pl.Date}
    )  # fmt: skip

    for name, expected in zip(FUNCTIONS, ON_BOUNDARIES[first, later], strict=True):
        in_columns = compile_rule(f"{name}(born, seen)", COLUMNS, kind="number").evaluate(frame).to_list()
        literal = compile_rule(f"{name}((date '{first}'), date '{later}')", COLUMNS, kind="number").evaluate(
            frame
        )
        assert (in_columns, literal.to_list()) == ([expected], [expected])
        assert literal.dtype == pl.Int64


@pytest.mark.parametrize("begin", [date(1899, 9, 1), date(2019, 9, 1)])
def test_every_pair_of_days_of_two_years_is_counted_as_by_walking_from_day_to_day(begin):
    days = [begin + timedelta(days=step) for step in range(731)]  # over 29 February 2020; 1900 has none
    pairs = {"first": [], "later": [], "months": [], "years": [], "days": []}
    for at, first in enumerate(days):
        completed = list(accumulate((completes_a_month(first, day) for day in days), initial=0))[1:]
        months = [count - completed[at] for count in completed]
        pairs["first"] += [first] * len(days)
        pairs["later"] += days
        pairs["months"] += months
        pairs["years"] += [next(year for year in range(3, -4, -1) if 12 * year <= count) for count in months]
        pairs["days"] += range(-at, len(days) - at)
    table = pl.DataFrame(pairs)
    columns = {"first": pl.Date(), "later": pl.Date()}

    for name, unit in zip(FUNCTIONS, ("months", "years", "days"), strict=True):
        found = compile_rule(f"{name}(first, later)", columns, kind="number").evaluate(table)
        assert found.equals(table[unit]), unit
    before = compile_rule("completed_months(first, later) < 0", columns).evaluate(table)
    assert before.equals(table.select(pl.col("later") < pl.col("first")).to_series())


def test_random_pairs_of_five_centuries_are_counted_as_by_walking_from_day_to_day():
    chance = random.Random(29)
    low, high = date(1600, 1, 1).toordinal(), date(2100, 12, 31).toordinal()
    pairs = []
    for _ in range(400):  # near 1 March and at the ends of months more often than not
        first = date.fromordinal(chance.randint(low, high))
        later = date.fromordinal(min(high, max(low, first.toordinal() + chance.randint(-900, 900))))
        ends = chance.random() < 0.6
        pairs.append(
            (last_of_month(first), last_of_month(later) + timedelta(days=chance.randint(0, 1)))
            if ends
            else (first, later)
        )
    frame = pl.DataFrame(pairs, schema={"born": pl.Date, "seen": pl.Date}, orient="row")

    for name in FUNCTIONS:
        found = compile_rule(f"{name}(born, seen)", COLUMNS, kind="number").evaluate(frame).to_list()
        assert found == [counted(name, *pair) for pair in pairs]


def last_of_month(day):
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_lies_between_is_unknown_where_a_date_is_unknown(name):
    day = date(2020, 1, 1)
    frame = pl.DataFrame(
        {"born": [day, None, None], "seen": [None, day, None]}, schema={"born": pl.Date, "seen": pl.Date}
    )

    assert compile_rule(f"{name}(born, seen) is null", COLUMNS).evaluate(frame).to_list() == [True] * 3
    assert (
        compile_rule(f"{name}(born, seen) > 1 or {name}(null, seen) > 1", COLUMNS).evaluate(frame).to_list()
        == [None] * 3
    )
    assert (
        compile_rule(f"{name}(null, date '2020-01-01') = 1 or true", COLUMNS).evaluate(frame).to_list()
        == [True] * 3
    )


def test_a_call_is_written_in_one_way():
    rule = compile_rule("Completed_Months((born) , date '2020-01-01') between 1 and 2", COLUMNS)

    assert rule.sql == "(COMPLETED_MONTHS(\"born\", DATE '2020-01-01') BETWEEN 1 AND 2)"
    assert rule.columns == {"born"}
    assert compile_rule(rule.sql, COLUMNS).sql == rule.sql


def test_completed_months_of_200000_pairs_take_well_under_50_ms():
    height = 200_000
    frame = pl.select(born=pl.date(1990, 1, 31) + pl.duration(days=pl.int_range(height) % 9000),
                      seen=pl.date(2010, 3, 1) + pl.duration(days=pl.int_range(height) % 7001))  # fmt: skip
    rule = compile_rule("completed_months(born, seen) < 18 or completed_years(born, seen) > 20", COLUMNS)

    def seconds():
        started = time.perf_counter()
        assert rule.evaluate(frame).len() == height
        return time.perf_counter() - started

    assert min(seconds() for _ in range(7)) < 0.05


# -- rows, constants, kinds ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "dtype"),
    [("age > 1", "truth", pl.Boolean), ("true", "truth", pl.Boolean), ("age", "number", pl.Int64), ("age + 1", "number", pl.Float64),
     ("1.5", "number", pl.Float64), ("sex", "text", pl.String), ("'x'", "text", pl.String), ("born", "date", pl.Date),
     ("case when boy then born end", "date", pl.Date)],
)  # fmt: skip
def test_rules_over_no_one_row_or_many(text, kind, dtype):
    rule = compile_rule(text, COLUMNS, kind=kind)

    for height in (0, 1, 3):
        frame = pl.DataFrame({name: [None] * height for name in COLUMNS}, schema=COLUMNS)
        values = rule.evaluate(frame)
        assert (values.len(), values.dtype) == (height, dtype)
    assert rule.kind == kind


def test_a_rule_without_columns_is_the_same_in_every_row():
    rule = compile_rule("1 < 2", COLUMNS)

    assert rule.columns == frozenset()
    assert rule.evaluate(pl.DataFrame({"x": [1, 2, 3]})).to_list() == [True] * 3
    assert rule.evaluate(pl.DataFrame({"x": []}, schema={"x": pl.Int64})).to_list() == []


def test_a_rule_says_what_it_reads_and_can_be_compared_and_sent():
    rule = compile_rule("age > 1 and (sex = 'f' or age < 9)", COLUMNS)

    assert rule.columns == {"age", "sex"}
    assert rule.sql == '(("age" > 1) AND (("sex" = \'f\') OR ("age" < 9)))'
    assert repr(rule) == "Rule(text=\"age > 1 and (sex = 'f' or age < 9)\")"
    assert rule == compile_rule("age > 1 and (sex = 'f' or age < 9)", COLUMNS)
    assert len({rule, pickle.loads(pickle.dumps(rule))}) == 1


def test_one_subject_and_a_million_are_evaluated_alike():
    chance = random.Random(4)
    table = rows(chance, 30)
    rule = compile_rule("case when age > 1 then boy else frail or born is null end", COLUMNS)

    whole = rule.evaluate(frame_of(table)).to_list()
    assert [rule.evaluate(frame_of([row])).item() for row in table] == whole


# -- what is refused -------------------------------------------------------------------------------------

SQL = "an SQL expression such as age >= 18 and sex = 'female'"
REFUSED: dict[str, tuple[int, str, str, str]] = {  # rule: offset, found, expected, remedy
    "": (0, "nothing that could be evaluated", SQL, ""),
    "  -- nothing": (0, "nothing that could be evaluated", SQL, ""),
    "age >": (4, "nothing after '>'", SQL, ""),
    "boy and sex = 'it''s": (14, "a quote or comment that is never closed", "an SQL expression", "close it; text stands in 'single quotes'"),
    'sex = \'"\' or "age > 1': (13, "a quote or comment that is never closed", "an SQL expression", "close it; text stands in 'single quotes'"),
    "boy /* x": (0, "a quote or comment that is never closed", "an SQL expression", "close it; text stands in 'single quotes'"),
    "age > 1 and": (8, "nothing after 'and'", SQL, ""),
    "age 1": (4, "'1', which fits nothing before it", SQL, ""),
    "boy and (frail": (9, "a bracket that is not closed", SQL, ""),
    "boy\nand agee > 1": (8, "the name 'agee'", "a declared item", "did you mean 'age'?"),
    "boy\nand age >": (12, "nothing after '>'", SQL, ""),
    "AGE > 1": (0, "the name 'AGE'", "a declared item", "known: seen, born, frail, boy, site, sex, grade, weight, age"),
    "age = 1_000": (7, "'_000', which fits nothing before it", SQL, ""),
    "sex = f": (6, "the name 'f'", "a declared item", "put text in quotes: 'f'"),
    "sex = “f”": (6, "the name '“f”'", "a declared item", "use straight quotes: 'text'"),
    "sex = ‘f’": (6, "the name '‘f’'", "a declared item", "use straight quotes: 'text'"),
    "sex = 'x'": (6, "sex compared with 'x'", "one of its choices (f, m, , it's, é)", "known: f, m, , it's, é"),
    "boy and ('fm' = sex)": (9, "sex compared with 'fm'", "one of its choices (f, m, , it's, é)", "did you mean 'm'?"),
    "sex in ('f', 'q')": (13, "sex compared with 'q'", "one of its choices (f, m, , it's, é)", "known: f, m, , it's, é"),
    "age = '1'": (0, "a mixture of number and text", "values of one kind", "write numbers without quotes"),
    "born > '2020-01-01'": (0, "a mixture of date and text", "values of one kind", "write date '2020-01-31'"),
    "boy = 1": (0, "a mixture of number and truth", "values of one kind", "write its name alone, or not before it"),
    "born - seen > 1": (0, "'born', which gives date", "one that gives number", ""),
    "sex < 'm'": (0, "an order of text", "an order of numbers or dates", "use = or in"),
    "boy and age": (8, "'age', which gives number", "one that gives truth", ""),
    "not sex": (4, "'sex', which gives text", "one that gives truth", ""),
    "age": (0, "an expression that gives number", "one that gives truth", ""),
    "null": (0, "an expression that is always unknown", "one that gives a value", ""),
    "age = null": (0, "a comparison with null, which is always unknown", "is null or is not null", ""),
    "boy and null <> sex": (16, "a comparison with null, which is always unknown", "is null or is not null", ""),
    "born = date '2020-02-30'": (12, "the date '2020-02-30'", "a calendar date such as date '2020-01-31'", ""),
    "born = date '20200131'": (12, "the date '20200131'", "a calendar date such as date '2020-01-31'", ""),
    "age > 1e999": (6, "the number '1e999'", "at most 15 digits", ""),
    "age > 1234567890123456": (6, "the number '1234567890123456'", "at most 15 digits", ""),
    "case when boy then true": (19, "a case without end", SQL, ""),
    "sex = 'x\ud800'": (8, "the character '\\ud800'", "text that can be written in UTF-8", ""),
    "boy; boy": (0, "2 expressions", SQL, "join them by and"),
    "date 'x' x": (9, "'x', which fits nothing before it", SQL, "write text in 'single quotes', and no units"),
    "age between 1": (12, "nothing after '1'", SQL, ""),
    "age > 0E": (6, "the number '0E'", "digits, such as 25 or 0.1", ""),
    "case when age then 1 end = 1": (10, "'age', which gives number", "one that gives truth", ""),
    "case when boy then 1 else 'x' end = 1": (10, "a mixture of number and text", "values of one kind", "write numbers without quotes"),
    **dict.fromkeys(("1 < 2 < 3", "age = 1 = boy", "boy = age in (1)", "age between 1 and 2 = boy", "boy = not frail"), (0, "a comparison of a comparison, without brackets", "one that can be read in one way", "put one of them in brackets; a range is age between 1 and 30")),
    "age is true": (0, "'age'", "is null, is true or is false", ""),
    "boy" + " and boy" * 600: (0, f"a rule of {3 + 8 * 600} characters", f"at most {MAX_LENGTH}", "split it into derived items"),
    "(" * 21: (20, "a deeply nested rule", "at most 20 levels", "split it into derived items"),
    "boy and completed_months(born) > 1": (8, "completed_months of 1 value", "two dates: completed_months(first, later)", ""),
    "days_between() > 1": (0, "days_between of 0 values", "two dates: days_between(first, later)", ""),
    "boy or 1 < completed_years(born, seen, born)": (11, "completed_years of 3 values", "two dates: completed_years(first, later)", ""),
    "completed_months(born, age) > 1": (23, "'age', which gives number", "one that gives date", ""),
    "completed_months('2020-01-01', seen) > 1": (17, "\"'2020-01-01'\", which gives text", "one that gives date", "write date '2020-01-31'"),
    "completed_months(born, agee) > 1": (23, "the name 'agee'", "a declared item", "did you mean 'age'?"),
    "completed_months(born, coalesce(seen, born)) > 1": (23, "'coalesce(seen, born)' in completed_months", "an item, a date or null", "make it a derived item"),
    "completed_months(born, completed_months(born, seen)) > 1": (23, "'completed_months(born, seen)', which gives number", "one that gives date", ""),
    "days_between(born, seen)": (0, "an expression that gives number", "one that gives truth", ""),
    "days_between(born, seen) = 'f'": (0, "a mixture of number and text", "values of one kind", "write numbers without quotes"),
    "days_between(born, seen) = null": (0, "a comparison with null, which is always unknown", "is null or is not null", ""),
    "boy and complete_months(born, seen) > 1": (8, "the function 'complete_months'", "a function of rules", "did you mean 'completed_months'?"),
    "COMPLETED_WEEKS(born, seen) > 1": (0, "the function 'COMPLETED_WEEKS'", "a function of rules", "did you mean 'completed_years'?"),
    "months_between(born, seen) > 1": (0, "the function 'months_between'", "a function of rules", "did you mean 'completed_months'?"),
    "datediff(born, seen) > 1": (0, "the function 'datediff'", "a function of rules", "did you mean 'days_between'?"),
    "boy and lower (sex) = 'f'": (8, "the function 'lower'", "a function of rules", "known: completed_months, completed_years, days_between, coalesce"),
    "boy and (" + "case when " * 4 + "age" + (" in (" + "1, " * 19 + "1) then 1 end") * 4 + ") = 1": (49, "a rule that repeats its parts too often", "at most 20000 parts to evaluate", "split it into derived items"),
    "not " * 30 + "boy": (120, "a deeply nested rule", "at most 20 levels", "split it into derived items"),
    "age" + " + age" * 100 + " > 1": (0, "101 terms", "at most 100", "split it into derived items"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40])
def test_what_is_wrong_is_said_where_it_is(text):
    with pytest.raises(RuleProblem) as error:
        compile_rule(text, COLUMNS, CHOICES)

    problem = error.value
    assert (problem.offset, problem.found, problem.expected, problem.remedy) == REFUSED[text]


NOT_ALLOWED = [
    "pg_sleep(1)", "lower(sex) = 'f'", "sum(age) over () > 1", "count(*) > 1", "age in (select 1)", "(select 1) = 1",
    "exists (select 1)", "age = any(array[1])", "age = all (1)", "age / 2 = 1", "age % 2 = 0", "age | 1 = 1", "age # 1 = 1",
    "~age = 1", "age ^ 2 = 1", "age << 1 = 1", "sex || 'x' = 'f'", "sex like 'f'", "sex ilike 'f'", "sex ~ 'f'", "sex similar to 'f'",
    "age::text = '1'", "cast(age as int) = 1", "age is distinct from 1", "age <=> 1", "(age, 1) = (1, 2)", "subject.age = 1",
    "a.b.c.age = 1", "* = 1", "age[1] = 1", "E'f' = sex", "$$f$$ = sex", "$x$f$x$ = sex", "N'f' = sex", "b'1' = age", "x'1F' = age",
    "0x1F = age", "U&'f' = sex", "age between symmetric 1 and 2", "case age when 1 then boy end", "if(boy, boy, frail)",
    "current_date = born", "now() = born", "interval '1 day' = born", "born + interval '1 day' = seen", ":age = 1", "? = 1",
    "@age = 1", "@@age", "$1 = 1", "{age} = 1", "boy; drop table x", "boy;;boy", "sex collate \"C\" = 'f'", "'f' 'f' = sex",
    "sex at time zone 'x' = 'f'", "age -> 'x' = 1", "extract(year from born) = 1", "substring(sex from 1) = 'f'", "row(1) = 1",
    "age isnull or age in ()", "try_cast(age as date) = born", "age::date = born", "array[1] = age", "random() > 1", "not exists(age)",
    "grouping(age) = 1", "boy as x", "nextval('x') = 1", "position('f' in sex) = 1", "greatest(age, 1) = 1", "sex = concat('f')",
    "date('2020-01-01') = born", "timestamp '2020-01-01' = born", "coalesce(age, lower(sex)) = 1", "boy and lower('x')",
    "completed_months(born, seen) over () = 1", "x.completed_months(born, seen) = 1", "completed_months(distinct born, seen) = 1", "completed_months(*) = 1",
    "completed_months(born, seen) filter (where boy) = 1", "completed_months(born, seen order by age) = 1", "completed_months(born, seen).x = 1",
    "completed_months(first := born, later := seen) = 1", '"completed_months"(born, seen) = 1', "days_between(born, seen limit 1) = 1",
    "days_between(born, (select seen)) = 1", "days_between(born, interval '1 day') = 1", "days_between(variadic born) = 1", "days_between = 1",
    "days_between(born, seen) within group (order by age) = 1", "days_between(born, seen) ignore nulls = 1", "days_between(born, seen::timestamp) = 1",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_ALLOWED)
def test_what_is_not_on_the_list_is_refused(text):
    with pytest.raises(RuleProblem):
        compile_rule(text, COLUMNS)


@pytest.mark.parametrize(
    "text",
    ["select 1", "drop table x", "insert into x values (1)", "with x as (select 1) select 1", "set x = 1", "grant all to x", "copy x from y",
     "/* open", "'open", '"open', "$$open", "--", ";", "'", '"', "\x00", "é", "a b c", "((", "))", "case", "case when", "end", "in", "()",
     "date", "date '", "1 2", "and", "not", "=", "< >", "--\n--", "\\", "`boy`", "[boy]", "{{ boy }}", "{% raw %}", "#", "boy /* -- */ x"],
)  # fmt: skip
def test_no_other_text_is_evaluated(text):
    with pytest.raises(RuleProblem) as error:
        compile_rule(text, COLUMNS)

    assert 0 <= error.value.offset <= len(text)


@pytest.mark.parametrize(
    "text",
    ["boy" + " and boy" * 490, "boy" + " or frail" * 440, "age in (" + ", ".join(["1"] * 1300) + ")", "(" * 20 + "boy" + ")" * 20,
     "age" + " + age" * 98 + " > 1", "coalesce(" + ", ".join(["age"] * 700) + ") > 1"],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_long_rules_are_evaluated(text):
    frame = frame_of(rows(random.Random(1), 5))

    assert compile_rule(text, COLUMNS).evaluate(frame).len() == 5


@pytest.mark.parametrize(
    "text",
    ["(" * 4000, "[" * 4000, "not " * 999, "- " * 1999, "case when " * 390, "boy = " * 660, "boy is null" + " is true" * 480, "f(" * 20,
     "age + " * 660, "boy and not " * 300, "coalesce(" * 20 + "age", "1 < " * 990, "'" * 3999, '"' * 3999, "/*" * 1999, "$a" * 1999,
     "case when boy then " * 200 + "1" + " end" * 200, "age between " * 300, "date " * 790, "x." * 1999, "::date" * 660, "a in (" * 19,
     "not(" * 20 + "boy" + ")" * 20, "(boy) and " * 390 + "boy", "((boy)) or " * 360 + "boy", "boy and (" * 19 + "boy" + ")" * 19],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_no_rule_keeps_the_parser_for_long(text):
    started = time.process_time()
    try:
        compile_rule(text, COLUMNS)
    except RuleProblem as problem:
        assert 0 <= problem.offset <= len(text)

    assert time.process_time() - started < 2


# -- the allow-list --------------------------------------------------------------------------------------


@pytest.fixture
def evaluated(monkeypatch):
    """The names of the nodes that were turned into something that runs."""
    names: set[str] = set()
    read = grammar.Reader.read

    def watched(self, node, depth=0):
        part = read(self, node, depth)
        names.add(type(node).__name__)
        return part

    monkeypatch.setattr(grammar.Reader, "read", watched)
    return names


ALLOWED = {
    "Paren", "Column", "Literal", "Boolean", "Null", "And", "Or", "Not", "Add", "Sub", "Mul", "Neg",
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "In", "Between", "Is", "Coalesce", "Case", "Cast", "Anonymous",
}  # fmt: skip
PIECES = (
    *COLUMNS, "and", "or", "not", "is", "null", "in", "between", "case", "when", "then", "else", "end", "coalesce", "date", "true", *FUNCTIONS,
    "(", ")", ",", "=", "<>", "<", ">=", "+", "-", "*", "/", "%", "||", "::", ";", "--", "/*", "*/", "'", '"', "$$", "'f'", "1", "0.5",
    "select", "from", "over", "cast", "as", "lower", "f(", ".", "[", "]", "{", "}", ":", "?", "@", "#", "~", "^", "like", "distinct",
    "'2020-01-01'", "interval", "any", "exists", "array", "\n", "\x00", "é", "‘", "\\", "1e9", "x", "table", "values", "null null",
)  # fmt: skip


def attempt(text):
    try:
        rule = compile_rule(text, COLUMNS, CHOICES, "any")
    except RuleProblem as problem:
        assert 0 <= problem.offset <= len(text)
        assert problem.found
        assert problem.expected
        return None
    rule.evaluate(frame_of(rows(random.Random(0), 2)))
    return rule


def test_no_mutation_of_a_rule_gives_anything_but_a_problem_or_allowed_nodes(evaluated):
    chance = random.Random(33)
    compiled = 0
    for _ in range(2500):
        text = write(draw(chance, depth=3), chance)[:400]
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text) + 1)
            to = min(len(text), at + chance.choice((0, 0, 1, 3, 9)))
            text = (
                f"{text[:at]} {chance.choice(PIECES)} {text[to:]}"
                if chance.random() < 0.7
                else text[:at] + text[to:]
            )
        compiled += isinstance(attempt(text), Rule)

    assert compiled > 100
    assert evaluated <= ALLOWED


def test_every_allowed_node_is_reached_and_no_other_is_known(evaluated):
    attempt("age + 1 > 0 and (2 * age) > 1 and age - 1 = weight")
    attempt(
        "(boy and not frail or age + 1 - 2 * weight <> - 1) and age in (1, null) and age between 0 and 9 and boy is null"
    )
    attempt(
        "coalesce(case when age < 1 and age <= 1 and age > 1 and age >= 1 then true end, false) = (born = date '2020-01-01')"
    )
    attempt("completed_months(born, seen) > 1")

    assert evaluated == ALLOWED == set(language.NODES)


def test_the_parser_says_nothing_on_the_terminal_by_itself():
    code = (
        "from equipoise.protocol.rules.rule import compile_rule, RuleProblem\n"
        "for text in ('if boy then', \"json_extract(sex, ',') = 1\", \"sex -> 'x$' = 1\"):\n"
        "    try: compile_rule(text, {})\n    except RuleProblem: print('refused')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert (run.stdout, run.stderr) == ("refused\n" * 3, "")


@settings(max_examples=250)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map(" ".join))
def test_no_text_gives_anything_but_a_problem_or_a_rule(text):
    attempt(text)


@settings(max_examples=150)
@given(st.text(max_size=30))
def test_no_unicode_gives_anything_but_a_problem_or_a_rule(text):
    attempt(text)


def test_the_draw_knows_every_kind_of_value():
    assert set(VALUES) == set(NAMES) == {"number", "text", "truth", "date"}
