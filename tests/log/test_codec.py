"""The codec: every fact comes back as it was, written the same way forever, and nothing else is read."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import fields
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.log import codec
from equipoise.log.codec import NAMES, decode, encode
from equipoise.log.facts import (
    AdverseEventRecorded,
    Correction,
    EventOccurred,
    FollowedUp,
    ItemRecorded,
    Randomized,
    Registered,
    StageEnded,
    TreatmentStarted,
)
from equipoise.log.log import Log
from log.drawn import entries, facts

ABOUT = {
    "subject_id": "S1",
    "occurred_on": date(2020, 2, 29),
    "recorded_at": datetime(2020, 6, 1, 12, tzinfo=UTC),
}
FULL = {**ABOUT, "precision": "month", "recorded_by": "site 7"}
REST = '"occurred_on":"2020-02-29","recorded_at":"2020-06-01T12:00:00Z","schema":1'

# Written in data forever: whoever must change a line here adds a schema number and an upcast instead.
GOLDEN = [
    (Registered(**ABOUT), f'{{"fact":"registered",{REST},"subject_id":"S1"}}'),
    (
        Registered(**FULL, site="DE-01"),
        '{"fact":"registered","occurred_on":"2020-02-29","precision":"month","recorded_at":"2020-06-01T12:00:00Z",'
        '"recorded_by":"site 7","schema":1,"site":"DE-01","subject_id":"S1"}',
    ),
    (
        ItemRecorded(**ABOUT, item="mrd", value=0.1),
        f'{{"fact":"item_recorded","item":"mrd",{REST},"subject_id":"S1","value":0.1}}',
    ),
    (
        ItemRecorded(**ABOUT, item="born", value=date(1990, 2, 8)),
        f'{{"fact":"item_recorded","item":"born",{REST},"subject_id":"S1","value":{{"date":"1990-02-08"}}}}',
    ),
    (
        ItemRecorded(**ABOUT, item="größe", value="1\n患"),
        f'{{"fact":"item_recorded","item":"größe",{REST},"subject_id":"S1","value":"1\\n患"}}',
    ),
    (
        ItemRecorded(**ABOUT, item="boy", value=True),
        f'{{"fact":"item_recorded","item":"boy",{REST},"subject_id":"S1","value":true}}',
    ),
    (
        ItemRecorded(**ABOUT, item="mrd", unavailable="not done"),
        f'{{"fact":"item_recorded","item":"mrd",{REST},"subject_id":"S1","unavailable":"not done"}}',
    ),
    (
        Randomized(**ABOUT, randomization="main", arm="b", stratum={"site": "bm", "age": "young"}),
        '{"arm":"b","fact":"randomized","occurred_on":"2020-02-29","randomization":"main",'
        '"recorded_at":"2020-06-01T12:00:00Z","schema":1,"stratum":{"age":"young","site":"bm"},"subject_id":"S1"}',
    ),
    (TreatmentStarted(**ABOUT, arm="b"), f'{{"arm":"b","fact":"treatment_started",{REST},"subject_id":"S1"}}'),
    (
        EventOccurred(**ABOUT, event="relapse", detail="marrow"),
        f'{{"detail":"marrow","event":"relapse","fact":"event_occurred",{REST},"subject_id":"S1"}}',
    ),
    (
        AdverseEventRecorded(
            **ABOUT, term="Rash", category="Skin", grade=3, serious=False, related="possible", emergent=True,
            ended_on=date(2020, 3, 1),
        ),
        '{"category":"Skin","emergent":true,"ended_on":"2020-03-01","fact":"adverse_event_recorded","grade":3,'
        '"occurred_on":"2020-02-29","recorded_at":"2020-06-01T12:00:00Z","related":"possible","schema":1,'
        '"serious":false,"subject_id":"S1","term":"Rash"}',
    ),
    (FollowedUp(**ABOUT), f'{{"fact":"followed_up",{REST},"subject_id":"S1"}}'),
    (
        StageEnded(**ABOUT, stage="treatment", completed=False, reason="toxicity"),
        '{"completed":false,"fact":"stage_ended","occurred_on":"2020-02-29","reason":"toxicity",'
        '"recorded_at":"2020-06-01T12:00:00Z","schema":1,"stage":"treatment","subject_id":"S1"}',
    ),
    (
        Correction(corrects=4, replacement=FollowedUp(**ABOUT), reason="typo", recorded_at=datetime(2020, 6, 1, 12, 0, 0, 250, tzinfo=UTC)),
        f'{{"corrects":4,"fact":"correction","reason":"typo","recorded_at":"2020-06-01T12:00:00.000250Z",'
        f'"replacement":{{"fact":"followed_up",{REST},"subject_id":"S1"}},"schema":1}}',
    ),
    (
        Correction(corrects=4, reason="another patient", recorded_at=ABOUT["recorded_at"], recorded_by="monitor"),
        '{"corrects":4,"fact":"correction","reason":"another patient","recorded_at":"2020-06-01T12:00:00Z",'
        '"recorded_by":"monitor","schema":1}',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "line"), GOLDEN)
def test_a_fact_is_written_as_it_always_was(fact, line):
    assert encode(fact) == line
    assert decode(line) == fact


def test_every_kind_has_a_golden_line_and_keeps_its_name():
    assert {type(fact) for fact, _ in GOLDEN} == set(NAMES.values())
    assert [*NAMES] == [
        "registered", "item_recorded", "randomized", "treatment_started", "event_occurred",
        "adverse_event_recorded", "followed_up", "stage_ended", "correction",
    ]  # fmt: skip


def test_the_hash_of_a_log_is_that_of_its_lines():
    # `printf '%s\n' LINE | sha256sum` gives the same, so anybody can check a log without equipoise.
    fact, line = GOLDEN[0]

    assert Log([fact]).hash == hashlib.sha256(f"{line}\n".encode()).hexdigest()
    assert Log().hash == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of nothing


@given(facts)
def test_a_fact_comes_back_as_it_was(fact):
    line = encode(fact)
    back = decode(line)

    assert back == fact
    assert encode(back) == line
    assert "\n" not in line
    for part in fields(fact):
        one, other = getattr(fact, part.name), getattr(back, part.name)
        assert type(one) is type(other)
        assert repr(one) == repr(other)


@given(entries())
def test_a_log_comes_back_as_it_was(log):
    assert [decode(encode(entry)) for entry in log] == log


@pytest.mark.parametrize(
    "value",
    [True, 1, 1.0, "1", "true", -0.0, 0.0, 0, False, 2**63 - 1, -(2**63) + 1, 2**53 + 1, 1e308, 5e-324],
)
def test_types_of_values_survive(value):
    back = decode(encode(ItemRecorded(**ABOUT, item="x", value=value)))

    assert (type(back.value), repr(back.value)) == (type(value), repr(value))


def test_layout_and_order_are_free():
    fact, line = GOLDEN[1]
    tree = json.loads(line)

    assert decode(json.dumps(dict(reversed(tree.items())), indent=2)) == fact
    assert decode(json.dumps(tree, ensure_ascii=True)) == fact


# -- what a fact may be ---------------------------------------------------------------------------------

UNFIT = [
    (lambda: FollowedUp(**{**ABOUT, "subject_id": " "}), "subject_id is ' '; expected a non-empty identifier"),
    (lambda: FollowedUp(**{**ABOUT, "subject_id": 7}), "subject_id is a int; expected str"),
    (lambda: FollowedUp(**{**ABOUT, "subject_id": "\ud800"}), "subject_id holds half of a surrogate pair; expected text"),
    (lambda: FollowedUp(**{**ABOUT, "occurred_on": datetime(2020, 1, 1)}), "occurred_on is a datetime; expected date"),
    (lambda: FollowedUp(**{**ABOUT, "occurred_on": None}), "occurred_on is a NoneType; expected date"),
    (lambda: FollowedUp(**{**ABOUT, "precision": "hour"}), "precision is 'hour'; expected day, month, year"),
    (lambda: FollowedUp(**{**ABOUT, "recorded_at": datetime(2020, 1, 1)}), "expected an instant in UTC, such as 2024-05-01T12:00:00Z"),
    (lambda: FollowedUp(**{**ABOUT, "recorded_at": datetime.fromisoformat("2020-01-01T00:00:00+01:00")}), "expected an instant in UTC"),
    (lambda: ItemRecorded(**ABOUT, item="x"), "expected exactly one of them"),
    (lambda: ItemRecorded(**ABOUT, item="x", value=1, unavailable="lost"), "expected exactly one of them"),
    (lambda: ItemRecorded(**ABOUT, item="x", value=float("nan")), "expected a finite number"),
    (lambda: ItemRecorded(**ABOUT, item="x", value=float("inf")), "expected a finite number"),
    (lambda: ItemRecorded(**ABOUT, item="x", value=2**63), "a whole number beyond 64 bits"),
    (lambda: ItemRecorded(**ABOUT, item="x", value=datetime(2020, 1, 1)), "value is a datetime"),
    (lambda: ItemRecorded(**ABOUT, item="x", value=b"x"), "value is a bytes; expected bool or int or float or str or date or None"),
    (lambda: AdverseEventRecorded(**ABOUT, term="x", grade=True), "grade is a bool; expected int or None"),
    (lambda: AdverseEventRecorded(**ABOUT, term="x", grade=3.0), "grade is a float"),
    (lambda: AdverseEventRecorded(**ABOUT, term="x", grade=0), "grade 0; expected 1 to 5"),
    (lambda: AdverseEventRecorded(**ABOUT, term="x", grade=6), "grade 6; expected 1 to 5"),
    (lambda: AdverseEventRecorded(**ABOUT, term="x", serious=1), "serious is a int"),
    (lambda: StageEnded(**ABOUT, stage="screening", completed=None), "completed is a NoneType; expected bool"),
    (lambda: StageEnded(**ABOUT, stage="induction", completed=True), "stage is 'induction'; expected screening, treatment, follow_up"),
    (lambda: Randomized(**ABOUT, randomization="m", arm="a", stratum={"a": 1}), "stratum has the part 1; expected text"),
    (lambda: Randomized(**ABOUT, randomization="m", arm="a", stratum=["a"]), "stratum is a list; expected Mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), UNFIT, ids=[message for _, message in UNFIT])
def test_a_fact_that_could_not_be_written_is_refused(make, message):
    with pytest.raises(DataError) as error:
        make()

    assert message in str(error.value)


def test_a_stratum_is_a_copy_that_nobody_can_change():
    given_stratum = {"site": "bm"}
    fact = Randomized(**ABOUT, randomization="main", arm="a", stratum=given_stratum)
    given_stratum["site"] = "other"

    assert fact.stratum == {"site": "bm"}
    with pytest.raises(TypeError):
        fact.stratum["site"] = "other"  # type: ignore[index]
    assert len({fact, decode(encode(fact))}) == 1


# -- hostile text ---------------------------------------------------------------------------------------

LINE = GOLDEN[1][1]
HOSTILE = {
    "": "a fact is not JSON (Expecting value",
    "null": "fact is None; expected one of registered",
    "[]": "fact is a list",
    "3": "fact is 3",
    '"registered"': "fact is 'registered'",
    "{}": "fact is None",
    '{"fact": []}': "fact is a list",
    '{"fact": {}}': "fact is an object",
    '{"fact": "rumor"}': "fact is 'rumor'",
    LINE.replace('"schema":1', '"schema":2'): "registered has schema 2; this version reads up to 1",
    LINE.replace('"schema":1', '"schema":0'): "registered has schema 0",
    LINE.replace('"schema":1', '"schema":true'): "registered has schema True",
    LINE.replace('"schema":1', '"schema":1.0'): "registered has schema 1.0",
    LINE.replace('"schema":1', '"schema":"1"'): "registered has schema '1'",
    LINE.replace('"schema":1', '"schema":[1]'): "registered has schema a list",
    LINE.replace('"schema":1,', ""): "registered has schema None",
    LINE.replace('"site":', '"sight":'): "registered has unknown field 'sight'; expected subject_id, occurred_on",
    LINE.replace('"subject_id":"S1"', '"site":"x"'): "a key is there twice",
    LINE.replace(',"subject_id":"S1"', ""): "registered lacks field 'subject_id'",
    LINE.replace('"S1"', "1"): "registered: subject_id is a int; expected str",
    LINE.replace('"S1"', '"\\ud800"'): "registered: subject_id holds half of a surrogate pair",
    LINE.replace('"S1"', "null"): "registered: subject_id is a NoneType",
    LINE.replace('"S1"', '{"date":"2020-01-01"}'): "registered: subject_id is a dict",
    LINE.replace('"2020-02-29"', '"2020-02-30"'): "registered: occurred_on is '2020-02-30'; expected a date such as",
    LINE.replace('"2020-02-29"', '"20200229"'): "occurred_on is '20200229'",
    LINE.replace('"2020-02-29"', '"2020-W09-6"'): "occurred_on is '2020-W09-6'",
    LINE.replace('"2020-02-29"', '{"date":"2020-02-29"}'): "occurred_on is an object",
    LINE.replace('"2020-02-29"', "null"): "occurred_on is None",
    LINE.replace("12:00:00Z", "12:00:00"): "recorded_at is '2020-06-01T12:00:00'; expected an instant such as",
    LINE.replace("12:00:00Z", "12:00:00+02:00"): "recorded_at is '2020-06-01T12:00:00+02:00'",
    LINE.replace("2020-06-01T12:00:00Z", "0001-01-01T00:00:00+23:59"): "recorded_at is '0001-01-01T00:00:00+23:59'",
    LINE.replace("12:00:00Z", "12:00Z"): "recorded_at is '2020-06-01T12:00Z'",
    LINE.replace("12:00:00Z", "25:00:00Z"): "recorded_at is '2020-06-01T25:00:00Z'",
    LINE.replace('"2020-06-01T12:00:00Z"', "1591012800"): "recorded_at is 1591012800",
    LINE.replace('"month"', '"decade"'): "registered: precision is 'decade'; expected day, month, year",
    LINE.replace('"month"', "[]"): "registered: precision is a list",
    LINE[:-1]: "a fact is not JSON",
    LINE + LINE: "a fact is not JSON (Extra data",
    "[" * 100_000: "a fact is not JSON (maximum recursion depth",
    '{"fact":' * 100_000: "a fact is not JSON (maximum recursion depth",
    '{"fact":' + "[" * 900 + "]" * 900 + "}": "fact is a list",
    '{"a":' + "9" * 5000 + "}": "a fact is not JSON (Exceeds the limit",
    GOLDEN[2][1].replace("0.1", "NaN"): "a fact is not JSON (NaN is no number)",
    GOLDEN[2][1].replace("0.1", "-Infinity"): "a fact is not JSON (-Infinity is no number)",
    GOLDEN[2][1].replace("0.1", "1e999"): "has value inf; expected a finite number",
    GOLDEN[2][1].replace("0.1", "9" * 400): "beyond 64 bits",
    GOLDEN[2][1].replace("0.1", "null"): "expected exactly one of them",
    GOLDEN[2][1].replace("0.1", "[0.1]"): "item_recorded: value is a list",
    GOLDEN[2][1].replace("0.1", '{"date":7}'): "item_recorded: value is 7; expected a date",
    GOLDEN[2][1].replace("0.1", '{"date":"2020-01-01","x":1}'): "item_recorded: value is an object",
    GOLDEN[13][1].replace('"corrects":4', '"corrects":true'): "correction: corrects is a bool",
    GOLDEN[13][1].replace('"corrects":4', '"corrects":-1'): "expected a position in the log, from 1",
    GOLDEN[13][1].replace('"followed_up"', '"correction"'): "fact is 'correction'; expected one of registered",
    GOLDEN[14][1][:-1] + ',"replacement":' + GOLDEN[14][1] + "}": "fact is 'correction'; expected one of registered",
    '{"fact":"correction","replacement":' * 300 + "null" + "}" * 300: "correction has schema None",
}  # fmt: skip


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:60])
def test_what_the_codec_cannot_have_written_is_refused_with_its_reason(line):
    with pytest.raises(DataError) as error:
        decode(line)

    assert HOSTILE[line] in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("line", [None, 3, b"\xff", {}])
def test_what_is_no_text_is_refused(line):
    with pytest.raises(DataError):
        decode(line)


def test_no_mutation_of_a_line_gives_anything_but_a_fact_or_a_data_error():
    chance = random.Random(7)
    lines = [line for _, line in GOLDEN]
    scalars = [
        "null",
        "true",
        "[]",
        "{}",
        "1e9",
        "-1",
        '""',
        '"\\ud800"',
        "NaN",
        '{"date":"0000-00-00"}',
        "9" * 30,
    ]
    for _ in range(4000):
        line = chance.choice(lines)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(line) + 1)
            to = min(len(line), at + chance.randint(0, 12))
            line = chance.choice([
                line[:at] + line[to:], line[:at] + chance.choice(scalars) + line[to:],
                line[:at] + chance.choice('{}[],:"\\0e-\x00é') + line[at:], line[:at] + chance.choice(lines)[at:],
            ])  # fmt: skip
        try:
            fact = decode(line)
        except DataError:
            continue
        assert decode(encode(fact)) == fact  # whatever is read can be written


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
        max_leaves=5,
    ),
    st.sampled_from([line for _, line in GOLDEN]),
    st.data(),
)
def test_any_json_in_any_field_gives_a_fact_or_a_data_error(junk, line, data):
    tree = json.loads(line)
    tree[data.draw(st.sampled_from([*tree, "other"]))] = junk
    try:
        fact = decode(json.dumps(tree))
    except DataError:
        return
    assert decode(encode(fact)) == fact


# -- older schemas --------------------------------------------------------------------------------------


def _registered_v0(tree):
    """An example: schema 0 called the subject ``patient`` and had no precision."""
    tree = dict(tree)
    return {"subject_id": tree.pop("patient"), **tree}


@pytest.fixture
def upcast(monkeypatch):
    monkeypatch.setitem(codec.UPCASTS, ("registered", 0), _registered_v0)


def test_a_fact_of_an_older_schema_is_read_as_one_of_today(upcast):
    old = '{"fact":"registered","schema":0,"patient":"S1","occurred_on":"2020-02-29","recorded_at":"2020-06-01T12:00:00Z"}'

    assert decode(old) == Registered(**ABOUT)
    assert encode(decode(old)) == GOLDEN[0][1]


def test_an_older_fact_inside_a_correction_is_read_too(upcast):
    old = GOLDEN[13][1].replace("followed_up", "registered")
    old = old.replace('"schema":1,"subject_id"', '"schema":0,"patient"')

    assert decode(old).replacement == Registered(**ABOUT)


def test_a_broken_fact_of_an_older_schema_is_a_data_error(upcast):
    with pytest.raises(DataError, match="registered of schema 0 lacks what it must have"):
        decode('{"fact":"registered","schema":0}')
