"""Proofs of the path: each planted fault is found, the patient shown goes astray, and small paths are proved as counted."""

from __future__ import annotations

import random
import time
from itertools import product

import pytest

from equipoise.protocol.load import parse_protocol
from equipoise.protocol.proofs.prover import prove
from equipoise.protocol.reading.document import dotted, read_document
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.rule import compile_rule
from protocol.planted_faults import PATH_FAULTS, RISK, TREATED
from protocol.test_proofs import failed, subjects

# -- an independent walk: one patient, step by step ----------------------------------------------------


def walk(protocol, row, arm=""):
    """The steps of a patient who consents and stays, and whether the last one had no branch for the patient."""
    frame = subjects(protocol, [row])
    known, codes = dict(frame.schema), columns.choices(protocol)
    step, way = next(iter(protocol.path)), []
    while step:
        way.append(step)
        here = protocol.path[step]
        if here.does == "eligibility" and not frame["eligible"].item():
            step = here.leave_to
        elif here.randomization:
            step = here.arms.get(arm) or next(iter(here.arms.values()))
        elif isinstance(here.next, tuple):
            step = None
            for branch in here.next:
                holds = (
                    True
                    if branch.when is None
                    else compile_rule(branch.when, known, codes).evaluate(frame).item()
                )
                if holds is not False:
                    step = branch.to if holds else None
                    break
            if step is None:
                return way, True
        else:
            step = here.next
    return way, False


def holds(protocol, row, rule):
    frame = subjects(protocol, [row])
    return compile_rule(rule, dict(frame.schema), columns.choices(protocol)).evaluate(frame).item()


def test_the_protocol_with_a_path_is_proved():
    findings = prove(parse_protocol(TREATED))

    assert failed(findings) == []
    said = [one.statement for one in findings]
    assert "each of the 21 steps of the path can be reached by a possible patient" in said
    assert "who arrives at the randomization low meets its rule, and who meets it arrives" in said
    assert (
        "a consent comes before every course and randomization, registration before every randomization"
        in said
    )
    assert "each event of end point efs can happen from its origin on" in said


def test_who_may_be_left_without_a_branch_is_shown_and_gets_stuck():
    protocol = parse_protocol(TREATED)
    [left] = [
        one
        for one in prove(protocol)
        if one.statement == "a patient can be left without a branch at step evaluated"
    ]

    assert left.kind == "proved"
    assert left.counter_example["mrd_end_of_block_1"] in (
        "unavailable: indeterminate",
        "unavailable: not done",
    )
    assert walk(protocol, left.row) == (
        ["screened", "eligible", "consented", "registered", "block_1", "evaluated"],
        True,
    )


def test_patients_on_every_boundary_go_where_the_proofs_say():
    protocol, chance = parse_protocol(TREATED), random.Random(20260102)
    values = {
        "age": (0.5, 1.0, 30.9, 31.0), "performance": (49, 50), "site": ("bm", "iem"), "cr1": (35.9, 36.0),
        "marrow_blasts_end_of_block_1": (25.0, 25.1), "mrd_end_of_block_1": (None, 0.009, 0.01, 0.09, 0.1),
        "marrow_blasts_end_of_cycle": (4.9, 5.0),
    }  # fmt: skip
    ways, stuck = set(), set()
    for row in chance.sample([dict(zip(values, one, strict=True)) for one in product(*values.values())], 300):
        way, lost = walk(protocol, row, chance.choice("abcd"))
        ways |= set(way)
        stuck |= {(way[-1], row["mrd_end_of_block_1"])} if lost else set()
    assert ways == set(protocol.path)
    assert stuck == {("evaluated", None)}  # whom `undecided` names, and nobody else


