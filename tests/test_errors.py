"""How problems are worded and collected."""

from __future__ import annotations

import doctest
import pickle

import pytest

from equipoise import errors
from equipoise.errors import (
    DataError,
    EquipoiseError,
    InputError,
    LogError,
    MappingError,
    Problem,
    ProtocolError,
    RejectedData,
)


def test_examples_in_docstrings_are_true():
    assert doctest.testmod(errors).failed == 0


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, "f.yaml: found 1; expected 2."),
        ({"line": 3}, "f.yaml:3: found 1; expected 2."),
        ({"line": 3, "column": 9, "path": "a.b[0]"}, "f.yaml:3:9  a.b[0]: found 1; expected 2."),
        ({"path": "a", "remedy": "write 2"}, "f.yaml  a: found 1; expected 2. Remedy: write 2."),
        ({"remedy": "did you mean 2?"}, "f.yaml: found 1; expected 2. Remedy: did you mean 2?"),
    ],
)
def test_a_problem_says_where_what_and_what_to_do(parts, text):
    assert str(Problem(file="f.yaml", found="1", expected="2", **parts)) == text


@pytest.mark.parametrize("kind", [InputError, ProtocolError, MappingError, RejectedData, LogError])
def test_an_error_holds_every_problem_and_survives_a_process_boundary(kind):
    problems = [Problem(file="f", line=n, found="1", expected="2") for n in (1, 2)]
    error = kind("2 problems", iter(problems))

    assert str(error) == "2 problems\n  f:1: found 1; expected 2.\n  f:2: found 1; expected 2."
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.summary, again.problems) == (kind, "2 problems", tuple(problems))
    assert str(again) == str(error)


def test_everything_raised_on_purpose_is_one_kind():
    assert all(issubclass(kind, EquipoiseError) for kind in (DataError, InputError, LogError))
    assert issubclass(DataError, ValueError)
