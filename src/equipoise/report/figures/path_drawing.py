"""One figure of a path: its boxes, the ways between them, the ways out at the sides, and the notes below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from equipoise.drawing.lettering import width as line_width
from equipoise.drawing.pens import CONTROL, Pen
from equipoise.drawing.svg import GRAY, INK, Drawing
from equipoise.protocol.definition import Protocol
from equipoise.report.figures.cards import SMALL, STROKE, Card, Point, arrow, card, outline, small
from equipoise.report.figures.layered import Layout, Link, layered
from equipoise.report.figures.palette import pens
from equipoise.report.figures.path_cards import UNDECIDED, loop_badge, repeated, step_card, undecided_card
from equipoise.report.figures.path_content import Way, Words
from equipoise.report.figures.path_exits import Exits, Run
from equipoise.report.figures.path_notes import Content, listed

MARGIN = 12.0
BESIDE = 28.0  # from a box to that of those who cannot be decided
PRINTED = (166.0, 230.0)  # millimeters: what a page has for a figure
PIXEL = 25.4 / 96
LEAST = 430.0  # width of a figure that has notes


@dataclass(frozen=True, slots=True)
class _Arranged:
    """Everything in its place. left: room for the ways out at the left.  noted: deviations are notes, not lines."""

    cards: dict[str, Card]
    labels: list[Card | None]
    beside: dict[str, Card]
    ways: list[Way]
    layout: Layout
    exits: list[Run]
    left: float
    width: float
    key: list[tuple[str, str]]
    footer: list[Card]
    noted: bool

    @property
    def height(self) -> float:
        """Of the boxes and the ways between them; what stands below has its own."""
        return self.layout.height + 2 * MARGIN

    def moved(self, point: Point) -> Point:
        """A place of the layout as a place in the figure."""
        return point[0] + MARGIN + self.left, point[1] + MARGIN


class Diagram:
    """One figure: some steps of the path, the ways between them, the ways out at the sides.

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
        self.protocol, self.title = protocol, title
        self.content = Content(protocol, words or str, steps, elsewhere or {})
        self._kept: dict[float, _Arranged] = {}

    # -- layout ------------------------------------------------------------------------------------

    def best(self, widths: tuple[float, ...]) -> tuple[float, float]:
        """How large the figure is on a page at best, in millimeters a pixel, and with boxes of which width.

        widths: in ascending order; a wider box makes a figure wider and lower, so that the search ends early.
        """
        best = (0.0, widths[0])
        for wide in widths:
            found = self._arranged(wide)
            high, broad = PRINTED[1] / (found.height + self._below(found)), PRINTED[0] / found.width
            best = max(best, (min(PIXEL, high, broad), wide), key=lambda one: one[0])
            if broad <= high or min(high, broad) >= PIXEL:
                break
        return best

    def _below(self, found: _Arranged) -> float:
        """The height of what stands below the boxes."""
        key = KEY_LINE * len(found.key) + (KEY_GAP if found.key else 0.0)
        return key + sum(one.height for one in found.footer)

    def _arranged(self, wide: float) -> _Arranged:
        """Deviations as lines where those cross nothing and move no step down; else as notes."""
        if wide not in self._kept:
            noted = self._laid(wide, noted=True)
            drawn = self._laid(wide, noted=False) if self.content.deviates else noted
            same = all(drawn.layout.ranks[name] == rank for name, rank in noted.layout.ranks.items())
            self._kept[wide] = drawn if same and not _crossed(drawn) else noted
        return self._kept[wide]

    def _laid(self, wide: float, noted: bool) -> _Arranged:
        content = self.content
        ways = [way for way in content.ways if way.kind != "deviation" or not noted]
        notes = content.notes(noted)
        cards = {
            name: step_card(self.protocol, name, wide, content.said(name, notes)) for name in content.steps
        }
        beside = {name: undecided_card(notes.undecided[name]) for name in notes.undecided}
        labels = [self._label(way, wide) for way in ways]
        links = [
            Link(way.tail, way.head, (label.width, label.height) if label else None, way.kind == "deviation",
                 minor=way.kind == "aside")
            for way, label in zip(ways, labels, strict=True)
        ]  # fmt: skip
        links += [Link(name, to, drawn=False) for name, to in content.order]
        ways_out = Exits(content.exits_to, {to: content.level(to) for to in content.targets}, cards, beside)
        sizes = {name: (cards[name].width, cards[name].height) for name in content.steps}
        above = dict.fromkeys(content.targets, 8.0)
        kept = {name: (BESIDE + UNDECIDED, one.height) for name, one in beside.items()}
        layout = layered(sizes, links, above=above, beside=kept)  # it tells which ways out need room
        if below := ways_out.below(layout):
            layout = layered(sizes, links, above=above, beside=kept, below=below)
        exits, left, right = ways_out.drawn(layout, (MARGIN, MARGIN))
        least = LEAST if notes.lines or notes.reasons else 0.0
        width = max(least, left + layout.width + right + 2 * MARGIN)
        kinds = {f"way {way.kind}" for way in ways} | ({"exit"} if exits else set())
        key = self._key(kinds | ({"way undecided"} if beside else set()))
        width = max([width, *(2 * MARGIN + SAMPLE + line_width(text, SMALL) for _, text in key)])
        footer = [
            card(lines, width - 2 * MARGIN + 2 * FLUSH, fixed=True, pad=4.0)
            for lines in (listed(notes.reasons, width - 2 * MARGIN), *([one] for one in notes.lines)) if lines
        ]  # fmt: skip
        return _Arranged(cards, labels, beside, ways, layout, exits, left, width, key, footer, noted)

    def _label(self, way: Way, wide: float) -> Card | None:
        if not way.label:
            return None
        bold = way.kind == "arm"
        fill = self._pen(way.arm).ink if bold else GRAY if way.kind == "deviation" else INK
        line = small(way.label, bold=bold, italic=way.kind == "deviation", fill=fill)
        limit = wide * (1.1 if bold else 0.95 if len(way.label) < 120 else 1.4)
        return card([line], limit, centered=True, pad=3.5)

    def _pen(self, arm: str) -> Pen:
        """The pen of an arm among those with whom it is randomized, as in the other figures."""
        for randomization in self.protocol.randomizations.values():
            if arm in randomization.arms:
                return pens(self.protocol, list(randomization.arms))[arm]
        return CONTROL

    # -- drawing -----------------------------------------------------------------------------------

    def render(self, identifier: str, wide: float) -> str:
        """The figure as SVG, with boxes of this width."""
        found = self._arranged(wide)
        drawing = Drawing(
            identifier, found.width, found.height + self._below(found), self.title, self.content.description()
        )
        for points, head in found.exits:
            _line(drawing, "exit", points, head)
        # what few take lies below what most take; the fork itself is of no arm
        for way, piece, head in sorted(_pieces(found), key=lambda one: one[0].kind != "aside"):
            _line(
                drawing, f"way {way.kind}", piece, head, self._pen(way.arm).line if way.arm and head else ""
            )
        for index, label in enumerate(found.labels):
            if label is not None and index in found.layout.labels:
                x, y = found.moved(found.layout.labels[index])
                drawing.rect(x, y, label.width, label.height, kind="label")
                label.draw(drawing, x, y)
        for name, point in found.layout.boxes.items():
            self._draw_box(drawing, name, found.cards[name], found.moved(point))
            if name in found.beside:
                self._draw_undecided(drawing, found.cards[name], found.beside[name], found.moved(point))
        y = found.height + (KEY_GAP if found.key else 0.0)
        for index, (kind, text) in enumerate(found.key):
            middle = y + KEY_LINE * (index + 0.2)
            _line(drawing, kind, [(MARGIN, middle), (MARGIN + SAMPLE - 8, middle)], False, key=True)
            drawing.text(MARGIN + SAMPLE, middle + 3.6, text, size=SMALL, fill=GRAY)
        y += KEY_LINE * len(found.key)
        for note in found.footer:
            note.draw(drawing, MARGIN - FLUSH, y)
            y += note.height
        return drawing.render()

    def _key(self, kinds: set[str]) -> list[tuple[str, str]]:
        """What the lines mean that are not solid, of the kinds that the figure has."""
        key = {"exit": self.content.leaving, **KEY}
        return [(kind, text) for kind, text in key.items() if kind in kinds]

    def _draw_undecided(self, drawing: Drawing, box: Card, note: Card, point: Point) -> None:
        """The box of those who cannot be decided, at the right of its step."""
        x, y = point[0] + box.width, point[1]
        level = y + min(box.height, note.height) * 0.35
        _line(drawing, "way undecided", [(x, level), (x + BESIDE, level)], True)
        drawing.rect(x + BESIDE, y, note.width, note.height, fill="#ffffff", kind="box undecided")
        outline(drawing, x + BESIDE, y, note.width, note.height)
        note.draw(drawing, x + BESIDE, y)

    def _draw_box(self, drawing: Drawing, name: str, box: Card, point: Point) -> None:
        x, y = point
        if name not in self.protocol.path:
            drawing.rect(x, y, box.width, box.height, fill="#ffffff", kind="box unknown")
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
        elif name in self.content.arms:
            drawing.rect(x, y, 4, box.height, fill=self._pen(self.content.arms[name]).line, kind="stripe")
        if repeated(step):
            loop_badge(drawing, x + box.width - 16, y + 6)
        box.draw(drawing, x, y)


