"""Step curves and their paths on a plot."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.drawing.svg import number


@dataclass(frozen=True, slots=True)
class Step:
    """The state just after a time: the value, its interval where there is one, how many were censored then."""

    at: float
    value: float
    lower: float | None
    upper: float | None
    censored: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve of one group: from its value at the origin to the group's last follow-up."""

    label: str
    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """The last state."""
        return self.steps[-1]


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot's place on the drawing: times and values become coordinates. highest: the value at the top."""

    left: float
    top: float
    width: float
    height: float
    until: float
    highest: float = 1.0

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Bottom edge: the value 0."""
        return self.top + self.height

    def x(self, at: float) -> float:
        """Horizontal place of a time."""
        return self.left + min(at, self.until) / self.until * self.width

    def y(self, value: float) -> float:
        """Vertical place of a value."""
        return self.top + (1 - value / self.highest) * self.height


def curve_path(curve: Curve, frame: Frame) -> str:
    """The step line; steps smaller than the eye sees are joined, so that large trials stay small files."""
    x, y = frame.x(0), frame.y(curve.steps[0].value)
    parts = [f"M{number(x)} {number(y)}"]
    for step in curve.steps:
        new_x, new_y = frame.x(step.at), frame.y(step.value)
        if abs(new_y - y) < 0.02 and step is not curve.last:
            continue
        parts.append(f"H{number(new_x)}")
        if new_y != y:
            parts.append(f"V{number(new_y)}")
        x, y = new_x, new_y
    return "".join(parts)


def band_paths(curve: Curve, frame: Frame) -> list[str]:
    """The interval as filled steps, one path for each stretch over which it is known."""
    stretches: list[list[tuple[float, float, float]]] = [[]]
    for step in curve.steps:
        if step.lower is None or step.upper is None:
            if stretches[-1]:
                _, upper, lower = stretches[-1][-1]
                stretches[-1].append((frame.x(step.at), upper, lower))
                stretches.append([])
            continue
        point = (frame.x(step.at), frame.y(step.upper), frame.y(step.lower))
        known = stretches[-1]
        near = known and max(abs(known[-1][1] - point[1]), abs(known[-1][2] - point[2])) < 0.02
        if not near or step is curve.last:
            known.append(point)
    return [_band(stretch) for stretch in stretches if len(stretch) > 1]


def _band(points: list[tuple[float, float, float]]) -> str:
    """One stretch of the interval: along its upper limit and back along its lower one."""
    x, upper, lower = (points[0][0], points[0][1], [point[2] for point in points])
    forward = [f"M{number(x)} {number(upper)}"]
    forward += [f"H{number(point[0])}V{number(point[1])}" for point in points[1:]]
    backward = [f"V{number(lower[-1])}"]
    backward += [f"H{number(points[i][0])}V{number(lower[i - 1])}" for i in range(len(points) - 1, 0, -1)]
    return "".join([*forward, *backward, f"H{number(x)}Z"])


def tick_path(curve: Curve, frame: Frame, half: float = 3.5) -> str:
    """A tick at each time at which patients were censored; equal places are drawn once."""
    seen: dict[str, None] = {}
    for step in curve.steps:
        if step.censored > 0 and step.at <= frame.until:
            y = frame.y(step.value)
            seen[f"M{number(frame.x(step.at))} {number(y - half)}V{number(y + half)}"] = None
    return "".join(seen)


def covered(curves: list[Curve], frame: Frame, left: float, right: float) -> list[tuple[float, float]]:
    """Vertical stretches that curves and intervals take between two places, ticks included."""
    stretches = []
    for curve in curves:
        low, high = None, None
        for step, following in zip(curve.steps, [*curve.steps[1:], None], strict=True):
            end = frame.x(following.at) if following is not None else frame.x(step.at)
            if end < left or frame.x(step.at) > right:
                continue
            top = frame.y(step.upper if step.upper is not None else step.value)
            bottom = frame.y(step.lower if step.lower is not None else step.value)
            if following is not None and end <= right:
                bottom = max(bottom, frame.y(following.value))
                top = min(top, frame.y(following.value))
            low = top if low is None else min(low, top)
            high = bottom if high is None else max(high, bottom)
        if low is not None and high is not None:
            stretches.append((low - 6, high + 6))
    return stretches
