"""Colors and line styles of groups: told apart in gray, by the color-blind, and on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Pen:
    """How a group is drawn: the line's color, a darker one for its words (contrast 4.5:1 on white), a dash."""

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


def colored(position: int) -> Pen:
    """The pen of the group at a position; a sixth group has the first one's color with another dash, and so on.

    >>> colored(0).line == colored(5).line, colored(0).dash == colored(5).dash
    (True, False)
    """
    pen, again = PENS[position % len(PENS)], position // len(PENS)
    return replace(pen, dash=PENS[(position + again) % len(PENS)].dash) if again else pen