FLUSH = 8.0  # notes begin where the key does
SAMPLE, KEY_LINE, KEY_GAP = 38.0, 15.0, 8.0
KEY = {
    "way deviation": "Departure from the planned way",
    "way undecided": "Cannot be decided",
}
LINES = {
    "way next": ("", "#4d4d4d", 1.4),
    "way arm": ("", "#4d4d4d", 1.4),
    "way aside": ("", "#7a7a7a", 0.8),
    "way deviation": ("1.5 3", "#333333", 1.6),
    "way undecided": ("8 3 2 3", "#333333", 1.1),
    "exit": ("4 3", "#8c8c8c", 0.8),
}  # dash, color, width: from the main way to those that few take
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


def _line(
    drawing: Drawing, kind: str, points: list[Point], head: bool, stroke: str = "", key: bool = False
) -> None:
    dash, color, width = LINES[kind]
    arrow(
        drawing,
        points,
        dash=dash,
        stroke=stroke or color,
        width=width,
        head=head,
        kind="key" if key else kind,
    )


def _pieces(found: _Arranged) -> Iterator[tuple[Way, list[Point], bool]]:
    """The ways that are drawn, piece by piece between their labels; the last has the head."""
    for index, way in enumerate(found.ways):
        pieces = found.layout.routes.get(index, [])
        for number, piece in enumerate(pieces, 1):
            yield way, [found.moved(point) for point in piece], number == len(pieces)


def _crossed(found: _Arranged) -> bool:
    """Whether a deviation crosses or runs on another line."""
    own = [list(pairwise(piece)) for way, piece, _ in _pieces(found) if way.kind == "deviation"]
    others = [list(pairwise(piece)) for way, piece, _ in _pieces(found) if way.kind != "deviation"]
    others += [list(pairwise(points)) for points, _ in found.exits]
    return any(
        _cross(one, other)
        for index, piece in enumerate(own) for another in [*own[index + 1 :], *others]
        for one in piece for other in another
    )  # fmt: skip


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two upright or level stretches have a point in common, but for their ends."""

    def spans(points: Iterable[Point]) -> list[tuple[float, float]]:
        return [(min(axis), max(axis)) for axis in zip(*points, strict=True)]

    return all(
        (a[0] < b[1] - 0.5 and b[0] < a[1] - 0.5) or (a[0] == a[1] and b[0] < a[0] < b[1])
        or (b[0] == b[1] and a[0] < b[0] < a[1]) or a == b
        for a, b in zip(spans(one), spans(other), strict=True)
    )  # fmt: skip
