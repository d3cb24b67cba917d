"""Proofs: what the solver says is what the evaluator does; each planted fault is found, with a patient who shows it."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from datetime import date
from importlib.resources import files
from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.datasets.derivation import apply_rules
from equipoise.protocol.load import parse_protocol
from equipoise.protocol.proofs.prover import overlaps, prove
from equipoise.protocol.proofs.witnesses import Claim, Patients
from equipoise.protocol.reading.document import dotted, read_document
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.rule import compile_rule
from protocol.expressions import draw, write
from protocol.planted_faults import FAULTS, RISK, Fault

FRAME = pl.DataFrame


def failed(findings):
    return [one for one in findings if one.kind != "proved"]


def subjects(protocol, rows):
    """What the datasets make of these patients; also whether each is eligible, and may enter what."""
    types = columns.for_rules(protocol)
    types = {name: types[name] for name in types if name not in columns.STATUS}
    frame = apply_rules(
        protocol, FRAME([{name: row.get(name) for name in types} for row in rows], schema=types)
    )
    known, codes = dict(frame.schema), columns.choices(protocol)
    rules = {f"criterion {code}": one.require for code, one in protocol.eligibility.items()}
    rules |= {f"enters {name}": one.when for name, one in protocol.randomizations.items() if one.when}
    return frame.with_columns(
        compile_rule(rule, known, codes).evaluate(frame).fill_null(False).alias(name) for name, rule in rules.items()
    ).with_columns(eligible=pl.all_horizontal([f"criterion {code}" for code in protocol.eligibility] or pl.lit(True)))  # fmt: skip


# -- protocols as they stand -----------------------------------------------------------------------------


@pytest.mark.parametrize("trial", ["aall1331", "aall1731", "amgen20120215", "cdiscpilot01", "intergroup0035"])
def test_the_protocols_that_come_with_equipoise_are_proved(trial):
    text = (files("equipoise.trials") / trial / "protocol.yaml").read_text("utf-8")
    findings = prove(parse_protocol(text))
    assert findings
    assert failed(findings) == []


def test_a_risk_stratified_protocol_is_proved_and_says_who_stays_undecided():
    findings = prove(parse_protocol(RISK))
    assert failed(findings) == []
    said = {one.statement: one for one in findings}
    undecided = said["an eligible patient can be left without a class of risk where mrd is unknown"]
    assert undecided.place == ("derived", "risk", "undecided")
    assert undecided.counter_example["mrd"] in ("unavailable: indeterminate", "unavailable: unsatisfactory", "unavailable: not done")  # fmt: skip
    assert "6 of 6 combinations of strata are possible in low" in said
    assert "no eligible patient can enter both high_intermediate and low" in said
    [row] = subjects(parse_protocol(RISK), [undecided.row]).to_dicts()
    assert row["risk"] is None and row["eligible"]


def test_what_depends_on_nothing_but_the_protocol_comes_out_the_same_twice():
    assert prove(parse_protocol(RISK)) == prove(parse_protocol(RISK))


def test_the_solver_is_loaded_by_proofs_and_by_nothing_else():
    code = "import sys, equipoise.protocol.proofs.prover, equipoise.protocol.load; assert 'z3' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_threads_prove_side_by_side():
    results, protocol = [], parse_protocol(FAULTS[1].text())
    threads = [threading.Thread(target=lambda: results.append(prove(protocol))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3 and results[0] == results[1] == results[2]


# -- planted faults --------------------------------------------------------------------------------------


def _grid():
    """Patients on and around every boundary, a few thousand of their combinations."""
    chance = random.Random(20260101)
    values = {
        "age": (0.5, 1.0, 9.9, 10.0, 17.5, 18.0, 30.9, 31.0), "down_syndrome": (False, True),
        "performance": (0, 49, 50, 100), "enrolled_on": (date(2017, 12, 31), date(2018, 1, 1), date(2018, 1, 2)),
        "site": ("bm", "bm_em", "iem"), "cr1": (0.0, 17.9, 18.0, 35.5, 36.0, 60.0, 600.0),
        "marrow_blasts": (0.0, 25.0, 25.1, 100.0), "cns_cleared": (True, False), "evaluated": (1, 21, 22, 23, 35, 36, 60),
        "mrd": (None, 0.0, 0.005, 0.01, 0.05, 0.1, 0.2, 100.0),
    }  # fmt: skip
    rows = []
    for _ in range(4000):
        row = {name: chance.choice(of) for name, of in values.items()}
        reasons = ("indeterminate", "unsatisfactory", "not done")
        rows.append(row | {"mrd_unavailable": None if row["mrd"] is not None else chance.choice(reasons)})
    return rows


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_each_planted_fault_is_found_and_shown(fault: Fault):
    text = fault.text()
    protocol = parse_protocol(text)
    findings = failed(prove(protocol, read_document(text, "trial.yaml")))
    [finding] = [one for one in findings if one.statement == fault.statement]
    assert finding.kind == "failed"
    assert dotted(finding.place) == fault.place
    problem = finding.problem()
    assert problem.file == "trial.yaml" and problem.line > 1 and problem.column >= 1
    _shows(protocol, finding)


def _shows(protocol, finding):
    """The patient is what the finding says; where it says that there is none, none of thousands is."""
    said = finding.statement
    last = said.split()[-1]
    if finding.row is None:
        table = subjects(protocol, _grid())
        if said.startswith("no eligible patient can be in class"):
            code = said.split(" class ")[1].split()[0]
            assert table.filter(pl.col("eligible") & (pl.col(last) == code)).height == 0
        elif "can enter the randomization" in said:
            assert not table.filter("eligible")[f"enters {last}"].any()
        elif "in stratum" in said:
            assert table.filter(pl.col("eligible") & pl.col("enters high_intermediate"), relapse_stratum=last).height == 0  # fmt: skip
        elif said == "no patient can meet all criteria":
            assert not table["eligible"].any()
        else:
            column = f"criterion {last}" if "criterion" in said else f"population_{last}"
            assert table[column].any() == ("nobody can fail" in said)
            assert table[column].all() == ("nobody can fail" in said)
        return
    assert finding.counter_example
    [row] = subjects(protocol, [finding.row]).to_dicts()
    assert row["eligible"]
    if "can enter both" in said:
        assert row["enters high_intermediate"] and row["enters low"]
    elif "of the randomization" in said:
        assert row["enters low"] and row[last] is None
    else:
        assert row[last] is None


@pytest.mark.parametrize(("name", "expected"), [
    ("ages of 10 fall between the bands", {"age": "10 year"}),
    ("> for >= at 18 years", {"age": "18 year"}),
    ("< for <= on the day of the amendment", {"enrolled_on": "2018-01-01"}),
    ("a day falls between two windows", {"evaluated": "21 day"}),
    ("<= 35 months is not < 36", {"site": "Marrow", "cr1": "35.5 month"}),
])  # fmt: skip
def test_counter_examples_are_what_a_clinician_would_have_said(name, expected):
    [fault] = [one for one in FAULTS if one.name == name]
    [finding] = [
        one for one in failed(prove(parse_protocol(fault.text()))) if one.statement == fault.statement
    ]
    assert finding.counter_example == expected


def test_numbers_lie_on_boundaries_where_they_can():
    [fault] = [one for one in FAULTS if one.name == "two randomizations overlap"]
    [finding] = [
        one for one in failed(prove(parse_protocol(fault.text()))) if one.statement == fault.statement
    ]
    assert finding.counter_example["mrd"] == "0.1 percent"
    assert finding.counter_example["marrow_blasts"] == "25 percent"


def test_a_class_for_the_unknown_before_the_rules_that_read_it_decides_everybody():
    intermediate = "      intermediate: {label: Intermediate risk, when: mrd >= 0.1}\n"
    unmeasured = "      unmeasured: {label: MRD unknown, when: mrd is null}\n"
    [undecided] = [line for line in RISK.splitlines(keepends=True) if "undecided: Without MRD" in line]
    findings = prove(
        parse_protocol(RISK.replace(undecided, "").replace(intermediate, unmeasured + intermediate))
    )
    assert failed(findings) == []
    assert "every eligible patient has a class of risk" in {one.statement for one in findings}


def test_criteria_that_exclude_one_another_are_one_finding_not_one_for_every_class():
    [fault] = [one for one in FAULTS if one.name == "two criteria exclude one another"]
    assert [one.statement for one in failed(prove(parse_protocol(fault.text())))] == [fault.statement]


def test_a_problem_stands_in_the_line_of_its_rule():
    [fault] = [one for one in FAULTS if one.name == "a criterion that all meet"]
    text = fault.text()
    [finding] = failed(prove(parse_protocol(text), read_document(text, "trial.yaml")))
    line = 1 + text[: text.index("performance >= 0")].count("\n")
    assert str(finding.problem()).startswith(f"trial.yaml:{line}:")
    assert "found nobody can fail criterion I2; expected" in str(finding.problem())


def test_overlaps_of_ordered_classes_are_listed_with_a_patient():
    pairs = {(first, second) for first, second, _ in overlaps(parse_protocol(RISK), "risk")}
    assert ("early_treatment_failure", "high") in pairs and ("high", "low") in pairs
    assert ("intermediate", "low") not in pairs
    assert overlaps(parse_protocol(RISK), "age_group") == []


# -- who must have a class ------------------------------------------------------------------------------

PARTIAL = """\
  of_the_high:
    label: Stratum of the high risk
    undecided: Patients of another risk are not randomized here.
    classes:
      early: {label: Early, when: "risk in ('high', 'intermediate') and cr1 < 18"}
      late: {label: Late, when: "risk in ('high', 'intermediate') and cr1 >= 18"}
