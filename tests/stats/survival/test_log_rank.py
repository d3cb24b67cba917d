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


late_subjects = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 4), st.booleans(), st.integers(0, 1), st.integers(0, 1)),
    min_size=1,
    max_size=14,
)


@given(late_subjects)
def test_late_entry_equals_the_slow_definition(rows):
    rows = [(t, e if e < t else 0, d, g, s) for t, e, d, g, s in rows]
    time, entry, event, group, strata = columns(rows)
    test = log_rank(time, event, group, groups=(0, 1), strata=strata, entry=entry)

    expected = variance = 0.0
    for s in set(strata):
        for t in sorted({r[0] for r in rows if r[2] and r[4] == s}):
            risk = [r for r in rows if r[4] == s and r[0] >= t and (r[1] < t or r[1] == 0)]
            n, ones, died = len(risk), sum(r[3] for r in risk), sum(1 for r in risk if r[0] == t and r[2])
            expected += died * ones / n
            variance += died * (n - died) / max(n - 1, 1) * ones * (n - ones) / n**2
    assert test.expected[1] == approx(expected, abs=1e-12)
    assert test.variance[1, 1] == approx(variance, abs=1e-12)


def test_an_entry_near_a_time_is_that_time():
    # 0.1 + 0.2 is 0.3: who enters then is not at risk at the event then.
    test = log_rank([0.3, 1.0, 2.0], [1, 1, 1], list("ABA"), groups=("A", "B"), entry=[0.0, 0.0, 0.1 + 0.2])
    exact = log_rank([3, 10, 20], [1, 1, 1], list("ABA"), groups=("A", "B"), entry=[0, 0, 3])

    assert test.expected.tolist() == exact.expected.tolist()


def test_columns_of_a_frame_are_named():
    import polars as pl

    data = {
        "t": [1, 3, 2, 4],
        "e": [1, 1, 1, 0],
        "g": list("AABB"),
        "s": [1, 1, 2, 1],
        "r": list("xxyx"),
        "from": [0, 1, 0, 2],
    }
    found = log_rank(
        "t", "e", "g", groups=("A", "B"), strata=["s", "r"], entry="from", data=pl.DataFrame(data)
    )
    plain = log_rank(data["t"], data["e"], data["g"], groups=("A", "B"), strata=data["s"], entry=data["from"])

    assert found.chi_square == plain.chi_square and found.method == "stratified log-rank"
    with pytest.raises(DataError, match="time: found 't'"):
        log_rank("t", "e", "g", groups=("A", "B"))
    with pytest.raises(DataError, match="strata: found 'site'; expected a column of data: t, e, g"):
        log_rank("t", "e", "g", groups=("A", "B"), strata="site", data=data)


@pytest.mark.parametrize("argument", ["time", "event", "group", "strata", "entry"])
@pytest.mark.parametrize("unknown", [float("nan"), None])
def test_a_missing_value_is_refused_wherever_it_is(argument, unknown):
    arguments = {"time": [1.0, 2.0, 3.0], "event": [1.0, 0.0, 1.0], "group": [0.0, 1.0, 1.0], "strata": [1.0, 1.0, 2.0],
                 "entry": [0.0, 0.0, 1.0]}  # fmt: skip
    arguments[argument][1] = unknown

    with pytest.raises(DataError, match=f"^{argument}: found"):
        log_rank(groups=(0, 1), **arguments)


@pytest.mark.parametrize("entry", [[0, 2, 0], [0, 0], [0, -1, 0]])
def test_an_entry_that_cannot_be_is_refused(entry):
    with pytest.raises(DataError, match=r"^entry: found"):
        log_rank([1, 2, 3], [1, 1, 1], list("ABA"), groups=("A", "B"), entry=entry)


@given(subjects)
def test_a_constant_factor_beside_the_strata_and_an_empty_group_change_nothing(rows):
    time, event, group, strata = columns(rows)
    one = log_rank(time, event, group, groups=(0, 1), strata=strata)
    crossed = log_rank(time, event, group, groups=(0, 1), strata=[[s, "all"] for s in strata])
    wider = log_rank(time, event, group, groups=(0, 1, 2), strata=strata)

    assert crossed.chi_square == approx(one.chi_square, nan_ok=True, rel=0)
    assert wider.chi_square == approx(one.chi_square, nan_ok=True, rel=1e-9, abs=1e-12) and wider.df == one.df


def test_a_group_of_one_against_a_million_keeps_its_digits():
    # The share of the others at risk is 1 up to 1e-6; their variance is not 1 minus rounding.
    n = 10**6
    time, group = np.arange(1, n + 1), np.zeros(n, dtype=int)
    event = np.zeros(n, dtype=bool)
    group[-1], event[0] = 1, True
    test = log_rank(time, event, group, groups=(0, 1))

    assert test.z == approx((1 / (n - 1)) ** 0.5, rel=1e-13)


def test_summary_and_frame_show_every_number():
    test = log_rank(
        PLACEBO + SIX_MP,
        [1] * 21 + SIX_MP_RELAPSED,
        ["placebo"] * 21 + ["6-MP"] * 21,
        groups=("placebo", "6-MP"),
    )

    assert test.summary().splitlines()[0] == "Log-rank test"
    assert "16.793" in test.summary() and "6-MP vs placebo" in test.summary()
    frame = test.to_frame()
    assert frame.filter(frame["statistic"] == "observed")["value"].to_list() == [21, 9]
    assert set(frame["statistic"]) == {
        "n",
        "observed",
        "expected",
        "chi_square",
        "df",
        "z",
        "p_value_one_sided",
        "p_value_two_sided",
    }
    nothing = log_rank([1, 2], [0, 0], ["A", "B"], groups=("A", "B"))
    assert "Note: no events" in nothing.summary()
    assert "no events: the test is not estimable" in nothing.to_frame()["warning"].to_list()
