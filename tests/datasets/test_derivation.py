"""Small literal logs → literal rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from equipoise.datasets.derivation import derive
from equipoise.datasets.frames import Datasets
from equipoise.errors import RejectedData
from equipoise.log.log import Cutoff, Log
from small_trial import (
    DAY_0,
    adverse,
    ended,
    event,
    item,
    protocol,
    randomized,
    registered,
    seen,
    treated,
    unavailable,
)  # fmt: skip


def datasets(*facts: Any, until: int = 1000) -> Datasets:
    return derive(protocol(), Log(facts).as_of(Cutoff(DAY_0 + timedelta(until))))


def times(data: Datasets, endpoint: str) -> list[tuple[Any, ...]]:
    rows = data.time_to_event.filter(pl.col("endpoint") == endpoint)
    return rows.select("subject_id", "time", "event", "cause", "censor_reason", "source").rows()


def test_the_first_event_counts_and_its_fact_is_the_source() -> None:
    data = datasets(randomized("S1", "a"), event("S1", "relapse", 30), event("S1", "death", 90))

    assert times(data, "dfs") == [("S1", 30, True, "relapse", None, [2])]
    assert times(data, "os") == [("S1", 90, True, "death", None, [3])]


def test_on_one_day_the_order_of_the_protocol_decides() -> None:
    data = datasets(randomized("S1", "a"), event("S1", "death", 30), event("S1", "relapse", 30))

    assert times(data, "dfs") == [("S1", 30, True, "relapse", None, [3])]
    assert times(data, "relapse") == [("S1", 30, True, "relapse", None, [3])]


def test_a_competing_event_ends_observation_without_an_event() -> None:
    data = datasets(randomized("S1", "a"), event("S1", "death", 30))

    assert times(data, "relapse") == [("S1", 30, False, "death", None, [2])]


def test_an_event_at_time_zero_is_kept() -> None:
    data = datasets(randomized("S1", "a", 5), event("S1", "relapse", 5))

    assert times(data, "dfs") == [("S1", 0, True, "relapse", None, [2])]


def test_without_follow_up_a_subject_is_censored_at_the_origin() -> None:
    assert times(datasets(randomized("S1", "a")), "dfs") == [("S1", 0, False, None, "in follow-up", [1])]


def test_censoring_at_the_last_evidence_of_life() -> None:
    data = datasets(
        randomized("S1", "a"), seen("S1", 40), event("S1", "relapse", 60), ended("S1", "follow_up", 99)
    )

    assert times(data, "os") == [("S1", 60, False, None, "in follow-up", [3])]


def test_nobody_is_followed_past_the_end_of_follow_up() -> None:
    data = datasets(
        randomized("S1", "a"), seen("S1", 40), ended("S1", "follow_up", 50, "withdrew"), seen("S1", 70)
    )

    assert times(data, "os") == [("S1", 50, False, None, "withdrew", [3])]


def test_what_happens_after_the_cutoff_is_not_known() -> None:
    facts = (randomized("S1", "a"), seen("S1", 40), event("S1", "death", 41))

    assert times(datasets(*facts, until=40), "os") == [("S1", 40, False, None, "in follow-up", [2])]
    assert times(datasets(*facts, until=41), "os") == [("S1", 41, True, "death", None, [3])]


def test_subjects_without_the_origin_have_no_row() -> None:
    assert times(datasets(registered("S1"), seen("S1", 40)), "dfs") == []


def test_an_event_before_the_origin_is_refused_with_subject_and_dates() -> None:
    with pytest.raises(RejectedData) as failure:
        datasets(
            randomized("S1", "a", 10),
            event("S1", "relapse", 9),
            randomized("S2", "a", 3),
            event("S2", "relapse", 1),
        )

    assert [problem.path for problem in failure.value.problems][:2] == [
        "subject S1, end point dfs",
        "subject S2, end point dfs",
    ]
    assert failure.value.problems[0].found == "relapse on 2020-01-10, before randomization on 2020-01-11"


def test_baseline_is_the_last_value_before_treatment() -> None:
    data = datasets(
        randomized("S1", "a", 2),
        item("S1", "age", 8, 0),
        item("S1", "age", 9, 1),
        treated("S1", "a", 3),
        item("S1", "age", 10, 4),
    )

    assert data.subjects["age"].to_list() == [9]


def test_a_value_outweighs_a_reason_and_a_reason_is_kept_without_one() -> None:
    data = datasets(
        randomized("S1", "a"), item("S1", "mrd", 0.2), unavailable("S1", "mrd", "not done"),
        randomized("S2", "b"), unavailable("S2", "mrd", "indeterminate"),
    )  # fmt: skip

    assert data.subjects.select("mrd", "mrd_unavailable").rows() == [(0.2, None), (None, "indeterminate")]


def test_unknown_lets_nobody_into_a_population_or_class() -> None:
    data = datasets(
        randomized("S1", "a"), item("S1", "mrd", 0.05), randomized("S2", "a"), unavailable("S2", "mrd", "not done"),
        randomized("S3", "b"), item("S3", "mrd", 0.5),
    )  # fmt: skip

    assert data.subjects["population_measured"].to_list() == [True, False, False]
    assert data.subjects["mrd_class"].to_list() == ["low", None, "high"]


def test_a_subject_row_holds_arms_strata_stages_and_sources() -> None:
    data = datasets(
        registered("S1"), randomized("S1", "a", 1, site="iem"), treated("S1", "b", 2),
        ended("S1", "treatment", 9, "toxicity"), event("S1", "death", 20),
    )  # fmt: skip

    row = data.subjects.row(0, named=True)

    assert (row["arm"], row["actual_arm"], row["stratum_site"]) == ("a", "b", "iem")
    assert (row["treatment_ended"], row["follow_up_ended"]) == ("toxicity", None)
    assert row["died_on"] == row["last_known_alive"] == DAY_0 + timedelta(20)
    assert row["source"] == [1, 2, 3, 4, 5]


def test_adverse_events_before_treatment_are_not_emergent() -> None:
    data = datasets(
        randomized("S1", "a"), treated("S1", "a", 5), adverse("S1", "Anemia", 3, 4), adverse("S1", "Fever", None, 5),
        randomized("S2", "b"), adverse("S2", "Anemia", 1, 9),
    )  # fmt: skip

    rows = data.adverse_events.select("subject_id", "term", "grade", "emergent", "source").rows()

    assert rows == [
        ("S1", "Anemia", 3, False, [3]),
        ("S1", "Fever", None, True, [4]),
        ("S2", "Anemia", 1, None, [6]),
    ]


def test_an_empty_log_gives_empty_datasets_with_all_columns() -> None:
    data = datasets()

    assert (data.subjects.height, data.time_to_event.height, data.adverse_events.height) == (0, 0, 0)
    assert {"randomized", "mrd_class", "population_itt"} <= set(data.subjects.columns)


def test_a_repr_shows_no_patient() -> None:
    assert "ZEBRAFINCH" not in repr(datasets(randomized("ZEBRAFINCH", "a")))
