"""Cumulative incidence, Gray's test, backward selection and diagnostics equal R's (tests/reference/planned.R)."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.analysis.plan import analyze
from planned_trial import results
from small_groups import datasets
from small_trial import PROTOCOL, event, item, randomized, registered, seen

REFERENCE = Path(__file__).parents[1] / "reference" / "planned.csv"
RELATIVE = 1e-8  # R converged to 1e-14 and prints 17 digits; both programs sum in double precision


def expected() -> list[dict[str, str]]:
    with REFERENCE.open() as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def ours(row: dict[str, str]) -> float | None:
    """The one result row that a reference row is about."""
    at = pl.col("at") == float(row["at"]) if row["at"] else pl.col("at").is_null()
    found = results().frame.filter(
        (pl.col("analysis") == row["analysis"])
        & (pl.col("group") == row["group"])
        & (pl.col("level") == row["level"])
        & (pl.col("subset") == "all")
        & (pl.col("statistic") == row["statistic"])
        & pl.col("method").str.starts_with(row["method"])
        & at
    )
    assert found.height == 1, f"{found.height} rows for {row}"
    value: float | None = found["value"][0]
    return value


def test_every_statistic_equals_r() -> None:
    rows = expected()

    assert len(rows) > 200
    for row in rows:
        assert ours(row) == pytest.approx(float(row["value"]), rel=RELATIVE), row


def rows_of(analysis: str, method: str) -> pl.DataFrame:
    frame = results().frame
    return frame.filter((pl.col("analysis") == analysis) & pl.col("method").str.starts_with(method))


def test_incidences_and_the_share_without_any_event_sum_to_one() -> None:
    """At a time before anyone was censored each incidence is a plain share."""
    table = rows_of("by_arm", "cumulative incidence risk table")
    at_0 = {row["statistic"]: row["value"] for row in table.filter((pl.col("at") == 0) & (pl.col("group") == "observation")).to_dicts()}  # fmt: skip
    last = rows_of("by_arm", "curve").filter((pl.col("group") == "levamisole") & (pl.col("at") < 500))
    incidence = last.filter(pl.col("statistic") == "cumulative_incidence")
    counts = last.filter(pl.col("statistic") == "n_events")
    n = 310

    assert at_0 == {
        "at_risk": 315,
        "cumulative_events": 0,
        "cumulative_competing": 0,
        "cumulative_censored": 0,
    }
    for level in ("", "death"):
        share = counts.filter(pl.col("level") == level)["value"].sum() / n
        assert incidence.filter(pl.col("level") == level)["value"][-1] == pytest.approx(share, rel=1e-12)


def test_the_numbers_below_a_curve_add_up_to_everyone() -> None:
    table = rows_of("by_arm", "cumulative incidence risk table").filter(pl.col("at") == 4 * 365.25)
    for group, n in (("observation", 315), ("levamisole", 310), ("levamisole_fluorouracil", 304)):
        found = table.filter(pl.col("group") == group)

        assert found["value"].sum() == n  # no subject's time is exactly 1461 days
        assert found.height == 4


def test_no_kaplan_meier_row_stands_beside_an_incidence_unless_it_was_asked_for() -> None:
    def curves(analysis: str) -> set[str]:
        frame = results().frame.filter((pl.col("analysis") == analysis) & (pl.col("statistic") == "survival"))
        return {method.split(" ")[0] for method in frame["method"]}

    assert curves("by_arm") == set()
    assert curves("by_level") == {"curve", "log-log"}


def test_whoever_lacks_a_candidate_is_in_no_step_and_is_counted() -> None:
    warnings = set(rows_of("selected", "Cox")["warning"])

    assert warnings == {"41 without a value of differentiation or nodes left out"}
    assert set(rows_of("selected", "Cox")["method"]) == {
        "Cox, Breslow ties, adjusted for age, differentiation, nodes, obstruction, backward selection with P 0.15 to stay"
    }


def test_a_subgroup_uses_the_covariates_that_stay_among_everyone() -> None:
    frame = results().frame.filter(
        (pl.col("analysis") == "selected_by_arm") & (pl.col("subset") == "sex=male")
    )
    methods = set(frame.filter(pl.col("statistic") == "hazard_ratio")["method"])

    assert methods == {
        "Cox, Efron ties, stratified by serosa, adjusted for nodes, backward selection with P 0.05 to stay"
    }


def test_a_log_log_plot_needs_groups() -> None:
    assert rows_of("selected", "points log-log").height == 0
    assert set(rows_of("selected_by_arm", "points log-log")["group"]) == {
        "observation", "levamisole", "levamisole_fluorouracil"}  # fmt: skip


SMALL = """analyses:
  relapses: {endpoint: relapse, population: itt, comparisons: [{experimental: b, control: a}], figure: {until: 2, every: 1},
    cumulative_incidence: {times: [0.5, 5], test: gray}, log_rank: null,
    cox: {covariates: [age, boy], selection: {stay: 0.05}}, diagnostics: [log-log plot, scaled Schoenfeld residuals]}
