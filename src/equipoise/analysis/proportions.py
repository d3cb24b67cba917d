"""Planned shares of subjects → result rows: counts, the test, difference, odds ratio, and the adjusted odds ratio."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from equipoise.analysis.results import Result
from equipoise.analysis.sample import ARM, OVERALL, Sample, by_of, group_of_each, members_of
from equipoise.analysis.survival import Term, covariate_terms, indicator, name_of, no_subjects
from equipoise.datasets.frames import Datasets
from equipoise.errors import DataError
from equipoise.protocol.definition import Comparison, Proportion
from equipoise.protocol.rules.classification import Classifier
from equipoise.protocol.rules.rule import compile_rule
from equipoise.stats.categorical import odds_ratio as odds
from equipoise.stats.categorical import risk_difference as risks
from equipoise.stats.categorical.fisher import chi_square_or_fisher, fisher_exact
from equipoise.stats.categorical.pearson import pearson_chi_square
from equipoise.stats.regression.logistic import logistic
from equipoise.stats.regression.logistic_model import LogisticModel

RESPONSE = "response of the rule"  # no item can have this name

# "chi-squared or fisher": the P values that AALL1331 printed are Fisher's where a count of the table is at most this.
FISHER_AT_MOST = 5
DIFFERENCES: dict[str, risks.Method] = {
    "wald": "wald", "score": "exact-score", "miettinen-nurminen": "miettinen-nurminen", "newcombe": "newcombe",
}  # fmt: skip
ALIKE = "everyone has the same response"
INFINITE = "infinite: a count of the table is 0"


def rows(datasets: Datasets, name: str, plan: Proportion) -> Iterator[Result]:
    """All rows of a planned share: its counts, and what the plan estimates and tests of them."""
    sample = _answered(datasets, name, plan)
    yield from _counts(sample)
    known = replace(sample, frame=sample.frame.with_columns(pl.col(RESPONSE).fill_null(False)))
    for comparison in plan.comparisons:
        yield from _comparison(known, plan, comparison)
        if plan.covariates:
            yield from _adjusted_comparison(known, plan, comparison)
    if not plan.comparisons:
        if sample.by and _planned(plan.test):
            yield from _across(known, str(plan.test))
        if plan.covariates:
            yield from _adjusted_levels(known, plan)


def _planned(choice: object) -> bool:
    return choice not in (None, "not stated")


def _answered(datasets: Datasets, name: str, plan: Proportion) -> Sample:
    """The population with the answer of the rule, null where unknown."""
    by = by_of(plan)
    classifier = Classifier(datasets.protocol)
    rule = compile_rule(plan.response, classifier.known, classifier.codes)
    # Before members are chosen: there the arm may be the one as treated, which is not what a rule calls arm.
    answered = datasets.subjects.with_columns(rule.evaluate(datasets.subjects).alias(RESPONSE))
    members = members_of(replace(datasets, subjects=answered), plan.population, by)
    return Sample(datasets.protocol, name, plan.population, members, by=by)


def _counts(sample: Sample) -> Iterator[Result]:
    """The subjects for whom ``response`` is true, of all: those for whom it is unknown stay among all."""
    for group in dict.fromkeys([*sample.groups, OVERALL]):
        response = (sample if group == OVERALL else sample.of_group(group)).frame[RESPONSE]
        n = int(response.sum() or 0)
        percent = 100 * n / response.len() if response.len() else None
        for statistic, value in (("n", n), ("n_unknown", response.null_count()), ("denominator", response.len())):  # fmt: skip
            yield _row(sample, group, statistic, value)
        yield _row(sample, group, "percent", percent, warning="" if response.len() else "nobody in the population")  # fmt: skip


# -- two arms ----------------------------------------------------------------------------------------


def _comparison(sample: Sample, plan: Proportion, comparison: Comparison) -> Iterator[Result]:
    """The test of two arms, the difference and the odds ratio, as far as they are planned."""
    group = name_of(comparison)
    control, experimental = (_events_of(sample, arm) for arm in (comparison.control, comparison.experimental))
    nobody = "" if control[1] and experimental[1] else no_subjects(sample)
    if _planned(plan.test):
        side = comparison.experimental if plan.sided == 1 else ""
        table = [[n - events, events] for events, n in (control, experimental)]
        yield from _test_rows(sample, group, _tested(table, str(plan.test), nobody), side)
    if _planned(plan.difference):
        yield from _difference(sample, group, plan, (*experimental, *control), nobody)
    if _planned(plan.odds_ratio):
        yield from _odds_ratio(sample, group, plan, (*experimental, *control), nobody)


def _events_of(sample: Sample, group: str) -> tuple[int, int]:
    """Subjects with the response, and all, in a group."""
    response = sample.of_group(group).frame[RESPONSE]
    return int(response.sum()), response.len()


def _difference(
    sample: Sample, group: str, plan: Proportion, counts: tuple[int, int, int, int], nobody: str
) -> Iterator[Result]:
    """The risk difference, experimental minus control."""
    interval = DIFFERENCES[str(plan.difference)]
    values: tuple[float | None, ...] = (None, None, None)
    warnings = (nobody, nobody)
    if not nobody:
        try:
            found = risks.risk_difference(*counts, method=interval, confidence_level=plan.confidence_level)
            values, warnings = (found.risk_difference, found.lower, found.upper), ("", "; ".join(found.warnings))  # fmt: skip
        except DataError:  # exact limits of large groups are refused, the difference is not
            found = risks.risk_difference(*counts, method="wald")
            values = (found.risk_difference, None, None)
            warnings = ("", "exact limits of groups above 2000 are not computed")
    method = f"risk difference, {risks.INTERVALS[interval]}"
    for statistic, value in zip(("risk_difference", "lower", "upper"), values, strict=True):
        warning = warnings[0] if statistic == "risk_difference" else warnings[1]
        yield _row(sample, group, statistic, value, method=method, warning=warning)


def _odds_ratio(
    sample: Sample, group: str, plan: Proportion, counts: tuple[int, int, int, int], nobody: str
) -> Iterator[Result]:
    """The sample odds ratio, experimental over control."""
    interval = "exact" if plan.odds_ratio == "exact" else "woolf"
    method = f"odds ratio, {odds.INTERVALS[interval]}"
    found = None
    if not nobody:
        found = odds.odds_ratio(
            *counts, method="exact" if plan.odds_ratio == "exact" else "woolf", confidence_level=plan.confidence_level
        )  # fmt: skip
        alike = counts[0] + counts[2] in (0, counts[1] + counts[3])
    for statistic in ("odds_ratio", "lower", "upper"):
        if found is None:
            yield _row(sample, group, statistic, None, method=method, warning=nobody)
            continue
        value = float(getattr(found, statistic))
        warning = ALIKE if alike else ""
        if not alike and value == np.inf:
            warning = INFINITE
        elif value != value and not alike:
            warning = "Wald limits of an odds ratio need subjects in every cell of the table"
        yield _row(sample, group, statistic, value, method=method, warning=warning)


# -- tests -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Test:
    """A test of a table, whichever it is; p_value_greater is that of more responses in the last row."""

    method: str
    chi_square: float | None
    df: int
    p_value_two_sided: float | None
    p_value_greater: float | None
    warning: str


def _tested(table: list[list[int]], test: str, nobody: str) -> _Test:
    """The planned test of a table, a row a group (without the response, with it)."""
    named = {"chi-squared": "Pearson chi-square", "fisher": "Fisher exact"}.get(
        test, "Pearson chi-square or Fisher exact"
    )
    if nobody:
        return _Test(named, None, 0, None, None, nobody)
    alike = 0 in np.sum(table, axis=0)
    fisher, reason = test == "fisher", ""
    try:
        if test == "chi-squared or fisher":
            chosen = chi_square_or_fisher(table, expected_below=None, count_at_most=FISHER_AT_MOST)
            fisher, reason = chosen.method.startswith("Fisher"), f" ({chosen.reason})"
            if alike:  # a column without subjects is not among the counts that the choice looks at
                fisher, reason = True, f" (smallest count 0, at most {FISHER_AT_MOST})"
        if fisher:
            exact = fisher_exact(table)
            return _Test(f"{exact.method}{reason}", None, 0, exact.p_value_two_sided, exact.p_value_greater,
                         ALIKE if alike else "")  # fmt: skip
    except DataError:  # only a table of many levels and subjects is refused
        return _Test(named, None, 0, None, None, "the table is too large for the exact test")
    found = pearson_chi_square(table)
    few = [text.partition(": consider")[0] for text in found.warnings]
    return _Test(f"{found.method}{reason}", found.chi_square, found.df, found.p_value_two_sided,
                 found.p_value_greater, ALIKE if alike else "; ".join(few))  # fmt: skip


def _test_rows(sample: Sample, group: str, test: _Test, side: str = "") -> Iterator[Result]:
    """side: the arm that has more responses under a one-sided alternative, else empty."""
    method = f"{test.method}, alternative: more in {side}" if side else test.method
    if test.chi_square is not None:
        yield _row(sample, group, "chi_square", test.chi_square, method=method, warning=test.warning)
        yield _row(sample, group, "df", test.df, method=method, warning=test.warning)
    statistic, p = ("p_value_one_sided", test.p_value_greater) if side else ("p_value_two_sided", test.p_value_two_sided)  # fmt: skip
    yield _row(sample, group, statistic, p, method=method, warning=test.warning)


def _across(sample: Sample, test: str) -> Iterator[Result]:
    """One test of all levels that have subjects; it has no side."""
    unknown = group_of_each(sample.frame, sample.by).null_count()
    left_out = f"{unknown} without a value of {sample.by} left out" if unknown else ""
    counts = [_events_of(sample, group) for group in sample.groups]
    nobody = "" if len(counts) > 1 else "fewer than two groups have subjects"
    found = _tested([[n - events, events] for events, n in counts], test, nobody)
    warning = "; ".join(filter(None, (left_out, found.warning)))
    yield from _test_rows(sample, OVERALL, replace(found, warning=warning))


# -- logistic models ---------------------------------------------------------------------------------


def _method(plan: Proportion) -> str:
    """The model, as rows name it."""
    return f"logistic regression, Wald limits, adjusted for {', '.join(plan.covariates)}"


def _adjusted_comparison(sample: Sample, plan: Proportion, comparison: Comparison) -> Iterator[Result]:
    """The adjusted odds ratio of two arms, and those of the covariates."""
    arms = [comparison.control, comparison.experimental]
    group = name_of(comparison)
    part, warning = sample.of_groups(arms).complete(plan.covariates)
    if set(part.groups) != set(arms):
        warning = "; ".join(filter(None, (warning, no_subjects(sample))))
        yield from _coefficient(sample, plan, Term(group, "", np.zeros(0)), None, 0, warning)
        return
    terms = [Term(group, "", indicator(part, ARM, comparison.experimental))]
    for covariate in plan.covariates:
        terms += [replace(term, group=group) for term in covariate_terms(part, covariate)]
    yield from _model_rows(part, plan, terms, warning)


def _adjusted_levels(sample: Sample, plan: Proportion) -> Iterator[Result]:
    """The adjusted odds ratio of each level against the first one, and those of the covariates."""
    factor = [sample.by] if len(sample.groups) > 1 else []
    covariates = [one for one in plan.covariates if one not in factor]
    part, warning = sample.complete([*factor, *covariates])
    levels = part.groups if factor else []
    terms = [
        Term(f"{group} vs {levels[0]}", "", _in_group(part, group)) for group in levels[1:]
    ]  # fmt: skip
    for covariate in covariates:
        terms += covariate_terms(part, covariate)
    if terms and part.frame.height:
        yield from _model_rows(part, plan, terms, warning)


def _in_group(sample: Sample, group: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([one == group for one in sample.group_labels()], dtype=np.float64)


def _model_rows(part: Sample, plan: Proportion, terms: Sequence[Term], warning: str) -> Iterator[Result]:
    model = logistic(
        part.frame[RESPONSE].to_numpy(), np.column_stack([term.values for term in terms]),
        names=[term.level or term.group for term in terms], confidence_level=plan.confidence_level,
    )  # fmt: skip
    words = [text.partition("; use the")[0] for text in model.warnings]
    warning = "; ".join(filter(None, (warning, *words)))
    for index, term in enumerate(terms, start=1):  # the intercept is first
        yield from _coefficient(part, plan, term, model, index, warning)


def _coefficient(
    sample: Sample, plan: Proportion, term: Term, model: LogisticModel | None, index: int, warning: str
) -> Iterator[Result]:
    """One coefficient of a logistic model as an odds ratio with its interval."""
    for statistic, attribute in (
        ("odds_ratio", "odds_ratio"), ("lower", "lower"), ("upper", "upper"), ("log_odds_ratio", "coefficients"),
        ("std_err", "std_err"), ("p_value_two_sided", "p_value_two_sided"),
    ):  # fmt: skip
        value = None if model is None else float(getattr(model, attribute)[index])
        yield _row(
            sample, term.group, statistic, value, level=term.level, method=_method(plan), warning=warning
        )


def _row(
    sample: Sample,
    group: str,
    statistic: str,
    value: float | None,
    *,
    level: str = "",
    method: str = "",
    warning: str = "",
) -> Result:
    return Result(
        analysis=sample.endpoint,
        population=sample.population,
        group=group,
        variable=sample.endpoint,
        level=level,
        statistic=statistic,
        method=method,
        value=None if value is None else float(value),
        warning=warning,
    )
