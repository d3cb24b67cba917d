"""How well a logistic model tells events from others (C statistic) and meets their number (Hosmer-Lemeshow)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equipoise.stats.numerics.distributions import chi_square_sf, normal_quantile
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_fraction,
    checked_model,
    checked_number,
    read_only,
    refused,
)
from equipoise.stats.regression.logistic_model import LogisticModel
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CStatistic(StatisticalResult):
    """The share of pairs of an event and a non-event in which the event has the larger predictor, ties half."""

    estimate: float
    std_err: float
    lower: float
    upper: float
    confidence_level: float
    n_events: int
    n_others: int
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"C statistic (area under the ROC curve), DeLong {100 * self.confidence_level:g}% limits"

    def rows(self) -> Iterator[Row]:
        """The estimate with its limits."""
        for name in ("n_events", "n_others", "estimate", "std_err", "lower", "upper"):
            yield Row(name, float(getattr(self, name)), method="DeLong")


def c_statistic(model: LogisticModel, *, confidence_level: float | None = None) -> CStatistic:
    """The C statistic of a logistic model, which is the area under its ROC curve.

    model: a fitted logistic model.  confidence_level: that of the model when None.
    Returns a CStatistic with DeLong's standard error and limits, cut at 0 and 1.  NaN without both outcomes;
    the standard error needs two subjects of each.
    Source: DeLong, DeLong & Clarke-Pearson 1988; as R's pROC ci.auc, SAS LOGISTIC (association: c).

    >>> from equipoise.stats.regression.logistic import logistic
    >>> model = logistic([0, 1, 0, 1, 1], [1, 2, 3, 4, 5], names=["x"])
    >>> round(c_statistic(model).estimate, 6)
    0.833333
    """
    checked_model(model, LogisticModel, "logistic")
    level = model.confidence_level if confidence_level is None else confidence_level
    checked_fraction(level, argument="confidence_level")
    event, weights = model.data.response, model.data.weights
    weight = np.ones(event.size) if weights is None else weights
    known = ~np.isnan(model.fitted) & (weight > 0)
    # Predictors that differ only by rounding are tied: fitted probabilities of equal covariates.
    value, at = np.unique(np.round(model.fitted[known], 12), return_inverse=True)
    event, weight = event[known], weight[known]
    events = np.bincount(at, weights=weight * event, minlength=value.size)
    others = np.bincount(at, weights=weight * ~event, minlength=value.size)
    m, n = float(events.sum()), float(others.sum())
    warnings = () if m and n else ("every subject has the same outcome: not estimable",)
    estimate, std_err = math.nan, math.nan
    if m and n:
        below = (np.cumsum(others) - others / 2) / n
        above = (np.cumsum(events[::-1])[::-1] - events / 2) / m
        estimate = float(events @ below / m)
        if m > 1 and n > 1:
            spread = (
                events @ (below - estimate) ** 2 / (m - 1) / m
                + others @ (above - estimate) ** 2 / (n - 1) / n
            )
            std_err = math.sqrt(float(spread))
        else:
            warnings = ("one subject with or without the event: the standard error is not estimable",)
    reach = -normal_quantile((1 - level) / 2) * std_err
    return CStatistic(
        estimate=estimate,
        std_err=std_err,
        lower=float(np.maximum(estimate - reach, 0)),
        upper=float(np.minimum(estimate + reach, 1)),
        confidence_level=level,
        n_events=int(m),
        n_others=int(n),
        warnings=warnings,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HosmerLemeshow(StatisticalResult):
    """The goodness-of-fit test, with its groups: n, observed and expected events in ascending order of risk."""

    chi_square: float
    df: int
    p_value_two_sided: float
    n: IntArray
    observed: FloatArray
    expected: FloatArray
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Hosmer-Lemeshow test, {self.n.size} groups by quantiles of the fitted probability"

    def _headline(self) -> Iterator[Row]:
        yield from (row for row in self.rows() if not row.group)

    def rows(self) -> Iterator[Row]:
        """The test, and each group's counts."""
        for name in ("chi_square", "df", "p_value_two_sided"):
            yield Row(name, float(getattr(self, name)), method="Hosmer-Lemeshow")
        for i in range(self.n.size):
            for name in ("n", "observed", "expected"):
                yield Row(name, float(getattr(self, name)[i]), group=str(i + 1), method="Hosmer-Lemeshow")


def hosmer_lemeshow(model: LogisticModel, *, groups: int = 10) -> HosmerLemeshow:
    """Test whether a logistic model's probabilities meet the events, in groups of risk.

    model: a fitted logistic model of single subjects (no weights).  groups: how many, at least 3.
    The cuts are quantiles of the fitted probabilities (R's type 7), a cut belonging to the group below; equal
    cuts are joined, and so are groups without subjects (R: NaN).  df is the number of groups less 2.
    Raises DataError on fewer than 3 groups, and on a weighted or separated model.
    Source: Hosmer & Lemeshow 1980; the grouping as R's ResourceSelection::hoslem.test. SAS groups otherwise.

    >>> from equipoise.stats.regression.logistic import logistic
    >>> model = logistic([0, 0, 1, 0, 1, 1, 0, 1], range(8), names=["x"])
    >>> hosmer_lemeshow(model, groups=4).df
    2
    """
    checked_model(model, LogisticModel, "logistic")
    number = checked_number(
        groups, argument="groups", expected="a whole number of at least 3", remedy="ten are usual", least=3
    )
    if number != int(number):
        raise refused("groups", groups, "a whole number of at least 3", "ten are usual")
    groups = int(number)
    if model.data.weights is not None or model.separation != "none":
        raise refused("model", "weights" if model.data.weights is not None else model.separation + " separation",
                      "a model of single subjects with finite estimates", "fit one row a subject")  # fmt: skip
    # Whether a probability is above a quantile is decided in whole numbers: interpolation can be off in the last digit.
    ordered, place = np.sort(model.fitted), np.arange(1, groups) * (model.fitted.size - 1)
    cuts, beyond = ordered[place // groups], ordered[-(-place // groups)]
    # A cut at the smallest probability is none, and groups that nobody is in are joined to the next.
    cuts = np.unique(cuts[beyond > ordered[0]])
    kept, of = np.unique(np.searchsorted(cuts, model.fitted, side="left"), return_inverse=True)
    size = kept.size
    n = np.bincount(of, minlength=size).astype(np.int64)
    observed = np.bincount(of, weights=model.data.response, minlength=size).astype(np.float64)
    expected = np.bincount(of, weights=model.fitted, minlength=size).astype(np.float64)
    df = size - 2
    warnings: tuple[str, ...] = ()
    if size < groups:
        warnings = (f"only {size} groups: fitted probabilities are tied at the cuts",)
    chi_square = math.nan
    if df > 0:
        chi_square = float(np.sum((observed - expected) ** 2 / (expected * (1 - expected / n))))
    else:
        df, warnings = 0, (*warnings, "not estimable: fewer than 3 groups")
    for array in (n, observed, expected):
        read_only(array)
    return HosmerLemeshow(
        chi_square=chi_square,
        df=df,
        p_value_two_sided=chi_square_sf(chi_square, df),
        n=n,
        observed=observed,
        expected=expected,
        warnings=warnings,
    )
