from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats.observations import stratum_codes
from equipoise.stats.regression.cox import cox, likelihood_ratio_between
from equipoise.stats.regression.partial_likelihood import partial_likelihood
from equipoise.stats.regression.risk_sets import risk_sets
from equipoise.stats.survival.log_rank import log_rank
from reference.values import adtte, cases, colon, difference, strata_of
from stats import slow

AGREES = 1e-8
TIES = ("efron", "breslow")

subjects = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 2), st.integers(-1, 1), st.integers(0, 1)),
    min_size=2,
    max_size=12,
)


def columns(rows):
    """time, event, covariates (n, 2), strata of drawn rows."""
    drawn = np.array(rows, dtype=float)
    return drawn[:, 0], drawn[:, 1] == 1, drawn[:, 2:4], drawn[:, 4]


def fit(name, case):
    options = {"names": case["names"], "ties": case["ties"]}
    if name.startswith("colon"):
        data = colon(int(name[6]))
        if "covariates" in name:
            known = ~np.isnan(data["differ"])
            data = {key: column[known] for key, column in data.items()}
        arms = {"lev": data["rx"] == "Lev", "lev5fu": data["rx"] == "Lev+5FU"}
        crossed = {f"{arm}_node4": indicator * data["node4"] for arm, indicator in arms.items()}
        available = {**data, **arms, **crossed}
        x = np.column_stack([available[column] for column in case["names"]])
        return cox(data["time"], data["status"], x, strata=strata_of(name, data), **options)
    if name.startswith("adtte"):
        data = adtte()
        x = np.column_stack([data["TRTP"] == f"Xanomeline {dose} Dose" for dose in ("Low", "High")])
        return cox(data["AVAL"], 1 - data["CNSR"], x, **options)
    data = case["data"]
    return cox(data["time"], data["event"], data["covariates"], strata=data.get("strata"), **options)


@pytest.mark.parametrize("name", [name for name in cases("cox") if "interaction test" not in name])
def test_agrees_with_r_coxph(name):
    case = cases("cox")[name]

    model = fit(name, case)

    assert model.converged and (model.n, model.n_events) == (case["n"], case["n_events"])
    for field in ("coefficients", "std_err", "wald_z", "p_value_two_sided", "hazard_ratio", "lower", "upper",
                  "log_likelihood_null", "log_likelihood"):  # fmt: skip
        assert difference(getattr(model, field), case[field]) < AGREES, field
    assert difference(model.covariance.ravel(), case["covariance"].ravel()) < AGREES
    for test in ("likelihood_ratio", "wald", "score"):
        found = getattr(model, test)
        assert found.df == case[test]["df"]
        assert found.chi_square == approx(case[test]["chi_square"], rel=AGREES)
        assert found.p_value_two_sided == approx(case[test]["p_value_two_sided"], rel=AGREES, abs=0)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("etype", [1, 2])
def test_interaction_agrees_with_r(etype, ties):
    stored = cases("cox")
    smaller, larger = (
        fit(name, stored[name])
        for name in (f"colon {etype} main effects {ties}", f"colon {etype} interaction {ties}")
    )
    expected = stored[f"colon {etype} interaction test {ties}"]

    test = likelihood_ratio_between(smaller, larger)

    assert test.df == expected["df"] == 2
    assert test.chi_square == approx(expected["chi_square"], rel=AGREES)
    assert test.p_value_two_sided == approx(expected["p_value_two_sided"], rel=AGREES)


# The first data set of Therneau & Grambsch 2000, the appendix: (time, event, x).
BOOK = [(1, 1, 1), (1, 0, 1), (6, 1, 1), (6, 1, 0), (8, 0, 0), (9, 1, 0)]


