"""The whole evidence, function by function: what was compared, and whether the function may be called validated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from equipoise import stats
from equipoise.errors import InputError, Problem
from equipoise.validation.evidence import KINDS, Case, Finding, cases, cases_in, examine

Progress = Callable[[str, int, int], None]

VALIDATED, ONE_KIND, UNVALIDATED, DISAGREES = "validated", "one kind only", "unvalidated", "disagrees"


@dataclass(frozen=True, kw_only=True)
class FunctionEvidence:
    """What is known of one function: every compared value, by all its cases."""

    name: str
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of source that the function was held against."""
        found = {case.source.kind for case in self.cases}
        return tuple(kind for kind in KINDS if kind in found)

    @property
    def requirements(self) -> tuple[int, ...]:
        """The requirements that its cases name."""
        return tuple(sorted({number for case in self.cases for number in case.requirements}))

    @property
    def values(self) -> int:
        """How many numbers were compared, those of a curve one by one."""
        return sum(int(np.size(_flat(finding.expected))) for finding in self.findings)

    @property
    def largest(self) -> float:
        """The largest relative difference, of the values that must agree to 1e-6 or better."""
        strict = [one.difference for one in self.findings if one.case.tolerance <= 1e-6 and not one.error]
        return max(strict, default=0.0)

    @property
    def verdict(self) -> str:
        """Validated: every value agrees, and the values have at least two kinds of source."""
        if not self.findings:
            return UNVALIDATED
        if not all(finding.agrees for finding in self.findings):
            return DISAGREES
        return VALIDATED if len(self.kinds) > 1 else ONE_KIND


@dataclass(frozen=True, kw_only=True)
class Pack:
    """The evidence as it came out on this machine."""

    functions: tuple[FunctionEvidence, ...]
    files: tuple[tuple[str, str], ...]  # name and SHA-256

    @property
    def values(self) -> int:
        """How many numbers were compared; a case that concerns two functions counts once."""
        once = {id(finding): finding for one in self.functions for finding in one.findings}
        return sum(int(np.size(_flat(finding.expected))) for finding in once.values())

    @property
    def cases(self) -> int:
        """How many calls were made."""
        return len({id(case) for one in self.functions for case in one.cases})

    @property
    def disagreements(self) -> tuple[Finding, ...]:
        """The values that do not agree."""
        once = {id(found): found for one in self.functions for found in one.findings if not found.agrees}
        return tuple(once.values())

    def with_verdict(self, verdict: str) -> tuple[FunctionEvidence, ...]:
        """The functions of one verdict."""
        return tuple(one for one in self.functions if one.verdict == verdict)


def run(names: Sequence[str] = (), *, extra: Path | None = None, progress: Progress | None = None) -> Pack:
    """Examine the evidence of the named functions or areas; of all where none is named.

    extra: a folder with evidence files of one's own, in the same form.  progress: told the function, how many
    cases are done, and of how many.  Raises InputError on a name that is neither, and on files that cannot be read.
    """
    own, digests = _own(extra)
    found = [*cases(), *own]
    areas = {case.area for case in found}
    _refuse_unknown(names, areas)
    wanted = [
        case for case in found
        if not names or case.area in names or any(name in names for name in concerned(case))
    ]  # fmt: skip
    findings: dict[str, list[Finding]] = {}
    of: dict[str, list[Case]] = {}
    for done, case in enumerate(wanted):
        if progress is not None:
            progress(case.function, done, len(wanted))
        values = list(examine(case))
        for name in concerned(case):
            of.setdefault(name, []).append(case)
            findings.setdefault(name, []).extend(values)
    shown = sorted(stats.HOME) if not names else sorted({*of, *(set(names) - areas)})
    functions = tuple(
        FunctionEvidence(name=name, cases=tuple(of.get(name, ())), findings=tuple(findings.get(name, ())))
        for name in sorted({*shown, *of})
        if not names or name in names or areas.intersection(names)
    )
    return Pack(functions=functions, files=(*_shipped_files(), *digests))


def concerned(case: Case) -> tuple[str, ...]:
    """The public functions that a case calls.

    >>> from equipoise.validation.evidence import Source
    >>> concerned(Case(area="", id="", function="cox", source=Source(kind="program", words=""), values={},
    ...                then=(("stats.cox_residuals", {}), ("median", {}))))
    ('cox', 'cox_residuals')
    """
    later = [step.removeprefix("stats.") for step, _ in case.then if step.startswith("stats.")]
    given = [one["call"] for one in case.arguments.values() if isinstance(one, dict) and "call" in one]
    return tuple(dict.fromkeys((case.function, *later, *given)))


def _refuse_unknown(names: Iterable[str], areas: set[str]) -> None:
    foreign = [name for name in names if name not in areas and name not in stats.HOME]
    if foreign:
        problems = [
            Problem(
                file="equipoise validate", found=repr(name), expected="a function of equipoise.stats or an area",
                remedy=f"areas are {', '.join(sorted(areas))}; docs/statistics.md lists the functions",
            )
            for name in foreign
        ]  # fmt: skip
        raise InputError("nothing was validated", problems)


def _own(folder: Path | None) -> tuple[list[Case], list[tuple[str, str]]]:
    if folder is None:
        return [], []
    found: list[Case] = []
    digests, problems = [], []
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not paths:
        problems.append(Problem(file=str(folder), found="no JSON file", expected="a folder with evidence files",
                                remedy="see docs/validation.md for their form"))  # fmt: skip
    for path in paths:
        content = path.read_bytes()
        try:
            found += cases_in(json.loads(content))
            digests.append((path.name, hashlib.sha256(content).hexdigest()))
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            problems.append(Problem(file=str(path), found=f"{type(error).__name__}: {error}", expected="evidence as JSON",
                                    remedy="see docs/validation.md for its form"))  # fmt: skip
    if problems:
        raise InputError("nothing was validated", problems)
    return found, digests


def _shipped_files() -> list[tuple[str, str]]:
    entries = []
    for folder in ("evidence", "data"):
        for entry in files(__package__).joinpath(folder).iterdir():
            entries.append((f"{folder}/{entry.name}", hashlib.sha256(entry.read_bytes()).hexdigest()))
    return sorted(entries)


def _flat(value: object) -> np.ndarray:
    return np.asarray(value, dtype=object) if not isinstance(value, list) else np.concatenate(
        [np.ravel(_flat(one)) for one in value] or [np.array([])]
    )  # fmt: skip
