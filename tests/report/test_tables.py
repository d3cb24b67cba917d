"""Tables: denominators, order, what is left out and said to be; and CSV that keeps every digit."""

from __future__ import annotations

import csv
import io
from typing import Any

import polars as pl
import pytest

from equipoise.analysis.results import Result, Results
from equipoise.errors import DataError
from equipoise.report.rows import Rows
from equipoise.report.tables.adverse_events import adverse_event_table
from equipoise.report.tables.baseline import baseline_tables, synopsis
from equipoise.report.tables.endpoints import components_table, endpoint_table
from equipoise.report.tables.follow_up import follow_up_tables
from equipoise.report.tables.model import Column, Row, Table
from equipoise.report.tables.published import published_table
from equipoise.report.tables.subgroups import subgroup_table
from report import sample


@pytest.fixture(scope="module")
def rows() -> Rows:
    return Rows(sample.results())


def cells(table: Table | None, stub: str) -> tuple[str, ...]:
    assert table is not None
    return next(row.cells for row in table.rows if row.stub == stub)


def test_baseline_percentages_are_of_the_known_and_heads_of_all(rows: Rows) -> None:
    [table] = baseline_tables(sample.protocol(), rows)
    n, known = (
        rows.value("baseline", name, group="lev", variable="differentiation", level="well")
        for name in ("n", "denominator")
    )
    size = rows.value("baseline", "n", group="lev", variable="subjects")
    assert n is not None and known is not None and size is not None and known < size

    assert cells(table, "Well")[1] == f"{n:.0f} ({100 * n / known:.1f})"
    assert table.columns[1].note == f"(N = {size:.0f})"
    assert "Percentages are of the patients with a known value." in table.footnotes


def test_baseline_shows_no_p_value_and_one_line_for_yes_or_no(rows: Rows) -> None:
    [table] = baseline_tables(sample.protocol(), rows)
    stubs = [row.stub for row in table.rows]

    assert "Obstruction of the colon by the tumor, No. (%)" in stubs
    assert "Yes" not in stubs
    assert not any("P value" in column.head for column in table.columns)


def test_unknown_counts_stand_without_a_percentage_or_with_one(rows: Rows) -> None:
    def of_all(content: dict[str, Any]) -> None:
        content["baselines"]["baseline"]["items"] = [{"item": "differentiation", "percent_of": "all"}]

    n = rows.value("baseline", "n_missing", group="obs", variable="differentiation")
    size = rows.value("baseline", "n", group="obs", variable="subjects")
    assert n and size

    assert cells(baseline_tables(sample.protocol(), rows)[0], "Unknown")[0] == f"{n:.0f}"
    assert (
        cells(baseline_tables(sample.protocol(of_all), rows)[0], "Unknown")[0]
        == f"{n:.0f} ({100 * n / size:.1f})"
    )


def test_endpoint_table_reports_each_row_as_planned(rows: Rows) -> None:
    table = endpoint_table(sample.protocol(), rows, "os")
    ratio = rows.value("os", "hazard_ratio", group="lev5fu vs obs", variable="os", method="Cox")
    assert ratio is not None

    found = cells(table, "Hazard ratio vs Observation (95% CI)")
    assert found[0] == "1 [Reference]"
    assert found[2].startswith(f"{ratio:.2f} (")
    assert cells(table, "P value vs Observation (stratified log-rank, two-sided)")[2] == "<.001"
    assert table is not None and any(row.spanning and row.cells == (".009",) for row in table.rows)


def test_a_one_sided_test_is_called_one_sided(rows: Rows) -> None:
    def one_sided(content: dict[str, Any]) -> None:
        content["analyses"]["os"]["log_rank"] = {"sided": 1}

    more = [*sample.results(), Result(analysis="os", population="itt", group="lev5fu vs obs", variable="os",
                                      statistic="p_value_one_sided", method="log-rank", value=0.0123)]  # fmt: skip
    table = endpoint_table(sample.protocol(one_sided), Rows(Results.of(more)), "os")

    assert cells(table, "P value vs Observation (log-rank, one-sided)")[2] == ".01"


def test_medians_that_are_not_reached_are_called_so_and_explained() -> None:
    quiet = sample.results(("obs", "lev5fu"), 40, 3, 0.001)
    table = endpoint_table(_two_arms(), Rows(quiet), "os")

    first, second = cells(table, "Median, years (95% CI)")
    assert first.startswith("NR (") and first.endswith("-NR)")
    assert second == "NR"
    assert table is not None and "NR, not reached" in table.footnotes[-1]


