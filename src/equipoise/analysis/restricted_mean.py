"""Planned restricted mean survival times → result rows: of each group, and the difference of each comparison."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.analysis.results import Result
from equipoise.analysis.sample import Sample
from equipoise.analysis.survival import name_of, no_subjects, row_about
from equipoise.dates import in_days
from equipoise.protocol.definition import Analysis, Comparison, RestrictedMeanPlan
from equipoise.stats.survival.restricted_mean import restricted_mean, restricted_mean_difference

METHOD = "restricted mean"


def rows(name: str, plan: Analysis, sample: Sample) -> Iterator[Result]:
    """All rows of planned restricted means, in days; none where none are planned."""
    planned = plan.restricted_mean
    if planned is None:
        return
    until = in_days(planned.until, sample.protocol.endpoints[sample.endpoint].unit)
    for group in sample.groups:
        part = sample.of_group(group)
        found = restricted_mean(part.time, part.event, until=until, confidence_level=planned.confidence_level)
        warning = "; ".join(found.warnings)
        for statistic in ("restricted_mean", "std_err", "lower", "upper"):
            value = getattr(found, statistic)
            yield row_about(name, sample, group, statistic, value, at=until, method=METHOD, warning=warning)
    for comparison in plan.comparisons:
        yield from _difference_rows(name, sample, planned, comparison, until)


def _difference_rows(
    name: str, sample: Sample, plan: RestrictedMeanPlan, comparison: Comparison, until: float
) -> Iterator[Result]:
    """The mean of the experimental arm less that of the control."""
    arms = [comparison.control, comparison.experimental]
    part = sample.of_groups(arms)
    found, warning = None, no_subjects(sample)
    if set(part.groups) == set(arms):
        found = restricted_mean_difference(
            part.time, part.event, part.group_labels(), groups=arms, until=until,
            confidence_level=plan.confidence_level,
        )  # fmt: skip
        warning = "; ".join(found.warnings)
    for statistic, attribute in (
        ("restricted_mean_difference", "difference"), ("std_err", "difference_std_err"),
        ("lower", "difference_lower"), ("upper", "difference_upper"), ("p_value_two_sided", "p_value_two_sided"),
    ):  # fmt: skip
        value = None if found is None else float(getattr(found, attribute))
        yield row_about(name, sample, name_of(comparison), statistic, value, at=until, method=METHOD,
                        warning=warning)  # fmt: skip
