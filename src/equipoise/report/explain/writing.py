"""The folder of an explained protocol: its page, its PDF and its drawings; files of others are never replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from equipoise.protocol.definition import Protocol
from equipoise.report.explain.build import build
from equipoise.report.explain.html import render_html
from equipoise.report.folder import PAGE, Content, Writer, publish

PRINT = "protocol.pdf"
EXPLAIN = Writer(
    "equipoise explain",
    re.compile(r"(index\.html|protocol\.pdf|figures/[A-Za-z0-9_-]{1,200}\.svg)\Z"),
    "the protocol was not explained",
)


@dataclass(frozen=True, slots=True)
class ExplainedFiles:
    """What was written: the page, the PDF if there is one, and every file."""

    page: Path
    pdf: Path | None
    files: tuple[Path, ...]


def write_explained(protocol: Protocol, folder: Path, *, version: str, pdf: bool = True) -> ExplainedFiles:
    """Write the protocol in plain language.

    folder: made if absent; what an earlier run wrote is replaced, and what it does not write any more is removed.
    version: of the program.  Raises InputError, before anything is changed, where a file of somebody else is in
    the way or nothing can be written.
    """
    document = build(protocol, version)
    contents: dict[str, Content] = {PAGE: render_html(document, pdf=PRINT if pdf else "")}
    contents |= {f"figures/{figure.name}.svg": figure.svg for figure in document.figures()}
    if pdf:
        from equipoise.report.explain.pdf import render_pdf

        contents[PRINT] = render_pdf(document)
    files = publish(contents, folder, EXPLAIN)
    return ExplainedFiles(folder / PAGE, folder / PRINT if pdf else None, files)
