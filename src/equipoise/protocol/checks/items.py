"""What is recorded and derived of a subject, and who is eligible.

Rules read what stands above them: derived items become known here one by one, and ``eligible`` after the criteria.
Whatever else has rules is checked afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks, constant, rule_problem
from equipoise.protocol.definition import Class, Derived, Item
from equipoise.protocol.definition.trial import ELIGIBLE
from equipoise.protocol.reading.document import Path
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.language import DTYPES
from equipoise.protocol.rules.rule import Rule


def check_items(checks: Checks) -> Iterator[Problem]:
    """Yield what does not fit in visits, assays, items, derived items and criteria."""
    yield from _visits(checks)
    yield from _written_items(checks)
    yield from _items(checks)
    for name, derived in checks.protocol.derived.items():
        place: Path = ("derived", name)
        if name != ELIGIBLE or checks.written(
            place
        ):  # else it is made of the criteria, which have their place
            yield from _derived(checks, place, name, derived)
    yield from _eligibility(checks)


# -- recorded ----------------------------------------------------------------------------------------


def _visits(checks: Checks) -> Iterator[Problem]:
    """Visits and assays as they are declared."""
    of = checks.protocol
    yield from checks.labels(("visits",), {name: one.label for name, one in of.visits.items()}, "visit")
    yield from checks.labels(("assays",), {name: one.label for name, one in of.assays.items()}, "assay")
    for name, visit in of.visits.items():
        if visit.window != "not stated" and min(visit.window) < 0:
            before, after = visit.window
            yield checks.problem(("visits", name, "window"), f"[{before}, {after}]", "days before and days after, both from 0 on",
                                 "write [2, 3] for two days before to three days after")  # fmt: skip


def _written_items(checks: Checks) -> Iterator[Problem]:
    """Items as the file writes them: one that is collected at several visits is one item there."""
    written: Mapping[str, Any] = checks.document.value.get("items") or {}
    for name, item in written.items():
        place: Path = ("items", name)
        yield from checks.known((*place, "assay"), item.get("assay"), checks.protocol.assays, "assay")
        visits = item.get("collected")
        if not isinstance(visits, tuple):
            continue
        if not visits:
            yield checks.problem((*place, "collected"), "no visit", "at least one", "name the visits")
        yield from checks.all_known((*place, "collected"), visits, checks.protocol.visits, "visit")
        for visit in visits:
            if f"{name}_{visit}" in written:
                found = f"the name '{name}_{visit}', which {name} at {visit} has"
                yield checks.problem(
                    ("items", f"{name}_{visit}"), found, "another name", "rename it", key=True
                )


def _items(checks: Checks) -> Iterator[Problem]:
    """Items as the model holds them: of one of several visits all but the name is said once."""
    said = set[str]()
    for name, item in checks.protocol.items.items():
        written = checks.several.get(name, name)
        place: Path = ("items", written)
        if written in said:
            continue
        said.add(written)
        yield from _free(checks, place, name)
        if name in checks.protocol.derived:
            yield checks.problem(
                place, f"{name!r} in both items and derived", "each name once", "rename one", key=True
            )
        if item.collected not in ("baseline", "ongoing") and written == name and checks.written(place):
            known = ["baseline", "ongoing", *checks.protocol.visits]
            yield from checks.known((*place, "collected"), str(item.collected), known, "visit")
        yield from _values(checks, place, item)


def _values(checks: Checks, place: Path, item: Item) -> Iterator[Problem]:
    """The values that an item may have, as far as its type has any such limits."""
    if (item.type == "choice") != (item.choices is not None):
        found = "no choices" if item.choices is None else f"choices for type {item.type}"
        expected = "choices for items of type choice, and only there"
        yield checks.problem(place, found, expected, "add them, or change the type")
    if item.choices is not None and len(item.choices) < 1:
        yield checks.problem((*place, "choices"), "no choice", "at least one")
    yield from checks.labels((*place, "choices"), item.choices or {}, "choice")
    yield from checks.different((*place, "unavailable"), item.unavailable)
    numeric = item.type in ("integer", "decimal")
    if item.range is not None and (not numeric or item.range[0] > item.range[1]):
        found = f"[{item.range[0]:g}, {item.range[1]:g}] for type {item.type}"
        yield checks.problem((*place, "range"), found, "[lowest, highest] of a numeric item")
    if item.detection_limit is not None and not numeric:
        yield checks.problem((*place, "detection_limit"), f"type {item.type}", "a numeric item")


def _free(checks: Checks, place: Path, name: str) -> Iterator[Problem]:
    """The name is none that the language uses itself."""
    made = name.endswith("_unavailable") or name.startswith(("stratum_", "population_"))
    if name in columns.RESERVED or made:
        yield checks.problem(place, f"the name {name!r}", "a name that the language does not use itself",
                             "rename it", key=True)  # fmt: skip


# -- derived -----------------------------------------------------------------------------------------


def _derived(checks: Checks, place: Path, name: str, derived: Derived) -> Iterator[Problem]:
    """Classes or a value, by rules that run; what is below may read it in any case."""
    yield from _free(checks, place, name)
    type_: pl.DataType = pl.Float64()
    if (derived.classes is None) == (derived.value is None):
        found = "neither classes nor value" if derived.value is None else "both classes and value"
        yield checks.problem(place, found, "exactly one of them")
    elif derived.value is not None:
        rule = checks.compiled((*place, "value"), derived.value, "any")
        yield from rule_problem(rule)
        # A name that stands for something else already keeps its type, if its own rule is wrong.
        type_ = DTYPES[rule.kind] if isinstance(rule, Rule) else checks.columns.get(name, type_)
    else:
        yield from _classes(checks, (*place, "classes"), derived.classes or {})
        type_ = pl.String()
    checks.columns[name] = type_


def _classes(checks: Checks, place: Path, classes: Mapping[str, Class]) -> Iterator[Problem]:
    """Rules in order, each of which can still be the first that holds."""
    if not classes:
        yield checks.problem(place, "no class", "at least one")
    yield from checks.labels(place, {code: level.label for code, level in classes.items()}, "class")
    seen: dict[str, str] = {}
    everything = ""
    for code, level in classes.items():
        at = (*place, code, "when")
        if everything:
            found = f"a class after {everything}, which takes every subject"
            yield checks.problem(
                at, found, "only classes that a subject can reach", "put it before, or remove it"
            )
        rule = checks.compiled(at, level.when)
        yield from rule_problem(rule)
        if isinstance(rule, Rule) and rule.sql in seen:
            found = f"the rule of {seen[rule.sql]} a second time"
            yield checks.problem(at, found, "a rule of its own for each class")
        elif isinstance(rule, Rule):
            seen[rule.sql] = code
            everything = everything or (code if constant(rule) else "")
        yield from checks.never(at, rule)


def _eligibility(checks: Checks) -> Iterator[Problem]:
    """Each criterion by itself; all of them together, where each is right."""
    criteria = checks.protocol.eligibility
    wrong = [
        problem
        for code, criterion in criteria.items()
        for problem in checks.condition(("eligibility", code, "require"), criterion.require)
    ]
    yield from wrong
    if criteria and not checks.written(("derived", ELIGIBLE)):
        whole = checks.compiled(("eligibility",), checks.protocol.derived[ELIGIBLE].value or "")
        yield from rule_problem(whole) if not wrong else ()
        checks.columns[ELIGIBLE] = pl.Boolean()
    texts = {code: criterion.text for code, criterion in criteria.items()}
    yield from checks.labels(("eligibility",), texts, "criterion")
