"""The quick sums of one stratum are those of the general way."""

from dataclasses import replace

import numpy as np
import pytest

from equipoise.stats import cox
from equipoise.stats.regression.partial_likelihood import partial_likelihood
from equipoise.stats.regression.risk_sets import risk_sets


def _likelihood(seed, ties, days, weighted):
    draw = np.random.default_rng(seed)
    n = 60
    times = np.ceil(draw.exponential(days, n)) if days else draw.exponential(1, n)
    events = draw.random(n) < 0.6
    events[:2] = True
    weights = draw.integers(1, 4, n).astype(float) if weighted else None
    sets = risk_sets(times, events, np.zeros(n, dtype=np.int64), ties, weights=weights)
    return partial_likelihood(sets, draw.standard_normal((sets.row.size, 3)))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("days", [0, 3, 12, 400])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_quick_sums_are_the_general_ones(ties, days, weighted):
    for seed in range(4):
        quick = _likelihood(seed, ties, days, weighted)
        assert quick.run is not None
        general = replace(quick, run=None)
        for beta in (np.zeros(3), np.array([0.7, -1.2, 0.3]), np.array([-9.0, 4.0, 11.0])):
            a, b = quick.evaluate(beta), general.evaluate(beta)
            assert a.log_likelihood == pytest.approx(b.log_likelihood, rel=1e-13)
            assert a.score == pytest.approx(b.score, rel=1e-11, abs=1e-10)
            assert a.information == pytest.approx(b.information, rel=1e-10, abs=1e-10)


def test_far_predictors_and_exact_likelihoods_go_the_general_way():
    far = _likelihood(1, "efron", 12, False)
    assert np.isfinite(far.evaluate(np.array([400.0, 0, 0])).log_likelihood)
    assert np.isneginf(far.evaluate(np.array([np.nan, 0, 0])).log_likelihood)
    assert _likelihood(1, "exact-partial", 12, False).run is None
    assert _likelihood(1, "exact-marginal", 12, False).run is None


def test_rows_that_leave_before_the_first_event_change_nothing():
    time, event, x = [3, 4, 4, 5, 6, 7], [1, 1, 1, 0, 1, 0], [0.2, 1.0, -0.5, 0.7, 0.1, -1.0]
    whole = cox(time, event, x)
    more = cox([1, 2, 2, *time], [0, 0, 0, *event], [50.0, -3.0, 8.0, *x])
    assert more.coefficients[0] == pytest.approx(whole.coefficients[0], rel=1e-12)
    assert more.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-13)
