from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import multivariate_normal_cdf, multivariate_normal_tail
from equipoise.stats.numerics.distributions import normal_cdf, normal_sf

NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)
UPPER_TAIL = np.vectorize(lambda x: math.erfc(x / math.sqrt(2)) / 2)


def one_factor_tail(limit, r, d, two_sided):
    """P(some |X_i| or X_i > limit) with all correlations r: independent given one common variable."""
    edges = np.linspace(-14, 14, 113)
    half = np.diff(edges)[:, None] / 2
    x = (edges[:-1, None] + edges[1:, None]) / 2 + half * NODES
    own = UPPER_TAIL((limit - math.sqrt(r) * x) / math.sqrt(1 - r))
    if two_sided:
        own = own + UPPER_TAIL((limit + math.sqrt(r) * x) / math.sqrt(1 - r))
    with np.errstate(divide="ignore"):
        some = -np.expm1(d * np.log1p(-own))
    return float(np.sum(half * WEIGHTS * np.exp(-x * x / 2) * some) / math.sqrt(2 * math.pi))


def equal(d, r):
    return np.where(np.eye(d) == 1, 1.0, r)


@pytest.mark.parametrize("d", [2, 3, 4, 5])
@pytest.mark.parametrize("r", [0.1, 0.9])
@pytest.mark.parametrize("limit", [0.5, 3.0, 10.0])
def test_tails_keep_relative_precision(d, r, limit):
    assert multivariate_normal_tail([limit] * d, equal(d, r)) == approx(
        one_factor_tail(limit, r, d, False), rel=1e-12
    )
    if d < 5:
        both = multivariate_normal_tail([limit] * d, equal(d, r), lower=[-limit] * d)
        assert both == approx(one_factor_tail(limit, r, d, True), rel=1e-12)


def random_case(seed, d, rank):
    generator = np.random.default_rng(seed)
    faces = generator.normal(size=(d, rank))
    faces /= np.linalg.norm(faces, axis=1)[:, None]
    r = np.clip(faces @ faces.T, -1, 1)
    np.fill_diagonal(r, 1)
    return generator.normal(size=d) + 0.7, r, generator.permutation(d)


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_the_order_of_variables_is_of_no_consequence_also_where_the_matrix_is_singular(seed, d, rank):
    limits, r, order = random_case(seed, d, rank)

    one = multivariate_normal_cdf(limits, r)
    other = multivariate_normal_cdf(limits[order], r[np.ix_(order, order)])

    assert other == approx(one, abs=1e-9)


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_variable_is_split_at_a_limit(seed, d, rank):
    # P(all below) = P(first below c, ...) + P(first between c and its limit, ...)
    limits, r, _ = random_case(seed, d, rank)
    cut = limits[0] - 0.8
    low = np.full(d, -np.inf)
    low[0] = cut
    below = limits.copy()
    below[0] = cut

    whole = multivariate_normal_cdf(limits, r)

    assert multivariate_normal_cdf(below, r) + multivariate_normal_cdf(limits, r, lower=low) == approx(
        whole, abs=1e-9
    )


@pytest.mark.parametrize("r", [0.7, -0.3])
def test_a_limit_at_infinity_is_no_limit(r):
    matrix = [[1, r, 0.2], [r, 1, 0.1], [0.2, 0.1, 1]]
    with_it = multivariate_normal_cdf([0.4, np.inf, -0.2], matrix)

    assert with_it == approx(multivariate_normal_cdf([0.4, -0.2], [[1, 0.2], [0.2, 1]]), abs=1e-15)


def test_inside_and_outside_add_to_one():
    matrix = equal(4, 0.4)
    assert multivariate_normal_cdf([1, 0, 2, 0.3], matrix) + multivariate_normal_tail(
        [1, 0, 2, 0.3], matrix
    ) == approx(1, abs=1e-14)


def test_one_variable_is_the_normal_distribution():
    assert multivariate_normal_cdf([-8.0], [[1]]) == normal_cdf(-8.0)
    assert multivariate_normal_tail([8.0], [[1]], lower=[-8.0]) == 2 * normal_sf(8.0)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_variable_given_twice_takes_the_narrower_limits(sign):
    matrix = [[1, sign, 0.5 * sign], [sign, 1, 0.5], [0.5 * sign, 0.5, 1]]
    found = multivariate_normal_cdf([1.0, 2.0, 0.3], matrix, lower=[-1.5, -0.5, -1.0])
    low, high = (-0.5, 1.0) if sign > 0 else (-0.5, 1.5)

    assert found == approx(
        multivariate_normal_cdf([high, 0.3], [[1, 0.5], [0.5, 1]], lower=[low, -1.0]), abs=1e-15
    )


def test_nothing_lies_between_limits_that_meet():
    matrix = [[1, 1], [1, 1]]

    assert multivariate_normal_cdf([1, -1], matrix, lower=[0, -2]) == 0
    assert multivariate_normal_cdf([1.0], [[1]], lower=[1.0]) == 0


@pytest.mark.parametrize(
    ("upper", "matrix", "lower", "message"),
    [
        ([0.0] * 6, np.eye(6), None, r"upper: found shape \(6,\); expected one limit a variable, 1 to 5"),
        ([0.0, np.nan], np.eye(2), None, "upper: found nan at position 1"),
        ([0.0, 0.0], np.eye(2), [0.0], r"lower: found shape \(1,\)"),
        ([0.0, 0.0], np.eye(2), [-1.0, 0.5], "lower: found 0.5 at position 1; expected at most the upper limit 0.0"),
        ([0.0, 0.0], np.eye(3), None, r"correlation: found shape \(3, 3\)"),
        ([0.0, 0.0], [[1, 0.5], [0.4, 1]], None, "correlation: found a matrix that no variables have"),
        ([0.0, 0.0], [[2, 0.5], [0.5, 1]], None, "correlation: found a matrix"),
        ([0.0, 0.0], [[1, 1.2], [1.2, 1]], None, "correlation: found a matrix"),
        ([0.0] * 3, equal(3, -0.6), None, "correlation: found a matrix"),
        ([0.0, 0.0], [[1, np.nan], [np.nan, 1]], None, "correlation: found a matrix"),
    ],
)  # fmt: skip
def test_refusals_name_what_was_found(upper, matrix, lower, message):
    with pytest.raises(DataError, match=message):
        multivariate_normal_cdf(upper, matrix, lower=lower)
