from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats.survival.kaplan_meier import kaplan_meier
from reference.values import adtte, cases, colon, difference
from stats import slow

INTERVALS = ("plain", "log", "log-log")
ALL_INTERVALS = (*INTERVALS, "logit", "arcsin")
AGREES = 1e-8

subjects = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=12)


def data_of(name, case):
    if name.startswith("colon"):
        reverse, rest = "reverse" in name, name.replace("reverse ", "")
        _, etype, arm = rest.split(" ")
        data = colon(int(etype))
        chosen = data["rx"] == arm
        event = data["status"][chosen]
        return data["time"][chosen], 1 - event if reverse else event
    if name.startswith("adtte"):
        data = adtte()
        chosen = data["TRTP"] == name.removeprefix("adtte ")
        return data["AVAL"][chosen], 1 - data["CNSR"][chosen]
    return case["data"]["time"], case["data"]["event"]


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", cases("kaplan_meier"))
def test_agrees_with_r_survfit(name, interval):
    case = cases("kaplan_meier")[name]
    time, event = data_of(name, case)

    curve = kaplan_meier(time, event, interval=interval, confidence_level=case.get("confidence_level", 0.95))

    for column in ("time", "n_at_risk", "n_events", "n_censored", "survival", "std_err"):
        assert difference(getattr(curve, column), case[column]) < AGREES, column
    assert difference(curve.lower, case[interval]["lower"]) < AGREES
    assert difference(curve.upper, case[interval]["upper"]) < AGREES


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", cases("kaplan_meier"))
def test_quantiles_agree_with_r(name, interval):
    case = cases("kaplan_meier")[name]
    time, event = data_of(name, case)
    curve = kaplan_meier(time, event, interval=interval, confidence_level=case.get("confidence_level", 0.95))
    expected = case[interval]

    for i, p in enumerate((0.25, 0.5, 0.75)):
        found = curve.quantile(p)
        assert difference(found.estimate, expected["quantile"][i]) < AGREES
        for side in (0, 1):
            limit = (curve.lower, curve.upper)[side]
            rises = np.any(np.diff(limit[~np.isnan(limit)]) > 0)
            key = ("quantile_lower", "quantile_upper")[side]
            # R's quantile() and print() disagree where a limit rises again; we follow print().
            value = expected["printed_median_limits"][side] if rises and p == 0.5 else expected[key][i]
            assert difference((found.lower, found.upper)[side], value) < AGREES


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("name", cases("kaplan_meier"))
def test_values_at_times_agree_with_r_summary(name, interval):
    case = cases("kaplan_meier")[name]
    time, event = data_of(name, case)
    curve = kaplan_meier(time, event, interval=interval, confidence_level=case.get("confidence_level", 0.95))
    expected, within = case["at"], case["at"]["time"] <= np.max(time)

    at, table = curve.at(expected["time"]), curve.risk_table(expected["time"])

    assert difference(at.n_at_risk, expected["n_at_risk"]) == 0
    assert difference(table.n_at_risk, expected["n_at_risk"]) == 0
    assert difference(table.cumulative_events, expected["events"]) == 0
    assert difference(table.cumulative_censored, expected["censored"]) == 0
    assert difference(at.survival[within], expected["survival"][within]) < AGREES
    assert difference(at.std_err[within], expected["std_err"][within]) < AGREES
    assert difference(at.lower[within], case[interval]["at_lower"][within]) < AGREES
    assert difference(at.upper[within], case[interval]["at_upper"][within]) < AGREES


# Freireich et al. 1963, 6-mercaptopurine: weeks in remission of 21 children.
SIX_MP_WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
SIX_MP_RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_freireich_6mp_by_hand():
    # 3 of 21 relapse at week 6: 18/21. One is censored there, so 1 of 17 relapses at week 7: 6/7 x 16/17.
    at = kaplan_meier(SIX_MP_WEEKS, SIX_MP_RELAPSED).at([6, 7])

    assert at.survival.tolist() == approx([6 / 7, 96 / 119], rel=1e-15)
    # Greenwood: S^2 (3 / (21 x 18)), then S^2 (3 / (21 x 18) + 1 / (17 x 16)).
    assert at.std_err[0] == approx(6 / 7 * (1 / 126) ** 0.5, rel=1e-14)
    assert at.std_err[1] == approx(96 / 119 * float(Fraction(1, 126) + Fraction(1, 272)) ** 0.5, rel=1e-14)


def test_an_event_at_time_zero_lowers_the_curve_from_the_start():
    curve = kaplan_meier([0, 0, 1, 2], [1, 0, 1, 0])

    assert curve.at(0).survival.tolist() == [0.75]
    assert curve.risk_table(0).n_at_risk.tolist() == [4]
    assert curve.risk_table(0).cumulative_events.tolist() == [1]


def test_beyond_the_last_follow_up_survival_is_not_estimable_unless_it_was_zero():
    ends_censored = kaplan_meier([1, 2, 3], [1, 1, 0]).at([3, 3.5])
    ends_dead = kaplan_meier([1, 2, 3], [1, 1, 1]).at([3, 3.5])

    assert ends_censored.survival[0] == approx(1 / 3)
    assert np.isnan(
        [c[1] for c in (ends_censored.survival, ends_censored.std_err, ends_censored.lower)]
    ).all()
    assert ends_dead.survival.tolist() == [0, 0]
    assert ends_dead.n_at_risk.tolist() == [1, 0]


