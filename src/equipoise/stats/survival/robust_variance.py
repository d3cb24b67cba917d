"""The sandwich variance of a survival curve: for sampling weights, and for subjects who are alike in clusters."""

from __future__ import annotations

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray, IntArray
from equipoise.stats.survival.counts import Counted, weight_by_row


def log_survival_variance(
    counted: Counted, events: BoolArray, weights: FloatArray, cluster: IntArray
) -> FloatArray:
    """The infinitesimal-jackknife variance of log survival at each row; meaningless from an extinction on.

    cluster: shape (n,), whole numbers; subjects of one cluster are added before squaring.
    With G = sum d / (n (n - d)), a subject of weight w adds w (G(t) - G(entry)) while at risk, and
    w (G(time) - G(entry) - 1 / (n - d) if event) for good after it.  A cluster's sum is therefore B + G(t) W, and B
    and W change only where a member comes or goes: the sum of its square over clusters takes n log n.
    Source: Therneau, survival 3.5-3 (survfit with robust or cluster); Lin & Wei 1989.

    >>> from equipoise.stats.survival.counts import counts_at_risk
    >>> events, weights = np.array([True, True, True]), np.ones(3)
    >>> counted = counts_at_risk(np.array([1.0, 2.0, 3.0]), events, None, weights)
    >>> log_survival_variance(counted, events, weights, np.arange(3)).round(6).tolist()[:2]
    [0.166667, 0.666667]
    """
    n_at_risk, survivors = counted.n_at_risk, counted.n_at_risk - counted.n_events
    goes_on = ~counted.extinct
    increments, lost = np.zeros_like(n_at_risk), np.zeros_like(n_at_risk)
    np.divide(counted.n_events, n_at_risk * survivors, out=increments, where=goes_on)
    np.divide(1.0, survivors, out=lost, where=goes_on)
    greenwood = np.cumsum(increments)
    before_entry = np.concatenate(([0.0], greenwood))[counted.entry_row]

    # Each subject comes (first half) and goes (second half); sorted by cluster, and in it by row.
    row = np.concatenate((counted.entry_row, counted.exit_row))
    of = np.concatenate((cluster, cluster))
    left_behind = greenwood[counted.exit_row] - events * lost[counted.exit_row]
    fixed = np.concatenate((-weights * before_entry, weights * left_behind))
    moving = np.concatenate((weights, -weights))
    order = np.lexsort((row, of))
    row, of = row[order], of[order]
    starts = np.concatenate(([True], of[1:] != of[:-1]))
    after = [_running(change[order], starts) for change in (fixed, moving)]
    before = [np.where(starts, 0.0, np.concatenate(([0.0], running[:-1]))) for running in after]

    def summed(now: FloatArray, then: FloatArray) -> FloatArray:
        total: FloatArray = np.cumsum(weight_by_row(row, now - then, n_at_risk.size))
        return total

    squares = summed(after[0] ** 2, before[0] ** 2)
    products = summed(after[0] * after[1], before[0] * before[1])
    weights_squared = summed(after[1] ** 2, before[1] ** 2)
    variance: FloatArray = np.maximum(squares + greenwood * (2 * products + greenwood * weights_squared), 0)
    return variance


def _running(change: FloatArray, starts: BoolArray) -> FloatArray:
    """Sums from the start of each cluster."""
    total = np.cumsum(change)
    first = np.flatnonzero(starts)
    offset = np.concatenate(([0.0], total))[first]
    running: FloatArray = total - np.repeat(offset, np.diff(first, append=change.size))
    return running
