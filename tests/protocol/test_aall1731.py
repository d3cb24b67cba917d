"""AALL1731 as its protocol file says it: literal patients on every boundary. (11) is a number of the requirements."""

from __future__ import annotations

from datetime import date
from math import sqrt
from typing import Any

import polars as pl
import pytest

from equipoise.datasets.derivation import POPULATION
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import load_protocol
from equipoise.protocol.proofs.prover import prove
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.rule import compile_rule
from equipoise.trial.opening import find_protocol
from literal_patients import other_reading, rows_of

FILE = find_protocol("aall1731")
AALL1731 = load_protocol(FILE)

ELIGIBLE: dict[str, Any] = {
    "registered_on": date(2022, 3, 1),
    "age": 4.5,
    "newly_diagnosed": True,
    "nci_standard_risk": True,
    "risk_group": "sr_average",
}
IN_CONTROL = {
    **ELIGIBLE,
    "randomization": "standard_risk",
    "arm": "chemotherapy",
    "randomized_on": date(2022, 4, 1),
}
IN_BLINATUMOMAB = {**IN_CONTROL, "arm": "blinatumomab"}


def derived(*patients: dict[str, object], protocol: Protocol = AALL1731) -> pl.DataFrame:
    return rows_of(protocol, patients)


def verdicts(rules: dict[str, str], frame: pl.DataFrame) -> dict[str, list[bool | None]]:
    known, codes = columns.for_rules(AALL1731) | dict(frame.schema), columns.choices(AALL1731)
    return {name: compile_rule(rule, known, codes).evaluate(frame).to_list() for name, rule in rules.items()}


# -- eligibility and randomization --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "eligible"),
    [  # (11)
        ({}, True),
        ({"age": 0.99}, False),
        ({"age": 1.0}, True),
        ({"age": 9.99}, True),
        ({"age": 10.0}, True),
        ({"age": 10.99}, True),
        ({"age": 11.0}, False),
        ({"age": None}, None),
        ({"newly_diagnosed": False}, False),
        ({"newly_diagnosed": None}, None),
        ({"nci_standard_risk": False}, False),
        ({"nci_standard_risk": None}, None),
        ({"risk_group": "sr_high"}, True),
        ({"risk_group": "neither"}, False),
        ({"risk_group": None}, None),
        ({"risk_group": None, "age": 11.0}, False),
    ],
)
def test_eligibility(changed: dict[str, object], eligible: bool | None) -> None:
    frame = derived({**ELIGIBLE, **changed})
    criteria = {name: one.require for name, one in AALL1731.eligibility.items()}
    each = [one[0] for one in verdicts(criteria, frame).values()]

    assert frame["eligible"].item() is eligible
    assert all(one is True for one in each) is (eligible is True)
    assert (False in each) is (eligible is False)
    when = AALL1731.randomizations["standard_risk"].when
    assert when is not None
    assert verdicts({"when": when}, frame) == {"when": [eligible]}


def test_one_randomization_of_two_arms_within_the_risk_groups() -> None:
    """(67, 74)"""
    assert list(AALL1731.randomizations) == ["standard_risk"]
    one = AALL1731.randomizations["standard_risk"]
    assert one.arms == ("chemotherapy", "blinatumomab")
    assert one.strata == ("risk_stratum",)
    assert AALL1731.factor_levels("risk_stratum") == {"sr_average": "SR-average", "sr_high": "SR-high"}


