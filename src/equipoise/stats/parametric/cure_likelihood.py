"""The likelihood of a mixture cure model, and its maximum by Newton's method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from equipoise.stats.observations import BoolArray, FloatArray, IntArray

_MOST_ITERATIONS = 200
# A logit this far down is a cure fraction of 3e-7: the maximum is at 0.
_AT_ZERO = -15.0
# exp of it is the last hazard that leaves a double of survival, e^-700.
_LOG_700 = math.log(700.0)


@dataclass(frozen=True, slots=True, eq=False)
class CureLikelihood:
    """Follow-up with a cure fraction for each group and a Weibull time to the event for those not cured.

    log_time: (n,) of times above 0, in units of their mean.  event: (n,).  group: (n,) from 0 on.
    latency: (groups,) which time distribution each group has.  weibull: whether there are shapes, else they are 1.
    Parameters: the logits of the groups' cure fractions, then log scale (and log shape) of each distribution.
    """

    log_time: FloatArray
    event: BoolArray
    group: IntArray
    latency: IntArray
    weibull: bool

    @property
    def k(self) -> int:
        """The number of groups."""
        return int(self.latency.size)

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.k + (1 + self.weibull) * (int(self.latency.max()) + 1)

    def value_and_score(self, parameters: NDArray[Any], uncured: BoolArray) -> tuple[Any, NDArray[Any]]:
        """The log likelihood and its gradient; groups marked in uncured have a cure fraction of 0 exactly.

        Parameters may be complex: a tiny imaginary step then gives a derivative without rounding.
        """
        k, sets = self.k, int(self.latency.max()) + 1
        cured = np.where(uncured, 0.0, 1 / (1 + np.exp(-np.where(uncured, 0.0, parameters[:k]))))
        log_scale = parameters[k : k + sets][self.latency][self.group]
        log_shape = (
            parameters[k + sets :][self.latency][self.group] if self.weibull else np.zeros(self.group.size)
        )
        shape = np.exp(log_shape)
        power = shape * (self.log_time - log_scale)
        p = cured[self.group]
        never = uncured[self.group] | self.event
        # Beyond e^-700 the survival of the uncured adds nothing to the cured.
        power = np.where(~never & (power.real > _LOG_700), _LOG_700, power)
        hazard = np.exp(power)
        survival = np.exp(-np.where(never, 0.0, hazard))
        total = p + (1 - p) * survival
        value = np.where(
            self.event,
            np.log(1 - p) + log_shape - self.log_time + power - hazard,
            np.where(never, -hazard, np.log(np.where(never, 1.0, total))),
        )
        weight = np.where(never, 1.0, (1 - p) * survival / np.where(never, 1.0, total))
        by_logit = np.where(
            self.event, -p, np.where(never, 0.0, p * (1 - p) * (1 - survival) / np.where(never, 1.0, total))
        )
        by_scale = np.where(self.event, shape * (hazard - 1), weight * shape * hazard)
        by_shape = np.where(self.event, 1 + power - hazard * power, -weight * hazard * power)
        found = [_sums(self.group, by_logit, k)]
        of = self.latency[self.group]
        found.append(_sums(of, by_scale, sets))
        if self.weibull:
            found.append(_sums(of, by_shape, sets))
        return value.sum(), np.concatenate(found)

    def information(self, parameters: FloatArray, uncured: BoolArray) -> FloatArray:
        """The negative matrix of second derivatives."""
        step = 1e-30
        columns = []
        for j in range(self.size):
            moved = parameters.astype(np.complex128)
            moved[j] += step * 1j
            columns.append(self.value_and_score(moved, uncured)[1].imag / step)
        found = -np.array(columns)
        return np.asarray((found + found.T) / 2, dtype=np.float64)

    def slope_at_zero(self, parameters: FloatArray, uncured: BoolArray) -> FloatArray:
        """(groups,): how the log likelihood changes with a cure fraction that leaves 0; below 0 the maximum is there."""
        k, sets = self.k, int(self.latency.max()) + 1
        log_scale = parameters[k : k + sets][self.latency][self.group]
        shape = (
            np.exp(parameters[k + sets :][self.latency][self.group])
            if self.weibull
            else np.ones(self.group.size)
        )
        hazard = np.exp(np.minimum(shape * (self.log_time - log_scale), _LOG_700))
        slope = np.where(self.event, -1.0, np.expm1(np.minimum(hazard, 700.0)))
        found = np.bincount(self.group, slope, minlength=self.k)
        return np.where(uncured, found, 0.0)


def _sums(codes: IntArray, values: NDArray[Any], size: int) -> NDArray[Any]:
    real = np.bincount(codes, values.real, minlength=size)
    if not np.iscomplexobj(values):
        return real
    return real + 1j * np.bincount(codes, values.imag, minlength=size)


@dataclass(frozen=True, slots=True, eq=False)
class CureMaximum:
    """Where the likelihood is largest; uncured marks groups whose cure fraction is 0."""

    parameters: FloatArray
    log_likelihood: float
    information: FloatArray
    uncured: BoolArray
    converged: bool


def climb(likelihood: CureLikelihood, start: FloatArray, free: BoolArray, uncured: BoolArray) -> CureMaximum:
    """Newton's method with step halving in the free parameters, from one start; uphill even where the curvature is not."""
    parameters, used = start.copy(), free.copy()
    used[: likelihood.k] &= ~uncured
    value, score = likelihood.value_and_score(parameters, uncured)
    converged = False
    information = likelihood.information(parameters, uncured)
    for _ in range(_MOST_ITERATIONS):
        inner = information[np.ix_(used, used)]
        roots, axes = np.linalg.eigh(inner)
        floor = 1e-8 * max(float(np.abs(roots).max(initial=0)), 1e-8)
        slopes = axes.T @ score[used]
        step = axes @ (slopes / np.maximum(np.abs(roots), floor))
        decrement = float(slopes @ (slopes / np.maximum(np.abs(roots), floor)))
        if decrement <= 1e-20 and (roots > 0).all():
            converged = True
            break
        longest = float(np.abs(step).max(initial=0))
        share = min(1.0, 3.0 / longest) if longest > 0 else 1.0
        for _ in range(60):
            tried = parameters.copy()
            tried[used] += share * step
            with np.errstate(all="ignore"):
                new, new_score = likelihood.value_and_score(tried, uncured)
            if np.isfinite(new) and new >= value - 1e-13 * (1 + abs(value)) and np.isfinite(new_score).all():
                break
            share /= 2
        else:
            converged = decrement <= 1e-10 and bool((roots > 0).all())
            break
        stalled = abs(new - value) <= 1e-14 * (1 + abs(value)) and decrement <= 1e-12
        parameters, value, score = tried, new, new_score
        information = likelihood.information(parameters, uncured)
        if stalled:
            converged = bool((np.linalg.eigvalsh(information[np.ix_(used, used)]) > 0).all())
            break
        if (parameters[: likelihood.k][used[: likelihood.k]] < 2 * _AT_ZERO).any():
            break
    return CureMaximum(parameters, float(value), information, uncured.copy(), converged)


