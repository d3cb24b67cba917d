"""A forest plot: subgroups on a log axis, boxes as large as their information, no claim by color."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

from equipoise.drawing.lettering import shortened, width, wrap
from equipoise.drawing.svg import GRAY, INK, RULE, Drawing, number
from equipoise.protocol.definition import Comparison, Protocol
from equipoise.report.labels import Labels, group_of
from equipoise.report.numbers import level_text, plain
from equipoise.report.rows import Rows
from equipoise.report.tables.subgroups import Entry, subgroup_entries

WIDTH = 860.0
SIZE = 12.0
LEADING = 15.0
GAP = 16.0
STUB_LIMIT = 210.0
HEAD_LIMIT = 134.0
TICKS = (0.03125, 0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
BOX = "#0072b2"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns are: right edges of both counts, the plot, then text columns."""

    counts: tuple[float, float]
    left: float
    right: float
    estimate: float
    interaction: float
    low: float
    high: float

    def x(self, ratio: float) -> float:
        """Place of a ratio on the log axis."""
        part = (log(ratio) - log(self.low)) / (log(self.high) - log(self.low))
        return self.left + part * (self.right - self.left)


def forest_figure(
    protocol: Protocol, rows: Rows, name: str, comparison: Comparison, identifier: str
) -> str | None:
    """The subgroups of one comparison as SVG; None where there are none.

    The area of a box is proportional to the number of events, which for a hazard ratio is its information.
    """
    entries = subgroup_entries(protocol, rows, name, comparison)
    if not entries:
        return None
    labels = Labels(protocol)
    plan = protocol.analyses[name]
    arms = (labels.short(comparison.experimental), labels.short(comparison.control))
    heads = tuple(shortened(wrap(arm, HEAD_LIMIT - SIZE, SIZE, bold=True), 4) for arm in arms)
    stubs = [wrap(entry.label, STUB_LIMIT, SIZE, bold=entry.kind != "level") for entry in entries]
    layout = _layout(entries, stubs, heads)
    head_lines = max(len(lines) for lines in heads) + 1
    top = 16.0 + LEADING * head_lines + 8
    heights = [_height(lines, entry) for lines, entry in zip(stubs, entries, strict=True)]
    bottom = top + sum(heights) + 4
    drawing = Drawing(
        identifier, WIDTH, bottom + 64, f"Forest plot: {labels.analysis(name)}, {labels.group(group_of(comparison))}",
        _description(entries),
    )  # fmt: skip
    level = level_text(plan.cox.confidence_level if plan.cox is not None else 0.95)
    _draw_heads(drawing, layout, heads, level, top)
    _draw_axis(drawing, layout, top, bottom, arms)
    heaviest = max((entry.weight for entry in entries if entry.kind == "level"), default=1.0) or 1.0
    y = top
    for entry, lines, height in zip(entries, stubs, heights, strict=True):
        _draw_entry(drawing, layout, entry, lines, y, height, heaviest)
        y += height
    return drawing.render()


def _height(lines: list[str], entry: Entry) -> float:
    """Height of a line of the plot; a factor's head stands a little off what is above it."""
    return LEADING * len(lines) + (6 if entry.kind == "level" else 13)


def _layout(entries: list[Entry], stubs: list[list[str]], heads: tuple[list[str], ...]) -> Layout:
    """Columns as wide as their widest text; the plot takes the rest."""
    stub = max(
        width(line, SIZE, bold=entry.kind != "level") + (14 if entry.kind == "level" else 0)
        for lines, entry in zip(stubs, entries, strict=True) for line in lines
    )  # fmt: skip
    stub = max(stub, width("Subgroup", SIZE, bold=True))
    edges, x = [], stub
    for index in range(2):
        cells = [width(entry.events[index], SIZE) for entry in entries]
        head = [width(line, SIZE, bold=True) for line in [*heads[index], "events/patients"]]
        x += GAP + max(*cells, *head)
        edges.append(x)
    ratio = max(
        max(width(entry.estimate, SIZE) for entry in entries), width("Hazard ratio (95%", SIZE, bold=True)
    )
    test = max(
        max(width(entry.interaction, SIZE) for entry in entries), width("interaction", SIZE, bold=True)
    )
    interaction = WIDTH
    estimate = interaction - test - GAP
    low, high = axis_limits(entries)
    return Layout(
        (edges[0], edges[1]), x + GAP + 8, estimate - ratio - GAP - 8, estimate, interaction, low, high
    )