def test_therneau_breslow_by_hand():
    # With r = exp(b) the risk sets sum to 3r + 3 at time 1, r + 3 at time 6 (twice) and 1 at time 9:
    #   l(b) = 2b - log(3r + 3) - 2 log(r + 3),   l' = 2 - r/(r + 1) - 2r/(r + 3).
    # l' = 0 is r^2 - 3r - 6 = 0, so r = (3 + sqrt 33) / 2.  And -l'' = r/(r + 1)^2 + 6r/(r + 3)^2.
    time, event, x = zip(*BOOK, strict=True)
    model = cox(time, event, x, names=["x"], ties="breslow")
    r = 1.5 + math.sqrt(33) / 2

    assert model.coefficients[0] == approx(math.log(r), rel=1e-13)
    assert model.std_err[0] == approx((r / (r + 1) ** 2 + 6 * r / (r + 3) ** 2) ** -0.5, rel=1e-13)
    assert model.log_likelihood == approx(
        2 * math.log(r) - math.log(3 * r + 3) - 2 * math.log(r + 3), rel=1e-14
    )
    assert model.log_likelihood_null == approx(-math.log(6) - 2 * math.log(4), rel=1e-14)
    # At b = 0: score 2 - 1/2 - 2/4 = 1, information 1/4 + 6/16 = 5/8.
    assert model.score.chi_square == approx(8 / 5, rel=1e-14)


def test_therneau_efron_by_hand():
    # The second event at time 6 sees r + 3 less half of the r + 1 that die there, (r + 5) / 2:
    #   l' = 2 - r/(r + 1) - r/(r + 3) - r/(r + 5) = 0 is r^3 - 23r - 30 = 0, with one positive root.
    time, event, x = zip(*BOOK, strict=True)
    model = cox(time, event, x, names=["x"], ties="efron")
    r = max(root.real for root in np.roots([1, 0, -23, -30]))

    assert model.coefficients[0] == approx(math.log(r), rel=1e-12)
    information = r / (r + 1) ** 2 + 3 * r / (r + 3) ** 2 + 5 * r / (r + 5) ** 2
    assert model.std_err[0] == approx(information**-0.5, rel=1e-12)


@given(subjects, st.sampled_from(TIES), st.tuples(st.floats(-2, 2), st.floats(-2, 2)))
def test_likelihood_score_and_information_equal_the_slow_definition(rows, ties, beta):
    time, event, x, strata = columns(rows)
    assume(event.any())
    sets = risk_sets(time, event, stratum_codes(strata, len(time)), ties)

    found = partial_likelihood(sets, x[sets.row]).evaluate(np.array(beta))

    value, score, information = slow.partial_likelihood(time, event, x, strata, ties, beta)
    assert found.log_likelihood == approx(value, rel=1e-12, abs=1e-12)
    assert found.score == approx(score, abs=1e-11)
    assert found.information == approx(information, abs=1e-11)


@given(subjects, st.sampled_from(TIES))
def test_the_estimate_is_where_the_slow_score_is_zero(rows, ties):
    time, event, x, strata = columns(rows)
    model = cox(time, event, x, names=["a", "b"], strata=strata, ties=ties)
    assume(model.n_events and np.isfinite(model.coefficients).all())

    value, score, information = slow.partial_likelihood(time, event, x, strata, ties, model.coefficients)

    assert model.converged
    assert model.log_likelihood == approx(value, rel=1e-12, abs=1e-12)
    assert score == approx([0, 0], abs=1e-9)
    assert model.covariance @ information == approx(np.eye(2), abs=1e-7)


@given(subjects, st.sampled_from(TIES))
def test_infinite_exactly_when_every_event_has_the_extreme_covariate_of_its_risk_set(rows, ties):
    time, event, x, strata = columns(rows)
    assume(event.any())
    x = x[:, 0]
    model = cox(time, event, x, names=["x"], strata=strata, ties=ties)

    sets = [(x[i], x[(time >= time[i]) & (strata == strata[i])]) for i in np.flatnonzero(event)]
    if all(np.ptp(at_risk) == 0 for _, at_risk in sets):
        assert np.isnan(model.coefficients[0]) and "no estimate" in model.warnings[0]
    elif all(own == at_risk.max() for own, at_risk in sets):
        assert model.coefficients[0] == np.inf and model.hazard_ratio[0] == np.inf
    elif all(own == at_risk.min() for own, at_risk in sets):
        assert model.coefficients[0] == -np.inf and model.hazard_ratio[0] == 0
    else:
        assert np.isfinite(model.coefficients[0]) and model.converged


