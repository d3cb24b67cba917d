"""Rows become exactly the facts that the mapping says, or each row that cannot is named; nothing between."""

import csv
from collections import Counter
from dataclasses import fields
from datetime import date

import pytest

from equipoise.errors import DataError, Problem, RejectedData
from equipoise.exchange.facts import import_tables
from equipoise.exchange.rejects import rejected, write_rejects
from equipoise.log import facts as kinds
from equipoise.log.codec import encode
from equipoise.log.log import Log
from equipoise.protocol.load import load_protocol, parse_protocol
from exchange import samples


def imported(tmp_path, patients=(), visits=(), mapping=()):
    path = samples.write_sample(tmp_path)
    for name, changes in (("patients.csv", patients), ("visits.tsv", visits), ("mapping.yaml", mapping)):
        text = (tmp_path / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return import_tables(samples.protocol(), path, samples.NOW, "importer")


def rejects(tmp_path, **changes):
    with pytest.raises(RejectedData) as caught:
        imported(tmp_path, **changes)
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_the_facts_of_one_subject_in_order(tmp_path):
    about = {"subject_id": "S-2", "recorded_at": samples.NOW, "recorded_by": "importer"}
    start = {**about, "occurred_on": date(2020, 1, 7)}

    facts = [fact for fact in imported(tmp_path).entries if fact.subject_id == "S-2"]

    assert facts == [
        kinds.Registered(site="DE-01", **start),
        kinds.ItemRecorded(item="age", value=61, **start),
        kinds.ItemRecorded(item="sex", value="female", **start),
        kinds.ItemRecorded(item="marrow", unavailable="lost", **start),
        kinds.ItemRecorded(item="fever", value=False, **start),
        kinds.ItemRecorded(item="diagnosed", value=date(2020, 1, 2), **start),
        kinds.Randomized(occurred_on=date(2020, 1, 8), randomization="main", arm="b", stratum={"sex": "female"}, **about),
        kinds.TreatmentStarted(occurred_on=date(2020, 1, 9), arm="b", **about),
        kinds.StageEnded(occurred_on=date(2020, 2, 10), stage="treatment", completed=False, reason="toxicity", **about),
        kinds.ItemRecorded(occurred_on=date(2020, 3, 1), item="remark", value="fine", **about),
        kinds.AdverseEventRecorded(
            occurred_on=date(2020, 3, 1), term="Nausea", category="General", grade=1, serious=False, related="ae",
            emergent=True, ended_on=date(2020, 3, 5), **about,
        ),
        kinds.EventOccurred(occurred_on=date(2020, 7, 19), event="death", detail="from the visit", **about),
    ]  # fmt: skip


def test_a_site_can_be_a_stratum(tmp_path):
    path = samples.write_sample(tmp_path)
    old = 'stratum: {sex: {column: sex, values: {"1": male, "2": female}}}'
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, "stratum: {site_id: site}"), encoding="utf-8")
    protocol = parse_protocol(samples.PROTOCOL.replace("strata: [sex]", "strata: [site_id]"))

    facts = import_tables(protocol, path, samples.NOW).entries
    strata = {fact.subject_id: dict(fact.stratum) for fact in facts if isinstance(fact, kinds.Randomized)}

    assert strata == {"S-1": {"site_id": "DE-01"}, "S-2": {"site_id": "DE-01"}, "S-3": {"site_id": "DE-02"}}


def test_a_partial_date_keeps_its_precision_and_a_missing_item_is_no_fact(tmp_path):
    facts = [fact for fact in imported(tmp_path).entries if fact.subject_id == "S-3"]

    assert (facts[0].occurred_on, facts[0].precision) == (date(2020, 1, 1), "month")
    assert {fact.item for fact in facts if isinstance(fact, kinds.ItemRecorded)} == {
        "age",
        "sex",
        "marrow",
        "fever",
        "remark",
    }
    assert sum(isinstance(fact, kinds.FollowedUp) for fact in facts) == 1, "two contacts on one day are one"


def test_the_sample_reaches_every_kind_of_fact(tmp_path):
    assert {type(fact) for fact in imported(tmp_path).entries} == set(kinds.Fact.__args__)


