"""A mapping that does not fit its language, its protocol or its tables says so, in line and column."""

import pytest

from equipoise.errors import MappingError, RejectedData
from equipoise.exchange.adam import read_adam
from equipoise.exchange.facts import import_tables
from equipoise.exchange.mapping import FIELDS, FactRule, Kind, load_mapping
from exchange import samples


def problems(tmp_path, *changes):
    path = samples.write_sample(tmp_path)
    text = samples.MAPPING
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        import_tables(samples.protocol(), path, samples.NOW)
    return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("mapping: 1", "mapping: 2", "mapping.yaml:2:10  mapping: found 2; expected "),
        ("SAMPLE-1", "OTHER", "mapping.yaml:3:11  protocol: found a mapping for 'OTHER'; expected 'SAMPLE-1'"),
        ("fact: registered", "fact: registred", "facts[0].fact: found 'registred'; expected one of registered, items"),
        (", site: {column: site}", ", arm: a", "facts[0].arm: found 'arm' in registered; expected site"),
        ("arm: {column: arm, ", "ram: {column: arm, ", "facts[2].ram: found the unknown key 'ram'"),
        ("        randomization: main\n", "", "facts[2]: found randomized without randomization; expected the key"),
        ("randomization: main", "randomization: mian", "did you mean 'main'?"),
        ("New: b}", "New: c}", "facts[2].arm: found the arm 'c'; expected an arm of randomization 'main'"),
        ("New: b}", "New: B}", "facts[2].arm.values.New: found an arm 'B'; expected an arm of the protocol"),
        ("stratum: {sex: {column: sex", "stratum: {age: {column: sex", "facts[2].stratum: found a level of age"),
        ("          age: age", "          ages: age", "facts[1].items.ages: found the item 'ages'; expected one that the protocol declares. Remedy: did you mean 'age'?"),
        ("          age: age", "          age: aeg", "items.age.column: found the column 'aeg'; expected a column of the table. Remedy: did you mean 'age'?"),
        ('"?": lost', '"?": gone', "items.marrow.unavailable: found the reason 'gone'; expected one that the item declares"),
        ("yes: true", "yes: 1", "items.fever.values.yes: found '1'; expected true or false"),
        ('"1": male, "2": female}}\n          marrow', '"1": man, "2": female}}\n          marrow', "found a choice of sex 'man'; expected a choice of sex of the protocol"),
        ("where: remark is not null", "where: remrak is not null", "facts[1].items.remark.where: found the name 'remrak'"),
        ("where: stop is not null", "where: drop table x", "facts[4].where: found"),
        ("on: stop", "on: {days: stop}", "facts[4].on: found days without since; expected since, or day_zero"),
        ("on: stop", "on: {column: stop, since: start}", "facts[4].on: found since without days"),
        ("on: stop", "on: {column: stop, days: 1}", "facts[4].on: found column and days; expected one of column, days and date"),
        ("on: stop", "on: {}", "facts[4].on: found no date"),
        ("related: kind", "related: {constant: x, values: {a: b}}", "related: found values beside a constant"),
        ("related: kind", "related: {}", "related: found no source; expected one of column and constant"),
        ("marrow: BLASTS", "marrow: {column: result}", "items.marrow: found column; expected one of named"),
        ("grade: {column: result}", "grade: {constant: 6}", "grade.constant: found '6'; expected a grade from 1 to 5"),
        ("withdrew: false}", "withdrew: maybe}", "completed.values.withdrew: found 'maybe'; expected true or false"),
        ('missing: ["", NA]', 'missing: ["", NA, "?"]', "found a meaning for the cell '?'; expected none: missing has it"),
        ("file: patients.csv", "file: ../patients.csv", "tables[0].file: found '../patients.csv'; expected a file beside the mapping"),
        ("file: patients.csv", "file: /etc/passwd", "found '/etc/passwd'; expected a file beside the mapping"),
        ("file: patients.csv", 'file: "..\\\\patients.csv"', "expected a file beside the mapping"),
        ("day_zero: 2020-01-01", "day_zero: tomorrow", "day_zero: found 'tomorrow'; expected a date such as 2020-01-31"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_a_problem_in_its_place(tmp_path, old, new, expected):
    found = problems(tmp_path, (old, new))

    assert any(expected in text for text in found), found
    assert all(text.startswith("mapping.yaml:") for text in found)


def test_cells_are_read_by_the_reasons_of_their_own_stage(tmp_path):
    path = samples.write_sample(tmp_path)
    path.write_text(samples.MAPPING.replace("stage: treatment", "stage: screening"), encoding="utf-8")

    with pytest.raises(RejectedData, match="row 3, column why: found a reason to end screening 'toxicity'"):
        import_tables(samples.protocol(), path, samples.NOW)


def test_all_problems_are_reported_at_once_in_the_order_of_the_file(tmp_path):
    found = problems(
        tmp_path, ("age: age", "age: aeg"), ("on: stop", "on: stpo"), ("related: kind", "related: knid")
    )

    assert [text.split("  ")[1].split(":")[0] for text in found] == [
        "tables[0].facts[1].items.age.column", "tables[0].facts[4].on.column", "tables[1].facts[3].related.column",
    ]  # fmt: skip
    lines = [int(text.split(":")[1]) for text in found]
    assert lines == sorted(lines)


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside.csv"
    inside.mkdir()
    path = samples.write_sample(inside)
    (inside / "patients.csv").rename(outside)
    (inside / "patients.csv").symlink_to(outside)

    with pytest.raises(MappingError, match="a file beside the mapping"):
        import_tables(samples.protocol(), path, samples.NOW)


def test_a_mapping_gives_facts_or_datasets(tmp_path):
    path = samples.write_sample(tmp_path)
    assert load_mapping(path).kind == "tables"
    with pytest.raises(MappingError, match="gives facts, not datasets"):
        read_adam(samples.protocol(), path)

    pilot = tmp_path / "pilot"
    pilot.mkdir()
    path = samples.write_pilot(pilot)
    assert load_mapping(path).kind == "adam"
    with pytest.raises(MappingError, match="gives datasets, not facts"):
        import_tables(samples.pilot_protocol(), path, samples.NOW)

    path.write_text("mapping: 1\nprotocol: SAMPLE-1\n")
    with pytest.raises(MappingError, match="neither tables nor adam"):
        load_mapping(path)


def test_the_table_of_fields_is_complete():
    fields = {name for required, optional in FIELDS.values() for name in (*required, *optional)}

    assert fields == set(FactRule.model_fields) - {"fact", "on", "where"}
    assert set(FIELDS) == set(Kind.__args__)
