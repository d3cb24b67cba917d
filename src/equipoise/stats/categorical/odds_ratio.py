"""The odds ratio of two groups: sample and conditional estimate, limits by seven methods."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.restricted import odds_score
from equipoise.stats.categorical.tables import TwoGroups
from equipoise.stats.categorical.two_groups import (
    COMPARISON,
    checked_method,
    counts_of,
    group_rows,
    two_sided_quantile,
)
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.lattice import EQUALLY_LIKELY
from equipoise.stats.numerics.tails import bisected
from equipoise.stats.observations import FloatArray
from equipoise.stats.results import Row, StatisticalResult

INTERVALS = {
    "exact": "exact conditional",
    "mid_p": "exact conditional, mid-P",
    "minimum-likelihood": "exact conditional, two-sided (agrees with Fisher's two-sided P)",
    "woolf": "Woolf (log-Wald)",
    "gart": "Gart (log-Wald with 1/2 added)",
    "cornfield": "score (Cornfield without continuity correction, without N/(N - 1))",
    "cornfield_cc": "score (Cornfield with continuity correction)",
    "miettinen-nurminen": "Miettinen-Nurminen (score, with N/(N - 1))",
}
# The logarithm of a limit is looked for between these: odds ratios from 1e-130 to 1e130.
_FARTHEST = 300.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OddsRatio(StatisticalResult):
    """Experimental over control odds with limits.

    odds_ratio is the sample cross product; odds_ratio_conditional the conditional maximum likelihood estimate, which
    R's fisher.test prints.  std_err is that of the logarithm of the sample odds ratio (NaN where a cell is 0).
    """

    counts: TwoGroups
    odds_ratio: float
    odds_ratio_conditional: float
    std_err: float
    lower: float
    upper: float
    method: str
    confidence_level: float
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        return f"Odds ratio, {100 * self.confidence_level:g}% limits: {INTERVALS[self.method]}"

    def rows(self) -> Iterator[Row]:
        """Counts and risks of the groups, then both estimates and the limits."""
        yield from group_rows(self.counts)
        words = "; ".join(self.warnings)
        for name in ("odds_ratio", "odds_ratio_conditional", "std_err", "lower", "upper"):
            value = getattr(self, name)
            yield Row(
                name, value, group=COMPARISON, method=self.method, warning=words if math.isnan(value) else ""
            )


def odds_ratio(
    events_experimental: int | None = None,
    n_experimental: int | None = None,
    events_control: int | None = None,
    n_control: int | None = None,
    *,
    response: Any = None,
    group: Any = None,
    groups: Sequence[Any] | None = None,
    method: Literal[
        "exact",
        "mid_p",
        "minimum-likelihood",
        "woolf",
        "gart",
        "cornfield",
        "cornfield_cc",
        "miettinen-nurminen",
    ] = "exact",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> OddsRatio:
    """Estimate the experimental over the control odds, with limits.

    Four counts; or response (n,), True for an event, group (n,), groups = (control, experimental).
    method: ``exact`` (two one-sided conditional tests: R fisher.test, SAS EXACT OR, Stata cc), ``mid_p``,
    ``minimum-likelihood`` (inverts Fisher's two-sided test; Baptista & Pike 1977), ``woolf`` (R and SAS Wald), ``gart``
    (1/2 added to each cell), ``miettinen-nurminen`` (SAS OR(CL=SCORE)), ``cornfield`` (the same without
    N/(N - 1)), ``cornfield_cc`` (Cornfield's own, with a correction of 1/2 for continuity).
    A cell of 0 gives an estimate of 0 or infinity, with the limit on that side; without events, or without anyone free
    of them, nothing is estimable and the limits are 0 and infinity.  Exact limits are solved to the last digit or two.
    Raises DataError on unusable counts, labels or responses, and on an empty group.
    Source: Cornfield 1956; Gart 1970; Miettinen & Nurminen 1985; values as R fisher.test, whose limits carry errors
    up to 1e-2 in far tails.

    >>> found = odds_ratio(3, 4, 1, 4)
    >>> found.odds_ratio, round(found.odds_ratio_conditional, 6), round(found.lower, 6), round(found.upper, 4)
    (9.0, 6.40832, 0.211736, 626.2435)
    """
    counts = counts_of(
        events_experimental, n_experimental, events_control, n_control, response, group, groups, data
    )
    checked_method(method, tuple(INTERVALS))
    z = two_sided_quantile(confidence_level)
    a, b = counts.events_experimental, counts.n_experimental - counts.events_experimental
    c, d = counts.events_control, counts.n_control - counts.events_control
    nothing = a + c == 0 or b + d == 0
    warnings: list[str] = []
    if nothing:
        warnings.append("not estimable: all subjects have the same outcome")
    error = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d) if min(a, b, c, d) > 0 else math.nan
    sample = math.nan if nothing else math.inf if b * c == 0 else a * d / (b * c)
    if math.isnan(error) and not nothing:
        warnings.append("standard error of the logarithm is not estimable: a cell is 0")
    conditional = _Conditional(counts)
    alpha = 1 - confidence_level
    if method == "woolf":
        lower, upper = _around(sample, error, z)
    elif method == "gart":
        p, q, r, s = (cell + 0.5 for cell in (a, b, c, d))
        lower, upper = _around(p * s / (q * r), math.sqrt(1 / p + 1 / q + 1 / r + 1 / s), z)
    elif nothing:
        lower, upper = 0.0, math.inf
    elif method in ("cornfield", "cornfield_cc", "miettinen-nurminen"):
        lower, upper = _score_limits(counts, z, method)
    elif method == "minimum-likelihood":
        lower, upper = conditional.two_sided_limits(alpha)
    else:
        lower, upper = conditional.limits(alpha, own_share=0.5 if method == "mid_p" else 1.0)
    return OddsRatio(
        counts=counts,
        odds_ratio=sample,
        odds_ratio_conditional=math.nan if nothing else conditional.estimate(),
        std_err=error,
        lower=lower,
        upper=upper,
        method=method,
        confidence_level=float(confidence_level),
        warnings=tuple(warnings),
    )


class _Conditional:
    """The distribution of experimental events given all sums of the table, as a function of the log odds ratio.

    Weights are relative to the observed table and grow outward from it by their exact ratios, so that the equations
    for limits, which balance what is near the data against the rest, lose nothing.
    """

    def __init__(self, counts: TwoGroups) -> None:
        x1, n1 = counts.events_experimental, counts.n_experimental
        events, n0 = x1 + counts.events_control, counts.n_control
        low, high = max(0, events - n0), min(n1, events)
        x = np.arange(low, high, dtype=np.float64)
        rise = np.log((n1 - x) * (events - x) / ((x + 1) * (n0 - events + x + 1)))
        place = x1 - low
        self.log_weight: FloatArray = np.concatenate(
            (-np.cumsum(rise[:place][::-1])[::-1], [0.0], np.cumsum(rise[place:]))
        )
        self.step: FloatArray = np.arange(low, high + 1, dtype=np.float64) - x1
        self.place = place

    def weights(self, log_odds: float) -> FloatArray:
        """Not normalized, the largest is 1."""
        logs = self.log_weight + self.step * log_odds
        found: FloatArray = np.exp(logs - logs.max())
        return found

    def estimate(self) -> float:
        """The odds ratio at which the observed number is the expected one."""
        if self.place == 0 or self.place == len(self.step) - 1:
            return 0.0 if self.place == 0 else math.inf
        return _exp_of_crossing(lambda log: float(self.weights(log) @ self.step))

    def limits(self, alpha: float, *, own_share: float) -> tuple[float, float]:
        """Two one-sided tests at alpha / 2; own_share of the data's own probability belongs to the tail."""
        last = len(self.step) - 1
        to_tail = (1 - alpha / 2) / (alpha / 2)

        def excess(log: float, side: slice, rest: slice) -> float:
            w = self.weights(log)
            own = float(w[self.place])
            tail = float(w[side].sum()) + own_share * own
            others = float(w[rest].sum()) + (1 - own_share) * own
            if tail == 0 or others == 0:  # below the smallest double
                return -math.inf if tail == 0 else math.inf
            return math.log(tail * to_tail) - math.log(others)

        above, below = slice(self.place + 1, None), slice(0, self.place)
        # An empty rest leaves the tail at 1 (mid-P: at its own share, which alpha / 2 does not exceed).
        lower = 0.0 if self.place == 0 else _exp_of_crossing(lambda log: excess(log, above, below))
        upper = math.inf if self.place == last else _exp_of_crossing(lambda log: -excess(log, below, above))  # fmt: skip
        return lower, upper

    def two_sided_limits(self, alpha: float) -> tuple[float, float]:
        """The outermost odds ratios that Fisher's two-sided test does not reject.

        The two-sided P jumps where another table becomes as likely as the observed one, and is smooth in between.
        So limits are looked for from outside, jump by jump, at nine points of each stretch, then solved.
        """
        lower = 0.0 if self.place == 0 else math.exp(self._outermost(alpha, -1))
        upper = math.inf if self.place == len(self.step) - 1 else math.exp(self._outermost(alpha, 1))
        return lower, upper

    def _two_sided(self, log: float) -> float:
        w = self.weights(log)
        return float(w[w <= w[self.place] * (1 + EQUALLY_LIKELY)].sum() / w.sum())

    def _outermost(self, alpha: float, sign: int) -> float:
        far = np.delete(self.log_weight, self.place) / -np.delete(self.step, self.place)
        # At far[i] table i is as likely as the observed one. Beyond the last nothing changes places.
        jumps = np.unique(np.concatenate((far, [sign * _FARTHEST])))
        jumps = jumps[::-1] if sign > 0 else jumps
        estimate = self.estimate()
        center = -sign * _FARTHEST if estimate in (0.0, math.inf) else math.log(estimate)
        for outer, inner in zip(jumps, np.append(jumps[1:], center), strict=True):
            # Just inside each jump, so that the tables that change places there are where they belong.
            points = np.linspace(outer, inner, 9)
            points[0] -= sign * 1e-12 * max(1.0, abs(outer))
            points[-1] += sign * 1e-12 * max(1.0, abs(inner))
            for before, after in pairwise(points):
                if self._two_sided(float(before)) > alpha:
                    return float(before if before != points[0] else outer)
                if self._two_sided(float(after)) > alpha:
                    return _crossing_between(
                        lambda log: self._two_sided(log) - alpha, float(before), float(after)
                    )
        return center


def _around(estimate: float, error: float, z: float) -> tuple[float, float]:
    if math.isnan(error):
        return math.nan, math.nan
    return estimate * math.exp(-z * error), estimate * math.exp(z * error)


def _exp_of_crossing(rises: Callable[[float], float]) -> float:
    return math.exp(bisected(rises, -_FARTHEST * 2, _FARTHEST * 2))


def _crossing_between(function: Callable[[float], float], outside: float, inside: float) -> float:
    """Where a function below 0 outside and above 0 inside crosses, to the last bit but for noise."""
    for _ in range(200):
        middle = (outside + inside) / 2
        if middle in (outside, inside):
            break
        outside, inside = (outside, middle) if function(middle) > 0 else (middle, inside)
    return inside


def _score_limits(counts: TwoGroups, z: float, method: str) -> tuple[float, float]:
    x1, n1 = counts.events_experimental, counts.n_experimental
    x0, n0 = counts.events_control, counts.n_control
    n = n1 + n0
    far = z * math.sqrt(n / (n - 1)) if method == "miettinen-nurminen" else z
    nearer = 0.5 if method == "cornfield_cc" else 0.0
    no_lower, no_upper = x1 == 0 or x0 == n0, x0 == 0 or x1 == n1

    def limit(sign: int) -> float:
        def gap(log: float) -> float:
            return sign * far - odds_score(x1, n1, x0, n0, math.exp(log), moved=-sign * nearer)

        return math.exp(bisected(gap, -_FARTHEST, _FARTHEST))

    return 0.0 if no_lower else limit(1), math.inf if no_upper else limit(-1)
