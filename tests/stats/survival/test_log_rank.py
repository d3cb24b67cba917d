from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats.survival.log_rank import log_rank
from reference.values import adtte, cases, colon, difference, strata_of
from stats import slow

AGREES = 1e-8

subjects = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=12
)


def columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


def run(name, case):
    groups = case["groups"]
    if name.startswith("colon"):
        data = colon(int(name[6]))
        chosen = np.isin(data["rx"], groups)
        data = {key: column[chosen] for key, column in data.items()}
        return log_rank(data["time"], data["status"], data["rx"], groups=groups, strata=strata_of(name, data))
    if name.startswith("adtte"):
        data = adtte()
        chosen = np.isin(data["TRTP"], groups)
        return log_rank(data["AVAL"][chosen], 1 - data["CNSR"][chosen], data["TRTP"][chosen], groups=groups)
    data = case["data"]
    return log_rank(data["time"], data["event"], data["group"], groups=groups, strata=data.get("strata"))


@pytest.mark.parametrize("name", cases("log_rank"))
def test_agrees_with_r_survdiff(name):
    case = cases("log_rank")[name]

    test = run(name, case)

    for field in ("n", "observed", "expected", "variance", "chi_square", "df", "p_value_two_sided"):
        assert difference(getattr(test, field), case[field]) < AGREES, field
    if len(case["groups"]) == 2:
        assert test.z**2 == approx(case["chi_square"], rel=AGREES)
        assert np.sign(test.z) == np.sign(case["expected"][1] - case["observed"][1])
        smaller_tail = min(test.p_value_one_sided, 1 - test.p_value_one_sided)
        assert 2 * smaller_tail == approx(case["p_value_two_sided"], rel=AGREES, abs=1e-15)
    else:
        assert np.isnan([test.z, test.p_value_one_sided]).all()


PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
SIX_MP = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
SIX_MP_RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_freireich_6mp():
    # Textbooks give 16.79 with 10.75 relapses expected on placebo; 16.7929 is also what R survdiff prints.
    group = ["placebo"] * 21 + ["6-MP"] * 21
    test = log_rank(PLACEBO + SIX_MP, [1] * 21 + SIX_MP_RELAPSED, group, groups=("placebo", "6-MP"))

    assert test.chi_square == approx(16.7929, abs=5e-5)
    assert test.expected == approx([10.75, 19.25], abs=5e-3)
    assert test.z == approx(4.0979, abs=5e-5) and test.p_value_one_sided == approx(
        test.p_value_two_sided / 2, rel=1e-13
    )


def test_two_subjects_by_hand():
    # A dies first of two: O - E = 1/2 for A, variance 1/4; then B alone, which says nothing.
    test = log_rank([1, 2], [1, 1], ["A", "B"], groups=("A", "B"))

    assert test.variance.tolist() == [[0.25, -0.25], [-0.25, 0.25]]
    assert (test.z, test.chi_square, test.df) == (1, 1, 1)


@given(subjects)
def test_equals_the_slow_definition(rows):
    time, event, group, strata = columns(rows)
    test = log_rank(time, event, group, groups=(0, 1), strata=strata)
    excess, variance = slow.log_rank(time, event, group, strata)

    assert test.observed[1] - test.expected[1] == approx(excess, abs=1e-12)
    assert test.variance[1, 1] == approx(variance, abs=1e-12)
    if variance > 1e-9:
        assert test.z == approx(-excess / variance**0.5, abs=1e-11)
    else:
        assert test.df == 0 and np.isnan(test.chi_square) and test.warnings


@given(subjects)
def test_swapping_the_groups_flips_z_and_keeps_chi_square(rows):
    time, event, group, strata = columns(rows)
    one = log_rank(time, event, group, groups=(0, 1), strata=strata)
    other = log_rank(time, event, group, groups=(1, 0), strata=strata)

    assert other.z == approx(-one.z, abs=1e-12, nan_ok=True)
    assert other.chi_square == approx(one.chi_square, rel=1e-12, abs=1e-12, nan_ok=True)
    if one.df:
        assert one.p_value_one_sided + other.p_value_one_sided == approx(1, abs=1e-12)


