"""What a report shows of cumulative incidence, of a selection of covariates, and of diagnostics."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from equipoise.analysis.plan import analyze
from equipoise.protocol.load import parse_protocol
from equipoise.report.figures.incidence import incidence_figure
from equipoise.report.figures.log_log import log_log_figure, time_ticks, value_ticks
from equipoise.report.figures.residuals import residual_figure, round_ticks
from equipoise.report.methods import methods
from equipoise.report.page import Figure, build_part, write_report
from equipoise.report.planned import not_run
from equipoise.report.rows import Rows
from equipoise.report.sentences import headlines
from equipoise.report.tables.covariates import covariates_table
from equipoise.report.tables.endpoints import endpoint_table
from equipoise.report.tables.model import Table
from equipoise.report.tables.proportional_hazards import proportional_hazards_table
from equipoise.report.tables.selection import selection_table
from planned_trial import protocol, results
from report import sample
from report.test_browser import OVERLAPS
from small_groups import FACTS, PLANS, datasets

PLANNED = protocol()


@pytest.fixture(scope="module")
def rows() -> Rows:
    return Rows(results())


def lines(table: Table | None) -> list[tuple[str, ...]]:
    assert table is not None
    return [(row.stub, *row.cells) for row in table.rows]


def test_incidences_stand_in_percent_with_what_competes(rows: Rows) -> None:
    """The numbers are R's (tests/reference/planned.csv), rounded."""
    table = endpoint_table(PLANNED, rows, "by_level")
    found = lines(table)

    assert ("Cumulative incidence of recurrence, % (95% CI)",) in found
    assert ("At 1 year", "19.4 (12.0-28.0)", "20.2 (17.2-23.4)", "43.3 (35.3-51.1)") in found
    assert ("Competing: death from any cause, cumulative incidence, % (95% CI)",) in found
    assert ("At 1 year", "0.0 (NE)", "0.8 (0.3-1.7)", "2.0 (0.5-5.3)") in found
    assert ("P value, all groups (Gray’s test)", ".002") in found
    assert table is not None and "Not estimable: no limits of an incidence of 0 or 1." in table.footnotes
    assert "Kaplan–Meier estimates, log-rank tests, and hazard ratios are cause-specific: they censor patients at a competing event (death from any cause)." in table.footnotes  # fmt: skip


def test_gray_stands_below_the_experimental_arm(rows: Rows) -> None:
    found = lines(endpoint_table(PLANNED, rows, "by_arm"))

    assert ("P value vs Observation (Gray’s test, two-sided)", "", "", "<.001") in found


def test_an_incidence_rises_from_0_and_its_axis_may_end_below_1(rows: Rows) -> None:
    svg = incidence_figure(PLANNED, rows, "by_arm", "f") or ""
    starts = re.findall(r'<path d="M92 (\d+)H[^"]*"[^>]*data-kind="curve"', svg)
    rising = incidence_figure(PLANNED, rows, "by_level", "f") or ""

    assert starts == ["346"] * 3  # the bottom of the plot
    for words in ("Competing", "At risk", "Gray’s test", "Cumulative incidence of recurrence", "1.0"):
        assert words in svg, words
    assert "Competing" not in rising  # no ticks are planned, so there is no table below the axis


def test_a_small_incidence_is_not_pressed_on_the_axis() -> None:
    text = PLANS.replace(
        "analyses:\n",
        """analyses:
  few: {endpoint: relapse, population: itt, comparisons: [{experimental: b, control: a}], cumulative_incidence: {}}
""",
    )
    parsed = parse_protocol(text)
    svg = incidence_figure(parsed, Rows(analyze(datasets(*FACTS, text=text))), "few", "f") or ""

    assert ">0.20<" in svg and ">1.0<" not in svg
    assert svg.count('data-kind="curve"') == 2


def test_a_selection_shows_each_candidate_alone_and_in_the_final_model(rows: Rows) -> None:
    found = lines(covariates_table(PLANNED, rows, "selected"))

    assert found[0] == ("Age, per year", "1.00 (0.99-1.01)", ".63", "1.01 (1.00-1.01)", ".11")
    assert ("Female", "1 [Reference]", "", "", "") in found
    assert ("Male", "1.01 (0.84-1.22)", ".89", "left at step 1", "") in found
    assert ("Poor", "1.70 (1.18-2.46)", ".005", "1.32 (0.90-1.94)", ".15") in found
    assert ("Well", "1 [Reference]", "", "1 [Reference]", "") in found


