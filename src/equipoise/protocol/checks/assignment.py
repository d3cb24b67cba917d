"""How subjects are assigned, by whose consent and in which time: arms, groups, randomizations, versions, oversight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks, earlier
from equipoise.protocol.definition import Randomization, Version
from equipoise.protocol.reading.document import Path
from equipoise.protocol.rules import columns


def check_assignment(checks: Checks) -> Iterator[Problem]:
    """Yield what does not fit in arms, groups, randomizations, consents, versions and oversight."""
    of = checks.protocol
    yield from _arms(checks)
    yield from checks.labels(("groups",), {name: one.label for name, one in of.groups.items()}, "group")
    for name, group in of.groups.items():
        yield from checks.condition(("groups", name, "when"), group.when)
    for name, randomization in of.randomizations.items():
        yield from _randomization(checks, ("randomizations", name), randomization)
    yield from checks.labels(("consents",), {name: one.label for name, one in of.consents.items()}, "consent")
    for name, consent in of.consents.items():
        if consent.versions != "not stated":
            yield from _in_order(checks, ("consents", name, "versions"), consent.versions)
    yield from _in_order(checks, ("versions",), of.versions)
    yield from _span(checks, ("oversight",), of.oversight.opened, of.oversight.closed)


def _arms(checks: Checks) -> Iterator[Problem]:
    arms = checks.protocol.arms
    if not any(arm.role == "control" for arm in arms.values()):
        yield checks.problem(("arms",), "no arm with role control", "at least one", "mark the comparator")
    for name in arms:
        if name in columns.RESERVED:
            yield checks.problem(("arms", name), f"the name {name!r}", "another name", "rename it", key=True)
    yield from checks.labels(("arms",), {name: arm.label for name, arm in arms.items()}, "arm")
    shown = {name: arm.short or arm.label for name, arm in arms.items()}
    if len({arm.label for arm in arms.values()}) == len(arms):  # else it is said already
        yield from checks.labels(("arms",), shown, "arm")


def _randomization(checks: Checks, place: Path, randomization: Randomization) -> Iterator[Problem]:
    arms, known = randomization.arms, checks.protocol.arms
    yield from checks.all_known((*place, "arms"), arms, known, "arm")
    yield from checks.condition((*place, "when"), randomization.when)
    declared = set(arms) <= set(known) and len(set(arms)) == len(arms)  # else that is said already
    if declared and randomization.ratio != "not stated" and set(randomization.ratio) != set(arms):
        found = f"a ratio for {', '.join(randomization.ratio) or 'no arm'}"
        expected = f"a whole number for each of {', '.join(arms)}"
        yield checks.problem((*place, "ratio"), found, expected, "use the names of the arms")
    if randomization.strata != "not stated":
        yield from checks.factors((*place, "strata"), randomization.strata, columns.SITE)
        if randomization.method == "minimization" and not randomization.strata:
            yield checks.problem((*place, "strata"), "no factor", "the factors of the minimization",
                                 "name them, or write not stated")  # fmt: skip
    yield from _blocks(checks, (*place, "blocks"), randomization)
    yield from _span(checks, place, randomization.opened, randomization.closed)


def _blocks(checks: Checks, place: Path, randomization: Randomization) -> Iterator[Problem]:
    """Blocks hold the ratio exactly, and belong to permuted blocks."""
    if randomization.blocks == "not stated":
        return
    if randomization.method != "permuted blocks":
        found = f"blocks for the method {randomization.method}"
        yield checks.problem(place, found, "blocks with the method permuted blocks only",
                             "remove them, or state the method")  # fmt: skip
    ratio = randomization.ratio
    whole = len(randomization.arms) if ratio == "not stated" else sum(ratio.values())
    for index, size in enumerate(randomization.blocks):
        if size % whole:
            yield checks.problem((*place, index), f"a block of {size}", f"a multiple of {whole}",
                                 "a block holds the ratio exactly")  # fmt: skip


# -- dates -------------------------------------------------------------------------------------------


def _in_order(checks: Checks, place: Path, versions: Mapping[str, Version]) -> Iterator[Problem]:
    """What is dated is dated in order, as far as days or months are stated."""
    dated = [(name, version.on) for name, version in versions.items() if version.on != "not stated"]
    for (before, first), (name, later) in pairwise(dated):
        if earlier(later, first):
            yield checks.problem((*place, name, "on"), f"{later}, before {before} of {first}", "versions in order of date",
                                 "exchange them, or correct the date")  # fmt: skip


def _span(checks: Checks, place: Path, opened: date | str, closed: date | str) -> Iterator[Problem]:
    if earlier(closed, opened):
        what = "month" if len(str(opened)) == 7 else "day"
        found = f"{closed}, before it opened"
        yield checks.problem((*place, "closed"), found, f"a {what} from {opened} on")
