"""Concordance: symmetries, ties, entries, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.stats import concordance, cox

RANDOM = np.random.default_rng(13)
N = 150
TIME, EVENT = RANDOM.integers(0, 25, N), RANDOM.random(N) < 0.6
MARKER, WEIGHT, STRATUM = RANDOM.integers(0, 20, N), RANDOM.integers(1, 4, N), RANDOM.integers(0, 3, N)


def c(**options):
    return concordance(**{"time": TIME, "event": EVENT, "marker": MARKER} | options)


@pytest.mark.parametrize("weights", ["n", "S", "S/G", "n/G2", "I"])
def test_the_opposite_marker_mirrors(weights):
    ours, mirrored = c(time_weights=weights), c(marker=-MARKER, time_weights=weights)

    assert mirrored.estimate == pytest.approx(1 - ours.estimate, abs=1e-13)
    assert mirrored.std_err == pytest.approx(ours.std_err, rel=1e-10)
    assert (mirrored.concordant, mirrored.tied_marker) == pytest.approx(
        (ours.discordant, ours.tied_marker), rel=1e-12
    )


def test_only_the_order_of_times_and_markers_counts():
    moved = c(time=np.exp(TIME / 5.0), marker=np.exp(MARKER) - 4, strata=STRATUM)

    assert moved.estimate == c(strata=STRATUM).estimate and moved.std_err == c(strata=STRATUM).std_err


def test_rows_shuffled():
    order = np.random.default_rng(1).permutation(N)
    again = c(time=TIME[order], event=EVENT[order], marker=MARKER[order], weights=WEIGHT[order])

    assert again.estimate == c(weights=WEIGHT).estimate
    assert again.std_err == pytest.approx(c(weights=WEIGHT).std_err, rel=1e-12)


def test_every_pair_is_counted_once():
    found = c(event=np.ones(N, bool))

    assert (
        found.concordant + found.discordant + found.tied_marker + found.tied_time + found.tied_both
        == N * (N - 1) / 2
    )


def test_weights_of_one_constant_strata_and_entries_at_the_origin_change_nothing():
    ours = c()

    for options in (
        {"weights": np.ones(N)},
        {"strata": np.zeros(N)},
        {"entry": np.zeros(N)},
        {"cluster": np.arange(N)},
    ):
        found = c(**options)
        assert (found.estimate, found.concordant) == (ours.estimate, ours.concordant)
        assert found.std_err == pytest.approx(ours.std_err, rel=1e-12)


def test_perfect_and_useless_markers():
    perfect = concordance(time=[1, 2, 3, 4], event=[1, 1, 1, 1], marker=[4, 3, 2, 1])
    useless = concordance(time=[1, 2, 3, 4], event=[1, 1, 1, 1], marker=[1, 1, 1, 1])

    assert (perfect.estimate, perfect.somers_d, perfect.std_err) == (1, 1, 0)
    assert (useless.estimate, useless.tied_marker) == (0.5, 6)


def test_an_event_comes_before_a_censoring_of_its_time_and_two_events_do_not_compare():
    assert concordance(time=[2, 2], event=[1, 0], marker=[1, 0]).concordant == 1
    both = concordance(time=[2, 2], event=[1, 1], marker=[1, 0])
    assert np.isnan(both.estimate) and both.tied_time == 1 and both.warnings


def test_nobody_censored_without_pairs():
    found = c(event=np.zeros(N, bool))

    assert np.isnan(found.estimate) and np.isnan(found.lower) and "comparable" in found.warnings[0]
    assert found.to_frame()["value"].null_count() > 0 and "not estimable" in found.summary()


def test_a_model_is_its_linear_predictor():
    model = cox(TIME, EVENT, MARKER, strata=STRATUM)
    sign = np.sign(model.coefficients[0])

    assert concordance(model).estimate == c(marker=sign * MARKER, strata=STRATUM).estimate


def test_late_entry_takes_pairs_away():
    found = concordance(time=[1, 2, 3], event=[1, 1, 1], marker=[3, 2, 1], entry=[0, 1, 0])

    assert found.concordant == 2  # the second entered at the time of the first event: not yet at risk


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"time_weights": "G"}, "time_weights"),
        ({"entry": np.zeros(N), "time_weights": "n/G2"}, "entry"),
        ({"marker": None}, "marker"),
        ({"marker": np.full(N, np.nan)}, "finite"),
        ({"marker": MARKER[:4]}, "shape"),
        ({"time": np.append(TIME[1:].astype(float), np.nan)}, "time"),
        ({"strata": np.array([None] * N)}, "strata"),
        ({"weights": np.zeros(N)}, "weights"),
        ({"model": cox(TIME, EVENT, MARKER)}, "either"),
        ({"model": TIME}, "result of cox"),
    ],
)
def test_refusals(options, word):
    with pytest.raises(DataError, match=word):
        c(**options)
