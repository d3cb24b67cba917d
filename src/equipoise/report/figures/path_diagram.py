"""The path of a patient, drawn from the protocol: steps, branches, randomizations, and the ways out.

Everything comes from the block ``path``; what the source does not state is said to be not stated. A path that
would be too small on paper is drawn in parts: up to the randomizations, and each of them.
"""

from __future__ import annotations

from equipoise.errors import DataError
from equipoise.protocol.definition import Protocol
from equipoise.report.figures.cards import SMALL
from equipoise.report.figures.path_cards import title_of
from equipoise.report.figures.path_drawing import Diagram, Words, reached

PRINTED = 170.0  # millimeters: the width of a page's text
LEGIBLE = 6.5  # points
LARGEST = SMALL * (PRINTED / 25.4 * 72) / LEGIBLE  # width at which the smallest letters are still legible
WIDTHS = (172.0, 152.0, 136.0)
NARROW = (*WIDTHS, 120.0, 104.0)
TALLEST = LARGEST * 240.0 / PRINTED
TITLE = "Path of the patient"


def path_diagram(protocol: Protocol, *, words: Words | None = None, identifier: str = "path") -> str:
    """The whole path as one SVG, however wide.

    words: says a rule in words; without it, a rule stands as it is written.  Raises DataError where the
    protocol has no path.
    """
    if not protocol.path:
        raise DataError("path: found no step; expected a protocol with a path")
    return Diagram(protocol, words, tuple(protocol.path), TITLE).render(identifier, WIDTHS[0])


def path_diagrams(
    protocol: Protocol, *, words: Words | None = None, identifier: str = "path"
) -> list[tuple[str, str]]:
    """The path as figures that are legible in print, each with its title; none for a protocol without path.

    One figure where it fits a page's width; else the common part first, then one for each randomization.
    """
    if not protocol.path:
        return []
    whole = Diagram(protocol, words, tuple(protocol.path), TITLE)
    fitting = whole.fitting(WIDTHS, LARGEST)
    roots = [name for name, step in protocol.path.items() if step.kind == "randomization" and step.arms]
    if fitting is not None or not roots:
        return [(TITLE, whole.render(identifier, fitting or NARROW[-1]))]
    drawn = _parts(protocol, words, roots)
    if drawn[0].height(drawn[0].fitting(NARROW, LARGEST) or NARROW[-1]) > TALLEST:
        groups = [name for name, step in protocol.path.items() if step.kind == "group" and step.next]
        drawn = _parts(protocol, words, roots + groups)
    return [
        (one.title, one.render(f"{identifier}-{index}", one.fitting(NARROW, LARGEST) or NARROW[-1]))
        for index, one in enumerate(drawn, 1)
    ]


def _parts(protocol: Protocol, words: Words | None, roots: list[str]) -> list[Diagram]:
    """The common part, which ends at the roots, and a part for each root."""
    parts = {root: f"part {number}" for number, root in enumerate(roots, 2)}
    common = set(reached(protocol, next(iter(protocol.path)), set(roots)))
    within = {root: reached(protocol, root, set(roots) - {root}) for root in roots}
    # A step that nothing leads to belongs to no part; it is shown all the same.
    common |= set(protocol.path) - {step for steps in within.values() for step in steps}
    steps = tuple(step for step in protocol.path if step in common)
    drawn = [Diagram(protocol, words, steps, f"{TITLE}, part 1: to randomization", parts)]
    for root, part in parts.items():
        others = {one: other for one, other in parts.items() if one != root}
        drawn.append(
            Diagram(protocol, words, within[root], f"{TITLE}, {part}: {title_of(protocol, root)}", others)
        )
    return drawn
