"""The kernels of the curve and the log-rank test against their references: definitions, loops, numpy."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.stats.compiled import counts as kernels
from equipoise.stats.compiled import log_rank as kernel_of_test
from equipoise.stats.observations import NEAR_TIE, _near_ties_joined
from stats import slow


def random(seed):
    return np.random.default_rng([65, seed])


def subjects(n, *, whole, seed=0, k=2, n_strata=6, events=0.6):
    draw = random(seed)
    times = draw.standard_exponential(n) * (20 if n < 1000 else 900)
    return (
        np.floor(times) if whole else times / 365.25,
        draw.random(n) < events,
        draw.integers(0, k, n),
        draw.integers(0, n_strata, n),
    )


def tables_as_defined(times, events, group, k, stratum):
    rows = []
    for s in sorted(set(stratum.tolist())):
        inside = stratum == s
        for t in sorted(set(times[inside & events].tolist())):
            now = inside & (times == t) & events
            there = inside & (times >= t)
            rows.append((t, s, np.bincount(group[now], minlength=k), np.bincount(group[there], minlength=k)))
    return rows


def assert_counts(found, times, events):
    expected = [row[:4] for row in slow.kaplan_meier(times.tolist(), events.tolist())]
    time, n_events, n_censored = (column.tolist() for column in found)
    assert list(zip(time, n_events, n_censored, strict=True)) == [(t, d, c) for t, _, d, c in expected]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_with_every_index_checked_kernels_are_the_definitions_row_by_row(bounds_checked, n, whole):
    for seed in range(12):
        times, events, group, stratum = subjects(n, whole=whole, seed=seed, k=3, n_strata=4)
        _, n_events, n_censored = counted = bounds_checked.counts.counts(times, events)
        assert_counts(counted, times, events)
        n_at_risk, survival, _ = bounds_checked.counts.product_limit(n_events, n_censored)
        rows = slow.kaplan_meier(times.tolist(), events.tolist())
        assert n_at_risk.tolist() == [row[1] for row in rows]
        assert survival.tolist() == pytest.approx([row[4] for row in rows], rel=1e-13, abs=1e-15)

        found = bounds_checked.log_rank.tables(times, events, group, 3, stratum)
        expected = tables_as_defined(times, events, group, 3, stratum)
        assert found.time.tolist() == [row[0] for row in expected]
        assert found.stratum.tolist() == [row[1] for row in expected]
        assert found.deaths.tolist() == [row[2].tolist() for row in expected]
        assert found.at_risk.tolist() == [row[3].tolist() for row in expected]

        two = group % 2
        moments = bounds_checked.log_rank.moments_of_two(times, events, two, stratum)
        difference, variance = slow.log_rank(times, events, two, stratum)
        assert (moments.observed - moments.expected)[1] == pytest.approx(difference, rel=1e-13, abs=1e-13)
        assert moments.variance[1, 1] == pytest.approx(variance, rel=1e-13, abs=1e-15)
        assert moments.n.tolist() == np.bincount(two, minlength=2).tolist()
        assert moments.observed.tolist() == np.bincount(two[events], minlength=2).tolist()


def sums_of(tables):
    """The sums of the log-rank test of two groups, by numpy from tables."""
    died, size = tables.deaths.sum(axis=1), tables.at_risk.sum(axis=1)
    share = tables.at_risk / size[:, None]
    spread = died * (size - died) / np.maximum(size - 1, 1)
    return died @ share, (spread * share[:, 0] * share[:, 1]).sum(), spread @ share


@pytest.mark.parametrize("near", [0.0, NEAR_TIE])
@pytest.mark.parametrize("strata", [False, True])
@pytest.mark.parametrize("kind", ["whole", "continuous", "days as years", "many strata"])
def test_large_data_equal_the_reference(kind, strata, near):
    n = 60_000
    times, events, group, stratum = subjects(
        n, whole=kind == "whole", n_strata=3000 if kind == "many strata" else 6
    )
    times = np.ceil(times * 365.25) / 365.25 if kind == "days as years" else times
    stratum = stratum if strata else np.zeros(n, dtype=np.int64)
    joined = _near_ties_joined(times) if near else times
    if kind == "continuous" and near:
        assert (joined != times).any()  # otherwise joining is not tested

    found = kernel_of_test.tables(times, events, group, 2, stratum if strata else None, near=near)
    moments = kernel_of_test.moments_of_two(times, events, group, stratum if strata else None, near=near)

    order = np.lexsort((joined, stratum))
    key = np.stack((stratum[order], joined[order]))
    first = np.flatnonzero(np.concatenate(([True], (np.diff(key) != 0).any(axis=0))))
    deaths = np.stack(
        [np.add.reduceat((events & (group == g))[order], first, dtype=float) for g in (0, 1)], axis=1
    )
    leaving = np.stack([np.add.reduceat((group == g)[order], first, dtype=float) for g in (0, 1)], axis=1)
    from_here_on = leaving[::-1].cumsum(axis=0)[::-1]
    later_strata = np.array(
        [[((stratum > s) & (group == g)).sum() for g in (0, 1)] for s in range(stratum.max() + 1)]
    )
    at_risk = from_here_on - later_strata[key[0, first].astype(int)]
    kept = deaths.any(axis=1)
    assert np.array_equal(found.time, key[1, first][kept])
    assert np.array_equal(found.stratum, key[0, first][kept])
    assert np.array_equal(found.deaths, deaths[kept])
    assert np.array_equal(found.at_risk, at_risk[kept])
    expected, variance, scale = sums_of(found)
    np.testing.assert_allclose(moments.expected, expected, rtol=1e-13)
    np.testing.assert_allclose(moments.variance, variance * np.array([[1, -1], [-1, 1]]), rtol=1e-13)
    np.testing.assert_allclose(moments.scale, scale, rtol=1e-13)

    time, n_events, n_censored = kernels.counts(times, events, near=near)
    distinct, place = np.unique(joined, return_inverse=True)
    assert np.array_equal(time, distinct)
    assert np.array_equal(n_events, np.bincount(place[events], minlength=distinct.size))
    assert np.array_equal(n_events + n_censored, np.bincount(place))
    assert (n_events.dtype, n_censored.dtype) == (np.int64, np.int64)


def test_counting_and_sorting_agree_on_whole_days(monkeypatch):
    times, events, group, stratum = subjects(5000, whole=True)
    counted = kernels.counts(times, events), kernel_of_test.tables(times, events, group, 2, stratum)
    two = kernel_of_test.moments_of_two(times, events, group, stratum)
    monkeypatch.setattr(kernels, "CELLS_PER_ROW", 0)

    again = kernels.counts(times, events), kernel_of_test.tables(times, events, group, 2, stratum)

    assert not kernels.countable(kernels.survey(times), times.size, 2)
    for one, other in zip([*counted[0], *counted[1]], [*again[0], *again[1]], strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(two, kernel_of_test.moments_of_two(times, events, group, stratum), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)


@pytest.mark.parametrize("whole", [True, False])
def test_edges(whole):
    shift = 0.0 if whole else 0.5
    nobody = np.zeros(4, dtype=bool)
    times, group = np.array([0.0, 0.0, 3.0, 3.0 + shift]), np.array([0, 1, 0, 1])

    # Events at time 0 count; without events there is no table; a group without subjects keeps its zeros.
    assert [c.tolist() for c in kernels.counts(times[:2] + shift, ~nobody[:2])] == [[shift], [2], [0]]
    assert kernel_of_test.tables(times, nobody, group, 2).time.size == 0
    assert kernel_of_test.moments_of_two(times, nobody, group).variance.tolist() == [[0, 0], [0, 0]]
    alone = kernel_of_test.moments_of_two(times, ~nobody, np.zeros(4, dtype=np.int64))
    assert (alone.n.tolist(), alone.expected.tolist(), alone.variance[1, 1]) == ([4, 0], [4.0, 0.0], 0.0)
    # An empty stratum between two others changes nothing.
    with_gap = kernel_of_test.tables(times, ~nobody, group, 2, np.array([0, 0, 2, 2]))
    without = kernel_of_test.tables(times, ~nobody, group, 2, np.array([0, 0, 1, 1]))
    assert np.array_equal(with_gap.at_risk, without.at_risk)
    assert with_gap.stratum.max() == 2


def test_metamorphic():
    times, events, group, stratum = subjects(30_000, whole=False, seed=3)
    found = kernel_of_test.moments_of_two(times, events, group, stratum)
    shuffled = random(1).permutation(times.size)

    swapped = kernel_of_test.moments_of_two(times, events, 1 - group, stratum)
    rows = kernel_of_test.moments_of_two(
        times[shuffled], events[shuffled], group[shuffled], stratum[shuffled]
    )
    scaled = kernel_of_test.moments_of_two(times * 4, events, group, stratum)
    constant = kernel_of_test.moments_of_two(times, events, group, np.zeros_like(stratum))

    np.testing.assert_allclose(swapped.expected[::-1], found.expected, rtol=1e-13)
    np.testing.assert_allclose(rows.variance, found.variance, rtol=1e-13)
    assert np.array_equal(scaled.expected, found.expected)
    assert np.array_equal(constant.expected, kernel_of_test.moments_of_two(times, events, group).expected)


def test_sums_carry_their_rounding():
    # A million tables with one event each and no tie: expected events are harmonic sums, known to the last digit.
    n = 400_000
    times = np.arange(n) + 0.25
    group = np.arange(n) % 2

    found = kernel_of_test.moments_of_two(times, np.ones(n, dtype=bool), group)

    # From the end: 2j - 1 subjects with j of group 1, and 2j with j of each.
    j = np.arange(1, n // 2 + 1, dtype=np.longdouble)
    exact = (j / (2 * j - 1)).sum() + np.longdouble(n // 2) / 2
    assert float(found.expected[1]) == pytest.approx(float(exact), rel=3e-16)
