"""What stands in the boxes of a path diagram: the kind of a step, its title, what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.drawing.svg import INK, Drawing, number
from equipoise.protocol.definition import Protocol, Step
from equipoise.report.figures.cards import STROKE, Card, Line, card, small
from equipoise.report.figures.path_content import CAPTIONS

DISC = 28.0  # kept free at the left of a randomization
UNDECIDED = 92.0  # width of the box of those who cannot be decided


@dataclass(frozen=True, slots=True)
class Said:
    """What a box says beside what its step is: its arm, where its figure goes on, lines on ways out, notes."""

    title: str
    arm: str = ""
    elsewhere: str = ""
    exits: tuple[str, ...] = ()
    notes: str = ""


def step_card(protocol: Protocol, name: str, wide: float, said: Said) -> Card:
    """The card of a step; of a name that is no step of the path, a card that says so."""
    step = protocol.path.get(name)
    if step is None:
        return card([Line(name), small("No such step in the path", italic=True)], wide, fixed=True)
    caption = CAPTIONS.get(step.kind, "Step")
    named = "" if caption.lower() == said.title.lower() else caption
    head = ", ".join(part for part in (named, said.arm) if part)
    badge = _times(step)
    lines = [small(head)] if head else []
    lines.append(Line(said.title, bold=True))
    lines += [small(text) for text in _facts(protocol, step)]
    lines += [small(badge)] if badge else []
    lines += [small(f"Goes on in {said.elsewhere}", italic=True)] if said.elsewhere else []
    lines += [small(text, italic=True) for text in said.exits]
    lines += [small(f"Departure: {said.notes}", italic=True, fill=INK)] if said.notes else []
    return card(lines, wide, fixed=True, inset=DISC if step.kind == "randomization" else 0.0)


def undecided_card(letter: str) -> Card:
    """The card of those who may be left without a way on; who they are stands in a note."""
    return card([small("Cannot be decided", bold=True), small(f"note {letter}")], UNDECIDED, fixed=True)


def _facts(protocol: Protocol, step: Step) -> list[str]:
    """What is printed of a step beside its name."""
    if step.course and step.course in protocol.courses:
        course = protocol.courses[step.course]
        length = "length not stated" if course.days == "not stated" else _days(course.days)
        if course.rest != "not stated" and course.rest:
            length += f", then {_days(course.rest)} of rest"
        return [length[:1].upper() + length[1:]]
    if step.randomization and step.randomization in protocol.randomizations:
        randomization = protocol.randomizations[step.randomization]
        if randomization.ratio == "not stated":
            return ["Ratio not stated"]
        arms = [one for one in randomization.arms if one in randomization.ratio]
        if len(set(randomization.ratio.values())) == 1:  # the same in whichever order the arms are drawn
            return [f"Ratio {':'.join(str(randomization.ratio[one]) for one in arms)}"]
        names = [protocol.arms[one].short or protocol.arms[one].label for one in arms if one in protocol.arms]
        return [f"{' : '.join(names)} = {':'.join(str(randomization.ratio[one]) for one in arms)}"]
    return []


def _days(many: int) -> str:
    return f"{many} days" if many != 1 else "1 day"


def _times(step: Step) -> str:
    """How often in a row a step is done."""
    if step.times is None:
        return ""
    if step.times == "not stated":
        return "Repeated, how often is not stated"
    fewest, most = step.times
    if fewest == most:
        return f"{most} times in a row" if most > 1 else ""
    return f"Up to {most} times" if fewest == 1 else f"{fewest} to {most} times in a row"


def repeated(step: Step) -> bool:
    """Whether a step may be done more than once in a row."""
    return bool(_times(step))


def loop_badge(drawing: Drawing, x: float, y: float) -> None:
    """A small arrow that runs in a circle: this is done more than once. Its upper left corner is given."""
    n = number
    drawing.path(
        f"M{n(x + 8.6)} {n(y + 2.4)}A4.4 4.4 0 1 0 {n(x + 9.4)} {n(y + 6)}",
        stroke=STROKE,
        width=1.3,
        kind="loop",
    )
    drawing.path(f"M{n(x + 6)} {n(y + 3.6)}L{n(x + 10.4)} {n(y + 4)}L{n(x + 9.6)} {n(y - 0.6)}Z", fill=STROKE)
