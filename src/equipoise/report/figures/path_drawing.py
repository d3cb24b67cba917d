"""One figure of a path: its boxes, the ways between them, and the ways out at the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from equipoise.protocol.definition import Branch, Protocol
from equipoise.report.figures.cards import DASH, DOTS, SMALL, STROKE, Card, Point, arrow, card, outline, small
from equipoise.report.figures.layered import Layout, Link, layered
from equipoise.report.figures.lettering import width as line_width
from equipoise.report.figures.palette import CONTROL, Pen, pens
from equipoise.report.figures.path_cards import (
    Exit,
    exits_of,
    loop_badge,
    note_card,
    repeated,
    step_card,
    title_of,
)
from equipoise.report.figures.svg import GRAY, INK, Drawing

Words = Callable[[str], str]
Arranged = tuple[dict[str, Card], list[Card | None], Layout, float]

MARGIN = 12.0
RAIL = 14.0
EXIT = 7.0  # from a box to where its way out turns down
EXIT_STEP = 6.0


@dataclass(frozen=True, slots=True)
class _Way:
    """A way on as it is drawn: solid for the rule, dotted for a deviation, dashed for what stays undecided."""

    tail: str
    head: str
    kind: str
    label: str = ""
    arm: str = ""


def reached(
    protocol: Protocol, start: str, closed: set[str], besides: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The steps reached from one, in the order of the file; closed steps go on nowhere, unless out.

    besides: kinds of ways that are not taken.
    """
    seen, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        step = protocol.path.get(name)
        if step is None:
            continue
        for to, kind in step.ways():
            shut = name in closed and kind in ("next", "arm", "deviation")
            if to not in seen and kind not in besides and not shut:
                seen.add(to)
                waiting.append(to)
    return tuple(name for name in protocol.path if name in seen)


