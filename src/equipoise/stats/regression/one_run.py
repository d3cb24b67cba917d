"""The sums of a likelihood over risk sets of one stratum without entries: a single run along the sorted rows.

This is what ``risk_sums`` gives, of what most models are, for Newton's method: fewer and smaller arrays, since only the
value, the mean and the information are asked for. Only numbers of one sign are ever added here, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.stats.observations import FloatArray, IntArray
from equipoise.stats.regression.risk_sets import RiskSets


@dataclass(frozen=True, slots=True, eq=False)
class OneRun:
    """m rows and t terms in order.

    weights: (m,), or None where all are 1; multiplier: (t,), likewise.  begin: (t,) the first row of each term.
    stop: (m,) how many terms have begun when a row leaves.  tied: Efron's terms that count the dying in part.
    """

    weights: FloatArray | None
    multiplier: FloatArray | None
    begin: IntArray
    stop: IntArray
    tied: Tied | None


@dataclass(frozen=True, slots=True, eq=False)
class Tied:
    """q terms of cells with several deaths; each is also one of the dying.

    term, row: (q,).  left: (q, 1) how much of the dying counts.  others: (q,) the first row beyond the dying.
    start: the first of each cell among the q.  cell: (q,) which of these cells.  before: how many terms precede the cell.
    """

    term: IntArray
    row: IntArray
    left: FloatArray
    others: IntArray
    start: IntArray
    cell: IntArray
    before: IntArray


def one_run(sets: RiskSets) -> OneRun | None:
    """The run of these risk sets; None with entries, strata, or an exact likelihood.

    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> one_run(risk_sets(np.array([1.0, 2]), np.ones(2, dtype=bool), np.zeros(2, dtype=np.int64), "efron")).stop.tolist()
    [1, 2]
    """
    if sets.delayed or len(sets.strata) > 1 or sets.ties not in ("efron", "breslow"):
        return None
    terms = sets.term_cell.size
    stop = sets.last + 1 if not sets.shared else (sets.dying_start + sets.deaths).take(sets.last)
    weighted = bool((sets.weights != 1).any())
    counted = weighted or (sets.ties == "breslow" and sets.dying.size > terms)
    return OneRun(
        weights=sets.weights if weighted else None,
        multiplier=sets.multiplier if counted else None,
        begin=sets.whole_from,
        stop=stop,
        tied=_tied(sets) if sets.shared else None,
    )


def _tied(sets: RiskSets) -> Tied:
    term = (sets.deaths > 1).take(sets.term_cell).nonzero()[0]
    share = sets.share.take(term)
    begins = share == 0
    start = begins.nonzero()[0]
    return Tied(
        term=term,
        row=sets.dying.take(term),
        left=(1 - share)[:, None],
        others=sets.others_from.take(term),
        start=start,
        cell=begins.cumsum() - 1,
        before=term.take(start),
    )


def run_sums(run: OneRun, predictor: FloatArray, design: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Over all terms: the logs of total risks, the means of covariates (p,), and their variances (p, p).

    predictor: (m,) log relative hazards, none far from 0.  design: (m, 1 + p), a column of ones and the covariates.

    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.ones(2, dtype=bool), np.zeros(2, dtype=np.int64), "efron")
    >>> value, mean, variance = run_sums(one_run(sets), np.zeros(2), np.array([[1.0, 5.0], [1.0, 7.0]]))
    >>> round(value, 6), mean.tolist(), variance.tolist()
    (0.693147, [13.0], [[1.0]])
    """
    risk = np.exp(predictor)
    if run.weights is not None:
        risk *= run.weights
    products = risk[:, None] * design
    # Sums from each row on to the end, and of nobody.
    from_row_on = np.zeros((products.shape[0] + 1, design.shape[1]))
    products[::-1].cumsum(axis=0, out=from_row_on[-2::-1])
    sums = from_row_on.take(run.begin, axis=0)
    tied = run.tied
    if tied is not None:
        dying = np.add.reduceat(products.take(tied.row, axis=0), tied.start, axis=0)
        sums[tied.term] = dying.take(tied.cell, axis=0) * tied.left + from_row_on.take(tied.others, axis=0)
    total = sums[:, 0].copy()
    sums /= total[:, None]
    log_total = np.log(total)
    if run.multiplier is None:
        hazard, value = 1 / total, float(np.add.reduce(log_total))
        of_means = sums.T @ sums
    else:
        hazard, value = run.multiplier / total, float(run.multiplier @ log_total)
        of_means = sums.T @ (run.multiplier[:, None] * sums)

    through = np.zeros(total.size + 1)
    hazard.cumsum(out=through[1:])
    shared = through.take(run.stop)
    if tied is not None:
        own = np.add.reduceat(tied.left[:, 0] * hazard.take(tied.term), tied.start)
        own += through.take(tied.before)
        shared[tied.row] = own.take(tied.cell)
    products *= shared[:, None]
    of_squares = design.T @ products
    of_squares -= of_means
    return value, of_means[0, 1:], of_squares[1:, 1:]
