"""Every requirement has a place and a test, and the printed matrix says so."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "verification"))

from requirements import matrix  # noqa: E402


def test_each_requirement_has_a_place_and_a_test_that_exist() -> None:
    asked = matrix.requirements()
    assert [int(row["number"]) for row in asked] == list(range(1, 147))
    assert matrix.problems(asked, matrix.traces()) == []


def test_the_matrix_finds_what_is_missing() -> None:
    asked, given = matrix.requirements(), matrix.traces()
    first = given[0]
    assert f"requirement {first.number} has no place" in matrix.problems(
        asked, [one for one in given if one.number != first.number]
    )
    nowhere = replace(first, trial="aall1331", place="randomizations.nowhere")
    untested = replace(first, test="tests/test_requirements.py::test_that_nobody_wrote")
    assert [text.partition(":")[2] for text in matrix.problems(asked, [*given, nowhere, untested])] == [
        " no place 'randomizations.nowhere' in aall1331",
        " no test 'tests/test_requirements.py::test_that_nobody_wrote'",
    ]


def test_a_place_of_the_program_is_said_in_words_and_open_parts_are_listed() -> None:
    given = matrix.traces()
    assert all(one.note for one in given if not one.trial)

    page = matrix.page(matrix.requirements(), given)

    # What conduct has to do with them is not there yet: withholding results (134), recording decisions (133)
    assert {133, 134} <= set(matrix.unfinished(given))
    assert f"yet of {', '.join(map(str, matrix.unfinished(given)))};" in page


def test_a_place_is_shown_in_words() -> None:
    """Of a block its label or text, of choices their labels, of a method of the program its own line."""
    plain = matrix._plain
    assert plain({"label": "Sex", "type": "choice"}) == "Sex"
    assert plain({"female": "Female", "male": "Male"}) == "Female, Male"
    assert plain({"course": "block_1", "next": "visit", "source": "p. 1"}) == "course: block_1, next: visit"
    assert plain(({"item": "age"}, {"item": "sex"})) == "age, sex"
    one = replace(matrix.traces()[0], trial="", place="src/equipoise/log/log.py::Log.as_of")
    at = matrix.position(one)
    assert at is not None and "def as_of(" in (ROOT / at[0]).read_text("utf-8").splitlines()[at[1] - 1]
    assert matrix.position(replace(one, place="src/equipoise/log/log.py::Log.nothing")) is None


def test_the_printed_matrix_is_the_generated_one() -> None:
    """After a change of a protocol or trace: python verification/requirements/matrix.py > docs/requirements-matrix.md"""
    printed = (ROOT / "docs" / "requirements-matrix.md").read_text("utf-8")
    assert printed == matrix.page(matrix.requirements(), matrix.traces())
