"""Result rows of a small trial, against counts made by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from equipoise.analysis.plan import analyze
from equipoise.analysis.results import SCHEMA, Result, Results
from equipoise.analysis.sample import sample
from equipoise.datasets.derivation import derive
from equipoise.datasets.frames import Datasets
from equipoise.errors import DataError
from equipoise.log.log import Cutoff, Log
from equipoise.protocol.load import parse_protocol
from small_trial import (
    DAY_0,
    PROTOCOL,
    adverse,
    ended,
    event,
    item,
    protocol,
    randomized,
    registered,
    seen,
    treated,
)  # fmt: skip

# Ten subjects, five an arm; S10 was screened only. Arm a: 4 events; arm b: 2.
FACTS: tuple[Any, ...] = (
    registered("S10"), ended("S10", "screening", 3, "choice"),
    *(fact for n, (arm, site, age, mrd) in enumerate([
        ("a", "bm", 4, 0.5), ("a", "bm", 6, 0.05), ("a", "iem", 8, 0.2), ("a", "iem", 10, None), ("a", "bm", 12, 0.02),
        ("b", "bm", 5, 0.3), ("b", "bm", 7, 0.01), ("b", "iem", 9, 0.1), ("b", "iem", 11, 0.04),
    ], start=1) for fact in (
        registered(f"S{n}"), randomized(f"S{n}", arm, 0, site), item(f"S{n}", "age", age), item(f"S{n}", "boy", n % 2 == 0), item(f"S{n}", "site", site),
        *([item(f"S{n}", "mrd", mrd)] if mrd is not None else []), treated(f"S{n}", arm, 1),
    )),
    event("S1", "relapse", 100), event("S1", "death", 200), event("S2", "relapse", 150), event("S3", "death", 300),
    event("S4", "relapse", 400), seen("S2", 500), seen("S4", 600), seen("S5", 700), ended("S5", "treatment", 60, "toxicity"),
    event("S6", "relapse", 250), seen("S6", 800), event("S7", "death", 500), seen("S8", 600), seen("S9", 900),
    adverse("S1", "Anemia", 1, 10), adverse("S1", "Anemia", 3, 20), adverse("S1", "Fever", 2, 30),
    adverse("S6", "Anemia", 4, 12), adverse("S7", "Sepsis", None, 15, "Infections"), adverse("S2", "Fever", 3, 0),
)  # fmt: skip


def datasets(*facts: Any) -> Datasets:
    return derive(protocol(), Log(facts).as_of(Cutoff(DAY_0 + timedelta(1000))))


@pytest.fixture(scope="module")
def rows() -> Results:
    return analyze(datasets(*FACTS))


def test_flow_counts_every_box_with_its_reasons(rows: Results) -> None:
    def n(box: str, group: str = "overall", level: str = "", population: str = "") -> float | None:
        return rows.value(analysis="flow", variable=box, group=group, level=level, population=population)

    assert (n("registered"), n("not_randomized"), n("not_randomized", level="choice")) == (10, 1, 1)
    assert (n("randomized"), n("allocated", "a"), n("allocated", "b")) == (9, 5, 4)
    assert (
        n("treated", "a"),
        n("treatment_discontinued", "a"),
        n("treatment_discontinued", "a", "toxicity"),
    ) == (5, 1, 1)
    assert (n("died", "a"), n("in_follow_up", "a"), n("died", "b")) == (2, 3, 1)
    assert (n("analyzed", "a", population="measured"), n("analyzed", "a", "excluded", "measured")) == (2, 3)


def test_boxes_add_up(rows: Results) -> None:
    frame = rows.frame.filter((pl.col("analysis") == "flow") & (pl.col("variable") != "analyzed"))
    for (box, group), part in frame.group_by("variable", "group"):
        reasons = part.filter(pl.col("level") != "")["value"].sum()
        total = part.filter(pl.col("level") == "")["value"].item()
        assert reasons in (0, total), (box, group)


def test_baseline_states_denominators_and_the_unknown(rows: Results) -> None:
    def value(statistic: str, variable: str, group: str, level: str = "") -> float | None:
        return rows.value(
            analysis="baseline", variable=variable, statistic=statistic, group=group, level=level
        )

    assert (value("mean", "age", "a"), value("n_missing", "age", "a")) == (8, 0)
    assert value("sd", "age", "a") == pytest.approx(10**0.5)  # ages 4, 6, 8, 10, 12
    assert (value("n", "boy", "b", "true"), value("denominator", "boy", "b", "true")) == (2, 4)
    # mrd_class is of all: the unknown one of arm a stays in the denominator.
    assert (value("n", "mrd_class", "a", "low"), value("denominator", "mrd_class", "a", "low")) == (2, 5)
    assert (value("percent", "mrd_class", "a", "low"), value("n_missing", "mrd_class", "a")) == (40, 1)


def test_events_by_component_sum_to_the_events(rows: Results) -> None:
    def n(statistic: str, group: str, level: str = "") -> float | None:
        return rows.value(
            analysis="dfs", subset="all", statistic=statistic, group=group, level=level, at=None, method=""
        )

    assert (n("n", "a"), n("events", "a"), n("censored", "a")) == (5, 4, 1)
    assert (n("first_events", "a", "relapse"), n("first_events", "a", "death")) == (3, 1)
    assert n("events", "overall") == 6


def test_log_rank_is_one_sided_and_stratified_as_planned(rows: Results) -> None:
    found = {
        row.statistic: row.value
        for row in rows.where(analysis="dfs", group="b vs a", method="stratified log-rank by site")
    }

    # By hand, strata bm (a: S1 S2 S5, b: S6 S7) and iem (a: S3 S4, b: S8 S9), events of a at their days:
    # bm: 100 (3 of 5), 150 (2/4), 250 (1/3), 500 (1/2) → E_a = .6+.5+1/3+.5, O_a = 2; V = .24+.25+2/9+.25
    # iem: 300 (2/4), 400 (1/3) → E_a = .5+1/3, O_a = 2; V = .25+2/9
    excess = (2 - (0.6 + 0.5 + 1 / 3 + 0.5)) + (2 - (0.5 + 1 / 3))
    variance = 0.24 + 0.25 + 2 / 9 + 0.25 + 0.25 + 2 / 9
    assert found["z"] == pytest.approx(excess / variance**0.5)
    assert found["chi_square"] == pytest.approx(excess**2 / variance)
    assert "p_value_two_sided" not in found
    assert 0 < (found["p_value_one_sided"] or 0) < 0.5


def test_adverse_events_count_subjects_at_worst_grade(rows: Results) -> None:
    def n(statistic: str, group: str, variable: str, level: str = "") -> float | None:
        return rows.value(
            analysis="adverse_events", statistic=statistic, group=group, variable=variable, level=level
        )

    assert (n("n_any_grade", "a", "any"), n("n_events", "a", "any")) == (
        1,
        3,
    )  # S2's fever was before treatment
    assert (n("n_grade_3", "a", "Blood", "Anemia"), n("n_grade_1", "a", "Blood", "Anemia")) == (1, 0)
    assert (n("n_severe", "b", "any"), n("percent_severe", "b", "any")) == (1, 25)
    assert n("n_not_graded", "b", "Infections", "Sepsis") == 1


def test_follow_up_of_the_living(rows: Results) -> None:
    def value(statistic: str, method: str) -> float | None:
        return rows.value(analysis="follow_up", variable="dfs", group="a", statistic=statistic, method=method)

    assert (
        value("n", "observed among those without the event"),
        value("max", "observed among those without the event"),
    ) == (1, 700)


def test_a_subgroup_without_events_in_one_arm_says_so_and_stops_nothing(rows: Results) -> None:
    found = rows.where(analysis="dfs", subset="site=iem", statistic="hazard_ratio", group="b vs a")

    [row] = list(found)
    assert row.value is None or row.value < 1e-6 or row.warning
    assert row.warning


def test_a_level_that_nobody_has_is_no_subgroup() -> None:
    facts = [
        randomized("S1", "a"),
        item("S1", "site", "bm"),
        event("S1", "death", 5),
        randomized("S2", "b"),
        item("S2", "site", "bm"),
        seen("S2", 9),
    ]
    subsets = set(analyze(datasets(*facts)).frame["subset"])

    assert "site=bm" in subsets
    assert "site=iem" not in subsets


def test_subjects_without_a_factor_are_counted_in_the_warning(rows: Results) -> None:
    [row] = list(rows.where(analysis="dfs", level="mrd_class", statistic="interaction_p_value"))

    assert row.warning.startswith("1 without a value of mrd_class left out")


def test_nobody_in_one_arm_and_nobody_with_an_event() -> None:
    only_a = datasets(randomized("S1", "a"), seen("S1", 9), randomized("S2", "a"), event("S2", "death", 5))
    rows = analyze(only_a)

    [ratio] = list(rows.where(analysis="dfs", subset="all", statistic="hazard_ratio"))
    assert (ratio.value, ratio.warning) == (None, "an arm has no subjects")
    assert rows.value(analysis="dfs", statistic="events", group="a", subset="all") == 1

    no_events = datasets(randomized("S1", "a"), seen("S1", 9), randomized("S2", "b"), seen("S2", 5))
    [ratio] = list(analyze(no_events).where(analysis="dfs", subset="all", statistic="hazard_ratio"))
    assert ratio.value is None
    assert ratio.warning


def test_a_trial_in_which_nobody_is_randomized_yet_has_counts_and_no_estimates() -> None:
    rows = analyze(datasets(registered("S1")))

    assert rows.value(analysis="flow", variable="randomized") == 0
    assert rows.value(analysis="dfs", statistic="n", group="overall") == 0
    assert len(rows.where(analysis="dfs", statistic="hazard_ratio")) == 0


def test_unknown_names_are_messages() -> None:
    with pytest.raises(DataError, match="end point is 'efs'; expected one of dfs, os, relapse"):
        sample(datasets(*FACTS), "efs", "itt")


def test_swapping_the_arms_flips_every_effect_and_nothing_else() -> None:
    """G40: arms are names; relabeling them turns z, log hazard ratios and intervals around."""
    swapped_protocol = parse_protocol(
        PROTOCOL.replace("a: {label: Arm A, role: control}", "a: {label: Arm A, role: experimental}")
        .replace("b: {label: Arm B, role: experimental}", "b: {label: Arm B, role: control}")
        .replace("experimental: b, control: a", "experimental: a, control: b")
    )
    snapshot = Log(FACTS).as_of(Cutoff(DAY_0 + timedelta(1000)))
    plain, swapped = (analyze(derive(p, snapshot)) for p in (protocol(), swapped_protocol))

    for method in ("stratified log-rank by site", "Cox, Efron ties, stratified by site"):
        one = {
            r.statistic: r.value or 0
            for r in plain.where(analysis="dfs", subset="all", group="b vs a", method=method)
        }
        other = {
            r.statistic: r.value or 0
            for r in swapped.where(analysis="dfs", subset="all", group="a vs b", method=method)
        }
        assert one.keys() == other.keys()
        for name in one.keys() & {"z", "log_hazard_ratio"}:
            assert one[name] == pytest.approx(-other[name], rel=1e-9)
        for name in one.keys() & {"chi_square", "std_err", "p_value_two_sided"}:
            assert one[name] == pytest.approx(other[name], rel=1e-9)
        if "hazard_ratio" in one:
            assert one["lower"] == pytest.approx(1 / other["upper"], rel=1e-9)


def test_the_order_of_subjects_changes_nothing() -> None:
    by_subject: dict[str, list[Any]] = {}
    for fact in FACTS:
        by_subject.setdefault(fact.subject_id, []).append(fact)
    shuffled = [fact for subject in sorted(by_subject, reverse=True) for fact in by_subject[subject]]

    one, other = (analyze(datasets(*facts)).frame for facts in (FACTS, shuffled))

    keys = [name for name in SCHEMA if name not in ("value", "warning")]
    joined = one.join(other, on=keys, how="full", nulls_equal=True, suffix="_other")
    assert joined.height == one.height == other.height
    assert ((joined["value"] - joined["value_other"]).abs().fill_null(0) < 1e-9).all()


def test_a_number_that_is_not_finite_becomes_no_value_and_a_warning() -> None:
    row = Result(analysis="x", population="itt", statistic="median", value=float("nan"))

    assert (row.value, row.warning) == (None, "not estimable")
