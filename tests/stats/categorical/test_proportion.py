"""One proportion: limits and tests."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import proportion_interval, proportion_test
from equipoise.stats.categorical.proportion import _LIMITS

counts = st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("method", _LIMITS)
@given(counts)
def test_limits_mirror_and_hold_the_estimate(method, drawn):
    x, n = drawn
    found, mirrored = proportion_interval(x, n, method=method), proportion_interval(n - x, n, method=method)

    assert (found.lower, found.upper) == approx(
        (1 - mirrored.upper, 1 - mirrored.lower), abs=1e-10, nan_ok=True
    )
    if method == "logit" and x in (0, n):
        assert math.isnan(found.lower) and "not estimable" in found.warnings[0]
    elif method != "arcsine":  # Anscombe's angle is not that of the estimate
        assert found.lower <= found.estimate + 1e-12 and found.estimate <= found.upper + 1e-12


@given(counts)
def test_blaker_lies_within_clopper_pearson(drawn):
    blaker, clopper = (proportion_interval(*drawn, method=method) for method in ("blaker", "clopper-pearson"))

    assert clopper.lower - 1e-12 <= blaker.lower <= blaker.upper <= clopper.upper + 1e-12


@pytest.mark.parametrize("method", _LIMITS)
def test_a_higher_level_is_wider(method):
    narrow, wide = (
        proportion_interval(7, 20, method=method, confidence_level=level) for level in (0.8, 0.99)
    )

    assert wide.lower < narrow.lower < narrow.upper < wide.upper


@given(counts, st.sampled_from([0.025, 0.05, 0.15]))
def test_clopper_pearson_limits_are_where_the_one_sided_tests_stop(drawn, tail):
    x, n = drawn
    found = proportion_interval(x, n, confidence_level=1 - 2 * tail)
    if x > 0:
        assert proportion_test(x, n, null=found.lower).p_value_greater == approx(tail, rel=1e-9)
    if x < n:
        assert proportion_test(x, n, null=found.upper).p_value_less == approx(tail, rel=1e-9)


def test_subjects_give_the_same_as_counts():
    assert (
        proportion_interval("answer", data={"answer": [True, False, True]}).upper
        == proportion_interval(2, 3).upper
    )
    assert proportion_test([1, 0, 1]).p_value_two_sided == proportion_test(2, 3).p_value_two_sided


def test_results_are_rows_and_text():
    found = proportion_interval(3, 10)
    assert (
        found.summary().startswith("Proportion, 95% clopper-pearson limits\n")
        and "n_events" in found.summary()
    )
    assert found.to_frame().filter(statistic="estimate")["value"].item() == 0.3
    assert "z" not in proportion_test(3, 10).to_frame()["statistic"].to_list()
    assert "z" in proportion_test(3, 10, method="score").to_frame()["statistic"].to_list()
    assert "no width" in proportion_interval(0, 10, method="wald").warnings[0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: proportion_interval(11, 10), "events: found 11; expected at most n = 10"),
        (lambda: proportion_interval(-1, 10), "events: found -1"),
        (lambda: proportion_interval(1.5, 10), "events: found 1.5"),
        (lambda: proportion_interval(math.nan, 10), "events: found nan"),
        (lambda: proportion_interval(0, 0), "n: found 0"),
        (lambda: proportion_interval(3), "n: found None"),
        (lambda: proportion_interval([1, 2, 0]), "events: found .*2.* at position 1"),
        (lambda: proportion_interval([1, math.nan, 0]), "events: found .*nan.* at position 1"),
        (lambda: proportion_interval(3, 10, method="exact"), "method: found 'exact'"),
        (lambda: proportion_interval(3, 10, confidence_level=1), "confidence_level: found 1"),
        (lambda: proportion_test(3, 10, null=0), "null: found 0"),
        (lambda: proportion_test(3, 10, method="wald"), "method: found 'wald'"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(DataError, match=words):
        call()
