"""The logistic likelihood with its score and information, and its maximum by Newton-Raphson.

A row is multiplied by 1 or -1, so that its predictor is the log odds of what was observed. Then every row adds
log P(observed), and the probability of the opposite, q, is computed as a tail: nothing is lost near 0 or 1.
Long data are worked through in blocks, so that no temporary array has their length times anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.stats.observations import FloatArray

_BLOCK = 16_384
_MOST_ITERATIONS = 200
_MOST_HALVINGS = 40
# The squared length of a Newton step in standard errors: the next step would be its square.
_CONVERGED = 1e-20
# Below this a step that no longer shrinks by its square is rounding.
_ROUNDING = 1e-14
# A step that adds less to the log likelihood than this share of it adds nothing that can be seen.
_FLAT = 1e-13
# A likelihood that has all but stopped growing while some log odds still move by this much points to infinity.
_GROWN = 1e-6
_STILL_MOVING = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """The log likelihood at one coefficient vector, its gradient and its negative Hessian."""

    log_likelihood: float
    score: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogisticMaximum:
    """Where Newton-Raphson ended.  suspected: no maximum was found; the log odds of some rows still move."""

    coefficients: FloatArray
    at: Evaluation
    iterations: int
    converged: bool
    suspected: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignedRows:
    """Rows times their sign.  design: (n, k).  offset: (n,) signed, or None.  weights: (n,), or None."""

    design: FloatArray
    offset: FloatArray | None
    weights: FloatArray | None


def evaluate(rows: SignedRows, coefficients: FloatArray) -> Evaluation:
    """The log likelihood, score and information at the coefficients.

    >>> rows = SignedRows(design=np.array([[1.0], [-1.0]]), offset=None, weights=None)
    >>> at = evaluate(rows, np.zeros(1))
    >>> round(at.log_likelihood, 6), at.score.tolist(), at.information.tolist()
    (-1.386294, [0.0], [[0.5]])
    """
    n, k = rows.design.shape
    if n <= _BLOCK:
        log_likelihood, score, information = _block(rows.design, rows.offset, rows.weights, coefficients)
        return Evaluation(log_likelihood=log_likelihood, score=score, information=information)
    log_likelihood, score, information = 0.0, np.zeros(k), np.zeros((k, k))
    for first in range(0, n, _BLOCK):
        part = slice(first, first + _BLOCK)
        added = _block(
            rows.design[part],
            None if rows.offset is None else rows.offset[part],
            None if rows.weights is None else rows.weights[part],
            coefficients,
        )
        log_likelihood += added[0]
        score += added[1]
        information += added[2]
    return Evaluation(log_likelihood=log_likelihood, score=score, information=information)


def _block(
    design: FloatArray, offset: FloatArray | None, weights: FloatArray | None, coefficients: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    predictor = design @ coefficients
    if offset is not None:
        predictor += offset
    small = np.exp(-np.abs(predictor))
    above = 1 + small
    missed = np.where(predictor >= 0, small, 1.0) / above
    spread = small / (above * above)
    terms = np.minimum(predictor, 0.0) - np.log1p(small)
    if weights is not None:
        missed, spread, terms = missed * weights, spread * weights, terms * weights
    return float(terms.sum()), design.T @ missed, design.T @ (design * spread[:, None])


def newton_step(at: Evaluation) -> FloatArray:
    """The solution of information times step = score; by least squares where rounding has eaten the information.

    >>> newton_step(Evaluation(log_likelihood=0.0, score=np.array([1.0]), information=np.array([[2.0]]))).tolist()
    [0.5]
    """
    # Diagonals of one: the scale of a coefficient that runs to infinity must not hide the others.
    spread = np.sqrt(np.diag(at.information))
    spread[spread == 0] = 1.0
    scaled = at.information / np.outer(spread, spread)
    try:
        step: FloatArray = np.linalg.solve(scaled, at.score / spread) / spread
    except np.linalg.LinAlgError:
        step = np.linalg.lstsq(scaled, at.score / spread)[0] / spread
    return step


def maximize(
    rows: SignedRows, *, start: FloatArray | None = None, to_the_end: bool = False
) -> LogisticMaximum:
    """The coefficients of the largest likelihood, by Newton-Raphson with step halving.

    rows: of full column rank.  start: (k,), or 0.  to_the_end: go on where a maximum at infinity is suspected,
    until the likelihood is the supremum to every digit; without it the search stops there for a closer look.

    >>> found = maximize(SignedRows(design=np.array([[1.0], [1.0], [-1.0]]), offset=None, weights=None))
    >>> round(float(np.exp(found.coefficients[0])), 12), found.converged
    (2.0, True)
    """
    k = rows.design.shape[1]
    beta = np.zeros(k) if start is None else start
    current = evaluate(rows, beta)
    if k == 0:
        return _ended(beta, current, 0, suspected=False)
    previous = np.inf
    for iterations in range(1, _MOST_ITERATIONS + 1):
        step = newton_step(current)
        squared = float(current.score @ step)
        slack = _FLAT * (1 + abs(current.log_likelihood))
        if (
            squared <= (slack if to_the_end else _GROWN)
            and np.max(np.abs(rows.design @ step)) > _STILL_MOVING
        ):
            return _ended(beta, current, iterations, suspected=True)
        share = 1.0
        for _ in range(_MOST_HALVINGS):
            following = evaluate(rows, beta + share * step)
            if following.log_likelihood >= current.log_likelihood - slack:
                break
            share /= 2
        else:
            return _ended(beta, current, iterations, suspected=True)
        beta, current = beta + share * step, following
        if squared <= _CONVERGED or (squared <= _ROUNDING and squared >= previous / 4):
            return _ended(beta, current, iterations, suspected=False)
        previous = squared
    return _ended(beta, current, _MOST_ITERATIONS, suspected=True)


def _ended(beta: FloatArray, at: Evaluation, iterations: int, *, suspected: bool) -> LogisticMaximum:
    return LogisticMaximum(
        coefficients=beta, at=at, iterations=iterations, converged=not suspected, suspected=suspected
    )
