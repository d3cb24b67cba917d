"""The groups of a mixture cure model fitted: the maximum, its covariance, profile limits, restricted maxima."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import BoolArray, FloatArray, IntArray
from equipoise.stats.parametric.cure_likelihood import CureLikelihood, CureMaximum, climb, maximum

Distribution = Literal["exponential", "weibull"]
Latency = Literal["common", "separate"]
# exp(40) is a cure fraction of 1 less 4e-18: 1.
_FARTHEST_LOGIT = 40.0


class CureFit:
    """The groups with events, fitted."""

    def __init__(
        self,
        times: FloatArray,
        events: BoolArray,
        codes: IntArray,
        used: BoolArray,
        distribution: Distribution,
        latency: Latency,
    ) -> None:
        self.used = np.flatnonzero(used)
        place = np.cumsum(used) - 1
        # Nobody tells anything by being followed for no time; an event at 0 (exponential) has the density at 0.
        inside = used[codes] & ((times > 0) | events)
        self.unit = float(times[inside].mean()) or 1.0
        with np.errstate(divide="ignore"):
            log_time = np.maximum(np.log(times[inside] / self.unit), -700.0)
        sets = np.zeros(self.used.size, dtype=np.int64) if latency == "common" else np.arange(self.used.size)
        self.n_events = int(events[inside].sum())
        self.likelihood = CureLikelihood(
            log_time, events[inside], place[codes[inside]], sets, distribution == "weibull"
        )
        self.best = maximum(self.likelihood, self.starts())

    def starts(self) -> list[FloatArray]:
        """From the share of events and their mean time: several shapes and cure fractions."""
        like = self.likelihood
        size, sets = like.k, int(like.latency.max()) + 1
        event_time = np.exp(like.log_time[like.event])
        censored = 1 - np.bincount(like.group, like.event, minlength=size) / np.bincount(
            like.group, minlength=size
        )
        found = []
        for share in (0.9, 0.5, 0.1):
            p = np.clip(censored * share, 0.02, 0.98)
            for log_shape in (0.0, 0.5, -0.5) if like.weibull else (0.0,):
                scale = math.log(max(float(event_time.mean()), 1e-8)) + (1 - share)
                found.append(
                    np.concatenate(
                        (np.log(p / (1 - p)), np.full(sets, scale), np.full(sets * like.weibull, log_shape))
                    )
                )
        return found

    @property
    def log_likelihood(self) -> float:
        """In the units of the caller's time."""
        return self.best.log_likelihood - self.n_events * math.log(self.unit)

    def covariance(self) -> FloatArray:
        """Of all parameters; NaN for cure fractions at 0 and where the information has no inverse."""
        size = self.likelihood.size
        found = np.full((size, size), np.nan)
        free = np.concatenate((~self.best.uncured, np.ones(size - self.likelihood.k, dtype=np.bool_)))
        inner = self.best.information[np.ix_(free, free)]
        if self.best.converged and np.linalg.cond(inner) < 1e13:
            found[np.ix_(free, free)] = np.linalg.inv(inner)
        return found

    def profile(self, g: int, level: float) -> tuple[float, float]:
        """Likelihood-ratio limits of one cure fraction."""
        like, best = self.likelihood, self.best
        drop = normal_quantile((1 - level) / 2) ** 2 / 2
        free = np.ones(like.size, dtype=np.bool_)
        free[g] = False

        warm = best.parameters.copy()
        warm[: like.k] = np.maximum(warm[: like.k], -6.0)

        def fall(logit: float) -> float:
            start = warm.copy()
            start[g] = logit
            found = maximum(like, [start], free)
            if found.converged:
                warm[like.k :] = found.parameters[like.k :]
            return best.log_likelihood - drop - found.log_likelihood

        center = -8.0 if best.uncured[g] else float(best.parameters[g])
        lower = 0.0
        if not best.uncured[g]:
            marked = best.uncured.copy()
            marked[g] = True
            at_zero = climb(like, best.parameters, np.ones(like.size, dtype=np.bool_), marked)
            if best.log_likelihood - drop - at_zero.log_likelihood > 0:
                low = center
                while fall(low) < 0 and low > -_FARTHEST_LOGIT:
                    low -= 1.0
                lower = expit(_crossing(lambda x: -fall(x), low, center))
        high = center
        while fall(high) < 0 and high < _FARTHEST_LOGIT:
            high += 1.0
        upper = expit(_crossing(fall, center, high)) if high < _FARTHEST_LOGIT else 1.0
        return lower, upper

    def with_one_cure_fraction(self) -> CureMaximum:
        """The maximum when all groups have the same cure fraction: one group with the times of each kept apart."""
        like = self.likelihood
        if int(like.latency.max()) == 0:
            merged = replace(like, group=np.zeros_like(like.group), latency=np.zeros(1, dtype=np.int64))
            return maximum(merged, [start[like.k - 1 :] for start in self.starts()])
        return self._shared_with_separate_times()

    def _shared_with_separate_times(self) -> CureMaximum:
        """By a search over the common cure fraction of the maximum in the other parameters."""
        from scipy.optimize import minimize_scalar

        like = self.likelihood
        free = np.ones(like.size, dtype=np.bool_)
        free[: like.k] = False

        def at(logit: float) -> CureMaximum:
            start = self.best.parameters.copy()
            start[: like.k] = logit
            return maximum(like, [start], free, may_be_zero=False)

        grid = np.linspace(-9, 9, 10).tolist()
        best = grid[int(np.argmax([at(x).log_likelihood for x in grid]))]
        found = minimize_scalar(lambda x: -at(float(x)).log_likelihood, bounds=(best - 2, best + 2), method="bounded",
                                options={"xatol": 1e-9})  # fmt: skip
        inside, at_zero = at(float(found.x)), self.without_cure()
        return at_zero if at_zero.log_likelihood > inside.log_likelihood else inside

    def without_cure(self) -> CureMaximum:
        """The maximum with all cure fractions 0."""
        like = self.likelihood
        return climb(
            like, self.best.parameters, np.ones(like.size, dtype=np.bool_), np.ones(like.k, dtype=np.bool_)
        )


def _crossing(rises: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    if rises(low) >= 0:
        return low
    if rises(high) <= 0:
        return high
    return float(brentq(rises, low, high, xtol=1e-12, rtol=1e-14))


def expit(x: float) -> float:
    """The probability of a logit.

    >>> expit(0.0)
    0.5
    """
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0
