"""Shares of patients compared: rows of whole analyses against R, printed numbers, and fractions by hand."""

from __future__ import annotations

import csv
from functools import cache
from math import erfc, sqrt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.analysis.plan import analyze
from equipoise.analysis.results import Results
from equipoise.protocol.load import parse_protocol
from equipoise.trial.opening import find_protocol, read_datasets
from small_groups import datasets
from small_trial import PROTOCOL, item, randomized, registered

REFERENCE = Path(__file__).parents[1] / "reference" / "proportions.csv"
RELATIVE = 1e-8  # R's glm converged to 1e-14 and its other functions are closed; Newcombe's and exact limits are solved

COLON = """
proportions:
  many_nodes: {label: More than 4 nodes, role: secondary, response: nodes_over_4, population: randomized,
    comparisons: [{experimental: levamisole_fluorouracil, control: observation}, {experimental: levamisole, control: observation}],
    test: chi-squared, sided: 2, difference: wald, odds_ratio: exact, covariates: [age, differentiation]}
  perforated: {label: Perforation, role: secondary, response: perforation, population: randomized,
    comparisons: [{experimental: levamisole_fluorouracil, control: observation}],
    test: chi-squared or fisher, sided: 1, difference: newcombe, odds_ratio: wald, confidence_level: 0.9}
  few: {label: Both, role: secondary, response: perforation and nodes_over_4, population: randomized,
    comparisons: [{experimental: levamisole, control: observation}], test: chi-squared or fisher}
  few_greater: {label: Both, role: secondary, response: perforation and nodes_over_4, population: randomized,
    comparisons: [{experimental: levamisole, control: observation}], test: fisher, sided: 1}
  by_differentiation: {label: Obstruction, role: secondary, response: obstruction, population: randomized,
    by: differentiation, test: chi-squared, sided: 2, covariates: [age, sex]}
  fisher_by_extent: {label: Perforation by extent, role: secondary, response: perforation, population: randomized,
    by: extent, test: fisher}
"""
KIND = {
    "risk difference": "risk difference, ", "odds ratio": "odds ratio, ", "Pearson": "Pearson chi-square",
    "Fisher": "Fisher exact", "logistic": "logistic regression", "Fisher-Freeman-Halton": "Fisher-Freeman-Halton exact",
}  # fmt: skip


@cache
def colon() -> Results:
    path = find_protocol("intergroup0035")
    text = path.read_text(encoding="utf-8")
    return analyze(read_datasets(parse_protocol(text[: text.index("\nanalyses:")] + COLON), path.parent))


def expected() -> list[dict[str, str]]:
    with REFERENCE.open() as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


@pytest.mark.parametrize(
    "row", expected(), ids=lambda row: "-".join(list(row.values())[:-1]).replace(" ", "_")
)
def test_every_statistic_equals_r(row: dict[str, str]) -> None:
    found = colon().frame.filter(
        (pl.col("analysis") == row["analysis"])
        & (pl.col("group") == row["group"])
        & (pl.col("level") == (row["level"] or ""))
        & (pl.col("statistic") == row["statistic"])
        & pl.col("method").str.starts_with(KIND[row["kind"]])
    )

    assert found.height == 1
    assert found["value"][0] == pytest.approx(float(row["value"]), rel=RELATIVE)


def test_methods_say_which_test_was_chosen_and_why() -> None:
    def methods(name: str) -> set[str]:
        rows = colon().where(analysis=name)
        return {row.method for row in rows if row.statistic.startswith("p_value")}

    assert methods("few") == {"Fisher exact (smallest count 2, at most 5)"}
    assert methods("perforated") == {
        "Pearson chi-square (smallest count 8, above 5), alternative: more in levamisole_fluorouracil"
    }


