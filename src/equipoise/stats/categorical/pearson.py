"""Pearson's chi-square and the likelihood-ratio chi-square of a table of counts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.tables import Table, checked_table
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    read_only,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult

# Below this expected count the chi-square distribution is a doubtful guide (Cochran 1954; SAS warns at it too).
SMALLEST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChiSquareTable(StatisticalResult):
    """A chi-square test of association in a table: counts and expected have the shape of the table.

    z and the one-sided P values are for two-by-two tables only, NaN otherwise: z is positive, and p_value_greater
    small, when the odds ratio ad/bc exceeds 1 (the second response is more frequent in the second group).
    n_expected_below_5: cells whose expected count is below 5.
    """

    method: str
    counts: IntArray
    expected: FloatArray
    n: int
    chi_square: float
    df: int
    p_value_two_sided: float
    z: float
    p_value_less: float
    p_value_greater: float
    smallest_expected: float
    n_expected_below_5: int
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return self.method

    def rows(self) -> Iterator[Row]:
        """n, the statistic, df, P values and the expected counts' summary."""
        names = ["n", "chi_square", "df", "p_value_two_sided"]
        if self.counts.shape == (2, 2):
            names += ["z", "p_value_less", "p_value_greater"]
        for name in (*names, "smallest_expected", "n_expected_below_5"):
            value = float(getattr(self, name))
            yield Row(
                name,
                value,
                method=self.method,
                warning=self.warnings[0] if math.isnan(value) and self.warnings else "",
            )


def pearson_chi_square(
    response: Any,
    group: Any = None,
    *,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    correction: Literal["none", "yates"] = "none",
    data: Frame | None = None,
) -> ChiSquareTable:
    """Test association of rows and columns by Pearson's chi-square.

    response: a table of counts, shape (r, c); or with ``group`` each subject's response, shape (n,).
    group: None, or each subject's group, shape (n,).  groups, levels: the order of rows and columns.
    correction: "none", or "yates" (two-by-two tables only): each |O - E| is reduced by 0.5, by all of it where it
    is smaller, as in R.
    Rows and columns without subjects are left out, with a warning.  Raises DataError on an unusable table.
    Source: Pearson 1900; Yates 1934; R's chisq.test, SAS PROC FREQ CHISQ.

    >>> test = pearson_chi_square([[26, 79], [31, 72]])
    >>> round(test.chi_square, 4), test.df, round(test.p_value_two_sided, 2)
    (0.7439, 1, 0.39)
    """
    checked_choice(correction, ("none", "yates"), argument="correction")
    table = checked_table(response, group, groups=groups, levels=levels, data=data)
    if correction == "yates" and table.counts.shape != (2, 2):
        raise refused("correction", f"'yates' for a table of shape {table.counts.shape}", "a two-by-two table",
                      "use correction='none'")  # fmt: skip
    expected, df, warnings = _expected(table)
    distance = np.abs(table.counts - expected)
    if correction == "yates":
        distance = distance - min(0.5, float(np.min(distance)))
    with np.errstate(invalid="ignore"):
        parts = distance**2 / expected
    named = "Pearson chi-square" + (" with Yates's continuity correction" if correction == "yates" else "")
    return _result(named, table, expected, float(np.nansum(parts)), df, warnings)


def likelihood_ratio_chi_square(
    response: Any,
    group: Any = None,
    *,
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    data: Frame | None = None,
) -> ChiSquareTable:
    """Test association of rows and columns by the likelihood-ratio chi-square, G = 2 sum O log(O / E).

    Arguments and errors as ``pearson_chi_square``; cells of 0 add nothing.
    Source: Wilks 1938; SAS PROC FREQ CHISQ "Likelihood Ratio Chi-Square", R's vcd::assocstats.

    >>> round(likelihood_ratio_chi_square([[10, 20], [30, 40]]).chi_square, 6)
    0.804349
    """
    table = checked_table(response, group, groups=groups, levels=levels, data=data)
    expected, df, warnings = _expected(table)
    some = table.counts > 0
    observed = table.counts[some].astype(np.float64)
    statistic = 2 * math.fsum((observed * np.log(observed / expected[some])).tolist())
    return _result("Likelihood-ratio chi-square", table, expected, max(statistic, 0.0), df, warnings)


def expected_counts(counts: IntArray) -> FloatArray:
    """The counts expected without association: row total times column total over n.

    >>> expected_counts(np.array([[3, 1], [1, 3]])).tolist()
    [[2.0, 2.0], [2.0, 2.0]]
    """
    table = counts.astype(np.float64)
    expected: FloatArray = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return expected


def _expected(table: Table) -> tuple[FloatArray, int, tuple[str, ...]]:
    rows, columns = table.counts.sum(axis=1), table.counts.sum(axis=0)
    warnings = [f"row {table.rows[i]!r} has no subjects: it is left out" for i in np.flatnonzero(rows == 0)]
    warnings += [
        f"column {table.columns[j]!r} has no subjects: it is left out" for j in np.flatnonzero(columns == 0)
    ]
    df = (int(np.sum(rows > 0)) - 1) * (int(np.sum(columns > 0)) - 1)
    if df == 0:
        warnings = ["not estimable: only one row or one column has subjects"]
    return expected_counts(table.counts), df, tuple(warnings)


def _result(
    method: str, table: Table, expected: FloatArray, chi_square: float, df: int, warnings: tuple[str, ...]
) -> ChiSquareTable:
    z = math.nan
    if df == 0:
        chi_square = math.nan
    elif table.counts.shape == (2, 2):
        z = math.copysign(math.sqrt(chi_square), float(table.counts[0, 0] - expected[0, 0]))
    used = expected[expected > 0]
    few = int(np.sum(used < SMALLEST_EXPECTED))
    if few and df:
        warnings = (
            *warnings,
            f"{few} of {used.size} cells have an expected count below 5: consider fisher_exact",
        )
    read_only(expected)
    return ChiSquareTable(
        method=method,
        counts=table.counts,
        expected=expected,
        n=int(table.counts.sum()),
        chi_square=chi_square,
        df=df,
        p_value_two_sided=chi_square_sf(chi_square, df),
        z=z,
        p_value_less=normal_sf(-z),
        p_value_greater=normal_sf(z),
        smallest_expected=float(used.min()),
        n_expected_below_5=few,
        warnings=warnings,
    )
