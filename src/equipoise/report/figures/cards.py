"""Cards of diagrams: lines of text in a box that is made to fit them, and the arrows between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from equipoise.drawing.lettering import width, wrap
from equipoise.drawing.svg import GRAY, INK, Drawing, number

SIZE = 11.5
SMALL = 10.5
LEADING = 1.28
PAD = 8.0
STROKE = "#6b6b6b"
DASH = "4 3"
DOTS = "1.5 3"
HEAD = 6.0  # length of an arrow's head

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a card, before it is wrapped. hang: how much further in it goes on where it is wrapped."""

    text: str
    size: float = SIZE
    bold: bool = False
    italic: bool = False
    fill: str = INK
    indent: float = 0.0
    hang: float = 0.0

    def wide(self) -> float:
        """The width that it takes unwrapped; slanted letters of a substitute font lean over."""
        return self.indent + width(self.text, self.size, bold=self.bold) + (2 if self.italic else 0)


def small(text: str, *, bold: bool = False, italic: bool = False, fill: str = GRAY) -> Line:
    """A line in small gray letters."""
    return Line(text, SMALL, bold, italic, fill)


@dataclass(frozen=True, slots=True)
class Card:
    """Wrapped lines and the box that holds them; ``inset`` is kept free at its left."""

    lines: tuple[Line, ...]
    width: float
    height: float
    inset: float = 0.0
    centered: bool = False

    def draw(self, drawing: Drawing, x: float, y: float) -> None:
        """Write the lines into a box whose upper left corner is given; the box itself is the caller's."""
        baseline = y + (self.height - sum(_leading(line) for line in self.lines)) / 2
        for line in self.lines:
            baseline += _leading(line)
            middle = x + self.inset + (self.width - self.inset) / 2
            left = middle if self.centered else x + self.inset + PAD + line.indent
            drawing.text(
                left, baseline - line.size * 0.32, line.text, size=line.size, bold=line.bold, italic=line.italic,
                fill=line.fill, anchor="middle" if self.centered else "start",
            )  # fmt: skip


def balanced(line: Line, limit: float) -> list[str]:
    """A title in as few lines as fit, none of them much shorter than it must be.

    >>> balanced(Line("Blinatumomab, first cycle of two"), 150.0)
    ['Blinatumomab,', 'first cycle of two']
    """
    parts = wrap(line.text, limit, line.size, bold=line.bold)
    for share in (0.6, 0.7, 0.8, 0.9) if len(parts) > 1 else ():
        tighter = wrap(line.text, limit * share, line.size, bold=line.bold)
        if len(tighter) == len(parts) and " ".join(tighter) == " ".join(parts):  # no word is broken for it
            return tighter
    return parts


def _leading(line: Line) -> float:
    return line.size * LEADING


def card(
    lines: Sequence[Line],
    limit: float,
    *,
    fixed: bool = False,
    inset: float = 0.0,
    centered: bool = False,
    pad: float = PAD,
) -> Card:
    """Wrap lines to a card no wider than ``limit``, and exactly as wide where ``fixed``."""
    room = limit - inset - 2 * PAD
    wrapped = []
    for line in lines:
        free = room - line.indent - line.hang - (2 if line.italic else 0)
        for index, part in enumerate(balanced(line, free) if line.bold else wrap(line.text, free, line.size)):
            wrapped.append(replace(line, text=part, indent=line.indent + (line.hang if index else 0.0)))
    natural = max((line.wide() for line in wrapped), default=0.0) + 2 * PAD + inset
    height = sum(_leading(line) for line in wrapped) + 2 * (pad - 2)
    return Card(tuple(wrapped), limit if fixed else min(natural, limit), height, inset, centered)


def arrow(
    drawing: Drawing,
    points: Sequence[Point],
    *,
    dash: str = "",
    stroke: str = STROKE,
    width: float = 1.0,
    head: bool = True,
    kind: str = "arrow",
) -> None:
    """A line through points; with a head at its end, which points as its last stretch runs."""
    drawing.path(through(points), stroke=stroke, width=width, dash=dash, kind=kind)
    if not head:
        return
    (x0, y0), (x1, y1) = points[-2], points[-1]
    far = max(abs(x1 - x0), abs(y1 - y0)) or 1.0
    dx, dy = (x1 - x0) / far, (y1 - y0) / far
    bx, by = x1 - HEAD * dx, y1 - HEAD * dy
    left, right = (bx - 3.5 * dy, by + 3.5 * dx), (bx + 3.5 * dy, by - 3.5 * dx)
    drawing.path(through([left, (x1, y1), right]) + "Z", fill=stroke, kind="head")


def outline(drawing: Drawing, x: float, y: float, wide: float, high: float) -> None:
    """The dashed outline of a box for what the protocol leaves open."""
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    drawing.path(through(corners) + "Z", stroke=STROKE, width=0.9, dash=DASH, kind="outline")


def through(points: Sequence[Point]) -> str:
    """Path data of straight stretches, without points that change nothing.

    >>> through([(0, 0), (0, 5), (0, 9), (4, 9)])
    'M0 0L0 9L4 9'
    """
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and _between(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in kept)


def _between(first: Point, middle: Point, last: Point) -> bool:
    return first[0] == middle[0] == last[0] or first[1] == middle[1] == last[1]
