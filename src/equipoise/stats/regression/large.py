"""The partial likelihood of large data without entries, by compiled passes over the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray, IntArray
from equipoise.stats.regression.cox_data import CoxData
from equipoise.stats.regression.partial_likelihood import Evaluation, PartialLikelihood

# Risks further apart (as logs) than a double holds with room to spare go to numpy's tree.
_RANGE = 500.0
# Rows of which weighted products are held at a time.
_BLOCK = 8192


@dataclass(frozen=True, slots=True, eq=False)
class LargeLikelihood:
    """A partial likelihood, Efron or Breslow, as a function of its coefficients; see ``compiled.cox``.

    x: (m, p), standardized, in the order of the passes.  weights, offset: (m,), or empty for none.
    reference: makes numpy's likelihood of the same data, for what only it can do.
    kept: which of its covariates these are.
    """

    x: FloatArray
    weights: FloatArray
    offset: FloatArray
    dies: BoolArray
    first: IntArray
    deaths: IntArray
    ends: BoolArray
    efron: bool
    dying_sum: FloatArray
    dying_offset: float
    n_events: int
    reference: Callable[[], PartialLikelihood]
    kept: BoolArray

    @property
    def p(self) -> int:
        """The number of covariates."""
        return int(self.x.shape[1])

    @property
    def rows(self) -> int:
        """The number of rows ever at risk."""
        return int(self.x.shape[0])

    @property
    def extent(self) -> FloatArray:
        """The range of each covariate, (p,)."""
        found: FloatArray = np.ptp(self.x, axis=0)
        return found

    def only(self, kept: BoolArray) -> LargeLikelihood:
        """The same without the covariates that are not kept."""
        among = self.kept.copy()
        among[self.kept] = kept
        return replace(
            self, x=np.ascontiguousarray(self.x[:, kept]), dying_sum=self.dying_sum[kept], kept=among
        )

    def grows_with(self, j: int) -> float:
        """1 or -1 when the likelihood never falls as coefficient j alone grows or shrinks, else 0."""
        return self._by_numpy().grows_with(j)

    def _by_numpy(self) -> PartialLikelihood:
        return self.reference().only(self.kept)

    def evaluate(self, coefficients: FloatArray) -> Evaluation:
        """The log partial likelihood, score and information at the coefficients, (p,)."""
        from equipoise.stats.compiled.cox import backward, forward

        with np.errstate(over="ignore", invalid="ignore"):
            risk = self.x @ coefficients
            if self.offset.size:
                risk += self.offset
            top = risk.max()
            if not top - risk.min() <= _RANGE:
                return self._by_numpy().evaluate(coefficients)
        risk -= top
        np.exp(risk, out=risk)
        if self.weights.size:
            risk *= self.weights
        hazard, own_hazard = np.empty(self.deaths.size), np.empty(self.deaths.size)
        log_sum, mean_sum, outer = backward(
            self.x, risk, self.weights, self.dies, self.first, self.deaths, self.ends, self.efron, hazard, own_hazard
        )  # fmt: skip
        forward(risk, self.dies, self.first, self.ends, hazard, own_hazard)
        # The kernel fills the upper half.
        information = -(outer + outer.T)
        information.flat[:: self.p + 1] += outer.diagonal()
        for begin in range(0, self.rows, _BLOCK):
            block = self.x[begin : begin + _BLOCK]
            information += block.T @ (risk[begin : begin + _BLOCK, None] * block)
        value = self.dying_sum @ coefficients + self.dying_offset - log_sum - top * self._weight_of_dying()
        return Evaluation(float(value), self.dying_sum - mean_sum, information)

    def _weight_of_dying(self) -> float:
        return float(self.weights[self.dies].sum()) if self.weights.size else float(self.n_events)


def large_likelihood(
    data: CoxData, reference: Callable[[], PartialLikelihood], constant: float
) -> tuple[LargeLikelihood, FloatArray]:
    """The likelihood of checked data, and the scale of its covariates.

    constant: what rounding leaves of a constant covariate, relative to its size; its scale is 0.
    """
    from equipoise.stats.compiled.cox import by_stratum, cells, standardize
    from equipoise.stats.compiled.sorting import ascending

    order = ascending(data.time)
    stratum = np.array(data.stratum)
    if len(data.stratum_labels) > 1:
        order = by_stratum(order, stratum, len(data.stratum_labels))
    row, dies, first, deaths, ends = cells(order, np.array(data.time), np.array(data.event), stratum)
    x, scale = standardize(data.matrix, row, first, ends, constant)
    weights = data.weights[row] if (data.weights != 1).any() else np.empty(0)
    offset = data.offset[row] if data.offset.any() else np.empty(0)
    dying = np.flatnonzero(dies)
    dying_weights = weights[dying] if weights.size else np.ones(dying.size)
    likelihood = LargeLikelihood(
        x=x,
        weights=weights,
        offset=offset,
        dies=dies,
        first=first,
        deaths=deaths,
        ends=ends,
        efron=data.ties == "efron",
        dying_sum=dying_weights @ x[dying],
        dying_offset=float(dying_weights @ offset[dying]) if offset.size else 0.0,
        n_events=dying.size,
        reference=reference,
        kept=np.ones(x.shape[1], dtype=np.bool_),
    )
    return likelihood, scale
