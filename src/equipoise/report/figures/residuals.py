"""Scaled Schoenfeld residuals over time: a panel for each term of a model, with a smooth of its residuals."""

from __future__ import annotations

from math import ceil, floor, log10

from equipoise.dates import DAYS_IN
from equipoise.drawing.lettering import shortened, wrap
from equipoise.drawing.pens import colored
from equipoise.drawing.step_figure import SIZE, WIDTH
from equipoise.drawing.svg import GRAY, Drawing, number
from equipoise.protocol.definition import Protocol
from equipoise.report.figures.kaplan_meier import time_axis
from equipoise.report.labels import Labels, plural
from equipoise.report.numbers import p_text, plain
from equipoise.report.rows import Rows
from equipoise.report.tables.proportional_hazards import METHOD, term_label

_POINTS = "points scaled Schoenfeld residuals"
_HEIGHT, _LEFT, _TOP, _BOTTOM, _GAP = 200.0, 62.0, 44.0, 50.0, 22.0
Points = list[tuple[float, float]]  # days, value


def residual_figure(protocol: Protocol, rows: Rows, name: str, group: str, identifier: str) -> str | None:
    """The residuals of the model of a comparison, or of the only model (``overall``), as SVG; None without any."""
    plan = protocol.analyses[name]
    labels = Labels.of(protocol, plan)
    found = [row for row in rows.of(name) if row.statistic == "scaled_schoenfeld" and row.group == group]
    terms = list(dict.fromkeys(row.level for row in found))
    if not terms:
        return None
    columns = min(2, len(terms))
    lines = ceil(len(terms) / columns)
    wide = (WIDTH - _GAP * (columns - 1)) / columns
    high = _TOP + _HEIGHT + _BOTTOM
    drawing = Drawing(
        identifier, WIDTH, high * lines, f"Scaled Schoenfeld residuals: {labels.analysis(name)}",
        "Residuals of each term over time as points, with a smooth line and its band; a dashed line marks the constant "
        "coefficient that proportional hazards imply. The table of the tests holds the numbers.",
    )  # fmt: skip
    last = max(row.at or 0.0 for row in found)
    axis = time_axis(plan, labels.endpoint_of(plan), last)
    ticks = [(at, plain(at / DAYS_IN[labels.endpoint_of(plan).unit])) for at in axis.ticks]
    for index, term in enumerate(terms):
        left = (index % columns) * (wide + _GAP) + _LEFT
        top = (index // columns) * high + _TOP
        panel = _Panel(drawing, left, top, wide - _LEFT - 8, max(axis.until, last))
        p = rows.value(
            name, "p_value_two_sided", group=group, variable=plan.endpoint, level=term, method=METHOD
        )
        tested = "" if p is None else f" ({p_text(p, protocol.report.style)})"
        heads = wrap(term_label(labels, group, term) + tested, wide, SIZE, bold=True)
        drawing.lines(left - _LEFT, top - 30 + 1, shortened(heads, 2), size=SIZE, leading=1.2, bold=True)
        panel.draw(rows, name, plan.endpoint, group, term, ticks)
        unit = plural(labels.endpoint_of(plan).unit).capitalize()
        drawing.text(left + panel.width / 2, top + _HEIGHT + 38, f"{unit} since {labels.origin(labels.endpoint_of(plan))}",
                     size=SIZE, anchor="middle")  # fmt: skip
    return drawing.render()


class _Panel:
    """The plot of one term."""

    def __init__(self, drawing: Drawing, left: float, top: float, width: float, until: float) -> None:
        self.drawing, self.left, self.top, self.width, self.until = drawing, left, top, width, until

    def draw(
        self, rows: Rows, name: str, endpoint: str, group: str, term: str, ticks: list[tuple[float, str]]
    ) -> None:
        """Points, smooth, constant and axes."""

        def points(statistic: str) -> Points:
            found = rows.all(name, statistic, group=group, variable=endpoint, level=term, method=_POINTS)
            return [(row.at, row.value) for row in found if row.at is not None and row.value is not None]

        residuals = points("scaled_schoenfeld")
        smooth, lower, upper = (
            points(f"scaled_schoenfeld_smooth_{one}") for one in ("value", "lower", "upper")
        )
        constant = rows.value(name, "scaled_schoenfeld_constant", group=group, variable=endpoint, level=term,
                              method=_POINTS)  # fmt: skip
        shown = [value for _, value in residuals] + ([] if constant is None else [constant])
        levels = round_ticks(min(shown), max(shown))
        low, high = levels[0], levels[-1]
        bottom, right = self.top + _HEIGHT, self.left + self.width

        def x(at: float) -> str:
            return number(self.left + at / self.until * self.width)

        def y(value: float) -> str:
            # The band may leave the plot; it ends at its edge.
            inside = min(max(value, low), high)
            return number(self.top + (high - inside) / (high - low) * _HEIGHT)

        pen = colored(0)
        if lower and upper:
            there = "".join(f"L{x(at)} {y(value)}" for at, value in upper)
            back = "".join(f"L{x(at)} {y(value)}" for at, value in reversed(lower))
            self.drawing.path(f"M{there[1:]}{back}Z", fill=pen.line, opacity=0.13, kind="band")
        for at, value in residuals:
            place = float(x(at)), float(y(value))
            self.drawing.rect(place[0] - 1.5, place[1] - 1.5, 3, 3, fill=GRAY, radius=1.5, kind="residual")
        if smooth:
            path = "".join(f"L{x(at)} {y(value)}" for at, value in smooth)
            self.drawing.path(f"M{path[1:]}", stroke=pen.line, width=1.9, kind="curve")
        if constant is not None:
            self.drawing.line(self.left, float(y(constant)), right, float(y(constant)), width=0.9, dash="5 3")
        self.drawing.line(self.left, self.top, self.left, bottom)
        self.drawing.line(self.left, bottom, right, bottom)
        for level in levels:
            at_y = float(y(level))
            self.drawing.line(self.left - 5, at_y, self.left, at_y)
            self.drawing.text(self.left - 9, at_y + 4, plain(level), size=SIZE, anchor="end")
        for at, words in ticks:
            self.drawing.line(float(x(at)), bottom, float(x(at)), bottom + 5)
            self.drawing.text(float(x(at)), bottom + 18, words, size=SIZE, anchor="middle")


def round_ticks(lowest: float, highest: float) -> list[float]:
    """Round numbers that hold the lowest and the highest value, about five.

    >>> round_ticks(-0.13, 0.31)
    [-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4]
    """
    span = (highest - lowest) or abs(highest) or 1.0
    power = 10.0 ** floor(log10(span / 5))
    step = next(power * one for one in (1, 2, 5, 10) if power * one * 6 >= span)
    first, last = floor(lowest / step), ceil(highest / step)
    return [round((first + index) * step, 12) + 0.0 for index in range(max(1, last - first) + 1)]
