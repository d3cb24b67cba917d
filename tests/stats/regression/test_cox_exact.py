"""The exact ways to treat ties, held beside sums over every choice and every order of the tied deaths."""

from __future__ import annotations

import math
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import cox
from equipoise.stats.regression.exact_marginal import _orders
from equipoise.stats.regression.partial_likelihood import partial_likelihood
from equipoise.stats.regression.risk_sets import risk_sets

EXACT = ("exact-partial", "exact-marginal")

subjects = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(1, 3),
        st.booleans(),
        st.integers(-2, 2),
        st.integers(0, 2),
        st.integers(0, 1),
    ),
    min_size=2,
    max_size=9,
)


def columns(rows):
    """entry, time, event, covariates (n, 2), strata of drawn rows."""
    drawn = np.array(rows, dtype=float)
    return drawn[:, 0], drawn[:, 0] + drawn[:, 1], drawn[:, 2] == 1, drawn[:, 3:5], drawn[:, 5].astype(int)


def by_enumeration(entry, time, event, x, strata, ties, beta):
    """The likelihood of the definitions: each event time's deaths among all choices, or all their orders."""
    risk = np.exp(x @ np.asarray(beta, dtype=float))
    value = 0.0
    for s in set(strata.tolist()):
        for t in {u for u, e, r in zip(time, event, strata, strict=True) if e and r == s}:
            at_risk = [
                i
                for i in range(len(time))
                if strata[i] == s and time[i] >= t and (entry[i] < t or entry[i] == 0)
            ]
            dying = [i for i in at_risk if time[i] == t and event[i]]
            if ties == "exact-partial":
                total = sum(math.prod(risk[list(one)]) for one in combinations(at_risk, len(dying)))
                value += math.log(math.prod(risk[dying]) / total)
            else:
                total = 0.0
                for order in permutations(dying):
                    product, left = 1.0, sum(risk[at_risk])
                    for i in order:
                        product *= risk[i] / left
                        left -= risk[i]
                    total += product
                value += math.log(total)
    return value


def derivatives(function, beta, step=1e-4):
    """Central differences: the gradient and minus the second derivatives."""
    p = len(beta)
    e = np.eye(p) * step
    gradient = np.array([(function(beta + e[j]) - function(beta - e[j])) / (2 * step) for j in range(p)])
    second = np.array([[function(beta + e[j] + e[k]) - function(beta + e[j] - e[k]) - function(beta - e[j] + e[k])
                        + function(beta - e[j] - e[k]) for k in range(p)] for j in range(p)]) / (4 * step**2)  # fmt: skip
    return gradient, -second


@settings(deadline=None)
@given(subjects, st.sampled_from(EXACT), st.booleans(), st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)))
def test_value_score_and_information_equal_the_enumeration(rows, ties, delayed, beta):
    entry, time, event, x, strata = columns(rows)
    entry = entry if delayed else np.zeros(len(rows))
    assume(event.any())
    sets = risk_sets(time, event, strata, ties, entry=entry)

    found = partial_likelihood(sets, x[sets.row]).evaluate(np.array(beta))

    def value(b):
        return by_enumeration(entry, time, event, x, strata, ties, b)

    gradient, information = derivatives(value, np.array(beta))
    assert found.log_likelihood == approx(value(beta), rel=1e-11, abs=1e-11)
    assert found.score == approx(gradient, abs=2e-6)
    assert found.information == approx(information, abs=2e-5)


@settings(deadline=None, max_examples=40)
@given(subjects, st.sampled_from(EXACT))
def test_infinite_exactly_when_every_death_outdoes_the_survivors(rows, ties):
    _, time, event, x, strata = columns(rows)
    assume(event.any())
    x = x[:, 0]
    model = cox(time, event, x, names=["x"], strata=strata, ties=ties)

    bounds = []
    for t, s in {(time[i], strata[i]) for i in np.flatnonzero(event)}:
        at_risk = (time >= t) & (strata == s)
        dying = at_risk & (time == t) & event
        if (at_risk & ~dying).any() and np.ptp(x[at_risk]) > 0:
            bounds.append((x[dying], x[at_risk & ~dying]))
    informative = [pair for pair in bounds if np.ptp(np.concatenate(pair)) > 0]
    if not informative:
        assert np.isnan(model.coefficients[0]) and "no estimate" in model.warnings[0]
    elif all(died.min() >= lived.max() for died, lived in informative):
        assert model.coefficients[0] == np.inf
    elif all(died.max() <= lived.min() for died, lived in informative):
        assert model.coefficients[0] == -np.inf
    else:
        assert np.isfinite(model.coefficients[0]) and model.converged


