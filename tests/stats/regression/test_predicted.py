"""Predicted survival: identities, extremes, refusals."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from equipoise.errors import DataError
from equipoise.stats import cox, predicted_survival

TIME = np.array([0, 1, 1, 2, 3, 3, 4, 5, 6, 6, 7, 9])
EVENT = np.array([1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0])
DATA = {
    "time": TIME,
    "event": EVENT,
    "x": np.arange(12.0) % 5,
    "y": (np.arange(12) % 2) * 1.0,
    "s": np.array(list("ab") * 6),
}


def model(**options):
    return cox("time", "event", ["x", "y"], data=DATA, **options)


def test_curves_are_powers_of_each_other():
    fitted = model()
    low, high = predicted_survival(fitted, {"x": [0, 2], "y": [0, 1]}).curves

    np.testing.assert_allclose(
        high.cumulative_hazard, low.cumulative_hazard * np.exp(fitted.coefficients @ [2, 1]), rtol=1e-12
    )


def test_offset_multiplies_the_hazard():
    fitted = model()
    plain, shifted = (predicted_survival(fitted, {"x": 1, "y": 1}, offset=[o]).curves[0] for o in (0, 0.7))

    np.testing.assert_allclose(shifted.cumulative_hazard, np.exp(0.7) * plain.cumulative_hazard, rtol=1e-13)
    np.testing.assert_allclose(shifted.log_std_err, np.exp(0.7) * plain.log_std_err, rtol=1e-13)


def test_array_mapping_and_frame_are_the_same_rows():
    fitted = model()

    curves = [
        predicted_survival(fitted, c).curves[0].survival
        for c in ([1.0, 0.0], {"y": 0, "x": 1}, pl.DataFrame({"y": [0], "z": [9], "x": [1]}))
    ]

    assert curves[0].tolist() == curves[1].tolist() == curves[2].tolist()


def test_strata_by_name_or_all():
    fitted = model(strata="s")
    every = predicted_survival(fitted, {"x": 1, "y": 0})
    second = predicted_survival(fitted, {"x": 1, "y": 0}, strata=["b"])

    assert [curve.stratum for curve in every.curves] == ["a", "b"]
    assert second.curves[0].survival.tolist() == every.curves[1].survival.tolist()


@pytest.mark.parametrize("sign", [-1, 1])
def test_large_predictors_are_neither_lost_nor_silent(sign):
    fitted = cox(TIME, EVENT, DATA["x"])
    value = sign * 1000 / fitted.coefficients[0]
    found = predicted_survival(fitted, [[value]])
    curve = found.curves[0]

    if sign < 0:
        assert (curve.survival == 1).all() and (curve.cumulative_hazard >= 0).all() and not found.warnings
    else:
        assert (curve.survival == 0).all() and found.warnings


def test_a_covariate_far_from_zero_predicts_as_one_near():
    near = predicted_survival(cox(TIME, EVENT, DATA["x"]), [[2.0]]).curves[0]
    far = predicted_survival(cox(TIME, EVENT, DATA["x"] + 2**24), [[2.0 + 2**24]]).curves[0]

    np.testing.assert_allclose(far.survival, near.survival, rtol=1e-9)
    np.testing.assert_allclose(far.log_std_err, near.log_std_err, rtol=1e-8)


@pytest.mark.parametrize("interval", ["log", "log-log", "plain", "logit", "arcsin"])
def test_limits_enclose_the_curve(interval):
    curve = predicted_survival(model(), {"x": 1, "y": 0}, interval=interval).curves[0]
    known = ~np.isnan(curve.lower)

    assert known.any()
    assert (curve.lower[known] <= curve.survival[known]).all() and (
        curve.survival[known] <= curve.upper[known]
    ).all()


def test_reading_median_plot_summary_frame():
    found = predicted_survival(model(), {"x": [1, 3], "y": 0}, labels=["one", "three"])

    assert found.at(0.5).survival[0] == found.curves[0].survival[0]
    assert np.isnan(found.at(10, curve=1).survival[0])
    assert found.median(curve=1).estimate in TIME
    assert "three" in found.plot().svg and "three" in found.summary() and found.to_frame().height > 100


@pytest.mark.parametrize(
    ("covariates", "options", "word"),
    [
        ({"x": 1}, {}, "'y'"),
        ({"x": 1, "y": 0, "z": 1}, {}, "'z'"),
        ({"x": np.nan, "y": 0}, {}, "finite"),
        ([[1, 2, 3]], {}, "shape"),
        ({"x": [1, 2], "y": [1, 2, 3]}, {}, "lengths"),
        ({"x": 1, "y": 0}, {"strata": ["q"]}, "'q'"),
        ({"x": 1, "y": 0}, {"interval": "loglog"}, "interval"),
        ({"x": 1, "y": 0}, {"confidence_level": 95}, "confidence_level"),
        ({"x": 1, "y": 0}, {"offset": [1, 2]}, "offset"),
        ({"x": 1, "y": 0}, {"labels": ["a", "b"]}, "labels"),
    ],
)
def test_refusals(covariates, options, word):
    with pytest.raises(DataError, match=word):
        predicted_survival(model(), covariates, **options)
