"""The largest of several Fleming-Harrington tests, with the P value that counts that they were several."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame
from equipoise.stats.numerics.multivariate_normal import MOST_VARIABLES, multivariate_normal_tail
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    listed,
    read_only,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.log_rank import Labels
from equipoise.stats.survival.log_rank_tables import (
    EventTables,
    event_tables,
    followed,
    missing_information,
    score_sums,
)
from equipoise.stats.survival.log_rank_weights import checked_weighting, weights

_USUAL = ((0, 0), (0, 1), (1, 0), (1, 1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaxCombo(StatisticalResult):
    """The largest of m weighted log-rank tests of two groups.

    exponents: shape (m, 2), rho and gamma of each.  z: shape (m,), positive when the experimental group did
    better; NaN for a test without information.  correlation: shape (m, m), of the z under equal survival.
    z_max with p_value_one_sided: the largest z, and the probability that one is as large.
    z_max_absolute with p_value_two_sided: the same, signs aside.  chosen: the position of z_max.
    """

    groups: Labels
    n: IntArray
    n_events: IntArray
    exponents: FloatArray
    z: FloatArray
    correlation: FloatArray
    chosen: int
    z_max: float
    p_value_one_sided: float
    z_max_absolute: float
    p_value_two_sided: float
    stratified: bool
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"MaxCombo test{', stratified' if self.stratified else ''}, Fleming-Harrington weights"

    def rows(self) -> Iterator[Row]:
        """Each test, then their maximum."""
        method = "stratified MaxCombo" if self.stratified else "MaxCombo"
        compared = f"{self.groups[1]} vs {self.groups[0]}"
        for (rho, gamma), z in zip(self.exponents.tolist(), self.z.tolist(), strict=True):
            warning = "no information" if math.isnan(z) else ""
            yield Row(
                "z", z, group=compared, level=f"rho {rho:g}, gamma {gamma:g}", method=method, warning=warning
            )
        warning = "; ".join(self.warnings) if math.isnan(self.z_max) else ""
        for statistic in ("z_max", "p_value_one_sided", "z_max_absolute", "p_value_two_sided"):
            yield Row(statistic, float(getattr(self, statistic)), group=compared, level="maximum", method=method,
                      warning=warning)  # fmt: skip


def max_combo(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[str] | Sequence[int],
    exponents: Sequence[Sequence[float]] = _USUAL,
    strata: ArrayLike | str | Sequence[str] | None = None,
    entry: ArrayLike | str | None = None,
    data: Frame | None = None,
) -> MaxCombo:
    """Test equality of survival in two groups by the largest of several weighted log-rank tests.

    groups: two labels, (control, experimental).  exponents: 1 to 5 pairs (rho, gamma) of the weights
    S(t-)**rho * (1 - S(t-))**gamma, S the pooled Kaplan–Meier curve of the stratum.  The other arguments: as
    ``log_rank``.
    The tests' covariance is the sum of w_i w_j times the hypergeometric variances (it is singular for the usual
    four, for the log-rank score is the sum of two of them); P values are by the multivariate normal
    distribution, relative error below 1e-9 also in the tail.  A test without information is left out, with a
    warning.
    Returns a MaxCombo with the one-sided and the two-sided test.
    Raises DataError as ``log_rank``, on more than two groups, and on exponents that are not 1 to 5 pairs.
    Source: Lin et al. 2020 (J Biopharm Stat 30:187); Karrison 2016; P values of R's simtrial and nph are
    by random quasi-Monte Carlo.

    >>> test = max_combo([5, 6, 7, 1, 2, 3], [1] * 6, list("BBBAAA"), groups=("A", "B"))
    >>> test.z.round(4).tolist(), round(test.p_value_one_sided, 6)
    ([2.2476, 2.1106, 2.1213, 2.1213], 0.02334)
    """
    listed(groups, argument="groups")
    if len(groups) != 2:
        raise refused("groups", repr(tuple(groups)), "two groups, control first", "compare two at a time")
    pairs = _checked_exponents(exponents)
    seen = followed(data, time, event, group, groups, strata, entry)
    tables = event_tables(seen)
    score, covariance = _scores(tables, pairs)
    spread = np.sqrt(np.diag(covariance))
    known = spread > 0
    z = np.full(len(pairs), np.nan)
    z[known] = score[known] / spread[known]
    correlation = np.full(covariance.shape, np.nan)
    both = np.ix_(known, known)
    correlation[both] = np.clip(covariance[both] / np.outer(spread[known], spread[known]), -1, 1)
    np.fill_diagonal(correlation, np.where(known, 1.0, np.nan))

    n, n_events = seen.n(), seen.n_events()
    chosen, largest, furthest, one_sided, two_sided = -1, math.nan, math.nan, math.nan, math.nan
    warnings = missing_information(groups, n, score_sums(tables).expected, int(known.any()))
    if known.any():
        chosen = int(np.nanargmax(z))
        largest, furthest = float(z[chosen]), float(np.nanmax(np.abs(z)))
        limit = np.full(int(known.sum()), largest)
        one_sided = multivariate_normal_tail(limit, correlation[both])
        limit = np.full(int(known.sum()), furthest)
        two_sided = multivariate_normal_tail(limit, correlation[both], lower=-limit)
        warnings += tuple(
            f"rho {rho:g}, gamma {gamma:g}: no information, left out of the maximum"
            for rho, gamma in pairs[~known].tolist()
        )
    for array in (n, n_events, pairs, z, correlation):
        read_only(array)
    return MaxCombo(
        groups=cast("Labels", tuple(groups)),
        n=n,
        n_events=n_events,
        exponents=pairs,
        z=z,
        correlation=correlation,
        chosen=chosen,
        z_max=largest,
        p_value_one_sided=one_sided,
        z_max_absolute=furthest,
        p_value_two_sided=two_sided,
        stratified=seen.stratum is not None,
        warnings=warnings,
    )


def _scores(tables: EventTables, pairs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Expected minus observed of the experimental group by each test, and their covariance."""
    weigh = np.stack(
        [
            weights(tables, checked_weighting("fleming-harrington", rho=rho, gamma=gamma))
            for rho, gamma in pairs.tolist()
        ]
    )
    died, total = tables.deaths.sum(axis=1), tables.at_risk.sum(axis=1)
    share = tables.at_risk / total[:, None]
    hypergeometric = died * (total - died) / np.maximum(total - 1, 1) * share[:, 0] * share[:, 1]
    return weigh @ (died * share[:, 1] - tables.deaths[:, 1]), (weigh * hypergeometric) @ weigh.T


def _checked_exponents(exponents: Sequence[Sequence[float]]) -> FloatArray:
    pairs = np.array(exponents)
    if (
        pairs.ndim != 2
        or pairs.shape[1] != 2
        or not 1 <= len(pairs) <= MOST_VARIABLES
        or pairs.dtype.kind not in "iuf"
    ):
        raise refused("exponents", repr(exponents), f"1 to {MOST_VARIABLES} pairs (rho, gamma)",
                      "(0, 0) is the log-rank test, (0, 1) looks at late differences")  # fmt: skip
    return pairs.astype(np.float64)
