"""A trial as of a cutoff: the statistician's way in from Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.analysis.plan import Progress, analyze, no_progress
from equipoise.analysis.results import Results
from equipoise.analysis.sample import ARM, by_of, sample
from equipoise.datasets.frames import Datasets
from equipoise.log.log import Cutoff
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import load_protocol
from equipoise.trial.endpoint import EndpointData
from equipoise.trial.opening import find_protocol, read_datasets

if TYPE_CHECKING:
    from equipoise.report.page import ReportFiles


@dataclass(frozen=True, slots=True)
class Trial:
    """A protocol and its data as of a cutoff.

    ``folder`` is where the protocol came from; a ``published.csv`` there is compared in the report.
    """

    protocol: Protocol
    datasets: Datasets
    folder: Path | None = field(default=None, repr=False)

    def endpoint(
        self, endpoint: str, population: str | None = None, *, by: str | None = None
    ) -> EndpointData:
        """One end point; in the population of its first planned analysis unless another is named.

        by: what tells subjects apart, ``arm``, a factor, or "" for everyone together; by default as planned there,
        else by arm. Not by arm, subjects who were never randomized belong to it too.
        """
        planned = [
            plan for plan in self.protocol.analyses.values()
            if plan.endpoint == endpoint and population in (None, plan.population)
        ]  # fmt: skip
        if population is None:
            population = planned[0].population if planned else next(iter(self.protocol.populations))
        if by is None:
            by = by_of(planned[0]) if planned else ARM
        return EndpointData(sample(self.datasets, endpoint, population, by))

    def analyze(self, progress: Progress = no_progress) -> Results:
        """Run every planned analysis → result rows."""
        return analyze(self.datasets, progress)

    def report(
        self,
        output: str | Path,
        *,
        results: Results | None = None,
        progress: Progress = no_progress,
        command: str = "",
    ) -> ReportFiles:
        """Write the report into a folder: the page, tables, figures and result rows.

        results: of :meth:`analyze`, where it was run before.  command: shown as what makes the report again.
        """
        from equipoise.trial.reporting import write

        rows = results or self.analyze(progress)
        return write(self.datasets, rows, self.folder, Path(output), progress, command)


def open_trial(
    trial: str | Path,
    *,
    data: str | Path | None = None,
    cutoff: str | date | Cutoff | None = None,
    now: datetime | None = None,
) -> Trial:
    """Open a trial: a shipped one by name, or by its protocol file or folder.

    data: a log, a mapping file or its folder; by default the mapping beside the protocol.
    cutoff: a date or the name of one of the protocol's cutoffs; by default the protocol's latest.
    now: the instant after which no fact of a table may lie; without it, that is not checked.
    Raises InputError with every problem found.

    >>> open_trial("intergroup0035").endpoint("overall_survival")
    EndpointData('overall_survival', 'randomized': 929 subjects, 452 events)
    """
    path = find_protocol(trial)
    protocol = load_protocol(path)
    datasets = read_datasets(protocol, Path(data) if data else path.parent, cutoff, now)
    return Trial(protocol, datasets, path.parent)
