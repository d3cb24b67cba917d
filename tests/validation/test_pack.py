"""``equipoise validate``: what it finds, says and writes; planted faults must come out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from equipoise import stats
from equipoise.cli.app import app
from equipoise.errors import InputError
from equipoise.validation.evidence import cases, cases_in, difference, examine
from equipoise.validation.pack import concerned, run
from equipoise.validation.page import as_json, render, write_validation

RIGHT: dict[str, Any] = {
    "area": "own",
    "sources": {
        "hand": {"kind": "closed form", "derivation": "2/3, 1/3"},
        "r": {"kind": "program", "name": "R 4.2.2, survival 3.5-3", "script": "own.R"},
    },
    "data": {"three": {"time": [1, 2, 3], "event": [1, 1, 0]}},
    "cases": [
        {
            "id": "three patients", "function": "kaplan_meier", "source": "hand", "data": "three", "requirements": [147],
            "arguments": {"time": "time", "event": "event"}, "then": [["median", {}]], "values": {"estimate": 2},
        }
    ],
}  # fmt: skip


def _own(tmp_path: Path, **change: Any) -> Path:
    content = json.loads(json.dumps(RIGHT))
    content["cases"][0] |= change
    (tmp_path / "own.json").write_text(json.dumps(content))
    return tmp_path


def test_every_public_function_has_evidence_of_two_kinds() -> None:
    kinds: dict[str, set[str]] = {name: set() for name in stats.HOME}
    for case in cases():
        for name in concerned(case):
            kinds[name].add(case.source.kind)

    assert {name: sorted(found) for name, found in kinds.items() if len(found) < 2} == {}


def test_there_are_more_than_four_hundred_reference_cases() -> None:
    assert len([case for case in cases() for _ in case.values]) > 400


def test_ids_of_cases_are_unique_in_their_area() -> None:
    names = [(case.area, case.id, case.function, case.source.words) for case in cases()]
    assert len(set(names)) == len(names)


def test_sources_of_programs_name_a_script_that_exists() -> None:
    root = Path(__file__).parents[2]
    missing = {
        case.source.script for case in cases()
        if case.source.kind == "program" and not (case.source.script and (root / case.source.script).exists())
    }  # fmt: skip
    assert not missing


def test_a_right_value_of_ones_own_agrees(tmp_path: Path) -> None:
    pack = run(["own"], extra=_own(tmp_path))

    assert [one.name for one in pack.functions] == ["kaplan_meier"]
    assert pack.functions[0].verdict == "one kind only"
    assert not pack.disagreements


def test_a_wrong_value_is_found_and_shown(tmp_path: Path) -> None:
    pack = run(["own"], extra=_own(tmp_path, values={"estimate": 2.0001}))

    assert [found.name for found in pack.disagreements] == ["estimate"]
    assert 'class="wrong"' in render(pack, {})
    assert json.loads(as_json(pack, {}))["functions"][0]["verdict"] == "disagrees"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"values": {"no_such": 1}}, "no_such"),
        ({"arguments": {"time": "no_such", "event": "event"}}, "no_such"),
        ({"function": "no_such"}, "no_such"),
    ],
)
def test_an_error_of_ours_is_a_finding(tmp_path: Path, change: dict[str, Any], word: str) -> None:
    pack = run(["own"], extra=_own(tmp_path, **change))

    (found,) = pack.disagreements
    assert word in found.error
    assert word in render(pack, {})


def test_not_a_number_agrees_only_with_not_a_number() -> None:
    nan = float("nan")
    assert difference(nan, None) == 0
    assert difference(1.0, None) == float("inf")
    assert difference([1.0, nan], [1.0, 2.0]) == float("inf")
    assert difference(float("inf"), "Infinity") == 0
    assert difference([1.0, 2.0], [1.0]) == float("inf")


def test_a_source_of_an_unknown_kind_is_refused() -> None:
    content = json.loads(json.dumps(RIGHT))
    content["sources"]["hand"]["kind"] = "hearsay"
    with pytest.raises(ValueError, match="hearsay"):
        cases_in(content)


def test_unknown_names_and_broken_files_are_refused_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text('{"area": "x"}')
    with pytest.raises(InputError) as refusal:
        run(extra=tmp_path)
    assert len(refusal.value.problems) == 2
    with pytest.raises(InputError, match="no_such"):
        run(["no_such"])
    with pytest.raises(InputError, match="no JSON"):
        run(extra=tmp_path / "nowhere")


def test_the_folder_is_written_whole_and_is_not_put_over_files_of_others(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    pack = run(["own"], extra=_own(tmp_path / "evidence"))
    written = write_validation(pack, tmp_path / "out", {"python": "3"})
    assert {path.name for path in written} == {"index.html", "validation.json", "manifest.json"}
    content = json.loads((tmp_path / "out" / "validation.json").read_text())
    assert content["summary"]["values"] == 1
    assert content["environment"] == {"python": "3"}
    assert any(name == "own.json" and len(digest) == 64 for name, digest in content["files"].items())

    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "index.html").write_text("mine")
    with pytest.raises(InputError):
        write_validation(pack, tmp_path / "theirs", {})
    assert (tmp_path / "theirs" / "index.html").read_text() == "mine"


def test_the_command_exits_with_one_when_a_value_disagrees(tmp_path: Path) -> None:
    wrong = _own(tmp_path, values={"estimate": 3})

    done = CliRunner().invoke(app, ["validate", "own", "--evidence", str(wrong)])

    assert done.exit_code == 1
    assert "disagrees" in done.output
    assert "expected 3 (2/3, 1/3)" in done.output


def test_the_command_prints_each_function_and_writes_the_page(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["validate", "own", "--evidence", str(_own(tmp_path)), "-o", str(tmp_path / "out")]
    )

    assert done.exit_code == 0
    assert "kaplan_meier" in done.output
    assert (tmp_path / "out" / "index.html").exists()


def test_markup_in_evidence_stays_text(tmp_path: Path) -> None:
    pack = run(["own"], extra=_own(tmp_path, id="<script>alert(1)</script>"))

    assert "<script>" not in render(pack, {})


def test_every_finding_of_the_shipped_evidence_is_made_only_once() -> None:
    case = next(cases())
    assert len(list(examine(case))) == len(case.values)


def test_an_argument_may_be_the_result_of_a_call(tmp_path: Path) -> None:
    columns = {"time": [1, 2, 3, 4], "event": [1, 1, 0, 1], "a": [1, 0, 1, 0], "b": [3, 1, 2, 5]}
    made = {
        name: {"call": "cox", "arguments": {"time": "time", "event": "event", "covariates": covariates}}
        for name, covariates in (("smaller", ["a"]), ("larger", ["a", "b"]))
    }
    content = json.loads(json.dumps(RIGHT)) | {"data": {"three": columns}}
    content["cases"][0] |= {
        "function": "likelihood_ratio_between",
        "arguments": made,
        "then": [],
        "values": {"df": 1},
    }
    (tmp_path / "own.json").write_text(json.dumps(content))

    pack = run(["own"], extra=tmp_path)

    assert not pack.disagreements
    assert {one.name for one in pack.functions} == {"cox", "likelihood_ratio_between"}
