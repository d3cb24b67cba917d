"""The partial likelihood of Fine and Gray's model with its score and information, and the hazards it implies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.stats.competing.fine_gray_risk_sets import (
    Subdistribution,
    over_earlier_cells,
    over_earlier_slots,
    over_later_cells,
    over_later_slots,
)
from equipoise.stats.observations import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """What one coefficient vector gives.

    log_likelihood, score (p,), information (p, p).  risk: (n,) exp(predictor - level of the stratum).  level: (s,).
    mean: (p, e) covariate means of the risk sets at the events.  inverse: (e,) 1 / the sum of the risk set.
    """

    log_likelihood: float
    score: FloatArray
    information: FloatArray
    risk: FloatArray
    level: FloatArray
    mean: FloatArray
    inverse: FloatArray


def evaluate(sets: Subdistribution, covariates: FloatArray, coefficients: FloatArray) -> Fit:
    """The log partial likelihood, its gradient and its negative Hessian.

    covariates: shape (p, n), in the order of the subjects.  coefficients: (p,).
    Source: Fine & Gray 1999, formulas 7 and 8; Efron's ties as coxph does on the rows of finegray (survival 3.5-3).

    >>> from equipoise.stats.competing.fine_gray_risk_sets import _doctest_sets
    >>> round(evaluate(_doctest_sets(), np.array([[1.0, 0.0]]), np.zeros(1)).log_likelihood, 6)
    -0.693147
    """
    predictor = coefficients @ covariates
    level = _levels(sets, predictor)
    predictor = predictor - (level[0] if level.size == 1 else level[sets.stratum])
    # A step that is far too long can still empty a risk set; its likelihood is -inf or NaN, and the caller halves it.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        risk = np.exp(predictor)
        sums = _risk_set_sums(sets, covariates, risk)
        sums = sums[:, sets.event_cell]
        if sets.share.any():
            sums = sums - sets.share * _tied_sums(sets, covariates, risk)
        inverse = 1 / sums[0]
        mean = sums[1:] * inverse
        log_likelihood = float(predictor[sets.event].sum() + np.log(inverse).sum())
        score = covariates[:, sets.event].sum(axis=1) - mean.sum(axis=1)
        weight = risk * accumulated(sets, inverse[None])[0]
        information = (covariates * weight) @ covariates.T - mean @ mean.T
    return Fit(
        log_likelihood=log_likelihood,
        score=score,
        information=(information + information.T) / 2,
        risk=risk,
        level=level,
        mean=mean,
        inverse=inverse,
    )


def accumulated(sets: Subdistribution, at_events: FloatArray) -> FloatArray:
    """For each subject the sum over the events at which it was at risk, with its weights: (q, e) to (q, n).

    >>> from equipoise.stats.competing.fine_gray_risk_sets import _doctest_sets
    >>> accumulated(_doctest_sets(), np.array([[1.0, 10.0]])).tolist()
    [[1.0, 11.0]]
    """
    cells = np.add.reduceat(at_events, sets.event_start, axis=1)
    sums: FloatArray
    if sets.compiled:
        from equipoise.stats.compiled.competing import fine_gray_hazards

        sums = np.empty((len(cells), sets.slot.size))
        slots, groups = sets.n_slots, len(sets.still)
        fine_gray_hazards(
            sets.slot, sets.competing, sets.competing_slot, sets.inverse, sets.still, np.array(sets.segments),
            cells, np.empty(slots), np.empty((groups, slots)), sums,
        )  # fmt: skip
    else:
        sums = over_earlier_cells(sets, cells)[:, sets.slot]
    if sets.competing.size and not sets.compiled:
        later = over_later_cells(sets, sets.still[:, None, :] * cells)
        flat = np.moveaxis(later, 1, 0).reshape(len(cells), -1)
        sums[:, sets.competing] += sets.inverse * flat[:, sets.competing_slot]
    if sets.share.any():
        # Among tied events Efron has each of them at risk in part.
        sums[:, sets.event] -= np.add.reduceat(sets.share * at_events, sets.event_start, axis=1)[
            :, sets.event_cell
        ]
    return sums


def _levels(sets: Subdistribution, predictor: FloatArray) -> FloatArray:
    """The largest predictor of each stratum, taken off so that exp() stays in range."""
    if len(sets.segments) == 1:
        return np.array([predictor.max()])
    level = np.full(len(sets.segments), -np.inf)
    np.maximum.at(level, sets.stratum, predictor)
    return np.where(np.isfinite(level), level, 0.0)


def _risk_set_sums(sets: Subdistribution, covariates: FloatArray, risk: FloatArray) -> FloatArray:
    """Sums over each cell's risk set of the risk, and of the risk times each covariate: shape (1 + p, cells)."""
    slots, groups = sets.n_slots, len(sets.still)
    if sets.compiled:
        from equipoise.stats.compiled.competing import fine_gray_sums

        width = len(covariates) + 1
        found = np.empty((slots - len(sets.segments), width))
        fine_gray_sums(
            sets.slot, sets.competing, sets.competing_slot, sets.inverse, sets.still, np.array(sets.segments),
            risk, covariates, np.zeros((slots, width)), np.zeros((groups, slots, width)), found,
        )  # fmt: skip
        return found.T
    chosen = sets.competing
    staying = risk[chosen] * sets.inverse
    at_slots = np.empty((len(covariates) + 1, slots))
    after = np.empty((len(covariates) + 1, groups, slots))
    at_slots[0] = np.bincount(sets.slot, weights=risk, minlength=slots)
    after[0] = np.bincount(sets.competing_slot, weights=staying, minlength=groups * slots).reshape(groups, -1)
    for j, covariate in enumerate(covariates):
        at_slots[j + 1] = np.bincount(sets.slot, weights=risk * covariate, minlength=slots)
        weights = staying * covariate[chosen]
        after[j + 1] = np.bincount(sets.competing_slot, weights=weights, minlength=groups * slots).reshape(
            groups, -1
        )
    sums = over_later_slots(sets, at_slots)
    if chosen.size:
        sums += (over_earlier_slots(sets, after) * sets.still).sum(axis=1)
    return sums


def _tied_sums(sets: Subdistribution, covariates: FloatArray, risk: FloatArray) -> FloatArray:
    """The part of the tied events themselves in these sums, for each event: shape (1 + p, e)."""
    own = risk[sets.event]
    columns = np.vstack([own[None], own * covariates[:, sets.event]])
    tied: FloatArray = np.add.reduceat(columns, sets.event_start, axis=1)[:, sets.event_cell]
    return tied
