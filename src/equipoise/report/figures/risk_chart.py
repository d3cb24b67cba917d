"""The chart of a classification: its rules in their order, the class that each gives, and who is left without.

A rule is left undecided only where that can happen: whether it can is proved over all values that the protocol
declares, so that no way out is drawn that no patient takes, and none is missing that some patient takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from equipoise.errors import DataError
from equipoise.protocol.classification import Classifier
from equipoise.protocol.definition import Derived, Protocol
from equipoise.protocol.witnesses import Claim, Patients, name_of, text_of
from equipoise.report.figures.cards import (
    DASH,
    LEADING,
    SIZE,
    SMALL,
    STROKE,
    Card,
    Line,
    arrow,
    card,
    outline,
    small,
)
from equipoise.report.figures.lettering import width
from equipoise.report.figures.svg import GRAY, INK, Drawing
from equipoise.report.labels import lower_first

Words = Callable[[str], str]

MARGIN = 12.0
SIDE = 78.0  # at the left, for ways out
RULE = 318.0
YES = 62.0
CLASS = 206.0
DOWN = 30.0
STEP = 5.0  # how far one space sets a line in
BULLET = "– "


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of the chart.

    open: some patient who gets here cannot be decided.  unavailable: what may be missing.
    goes: where the patients of its class go.
    """

    code: str
    label: str
    text: str
    open: bool
    unavailable: tuple[str, ...]
    goes: tuple[str, ...]


def risk_chart(protocol: Protocol, name: str, *, words: Words | None = None, identifier: str = "") -> str:
    """The rules of one classified item as SVG, from the first to the last.

    words: says a rule in words, on one line or as an outline, whose lines are set in by spaces and may begin with
    a dash; without it, a rule stands as it is written.  Raises DataError where ``name`` is no derived item with classes.
    """
    derived = protocol.derived.get(name)
    if derived is None or derived.classes is None:
        raise DataError(f"name: found {name!r}; expected a derived item with classes")
    patients = Patients(protocol)
    rules, left = _rules(protocol, name, derived, words or str, patients)
    return _draw(identifier or f"chart-{name}", derived, rules, left)


# -- what the chart says ---------------------------------------------------------------------------


def _rules(
    protocol: Protocol, name: str, derived: Derived, words: Words, patients: Patients
) -> tuple[list[_Rule], bool]:
    """The rules in order, and whether some patient meets none of them although each is decided."""
    classifier = Classifier(protocol)
    before = [Claim(one.require) for one in protocol.eligibility.values()]
    if patients.find(before).state == "none":
        before = []
    rules = []
    for code, level in (derived.classes or {}).items():
        open_ = patients.find((*before, Claim(level.when, (None,)))).state != "none"
        behind = classifier.items_behind([classifier.rules[name][code]]) if open_ else set()
        missing = tuple(_missing(protocol, item) for item in protocol.items
                        if item in behind and protocol.items[item].unavailable)  # fmt: skip
        goes = tuple(_goes(protocol, classifier, patients, name, code))
        text = "All others" if level.when.lower() == "true" else words(level.when)
        rules.append(_Rule(code, level.label, text, open_, missing, goes))
        before.append(Claim(level.when, (False,)))
    return rules, patients.find(before).state != "none"


def _missing(protocol: Protocol, item: str) -> str:
    """An item that can be unavailable, with the reasons that its source may give."""
    reasons = ", ".join(protocol.items[item].unavailable)
    return f"{protocol.items[item].label} ({reasons})"


def _goes(protocol: Protocol, classifier: Classifier, patients: Patients, name: str, code: str) -> list[str]:
    """The randomizations and groups whose rules read the classification and take patients of a class."""
    rules = [(one.when, _randomized(protocol, key)) for key, one in protocol.randomizations.items()]
    rules += [(one.when, f"Group: {one.label}") for one in protocol.groups.values()]
    here = Claim(f"{name_of(name)} = {text_of(code)}")
    found = []
    for when, text in rules:
        if when is None or name not in patients.symbols.reads([when]):
            continue
        if patients.find((here, Claim(when))).state == "found":
            found.append(text)
    return found


def _randomized(protocol: Protocol, name: str) -> str:
    """The arms of a randomization with their ratio."""
    randomization = protocol.randomizations[name]
    known = [protocol.arms[arm] for arm in randomization.arms if arm in protocol.arms]
    arms = [arm.short or arm.label for arm in known]
    listed = f"{', '.join(arms[:-1])} or {lower_first(arms[-1])}"
    if randomization.ratio == "not stated":
        return f"Randomized: {listed} (ratio not stated)"
    return f"Randomized: {listed} ({':'.join(str(randomization.ratio[arm]) for arm in randomization.arms)})"


# -- how it is drawn -------------------------------------------------------------------------------


