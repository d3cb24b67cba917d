"""Analyses that are not of arms hold those who were never randomized; shares and tables of counts; special interest."""

from __future__ import annotations

from typing import Any

import pytest

from equipoise.analysis.plan import analyze
from equipoise.analysis.results import Results
from equipoise.analysis.sample import sample
from equipoise.errors import DataError
from equipoise.log.facts import Randomized
from small_groups import FACTS, PLANS, datasets
from small_trial import PROTOCOL, about, adverse, event, item, randomized, seen, treated


@pytest.fixture(scope="module")
def rows() -> Results:
    return analyze(datasets(*FACTS))


def n(rows: Results, analysis: str, group: str, statistic: str = "n", **more: Any) -> float | None:
    return rows.value(
        analysis=analysis, group=group, statistic=statistic, **{"level": "", "at": None, **more}
    )


def test_levels_hold_everyone_and_the_unknown_are_counted(rows: Results) -> None:
    counts = {"method": "", "subset": "all"}

    assert n(rows, "by_site", "site=bm", **counts) == 3
    assert n(rows, "by_site", "site=bm", "events", **counts) == 3
    assert (n(rows, "by_site", "site=iem", **counts), n(rows, "by_site", "overall", **counts)) == (2, 6)
    assert n(rows, "by_site", "overall", "n_missing", **counts) == 1


def test_the_log_rank_test_is_across_levels(rows: Results) -> None:
    """By hand. bm: deaths on 50, 100, 200; iem: 300 and 400, censored. At risk 3 of 5, 2 of 4, 1 of 3."""
    expected, variance = 3 / 5 + 2 / 4 + 1 / 3, 6 / 25 + 4 / 16 + 2 / 9

    found = rows.value(analysis="by_site", group="overall", statistic="chi_square", method="log-rank")

    assert found == pytest.approx((3 - expected) ** 2 / variance)
    assert rows.value(analysis="by_site", group="site=bm", statistic="expected") == pytest.approx(expected)
    assert not len(rows.where(analysis="by_site", statistic="z"))


def test_one_group_is_one_curve_without_test_and_model(rows: Results) -> None:
    survival = rows.where(analysis="of_left", group="overall", statistic="survival", method="curve log-log")

    # S6 died on day 20, S4 on day 50, S5 was last seen on day 400.
    assert [(row.at, row.value) for row in survival] == [
        (20, pytest.approx(2 / 3)),
        (50, pytest.approx(1 / 3)),
        (400, pytest.approx(1 / 3)),
    ]
    assert not {"chi_square", "hazard_ratio"} & set(rows.where(analysis="of_left").frame["statistic"])


def test_the_flow_says_how_many_of_the_never_randomized_are_analyzed_and_excludes_no_arm_for_them(
    rows: Results,
) -> None:
    flow = rows.where(analysis="flow", variable="analyzed_not_randomized")

    assert {row.population: row.value for row in flow} == {"everyone": 3, "left_out": 3}
    for population in ("everyone", "left_out"):  # analyzed without regard to arms, or of nobody with an arm
        assert not len(rows.where(analysis="flow", variable="analyzed", population=population))
    assert rows.value(analysis="flow", variable="analyzed", population="itt", group="a", level="") == 2


def test_the_follow_up_of_a_population_is_shown_once() -> None:
    of_arms = PLANS.replace("  dfs:\n    endpoint", "  os_arms: {endpoint: osr, population: everyone, "
                            "comparisons: [{experimental: b, control: a}]}\n  dfs:\n    endpoint")  # fmt: skip
    for text, groups in ((PLANS, {"overall"}), (of_arms, {"a", "b", "overall"})):
        found = analyze(datasets(*FACTS, text=text)).where(analysis="follow_up", population="everyone")
        assert set(found.frame["group"]) == groups
        assert not found.frame.select("variable", "group", "method", "statistic").is_duplicated().any()


def test_baseline_tables_by_a_factor(rows: Results) -> None:
    assert n(rows, "of_sites", "site=iem", "mean", variable="age") == 8  # 9 and 7
    assert n(rows, "of_sites", "overall", "n", variable="subjects") == 6
    assert n(rows, "of_sites", "overall", "n_missing", variable="subjects") == 1
    assert n(rows, "narrow", "boy=true", "n", variable="site", level="bm") == 2
    assert set(rows.where(analysis="narrow", statistic="n").frame["group"]) == {"boy=true", "boy=false"}


