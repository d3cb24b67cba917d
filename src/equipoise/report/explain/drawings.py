"""The drawings of the document: the path of a participant and the charts of classifications."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol
from equipoise.report.explain.document import Figure
from equipoise.report.explain.wording import Wording
from equipoise.report.figures.path_diagram import path_diagrams
from equipoise.report.figures.risk_chart import risk_chart


def trial_schema(protocol: Protocol, wording: Wording) -> tuple[Figure, ...]:
    """The path, in one drawing or several; none for a protocol without one."""
    if not protocol.path:
        return ()
    drawn = path_diagrams(protocol, words=wording.sentence)
    names = ["path"] if len(drawn) == 1 else [f"path-{index}" for index in range(1, len(drawn) + 1)]
    caption = "Section 4.1 lists the steps."
    return tuple(
        Figure(name, title, caption, f"Diagram of the path of a participant: {title}. {caption}", svg)
        for name, (title, svg) in zip(names, drawn, strict=True)
    )


def classification_chart(protocol: Protocol, name: str, wording: Wording) -> Figure:
    """The ordered rules of a classification as a chart."""
    label = protocol.derived[name].label
    caption = "The rules are read from top to bottom; the table in Section 6.7.1 lists them."
    svg = risk_chart(protocol, name, words=wording.lines)
    return Figure(f"chart-{name}", f"{label}, as a chart", caption, f"Chart of {label}. {caption}", svg)