@pytest.mark.parametrize(
    ("patient", "stratum", "group", "populations"),
    [  # (43, 144)
        (IN_CONTROL, "sr_average", "sr_average_control", {"intention_to_treat", "sr_average"}),
        (
            IN_BLINATUMOMAB,
            "sr_average",
            "sr_average_blinatumomab",
            {"intention_to_treat", "sr_average", "blinatumomab"},
        ),
        # (110) among relapses
        (
            {**IN_CONTROL, "relapse_site": "other"},
            "sr_average",
            "sr_average_control",
            {"intention_to_treat", "sr_average", "relapsed"},
        ),
        (
            {**IN_CONTROL, "risk_group": "sr_high"},
            "sr_high",
            "sr_high_control",
            {"intention_to_treat", "sr_high"},
        ),
        (
            {**IN_BLINATUMOMAB, "risk_group": "sr_high"},
            "sr_high",
            "sr_high_blinatumomab",
            {"intention_to_treat", "sr_high", "blinatumomab"},
        ),
        # as randomized, whatever was given
        (
            {**IN_CONTROL, "actual_arm": "blinatumomab"},
            "sr_average",
            "sr_average_control",
            {"intention_to_treat", "sr_average"},
        ),
        # intention to treat keeps who was randomized in error
        (
            {**IN_CONTROL, "age": 12.0},
            "sr_average",
            "sr_average_control",
            {"intention_to_treat", "sr_average"},
        ),
        ({**IN_CONTROL, "risk_group": "neither"}, None, None, {"intention_to_treat"}),
        ({**IN_CONTROL, "risk_group": None}, None, None, {"intention_to_treat"}),
        # after the recommendation to end randomization: the source excludes nobody
        (
            {**IN_CONTROL, "randomized_on": date(2024, 7, 1)},
            "sr_average",
            "sr_average_control",
            {"intention_to_treat", "sr_average"},
        ),
        (ELIGIBLE, "sr_average", None, set()),
        ({**ELIGIBLE, "risk_group": "sr_high"}, "sr_high", None, set()),
        ({**ELIGIBLE, "risk_group": "neither"}, None, None, set()),
    ],
)
def test_risk_group_four_arms_and_populations(
    patient: dict[str, object], stratum: str | None, group: str | None, populations: set[str]
) -> None:
    row = derived(patient).row(0, named=True)

    assert (row["risk_stratum"], row["randomized_group"]) == (stratum, group)
    assert {name for name in AALL1731.populations if row[POPULATION + name]} == populations


# -- the readings that were not chosen ----------------------------------------------------------------------

WITHOUT_RISK = [
    (
        "    require: risk_group in ('sr_average', 'sr_high')",
        "    require: risk_group in ('sr_average', 'sr_high', 'neither')",
    )
]


@pytest.mark.parametrize(
    ("changes", "patient", "column", "chosen", "other"),
    [
        (
            [("require: age >= 1 and age < 11", "require: age >= 1 and age < 10")],
            {**ELIGIBLE, "age": 10.0},
            "eligible",
            True,
            False,
        ),
        (
            [("require: age >= 1 and age < 11", "require: age >= 1 and age <= 10")],
            {**ELIGIBLE, "age": 10.5},
            "eligible",
            True,
            False,
        ),
        (WITHOUT_RISK, {**ELIGIBLE, "risk_group": "neither"}, "eligible", False, True),
        (
            [("require: randomized\n", "require: randomized and eligible\n")],
            {**IN_CONTROL, "age": 12.0},
            f"{POPULATION}intention_to_treat",
            True,
            False,
        ),
    ],
)
def test_the_other_reading_is_one_rule_away(
    changes: list[tuple[str, str]], patient: dict[str, object], column: str, chosen: object, other: object
) -> None:
    """decisions/0015: what was not chosen is a rule of the language too, and gives another answer."""
    assert derived(patient)[column].item() == chosen
    assert derived(patient, protocol=other_reading(FILE, changes))[column].item() == other


@pytest.mark.parametrize(
    ("percent", "printed", "patients"),
    [  # (169) three-year disease-free survival, plus or minus, number randomized (news_2024 paragraphs 3 and 4)
        (96.0, 1.2, 417 + 301),
        (87.9, 2.1, 418 + 304),
        (97.5, 1.3, 417),
        (90.2, 2.3, 418),
        (94.1, 2.5, 301),
        (84.8, 3.8, 304),
    ],
)
def test_plus_or_minus_is_no_95_percent_interval(percent: float, printed: float, patients: int) -> None:
    """Even without censoring its half-width would be larger than what is printed; a standard error is possible."""
    without_censoring = sqrt(percent * (100 - percent) / patients)

    assert without_censoring < printed < 1.96 * without_censoring


# -- plans --------------------------------------------------------------------------------------------------