def test_every_step_of_a_selection_is_shown(rows: Rows) -> None:
    table = selection_table(PLANNED, rows, "selected_by_arm")

    assert lines(table) == [
        ("Step 1: age leaves", "0.16", "1", ".69"),
        ("Step 2: obstruction of the colon by tumor leaves", "0.27", "1", ".61"),
        ("Step 3: sex leaves", "1.38", "1", ".24"),
        ("In the final model",),
        ("Arm, always in the model", "11.95", "1", "<.001"),
        ("Positive lymph nodes", "81.38", "1", "<.001"),
    ]
    assert table is not None and "Selected in the 607 patients in whom every candidate is known; 12 without a value of one of them are left out." in table.footnotes  # fmt: skip
    assert selection_table(PLANNED, rows, "by_arm") is None


def test_a_log_log_plot_has_a_line_a_group_and_round_ticks(rows: Rows) -> None:
    svg = log_log_figure(PLANNED, rows, "selected_by_arm", "f") or ""

    assert svg.count('data-kind="curve"') == 3
    assert "log(−log S)" in svg and "Years since randomization (logarithmic axis)" in svg
    assert log_log_figure(PLANNED, rows, "selected", "f") is None
    assert time_ticks(20, 80) == [20, 50, 100]
    assert len(time_ticks(0.001, 3000)) <= 10
    assert value_ticks(-0.4, -0.4) == [-1, 0]
    assert value_ticks(-30, 1) == [-32, -28, -24, -20, -16, -12, -8, -4, 0, 4]


def test_residuals_have_a_panel_a_term_and_a_test(rows: Rows) -> None:
    """The tests are R's cox.zph (tests/reference/planned.csv), rounded."""
    table = proportional_hazards_table(PLANNED, rows, "selected")
    svg = residual_figure(PLANNED, rows, "selected", "overall", "f") or ""

    assert lines(table) == [
        ("Age", "1.38", "1", ".24"),
        ("Differentiation of tumor", "16.79", "2", "<.001"),
        ("Positive lymph nodes", "0.04", "1", ".85"),
        ("Obstruction of the colon by tumor", "5.77", "1", ".02"),
        ("All terms together", "26.13", "5", "<.001"),
    ]
    assert svg.count('data-kind="curve"') == 4
    assert svg.count('data-kind="residual"') == 4 * 430  # a point for each term of each event
    assert residual_figure(PLANNED, rows, "by_arm", "overall", "f") is None
    assert round_ticks(0.0, 0.0) == [0.0, 0.2]


def test_restricted_means_and_weights_are_said(rows: Rows) -> None:
    found = lines(endpoint_table(PLANNED, rows, "late"))
    stubs = [line[0] for line in found]
    text = dict(methods(PLANNED, rows, {}))["Analysis of overall survival, late"]

    assert "Restricted mean to 5 years, years (95% CI)" in stubs
    assert "Difference of restricted means vs Observation, years (95% CI)" in stubs
    assert "P value vs Observation (weighted log-rank, two-sided)" in stubs
    assert "areas below the Kaplan–Meier curve up to 5 years" in text
    assert "with the weights of Fleming and Harrington (ρ = 1, γ = 0)" in text


def test_methods_and_headlines_speak_of_what_was_run(rows: Rows) -> None:
    text = dict(methods(PLANNED, rows, {}))
    spoken = {
        heading: " ".join("".join(phrase.text for phrase in sentence) for sentence in sentences)
        for heading, sentences in headlines(PLANNED, rows, set())
    }
    said = spoken["Time to recurrence"]

    assert "Aalen–Johansen method with death from any cause as competing event, reported at 1 year and 5 years" in (
        text["Analysis of time to recurrence"])  # fmt: skip
    assert "Arms were compared by Gray’s test, two-sided." in text["Analysis of time to recurrence"]
    assert "left if that was above 0.15." in str(text) and "0.05; the arms always stayed." in str(text)
    assert "Proportional hazards were examined by log-log plots" in str(text)
    assert "Cumulative incidence of recurrence at 5 years: " in said
    assert "37.9% (Lev+5FU)" in said and "P<.001 (Gray’s test, two-sided)" in said
    assert not_run(PLANNED) == [
        "Overall survival, multivariable: examination of proportional hazards by log-log plot, which needs groups"
    ]


def test_figures_of_an_analysis_are_named_apart(rows: Rows) -> None:
    part = build_part(PLANNED, rows, "endpoints", None)
    names = [item.name for inner in part.parts for item in inner.contents if isinstance(item, Figure)]

    assert "by_arm-incidence" in names and "selected_by_arm-log-log" in names
    assert "by_level-kaplan-meier" in names and "by_arm-kaplan-meier" not in names
    assert len(names) == len(set(names))


def test_no_words_of_these_figures_overlap_or_are_cut(browser: Any, tmp_path: Path) -> None:
    written = write_report(PLANNED, results(), sample.provenance(), tmp_path / "out")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(written.page.as_uri())

    assert page.locator("figure").count() >= 8
    assert page.evaluate(OVERLAPS) == []
    page.close()
