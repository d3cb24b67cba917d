"""The CONSORT flow diagram, from the rows that exist: a box for what the record holds, none for the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from equipoise.drawing.lettering import width, wrap
from equipoise.drawing.svg import GRAY, Drawing, number
from equipoise.protocol.definition import Protocol
from equipoise.report.labels import Labels, lower_first
from equipoise.report.numbers import count
from equipoise.report.rows import Rows

FLOW = "flow"
WIDTH = 860.0
INSET = 1.0  # room for the stroke of the outermost boxes
SIZE = 11.5
LEADING = 15.0
PAD = 9.0
GUTTER = 88.0  # for the names of the stages at the left
COLUMN_GAP = 16.0
ROW_GAP = 26.0
BULLET = 11.0
FILL = "#fbfaf7"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a box: its text, how far it is set in, whether it heads the box."""

    text: str
    indent: float = 0.0
    bold: bool = False


@dataclass(slots=True)
class Box:
    """A box with its lines; its place comes with the layout."""

    lines: list[Line] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0

    def add(self, text: str, indent: float = 0.0, bold: bool = False) -> None:
        """Append a line."""
        self.lines.append(Line(text, indent, bold))

    def wrapped(self) -> list[Line]:
        """The lines as they fit the box."""
        found = []
        for line in self.lines:
            limit = self.width - 2 * PAD - line.indent
            found += [
                Line(part, line.indent, line.bold) for part in wrap(line.text, limit, SIZE, bold=line.bold)
            ]
        return found

    def fit(self, wide: float) -> None:
        """Take a width and the height that follows."""
        self.width = wide
        self.height = LEADING * len(self.wrapped()) + 2 * PAD - 3


def flow_figure(protocol: Protocol, rows: Rows, identifier: str) -> str | None:
    """The flow of patients as SVG: enrollment above, then a column for each arm; None without rows."""
    if not rows.of(FLOW):
        return None
    labels = Labels(protocol)
    arms = labels.arms_in(rows.groups(FLOW))
    stages = [
        (stage, {arm: box for arm in arms if (box := build(labels, rows, arm)).lines})
        for stage, build in (
            ("Allocation", _allocation), ("Treatment", _treatment), ("Follow-up", _follow_up),
            ("Analysis", _analysis),
        )
    ]  # fmt: skip
    stages = [(stage, boxes) for stage, boxes in stages if boxes]
    top = _enrollment(labels, rows)
    wide = (WIDTH - INSET - GUTTER - COLUMN_GAP * (len(arms) - 1)) / max(len(arms), 1)
    places = {arm: GUTTER + index * (wide + COLUMN_GAP) for index, arm in enumerate(arms)}
    bottom = _place_enrollment(top)
    y = bottom + (2 * ROW_GAP if top and stages else 0)
    for _, boxes in stages:
        for arm, box in boxes.items():
            box.fit(min(wide, 330.0))
            box.x, box.y = places[arm] + (wide - box.width) / 2, y
        tallest = max(box.height for box in boxes.values())
        for box in boxes.values():
            box.height = tallest
        y += tallest + ROW_GAP
    height = (y - ROW_GAP if stages else bottom) + 2
    drawing = Drawing(
        identifier, WIDTH, height, "Flow of patients through the trial", _description(top, stages, labels)
    )
    _draw_enrollment(drawing, top)
    _draw_columns(drawing, top, stages, arms)
    return drawing.render()


def _n(rows: Rows, variable: str, group: str = "overall", level: str = "") -> float | None:
    """A number of the flow."""
    return rows.value(FLOW, "n", group=group, variable=variable, level=level)


def _reasons(
    box: Box, labels: Labels, rows: Rows, variable: str, group: str, stage: str, indent: float
) -> None:
    """The reasons of a number, largest first as the protocol lists equals."""
    found = [
        row for row in rows.of(FLOW)
        if row.variable == variable and row.group == group and row.level and row.value
    ]  # fmt: skip
    for row in sorted(found, key=lambda row: -(row.value or 0)):
        box.add(f"{count(row.value or 0)} {lower_first(labels.reason(stage, row.level))}", indent)


