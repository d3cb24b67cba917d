from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import kaplan_meier
from reference.values import difference

COLUMNS = ("time", "n_at_risk", "n_events", "n_censored", "survival", "std_err", "lower", "upper")
# entry, stay (time = entry + stay), event
late = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5), st.booleans()), min_size=1, max_size=12)
weighted = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(1, 4)), min_size=1, max_size=10)


def same(one, other, tolerance=1e-13):
    return all(difference(getattr(one, c), getattr(other, c)) <= tolerance for c in COLUMNS)


def robust_by_loops(time, event, weights, cluster, entry):
    """The variance of log survival as its definition reads: influence of each subject, squared by cluster."""
    distinct = sorted(set(time))
    influence = np.zeros((len(time), len(distinct)))
    total = np.zeros(len(time))
    for row, t in enumerate(distinct):
        at_risk = [i for i in range(len(time)) if time[i] >= t and (entry[i] < t or entry[i] == 0)]
        n = sum(weights[i] for i in at_risk)
        d = sum(weights[i] for i in at_risk if time[i] == t and event[i])
        for i in at_risk:
            died = time[i] == t and event[i]
            total[i] += (d / (n * (n - d)) if n > d else np.nan) - (died / (n - d) if n > d else np.nan)
        influence[:, row] = total * np.asarray(weights)
    together = np.array(
        [[influence[np.asarray(cluster) == c, r].sum() for c in set(cluster)] for r in range(len(distinct))]
    )
    return np.sum(together**2, axis=1)


@given(late)
def test_at_risk_is_who_has_entered_and_not_left(rows):
    entry = np.array([e for e, _, _ in rows])
    time = entry + np.array([s for _, s, _ in rows])
    event = [e for _, _, e in rows]
    curve = kaplan_meier(time, event, entry=entry)
    ticks = np.arange(0, 12, 0.5)

    found = curve.at(ticks).n_at_risk
    expected = [np.sum((time >= t) & ((entry < t) | (entry == 0))) for t in ticks]
    assert found.tolist() == expected
    assert curve.n_at_risk.tolist() == [
        np.sum((time >= t) & ((entry < t) | (entry == 0))) for t in curve.time
    ]


@given(late)
def test_an_empty_risk_set_is_said_exactly_when_there_is_one(rows):
    entry = np.array([e for e, _, _ in rows])
    time = entry + np.array([s for _, s, _ in rows])
    event = np.array([e for _, _, e in rows])
    curve = kaplan_meier(time, event, entry=entry)

    # Just after t, somebody is under observation: entered at t or before, not yet gone.
    halves = np.arange(0.5, time.max())
    watched = [np.any((entry <= t) & (time >= t)) for t in halves]
    died_out = (curve.survival == 0).any() and curve.survival[-2:][0] == 0 and curve.time.size > 1
    if all(watched) and not died_out:
        assert curve.warnings == ()
    if not all(watched):
        assert curve.warnings


@given(weighted)
def test_entry_at_zero_weights_of_one_and_a_plain_curve_are_the_same(rows):
    time, event, _ = (list(column) for column in zip(*rows, strict=True))
    plain = kaplan_meier(time, event)

    assert same(plain, kaplan_meier(time, event, entry=np.zeros(len(time))))
    assert same(
        plain, kaplan_meier(time, event, weights=np.ones(len(time), dtype=int), weight_type="frequency")
    )


@given(weighted)
def test_frequency_weights_are_repeated_subjects(rows):
    time, event, count = (np.array(column) for column in zip(*rows, strict=True))
    counted = kaplan_meier(time, event, weights=count, weight_type="frequency")
    repeated = kaplan_meier(np.repeat(time, count), np.repeat(event, count))

    assert same(counted, repeated)
    assert counted.n == repeated.n == count.sum()
    assert counted.median().estimate == approx(repeated.median().estimate, nan_ok=True)


