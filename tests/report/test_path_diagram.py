"""The path of a patient: what its figures show, read from their SVG and measured."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import equipoise
from equipoise.errors import DataError
from equipoise.protocol.definition import Protocol, Step
from equipoise.protocol.definition.blocks import Table
from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.report.figures.channels import Stretch, levels
from equipoise.report.figures.path_diagram import path_diagram, path_diagrams
from protocol.small import SMALL
from report import geometry

PATH = """\
visits:
  screening: {label: Screening}
  response: {label: Evaluation of response}
consents:
  study: {label: Consent to the trial}
courses:
  induction: {label: Induction, days: 28}
  consolidation: {label: Consolidation, days: 28, rest: 7}
  maintenance: {label: Maintenance}
groups:
  failure: {label: Treated for failure, when: mrd >= 5}
path:
  consent: {consent: study, next: eligibility, refused: end}
  eligibility: {does: eligibility, next: registration}
  registration: {does: registration, next: induction}
  induction: {course: induction, times: [1, 2], next: response, leave: [toxicity, refused], leave_to: follow_up}
  response:
    visit: response
    next:
      - {to: failure, when: mrd >= 5, label: Failure}
      - {to: main, when: age >= 1}
      - {to: follow_up}
    undecided: Patients whose minimal residual disease is unavailable.
  failure: {group: failure, next: follow_up}
  main: {randomization: main, arms: {a: consolidation_a, b: consolidation_b}}
  consolidation_a:
    course: consolidation
    next: maintenance_a
    leave: [toxicity]
    leave_to: follow_up
    deviations:
      at_once: {label: Straight to follow-up, to: follow_up}
  maintenance_a: {course: maintenance, next: follow_up}
  consolidation_b: {course: consolidation, times: not stated, next: follow_up}
  follow_up: {does: follow_up, next: end}
  end: {does: end}
