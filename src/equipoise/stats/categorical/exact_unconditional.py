"""Exact unconditional inference on two binomials: limits of their difference, and the tests of Barnard and Boschloo.

A tail probability depends on one unknown risk; what counts is its largest value over that risk. It is a smooth
function, searched on a lattice that is fine where it can bend (even in the arc sine of the root), then narrowed
down around each of its highest points until the maximum moves by less than 1e-13 of itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.restricted import difference_score
from equipoise.stats.categorical.tables import TwoGroups
from equipoise.stats.categorical.two_groups import COMPARISON, checked_method, counts_of, group_rows
from equipoise.stats.frames import Frame
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    IntArray,
    checked_choice,
    checked_number,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult

STATISTICS = {
    "score": "score statistic (Barnard; Chan with a margin)",
    "wald": "Wald statistic, separate risks",
    "fisher": "Fisher's P as statistic (Boschloo)",
}

# Two tables are equally extreme when their statistics differ by no more than this: those of mirrored tables are
# equal, and rounding must not part them.
_TIED = 1e-9

# Differences at which the scan lays out the tables of the score statistic: as many as give this many numbers, in bounds.
_LAID_OUT, _FEWEST, _MOST = 100_000, 384, 4096
# Stretches are asked in this many blocks, and a block only in part where its last tail is no more than this share of
# alpha / 2: a table that leaves the set takes part of the tail with it, not three quarters.
_BLOCKS, _NEAR = 48, 0.25

# The numbers of tables that are laid out one by one: some seconds.
LARGEST_TABLES = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnconditionalExactTest(StatisticalResult):
    """An exact unconditional test; statistic is its value for the data (for Boschloo Fisher's one-sided P).

    nuisance is the control risk at which the one-sided tail is largest.  statistic is positive where the
    experimental risk exceeds control + margin (score and Wald).
    """

    counts: TwoGroups
    statistic: float
    margin: float
    nuisance: float
    p_value_one_sided: float
    p_value_two_sided: float
    alternative: str
    method: str

    def _title(self) -> str:
        sign = ">" if self.alternative == "greater" else "<"
        return f"Exact unconditional test, risk difference {sign} {self.margin:g}: {STATISTICS[self.method]}"

    def rows(self) -> Iterator[Row]:
        """Counts and risks of the groups, then the test."""
        yield from group_rows(self.counts)
        for name in ("statistic", "margin", "nuisance", "p_value_one_sided", "p_value_two_sided"):
            yield Row(name, getattr(self, name), group=COMPARISON, method=self.method)


def unconditional_exact_test(
    events_experimental: int | None = None,
    n_experimental: int | None = None,
    events_control: int | None = None,
    n_control: int | None = None,
    *,
    response: Any = None,
    group: Any = None,
    groups: Sequence[Any] | None = None,
    statistic: Literal["score", "wald", "fisher"] = "score",
    margin: float = 0.0,
    alternative: Literal["greater", "less"] = "greater",
    data: Frame | None = None,
) -> UnconditionalExactTest:
    """Test a risk difference exactly, without conditioning on the sum of events.

    Data as ``risk_difference``.  statistic: ``score`` (pooled variance at margin 0: Barnard's test as in SAS EXACT
    BARNARD; Chan 1998 with a margin), ``wald`` (separate variances), ``fisher`` (Boschloo; margin 0 only).
    p_value_one_sided is for ``alternative``; two-sided: score and wald count tables at least as far in either
    direction, fisher is twice the smaller side, at most 1 (as scipy's boschloo_exact).
    Raises DataError on unusable data, a margin outside (-1, 1), and on more than 4 million tables.
    Source: Barnard 1947; Boschloo 1970; Chan 1998 (Stat Med 17:1403); scipy barnard_exact, boschloo_exact.

    >>> round(unconditional_exact_test(1, 10, 6, 10, alternative="less").p_value_one_sided, 8)
    0.01138999
    """
    counts = counts_of(
        events_experimental, n_experimental, events_control, n_control, response, group, groups, data
    )
    checked_method(statistic, tuple(STATISTICS))
    checked_choice(
        alternative, ("greater", "less"), argument="alternative", remedy="say on which side of the margin"
    )
    expected, remedy = "a difference between -1 and 1", "write 10 points as 0.1"
    checked_number(margin, argument="margin", expected=expected, remedy=remedy, above=-1)
    if margin >= 1 or (margin != 0 and statistic == "fisher"):
        raise refused("margin", margin, "a difference between -1 and 1; 0 for the statistic fisher",
                      "write 10 points as 0.1")  # fmt: skip
    x1, n1 = counts.events_experimental, counts.n_experimental
    x0, n0 = counts.events_control, counts.n_control
    if (n1 + 1) * (n0 + 1) > LARGEST_TABLES:
        raise refused("n", f"{(n1 + 1) * (n0 + 1)} tables", f"at most {LARGEST_TABLES}",
                      "use risk_difference_test, the score test for large groups")  # fmt: skip
    if statistic == "fisher":
        extreme, value = _fisher_regions(x1, n1, x0, n0)
    else:
        extreme, value = _distance_regions(x1, n1, x0, n0, margin, pooled=statistic == "score")
    one, where = _largest_share(extreme[alternative], n1, n0, margin)
    if statistic == "fisher":
        other = _largest_share(extreme["less" if alternative == "greater" else "greater"], n1, n0, margin)[0]
        two, value = (
            min(1.0, 2 * min(one, other)),
            value if alternative == "greater" else _fisher_less(counts),
        )
    else:
        two = _largest_share(extreme["either"], n1, n0, margin)[0]
    return UnconditionalExactTest(
        counts=counts,
        statistic=value,
        margin=float(margin),
        nuisance=where,
        p_value_one_sided=one,
        p_value_two_sided=two,
        alternative=alternative,
        method=statistic,
    )


def exact_limits(counts: TwoGroups, confidence_level: float, *, score: bool) -> tuple[float, float]:
    """Exact unconditional limits of the experimental minus the control risk: two one-sided tests, each at alpha / 2.

    score: order tables by the score statistic at each difference (Chan & Zhang), otherwise by the raw difference
    (Santner & Snell).  The lower limit is the smallest difference that the test against larger ones does not
    reject.  For the raw difference the tail rises with the difference, and the limit is its crossing to 1e-13.
    For the score the tail jumps where tables change places: the set of tables is laid out at 384 to 4096 differences
    between -1 and the estimate, the first of them that is not rejected is found, and the crossing before it solved to
    1e-13.  A crossing that comes and goes between two of those differences would be missed: the error is then below
    their distance, 2/384 at most for groups above 260 subjects, 5e-4 for groups up to 24.
    Raises DataError where a group has more than 2000 subjects.

    >>> from equipoise.stats.categorical.tables import TwoGroups
    >>> both = TwoGroups(events_experimental=3, n_experimental=4, events_control=1, n_control=2)
    >>> [round(limit, 4) for limit in exact_limits(both, 0.95, score=False)]
    [-0.642, 0.89]
    """
    x1, n1 = counts.events_experimental, counts.n_experimental
    x0, n0 = counts.events_control, counts.n_control
    if max(n1, n0) > 2000:
        raise refused("n", max(n1, n0), "at most 2000 subjects in a group for exact unconditional limits",
                      "use miettinen-nurminen: with so many subjects the two agree")  # fmt: skip
    alpha = (1 - confidence_level) / 2
    return _lower_limit(x1, n1, x0, n0, alpha, score), -_lower_limit(x0, n0, x1, n1, alpha, score)


def _lower_limit(x1: int, n1: int, x0: int, n0: int, alpha: float, score: bool) -> float:
    observed = (x1 * n0 - x0 * n1) / (n1 * n0)
    if observed == -1:
        return -1.0
    tail = _Tail(x1, n1, x0, n0, score)
    low, high = -1.0, observed
    if score:
        low, high = _first_crossing(tail, low, high, alpha)
    while high - low > 1e-13:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if tail.exceeds(middle, alpha):
            high = middle
        else:
            low = middle
    return high


def _first_crossing(tail: _Tail, low: float, high: float, alpha: float) -> tuple[float, float]:
    """Neighbors on a lattice: the lower is rejected, the upper is the first that is not.

    While the set of tables stays the same its tail rises with the difference, as for the raw difference; so only the
    last difference of each stretch with one set is asked.
    """
    count = int(np.clip(_LAID_OUT // (tail.n0 + 1), _FEWEST, _MOST))
    lattice = np.linspace(low, high, count + 1)[1:]
    sets = tail.frontier(lattice)
    ends = np.append(np.flatnonzero((sets[1:] != sets[:-1]).any(axis=1)), count - 1)
    block = max(1, len(ends) // _BLOCKS)
    before = low
    for start in range(0, len(ends), block):
        some = ends[start : start + block]
        if tail.lattice_maximum(float(lattice[some[-1]]), sets[some[-1]])[0] > _NEAR * alpha:
            for end in some:
                if tail.exceeds(float(lattice[end]), alpha, sets[end]):
                    return before, float(lattice[end])
                before = float(lattice[end])
        before = float(lattice[some[-1]])
    return before, high


class _Tail:
    """The largest probability, over the control risk, of tables at least as far above a difference as the data."""

    def __init__(self, x1: int, n1: int, x0: int, n0: int, score: bool) -> None:
        self.x1, self.n1, self.x0, self.n0, self.score = x1, n1, x0, n0, score
        self.possible = np.arange(n0 + 1)
        # Smallest experimental events that are as extreme, by control events; n1 + 1 is none. Whole numbers.
        self.fixed = np.clip(-((-(x1 * n0 - x0 * n1 + self.possible * n1)) // n0), 0, n1 + 1)

    def exceeds(self, difference: float, alpha: float, smallest: IntArray | None = None) -> bool:
        """Whether the tail exceeds alpha; narrowed down only where the lattice leaves it open."""
        share, narrowed = self.lattice_maximum(difference, smallest)
        if share > alpha:
            return True
        return share > 0.9 * alpha and narrowed() > alpha

    def lattice_maximum(
        self, difference: float, smallest: IntArray | None = None
    ) -> tuple[float, Callable[[], float]]:
        """The maximum on the lattice, and a function that narrows it down.  smallest: the frontier, if known."""
        if smallest is None:
            smallest = self.frontier(np.array([difference]))[0] if self.score else self.fixed
        low, high = max(0.0, -difference), min(1.0, 1 - difference)

        def share(p0: FloatArray) -> FloatArray:
            from_here = _upper_tails(self.n1, np.clip(p0 + difference, 0, 1))
            found: FloatArray = np.einsum(
                "ij,ij->i", _binomials(self.n0, p0), from_here[:, smallest], optimize=False
            )
            return found

        points = _lattice(low, high, max(self.n1, self.n0))
        values = share(points)
        return float(values.max()), lambda: _narrowed(share, points, values)[0]

    def frontier(self, differences: FloatArray) -> IntArray:
        """The smallest experimental events as extreme as the data, shape (differences, control events).

        The statistic rises with experimental events: a bisection for all numbers of control events at once.
        """
        d = differences[:, None]
        bar = difference_score(self.x1, self.n1, self.x0, self.n0, d)
        bar = np.where(np.isfinite(bar), bar - _TIED * np.maximum(1.0, np.abs(bar)), bar)
        low = np.full((len(d), self.n0 + 1), -1)
        high = np.full((len(d), self.n0 + 1), self.n1 + 1)
        while np.any(high - low > 1):
            middle = (low + high + 1) // 2  # where the search is over this is high, which stays
            score = difference_score(np.minimum(middle, self.n1), self.n1, self.possible, self.n0, d)
            enough = (score >= bar) | (middle > self.n1) | (high - low == 1)
            high, low = np.where(enough, middle, high), np.where(enough, low, middle)
        # Whatever rounding does, the data belong to their own tail.
        high[:, self.x0] = np.minimum(high[:, self.x0], self.x1)
        return high


def _lattice(low: float, high: float, n: int) -> FloatArray:
    """Points from low to high, even in the arc sine of the root, a third of a standard deviation apart or less."""
    angle = np.linspace(0, np.pi / 2, max(48, math.ceil(10 * math.sqrt(n))) + 1)
    points: FloatArray = low + (high - low) * np.sin(angle) ** 2
    return points


def _narrowed(
    share: Callable[[FloatArray], FloatArray], points: FloatArray, values: FloatArray
) -> tuple[float, float]:
    """The maximum and its place: around each of the highest local maxima the lattice is made finer, five times."""
    inner = np.concatenate(([-np.inf], values, [-np.inf]))
    peaks = np.flatnonzero(
        (inner[1:-1] >= inner[:-2]) & (inner[1:-1] >= inner[2:]) & (values >= 0.9 * values.max())
    )
    best, where = float(values.max()), float(points[int(values.argmax())])
    for peak in peaks[np.argsort(values[peaks])[::-1][:4]]:
        left, right = points[max(peak - 1, 0)], points[min(peak + 1, len(points) - 1)]
        for _ in range(5):
            finer = np.linspace(left, right, 25)
            found = share(finer)
            top = int(found.argmax())
            if found[top] > best:
                best, where = float(found[top]), float(finer[top])
            left, right = finer[max(top - 1, 0)], finer[min(top + 1, 24)]
    return best, where


def _binomials(n: int, p: FloatArray) -> FloatArray:
    """Probabilities of 0 to n events, shape (len(p), n + 1)."""
    x = np.arange(n + 1)
    with np.errstate(divide="ignore"):
        # The logarithm of 0 is replaced by one that no double comes near: times 0 it must stay 0.
        log_p, log_q = np.maximum(np.log(p), -800.0), np.maximum(np.log1p(-p), -800.0)
    return np.asarray(np.exp(np.outer(log_p, x) + np.outer(log_q, n - x) + _log_choose(n)))


def _log_choose(n: int) -> FloatArray:
    from scipy.special import betaln

    x = np.arange(n + 1)
    return np.asarray(-np.log(n + 1) - betaln(x + 1, n - x + 1))


def _upper_tails(n: int, p: FloatArray) -> FloatArray:
    """Probabilities of at least 0, 1, ..., n + 1 events, shape (len(p), n + 2); the last is 0."""
    summed = np.cumsum(_binomials(n, p)[:, ::-1], axis=1)[:, ::-1]
    tails: FloatArray = np.concatenate((summed, np.zeros((len(p), 1))), axis=1)
    return tails


def _largest_share(extreme: BoolArray, n1: int, n0: int, margin: float) -> tuple[float, float]:
    """The largest probability of a set of tables over the control risk, and that risk."""
    counted = extreme.astype(np.float64)

    def share(p0: FloatArray) -> FloatArray:
        first = _binomials(n1, np.clip(p0 + margin, 0, 1)) @ counted
        found: FloatArray = np.einsum("ij,ij->i", first, _binomials(n0, p0), optimize=False)
        return found

    points = _lattice(max(0.0, -margin), min(1.0, 1 - margin), max(n1, n0))
    value, where = _narrowed(share, points, share(points))
    return min(value, 1.0), where


def _distance_regions(
    x1: int, n1: int, x0: int, n0: int, margin: float, *, pooled: bool
) -> tuple[dict[str, BoolArray], float]:
    """Tables at least as far from the margin as the data: above, below, in either direction."""
    i, j = np.arange(n1 + 1)[:, None], np.arange(n0 + 1)[None, :]
    if pooled:
        away = difference_score(i, n1, j, n0, margin)
    else:
        gap = i / n1 - j / n0 - margin
        error = np.sqrt(i * (n1 - i) / n1**3 + j * (n0 - j) / n0**3)
        nowhere = np.where(np.abs(gap) < 1e-12, 0.0, np.copysign(np.inf, gap))
        away = np.divide(gap, error, out=nowhere, where=error > 0)
    value = float(away[x1, x0])
    slack = _TIED * max(1.0, abs(value)) if math.isfinite(value) else 0.0
    return {
        "greater": away >= value - slack,
        "less": away <= value + slack,
        "either": np.abs(away) >= abs(value) - slack,
    }, value


def _fisher_regions(x1: int, n1: int, x0: int, n0: int) -> tuple[dict[str, BoolArray], float]:
    """Tables whose one-sided Fisher P is no larger than that of the data, and that P for greater."""
    above, below = _fisher_tails(n1, n0)
    slack = 1 + _TIED
    value = float(above[x1, x0])
    return {"greater": above <= value * slack, "less": below <= float(below[x1, x0]) * slack}, value


def _fisher_less(counts: TwoGroups) -> float:
    below = _fisher_tails(counts.n_experimental, counts.n_control)[1]
    return float(below[counts.events_experimental, counts.events_control])


def _fisher_tails(n1: int, n0: int) -> tuple[FloatArray, FloatArray]:
    """One-sided Fisher P of every table: of as many or more experimental events, and of as many or fewer."""
    weight = _log_choose(n1)[:, None] + _log_choose(n0)[None, :]
    above, below = np.zeros((n1 + 1, n0 + 1)), np.zeros((n1 + 1, n0 + 1))
    for total in range(n1 + n0 + 1):
        i = np.arange(max(0, total - n0), min(n1, total) + 1)
        logs = weight[i, total - i]
        probability = np.exp(logs - logs.max())
        probability /= probability.sum()
        below[i, total - i] = np.cumsum(probability)
        above[i, total - i] = np.cumsum(probability[::-1])[::-1]
    return above, below
