from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import kaplan_meier, restricted_mean, restricted_mean_difference
from equipoise.validation.evidence import table

subjects = st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.booleans()), min_size=4, max_size=20)


def compared(rows, **arguments):
    time, event, arm = zip(*rows, strict=True)
    return restricted_mean_difference(
        time, event, np.where(arm, "B", "A"), **{"groups": ("A", "B"), "until": 6, **arguments}
    )


@given(subjects)
def test_swapping_the_groups_turns_the_signs(rows):
    rows = [*rows, (9, False, False), (9, False, True)]
    one, other = compared(rows), compared(rows, groups=("B", "A"))

    assert other.difference == approx(-one.difference, abs=1e-12) and other.z == approx(
        -one.z, nan_ok=True, abs=1e-12
    )
    assert other.ratio * one.ratio == approx(1)
    assert other.ratio_lower * one.ratio_upper == approx(1)
    assert other.p_value_two_sided == approx(one.p_value_two_sided, nan_ok=True)
    assert other.p_value_one_sided + one.p_value_one_sided == approx(
        1 if one.difference_std_err else math.nan, nan_ok=True
    )


@given(subjects, st.sampled_from([0.01, 365.25, 1e9]))
def test_the_unit_of_time_scales_means_and_leaves_ratios(rows, unit):
    rows = [*rows, (9, False, False), (9, False, True)]
    one = compared(rows)
    other = compared([(t * unit, e, a) for t, e, a in rows], until=6 * unit)

    assert other.restricted_mean == approx(one.restricted_mean * unit, rel=1e-9)
    assert other.difference_std_err == approx(one.difference_std_err * unit, rel=1e-9)
    assert other.time_lost_ratio == approx(one.time_lost_ratio, nan_ok=True, rel=1e-9)


@given(subjects)
def test_mean_and_time_lost_add_up_and_grow(rows):
    time, event, _ = zip(*rows, strict=True)
    time, event = [*time, 9], [*event, False]
    shorter, longer = (restricted_mean(time, event, until=u) for u in (3, 6))

    assert shorter.restricted_mean + shorter.time_lost == approx(3)
    assert (
        shorter.restricted_mean <= longer.restricted_mean + 1e-12
        and shorter.std_err <= longer.std_err + 1e-12
    )
    assert longer.lower <= longer.restricted_mean <= longer.upper
    steps = np.arange(0.0005, 6, 0.001)
    assert longer.restricted_mean == approx(kaplan_meier(time, event).at(steps).survival.mean() * 6, rel=1e-9)


def test_the_default_end_is_the_shorter_follow_up():
    lung = table("lung.csv")
    found = restricted_mean_difference("time", "status", "sex", groups=(1, 2), data=lung)

    assert found.until == min(lung["time"][lung["sex"] == s].max() for s in (1, 2)) == 965
    assert restricted_mean("time", "status", data=lung).until == 1022


def test_beyond_the_follow_up_nothing_is_made_up():
    alone = restricted_mean([1, 2, 3], [1, 1, 0], until=3.1)
    both = restricted_mean_difference([1, 2, 3, 9], [1, 0, 0, 0], list("ABAB"), groups=("A", "B"), until=5)

    assert math.isnan(alone.restricted_mean) and math.isnan(alone.std_err) and math.isnan(alone.upper)
    assert alone.warnings == ("not estimable up to 3.1: the last follow-up is 3, where survival is 0.3333",)
    assert math.isnan(both.difference) and math.isnan(both.p_value_two_sided) and both.restricted_mean[1] == 5
    assert both.warnings[0] == "A: not estimable up to 5: the last follow-up is 3, where survival is 0.5"
    # A curve that has fallen to 0 stays there.
    assert restricted_mean([1, 2, 3], [1, 1, 1], until=50).restricted_mean == approx(2)


def test_an_arm_without_events_is_said():
    found = restricted_mean_difference([2, 3, 4, 5], [1, 0, 0, 0], list("ABAB"), groups=("A", "B"), until=3)
    nobody = restricted_mean_difference([2, 3, 4, 5], [0, 0, 0, 0], list("ABAB"), groups=("A", "B"), until=3)

    assert found.std_err[1] == 0 and found.time_lost_ratio == 0 and math.isnan(found.time_lost_ratio_upper)
    assert found.warnings[0].startswith("B has no event before the end")
    assert math.isnan(nobody.z) and math.isnan(nobody.ratio_p_value_two_sided) and nobody.ratio == 1
    assert nobody.warnings[-1] == "no standard error: the difference has no test"


def test_events_at_time_zero_count():
    found = restricted_mean([0, 0, 2, 4], [1, 0, 0, 0], until=4)

    assert found.restricted_mean == approx(3) and found.n_events == 1


def test_time_lost_keeps_its_digits_when_it_is_small():
    # 1 of 10 million dies one day before the end of 10 million days: the time lost is 1e-7 days.
    n = 10_000
    found = restricted_mean(np.r_[9_999_999.0, np.full(n - 1, 1e7)], np.r_[1, np.zeros(n - 1)], until=1e7)

    assert found.time_lost == approx(1 / n, rel=1e-10)


def test_summary_and_frame():
    lung = table("lung.csv")
    alone = restricted_mean("time", "status", until=500, confidence_level=0.9, data=lung)
    both = restricted_mean_difference("time", "status", "sex", groups=(1, 2), until=500, data=lung)

    assert alone.summary().splitlines()[0] == "Restricted mean survival time up to 500; 90% Wald limits"
    assert (
        both.summary().splitlines()[0]
        == "Restricted mean survival time up to 500, 2 against 1; 95% Wald limits"
    )
    frame = both.to_frame()
    assert frame.filter(frame["statistic"] == "difference")["value"].to_list() == [both.difference]
    assert frame.filter(frame["statistic"] == "restricted_mean")["group"].to_list() == ["1", "2"]
    with pytest.raises(ValueError, match="read-only"):
        both.std_err[0] = 0


@pytest.mark.parametrize("until", [0, -1, float("nan"), float("inf")])
def test_an_end_that_is_none_is_refused(until):
    with pytest.raises(DataError, match="until: found"):
        restricted_mean([1, 2], [1, 0], until=until)
    with pytest.raises(DataError, match="until: found"):
        restricted_mean_difference([1, 2], [1, 0], ["A", "B"], groups=("A", "B"), until=until)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": ("A", "B", "C")}, "groups: found"),
        ({"groups": ("A", "C")}, "group: found 'B'"),
        ({"confidence_level": 95}, "confidence_level: found 95"),
    ],
)
def test_unusable_arguments_are_named(arguments, message):
    with pytest.raises(DataError, match=message):
        restricted_mean_difference(
            [1, 2, 3, 4], [1, 0, 1, 1], list("ABAB"), **{"groups": ("A", "B"), **arguments}
        )
