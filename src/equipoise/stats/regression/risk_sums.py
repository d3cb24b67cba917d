"""Sums over risk sets, by three routes of one meaning: a matrix, sums along sorted rows, and a tree.

Every route only ever adds numbers of one sign, so that a risk set of small risks keeps its digits beside one
of large risks. The tree holds any entries, and risks too far apart for a double: each of its nodes has a
scale of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equipoise.stats.observations import FloatArray, IntArray
from equipoise.stats.regression.risk_sets import RiskSets

# exp(-500) is 1e-217: room for the sums and squares of such numbers within the range of a double.
_RANGE = 500.0


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Of each term the log of its total risk, (t,), and the mean of the covariates over it, (t, p).

    back(values): values of the terms, shape (t, k), to the rows, (m, k): to each row the sum over its terms
    of the value times the row's share of the term's total risk.
    """

    log_total: FloatArray
    mean: FloatArray
    back: Callable[[FloatArray], FloatArray]


def moments(sets: RiskSets, predictor: FloatArray, design: FloatArray) -> Moments:
    """Sum risks, and risks times covariates, over the rows of each term.

    predictor: (m,) the log relative hazards.  design: (m, 1 + p), a column of ones and the covariates.

    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> found = moments(sets, np.zeros(2), np.array([[1.0, 5.0], [1.0, 7.0]]))
    >>> np.exp(found.log_total).round(12).tolist(), found.mean.ravel().tolist()
    ([2.0, 1.0], [6.0, 7.0])
    """
    top = predictor.max()
    if not top - predictor.min() <= _RANGE:
        return _by_tree(sets, predictor, design)
    if sets.at_risk is not None:
        return _by_matrix(sets, predictor - top, float(top), design)
    if sets.delayed:
        return _by_tree(sets, predictor, design)
    return _along_rows(sets, predictor - top, float(top), design)


def _by_matrix(sets: RiskSets, predictor: FloatArray, top: float, design: FloatArray) -> Moments:
    assert sets.at_risk is not None
    matrix = sets.at_risk
    risk = np.exp(predictor)
    risk *= sets.weights
    sums = matrix @ (risk[:, None] * design)
    total = sums[:, :1]

    def back(values: FloatArray) -> FloatArray:
        shared: FloatArray = matrix.T @ (values / total)
        shared *= risk[:, None]
        return shared

    return Moments(np.log(sums[:, 0]) + top, sums[:, 1:] / total, back)


def _along_rows(sets: RiskSets, predictor: FloatArray, top: float, design: FloatArray) -> Moments:
    risk = np.exp(predictor)
    risk *= sets.weights
    products = risk[:, None] * design
    # Sums from each row on to the end of its stratum, and a row of zeros after each stratum.
    from_row_on = np.zeros((sets.row.size + len(sets.strata), design.shape[1]))
    for k, (begin, end) in enumerate(sets.stratum_rows):
        np.cumsum(products[begin:end][::-1], axis=0, out=from_row_on[begin + k : end + k][::-1])
    if not sets.shared:
        sums = from_row_on.take(sets.whole_from, axis=0)
    else:
        dying = np.add.reduceat(products.take(sets.dying, axis=0), sets.dying_start, axis=0)
        sums = dying.take(sets.term_cell, axis=0)
        sums *= (1 - sets.share)[:, None]
        sums += from_row_on.take(sets.others_from, axis=0)
    total = sums[:, :1]

    def back(values: FloatArray) -> FloatArray:
        hazard = values / total
        of_cell = by_cell(sets, hazard)
        through = np.empty_like(of_cell)
        for begin, end in sets.strata.tolist():
            np.cumsum(of_cell[begin:end], axis=0, out=through[begin:end])
        shared: FloatArray = through.take(sets.last, axis=0)
        if sets.shared:
            own = by_cell(sets, (1 - sets.share)[:, None] * hazard)
            for begin, end in sets.strata.tolist():
                own[begin + 1 : end] += through[begin : end - 1]
            shared[sets.dying] = own.take(sets.dying_cell, axis=0)
        shared *= risk[:, None]
        return shared

    return Moments(np.log(sums[:, 0]) + top, sums[:, 1:] / total, back)


