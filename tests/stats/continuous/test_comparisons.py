"""t, F and rank tests, and correlation: what must not change, what must turn around, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import (
    analysis_of_variance,
    correlation,
    describe,
    kruskal_wallis,
    one_sample_t_test,
    paired_t_test,
    rank_sum_test,
    signed_rank_test,
    t_test,
    van_elteren,
)
from equipoise.stats.continuous.shifts import Differences, WalshAverages

sample = st.lists(st.integers(-6, 6), min_size=2, max_size=7)
GROUPS = ("c", "e")


def together(control, experimental):
    return list(control) + list(experimental), ["c"] * len(control) + ["e"] * len(experimental)


@pytest.mark.parametrize("options", [{"variances": "welch"}, {"variances": "pooled"}])
@given(sample, sample)
def test_swapping_the_arms_turns_the_t_test(options, a, b):
    one, other = (t_test(*together(*pair), groups=GROUPS, **options) for pair in ((a, b), (b, a)))

    assert one.estimate == approx(-other.estimate) and one.lower == approx(-other.upper, nan_ok=True)
    assert one.p_value_less == approx(other.p_value_greater, nan_ok=True)


@pytest.mark.parametrize("method", ["exact", "normal"])
@given(sample, sample, st.sampled_from([1, 2, 0.1]), st.integers(-3, 3))
def test_rank_sums_turn_and_ignore_scale_and_origin(method, a, b, scale, origin):
    one = rank_sum_test(*together(a, b), groups=GROUPS, method=method)
    other = rank_sum_test(*together(b, a), groups=GROUPS, method=method)
    moved = rank_sum_test(
        *together([scale * x + origin for x in a], [scale * x + origin for x in b]),
        groups=GROUPS,
        method=method,
    )

    assert one.statistic + other.statistic == len(a) * len(b)
    assert one.p_value_less == approx(other.p_value_greater, nan_ok=True)
    assert one.p_value_two_sided == approx(other.p_value_two_sided, nan_ok=True)
    assert one.estimate == approx(-other.estimate) and one.lower == approx(-other.upper, nan_ok=True)
    assert moved.p_value_two_sided == approx(one.p_value_two_sided, nan_ok=True) and moved.estimate == approx(
        scale * one.estimate, abs=1e-12
    )


@given(sample, st.permutations(range(7)))
def test_signed_ranks_turn_with_the_signs_and_ignore_order(x, order):
    shuffled = [x[i] for i in order if i < len(x)]
    for method in ("exact", "normal"):
        one, other = (
            signed_rank_test(x, method=method),
            signed_rank_test([-v for v in shuffled], method=method),
        )
        assert one.p_value_less == approx(other.p_value_greater, nan_ok=True)
        assert one.estimate == approx(-other.estimate) and one.lower == approx(-other.upper, nan_ok=True)


def test_ties_do_not_hang_on_the_sixteenth_digit():
    # 1.3 - 1.0 is 0.30000000000000004, and 0.7 - 0.4 is 0.29999999999999993: both are 0.3.
    first, second = [1.3, 0.7, 0.3, 5.0, 1.1], [1.0, 1.0, 0.0, 1.0, 1.1]
    whole = signed_rank_test([3, -3, 3, 40, 0])

    assert signed_rank_test(first, second).p_value_two_sided == whole.p_value_two_sided
    assert signed_rank_test(first, second).statistic == whole.statistic
    shifted = rank_sum_test([0.1, 0.2, 0.6], list("cce"), groups=GROUPS, null=0.4)
    assert shifted.statistic == 1.5  # 0.6 - 0.4 ties with 0.2


@given(sample, sample)
def test_the_exact_rank_sum_is_the_list_of_all_choices(a, b):
    from itertools import combinations

    values = np.array(a + b)
    ranks = np.array([(np.sum(values < v) + (np.sum(values == v) + 1) / 2) for v in values])
    sums = np.array([sum(chosen) for chosen in combinations(ranks, len(b))]) if len(values) <= 10 else None
    assume(sums is not None)

    found = rank_sum_test(*together(a, b), groups=GROUPS, method="exact")
    assert found.p_value_greater == approx(np.mean(sums >= ranks[len(a) :].sum()))


@given(sample, sample, sample)
def test_several_groups_ignore_their_order_and_names(a, b, c):
    values = a + b + c
    group, renamed = (
        (["x"] * len(a) + ["y"] * len(b) + ["z"] * len(c)),
        ([2] * len(a) + [9] * len(b) + [1] * len(c)),
    )
    for test in (kruskal_wallis, analysis_of_variance):
        assert test(values, group).p_value_two_sided == approx(
            test(values, renamed).p_value_two_sided, nan_ok=True
        )


@given(sample, sample)
def test_of_two_groups_f_is_t_squared_and_kruskal_wallis_is_wilcoxon(a, b):
    values, group = together(a, b)
    t, f = t_test(values, group, groups=GROUPS, variances="pooled"), analysis_of_variance(values, group)
    welch, f_welch = (
        t_test(values, group, groups=GROUPS),
        analysis_of_variance(values, group, variances="welch"),
    )
    ranks = rank_sum_test(values, group, groups=GROUPS, method="normal", correction=False)

    assert f.p_value_two_sided == approx(t.p_value_two_sided, nan_ok=True)
    if not math.isnan(f_welch.f):
        assert (f_welch.f, f_welch.df_within) == approx((welch.t**2, welch.df))
    assert kruskal_wallis(values, group, groups=GROUPS).z == approx(ranks.z, nan_ok=True, abs=1e-12)


@given(sample, sample)
def test_a_constant_stratum_changes_nothing_and_a_stratum_of_one_group_neither(a, b):
    values, group = together(a, b)
    one = van_elteren(values, group, ["s"] * len(values), groups=GROUPS)
    more = van_elteren([*values, 4, 9], [*group, "c", "c"], ["s"] * len(values) + ["t"] * 2, groups=GROUPS)

    assert one.z == approx(kruskal_wallis(values, group, groups=GROUPS).z, nan_ok=True)
    assert more.z == approx(one.z, nan_ok=True) and " of 2 strata" in " ".join(more.warnings)


def test_pairs_are_their_differences():
    first, second = [3, 5, 9, 4], [1, 5, 6, 8]
    assert paired_t_test(first, second).t == one_sample_t_test([2, 0, 3, -4]).t
    assert (
        signed_rank_test(first, second).p_value_two_sided == signed_rank_test([2, 0, 3, -4]).p_value_two_sided
    )
    assert "1 of 4 differences are 0: left out" in signed_rank_test(first, second).warnings[0]


def test_order_statistics_of_pairs_are_found_without_writing_them_out():
    rng = np.random.default_rng(6)
    a, b = rng.integers(0, 30, 40) / 7, rng.integers(0, 30, 31) / 7
    for ordered in (Differences(a, b), WalshAverages(a)):
        written = [ordered[k] for k in (1, 2, 300, 500, ordered.size - 1, ordered.size)]
        ordered._listed = None
        assert [ordered[k] for k in (1, 2, 300, 500, ordered.size - 1, ordered.size)] == approx(
            written, abs=1e-12
        )


def test_what_does_not_vary_has_no_test():
    values, group = together([2, 2, 2], [2, 2])
    for test in (
        t_test(values, group, groups=GROUPS),
        rank_sum_test(values, group, groups=GROUPS),
        kruskal_wallis(values, group),
        analysis_of_variance(values, group),
    ):
        assert math.isnan(test.p_value_two_sided) and "not estimable" in test.warnings[0]
        assert "not estimable" in test.summary()
    assert math.isnan(t_test([1, 2], ["c", "e"], groups=GROUPS).p_value_two_sided)
    assert math.isnan(one_sample_t_test([5]).t) and math.isnan(correlation([1, 1, 1], [1, 2, 3]).estimate)
    assert math.isnan(signed_rank_test([0, 0, 0]).p_value_two_sided)
    assert t_test([0.1, 0.1, 0.1, 0.3, 0.3, 0.3], list("ccceee"), groups=GROUPS).std_err == 0


def test_too_few_for_limits_is_said():
    found = rank_sum_test([1, 2, 3, 4], list("ccee"), groups=GROUPS)
    assert (found.lower, found.upper) == (1, 3) and "too few subjects" in found.warnings[0]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=9))
def test_correlations_turn_with_the_sign_and_ignore_which_comes_first(pairs):
    x, y = [p[0] for p in pairs], [p[1] for p in pairs]
    for method in ("pearson", "spearman", "kendall"):
        one, other, turned = (correlation(*c, method=method) for c in ((x, y), (y, x), (x, [-v for v in y])))
        assert one.estimate == approx(other.estimate, nan_ok=True) and one.p_value_two_sided == approx(
            other.p_value_two_sided, nan_ok=True, abs=1e-12
        )
        assert one.p_value_less == approx(turned.p_value_greater, nan_ok=True, abs=1e-12)


def test_a_correlation_that_rounds_to_1_has_limits():
    x = np.array([-1.4, 0.3, 0.4, -0.6, 1.7, 1.1, 0.6, 0.6])
    y = np.array([-16.470588235950267, 3.529411765890857, 4.7058823524882305, -7.058823529986971,
                  20.00000000041327, 12.941176470088774, 7.0588235279976415, 7.058823529997682])  # fmt: skip
    found = correlation(x, y)
    assert found.estimate == 1 and math.isfinite(found.t)
    assert found.lower == approx(1, abs=1e-15) and found.upper == approx(1, abs=1e-15)
    assert correlation(x, -y).upper == approx(-1, abs=1e-15)


def test_perfect_correlation_is_exactly_1():
    found = correlation([1, 2, 3, 4], [10, 20, 30, 40])
    assert (found.estimate, found.p_value_two_sided, found.lower, found.upper) == (1.0, 0.0, 1.0, 1.0)


def test_results_are_rows_and_text():
    values, group = together([1, 2, 3], [4, 6, 8])
    for found in (
        t_test("v", "g", groups=GROUPS, data={"v": values, "g": group}), rank_sum_test(values, group, groups=GROUPS), signed_rank_test(values),
        kruskal_wallis(values, group), analysis_of_variance(values, group), correlation(values, values[::-1]), describe(values), one_sample_t_test(values),
    ):  # fmt: skip
        frame = found.to_frame()
        assert frame.filter(statistic="n")["value"].item() == 6
        assert all(name in found.summary() for name in frame["statistic"])


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_an_unusable_measurement_is_named_wherever_it_stands(place, bad):
    values = [1.0, 2.0, 4.0, 3.0]
    values[place] = bad
    group, words = list("ccee"), f"found {bad} at position {place}"
    for call in (
        lambda: t_test(values, group, groups=GROUPS), lambda: rank_sum_test(values, group, groups=GROUPS), lambda: kruskal_wallis(values, group),
        lambda: analysis_of_variance(values, group), lambda: van_elteren(values, group, [1] * 4), lambda: signed_rank_test(values),
        lambda: one_sample_t_test(values), lambda: paired_t_test([1] * 4, values), lambda: correlation([1, 2, 3, 4], values), lambda: describe(values),
    ):  # fmt: skip
        with pytest.raises(DataError, match=words):
            call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: t_test([1, 2], ["c", None], groups=GROUPS), "group: found None at position 1"),
        (lambda: t_test([1, 2], ["c", "c"], groups=GROUPS), "nobody in 'e'"),
        (lambda: t_test([1, 2], ["c", "x"], groups=GROUPS), "group: found 'x'"),
        (lambda: t_test([1, 2], ["c", "e"], groups=("c", "e", "f")), "two labels"),
        (lambda: t_test([1, 2], ["c", "e"], groups=GROUPS, variances="same"), "variances: found 'same'"),
        (lambda: t_test([1, 2], ["c", "e"], groups=GROUPS, null=math.nan), "null: found nan"),
        (lambda: rank_sum_test([1, 2], ["c", "e"], groups=GROUPS, method="best"), "method: found 'best'"),
        (lambda: rank_sum_test([1, 2, 3], ["c", "e"], groups=GROUPS), "group: found shape"),
        (
            lambda: rank_sum_test(range(4000), ["c", "e"] * 2000, groups=GROUPS, method="exact"),
            "use the normal approximation",
        ),
        (lambda: signed_rank_test([1], [1, 2]), "second: found shape"),
        (lambda: signed_rank_test([]), "first: found nothing"),
        (lambda: kruskal_wallis([1, 2], ["a", "a"]), "at least two different labels"),
        (lambda: van_elteren([1, 2], ["a", "b"], [1, None]), "strata: found None"),
        (lambda: correlation([1, 2], [1, 2], method="r"), "method: found 'r'"),
        (lambda: one_sample_t_test(["a"]), "dtype"),
        (lambda: one_sample_t_test("age"), "age"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(DataError, match=words):
        call()
