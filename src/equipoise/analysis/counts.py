"""Planned tables of counts → result rows: numbers of subjects, without intervals and tests."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.analysis.results import Result
from equipoise.analysis.sample import (
    ARM,
    OVERALL,
    factor_values,
    group_of_each,
    groups_in,
    level_codes,
    members_of,
)
from equipoise.datasets.frames import Datasets
from equipoise.protocol.definition import Tabulation


def table_rows(datasets: Datasets, name: str, plan: Tabulation) -> Iterator[Result]:
    """How many subjects have each level of one factor, by the levels of another; all, or for each level of a third."""
    protocol = datasets.protocol
    counted_by = ARM if ARM in (plan.columns, plan.by) else plan.columns
    members = members_of(datasets, plan.population, counted_by)
    parts = {"all": members}
    if plan.by is not None:
        apart = factor_values(members, plan.by)
        known = list(protocol.arms) if plan.by == ARM else level_codes(protocol, members, plan.by)
        parts = {f"{plan.by}={level}": members.filter(apart == level) for level in known}
        parts = {subset: part for subset, part in parts.items() if part.height}
    levels = level_codes(protocol, members, plan.rows)
    groups = groups_in(protocol, members, plan.columns)
    for subset, part in parts.items():
        of_each = group_of_each(part, plan.columns)
        for group in [*groups, OVERALL]:
            values = factor_values(part if group == OVERALL else part.filter(of_each == group), plan.rows)
            yield _row(name, plan.population, group, "subjects", "n", values.len(), subset=subset)
            unknown = values.null_count()
            yield _row(name, plan.population, group, plan.rows, "n_missing", unknown, subset=subset)
            for level in levels:
                n = int((values == level).sum())
                yield _row(name, plan.population, group, plan.rows, "n", n, level=level, subset=subset)


def _row(
    name: str,
    population: str,
    group: str,
    variable: str,
    statistic: str,
    value: float | None,
    *,
    level: str = "",
    subset: str = "all",
    warning: str = "",
) -> Result:
    return Result(
        analysis=name,
        population=population,
        subset=subset,
        group=group,
        variable=variable,
        level=level,
        statistic=statistic,
        value=value,
        warning=warning,
    )