def test_complete_cases_and_unknown_levels_are_said() -> None:
    """23 patients have no differentiation (R: sum(is.na(differ)) / 2): 17 and 13 of those in the two comparisons."""
    model = colon().where(analysis="many_nodes", statistic="odds_ratio", level="age")
    across = colon().where(analysis="by_differentiation", statistic="chi_square")

    assert [row.warning for row in model] == [
        "13 without a value of differentiation left out", "17 without a value of differentiation left out",
    ]  # fmt: skip
    assert [row.warning for row in across] == ["23 without a value of differentiation left out"]


# -- made-up patients with the counts of published tables -----------------------------------------------


def of_counts(
    plan: str, control: tuple[int, int], experimental: tuple[int, int], unknown: int = 0
) -> Results:
    """Synthetic patients: (with the response, all) of each arm; of those without it, so many in either arm are unknown."""
    text = PROTOCOL + (
        "proportions:\n  clear: {label: Clear, role: exploratory, response: mrd < 0.1, population: itt, "
        f"comparisons: [{{experimental: b, control: a}}], {plan}}}\n"
    )
    facts: list[Any] = []
    for arm, (events, n) in (("a", control), ("b", experimental)):
        for index in range(n):
            name = f"{arm}{index}"
            facts += [registered(name), randomized(name, arm), item(name, "boy", index % 3 == 0)]
            if index < n - unknown:
                facts.append(item(name, "mrd", 0.01 if index < events else 1.0))
    return analyze(datasets(*facts, text=text)).where(analysis="clear")


def value(rows: Results, statistic: str, method: str) -> float | None:
    [row] = [
        row for row in rows
        if row.group == "b vs a" and row.statistic == statistic and row.method.startswith(method) and not row.level
    ]  # fmt: skip
    return row.value


# Brown 2021, Table 2: blinatumomab and chemotherapy; difference and its limits, odds ratio and its limits, P
AALL1331 = [
    ((31, 103), (26, 105), (-5, -17, 7), ("0.76", "0.4", "1.5"), 0.39),
    ((33, 103), (79, 105), (43, 31, 55), ("6.4", "3.4", "12.4"), None),
    ((33, 103), (69, 105), (34, 21, 46), ("4.1", "2.2", "7.6"), None),
    ((44, 103), (74, 105), (28, 15, 41), ("3.2", "1.7", "5.9"), None),  # printed 27, which is 70 - 43
]


@pytest.mark.parametrize(("control", "experimental", "difference", "ratio", "p"), AALL1331)
def test_table_2_of_aall1331_comes_out_of_synthetic_patients_with_its_counts(
    control: tuple[int, int], experimental: tuple[int, int], difference: tuple[int, ...], ratio: tuple[str, ...],
    p: float | None,
) -> None:  # fmt: skip
    plan = "test: chi-squared or fisher, sided: 2, difference: wald, odds_ratio: exact, threshold: 0.05"
    rows = of_counts(plan, control, experimental, unknown=20)

    points = [value(rows, name, "risk difference, Wald") for name in ("risk_difference", "lower", "upper")]
    assert tuple(round(100 * (one or 0)) for one in points) == difference
    odds = [value(rows, name, "odds ratio, exact") for name in ("odds_ratio", "lower", "upper")]
    assert all(abs((one or 0) - float(text)) <= 0.5 * 10.0 ** -len(text.partition(".")[2]) for one, text in zip(odds, ratio, strict=True))  # fmt: skip
    tested = value(rows, "p_value_two_sided", "Pearson chi-square") or 0
    assert tested < 0.001 if p is None else round(tested, 2) == p
    # By hand: Pearson's chi-square of a two-by-two table
    (x0, n0), (x1, n1) = control, experimental
    n, x = n0 + n1, x0 + x1
    chi_square = n * (x1 * n0 - x0 * n1) ** 2 / (n1 * n0 * x * (n - x))
    assert value(rows, "chi_square", "Pearson chi-square") == pytest.approx(chi_square, rel=1e-12)
    assert tested == pytest.approx(erfc(sqrt(chi_square / 2)), rel=1e-10)
    assert rows.value(group="a", statistic="denominator") == n0
    assert rows.value(group="a", statistic="n_unknown") == 20


