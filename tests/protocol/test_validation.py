"""Wrong keys and values: the whole message, in its place, in the words of who writes protocols."""

from __future__ import annotations

import doctest
import random
import re
from pathlib import Path

import pytest

import equipoise
from equipoise.errors import ProtocolError
from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.protocol.reading import validation
from equipoise.protocol.reading.validation import did_you_mean
from protocol.fuzz_protocol import fault_of
from protocol.small import SMALL, changed
from report.explain.everything import EVERYTHING

TRIALS = sorted((Path(equipoise.__file__).parent / "trials").glob("*/protocol.yaml"))


def test_examples_in_docstrings_are_true():
    assert doctest.testmod(validation).failed == 0


@pytest.mark.parametrize("path", TRIALS, ids=lambda path: path.parent.name)
def test_the_shipped_protocols_are_right(path):
    assert load_protocol(path).protocol


NAME = "a name of a-z, 0-9 and _ that begins with a letter, at most 40 long"
CODE = "a code of letters, digits and _ . + -, at most 40 long"
INSTANT = "an instant such as 2020-01-31T12:00:00Z"
# (what stands there, what is put in its place, every problem)
CASES: list[tuple[str, str, list[str]]] = [
    # keys
    ("title: A small trial", "tittle: A small trial", [
        "3:1  tittle: found the unknown key 'tittle'; expected a key that is part of the language. Remedy: did you mean 'title'?"]),
    ("label: Remark,", "lable: Remark,", [
        "10:12  items.remark.lable: found the unknown key 'lable'; expected a key that is part of the language. Remedy: did you mean 'label'?"]),
    ("figure: {until: 5,", "figure: {untill: 5,", [
        "53:14  analyses.dfs.figure.untill: found the unknown key 'untill'; expected a key that is part of the language. Remedy: did you mean 'until'?"]),
    ("{experimental: b, control: a}", "{experimental: b, controll: a}", [
        "47:27  analyses.dfs.comparisons[0].controll: found the unknown key 'controll'; expected a key that is part of the language. Remedy: did you mean 'control'?"]),
    ("  remark:", "  Remark:", [f"10:3  items.Remark: found the name 'Remark'; expected {NAME}. Remedy: rename it."]),
    ("  remark:", "  7up:", [f"10:3  items.7up: found the name '7up'; expected {NAME}. Remedy: rename it."]),
    ("  remark:", "  " + "x" * 41 + ":", [f"10:3  items.{'x' * 41}: found the name '{'x' * 41}'; expected {NAME}. Remedy: rename it."]),
    ("f: Female", '"f m": Female', [f"6:45  items.sex.choices.f m: found the name 'f m'; expected {CODE}. Remedy: rename it."]),
    ('"3": Severe', '"6": Severe', ["58:23  adverse_events.grades.6: found the name '6'; expected a grade from 1 to 5. Remedy: rename it."]),
    ("protocol: SMALL-1", "protocol: '*'", ["2:11  protocol: found '*'; expected a name of letters, digits, spaces and . _ - /, at most 60 long."]),
    # text
    ("title: A small trial", "title:", ["3:1  title: found nothing; expected text. Remedy: write the value, or remove the key."]),
    ("title: A small trial", "title: ' '", ["3:8  title: found ' '; expected text that is not empty."]),
    ("title: A small trial", "title: 3", ["3:8  title: found 3; expected text. Remedy: put it in quotes."]),
    ("title: A small trial", "title: 2020-01-31", ["3:8  title: found 2020-01-31; expected text. Remedy: put it in quotes."]),
    ("title: A small trial", "title: true", ["3:8  title: found true; expected text. Remedy: put it in quotes."]),
    ("title: A small trial", "title: [draft] A trial", ["3:16: found text after a closing bracket; expected the end of the line. Remedy: put text that holds brackets in quotes."]),
    ("title: A small trial", "title: [draft]", ["3:8  title: found a list of 1; expected text. Remedy: write it without brackets: draft."]),
    ("title: A small trial", f"title: {'x' * 4001}", [f"3:8  title: found '{'x' * 57}…'; expected text of at most 4000 characters."]),
    # numbers
    ("equipoise: 1", "equipoise: 2", ["1:12  equipoise: found 2; expected 1. Remedy: this version of equipoise reads version 1 of the language."]),
    ("equipoise: 1", "equipoise: 0", ["1:12  equipoise: found 0; expected 1. Remedy: this version of equipoise reads version 1 of the language."]),
    ("ratio: {a: 1, b: 2}", "ratio: {a: 1, b: 0.5}", ["28:57  randomizations.main.ratio.b: found 0.5; expected a whole number."]),
    ("ratio: {a: 1, b: 2}", "ratio: {a: 1, b: 0}", ["28:57  randomizations.main.ratio.b: found 0; expected at least 1."]),
    ("ratio: {a: 1, b: 2}", "ratio: {a: 1, b: '2'}", ["28:57  randomizations.main.ratio.b: found '2'; expected a whole number. Remedy: write it without quotes."]),
    ("ratio: {a: 1, b: 2}", "ratio: {a: 1, b: true}", ["28:57  randomizations.main.ratio.b: found true; expected a whole number."]),
    ("range: [0, 99]", "range: [0, 1_000]", ["5:47  items.age.range[1]: found '1_000'; expected a number. Remedy: write the number in digits."]),
    ("range: [0, 99]", "range: [0, .inf]", ["5:47  items.age.range[1]: found '.inf'; expected a number. Remedy: write the number in digits."]),
    ("range: [0, 99]", "range: [0, 1e999]", ["5:47  items.age.range[1]: found '1e999'; expected a number. Remedy: write the number in digits."]),
    ("range: [0, 99]", "range: [0, 0x1F]", ["5:47  items.age.range[1]: found '0x1F'; expected a number. Remedy: write the number in digits."]),
    ("range: [0, 99]", "range: [0]", ["5:43  items.age.range: found a list of 1; expected 2 entries. Remedy: add what is missing."]),
    ("range: [0, 99]", "range: [0, 1, 2]", ["5:43  items.age.range: found a list of 3; expected 2 entries."]),
    ("range: [0, 99]", "range: 99", ["5:43  items.age.range: found 99; expected a list of 2. Remedy: write it in brackets: [99, 99]."]),
    ("kaplan_meier: {times: [1, 3]}", "kaplan_meier: {times: [-1], confidence_level: 95}", [
        "49:28  analyses.dfs.kaplan_meier.times[0]: found -1; expected at least 0.",
        "49:51  analyses.dfs.kaplan_meier.confidence_level: found 95; expected less than 1. Remedy: write 0.95 for 95%."]),
    ("every: 1}", "every: 0}", ["53:31  analyses.dfs.figure.every: found 0; expected more than 0."]),
    # words
    ("role: control", "role: controll", ["24:27  arms.a.role: found 'controll'; expected one of experimental, control. Remedy: did you mean 'control'?"]),
    ("role: control", "role: placebo", ["24:27  arms.a.role: found 'placebo'; expected one of experimental, control."]),
    ("role: control", "role: 1", ["24:27  arms.a.role: found 1; expected one of experimental, control."]),
    ("terminal: true", "terminal: yes", ["20:35  events.death.terminal: found 'yes'; expected true or false. Remedy: write true, without quotes."]),
    ("terminal: true", "terminal: 1", ["20:35  events.death.terminal: found 1; expected true or false. Remedy: write true, without quotes."]),
    ("log_rank: {strata: [group]}", "log_rank: {sided: 3}", ["50:23  analyses.dfs.log_rank.sided: found 3; expected one of 1, 2."]),
    # dates
    ("on: 2024-06-30", "on: 2024-02-30", ["37:29  cutoffs.final.on: found '2024-02-30'; expected a date such as 2020-01-31 or a month such as 2020-01. Remedy: write a day of the calendar, as year-month-day."]),
    ("on: 2024-06-30", "on: 30.06.2024", ["37:29  cutoffs.final.on: found '30.06.2024'; expected a date such as 2020-01-31 or a month such as 2020-01. Remedy: write a day of the calendar, as year-month-day."]),
    ("on: 2024-06-30", "on: '2024-06-30'", ["37:29  cutoffs.final.on: found '2024-06-30'; expected a date such as 2020-01-31 or a month such as 2020-01. Remedy: write it without quotes."]),
    ("on: 2024-06-30", "on: 20240630", ["37:29  cutoffs.final.on: found 20240630; expected a date such as 2020-01-31 or a month such as 2020-01. Remedy: write year-month-day."]),
    ("on: 2024-06-30", "on: 2024-06-30T00:00Z", ["37:29  cutoffs.final.on: found 2024-06-30T00:00:00+00:00; expected a date such as 2020-01-31 or a month such as 2020-01. Remedy: write the day only."]),
    ("12:00:00Z", "12:00:00", [f"37:54  cutoffs.final.recorded_by: found '2024-09-30T12:00:00'; expected {INSTANT}. Remedy: add the time zone: Z is UTC."]),
    ("2024-09-30T12:00:00Z", "2024-09-30", [f"37:54  cutoffs.final.recorded_by: found 2024-09-30; expected {INSTANT}. Remedy: add the time and its zone, such as T23:59:59Z."]),
    # one thing or another
    ("ratio: {a: 1, b: 2}", "ratio: equal", ["28:47  randomizations.main.ratio: found 'equal'; expected a mapping (key: value) or the words not stated. Remedy: write a name and a colon before each value."]),
    ("ratio: {a: 1, b: 2}", "ratio: [1, 2]", ["28:47  randomizations.main.ratio: found a list of 2; expected a mapping (key: value) or the words not stated. Remedy: write a name and a colon before each value."]),
    ("strata: [group], method", "strata: none stated, method", ["28:69  randomizations.main.strata: found 'none stated'; expected a list or the words not stated. Remedy: did you mean 'not stated'?"]),
    ("strata: [group], method", "strata: group, method", ["28:69  randomizations.main.strata: found 'group'; expected a list or the words not stated. Remedy: write it in brackets: [group]."]),
    ("strata: [group], method", "strata: [1], method", ["28:70  randomizations.main.strata[0]: found 1; expected text. Remedy: put it in quotes."]),
    ("method: minimization", "method: minimisation", ["28:86  randomizations.main.method: found 'minimisation'; expected one of permuted blocks, minimization, simple, not stated. Remedy: did you mean 'minimization'?"]),
    ("method: minimization", "method: [simple]", ["28:86  randomizations.main.method: found a list of 1; expected one of permuted blocks, minimization, simple, not stated."]),
    ("title: A small trial", "title: A\nregistry: 7", ["4:11  registry: found 7; expected text or the words not stated. Remedy: put it in quotes."]),
    # blocks
    ("events: [relapse, death]}", "events: []}", ["31:62  endpoints.dfs.events: found an empty list; expected at least 1 entry."]),
    ("arms: [a, b]", "arms: [a]", ["28:32  randomizations.main.arms: found a list of 1; expected at least 2 entries."]),
    ("  remark: {label: Remark, type: text}", "  remark: text", ["10:11  items.remark: found 'text'; expected a mapping (key: value). Remedy: its keys are label, type, unit, collected, assay, range, choices, unavailable, detection_limit, source."]),
    ("dispositions:\n", "dispositions: none\nsources:\n", [
        "21:15  dispositions: found 'none'; expected a mapping (key: value). Remedy: its keys are screening, treatment, follow_up, final, source.",
        "23:3  sources.treatment: found a mapping of 2 keys; expected text. Remedy: write one text, without keys."]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    CASES,
    ids=[f"{new[:40]!r}-{index}" for index, (_, new, _) in enumerate(CASES)],
)
def test_a_wrong_value_is_said_in_its_place(old, new, problems):
    with pytest.raises(ProtocolError) as error:
        parse_protocol(changed(old, new), "p.yaml")

    assert [str(problem).removeprefix("p.yaml:") for problem in error.value.problems] == problems


def test_all_wrong_values_are_reported_at_once_in_the_order_of_the_file():
    text = SMALL
    for wanted in ("lable: Remark,", "ratio: equal", "role: controll", "terminal: yes", "on: 2024-02-30"):
        old, new = next((old, new) for old, new, _ in CASES if new == wanted)
        text = text.replace(old, new)

    with pytest.raises(ProtocolError) as error:
        parse_protocol(text, "p.yaml")

    lines = [problem.line for problem in error.value.problems]
    assert lines == sorted(lines)
    assert lines == [10, 20, 24, 28, 37]
    assert error.value.summary == f"{len(lines)} problems in p.yaml"


JUNK = [
    "", "~", "true", "0", "-1", "7", "1.5", "x", "not stated", "'a b'", "''", "[]", "[x]", "[1]", "[1, 2]", "[1, 2, 3]",
    "[[x]]", "[~]", "{}", "{x: 1}", "{'a b': x}", "{x: {y: z}}", "2020-01-31", "2020-01-31T10:00:00Z", "x" * 4001, "9" * 18,
]  # fmt: skip


# One protocol with every key, and two real ones: thousands of lines more hold no other kind of place.
PLACES = {
    "everything": EVERYTHING,
    **{path.parent.name: path.read_text(encoding="utf-8") for path in TRIALS if path.stat().st_size < 9000},
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_no_value_in_any_place_gives_a_message_of_the_libraries(text):
    chance = random.Random(3)
    lines = text.split("\n")
    places = [
        (at, found.start()) for at, line in enumerate(lines) for found in re.finditer(r"(?<=: )\S", line)
    ]
    seen = 0
    for at, column in chance.sample(places, 130):
        for junk in chance.sample(JUNK, 3):
            rest = re.sub(
                r"^('[^']*'|\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}|[^,}]*)",
                lambda _, junk=junk: junk,
                lines[at][column:],
                count=1,
            )
            text = "\n".join([*lines[:at], lines[at][:column] + rest, *lines[at + 1 :]])
            try:
                parse_protocol(text, "p.yaml")
            except ProtocolError as error:
                assert [fault for one in error.problems if (fault := fault_of(one, text.encode()))] == []
                seen += 1
    assert seen > 150


def test_a_likeness_is_looked_for_among_a_bounded_number_of_names():
    assert did_you_mean("x" * 10**6, (f"n{number}" for number in range(10**6))).startswith("known: n0, n1")
    assert did_you_mean("a", []) == ""
    assert did_you_mean("q", ["a", "b"]) == "known: a, b"
    assert did_you_mean("q", [f"n{n}" for n in range(14)]).endswith("n11 and 2 more")


def test_many_wrong_keys_are_cut_off_without_delay():
    items = "\n".join(f"  x{n}: {{lable: x{n}, typo: text}}" for n in range(3000))

    with pytest.raises(ProtocolError) as error:
        parse_protocol(changed("items:\n", f"items:\n{items}\n"))

    assert len(error.value.problems) == 100
    assert [problem.line for problem in error.value.problems][:4] == [5, 5, 6, 6]
