"""Kaplan-Meier curves with the extended risk table that readers prefer (KMunicate; Morris et al., 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

from equipoise.dates import DAYS_IN
from equipoise.drawing.step_figure import StepFigure, end_name, render
from equipoise.drawing.steps import Curve
from equipoise.protocol.definition import Analysis, Endpoint, Protocol
from equipoise.report.figures.curves import read_curve
from equipoise.report.figures.palette import pens
from equipoise.report.labels import ARM, OVERALL, Labels, by_of, group_of, lower_first, plural
from equipoise.report.numbers import count, fixed, interval_text, level_text, p_text, plain
from equipoise.report.rows import Rows
from equipoise.report.tables.endpoints import p_row

RISK_ROWS = (("At risk", "at_risk"), ("Censored", "cumulative_censored"), ("Events", "cumulative_events"))


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis: its end and its ticks, in days."""

    until: float
    ticks: tuple[float, ...]


def kaplan_meier_figure(protocol: Protocol, rows: Rows, name: str, identifier: str) -> str | None:
    """The curves of an analysis as SVG; None where no group has one.

    The probability axis runs from 0 to 1, never cut; each curve ends at its group's last follow-up.
    """
    plan = protocol.analyses[name]
    labels = Labels.of(protocol, plan)
    endpoint = labels.endpoint_of(plan)
    arms = labels.groups_in(by_of(plan), rows.groups(name))
    full = [curve for arm in arms if (curve := read_curve(rows, name, plan.endpoint, arm, None))]
    if not full:
        return None
    axis = time_axis(plan, endpoint, max(curve.last.at for curve in full))
    curves = [
        curve for arm in arms if (curve := read_curve(rows, name, plan.endpoint, arm, axis.until))
    ]  # fmt: skip
    unit = plural(endpoint.unit).capitalize()
    return render(
        StepFigure(
            identifier=identifier,
            title=f"Kaplan–Meier curves: {labels.analysis(name)}",
            description=_description(labels, plan, endpoint, curves),
            curves=curves,
            pens=pens(protocol, arms),
            names={arm: labels.arm(arm) for arm in arms},
            end_names={arm: end_name(labels.arm(arm), labels.short(arm)) for arm in arms},
            until=axis.until,
            ticks=[(days, plain(days / DAYS_IN[endpoint.unit])) for days in axis.ticks],
            time_title=f"{unit} since {labels.origin(endpoint)}",
            value_title=f"Probability of {_event_free(endpoint)}",
            notes=[_statistics(protocol, rows, name, full=full_names) for full_names in (True, False)],
            risk=risk_rows(rows, name, plan.endpoint, [curve.label for curve in curves], axis),
        )
    )


def time_axis(plan: Analysis, endpoint: Endpoint, last_days: float) -> Axis:
    """The planned axis, else one of about six steps that reaches the last follow-up."""
    unit = DAYS_IN[endpoint.unit]
    if plan.figure is not None:
        until, every = plan.figure.until, plan.figure.every
    else:
        longest = max(last_days, 1.0) / unit
        rough = longest / 6
        power = 10.0 ** floor(log10(rough))
        steps = [3, 6, 12, 24, 36, 60, 120] if endpoint.unit == "month" and rough > 1 else []
        every = next((step for step in [*steps, *(power * m for m in (1, 2, 5, 10))] if step >= rough), rough)
        until = every * -(-longest // every)
    # A tolerance on the last tick: 0.1 * 3 must not lose its end to binary fractions.
    many = floor(until / every + 1e-9)
    return Axis(until * unit, tuple(every * index * unit for index in range(many + 1)))


def _event_free(endpoint: Endpoint) -> str:
    """What the curve is the probability of: the end point where its name says so, else being without events."""
    if "survival" in endpoint.label.lower():
        return endpoint.label[:1].lower() + endpoint.label[1:]
    return "no event"


def _statistics(protocol: Protocol, rows: Rows, name: str, *, full: bool) -> list[tuple[str, bool]]:
    """Lines for inside the plot, each with whether it is bold: hazard ratios, intervals and P values.

    full: with the full labels of the arms.
    """
    plan = protocol.analyses[name]
    labels = Labels(protocol)
    style = protocol.report.style
    lines: list[tuple[str, bool]] = []
    for comparison in plan.comparisons:
        group = group_of(comparison)
        parts = []
        value = rows.value(name, "hazard_ratio", group=group, variable=plan.endpoint, method="Cox")
        if value is not None and plan.cox is not None:
            lower = rows.value(name, "lower", group=group, variable=plan.endpoint, method="Cox")
            upper = rows.value(name, "upper", group=group, variable=plan.endpoint, method="Cox")
            limits = interval_text(lower, upper, 2, plan.cox.confidence_level, style)
            parts.append(f"hazard ratio, {fixed(value, 2)} ({limits})")
        test = p_row(rows, name, plan, group)
        if test is not None and test.value is not None:
            side = "one-sided " if test.statistic.endswith("one_sided") else ""
            parts.append(side + p_text(test.value, style))
        if parts:
            lines.append((labels.full_group(group) if full else labels.group(group), True))
            text = "; ".join(parts)
            lines.append((text[:1].upper() + text[1:] if not text.startswith("P") else text, False))
    together = None if plan.comparisons else p_row(rows, name, plan, OVERALL)
    if together is not None and together.value is not None:
        lines.append((f"{p_text(together.value, style)} ({together.method.split(' by ')[0]})", False))
    return lines


def risk_rows(
    rows: Rows,
    name: str,
    endpoint: str,
    arms: list[str],
    axis: Axis,
    titles: tuple[tuple[str, str], ...] = RISK_ROWS,
    method: str = "risk table",
) -> dict[str, dict[str, dict[float, str]]]:
    """Numbers below the axis: arm → row → tick → number.  titles: of each row, with its statistic."""
    found: dict[str, dict[str, dict[float, str]]] = {}
    for arm in arms:
        columns: dict[str, dict[float, str]] = {}
        for title, statistic in titles:
            cells = rows.all(name, statistic, group=arm, variable=endpoint, method=method)
            columns[title] = {
                row.at: count(row.value) for row in cells
                if row.at is not None and row.value is not None and row.at <= axis.until + 0.5
            }  # fmt: skip
        if any(columns.values()):
            found[arm] = columns
    return found


def _description(labels: Labels, plan: Analysis, endpoint: Endpoint, curves: list[Curve]) -> str:
    """The picture in words, for those who do not see it."""
    unit = DAYS_IN[endpoint.unit]
    ends = "; ".join(
        f"{labels.short(curve.label)}, {fixed(100 * curve.last.value, 1)}% at "
        f"{fixed(curve.last.at / unit, 1)} {plural(endpoint.unit)}" for curve in curves
    )  # fmt: skip
    level = level_text(plan.kaplan_meier.confidence_level)
    by = by_of(plan)
    apart = f" by {'arm' if by == ARM else lower_first(labels.factor(by))}" if by else ""
    return (
        f"Step curves of {endpoint.label}{apart}, with {level} confidence bands and ticks where patients "
        f"were censored. Where the curves end: {ends}. The table of this analysis holds the numbers."
    )
