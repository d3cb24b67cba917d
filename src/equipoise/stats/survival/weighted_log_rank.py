"""Weighted log-rank tests: of groups in any order, and of a trend over groups that have an order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_sf
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    read_only,
    refused,
    usual_size,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.log_rank import GroupComparison, Labels, comparison_fields
from equipoise.stats.survival.log_rank_tables import event_tables, followed, missing_information, score_sums
from equipoise.stats.survival.log_rank_weights import Weight, Weighting, checked_weighting, weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedLogRank(GroupComparison):
    """A weighted log-rank test; n_events counts events, observed and expected are sums of their weights."""

    n_events: IntArray


def weighted_log_rank(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[str] | Sequence[int],
    weight: Weight,
    rho: float | None = None,
    gamma: float | None = None,
    until: float | None = None,
    smallest_survival: float | None = None,
    strata: ArrayLike | str | Sequence[str] | None = None,
    entry: ArrayLike | str | None = None,
    data: Frame | None = None,
) -> WeightedLogRank:
    """Test equality of survival in two or more groups, with events weighted by when they happen.

    time, event, group, groups, strata, entry, data: as ``log_rank``.
    weight, with n at risk and d events at t, and S the pooled Kaplan–Meier curve, all within the stratum:
    "log-rank" 1; "gehan" n; "tarone-ware" sqrt(n); "fleming-harrington" S(t-)**rho * (1 - S(t-))**gamma;
    "peto-prentice" the product of 1 - d/(n+1) up to and including t; "modified-peto-prentice" that times
    n/(n+1); "modestly-weighted" 1/max(S(t-), S*), with S* = S(until) or smallest_survival.
    "peto" alone is refused: programs mean different weights by it.
    Returns a WeightedLogRank.  The variance is hypergeometric, df its rank, z positive when the second of
    two groups, the experimental one, had fewer weighted events than expected.
    Raises DataError as ``log_rank``, and on a parameter that the weight has not.
    Source: Gehan 1965, Tarone & Ware 1977, Prentice 1978, Harrington & Fleming 1982, Andersen et al. 1982,
    Magirr & Burman 2019; R survival 3.5-3, survdiff(rho=) is fleming-harrington with gamma=0; SAS LIFETEST
    TEST=(WILCOXON TARONE PETO MODPETO FLEMING(rho, gamma)) in this order of the list above, Stata sts test.

    >>> test = weighted_log_rank([1, 3, 2, 4], [1, 1, 1, 1], list("AABB"), groups=("A", "B"), weight="gehan")
    >>> test.observed.tolist(), test.expected.tolist(), round(test.z, 4)
    ([6.0, 4.0], [4.0, 6.0], 0.7559)
    """
    weighting = checked_weighting(
        weight, rho=rho, gamma=gamma, until=until, smallest_survival=smallest_survival
    )
    seen = followed(data, time, event, group, groups, strata, entry)
    tables = event_tables(seen)
    sums = score_sums(tables, weights(tables, weighting))
    method = _words(seen.stratum is not None, weighting)
    n_events = seen.n_events()
    read_only(n_events)
    fields = comparison_fields(groups, seen, sums, sums.observed, method)
    return WeightedLogRank(**fields, n_events=n_events)


def _words(stratified: bool, weighting: Weighting) -> str:
    weighted = "" if weighting.kind == "log-rank" else f", weights {weighting.words}"
    return f"{'stratified ' if stratified else ''}log-rank{weighted}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrendTest(StatisticalResult):
    """A test of trend: z is positive when groups with higher scores had fewer events than expected.

    score: the sum of score * (observed - expected), about the mean score at risk; variance: its variance.
    p_value_one_sided: the upper tail of z.  method, warnings: as in the other tests.
    """

    groups: Labels
    scores: FloatArray
    n: IntArray
    observed: FloatArray
    expected: FloatArray
    score: float
    variance: float
    chi_square: float
    df: int
    z: float
    p_value_one_sided: float
    p_value_two_sided: float
    method: str
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Test of trend, {self.method}"

    def rows(self) -> Iterator[Row]:
        """Counts by group, and the test."""
        for i, label in enumerate(self.groups):
            for statistic, values in (("n", self.n), ("trend_score", self.scores), ("observed", self.observed),
                                      ("expected", self.expected)):  # fmt: skip
                yield Row(statistic, float(values[i]), group=str(label), method=self.method)
        warning = "; ".join(self.warnings) if self.df == 0 else ""
        for statistic in (
            "score",
            "variance",
            "chi_square",
            "df",
            "z",
            "p_value_one_sided",
            "p_value_two_sided",
        ):
            yield Row(
                statistic, float(getattr(self, statistic)), group="trend", method=self.method, warning=warning
            )


def trend_test(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[str] | Sequence[int],
    scores: ArrayLike | None = None,
    weight: Weight = "log-rank",
    rho: float | None = None,
    gamma: float | None = None,
    until: float | None = None,
    smallest_survival: float | None = None,
    strata: ArrayLike | str | Sequence[str] | None = None,
    entry: ArrayLike | str | None = None,
    data: Frame | None = None,
) -> TrendTest:
    """Test whether survival changes with the order of the groups, with one degree of freedom.

    groups: the labels in their order.  scores: shape (k,), one a group, not all equal; 1, 2, ... when None.
    weight and its parameters: as ``weighted_log_rank``.  The other arguments: as ``log_rank``.
    With two groups it is their (weighted) log-rank test, whatever the scores.  z is positive when groups with
    higher scores had fewer events than expected.
    Returns a TrendTest.  Raises DataError as ``weighted_log_rank``, and on unusable scores.
    Source: Tarone 1975; as SAS LIFETEST TREND and Stata sts test, trend: (c'U)**2 / c'Vc.

    >>> test = trend_test([4, 3, 2, 1], [1, 1, 1, 1], list("DCBA"), groups=tuple("ABCD"))
    >>> round(test.score, 6), round(test.chi_square, 6), test.df
    (-3.0, 4.153846, 1)
    """
    weighting = checked_weighting(
        weight, rho=rho, gamma=gamma, until=until, smallest_survival=smallest_survival
    )
    seen = followed(data, time, event, group, groups, strata, entry)
    ranks = _checked_scores(scores, len(groups))
    tables = event_tables(seen)
    weigh = weights(tables, weighting)
    sums = score_sums(tables, weigh)
    score, variance = score_and_variance(tables.deaths, tables.at_risk, weigh, ranks)
    known = variance > 0
    chi_square = score * score / variance if known else math.nan
    z = -score / math.sqrt(variance) if known else math.nan
    n = seen.n()
    for array in (n, ranks, sums.observed, sums.expected):
        read_only(array)
    return TrendTest(
        groups=cast("Labels", tuple(groups)),
        scores=ranks,
        n=n,
        observed=sums.observed,
        expected=sums.expected,
        score=score,
        variance=variance,
        chi_square=chi_square,
        df=int(known),
        z=z,
        p_value_one_sided=normal_sf(z),
        p_value_two_sided=2 * normal_sf(abs(z)),
        method=_words(seen.stratum is not None, weighting),
        warnings=missing_information(groups, n, sums.expected, int(known)),
    )


def score_and_variance(
    deaths: FloatArray, at_risk: FloatArray, weight: FloatArray, scores: FloatArray
) -> tuple[float, float]:
    """The weighted sum of score * (events - expected) and its hypergeometric variance.

    >>> score_and_variance(np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]]), np.ones(1), np.array([0.0, 1.0]))
    (-0.5, 0.25)
    """
    died, total = deaths.sum(axis=1), at_risk.sum(axis=1)
    share = at_risk / total[:, None]
    # Scores about the mean of those at risk: nothing large is subtracted, a constant added is of no consequence.
    off = scores - (share @ scores)[:, None]
    spread = died * (total - died) / np.maximum(total - 1, 1)
    score = float(weight @ (deaths * off).sum(axis=1))
    return score, float((weight * weight * spread) @ (share * off * off).sum(axis=1))


def _checked_scores(scores: ArrayLike | None, k: int) -> FloatArray:
    if scores is None:
        return np.arange(1.0, k + 1)
    found = np.array(scores)
    if found.shape != (k,) or found.dtype.kind not in "iuf":
        raise refused("scores", f"shape {found.shape}, dtype {found.dtype}", f"one number for each of the {k} groups",
                      "list them in the order of groups")  # fmt: skip
    found = found.astype(np.float64)
    if not np.isfinite(found).all() or np.ptp(found) == 0:
        raise refused(
            "scores", found.tolist(), "finite numbers that are not all equal", "number the groups in order"
        )
    return usual_size(found, argument="scores")
