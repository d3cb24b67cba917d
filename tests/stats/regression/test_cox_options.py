"""Entries, weights, offsets, clusters and the forms of arguments."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.errors import DataError
from equipoise.stats import cox, indicators
from equipoise.stats.regression import risk_sums
from equipoise.stats.regression.partial_likelihood import partial_likelihood
from equipoise.stats.regression.risk_sets import risk_sets
from equipoise.stats.regression.robust import score_residuals

TIES = ("efron", "breslow")

subjects = st.lists(
    st.tuples(
        st.integers(0, 4), st.integers(1, 4), st.booleans(), st.integers(-2, 2), st.integers(0, 2),
        st.integers(0, 1), st.sampled_from([0.5, 1.0, 2.0, 3.25]), st.sampled_from([-0.5, 0.0, 1.25]),
    ),
    min_size=2,
    max_size=14,
)  # fmt: skip


def drawn(rows):
    """entry, time, event, covariates (n, 2), strata, weights, offset of drawn rows."""
    d = np.array(rows, dtype=float)
    return d[:, 0], d[:, 0] + d[:, 1], d[:, 2] == 1, d[:, 3:5], d[:, 5].astype(int), d[:, 6], d[:, 7]


def by_loops(entry, time, event, x, strata, weights, offset, ties, beta):
    """The weighted likelihood and the weighted score residuals, (n, p), as their definitions read."""
    n = len(time)
    risk = np.exp(x @ np.asarray(beta) + offset)
    value, residuals = 0.0, np.zeros(x.shape)
    for s in set(strata.tolist()):
        for t in {u for u, e, r in zip(time, event, strata, strict=True) if e and r == s}:
            at_risk = [
                i for i in range(n) if strata[i] == s and time[i] >= t and (entry[i] < t or entry[i] == 0)
            ]
            dying = [i for i in at_risk if time[i] == t and event[i]]
            value += sum(weights[i] * math.log(risk[i]) for i in dying)
            for j in range(len(dying)):
                off = j / len(dying) if ties == "efron" else 0.0
                part = {i: risk[i] * (1 - off * (i in dying)) for i in at_risk}
                total = sum(weights[i] * part[i] for i in at_risk)
                mean = sum(weights[i] * part[i] * x[i] for i in at_risk) / total
                average = sum(weights[i] for i in dying) / len(dying)
                value -= average * math.log(total)
                for i in at_risk:
                    residuals[i] -= weights[i] * part[i] * average / total * (x[i] - mean)
                for i in dying:
                    residuals[i] += weights[i] * (x[i] - mean) / len(dying)
    return value, residuals


@settings(deadline=None)
@given(subjects, st.sampled_from(TIES), st.booleans(), st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
       st.sampled_from(["chosen", "rows", "tree"]))  # fmt: skip
def test_every_route_equals_the_slow_definition(rows, ties, delayed, beta, route):
    entry, time, event, x, strata, weights, offset = drawn(rows)
    entry = entry if delayed else np.zeros(len(rows))
    assume(event.any() and not (delayed and route == "rows"))
    with pytest.MonkeyPatch.context() as patched:
        if route != "chosen":
            patched.setattr("equipoise.stats.regression.risk_sets._DENSE", -1)
        if route == "tree":
            patched.setattr(risk_sums, "_RANGE", -1.0)
        sets = risk_sets(time, event, strata, ties, entry=entry, weights=weights)
        likelihood = partial_likelihood(sets, x[sets.row], offset[sets.row])
        found = likelihood.evaluate(np.array(beta))
        residuals = np.zeros(x.shape)
        residuals[sets.row] = score_residuals(likelihood, np.array(beta))

    def slow(b):
        return by_loops(entry, time, event, x, strata, weights, offset, ties, b)

    value, expected = slow(beta)
    assert found.log_likelihood == approx(value, rel=1e-11, abs=1e-11)
    assert residuals == approx(expected, abs=1e-10)
    assert found.score == approx(expected.sum(axis=0), abs=1e-10)
    step = 1e-5
    for j in range(2):
        away = np.eye(2)[j] * step
        slope = (slow(beta + away)[1].sum(axis=0) - slow(beta - away)[1].sum(axis=0)) / (2 * step)
        assert found.information[j] == approx(-slope, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(subjects, st.sampled_from(TIES))
def test_a_followed_row_cut_in_two_is_one_row(rows, ties):
    _, time, event, x, strata, weights, offset = drawn(rows)
    whole = cox(2 * time, event, x, strata=strata, weights=weights, offset=offset, ties=ties, robust=False)
    cut = np.concatenate((np.zeros(len(time)), np.ones(len(time))))
    twice = {"strata": np.tile(strata, 2), "weights": np.tile(weights, 2), "offset": np.tile(offset, 2)}
    parts = cox(
        np.concatenate((np.ones(len(time)), 2 * time)), np.concatenate((np.zeros(len(time)), event)),
        np.tile(x, (2, 1)), entry=cut, ties=ties, robust=False, **twice,
    )  # fmt: skip

    assert parts.coefficients == approx(whole.coefficients, rel=1e-8, abs=1e-8, nan_ok=True)
    assert parts.log_likelihood == approx(whole.log_likelihood, rel=1e-10, abs=1e-10)
    assert parts.score.chi_square == approx(whole.score.chi_square, rel=1e-9, abs=1e-10, nan_ok=True)


def sample(n=80, seed=2):
    rng = np.random.default_rng(seed)
    x = np.column_stack((rng.integers(0, 2, n), rng.normal(size=n)))
    return rng.integers(1, 20, n), rng.integers(0, 2, n), x, rng


def test_an_entry_of_zero_is_no_entry_and_sees_an_event_at_the_origin():
    time, event, x, _ = sample()
    time[:3], event[:3] = 0, 1
    plain = cox(time, event, x)
    from_origin = cox(time, event, x, entry=np.zeros(80))

    assert from_origin.coefficients == approx(plain.coefficients, rel=1e-12)
    assert from_origin.log_likelihood == approx(plain.log_likelihood, rel=1e-13)


def test_whole_weights_are_repeated_rows_with_breslow_ties():
    time, event, x, rng = sample()
    weights = rng.integers(1, 4, 80)
    weighted = cox(time, event, x, weights=weights, ties="breslow")
    rows = np.repeat(np.arange(80), weights)
    repeated = cox(time[rows], event[rows], x[rows], ties="breslow")

    assert not weighted.robust  # whole weights are counts
    assert weighted.coefficients == approx(repeated.coefficients, rel=1e-11)
    assert weighted.std_err == approx(repeated.std_err, rel=1e-11)
    assert weighted.log_likelihood == approx(repeated.log_likelihood, rel=1e-12)


@pytest.mark.parametrize("ties", TIES)
def test_a_factor_on_all_weights_changes_neither_estimate_nor_robust_variance(ties):
    time, event, x, rng = sample()
    weights = rng.uniform(0.5, 3, 80)
    one, other = (cox(time, event, x, weights=c * weights, ties=ties) for c in (1.0, 7.5))

    assert one.robust and other.robust
    assert other.coefficients == approx(one.coefficients, rel=1e-10)
    assert other.robust_covariance == approx(one.robust_covariance, rel=1e-9)
    assert other.covariance * 7.5 == approx(one.covariance, rel=1e-9)


def test_doubling_rows_within_clusters_keeps_the_robust_variance():
    # Breslow: a copy in the same cluster doubles every score, and halves the covariance on either side of it.
    time, event, x, _ = sample()
    once = cox(time, event, x, cluster=np.arange(80), ties="breslow")
    twice = cox(np.tile(time, 2), np.tile(event, 2), np.tile(x, (2, 1)), cluster=np.tile(np.arange(80), 2),
                ties="breslow")  # fmt: skip

    assert twice.n_clusters == once.n_clusters == 80
    assert twice.robust_covariance == approx(once.robust_covariance, rel=1e-9)


def test_one_row_a_cluster_is_no_cluster_and_tests_use_the_sandwich():
    time, event, x, _ = sample()
    clustered = cox(time, event, x, cluster=[f"s{i}" for i in range(80)])
    robust = cox(time, event, x, robust=True)
    plain = cox(time, event, x)

    assert clustered.robust_covariance == approx(robust.robust_covariance, rel=1e-12)
    assert robust.std_err == approx(plain.std_err, rel=1e-13)
    assert robust.wald_z == approx(robust.coefficients / robust.robust_std_err, rel=1e-13)
    assert robust.likelihood_ratio == plain.likelihood_ratio and robust.score == plain.score
    assert robust.robust_score.df == 2 and plain.robust_score is None and plain.robust_covariance is None


def test_too_few_clusters_for_the_coefficients_are_said():
    time, event, x, _ = sample()
    model = cox(time, event, x, cluster=np.arange(80) % 2)

    assert model.warnings == ("2 clusters for 2 coefficients: the robust joint tests are not estimable",)
    assert math.isnan(model.wald.chi_square) and math.isnan(model.robust_score.p_value_two_sided)
    assert np.isfinite(model.robust_std_err).all()


def test_an_offset_shifts_the_coefficient():
    time, event, x, _ = sample()
    plain = cox(time, event, x)
    shifted = cox(time, event, x, offset=0.75 * x[:, 0])
    moved = cox(time, event, x, offset=0.75 * x[:, 0] + 1e4)

    assert shifted.coefficients == approx(plain.coefficients - [0.75, 0], rel=1e-10)
    assert shifted.log_likelihood == approx(plain.log_likelihood, rel=1e-12)
    assert moved.coefficients == approx(shifted.coefficients, rel=1e-7)


def test_an_empty_and_a_constant_stratum_change_nothing():
    time, event, x, _ = sample()
    plain = cox(time, event, x)
    padded = cox(np.append(time, [4, 5]), np.append(event, [0, 0]), np.vstack((x, [[1, 2], [0, 3]])),
                 strata=[0] * 80 + [7, 7])  # fmt: skip

    assert padded.coefficients == approx(plain.coefficients, rel=1e-12)
    assert padded.data.stratum_labels == ("0", "7")


def test_time_in_another_unit_changes_nothing():
    time, event, x, rng = sample()
    entry = rng.integers(0, 2, 80) * 0.5
    one, other = (cox(c * time, event, x, entry=c * entry) for c in (1, 30.4375))

    assert other.coefficients == approx(one.coefficients, rel=1e-12)


@pytest.mark.parametrize("entry", [None, 1.0])
def test_extreme_hazard_ratios_are_stable(entry):
    # Nearly all with x = 1 die before the others; one dies last of all, which keeps the coefficient finite.
    rng = np.random.default_rng(8)
    x = np.append(rng.integers(0, 2, 299), 1.0)
    time = np.argsort(np.argsort(np.append(rng.exponential(np.exp(-20 * x[:-1])), 1e9))) + 2.0
    options = {} if entry is None else {"entry": np.where(np.arange(300) % 3, 0.0, entry)}
    model = cox(time, np.ones(300), x, **options)
    scaled = cox(time, np.ones(300), 1e-9 * x, **options)

    assert model.converged and model.hazard_ratio[0] > 10
    assert scaled.coefficients * 1e-9 == approx(model.coefficients, rel=1e-9)


def test_separation_with_entries_and_weights_is_named():
    rng = np.random.default_rng(4)
    entry = np.array([0, 0, 1, 2, 0, 3, 0, 1.0])
    a, b = np.array([0, 1, 0, 1, 0, 1, 0, 0]), rng.normal(size=8)
    model = cox(np.arange(1, 9) + 3, [1, 0, 1, 0, 1, 0, 1, 1], np.column_stack((a, b)), entry=entry,
                weights=rng.uniform(0.5, 2, 8), names=["a", "b"])  # fmt: skip

    assert model.coefficients[0] == -np.inf and np.isnan(model.robust_std_err[0])
    assert np.isfinite(model.coefficients[1]) and np.isfinite(model.robust_std_err[1])
    assert model.warnings[0].startswith("a: the likelihood still grows as the coefficient goes to -inf")


def test_data_gives_columns_by_name():
    time, event, x, rng = sample()
    columns = {"days": time, "dead": event, "arm": x[:, 0], "age": x[:, 1], "site": rng.integers(0, 3, 80)}
    plain = cox(time, event, x, names=["arm", "age"], strata=columns["site"])
    for data in (columns, pl.DataFrame(columns)):
        named = cox("days", "dead", ["arm", "age"], strata="site", data=data)
        assert named.names == ("arm", "age") and named.coefficients.tolist() == plain.coefficients.tolist()
    framed = cox(time, event, pl.DataFrame({"arm": x[:, 0], "age": x[:, 1]}), strata=columns["site"])
    assert framed.names == ("arm", "age")
    assert cox(time, event, x[:, 0]).names == ("x1",)
    assert cox("days", "dead", "arm", data=columns).names == ("arm",)


def test_indicators_of_a_factor_in_a_model():
    time, event, x, rng = sample()
    cell = np.array(["small", "large", "squamous"])[rng.integers(0, 3, 80)]
    factor = indicators(cell, reference="squamous", name="cell")
    model = cox(time, event, {"age": x[:, 1], **factor})

    assert model.names == ("age", "cell=large", "cell=small")
    assert sum(column.sum() for column in factor.values()) == (cell != "squamous").sum()
    assert list(indicators("cell", data={"cell": cell})) == ["cell=small", "cell=squamous"]


def test_summary_and_frame_say_what_was_done():
    time, event, x, _ = sample()
    model = cox(time, event, x, names=["arm", "age"], strata=np.arange(80) % 3, cluster=np.arange(80) // 2)
    frame = model.to_frame()

    assert (
        model.summary().splitlines()[0]
        == "Cox, Efron ties, 3 strata, robust variance by 40 clusters; 95% Wald intervals"
    )
    assert {"hazard_ratio", "robust_std_err", "z", "log_likelihood", "chi_square"} <= set(frame["statistic"])
    picked = frame.filter((pl.col("statistic") == "hazard_ratio") & (pl.col("variable") == "arm"))
    assert picked["value"].item() == model.hazard_ratio[0]
    assert "infinity" in cox(range(1, 7), [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], names=["a"]).summary()
    assert model.likelihood_ratio.summary().startswith("Likelihood ratio test")
    assert not any(
        array.flags.writeable for array in (model.coefficients, model.robust_covariance, model.data.matrix)
    )


def test_the_caller_may_change_its_arrays_afterwards():
    time, event, x, _ = sample()
    model = cox(time, event, x)
    x[:] = 0

    assert model.data.matrix[:, 1].any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": [1, 0, 1]}, "weights: found 0.0 at position 1; expected weights above 0"),
        ({"weights": [1, -2, 1]}, "weights: found -2.0 at position 1"),
        ({"weights": [1, np.nan, 1]}, "weights: found nan at position 1; expected finite"),
        ({"weights": [1, 1]}, r"weights: found shape \(2,\); expected one number for each of the 3"),
        ({"offset": [0, np.inf, 0]}, "offset: found inf at position 1"),
        ({"offset": ["a", "b", "c"]}, "offset: found dtype"),
        ({"entry": [0, 2, 0]}, "entry: found 2 at position 1 with time 2; expected an entry before"),
        ({"entry": [0, -1, 0]}, "entry: found -1.0 at position 1"),
        ({"entry": [0, np.nan, 0]}, "entry: found nan at position 1"),
        ({"entry": [0, 0]}, r"entry: found shape \(2,\)"),
        ({"cluster": [1, 2]}, r"cluster: found shape \(2,\)"),
        ({"cluster": [1, None, 2]}, "cluster: found None at position 1"),
        ({"cluster": [1, 1, 2], "robust": False}, "robust: found False with a cluster"),
        ({"entry": [0, 1, 0], "robust": True}, "cluster: found None with entry and robust"),
        ({"strata": ["a", None, "b"]}, "strata: found None at position 1"),
        ({"strata": [1.0, np.nan, 2.0]}, "strata: found .*nan.* at position 1"),
        ({"strata": ["a", "b"]}, r"strata: found shape \(2,\)"),
        ({"ties": "discrete"}, "ties: found 'discrete'; expected one of efron.*R's exact and SAS's discrete"),
    ],
)
def test_unusable_options_are_named(options, message):
    with pytest.raises(DataError, match=message):
        cox([1, 2, 3], [1, 1, 1], [0, 1, 0], **options)


@pytest.mark.parametrize(
    ("covariates", "options", "message"),
    [
        (["cell"], {}, r"covariates\[cell\]: found dtype .*indicators"),
        (
            ["nowhere"],
            {},
            r"covariates\[nowhere\]: found 'nowhere'; expected a column of data: t, e, cell, age",
        ),
        (["age"], {}, r"covariates\[age\]: found nan at row 2"),
        ("age", {}, r"covariates\[age\]: found nan at row 2"),
        ({"a": [1, 2]}, {}, r"covariates\[a\]: found shape \(2,\)"),
        ({"a": [1, None, 2]}, {}, r"covariates\[a\]: found a missing value at row 1"),
        (np.zeros((3, 2)), {"names": ["a"]}, r"names: found 1 for 2 covariates: \('a',\); expected one name"),
        (np.zeros((3, 2, 1)), {}, r"covariates: found shape \(3, 2, 1\)"),
    ],
)
def test_unusable_covariates_are_named(covariates, options, message):
    data = {"t": [1, 2, 3], "e": [1, 1, 1], "cell": ["a", "b", "a"], "age": [1.0, 2.0, np.nan]}
    with pytest.raises(DataError, match=message):
        cox("t", "e", covariates, data=data, **options)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (["a", None, "b"], {}, "values: found None at position 1"),
        ([1.0, np.nan], {}, "values: found nan at position 1"),
        (["a", "a"], {}, "values: found the one level 'a'"),
        (["a", "b"], {"reference": "c"}, "reference: found 'c'"),
        ([["a", "b"]], {}, r"values: found shape \(1, 2\)"),
        (np.array(["a", 1], dtype=object), {}, "values: found labels of the kinds int, str"),
    ],
)
def test_unusable_factors_are_named(values, options, message):
    with pytest.raises(DataError, match=message):
        indicators(values, **options)


@pytest.mark.parametrize("labels", [{"cluster": [1, 1, 2, 2, 3, 3]}, {"robust": True}])
def test_a_robust_model_of_which_every_covariate_was_dropped_says_so(labels: dict[str, object]) -> None:
    model = cox([1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1], [[2.0]] * 6, names=["constant"], **labels)  # type: ignore[arg-type]
    assert np.isnan(model.coefficients[0])
    assert model.robust_std_err is not None and np.isnan(model.robust_std_err[0])
    assert any("constant" in words for words in model.warnings)
    assert model.wald.df == 0
