from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import (
    risk_difference,
    risk_difference_test,
    risk_ratio,
    stratified_risk_difference,
    stratified_risk_ratio,
)
from equipoise.stats.categorical.stratified_difference import INTERVALS
from equipoise.stats.categorical.stratified_ratio import INTERVALS as RATIOS

X1, N1, X0, N0 = (
    np.array([12, 15, 9, 2]),
    np.array([30, 35, 23, 8]),
    np.array([8, 10, 6, 3]),
    np.array([30, 35, 27, 5]),
)
FIELDS = ("lower", "upper", "z", "p_value_one_sided", "p_value_two_sided", "homogeneity_chi_square")


def subjects():
    rows = [
        (event, arm, stratum)
        for k in range(4)
        for arm, x, n in (("E", X1[k], N1[k]), ("C", X0[k], N0[k]))
        for event, count, stratum in ((1, x, f"s{k}"), (0, n - x, f"s{k}"))
        for _ in range(count)
    ]
    response, group, strata = (np.array(one) for one in zip(*rows, strict=True))
    return {"cr": response, "arm": group, "stratum": strata}


CALLS = [(stratified_risk_difference, "risk_difference", m) for m in INTERVALS]
CALLS += [(stratified_risk_ratio, "risk_ratio", m) for m in RATIOS]


@pytest.mark.parametrize(("function", "name", "method"), CALLS)
def test_subjects_in_any_order_and_counts_agree(function, name, method):
    data = subjects()
    order = np.random.default_rng(3).permutation(len(data["cr"]))
    shuffled = {key: column[order] for key, column in data.items()}
    expected = function(X1, N1, X0, N0, method=method)
    found = function(
        response="cr", group="arm", strata="stratum", groups=("C", "E"), data=shuffled, method=method
    )

    assert found.strata.labels == ("s0", "s1", "s2", "s3")
    for field in (name, *FIELDS):
        assert getattr(found, field) == approx(getattr(expected, field), rel=1e-12, nan_ok=True), field


@pytest.mark.parametrize(("function", "name", "method"), CALLS)
def test_strata_in_another_order_and_empty_strata_change_nothing(function, name, method):
    expected = function(X1, N1, X0, N0, method=method)
    order = [2, 0, 3, 1]
    turned = function(X1[order], N1[order], X0[order], N0[order], method=method)
    more = function([*X1, 0, 3], [*N1, 0, 5], [*X0, 0, 0], [*N0, 0, 0], method=method)

    assert "left out" in more.warnings[0] and "5, 6" in more.warnings[0] and more.strata.left_out == (5, 6)
    for field in (name, *FIELDS):
        for found in (turned, more):
            assert getattr(found, field) == approx(getattr(expected, field), rel=1e-9, nan_ok=True), field


@pytest.mark.parametrize("method", INTERVALS)
def test_swapped_groups_give_the_negative(method):
    one = stratified_risk_difference(X1, N1, X0, N0, method=method)
    other = stratified_risk_difference(X0, N0, X1, N1, method=method)
    assert [other.risk_difference, other.lower, other.upper, other.z] == approx(
        [-one.risk_difference, -one.upper, -one.lower, -one.z], rel=1e-9, nan_ok=True
    )


@pytest.mark.parametrize("method", RATIOS)
def test_swapped_groups_give_the_inverse(method):
    one, other = stratified_risk_ratio(X1, N1, X0, N0, method=method), stratified_risk_ratio(X0, N0, X1, N1, method=method)  # fmt: skip
    assert [other.risk_ratio, other.lower, other.upper, other.z] == approx(
        [1 / one.risk_ratio, 1 / one.upper, 1 / one.lower, -one.z], rel=1e-12
    )


@pytest.mark.parametrize(
    ("method", "alone"),
    [
        ("greenland-robins", "wald"), ("inverse-variance", "wald"), ("miettinen-nurminen", "miettinen-nurminen"),
        ("miettinen-nurminen-iterated", "miettinen-nurminen"),
    ],
)  # fmt: skip
def test_one_stratum_is_the_unstratified_interval(method, alone):
    found = stratified_risk_difference([12], [30], [8], [29], method=method)
    expected = risk_difference(12, 30, 8, 29, method=alone)
    assert [found.risk_difference, found.lower, found.upper] == approx(
        [expected.risk_difference, expected.lower, expected.upper], rel=1e-10
    )
    assert found.homogeneity_df == 0 and math.isnan(found.homogeneity_p_value)
    assert "one stratum" in found.warnings[-1]


def test_one_stratum_has_the_unstratified_score_test_and_ratio():
    found = stratified_risk_difference([12], [30], [8], [29])
    assert found.z == approx(risk_difference_test(12, 30, 8, 29, method="miettinen-nurminen").z, rel=1e-12)
    ratio, expected = stratified_risk_ratio([12], [30], [8], [29]), risk_ratio(12, 30, 8, 29, method="log")
    assert [ratio.risk_ratio, ratio.lower, ratio.upper] == approx(
        [expected.risk_ratio, expected.lower, expected.upper]
    )


