"""What people do wrong when they write a protocol, and the whole message that ``equipoise check`` prints of it.

The files and the messages stand together in broken/golden/*.txt. After a change of a message, write them anew with
``python tests/protocol/broken/golden.py`` and read the difference as somebody who made the mistake.
"""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.protocol.reading import remedies, syntax
from equipoise.protocol.reading.remedies import did_you_mean, of_value
from protocol.broken.golden import BASE, BYTES, FILES, NAME, cases_of, check, groups
from protocol.fuzz_protocol import fault_of

CASES = [case for path in groups() for case in cases_of(path)]
FAILING = [case for case in CASES if case.group != "warnings"]
READ = [
    case for case in FAILING if case.group != "proofs"
]  # what is wrong with the file, and not with its rules
PLACE = re.compile(
    rf"  {re.escape(NAME)}(?::([0-9]+):([0-9]+))?(?:  \S.*?)?: found \S.*; expected \S.*[.?]\Z"
)


def _id(case):
    return f"{case.group}: {case.title}"


def test_the_base_is_right():
    assert check(BASE.encode()) == (0, ("",))


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_what_is_printed_of_a_broken_file_is_its_golden_message(case):
    code, said = check(case.content())

    assert said == case.said
    assert code == (0 if case.group == "warnings" else 1)


def test_there_are_many_and_each_is_another():
    assert len(READ) >= 80
    assert len({_id(case) for case in CASES}) == len(CASES)
    assert len({case.content() for case in CASES}) == len(CASES)
    whole = {case.whole for case in CASES if case.whole}
    assert whole == {*BYTES, *(path.name for path in FILES.iterdir())}


@pytest.mark.parametrize("case", READ, ids=_id)
def test_each_message_has_a_place_that_exists_and_stands_once_in_the_order_of_the_file(case):
    summary, *lines = case.said
    found = [PLACE.match(line) for line in lines]

    assert None not in found, "place, value found, and what was expected"
    places = [(int(one[1] or 0), int(one[2] or 0)) for one in found if one]
    ends = case.content().count(b"\n") + 1
    assert places == sorted(places)
    assert all(line <= ends for line, _ in places)
    assert len(set(lines)) == len(lines)
    assert max(map(len, lines)) < 400
    count = f"{len(lines)} problem{'s' * (len(lines) > 1)}"
    assert summary in (f"equipoise: {count} in {NAME}", f"equipoise: cannot read {NAME}")


# One change that makes more than one fault, or a fault that is said wherever it leads: at most so often.
MORE = {
    "keys: a key of another standard": 2,
    "keys: two keys without a value that there are not": 2,
    "yaml: an anchor and an alias": 2,
    "analyses: an arm of another randomization": 2,
    "classes: the same reason twice": 2,
    "names: an arm that is not declared, in a randomization": 5,
    "names: an end point that is not declared, in the monitoring": 2,
}


@pytest.mark.parametrize("case", [case for case in READ if case.group != "several"], ids=_id)
def test_one_fault_is_said_once(case):
    assert 1 <= len(case.said) - 1 <= MORE.get(_id(case), 1)


def test_seven_faults_of_keys_and_seven_of_names_are_all_said_at_once():
    seven = [case for case in CASES if case.title.startswith("seven")]

    assert [len(case.said) for case in seven] == [8, 8]
    assert [len(case.changes) for case in seven] == [7, 7]


# -- files that cannot be read -----------------------------------------------------------------------------


def test_what_is_no_file_is_said():
    expected = "expected a protocol file, a folder with protocol.yaml, or a shipped trial."

    code, said = check(None, "missing.yaml")
    assert code == 1
    assert said[0] == "equipoise: no trial 'missing.yaml'"
    assert said[1].startswith(f"  missing.yaml: found no such file, folder or shipped trial; {expected}")

    code, said = check(None, ".")
    assert code == 1
    assert expected in said[1]


def test_what_cannot_be_opened_is_said(tmp_path):
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")

    with pytest.raises(ProtocolError) as error:
        load_protocol(tmp_path / "loop.yaml")

    (problem,) = error.value.problems
    assert str(problem).startswith(f"{tmp_path / 'loop.yaml'}: found Too many levels of symbolic links; expected a readable file.")  # fmt: skip


