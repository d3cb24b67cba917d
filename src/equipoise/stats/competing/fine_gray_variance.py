"""The sandwich variance of Fine and Gray's estimate, with the part that comes from estimating the censoring curve."""

from __future__ import annotations

import numpy as np

from equipoise.stats.competing.fine_gray_likelihood import Fit, accumulated
from equipoise.stats.competing.fine_gray_risk_sets import Censoring, Subdistribution
from equipoise.stats.observations import BoolArray, FloatArray


def score_residuals(sets: Subdistribution, covariates: FloatArray, fit: Fit) -> FloatArray:
    """What each subject adds to the score, the censoring curve taken as known: shape (p, n).

    covariates: (p, n).  fit: at the estimate.
    Source: Fine & Gray 1999, eta of their formula 8; as residuals(coxph(), "score") summed over the rows of finegray.

    >>> from equipoise.stats.competing.fine_gray_risk_sets import _doctest_sets
    >>> from equipoise.stats.competing.fine_gray_likelihood import evaluate
    >>> x = np.array([[1.0, 0.0]])
    >>> score_residuals(_doctest_sets(), x, evaluate(_doctest_sets(), x, np.zeros(1))).tolist()
    [[0.25, 0.25]]
    """
    hazards = accumulated(sets, np.concatenate((fit.inverse[None], fit.mean * fit.inverse)))
    residuals: FloatArray = -fit.risk * (covariates * hazards[0] - hazards[1:])
    mean = np.add.reduceat(fit.mean, sets.event_start, axis=1) / np.bincount(sets.event_cell)
    residuals[:, sets.event] += covariates[:, sets.event] - mean[:, sets.event_cell]
    return residuals


def censoring_residuals(
    sets: Subdistribution, covariates: FloatArray, fit: Fit, curves: Censoring
) -> FloatArray:
    """What each subject adds to the score through the censoring curve: shape (p, n).

    Source: Fine & Gray 1999, psi of their formula 8; values as R cmprsk 2.2, crr.

    >>> from equipoise.stats.competing.fine_gray_likelihood import evaluate
    >>> from equipoise.stats.competing.fine_gray_risk_sets import censoring_curves, risk_sets
    >>> kind, alone = np.array([2, 0, 1, 1]), np.zeros(4, dtype=np.int64)
    >>> curves = censoring_curves(np.arange(1.0, 5), kind, alone, "cmprsk")
    >>> sets, x = risk_sets(kind, alone, curves, efron=False), np.array([[1.0, 0, 1, 0]])
    >>> censoring_residuals(sets, x, evaluate(sets, x, np.zeros(1)), curves).round(4).tolist()
    [[0.0, 0.0742, -0.0371, -0.0371]]
    """
    residuals = np.zeros_like(covariates)
    cells = np.add.reduceat(
        np.concatenate((fit.inverse[None], fit.mean * fit.inverse)), sets.event_start, axis=1
    )
    free = _is_censored(sets)
    for g in range(len(curves.before)):
        pull = _pull(sets, covariates, fit, curves, cells * sets.still[g], g)
        n = np.where(curves.at_risk[g] > 0, curves.at_risk[g], 1.0)
        pull /= n
        drift = np.cumsum(pull * (curves.n_censored[g] / n), axis=1)
        members = np.flatnonzero(curves.group == g)
        row = curves.row[members]
        censored = free[members]
        # Events that leave before the censorings of their time are not at risk of them.
        until = row - 1 if curves.after_events else row
        until = np.where(censored, row, until)
        residuals[:, members] = np.where(censored, pull[:, row], 0) - np.where(until >= 0, drift[:, until], 0)
    return residuals


def _is_censored(sets: Subdistribution) -> BoolArray:
    free = np.ones(sets.slot.size, dtype=np.bool_)
    free[sets.event] = False
    free[sets.competing] = False
    return free


def _pull(
    sets: Subdistribution, covariates: FloatArray, fit: Fit, curves: Censoring, cells: FloatArray, g: int
) -> FloatArray:
    """By distinct time u: what a censoring at u takes off the score through those already lost to other causes.

    It is the sum over them of risk / G (covariate - mean) times the hazards of later cells, each times G: in each
    stratum a product of a sum over earlier subjects and a sum over later cells. Changes of the products are put where
    they happen and added up over all strata at once.
    """
    p, many = len(covariates), curves.time.size
    changes = np.zeros((p, many + 1))
    # cmprsk counts who was lost before u and the cells from u on; finegray's order of ties makes it up to u and after u.
    shift = 0 if curves.after_events else 1
    of_group = curves.group[sets.competing] == g
    chosen = sets.competing[of_group]
    row, stratum = curves.row[chosen], sets.stratum[chosen]
    staying = fit.risk[chosen] * sets.inverse[of_group]
    order = np.lexsort((row, stratum))
    starts = np.flatnonzero(np.diff(stratum[order])) + 1
    for mine in np.split(order, starts) if order.size else []:
        first, last = sets.segments[stratum[mine[0]]]
        if first == last:
            continue
        when, cell_row = row[mine], sets.cell_row[first:last]
        weights = np.concatenate((staying[mine][None], staying[mine] * covariates[:, chosen[mine]]))
        lost = np.concatenate((np.zeros((p + 1, 1)), np.cumsum(weights, axis=1)), axis=1)
        ahead = np.zeros((p + 1, last - first + 1))
        np.cumsum(cells[:, first:last][:, ::-1], axis=1, out=ahead[:, :-1][:, ::-1])
        at = np.unique(np.concatenate((when, cell_row)))
        lost = lost[:, np.searchsorted(when, at, side="right")]
        ahead = ahead[:, np.searchsorted(cell_row, at, side="right")]
        product = lost[1:] * ahead[0] - lost[0] * ahead[1:]
        changes[:, at + shift] += np.diff(product, axis=1, prepend=0)
    pull: FloatArray = np.cumsum(changes[:, :many], axis=1)
    return pull
