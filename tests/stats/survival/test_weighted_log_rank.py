from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import log_rank, trend_test, weighted_log_rank

FAMILY = [
    {"weight": "log-rank"},
    {"weight": "gehan"},
    {"weight": "tarone-ware"},
    {"weight": "fleming-harrington", "rho": 1, "gamma": 0},
    {"weight": "fleming-harrington", "rho": 0.5, "gamma": 2},
    {"weight": "peto-prentice"},
    {"weight": "modified-peto-prentice"},
    {"weight": "modestly-weighted", "until": 3},
    {"weight": "modestly-weighted", "smallest_survival": 0.6},
]
weightings = st.sampled_from(FAMILY)
subjects = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=14
)


def columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def run(rows, *, groups=(0, 1, 2), strata=True, **options):
    time, event, group, stratum = columns(rows)
    return weighted_log_rank(time, event, group, groups=groups, strata=stratum if strata else None, **options)


def same(one, other, **tolerance):
    assert other.df == one.df
    assert other.chi_square == approx(
        one.chi_square, nan_ok=True, **({"rel": 1e-9, "abs": 1e-11} | tolerance)
    )


@given(subjects)
@settings(max_examples=40, deadline=None)
def test_weight_one_is_the_log_rank_test(rows):
    time, event, group, stratum = columns(rows)
    plain = log_rank(time, event, group, groups=(0, 1, 2), strata=stratum)

    for options in ({"weight": "log-rank"}, {"weight": "fleming-harrington", "rho": 0, "gamma": 0},
                    {"weight": "modestly-weighted", "smallest_survival": 1}):  # fmt: skip
        weighted = run(rows, **options)
        same(plain, weighted)
        assert weighted.observed == approx(plain.observed) and weighted.expected == approx(plain.expected)
        assert weighted.n_events.tolist() == plain.observed.tolist()


@given(subjects, weightings)
@settings(max_examples=40, deadline=None)
def test_groups_in_any_order_give_one_chi_square(rows, options):
    same(run(rows, **options), run(rows, groups=(2, 0, 1), **options))


@given(subjects, weightings, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_is_of_no_consequence(rows, options, random):
    same(run(rows, **options), run(random.sample(rows, len(rows)), **options))


@given(subjects, weightings)
@settings(max_examples=40, deadline=None)
def test_two_groups_exchanged_flip_z(rows, options):
    rows = [(t, e, g % 2, s) for t, e, g, s in rows]
    one, other = (run(rows, groups=order, **options) for order in ((0, 1), (1, 0)))

    assert other.z == approx(-one.z, nan_ok=True, abs=1e-11)
    if one.df:
        assert one.p_value_one_sided + other.p_value_one_sided == approx(1, abs=1e-12)
        assert one.p_value_two_sided == approx(2 * min(one.p_value_one_sided, other.p_value_one_sided))


@given(subjects, weightings)
@settings(max_examples=40, deadline=None)
def test_another_stratum_without_comparison_adds_nothing(rows, options):
    padded = [*rows, (1, True, 0, 9), (2, True, 0, 9), (4, False, 0, 9)]

    same(run(rows, **options), run(padded, **options))


@given(subjects, weightings)
@settings(max_examples=40, deadline=None)
def test_stretching_time_changes_nothing(rows, options):
    stretched = [(3 * t, *rest) for t, *rest in rows]
    more = {key: 3 * value if key == "until" else value for key, value in options.items()}

    same(run(rows, **options), run(stretched, **more))


@given(subjects, weightings)
@settings(max_examples=40, deadline=None)
def test_who_entered_at_0_entered_in_time(rows, options):
    time, event, group, _ = columns(rows)
    late = weighted_log_rank(time, event, group, groups=(0, 1, 2), entry=[0] * len(rows), **options)

    same(run(rows, strata=False, **options), late, rel=0, abs=0)


def test_late_differences_are_seen_by_late_weights():
    # Alike until 5, apart from then on.
    time = [1, 2, 3, 4, 6, 7, 8, 9, 1, 2, 3, 4, 16, 17, 18, 19]
    group = ["A"] * 8 + ["B"] * 8
    early, late = (
        weighted_log_rank(
            time, [1] * 16, group, groups=("A", "B"), weight="fleming-harrington", rho=r, gamma=g
        )
        for r, g in ((3, 0), (0, 3))
    )

    assert late.z > log_rank(time, [1] * 16, group, groups=("A", "B")).z > early.z > 0


def test_an_event_at_time_0_has_its_weight():
    # lifelines 0.30 fails here. S(0-) = 1, so with gamma > 0 the first event weighs nothing.
    test = weighted_log_rank([0, 1, 2, 3], [1] * 4, list("ABAB"), groups=("A", "B"), weight="fleming-harrington",
                             rho=0, gamma=1)  # fmt: skip

    assert test.observed.tolist() == [0.5, 1.0] and test.expected == approx([1 / 3, 7 / 6])


def test_a_weight_of_nothing_is_not_estimable():
    test = weighted_log_rank([1, 1, 2], [1, 1, 0], list("ABA"), groups=("A", "B"), weight="fleming-harrington",
                             rho=0, gamma=1)  # fmt: skip

    assert (
        test.df == 0 and np.isnan([test.chi_square, test.z, test.p_value_two_sided]).all() and test.warnings
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight": "peto"}, "weight: found 'peto'.*PETO of SAS"),
        ({"weight": "fleming-harrington"}, "rho, gamma: found None, None"),
        ({"weight": "fleming-harrington", "rho": 1}, "rho, gamma: found 1, None"),
        ({"weight": "fleming-harrington", "rho": -1, "gamma": 0}, "rho: found -1; expected a finite number of at least"),
        ({"weight": "fleming-harrington", "rho": float("nan"), "gamma": 0}, "rho: found nan"),
        ({"weight": "gehan", "rho": 1}, "rho: found 1; expected nothing with weight 'gehan'"),
        ({"weight": "modestly-weighted"}, "until, smallest_survival: found None, None"),
        ({"weight": "modestly-weighted", "until": 1, "smallest_survival": 0.5}, "until, smallest_survival: found 1, 0.5"),
        ({"weight": "modestly-weighted", "smallest_survival": 0}, "smallest_survival: found 0"),
        ({"weight": "modestly-weighted", "smallest_survival": 1.2}, "smallest_survival: found 1.2"),
    ],
)  # fmt: skip
def test_choices_that_mean_nothing_or_two_things_are_refused(options, message):
    with pytest.raises(DataError, match=message):
        weighted_log_rank([1, 2], [1, 1], ["A", "B"], groups=("A", "B"), **options)


