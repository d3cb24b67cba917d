"""Kaplan-Meier curves with the extended risk table that readers prefer (KMunicate; Morris et al., 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

from equipoise.dates import DAYS_IN
from equipoise.protocol.definition import Analysis, Endpoint, Protocol
from equipoise.report.figures.curves import (
    Curve,
    Frame,
    band_paths,
    covered,
    curve_path,
    read_curve,
    tick_path,
)
from equipoise.report.figures.lettering import shortened, spread, width, wrap
from equipoise.report.figures.palette import Pen, pens
from equipoise.report.figures.svg import GRAY, INK, RULE, Drawing
from equipoise.report.labels import ARM, OVERALL, Labels, by_of, group_of, lower_first, plural
from equipoise.report.numbers import count, fixed, interval_text, level_text, p_text, plain
from equipoise.report.rows import Rows
from equipoise.report.tables.endpoints import p_row

WIDTH = 760.0
PLOT_HEIGHT = 330.0
SIZE = 12.0
LABEL_LIMIT = 150.0
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
    axis = time_axis(plan, endpoint, max(curve.last.days for curve in full))
    curves = [
        curve for arm in arms if (curve := read_curve(rows, name, plan.endpoint, arm, axis.until))
    ]  # fmt: skip
    styles = pens(protocol, arms)
    wrapped = {curve.arm: _end_label(labels, curve.arm) for curve in curves}
    label_width = max(width(line, SIZE, bold=True) for lines in wrapped.values() for line in lines)
    note = _statistics(protocol, rows, name, full=True)
    left = 92.0
    frame = Frame(left, 16.0, WIDTH - left - label_width - 14, PLOT_HEIGHT, axis.until)
    spot = _free_spot(note, curves, frame)
    if spot is None:
        note = _statistics(protocol, rows, name, full=False)
        spot = _free_spot(note, curves, frame)
    if note and spot is None:
        note = [(part, bold) for line, bold in note for part in wrap(line, WIDTH - left, SIZE, bold=bold)]
        frame = Frame(left, 16.0 + 16.0 * len(note) + 10, frame.width, PLOT_HEIGHT, axis.until)
        spot = (left, 22.0)
    risk = _risk_rows(rows, name, plan.endpoint, [curve.arm for curve in curves], axis)
    height = frame.bottom + 48 + (30 + len(risk) * (16 * len(RISK_ROWS) + 26) if risk else 0)
    drawing = Drawing(
        identifier, WIDTH, height, f"Kaplan–Meier curves: {labels.analysis(name)}",
        _description(labels, plan, endpoint, curves),
    )  # fmt: skip
    _draw_axes(drawing, frame, axis, endpoint, labels)
    _draw_curves(drawing, frame, curves, styles)
    _draw_labels(drawing, frame, curves, wrapped, styles)
    if spot is not None:
        _draw_note(drawing, note, spot)
    _draw_risk_table(drawing, frame, axis, risk, labels, styles)
    return drawing.render()


def _end_label(labels: Labels, arm: str) -> list[str]:
    """An arm's name beside its curve: in full if that takes three lines at most, else short, else cut."""
    full = wrap(labels.arm(arm), LABEL_LIMIT, SIZE, bold=True)
    if len(full) <= 3:
        return full
    return shortened(wrap(labels.short(arm), LABEL_LIMIT - SIZE, SIZE, bold=True), 3)


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


def _draw_axes(drawing: Drawing, frame: Frame, axis: Axis, endpoint: Endpoint, labels: Labels) -> None:
    """Both axes with ticks and titles."""
    drawing.line(frame.left, frame.top, frame.left, frame.bottom)
    drawing.line(frame.left, frame.bottom, frame.right, frame.bottom)
    for tenth in range(0, 11, 2):
        y = frame.y(tenth / 10)
        drawing.line(frame.left - 5, y, frame.left, y)
        drawing.text(frame.left - 9, y + 4, f"{tenth / 10:.1f}", size=SIZE, anchor="end")
    for days in axis.ticks:
        x = frame.x(days)
        drawing.line(x, frame.bottom, x, frame.bottom + 5)
        drawing.text(
            x, frame.bottom + 19, plain(days / DAYS_IN[endpoint.unit]), size=SIZE, anchor="middle"
        )  # fmt: skip
    unit = plural(endpoint.unit).capitalize()
    drawing.text(
        frame.left + frame.width / 2, frame.bottom + 40, f"{unit} since {labels.origin(endpoint)}",
        size=SIZE + 1, anchor="middle",
    )  # fmt: skip
    lines = wrap(f"Probability of {_event_free(endpoint)}", frame.height - 10, SIZE + 1)[:3]
    for index, line in enumerate(lines):
        x = 14.0 + 16 * index + (16.0 if len(lines) == 1 else 0.0)
        drawing.text(x, frame.top + frame.height / 2, line, size=SIZE + 1, anchor="middle", turn=True)


def _event_free(endpoint: Endpoint) -> str:
    """What the curve is the probability of: the end point where its name says so, else being without events."""
    if "survival" in endpoint.label.lower():
        return endpoint.label[:1].lower() + endpoint.label[1:]
    return "no event"


def _draw_curves(drawing: Drawing, frame: Frame, curves: list[Curve], styles: dict[str, Pen]) -> None:
    """Intervals below, then lines, then ticks, so that no arm's interval hides another's line."""
    for curve in curves:
        for data in band_paths(curve, frame):
            drawing.path(data, fill=styles[curve.arm].line, opacity=0.11, kind="band")
    for curve in curves:
        pen = styles[curve.arm]
        drawing.path(curve_path(curve, frame), stroke=pen.line, width=1.9, dash=pen.dash, kind="curve")
    for curve in curves:
        ticks = tick_path(curve, frame)
        if ticks:
            drawing.path(ticks, stroke=styles[curve.arm].ink, width=0.8, kind="censored")


