"""The log-log plot: with proportional hazards the lines of the groups keep one distance."""

from __future__ import annotations

from math import ceil, floor, log10

from equipoise.dates import DAYS_IN
from equipoise.drawing.lettering import spread, width
from equipoise.drawing.step_figure import LABEL_LIMIT, SIZE, WIDTH, end_name
from equipoise.drawing.svg import Drawing, number
from equipoise.protocol.definition import Protocol
from equipoise.report.figures.palette import pens
from equipoise.report.labels import ARM, Labels, by_of, lower_first, plural
from equipoise.report.numbers import plain
from equipoise.report.rows import Rows

_LEFT, _TOP, _HEIGHT = 92.0, 16.0, 330.0
Points = list[tuple[float, float]]  # days since the origin, log(-log S)


def log_log_figure(protocol: Protocol, rows: Rows, name: str, identifier: str) -> str | None:
    """The log of the cumulative hazard by the log of time as SVG; None where no group has a point."""
    plan = protocol.analyses[name]
    labels = Labels.of(protocol, plan)
    endpoint = labels.endpoint_of(plan)
    groups = labels.groups_in(by_of(plan), rows.groups(name))
    lines = {group: points for group in groups if (points := _points(rows, name, plan.endpoint, group))}
    if not lines:
        return None
    by = by_of(plan)
    apart = f" by {'arm' if by == ARM else lower_first(labels.factor(by))}" if by else ""
    drawing = Drawing(
        identifier, WIDTH, _TOP + _HEIGHT + 48, f"Log-log plot: {labels.analysis(name)}",
        f"Step curves of log(−log S) of {endpoint.label}{apart} on a logarithmic axis of time. Lines that keep one "
        "distance from each other speak for proportional hazards.",
    )  # fmt: skip
    names = {group: end_name(labels.arm(group), labels.short(group)) for group in lines}
    wide = max(width(line, SIZE, bold=True) for one in names.values() for line in one)
    right = WIDTH - min(wide, LABEL_LIMIT) - 14
    days = [at for points in lines.values() for at, _ in points]
    values = [value for points in lines.values() for _, value in points]
    unit = DAYS_IN[endpoint.unit]
    times = time_ticks(min(days) / unit, max(days) / unit)
    levels = value_ticks(min(values), max(values))
    first, last = log10(min(*days, times[0] * unit)), log10(max(*days, times[-1] * unit))
    low, high = levels[0], levels[-1]

    def x(at: float) -> float:
        return _LEFT + (log10(at) - first) / ((last - first) or 1.0) * (right - _LEFT)

    def y(value: float) -> float:
        return _TOP + (high - value) / ((high - low) or 1.0) * _HEIGHT

    bottom = _TOP + _HEIGHT
    drawing.line(_LEFT, _TOP, _LEFT, bottom)
    drawing.line(_LEFT, bottom, right, bottom)
    for level in levels:
        drawing.line(_LEFT - 5, y(level), _LEFT, y(level))
        drawing.text(_LEFT - 9, y(level) + 4, plain(level).replace("-", "−"), size=SIZE, anchor="end")
    for time in times:
        drawing.line(x(time * unit), bottom, x(time * unit), bottom + 5)
        drawing.text(x(time * unit), bottom + 19, plain(time), size=SIZE, anchor="middle")
    since = f"{plural(endpoint.unit).capitalize()} since {labels.origin(endpoint)} (logarithmic axis)"
    drawing.text((_LEFT + right) / 2, bottom + 40, since, size=SIZE + 1, anchor="middle")
    drawing.text(30, _TOP + _HEIGHT / 2, "log(−log S)", size=SIZE + 1, anchor="middle", turn=True)
    drawn = pens(protocol, groups)
    for group, points in lines.items():
        path = f"M{number(x(points[0][0]))} {number(y(points[0][1]))}"
        path += "".join(f"H{number(x(at))}V{number(y(value))}" for at, value in points[1:])
        drawing.path(path, stroke=drawn[group].line, width=1.9, dash=drawn[group].dash, kind="curve")
    heights = [SIZE * 1.25 * len(names[group]) + 4 for group in lines]
    ends = [y(points[-1][1]) for points in lines.values()]
    centers = spread(ends, heights, _TOP - 8, bottom - 2)
    for (group, points), center, height, end in zip(lines.items(), centers, heights, ends, strict=True):
        pen = drawn[group]
        at = x(points[-1][0])
        if right - at > 3 or abs(center - end) > 3:
            drawing.path(
                f"M{at + 2:.1f} {end:.1f}L{max(at + 2, right - 6):.1f} {end:.1f}L{right + 6:.1f} {center:.1f}",
                stroke=pen.line, width=0.7, dash="1.5 2", kind="leader",
            )  # fmt: skip
        drawing.lines(right + 10, center - height / 2 + 2 + SIZE * 0.95, names[group], size=SIZE, leading=1.25,
                      fill=pen.ink, bold=True)  # fmt: skip
    return drawing.render()


def _points(rows: Rows, name: str, endpoint: str, group: str) -> Points:
    """The points of a group in the order of time."""
    found = rows.all(name, "log_minus_log_survival", group=group, variable=endpoint, method="points log-log")
    return sorted((row.at, row.value) for row in found if row.at is not None and row.value is not None)


def time_ticks(first: float, last: float) -> list[float]:
    """Round times of a logarithmic axis that hold the first and the last.

    >>> time_ticks(0.03, 6.2)
    [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
    """
    low, high = floor(log10(first)), ceil(log10(last))
    every = [round(step * 10.0**power, 12) for power in range(low, high + 1) for step in (1, 2, 5)]
    start = max((tick for tick in every if tick <= first), default=every[0])
    end = min((tick for tick in every if tick >= last), default=every[-1])
    inside = [tick for tick in every if start <= tick <= end]
    if len(inside) > 10:
        inside = [tick for tick in inside if abs(log10(tick) - round(log10(tick))) < 1e-9]
    return inside


def value_ticks(lowest: float, highest: float) -> list[float]:
    """Whole numbers that hold the lowest and the highest value, at most about eight.

    >>> value_ticks(-6.8, 0.4)
    [-7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0]
    """
    step = max(1, ceil((highest - lowest) / 8))
    low = floor(lowest / step) * step
    many = max(1, ceil((highest - low) / step))
    return [float(low + step * index) for index in range(many + 1)]
