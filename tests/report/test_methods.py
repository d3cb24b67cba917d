"""The methods say what was planned and computed, and nothing else."""

from __future__ import annotations

from typing import Any

from equipoise.analysis.results import Results
from equipoise.report.methods import methods
from equipoise.report.rows import Rows
from equipoise.report.sentences import headlines
from report import sample


def written(change: Any = None, results: Results | None = None) -> str:
    rows = Rows(sample.results() if results is None else results)
    return " ".join(text for _, text in methods(sample.protocol(change), rows, {"equipoise": "0.1.0"}))


def test_each_method_of_the_plan_is_named() -> None:
    text = written()

    for phrase in (
        "log–log scale", "Greenwood’s variance", "log-rank test, stratified by positive lymph nodes",
        "P values are two-sided", "Efron’s method for ties", "half away from zero", "MedDRA, version 27.0",
        "NCI CTCAE, version 5.0", "by the reverse Kaplan–Meier method", "equipoise 0.1.0", "365.25 days",
        "tested by the likelihood ratio", "in a ratio of 1:1:1",
    ):  # fmt: skip
        assert phrase in text


def test_what_was_not_planned_is_not_described() -> None:
    def plain(content: dict[str, Any]) -> None:
        for plan in content["analyses"].values():
            plan.update({"log_rank": {"sided": 1}, "cox": None, "subgroups": []})
            plan["kaplan_meier"] = {"interval": "plain", "times": [2]}

    text = written(plain)

    assert "one-sided" in text and "untransformed" in text and "reported at 2 years" in text
    for phrase in ("Efron", "Cox", "stratified by positive lymph nodes; P", "two-sided"):
        assert phrase not in text


def test_what_has_no_rows_is_not_described() -> None:
    only = Results.of(row for row in sample.results() if row.analysis == "flow")
    text = written(results=only)

    for phrase in ("Kaplan–Meier", "Adverse events were", "follow-up was", "end point,"):
        assert phrase not in text


def test_a_silent_source_is_said_to_be_silent() -> None:
    def silent(content: dict[str, Any]) -> None:
        content["randomizations"]["first"] = {"arms": list(sample.ARMS)}

    assert "does not state the ratio, method, and strata of the allocation" in written(silent)


def test_headlines_are_neutral_and_link_to_tables_that_exist() -> None:
    found = headlines(sample.protocol(), Rows(sample.results()), {"table-os-results"})
    phrases = [phrase for _, sentences in found for sentence in sentences for phrase in sentence]
    text = "".join(phrase.text for phrase in phrases)

    assert {phrase.anchor for phrase in phrases} == {"", "table-os-results"}
    for word in ("significant", "superior", "improved", "benefit", "effective"):
        assert word not in text.lower()