class Diagram:
    """One figure: some steps of the path, the ways between them, and the ways out collected at the right.

    elsewhere: steps that go on in another figure, and in which part.
    """

    def __init__(
        self,
        protocol: Protocol,
        words: Words | None,
        steps: tuple[str, ...],
        title: str,
        elsewhere: dict[str, str] | None = None,
    ) -> None:
        self.protocol, self.words, self.title = protocol, words or str, title
        self.elsewhere = elsewhere or {}
        self.steps = list(steps)
        self.ways = [way for name in steps if name not in self.elsewhere for way in self._ways(name)]
        unknown = {way.head for way in self.ways if way.kind != "undecided"} - set(protocol.path)
        self.steps += sorted(unknown)
        self.notes = {
            f"{name}?": protocol.path[name].undecided or ""
            for name in steps if protocol.path[name].undecided and name not in self.elsewhere
        }  # fmt: skip
        self.exits = {name: exits_of(protocol, name) for name in steps}
        self.targets = [name for name in self.steps if any(one.to == name for one in self._all_exits())]
        self.arms = self._arms()
        self._kept: dict[float, Arranged] = {}

    # -- what there is -----------------------------------------------------------------------------

    def _ways(self, name: str) -> Iterable[_Way]:
        step = self.protocol.path[name]
        branches: tuple[Branch, ...] = (
            (Branch(to=step.next),) if isinstance(step.next, str) else step.next or ()
        )
        for branch in branches:
            text = branch.label or (self.words(branch.when) if branch.when else "")
            yield _Way(name, branch.to, "next", text or ("Otherwise" if len(branches) > 1 else ""))
        for arm, to in step.arms.items():
            label = self.protocol.arms[arm].label if arm in self.protocol.arms else arm
            yield _Way(name, to, "arm", label, arm)
        for deviation in step.deviations.values():
            yield _Way(name, deviation.to, "deviation", deviation.label)
        if step.undecided:
            yield _Way(name, f"{name}?", "undecided")

    def _arms(self) -> dict[str, Pen]:
        """The pen of each step that only one arm reaches."""
        path, owners = self.protocol.path, dict[str, set[str]]()
        randomizations = {name for name, step in path.items() if step.arms}
        common = set(reached(self.protocol, next(iter(path)), randomizations))
        for name in self.steps:
            if name not in path or name in self.elsewhere:
                continue
            for arm, to in path[name].arms.items():
                for step in reached(self.protocol, to, randomizations, ("deviation", "leave", "refused")):
                    owners.setdefault(step, set()).add(arm)
        return {
            step: self._pen(next(iter(arms)))
            for step, arms in owners.items() if len(arms) == 1 and step not in common
        }  # fmt: skip

    def _pen(self, arm: str) -> Pen:
        """The pen of an arm among those with whom it is randomized, as in the other figures."""
        for randomization in self.protocol.randomizations.values():
            if arm in randomization.arms:
                return pens(self.protocol, list(randomization.arms))[arm]
        return CONTROL

    def _level(self, target: str) -> int:
        """How far down ways out to a target run sideways: those that are taken most, first."""
        many = {one: sum(exit_.to == one for exit_ in self._all_exits()) for one in self.targets}
        return (
            sorted(many, key=lambda one: (-many[one], self.steps.index(one))).index(target)
            if target in many
            else 1
        )

    def _all_exits(self) -> Iterable[Exit]:
        return (one for found in self.exits.values() for one in found)

    # -- layout ------------------------------------------------------------------------------------

    def fitting(self, widths: tuple[float, ...], largest: float) -> float | None:
        """The first width of boxes with which the figure is no wider than the largest; None if there is none."""
        return next((wide for wide in widths if self._arranged(wide)[-1] <= largest), None)

    def _arranged(self, wide: float) -> Arranged:
        """Cards of steps, cards of labels, where they stand, and the width of it all."""
        if wide in self._kept:
            return self._kept[wide]
        cards = {name: self._card(name, wide) for name in self.steps}
        cards |= {name: note_card(text, wide) for name, text in self.notes.items()}
        order = [name for step in self.steps for name in (step, f"{step}?") if name in cards]
        labels = [self._label(way, wide) for way in self.ways]
        links = [
            Link(way.tail, way.head, (label.width, label.height) if label else None, way.kind == "deviation")
            for way, label in zip(self.ways, labels, strict=True)
        ]
        links += [
            Link(name, one.to, drawn=False) for name, found in self.exits.items() for one in found
        ]  # fmt: skip
        layout = layered(
            {name: (cards[name].width, cards[name].height) for name in order},
            links,
            below={
                name: 10.0 + EXIT_STEP * max(self._level(one.to) for one in found)
                for name, found in self.exits.items()
                if any(one.to in self.targets for one in found)
            },
            above=dict.fromkeys(self.targets, 8.0),
        )
        rails = max(self._rails(layout).values(), default=-1) + 1
        self._kept[wide] = (
            cards,
            labels,
            layout,
            layout.width + 2 * MARGIN + (RAIL * rails + EXIT if rails else 0.0),
        )
        return self._kept[wide]

    def _rails(self, layout: Layout) -> dict[str, int]:
        """The rail of each target of ways out, counted from the left; those that do not meet share one."""
        taken: list[list[tuple[float, float]]] = []
        found = {}
        for target in self.targets:
            ends = [layout.before[layout.ranks[target]]] + [
                layout.after[layout.ranks[name]] + EXIT_STEP * (1 + self._level(target))
                for name, ways in self.exits.items() if any(one.to == target for one in ways)
            ]  # fmt: skip
            low, high = min(ends) - RAIL, max(ends) + RAIL
            free = (n for n, one in enumerate(taken) if all(high < a or b < low for a, b in one))
            number = next(free, len(taken))
            taken[number:] = taken[number:] or [[]]
            taken[number].append((low, high))
            found[target] = number
        return found

    def height(self, wide: float) -> float:
        """The figure's height with boxes of this width."""
        return self._arranged(wide)[2].height + 2 * MARGIN

    def _card(self, name: str, wide: float) -> Card:
        # The line shows where most ways out lead; where a few lead elsewhere, the box says so too.
        said = [one.said if self._level(one.to) else one.brief for one in self.exits.get(name, [])]
        return step_card(self.protocol, name, wide, said, self.elsewhere.get(name, ""))

    def _label(self, way: _Way, wide: float) -> Card | None:
        if not way.label:
            return None
        bold = way.kind == "arm"
        fill = self._pen(way.arm).ink if bold else INK if way.kind == "next" else GRAY
        line = small(way.label, bold=bold, italic=way.kind == "deviation", fill=fill)
        limit = wide * (1.1 if bold else 0.95 if len(way.label) < 120 else 1.4)
        return card([line], limit, centered=True, pad=3.5)

    # -- drawing -----------------------------------------------------------------------------------

    def render(self, identifier: str, wide: float) -> str:
        """The figure as SVG, with boxes of this width."""
        cards, labels, layout, width = self._arranged(wide)
        key = self._key()
        width = max([width, *(2 * MARGIN + SAMPLE + line_width(text, SMALL) for _, text in key)])
        height = layout.height + 2 * MARGIN + (KEY_LINE * len(key) + KEY_GAP if key else 0.0)
        drawing = Drawing(identifier, width, height, self.title, self._description())
        self._draw_exits(drawing, cards, layout)
        for index, way in enumerate(self.ways):
            dash = KINDS.get(way.kind, "")
            pieces = layout.routes.get(index, [])
            for number, piece in enumerate(pieces):
                last = number + 1 == len(pieces)
                stroke = (
                    self._pen(way.arm).line if way.arm and last else STROKE
                )  # the fork itself is of no arm
                arrow(drawing, [_moved(point) for point in piece], dash=dash, head=last, kind=f"way {way.kind}",
                      stroke=stroke, width=THICK.get(way.kind, 1.0))  # fmt: skip
        for index, label in enumerate(labels):
            if label is not None and index in layout.labels:
                x, y = _moved(layout.labels[index])
                drawing.rect(x, y, label.width, label.height, kind="label")
                label.draw(drawing, x, y)
        for name, point in layout.boxes.items():
            self._draw_box(drawing, name, cards[name], _moved(point))
        for index, (kind, text) in enumerate(key):
            y = layout.height + 2 * MARGIN + KEY_GAP + KEY_LINE * (index + 0.2)
            arrow(drawing, [(MARGIN, y), (MARGIN + SAMPLE - 8, y)], dash=KINDS[kind], head=False, kind="key",
                  stroke=EXITS if kind == "exit" else STROKE, width=THICK.get(kind, 1.0))  # fmt: skip
            drawing.text(MARGIN + SAMPLE, y + 3.6, text, size=SMALL, fill=GRAY)
        return drawing.render()

    def _key(self) -> list[tuple[str, str]]:
        """What the lines mean that are not solid, of those that the figure has."""
        kinds = {way.kind for way in self.ways} | ({"exit"} if self.targets else set())
        return [(kind, text) for kind, text in KEY.items() if kind in kinds]

    def _draw_box(self, drawing: Drawing, name: str, box: Card, point: Point) -> None:
        x, y = point
        if name in self.notes or name not in self.protocol.path:
            drawing.rect(x, y, box.width, box.height, fill="#ffffff", kind="box undecided")
            outline(drawing, x, y, box.width, box.height)
            box.draw(drawing, x, y)
            return
        step = self.protocol.path[name]
        kind = step.kind
        fill, stroke, radius = LOOKS.get(kind, LOOKS["visit"])
        drawing.rect(x, y, box.width, box.height, fill=fill, stroke=stroke, radius=radius, kind=f"box {kind}")
        if kind == "randomization":
            middle = y + box.height / 2
            drawing.rect(x + 9, middle - 12, 24, 24, fill=INK, radius=12, kind="disc")
            drawing.text(x + 21, middle + 4.6, "R", size=13, anchor="middle", fill="#ffffff", bold=True)
        elif name in self.arms:
            drawing.rect(x, y, 4, box.height, fill=self.arms[name].line, kind="stripe")
        if repeated(step):
            loop_badge(drawing, x + box.width - 16, y + 6)
        box.draw(drawing, x, y)

    def _draw_exits(self, drawing: Drawing, cards: dict[str, Card], layout: Layout) -> None:
        """Ways out, thin and dashed: from each box to a rail at the right, and down it to where they lead."""
        rails = self._rails(layout)
        for target, number in rails.items():
            rail = layout.width + MARGIN + EXIT + RAIL * (number + 0.5)
            to_x, to_y = _moved(layout.boxes[target])
            entry = to_x + cards[target].width - 16 - 6 * (number % 2)
            turn = layout.before[layout.ranks[target]] + MARGIN - 1
            # One line a rank, whoever joins it: dashes laid over dashes would look like a solid line.
            starts: dict[float, float] = {}
            for name, found in self.exits.items():
                if not any(one.to == target for one in found):
                    continue
                x, y = _moved(layout.boxes[name])
                side, foot = x + cards[name].width, y + cards[name].height - 9
                level = layout.after[layout.ranks[name]] + MARGIN + 5 + EXIT_STEP * self._level(target)
                starts[level] = min(side + EXIT, starts.get(level, side + EXIT))
                _exit(drawing, [(side, foot), (side + EXIT, foot), (side + EXIT, level)])
            for level, start in starts.items():
                _exit(drawing, [(start, level), (rail, level)])
            _exit(drawing, [(rail, min(turn, *starts)), (rail, max(turn, *starts))])
            _exit(drawing, [(rail, turn), (entry, turn), (entry, to_y)], head=True)

    def _description(self) -> str:
        """The figure in words, step by step."""
        said = []
        for name in self.steps:
            ways = []
            for way in self.ways:
                if way.tail == name and way.kind != "undecided":
                    lead = "may also go on" if way.kind == "deviation" else "goes on"
                    ways.append(f"{lead} to {title_of(self.protocol, way.head)}"
                                + (f" ({way.label})" if way.label else ""))  # fmt: skip
            ways += [one.said for one in self.exits.get(name, [])]
            note = self.notes.get(f"{name}?")
            ways += [f"may be left without a way on: {note}"] if note else []
            said.append(f"{title_of(self.protocol, name)}" + (f": {'; '.join(ways)}" if ways else ""))
        return ". ".join(text.rstrip(".") for text in said) + "."