@pytest.mark.parametrize(
    ("control", "experimental", "printed", "p"),
    [((39, 57), (51, 54), (26.0, 10.6, 40.5), 0.0005), ((10, 57), (5, 54), (-8.3, -22.1, 5.0), 0.27)],
)
def test_both_differences_of_20120215_come_out_of_synthetic_patients_with_its_counts(
    control: tuple[int, int], experimental: tuple[int, int], printed: tuple[float, ...], p: float
) -> None:
    rows = of_counts("test: fisher, sided: 2, difference: score", control, experimental)

    points = [
        value(rows, name, "risk difference, exact unconditional, score")
        for name in ("risk_difference", "lower", "upper")
    ]
    assert tuple(round(100 * (one or 0), 1) for one in points) == printed
    tested = value(rows, "p_value_two_sided", "Fisher exact") or 0
    assert tested == pytest.approx(p, rel=0.1 if p < 0.001 else 0.02)


@pytest.mark.parametrize(
    ("method", "words", "printed"),
    [
        ("miettinen-nurminen", "Miettinen-Nurminen", (0.0528, 0.3382)),
        ("newcombe", "Newcombe", (0.0524, 0.3339)),
        ("wald", "Wald", (0.0575, 0.3425)),
    ],
)
def test_table_ii_of_newcombe(method: str, words: str, printed: tuple[float, float]) -> None:
    """56 of 70 against 48 of 80 (Newcombe 1998, Stat Med 17:873, Table II)."""
    rows = of_counts(f"difference: {method}", (48, 80), (56, 70))

    limits = [value(rows, name, f"risk difference, {words}") for name in ("lower", "upper")]
    assert tuple(round(one or 0, 4) for one in limits) == printed


def test_exchanged_arms_give_the_negative_difference_and_the_inverse_odds_ratio() -> None:
    plan = "test: chi-squared, difference: newcombe, odds_ratio: exact"
    one, other = of_counts(plan, (9, 40), (21, 50)), of_counts(plan, (21, 50), (9, 40))

    for statistic, mirrored in (
        ("risk_difference", "risk_difference"),
        ("lower", "upper"),
        ("upper", "lower"),
    ):
        assert value(one, statistic, "risk diff") == pytest.approx(
            -(value(other, mirrored, "risk diff") or 0)
        )
    for statistic, mirrored in (("odds_ratio", "odds_ratio"), ("lower", "upper"), ("upper", "lower")):
        assert value(one, statistic, "odds ratio") == pytest.approx(
            1 / (value(other, mirrored, "odds ratio") or 0)
        )
    assert value(one, "chi_square", "Pearson") == pytest.approx(value(other, "chi_square", "Pearson"))


def test_one_sided_alternatives_of_exchanged_arms_overlap_in_the_observed_table() -> None:
    """P of both sides is 1 and the probability of the table: 3 of 4 against 1 of 4, 16 of 70."""
    one = value(of_counts("test: fisher, sided: 1", (1, 4), (3, 4)), "p_value_one_sided", "Fisher") or 0
    other = value(of_counts("test: fisher, sided: 1", (3, 4), (1, 4)), "p_value_one_sided", "Fisher") or 0

    assert one == pytest.approx(17 / 70)
    assert one + other == pytest.approx(1 + 16 / 70)


@pytest.mark.parametrize(
    ("control", "experimental", "test"),
    [
        ((20, 40), (5, 30), "Fisher exact (smallest count 5, at most 5)"),
        ((20, 40), (6, 30), "Pearson chi-square (smallest count 6, above 5)"),
        ((20, 40), (25, 30), "Fisher exact (smallest count 5, at most 5)"),  # those without it count as well
        ((20, 40), (24, 30), "Pearson chi-square (smallest count 6, above 5)"),
    ],
)
def test_the_rule_counts_every_cell(
    control: tuple[int, int], experimental: tuple[int, int], test: str
) -> None:
    rows = of_counts("test: chi-squared or fisher", control, experimental)

    assert {row.method for row in rows if row.statistic == "p_value_two_sided"} == {test}