def _two_arms() -> Any:
    def change(content: dict[str, Any]) -> None:
        del content["arms"]["lev"]
        content["randomizations"]["first"].update(
            {"arms": ["obs", "lev5fu"], "ratio": {"obs": 1, "lev5fu": 1}}
        )
        for plan in content["analyses"].values():
            plan["comparisons"] = [{"experimental": "lev5fu", "control": "obs"}]

    return sample.protocol(change)


def test_a_hazard_ratio_that_cannot_be_given_says_why(rows: Rows) -> None:
    broken = [
        row if row.statistic not in ("hazard_ratio", "lower", "upper") or not row.method.startswith("Cox")
        else Result(analysis=row.analysis, population=row.population, subset=row.subset, group=row.group,
                    variable=row.variable, statistic=row.statistic, method=row.method, value=None,
                    warning="no event in either arm")
        for row in sample.results()
    ]  # fmt: skip
    table = endpoint_table(sample.protocol(), Rows(Results.of(broken)), "os")

    assert cells(table, "Hazard ratio vs Observation (95% CI)") == ("1 [Reference]", "NE", "NE")
    assert table is not None and "Not estimable: no event in either arm." in table.footnotes


def test_what_is_odd_about_an_estimate_is_no_reason_for_a_missing_one() -> None:
    from equipoise.report.labels import Labels
    from equipoise.report.tables.model import footnotes

    warnings = [
        (0.7, "3 without a value of sex left out; strata without events, which add no information: 1"),
        (None, "1 without a value of nodes left out; lev5fu by sex=f: the likelihood still grows; no estimate"),
        (None, "not reached"),
    ]  # fmt: skip

    assert footnotes([], [], (), warnings, Labels(sample.protocol())) == (
        "Without 1 patient who has no value of positive lymph nodes.",
        "Without 3 patients who have no value of sex.",
        "Not estimable: Levamisole plus fluorouracil by Female: the likelihood still grows; no estimate.",
        "Estimated with a warning: strata without events, which add no information: 1.",
    )


def test_components_only_where_there_are_several(rows: Rows) -> None:
    assert components_table(sample.protocol(), rows, "os") is None
    table = components_table(sample.protocol(), rows, "dfs")
    assert table is not None
    assert [row.stub for row in table.rows[1:]] == [
        "Recurrence of colon cancer", "Second primary cancer", "Death from any cause"
    ]  # fmt: skip


def test_follow_up_names_its_method(rows: Rows) -> None:
    [table] = follow_up_tables(sample.protocol(), rows)
    assert cells(table, "Reverse Kaplan–Meier, median (95% CI), years")[0] == "6.9 (6.8-7.0)"


def test_subgroups_follow_the_protocol_and_name_their_denominators(rows: Rows) -> None:
    protocol = sample.protocol()
    table = subgroup_table(protocol, rows, "os", protocol.analyses["os"].comparisons[0])
    assert table is not None
    factors = [row.stub for row in table.rows if row.strong][1:]

    assert factors == [protocol.label(name) for name in protocol.analyses["os"].subgroups]
    n = rows.value("os", "n", group="lev5fu", variable="os", subset="sex=f")
    events = rows.value("os", "events", group="lev5fu", variable="os", subset="sex=f")
    assert cells(table, "Female")[0] == f"{events:.0f}/{n:.0f}"
    assert cells(table, "Differentiation of the tumor")[3] == ".045"


def test_adverse_events_below_the_limit_are_left_off_the_page_but_not_off_the_file(rows: Rows) -> None:
    def rare(content: dict[str, Any]) -> None:
        content["adverse_events"]["minimum_percent"] = 30.0

    full = adverse_event_table(sample.protocol(), rows)
    short = adverse_event_table(sample.protocol(rare), rows)
    assert full is not None and short is not None

    assert len(short.rows) < len(full.rows)
    assert short.csv_rows == full.csv_rows
    assert any("at least 30%" in note and "CSV" in note for note in short.footnotes)


