"""Planned cumulative incidences beside competing events → result rows: curves, estimates, Gray's test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from equipoise.analysis.results import Result
from equipoise.analysis.sample import OVERALL, Sample
from equipoise.analysis.survival import name_of, no_subjects, row_about, ticks_of
from equipoise.dates import in_days
from equipoise.protocol.definition import Analysis, Comparison, CumulativeIncidencePlan
from equipoise.stats.competing.cumulative_incidence import cumulative_incidence
from equipoise.stats.competing.gray import GrayTest, gray_test
from equipoise.stats.competing.incidence_curves import CumulativeIncidence, IncidenceCurve

METHOD = "cumulative incidence, Aalen variance, log-log"
GRAY = "Gray's test"


def rows(name: str, plan: Analysis, sample: Sample) -> Iterator[Result]:
    """All rows of a planned cumulative incidence; none where none is planned."""
    incidence = plan.cumulative_incidence
    if incidence is None:
        return
    unit = sample.protocol.endpoints[sample.endpoint].unit
    times = [in_days(time, unit) for time in incidence.times]
    for group in sample.groups:
        part = sample.of_group(group)
        found = fit_incidence(part, incidence)
        for cause, component in enumerate(components(sample)):
            yield from _curve_rows(name, sample, group, component, found.curve(cause + 1))
            if times:
                yield from _time_rows(name, sample, group, component, found, cause, times)
        yield from _risk_rows(name, part, group, ticks_of(plan, sample))
    if incidence.test == "gray":
        for comparison in plan.comparisons:
            yield from gray_rows(name, sample, comparison)
        if not plan.comparisons and len(sample.groups) > 1:
            yield from gray_rows(name, sample, None)


def components(sample: Sample) -> list[str]:
    """What has an incidence: first the end point (any of its events, the empty text), then each competing event."""
    return ["", *sample.protocol.endpoints[sample.endpoint].competing]


def causes(sample: Sample) -> NDArray[np.int64]:
    """What ended each subject's follow-up: 0 neither, 1 an event of the end point, from 2 the competing events."""
    number = {component: position + 1 for position, component in enumerate(components(sample))}
    ended = zip(sample.event.tolist(), sample.frame["cause"].to_list(), strict=True)
    return np.array([1 if event else number.get(cause, 0) for event, cause in ended], dtype=np.int64)


def fit_incidence(sample: Sample, plan: CumulativeIncidencePlan) -> CumulativeIncidence:
    """The cumulative incidences of the subjects of one group."""
    every = range(1, len(components(sample)) + 1)
    return cumulative_incidence(
        sample.time, causes(sample), causes=list(every), confidence_level=plan.confidence_level,
        variance="aalen", interval="log-log",
    )  # fmt: skip


def _curve_rows(
    name: str, sample: Sample, group: str, component: str, curve: IncidenceCurve
) -> Iterator[Result]:
    """A curve at each distinct time."""
    lower, upper = curve.lower.tolist(), curve.upper.tolist()
    columns = {
        "cumulative_incidence": curve.estimate.tolist(), "std_err": curve.std_err.tolist(), "lower": lower,
        "upper": upper, "n_at_risk": curve.n_at_risk.tolist(), "n_events": curve.n_events.tolist(),
        "n_censored": curve.n_censored.tolist(),
    }  # fmt: skip
    for statistic, values in columns.items():
        for at, value in zip(curve.time.tolist(), values, strict=True):
            warning = _unknown(value, at, float(curve.time[-1]))
            yield row_about(name, sample, group, statistic, value, level=component, at=at, method=f"curve {METHOD}",
                            warning=warning)  # fmt: skip


def _unknown(value: float, at: float, last: float) -> str:
    """Why there is no number; on the log-log scale an incidence of 0 or 1 has no limits."""
    if value == value:
        return ""
    return "beyond the last follow-up" if at > last else "no limits of an incidence of 0 or 1"


def _time_rows(
    name: str,
    sample: Sample,
    group: str,
    component: str,
    found: CumulativeIncidence,
    cause: int,
    times: Sequence[float],
) -> Iterator[Result]:
    """The incidence of one component at the planned times."""
    there = found.at(times)
    last = float(found.curves[0].time[-1])
    columns = {"cumulative_incidence": there.estimate, "std_err": there.std_err, "lower": there.lower,
               "upper": there.upper}  # fmt: skip
    for statistic, values in columns.items():
        # Before the first observation the limits read 0; an incidence of 0 has none at any other time either.
        limit = statistic in ("lower", "upper")
        shown = np.where(there.estimate == 0, np.nan, values) if limit else values
        for at, value in zip(times, shown[0, cause].tolist(), strict=True):
            warning = _unknown(value, at, last)
            yield row_about(name, sample, group, statistic, value, level=component, at=at, method=METHOD,
                            warning=warning)  # fmt: skip
    for at, value in zip(times, there.n_at_risk[0].tolist(), strict=True):
        yield row_about(name, sample, group, "n_at_risk", value, level=component, at=at, method=METHOD)


def _risk_rows(name: str, part: Sample, group: str, ticks: Sequence[float]) -> Iterator[Result]:
    """The numbers below a figure: who is at risk just before a tick, and what has happened up to it."""
    if not ticks:
        return
    ended = causes(part)
    times = np.array(ticks)
    for statistic, chosen in (
        ("cumulative_events", ended == 1), ("cumulative_competing", ended > 1), ("cumulative_censored", ended == 0),
    ):  # fmt: skip
        counts = np.searchsorted(np.sort(part.time[chosen]), times, side="right").tolist()
        for at, value in zip(ticks, counts, strict=True):
            yield row_about(
                name, part, group, statistic, value, at=at, method="cumulative incidence risk table"
            )
    gone = np.searchsorted(np.sort(part.time), times, side="left").tolist()
    for at, value in zip(ticks, gone, strict=True):
        yield row_about(name, part, group, "at_risk", part.time.size - value, at=at,
                        method="cumulative incidence risk table")  # fmt: skip


def fit_gray(sample: Sample, groups: Sequence[str]) -> tuple[GrayTest | None, str]:
    """Gray's test of the end point in some groups, control first; no test where a group has no subjects."""
    part = sample.of_groups(groups)
    if set(part.groups) != set(groups):
        return None, no_subjects(sample)
    every = list(range(1, len(components(sample)) + 1))
    test = gray_test(part.time, causes(part), part.group_labels(), groups=list(groups), causes=every)
    return test, "; ".join(test.warnings)


def gray_rows(name: str, sample: Sample, comparison: Comparison | None) -> Iterator[Result]:
    """Gray's test of a comparison, or of all groups."""
    groups = sample.groups if comparison is None else [comparison.control, comparison.experimental]
    test, warning = fit_gray(sample, groups)
    group = OVERALL if comparison is None else name_of(comparison)
    for statistic in ("chi_square", "df", *(["z"] if comparison is not None else []), "p_value_two_sided"):
        value = None if test is None else float(getattr(test, statistic))
        yield row_about(name, sample, group, statistic, value, method=GRAY, warning=warning)
