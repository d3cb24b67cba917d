from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats.continuous.descriptive import describe, mean, median, quantile, sd
from reference.values import cases

DESCRIBED = {name: case for name, case in cases("numbers").items() if name.startswith("describe")}
values = st.lists(st.integers(-5, 5), min_size=1, max_size=9)


@pytest.mark.parametrize("name", DESCRIBED)
def test_agrees_with_r(name):
    case = DESCRIBED[name]

    assert mean(case["values"]) == approx(case["mean"], rel=1e-14)
    assert sd(case["values"]) == approx(case["sd"], rel=1e-13, nan_ok=True)
    for kind in (2, 7):
        found = [quantile(case["values"], p, kind=kind) for p in case["p"]]
        assert found == approx(list(case[f"type_{kind}"]), rel=1e-14)


def test_quartiles_of_four_by_both_definitions():
    # Type 7: 1 + 0.25 x 3 = place 1.75. Type 2: 4 x 0.25 = 1 is whole, so the mean of the 1st and 2nd.
    assert [quantile([4, 1, 3, 2], p, kind=7) for p in (0.25, 0.5, 0.75)] == [1.75, 2.5, 3.25]
    assert [quantile([4, 1, 3, 2], p, kind=2) for p in (0.25, 0.5, 0.75)] == [1.5, 2.5, 3.5]


def test_nothing_and_one():
    nothing, one = describe([]), describe([7])

    assert nothing.n == 0 and all(
        math.isnan(getattr(nothing, field))
        for field in ("mean", "sd", "median", "q1", "q3", "minimum", "maximum")
    )
    assert (one.mean, one.median, one.q1, one.minimum, one.maximum) == (7, 7, 7, 7, 7)
    assert math.isnan(one.sd)


@given(values, st.sampled_from([2, 7]), st.floats(0, 1), st.floats(0, 1))
def test_quantiles_lie_in_the_range_and_rise(drawn, kind, p, q):
    low, high = sorted((p, q))
    found = quantile(drawn, low, kind=kind), quantile(drawn, high, kind=kind)

    assert min(drawn) <= found[0] <= found[1] <= max(drawn)


@given(values)
def test_the_median_is_the_same_by_both_definitions(drawn):
    assert median(drawn) == quantile(drawn, 0.5, kind=2)


def test_unusable_values_are_named():
    with pytest.raises(DataError, match="values: found nan at position 1; expected finite numbers"):
        mean([1, math.nan])
    with pytest.raises(DataError, match="values: found dtype"):
        sd(["a"])
    with pytest.raises(DataError, match=r"p: found 50; expected a probability from 0 to 1"):
        quantile([1], 50)
    with pytest.raises(DataError, match="kind: found 5"):
        quantile([1], 0.5, kind=5)
