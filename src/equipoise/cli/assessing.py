"""What ``equipoise classify`` prints: counts, those who cannot be decided, and the reasons for one patient."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equipoise.cli.console import SHOWN

if TYPE_CHECKING:
    import polars as pl

    from equipoise.protocol.definition import Protocol


def print_assessment(protocol: Protocol, assessed: pl.DataFrame, output: Path | None) -> None:
    """Write the rows as CSV, to a file or to the terminal; then count, and list who cannot be decided."""
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
    stuck = list(_undecided(protocol, assessed, names))
    if stuck:
        print(f"cannot be decided ({len(stuck)}):")
        print("\n".join(stuck[:SHOWN]))
        if len(stuck) > SHOWN:
            print(f"  … and {len(stuck) - SHOWN} more")


def _undecided(protocol: Protocol, assessed: pl.DataFrame, names: list[str]) -> Iterator[str]:
    """Who cannot be decided, and what is missing: nobody who is not eligible, or whom the file leaves out knowingly."""
    from equipoise.conduct.assessment import NO_CLASS

    for row in assessed.iter_rows(named=True):
        if row["eligible"] == "undecided":
            yield f"  {row['subject_id']}: eligible, {row['eligibility_reasons']}"
        if row["eligible"] == "no":
            continue
        for name in names:
            why = row[f"{name}_undecided"]
            excused = why == NO_CLASS and protocol.derived[name].undecided is not None
            if row[name] is None and not excused:
                yield f"  {row['subject_id']}: {name}, {why}"


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