@given(subjects, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_of_no_consequence(rows, random):
    one, other = (
        log_rank(*columns(r)[:3], groups=(0, 1), strata=columns(r)[3])
        for r in (rows, random.sample(rows, len(rows)))
    )

    assert other.z == approx(one.z, rel=1e-12, abs=1e-12, nan_ok=True)


@given(subjects)
def test_one_stratum_is_no_stratum(rows):
    time, event, group, _ = columns(rows)
    one = log_rank(time, event, group, groups=(0, 1))
    other = log_rank(time, event, group, groups=(0, 1), strata=["all"] * len(rows))

    assert difference(other.variance, one.variance) == 0 and other.chi_square == approx(
        one.chi_square, nan_ok=True, rel=0
    )


@given(subjects)
def test_doubling_every_subject_doubles_the_numerator(rows):
    time, event, group, strata = columns(rows)
    once = log_rank(time, event, group, groups=(0, 1), strata=strata)
    twice = log_rank(time * 2, event * 2, group * 2, groups=(0, 1), strata=strata * 2)

    assert twice.expected - twice.observed == approx(2 * (once.expected - once.observed), abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 2)), min_size=1, max_size=14))
def test_three_groups_in_any_order_give_one_chi_square(rows):
    time, event, group = columns(rows)
    tests = [log_rank(time, event, group, groups=order) for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0))]

    assert len({test.df for test in tests}) == 1
    for test in tests[1:]:
        assert test.chi_square == approx(tests[0].chi_square, rel=1e-9, abs=1e-9, nan_ok=True)


def test_strata_without_information_are_skipped():
    time, event, group = [1, 2, 3, 4], [1, 1, 1, 1], ["A", "B", "A", "B"]
    alone = log_rank(time, event, group, groups=("A", "B"))
    # A stratum of one group only, and one where everyone is censored.
    padded = log_rank(
        [*time, 1, 2, 5, 5], [*event, 1, 1, 0, 0], [*group, "A", "A", "A", "B"], groups=("A", "B"),
        strata=["s"] * 4 + ["t"] * 2 + ["u"] * 2,
    )  # fmt: skip

    assert padded.chi_square == approx(alone.chi_square, rel=1e-15)
    assert padded.observed.tolist() == [4, 2]


def test_groups_that_meet_only_through_strata_are_compared_within_them():
    # A meets B in one stratum, C meets D in the other: two comparisons, so two degrees of freedom (R stops).
    test = log_rank([1, 2, 1, 2], [1, 1, 1, 1], list("ABCD"), groups=tuple("ABCD"), strata=[1, 1, 2, 2])

    assert (test.df, test.chi_square) == (2, approx(2, rel=1e-14))


def test_no_event_is_not_estimable():
    test = log_rank([1, 2], [0, 0], ["A", "B"], groups=("A", "B"))

    assert np.isnan([test.chi_square, test.z, test.p_value_one_sided, test.p_value_two_sided]).all()
    assert test.warnings == ("no events: the test is not estimable",)


def test_everyone_dying_at_once_is_not_estimable():
    test = log_rank([1, 1, 1, 1], [1, 1, 1, 1], list("AABB"), groups=("A", "B"))

    assert np.isnan(test.chi_square) and "not estimable" in test.warnings[0]


def test_an_empty_group_and_a_group_never_at_risk_are_named():
    empty = log_rank([1, 2, 3], [1, 1, 0], list("ABA"), groups=("A", "B", "C"))
    early = log_rank([3, 4, 5, 1], [1, 1, 0, 0], list("ABAC"), groups=("A", "B", "C"))

    assert empty.df == early.df == 1
    assert empty.warnings == ("group 'C' has no subjects: it is left out of the test",)
    assert early.warnings == ("group 'C' was at risk at no event: it is left out of the test",)


@pytest.mark.parametrize(
    ("group", "options", "message"),
    [
        (["A", "C"], {"groups": ("A", "B")}, r"group: found 'C'; expected one of \('A', 'B'\)"),
        (["A"], {"groups": ("A", "B")}, r"group: found shape \(1,\); expected one label for each of the 2"),
        (["A", None], {"groups": ("A", "B")}, "group: found None at position 1; expected a known label"),
        (["A", "B"], {"groups": ("A", "A")}, r"groups: found \('A', 'A'\); expected at least two different"),
        (["A", "B"], {"groups": ("A",)}, r"groups: found \('A',\)"),
        (["A", "B"], {"groups": ("A", "B"), "strata": [1.0, float("nan")]}, "strata: found .*nan.* at position 1"),
        (["A", "B"], {"groups": ("A", "B"), "strata": [1]}, r"strata: found shape \(1,\)"),
        (np.array(["A", 1], dtype=object), {"groups": ("A", "B")}, "group: found labels of the kinds int, str"),
    ],
)  # fmt: skip
def test_unusable_labels_are_named_with_their_values(group, options, message):
    with pytest.raises(DataError, match=message):
        log_rank([1, 2], [1, 1], group, **options)