def test_weights_sum_to_one_and_a_large_stratum_has_more():
    for method in INTERVALS:
        found = stratified_risk_difference(X1, N1, X0, N0, method=method)
        assert found.weights.sum() == approx(1) and found.weights[1] > found.weights[3]


def test_equal_strata_are_homogeneous_and_unequal_ones_are_not():
    same = stratified_risk_difference([10, 20], [20, 40], [5, 10], [20, 40])
    apart = stratified_risk_difference([18, 5], [20, 20], [2, 15], [20, 20])
    assert same.homogeneity_chi_square == approx(0, abs=1e-20)
    assert apart.homogeneity_p_value < 1e-6


def test_crossed_factors():
    data = subjects() | {"site": np.array(["x", "y"] * 76 + ["x"] * (len(subjects()["cr"]) - 152))}
    found = stratified_risk_difference(response="cr", group="arm", strata=["stratum", "site"], groups=("C", "E"), data=data)  # fmt: skip
    joined = data | {
        "both": np.array([f"{a} {b}" for a, b in zip(data["stratum"], data["site"], strict=True)])
    }
    expected = stratified_risk_difference(
        response="cr", group="arm", strata="both", groups=("C", "E"), data=joined
    )
    assert found.strata.labels == expected.strata.labels and found.lower == expected.lower


def test_what_has_no_variance_is_said():
    found = stratified_risk_difference([0, 0], [5, 6], [0, 0], [7, 8], method="greenland-robins")
    assert found.lower == found.upper == 0 and math.isnan(found.z) and "no width" in found.warnings[0]
    score = stratified_risk_difference([0, 0], [5, 6], [0, 0], [7, 8])
    assert score.lower < 0 < score.upper and score.z == 0
    weighed = stratified_risk_difference([0, 3], [5, 6], [0, 4], [7, 8], method="inverse-variance")
    assert math.isnan(weighed.risk_difference) and "without variance" in weighed.warnings[0]
    assert all(row.warning for row in weighed.rows() if math.isnan(row.value))
    every = stratified_risk_difference([5, 6], [5, 6], [0, 0], [7, 8])
    assert every.risk_difference == every.upper == 1 and 0 < every.lower < 1


def test_ratio_without_events_in_a_group_is_said():
    none = stratified_risk_ratio([0, 0], [5, 6], [2, 3], [7, 8])
    assert none.risk_ratio == 0 and math.isnan(none.upper) and "a group has no event" in none.warnings[0]
    every = stratified_risk_ratio([2, 3], [5, 6], [0, 0], [7, 8])
    assert every.risk_ratio == math.inf and "infinity" in every.summary()
    assert math.isnan(
        stratified_risk_ratio([2, 0], [5, 6], [1, 2], [7, 8], method="inverse-variance").risk_ratio
    )


def test_summary_and_frame():
    found = stratified_risk_difference(X1, N1, X0, N0, method="sato")
    assert "Sato" in found.summary() and "homogeneity_chi_square" in found.summary()
    frame = found.to_frame()
    assert frame.filter(statistic="weight").height == 4
    assert frame.filter(statistic="risk_difference", level="")["value"][0] == found.risk_difference
    assert "Greenland-Robins" in stratified_risk_ratio(X1, N1, X0, N0).summary()
    newcombe = stratified_risk_difference(X1, N1, X0, N0, method="newcombe").to_frame()
    assert newcombe.filter(statistic="z")["warning"][0] == "this method has none"


@pytest.mark.parametrize("function", [stratified_risk_difference, stratified_risk_ratio])
def test_what_is_refused(function):
    for arguments, words in (
        ({}, "nothing"),
        ({"events_experimental": [1], "n_experimental": [2], "events_control": [1], "n_control": [2, 3]}, "n_control"),
        ({"events_experimental": [3], "n_experimental": [2], "events_control": [1], "n_control": [2]}, "at most"),
        ({"events_experimental": [math.nan], "n_experimental": [2], "events_control": [1], "n_control": [2]}, "whole"),
        ({"events_experimental": [0], "n_experimental": [0], "events_control": [1], "n_control": [2]}, "no stratum"),
        ({"response": [1, 0], "group": ["A", "B"], "groups": ("A", "B"), "strata": ["x", "y"]}, "no stratum"),
        ({"response": [1, 0], "group": ["A", "B"], "groups": ("A", "B"), "strata": ["x", None]}, "strata"),
        ({"response": [1, None], "group": ["A", "B"], "groups": ("A", "B"), "strata": ["x", "x"]}, "response"),
        ({"response": [1, 0], "group": ["A", "B"], "strata": ["x", "x"]}, "groups"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=words):
            function(**arguments)
    with pytest.raises(DataError, match="method"):
        function(X1, N1, X0, N0, method="mh")
