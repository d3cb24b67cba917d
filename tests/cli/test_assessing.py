"""Whom ``equipoise classify`` lists as undecided."""

from __future__ import annotations

import polars as pl
import pytest
from tests.protocol.small import changed

from equipoise.cli.assessing import print_assessment
from equipoise.conduct.assessment import assess
from equipoise.protocol.load import parse_protocol

PROTOCOL = parse_protocol(
    changed(
        "  twice:",
        "  relapse_class:\n    label: Relapse\n    classes:\n      high: {label: High, when: mrd >= 1 and sex = 'f'}\n"
        "    undecided: Boys are not classified.\n  twice:",
    ).replace(
        "events:\n  relapse:", "eligibility:\n  I1: {text: Adult, require: age >= 18}\nevents:\n  relapse:"
    )
)


def _listed(capsys: pytest.CaptureFixture[str], **values: object) -> list[str]:
    types = {"age": pl.Int64, "mrd": pl.Float64, "sex": pl.String, "mrd_unavailable": pl.String}
    row = {"subject_id": "S1", "age": 20, "mrd": 2.0, "sex": "f", "arm": None, "actual_arm": None} | values
    frame = pl.DataFrame({name: [value] for name, value in row.items()})
    frame = frame.with_columns(pl.col(name).cast(types[name]) for name in types if name in frame.columns)
    print_assessment(PROTOCOL, assess(PROTOCOL, frame), None)
    listed = capsys.readouterr().out.partition("cannot be decided (")[2]
    return [line.strip() for line in listed.splitlines()[1:]]


def test_who_is_decided_is_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _listed(capsys) == []


def test_whom_the_file_leaves_out_is_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _listed(capsys, sex="m") == []


def test_what_is_missing_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _listed(capsys, mrd=None) == ["S1: relapse_class, missing mrd"]


def test_who_is_not_eligible_is_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _listed(capsys, age=17, mrd=None) == []


def test_whose_eligibility_is_open_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _listed(capsys, age=None) == [
        "S1: eligible, I1 undecided, missing age",
        "S1: group, missing age",
    ]
