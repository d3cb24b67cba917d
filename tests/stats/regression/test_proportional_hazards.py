"""The test of proportional hazards and its graphs."""

from __future__ import annotations

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.stats import cox, log_log_curves, proportional_hazards_test

RANDOM = np.random.default_rng(12)
N = 80
DATA = {
    "time": RANDOM.integers(1, 30, N), "event": RANDOM.random(N) < 0.7, "x": RANDOM.normal(size=N), "y": RANDOM.integers(0, 2, N) * 1.0,
    "z": RANDOM.normal(size=N), "s": RANDOM.integers(0, 3, N),
}  # fmt: skip


def fit(**options):
    return cox("time", "event", ["x", "y", "z"], data=DATA, **options)


@pytest.mark.parametrize("options", [{}, {"strata": "s"}, {"ties": "breslow"}])
def test_units_of_time_and_covariates_do_not_matter(options):
    ours = proportional_hazards_test(fit(**options), transform="identity")
    scaled = {**DATA, "time": DATA["time"] * 7, "x": DATA["x"] * 1e5 + 3}
    again = proportional_hazards_test(
        cox("time", "event", ["x", "y", "z"], data=scaled, **options), transform="identity"
    )

    np.testing.assert_allclose(again.chi_square, ours.chi_square, rtol=1e-8)
    assert again.global_test.chi_square == pytest.approx(ours.global_test.chi_square, rel=1e-8)


def test_any_line_through_the_transformed_times_is_the_same_test():
    model = fit()

    ours = proportional_hazards_test(model, transform=np.log)
    moved = proportional_hazards_test(model, transform=lambda t: 4 - 3 * np.log(t))

    np.testing.assert_allclose(moved.chi_square, ours.chi_square, rtol=1e-10)
    np.testing.assert_allclose(
        proportional_hazards_test(model, transform="log").chi_square, ours.chi_square, rtol=1e-14
    )


def test_all_columns_in_one_term_are_the_global_test():
    found = proportional_hazards_test(fit(), terms={"everything": ["z", "x", "y"]})

    assert found.chi_square[0] == pytest.approx(found.global_test.chi_square, rel=1e-12)
    assert found.df.tolist() == [3] and found.scaled.shape == (DATA["event"].sum(), 1)


def test_crossing_hazards_are_found_and_proportional_ones_are_not():
    u = np.random.default_rng(8).random((2, 400))
    event = np.ones(800, bool)
    group = np.repeat([0.0, 1.0], 400)
    crossing = np.concatenate((-np.log(u[0]), (-np.log(u[1])) ** (1 / 3)))
    parallel = np.concatenate((-np.log(u[0]), -np.log(u[1]) / 2))

    assert proportional_hazards_test(cox(crossing, event, group)).p_value_two_sided[0] < 1e-6
    assert proportional_hazards_test(cox(parallel, event, group)).p_value_two_sided[0] > 1e-3


def test_a_covariate_constant_in_a_stratum_has_no_residuals_there():
    data = {**DATA, "x": np.where(DATA["s"] == 1, 2.0, DATA["x"])}
    found = proportional_hazards_test(cox("time", "event", ["x", "z"], strata="s", data=data))
    there = data["s"][found.row] == 1

    assert np.isnan(found.scaled[there, 0]).all() and np.isfinite(found.scaled[there, 1]).all()
    assert np.isfinite(found.scaled[~there]).all()
    assert "constant in the stratum" in found.to_frame()["warning"].to_list()


def test_a_dropped_covariate_is_left_out():
    found = proportional_hazards_test(cox("time", "event", ["x", "one"], data={**DATA, "one": np.ones(N)}))

    assert found.terms == ("x",) and found.global_test.df == 1


def test_smooth_plot_and_summary():
    found = proportional_hazards_test(fit())
    smooth = found.smooth("z", points=9)

    assert (
        smooth.value.shape == (9,) and (smooth.lower < smooth.value).all() and smooth.to_frame().height == 27
    )
    svg = found.plot("z").svg
    assert 'data-kind="points"' in svg and 'data-kind="band"' in svg and "Proportional hazards of z" in svg
    assert "GLOBAL" in found.summary()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"transform": "KM"}, "transform"),
        ({"transform": lambda t: t[:3]}, "shape"),
        ({"terms": {"a": ["x", "y"]}}, "every covariate once"),
        ({"terms": {"a": ["x", "y"], "b": ["y", "z"]}}, "every covariate once"),
    ],
)
def test_refusals(options, word):
    with pytest.raises(DataError, match=word):
        proportional_hazards_test(fit(), **options)


def test_log_of_an_event_at_time_zero_is_refused():
    with pytest.raises(DataError, match="event at 0"):
        proportional_hazards_test(cox([0, 1, 2, 3], [1, 1, 1, 1], [0, 1, 1, 0]), transform="log")
    with pytest.raises(DataError, match="term"):
        proportional_hazards_test(fit()).smooth("q")


def test_log_log_curves_keep_what_has_a_place():
    found = log_log_curves(
        [0, 1, 2, 3, 4, 5], [1, 1, 1, 0, 0, 1], ["a", "a", "a", "b", "b", "b"], groups=("a", "b", "c")
    )

    assert [one.time.tolist() for one in found.curves] == [[1.0], [], []]
    assert len(found.warnings) == 2 and "<svg" in found.plot().svg and found.to_frame().height == 1
    with pytest.raises(DataError, match="group"):
        log_log_curves([1, 2], [1, 1], ["a", "q"], groups=("a", "b"))
