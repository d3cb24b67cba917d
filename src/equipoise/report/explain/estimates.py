"""How estimates and tests are said in section 10: Kaplan-Meier, cumulative incidence, log-rank, Cox."""

from __future__ import annotations

from equipoise.protocol.definition import Analysis, CumulativeIncidencePlan, KaplanMeierPlan
from equipoise.report.explain.document import Block, Inline, bullets, paragraph
from equipoise.report.explain.saying import Saying, given, joined, number, phrase, stated
from equipoise.report.numbers import level_text


def _at(times: tuple[float, ...], unit: str) -> str:
    """Times of estimates in words; empty without any."""
    if not times:
        return ""
    return f"; at {joined(map(number, times))} {unit}{'' if times == (1,) else 's'}"


def kaplan_meier_words(plan: KaplanMeierPlan, unit: str) -> str:
    """Intervals and times of Kaplan-Meier estimates."""
    level = given(plan, "confidence_level", f"{level_text(plan.confidence_level)} confidence intervals")
    return f"{level}, {given(plan, 'interval', f'on the {plan.interval} scale')}{_at(plan.times, unit)}"


def incidence_words(plan: CumulativeIncidencePlan | None, unit: str) -> Inline | tuple[Block, ...]:
    """Cumulative incidence beside competing events: level, times and test."""
    if plan is None:
        return ""
    level = given(plan, "confidence_level", f"{level_text(plan.confidence_level)} confidence intervals")
    line = paragraph(f"{level}{_at(plan.times, unit)}")
    return (line,) if plan.test is None else (line, paragraph("Test: ", stated(plan.test, phrase)))


def log_rank_words(say: Saying, one: Analysis) -> Inline | Block:
    """The log-rank test: its side and strata."""
    plan = one.log_rank
    if plan is None:
        return "none"
    lines = [given(plan, "sided", "one-sided" if plan.sided == 1 else "two-sided")]
    if plan.overall:
        lines.append("also of all arms together")
    lines += _strata(say, plan)
    return _marked(one, "log_rank", lines)


def cox_words(say: Saying, one: Analysis) -> Inline | Block:
    """The Cox model: arms, ties, strata, covariates, selection."""
    plan = one.cox
    if plan is None:
        return "none"
    level = f"{level_text(plan.confidence_level)} confidence intervals"
    arms = "every arm of the analysis in one model" if plan.arms == "all" else phrase(plan.arms)
    lines = [
        given(plan, "confidence_level", level),
        f"arms in the model: {given(plan, 'arms', arms)}",
        f"ties: {given(plan, 'ties', phrase(plan.ties))}",
        *_strata(say, plan),
    ]
    if plan.covariates:
        lines.append(f"covariates: {'; '.join(say.labels.factor(name) for name in plan.covariates)}")
    if plan.selection is not None:
        lines.append(
            f"{plan.selection.direction} selection of covariates: those with a P value above "
            f"{number(plan.selection.stay)} leave, the largest first"
        )
    return _marked(one, "cox", lines)


def _strata(say: Saying, plan: object) -> list[str]:
    strata: tuple[str, ...] = getattr(plan, "strata", ())
    if not strata:
        return ["unstratified"]
    used = given(plan, "strata_as", phrase(getattr(plan, "strata_as", "")))
    return [f"stratified by {'; '.join(say.labels.factor(name) for name in strata)}, {used}"]


def _marked(one: Analysis, field: str, lines: list[str]) -> Inline | Block:
    if field not in one.model_fields_set:
        lines = ["as the language assumes, because the file does not say otherwise", *lines]
    return lines[0] if len(lines) == 1 else bullets(lines)