eligibility:
"""


def _partial(*changes):
    text = RISK.replace("eligibility:\n", PARTIAL).replace(
        "strata: [relapse_stratum]", "strata: [of_the_high]"
    )
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return prove(parse_protocol(text))


def test_a_stratum_of_one_randomization_is_asked_of_its_patients_only():
    findings = _partial()
    assert failed(findings) == []
    said = {one.statement for one in findings}
    assert "every patient of the randomization high_intermediate whose items are all known has a class of of_the_high" in said  # fmt: skip


def test_a_stratum_that_misses_a_patient_of_its_randomization_is_found():
    findings = failed(_partial(("'intermediate') and cr1 >= 18", "'intermediate') and cr1 > 18")))
    assert {one.statement for one in findings} == {
        "a patient of the randomization high_intermediate without a class of of_the_high",
        "a patient of the randomization high_intermediate without a level of of_the_high",
    }
    assert all(one.counter_example["cr1"] == "18 month" for one in findings)


def test_a_stratum_that_another_rule_reads_is_asked_of_everybody():
    findings = failed(_partial(("require: mrd is not null", "require: of_the_high is not null")))
    assert [one.statement for one in findings] == ["an eligible patient without a class of of_the_high"]


# -- solver against evaluator ----------------------------------------------------------------------------

DAYS = (
    date(1972, 1, 31), date(1972, 2, 29), date(1972, 3, 1), date(1971, 2, 28), date(1969, 12, 31), date(1972, 1, 30), date(1971, 3, 1),
)  # fmt: skip
ITEMS = {
    "age": ("integer", (-1, 0, 1, 2, 3)), "weight": ("decimal", (-0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0)),
    "grade": ("integer", (-1, 0, 1, 2, 3)), "sex": ("text", ("f", "m", "", "it's", "é", "x")),
    "site": ("text", ("f", "m", "", "it's", "é", "y")), "boy": ("boolean", (True, False)),
    "frail": ("boolean", (True, False)),
    "born": ("date", DAYS),
    "seen": ("date", DAYS),
}  # fmt: skip
OPEN = "equipoise: 1\nprotocol: P\ntitle: T\nitems:\n" + "".join(
    f"  {name}: {{label: {name}, type: {kind}, unavailable: [lost]}}\n" for name, (kind, _) in ITEMS.items()
) + "arms: {a: {label: A, role: control}, b: {label: B, role: experimental}}\n" \
    "randomizations: {m: {arms: [a, b]}}\npopulations: {p: {label: P, require: randomized}}\n"  # fmt: skip


@pytest.fixture(scope="module")
def free():
    return parse_protocol(OPEN)


def _brute(chance, rule, types):
    """Every value that the evaluator gives over a grid, or over a large sample of it."""
    names = sorted(rule.columns)
    grid = list(product(*((None, *ITEMS[name][1]) for name in names)))
    grid = chance.sample(grid, 5000) if len(grid) > 5000 else grid
    frame = (
        FRAME(grid, schema={name: types[name] for name in names}, orient="row")
        if names
        else FRAME({"": [None]})
    )
    return set(rule.evaluate(frame).to_list())


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), depth=st.integers(1, 4))
def test_what_is_possible_for_the_solver_is_possible_for_the_evaluator_and_the_other_way_round(
    free, seed, depth
):
    chance = random.Random(seed)
    text = write(draw(chance, "truth", depth), chance)
    types = columns.for_rules(free)
    rule = compile_rule(text, types, {}, "any")
    witnessed = _brute(chance, rule, types) if rule.kind == "truth" else set()
    patients = Patients(free, effort=1_000_000)
    for wanted in (True, False, None):
        search = patients.find([Claim(text, (wanted,))], plain=chance.random() < 0.3)  # confirms its model
        if wanted in witnessed:
            assert search.state != "none", (text, wanted)
        if search.state == "found":
            names = {name: types[name] for name in rule.columns}
            row = {name: [search.row[name]] for name in names}
            one = FRAME(row, schema=names) if names else FRAME({"": [None]})
            assert rule.evaluate(one).item() is wanted


def test_a_patient_to_be_read_has_known_values_on_boundaries(free):
    patients = Patients(free)
    row = patients.find([Claim("age > 1 or boy"), Claim("weight >= -1.5 and weight < -1.3")], plain=True).row
    assert row["age"] is not None and row["boy"] is not None
    assert row["weight"] == -1.5
    assert patients.shown(row, ["weight < 0", "boy"])["weight"] == "-1.5"


def test_an_irrational_boundary_is_open_rather_than_wrong(free):
    patients = Patients(free)
    assert patients.find([Claim("weight * weight = 2")]).state == "open"
    assert patients.find([Claim("weight * weight < 0")]).state == "none"
    assert patients.find([Claim("age * age = 2")]).state in ("none", "open")
    assert patients.find([Claim("weight * weight > 2 and weight > 0")]).state == "found"


def test_numbers_are_exact_where_they_are_written_and_rounding_is_no_contradiction(free):
    patients = Patients(free)
    assert patients.find([Claim("weight >= 0.1 and weight <= 0.1")]).row["weight"] == 0.1
    assert patients.find([Claim("0.1 + 0.2 = 0.3")]).state == "open"  # true on paper, not in double precision
    assert patients.find([Claim("weight > 1e-320 and weight < 0e999999999")]).state == "none"


def test_the_evaluator_has_the_last_word(free, monkeypatch):
    patients = Patients(free)
    monkeypatch.setattr(patients, "_confirmed", lambda row, claims: False)
    with pytest.raises(AssertionError, match=r"age > 1 is one of"):
        patients.find([Claim("age > 1")])


# -- months, years and days between dates ------------------------------------------------------------------

MONTHS = "completed_months(diagnosed_on, relapsed_on)"
TIMES = f"""\
equipoise: 1
protocol: P
title: T
items:
  born_on: {{label: Born, type: date}}
  diagnosed_on: {{label: Diagnosis, type: date}}
  relapsed_on: {{label: Relapse, type: date}}
