"""Times that are one time but for rounding, found and joined on sorted times: the rule of ``checked_times``, for large data.

A gap between neighboring distinct times joins the later to the earlier when it is at most ``near`` or at most
``near`` times the mean distinct time (R's aeqSurv). Among a million continuous times thousands of gaps are that small.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from equipoise.stats.compiled.sorting import FloatArray, Survey, plain, sorted_rows, survey

# Two ways of adding up a mean differ by far less than this share; a gap this close to the limit asks for the exact mean.
_DOUBT = 1e-12
_ZERO, _ONE = np.uint64(0), np.uint64(1)
# Fibonacci hashing: 2**64 over the golden ratio.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def _mean_distinct(ordered):  # type: ignore[no-untyped-def]
    """The mean of the distinct times, added up with the rounding of every sum carried along."""
    total, carried = ordered[0], 0.0
    count = 1
    for i in range(1, ordered.size):
        if ordered[i] > ordered[i - 1]:
            count += 1
            term = ordered[i] - carried
            following = total + term
            carried = (following - total) - term
            total = following
    return total / count


@njit(cache=True, nogil=True)
def _small_gaps(ordered, limit, doubt):  # type: ignore[no-untyped-def]
    """How many gaps are within the limit, and how many so close to it that rounding might decide."""
    joined = 0
    doubtful = 0
    for i in range(1, ordered.size):
        gap = ordered[i] - ordered[i - 1]
        joined += (gap > 0.0) & (gap <= limit)
        doubtful += abs(gap - limit) <= doubt
    return joined, doubtful


def join_limit(ordered: FloatArray, near: float) -> tuple[float, int]:
    """The largest gap that joins two neighboring times, 0 when there is none, and how many distinct times it joins.

    ordered: shape (n,), ascending, n at least 1.  near: the absolute and the relative bound.

    >>> join_limit(np.array([0.3, 0.1 + 0.2, 1.0]), 1e-8)
    (1e-08, 1)
    """
    mean = float(_mean_distinct(ordered))
    limit = max(near, near * mean)
    joined, doubtful = _small_gaps(ordered, limit, limit * _DOUBT)
    if doubtful:
        limit = max(near, near * float(np.unique(ordered).mean()))
        joined = _small_gaps(ordered, limit, -1.0)[0]
    return (limit, int(joined)) if joined else (0.0, 0)


@njit(cache=True, nogil=True)
def _table_of_joined(ordered, bits, limit, keys, values, drop):  # type: ignore[no-untyped-def]
    """Every time that is joined to an earlier one, and that one, in an open hash table (0 is a free place)."""
    mask = np.uint64(keys.size - 1)
    kept = ordered[0]
    for i in range(1, ordered.size):
        gap = ordered[i] - ordered[i - 1]
        if gap > limit:
            kept = ordered[i]
        elif gap > 0.0:
            place = (bits[i] * _SPREAD) >> drop
            while keys[place] != _ZERO:
                place = (place + _ONE) & mask
            keys[place] = bits[i]
            values[place] = kept


@njit(cache=True, nogil=True)
def _replaced(bits, keys, values, drop, times):  # type: ignore[no-untyped-def]
    mask = np.uint64(keys.size - 1)
    for i in range(bits.size):
        place = (bits[i] * _SPREAD) >> drop
        while keys[place] != _ZERO:
            if keys[place] == bits[i]:
                times[i] = values[place]
                break
            place = (place + _ONE) & mask


def joined_times(times: FloatArray, near: float, found: Survey | None = None) -> FloatArray:
    """The times with near-ties joined, in the order given; the times themselves where nothing is to be joined.

    times: shape (n,), without unusable ones.  near: see ``join_limit``.

    >>> joined_times(np.array([1.0, 0.1 + 0.2, 0.3]), 1e-8).tolist()
    [1.0, 0.3, 0.3]
    """
    times = plain(times)
    found = survey(times) if found is None else found
    if not found.fractional:
        return times
    ordered = sorted_rows(times, found).time
    limit, joined = join_limit(ordered, near)
    if not joined:
        return times
    size_bits = (4 * joined).bit_length()
    keys = np.zeros(1 << size_bits, dtype=np.uint64)
    values = np.empty(1 << size_bits)
    drop = np.uint64(64 - size_bits)
    _table_of_joined(ordered, ordered.view(np.uint64), limit, keys, values, drop)
    joined_up = times.copy()
    _replaced(times.view(np.uint64), keys, values, drop, joined_up)
    return joined_up
