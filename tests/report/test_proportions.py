"""What a report shows of shares: AALL1331's Table 2 from synthetic patients with its counts, and what is missing."""

from __future__ import annotations

import csv
from datetime import timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from equipoise.analysis.plan import analyze
from equipoise.analysis.results import Results
from equipoise.datasets.derivation import derive
from equipoise.log.log import Cutoff, Log
from equipoise.protocol.definition import Protocol
from equipoise.protocol.load import parse_protocol
from equipoise.report.methods import methods
from equipoise.report.page import build_part, write_report
from equipoise.report.planned import not_run
from equipoise.report.rows import Rows
from equipoise.report.sentences import headlines
from equipoise.report.tables.model import Table
from equipoise.report.tables.proportions import proportion_tables
from report import sample
from small_trial import DAY_0, PROTOCOL, item, randomized, registered

RESPONSES = ("reinduction", "cycle_1", "cycle_2", "transplant", "bridging", "rare")
CONTROL, EXPERIMENTAL = (31, 33, 33, 44, 3, 0), (26, 79, 69, 74, 2, 5)  # of 103 and of 105
AS_PRINTED = "test: chi-squared or fisher, sided: 2, difference: wald, odds_ratio: exact, threshold: 0.05"
HEAD = "role: exploratory, population: itt, comparisons: [{experimental: b, control: a}]"
PLANS = f"""
proportions:
  reinduction: {{label: Negative MRD after reinduction, response: reinduction, {HEAD}, {AS_PRINTED}}}
  cycle_1: {{label: Negative MRD after cycle 1, response: cycle_1, {HEAD}, {AS_PRINTED}}}
  cycle_2: {{label: Negative MRD after cycle 2, response: cycle_2, {HEAD}, {AS_PRINTED}}}
  transplant: {{label: Transplant, response: transplant, {HEAD}, {AS_PRINTED}, covariates: [boy, age]}}
  bridging: {{label: Bridging, response: bridging, {HEAD.replace("exploratory", "descriptive")}}}
  rare: {{label: Rare, response: rare, {HEAD}, test: chi-squared or fisher, sided: 1, odds_ratio: exact}}
  by_sex: {{label: Transplant, response: transplant, role: exploratory, population: itt, by: boy, test: fisher}}
"""


def text_of(plans: str = PLANS, style: str = "jama") -> str:
    items = "".join(f"  {name}: {{label: {name}, type: boolean}}\n" for name in RESPONSES)
    arms = PROTOCOL.replace("label: Arm A", "label: Chemotherapy").replace(
        "label: Arm B", "label: Blinatumomab"
    )
    return arms.replace("items:\n", f"items:\n{items}") + plans + f"report: {{style: {style}}}\n"


@cache
def made(text: str) -> tuple[Protocol, Results]:
    """Synthetic patients with the counts of Brown 2021, Table 2; nobody knows cycle 2 of 20 in either arm."""
    facts: list[Any] = []
    for arm, n, counts in (("a", 103, CONTROL), ("b", 105, EXPERIMENTAL)):
        for index in range(n):
            name = f"{arm}{index}"
            facts += [registered(name), randomized(name, arm), item(name, "boy", index % 3 == 0)]
            facts += [item(name, "age", 1 + index % 30)] if index else []
            facts += [
                item(name, response, index < count)
                for response, count in zip(RESPONSES, counts, strict=True)
                if response != "cycle_2" or index < n - 20
            ]
    protocol = parse_protocol(text, "small.yaml")
    return protocol, analyze(derive(protocol, Log(facts).as_of(Cutoff(DAY_0 + timedelta(1000)))))


def tables(text: str | None = None) -> dict[str, Table]:
    protocol, results = made(text or text_of())
    return {table.name: table for table in proportion_tables(protocol, Rows(results))}


def cells(table: Table) -> dict[str, tuple[str, ...]]:
    return {row.stub: row.cells for row in table.rows}


