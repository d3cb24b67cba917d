"""What a report shows of analyses that are not of arms, of several baseline tables, and of what is not run."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from equipoise.analysis.plan import analyze
from equipoise.analysis.results import Results
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import parse_protocol
from equipoise.report.figures.flow import flow_figure
from equipoise.report.figures.incidence import incidence_figure
from equipoise.report.figures.kaplan_meier import kaplan_meier_figure
from equipoise.report.methods import methods
from equipoise.report.page import build_part, write_report
from equipoise.report.planned import not_run
from equipoise.report.rows import Rows
from equipoise.report.sentences import headlines
from equipoise.report.tables.adverse_events import adverse_event_table
from equipoise.report.tables.baseline import baseline_tables
from equipoise.report.tables.counts import tabulation_table
from equipoise.report.tables.covariates import covariates_table
from equipoise.report.tables.endpoints import endpoint_table
from equipoise.report.tables.follow_up import follow_up_tables
from equipoise.report.tables.model import Table
from equipoise.report.tables.proportions import proportion_tables
from report import sample
from small_groups import FACTS, PLANS, datasets
from small_trial import PROTOCOL, adverse, event, item, randomized, treated

PROTOCOL_ = parse_protocol(PLANS, "small.yaml")


@pytest.fixture(scope="module")
def results() -> Results:
    return analyze(datasets(*FACTS))


@pytest.fixture(scope="module")
def rows(results: Results) -> Rows:
    return Rows(results)


def heads(table: Table | None) -> list[tuple[str, str]]:
    assert table is not None
    return [(column.head, column.note) for column in table.columns]


def cells(table: Table | None, stub: str) -> tuple[str, ...]:
    assert table is not None
    return next(row.cells for row in table.rows if row.stub == stub)


def spoken(protocol: Protocol, rows: Rows) -> dict[str, str]:
    return {
        heading: " ".join("".join(phrase.text for phrase in sentence) for sentence in sentences)
        for heading, sentences in headlines(protocol, rows, set())
    }


def test_levels_are_columns_against_the_first_and_the_unknown_have_a_note(rows: Rows) -> None:
    table = endpoint_table(PROTOCOL_, rows, "by_site")

    assert heads(table) == [("Marrow", "(N = 3)"), ("Isolated extramedullary", "(N = 2)")]
    assert cells(table, "Patients with an event, No. (%)") == ("3 (100)", "0")
    assert cells(table, "Hazard ratio vs Marrow (95% CI)")[0] == "1 [Reference]"
    assert table is not None
    assert any(row.spanning and row.stub == "P value, all groups (log-rank)" for row in table.rows)
    assert "1 patient without a value of site of relapse: in no column." in table.footnotes
    assert table.title == "Survival from enrollment by site of relapse, all registered"


def test_everyone_is_one_column_without_a_comparison(rows: Rows) -> None:
    table = endpoint_table(PROTOCOL_, rows, "of_left")

    assert heads(table) == [("All patients", "(N = 3)")]
    assert cells(table, "Patients with an event, No. (%)") == ("2 (67)",)
    assert table is not None and not any("Hazard ratio" in row.stub for row in table.rows)


def test_a_model_shows_each_term_against_its_reference(rows: Rows) -> None:
    table = covariates_table(PROTOCOL_, rows, "by_site")
    assert table is not None

    assert [(row.stub, row.indent) for row in table.rows] == [
        ("Site of relapse", 0), ("Marrow", 1), ("Isolated extramedullary", 1), ("Boy", 0), ("Yes", 1), ("No", 1),
    ]  # fmt: skip
    assert table.rows[1].cells == table.rows[4].cells == ("1 [Reference]", "")
    assert "Without 1 patient who has no value of site of relapse." in table.footnotes
    assert covariates_table(PROTOCOL_, rows, "of_all") is None
    assert covariates_table(PROTOCOL_, rows, "dfs") is None


def test_the_figure_draws_a_curve_a_level_and_names_the_origin(rows: Rows) -> None:
    by_site = kaplan_meier_figure(PROTOCOL_, rows, "by_site", "f")
    alone = kaplan_meier_figure(PROTOCOL_, rows, "of_left", "f")
    assert by_site is not None and alone is not None

    assert (by_site.count('data-kind="curve"'), alone.count('data-kind="curve"')) == (2, 1)
    assert "Isolated" in by_site and "Step curves of Survival from enrollment by site of relapse" in by_site
    assert "since registration" in by_site
    assert "All patients" in alone and "(log-rank)" not in alone


@pytest.mark.parametrize(
    ("origin", "items", "phrase"),
    [
        ("relapse", "", "since relapse"),
        ("transplanted_on", "  transplanted_on: {label: Date of transplant, type: date, collected: ongoing}\n", "since transplant"),
    ],
)  # fmt: skip
def test_an_axis_names_an_origin_on_the_way(origin: str, items: str, phrase: str) -> None:
    text = PLANS.replace("origin: registration", f"origin: {origin}").replace(
        "items:\n", f"items:\n{items}", 1
    )
    protocol = parse_protocol(text)
    facts = [*FACTS, event("S5", "relapse", 30)]
    facts += [item("S5", "transplanted_on", date(2020, 2, 1), 31)] if items else []
    found = Rows(analyze(datasets(*facts, text=text)))

    assert phrase in (kaplan_meier_figure(protocol, found, "of_left", "f") or "")
    said = " ".join(text for _, text in methods(protocol, found, {}))
    assert f"the time from {phrase.removeprefix('since ')} to death" in said
    assert "what happened before it is not" in said


def test_sentences_say_levels_and_one_group(rows: Rows) -> None:
    said = spoken(PROTOCOL_, rows)

    assert said["Survival from enrollment by site of relapse"].startswith(
        "Patients with an event: 3 of 3 (Marrow) and 0 of 2 (Isolated extramedullary). By site of relapse: P="
    )
    assert "Patients with an event: 2 of 3." in said.values()


def test_methods_do_not_speak_of_arms_where_there_are_none(rows: Rows) -> None:
    written = dict(methods(PROTOCOL_, rows, {}))
    said = written["Analysis of survival from enrollment by site of relapse"]

    assert "The levels of site of relapse were compared by the log-rank test, which has no side." in said
    assert "each level over the first one" in said and "experimental arm" not in said
    assert "The population “Never randomized” is not told apart by arm." in written["Analysis populations"]
    assert "without intervals and tests" in written["Numbers of patients"]


def test_every_baseline_table_is_shown_with_its_title_and_decimals(rows: Rows) -> None:
    text = PLANS.replace("by: site, items", "by: site, label: By site, decimals: 2, items")
    first, narrow, main = baseline_tables(parse_protocol(text), rows)

    assert [table.name for table in (first, narrow, main)] == [
        "baseline-of_sites",
        "baseline-narrow",
        "baseline",
    ]
    assert first.title == "By site"
    assert heads(first) == [
        ("Marrow", "(N = 3)"),
        ("Isolated extramedullary", "(N = 2)"),
        ("Overall", "(N = 6)"),
    ]
    assert cells(first, "Boy, No. (%)")[2] == "3 (50.00)"  # S1, S3 and S5 of six
    assert "1 patient without a value of site of relapse: only in the overall column." in first.footnotes
    assert [head for head, _ in heads(narrow)] == ["Boy: yes", "Boy: no"]
    assert main.title == "Baseline Characteristics, all randomized"
    section = build_part(parse_protocol(text), rows, "baseline", None)
    assert len(section.contents) == 3


def test_follow_up_has_a_table_for_each_population(rows: Rows) -> None:
    tables = follow_up_tables(PROTOCOL_, rows)

    assert [table.name for table in tables] == ["follow-up-everyone", "follow-up-left_out", "follow-up-itt"]
    assert heads(tables[0]) == [("Overall", "")]
    assert [head for head, _ in heads(tables[2])] == ["Arm A", "Arm B", "Overall"]
    assert cells(tables[0], "Patients alive, No.") == ("2",)  # S2 and S5
    assert " in all registered." in spoken(PROTOCOL_, rows)["Patients"]


def test_the_flow_has_the_analyzed_who_were_not_randomized(rows: Rows) -> None:
    drawn = flow_figure(PROTOCOL_, rows, "f") or ""

    assert "3 not randomized" in drawn and "3 analyzed: Never randomized" in drawn
    assert "0 analyzed: Never randomized" not in drawn


def test_shares_and_tables_of_counts(rows: Rows) -> None:
    young, marrow = proportion_tables(PROTOCOL_, rows)
    by_arm = tabulation_table(PROTOCOL_, rows, "site_by_arm")

    assert heads(young) == [("Arm A", "(N = 2)"), ("Arm B", "(N = 1)"), ("Overall", "(N = 3)")]
    assert cells(young, "Younger than 8, No. (%)") == ("1 (50)", "0", "1 (33)")
    assert cells(young, "Unknown, counted as not") == ("0", "1", "1")
    assert (young.name, marrow.name) == ("shares-itt", "shares-left_out-all")
    assert cells(marrow, "Marrow relapse, No. (%)") == ("1 (33)",)
    assert any("no interval and no test" in note for note in young.footnotes)
    assert ("young", "Younger than 8") in {(row[4], row[5]) for row in young.csv_rows}
    assert cells(by_arm, "Marrow") == ("1", "1", "2")
    assert tabulation_table(PROTOCOL_, rows, "site_by_boy") is None


def test_a_table_in_parts_has_a_head_for_each() -> None:
    found = Rows(analyze(datasets(*FACTS, item("S1", "mrd", 0.5), item("S6", "mrd", 0.6))))
    table = tabulation_table(PROTOCOL_, found, "site_by_boy")

    assert cells(table, "≥0.1%") == ("(N = 1)", "(N = 1)", "(N = 2)")
    assert cells(table, "Unknown") == ("0", "1", "1")


def test_a_kind_that_an_arm_does_not_monitor_is_not_a_zero_there() -> None:
    special = "3\": Severe}, special_interest: {fever: {label: Fever, where: term = 'Fever', arms: [b]}}}"
    text = PROTOCOL.replace('3": Severe}}', special)
    facts: list[Any] = [
        *(fact for name, arm in (("S1", "a"), ("S2", "b")) for fact in (randomized(name, arm), treated(name, arm))),
        adverse("S1", "Fever", 3, 5), adverse("S2", "Fever", 1, 5),
    ]  # fmt: skip
    found = Rows(analyze(datasets(*facts, text=text)))
    table = adverse_event_table(parse_protocol(text), found)
    assert table is not None

    [row] = [row for row in table.rows if row.stub == "Fever" and "NA" in row.cells]
    assert row.cells == ("NA", "NA", "1 (100)", "0")
    assert "NA: events of this kind were not monitored in this arm." in table.footnotes


def test_no_kaplan_meier_curve_stands_in_for_a_planned_cumulative_incidence() -> None:
    planned = "os_marrow: {endpoint: relapse, population: itt, comparisons: [{experimental: b, control: a}], %s}\n  dfs:\n"
    for extra, curves in (
        ("cumulative_incidence: {times: [1]}", 0),
        ("cumulative_incidence: {times: [1]}, kaplan_meier: {times: [1]}", 1),
        ("cox: null", 1),
    ):
        text = PLANS.replace("dfs:\n    endpoint", planned % extra + "    endpoint")
        protocol, found = parse_protocol(text), Rows(analyze(datasets(*FACTS, text=text)))
        drawn = kaplan_meier_figure(protocol, found, "os_marrow", "f")
        table = endpoint_table(protocol, found, "os_marrow")

        assert (drawn is not None) == bool(curves), extra
        assert table is not None and cells(table, "Patients with an event, No. (%)") == ("0", "0")
        said = any(note.startswith("Cumulative incidence by the Aalen–Johansen") for note in table.footnotes)
        assert said == ("cumulative" in extra)
        assert (incidence_figure(protocol, found, "os_marrow", "f") is not None) == said


def test_what_is_planned_and_not_run_is_listed() -> None:
    def change(content: dict[str, Any]) -> None:
        content["analyses"]["os"].update(
            cumulative_incidence={"times": [5], "test": "gray"},
            diagnostics=["log-log plot", "scaled Schoenfeld residuals"],
            cox={"covariates": ["age"], "selection": {"stay": 0.05}},
        )
        content["analyses"]["dfs"].update(
            comparisons=[],
            subgroups=["sex"],
            cox=None,
            diagnostics=["log-log plot", "scaled Schoenfeld residuals"],
        )
        content["proportions"] = {"young": {
            "label": "Younger", "role": "secondary", "response": "age < 50", "population": "itt", "test": "fisher",
            "difference": "not stated", "odds_ratio": "exact", "covariates": ["sex"]}}  # fmt: skip
        content["courses"] = {"first": {"label": "First course"}}
        content["adverse_events"]["periods"] = {
            "one": {"label": "Course 1", "courses": ["first"], "population": "safety"}
        }
        content["adverse_events"]["tables"] = {"young": {"label": "By age", "population": "safety"}}
        content["monitoring"] = {"os": {"randomization": "first", "endpoint": "os"}}

    assert not_run(sample.protocol(change)) == [
        "Disease-free survival: examination of proportional hazards by log-log plot, which needs groups",
        "Disease-free survival: examination of proportional hazards by scaled Schoenfeld residuals, which need a Cox model",
        "Disease-free survival: subgroups by sex, which need a comparison of arms",
        "Adverse events in a table of their own: By age",
        "Adverse events by period: course 1",
        "Monitoring of overall survival: boundaries and looks",
    ]
    assert not_run(sample.protocol()) == []


def test_the_page_says_what_was_not_run_and_for_which_cutoff_an_analysis_was_planned(
    tmp_path: Path, results: Results
) -> None:
    text = PLANS.replace("of_all: {", "of_all: {cutoff: late, diagnostics: [log-log plot], ")
    protocol = parse_protocol(text + "cutoffs: {late: {label: late look, on: 2020-07}}\n")
    page = write_report(protocol, results, sample.provenance(), tmp_path / "out").page.read_text()
    plain = write_report(PROTOCOL_, results, sample.provenance(), tmp_path / "plain").page.read_text()

    assert "Planned, not run by this version of equipoise" in page
    assert (
        "<li>Survival from enrollment: examination of proportional hazards by log-log plot, which needs groups</li>"
        in page
    )
    assert "planned for the data cutoff “late look” (2020-07)" in page
    assert "Planned, not run" not in plain


def test_a_caption_speaks_of_a_risk_table_only_where_there_is_one(rows: Rows) -> None:
    captions = {
        inner.name: item.caption
        for inner in build_part(PROTOCOL_, rows, "endpoints", None).parts
        for item in inner.contents if hasattr(item, "caption")
    }  # fmt: skip

    assert "Below the axis" in captions["analysis-dfs"]
    assert "Below the axis" not in captions["analysis-of_all"]
