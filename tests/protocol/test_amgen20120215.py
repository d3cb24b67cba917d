"""Amgen 20120215 as its protocol file says it: literal patients on every boundary. (9) is a requirement's number."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from equipoise.datasets.derivation import POPULATION
from equipoise.protocol import columns
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.protocol.proofs import prove
from equipoise.protocol.rules import compile_rule
from equipoise.trial.opening import find_protocol
from literal_patients import other_reading, rows_of

FILE = find_protocol("amgen20120215")
AMGEN = load_protocol(FILE)
FACTORS = ("age_group", "marrow_response", "mrd_status")

ELIGIBLE = {
    "registered_on": date(2018, 1, 8),
    "age_years": 6,
    "age_days": 40,
    "first_relapse": True,
    "high_risk": True,
    "ph_positive": False,
    "consolidation_completed": True,
    "marrow_blasts": 2.0,
}


def derived(*patients: dict[str, object], protocol: Protocol = AMGEN) -> pl.DataFrame:
    return rows_of(protocol, patients)


def one(column: str, **changed: object) -> object:
    return derived({**ELIGIBLE, **changed})[column].item()


def test_every_statement_is_proved() -> None:
    findings = prove(AMGEN)

    assert {finding.kind for finding in findings} == {"proved"}
    said = {finding.statement for finding in findings}
    for name, each in AMGEN.derived.items():
        assert each.undecided is None
        assert each.classes is None or f"every eligible patient has a class of {name}" in said


# -- eligibility --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "eligible"),
    [
        ({}, True),
        ({"age_years": 0, "age_days": 28}, False),  # (9) 28 days is not more than 28 days
        ({"age_years": 0, "age_days": 29}, True),
        ({"age_years": 0, "age_days": 0}, False),
        ({"age_years": 0, "age_days": None}, None),
        ({"age_years": 1, "age_days": 0}, True),  # the first birthday
        ({"age_years": 1, "age_days": None}, True),  # no day is needed any more
        ({"age_years": 17, "age_days": 364}, True),
        ({"age_years": 18, "age_days": 0}, False),
        ({"age_years": None}, None),
        ({"marrow_blasts": 0.0}, True),  # (10, 53)
        ({"marrow_blasts": 24.99}, True),
        ({"marrow_blasts": 25.0}, False),
        ({"marrow_blasts": None}, None),
        ({"ph_positive": True}, False),
        ({"ph_positive": None}, None),
        ({"first_relapse": False}, False),
        ({"high_risk": False}, False),  # (66)
        ({"high_risk": None}, None),
        ({"consolidation_completed": False}, False),
        ({"ph_positive": True, "marrow_blasts": None}, False),  # one criterion missed is enough
    ],
)
def test_eligibility(changed: dict[str, object], eligible: bool | None) -> None:
    frame = derived({**ELIGIBLE, **changed})
    known, codes = columns.for_rules(AMGEN), columns.choices(AMGEN)
    criteria = [
        compile_rule(criterion.require, known, codes).evaluate(frame).item()
        for criterion in AMGEN.eligibility.values()
    ]

    assert frame["eligible"].item() is eligible
    assert all(each is True for each in criteria) is (eligible is True)
    assert (False in criteria) is (eligible is False)


# -- classes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("years", "days", "group"),
    [  # (27, 73, 176)
        (0, 29, "other"),
        (0, 364, "other"),
        (1, 0, "from_1_to_9"),
        (9, 364, "from_1_to_9"),
        (10, 0, "other"),
        (17, 364, "other"),
        (None, None, None),
    ],
)
def test_age_group(years: int | None, days: int | None, group: str | None) -> None:
    assert one("age_group", age_years=years, age_days=days) == group


@pytest.mark.parametrize(
    ("column", "item", "value", "expected"),
    [
        ("marrow_response", "marrow_blasts", 0.0, "m1"),  # (53)
        ("marrow_response", "marrow_blasts", 4.99, "m1"),
        ("marrow_response", "marrow_blasts", 5.0, "m2"),
        ("marrow_response", "marrow_blasts", 24.99, "m2"),
        ("marrow_response", "marrow_blasts", 25.0, None),
        ("marrow_response", "marrow_blasts", None, None),
        ("mrd_status", "mrd_baseline", 0.0, "negative"),
        ("mrd_status", "mrd_baseline", 0.000999, "negative"),
        ("mrd_status", "mrd_baseline", 0.001, "positive"),
        ("mrd_status", "mrd_baseline", 1.0, "positive"),
        ("mrd_status", "mrd_baseline", None, None),
        ("mrd_remission", "mrd_end", 0.0, "remission"),  # (105)
        ("mrd_remission", "mrd_end", 0.000099, "remission"),
        ("mrd_remission", "mrd_end", 0.0001, "no_remission"),
        ("mrd_remission", "mrd_end", 0.0005, "no_remission"),  # negative at baseline, yet no remission
        ("mrd_remission", "mrd_end", None, None),
        ("relapse_time", "first_remission", 0.0, "under_18"),  # (27, 66)
        ("relapse_time", "first_remission", 17.99, "under_18"),
        ("relapse_time", "first_remission", 18.0, "from_18_to_30"),
        ("relapse_time", "first_remission", 29.99, "from_18_to_30"),
        ("relapse_time", "first_remission", 30.0, "from_30"),
        ("relapse_time", "first_remission", None, None),
    ],
)
def test_classes(column: str, item: str, value: float | None, expected: str | None) -> None:
    assert one(column, **{item: value}) == expected


@pytest.mark.parametrize(
    ("kept", "blasts", "may"),
    [  # (42)
        (True, 4.99, True),
        (True, 5.0, False),
        (False, 1.0, False),
        (True, None, None),
        (None, 5.0, False),
    ],
)
def test_who_may_be_transplanted(kept: bool | None, blasts: float | None, may: bool | None) -> None:
    assert one("eligible_for_hsct", remission_maintained=kept, marrow_blasts_end=blasts) is may


# -- populations --------------------------------------------------------------------------------------------

IN = {**ELIGIBLE, "randomization": "main", "arm": "chemotherapy", "randomized_on": date(2018, 1, 8)}


@pytest.mark.parametrize(
    ("patient", "populations"),
    [  # (89, 143)
        (ELIGIBLE, set()),
        (IN, {"randomized"}),
        ({**IN, "treatment_ended": "withdrew"}, {"randomized"}),
        ({**IN, "died_on": date(2018, 1, 20)}, {"randomized"}),
        ({**IN, "actual_arm": "chemotherapy"}, {"randomized", "treated"}),
        ({**IN, "actual_arm": "chemotherapy", "hsct": True}, {"randomized", "treated", "transplanted"}),
    ],
)
def test_populations(patient: dict[str, object], populations: set[str]) -> None:
    row = derived(patient).row(0, named=True)

    assert {name for name in AMGEN.populations if row[POPULATION + name] is True} == populations


# -- the readings that were not chosen ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "changed", "column", "chosen", "other"),
    [
        (
            [("when: age_years >= 1 and age_years <= 9}",
              "when: age_years >= 1 and age_years <= 9 and not (age_years = 9 and age_days > 0)}"),
             ("when: age_years < 1 or age_years > 9}",
              "when: age_years < 1 or age_years > 9 or (age_years = 9 and age_days > 0)}")],
            {"age_years": 9, "age_days": 1},
            "age_group",
            "from_1_to_9",
            "other",
        ),
        (
            [("consolidation_completed and marrow_blasts < 25",
              "consolidation_completed and marrow_blasts < 25 and first_remission < 30")],
            {"first_remission": 30.0},
            "eligible",
            True,
            False,
        ),
        (
            # marrow and MRD as one factor: M2 whatever the MRD
            [("when: mrd_baseline < 0.001}", "when: mrd_baseline < 0.001 and marrow_blasts < 5}"),
             ("when: mrd_baseline >= 0.001}",
              "when: mrd_baseline >= 0.001 and marrow_blasts < 5}\n      m2: {label: M2, when: marrow_blasts >= 5}")],
            {"mrd_baseline": 0.0005, "marrow_blasts": 5.0},
            "mrd_status",
            "negative",
            "m2",
        ),
    ],
)  # fmt: skip
def test_the_other_reading_is_one_rule_away(
    changes: list[tuple[str, str]], changed: dict[str, object], column: str, chosen: object, other: object
) -> None:
    """decisions/0014: what was not chosen is a rule of the language too, and gives another answer."""
    patient = {**ELIGIBLE, **changed}

    assert derived(patient)[column].item() == chosen
    assert derived(patient, protocol=other_reading(FILE, changes))[column].item() == other


@pytest.mark.parametrize(
    ("chosen", "other"),
    [
        ("events: [treatment_failure, relapse, death]", "events: [relapse, death]"),
        ("events: [relapse]", "events: [treatment_failure, relapse]"),
        ("competing: [treatment_failure, relapse]", "competing: [relapse]"),
        ("log_rank: {sided: 2, strata: [age_group, marrow_response, mrd_status], strata_as: verified}",
         "log_rank: {sided: 2}"),
        ("cox: {ties: efron,", "cox: {ties: breslow,"),
        ("arm: actual", "arm: planned"),
    ],
)  # fmt: skip
def test_the_other_plan_is_a_plan_too(chosen: str, other: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert chosen in text

    assert parse_protocol(text.replace(chosen, other)) != AMGEN


# -- plans --------------------------------------------------------------------------------------------------


def test_end_points_and_analyses() -> None:
    assert {name: (each.role, each.events, each.competing) for name, each in AMGEN.endpoints.items()} == {
        "efs": ("primary", ("treatment_failure", "relapse", "second_malignancy", "death"), ()),  # (104)
        "os": ("secondary", ("death",), ()),  # (105)
        "relapse": ("secondary", ("relapse",), ("death",)),
        "rfs": ("exploratory", ("treatment_failure", "relapse", "death"), ()),  # (106)
        "nrm": ("exploratory", ("death",), ("treatment_failure", "relapse")),  # (107)
    }
    assert {(each.origin, each.unit) for each in AMGEN.endpoints.values()} == {("randomization", "month")}
    for name in ("efs", "os"):
        plan = AMGEN.analyses[name]
        assert plan.population == "randomized"
        assert (plan.kaplan_meier.interval, plan.kaplan_meier.times) == ("log-log", (60.0,))  # (164)
        assert plan.log_rank is not None and plan.cox is not None
        assert plan.log_rank.strata == plan.cox.strata == FACTORS  # (73, 165)
        assert plan.log_rank.strata_as == plan.cox.strata_as == "verified"
        assert plan.cox.confidence_level == 0.95
        assert plan.subgroups == (*FACTORS, "sex", "relapse_time", "extramedullary_disease")  # (176)
    # (107, 167) no analysis would give a cumulative incidence; Kaplan-Meier estimates would pass for one
    assert set(AMGEN.analyses) == {"efs", "os", "rfs"}
    assert not any(AMGEN.endpoints[each.endpoint].competing for each in AMGEN.analyses.values())


def test_a_month_without_a_day_is_no_date() -> None:
    """(143)"""
    assert {name: each.on for name, each in AMGEN.cutoffs.items()} == {"final": date(2022, 11, 21)}
    assert any("July 2019" in note and "September 2021" in note for note in AMGEN.notes)


def test_what_the_letter_does_not_print_is_not_stated() -> None:
    each = AMGEN.randomizations["main"]
    assert {each.strata, each.method, each.blocks, each.planned, each.opened, each.closed} == {"not stated"}
    assert each.ratio == {"chemotherapy": 1, "blinatumomab": 1}  # (77)
    assert AMGEN.sponsor == "not stated"
    assert not AMGEN.dispositions.screening and not AMGEN.dispositions.follow_up
    assert not any(item.unavailable for item in AMGEN.items.values())


def test_everything_has_its_source() -> None:
    blocks = ("items", "derived", "eligibility", "events", "arms", "randomizations", "endpoints", "analyses")
    without = [
        f"{block}.{name}"
        for block in blocks
        for name, each in getattr(AMGEN, block).items()
        if "letter" not in (each.source or "")
    ]
    without += [name for name, each in AMGEN.populations.items() if "letter" not in (each.definition or "")]

    assert not without


def test_adverse_events() -> None:
    """(124)"""
    plan = AMGEN.adverse_events
    assert plan is not None
    assert (plan.population, plan.grading, plan.severe_from) == ("treated", "CTCAE 4.0", 3)
    assert set(plan.special_interest) == {"related", "cytokine_release_syndrome", "neurologic"}
    assert AMGEN.populations["treated"].arm == "actual"
