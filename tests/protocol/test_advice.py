"""Warnings: allowed, and seldom wise."""

from __future__ import annotations

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.advice import advise
from equipoise.protocol.load import parse_protocol
from equipoise.protocol.reading import read_document
from small_trial import PROTOCOL


def advice(randomization: str) -> list[str]:
    text = PROTOCOL.replace(
        "main: {arms: [a, b], ratio: {a: 1, b: 1}, strata: [site]}", f"main: {randomization}"
    )
    return [f"{p.path}: {p.found}" for p in advise(parse_protocol(text), read_document(text, "t.yaml"))]


@pytest.mark.parametrize(
    ("randomization", "expected"),
    [
        ("{arms: [a, b], method: permuted blocks, blocks: [4, 6], strata: [site], planned: 200}", []),
        ("{arms: [a, b]}", []),
        (
            "{arms: [a, b], method: permuted blocks, blocks: [2, 4]}",
            ["randomizations.main.blocks: blocks of 2"],
        ),
        (
            "{arms: [a, b], ratio: {a: 1, b: 2}, method: permuted blocks, blocks: [6, 6]}",
            ["randomizations.main.blocks: blocks of one size"],
        ),
        (
            "{arms: [a, b], method: permuted blocks, blocks: [4, 6], strata: [site, boy, mrd_class], planned: 40}",
            ["randomizations.main.strata: 8 strata for 40 planned subjects"],
        ),
        ("{arms: [a, b], method: minimization, strata: [site, boy, mrd_class], planned: 20}", []),
    ],
)
def test_warnings(randomization: str, expected: list[str]) -> None:
    assert advice(randomization) == expected


@pytest.mark.parametrize(
    ("randomization", "found"),
    [
        ("{arms: [a, b], ratio: {a: 1, b: 2}, method: permuted blocks, blocks: [4]}", "a block of 4"),
        ("{arms: [a, b], method: simple, blocks: [4]}", "blocks for the method simple"),
        ("{arms: [a, b], opened: 2020-02-01, closed: 2020-01-31}", "2020-01-31, before it opened"),
    ],
)
def test_what_cannot_be_is_refused(randomization: str, found: str) -> None:
    with pytest.raises(ProtocolError) as failure:
        advice(randomization)

    assert found in [problem.found for problem in failure.value.problems]