def test_end_points_and_analyses() -> None:
    found = {
        name: (one.role, one.origin, one.events, one.competing) for name, one in AALL1731.endpoints.items()
    }
    assert found == {  # (110)
        "dfs": ("primary", "randomization", ("relapse", "second_malignancy", "death"), ()),
        "relapse": ("exploratory", "randomization", ("relapse",), ("second_malignancy", "death")),
    }
    populations = {"dfs": "intention_to_treat", "dfs_sr_average": "sr_average", "dfs_sr_high": "sr_high"}
    for name, population in populations.items():
        plan = AALL1731.analyses[name]
        assert (plan.endpoint, plan.population) == ("dfs", population)
        assert plan.kaplan_meier.times == (3.0,)  # (110, 169)
        assert plan.log_rank is not None and plan.cox is not None
        assert (plan.log_rank.sided, plan.log_rank.strata, plan.cox.strata) == (2, (), ())
    factors = ("sex", "race", "ethnicity", "cns_status", "genetic_risk", "mrd_status")
    assert AALL1731.analyses["dfs"].subgroups == ("risk_stratum", *factors)  # (177)
    assert {one.item for one in AALL1731.baselines["baseline"].items} == {
        "age",
        "risk_stratum",
        *factors,
    }  # (28)
    assert AALL1731.analyses["relapse"].log_rank is None
    assert AALL1731.analyses["relapse"].cox is None
    assert {name: one.on for name, one in AALL1731.cutoffs.items()} == {
        "recommendation": date(2024, 6, 30)  # (136)
    }
    assert {one.cutoff for one in AALL1731.analyses.values()} == {"recommendation"}


def test_relapses_by_site() -> None:
    """(110) Paragraph 5: of 19 and 56 relapses 52.6% and 69.6% with marrow, isolated or with CNS."""
    assert list(AALL1731.items["relapse_site"].choices or {}) == ["marrow", "marrow_cns", "other"]
    share = AALL1731.proportions["relapse_with_marrow"]
    assert (share.population, share.test, share.difference) == ("relapsed", "not stated", "not stated")
    patients = [{**IN_CONTROL, "relapse_site": site} for site in ("marrow", "marrow_cns", "other", None)]
    frame = derived(*patients)
    assert verdicts({"share": share.response}, frame) == {"share": [True, True, False, None]}
    assert frame[f"{POPULATION}relapsed"].to_list() == [True, True, True, False]
    assert {name: (one.rows, one.columns, one.by) for name, one in AALL1731.tables.items()} == {
        "relapse_site": ("relapse_site", "arm", None),
        "relapse_site_by_risk_group": ("relapse_site", "arm", "risk_stratum"),
    }


# -- conduct ------------------------------------------------------------------------------------------------


def test_two_nonsequential_cycles_of_blinatumomab() -> None:
    """(43) Paragraphs 2 and 3; which courses stand where is not stated."""
    path = AALL1731.path

    def way(step: str) -> list[str]:
        courses = []
        while path[step].course is not None:
            courses.append(path[step].course or "")
            onward = path[step].next
            assert isinstance(onward, str)
            step = onward
        assert path[step].does == "follow_up"
        return courses

    arms = path["randomization"].arms
    assert way(arms["chemotherapy"]) == ["chemotherapy"]
    assert way(arms["blinatumomab"]) == [
        "chemotherapy", "blinatumomab_first", "chemotherapy_between", "blinatumomab_second", "chemotherapy_after",
    ]  # fmt: skip
    times = {step.course: step.times for step in path.values() if step.course}
    assert {course for course, one in times.items() if one == (1, 1)} == {
        "blinatumomab_first",
        "blinatumomab_second",
    }
    assert {one for course, one in times.items() if (course or "").startswith("chemotherapy")} == {
        "not stated"
    }


def test_what_is_given_in_each_course() -> None:
    """(43) Paragraph 3: chemotherapy is risk-adapted; no drug of it and no dose is stated."""
    for name, course in AALL1731.courses.items():
        assert (course.days, course.rest) == ("not stated", "not stated")
        given = {code: (one.drug, one.when) for code, one in course.treatments.items()}
        assert {one.dose for one in course.treatments.values()} == {"not stated"}
        if name.startswith("blinatumomab"):
            assert given == {"blinatumomab": ("blinatumomab", None)}
        else:
            assert given == {
                "sr_average": ("chemotherapy_sr_average", "risk_group = 'sr_average'"),
                "sr_high": ("chemotherapy_sr_high", "risk_group = 'sr_high'"),
            }
    assert {name: one.role for name, one in AALL1731.drugs.items()} == {
        "blinatumomab": "investigational",
        "chemotherapy_sr_average": "background",
        "chemotherapy_sr_high": "background",
    }


