"""The path of a patient, drawn from the protocol: steps, branches, randomizations, and the ways out.

Everything comes from the block ``path``; what the source does not state is said to be not stated. A path that
would be too small on paper is drawn in parts: up to the randomizations, each of them, and parts of these.
"""

from __future__ import annotations

from equipoise.errors import DataError
from equipoise.protocol.definition import Protocol
from equipoise.report.figures.cards import SMALL
from equipoise.report.figures.path_content import AWAY, Words, reached, titles_of
from equipoise.report.figures.path_drawing import Diagram

LEGIBLE = 6.5 / 72 * 25.4 / SMALL  # millimeters a pixel at which the smallest letters have 6.5 points
WIDTHS = (120.0, 136.0, 152.0, 172.0, 190.0, 210.0, 230.0)  # of boxes
USUAL = 172.0
MOST = 8  # rounds of dividing what is still too large
TITLE = "Path of the patient"


def path_diagram(protocol: Protocol, *, words: Words | None = None, identifier: str = "path") -> str:
    """The whole path as one SVG, however wide.

    words: says a rule in words; without it, a rule stands as it is written.  Raises DataError where the
    protocol has no path.
    """
    if not protocol.path:
        raise DataError("path: found no step; expected a protocol with a path")
    return Diagram(protocol, words, tuple(protocol.path), TITLE).render(identifier, USUAL)


def path_diagrams(
    protocol: Protocol, *, words: Words | None = None, identifier: str = "path"
) -> list[tuple[str, str]]:
    """The path as figures that are legible in print, each with its title; none for a protocol without path.

    One figure where it fits a page; else the common part first, then one for each randomization, and so on.
    """
    if not protocol.path:
        return []
    whole = Diagram(protocol, words, tuple(protocol.path), TITLE)
    scale, wide = whole.best(WIDTHS)
    roots = [name for name, step in protocol.path.items() if step.kind == "randomization" and step.arms]
    if scale >= LEGIBLE or not (roots or _cut(protocol, next(iter(protocol.path)), [])):
        return [(TITLE, whole.render(identifier, wide))]
    drawn = _parts(protocol, words, roots)
    if drawn[0].best(WIDTHS)[0] < LEGIBLE:
        roots += [name for name, step in protocol.path.items() if step.kind == "group" and step.next]
        drawn = _parts(protocol, words, roots)
    for _ in range(MOST):
        starts = [next(iter(protocol.path)), *roots]
        tight = [start for one, start in zip(drawn, starts, strict=True) if one.best(WIDTHS)[0] < LEGIBLE]
        cuts = [cut for start in tight if (cut := _cut(protocol, start, roots))]
        if not cuts:
            break
        roots += dict.fromkeys(cuts)
        drawn = _parts(protocol, words, roots)
    return [
        (one.title, one.render(f"{identifier}-{index}", one.best(WIDTHS)[1]))
        for index, one in enumerate(drawn, 1)
    ]


def _cut(protocol: Protocol, start: str, roots: list[str]) -> str | None:
    """The step that divides a part best: everything after it is reached through it alone, but for ways out."""
    shut = set(roots) - {start}
    best: tuple[int, str | None] = (len(reached(protocol, start, shut)), None)
    for name in reached(protocol, start, shut):
        step = protocol.path[name]
        if name in (start, *roots) or step.kind in AWAY or not step.next:
            continue
        before, after = set(reached(protocol, start, shut | {name})), set(reached(protocol, name, shut))
        beyond = {one for one in after - {name} if protocol.path[one].kind not in AWAY}
        if beyond and not beyond & before:
            best = min(best, (max(len(before), len(after)), name), key=lambda one: one[0])
    return best[1]


def _parts(protocol: Protocol, words: Words | None, roots: list[str]) -> list[Diagram]:
    """The common part, which ends at the roots, and a part for each root."""
    titles = titles_of(protocol)
    to = ": to randomization" if any(protocol.path[root].kind == "randomization" for root in roots) else ""
    parts = {root: f"part {number}" for number, root in enumerate(roots, 2)}
    common = set(reached(protocol, next(iter(protocol.path)), set(roots)))
    within = {root: reached(protocol, root, set(roots) - {root}) for root in roots}
    # A step that nothing leads to belongs to no part; it is shown all the same.
    common |= set(protocol.path) - {step for steps in within.values() for step in steps}
    steps = tuple(step for step in protocol.path if step in common)
    drawn = [Diagram(protocol, words, steps, f"{TITLE}, part 1{to}", parts)]
    for root, part in parts.items():
        others = {one: other for one, other in parts.items() if one != root}
        drawn.append(Diagram(protocol, words, within[root], f"{TITLE}, {part}: {titles[root]}", others))
    return drawn
