"""The commands: what each asks, and what it prints."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from equipoise.errors import EquipoiseError, InputError

app = typer.Typer(
    name="equipoise",
    help="Run a randomized trial from one protocol file. Each command answers one question.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

TrialArgument = Annotated[
    str, typer.Argument(metavar="TRIAL", help="A protocol file, its folder, or the name of a shipped trial.")
]


def run() -> None:
    """Run a command; a broken file is a message, never a traceback."""
    try:
        app()
    except EquipoiseError as error:
        _explain(error)
        sys.exit(1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(
            f"equipoise: {place}found {error.strerror or error}; expected a place that can be read or written",
            file=sys.stderr,
        )
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted; nothing was half-written", file=sys.stderr)
        sys.exit(130)


def _explain(error: EquipoiseError) -> None:
    from equipoise.cli.console import shorten

    print(f"equipoise: {shorten(error) if isinstance(error, InputError) else error}", file=sys.stderr)


def _version(wanted: bool) -> None:
    if wanted:
        from equipoise import __version__

        print(f"equipoise {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that belong to no command."""


@app.command()
def trials() -> None:
    """Which trials come with equipoise?"""
    from equipoise.protocol.load import load_protocol
    from equipoise.trial.opening import PROTOCOL, shipped_trials

    for name, folder in shipped_trials().items():
        print(f"{name:16} {load_protocol(folder / PROTOCOL).title}")


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
) -> None:
    """How do I begin? Writes a commented protocol, a mapping and synthetic patients that run at once."""
    from equipoise.trial.opening import write_starter

    for path in write_starter(folder):
        print(path)
    print(f"\nTry: equipoise report {folder} --output {folder / 'report'}")


@app.command()
def schema() -> None:
    """What may stand in a protocol file? Prints its JSON Schema, for editors that complete and check."""
    import json

    from equipoise.protocol.schema import json_schema

    print(json.dumps(json_schema(), indent=2))


@app.command()
def check(
    trial: TrialArgument,
    proofs: Annotated[bool, typer.Option(help="Prove the rules, or only read the file.")] = True,
) -> None:
    """Is the protocol right? Every problem with its place; proofs of its rules, or a patient on whom they fail."""
    from equipoise.cli.checking import print_proofs
    from equipoise.cli.console import warn
    from equipoise.protocol.checks.advice import advise
    from equipoise.protocol.load import load_with_document
    from equipoise.trial.opening import find_protocol

    path = find_protocol(trial)
    protocol, document = load_with_document(path)
    print(f"{path}: no problems")
    print(
        f"{protocol.protocol}: {len(protocol.arms)} arms, {len(protocol.items)} items, "
        f"{len(protocol.endpoints)} end points, {len(protocol.analyses)} analyses; hash {protocol.hash[:12]}"
    )
    warn(map(str, advise(protocol, document)))
    if proofs and not print_proofs(protocol, document):
        raise typer.Exit(1)


@app.command()
def explain(
    trial: TrialArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the page and the PDF.")
    ] = Path("explain"),
    pdf: Annotated[bool, typer.Option(help="Write the PDF too, or the page only.")] = True,
) -> None:
    """What does the protocol say? Writes it in plain language, after ICH M11: a page and a PDF."""
    from equipoise.cli.explaining import explain_protocol

    explain_protocol(trial, output, pdf=pdf)


@app.command()
def report(
    trial: TrialArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the report.")
    ] = Path("report"),
    data: Annotated[
        Optional[Path],  # noqa: UP045  typer reads it in this form
        typer.Option(
            metavar="PATH",
            help="A log (SQLite, Parquet), a mapping file or its folder [default: the mapping beside the protocol].",
        ),
    ] = None,
    cutoff: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="DATE",
            help="Last day included (YYYY-MM-DD), or a cutoff's name [default: the protocol's latest].",
        ),
    ] = None,
) -> None:
    """What happened in the trial? Writes the report: a page, tables, figures and result rows."""
    from equipoise.cli.console import Steps, headlines, warn
    from equipoise.trial.trial import open_trial

    with Steps() as steps:
        steps("reading protocol and data", 0, 1)
        opened = open_trial(trial, data=data, cutoff=cutoff, now=datetime.now(UTC))
        warn(opened.datasets.source.warnings)
        results = opened.analyze(steps)
        written = opened.report(
            output, results=results, progress=steps, command=_command(trial, data, cutoff)
        )
    if opened.datasets.source.synthetic:
        print("SYNTHETIC PATIENTS: no person stands behind these data")
    for line in headlines(opened.protocol, results):
        print(line)
    print(f"\nReport: {written.page}")


