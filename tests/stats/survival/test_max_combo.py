from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import log_rank, max_combo, weighted_log_rank
from equipoise.stats.numerics.distributions import normal_sf

subjects = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=12
)
USUAL = [(0, 0), (0, 1), (1, 0), (1, 1)]


def run(rows, *, groups=(0, 1), exponents=USUAL):
    time, event, group, strata = (list(column) for column in zip(*rows, strict=True))
    return max_combo(time, event, group, groups=groups, exponents=exponents, strata=strata)


@given(subjects)
@settings(max_examples=25, deadline=None)
def test_each_z_is_that_of_its_own_test(rows):
    time, event, group, strata = (list(column) for column in zip(*rows, strict=True))
    combined = run(rows)

    for (rho, gamma), z in zip(USUAL, combined.z, strict=True):
        alone = weighted_log_rank(time, event, group, groups=(0, 1), strata=strata, weight="fleming-harrington",
                                  rho=rho, gamma=gamma)  # fmt: skip
        assert z == approx(alone.z, nan_ok=True, rel=1e-9, abs=1e-10)


@given(subjects)
@settings(max_examples=25, deadline=None)
def test_exchanging_the_groups_flips_every_z_and_keeps_the_two_sided_test(rows):
    one, other = run(rows), run(rows, groups=(1, 0))

    assert other.z == approx(-one.z, nan_ok=True, abs=1e-11)
    assert other.p_value_two_sided == approx(one.p_value_two_sided, nan_ok=True, abs=1e-9)


@given(subjects)
@settings(max_examples=25, deadline=None)
def test_the_maximum_costs_no_more_than_four_tests_and_no_less_than_one(rows):
    test = run(rows)
    if not np.isnan(test.z_max):
        one = normal_sf(test.z_max)
        known = int(np.sum(~np.isnan(test.z)))
        assert one - 1e-9 <= test.p_value_one_sided <= min(known * one, 1) + 1e-9
        assert test.p_value_one_sided <= test.p_value_two_sided + 1e-9 or test.z_max < test.z_max_absolute


TIME = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11]
EVENT = [1] * 9 + [0] * 4 + [1] * 15
GROUP = ["B"] * 13 + ["A"] * 15


def test_one_test_alone_is_that_test():
    alone = max_combo(TIME, EVENT, GROUP, groups=("A", "B"), exponents=[(0, 0)])
    plain = log_rank(TIME, EVENT, GROUP, groups=("A", "B"))

    assert (alone.z_max, alone.p_value_one_sided) == (
        approx(plain.z),
        approx(plain.p_value_one_sided, rel=1e-12),
    )
    assert alone.p_value_two_sided == approx(plain.p_value_two_sided, rel=1e-12)


def test_a_test_given_twice_counts_once():
    once = max_combo(TIME, EVENT, GROUP, groups=("A", "B"), exponents=[(0, 0), (0, 1)])
    twice = max_combo(
        TIME, EVENT, GROUP, groups=("A", "B"), exponents=[(0, 0), (0, 1), (0, 0), (0, 1), (0, 1)]
    )

    assert twice.p_value_one_sided == approx(once.p_value_one_sided, rel=1e-12)
    assert twice.p_value_two_sided == approx(once.p_value_two_sided, rel=1e-12)


def test_the_order_of_the_tests_is_of_no_consequence():
    one = max_combo(TIME, EVENT, GROUP, groups=("A", "B"))
    other = max_combo(TIME, EVENT, GROUP, groups=("A", "B"), exponents=USUAL[::-1])

    assert other.p_value_one_sided == approx(one.p_value_one_sided, rel=1e-11)
    assert (one.chosen, other.chosen) == (int(np.argmax(one.z)), 3 - one.chosen)


def test_the_log_rank_score_is_the_sum_of_two_others_so_the_matrix_is_singular():
    test = max_combo(TIME, EVENT, GROUP, groups=("A", "B"))

    assert abs(np.linalg.det(test.correlation)) < 1e-15
    assert test.p_value_one_sided < test.p_value_two_sided < 2 * test.p_value_one_sided * (1 + 1e-9)


def test_a_small_p_value_keeps_its_digits():
    n = 60
    test = max_combo(range(2 * n), [1] * (2 * n), ["A"] * n + ["B"] * n, groups=("A", "B"))
    one = normal_sf(test.z_max)

    assert test.z_max > 8 and one < test.p_value_one_sided < 4 * one


def test_a_test_without_information_is_left_out_in_words():
    # The only comparison is at the first event, which (0, 1) does not weigh.
    test = max_combo([1, 2, 3], [1, 0, 0], list("AAB"), groups=("A", "B"), exponents=[(0, 0), (0, 1)])

    assert np.isnan(test.z[1]) and test.z_max == test.z[0]
    assert test.p_value_one_sided == approx(normal_sf(test.z[0]))
    assert test.warnings == ("rho 0, gamma 1: no information, left out of the maximum",)


def test_no_event_is_not_estimable():
    test = max_combo([1, 2], [0, 0], ["A", "B"], groups=("A", "B"))

    assert test.chosen == -1 and np.isnan([test.z_max, test.p_value_one_sided, test.p_value_two_sided]).all()
    assert test.warnings == ("no events: the test is not estimable",)
    assert "not estimable" in test.summary()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"exponents": [(0, 0)] * 6}, "exponents: .*expected 1 to 5 pairs"),
        ({"exponents": []}, "exponents: "),
        ({"exponents": [0, 1]}, "exponents: "),
        ({"exponents": [(0, -1)]}, "gamma: found -1"),
        ({"exponents": [(float("nan"), 0)]}, "rho: found nan"),
        ({"groups": ("A", "B", "C")}, "groups: found .*expected two groups"),
        ({"strata": [1, None]}, "strata: found None"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(DataError, match=message):
        max_combo([1, 2], [1, 1], ["A", "B"], **({"groups": ("A", "B")} | options))


def test_summary_and_frame():
    test = max_combo(
        "t",
        "e",
        "g",
        groups=("A", "B"),
        strata=["s"],
        data={"t": TIME, "e": EVENT, "g": GROUP, "s": [1] * 28},
    )

    assert test.summary().startswith("MaxCombo test, stratified")
    frame = test.to_frame()
    assert frame.filter(frame["statistic"] == "z")["value"].to_list() == test.z.tolist()
    assert frame.filter(frame["statistic"] == "p_value_one_sided")["value"].to_list() == [
        test.p_value_one_sided
    ]
