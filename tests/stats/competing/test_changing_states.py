from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import kaplan_meier, landmark, log_rank, simon_makuch, split_at

NAN = float("nan")
TIME = [4, 6, 6, 7, 9, 10, 12, 3]
EVENT = [1, 1, 0, 1, 1, 0, 1, 1]
CHANGE = [2, NAN, 3, NAN, 5, 0, NAN, NAN]
subjects = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(-3, 9)), min_size=1, max_size=20)


def columns(rows):
    time, event, change = zip(*rows, strict=True)
    return time, event, [c if 0 <= c <= t else NAN for t, c in zip(time, change, strict=True)]


@given(subjects)
def test_splitting_loses_no_time_and_no_event(rows):
    time, event, change = columns(rows)

    found = split_at(time, event, change)

    assert (found.stop - found.start).sum() == sum(time)
    assert found.event.sum() == sum(event)
    assert set(found.subject.tolist()) == set(range(len(rows)))
    again = kaplan_meier(found.stop, found.event, entry=found.start)
    assert again.at(time).survival == approx(kaplan_meier(time, event).at(time).survival, nan_ok=True)


def test_who_changed_at_0_or_before_entry_is_changed_throughout():
    found = split_at([5, 8, 9], [1, 0, 1], [0, 3, 6], entry=[0, 4, 2])

    assert found.changed.tolist() == [True, True, False, True]
    assert found.start.tolist() == [0, 4, 2, 6]


def test_a_change_on_the_last_day_has_no_time_after_it():
    found = split_at([5], [1], [5])

    assert found.changed.tolist() == [False]
    assert found.warnings == ("changed on the last day of follow-up, without time after it: 1",)


def test_without_changes_after_0_mantel_byar_is_the_log_rank_test():
    change = [0, NAN, NAN, 0, 0, NAN, 0, NAN]

    found = simon_makuch(TIME, EVENT, change, labels=("A", "B")).mantel_byar
    plain = log_rank(TIME, EVENT, ["A" if c != c else "B" for c in change], groups=("A", "B"))

    assert found.chi_square == approx(plain.chi_square, rel=1e-12)
    assert found.z == approx(plain.z, rel=1e-12)


def test_order_and_unit_do_not_matter_and_the_curve_begins_at_the_landmark():
    one = simon_makuch(TIME, EVENT, CHANGE, landmark=2.5)
    order = [3, 1, 0, 2, 7, 6, 5, 4]
    other = simon_makuch(*([column[i] / 10 for i in order] if column is not EVENT else [EVENT[i] for i in order]
                           for column in (TIME, EVENT, CHANGE)), landmark=0.25)  # fmt: skip

    assert other.mantel_byar.chi_square == approx(one.mantel_byar.chi_square, rel=1e-12)
    assert other.cox.coefficients == approx(one.cox.coefficients, rel=1e-9)
    assert one.n_excluded == 0
    assert simon_makuch(TIME, EVENT, CHANGE, landmark=3).n_excluded == 1
    assert one.curve(changed=False).at([2.5]).survival[0] == 1


def test_landmark_groups_do_not_look_ahead():
    found = landmark(TIME, EVENT, CHANGE, at=3)
    later = [c if not c > 3 else NAN for c in CHANGE]
    same = landmark(TIME, EVENT, later, at=3)

    assert (found.n, found.n_excluded_events, found.n_excluded_censored, found.n_reached_later) == (
        7,
        1,
        0,
        1,
    )
    assert same.log_rank.chi_square == found.log_rank.chi_square
    assert found.kept.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert found.reached.tolist() == [True, False, True, False, False, True, False]
    assert landmark(TIME, EVENT, CHANGE, at=3, strata=["x"] * 8).log_rank.chi_square == approx(
        found.log_rank.chi_square
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"change_time": [5, *CHANGE[1:]]}, "change_time: found 5 with time 4 at position 0"),
        ({"change_time": [-1, *CHANGE[1:]]}, "change_time: found -1.0 at position 0"),
        ({"change_time": [float("inf"), *CHANGE[1:]]}, "change_time: found inf at position 0"),
        ({"change_time": CHANGE[1:]}, "change_time: found shape (7,)"),
        ({"change_time": ["x"] * 8}, "change_time: found dtype"),
        ({"change_time": [NAN] * 8}, "change_time: found nobody at risk in the state 'after the change'"),
        ({"time": [NAN, *TIME[1:]]}, "time: found nan at position 0"),
        ({"event": [2, *EVENT[1:]]}, "event: found 2 at position 0"),
        ({"landmark": -1}, "landmark: found -1.0"),
        ({"landmark": 50}, "change_time: found nobody at risk in the state 'before the change' after 50"),
    ],
)
def test_refusals(change, words):
    with pytest.raises(DataError) as refusal:
        simon_makuch(**({"time": TIME, "event": EVENT, "change_time": CHANGE} | change))
    assert words in str(refusal.value)


def test_refused_landmarks():
    with pytest.raises(
        DataError, match="at: found nobody in the group 'not reached' among 0 subjects after 12"
    ):
        landmark(TIME, EVENT, CHANGE, at=12)
    with pytest.raises(DataError, match="strata: found shape"):
        landmark(TIME, EVENT, CHANGE, at=3, strata=[1, 2])
    with pytest.raises(DataError, match="state_time: found 5 with time 4"):
        landmark(TIME, EVENT, [5, *CHANGE[1:]], at=3)


def test_they_show_themselves():
    frame = {"t": TIME, "e": EVENT, "c": CHANGE}
    for found in (
        simon_makuch("t", "e", "c", data=frame),
        landmark("t", "e", "c", at=3, data=frame),
        split_at("t", "e", "c", data=frame),
    ):
        assert found.summary().count("\n") > 3
        assert found.to_frame().height > 5
    assert "</svg>" in simon_makuch(TIME, EVENT, CHANGE).plot(limits=True).svg
    assert "Landmark analysis at 3" in landmark(TIME, EVENT, CHANGE, at=3)._repr_html_()
    assert set(split_at(TIME, EVENT, CHANGE).columns()) == {"subject", "start", "stop", "event", "changed"}
    assert np.isnan(simon_makuch([1, 2], [0, 0], [0, NAN]).mantel_byar.chi_square)
