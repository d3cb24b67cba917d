"""Student's and Welch's t tests of means, with confidence limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from equipoise.stats.continuous.values import checked_values, two_samples
from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.tails import t_quantile, t_sf
from equipoise.stats.observations import (
    FloatArray,
    checked_choice,
    checked_fraction,
    checked_number,
    refused,
    usual_size,
)
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TTest(StatisticalResult):
    """A t test: estimate is the mean, or the difference of means (experimental less control; first less second).
    compared: "experimental vs control" by their labels, for two groups.

    The one-sided P values are of an estimate below and above ``null``.  Where there is no variation std_err is 0 and t and the P
    values are NaN, with a warning.
    """

    method: str
    n: int
    estimate: float
    null: float
    std_err: float
    t: float
    df: float
    p_value_two_sided: float
    p_value_less: float
    p_value_greater: float
    lower: float
    upper: float
    confidence_level: float
    warnings: tuple[str, ...]
    compared: str = ""

    def _title(self) -> str:
        return f"{self.method}, {100 * self.confidence_level:g}% limits"

    def rows(self) -> Iterator[Row]:
        """n, the estimate with limits, the statistic and P values."""
        for name in (
            "n", "estimate", "std_err", "lower", "upper", "t", "df", "p_value_two_sided", "p_value_less", "p_value_greater",
        ):  # fmt: skip
            value = float(getattr(self, name))
            lacking = self.warnings[0] if math.isnan(value) else ""
            yield Row(name, value, group=self.compared, method=self.method, warning=lacking)


def t_test(
    values: Any,
    group: Any,
    *,
    groups: Sequence[Any],
    variances: Literal["welch", "pooled", "equal"] = "welch",
    null: float = 0.0,
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> TTest:
    """Compare the means of two groups.

    values: shape (n,), finite.  group: labels, shape (n,).  groups: (control, experimental).
    variances: "welch" (each group its own; R's default) or "pooled", also called "equal" (Student's; SAS prints both).
    null: the difference tested.  The estimate is the experimental mean less the control mean.
    Raises DataError on unusable values or labels.  Source: Student 1908; Welch 1947; R's t.test, SAS PROC TTEST.

    >>> test = t_test([1, 2, 3, 4, 6, 8], list("AAABBB"), groups=("A", "B"))
    >>> test.estimate, round(test.t, 4), round(test.df, 4), round(test.p_value_two_sided, 4)
    (4.0, 3.0984, 2.9412, 0.0548)
    """
    checked_choice(variances, ("welch", "pooled", "equal"), argument="variances")
    pooled = variances != "welch"
    control, experimental = two_samples(values, group, groups, data)
    for sample in (control, experimental):
        if sample.any():
            usual_size(sample, argument="values")
    a, b = control.size, experimental.size
    squares_a, squares_b = _squares(control), _squares(experimental)
    std_err = df = math.nan
    if pooled and a + b > 2:
        df = a + b - 2.0
        std_err = math.sqrt((squares_a + squares_b) / df * (1 / a + 1 / b))
    elif not pooled and min(a, b) > 1:
        part_a, part_b = squares_a / (a - 1) / a, squares_b / (b - 1) / b
        std_err = math.sqrt(part_a + part_b)
        if std_err > 0:
            # As shares of the sum, so that tiny variances do not vanish when squared.
            share_a, share_b = part_a / (part_a + part_b), part_b / (part_a + part_b)
            df = 1 / (share_a**2 / (a - 1) + share_b**2 / (b - 1))
    named = "Student two-sample t, pooled variance" if pooled else "Welch two-sample t"
    apart = float(experimental.mean() - control.mean())
    return _result(named, a + b, apart, std_err, df, null, confidence_level, f"{groups[1]} vs {groups[0]}")


def one_sample_t_test(
    values: Any, *, null: float = 0.0, confidence_level: float = 0.95, data: Frame | None = None
) -> TTest:
    """Test whether a mean is ``null``.

    values: shape (n,), finite.  Raises DataError on unusable values.
    Source: Student 1908; R's t.test(x, mu =), SAS PROC TTEST H0=.

    >>> round(one_sample_t_test([1, 2, 3, 6]).t, 4)
    2.7775
    """
    (values,) = columns(data, values=values)
    numbers = usual_size(_at_least_one(checked_values(values)), argument="values")
    return _one_sample("one-sample t", numbers, null, confidence_level)


def paired_t_test(
    first: Any, second: Any, *, null: float = 0.0, confidence_level: float = 0.95, data: Frame | None = None
) -> TTest:
    """Compare the means of two measurements of the same subjects: the estimate is the mean of first less second.

    first, second: shape (n,), finite, in the same order of subjects.  Raises DataError on unusable values.
    Source: Student 1908; R's t.test(paired = TRUE), SAS PROC TTEST PAIRED.

    >>> paired_t_test([3, 4, 8], [1, 3, 5]).estimate
    2.0
    """
    first, second = columns(data, first=first, second=second)
    one = usual_size(_at_least_one(checked_values(first, "first")), argument="first")
    other = usual_size(checked_values(second, "second", one.size), argument="second")
    return _one_sample("paired t", one - other, null, confidence_level)


def _at_least_one(values: FloatArray) -> FloatArray:
    if values.size == 0:
        raise refused(
            "values", "nothing", "at least one measurement", "pass the measurements of the subjects"
        )
    return values


def _squares(values: FloatArray) -> float:
    """The sum of squares about the mean; exactly 0 of equal values, whose mean may be off by rounding."""
    if values.min() == values.max():
        return 0.0
    apart = values - values.mean()
    return float(apart @ apart)


def _one_sample(method: str, values: FloatArray, null: float, confidence_level: float) -> TTest:
    n = values.size
    std_err = math.sqrt(_squares(values) / (n - 1) / n) if n > 1 else math.nan
    return _result(
        method, n, float(values.mean()), std_err, n - 1.0 if n > 1 else math.nan, null, confidence_level
    )


def _result(
    method: str,
    n: int,
    estimate: float,
    std_err: float,
    df: float,
    null: float,
    confidence_level: float,
    compared: str = "",
) -> TTest:
    checked_fraction(confidence_level, argument="confidence_level")
    checked_number(
        null, argument="null", expected="a finite number", remedy="state the mean or difference to test"
    )
    warnings: tuple[str, ...] = ()
    t, reach = math.nan, math.nan
    if std_err > 0 and math.isfinite(df):
        t = (estimate - null) / std_err
        reach = -t_quantile((1 - confidence_level) / 2, df) * std_err
    elif std_err == 0:
        warnings = ("not estimable: the measurements do not vary",)
    else:
        warnings = ("not estimable: too few measurements for a variance",)
    tail = t_sf(abs(t), df)
    return TTest(
        method=method,
        n=n,
        estimate=estimate,
        null=null,
        std_err=std_err,
        t=t,
        df=df,
        p_value_two_sided=2 * tail,
        p_value_less=t_sf(-t, df),
        p_value_greater=t_sf(t, df),
        lower=estimate - reach,
        upper=estimate + reach,
        confidence_level=confidence_level,
        warnings=warnings,
        compared=compared,
    )
