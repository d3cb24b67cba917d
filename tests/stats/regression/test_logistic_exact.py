"""Exact conditional logistic regression."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.stats import exact_logistic

DRAWN = np.random.default_rng(7)
FIELDS = (
    "coefficients",
    "std_err",
    "median_unbiased",
    "lower",
    "upper",
    "p_value_two_sided",
    "p_value_score",
)


def same(one: object, two: object, rel: float = 1e-9) -> None:
    for name in FIELDS:
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=rel, err_msg=name)


@pytest.mark.parametrize("seed", range(12))
def test_tails_are_those_of_every_choice_of_events(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    x = np.column_stack((drawn.integers(0, 4, 10), drawn.integers(0, 2, 10))).astype(float)
    y = drawn.permutation([1] * 4 + [0] * 6)
    strata = drawn.integers(0, 2, 10)
    found = exact_logistic(y, x, strata=strata)

    observed = y @ x
    sums = [x[list(rows)].sum(axis=0) for rows in itertools.combinations(range(10), 4)
            if np.bincount(strata[list(rows)], minlength=2).tolist() == np.bincount(strata, weights=y, minlength=2).tolist()]  # fmt: skip
    for j in (0, 1):
        given = [s[j] for s in sums if s[1 - j] == observed[1 - j]]
        if len(set(given)) == 1:
            assert math.isnan(found.p_value_upper[j])
        else:
            assert found.p_value_upper[j] == pytest.approx(np.mean(np.array(given) >= observed[j]), rel=1e-12)


def test_rows_may_be_shuffled_repeated_or_counted() -> None:
    x, y = DRAWN.integers(0, 4, 14).astype(float), DRAWN.permutation([1] * 6 + [0] * 8)
    found, order = exact_logistic(y, x), DRAWN.permutation(14)

    same(exact_logistic(y[order], x[order]), found)
    rows, count = np.unique(np.column_stack((y, x)), axis=0, return_counts=True)
    same(exact_logistic(rows[:, 0], rows[:, 1], weights=count), found)


def test_other_outcome_other_sign_scale_and_shift() -> None:
    x, y = DRAWN.integers(0, 4, 14).astype(float), DRAWN.permutation([1] * 6 + [0] * 8)
    found, other, scaled = exact_logistic(y, x), exact_logistic(1 - y, x), exact_logistic(y, 0.1 * x + 17)

    np.testing.assert_allclose(other.coefficients, -found.coefficients, rtol=1e-9)
    np.testing.assert_allclose(other.lower, 1 / found.upper, rtol=1e-9)
    np.testing.assert_allclose(scaled.coefficients, 10 * found.coefficients, rtol=1e-9)
    np.testing.assert_allclose(scaled.p_value_two_sided, found.p_value_two_sided, rtol=1e-12)


def test_a_stratum_with_one_outcome_adds_nothing() -> None:
    x, y = np.array([1, 2, 3, 4, 5, 6.0]), np.array([0, 1, 0, 1, 1, 1])
    found = exact_logistic(y, x)
    more = exact_logistic([*y, 0, 0], [*x, 9, 8], strata=[1] * 6 + [2] * 2)

    same(more, found)
    assert more.n == 8 and more.n_strata == 1
    same(exact_logistic(y, x, strata=["only"] * 6), found)


def test_limits_are_the_one_sided_tests_inverted() -> None:
    x, y = np.array([0, 1, 2, 3, 4, 2, 1, 3.0]), np.array([0, 0, 1, 1, 1, 0, 1, 0])
    found = exact_logistic(y, x)

    for limit, side in ((found.lower[0], 1), (found.upper[0], -1)):
        sums = np.array([x[list(rows)].sum() for rows in itertools.combinations(range(8), 4)])
        weight = limit**sums
        assert weight[side * sums >= side * (y @ x)].sum() / weight.sum() == pytest.approx(0.025, rel=1e-9)
    middle = exact_logistic(y, x, interval="mid-p")
    assert found.lower[0] < middle.lower[0] < middle.upper[0] < found.upper[0]
    assert middle.mid_p_value_two_sided[0] < middle.p_value_two_sided[0]


def test_extreme_and_determined_sums_are_said() -> None:
    extreme = exact_logistic([0, 0, 0, 1, 1, 1], np.arange(6.0), names=["x"])
    assert extreme.coefficients[0] == math.inf and extreme.upper[0] == math.inf
    assert 0 < extreme.median_unbiased[0] < math.inf and extreme.lower[0] > 0
    assert "greatest possible" in extreme.warnings[0] and "infinity" in extreme.summary()

    determined = exact_logistic([1, 0, 1, 0], np.ones((4, 1)), names=["x"])
    assert math.isnan(determined.coefficients[0]) and "determine its sum" in determined.warnings[0]
    assert determined.to_frame().filter(statistic="lower")["value"].is_null().all()

    nothing = exact_logistic([1, 1, 1], [1, 2, 3])
    assert "no stratum has both outcomes" in nothing.warnings[0] and math.isnan(nothing.p_value_score[0])


def test_joint_test_of_one_is_the_single_test() -> None:
    x, y = DRAWN.integers(0, 3, (12, 2)).astype(float), DRAWN.permutation([1] * 5 + [0] * 7)
    found = exact_logistic(y, x, names=["a", "b"], joint=[["a"], ["a", "b"]])

    assert found.joint[0].p_value_two_sided == pytest.approx(found.p_value_two_sided[0], rel=1e-12)
    assert found.joint[0].chi_square == pytest.approx(found.chi_square[0], rel=1e-10)
    assert found.joint[1].df == 2
    assert exact_logistic(y, x, names=["a", "b"], effects=["b"]).names == ("b",)


def test_work_has_a_limit_that_is_stated() -> None:
    x, y = DRAWN.normal(size=(60, 2)), np.arange(60) % 2

    with pytest.raises(DataError, match="most_states"):
        exact_logistic(y, x.round(2), most_states=1000)
    with pytest.raises(DataError, match="too finely divided"):
        exact_logistic(y, x)
    with pytest.raises(DataError, match="ways to choose"):
        exact_logistic(np.arange(3000) % 2, np.arange(3000) % 3)


@pytest.mark.parametrize(
    ("changed", "argument"),
    [({"response": [1, 0, 1, None]}, "response"), ({"covariates": [1, 2, 3, np.nan]}, "covariates"),
     ({"strata": [1, 2, 1]}, "strata"), ({"strata": ["a", None, "a", "a"]}, "strata"), ({"effects": ["no"]}, "effects"),
     ({"interval": "wald"}, "interval"), ({"weights": [1, 1, 1, np.nan]}, "weights"), ({"confidence_level": 1}, "confidence_level")],
)  # fmt: skip
def test_unusable_arguments_are_refused(changed: dict[str, object], argument: str) -> None:
    given: dict[str, object] = {"response": [1, 0, 1, 0], "covariates": [1.0, 2, 3, 4]} | changed

    with pytest.raises(DataError, match=argument):
        exact_logistic(**given)  # type: ignore[arg-type]