@pytest.mark.parametrize("ties", EXACT)
def test_without_ties_all_four_are_one(ties):
    rng = np.random.default_rng(5)
    time, event, x = rng.permutation(60) + 1, rng.integers(0, 2, 60), rng.normal(size=(60, 3))
    one, other = (cox(time, event, x, ties=t, strata=np.arange(60) % 2) for t in ("breslow", ties))

    assert other.coefficients == approx(one.coefficients, rel=1e-11)
    assert other.covariance == approx(one.covariance, rel=1e-10, abs=1e-14)
    assert other.log_likelihood == approx(one.log_likelihood, rel=1e-13)


@pytest.mark.parametrize("ties", EXACT)
def test_rows_shuffled_and_arms_swapped(ties):
    rng = np.random.default_rng(3)
    time, event, arm = rng.integers(1, 8, 50), rng.integers(0, 2, 50), rng.integers(0, 2, 50)
    order = rng.permutation(50)
    model = cox(time, event, arm, ties=ties)
    shuffled = cox(time[order], event[order], arm[order], ties=ties)
    swapped = cox(time, event, 1 - arm, ties=ties)

    assert shuffled.coefficients == approx(model.coefficients, rel=1e-10)
    assert swapped.coefficients == approx(-model.coefficients, rel=1e-10)
    assert swapped.log_likelihood == approx(model.log_likelihood, rel=1e-12)


def test_hundreds_of_ties_stay_within_the_range_of_a_double():
    # 700 of 1500 die together. At coefficient 0 every choice is as likely: log C(1500, 700), of 449 digits.
    time, event = np.repeat([1.0, 2.0], [700, 800]), np.repeat([True, False], [700, 800])
    x = np.concatenate((np.arange(700) % 2, (np.arange(800) + 1) % 3 == 0)).astype(float)
    expected = math.lgamma(1501) - math.lgamma(701) - math.lgamma(801)

    for ties in EXACT:
        model = cox(time, event, x, ties=ties)
        assert model.log_likelihood_null == approx(-expected, rel=1e-12)
        assert model.converged and 0 < model.coefficients[0] < 1.5


def test_one_binary_covariate_and_one_event_time_is_fishers_noncentral_table():
    # 4 of 6 treated and 3 of 9 others die together: the conditional likelihood of the odds ratio of a 2 x 2 table.
    time = np.repeat([1.0, 2, 1, 2], [4, 2, 3, 6])
    event, treated = time == 1, np.repeat([1, 1, 0, 0], [4, 2, 3, 6])
    model = cox(time, event, treated, ties="exact-partial")

    def mean(b):
        weights = {k: math.comb(6, k) * math.comb(9, 7 - k) * math.exp(b * k) for k in range(7)}
        return sum(k * w for k, w in weights.items()) / sum(weights.values())

    low, high = -5.0, 10.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if mean(middle) < 4 else (low, middle)
    assert model.coefficients[0] == approx(low, rel=1e-12)


@pytest.mark.parametrize("u", [[-300.0, 250.0], [-2.0, 0.5, 3.0], [12.0, 12.0, -12.0, 0.0], [-30.0] * 6])
def test_the_integral_equals_its_finite_sum(u):
    # By inclusion and exclusion: the sum over subsets A of (-1)^|A| / (1 + sum of exp(u) over A), in exact fractions.
    from fractions import Fraction

    risk = [Fraction(math.exp(one)) for one in u]
    total = Fraction(0)
    for size in range(len(u) + 1):
        for chosen in combinations(risk, size):
            total += Fraction((-1) ** size) / (1 + sum(chosen))
    expected = math.log(total.numerator) - math.log(total.denominator)

    logs, gradient, hessian = _orders(np.array([u]))

    assert logs[0] == approx(expected, rel=1e-12, abs=1e-12)
    assert np.all((gradient >= 0) & (gradient <= 1))
    assert np.all(np.linalg.eigvalsh(hessian[0]) <= 1e-12)


def test_everyone_dying_together_tells_nothing():
    for ties in EXACT:
        model = cox([2, 2, 2], [1, 1, 1], [0, 1, 2], ties=ties)
        assert model.log_likelihood == approx(0, abs=1e-12)
        assert np.isnan(model.coefficients[0]) and "no estimate" in model.warnings[0]


@pytest.mark.parametrize("ties", EXACT)
@pytest.mark.parametrize("option", [{"weights": [1, 2, 1]}, {"cluster": [1, 2, 3]}, {"robust": True}])
def test_weights_and_robust_variances_are_refused(ties, option):
    with pytest.raises(DataError, match=rf"{next(iter(option))}: found given with ties {ties}"):
        cox([1, 2, 3], [1, 1, 1], [0, 1, 0], ties=ties, **option)