@given(weighted, st.integers(1, 4))
def test_robust_variance_equals_its_definition(rows, clusters):
    time, event, weights = (list(column) for column in zip(*rows, strict=True))
    time = [t + 1 for t in time]
    entry = [i % 2 * (t // 2) for i, t in enumerate(time)]
    cluster = [i % clusters for i in range(len(time))]
    weights = [w + 0.25 for w in weights]
    curve = kaplan_meier(time, event, entry=entry, weights=weights, weight_type="sampling", cluster=cluster)
    alone = kaplan_meier(time, event, weights=weights, weight_type="sampling")

    # Where a cluster's influences cancel wholly, the truth is 0 and squares of rounding are left: hence the 1e-7.
    expected = np.sqrt(robust_by_loops(time, event, weights, cluster, entry))
    known = ~np.isnan(curve.std_err)
    assert (curve.std_err / curve.survival)[known] == approx(expected[known], rel=1e-9, abs=1e-7)
    expected = np.sqrt(robust_by_loops(time, event, weights, range(len(time)), [0] * len(time)))
    known = ~np.isnan(alone.std_err)
    assert (alone.std_err / alone.survival)[known] == approx(expected[known], rel=1e-9, abs=1e-7)


@given(weighted, st.sampled_from([0.001, 3.0, 1e6]))
def test_the_scale_of_sampling_weights_is_of_no_consequence(rows, factor):
    time, event, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    one = kaplan_meier(time, event, weights=weights, weight_type="sampling")
    other = kaplan_meier(time, event, weights=weights * factor, weight_type="sampling")

    assert difference(other.survival, one.survival) < 1e-12
    assert difference(other.std_err, one.std_err) < 1e-7


def test_a_subject_split_into_intervals_counts_once_in_clusters():
    # Two rows (0, 2] and (2, 5] of one subject are the subject, but for the censoring that the first row ends with.
    whole = kaplan_meier([5, 4, 3, 6], [1, 0, 1, 1], cluster=[1, 2, 3, 4])
    split = kaplan_meier([2, 5, 4, 3, 6], [0, 1, 0, 1, 1], entry=[0, 2, 0, 0, 0], cluster=[1, 1, 2, 3, 4])

    for t in (3, 4, 5, 6):
        assert split.at(t).survival == approx(whole.at(t).survival)
        assert split.at(t).std_err == approx(whole.at(t).std_err, nan_ok=True)


def test_near_ties_are_joined_between_entries_and_times():
    # 0.1 + 0.2 is a little more than 0.3: who enters at 0.3 is not at risk at 0.1 + 0.2.
    curve = kaplan_meier([0.1 + 0.2, 1.0, 2.0], [1, 1, 0], entry=[0, 0.3, 0])

    assert curve.n_at_risk.tolist() == [2, 2, 1]


def test_a_gap_and_an_extinction_are_said():
    gap = kaplan_meier([1, 2, 8, 9], [1, 0, 1, 0], entry=[0, 0, 5, 6])
    extinct = kaplan_meier([1, 3, 8, 9], [1, 1, 1, 0], entry=[0, 0, 5, 6])
    late_start = kaplan_meier([4, 5], [1, 0], entry=[2, 3])

    assert gap.warnings == (
        "nobody was at risk between 2 and 5: what happened there is unknown, and the curve is flat",
    )
    assert extinct.warnings == (
        "everyone at risk had the event at 3, and others entered later: the curve is 0 from then on",
    )
    assert extinct.survival.tolist() == [0.5, 0, 0, 0] and np.isnan(extinct.std_err[1:]).all()
    assert late_start.warnings == (
        "nobody was under observation before 2: survival is that of subjects without the event by then",
    )
    assert "Note: nobody was at risk between 2 and 5" in gap.summary()


def test_columns_of_a_frame_are_named():
    frame = pl.DataFrame({"t": [2, 3, 5], "e": [True, False, True], "from": [0, 1, 2], "w": [1.5, 1, 2]})
    arguments = {"entry": "from", "weights": "w", "weight_type": "sampling", "interval": "logit"}
    named = kaplan_meier("t", "e", **arguments, data=frame)
    given_arrays = kaplan_meier(
        [2, 3, 5], [1, 0, 1], entry=[0, 1, 2], weights=[1.5, 1, 2], weight_type="sampling", interval="logit"
    )

    assert same(named, given_arrays, tolerance=0)
    assert named.summary().startswith(
        "Kaplan–Meier survival, sampling weights, delayed entry; 95% limits logit, robust variance\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"entry": [0, 2, 1]}, r"entry: found 2\.0 with time 2\.0 at position 1 \(1 in all\); expected an entry before the time"),
        ({"entry": [0, float("nan"), 0]}, "entry: found nan at position 1"),
        ({"entry": [0, -1, 0]}, r"entry: found -1\.0 at position 1"),
        ({"entry": [0, 0]}, r"entry: found shape \(2,\)"),
        ({"weights": [1, 2, 3]}, "weight_type: found None; expected one of frequency, sampling"),
        ({"weight_type": "frequency"}, "weight_type: found 'frequency'; expected weights with it"),
        ({"weights": [1, 0, 3], "weight_type": "sampling"}, r"weights: found 0\.0 at position 1; expected finite weights above 0"),
        ({"weights": [1, -2, 3], "weight_type": "frequency"}, r"weights: found -2\.0 at position 1"),
        ({"weights": [1, float("nan"), 3], "weight_type": "sampling"}, "weights: found nan at position 1"),
        ({"weights": [1, 1.5, 3], "weight_type": "frequency"}, r"weights: found 1\.5 at position 1; expected whole numbers"),
        ({"weights": [1, 2], "weight_type": "sampling"}, r"weights: found shape \(2,\)"),
        ({"weights": ["a", "b", "c"], "weight_type": "sampling"}, "weights: found dtype"),
        ({"cluster": [1, None, 2]}, "cluster: found None at position 1"),
        ({"cluster": [1, 2]}, r"cluster: found shape \(2,\)"),
        ({"cluster": [1, 1, 2], "weights": [1, 2, 3], "weight_type": "frequency"}, "cluster: found with frequency weights"),
        ({"entry": "start"}, "entry: found 'start'; expected"),
    ],
)  # fmt: skip
def test_unusable_arguments_are_named(arguments, message):
    with pytest.raises(DataError, match=message):
        kaplan_meier([1, 2, 3], [1, 0, 1], **arguments)
