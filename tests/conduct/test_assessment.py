"""Eligibility and classes with their reasons."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from equipoise.conduct.assessment import assess, why
from equipoise.errors import DataError, RejectedData
from equipoise.exchange.patients import read_patients
from equipoise.protocol.load import parse_protocol
from small_trial import PROTOCOL

TRIAL = parse_protocol(
    PROTOCOL.replace(
        "events:\n",
        """  risk:
    label: Risk
    classes:
      high: {label: High, when: site = 'iem'}
      intermediate: {label: Intermediate, when: mrd_class = 'high'}
      low: {label: Low, when: mrd_class = 'low'}
eligibility:
  I1: {text: At least 1 year old, require: age >= 1}
  E1: {text: MRD measured, require: mrd is not null}
events:
""",
        1,
    )
)

PATIENTS = """subject_id,age,site,mrd
S1,4,bm,0.2
S2,0,bm,0.05
S3,7,iem,indeterminate
S4,,bm,not done
S5,9,,0.3
"""


def patients(folder: Path, text: str = PATIENTS) -> pl.DataFrame:
    (folder / "patients.csv").write_text(text)
    return read_patients(TRIAL, folder / "patients.csv")[0]


def test_each_patient_has_a_verdict_and_its_reason(tmp_path: Path) -> None:
    rows = assess(TRIAL, patients(tmp_path))

    assert rows.select("subject_id", "eligible", "eligibility_reasons").rows() == [
        ("S1", "yes", ""),
        ("S2", "no", "I1 not met: At least 1 year old"),
        ("S3", "no", "E1 not met: MRD measured"),
        ("S4", "no", "I1 undecided, missing age; E1 not met: MRD measured"),
        ("S5", "yes", ""),
    ]


def test_a_class_is_not_guessed_and_the_missing_item_is_named_with_its_reason(tmp_path: Path) -> None:
    rows = assess(TRIAL, patients(tmp_path))

    assert rows.select("risk", "risk_undecided").rows() == [
        ("intermediate", ""),
        ("low", ""),
        ("high", ""),  # an unknown MRD does not matter to a rule before it
        (None, "missing mrd (not done)"),
        (None, "missing site"),
    ]


def test_where_every_item_is_known_the_class_that_none_gave_is_what_is_missing(tmp_path: Path) -> None:
    gap = parse_protocol(
        PROTOCOL.replace("mrd < 0.1}", "mrd < 0.05}").replace(
            "events:\n",
            "  risk: {label: Risk, classes: {low: {label: Low, when: mrd_class = 'low'}}}\nevents:\n",
            1,
        )
    )
    (tmp_path / "patients.csv").write_text("subject_id,mrd\nS1,0.07\n")

    row = assess(gap, read_patients(gap, tmp_path / "patients.csv")[0]).row(0, named=True)

    assert (row["mrd_class_undecided"], row["risk_undecided"]) == ("no class holds", "missing mrd_class")


def test_why_shows_every_rule_in_order_until_one_decides(tmp_path: Path) -> None:
    given, steps = why(TRIAL, patients(tmp_path), "S1", "risk")

    assert given == "intermediate"
    assert [(step.name, step.verdict) for step in steps] == [
        ("high", "does not hold"), ("intermediate", "holds"), ("low", "not reached"),
    ]  # fmt: skip
    assert steps[1].values == {"mrd_class": "high"}
    given, steps = why(TRIAL, patients(tmp_path), "S5", "risk")
    assert (given, steps[0].verdict, steps[1].verdict) == (None, "cannot be decided", "not reached")


def test_why_of_what_is_not_there_is_a_message(tmp_path: Path) -> None:
    frame = patients(tmp_path)

    with pytest.raises(DataError, match="subject_id is 'S9'; found 0 such subjects"):
        why(TRIAL, frame, "S9", "risk")
    with pytest.raises(DataError, match="derived item is 'age'; expected one of mrd_class, risk"):
        why(TRIAL, frame, "S1", "age")


def test_a_reason_in_a_cell_is_not_a_value(tmp_path: Path) -> None:
    frame = patients(tmp_path)

    assert frame["mrd"].to_list() == [0.2, 0.05, None, None, 0.3]
    assert frame["mrd_unavailable"].to_list() == [None, None, "indeterminate", "not done", None]


def test_every_wrong_cell_and_column_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RejectedData) as failure:
        patients(tmp_path, "subject_id,age,sight\nS1,4,bm\n")
    assert "did you mean 'site'?" in str(failure.value)

    with pytest.raises(RejectedData) as failure:
        patients(tmp_path, "subject_id,age,site,mrd\nS1,four,bm,0.1\nS1,5,marrow,lost\n,6,bm,0.1\n")
    assert [problem.path for problem in failure.value.problems] == [
        "row 2, column age", "row 3, column site", "row 3, column mrd", "row 3, column subject_id",
        "row 4, column subject_id",
    ]  # fmt: skip


def test_without_criteria_eligibility_is_not_claimed(tmp_path: Path) -> None:
    plain = parse_protocol(PROTOCOL)
    (tmp_path / "patients.csv").write_text(PATIENTS)

    rows = assess(plain, read_patients(plain, tmp_path / "patients.csv")[0])

    assert rows["eligible"].to_list() == [None] * 5


def test_one_patient_is_judged_as_a_cohort_is(tmp_path: Path) -> None:
    frame = patients(tmp_path)
    together = assess(TRIAL, frame)

    for index in range(frame.height):
        assert assess(TRIAL, frame[index : index + 1]).row(0) == together.row(index)


def test_nobody_is_judged_without_a_complaint() -> None:
    empty = pl.DataFrame(schema=_types())

    assert assess(TRIAL, empty).height == 0


def _types() -> dict[str, pl.DataType]:
    from equipoise.protocol.rules import columns

    return {name: kind for name, kind in columns.for_rules(TRIAL).items() if name not in columns.STATUS}
