"""Colors and line styles of arms: told apart in gray, by the color-blind, and on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace

from equipoise.protocol.definition import Protocol


@dataclass(frozen=True, slots=True)
class Pen:
    """How an arm is drawn: the line's color, a darker one for its words (contrast 4.5:1 on white), a dash."""

    line: str
    ink: str
    dash: str


# Okabe & Ito, Color Universal Design (2008): blue, vermillion, bluish green, reddish purple, orange; and gray.
CONTROL = Pen("#4d4d4d", "#3d3d3d", "6 2.5")
PENS = (
    Pen("#0072b2", "#005a8c", ""),
    Pen("#d55e00", "#a34700", "11 2.5"),
    Pen("#009e73", "#006b4e", "2.5 1.8"),
    Pen("#cc79a7", "#8f3d6b", "9 2.5 2.5 2.5"),
    Pen("#e69f00", "#7d5600", "5 5"),
)


def pens(protocol: Protocol, arms: list[str]) -> dict[str, Pen]:
    """A pen for each arm or other group: gray for the only control, a color and a dash for every other."""
    controls = [arm for arm in arms if arm in protocol.arms and protocol.arms[arm].role == "control"]
    found: dict[str, Pen] = {}
    colored = 0
    for arm in arms:
        if len(controls) == 1 and arm == controls[0]:
            found[arm] = CONTROL
        else:
            # A sixth group has the first one's color with another dash, and so on.
            pen, again = PENS[colored % len(PENS)], colored // len(PENS)
            found[arm] = replace(pen, dash=PENS[(colored + again) % len(PENS)].dash) if again else pen
            colored += 1
    return found
