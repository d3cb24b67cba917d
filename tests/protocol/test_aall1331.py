"""AALL1331 as its protocol file says it: literal patients on every boundary. (55) is a number of the requirements."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import polars as pl
import pytest

from equipoise.datasets.derivation import POPULATION
from equipoise.protocol import columns
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import load_protocol
from equipoise.protocol.rules import compile_rule
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
}
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


def after_block_1(
    site: str, months: float | None, blasts: Any, cns: str | None, mrd: Any
) -> dict[str, object]:
    row: dict[str, object] = {**ELIGIBLE, "relapse_site": site, "first_remission": months}
    for item, given in (("marrow_blasts", blasts), ("cns_cleared", cns), ("mrd", mrd)):
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
        for name in ("relapse_site", "first_remission", "marrow_blasts", "cns_cleared")
    ]

    found = derived(complete, *without, {**late, "mrd": None}, {**complete, "mrd": None}, dict(ELIGIBLE))

    assert found["risk_group"].to_list() == ["high", None, None, None, None, None, "high", None]
    assert found["hr_ir_stratum"].to_list() == [UNDER_18_BELOW, *[None] * 7]


def test_persistent_testicular_disease_is_no_part_of_the_risk_group() -> None:
    """(61)"""
    late = after_block_1("testicular", 40, 1, "not_involved", 0.0)

    found = derived({**late, "testicular_persistent": True}, {**late, "testicular_persistent": False}, late)

    assert found["risk_group"].to_list() == ["low"] * 3


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
    patient = derived({**ELIGIBLE, "relapse_site": site, "first_remission": months}).row(0, named=True)

    assert (patient["site_and_time"], patient["relapse_type"]) == (site_and_time, relapse_type)


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
    row = {**ELIGIBLE, **value_or_reason("mrd", mrd), "mrd_sensitivity": sensitivity}
    for cycle in ("mrd_cycle_1", "mrd_cycle_2"):
        row |= {**value_or_reason(cycle, mrd), f"{cycle}_sensitivity": sensitivity}
    patient = derived(row).row(0, named=True)

    assert (patient["mrd_risk_class"], patient["mrd_status"]) == (risk_class, status)
    for name in ("mrd_negative_block_1", "mrd_negative_cycle_1", "mrd_negative_cycle_2"):
        assert patient[name] == negative


def test_marrow_response() -> None:
    """(54, 59) Remission is below 5%; 5 to 25% is neither remission nor failure."""
    blasts = (0, 4.99, 5, 25, 25.01, "not done")

    found = derived(*({**ELIGIBLE, **value_or_reason("marrow_blasts", one)} for one in blasts))

    assert found["marrow_response"].to_list() == ["remission"] * 2 + ["between"] * 2 + ["failure", None]


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
COHORT = {"whole_cohort", "risk_assigned"}
RANDOMIZED = COHORT | {"hr_ir_randomized"}
FAILURE = {"whole_cohort", "early_failures", "never_randomized"}


@pytest.mark.parametrize(
    ("patient", "populations"),
    [
        (IN_A, RANDOMIZED | {"hr_ir_primary"}),  # (138)
        ({**IN_A, "randomized_on": date(2019, 6, 29)}, RANDOMIZED | {"hr_ir_primary"}),
        ({**IN_A, "randomized_on": date(2019, 6, 30)}, RANDOMIZED | {"hr_ir_primary"}),
        ({**IN_A, "randomized_on": date(2019, 7, 1)}, RANDOMIZED),  # (85)
        ({**IN_A, "randomization_error": True}, RANDOMIZED),  # (81)
        ({**IN_A, "randomization_error": False}, RANDOMIZED | {"hr_ir_primary"}),
        ({**IN_A, "actual_arm": "arm_a"}, RANDOMIZED | {"hr_ir_primary", "hr_ir_treated"}),  # (112, 140)
        ({**IN_A, "randomized_on": date(2019, 7, 1), "actual_arm": "arm_b"}, RANDOMIZED),  # (86)
        (IN_D, COHORT | {"lr_randomized"}),  # (145)
        ({**IN_D, "actual_arm": "arm_d"}, COHORT | {"lr_randomized"}),
        (HIGH, COHORT | {"never_randomized"}),  # (16, 142, 194)
        (dict(ELIGIBLE), {"whole_cohort", "never_randomized"}),  # (62)
        ({**ELIGIBLE, "ph_positive": True}, set()),  # (7)
        (after_block_1("marrow", 12, 50, "cleared", 9.0), FAILURE),  # (39)
        ({**after_block_1("marrow", 12, 50, "cleared", 9.0), "salvage_blinatumomab": True}, FAILURE | {"salvage"}),
        ({**after_block_1("marrow", 12, 50, "cleared", 9.0), "salvage_blinatumomab": False}, FAILURE),  # (141)
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
            [("when: marrow_blasts > 25 or", "when: marrow_blasts >= 25 or")],
            after_block_1("marrow", 40, 25, "not_involved", 0.0),
            "risk_group",
            "low",
            "early_treatment_failure",
        ),
        (
            [("and mrd >= 0.1\n", "and (mrd_unavailable is not null or mrd >= 0.1)\n")],
            LATE,
            "risk_group",
            None,
            "intermediate",
        ),
        (
            [
                ("and mrd >= 0.1\n", "and mrd_unavailable is null and mrd >= 0.1\n"),
                ("and mrd < 0.1\n", "and (mrd_unavailable is not null or mrd < 0.1)\n"),
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
            [(POSITIVE, "and (mrd_risk_class = 'from_0_1' or coalesce(mrd_unavailable = 'indeterminate', false))")],
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
            [("age >= 1 and age < 31 and first_relapse", "age >= 1 and age <= 30 and first_relapse")],
            {**ELIGIBLE, "age": 30.5},
            "eligible",
            True,
            False,
        ),
        (
            [("when: marrow_blasts > 25 or cns_cleared = 'not_cleared'",
              "when: coalesce(marrow_blasts > 25, false) or coalesce(cns_cleared = 'not_cleared', false)")],
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


# -- plans --------------------------------------------------------------------------------------------------


def test_end_points_and_analyses() -> None:
    events = {name: (one.origin, one.events) for name, one in AALL1331.endpoints.items()}
    dfs = ("late_treatment_failure", "relapse", "second_malignancy", "death")
    assert events == {
        "dfs": ("randomization", dfs),  # (92, 99)
        "os": ("randomization", ("death",)),  # (93)
        "efs": ("registration", ("early_treatment_failure", *dfs)),  # (101)
        "os_enrollment": ("registration", ("death",)),
    }
    for name in ("dfs_hr_ir", "os_hr_ir"):
        plan = AALL1331.analyses[name]
        assert plan.log_rank is not None and plan.cox is not None
        assert plan.log_rank.sided == 1  # (148)
        assert plan.log_rank.strata == plan.cox.strata == ("hr_ir_stratum",)  # (72)
        assert plan.cox.ties == "breslow"  # (149)
        assert plan.kaplan_meier.times == (2.0,)
        assert plan.subgroups == ("risk_group", "age_group")  # (172, 173)
    for name in ("dfs_lr", "os_lr"):
        plan = AALL1331.analyses[name]
        assert plan.log_rank is not None and plan.log_rank.sided == 1  # (158)
        assert plan.kaplan_meier.times == (4.0,)  # (159)
        assert plan.subgroups == ("relapse_site_group", "relapse_site")  # (174)
    assert {name: one.on for name, one in AALL1331.cutoffs.items()} == {
        "interim": date(2019, 6, 30),  # (132)
        "final": date(2020, 9, 30),  # (138)
        "whole_cohort": date(2023, 3, 31),  # (142)
    }


def test_every_item_arm_event_and_end_point_has_its_source() -> None:
    blocks = ("items", "derived", "eligibility", "events", "arms", "randomizations", "endpoints", "analyses")
    without = [
        f"{block}.{name}"
        for block in blocks
        for name, one in getattr(AALL1331, block).items()
        if not one.source
        or not (any(source in one.source for source in AALL1331.sources) or name == "eligible")
    ]
    without += [
        f"populations.{name}"
        for name, one in AALL1331.populations.items()
        if not any(source in (one.definition or "") for source in AALL1331.sources)
    ]

    assert not without


def test_who_is_left_undecided_is_said() -> None:
    said = {name for name, one in AALL1331.derived.items() if one.undecided}

    assert said == {"obesity", "cytogenetic_group", "marrow_response", "risk_group", "hr_ir_stratum"}


def test_what_no_report_prints_is_not_stated() -> None:
    """(71, 75) Neither block sizes nor days of opening and closing are printed; nothing is filled in."""
    for one in AALL1331.randomizations.values():
        assert {one.method, one.blocks, one.opened, one.closed} == {"not stated"}
        assert one.ratio == dict.fromkeys(one.arms, 1)
    assert AALL1331.randomizations["high_intermediate"].planned == 220
    assert AALL1331.randomizations["low"].planned == "not stated"
