from __future__ import annotations

import itertools
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import risk_difference, unconditional_exact_test
from equipoise.stats.categorical.exact_unconditional import _Tail
from equipoise.stats.categorical.restricted import difference_score


@pytest.mark.parametrize("method", ["exact-score", "exact-difference"])
@pytest.mark.parametrize("table", [(3, 4, 1, 6), (7, 12, 8, 15)])
def test_swapped_groups_give_the_negative_interval_and_levels_are_nested(method, table):
    x1, n1, x0, n0 = table
    one, other = (risk_difference(*four, method=method) for four in ((x1, n1, x0, n0), (x0, n0, x1, n1)))
    assert [other.lower, other.upper] == approx([-one.upper, -one.lower], abs=1e-11)
    narrow = risk_difference(*table, method=method, confidence_level=0.8)
    assert one.lower <= narrow.lower <= narrow.risk_difference <= narrow.upper <= one.upper


def test_the_exact_interval_covers_at_least_its_level():
    # Of every truth on a grid, the tables whose interval holds it have at least 90%.
    n1, n0 = 3, 2
    limits = {
        (i, j): risk_difference(i, n1, j, n0, method="exact-score", confidence_level=0.9)
        for i, j in itertools.product(range(n1 + 1), range(n0 + 1))
    }
    for p1, p0 in itertools.product(np.linspace(0.01, 0.99, 25), repeat=2):
        covered = sum(
            comb(n1, i) * p1**i * (1 - p1) ** (n1 - i) * comb(n0, j) * p0**j * (1 - p0) ** (n0 - j)
            for (i, j), found in limits.items()
            if found.lower - 1e-9 <= p1 - p0 <= found.upper + 1e-9
        )
        assert covered >= 0.9 - 1e-9, (p1, p0)


@given(n1=st.integers(1, 7), n0=st.integers(1, 7), difference=st.floats(-0.95, 0.95))
def test_the_frontier_finds_every_table_at_least_as_extreme(n1, n0, difference):
    # The search by bisection needs a statistic that rises with experimental events: all tables are laid out here.
    x1, x0 = n1 // 2, n0 // 2
    i, j = np.arange(n1 + 1)[:, None], np.arange(n0 + 1)[None, :]
    score = difference_score(i, n1, j, n0, difference)
    expected = score >= score[x1, x0] - 1e-9 * max(1, abs(score[x1, x0]))
    frontier = _Tail(x1, n1, x0, n0, True).frontier(np.array([difference]))
    assert np.array_equal(i >= frontier, expected)


def test_two_subjects_by_hand():
    # 1/1 against 0/1: the only table as extreme has probability p (1 - p), at most 1/4; two-sided also its mirror.
    found = unconditional_exact_test(1, 1, 0, 1)
    assert (found.p_value_one_sided, found.p_value_two_sided, found.nuisance) == approx(
        (0.25, 0.5, 0.5), abs=1e-7
    )


@pytest.mark.parametrize("statistic", ["score", "wald", "fisher"])
def test_swapped_groups_turn_the_test(statistic):
    one = unconditional_exact_test(7, 9, 3, 11, statistic=statistic)
    other = unconditional_exact_test(3, 11, 7, 9, statistic=statistic, alternative="less")
    assert other.p_value_one_sided == approx(one.p_value_one_sided, rel=1e-12)
    assert other.p_value_two_sided == approx(one.p_value_two_sided, rel=1e-12)


def test_boschloo_is_no_larger_than_fisher():
    found = unconditional_exact_test(9, 12, 3, 12, statistic="fisher")
    assert found.p_value_one_sided < found.statistic


def test_mirrored_tables_count_as_equally_far():
    # |z| of 5/12 vs 7/15 is exactly that of 7/12 vs 8/15; rounded comparison loses one of them.
    assert unconditional_exact_test(7, 12, 8, 15).p_value_two_sided == approx(0.8312204240594642, rel=1e-10)


def test_the_limit_is_where_chans_test_rejects():
    found = risk_difference(5, 54, 10, 57, method="exact-score")
    inside = unconditional_exact_test(5, 54, 10, 57, margin=found.lower + 1e-6)
    outside = unconditional_exact_test(5, 54, 10, 57, margin=found.lower - 1e-6)
    assert outside.p_value_one_sided <= 0.025 < inside.p_value_one_sided + 1e-9


def test_no_difference_at_all():
    found = unconditional_exact_test(0, 5, 0, 6)
    assert (found.p_value_one_sided, found.p_value_two_sided) == (1, 1)


def test_extremes_have_limits_of_one():
    assert risk_difference(5, 5, 0, 6, method="exact-score").upper == 1
    assert risk_difference(0, 5, 6, 6, method="exact-difference").lower == -1


def test_summary_and_frame():
    found = unconditional_exact_test(1, 10, 6, 10, alternative="less", margin=0.1)
    assert "Chan" in found.summary() and "< 0.1" in found.summary()
    assert found.to_frame().filter(statistic="p_value_one_sided")["value"][0] == found.p_value_one_sided


def test_what_is_refused():
    with pytest.raises(DataError, match="method"):
        unconditional_exact_test(1, 2, 1, 2, statistic="barnard")
    with pytest.raises(DataError, match="margin"):
        unconditional_exact_test(1, 2, 1, 2, statistic="fisher", margin=0.1)
    with pytest.raises(DataError, match="alternative"):
        unconditional_exact_test(1, 2, 1, 2, alternative="both")
    with pytest.raises(DataError, match="risk_difference_test"):
        unconditional_exact_test(1, 3000, 1, 3000)
    with pytest.raises(DataError, match="miettinen-nurminen"):
        risk_difference(1, 3000, 1, 3000, method="exact-score")
