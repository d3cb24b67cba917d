"""The Cochran–Mantel–Haenszel tests of association in a set of tables, one a stratum."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.tables import checked_strata
from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    checked_flag,
    refused,
    usual_size,
)
from equipoise.stats.results import Row, StatisticalResult

Association = Literal["general", "mean scores", "correlation"]
Scores = Literal["table", "rank", "modified ridit"] | Sequence[float]

# A row's own variance below this share of its variance is rounding: it was determined by the others.
_RANK_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CochranMantelHaenszel(StatisticalResult):
    """A test of association adjusted for strata.

    z and the one-sided P values exist where df is 1, NaN otherwise: z is positive, and p_value_greater small, when
    the second group has the higher scores; in two-by-two tables, when the common odds ratio ad/bc exceeds 1.
    n_strata_used: strata with at least two groups and two responses; the others say nothing.
    """

    method: str
    n: int
    n_strata: int
    n_strata_used: int
    chi_square: float
    df: int
    p_value_two_sided: float
    z: float
    p_value_less: float
    p_value_greater: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return self.method

    def rows(self) -> Iterator[Row]:
        """Counts, the statistic and P values."""
        names = ["n", "n_strata", "n_strata_used", "chi_square", "df", "p_value_two_sided"]
        names += ["z", "p_value_less", "p_value_greater"] if self.df == 1 else []
        for name in names:
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=self.warnings[0] if math.isnan(value) else "")


def cochran_mantel_haenszel(
    response: Any,
    group: Any = None,
    strata: Any = None,
    *,
    association: Association = "general",
    correction: bool = False,
    row_scores: Scores = "table",
    column_scores: Scores = "table",
    groups: Sequence[Any] | None = None,
    levels: Sequence[Any] | None = None,
    data: Frame | None = None,
) -> CochranMantelHaenszel:
    """Test association of rows and columns, adjusted for strata.

    response: tables of counts, shape (strata, r, c); or with ``group`` and ``strata`` each subject's response.
    strata: labels, shape (n,), or (n, f) labels of f crossed factors.  groups, levels: order of rows and columns.
    association: "general" (any), "mean scores" (ordered columns: row means differ) or "correlation" (both ordered);
    SAS CMH3, CMH2 and CMH1.  They are one test in two-by-two tables.
    correction: for two-by-two tables, takes 0.5 off the distance of the sum where that is at least 0.5 (as R).
    row_scores, column_scores: "table" (1, 2, …), "rank" (mid-ranks in the stratum), "modified ridit" (ranks over the
    stratum's n + 1: with mean scores, van Elteren's test), or a number for each row or column.
    Strata with one group or one response add nothing.  Raises DataError on unusable tables, labels or scores.
    Source: Mantel & Haenszel 1959; Landis, Heyman & Koch 1978; R's mantelhaen.test, SAS PROC FREQ CMH.

    >>> test = cochran_mantel_haenszel([[[4, 1], [2, 3]], [[5, 2], [1, 4]]])
    >>> round(test.chi_square, 4), round(test.p_value_two_sided, 4)
    (4.2746, 0.0387)
    """
    checked_choice(association, ("general", "mean scores", "correlation"), argument="association")
    checked_flag(correction, argument="correction")
    tables = checked_strata(response, group, strata, groups=groups, levels=levels, data=data)
    k, r, c = tables.shape
    if correction and (r, c) != (2, 2):
        raise refused(
            "correction", f"True for tables of shape {(r, c)}", "two-by-two tables", "pass correction=False"
        )
    used = informative(tables)
    difference, variance = _sums(tables[used], association, row_scores, column_scores)
    method = {
        "general": "general association",
        "mean scores": "mean scores differ",
        "correlation": "correlation",
    }[association]
    title = "Cochran-Mantel-Haenszel" + ("" if (r, c) == (2, 2) else f", {method}")
    if correction:
        title += ", with continuity correction"
        apart = abs(float(difference[0]))
        difference = np.sign(difference) * (apart - 0.5 if apart >= 0.5 else apart)
    kept = independent_columns(variance, smallest=_RANK_TOLERANCE * np.maximum(np.diag(variance), 1e-300))
    df = int(kept.sum())
    chi_square = z = math.nan
    warnings = (
        [f"{k - int(used.sum())} of {k} strata have one group or one response only: they add nothing"]
        if not used.all()
        else []
    )
    if df:
        chosen = difference[kept]
        chi_square = max(float(chosen @ np.linalg.solve(variance[np.ix_(kept, kept)], chosen)), 0.0)
        if df == 1:
            z = math.copysign(math.sqrt(chi_square), float(chosen[0]))
    else:
        warnings.insert(0, "not estimable: no stratum has two groups and two responses")
    return CochranMantelHaenszel(
        method=title,
        n=int(tables.sum()),
        n_strata=k,
        n_strata_used=int(used.sum()),
        chi_square=chi_square,
        df=df,
        p_value_two_sided=chi_square_sf(chi_square, df),
        z=z,
        p_value_less=normal_sf(-z),
        p_value_greater=normal_sf(z),
        warnings=tuple(warnings),
    )


def informative(tables: IntArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which strata have subjects in at least two rows and at least two columns.

    >>> informative(np.array([[[1, 0], [2, 0]], [[1, 0], [0, 1]]])).tolist()
    [False, True]
    """
    two_rows = (tables.sum(axis=2) > 0).sum(axis=1) > 1
    two_columns = (tables.sum(axis=1) > 0).sum(axis=1) > 1
    both: np.ndarray[Any, np.dtype[np.bool_]] = two_rows & two_columns
    return both


