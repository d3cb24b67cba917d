"""Logistic regression: what must not change when the data are written in another way, the edges, the refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.stats import (
    c_statistic,
    firth_logistic,
    hosmer_lemeshow,
    logistic,
    logistic_likelihood_ratio,
    logistic_profile_intervals,
    logistic_term_test,
)

DRAWN = np.random.default_rng(20260101)
X = DRAWN.normal(size=(60, 3))
Y = DRAWN.random(60) < 1 / (1 + np.exp(-X[:, 0] + 0.3))
NAMES = ["a", "b", "c"]
FINITE = ("coefficients", "std_err", "log_likelihood", "aic")


def same(one: object, two: object, fields: tuple[str, ...] = FINITE, rel: float = 1e-10) -> None:
    for name in fields:
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=rel, atol=1e-12, err_msg=name)


def test_score_equations_hold_to_rounding() -> None:
    model = logistic(Y, X, names=NAMES)

    design = np.column_stack((np.ones(60), X))
    assert np.abs(design.T @ (Y - model.fitted)).max() < 1e-12
    assert model.converged and model.separation == "none" and model.warnings == ()


def test_order_of_rows_and_of_columns_does_not_matter() -> None:
    model = logistic(Y, X, names=NAMES)
    order = DRAWN.permutation(60)

    same(logistic(Y[order], X[order], names=NAMES), model)
    turned = logistic(Y, X[:, ::-1], names=NAMES[::-1])
    np.testing.assert_allclose(turned.coefficients[[0, 3, 2, 1]], model.coefficients, rtol=1e-10)
    assert turned.names == ("intercept", "c", "b", "a")


def test_the_other_outcome_turns_every_sign() -> None:
    model, other = logistic(Y, X, names=NAMES), logistic(~Y, X, names=NAMES)

    np.testing.assert_allclose(other.coefficients, -model.coefficients, rtol=1e-10)
    np.testing.assert_allclose(other.lower, 1 / model.upper, rtol=1e-10)


def test_scaling_and_shifting_a_covariate() -> None:
    model, moved = logistic(Y, X, names=NAMES), logistic(Y, X * [1e6, 1, 1e-6] + [0, 5, 0], names=NAMES)

    np.testing.assert_allclose(moved.coefficients[1:] * [1e6, 1, 1e-6], model.coefficients[1:], rtol=1e-9)
    np.testing.assert_allclose(moved.z[1:], model.z[1:], rtol=1e-9)
    assert moved.coefficients[0] == pytest.approx(model.coefficients[0] - 5 * model.coefficients[2], rel=1e-9)


def test_weights_are_repeated_rows_and_zero_is_absence() -> None:
    count = DRAWN.integers(0, 4, size=60)
    weighted, repeated = (
        logistic(Y, X, weights=count),
        logistic(np.repeat(Y, count), np.repeat(X, count, axis=0)),
    )

    same(weighted, repeated)
    assert (weighted.n, weighted.n_events) == (repeated.n, repeated.n_events)
    np.testing.assert_allclose(weighted.wald.chi_square, repeated.wald.chi_square, rtol=1e-10)
    firth = (
        firth_logistic(Y, X, weights=count),
        firth_logistic(np.repeat(Y, count), np.repeat(X, count, axis=0)),
    )
    same(firth[0], firth[1], ("coefficients", "std_err", "lower", "upper"), rel=1e-8)


def test_an_offset_equal_to_a_fitted_part_leaves_nothing() -> None:
    model = logistic(Y, X, names=NAMES)
    rest = logistic(Y, X[:, 1:], names=NAMES[1:], offset=X[:, 0] * model.coefficients[1])

    np.testing.assert_allclose(rest.coefficients, model.coefficients[[0, 2, 3]], rtol=1e-9)


def test_blocks_add_up_to_the_whole() -> None:
    many = np.tile(X, (400, 1)), np.tile(Y, 400)  # 24,000 rows, more than a block
    large, small = logistic(many[1], many[0]), logistic(Y, X)

    np.testing.assert_allclose(large.coefficients, small.coefficients, rtol=1e-11)
    np.testing.assert_allclose(large.std_err * 20, small.std_err, rtol=1e-11)


def test_constant_and_collinear_covariates_are_named_and_left_out() -> None:
    model = logistic(Y, np.column_stack((X[:, 0], np.full(60, 7.0), 3 - 2 * X[:, 0])), names=NAMES)

    assert np.isnan(model.coefficients).tolist() == [False, False, True, True]
    assert model.likelihood_ratio.df == 1
    assert "b: constant" in model.warnings[0] and "c: a linear combination" in model.warnings[1]
    same(model, logistic(Y, X[:, 0], names=["a"]), ("log_likelihood", "aic"))
    assert model.to_frame().filter(variable="b")["warning"][0].startswith("b: constant")


def test_quasi_complete_separation_keeps_what_is_finite() -> None:
    # The exposed all have the event; the others inform about the intercept and age.
    exposed = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    age = np.array([3.0, 5, 4, 1, 2, 3, 4, 5, 6, 7])
    event = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1])
    model, without = (
        logistic(event, np.column_stack((exposed, age)), names=["x", "age"]),
        logistic(event[3:], age[3:]),
    )

    assert model.separation == "quasi-complete" and not model.converged
    assert (
        model.coefficients[1] == math.inf
        and math.isnan(model.std_err[1])
        and math.isnan(model.wald.chi_square)
    )
    np.testing.assert_allclose(model.coefficients[[0, 2]], without.coefficients, rtol=1e-10)
    np.testing.assert_allclose(model.std_err[[0, 2]], without.std_err, rtol=1e-10)
    assert model.log_likelihood == pytest.approx(without.log_likelihood, rel=1e-12)
    np.testing.assert_allclose(model.fitted, np.concatenate(([1, 1, 1], without.fitted)), rtol=1e-10)
    assert any("x: the likelihood grows" in said for said in model.warnings)
    limits = logistic_profile_intervals(model)
    assert limits.upper[1] == math.inf and 0 < limits.lower[1] < math.inf
    assert "infinity" in model.summary()


def test_complete_separation_and_undetermined_coefficients() -> None:
    model = logistic([0, 0, 0, 1, 1, 1], [[1, 2], [2, 1], [3, 4], [4, 3], [5, 6], [6, 5]], names=["a", "b"])

    assert model.separation == "complete"
    assert model.log_likelihood == pytest.approx(0, abs=1e-12)
    assert model.fitted.tolist() == [0, 0, 0, 1, 1, 1]
    assert not np.isfinite(model.coefficients).any()
    assert model.likelihood_ratio.chi_square == pytest.approx(12 * math.log(2))


def test_nearly_separated_data_are_not_called_separated() -> None:
    model = logistic([0, 0, 0, 1, 0, 1, 1, 1], [1, 2, 3, 3.999, 4, 5, 6, 7])

    assert model.separation == "none" and model.converged
    assert np.isfinite(model.std_err).all()


def test_exact_analysis_comes_with_separation_when_asked_for() -> None:
    model = logistic([1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], names=["x"], exact_when_separated=True)

    assert model.exact is not None and model.exact.p_value_two_sided[0] == pytest.approx(0.1)
    assert "Exact conditional" in model.summary()
    assert logistic(Y, X, exact_when_separated=True).exact is None
    refused = logistic([1, 1, 0, 0], [1, 1, 0, 0], offset=[0, 0, 0, 0.5], exact_when_separated=True)
    assert refused.exact is None and "no exact analysis" in refused.warnings[-1]


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_outcome_estimates_nothing_and_says_so(outcome: int) -> None:
    model = logistic(np.full(5, outcome), np.arange(5.0), names=["x"])

    assert np.isnan(model.coefficients).all() and not model.converged
    assert "nothing is estimable" in model.warnings[0]
    assert math.isnan(logistic_profile_intervals(model).lower[1])
    assert math.isnan(c_statistic(model).estimate)


def test_likelihood_ratio_between_nested_models_is_the_term_test() -> None:
    model = logistic(Y, X, names=NAMES)
    between = logistic_likelihood_ratio(logistic(Y, X[:, 0], names=["a"]), model)
    together = logistic_term_test(model, covariates=["b", "c"])

    assert between.df == together.df == 2
    assert between.chi_square == pytest.approx(together.chi_square, rel=1e-9)
    single = logistic_term_test(model, covariates=["b"], test="wald")
    assert single.chi_square == pytest.approx(model.z[2] ** 2, rel=1e-10)
    all_of_them = logistic_term_test(model, covariates=NAMES, test="wald")
    assert all_of_them.chi_square == pytest.approx(model.wald.chi_square, rel=1e-9)


def test_profile_limits_are_where_the_likelihood_has_fallen() -> None:
    model = logistic(Y, X, names=NAMES)
    limits = logistic_profile_intervals(model, confidence_level=0.9)

    for limit in (limits.coefficient_lower[2], limits.coefficient_upper[2]):
        held = logistic(Y, X[:, [0, 2]], offset=limit * X[:, 1])
        assert 2 * (model.log_likelihood - held.log_likelihood) == pytest.approx(2.705543454095404, rel=1e-9)
    wide = logistic_profile_intervals(model, confidence_level=0.99)
    assert (wide.lower < limits.lower).all() and (wide.upper > limits.upper).all()
    assert limits.summary().count("\n") == 5 and limits.to_frame().height == 20


def test_firth_is_finite_where_the_likelihood_is_not() -> None:
    found = firth_logistic([0, 0, 0, 1, 1, 1], np.arange(6.0), names=["x"])

    assert found.converged and np.isfinite(found.coefficients).all()
    assert found.lower[1] > 1 and 0.001 < found.p_value_two_sided[1] < 0.05
    assert "Firth" in found.summary()
    wald = firth_logistic([0, 0, 0, 1, 1, 1], np.arange(6.0), names=["x"], interval="wald")
    assert wald.upper[1] == pytest.approx(
        math.exp(wald.coefficients[1] + 1.959963984540054 * wald.std_err[1])
    )


def test_firth_held_at_its_own_limit_falls_by_the_quantile() -> None:
    # The penalty is that of the whole model, so the limit is checked by a fine grid of the other coefficient.
    x, y = np.array([0, 0, 0, 1, 1, 1, 1.0]), np.array([0, 1, 0, 1, 1, 0, 1])
    found = firth_logistic(y, x, names=["x"])

    def penalized(a: float, b: float) -> float:
        p = 1 / (1 + np.exp(-a - b * x))
        w = p * (1 - p)
        information = np.array([[w.sum(), (w * x).sum()], [(w * x).sum(), (w * x * x).sum()]])
        return float(np.sum(y * np.log(p) + (1 - y) * np.log1p(-p)) + np.log(np.linalg.det(information)) / 2)

    best = max(penalized(a, math.log(found.upper[1])) for a in np.linspace(-8, 4, 4001))
    assert 2 * (found.log_likelihood - best) == pytest.approx(3.841458820694124, abs=1e-5)


def test_c_statistic_of_chance_of_order_and_of_reverse() -> None:
    perfect = logistic([0, 0, 1, 0, 1, 1], [1, 2, 2.5, 3, 4, 5])

    assert c_statistic(perfect).estimate == pytest.approx(8 / 9)
    flat = logistic([0, 1, 0, 1], [1, 1, 2, 2])
    assert c_statistic(flat).estimate == 0.5
    weighted = logistic([0, 1, 0, 1], [1, 1, 2, 3], weights=[2, 1, 3, 2])
    repeated = logistic([0, 0, 1, 0, 0, 0, 1, 1], [1, 1, 1, 2, 2, 2, 3, 3])
    assert c_statistic(weighted).std_err == pytest.approx(c_statistic(repeated).std_err, rel=1e-9)


def test_hosmer_lemeshow_joins_groups_that_nobody_is_in() -> None:
    # Quantiles fall between two neighboring probabilities, where nobody is: R's hoslem.test gives NaN.
    x = np.array([0, 0, 1, 1, 1, *[2] * 7, *[3] * 11])
    y = np.array([0, 1, 0, 1, 1, *[0, 1, 1, 0, 1, 1, 0], *[1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1]])
    found = hosmer_lemeshow(logistic(y, x), groups=13)
    assert found.n.tolist() == [2, 3, 7, 11] and found.df == 2 and "only 4 groups" in found.warnings[0]
    assert found.chi_square == hosmer_lemeshow(logistic(y, x), groups=12).chi_square


def test_hosmer_lemeshow_cuts_where_whole_numbers_say() -> None:
    # 170 * 0.7 is 119 exactly: the 120th probability is the cut, and belongs below it. Interpolation missed it.
    x = np.random.default_rng(1).random(171)
    found = hosmer_lemeshow(logistic(np.arange(171) % 3 == 0, x))
    assert found.n.tolist() == [18, *[17] * 9]


def test_hosmer_lemeshow_groups_add_up() -> None:
    found = hosmer_lemeshow(logistic(Y, X))

    assert found.n.sum() == 60 and found.observed.sum() == Y.sum()
    assert found.expected.sum() == pytest.approx(Y.sum())
    assert found.df == 8
    assert hosmer_lemeshow(logistic(Y, X[:, 0] > 0)).warnings


UNUSABLE = [
    ({"response": [1, 0, 2, 1]}, "response"),
    ({"response": [1, 0, np.nan, 1]}, "response"),
    ({"response": [1, 0, 1]}, "covariates"),
    ({"response": ["a", "b", "a", "b"]}, "response"),
    ({"covariates": [[1, np.nan], [1, 2], [1, 2], [1, 2]]}, r"covariates\[x1\]|covariates\[x2\]"),
    ({"covariates": [1, np.inf, 2, 3]}, "covariates"),
    ({"covariates": ["a", "b", "a", "b"]}, "covariates"),
    ({"names": ["intercept"]}, "names"),
    ({"weights": [1, 1, 1, 0.5]}, "weights"),
    ({"weights": [1, 1, 1, -1]}, "weights"),
    ({"weights": [0, 0, 0, 0]}, "weights"),
    ({"offset": [0, 0, 0, np.nan]}, "offset"),
    ({"offset": [0, 0, 0]}, "offset"),
    ({"confidence_level": 95}, "confidence_level"),
]


@pytest.mark.parametrize(("changed", "argument"), UNUSABLE)
def test_unusable_arguments_are_refused(changed: dict[str, object], argument: str) -> None:
    given: dict[str, object] = {"response": [1, 0, 1, 0], "covariates": [1.0, 2, 3, 4]} | changed

    for function in (logistic, firth_logistic):
        with pytest.raises(DataError, match=argument):
            function(**given)  # type: ignore[arg-type]


def test_other_refusals() -> None:
    model = logistic(Y, X, names=NAMES)
    with pytest.raises(DataError, match="smaller"):
        logistic_likelihood_ratio(model, logistic(Y, X[:, 0], names=["a"]))
    with pytest.raises(DataError, match="larger"):
        logistic_likelihood_ratio(logistic(Y[1:], X[1:, 0], names=["a"]), model)
    with pytest.raises(DataError, match="covariates"):
        logistic_term_test(model, covariates=["d"])
    with pytest.raises(DataError, match="groups"):
        hosmer_lemeshow(model, groups=2)
    with pytest.raises(DataError, match="model"):
        hosmer_lemeshow(logistic(Y, X, weights=np.ones(60)))
    with pytest.raises(DataError, match="interval"):
        firth_logistic(Y, X, interval="score")  # type: ignore[arg-type]


def test_columns_by_name_and_results_that_show_themselves() -> None:
    data = {"y": Y, "a": X[:, 0], "b": X[:, 1]}
    model = logistic("y", ["a", "b"], data=data)

    assert model.names == ("intercept", "a", "b")
    assert model.summary().splitlines()[0].startswith("Logistic regression, maximum likelihood")
    assert set(model.to_frame()["statistic"]) >= {"coefficient", "odds_ratio", "lower", "aic", "chi_square"}
    assert "<table>" in model._repr_html_()
    assert not model.coefficients.flags.writeable
