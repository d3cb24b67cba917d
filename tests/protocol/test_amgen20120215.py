"""Amgen 20120215 as its protocol file says it: literal patients on every boundary. (9) is a requirement's number."""

from __future__ import annotations

from datetime import date
from math import comb

import polars as pl
import pytest

from equipoise.datasets.derivation import POPULATION
from equipoise.protocol.definition import Dose, Protocol, Span
from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.protocol.proofs.prover import prove
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.rule import compile_rule
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
        assert (each.undecided is not None) is (name == "regimen")  # who is still treated has no class of it
        of_randomized = "patient of the population randomized whose items are all known"
        who = of_randomized if each.undecided else "eligible patient"
        assert each.classes is None or f"every {who} has a class of {name}" in said


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


@pytest.mark.parametrize(
    ("ended", "actual", "regimen"),
    [  # (89, 91)
        ("completed", "blinatumomab", "completed"),
        ("adverse_event", "blinatumomab", "stopped"),
        ("other", "chemotherapy", "stopped"),
        ("withdrew", None, "not_started"),
        ("died", None, "not_started"),
        ("died", "chemotherapy", "stopped"),
        (None, "chemotherapy", None),
        (None, None, None),
    ],
)
def test_completion_of_the_regimen(ended: str | None, actual: str | None, regimen: str | None) -> None:
    assert one("regimen", treatment_ended=ended, actual_arm=actual) == regimen


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
            [("require: high_risk", "require: high_risk and first_remission < 30")],
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
        ("strategy: treatment policy", "strategy: not stated"),
        ("difference: score", "difference: miettinen-nurminen"),
        ("test: fisher", "test: chi-squared"),
        ("response: mrd_remission = 'remission'\n    population: randomized",
         "response: mrd_remission = 'remission'\n    population: treated"),
        ("leave_to: follow_up", "leave_to: end"),
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
        "survival_100_days": ("secondary", ("death",), ()),
        "os_after_hsct": ("exploratory", ("death",), ()),  # (108)
        "rfs": ("exploratory", ("treatment_failure", "relapse", "death"), ()),  # (106)
        "nrm": ("exploratory", ("death",), ("treatment_failure", "relapse")),  # (107)
    }
    after = {name: each for name, each in AMGEN.endpoints.items() if each.origin == "hsct_on"}
    assert {name: each.unit for name, each in after.items()} == {
        "survival_100_days": "day",  # (105)
        "os_after_hsct": "month",  # (108)
    }
    others = {(each.origin, each.unit) for name, each in AMGEN.endpoints.items() if name not in after}
    assert others == {("randomization", "month")}
    for name in ("efs", "os"):
        plan = AMGEN.analyses[name]
        assert plan.population == "randomized"
        assert (plan.kaplan_meier.interval, plan.kaplan_meier.times) == ("log-log", (60.0,))  # (164)
        assert plan.log_rank is not None and plan.cox is not None
        assert plan.log_rank.strata == plan.cox.strata == FACTORS  # (73, 165)
        assert plan.log_rank.strata_as == plan.cox.strata_as == "verified"
        assert plan.cox.confidence_level == 0.95
        assert plan.subgroups == (*FACTORS, "sex", "relapse_time", "extramedullary_disease")  # (176)
    assert all(each.endpoint == name for name, each in AMGEN.analyses.items())
    assert set(AMGEN.analyses) == set(AMGEN.endpoints)
    assert {each.cutoff for each in AMGEN.analyses.values()} == {"final"}  # P1
    assert all(each.comparisons == AMGEN.analyses["efs"].comparisons for each in AMGEN.analyses.values())


def test_competing_risks_at_12_months() -> None:
    """(107, 167) P4: 12 months, no test of non-relapse mortality; P3: a stratified log-rank test of relapse."""
    for name in ("relapse", "nrm"):
        incidence = AMGEN.analyses[name].cumulative_incidence
        assert incidence is not None
        assert (incidence.times, incidence.test) == ((12.0,), "not stated")
        assert AMGEN.analyses[name].cox is None
    assert AMGEN.analyses["nrm"].log_rank is None
    log_rank = AMGEN.analyses["relapse"].log_rank
    assert log_rank is not None and log_rank.strata == FACTORS
    assert {name for name, each in AMGEN.analyses.items() if each.cumulative_incidence} == {
        name for name, each in AMGEN.endpoints.items() if each.competing
    }