EXITS = "#7a7a7a"
KINDS = {"exit": "3.5 2.5", "deviation": DOTS, "undecided": DASH}
THICK = {"exit": 0.8, "deviation": 1.4}
KEY = {
    "exit": "Leaves, or refuses consent",
    "deviation": "Deviation that the protocol allows",
    "undecided": "Cannot be decided",
}
SAMPLE, KEY_LINE, KEY_GAP = 34.0, 15.0, 6.0
LOOKS = {
    "eligibility": ("#ffffff", STROKE, 0.0),
    "registration": ("#ffffff", STROKE, 0.0),
    "consent": ("#ffffff", STROKE, 9.0),
    "visit": ("#fbfaf7", STROKE, 0.0),
    "course": ("#eaf1f6", STROKE, 0.0),
    "randomization": ("#ffffff", INK, 20.0),
    "group": ("#f3f3f3", STROKE, 0.0),
    "follow_up": ("#ffffff", STROKE, 12.0),
    "end": ("#e3e3e3", INK, 14.0),
}  # fill, stroke, radius


def _exit(drawing: Drawing, points: list[Point], head: bool = False) -> None:
    arrow(drawing, points, dash=KINDS["exit"], stroke=EXITS, width=THICK["exit"], head=head, kind="exit")


def _moved(point: Point) -> Point:
    return point[0] + MARGIN, point[1] + MARGIN
