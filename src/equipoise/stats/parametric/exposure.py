"""Follow-up cut into intervals: how long each subject was at risk in each, and where its event fell."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.observations import FloatArray, IntArray, refused


def checked_cuts(cuts: ArrayLike) -> FloatArray:
    """The times at which rates change: ascending, above 0; none makes one interval.

    >>> checked_cuts([30, 90]).tolist()
    [30.0, 90.0]
    """
    found = np.asarray(cuts if np.size(cuts) else np.empty(0))
    if found.ndim != 1 or found.dtype.kind not in "iuf":
        raise refused(
            "cuts",
            f"shape {found.shape}, dtype {found.dtype}",
            "a list of numbers",
            "list the times of change",
        )
    numbers = found.astype(np.float64)
    if not np.isfinite(numbers).all() or (numbers <= 0).any() or (np.diff(numbers) <= 0).any():
        raise refused("cuts", repr(numbers.tolist()), "ascending finite times above 0",
                      "leave out 0 and infinity: the first interval begins at 0, the last one has no end")  # fmt: skip
    return numbers


def exposures(times: FloatArray, entries: FloatArray | None, cuts: FloatArray) -> tuple[FloatArray, IntArray]:
    """Time at risk by subject and interval, (n, intervals), and the interval in which each follow-up ends.

    An interval is open on the left and closed on the right: an event at a cut falls in the interval that ends there.

    >>> found, last = exposures(np.array([4.0, 10.0]), None, np.array([4.0]))
    >>> found.tolist(), last.tolist()
    ([[4.0, 0.0], [4.0, 6.0]], [0, 1])
    """
    begin = np.concatenate(([0.0], cuts))
    end = np.concatenate((cuts, [np.inf]))
    start = np.zeros(times.size) if entries is None else entries
    found = np.minimum(times[:, None], end) - np.maximum(start[:, None], begin)
    return np.maximum(found, 0.0), np.searchsorted(cuts, times, side="left").astype(np.int64)
