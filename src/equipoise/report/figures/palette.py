"""Which arm has which pen."""

from __future__ import annotations

from equipoise.drawing.pens import CONTROL, Pen, colored
from equipoise.protocol.definition import Protocol


def pens(protocol: Protocol, arms: list[str]) -> dict[str, Pen]:
    """A pen for each arm or other group: gray for the only control, a color and a dash for every other."""
    controls = [arm for arm in arms if arm in protocol.arms and protocol.arms[arm].role == "control"]
    found: dict[str, Pen] = {}
    for arm in arms:
        alone = len(controls) == 1 and arm == controls[0]
        found[arm] = CONTROL if alone else colored(sum(pen is not CONTROL for pen in found.values()))
    return found