def by_cell(sets: RiskSets, values: FloatArray) -> FloatArray:
    """Values of the terms, (t, k), summed by cell, (c, k); a cell without a term has 0.

    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 1, 2]), np.ones(3, dtype=bool), np.zeros(3, dtype=np.int64), "efron")
    >>> by_cell(sets, np.array([[1.0], [2.0], [4.0]])).ravel().tolist()
    [3.0, 4.0]
    """
    if sets.term_start.size == sets.deaths.size:
        return np.add.reduceat(values, sets.term_start, axis=0) if len(values) > sets.deaths.size else values
    summed = np.zeros((sets.deaths.size, *values.shape[1:]))
    summed[sets.term_cell] = values
    return summed


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """Runs of cells as nodes of a binary tree: node 1 is all cells, node i has the children 2i and 2i + 1.

    leaves: how many (a power of two); cell c is node leaves + c.  node: (q,) ascending, and row: (q,) the
    rows whose run of cells is made of these nodes; the dying are left out of their own last cell.
    filled: the nodes that have rows.  start: where their rows begin.
    """

    leaves: int
    node: IntArray
    row: IntArray
    filled: IntArray
    start: IntArray


def _tree(sets: RiskSets) -> _Tree:
    leaves = 1 << max(int(sets.deaths.size - 1).bit_length(), 0)
    row = np.arange(sets.row.size)
    left, right = sets.first + leaves, sets.last + leaves + ~sets.dies
    nodes, rows = [], []
    while row.size:
        open_ = left < right
        row, left, right = row[open_], left[open_], right[open_]
        odd = (left & 1) == 1
        nodes.append(left[odd])
        rows.append(row[odd])
        left = left + odd
        odd = ((right & 1) == 1) & (left < right)
        right = right - odd
        nodes.append(right[odd])
        rows.append(row[odd])
        left, right = left >> 1, right >> 1
    node = np.concatenate(nodes) if nodes else np.zeros(0, dtype=np.int64)
    order = np.argsort(node, kind="stable")
    node, row = node[order], np.concatenate(rows)[order]
    start = np.flatnonzero(np.diff(node, prepend=-1))
    return _Tree(leaves, node, row, node[start], start)


