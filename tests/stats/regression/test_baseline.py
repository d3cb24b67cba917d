"""The baseline hazard of a Cox model: what must not matter, edges, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.stats import (
    baseline_hazard,
    concordance,
    cox,
    cox_residuals,
    nelson_aalen,
    predicted_survival,
    proportional_hazards_test,
)

TIME = np.array([0, 1, 1, 2, 3, 3, 4, 5, 6, 6, 7, 9])
EVENT = np.array([1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0])
X = np.array([0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0.0])


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_order_of_rows_does_not_matter(ties):
    shuffled = np.random.default_rng(3).permutation(TIME.size)

    ours = baseline_hazard(cox(TIME, EVENT, X, ties=ties)).strata[0]
    again = baseline_hazard(cox(TIME[shuffled], EVENT[shuffled], X[shuffled], ties=ties)).strata[0]

    np.testing.assert_allclose(again.cumulative_hazard, ours.cumulative_hazard, rtol=1e-10)
    np.testing.assert_allclose(again.std_err, ours.std_err, rtol=1e-10)


def test_a_shift_of_the_covariate_moves_the_baseline_by_its_hazard_ratio():
    ours = baseline_hazard(cox(TIME, EVENT, X))
    model = cox(TIME, EVENT, X + 10)
    moved = baseline_hazard(model)

    factor = np.exp(-10 * model.coefficients[0])
    np.testing.assert_allclose(
        moved.strata[0].cumulative_hazard, factor * ours.strata[0].cumulative_hazard, rtol=1e-9
    )


def test_whole_weights_are_copies_with_breslow_ties():
    copies = np.repeat(np.arange(TIME.size), 1 + np.arange(TIME.size) % 3)

    weighted = baseline_hazard(
        cox(TIME, EVENT, X, weights=1 + np.arange(TIME.size) % 3, ties="breslow")
    ).strata[0]
    copied = baseline_hazard(cox(TIME[copies], EVENT[copies], X[copies], ties="breslow")).strata[0]

    np.testing.assert_allclose(weighted.cumulative_hazard, copied.cumulative_hazard, rtol=1e-9)
    np.testing.assert_allclose(weighted.std_err, copied.std_err, rtol=1e-9)
    np.testing.assert_allclose(weighted.n_at_risk, copied.n_at_risk)


def test_a_stratum_without_events_has_hazard_zero_and_leaves_the_others_alone():
    strata = np.array(["a"] * TIME.size + ["none"] * 2)
    found = baseline_hazard(
        cox(np.append(TIME, [3, 5]), np.append(EVENT, [0, 0]), np.append(X, [0, 1]), strata=strata)
    )
    alone = baseline_hazard(cox(TIME, EVENT, X))

    assert [one.stratum for one in found.strata] == ["a", "none"]
    assert found.strata[1].cumulative_hazard.tolist() == [0, 0]
    np.testing.assert_allclose(
        found.strata[0].cumulative_hazard, alone.strata[0].cumulative_hazard, rtol=1e-12
    )


def test_entry_at_the_origin_is_no_entry():
    ours = baseline_hazard(cox(TIME, EVENT, X)).strata[0]
    entered = baseline_hazard(cox(TIME, EVENT, X, entry=np.zeros(TIME.size))).strata[0]

    np.testing.assert_allclose(entered.cumulative_hazard, ours.cumulative_hazard, rtol=1e-12)
    assert entered.n_at_risk.tolist() == ours.n_at_risk.tolist()


def test_a_dropped_covariate_leaves_nelson_and_aalen():
    found = baseline_hazard(cox(TIME, EVENT, np.ones(TIME.size), ties="breslow")).strata[0]
    curve = nelson_aalen(TIME, EVENT)

    np.testing.assert_allclose(found.cumulative_hazard, curve.cumulative_hazard, rtol=1e-13)
    np.testing.assert_allclose(found.std_err, curve.std_err, rtol=1e-13)


def test_centered_is_the_curve_of_the_means():
    model = cox(TIME, EVENT, X)
    mean = predicted_survival(model, {"x1": X.mean()}).curves[0]

    np.testing.assert_allclose(
        baseline_hazard(model, centered=True).strata[0].cumulative_hazard, mean.cumulative_hazard
    )


def test_a_baseline_beyond_the_floating_point_says_so():
    found = baseline_hazard(cox(TIME, EVENT, X + 5000))

    assert found.warnings and "centered=True" in found.warnings[0]
    assert not baseline_hazard(cox(TIME, EVENT, X + 5000), centered=True).warnings


def test_reading_summary_and_frame():
    found = baseline_hazard(cox(TIME, EVENT, X))

    assert (
        np.isnan(found.strata[0].at([20])[0])
        and found.strata[0].at([100 - 91])[0] == found.strata[0].cumulative_hazard[-1]
    )
    assert "Efron ties" in found.summary() and found.to_frame().height > 50
    assert not found.strata[0].cumulative_hazard.flags.writeable


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (lambda: cox(TIME, EVENT, X, ties="exact-partial"), "exact-partial"),
        (lambda: cox(TIME, np.zeros(TIME.size, bool), X), "no event"),
        (lambda: cox([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0]), "infinity"),
    ],
)
def test_models_without_a_baseline_are_refused(model, word):
    with pytest.raises(DataError, match=word):
        baseline_hazard(model())


def test_an_undetermined_coefficient_is_not_taken_for_zero():
    """Two covariates that separate the events together: neither has a value, so nothing can be predicted from them."""
    rows = [[0, 2], [2, 0], [1, 2], [2, 1], [2, 2]]
    model = cox([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], rows, names=["a", "b"])
    assert np.isnan(model.coefficients).all()

    for use in (
        baseline_hazard,
        concordance,
        cox_residuals,
        proportional_hazards_test,
        lambda of: predicted_survival(of, [[1, 1]]),
    ):
        with pytest.raises(DataError, match=r"a coefficient that is undetermined \(a\)"):
            use(model)
