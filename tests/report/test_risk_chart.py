"""The chart of a classification: its rules in their order, where each leads, and who is left without a class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import equipoise
from equipoise.errors import DataError
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import load_protocol, parse_protocol
from equipoise.report.figures.risk_chart import risk_chart
from protocol.small import changed
from report import geometry

RISK = """\
derived:
  risk:
    label: Risk group
    classes:
      high: {label: High risk, when: mrd >= 5}
      middle: {label: Intermediate risk, when: age >= 10 and mrd >= 0.1}
      low: {label: Low risk, when: age < 10}
    undecided: Patients whose minimal residual disease is unavailable, and those of 10 years or more with less than 0.1%.
"""
TRIALS = Path(equipoise.__file__).parent / "trials"


def small(risk: str = RISK) -> Protocol:
    """The small protocol with a classification, on which a randomization and a group rest."""
    text = changed("derived:\n", risk).replace(
        "main: {when: age >= 1,", "main: {when: \"risk in ('high', 'middle')\","
    )
    return parse_protocol(text + "groups:\n  mild: {label: Reduced treatment, when: risk = 'low'}\n")


def drawn(svg: str, kind: str) -> int:
    """How many lines of a kind the figure has."""
    return sum(one == kind for one, _ in geometry.lines(svg))


def boxes(svg: str, kind: str) -> list[str]:
    """What stands in each box of a kind, from top to bottom."""
    found = []
    for box in sorted(geometry.areas(svg, "box"), key=lambda box: box.top):
        if box.name == f"box {kind}":
            found.append(" ".join(text.name for text in geometry.texts(svg) if box.holds(text)))
    return found


def test_rules_stand_in_their_order_beside_their_classes() -> None:
    svg = risk_chart(small(), "risk")

    assert boxes(svg, "start") == ["Risk group"]
    assert boxes(svg, "class") == ["High risk", "Intermediate risk", "Low risk"]
    assert [text.split(" May be")[0] for text in boxes(svg, "rule")] == [
        "Rule 1 mrd >= 5", "Rule 2 age >= 10 and mrd >= 0.1", "Rule 3 age < 10",
    ]  # fmt: skip
    assert drawn(svg, "yes") == 3
    assert geometry.words(svg).count("Yes") == 3
    for rule, level in zip(_tops(svg, "rule"), _tops(svg, "class"), strict=True):
        assert rule == level


def _tops(svg: str, kind: str) -> list[float]:
    return sorted(box.top for box in geometry.areas(svg, "box") if box.name == f"box {kind}")


def test_below_a_class_stands_where_its_patients_go() -> None:
    # From the text above: main (a, b; 1:2) takes high and middle, the group takes low, second has no rule.
    assert boxes(risk_chart(small(), "risk"), "goes") == [
        "Randomized: Arm A or arm B (1:2)", "Randomized: Arm A or arm B (1:2)", "Group: Reduced treatment",
    ]  # fmt: skip


def test_a_way_out_is_drawn_only_where_a_patient_can_take_it() -> None:
    svg = risk_chart(small(), "risk")

    # Rule 1 is unknown without MRD. Who gets past it has an MRD, so that rules 2 and 3 are always decided.
    assert boxes(svg, "rule")[0].endswith("May be unavailable: MRD (indeterminate, not done)")
    assert not any("May be unavailable" in text for text in boxes(svg, "rule")[1:])
    assert drawn(svg, "undecided") == 1 + 1  # one stub, one line down to the box
    # Age 10 and MRD 0: no rule holds, each is decided. So the last "no" leads to the box too.
    assert drawn(svg, "no") == 3
    assert geometry.words(svg).count("No") == 3
    assert boxes(svg, "undecided") == [
        "Left without a class Patients whose minimal residual disease is unavailable, and those of 10 years or more "
        "with less than 0.1%."
    ]


def test_a_complete_classification_leaves_nobody() -> None:
    svg = risk_chart(small(), "group")

    assert boxes(svg, "undecided") == []
    assert drawn(svg, "undecided") == 0
    assert drawn(svg, "no") == 1  # from the first rule to the second, and from there nowhere
    assert "cannot be" not in geometry.words(svg)


def test_unknown_without_a_word_on_it_is_said_to_be_not_stated() -> None:
    without = RISK.split("    undecided")[0]

    assert boxes(risk_chart(small(without), "risk"), "undecided") == [
        "Left without a class Who may be left without one is not stated."
    ]


def test_a_rule_is_worded_by_the_caller_and_the_last_takes_all_others() -> None:
    risk = RISK.replace("when: age < 10}", 'when: "true"}')
    svg = risk_chart(small(risk), "risk", words=lambda rule: f"in words: {rule.upper()}")

    assert "in words: MRD >= 5" in boxes(svg, "rule")[0]
    assert boxes(svg, "rule")[2] == "Rule 3 All others"


def test_words_on_several_lines_are_set_in_as_they_say() -> None:
    svg = risk_chart(
        small(), "risk", words=lambda rule: f"All of\n  – {rule}\n    – deeper {'and deeper ' * 12}"
    )
    lefts = {text.name: text.left for text in geometry.texts(svg)}
    deeper = min(left for name, left in lefts.items() if name.startswith("– deeper"))
    goes_on = min(left for name, left in lefts.items() if name.startswith(("and deeper", "deeper")))

    assert lefts["All of"] < lefts["– mrd >= 5"] < deeper < goes_on  # and a dash hangs over what it begins
    assert geometry.faults(svg) == []


def test_a_condition_is_left_out_only_where_it_is_known_of_all_who_get_there() -> None:
    # Rules 2 and 3 share a condition: it holds for all who are below 10, and for some of those below 20 only.
    def risk(first: str, shared: str) -> list[str]:
        text = f"""\
