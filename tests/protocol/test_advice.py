"""Warnings: allowed, and seldom wise."""

from __future__ import annotations

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.checks.advice import advise
from equipoise.protocol.load import parse_protocol
from equipoise.protocol.reading.document import read_document
from protocol.planted_faults import TREATED
from protocol.test_structure import PLANS
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
        (
            "{arms: [a, b], method: permuted blocks, strata: [site_id]}",
            ["randomizations.main.strata: permuted blocks within each site"],
        ),
        ("{arms: [a, b], method: minimization, strata: [site_id]}", []),
        ("{arms: [a, b], strata: not stated}", []),
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


WHOLE = TREATED + PLANS


def said(text: str, place: str) -> list[str]:
    warnings = advise(parse_protocol(text), read_document(text, "t.yaml"))
    return [problem.found for problem in warnings if problem.path == place]


def test_sites_multiply_the_strata() -> None:
    low = "low: {when: risk = 'low', arms: [c, d], strata: [mrd_stratum, site_id], planned: 60}"
    text = WHOLE.replace("low: {when: risk = 'low', arms: [c, d], strata: [mrd_stratum]}", low)
    many = text.replace("visits:\n", "oversight: {sites: 155}\nvisits:\n")

    assert said(text, "randomizations.low.strata") == []  # how many sites is not stated
    assert said(many, "randomizations.low.strata") == ["310 strata for 60 planned subjects"]


@pytest.mark.parametrize(
    ("hazard_ratio", "control", "experimental", "found"),
    [
        # AALL1331 (JAMA 2021, Methods): 45% against 63% at 2 years; log 0.63 / log 0.45 = 0.5786.
        ("0.58", "0.45", "0.63", []),
        ("0.57", "0.45", "0.63", []),  # 0.5786 of shares that are rounded: 0.5625 to 0.595 are possible
        (
            "0.63",
            "0.45",
            "0.63",
            ["0.63, where 0.45 and 0.63 at 2 give 0.58"],
        ),  # the share in the wrong place
        ("0.7", "0.45", "0.63", ["0.7, where 0.45 and 0.63 at 2 give 0.58"]),
        ("0.55", "0.45", "0.63", ["0.55, where 0.45 and 0.63 at 2 give 0.58"]),
        ("0.58", "0.63", "0.45", ["0.58, where 0.63 and 0.45 at 2 give 1.73"]),  # exchanged
        ("1.0", "0.5", "0.5", []),
    ],
)
def test_a_hazard_ratio_belongs_to_the_shares_it_is_planned_for(
    hazard_ratio, control, experimental, found
) -> None:
    text = WHOLE.replace("hazard_ratio: 0.58", f"hazard_ratio: {hazard_ratio}")
    text = text.replace(
        "control: 0.45, experimental: 0.63", f"control: {control}, experimental: {experimental}"
    )

    assert said(text, "monitoring.high.hazard_ratio") == found


def test_a_cutoff_that_is_a_month_cuts_no_analysis_silently() -> None:
    text = WHOLE.replace("    cutoff: interim\n", "    cutoff: published\n")

    assert said(WHOLE, "analyses.dfs_high.cutoff") == []
    assert said(text, "analyses.dfs_high.cutoff") == ["'published', of which only the month 2020-09 is known"]


def test_items_that_nothing_reads_are_listed_once() -> None:
    assert said(WHOLE, "items") == []
    more = """\
items:
  shoe_size: {label: Shoe size, type: integer}
  address: {label: Address, type: text, collected: screening}
"""
    text = WHOLE.replace("items:\n", more, 1)

    assert said(text, "items") == ["2 that nothing reads: shoe_size, address"]
    # Whatever reads one takes it off the list: a rule, a table, a covariate, the origin of an end point.
    for old, new in [
        ("require: performance >= 50}", "require: performance >= 50 and shoe_size > 0}"),
        ("by_site: {endpoint: dfs, population: randomized, by: site}", "by_site: {endpoint: dfs, population: randomized, cox: {covariates: [shoe_size]}}"),
        ("items: [{item: age}, {item: site}]", "items: [{item: age}, {item: shoe_size}]"),
        ("deviations:\n      direct: {label: Directly to follow-up when MRD was low, to: followed, when: mrd", "deviations:\n      direct: {label: Directly, to: followed, when: shoe_size > 30 and mrd"),
        ("response: mrd_end_of_cycle < 0.0001", "response: shoe_size < 40 and mrd_end_of_cycle < 0.0001"),
    ]:  # fmt: skip
        assert text.count(old) == 1
        assert said(text.replace(old, new), "items") == ["1 that nothing reads: address"]
