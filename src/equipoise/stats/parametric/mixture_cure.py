"""Mixture cure models: a fraction that never has the event, and a Weibull or exponential time for the others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import chi_square_sf, normal_quantile
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    checked_events,
    checked_fraction,
    checked_times,
    read_only,
    refused,
)
from equipoise.stats.parametric.cure_fit import CureFit, Distribution, Latency, expit
from equipoise.stats.regression.chi_square import ChiSquareTest, chi_square_test
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.curves import Label, labeled, words

CureInterval = Literal["profile", "logit"]
# More than this share of the uncured still without event at the end of follow-up: there is no plateau to read.
_PLATEAU = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixtureCure(StatisticalResult):
    """A fitted model; arrays follow ``groups``.

    cure_fraction with its std_err (delta method) and limits.  scale and shape: of the Weibull survival of the uncured,
    exp(-(t / scale)^shape), with standard errors of their logs; shape is 1 for the exponential.
    uncured_at_end: the share of the uncured without event at the group's last follow-up: above 0.05 the follow-up is
    too short to tell cured from slow.  covariance: of the parameters as estimated (logits of the cure fractions, log
    scales, log shapes), NaN for those at a boundary.
    equal_cure: likelihood-ratio test that all groups have the same cure fraction; None with one group.
    no_cure: likelihood-ratio test of a cure fraction of 0, which is a boundary: half a chi-square with 1 df; None with
    several groups.
    """

    groups: tuple[Label, ...]
    distribution: Distribution
    latency: Latency
    n: IntArray
    n_events: IntArray
    cure_fraction: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    scale: FloatArray
    shape: FloatArray
    log_scale_std_err: FloatArray
    log_shape_std_err: FloatArray
    uncured_at_end: FloatArray
    covariance: FloatArray
    log_likelihood: float
    aic: float
    equal_cure: ChiSquareTest | None
    no_cure: ChiSquareTest | None
    interval: CureInterval
    confidence_level: float
    converged: bool
    warnings: tuple[str, ...]

    def survival(self, times: ArrayLike) -> FloatArray:
        """Survival of each group at the given times, (groups, times): cured + (1 - cured) times that of the uncured.

        >>> model = mixture_cure([1, 2, 3, 9, 9, 9], [1, 1, 1, 0, 0, 0], distribution="exponential")
        >>> model.survival([0]).tolist()
        [[1.0]]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        late = np.exp(-((ticks / self.scale[:, None]) ** self.shape[:, None]))
        cured = self.cure_fraction[:, None]
        found: FloatArray = np.where(cured == 1, 1.0, cured + (1 - cured) * late)
        return found

    def _title(self) -> str:
        shared = "" if len(self.groups) == 1 else f", {self.latency} time of the uncured"
        return f"Mixture cure model, {self.distribution}{shared}; {100 * self.confidence_level:.10g}% {self.interval} limits"

    def rows(self) -> Iterator[Row]:
        """Statistics by group, then the model and its tests."""
        for g, label in enumerate(self.groups):
            for name in (
                "n",
                "n_events",
                "cure_fraction",
                "std_err",
                "lower",
                "upper",
                "scale",
                "shape",
                "uncured_at_end",
            ):
                yield Row(name, float(getattr(self, name)[g]), group=words(label), method=self.distribution)
        yield Row("log_likelihood", self.log_likelihood, variable="model")
        yield Row("aic", self.aic, variable="model")
        for test in (self.equal_cure, self.no_cure):
            for row in test.rows() if test is not None else ():
                yield replace(row, variable=test.method if test is not None else "")


