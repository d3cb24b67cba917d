"""How estimates and tests are said in section 10, so that analyses with the same settings share one description."""

from __future__ import annotations

from typing import Any

from equipoise.protocol.definition import Analysis
from equipoise.report.explain.saying import Saying, joined, number, phrase
from equipoise.report.labels import lower_first
from equipoise.report.numbers import level_text


def settings(say: Saying, one: Analysis) -> tuple[str, ...]:
    """The statistical settings of an analysis, a line each, without what it is about."""
    return (
        *_kaplan_meier(say, one),
        *_incidence(say, one),
        *_restricted_mean(say, one),
        *_log_rank(say, one),
        *_cox(say, one),
    )


def times_words(one: Analysis, unit: str) -> str:
    """The times of its estimates in words; empty without any."""
    said = []
    incidence = one.cumulative_incidence
    for what, times in (
        ("", one.kaplan_meier.times),
        ("cumulative incidence: ", incidence.times if incidence else ()),
    ):
        if times:
            said.append(f"{what}{joined(map(number, times))} {unit}{'' if times == (1,) else 's'}")
    return "; ".join(said)


def _kaplan_meier(say: Saying, one: Analysis) -> list[str]:
    plan = one.kaplan_meier
    level = say.given(
        plan, "confidence_level", level_text(plan.confidence_level), "Kaplan–Meier estimates, confidence"
    )
    scale = say.given(plan, "interval", f"on the {plan.interval} scale", "Kaplan–Meier estimates, intervals")
    return [f"Kaplan–Meier estimates with {level} confidence intervals {scale}"]


def _incidence(say: Saying, one: Analysis) -> list[str]:
    plan = one.cumulative_incidence
    if plan is None:
        return []
    level = say.given(
        plan, "confidence_level", level_text(plan.confidence_level), "Cumulative incidence, confidence"
    )
    test = "" if plan.test is None else f"; test: {phrase(plan.test)}"
    return [f"Cumulative incidence with {level} confidence intervals{test}"]


def _restricted_mean(say: Saying, one: Analysis) -> list[str]:
    plan = one.restricted_mean
    if plan is None:
        return []
    level = say.given(
        plan, "confidence_level", level_text(plan.confidence_level), "Restricted means, confidence"
    )
    unit = say.protocol.endpoints[one.endpoint].unit
    return [f"Restricted mean times up to {number(plan.until)} {unit}s with {level} confidence intervals"]


def _log_rank(say: Saying, one: Analysis) -> list[str]:
    plan = one.log_rank
    if plan is None:
        return ["No log-rank test"]
    side = say.given(plan, "sided", "one-sided" if plan.sided == 1 else "two-sided", "Log-rank test")
    overall = ", also of all arms together" if plan.overall else ""
    weights = ""
    if plan.weights is not None:
        rho = say.given(plan.weights, "rho", number(plan.weights.rho), "Log-rank test, weights, rho")
        gamma = say.given(plan.weights, "gamma", number(plan.weights.gamma), "Log-rank test, weights, gamma")
        weights = f", weights of Fleming and Harrington with rho {rho} and gamma {gamma}"
    return [f"Log-rank test: {side}, {_strata(say, plan, 'Log-rank test')}{weights}{overall}"]


def _cox(say: Saying, one: Analysis) -> list[str]:
    plan = one.cox
    if plan is None:
        return ["No Cox model"]
    level = say.given(plan, "confidence_level", level_text(plan.confidence_level), "Cox model, confidence")
    arms = "every arm of the analysis in one model" if plan.arms == "all" else phrase(plan.arms)
    said = say.given(plan, "arms", arms, "Cox model, arms in the model")
    ties = say.given(plan, "ties", phrase(plan.ties), "Cox model, ties")
    limits = say.given(plan, "interval", phrase(plan.interval), "Cox model, intervals")
    between = f", {said}" if one.comparisons else ""
    line = f"Cox model: {_strata(say, plan, 'Cox model')}, ties after {ties}, {level} confidence intervals ({limits}){between}"
    lines = [line]
    if plan.covariates:
        lines.append(f"Covariates: {'; '.join(say.labels.factor(name) for name in plan.covariates)}")
    if plan.selection is not None:
        lines.append(
            f"{plan.selection.direction.capitalize()} selection of covariates: those with a P value above "
            f"{number(plan.selection.stay)} leave, the largest first"
        )
    return lines


def _strata(say: Saying, plan: Any, what: str) -> str:
    if not plan.strata:
        return "unstratified"
    used = say.given(plan, "strata_as", phrase(plan.strata_as), f"{what}, strata")
    return f"stratified by {'; '.join(lower_first(say.labels.factor(name)) for name in plan.strata)} ({used})"
