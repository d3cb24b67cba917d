"""The exact test, the one-sample test and the hazard ratio that the log-rank test gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import exact_log_rank, log_rank, one_sample_log_rank, peto_hazard_ratio

subjects = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=12
)


def columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


@given(subjects)
@settings(max_examples=40, deadline=None)
def test_the_exact_score_is_that_of_the_log_rank_test(rows):
    time, event, group, strata = columns(rows)
    exact = exact_log_rank(time, event, group, groups=(0, 1), strata=strata)
    test = log_rank(time, event, group, groups=(0, 1), strata=strata)

    assert exact.score == approx(test.expected[1] - test.observed[1], abs=1e-12)
    assert 1 / exact.n_arrangements <= exact.p_value_one_sided <= 1
    assert exact.p_value_two_sided >= min(exact.p_value_one_sided, 1 - exact.p_value_one_sided)


@given(subjects)
@settings(max_examples=40, deadline=None)
def test_exchanging_the_groups_keeps_the_exact_two_sided_p_value(rows):
    time, event, group, strata = columns(rows)
    one, other = (exact_log_rank(time, event, group, groups=g, strata=strata) for g in ((0, 1), (1, 0)))

    assert other.score == -one.score and other.p_value_two_sided == one.p_value_two_sided


def test_the_best_of_all_arrangements():
    exact = exact_log_rank([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, list("AAAABBBB"), groups=("A", "B"))

    assert (exact.n_arrangements, exact.p_value_one_sided) == (70, 1 / 70)


def test_the_exact_test_of_forty_subjects_is_near_the_normal_one_and_no_longer():
    generator = np.random.default_rng(1)
    time, event, group = generator.permutation(40), generator.random(40) < 0.8, np.arange(40) % 2
    exact = exact_log_rank(time, event, group, groups=(0, 1))
    test = log_rank(time, event, group, groups=(0, 1))

    assert exact.n_arrangements == math.comb(40, 20)
    assert exact.p_value_one_sided == approx(test.p_value_one_sided, abs=0.02)


def test_strata_on_both_sides_of_the_split():
    # Six strata of four: more arrangements than any one list holds, and by symmetry half are above 0.
    time = [1, 2, 3, 4] * 6
    group = list("ABBA") * 3 + list("BAAB") * 3
    exact = exact_log_rank(time, [1] * 24, group, groups=("A", "B"), strata=np.repeat(np.arange(6), 4))

    assert exact.n_arrangements == 6**6 and exact.score == approx(0, abs=1e-15)
    assert exact.p_value_two_sided == 1 and exact.p_value_one_sided > 0.5


def test_exact_refusals():
    with pytest.raises(
        DataError, match=r"time: found 60 subjects, who could form the groups in 1.18e\+17 ways"
    ):
        exact_log_rank(range(60), [1] * 60, [0, 1] * 30, groups=(0, 1))
    with pytest.raises(DataError, match="groups: found"):
        exact_log_rank([1, 2, 3], [1] * 3, [0, 1, 2], groups=(0, 1, 2))
    nothing = exact_log_rank([1, 2], [0, 0], [0, 1], groups=(0, 1))
    assert (nothing.p_value_one_sided, nothing.p_value_two_sided) == (1, 1) and nothing.warnings
    assert "no events" in nothing.summary()


# One sample.


def test_fewer_events_than_expected_are_in_favor():
    test = one_sample_log_rank([1, 0, 0, 0], cumulative_hazard=[1.0, 1.0, 1.0, 1.0])

    assert (
        (test.z, test.ratio) == (1.5, 0.25)
        and test.p_value_one_sided < 0.07
        and test.lower < 0.25 < test.upper
    )
    more = one_sample_log_rank([1, 1, 1, 1], cumulative_hazard=[0.25] * 4)
    assert more.z == -3 and more.p_value_one_sided > 0.99


def test_splitting_follow_up_changes_nothing():
    whole = one_sample_log_rank([1, 0, 1], cumulative_hazard=[0.5, 1.25, 0.25])
    split = one_sample_log_rank([0, 1, 0, 0, 1], cumulative_hazard=[0.25, 0.25, 1.0, 0.25, 0.25])

    assert split.z == approx(whole.z) and split.upper == approx(whole.upper)


@pytest.mark.parametrize(
    ("event", "hazard", "options", "message"),
    [
        ([1], [-0.1], {}, "cumulative_hazard: found -0.1 at position 0"),
        ([1, 0], [0.1, np.inf], {}, "cumulative_hazard: found inf at position 1"),
        ([1, 0], [0.1, np.nan], {}, "cumulative_hazard: found nan"),
        ([1, 0], [0.1], {}, r"event: found shape \(2,\)"),
        ([], [], {}, r"cumulative_hazard: found shape \(0,\)"),
        ([1, np.nan], [0.1, 0.1], {}, "event: found nan"),
        ([1], ["a"], {}, "cumulative_hazard: found shape"),
        ([1], [0.1], {"variance": "wu"}, "variance: found 'wu'"),
        ([1], [0.1], {"confidence_level": 95}, "confidence_level: found 95"),
    ],
)
def test_one_sample_refusals(event, hazard, options, message):
    with pytest.raises(DataError, match=message):
        one_sample_log_rank(event, cumulative_hazard=hazard, **options)


def test_nothing_expected_is_not_estimable():
    test = one_sample_log_rank([0, 0], cumulative_hazard=[0, 0])

    assert np.isnan([test.z, test.ratio, test.upper, test.p_value_two_sided]).all() and test.warnings
    assert test.to_frame().filter(test.to_frame()["statistic"] == "z")["warning"].to_list() == list(
        test.warnings
    )


# Hazard ratio.


@given(subjects)
@settings(max_examples=40, deadline=None)
def test_the_peto_hazard_ratio_inverts_with_the_groups(rows):
    time, event, group, strata = columns(rows)
    one, other = (peto_hazard_ratio(time, event, group, groups=g, strata=strata) for g in ((0, 1), (1, 0)))

    assert other.log_hazard_ratio == approx(-one.log_hazard_ratio, nan_ok=True, abs=1e-10)
    if not np.isnan(one.hazard_ratio):
        assert one.lower <= one.hazard_ratio <= one.upper
        assert one.z == approx(-one.log_hazard_ratio / one.std_err, rel=1e-9, abs=1e-10)


def test_a_wider_level_gives_wider_limits_and_no_information_none():
    time, event, group = [1, 3, 2, 4], [1] * 4, list("AABB")
    narrow, wide = (
        peto_hazard_ratio(time, event, group, groups=("A", "B"), confidence_level=c) for c in (0.8, 0.99)
    )

    assert wide.lower < narrow.lower < narrow.upper < wide.upper
    nothing = peto_hazard_ratio([1, 2], [0, 0], ["A", "B"], groups=("A", "B"))
    assert (
        np.isnan([nothing.hazard_ratio, nothing.lower, nothing.upper, nothing.std_err]).all()
        and nothing.warnings
    )
    assert narrow.summary().startswith("Peto hazard ratio, 80% limits")
    with pytest.raises(DataError, match="groups: found"):
        peto_hazard_ratio([1, 2, 3], [1] * 3, list("ABC"), groups=tuple("ABC"))
