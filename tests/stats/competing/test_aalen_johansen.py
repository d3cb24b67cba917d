from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import (
    aalen_johansen,
    cause_specific_cox,
    compiling,
    cumulative_incidence,
    kaplan_meier,
    transition_cox,
)

NAN = float("nan")
causes = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 2)), min_size=3, max_size=25)


def alive(rows):
    """Competing risks as states: everyone leaves state 9 for a cause, or is censored (0)."""
    time, cause = ([*column] for column in zip(*rows, strict=True))
    return time, cause, (list(range(len(rows))), [0] * len(rows), time, [9] * len(rows), cause)


def paths(seed, n=40):
    """Both ways between two states, and an end; fractional and tied times, left truncation."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        at, state = int(random.integers(0, 3)), int(random.integers(1, 3))
        for _ in range(4):
            stop = at + int(random.integers(1, 5))
            to = int(random.choice([0, 3 - state, 3], p=[0.2, 0.6, 0.2]))
            rows.append((i, at, stop, state, to))
            if to in (0, 3):
                break
            at, state = stop, to
    return [list(column) for column in zip(*rows, strict=True)]


@given(causes.filter(lambda rows: any(c for _, c in rows)))
def test_competing_risks_are_a_special_case(rows):
    time, cause, states = alive(rows)

    found = aalen_johansen(*states, variance="greenwood", interval="plain")
    curves = cumulative_incidence(time, cause, variance="greenwood", interval="plain")

    for curve in curves.curves:
        place = found.states.index(curve.cause)
        row = np.searchsorted(curve.time, found.time)
        assert found.probability[:, place] == approx(curve.estimate[row], abs=1e-14)
        assert found.std_err[:, place] ** 2 == approx(curve.variance[row], abs=1e-13)


@given(causes.filter(lambda rows: any(c for _, c in rows)))
def test_of_two_states_the_first_is_the_kaplan_meier_curve(rows):
    time, cause, states = alive([(t, min(c, 1)) for t, c in rows])

    found = aalen_johansen(*states)
    curve = kaplan_meier(time, cause).at(found.time)

    assert found.probability[:, 1] == approx(curve.survival, abs=1e-14)
    known = ~np.isnan(curve.std_err)
    assert found.std_err[known, 1] == approx(curve.std_err[known], abs=1e-12)


@pytest.mark.parametrize("variance", ["infinitesimal-jackknife", "greenwood"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_of_rows_labels_of_subjects_and_the_unit_of_time_do_not_matter(seed, variance):
    subject, start, stop, a, b = paths(seed)
    order = np.random.default_rng(seed).permutation(len(subject))
    names = np.array([f"S{(7 * i) % 41}" for i in subject])

    one = aalen_johansen(subject, start, stop, a, b, variance=variance)
    other = aalen_johansen(
        names[order], np.array(start)[order] * 0.1, np.array(stop)[order] * 0.1, np.array(a)[order], np.array(b)[order],
        variance=variance,
    )  # fmt: skip

    assert other.probability == approx(one.probability, abs=1e-13)
    assert other.std_err == approx(one.std_err, abs=1e-9)
    assert other.restricted_mean(0.7).estimate == approx(one.restricted_mean(7).estimate / 10, abs=1e-13)
    assert other.restricted_mean(0.7).std_err == approx(one.restricted_mean(7).std_err / 10, abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_row_split_in_two_changes_nothing(seed):
    subject, start, stop, a, b = paths(seed)
    split = [(s, x, y, f, t) for s, x, y, f, t in zip(subject, start, stop, a, b, strict=True) if y - x < 2]
    for s, x, y, f, t in zip(subject, start, stop, a, b, strict=True):
        if y - x >= 2:
            split += [(s, x, x + 1, f, 0), (s, x + 1, y, f, t)]

    one = aalen_johansen(subject, start, stop, a, b)
    other = aalen_johansen(*zip(*split, strict=True))

    assert other.probability == approx(one.probability, abs=1e-14)
    assert other.std_err == approx(one.std_err, abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_twice_halves_the_variance(seed):
    subject, start, stop, a, b = paths(seed)

    one = aalen_johansen(subject, start, stop, a, b)
    twice = aalen_johansen([*subject, *[s + 1000 for s in subject]], start * 2, stop * 2, a * 2, b * 2)

    assert twice.probability == approx(one.probability, abs=1e-14)
    assert twice.std_err**2 == approx(one.std_err**2 / 2, abs=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_probabilities_and_times_sum_to_what_there_is(seed):
    found = aalen_johansen(*paths(seed))

    assert found.probability.sum(axis=1) == approx(np.ones(found.time.size), abs=1e-13)
    assert found.restricted_mean(8).estimate.sum() == approx(8, abs=1e-12)
    matrix = found.transition_probabilities(2, [2, 4, 7])
    assert matrix.probability.sum(axis=2) == approx(np.ones((3, 3)), abs=1e-13)
    assert np.array_equal(matrix.probability[0], np.eye(3))
    composed = (
        found.transition_probabilities(2, [4]).probability[0]
        @ found.transition_probabilities(4, [7]).probability[0]
    )
    assert composed == approx(matrix.probability[2], abs=1e-13)


def test_events_at_0_and_a_second_transition_from_a_state_entered_at_0():
    found = aalen_johansen([1, 1, 2, 3], [0, 0, 0, 0], [0, 2, 2, 3], [1, 2, 1, 1], [2, 3, 0, 0])

    assert found.time.tolist() == [0, 2]
    assert found.n_at_risk.tolist() == [[3, 0, 0], [2, 1, 0]]
    assert found.probability[1] == approx([2 / 3, 0, 1 / 3])


def test_beyond_the_last_follow_up_is_unknown_unless_all_have_come_to_an_end():
    open_end = aalen_johansen([1, 2], [0, 0], [2, 5], [1, 1], [2, 0]).at([5, 6])
    assert np.isnan(open_end.probability[1]).all()
    assert "beyond the last follow-up, 5" in open_end.warnings[0]

    assert aalen_johansen([1, 2], [0, 0], [2, 5], [1, 1], [2, 2]).at([9]).probability[0].tolist() == [0, 1]


def test_everyone_censored():
    found = aalen_johansen([1, 2], [0, 0], [2, 5], [1, 1], [0, 0], states=[1, 2])

    assert found.at([1]).probability.tolist() == [[1, 0]]
    assert found.restricted_mean(4).estimate.tolist() == [4, 0]
    assert found.warnings == ("no transitions: the probabilities stay what they are at the start",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": [0, 2, 0]}, "start: found 2 at position 1, before the subject's earlier row (position 0) stops at 3"),
        ({"from_state": ["a", "a", "a"]}, "from_state: found 'a' at position 1, though the subject's earlier row (position 0) ends in 'b'"),
        ({"to_state": ["a", "none", "b"]}, "to_state: found 'a', the row's own state, at position 0"),
        ({"transitions": [("b", "a")]}, "to_state: found a transition from 'a' to 'b' at position 0"),
        ({"transitions": [("a", "z")]}, "transitions: found 'z'"),
        ({"states": ["a"]}, "to_state: found 'b'; expected one of the states ('a',)|from_state: found 'b'"),
        ({"censored": 0}, "censored: found 0"),
        ({"stop": [3, 5, 0]}, None),
        ({"stop": [3, 3, 4]}, "stop: found 3.0 with start 3.0 at position 1"),
        ({"stop": [3, NAN, 4]}, "stop: found nan at position 1"),
        ({"start": [0, None, 0]}, "start: found "),
        ({"subject": [1, 1]}, "subject: found shape (2,)"),
        ({"from_state": ["a", None, "a"]}, "from_state: found None at position 1"),
        ({"to_state": [1, 2, 3]}, "to_state: found 1 where from_state has 'a'"),
        ({"variance": "aalen"}, "variance: found 'aalen'"),
        ({"interval": "wald"}, "interval: found 'wald'"),
        ({"confidence_level": 95}, "confidence_level: found 95"),
    ],
)  # fmt: skip
def test_refusals(change, words):
    given = {"subject": [1, 1, 2], "start": [0, 3, 0], "stop": [3, 5, 4], "from_state": ["a", "b", "a"],
             "to_state": ["b", "none", "b"], "censored": "none"}  # fmt: skip
    if words is None:
        aalen_johansen(**(given | change))
        return
    with pytest.raises(DataError) as refusal:
        aalen_johansen(**(given | change))
    assert any(one in str(refusal.value) for one in words.split("|"))


def test_gaps_and_missing_last_rows_are_counted():
    found = aalen_johansen([1, 1, 2, 3], [0, 4, 0, 0], [3, 6, 5, 2], [1, 2, 1, 1], [2, 3, 0, 2])

    assert "gaps between rows of a subject: 1" in found.warnings[0]
    assert "subjects without a row after they entered a state that others leave: 1" in found.warnings[1]


def test_it_shows_itself():
    found = aalen_johansen(*paths(1))

    assert "Aalen–Johansen, infinitesimal jackknife by subject" in found.summary()
    assert {"probability", "n_at_risk", "std_err"} <= set(found.to_frame()["statistic"])
    assert "</svg>" in found.plot(limits=True).svg
    for part in (found.at([3, 99]), found.transition_probabilities(2, [4]), found.restricted_mean(5)):
        assert part.summary()
        assert part.to_frame().height > 0
    with pytest.raises(ValueError, match="read-only"):
        found.probability[0, 0] = 1


def test_a_state_left_by_nobody_after_the_landmark_is_not_estimable():
    found = aalen_johansen([1, 1, 2], [0, 2, 0], [2, 3, 9], [1, 2, 1], [2, 3, 3]).transition_probabilities(
        4, [6]
    )

    assert np.isnan(found.probability[0, 1]).all()
    assert found.warnings == ("not estimable from 2: nobody was at risk in it after 4",)


def test_the_cox_model_of_a_transition():
    time, cause, states = alive([(t % 7 + 1, t % 3) for t in range(20)])
    x = [i % 2 for i in range(20)]

    one = transition_cox(*states, x, transition=(9, 1), names=["x"])
    other = cause_specific_cox(time, cause, x, names=["x"])

    assert one.coefficients == approx(other.coefficients, rel=1e-12)
    rows = paths(2)
    x = [i % 2 for i in rows[0]]
    forward, reset = (
        transition_cox(*rows, x, transition=(2, 1), clock=clock, names=["x"])
        for clock in ("forward", "reset")
    )
    assert forward.n_events == reset.n_events > 5
    assert forward.coefficients[0] != reset.coefficients[0]
    for change in ({"transition": (1, 7)}, {"transition": (3, 1)}, {"clock": "mixed", "transition": (2, 1)}):
        with pytest.raises(DataError):
            transition_cox(*rows, x, **change)
    with pytest.raises(DataError, match="a line for each"):
        transition_cox(*rows, x[1:], transition=(2, 1))


@pytest.mark.parametrize("variance", ["infinitesimal-jackknife", "greenwood"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_compiled_sweeps_give_what_numpy_gives(seed, variance, monkeypatch):
    rows = paths(seed)
    found = []
    for smallest in (0, 10**12):
        monkeypatch.setattr(compiling, "SMALLEST", smallest)
        one = aalen_johansen(*rows, variance=variance)
        mean = one.restricted_mean(6)
        found.append(
            [
                one.probability,
                one.std_err,
                mean.estimate,
                mean.std_err,
                one.transition_probabilities(2, [4, 7]).std_err,
            ]
        )

    for compiled, plain in zip(*found, strict=True):
        assert np.asarray(compiled) == approx(np.asarray(plain), rel=1e-10, abs=1e-12)
