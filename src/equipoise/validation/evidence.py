"""Reference values as files: which function, which arguments, which value by whom, and how near ours must be.

A file of ``evidence/`` holds the cases of one area from one or more sources:

    {"area": "survival",
     "sources": {"r": {"kind": "program", "name": "R 4.2.2, survival 3.5-3", "script": "verification/evidence/survival.R"},
                 "freireich": {"kind": "printed", "citation": "…, Table 1"},
                 "exact": {"kind": "closed form", "derivation": "…"}},
     "data": {"lung": "lung.csv", "tiny": {"time": [1, 2, 3], "event": [1, 1, 0]}},
     "cases": [{"id": "lung, median, log interval", "function": "kaplan_meier", "requirements": [147], "source": "r",
                "data": "lung", "arguments": {"time": "time", "event": "status", "interval": "log"},
                "then": [["median", {}]], "values": {"estimate": 310, "lower": 285, "upper": 363},
                "tolerance": 1e-8, "reason": "why this tolerance, where it is not 1e-8"}]}

Arguments are passed with ``data=`` the columns, so a text names a column where the function expects an array. An argument
that is itself a result is written as the call that makes it: ``{"call": "cox", "arguments": {…}}``.
``then`` calls methods, or functions of ``equipoise.stats`` on the result ("stats.cox_residuals"), one after the other. A name in
``values`` is a path into the result: ``median``, ``hazard_ratio[0]``, ``covariance[0,1]``, ``wald.chi_square``;
a list is compared whole. null is not a number, "Infinity" and "-Infinity" are those.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from equipoise import stats

KINDS = ("closed form", "printed", "program")
# What vanishes by cancellation (a limit of 0, an off-diagonal covariance) is held against this share of the largest element.
_SMALLEST_SHARE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Source:
    """Whose number it is: a program with its script, a printed table with its citation, or a derivation."""

    kind: str
    words: str
    script: str = ""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One call of one function and the values that it must give."""

    area: str
    id: str
    function: str
    source: Source
    values: dict[str, Any]
    arguments: dict[str, Any] = field(default_factory=dict)
    then: tuple[tuple[str, dict[str, Any]], ...] = ()
    data: dict[str, Any] | None = None
    requirements: tuple[int, ...] = ()
    tolerance: float = 1e-8
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One compared value: theirs, ours, and how far apart."""

    case: Case
    name: str
    expected: Any
    found: Any
    difference: float
    error: str = ""

    @property
    def agrees(self) -> bool:
        """Whether ours is as near as it must be."""
        return not self.error and self.difference <= self.case.tolerance


def cases() -> Iterator[Case]:
    """Every case of the evidence, area by area."""
    for name in sorted(entry.name for entry in files(__package__).joinpath("evidence").iterdir()):
        if name.endswith(".json"):
            yield from _cases_of(name)


@cache
def _cases_of(name: str) -> tuple[Case, ...]:
    text = files(__package__).joinpath("evidence", name).read_text(encoding="utf-8")
    return cases_in(json.loads(text))


def cases_in(content: dict[str, Any]) -> tuple[Case, ...]:
    """The cases of one file's content."""
    sources = {name: _source(one) for name, one in content["sources"].items()}
    tables = {name: _table(one) for name, one in content.get("data", {}).items()}
    return tuple(
        Case(
            area=content["area"],
            id=one["id"],
            function=one["function"],
            source=sources[one["source"]],
            values=one["values"],
            arguments=one.get("arguments", {}),
            then=tuple((step[0], step[1]) for step in one.get("then", [])),
            data=tables[one["data"]] if "data" in one else None,
            requirements=tuple(one.get("requirements", ())),
            tolerance=one.get("tolerance", 1e-8),
            reason=one.get("reason", ""),
        )
        for one in content["cases"]
    )


def _source(one: dict[str, Any]) -> Source:
    if one["kind"] not in KINDS:
        raise ValueError(f"source kind {one['kind']!r}; expected one of {', '.join(KINDS)}")
    words = one.get("name") or one.get("citation") or one["derivation"]
    return Source(kind=one["kind"], words=words, script=one.get("script", ""))


def _table(one: Any) -> dict[str, Any]:
    if isinstance(one, str):
        return dict(table(one))
    return {name: _array(column) for name, column in one.items()}


@cache
def table(name: str) -> dict[str, np.ndarray]:
    """A data set of ``data/`` by its file name: columns by name, NaN where a number is missing."""
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {column: _array([row[column] for row in rows]) for column in rows[0]}


def _array(values: list[Any]) -> np.ndarray:
    try:
        return np.array([np.nan if value in ("", "NA", None) else float(value) for value in values])
    except ValueError:
        return np.array([str(value) for value in values])


def examine(case: Case) -> Iterator[Finding]:
    """Call the function and compare each value; an error of ours is a finding too."""
    try:
        result = _called(case)
    except Exception as error:  # the evidence goes on; the page shows the error
        for name, expected in case.values.items():
            yield Finding(
                case=case, name=name, expected=expected, found=None, difference=np.inf,
                error=f"{type(error).__name__}: {error}",
            )  # fmt: skip
        return
    for name, expected in case.values.items():
        try:
            found = _read(result, name)
            yield Finding(
                case=case, name=name, expected=expected, found=found, difference=difference(found, expected)
            )
        except Exception as error:
            yield Finding(
                case=case, name=name, expected=expected, found=None, difference=np.inf,
                error=f"{type(error).__name__}: {error}",
            )  # fmt: skip


def _called(case: Case) -> Any:
    result = _made(case.function, case.arguments, case.data)
    for method, arguments in case.then:
        name = method.removeprefix("stats.")
        result = (
            getattr(stats, name)(result, **arguments)
            if name != method
            else getattr(result, method)(**arguments)
        )
    return result


def _made(function: str, arguments: dict[str, Any], data: dict[str, Any] | None) -> Any:
    """Call a function; arguments that are calls are made first, and a function of results alone is given no data."""
    inner = {name: one for name, one in arguments.items() if isinstance(one, dict) and "call" in one}
    given = dict(arguments)
    for name, one in inner.items():
        given[name] = _made(one["call"], one.get("arguments", {}), data)
    if data is not None and not (inner and len(inner) == len(given)):
        given["data"] = data
    return getattr(stats, function)(**given)


def _read(result: Any, path: str) -> Any:
    for part in path.split("."):
        name, _, index = part.partition("[")
        result = getattr(result, name) if name else result
        if index:
            result = np.asarray(result)[tuple(int(i) for i in re.findall(r"-?\d+", index))]
    return result


def difference(found: Any, expected: Any) -> float:
    """The largest relative difference; infinite where shapes, NaN or infinities do not match.

    >>> difference([1.0, float("nan")], [1.0, None])
    0.0
    """
    if isinstance(expected, str) and not expected.endswith("Infinity"):
        return 0.0 if str(found) == expected else np.inf
    a, b = np.asarray(found, dtype=float), _numbers(expected)
    if a.shape != b.shape:
        return np.inf
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if same.all():
        return 0.0
    if not np.isfinite(a[~same]).all() or not np.isfinite(b[~same]).all():
        return np.inf
    scale = np.maximum(np.abs(b), _SMALLEST_SHARE * np.max(np.abs(b[np.isfinite(b)]), initial=0))
    with np.errstate(divide="ignore"):
        return float(np.max(np.abs(a[~same] - b[~same]) / scale[~same]))


def _numbers(value: Any) -> np.ndarray:
    if isinstance(value, list):
        return np.array([_numbers(one) for one in value], dtype=float)
    return np.asarray(np.nan if value is None else float(value))
