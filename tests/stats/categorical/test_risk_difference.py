from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import number_needed_to_treat, risk_difference, risk_difference_test
from equipoise.stats.categorical.restricted import difference_score, risks_at_difference
from equipoise.stats.categorical.risk_difference import INTERVALS, TESTS

CLOSED = [method for method in INTERVALS if not method.startswith("exact")]


@st.composite
def tables(draw):
    n1, n0 = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n0)), n0


@pytest.mark.parametrize("method", CLOSED)
@settings(max_examples=12)
@given(table=tables())
def test_swapped_groups_give_the_negative_interval(method, table):
    x1, n1, x0, n0 = table
    one, other = (risk_difference(*four, method=method) for four in ((x1, n1, x0, n0), (x0, n0, x1, n1)))

    assert other.risk_difference == -one.risk_difference
    assert [other.lower, other.upper] == approx([-one.upper, -one.lower], abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("method", CLOSED)
@settings(max_examples=12)
@given(table=tables())
def test_events_for_non_events_turns_the_interval(method, table):
    x1, n1, x0, n0 = table
    one = risk_difference(x1, n1, x0, n0, method=method)
    other = risk_difference(n1 - x1, n1, n0 - x0, n0, method=method)

    assert [other.lower, other.upper] == approx([-one.upper, -one.lower], abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("method", CLOSED)
@settings(max_examples=12)
@given(table=tables())
def test_the_interval_holds_the_estimate_and_grows_with_the_level(method, table):
    narrow, wide = (risk_difference(*table, method=method, confidence_level=level) for level in (0.8, 0.95))

    if method != "agresti-caffo" and not math.isnan(wide.lower):  # its center is not the estimate
        assert narrow.lower <= narrow.risk_difference <= narrow.upper
    if not math.isnan(wide.lower):
        assert wide.lower <= narrow.lower and narrow.upper <= wide.upper


@given(table=tables(), share=st.floats(-0.99, 0.99))
def test_restricted_risks_are_the_most_likely_pair(table, share):
    x1, n1, x0, n0 = table

    def log_likelihood(p0):
        p1 = min(max(p0 + share, 0.0), 1.0)
        terms = ((x1, p1), (n1 - x1, 1 - p1), (x0, p0), (n0 - x0, 1 - p0))
        return sum(k * math.log(max(p, 1e-300)) for k, p in terms if k)

    p1, p0 = (float(p) for p in risks_at_difference(x1, n1, x0, n0, share))
    low, high = max(0.0, -share), min(1.0, 1 - share)

    assert p1 - p0 == approx(share, abs=1e-12)
    best = max(log_likelihood(p) for p in np.linspace(low, high, 401))
    assert log_likelihood(p0) >= best - 1e-9 * max(1, abs(best))


@settings(max_examples=12)
@given(table=tables())
def test_score_limits_are_where_the_test_at_a_margin_has_half_alpha(table):
    found = risk_difference(*table, method="miettinen-nurminen")

    for limit, alternative in ((found.lower, "greater"), (found.upper, "less")):
        if abs(limit) < 1 - 1e-9:
            test = risk_difference_test(
                *table, margin=limit, alternative=alternative, method="miettinen-nurminen"
            )
            assert test.p_value_one_sided == approx(0.025, rel=1e-6)


def test_score_of_the_difference_is_pearson_at_zero():
    x1, n1, x0, n0 = 9, 20, 4, 25
    pooled = 13 / 45
    expected = (9 / 20 - 4 / 25) / math.sqrt(pooled * (1 - pooled) * (1 / 20 + 1 / 25))

    assert float(difference_score(x1, n1, x0, n0, 0.0)) == approx(expected, rel=1e-13)
    assert risk_difference_test(x1, n1, x0, n0).z == approx(expected, rel=1e-13)


def test_subjects_and_counts_agree_in_any_order_of_rows():
    response = np.array([True] * 7 + [False] * 5 + [True] * 3 + [False] * 8)
    group = np.array(["E"] * 12 + ["C"] * 11)
    order = np.random.default_rng(1).permutation(23)
    data = {"response": response[order], "arm": group[order]}
    expected = risk_difference(7, 12, 3, 11)

    for found in (
        risk_difference(response=response, group=group, groups=("C", "E")),
        risk_difference(response="response", group="arm", groups=("C", "E"), data=data),
        risk_difference(response=response.astype(float), group=group, groups=("C", "E")),
    ):
        assert (found.risk_difference, found.lower, found.upper) == (
            expected.risk_difference,
            expected.lower,
            expected.upper,
        )


def test_limits_that_are_not_cut():
    found = risk_difference(9, 10, 0, 9, method="wald_cc")
    assert found.upper > 1


def test_wald_limits_without_width_are_said():
    found = risk_difference(0, 10, 0, 20, method="wald")
    assert (found.lower, found.upper) == (0, 0)
    assert "no width" in found.warnings[0] and "no width" in found.summary()
    assert risk_difference(0, 10, 0, 20).upper > 0.15


def test_hauck_anderson_of_one_subject_is_said():
    found = risk_difference(1, 1, 2, 5, method="hauck-anderson")
    assert math.isnan(found.lower) and "n - 1" in found.warnings[0]
    assert "n - 1" in found.to_frame().filter(statistic="lower")["warning"][0]


def test_number_needed_inverts_and_says_where_the_difference_may_be_zero():
    clear = number_needed_to_treat(56, 70, 48, 80)
    difference = risk_difference(56, 70, 48, 80, method="newcombe")
    assert (clear.lower, clear.upper) == (1 / difference.upper, 1 / difference.lower) and not clear.warnings

    harm = number_needed_to_treat(48, 80, 56, 70)
    assert (harm.number_needed, harm.lower, harm.upper) == approx((-5, -clear.upper, -clear.lower))

    open_ended = number_needed_to_treat(10, 20, 9, 20)
    assert open_ended.lower < 0 < open_ended.number_needed and open_ended.upper > 0
    assert "infinity" in open_ended.warnings[0]
    assert number_needed_to_treat(5, 10, 5, 10).number_needed == math.inf


@pytest.mark.parametrize("method", TESTS)
def test_one_and_two_sided_p_values(method):
    more, less = (risk_difference_test(9, 20, 4, 25, margin=0.05, alternative=a, method=method) for a in ("greater", "less"))  # fmt: skip
    assert more.z == less.z > 0
    assert more.p_value_one_sided + less.p_value_one_sided == approx(1)
    assert more.p_value_two_sided == approx(2 * more.p_value_one_sided)


def test_a_test_without_variance_is_said():
    found = risk_difference_test(0, 10, 0, 20)
    assert (
        math.isnan(found.z) and math.isnan(found.p_value_two_sided) and "not estimable" in found.warnings[0]
    )
    assert risk_difference_test(0, 10, 0, 20, margin=-0.1).z > 0
    assert risk_difference_test(10, 10, 0, 20, method="wald").z == math.inf


def test_summary_frame_and_page_name_the_method():
    found = risk_difference(56, 70, 48, 80)
    assert "Miettinen-Nurminen (score, with N/(N - 1))" in found.summary()
    frame = found.to_frame()
    assert frame.filter(statistic="risk_difference")["value"].to_list() == [0.2]
    assert frame.filter(statistic="n_events")["value"].to_list() == [56, 48]
    assert "experimental vs control" in found._repr_html_()
    assert "Farrington-Manning" in risk_difference_test(56, 70, 48, 80).summary()
    assert "number needed" in number_needed_to_treat(56, 70, 48, 80).summary().lower()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "nothing"),
        ({"events_experimental": 1, "n_experimental": 2}, "four counts"),
        ({"events_experimental": 3, "n_experimental": 2, "events_control": 1, "n_control": 2}, "at most"),
        ({"events_experimental": 1.5, "n_experimental": 2, "events_control": 1, "n_control": 2}, "whole number"),
        ({"events_experimental": math.nan, "n_experimental": 2, "events_control": 1, "n_control": 2}, "whole number"),
        ({"events_experimental": 1, "n_experimental": 2, "events_control": 0, "n_control": 0}, "at least 1"),
        ({"events_experimental": 1, "n_experimental": 2, "events_control": -1, "n_control": 3}, "at least 0"),
        ({"response": [1, 0], "group": ["A", "B"]}, "groups"),
        ({"response": [1, math.nan], "group": ["A", "B"], "groups": ("A", "B")}, "response"),
        ({"response": [1, 0], "group": ["A", None], "groups": ("A", "B")}, "group"),
        ({"response": [1, 0], "group": ["A", "A"], "groups": ("A", "B")}, "'B'"),
        ({"response": [1, 0, 1], "group": ["A", "B"], "groups": ("A", "B")}, "group"),
        ({"response": [2, 0], "group": ["A", "B"], "groups": ("A", "B")}, "0 and 1"),
    ],
)  # fmt: skip
def test_what_is_refused(arguments, words):
    with pytest.raises(DataError, match=words):
        risk_difference(**arguments)


def test_unknown_methods_levels_and_margins_are_refused():
    with pytest.raises(DataError, match="newcombe"):
        risk_difference(1, 2, 1, 2, method="newcomb")
    with pytest.raises(DataError, match="confidence_level"):
        risk_difference(1, 2, 1, 2, confidence_level=95)
    with pytest.raises(DataError, match="margin"):
        risk_difference_test(1, 2, 1, 2, margin=10)
    with pytest.raises(DataError, match="alternative"):
        risk_difference_test(1, 2, 1, 2, alternative="two-sided")


@settings(max_examples=12)
@given(table=tables())
def test_mee_lies_within_miettinen_nurminen(table):
    assume(0 < table[0] + table[2] < table[1] + table[3])
    mee, both = (risk_difference(*table, method=m) for m in ("mee", "miettinen-nurminen"))
    assert both.lower <= mee.lower + 1e-12 and mee.upper <= both.upper + 1e-12