def maximum(
    likelihood: CureLikelihood,
    starts: list[FloatArray],
    free: BoolArray | None = None,
    may_be_zero: bool = True,
) -> CureMaximum:
    """The best of several starts; cure fractions that run to 0 are set to 0, where the slope confirms it."""
    every = np.ones(likelihood.size, dtype=np.bool_) if free is None else free
    none = np.zeros(likelihood.k, dtype=np.bool_)
    best = None
    for start in starts:
        found = climb(likelihood, start, every, none)
        low = every[: likelihood.k] & (found.parameters[: likelihood.k] < _AT_ZERO)
        if low.any() and may_be_zero:
            found = climb(likelihood, found.parameters, every, low)
        if best is None or found.log_likelihood > best.log_likelihood + (0 if found.converged else 1e-9):
            best = found
    assert best is not None
    if may_be_zero:
        # The boundary may hold a better maximum than every interior climb; near a known maximum only small fractions are tried.
        low = best.parameters[: likelihood.k] < (np.inf if len(starts) > 1 else -3.0)
        for g in np.flatnonzero(every[: likelihood.k] & ~best.uncured & low).tolist():
            marked = best.uncured.copy()
            marked[g] = True
            other = climb(likelihood, best.parameters, every, marked)
            slope = likelihood.slope_at_zero(other.parameters, marked)
            if other.converged and other.log_likelihood >= best.log_likelihood - 1e-10 and slope[g] <= 0:
                best = other
    return best