def _command(trial: str, data: Path | None, cutoff: str | None) -> str:
    """The command that makes the report again, without this machine's folders."""
    shown = Path(trial).name if Path(trial).exists() else trial
    parts = ["equipoise report", shown]
    if data is not None:
        parts.append(f"--data {data.name}")
    return " ".join([*parts, *([f"--cutoff {cutoff}"] if cutoff else [])])


@app.command()
def validate(
    names: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(metavar="[NAME]...", help="Functions or areas of the statistics [default: all]."),
    ] = None,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", metavar="DIR", help="Folder for the page and the JSON."),
    ] = None,
    evidence: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="DIR", help="A folder with reference values of your own, examined too."),
    ] = None,
) -> None:
    """Are the statistics right on this machine? Runs the reference values that come with the package."""
    from equipoise.cli.validating import validate_statistics

    if not validate_statistics(names or [], output, evidence):
        raise typer.Exit(1)


@app.command("classify")
def classify_(
    trial: TrialArgument,
    data: Annotated[
        Path, typer.Option(metavar="FILE", help="Patients, a column an item: .csv, .parquet or .xpt.")
    ],
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write one row a patient as CSV [default: print]."
        ),
    ] = None,
    subject: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            metavar="ID", help="Explain one patient: every rule, its verdict and the values that it read."
        ),
    ] = None,
) -> None:
    """Who is eligible, in which class, and why? Lists those who cannot be decided, and what is missing."""
    from equipoise.cli.assessing import explain_subject, print_assessment
    from equipoise.cli.console import warn
    from equipoise.conduct.assessment import assess
    from equipoise.exchange.patients import read_patients
    from equipoise.protocol.load import load_protocol
    from equipoise.trial.opening import find_protocol

    protocol = load_protocol(find_protocol(trial))
    patients, missing = read_patients(protocol, data)
    if missing:
        warn([f"{data.name} has no column for {', '.join(missing)}: unknown for every patient"])
    if subject is not None:
        explain_subject(protocol, patients, subject)
        return
    print_assessment(protocol, assess(protocol, patients), output)


@app.command("import")
def import_(
    trial: TrialArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="LOG", help="New log: .db (SQLite) or .parquet.")
    ],
    mapping: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="Mapping file [default: mapping.yaml beside the protocol]."),
    ] = None,
    rejects: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            metavar="FILE", help="Where to write rejected cells as CSV: row, column, value, reason."
        ),
    ] = None,
    by: Annotated[
        str, typer.Option(metavar="NAME", help="Who imports: recorded with every fact.")
    ] = "import",
) -> None:
    """Turn tables into a log of facts. Either every row becomes facts, or nothing is written."""
    from equipoise.cli.console import Steps, warn
    from equipoise.errors import RejectedData
    from equipoise.exchange.facts import import_tables
    from equipoise.exchange.rejects import write_rejects
    from equipoise.log.log import Log
    from equipoise.protocol.load import load_protocol
    from equipoise.store import write_log
    from equipoise.trial.opening import MAPPING, find_protocol

    path = find_protocol(trial)
    with Steps() as steps:
        steps("reading the protocol", 0, 3)
        protocol = load_protocol(path)
        steps("reading tables", 1, 3)
        try:
            imported = import_tables(protocol, mapping or path.parent / MAPPING, datetime.now(UTC), by)
        except RejectedData as error:
            if rejects is not None:
                write_rejects(rejects, error.problems)
                print(f"rejected cells: {rejects}", file=sys.stderr)
            raise
        steps("writing the log", 2, 3)
        log = Log(imported.entries)
        write_log(output, log, protocol.protocol, protocol.hash)
    warn(map(str, imported.warnings))
    rows = ", ".join(f"{count} rows of {name}" for name, count in imported.rows)
    print(f"{output}: {len(log)} facts from {rows}; hash {log.hash[:12]}")
