"""Probabilities of boxes under a multivariate normal distribution, without random numbers.

One variable after the other is tied to those before it: the probability with its correlations is the one without
them plus an integral along the path from none to all of them (Plackett), whose integrand has two variables less.
Dimensions 1 and 2 are closed forms, 3 and 4 take one integral, 5 an integral of an integral.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.numerics.distributions import normal_cdf, normal_sf
from equipoise.stats.observations import FloatArray, refused

MOST_VARIABLES = 5
# Correlations this near to 1 or -1 are of one variable given twice: nearer than rounding of sums leaves them.
_SAME = 1e-13
# A conditional variance below this is rounding of zero.
_NO_VARIANCE = 1e-15
_COARSEST, _FINEST = 4, 9  # exponents of the step 2**-i of the quadrature
_SETTLED = 1e-13


def multivariate_normal_cdf(
    upper: ArrayLike, correlation: ArrayLike, *, lower: ArrayLike | None = None
) -> float:
    """The probability that standard normal variables with given correlations all lie within their limits.

    upper, lower: shape (d,), d at most 5; infinite limits are legal; without lower there are none below.
    correlation: shape (d, d), positive semidefinite; it may be singular (a variable given twice, or one that
    others determine).
    Absolute error below 1e-12 for regular matrices and those that one variable makes singular, 1e-9 for others.
    Raises DataError on other shapes, NaN, limits out of order, or a matrix of no distribution.
    Source: Plackett 1954; Genz 2004 (paths to independence); Owen 1956 for two variables; quadrature of
    Takahashi & Mori 1974.  As R mvtnorm, pmvnorm(upper=, corr=, algorithm=TVPACK()) for d = 3.

    >>> round(multivariate_normal_cdf([0, 0], [[1, 0.5], [0.5, 1]]), 12)
    0.333333333333
    """
    inside, outside = _box(upper, correlation, lower)
    return inside if inside < 0.5 else 1 - outside


def multivariate_normal_tail(
    upper: ArrayLike, correlation: ArrayLike, *, lower: ArrayLike | None = None
) -> float:
    """The probability that at least one variable lies outside its limits: one minus ``multivariate_normal_cdf``.

    Computed as a tail: the error is relative, below 1e-12 for regular matrices, also where the probability is 1e-30.
    Arguments and errors as ``multivariate_normal_cdf``.
    Source: as ``multivariate_normal_cdf``; held against closed forms and R mvtnorm 1.1-3, pmvnorm.

    >>> multivariate_normal_tail([9, 9], [[1, 0], [0, 1]])
    2.2571...e-19
    """
    return _box(upper, correlation, lower)[1]


def _box(upper: ArrayLike, correlation: ArrayLike, lower: ArrayLike | None) -> tuple[float, float]:
    """The probability of the box and of what is outside, each as exact as it can be."""
    high, low, matrix = _checked(upper, correlation, lower)
    kept = _merged(high, low, matrix)
    high, low, matrix = high[kept], low[kept], matrix[np.ix_(kept, kept)]
    if (high <= low).any():
        return 0.0, 1.0
    order = _most_independent_first(matrix)
    high, low, matrix = high[order], low[order], matrix[np.ix_(order, order)]
    inside, outside = _line(low[0], high[0])
    for d in range(1, len(high)):
        one, other = _line(low[d], high[d])
        tied = _settled_tie(low[: d + 1], high[: d + 1], matrix[: d + 1, : d + 1], inside * other + outside)
        inside, outside = inside * one + tied, outside + inside * other - tied
    return min(max(inside, 0.0), 1.0), min(max(outside, 0.0), 1.0)


def _line(low: float, high: float) -> tuple[float, float]:
    """One variable: within and outside."""
    low, high = float(low), float(high)
    within = normal_cdf(high) - normal_cdf(low) if high < 0 else normal_sf(low) - normal_sf(high)
    return within, normal_cdf(low) + normal_sf(high)


def _numbers(values: ArrayLike, argument: str) -> FloatArray:
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise refused(argument, repr(values), "numbers", "pass an array of numbers") from None


def _checked(
    upper: ArrayLike, correlation: ArrayLike, lower: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    high = _numbers(upper, "upper")
    if high.ndim != 1 or not 1 <= high.size <= MOST_VARIABLES:
        raise refused("upper", f"shape {high.shape}", f"one limit a variable, 1 to {MOST_VARIABLES} variables",
                      "pass a flat array")  # fmt: skip
    low = np.full(high.size, -np.inf) if lower is None else _numbers(lower, "lower")
    if low.shape != high.shape:
        raise refused("lower", f"shape {low.shape}", f"shape {high.shape}", "pass as many as upper limits")
    for name, limits in (("upper", high), ("lower", low)):
        if np.isnan(limits).any():
            raise refused(name, f"nan at position {int(np.argmax(np.isnan(limits)))}", "a number or infinity",
                          "an absent limit is infinite")  # fmt: skip
    if (low > high).any():
        where = int(np.argmax(low > high))
        raise refused("lower", f"{low[where]} at position {where}", f"at most the upper limit {high[where]}",
                      "exchange the two")  # fmt: skip
    matrix = _numbers(correlation, "correlation")
    if matrix.shape != (high.size, high.size):
        raise refused("correlation", f"shape {matrix.shape}", f"shape {(high.size, high.size)}",
                      "pass one row and column a variable")  # fmt: skip
    plausible = (
        np.isfinite(matrix).all()
        and np.abs(np.diag(matrix) - 1).max() < 1e-12
        and np.abs(matrix - matrix.T).max() < 1e-12
    )
    if not plausible or np.linalg.eigvalsh(matrix)[0] < -1e-9:
        raise refused("correlation", "a matrix that no variables have",
                      "symmetric, ones on the diagonal, no negative eigenvalue",
                      "divide a covariance by the standard deviations")  # fmt: skip
    matrix = np.clip((matrix + matrix.T) / 2, -1, 1)
    np.fill_diagonal(matrix, 1.0)
    return high, low, matrix


def _merged(high: FloatArray, low: FloatArray, matrix: FloatArray) -> list[int]:
    """Of variables that are the same, or the same with another sign, the first; it takes the narrower limits."""
    kept: list[int] = []
    for i in range(len(high)):
        for j in kept:
            if abs(matrix[i, j]) >= 1 - _SAME:
                a, b = (low[i], high[i]) if matrix[i, j] > 0 else (-high[i], -low[i])
                low[j], high[j] = max(low[j], a), min(high[j], b)
                break
        else:
            kept.append(i)
    return kept


def _most_independent_first(matrix: FloatArray) -> list[int]:
    """What others determine comes last, where the path to it begins in regular matrices."""
    remaining = matrix.copy()
    order: list[int] = []
    for _ in range(len(matrix)):
        left = [i for i in range(len(matrix)) if i not in order]
        best = max(left, key=lambda i: (round(float(remaining[i, i]), 9), -i))
        order.append(best)
        pivot = remaining[best, best]
        if pivot > _NO_VARIANCE:
            remaining -= np.outer(remaining[:, best], remaining[best]) / pivot
    return order


@lru_cache(maxsize=8)
def _nodes(exponent: int) -> tuple[FloatArray, FloatArray]:
    """Distances 1 - t of the nodes from the end of the path and their weights: dense at the end, where kinks are."""
    step = 2.0**-exponent
    u = np.arange(-3.5, 4.25 + step / 2, step)
    ratio = np.exp(math.pi * np.sinh(u))
    rest = 1 / (1 + ratio)
    return rest, step * math.pi * np.cosh(u) * rest * (ratio / (1 + ratio))


def _settled_tie(low: FloatArray, high: FloatArray, matrix: FloatArray, size: float) -> float:
    """What the correlations of the last variable add, the step halved until nothing changes."""
    if len(high) == 2:
        ties = _tie(low[None], high[None], matrix[None], _COARSEST + 1)
        return float(ties[0])
    last = math.inf
    for exponent in range(_COARSEST, _FINEST + 1):
        now = float(_tie(low[None], high[None], matrix[None], exponent)[0])
        if abs(now - last) <= _SETTLED * min(size, 1.0):
            return now
        last = now
    return last


def _tie(low: FloatArray, high: FloatArray, matrix: FloatArray, exponent: int) -> FloatArray:
    """The integral from independence of the last variable to its correlations, for a batch of b boxes.

    low, high: shape (b, d).  matrix: shape (b, d, d).
    With t the share of the correlations reached, the derivative is a sum over the variables j of the
    density of (last, j) at the corners of their limits times the probability of the others given both.
    """
    rest, weight = _nodes(exponent)
    t, gone = 1 - rest, rest * (2 - rest)  # gone is 1 - t**2, which near the end t itself does not hold
    d = high.shape[1]
    total = np.zeros(len(high))
    for j in range(d - 1):
        others = [k for k in range(d - 1) if k != j]
        r = matrix[:, d - 1, j]
        unexplained = (1 - r) * (1 + r)
        variance = unexplained[:, None] + (r * r)[:, None] * gone
        # Given j, the others have covariance given_j and with the last one t * shared.
        to_j = matrix[:, others, j]
        given_j = matrix[:, others][:, :, others] - to_j[:, :, None] * to_j[:, None, :]
        shared = matrix[:, others, d - 1] - r[:, None] * to_j
        at_end = given_j * unexplained[:, None, None] - shared[:, :, None] * shared[:, None, :]
        spread = (
            at_end[:, None] + gone[None, :, None, None] * (given_j - at_end)[:, None]
            if others
            else np.zeros((len(r), len(t), 0, 0))
        )
        for (x, one), (y, other) in product(
            ((high[:, d - 1], 1), (low[:, d - 1], -1)), ((high[:, j], 1), (low[:, j], -1))
        ):
            corner = np.isfinite(x) & np.isfinite(y) & (r != 0)
            if not corner.any():
                continue
            x_, y_, r_, v_ = x[corner], y[corner], r[corner], variance[corner]
            off = _beyond(x_, y_, r_)[:, None] + (r_ * y_)[:, None] * rest
            density = np.exp(-(off * off / v_ + (y_ * y_)[:, None]) / 2) / (2 * math.pi * np.sqrt(v_))
            if others:
                density = density * _given_two(
                    low[corner][:, others], high[corner][:, others], to_j[corner] * y_[:, None],
                    shared[corner][:, None, :] * (t * off)[:, :, None], v_, spread[corner], exponent,
                )  # fmt: skip
            total[corner] += one * other * r_ * (density @ weight)
    return total


def _given_two(
    low: FloatArray, high: FloatArray, by_j: FloatArray, by_last: FloatArray, variance: FloatArray,
    spread: FloatArray, exponent: int,
) -> FloatArray:  # fmt: skip
    """The probability of the other variables at every node, given j and the last one. Shape (b, nodes)."""
    b, m, q, _ = spread.shape
    own = np.maximum(np.einsum("bmii->bmi", spread), 0.0)
    scale = np.sqrt(own * variance[:, :, None])

    def standardized(limit: FloatArray) -> FloatArray:
        distance = (limit - by_j)[:, None, :] * variance[:, :, None] - by_last
        # Without variance a limit is passed or not; exactly on it counts half, as the limit of small variances.
        known = scale > _NO_VARIANCE
        on_it = np.abs(distance) <= _NO_VARIANCE
        sure = np.where(on_it, 0.0, np.copysign(np.inf, distance))
        return np.where(known, np.divide(distance, scale, out=np.zeros_like(scale), where=known), sure)

    lower = np.full((b, m, q), -np.inf) if np.isneginf(low).all() else standardized(low)
    upper = np.full((b, m, q), np.inf) if np.isposinf(high).all() else standardized(high)
    root = np.sqrt(np.maximum(own, _NO_VARIANCE))
    correlation = np.clip(spread / (root[..., :, None] * root[..., None, :]), -1, 1)
    return _inside(
        lower.reshape(b * m, q), upper.reshape(b * m, q), correlation.reshape(b * m, q, q), exponent
    ).reshape(b, m)


def _inside(low: FloatArray, high: FloatArray, matrix: FloatArray, exponent: int) -> FloatArray:
    """The probability of b boxes."""
    from scipy.special import ndtr

    d = high.shape[1]
    if d == 1:
        line: FloatArray = ndtr(high[:, 0]) - ndtr(low[:, 0])
        return line
    if d == 2:
        return _rectangle(low, high, matrix[:, 0, 1])
    last = ndtr(high[:, -1]) - ndtr(low[:, -1])
    before = _inside(low[:, :-1], high[:, :-1], matrix[:, :-1, :-1], exponent)
    joined: FloatArray = before * last + _tie(low, high, matrix, _COARSEST)
    return joined


def _rectangle(low: FloatArray, high: FloatArray, r: FloatArray) -> FloatArray:
    total = _quadrant(high[:, 0], high[:, 1], r)
    if not np.isneginf(low[:, 0]).all():
        total = total - _quadrant(low[:, 0], high[:, 1], r)
    if not np.isneginf(low[:, 1]).all():
        total = total - _quadrant(high[:, 0], low[:, 1], r) + _quadrant(low[:, 0], low[:, 1], r)
    return np.maximum(total, 0.0)


def _beyond(x: FloatArray, y: FloatArray, r: FloatArray) -> FloatArray:
    """x - r * y, without losing digits where x is near y and r near 1, or near -y and -1."""
    distance: FloatArray = np.where(r > 0, (x - y) + (1 - r) * y, (x + y) - (1 + r) * y)
    return distance


def _quadrant(x: FloatArray, y: FloatArray, r: FloatArray) -> FloatArray:
    """P(X <= x, Y <= y) by Owen's function T, the tail of a half plane cut by a line through the origin."""
    from scipy.special import ndtr, owens_t

    # Owen's formula needs finite limits; at 40 nothing of a double is left outside.
    x, y = np.clip(x, -40, 40), np.clip(y, -40, 40)
    root = np.sqrt((1 - r) * (1 + r))

    def cut(a: FloatArray, b: FloatArray) -> FloatArray:
        height, width = _beyond(b, a, r), a * root
        endless = np.copysign(np.inf, np.where(a < 0, -height, height))
        slope = np.divide(height, width, out=endless, where=width != 0)
        # Equal limits make the slope free of them; so it is right also where both are 0.
        free = np.divide(1 - r, root, out=np.where(r > 0, 0.0, np.inf) * np.ones_like(root), where=root != 0)
        part: FloatArray = owens_t(
            a, np.where(a == b, free, np.where((height == 0) & (width == 0), 0.0, slope))
        )
        return part

    opposite = (x * y < 0) | ((x * y == 0) & (x + y < 0))
    joint: FloatArray = 0.5 * (ndtr(x) + ndtr(y)) - cut(x, y) - cut(y, x) - 0.5 * opposite
    return np.clip(joint, 0.0, 1.0)