derived:
  risk:
    label: Risk group
    classes:
      high: {{label: High risk, when: {first}}}
      middle: {{label: Intermediate risk, when: {shared} and mrd >= 5}}
      low: {{label: Low risk, when: {shared} and mrd < 5}}
    undecided: Patients whose minimal residual disease is unavailable.
"""
        return boxes(risk_chart(small(text), "risk"), "rule")

    known = risk("age >= 10", "age < 10")
    asked = risk("age >= 20", "age < 10")

    assert known[1].startswith("Rule 2 Known of all who get here: age < 10 Asked: mrd >= 5")
    assert known[2] == "Rule 3 mrd < 5"
    assert [text.count("age < 10 and mrd") for text in asked[1:]] == [1, 1]
    assert not any("Known of all" in text for text in asked)


def test_a_condition_that_an_unknown_value_can_leave_open_is_asked() -> None:
    # Rules 2 and 3 share the condition on MRD, which is unknown for some who get there.
    text = """\
derived:
  risk:
    label: Risk group
    classes:
      high: {label: High risk, when: boy and age > 50}
      middle: {label: Intermediate risk, when: mrd >= 5 and age > 10}
      low: {label: Low risk, when: mrd >= 5 and age <= 10}
    undecided: Patients whose minimal residual disease is unavailable.
"""
    rules = boxes(risk_chart(small(text), "risk"), "rule")

    assert not any("Known of all" in rule for rule in rules)


def test_what_keeps_some_of_a_class_from_a_group_is_said() -> None:
    for when, said in (
        ("risk = 'low' and age <> 5", "Group: Reduced treatment, unless age = 5"),
        ("risk = 'low' and boy", "Group: Reduced treatment, only if boy"),
        ("risk = 'low' and not boy", "Group: Reduced treatment, unless boy"),
        ("risk = 'low' and age < 10", "Group: Reduced treatment"),  # as all of low risk are
    ):
        text = changed("derived:\n", RISK).replace("main: {when: age >= 1,", "main: {when: age >= 2,")
        protocol = parse_protocol(text + f'groups:\n  mild: {{label: Reduced treatment, when: "{when}"}}\n')

        assert boxes(risk_chart(protocol, "risk"), "goes") == [said]


def test_who_is_led_away_before_is_named_first() -> None:
    path = """\
visits: {response: {label: Evaluation}}
groups: {mild: {label: Reduced treatment, when: risk = 'low' and age <> 5}}
path:
  response:
    visit: response
    next: [FIRST{to: mild, when: risk = 'low'}, {to: main, when: age >= 2}]
    undecided: Patients whose minimal residual disease is unavailable.
  mild: {group: mild, next: follow_up}
  main: {randomization: main, arms: {a: follow_up, b: follow_up}}
  follow_up: {does: follow_up}
