"""What ``equipoise validate`` does and prints."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.cli.console import SHOWN, Steps

if TYPE_CHECKING:
    from equipoise.validation.evidence import Finding
    from equipoise.validation.pack import Pack


def validate_statistics(names: list[str], output: Path | None, evidence: Path | None) -> bool:
    """Run the evidence, print it by function, write it where asked; returns whether every value agrees."""
    from equipoise.validation.pack import run
    from equipoise.validation.page import write_validation

    with Steps() as steps:
        pack = run(names, extra=evidence, progress=steps)
    _print_functions(pack)
    said = list(dict.fromkeys(map(_words, pack.disagreements)))
    for words in said[:SHOWN]:
        print(f"disagrees: {words}", file=sys.stderr)
    if len(said) > SHOWN:
        print(f"disagrees: … and {len(said) - SHOWN} more", file=sys.stderr)
    if output is not None:
        written = write_validation(pack, output, environment())
        print(f"\nEvidence: {next(path for path in written if path.suffix == '.html')}")
    return not pack.disagreements


def environment() -> dict[str, str]:
    """What the evidence runs on."""
    from importlib.metadata import PackageNotFoundError, version

    from equipoise import __version__

    def of(name: str) -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return "not installed"

    packages = {name: of(name) for name in ("numpy", "scipy", "numba", "polars")}
    return {
        "equipoise": __version__,
        "python": platform.python_version(),
        **packages,
        "platform": platform.platform(),
        "processor": platform.machine(),
    }


def _print_functions(pack: Pack) -> None:
    from equipoise.validation.page import apart

    wide = max((len(one.name) for one in pack.functions), default=8)
    print(f"{'function':{wide}}  {'calls':>6}  {'values':>7}  {'largest':>8}  verdict")
    for one in pack.functions:
        largest = apart(one.largest) if one.findings else "—"
        kinds = f" ({', '.join(one.kinds)})" if one.kinds else ""
        print(f"{one.name:{wide}}  {len(one.cases):>6}  {one.values:>7}  {largest:>8}  {one.verdict}{kinds}")
    agree = "all agree" if not pack.disagreements else f"{len(pack.disagreements)} disagree"
    print(f"\n{len(pack.functions)} functions, {pack.cases} calls, {pack.values} reference values: {agree}")


def _words(found: Finding) -> str:
    from equipoise.validation.page import apart, shown

    if found.error:  # once for a case, whose values all lack
        return f"{found.case.function}, {found.case.id}: {found.error}"
    ours = shown(found.found)
    return (
        f"{found.case.function}, {found.case.id}, {found.name}: found {ours}; expected {shown(found.expected)} "
        f"({found.case.source.words}), {apart(found.difference)} apart, at most {found.case.tolerance:.0e}"
    )
