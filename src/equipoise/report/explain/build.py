"""From a protocol to its document: the title page and the fourteen sections of ICH M11."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol
from equipoise.report.explain.appendices import READINGS, appendices
from equipoise.report.explain.assessments import assessments
from equipoise.report.explain.design import design
from equipoise.report.explain.document import Document, Link, Missing, Mono, Table, facts
from equipoise.report.explain.intervention import discontinuation, intervention
from equipoise.report.explain.objectives import objectives
from equipoise.report.explain.oversight import oversight
from equipoise.report.explain.population import population
from equipoise.report.explain.safety import safety
from equipoise.report.explain.saying import Saying, on_day, stated
from equipoise.report.explain.statistics import statistics
from equipoise.report.explain.summary import introduction, protocol_summary


def build(protocol: Protocol, version: str) -> Document:
    """The document of a protocol.

    version: of the program that explains it.  Sections and their numbers are those of the ICH M11 template
    (step 4, 19 November 2025); inner sections of which the file says nothing are left out.
    """
    say = Saying(protocol)
    phase = protocol.phase
    shown = "" if phase == "not stated" else f"Phase {phase}" if len(phase) < 4 else phase
    pointer = (
        "Where its sources leave a choice, this protocol makes one and says so: ",
        Link(f"{READINGS[0]}, {READINGS[1]}", f"section-{READINGS[0].replace('.', '-')}"),
        ".",
    )
    return Document(
        name=protocol.protocol,
        kicker=" · ".join(filter(None, [protocol.protocol, shown, "The protocol in plain language"])),
        title=protocol.title,
        facts=_title_page(protocol, version),
        pointer=pointer if protocol.notes else (),
        sections=(
            protocol_summary(say),
            introduction(say),
            objectives(say),
            design(say),
            population(say),
            intervention(say),
            discontinuation(say),
            assessments(say),
            safety(say),
            statistics(say),
            oversight(say),
            *appendices(say),
        ),
        footer=f"Explained by equipoise {version} from the protocol file with content hash {protocol.hash[:12]}.",
    )


def _title_page(protocol: Protocol, version: str) -> Table:
    last = list(protocol.versions.items())[-1:]
    in_force = [f"{code}, {on_day(one.on)}" for code, one in last if one.on != "not stated"]
    return facts(
        "This protocol",
        [
            ("Protocol", protocol.protocol),
            ("Registration", stated(protocol.registry)),
            ("Sponsor", stated(protocol.sponsor)),
            ("Phase", stated(protocol.phase)),
            ("Version and date", in_force[0] if in_force else Missing()),
            ("Content hash", Mono(protocol.hash[:12])),
            (
                "Explained by",
                f"equipoise {version}, from version {protocol.equipoise} of the protocol language",
            ),
        ],
    )
