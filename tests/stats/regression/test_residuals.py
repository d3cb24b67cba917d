"""Residuals of a Cox model: identities and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.stats import cox, cox_residuals

RANDOM = np.random.default_rng(11)
N = 60
DATA = {
    "time": RANDOM.integers(0, 15, N), "event": RANDOM.random(N) < 0.7, "x": RANDOM.normal(size=N), "y": RANDOM.integers(0, 2, N) * 1.0,
    "s": RANDOM.integers(0, 3, N), "w": RANDOM.integers(1, 4, N) + 0.5, "id": np.arange(N) // 3, "o": RANDOM.normal(size=N) / 5,
}  # fmt: skip
OPTIONS = [
    {},
    {"strata": "s"},
    {"weights": "w"},
    {"offset": "o"},
    {"strata": "s", "weights": "w", "offset": "o"},
    {"cluster": "id"},
]


def fit(ties="efron", **options):
    return cox("time", "event", ["x", "y"], ties=ties, data=DATA, **options)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("options", OPTIONS)
def test_sums_that_vanish(ties, options):
    model = fit(ties, **options)

    assert abs(cox_residuals(model, weighted=True).values.sum()) < 1e-10
    assert np.abs(cox_residuals(model, kind="score", weighted=True).values.sum(axis=0)).max() < 1e-7
    assert np.abs(cox_residuals(model, kind="schoenfeld", weighted=True).values.sum(axis=0)).max() < (
        1e-7 if ties == "breslow" or "weights" not in options else 5
    )


@pytest.mark.parametrize("options", OPTIONS[:2])
def test_dfbeta_is_nearly_what_leaving_a_row_out_does(options):
    model = fit(**options)
    dfbeta = cox_residuals(model, kind="dfbeta").values
    row = int(np.argmax(np.abs(dfbeta[:, 0])))
    without = {name: np.delete(values, row) for name, values in DATA.items()}

    change = model.coefficients - cox("time", "event", ["x", "y"], data=without, **options).coefficients

    np.testing.assert_allclose(dfbeta[row], change, rtol=0.35, atol=0.01)


def test_squares_of_dfbeta_are_the_robust_variance():
    model = fit(cluster="id")
    dfbeta = cox_residuals(model, kind="dfbeta", collapse=DATA["id"]).values

    np.testing.assert_allclose(dfbeta.T @ dfbeta, model.robust_covariance, rtol=1e-9)


def test_rows_shuffled_are_residuals_shuffled():
    order = np.random.default_rng(5).permutation(N)
    shuffled = {name: values[order] for name, values in DATA.items()}

    for kind in ("martingale", "deviance", "score", "dfbetas"):
        ours = cox_residuals(fit(strata="s"), kind=kind).values
        again = cox_residuals(cox("time", "event", ["x", "y"], strata="s", data=shuffled), kind=kind).values
        np.testing.assert_allclose(again, ours[order], rtol=1e-7, atol=1e-9)


def test_a_subject_in_two_rows_has_the_same_residual_in_sum():
    cut = 5.0
    late = DATA["time"] > cut
    split = {
        "time": np.append(np.where(late, cut, DATA["time"]), DATA["time"][late]), "entry": np.append(np.zeros(N), np.full(late.sum(), cut)),
        "event": np.append(DATA["event"] & ~late, DATA["event"][late]), "x": np.append(DATA["x"], DATA["x"][late]),
        "y": np.append(DATA["y"], DATA["y"][late]), "id": np.append(np.arange(N), np.flatnonzero(late)),
    }  # fmt: skip
    model = cox("time", "event", ["x", "y"], entry="entry", data=split)

    np.testing.assert_allclose(
        cox_residuals(model, collapse="id", data=split).values, cox_residuals(fit()).values, atol=1e-9
    )
    np.testing.assert_allclose(
        cox_residuals(model, kind="score", collapse="id", data=split).values,
        cox_residuals(fit(), kind="score").values,
        atol=1e-8,
    )


def test_who_left_before_the_first_event_has_zero():
    model = cox([1, 2, 3, 4], [0, 1, 1, 1], [5.0, 0, 1, 0])

    assert cox_residuals(model).values[0] == 0 and cox_residuals(model, kind="deviance").values[0] == 0
    assert cox_residuals(model, kind="score").values[0, 0] == 0


def test_a_dropped_covariate_has_no_dfbeta():
    values = cox_residuals(
        cox(DATA["time"], DATA["event"], np.column_stack((DATA["x"], np.ones(N)))), kind="dfbeta"
    ).values

    assert np.isnan(values[:, 1]).all() and np.isfinite(values[:, 0]).all()


def test_summary_frame_and_frozen():
    found = cox_residuals(fit(), kind="schoenfeld")

    assert "Schoenfeld" in found.summary() and found.to_frame().height == 2 * DATA["event"].sum()
    assert (np.diff(found.time) >= 0).all() and not found.values.flags.writeable


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"kind": "partial"}, "kind"),
        ({"kind": "deviance", "weighted": True}, "weighted"),
        ({"kind": "schoenfeld", "collapse": DATA["id"]}, "collapse"),
        ({"collapse": DATA["id"][:5]}, "collapse"),
        ({"collapse": np.array([None] * N)}, "known label"),
    ],
)
def test_refusals(options, word):
    with pytest.raises(DataError, match=word):
        cox_residuals(fit(), **options)
    with pytest.raises(DataError, match="exact"):
        cox_residuals(fit("exact-partial"))
