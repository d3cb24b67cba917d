"""The order of boxes within ranks, and how far to the right each stands: straight links, no overlap."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 12
SNAP = 9.0  # a smaller step aside looks like a slip
SIDE = 13.0  # how far from a box a link runs down that left it at its side, at least
PASSING = 21.0  # between a box and a link that passes it


@dataclass(slots=True)
class Vertex:
    """A box, a label, or the place where a link passes a rank."""

    width: float
    height: float = 0.0
    box: str = ""
    link: int = -1
    side: bool = False
    minor: bool = False  # of a link that few take: it bends, so that the others are straight
    extra: float = 0.0  # room kept at its right, for what stands beside it
    x: float = 0.0  # of its center
    up: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """How much it matters that it stands right below or above: bends most, so that links are straight."""
        return 1.0 if self.box else 0.001 if self.side else 0.5 if self.minor else 50.0


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distances: between boxes, between a box and a passing link, of tracks, and of an arrow."""

    boxes: float = 34.0
    passing: float = PASSING
    labels: float = 16.0
    track: float = 9.0
    arrow: float = 20.0


def ordered(vertices: list[Vertex], layers: list[list[int]]) -> list[list[int]]:
    """The order within ranks with the fewest crossings that the sweeps find; the first of equals."""
    best, fewest = [list(layer) for layer in layers], _crossings(vertices, layers)
    current = [list(layer) for layer in layers]
    for sweep in range(SWEEPS):
        if not fewest:
            break
        upward = bool(sweep % 2)
        for rank in reversed(range(len(current))) if upward else range(len(current)):
            near = rank + 1 if upward else rank - 1
            if not 0 <= near < len(current):
                continue
            at = {one: index for index, one in enumerate(current[near])}
            own = {one: index for index, one in enumerate(current[rank])}
            centers = {}
            for one in current[rank]:
                others = vertices[one].down if upward else vertices[one].up
                centers[one] = sum(at[other] for other in others) / len(others) if others else float(own[one])
            current[rank].sort(key=lambda one, c=centers, o=own: (c[one], o[one]))  # type: ignore[misc]
        count = _crossings(vertices, current)
        if count < fewest:
            best, fewest = [list(layer) for layer in current], count
    return best


def _crossings(vertices: list[Vertex], layers: list[list[int]]) -> int:
    """How many pairs of stretches cross."""
    total = 0
    for upper, lower in pairwise(layers):
        at = {one: index for index, one in enumerate(lower)}
        ends = [at[other] for one in upper for other in sorted(vertices[one].down, key=lambda o: at[o])]
        total += sum(
            1 for index, end in enumerate(ends) for later in ends[index + 1 :] if later < end
        )  # fmt: skip
    return total


def _apart(left: Vertex, right: Vertex, spacing: Spacing) -> float:
    """The least distance of two neighbors' centers."""
    if left.box and right.box:
        gap = spacing.boxes
    elif left.box or right.box:
        gap = spacing.passing
    else:
        gap = spacing.labels
    return (left.width + right.width) / 2 + left.extra + gap


def place(vertices: list[Vertex], layers: list[list[int]], spacing: Spacing) -> None:
    """Centers: over and under their neighbors as far as the order and the distances allow."""
    for layer in layers:
        _settle([vertices[one] for one in layer], [0.0] * len(layer), spacing)
    for sweep in range(2 * SWEEPS):
        upward = bool(sweep % 2)
        for layer in reversed(layers) if upward else layers:
            wanted = []
            for one in layer:
                vertex = vertices[one]
                near = vertex.down if upward else vertex.up
                near = near or (vertex.up if upward else vertex.down)
                wanted.append(_mean(vertices, near) if near else vertex.x)
            _settle([vertices[one] for one in layer], wanted, spacing)
    start, best = [vertex.x for vertex in vertices], (float("inf"), [0.0])
    for passes in (1, 3, 5):  # more of them straighten links, and may spread the boxes: the best of both
        for vertex, x in zip(vertices, start, strict=True):
            vertex.x = x
        for index in range(passes):
            _align(vertices, layers, spacing, upward=bool(index % 2))
        for upward in (False, True, False):
            _snap(vertices, layers, spacing, upward)
        best = min(best, (_cost(vertices), [vertex.x for vertex in vertices]))
    for vertex, x in zip(vertices, best[1], strict=False):
        vertex.x = x


