"""The compiled passes over large data, held beside numpy's likelihood."""

from __future__ import annotations

from types import FunctionType

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytest import approx

from equipoise.stats import compiling, cox
from equipoise.stats.regression.cox_data import cox_data
from equipoise.stats.regression.large import large_likelihood
from equipoise.stats.regression.standardized import reference

TIES = ("efron", "breslow")

subjects = st.lists(
    st.tuples(st.integers(0, 5), st.booleans(), st.integers(-2, 2), st.integers(0, 2), st.integers(0, 2),
              st.sampled_from([0.5, 1.0, 3.0]), st.sampled_from([-1.0, 0.0, 0.5])),
    min_size=2,
    max_size=15,
)  # fmt: skip


def problem(rows, ties, weighted):
    d = np.array(rows, dtype=float)
    return cox_data(d[:, 0], d[:, 1], d[:, 2:4], names=["a", "b"], entry=None, strata=d[:, 4].astype(int),
                    weights=d[:, 5] if weighted else None, offset=d[:, 6] if weighted else None, cluster=None,
                    ties=ties, data=None)  # fmt: skip


@settings(deadline=None)
@given(subjects, st.sampled_from(TIES), st.booleans(), st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
def test_compiled_equals_numpy(rows, ties, weighted, beta):
    data = problem(rows, ties, weighted)
    assume(data.event.any())
    expected, expected_scale = reference(data)
    found, scale = large_likelihood(data, lambda: reference(data)[0], 1e-13)
    one, other = (one.evaluate(np.array(beta)) for one in (found, expected))

    assert scale == approx(expected_scale, rel=1e-12)
    assert one.log_likelihood == approx(other.log_likelihood, rel=1e-12, abs=1e-12)
    assert one.score == approx(other.score, abs=1e-11)
    assert one.information == approx(other.information, abs=1e-11)


class Strict(np.ndarray):
    """An array that no negative index gets into, as no compiled loop may mean one."""

    def __getitem__(self, index):
        return super().__getitem__(within(index))

    def __setitem__(self, index, value):
        super().__setitem__(within(index), value)


def within(index):
    for one in index if isinstance(index, tuple) else (index,):
        assert isinstance(one, slice) or one >= 0, f"index {one}"
    return index


def strict(array):
    return np.asarray(array).view(Strict)


class StrictNumpy:
    """numpy as the kernels use it, with strict arrays."""

    def __getattr__(self, name):
        found = getattr(np, name)
        return (lambda *a, **k: strict(found(*a, **k))) if name in ("zeros", "empty", "empty_like") else found


@pytest.mark.parametrize("ties", TIES)
def test_kernels_stay_within_their_arrays_row_by_row(ties, monkeypatch):
    from equipoise.stats.compiled import cox as kernels

    def interpreted(kernel):
        plain = FunctionType(kernel.py_func.__code__, {**kernel.py_func.__globals__, "np": StrictNumpy()})

        def call(*arguments):
            found = plain(*(strict(a) if isinstance(a, np.ndarray) else a for a in arguments))
            pieces = found if isinstance(found, tuple) else (found,)
            pieces = tuple(np.asarray(piece) if isinstance(piece, Strict) else piece for piece in pieces)
            return pieces if isinstance(found, tuple) else pieces[0]

        return call

    for name in ("by_stratum", "cells", "standardize", "backward", "forward"):
        monkeypatch.setattr(kernels, name, interpreted(getattr(kernels, name)))
    rng = np.random.default_rng(6)
    for n in (1, 2, 3, 12, 40):
        rows = [(*rng.integers(0, 6, 1), *rng.integers(0, 2, 1), *rng.normal(size=2), *rng.integers(0, 4, 1), 1.5, 0.5)
                for _ in range(n)]  # fmt: skip
        rows[0] = (1, 1, *rows[0][2:])
        data = problem(rows, ties, True)
        expected = reference(data)[0].evaluate(np.array([0.3, -0.2]))
        found = large_likelihood(data, lambda data=data: reference(data)[0], 1e-13)[0].evaluate(
            np.array([0.3, -0.2])
        )
        assert found.log_likelihood == approx(expected.log_likelihood, rel=1e-12, abs=1e-12)
        assert found.information == approx(expected.information, abs=1e-11)


def trial(n=400, seed=1):
    rng = np.random.default_rng(seed)
    x = np.column_stack((rng.integers(0, 2, n), rng.normal(size=(n, 2))))
    time = rng.exponential(30 * np.exp(-0.4 * x[:, 0]))
    return np.minimum(np.ceil(time), 60), time < 60, x, rng.integers(0, 5, n), rng


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("option", ["plain", "strata", "weights", "cluster"])
def test_whole_models_are_the_same(ties, option, monkeypatch):
    time, event, x, site, rng = trial()
    options = {"plain": {}, "strata": {"strata": site}, "weights": {"weights": rng.uniform(0.5, 2, 400)},
               "cluster": {"cluster": site, "offset": x[:, 1]}}[option]  # fmt: skip
    expected = cox(time, event, x, ties=ties, **options)
    monkeypatch.setattr(compiling, "SMALLEST", 0)
    found = cox(time, event, x, ties=ties, **options)

    for name in (
        "coefficients",
        "covariance",
        "robust_covariance",
        "wald_z",
        "log_likelihood",
        "log_likelihood_null",
    ):
        one, other = getattr(found, name), getattr(expected, name)
        assert (one is None and other is None) or one == approx(other, rel=1e-10, abs=1e-15), name
    assert found.score.chi_square == approx(expected.score.chi_square, rel=1e-11)


def test_collinear_constant_and_infinite_are_said_as_for_small_data(monkeypatch):
    time, event, x, _, _ = trial()
    nobody = (np.arange(400) % 7 == 0) & ~event
    columns = np.column_stack((x, 1 - x[:, 0] + x[:, 1], np.full(400, 0.1), nobody))
    expected = cox(time, event, columns)
    monkeypatch.setattr(compiling, "SMALLEST", 0)
    found = cox(time, event, columns)

    assert found.warnings == expected.warnings and len(found.warnings) == 3
    assert found.coefficients == approx(expected.coefficients, rel=1e-8, nan_ok=True)


def test_risks_too_far_apart_for_a_double(monkeypatch):
    time, event, x, _, _ = trial()
    data = cox_data(time, event, x, names=list("abc"), entry=None, strata=None, weights=None, offset=None,
                    cluster=None, ties="efron", data=None)  # fmt: skip
    found = large_likelihood(data, lambda: reference(data)[0], 1e-13)[0].evaluate(
        np.array([400.0, 200.0, 0.0])
    )
    expected = reference(data)[0].evaluate(np.array([400.0, 200.0, 0.0]))

    assert np.isfinite(found.log_likelihood)
    assert found.log_likelihood == approx(expected.log_likelihood, rel=1e-13)