@given(subjects, st.sampled_from(TIES))
def test_swapping_the_arms_flips_the_log_hazard_ratio(rows, ties):
    time, event, x, strata = columns(rows)
    arm = x[:, 0] > 0
    one, other = (cox(time, event, a, names=["arm"], strata=strata, ties=ties) for a in (arm, ~arm))

    assert other.coefficients == approx(-one.coefficients, rel=1e-10, abs=1e-10, nan_ok=True)
    assert other.score.chi_square == approx(one.score.chi_square, rel=1e-10, abs=1e-12, nan_ok=True)
    assert other.log_likelihood == approx(one.log_likelihood, rel=1e-11, abs=1e-11)


@given(subjects, st.sampled_from(TIES), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_of_no_consequence(rows, ties, random):
    models = []
    for order in (rows, random.sample(rows, len(rows))):
        time, event, x, strata = columns(order)
        models.append(cox(time, event, x, names=["a", "b"], strata=strata, ties=ties))
    one, other = models

    assert other.coefficients == approx(one.coefficients, rel=1e-9, abs=1e-9, nan_ok=True)
    assert other.log_likelihood == approx(one.log_likelihood, rel=1e-11, abs=1e-11)


@given(subjects)
def test_doubling_every_subject_keeps_the_breslow_estimate(rows):
    time, event, x, strata = columns(rows)
    once = cox(time, event, x, names=["a", "b"], strata=strata, ties="breslow")
    twice = cox(np.tile(time, 2), np.tile(event, 2), np.tile(x, (2, 1)), names=["a", "b"],
                strata=np.tile(strata, 2), ties="breslow")  # fmt: skip

    assert twice.coefficients == approx(once.coefficients, rel=1e-9, abs=1e-9, nan_ok=True)
    assert twice.std_err * math.sqrt(2) == approx(once.std_err, rel=1e-7, nan_ok=True)


@given(subjects, st.sampled_from(TIES))
def test_one_stratum_is_no_stratum_and_shifts_within_strata_cancel(rows, ties):
    time, event, x, strata = columns(rows)
    plain = cox(time, event, x, names=["a", "b"], ties=ties)
    labeled = cox(time, event, x, names=["a", "b"], ties=ties, strata=["all"] * len(time))
    assert labeled.coefficients == approx(plain.coefficients, rel=0, nan_ok=True)

    stratified = cox(time, event, x, names=["a", "b"], ties=ties, strata=strata)
    shifted = cox(time, event, x + 1000 * strata[:, None], names=["a", "b"], ties=ties, strata=strata)
    assert shifted.coefficients == approx(stratified.coefficients, rel=1e-8, abs=1e-8, nan_ok=True)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 1)), min_size=2, max_size=12))
def test_without_ties_the_score_test_is_the_log_rank_test(rows):
    event, group, strata = (np.array(column) for column in zip(*rows, strict=True))
    time = np.arange(len(rows))
    model = cox(time, event, group, names=["arm"], strata=strata)
    test = log_rank(time, event, group, groups=(False, True), strata=strata)

    assert model.score.chi_square == approx(test.chi_square, rel=1e-10, abs=1e-12, nan_ok=True)


def test_separation_is_named_and_the_other_covariates_keep_their_estimates():
    # Nobody with a = 1 has an event; b is estimated as in the limit, where those subjects are censored at once.
    time, event = [1, 2, 3, 4, 5, 6, 7, 8], [1, 0, 1, 0, 1, 0, 1, 1]
    a, b = [0, 1, 0, 1, 0, 1, 0, 0], [1, 0, 0, 1, 0, 1, 1, 0]
    model = cox(time, event, np.column_stack((a, b)), names=["a", "b"])
    keep = np.array(a) == 0
    alone = cox(np.array(time)[keep], np.array(event)[keep], np.array(b)[keep], names=["b"])

    assert model.coefficients[0] == -np.inf and model.hazard_ratio[0] == 0
    assert np.isnan(
        [model.std_err[0], model.lower[0], model.p_value_two_sided[0], model.wald.chi_square]
    ).all()
    assert model.warnings == (
        "a: the likelihood still grows as the coefficient goes to -inf; use the likelihood-ratio or score test, and profile-likelihood limits for the other side",
    )
    assert model.coefficients[1] == approx(alone.coefficients[0], rel=1e-8)
    assert model.std_err[1] == approx(alone.std_err[0], rel=1e-8)
    assert model.log_likelihood == approx(alone.log_likelihood, rel=1e-9)


