"""Plots of step functions for whoever has arrays: survival, cumulative incidence, cumulative hazard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Any

from equipoise.drawing.pens import colored
from equipoise.drawing.step_figure import StepFigure, end_name, render
from equipoise.drawing.steps import Curve, Step

_ROUND = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A finished figure: notebooks show it, ``save`` writes it."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str) -> None:
        """Write the SVG file, replacing one of that name."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg)


@dataclass(frozen=True)
class Line:
    """A step function: its value from each time on; ``start`` before the first one.

    time, value: equally long.  lower, upper: limits, NaN where there are none.  censored: times of marks.
    """

    label: str
    time: Any
    value: Any
    lower: Any = None
    upper: Any = None
    censored: Any = None
    start: float = 1.0


@dataclass(frozen=True)
class RiskCounts:
    """The numbers under the axis for the line of the same label; events and censored are cumulative."""

    label: str
    times: Any
    at_risk: Any
    events: Any = None
    censored: Any = None


def step_plot(
    lines: Sequence[Line],
    *,
    title: str,
    x_label: str,
    y_label: str,
    description: str = "",
    notes: Sequence[str] = (),
    risk: Sequence[RiskCounts] = (),
) -> Picture:
    """Draw step functions on common axes; the vertical one runs from 0 to 1, or beyond if a value does.

    lines: one a group; the labels stand at the ends, unless the only line has none.  notes: lines inside the plot.
    risk: the numbers below the axis; ``axis_ticks`` says at which times they stand.
    Returns a Picture.

    >>> "data-kind=\\"curve\\"" in step_plot([Line("A", [1, 2], [0.5, 0.0])], title="", x_label="", y_label="").svg
    True
    """
    curves = [_curve(line) for line in lines]
    ticks = axis_ticks(max(curve.last.at for curve in curves))
    highest = _highest(curves)
    levels = axis_ticks(highest) if highest > 1 + 1e-9 else tuple(i / 5 for i in range(6))
    names = {curve.label: curve.label for curve in curves}
    ends = "; ".join(f"{c.label or 'the curve'}: {c.last.value:.3g} at {c.last.at:g}" for c in curves)
    figure = StepFigure(
        identifier="plot",
        title=title,
        description=description or f"Step curves. Where they end: {ends}.",
        curves=curves,
        pens={label: colored(index) for index, label in enumerate(names)},
        names=names,
        end_names={label: end_name(label, label) if label else [] for label in names},
        until=ticks[-1],
        ticks=[(tick, f"{tick:g}") for tick in ticks],
        time_title=x_label,
        value_title=y_label,
        levels=[(level, f"{level:g}" if highest > 1 else f"{level:.1f}") for level in levels],
        highest=levels[-1],
        notes=[[(note, False) for note in notes]] if notes else (),
        risk={one.label: _numbers(one) for one in risk},
    )
    return Picture(svg=render(figure))


def axis_ticks(last: float) -> tuple[float, ...]:
    """About six round places from 0 to the last time or beyond.

    >>> axis_ticks(1022)
    (0.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1200.0)
    """
    rough = max(last, 1e-12) / 6
    power = 10.0 ** floor(log10(rough))
    every = next(power * factor for factor in _ROUND if power * factor >= rough * 0.999)
    many = floor(last / every + 1e-9)
    many += many * every < last * (1 - 1e-9)
    return tuple(round(index * every, 12) for index in range(max(many, 1) + 1))


def _highest(curves: Sequence[Curve]) -> float:
    """The largest value or limit; a limit far above every value is let out of the picture."""
    value = max(step.value for curve in curves for step in curve.steps)
    limit = max(
        (step.upper for curve in curves for step in curve.steps if step.upper is not None), default=value
    )
    return max(value, min(limit, 2 * value))


def _curve(line: Line) -> Curve:
    time, value = [float(t) for t in line.time], [float(v) for v in line.value]
    lower, upper = (_limits(limit, len(time)) for limit in (line.lower, line.upper))
    marks = {float(mark) for mark in ([] if line.censored is None else line.censored)}
    steps = [Step(0.0, line.start, None, None, 0.0)]
    for at, height, low, high in zip(time, value, lower, upper, strict=True):
        if isfinite(height):
            steps.append(Step(at, height, low, high, float(at in marks)))
    return Curve(line.label, tuple(steps))


def _limits(values: Any, many: int) -> list[float | None]:
    if values is None:
        return [None] * many
    return [float(value) if isfinite(value) else None for value in values]


def _numbers(risk: RiskCounts) -> dict[str, dict[float, str]]:
    times = [float(at) for at in risk.times]
    rows = (("At risk", risk.at_risk), ("Censored", risk.censored), ("Events", risk.events))
    return {
        title: {at: f"{number:g}" for at, number in zip(times, numbers, strict=True)}
        for title, numbers in rows
        if numbers is not None
    }
