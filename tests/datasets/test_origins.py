"""End points that start on the way through a trial: at an event, or at a date on record (decisions/0018)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from equipoise.datasets.derivation import derive
from equipoise.errors import RejectedData
from equipoise.log.log import Cutoff, Log
from equipoise.protocol.load import parse_protocol
from small_trial import DAY_0, PROTOCOL, ended, event, item, randomized, seen

LATER = (
    PROTOCOL.replace(
        "endpoints:\n",
        """endpoints:
  after_relapse: {label: Survival after relapse, role: exploratory, origin: relapse, events: [death]}
  after_transplant: {label: Disease-free survival after transplant, role: secondary, origin: transplanted_on,
    events: [relapse, death]}
  days_after_transplant: {label: Days after transplant, role: exploratory, origin: transplanted_on, events: [death],
    count_days: inclusive}
""",
    )
    .replace(
        "items:\n",
        """visits:
  end_of_block: {label: End of block}
items:
  transplanted_on: {label: Date of transplant, type: date, collected: ongoing}
  block_ended_on: {label: End of block, type: date, collected: end_of_block}
""",
        1,
    )
    .replace("events:\n", "events:\n  failure: {label: Failure, visit: end_of_block}\n", 1)
    .replace(
        "endpoints:\n",
        """endpoints:
  after_block: {label: Event-free survival after the block, role: exploratory, origin: block_ended_on,
    events: [failure, relapse, death]}
""",
        1,
    )
)


def times(*facts: Any, endpoint: str, until: int = 1000) -> list[tuple[Any, ...]]:
    data = derive(parse_protocol(LATER), Log(facts).as_of(Cutoff(DAY_0 + timedelta(until))))
    rows = data.time_to_event.filter(endpoint=endpoint)
    return rows.select("subject_id", "origin_on", "time", "event", "cause", "censor_reason").rows()


def transplanted(subject: str, day: int, recorded: int | None = None) -> Any:
    return item(subject, "transplanted_on", DAY_0 + timedelta(day), day if recorded is None else recorded)


def on(day: int) -> Any:
    return DAY_0 + timedelta(day)


def test_time_runs_from_the_first_event_of_the_kind() -> None:
    facts = (
        randomized("S1", "a"), event("S1", "relapse", 50), event("S1", "relapse", 80), event("S1", "death", 90),
        randomized("S2", "a"), event("S2", "relapse", 20), seen("S2", 60), randomized("S3", "b"), seen("S3", 500),
    )  # fmt: skip

    assert times(*facts, endpoint="after_relapse") == [
        ("S1", on(50), 40, True, "death", None),
        ("S2", on(20), 40, False, None, "in follow-up"),
    ]


def test_an_event_before_a_date_on_record_does_not_count_and_rejects_nothing() -> None:
    facts = (
        randomized("S1", "a"),
        event("S1", "relapse", 30),
        transplanted("S1", 100),
        event("S1", "death", 250),
    )

    assert times(*facts, endpoint="after_transplant") == [("S1", on(100), 150, True, "death", None)]


def test_an_event_on_the_day_of_the_origin_is_kept_at_time_0() -> None:
    facts = (randomized("S1", "a"), transplanted("S1", 100), event("S1", "relapse", 100), seen("S1", 300))

    assert times(*facts, endpoint="after_transplant") == [("S1", on(100), 0, True, "relapse", None)]


@pytest.mark.parametrize("endpoint", ["after_transplant", "days_after_transplant"])
def test_a_death_before_the_date_on_record_contradicts_it(endpoint: str) -> None:
    """One day before, also where both days are counted and the time would be 0."""
    facts = (randomized("S1", "a"), transplanted("S1", 100, recorded=0), event("S1", "death", 99))

    with pytest.raises(RejectedData) as failure:
        times(*facts, endpoint=endpoint)

    found = {problem.path: problem.found for problem in failure.value.problems}
    assert found[f"subject S1, end point {endpoint}"] == (
        f"death on {on(99)}, before transplanted_on on {on(100)}"
    )


def test_who_reached_the_origin_was_alive_on_it() -> None:
    """The date was recorded on day 0, and nothing later is on record; S2 left before and was transplanted after."""
    facts = (
        randomized("S1", "a"), transplanted("S1", 100, recorded=0),
        randomized("S2", "a"), transplanted("S2", 100, recorded=0), ended("S2", "follow_up", 60, "withdrew"),
    )  # fmt: skip

    assert times(*facts, endpoint="after_transplant") == [
        ("S1", on(100), 0, False, None, "in follow-up"),
        ("S2", on(100), 0, False, None, "withdrew"),
    ]


def test_a_date_after_the_cutoff_has_not_been_reached() -> None:
    facts = (randomized("S1", "a"), transplanted("S1", 100, recorded=0), seen("S1", 90))

    assert times(*facts, endpoint="after_transplant", until=99) == []
    assert times(*facts, endpoint="after_transplant", until=100) == [
        ("S1", on(100), 0, False, None, "in follow-up")
    ]


def test_before_an_entry_to_the_trial_an_event_is_still_refused() -> None:
    with pytest.raises(RejectedData, match="before the origin"):
        times(randomized("S1", "a", 10), event("S1", "relapse", 9), endpoint="after_relapse")


def test_what_the_visit_of_the_origin_establishes_happens_at_time_0_whatever_its_day() -> None:
    """The marrow of day 29 shows the failure, and the block ended on day 30: no survivor."""
    facts = (
        randomized("S1", "a"), event("S1", "failure", 29), item("S1", "block_ended_on", on(30), 30), seen("S1", 400),
        randomized("S2", "a"), event("S2", "relapse", 29), item("S2", "block_ended_on", on(30), 30), seen("S2", 400),
    )  # fmt: skip

    assert times(*facts, endpoint="after_block") == [
        ("S1", on(30), 0, True, "failure", None),
        ("S2", on(30), 370, False, None, "in follow-up"),
    ]
