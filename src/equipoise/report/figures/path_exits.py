"""The ways out of a path: from each box to a rail at a side of the figure, and along it to where they lead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from equipoise.report.figures.cards import Card, Point
from equipoise.report.figures.layered import Layout

RAIL = 14.0
EXIT = 7.0  # from a box to where its way out turns down
STEP = 6.0  # between ways out side by side
FOOT = 9.0  # above the lower edge of a box
CLEAR = 14.0  # from what stands beside a box to a way out that runs below it

Run = tuple[list[Point], bool]  # points, and whether it has a head


@dataclass(frozen=True, slots=True)
class Exits:
    """Ways out of boxes to be drawn, with what stands at the right of a box.

    to: the targets of each box.  level: how far down, below a rank, ways out to a target run sideways.
    """

    to: Mapping[str, Sequence[str]]
    level: Mapping[str, int]
    cards: Mapping[str, Card]
    beside: Mapping[str, Card]

    def below(self, layout: Layout) -> dict[str, float]:
        """The room that ways out need under a box, where they cannot leave straight to the side."""
        return {
            name: CLEAR + 5.0 + STEP * max(self.level[one] for one in found)
            for name, found in self.to.items() if not self._straight(layout, name)
        }  # fmt: skip

    def _side(self, layout: Layout, name: str) -> int:
        """The leftmost of several boxes leaves at the left, so that its way out crosses no other column."""
        return -1 if name in layout.first and name not in layout.last else 1

    def _straight(self, layout: Layout, name: str) -> bool:
        """Whether nothing stands between a box and the rail at its side."""
        if self._side(layout, name) < 0:
            return True
        lowest = self._foot(name, len(self.to[name]) - 1)
        return name in layout.last and (name not in self.beside or lowest > self.beside[name].height + CLEAR)

    def _foot(self, name: str, index: int) -> float:
        """Where a box's way out to one of its targets begins, from the box's top."""
        return self.cards[name].height - FOOT - STEP * index

    def drawn(self, layout: Layout, moved: Point) -> tuple[list[Run], float, float]:
        """The lines, and the room that they take at the left and at the right.

        moved: how far the figure sets the layout in, before there is room at the left.
        """
        routes = {
            side: {
                target: [
                    name for name, found in self.to.items()
                    if target in found and self._side(layout, name) == side
                ]
                for target in self.level
            }
            for side in (-1, 1)
        }  # fmt: skip
        rails = {side: self._rails(layout, found) for side, found in routes.items()}
        room = {
            side: RAIL * (max(found.values()) + 1) + EXIT if found else 0.0 for side, found in rails.items()
        }
        edge = (moved[0] + room[-1], moved[1])
        lines: list[Run] = []
        for side, found in rails.items():
            for target, number in found.items():
                reach = EXIT + RAIL * (number + 0.5)
                rail = (layout.width + reach if side > 0 else -reach) + edge[0]
                lines += self._collected(layout, routes[side][target], target, side, rail, number, edge)
        return lines, room[-1], room[1]

    def _collected(
        self,
        layout: Layout,
        names: list[str],
        target: str,
        side: int,
        rail: float,
        number: int,
        edge: Point,
    ) -> Iterator[Run]:
        """The lines of one rail. One line a rank, whoever joins it: dashes over dashes would look solid."""
        starts: dict[float, float] = {}
        ends = []
        for name in names:
            x, y = layout.boxes[name]
            x1 = x + edge[0] + (self.cards[name].width if side > 0 else 0.0)
            foot = y + edge[1] + self._foot(name, sorted(self.to[name]).index(target))
            if self._straight(layout, name):
                yield [(x1, foot), (rail, foot)], False
                ends.append(foot)
                continue
            x2, level = x1 + EXIT * side, self._level(layout, name, target) + edge[1]
            starts[level] = min(x2 * side, starts.get(level, x2 * side))
            yield [(x1, foot), (x2, foot), (x2, level)], False
        for level, start in starts.items():
            yield [(start * side, level), (rail, level)], False
        to_x, to_y = layout.boxes[target]
        aside = 16 + 6 * (number % 2)
        entry = to_x + edge[0] + (self.cards[target].width - aside if side > 0 else aside)
        turn = layout.before[layout.ranks[target]] + edge[1] - 1
        yield [(rail, min(turn, *starts, *ends)), (rail, max(turn, *starts, *ends))], False
        yield [(rail, turn), (entry, turn), (entry, to_y + edge[1])], True

    def _level(self, layout: Layout, name: str, target: str) -> float:
        """Where a way out runs sideways below the rank of its box."""
        return layout.after[layout.ranks[name]] + CLEAR + STEP * self.level[target]

    def _rails(self, layout: Layout, routes: dict[str, list[str]]) -> dict[str, int]:
        """The rail of each target of ways out, from the boxes outward; those that do not meet share one."""
        taken: list[list[tuple[float, float]]] = []
        found = {}
        for target, names in routes.items():
            if not names:
                continue
            ends = [
                layout.before[layout.ranks[target]],
                *(self._level(layout, name, target) for name in names),
            ]
            ends += [layout.boxes[name][1] + self._foot(name, len(self.to[name]) - 1) for name in names]
            low, high = min(ends) - RAIL, max(ends) + RAIL
            free = (n for n, one in enumerate(taken) if all(high < a or b < low for a, b in one))
            number = next(free, len(taken))
            taken[number:] = taken[number:] or [[]]
            taken[number].append((low, high))
            found[target] = number
        return found
