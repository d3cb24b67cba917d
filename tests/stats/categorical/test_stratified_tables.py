"""Tables by stratum: Cochran-Mantel-Haenszel, common odds ratios, homogeneity."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import (
    breslow_day,
    cochran_armitage,
    cochran_mantel_haenszel,
    exact_conditional,
    fisher_exact,
    mantel_haenszel_odds_ratio,
    pearson_chi_square,
    van_elteren,
)

TABLES = np.array([[[4, 1], [2, 3]], [[5, 2], [1, 4]], [[3, 3], [2, 6]]])
strata = st.lists(st.lists(st.integers(1, 6), min_size=4, max_size=4), min_size=1, max_size=4).map(
    lambda x: np.array(x).reshape(-1, 2, 2)
)


@given(strata)
def test_swapping_the_groups_inverts_the_odds_ratio(tables):
    turned = tables[:, ::-1]
    for estimate in (mantel_haenszel_odds_ratio, exact_conditional):
        one, other = estimate(tables), estimate(turned)
        assert one.odds_ratio * other.odds_ratio == approx(1, rel=1e-9)
        assert one.lower * other.upper == approx(1, rel=1e-9)
    assert cochran_mantel_haenszel(tables).z == approx(-cochran_mantel_haenszel(turned).z, abs=1e-12)
    assert breslow_day(tables).chi_square == approx(
        breslow_day(turned).chi_square, rel=1e-7, abs=1e-9, nan_ok=True
    )


@given(strata, st.lists(st.integers(0, 5), min_size=2, max_size=2))
def test_a_stratum_that_says_nothing_changes_nothing_and_is_counted(tables, only):
    more = np.concatenate((tables, [[only, [0, 0]]]))

    assert cochran_mantel_haenszel(more).chi_square == cochran_mantel_haenszel(tables).chi_square
    assert "add nothing" in cochran_mantel_haenszel(more).warnings[0]
    assert exact_conditional(more).upper == exact_conditional(tables).upper
    assert breslow_day(more).df == breslow_day(tables).df
    assert mantel_haenszel_odds_ratio(more).n_strata_used == len(tables)


def test_one_stratum_is_fisher_and_the_chi_square_with_n_minus_1():
    one = TABLES[:1]
    exact, fisher = exact_conditional(one), fisher_exact(one[0])

    assert (exact.p_value_two_sided, exact.p_value_greater) == approx(
        (fisher.p_value_two_sided, fisher.p_value_greater)
    )
    assert cochran_mantel_haenszel(one[0]).chi_square == approx(
        pearson_chi_square(one[0]).chi_square * 9 / 10
    )


def test_the_three_associations_are_one_in_two_by_two_tables():
    found = [
        cochran_mantel_haenszel(TABLES, association=kind)
        for kind in ("general", "mean scores", "correlation")
    ]

    assert [one.z for one in found] == approx([found[0].z] * 3)
    assert found[0].z > 0 and mantel_haenszel_odds_ratio(TABLES).odds_ratio > 1


def test_the_correlation_of_one_stratum_is_the_trend_with_divisor_n_minus_1():
    table = [[9, 1], [7, 3], [4, 6]]

    assert cochran_mantel_haenszel(table, association="correlation").z == approx(
        cochran_armitage(table, divisor="n-1").z
    )


def test_modified_ridits_are_van_elteren():
    rng = np.random.default_rng(2)
    score, group, site = rng.integers(0, 4, 60), rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    by_table = cochran_mantel_haenszel(
        score, group, site, association="mean scores", column_scores="modified ridit"
    )

    assert (
        by_table.chi_square == approx(van_elteren(score, group, site).chi_square, rel=1e-10)
        and by_table.df == 2
    )


def test_subjects_give_the_same_as_counts_in_any_order():
    rng = np.random.default_rng(4)
    rows = [(k, g, r) for k in range(3) for g in range(2) for r in range(2) for _ in range(TABLES[k, g, r])]
    site, group, response = rng.permutation(np.array(rows)).T
    data = {"site": site, "group": group, "response": response}

    for test in (cochran_mantel_haenszel, breslow_day):
        assert test("response", "group", "site", data=data).p_value_two_sided == approx(
            test(TABLES).p_value_two_sided
        )
    assert exact_conditional("response", "group", "site", groups=(1, 0), data=data).odds_ratio == approx(
        1 / exact_conditional(TABLES).odds_ratio
    )


def test_without_events_in_one_group_the_odds_ratio_has_no_limit_on_that_side():
    tables = [[[3, 4], [0, 6]], [[2, 2], [0, 5]]]
    rough, exact = mantel_haenszel_odds_ratio(tables), exact_conditional(tables)

    assert rough.odds_ratio == math.inf and math.isnan(rough.upper) and "infinite" in rough.warnings[0]
    assert exact.odds_ratio == exact.upper == math.inf and 1 < exact.lower < 10
    assert math.isnan(breslow_day(tables).chi_square)
    nothing = exact_conditional([[[3, 0], [4, 0]]])
    assert math.isnan(nothing.odds_ratio) and (nothing.lower, nothing.upper, nothing.p_value_two_sided) == (
        0,
        math.inf,
        1,
    )
    assert math.isnan(cochran_mantel_haenszel([[[3, 0], [4, 0]]]).chi_square)
    assert math.isnan(mantel_haenszel_odds_ratio([[[3, 0], [4, 0]]]).odds_ratio)


def test_large_strata_stay_exact():
    found = exact_conditional([[[5000, 1], [4900, 100]], [[400, 100], [300, 200]]])

    assert found.lower < found.odds_ratio < found.upper and found.lower > 2 and found.upper < 6


def test_results_are_rows_and_text():
    found = cochran_mantel_haenszel(TABLES)
    assert found.summary().startswith("Cochran-Mantel-Haenszel\n") and "chi_square" in found.summary()
    assert found.to_frame().filter(statistic="df")["value"].item() == 1
    assert "95% limits" in exact_conditional(TABLES).summary()
    assert breslow_day(TABLES).to_frame()["method"].unique().item() == "Breslow-Day with Tarone's correction"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cochran_mantel_haenszel(TABLES, association="any"), "association: found 'any'"),
        (lambda: cochran_mantel_haenszel(np.ones((2, 3, 2), int), correction=True), "two-by-two tables"),
        (
            lambda: cochran_mantel_haenszel(TABLES, association="correlation", row_scores=(1,)),
            "row_scores: found",
        ),
        (lambda: cochran_mantel_haenszel(TABLES, strata=[1]), "group: found None"),
        (lambda: cochran_mantel_haenszel([1, 0], ["a", "b"], [1, math.nan]), "strata: found"),
        (lambda: exact_conditional(np.ones((2, 3, 2), int)), "tables of shape"),
        (lambda: exact_conditional(TABLES, confidence_level=95), "confidence_level: found 95"),
        (lambda: breslow_day(-TABLES), "found -4"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(DataError, match=words):
        call()


@pytest.mark.parametrize("table", [[[400, 100], [300, 200]], [[480, 20], [200, 300]]])
@pytest.mark.parametrize("strata", [10, 20])
def test_exact_limits_over_many_large_strata_are_near_those_of_mantel_haenszel(table, strata):
    """With thousands of subjects the exact limits and the asymptotic ones differ by a few thousandths."""
    exact = exact_conditional([table] * strata)
    rough = mantel_haenszel_odds_ratio([table] * strata)

    assert exact.lower == approx(rough.lower, rel=0.01)
    assert exact.upper == approx(rough.upper, rel=0.01)
