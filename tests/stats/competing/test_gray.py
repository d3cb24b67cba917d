from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import gray_test

rng = np.random.default_rng(20260702)
N = 60
TIME = rng.integers(0, 25, N)
CAUSE = rng.choice([0, 1, 1, 2], N)
GROUP = rng.choice(["A", "B", "C"], N)
SITE = rng.integers(1, 4, N)
TWO = np.where(GROUP == "C", "A", GROUP)

subjects = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 1)), min_size=4, max_size=25
)


def test_swapping_the_arms_turns_z():
    one = gray_test(TIME, CAUSE, TWO, groups=("A", "B"))
    other = gray_test(TIME, CAUSE, TWO, groups=("B", "A"))

    assert one.z == approx(-other.z)
    assert one.chi_square == approx(one.z**2)
    assert one.p_value_one_sided + other.p_value_one_sided == approx(1)


def test_a_positive_z_favors_the_second_group():
    assert gray_test([1, 2, 3, 4, 5, 6], [1, 1, 1, 2, 2, 1], list("AAABBB")).z > 0


def test_neither_the_order_of_groups_nor_that_of_subjects_matters():
    order = rng.permutation(N)

    one = gray_test(TIME, CAUSE, GROUP, strata=SITE, rho=1)
    other = gray_test(
        TIME[order], CAUSE[order], GROUP[order], groups=("C", "A", "B"), strata=SITE[order], rho=1
    )

    assert one.chi_square == approx(other.chi_square)
    assert one.score == approx(other.score[[1, 2, 0]])
    assert one.df == other.df == 2


def test_scores_and_variances_sum_to_zero():
    test = gray_test(TIME, CAUSE, GROUP)

    assert test.score.sum() == approx(0, abs=1e-12)
    assert test.variance.sum(axis=0) == approx(np.zeros(3), abs=1e-12)


def test_a_constant_stratum_and_one_without_events_add_nothing():
    plain = gray_test(TIME, CAUSE, TWO)
    constant = gray_test(TIME, CAUSE, TWO, strata=np.ones(N))
    silent = gray_test(
        np.append(TIME, [3, 4]),
        np.append(CAUSE, [0, 2]),
        np.append(TWO, ["A", "B"]),
        strata=np.append(np.ones(N), [2, 2]),
    )

    assert constant.chi_square == plain.chi_square
    assert silent.chi_square == approx(plain.chi_square)
    assert silent.n_strata == 2


def test_strata_add_scores_and_variances():
    whole = gray_test(TIME, CAUSE, TWO, strata=SITE)
    parts = [gray_test(TIME[s == SITE], CAUSE[s == SITE], TWO[s == SITE]) for s in (1, 2, 3)]

    assert whole.score == approx(sum(part.score for part in parts))
    assert whole.variance == approx(sum(part.variance for part in parts))


def test_the_unit_of_time_and_the_label_of_the_other_cause_do_not_matter():
    plain = gray_test(TIME, CAUSE, TWO)

    assert gray_test(TIME * 0.1, CAUSE, TWO).chi_square == approx(plain.chi_square)
    assert gray_test(TIME, np.where(CAUSE == 2, 7, CAUSE), TWO).chi_square == plain.chi_square


def test_factors_are_crossed():
    factors = np.column_stack([SITE, TIME % 2])

    assert gray_test(TIME, CAUSE, TWO, strata=factors).chi_square == approx(
        gray_test(TIME, CAUSE, TWO, strata=SITE * 10 + TIME % 2).chi_square
    )


@given(subjects)
def test_any_small_data_give_a_test_or_say_why_not(rows):
    time, cause, group = (list(column) for column in zip(*rows, strict=True))
    if 1 not in cause or len(set(group)) < 2:
        return

    test = gray_test(time, cause, group)

    if test.df == 0:
        assert math.isnan(test.chi_square) and test.warnings
    else:
        assert test.chi_square >= 0 and 0 <= test.p_value_two_sided <= 1
        assert test.chi_square == approx(test.z**2)


def test_a_group_that_had_left_before_the_first_event_is_left_out_and_named():
    test = gray_test([1, 1, 3, 4, 5, 6, 7], [0, 0, 1, 1, 2, 1, 0], list("CCABABA"))

    assert test.df == 1
    assert test.warnings == ("group 'C' was at risk at no event of the cause: it is left out of the test",)


def test_a_listed_group_without_subjects_is_left_out_and_named():
    test = gray_test(TIME, CAUSE, TWO, groups=("A", "B", "D"))

    assert test.chi_square == approx(gray_test(TIME, CAUSE, TWO).chi_square)
    assert test.warnings == ("group 'D' has no subjects: it is left out of the test",)


def test_one_group_alone_at_risk_gives_no_test():
    test = gray_test([1, 2, 3, 4], [0, 0, 1, 1], list("AABB"))

    assert test.df == 0 and math.isnan(test.p_value_two_sided)
    assert "not estimable" in test.warnings[0]
    assert "not estimable" in test.summary()


def test_the_result_says_what_it_tested():
    test = gray_test(TIME, CAUSE, TWO, strata=SITE, rho=1, cause_of_interest=2)

    assert test.summary().startswith("Gray's test of cause 2, rho 1, 3 strata")
    assert {"chi_square", "df", "p_value_two_sided", "z", "score"} <= set(test.to_frame()["statistic"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cause_of_interest": 3}, "cause_of_interest: found 3"),
        ({"groups": ("A",)}, "groups: found"),
        ({"groups": ("A", "X")}, "group: found 'B'"),
        ({"rho": math.nan}, "rho: found nan"),
        ({"strata": [None] * N}, "strata: found None"),
        ({"strata": [1, 2]}, "strata: found shape"),
        ({"causes": [1]}, "cause: found 2"),
        ({"censored": "alive"}, "censored: found 'alive'"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(change, message):
    with pytest.raises(DataError, match=message):
        gray_test(TIME, CAUSE, TWO, **change)


def test_one_group_is_refused():
    with pytest.raises(DataError, match="at least two groups"):
        gray_test([1, 2], [1, 1], ["A", "A"])
