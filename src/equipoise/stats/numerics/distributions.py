"""Normal and chi-square probabilities to full double precision, far into the tails, without scipy.

A P value of 1e-40 is as exact as one of 0.04: tails are computed as tails, never as one minus the rest,
and the rounding of an argument is carried along where the tail would magnify it.
"""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist

from equipoise.stats.observations import refused

# 1/sqrt(2) to twice double precision: the double nearest to it and what that double misses (1/2 = s**2).
_ROOT_HALF = math.sqrt(0.5)
_ROOT_HALF_REST = float((Fraction(1, 2) - Fraction(_ROOT_HALF) ** 2) / (2 * Fraction(_ROOT_HALF)))
_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
_ROOT_TWO_PI = math.sqrt(2 * math.pi)
_STANDARD = NormalDist()


def _erfc(y: float, rest: float) -> float:
    """erfc(y + rest) for a rest too small to be kept in y: one step of Taylor's series."""
    return math.erfc(y) - rest * _TWO_OVER_ROOT_PI * math.exp(-y * y)


# 2**27 + 1 splits a double into two halves of 26 bits, whose products are exact (Dekker 1971).
_SPLITTER = 134217729.0


def _product_error(a: float, b: float) -> float:
    """a * b minus its rounded value, exactly."""
    product = a * b
    wide = _SPLITTER * a
    a_high = wide - (wide - a)
    a_low = a - a_high
    wide = _SPLITTER * b
    b_high = wide - (wide - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def normal_sf(x: float) -> float:
    """The probability that a standard normal variable exceeds x.

    x: any float; infinities give 0 and 1, NaN gives NaN.
    Relative error below 1e-14 wherever the result is a normal double (x < 37).
    Source: sf(x) = erfc(x / sqrt 2) / 2, with the rounding of x / sqrt 2 carried to first order.

    >>> normal_sf(0.0), normal_sf(10.0)
    (0.5, 7.61985302416...e-24)
    """
    if not math.isfinite(x) or abs(x) > 1e3:
        return math.nan if math.isnan(x) else float(x < 0)
    y = x * _ROOT_HALF
    return 0.5 * _erfc(y, _product_error(x, _ROOT_HALF) + x * _ROOT_HALF_REST)


def normal_cdf(x: float) -> float:
    """The probability that a standard normal variable is at most x; precision as ``normal_sf``.

    >>> round(normal_cdf(1.959963984540054), 15)
    0.975
    """
    return normal_sf(-x)


def normal_quantile(p: float) -> float:
    """The x with normal_cdf(x) = p.

    p: strictly between 0 and 1.  For an upper tail q use ``-normal_quantile(q)``: 1 - q loses digits.
    Raises DataError outside (0, 1).
    Source: Wichura 1988 (AS 241) as in the standard library, then one Halley step on the tail.

    >>> round(-normal_quantile(0.025), 12)
    1.95996398454
    """
    if not 0 < p < 1:
        raise refused("p", p, "a probability between 0 and 1, both excluded",
                      "at 0 and 1 the quantile is infinite")  # fmt: skip
    x = _STANDARD.inv_cdf(p)
    tail, target = (normal_cdf(x), p) if x < 0 else (normal_sf(x), 1 - p)
    density = math.exp(-x * x / 2) / _ROOT_TWO_PI
    step = (tail - target) / density if x < 0 else (target - tail) / density
    return x - step / (1 + x * step / 2)


def chi_square_sf(x: float, df: int) -> float:
    """The probability that a chi-square variable with df degrees of freedom exceeds x.

    x: at least 0; NaN gives NaN.  df: a whole number of at least 1; 0 gives NaN (nothing was tested).
    Relative error of the order 1e-15 times df.
    Raises DataError on a negative x or df.
    Source: Abramowitz & Stegun 26.4.4 and 26.4.5, finite sums of positive terms.

    >>> round(chi_square_sf(3.841458820694124, 1), 15), round(chi_square_sf(16.7929, 1), 9)
    (0.05, 4.1689e-05)
    """
    if df < 0 or df != int(df):
        raise refused("df", df, "a whole number of at least 0", "pass the number of tested coefficients")
    if math.isnan(x) or df == 0:
        return math.nan
    if x < 0:
        raise refused("x", x, "a chi-square value of at least 0", "pass the statistic, not its root")
    half = x / 2
    if half == 0:
        return 1.0
    if half > 1400:
        return 0.0
    # exp(-half) in two equal factors, so that it does not vanish before large terms have met it.
    root_of_exp = math.exp(-half / 2)
    if df % 2 == 0:
        term, denominator, result = root_of_exp, 0.0, 0.0
    else:
        root = math.sqrt(half)
        root_rest = float((Fraction(half) - Fraction(root) ** 2) / (2 * Fraction(root)))
        result = _erfc(root, root_rest)
        term, denominator = root_of_exp * root * _TWO_OVER_ROOT_PI, 0.5
    total = 0.0
    for _ in range(df // 2):
        total += term
        denominator += 1
        term *= half / denominator
    if df % 2 == 1:
        # The first odd term is half**(1/2) / Gamma(3/2) = root * 2 / sqrt(pi), as set above.
        return result + total * root_of_exp
    return total * root_of_exp