@pytest.mark.parametrize("fault", PATH_FAULTS, ids=[fault.name for fault in PATH_FAULTS])
def test_each_planted_fault_of_the_path_is_found_and_shown(fault):
    text = fault.text(TREATED)
    protocol = parse_protocol(text)
    findings = failed(prove(protocol, read_document(text, "trial.yaml")))
    found = [one for one in findings if one.statement == fault.statement and dotted(one.place) == fault.place]

    assert len(found) == 1
    [finding] = found
    assert finding.kind == "failed"
    assert finding.problem().line and finding.problem().expected and finding.problem().remedy
    if finding.row is None:
        return
    way, lost = walk(protocol, finding.row, finding.row.get("arm") or "")
    if "without a branch at step" in fault.statement:
        assert lost and fault.statement.endswith(way[-1])
    elif "does not meet the rule of randomization" in fault.statement:
        step = fault.place.removeprefix("path.")
        assert step in way
        assert (
            holds(protocol, finding.row, protocol.randomizations[protocol.path[step].randomization].when)
            is not True
        )
    elif "who meets the rule of group" in fault.statement:
        assert holds(protocol, finding.row, protocol.groups["failures"].when)
        assert " > ".join(way).find("evaluated > consent_high") > 0
    else:  # the way that the statement names is the patient's own
        named = fault.statement.replace(": ", " on the way ").split(" on the way ")[-1].split(" > ")
        assert way[: len(named)] == named


def test_a_wrong_row_would_not_pass_for_a_counter_example():
    # The walk above is the judge of every counter-example: of a patient who has a branch it says so.
    protocol = parse_protocol(TREATED)
    row = {"age": 10.0, "performance": 60, "site": "bm", "cr1": 40.0, "marrow_blasts_end_of_block_1": 1.0,
           "mrd_end_of_block_1": 0.05, "marrow_blasts_end_of_cycle": 1.0}  # fmt: skip

    assert walk(protocol, row, "d") == (
        ["screened", "eligible", "consented", "registered", "block_1", "evaluated", "consent_low", "randomize_low",
         "cycle_d", "maintained", "followed", "ended"], False,
    )  # fmt: skip


def test_a_protocol_without_a_path_has_no_finding_of_one():
    assert not [one for one in prove(parse_protocol(RISK)) if one.place[:1] == ("path",)]


def test_time_zero_is_pointed_out():
    text = TREATED.replace(
        "origin: transplanted_on, events: [death]}",
        "origin: transplanted_on, events: [not_engrafted, death]}",
    )
    text = text.replace("  relapse: {label: Relapse}\n", "  relapse: {label: Relapse}\n  not_engrafted: {label: No engraftment, visit: transplant}\n")  # fmt: skip
    findings = prove(parse_protocol(text))

    assert failed(findings) == []
    [note] = [one for one in findings if "time 0" in one.statement]
    assert (
        note.statement
        == "the event not_engrafted can fall on the origin of end point os_hsct: time 0, and counted"
    )
    assert dotted(note.place) == "endpoints.os_hsct.events[0]"


def test_branches_may_ask_who_is_eligible():
    text = TREATED.replace("next: consented, leave: [ineligible], leave_to: ended}",
                           "next: [{to: consented, when: eligible}, {to: ended, when: not eligible}]}")  # fmt: skip
    text = text.replace("dispositions:\n  screening: {ineligible: Ineligible}\n", "dispositions:\n")

    assert failed(prove(parse_protocol(text))) == []


# -- small paths, counted patient by patient -------------------------------------------------------------

RULES = (
    "x < 2",
    "x >= 2",
    "x = 0",
    "x in (1, 2)",
    "b",
    "not b",
    "x > 3",
    "x is null",
    "x is not null and b",
    "x < 1 or b",
)
PATIENTS = [{"x": x, "b": b} for x in (0, 1, 2, 3, None) for b in (True, False)]
SMALL_PATH = """\
equipoise: 1
protocol: WAYS
title: A small path
visits: {{one: {{label: One}}, two: {{label: Two}}, three: {{label: Three}}}}
items:
  x: {{label: X, type: integer, range: [0, 3], collected: one, unavailable: [not done]}}
  b: {{label: B, type: boolean, collected: two}}
arms:
  a: {{label: A, role: control}}
  c: {{label: C, role: experimental}}
randomizations:
  main: {{arms: [a, c]}}
populations:
  everyone: {{label: Everyone, require: x = 1}}
dispositions:
  treatment: {{left: Left}}
path:
{path}
  end: {{does: end}}
"""


