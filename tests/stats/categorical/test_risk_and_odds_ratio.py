from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import odds_ratio, risk_ratio
from equipoise.stats.categorical.odds_ratio import INTERVALS as ODDS
from equipoise.stats.categorical.restricted import odds_score
from equipoise.stats.categorical.risk_ratio import INTERVALS as RATIOS


@st.composite
def tables(draw):
    n1, n0 = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n0)), n0


def inverse(value):
    return math.inf if value == 0 else 1 / value


@pytest.mark.parametrize(
    ("function", "method"), [(risk_ratio, m) for m in RATIOS] + [(odds_ratio, m) for m in ODDS]
)
@settings(max_examples=15, deadline=None)
@given(table=tables())
def test_swapped_groups_give_the_inverse(function, method, table):
    x1, n1, x0, n0 = table
    one, other = function(x1, n1, x0, n0, method=method), function(x0, n0, x1, n1, method=method)
    # In logarithms, so that far limits are as precise as near ones.
    expected = np.log(np.maximum([inverse(one.upper), inverse(one.lower)], 1e-300))
    found = np.log(np.maximum([other.lower, other.upper], 1e-300))
    assert found.tolist() == approx(expected.tolist(), abs=1e-8, nan_ok=True)


@pytest.mark.parametrize("method", ODDS)
@settings(max_examples=15, deadline=None)
@given(table=tables())
def test_events_for_non_events_inverts_the_odds_ratio(method, table):
    x1, n1, x0, n0 = table
    one, other = (
        odds_ratio(x1, n1, x0, n0, method=method),
        odds_ratio(n1 - x1, n1, n0 - x0, n0, method=method),
    )
    found, expected = [other.lower, other.upper], [inverse(one.upper), inverse(one.lower)]
    assert found == approx(expected, rel=1e-8, nan_ok=True)


@settings(max_examples=20, deadline=None)
@given(table=tables())
def test_methods_hold_their_estimates_and_their_order(table):
    exact, mid, wide = (odds_ratio(*table, method="exact"), odds_ratio(*table, method="mid_p"),
                        odds_ratio(*table, method="exact", confidence_level=0.99))  # fmt: skip
    if math.isnan(exact.odds_ratio):
        assert (exact.lower, exact.upper) == (0, math.inf)
        return
    assert exact.lower <= exact.odds_ratio_conditional <= exact.upper
    assert exact.lower <= mid.lower and mid.upper <= exact.upper
    assert wide.lower <= exact.lower and exact.upper <= wide.upper


def test_exact_limits_are_where_the_tails_have_half_alpha():
    # 3 of 4 against 1 of 4, four events: weights 1, 16, 36, 16, 1 times powers of the odds ratio.
    found = odds_ratio(3, 4, 1, 4)
    weights = np.array([1, 16, 36, 16, 1])

    def share(odds, at_least=None, at_most=None):
        w = weights * odds ** np.arange(5)
        return (w[at_least:].sum() if at_least is not None else w[: at_most + 1].sum()) / w.sum()

    assert share(found.lower, at_least=3) == approx(0.025, rel=1e-11)
    assert share(found.upper, at_most=3) == approx(0.025, rel=1e-11)


def test_the_two_sided_interval_agrees_with_fishers_p():
    # 2 of 12 against 9 of 12: Fisher's two-sided P is below 0.05, so 1 is outside.
    found = odds_ratio(2, 12, 9, 12, method="minimum-likelihood")
    assert found.upper < 1
    # 7 of 10 against 2 of 9, P = 0.07: inside.
    assert odds_ratio(7, 10, 2, 9, method="minimum-likelihood").lower < 1


def test_zero_cells_are_zero_or_infinite_and_said():
    none = odds_ratio(0, 5, 3, 7)
    assert (none.odds_ratio, none.odds_ratio_conditional, none.lower) == (0, 0, 0) and none.upper < 10
    every = odds_ratio(5, 5, 3, 7)
    assert every.odds_ratio == every.upper == math.inf and every.lower > 0.5
    assert "a cell is 0" in every.warnings[0] and "infinity" in every.summary()
    assert every.to_frame().filter(statistic="upper")["warning"][0] == "infinity"
    assert math.isnan(odds_ratio(0, 5, 3, 7, method="woolf").lower)


