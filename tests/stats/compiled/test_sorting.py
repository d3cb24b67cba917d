"""Sorting by bits, near-ties and labels: each equals what numpy or the reference finds, on every kind of data."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.stats.compiled import labels, near_ties, sorting
from equipoise.stats.observations import NEAR_TIE, _near_ties_joined


def random(seed):
    return np.random.default_rng([1331, seed])


def kinds_of_times(n, seed):
    """Times of every kind that bits could betray, by name."""
    draw = random(seed)
    smooth = draw.standard_exponential(n) * 900
    crowded = 1 + draw.integers(0, 50, n) * np.spacing(1.0)
    return {
        "continuous": smooth,
        "whole days": np.ceil(smooth),
        "days as years": np.ceil(smooth) / 365.25,
        "halves": np.round(smooth * 2) / 2,
        "single precision": smooth.astype(np.float32).astype(np.float64),
        "some at zero": np.where(draw.random(n) < 0.2, 0.0, smooth),
        "all at zero": np.zeros(n),
        "minus zero": np.where(draw.random(n) < 0.5, -0.0, 0.5),
        "all equal": np.full(n, 37.25),
        "smallest and largest": np.where(draw.random(n) < 0.5, 5e-324, 1.7e308) * draw.random(n),
        "all exponents": 10.0 ** draw.uniform(-300, 300, n),
        # Upper bits that are all equal but for one subject: what nearly sorts others does not sort these.
        "crowded with an outlier": np.concatenate((crowded[1:], [1e9])),
        "descending": np.sort(smooth)[::-1],
    }


KINDS = tuple(kinds_of_times(2, 0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "k", "n_strata"), [(1, 1, 1), (57, 2, 6), (3000, 3, 400), (70_000, 2, 1)])
def test_sorted_rows_are_the_rows_sorted(kind, n, k, n_strata):
    times = kinds_of_times(n, n)[kind]
    draw = random(2)
    events, group, stratum = draw.random(n) < 0.6, draw.integers(0, k, n), draw.integers(0, n_strata, n)

    rows = sorting.sorted_rows(
        times, sorting.survey(times), events=events, group=group, stratum=stratum, k=k, n_strata=n_strata
    )

    code = (stratum * k + group) * 2 + events
    order = np.lexsort((code, times))
    assert np.array_equal(rows.time, times[order])
    assert np.array_equal(rows.code[np.lexsort((rows.code, rows.time))], code[order])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 57, 30_000])
def test_ascending_is_the_stable_order(kind, n):
    times = kinds_of_times(n, n + 1)[kind]

    assert np.array_equal(sorting.ascending(times), np.argsort(times, kind="stable"))


def test_codes_that_do_not_fit_beside_the_times_lose_no_bit():
    # Zero to 1e300 takes 63 bits, 2 * 500 * 1000 codes take 20.
    draw = random(3)
    times = np.concatenate((10.0 ** draw.uniform(-300, 300, 5000), [0.0, 5e-324]))
    stratum = draw.integers(0, 1000, times.size)

    rows = sorting.sorted_rows(times, sorting.survey(times), stratum=stratum, k=500, n_strata=1000)

    order = np.argsort(times, kind="stable")
    assert np.array_equal(rows.time, times[order])
    assert np.array_equal(rows.code, stratum[order] * 1000)


@pytest.mark.parametrize("wrong", [-1.0, -5e-324, np.nan, -np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", [0, 6, 12])
def test_survey_counts_every_unusable_time_wherever_it_stands(wrong, where):
    times = np.linspace(0, 3, 13)
    assert sorting.survey(times).unusable == 0
    times[where] = wrong

    assert sorting.survey(times).unusable == 1


def test_survey_knows_whole_times_and_the_largest():
    assert sorting.survey(np.array([0.0, -0.0, 7.0, 2.0**60])).fractional == 0
    assert sorting.survey(np.array([0.0, 7.5, 7.0])) [1:] == (
        1, int(np.array(7.0).view(np.uint64)), int(np.array(7.5).view(np.uint64)),
        int(np.array(7.0).view(np.uint64)) | int(np.array(7.5).view(np.uint64)), 7.5,
    )  # fmt: skip


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[::-1],
        lambda a: np.repeat(a, 2)[::2],
        lambda a: np.frombuffer(a.tobytes()),  # read-only
    ],
)
def test_arrays_of_any_layout_give_the_same(view):
    times = random(4).standard_exponential(500)

    found = view(times)

    assert np.array_equal(sorting.ascending(found), np.argsort(found, kind="stable"))
    assert np.array_equal(near_ties.joined_times(found, 0.01), joined_as_defined(found, 0.01))


def joined_as_defined(times, near):
    distinct = np.unique(times)
    limit = max(near, near * distinct.mean())
    kept = {}
    for before, here in zip([-np.inf, *distinct], distinct, strict=False):
        kept[here] = here if here - before > limit else kept[before]
    return np.array([kept[t] for t in times])


@pytest.mark.parametrize("kind", KINDS)
def test_near_ties_are_joined_as_the_reference_joins_them(kind):
    times = kinds_of_times(20_000, 5)[kind]
    if kind == "smallest and largest":
        times = times / 1e10  # the mean of distinct times must be a number

    assert np.array_equal(near_ties.joined_times(times, NEAR_TIE), _near_ties_joined(times))


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("step", [0.2, 0.9999, 1.0001, 3.0])
def test_chains_of_near_ties_join_to_their_first(scale, step):
    # Gaps around the limit: the absolute one below a mean of 1, the relative one above.
    draw = random(6)
    gaps = draw.choice([step * NEAR_TIE * max(1.0, scale), 0.01 * scale], size=4000)
    times = draw.permutation(np.cumsum(gaps) % (2 * scale) + 1e-3 * scale)

    joined = near_ties.joined_times(times, NEAR_TIE)

    assert np.array_equal(joined, _near_ties_joined(times))
    assert np.array_equal(joined, joined_as_defined(times, NEAR_TIE))


def test_a_gap_that_is_the_limit_but_for_rounding_is_decided_as_by_the_reference():
    # The mean of the distinct times is near 2, and one gap near NEAR_TIE times it, moved by single steps of rounding.
    rest = random(7).uniform(1, 3, 500) + 0.25
    for steps in range(-6, 7):
        gap = NEAR_TIE * float(np.unique(rest).mean())
        times = np.concatenate((rest, [0.125, 0.125 + gap + steps * np.spacing(0.125)]))
        assert np.array_equal(near_ties.joined_times(times, NEAR_TIE), _near_ties_joined(times))


def test_whole_times_are_never_joined_however_large():
    times = np.array([1e15, 1e15 + 1, 1e15 + 2])

    assert near_ties.joined_times(times, NEAR_TIE) is times


LABELS = {
    "bool": lambda codes: codes % 2 == 1,
    "int8": lambda codes: (codes % 100 - 50).astype(np.int8),
    "uint16": lambda codes: codes.astype(np.uint16),
    "int64": lambda codes: codes - 2**40 * (codes % 3),
    "uint64": lambda codes: codes.astype(np.uint64) + np.uint64(2**63),
    "text": lambda codes: np.array([f"stratum {code}" for code in codes.tolist()]),
    "text of many lengths": lambda codes: np.array(["é" * (code % 5) + str(code) for code in codes.tolist()]),
    "empty text": lambda codes: np.full(codes.size, ""),
    "read-only": lambda codes: np.frombuffer(codes.tobytes(), dtype=np.int64),
    "every second": lambda codes: np.repeat(codes, 2)[::2],
}


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("n_labels", [1, 2, 300, 2500])
def test_distinct_labels_are_those_of_unique(kind, n_labels):
    found = LABELS[kind](random(8).integers(0, n_labels, 50_000))
    levels, codes = np.unique(found, return_inverse=True)

    ours = labels.distinct_labels(found)

    assert ours is not None
    assert ours[0].dtype == levels.dtype
    assert ours[0].tolist() == levels.tolist()
    assert np.array_equal(ours[1], codes)
    assert ours[1].dtype == np.int64


def test_objects_that_are_all_texts_serve_and_others_go_the_plain_way():
    found = np.array(["b", "a", "b", "c"], dtype=object)

    levels, codes = labels.distinct_labels(found)

    assert levels.tolist() == ["a", "b", "c"]
    assert codes.tolist() == [1, 0, 1, 2]
    for other in ([1, "a"], ["a", None], [np.str_("a"), "a"], [1, 2], [0.5, float("nan")]):
        assert labels.distinct_labels(np.array(other, dtype=object)) is None
    assert labels.distinct_labels(np.array([0.5, 1.5])) is None
    assert labels.distinct_labels(np.array([], dtype=np.int64)) is None


def test_nearly_as_many_labels_as_rows_are_left_to_a_sort():
    assert labels.distinct_labels(np.arange(20_000)) is None


def test_an_index_past_the_end_is_an_error_when_indices_are_checked(bounds_checked):
    with pytest.raises(IndexError):
        bounds_checked.counts._by_day(np.array([5.0]), np.array([True]), np.zeros(4, dtype=np.int32))


def test_with_every_index_checked_nothing_changes(bounds_checked):
    for n in (1, 2, 9, 40):
        for kind, times in kinds_of_times(n, n).items():
            draw = random(n)
            group, stratum = draw.integers(0, 3, n), draw.integers(0, 5, n)
            rows = bounds_checked.sorting.sorted_rows(
                times, bounds_checked.sorting.survey(times), group=group, stratum=stratum, k=3, n_strata=5
            )
            assert np.array_equal(rows.time, np.sort(times)), kind
            order = bounds_checked.sorting.ascending(times)
            assert np.array_equal(order, np.argsort(times, kind="stable")), kind
            if kind != "smallest and largest":
                joined = bounds_checked.near_ties.joined_times(times, 0.3)
                fractional = (np.floor(times) != times).any()
                expected = joined_as_defined(times, 0.3) if fractional else times
                assert np.array_equal(joined, expected), kind
    found = random(9).integers(0, 700, 20_000)
    assert np.array_equal(
        bounds_checked.labels.distinct_labels(found)[1], np.unique(found, return_inverse=True)[1]
    )
