"""Concordance: how often the one at higher risk has the earlier event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame
from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import (
    BoolArray,
    FloatArray,
    IntArray,
    checked_choice,
    checked_fraction,
    refused,
)
from equipoise.stats.regression.cox_data import CoxData, cox_data
from equipoise.stats.regression.cox_model import CoxModel, finite_coefficients
from equipoise.stats.regression.fitted import linear_predictor, sums
from equipoise.stats.results import Row, StatisticalResult

TimeWeights = Literal["n", "S", "S/G", "n/G2", "I"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Concordance(StatisticalResult):
    """Harrell's C, or with other time weights Uno's and its relatives.

    estimate: (concordant + half of tied_marker) / comparable pairs; 0.5 is chance.  somers_d: 2 estimate - 1.
    std_err: of the estimate, by the infinitesimal jackknife.  lower, upper: estimate -+ z std_err, not cut.
    Pairs are sums of products of weights (and of time weights).  tied_marker: comparable pairs with one marker;
    tied_time: two events at one time with different markers; tied_both: with one marker.  Neither of the last two counts.
    """

    estimate: float
    std_err: float
    lower: float
    upper: float
    somers_d: float
    concordant: float
    discordant: float
    tied_marker: float
    tied_time: float
    tied_both: float
    n: int
    n_events: int
    time_weights: TimeWeights
    confidence_level: float
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        name = {"n": "Harrell's C", "n/G2": "Uno's C"}.get(self.time_weights, "Concordance")
        return (
            f"{name}, time weights {self.time_weights}; infinitesimal jackknife, {100 * self.confidence_level:.10g}% "
            "normal limits"
        )

    def rows(self) -> Iterator[Row]:
        """Sizes, the estimate with its limits, Somers' D, and the pairs."""
        for name in ("n", "n_events", "estimate", "std_err", "lower", "upper", "somers_d", "concordant", "discordant",
                     "tied_marker", "tied_time", "tied_both"):  # fmt: skip
            yield Row(
                name, float(getattr(self, name)), method=f"concordance, time weights {self.time_weights}"
            )


