"""From a trial's name or protocol file, and its data, to the datasets of an analysis."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.errors import InputError, Problem
from equipoise.log.log import Cutoff, Log
from equipoise.protocol.definition import CutoffDate, Protocol
from equipoise.protocol.reading.validation import did_you_mean

if TYPE_CHECKING:
    from equipoise.datasets.frames import Datasets

PROTOCOL = "protocol.yaml"
MAPPING = "mapping.yaml"
# Tables do not say when each fact was learned. Facts read from them for one report, and not kept, get an
# instant that no cutoff excludes and no run changes, so that the same tables give the same data hash.
UNSTAMPED = datetime(1970, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)
LOGS = (".db", ".sqlite", ".sqlite3", ".parquet")


def shipped_trials() -> dict[str, Path]:
    """The trials that come with equipoise: name → folder."""
    root = Path(str(files("equipoise") / "trials"))
    return {folder.name: folder for folder in sorted(root.iterdir()) if (folder / PROTOCOL).is_file()}


def write_starter(folder: Path) -> list[Path]:
    """Write a commented protocol that runs, its mapping and synthetic patients into a new or empty folder.

    Raises InputError if the folder holds anything.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problem = Problem(file=str(folder), found="something there", expected="a new or empty folder",
                          remedy="name another folder")  # fmt: skip
        raise InputError("nothing was written", [problem])
    starter = Path(str(files("equipoise") / "trial" / "starter"))
    written = []
    for source in sorted(path for path in starter.rglob("*") if path.is_file()):
        target = folder / source.relative_to(starter)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        written.append(target)
    return written


def find_protocol(trial: str | Path) -> Path:
    """The protocol file of a trial: a file, a folder that holds ``protocol.yaml``, or a shipped trial's name.

    Raises InputError if there is none.
    """
    path = Path(trial)
    if path.is_file():
        return path
    if (path / PROTOCOL).is_file():
        return path / PROTOCOL
    shipped = shipped_trials()
    if str(trial) in shipped:
        return shipped[str(trial)] / PROTOCOL
    remedy = did_you_mean(str(trial), shipped)
    found = f"a folder without {PROTOCOL}" if path.is_dir() else "no such file, folder or shipped trial"
    raise InputError(
        f"no trial {str(trial)!r}",
        [Problem(file=str(trial), found=found,
                 expected=f"a protocol file, a folder with {PROTOCOL}, or a shipped trial", remedy=remedy)],
    )  # fmt: skip


def choose_cutoff(protocol: Protocol, cutoff: str | date | Cutoff | None, last_day: date | None) -> Cutoff:
    """A cutoff from a date, an ISO date, the name of one of the protocol's cutoffs, or nothing.

    Nothing means the latest of the protocol's cutoffs that has a day; without any, the last day in the log.
    Raises InputError for a name or text that is none, or for a cutoff of which only the month is known.
    """
    if isinstance(cutoff, Cutoff):
        return cutoff
    if isinstance(cutoff, date):
        return Cutoff(cutoff)
    named = protocol.cutoffs
    dated = {name: Cutoff(one.on, one.recorded_by) for name, one in named.items() if isinstance(one.on, date)}
    if cutoff is None:
        return max(dated.values(), key=lambda one: one.on, default=Cutoff(last_day or date.max))
    if cutoff in dated:
        return dated[cutoff]
    if cutoff in named:
        raise InputError(f"cutoff {cutoff!r} has no day", [_only_a_month(cutoff, named[cutoff], dated)])
    try:
        return Cutoff(date.fromisoformat(cutoff))
    except ValueError:
        remedy = did_you_mean(cutoff, named) if named else "write it as YYYY-MM-DD"
        problem = Problem(file="--cutoff", found=repr(cutoff), expected="a date (YYYY-MM-DD) or a cutoff of the protocol",
                          remedy=remedy)  # fmt: skip
        raise InputError(f"no cutoff {cutoff!r}", [problem]) from None


def _only_a_month(name: str, cutoff: CutoffDate, dated: Collection[str]) -> Problem:
    """A cutoff whose source prints no day cannot say which days are in."""
    others = f", or name {' or '.join(dated)}" if dated else ""
    return Problem(
        file="--cutoff",
        found=f"{name!r} on {cutoff.on}, a month without its day",
        expected="a cutoff with a day",
        remedy=f"give the last day to include as YYYY-MM-DD{others}",
    )


def read_datasets(
    protocol: Protocol,
    data: Path,
    cutoff: str | date | Cutoff | None = None,
    now: datetime | None = None,
) -> Datasets:
    """Read a log, or import tables or ADaM data sets by a mapping file, and derive the datasets.

    data: a log (SQLite or Parquet), or a mapping file or the folder that holds ``mapping.yaml``.
    now: the instant after which no fact of a table may lie; None does not ask.
    """
    from equipoise.datasets.derivation import derive

    if data.suffix in LOGS:
        from equipoise.store import read_log

        log = read_log(data)
        chosen = choose_cutoff(protocol, cutoff, log.last_day)
        return derive(protocol, log.as_of(chosen), ((data.name, _sha256(data)),))
    mapping = data / MAPPING if data.is_dir() else data
    if data.is_dir() and not mapping.is_file():
        problem = Problem(file=str(data), found=f"no {MAPPING}", expected="data beside the protocol",
                          remedy="name a log or a mapping file with --data")  # fmt: skip
        raise InputError(f"{protocol.protocol} has no data here", [problem])
    return _by_mapping(protocol, mapping, cutoff, now)


def _by_mapping(
    protocol: Protocol, mapping: Path, cutoff: str | date | Cutoff | None, now: datetime | None
) -> Datasets:
    from equipoise.datasets.derivation import apply_rules, derive
    from equipoise.datasets.frames import Datasets, DataSource
    from equipoise.exchange.mapping import load_mapping

    loaded = load_mapping(mapping)
    if loaded.kind == "tables":
        from equipoise.exchange.facts import import_tables

        imported = import_tables(protocol, loaded, now or END_OF_TIME)
        log = Log(replace(fact, recorded_at=UNSTAMPED) for fact in imported.entries)
        chosen = choose_cutoff(protocol, cutoff, log.last_day)
        datasets = derive(protocol, log.as_of(chosen), imported.files)
        warnings = tuple(str(warning) for warning in imported.warnings)
        return replace(datasets, source=replace(datasets.source, warnings=warnings))
    if cutoff is not None:
        problem = Problem(file="--cutoff", found=str(cutoff), expected="no cutoff for ADaM data sets",
                          remedy="they were cut when they were made; leave it out")  # fmt: skip
        raise InputError("ADaM data sets cannot be cut again", [problem])
    from equipoise.exchange.adam import read_adam

    frames = read_adam(protocol, loaded)
    digest = hashlib.sha256("".join(f"{name} {sha}\n" for name, sha in frames.files).encode()).hexdigest()
    return Datasets(
        protocol=protocol,
        subjects=apply_rules(protocol, frames.subjects),
        time_to_event=frames.time_to_event,
        adverse_events=frames.adverse_events,
        source=DataSource(
            digest, "as cut in the data sets", frames.files, synthetic=loaded.content.synthetic
        ),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