def test_an_import_is_reproducible_whatever_the_order_of_the_rules(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = imported(tmp_path / "one")
    lines = samples.MAPPING.split("      - ")
    moved = "      - ".join([*lines[:1], lines[2], lines[1], *lines[3:]])  # items before registration
    path = samples.write_sample(tmp_path / "two")
    path.write_text(moved, encoding="utf-8")

    second = import_tables(samples.protocol(), path, samples.NOW, "importer")

    assert Log(first.entries).hash == Log(second.entries).hash
    assert first.files == second.files


@pytest.mark.parametrize(
    ("table", "old", "new", "expected"),
    [
        ("patients", ",45,1,", ",45,3,", "patients.csv:2  row 2, column sex: found '3'; expected one of '1', '2'"),
        ("patients", ",61,2,", ",6l,2,", "patients.csv:4  row 3, column age: found '6l'; expected a whole number"),
        ("patients", ",61,2,", ",17,2,", "row 3, column age: found '17'; expected age from 18 to 99"),
        ("patients", ",61,2,", ",61.5,2,", "row 3, column age: found '61.5'; expected a whole number"),
        ("patients", "12.5", '"12,5"', "row 2, column marrow: found '12,5'; expected a number. Remedy: write a decimal point"),
        ("patients", "12.5", "1e400", "row 2, column marrow: found '1e400'; expected a"),
        ("patients", "12.5", "inf", "row 2, column marrow: found 'inf'; expected a number"),
        ("patients", "12.5", "٣", "row 2, column marrow: found '٣'; expected a number"),
        ("patients", ",yes,", ",Yes,", "row 2, column fever: found 'Yes'; expected one of 'yes', 'no'. Remedy: did you mean 'yes'?"),
        ("patients", "2019-12-31", "2019-12", "column diagnosed: found '2019-12'; expected a date with its day"),
        ("patients", "2020-01-05", "2020-02-30", "row 2, column registered: found '2020-02-30'; expected a date such as"),
        ("patients", "06/01/2020", "2020-01-06", "row 2, column randomized: found '2020-01-06'; expected a date as DD/MM/YYYY"),
        ("patients", ",Standard,", ",Old,", "row 2, column arm: found 'Old'; expected one of 'Standard', 'New'"),
        ("patients", ",Standard,", ",,", "row 2, column arm: found no value; expected the arm of the fact"),
        ("patients", "\n2,", "\n,", "patients.csv:4  row 3, column id: found no subject; expected an identifier"),
        ("patients", "2020-02-10,toxicity", "2020-02-10,", "row 3, column why: found an unknown condition; expected \"why <> 'done'\" to be true or false"),
        ("patients", "New,2,", "New,x,", "row 3, column start: found 'x'; expected a whole number"),
        ("patients", "New,2,", "New,9999999,", "row 3, column start: found 9999999 days; expected a day of the calendar"),
        ("visits", "relapse", "relaps", "visits.tsv:3  row 3, column what: found 'relaps'; expected one of 'relapse', 'dead'"),
        ("visits", "1\tvisit", "1\t", "visits.tsv:2  row 2: found \"kind = 'visit'\" unknown: a cell is missing"),
        ("visits", "Nausea\t1", "Nausea\t6", "row 7, column result: found '6'; expected a grade from 1 to 5"),
        ("visits", "100\tBLASTS\t3", "100\tBLASTS\t300", "row 4, column result: found '300'; expected marrow from 0 to 100"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_used_is_named(tmp_path, table, old, new, expected):
    found = rejects(tmp_path, **{table: [(old, new)]})

    assert any(expected in text for text in found), found


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"patients": [("\n2,2020-01-07", "\n1,2020-01-07")]}, "row 3, column id: found a second registration of the subject; expected one; the first is in"),
        ({"patients": [("\n2,2020-01-07", "\n1,2020-01-07")]}, "a second randomization 'main'"),
        ({"visits": [("1\tvisit", "9\tvisit")]}, "row 2, column patient: found 1 fact(s) about 'S-9' only; expected a registration or a randomization"),
        ({"visits": [("2\tevent\t200", "2\tevent\t59")]}, "row 7, column patient: found an adverse event on 2020-03-01; expected nothing after the death on 2020-02-29"),
        ({"visits": [("2\tae\t60\tNausea\t1", "2\tevent\t201\tdead\t")]}, "row 7, column patient: found an event on 2020-07-20"),
        ({"visits": [("2\tae\t60\tNausea\t1", "2\tevent\t200\tdead\t")]}, "row 8, column patient: found an event that says the same as"),
        ({"visits": [("2\tresult\t60\tWEIGHT\t80", "2\tresult\t60\tNOTE\tok")]}, "found an item that says the same as"),
        ({"visits": [("1\tevent\t150\trelapse\t", "1\tresult\t100\tBLASTS\t4")]}, "found another value of marrow than"),
        ({"visits": [("1\tvisit\t100", "1\tvisit\t2000")]}, "found the day 2025-06-23; expected a day not after the import on 2024-06-01"),
        ({"patients": [("08/01/2020", "06/01/2020")]}, "found a randomization on 2020-01-06; expected a day not before the registration on 2020-01-07"),
        ({"mapping": [("ended_on: 2020-03-05", "ended_on: 2020-02-05")]}, "found an end on 2020-02-05; expected a day not before the onset on 2020-03-01"),
        ({"mapping": [("completed: {column: why, values: {done: true", "completed: {column: why, values: {done: false")]}, "found no reason; expected a reason if and only if"),
    ],
)  # fmt: skip
def test_facts_that_cannot_all_be_true_are_named(tmp_path, changes, expected):
    found = rejects(tmp_path, **changes)

    assert any(expected in text for text in found), found