"""


def small(*facts: list[Any], plans: str = SMALL) -> pl.DataFrame:
    text = PROTOCOL.replace("analyses:\n", plans)
    frame = analyze(datasets(*[one for subject in facts for one in subject], text=text)).frame
    return frame.filter(pl.col("analysis") == "relapses")


def someone(
    name: str, arm: str, relapsed: int | None, died: int | None, last: int, age: int = 5
) -> list[Any]:
    facts = [registered(name), randomized(name, arm), item(name, "age", age), item(name, "boy", age % 2 == 0)]
    facts += [event(name, "relapse", relapsed)] if relapsed is not None else []
    facts += [event(name, "death", died)] if died is not None else []
    return [*facts, seen(name, last)]


def of(frame: pl.DataFrame, **conditions: Any) -> list[float | None]:
    for name, value in conditions.items():
        if name == "method":
            frame = frame.filter(pl.col(name).str.starts_with(value))
        else:
            frame = frame.filter(pl.col(name) == value)
    return frame["value"].to_list()


A_DIES, A_RELAPSES = someone("S1", "a", None, 50, 50, 4), someone("S2", "a", 60, 90, 90, 7)
A_LIVES, B_LIVES = someone("S3", "a", None, None, 400, 6), someone("S4", "b", None, None, 500, 9)


def test_small_incidences_by_hand() -> None:
    """Arm a, three subjects: death at 50 days, relapse at 60, censored at 400; arm b: censored at 500."""
    found = small(A_DIES, A_RELAPSES, A_LIVES, B_LIVES)
    incidence = {"statistic": "cumulative_incidence", "group": "a", "at": 182.625, "method": "cumulative"}

    assert of(found, **incidence, level="") == [pytest.approx(1 / 3)]
    assert of(found, **incidence, level="death") == [pytest.approx(1 / 3)]
    assert of(found, **{**incidence, "group": "b"}, level="") == [0.0]
    assert of(found, **{**incidence, "group": "b", "statistic": "upper"}, level="") == [None]
    late = found.filter((pl.col("at") == 5 * 365.25) & (pl.col("statistic") == "cumulative_incidence"))
    assert late["value"].null_count() == 4 and set(late["warning"]) == {"beyond the last follow-up"}
    at_1 = found.filter((pl.col("at") == 365.25) & (pl.col("method") == "cumulative incidence risk table") & (pl.col("group") == "a"))  # fmt: skip
    assert dict(zip(at_1["statistic"], at_1["value"], strict=True)) == {
        "cumulative_events": 1, "cumulative_competing": 1, "cumulative_censored": 0, "at_risk": 1}  # fmt: skip


def test_what_cannot_be_computed_has_no_value_and_says_why() -> None:
    nobody_in_b = small(A_DIES, A_RELAPSES, A_LIVES)
    no_event = small(A_LIVES, B_LIVES)

    assert of(nobody_in_b, method="Gray", statistic="p_value_two_sided") == [None]
    assert set(nobody_in_b.filter(pl.col("method") == "Gray's test")["warning"]) == {"an arm has no subjects"}
    assert of(no_event, method="Gray", statistic="p_value_two_sided") == [None]
    assert of(no_event, statistic="p_value_to_stay") == []
    assert "no selection without an event" in no_event.filter(pl.col("level") == "step 0")["warning"][0]
    tested = no_event.filter(pl.col("method").str.starts_with("proportional hazards"))
    assert tested["value"].null_count() == tested.height > 0 and "" not in set(tested["warning"])


def test_a_death_after_relapse_competes_with_nothing_and_shuffled_facts_change_nothing() -> None:
    facts = [A_DIES, A_RELAPSES, A_LIVES, B_LIVES]
    found, shuffled = small(*facts), small(*reversed(facts))

    assert of(found, statistic="competing_events", group="a", level="death") == [1]
    assert found.sort(found.columns).equals(shuffled.sort(found.columns))


def test_swapped_arms_turn_gray_around() -> None:
    def tested(a: str, b: str) -> pl.DataFrame:
        subjects = [someone("S1", a, None, 50, 50), someone("S2", a, 60, None, 60), someone("S3", a, None, None, 400),
                    someone("S4", b, None, None, 500), someone("S5", b, 300, None, 300)]  # fmt: skip
        return small(*subjects).filter(pl.col("method") == "Gray's test")

    one, other = tested("a", "b"), tested("b", "a")
    z, turned = of(one, statistic="z")[0], of(other, statistic="z")[0]

    assert z is not None and turned is not None and abs(z) > 0.1
    assert z == pytest.approx(-turned)
    assert of(one, statistic="chi_square")[0] == pytest.approx(of(other, statistic="chi_square")[0])


def test_exact_ties_have_no_test_of_proportional_hazards() -> None:
    plans = SMALL.replace("cox: {", "cox: {ties: exact-partial, ")
    found = small(A_DIES, A_RELAPSES, A_LIVES, B_LIVES, someone("S5", "b", 300, None, 300, 8), plans=plans)
    tested = found.filter(pl.col("method").str.starts_with("proportional hazards"))

    assert tested.height > 0 and tested["value"].null_count() == tested.height
    assert set(tested["warning"]) == {"no test of proportional hazards with exact ties"}


def test_methods_name_their_variant() -> None:
    frame = results().frame
    late = set(frame.filter((pl.col("analysis") == "late") & (pl.col("statistic") == "chi_square"))["method"])
    exact = set(
        frame.filter((pl.col("analysis") == "exact") & (pl.col("statistic") == "hazard_ratio"))["method"]
    )

    assert late == {"weighted log-rank (Fleming-Harrington rho 1 gamma 0)"}
    assert exact == {"Cox, exact partial likelihood, profile likelihood limits"}