def test_when_values_are_recorded() -> None:
    """Paragraph 6: CNS status at diagnosis; of the others no day is stated."""
    at = {name: one.collected for name, one in AALL1731.items.items()}
    assert [name for name, visit in at.items() if visit == "diagnosis"] == ["cns_status"]
    assert [name for name, visit in at.items() if visit == "ongoing"] == ["relapse_site"]
    assert AALL1731.items["mrd_status"].assay == "mrd"
    assay = AALL1731.assays["mrd"]
    assert {assay.method, assay.specimen, assay.laboratory, assay.sensitivity, assay.masked} == {"not stated"}


def test_the_committee_and_its_recommendation() -> None:
    """(136) Paragraph 7: the day, who recommended what, and what prompted it; no boundary."""
    assert (
        AALL1731.oversight.committee
        == "Data Safety and Monitoring Committee of the Children's Oncology Group"
    )
    plan = AALL1731.monitoring["standard_risk"]
    assert (plan.randomization, plan.endpoint, plan.analysis) == ("standard_risk", "dfs", "dfs")
    silent = (plan.alpha, plan.sided, plan.power, plan.hazard_ratio, plan.expected, plan.subjects, plan.events,
              plan.analyses, plan.looks, plan.efficacy, plan.futility, plan.safety, plan.release)  # fmt: skip
    assert set(silent) == {"not stated"}
    assert plan.cutoffs == ("recommendation",)
    [look] = plan.held
    assert (look.cutoff, look.events, look.critical_p) == ("recommendation", "not stated", "not stated")
    assert look.held == "not stated"  # paragraph 7 dates the recommendation, not the look
    assert "Whether a boundary was crossed is not stated" in str(look.decision)
    because = AALL1731.randomizations["standard_risk"].closed_because
    for text in (plan.detail, because):
        assert "30 June 2024" in (text or "") and "disease-free survival" in (text or "")


def test_estimands() -> None:
    found = {name: (one.role, one.variable, one.analysis) for name, one in AALL1731.estimands.items()}
    assert found == {  # (110) paragraphs 2 and 4
        "dfs": ("primary", "dfs", "dfs"),
        "dfs_sr_average": ("secondary", "dfs", "dfs_sr_average"),
        "dfs_sr_high": ("secondary", "dfs", "dfs_sr_high"),
    }
    assert {str(one.intercurrent_events) for one in AALL1731.estimands.values()} == {"not stated"}


# -- adverse events -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "term", "grade", "counted"),
    [  # (125)
        ("Infections and infestations", "Sepsis", 2, set()),
        ("Infections and infestations", "Sepsis", 3, {"sepsis_or_catheter_infection"}),
        ("Infections and infestations", "Sepsis", 4, {"sepsis_or_catheter_infection", "infection_4_5"}),
        ("Infections and infestations", "Catheter related infection", 3, {"sepsis_or_catheter_infection"}),
        ("Infections and infestations", "Lung infection", 3, set()),
        ("Infections and infestations", "Lung infection", 5, {"infection_4_5"}),
        ("Immune system disorders", "Cytokine release syndrome", 2, set()),
        ("Immune system disorders", "Cytokine release syndrome", 3, {"cytokine_release_syndrome"}),
        ("Nervous system disorders", "Seizure", 1, {"seizure"}),
        ("Nervous system disorders", "Tremor", 3, set()),
    ],
)
def test_adverse_events_of_special_interest(category: str, term: str, grade: int, counted: set[str]) -> None:
    plan = AALL1731.adverse_events
    assert plan is not None
    event = pl.DataFrame(
        [{"category": category, "term": term, "grade": grade}],
        schema={name: columns.ADVERSE_EVENT[name] for name in ("category", "term", "grade")},
    )
    found = {
        name
        for name, one in plan.special_interest.items()
        if compile_rule(one.where, columns.ADVERSE_EVENT, {}).evaluate(event).item()
    }

    assert found == counted