def _enrollment(labels: Labels, rows: Rows) -> dict[str, Box]:
    """The boxes above the arms, of those that have rows."""
    boxes: dict[str, Box] = {}
    for variable, text in (("registered", "registered"), ("randomized", "underwent randomization")):
        n = _n(rows, variable)
        if n is not None:
            boxes[variable] = Box([Line(f"{count(n)} patients {text}", bold=True)])
    n = _n(rows, "not_randomized")
    if n:
        box = Box([Line(f"{count(n)} not randomized", bold=True)])
        _reasons(box, labels, rows, "not_randomized", "overall", "screening", BULLET)
        for row in rows.of(FLOW):
            if row.variable == "analyzed_not_randomized" and row.value:
                box.add(f"{count(row.value)} analyzed: {labels.population(row.population)}")
        boxes["not_randomized"] = box
    return boxes


def _allocation(labels: Labels, rows: Rows, arm: str) -> Box:
    """What an arm was allocated and what was given."""
    box = Box()
    allocated = _n(rows, "allocated", arm)
    if allocated is not None:
        box.add(f"{count(allocated)} assigned to {labels.arm(arm)}", bold=True)
    treated, untreated = _n(rows, "treated", arm), _n(rows, "not_treated", arm)
    if treated is not None:
        box.add(f"{count(treated)} began the assigned treatment")
    if untreated:
        box.add(f"{count(untreated)} did not begin it")
        _reasons(box, labels, rows, "not_treated", arm, "treatment", BULLET)
    return box


def _treatment(labels: Labels, rows: Rows, arm: str) -> Box:
    """How treatment ended."""
    box = Box()
    completed, stopped = _n(rows, "treatment_completed", arm), _n(rows, "treatment_discontinued", arm)
    if completed is not None:
        box.add(f"{count(completed)} completed treatment", bold=True)
    if stopped is not None:
        box.add(f"{count(stopped)} discontinued treatment", bold=completed is None)
        _reasons(box, labels, rows, "treatment_discontinued", arm, "treatment", BULLET)
    return box


def _follow_up(labels: Labels, rows: Rows, arm: str) -> Box:
    """Where patients stand at the data cutoff."""
    box = Box()
    states = (
        ("follow_up_completed", "completed follow-up"),
        ("in_follow_up", "in follow-up"),
        ("died", "died"),
    )
    for variable, text in states:
        n = _n(rows, variable, arm)
        if n is not None:
            box.add(f"{count(n)} {text}", bold=not box.lines)
    left = _n(rows, "follow_up_discontinued", arm)
    if left is not None:
        box.add(f"{count(left)} left follow-up")
        _reasons(box, labels, rows, "follow_up_discontinued", arm, "follow_up", BULLET)
    return box


def _analysis(labels: Labels, rows: Rows, arm: str) -> Box:
    """Who was analyzed, by population."""
    box = Box()
    found = [row for row in rows.of(FLOW) if row.variable == "analyzed" and row.group == arm]
    for population in dict.fromkeys(row.population for row in found):
        for row in sorted((row for row in found if row.population == population), key=lambda row: row.level):
            if row.value is None or (row.level and not row.value):
                continue
            if row.level:
                box.add(f"{count(row.value)} excluded from this population", BULLET)
            else:
                box.add(f"{count(row.value)} analyzed: {labels.population(population)}", bold=not box.lines)
    return box


