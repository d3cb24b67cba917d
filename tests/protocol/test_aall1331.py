"""AALL1331 as its protocol file says it: literal patients on every boundary. (55) is a number of the requirements."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from math import log
from typing import Any

import polars as pl
import pytest

from equipoise.datasets.derivation import POPULATION
from equipoise.protocol.definition import Protocol, Span
from equipoise.protocol.load import load_protocol
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.rule import compile_rule
from equipoise.trial.opening import find_protocol
from literal_patients import other_reading, rows_of

FILE = find_protocol("aall1331")
AALL1331 = load_protocol(FILE)

ELIGIBLE = {
    "registered_on": date(2018, 1, 8),
    "age": 9.0,
    "first_relapse": True,
    "down_syndrome": False,
    "ph_positive": False,
    "prior_hsct": False,
    "prior_blinatumomab": False,
    "insufficient_disease": False,
    "optic_nerve": False,
    "creatinine_above_limit": False,
}
BLASTS, MRD = "marrow_blasts_end_of_block_1", "mrd_end_of_block_1"
UNKNOWN = ("unsatisfactory", "indeterminate", "not done")
IR = "intermediate"
HIGH_EM = "high_extramedullary"
UNDER_18_POSITIVE = "high_marrow_under_18_mrd_from_0_1"
UNDER_18_BELOW = "high_marrow_under_18_mrd_below_0_1"
TO_36_POSITIVE = "high_marrow_18_to_36_mrd_from_0_1"
TO_36_BELOW = "high_marrow_18_to_36_mrd_below_0_1"


def value_or_reason(item: str, given: object) -> dict[str, object]:
    """A text that is no code of the item is the reason why it is unavailable."""
    declared = AALL1331.items[item]
    return {f"{item}_unavailable" if given in declared.unavailable else item: given}


def relapse_after(months: float) -> dict[str, object]:
    """Diagnosis and relapse so many months apart; 17.99 is the day before the one that completes 18, 18.01 the day after."""
    whole = round(months)
    year, month = divmod(whole, 12)
    completed = date(2010 + year, 1 + month, 15)
    days = (months > whole) - (months < whole)
    return {"diagnosed_on": date(2010, 1, 15), "relapsed_on": completed + timedelta(days=days)}


def after_block_1(site: str, months: float, blasts: Any, cns: str | None, mrd: Any) -> dict[str, object]:
    row: dict[str, object] = {**ELIGIBLE, "relapse_site": site, **relapse_after(months)}
    for item, given in ((BLASTS, blasts), ("cns_cleared", cns), (MRD, mrd)):
        row |= value_or_reason(item, given)
    return row


def derived(*patients: dict[str, object], protocol: Protocol = AALL1331) -> pl.DataFrame:
    return rows_of(protocol, patients)


# -- risk groups and strata -------------------------------------------------------------------------------

PATIENTS: list[tuple[str, float, Any, str, Any, str | None, str | None]] = [
    # site, months, blasts, CNS, MRD, risk group, stratum
    # (55) failure is more than 25% blasts, and overrides everything below
    ("marrow", 40, 25.01, "not_involved", 0.0, "early_treatment_failure", None),
    ("marrow", 12, 96, "not_involved", 90, "early_treatment_failure", None),
    ("marrow", 40, 25.01, "not done", "not done", "early_treatment_failure", None),
    # (55, 59) 25% is not more than 25%; M2 marrow is assigned and randomized
    ("marrow", 40, 25, "not_involved", 5, "intermediate", IR),
    ("marrow", 40, 5, "not_involved", 0.05, "low", None),
    ("marrow", 40, 12, "cleared", 0.0999, "low", None),
    ("marrow", 17.99, 25, "not_involved", 20, "high", UNDER_18_POSITIVE),
    # (55) central nervous system leukemia that is not cleared overrides everything, with or without marrow values
    ("cns", 24, 1, "not_cleared", 0.0, "early_treatment_failure", None),
    ("cns", 6, 1, "not_cleared", 0.0, "early_treatment_failure", None),
    ("marrow_combined", 60, 0, "not_cleared", 0.0, "early_treatment_failure", None),
    ("marrow_combined", 20, "not done", "not_cleared", "not done", "early_treatment_failure", None),
    # (56, 65) marrow below 36 months is high risk whatever the MRD; the day that completes 36 months is late
    ("marrow", 35.99, 1, "not_involved", 0.0, "high", TO_36_BELOW),
    ("marrow", 35.99, 1, "not_involved", 3.0, "high", TO_36_POSITIVE),
    ("marrow_combined", 35.99, 1, "cleared", 0.0, "high", TO_36_BELOW),
    ("marrow", 36, 1, "not_involved", 0.0999, "low", None),
    ("marrow", 36, 1, "not_involved", 0.1, "intermediate", IR),
    ("marrow_combined", 36.01, 1, "cleared", 0.1, "intermediate", IR),
    ("marrow", 36.01, 1, "not_involved", 0.0, "low", None),
    # (65, 68) 18 months separate the strata of marrow relapses
    ("marrow", 17.99, 1, "not_involved", 0.1, "high", UNDER_18_POSITIVE),
    ("marrow", 17.99, 1, "not_involved", 0.0999, "high", UNDER_18_BELOW),
    ("marrow", 18, 1, "not_involved", 0.1, "high", TO_36_POSITIVE),
    ("marrow", 18, 1, "not_involved", 0.0999, "high", TO_36_BELOW),
    # (56, 65, 68) isolated extramedullary: 18 months, whatever the MRD; one stratum
    ("cns", 17.99, 1, "cleared", 0.0, "high", HIGH_EM),
    ("testicular", 17.99, 1, "not_involved", 8.0, "high", HIGH_EM),
    ("cns", 17.99, 1, "cleared", "not done", "high", HIGH_EM),
    ("cns", 18, 1, "cleared", 0.0999, "low", None),
    ("cns", 18, 1, "cleared", 0.1, "intermediate", IR),
    ("testicular", 35.99, 1, "not_involved", 0.0, "low", None),
    ("cns_testicular", 36, 1, "cleared", 0.2, "intermediate", IR),
    # (60, 69) unknown MRD: no effect on high risk; an unsatisfactory sample at 18 to 36 months counts as below 0.1%
    ("marrow", 20, 1, "not_involved", "unsatisfactory", "high", TO_36_BELOW),
    # (70) an indeterminate result below 18 months: high risk; the stratum is the recorded reading
    ("marrow", 10, 1, "not_involved", "indeterminate", "high", UNDER_18_BELOW),
    # (60) late relapses with unknown MRD have no risk group
    ("marrow", 36, 1, "not_involved", "not done", None, None),
    ("marrow_combined", 50, 1, "cleared", "unsatisfactory", None, None),
    ("cns", 18, 1, "cleared", "indeterminate", None, None),
    # (55) with marrow or clearance unknown, failure is not excluded: not even early relapses are assigned
    ("marrow", 12, "not done", "not_involved", 0.0, None, None),
    ("cns", 12, 1, "not done", 0.0, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("site", "months", "blasts", "cns", "mrd", "risk", "stratum"), PATIENTS)
def test_risk_group_and_stratum(
    site: str, months: float, blasts: Any, cns: str, mrd: Any, risk: str | None, stratum: str | None
) -> None:
    patient = derived(after_block_1(site, months, blasts, cns, mrd)).row(0, named=True)

    assert (patient["risk_group"], patient["hr_ir_stratum"]) == (risk, stratum)


def risk_of(site: str, months: float, blasts: Any, cns: str, mrd: Any) -> str | None:
    """The definitions once more, in plain Python, for values that are numbers or reasons."""
    if (blasts != "not done" and blasts > 25) or cns == "not_cleared":
        return "early_treatment_failure"
    if blasts == "not done" or cns == "not done":
        return None
    if months < (36 if site.startswith("marrow") else 18):
        return "high"
    if mrd in UNKNOWN:
        return None
    return "intermediate" if mrd >= 0.1 else "low"


def stratum_of(risk: str | None, site: str, months: float, mrd: Any) -> str | None:
    if risk not in ("high", "intermediate"):
        return None
    if risk == "intermediate":
        return IR
    if not site.startswith("marrow"):
        return HIGH_EM
    positive = mrd not in UNKNOWN and mrd >= 0.1
    if months < 18:
        return UNDER_18_POSITIVE if positive else UNDER_18_BELOW
    return TO_36_POSITIVE if positive else TO_36_BELOW


def test_every_combination_of_boundaries_has_the_class_of_the_definitions() -> None:
    sites = tuple(AALL1331.items["relapse_site"].choices or {})
    months = (0.0, 17.99, 18.0, 18.01, 35.99, 36.0, 36.01, 120.0)
    blasts = (0.0, 4.99, 5.0, 25.0, 25.01, "not done")
    clearance = ("not_involved", "cleared", "not_cleared", "not done")
    mrd = (0.0, 0.0099, 0.01, 0.0999, 0.1, 100.0, *UNKNOWN)
    grid = list(product(sites, months, blasts, clearance, mrd))

    found = derived(*(after_block_1(*patient) for patient in grid))

    risks = [risk_of(*patient) for patient in grid]
    assert found["risk_group"].to_list() == risks
    assert found["hr_ir_stratum"].to_list() == [
        stratum_of(risk, site, month, value)
        for risk, (site, month, _, _, value) in zip(risks, grid, strict=True)
    ]
    # (60) those without a group because of MRD, and nobody else, are listed
    listed = [
        patient
        for patient, one in zip(grid, found["late_relapse_without_mrd"].to_list(), strict=True)
        if one is True
    ]
    assert listed == [
        patient
        for patient, risk in zip(grid, risks, strict=True)
        if risk is None and patient[2] != "not done" and patient[3] != "not done"
    ]


def test_what_is_not_recorded_yet_assigns_nobody() -> None:
    """(62) Unknown is not false: with any of the five missing, later rules wait."""
    complete = after_block_1("marrow", 12, 1, "not_involved", 0.0)
    late = after_block_1("marrow", 40, 1, "not_involved", 0.0)
    without = [
        {**complete, name: None}
        for name in ("relapse_site", "diagnosed_on", "relapsed_on", BLASTS, "cns_cleared")
    ]

    found = derived(complete, *without, {**late, MRD: None}, {**complete, MRD: None}, dict(ELIGIBLE))

    assert found["risk_group"].to_list() == ["high", None, None, None, None, None, None, "high", None]
    assert found["hr_ir_stratum"].to_list() == [UNDER_18_BELOW, *[None] * 8]


def test_persistent_testicular_disease_is_no_part_of_the_risk_group() -> None:
    """(61)"""
    late = after_block_1("testicular", 40, 1, "not_involved", 0.0)

    found = derived(
        *({**late, **one} for one in ({"testicular_examination": "leukemia"}, LEFT_BY_BIOPSY, {}))
    )

    assert found["risk_group"].to_list() == ["low"] * 3
    assert found["testicular_persistent"].to_list() == [True, True, None]


LEFT_BY_BIOPSY = {"testicular_examination": "equivocal", "testicular_biopsy": True}


@pytest.mark.parametrize(
    ("examination", "biopsy", "persistent"),
    [  # (46) a biopsy is required where the examination is equivocal, and decides there
        ("leukemia", "not required", True),
        ("no_leukemia", "not required", False),
        ("not_involved", None, False),
        ("equivocal", False, False),
        ("equivocal", True, True),
        ("equivocal", None, None),
    ],
)
def test_testicular_disease(examination: str, biopsy: Any, persistent: bool | None) -> None:
    row = {**ELIGIBLE, "testicular_examination": examination, **value_or_reason("testicular_biopsy", biopsy)}

    assert derived(row)["testicular_persistent"].item() is persistent


@pytest.mark.parametrize(
    ("site", "months", "site_and_time", "relapse_type"),
    [  # (8, 26, 65)
        ("marrow", 17.99, "marrow_under_18", "early_marrow"),
        ("marrow_combined", 18, "marrow_from_18_to_36", "early_marrow"),
        ("marrow", 35.99, "marrow_from_18_to_36", "early_marrow"),
        ("marrow_combined", 36, "marrow_from_36", "late_marrow"),
        ("cns", 17.99, "extramedullary_under_18", "early_extramedullary"),
        ("testicular", 18, "extramedullary_from_18", "late_extramedullary"),
        ("cns_testicular", 36, "extramedullary_from_18", "late_extramedullary"),
    ],
)
def test_site_and_time(site: str, months: float, site_and_time: str, relapse_type: str) -> None:
    patient = derived({**ELIGIBLE, "relapse_site": site, **relapse_after(months)}).row(0, named=True)

    assert (patient["site_and_time"], patient["relapse_type"]) == (site_and_time, relapse_type)


@pytest.mark.parametrize(
    ("diagnosed_on", "relapsed_on", "months", "remission"),
    [  # (26, 65) calendar months; where the month has no such day, the first of the next completes it
        (date(2014, 3, 10), date(2015, 9, 9), 17, "under_18"),
        (date(2014, 3, 10), date(2015, 9, 10), 18, "from_18_to_36"),
        (date(2014, 3, 10), date(2017, 3, 9), 35, "from_18_to_36"),
        (date(2014, 3, 10), date(2017, 3, 10), 36, "from_36"),
        (date(2014, 8, 31), date(2016, 2, 29), 17, "under_18"),
        (date(2014, 8, 31), date(2016, 3, 1), 18, "from_18_to_36"),
        (date(2016, 2, 29), date(2019, 2, 28), 35, "from_18_to_36"),
        (date(2016, 2, 29), date(2019, 3, 1), 36, "from_36"),
        (date(2014, 3, 10), None, None, None),
    ],
)
def test_months_of_first_remission(
    diagnosed_on: date, relapsed_on: date | None, months: int | None, remission: str | None
) -> None:
    row = {**ELIGIBLE, "diagnosed_on": diagnosed_on, "relapsed_on": relapsed_on}
    patient = derived(row).row(0, named=True)

    assert (patient["first_remission"], patient["remission_class"]) == (months, remission)


# -- response -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mrd", "sensitivity", "risk_class", "status", "negative"),
    [  # (45, 50, 51)
        (0.0, "one_in_10000", "below_0_1", "negative", "negative"),
        (0.0099, "one_in_10000", "below_0_1", "negative", "negative"),
        (0.01, "one_in_10000", "below_0_1", "positive", "not_negative"),
        (0.0999, "one_in_10000", "below_0_1", "positive", "not_negative"),
        (0.1, "one_in_10000", "from_0_1", "positive", "not_negative"),
        (0.0, "one_in_1000", "below_0_1", "positive", "not_negative"),
        ("unsatisfactory", None, "unknown", "unknown", "not_negative"),
        ("not done", None, "unknown", "unknown", "not_negative"),
        (None, None, None, None, "not_negative"),
    ],
)
def test_mrd(
    mrd: Any, sensitivity: str | None, risk_class: str | None, status: str | None, negative: str
) -> None:
    row = dict(ELIGIBLE)
    for visit in ("end_of_block_1", "end_of_cycle_1", "end_of_cycle_2"):
        row |= {**value_or_reason(f"mrd_{visit}", mrd), f"mrd_sensitivity_{visit}": sensitivity}
    patient = derived(row).row(0, named=True)

    assert (patient["mrd_risk_class"], patient["mrd_status"]) == (risk_class, status)
    for name in ("mrd_negative_block_1", "mrd_negative_cycle_1", "mrd_negative_cycle_2"):
        assert patient[name] == negative


def test_marrow_response() -> None:
    """(54, 59) Remission is below 5%; 5 to 25% is neither remission nor failure."""
    blasts = (0, 4.99, 5, 25, 25.01, "not done")

    found = derived(*({**ELIGIBLE, **value_or_reason(BLASTS, one)} for one in blasts))

    assert found["marrow_response"].to_list() == ["remission"] * 2 + ["between"] * 2 + ["failure", None]


@pytest.mark.parametrize(
    ("mrd", "sensitivity", "level"),
    [  # (52) the printed classes >1%, 0.1-0.99%, <0.01% leave gaps; these do not
        (0.0, "one_in_10000", "below_0_01"),
        (0.0099, "one_in_10000", "below_0_01"),
        (0.0, "one_in_1000", "from_0_01"),  # (50) below 0.1% without the sensitivity to be negative
        (0.01, "one_in_10000", "from_0_01"),
        (0.0999, "one_in_10000", "from_0_01"),
        (0.1, "one_in_10000", "from_0_1"),
        (0.99, "one_in_10000", "from_0_1"),
        (0.995, "one_in_10000", "from_0_1"),
        (1.0, "one_in_10000", "from_1"),
        (96.7, "one_in_10000", "from_1"),
        ("died", None, "unknown"),
        ("treatment failure", None, "unknown"),
        (None, None, None),
    ],
)
def test_mrd_levels_have_no_gap(mrd: Any, sensitivity: str | None, level: str | None) -> None:
    row = dict(ELIGIBLE)
    for visit in ("end_of_block_1", "end_of_salvage_cycle_1"):
        row |= {**value_or_reason(f"mrd_{visit}", mrd), f"mrd_sensitivity_{visit}": sensitivity}
    patient = derived(row).row(0, named=True)

    assert (patient["mrd_level"], patient["mrd_level_salvage_1"]) == (level, level)


@pytest.mark.parametrize(
    ("blasts", "cns", "chosen", "other"),
    [  # (55) jama_2021 Methods: greater than 25%; Discussion: at least 25%
        (24.99, "not_involved", "low", "low"),
        (25, "not_involved", "low", "early_treatment_failure"),
        (25.01, "not_involved", "early_treatment_failure", "early_treatment_failure"),
        (1, "not_cleared", "early_treatment_failure", "early_treatment_failure"),
        (25, "not done", None, "early_treatment_failure"),
        ("not done", "not_involved", None, None),
    ],
)
def test_both_readings_of_25_percent(blasts: Any, cns: str, chosen: str | None, other: str | None) -> None:
    patient = derived(after_block_1("marrow", 40, blasts, cns, 0.0)).row(0, named=True)

    assert (patient["risk_group"], patient["risk_group_from_25"]) == (chosen, other)


def test_salvage_and_transplant() -> None:
    """(39, 54, 87, 90, 98) Remission is below 5%; negative needs the sensitivity; bridging is no transplant."""
    first, second = "end_of_salvage_cycle_1", "end_of_salvage_cycle_2"
    exact = {f"mrd_sensitivity_{first}": "one_in_10000", f"mrd_sensitivity_{second}": "one_in_10000"}
    patients: list[dict[str, object]] = [
        {f"marrow_blasts_{first}": 4.9, f"mrd_{first}": 0.0, **exact},
        {f"marrow_blasts_{first}": 4.9, f"mrd_{first}": 0.5, f"mrd_{second}": 0.001, **exact},
        {f"marrow_blasts_{first}": 5.0, f"marrow_blasts_{second}": 40.0, f"mrd_{first}": 5.2, **exact},
        {f"marrow_blasts_{first}": 1.0, f"mrd_{first}": 0.0, f"mrd_sensitivity_{first}": "one_in_1000"},
        {"hsct_on": date(2018, 6, 1), "before_hsct": "protocol"},
        {"hsct_on": date(2018, 6, 1), "before_hsct": "other", "bridging_started": True},
        {"bridging_started": True},
    ]
    found = derived(*({**ELIGIBLE, **one} for one in patients))

    assert found["salvage_remission"].to_list() == [True, True, False, True, None, None, None]
    assert found["mrd_negative_salvage_1"].to_list() == [True, False, False, False, None, None, None]
    assert found["mrd_negative_salvage_2"].to_list() == [None, True, None, None, None, None, None]
    # Before any transplant the therapy before it is unknown, but "not transplanted" is false all the same
    assert found["transplanted"].to_list() == [False, False, False, False, True, False, False]


# -- eligibility and baseline -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "eligible"),
    [
        ({}, True),
        ({"age": 0.99}, False),  # (3)
        ({"age": 1.0}, True),
        ({"age": 30.99}, True),
        ({"age": 31.0}, False),
        ({"age": None}, None),
        ({"first_relapse": False}, False),  # (4)
        ({"first_relapse": None}, None),
        ({"down_syndrome": True}, False),  # (5)
        ({"ph_positive": True}, False),  # (5, 7)
        ({"ph_positive": None}, None),
        ({"prior_hsct": True}, False),
        ({"prior_blinatumomab": True}, False),
        ({"insufficient_disease": True}, False),  # (6)
        ({"optic_nerve": True}, False),
        ({"creatinine_above_limit": True}, False),
        ({"creatinine_above_limit": None}, None),
        ({"ph_positive": None, "prior_hsct": True}, False),
    ],
)
def test_eligibility(changed: dict[str, object], eligible: bool | None) -> None:
    frame = derived({**ELIGIBLE, **changed})
    known, codes = columns.for_rules(AALL1331), columns.choices(AALL1331)
    criteria = [
        compile_rule(criterion.require, known, codes).evaluate(frame).item()
        for criterion in AALL1331.eligibility.values()
    ]

    assert frame["eligible"].item() is eligible
    assert all(one is True for one in criteria) is (eligible is True)
    assert (False in criteria) is (eligible is False)
    assert frame[f"{POPULATION}whole_cohort"].item() is (eligible is True)


@pytest.mark.parametrize(
    ("age", "jama", "cohort", "adverse_events", "group"),
    [  # (25)
        (0.99, None, None, None, "child"),
        (1.0, "from_1_to_9", "from_1_to_9", "from_1_to_9", "child"),
        (9.99, "from_1_to_9", "from_1_to_9", "from_1_to_9", "child"),
        (10.0, "from_10_to_12", "from_10_to_17", "from_10_to_18", "child"),
        (13.0, "from_13_to_17", "from_10_to_17", "from_10_to_18", "child"),
        (17.99, "from_13_to_17", "from_10_to_17", "from_10_to_18", "child"),
        (18.0, "from_18_to_20", "from_18_to_20", "from_10_to_18", "adolescent_young_adult"),
        (19.0, "from_18_to_20", "from_18_to_20", "from_19", "adolescent_young_adult"),
        (21.0, "from_21", "from_21", "from_19", "adolescent_young_adult"),
        (30.99, "from_21", "from_21", "from_19", "adolescent_young_adult"),
        (31.0, None, None, None, None),
    ],
)
def test_age_bands(
    age: float, jama: str | None, cohort: str | None, adverse_events: str | None, group: str | None
) -> None:
    patient = derived({**ELIGIBLE, "age": age}).row(0, named=True)

    assert patient["age_band"] == jama
    assert patient["age_band_cohort"] == cohort
    assert patient["age_band_adverse_events"] == adverse_events
    assert patient["age_group"] == group


@pytest.mark.parametrize(
    ("ethnicity", "race", "both"),
    [  # (20)
        ("hispanic", "white", "hispanic"),
        ("hispanic", "unknown or not reported", "hispanic"),
        ("hispanic", None, "hispanic"),
        ("not_hispanic", "white", "white"),
        ("not_hispanic", "black", "black"),
        ("not_hispanic", "asian", "asian"),
        ("not_hispanic", "multiple", "other"),
        ("not_hispanic", "pacific_islander", "other"),
        ("not_hispanic", "american_indian", "other"),
        ("not_hispanic", "unknown or not reported", "other_unknown"),
        ("unknown or not reported", "white", "other_unknown"),
        ("unknown or not reported", "unknown or not reported", "other_unknown"),
        ("not_hispanic", None, None),
        (None, "white", None),
    ],
)
def test_race_and_ethnicity(ethnicity: str | None, race: str | None, both: str | None) -> None:
    row = {**ELIGIBLE, **value_or_reason("ethnicity", ethnicity), **value_or_reason("race", race)}

    assert derived(row)["race_ethnicity"].item() == both


def test_obesity_and_cytogenetics() -> None:
    """(21, 23) Unknown stays outside the classes, and so outside the percentages (170)."""
    percentiles = (94.9, 95.0, "unknown")
    found = derived(*({**ELIGIBLE, **value_or_reason("bmi_percentile", one)} for one in percentiles))
    assert found["obesity"].to_list() == ["not_obese", "obese", None]

    codes = (*(AALL1331.items["cytogenetics"].choices or {}), "unknown")
    found = derived(*({**ELIGIBLE, **value_or_reason("cytogenetics", one)} for one in codes))
    assert found["cytogenetic_group"].to_list() == [
        "favorable",
        "favorable",
        "unfavorable",
        "unfavorable",
        "other",
        None,
    ]


# -- randomizations and populations -------------------------------------------------------------------------


def test_who_is_randomized_where() -> None:
    """(75, 76, 79) High and intermediate risk to A and B, low risk to C and D, failures nowhere."""
    high = after_block_1("marrow", 12, 1, "not_involved", 0.0)
    frame = derived(
        high,
        after_block_1("marrow", 40, 1, "not_involved", 1.0),
        after_block_1("marrow", 40, 1, "not_involved", 0.0),
        after_block_1("marrow", 12, 50, "not_involved", 1.0),
        after_block_1("marrow", 40, 1, "not_involved", "not done"),
        {**high, "ph_positive": True},
    )
    known = columns.for_rules(AALL1331) | dict(frame.schema)
    may = {
        name: compile_rule(one.when or "true", known, columns.choices(AALL1331)).evaluate(frame).to_list()
        for name, one in AALL1331.randomizations.items()
    }

    assert may == {
        "high_intermediate": [True, True, False, False, None, False],
        "low": [False, False, True, False, None, False],
    }
    arms = {name: one.arms for name, one in AALL1331.randomizations.items()}
    assert arms == {"high_intermediate": ("arm_a", "arm_b"), "low": ("arm_c", "arm_d")}
    assert AALL1331.randomizations["high_intermediate"].strata == ("hr_ir_stratum",)
    assert AALL1331.randomizations["low"].strata == "not stated"  # (71)
    assert len(AALL1331.factor_levels("hr_ir_stratum")) == 6  # (68)


HIGH = after_block_1("marrow", 12, 1, "not_involved", 0.0)
IN_A = {**HIGH, "randomization": "high_intermediate", "arm": "arm_a", "randomized_on": date(2018, 3, 1)}
IN_D = {
    **after_block_1("cns", 30, 1, "cleared", 0.0),
    "randomization": "low",
    "arm": "arm_d",
    "randomized_on": date(2018, 3, 1),
}
EARLY_MARROW = {"whole_cohort", "cohort_marrow", "marrow_under_18"}
RANDOMIZED = EARLY_MARROW | {"risk_assigned", "hr_ir_randomized"}
TREATED = RANDOMIZED | {"hr_ir_primary", "hr_ir_treated"}
LOW = {"whole_cohort", "risk_assigned", "cohort_extramedullary", "lr_randomized", "lr_extramedullary"}
FAILURE = EARLY_MARROW | {"early_failures", "early_failures_counted", "never_randomized"}
FAILED = after_block_1("marrow", 12, 50, "cleared", 9.0)


@pytest.mark.parametrize(
    ("patient", "populations"),
    [
        (IN_A, RANDOMIZED | {"hr_ir_primary"}),  # (138)
        ({**IN_A, "randomized_on": date(2019, 6, 29)}, RANDOMIZED | {"hr_ir_primary"}),
        ({**IN_A, "randomized_on": date(2019, 6, 30)}, RANDOMIZED | {"hr_ir_primary"}),
        ({**IN_A, "randomized_on": date(2019, 7, 1)}, RANDOMIZED),  # (85)
        ({**IN_A, "randomization_error": True}, RANDOMIZED),  # (81)
        ({**IN_A, "randomization_error": False}, RANDOMIZED | {"hr_ir_primary"}),
        ({**IN_A, "actual_arm": "arm_a"}, TREATED),  # (112, 140)
        ({**IN_A, "actual_arm": "arm_a", "cycle_2_started_on": date(2018, 4, 9)}, TREATED | {"hr_ir_cycle_2"}),
        ({**IN_A, "actual_arm": "arm_b"}, TREATED | {"blinatumomab_cycle_1"}),
        ({**IN_A, "actual_arm": "arm_b", "cycle_2_started_on": date(2018, 4, 9)},
         TREATED | {"hr_ir_cycle_2", "blinatumomab_cycle_1", "blinatumomab_cycle_2"}),
        ({**IN_A, "randomized_on": date(2019, 7, 1), "actual_arm": "arm_b"}, RANDOMIZED),  # (86)
        (IN_D, LOW),  # (145)
        ({**IN_D, "actual_arm": "arm_d"}, LOW),
        ({**IN_D, **relapse_after(40), "relapse_site": "marrow_combined"},
         {"whole_cohort", "risk_assigned", "cohort_marrow", "marrow_from_36", "lr_randomized", "lr_marrow"}),
        (HIGH, EARLY_MARROW | {"risk_assigned", "never_randomized"}),  # (16, 142, 194)
        (dict(ELIGIBLE), {"whole_cohort", "never_randomized"}),  # (62)
        ({**ELIGIBLE, "ph_positive": True}, set()),  # (7)
        (FAILED, FAILURE),  # (39)
        ({**FAILED, "death_during": "block_1"}, FAILURE - {"early_failures_counted"}),  # (63)
        ({**FAILED, "death_during": "other"}, FAILURE),
        ({**FAILED, "salvage_blinatumomab": True}, FAILURE | {"salvage"}),
        ({**FAILED, "salvage_blinatumomab": False}, FAILURE),  # (141)
    ],
)  # fmt: skip
def test_populations(patient: dict[str, object], populations: set[str]) -> None:
    row = derived(patient).row(0, named=True)

    assert {name for name in AALL1331.populations if row[POPULATION + name]} == populations


# -- the readings that were not chosen ----------------------------------------------------------------------

LATE = after_block_1("marrow", 40, 1, "not_involved", "not done")
EARLY = after_block_1("marrow", 10, 1, "not_involved", "indeterminate")
POSITIVE = "and mrd_risk_class = 'from_0_1'"


@pytest.mark.parametrize(
    ("changes", "patient", "column", "chosen", "other"),
    [
        (
            [(f"when: {BLASTS} > 25 or", f"when: {BLASTS} >= 25 or")],
            after_block_1("marrow", 40, 25, "not_involved", 0.0),
            "risk_group",
            "low",
            "early_treatment_failure",
        ),
        (
            [(f"and {MRD} >= 0.1\n", f"and ({MRD}_unavailable is not null or {MRD} >= 0.1)\n")],
            LATE,
            "risk_group",
            None,
            "intermediate",
        ),
        (
            [
                (f"and {MRD} >= 0.1\n", f"and {MRD}_unavailable is null and {MRD} >= 0.1\n"),
                (f"and {MRD} < 0.1\n", f"and ({MRD}_unavailable is not null or {MRD} < 0.1)\n"),
            ],
            LATE,
            "risk_group",
            None,
            "low",
        ),
        (
            [(POSITIVE, "and mrd_risk_class in ('from_0_1', 'unknown')")],
            EARLY,
            "hr_ir_stratum",
            UNDER_18_BELOW,
            UNDER_18_POSITIVE,
        ),
        (
            [(POSITIVE, f"and (mrd_risk_class = 'from_0_1' or coalesce({MRD}_unavailable = 'indeterminate', false))")],
            EARLY,
            "hr_ir_stratum",
            UNDER_18_BELOW,
            UNDER_18_POSITIVE,
        ),
        (
            [("randomized_on <= date", "randomized_on < date")],
            {**IN_A, "randomized_on": date(2019, 6, 30)},
            f"{POPULATION}hr_ir_primary",
            True,
            False,
        ),
        (
            [("age >= 1 and age < 31", "age >= 1 and age <= 30")],
            {**ELIGIBLE, "age": 30.5},
            f"{POPULATION}whole_cohort",
            True,
            False,
        ),
        (
            [(f"when: {BLASTS} > 25 or cns_cleared = 'not_cleared'",
              f"when: coalesce({BLASTS} > 25, false) or coalesce(cns_cleared = 'not_cleared', false)")],
            after_block_1("marrow", 10, "not done", "not_involved", 0.0),
            "risk_group",
            None,
            "high",
        ),
    ],
)  # fmt: skip
def test_the_other_reading_is_one_rule_away(
    changes: list[tuple[str, str]], patient: dict[str, object], column: str, chosen: object, other: object
) -> None:
    """decisions/0012: what was not chosen is a rule of the language too, and gives another answer."""
    assert derived(patient)[column].item() == chosen
    assert derived(patient, protocol=other_reading(FILE, changes))[column].item() == other


# -- treatment and path -------------------------------------------------------------------------------------


def test_courses() -> None:
    """Days of a course, rest after it, what is given: (29) to (37), (39)."""
    intrathecal = {"intrathecal": "intrathecal therapy"}
    reinduction = ("vincristine", "dexamethasone", "pegaspargase", "mitoxantrone")
    chemotherapy, blinatumomab = {"chemotherapy": "chemotherapy"}, {"blinatumomab": "blinatumomab"}
    unknown = "not stated"
    expected: dict[str, tuple[object, object, dict[str, str]]] = {
        # jama_2021 Methods, Eligibility and Reinduction: 4 weeks
        "block_1": (28, unknown, {drug: drug for drug in reinduction} | intrathecal),
        # jama_2021 Methods, Treatments and Evaluations: 4-week cycles; 28-day infusions separated by 7 days
        "chemotherapy_cycle_1": (28, unknown, chemotherapy | intrathecal),
        "chemotherapy_cycle_2": (28, unknown, chemotherapy | intrathecal),
        "blinatumomab_cycle_1": (28, 7, blinatumomab | intrathecal),
        "blinatumomab_cycle_2": (28, unknown, blinatumomab | intrathecal),
        "transplant": (unknown, unknown, {"transplant": "transplant"}),
        # jco_2023 abstract; haematologica_2025 Methods, Treatment and risk assignment
        "block_2": (unknown, unknown, chemotherapy | {"testicular_irradiation": "radiotherapy"}),
        "block_3": (unknown, unknown, chemotherapy),
        "blinatumomab_block": (28, unknown, blinatumomab),
        "continuation_1": (unknown, unknown, chemotherapy),
        "continuation_2": (unknown, unknown, chemotherapy),
        "maintenance": (
            unknown,
            unknown,
            chemotherapy
            | {"cranial_irradiation": "radiotherapy", "intensified_intrathecal": "intrathecal therapy"},
        ),
        "salvage_blinatumomab": (unknown, unknown, blinatumomab),
    }

    found = {
        name: (
            course.days,
            course.rest,
            {key: one.drug or one.procedure for key, one in course.treatments.items()},
        )
        for name, course in AALL1331.courses.items()
    }

    assert found == expected


def test_no_dose_but_those_printed() -> None:
    """(31) 15 µg/m2 a day in arm B, (36) 18 Gy: all that the reports print."""
    doses = {
        (name, key): (one.dose.amount, one.dose.unit)
        for name, course in AALL1331.courses.items()
        for key, one in course.treatments.items()
        if one.dose != "not stated"
    }
    infusions = {
        name: (one.infusion, one.days)
        for name, course in AALL1331.courses.items()
        for one in course.treatments.values()
        if one.infusion != "not stated" or one.days != "not stated"
    }

    assert doses == {
        ("blinatumomab_cycle_1", "blinatumomab"): (15, "µg/m2/day"),
        ("blinatumomab_cycle_2", "blinatumomab"): (15, "µg/m2/day"),
        ("maintenance", "cranial_irradiation"): (18, "Gy"),
    }
    days = Span(first=1, last=28)
    assert infusions == dict.fromkeys(("blinatumomab_cycle_1", "blinatumomab_cycle_2"), ("continuous", days))
    for cycle in ("blinatumomab_cycle_1", "blinatumomab_cycle_2"):
        assert "criteria" in AALL1331.courses[cycle].treatments["blinatumomab"].reduction  # (40)
    assert AALL1331.courses["transplant"].treatments["transplant"].prescribed is False  # (33)
    # jama_2021 Limitations; Methods, Treatments and Evaluations: on completion of randomized therapy
    assert "patients underwent transplant" in (
        AALL1331.courses["transplant"].treatments["transplant"].detail or ""
    )
    assert {name for name, one in AALL1331.drugs.items() if one.role == "investigational"} == {"blinatumomab"}
    # Chemotherapy is the control of arm A and given to both arms of low risk
    assert AALL1331.drugs["chemotherapy"].role == "not stated"


@pytest.mark.parametrize(
    ("course", "treatment", "patient", "given"),
    [
        ("block_2", "testicular_irradiation", {"testicular_examination": "leukemia"}, True),  # (37)
        ("block_2", "testicular_irradiation", {"testicular_examination": "no_leukemia"}, False),
        ("maintenance", "cranial_irradiation", {"cns_cleared": "cleared"}, True),  # (36)
        ("maintenance", "cranial_irradiation", {"cns_cleared": "not_cleared"}, True),
        ("maintenance", "cranial_irradiation", {"cns_cleared": "not_involved"}, False),
        ("maintenance", "intensified_intrathecal", {"cns_cleared": "cleared"}, True),
        ("maintenance", "intensified_intrathecal", {"cns_cleared": "not_involved"}, False),
    ],
)
def test_who_is_irradiated(course: str, treatment: str, patient: dict[str, object], given: bool) -> None:
    assert holds(AALL1331.courses[course].treatments[treatment].when, {**ELIGIBLE, **patient}) is given


def holds(rule: str | None, patient: dict[str, object]) -> bool | None:
    """What a rule of the protocol says of one patient."""
    frame = derived(patient)
    known = columns.for_rules(AALL1331) | dict(frame.schema)
    answer = compile_rule(rule or "true", known, columns.choices(AALL1331)).evaluate(frame).item()
    return None if answer is None else bool(answer)


def main_way(step: str) -> list[str]:
    """What is done from a step on: of branches, the one that takes all others; arms are not entered."""
    done = []
    while True:
        one = AALL1331.path[step]
        done.append(one.course or one.visit or one.consent or one.randomization or one.group or one.kind)
        if one.next is None:
            return done
        step = one.next if isinstance(one.next, str) else one.next[-1].to


LAST = ["follow_up", "end"]


@pytest.mark.parametrize(
    ("randomization", "arm", "way"),
    [
        # (30, 47) jama_2021 Methods, Treatments and Evaluations
        ("randomize_high_intermediate", "arm_a",
         ["chemotherapy_cycle_1", "end_of_cycle_1", "chemotherapy_cycle_2", "end_of_cycle_2", "transplant"]),
        # (31, 47)
        ("randomize_high_intermediate", "arm_b",
         ["blinatumomab_cycle_1", "end_of_cycle_1", "blinatumomab_cycle_2", "end_of_cycle_2", "transplant"]),
        # (34) jco_2023 abstract
        ("randomize_low", "arm_c", ["block_2", "block_3", "continuation_1", "continuation_2", "maintenance"]),
        # (35) blinatumomab in place of block 3, then intercalated: three blocks in all
        ("randomize_low", "arm_d",
         ["block_2", "blinatumomab_block", "continuation_1", "blinatumomab_block", "continuation_2",
          "blinatumomab_block", "maintenance"]),
    ],
)  # fmt: skip
def test_each_arm_in_its_order(randomization: str, arm: str, way: list[str]) -> None:
    assert main_way(AALL1331.path[randomization].arms[arm]) == [*way, *LAST]


def test_path_to_risk_assignment_and_salvage() -> None:
    """(14, 29, 39, 75) Two consents; block 1 for all; randomization after risk assignment and second consent."""
    start = next(iter(AALL1331.path))
    assert main_way(start)[:7] == [
        "enrollment", "eligibility", "block_1", "registration", "block_1", "end_of_block_1", "post_induction",
    ]  # fmt: skip
    assert [AALL1331.path[step].kind for step in ("consent_block_1", "block_1")] == ["consent", "course"]
    assert main_way("salvage") == [
        "salvage", "salvage_blinatumomab", "end_of_salvage_cycle_1", "salvage_blinatumomab", "end_of_salvage_cycle_2",
        *LAST,
    ]  # fmt: skip
    # (34) low risk is not transplanted
    ways = {name: {to for to, _ in step.ways()} for name, step in AALL1331.path.items()}
    assert {name for name, to in ways.items() if "transplant" in to} == {
        "end_of_salvage_cycle_1", "end_of_salvage_cycle_2",
        "end_of_cycle_1_arm_a", "end_of_cycle_2_arm_a", "end_of_cycle_1_arm_b", "end_of_cycle_2_arm_b",
    }  # fmt: skip
    # (16) refusal of the second consent leaves the patient in follow-up, of the first it ends
    assert AALL1331.path["consent_post_induction"].refused == "follow_up"
    assert AALL1331.path["consent_block_1"].refused == "not_enrolled"


@pytest.mark.parametrize(
    ("patient", "step"),
    [
        (after_block_1("marrow", 12, 1, "not_involved", 0.0), "randomize_high_intermediate"),  # (79)
        (after_block_1("marrow", 40, 1, "not_involved", 0.1), "randomize_high_intermediate"),
        (after_block_1("marrow", 40, 1, "not_involved", 0.0), "randomize_low"),
        (after_block_1("marrow", 40, 26, "cleared", 50.0), "salvage"),  # (39)
        (
            after_block_1("cns", 40, 1, "not_cleared", 0.0),
            "follow_up",
        ),  # no salvage with residual CNS leukemia
        (after_block_1("marrow", 40, 1, "not_involved", "not done"), None),  # (60)
        (after_block_1("cns", 40, 1, "cleared", "unsatisfactory"), None),
        (after_block_1("marrow", 12, "not done", "cleared", 0.0), None),
        (after_block_1("marrow", 12, 50, "not done", 0.0), None),  # whether CNS leukemia is left is not known
    ],
)
def test_where_risk_assignment_leads(patient: dict[str, object], step: str | None) -> None:
    at: str | None = "end_of_block_1"
    while at in ("end_of_block_1", "consent_post_induction"):
        branches = AALL1331.path[at].next
        assert isinstance(branches, tuple)
        verdicts = [(branch.to, holds(branch.when, patient)) for branch in branches]
        # Unknown never falls through: nobody passes a branch that is not known to be false
        first = next(((to, one) for to, one in verdicts if one is not False), (None, None))
        at = first[0] if first[1] else None

    assert at == step
    assert AALL1331.path["end_of_block_1"].undecided is not None


@pytest.mark.parametrize(
    ("steps", "printed"),
    [  # (83) jama_2021 Figure 1, box by box
        (["block_1"], {"died", "preference", "severe_adverse_event", "withdrew", "philadelphia"}),  # 32 excluded
        (["consent_post_induction"], {"preference", "severe_adverse_event", "died", "withdrew"}),  # 75 excluded
        (["randomize_high_intermediate"], {"preference", "died", "withdrew"}),  # before cycle 1, both arms
        (["cycle_1_arm_b", "end_of_cycle_1_arm_b"],
         {"preference", "late_treatment_failure", "direct_to_hsct", "relapse", "adverse_event"}),
        (["cycle_1_arm_a", "end_of_cycle_1_arm_a"],
         {"preference", "late_treatment_failure", "direct_to_hsct", "died", "relapse", "ineligible_for_hsct"}),
        (["end_of_cycle_2_arm_b"], {"preference", "relapse", "bridging_without_hsct"}),
        (["end_of_cycle_2_arm_a"],
         {"preference", "relapse", "bridging_without_hsct", "died", "adverse_event", "withdrew"}),
    ],
)  # fmt: skip
def test_reasons_for_leaving(steps: list[str], printed: set[str]) -> None:
    path = [AALL1331.path[step] for step in steps]
    found = {code for one in path for code in (*one.leave, *one.deviations)} - {"crossover"}
    # Of block 1 and of those not randomized, haematologica_2025 Results tells choices apart and adds reasons
    apart = (
        {"physician_choice", "refused", "ineligible", "other"}
        if path[0].kind in ("consent", "course")
        else set()
    )

    assert found - apart == printed
    # (84) who leaves for what is no event is followed on
    assert {one.leave_to for one in path} == {"follow_up"}


@pytest.mark.parametrize(
    ("step", "blasts", "chosen", "onward"),
    [  # (98) jama_2021 Methods, Outcomes: remission is below 5%; proceeding to transplant in remission
        ("end_of_salvage_cycle_1", 4.99, None, "transplant"),
        ("end_of_salvage_cycle_1", 4.99, False, "transplant"),
        # Methods, Treatments and Evaluations: up to 2 cycles; Results: in remission after 1, MRD-negative after 2
        ("end_of_salvage_cycle_1", 4.99, True, "salvage_cycle_2"),
        ("end_of_salvage_cycle_1", 5.0, None, "salvage_cycle_2"),
        ("end_of_salvage_cycle_2", 4.99, True, "transplant"),
        ("end_of_salvage_cycle_2", 5.0, True, "follow_up"),
    ],
)
def test_transplant_after_salvage_is_in_remission(
    step: str, blasts: float, chosen: bool | None, onward: str
) -> None:
    branches = AALL1331.path[step].next
    assert isinstance(branches, tuple)
    patient = {**FAILED, f"marrow_blasts_{step}": blasts, "second_salvage_cycle": chosen}
    # jama_2021 Results: who was transplanted had negative MRD; no rule says that it was required
    assert "whether negative MRD was required is not stated" in (AALL1331.path[step].detail or "")

    assert next(branch.to for branch in branches if holds(branch.when, patient)) == onward
    assert holds(branches[0].when, FAILED) is None  # marrow not examined: nobody passes
    # Why patients left salvage is not printed
    assert {AALL1331.path[name].leave for name in AALL1331.path if "salvage_cycle" in name} == {"not stated"}


def test_who_is_masked() -> None:
    """(78) jama_2021 Methods, Treatments and Evaluations: the central laboratory was blinded; no other word on it."""
    assert AALL1331.masking.startswith("Central MRD laboratory blinded to treatment group")
    assert AALL1331.masking.endswith("masking of others not stated")
    masking = {name: one.masking for name, one in AALL1331.randomizations.items()}
    assert masking == {
        "high_intermediate": "Central MRD laboratory masked to arm; masking of others not stated",
        "low": "not stated",
    }


def test_whoever_starts_is_followed() -> None:
    """(17, 84) Nobody who entered block 1 ends but through follow-up, which withdrawal ends."""
    steps = dict(AALL1331.path)
    started = list(steps)[list(steps).index("block_1") :]
    ending = {name for name in started if "end_of_trial" in {to for to, _ in steps[name].ways()}}

    assert ending == {"follow_up"}
    assert steps["follow_up"].leave == ("withdrew", "lost")
    # The dead and those who withdrew are not followed on: jama_2021 Figure 1 note a
    assert AALL1331.dispositions.final == ("died", "withdrew")
    # jama_2021 Figure 1 (therapy stopped, followed on) and Results (20 pursued other therapies)
    detail = steps["follow_up"].detail or ""
    assert "without protocol therapy; other therapy may be given" in detail
    assert not any("not_enrolled" in {to for to, _ in steps[name].ways()} for name in started)


def test_deviations() -> None:
    """(38, 41, 86) Other ways that patients took: jama_2021 Figure 1 notes e, f; jco_2023 Figure 1 notes d, e."""
    found = {
        (step, code): one.to for step, each in AALL1331.path.items() for code, one in each.deviations.items()
    }
    assert found == {
        ("end_of_cycle_1_arm_a", "direct_to_hsct"): "transplant",
        ("end_of_cycle_1_arm_b", "direct_to_hsct"): "transplant",
        ("cycle_1_arm_a", "crossover"): "cycle_1_arm_b",
        ("continuation_1_arm_d", "no_blinatumomab_2"): "continuation_2_arm_d",
        ("blinatumomab_1_arm_d", "maintenance_after_1"): "maintenance_arm_d",
        ("blinatumomab_2_arm_d", "maintenance_after_2"): "maintenance_arm_d",
    }
    # The notes only count these patients
    allowed = {code: one.allowed for each in AALL1331.path.values() for code, one in each.deviations.items()}
    assert set(allowed.values()) == {"not stated"}
    label = AALL1331.path["cycle_1_arm_a"].deviations["crossover"].label
    assert "how many cycles were given, is not stated" in label  # jama_2021 Results, Patients and Treatment
    crossover = AALL1331.path["cycle_1_arm_a"].deviations["crossover"].when
    assert holds(crossover, {**IN_A, "randomized_on": date(2019, 6, 30)}) is False
    assert holds(crossover, {**IN_A, "randomized_on": date(2019, 7, 1)}) is True


# -- oversight, consent, collection -------------------------------------------------------------------------


def test_oversight_and_consent() -> None:
    oversight = AALL1331.oversight
    boards = oversight.review
    assert isinstance(boards, tuple) and "Pediatric Central Institutional Review Board" in boards[0]  # (12)
    assert {one.approved_by for one in AALL1331.versions.values()} == {boards}
    assert {one.on for one in AALL1331.versions.values()} == {"not stated"}
    assert (oversight.sites, oversight.enrolled) == (155, 669)  # (13) jama_2021 abstract
    assert oversight.countries == ("United States", "Canada", "Australia", "New Zealand")
    assert tuple((AALL1331.items["country"].choices or {}).values()) == oversight.countries
    assert (oversight.opened, oversight.closed) == ("2014-12", "2019-09")
    assert "charter" in oversight.meetings and "safety and efficacy" in oversight.meetings  # (137)
    assert any("January 2014" in note and "December 2014" in note for note in AALL1331.notes)

    assert list(AALL1331.consents) == ["block_1", "post_induction"]  # (14)
    for consent in AALL1331.consents.values():
        assert consent.given_by == ("patient", "parent or guardian")
        assert "approval of blinatumomab" in consent.informs[0]  # (15)
        assert consent.versions == "not stated"
        assert consent.form == "written"  # jama_2021 Methods, Trial Oversight
    assert AALL1331.consents["block_1"].assent != "not stated"


def test_what_is_recorded_and_how() -> None:
    enrolled = {name for name, one in AALL1331.items.items() if one.collected == "baseline"}
    assert enrolled == {  # (13, 18)
        "country", "age", "age_at_diagnosis", "sex", "race", "ethnicity", "bmi_percentile", "nci_risk", "relapse_site",
        "diagnosed_on", "relapsed_on", "testicular_disease", "cns_status", "upfront_trial", "cytogenetics",
    }  # fmt: skip
    # (44, 46, 47) morphology and flow at each evaluation; lumbar puncture and examination after block 1
    for visit in (
        "end_of_block_1",
        "end_of_cycle_1",
        "end_of_cycle_2",
        "end_of_salvage_cycle_1",
        "end_of_salvage_cycle_2",
    ):
        assert AALL1331.items[f"marrow_blasts_{visit}"].assay == "morphology"
        assert AALL1331.items[f"mrd_{visit}"].assay == "flow_cytometry"
        assert AALL1331.items[f"mrd_{visit}"].detection_limit == 0.01
        assert {"unsatisfactory", "indeterminate", "not done", "died", "relapse"} <= {
            *AALL1331.items[f"mrd_{visit}"].unavailable
        }  # (51)
        assert list(AALL1331.items[f"mrd_sensitivity_{visit}"].choices or {}) == [
            "one_in_10000",
            "one_in_1000",
        ]
        assert {"Response", "MRD"} <= {*AALL1331.visits[visit].evaluates}
    assert AALL1331.items["cns_cleared"].assay == "lumbar_puncture"
    assert AALL1331.items["testicular_examination"].assay == "testicular_evaluation"
    assert AALL1331.assays["morphology"].laboratory == "local"
    flow = AALL1331.assays["flow_cytometry"]
    assert (flow.laboratory, flow.sensitivity, flow.masked) == ("central", 0.0001, True)  # (44, 48)
    assert len(flow.panels) == 2 and "CD19-independent" in flow.panels[1]  # (49)
    # jama_2021 Methods, Postreinduction Evaluation: marrow aspiration; Borowitz laboratory at Johns Hopkins Hospital
    assert (flow.specimen, AALL1331.assays["morphology"].specimen) == ("Bone marrow", "Bone marrow")
    assert flow.performed_by == "Borowitz laboratory, Johns Hopkins Hospital"
    for name in ("race", "ethnicity"):  # jama_2021 Methods, Race/Ethnicity
        assert "self-declared; the researcher at each enrolling site chose" in (
            AALL1331.items[name].source or ""
        )
    cd19 = AALL1331.items["cd19_at_reemergence"]
    assert (set(cd19.choices or {}), cd19.unavailable) == ({"negative", "positive"}, ("too few cells",))
    # (40, 86) dose reduction by cycle; crossover with date and arm received
    assert {"blinatumomab_reduced_end_of_cycle_1", "blinatumomab_reduced_end_of_cycle_2"} <= set(
        AALL1331.items
    )
    assert (AALL1331.items["crossover_on"].type, AALL1331.items["crossover_to"].choices) == (
        "date", {"arm_b": "Blinatumomab (arm B)"},
    )  # fmt: skip


def test_criteria_are_worded_as_in_the_source() -> None:
    """(5, 6) Inclusion: age and first relapse; everything else keeps a patient out."""
    wanted = {code for code, one in AALL1331.eligibility.items() if not one.exclusion}

    assert wanted == {"age", "first_relapse"}
    assert len(AALL1331.eligibility) == 9
    # jama_2021 Methods lists four; three are only reasons in Figure 1
    inferred = {
        code for code, one in AALL1331.eligibility.items() if (one.source or "").startswith("inferred from")
    }
    assert inferred == {"insufficient_disease", "optic_nerve", "creatinine"}
    assert "one patient excluded, >1.7 mg/dL" in AALL1331.eligibility["creatinine"].text  # jama_2021 Figure 1


def test_one_trial_with_separate_comparisons() -> None:
    """(1, 2) Two randomizations and a salvage group, each with its population, end points and release."""
    assert (AALL1331.registry, AALL1331.phase) == ("NCT02101853", "3")
    assert list(AALL1331.randomizations) == list(AALL1331.monitoring) == ["high_intermediate", "low"]
    assert list(AALL1331.groups) == ["salvage"]
    assert {arm: one.role for arm, one in AALL1331.arms.items()} == {
        "arm_a": "control", "arm_b": "experimental", "arm_c": "control", "arm_d": "experimental",
    }  # fmt: skip
    assert AALL1331.sponsor == "not stated"  # jama_2021 abstract: conducted by
    assert "conducted by the Children's Oncology Group" in (AALL1331.summary or "")
    # Block 1 is common: every way to a randomization or to salvage passes through it
    assert [name for name, step in AALL1331.path.items() if step.course == "block_1"] == ["block_1"]


def test_fixed_choices() -> None:
    choices = {name: list(one.choices or {}) for name, one in AALL1331.items.items()}
    sites = ["marrow", "marrow_combined", "cns", "testicular", "cns_testicular"]
    assert choices["relapse_site"] == sites  # (8)
    assert set(sites) < set(choices["second_relapse_site"])  # (100)
    assert choices["cns_status"] == ["cns1", "cns2", "cns3"]  # (22)
    # (19) jama_2021 Methods, Race/Ethnicity; haematologica_2025 Table 1 tells Asian and Pacific Islander apart
    assert choices["race"] == ["american_indian", "asian", "pacific_islander", "black", "white", "multiple"]
    assert choices["ethnicity"] == ["hispanic", "not_hispanic"]
    for name in ("race", "ethnicity"):
        assert AALL1331.items[name].unavailable == ("unknown or not reported",)
    # (23, 24)
    assert choices["cytogenetics"] == ["etv6_runx1", "double_triple_trisomy", "kmt2a", "hypodiploid", "other"]
    assert "4, 10 and 17" in (AALL1331.items["cytogenetics"].choices or {})["double_triple_trisomy"]


def test_deaths() -> None:
    """(103, 118, 123) Deaths of block 1 by cause, beside grade 5 adverse events; toxic deaths by arm and cycle."""
    assert list(AALL1331.items["cause_of_death"].choices or {}) == ["progression", "infection", "other"]
    assert AALL1331.items["cause_of_death"].unavailable == ("not specified",)
    table = AALL1331.tables["deaths"]
    assert (table.population, table.rows, table.columns) == ("whole_cohort", "cause_of_death", "death_during")
    toxic = AALL1331.tables["toxic_deaths"]
    assert (toxic.population, toxic.rows, toxic.columns) == ("hr_ir_treated", "toxic_death", "arm")
    died = [
        {
            "death_during": "cycle_1",
            "cause_of_death": "infection",
        },  # all 5 were infections (jama_2021 Results)
        {"death_during": "cycle_2", "cause_of_death": "other"},
        {"death_during": "cycle_1", "cause_of_death": "progression"},
        {"death_during": "other", "cause_of_death": "infection"},
        {"death_during": "cycle_1"},
        {},
    ]
    found = derived(*({**IN_A, **one} for one in died))["toxic_death"].to_list()
    assert found == ["cycle_1", "cycle_2", "none", "none", "none", "none"]
    response = AALL1331.proportions["died_in_block_1"].response
    assert holds(response, {**ELIGIBLE, "death_during": "block_1"}) is True
    assert holds(response, {**ELIGIBLE, "death_during": "cycle_1"}) is False


# -- plans --------------------------------------------------------------------------------------------------

DFS = ("late_treatment_failure", "relapse", "second_malignancy", "death")
EFS = ("early_treatment_failure", *DFS)


def test_end_points() -> None:
    assert {name: (one.origin, one.events) for name, one in AALL1331.endpoints.items()} == {
        "dfs": ("randomization", DFS),  # (92, 99)
        "os": ("randomization", ("death",)),  # (93)
        "efs": ("registration", EFS),  # (101)
        "os_enrollment": ("registration", ("death",)),
        "efs_end_of_block_1": ("end_of_block_1_on", EFS),  # haematologica_2025 Methods; Figure 4 C and D
        "os_end_of_block_1": ("end_of_block_1_on", ("death",)),
    }
    roles = {name: one.role for name, one in AALL1331.endpoints.items()}
    assert (roles.pop("dfs"), roles.pop("os")) == ("primary", "secondary")
    assert set(roles.values()) == {"post hoc"}  # haematologica_2025 Discussion
    # jama_2021 Methods, Outcomes: censored at the last follow-up date; haematologica_2025 does not say
    last = {name: one.censored_at for name, one in AALL1331.endpoints.items()}
    assert {name for name, one in last.items() if one == "last_follow_up"} == {"dfs", "os"}
    # Relapse after enrollment in first relapse; no evaluation of arms C and D is stated
    assert AALL1331.events["relapse"].label == "Relapse after enrollment (second relapse)"
    assert "no evaluation of arms C and D is stated" in (AALL1331.endpoints["dfs"].definition or "")
    # jama_2021 Methods, Statistical Analysis: secondary end points are to be interpreted as exploratory
    assert "exploratory" in (AALL1331.endpoints["os"].definition or "")


@pytest.mark.parametrize(
    ("event", "patient", "established"),
    [
        # (95) at least 5% marrow blasts after the first course of randomized therapy
        ("late_treatment_failure", {"marrow_blasts_end_of_cycle_1": 5.0}, True),
        ("late_treatment_failure", {"marrow_blasts_end_of_cycle_1": 4.99}, False),
        ("late_treatment_failure", {}, None),
        # (102)
        ("early_treatment_failure", FAILED, True),
        ("early_treatment_failure", HIGH, False),
    ],
)
def test_events_at_evaluations(event: str, patient: dict[str, object], established: bool | None) -> None:
    assert holds(AALL1331.events[event].when, {**ELIGIBLE, **patient}) is established


def test_where_events_are_established() -> None:
    """(95, 102) Failures at the evaluations; relapse, second malignancy and death on any day."""
    assert {name: one.visit for name, one in AALL1331.events.items()} == {
        "early_treatment_failure": "end_of_block_1",
        "late_treatment_failure": "end_of_cycle_1",
        "relapse": None,
        "second_malignancy": None,
        "death": None,
    }
    # Failure after block 1 falls on the origin of survival from its end: one visit records both
    assert AALL1331.items["end_of_block_1_on"].collected == AALL1331.events["early_treatment_failure"].visit


def test_randomized_analyses() -> None:
    for name in ("dfs_hr_ir", "os_hr_ir"):
        plan = AALL1331.analyses[name]
        assert plan.log_rank is not None and plan.cox is not None
        assert plan.log_rank.sided == 1  # (148)
        assert plan.threshold == 0.025  # (135, 148)
        assert plan.log_rank.strata == plan.cox.strata == ("hr_ir_stratum",)  # (72)
        assert plan.cox.ties == "breslow"  # (149)
        assert plan.diagnostics == ("log-log plot", "scaled Schoenfeld residuals")  # (150)
        assert (plan.population, plan.cutoff) == ("hr_ir_primary", "final")  # (138)
        assert plan.kaplan_meier.times == (2.0,)
        assert plan.subgroups == ("risk_group", "age_group")  # (172, 173)
    for name in ("dfs_lr", "os_lr"):
        plan = AALL1331.analyses[name]
        assert plan.log_rank is not None and plan.log_rank.sided == 1  # (158)
        assert plan.kaplan_meier.times == (4.0,)  # (159)
        assert plan.subgroups == ("relapse_site_group", "relapse_site")  # (174)
        for population in ("lr_marrow", "lr_extramedullary"):  # (145) jco_2023 Figure 2 C to F
            assert AALL1331.analyses[f"{name}_{population[3:]}"].population == population
    forest = AALL1331.analyses["dfs_lr_marrow_cox"].cox  # (160)
    assert forest is not None and {"first_remission", "mrd_status"} <= set(forest.covariates)


def test_cutoffs() -> None:
    assert {name: one.on for name, one in AALL1331.cutoffs.items()} == {
        "interim": date(2019, 6, 30),  # (132)
        "final": date(2020, 9, 30),  # (138)
        "whole_cohort": date(2023, 3, 31),  # (142)
    }


def test_whole_cohort_analyses() -> None:
    """(142, 146, 162, 163, 175) haematologica_2025: one group, by levels, and multivariable; nobody compared by arm."""
    whole = {name: one for name, one in AALL1331.analyses.items() if one.cutoff == "whole_cohort"}

    assert {(one.endpoint, one.population, one.by) for one in whole.values()} == {
        (end_point, population, by)
        for end_points, population, by in [
            (("efs", "os_enrollment"), "whole_cohort", None),  # Figure 3
            (("efs", "os_enrollment"), "whole_cohort", "relapse_type"),  # Figure 4 A, B
            (("efs", "os_enrollment"), "whole_cohort", "site_and_time"),
            (
                ("efs_end_of_block_1", "os_end_of_block_1"),
                "whole_cohort",
                "risk_and_randomization",
            ),  # Figure 4 C, D
            (("efs", "os_enrollment"), "whole_cohort", "cns_status"),  # Results, by CNS status
            (("efs", "os_enrollment"), "cohort_marrow", "cns_status"),
            (("efs_end_of_block_1", "os_end_of_block_1"), "marrow_under_18", "mrd_level"),  # Figure 5
            (("efs_end_of_block_1", "os_end_of_block_1"), "marrow_from_18_to_36", "mrd_level"),
            (("efs_end_of_block_1", "os_end_of_block_1"), "marrow_from_36", "mrd_level"),
            (("efs", "os_enrollment"), "cohort_marrow", None),  # multivariable
            (("efs", "os_enrollment"), "cohort_extramedullary", None),
        ]
        for end_point in end_points
    }
    for name in ("efs_cohort", "os_cohort"):
        assert whole[name].kaplan_meier.times == (3.0, 4.0, 6.0)
        assert whole[name].log_rank is None and whole[name].cox is None
    for plan in whole.values():
        assert plan.comparisons == ()
        assert plan.log_rank is None or plan.log_rank.sided == 2
    for name in ("efs_marrow_multivariable", "os_extramedullary_multivariable"):
        cox = whole[name].cox
        assert cox is not None and cox.selection is not None
        assert (cox.selection.direction, cox.selection.stay) == ("backward", 0.15)
        assert {"age_band_cohort", "sex", "race_ethnicity", "obesity", "cytogenetics"} <= set(cox.covariates)


@pytest.mark.parametrize(
    ("patient", "level"),
    [  # (175) haematologica_2025 Figure 4 C and D
        ({**HIGH}, "high_not_randomized"),
        ({**IN_A}, "high_randomized"),
        ({**IN_D}, "low_randomized"),
        (after_block_1("marrow", 40, 1, "not_involved", 0.0), "low_not_randomized"),
        (after_block_1("marrow", 40, 1, "not_involved", 0.1), "intermediate_not_randomized"),
        (FAILED, "early_treatment_failure"),
        (dict(ELIGIBLE), "not_assigned"),
        (after_block_1("marrow", 40, 1, "not_involved", "died"), "not_assigned"),
    ],
)
def test_risk_group_and_randomization(patient: dict[str, object], level: str) -> None:
    assert derived(patient)["risk_and_randomization"].item() == level


def test_monitoring() -> None:
    plan = AALL1331.monitoring["high_intermediate"]
    # (127, 128) jama_2021 Methods, Statistical Analysis; Results, Early Closure of Randomization (131 events)
    assert (plan.endpoint, plan.analysis, plan.alpha, plan.sided, plan.power) == (
        "dfs",
        "dfs_hr_ir",
        0.025,
        1,
        0.85,
    )
    assert (plan.hazard_ratio, plan.subjects, plan.events, plan.analyses) == (0.58, 220, 131, 3)
    assert plan.looks == "not stated"
    assert plan.expected != "not stated"
    assert (plan.expected.at, plan.expected.control, plan.expected.experimental) == (2, 0.45, 0.63)
    # Proportional hazards: .63 = .45 ** .58, to two digits
    assert round(log(plan.expected.experimental) / log(plan.expected.control), 2) == plan.hazard_ratio
    assert plan.efficacy != "not stated" and plan.futility != "not stated"
    assert (plan.efficacy.spending, plan.efficacy.information) == ("obrien_fleming", "observed")  # (129)
    assert (plan.futility.rule, plan.futility.level) == ("alternative_rejected", 0.024)  # (130)
    assert "adverse events" in plan.safety and "disease-free survival" in plan.safety  # (131) Discussion
    # (133) jama_2021 Results reports what was weighed once, and no plan to weigh it: it stands with the look held
    assert plan.considers == ()
    # Limitations: is underpowered; Discussion: it is possible; abstract: possible underpowering
    detail = plan.detail or ""
    assert (
        "is, by the Limitations of jama_2021, or may be, by its abstract and Discussion, underpowered"
        in detail
    )
    assert "about 40%" in (plan.rationale or "")  # jama_2021 Methods, Statistical Analysis
    assert plan.cutoffs == ("interim", "final")  # (132)
    low = AALL1331.monitoring["low"]
    # (134) jama_2021 Methods, Postreinduction Evaluation; of its own results the report says nothing
    assert "Not released by the data and safety monitoring committee" in low.release
    assert plan.release == "not stated"
    assert {low.alpha, low.power, low.hazard_ratio, low.subjects, low.events, low.efficacy} == {"not stated"}


def test_the_interim_look_that_was_held() -> None:
    """(132, 133) jama_2021 Results, Early Closure of Randomization; abstract; Discussion."""
    plan = AALL1331.monitoring["high_intermediate"]
    [look] = plan.held

    assert (look.cutoff, look.held, look.events, look.critical_p) == ("interim", "2019-09", 80, 0.004)
    assert AALL1331.cutoffs[look.cutoff or ""].on == date(2019, 6, 30)
    assert plan.events != "not stated"
    assert round(80 / plan.events, 2) == 0.61  # printed: 61%
    decision = str(look.decision)
    assert "P = .06" in decision and "was not met" in decision
    assert "not the crossing of a boundary" in decision
    for reason in ("disease-free and overall survival", "serious toxicity", "MRD clearance", "equipoise"):
        assert reason in decision
    assert "whether this was provided for is not stated" in decision
    # Methods: 2 interim analyses; Results tells of one
    assert (
        "Which of the two interim analyses this was, and whether another was held, is not stated" in decision
    )


def test_background_and_rationale() -> None:
    """jama_2021 Introduction; haematologica_2025 Introduction, Discussion; jco_2023 abstract (Purpose)."""
    said = {one.text: one.source or "" for one in AALL1331.background}

    def source_of(*words: str) -> str:
        [source] = [source for text, source in said.items() if all(word in text for word in words)]
        return source

    assert source_of("25 to 50% at 5 years") == "jama_2021 Introduction"
    assert source_of("about 50 to", "at least 0.1%") == "jama_2021 Introduction"
    assert source_of("below 0.1%", "without transplant") == "jama_2021 Introduction"
    assert source_of("do not reach transplant", "adverse events") == "jama_2021 Introduction"
    assert source_of("Food and Drug Administration", "confirmatory trials") == "jama_2021 Introduction"
    assert source_of("35 to 60%") == "haematologica_2025 Introduction"
    assert source_of("low-risk first relapse") == "jco_2023 abstract"
    assert source_of("UKALLR3").startswith("haematologica_2025 Discussion")
    # jama_2021 Methods, Postreinduction Evaluation and Risk Assignment
    assert "similar survival" in (AALL1331.randomizations["high_intermediate"].rationale or "")


def test_what_holds_for_every_analysis() -> None:
    """jama_2021 Methods, Statistical Analysis, and Limitations; haematologica_2025 Methods and reference 25."""
    plan = AALL1331.statistics
    assert "Stata 15.1" in plan.software and "release 18" in plan.software
    assert plan.multiplicity.startswith("No adjustment for multiple comparisons was planned")
    assert "interpreted as exploratory" in plan.multiplicity
    assert "censored at the last follow-up" in plan.missing
    said = " ".join(one.text for one in plan.statements)
    for words in (
        "Greenwood",
        "one-sided P of .025",
        "two-sided P of .05",
        "scaled Schoenfeld residuals",
        "all P values",
        "Reading: the diagnostics are log-log plots",  # jama_2021: graphical diagnostics
        "here they are unstratified",  # jco_2023 Figure 2: stratified, levels not printed
        "within high and within intermediate risk",  # jama_2021 Results, Subgroup Outcomes
        "with the absolute difference and its 95% confidence interval. Odds ratios and P values are not given",  # Table 2
    ):
        assert words in said
    assert all(any(name in (one.source or "") for name in AALL1331.sources) for one in plan.statements)
    # Two-sided: jama_2021 of categorical variables, haematologica_2025 of everything
    tested = {name for name, one in AALL1331.proportions.items() if one.test not in (None, "not stated")}
    assert {name for name, one in AALL1331.proportions.items() if one.sided == 2} == tested
    assert len(tested) == 5


def test_differences_between_and_within_the_reports_are_said() -> None:
    def note(*words: str) -> str:
        [found] = [one for one in AALL1331.notes if all(word in one for word in words)]
        return found

    # jama_2021 Figure 1; haematologica_2025 Results
    assert "16 in the box" in note("deaths of block 1", "24 in")
    assert "586 with a risk group and 42 failures" in note("630 completed it")
    # jama_2021 Results, early treatment failure; haematologica_2025 Results
    assert "3 of 22" in note("transplants after salvage", "1 of 42", "4 others within 6 months")
    # jama_2021 Results, Patients and Treatment; Figure 1
    assert "107 and 109" in note("214 randomized patients", "216")
    # jama_2021 Methods; Table 1 note b, Table 2 note d
    assert "aspirated marrow" in note("blood specimens", "polymerase chain reaction or flow cytometry")
    # jama_2021 Figure 1 against its abstract and haematologica_2025 Results; jama_2021 against haematologica_2025 Methods
    assert "call them enrolled" in note("669 patients") and "662 entered block 1" in note("669 patients")
    assert "or adapted from it" in note("mitoxantrone group of UKALLR3")
    readings = [one for one in AALL1331.notes if one.startswith("Reading: ")]
    for words in (
        "with such as", "inferred from the reasons", "strategies of the estimands", "information observed",
        "remission leads to transplant", "telling the two apart", "after includes", "graphical diagnostics",
        "by age group", "recorded as 0", "completed calendar months", "one aim", "end of either cycle", "toxic death",
        "ineligible in block 1", "inferred from its caption",
    ):  # fmt: skip
        assert [one for one in readings if words in one], words


def test_abbreviations_are_spelled_out() -> None:
    """jama_2021 Introduction and Methods (MRD, CNS, Common Terminology Criteria); haematologica_2025 Table 1 (NCI)."""
    [said] = [one for one in AALL1331.notes if one.startswith("Abbreviations: ")]
    for words in ("MRD, minimal residual disease", "NCI, National Cancer Institute", "CNS, central nervous system",
                  "CTCAE, Common Terminology Criteria for Adverse Events", "CNS1, CNS2 and CNS3"):  # fmt: skip
        assert words in said
    assert "(CNS)" in AALL1331.items["cns_status"].label and "(NCI)" in AALL1331.items["nci_risk"].label
    assert "(MRD)" in AALL1331.assays["flow_cytometry"].label
    # Two survivals without event: no abbreviation stands for one of them alone
    short = {name: one.short for name, one in AALL1331.endpoints.items()}
    assert (short["efs"], short["efs_end_of_block_1"]) == ("EFS (enrollment)", "EFS (end of block 1)")
    assert len(set(short.values())) == len(short)


def test_no_definition_of_a_population_counts_its_patients() -> None:
    """Outcomes are no design: numbers of patients stand with the source."""
    for name, one in AALL1331.populations.items():
        assert "patients)" not in (one.definition or "") and "(1" not in (one.definition or ""), name
    sources = {name: one.source or "" for name, one in AALL1331.populations.items()}
    assert "(102 and 97 patients)" in sources["hr_ir_treated"]  # jama_2021 Table 3
    assert "(190 patients)" in sources["never_randomized"]  # haematologica_2025 abstract


def test_estimands() -> None:
    primary = AALL1331.estimands["dfs_high_intermediate"]
    assert (primary.variable, primary.analysis, primary.role) == ("dfs", "dfs_hr_ir", "primary")
    assert primary.intercurrent_events != "not stated"
    strategies = {name: one.strategy for name, one in primary.intercurrent_events.items()}
    assert strategies == {
        "therapy_stopped": "treatment policy",  # (84) jama_2021 Figure 1, note: followed for events
        "failure_relapse_death": "composite variable",  # (92)
        "closure": "not stated",
    }
    mrd = AALL1331.estimands["mrd_high_intermediate"].intercurrent_events
    assert mrd != "not stated"
    assert mrd["no_data"].strategy == "composite variable"  # (50) jama_2021 Table 2 note e: not negative
    roles = {name: one.role for name, one in AALL1331.estimands.items()}
    assert roles["dfs_low"] == "primary" and roles["os_low"] == "secondary"  # (99)
    # jama_2021 Methods, Outcomes: MRD after each course; three rates after salvage. One variable each.
    assert {one.variable for one in AALL1331.estimands.values() if one.role == "exploratory"} == {
        "mrd_negative_cycle_1", "mrd_negative_cycle_2",
        "salvage_complete_remission", "salvage_mrd_negative", "salvage_transplant",
    }  # fmt: skip


def test_proportions_and_tables() -> None:
    for name in (
        "mrd_negative_reinduction",
        "mrd_negative_cycle_1",
        "mrd_negative_cycle_2",
        "proceeded_to_transplant",
    ):
        plan = AALL1331.proportions[name]  # (96, 97, 139)
        # jama_2021 Methods, Outcomes: MRD is exploratory, proceeding to transplant post hoc
        role = "post hoc" if name == "proceeded_to_transplant" else "exploratory"
        assert (plan.population, plan.role) == ("hr_ir_primary", role)
        assert [(one.experimental, one.control) for one in plan.comparisons] == [("arm_b", "arm_a")]
        assert plan.test == "chi-squared or fisher" and plan.threshold == 0.05  # (151)
        assert (plan.difference, plan.odds_ratio) == ("wald", "exact")  # (152, 153)
    for name in ("salvage_complete_remission", "salvage_mrd_negative", "salvage_transplant"):
        assert AALL1331.proportions[name].population == "salvage"  # (98)
        assert AALL1331.proportions[name].role == "exploratory"  # jama_2021 Methods, Outcomes
    # What the reports only count is no end point of the trial
    assert {name for name, one in AALL1331.proportions.items() if one.role == "descriptive"} == {
        "bridging_without_transplant", "left_before_2_years", "dose_reduced_cycle_1", "dose_reduced_cycle_2",
        "remission_block_1", "late_relapse_without_mrd", "died_in_block_1", "risk_assigned", "randomized",
    }  # fmt: skip
    assert AALL1331.proportions["mrd_positive_block_1"].role == "post hoc"  # haematologica_2025 Discussion
    assert AALL1331.proportions["mrd_positive_block_1"].covariates  # (161) logistic regression
    sites = [
        (one.population, one.rows, one.columns, one.by)
        for name, one in AALL1331.tables.items()
        if name.startswith("relapse_sites")
    ]
    assert sites == [  # (100) jco_2023 Figure 4
        ("lr_marrow", "relapse_site", "second_relapse_site", "arm"),
        ("lr_extramedullary", "relapse_site", "second_relapse_site", "arm"),
    ]
    # jama_2021 Results, Subgroup Outcomes: MRD and rates of transplant for high and intermediate risk
    within = {
        one.rows: (one.population, one.columns) for one in AALL1331.tables.values() if one.by == "risk_group"
    }
    assert within == dict.fromkeys(
        ("mrd_negative_block_1", "mrd_negative_cycle_1", "mrd_negative_cycle_2", "transplant_class"),
        ("hr_ir_primary", "arm"),
    )
    proceeding = [{"hsct_on": date(2018, 6, 1), "before_hsct": "protocol"},
                  {"hsct_on": date(2018, 6, 1), "before_hsct": "other"}, {}]  # fmt: skip
    assert derived(*({**IN_A, **one} for one in proceeding))["transplant_class"].to_list() == [
        "transplanted", "not_transplanted", "not_transplanted",
    ]  # fmt: skip
    cd19 = AALL1331.tables["cd19"]
    assert (cd19.rows, cd19.columns) == ("cd19_at_reemergence", "arm")  # (49)


@pytest.mark.parametrize(
    ("patient", "counted"),
    [  # (88) 6 of 208 withdrew or were lost with less than 2 years of follow-up
        ({"follow_up_ended": "withdrew", "last_known_alive": date(2020, 2, 28)}, True),
        ({"follow_up_ended": "lost", "last_known_alive": date(2020, 3, 1)}, False),
        ({"follow_up_ended": None, "last_known_alive": date(2019, 3, 1)}, None),
        ({"follow_up_ended": "completed", "last_known_alive": date(2019, 3, 1)}, False),
    ],
)
def test_left_before_two_years(patient: dict[str, object], counted: bool | None) -> None:
    assert holds(AALL1331.proportions["left_before_2_years"].response, {**IN_A, **patient}) is counted


def test_baseline_tables() -> None:
    randomized, by_age, cohort = AALL1331.baselines.values()
    assert (randomized.population, randomized.by, randomized.overall) == ("hr_ir_primary", "arm", False)
    assert by_age.by == "age_group"  # (173)
    assert (cohort.population, cohort.by, cohort.overall) == ("whole_cohort", "relapse_type", True)
    assert {randomized.decimals, cohort.decimals} == {1}  # (171)
    of_all = {one.item for table in (randomized, cohort) for one in table.items if one.percent_of == "all"}
    assert {"race_ethnicity", "site_and_time"} <= of_all  # (170)
    assert not {"race", "ethnicity", "obesity", "nci_risk", "cytogenetics", "cytogenetic_group"} & of_all


@pytest.mark.parametrize(
    ("category", "term", "kinds"),
    [
        # (116) jama_2021 Table 3 note c; (120) haematologica_2025 Table 2 and its note
        ("Infections and infestations", "Catheter related infection",
         {"infection", "infections_total", "infections_and_infestations"}),
        ("Infections and infestations", "Lung infection", {"infection", "infections_total", "infections_and_infestations"}),
        ("Infections and infestations", "Skin infection", {"infection", "infections_total", "infections_and_infestations"}),
        ("Infections and infestations", "Upper respiratory infection",
         {"infection", "infections_total", "infections_and_infestations"}),
        ("Infections and infestations", "Urinary tract infection",
         {"infection", "infections_total", "infections_and_infestations"}),
        ("Infections and infestations", "Sepsis", {"sepsis", "infections_total", "infections_and_infestations"}),
        ("Infections and infestations", "Bone infection", {"infections_total", "infections_and_infestations"}),
        ("Blood and lymphatic system disorders", "Febrile neutropenia", {"febrile_neutropenia", "infections_total"}),
        # (121) haematologica_2025 Results
        ("Gastrointestinal disorders", "Mucositis oral", {"mucositis", "gastrointestinal_toxicity"}),
        ("Hepatobiliary disorders", "Hepatic failure", {"gastrointestinal_toxicity"}),
        ("Hepatobiliary disorders", "Portal hypertension", {"gastrointestinal_toxicity"}),
        # (117) jama_2021 Methods, Outcomes: seizures apart from encephalopathic events
        ("Nervous system disorders", "Seizure", {"seizure", "neurotoxicity"}),
        ("Nervous system disorders", "Cognitive disturbance", {"encephalopathy", "neurotoxicity"}),
        ("Immune system disorders", "Cytokine release syndrome", {"cytokine_release_syndrome"}),
        ("Investigations", "Blood bilirubin increased", {"hyperbilirubinemia"}),
        ("General disorders", "Fever", set()),
    ],
)  # fmt: skip
def test_kinds_of_adverse_events(category: str, term: str, kinds: set[str]) -> None:
    plan = AALL1331.adverse_events
    assert plan is not None
    event = pl.DataFrame({"category": [category], "term": [term]})

    found = {
        name
        for name, kind in plan.special_interest.items()
        if compile_rule(kind.where, columns.ADVERSE_EVENT, {}).evaluate(event).item()
    }

    assert found == kinds


def test_adverse_event_plan() -> None:
    plan = AALL1331.adverse_events
    assert plan is not None
    assert (plan.grading, plan.severe_from, plan.grades["5"]) == ("CTCAE 4.0", 3, "Death")  # (111)
    assert plan.graded_by == "The treating physician"  # jama_2021 Table 3 note a
    kinds: dict[str, set[str]] = {}
    for name, each in plan.special_interest.items():
        kinds.setdefault(each.kind, set()).add(name)
    # (115) jama_2021 Table 3 note b: these 4; (117) Methods, Outcomes: select blinatumomab-related
    assert kinds["special interest"] == {"infection", "febrile_neutropenia", "mucositis", "sepsis"}
    neurotoxicity = {"neurotoxicity", "seizure", "encephalopathy"}  # subclassified into the two
    assert kinds["of the treatment"] == {"cytokine_release_syndrome"} | neurotoxicity
    assert kinds["composite"] == {
        "infections_total", "infections_and_infestations", "gastrointestinal_toxicity",
        "hyperglycemia", "hyperbilirubinemia", "hypoalbuminemia",
    }  # fmt: skip
    assert {name: (one.courses, one.population) for name, one in plan.periods.items()} == {  # (112)
        "block_1": (("block_1",), "whole_cohort"),
        "cycle_1": (("chemotherapy_cycle_1", "blinatumomab_cycle_1"), "hr_ir_treated"),
        "cycle_2": (("chemotherapy_cycle_2", "blinatumomab_cycle_2"), "hr_ir_cycle_2"),
    }
    only_b = {name for name, kind in plan.special_interest.items() if kind.arms == ("arm_b",)}
    assert only_b == kinds["of the treatment"]  # (117)
    monitored = plan.tables[
        "blinatumomab_related"
    ]  # jama_2021 Methods, Outcomes: in blinatumomab cycles 1 and 2
    assert (set(monitored.kinds), monitored.periods) == (only_b, ("cycle_1", "cycle_2"))
    # No report says what treatment-emergent is, nor does jama_2021 explain grades 1 and 2
    assert "language's default" in (plan.source or "") and "words for grades 1 and 2" in (plan.source or "")
    assert plan.tables["by_cycle"].periods == ("cycle_1", "cycle_2")  # (113)
    cumulative = plan.tables["both_cycles"]
    assert (cumulative.minimum_percent, cumulative.per, cumulative.periods) == (25, "subject", ())  # (114)
    assert "higher than 25%" in cumulative.label
    # No share of those treated (jama_2021 Table 3) is 25%: higher than it and at least it are the same here
    assert not [n for n in (102, 97) if n % 4 == 0]
    assert plan.tables["block_1"].minimum_percent == 5  # (119)
    bands = {one.by for name, one in plan.tables.items() if name.startswith("block_1_by")}
    assert bands == {"age_band_adverse_events", "relapse_site_group", "relapse_type", "sex"}  # (122)
    assert all(one.test for name, one in plan.tables.items() if name.startswith("block_1_by"))
    assert plan.expedited != "not stated"  # (126)


def test_everything_has_its_source() -> None:
    blocks = (
        "versions", "visits", "assays", "items", "derived", "eligibility", "consents", "drugs", "courses", "arms", "groups",
        "randomizations", "path", "events", "endpoints", "estimands", "monitoring", "populations", "cutoffs", "baselines",
        "analyses", "proportions", "tables",
    )  # fmt: skip
    without = [
        f"{block}.{name}"
        for block in blocks
        for name, one in getattr(AALL1331, block).items()
        if not any(source in (one.source or "") for source in AALL1331.sources)
    ]

    # The end needs none; eligible is the criteria, each of which has its own
    assert set(without) <= {"path.end_of_trial", "derived.eligible"}


def test_who_is_left_undecided_is_said() -> None:
    said = {name for name, one in AALL1331.derived.items() if one.undecided}
    steps = {name for name, one in AALL1331.path.items() if one.undecided}

    assert said == {
        "obesity", "cytogenetic_group", "marrow_combination", "marrow_response", "risk_group", "risk_group_from_25",
        "hr_ir_stratum",
    }  # fmt: skip
    assert steps == {
        "end_of_block_1", "end_of_cycle_1_arm_a", "end_of_cycle_1_arm_b", "end_of_salvage_cycle_1", "end_of_salvage_cycle_2",
    }  # fmt: skip


def test_what_no_report_prints_is_not_stated() -> None:
    """(71, 75) Neither method, block sizes nor days are printed, of one randomization the months; nothing is filled in."""
    for one in AALL1331.randomizations.values():
        assert {one.method, one.blocks} == {"not stated"}
        assert one.ratio == dict.fromkeys(one.arms, 1)
    high_intermediate, low = AALL1331.randomizations.values()
    # jama_2021 Results: commenced in January 2015; halted after the analysis in September 2019 (82)
    assert (high_intermediate.opened, high_intermediate.closed) == ("2015-01", "2019-09")
    assert "equipoise" in (high_intermediate.closed_because or "")
    assert (high_intermediate.planned, low.planned) == (220, "not stated")
    assert (low.opened, low.closed, low.strata) == ("not stated",) * 3
    # jco_2023 Figure 1 note c and abstract: the factors, and the months of accrual
    said = AALL1331.path["randomize_low"].detail or ""
    assert (
        "risk group, site of relapse, duration of first remission and MRD after reinduction; levels not stated"
        in said
    )
    assert "December 2014 to September 2019" in said
