"""What ``equipoise classify`` prints: counts, those who cannot be decided, and the reasons for one patient."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.cli.console import SHOWN

if TYPE_CHECKING:
    import polars as pl

    from equipoise.protocol.definition import Protocol


def print_assessment(assessed: pl.DataFrame, output: Path | None) -> None:
    """Write the rows as CSV, to a file or to the terminal; then count, and list the undecided."""
    if output is not None:
        assessed.write_csv(output)
        print(f"{output}: {assessed.height} patients")
    else:
        print(assessed.write_csv(), end="")
    names = [name for name in assessed.columns if f"{name}_undecided" in assessed.columns]
    print()
    for name in ["eligible", *names]:
        counts = assessed[name].value_counts(sort=True).rows()
        if counts != [(None, assessed.height)]:
            said = ", ".join(f"{count} {code or 'undecided'}" for code, count in counts)
            print(f"{name}: {said}")
    stuck = [
        f"  {row['subject_id']}: {name}, {row[f'{name}_undecided']}"
        for row in assessed.iter_rows(named=True)
        for name in names
        if row[name] is None
    ]
    if stuck:
        print(f"cannot be decided ({len(stuck)}):")
        print("\n".join(stuck[:SHOWN]))
        if len(stuck) > SHOWN:
            print(f"  … and {len(stuck) - SHOWN} more")


def explain_subject(protocol: Protocol, patients: pl.DataFrame, subject: str) -> None:
    """Print every classified item of one patient with the rules behind it."""
    from equipoise.conduct.assessment import why

    for name, derived in protocol.derived.items():
        if derived.classes is None:
            continue
        given, steps = why(protocol, patients, subject, name)
        print(f"{derived.label}: {derived.classes[given].label if given else 'cannot be decided'}")
        for step in steps:
            values = ", ".join(f"{item} = {_shown(value)}" for item, value in step.values.items())
            print(f"  {step.name}: {step.rule}")
            print(
                f"    {step.verdict}" + (f" ({values})" if values and step.verdict != "not reached" else "")
            )


def _shown(value: Any) -> str:
    return "unknown" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
