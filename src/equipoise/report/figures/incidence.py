"""Cumulative incidence beside competing events: curves that rise from 0, with what happened below the axis."""

from __future__ import annotations

from equipoise.dates import DAYS_IN
from equipoise.drawing.step_figure import StepFigure, end_name, render
from equipoise.drawing.steps import Curve
from equipoise.protocol.definition import Analysis, Protocol
from equipoise.report.figures.curves import INCIDENCE, read_curve
from equipoise.report.figures.kaplan_meier import risk_rows, time_axis
from equipoise.report.figures.palette import pens
from equipoise.report.labels import ARM, Labels, by_of, lower_first, plural
from equipoise.report.numbers import fixed, level_text, p_text, plain
from equipoise.report.rows import Rows
from equipoise.report.tables.incidence import gray_rows, incidence_of

RISK_TABLE = "cumulative incidence risk table"
_RISK_ROWS = (
    ("At risk", "at_risk"), ("Censored", "cumulative_censored"), ("Events", "cumulative_events"),
    ("Competing", "cumulative_competing"),
)  # fmt: skip
# Where the vertical axis may end: an incidence of a few percent would lie on the axis of a plot that ends at 1.
_HIGHEST = (0.2, 0.5, 1.0)


def incidence_figure(protocol: Protocol, rows: Rows, name: str, identifier: str) -> str | None:
    """The incidence of an analysis's end point by group as SVG; None where no group has one.

    The vertical axis begins at 0 and ends at 1, or at 0.5 or 0.2 where every limit stays below.
    """
    plan = protocol.analyses[name]
    labels = Labels.of(protocol, plan)
    endpoint = labels.endpoint_of(plan)
    groups = labels.groups_in(by_of(plan), rows.groups(name))
    full = _curves(rows, name, plan, groups, None)
    if not full:
        return None
    axis = time_axis(plan, endpoint, max(curve.last.at for curve in full))
    curves = _curves(rows, name, plan, groups, axis.until)
    highest = _highest(curves)
    levels = [
        (highest * part / 5, f"{highest * part / 5:.{1 if highest >= 0.5 else 2}f}") for part in range(6)
    ]
    return render(
        StepFigure(
            identifier=identifier,
            title=f"{incidence_of(endpoint)}: {labels.analysis(name)}",
            description=_description(labels, plan, curves),
            curves=curves,
            pens=pens(protocol, groups),
            names={group: labels.arm(group) for group in groups},
            end_names={group: end_name(labels.arm(group), labels.short(group)) for group in groups},
            until=axis.until,
            ticks=[(days, plain(days / DAYS_IN[endpoint.unit])) for days in axis.ticks],
            time_title=f"{plural(endpoint.unit).capitalize()} since {labels.origin(endpoint)}",
            value_title=incidence_of(endpoint),
            levels=levels,
            highest=highest,
            notes=[_statistics(protocol, rows, name, full=full_names) for full_names in (True, False)],
            risk=risk_rows(rows, name, plan.endpoint, [one.label for one in curves], axis, _RISK_ROWS, RISK_TABLE),
        )
    )  # fmt: skip


def _curves(rows: Rows, name: str, plan: Analysis, groups: list[str], until: float | None) -> list[Curve]:
    """The curve of each group that has one."""
    found = [read_curve(rows, name, plan.endpoint, group, until, INCIDENCE) for group in groups]
    return [curve for curve in found if curve is not None]


def _highest(curves: list[Curve]) -> float:
    """The end of the vertical axis, with some room above the curves."""
    top = max(step.upper if step.upper is not None else step.value for one in curves for step in one.steps)
    return next(end for end in _HIGHEST if top <= 0.9 * end or end == _HIGHEST[-1])


def _statistics(protocol: Protocol, rows: Rows, name: str, *, full: bool) -> list[tuple[str, bool]]:
    """Lines for inside the plot, each with whether it is bold: the P values of Gray's test."""
    labels = Labels(protocol)
    lines: list[tuple[str, bool]] = []
    for group, row in gray_rows(rows, name, protocol.analyses[name]):
        if row.value is not None:
            text = f"{p_text(row.value, protocol.report.style)} (Gray’s test)"
            several = " vs " in group
            lines += [(labels.full_group(group) if full else labels.group(group), True)] if several else []
            lines.append((text, False))
    return lines


def _description(labels: Labels, plan: Analysis, curves: list[Curve]) -> str:
    """The picture in words, for those who do not see it."""
    endpoint = labels.endpoint_of(plan)
    ends = "; ".join(
        f"{labels.short(curve.label)}, {fixed(100 * curve.last.value, 1)}% at "
        f"{fixed(curve.last.at / DAYS_IN[endpoint.unit], 1)} {plural(endpoint.unit)}" for curve in curves
    )  # fmt: skip
    level = (
        "" if plan.cumulative_incidence is None else level_text(plan.cumulative_incidence.confidence_level)
    )
    by = by_of(plan)
    apart = f" by {'arm' if by == ARM else lower_first(labels.factor(by))}" if by else ""
    return (
        f"Rising step curves of the {lower_first(incidence_of(endpoint))}{apart}, with {level} confidence bands and ticks "
        f"where patients were censored. Where the curves end: {ends}. The table of this analysis holds the numbers."
    )
