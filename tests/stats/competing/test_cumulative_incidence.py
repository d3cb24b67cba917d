from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import cumulative_incidence, kaplan_meier

INTERVALS = ("plain", "log", "log-log", "cloglog", "logit", "arcsin")
subjects = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), min_size=2, max_size=25)


def columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def with_an_event(rows):
    return [(rows[0][0], 1), *rows[1:]]


@given(subjects)
def test_incidences_and_freedom_of_events_sum_to_one(rows):
    time, cause = columns(with_an_event(rows))

    found = cumulative_incidence(time, cause)

    total = sum(curve.estimate for curve in found.curves) + found.curves[0].event_free
    assert total == approx(np.ones(total.size), abs=1e-13)
    for curve in found.curves:
        assert np.all(np.diff(curve.estimate) >= 0)
        assert np.all(curve.variance >= 0)


@given(subjects)
def test_freedom_of_events_is_the_kaplan_meier_curve_of_any_event(rows):
    time, cause = columns(with_an_event(rows))

    found = cumulative_incidence(time, cause).curves[0]
    curve = kaplan_meier(time, [c != 0 for c in cause])

    assert found.event_free == approx(curve.survival, abs=1e-14)
    assert found.time.tolist() == curve.time.tolist()


@given(subjects, st.permutations(range(25)), st.sampled_from(["aalen", "greenwood"]))
def test_the_order_of_subjects_does_not_matter(rows, order, variance):
    rows = with_an_event(rows)
    shuffled = [rows[i] for i in order if i < len(rows)]

    one = cumulative_incidence(*columns(rows), variance=variance)
    other = cumulative_incidence(*columns(shuffled), variance=variance)

    for a, b in zip(one.curves, other.curves, strict=True):
        assert np.array_equal(a.estimate, b.estimate)
        assert np.array_equal(a.variance, b.variance)


@given(subjects)
def test_merging_two_causes_adds_their_incidences(rows):
    time, cause = columns(with_an_event(rows))
    merged = [2 if c == 3 else c for c in cause]

    found = cumulative_incidence(time, cause, causes=[1, 2, 3])
    together = cumulative_incidence(time, merged, causes=[1, 2])

    expected = found.curve(2).estimate + found.curve(3).estimate
    assert together.curve(2).estimate == approx(expected, abs=1e-14)
    assert together.curve(1).variance == approx(found.curve(1).variance, abs=1e-14)


@given(subjects, st.sampled_from([0.001, 7.0, 365.25]))
def test_another_unit_of_time_changes_times_only(rows, unit):
    time, cause = columns(with_an_event(rows))

    one = cumulative_incidence(time, cause)
    other = cumulative_incidence(np.array(time) * unit, cause)

    assert other.curves[0].time == approx(one.curves[0].time * unit)
    assert other.curves[0].variance == approx(one.curves[0].variance)


def test_each_group_is_estimated_from_its_own_subjects():
    time, cause, group = [1, 2, 3, 4, 2, 5], [1, 0, 2, 1, 1, 2], list("AABBAB")

    found = cumulative_incidence(time, cause, group=group)

    for label in "AB":
        mine = [i for i, g in enumerate(group) if g == label]
        alone = cumulative_incidence([time[i] for i in mine], [cause[i] for i in mine], causes=[1, 2])
        for one in (1, 2):
            assert found.curve(one, label).estimate.tolist() == alone.curve(one).estimate.tolist()


def test_an_entry_of_zero_for_all_is_no_entry_and_a_late_one_leaves_earlier_risk_sets():
    time, cause = [2, 3, 4, 5], [1, 2, 1, 0]

    plain = cumulative_incidence(time, cause).curve(1)
    zero = cumulative_incidence(time, cause, entry=[0, 0, 0, 0]).curve(1)
    late = cumulative_incidence(time, cause, entry=[0, 0, 2, 0]).curve(1)

    assert zero.estimate.tolist() == plain.estimate.tolist()
    assert late.n_at_risk.tolist() == [3, 3, 2, 1]
    assert late.estimate[0] == approx(1 / 3)


