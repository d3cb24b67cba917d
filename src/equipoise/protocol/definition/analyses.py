"""What is analyzed and shown: populations, cutoffs, analyses, tables, the report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from equipoise.protocol.definition.blocks import (
    Block,
    Identifier,
    Level,
    Month,
    NotStated,
    RuleText,
    Share,
    Statement,
    Text,
)


class Population(Block):
    """An analysis population: who is in it, and by which arm a subject is counted."""

    label: Text
    require: RuleText
    arm: Literal["planned", "actual"] = "planned"
    definition: Text | None = None
    source: Text | None = None


class CutoffDate(Block):
    """A named data cutoff: the last day included and, where it matters, what was known by when.

    on: a month where the source prints no day; such a cutoff is named in texts and cannot cut data.
    """

    label: Text
    on: date | Month
    recorded_by: datetime | None = None
    source: Text | None = None


class Comparison(Block):
    """One contrast between two arms; a hazard ratio is experimental over control."""

    experimental: Identifier
    control: Identifier


class KaplanMeierPlan(Block):
    """Which Kaplan-Meier estimates to report."""

    interval: Literal["plain", "log", "log-log", "logit", "arcsin"] = "log-log"
    confidence_level: Level = 0.95
    times: tuple[Annotated[float, Field(ge=0)], ...] = ()


class CumulativeIncidencePlan(Block):
    """Cumulative incidence beside competing events: at which times (in the end point's unit), and the test."""

    times: tuple[Annotated[float, Field(ge=0)], ...] = ()
    confidence_level: Level = 0.95
    test: Literal["gray"] | NotStated | None = None


class RestrictedMeanPlan(Block):
    """Mean times without event up to a time (in the end point's unit), and their differences."""

    until: Annotated[float, Field(gt=0)]
    confidence_level: Level = 0.95


class WeightsPlan(Block):
    """The weights of Fleming and Harrington: S(t-) to the power rho, times 1 - S(t-) to the power gamma."""

    rho: Annotated[float, Field(ge=0)] = 0
    gamma: Annotated[float, Field(ge=0)] = 0


class LogRankPlan(Block):
    """The log-rank test: its strata, its side, and the weights of its events (without any, each counts alike).

    strata_as: a factor that stratified the randomization counts as it was used there, right or wrong;
    ``verified`` takes the value on record instead.
    """

    strata: tuple[Identifier, ...] = ()
    strata_as: Literal["randomized", "verified"] = "randomized"
    sided: Literal[1, 2] = 2
    overall: bool = False
    weights: WeightsPlan | None = None


class SelectionPlan(Block):
    """Backward selection of covariates: those whose P value is above ``stay`` leave, the largest first."""

    direction: Literal["backward"] = "backward"
    stay: Share


class CoxPlan(Block):
    """The Cox model for the hazard ratio: ties, strata, covariates beside the arm.

    arms: ``compared`` fits each comparison on its two arms; ``all`` fits one model with every arm of the
    analysis, so that each hazard ratio also draws on the others (R's ``coxph(Surv(...) ~ arm)``).
    ties: ``exact-partial`` is the discrete conditional likelihood (R's ``exact``, SAS ``ties=discrete``),
    ``exact-marginal`` the average over all orders (SAS ``ties=exact``).  interval: of the hazard ratio, ``wald``
    or by the ``profile`` likelihood.
    """

    arms: Literal["compared", "all"] = "compared"
    ties: Literal["efron", "breslow", "exact-partial", "exact-marginal"] = "efron"
    strata: tuple[Identifier, ...] = ()
    strata_as: Literal["randomized", "verified"] = "randomized"
    covariates: tuple[Identifier, ...] = ()
    selection: SelectionPlan | None = None
    interval: Literal["wald", "profile"] = "wald"
    confidence_level: Level = 0.95


class FigurePlan(Block):
    """The axis of a Kaplan-Meier figure, in the end point's unit."""

    until: Annotated[float, Field(gt=0)]
    every: Annotated[float, Field(gt=0)]


class Analysis(Block):
    """One planned analysis of one end point in one population.

    comparisons: of arms; without any, by: the item whose levels are told apart, or nothing for one group.
    threshold: below it a P value is significant.  cutoff: the named cutoff that it was planned for.
    diagnostics: how proportional hazards are examined.
    """

    label: Text | None = None
    endpoint: Identifier
    population: Identifier
    comparisons: tuple[Comparison, ...] = ()
    by: Identifier | None = None
    kaplan_meier: KaplanMeierPlan = KaplanMeierPlan()
    cumulative_incidence: CumulativeIncidencePlan | None = None
    restricted_mean: RestrictedMeanPlan | None = None
    log_rank: LogRankPlan | None = LogRankPlan()
    cox: CoxPlan | None = CoxPlan()
    subgroups: tuple[Identifier, ...] = ()
    diagnostics: tuple[Literal["log-log plot", "scaled Schoenfeld residuals"], ...] = ()
    threshold: Share | NotStated | None = None
    cutoff: Identifier | None = None
    figure: FigurePlan | None = None
    source: Text | None = None


class Proportion(Block):
    """A planned analysis of a share of subjects: those for whom ``response`` is true; unknown is not true.

    role: ``descriptive`` is a count that a report gives, and no end point.
    test: of the arms, or of the levels of ``by``; ``chi-squared or fisher`` is Fisher's where a count of the table is 5
    or less.  difference, odds_ratio: the method of the interval; ``score`` is the exact unconditional one.
    sided: 1 is the alternative of more responses in the experimental arm.  covariates: of a logistic regression.
    """

    label: Text
    role: Literal["primary", "secondary", "exploratory", "post hoc", "descriptive"]
    response: RuleText
    population: Identifier
    comparisons: tuple[Comparison, ...] = ()
    by: Identifier | None = None
    test: Literal["chi-squared", "fisher", "chi-squared or fisher"] | NotStated | None = None
    difference: Literal["wald", "score", "miettinen-nurminen", "newcombe"] | NotStated | None = None
    odds_ratio: Literal["exact", "wald"] | NotStated | None = None
    sided: Literal[1, 2] | NotStated | None = None
    covariates: tuple[Identifier, ...] = ()
    confidence_level: Level = 0.95
    threshold: Share | NotStated | None = None
    cutoff: Identifier | None = None
    source: Text | None = None


class Tabulation(Block):
    """A planned table of counts: the levels of one item against those of another, or against ``arm``.

    by: one such table for each level of this item, or for each ``arm``.
    """

    label: Text
    population: Identifier
    rows: Identifier
    columns: Identifier = "arm"
    by: Identifier | None = None
    cutoff: Identifier | None = None
    source: Text | None = None


class BaselineItem(Block):
    """One variable of the baseline table and how it is summarized."""

    item: Identifier
    show: tuple[Literal["mean_sd", "median_iqr", "range"], ...] = ("median_iqr",)
    percent_of: Literal["known", "all"] = "known"


class Baseline(Block):
    """A baseline table. by: its columns, ``arm`` or an item with levels.  overall: a column of everyone."""

    label: Text | None = None
    population: Identifier
    by: Identifier = "arm"
    overall: bool = True
    items: tuple[BaselineItem, ...] = Field(min_length=1)
    decimals: Annotated[int, Field(ge=0, le=3)] | NotStated = "not stated"
    source: Text | None = None


class Statistics(Block):
    """What holds for every analysis: software, multiplicity, missing outcomes, and further statements."""

    software: Text | NotStated = "not stated"
    multiplicity: Text | NotStated = "not stated"
    missing: Text | NotStated = "not stated"
    statements: tuple[Statement, ...] = ()
    source: Text | None = None


class Report(Block):
    """What the report shows, and in which journal's style."""

    style: Literal["jama", "nejm"] = "jama"
    sections: tuple[
        Literal["flow", "baseline", "follow_up", "endpoints", "subgroups", "adverse_events", "published"], ...
    ] = ("flow", "baseline", "follow_up", "endpoints", "subgroups", "adverse_events", "published")
