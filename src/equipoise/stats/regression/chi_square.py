"""A chi-square test of coefficients, as a result."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from equipoise.stats.numerics.distributions import chi_square_sf
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquareTest(StatisticalResult):
    """One test that coefficients are zero; NaN where it is not estimable."""

    chi_square: float
    df: int
    p_value_two_sided: float
    method: str = ""

    def _title(self) -> str:
        return f"{self.method or 'chi-square'} test".capitalize()

    def rows(self) -> Iterator[Row]:
        """The statistic, its degrees of freedom and its P value."""
        for name in ("chi_square", "df", "p_value_two_sided"):
            yield Row(name, float(getattr(self, name)), method=self.method)


def chi_square_test(chi_square: float, df: int, method: str) -> ChiSquareTest:
    """A test of a statistic; NaN when nothing was tested.

    >>> chi_square_test(3.841458820694124, 1, "Wald").p_value_two_sided
    0.05...
    """
    # Rounding can leave a difference of two equal likelihoods a hair below zero.
    value = chi_square if math.isnan(chi_square) else max(chi_square, 0.0)
    return ChiSquareTest(
        chi_square=value if df else math.nan,
        df=df,
        p_value_two_sided=chi_square_sf(value, df),
        method=method,
    )
