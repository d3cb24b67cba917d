"""Backward selection and univariate screens: the rule, the ties, the missing values, what must be said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.stats import (
    backward_selection_cox,
    backward_selection_logistic,
    cox,
    logistic,
    univariate_screen_cox,
    univariate_screen_logistic,
)

DRAWN = np.random.default_rng(11)
N = 120
X = DRAWN.normal(size=(N, 4))
TIME = np.ceil(300 * DRAWN.exponential(size=N) * np.exp(-0.7 * X[:, 0]))
EVENT = DRAWN.random(N) < 0.7
GRADE = DRAWN.choice(["high", "low", "middle"], size=N)
TERMS = {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "grade": GRADE}
RESPONSE = DRAWN.random(N) < 1 / (1 + np.exp(-X[:, 0]))


def test_every_step_removes_the_largest_p_above_the_limit() -> None:
    found = backward_selection_cox(TIME, EVENT, TERMS, stay=0.15)

    for before, step in zip(found.steps, found.steps[1:], strict=False):
        assert step.test is not None and step.test.p_value_two_sided > 0.15
        assert step.test.p_value_two_sided == max(test.p_value_two_sided for test in step.tests)
        assert set(before.terms) - set(step.terms) == {step.removed}
    assert all(test.p_value_two_sided <= 0.15 for test in found.tests)
    assert "a" in found.selected and found.finished
    assert set(found.selected) | set(found.removed) == set(TERMS)


def test_final_model_is_the_model_of_the_selected_terms() -> None:
    found = backward_selection_cox(TIME, EVENT, {name: TERMS[name] for name in "abc"}, stay=0.01)
    assert found.selected == ("a",)
    alone = cox(TIME, EVENT, X[:, 0], names=["a"])

    assert found.model is not None
    np.testing.assert_allclose(found.model.coefficients, alone.coefficients, rtol=1e-12)
    assert found.steps[-1].log_likelihood == alone.log_likelihood
    assert found.steps[-1].aic == pytest.approx(2 - 2 * alone.log_likelihood)


def test_shuffled_rows_and_terms_in_another_order_select_the_same() -> None:
    found, order = backward_selection_cox(TIME, EVENT, TERMS), DRAWN.permutation(N)
    shuffled = backward_selection_cox(
        TIME[order], EVENT[order], {name: x[order] for name, x in TERMS.items()}
    )
    turned = backward_selection_cox(TIME, EVENT, dict(reversed(TERMS.items())))

    assert shuffled.removed == turned.removed == found.removed
    assert set(turned.selected) == set(found.selected)


def test_one_stratum_is_no_stratum_and_strata_are_used() -> None:
    found = backward_selection_cox(TIME, EVENT, TERMS)

    assert backward_selection_cox(TIME, EVENT, TERMS, strata=["x"] * N).steps[0].log_likelihood == (
        pytest.approx(found.steps[0].log_likelihood, rel=1e-12)
    )
    assert (
        backward_selection_cox(TIME, EVENT, TERMS, strata=GRADE).steps[0].log_likelihood
        != found.steps[0].log_likelihood
    )


def test_a_factor_is_tested_with_all_its_levels_and_its_reference_does_not_matter() -> None:
    one = backward_selection_logistic(RESPONSE, {"a": X[:, 0], "grade": GRADE}, stay=0.999)
    other = backward_selection_logistic(RESPONSE, {"a": X[:, 0], "grade": GRADE}, stay=0.999,
                                        levels={"grade": ["low", "middle", "high"]})  # fmt: skip

    assert one.columns["grade"] == ("grade=low", "grade=middle")
    assert other.columns["grade"] == ("grade=middle", "grade=high")
    assert one.tests[1].df == other.tests[1].df == 2
    assert one.tests[1].chi_square == pytest.approx(other.tests[1].chi_square, rel=1e-8)


def test_forced_terms_stay_and_interactions_hold_their_terms() -> None:
    found = backward_selection_cox(TIME, EVENT, TERMS, forced=["b", "grade"], stay=0.001)
    assert {"b", "grade"} <= set(found.selected)

    held = backward_selection_cox(
        TIME, EVENT, {"b": X[:, 1], "c": X[:, 2]}, interactions=[("b", "c")], stay=1e-9
    )
    assert held.removed[0] == "b:c" and held.selected == ()
    kept = backward_selection_cox(
        TIME, EVENT, {"b": X[:, 1], "c": X[:, 2]}, interactions=[("b", "c")], forced=["b:c"], stay=1e-9
    )
    assert kept.selected == ("b", "c", "b:c")


def test_equal_p_values_remove_the_term_listed_later() -> None:
    # Twin covariates: each mirrors the other among rows with the outcomes mirrored, so their tests are equal.
    u = np.array([1, 1, 0, 0, 1, 0, 1, 0.0])
    v = np.array([1, 0, 1, 0, 0, 1, 1, 0.0])
    y = np.array([1, 0, 0, 1, 1, 1, 0, 0])
    for names in (("u", "v"), ("v", "u")):
        terms = {name: {"u": u, "v": v}[name] for name in names}
        found = backward_selection_logistic(y, terms, stay=0.1)
        first, second = found.steps[1].tests
        assert first.p_value_two_sided == pytest.approx(second.p_value_two_sided, rel=1e-10)
        assert found.removed[0] == names[1]


def test_likelihood_ratio_tests_are_differences_of_the_trace() -> None:
    found = backward_selection_logistic(RESPONSE, TERMS, test="likelihood-ratio", stay=0.05)

    for before, step in zip(found.steps, found.steps[1:], strict=False):
        assert step.test is not None
        assert step.test.chi_square == pytest.approx(
            2 * (before.log_likelihood - step.log_likelihood), abs=1e-9
        )


def test_missing_values_are_counted_under_both_rules() -> None:
    c = X[:, 2].copy()
    c[:15] = np.nan
    grade = [None if i in (20, 21) else one for i, one in enumerate(GRADE)]
    terms = {"a": X[:, 0], "c": c, "grade": grade}
    fixed = backward_selection_cox(TIME, EVENT, terms, stay=1e-5)
    moving = backward_selection_cox(TIME, EVENT, terms, stay=1e-5, missing="refitted")

    assert {step.n for step in fixed.steps} == {N - 17} and {step.n_excluded for step in fixed.steps} == {17}
    assert moving.steps[0].n == N - 17 and moving.steps[-1].n == N - sum(
        {"c": 15, "grade": 2, "a": 0}[name] for name in moving.selected
    )
    assert "17 rows left out" in fixed.warnings[0]
    complete = slice(22, None)
    by_hand = backward_selection_cox(
        TIME[complete],
        EVENT[complete],
        {"a": X[complete, 0], "c": c[complete], "grade": GRADE[complete]},
        stay=1e-5,
    )
    assert by_hand.steps[0].n == N - 22


def test_redundant_and_constant_terms_leave_first_and_are_named() -> None:
    terms = {"a": X[:, 0], "twice": 2 * X[:, 0] - 3, "same": np.ones(N), "b": X[:, 1]}
    found = backward_selection_cox(TIME, EVENT, terms)

    assert set(found.removed[:2]) == {"twice", "same"}
    assert found.steps[1].test is not None and math.isnan(found.steps[1].test.p_value_two_sided)
    assert "nothing to test" in found.steps[1].reason
    forced = backward_selection_cox(TIME, EVENT, terms, forced=["twice"])
    assert "a" in forced.removed[:2] and "twice" in forced.selected


def test_separated_terms_are_tested_by_their_likelihood_ratio_and_named() -> None:
    y = np.concatenate((np.ones(8), DRAWN.permutation([0, 1] * 10)))
    x = np.concatenate((np.ones(8), np.zeros(20)))
    found = backward_selection_logistic(y, {"x": x, "z": DRAWN.normal(size=28)}, stay=0.15)

    assert "x" in found.selected and found.finished
    test = next(test for test in found.tests if test.term == "x")
    assert test.test == "likelihood-ratio" and "no Wald test" in test.note
    without = logistic(y, [])
    if found.selected == ("x",):
        assert test.chi_square == pytest.approx(2 * (found.model.log_likelihood - without.log_likelihood))  # type: ignore[union-attr]
    assert any("separation" in said for said in found.warnings)


def test_all_terms_may_leave() -> None:
    found = backward_selection_cox(TIME, EVENT, {"b": X[:, 1]}, stay=1e-12)
    assert found.selected == () and found.model is None
    assert "No term stays." in found.summary()
    assert found.steps[-1].log_likelihood == pytest.approx(
        cox(TIME, EVENT, X[:, 1], names=["b"]).log_likelihood_null
    )

    intercept = backward_selection_logistic(RESPONSE, {"b": X[:, 1]}, stay=1e-12)
    assert intercept.model is not None and intercept.model.names == ("intercept",)


def test_without_events_the_selection_stops_and_says_so() -> None:
    found = backward_selection_cox(TIME, np.zeros(N, dtype=bool), TERMS)

    assert not found.finished and found.removed == ()
    assert "stopped" in found.warnings[-1]
    assert math.isnan(univariate_screen_logistic(np.ones(N), TERMS).terms[0].p_value_two_sided)


def test_screen_takes_out_first_and_its_terms_are_named() -> None:
    screen = univariate_screen_cox(TIME, EVENT, TERMS, limit=0.05, missing="fixed")
    found = backward_selection_cox(
        TIME, EVENT, TERMS, screen=0.05, stay=0.5, interactions=[("a", "b"), ("b", "c")]
    )

    assert screen.passed and set(found.screened_out) & set(TERMS) == set(TERMS) - set(screen.passed)
    assert "b:c" in found.screened_out or {"b", "c"} <= set(screen.passed)
    assert found.steps[0].terms == tuple(name for name in found.candidates if name not in found.screened_out)
    assert "univariate screen" in found.warnings[0]


def test_screen_is_a_model_of_each_term() -> None:
    screen = univariate_screen_cox(TIME, EVENT, TERMS, test="score")
    alone = cox(TIME, EVENT, X[:, 1], names=["b"])

    assert screen.terms[1].chi_square == alone.score.chi_square
    assert screen.terms[3].df == 2 and screen.terms[1].passed is None
    ratio = univariate_screen_logistic(RESPONSE, TERMS, test="likelihood-ratio").terms[0]
    assert ratio.chi_square == pytest.approx(
        logistic(RESPONSE, X[:, 0]).likelihood_ratio.chi_square, rel=1e-9
    )
    assert "Univariate Cox models" in screen.summary() and screen.to_frame().height > 4 * 6


def test_results_show_themselves() -> None:
    found = backward_selection_cox(TIME, EVENT, TERMS, forced=["b"])
    text = found.summary()

    assert "P to stay 0.15" in text and "forced: b" in text and "Final model" in text
    frame = found.to_frame()
    assert set(frame["group"]) >= {"step 0", "final"}
    assert frame.filter(group="final", statistic="hazard_ratio").height == sum(
        len(found.columns[t]) for t in found.selected
    )
    assert "Final model" in found._repr_html_()


def test_names_of_columns_and_several_columns_of_one_term() -> None:
    data = {"t": TIME, "e": EVENT, "a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "grade": GRADE}
    named = backward_selection_cox("t", "e", ["a", "b", "c", "grade"], data=data)
    assert named.removed == backward_selection_cox(TIME, EVENT, TERMS).removed

    pair = backward_selection_cox("t", "e", {"a": "a", "pair": ["b", "c"]}, data=data, stay=0.999999)
    assert pair.columns["pair"] == ("b", "c") and pair.tests[1].df == 2


@pytest.mark.parametrize(
    ("changed", "argument"),
    [({"terms": {}}, "terms"), ({"terms": "a"}, "terms"), ({"terms": {"a": X[1:, 0]}}, r"terms\[a\]"),
     ({"terms": {"a": np.where(np.arange(N) == 3, np.inf, X[:, 0])}}, r"terms\[a\]"), ({"forced": ["z"]}, "forced"),
     ({"forced": "a"}, "forced"), ({"interactions": [("a", "z")]}, "interactions"), ({"levels": {"z": []}}, "levels"),
     ({"levels": {"grade": ["low", "high"]}}, "levels"), ({"stay": 15}, "stay"), ({"test": "score"}, "test"),
     ({"missing": "ignored"}, "missing"), ({"screen": 20}, "limit"), ({"terms": {"a": np.full(N, np.nan)}}, "terms"),
     ({"time": np.where(np.arange(N) == 5, np.nan, TIME)}, "time"), ({"strata": [None] * N}, "strata"),
     ({"terms": {"a": np.array(["x", 1] * (N // 2), dtype=object)}}, r"terms\[a\]"), ({"entry": [0, 1]}, "entry")],
)  # fmt: skip
def test_unusable_arguments_are_refused(changed: dict[str, object], argument: str) -> None:
    given: dict[str, object] = {"time": TIME, "event": EVENT, "terms": TERMS} | changed

    with pytest.raises(DataError, match=argument):
        backward_selection_cox(**given)  # type: ignore[arg-type]
