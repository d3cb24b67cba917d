"""A figure of step curves: axes, intervals, names at the ends, a note where there is room, a risk table below.

Whoever draws says in words and numbers what is on it (``StepFigure``); where everything goes is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from equipoise.drawing.lettering import shortened, spread, width, wrap
from equipoise.drawing.pens import Pen
from equipoise.drawing.steps import Curve, Frame, band_paths, covered, curve_path, tick_path
from equipoise.drawing.svg import GRAY, INK, RULE, Drawing

WIDTH = 760.0
PLOT_HEIGHT = 330.0
SIZE = 12.0
LABEL_LIMIT = 150.0
_LEFT = 92.0

Note = Sequence[tuple[str, bool]]  # lines, each with whether it is bold
# Under the axis: curve → row → tick → number.
RiskNumbers = Mapping[str, Mapping[str, Mapping[float, str]]]


@dataclass(frozen=True, kw_only=True)
class StepFigure:
    """What a figure of step curves shows.

    end_names: the lines beside the end of each curve.  names: its full name, above its numbers at risk.
    ticks, levels: places on the axes with their words.  until: the end of the time axis; highest: of the other.
    notes: the statistics inside the plot, in full and, if that has no room, shorter.
    """

    identifier: str
    title: str
    description: str
    curves: Sequence[Curve]
    pens: Mapping[str, Pen]
    names: Mapping[str, str]
    end_names: Mapping[str, list[str]]
    until: float
    ticks: Sequence[tuple[float, str]]
    time_title: str
    value_title: str
    levels: Sequence[tuple[float, str]] = tuple(
        (tenth / 10, f"{tenth / 10:.1f}") for tenth in range(0, 11, 2)
    )
    highest: float = 1.0
    notes: Sequence[Note] = ()
    risk: RiskNumbers = field(default_factory=dict)
    risk_title: str = "Number of patients"


def end_name(name: str, short: str) -> list[str]:
    """A curve's name beside its end: in full if that takes three lines at most, else short, else cut.

    >>> end_name("Levamisole plus fluorouracil", "Lev+5FU")
    ['Levamisole plus', 'fluorouracil']
    """
    full = wrap(name, LABEL_LIMIT, SIZE, bold=True)
    if len(full) <= 3:
        return full
    return shortened(wrap(short, LABEL_LIMIT - SIZE, SIZE, bold=True), 3)


def render(figure: StepFigure) -> str:
    """The figure as SVG."""
    lettered = [line for curve in figure.curves for line in figure.end_names[curve.label]]
    label_width = max(width(line, SIZE, bold=True) for line in lettered) if lettered else 0.0
    frame = Frame(_LEFT, 16.0, WIDTH - _LEFT - label_width - 14, PLOT_HEIGHT, figure.until, figure.highest)
    note: Note = ()
    spot = None
    for note in figure.notes:
        spot = _free_spot(note, figure.curves, frame)
        if spot is not None:
            break
    if note and spot is None:
        note = [(part, bold) for line, bold in note for part in wrap(line, WIDTH - _LEFT, SIZE, bold=bold)]
        frame = replace(frame, top=16.0 + 16.0 * len(note) + 10)
        spot = (_LEFT, 22.0)
    below = sum(16 * len(rows) + 26 for rows in figure.risk.values())
    height = frame.bottom + 48 + (30 + below if figure.risk else 0)
    drawing = Drawing(figure.identifier, WIDTH, height, figure.title, figure.description)
    _draw_axes(drawing, frame, figure)
    _draw_curves(drawing, frame, figure)
    _draw_names(drawing, frame, figure)
    if spot is not None:
        for index, (line, bold) in enumerate(note):
            drawing.text(spot[0], spot[1] + 16 * index, line, size=SIZE, bold=bold)
    _draw_risk_table(drawing, frame, figure)
    return drawing.render()


def _draw_axes(drawing: Drawing, frame: Frame, figure: StepFigure) -> None:
    """Both axes with ticks and titles."""
    drawing.line(frame.left, frame.top, frame.left, frame.bottom)
    drawing.line(frame.left, frame.bottom, frame.right, frame.bottom)
    for value, words in figure.levels:
        y = frame.y(value)
        drawing.line(frame.left - 5, y, frame.left, y)
        drawing.text(frame.left - 9, y + 4, words, size=SIZE, anchor="end")
    for at, words in figure.ticks:
        x = frame.x(at)
        drawing.line(x, frame.bottom, x, frame.bottom + 5)
        drawing.text(x, frame.bottom + 19, words, size=SIZE, anchor="middle")
    middle = frame.left + frame.width / 2
    drawing.text(middle, frame.bottom + 40, figure.time_title, size=SIZE + 1, anchor="middle")
    lines = wrap(figure.value_title, frame.height - 10, SIZE + 1)[:3]
    for index, line in enumerate(lines):
        x = 14.0 + 16 * index + (16.0 if len(lines) == 1 else 0.0)
        drawing.text(x, frame.top + frame.height / 2, line, size=SIZE + 1, anchor="middle", turn=True)


def _draw_curves(drawing: Drawing, frame: Frame, figure: StepFigure) -> None:
    """Intervals below, then lines, then ticks, so that no group's interval hides another's line."""
    for curve in figure.curves:
        for data in band_paths(curve, frame):
            drawing.path(data, fill=figure.pens[curve.label].line, opacity=0.11, kind="band")
    for curve in figure.curves:
        pen = figure.pens[curve.label]
        drawing.path(curve_path(curve, frame), stroke=pen.line, width=1.9, dash=pen.dash, kind="curve")
    for curve in figure.curves:
        ticks = tick_path(curve, frame)
        if ticks:
            drawing.path(ticks, stroke=figure.pens[curve.label].ink, width=0.8, kind="censored")


def _draw_names(drawing: Drawing, frame: Frame, figure: StepFigure) -> None:
    """Each group's name where its curve ends, moved just enough not to touch the next one."""
    leading = SIZE * 1.25
    heights = [leading * len(figure.end_names[curve.label]) + 4 for curve in figure.curves]
    ends = [frame.y(curve.last.value) for curve in figure.curves]
    centers = spread(ends, heights, frame.top - 8, frame.bottom - 2)
    for curve, center, height, end in zip(figure.curves, centers, heights, ends, strict=True):
        pen, lines = figure.pens[curve.label], figure.end_names[curve.label]
        x_end = frame.x(curve.last.at)
        if lines and (frame.right - x_end > 3 or abs(center - end) > 3):
            drawing.path(
                f"M{x_end + 2:.1f} {end:.1f}L{max(x_end + 2, frame.right - 6):.1f} {end:.1f}"
                f"L{frame.right + 6:.1f} {center:.1f}",
                stroke=pen.line, width=0.7, dash="1.5 2", kind="leader",
            )  # fmt: skip
        first = center - height / 2 + 2 + SIZE * 0.95
        drawing.lines(frame.right + 10, first, lines, size=SIZE, leading=1.25, fill=pen.ink, bold=True)


def _free_spot(note: Note, curves: Sequence[Curve], frame: Frame) -> tuple[float, float] | None:
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
        (frame.left + 14, frame.top),
    ):
        taken = covered(list(curves), frame, left - 4, left + wide)
        if all(bottom < top or upper > top + high for upper, bottom in taken):
            return left, top + 14
    return None


def _draw_risk_table(drawing: Drawing, frame: Frame, figure: StepFigure) -> None:
    """The risk table: a block for each group under its name, each number below its tick."""
    if not figure.risk:
        return
    y = frame.bottom + 70
    drawing.text(0, y, figure.risk_title, size=SIZE - 1, fill=GRAY)
    drawing.line(0, y + 7, WIDTH, y + 7, stroke=RULE, width=0.6)
    y += 24
    for label, rows in figure.risk.items():
        name = shortened(wrap(figure.names[label], WIDTH - SIZE, SIZE, bold=True), 1)[0]
        drawing.text(0, y, name, size=SIZE, fill=figure.pens[label].ink, bold=True)
        for title, numbers in rows.items():
            y += 16
            drawing.text(0, y, title, size=SIZE, fill=INK)
            for at, words in numbers.items():
                drawing.text(frame.x(at), y, words, size=SIZE, anchor="middle")
        y += 26
