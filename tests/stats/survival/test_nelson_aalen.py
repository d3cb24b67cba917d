from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import kaplan_meier, nelson_aalen
from equipoise.validation.evidence import table

subjects = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=12)


@given(subjects)
def test_without_ties_the_two_ways_with_ties_agree(rows):
    time = [10 * t + i / 100 for i, (t, _) in enumerate(rows)]
    event = [e for _, e in rows]
    one, other = nelson_aalen(time, event), nelson_aalen(time, event, ties="fleming-harrington")

    assert one.cumulative_hazard.tolist() == approx(other.cumulative_hazard.tolist(), rel=1e-13)
    assert one.std_err.tolist() == approx(other.std_err.tolist(), rel=1e-13)


@given(subjects)
def test_breaking_ties_of_events_gives_fleming_harrington(rows):
    time, event = (np.array(column) for column in zip(*rows, strict=True))
    # Events one after the other within a time, censorings last.
    broken = time + np.where(event, np.arange(len(rows)) / 1000, 0.5)
    tied, apart = nelson_aalen(time, event, ties="fleming-harrington"), nelson_aalen(broken, event)

    assert tied.cumulative_hazard[-1] == approx(apart.cumulative_hazard[-1], rel=1e-13)
    assert tied.std_err[-1] == approx(apart.std_err[-1], rel=1e-13)


@given(subjects)
def test_its_survival_is_above_kaplan_meier_and_its_variances_are_ordered(rows):
    time, event = zip(*rows, strict=True)
    aalen = nelson_aalen(time, event)
    klein = nelson_aalen(time, event, variance="klein")
    greenwood = nelson_aalen(time, event, variance="greenwood")

    assert (aalen.survival >= kaplan_meier(time, event).survival - 1e-15).all()
    assert (greenwood.std_err <= klein.std_err + 1e-15).all() and (
        klein.std_err <= aalen.std_err + 1e-15
    ).all()
    assert np.log(aalen.survival) == approx(-aalen.cumulative_hazard)


@given(subjects)
def test_entry_at_zero_changes_nothing(rows):
    time, event = zip(*rows, strict=True)
    one, other = nelson_aalen(time, event), nelson_aalen(time, event, entry=np.zeros(len(rows)))

    assert one.cumulative_hazard.tolist() == other.cumulative_hazard.tolist()
    assert one.n_at_risk.tolist() == other.n_at_risk.tolist() and other.n_at_risk.dtype == np.int64


def test_limits_of_survival_are_those_of_the_hazard_turned():
    found = nelson_aalen("time", "status", data=table("lung.csv"), interval="plain", confidence_level=0.9)

    assert np.exp(-found.upper) == approx(found.survival_lower) and np.exp(-found.lower) == approx(
        found.survival_upper
    )
    assert (found.lower >= 0).all()


def test_reading_summary_frame_and_figure():
    found = nelson_aalen([1, 2, 3, 4], [0, 1, 1, 0], ties="fleming-harrington")

    assert found.at([0, 1, 2, 9]).cumulative_hazard.tolist() == approx([0, 0, 1 / 3, np.nan], nan_ok=True)
    assert np.isnan(found.lower[0])
    assert "not estimable at 9: beyond the last follow-up, 4" in found.at([2, 9]).summary()
    assert found.summary().splitlines()[0] == (
        "Nelson–Aalen cumulative hazard, tied events one after the other (Fleming–Harrington); 95% limits log, aalen variance"
    )
    assert found.to_frame().filter(found.to_frame()["statistic"] == "survival").height == 4
    assert "<svg" in found.plot().svg
    with pytest.raises(ValueError, match="read-only"):
        found.cumulative_hazard[0] = 1


def test_nobody_has_the_event():
    found = nelson_aalen([1, 2], [0, 0], ties="fleming-harrington")

    assert found.cumulative_hazard.tolist() == [0, 0] and found.std_err.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ties": "efron"}, "ties: found 'efron'; expected one of aalen, fleming-harrington"),
        ({"variance": "poisson"}, "variance: found 'poisson'"),
        ({"variance": "klein", "ties": "fleming-harrington"}, "variance: found 'klein'; expected aalen with"),
        ({"interval": "log-log"}, "interval: found 'log-log'; expected one of plain, log"),
        ({"confidence_level": 95}, "confidence_level: found 95"),
        ({"entry": [0, 5, 0]}, "entry: found 5"),
    ],
)
def test_unusable_arguments_are_named(arguments, message):
    with pytest.raises(DataError, match=message):
        nelson_aalen([1, 2, 3], [1, 0, 1], **arguments)