def small_path(chance):
    """Steps that lead onward only, by rules drawn at random; each step as (visit, branches, deviation, leave_to)."""
    count = chance.randint(2, 6)
    steps = {}
    for index in range(count):
        onward = [f"s{later}" for later in range(index + 1, count)] + ["end"]
        rules = chance.sample(RULES, chance.randint(0, 3))
        branches = [(chance.choice(onward), rule) for rule in rules]
        if not branches or chance.random() < 0.3:
            branches.append((chance.choice(onward), None))
        deviation = (chance.choice(onward), chance.choice(RULES)) if chance.random() < 0.25 else None
        leave = chance.choice(onward) if chance.random() < 0.25 else None
        steps[f"s{index}"] = (chance.choice(("one", "two", "three")), branches, deviation, leave)
    return steps


def written(steps):
    lines = []
    for name, (visit, branches, deviation, leave) in steps.items():
        parts = ", ".join(
            f'{{to: {to}, when: "{rule}"}}' if rule else f"{{to: {to}}}" for to, rule in branches
        )
        line = f"  {name}: {{visit: {visit}, next: [{parts}]"
        line += (
            f', deviations: {{d: {{label: D, to: {deviation[0]}, when: "{deviation[1]}"}}}}'
            if deviation
            else ""
        )
        line += f", leave: [left], leave_to: {leave}" if leave else ""
        lines.append(line + "}")
    return SMALL_PATH.format(path="\n".join(lines))


def true(rule, patient):
    """What a rule gives, in Python's words; None is unknown."""
    x, b = patient["x"], patient["b"]
    told = {
        "x < 2": lambda: x < 2, "x >= 2": lambda: x >= 2, "x = 0": lambda: x == 0, "x in (1, 2)": lambda: x in (1, 2),
        "x > 3": lambda: x > 3,
    }  # fmt: skip
    if rule in told:
        return None if x is None else told[rule]()
    return {
        None: True, "b": b, "not b": not b, "x is null": x is None, "x is not null and b": x is not None and b,
        "x < 1 or b": True if b else None if x is None else x < 1,
    }[rule]  # fmt: skip


def counted(steps):
    """By walking every patient every way: steps reached, branches taken, steps without a branch, rules read too early."""
    reached, taken, stuck, early = set(), set(), set(), set()
    for patient in PATIENTS:
        waiting, seen = [("s0", frozenset())], set()
        while waiting:
            name, visits = waiting.pop()
            if (name, visits) in seen:
                continue
            seen.add((name, visits))
            reached.add(name)
            if name == "end":
                continue
            visit, branches, deviation, leave = steps[name]
            after = visits | {visit}
            recorded = {item for item, at in (("x", "one"), ("b", "two")) if at in after}
            for key, rule in [
                *((index, rule) for index, (_, rule) in enumerate(branches)),
                ("d", deviation and deviation[1]),
            ]:
                if (
                    rule
                    and {word for word in ("x", "b") if word in rule.replace("not", "").split()} - recorded
                ):
                    early.add((name, key))
            for index, (to, rule) in enumerate(branches):
                value = true(rule, patient)
                if value:
                    taken.add((name, index))
                    waiting.append((to, after))
                if value is not False:
                    if value is None:
                        stuck.add(name)
                    break
            else:
                stuck.add(name)
            if deviation and true(deviation[1], patient):
                taken.add((name, "d"))
                waiting.append((deviation[0], after))
            if leave:
                waiting.append((leave, visits))
    return reached, taken, stuck, early