def test_survival_after_transplant() -> None:
    """(105, 108) P2: at 100 days; P4: at 60 months, and the median; neither has a test."""
    times = {"survival_100_days": (100.0,), "os_after_hsct": (60.0,)}
    for name, at in times.items():
        plan = AMGEN.analyses[name]
        assert (plan.population, plan.kaplan_meier.times) == ("transplanted", at)
        assert plan.log_rank is None and plan.cox is None
    assert AMGEN.items["hsct_on"].type == "date"


def test_shares_of_patients() -> None:
    """(91, 105, 107, 109, 124) Test and interval only where the letter prints them (166)."""
    assert {
        name: (each.response, each.population, each.test, each.difference)
        for name, each in AMGEN.proportions.items()
    } == {
        "mrd_remission": ("mrd_remission = 'remission'", "randomized", "not stated", "not stated"),  # P2
        "mrd_undetectable": (  # P1
            "mrd_end = 0 and mrd_end_method = 'pcr'", "randomized", "not stated", "not stated",
        ),
        "completed": ("treatment_ended = 'completed'", "randomized", "not stated", "not stated"),  # P3
        "hsct": ("hsct", "randomized", "fisher", "score"),  # P4
        "cd19_negative_relapse": ("cd19_at_relapse = 'negative'", "randomized", "not stated", "not stated"),  # P4
        "death_disease": ("death_cause = 'disease'", "randomized", "not stated", "not stated"),  # P4
        "death_other": ("death_cause = 'other'", "randomized", "fisher", "score"),  # P4
        "discontinued_adverse_event": (  # P5
            "treatment_ended = 'adverse_event'", "treated", "not stated", "not stated",
        ),
    }  # fmt: skip
    assert [name for name, each in AMGEN.proportions.items() if each.role == "secondary"] == [
        "mrd_remission",  # P2
        "discontinued_adverse_event",  # P2, incidence of adverse events
    ]
    # Not in the list of end points of P2: counts that the letter gives
    assert {each.role for name, each in AMGEN.proportions.items() if name not in (
        "mrd_remission", "discontinued_adverse_event",
    )} == {"descriptive"}  # fmt: skip
    # Fisher's test of the printed P values is two-sided: see below
    assert {name for name, each in AMGEN.proportions.items() if each.sided == 2} == {"hsct", "death_other"}
    assert {(each.rows, each.columns, each.population) for each in AMGEN.tables.values()} == {
        ("regimen", "arm", "randomized"),  # P3
        ("death_cause", "arm", "randomized"),  # P4; Supplementary Tables 2 and 3
        ("cd19_at_relapse", "arm", "randomized"),  # P4
    }


@pytest.mark.parametrize(
    ("first", "second", "printed"),
    [
        # P4: patients with the response and patients of each arm, and the printed P value
        ((51, 54), (39, 57), 0.0005),
        ((5, 54), (10, 57), 0.27),
    ],
)
def test_printed_p_values_of_shares_are_fishers(
    first: tuple[int, int], second: tuple[int, int], printed: float
) -> None:
    """(166) Tables as probable as this one or less, by the hypergeometric distribution; to the printed digits."""
    (a, n), (b, m) = first, second
    probability = [
        comb(n, x) * comb(m, a + b - x) / comb(n + m, a + b) if 0 <= a + b - x <= m else 0.0
        for x in range(min(n, a + b) + 1)
    ]
    p_value = sum(each for each in probability if each <= probability[a] * (1 + 1e-9))

    assert round(p_value, len(str(printed)) - 2) == printed


# -- conduct ------------------------------------------------------------------------------------------------