"""
TRIALS = Path(equipoise.__file__).parent / "trials"


def small() -> Protocol:
    return parse_protocol(SMALL + PATH)


def with_path(steps: dict[str, dict[str, Any]]) -> Protocol:
    """The small protocol with another path, checked as blocks but not as a path: it may be broken."""
    path = {name: Step.model_validate(step) for name, step in steps.items()}
    return small().model_copy(update={"path": Table(path)})


def shipped() -> list[Protocol]:
    found = [load_protocol(file) for file in sorted(TRIALS.glob("*/protocol.yaml"))]
    return [protocol for protocol in found if protocol.path]


def points(svg: str) -> float:
    """The size of the smallest letters, 10.5 pixels high, in print: 170 mm wide and 230 mm high at most."""
    frame = geometry.frame(svg)
    return 10.5 * min(0.75, 170 / 25.4 * 72 / frame.right, 230 / 25.4 * 72 / frame.bottom)


def test_everything_that_the_path_says_stands_in_the_figure() -> None:
    said = geometry.words(path_diagram(small()))

    for text in (
        "Consent to the trial", "Eligibility", "Registration", "Induction", "Evaluation of response",
        "Treated for failure", "Consolidation", "Maintenance", "Follow-up", "End",  # steps
        "Failure", "age >= 1", "Otherwise",  # branches: a label, a rule without one, all others
        "Arm A", "Arm B", "Arm A : Arm B = 1:2", "R",  # the randomization
        "28 days", "28 days, then 7 days of rest", "Length not stated",
        "Up to 2 times", "Repeated, how often is not stated",
        "Leaves: Toxicity; Refused", "Leaves: Toxicity", "Departure: note b", "Refused → end", "Straight to follow-up",
        "Patients whose minimal residual disease is unavailable.",
    ):  # fmt: skip
        assert text in said


def test_a_rule_is_worded_by_the_caller() -> None:
    said = geometry.words(path_diagram(small(), words=lambda rule: f"in words: {rule.upper()}"))

    assert "in words: AGE >= 1" in said
    assert "MRD >= 5" not in said  # a branch with a label needs no wording


def test_every_way_is_drawn_and_told_apart() -> None:
    found = [kind for kind, _ in geometry.lines(path_diagram(small()))]
    root = geometry.parsed(path_diagram(small()))
    dashes = {one.get("data-kind"): one.get("stroke-dasharray") for one in root.iter(f"{geometry.SVG}path")}

    # Counted in the text above: 11 ways by `next`, and one straight to follow-up beside others that are not; 2 arms;
    # 1 undecided. Labels interrupt 2 + 1 + 2 of them. The deviation would cross the way out: it is a note.
    assert found.count("way next") == 11 + 2
    assert found.count("way aside") == 1 + 1
    assert found.count("way arm") == 2 + 2
    assert found.count("way undecided") == 1
    assert found.count("way deviation") == 0
    # 3 ways out, one of which turns around another box; 2 places that they lead to, each with a rail and an arrow
    assert found.count("exit") == 3 + 1 + 2 * 2
    assert dashes["way next"] is None and dashes["way aside"] is None
    assert len({dashes["way undecided"], dashes["exit"], None}) == 3


def test_a_departure_that_crosses_nothing_is_a_line() -> None:
    leap = {"leap": {"label": "Leap", "to": "three"}}
    svg = path_diagram(with_path({
        "one": {"does": "registration", "next": "two", "deviations": leap},
        "two": {"course": "induction", "next": "three", "undecided": "Some."}, "three": {"does": "end"},
    }))  # fmt: skip
    dashes = {
        one.get("data-kind"): one.get("stroke-dasharray")
        for one in geometry.parsed(svg).iter(f"{geometry.SVG}path")
    }

    assert [kind for kind, _ in geometry.lines(svg)].count(
        "way deviation"
    ) == 1 + 1  # its label interrupts it
    assert "Departure from the planned way" in geometry.words(svg)
    assert "note a" in geometry.words(svg) and "Departure: note" not in geometry.words(svg)
    assert len({dashes["way deviation"], dashes["way undecided"], dashes["way next"]}) == 3
    assert geometry.faults(svg) == []


def test_what_few_take_is_thinner_than_the_way_of_most() -> None:
    root = geometry.parsed(path_diagram(small()))
    widths = {
        one.get("data-kind"): float(one.get("stroke-width") or 1) for one in root.iter(f"{geometry.SVG}path")
    }

    assert widths["exit"] <= widths["way aside"] < widths["way next"] == widths["way arm"]


def test_the_figures_have_no_fault() -> None:
    for _, svg in (("", path_diagram(small())), *path_diagrams(small())):
        assert geometry.faults(svg) == []


@pytest.mark.parametrize("protocol", shipped(), ids=lambda one: one.protocol)
def test_paths_of_shipped_trials_are_drawn_without_fault_and_legible(protocol: Protocol) -> None:
    figures = path_diagrams(protocol)

    for title, svg in figures:
        assert geometry.faults(svg) == [], title
        assert points(svg) >= 6.5, title
    assert geometry.faults(path_diagram(protocol)) == []
    assert len({title for title, _ in figures}) == len(figures)


TWO_ARMS = """\
visits:
  response: {label: Evaluation}
courses:
  block: {label: Block, days: 28}
  other: {label: Other block, days: 28}
path:
  main: {randomization: main, arms: {a: a_1, b: b_1}}
  a_1: {course: block, next: a_2, leave: [toxicity, refused], leave_to: follow_up}
  a_2:
    visit: response
    next: [{to: follow_up, when: mrd >= 5, label: Failure}, {to: a_3, label: No failure}]
    leave: [refused]
    leave_to: follow_up
    undecided: Patients without a sample.
    deviations: {at_once: {label: Third block at once, to: a_4}}
  a_3: {course: block, next: a_4, leave: [refused], leave_to: follow_up}
  a_4: {course: block, next: last}
  b_1:
    course: block
    next: b_2
    leave: [refused]
    leave_to: follow_up
    deviations: {crossover: {label: Crossover, to: a_4, allowed: false}}
  b_2:
    visit: response
    next: [{to: follow_up, when: mrd >= 5, label: Failure}, {to: b_3, label: No failure}]
    undecided: Patients without a sample.
  b_3: {course: other, next: last, leave: not stated, leave_to: follow_up}
  last: {course: other, next: follow_up}
  follow_up: {does: follow_up, next: end, leave: [refused], leave_to: end}
  end: {does: end}
