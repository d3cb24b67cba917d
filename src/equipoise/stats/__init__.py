"""Arrays in, numbers out: knows no trial. numpy at import time; scipy and numba only inside the functions that need them.

Times are in one unit (days), at least 0; an event at time 0 is legal. ``event`` is True for an event.
A log-rank z is positive when it favors the experimental group. Every refused argument is a DataError.
Arguments are arrays, or names of columns with ``data=`` (any data frame).

The public names are loaded when first used. ``survival``: curves and tests. ``regression``: models. ``competing``:
competing risks and several states. ``parametric``: cure and piecewise exponential. ``categorical``: tables and
proportions. ``continuous``: one variable, t and rank tests. ``numerics``: tails, quantiles, elimination.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Every public function and the module that holds it. docs/statistics.md lists them with their evidence.
HOME = {
    "aalen_johansen": "competing.aalen_johansen",
    "analysis_of_variance": "continuous.analysis_of_variance",
    "backward_selection_cox": "regression.selection",
    "backward_selection_logistic": "regression.selection",
    "baseline_hazard": "regression.baseline",
    "breslow_day": "categorical.common_odds_ratio",
    "c_statistic": "regression.logistic_agreement",
    "cause_specific_cox": "competing.cause_specific",
    "chi_square_or_fisher": "categorical.fisher",
    "cochran_armitage": "categorical.trend",
    "cochran_mantel_haenszel": "categorical.cochran_mantel_haenszel",
    "concordance": "regression.concordance",
    "correlation": "continuous.correlation",
    "cox": "regression.cox",
    "cox_residuals": "regression.residuals",
    "cumulative_incidence": "competing.cumulative_incidence",
    "describe": "continuous.descriptive",
    "exact_conditional": "categorical.common_odds_ratio",
    "exact_log_rank": "survival.log_rank_exact",
    "exact_logistic": "regression.exact_logistic",
    "fine_gray": "competing.fine_gray",
    "firth_logistic": "regression.firth",
    "fisher_exact": "categorical.fisher",
    "gray_test": "competing.gray",
    "hosmer_lemeshow": "regression.logistic_agreement",
    "indicators": "regression.indicators",
    "interaction_test": "regression.interaction",
    "kaplan_meier": "survival.kaplan_meier",
    "kruskal_wallis": "continuous.kruskal_wallis",
    "landmark": "competing.landmark",
    "likelihood_ratio_between": "regression.cox",
    "likelihood_ratio_chi_square": "categorical.pearson",
    "log_log_curves": "regression.log_log",
    "log_rank": "survival.log_rank",
    "logistic": "regression.logistic",
    "logistic_likelihood_ratio": "regression.logistic_tests",
    "logistic_profile_intervals": "regression.logistic_profile",
    "logistic_term_test": "regression.logistic_tests",
    "mantel_haenszel_odds_ratio": "categorical.common_odds_ratio",
    "max_combo": "survival.max_combo",
    "mcnemar": "categorical.mcnemar",
    "milestone_difference": "survival.milestones",
    "mixture_cure": "parametric.mixture_cure",
    "multivariate_normal_cdf": "numerics.multivariate_normal",
    "multivariate_normal_tail": "numerics.multivariate_normal",
    "nelson_aalen": "survival.nelson_aalen",
    "number_needed_to_treat": "categorical.risk_difference",
    "observed_follow_up": "survival.follow_up",
    "odds_ratio": "categorical.odds_ratio",
    "one_sample_log_rank": "survival.log_rank_one_sample",
    "one_sample_t_test": "continuous.t_test",
    "paired_t_test": "continuous.t_test",
    "pearson_chi_square": "categorical.pearson",
    "person_time": "parametric.person_time",
    "peto_hazard_ratio": "survival.log_rank_peto",
    "piecewise_exponential": "parametric.piecewise_exponential",
    "piecewise_exponential_regression": "parametric.piecewise_regression",
    "predicted_survival": "regression.predicted",
    "profile_intervals": "regression.profile",
    "proportion_interval": "categorical.proportion",
    "proportion_test": "categorical.proportion",
    "proportional_hazards_test": "regression.proportional_hazards",
    "rank_sum_test": "continuous.rank_tests",
    "restricted_mean": "survival.restricted_mean",
    "restricted_mean_difference": "survival.restricted_mean",
    "reverse_kaplan_meier": "survival.follow_up",
    "risk_difference": "categorical.risk_difference",
    "risk_difference_test": "categorical.risk_difference",
    "risk_ratio": "categorical.risk_ratio",
    "signed_rank_test": "continuous.rank_tests",
    "simon_makuch": "competing.simon_makuch",
    "split_at": "competing.split_at",
    "stratified_risk_difference": "categorical.stratified_difference",
    "stratified_risk_ratio": "categorical.stratified_ratio",
    "survival_curves": "survival.curves",
    "t_test": "continuous.t_test",
    "transition_cox": "competing.transition_cox",
    "trend_test": "survival.weighted_log_rank",
    "unconditional_exact_test": "categorical.exact_unconditional",
    "univariate_screen_cox": "regression.screening",
    "univariate_screen_logistic": "regression.screening",
    "van_elteren": "continuous.kruskal_wallis",
    "weighted_log_rank": "survival.weighted_log_rank",
}

__all__ = sorted(HOME)


def __getattr__(name: str) -> Any:
    if name not in HOME:
        raise AttributeError(f"module 'equipoise.stats' has no attribute {name!r}")
    return getattr(import_module(f"equipoise.stats.{HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
