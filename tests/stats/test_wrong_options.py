"""What is no option, no label, no model or no list of names is one clear DataError; what is a column of any frame is read."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise import stats
from equipoise.errors import DataError
from equipoise.stats.results import StatisticalResult

T = [1, 2, 3, 4, 5, 6, 7, 8]
E = [1, 1, 0, 1, 1, 0, 1, 1]
X = [0, 1, 0, 1, 1, 0, 0, 1]
G = list("ababbaab")
S = list("uuuuvvvv")
C = [1, 2, 0, 1, 2, 0, 1, 1]
AB = ("a", "b")
HUGE = [1e300, 2e300, 3e300, -1e300, 2e300, 5e300, 1e299, 1e300]
Call = Callable[..., Any]


def objects(values: Any) -> Any:
    """A column as pandas keeps texts."""
    return np.array(list(values), dtype=object)


def categories(values: Any) -> Any:
    return pl.Series(list(values), dtype=pl.Categorical)


def enumerated(values: Any) -> Any:
    return pl.Series(list(values), dtype=pl.Enum(sorted(set(values))))


LABELED: dict[str, Call] = {
    "log_rank": lambda f: stats.log_rank(T, E, f(G), groups=AB, strata=f(S)).chi_square,
    "survival_curves": lambda f: stats.survival_curves(T, E, f(G)).median[0],
    "cox": lambda f: stats.cox(T, E, X, strata=f(S)).score.chi_square,
    "gray_test": lambda f: stats.gray_test(T, C, f(G), strata=f(S)).chi_square,
    "cause": lambda f: stats.cumulative_incidence(T, f("abcabcab"), censored="c").curve("a").estimate[-1],
    "risk_difference": lambda f: stats.risk_difference(response=E, group=f(G), groups=AB).lower,
    "fisher_exact": lambda f: stats.fisher_exact(f(G), f(S)).p_value_two_sided,
    "mcnemar": lambda f: stats.mcnemar(f(G), f("aabbaabb")).n_changed,
    "cochran_mantel_haenszel": lambda f: stats.cochran_mantel_haenszel(E, f(G), f(S)).n_strata_used,
    "stratified": lambda f: (
        stats.stratified_risk_difference(response=E, group=f(G), strata=f(S), groups=AB).lower
    ),
    "kruskal_wallis": lambda f: stats.kruskal_wallis(T, f(G)).chi_square,
    "t_test": lambda f: stats.t_test(T, f(G), groups=AB).t,
}


@pytest.mark.parametrize("column", [objects, categories, enumerated])
@pytest.mark.parametrize("name", LABELED)
def test_labels_of_every_kind_of_column_are_the_same_labels(name: str, column: Call) -> None:
    assert LABELED[name](column) == LABELED[name](list)


def test_a_column_of_objects_that_are_numbers_is_a_response() -> None:
    found = stats.risk_difference(response=objects(E), group=objects(G), groups=AB)
    assert found.risk_difference == stats.risk_difference(response=E, group=G, groups=AB).risk_difference
    with pytest.raises(DataError, match="response: found"):
        stats.risk_difference(response=objects([1, None, *E[2:]]), group=G, groups=AB)


def test_strata_of_objects_keep_their_names() -> None:
    found = stats.stratified_risk_difference(
        response=[1, 0, 1, 0], group=list("abab"), strata=objects("uuvv"), groups=AB
    )
    assert found.strata.labels == ("u", "v")


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ([0, 1, 1], ["a", "b", "a"], "second: found 'a' where first has 0"),
        (np.array(["2020-01-01"] * 2, dtype="M8[D]"), ["a", "b"], "first: found datetime.date"),
        ([1j, 2j], [1j, 2j], "first: found 1j"),
        (objects([object(), object()]), ["a", "b"], "first: found <object"),
        ([math.inf, 1.0], [1, 2], "first: found an infinite label"),
    ],
)
def test_what_is_no_label_is_refused(first: Any, second: Any, found: str) -> None:
    with pytest.raises(DataError, match=found):
        stats.mcnemar(first, second)


LEVELED: dict[str, Call] = {
    "kaplan_meier": lambda c: stats.kaplan_meier(T, E, confidence_level=c),
    "cox": lambda c: stats.cox(T, E, X, confidence_level=c),
    "logistic": lambda c: stats.logistic(E, X, confidence_level=c),
    "cumulative_incidence": lambda c: stats.cumulative_incidence(T, C, confidence_level=c),
    "fine_gray": lambda c: stats.fine_gray(T, C, X, confidence_level=c),
    "proportion_interval": lambda c: stats.proportion_interval(1, 5, confidence_level=c),
    "t_test": lambda c: stats.t_test(T, G, groups=AB, confidence_level=c),
    "correlation": lambda c: stats.correlation(T, X, confidence_level=c),
    "person_time": lambda c: stats.person_time(T, E, confidence_level=c),
}


@pytest.mark.parametrize("level", [None, "0.95", [0.9], np.array([0.9]), True, math.nan, 95])
@pytest.mark.parametrize("name", LEVELED)
def test_a_level_is_one_number(name: str, level: Any) -> None:
    with pytest.raises(DataError, match="confidence_level: found"):
        LEVELED[name](level)


def test_a_level_may_be_a_number_of_numpy() -> None:
    assert stats.kaplan_meier(T, E, confidence_level=np.float32(0.5)).confidence_level == 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stats.restricted_mean(T, E, until="a"), "until: found 'a'"),
        (lambda: stats.restricted_mean(T, E, until=[1, 2]), r"until: found \[1, 2\]"),
        (lambda: stats.restricted_mean(T, E, until=np.float64(-1)), "until: found -1.0; expected a finite"),
        (lambda: stats.kaplan_meier(T, E).quantile([0.25, 0.5]), r"probability: found \[0.25, 0.5\]"),
        (lambda: stats.kaplan_meier(T, E).quantile(25), "write 25% as 0.25"),
        (lambda: stats.kaplan_meier(T, E).at(-1), "Remedy: name times from 0 on"),
        (lambda: stats.kaplan_meier(T, E).at([[1]]), "expected one time, or a list"),
        (lambda: stats.backward_selection_cox(T, E, {"x": X}, stay=15), "stay: found 15.*write 15% as 0.15"),
        (lambda: stats.kaplan_meier(T, E, interval=["log"]), r"interval: found \['log'\]"),
        (lambda: stats.cumulative_incidence(T, C, interval=["log"]), r"interval: found \['log'\]"),
        (lambda: stats.cumulative_incidence(T, C, variance=["aalen"]), r"variance: found \['aalen'\]"),
        (lambda: stats.proportion_interval(1, 5, method=["wald"]), r"method: found \['wald'\]"),
        (lambda: stats.weighted_log_rank(T, E, G, groups=AB, weight=["gehan"]), r"weight: found \['gehan'\]"),
        (
            lambda: stats.weighted_log_rank(
                T, E, G, groups=AB, weight="fleming-harrington", rho="1", gamma=0
            ),
            "rho: found '1'",
        ),
        (
            lambda: stats.weighted_log_rank(
                T, E, G, groups=AB, weight="modestly-weighted", smallest_survival=2
            ),
            "smallest_survival: found 2; expected a share",
        ),
        (lambda: stats.gray_test(T, C, G, rho="a"), "rho: found 'a'"),
        (lambda: stats.gray_test(T, C, G, rho=None), "rho: found None"),
        (lambda: stats.logistic(E, X, intercept="no"), "intercept: found 'no'; expected True or False"),
        (lambda: stats.firth_logistic(E, X, intercept=1), "intercept: found 1"),
        (lambda: stats.cochran_armitage([[3, 2], [1, 4]], exact="yes"), "exact: found 'yes'"),
        (lambda: stats.fisher_exact([[3, 2], [1, 4]], mid_p="yes"), "mid_p: found 'yes'"),
        (lambda: stats.breslow_day([[[3, 2], [1, 4]]] * 2, tarone="yes"), "tarone: found 'yes'"),
        (lambda: stats.exact_conditional([[[3, 2], [1, 4]]], mid_p=1), "mid_p: found 1"),
        (lambda: stats.rank_sum_test(T, G, groups=AB, correction="no"), "correction: found 'no'"),
        (lambda: stats.cochran_mantel_haenszel([[[3, 2], [1, 4]]], correction="no"), "correction: found"),
        (lambda: stats.baseline_hazard(stats.cox(T, E, X), centered="no"), "centered: found 'no'"),
        (lambda: stats.cox_residuals(stats.cox(T, E, X), weighted="no"), "weighted: found 'no'"),
        (lambda: stats.hosmer_lemeshow(stats.logistic(E, X), groups="10"), "groups: found '10'"),
        (lambda: stats.describe(HUGE), "values: found 5e[+]300"),
        (lambda: stats.predicted_survival(stats.cox(T, E, X), [["a"]]), "covariates: found"),
        (lambda: stats.cox(T, E, X, names=[0.5]), "names: found the name 0.5"),
        (lambda: stats.cox(T, E, X, robust="yes"), "robust: found 'yes'; expected True or False"),
        (lambda: stats.cox(T, E, X, strata=math.nan), r"strata: found shape \(\)"),
        (lambda: stats.cumulative_incidence(T, C, censored=[0]), r"censored: found \[0\]"),
        (lambda: stats.cumulative_incidence(T, C, causes=[[1], [2]]), r"causes: found the label \[1\]"),
        (lambda: stats.fine_gray(T, C, X, cause_of_interest=[1]), r"cause_of_interest: found \[1\]"),
        (lambda: stats.cumulative_incidence(T, C, groups=5), "groups: found 5"),
        (lambda: stats.correlation(T, X, method=np.array(["pearson", "kendall"])), "method: found array"),
        (lambda: stats.backward_selection_cox(T, E, None), "terms: found None"),
        (lambda: stats.backward_selection_cox(T, E, {"x": X}, forced=None), "forced: found None"),
        (lambda: stats.backward_selection_cox(T, E, {"x": X}, interactions=[0.5]), "interactions: found"),
        (lambda: stats.backward_selection_cox(T, E, {"x": X}, levels=5), "levels: found 5"),
        (
            lambda: stats.chi_square_or_fisher([[3, 2], [1, 4]], expected_below="5"),
            "expected_below: found '5'",
        ),
        (lambda: stats.exact_logistic(E, X, effects=5), "effects: found 5"),
        (lambda: stats.exact_logistic(E, X, joint=None), "joint: found None"),
        (lambda: stats.exact_logistic(E, X, most_states=None), "most_states: found None"),
        (lambda: stats.indicators(G, reference=["a"]), r"reference: found \['a'\]"),
        (lambda: stats.indicators(G, name=5), "name: found 5"),
        (lambda: stats.landmark(T, E, T, at=3, labels=None), "labels: found None"),
        (lambda: stats.landmark(T, E, T, at=3, labels=("a",)), r"labels: found \('a',\)"),
        (lambda: stats.simon_makuch(T, E, T, labels="no"), "labels: found 'no'"),
        (lambda: stats.multivariate_normal_cdf("a", [[1]]), "upper: found 'a'"),
        (lambda: stats.person_time(T, E, per=None), "per: found None"),
        (lambda: stats.risk_difference_test(1, 5, 2, 6, margin=None), "margin: found None"),
        (lambda: stats.unconditional_exact_test(1, 5, 2, 6, margin="0"), "margin: found '0'"),
        (lambda: stats.mixture_cure(T, E, distribution=["weibull"]), "distribution: found"),
        (
            lambda: stats.transition_cox([1, 2], [0, 0], [3, 4], [1, 1], [2, 0], [0, 1], transition=None),
            "transition: found None",
        ),
        (
            lambda: stats.aalen_johansen([1, 2], [0, 0], [3, 4], [1, 1], [2, 0], transitions=5),
            "transitions: found 5",
        ),
        (lambda: stats.aalen_johansen([1, 2], [0, 0], [3, 4], [1, 1], [2, 0], states=5), "states: found 5"),
    ],
)
def test_what_is_no_option_is_refused(call: Call, message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()


GROUPED: dict[str, Call] = {
    "log_rank": lambda g: stats.log_rank(T, E, G, groups=g),
    "survival_curves": lambda g: stats.survival_curves(T, E, G, groups=g),
    "gray_test": lambda g: stats.gray_test(T, C, G, groups=g),
    "cumulative_incidence": lambda g: stats.cumulative_incidence(T, C, group=G, groups=g),
    "t_test": lambda g: stats.t_test(T, G, groups=g),
    "risk_difference": lambda g: stats.risk_difference(response=E, group=G, groups=g),
    "stratified": lambda g: stats.stratified_risk_difference(response=E, group=G, strata=S, groups=g),
    "fisher_exact": lambda g: stats.fisher_exact(E, G, groups=g),
    "max_combo": lambda g: stats.max_combo(T, E, G, groups=g),
    "exact_log_rank": lambda g: stats.exact_log_rank(T, E, G, groups=g),
    "peto_hazard_ratio": lambda g: stats.peto_hazard_ratio(T, E, G, groups=g),
    "kruskal_wallis": lambda g: stats.kruskal_wallis(T, G, groups=g),
}


@pytest.mark.parametrize("groups", ["ab", 5, {"a": 1, "b": 2}])
@pytest.mark.parametrize("name", GROUPED)
def test_groups_are_a_list(name: str, groups: Any) -> None:
    with pytest.raises(DataError, match=r"groups: found .* expected a list of labels"):
        GROUPED[name](groups)


@pytest.mark.parametrize("groups", [("a", "b"), ["a", "b"], np.array(["a", "b"]), pl.Series(["a", "b"])])
@pytest.mark.parametrize("name", GROUPED)
def test_any_list_of_labels_will_do(name: str, groups: Any) -> None:
    assert GROUPED[name](groups).to_frame().equals(GROUPED[name](AB).to_frame())


@pytest.mark.parametrize("name", ["log_rank", "t_test", "max_combo", "exact_log_rank", "peto_hazard_ratio"])
def test_groups_are_needed_for_a_comparison_of_two(name: str) -> None:
    with pytest.raises(DataError, match="groups: found None"):
        GROUPED[name](None)


def test_a_message_has_plain_labels_and_numbers() -> None:
    with pytest.raises(DataError, match=r"found 'b'; expected one of \('a', 'c'\)"):
        stats.log_rank(T, E, np.array(G), groups=np.array(["a", "c"]))
    with pytest.raises(DataError) as told:
        stats.mcnemar(np.array([1.0, math.nan]), [1, 2])
    assert "np." not in str(told.value)


@pytest.mark.parametrize("other", ["curve", None, 5, "other"])
@pytest.mark.parametrize(
    "name",
    ["profile_intervals", "cox_residuals", "baseline_hazard", "proportional_hazards_test",
     "c_statistic", "hosmer_lemeshow", "logistic_profile_intervals"],
)  # fmt: skip
def test_a_function_of_a_model_refuses_another_thing(name: str, other: Any) -> None:
    of_cox = name in ("profile_intervals", "cox_residuals", "baseline_hazard", "proportional_hazards_test")
    things = {
        "curve": stats.kaplan_meier(T, E),
        "other": stats.logistic(E, X) if of_cox else stats.cox(T, E, X),
    }
    with pytest.raises(DataError, match="model: found a "):
        getattr(stats, name)(things.get(other, other))


def test_models_that_are_compared_are_models() -> None:
    with pytest.raises(DataError, match="model: found a KaplanMeier; expected a CoxModel"):
        stats.likelihood_ratio_between(stats.kaplan_meier(T, E), stats.cox(T, E, X))
    with pytest.raises(DataError, match="model: found a LogisticModel; expected a CoxModel"):
        stats.likelihood_ratio_between(stats.cox(T, E, X), stats.logistic(E, X))
    with pytest.raises(DataError, match="model: found a KaplanMeier; expected a LogisticModel"):
        stats.logistic_likelihood_ratio(stats.kaplan_meier(T, E), stats.logistic(E, X))
    with pytest.raises(DataError, match="model: found a CoxModel; expected a LogisticModel"):
        stats.logistic_term_test(stats.cox(T, E, X), covariates=["x1"])
    with pytest.raises(DataError, match="model: found a KaplanMeier; expected a CoxModel"):
        stats.predicted_survival(stats.kaplan_meier(T, E), [[1]])


FRAME = pl.DataFrame({"t": T, "e": E, "x": X, "c": C})
TWO = np.column_stack((X, T))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stats.cox("t", "e", ["x", "x"], data=FRAME), r"covariates: found \['x', 'x'\]"),
        (lambda: stats.logistic("e", ["x", "x"], data=FRAME), "different names"),
        (lambda: stats.fine_gray("t", "c", ["x", "x"], data=FRAME), "different names"),
        (lambda: stats.cox(T, E, TWO, names="xy"), "names: found 'xy'; expected a list"),
        (lambda: stats.logistic(E, TWO, names="xy"), "names: found 'xy'; expected a list"),
        (lambda: stats.fine_gray(T, C, TWO, names="xy"), "names: found 'xy'; expected a list"),
        (lambda: stats.cox(T, E, TWO, names=["x"]), "names: found 1 for 2 covariates"),
        (lambda: stats.logistic(E, TWO, names=["x"]), "names: found 1 for 2 covariates"),
        (lambda: stats.fine_gray(T, C, TWO, names=["x"]), "names: found 1 for 2 covariates"),
        (lambda: stats.cumulative_incidence(T, [-1, *C[1:]]), "cause: found -1"),
        (lambda: stats.cumulative_incidence(T, [1.5, *C[1:]]), "cause: found 1.5"),
        (lambda: stats.cumulative_incidence(T, list("abcabcab")), r"censored: found 0.*'a', 'b', 'c'"),
        (
            lambda: stats.cumulative_incidence(T, list("abcabcab"), censored="c", causes="ab"),
            "causes: found 'ab'",
        ),
        (lambda: stats.fisher_exact([math.inf, 1, 1, 2], list("aabb")), "response: found an infinite"),
    ],
)
def test_names_and_codes_are_checked(call: Call, message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()


def test_a_negative_code_may_mean_censoring() -> None:
    found = stats.cumulative_incidence(T, [-1 if c == 0 else c for c in C], censored=-1)
    assert found.curve(1).estimate.tolist() == stats.cumulative_incidence(T, C).curve(1).estimate.tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda: stats.t_test(HUGE, G, groups=AB),
        lambda: stats.one_sample_t_test(HUGE),
        lambda: stats.paired_t_test(HUGE, HUGE[::-1]),
        lambda: stats.analysis_of_variance(HUGE, G),
        lambda: stats.correlation(HUGE, T),
        lambda: stats.correlation([1e-200 * t for t in T], T),
        lambda: stats.exact_logistic(E, HUGE),
        lambda: stats.restricted_mean(np.abs(HUGE), E),
        lambda: stats.cochran_armitage([[3, 2], [2, 4]], scores=[1e300, 2e300]),
        lambda: stats.trend_test(T, E, G, groups=AB, scores=[1e300, 2e300]),
    ],
)
def test_numbers_whose_squares_overflow_are_refused_not_warned_about(call: Call) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DataError, match="choose another unit"):
            call()


@pytest.mark.parametrize("interval", ["plain", "log", "log-log", "cloglog", "logit", "arcsin"])
@pytest.mark.parametrize("n", [3, 6, 11, 29])
def test_an_incidence_that_reaches_1_is_1(n: int, interval: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = stats.cumulative_incidence(range(1, n + 1), [1] * n, interval=interval)
    curve = found.curve(1)
    assert curve.estimate[-1] == 1
    # On the scales that 1 is no point of, there is no limit; the plain and the log ones end at 1.
    assert math.isnan(curve.upper[-1]) if interval not in ("plain", "log") else curve.upper[-1] == 1
    assert np.all(curve.lower[:-1] <= curve.estimate[:-1])


def test_a_method_without_standard_error_says_so() -> None:
    found = stats.stratified_risk_difference([3, 2], [5, 6], [1, 2], [5, 7])
    assert math.isnan(found.std_err) and "std_err is not estimable" in found.warnings[0]
    row = next(row for row in found.rows() if row.statistic == "std_err")
    assert "not made from one" in row.warning
    assert not stats.stratified_risk_difference([3, 2], [5, 6], [1, 2], [5, 7], method="sato").warnings


def test_a_group_without_subjects_is_named() -> None:
    nobody = {"groups": ("a", "z")}
    alone = ["a"] * 8
    for call in (
        lambda: stats.t_test(T, alone, **nobody),
        lambda: stats.risk_difference(response=E, group=alone, **nobody),
        lambda: stats.stratified_risk_difference(response=E, group=alone, strata=S, **nobody),
        lambda: stats.restricted_mean_difference(T, E, alone, **nobody),
        lambda: stats.cumulative_incidence(T, C, group=alone, **nobody),
    ):
        with pytest.raises(DataError, match="'z'"):
            call()
    for found in (
        stats.log_rank(T, E, alone, **nobody),
        stats.exact_log_rank(T, E, alone, **nobody),
        stats.gray_test(T, C, G, groups=("a", "b", "z")),
        stats.fisher_exact(E, G, groups=("a", "b", "z")),
        stats.cochran_armitage(E, G, groups=("a", "b", "z")),
    ):
        assert any("'z'" in text for text in found.warnings)


def test_nothing_described_is_said() -> None:
    assert stats.describe([]).warnings == ("nothing is estimable: there are no values",)
    assert stats.describe([1]).warnings == ("sd is not estimable with n = 1",)
    assert stats.describe([1, 2]).warnings == ()


def test_equal_and_pooled_are_one_word() -> None:
    assert stats.t_test(T, G, groups=AB, variances="equal") == stats.t_test(
        T, G, groups=AB, variances="pooled"
    )
    f = stats.analysis_of_variance(T, G, variances="pooled").f
    assert f == stats.analysis_of_variance(T, G).f
    assert math.isclose(f, stats.t_test(T, G, groups=AB, variances="equal").t ** 2)


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (lambda: stats.weighted_log_rank(T, E, G, groups=AB, weight="log-rank"), "Log-rank test"),
        (lambda: stats.log_rank(T, E, G, groups=AB, strata=S), "Stratified log-rank test, 2 strata"),
        (
            lambda: stats.number_needed_to_treat(3, 10, 1, 10, method="newcombe"),
            "Number needed to treat, from risk difference, 95% limits: Newcombe (hybrid of Wilson limits)",
        ),
        (
            lambda: stats.cause_specific_cox(T, C, X),
            "Hazard of cause 1: Cox, Efron ties; 95% Wald intervals",
        ),
        (lambda: stats.correlation(T, X, confidence_level=0.9), "Pearson correlation, 90% limits"),
        (lambda: stats.correlation(T, X, method="kendall"), "Kendall correlation"),
        (lambda: stats.one_sample_t_test(T), "One-sample t, 95% limits"),
        (lambda: stats.analysis_of_variance(T, G), "One-way analysis of variance"),
    ],
)
def test_the_first_line_of_a_summary(result: Call, line: str) -> None:
    found = result()
    assert found.summary().splitlines()[0] == line
    assert line.replace("&", "&amp;") in found._repr_html_()


@pytest.mark.parametrize("test", [stats.t_test, stats.rank_sum_test])
def test_a_comparison_of_two_samples_names_them(test: Call) -> None:
    assert test(T, G, groups=AB).to_frame()["group"].unique().to_list() == ["b vs a"]
    assert "b vs a" in test(T, G, groups=AB).summary()
    assert "a vs b" in test(T, G, groups=("b", "a")).summary()


def test_a_cause_specific_model_is_a_cox_model() -> None:
    model = stats.cause_specific_cox(T, C, X)
    assert isinstance(model, type(stats.cox(T, E, X))) and model.cause_of_interest == 1
    assert stats.cox_residuals(model).values.size == 8


def test_a_cox_summary_has_its_counts_and_joint_tests() -> None:
    note = stats.cox(T, E, X).summary().splitlines()[-1]
    assert note.startswith("Note: n 8, 6 events; likelihood ratio 0.0") and note.count("df 1, P 0.7") == 3
    assert "robust score" in stats.cox(T, E, X, robust=True).summary()
    silent = stats.cox(T, [0] * 8, X).summary()
    assert "n 8, 0 events" in silent and "no events: nothing is estimable" in silent


def test_a_result_prints_as_its_summary_and_shows_as_one_line() -> None:
    curve = stats.kaplan_meier(T, E)
    assert str(curve) == curve.summary()
    assert repr(curve).startswith("KaplanMeier(n=8, n_events=6,")
    test = stats.log_rank(T, E, G, groups=AB)
    assert isinstance(test, StatisticalResult) and "array" not in repr(test)
    assert repr(test).startswith("LogRank(n=8, ") and f"z={test.z!r}" in repr(test)


def test_curves_are_read_together() -> None:
    curves = stats.survival_curves(T, E, G)
    found = curves.at([2, 5])
    for i, label in enumerate(("a", "b")):
        alone = curves[label].at([2, 5])
        for column in ("survival", "std_err", "lower", "upper", "n_at_risk"):
            np.testing.assert_array_equal(getattr(found, column)[i], getattr(alone, column))
        assert found[label].survival.tolist() == alone.survival.tolist()
    assert list(found) == ["a", "b"] and found.time.tolist() == [2, 5]
    assert found.to_frame()["group"].unique(maintain_order=True).to_list() == ["a", "b"]
    beyond = stats.survival_curves([1, 2, 3, 4], [1, 1, 0, 0], list("abab")).at([50])
    assert [text.partition(":")[0] for text in beyond.warnings] == ["a", "b"]
