"""Describe one continuous variable: mean, standard deviation, quantiles, range."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.continuous.values import checked_values
from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    checked_number,
    refused,
    usual_size,
)
from equipoise.stats.results import Row, StatisticalResult

QuantileType = Literal[2, 7]

# n * p is a whole number up to this rounding error (R's quantile() uses the same fuzz).
_FUZZ = 4 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description(StatisticalResult):
    """n, mean, sd, median, q1, q3, minimum and maximum of one variable; NaN where n is too small."""

    n: int
    mean: float
    sd: float
    median: float
    q1: float
    q3: float
    minimum: float
    maximum: float
    kind: QuantileType = 7

    @property
    def warnings(self) -> tuple[str, ...]:
        """What so few values do not tell."""
        if self.n == 0:
            return ("nothing is estimable: there are no values",)
        return ("sd is not estimable with n = 1",) if self.n == 1 else ()

    def _title(self) -> str:
        return f"Description, quantiles of type {self.kind}"

    def rows(self) -> Iterator[Row]:
        """Every statistic."""
        for name in ("n", "mean", "sd", "median", "q1", "q3", "minimum", "maximum"):
            value = float(getattr(self, name))
            yield Row(name, value, warning=f"not estimable with n = {self.n}" if math.isnan(value) else "")


def mean(values: ArrayLike) -> float:
    """The arithmetic mean; NaN of nothing.

    values: shape (n,), finite.  Raises DataError on NaN, infinities or text.

    >>> mean([1, 2, 6])
    3.0
    """
    numbers = checked_values(values)
    return float(numbers.mean()) if numbers.size else math.nan


def sd(values: ArrayLike) -> float:
    """The standard deviation with divisor n - 1; NaN for n below 2.

    values: shape (n,), finite.  Raises DataError on NaN, infinities or text.

    >>> sd([1, 2, 3])
    1.0
    """
    numbers = usual_size(checked_values(values), argument="values")
    return float(numbers.std(ddof=1)) if numbers.size > 1 else math.nan


def quantile(values: ArrayLike, p: float, *, kind: QuantileType = 7) -> float:
    """The p-quantile of the values; NaN of nothing.

    values: shape (n,), finite.  p: from 0 to 1.
    kind: 7 interpolates between order statistics (R's default); 2 averages at a step of the empirical
    distribution (SAS's default, QNTLDEF=5).  Raises DataError on another p or kind.
    Source: Hyndman & Fan 1996, definitions 7 and 2.

    >>> quantile([1, 2, 3, 10], 0.25), quantile([1, 2, 3, 10], 0.25, kind=2)
    (1.75, 1.5)
    """
    expected, remedy = "a probability from 0 to 1", "write the first quartile as 0.25"
    if checked_number(p, argument="p", expected=expected, remedy=remedy, least=0) > 1:
        raise refused("p", p, expected, remedy)
    if not isinstance(kind, int) or kind not in (2, 7):
        raise refused("kind", repr(kind), "7 (as R) or 2 (as SAS)", "name one of the two")
    ordered = np.sort(checked_values(values))
    n = ordered.size
    if n == 0:
        return math.nan
    if kind == 7:
        place = (n - 1) * p
        below = math.floor(place)
        share = place - below
        above = min(below + 1, n - 1)
        # From the lower neighbor up, and no farther than the upper one: equal neighbors give themselves exactly.
        return float(min(ordered[below] + share * (ordered[above] - ordered[below]), ordered[above]))
    place = n * p
    below = math.floor(place + _FUZZ * max(place, 1))
    at_step = abs(place - below) <= _FUZZ * max(place, 1)
    low = ordered[min(max(below - 1, 0), n - 1)] if at_step else ordered[min(below, n - 1)]
    return float((low + ordered[min(below, n - 1)]) / 2)


def median(values: ArrayLike) -> float:
    """The middle value, or the mean of the two middle ones; NaN of nothing.

    values: shape (n,), finite.  Raises DataError on NaN, infinities or text.

    >>> median([3, 1, 2, 10])
    2.5
    """
    return quantile(values, 0.5)


def describe(values: ArrayLike | str, *, kind: QuantileType = 7, data: Frame | None = None) -> Description:
    """Everything a baseline table shows of a continuous variable.

    values: shape (n,), finite; n may be 0.  kind: the quantile definition, see ``quantile``.
    Returns a Description.  Raises DataError as ``quantile`` does.  Source: R's mean, sd, quantile; SAS PROC MEANS.

    >>> describe([4]).sd, describe([4]).median
    (nan, 4.0)
    """
    (values,) = columns(data, values=values)
    numbers = checked_values(values)
    n = numbers.size
    return Description(
        kind=kind,
        n=n,
        mean=mean(numbers),
        sd=sd(numbers),
        median=quantile(numbers, 0.5, kind=kind),
        q1=quantile(numbers, 0.25, kind=kind),
        q3=quantile(numbers, 0.75, kind=kind),
        minimum=float(numbers.min()) if n else math.nan,
        maximum=float(numbers.max()) if n else math.nan,
    )