def test_what_may_not_be_read_is_said(tmp_path, monkeypatch):
    def refused(*_args, **_keywords):
        raise PermissionError(13, "Permission denied")

    (tmp_path / NAME).write_text(BASE, encoding="utf-8")
    monkeypatch.setattr(Path, "open", refused)  # no mode of a file keeps out who may read everything

    with pytest.raises(ProtocolError, match="found Permission denied; expected a readable file"):
        load_protocol(tmp_path / NAME)


# -- any line ----------------------------------------------------------------------------------------------

LINES = BASE.split("\n")[:-1]


def _faults(text):
    """What is wrong with the messages about a text; nothing if it is read."""
    try:
        parse_protocol(text, NAME)
    except ProtocolError as error:
        return [fault for problem in error.problems if (fault := fault_of(problem, text.encode()))] or (
            ["no message"] if not error.problems else []
        )
    return []


@pytest.mark.parametrize("begin", range(8))
def test_any_line_can_be_taken_away(begin):
    for at in range(begin, len(LINES), 8):
        text = "\n".join([*LINES[:at], *LINES[at + 1 :], ""])

        assert _faults(text) == [], LINES[at]


LINE = st.one_of(
    st.sampled_from(LINES),
    st.sampled_from(["", "  ", "\t", "-", "- x", "x", "x:", "x: y: z", "  x: 1", "}", "]", '"', "'", "[", "{", "? x", "# x", "...", "---", "<<: x", "*x", "&x", "! x", "%x", "@", "|", ">"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=30),
)  # fmt: skip
CHANGE = st.sampled_from([
    lambda old, new: new,
    lambda old, new: f" {old}",
    lambda old, new: old[1:],
    lambda old, new: old[: len(old) // 2],
    lambda old, new: old.rstrip("]}\"'"),
    lambda old, new: old.replace(": ", ":", 1),
    lambda old, new: old.replace(": ", f": {new.strip()} ", 1),
    lambda old, new: old.replace(",", "", 1),
    lambda old, new: f"{old}\n{new}",
])  # fmt: skip


@settings(max_examples=200)
@given(st.integers(0, len(LINES) - 1), CHANGE, LINE)
def test_whatever_stands_in_a_line_there_are_only_messages_with_a_place(at, change, new):
    text = "\n".join([*LINES[:at], change(LINES[at], new), *LINES[at + 1 :], ""])

    assert _faults(text) == []


# -- remedies ----------------------------------------------------------------------------------------------


def test_examples_in_docstrings_are_true():
    assert doctest.testmod(remedies).failed == 0
    assert doctest.testmod(syntax).failed == 0


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("2.5%", "write 0.025 for 2.5%"), ("85 %", "write 0.85 for 85 %"), ("1,300", "write 1300"), ("12,345,678", "write 12345678"),
        ("0,025", "write 0.025, with a point"), ("1/4", "write 0.25"), ("35 days", "write 35 alone"), ("2.5 mg", "write 2.5 alone"),
        ("300", "write it without quotes"), ("1e3", "write it without quotes"), ("300mg/m2", "write 300 alone"), ("0x1F", "write the number in digits"), ("1e999", "write the number in digits"), ("three", "write the number in digits"),
        ("1_000", "write the number in digits"), ("1/0", "write the number in digits"), ("", "write the number in digits"),
        ("9" * 400, "write the number in digits"), (".%", "write a number"),
    ],
)  # fmt: skip
def test_a_number_in_another_form_is_written_out(text, remedy):
    assert of_value(text, {"int_type"}, [], [], []) == remedy


def test_a_likeness_begins_with_the_word():
    assert did_you_mean("parents", ["patient", "parent or guardian"]) == "did you mean 'parent or guardian'?"
    assert did_you_mean("arm", ["arms", "armed"]) == "did you mean 'arms'?"
    assert did_you_mean("relap", ["relapse_marrow", "relapse_cns"]).startswith("did you mean 'relapse")


def test_the_golden_files_are_as_they_are_written():
    for path in groups():
        assert "\n".join(case.written() for case in cases_of(path)) == path.read_text(encoding="utf-8")


def test_no_golden_file_lies_anywhere_else():
    assert {path.name for path in Path(FILES).parent.iterdir() if path.name != "__pycache__"} == {
        "base.yaml", "files", "golden", "golden.py",
    }  # fmt: skip
