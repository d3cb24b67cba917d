"""A scatter of residuals with their smooth, as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor, log10

import numpy as np

from equipoise.drawing.pens import colored
from equipoise.drawing.step_plot import Picture
from equipoise.drawing.svg import GRAY, RULE, Drawing
from equipoise.stats.observations import FloatArray

_WIDTH, _HEIGHT = 640.0, 420.0
_LEFT, _TOP, _RIGHT, _BOTTOM = 84.0, 46.0, 620.0, 356.0


def residual_plot(
    x: FloatArray,
    y: FloatArray,
    smooth: tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None,
    *,
    title: str,
    x_label: str,
    y_label: str,
    note: str,
    description: str,
) -> Picture:
    """Points, a smooth with its limits (x, value, lower, upper) and a line at zero.

    >>> one = np.array([1.0, 2.0])
    >>> residual_plot(one, one, None, title="", x_label="", y_label="", note="", description="").svg.count("<path")
    1
    """
    heights = [y, np.zeros(1)] if smooth is None else [y, np.zeros(1), smooth[1]]
    across = ticks(float(x.min()), float(x.max()))
    up = ticks(float(min(one.min() for one in heights)), float(max(one.max() for one in heights)))
    drawing, place_x, place_y = _axes(across, up, title, x_label, y_label, note, description)
    drawing.line(_LEFT, place_y(0), _RIGHT, place_y(0), stroke=RULE, width=0.8, dash="4 3")
    pen = colored(0)
    if smooth is not None:
        at, value, lower, upper = (one.tolist() for one in smooth)
        there = [f"{place_x(a):.1f} {place_y(b):.1f}" for a, b in zip(at, upper, strict=True)]
        back = [f"{place_x(a):.1f} {place_y(b):.1f}" for a, b in zip(at, lower, strict=True)]
        drawing.path("M" + "L".join(there + back[::-1]) + "Z", fill=pen.line, opacity=0.14, kind="band")
    # One path of all points, each a small open diamond, so that dense places show.
    dots = "".join(
        f"M{place_x(a):.1f} {place_y(b) - 2.6:.1f}l2.6 2.6l-2.6 2.6l-2.6 -2.6Z"
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )
    drawing.path(dots, fill="none", stroke=GRAY, width=0.9, kind="points")
    if smooth is not None:
        line = [f"{place_x(a):.1f} {place_y(b):.1f}" for a, b in zip(at, value, strict=True)]
        drawing.path("M" + "L".join(line), stroke=pen.line, width=2.2, kind="curve")
    return Picture(svg=drawing.render())


def steps_plot(
    lines: Sequence[tuple[str, FloatArray, FloatArray]],
    *,
    title: str,
    x_label: str,
    y_label: str,
    description: str,
) -> Picture:
    """Steps on free axes: label, places and values of each group; all non-empty.

    >>> one = np.array([1.0, 2.0])
    >>> steps_plot([("A", one, one)], title="", x_label="", y_label="", description="").svg.count("<path")
    1
    """
    every_x, every_y = (np.concatenate([one[k] for one in lines] or [np.array([0.0, 1.0])]) for k in (1, 2))
    across, up = (ticks(float(one.min()), float(one.max())) for one in (every_x, every_y))
    drawing, place_x, place_y = _axes(across, up, title, x_label, y_label, "", description)
    for index, (label, x, y) in enumerate(lines):
        pen = colored(index)
        turns = [f"M{place_x(float(x[0])):.1f} {place_y(float(y[0])):.1f}"]
        turns += [
            f"H{place_x(a):.1f}V{place_y(b):.1f}" for a, b in zip(x.tolist()[1:], y.tolist()[1:], strict=True)
        ]
        drawing.path("".join(turns), stroke=pen.line, width=1.9, dash=pen.dash, kind="curve")
        drawing.line(
            _LEFT + 16,
            _TOP + 10 + 18 * index,
            _LEFT + 46,
            _TOP + 10 + 18 * index,
            stroke=pen.line,
            width=1.9,
            dash=pen.dash,
        )
        drawing.text(_LEFT + 54, _TOP + 14 + 18 * index, label, fill=pen.ink, bold=True)
    return Picture(svg=drawing.render())


def _axes(
    across: tuple[float, ...],
    up: tuple[float, ...],
    title: str,
    x_label: str,
    y_label: str,
    note: str,
    description: str,
) -> tuple[Drawing, Callable[[float], float], Callable[[float], float]]:
    """A drawing with axes, and where values stand on them; what lies beyond an end stands at it."""
    drawing = Drawing("residuals", _WIDTH, _HEIGHT, title, description)

    def place_x(value: float) -> float:
        return _LEFT + (value - across[0]) / (across[-1] - across[0]) * (_RIGHT - _LEFT)

    def place_y(value: float) -> float:
        inside = min(max(value, up[0]), up[-1])
        return _BOTTOM - (inside - up[0]) / (up[-1] - up[0]) * (_BOTTOM - _TOP)

    drawing.text(_LEFT, 18, title, size=13, bold=True)
    drawing.text(_LEFT, 35, note, size=11, fill=GRAY)
    drawing.line(_LEFT, _TOP, _LEFT, _BOTTOM)
    drawing.line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM)
    for tick in across:
        drawing.line(place_x(tick), _BOTTOM, place_x(tick), _BOTTOM + 5)
        drawing.text(place_x(tick), _BOTTOM + 19, f"{tick:g}", anchor="middle")
    for tick in up:
        drawing.line(_LEFT - 5, place_y(tick), _LEFT, place_y(tick))
        drawing.text(_LEFT - 9, place_y(tick) + 4, f"{tick:g}".replace("-", "−"), anchor="end")
    drawing.text((_LEFT + _RIGHT) / 2, _BOTTOM + 42, x_label, size=13, anchor="middle")
    drawing.text(22, (_TOP + _BOTTOM) / 2, y_label, size=13, anchor="middle", turn=True)
    return drawing, place_x, place_y


def ticks(low: float, high: float) -> tuple[float, ...]:
    """About six round places that enclose both numbers.

    >>> ticks(-1.3, 4.1)
    (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    """
    if not high - low > 1e-9 * max(abs(low), abs(high)):
        around = 0.1 * abs(low) or 1.0
        low, high = low - around, high + around
    extent = high - low
    power = 10.0 ** floor(log10(extent / 6))
    every = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= extent / 6 * 0.999)
    first = floor(low / every + 1e-9)
    last = -floor(-high / every + 1e-9)
    return tuple(float(f"{i * every:.12g}") for i in range(first, max(last, first + 1) + 1))