def test_times_are_read_in_the_order_given_and_before_the_first_time_survival_is_one():
    at = kaplan_meier([2, 4, 4], [1, 0, 0]).at([4, 1, 2])

    assert at.survival.tolist() == approx([2 / 3, 1, 2 / 3])
    assert (at.lower[1], at.upper[1], at.std_err[1]) == (1, 1, 0)


def test_everyone_censored_reaches_no_quantile():
    curve = kaplan_meier([1, 2, 2], [0, 0, 0])
    median = curve.median()

    assert curve.survival.tolist() == [1, 1]
    assert np.isnan([median.estimate, median.lower, median.upper]).all()


def test_a_limit_that_rises_again_counts_at_its_first_crossing():
    # The lower log-log limit starts at 0.116, rises to 0.180 and falls again: it is at 0.17 or below from time 1 on.
    time, event = [5, 5, 2, 6, 6, 5, 6, 5, 1, 7, 6, 4, 6], [0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
    curve = kaplan_meier(time, event, confidence_level=0.999)

    assert curve.lower[:2].round(3).tolist() == [0.116, 0.18]
    assert curve.quantile(0.83).lower == 1


def test_the_result_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        kaplan_meier([1, 2], [1, 0]).survival[0] = 0.9


@given(subjects)
def test_equals_the_slow_definition(rows):
    time, event = zip(*rows, strict=True)
    curve = kaplan_meier(time, event)
    expected = np.array(slow.kaplan_meier(time, event)).T

    found = (curve.time, curve.n_at_risk, curve.n_events, curve.n_censored, curve.survival, curve.std_err)
    assert difference(np.array(found), expected) < 1e-13


@given(subjects, st.sampled_from(ALL_INTERVALS))
def test_curves_fall_and_limits_bracket_them(rows, interval):
    time, event = zip(*rows, strict=True)
    curve = kaplan_meier(time, event, interval=interval)
    known = ~np.isnan(curve.lower)

    assert (np.diff(curve.survival) <= 0).all() and (np.diff(curve.n_at_risk) < 0).all()
    assert (curve.lower[known] <= curve.survival[known] + 1e-15).all()
    assert (curve.survival[known] <= curve.upper[known] + 1e-15).all()
    assert (curve.lower[known] >= 0).all() and (curve.upper[known] <= 1).all()
    assert curve.n_events.sum() + curve.n_censored.sum() == curve.n == len(rows)


@given(subjects)
def test_without_censoring_it_is_the_empirical_survivor_function(rows):
    time = np.array([t for t, _ in rows])
    curve = kaplan_meier(time, np.ones(len(time)))

    assert curve.survival.tolist() == approx([np.mean(time > t) for t in curve.time], abs=1e-14)


@given(subjects, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_of_no_consequence(rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = (kaplan_meier(*zip(*r, strict=True)) for r in (rows, shuffled))

    assert difference(other.survival, one.survival) == difference(other.lower, one.lower) == 0


@given(subjects)
def test_counts_in_a_risk_table_add_up_between_times(rows):
    time, event = zip(*rows, strict=True)
    table = kaplan_meier(time, event).risk_table([0.5, 1.5, 2.5, 99])

    total = table.n_at_risk + table.cumulative_events + table.cumulative_censored
    assert (total == len(rows)).all()


@pytest.mark.parametrize(
    ("time", "event", "message"),
    [
        ([], [], r"time: found shape \(0,\)"),
        ([[1, 2]], [1, 0], r"time: found shape \(1, 2\)"),
        ([1.0, float("nan")], [1, 0], "time: found nan at position 1"),
        ([1.0, float("inf")], [1, 0], "time: found inf at position 1"),
        (
            [3, -2],
            [1, 0],
            r"time: found -2\.0 at position 1 \(1 in all\); expected finite times of at least 0",
        ),
        (["a", "b"], [1, 0], "time: found dtype"),
        ([1, 2], [1], r"event: found shape \(1,\); expected one indicator for each of the 2 times"),
        ([1, 2], [1, 2], "event: found 2 at position 1; expected booleans or 0 and 1"),
        ([1, 2], [1, float("nan")], "event: found nan at position 1"),
        ([1, 2], ["yes", "no"], "event: found dtype"),
    ],
)
def test_unusable_input_is_named_with_its_value(time, event, message):
    with pytest.raises(DataError, match=message):
        kaplan_meier(time, event)


def test_unusable_options_are_named_with_their_values():
    with pytest.raises(
        DataError, match="interval: found 'probit'; expected one of plain, log, log-log, logit"
    ):
        kaplan_meier([1], [1], interval="probit")
    with pytest.raises(DataError, match="confidence_level: found 95; expected a number between 0 and 1"):
        kaplan_meier([1], [1], confidence_level=95)
    with pytest.raises(DataError, match=r"probability: found 1; expected"):
        kaplan_meier([1], [1]).quantile(1)
    with pytest.raises(DataError, match=r"times: found -1\.0 at position 0"):
        kaplan_meier([1], [1]).at(-1)