def axis_limits(entries: list[Entry]) -> tuple[float, float]:
    """Powers of two that hold every estimate and the overall interval; far whiskers end in an arrow.

    >>> axis_limits([Entry("All", "overall", hazard_ratio=0.6, lower=0.47, upper=0.76)])
    (0.25, 2.0)
    """
    points = [entry.hazard_ratio for entry in entries if entry.hazard_ratio is not None]
    limits = [
        limit for entry in entries for limit in (entry.lower, entry.upper) if limit is not None and limit > 0
    ]
    wanted_low = min([*points, *(limit for limit in limits if limit >= 0.2), 0.5])
    wanted_high = max([*points, *(limit for limit in limits if limit <= 5.0), 1.5])
    low = max((tick for tick in TICKS if tick <= wanted_low), default=TICKS[0])
    high = min((tick for tick in TICKS if tick >= wanted_high), default=TICKS[-1])
    return low, high


def _draw_heads(
    drawing: Drawing, layout: Layout, heads: tuple[list[str], ...], level: str, top: float
) -> None:
    """Column heads, their last lines on one height."""
    base = top - 14
    drawing.text(0, base, "Subgroup", size=SIZE, bold=True)
    for edge, lines in zip(layout.counts, heads, strict=True):
        drawing.text(edge, base, "events/patients", size=SIZE - 1, anchor="end", fill=GRAY)
        drawing.lines(
            edge,
            base - LEADING * len(lines),
            lines,
            size=SIZE,
            leading=LEADING / SIZE,
            anchor="end",
            bold=True,
        )
    drawing.lines(
        layout.estimate, base - LEADING, ["Hazard ratio", f"({level} CI)"], size=SIZE, leading=LEADING / SIZE,
        anchor="end", bold=True,
    )  # fmt: skip
    drawing.lines(
        layout.interaction, base - LEADING, ["P for", "interaction"], size=SIZE, leading=LEADING / SIZE,
        anchor="end", bold=True,
    )  # fmt: skip
    drawing.line(0, top - 6, WIDTH, top - 6, stroke=INK, width=0.8)


def _draw_axis(drawing: Drawing, layout: Layout, top: float, bottom: float, arms: tuple[str, str]) -> None:
    """The log axis, the line of no difference, and which side favors whom."""
    one = layout.x(1.0)
    drawing.line(one, top - 2, one, bottom, stroke=RULE, width=1)
    drawing.line(layout.left, bottom, layout.right, bottom)
    room = (layout.right - layout.left) / 26
    shown = [tick for tick in TICKS if layout.low <= tick <= layout.high]
    step = 1 if len(shown) <= room else 2
    for tick in shown:
        x = layout.x(tick)
        drawing.line(x, bottom, x, bottom + 5)
        if round(log(tick) / log(2)) % step == 0:
            drawing.text(x, bottom + 18, plain(tick), size=SIZE - 1, anchor="middle")
    y = bottom + 38
    for sign, arm, edge in ((-1, arms[0], 0.0), (1, arms[1], WIDTH)):
        limit = abs(edge - one) - 30
        lines = shortened(wrap(f"Favors {arm}", max(limit, 60.0) - SIZE, SIZE - 1), 2)
        anchor = "end" if sign < 0 else "start"
        drawing.lines(one + sign * 22, y, lines, size=SIZE - 1, anchor=anchor, fill=INK)
        drawing.path(
            f"M{number(one + sign * 4)} {number(y - 4)}H{number(one + sign * 17)}"
            f"M{number(one + sign * 13)} {number(y - 7.5)}L{number(one + sign * 17)} {number(y - 4)}"
            f"L{number(one + sign * 13)} {number(y - 0.5)}", stroke=INK,
        )  # fmt: skip