derived:
  months: {{label: Months to relapse, value: "{MONTHS}"}}
  when_relapsed:
    label: Time of relapse
    classes:
      very_early: {{label: "<18", when: "{MONTHS} < 18"}}
      early: {{label: "18 to <36", when: "{MONTHS} >= 18 and {MONTHS} < 36"}}
      late: {{label: "≥36", when: "{MONTHS} >= 36"}}
eligibility:
  I1: {{text: 1 to 30 years old, require: "completed_years(born_on, registered_on) between 1 and 30"}}
arms: {{a: {{label: A, role: control}}, b: {{label: B, role: experimental}}}}
randomizations: {{m: {{arms: [a, b]}}}}
populations: {{p: {{label: P, require: randomized}}}}
"""
ORDERED = "  I2: {text: One after the other, require: born_on <= diagnosed_on and diagnosed_on < relapsed_on and relapsed_on <= registered_on}\n"
PAIRS = OPEN.replace("  boy:", "  other: {label: other, type: date, unavailable: [lost]}\n  boy:")


def _times(*changes):
    text = TIMES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_protocol(text)


def _said(findings):
    return {one.statement for one in findings if one.place[0] in ("derived", "eligibility")}


@pytest.mark.parametrize("through", [MONTHS, "months"])
@pytest.mark.parametrize("ordered", ["", ORDERED])
def test_classes_by_completed_months_are_exhaustive_and_each_can_be_reached(through, ordered):
    findings = prove(
        _times(
            (f'when: "{MONTHS} ', f'when: "{through} '),
            (f"and {MONTHS} ", f"and {through} "),
            ("\narms:", f"\n{ordered}arms:"),
        )
    )
    assert [one for one in failed(findings) if one.place[0] in ("derived", "eligibility")] == []
    assert _said(findings) >= {
        "every eligible patient has a class of when_relapsed",
        "each of the 3 classes of when_relapsed has a possible patient",
        "some meet criterion I1 and some do not",
    }


@pytest.mark.parametrize("through", [MONTHS, "months"])
def test_a_month_that_was_forgotten_is_shown_by_two_days_exactly_so_many_months_apart(through):
    protocol = _times(
        (f'when: "{MONTHS} ', f'when: "{through} '), (f"and {MONTHS} ", f"and {through} "), (">= 18", "> 18")
    )
    [finding] = [one for one in failed(prove(protocol)) if one.place[0] == "derived"]
    assert finding.statement == "an eligible patient without a class of when_relapsed"
    assert finding.counter_example == {"diagnosed_on": "2020-01-01", "relapsed_on": "2021-07-01"}
    [row] = subjects(protocol, [finding.row]).to_dicts()
    assert row["eligible"] and row["when_relapsed"] is None and row["months"] == 18


def test_a_class_of_a_month_that_no_year_has_is_found_to_be_empty():
    [finding] = [
        one for one in failed(prove(_times((f"{MONTHS} < 36", f"completed_years(diagnosed_on, relapsed_on) = 1 and {MONTHS} < 12"))))
        if "can be in class early" in one.statement
    ]  # fmt: skip
    assert finding.statement == "no eligible patient can be in class early of when_relapsed"


def test_a_date_that_can_be_unavailable_leaves_a_patient_without_a_class():
    unavailable = ("Relapse, type: date", "Relapse, type: date, unavailable: [lost]")
    [finding] = [one for one in failed(prove(_times(unavailable))) if one.place[0] == "derived"]
    assert finding.counter_example == {"diagnosed_on": "2020-01-01", "relapsed_on": "unavailable: lost"}
    said = _said(
        prove(
            _times(
                unavailable, ("label: Time of relapse", "label: Time of relapse\n    undecided: Without it")
            )
        )
    )
    assert "every eligible patient whose items are all known has a class of when_relapsed" in said
    assert (
        "an eligible patient can be left without a class of when_relapsed where relapsed_on is unknown"
        in said
    )


def test_classes_by_completed_months_that_overlap_are_shown_by_days_on_the_boundary():
    assert overlaps(_times(), "when_relapsed") == []
    [(first, second, shown)] = overlaps(_times((f"{MONTHS} < 36", f"{MONTHS} <= 36")), "when_relapsed")
    assert (first, second) == ("early", "late")
    assert shown == {"diagnosed_on": "2020-01-01", "relapsed_on": "2023-01-01"}


M, Y, D = (f"{name}(born, seen)" for name in ("completed_months", "completed_years", "days_between"))
CALENDAR = {  # claim: whether there are such days; by the lengths of months
    f"{M} < 0 and seen >= born": "none",
    f"{M} >= 0 and seen < born": "none",
    f"{M} = -1 and {D} = -1": "found",  # the day before
    f"{M} = 0 and {D} = 30": "found",  # 1 to 31 January
    f"{M} = 0 and {D} > 30": "none",
    f"{M} = 1 and {D} = 28": "found",  # 1 February to 1 March
    f"{M} = 1 and {D} < 28": "none",
    f"{M} = 1 and {D} = 28 and born > date '2020-03-01' and seen < date '2021-02-28'": "none",  # without a February
    f"{M} = 1 and {D} = 28 and born > date '2020-03-01' and seen <= date '2021-03-01'": "found",
    f"{M} < 18 and {D} = 549": "found",  # 1 August 2019 to 31 January 2021, over 29 February
    f"{M} < 18 and {D} > 550": "none",  # only by the lengths of the months themselves
    f"{M} = 12 and {D} = 396": "found",  # 1 January 2020 to 31 January 2021
    f"{Y} = 0 and {D} = 365": "found",  # 1 January to 31 December 2020
    f"{Y} = 0 and {D} > 365": "none",
    f"{Y} = 1 and {D} < 365": "none",
    f"{Y} >= 18 and {M} < 216": "none",
    f"{Y} < 18 and {M} >= 216": "none",
    f"{Y} between 1 and 30 and {D} > 11321": "found",  # 1 January 2020 to 31 December 2050 is 11,322 days
    f"{M} = 12 and born = date '2020-02-29' and seen <= date '2021-02-28'": "none",
    f"{M} = 12 and born = date '2020-02-29' and seen <= date '2021-03-01'": "found",
    f"{M} = 12 and seen = date '2020-02-29' and born > date '2019-02-28'": "none",
    f"{M} = 119987": "found",  # 1 January 1 to 31 December 9999
    f"{M} > 119987": "none",
    f"{M} >= 12 and completed_months(seen, other) >= 6 and completed_months(born, other) < 18": "none",
    f"{M} < 12 and completed_months(seen, other) < 6 and completed_months(born, other) = 17": "found",
    f"{M} < 12 and completed_months(seen, other) < 6 and completed_months(born, other) > 17": "none",
    f"seen < other and {M} > completed_months(born, other)": "none",
    "completed_months(born, null) is not null": "none",
    "completed_months(date '2020-01-31', date '2020-02-29') = 0": "found",
    "completed_months(date '2020-01-31', date '2020-02-29') = 1": "none",
}  # fmt: skip


@pytest.mark.parametrize("claim", CALENDAR)
def test_what_the_solver_knows_of_the_calendar(claim):
    patients = Patients(parse_protocol(PAIRS), effort=60_000_000)
    assert patients.find([Claim(claim)]).state == CALENDAR[claim]


def test_no_pair_of_days_is_denied_and_no_other_count_is_believed():
    chance, patients = random.Random(400), Patients(parse_protocol(PAIRS), effort=10_000_000)
    for _ in range(40):
        first = date.fromordinal(chance.randint(1, date.max.toordinal()))
        width = chance.choice((40, 400, 4000, 4_000_000))
        later = date.fromordinal(
            min(date.max.toordinal(), max(1, first.toordinal() + chance.randint(-width, width)))
        )
        these = Claim(f"born = date '{first}' and seen = date '{later}'")
        frame = FRAME({"born": [first], "seen": [later]})
        for count in (M, Y, D):
            value = patients.symbols.reading(count).rule.evaluate(frame).item()
            assert patients.find([these, Claim(f"{count} = {value}")]).state == "found"
            assert patients.find([these, Claim(f"{count} <> {value}")]).state == "none"