def test_the_randomized_treatment() -> None:
    """(42)"""
    assert set(AMGEN.courses) == {"blinatumomab_cycle", "chemotherapy_cycle", "transplant"}
    cycle = AMGEN.courses["blinatumomab_cycle"]
    assert (cycle.days, cycle.rest) == (28, "not stated")  # P2, 4 weeks of infusion
    given = cycle.treatments["blinatumomab"]
    assert given.drug == "blinatumomab"
    assert given.dose == Dose(amount=15.0, unit="µg/m2/day")  # P2
    assert (given.route, given.infusion, given.days) == (
        "intravenous",
        "continuous",
        Span(first=1, last=28),
    )  # P2
    assert given.reduction == "not stated"
    other = AMGEN.courses["chemotherapy_cycle"]
    each = other.treatments["chemotherapy"]
    assert {other.days, other.rest, each.dose, each.route, each.infusion, each.days} == {"not stated"}
    assert "IntReALL HR 2010" in AMGEN.drugs["chemotherapy"].label  # P2
    assert AMGEN.courses["transplant"].treatments["hsct"].procedure == "transplant"  # P2
    assert {name: each.role for name, each in AMGEN.drugs.items()} == {
        "blinatumomab": "investigational",  # P1
        "chemotherapy": "not stated",
    }


def test_the_path() -> None:
    path = AMGEN.path
    first, *_, last = path
    assert (first, path[first].consent, last, path[last].does) == ("consent", "trial", "end", "end")
    assert path["consent"].refused == "end"
    assert path["randomization"].arms == {"blinatumomab": "blinatumomab", "chemotherapy": "chemotherapy"}
    for arm in AMGEN.arms:
        assert path[arm].times == (1, 1)  # P1, a single cycle
        assert path[arm].next == "end_of_treatment"
        # P3: before any dose, withdrawn consent and death; P5: adverse events. All are followed for efficacy (89)
        assert path[arm].leave == tuple(AMGEN.dispositions.treatment)
        assert path[arm].leave_to == "follow_up"
    branches = path["end_of_treatment"].next
    assert isinstance(branches, tuple)
    assert [(each.to, each.when) for each in branches] == [
        ("transplant", "eligible_for_hsct"),  # P2 (42)
        ("follow_up", None),
    ]
    other_way = path["end_of_treatment"].deviations["no_transplant"]
    assert (other_way.to, other_way.allowed) == ("follow_up", "not stated")  # P2: eligible
    consent = AMGEN.consents["trial"]
    assert {consent.form, consent.given_by, consent.assent} == {"not stated"}
    assert set(AMGEN.dispositions.treatment) == {"withdrew", "died", "adverse_event", "other"}  # P3, P5


@pytest.mark.parametrize(("kept", "failure"), [(True, False), (False, True), (None, None)])
def test_failure_is_established_at_the_end_of_treatment(kept: bool | None, failure: bool | None) -> None:
    """(104) P2: failure to achieve or maintain complete morphologic remission at the end of randomized treatment."""
    event = AMGEN.events["treatment_failure"]
    assert event.visit == "end_of_treatment" and event.when is not None
    rule = compile_rule(event.when, columns.for_rules(AMGEN), columns.choices(AMGEN))

    assert rule.evaluate(derived({**ELIGIBLE, "remission_maintained": kept})).item() is failure
    assert {name for name, each in AMGEN.events.items() if each.visit} == {"treatment_failure"}


def test_when_and_how_values_are_measured() -> None:
    """(53)"""
    at = {name: each.collected for name, each in AMGEN.items.items()}
    assert {name for name, visit in at.items() if visit == "after_consolidation"} == {
        "marrow_blasts", "mrd_baseline",  # P2
    }  # fmt: skip
    assert {name for name, visit in at.items() if visit == "end_of_treatment"} == {
        "marrow_blasts_end", "remission_maintained", "mrd_end", "mrd_end_method",  # P2
    }  # fmt: skip
    assert {name: each.assay for name, each in AMGEN.items.items() if each.assay} == {
        "marrow_blasts": "morphology",
        "marrow_blasts_end": "morphology",
        "mrd_baseline": "mrd",
        "mrd_end": "mrd",
    }
    assert str(AMGEN.assays["mrd"].method).startswith("Polymerase chain reaction")  # P1
    assert {each.sensitivity for each in AMGEN.assays.values()} == {"not stated"}
    assert {each.specimen for each in AMGEN.assays.values()} == {"Bone marrow"}  # P1, P2
    assert list(AMGEN.items["mrd_end_method"].choices or {}) == ["pcr", "flow_cytometry"]
    assert {each.window for each in AMGEN.visits.values()} == {"not stated"}