def _place_enrollment(boxes: dict[str, Box]) -> float:
    """Boxes above the arms: registered, to its right those not randomized, then randomized; returns their end."""
    middle = GUTTER + (WIDTH - GUTTER) / 2
    y = 1.0
    for variable in ("registered", "not_randomized", "randomized"):
        if variable not in boxes:
            continue
        box = boxes[variable]
        natural = (
            max(width(line.text, SIZE, bold=line.bold) + line.indent for line in box.lines) + 2 * PAD + 2
        )
        side = variable == "not_randomized"
        box.fit(min(natural, (WIDTH - INSET - middle - 30) if side else 400.0))
        box.x = middle + 30 if side else middle - box.width / 2
        box.y = y
        y = box.y + box.height + ROW_GAP * (0.6 if side or "not_randomized" in boxes else 1.0)
    return max((box.y + box.height for box in boxes.values()), default=0.0)


def _draw_box(drawing: Drawing, box: Box) -> None:
    """A box and its text."""
    drawing.rect(box.x, box.y, box.width, box.height, fill=FILL, stroke="#6b6b6b", kind="box")
    y = box.y + PAD + SIZE - 2
    for line in box.wrapped():
        drawing.text(box.x + PAD + line.indent, y, line.text, size=SIZE, bold=line.bold)
        y += LEADING


def _arrow(drawing: Drawing, points: list[tuple[float, float]]) -> None:
    """A line through points with a head at its end."""
    x0, (x1, y1) = points[-2][0], points[-1]
    data = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
    drawing.path(data, stroke="#6b6b6b", kind="arrow")
    if x0 == x1:
        head = f"M{number(x1 - 3.5)} {number(y1 - 6)}L{number(x1)} {number(y1)}L{number(x1 + 3.5)} {number(y1 - 6)}Z"
    else:
        head = f"M{number(x1 - 6)} {number(y1 - 3.5)}L{number(x1)} {number(y1)}L{number(x1 - 6)} {number(y1 + 3.5)}Z"
    drawing.path(head, fill="#6b6b6b")


def _stage(drawing: Drawing, y: float, name: str) -> None:
    """The name of a stage in the gutter."""
    drawing.text(0, y + PAD + SIZE - 2, name, size=SIZE, fill=GRAY, bold=True)


def _draw_enrollment(drawing: Drawing, boxes: dict[str, Box]) -> None:
    """The boxes above the arms and their arrows."""
    middle = GUTTER + (WIDTH - GUTTER) / 2
    if boxes:
        _stage(drawing, min(box.y for box in boxes.values()), "Enrollment")
    first, last, side = boxes.get("registered"), boxes.get("randomized"), boxes.get("not_randomized")
    if first and last:
        _arrow(drawing, [(middle, first.y + first.height), (middle, last.y)])
    if side and first:
        _arrow(drawing, [(middle, side.y + side.height / 2), (side.x, side.y + side.height / 2)])
    for box in boxes.values():
        _draw_box(drawing, box)


def _draw_columns(
    drawing: Drawing, top: dict[str, Box], stages: list[tuple[str, dict[str, Box]]], arms: list[str]
) -> None:
    """The columns of the arms, joined to the randomization above them."""
    source = top.get("randomized") or top.get("registered")
    above: dict[str, Box] = {}
    for index, (stage, boxes) in enumerate(stages):
        _stage(drawing, min(box.y for box in boxes.values()), stage)
        for arm in arms:
            if arm not in boxes:
                continue
            box = boxes[arm]
            middle = box.x + box.width / 2
            if arm in above:
                _arrow(drawing, [(middle, above[arm].y + above[arm].height), (middle, box.y)])
            elif index == 0 and source is not None:
                start, level = source.x + source.width / 2, source.y + source.height
                turn = level + ROW_GAP
                _arrow(drawing, [(start, level), (start, turn), (middle, turn), (middle, box.y)])
            _draw_box(drawing, box)
            above[arm] = box


def _description(top: dict[str, Box], stages: list[tuple[str, dict[str, Box]]], labels: Labels) -> str:
    """The picture in words, box by box."""
    parts = ["; ".join(line.text for line in box.lines) for box in top.values()]
    for stage, boxes in stages:
        for arm, box in boxes.items():
            parts.append(f"{stage}, {labels.short(arm)}: {'; '.join(line.text for line in box.lines)}")
    return ". ".join(parts) + "."
