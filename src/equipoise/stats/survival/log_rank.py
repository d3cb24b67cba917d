"""The log-rank test of two or more groups, stratified if asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.observations import FloatArray, IntArray, read_only
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.log_rank_tables import (
    Followed,
    ScoreSums,
    followed,
    log_rank_sums,
    missing_information,
    quadratic_form,
)

Labels = tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupComparison(StatisticalResult):
    """A test between the survival curves of groups: arrays follow the order of ``groups``, sums are over strata.

    z and p_value_one_sided are for two groups only, NaN otherwise: z is positive when the second group,
    the experimental one, had fewer events than expected; its one-sided P value is the upper tail of z.
    method: the test with its variant.  warnings: what made a number not estimable (NaN), in words; empty
    when nothing did.
    """

    groups: Labels
    n: IntArray
    observed: NDArray[Any]
    expected: FloatArray
    variance: FloatArray
    chi_square: float
    df: int
    p_value_two_sided: float
    z: float
    p_value_one_sided: float
    method: str
    warnings: tuple[str, ...]
    n_strata: int = 1

    def _title(self) -> str:
        test, comma, weights = self.method.partition(",")
        strata = ""
        if test.startswith("stratified"):
            strata = f", {self.n_strata} {'stratum' if self.n_strata == 1 else 'strata'}"
        return f"{test[0].upper()}{test[1:]} test{comma}{weights}{strata}"

    def rows(self) -> Iterator[Row]:
        """Counts by group, and the test."""
        for i, label in enumerate(self.groups):
            for statistic in ("n", "observed", "expected"):
                value = float(getattr(self, statistic)[i])
                yield Row(statistic, value, group=str(label), method=self.method)
        two = len(self.groups) == 2
        compared = f"{self.groups[1]} vs {self.groups[0]}" if two else "overall"
        warning = "; ".join(self.warnings) if self.df == 0 else ""
        for statistic in (
            "chi_square",
            "df",
            *(["z", "p_value_one_sided"] if two else []),
            "p_value_two_sided",
        ):
            yield Row(
                statistic,
                float(getattr(self, statistic)),
                group=compared,
                method=self.method,
                warning=warning,
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogRank(GroupComparison):
    """A log-rank test; ``observed`` counts events.  Fields as ``GroupComparison``."""


def log_rank(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[str] | Sequence[int],
    strata: ArrayLike | str | Sequence[str] | None = None,
    entry: ArrayLike | str | None = None,
    data: Frame | None = None,
) -> LogRank:
    """Test equality of survival in two or more groups.

    time: shape (n,), at least 0.  event: shape (n,), True for an event.  group: shape (n,), labels.
    groups: the labels in order, (control, experimental) for two; every label of ``group`` is listed.
    strata: None, shape (n,) labels, or shape (n, f) labels of f crossed factors.
    entry: None, or shape (n,), when observation began (left truncation: at risk at t is who has
    entry < t <= time; entry 0 is from the origin, time 0 included).
    data: a frame whose columns the other arguments name.
    Returns a LogRank.  The variance is hypergeometric.  Strata without an event, or with one group at
    risk, add nothing.  df is the rank of the variance.  A group that was at risk at no event is left
    out of the test, with a warning, and so is a group of ``groups`` without subjects; without any information chi_square is NaN, with a warning.
    Raises DataError on unusable times, events, labels or lengths.
    Source: Mantel 1966; Peto & Peto 1972; values as R survival 3.5-3, survdiff (SAS LIFETEST, STRATA; Stata
    sts test); with entry as the score test of R's coxph where no times are tied.

    >>> test = log_rank([1, 3, 2, 4], [1, 1, 1, 1], list("AABB"), groups=("A", "B"))
    >>> test.observed.tolist(), test.expected.round(4).tolist(), round(test.z, 4)
    ([2, 2], [1.3333, 2.6667], 0.7845)
    """
    seen = followed(data, time, event, group, groups, strata, entry)
    sums = log_rank_sums(seen)
    method = "log-rank" if seen.stratum is None else "stratified log-rank"
    return LogRank(**comparison_fields(groups, seen, sums, sums.observed.astype(np.int64), method))


def comparison_fields(
    groups: Sequence[str] | Sequence[int],
    seen: Followed,
    sums: ScoreSums,
    observed: NDArray[Any],
    method: str,
) -> dict[str, Any]:
    """The fields of a ``GroupComparison`` from its sums."""
    chi_square, df = quadratic_form(observed - sums.expected, sums.variance, sums.scale)
    z = one_sided = math.nan
    if len(groups) == 2 and df == 1:
        z = math.copysign(math.sqrt(chi_square), sums.expected[1] - observed[1])
        two_sided = 2 * normal_sf(abs(z))
        one_sided = two_sided / 2 if z > 0 else 1 - two_sided / 2
    else:
        two_sided = chi_square_sf(chi_square, df)
    n = seen.n()
    for array in (n, observed, sums.expected, sums.variance):
        read_only(array)
    return {
        "groups": cast("Labels", tuple(groups)),
        "n": n,
        "observed": observed,
        "expected": sums.expected,
        "variance": sums.variance,
        "chi_square": chi_square,
        "df": df,
        "p_value_two_sided": two_sided,
        "z": z,
        "p_value_one_sided": one_sided,
        "method": method,
        "n_strata": 1 if seen.stratum is None else int(seen.stratum.max()) + 1,
        "warnings": missing_information(groups, n, sums.expected, df),
    }