def test_enrollment_and_cutoffs() -> None:
    """(143) A month without a day is no date."""
    assert (AMGEN.oversight.opened, AMGEN.oversight.closed) == ("2016-11", "2019-08")  # P3
    assert AMGEN.oversight.enrolled == 111  # P3
    assert {name: each.on for name, each in AMGEN.cutoffs.items()} == {
        "primary": "2019-07",  # P1
        "two_years": "2021-09",  # P1
        "final": date(2022, 11, 21),  # P1
    }
    assert any("July 2019" in note and "September 2021" in note for note in AMGEN.notes)


def test_estimands() -> None:
    assert {name: (each.role, each.variable, each.analysis) for name, each in AMGEN.estimands.items()} == {
        "efs": ("primary", "efs", "efs"),  # P2
        "os": ("secondary", "os", "os"),
        "relapse": ("secondary", "relapse", "relapse"),
        "mrd_remission": ("secondary", "mrd_remission", "mrd_remission"),
        "survival_100_days": ("secondary", "survival_100_days", "survival_100_days"),
    }
    events = AMGEN.estimands["efs"].intercurrent_events
    assert events != "not stated"
    assert {name: each.strategy for name, each in events.items()} == {
        "not_treated": "treatment policy",  # P2, all randomized patients (89)
        "death": "composite variable",  # P2
        "transplant": "treatment policy",  # P6
        "discontinued": "not stated",
        "later_therapy": "not stated",
    }


def test_what_the_letter_does_not_print_is_not_stated() -> None:
    each = AMGEN.randomizations["main"]
    assert {each.strata, each.method, each.blocks, each.planned, each.opened, each.closed} == {"not stated"}
    assert each.ratio == {"chemotherapy": 1, "blinatumomab": 1}  # (77)
    assert AMGEN.sponsor == "not stated"
    assert not AMGEN.dispositions.screening and not AMGEN.dispositions.follow_up
    assert not any(item.unavailable for item in AMGEN.items.values())
    assert not AMGEN.versions
    watch = AMGEN.oversight
    assert {watch.review, watch.committee, watch.meetings, watch.sites, watch.countries} == {"not stated"}
    plan = AMGEN.monitoring["main"]
    silent = (plan.alpha, plan.sided, plan.power, plan.hazard_ratio, plan.expected, plan.subjects, plan.events,
              plan.analyses, plan.looks, plan.efficacy, plan.futility, plan.safety, plan.release)  # fmt: skip
    assert set(silent) == {"not stated"}
    assert plan.cutoffs == ("primary", "two_years", "final")  # P1
    assert tuple(look.cutoff for look in plan.held) == plan.cutoffs
    assert {
        value for look in plan.held for value in (look.held, look.events, look.critical_p, look.decision)
    } == {"not stated"}
    statistics = AMGEN.statistics
    assert {statistics.software, statistics.multiplicity, statistics.missing} == {"not stated"}


def test_background() -> None:
    """P1: standard of care, and the two earlier analyses; no population counts its patients in its definition."""
    said = " ".join(each.text for each in AMGEN.background)
    for words in ("standard of care", "July 2019", "hazard ratio 0.34", "hazard ratio 0.35", "10^-4"):
        assert words in said
    assert not [name for name, each in AMGEN.populations.items() if "(" in (each.definition or "")]
    assert "(54 and 52 patients)" in (AMGEN.populations["treated"].source or "")  # P5


def test_everything_has_its_source() -> None:
    blocks = (
        "visits", "assays", "items", "derived", "eligibility", "consents", "drugs", "courses", "arms", "randomizations",
        "path", "events", "endpoints", "estimands", "monitoring", "cutoffs", "baselines", "analyses", "proportions",
        "tables",
    )  # fmt: skip
    said = {
        f"{block}.{name}": each.source
        for block in blocks
        for name, each in getattr(AMGEN, block).items()
        if name != "eligible"  # the criteria, which have theirs
    }
    said |= {f"populations.{name}": each.source for name, each in AMGEN.populations.items()}
    said |= {each.text: each.source for each in (*AMGEN.background, *AMGEN.statistics.statements)}
    for course in AMGEN.courses.values():
        said |= {
            f"treatments.{name}": each.source
            for name, each in course.treatments.items()
            if not each.procedure
        }
    assert AMGEN.adverse_events is not None
    for more in (AMGEN.adverse_events.special_interest, AMGEN.adverse_events.tables):
        said |= {f"adverse_events.{name}": each.source for name, each in more.items()}
    for one_block in ("oversight", "dispositions", "adverse_events"):
        said[one_block] = getattr(AMGEN, one_block).source

    assert not [name for name, source in said.items() if "letter" not in (source or "")]