def test_the_same_outcome_in_all_is_said():
    for table in ((0, 5, 0, 7), (5, 5, 7, 7)):
        found = odds_ratio(*table)
        assert math.isnan(found.odds_ratio) and (found.lower, found.upper) == (0, math.inf)
        assert "same outcome" in found.warnings[0]
    assert math.isnan(risk_ratio(0, 5, 0, 7).risk_ratio) and risk_ratio(0, 5, 0, 7).upper == math.inf


def test_ratio_without_control_events():
    found = risk_ratio(3, 7, 0, 5)
    assert found.risk_ratio == found.upper == math.inf and 0 < found.lower < 3
    assert math.isnan(risk_ratio(3, 7, 0, 5, method="log").lower)
    assert "no event" in risk_ratio(3, 7, 0, 5, method="log").warnings[0]


def test_ratio_limits_without_width_are_said():
    found = risk_ratio(4, 4, 5, 5, method="log")
    assert found.lower == found.upper == 1 and "no width" in found.warnings[0]


def test_score_at_one_is_pearsons():
    pooled = 13 / 45
    expected = (9 / 20 - 4 / 25) / math.sqrt(pooled * (1 - pooled) * (1 / 20 + 1 / 25))
    assert odds_score(9, 20, 4, 25, 1.0) == approx(expected, rel=1e-13)


@given(odds=st.floats(-250, 250))
def test_score_falls_with_the_odds_ratio_also_far_out(odds):
    near, far = odds_score(29, 55, 11, 11, math.exp(odds)), odds_score(29, 55, 11, 11, math.exp(odds + 1))
    assert far < near <= 0


def test_large_tables_are_quick_and_agree_with_the_normal_limits():
    exact, woolf = (odds_ratio(6_000, 20_000, 5_800, 20_000, method=m) for m in ("mid_p", "woolf"))
    assert [exact.lower, exact.upper] == approx([woolf.lower, woolf.upper], rel=1e-4)


def test_subjects_and_counts_agree():
    data = {"cr": [1, 1, 0, 1, 0, 0, 0], "arm": list("EEEECCC")}
    for function in (risk_ratio, odds_ratio):
        found = function(response="cr", group="arm", groups=("C", "E"), data=data)
        assert found.upper == function(3, 4, 0, 3).upper and found.lower == function(3, 4, 0, 3).lower


def test_summaries_and_refusals():
    assert "Koopman" in risk_ratio(3, 7, 2, 5, method="koopman").summary()
    assert "exact conditional" in odds_ratio(3, 7, 2, 5).summary()
    assert risk_ratio(3, 6, 2, 8).to_frame().filter(statistic="risk_ratio")["value"][0] == 2
    for function in (risk_ratio, odds_ratio):
        with pytest.raises(DataError, match="miettinen-nurminen"):
            function(1, 2, 1, 2, method="MN")
        with pytest.raises(DataError, match="at most"):
            function(3, 2, 1, 2)
        with pytest.raises(DataError, match="response"):
            function(response=[1, None], group=["A", "B"], groups=("A", "B"))


@pytest.mark.parametrize(
    "counts", [(760, 800, 40, 800), (4500, 5000, 1000, 5000), (800, 800, 80, 800), (4999, 5000, 2, 5000)]
)
def test_exact_limits_of_large_far_tables_leave_their_tails(counts):
    """At each limit the tail is alpha / 2, by sums of logarithms that do not vanish."""
    x1, n1, x0, n0 = counts
    found = odds_ratio(*counts, method="exact")
    support = np.arange(max(0, x1 + x0 - n0), min(n1, x1 + x0) + 1)
    log_weight = np.array([
        -sum(math.lgamma(v + 1) for v in (x, n1 - x, x1 + x0 - x, n0 - x1 - x0 + x)) for x in support.tolist()
    ])  # fmt: skip

    def tail(ratio, side):
        logs = log_weight + support * math.log(ratio)
        share = np.exp(logs - logs.max())
        return float(share[side].sum() / share.sum())

    assert tail(found.lower, support >= x1) == approx(0.025, rel=1e-6)
    if math.isfinite(found.upper):
        assert tail(found.upper, support <= x1) == approx(0.025, rel=1e-6)
    else:
        assert x1 == n1