def test_a_risk_set_that_runs_out_before_others_enter_is_said():
    found = cumulative_incidence([1, 5, 6], [1, 2, 1], entry=[0, 3, 3])

    assert "everyone at risk at time 1" in found.warnings[0]


def test_events_at_time_zero_count_at_zero():
    found = cumulative_incidence([0, 1, 2, 3], [1, 2, 0, 1])

    assert found.at(0).estimate[0, 0, 0] == 0.25


@pytest.mark.parametrize("interval", INTERVALS)
def test_limits_enclose_the_estimate_and_widen_with_the_level(interval):
    time, cause = list(range(1, 21)), [1, 2, 0, 1, 2] * 4

    narrow = cumulative_incidence(time, cause, interval=interval, confidence_level=0.9).at([12, 16])
    wide = cumulative_incidence(time, cause, interval=interval, confidence_level=0.95).at([12, 16])

    assert np.all((wide.lower < narrow.lower) & (narrow.lower < narrow.estimate))
    assert np.all((wide.upper > narrow.upper) & (narrow.upper > narrow.estimate))
    assert np.all((wide.lower >= 0) & (wide.upper <= 1))


def test_before_the_first_time_nothing_has_happened_and_beyond_the_last_it_is_not_known():
    found = cumulative_incidence([2, 3, 4], [1, 2, 0]).at([1, 4, 5])

    assert found.estimate[0, 0].tolist()[:2] == [0, approx(1 / 3)]
    assert found.lower[0, 0, 0] == found.upper[0, 0, 0] == 0
    assert math.isnan(found.estimate[0, 0, 2])
    assert found.warnings == ("not estimable beyond its last follow-up at 4",)


def test_where_nobody_is_left_the_incidence_is_known_for_ever():
    assert cumulative_incidence([1, 2], [1, 2]).at(100).estimate[0].ravel().tolist() == [0.5, 0.5]


def test_swapping_the_groups_turns_the_difference():
    time, cause, group = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 0, 1, 2, 1, 0], list("ABABABAB")
    found = cumulative_incidence(time, cause, group=group)

    one = found.difference([4, 6], cause=1, groups=("A", "B"))
    other = found.difference([4, 6], cause=1, groups=("B", "A"))

    assert one.risk_difference == approx(-other.risk_difference)
    assert one.z == approx(-other.z)
    assert one.lower == approx(-other.upper)
    assert one.risk_ratio == approx(1 / other.risk_ratio)
    assert one.p_value_one_sided == approx(1 - other.p_value_one_sided)


def test_a_positive_z_favors_the_second_group():
    found = cumulative_incidence([1, 2, 3, 4, 5, 6], [1, 1, 2, 1, 2, 2], group=list("AAABBB"))

    assert found.difference(3, cause=1).z[0] > 0


def test_no_event_in_one_group_gives_no_ratio_and_says_so():
    found = cumulative_incidence([1, 2, 3, 4], [1, 2, 2, 2], group=list("AABB")).difference(4, cause=1)

    assert math.isnan(found.risk_ratio[0])
    assert not math.isnan(found.risk_difference[0])
    assert "no ratio" in found.warnings[0]


def test_texts_need_the_label_of_censoring():
    cause = ["relapse", "alive", "death"]

    assert cumulative_incidence([1, 2, 3], cause, censored="alive").causes == ("death", "relapse")
    with pytest.raises(DataError, match="censored: found 0"):
        cumulative_incidence([1, 2, 3], cause)


def test_a_cause_that_is_not_listed_is_refused_and_one_without_events_is_said():
    with pytest.raises(DataError, match="cause: found 3"):
        cumulative_incidence([1, 2, 3], [1, 3, 0], causes=[1, 2])

    found = cumulative_incidence([1, 2, 3], [1, 1, 0], causes=[1, 2])
    assert found.curve(2).estimate.tolist() == [0, 0, 0]
    assert "cause 2: no events" in found.warnings[0]


def test_everyone_censored_needs_the_causes():
    with pytest.raises(DataError, match="found 0 only"):
        cumulative_incidence([1, 2], [0, 0])

    assert cumulative_incidence([1, 2], [0, 0], causes=[1]).curve(1).estimate.tolist() == [0, 0]