# -- adverse events -----------------------------------------------------------------------------------------


def test_adverse_events() -> None:
    """(111, 124)"""
    plan = AMGEN.adverse_events
    assert plan is not None
    assert (plan.population, plan.grading, plan.severe_from) == ("treated", "CTCAE 4.0", 3)  # P2
    assert plan.graded_by == "not stated"
    # CTCAE 4.0, its general definitions of grades
    assert (plan.grades["1"], plan.grades["2"], plan.grades["5"]) == ("Mild", "Moderate", "Death")
    # P5: a known safety concern, given the mechanism of action; P6
    kinds = {name: each.kind for name, each in plan.special_interest.items()}
    assert {name for name, kind in kinds.items() if kind == "of the treatment"} == {
        "cytokine_release_syndrome", "neurologic",
    }  # fmt: skip
    assert "special interest" not in kinds.values()
    assert AMGEN.populations["treated"].arm == "actual"
    shown = {name: (each.kinds, each.grades, each.test) for name, each in plan.tables.items()}
    assert shown == {
        "overall": (("treatment_emergent", "related", "fatal", "related_fatal"), (), False),  # P5
        "related_severe": (("related_severe",), (), True),  # P5, with a P value
        "by_grade": (("cytokine_release_syndrome", "neurologic"), (1, 2, 3, 4, 5), False),  # P5
        "by_category": (("infection", "gastrointestinal", "vascular"), (), False),  # P6
    }
    assert {each.population for each in plan.tables.values()} == {"treated"}


@pytest.mark.parametrize(
    ("event", "counted"),
    [  # (124) category, term, grade, related, emergent
        (("Investigations", "White blood cell decreased", 2, "", True), {"treatment_emergent"}),
        (("Investigations", "White blood cell decreased", 2, "", False), set()),
        (("Investigations", "White blood cell decreased", 2, "related", True), {"treatment_emergent", "related"}),
        (("Investigations", "White blood cell decreased", 3, "related", True),
         {"treatment_emergent", "related", "related_severe"}),
        (("Investigations", "White blood cell decreased", 3, "not related", True), {"treatment_emergent"}),
        (("Cardiac disorders", "Cardiac arrest", 5, "", True), {"treatment_emergent", "fatal"}),
        (("Cardiac disorders", "Cardiac arrest", 5, "related", True),
         {"treatment_emergent", "related", "related_severe", "fatal", "related_fatal"}),
        (("Immune system disorders", "Cytokine release syndrome", 1, "", True),
         {"treatment_emergent", "cytokine_release_syndrome"}),
        (("Nervous system disorders", "Tremor", 1, "", True), {"treatment_emergent", "neurologic"}),
        (("Infections and infestations", "Lung infection", 2, "", True), {"treatment_emergent", "infection"}),
        (("Gastrointestinal disorders", "Nausea", 1, "", True), {"treatment_emergent", "gastrointestinal"}),
        (("Vascular disorders", "Hypertension", 1, "", True), {"treatment_emergent", "vascular"}),
    ],
)  # fmt: skip
def test_kinds_of_adverse_events(event: tuple[str, str, int, str, bool], counted: set[str]) -> None:
    plan = AMGEN.adverse_events
    assert plan is not None
    names = ("category", "term", "grade", "related", "emergent")
    frame = pl.DataFrame(
        [dict(zip(names, event, strict=True))], schema={name: columns.ADVERSE_EVENT[name] for name in names}
    )
    found = {
        name
        for name, each in plan.special_interest.items()
        if compile_rule(each.where, columns.ADVERSE_EVENT, {}).evaluate(frame).item()
    }

    assert found == counted
