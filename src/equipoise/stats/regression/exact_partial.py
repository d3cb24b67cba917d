"""The exact partial (discrete, conditional) likelihood: d deaths as a choice of d from the risk set.

Its denominator is the sum over all choices of d rows of the product of their risks. With B(k, j) that sum
for k of the first j rows, B(k, j) = B(k, j-1) + r_j B(k-1, j-1): for each k a running sum over j. The sums
are kept as logs, and the covariates of the chosen as means and second moments under the chance of a choice,
so that neither many ties nor large risks can leave the range of a double.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from equipoise.stats.observations import FloatArray, IntArray
from equipoise.stats.regression.risk_sets import RiskSets

# The rise of a running sum, in logs, over which it is kept in one scale.
_RANGE = 500.0


def subset_terms(
    sets: RiskSets, predictor: FloatArray, covariates: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Over all event times: the log denominators, and the means and covariances of the covariates chosen.

    predictor: (m,).  covariates: (m, p), centered.  Returns a number, (p,) and (p, p), each summed.
    Source: Gail, Lubin & Rubinstein 1981 (the recursion).

    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 1, 2]), np.array([True, True, False]), np.zeros(3, dtype=np.int64),
    ...                  "exact-partial")
    >>> value, mean, covariance = subset_terms(sets, np.zeros(3), np.array([[0.0], [1.0], [2.0]]))
    >>> round(float(np.exp(value)), 12), mean.round(12).tolist(), covariance.round(12).tolist()
    (3.0, [2.0], [[0.666666666667]])
    """
    p = covariates.shape[1]
    left, right = np.triu_indices(p)
    value, mean, second = 0.0, np.zeros(p), np.zeros(left.size)
    for rows, chosen, sizes in _nested(sets):
        x = covariates[rows]
        found = _choices(predictor[rows], x, x[:, left] * x[:, right], chosen, sizes, left, right)
        value, mean, second = value + found[0], mean + found[1], second + found[2]
    covariance = np.zeros((p, p))
    covariance[left, right] = covariance[right, left] = second
    return value, mean, covariance


def _nested(sets: RiskSets) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
    """Rows in an order in which every risk set is a beginning; how many die, and the length of each beginning.

    Without entries a stratum is one such order, from its last time back; with entries each cell is its own.
    """
    if sets.delayed:
        for cell, d in enumerate(sets.deaths.tolist()):
            rows = np.flatnonzero((sets.first <= cell) & (cell <= sets.last))
            yield rows, np.array([d]), np.array([rows.size])
        return
    m = sets.row.size
    ends = np.append(sets.cell_start[1:], m)
    for first, after in sets.strata.tolist():
        end = int(ends[after - 1])
        rows = np.arange(int(sets.cell_start[first]), end)[::-1]
        yield rows, sets.deaths[first:after], end - sets.cell_start[first:after]


def _choices(
    log_risk: FloatArray, x: FloatArray, products: FloatArray, chosen: IntArray, sizes: IntArray,
    left: IntArray, right: IntArray,
) -> tuple[float, FloatArray, FloatArray]:  # fmt: skip
    """Sums over cells for nested risk sets: of ``sizes[c]`` first rows ``chosen[c]`` are chosen."""
    value, mean, second = 0.0, np.zeros(x.shape[1]), np.zeros(products.shape[1])
    longest = int(sizes.max())
    log_sum = np.zeros(longest + 1)  # of choices of no row: one
    first = np.zeros((longest + 1, x.shape[1]))
    both = np.zeros((longest + 1, products.shape[1]))
    for k in range(1, int(chosen.max()) + 1):
        # Only beginnings that hold a cell with at least k deaths matter from here on.
        longest = int(sizes[chosen >= k].max())
        previous, before = slice(k - 1, longest), slice(k - 1, longest)
        log_weight = log_risk[previous] + log_sum[before]
        grown_x, grown_first = x[previous], first[before]
        grown_both = (
            both[before]
            + products[previous]
            + grown_first[:, left] * grown_x[:, right]
            + grown_x[:, left] * grown_first[:, right]
        )
        sums = np.concatenate((grown_first + grown_x, grown_both), axis=1)
        running, means = _running(log_weight, sums)
        log_sum = np.full(longest + 1, -np.inf)
        first, both = np.zeros((longest + 1, x.shape[1])), np.zeros((longest + 1, products.shape[1]))
        log_sum[k:] = running
        first[k:], both[k:] = means[:, : x.shape[1]], means[:, x.shape[1] :]
        at = sizes[chosen == k]
        value += float(log_sum[at].sum())
        mean = mean + first[at].sum(axis=0)
        second = second + (both[at] - first[at][:, left] * first[at][:, right]).sum(axis=0)
    return value, mean, second


def _running(log_weight: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The log of the running sum of the weights, (j,), and the running weighted means of the values, (j, q)."""
    running = np.logaddexp.accumulate(log_weight)
    means = np.empty_like(values)
    start, carried = 0, np.zeros(values.shape[1])
    while start < running.size:
        stop = int(np.searchsorted(running, running[start] + _RANGE, side="right"))
        stop = max(stop, start + 1)
        weight = np.exp(log_weight[start:stop] - running[start])
        piece = np.cumsum(weight[:, None] * values[start:stop], axis=0)
        if start:
            piece += np.exp(running[start - 1] - running[start]) * carried
        means[start:stop] = piece / np.exp(running[start:stop] - running[start])[:, None]
        start, carried = stop, means[stop - 1]
    return running, means
