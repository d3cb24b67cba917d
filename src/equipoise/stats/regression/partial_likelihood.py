"""Cox's partial likelihood with its score and information, for Efron and Breslow ties.

Subjects are sorted once, by stratum and time. A *cell* is one event time of one stratum; every subject is
filed under the last cell at which it was at risk, so that the sums over a risk set are sums over the cells
from there on. Nothing of size n by p by p is ever made: with w_i the hazard accumulated by subject i,
sum over events of E[xx'] is the weighted Gram matrix X' diag(w) X.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray, IntArray

Ties = Literal["efron", "breslow"]

# exp(-500) is 1e-217: room for the sums and squares of such numbers within the range of a double.
_RANGE = 500.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskSets:
    """Who was at risk at which event. m subjects, c cells, e events, s strata.

    row: (m,) the caller's row of each subject kept; those never at risk at an event are left out.
    cell: (m,) ascending.  cell_start: (c,) first subject of each cell.
    strata: (s, 2) first cell and the cell after the last.
    event: (e,) subjects with an event.  event_cell: (e,).  event_start: (c,) first event of each cell.
    share: (e,) the part of its cell's deaths that Efron takes off each event's risk set; 0 for Breslow.
    """

    row: IntArray
    cell: IntArray
    cell_start: IntArray
    strata: IntArray
    event: IntArray
    event_cell: IntArray
    event_start: IntArray
    share: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """The log partial likelihood at one coefficient vector, its gradient and its negative Hessian."""

    log_likelihood: float
    score: FloatArray
    information: FloatArray


def risk_sets(times: FloatArray, events: BoolArray, stratum: IntArray, ties: Ties) -> RiskSets:
    """Sort the data of one model into risk sets.

    times, events, stratum: shape (n,), as ``observations`` returns them, with at least one event.
    ties: "efron" or "breslow".  Censorings at an event time are still at risk at it.

    >>> sets = risk_sets(np.array([1.0, 2, 2, 3]), np.array([False, True, True, False]),
    ...                  np.zeros(4, dtype=np.int64), "efron")
    >>> sets.row.tolist(), sets.cell.tolist(), sets.share.tolist()
    ([1, 2, 3], [0, 0, 0], [0.0, 0.5])
    """
    order = np.lexsort((times, stratum))
    ordered_stratum, ordered_time, dying = stratum[order], times[order], events[order]
    new = np.concatenate(([True], (np.diff(ordered_time) != 0) | (np.diff(ordered_stratum) != 0)))
    has_event = np.logical_or.reduceat(dying, np.flatnonzero(new))
    cell = (np.cumsum(has_event) - 1)[np.cumsum(new) - 1]

    cells_of_stratum = np.bincount(ordered_stratum[new][has_event], minlength=int(stratum.max()) + 1)
    last = np.cumsum(cells_of_stratum)
    strata = np.column_stack((last - cells_of_stratum, last))
    at_risk = cell >= strata[ordered_stratum, 0]

    cell, dying = cell[at_risk], dying[at_risk]
    event = np.flatnonzero(dying)
    event_cell = cell[event]
    deaths = np.bincount(event_cell)
    event_start = np.cumsum(deaths) - deaths
    share = np.zeros(event.size)
    if ties == "efron":
        share = (np.arange(event.size) - event_start[event_cell]) / deaths[event_cell]
    return RiskSets(
        row=order[at_risk],
        cell=cell,
        cell_start=np.searchsorted(cell, np.arange(deaths.size)),
        strata=strata[cells_of_stratum > 0],
        event=event,
        event_cell=event_cell,
        event_start=event_start,
        share=share,
    )


def evaluate(sets: RiskSets, covariates: FloatArray, coefficients: FloatArray) -> Evaluation:
    """The log partial likelihood, score and information at the coefficients.

    sets: the risk sets.  covariates: shape (m, p), in the order of ``sets.row``.  coefficients: (p,).
    The information is the observed one, the negative Hessian.
    Source: Efron 1977; Breslow 1974; both as in Therneau & Grambsch 2000, chapter 3.

    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> round(evaluate(sets, np.array([[1.0], [0.0]]), np.zeros(1)).log_likelihood, 6)
    -0.693147
    """
    # A step that is far too long can still overflow; its likelihood is -inf or NaN, and the caller halves it.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return _evaluated(sets, covariates, covariates @ coefficients)


def _evaluated(sets: RiskSets, covariates: FloatArray, predictor: FloatArray) -> Evaluation:
    level = _levels(sets, predictor)
    runs = _runs(sets, level)
    predictor = predictor - level[sets.cell]
    risk = np.exp(predictor)
    weighted = risk[:, None] * covariates

    risk_sum = _from_cell_on(runs, np.add.reduceat(risk, sets.cell_start))
    mean = _from_cell_on(runs, np.add.reduceat(weighted, sets.cell_start, axis=0)) / risk_sum[:, None]
    dying_sum = np.add.reduceat(risk[sets.event], sets.event_start)
    dying_mean = np.add.reduceat(weighted[sets.event], sets.event_start, axis=0) / risk_sum[:, None]

    denominator = risk_sum[sets.event_cell] - sets.share * dying_sum[sets.event_cell]
    log_likelihood = float(np.sum(predictor[sets.event] - np.log(denominator)))
    # How much Efron's denominator enlarges each event's hazard, summed over the events of a cell: plain,
    # times the share, and the three products of these that the outer products below need.
    ratio = risk_sum[sets.event_cell] / denominator
    hazard, shared_hazard, square, shared_square, twice_shared_square = (
        np.add.reduceat(term, sets.event_start)
        for term in (ratio, sets.share * ratio, ratio**2, sets.share * ratio**2, (sets.share * ratio) ** 2)
    )

    score = covariates[sets.event].sum(axis=0) - hazard @ mean + shared_hazard @ dying_mean

    accumulated = risk * _up_to_cell(runs, hazard / risk_sum)[sets.cell]
    accumulated[sets.event] -= risk[sets.event] * (shared_hazard / risk_sum)[sets.event_cell]
    information = covariates.T @ (accumulated[:, None] * covariates)
    cross = mean.T @ (shared_square[:, None] * dying_mean)
    information -= mean.T @ (square[:, None] * mean) - cross - cross.T
    information -= dying_mean.T @ (twice_shared_square[:, None] * dying_mean)
    return Evaluation(
        log_likelihood=log_likelihood, score=score, information=(information + information.T) / 2
    )


def _levels(sets: RiskSets, predictor: FloatArray) -> FloatArray:
    """For each cell the number taken off the predictors of its subjects, so that exp() stays in range.

    It is the stratum's largest predictor, less a multiple of ``_RANGE`` once the largest of those still
    at risk has fallen that far below. So it never rises from cell to cell of a stratum.
    """
    largest = np.maximum.reduceat(predictor, sets.cell_start)
    for first, last in sets.strata.tolist():
        largest[first:last] = np.maximum.accumulate(largest[first:last][::-1])[::-1]
    top = np.repeat(largest[sets.strata[:, 0]], np.diff(sets.strata).ravel())
    level: FloatArray = top - _RANGE * np.floor((top - largest) / _RANGE)
    return level


def _runs(sets: RiskSets, level: FloatArray) -> list[tuple[int, int, float]]:
    """(first cell, cell after the last, e to its level less the previous one's) of each run of one level.

    Ordinarily a stratum is one run. The third is 0 for the first run of a stratum: nothing is carried over.
    """
    starts = np.zeros(level.size, dtype=np.bool_)
    starts[1:] = np.diff(level) != 0
    starts[sets.strata[:, 0]] = True
    first = np.flatnonzero(starts)
    carried = np.exp(level[first] - level[np.maximum(first - 1, 0)])
    carried[np.isin(first, sets.strata[:, 0])] = 0
    return list(zip(first.tolist(), [*first[1:].tolist(), level.size], carried.tolist(), strict=True))


def _from_cell_on(runs: list[tuple[int, int, float]], values: FloatArray) -> FloatArray:
    """Sums over the cell and all later ones of its stratum, each stratum by itself to keep every digit."""
    sums = np.empty_like(values)
    carry = 0.0
    for first, last, carried in reversed(runs):
        np.cumsum(values[first:last][::-1], axis=0, out=sums[first:last][::-1])
        sums[first:last] += carry
        carry = carried * sums[first] if carried else 0.0
    return sums


def _up_to_cell(runs: list[tuple[int, int, float]], values: FloatArray) -> FloatArray:
    """Sums over the cell and all earlier ones of its stratum."""
    sums = np.empty_like(values)
    for first, last, carried in runs:
        np.cumsum(values[first:last], axis=0, out=sums[first:last])
        if carried:
            sums[first:last] += carried * sums[first - 1]
    return sums