def mixture_cure(
    time: ArrayLike | str,
    event: ArrayLike | str,
    *,
    group: ArrayLike | str | None = None,
    groups: Sequence[Label] | None = None,
    distribution: Distribution = "weibull",
    latency: Latency = "common",
    interval: CureInterval = "profile",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> MixtureCure:
    """Estimate the fraction of each group that will never have the event, by maximum likelihood.

    time, event: as for ``kaplan_meier``; with the Weibull no event at 0.  group: None, or shape (n,) labels.
    groups: their order.  latency: whether the uncured of all groups share one time distribution, or "separate".
    interval: "profile" (likelihood ratio; reaches 0 where the data allow it) or "logit" (Wald).
    Returns a MixtureCure.  A cure fraction whose maximum is at 0, a group without events, follow-up without a plateau
    and missing convergence are in ``warnings``.  Raises DataError on unusable times, events or labels.
    Source: Boag 1949; Berkson & Gage 1952; Farewell 1982; Maller & Zhou 1996 on sufficient follow-up.

    >>> model = mixture_cure([1, 2, 3, 9, 9, 9], [1, 1, 1, 0, 0, 0], distribution="exponential")
    >>> round(float(model.cure_fraction[0]), 4)
    0.4925
    """
    for value, kinds, argument in (
        (distribution, Distribution, "distribution"), (latency, Latency, "latency"), (interval, CureInterval, "interval"),
    ):  # fmt: skip
        checked_choice(value, get_args(kinds), argument=argument)
    time, event, group = columns(data, time=time, event=event, group=group)
    times = checked_times(time)
    events = checked_events(event, times.size)
    checked_fraction(confidence_level, argument="confidence_level")
    one = (("all",), np.zeros(times.size, dtype=np.int64))
    labels, codes = one if group is None else labeled(group, groups, times.size)
    if distribution == "weibull" and np.any(events & (times == 0)):
        raise refused("time", f"{int(np.sum(events & (times == 0)))} events at 0", "events after 0: a Weibull density has no value at 0",
                      "use the exponential distribution, or count from an earlier day")  # fmt: skip
    k = len(labels)
    n_events = np.bincount(codes[events], minlength=k)
    found = [f"{words(labels[g])}: no events, so the likelihood is largest at a cure fraction of 1"
             for g in np.flatnonzero(n_events == 0).tolist()]  # fmt: skip
    used = n_events > 0
    if distribution == "weibull":
        sets = (
            [events]
            if latency == "common"
            else [events & (codes == g) for g in np.flatnonzero(used).tolist()]
        )
        if any(np.unique(times[one_set]).size < 2 for one_set in sets if one_set.any()):
            raise refused("time", "events at one time only", "events at two different times to estimate a shape",
                          'use distribution="exponential"')  # fmt: skip
    fitted = CureFit(times, events, codes, used, distribution, latency) if used.any() else None
    return _result(
        labels, codes, times, n_events, fitted, distribution, latency, interval, confidence_level, found
    )


def _result(
    labels: tuple[Label, ...],
    codes: IntArray,
    times: FloatArray,
    n_events: IntArray,
    fitted: CureFit | None,
    distribution: Distribution,
    latency: Latency,
    interval: CureInterval,
    level: float,
    found: list[str],
) -> MixtureCure:
    k = len(labels)
    unknown = [np.full(k, np.nan) for _ in range(9)]
    cure, std_err, lower, upper, scale, shape, scale_error, shape_error, at_end = unknown
    cure[n_events == 0] = 1.0
    covariance, log_likelihood, aic = np.full((0, 0), np.nan), 0.0, math.nan
    equal = no_cure = None
    if fitted is None:
        cure[:] = np.nan
        found = ["no events: nothing is estimable"]
    else:
        like, best = fitted.likelihood, fitted.best
        sets = int(like.latency.max()) + 1
        covariance = fitted.covariance()
        errors = np.sqrt(covariance.diagonal())
        z = -normal_quantile((1 - level) / 2)
        for place, g in enumerate(fitted.used.tolist()):
            logit, own = float(best.parameters[place]), like.latency[place]
            scale[g] = math.exp(best.parameters[like.k + own]) * fitted.unit
            shape[g] = math.exp(best.parameters[like.k + sets + own]) if like.weibull else 1.0
            scale_error[g] = errors[like.k + own]
            shape_error[g] = errors[like.k + sets + own] if like.weibull else 0.0
            last = float(times[codes == g].max())
            at_end[g] = math.exp(-((last / scale[g]) ** shape[g]))
            if best.uncured[place]:
                cure[g] = 0.0
                found.append(f"{words(labels[g])}: the likelihood is largest at a cure fraction of 0")
            else:
                cure[g] = expit(logit)
                std_err[g] = errors[place] * cure[g] * (1 - cure[g])
                if interval == "logit":
                    lower[g], upper[g] = expit(logit - z * errors[place]), expit(logit + z * errors[place])
                if at_end[g] > _PLATEAU:
                    found.append(f"{words(labels[g])}: no plateau: {100 * at_end[g]:.0f}% of the uncured have had no event by the "
                                 f"last follow-up, {last:g}; the cure fraction is an extrapolation of the {distribution}")  # fmt: skip
            if interval == "profile":
                lower[g], upper[g] = fitted.profile(place, level)
        log_likelihood = fitted.log_likelihood
        aic = 2 * (like.size - log_likelihood)
        if not best.converged or np.isnan(errors[like.k :]).any():
            found.append(
                "no convergence to a maximum with curvature: the parameters cannot be told apart; do not use the estimates"
            )
        if k == 1:
            gain = max(2 * (best.log_likelihood - fitted.without_cure().log_likelihood), 0.0)
            half = chi_square_sf(gain, 1) / 2 if gain > 0 else 1.0
            no_cure = ChiSquareTest(
                chi_square=gain,
                df=1,
                p_value_two_sided=half,
                method="no cure (half chi-square at the boundary)",
            )
        elif like.k == k:
            shared = fitted.with_one_cure_fraction()
            equal = chi_square_test(
                2 * (best.log_likelihood - shared.log_likelihood), k - 1, "equal cure fractions"
            )
        else:
            found.append("equal cure fractions not tested: a group has no events")
    n = np.bincount(codes, minlength=k)
    for array in (*unknown, n, n_events, covariance):
        read_only(array)
    return MixtureCure(
        groups=labels,
        distribution=distribution,
        latency=latency,
        n=n,
        n_events=n_events,
        cure_fraction=cure,
        std_err=std_err,
        lower=lower,
        upper=upper,
        scale=scale,
        shape=shape,
        log_scale_std_err=scale_error,
        log_shape_std_err=shape_error,
        uncured_at_end=at_end,
        covariance=covariance,
        log_likelihood=log_likelihood,
        aic=aic,
        equal_cure=equal,
        no_cure=no_cure,
        interval=interval,
        confidence_level=level,
        converged=fitted is not None and fitted.best.converged,
        warnings=tuple(found),
    )
