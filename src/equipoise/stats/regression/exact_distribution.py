"""The exact conditional distribution of sufficient statistics of a logistic model.

Given the number of events in each stratum, every way to choose who has them is equally likely when the
coefficients are zero. The ways are counted subject by subject, or pattern by pattern for subjects with equal
covariates: a state is the sums reached so far. States that cannot reach the sums that are conditioned on are
dropped at once (the network of Hirji, Mehta & Patel 1987).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from equipoise.stats.observations import BoolArray, FloatArray, IntArray, refused

# Covariates are put on a grid: decimal fractions of up to this many digits exactly, others rounded.
_DIGITS = 9
_ROUNDED = 1e10
_KEY_ROOM = 2**62
_LARGEST_LOG10 = 300.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExactDistribution:
    """Values of the statistics, shape (s, d), in the caller's units, and the number of ways, shape (s,), scaled.

    observed: the row of ``values`` that was observed.
    """

    values: FloatArray
    ways: FloatArray
    observed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patterns:
    """Subjects with equal covariates.  One row a pattern, sorted by stratum.

    step: (g, p) whole grid steps above the smallest value.  unit, low: (p,) value = low + unit * step.
    trials, events: (g,).  stratum: (g,).
    """

    step: IntArray
    unit: FloatArray
    low: FloatArray
    trials: IntArray
    events: IntArray
    stratum: IntArray


def patterns(matrix: FloatArray, response: BoolArray, weights: IntArray, stratum: IntArray) -> Patterns:
    """Subjects grouped by stratum and covariates; strata without both outcomes are left out: they inform nothing.

    >>> found = patterns(np.array([[0.5], [0.5], [1.0]]), np.array([True, False, False]),
    ...                  np.ones(3, dtype=np.int64), np.zeros(3, dtype=np.int64))
    >>> found.step.tolist(), found.trials.tolist(), found.unit.tolist()
    ([[0], [1]], [2, 1], [0.5])
    """
    total = np.bincount(stratum, weights=weights)
    events = np.bincount(stratum, weights=weights * response)
    some = ((events > 0) & (events < total))[stratum] & (weights > 0)
    matrix, response, weights, stratum = matrix[some], response[some], weights[some], stratum[some]
    p = matrix.shape[1]
    step, unit, low = np.zeros(matrix.shape, dtype=np.int64), np.ones(p), np.zeros(p)
    for j in range(p if len(matrix) else 0):
        low[j] = matrix[:, j].min()
        step[:, j], unit[j] = _on_a_grid(matrix[:, j] - low[j])
    rows, of = np.unique(np.column_stack((stratum, step)), axis=0, return_inverse=True)
    of = of.ravel()
    return Patterns(
        step=rows[:, 1:],
        unit=unit,
        low=low,
        trials=np.bincount(of, weights=weights, minlength=len(rows)).astype(np.int64),
        events=np.bincount(of, weights=weights * response, minlength=len(rows)).astype(np.int64),
        stratum=rows[:, 0],
    )


def _on_a_grid(above: FloatArray) -> tuple[IntArray, float]:
    """Whole steps and the step: the coarsest decimal grid that holds all values, or a very fine one."""
    extent = float(above.max())
    if extent == 0:
        return np.zeros(above.size, dtype=np.int64), 1.0
    for digits in range(_DIGITS + 1):
        scaled = above * 10.0**digits
        if scaled.max() > _KEY_ROOM / 2**10:
            break
        whole = np.rint(scaled)
        if np.max(np.abs(scaled - whole)) <= 1e-9 + 1e-12 * scaled.max() and whole.max() > 0:
            steps = whole.astype(np.int64)
            common = int(np.gcd.reduce(steps))
            return steps // common, common / 10.0**digits
    steps = np.rint(above / extent * _ROUNDED).astype(np.int64)
    common = int(np.gcd.reduce(steps))
    return steps // common, extent / _ROUNDED * common


def conditional_distribution(given: Patterns, free: list[int], most_states: int) -> ExactDistribution:
    """The distribution of the sums over events of the free covariates, given those of the others and the strata's.

    free: columns of the covariates whose statistics vary.  most_states: the limit of states at one time.
    Raises DataError when the limit is exceeded, or when the counts are too large for a double.
    Source: Hirji, Mehta & Patel 1987, the multivariate shift algorithm with its network of bounds.
    """
    p = given.step.shape[1]
    fixed = [j for j in range(p) if j not in free]
    order = [*fixed, *free]
    step = given.step[:, order]
    target = given.events @ step
    size = _key_sizes(given, step)
    bounds = _Bounds.of(given, step[:, : len(fixed)], target[: len(fixed)])
    # A state is one whole number: events of the stratum first, then the sums, in mixed radix.
    radix = np.concatenate(([1], np.cumprod(size)))
    keys, ways = np.zeros(1, dtype=np.int64), np.ones(1)
    for g in range(len(step)):
        if g and given.stratum[g] != given.stratum[g - 1]:
            keys = keys - keys % size[0]  # the stratum before is complete: count its events no more
        delta = 1 + int(step[g] @ radix[1:-1])
        trials = int(given.trials[g])
        parts, counts = [], []
        so_far = keys % size[0]
        for c in range(min(trials, int(bounds.events[g])) + 1):
            room = so_far + c <= bounds.events[g]
            following = keys[room] + c * delta
            possible = bounds.possible(g, following, size, radix)
            parts.append(following[possible])
            counts.append(ways[room][possible] * float(math.comb(trials, c)))
            if sum(part.size for part in parts) > 4 * most_states:
                _refuse_states(most_states)
        keys, ways = _merged(np.concatenate(parts), np.concatenate(counts))
        if keys.size > most_states:
            _refuse_states(most_states)
    sums = np.column_stack(
        [keys // radix[1 + len(fixed) + i] % size[1 + len(fixed) + i] for i in range(len(free))]
    )
    events = int(given.events.sum())
    observed = int(np.flatnonzero((sums == target[len(fixed) :]).all(axis=1))[0])
    values = given.low[free] * events + given.unit[free] * sums
    return ExactDistribution(values=values, ways=ways / ways.sum(), observed=observed)


def _key_sizes(given: Patterns, step: IntArray) -> IntArray:
    """How many values each part of a key can have: events of one stratum, then each sum."""
    largest_total = 1
    log10_ways = 0.0
    reach = np.zeros(step.shape[1])
    for s in np.unique(given.stratum):
        of = given.stratum == s
        total, events = int(given.trials[of].sum()), int(given.events[of].sum())
        largest_total = max(largest_total, events + 1)
        log10_ways += _log10_comb(total, events)
        for j in range(step.shape[1]):
            reach[j] += _extremes(step[of, j], given.trials[of], events)[1][-1]
    if log10_ways > _LARGEST_LOG10:
        raise refused("response", f"1e{log10_ways:.0f} ways to choose who has the event", f"at most 1e{_LARGEST_LOG10:.0f}",
                      "with so many subjects use logistic or firth_logistic")  # fmt: skip
    size = np.concatenate(([largest_total], reach + 1))
    if float(np.prod(size)) >= _KEY_ROOM:
        raise refused("covariates", "values too finely divided", "sums that fit one whole number of 62 bits",
                      "round continuous covariates to fewer digits")  # fmt: skip
    return size.astype(np.int64)


def _log10_comb(n: int, k: int) -> float:
    return (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)) / math.log(10)


def _extremes(step: IntArray, trials: IntArray, most: int) -> tuple[IntArray, IntArray]:
    """The least and the greatest sum of r values chosen without replacement, for r from 0 to most."""
    every = np.repeat(step, np.minimum(trials, most))
    every.sort()
    size = min(most, every.size)
    least = np.concatenate(([0], np.cumsum(every[:size])))
    greatest = np.concatenate(([0], np.cumsum(every[::-1][:size])))
    return least.astype(np.int64), greatest.astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bounds:
    """After each pattern: how many events of its stratum are still possible, and what sums they can add.

    events: (g,) of the stratum.  trials_left: (g,) in the stratum, after the pattern.
    least, greatest: for each fixed covariate, (g,) arrays of the sums of r further events, r from 0 on.
    later: (g, f, 2) what the strata after this one can add.  target: (f,).
    """

    events: IntArray
    trials_left: IntArray
    least: list[list[IntArray]]
    greatest: list[list[IntArray]]
    later: IntArray
    target: IntArray

    @classmethod
    def of(cls, given: Patterns, fixed: IntArray, target: IntArray) -> _Bounds:
        g, f = fixed.shape
        events, left = np.zeros(g, dtype=np.int64), np.zeros(g, dtype=np.int64)
        least: list[list[IntArray]] = [[] for _ in range(f)]
        greatest: list[list[IntArray]] = [[] for _ in range(f)]
        later = np.zeros((g, f, 2), dtype=np.int64)
        after = np.zeros((f, 2), dtype=np.int64)
        ends = [*np.flatnonzero(np.diff(given.stratum)) + 1, g] if g else []
        starts = [0, *ends[:-1]] if ends else []
        for first, last in reversed(list(zip(starts, ends, strict=True))):
            m = int(given.events[first:last].sum())
            events[first:last] = m
            later[first:last] = after
            for row in range(last - 1, first - 1, -1):
                left[row] = given.trials[row + 1 : last].sum()
                for j in range(f):
                    low, high = _extremes(fixed[row + 1 : last, j], given.trials[row + 1 : last], m)
                    least[j].append(low)
                    greatest[j].append(high)
            for j in range(f):
                low, high = _extremes(fixed[first:last, j], given.trials[first:last], m)
                after[j] += (low[m], high[m])
        for j in range(f):
            least[j].reverse()
            greatest[j].reverse()
        return cls(
            events=events, trials_left=left, least=least, greatest=greatest, later=later, target=target
        )

    def possible(self, row: int, keys: IntArray, size: IntArray, radix: IntArray) -> BoolArray:
        """Which states can still reach the stratum's events and the fixed sums."""
        further = self.events[row] - keys % size[0]
        can: BoolArray = (further >= 0) & (further <= self.trials_left[row])
        further = np.where(can, further, 0)
        for j in range(len(self.target)):
            so_far = keys // radix[1 + j] % size[1 + j]
            can &= so_far + self.least[j][row][further] + self.later[row, j, 0] <= self.target[j]
            can &= so_far + self.greatest[j][row][further] + self.later[row, j, 1] >= self.target[j]
        return can


def _merged(keys: IntArray, ways: FloatArray) -> tuple[IntArray, FloatArray]:
    order = np.argsort(keys, kind="stable")
    keys, ways = keys[order], ways[order]
    first = np.flatnonzero(np.concatenate(([True], np.diff(keys) != 0)))
    return keys[first], np.add.reduceat(ways, first)


def _refuse_states(most_states: int) -> None:
    raise refused("covariates", f"more than {most_states} states of the exact distribution", "fewer",
                  "round continuous covariates, leave some out, raise most_states, or use firth_logistic")  # fmt: skip
