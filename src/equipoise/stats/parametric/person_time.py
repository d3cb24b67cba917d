"""Events per person-time, by group, and the ratio of two rates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import normal_quantile, normal_sf
from equipoise.stats.numerics.lattice import binomial, no_more_likely
from equipoise.stats.numerics.tails import beta_quantile, beta_upper_quantile
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_events,
    checked_fraction,
    checked_number,
    checked_times,
    read_only,
)
from equipoise.stats.parametric.poisson import RateInterval, checked_rate_interval, rate_limits
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.counts import checked_entries
from equipoise.stats.survival.curves import Label, labeled, words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersonTime(StatisticalResult):
    """Rates by group, in events per ``per`` units of time; arrays follow ``groups``.

    rate_ratio, its limits and p_value_two_sided compare the second of two groups with the first; NaN otherwise.
    """

    groups: tuple[Label, ...]
    per: float
    n: IntArray
    n_events: IntArray
    person_time: FloatArray
    rate: FloatArray
    lower: FloatArray
    upper: FloatArray
    rate_ratio: float
    rate_ratio_lower: float
    rate_ratio_upper: float
    p_value_two_sided: float
    interval: RateInterval
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        kind = "exact Poisson" if self.interval == "exact" else "log"
        return (
            f"Events per {self.per:g} units of person-time; {100 * self.confidence_level:.10g}% {kind} limits"
        )

    def rows(self) -> Iterator[Row]:
        """Six statistics by group, and the comparison of two."""
        for i, label in enumerate(self.groups):
            for name in ("n", "n_events", "person_time", "rate", "lower", "upper"):
                yield Row(name, float(getattr(self, name)[i]), group=words(label), method=self.interval)
        if len(self.groups) == 2:
            compared = f"{words(self.groups[1])} vs {words(self.groups[0])}"
            for name in ("rate_ratio", "rate_ratio_lower", "rate_ratio_upper", "p_value_two_sided"):
                yield Row(name, getattr(self, name), group=compared, method=self.interval)


def person_time(
    time: ArrayLike | str,
    event: ArrayLike | str,
    *,
    entry: ArrayLike | str | None = None,
    group: ArrayLike | str | None = None,
    groups: Sequence[Label] | None = None,
    per: float = 1.0,
    interval: RateInterval = "exact",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> PersonTime:
    """Count events and time at risk, and estimate constant rates.

    time, event, entry: as for ``kaplan_meier``; a subject is at risk for time - entry.  group: None, or shape (n,)
    labels.  groups: their order, control first; sorted without it.  per: 36525 makes rates of days events per 100
    patient-years.  interval: "exact" (Poisson; the ratio conditional on the sum, as R poisson.test) or "log".
    The P value of the ratio: exact sums all splits of the events that are no more likely; log is Wald's.
    Returns a PersonTime; without person-time a rate is NaN.  Raises DataError on unusable times, events or labels.
    Source: Garwood 1936; Clopper & Pearson 1934; values as R 4.2.2, poisson.test.

    >>> found = person_time([3, 5, 2], [1, 0, 1])
    >>> found.rate.tolist(), found.upper.round(6).tolist()
    ([0.2], [0.722469])
    """
    time, event, entry, group = columns(data, time=time, event=event, entry=entry, group=group)
    times = checked_times(time)
    events = checked_events(event, times.size)
    entries, times = checked_entries(entry, times)
    checked_fraction(confidence_level, argument="confidence_level")
    checked_rate_interval(interval)
    remedy = "100 for events per 100 units of time"
    checked_number(per, argument="per", expected="a number above 0", remedy=remedy, above=0)
    at_risk = times if entries is None else times - entries
    labels, codes = (
        (("all",), np.zeros(times.size, dtype=np.int64))
        if group is None
        else labeled(group, groups, times.size)
    )
    k = len(labels)
    n = np.bincount(codes, minlength=k)
    n_events = np.bincount(codes[events], minlength=k)
    total = np.array([math.fsum(at_risk[codes == i].tolist()) for i in range(k)])
    rate = np.divide(n_events, total, out=np.full(k, np.nan), where=total > 0) * per
    lower, upper = (limit * per for limit in rate_limits(n_events, total, interval, confidence_level))
    ratio = (math.nan,) * 4
    if k == 2 and (total > 0).all():
        ratio = _ratio(n_events.tolist(), total.tolist(), interval, confidence_level)
    for array in (n, n_events, total, rate, lower, upper):
        read_only(array)
    found = [
        f"{words(label)}: no person-time, so no rate"
        for label, t in zip(labels, total.tolist(), strict=True)
        if t == 0
    ]
    if k == 2 and math.isnan(ratio[0]) and not found:
        found.append("rate ratio not estimable: no events")
    return PersonTime(
        groups=labels,
        per=float(per),
        n=n,
        n_events=n_events,
        person_time=total,
        rate=rate,
        lower=lower,
        upper=upper,
        rate_ratio=ratio[0],
        rate_ratio_lower=ratio[1],
        rate_ratio_upper=ratio[2],
        p_value_two_sided=ratio[3],
        interval=interval,
        confidence_level=confidence_level,
        warnings=tuple(found),
    )


def _ratio(
    events: list[int], time: list[float], interval: RateInterval, level: float
) -> tuple[float, float, float, float]:
    """The ratio of the second rate to the first, its limits and P value."""
    control, experimental = events
    total = control + experimental
    if total == 0:
        return (math.nan,) * 4
    odds = time[0] / time[1]
    ratio = experimental / control * odds if control else math.inf
    tail = (1 - level) / 2
    if interval == "log":
        if not (control and experimental):
            return ratio, math.nan, math.nan, math.nan
        std_err = math.sqrt(1 / control + 1 / experimental)
        reach = math.exp(-normal_quantile(tail) * std_err)
        return ratio, ratio / reach, ratio * reach, 2 * normal_sf(abs(math.log(ratio)) / std_err)
    # Given their sum, the events of the second group are binomial; its odds are the ratio times those of the times.
    low, high = 0.0, math.inf
    if experimental:
        p = beta_quantile(tail, experimental, control + 1)
        low = p / beta_upper_quantile(tail, control + 1, experimental) * odds
    if control:
        p = beta_upper_quantile(tail, experimental + 1, control)
        high = p / beta_quantile(tail, control, experimental + 1) * odds
    return ratio, low, high, no_more_likely(binomial(total, time[1] / (time[0] + time[1])), experimental)
