"""Rules in words: what they say, and that two rules that differ are never said alike."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator

import pytest

from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import parse_protocol
from equipoise.report.explain.document import Block, Bullets, Paragraph
from equipoise.report.explain.sentences import sentence
from equipoise.report.explain.wording import Wording

FILE = """\
equipoise: 1
protocol: WORDS-1
title: Words
items:
  blasts: {label: Marrow blasts after block 1, type: decimal, unit: percent, range: [0, 100], unavailable: [not done]}
  cns:
    label: Clearance of CNS leukemia after block 1
    type: choice
    choices: {cleared: Cleared, not_cleared: Not cleared, never: Never involved}
  age: {label: Age, type: decimal, unit: year}
  months: {label: First remission, type: integer, unit: month}
  down: {label: Down syndrome, type: boolean}
  fit: {label: Fit, type: boolean}
  third: {label: Third, type: boolean}
  born: {label: Date of birth, type: date}
  seen: {label: Day of relapse, type: date}
derived:
  age_class: {label: Age, classes: {young: {label: Young, when: age < 10}, old: {label: Old, when: age >= 10}}}
  marrow: {label: Remission, value: blasts < 5}
  twice: {label: Twice, value: 2 * age, unit: year}
arms:
  a: {label: Arm A, role: control}
  b: {label: Arm B, role: experimental}
randomizations:
  main: {label: Main randomization, arms: [a, b]}
dispositions:
  treatment: {toxic: Too toxic}
populations:
  itt: {label: All, require: randomized}
