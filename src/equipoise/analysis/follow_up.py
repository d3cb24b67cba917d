"""How long the subjects were followed → result rows: observed among the living, and reverse Kaplan-Meier."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from equipoise.analysis.results import Result
from equipoise.analysis.sample import ARM, OVERALL, Sample
from equipoise.protocol.definition import KaplanMeierPlan, Protocol
from equipoise.stats.survival.follow_up import observed_follow_up, reverse_kaplan_meier

OBSERVED = "observed among the living"
OBSERVED_FREE = "observed among those without the event"


def rows(sample: Sample, plan: KaplanMeierPlan) -> Iterator[Result]:
    """Follow-up of an end point, by arm and overall, or of everyone where the analysis is not of arms.

    For an end point that counts only death, the observed times of those without it are the follow-up of
    the living. For others they are the times of subjects free of its events, and are called so.
    """
    method = OBSERVED if counts_only_death(sample.protocol, sample.endpoint) else OBSERVED_FREE
    arms = sample.groups if sample.by == ARM else []
    for group in [*arms, OVERALL]:
        part = sample if group == OVERALL else sample.of_group(group)
        free = part.frame.filter(~pl.col("event") & pl.col("cause").is_null())
        yield _row(sample, group, "n", free.height, method)
        if free.height:
            observed = observed_follow_up(free["time"].to_numpy())
            for statistic, value in (
                ("median", observed.median),
                ("q1", observed.q1),
                ("q3", observed.q3),
                ("min", observed.minimum),
                ("max", observed.maximum),
            ):
                yield _row(sample, group, statistic, value, method)
        # Whatever ends follow-up before censoring, a competing event too, hides the potential follow-up.
        ended = (part.frame["event"] | part.frame["cause"].is_not_null()).to_numpy()
        curve = reverse_kaplan_meier(
            part.time, ended, confidence_level=plan.confidence_level, interval=plan.interval
        )
        median = curve.median()
        reverse = f"reverse Kaplan-Meier, {plan.interval}"
        yield _row(sample, group, "n", part.frame.height, reverse)
        for statistic, value in (
            ("median", median.estimate),
            ("lower", median.lower),
            ("upper", median.upper),
        ):
            yield _row(sample, group, statistic, value, reverse, "not reached" if value != value else "")


def counts_only_death(protocol: Protocol, endpoint: str) -> bool:
    """Whether every event of the end point is terminal (overall survival)."""
    return all(protocol.events[event].terminal for event in protocol.endpoints[endpoint].events)


def _row(sample: Sample, group: str, statistic: str, value: float, method: str, warning: str = "") -> Result:
    return Result(
        analysis="follow_up",
        population=sample.population,
        group=group,
        variable=sample.endpoint,
        statistic=statistic,
        method=method,
        value=float(value),
        warning=warning,
    )