def _draw_labels(
    drawing: Drawing, frame: Frame, curves: list[Curve], wrapped: dict[str, list[str]], styles: dict[str, Pen]
) -> None:
    """Each arm's name where its curve ends, moved just enough not to touch the next one."""
    leading = SIZE * 1.25
    heights = [leading * len(wrapped[curve.arm]) + 4 for curve in curves]
    ends = [frame.y(curve.last.survival) for curve in curves]
    centers = spread(ends, heights, frame.top - 8, frame.bottom - 2)
    for curve, center, height, end in zip(curves, centers, heights, ends, strict=True):
        pen = styles[curve.arm]
        x_end = frame.x(curve.last.days)
        if frame.right - x_end > 3 or abs(center - end) > 3:
            drawing.path(
                f"M{x_end + 2:.1f} {end:.1f}L{max(x_end + 2, frame.right - 6):.1f} {end:.1f}"
                f"L{frame.right + 6:.1f} {center:.1f}",
                stroke=pen.line, width=0.7, dash="1.5 2", kind="leader",
            )  # fmt: skip
        first = center - height / 2 + 2 + SIZE * 0.95
        drawing.lines(
            frame.right + 10, first, wrapped[curve.arm], size=SIZE, leading=1.25, fill=pen.ink, bold=True
        )  # fmt: skip


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


def _free_spot(note: list[tuple[str, bool]], curves: list[Curve], frame: Frame) -> tuple[float, float] | None:
    """The first baseline of the note where neither curve nor interval passes; None where there is no room."""
    if not note:
        return None
    wide = max(width(line, SIZE, bold=bold) for line, bold in note) + 8
    high = 16.0 * len(note) + 6
    if wide > frame.width - 20:
        return None
    low = frame.bottom - high - 8
    for left, top in (
        (frame.left + 14, low),
        (frame.right - wide, frame.top),
        (frame.right - wide, low),
        (frame.left + (frame.width - wide) / 2, low),
        (frame.left + (frame.width - wide) / 2, frame.top),
    ):
        taken = covered(curves, frame, left - 4, left + wide)
        if all(bottom < top or upper > top + high for upper, bottom in taken):
            return left, top + 14
    return None


def _draw_note(drawing: Drawing, note: list[tuple[str, bool]], spot: tuple[float, float]) -> None:
    """The statistics at their place."""
    for index, (line, bold) in enumerate(note):
        drawing.text(spot[0], spot[1] + 16 * index, line, size=SIZE, bold=bold)


def _risk_rows(
    rows: Rows, name: str, endpoint: str, arms: list[str], axis: Axis
) -> dict[str, dict[str, dict[float, float]]]:
    """Numbers below the axis: arm → statistic → tick → number."""
    found: dict[str, dict[str, dict[float, float]]] = {}
    for arm in arms:
        columns: dict[str, dict[float, float]] = {}
        for _, statistic in RISK_ROWS:
            cells = rows.all(name, statistic, group=arm, variable=endpoint, method="risk table")
            columns[statistic] = {
                row.at: row.value for row in cells
                if row.at is not None and row.value is not None and row.at <= axis.until + 0.5
            }  # fmt: skip
        if any(columns.values()):
            found[arm] = columns
    return found


def _draw_risk_table(
    drawing: Drawing,
    frame: Frame,
    axis: Axis,
    risk: dict[str, dict[str, dict[float, float]]],
    labels: Labels,
    styles: dict[str, Pen],
) -> None:
    """The risk table: a block for each arm under its name, each number below its tick."""
    if not risk:
        return
    y = frame.bottom + 70
    drawing.text(0, y, "Number of patients", size=SIZE - 1, fill=GRAY)
    drawing.line(0, y + 7, WIDTH, y + 7, stroke=RULE, width=0.6)
    y += 24
    for arm, columns in risk.items():
        name = shortened(wrap(labels.arm(arm), WIDTH - SIZE, SIZE, bold=True), 1)[0]
        drawing.text(0, y, name, size=SIZE, fill=styles[arm].ink, bold=True)
        for label, statistic in RISK_ROWS:
            y += 16
            drawing.text(0, y, label, size=SIZE, fill=INK)
            for days, value in columns[statistic].items():
                drawing.text(frame.x(days), y, count(value), size=SIZE, anchor="middle")
        y += 26


def _description(labels: Labels, plan: Analysis, endpoint: Endpoint, curves: list[Curve]) -> str:
    """The picture in words, for those who do not see it."""
    unit = DAYS_IN[endpoint.unit]
    ends = "; ".join(
        f"{labels.short(curve.arm)}, {fixed(100 * curve.last.survival, 1)}% at "
        f"{fixed(curve.last.days / unit, 1)} {plural(endpoint.unit)}" for curve in curves
    )  # fmt: skip
    level = level_text(plan.kaplan_meier.confidence_level)
    by = by_of(plan)
    apart = f" by {'arm' if by == ARM else lower_first(labels.factor(by))}" if by else ""
    return (
        f"Step curves of {endpoint.label}{apart}, with {level} confidence bands and ticks where patients "
        f"were censored. Where the curves end: {ends}. The table of this analysis holds the numbers."
    )
