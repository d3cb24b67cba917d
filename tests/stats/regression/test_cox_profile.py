"""Profile-likelihood intervals and tests of interaction."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import compiling, cox, interaction_test, likelihood_ratio_between, profile_intervals

CHI = 3.841458820694124 / 2


def sample(n=90, seed=2):
    rng = np.random.default_rng(seed)
    x = np.column_stack((rng.integers(0, 2, n), rng.normal(size=n), rng.normal(size=n)))
    return rng.integers(1, 25, n), rng.integers(0, 2, n), x, rng


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact-partial", "exact-marginal"])
@pytest.mark.parametrize("strata", [None, np.arange(90) % 3])
def test_at_a_limit_a_model_with_the_coefficient_as_offset_has_lost_the_quantile(ties, strata):
    time, event, x, _ = sample()
    model = cox(time, event, x, ties=ties, strata=strata)
    intervals = profile_intervals(model)

    for j in range(3):
        rest = [k for k in range(3) if k != j]
        for limit in (intervals.coefficient_lower[j], intervals.coefficient_upper[j]):
            held = cox(time, event, x[:, rest], offset=limit * x[:, j], ties=ties, strata=strata)
            assert held.log_likelihood == approx(model.log_likelihood - CHI, abs=1e-9)
    assert np.all(intervals.coefficient_lower < model.coefficients)
    assert np.all(model.coefficients < intervals.coefficient_upper)


def test_with_entries_weights_and_another_level():
    time, event, x, rng = sample()
    options = {"entry": rng.integers(0, 2, 90) * 0.5, "weights": rng.uniform(0.5, 2, 90), "robust": False}
    model = cox(time, event, x[:, :2], **options)
    intervals = profile_intervals(model, confidence_level=0.8)

    held = cox(time, event, x[:, 1], offset=intervals.coefficient_upper[0] * x[:, 0], **options)
    assert model.log_likelihood - held.log_likelihood == approx(1.642374415149818 / 2, abs=1e-9)


def test_one_coefficient_by_bisection():
    time, event, x, _ = sample()
    model = cox(time, event, x[:, 0])
    intervals = profile_intervals(model)

    def height(b):
        return (
            cox(time, event, np.empty((90, 0)), names=[], offset=b * x[:, 0]).log_likelihood
            - model.log_likelihood
            + CHI
        )

    low, high = model.coefficients[0], model.coefficients[0] + 5
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if height(middle) > 0 else (low, middle)
    assert intervals.coefficient_upper[0] == approx(low, rel=1e-10)


def test_a_monotone_likelihood_has_one_finite_limit():
    # l = -log((3 + 3s)(2 + 3s)(1 + 3s)) with s = exp(-b) grows to -log 6; it has lost CHI where the product is 6 e^CHI.
    model = cox(range(1, 7), [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], names=["treated"])
    intervals = profile_intervals(model)

    low, high = 0.0, 10.0
    for _ in range(200):
        s = (low + high) / 2
        low, high = (s, high) if (3 + 3 * s) * (2 + 3 * s) * (1 + 3 * s) < 6 * math.exp(CHI) else (low, s)
    assert intervals.coefficient_lower[0] == approx(-math.log(low), rel=1e-8)
    assert intervals.upper[0] == np.inf
    assert intervals.warnings == (
        "treated: the upper limit of the hazard ratio is infinity, for the likelihood never falls that way",
    )
    reversed_ = profile_intervals(cox(range(1, 7), [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], names=["control"]))
    assert reversed_.coefficient_upper[0] == approx(math.log(low), rel=1e-8) and reversed_.lower[0] == 0


def test_what_has_no_estimate_has_no_limits():
    time, event, x, _ = sample()
    columns = np.column_stack((x[:, 0], np.ones(90), x[:, 1], x[:, 0] - 2 * x[:, 1]))
    intervals = profile_intervals(cox(time, event, columns))
    alone = profile_intervals(cox(time, event, x[:, :2]))

    assert np.isnan(intervals.lower[[1, 3]]).all()
    assert intervals.coefficient_upper[[0, 2]] == approx(alone.coefficient_upper, rel=1e-9)
    assert intervals.warnings == ("x2: no estimate, so no limits", "x4: no estimate, so no limits")
    assert np.isnan(profile_intervals(cox([1, 2], [0, 0], [0, 1])).lower[0])


def test_several_directions_to_infinity():
    a, b = [3, 9, 1, 4, 0, 2, 1], [9, 1, 8, 4, 7, 3, 2]
    intervals = profile_intervals(cox(range(7), [1] * 7, np.column_stack((a, b))))

    assert intervals.upper.tolist() == [np.inf, np.inf]
    held = cox(range(7), [1] * 7, b, offset=intervals.coefficient_lower[0] * np.array(a))
    assert held.log_likelihood == approx(-CHI, abs=1e-7)


def test_compiled_likelihoods_have_the_same_limits(monkeypatch):
    time, event, x, _ = sample()
    expected = profile_intervals(cox(time, event, x))
    monkeypatch.setattr(compiling, "SMALLEST", 0)

    assert profile_intervals(cox(time, event, x)).coefficient_lower == approx(
        expected.coefficient_lower, rel=1e-10
    )


def test_a_robust_model_is_refused_and_the_summary_names_the_method():
    time, event, x, _ = sample()
    with pytest.raises(DataError, match="model: found one with a robust variance"):
        profile_intervals(cox(time, event, x, robust=True))
    intervals = profile_intervals(cox(time, event, x, names=["arm", "age", "size"]))
    assert intervals.summary().startswith("Cox, Efron ties; 95% profile-likelihood intervals\n")
    assert (
        intervals.to_frame().filter(statistic="upper", variable="age")["value"].item() == intervals.upper[1]
    )


def test_the_interaction_of_two_arms_and_two_levels_by_hand():
    time, event, x, rng = sample()
    arm, level = np.where(x[:, 0] == 1, "B", "A"), rng.integers(0, 2, 90)
    test = interaction_test(time, event, arm, level, covariates=x[:, 1], names=["age"])
    main = np.column_stack((x[:, 0], level, x[:, 1]))
    larger = cox(time, event, np.column_stack((main, x[:, 0] * level)))

    assert test.names == ("treatment=B:factor=1",)
    assert test.larger.names == ("treatment=B", "factor=1", "age", "treatment=B:factor=1")
    expected = likelihood_ratio_between(cox(time, event, main, names=["x1", "x2", "x3"]), larger)
    assert test.likelihood_ratio == expected
    assert test.wald.chi_square == approx(larger.wald_z[3] ** 2, rel=1e-10)
    # All three are tests of one hypothesis, and near to each other in 90 subjects.
    assert test.score.df == 1 and test.score.chi_square == approx(expected.chi_square, rel=0.2, abs=0.01)
    assert test.smaller.names == ("treatment=B", "factor=1", "age")


def test_swapping_arms_or_levels_changes_no_test():
    time, event, x, rng = sample()
    arm, level = x[:, 0].astype(int), rng.integers(0, 3, 90)
    tests = [interaction_test(time, event, a, b) for a, b in ((arm, level), (1 - arm, 2 - level))]

    for name in ("likelihood_ratio", "wald", "score"):
        one, other = (getattr(test, name) for test in tests)
        assert one.df == 2 and other.chi_square == approx(one.chi_square, rel=1e-8)


def test_a_factor_among_the_strata_a_number_and_a_robust_variance():
    time, event, x, rng = sample()
    arm, level = x[:, 0].astype(int), rng.integers(0, 3, 90)
    stratified = interaction_test(time, event, arm, level, strata=level)
    number = interaction_test(time, event, arm, x[:, 1], factor_as="number")
    robust = interaction_test(time, event, arm, level, cluster=np.arange(90) // 2)
    within = [cox(time[level == k], event[level == k], arm[level == k]).log_likelihood for k in range(3)]

    assert stratified.likelihood_ratio.df == 2 and stratified.warnings == ()
    assert stratified.larger.log_likelihood == approx(sum(within), rel=1e-11)
    assert number.likelihood_ratio.df == 1 and number.names == ("treatment=1:factor",)
    assert robust.wald.method == "robust Wald" and robust.wald.chi_square != robust.score.chi_square
    assert "likelihood ratio test" in stratified.summary() and "treatment=1:factor=2" in set(
        stratified.to_frame()["variable"]
    )


def test_unusable_interactions_are_refused():
    with pytest.raises(DataError, match="values: found the one level 0"):
        interaction_test([1, 2, 3], [1, 1, 1], [0, 0, 0], [0, 1, 0])
    with pytest.raises(DataError, match="factor: found 2 values; expected one for each of the 3"):
        interaction_test([1, 2, 3], [1, 1, 1], [0, 1, 0], [0, 1])
    with pytest.raises(DataError, match="covariates: found 'factor=1' twice"):
        interaction_test([1, 2, 3], [1, 1, 1], [0, 1, 0], [0, 1, 1], covariates={"factor=1": [0, 1, 1]})
    with pytest.raises(DataError, match="factor_as: found 'text'"):
        interaction_test([1, 2, 3], [1, 1, 1], [0, 1, 0], [0, 1, 0], factor_as="text")
