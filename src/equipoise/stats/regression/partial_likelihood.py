"""Cox's partial likelihood with its score and information, for each way to treat ties.

Nothing of size n by p by p is ever made: with w_i the hazard accumulated by row i, the sum over events of
E[xx'] is the weighted Gram matrix X' diag(w) X.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray
from equipoise.stats.regression.exact_marginal import marginal_terms
from equipoise.stats.regression.exact_partial import subset_terms
from equipoise.stats.regression.one_run import OneRun, one_run, run_sums
from equipoise.stats.regression.risk_sets import RiskSets
from equipoise.stats.regression.risk_sums import largest_survivor, moments

# Equal covariates of one stratum, as a share of the covariate's extent, after centering.
_EQUAL = 1e-9
# Up to this linear predictor nothing can overflow or vanish, and risks need no common factor taken out.
_NEAR = 250.0


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The log partial likelihood at one coefficient vector, its gradient and its negative Hessian."""

    log_likelihood: float
    score: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PartialLikelihood:
    """The likelihood of one model as a function of its coefficients.

    design: (m, 1 + p), a column of ones and the covariates, in the order of ``sets.row``.  offset: (m,), or
    None for none.  dying_sum: (p,) the weighted covariates of the dying, summed.  n_events: deaths.
    run: for the quick way, where there is one.  reach: no covariate is larger, in absolute value.
    """

    sets: RiskSets
    design: FloatArray
    offset: FloatArray | None
    dying_sum: FloatArray
    dying_offset: float
    n_events: int
    run: OneRun | None
    reach: float

    @property
    def p(self) -> int:
        """The number of covariates."""
        return int(self.dying_sum.size)

    @property
    def rows(self) -> int:
        """The number of rows ever at risk."""
        return int(self.design.shape[0])

    @property
    def extent(self) -> FloatArray:
        """The range of each covariate, (p,)."""
        found: FloatArray = np.ptp(self.design[:, 1:], axis=0)
        return found

    def only(self, kept: BoolArray) -> PartialLikelihood:
        """The same without the covariates that are not kept."""
        return replace(
            self,
            design=np.ascontiguousarray(self.design[:, np.concatenate(([True], kept))]),
            dying_sum=self.dying_sum[kept],
        )

    def evaluate(self, coefficients: FloatArray) -> Evaluation:
        """The log partial likelihood, score and information at the coefficients, (p,).

        The information is the observed one, the negative Hessian.
        Source: Efron 1977; Breslow 1974; Gail, Lubin & Rubinstein 1981; DeLong, Guirguis & So 1994.
        """
        if self.run is not None and self.reach * sum(map(abs, coefficients.tolist())) <= _NEAR:
            value, mean, information = run_sums(self.run, self.design[:, 1:] @ coefficients, self.design)
            return Evaluation(
                float(self.dying_sum @ coefficients) - value, self.dying_sum - mean, information
            )
        # A step that is far too long can overflow; its likelihood is -inf or NaN, and the caller halves it.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            predictor = self.design[:, 1:] @ coefficients
            if self.offset is not None:
                predictor += self.offset
            if not np.isfinite(predictor).all():
                return _nowhere(self.p)
            if self.sets.ties == "exact-partial":
                return self._exact_partial(predictor, coefficients)
            if self.sets.ties == "exact-marginal":
                return self._exact_marginal(predictor)
            return self._approximate(predictor, coefficients)

    def _approximate(self, predictor: FloatArray, coefficients: FloatArray) -> Evaluation:
        sets, x = self.sets, self.design[:, 1:]
        found = moments(sets, predictor, self.design)
        multiplier = sets.multiplier
        value = self.dying_sum @ coefficients + self.dying_offset - multiplier @ found.log_total
        column = multiplier[:, None]
        information = x.T @ (found.back(column) * x)
        information -= found.mean.T @ (column * found.mean)
        return Evaluation(float(value), self.dying_sum - multiplier @ found.mean, information)

    def _exact_partial(self, predictor: FloatArray, coefficients: FloatArray) -> Evaluation:
        value, mean, information = subset_terms(self.sets, predictor, self.design[:, 1:])
        own = self.dying_sum @ coefficients + self.dying_offset
        return Evaluation(float(own - value), self.dying_sum - mean, information)

    def _exact_marginal(self, predictor: FloatArray) -> Evaluation:
        sets, x = self.sets, self.design[:, 1:]
        found = moments(sets, predictor, self.design)
        value, pull, curvature = marginal_terms(sets, predictor, found.log_total)
        # Covariates of the dying less the mean of the survivors of their cell; cells without survivors are certain.
        term = np.full(sets.deaths.size, -1, dtype=np.int64)
        term[sets.term_cell] = np.arange(sets.term_cell.size)
        term_of = term[sets.dying_cell]
        known = term_of >= 0
        apart = np.zeros((sets.dying.size, x.shape[1]))
        apart[known] = x[sets.dying[known]] - found.mean[term_of[known]]
        total_pull = np.zeros((sets.term_cell.size, 1))
        np.add.at(total_pull[:, 0], term_of[known], pull[known])
        information = x.T @ (found.back(total_pull) * x) - found.mean.T @ (total_pull * found.mean)
        for rows, block in curvature:
            information -= np.asarray(
                np.einsum("cip,cij,cjq->pq", apart[rows], block, apart[rows], optimize=True)
            )
        return Evaluation(value, pull @ apart, (information + information.T) / 2)

    def grows_with(self, j: int) -> float:
        """1 or -1 when the likelihood never falls as coefficient j alone grows or shrinks, else 0.

        So it is when every death has the largest covariate of its risk set; for the exact likelihoods,
        which order the dying as suits them, when it is at least as large as every survivor's.
        """
        sets, covariate = self.sets, self.design[:, 1 + j]
        equal = _EQUAL * float(np.ptp(covariate))
        for side in (1.0, -1.0):
            values = side * covariate
            least = np.minimum.reduceat(values[sets.dying], sets.dying_start)
            largest = largest_survivor(sets, values)
            if sets.ties in ("efron", "breslow"):
                largest = np.maximum(largest, np.maximum.reduceat(values[sets.dying], sets.dying_start))
            if np.all(least >= largest - equal):
                return side
        return 0.0


def _nowhere(p: int) -> Evaluation:
    return Evaluation(-np.inf, np.full(p, np.nan), np.full((p, p), np.nan))


def partial_likelihood(
    sets: RiskSets, covariates: FloatArray, offset: FloatArray | None = None
) -> PartialLikelihood:
    """The likelihood of covariates, (m, p) in the order of ``sets.row``, with an offset, (m,).

    >>> from equipoise.stats.regression.risk_sets import risk_sets
    >>> sets = risk_sets(np.array([1.0, 2]), np.array([True, True]), np.zeros(2, dtype=np.int64), "efron")
    >>> round(partial_likelihood(sets, np.array([[1.0], [0.0]])).evaluate(np.zeros(1)).log_likelihood, 6)
    -0.693147
    """
    design = np.empty((covariates.shape[0], covariates.shape[1] + 1))
    design[:, 0] = 1
    design[:, 1:] = covariates
    weights = sets.weights.take(sets.dying)
    return PartialLikelihood(
        sets=sets,
        design=design,
        offset=offset,
        dying_sum=weights @ covariates.take(sets.dying, axis=0),
        dying_offset=0.0 if offset is None else float(weights @ offset[sets.dying]),
        n_events=sets.dying.size,
        run=one_run(sets) if offset is None else None,
        reach=float(max(covariates.max(initial=0), -covariates.min(initial=0))),
    )
