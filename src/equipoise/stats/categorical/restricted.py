"""The most likely pair of risks under a stated difference, ratio or odds ratio, and the score statistic there.

Arrays in, arrays out; scalars are arrays of shape (). 1 is the experimental group, 0 the control group.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.observations import FloatArray


def risks_at_difference(
    x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, difference: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Maximum likelihood risks (p1, p0) with p1 - p0 = difference; difference from -1 to 1.

    Source: Miettinen & Nurminen 1985, the trigonometric root of their cubic, then Newton steps on it:
    the arc cosine alone loses half of the digits where two roots meet.

    >>> [round(float(p), 6) for p in risks_at_difference(3, 10, 1, 10, 0.0)]
    [0.2, 0.2]
    """
    x1, n1, x0, n0, d = (np.asarray(one, dtype=np.float64) for one in (x1, n1, x0, n0, difference))
    n, x = n1 + n0, x1 + x0
    b = ((n1 + 2 * n0) * d - n - x) / n
    c = ((n0 * d - n - 2 * x0) * d + x) / n
    e = x0 * d * (1 - d) / n
    low, high = np.maximum(0.0, -d), np.minimum(1.0, 1 - d)
    third = b / 3
    q = third**3 - b * c / 6 + e / 2
    radius = np.sqrt(np.maximum(third**2 - c / 3, 0.0))
    p = np.where(q >= 0, radius, -radius)
    cube = p**3
    ratio = np.divide(q, cube, out=np.ones(np.shape(q)), where=cube != 0)
    angle = (np.pi + np.arccos(np.clip(ratio, -1, 1))) / 3
    p0 = np.clip(2 * p * np.cos(angle) - third, low, high)
    for _ in range(3):
        value = ((p0 + b) * p0 + c) * p0 + e
        slope = (3 * p0 + 2 * b) * p0 + c
        # The likelihood falls on both sides of its maximum, so the cubic has a negative slope there.
        step = np.divide(value, slope, out=np.zeros(np.shape(value)), where=slope < 0)
        p0 = np.clip(p0 - step, low, high)
    # Without events, or with nothing else, the likelihood has its maximum at an end, where the cubic may have a double root.
    p0 = np.where(x == 0, low, np.where(x == n, high, p0))
    return np.clip(p0 + d, 0.0, 1.0), p0


def difference_variance(
    x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, difference: ArrayLike
) -> FloatArray:
    """Variance of the observed difference at the restricted risks, without the factor N / (N - 1).

    >>> round(float(difference_variance(3, 10, 1, 10, 0.0)), 6)
    0.032
    """
    p1, p0 = risks_at_difference(x1, n1, x0, n0, difference)
    variance: FloatArray = p1 * (1 - p1) / np.asarray(n1) + p0 * (1 - p0) / np.asarray(n0)
    return variance


def difference_score(
    x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, difference: ArrayLike
) -> FloatArray:
    """(observed - stated difference) / its restricted standard error; 0 / 0 is 0.

    >>> round(float(difference_score(3, 10, 1, 10, 0.0)), 6)
    1.118034
    """
    away = np.asarray(x1) / np.asarray(n1) - np.asarray(x0) / np.asarray(n0) - np.asarray(difference)
    return _standardized(away, difference_variance(x1, n1, x0, n0, difference))


def ratio_score(x1: float, n1: float, x0: float, n0: float, ratio: float) -> float:
    """(p1 - ratio p0) / its standard error at the restricted risks: Koopman's statistic, signed.

    >>> round(ratio_score(3, 10, 1, 10, 1.0), 6)
    1.118034
    """
    n, x = n1 + n0, x1 + x0
    b = n1 * ratio + x1 + n0 + x0 * ratio
    # The smaller root of n ratio p0^2 - b p0 + x = 0, written without a difference of near numbers.
    p0 = min(2 * x / (b + max(b * b - 4 * n * ratio * x, 0.0) ** 0.5), 1.0)
    p1 = min(ratio * p0, 1.0)
    variance = p1 * (1 - p1) / n1 + ratio * ratio * p0 * (1 - p0) / n0
    return float(_standardized(np.asarray(x1 / n1 - ratio * x0 / n0), np.asarray(variance)))


def odds_score(x1: float, n1: float, x0: float, n0: float, odds_ratio: float, *, moved: float = 0.0) -> float:
    """The score statistic of an odds ratio: events above the expected, in standard errors.

    moved: what is added to the observed events (a correction for continuity).

    >>> round(odds_score(3, 10, 1, 10, 1.0), 6)
    1.118034
    """
    x, y = x1 + x0, n1 + n0 - x1 - x0
    if x == 0 or y == 0:
        return 0.0
    # Each risk and each complement by itself: none is one minus another, so that none vanishes.
    p1, q1 = _risk_at_odds(x, n1, n0, 1 / odds_ratio), _risk_at_odds(y, n1, n0, odds_ratio)
    p0, q0 = _risk_at_odds(x, n0, n1, odds_ratio), _risk_at_odds(y, n0, n1, 1 / odds_ratio)
    # Observed minus expected is the same number in all four cells; the smallest one loses least of it.
    cells = (
        (x1, x1 - n1 * p1),
        (n1 - x1, n1 * q1 - (n1 - x1)),
        (x0, n0 * p0 - x0),
        (n0 - x0, n0 - x0 - n0 * q0),
    )
    away = min(cells)[1] + moved
    return float(away * (1 / (n1 * p1 * q1) + 1 / (n0 * p0 * q0)) ** 0.5)


def _risk_at_odds(x: float, n: float, n_other: float, ratio: float) -> float:
    """The risk p of a group where x events are expected in all and the other group's odds are ratio times its own.

    The root of n (ratio - 1) p^2 + b p - x = 0, with its discriminant as a sum of positive terms.
    """
    excess = ratio - 1
    b = n_other * ratio + n - x * excess
    if excess < 0:
        root = ((n_other * ratio + n + x * excess) ** 2 - 4 * n_other * ratio * x * excess) ** 0.5
    else:
        root = (b * b + 4 * n * excess * x) ** 0.5
    return float(min(2 * x / (b + root) if b > 0 else (root - b) / (2 * n * excess), 1.0))


def _standardized(away: FloatArray, variance: FloatArray) -> FloatArray:
    error = np.sqrt(variance)
    # Where the restricted risks leave no variance, a difference that is not rounding is infinitely far.
    empty: Any = np.where(np.abs(away) < 1e-12, 0.0, np.copysign(np.inf, away))
    score: FloatArray = np.divide(away, error, out=np.array(empty, dtype=np.float64), where=error > 0)
    return score
