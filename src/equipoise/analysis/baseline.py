"""A baseline table → result rows: by arm or by a factor, with every denominator. No P values (CONSORT)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from equipoise.analysis.results import Result
from equipoise.analysis.sample import ARM, OVERALL, factor_values, group_of_each, groups_in, members_of
from equipoise.datasets.frames import Datasets
from equipoise.protocol.definition import Baseline, BaselineItem
from equipoise.stats.continuous.descriptive import describe


def rows(datasets: Datasets, name: str, plan: Baseline) -> Iterator[Result]:
    """Subjects by column, then each item: counts and percentages, or mean, spread and quartiles.

    Columns by arm hold the subjects who have one; columns by a factor hold everyone of the population, those
    without a level only overall.
    """
    members = members_of(datasets, plan.population, plan.by)
    of_each = group_of_each(members, plan.by)
    groups = {
        group: members.filter(of_each == group) for group in groups_in(datasets.protocol, members, plan.by)
    }
    if plan.overall:
        groups[OVERALL] = members
    for group, frame in groups.items():
        yield _row(name, plan, group, "subjects", "n", frame.height)
    if plan.by != ARM:
        yield _row(name, plan, OVERALL, "subjects", "n_missing", of_each.null_count())
    for entry in plan.items:
        for group, frame in groups.items():
            if frame[entry.item].dtype.is_numeric():
                yield from _numeric(name, plan, entry, group, frame)
            else:
                yield from _factor(datasets, name, plan, entry, group, frame)


def _numeric(
    name: str, plan: Baseline, entry: BaselineItem, group: str, frame: pl.DataFrame
) -> Iterator[Result]:
    known = frame[entry.item].drop_nulls()
    summary = describe(known.cast(float).to_numpy())
    yield _row(name, plan, group, entry.item, "n", summary.n)
    yield _row(name, plan, group, entry.item, "n_missing", frame.height - summary.n)
    for statistic, value in (
        ("mean", summary.mean),
        ("sd", summary.sd),
        ("median", summary.median),
        ("q1", summary.q1),
        ("q3", summary.q3),
        ("min", summary.minimum),
        ("max", summary.maximum),
    ):
        yield _row(name, plan, group, entry.item, statistic, value, method="quantile type 7")


def _factor(
    datasets: Datasets, name: str, plan: Baseline, entry: BaselineItem, group: str, frame: pl.DataFrame
) -> Iterator[Result]:
    values = factor_values(frame, entry.item)
    known = values.len() - values.null_count()
    denominator = known if entry.percent_of == "known" else frame.height
    yield _row(name, plan, group, entry.item, "n", known)
    yield _row(name, plan, group, entry.item, "n_missing", values.null_count())
    for level in datasets.protocol.factor_levels(entry.item):
        count = int((values == level).sum())
        yield _row(name, plan, group, entry.item, "n", count, level=level)
        yield _row(name, plan, group, entry.item, "denominator", denominator, level=level)
        percent = 100 * count / denominator if denominator else None
        warning = "" if denominator else "nobody with a known value"
        yield _row(name, plan, group, entry.item, "percent", percent, level=level, warning=warning)


def _row(
    name: str,
    plan: Baseline,
    group: str,
    variable: str,
    statistic: str,
    value: float | None,
    *,
    level: str = "",
    method: str = "",
    warning: str = "",
) -> Result:
    return Result(
        analysis=name,
        population=plan.population,
        group=group,
        variable=variable,
        level=level,
        statistic=statistic,
        method=method,
        value=value,
        warning=warning,
    )
