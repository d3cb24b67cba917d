"""The log and its snapshots: what is known as of a cutoff, and what can never be changed."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError, LogError
from equipoise.log.facts import Correction, FollowedUp, ItemRecorded
from equipoise.log.log import Cutoff, Log
from log.drawn import correction, cutoffs, day, entries, facts, logs, minute, relapse


def in_force(log, on=6, recorded_by=None):
    """The days of the facts in a snapshot, by position."""
    known = log.as_of(Cutoff(day(on), None if recorded_by is None else minute(recorded_by)))
    return {position: (fact.occurred_on - day(0)).days for position, fact in known.facts.items()}


# -- what a cutoff shows --------------------------------------------------------------------------------


@given(entries(), st.lists(facts, max_size=4), cutoffs)
def test_what_happens_after_the_cutoff_cannot_change_the_past(before, more, cutoff):
    later = [replace(fact, recorded_at=minute(9)) for fact in more if fact.occurred_on > cutoff.on]

    assert Log(before).as_of(cutoff) == Log(before + later).as_of(cutoff)


@given(logs, cutoffs)
def test_nothing_after_the_cutoff_is_in_and_everything_up_to_it_is(log, cutoff):
    shown = log.as_of(cutoff).facts
    everything = log.as_of(Cutoff(date.max)).facts

    assert shown == {position: fact for position, fact in everything.items() if fact.occurred_on <= cutoff.on}


@pytest.mark.parametrize(("on", "positions"), [(2, {}), (3, {1: 3}), (4, {1: 3})])
def test_the_day_of_the_cutoff_is_included(on, positions):
    assert in_force(Log([relapse(on=3)]), on) == positions


@pytest.mark.parametrize(
    ("was", "became", "before", "after"),
    [(2, 5, {1: 2}, {}), (5, 2, {}, {2: 2}), (3, 3, {1: 3}, {2: 3}), (4, 3, {}, {2: 3}), (3, 4, {1: 3}, {})],
)
def test_a_correction_moves_a_fact_across_the_cutoff_in_both_directions(was, became, before, after):
    log = Log([relapse(on=was)])
    corrected = log.append([correction(1, relapse(on=became, at=1), at=1)])

    assert in_force(log, on=3) == before
    assert in_force(corrected, on=3) == after
    assert in_force(corrected, on=3, recorded_by=0) == before


def test_a_retraction_removes_a_fact_and_its_past_stays_readable():
    log = Log([relapse(on=1), correction(1, None, at=1)])

    assert in_force(log) == {}
    assert in_force(log, recorded_by=0) == {1: 1}


def test_a_correction_is_corrected_and_retracted_by_its_own_position():
    log = Log(
        [relapse(on=1), correction(1, relapse(on=2, at=1), at=1), correction(2, relapse(on=3, at=2), at=2)]
    )
    retracted = log.append([correction(3, None, at=3)])

    assert [in_force(retracted, recorded_by=at) for at in range(4)] == [{1: 1}, {2: 2}, {3: 3}, {}]


@given(entries(), cutoffs, st.integers(-1, 7))
def test_a_recording_cutoff_gives_exactly_the_snapshot_of_the_prefix(all_entries, cutoff, at):
    known = [entry for entry in all_entries if entry.recorded_at <= minute(at)]

    snapshot = Log(all_entries).as_of(Cutoff(cutoff.on, minute(at)))
    prefix = Log(known).as_of(cutoff)

    assert snapshot.facts == prefix.facts
    assert (snapshot.log_length, snapshot.log_hash) == (prefix.log_length, prefix.log_hash)


def test_a_recording_cutoff_may_be_given_in_any_time_zone():
    from datetime import timezone

    log = Log([relapse(on=1), relapse(on=2, at=1)])
    elsewhere = minute(0).astimezone(timezone(timedelta(hours=5)))

    assert log.as_of(Cutoff(day(6), elsewhere)).log_length == 1


@given(logs)
def test_facts_keep_the_order_in_which_the_log_learned_them(log):
    snapshot = log.as_of(Cutoff(date.max))
    grouped = snapshot.by_subject()

    assert list(snapshot.facts) == sorted(snapshot.facts)
    assert sorted(position for group in grouped.values() for position, _ in group) == list(snapshot.facts)
    assert all(fact.subject_id == subject for subject, group in grouped.items() for _, fact in group)


@given(logs)
def test_the_last_day_is_that_of_what_is_in_force(log):
    days = [fact.occurred_on for fact in log.as_of(Cutoff(date.max)).facts.values()]

    assert log.last_day == max(days, default=None)


# -- what an append may be ------------------------------------------------------------------------------

BASE = (relapse(on=1), correction(1, relapse(on=2, at=1), at=1), FollowedUp(subject_id="S2", occurred_on=day(0), recorded_at=minute(1)))  # fmt: skip
REFUSED = {
    "of nothing": (correction(9, None, 1), "entry 4: found a correction of entry 9; expected the position of a fact still in force. Remedy: name its latest correction."),
    "of itself": (correction(4, None, 1), "entry 4: found a correction of entry 4; expected the position of a fact still in force. Remedy: name its latest correction."),
    "of a superseded fact": (correction(1, None, 1), "entry 4: found a correction of entry 1; expected the position of a fact still in force. Remedy: name its latest correction."),
    "of another subject": (correction(2, relapse(subject="S2"), 1), "entry 4: found a fact about another subject; expected one about the same. Remedy: retract it and add anew."),
    "of another kind": (correction(3, relapse(subject="S2"), 1), "entry 4: found a EventOccurred in place of a FollowedUp; expected the same kind of fact. Remedy: retract it and add anew."),
    "back in time": (relapse(at=0), "entry 4: found recorded_at 2020-06-01T12:00:00+00:00; expected no earlier than its predecessor's 2020-06-01T12:01:00+00:00. Remedy: check the clock that stamped it."),
    "no fact": ("a relapse", "entry 4: found a str; expected a fact or a correction."),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_an_append_that_would_break_the_log_is_refused_and_changes_nothing(case):
    entry, message = REFUSED[case]
    log = Log(BASE)
    before, hashed = tuple(log), log.hash

    with pytest.raises(LogError) as refusal:
        log.append([entry])

    assert str(refusal.value) == f"1 problem in the log; nothing was appended\n  log  {message}"
    assert (tuple(log), log.hash, len(log)) == (before, hashed, 3)


def test_every_problem_of_an_append_is_reported():
    with pytest.raises(LogError, match="3 problems in the log") as refusal:
        Log(BASE).append([correction(9, None, 1), relapse(at=0), correction(1, None, 1)])

    assert [problem.path for problem in refusal.value.problems] == ["entry 4", "entry 5", "entry 6"]


def test_one_fact_is_corrected_once_even_within_one_append():
    with pytest.raises(LogError, match="1 problem"):
        Log([relapse()]).append([correction(1, relapse(on=2)), correction(1, relapse(on=3))])


def test_a_retracted_fact_cannot_be_corrected():
    with pytest.raises(LogError, match="still in force"):
        Log([relapse(), correction(1, None), correction(2, relapse())])


@given(entries(), st.integers(0, 8), cutoffs)
def test_appending_in_parts_is_appending_at_once(all_entries, split, cutoff):
    whole = Log(all_entries)
    parts = Log(all_entries[:split])
    assert parts.hash  # a digest that the longer log continues
    parts = parts.append(all_entries[split:])

    assert parts == whole
    assert parts.hash == whole.hash
    assert parts.as_of(cutoff) == whole.as_of(cutoff)


@given(entries(), entries())
def test_an_append_never_changes_the_log_that_it_was_made_from(first, more):
    log = Log(first)
    hashed = log.hash
    with suppress(LogError, DataError):
        log.append([replace(entry, recorded_at=minute(9)) for entry in more])

    assert list(log) == first
    assert log.hash == hashed == Log(first).hash


def test_two_continuations_of_one_log_do_not_meet():
    log = Log([relapse()])
    one, other = log.append([correction(1, None)]), log.append([relapse(on=2)])

    assert in_force(one) == {}
    assert in_force(other) == {1: 0, 2: 2}


# -- equality and hash ----------------------------------------------------------------------------------


@given(entries(), entries())
def test_logs_are_equal_exactly_if_their_hashes_are(one, other):
    assert (Log(one) == Log(other)) == (Log(one).hash == Log(other).hash)


VALUES = [True, False, 1, 0, 1.0, 0.0, -0.0, "1", "1.0", "true", date(2020, 1, 1), "2020-01-01"]


def test_values_that_python_calls_equal_are_kept_apart():
    recorded = [
        ItemRecorded(subject_id="S1", occurred_on=day(0), recorded_at=minute(0), item="x", value=value)
        for value in VALUES
    ]

    assert len(set(recorded)) == len(VALUES)
    assert len({Log([fact]).hash for fact in recorded}) == len(VALUES)
    assert all((one == other) == (one is other) for one in recorded for other in recorded)


def test_the_hash_is_the_same_in_every_process():
    code = (
        "from log.drawn import relapse, correction\nfrom equipoise.log.log import Log\n"
        "print(Log([relapse(), correction(1, relapse(on=2, at=1), at=1)]).hash)"
    )
    run = [
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
            env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]  # fmt: skip

    assert run == [Log([relapse(), correction(1, relapse(on=2, at=1), at=1)]).hash] * 2


@given(logs)
def test_logs_can_be_copied_and_sent_to_other_processes(log):
    assert log.hash
    for same in (pickle.loads(pickle.dumps(log)), copy.deepcopy(log)):
        assert same == log
        assert same.hash == log.hash


def test_a_log_is_never_in_a_set_of_something_that_could_change():
    with pytest.raises(TypeError, match="unhashable"):
        hash(Log())


def test_no_repr_shows_a_patient():
    log = Log([relapse(subject="SECRET-7"), ItemRecorded(subject_id="SECRET-7", occurred_on=day(0), recorded_at=minute(0), item="hiv", value="SECRET")])  # fmt: skip
    snapshot = log.as_of(Cutoff(day(6), minute(1)))

    assert repr(log) == str(log) == "Log(2 entries)"
    assert repr(snapshot) == str(snapshot)
    assert repr(snapshot) == "Snapshot(2 facts as of 2020-03-04, as recorded by 2020-06-01T12:01:00+00:00)"


def test_a_snapshot_cannot_be_changed():
    snapshot = Log([relapse()]).as_of(Cutoff(day(6)))

    with pytest.raises(TypeError):
        snapshot.facts[1] = relapse()  # type: ignore[index]


@pytest.mark.parametrize(
    ("on", "recorded_by", "message"),
    [
        (datetime(2020, 1, 1), None, "expected a date without a time of day"),
        ("2020-01-01", None, "expected a date without a time of day"),
        (date(2020, 1, 1), datetime(2020, 1, 1), "expected an instant with a time zone"),
        (date(2020, 1, 1), date(2020, 1, 1), "expected an instant with a time zone"),
    ],
)
def test_a_cutoff_is_a_day_and_an_instant(on, recorded_by, message):
    with pytest.raises(DataError, match=message):
        Cutoff(on, recorded_by)


def test_what_is_already_in_the_log_is_not_hashed_again(monkeypatch):
    from equipoise.log import codec

    encoded = []
    monkeypatch.setattr(codec, "encode", lambda entry: encoded.append(entry) or "x")
    log = Log()
    for _ in range(200):
        log = log.append([relapse()])
        assert log.hash

    assert len(encoded) == 200


def test_a_correction_must_say_why_and_cannot_come_before_its_replacement():
    with pytest.raises(DataError, match="no reason"):
        Correction(corrects=1, reason=" ", recorded_at=minute(0))
    with pytest.raises(DataError, match="recorded later than its correction"):
        correction(1, relapse(at=2), at=1)
    with pytest.raises(DataError, match="from 1"):
        correction(0, None)
    with pytest.raises(DataError, match="replacement is a Correction"):
        correction(1, correction(1, None))
    assert datetime(2020, 6, 1, 12, tzinfo=UTC) == minute(0)