def _draw(identifier: str, derived: Derived, rules: list[_Rule], left: bool) -> str:
    """Rules in one column, classes in a second; ways out at the left, down to the box of who is left."""
    exits = left or any(rule.open for rule in rules)
    side = SIDE if any(rule.open for rule in rules) else 0.0
    x_rule, x_class = MARGIN + side, MARGIN + side + RULE + YES
    top = card([Line(derived.label, bold=True)], RULE, centered=True)
    rows = [(_rule_card(index, rule), _class_cards(rule)) for index, rule in enumerate(rules, 1)]
    note = _note_card(derived) if exits else None
    y, places = MARGIN + top.height + DOWN, []
    for box, cards in rows:
        high = max(box.height, sum(one.height for one in cards))
        places.append((y, high))
        y += high + DOWN
    height = (y + note.height if note else y - DOWN) + MARGIN
    wide = x_class + CLASS + MARGIN
    drawing = Drawing(identifier, wide, height, f"{derived.label}: rules in their order",
                      _description(derived, rules, left))  # fmt: skip
    middle = x_rule + RULE / 2
    _box(drawing, top, middle - top.width / 2, MARGIN, "start", "#ffffff", 12.0)
    arrow(drawing, [(middle, MARGIN + top.height), (middle, places[0][0])])
    opened = []
    for index, (rule, (box, cards), (at, high)) in enumerate(zip(rules, rows, places, strict=True)):
        level = at + min(box.height, cards[0].height) / 2
        _box(drawing, box, x_rule, at, "rule", "#fbfaf7")
        arrow(drawing, [(x_rule + RULE, level), (x_class, level)], kind="yes")
        _on_line(drawing, x_rule + RULE + YES / 2 - 3, level - 4, "Yes")
        _classes(drawing, cards, x_class, at)
        last = index + 1 == len(rules)
        if not last or left:
            arrow(drawing, [(middle, at + box.height), (middle, at + high + DOWN)], kind="no")
            _on_line(drawing, middle + 14, at + box.height + DOWN / 2 + 2, "No")
        if rule.open:
            opened.append(at + box.height / 2)
    if note is not None:
        _exits(drawing, opened, x_rule, y, note)
    return drawing.render()


def _rule_card(index: int, rule: _Rule) -> Card:
    lines = [small(f"Rule {index}")]
    for text in rule.text.splitlines():
        deep = STEP * min(12, len(text) - len(text.lstrip(" ")))
        hang = width(BULLET, SIZE) if text.lstrip(" ").startswith(BULLET) else 0.0
        lines.append(Line(text.strip(), indent=deep, hang=hang))
    if rule.open and rule.unavailable:
        lines.append(small(f"May be unavailable: {'; '.join(rule.unavailable)}", italic=True))
    return card(lines, RULE, fixed=True)


def _class_cards(rule: _Rule) -> list[Card]:
    """The class, and below it where its patients go."""
    cards = [card([Line(rule.label, bold=True)], CLASS, fixed=True, pad=9.0)]
    return (
        [*cards, card([small(text, fill=INK) for text in rule.goes], CLASS, fixed=True)]
        if rule.goes
        else cards
    )


def _note_card(derived: Derived) -> Card:
    said = derived.undecided or "Who may be left without one is not stated."
    return card(
        [Line("Left without a class", bold=True), small(said, fill=INK)], RULE + YES + CLASS, fixed=True
    )


def _box(drawing: Drawing, box: Card, x: float, y: float, kind: str, fill: str, radius: float = 0.0) -> None:
    drawing.rect(x, y, box.width, box.height, fill=fill, stroke=STROKE, radius=radius, kind=f"box {kind}")
    box.draw(drawing, x, y)


def _classes(drawing: Drawing, cards: list[Card], x: float, y: float) -> None:
    """A class over the box of where its patients go."""
    for card_, kind, fill in zip(cards, ("class", "goes"), ("#dce8f1", "#ffffff"), strict=False):
        _box(drawing, card_, x, y, kind, fill)
        y += card_.height


def _on_line(drawing: Drawing, x: float, y: float, text: str) -> None:
    drawing.text(x, y, text, size=SMALL, anchor="middle", fill=GRAY)


def _exits(drawing: Drawing, opened: list[float], x: float, y: float, note: Card) -> None:
    """The box of those left without a class, and a dashed way to it from each rule that may stay undecided."""
    rail = MARGIN + 4
    for level in opened:
        arrow(drawing, [(x, level), (rail, level)], dash=DASH, head=False, kind="undecided")
        for line, text in enumerate(("cannot be", "decided")):
            place = level - 5 if line == 0 else level + SMALL * LEADING - 1
            drawing.text((x + rail) / 2 + 1, place, text, size=SMALL, anchor="middle", fill=GRAY, italic=True)
    if opened:
        middle = y + note.height / 2
        arrow(drawing, [(rail, opened[0]), (rail, middle), (x, middle)], dash=DASH, kind="undecided")
    drawing.rect(x, y, note.width, note.height, fill="#ffffff", kind="box undecided")
    outline(drawing, x, y, note.width, note.height)
    note.draw(drawing, x, y)


def _description(derived: Derived, rules: list[_Rule], left: bool) -> str:
    """The chart in words."""
    said = []
    for index, rule in enumerate(rules, 1):
        text = f"Rule {index}: {' '.join(rule.text.split())}: {rule.label}"
        text += f" ({'; '.join(rule.goes)})" if rule.goes else ""
        text += "; some cannot be decided here" if rule.open else ""
        said.append(text)
    if left:
        said.append("Some meet none of the rules")
    if left or any(rule.open for rule in rules):
        said.append(f"Left without a class: {derived.undecided or 'not stated who'}")
    return ". ".join(text.rstrip(".") for text in said) + "."
