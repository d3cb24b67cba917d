"""Blaker's exact limits of a proportion: within Clopper and Pearson's, nested in the level."""

from __future__ import annotations

from equipoise.stats.numerics.tails import beta_quantile, binomial_lower, binomial_upper, bisected


def blaker_limits(x: int, n: int, tail: float) -> tuple[float, float]:
    """The limits at the level 1 - 2 tail.

    The acceptability of p is P(X >= x) plus the largest lower tail that does not exceed it (or the mirror image);
    the limits are the outermost p whose acceptability is above 2 tail.
    Source: Blaker 2000; the search over jumps follows from their form: between two of them the lower tail is fixed.

    >>> [round(limit, 4) for limit in blaker_limits(2, 10, 0.025)]
    [0.0368, 0.5556]
    """
    lower = 0.0 if x == 0 else _lower(x, n, 2 * tail)
    upper = 1.0 if x == n else 1 - _lower(n - x, n, 2 * tail)
    return lower, upper


def _lower(x: int, n: int, alpha: float) -> float:
    """The smallest p with acceptability above alpha, for x above 0.

    It lies where the upper tail P(X >= x) is between alpha/2 and alpha. Each lower tail P(X <= y) joins in at the p
    where it equals the upper tail, later for a larger y; from one joining to the next acceptability falls, then rises.
    """
    start = beta_quantile(alpha / 2, x, n - x + 1)
    end = beta_quantile(alpha, x, n - x + 1)

    def tail_joins(y: int) -> float:
        return bisected(lambda p: binomial_upper(x, n, p) - binomial_lower(y, n, p), 0.0, 1.0)

    # The first lower tail whose entry lies at or beyond the start; entries rise with y.
    low, high = -1, x - 1
    while low < high:
        middle = (low + high + 1) // 2
        if middle >= 0 and tail_joins(middle) > start:
            high = middle - 1
        else:
            low = middle
    y, place = low, start
    while place < end:
        following = tail_joins(y + 1) if y + 1 < x else end
        following = min(following, end)

        def acceptability(p: float, y: int = y) -> float:
            return binomial_upper(x, n, p) + binomial_lower(y, n, p) - alpha

        if acceptability(place) > 0:
            return place
        if acceptability(following) > 0:
            return bisected(acceptability, place, following)
        y, place = y + 1, following
    return end
