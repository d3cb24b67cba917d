"""Association in one table: what must not change, what must turn around, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import (
    chi_square_or_fisher,
    cochran_armitage,
    fisher_exact,
    likelihood_ratio_chi_square,
    mcnemar,
    pearson_chi_square,
)
from equipoise.stats.categorical.fisher_larger import exact_larger
from equipoise.stats.numerics.lattice import hypergeometric, no_more_likely

cells = st.integers(0, 9)
two_by_two = st.tuples(cells, cells, cells, cells).filter(
    lambda t: min(t[0] + t[1], t[2] + t[3], t[0] + t[2], t[1] + t[3]) > 0
)
three_by_three = (
    st.lists(st.integers(0, 4), min_size=9, max_size=9)
    .map(lambda x: np.array(x).reshape(3, 3))
    .filter(lambda t: t.sum(axis=0).all() and t.sum(axis=1).all())
)


@pytest.mark.parametrize("test", [pearson_chi_square, likelihood_ratio_chi_square, fisher_exact])
@given(two_by_two)
def test_swapping_the_groups_turns_the_side_and_keeps_the_rest(test, drawn):
    a, b, c, d = drawn
    one, other = test([[a, b], [c, d]]), test([[c, d], [a, b]])

    assert one.p_value_two_sided == approx(other.p_value_two_sided, rel=1e-9)
    assert one.p_value_less == approx(other.p_value_greater, rel=1e-9)
    assert one.p_value_greater == approx(other.p_value_less, rel=1e-9)


@given(three_by_three, st.permutations(range(3)), st.permutations(range(3)))
def test_order_of_rows_and_columns_and_turning_the_table_do_not_matter(table, rows, columns):
    moved = table[np.ix_(rows, columns)].T
    for test in (pearson_chi_square, likelihood_ratio_chi_square, fisher_exact):
        assert test(table).p_value_two_sided == approx(test(moved).p_value_two_sided, rel=1e-9)


@given(two_by_two)
def test_the_way_for_larger_tables_gives_the_two_by_two_answer(drawn):
    table = np.array(drawn).reshape(2, 2)
    low, weights = hypergeometric(int(table[0].sum()), int(table[:, 0].sum()), int(table.sum()))

    assert exact_larger(table)[1] == approx(no_more_likely(weights, int(table[0, 0]) - low), rel=1e-9)


def test_subjects_give_the_same_as_their_counts():
    response, group = [0, 1, 1, 0, 1, 1, 1], list("AAABBBB")
    counts = [[1, 2], [1, 3]]  # rows A and B, columns 0 and 1

    for test in (pearson_chi_square, fisher_exact):
        of_subjects = test("answer", "arm", groups=("A", "B"), data={"answer": response, "arm": group})
        assert of_subjects.counts.tolist() == counts
        assert of_subjects.p_value_greater == test(counts).p_value_greater
    turned = pearson_chi_square(response, group, groups=("B", "A"))
    assert turned.counts.tolist() == counts[::-1] and turned.z == approx(-pearson_chi_square(counts).z)


def test_a_group_without_subjects_is_left_out_and_said():
    with_empty = pearson_chi_square([[3, 4], [0, 0], [6, 2]])

    assert with_empty.df == 1 and with_empty.chi_square == approx(
        pearson_chi_square([[3, 4], [6, 2]]).chi_square
    )
    assert "row 2 has no subjects" in with_empty.warnings[0]
    assert fisher_exact([[3, 4], [0, 0], [6, 2]]).p_value_two_sided == approx(
        fisher_exact([[3, 4], [6, 2]]).p_value_two_sided
    )


def test_everyone_with_one_response_has_no_test():
    alike = pearson_chi_square([[5, 0], [7, 0]])

    assert math.isnan(alike.chi_square) and math.isnan(alike.p_value_two_sided) and alike.df == 0
    assert alike.warnings == ("not estimable: only one row or one column has subjects",)
    assert fisher_exact([[5, 0], [7, 0]]).p_value_two_sided == 1.0
    assert (
        alike.to_frame().filter(warning="not estimable: only one row or one column has subjects").height > 0
    )


def test_fisher_of_a_hundred_thousand_is_a_tail_not_a_difference():
    test = fisher_exact([[30211, 19789], [20358, 29642]])

    assert 0 < test.p_value_two_sided < 1e-300 or test.p_value_two_sided == 0.0
    large = fisher_exact([[25200, 24800], [24700, 25300]])
    assert large.p_value_greater == approx(
        pearson_chi_square([[25200, 24800], [24700, 25300]]).p_value_greater, rel=0.03
    )


def test_mid_p_takes_half_of_the_observed_table():
    exact, mid = fisher_exact([[7, 2], [3, 8]]), fisher_exact([[7, 2], [3, 8]], mid_p=True)

    assert exact.p_value_greater - mid.p_value_greater == approx(exact.probability / 2)
    assert mid.p_value_less + mid.p_value_greater == approx(1)


def test_simulation_agrees_with_the_exact_value_within_its_error_and_a_table_too_large_says_so():
    table = [[4, 0, 1], [0, 3, 1], [1, 1, 5]]
    found = fisher_exact(table, replicates=20_000, generator=np.random.default_rng(7))

    assert abs(found.p_value_two_sided - fisher_exact(table).p_value_two_sided) < 4 * found.std_err
    with pytest.raises(DataError, match="pass replicates=100_000 and a seeded generator"):
        fisher_exact(np.full((7, 7), 20))
    with pytest.raises(DataError, match="replicates and generator together"):
        fisher_exact(table, replicates=10)


def test_the_rule_of_the_protocol_decides_the_test():
    sparse, full = [[1, 104], [9, 94]], [[26, 79], [31, 72]]

    assert (
        chi_square_or_fisher(sparse).method
        == chi_square_or_fisher(sparse, expected_below=None, count_at_most=5).method
        == "Fisher exact"
    )
    assert chi_square_or_fisher(sparse, expected_below=None, count_at_most=0).method == "Pearson chi-square"
    assert chi_square_or_fisher(full).p_value_two_sided == pearson_chi_square(full).p_value_two_sided
    assert (
        "smallest count 1, at most 5"
        in chi_square_or_fisher(sparse, expected_below=None, count_at_most=5).summary()
    )
    with pytest.raises(DataError, match="a rule: expected_below or count_at_most"):
        chi_square_or_fisher(full, expected_below=None)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([[1, -1], [2, 3]], "found -1 at \\(0, 1\\)"),
        ([[1, 2.5], [2, 3]], "found 2.5"),
        ([[1, math.nan], [2, 3]], "found nan"),
        ([[1, math.inf], [2, 3]], "found inf"),
        ([[0, 0], [0, 0]], "only counts of 0"),
        ([[1, 2, 3]], "at least 2 rows and 2 columns"),
        ([[1, 2], [3]], "rows of different lengths"),
        ([["a", "b"], ["c", "d"]], "expected counts"),
    ],
)
@pytest.mark.parametrize(
    "test",
    [
        pearson_chi_square,
        likelihood_ratio_chi_square,
        fisher_exact,
        chi_square_or_fisher,
        cochran_armitage,
        mcnemar,
    ],
)
def test_unusable_tables_are_named(test, table, words):
    with pytest.raises(DataError, match=words):
        test(table)


@pytest.mark.parametrize("place", range(4))
def test_an_unknown_label_is_named_wherever_it_stands(place):
    group: list[object] = list("ABAB")
    group[place] = None
    with pytest.raises(DataError, match=f"group: found None at position {place}"):
        fisher_exact([1, 0, 1, 0], group)
    response = [1.0, 0.0, 1.0, 0.0]
    response[place] = math.nan
    with pytest.raises(DataError, match=f"response: found .*nan.* at position {place}"):
        pearson_chi_square(response, list("ABAB"))


def test_trend_turns_with_the_scores_and_ignores_their_unit():
    table = [[9, 1], [7, 3], [4, 6]]
    plain = cochran_armitage(table)

    assert cochran_armitage(table, scores=(3, 2, 1)).z == approx(-plain.z)
    assert cochran_armitage(table, scores=(10, 30, 50)).z == approx(plain.z)
    for scores in ((10, 30, 50), (0.1, 0.2, 0.3)):
        assert cochran_armitage(table, scores=scores, exact=True).p_value_two_sided == approx(
            cochran_armitage(table, exact=True).p_value_two_sided
        )
    two = cochran_armitage(table[:2], exact=True)
    assert two.p_value_greater == approx(fisher_exact(table[:2]).p_value_greater)
    assert math.isnan(cochran_armitage([[3, 0], [4, 0]]).z)
    assert cochran_armitage(table, divisor="n-1").chi_square == approx(plain.chi_square * 29 / 30)


def test_pairs_turn_and_need_changes():
    there, back = mcnemar([[10, 1], [6, 12]], method="exact"), mcnemar([[10, 6], [1, 12]], method="exact")
    assert there.p_value_less == approx(back.p_value_greater) and there.p_value_two_sided == approx(
        back.p_value_two_sided
    )
    first, second = [0, 0, 1, 1, 1], [1, 0, 1, 0, 0]
    assert mcnemar(first, second).counts.tolist() == [[1, 1], [2, 1]]
    same = mcnemar([[3, 0], [0, 4]])
    assert math.isnan(same.p_value_two_sided) and "nobody changed" in same.warnings[0]
    assert mcnemar([[3, 0], [0, 4]], method="exact").p_value_two_sided == 1
    with pytest.raises(DataError, match="a square table"):
        mcnemar([[1, 2, 3], [4, 5, 6]])
    with pytest.raises(DataError, match="one label for each of the 3 subjects"):
        mcnemar([1, 0, 1], [1, 0], levels=(0, 1))


def test_mid_p_of_as_many_forth_as_back_leaves_out_half_of_what_was_observed():
    # Fagerland, Lydersen and Laake 2013, supplement: 1 - P(2 of 4) / 2; otherwise the exact P less P(observed).
    assert mcnemar([[0, 2], [2, 0]], method="mid-p").p_value_two_sided == approx(1 - 6 / 16 / 2, rel=1e-14)
    assert mcnemar([[1, 1], [7, 12]], method="mid-p").p_value_two_sided == approx(10 / 256, rel=1e-14)