def concordance(
    model: CoxModel | None = None,
    *,
    time: ArrayLike | str | None = None,
    event: ArrayLike | str | None = None,
    marker: ArrayLike | str | None = None,
    entry: ArrayLike | str | None = None,
    strata: ArrayLike | str | None = None,
    weights: ArrayLike | str | None = None,
    cluster: ArrayLike | str | None = None,
    time_weights: TimeWeights = "n",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> Concordance:
    """Estimate the probability that of two subjects the one at higher risk has the earlier event.

    model: a fitted Cox model, whose linear predictor is the marker; or time, event and marker, (n,) each, with a
    HIGHER marker for EARLIER events (pass the negative of one that is good to have), and entry, strata, weights and
    cluster as ``cox``.  Pairs are formed within strata.
    A pair is comparable when the earlier time is an event and the other was at risk at it; an event comes before a
    censoring at the same time; two events at one time are not comparable; equal markers count one half.
    time_weights: "n" is Harrell's C, "n/G2" Uno's (no entries), "S", "S/G" and "I" the other choices of R's
    timewt.  Their weights are taken as fixed by the standard error.
    Returns a Concordance; NaN without comparable pairs.  Raises DataError on unusable arguments.
    Source: Harrell et al. 1982; Somers 1962; Uno et al. 2011; Therneau & Atkinson 2020; values as R survival 3.5-3,
    concordance (for a marker with reverse = TRUE). Standard errors of SAS and Stata differ. n (log n)**2 at most.

    >>> found = concordance(time=[1, 2, 3, 4], event=[1, 1, 0, 1], marker=[4, 2, 3, 1])
    >>> found.concordant, found.discordant, found.estimate
    (4.0, 1.0, 0.8)
    """
    checked_fraction(confidence_level, argument="confidence_level")
    checked_choice(
        time_weights, get_args(TimeWeights), argument="time_weights", remedy="n is Harrell's C, n/G2 Uno's"
    )
    found, risk = _checked(model, time, event, marker, entry, strata, weights, cluster, data)
    if found.entry is not None and time_weights in ("S/G", "n/G2"):
        raise refused("time_weights", f"{time_weights} with entry", "n, S or I with entry",
                      "the censoring distribution needs everyone from the origin")  # fmt: skip
    counts = np.zeros(5)
    influence = np.zeros((found.time.size, 3))
    for code in range(len(found.stratum_labels)):
        rows = np.flatnonzero(found.stratum == code)
        if found.event[rows].any():
            pairs, own = _pairs(found, risk, rows, time_weights)
            counts += pairs
            influence[rows] = own
    comparable = counts[:3].sum()
    warnings: tuple[str, ...] = ()
    estimate = std_err = somers = nan
    if comparable > 0:
        somers = float((counts[0] - counts[1]) / comparable)
        estimate = (somers + 1) / 2
        each = found.weights * (influence[:, 0] - influence[:, 1] - somers * influence.sum(axis=1))
        if found.cluster is not None:
            each = sums(found.cluster, each)
        std_err = sqrt(float(each @ each)) / (2 * float(comparable))
    else:
        warnings = ("not estimable: no comparable pair",)
    reach = -normal_quantile((1 - confidence_level) / 2) * std_err
    return Concordance(
        estimate=estimate,
        std_err=std_err,
        lower=estimate - reach,
        upper=estimate + reach,
        somers_d=somers,
        concordant=float(counts[0]),
        discordant=float(counts[1]),
        tied_marker=float(counts[2]),
        tied_time=float(counts[3]),
        tied_both=float(counts[4]),
        n=found.time.size,
        n_events=int(np.count_nonzero(found.event)),
        time_weights=time_weights,
        confidence_level=confidence_level,
        warnings=warnings,
    )


def _checked(
    model: CoxModel | None,
    time: Any,
    event: Any,
    marker: Any,
    entry: Any,
    strata: Any,
    weights: Any,
    cluster: Any,
    data: Frame | None,
) -> tuple[CoxData, FloatArray]:
    """The data and the marker of each row, from a model or from arrays."""
    if model is not None and not isinstance(model, CoxModel):
        raise refused("model", type(model).__name__, "a result of cox",
                      "pass arrays by name: time=, event=, marker=")  # fmt: skip
    given = (time, event, marker, entry, strata, weights, cluster)
    if model is not None:
        if any(one is not None for one in given):
            raise refused("model", "given with arrays", "either a model or arrays",
                          "a model brings its time, event, strata, weights and cluster")  # fmt: skip
        coefficients = finite_coefficients(model, "concordance")
        return model.data, linear_predictor(model.data.matrix, coefficients) + model.data.offset
    if time is None or event is None or marker is None:
        raise refused("model", "none", "a model, or time, event and marker", "pass one of the two")
    checked = cox_data(time, event, marker, names=("marker",), entry=entry, strata=strata, weights=weights,
                       offset=None, cluster=cluster, ties="breslow", data=data)  # fmt: skip
    return checked, checked.matrix[:, 0]


def _pairs(
    data: CoxData, risk: FloatArray, rows: IntArray, time_weights: TimeWeights
) -> tuple[FloatArray, FloatArray]:
    """One stratum: the five sums of pairs, and each row's concordant, discordant and tied sums, (n, 3)."""
    event, weight = data.event[rows], data.weights[rows]
    known, at = np.unique(data.time[rows], return_inverse=True)
    marker = np.unique(risk[rows], return_inverse=True)[1]
    # Events of a time come before its censorings; entries at that time come too late for both.
    key = 2 * at + ~event
    opened = None
    if data.entry is not None:
        entry = data.entry[rows]
        opened = 2 * np.searchsorted(known, np.where(entry > 0, entry, -1.0), side="right") - 1
    own = _time_weights(at, event, weight, opened, known.size, time_weights)
    case = np.where(event, weight * own, 0.0)
    happened = np.flatnonzero(event)

    later = _dominated(key, marker, weight, key[happened], marker[happened])
    if opened is not None:
        later = later - _dominated(opened, marker, weight, key[happened], marker[happened])
    # Of an earlier event with the higher marker the pair is concordant.
    influence = np.zeros((rows.size, 3))
    influence[happened] = own[happened, None] * later
    by_kind = case[happened] @ later
    # And as the later of a pair: seen from its end back, and without what happened before its entry.
    before = _dominated(-key[happened], marker[happened], case[happened], -key, marker)
    if opened is not None:
        before = before - _dominated(-key[happened], marker[happened], case[happened], -opened, marker)
    influence += before[:, [1, 0, 2]]
    tied_time, tied_both = _tied(at[happened], marker[happened], weight[happened], own[happened])
    return np.array([*by_kind, tied_time, tied_both]), influence


def _dominated(
    key: IntArray, marker: IntArray, weight: FloatArray, from_key: IntArray, from_marker: IntArray
) -> FloatArray:
    """For each query the weights of the points with a larger key: with a smaller, a larger and the same marker, (q, 3).

    Points and queries are laid out by key. From halves of all of them down to single ones, what a query in the left
    half meets in the right half is a sum along the order of the markers.
    """
    many, asked = key.size, from_key.size
    total = many + asked
    is_point = np.arange(total) < many
    keys = np.concatenate((key, from_key))
    markers = np.concatenate((marker, from_marker))
    weights = np.concatenate((weight, np.zeros(asked)))
    # A query stands after the points of its own key, so that only larger keys lie to its right.
    place = np.empty(total, dtype=np.int64)
    place[np.lexsort((~is_point, keys))] = np.arange(total)
    by_key = np.argsort(key, kind="stable")
    after = np.append(np.cumsum(weight[by_key][::-1])[::-1], 0.0)
    everything = after[np.searchsorted(key[by_key], from_key, side="right")]
    found = []
    # Queries before the points of the same marker: smaller ones only; after them: up to and including it.
    for points_first in (False, True):
        order = np.lexsort((is_point != points_first, markers))
        sums = np.zeros(total)
        for bit in reversed(range(max(total - 1, 1).bit_length())):
            there = place[order]
            right = (there >> bit & 1) == 1
            running = np.cumsum(np.where(right, weights[order], 0.0))
            start = np.flatnonzero(np.diff(there >> (bit + 1), prepend=-1))
            length = np.diff(np.append(start, total))
            base = np.concatenate(([0.0], running))[start]
            sums[order[~right]] += (running - np.repeat(base, length))[~right]
            # The halves one after the other, each still in the order of the markers.
            lefts = np.cumsum(~right)
            lefts_before = np.repeat(np.concatenate(([0], lefts))[start], length)
            lefts_here = np.repeat(np.add.reduceat(~right, start, dtype=np.int64), length)
            begin = np.repeat(start, length)
            nth = np.arange(total) - begin
            left_rank = lefts - 1 - lefts_before
            target = np.where(right, begin + lefts_here + nth - (left_rank + 1), begin + left_rank)
            moved = np.empty_like(order)
            moved[target] = order
            order = moved
        found.append(sums[many:])
    smaller, up_to = found
    return np.column_stack((smaller, everything - up_to, up_to - smaller))


def _tied(at: IntArray, marker: IntArray, weight: FloatArray, own: FloatArray) -> tuple[float, float]:
    """Pairs of events at one time, with different markers and with the same one."""

    def within(codes: IntArray) -> float:
        total = sums(codes, weight)
        squares = sums(codes, weight**2)
        factor = np.zeros(total.size)
        factor[codes] = own
        return float(factor @ (total**2 - squares)) / 2

    joint = np.unique(at * (int(marker.max()) + 1) + marker, return_inverse=True)[1]
    both = within(joint)
    return within(at) - both, both


def _time_weights(
    at: IntArray,
    event: BoolArray,
    weight: FloatArray,
    opened: IntArray | None,
    k: int,
    time_weights: TimeWeights,
) -> FloatArray:
    """The weight of each row's time; S and G are Kaplan–Meier just before it, n the number at risk."""
    # A single event has nothing to be weighted against, as in R.
    if time_weights == "n" or np.count_nonzero(event) < 2:
        return np.ones(at.size)
    ends = sums(at, weight, k)
    deaths = sums(at, weight * event, k)
    if opened is None:
        at_risk = np.cumsum(ends[::-1])[::-1]
    else:
        entered = sums((opened + 1) // 2, weight, k + 1)[:k]
        at_risk = np.cumsum(entered) - (np.cumsum(ends) - ends)
    at_risk = np.maximum(at_risk, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = _before(deaths, at_risk)
        # Whoever has the event at a time is no longer at risk of being censored at it.
        uncensored = _before(ends - deaths, at_risk - deaths)
        by_time = {
            "S": weight.sum() * survival / at_risk,
            "S/G": weight.sum() * survival / (uncensored * at_risk),
            "n/G2": 1 / uncensored**2,
            "I": 1 / at_risk,
        }[time_weights]
    found: FloatArray = by_time[at]
    return np.where(event, found, 0.0)


def _before(happened: FloatArray, at_risk: FloatArray) -> FloatArray:
    """The Kaplan–Meier curve just before each time."""
    step = np.where((happened > 0) & (at_risk > 0), 1 - happened / np.where(at_risk > 0, at_risk, 1), 1.0)
    found: FloatArray = np.concatenate(([1.0], np.cumprod(step)))[:-1]
    return found
