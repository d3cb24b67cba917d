"""The chart of a classification: its rules in their order, the class that each gives, and who is left without.

A rule is left undecided only where that can happen: whether it can is proved over all values that the protocol
declares, so that no way out is drawn that no patient takes, and none is missing that some patient takes.
"""

from __future__ import annotations

import re

from equipoise.drawing.lettering import width
from equipoise.drawing.svg import GRAY, INK, Drawing
from equipoise.errors import DataError
from equipoise.protocol.definition import Derived, Protocol
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
from equipoise.report.figures.risk_rules import ChartRule, Words, chart_rules, left_by

MARGIN = 12.0
SIDE = 78.0  # at the left, for ways out
RULE = 318.0
YES = 62.0
CLASS = 206.0
DOWN = 30.0
GAP = 8.0
SHORT = 130  # letters of a text that stands in its box
STEP = 5.0  # how far one space sets a line in
BULLET = "– "


def risk_chart(protocol: Protocol, name: str, *, words: Words | None = None, identifier: str = "") -> str:
    """The rules of one classified item as SVG, from the first to the last.

    words: says a rule in words, on one line or as an outline, whose lines are set in by spaces and may begin with
    a dash; without it, a rule stands as it is written.  Raises DataError where ``name`` is no derived item with classes.
    """
    derived = protocol.derived.get(name)
    if derived is None or derived.classes is None:
        raise DataError(f"name: found {name!r}; expected a derived item with classes")
    rules, left = chart_rules(protocol, name, derived, words or str)
    return _draw(identifier or f"chart-{name}", derived, rules, left)


# -- how it is drawn -------------------------------------------------------------------------------


def _draw(identifier: str, derived: Derived, rules: list[ChartRule], left: bool) -> str:
    """Rules in one column, classes in a second; ways out at the left, down to the box of who is left."""
    exits = left or any(rule.open for rule in rules)
    side = SIDE if any(rule.open for rule in rules) else 0.0
    x_rule, x_class = MARGIN + side, MARGIN + side + RULE + YES
    top = card([Line(derived.label, bold=True)], RULE, centered=True)
    rows = [(_rule_card(index, rule), _class_cards(rule)) for index, rule in enumerate(rules, 1)]
    note = _note_card(derived, rules, left) if exits else None
    y, places = MARGIN + top.height + DOWN, []
    for box, cards in rows:
        high = max(box.height, sum(one.height for one in cards))
        places.append((y, high))
        y += high + DOWN
    wide = x_class + CLASS + MARGIN
    footer = _footer(derived, wide - 2 * MARGIN) if exits else None
    end = y + note.height if note else y - DOWN
    height = end + (GAP + footer.height if footer else 0.0) + MARGIN
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
    if footer is not None:
        footer.draw(drawing, MARGIN, end + GAP)
    return drawing.render()


def _rule_card(index: int, rule: ChartRule) -> Card:
    lines = [small(f"Rule {index}")]
    if rule.known:
        lines += [small("Known of all who get here:", italic=True), *_outline(rule.known, SMALL, GRAY)]
        lines.append(small("Asked:", italic=True))
    lines += _outline(rule.text, SIZE, INK)
    if rule.open and rule.unavailable:
        lines.append(small(f"May be unavailable: {'; '.join(rule.unavailable)}", italic=True))
    return card(lines, RULE, fixed=True)


def _outline(text: str, size: float, fill: str) -> list[Line]:
    """Words on several lines, set in as their spaces say, a dash hanging over what it begins."""
    lines = []
    for part in text.splitlines():
        deep = STEP * min(12, len(part) - len(part.lstrip(" ")))
        hang = width(BULLET, size) if part.lstrip(" ").startswith(BULLET) else 0.0
        lines.append(Line(part.strip(), size, fill=fill, indent=deep, hang=hang))
    return lines


def _class_cards(rule: ChartRule) -> list[Card]:
    """The class, and below it where its patients go."""
    cards = [card([Line(rule.label, bold=True)], CLASS, fixed=True, pad=9.0)]
    return (
        [*cards, card([small(text, fill=INK) for text in rule.goes], CLASS, fixed=True)]
        if rule.goes
        else cards
    )


def _note_card(derived: Derived, rules: list[ChartRule], left: bool) -> Card:
    """Who is left without a class: where the text is long, at which rules, and the text in a note."""
    said = derived.undecided or "Who may be left without one is not stated."
    lines = [small(left_by(rules, left), fill=INK), small("Who: see the note.", italic=True)]
    if len(said) <= SHORT:
        lines = [small(said, fill=INK)]
    return card([Line("Left without a class", bold=True), *lines], RULE, fixed=True)


def _footer(derived: Derived, wide: float) -> Card | None:
    """The text on those left without a class, sentence by sentence below the figure, where it is long."""
    if len(derived.undecided or "") <= SHORT:
        return None
    said = re.split(r"(?<=[.;])\s+(?=[A-Z])", f"Left without a class: {derived.undecided}")
    return card([small(text) for text in said], wide, fixed=True, pad=2.0)


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


def _description(derived: Derived, rules: list[ChartRule], left: bool) -> str:
    """The chart in words."""
    said = []
    for index, rule in enumerate(rules, 1):
        known = f" (known of all who get here: {' '.join(rule.known.split())})" if rule.known else ""
        text = f"Rule {index}: {' '.join(rule.text.split())}{known}: {rule.label}"
        text += f" ({'; '.join(rule.goes)})" if rule.goes else ""
        text += "; some cannot be decided here" if rule.open else ""
        said.append(text)
    if left:
        said.append("Some meet none of the rules")
    if left or any(rule.open for rule in rules):
        said.append(f"Left without a class: {derived.undecided or 'not stated who'}")
    return ". ".join(text.rstrip(".") for text in said) + "."