"""


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return parse_protocol(FILE)


# Worded by hand, from the rule and the labels above.
@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "blasts > 25 or cns = 'not_cleared'",
            "Marrow blasts after block 1 above 25 percent or clearance of CNS leukemia after block 1 is “Not cleared”",
        ),
        ("age >= 1 and age < 31", "Age at least 1 and below 31 years"),
        ("age < 1", "Age below 1 year"),
        ("months <= 18", "First remission at most 18 months"),
        ("age between 1 and 30", "Age is from 1 year to 30 years, both included"),
        ("not (age between 1 and 30)", "Age is not from 1 year to 30 years, both included"),
        ("cns in ('cleared', 'never')", "Clearance of CNS leukemia after block 1 is “Cleared” or “Never involved”"),
        (
            "not (cns in ('cleared', 'never'))",
            "Clearance of CNS leukemia after block 1 is none of “Cleared”, “Never involved”",
        ),
        ("cns <> 'cleared'", "Clearance of CNS leukemia after block 1 other than “Cleared”"),
        ("not (cns <> 'cleared')", "Clearance of CNS leukemia after block 1 is “Cleared”"),
        ("down", "Down syndrome: yes"),
        ("not down", "Down syndrome: no"),
        ("down = false", "Down syndrome: no"),
        ("not (down = false)", "Down syndrome: yes"),
        ("down <> true", "Down syndrome: no"),
        ("marrow and not fit", "Remission: yes, and Fit: no"),
        ("blasts_unavailable is not null", "Marrow blasts after block 1 is recorded as unavailable"),
        ("blasts_unavailable is null", "Marrow blasts after block 1 is not recorded as unavailable"),
        (
            "blasts_unavailable = 'not done'",
            "The reason why marrow blasts after block 1 is unavailable is “not done”",
        ),
        ("age is null", "Age is unknown"),
        ("age is not null", "Age is known"),
        ("age_class = 'young'", "Age (class) is “Young”"),
        ("twice > 1 and twice < 2", "Twice above 1 and below 2 years"),
        ("arm = 'b'", "Planned arm is “Arm B”"),
        ("randomization = 'main'", "Randomization is “Main randomization”"),
        ("treatment_ended = 'toxic'", "End of treatment is “Too toxic”"),
        ("down and (fit or third)", "Down syndrome: yes; and Fit: yes or Third: yes"),
        ("down and fit or third", "Down syndrome: yes and Fit: yes; or Third: yes"),
        ("down and fit and third", "Down syndrome: yes, Fit: yes, and Third: yes"),
        ("down or cns in ('cleared', 'not_cleared', 'never') or fit", "Down syndrome: yes; clearance of CNS leukemia after block 1 is “Cleared”, “Not cleared” or “Never involved”; or Fit: yes"),
        ("blasts_unavailable is null and blasts < 5", "Marrow blasts after block 1 available and below 5 percent"),
        ("blasts_unavailable is null and blasts >= 5 and blasts < 9", "Marrow blasts after block 1 available and at least 5 and below 9 percent"),
        ("blasts_unavailable is null and age < 5", "Marrow blasts after block 1 is not recorded as unavailable and age below 5 years"),
        ("seen is null", "Day of relapse: no date recorded"),
        ("not (seen is null)", "Day of relapse: date recorded"),
        ("randomized and not treated", "Randomized and not treated"),
        ("registered_on is not null", "Registered"),
        ("randomized_on <= date '2019-06-30'", "Day of randomization is on or before 30 June 2019"),
        ("seen > born", "Day of relapse is after date of birth"),
        ("not (down or fit)", "None of these: Down syndrome: yes; Fit: yes"),
        ("not (down and fit)", "Not all of these: Down syndrome: yes; Fit: yes"),
        ("not coalesce(down, false)", "Down syndrome: no (or unknown)"),
        ("coalesce(down, false)", "Down syndrome: yes (unknown counts as not met)"),
        ("coalesce(down, true)", "Down syndrome: yes (unknown counts as met)"),
        (
            "coalesce(age < 1 and fit, false)",
            "(age below 1 year, and Fit: yes; unknown counts as not met)",
        ),
        ("2 * age + 1 > 5", "((2 times age) plus 1) above 5"),
        ("coalesce(age, 3) > 5", "(age, or where that is unknown 3) above 5"),
        (
            "case when down then fit else third end",
            "The first that applies: if Down syndrome: yes: Fit: yes; otherwise: Third: yes",
        ),
        ("completed_months(born, seen) >= 18", "Completed months from date of birth to day of relapse at least 18"),
        ("fit is true", "Fit: yes (known to be true)"),
        ("fit is not true", "Fit: yes (not known to be true)"),
    ],
)  # fmt: skip
def test_a_rule_in_words(protocol: Protocol, rule: str, words: str) -> None:
    assert Wording(protocol).sentence(rule) == words


def test_a_rule_over_adverse_events_reads_their_own_columns(protocol: Protocol) -> None:
    words = Wording(protocol).sentence("category = 'Hepatobiliary' and grade >= 3", event=True)

    assert words == "Category of the event is “Hepatobiliary” and grade of the event at least 3"


def test_brackets_become_lists_in_lists(protocol: Protocol) -> None:
    said = Wording(protocol).blocks("(down or (fit and third)) and age < 1")

    assert outline(said) == [
        "All of these:",
        ["Down syndrome: yes; or Fit: yes and Third: yes", "Age below 1 year"],
    ]


def test_a_long_rule_of_one_kind_is_a_list(protocol: Protocol) -> None:
    rule = " or ".join(f"age = {number}" for number in range(2, 8))

    assert outline(Wording(protocol).blocks(rule)) == [
        "At least one of these:",
        [f"Age is {number} years" for number in range(2, 8)],
    ]


def test_what_stands_before_a_rule_shares_its_line(protocol: Protocol) -> None:
    assert outline(Wording(protocol).blocks("age < 1", lead=("to step 3, if ",))) == [
        "to step 3, if age below 1 year"
    ]


def test_a_drawing_gets_brackets_as_lines_that_are_set_in(protocol: Protocol) -> None:
    lines = Wording(protocol).lines("(down or (fit and third)) and age < 1")

    assert lines.splitlines() == [
        "All of these:",
        "  – Down syndrome: yes; or Fit: yes and Third: yes",
        "  – Age below 1 year",
    ]


def outline(blocks: tuple[Block, ...]) -> list[object]:
    """Blocks as nested lists of words."""
    lines: list[object] = []
    for block in blocks:
        if isinstance(block, Bullets):
            lines.append([line for item in block.items for line in outline(item)])
        elif isinstance(block, Paragraph):
            lines.append("".join(part if isinstance(part, str) else part.text for part in block.parts))
    return lines


ATOMS = ("down", "fit", "third")


def rules() -> Iterator[str]:
    """Every rule of some shapes: groups in groups, denied or with what unknown counts as."""
    plain = [*ATOMS, "not (down)", "coalesce(down, false)"]
    pairs = [f"({one}) {word} ({other})" for one in plain for other in plain for word in ("and", "or")]
    denied = [shape.format(pair) for pair in pairs for shape in ("not ({})", "coalesce({}, false)")]
    yield from (*plain, *pairs, *denied)
    for pair, atom, word in itertools.product((*pairs, *denied), ATOMS, ("and", "or")):
        yield f"({pair}) {word} {atom}"
        yield f"{atom} {word} ({pair})"


ROWS = " union all ".join(
    "select "
    + ", ".join(
        f"{'null' if value is None else int(value)} as {name}" for name, value in zip(ATOMS, row, strict=True)
    )
    for row in itertools.product((True, False, None), repeat=3)
)


def test_rules_that_differ_are_said_differently(protocol: Protocol) -> None:
    # What a rule means is what SQLite makes of it on every combination of true, false and unknown.
    wording = Wording(protocol)
    said: dict[str, tuple[str, list[object]]] = {}
    compared = 0
    with sqlite3.connect(":memory:") as database:
        for rule in rules():
            meaning = [value for (value,) in database.execute(f"select {rule} from ({ROWS})")]
            for words in (sentence(wording.read(rule)), str(outline(wording.blocks(rule)))):
                other, known = said.setdefault(words, (rule, meaning))
                compared += other != rule
                assert known == meaning, f"{rule!r} and {other!r} are both said as {words!r}"

    assert compared > 100  # the same words for rules that mean the same, such as a chain of and