def test_adverse_events_start_with_any_event_and_fall_in_frequency(rows: Rows) -> None:
    table = adverse_event_table(sample.protocol(), rows)
    assert table is not None
    classes = [row.stub for row in table.rows if row.strong and row.stub != "Any adverse event"]

    def patients(name: str) -> float:
        return sum(
            rows.value("adverse_events", "n_any_grade", group=arm, variable=name) or 0 for arm in sample.ARMS
        )

    assert table.rows[0].stub == "Any adverse event"
    assert [patients(name) for name in classes] == sorted(map(patients, classes), reverse=True)
    assert next(head for head, _ in table.spans).startswith("Observation\n(N = ")


def test_csv_keeps_every_digit(rows: Rows) -> None:
    table = endpoint_table(sample.protocol(), rows, "os")
    assert table is not None
    records = list(csv.DictReader(io.StringIO(table.to_csv())))
    ratio = rows.value("os", "hazard_ratio", group="lev5fu vs obs", variable="os", method="Cox")

    found = [record for record in records if record["statistic"] == "hazard_ratio"]
    assert [float(record["value"]) for record in found if record["group"] == "lev5fu vs obs"] == [ratio]
    assert {record["group_label"] for record in found} == {
        "Levamisole + 5-FU vs Observation",
        "Levamisole vs Observation",
    }


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_text_is_never_a_formula_and_numbers_keep_their_sign(text: str) -> None:
    table = Table(name="t", title="t", stub="s", columns=(Column("c"),), rows=(), csv_columns=("a", "b"),
                  csv_rows=((text, -1.5),))  # fmt: skip
    cell, number = next(iter(list(csv.reader(io.StringIO(table.to_csv(), newline="")))[1:]))

    assert cell == "'" + text.replace("\r", "\n")
    assert number == "-1.5"


def test_a_row_of_the_wrong_width_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells, not 1"):
        Table(name="t", title="t", stub="s", columns=(Column("c"),), rows=(Row("x", ("1", "2")),))


def test_published_numbers_get_a_word_for_agreement() -> None:
    table = published_table(sample.published(), sample.protocol())
    assert table is not None

    assert [row.cells[2] for row in table.rows if not row.section] == [
        "✓ Agrees",
        "✓ Agrees",
        "✗ Differs",
        "—",
    ]
    assert table.footnotes == ("2 of 3 compared numbers agree.",)


def test_published_numbers_stand_below_their_source() -> None:
    def cited(content: dict[str, Any]) -> None:
        content["sources"] = {"moertel_1990": "Moertel CG, et al. 1990."}

    frame = sample.published().with_columns(
        source=pl.Series(["moertel_1990 Table 1", "moertel_1990 Table 1", "Figure 2", "Figure 2"]),
        note=pl.lit(""),
    )
    table = published_table(frame, sample.protocol(cited))
    assert table is not None

    assert [row.stub for row in table.rows if row.section] == ["Source 1, Table 1", "Figure 2"]
    assert [column.head for column in table.columns] == ["Published", "Computed", "Agreement"]


def test_published_needs_its_columns() -> None:
    with pytest.raises(DataError, match="agrees"):
        published_table(pl.DataFrame({"item": ["x"]}), sample.protocol())


def test_what_a_protocol_does_not_state_is_said_not_to_be_stated() -> None:
    assert cells(synopsis(sample.protocol()), "Registration") == ("Not stated",)


def test_no_rows_make_no_tables() -> None:
    protocol, empty = sample.protocol(), Rows(Results.of([]))
    comparison = protocol.analyses["os"].comparisons[0]

    assert baseline_tables(protocol, empty) == []
    assert endpoint_table(protocol, empty, "os") is None
    assert components_table(protocol, empty, "dfs") is None
    assert follow_up_tables(protocol, empty) == []
    assert adverse_event_table(protocol, empty) is None
    assert subgroup_table(protocol, empty, "os", comparison) is None


def test_competing_events_are_said_to_be_censored_and_a_verified_factor_keeps_its_label() -> None:
    from equipoise.report.labels import Labels
    from equipoise.report.tables import endpoints
    from equipoise.trial.trial import open_trial

    trial = open_trial("intergroup0035")
    table = endpoint_table(trial.protocol, Rows(trial.analyze()), "recurrence")

    assert table is not None
    assert any("1 minus the estimate is not the cumulative incidence" in note for note in table.footnotes)
    text = endpoints.described(
        "Cox, Efron ties, stratified by nodes_over_4, surgery_interval as verified", Labels(trial.protocol)
    )
    assert text.endswith("more than 4 positive lymph nodes, time from surgery to registration as verified")
