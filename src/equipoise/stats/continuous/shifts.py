"""Shifts between samples and centers of one: the middle and other order statistics of all differences or all means of two."""

from __future__ import annotations

import math

import numpy as np

from equipoise.stats.numerics.tails import bisected
from equipoise.stats.observations import FloatArray

# Up to so many pairs are written out and sorted; beyond, they are counted without being written out.
_LARGEST_LIST = 4_000_000


class Differences:
    """All differences experimental less control, in order, for order statistics counted from 1."""

    def __init__(self, control: FloatArray, experimental: FloatArray) -> None:
        self.control, self.experimental = np.sort(control), np.sort(experimental)
        self.size = control.size * experimental.size
        self._listed = (
            np.sort((self.experimental[:, None] - self.control[None, :]).ravel())
            if self.size <= _LARGEST_LIST
            else None
        )

    def __getitem__(self, k: int) -> float:
        """The k-th smallest difference."""
        if self._listed is not None:
            return float(self._listed[k - 1])

        def reached(shift: float) -> float:
            at_most = np.searchsorted(self.experimental, self.control + shift, side="right").sum()
            return float(at_most) - k + 0.5

        low = float(self.experimental[0] - self.control[-1])
        high = float(self.experimental[-1] - self.control[0])
        return low if reached(low) > 0 else bisected(reached, low, high)


class WalshAverages:
    """All means of two values, each with itself too, in order, for order statistics counted from 1."""

    def __init__(self, values: FloatArray) -> None:
        self.values = np.sort(values)
        n = values.size
        self.size = n * (n + 1) // 2
        self._listed: FloatArray | None = None
        if self.size <= _LARGEST_LIST:
            one, other = np.triu_indices(n)
            self._listed = np.sort((self.values[one] + self.values[other]) / 2)

    def __getitem__(self, k: int) -> float:
        """The k-th smallest mean of two."""
        if self._listed is not None:
            return float(self._listed[k - 1])
        places = np.arange(self.values.size)

        def reached(center: float) -> float:
            partners = np.searchsorted(self.values, 2 * center - self.values, side="right")
            return float(np.maximum(partners - places, 0).sum()) - k + 0.5

        low, high = float(self.values[0]), float(self.values[-1])
        return low if reached(low) > 0 else bisected(reached, low, high)


def middle(ordered: Differences | WalshAverages) -> float:
    """The median of all pairs: the Hodges-Lehmann estimate.

    >>> middle(Differences(np.array([1.0, 2.0]), np.array([3.0, 6.0])))
    3.0
    """
    half = ordered.size // 2
    return ordered[half + 1] if ordered.size % 2 else (ordered[half] + ordered[half + 1]) / 2


def limits(ordered: Differences | WalshAverages, left_out: int) -> tuple[float, float]:
    """The limits that leave ``left_out`` pairs out at either end; all of them in when it is 0 or below.

    >>> limits(Differences(np.array([1.0, 2.0]), np.array([3.0, 6.0])), 1)
    (2.0, 4.0)
    """
    out = max(left_out, 0)
    return (ordered[out + 1], ordered[ordered.size - out]) if 2 * out < ordered.size else (math.nan, math.nan)
