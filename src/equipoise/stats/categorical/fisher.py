"""Fisher's exact test, and the choice between it and the chi-square that protocols write down."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats.categorical.fisher_larger import Draws, exact_larger, simulated_larger
from equipoise.stats.categorical.pearson import expected_counts, pearson_chi_square
from equipoise.stats.categorical.tables import checked_table
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.lattice import hypergeometric, no_more_likely, tails
from equipoise.stats.observations import (
    IntArray,
    checked_flag,
    checked_number,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FisherExact(StatisticalResult):
    """Fisher's exact test of a table.

    probability: of the observed table, given its margins; NaN for simulated P values.  p_value_less and
    p_value_greater are one-sided, of an odds ratio ad/bc below and above 1; two-by-two tables only, NaN otherwise.
    std_err: of a simulated P value; 0 for an exact one.
    """

    method: str
    counts: IntArray
    n: int
    probability: float
    p_value_two_sided: float
    p_value_less: float
    p_value_greater: float
    std_err: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return self.method

    def rows(self) -> Iterator[Row]:
        """n and the P values."""
        names = ["n", "p_value_two_sided"]
        if self.counts.shape == (2, 2):
            names += ["p_value_less", "p_value_greater"]
        names += ["std_err"] if self.std_err else ["probability"]
        words = "; ".join(self.warnings)
        for name in names:
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=words if math.isnan(value) else "")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChosenTest(StatisticalResult):
    """The test that a protocol's rule chose for a table: chi_square is NaN and df 0 where it chose Fisher's."""

    method: str
    reason: str
    counts: IntArray
    n: int
    chi_square: float
    df: int
    p_value_two_sided: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"{self.method} ({self.reason})"

    def rows(self) -> Iterator[Row]:
        """n, the statistic where the test has one, and the P value."""
        names = ["n", "chi_square", "df", "p_value_two_sided"] if self.df else ["n", "p_value_two_sided"]
        words = "; ".join(self.warnings)
        for name in names:
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=words if math.isnan(value) else "")


def fisher_exact(
    response: Any,
    group: Any = None,
    *,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    mid_p: bool = False,
    replicates: int | None = None,
    generator: Draws | None = None,
    data: Frame | None = None,
) -> FisherExact:
    """Test association of rows and columns exactly, given the margins.

    response, group, groups, levels: as ``pearson_chi_square``.  The two-sided P value sums the tables that are no
    more likely than the observed one (relative difference 1e-7 counts as equal, as in R and SAS).
    mid_p: half of the observed table's probability is taken off each P value.
    Larger tables are enumerated by their distinct margins; where that would take too long, pass ``replicates``
    (such as 100_000) and ``generator`` (a numpy random generator): the P value is then (1 + k) / (1 + replicates).
    Raises DataError on an unusable table, and on one that is too large to enumerate.
    Source: Fisher 1935; Freeman & Halton 1951; R's fisher.test, SAS PROC FREQ EXACT FISHER (mid-P: its MIDP).

    >>> test = fisher_exact([[3, 1], [1, 3]])
    >>> round(test.p_value_two_sided, 4), round(test.p_value_greater, 4)
    (0.4857, 0.2429)
    """
    checked_flag(mid_p, argument="mid_p")
    found = checked_table(response, group, groups=groups, levels=levels, data=data)
    table = found.counts
    if (replicates is None) != (generator is None):
        raise refused("replicates", repr(replicates), "replicates and generator together, or neither",
                      "pass replicates=100_000 and a seeded numpy generator")  # fmt: skip
    kept = table[np.ix_(table.sum(axis=1) > 0, table.sum(axis=0) > 0)]
    warnings: tuple[str, ...] = (
        () if min(kept.shape) > 1 else ("only one row or one column has subjects: every P value is 1",)
    )
    warnings += tuple(
        f"row {found.rows[i]!r} has no subjects: it is left out"
        for i in np.flatnonzero(table.sum(axis=1) == 0)
    )
    less = greater = math.nan
    std_err = 0.0
    name = "Fisher exact" if table.shape == (2, 2) else "Fisher-Freeman-Halton exact"
    if min(kept.shape) < 2:
        probability, two_sided = 1.0, 1.0
        if table.shape == (2, 2):
            less = greater = 1.0
    elif replicates is not None and generator is not None:
        if replicates < 1 or mid_p:
            raise refused("replicates", replicates, "at least 1, without mid_p", "pass replicates=100_000")
        two_sided, std_err = simulated_larger(kept, replicates, generator)
        probability, name = math.nan, f"{name}, simulated P value of {replicates} tables"
    elif kept.shape == (2, 2):
        low, weights = hypergeometric(int(kept[0].sum()), int(kept[:, 0].sum()), int(kept.sum()))
        place = int(kept[0, 0]) - low
        probability, two_sided = float(weights[place]), no_more_likely(weights, place)
        if table.shape == (2, 2):
            less, greater = tails(weights, place)
    else:
        probability, two_sided = exact_larger(kept)
    if mid_p:
        name += ", mid-P"
        two_sided, less, greater = (p - probability / 2 for p in (two_sided, less, greater))
    return FisherExact(
        method=name,
        counts=table,
        n=int(table.sum()),
        probability=probability,
        p_value_two_sided=two_sided,
        p_value_less=less,
        p_value_greater=greater,
        std_err=std_err,
        warnings=warnings,
    )


def chi_square_or_fisher(
    response: Any,
    group: Any = None,
    *,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    expected_below: float | None = 5,
    count_at_most: int | None = None,
    data: Frame | None = None,
) -> ChosenTest:
    """Fisher's exact test where the table is sparse by the stated rule, otherwise Pearson's chi-square, uncorrected.

    response, group, groups, levels: as ``pearson_chi_square``.
    expected_below: Fisher where any expected count is below it (5 as most protocols write); None for no such rule.
    count_at_most: Fisher where any observed count is at most it (AALL1331: 5); None for no such rule.
    Raises DataError on an unusable table, and where neither rule is stated.
    Source: Cochran 1954 for the rule of 5.

    >>> chi_square_or_fisher([[1, 104], [9, 94]], expected_below=None, count_at_most=5).method
    'Fisher exact'
    """
    table = checked_table(response, group, groups=groups, levels=levels, data=data).counts
    if expected_below is None and count_at_most is None:
        raise refused(
            "expected_below", None, "a rule: expected_below or count_at_most", "pass expected_below=5"
        )
    for argument, value in (("expected_below", expected_below), ("count_at_most", count_at_most)):
        if value is not None:
            checked_number(
                value,
                argument=argument,
                expected="a number of at least 0",
                remedy="pass expected_below=5",
                least=0,
            )
    used = table[np.ix_(table.sum(axis=1) > 0, table.sum(axis=0) > 0)]
    smallest, fewest = float(expected_counts(used).min()), int(used.min())
    reasons = []
    if expected_below is not None:
        sparse = smallest < expected_below
        reasons.append(
            (
                sparse,
                f"smallest expected count {smallest:.4g}, {'below' if sparse else 'not below'} {expected_below:g}",
            )
        )
    if count_at_most is not None:
        sparse = fewest <= count_at_most
        reasons.append(
            (sparse, f"smallest count {fewest}, {'at most' if sparse else 'above'} {count_at_most}")
        )
    if any(sparse for sparse, _ in reasons):
        exact = fisher_exact(table)
        return ChosenTest(
            method=exact.method, reason="; ".join(words for sparse, words in reasons if sparse), counts=table, n=exact.n,
            chi_square=math.nan, df=0, p_value_two_sided=exact.p_value_two_sided, warnings=exact.warnings,
        )  # fmt: skip
    test = pearson_chi_square(table)
    return ChosenTest(
        method=test.method, reason="; ".join(words for _, words in reasons), counts=table, n=test.n,
        chi_square=test.chi_square, df=test.df, p_value_two_sided=test.p_value_two_sided, warnings=test.warnings,
    )  # fmt: skip