PLAIN = """
mapping: 1
protocol: SAMPLE-1
tables:
  - file: facts.csv
    subject: id
    facts:
      - {fact: registered, where: kind = 'registered', on: day}
      - {fact: event, event: death, where: kind = 'dead', on: day}
      - {fact: followed_up, where: kind = 'seen', on: day}
"""


def plain(tmp_path, *rows):
    (tmp_path / "mapping.yaml").write_text(PLAIN)
    (tmp_path / "facts.csv").write_text("\n".join(["id,kind,day", "1,registered,2020-01-05", *rows]) + "\n")
    return import_tables(samples.protocol(), tmp_path / "mapping.yaml", samples.NOW)


@pytest.mark.parametrize(
    ("died", "last_seen", "too_late"),
    [
        ("2020-02-10", "2020-02-10", "2020-02-11"),
        ("2020-02", "2020-02-29", "2020-03-01"),
        ("2020-02", "2020-02", "2020-03"),
        ("2020", "2020-12-31", "2021"),
    ],
)
def test_a_contact_is_after_death_only_if_no_day_that_both_can_mean_allows_it(
    tmp_path, died, last_seen, too_late
):
    assert len(plain(tmp_path, f"1,dead,{died}", f"1,seen,{last_seen}").entries) == 3

    with pytest.raises(
        RejectedData, match=r"row 4, column id: found a contact alive on .*; expected nothing after the death"
    ):
        plain(tmp_path, f"1,dead,{died}", f"1,seen,{too_late}")


def test_a_long_table_may_hold_only_names_that_are_mapped_or_skipped(tmp_path):
    found = rejects(tmp_path, mapping=[(", others: skip}", "}")])

    assert found == [
        "visits.tsv:6  row 6, column what: found a name that the mapping does not have; expected one of "
        "BLASTS, NOTE. Remedy: others: skip leaves such rows out."
    ]


def test_broken_rows_and_contradictions_of_other_subjects_are_reported_together(tmp_path):
    found = rejects(tmp_path, patients=[(",45,1,", ",x,1,")], visits=[("2\tevent\t200", "2\tevent\t59")])

    assert [text.split(":")[1] for text in found] == ["2  row 2, column age", "7  row 7, column patient"]


def test_an_end_that_lacks_its_day_is_left_open_with_a_warning(tmp_path):
    mapping = [("ended_on: 2020-03-05", "ended_on: {column: day}")]
    result = imported(tmp_path, visits=[("2\tae\t60\t", "2\tae\t2020\t")], mapping=mapping)

    assert [fact.ended_on for fact in result.entries if isinstance(fact, kinds.AdverseEventRecorded)] == [
        None
    ]
    assert ["column day: found an end with its year only" in str(warning) for warning in result.warnings] == [
        True
    ]


