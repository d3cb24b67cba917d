"""What a diagram's SVG shows, measured: boxes, texts, lines, and what lies where it must not."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from equipoise.drawing.lettering import set_width, width

SVG = "{http://www.w3.org/2000/svg}"
LINES = ("way", "exit", "yes", "no", "undecided", "arrow")
SLACK = 0.6  # coordinates are rounded to hundredths, places of boxes to whole pixels


@dataclass(frozen=True)
class Area:
    left: float
    top: float
    right: float
    bottom: float
    name: str = ""

    def holds(self, other: Area) -> bool:
        return (
            self.left - SLACK <= other.left and other.right <= self.right + SLACK
            and self.top - SLACK <= other.top and other.bottom <= self.bottom + SLACK
        )  # fmt: skip

    def meets(self, other: Area) -> bool:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > SLACK and high > SLACK


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def kind_of(element: ElementTree.Element) -> str:
    return (element.get("data-kind") or "").split(" ")[0]


def frame(svg: str) -> Area:
    _, _, wide, high = map(float, (parsed(svg).get("viewBox") or "").split())
    return Area(0, 0, wide, high, "view box")


def areas(svg: str, *kinds: str) -> list[Area]:
    found = []
    for one in parsed(svg).iter(f"{SVG}rect"):
        if kind_of(one) in kinds:
            x, y, wide, high = (float(one.get(key) or 0) for key in ("x", "y", "width", "height"))
            found.append(Area(x, y, x + wide, y + high, one.get("data-kind") or ""))
    return found


def texts(svg: str) -> list[Area]:
    """Every text with the room that its letters take, by the widths that the page sets it at."""
    found = []
    for one in parsed(svg).iter(f"{SVG}text"):
        text, size = one.text or "", float(one.get("font-size") or 0)
        bold = one.get("font-weight") == "bold"
        wide = set_width(text, size, bold=bold) or width(text, size, bold=bold)
        x, y = float(one.get("x") or 0), float(one.get("y") or 0)
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[one.get("text-anchor") or "start"]
        found.append(Area(left, y - 0.74 * size, left + wide, y + 0.22 * size, text))
    return found


def words(svg: str) -> str:
    """All text in the order in which it is set, wrapped lines joined."""
    return " ".join(area.name for area in texts(svg))


def lines(svg: str) -> list[tuple[str, list[tuple[float, float]]]]:
    found = []
    for one in parsed(svg).iter(f"{SVG}path"):
        if kind_of(one) in LINES:
            numbers = [tuple(map(float, pair.split())) for pair in re.split("[ML]", one.get("d") or "")[1:]]
            found.append((one.get("data-kind") or "", [(x, y) for x, y in numbers]))
    return found


def crossing(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    """Whether two lines of upright and level stretches cross."""
    for (x1, y1), (x2, y2) in pairwise(one):
        for (a1, b1), (a2, b2) in pairwise(other):
            for level, upright in (
                ((x1, x2, y1, y2), (a1, a2, b1, b2)),
                ((a1, a2, b1, b2), (x1, x2, y1, y2)),
            ):
                if level[2] != level[3] or upright[0] != upright[1]:
                    continue
                across = min(level[:2]) + SLACK < upright[0] < max(level[:2]) - SLACK
                if across and min(upright[2:]) + SLACK < level[2] < max(upright[2:]) - SLACK:
                    return True
    return False


def faults(svg: str) -> list[str]:
    """Everything that a figure must not do: an empty list for a good one."""
    return [*_outside(svg), *_overlaps(svg), *_loose_text(svg), *_through(svg)]


def _outside(svg: str) -> Iterator[str]:
    view = frame(svg)
    for area in (*areas(svg, "box", "label", "disc", "stripe"), *texts(svg)):
        if not view.holds(area):
            yield f"outside the view box: {area}"
    for kind, points in lines(svg):
        for x, y in points:
            if not view.holds(Area(x, y, x, y)):
                yield f"outside the view box: {kind} at {x}, {y}"


def _overlaps(svg: str) -> Iterator[str]:
    for one, other in combinations(areas(svg, "box", "label"), 2):
        if one.meets(other):
            yield f"{one} on {other}"
    for one, other in combinations(texts(svg), 2):
        if one.meets(other):
            yield f"{one} on {other}"


def _loose_text(svg: str) -> Iterator[str]:
    homes = areas(svg, "box", "label")
    for text in texts(svg):
        touched = [home for home in homes if home.meets(text)]
        if len(touched) > 1 or (touched and not touched[0].holds(text)):
            yield f"not in its own box: {text}"


def _through(svg: str) -> Iterator[str]:
    """Stretches of lines that run through a box or a label; one may end at an edge, and no further."""
    homes = areas(svg, "box", "label")
    for kind, points in lines(svg):
        for (x1, y1), (x2, y2) in pairwise(points):
            if x1 != x2 and y1 != y2:
                yield f"slanting: {kind} from {x1}, {y1} to {x2}, {y2}"
            low = Area(min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 1, max(y1, y2) + 1)
            for home in homes:
                inner = Area(home.left + 2, home.top + 2, home.right - 2, home.bottom - 2)
                if inner.right > inner.left and inner.bottom > inner.top and inner.meets(low):
                    yield f"{kind} from {x1}, {y1} to {x2}, {y2} through {home}"
