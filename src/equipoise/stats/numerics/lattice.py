"""Probabilities of whole numbers: hypergeometric, binomial and sums of drawn scores, by sums of positive terms only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from equipoise.stats.observations import FloatArray, IntArray, refused

# Tables whose probabilities agree to this relative difference are equally likely (R's fisher.test and binom.test).
EQUALLY_LIKELY = 1e-7

# Multiplications that an exact distribution of drawn scores may take: some seconds.
LARGEST_WORK = 2_000_000_000

# More values than this are not listed one by one.
_LARGEST_SUPPORT = 20_000_000


def hypergeometric(drawn: int, marked: int, n: int, *, log_tilt: float = 0.0) -> tuple[int, FloatArray]:
    """The probabilities of each number of marked among ``drawn`` out of n of which ``marked`` are marked.

    Returns the smallest possible number and the probabilities from it on, shape (m,), with sum 1.
    log_tilt: probabilities are those of an odds ratio exp(log_tilt): weights p(x) exp(x log_tilt).
    Relative error of the order 1e-16 times the distance from the mode, also far in the tails.
    Raises DataError where there are more than 20 million possible numbers.

    >>> hypergeometric(2, 2, 4)[1].round(6).tolist()
    [0.166667, 0.666667, 0.166667]
    """
    low, high = max(0, drawn + marked - n), min(drawn, marked)
    _refuse_beyond(high - low)
    x = np.arange(low, high, dtype=np.float64)
    ratio = (drawn - x) * (marked - x) / ((x + 1) * (n - drawn - marked + x + 1)) * np.exp(log_tilt)
    return low, _from_ratios(ratio)


def binomial(n: int, p: float) -> FloatArray:
    """The probabilities of 0 to n events among n, each with probability p, shape (n + 1,).

    p: from 0 to 1.  Precision as ``hypergeometric``.

    >>> binomial(2, 0.5).tolist()
    [0.25, 0.5, 0.25]
    """
    _refuse_beyond(n)
    if p in (0.0, 1.0):
        sure = np.zeros(n + 1)
        sure[-1 if p else 0] = 1.0
        return sure
    x = np.arange(n, dtype=np.float64)
    return _from_ratios((n - x) / (x + 1) * (p / (1 - p)))


def _refuse_beyond(size: int) -> None:
    if size > _LARGEST_SUPPORT:
        raise refused("n", f"{size} possible numbers of events", f"at most {_LARGEST_SUPPORT}",
                      "use a method for large samples")  # fmt: skip


def _from_ratios(ratio: FloatArray) -> FloatArray:
    """Probabilities from p(x+1)/p(x), built outward from the mode, where nothing vanishes."""
    mode = int(np.searchsorted(-ratio, -1.0))  # ratios fall; up to the mode they exceed 1
    above = np.cumprod(ratio[mode:])
    below = np.cumprod(1 / ratio[:mode][::-1])[::-1]
    weight = np.concatenate((below, [1.0], above))
    weights: FloatArray = weight / weight.sum()
    return weights


def no_more_likely(probability: FloatArray, observed: int) -> float:
    """The sum of probabilities that are at most the observed one, near-equal ones included; at most 1.

    >>> no_more_likely(np.array([0.1, 0.5, 0.3, 0.1]), 3)
    0.2
    """
    limit = probability[observed] * (1 + EQUALLY_LIKELY)
    return min(1.0, float(probability[probability <= limit].sum()))


def drawn_sums(score: IntArray, multiplicity: IntArray, drawn: int) -> FloatArray:
    """The distribution of the sum of the scores of ``drawn`` subjects out of all, each set as likely as another.

    score: shape (d,), distinct whole numbers of at least 0.  multiplicity: how many subjects have each.
    Returns probabilities of the sums 0, 1, …, shape (largest sum + 1,).
    Raises DataError where it would take more than 2e9 multiplications.
    Source: the shift algorithm of Streitberg & Röhmel 1986, with probabilities in place of counts.

    >>> drawn_sums(np.array([1, 2, 3]), np.array([1, 1, 1]), 2).round(4).tolist()
    [0.0, 0.0, 0.0, 0.3333, 0.3333, 0.3333]
    """
    n = int(multiplicity.sum())
    if drawn == 0:
        return np.ones(1)
    largest = int(np.sort(np.repeat(score, multiplicity))[n - drawn :].sum())
    if n * (drawn + 1) * (largest + 1) > LARGEST_WORK:
        raise refused("exact", f"{n} subjects with sums of scores up to {largest}",
                      f"an exact distribution of at most {LARGEST_WORK:.0e} multiplications",
                      "use the normal approximation, which serves at this size")  # fmt: skip
    # state[j, s]: the probability that j of the subjects passed so far are drawn, with sum s.
    state = np.zeros((drawn + 1, largest + 1))
    state[0, 0] = 1.0
    passed, reach = 0, 0
    taken = np.arange(drawn + 1, dtype=np.float64)
    for value, times in zip(score.tolist(), multiplicity.tolist(), strict=True):
        for _ in range(times):
            yes = np.clip((drawn - taken) / (n - passed), 0.0, 1.0)[:, None]
            reach = min(largest, reach + value)
            moved = np.zeros((drawn + 1, reach + 1))
            moved[1:, value:] = (state[:, : reach + 1 - value] * yes)[:-1]
            state[:, : reach + 1] *= 1 - yes
            state[:, : reach + 1] += moved
            passed += 1
    distribution: FloatArray = state[drawn]
    return distribution


def signed_sums(score: IntArray) -> FloatArray:
    """The distribution of the sum of the scores that fall on the positive side, each with probability 1/2.

    score: shape (n,), whole numbers of at least 0.  Returns probabilities of the sums 0, 1, ….

    >>> signed_sums(np.array([1, 2])).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    largest = int(score.sum())
    if score.size * (largest + 1) > LARGEST_WORK:
        raise refused("exact", f"{score.size} pairs with sums of ranks up to {largest}",
                      f"an exact distribution of at most {LARGEST_WORK:.0e} multiplications",
                      "use the normal approximation, which serves at this size")  # fmt: skip
    state = np.zeros(largest + 1)
    state[0] = 1.0
    for value in score.tolist():
        moved = np.zeros(largest + 1)
        moved[value:] = state[: largest + 1 - value]
        state = 0.5 * (state + moved)
    return state


def tails(probability: FloatArray, observed: int) -> tuple[float, float]:
    """The probability of at most, and of at least, the observed place; each at most 1.

    >>> tails(np.array([0.25, 0.5, 0.25]), 1)
    (0.75, 0.75)
    """
    return min(1.0, float(probability[: observed + 1].sum())), min(1.0, float(probability[observed:].sum()))


def whole_scores(scores: FloatArray) -> tuple[IntArray, float, float] | None:
    """Scores as whole numbers from 0, with (unit, origin) so that scores = origin + unit * whole; None if there is no unit.

    Tries whole numbers, halves, and the smallest gap between scores.

    >>> whole_scores(np.array([1.0, 2.5, 4.0]))[0].tolist()
    [0, 1, 2]
    """
    origin = float(scores.min())
    gaps = np.diff(np.unique(scores))
    for unit in (*((float(gaps.min()),) if gaps.size else ()), 1.0, 0.5, 0.25, 0.1):
        shifted: NDArray[np.float64] = (scores - origin) / unit
        whole = np.rint(shifted)
        if np.all(np.abs(shifted - whole) < 1e-9 * np.maximum(1, whole)):
            return whole.astype(np.int64), unit, origin
    return None