def test_table_2_of_aall1331() -> None:
    """Printed in whole percent and one decimal: -5 (-17 to 7), 0.76 (0.4 to 1.5), .39; 43 (31 to 55), 6.4 (3.4 to 12.4)."""
    table = tables()["shares-itt"]

    assert [(column.head, column.note) for column in table.columns] == [
        ("Chemotherapy", "(N = 103)"), ("Blinatumomab", "(N = 105)"), ("Absolute difference", "(95% CI), %"),
        ("Odds ratio", "(95% CI)"), ("P value", ""),
    ]  # fmt: skip
    found = cells(table)
    assert found["Negative MRD after reinduction, No. (%)"] == (
        "31 (30.1)", "26 (24.8)", "−5.3 (−17.4 to 6.8)", "0.76 (0.40-1.47)", ".39"
    )  # fmt: skip
    assert found["Negative MRD after cycle 1, No. (%)"][2:] == (
        "43.2 (31.0-55.4)",
        "6.45 (3.37-12.39)",
        "<.001",
    )
    assert found["Negative MRD after cycle 2, No. (%)"][2:] == (
        "33.7 (20.9-46.5)",
        "4.07 (2.20-7.55)",
        "<.001",
    )
    assert found["Transplant, No. (%)"][2:] == ("27.8 (14.8-40.7)", "3.20 (1.74-5.92)", "<.001")
    assert found["Unknown, counted as not"] == ("20", "20", "", "", "")
    assert found["Bridging, No. (%)"] == ("3 (2.9)", "2 (1.9)", "", "", "")
    assert found["Rare, No. (%)"][2:4] == (
        "",
        "∞ (0.92-∞)",
    )  # R: fisher.test(matrix(c(5, 100, 0, 103), 2, byrow = TRUE))


def test_footnotes_name_methods_tests_and_what_is_infinite() -> None:
    notes = tables()["shares-itt"].footnotes

    assert "Compared: Blinatumomab vs Chemotherapy." in notes
    assert "Absolute differences, in percentage points: experimental minus control; intervals: Wald." in notes
    assert any(note.endswith("from the counts; intervals: exact conditional.") for note in notes)
    [tests] = [note for note in notes if note.startswith("P values")]
    assert (
        "Pearson’s chi-square test without continuity correction, two-sided, for negative MRD after rein"
        in tests
    )
    assert tests.endswith("Fisher’s exact test, one-sided, for rare.")
    assert "The alternative of a one-sided test is a larger share in the experimental arm." in notes
    assert "∞, infinite: a count of the two-by-two table is 0." in notes
    assert not any("Not estimable" in note or "no test" in note for note in notes)


def test_nejm_sets_dashes_zeros_and_units() -> None:
    found = cells(tables(text_of(style="nejm"))["shares-itt"])

    assert found["Negative MRD after cycle 1 — no. (%)"][2:] == (
        "43.2 (31.0–55.4)",
        "6.45 (3.37–12.39)",
        "<0.001",
    )


def test_levels_have_one_test_and_keep_the_column_of_everyone() -> None:
    table = tables()["shares-itt-by-boy"]

    assert [column.head for column in table.columns] == ["Boy: yes", "Boy: no", "Overall", "P value"]
    assert list(cells(table).values()) == [("40 (57)", "78 (56.5)", "118 (56.7)", ">.99")]
    assert table.footnotes == ("P values: Fisher’s exact test, two-sided.",)


def test_a_logistic_model_shows_arms_and_covariates() -> None:
    table = tables()["transplant-model"]

    assert [row.stub for row in table.rows] == [
        "Blinatumomab vs Chemotherapy",
        "Boy",
        "Yes",
        "No",
        "Age, per year",
    ]
    assert cells(table)["Yes"] == ("1 [Reference]", "")
    assert table.footnotes[0] == "Logistic regression, Wald limits, adjusted for boy, age."
    assert "Without 2 patients who have no value of age." in table.footnotes
    assert "transplant-model" not in {name for name in tables() if name.startswith("shares")}


def test_csv_files_hold_every_row_unrounded() -> None:
    _, results = made(text_of())
    held = [
        (row["group"], row["statistic"], row["method"], row["value"])
        for table in tables().values() for row in csv.DictReader(StringIO(table.to_csv()))
    ]  # fmt: skip
    of_shares = [row for row in results if row.analysis in (*RESPONSES, "by_sex")]

    assert len(held) == len(of_shares)
    difference = next(
        row for row in of_shares if row.analysis == "cycle_1" and row.statistic == "risk_difference"
    )
    assert ("b vs a", "risk_difference", "risk difference, Wald", repr(difference.value)) in held


