from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import kaplan_meier, observed_follow_up, reverse_kaplan_meier, survival_curves
from equipoise.validation.evidence import table

TIME, EVENT, ARM = [1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1], list("ABABAB")


def test_each_group_has_the_curve_of_its_own_subjects():
    lung = table("lung.csv")
    curves = survival_curves("time", "status", "sex", interval="arcsin", data=lung)

    assert list(curves) == [1.0, 2.0] and len(curves) == 2
    for sex, curve in curves.items():
        chosen = lung["sex"] == sex
        alone = kaplan_meier(lung["time"][chosen], lung["status"][chosen], interval="arcsin")
        assert curve.survival.tolist() == alone.survival.tolist()
        assert curve.lower.tolist() == approx(alone.lower.tolist(), nan_ok=True, rel=0)
    assert curves[1] is curves[1.0]
    with pytest.raises(KeyError):
        curves["men"]


def test_the_order_of_groups_is_stated_or_sorted():
    assert survival_curves(TIME, EVENT, ARM).groups == ("A", "B")
    assert survival_curves(TIME, EVENT, ARM, groups=("B", "A")).groups == ("B", "A")
    assert survival_curves(TIME, EVENT, ARM, groups=("B", "A")).n_events.tolist() == [2, 2]


def test_one_group_is_a_curve_too():
    curves = survival_curves([1, 2], [1, 0], ["A", "A"])

    assert curves.groups == ("A",) and curves.n.tolist() == [2]


def test_entry_weights_and_clusters_go_with_their_subjects():
    entry, weights, cluster = (
        np.array([0, 1, 0, 2, 3, 1]),
        np.array([1, 2, 3, 1, 2, 1.5]),
        np.array([1, 1, 2, 2, 3, 3]),
    )
    curves = survival_curves(
        TIME, EVENT, ARM, entry=entry, weights=weights, weight_type="sampling", cluster=cluster
    )
    of_b = np.array(ARM) == "B"
    alone = kaplan_meier(
        np.array(TIME)[of_b], np.array(EVENT)[of_b], entry=entry[of_b], weights=weights[of_b], weight_type="sampling",
        cluster=cluster[of_b],
    )  # fmt: skip

    assert curves["B"].survival.tolist() == alone.survival.tolist()
    assert curves["B"].std_err.tolist() == approx(alone.std_err.tolist(), nan_ok=True)
    assert [words[:12] for words in curves.warnings] == ["A: everyone ", "B: nobody wa"]


def test_summary_frame_and_figure_name_the_groups():
    curves = survival_curves(TIME, EVENT, ARM)
    text = curves.summary().splitlines()
    frame = curves.to_frame()

    assert text[0] == "Kaplan–Meier survival; 95% limits log-log, Greenwood variance"
    assert text[1].split() == ["n", "n_events", "median", "median_lower", "median_upper"]
    assert text[2].split()[:3] == ["A", "3", "2"]
    assert "Note: A: median upper limit not estimable: the curve's upper limit never reaches 0.5" in text
    assert sorted(frame["group"].unique()) == ["A", "B"]
    chosen = frame.filter((frame["statistic"] == "survival") & (frame["group"] == "B"))
    assert chosen["value"].to_list() == approx(curves["B"].survival.tolist())
    svg = curves.plot().svg
    assert ">A<" in svg and ">B<" in svg and svg == curves.plot().svg
    assert curves.plot(limits=True).svg != svg


@pytest.mark.parametrize(
    ("group", "arguments", "message"),
    [
        (["A", "B", None, "A", "B", "A"], {}, "group: found None at position 2"),
        ([1.0, 2.0, float("nan"), 1.0, 2.0, 1.0], {}, "group: found .*nan.* at position 2"),
        (["A", "B"], {}, r"group: found shape \(2,\)"),
        (ARM, {"groups": ("A", "C")}, "group: found 'B'; expected one of"),
        (ARM, {"groups": ("A", "B", "C")}, "groups: found 'C' without subjects"),
        (ARM, {"groups": ("A", "A")}, "groups: found"),
        (ARM, {"entry": [0, 0]}, r"entry: found shape \(2,\)"),
        ("arm", {}, "group: found 'arm'; expected an array, or a name together with data="),
    ],
)
def test_unusable_groups_are_named(group, arguments, message):
    with pytest.raises(DataError, match=message):
        survival_curves(TIME, EVENT, group, **arguments)


def test_a_missing_value_is_refused_in_every_place():
    with pytest.raises(DataError, match="time: found nan at position 0"):
        survival_curves([math.nan, 1], [1, 0], ["A", "B"])
    with pytest.raises(DataError, match="event: found nan at position 1"):
        survival_curves([2, 1], [1, math.nan], ["A", "B"])


def test_what_is_not_reached_is_said_in_words():
    median = kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).median()

    assert math.isnan(median.estimate)
    assert median.warnings[0] == "not estimable: the curve never reaches 0.5"
    assert median.to_frame()["warning"].to_list() == ["not reached", "", "not reached"]
    assert kaplan_meier(range(1, 41), [1] * 40).median().warnings == ()
    assert (
        median.summary().splitlines()[0]
        == "Median time to the event, 95% limits from the log-log limits of the curve"
    )


def test_results_show_themselves():
    curve = kaplan_meier(TIME, EVENT)

    assert "beyond the last follow-up, 3" in kaplan_meier([1, 2, 3], [1, 1, 0]).at([1, 9]).summary()
    assert curve.risk_table([0, 3]).to_frame()["value"].to_list() == [6, 4, 0, 2, 0, 1]
    assert "<table>" in curve._repr_html_()
    assert curve.plot().svg.count("<svg") == 1
    assert curve.to_frame()["statistic"].to_list()[:5] == [
        "n",
        "n_events",
        "median",
        "median_lower",
        "median_upper",
    ]


def test_follow_up_takes_columns_and_intervals():
    lung = table("lung.csv")
    curve = reverse_kaplan_meier("time", "status", interval="logit", data=lung)

    assert curve.summary().startswith("Reverse Kaplan–Meier follow-up; 95% limits logit, Greenwood variance")
    assert "Still followed" in curve.plot().svg
    assert curve.interval == "logit" and int(curve.n_events.sum()) == 63
    assert (
        observed_follow_up("time", data=lung).summary().splitlines()[0]
        == "Observed follow-up, quantiles of type 7"
    )
    assert observed_follow_up("time", data=lung).to_frame()["value"].to_list()[:2] == [228, 255.5]


@pytest.mark.parametrize("interval", ["plain", "log", "log-log", "logit", "arcsin"])
@pytest.mark.parametrize("level", [1e-6, 0.5, 1 - 1e-12])
def test_extreme_data_and_levels_give_limits_between_0_and_1(interval, level):
    time = np.concatenate((np.arange(1, 40), [1e12, 1e15]))
    for event in (np.r_[1, np.zeros(40)], np.r_[np.ones(40), 0], np.ones(41)):
        curve = kaplan_meier(time, event, interval=interval, confidence_level=level)
        known = ~np.isnan(curve.lower)
        assert known.any()
        assert (curve.lower[known] >= 0).all() and (curve.upper[known] <= 1).all()
        assert (curve.lower[known] <= curve.upper[known] + 1e-15).all()
