"""Tails and quantiles of the t, F, beta and binomial distributions: each tail is computed as a tail.

scipy.special is imported inside the functions: it is not needed by an analysis that never asks for these.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from equipoise.stats.observations import refused


def t_sf(x: float, df: float) -> float:
    """The probability that Student's t with df degrees of freedom exceeds x.

    x: any float; infinities give 0 and 1, NaN gives NaN.  df: above 0, not necessarily whole; NaN gives NaN.
    Raises DataError on df of 0 or below.  Source: DiDonato & Morris 1992 (incomplete beta), as R's pt.

    >>> t_sf(0.0, 3), round(t_sf(2.0, 2), 12), t_sf(1e6, 9)
    (0.5, 0.091751709536, 2.5458970370...e-51)
    """
    from scipy.special import betainc, betaincc

    if math.isnan(x) or math.isnan(df):
        return math.nan
    if df <= 0:
        raise refused("df", df, "a number above 0", "pass the degrees of freedom")
    if math.isinf(x):
        return float(x < 0)
    square = x * x
    # Near the center one half less the rest loses nothing. Farther out, of the two forms of the incomplete beta the
    # one whose argument is small: it does not round the tail away.
    if square < 0.5 and square < df:
        tail = 0.5 - 0.5 * float(betainc(0.5, df / 2, square / (df + square)))
    elif square < df:
        tail = 0.5 * float(betaincc(0.5, df / 2, square / (df + square)))
    else:
        tail = 0.5 * float(betainc(df / 2, 0.5, df / (df + square))) if math.isfinite(square) else 0.0
    return tail if x > 0 else 1 - tail


def t_quantile(p: float, df: float) -> float:
    """The x with probability p below it, for Student's t with df degrees of freedom.

    p: strictly between 0 and 1.  For an upper tail q use ``-t_quantile(q, df)``.
    Raises DataError on another p or df.  Source: as R's qt; scipy's inverse, then Newton steps on ``t_sf``.

    >>> round(-t_quantile(0.025, 10), 10)
    2.228138852
    """
    from scipy.special import gammaln, stdtrit

    if not 0 < p < 1:
        raise refused(
            "p", p, "a probability between 0 and 1, both excluded", "at 0 and 1 the quantile is infinite"
        )
    if not df > 0:
        raise refused("df", df, "a number above 0", "pass the degrees of freedom")
    lower = min(p, 1 - p)
    x = -float(stdtrit(df, lower))  # x is the point that an upper tail of `lower` exceeds
    for _ in range(2):
        log_density = gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * math.log(df * math.pi)
        density = math.exp(log_density - (df + 1) / 2 * math.log1p(x * x / df))
        if density > 0 and math.isfinite(x):
            x += (t_sf(x, df) - lower) / density
    return -x if p < 0.5 else x


def f_sf(x: float, df_between: float, df_within: float) -> float:
    """The probability that an F variable exceeds x.

    x: at least 0; infinity gives 0, NaN gives NaN.  Raises DataError on a negative x or df not above 0.
    Source: as R's pf.

    >>> round(f_sf(4.0, 1, 10), 12) == round(2 * t_sf(2.0, 10), 12)
    True
    """
    from scipy.special import betainc, betaincc

    if math.isnan(x) or math.isnan(df_between) or math.isnan(df_within):
        return math.nan
    if x < 0 or df_between <= 0 or df_within <= 0:
        raise refused("x", (x, df_between, df_within), "a statistic of at least 0 and degrees of freedom above 0",
                      "pass the F ratio and its degrees of freedom")  # fmt: skip
    if math.isinf(x):
        return 0.0
    total = df_between * x + df_within
    if df_between * x < df_within:
        return float(betaincc(df_between / 2, df_within / 2, df_between * x / total))
    return float(betainc(df_within / 2, df_between / 2, df_within / total))


def beta_quantile(p: float, a: float, b: float) -> float:
    """The x with probability p below it, for a beta variable.

    p: strictly between 0 and 1.  a, b: above 0.  Raises DataError otherwise.  Source: as R's qbeta.

    >>> round(beta_quantile(0.025, 3, 8), 10)
    0.0667395112
    """
    from scipy.special import betaincinv

    if not (0 < p < 1 and a > 0 and b > 0):
        raise refused(
            "p", (p, a, b), "a probability between 0 and 1, and a and b above 0", "check the arguments"
        )
    return float(betaincinv(a, b, p))


def beta_upper_quantile(q: float, a: float, b: float) -> float:
    """The x with probability q above it, for a beta variable: q may be tiny.

    q: strictly between 0 and 1.  a, b: above 0.  Raises DataError otherwise.

    >>> round(beta_upper_quantile(0.975, 3, 8), 10)
    0.0667395112
    """
    from scipy.special import betainccinv

    if not (0 < q < 1 and a > 0 and b > 0):
        raise refused(
            "q", (q, a, b), "a probability between 0 and 1, and a and b above 0", "check the arguments"
        )
    return float(betainccinv(a, b, q))


def binomial_upper(x: int, n: int, p: float) -> float:
    """The probability of x or more events among n, each with probability p.

    >>> binomial_upper(2, 2, 0.5), binomial_upper(0, 5, 0.1)
    (0.25, 1.0)
    """
    from scipy.special import betainc

    return 1.0 if x <= 0 else 0.0 if x > n else float(betainc(x, n - x + 1, p))


def binomial_lower(x: int, n: int, p: float) -> float:
    """The probability of x or fewer events among n, each with probability p.

    >>> binomial_lower(0, 2, 0.5), binomial_lower(5, 5, 0.1)
    (0.25, 1.0)
    """
    from scipy.special import betaincc

    return 1.0 if x >= n else 0.0 if x < 0 else float(betaincc(x + 1, n - x, p))


def bisected(rises: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that goes from below 0 at low to above 0 at high crosses 0, to the last bit.

    >>> bisected(lambda x: x * x - 2, 0, 2)
    1.414213562373095...
    """
    while True:
        middle = low + (high - low) / 2
        if not low < middle < high:
            return middle
        if rises(middle) < 0:
            low = middle
        else:
            high = middle