def test_a_likelihood_that_grows_for_ever_ends_where_r_says():
    # R: log likelihood -4.787491742782046 and -1.791759469228055 = -log 6; score test 5.051660516605166.
    model = cox(range(1, 7), [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], names=["treated"])

    assert model.coefficients[0] == np.inf and not model.converged
    assert model.log_likelihood == approx(-math.log(6), rel=1e-10)
    assert model.log_likelihood_null == approx(-math.log(120), rel=1e-14)
    assert model.score.chi_square == approx(5.051660516605166, rel=1e-12)
    assert model.likelihood_ratio.chi_square == approx(2 * math.log(20), rel=1e-10)


def test_constant_and_dependent_columns_are_named_and_the_others_are_as_without_them():
    data = ([1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 1, 1])
    a, b = np.array([1.0, 0, 1, 0, 1, 0]), np.array([0.3, 1.1, 0.2, 0.7, 0.7, 0.1])
    alone = cox(*data, np.column_stack((a, b)), names=["a", "b"])
    model = cox(*data, np.column_stack((a, 0 * a + 0.1, b, 1e6 - 3 * a + b)), names=["a", "flat", "b", "mix"])

    assert model.coefficients == approx([*alone.coefficients[:1], np.nan, alone.coefficients[1], np.nan],
                                        rel=1e-9, nan_ok=True)  # fmt: skip
    assert model.warnings == (
        "flat: constant within every stratum among subjects at risk; no estimate",
        "mix: a linear combination of the covariates before it; no estimate",
    )
    assert model.likelihood_ratio.df == alone.likelihood_ratio.df == 2
    assert np.isnan(model.covariance[1]).all() and np.isnan(model.covariance[:, 3]).all()


def test_no_events_is_not_estimable():
    model = cox([1, 2], [0, 0], [0, 1], names=["arm"])

    assert np.isnan(model.coefficients).all() and math.isnan(model.likelihood_ratio.p_value_two_sided)
    assert model.warnings == ("no events: nothing is estimable",) and not model.converged


def test_a_stratum_without_events_is_reported_and_changes_nothing():
    time, event, x = [1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 0, 1]
    alone = cox(time, event, x, names=["x"])
    padded = cox([*time, 2, 3], [*event, 0, 0], [*x, 1, 0], names=["x"], strata=[0, 0, 0, 0, 1, 1])

    assert padded.coefficients == approx(alone.coefficients, rel=1e-12)
    assert padded.warnings == ("strata without events, which add no information: 1",)


def test_scales_far_apart_do_not_matter():
    time, event = [1, 2, 3, 4, 5, 6, 7], [1, 1, 0, 1, 1, 1, 0]
    x = np.array([[1, 3.0], [0, 2], [1, 1], [0, 5], [1, 4], [0, 9], [1, 7]])
    one = cox(time, event, x, names=["a", "b"])
    other = cox(time, event, x * [1e-9, 1e9], names=["a", "b"])

    assert other.coefficients * [1e-9, 1e9] == approx(one.coefficients, rel=1e-10)
    assert other.wald_z == approx(one.wald_z, rel=1e-10)


def test_nested_models_only():
    data = ([1, 2, 3, 4], [1, 1, 1, 1])
    a = cox(*data, [1, 0, 1, 0], names=["a"])
    ab = cox(*data, [[1, 0], [0, 0], [1, 1], [0, 1]], names=["a", "b"])
    fewer = cox([1, 2, 3], [1, 1, 1], [1, 0, 1], names=["a"])

    with pytest.raises(DataError, match=r"smaller: found names \['b'\] that the larger model lacks"):
        likelihood_ratio_between(ab, a)
    with pytest.raises(
        DataError, match=r"larger: found n 4, events 4.*expected those of the smaller model: 3"
    ):
        likelihood_ratio_between(fewer, ab)


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        ([1, 0, 1], {"names": ["x"]}, r"covariates: found shape \(3, 1\); expected \(2, p\)"),
        ([[1, 0], [0, 1]], {"names": ["x"]}, r"names: found 1 for 2 covariates: \('x',\); expected one"),
        ([1, float("nan")], {"names": ["age"]}, r"covariates\[age\]: found nan at row 1; expected finite"),
        (["u", "v"], {"names": ["x"]}, "covariates: found dtype"),
        ([[1, 0], [0, 1]], {"names": ["x", "x"]}, r"names: found \('x', 'x'\); expected different names"),
        ([1, 0], {"names": ["x"], "ties": "exact"}, "ties: found 'exact'; expected one of efron, breslow"),
        ([1, 0], {"names": ["x"], "confidence_level": 1.0}, r"confidence_level: found 1\.0"),
    ],
)
def test_unusable_covariates_and_options_are_named_with_their_values(x, options, message):
    with pytest.raises(DataError, match=message):
        cox([1, 2], [1, 1], x, **options)