def test_a_curve_at_0_gives_no_endless_weight():
    # All three die before the next two enter, so S is 0 from then on.
    with pytest.raises(DataError, match="until: found 9"):
        weighted_log_rank([1, 2, 3, 8, 9], [1] * 5, list("ABABA"), groups=("A", "B"), entry=[0, 0, 0, 5, 5],
                          weight="modestly-weighted", until=9)  # fmt: skip


def test_summary_and_frame_hold_the_test():
    test = weighted_log_rank("t", "e", "g", groups=("A", "B"), weight="gehan", strata="s",
                             data={"t": [1, 3, 2, 4], "e": [1] * 4, "g": list("AABB"), "s": [1] * 4})  # fmt: skip

    assert test.summary().splitlines()[0] == "Stratified log-rank test, weights Gehan, 1 stratum"
    assert "B vs A" in test.summary()
    frame = test.to_frame()
    z = frame.filter((frame["statistic"] == "z") & (frame["group"] == "B vs A"))
    assert z["value"].to_list() == [test.z] and z["method"].to_list() == [
        "stratified log-rank, weights Gehan"
    ]


# Trend.


@given(subjects, weightings, st.floats(-5, 5), st.floats(0.1, 3))
@settings(max_examples=40, deadline=None)
def test_scores_moved_and_stretched_give_one_trend(rows, options, moved, stretched):
    time, event, group, stratum = columns(rows)
    one = trend_test(time, event, group, groups=(0, 1, 2), strata=stratum, **options)
    other = trend_test(time, event, group, groups=(0, 1, 2), strata=stratum,
                       scores=[moved + stretched * c for c in (1, 2, 3)], **options)  # fmt: skip

    assert other.z == approx(one.z, nan_ok=True, rel=1e-8, abs=1e-8)


@given(subjects, weightings)
@settings(max_examples=40, deadline=None)
def test_trend_of_two_groups_is_their_test_and_of_more_is_at_most_theirs(rows, options):
    time, event, group, stratum = columns(rows)
    three = trend_test(time, event, group, groups=(0, 1, 2), strata=stratum, **options)
    all_three = run(rows, **options)
    if three.df and all_three.df == 2:
        assert three.chi_square <= all_three.chi_square * (1 + 1e-9) + 1e-12

    pair = [g % 2 for g in group]
    two = trend_test(time, event, pair, groups=(0, 1), strata=stratum, scores=[7, -2], **options)
    plain = weighted_log_rank(time, event, pair, groups=(0, 1), strata=stratum, **options)
    assert two.z == approx(-plain.z, nan_ok=True, rel=1e-9, abs=1e-10)


def test_the_sign_of_a_trend_is_that_of_the_last_group():
    time, group = [1, 2, 3, 4, 5, 6], list("AABBCC")
    test = trend_test(time, [1] * 6, group, groups=("A", "B", "C"))

    assert test.z > 0 and test.p_value_one_sided < 0.05
    assert trend_test(time, [1] * 6, group, groups=("C", "B", "A")).z == approx(-test.z)


@pytest.mark.parametrize("scores", [[1, 2], [1, 1, 1], [1, 2, float("nan")], ["a", "b", "c"]])
def test_scores_that_order_nothing_are_refused(scores):
    with pytest.raises(DataError, match="scores: found"):
        trend_test([1, 2, 3], [1, 1, 1], list("ABC"), groups=tuple("ABC"), scores=scores)


def test_trend_without_information():
    test = trend_test([1, 2, 3], [0, 0, 0], list("ABC"), groups=tuple("ABC"))

    assert np.isnan([test.z, test.chi_square, test.p_value_one_sided, test.p_value_two_sided]).all()
    assert test.warnings == ("no events: the test is not estimable",)
    assert "not estimable" in test.summary()
    assert test.to_frame().filter(test.to_frame()["statistic"] == "z")["value"].to_list() == [None]