def _sums(
    tables: IntArray, association: Association, row_scores: Scores, column_scores: Scores
) -> tuple[FloatArray, FloatArray]:
    """Over strata, the sum of observed less expected contrasts, and of their hypergeometric variance."""
    _, r, c = tables.shape
    size = {"general": (r - 1) * (c - 1), "mean scores": r - 1, "correlation": 1}[association]
    difference, variance = np.zeros(size), np.zeros((size, size))
    for table in tables.astype(np.float64):
        rows, columns, n = table.sum(axis=1), table.sum(axis=0), table.sum()
        apart = table - np.outer(rows, columns) / n
        # The last rows and columns, so that with two of each the sign is that of the odds ratio ad/bc.
        row_part, column_part = np.eye(r)[1:], np.eye(c)[1:]
        if association != "general":
            column_part = _scores(column_scores, columns, c, "column_scores")[None, :]
        if association == "correlation":
            row_part = _scores(row_scores, rows, r, "row_scores")[None, :]
        row_spread = row_part @ (n * np.diag(rows) - np.outer(rows, rows)) @ row_part.T
        column_spread = column_part @ (n * np.diag(columns) - np.outer(columns, columns)) @ column_part.T
        difference += (row_part @ apart @ column_part.T).ravel()
        variance += np.kron(row_spread, column_spread) / (n * n * (n - 1))
    return difference, variance


def _scores(wanted: Scores, totals: FloatArray, size: int, argument: str) -> FloatArray:
    if isinstance(wanted, str):
        if wanted == "table":
            return np.arange(1.0, size + 1) - (size + 1) / 2
        if wanted in ("rank", "modified ridit"):
            # Mid-ranks, from their mean: a shift changes nothing but rounding.
            ranks: FloatArray = np.cumsum(totals) - totals / 2 - totals.sum() / 2
            return ranks if wanted == "rank" else ranks / (totals.sum() + 1)
        raise refused(argument, repr(wanted), "table, rank, modified ridit, or numbers", "name one of them")
    found = np.asarray(wanted)
    if found.shape != (size,) or found.dtype.kind not in "iuf" or not np.all(np.isfinite(found)):
        raise refused(
            argument, repr(wanted), f"{size} finite numbers", "give one score for each row or column"
        )
    numbers = usual_size(found.astype(np.float64), argument=argument)
    return numbers - float(numbers @ totals / totals.sum())
