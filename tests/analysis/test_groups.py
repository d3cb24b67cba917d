"""Analyses of one group, by levels of a factor and with covariates equal R survival's (tests/reference/groups.R)."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from equipoise.analysis.plan import analyze
from equipoise.analysis.results import Results
from equipoise.protocol.load import parse_protocol
from equipoise.trial.opening import find_protocol, read_datasets

REFERENCE = Path(__file__).parents[1] / "reference" / "groups.csv"
RELATIVE = 1e-8  # R converged to 1e-14 and prints 17 digits; both programs sum in double precision

PLANS = """
analyses:
  os_by_differentiation:
    endpoint: overall_survival
    population: randomized
    by: differentiation
    kaplan_meier: {times: [1, 5]}
    cox: {covariates: [age, sex]}
  os_of_all:
    endpoint: overall_survival
    population: randomized
    kaplan_meier: {times: [1, 5]}
    cox: {ties: breslow, covariates: [age, differentiation]}
  adjusted:
    endpoint: overall_survival
    population: randomized
    comparisons: [{experimental: levamisole_fluorouracil, control: observation}]
    cox: {covariates: [sex, nodes]}
  after_recurrence:
    endpoint: survival_after_recurrence
    population: randomized
    by: nodes_over_4
    kaplan_meier: {times: [1]}
    log_rank: {strata: [serosa]}
    cox: {strata: [serosa]}
"""
ENDPOINT = """
endpoints:
  survival_after_recurrence:
    {label: Survival after recurrence, role: exploratory, origin: recurrence, events: [death]}
"""


@cache
def results() -> Results:
    path = find_protocol("intergroup0035")
    text = path.read_text(encoding="utf-8")
    planned = text[: text.index("\nanalyses:")].replace("\nendpoints:", ENDPOINT, 1)
    return analyze(read_datasets(parse_protocol(planned + PLANS), path.parent))


def expected() -> list[dict[str, str]]:
    with REFERENCE.open() as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def ours(row: dict[str, str]) -> float | None:
    """The one result row that a reference row is about."""
    frame = results().frame
    statistic, model = row["statistic"], " vs " in row["group"] or row["level"] != ""
    frame = frame.filter(~pl.col("method").str.starts_with("curve") & (pl.col("method") != "risk table"))
    if statistic == "logrank_p":
        statistic = "p_value_two_sided"
    kind = "Cox" if model else "log-rank" if row["group"] == "overall" and not row["at"] else ""
    if statistic in ("median", "events"):
        kind = ""
    at = pl.col("at") == float(row["at"]) if row["at"] else pl.col("at").is_null()
    found = frame.filter(
        (pl.col("analysis") == row["analysis"])
        & (pl.col("group") == row["group"])
        & (pl.col("level") == row["level"])
        & (pl.col("statistic") == statistic)
        & pl.col("method").str.contains(kind)
        & at
    )
    assert found.height == 1, f"{found.height} rows for {row}"
    value: float | None = found["value"][0]
    return value


def test_every_statistic_equals_r_survival() -> None:
    rows = expected()
    assert len(rows) > 80
    for row in rows:
        value = ours(row)
        if row["value"] == "NA":
            assert value is None, row
        else:
            assert value == pytest.approx(float(row["value"]), rel=RELATIVE), row


def test_those_without_a_level_are_counted_and_in_no_group() -> None:
    """23 patients of the public data have no differentiation (R: sum(is.na(differ)) / 2)."""
    rows = results().where(analysis="os_by_differentiation", at=None, method="")
    groups = ("differentiation=well", "differentiation=moderate", "differentiation=poor")

    assert rows.value(group="overall", statistic="n") == 929
    assert rows.value(group="overall", statistic="n_missing") == 23
    assert sum(rows.value(group=group, statistic="n") or 0 for group in groups) == 906


def test_the_warning_of_a_model_counts_who_was_left_out() -> None:
    [row] = list(results().where(analysis="os_of_all", level="age", statistic="hazard_ratio"))

    assert row.warning == "23 without a value of differentiation left out"
