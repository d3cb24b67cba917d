"""Arrays in, numbers out: survival, log-rank, Cox, follow-up, descriptive statistics. Knows no trial.

Times are in one unit (days), at least 0; an event at time 0 is legal. ``event`` is True for an event.
A log-rank z is positive when it favors the experimental group. Every refused argument is a DataError.
"""

from equipoise.stats.cox import ChiSquareTest, CoxModel, cox, likelihood_ratio_between
from equipoise.stats.descriptive import Description, describe, mean, median, quantile, sd
from equipoise.stats.distributions import chi_square_sf, normal_cdf, normal_quantile, normal_sf
from equipoise.stats.follow_up import ObservedFollowUp, observed_follow_up, reverse_kaplan_meier
from equipoise.stats.kaplan_meier import (
    Interval,
    KaplanMeier,
    RiskTable,
    SurvivalAt,
    SurvivalQuantile,
    kaplan_meier,
)
from equipoise.stats.log_rank import LogRank, log_rank
from equipoise.stats.partial_likelihood import Ties

__all__ = [
    "ChiSquareTest",
    "CoxModel",
    "Description",
    "Interval",
    "KaplanMeier",
    "LogRank",
    "ObservedFollowUp",
    "RiskTable",
    "SurvivalAt",
    "SurvivalQuantile",
    "Ties",
    "chi_square_sf",
    "cox",
    "describe",
    "kaplan_meier",
    "likelihood_ratio_between",
    "log_rank",
    "mean",
    "median",
    "normal_cdf",
    "normal_quantile",
    "normal_sf",
    "observed_follow_up",
    "quantile",
    "reverse_kaplan_meier",
    "sd",
]
