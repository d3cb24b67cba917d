"""The exact P value of a table beyond two by two, without writing out its tables.

The probability of a table is fixed by the sum of log x! over its cells, its *cost*. Columns are filled one after the
other. What can follow depends on the row totals left over only; so partial tables with the same totals left (in any
order of the rows) and the same cost so far are one state, with their probability added up. Half of the columns are
filled from one side, half from the other, and the halves meet at the totals between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from equipoise.stats.numerics.lattice import EQUALLY_LIKELY
from equipoise.stats.observations import FloatArray, IntArray, refused

# States that may be made in all: some seconds and some hundred megabytes.
LARGEST_WORK = 40_000_000
LARGEST_STEP = 12_000_000

# Costs nearer than this are one cost: rounding of sums of logarithms.
_SAME_COST = 1e-9


class Draws(Protocol):
    """What is needed of a numpy random generator: hypergeometric draws."""

    def hypergeometric(self, ngood: Any, nbad: Any, nsample: Any) -> Any:
        """Marked ones among nsample drawn from ngood marked and nbad others."""
        ...


def _log_factorials(n: int) -> FloatArray:
    table: FloatArray = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1, dtype=np.float64)))))
    return table


def exact_larger(counts: IntArray) -> tuple[float, float]:
    """The probability of the table given its margins, and of all tables that are no more likely.

    counts: shape (r, c), no empty row or column.  Raises DataError where more than 4e7 states would be made.

    >>> [round(p, 6) for p in exact_larger(np.array([[2, 0], [0, 2], [1, 1]]))]
    [0.1, 0.6]
    """
    table = counts if counts.shape[0] <= counts.shape[1] else counts.T
    rows, columns = table.sum(axis=1), np.sort(table.sum(axis=0))
    log_factorial = _log_factorials(int(rows.sum()))
    fixed = log_factorial[rows].sum() + log_factorial[columns].sum() - log_factorial[int(rows.sum())]
    observed = float(log_factorial[table].sum())
    # No more likely: a cost of at least the observed one, near-equal ones included.
    enough = observed - np.log1p(EQUALLY_LIKELY)

    first, second, work = *_halves(columns, rows.size), _Work(log_factorial)
    states = _States(np.sort(rows)[None, :], np.zeros(1), np.zeros(1))
    for size in first:
        states = work.filled(states, size, _drawn)
    # The other half is filled from nothing into rows with room for any total; what it used is what the first half left.
    room = int(rows.max())
    endings = _States(np.full((1, rows.size), room), np.zeros(1), np.zeros(1))
    for size in second:
        endings = work.filled(endings, size, _placed)
    used = np.sort(room - endings.left, axis=1)
    p_value = _joined(states, _States(used, endings.cost, endings.log_weight), enough)
    return float(np.exp(fixed - observed)), min(p_value, 1.0)


@dataclass(frozen=True, slots=True)
class _States:
    """Row totals left, sorted, shape (m, r); cost so far, shape (m,); log of the probability, shape (m,)."""

    left: IntArray
    cost: FloatArray
    log_weight: FloatArray


def _halves(columns: IntArray, r: int) -> tuple[list[int], list[int]]:
    """The columns in two parts with about as many ways to fill each."""
    sizes = columns.tolist()
    ways = [math.log(math.comb(size + r - 1, r - 1)) for size in sizes]
    split = min(range(1, len(sizes)), key=lambda h: max(sum(ways[:h]), sum(ways[h:])))
    return sizes[:split], sizes[split:]


Weight = Callable[[FloatArray, IntArray, IntArray, IntArray, IntArray], FloatArray]


def _drawn(
    log_factorial: FloatArray, x: IntArray, here: IntArray, rest: IntArray, place: IntArray
) -> FloatArray:
    """Hypergeometric: x of this row's total go into the column, the rest of the column into the rows below."""
    weight: FloatArray = (
        log_factorial[here] - log_factorial[x] - log_factorial[here - x]
        + log_factorial[rest] - log_factorial[place - x] - log_factorial[rest - place + x]
        - log_factorial[here + rest] + log_factorial[place] + log_factorial[here + rest - place]
    )  # fmt: skip
    return weight


def _placed(
    log_factorial: FloatArray, x: IntArray, here: IntArray, rest: IntArray, place: IntArray
) -> FloatArray:
    """Up to a factor that is the same for all tables with these row totals."""
    return -log_factorial[x]