def largest_survivor(sets: RiskSets, values: FloatArray) -> FloatArray:
    """The largest value, (m,), of those at risk in each cell who do not die in it, (c,); -inf for nobody.

    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> largest_survivor(sets, np.array([5.0, 7.0])).tolist()
    [7.0, -inf]
    """
    tree = _tree(sets)
    largest = np.full(2 * tree.leaves, -np.inf)
    if tree.start.size:
        largest[tree.filled] = np.maximum.reduceat(values[tree.row], tree.start)
    for child in _levels(tree):
        largest[child] = np.maximum(largest[child], np.repeat(largest[child.start // 2 : child.stop // 2], 2))
    found: FloatArray = largest[tree.leaves : tree.leaves + sets.deaths.size]
    return found


def _levels(tree: _Tree) -> list[slice]:
    """The nodes of each depth below the root, from the top down."""
    depths = tree.leaves.bit_length()
    return [slice(1 << depth, 2 << depth) for depth in range(1, depths)]


def _by_tree(sets: RiskSets, predictor: FloatArray, design: FloatArray) -> Moments:
    tree = _tree(sets)
    log_risk = predictor + np.log(sets.weights)
    scale = np.full(2 * tree.leaves, -np.inf)
    sums = np.zeros((2 * tree.leaves, design.shape[1]))
    if tree.start.size:
        largest = np.maximum.reduceat(log_risk[tree.row], tree.start)
        scale[tree.filled] = largest
        relative = np.exp(log_risk[tree.row] - scale[tree.node])
        sums[tree.filled] = np.add.reduceat(relative[:, None] * design[tree.row], tree.start)
    for child in _levels(tree):
        above = slice(child.start // 2, child.stop // 2)
        scale[child], sums[child] = _added(
            scale[child], sums[child], np.repeat(scale[above], 2), np.repeat(sums[above], 2, axis=0)
        )
    cells = slice(tree.leaves, tree.leaves + sets.deaths.size)
    top = np.maximum.reduceat(log_risk[sets.dying], sets.dying_start)
    own = np.exp(log_risk[sets.dying] - top[sets.dying_cell])
    dying = np.add.reduceat(own[:, None] * design[sets.dying], sets.dying_start)
    cell = sets.term_cell
    term_scale, totals = _added(
        scale[cells][cell], sums[cells][cell], top[cell], (1 - sets.share)[:, None] * dying[cell]
    )
    log_total = term_scale + np.log(totals[:, 0])

    def back(values: FloatArray) -> FloatArray:
        return _back_by_tree(sets, tree, log_risk, log_total, values)

    return Moments(log_total, totals[:, 1:] / totals[:, :1], back)


def _added(
    scale: FloatArray, sums: FloatArray, other_scale: FloatArray, other_sums: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Two sums, each in units of e to its scale, as one."""
    # What is 0 has no scale; a share of 1 leaves nothing of the dying, whatever their scale.
    scale = np.where(sums[:, 0] > 0, scale, -np.inf)
    other_scale = np.where(other_sums[:, 0] > 0, other_scale, -np.inf)
    common = np.maximum(scale, other_scale)
    with np.errstate(invalid="ignore"):
        a, b = (np.where(s > -np.inf, np.exp(s - common), 0.0) for s in (scale, other_scale))
    return common, a[:, None] * sums + b[:, None] * other_sums


def _back_by_tree(
    sets: RiskSets, tree: _Tree, log_risk: FloatArray, log_total: FloatArray, values: FloatArray
) -> FloatArray:
    """Hazards 1/total are kept relative to the smallest total of each node, which bounds every row's risk."""
    c = sets.deaths.size
    scale = np.full(2 * tree.leaves, np.inf)
    smallest = np.full(c, np.inf)
    np.minimum.at(smallest, sets.term_cell, log_total)
    scale[tree.leaves : tree.leaves + c] = smallest
    sums = np.zeros((2 * tree.leaves, values.shape[1]))
    relative = np.exp(smallest[sets.term_cell] - log_total)[:, None] * values
    sums[tree.leaves : tree.leaves + c] = by_cell(sets, relative)
    for child in reversed(_levels(tree)):
        above = slice(child.start // 2, child.stop // 2)
        pairs = scale[child].reshape(-1, 2)
        scale[above] = pairs.min(axis=1)
        with np.errstate(invalid="ignore"):
            factor = np.where(pairs < np.inf, np.exp(scale[above][:, None] - pairs), 0.0)
        sums[above] = (factor[:, :, None] * sums[child].reshape(factor.shape[0], 2, -1)).sum(axis=1)
    shared = np.zeros((sets.row.size, values.shape[1]))
    with np.errstate(over="ignore"):
        risk = np.where(scale[tree.node] < np.inf, np.exp(log_risk[tree.row] - scale[tree.node]), 0.0)
    pieces = risk[:, None] * sums[tree.node]
    for j in range(values.shape[1]):
        shared[:, j] = np.bincount(tree.row, weights=pieces[:, j], minlength=sets.row.size)
    own = by_cell(sets, (1 - sets.share)[:, None] * relative)
    with np.errstate(over="ignore", invalid="ignore"):
        of_dying = np.exp(log_risk[sets.dying] - smallest[sets.dying_cell])[:, None] * own[sets.dying_cell]
    # With a share of 1 the dying may tower above the survivors' total, of which they are no part.
    shared[sets.dying] += np.where(own[sets.dying_cell] == 0, 0.0, of_dying)
    return shared
