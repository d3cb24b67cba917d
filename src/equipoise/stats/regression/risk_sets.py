"""Who was at risk at which event: the risk sets of a Cox model, for rows with or without an entry.

A *cell* is one event time of one stratum. A row is at risk in a run of cells, from ``first`` to ``last``.
A *term* is one denominator of the likelihood: the sum over the rows at risk in a cell, of which the dying
may count for less. Breslow has one term a cell, Efron one a death (of d deaths the j-th takes j/d of the
dying off), the exact marginal likelihood one a cell with survivors, where the dying do not count at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray, IntArray
from equipoise.stats.regression.cox_data import Ties

# Up to this many elements a matrix of terms by rows is quicker than sums along sorted rows.
_DENSE = 150_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskSets:
    """m rows, c cells, e deaths, t terms, s strata.

    row: (m,) the caller's rows that were ever at risk, in the order of their last cell, the dying of a cell
    before the others.  first, last: (m,) their cells.  dies: (m,).  weights: (m,).
    dying: (e,) positions in ``row``, ascending.  dying_cell: (e,).  dying_start: (c,) into ``dying``.
    cell_start: (c,) first row that ends in each cell.  deaths: (c,).  strata: (s, 2) first cell, cell after
    the last.  term_cell, share, multiplier: (t,) the cell, the part taken off the dying, and the weight.
    shared: whether any share is above 0.  whole_from, others_from: (t,) where the rows of a term begin, with
    and without its dying, in an array that has one more row after each stratum.  stratum_rows: its rows.
    at_risk: (t, m) how much each row counts in each term, for few rows in several strata or with entries.
    delayed: whether any row entered after the origin.
    """

    row: IntArray
    first: IntArray
    last: IntArray
    dies: BoolArray
    weights: FloatArray
    dying: IntArray
    dying_cell: IntArray
    dying_start: IntArray
    cell_start: IntArray
    deaths: IntArray
    strata: IntArray
    ties: Ties
    term_cell: IntArray
    term_start: IntArray
    share: FloatArray
    multiplier: FloatArray
    shared: bool
    whole_from: IntArray
    others_from: IntArray
    stratum_rows: tuple[tuple[int, int], ...]
    at_risk: FloatArray | None
    delayed: bool


def risk_sets(
    times: FloatArray,
    events: BoolArray,
    stratum: IntArray,
    ties: Ties,
    *,
    entry: FloatArray | None = None,
    weights: FloatArray | None = None,
) -> RiskSets:
    """Sort the data of one model into risk sets.

    times, events, stratum, entry, weights: shape (n,), checked, with at least one event.
    Censorings at an event time are still at risk at it; an entry at an event time is not yet.

    >>> sets = risk_sets(np.array([1.0, 2, 2, 3]), np.array([False, True, True, False]),
    ...                  np.zeros(4, dtype=np.int64), "efron")
    >>> sets.row.tolist(), sets.term_cell.tolist(), sets.share.tolist()
    ([1, 2, 3], [0, 0], [0.0, 0.5])
    """
    delayed = entry is not None and bool((entry > 0).any())
    if not delayed and not stratum.any():
        row, last, dies, cell_start = _of_one_stratum(times, events)
        first, n_cells = np.zeros(row.size, dtype=np.int64), cell_start.size
        strata, stratum_rows = np.array([[0, n_cells]]), [(0, row.size)]
    else:
        known = np.unique(times[events])
        # A cell's key is its stratum and the rank from 1 of its time, so that rank 0 is before every event.
        width = known.size + 1
        key = stratum * width + np.searchsorted(known, times, side="right")
        cells = np.unique(key[events])
        n_cells = cells.size
        last = np.searchsorted(cells, key, side="right") - 1
        before = stratum * width
        if entry is not None:
            before = before + np.where(entry > 0, np.searchsorted(known, entry, side="right"), 0)
        first = np.searchsorted(cells, before, side="right")
        edges = np.flatnonzero(np.diff(cells // width)) + 1
        strata = np.column_stack((np.append(0, edges), np.append(edges, n_cells)))
        order = np.argsort(2 * last + ~events, kind="stable")
        row = order[(last >= first)[order]]
        first, last, dies = first[row], last[row], events[row]
        cell_start = np.searchsorted(last, np.arange(n_cells))
        row_edges = np.append(cell_start[strata[:, 0]], row.size).tolist()
        stratum_rows = list(pairwise(row_edges))

    dying = dies.nonzero()[0]
    dying_cell = last.take(dying)
    deaths = np.bincount(dying_cell, minlength=n_cells)
    dying_start = deaths.cumsum() - deaths
    own_weights = np.ones(row.size) if weights is None else weights.take(row)

    cell = term_start = np.arange(n_cells)
    share, shared = np.zeros(n_cells), False
    multiplier = np.add.reduceat(own_weights.take(dying), dying_start)
    if ties == "efron" and dying.size > n_cells:
        cell, term_start, shared = dying_cell, dying_start, True
        share = (np.arange(dying.size) - dying_start.take(cell)) / deaths.take(cell)
        multiplier = (multiplier / deaths).take(cell)
    elif ties == "exact-marginal":
        cell = np.flatnonzero(_at_risk_counts(first, last, n_cells) > deaths)
        term_start, shared = np.arange(cell.size), True
        share, multiplier = np.ones(cell.size), np.ones(cell.size)

    padded = np.searchsorted(strata[:, 1], cell, side="right") if len(strata) > 1 else 0
    return RiskSets(
        row=row,
        first=first,
        last=last,
        dies=dies,
        weights=own_weights,
        dying=dying,
        dying_cell=dying_cell,
        dying_start=dying_start,
        cell_start=cell_start,
        deaths=deaths,
        strata=strata,
        ties=ties,
        term_cell=cell,
        term_start=term_start,
        share=share,
        multiplier=multiplier,
        shared=shared,
        whole_from=cell_start.take(cell) + padded,
        others_from=(cell_start + deaths).take(cell) + padded,
        stratum_rows=tuple(stratum_rows),
        at_risk=_matrix(first, last, dies, cell, share)
        if (delayed or len(strata) > 1) and cell.size * row.size <= _DENSE
        else None,
        delayed=delayed,
    )


def _of_one_stratum(times: FloatArray, events: BoolArray) -> tuple[IntArray, IntArray, BoolArray, IntArray]:
    """Rows in order from the first event on, the cell in which each ends, whether it dies, and where cells begin."""
    order = np.lexsort((~events, times))
    dies = events.take(order)
    begin = int(dies.argmax())
    row, dies = order[begin:], dies[begin:]
    dying = dies.nonzero()[0]
    when = times.take(row.take(dying))
    starts = np.zeros(row.size, dtype=np.int64)
    starts[dying] = np.concatenate(([True], when[1:] != when[:-1]))
    return row, starts.cumsum() - 1, dies, starts.nonzero()[0]


def _at_risk_counts(first: IntArray, last: IntArray, c: int) -> IntArray:
    entered = np.bincount(first, minlength=c + 1) - np.bincount(last + 1, minlength=c + 1)
    counts: IntArray = np.cumsum(entered)[:c]
    return counts


def _matrix(
    first: IntArray, last: IntArray, dies: BoolArray, cell: IntArray, share: FloatArray
) -> FloatArray:
    at = cell[:, None]
    matrix = ((last >= at) & (first <= at)).astype(np.float64)
    tied = np.flatnonzero(share)
    if tied.size:
        matrix[tied] -= share[tied, None] * (dies & (last == at[tied]))
    return matrix