NAN, NONE = float("nan"), None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": [1, NAN, 3]}, "time: found nan at position 1"),
        ({"time": [1, -2, 3]}, "time: found -2.0"),
        ({"time": [1, math.inf, 3]}, "time: found inf"),
        ({"time": []}, "time: found shape"),
        ({"cause": [1, NAN, 0]}, "cause: found .*nan.* at position 1"),
        ({"cause": [1, NONE, 0]}, "cause: found None at position 1"),
        ({"cause": [1, 0.5, 0]}, "cause: found 0.5 at position 1"),
        ({"cause": [1, 0]}, r"cause: found shape \(2,\)"),
        ({"cause": np.array([1, "x", 0], dtype=object)}, "labels of the kinds int, str"),
        ({"group": ["A", None, "B"]}, "group: found None at position 1"),
        ({"group": ["A", "B"]}, r"group: found shape \(2,\)"),
        ({"group": list("AAB"), "groups": ["A"]}, "groups: found"),
        ({"group": list("AAB"), "groups": ["A", "C"]}, "group: found 'B'"),
        ({"group": list("AAB"), "groups": ["A", "B", "C"]}, "groups: found 'C'"),
        ({"groups": ["A", "B"]}, "expected no groups without group"),
        ({"causes": [1, 1, 2]}, "causes: found"),
        ({"causes": [0, 1, 2]}, "which is censoring"),
        ({"entry": [0, 2, 0]}, "entry: found 2.0"),
        ({"entry": [0, NAN, 0]}, "entry: found nan"),
        ({"variance": "pepe"}, "variance: found 'pepe'"),
        ({"interval": "wald"}, "interval: found 'wald'"),
        ({"confidence_level": 95}, "confidence_level: found 95"),
        ({"time": "time"}, "an array, or a name together with data="),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(change, message):
    given_ = {"time": [1, 2, 3], "cause": [1, 2, 0]} | change
    with pytest.raises(DataError, match=message):
        cumulative_incidence(given_.pop("time"), given_.pop("cause"), **given_)


def test_columns_of_a_frame_are_named():
    frame = pl.DataFrame({"days": [1, 2, 3], "why": ["death", "alive", "relapse"], "arm": ["A", "B", "A"]})

    found = cumulative_incidence("days", "why", group="arm", censored="alive", data=frame)

    assert found.n_events.tolist() == [[1, 1], [0, 0]]


def test_the_summary_names_the_variant_and_the_frame_has_every_curve():
    found = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1], group=list("AABB"), variance="greenwood")

    assert found.summary().startswith(
        "Cumulative incidence; Greenwood's (multinomial) variance, 95% limits on the log-log"
    )
    frame = found.to_frame().filter(pl.col("statistic") == "estimate")
    assert frame.height == 2 * 2 * 2
    assert found.to_frame().filter(pl.col("value").is_null())["warning"].str.len_chars().min() > 0
    assert "A, cause, 1, 1" in found.at(1).summary()
    assert "risk_ratio" in found.difference(2, cause=2).summary()
    assert "n_events" in found.curve(1, "A").summary()


def test_the_plot_has_a_line_a_curve():
    found = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1], group=list("AABB"))

    assert "A, cause 1" in found.plot().svg
    with pytest.raises(DataError, match="cause: found 9"):
        found.plot(9)


def test_a_result_cannot_be_changed():
    curve = cumulative_incidence([1, 2], [1, 0]).curves[0]

    with pytest.raises(ValueError, match="read-only"):
        curve.estimate[0] = 1


def test_a_curve_that_there_is_not_is_refused():
    found = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1], group=list("AABB"))

    for arguments, message in (
        ((1,), "group: found None"),
        ((7, "A"), "cause: found 7"),
        ((1, "Z"), "group: found 'Z'"),
    ):
        with pytest.raises(DataError, match=message):
            found.curve(*arguments)
    with pytest.raises(DataError, match="groups: found"):
        found.difference(1, cause=1, groups=("A",))
    with pytest.raises(DataError, match="times: found nan"):
        found.at([NAN])
