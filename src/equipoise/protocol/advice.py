"""What is allowed in a protocol file and seldom wise: warnings, each with its evidence.

Nothing here refuses a file. Source: Kahan, Rehal and Cro, Trials 2015;16:405 (allocations of open trials that can be
guessed from small, fixed blocks).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from equipoise.errors import Problem
from equipoise.protocol.definition import Protocol, Randomization
from equipoise.protocol.reading import Document, Path


def advise(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield the warnings about every randomization."""
    for name, randomization in protocol.randomizations.items():
        path: Path = ("randomizations", name)
        yield from _blocks(randomization, document, path)
        yield from _strata(protocol, randomization, document, path)


def _blocks(randomization: Randomization, document: Document, path: Path) -> Iterator[Problem]:
    if randomization.blocks == "not stated" or not randomization.blocks:
        return
    place = (*path, "blocks")
    smallest = (
        len(randomization.arms) if randomization.ratio == "not stated" else sum(randomization.ratio.values())
    )
    if smallest in randomization.blocks:
        yield document.problem(place, f"blocks of {smallest}", "larger blocks",
                               "once the first of such a block is known, an open trial knows the rest")  # fmt: skip
    if len(set(randomization.blocks)) == 1:
        yield document.problem(place, "blocks of one size", "several sizes, drawn at random",
                               "with a fixed size the last allocations of a block can be guessed")  # fmt: skip


def _strata(
    protocol: Protocol, randomization: Randomization, document: Document, path: Path
) -> Iterator[Problem]:
    if (
        randomization.strata == "not stated"
        or not randomization.strata
        or randomization.method == "minimization"
    ):
        return
    strata = prod(len(protocol.factor_levels(factor)) for factor in randomization.strata)
    planned = randomization.planned
    if planned == "not stated":
        return
    block = (
        2 * len(randomization.arms)
        if randomization.blocks in ("not stated", ())
        else max(randomization.blocks)
    )
    if planned < strata * int(block):
        yield document.problem((*path, "strata"), f"{strata} strata for {planned} planned subjects",
                               f"at most {max(planned // int(block), 1)} (one block of {block} each)",
                               "incomplete blocks in sparse strata bring back imbalance: use fewer factors or minimization")  # fmt: skip
