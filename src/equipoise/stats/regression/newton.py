"""Maximize a partial likelihood, and say when its maximum lies at infinity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import BoolArray, FloatArray
from equipoise.stats.regression.partial_likelihood import Evaluation
from equipoise.stats.regression.separation import infinite_directions

_MOST_ITERATIONS = 80
_MOST_HALVINGS = 40
# The squared length of a Newton step in standard errors. After a step of 1e-7 standard errors the next
# one would be of the order of its square: the estimate has every digit it can have.
_CONVERGED = 1e-14
_FLAT = 1e-12
# While the likelihood no longer grows, a coefficient on its way to infinity still gains about one unit of
# the predictor over the covariate's range at each step; one with a finite maximum gains 1e-6 or less.
_STILL_MOVING = 1e-3
# A covariate with less than this share of information of its own is a combination of the earlier ones.
_COLLINEAR = 1e-11
# An information that has fallen this far may be on its way to nothing: steps by least squares from there on.
_FALLING = 1e-5
_EPSILON = float(np.finfo(np.float64).eps)


class Likelihood(Protocol):
    """What is maximized: numpy's partial likelihood, or its compiled form."""

    @property
    def extent(self) -> FloatArray:
        """The range of each covariate, (p,)."""
        ...

    @property
    def p(self) -> int:
        """The number of covariates."""
        ...

    @property
    def rows(self) -> int:
        """The number of rows ever at risk."""
        ...

    @property
    def n_events(self) -> int:
        """The number of events."""
        ...

    def only(self, kept: BoolArray) -> Likelihood:
        """The same without the covariates that are not kept."""
        ...

    def evaluate(self, coefficients: FloatArray) -> Evaluation:
        """Value, score and information at the coefficients."""
        ...

    def grows_with(self, j: int) -> float:
        """1 or -1 when it never falls as coefficient j alone grows or shrinks, else 0."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maximum:
    """Where Newton–Raphson ended, in the units of the covariates it was given.

    kept: (p,) False for covariates without information of their own.  diverging: (p,) 0, or -1 or 1 when
    the coefficient runs to infinity, or NaN when it is undetermined.  coefficients: (p,) accordingly.
    covariance: (p, p), NaN for a coefficient that is not finite, and without convergence.  null, final: evaluations of the
    kept covariates at zero and at the end.  score_statistic: score' inverse(information) score at zero.  path: (k,) the kept coefficients where the iterations ended.
    """

    kept: BoolArray
    diverging: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    null: Evaluation
    final: Evaluation
    score_statistic: float
    path: FloatArray
    iterations: int
    converged: bool


def maximize(likelihood: Likelihood) -> Maximum:
    """Find the coefficients of the largest partial likelihood by Newton–Raphson with step halving.

    likelihood: of covariates centered and scaled to unit variance, or constant 0.
    Returns a Maximum.  Source: Therneau & Grambsch 2000, chapter 3; for the end at infinity see ``separation``.

    >>> from equipoise.stats.regression.partial_likelihood import partial_likelihood
    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> maximize(partial_likelihood(sets, np.array([[1.0], [0.0]]))).coefficients.tolist()
    [inf]
    """
    p = likelihood.p
    null = likelihood.evaluate(np.zeros(p))
    kept = _informative(null.information, _COLLINEAR * likelihood.n_events)
    used = likelihood
    if np.count_nonzero(kept) < p:
        used = likelihood.only(kept)
        null = used.evaluate(np.zeros(np.count_nonzero(kept)))
    falling = _FALLING * null.information.diagonal()
    step = _newton_step(null, falling)
    gain = score_statistic = float(null.score @ step)
    beta, direction = np.zeros(null.score.size), np.zeros(null.score.size)
    current, converged, diverges, iterations = null, null.score.size == 0, False, 0
    while not converged and not diverges and iterations < _MOST_ITERATIONS:
        if iterations:
            step = _newton_step(current, falling)
            gain = float(current.score @ step)
        iterations += 1
        target, following = _climb(used, beta, step, current)
        if target is None:
            break
        flat = following.log_likelihood - current.log_likelihood <= _FLAT * (1 + abs(current.log_likelihood))
        moving = _moving(used, step, following, null) if flat else None
        if moving is not None:
            direction = infinite_directions(used, null, following, step, moving)
            diverges = bool(direction.any())
        converged = not diverges and gain <= _CONVERGED
        beta, current = target, following

    # In the limit a diverging covariate shares no information with the others.
    finite = direction == 0
    inner = current.information[np.ix_(finite, finite)] if diverges else current.information
    inverse = _inverse(inner, converged or diverges)
    limit = np.where(finite, beta, np.where(finite, 1.0, direction) * np.inf) if diverges else beta
    coefficients, diverging, covariance = limit, direction, inverse
    if diverges or limit.size < p:
        coefficients, diverging, covariance = np.full(p, np.nan), np.full(p, np.nan), np.full((p, p), np.nan)
        coefficients[kept], diverging[kept] = limit, direction
        rows = kept.nonzero()[0][finite]
        covariance[rows[:, None], rows] = inverse
    return Maximum(
        kept=kept,
        diverging=diverging,
        coefficients=coefficients,
        covariance=covariance,
        null=null,
        final=current,
        score_statistic=score_statistic,
        path=beta,
        iterations=iterations,
        converged=converged and not np.isnan(inverse).any(),
    )


def _informative(information: FloatArray, smallest: float) -> BoolArray:
    """The covariates with information of their own, the later of two equal ones being left out."""
    try:
        # Squares of a Cholesky factor's diagonal are what elimination leaves of each column.
        left = np.linalg.cholesky(information).diagonal() ** 2
    except np.linalg.LinAlgError:
        left = np.zeros(1)
    if left.size and left.min() <= smallest:
        return independent_columns(information, smallest=np.full(len(information), smallest))
    return np.ones(len(information), dtype=np.bool_)


def _moving(used: Likelihood, step: FloatArray, following: Evaluation, null: Evaluation) -> BoolArray | None:
    """Coefficients that go on although the likelihood has stopped growing, or have lost their information."""
    left = following.information.diagonal() / null.information.diagonal()
    # Of n numbers with variance 1 none is further than the root of n from their mean.
    if left.min() > _FALLING and np.abs(step).max() * 2 * used.rows**0.5 <= _STILL_MOVING:
        return None
    extent = used.extent
    moving: BoolArray = (
        np.maximum(np.abs(step), np.abs(_newton_step(following, _FALLING * null.information.diagonal())))
        * extent
        > _STILL_MOVING
    )
    moving |= left <= _FLAT
    return moving if moving.any() else None


def _inverse(information: FloatArray, maximum_found: bool) -> FloatArray:
    """The covariance, all NaN when there is none: without a maximum, or when rounding has eaten it."""
    inverse: FloatArray | None = None
    if maximum_found and information.size:
        try:
            inverse = np.linalg.inv(information).astype(np.float64, copy=False)
        except np.linalg.LinAlgError:
            inverse = None
    if inverse is None or not (_well_conditioned(information, inverse) and inverse.diagonal().min() > 0):
        return np.full_like(information, np.nan)
    symmetric: FloatArray = inverse + inverse.T
    symmetric *= 0.5
    return symmetric


def _well_conditioned(matrix: FloatArray, inverse: FloatArray) -> bool:
    """Whether the product of the largest absolute row sums, a bound of the condition number, leaves a digit."""
    whole, turned = matrix.ravel(), inverse.ravel()
    # A row sum is at most the root of the squares' sum times the root of the row's length.
    if whole @ whole * (turned @ turned) < _EPSILON**-2:
        return True
    condition = np.abs(matrix).sum(axis=1).max() * np.abs(inverse).sum(axis=1).max()
    return bool(condition < len(matrix) / _EPSILON)


def _newton_step(at: Evaluation, falling: FloatArray) -> FloatArray:
    """The step from an evaluation. falling: (p,) what is left of a coefficient's information when it may be vanishing."""
    step: FloatArray
    if (at.information.diagonal() > falling).all():
        try:
            step = np.linalg.solve(at.information, at.score).astype(np.float64, copy=False)
            if 0 <= at.score @ step < np.inf:
                return step
        except np.linalg.LinAlgError:
            pass
    # By least squares, because the information of a coefficient on its way to infinity ends as nothing.
    step = np.linalg.lstsq(at.information, at.score)[0].astype(np.float64)
    return step


def _climb(
    likelihood: Likelihood, beta: FloatArray, step: FloatArray, current: Evaluation
) -> tuple[FloatArray | None, Evaluation]:
    """After the first of 1, 1/2, 1/4 … of the step that does not lower the likelihood; None when there is none."""
    slack = _FLAT * (1 + abs(current.log_likelihood))
    for _ in range(_MOST_HALVINGS):
        target: FloatArray = beta + step
        following = likelihood.evaluate(target)
        if following.log_likelihood >= current.log_likelihood - slack:
            return target, following
        step = step / 2
    return None, current
