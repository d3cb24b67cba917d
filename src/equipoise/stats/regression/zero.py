"""The zero of an increasing function with a known slope."""

from __future__ import annotations

import math
from collections.abc import Callable

_MOST_STEPS = 400
# A step of Newton's method of this relative size is followed by one of its square: it is the last that counts.
_LAST = 1e-9


def zero_of_increasing(function: Callable[[float], tuple[float, float]], start: float = 0.0) -> float:
    """Where the function is zero: Newton's step, kept between the ends that are known.

    function: gives the value and the slope.  start: where the search begins; a step is at most 1 + abs(x), so
    that a far zero is reached by doubling.  Accurate to the last digits that the function allows.
    NaN when the function becomes NaN, or when the zero is not reached in 400 steps.

    >>> round(zero_of_increasing(lambda x: (x**3 - 8, 3 * x**2)), 12)
    2.0
    """
    low, high, x = -math.inf, math.inf, start
    for _ in range(_MOST_STEPS):
        value, slope = function(x)
        if value == 0 or math.isnan(value):
            return x if value == 0 else math.nan
        low, high = (x, high) if value < 0 else (low, x)
        most = 1 + abs(x)
        step = -value / slope if slope > 0 else math.copysign(math.inf, -value)
        following = x + max(-most, min(most, step))
        if low < following < high:
            if abs(step) <= _LAST * max(abs(x), 1e-3):
                return following
        elif abs(step) <= _LAST * max(abs(x), 1e-3):
            return x  # rounding: the step leads back out of the ends
        else:
            # Newton's step left the known ends, which are then both finite.
            following = (low + high) / 2
            if abs(following - x) <= 4e-16 * max(abs(x), 1e-8):
                return following
        x = following
    return math.nan
