"""What the sources ask of the trials and no test of one trial's file says yet. (62) is a number of the requirements.

Values are typed from the sources, whose places stand beside them: jama_2021, jco_2023, haematologica_2025 (AALL1331)
and the letter (20120215), by the names that the protocol files give them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from equipoise.datasets.derivation import POPULATION, derive
from equipoise.datasets.frames import Datasets
from equipoise.log.facts import (
    Correction,
    EventOccurred,
    Fact,
    FollowedUp,
    ItemRecorded,
    Randomized,
    Registered,
    StageEnded,
    TreatmentStarted,
)
from equipoise.log.log import Cutoff, Log
from equipoise.protocol.load import load_protocol
from equipoise.trial.opening import find_protocol
from equipoise.trial.reporting import provenance
from protocol.test_aall1331 import (
    AALL1331,
    ELIGIBLE,
    FAILED,
    HIGH,
    IN_A,
    after_block_1,
    derived,
    holds,
    relapse_after,
)

AMGEN = load_protocol(find_protocol("amgen20120215"))
AALL1731 = load_protocol(find_protocol("aall1731"))
DAY_0 = date(2018, 1, 8)
NOON = datetime(2018, 1, 8, 12, tzinfo=UTC)


# -- one patient in the log of AALL1331 ---------------------------------------------------------------------


def on(day: int) -> date:
    return DAY_0 + timedelta(day)


def about(day: int) -> dict[str, Any]:
    return {"subject_id": "S1", "occurred_on": on(day), "recorded_at": NOON + timedelta(day)}


def recorded(day: int, **values: Any) -> list[Fact]:
    return [ItemRecorded(**about(day), item=name, value=value) for name, value in values.items()]


def event(name: str, day: int) -> EventOccurred:
    return EventOccurred(**about(day), event=name)


def ended(stage: str, day: int, reason: str) -> Fact:
    return StageEnded(**about(day), stage=stage, completed=False, reason=reason)  # type: ignore[arg-type]


def entered(**changed: Any) -> list[Fact]:
    """Registered at a hospital in Canada on day 0, marrow relapse at 12 months, block 1 completed on day 35."""
    patient = {name: value for name, value in ELIGIBLE.items() if name != "registered_on"}
    patient |= {"country": "canada", "relapse_site": "marrow", **relapse_after(12), **changed}
    return [Registered(**about(0), site="CA-07"), *recorded(0, **patient)]


def after_first_block(blasts: float = 1.0, mrd: float = 0.0) -> list[Fact]:
    return recorded(
        35, end_of_block_1_on=on(35), marrow_blasts_end_of_block_1=blasts, cns_cleared="not_involved",
        mrd_end_of_block_1=mrd, mrd_sensitivity_end_of_block_1="one_in_10000",
    )  # fmt: skip


def randomized(day: int, stratum: str) -> Randomized:
    levels = {"hr_ir_stratum": stratum}
    return Randomized(**about(day), randomization="high_intermediate", arm="arm_a", stratum=levels)


def at(*facts: Fact | Correction, until: date = date(2023, 3, 31), known: datetime | None = None) -> Datasets:
    return derive(AALL1331, Log(facts).as_of(Cutoff(until, known)))


def times(data: Datasets) -> dict[str, tuple[int, bool, str | None, str | None]]:
    rows = data.time_to_event.select("endpoint", "time", "event", "cause", "censor_reason").rows()
    return {endpoint: (time, happened, cause, reason) for endpoint, time, happened, cause, reason in rows}


def one(data: Datasets) -> dict[str, Any]:
    return data.subjects.row(0, named=True)


# -- trial, eligibility, consent ----------------------------------------------------------------------------


def test_registries() -> None:
    """(2) haematologica_2025 abstract, jco_2023 abstract; letter P2."""
    assert (AALL1331.registry, AMGEN.registry) == ("NCT02101853", "NCT02393859")


def test_site_and_country_are_attributes_of_a_patient() -> None:
    """(13) jama_2021 abstract: 155 hospitals in four countries."""
    patient = one(at(*entered()))

    assert (patient["site_id"], patient["country"]) == ("CA-07", "canada")


def test_reasons_of_exclusion_at_screening_have_codes() -> None:
    """(6) jama_2021 Figure 1: 7 excluded (4 burden, 1 Philadelphia positive, 1 optic nerve, 1 creatinine)."""
    boxes = {"insufficient_disease", "philadelphia", "optic_nerve", "creatinine"}

    assert set(AALL1331.path["eligibility"].leave) == boxes | {"ineligible"}
    assert AALL1331.path["eligibility"].leave_to == "not_enrolled"
    assert boxes < set(AALL1331.dispositions.screening)


@pytest.mark.parametrize(
    ("step", "reasons"),
    [
        # (62) haematologica_2025 Results: not risk-assigned for adverse events, physicians' choice, patients' refusal,
        # ineligible, withdrawal; deaths. jama_2021 Figure 1: preference (not told apart), Philadelphia positive
        ("block_1",
         {"died", "severe_adverse_event", "physician_choice", "refused", "ineligible", "withdrew", "preference",
          "philadelphia"}),
        ("end_of_block_1",
         {"died", "severe_adverse_event", "physician_choice", "refused", "ineligible", "withdrew", "preference",
          "early_treatment_failure"}),
        # (16, 80) haematologica_2025 Results: assigned and not randomized for severe adverse events, choice, death, other;
        # jama_2021 Figure 1: preference, severe adverse events, died, withdrew
        ("consent_post_induction",
         {"severe_adverse_event", "preference", "physician_choice", "refused", "died", "other", "withdrew"}),
    ],
)  # fmt: skip
def test_reasons_for_which_nobody_is_assigned_or_randomized(step: str, reasons: set[str]) -> None:
    assert set(AALL1331.path[step].leave) == reasons
    assert reasons <= set(AALL1331.dispositions.screening)
    assert AALL1331.path[step].leave_to == "follow_up"


def test_assent_where_applicable() -> None:
    """(14) haematologica_2025 Methods: consent/assent for block 1; of the second consent it says consent alone."""
    assert (AALL1331.consents["block_1"].assent or "").startswith("Where applicable")
    assert AALL1331.consents["post_induction"].assent == "not stated"


def test_a_refused_second_consent_is_a_choice_and_no_end() -> None:
    """(16) haematologica_2025 Methods, Eligibility and trial oversight; all 661 are analyzed."""
    step = AALL1331.path["consent_post_induction"]
    assert "Refusal counts as choice" in (step.detail or "")

    data = at(*entered(), *after_first_block(), ended("screening", 40, "refused"), FollowedUp(**about(400)))

    assert one(data)[f"{POPULATION}whole_cohort"] is True
    assert one(data)[f"{POPULATION}never_randomized"] is True
    assert one(data)["screening_ended"] == "refused"
    assert times(data)["efs"] == (400, False, None, "in follow-up")


def test_withdrawal_of_consent_censors_every_end_point() -> None:
    """(17) jama_2021 Figure 1 note a: censored at the time of withdrawal; and no reason for stopping therapy."""
    facts = [
        *entered(), *after_first_block(), randomized(40, "high_marrow_under_18_mrd_below_0_1"),
        FollowedUp(**about(90)), ended("follow_up", 100, "withdrew"), FollowedUp(**about(300)), event("relapse", 350),
    ]  # fmt: skip
    without_event = times(at(*facts[:-1]))

    assert without_event == {
        "dfs": (60, False, None, "withdrew"),
        "os": (60, False, None, "withdrew"),
        "efs": (100, False, None, "withdrew"),
        "os_enrollment": (100, False, None, "withdrew"),
        "efs_end_of_block_1": (65, False, None, "withdrew"),
        "os_end_of_block_1": (65, False, None, "withdrew"),
    }
    assert "otherwise censored at the last follow-up, or at withdrawal" in (
        AALL1331.endpoints["dfs"].definition or ""
    )
    patient = one(at(*facts[:-1]))
    assert (patient["follow_up_ended"], patient["treatment_ended"]) == ("withdrew", None)


def test_whoever_stops_therapy_for_no_event_is_followed_for_events() -> None:
    """(84) jama_2021 Figure 1, note below the boxes."""
    data = at(
        *entered(), *after_first_block(), randomized(40, "high_marrow_under_18_mrd_below_0_1"),
        ended("treatment", 60, "preference"), event("relapse", 200),
    )  # fmt: skip

    assert times(data)["dfs"] == (160, True, "relapse", None)
    detail = AALL1331.path["follow_up"].detail or ""
    assert detail.startswith(
        "Patients whose protocol therapy was stopped for a nonevent are followed for events"
    )
    assert one(data)[f"{POPULATION}hr_ir_primary"] is True


@pytest.mark.parametrize(
    "said",
    [
        # (3) jama_2021 Eligibility: aged 1 to 30 years
        "ages 1 to 30 years are completed years, so that a patient is eligible until the day before the 31st birthday",
        # (60) haematologica_2025 Figure 1: the branch "?"
        "a late relapse whose MRD after block 1 is unavailable has no risk group",
        # (69, 70) jama_2021 Table 1 notes c and d
        "a high-risk marrow relapse whose MRD is unavailable is randomized in the stratum with MRD below 0.1%",
        # (71) jco_2023 Figure 1 note c
        "the levels of the strata of the low-risk randomization are not printed",
    ],
)
def test_readings_are_said(said: str) -> None:
    assert len([note for note in AALL1331.notes if note.startswith("Reading: ") and said in note]) == 1


# -- treatment ----------------------------------------------------------------------------------------------


def test_what_courses_are_adapted_from() -> None:
    """(29, 30) haematologica_2025 Methods, Treatment and risk assignment; jama_2021 Treatments and Evaluations."""
    assert "mitoxantrone arm of UKALLR3" in (AALL1331.courses["block_1"].detail or "")
    for cycle in ("chemotherapy_cycle_1", "chemotherapy_cycle_2"):
        assert "UKALLR3" in (AALL1331.courses[cycle].detail or "")


def test_transplant_is_recorded_and_not_prescribed() -> None:
    """(33) jama_2021 Limitations: donor and preparatory regimen varied."""
    transplant = AALL1331.courses["transplant"].treatments["transplant"]

    assert transplant.prescribed is False
    assert "donor and preparatory regimen varied" in (transplant.detail or "")


def test_both_times_of_cranial_irradiation_are_said() -> None:
    """(36) jco_2023 abstract: during maintenance; haematologica_2025 Methods: after maintenance cycle 1."""
    detail = AALL1331.courses["maintenance"].treatments["cranial_irradiation"].detail or ""

    assert "During maintenance (jco_2023" in detail
    assert "after maintenance cycle 1" in detail and "haematologica_2025" in detail


@pytest.mark.parametrize(
    ("patient", "group"),
    [  # (39, 141) jama_2021 Results: of 45 failures, 3 with persistent disease were ineligible for salvage
        (FAILED, True),
        ({**FAILED, "cns_cleared": "not_cleared"}, False),
        ({**FAILED, "ph_positive": True}, False),
        (HIGH, False),
    ],
)
def test_who_may_have_salvage(patient: dict[str, object], group: bool) -> None:
    assert holds(AALL1331.groups["salvage"].when, patient) is group


def test_dose_reductions_are_counted_by_cycle() -> None:
    """(40) jama_2021 Results, AE End Point: 19 of 102 in cycle 1, 15 of 88 in cycle 2."""
    for cycle in (1, 2):
        plan = AALL1331.proportions[f"dose_reduced_cycle_{cycle}"]
        assert plan.population == f"blinatumomab_cycle_{cycle}"
        reduced = {f"blinatumomab_reduced_end_of_cycle_{cycle}": True}
        other = {f"blinatumomab_reduced_end_of_cycle_{3 - cycle}": True}
        assert holds(plan.response, {**IN_A, **reduced}) is True
        assert holds(plan.response, {**IN_A, **other}) is None


def test_directly_to_transplant_counts_as_transplanted_and_not_as_cycle_2() -> None:
    """(41) jama_2021 Figure 1 notes e and f."""
    patient = {**IN_A, "actual_arm": "arm_a", "hsct_on": date(2018, 5, 2), "before_hsct": "protocol"}
    row = derived(patient).row(0, named=True)

    assert row["transplanted"] is True
    assert (row[f"{POPULATION}hr_ir_treated"], row[f"{POPULATION}hr_ir_cycle_2"]) == (True, False)
    for arm in ("arm_a", "arm_b"):
        deviation = AALL1331.path[f"end_of_cycle_1_{arm}"].deviations["direct_to_hsct"]
        assert deviation.counts == "As transplanted, not as having received cycle 2"


# -- response and risk --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blasts", "remission", "assigned"),
    [  # (54, 59) haematologica_2025 abstract: 531 in remission, 586 risk-assigned; 5 to 25% is no remission
        (4.99, True, True),
        (5, False, True),
        (25, False, True),
        (25.01, False, False),
    ],
)
def test_remission_and_risk_assignment_are_different_counts(
    blasts: float, remission: bool, assigned: bool
) -> None:
    patient = after_block_1("marrow", 12, blasts, "not_involved", 0.0)

    assert holds(AALL1331.proportions["remission_block_1"].response, patient) is remission
    assert holds(AALL1331.proportions["risk_assigned"].response, patient) is assigned
    for name in ("remission_block_1", "risk_assigned"):
        assert AALL1331.proportions[name].population == "whole_cohort"


@pytest.mark.parametrize(("mrd", "positive"), [(0.0099, False), (0.01, True), (0.1, True)])
def test_positive_mrd_after_block_1_is_that_of_negativity(mrd: float, positive: bool) -> None:
    """(45, 103) haematologica_2025 Results: 290 of 532 patients with marrow relapse from 0.01% on."""
    plan = AALL1331.proportions["mrd_positive_block_1"]
    patient = after_block_1("marrow", 12, 1, "not_involved", mrd)

    assert holds(plan.response, {**patient, "mrd_sensitivity_end_of_block_1": "one_in_10000"}) is positive
    assert (plan.population, plan.by) == ("cohort_marrow", "site_and_time")


@pytest.mark.parametrize(
    ("site", "months", "blasts", "cns", "mrd", "listed"),
    [  # (60) haematologica_2025 Figure 1: the branch "?" of late relapses, marrow from 36 and extramedullary from 18 months
        ("marrow", 36, 25, "not_involved", "not done", True),
        ("cns", 18, 1, "cleared", "indeterminate", True),
        ("marrow", 35.99, 1, "not_involved", "not done", False),
        ("cns", 17.99, 1, "cleared", "unsatisfactory", False),
        ("marrow", 36, 1, "not_involved", 0.0, False),
        ("marrow", 36, 25.01, "not_involved", "not done", False),
        ("cns", 18, 1, "not_cleared", "not done", False),
    ],
)
def test_late_relapses_of_unknown_mrd_are_listed(
    site: str, months: float, blasts: float, cns: str, mrd: Any, listed: bool
) -> None:
    patient = after_block_1(site, months, blasts, cns, mrd)
    row = derived(patient).row(0, named=True)

    assert row["late_relapse_without_mrd"] is listed
    assert (AALL1331.derived["risk_group"].undecided or "").startswith("Late relapses (marrow from 36 months")
    assert (row["risk_group"] is None) is listed
    assert holds(AALL1331.proportions["late_relapse_without_mrd"].response, patient) is listed


def test_failure_and_death_in_block_1_are_both_kept() -> None:
    """(63) haematologica_2025 Figure 2: one failure died of adverse events and is none of the 42."""
    died = [*recorded(36, death_during="block_1", cause_of_death="infection"), event("death", 36)]
    failed = [*entered(), *after_first_block(blasts=40.0), event("early_treatment_failure", 35)]
    patient = one(at(*failed, *died, ended("screening", 36, "died")))

    assert (patient["risk_group"], patient["died_on"]) == ("early_treatment_failure", on(36))
    assert patient["screening_ended"] == "died"
    assert patient[f"{POPULATION}early_failures"] is True
    assert patient[f"{POPULATION}early_failures_counted"] is False
    assert one(at(*failed))[f"{POPULATION}early_failures_counted"] is True


def test_a_risk_group_is_that_of_its_snapshot() -> None:
    """(64) jama_2021 Figure 1 and haematologica_2025 Results: 45 and 42 failures, 186 and 187 of high risk."""
    first = [*entered(**relapse_after(40)), *after_first_block(mrd=0.05)]
    [position] = [
        number
        for number, fact in enumerate(first, start=1)
        if getattr(fact, "item", "") == "mrd_end_of_block_1"
    ]
    later = NOON + timedelta(90)
    result = {"item": "mrd_end_of_block_1", "value": 0.2}
    again = ItemRecorded(subject_id="S1", occurred_on=on(35), recorded_at=later, **result)  # type: ignore[arg-type]
    correction = Correction(corrects=position, replacement=again, reason="measured again", recorded_at=later)
    before = at(*first, correction, known=NOON + timedelta(89))
    after = at(*first, correction, known=later)

    assert (one(before)["risk_group"], one(after)["risk_group"]) == ("low", "intermediate")
    assert before.source.data_hash != after.source.data_hash
    assert [provenance(data, "").cutoff for data in (before, after)] == [
        "2023-03-31, as recorded by 2018-04-07T12:00:00+00:00",
        "2023-03-31, as recorded by 2018-04-08T12:00:00+00:00",
    ]


def test_the_stratum_as_randomized_stays_beside_the_one_on_record() -> None:
    """(72) jama_2021 Statistical Analysis: stratified as randomized."""
    used = "high_marrow_under_18_mrd_below_0_1"
    patient = one(at(*entered(), *after_first_block(mrd=0.5), randomized(40, used)))

    assert patient["stratum_hr_ir_stratum"] == used
    assert patient["hr_ir_stratum"] == "high_marrow_under_18_mrd_from_0_1"
    for name in ("dfs_hr_ir", "os_hr_ir"):
        plan = AALL1331.analyses[name]
        assert plan.log_rank is not None and plan.cox is not None
        assert plan.log_rank.strata_as == plan.cox.strata_as == "randomized"


# -- randomization and after --------------------------------------------------------------------------------


def test_only_the_central_laboratory_is_blinded() -> None:
    """(48, 78) jama_2021 Methods, Treatments and Evaluations: for flow MRD; of other blinding it says nothing."""
    assert {name: assay.masked for name, assay in AALL1331.assays.items()} == {
        "morphology": "not stated",
        "flow_cytometry": True,
        "lumbar_puncture": "not stated",
        "testicular_evaluation": "not stated",
    }
    assert "Central MRD laboratory blinded to treatment group" in AALL1331.masking
    assert AALL1331.masking.endswith("others not stated")


def test_factors_of_the_low_risk_randomization_are_named() -> None:
    """(71, 76) jco_2023 Figure 1 note c: 1:1, stratified by four factors, whose levels are not printed."""
    one_randomization = AALL1331.randomizations["low"]

    assert one_randomization.strata == "not stated"
    for factor in (
        "risk group",
        "site of relapse",
        "first remission",
        "MRD after reinduction",
        "levels not printed",
    ):
        assert factor in " ".join((one_randomization.source or "").split())


def test_one_randomization_closes_and_the_other_goes_on() -> None:
    """(82, 133) jama_2021 Results, Early Closure of Randomization; Discussion: on the totality of data, no rule met."""
    closed, other = (AALL1331.randomizations[name] for name in ("high_intermediate", "low"))
    because = closed.closed_because or ""

    assert (closed.closed, other.closed) == ("2019-09", "not stated")
    assert other.closed_because is None
    assert "totality of data (loss of equipoise)" in because
    assert "no stopping rule for efficacy or futility was met" in because  # (132)


@pytest.mark.parametrize(
    ("step", "reasons"),
    [  # (83) jama_2021 Figure 1, the boxes between the numbers of cycle 1, cycle 2 and transplant
        ("end_of_cycle_1_arm_a", {"preference", "late_treatment_failure", "died", "relapse", "ineligible_for_hsct"}),
        ("end_of_cycle_1_arm_b", {"preference", "late_treatment_failure", "relapse", "adverse_event"}),
        ("end_of_cycle_2_arm_a",
         {"preference", "relapse", "bridging_without_hsct", "died", "adverse_event", "withdrew"}),
        ("end_of_cycle_2_arm_b", {"preference", "relapse", "bridging_without_hsct"}),
    ],
)  # fmt: skip
def test_reasons_of_each_arm_before_cycle_2_and_before_transplant(step: str, reasons: set[str]) -> None:
    assert set(AALL1331.path[step].leave) == reasons
    assert reasons <= set(AALL1331.dispositions.treatment)
    # The course before the evaluation has no reason that the box does not print
    assert set(AALL1331.path[step.removeprefix("end_of_")].leave) <= reasons


def test_crossover_has_its_date_and_the_arm_received() -> None:
    """(86) jama_2021 Results, Patients and Treatment: patients of the chemotherapy group crossed over."""
    crossed = recorded(90, crossover_on=on(90), crossover_to="arm_b")
    patient = one(
        at(
            *entered(), *after_first_block(), randomized(40, "high_marrow_under_18_mrd_below_0_1"),
            TreatmentStarted(**about(42), arm="arm_a"), *crossed,
        )
    )  # fmt: skip

    assert (patient["arm"], patient["crossover_on"], patient["crossover_to"]) == ("arm_a", on(90), "arm_b")
    table = AALL1331.tables["crossover"]
    assert (table.population, table.rows) == ("hr_ir_randomized", "crossover_to")


def test_patients_randomized_after_the_closure_are_outside_the_analysis() -> None:
    """(85) jama_2021 Results, Patients and Treatment: 6 patients, whose therapy the closure affected."""
    events = AALL1331.estimands["dfs_high_intermediate"].intercurrent_events
    assert events != "not stated"
    assert "Patients randomized after 30 June 2019" in (events["closure"].detail or "")
    days = (date(2019, 6, 30), date(2019, 7, 1))
    frame = derived(*({**IN_A, "randomized_on": day} for day in days))
    assert frame[f"{POPULATION}hr_ir_primary"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("response", "patient", "counted"),
    [
        # (87, 97) jama_2021 Table 2 note f: without intervening nonprotocol therapy; Figure 1: bridging
        ("proceeded_to_transplant", {"hsct_on": date(2018, 6, 1), "before_hsct": "protocol"}, True),
        ("proceeded_to_transplant", {"hsct_on": date(2018, 6, 1), "before_hsct": "other"}, False),
        ("bridging_without_transplant", {"bridging_started": True}, True),
        ("bridging_without_transplant", {"bridging_started": True, "hsct_on": date(2018, 6, 1)}, False),
        # (98) jama_2021 Methods, Outcomes: below 5% blasts, below 0.01%, transplant in remission
        ("salvage_complete_remission", {"marrow_blasts_end_of_salvage_cycle_1": 4.9}, True),
        ("salvage_complete_remission", {"marrow_blasts_end_of_salvage_cycle_1": 5.0,
                                        "marrow_blasts_end_of_salvage_cycle_2": 5.0}, False),
        ("salvage_mrd_negative", {"mrd_end_of_salvage_cycle_2": 0.009,
                                  "mrd_sensitivity_end_of_salvage_cycle_2": "one_in_10000"}, True),
        ("salvage_transplant", {"marrow_blasts_end_of_salvage_cycle_1": 1.0, "hsct_on": date(2018, 6, 1),
                                "before_hsct": "protocol"}, True),
        ("salvage_transplant", {"marrow_blasts_end_of_salvage_cycle_1": 1.0}, False),
        # (96) jama_2021 Table 2: at the end of reinduction, of cycle 1, of cycle 2
        ("mrd_negative_reinduction", {"mrd_end_of_block_1": 0.0, "mrd_sensitivity_end_of_block_1": "one_in_10000"}, True),
        ("mrd_negative_cycle_1", {"mrd_end_of_block_1": 0.0, "mrd_sensitivity_end_of_block_1": "one_in_10000"}, False),
        ("mrd_negative_cycle_1", {"mrd_end_of_cycle_1": 0.0, "mrd_sensitivity_end_of_cycle_1": "one_in_10000"}, True),
        ("mrd_negative_cycle_2", {"mrd_end_of_cycle_2": 0.0, "mrd_sensitivity_end_of_cycle_2": "one_in_10000"}, True),
        # (50) jama_2021 Table 2 note e: sensitivity of 1 in 1000, or no data
        ("mrd_negative_cycle_2", {"mrd_end_of_cycle_2": 0.0, "mrd_sensitivity_end_of_cycle_2": "one_in_1000"}, False),
        ("mrd_negative_cycle_2", {"mrd_end_of_cycle_2_unavailable": "died"}, False),
    ],
)  # fmt: skip
def test_who_has_a_response(response: str, patient: dict[str, object], counted: bool) -> None:
    assert holds(AALL1331.proportions[response].response, {**ELIGIBLE, **patient}) is counted


def test_mrd_after_salvage_is_counted() -> None:
    """(52) haematologica_2025 Results: after cycle 1 of salvage, >1%, 0.1-0.99%, <0.01%, unknown."""
    table = AALL1331.tables["salvage_mrd"]

    assert (table.population, table.rows) == ("salvage", "mrd_level_salvage_1")


def test_after_early_failure() -> None:
    """(90) jama_2021: 20 pursued other therapies; haematologica_2025 Results: one transplant on protocol, four off it."""
    assert AALL1331.path["salvage"].leave == ("other_therapy",)
    assert list(AALL1331.items["hsct_setting"].choices or {}) == ["on_protocol", "off_protocol"]
    assert "6 months" in (AALL1331.items["hsct_setting"].choices or {})["off_protocol"]
    table = AALL1331.tables["salvage_hsct"]
    assert (table.population, table.rows, table.columns) == (
        "early_failures_counted", "hsct_setting", "salvage_blinatumomab",
    )  # fmt: skip


# -- end points ---------------------------------------------------------------------------------------------


def test_a_late_treatment_failure_is_the_event_and_a_later_relapse_is_none() -> None:
    """(94, 95) jama_2021 Table 2 and note c: first events; failure is that of the evaluation after cycle 1."""
    data = at(
        *entered(), *after_first_block(), randomized(40, "high_marrow_under_18_mrd_below_0_1"),
        *recorded(70, marrow_blasts_end_of_cycle_1=9.0), event("late_treatment_failure", 70), event("relapse", 150),
        FollowedUp(**about(160)),
    )  # fmt: skip

    assert times(data)["dfs"] == (30, True, "late_treatment_failure", None)
    assert times(data)["os"] == (120, False, None, "in follow-up")


def test_an_early_treatment_failure_is_an_event_at_time_zero() -> None:
    """(101, 102) haematologica_2025 Results: an event by definition; Figure 4: from completion of block 1."""
    data = at(*entered(), *after_first_block(blasts=40.0), event("early_treatment_failure", 35))

    assert times(data)["efs_end_of_block_1"] == (0, True, "early_treatment_failure", None)
    assert times(data)["efs"] == (35, True, "early_treatment_failure", None)
    assert "dfs" not in times(data)  # never randomized


def test_deaths_of_block_1_and_grade_5_events_are_counted_apart() -> None:
    """(103, 123) haematologica_2025 Results: 24 deaths, of which 22 are grade 5 adverse events."""
    assert AALL1331.proportions["died_in_block_1"].population == "whole_cohort"
    plan = AALL1331.adverse_events
    assert plan is not None
    assert plan.periods["block_1"].population == "whole_cohort"
    assert plan.grades["5"] == "Death"  # jama_2021 Table 3 note a


# -- adverse events -----------------------------------------------------------------------------------------


def test_grades_and_groups_of_the_tables_of_adverse_events() -> None:
    plan = AALL1331.adverse_events
    assert plan is not None
    # (113) jama_2021 Table 3: any grade, grade 3 or higher
    assert (plan.tables["by_cycle"].grades, plan.tables["by_cycle"].by) == ((1, 3), "arm")
    # (114) jama_2021 Results: grade 3 or higher, cumulative over both cycles
    assert (plan.tables["both_cycles"].grades, plan.tables["both_cycles"].population) == (
        (3,),
        "hr_ir_treated",
    )
    # (119) haematologica_2025 Results: grade 3 to 5 in at least 5% of patients
    block_1 = plan.tables["block_1"]
    assert (block_1.population, block_1.by, block_1.periods) == ("whole_cohort", None, ("block_1",))
    assert min(block_1.grades) == 3
    # (122) haematologica_2025 Table 2: grade 3-5 and grade 4-5, with P, of these
    infections = ("infections_total", "infections_and_infestations")
    found = {
        one_table.by: one_table.kinds
        for name, one_table in plan.tables.items()
        if name.startswith("block_1_by")
    }
    assert found == {
        "age_band_adverse_events": (
            *infections,
            "sepsis",
            "mucositis",
            "hyperglycemia",
            "hyperbilirubinemia",
        ),
        "relapse_site_group": infections,
        "relapse_type": infections,
        "sex": ("gastrointestinal_toxicity", "hypoalbuminemia"),
    }
    for name, one_table in plan.tables.items():
        if name.startswith("block_1_by"):
            assert {3, 4} <= set(one_table.grades) and one_table.population == "whole_cohort"


def test_adverse_events_are_counted_as_treated() -> None:
    """(112, 140) jama_2021 Statistical Analysis: patients who received one dose or more of the randomized therapy."""
    plan = AALL1331.adverse_events
    assert plan is not None
    assert plan.population == plan.tables["by_cycle"].population == "hr_ir_treated"
    assert {AALL1331.populations[name].arm for name in ("hr_ir_treated", "hr_ir_cycle_2")} == {"actual"}
    assert AALL1331.populations["hr_ir_primary"].arm == "planned"  # (138) as randomized


def test_events_of_special_interest_have_their_names() -> None:
    """(115) jama_2021 Results, AE End Point: infection, febrile neutropenia, mucositis and sepsis."""
    plan = AALL1331.adverse_events
    assert plan is not None
    labels = [
        plan.special_interest[name].label
        for name in ("infection", "febrile_neutropenia", "mucositis", "sepsis")
    ]

    assert labels == ["Infection", "Febrile neutropenia", "Mucositis", "Sepsis"]
    assert "federal guidelines" in plan.expedited  # (126) Table 3 note a


# -- monitoring and reports ---------------------------------------------------------------------------------


def test_what_the_committee_may_and_what_it_releases() -> None:
    plan, low = (AALL1331.monitoring[name] for name in ("high_intermediate", "low"))
    # (133) jama_2021 Results, Early Closure of Randomization: weighed once, at the look held; no plan to weigh it
    assert plan.endpoint == "dfs"
    assert plan.considers == ()
    assert "Weighed at this look" in plan.held[0].decision
    # (135) jama_2021 Statistical Analysis; Limitations
    assert "keeps the one-sided threshold of .025" in (plan.detail or "")
    assert "208 of 220 planned patients" in (plan.detail or "")
    assert "stopping rule on adverse events" in plan.safety  # (131) jama_2021 Discussion
    # (137) jama_2021 Methods, Trial Oversight
    committee = AALL1331.oversight.committee
    assert committee == "Independent data and safety monitoring committee of the Children's Oncology Group"
    # (134) jama_2021 Methods, Postreinduction Evaluation and Risk Assignment; Discussion
    assert low.release.startswith(
        "Not released by the data and safety monitoring committee when jama_2021 reported"
    )


def test_the_interim_analysis_as_held() -> None:
    """(129, 132, 133) jama_2021 Results, Early Closure of Randomization; Discussion."""
    plan = AALL1331.monitoring["high_intermediate"]
    [look] = plan.held
    assert (look.cutoff, look.events, look.critical_p) == ("interim", 80, 0.004)
    assert AALL1331.cutoffs["interim"].on == date(2019, 6, 30)
    assert "P = .06" in look.decision
    assert "the rule for efficacy was not met, nor that for futility" in look.decision
    assert "loss of clinical equipoise" in look.decision
    assert "a decision of the committee, and not the crossing of a boundary" in look.decision


def test_two_reports_of_one_trial_differ_by_their_snapshots() -> None:
    """(146) jama_2021: as of 30 September 2020; haematologica_2025: 31 March 2023."""
    facts = [
        *entered(), *after_first_block(), randomized(40, "high_marrow_under_18_mrd_below_0_1"),
        FollowedUp(**about(900)), event("death", 1200),
    ]  # fmt: skip
    final, cohort = at(*facts, until=date(2020, 9, 30)), at(*facts)

    assert (times(final)["os"][:2], times(cohort)["os"][:2]) == ((860, False), (1160, True))
    assert [provenance(data, "").cutoff for data in (final, cohort)] == [
        "final analysis, high and intermediate risk (2020-09-30)",
        "whole cohort (2023-03-31)",
    ]
    assert {plan.cutoff for plan in AALL1331.analyses.values()} == {"final", "whole_cohort", None}


def test_patients_of_aall1731_are_counted_as_randomized() -> None:
    """(144) news_2024 paragraph 4: intent to treat."""
    plan = AALL1731.analyses["dfs"]

    assert (plan.population, AALL1731.populations[plan.population].arm) == ("intention_to_treat", "planned")
    assert AALL1731.populations["intention_to_treat"].require == "randomized"


# -- 20120215 -----------------------------------------------------------------------------------------------


def test_baseline_data_of_20120215() -> None:
    """(27) letter P2: age, marrow, MRD, sex, time from diagnosis to relapse, extramedullary disease."""
    table = AMGEN.baselines["baseline"]

    assert table.population == "randomized"
    assert {row.item for row in table.items} == {
        "age_years", "age_group", "sex", "relapse_time", "extramedullary_disease", "marrow_response", "mrd_status",
    }  # fmt: skip
    assert list(AMGEN.factor_levels("relapse_time"))[:2] == ["under_18", "from_18_to_30"]  # (66)


def test_who_was_randomized_and_not_treated_in_20120215_is_said() -> None:
    """(89) letter P3: four withdrew consent and one died before treatment; efficacy all, safety the treated."""
    detail = AMGEN.path["chemotherapy"].detail or ""

    assert "Five of 57 patients were not treated: consent withdrawn in 4, death in 1" in detail
    assert {name: each.arm for name, each in AMGEN.populations.items() if name != "transplanted"} == {
        "randomized": "planned", "treated": "actual",
    }  # fmt: skip
