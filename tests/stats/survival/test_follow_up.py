from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats.survival.follow_up import observed_follow_up, reverse_kaplan_meier
from reference.values import cases, colon, difference


@pytest.mark.parametrize("arm", ["Obs", "Lev", "Lev+5FU"])
def test_reverse_curve_agrees_with_r(arm):
    # R: survfit(Surv(time, 1 - status) ~ 1), deaths of Intergroup-0035.
    data, case = colon(2), cases("kaplan_meier")[f"colon reverse 2 {arm}"]
    chosen = data["rx"] == arm

    curve = reverse_kaplan_meier(data["time"][chosen], data["status"][chosen])
    median = curve.median()

    assert difference(curve.survival, case["survival"]) < 1e-8
    assert difference(median.estimate, case["log-log"]["quantile"][1]) < 1e-8
    assert difference(median.lower, case["log-log"]["quantile_lower"][1]) < 1e-8


def test_at_a_tie_the_roles_swap():
    # Day 3: one death, one censoring. Both are at risk of censoring, so 1/2 are followed beyond, then 0.
    curve = reverse_kaplan_meier([3, 3, 5], [True, False, False])

    assert curve.survival.tolist() == approx([2 / 3, 0])
    assert curve.n_events.tolist() == [1, 1]


def test_observed_follow_up_by_hand():
    found = observed_follow_up([4, 1, 3, 2])

    assert (found.n, found.median, found.q1, found.q3) == (4, 2.5, 1.75, 3.25)
    assert (found.minimum, found.maximum) == (1, 4)


def test_unusable_times_are_named():
    with pytest.raises(DataError, match=r"time: found -1\.0 at position 0"):
        observed_follow_up([-1, 2])
    with pytest.raises(DataError, match=r"event: found shape \(2,\)"):
        reverse_kaplan_meier([1], np.array([True, False]))
