"""McNemar's test of paired responses, and Bowker's for more than two."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.categorical.tables import checked_counts, label_codes
from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.numerics.lattice import binomial, tails
from equipoise.stats.observations import (
    IntArray,
    checked_choice,
    read_only,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult

McNemarMethod = Literal["asymptotic", "corrected", "exact", "mid-p"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class McNemarTest(StatisticalResult):
    """A test that two responses of the same subjects are alike: counts are first responses by second responses.

    n_changed: subjects off the diagonal, the only ones that inform.  z is positive, and p_value_greater small, when
    more changed from the first level to the second than back (two-by-two tables only, NaN otherwise; NaN for the
    exact methods, which have no chi_square).
    """

    method: str
    counts: IntArray
    n: int
    n_changed: int
    chi_square: float
    df: int
    z: float
    p_value_two_sided: float
    p_value_less: float
    p_value_greater: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return self.method

    def rows(self) -> Iterator[Row]:
        """Counts, the statistic where there is one, and P values."""
        names = ["n", "n_changed", *(("chi_square", "df") if self.df else ()), "p_value_two_sided"]
        names += ["p_value_less", "p_value_greater"] if self.counts.shape == (2, 2) else []
        for name in names:
            value = float(getattr(self, name))
            yield Row(name, value, method=self.method, warning=self.warnings[0] if math.isnan(value) else "")


def mcnemar(
    first: Any,
    second: Any = None,
    *,
    method: McNemarMethod = "asymptotic",
    levels: Sequence[Any] | None = None,
    data: Frame | None = None,
) -> McNemarTest:
    """Test whether responses of the same subjects at two times, or by two readers, have the same distribution.

    first: a square table of counts, first response by second; or with ``second`` each subject's first response.
    second: None, or each subject's second response, of the same levels.  levels: their order; sorted when None.
    method: "asymptotic" (b - c)^2 / (b + c), "corrected" (|b - c| - 1)^2 / (b + c), "exact" (binomial) or "mid-p"
    (exact less the observed outcome's probability; less half of it where b = c).  Tables beyond two by two: "asymptotic" only, Bowker's test.
    Raises DataError on unusable tables or labels.
    Source: McNemar 1947; Edwards 1948; Bowker 1948; Fagerland, Lydersen & Laake 2013; R's mcnemar.test (its default
    is "corrected"), SAS PROC FREQ AGREE ("asymptotic").

    >>> round(mcnemar([[794, 86], [150, 570]], method="corrected").chi_square, 4)
    16.8178
    """
    checked_choice(method, ("asymptotic", "corrected", "exact", "mid-p"), argument="method")
    table = _paired(first, second, levels, data)
    if table.shape != (2, 2) and method != "asymptotic":
        raise refused(
            "method",
            f"{method!r} for a table of shape {table.shape}",
            "a two-by-two table",
            "pass method='asymptotic'",
        )
    changed = int(table.sum() - np.trace(table))
    chi_square = z = two_sided = less = greater = math.nan
    df = 0
    warnings: tuple[str, ...] = ()
    if changed == 0:
        two_sided = 1.0 if method in ("exact", "mid-p") else math.nan
        warnings = ("nobody changed: the chi-square is not estimable, and the exact P value is 1",)
    elif method in ("exact", "mid-p"):
        forth = int(table[0, 1])
        probability = binomial(changed, 0.5)
        less, greater = tails(probability, forth)
        two_sided = min(1.0, 2 * min(less, greater))
        if method == "mid-p":
            seen = float(probability[forth])
            less, greater = less - seen / 2, greater - seen / 2
            # As many forth as back are two tails that meet in what was observed: it is left out of one of them.
            two_sided = 1 - seen / 2 if 2 * forth == changed else 2 * min(less, greater)
    else:
        upper = np.triu_indices(len(table), 1)
        forth_and_back = (
            (table[upper] - table.T[upper]).astype(np.float64),
            (table[upper] + table.T[upper]).astype(np.float64),
        )
        informs = forth_and_back[1] > 0
        apart = np.abs(forth_and_back[0][informs])
        if method == "corrected":
            # R reduces by 1 also where nobody is left over: |b - c| = 0 stays 0.
            apart = np.where(apart > 0, apart - 1, 0.0)
        chi_square, df = float((apart**2 / forth_and_back[1][informs]).sum()), int(informs.sum())
        two_sided = chi_square_sf(chi_square, df)
        if table.shape == (2, 2):
            z = math.copysign(math.sqrt(chi_square), float(table[0, 1] - table[1, 0]))
            less, greater = normal_sf(-z), normal_sf(z)
        elif df < informs.size:
            warnings = (
                f"{informs.size - df} of {informs.size} pairs of levels have no changes: df is reduced",
            )
    read_only(table)
    names = {"asymptotic": "McNemar" if table.shape == (2, 2) else "Bowker symmetry", "corrected": "McNemar with continuity correction",
             "exact": "McNemar exact", "mid-p": "McNemar mid-P"}  # fmt: skip
    return McNemarTest(
        method=names[method],
        counts=table,
        n=int(table.sum()),
        n_changed=changed,
        chi_square=chi_square,
        df=df,
        z=z,
        p_value_two_sided=two_sided,
        p_value_less=less,
        p_value_greater=greater,
        warnings=warnings,
    )


def _paired(first: Any, second: Any, levels: Sequence[Any] | None, data: Frame | None) -> IntArray:
    first, second = columns(data, first=first, second=second)
    if second is None:
        table = checked_counts(first, argument="first")
        if table.shape[0] != table.shape[1]:
            raise refused(
                "first", f"shape {table.shape}", "a square table", "rows and columns are the same responses"
            )
        return table.copy()
    if levels is None:
        _, a = label_codes(first, "first")
        _, b = label_codes(second, "second")
        kinds = {type(label) for label in (*a, *b)}
        if str in kinds and len(kinds) > 1:
            raise refused("second", f"{b[0]!r} where first has {a[0]!r}", "labels of one kind in both",
                          "code both responses alike")  # fmt: skip
        levels = sorted({*a, *b})
    before, _ = label_codes(first, "first", levels)
    after, _ = label_codes(second, "second", levels, before.size)
    if len(levels) < 2:
        raise refused("levels", repr(tuple(levels)), "at least two levels", "pass levels=(no, yes)")
    k = len(levels)
    return np.bincount(before * k + after, minlength=k * k).reshape(k, k).astype(np.int64)