def test_small_paths_are_proved_as_they_are_counted():
    chance, kinds = random.Random(20260103), [0, 0, 0, 0]
    for _ in range(60):
        steps = small_path(chance)
        reached, taken, stuck, early = counted(steps)
        findings = [one for one in prove(parse_protocol(written(steps))) if one.kind == "failed"]
        said = {(one.statement, dotted(one.place)) for one in findings if one.place[0] == "path"}

        every = [*steps, "end"]
        lost = [name for name in every if name not in reached]
        entered_from = {
            name: [one for one, (_, branches, deviation, leave) in steps.items()
                   if name in [*(to for to, _ in branches), deviation and deviation[0], leave]]
            for name in every
        }  # fmt: skip
        first = {name for name in lost if not any(one in lost for one in entered_from[name])}
        assert {place for what, place in said if what.startswith("no patient can reach")} == {
            f"path.{name}" for name in first
        }
        assert {place for what, place in said if what.startswith("a patient without a branch")} == {
            f"path.{name}.next" for name in stuck
        }
        dead = {f"path.{name}.next[{index}]" + ".when" * (rule is not None) for name in steps if name in reached
                for index, (_, rule) in enumerate(steps[name][1]) if (name, index) not in taken}  # fmt: skip
        dead |= {
            f"path.{name}.deviations.d.when"
            for name in steps
            if name in reached and steps[name][2] and (name, "d") not in taken
        }
        assert {place for what, place in said if what.startswith("no patient can take")} == dead
        too_early = {
            f"path.{name}.next[{key}].when" if key != "d" else f"path.{name}.deviations.d.when"
            for name, key in early
        }
        assert {place for what, place in said if "not on record" in what} == too_early
        for index, one in enumerate((first, stuck, dead, early)):
            kinds[index] += len(one)
    assert min(kinds) > 10, kinds  # each kind of fault came up


# -- many ways -------------------------------------------------------------------------------------------


def test_a_path_that_parts_and_meets_again_many_times_is_followed_in_time():
    # 2^20 ways lead through 20 forks; those that ask for nothing are one way.
    forks = "\n".join(
        f"  s{index}: {{visit: one, next: l{index}, leave: [left], leave_to: s{index + 1}}}\n  l{index}: {{visit: two, next: s{index + 1}}}"
        for index in range(20)
    )
    text = SMALL_PATH.format(
        path=forks + "\n  s20: {visit: three, next: [{to: end, when: x < 2}, {to: end, when: x >= 2}]}"
    )
    begin = time.perf_counter()
    findings = prove(parse_protocol(text))

    assert time.perf_counter() - begin < 20
    assert [one.statement for one in findings if one.statement.startswith("a patient without")] == [
        "a patient without a branch at step s20"
    ]


def test_more_ways_by_rule_than_are_looked_at_are_said_to_be_undecided():
    # Each fork asks for another item, so that no way is covered by another one: 2^9 > 200.
    items = "".join(f"  y{index}: {{{{label: Y{index}, type: boolean}}}}\n" for index in range(9))
    forks = "\n".join(
        f"  s{index}: {{visit: one, next: [{{to: l{index}, when: y{index}}}, {{to: s{index + 1}, when: not y{index}}}]}}\n"
        f"  l{index}: {{visit: one, next: s{index + 1}}}"
        for index in range(9)
    )
    text = SMALL_PATH.replace("items:\n", "items:\n" + items).format(
        path=forks + "\n  s9: {visit: two, next: s10}\n  s10: {visit: three, next: end}"
    )
    findings = [one for one in prove(parse_protocol(text)) if one.place[:1] == ("path",)]

    # Nothing is proved of ways that were not followed, and nothing is held against them.
    assert [(one.kind, one.statement) for one in findings] == [
        ("proved", "no way through the path leads back to a step that was done"),
        ("proved", "from each step of the path an end can be reached"),
        ("undecided", "there are more than 200 ways to step s8: nothing is proved of them"),
    ]
