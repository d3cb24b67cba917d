"""Ordered classes with unknown values."""

from __future__ import annotations

import polars as pl
import pytest
from tests.protocol.small import changed

from equipoise.errors import ProtocolError
from equipoise.protocol.load import parse_protocol
from equipoise.protocol.rules.classification import Classifier, first_that_holds
from equipoise.protocol.rules.rule import compile_rule


def test_a_class_applies_only_where_every_class_before_it_is_known_to_be_false() -> None:
    frame = pl.DataFrame({"x": [None, 1, 9], "y": [True, True, None]})
    known = {"x": pl.Int64(), "y": pl.Boolean()}
    rules = {
        code: compile_rule(text, known)
        for code, text in (("first", "x > 5"), ("second", "y"), ("third", "true"))
    }

    assert frame.select(first_that_holds(rules)).to_series().to_list() == [None, "second", "first"]


# -- what the language adds ---------------------------------------------------------------------------------

CRITERIA = changed(
    "events:\n  relapse",
    "eligibility:\n  I1: {text: Adult, require: age >= 18}\n  I2: {text: MRD found, require: mrd >= 0.01}\nevents:\n  relapse",
)


@pytest.mark.parametrize(
    ("age", "mrd", "eligible"),
    [(18, 0.01, True), (17, 0.01, False), (18, None, None), (17, None, False), (18, 0.001, False)],
)
def test_a_protocol_with_criteria_knows_who_is_eligible(
    age: int, mrd: float | None, eligible: bool | None
) -> None:
    """Unknown beside what is not met is not met; unknown beside what is met stays unknown."""
    protocol = parse_protocol(CRITERIA.replace("require: randomized", "require: eligible"))
    subjects = pl.DataFrame(
        {"age": [age], "mrd": [mrd], "arm": [None], "actual_arm": [None]},
        schema={"age": pl.Int64, "mrd": pl.Float64, "arm": pl.String, "actual_arm": pl.String},
    )
    assert Classifier(protocol).add_derived(subjects)["eligible"].item() is eligible


def test_a_criterion_cannot_read_whether_all_criteria_are_met() -> None:
    with pytest.raises(ProtocolError, match=r"I2\.require.*found the name 'eligible'"):
        parse_protocol(CRITERIA.replace("require: mrd >= 0.01", "require: eligible"))


def test_a_rule_can_ask_for_the_stratum_as_randomized() -> None:
    parse_protocol(changed("require: randomized", "require: stratum_group = 'young'"))
    with pytest.raises(ProtocolError, match=r"one of its choices \(young, old\)"):
        parse_protocol(changed("require: randomized", "require: stratum_group = 'yung'"))


def test_an_item_of_several_visits_is_one_item_of_each() -> None:
    text = changed("items:\n", "visits:\n  v1: {label: First cycle}\n  v2: {label: Second cycle}\nitems:\n")
    text = text.replace(
        "type: decimal, detection_limit", "type: decimal, collected: [v1, v2], detection_limit"
    )
    protocol = parse_protocol(text)
    assert [name for name in protocol.items if name.startswith("mrd")] == ["mrd_v1", "mrd_v2"]
    assert protocol.items["mrd_v2"].collected == "v2"
    assert protocol.items["mrd_v2"].label == "MRD, second cycle"


@pytest.mark.parametrize(
    ("visits", "said"),
    [
        ("[]", r"items\.mrd\.collected: found no visit; expected at least one"),
        ("[v1, v1]", r"items\.mrd\.collected\[1\]: found 'v1' a second time"),
        ("[v1, v3]", r"items\.mrd\.collected\[1\]: found 'v3'; expected a declared visit.*known: v1, two"),
        ("[v1, two]", r"items\.mrd_two: found the name 'mrd_two'.*which mrd at two has"),
    ],
)
def test_the_visits_of_an_item_are_checked(visits: str, said: str) -> None:
    text = changed(
        "items:\n",
        "visits: {v1: {label: One}, two: {label: Two}}\nitems:\n  mrd_two: {label: M, type: text}\n",
    )
    text = text.replace(
        "type: decimal, detection_limit", f"type: decimal, collected: {visits}, detection_limit"
    )
    with pytest.raises(ProtocolError, match=said):
        parse_protocol(text)


def test_only_what_is_asked_for_is_derived_with_what_it_rests_on() -> None:
    text = changed(
        "  twice:", "  big: {label: Big, value: twice > 30 and group = 'young'}\n  twice:"
    ).replace("  twice: {label: Twice the age, value: 2 * age}\n", "")
    text = text.replace("  big:", "  twice: {label: Twice the age, value: 2 * age}\n  big:")
    subjects = pl.DataFrame(
        {"age": [16, 20], "sex": ["f", "m"], "arm": [None, "a"], "actual_arm": [None, None]}
    )
    classifier = Classifier(parse_protocol(text))
    some, all_ = classifier.add_derived(subjects, ["big"]), classifier.add_derived(subjects)
    assert some["big"].to_list() == all_["big"].to_list() == [True, False]
    assert some.columns == [
        "age",
        "sex",
        "arm",
        "actual_arm",
        "randomized",
        "treated",
        "group",
        "twice",
        "big",
    ]
    assert classifier.add_derived(subjects, ["group"]).columns[-1] == "group"