def _draw_entry(
    drawing: Drawing, layout: Layout, entry: Entry, lines: list[str], y: float, height: float, heaviest: float
) -> None:
    """One line: stub, counts, box or diamond with its interval, estimate, interaction test."""
    base = y + height - LEADING * (len(lines) - 1) - 6
    bold = entry.kind != "level"
    indent = 14.0 if entry.kind == "level" else 0.0
    drawing.lines(indent, base, lines, size=SIZE, leading=LEADING / SIZE, bold=bold)
    for edge, text in zip(layout.counts, entry.events, strict=True):
        drawing.text(edge, base, text, size=SIZE, anchor="end")
    drawing.text(layout.estimate, base, entry.estimate, size=SIZE, anchor="end", bold=entry.kind == "overall")
    drawing.text(layout.interaction, base, entry.interaction, size=SIZE, anchor="end")
    if entry.hazard_ratio is None or entry.hazard_ratio <= 0:
        return
    middle = base - 4
    if entry.kind == "overall":
        _draw_diamond(drawing, layout, entry, middle)
        return
    _draw_whisker(drawing, layout, entry, middle)
    side = max(4.0, 13.0 * sqrt(entry.weight / heaviest))
    if layout.low <= entry.hazard_ratio <= layout.high:
        x = layout.x(entry.hazard_ratio)
        drawing.rect(x - side / 2, middle - side / 2, side, side, fill=BOX, kind="box")


def _draw_whisker(drawing: Drawing, layout: Layout, entry: Entry, y: float) -> None:
    """The interval; an end beyond the axis is an arrow."""
    low = layout.low if entry.lower is None or entry.lower <= 0 else entry.lower
    high = layout.high if entry.upper is None else entry.upper
    start, end = layout.x(max(low, layout.low)), layout.x(min(high, layout.high))
    if start > layout.right or end < layout.left:
        start, end = layout.left, layout.right
    drawing.line(start, y, end, y, stroke=INK, width=1.2)
    if low < layout.low or entry.lower is None:
        drawing.path(f"M{number(start + 6)} {number(y - 4)}L{number(start)} {number(y)}"
                     f"L{number(start + 6)} {number(y + 4)}", stroke=INK, width=1.2, kind="clipped")  # fmt: skip
    if high > layout.high or entry.upper is None:
        drawing.path(f"M{number(end - 6)} {number(y - 4)}L{number(end)} {number(y)}"
                     f"L{number(end - 6)} {number(y + 4)}", stroke=INK, width=1.2, kind="clipped")  # fmt: skip


def _draw_diamond(drawing: Drawing, layout: Layout, entry: Entry, y: float) -> None:
    """The overall estimate as a diamond from limit to limit."""
    value = min(max(entry.hazard_ratio or 1.0, layout.low), layout.high)
    low = min(max(entry.lower or layout.low, layout.low), value)
    high = max(min(entry.upper or layout.high, layout.high), value)
    x = layout.x(value)
    drawing.path(
        f"M{number(layout.x(low))} {number(y)}L{number(x)} {number(y - 6)}L{number(layout.x(high))} {number(y)}"
        f"L{number(x)} {number(y + 6)}Z", fill=INK, kind="diamond",
    )  # fmt: skip


def _description(entries: list[Entry]) -> str:
    """The picture in words."""
    parts, factor = [], ""
    for entry in entries:
        if entry.kind == "factor":
            factor = f"{entry.label}, "
        else:
            parts.append(f"{factor if entry.kind == 'level' else ''}{entry.label}: {entry.estimate}")
    return f"Hazard ratios with confidence intervals by subgroup, on a logarithmic axis. {'; '.join(parts)}."
