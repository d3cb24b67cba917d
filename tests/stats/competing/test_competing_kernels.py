"""The compiled sweeps give what numpy gives, on data with every kind of tie; with bounds checked."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from pytest import approx

from equipoise.stats import compiling, cumulative_incidence, fine_gray, gray_test
from equipoise.stats.compiled import competing

KERNELS = (
    "aalen_johansen",
    "aalen_variance",
    "greenwood_variance",
    "gray_moments",
    "fine_gray_sums",
    "fine_gray_hazards",
)
NEVER = 10**12


def samples():
    rng = np.random.default_rng(20260704)
    for round_ in range(12):
        n = int(rng.integers(20, 120))
        time = rng.integers(0, int(rng.integers(3, 50)), n).astype(float)
        cause = rng.integers(0, 4, n)
        cause[:3] = 1
        group = np.append(rng.integers(0, 3, n - 3), [0, 1, 2])
        yield round_, time, cause, group, rng.integers(0, 3, n), rng.normal(size=(n, 3))


def everything(round_, time, cause, group, site, x):
    curves = [
        curve
        for variance in ("aalen", "greenwood")
        for curve in cumulative_incidence(
            time, cause, group=group, variance=variance, causes=[1, 2, 3]
        ).curves
    ]
    test = gray_test(time, cause, group, strata=site if round_ % 2 else None, rho=round_ % 3)
    model = fine_gray(
        time, cause, x,
        ties=("breslow", "efron")[round_ % 2],
        strata=site if round_ % 3 == 0 else None,
        censoring_groups=group if round_ % 4 == 0 else None,
    )  # fmt: skip
    return (
        *(curve.estimate for curve in curves), *(curve.variance for curve in curves), test.score, test.variance,
        np.array([test.chi_square, test.df]), model.coefficients, model.covariance, model.baseline_hazard,
        np.array([model.log_likelihood, model.score.chi_square]),
    )  # fmt: skip


@pytest.fixture
def bounds_checked(monkeypatch):
    for name in KERNELS:
        kernel = getattr(competing, name)
        monkeypatch.setattr(competing, name, njit(boundscheck=True, error_model="numpy")(kernel.py_func))


def test_compiled_is_numpy(monkeypatch, bounds_checked):
    for sample in samples():
        monkeypatch.setattr(compiling, "SMALLEST", 0)
        compiled = everything(*sample)
        monkeypatch.setattr(compiling, "SMALLEST", NEVER)
        for ours, reference in zip(compiled, everything(*sample), strict=True):
            assert ours == approx(reference, rel=1e-10, abs=1e-12, nan_ok=True)


def test_large_data_use_the_kernels_and_small_ones_do_not(monkeypatch):
    called = []
    monkeypatch.setattr(competing, "aalen_johansen", lambda *arrays: called.append(len(arrays[0])))
    monkeypatch.setattr(competing, "aalen_variance", lambda *arrays: arrays[-1].fill(0))
    n = compiling.SMALLEST
    cumulative_incidence(np.arange(n) % 500, np.arange(n) % 3)
    cumulative_incidence(np.arange(n - 1) % 500, np.arange(n - 1) % 3)

    assert called == [500]
