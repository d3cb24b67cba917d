"""Exact conditional logistic regression: each coefficient given the sufficient statistics of the others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from equipoise.stats.frames import Frame
from equipoise.stats.observations import (
    FloatArray,
    checked_choice,
    checked_fraction,
    checked_number,
    listed,
    read_only,
    refused,
    stratum_codes,
    usual_size,
)
from equipoise.stats.regression.exact_distribution import (
    ExactDistribution,
    conditional_distribution,
    patterns,
)
from equipoise.stats.regression.logistic_data import checked_data, exact_strata
from equipoise.stats.regression.zero import zero_of_increasing
from equipoise.stats.results import Row, StatisticalResult

ExactInterval = Literal["exact", "mid-p"]

# Outcomes whose probabilities or scores agree to this relative difference are equally extreme (R's fisher.test).
_EQUALLY_EXTREME = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactJointTest:
    """A test that several coefficients are zero.  two_sided: the probability test; score: the score test."""

    names: tuple[str, ...]
    chi_square: float
    df: int
    p_value_two_sided: float
    mid_p_value_two_sided: float
    p_value_score: float
    mid_p_value_score: float
    warning: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExactLogistic(StatisticalResult):
    """An exact conditional analysis; the arrays follow ``names``.

    sufficient: the observed sum of the covariate over the events.  coefficients: conditional maximum
    likelihood estimates, infinite where the sum is the least or the greatest possible one.
    median_unbiased: the mean of the two coefficients at which the observed sum is at least, and at most, the
    median; at an extreme sum the one that exists.  lower and upper are limits of the odds ratio.
    p_value_two_sided: the probability test (Fisher's rule).  p_value_score: the score test, chi_square its
    statistic.  p_value_doubled: twice the smaller tail.  p_value_upper, p_value_lower: P(sum at least, at most
    the observed).  A mid P value leaves out half the probability of what was observed.
    NaN where the other statistics determine the sum, with a warning.
    """

    names: tuple[str, ...]
    n: int
    n_events: int
    n_strata: int
    confidence_level: float
    interval: ExactInterval
    sufficient: FloatArray
    coefficients: FloatArray
    std_err: FloatArray
    median_unbiased: FloatArray
    odds_ratio: FloatArray
    median_unbiased_odds_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    chi_square: FloatArray
    p_value_two_sided: FloatArray
    mid_p_value_two_sided: FloatArray
    p_value_score: FloatArray
    mid_p_value_score: FloatArray
    p_value_doubled: FloatArray
    mid_p_value_doubled: FloatArray
    p_value_upper: FloatArray
    p_value_lower: FloatArray
    joint: tuple[ExactJointTest, ...]
    warnings: tuple[str, ...]

    def _title(self) -> str:
        level = f"{100 * self.confidence_level:g}%"
        strata = f", {self.n_strata} informative strata" if self.n_strata > 1 else ""
        return f"Exact conditional logistic regression, {self.interval} {level} limits; {self.n_events} events of {self.n}{strata}"

    def _headline(self) -> Iterator[Row]:
        shown = (
            "coefficient",
            "median_unbiased",
            "odds_ratio",
            "lower",
            "upper",
            "p_value_two_sided",
            "p_value_score",
        )
        yield from (row for row in self.rows() if row.variable and row.statistic in shown)

    def rows(self) -> Iterator[Row]:
        """Every statistic of every coefficient, and the joint tests."""
        yield Row("n", self.n)
        yield Row("n_events", self.n_events)
        for i, name in enumerate(self.names):
            said = next((words for words in self.warnings if words.startswith(f"{name}: ")), "")
            for field in _ARRAYS:
                statistic = "coefficient" if field == "coefficients" else field
                yield Row(
                    statistic,
                    float(getattr(self, field)[i]),
                    variable=name,
                    method="exact conditional",
                    warning=said,
                )
        for test in self.joint:
            for field in _JOINT:
                yield Row(
                    field,
                    float(getattr(test, field)),
                    variable=", ".join(test.names),
                    method="exact conditional, joint",
                    warning=test.warning,
                )


_ARRAYS = (
    "sufficient", "coefficients", "std_err", "median_unbiased", "odds_ratio", "median_unbiased_odds_ratio",
    "lower", "upper", "chi_square", "p_value_two_sided", "mid_p_value_two_sided", "p_value_score",
    "mid_p_value_score", "p_value_doubled", "mid_p_value_doubled", "p_value_upper", "p_value_lower",
)  # fmt: skip
_JOINT = (
    "chi_square",
    "df",
    "p_value_two_sided",
    "mid_p_value_two_sided",
    "p_value_score",
    "mid_p_value_score",
)


def exact_logistic(
    response: Any,
    covariates: Any,
    *,
    names: Sequence[str] | None = None,
    strata: Any = None,
    weights: Any = None,
    effects: Sequence[str] | None = None,
    joint: Sequence[Sequence[str]] = (),
    interval: ExactInterval = "exact",
    confidence_level: float = 0.95,
    most_states: int = 1_000_000,
    data: Frame | None = None,
) -> ExactLogistic:
    """Exact inference on log odds ratios, for small or separated data.

    response, covariates, names, weights: as ``logistic``.  strata: None for one, (n,) labels, or (n, f) labels
    of crossed factors; the number of events of each stratum is conditioned on, in place of an intercept.
    effects: the covariates to analyze, all when None; the others are only conditioned on.
    joint: sets of covariates tested together, as the indicators of one factor.
    interval: "exact" inverts the two one-sided tests, "mid-p" the same with mid P values.
    most_states: the limit of work; covariates are put on the coarsest decimal grid that holds their values.
    Returns an ExactLogistic.  Raises DataError on unusable arguments, and when the work exceeds the limit.
    Source: Hirji, Mehta & Patel 1987; Mehta & Patel 1995; as SAS LOGISTIC's EXACT statement, Stata's exlogistic.

    >>> found = exact_logistic([1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], names=["treated"])
    >>> found.coefficients.tolist(), found.p_value_two_sided.round(6).tolist(), found.lower.round(4).tolist()
    ([inf], [0.1], [0.648])
    """
    given = checked_data(response, covariates, names, weights, None, data)
    usual_size(given.matrix, argument="covariates")
    checked_fraction(confidence_level, argument="confidence_level")
    checked_choice(interval, ("exact", "mid-p"), argument="interval")
    if effects is not None:
        listed(effects, argument="effects")
    if not isinstance(joint, (list, tuple)) or not all(isinstance(one, (list, tuple)) for one in joint):
        raise refused(
            "joint", repr(joint), "lists of names, one for each joint test", "write joint=[('a', 'b')]"
        )
    limit = "a number of at least 1"
    checked_number(most_states, argument="most_states", expected=limit, remedy="leave it out", least=1)
    chosen = given.names if effects is None else tuple(effects)
    for name in (*chosen, *(name for group in joint for name in group)):
        checked_choice(name, given.names, argument="effects", remedy="correct the name")
    stratum = stratum_codes(exact_strata(data, strata), given.response.size)
    counts = (np.ones(given.response.size) if given.weights is None else given.weights).astype(np.int64)
    grouped = patterns(given.matrix, given.response, counts, stratum)

    results: list[dict[str, float]] = []
    warnings: list[str] = []
    if not grouped.trials.size:
        warnings.append("no stratum has both outcomes: nothing is estimable")
    for name in chosen:
        found = None
        if grouped.trials.size:
            found = conditional_distribution(grouped, [given.names.index(name)], most_states)
        one = _analyzed(found, interval, 1 - confidence_level)
        results.append(one)
        if found is not None and len(found.ways) == 1:
            warnings.append(f"{name}: the other statistics determine its sum; nothing is estimable")
        elif math.isinf(one["coefficients"]):
            end, which = ("greatest", "+") if one["coefficients"] > 0 else ("least", "-")
            warnings.append(
                f"{name}: its sum is the {end} possible, so the conditional maximum likelihood estimate is "
                f"{which}infinity; see the median-unbiased estimate"
            )
    arrays = {field: np.array([one[field] for one in results]) for field in _ARRAYS}
    for array in arrays.values():
        read_only(array)
    return ExactLogistic(
        names=chosen,
        n=given.n,
        n_events=given.n_events,
        n_strata=int(np.unique(grouped.stratum).size),
        confidence_level=confidence_level,
        interval=interval,
        joint=tuple(
            _joint(
                tuple(group),
                conditional_distribution(grouped, [given.names.index(name) for name in group], most_states),
            )
            for group in joint
            if grouped.trials.size
        ),
        warnings=tuple(warnings),
        **arrays,
    )


def _analyzed(found: ExactDistribution | None, interval: ExactInterval, alpha: float) -> dict[str, float]:
    if found is None or len(found.ways) == 1:
        unknown = dict.fromkeys(_ARRAYS, math.nan)
        if found is not None:
            unknown["sufficient"] = float(found.values[0, 0])
        return unknown
    order = np.argsort(found.values[:, 0])
    value, ways = found.values[order, 0], found.ways[order]
    observed = int(np.flatnonzero(order == found.observed)[0])
    # In units of the extent of the sums, so that a coefficient of any covariate is of ordinary size.
    extent = float(value[-1] - value[0])
    away = (value - value[observed]) / extent
    log_ways = np.log(ways)
    at_least, at_most = (away >= 0).astype(float), (away <= 0).astype(float)
    here = (away == 0).astype(float)
    half = 0.5 * here if interval == "mid-p" else 0.0
    first, last = observed == 0, observed == len(value) - 1

    estimate = (
        -math.inf if first else math.inf if last else zero_of_increasing(lambda b: _mean(log_ways, away, b))
    )
    above = math.nan if first else _quantile(log_ways, away, at_least, 0.5)
    below = math.nan if last else -_quantile(log_ways, -away, at_most, 0.5)
    median = above if last else below if first else (above + below) / 2
    lower = -math.inf if first else _quantile(log_ways, away, at_least - half, alpha / 2)
    upper = math.inf if last else -_quantile(log_ways, -away, at_most - half, alpha / 2)
    std_err = math.nan
    if math.isfinite(estimate):
        share = _shares(log_ways, away, estimate)
        std_err = 1 / math.sqrt(float(share @ away**2) - float(share @ away) ** 2)

    point = float(ways[observed])
    probability = float(ways[ways <= point * (1 + _EQUALLY_EXTREME)].sum())
    mean = float(ways @ value)
    # Deviations from the mean by whole ways: exact zeros of symmetric sums must not be rounding.
    deviation = np.abs(value - mean)
    score = float(ways[deviation >= deviation[observed] * (1 - _EQUALLY_EXTREME) - 1e-12 * extent].sum())
    tails = float(ways[observed:].sum()), float(ways[: observed + 1].sum())
    smaller = min(tails)
    with np.errstate(over="ignore"):
        odds = {
            name: float(np.exp(coefficient / extent))
            for name, coefficient in (
                ("odds_ratio", estimate), ("median_unbiased_odds_ratio", median), ("lower", lower), ("upper", upper)
            )
        }  # fmt: skip
    return odds | {
        "sufficient": float(value[observed]),
        "coefficients": estimate / extent,
        "std_err": std_err / extent,
        "median_unbiased": median / extent,
        "chi_square": float((value[observed] - mean) ** 2 / (ways @ (value - mean) ** 2)),
        "p_value_two_sided": min(probability, 1.0),
        "mid_p_value_two_sided": min(probability, 1.0) - point / 2,
        "p_value_score": min(score, 1.0),
        "mid_p_value_score": min(score, 1.0) - point / 2,
        "p_value_doubled": min(2 * smaller, 1.0),
        "mid_p_value_doubled": min(2 * (smaller - point / 2), 1.0),
        "p_value_upper": min(tails[0], 1.0),
        "p_value_lower": min(tails[1], 1.0),
    }


def _joint(names: tuple[str, ...], found: ExactDistribution) -> ExactJointTest:
    mean = found.ways @ found.values
    deviation = found.values - mean
    variance = deviation.T @ (found.ways[:, None] * deviation)
    df = int(np.linalg.matrix_rank(variance, hermitian=True)) if len(found.ways) > 1 else 0
    if df == 0:
        said = "the other statistics determine these sums; nothing is testable"
        nothing = dict.fromkeys([field for field in _JOINT if field != "df"], math.nan)
        return ExactJointTest(names=names, df=0, warning=said, **nothing)
    distance = np.einsum("ij,jk,ik->i", deviation, np.linalg.pinv(variance, hermitian=True), deviation)
    point = float(found.ways[found.observed])
    probability = min(float(found.ways[found.ways <= point * (1 + _EQUALLY_EXTREME)].sum()), 1.0)
    chi_square = float(distance[found.observed])
    score = min(float(found.ways[distance >= chi_square * (1 - _EQUALLY_EXTREME) - 1e-12].sum()), 1.0)
    return ExactJointTest(
        names=names,
        chi_square=chi_square,
        df=df,
        p_value_two_sided=probability,
        mid_p_value_two_sided=probability - point / 2,
        p_value_score=score,
        mid_p_value_score=score - point / 2,
        warning="",
    )


def _shares(log_ways: FloatArray, away: FloatArray, coefficient: float) -> FloatArray:
    """The probabilities at a coefficient."""
    tilted = log_ways + coefficient * away
    share = np.exp(tilted - tilted.max())
    shares: FloatArray = share / share.sum()
    return shares


def _mean(log_ways: FloatArray, away: FloatArray, coefficient: float) -> tuple[float, float]:
    """The mean distance from what was observed, and its derivative, the variance."""
    share = _shares(log_ways, away, coefficient)
    mean = float(share @ away)
    return mean, float(share @ (away - mean) ** 2)


def _quantile(log_ways: FloatArray, away: FloatArray, part: FloatArray, level: float) -> float:
    """The coefficient at which the counted part of the outcomes, the upper tail, has the probability ``level``."""
    counted = part > 0
    log_part = np.log(part[counted]) + log_ways[counted]

    def excess(coefficient: float) -> tuple[float, float]:
        tilted, inside = log_ways + coefficient * away, log_part + coefficient * away[counted]
        log_all, log_in = _log_sum(tilted), _log_sum(inside)
        slope = float(np.exp(inside - log_in) @ away[counted]) - float(np.exp(tilted - log_all) @ away)
        return log_in - log_all - math.log(level), slope

    return zero_of_increasing(excess)


def _log_sum(terms: FloatArray) -> float:
    largest = float(terms.max())
    return largest + math.log(float(np.exp(terms - largest).sum()))
