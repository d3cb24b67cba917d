"""A trial's datasets → result rows → the report's folder, with its provenance."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.analysis.plan import Progress
from equipoise.analysis.results import Results
from equipoise.datasets.frames import Datasets
from equipoise.errors import InputError
from equipoise.protocol.definition import Protocol
from equipoise.protocol.reading.document import read_text

if TYPE_CHECKING:
    from equipoise.report.page import ReportFiles
    from equipoise.report.provenance import Provenance

PUBLISHED = "published.csv"
NAMED = ("equipoise", "numpy", "polars")


def write(
    datasets: Datasets, results: Results, folder: Path | None, output: Path, progress: Progress, command: str
) -> ReportFiles:
    """Write the report; published numbers beside the protocol are compared with the results."""
    from equipoise.report.page import write_report
    from equipoise.report.published import compare, read_published
    from equipoise.report.rows import Rows

    published = None
    paper = None if folder is None else folder / PUBLISHED
    if paper is not None and paper.is_file():
        published = compare(read_published(read_text(paper, InputError), PUBLISHED), Rows(results))
    origin = provenance(datasets, command)
    return write_report(datasets.protocol, results, origin, output, published=published, progress=progress)


def provenance(datasets: Datasets, command: str) -> Provenance:
    """What the report was made from."""
    from equipoise.report.provenance import Provenance

    protocol, source = datasets.protocol, datasets.source
    return Provenance(
        protocol_name=protocol.protocol,
        protocol_hash=protocol.hash,
        data_hash=source.data_hash,
        data_source=source.files,
        cutoff=_cutoff(protocol, source.cutoff),
        log_length=source.log_length,
        versions=software(),
        synthetic=source.synthetic,
        command=command,
    )


def _cutoff(protocol: Protocol, shown: str) -> str:
    """The cutoff as shown: a named one by its label first, for in a nominal calendar the date says little."""
    for cutoff in protocol.cutoffs.values():
        if str(cutoff.on) == shown:
            return f"{cutoff.label} ({shown})"
    return shown


def software() -> dict[str, str]:
    """Versions of what computed the numbers."""
    versions = {"Python": platform.python_version()}
    for name in NAMED:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # run from a source tree that was never installed
            versions[name] = "not installed"
    return versions
