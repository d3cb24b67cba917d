"""The evidence as a page and as JSON: requirement, function, reference, their value, ours, difference, verdict."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from equipoise.report.folder import Writer, publish
from equipoise.validation.evidence import Finding
from equipoise.validation.pack import DISAGREES, ONE_KIND, UNVALIDATED, VALIDATED, FunctionEvidence, Pack

WRITER = Writer(
    "equipoise validate", re.compile(r"(index\.html|validation\.json)\Z"), "the evidence was not written"
)
_SHOWN_OF_A_CASE = 3
WORDS = {
    VALIDATED: "every value agrees, sources of two kinds or more",
    ONE_KIND: "every value agrees, sources of one kind only",
    UNVALIDATED: "no reference value",
    DISAGREES: "a value does not agree",
}


def write_validation(pack: Pack, folder: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Write ``index.html`` and ``validation.json``; all or nothing.

    environment: what the evidence ran on, in words → version.  Raises InputError where files of others are in the way.
    """
    contents = {"index.html": render(pack, environment), "validation.json": as_json(pack, environment)}
    return publish(contents, folder, WRITER)


def as_json(pack: Pack, environment: Mapping[str, str]) -> str:
    """Everything, for machines: the environment, the files with their SHA-256, each function with each value."""
    content = {
        "environment": dict(environment),
        "files": dict(pack.files),
        "summary": {
            "functions": len(pack.functions), "cases": pack.cases, "values": pack.values,
            **{verdict: len(pack.with_verdict(verdict)) for verdict in WORDS},
        },
        "functions": [_function(one) for one in pack.functions],
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def _function(one: FunctionEvidence) -> dict[str, Any]:
    return {
        "function": one.name,
        "verdict": one.verdict,
        "requirements": list(one.requirements),
        "kinds": list(one.kinds),
        "cases": len(one.cases),
        "values": one.values,
        "largest_difference": _plain(one.largest),
        "findings": [
            {
                "area": found.case.area, "case": found.case.id, "kind": found.case.source.kind,
                "reference": found.case.source.words, "script": found.case.source.script, "value": found.name,
                "theirs": found.expected, "ours": _plain(found.found), "difference": _plain(found.difference),
                "tolerance": found.case.tolerance, "agrees": found.agrees, "error": found.error, "reason": found.case.reason,
            }
            for found in one.findings
        ],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A value that JSON can hold: null is not a number, infinities are words, as in the evidence files."""
    if value is None or isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.ndim:
        return [_plain(one) for one in array]
    if array.dtype.kind not in "biuf":
        return str(value)
    number = float(array)
    return (
        None if math.isnan(number) else number if math.isfinite(number) else f"{'-' * (number < 0)}Infinity"
    )


def render(pack: Pack, environment: Mapping[str, str]) -> str:
    """The page: no script, no font and no image from elsewhere."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loader = PackageLoader("equipoise.validation", "templates")
    jinja = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    sources = _sources(pack)
    place = {source[:3]: index + 1 for index, source in enumerate(sources)}
    return jinja.get_template("validation.html.j2").render(
        pack=pack, environment=environment, words=WORDS, shown=shown, apart=apart, lines=lines, requirement=requirements(),
        style=Markup(loader.get_source(jinja, "validation.css")[0]), sources=sources,
        number_of=lambda source: place[source.kind, source.words, source.script],
        order=[DISAGREES, UNVALIDATED, ONE_KIND, VALIDATED],
    )  # fmt: skip


def lines(one: FunctionEvidence) -> list[tuple[Finding, int]]:
    """What the page shows of a function: what does not agree first, and of a case in which all agrees the first values.

    Each with how many more values of its case agree and stand in the JSON only.
    """
    shown_lines: list[tuple[Finding, int]] = [(found, 0) for found in one.findings if not found.agrees]
    by_case: dict[int, list[Finding]] = {}
    for found in one.findings:
        if found.agrees:
            by_case.setdefault(id(found.case), []).append(found)
    for agreeing in by_case.values():
        *first, last = agreeing[:_SHOWN_OF_A_CASE]
        shown_lines += [*((found, 0) for found in first), (last, len(agreeing) - _SHOWN_OF_A_CASE)]
    return shown_lines


def shown(value: Any) -> str:
    """A value for the page: a number with ten digits, a curve by its ends.

    >>> shown(0.5), shown(None), shown([1.0, 2.0, 3.0, 4.0])
    ('0.5', 'not a number', '1, 2, … 4 (4 values)')
    """
    plain = _plain(value) if not isinstance(value, list) else value
    if plain is None:
        return "not a number"
    if isinstance(plain, list):
        flat = _flattened(plain)
        if len(flat) <= 3:
            return ", ".join(map(shown, flat))
        return f"{shown(flat[0])}, {shown(flat[1])}, … {shown(flat[-1])} ({len(flat)} values)"
    return plain if isinstance(plain, str) else f"{plain:.10g}"


def _flattened(values: Iterable[Any]) -> list[Any]:
    return [one for value in values for one in (_flattened(value) if isinstance(value, list) else [value])]


def apart(difference: float) -> str:
    """A relative difference for the page.

    >>> apart(0.0), apart(3.2e-12)
    ('0', '3.2e-12')
    """
    return "0" if difference == 0 else "—" if math.isinf(difference) else f"{difference:.1e}"


def _sources(pack: Pack) -> list[tuple[str, str, str, int]]:
    """Every source: its kind, its words, its script, and the number of values that it gave."""
    counts: dict[tuple[str, str, str], int] = {}
    once = {id(found): found for one in pack.functions for found in one.findings}
    for found in once.values():
        source = found.case.source
        key = (source.kind, source.words, source.script)
        counts[key] = counts.get(key, 0) + len(_flattened([found.expected]))
    return [(*key, many) for key, many in sorted(counts.items())]


@cache
def requirements() -> dict[int, str]:
    """The texts of the requirements about statistics, by number."""
    text = files(__package__).joinpath("requirements.csv").read_text(encoding="utf-8")
    return {
        int(row["number"]): f"{row['trial']}: {row['requirement']}"
        for row in csv.DictReader(text.splitlines())
    }