def test_a_sparse_pearson_test_says_so() -> None:
    rows = of_counts("test: chi-squared", (1, 9), (4, 9))

    assert (
        warnings(rows)["Pearson chi-square", "chi_square"][1] == "2 of 4 cells have an expected count below 5"
    )


def warnings(rows: Results) -> dict[tuple[str, str], tuple[float | None, str]]:
    return {
        (row.method.split(",")[0].split(" (")[0], row.statistic): (row.value, row.warning)
        for row in rows if row.method and not row.level
    }  # fmt: skip


EVERYTHING = "test: chi-squared, difference: wald, odds_ratio: wald, covariates: [boy]"


def test_nobody_with_a_response_is_said() -> None:
    found = warnings(of_counts(EVERYTHING, (0, 6), (0, 5)))

    assert found["Pearson chi-square", "p_value_two_sided"] == (None, "everyone has the same response")
    assert found["odds ratio", "odds_ratio"] == (None, "everyone has the same response")
    assert found["risk difference", "risk_difference"] == (0, "")
    assert "no width" in found["risk difference", "lower"][1]
    assert found["logistic regression", "odds_ratio"] == (None, "every subject is without the event: nothing is estimable")  # fmt: skip


def test_everyone_with_a_response_has_a_count_of_0_and_so_fishers_p() -> None:
    rows = of_counts("test: chi-squared or fisher", (8, 8), (9, 9))

    [row] = [row for row in rows if row.method]
    assert (row.method, row.value) == ("Fisher exact (smallest count 0, at most 5)", 1)
    assert row.warning == "everyone has the same response"


def test_an_empty_cell_makes_infinite_and_separates() -> None:
    wald, exact = (of_counts(EVERYTHING.replace("ratio: wald", f"ratio: {one}"), (3, 9), (9, 9)) for one in ("wald", "exact"))  # fmt: skip

    assert warnings(exact)["odds ratio", "odds_ratio"] == (None, "infinite: a count of the table is 0")
    assert warnings(exact)["odds ratio", "upper"] == (None, "infinite: a count of the table is 0")
    assert (warnings(exact)["odds ratio", "lower"][0] or 0) > 1
    assert warnings(wald)["odds ratio", "lower"][0] is None
    adjusted, words = warnings(wald)["logistic regression", "odds_ratio"]
    assert adjusted is None and "separation" in words and "b vs a: the likelihood grows" in words


def test_an_arm_without_subjects_is_said() -> None:
    found = warnings(of_counts(EVERYTHING, (3, 9), (0, 0)))

    assert set(found.values()) == {(None, "an arm has no subjects")}
    assert len(found) == 1 + 3 + 3 + 6  # the test has no statistic to name, nor has its df


def test_what_is_not_stated_is_not_run() -> None:
    rows = of_counts("test: not stated, difference: not stated, odds_ratio: not stated", (3, 9), (5, 9))

    assert not [row for row in rows if row.group == "b vs a"]


def test_exact_limits_of_large_groups_are_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from equipoise.errors import DataError
    from equipoise.stats.categorical import risk_difference

    def refuse(*_: Any, **__: Any) -> None:
        raise DataError("too many")

    monkeypatch.setattr(risk_difference, "exact_limits", refuse)
    found = warnings(of_counts("difference: score", (3, 9), (5, 9)))

    assert found["risk difference", "risk_difference"] == (pytest.approx(2 / 9), "")
    assert found["risk difference", "upper"] == (None, "exact limits of groups above 2000 are not computed")
