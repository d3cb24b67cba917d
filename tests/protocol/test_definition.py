"""The protocol object: its content hash, that nothing can change it, and its JSON Schema."""

from __future__ import annotations

import copy
import doctest
import json
import pickle
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

import equipoise
from equipoise.protocol import definition, schema
from equipoise.protocol.canonical import content_hash
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import parse_protocol
from equipoise.protocol.reading.document import read_document
from equipoise.protocol.rules import columns
from equipoise.protocol.schema import json_schema
from protocol.small import SMALL, changed
from report.explain.everything import EVERYTHING

TRIALS = sorted((Path(equipoise.__file__).parent / "trials").glob("*/protocol.yaml"))
SHORT = [
    path for path in TRIALS if path.stat().st_size < 9000
]  # everything holds every key that the long ones have
TEXTS = [SMALL, EVERYTHING, *(path.read_text(encoding="utf-8") for path in SHORT)]
IDS = ["small", "everything", *(path.parent.name for path in SHORT)]


# -- hash -----------------------------------------------------------------------------------------------

SAME = {
    "comments": lambda text: "# a comment\n" + text.replace("\narms:", " # another\n\n# third\narms:") + "\n# last",
    "line ends": lambda text: text.replace("\n", "\r\n"),
    "blank lines": lambda text: text.replace("\nitems:", "\n\n\nitems:"),
    "quotes": lambda text: text.replace("label: Age,", "label: 'Age',").replace("type: integer", 'type: "integer"'),
    "brackets": lambda text: text.replace("  a: {label: Arm A, role: control}", "  a:\n    label: Arm A\n    role: control"),
    "order of the keys of a block": lambda text: text.replace("{label: Arm A, role: control}", "{role: control, label: Arm A}"),
    "order of the blocks": lambda text: text[text.index("report:") :] + text[: text.index("report:")],
    "defaults written out": lambda text: text.replace("{label: Boy, type: boolean}", "{label: Boy, type: boolean, collected: baseline, unavailable: []}"),
    "spaces around text": lambda text: text.replace("title: A small trial", "title: '  A small trial '"),
    "a whole number as a decimal": lambda text: text.replace("range: [0, 99]", "range: [0.0, 9.9e1]"),
    "another time zone": lambda text: text.replace("2024-09-30T12:00:00Z", "2024-09-30T14:00:00+02:00"),
}  # fmt: skip


@pytest.mark.parametrize("change", SAME)
def test_layout_does_not_change_the_hash(change):
    other = SAME[change](SMALL)

    assert other != SMALL
    assert parse_protocol(other).hash == parse_protocol(SMALL).hash


MEANING = {
    "a label": ("label: Age,", "label: AGE,"),
    "a rule": ("when: age < 18", "when: age <= 18"),
    "the order of classes": (
        '      young: {label: "<18", when: age < 18}\n      old: {label: "≥18", when: age >= 18}',
        '      old: {label: "≥18", when: age >= 18}\n      young: {label: "<18", when: age < 18}',
    ),
    "the order of choices": ("{f: Female, m: Male}", "{m: Male, f: Female}"),
    "the order of events": ("events: [relapse, death]}", "events: [death, relapse]}"),
    "a code": ("  remark: {", "  note: {"),
    "a number": ("until: 5", "until: 6"),
    "a date": ("2024-06-30", "2024-06-29"),
    "an instant": ("12:00:00Z", "12:00:01Z"),
    "text that looks like a number": ("grading: CTCAE 5", "grading: '5'"),
    "nothing instead of a default": ("log_rank: {strata: [group]}", "log_rank:"),
    "what is stated": ("strata: [group], method", "strata: not stated, method"),
}


@pytest.mark.parametrize("change", MEANING)
def test_a_change_of_meaning_changes_the_hash(change):
    assert parse_protocol(changed(*MEANING[change])).hash != parse_protocol(SMALL).hash