@dataclass(slots=True)
class _Work:
    """Fills columns, and counts the states made."""

    log_factorial: FloatArray
    made: int = 0

    def filled(self, states: _States, size: int, weight: Weight) -> _States:
        """Every way to fill a column of ``size`` subjects, merged where totals and cost agree."""
        left, cost, log_weight = states.left, states.cost, states.log_weight
        to_place = np.full(len(left), size, dtype=np.int64)
        for i in range(left.shape[1]):
            beyond = left[:, i + 1 :].sum(axis=1)
            low, high = np.maximum(to_place - beyond, 0), np.minimum(left[:, i], to_place)
            ways = high - low + 1
            self.made += int(ways.sum())
            if self.made > LARGEST_WORK or ways.sum() > LARGEST_STEP:
                raise refused("response", f"a table of {left.shape[1]} rows that needs more than {LARGEST_STEP} partial tables",
                              "a table that can be enumerated in some seconds",
                              "pass replicates=100_000 and a seeded generator, or use pearson_chi_square")  # fmt: skip
            source = np.repeat(np.arange(len(left)), ways)
            x = np.arange(source.size) - np.repeat(np.cumsum(ways) - ways, ways) + low[source]
            here, place = left[source, i], to_place[source]
            log_weight = log_weight[source] + weight(self.log_factorial, x, here, beyond[source], place)
            cost = cost[source] + self.log_factorial[x]
            left = left[source]
            left[:, i] -= x
            to_place = place - x
        return _merged(_States(np.sort(left, axis=1), cost, log_weight))


def _codes(left: IntArray) -> IntArray:
    """Equal rows get equal numbers."""
    code = np.zeros(len(left), dtype=np.int64)
    for column in left.T:
        code = np.unique(code * (int(column.max()) + 1) + column, return_inverse=True)[1].astype(np.int64)
    return code


def _merged(states: _States) -> _States:
    code = _codes(states.left)
    order = np.lexsort((states.cost, code))
    code, cost = code[order], states.cost[order]
    first = np.flatnonzero(np.concatenate(([True], (np.diff(code) != 0) | (np.diff(cost) > _SAME_COST))))
    return _States(
        states.left[order][first], cost[first], np.logaddexp.reduceat(states.log_weight[order], first)
    )


def _joined(states: _States, endings: _States, enough: float) -> float:
    """The probability that the first half and an ending with the totals it left cost enough together."""
    code = _codes(np.concatenate((states.left, endings.left)))
    starts, ends = code[: len(states.left)], code[len(states.left) :]
    by_start, by_end = np.argsort(starts, kind="stable"), np.lexsort((endings.cost, ends))
    starts, ends = starts[by_start], ends[by_end]
    total = 0.0
    for node in np.unique(starts).tolist():
        mine = by_start[np.searchsorted(starts, node) : np.searchsorted(starts, node, side="right")]
        theirs = by_end[np.searchsorted(ends, node) : np.searchsorted(ends, node, side="right")]
        share = np.exp(endings.log_weight[theirs] - endings.log_weight[theirs].max())
        at_least = np.concatenate((np.cumsum(share[::-1])[::-1], [0.0])) / share.sum()
        place = np.searchsorted(endings.cost[theirs], enough - states.cost[mine])
        total += float(np.exp(states.log_weight[mine]) @ at_least[place])
    return total


def simulated_larger(counts: IntArray, replicates: int, draws: Draws) -> tuple[float, float]:
    """The P value from tables drawn with the margins of this one, and its standard error.

    counts: shape (r, c), no empty row or column.  The P value is (1 + k) / (1 + replicates).

    >>> class Always:
    ...     def hypergeometric(self, ngood, nbad, nsample):
    ...         return np.minimum(ngood, nsample)
    >>> simulated_larger(np.array([[2, 0], [0, 2]]), 3, Always())
    (1.0, 0.0)
    """
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    log_factorial = _log_factorials(int(rows.sum()))
    left = np.repeat(rows[None, :], replicates, axis=0)
    cost = np.zeros(replicates)
    for size in columns[:-1].tolist():
        to_place = np.full(replicates, size, dtype=np.int64)
        for i in range(rows.size):
            beyond = left[:, i + 1 :].sum(axis=1)
            x = draws.hypergeometric(left[:, i], beyond, to_place)
            left[:, i] -= x
            to_place = to_place - x
            cost += log_factorial[x]
    cost += log_factorial[left].sum(axis=1)
    reached = int(np.sum(cost >= log_factorial[counts].sum() - np.log1p(EQUALLY_LIKELY)))
    p = (1 + reached) / (1 + replicates)
    return p, float(np.sqrt(p * (1 - p) / replicates))