def test_a_share_counts_the_unknown_as_not_meeting_it(rows: Results) -> None:
    """Arm a: 4 and 9 years; arm b: one age, and it is unknown."""
    assert [n(rows, "young", "a", one) for one in ("n", "denominator", "percent")] == [1, 2, 50]
    assert [n(rows, "young", "b", one) for one in ("n", "denominator", "n_unknown", "percent")] == [
        0,
        1,
        1,
        0,
    ]
    assert [n(rows, "marrow", "overall", one) for one in ("n", "denominator", "n_unknown")] == [1, 3, 1]


def test_a_table_counts_levels_by_arm_or_by_another_factor(rows: Results) -> None:
    def cells(name: str, group: str, subset: str = "all") -> list[float | None]:
        about = {"variable": "site", "subset": subset}
        levels = [n(rows, name, group, level=level, **about) for level in ("bm", "iem")]
        return [*levels, n(rows, name, group, "n_missing", **about)]

    assert (cells("site_by_arm", "a"), cells("site_by_arm", "b"), cells("site_by_arm", "overall")) == (
        [1, 1, 0],
        [1, 0, 0],
        [2, 1, 0],
    )
    assert not len(rows.where(analysis="site_by_boy")), "nobody has an MRD class, so there is no part"


def test_a_table_in_parts_has_one_for_each_level_that_somebody_has() -> None:
    found = analyze(datasets(*FACTS, item("S1", "mrd", 0.5), item("S6", "mrd", 0.6)))

    assert set(found.where(analysis="site_by_boy").frame["subset"]) == {"mrd_class=high"}
    about = {"variable": "site", "subset": "mrd_class=high"}
    assert n(found, "site_by_boy", "boy=true", level="bm", **about) == 1
    assert n(found, "site_by_boy", "boy=false", "n_missing", **about) == 1


def test_an_unknown_factor_is_a_message() -> None:
    with pytest.raises(DataError, match="by is 'center'; expected one of arm, "):
        sample(datasets(*FACTS), "osr", "everyone", "center")


def test_a_stratified_analysis_beyond_arms_takes_the_factor_on_record() -> None:
    """The stratum at randomization is unknown of whoever was not randomized."""
    text = PLANS.replace(
        "by: site, cox: {covariates: [boy]}", "by: boy, log_rank: {strata: [site]}, cox: null"
    )

    [row] = list(analyze(datasets(*FACTS, text=text)).where(analysis="by_site", statistic="chi_square"))

    assert row.warning == "1 without a value of site left out"


# -- sites as strata ---------------------------------------------------------------------------------


def test_the_site_can_be_a_stratum() -> None:
    """Two sites, one event of arm a in each: by hand, O = 2, E = 1/2 + 1/2, V = 1/4 + 1/4."""
    text = PROTOCOL.replace("strata: [site]}\n", "strata: [site_id]}\n").replace(
        "strata: [site]", "strata: [site_id]"
    )

    def at(name: str, arm: str, site: str) -> Randomized:
        return Randomized(**about(name, 0, randomization="main", arm=arm, stratum={"site_id": site}))

    facts = [at("S1", "a", "DE-1"), at("S2", "b", "DE-1"), at("S3", "a", "FR-1"), at("S4", "b", "FR-1"),
             event("S1", "relapse", 10), event("S3", "relapse", 20), seen("S2", 50), seen("S4", 50)]  # fmt: skip
    data = datasets(*facts, text=text)
    found = analyze(data).where(analysis="dfs", method="stratified log-rank by site_id", group="b vs a")

    assert data.subjects["stratum_site_id"].to_list() == ["DE-1", "DE-1", "FR-1", "FR-1"]
    assert found.value(statistic="z") == pytest.approx(1 / 0.5**0.5)


# -- special interest in some arms -------------------------------------------------------------------


def test_a_kind_of_special_interest_has_no_number_where_it_is_not_monitored() -> None:
    special = "3\": Severe}, special_interest: {fever: {label: Fever, where: term = 'Fever', arms: [b]}}}"
    facts = [
        *(fact for name, arm in (("S1", "a"), ("S2", "b")) for fact in (randomized(name, arm), treated(name, arm))),
        adverse("S1", "Fever", 3, 5), adverse("S2", "Fever", 1, 5),
    ]  # fmt: skip
    found = analyze(datasets(*facts, text=PROTOCOL.replace('3": Severe}}', special))).where(
        variable="special_interest", statistic="n_any_grade"
    )

    assert [(row.group, row.value) for row in found] == [("b", 1)]