"""


def two_arms() -> str:
    long = SMALL.replace("toxicity: Toxicity", "toxicity: Unacceptable toxicity as the physician sees it")
    return path_diagram(parse_protocol(long + TWO_ARMS))


def step_boxes(svg: str) -> dict[str, geometry.Area]:
    """The box of each step by all that stands in it."""
    return {
        " ".join(text.name for text in geometry.texts(svg) if box.holds(text)): box
        for box in geometry.areas(svg, "box")
    }


def box_with(svg: str, *parts: str) -> geometry.Area:
    (found,) = (box for text, box in step_boxes(svg).items() if all(part in text for part in parts))
    return found


def test_arms_are_columns_with_steps_of_the_same_depth_at_the_same_level() -> None:
    svg = two_arms()
    a = [box_with(svg, "arm A", part) for part in ("1st of 3", "Evaluation", "2nd of 3", "3rd of 3")]
    b = [box_with(svg, "arm B", part) for part in ("Block", "Evaluation", "Other block")]

    assert {box.left for box in a} == {a[0].left} and {box.left for box in b} == {b[0].left}
    assert [box.top for box in a[:3]] == [box.top for box in b]
    assert geometry.faults(svg) == []


@pytest.mark.parametrize("protocol", shipped(), ids=lambda one: one.protocol)
def test_arms_of_shipped_trials_are_columns(protocol: Protocol) -> None:
    for _, svg in path_diagrams(protocol):
        stripes = geometry.parsed(svg).iter(f"{geometry.SVG}rect")
        columns: dict[str | None, set[str | None]] = {}
        for one in stripes:
            if one.get("data-kind") == "stripe":
                columns.setdefault(one.get("fill"), set()).add(one.get("x"))

        assert all(len(lefts) == 1 for lefts in columns.values())


def test_the_same_course_again_has_its_number_and_alternatives_have_none() -> None:
    said = step_boxes(two_arms())

    # Block is given three times on the way of arm A, and once in arm B; Other block once there, once after both.
    assert sum("Block, 1st of 3" in text for text in said) == 1
    assert sum("Block, 3rd of 3" in text for text in said) == 1
    assert not any("of 2" in text for text in said)


def test_reasons_are_written_out_or_numbered_below() -> None:
    svg = two_arms()

    assert box_with(svg, "1st of 3", "Leaves: reasons 1, 2")
    assert box_with(svg, "arm A", "Evaluation", "By rule: failure", "Leaves: Refused")
    assert "Reasons: 1 Unacceptable toxicity as the physician sees it; 2 Refused." in geometry.words(svg)
    assert "meets the rule in the box (reasons that no box gives are not stated)" in geometry.words(svg)


def with_final(text: str) -> str:
    return path_diagram(
        parse_protocol(text.replace("\ndispositions:\n", "\ndispositions:\n  final: [refused]\n"))
    )


def test_reasons_with_which_follow_up_ends_say_so() -> None:
    long = SMALL.replace("toxicity: Toxicity", "toxicity: Unacceptable toxicity as the physician sees it")
    svg = with_final(long + TWO_ARMS)

    assert "2 Refused (ends follow-up)." in geometry.words(svg)
    assert box_with(svg, "arm A", "Evaluation", "Leaves: Refused (ends follow-up)")
    assert "(ends" not in geometry.words(two_arms())
    # Whoever leaves follow-up leaves to the end whatever the reason: there none is told apart.
    follow_up = next(text for text in step_boxes(svg) if text.startswith("Follow-up"))
    assert follow_up == "Follow-up Leaves: Refused"


def test_reasons_that_hardly_a_step_states_are_a_line_of_the_key() -> None:
    steps: dict[str, dict[str, Any]] = {
        f"s{index}": {"course": "induction", "label": f"Course {index}", "next": f"s{index + 1}",
                      "leave": "not stated", "leave_to": "s4"} for index in range(4)
    }  # fmt: skip
    steps["s4"] = {"does": "follow_up"}
    all_silent = geometry.words(path_diagram(with_path(steps)))
    del steps["s1"]["leave"], steps["s1"]["leave_to"]
    one_not = geometry.words(path_diagram(with_path(steps)))
    steps["s1"] |= {"leave": ("toxicity",), "leave_to": "s4"}
    one_stated = geometry.words(path_diagram(with_path(steps)))
    few = geometry.words(path_diagram(with_path({**steps, **{f"s{n}": {**steps[f"s{n}"], "leave": ("toxicity",)} for n in (0, 2)}})))  # fmt: skip

    # The last course leads on to follow-up itself: it has no line, and said so alone of all boxes.
    assert "Patients may leave at any step; reasons are not stated" in all_silent
    assert "Patients may leave at any step but Course 1; reasons are not stated" in one_not
    assert "Patients may leave at any step; reasons that no box gives are not stated" in one_stated
    assert not any("May leave" in text for text in (all_silent, one_not, one_stated))
    assert "May leave, reasons not stated" in few and "at any step" not in few


def test_who_leaves_beside_those_who_cannot_be_decided_keeps_clear_of_their_box() -> None:
    svg = path_diagram(with_path({
        "seen": {"visit": "response", "next": "given", "leave": "not stated", "leave_to": "watched", "undecided": "Some."},
        "given": {"course": "induction", "next": "watched"}, "watched": {"does": "follow_up"},
    }))  # fmt: skip
    boxes = [box for box in geometry.areas(svg, "box") if box.name == "box undecided"]
    level = [
        (y1, min(x1, x2), max(x1, x2)) for kind, points in geometry.lines(svg) if kind == "exit"
        for (x1, y1), (x2, y2) in pairwise(points) if y1 == y2
    ]  # fmt: skip
    near = [
        y - box.bottom for box in boxes for y, left, right in level
        if y > box.bottom and left < box.right and right > box.left
    ]  # fmt: skip

    assert near and min(near) >= 10


def test_who_leaves_to_where_everyone_goes_has_no_line_of_their_own() -> None:
    svg = two_arms()
    after = box_with(svg, "Follow-up").top
    ends = [points for kind, points in geometry.lines(svg) if kind == "exit"]

    assert ends and all(y <= after for points in ends for _, y in points)
    assert box_with(svg, "Follow-up", "Leaves: Refused")


def test_departures_and_who_cannot_be_decided_are_notes() -> None:
    svg = two_arms()
    said = geometry.words(svg)

    # Third block at once would move no step and cross nothing, but crossover to the last step would; then both are
    # notes. The same text has the same letter.
    assert box_with(svg, "arm A", "Evaluation", "Departure: note a")
    assert (
        "a Third block at once (on to: Block, 3rd of 3; whether the protocol allows it is not stated)" in said
    )
    assert box_with(svg, "arm B", "Block", "Departure: note c")
    assert "c Crossover (on to: Block, 3rd of 3; not allowed by the protocol)" in said
    assert said.count("b Patients without a sample.") == 1
    assert said.count("Cannot be decided note b") == 2
    assert not any(kind == "way deviation" for kind, _ in geometry.lines(svg))


def test_departures_are_lines_only_where_they_cross_nothing() -> None:
    for _, svg in [figure for protocol in (small(), *shipped()) for figure in path_diagrams(protocol)]:
        lines = geometry.lines(svg)
        own = [points for kind, points in lines if kind == "way deviation"]
        others = [points for kind, points in lines if kind != "way deviation"]

        assert not [1 for one in own for other in others if geometry.crossing(one, other)]


def test_a_long_path_is_divided_until_its_letters_are_legible() -> None:
    steps: dict[str, dict[str, Any]] = {
        f"s{index}": {"label": f"Step number {index}", "does": "registration", "next": f"s{index + 1}"}
        for index in range(60)
    }
    steps["s60"] = {"label": "Step number 60", "does": "end"}
    figures = path_diagrams(with_path(steps))

    assert len(figures) > 2
    assert all(points(svg) >= 6.5 for _, svg in figures)
    said = " ".join(geometry.words(svg) for _, svg in figures)
    assert all(f"Step number {index}" in said for index in range(61))
    assert len({title for title, _ in figures}) == len(figures)
    assert figures[0][0] == "Path of the patient, part 1"  # it has no randomization


def test_a_wide_path_is_drawn_in_parts_and_no_step_is_lost() -> None:
    protocol = with_path(wide(5))
    figures = path_diagrams(protocol)
    said = " ".join(geometry.words(svg) for _, svg in figures)

    assert [title for title, _ in figures] == [
        "Path of the patient, part 1: to randomization", "Path of the patient, part 2: First",
        "Path of the patient, part 3: Second",
    ]  # fmt: skip
    assert all(f"Branch {index}" in said for index in range(5))
    assert "Goes on in part 2" in geometry.words(figures[0][1])
    for step in protocol.path.values():
        assert str(step.label) in said
    assert all(geometry.faults(svg) == [] for _, svg in figures)


def wide(many: int) -> dict[str, dict[str, Any]]:
    """Many branches side by side, two of which lead to a randomization."""
    steps: dict[str, dict[str, Any]] = {
        "start": {
            "label": "Start", "does": "registration",
            "next": ({"to": "first", "when": "age > 9"}, {"to": "second", "when": "age > 8"},
                     *({"to": f"s{index}", "when": f"age > {index}"} for index in range(many))),
        },
        "first": {"label": "First", "randomization": "main", "arms": {"a": "arm_a", "b": "arm_b"}},
        "second": {"label": "Second", "randomization": "second", "arms": {"a": "arm_a", "c": "arm_c"}},
    }  # fmt: skip
    for index in range(many):
        steps[f"s{index}"] = {"label": f"Branch {index}", "does": "follow_up"}
    for arm in ("arm_a", "arm_b", "arm_c"):
        steps[arm] = {"label": f"Treatment of {arm}", "course": "induction", "next": "s0"}
    return steps


@pytest.mark.parametrize("many", [3, 40])
def test_short_and_long_paths_are_drawn_alike(many: int) -> None:
    # Two columns after a fork, which meet at the end; every fifth step leaves to it, every seventh leaps ahead.
    steps: dict[str, dict[str, Any]] = {}
    for index in range(many):
        ahead = min(index + 2, many - 1)
        steps[f"s{index}"] = {
            "label": f"Step number {index}", "does": "registration" if index < many - 1 else "end",
            "next": f"s{ahead}" if index else tuple({"to": f"s{one}", "label": f"Way {one}"} for one in (1, 2)),
        }  # fmt: skip
        if index % 5 == 1:
            steps[f"s{index}"] |= {"leave": ("toxicity",), "leave_to": f"s{many - 1}"}
        if index % 7 == 2:
            steps[f"s{index}"]["deviations"] = {
                "leap": {"label": f"Leap {index}", "to": f"s{min(index + 9, many - 1)}"}
            }
    del steps[f"s{many - 1}"]["next"]
    svg = path_diagram(with_path(steps))

    assert geometry.faults(svg) == []
    assert len(geometry.areas(svg, "box")) == many
    assert all(f"Step number {index}" in geometry.words(svg) for index in range(many))


def test_ways_that_step_aside_do_not_run_on_one_another() -> None:
    # Two ways that cross each other and one of neither: three at most side by side, and the crossing ones apart.
    crossing = [Stretch(0, 0, 2, 10.0, 90.0), Stretch(1, 1, 3, 80.0, 20.0), Stretch(2, 4, 5, 200.0, 260.0)]
    gap = levels(crossing)

    assert gap.levels[0] != gap.levels[1]
    assert gap.levels[2] == 0
    assert gap.count == 2
    # The upper end of one stands over the lower end of the other: the one that comes from there turns off first.
    below = levels([Stretch(0, 0, 2, 10.0, 80.0), Stretch(1, 1, 3, 80.0, 140.0)])

    assert below.levels[1] < below.levels[0]
    # Two ways that meet share a track, unless one of them is drawn otherwise.
    meeting = [Stretch(0, 0, 2, 10.0, 50.0), Stretch(1, 1, 2, 90.0, 50.0)]
    other = [meeting[0], Stretch(1, 1, 2, 90.0, 50.0, alone=True)]

    assert levels(meeting).count == 1
    assert levels(other).count == 2


def test_lines_that_are_not_solid_are_explained_where_there_are_some() -> None:
    plain = with_path({"one": {"does": "registration", "next": "two"}, "two": {"does": "end"}})
    key = ("Leaves or refuses consent", "Cannot be decided")

    assert all(text in geometry.words(path_diagram(small())) for text in key)
    assert not any(text in geometry.words(path_diagram(plain)) for text in key)


def test_a_protocol_without_path_has_no_figure() -> None:
    protocol = parse_protocol(SMALL)

    assert path_diagrams(protocol) == []
    with pytest.raises(DataError, match="no step"):
        path_diagram(protocol)


def test_the_same_path_is_the_same_figure() -> None:
    assert path_diagram(small()) == path_diagram(parse_protocol(SMALL + PATH))
    assert path_diagrams(small()) == path_diagrams(small())


def test_a_figure_is_read_aloud_step_by_step() -> None:
    root = geometry.parsed(path_diagram(small(), identifier="one"))
    title, description = (root.find(f"{geometry.SVG}{tag}") for tag in ("title", "desc"))

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "one-title one-desc"
    assert title is not None and title.text == "Path of the patient"
    assert description is not None and description.text is not None
    assert "Consent to the trial: goes on to Eligibility; refused → end." in description.text
    assert "may leave (toxicity, refused) → follow-up" in description.text
    assert "may depart to Follow-up (Straight to follow-up)" in description.text
    assert "may be left without a way on: Patients whose minimal" in description.text


def test_hostile_labels_stay_text() -> None:
    hostile = '<script>alert("1")</script> & ]]> \x00 \u202e'
    protocol = with_path({
        "one": {"label": hostile, "does": "registration", "next": ({"to": "two", "when": hostile, "label": hostile},)},
        "two": {"label": "x" * 300, "does": "end", "undecided": hostile},
    })  # fmt: skip
    svg = path_diagram(protocol)
    root = geometry.parsed(svg)

    assert not [one for one in root.iter() if one.tag.endswith("script")]
    assert '<script>alert("1")</script>' in geometry.words(svg)
    assert geometry.faults(svg) == []


def test_broken_and_circular_paths_are_drawn_all_the_same() -> None:
    protocol = with_path({
        "one": {"does": "registration", "next": "two"},
        "two": {"course": "no_such_course", "next": ({"to": "one", "label": "Again"}, {"to": "two"}, {"to": "nowhere"})},
        "alone": {"randomization": "no_such", "arms": {"z": "one"}, "leave": ("toxicity",), "leave_to": "alone"},
    })  # fmt: skip
    svg = path_diagram(protocol)

    assert "nowhere No such step in the path" in geometry.words(svg)
    assert "no_such_course" in geometry.words(svg)
    assert geometry.faults(svg) == []
    assert all(geometry.faults(part) == [] for _, part in path_diagrams(protocol))


LABELS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
LABELS = LABELS.filter(lambda text: bool(text.strip()))
KINDS = (
    {"does": "registration"}, {"does": "follow_up"}, {"does": "end"}, {"consent": "study"}, {"visit": "screening"},
    {"course": "induction"}, {"course": "maintenance"}, {"group": "failure"}, {"randomization": "main"},
)  # fmt: skip


@st.composite
def paths(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Paths of up to 14 steps that lead forward, and now and then back, to themselves or nowhere."""
    many = draw(st.integers(1, 14))
    names = [f"s{index}" for index in range(many)]
    steps: dict[str, dict[str, Any]] = {}
    for index, name in enumerate(names):
        ahead = names[index + 1 :] or names
        to = st.one_of(st.sampled_from(ahead), st.sampled_from(ahead), st.sampled_from([*names, "nowhere"]))
        step: dict[str, Any] = dict(draw(st.sampled_from(KINDS)))
        if draw(st.booleans()):
            step["label"] = draw(LABELS)
        if "randomization" in step:
            step["arms"] = {
                arm: draw(to) for arm in draw(st.sampled_from([("a", "b"), ("a", "b", "c"), ("a", "q")]))
            }
        else:
            branches = draw(st.lists(st.tuples(to, st.none() | LABELS), max_size=3))
            step["next"] = tuple({"to": one, "label": label, "when": None} for one, label in branches)
        if draw(st.integers(0, 3)) == 0:
            step |= {"leave": ("toxicity",) * draw(st.integers(0, 2)), "leave_to": draw(to)}
        if draw(st.integers(0, 4)) == 0:
            step["refused"] = draw(to)
        if draw(st.integers(0, 3)) == 0:
            step["deviations"] = {
                f"d{n}": {"label": draw(LABELS), "to": draw(to)} for n in range(draw(st.integers(1, 2)))
            }
        if draw(st.integers(0, 4)) == 0:
            step["undecided"] = draw(LABELS)
        if draw(st.integers(0, 3)) == 0:
            step["times"] = (1, 3)
        steps[name] = step
    return steps


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(paths())
def test_any_path_is_drawn_without_fault(steps: dict[str, dict[str, Any]]) -> None:
    svg = path_diagram(with_path(steps))

    assert geometry.faults(svg) == []
    assert len(geometry.areas(svg, "box")) >= len(steps)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(paths())
def test_any_path_in_parts_loses_no_step_and_has_no_fault(steps: dict[str, dict[str, Any]]) -> None:
    protocol = with_path({name: {**step, "label": f"[{name}]"} for name, step in steps.items()})
    figures = path_diagrams(protocol)
    said = " ".join(geometry.words(svg) for _, svg in figures)

    assert all(geometry.faults(svg) == [] for _, svg in figures)
    assert all(f"[{name}]" in said for name in steps)