def test_two_groups_without_events_both_go_to_minus_infinity():
    # Arms B and C have no event; A and D do. Indicators of B, C and D against A.
    arm = np.array(list("ABCDABCDAD"))
    event = np.isin(arm, ["A", "D"])
    x = np.column_stack([arm == label for label in "BCD"])
    model = cox(range(10), event, x, names=list("BCD"))

    assert model.coefficients[:2].tolist() == [-np.inf, -np.inf] and np.isfinite(model.coefficients[2])
    assert [warning[:2] for warning in model.warnings] == ["B:", "C:"]


def test_several_directions_to_infinity_leave_coefficients_undetermined():
    # Each event has the largest a + b of its risk set, but neither the largest a nor the largest b.
    a, b = [3, 9, 1, 4, 0, 2, 1], [9, 1, 8, 4, 7, 3, 2]
    model = cox(range(7), [1] * 7, np.column_stack((a, b)), names=["a", "b"])

    assert not np.isfinite(model.coefficients).any() and not model.converged
    assert len(model.warnings) == 2 and all("likelihood" in warning for warning in model.warnings)
    assert model.log_likelihood == approx(0, abs=1e-9)
    assert model.likelihood_ratio.chi_square == approx(2 * math.log(math.factorial(7)), rel=1e-9)


@pytest.mark.parametrize("ties", TIES)
def test_risks_too_far_apart_for_a_double_are_summed_all_the_same(ties):
    # Every risk set is ruled by its largest predictor: x = 3, 3, 3 and 3, then x = 0 alone with x = 0.5.
    x = np.array([[0.0], [1], [2], [3], [0], [0.5]])
    sets = risk_sets(np.arange(6.0), np.ones(6, dtype=bool), np.zeros(6, dtype=np.int64), ties)

    found = partial_likelihood(sets, x[sets.row]).evaluate(np.array([1000.0]))

    assert found.log_likelihood == approx(-3000 - 2000 - 1000 + 0 - 500 + 0, rel=1e-14)
    assert found.score == approx([-3 - 2 - 1 - 0.5], rel=1e-14)
    assert found.information == approx(np.zeros((1, 1)), abs=1e-12)


def test_risks_far_apart_at_moderate_coefficients_equal_the_slow_definition():
    # Predictors from 660 to 158: within the range of the slow exp(), but on both sides of 500 below the
    # largest, where the scale of the sums changes in the midst of risks of one size (160.3 and 159.9).
    time, event = [1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 1, 1, 0, 1]
    x = np.array([[658.0], [660], [160.3], [159.5], [159.9], [159.2], [158]])
    sets = risk_sets(np.array(time, dtype=float), np.array(event) == 1, np.zeros(7, dtype=np.int64), "efron")

    found = partial_likelihood(sets, x[sets.row]).evaluate(np.array([1.0]))

    value, score, information = slow.partial_likelihood(time, event, x, [0] * 7, "efron", [1.0])
    assert found.log_likelihood == approx(value, rel=1e-12)
    assert found.score == approx(score, rel=1e-10)
    assert found.information == approx(information, abs=1e-7)


def test_a_model_without_covariates_is_the_null_of_any_other():
    data = ([1, 2, 3, 4], [1, 1, 1, 1])
    null = cox(*data, np.empty((4, 0)), names=[])
    model = cox(*data, [1, 0, 1, 0], names=["a"])

    assert null.log_likelihood == approx(-math.log(24)) and null.warnings == ()
    assert likelihood_ratio_between(null, model) == model.likelihood_ratio