def test_methods_and_sentences_say_it() -> None:
    protocol, results = made(text_of())
    rows = Rows(results)
    written = dict(methods(protocol, rows, {}))["Numbers of patients"]
    spoken = {
        heading: " ".join("".join(phrase.text for phrase in sentence) for sentence in sentences)
        for heading, sentences in headlines(protocol, rows, set())
    }

    for phrase in (
        "unknown are counted as not meeting it", "by Fisher’s exact test where a count of the table (with or without the",
        "otherwise by Pearson’s chi-square test without continuity correction", "intervals: Wald.",
        "intervals: exact conditional.", "Confidence level of these intervals: 95%.",
        "Adjusted odds ratios of transplant are from a logistic regression with boy and age", "significance for shares: P < .05.",
    ):  # fmt: skip
        assert phrase in written, phrase
    assert "without intervals" not in written
    assert spoken["Negative MRD after cycle 1"] == (
        "Patients: 33 of 103 (Chemotherapy) and 79 of 105 (Blinatumomab). Blinatumomab vs Chemotherapy: difference, "
        "43.2 percentage points (95% CI, 31.0-55.4); odds ratio, 6.45 (95% CI, 3.37-12.39); P<.001 (Pearson’s "
        "chi-square test, two-sided)."
    )
    assert spoken["Rare"].endswith("Blinatumomab vs Chemotherapy: P=.03 (Fisher’s exact test, one-sided).")
    assert "Bridging" not in spoken


def test_nothing_of_shares_is_left_to_the_list_of_what_is_not_run() -> None:
    protocol, _ = made(text_of())

    assert not [line for line in not_run(protocol) if "share" in line.lower() or "MRD" in line]


def test_several_comparisons_stand_below_the_share() -> None:
    protocol, results = three_arms()
    [table] = [one for one in proportion_tables(protocol, Rows(results)) if one.name == "shares-itt"]

    assert [(row.stub, row.indent) for row in table.rows] == [
        ("Young, No. (%)", 0), ("Arm B vs Arm A", 1), ("Arm C vs Arm A", 1), ("Old, No. (%)", 0), ("Arm B vs Arm A", 1),
    ]  # fmt: skip
    assert table.rows[1].cells[:2] == ("", "")
    assert [column.note for column in table.columns[2:]] == ["(CI), %", ""]
    assert "Confidence levels: 95% for young; 90% for old." in table.footnotes
    # Nobody is in arm C: no difference and no test, and the table says why.
    assert table.rows[2].cells[2:] == ("NE", "NE")
    assert "Not estimable: an arm has no subjects." in table.footnotes


def three_arms() -> tuple[Protocol, Results]:
    text = (
        PROTOCOL.replace("  b: {label: Arm B, role: experimental}\n", "  b: {label: Arm B, role: experimental}\n  c: {label: Arm C, role: experimental}\n")
        .replace("arms: [a, b], ratio: {a: 1, b: 1}", "arms: [a, b, c], ratio: {a: 1, b: 1, c: 1}")
        + """
proportions:
  young: {label: Young, role: secondary, response: age < 8, population: itt, test: fisher, difference: miettinen-nurminen,
    comparisons: [{experimental: b, control: a}, {experimental: c, control: a}]}
  old: {label: Old, role: secondary, response: age > 8, population: itt, difference: newcombe, confidence_level: 0.9,
    comparisons: [{experimental: b, control: a}]}
"""
    )  # fmt: skip
    facts = [
        fact for index, arm in enumerate("aaaabbbb")
        for fact in (registered(f"S{index}"), randomized(f"S{index}", arm), item(f"S{index}", "age", 4 + 2 * index))
    ]  # fmt: skip
    protocol = parse_protocol(text, "small.yaml")
    return protocol, analyze(derive(protocol, Log(facts).as_of(Cutoff(DAY_0 + timedelta(1000)))))


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_does_not_scroll_sideways(browser: Any, tmp_path: Path, width: int) -> None:
    protocol, results = made(text_of())
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(write_report(protocol, results, sample.provenance(), tmp_path / "out").page.as_uri())

    assert page.locator("#shares table").count() == 3
    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    page.close()


def test_the_wide_table_fits_the_paper(browser: Any, tmp_path: Path) -> None:
    protocol, results = made(text_of())
    page = browser.new_page(viewport={"width": 665, "height": 940})  # A4 less its margins, at 96 dots an inch
    page.goto(write_report(protocol, results, sample.provenance(), tmp_path / "out").page.as_uri())
    page.emulate_media(media="print")

    assert (
        page.evaluate("Math.max(...[...document.querySelectorAll('#shares table')].map(e => e.scrollWidth))")
        <= 665
    )
    page.close()


def test_the_section_holds_tables_and_models_in_the_order_of_the_plan() -> None:
    protocol, results = made(text_of())
    part = next(
        one for one in build_part(protocol, Rows(results), "endpoints", None).parts if one.name == "shares"
    )

    assert [one.name for one in part.contents] == ["shares-itt", "transplant-model", "shares-itt-by-boy"]
