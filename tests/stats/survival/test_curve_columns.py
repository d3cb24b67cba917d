"""Columns of a curve that are computed when first read."""

from dataclasses import replace

import numpy as np
import pytest

from equipoise.stats import compiling, kaplan_meier, log_rank

TIME = [5, 3, 3, 8, 1, 9, 8, 2.5]
EVENT = [1, 1, 0, 1, 0, 1, 1, 1]


def test_a_column_is_computed_once_and_cannot_be_written_to():
    curve = kaplan_meier(TIME, EVENT)
    for column in ("n_at_risk", "std_err", "lower", "upper"):
        first = getattr(curve, column)
        assert getattr(curve, column) is first
        assert not first.flags.writeable
        with pytest.raises((AttributeError, TypeError)):
            setattr(curve, column, first)


def test_columns_do_not_depend_on_which_is_read_first():
    one, other = kaplan_meier(TIME, EVENT), kaplan_meier(TIME, EVENT)
    upper = one.upper.tolist()
    assert other.n_at_risk.tolist() == one.n_at_risk.tolist()
    assert np.array_equal(other.std_err, one.std_err, equal_nan=True)
    assert np.array_equal(other.upper, upper, equal_nan=True)


def test_a_replaced_curve_keeps_its_columns():
    curve = kaplan_meier(TIME, EVENT, interval="log")
    assert replace(curve, reverse=True).lower.tolist() == pytest.approx(curve.lower.tolist(), nan_ok=True)


@pytest.mark.parametrize("interval", ["plain", "log", "log-log", "logit", "arcsin"])
def test_compiled_columns_are_the_plain_ones(monkeypatch, interval):
    draw = np.random.default_rng(7)
    time, event = draw.exponential(1, 300), draw.random(300) < 0.5
    time[:40] = time[40:80] + 1e-10  # near-ties, which are joined in both ways
    event[np.argmax(time)] = True
    plain = kaplan_meier(time, event, interval=interval)
    assert plain.time.size == 260
    monkeypatch.setattr(compiling, "SMALLEST", 0)
    compiled = kaplan_meier(time, event, interval=interval)
    for column in ("time", "n_at_risk", "n_events", "n_censored", "survival", "std_err", "lower", "upper"):
        assert np.array_equal(getattr(plain, column), getattr(compiled, column), equal_nan=True), column


def test_the_callers_arrays_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(compiling, "SMALLEST", 0)
    draw = np.random.default_rng(8)
    time, event, arm = draw.exponential(1, 200), draw.random(200) < 0.5, draw.integers(0, 2, 200)
    time[0] = time[1] + 1e-10
    before = time.copy(), event.copy(), arm.copy()
    kaplan_meier(time, event)
    log_rank(time, event, arm, groups=(0, 1))
    for now, then in zip((time, event, arm), before, strict=True):
        assert np.array_equal(now, then) and now.flags.writeable


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("stratified", [False, True])
def test_near_ties_are_joined_over_all_groups_and_strata_in_both_ways(monkeypatch, k, stratified):
    draw = np.random.default_rng(9)
    time, event, arm = draw.exponential(1, 200), draw.random(200) < 0.5, draw.integers(0, k, 200)
    time[:60] = time[60:120] + 1e-10
    strata = draw.integers(0, 3, 200) if stratified else None
    plain = log_rank(time, event, arm, groups=tuple(range(k)), strata=strata)
    monkeypatch.setattr(compiling, "SMALLEST", 0)
    compiled = log_rank(time, event, arm, groups=tuple(range(k)), strata=strata)
    assert compiled.chi_square == pytest.approx(plain.chi_square, rel=1e-11)
    assert compiled.observed.tolist() == plain.observed.tolist()