def test_tables_of_adverse_events() -> None:
    """(125) Paragraph 8: infections by risk group and arm; cytokine release and seizures of first courses."""
    plan = AALL1731.adverse_events
    assert plan is not None
    infections = plan.tables["infections"]
    assert (infections.by, infections.population, infections.per) == (
        "randomized_group", "intention_to_treat", "subject",
    )  # fmt: skip
    assert infections.kinds == ("sepsis_or_catheter_infection", "infection_4_5")
    first = plan.tables["first_courses"]
    assert (first.per, first.periods, first.kinds) == (
        "course", ("first_course",), ("cytokine_release_syndrome", "seizure"),
    )  # fmt: skip
    assert plan.periods["first_course"].courses == ("blinatumomab_first",)
    later = plan.tables["infections_after_blinatumomab"]
    assert later.periods == ("first_course", "later_chemotherapy")
    assert plan.periods["later_chemotherapy"].courses == ("chemotherapy_between", "chemotherapy_after")
    assert {one.population for one in plan.periods.values()} == {"blinatumomab"}
    only = {name for name, one in plan.special_interest.items() if one.arms == ("blinatumomab",)}
    assert only == {"cytokine_release_syndrome", "seizure"}
    assert {name for name, one in plan.special_interest.items() if one.kind == "of the treatment"} == only
    assert {one.kind for name, one in plan.special_interest.items() if name not in only} == {"composite"}


def test_background_and_counts() -> None:
    """Paragraph 2: two decades, and what the trial is for; paragraph 5: counts of relapses, and the nervous system."""
    said = " ".join(one.text for one in AALL1731.background)
    assert "two decades" in said and "two nonsequential cycles" in said and "central nervous system" in said
    assert AALL1731.proportions["relapse_with_marrow"].role == "descriptive"
    for name, one in AALL1731.populations.items():
        assert "paragraph" not in (one.definition or "") and "(" not in (one.definition or ""), name
    # paragraph 3
    assert AALL1731.populations["sr_high"].source == "news_2024 paragraphs 3 and 4 (304 and 301 patients)"
    assert AALL1731.populations["sr_average"].source == "news_2024 paragraphs 3 and 4 (418 and 417 patients)"


def test_everything_has_its_source() -> None:
    blocks = (
        "visits", "assays", "items", "derived", "eligibility", "consents", "drugs", "courses", "arms", "randomizations",
        "path", "events", "endpoints", "estimands", "monitoring", "cutoffs", "baselines", "analyses", "proportions",
        "tables",
    )  # fmt: skip
    said = {
        f"{block}.{name}": one.source
        for block in blocks
        for name, one in getattr(AALL1731, block).items()
        if name != "eligible"  # the criteria, which have theirs
    }
    for course in AALL1731.courses.values():
        said |= {f"treatments.{name}": one.source for name, one in course.treatments.items()}
    plan = AALL1731.adverse_events
    assert plan is not None
    for more in (plan.special_interest, plan.periods, plan.tables):
        said |= {f"adverse_events.{name}": one.source for name, one in more.items()}
    said |= {"oversight": AALL1731.oversight.source, "adverse_events": plan.source}
    without = [name for name, source in said.items() if "news_2024" not in (source or "")]
    without += [
        f"populations.{name}"
        for name, one in AALL1731.populations.items()
        if "news_2024 paragraph" not in (one.source or "")
    ]
    without += [one.text for one in AALL1731.background if "news_2024 paragraph" not in (one.source or "")]
    without += [
        one.text for one in AALL1731.statistics.statements if "news_2024 paragraph" not in (one.source or "")
    ]

    assert not without


def test_what_the_source_does_not_print_is_not_stated() -> None:
    one = AALL1731.randomizations["standard_risk"]
    assert {one.ratio, one.method, one.blocks, one.planned, one.opened, one.closed} == {"not stated"}
    # paragraph 2: a study of the group; the word sponsor is not in the source
    assert {AALL1731.registry, AALL1731.masking, AALL1731.sponsor} == {"not stated"}
    plan = AALL1731.statistics
    assert {plan.software, plan.multiplicity, plan.missing} == {"not stated"}
    assert AALL1731.adverse_events is not None
    graded = AALL1731.adverse_events
    assert {graded.dictionary, graded.grading, graded.graded_by} == {"not stated"}
    watch = AALL1731.oversight
    assert {watch.review, watch.meetings, watch.sites, watch.countries, watch.opened, watch.closed} == {
        "not stated"
    }
    consent = AALL1731.consents["trial"]
    assert {consent.form, consent.given_by, consent.assent, consent.versions} == {"not stated"}
    assert not AALL1731.versions and not AALL1731.dispositions.treatment
    assert {one.window for one in AALL1731.visits.values()} == {"not stated"}
    assert "short follow-up (median 2.5 years)" in AALL1731.notes[0]  # (196)


def test_every_statement_about_its_rules_is_proved() -> None:
    findings = prove(AALL1731)

    assert findings
    assert {one.kind for one in findings} == {"proved"}
