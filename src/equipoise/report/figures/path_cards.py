"""What stands in the boxes of a path diagram: the kind of a step, its label, what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.protocol.definition import Protocol, Step
from equipoise.report.figures.cards import STROKE, Card, Line, card, small
from equipoise.report.figures.svg import Drawing, number
from equipoise.report.labels import lower_first

CAPTIONS = {
    "consent": "Consent", "visit": "Visit", "course": "Course", "randomization": "Randomization",
    "group": "Group by rule", "eligibility": "Eligibility", "registration": "Registration",
    "follow_up": "Follow-up", "end": "End",
}  # fmt: skip
DISC = 28.0  # kept free at the left of a randomization


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a step: where to, how it is said, and how where the drawn line says where to."""

    to: str
    said: str
    brief: str


def title_of(protocol: Protocol, name: str) -> str:
    """What a step is called: its own label, or that of what it names."""
    step = protocol.path.get(name)
    if step is None:
        return name
    if step.label:
        return step.label
    kind = step.kind
    if kind in ("eligibility", "registration", "follow_up", "end"):
        return CAPTIONS[kind]
    code = getattr(step, kind, None) if kind else None
    if code is None:
        return name
    entry = getattr(protocol, f"{kind}s").get(code)
    return str(getattr(entry, "label", None) or code)


def exits_of(protocol: Protocol, name: str) -> list[Exit]:
    """The ways out of a step: consent refused, coded reasons to leave."""
    step, found = protocol.path[name], []
    if step.refused:
        found.append(Exit(step.refused, f"Refused{_to(protocol, step.refused)}", "Refused"))
    if step.leave or step.leave_to:
        many = f"{len(step.reasons)} reasons" if len(step.reasons) != 1 else "1 reason"
        text = f"{many} to leave" if step.reasons else "May leave, reasons not stated"
        found.append(Exit(step.leave_to or "", f"{text}{_to(protocol, step.leave_to)}", text))
    return found


def _to(protocol: Protocol, name: str | None) -> str:
    """Where a way out leads, briefly where the path has one follow-up or one end."""
    if not name:
        return ""
    kind = protocol.path[name].kind if name in protocol.path else ""
    alike = [step for step in protocol.path.values() if step.kind == kind]
    brief = kind in ("follow_up", "end") and len(alike) == 1
    return f" → {CAPTIONS[kind].lower() if brief else lower_first(title_of(protocol, name))}"


def step_card(protocol: Protocol, name: str, wide: float, exits: list[str], elsewhere: str) -> Card:
    """The card of a step; of a name that is no step of the path, a card that says so."""
    step = protocol.path.get(name)
    if step is None:
        return card([Line(name), small("No such step in the path", italic=True)], wide, fixed=True)
    caption, title = CAPTIONS.get(step.kind, "Step"), title_of(protocol, name)
    badge = _times(step)
    lines = [] if caption.lower() == title.lower() else [small(caption)]
    lines.append(Line(title, bold=True))
    lines += [small(text) for text in _facts(protocol, step)]
    lines += [small(badge)] if badge else []
    lines += [small(f"Goes on in {elsewhere}", italic=True)] if elsewhere else []
    lines += [small(text, italic=True) for text in exits]
    return card(lines, wide, fixed=True, inset=DISC if step.kind == "randomization" else 0.0)


def note_card(text: str, wide: float) -> Card:
    """The card of those who may be left without a way on."""
    limit = wide * (1.5 if len(text) > 160 else 1.0)  # a long text in a narrow box would push everything down
    return card([small("Cannot be decided", bold=True), small(text)], limit, fixed=True)


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
