from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import cause_specific_cox, cox, cumulative_incidence, fine_gray

rng = np.random.default_rng(20260703)
N = 120
TIME = rng.integers(1, 40, N).astype(float)
CAUSE = rng.choice([0, 1, 1, 2], N)
X = np.column_stack([rng.integers(0, 2, N), rng.normal(size=N)])
SITE = rng.integers(1, 4, N)
NAMES = ["treated", "marker"]


def fit(time=TIME, cause=CAUSE, x=X, **options):
    return fine_gray(time, cause, x, names=NAMES, **options)


OPTIONS = [
    {},
    {"ties": "efron"},
    {"strata": SITE},
    {"censoring_groups": SITE},
    {"strata": SITE, "censoring_groups": SITE, "censoring_ties": "survival"},
    {"variance": "robust", "censoring_ties": "survival"},
    {"variance": "model"},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_neither_order_of_subjects_nor_unit_nor_origin_of_a_covariate_matters(options):
    order = rng.permutation(N)
    moved = {k: v[order] if isinstance(v, np.ndarray) else v for k, v in options.items()}

    plain = fit(**options)
    other = fit(TIME[order] * 7, CAUSE[order], X[order] * 100 + 1e5, **moved)

    assert other.coefficients * 100 == approx(plain.coefficients, rel=1e-7)
    assert other.std_err * 100 == approx(plain.std_err, rel=1e-7)
    assert other.log_likelihood == approx(plain.log_likelihood)
    assert other.score.chi_square == approx(plain.score.chi_square)


def test_a_covariate_with_its_sign_turned_turns_its_coefficient():
    one, other = fit(), fit(x=X * [-1, 1])

    assert other.coefficients == approx(one.coefficients * [-1, 1])
    assert other.lower[0] == approx(1 / one.upper[0])


def test_without_competing_events_it_is_the_cox_model_with_its_robust_variance():
    alone = np.where(CAUSE == 2, 0, CAUSE)

    for ties in ("breslow", "efron"):
        found = fit(cause=alone, ties=ties, causes=[1, 2], variance="model")
        other = cox(TIME, alone == 1, X, names=NAMES, ties=ties)

        assert found.coefficients == approx(other.coefficients)
        assert found.covariance == approx(other.covariance)
        assert found.likelihood_ratio.chi_square == approx(other.likelihood_ratio.chi_square)
        assert found.wald.chi_square == approx(other.wald.chi_square)
        assert found.score.chi_square == approx(other.score.chi_square)


def test_without_censoring_competing_events_stay_at_risk_for_ever():
    cause = np.where(CAUSE == 0, 2, CAUSE)
    found = fit(cause=cause, variance="model")
    other = cox(np.where(cause == 2, 1000, TIME), cause == 1, X, names=NAMES, ties="breslow")

    assert found.coefficients == approx(other.coefficients)
    assert found.covariance == approx(other.covariance)


def test_without_covariate_effect_the_prediction_is_the_cumulative_incidence_nearly():
    found = fit(x=np.column_stack([X[:, 0], np.zeros(N)]))
    flat = fine_gray(TIME, CAUSE, rng.normal(size=N) * 1e-9)
    at = [5.0, 20.0]

    incidence = cumulative_incidence(TIME, CAUSE).at(at).estimate[0, 0]
    # 1 - exp(-H) of Breslow's H is below the product-integral by about a quarter of the sum of squared jumps.
    predicted = flat.predict([0.0], at).estimate[0]
    assert np.all(predicted < incidence + 1e-3)
    assert predicted == approx(incidence, rel=0.03)
    assert found.dropped == ("marker",)


def test_a_prediction_rises_with_time_and_with_the_predictor():
    found = fit()
    high, low = found.predict(np.array([[1.0, 1.0], [0.0, 1.0]])).estimate

    assert np.all(np.diff(high) >= 0)
    assert np.all((high > low) == (found.coefficients[0] > 0))
    assert found.predict([0.0, 0.0], [0.5]).estimate.tolist() == [[0.0]]
    assert math.isfinite(found.predict([0.0, 0.0], [TIME.max()]).estimate[0, 0])
    beyond = found.predict([0.0, 0.0], [1000])
    assert math.isnan(beyond.estimate[0, 0]) and "beyond the last follow-up" in beyond.warnings[0]


def test_an_empty_stratum_and_one_without_events_add_nothing():
    plain = fit(strata=np.ones(N))
    more = fine_gray(
        np.append(TIME, [3.0, 4.0]),
        np.append(CAUSE, [2, 2]),
        np.vstack([X, X[:2]]),
        names=NAMES,
        strata=np.append(np.ones(N), [2, 2]),
        censoring_groups=np.append(np.ones(N), [2, 2]),
    )

    assert plain.coefficients == approx(fit().coefficients)
    assert more.coefficients == approx(plain.coefficients)
    assert more.std_err == approx(plain.std_err)
    assert "strata without events of the cause, which add no information: 1" in more.warnings


def test_strata_that_are_the_same_data_twice_halve_the_variance():
    twice = fine_gray(
        np.tile(TIME, 2), np.tile(CAUSE, 2), np.tile(X, (2, 1)), names=NAMES, strata=np.repeat([1, 2], N)
    )

    assert twice.coefficients == approx(fit().coefficients)
    assert twice.covariance == approx(fit().covariance / 2)


def test_many_strata_agree_with_few():
    # More strata by times than places to count them in.
    strata = np.arange(N) // 3
    found = fit(strata=strata)
    order = np.argsort(-strata, kind="stable")
    other = fit(TIME[order], CAUSE[order], X[order], strata=strata[order])

    assert found.coefficients == approx(other.coefficients)
    assert found.std_err == approx(other.std_err)


def test_a_group_without_events_of_the_cause_goes_to_minus_infinity_and_says_so():
    cause = np.where((X[:, 0] == 1) & (CAUSE == 1), 2, CAUSE)

    found = fit(cause=cause)

    assert found.coefficients[0] == -math.inf and found.hazard_ratio[0] == 0
    assert math.isnan(found.std_err[0]) and math.isnan(found.wald.chi_square)
    assert math.isfinite(found.coefficients[1]) and found.std_err[1] > 0
    assert found.likelihood_ratio.p_value_two_sided < 0.05
    assert not found.converged and "treated: the likelihood still grows" in found.warnings[0]
    assert np.isnan(found.predict([0.0, 0.0], [5]).estimate).all()


def test_constant_and_collinear_covariates_are_named_and_left_out():
    found = fine_gray(
        TIME, CAUSE, np.column_stack([X, np.ones(N), X.sum(axis=1)]), names=["a", "b", "one", "both"]
    )

    assert found.dropped == ("one", "both")
    assert found.coefficients[:2] == approx(fit().coefficients)
    assert np.isnan(found.coefficients[2:]).all()
    assert found.likelihood_ratio.df == found.wald.df == found.score.df == 2
    assert [w.split(":")[0] for w in found.warnings] == ["one", "both"]


def test_an_extreme_covariate_does_not_overflow():
    outlier = X.copy()
    outlier[0, 1] = 1e9

    found = fit(x=outlier)

    assert np.isfinite(found.log_likelihood)
    assert found.converged or found.warnings


def test_events_at_time_zero_are_events():
    found = fit(time=np.where(np.arange(N) < 10, 0.0, TIME))

    assert found.converged
    assert found.baseline_time[0] == 0


def test_the_cause_specific_model_is_cox_with_other_causes_censored():
    for k in (1, 2):
        found = cause_specific_cox(
            TIME, CAUSE, X, names=NAMES, cause_of_interest=k, strata=SITE, ties="breslow"
        )
        other = cox(TIME, k == CAUSE, X, names=NAMES, strata=SITE, ties="breslow")

        assert found.coefficients.tolist() == other.coefficients.tolist()
        assert found.n_events == int(np.sum(k == CAUSE))
    with pytest.raises(DataError, match="cause_of_interest: found 5"):
        cause_specific_cox(TIME, CAUSE, X, cause_of_interest=5)


def test_columns_of_a_frame_are_named():
    frame = pl.DataFrame(
        {
            "t": TIME,
            "why": np.array(["alive", "relapse", "death"])[CAUSE],
            "treated": X[:, 0],
            "marker": X[:, 1],
        }
    )

    found = fine_gray("t", "why", NAMES, censored="alive", cause_of_interest="relapse", data=frame)

    assert found.names == ("treated", "marker")
    assert found.coefficients.tolist() == fit().coefficients.tolist()


def test_the_result_says_its_variant():
    found = fit(ties="efron", strata=SITE)

    assert (
        "Fine-Gray, Efron ties, censoring at ties as cmprsk, fine-gray variance, 3 strata" in found.summary()
    )
    frame = found.to_frame()
    assert {"log_hazard_ratio", "hazard_ratio", "lower", "n_competing", "chi_square"} <= set(
        frame["statistic"]
    )
    assert "estimate" in found.predict([0.0, 0.0], [3, 5]).summary()


NAN = float("nan")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.where(np.arange(N)[:, None] == 3, NAN, X)}, r"covariates\[treated\]: found nan at row 3"),
        ({"x": X[:-1]}, r"covariates: found shape \(119, 2\)"),
        ({"x": X.astype(str)}, "covariates: found dtype"),
        ({"time": np.where(np.arange(N) == 2, NAN, TIME)}, "time: found nan"),
        ({"cause": np.where(np.arange(N) == 2, NAN, CAUSE)}, "cause: found .*nan.* at position 2"),
        ({"cause": np.where(CAUSE == 1, 0, CAUSE)}, "cause_of_interest: found 1"),
        ({"cause": np.where(CAUSE == 1, 0, CAUSE), "causes": [1, 2]}, "cause: found no event of cause 1"),
        ({"strata": [None] * N}, "strata: found None"),
        ({"censoring_groups": [None] * N}, "censoring_groups: found None"),
        ({"ties": "exact"}, "ties: found 'exact'"),
        ({"censoring_ties": "sas"}, "censoring_ties: found 'sas'"),
        ({"variance": "jackknife"}, "variance: found 'jackknife'"),
        ({"confidence_level": 1}, "confidence_level: found 1"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(change, message):
    with pytest.raises(DataError, match=message):
        fit(**change)


def test_repeated_names_and_wrong_profiles_are_refused():
    with pytest.raises(DataError, match="names: found"):
        fine_gray(TIME, CAUSE, X, names=["a", "a"])
    with pytest.raises(DataError, match="covariates: found shape"):
        fit().predict([1.0, 2.0, 3.0])
    with pytest.raises(DataError, match="stratum: found 4"):
        fit().predict([1.0, 2.0], stratum=4)


def test_the_origin_of_time_does_not_matter_even_where_someone_was_censored_at_zero():
    # R cmprsk fails this: its censoring curve just before time 0 has already fallen.
    time = np.where(np.arange(N) < 12, 0.0, TIME)
    cause = np.where(np.arange(N) < 6, 0, CAUSE)

    for options in OPTIONS:
        assert fit(time, cause, **options).coefficients == approx(
            fit(time + 1, cause, **options).coefficients
        )
        assert fit(time, cause, **options).std_err == approx(fit(time + 1, cause, **options).std_err)