def test_an_instant_that_is_not_utc_is_an_error_of_the_caller(tmp_path):
    with pytest.raises(DataError, match="expected an instant in UTC"):
        import_tables(samples.protocol(), samples.write_sample(tmp_path), samples.NOW.replace(tzinfo=None))


def test_what_is_only_suspicious_is_imported_with_a_warning(tmp_path):
    early = imported(tmp_path, visits=[("1\tevent\t150", "1\tevent\t1")])
    assert [str(text).split(": found ")[1] for text in early.warnings] == [
        "an event on 2020-01-02; expected a day not before the randomization on 2020-01-06."
    ]

    twice = imported(tmp_path, visits=[("2\tevent\t200\tdead\t", "2\tae\t60\tNausea\t1")])
    assert len(twice.warnings) == 1
    assert sum(isinstance(fact, kinds.AdverseEventRecorded) for fact in twice.entries) == 2


def test_every_bad_row_is_reported_and_printed_up_to_a_limit(tmp_path):
    bad = "\n".join(f"{n},2020-01-05,X,x,1,,,,,,,,," for n in range(500))
    header = samples.PATIENTS.split("\n")[0]
    path = samples.write_sample(tmp_path)
    (tmp_path / "patients.csv").write_text(f"{header}\n{bad}\n", encoding="utf-8")

    with pytest.raises(RejectedData, match=r"500 problems .*; nothing was imported .*300 more") as caught:
        import_tables(samples.protocol(), path, samples.NOW)

    assert len(caught.value.problems) == 500
    assert str(caught.value).count("column age") == 200


def test_rejects_are_written_as_a_table_that_no_spreadsheet_runs(tmp_path):
    with pytest.raises(RejectedData) as caught:
        imported(tmp_path, patients=[(",45,1,", ",=1+1,3,")])

    write_rejects(tmp_path / "rejects.csv", caught.value.problems)

    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["file", "row", "column", "value", "reason"]
    assert [(row["row"], row["column"], row["value"]) for row in rows] == [
        ("2", "age", "'=1+1"),
        ("2", "sex", "3"),
    ]
    assert rows[0]["reason"] == "found '=1+1'; expected a whole number"


def test_a_plain_problem_is_written_too(tmp_path):
    error = rejected([Problem(file="t.csv", line=1, found="no header", expected="one")])

    write_rejects(tmp_path / "rejects.csv", error.problems)

    assert (
        tmp_path / "rejects.csv"
    ).read_text() == "file,row,column,value,reason\nt.csv,1,,,found no header; expected one\n"


@pytest.fixture(scope="module")
def shipped():
    folder = samples.SHIPPED / "intergroup0035"
    return import_tables(
        load_protocol(folder / "protocol.yaml"), folder / "mapping.yaml", samples.NOW, "import"
    )


class TestIntergroup0035:
    def test_counts_are_those_of_the_documented_data_set(self, shipped):
        # Counted in colon.csv with Python's csv module alone: (etype, status), rx, and empty cells of nodes and differ.
        kind = Counter(getattr(fact, "event", type(fact).__name__) for fact in shipped.entries)
        arms = Counter(fact.arm for fact in shipped.entries if isinstance(fact, kinds.Randomized))
        unknown = Counter(fact.item for fact in shipped.entries if getattr(fact, "unavailable", ""))

        assert (kind["recurrence"], kind["death"], kind["FollowedUp"]) == (468, 452, 929 - 452)
        assert arms == {"observation": 315, "levamisole": 310, "levamisole_fluorouracil": 304}
        assert unknown == {"nodes": 18, "differentiation": 23}
        assert shipped.warnings == ()

    def test_the_log_is_the_same_each_time(self, shipped):
        folder = samples.SHIPPED / "intergroup0035"
        again = import_tables(
            load_protocol(folder / "protocol.yaml"), folder / "mapping.yaml", samples.NOW, "import"
        )

        assert [encode(fact) for fact in again.entries] == [encode(fact) for fact in shipped.entries]

    def test_no_patient_is_in_a_repr(self, shipped):
        assert "INT0035-" not in repr(shipped)
        assert {field.name for field in fields(shipped) if not field.repr} == {"entries"}