"""
    text = changed("derived:\n", RISK).replace("main: {when: age >= 1,", "main: {when: age >= 2,")
    first = "First, age = 5: follow-up. Others: group: Reduced treatment"
    unless = "Group: Reduced treatment, unless age = 5"
    for way, said in (
        ("{to: follow_up, when: age = 5}, ", first),
        ("{to: follow_up, when: age >= 4 and age <= 6}, ", first.replace("age = 5", "age >= 4 and age <= 6")),
        ("{to: follow_up, when: age = 6}, ", unless),  # that is somebody else
        ("{to: mild, when: age = 5}, ", unless),  # that leads to the group
        ("", unless),
    ):
        protocol = parse_protocol(text + path.replace("FIRST", way))

        assert boxes(risk_chart(protocol, "risk"), "goes") == [said]


def test_a_long_text_on_those_left_without_a_class_is_a_note() -> None:
    long = "Patients whose minimal residual disease is unavailable, for whichever reason that may be. "
    svg = risk_chart(small(RISK.replace("Patients whose minimal residual disease is unavailable,", long * 2 + "And")),
                     "risk")  # fmt: skip

    assert boxes(svg, "undecided") == [
        "Left without a class Rule 1 cannot be decided for some, and some meet no rule. Who: see the note."
    ]
    assert geometry.words(svg).count("for whichever reason that may be.") == 2
    assert geometry.faults(svg) == []


def test_what_is_no_classification_has_no_chart() -> None:
    for name in ("twice", "age", "no_such"):
        with pytest.raises(DataError, match=f"found '{name}'"):
            risk_chart(small(), name)


def test_the_same_rules_are_the_same_chart() -> None:
    assert risk_chart(small(), "risk") == risk_chart(small(), "risk")


def test_a_chart_is_read_aloud_rule_by_rule() -> None:
    root = geometry.parsed(risk_chart(small(), "risk", identifier="one"))
    title, description = (root.find(f"{geometry.SVG}{tag}") for tag in ("title", "desc"))

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "one-title one-desc"
    assert title is not None and title.text == "Risk group: rules in their order"
    assert description is not None and description.text is not None
    assert "Rule 1: mrd >= 5: High risk (Randomized: Arm A or arm B (1:2)); some cannot be decided here." in (
        description.text
    )
    assert "Some meet none of the rules. Left without a class: Patients whose" in description.text


def test_the_chart_of_aall1331_says_what_the_figure_of_the_reports_says() -> None:
    # haematologica_2025 Figure 1: early treatment failure first, then site and time, then MRD, which can be unknown;
    # jama_2021 Figure 1 and jco_2023 Figure 1: arms A and B for high and intermediate risk, C and D for low risk.
    svg = risk_chart(load_protocol(TRIALS / "aall1331" / "protocol.yaml"), "risk_group")

    assert boxes(svg, "class") == ["Early treatment failure", "High risk", "Intermediate risk", "Low risk"]
    # haematologica_2025 Methods: a second consent before post-induction therapy; jama_2021 Methods, Treatments: failures
    # with leukemia left in the central nervous system are not eligible for salvage.
    failure, *randomized = boxes(svg, "goes")
    # They leave by the first branch after block 1, before that consent: so they are named first.
    first, others = failure.split(" Others: ")
    assert first == "First, cns_cleared = 'not_cleared': follow-up."
    assert others.startswith("consent to post-induction therapy; then group: Salvage blinatumomab")
    assert "unless" not in failure
    assert randomized == [
        f"Consent to post-induction therapy; then randomized: {arms} (1:1)"
        for arms in ("Arm A or arm B", "Arm A or arm B", "Arm C or arm D")
    ]
    # Site and time are asked once: who is neither failure nor high risk is a late relapse, which leaves the MRD.
    rules = boxes(svg, "rule")
    assert [text.count("relapse_site_group") for text in rules] == [0, 2, 2, 0]
    assert "Known of all who get here:" in rules[2]
    assert rules[2].split("Asked: ")[1].startswith("mrd_end_of_block_1 >= 0.1")
    assert rules[3] == "Rule 4 mrd_end_of_block_1 < 0.1"
    assert boxes(svg, "undecided") == [
        "Left without a class Rules 1 and 3 cannot be decided for some. Who: see the note."
    ]
    assert "Left without a class: Late relapses" in geometry.words(svg)
    assert ["May be unavailable" in text for text in boxes(svg, "rule")] == [True, False, True, False]
    assert drawn(svg, "no") == 3  # low risk takes all who are left
    assert geometry.faults(svg) == []


CLASSIFIED = [
    (file.parent.name, name) for file in sorted(TRIALS.glob("*/protocol.yaml"))
    for name, derived in load_protocol(file).derived.items() if derived.classes
]  # fmt: skip


@pytest.mark.parametrize("trial", sorted({trial for trial, _ in CLASSIFIED}))
def test_every_classification_of_the_shipped_trials_is_drawn_without_fault(trial: str) -> None:
    protocol = load_protocol(TRIALS / trial / "protocol.yaml")
    for name in [name for one, name in CLASSIFIED if one == trial]:
        svg = risk_chart(protocol, name)

        assert geometry.faults(svg) == [], name
        # 6.5 points at 170 mm: the smallest letters are 10.5 pixels high
        assert 10.5 / geometry.frame(svg).right * (170 / 25.4 * 72) >= 6.5, name


LABELS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=90)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(LABELS, LABELS, st.sampled_from(["mrd >= 5", "age < 40", "age >= 7 or mrd < 1", "boy"])),
             min_size=1, max_size=7),
    st.none() | LABELS,
)  # fmt: skip
def test_any_chart_is_drawn_without_fault_and_holds_hostile_text(
    classes: list[tuple[str, str, str]], undecided: str | None
) -> None:
    protocol = small()
    levels = {
        f"c{index}": {"label": f"{label}<script>", "when": rule}
        for index, (label, _, rule) in enumerate(classes)
    }
    risk: dict[str, Any] = {"label": f"</svg>{classes[0][1]}", "classes": levels, "undecided": undecided}
    derived = type(protocol.derived["risk"]).model_validate(risk)
    hostile = protocol.model_copy(
        update={"derived": type(protocol.derived)({**protocol.derived, "risk": derived}),
                "groups": type(protocol.groups)({}), "randomizations": type(protocol.randomizations)({})}
    )  # fmt: skip
    worded = {rule: said for _, said, rule in classes}
    svg = risk_chart(hostile, "risk", words=lambda rule: worded[rule])

    assert geometry.faults(svg) == []
    assert not [one for one in geometry.parsed(svg).iter() if one.tag.endswith("script")]
    assert len(boxes(svg, "class")) == len(classes)