def _leaves(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(node, tuple):
        for index, value in enumerate(node):
            yield from _leaves(value, (*path, index))
    else:
        yield path, node


def _put(node, path, value):
    if not path:
        return value
    if isinstance(node, dict):
        return {key: _put(one, path[1:], value) if key == path[0] else one for key, one in node.items()}
    return tuple(_put(one, path[1:], value) if index == path[0] else one for index, one in enumerate(node))


def _other(value):
    """Values near this one, some of which the language accepts in its place."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1, value / 2, value + 0.03125]
    if isinstance(value, datetime):
        return [value + timedelta(seconds=1)]
    if isinstance(value, date):
        return [value + timedelta(1)]
    return [
        "inclusive",
        "actual",
        "all",
        "minimum",
        "breslow",
        "month",
        "nejm",
        "jama",
        "secondary",
        "control",
        "integer",
        f"{value}x",
    ]


@pytest.mark.parametrize("text", TEXTS, ids=IDS)
def test_every_change_of_a_leaf_changes_the_hash(text):
    value = read_document(text, "p").value
    original = Protocol.model_validate(value)
    hashes = {original.hash}
    changes = 1
    for path, leaf in _leaves(value):
        for other in _other(leaf):
            if other == leaf:
                continue
            try:
                protocol = Protocol.model_validate(_put(value, path, other))
            except ValidationError:
                continue
            changes += 1
            hashes.add(protocol.hash)
            break
    assert changes > 40
    assert len(hashes) == changes


@pytest.mark.parametrize("text", TEXTS, ids=IDS)
def test_every_removed_key_changes_the_hash_unless_it_said_the_default(text):
    value = read_document(text, "p").value
    original = Protocol.model_validate(value)
    leaves = [path for path, _ in _leaves(value)]
    prefixes = {path[:length] for path in leaves for length in range(1, len(path) + 1)}
    for path in (prefix for prefix in prefixes if isinstance(prefix[-1], str)):
        block = value
        for part in path[:-1]:
            block = block[part]
        try:
            protocol = Protocol.model_validate(
                _put(value, path[:-1], {key: one for key, one in block.items() if key != path[-1]})
            )
        except ValidationError:
            continue
        assert (protocol.hash == original.hash) == (protocol.model_dump() == original.model_dump()), path


def test_the_shipped_protocols_have_hashes_of_their_own():
    hashes = [parse_protocol(text).hash for text in TEXTS]

    assert len(set(hashes)) == len(hashes)
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in hashes)
    assert hashes == [content_hash(parse_protocol(text)) for text in TEXTS]


def test_a_block_has_a_hash_of_its_own():
    one, other = parse_protocol(SMALL), parse_protocol(changed("until: 5", "until: 6"))

    assert content_hash(one.analyses["dfs"]) != content_hash(other.analyses["dfs"])
    assert content_hash(one.endpoints["dfs"]) == content_hash(other.endpoints["dfs"])


# -- nothing changes a protocol --------------------------------------------------------------------------


def test_neither_blocks_nor_their_mappings_can_be_changed():
    protocol = parse_protocol(SMALL)
    hashed = protocol.hash
    items = protocol.items
    for attempt in (
        lambda: items.__setitem__("x", 1), lambda: items.__delitem__("age"), lambda: items.update(x=1), lambda: items.pop("age"),
        lambda: items.clear(), lambda: items.setdefault("x", 1), lambda: items.popitem(), lambda: items.__ior__({"x": 1}),
        lambda: protocol.dispositions.screening.update(x="X"), lambda: protocol.sources.update(x="X"),
        lambda: protocol.items["sex"].choices.update(x="X"), lambda: protocol.derived["group"].classes.clear(),
        lambda: protocol.randomizations["main"].ratio.update(a=9), lambda: protocol.adverse_events.special_interest.clear(),
    ):  # fmt: skip
        with pytest.raises(TypeError, match="a protocol cannot be changed"):
            attempt()
    with pytest.raises(ValidationError, match="frozen"):
        protocol.title = "Another"

    assert protocol.hash == hashed


@pytest.mark.parametrize("text", TEXTS, ids=IDS)
def test_a_protocol_can_be_copied_sent_and_written_as_json(text):
    protocol = parse_protocol(text)

    for same in (
        pickle.loads(pickle.dumps(protocol)),
        copy.deepcopy(protocol),
        Protocol.model_validate_json(protocol.model_dump_json()),
        Protocol.model_validate(read_document(text, "p").value),
    ):
        assert same == protocol
        assert same.hash == protocol.hash
        assert type(same.items) is definition.Table


def test_a_derived_protocol_is_made_by_copying():
    protocol = parse_protocol(SMALL)
    other = protocol.model_copy(update={"analyses": {**protocol.analyses, "again": protocol.analyses["dfs"]}})

    assert set(other.analyses) == {"dfs", "again"}
    assert other.hash != protocol.hash


# -- small readers ---------------------------------------------------------------------------------------


def test_levels_and_labels_of_factors():
    protocol = parse_protocol(SMALL)

    assert protocol.factor_levels("sex") == {"f": "Female", "m": "Male"}
    assert protocol.factor_levels("group") == {"young": "<18", "old": "≥18"}
    assert protocol.factor_levels("boy") == {"true": "Yes", "false": "No"}
    assert (protocol.label("age"), protocol.label("twice")) == ("Age", "Twice the age")
    assert repr(protocol) == f"Protocol('SMALL-1', hash='{protocol.hash[:12]}')"


def test_every_name_that_a_rule_may_use_has_a_type_and_choices_their_codes():
    protocol = parse_protocol(SMALL)
    known = columns.for_rules(protocol)
    codes = columns.choices(protocol)

    assert {"age", "mrd", "mrd_unavailable", "arm", "randomized", "died_on"} <= set(known)
    assert set(codes) - set(known) == {"group"}
    assert codes["sex"] == ("f", "m")
    assert codes["mrd_unavailable"] == ("indeterminate", "not done")
    assert codes["treatment_ended"] == ("completed", "toxicity", "refused")
    assert codes["arm"] == codes["actual_arm"] == ("a", "b", "c")
    assert not set(protocol.items) & columns.RESERVED


@pytest.mark.parametrize("name", sorted(columns.RESERVED))
def test_no_item_may_take_a_name_of_the_language(name):
    from equipoise.errors import ProtocolError

    with pytest.raises(
        ProtocolError, match=f"found the name '{name}'; expected a name that the language does not use"
    ):
        parse_protocol(changed("  remark:", f"  {name}:"))


# -- schema ----------------------------------------------------------------------------------------------


def _fits(value, rule, root) -> bool:
    """Whether plain data fits a JSON Schema: the few keywords that ours uses."""
    if "$ref" in rule:
        return _fits(value, root["$defs"][rule["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in rule:
        return any(_fits(value, one, root) for one in rule["anyOf"])
    if "const" in rule or "enum" in rule:
        return value in rule.get("enum", [rule.get("const")])
    kind = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "null": type(None),
        "integer": int,
        "number": (int, float),
    }
    if not isinstance(value, kind[rule["type"]]) or (isinstance(value, bool) and rule["type"] != "boolean"):
        return False
    if rule["type"] == "object":
        known = rule.get("properties", {})
        patterns = rule.get("patternProperties", {})
        rest = rule.get("additionalProperties", True)
        if set(rule.get("required", [])) - set(value) or len(value) < rule.get("minProperties", 0):
            return False
        for key, one in value.items():
            fitting = (
                [known[key]]
                if key in known
                else [inner for pattern, inner in patterns.items() if re.search(pattern, key)]
            )
            fitting = fitting or ([rest] if isinstance(rest, dict) else [])
            if not all(_fits(one, inner, root) for inner in fitting) or (not fitting and rest is False):
                return False
        return True
    if rule["type"] == "array":
        return len(value) >= rule.get("minItems", 0) and all(
            _fits(one, rule["items"], root) for one in value if "items" in rule
        )
    if rule["type"] == "string":
        return re.search(rule.get("pattern", ""), value) is not None and len(value) >= rule.get(
            "minLength", 0
        )
    return (
        rule.get("minimum", value) <= value <= rule.get("maximum", value)
        if rule["type"] != "boolean" and value is not None
        else True
    )


def _plain(text):
    return json.loads(json.dumps(read_document(text, "p").value, default=lambda value: value.isoformat()))


@pytest.mark.parametrize("text", TEXTS, ids=IDS)
def test_the_schema_accepts_what_the_reader_accepts(text):
    assert _fits(_plain(text), json_schema(), json_schema())


def test_the_schema_refuses_unknown_keys_and_wrong_types():
    whole = _plain(SMALL)

    for wrong in (
        {**whole, "titel": "x"},
        {**whole, "title": 3},
        {**whole, "arms": []},
        {key: one for key, one in whole.items() if key != "arms"},
    ):
        assert not _fits(wrong, json_schema(), json_schema())


def test_the_schema_describes_every_block_and_names_its_dialect():
    made = json_schema()

    assert made["$schema"].startswith("https://json-schema.org/")
    assert json.loads(json.dumps(made)) == made
    assert all(
        block["description"] and block["additionalProperties"] is False for block in made["$defs"].values()
    )
    assert doctest.testmod(schema).failed == 0


def test_instants_are_compared_in_utc():
    protocol = parse_protocol(SMALL)

    assert protocol.cutoffs["final"].recorded_by == datetime(2024, 9, 30, 12, tzinfo=UTC)