def _align(vertices: list[Vertex], layers: list[list[int]], spacing: Spacing, upward: bool) -> None:
    """Put chains in line, as far as there is room."""
    for layer in reversed(layers) if upward else layers:
        row = [vertices[one] for one in layer]
        wanted = [_aligned(vertices, vertex, upward) for vertex in row]
        chained = [_chained(vertices, vertex, upward) for vertex in row]
        weights = [
            50.0 if tight and not one.minor else one.weight for tight, one in zip(chained, row, strict=True)
        ]
        _settle(row, wanted, spacing, weights)


def _cost(vertices: list[Vertex]) -> float:
    """How wide it all is, and how many steps aside in links that could be straight."""
    width = max((one.x + one.width / 2 + one.extra for one in vertices), default=0.0)
    width -= min((one.x - one.width / 2 for one in vertices), default=0.0)
    steps = sum(
        _chained(vertices, one, False) and one.x != vertices[_main(vertices, one.up)[0]].x for one in vertices
    )
    return width + 18.0 * steps


def _main(vertices: list[Vertex], near: list[int]) -> list[int]:
    """Neighbors but for links at the side, and but for minor links beside others."""
    straight = [one for one in near if not vertices[one].side]
    return [one for one in straight if not vertices[one].minor] or straight


def _chained(vertices: list[Vertex], vertex: Vertex, upward: bool) -> bool:
    """Whether it and its neighbor have only one another on that side; links at the side do not count."""
    near = _main(vertices, vertex.down if upward else vertex.up)
    if vertex.side or len(near) != 1:
        return False
    other = vertices[near[0]]
    back = _main(vertices, other.up if upward else other.down)
    return len(back) == 1 and vertices[back[0]] is vertex


def _aligned(vertices: list[Vertex], vertex: Vertex, upward: bool) -> float:
    """In line with the only neighbor, in the middle of several; else where it stands."""
    if vertex.side:
        upper = vertices[vertex.up[0]]
        if not upper.box:
            return upper.x
        beside = upper.width / 2 + PASSING
        return upper.x + (beside if vertex.x > upper.x else -beside)
    near = _main(vertices, vertex.down if upward else vertex.up)
    if len(near) > 1 or _chained(vertices, vertex, upward):
        return _mean(vertices, near)
    return vertex.x


def _mean(vertices: list[Vertex], near: list[int]) -> float:
    """The middle of the outermost neighbors, as a fork looks best; links at the side matter to no box."""
    places = [vertices[one].x for one in _main(vertices, near)]
    places = places or [vertices[one].x for one in near]
    return (min(places) + max(places)) / 2


def _settle(
    row: list[Vertex], wanted: list[float], spacing: Spacing, weights: list[float] | None = None
) -> None:
    """Put a rank as near as possible to where it is wanted, in its order (weighted isotonic regression)."""
    offsets = [0.0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + _apart(left, right, spacing))
    pools: list[tuple[float, float, int]] = []
    weights = weights or [vertex.weight for vertex in row]
    for weight, want, offset in zip(weights, wanted, offsets, strict=False):
        pools.append((want - offset, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (low, heavy, many), (high, more, few) = pools[-2], pools[-1]
            pools[-2:] = [((low * heavy + high * more) / (heavy + more), heavy + more, many + few)]
    flat = [value for value, _, many in pools for _ in range(many)]
    for vertex, value, offset in zip(row, flat, offsets, strict=False):
        vertex.x = float(round(value + offset))  # whole pixels, or straight links would seem to step


def _snap(vertices: list[Vertex], layers: list[list[int]], spacing: Spacing, upward: bool) -> None:
    """Take out small steps aside where there is room to."""
    for layer in reversed(layers) if upward else layers:
        for index, one in enumerate(layer):
            vertex = vertices[one]
            near = _main(vertices, vertex.down if upward else vertex.up)
            if len(near) != 1 or vertex.side:
                continue
            x = vertices[near[0]].x
            if not 0 < abs(x - vertex.x) < SNAP:
                continue
            left = vertices[layer[index - 1]] if index else None
            right = vertices[layer[index + 1]] if index + 1 < len(layer) else None
            if (left is None or x - left.x >= _apart(left, vertex, spacing)) and (
                right is None or right.x - x >= _apart(vertex, right, spacing)
            ):
                vertex.x = x


def half(vertices: list[Vertex], vertex: Vertex, right: bool = False) -> float:
    """Half the width, with the links that run down beside a box, and at the right with what stands beside it."""
    beside = vertex.box and any(vertices[one].side for one in vertex.down)
    return vertex.width / 2 + max(SIDE + 2 if beside else 0.0, vertex.extra if right else 0.0)
