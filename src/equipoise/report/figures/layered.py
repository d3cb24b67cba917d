"""A layered layout: boxes in ranks from top to bottom, links down between them, nothing through a box.

After Sugiyama, Tagawa and Toda (1981): turn links that close a circle, rank by the longest path, order each
rank by barycenters, move boxes over their neighbors by isotonic regression. Links run straight up and down,
and sideways only in the gaps between ranks. It counts each step and ends for every graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from equipoise.report.figures.channels import Gap, Stretch, levels
from equipoise.report.figures.placing import SIDE, Spacing, Vertex, half, ordered, place

BEND = 2.0  # what a link takes where it passes a rank
ENTRY = 18.0  # and how far from the middle it comes in

Size = tuple[float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Link:
    """A way from one box to another. label: the size of its label.  side: it leaves from a side of the box.
    minor: it bends for others.

    drawn: a link that is not only keeps its head below its tail.
    """

    tail: str
    head: str
    label: Size | None = None
    side: bool = False
    drawn: bool = True
    minor: bool = False


@dataclass(slots=True)
class Layout:
    """Where everything stands: upper left corners of boxes and labels, links as points, ranks as (top, bottom).

    after: for each rank of boxes, where the room below it begins, kept free for what is drawn there.
    first, last: boxes with nothing at their left or at their right in their rank.
    """

    width: float
    height: float
    boxes: dict[str, Point]
    labels: dict[int, Point]
    routes: dict[int, list[list[Point]]]
    ranks: dict[str, int]
    after: dict[int, float]
    before: dict[int, float]
    first: frozenset[str]
    last: frozenset[str]


def layered(
    sizes: Mapping[str, Size],
    links: Sequence[Link],
    *,
    below: Mapping[str, float] | None = None,
    above: Mapping[str, float] | None = None,
    beside: Mapping[str, Size] | None = None,
    spacing: Spacing | None = None,
) -> Layout:
    """Lay boxes out in ranks.

    sizes: width and height of each box, in the order in which equals are to stand.  links between other
    names, and from a box to itself, are left out.  below, above: room to keep free under the rank of a box or
    over it, for what the caller draws there.  beside: room to keep free at the right of a box, from its top on.
    """
    spacing = spacing or Spacing()
    used = {
        index: link for index, link in enumerate(links)
        if link.tail in sizes and link.head in sizes and link.tail != link.head
    }  # fmt: skip
    turned = _turned(sizes, used)
    ranks = _ranks(sizes, used, turned)
    vertices, layers = _vertices(sizes, used, turned, ranks)
    beside = beside or {}
    for vertex in vertices:
        vertex.extra = beside[vertex.box][0] if vertex.box in beside else 0.0
    layers = ordered(vertices, layers)
    place(vertices, layers, spacing)
    high = {name: size[1] for name, size in beside.items()}
    return _finish(sizes, used, turned, ranks, vertices, layers, spacing, below or {}, above or {}, high)


def _turned(sizes: Mapping[str, Size], links: Mapping[int, Link]) -> set[int]:
    """The links to be turned so that no circle is left: those that lead back to where the search comes from."""
    out: dict[str, list[int]] = {name: [] for name in sizes}
    for index, link in links.items():
        out[link.tail].append(index)
    state: dict[str, int] = {}
    turned: set[int] = set()
    for first in sizes:
        if first in state:
            continue
        state[first] = 1
        stack = [(first, iter(out[first]))]
        while stack:
            name, rest = stack[-1]
            index = next(rest, -1)
            if index < 0:
                state[name] = 2
                stack.pop()
                continue
            head = links[index].head
            if state.get(head) == 1:
                turned.add(index)
            elif head not in state:
                state[head] = 1
                stack.append((head, iter(out[head])))
    return turned


def _ends(link: Link, turned: bool) -> tuple[str, str]:
    """The upper and the lower box of a link."""
    return (link.head, link.tail) if turned else (link.tail, link.head)


def _ranks(sizes: Mapping[str, Size], links: Mapping[int, Link], turned: set[int]) -> dict[str, int]:
    """Twice the length of the longest path from above; odd ranks are for labels."""
    above: dict[str, list[str]] = {name: [] for name in sizes}
    below: dict[str, list[str]] = {name: [] for name in sizes}
    for index, link in links.items():
        upper, lower = _ends(link, index in turned)
        above[lower].append(upper)
        below[upper].append(lower)
    missing = {name: len(above[name]) for name in sizes}
    ready = [name for name in sizes if not missing[name]]
    ranks: dict[str, int] = {}
    while ready:
        name = ready.pop(0)
        ranks[name] = max((ranks[one] + 2 for one in above[name]), default=0)
        for one in below[name]:
            missing[one] -= 1
            if not missing[one]:
                ready.append(one)
    return ranks


def _vertices(
    sizes: Mapping[str, Size], links: Mapping[int, Link], turned: set[int], ranks: Mapping[str, int]
) -> tuple[list[Vertex], list[list[int]]]:
    """Boxes, labels and bends with their neighbors, and the ranks in the order of the search."""
    vertices: list[Vertex] = []
    layers: list[list[int]] = [[] for _ in range(max(ranks.values(), default=0) + 1)]
    place: dict[str, int] = {}
    for name, size in sizes.items():
        place[name] = len(vertices)
        vertices.append(Vertex(*size, box=name))
    for index, link in links.items():
        if not link.drawn:
            continue
        upper, lower = _ends(link, index in turned)
        last = place[upper]
        for rank in range(ranks[upper] + 1, ranks[lower]):
            first = rank == ranks[upper] + 1
            size = link.label if link.label and first else (BEND, 0.0)
            vertices.append(Vertex(*size, link=index, side=link.side, minor=link.minor))
            _join(vertices, last, len(vertices) - 1)
            last = len(vertices) - 1
        _join(vertices, last, place[lower])
    seen: set[int] = set()
    depth = {place[name]: rank for name, rank in ranks.items()}
    for root in sorted(depth, key=lambda one: depth[one]):
        stack = [(root, depth[root])]
        while stack:
            one, rank = stack.pop()
            if one in seen:
                continue
            seen.add(one)
            layers[rank].append(one)
            stack += [(other, rank + 1) for other in reversed(vertices[one].down)]
    return vertices, layers


def _join(vertices: list[Vertex], upper: int, lower: int) -> None:
    vertices[upper].down.append(lower)
    vertices[lower].up.append(upper)


def _finish(
    sizes: Mapping[str, Size],
    links: Mapping[int, Link],
    turned: set[int],
    ranks: Mapping[str, int],
    vertices: list[Vertex],
    layers: list[list[int]],
    spacing: Spacing,
    below: Mapping[str, float],
    above: Mapping[str, float],
    beside: Mapping[str, float],
) -> Layout:
    """Heights, tracks, and every link as stretches; coordinates begin at 0."""
    rank_of = {one: rank for rank, layer in enumerate(layers) for one in layer}
    left = min((vertex.x - half(vertices, vertex) for vertex in vertices), default=0.0)
    for vertex in vertices:
        vertex.x = round(vertex.x - left, 2)
    side = {index for index, link in links.items() if link.side}
    stretches: list[list[Stretch]] = [[] for _ in layers]
    for rank, layer in enumerate(layers):
        for index, one in enumerate(layer):
            low = vertices[layer[index - 1]] if index else None
            high = vertices[layer[index + 1]] if index + 1 < len(layer) else None
            free = (
                low.x + low.width / 2 + low.extra + SIDE if low else -SIDE * 4,
                high.x - high.width / 2 - SIDE if high else float("inf"),
            )
            for other in vertices[one].down:
                stretches[rank].append(_stretch(vertices, one, other, links, side - turned, free))
    after, before, top_of = {}, {0: 0.0}, {}
    y = max((above.get(vertices[one].box, 0.0) for one in layers[0]), default=0.0)
    gaps: list[Gap] = []
    for rank, layer in enumerate(layers):
        top_of[rank] = y
        y += max(
            (max(vertices[one].height, beside.get(vertices[one].box, 0.0)) for one in layer), default=0.0
        )
        after[rank] = y
        y += max((below.get(vertices[one].box, 0.0) for one in layer), default=0.0)
        gap = levels(stretches[rank])
        gaps.append(gap)
        last = rank + 1 == len(layers)
        arrows = rank % 2 == 1
        gap.top = y + (spacing.track if gap.count else 0)
        gap.step = spacing.track
        room = gap.count * spacing.track + (spacing.track * 0.4 if gap.count else 0.0)
        if not last:
            labeled = any(vertices[one].height for one in layers[rank + 1])
            room += 0 if arrows else (spacing.arrow * 0.4 if labeled else 0.0)
            room += spacing.arrow if arrows else 0.0
        y += room
        if not last:
            before[rank + 1] = y
            y += max((above.get(vertices[one].box, 0.0) for one in layers[rank + 1]), default=0.0)
    routes = _routes(vertices, stretches, gaps, top_of, turned)
    width = max((vertex.x + half(vertices, vertex, right=True) for vertex in vertices), default=0.0)
    boxes = {
        vertex.box: (vertex.x - vertex.width / 2, top_of[rank_of[one]])
        for one, vertex in enumerate(vertices) if vertex.box
    }  # fmt: skip
    labels = {
        vertex.link: (vertex.x - vertex.width / 2, top_of[rank_of[one]])
        for one, vertex in enumerate(vertices) if vertex.link >= 0 and vertex.height
    }  # fmt: skip
    leftmost, rightmost = (
        frozenset(vertices[layer[end]].box for layer in layers if layer) - {""} for end in (0, -1)
    )
    return Layout(width, y, boxes, labels, routes, dict(ranks), after, before, leftmost, rightmost)


def _stretch(
    vertices: list[Vertex],
    one: int,
    other: int,
    links: Mapping[int, Link],
    side: set[int],
    free: tuple[float, float],
) -> Stretch:
    """The stretch between two vertices. One that leaves at a side begins at half the box's height.

    free: how far a link may go beside the box before it meets what stands next to it.
    """
    upper, lower = vertices[one], vertices[other]
    link = lower.link if lower.link >= 0 else upper.link
    if link not in side:
        return Stretch(link, one, other, upper.x, lower.x, alone=links[link].side)
    x1, x2, start = upper.x, lower.x, None
    if upper.box:
        way = 1 if lower.x > upper.x else -1
        edge = upper.x + upper.width / 2 * way
        straight = abs(lower.x - upper.x) >= upper.width / 2 + SIDE and free[0] < lower.x < free[1]
        straight = straight and not (upper.extra and way > 0)
        x1 = lower.x if straight else edge + SIDE * way
        start = (edge, upper.height / 2)
    if lower.box:
        x2 = lower.x + min(ENTRY, lower.width / 4) * (1 if upper.x > lower.x else -1)
    return Stretch(link, one, other, round(x1, 2), round(x2, 2), start, alone=True)


def _routes(
    vertices: list[Vertex],
    stretches: list[list[Stretch]],
    gaps: list[Gap],
    top_of: Mapping[int, float],
    turned: set[int],
) -> dict[int, list[list[Point]]]:
    """Each link as pieces from its tail to its head, interrupted by its label."""
    routes: dict[int, list[list[Point]]] = {}
    for rank, row in enumerate(stretches):
        for one in row:
            upper, lower = vertices[one.upper], vertices[one.lower]
            pieces = routes.setdefault(one.link, [[]])
            if one.start is not None:
                y = top_of[rank] + one.start[1]
                pieces[-1] += [(one.start[0], y), (one.x1, y)]
            elif upper.box:
                pieces[-1].append((one.x1, top_of[rank] + upper.height))
            elif upper.height:
                pieces.append([(one.x1, top_of[rank] + upper.height)])
            y_track = gaps[rank].y(one.link)
            if y_track is not None:
                pieces[-1] += [(one.x1, y_track), (one.x2, y_track)]
            if lower.box or lower.height:
                pieces[-1].append((one.x2, top_of[rank + 1]))
    for index in routes.keys() & turned:
        routes[index] = [piece[::-1] for piece in routes[index][::-1]]
    return routes
