from __future__ import annotations

import math
from decimal import Decimal, getcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats.numerics.distributions import chi_square_sf, normal_cdf, normal_quantile, normal_sf
from reference.values import cases

# R documents its own distribution functions to about 14 digits.
AGREES = 2e-14


@pytest.mark.parametrize(("x", "value"), list(zip(*cases("numbers")["normal_sf"].values(), strict=True)))
def test_normal_tail_agrees_with_r(x, value):
    assert normal_sf(x) == approx(value, rel=AGREES, abs=0)
    assert normal_cdf(-x) == normal_sf(x)


@pytest.mark.parametrize(
    ("p", "value"), list(zip(*cases("numbers")["normal_quantile"].values(), strict=True))
)
def test_normal_quantile_agrees_with_r(p, value):
    assert normal_quantile(p) == approx(value, rel=AGREES, abs=0)


@pytest.mark.parametrize(
    ("x", "df", "value"), list(zip(*cases("numbers")["chi_square_sf"].values(), strict=True))
)
def test_chi_square_tail_agrees_with_r(x, df, value):
    assert chi_square_sf(x, int(df)) == approx(value, rel=AGREES, abs=0)


@pytest.mark.parametrize("x", [5.3, 12.7, 20.1, 30.3, 36.9])
def test_normal_tail_against_a_continued_fraction_in_fifty_digits(x):
    # Laplace: sf(x) = phi(x) / (x + 1/(x + 2/(x + 3/(x + ...)))).
    getcontext().prec = 50
    exact, fraction = Decimal(x), Decimal(x)
    for k in range(400, 0, -1):
        fraction = exact + Decimal(k) / fraction
    pi = Decimal("3.14159265358979323846264338327950288419716939937510582")
    expected = (-exact * exact / 2).exp() / (2 * pi).sqrt() / fraction

    assert normal_sf(x) == approx(float(expected), rel=1e-14, abs=0)


@given(st.floats(1e-12, 1 - 1e-12))
def test_the_quantile_inverts_the_distribution(p):
    assert normal_cdf(normal_quantile(p)) == approx(p, rel=1e-13)


@given(st.floats(0, 30))
def test_one_degree_of_freedom_is_the_normal_squared(z):
    assert chi_square_sf(z * z, 1) == approx(2 * normal_sf(z), rel=1e-12)


@given(st.floats(0, 1400))
def test_two_degrees_of_freedom_are_exponential(x):
    assert chi_square_sf(x, 2) == approx(math.exp(-x / 2), rel=1e-14, abs=0)


def test_ends_and_unknowns():
    assert (normal_sf(math.inf), normal_sf(-math.inf), chi_square_sf(0, 3)) == (0, 1, 1)
    assert (chi_square_sf(math.inf, 3), normal_sf(1e9), chi_square_sf(1e6, 2)) == (0, 0, 0)
    assert math.isnan(normal_sf(math.nan)) and math.isnan(chi_square_sf(math.nan, 1))
    assert math.isnan(chi_square_sf(3, 0))


def test_unusable_arguments_are_named():
    with pytest.raises(DataError, match="p: found 1"):
        normal_quantile(1)
    with pytest.raises(DataError, match="df: found -1"):
        chi_square_sf(1, -1)
    with pytest.raises(DataError, match=r"x: found -0\.5"):
        chi_square_sf(-0.5, 1)
