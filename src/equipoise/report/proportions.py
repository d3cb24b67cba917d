"""Words about planned shares of patients: which rows belong together, methods, footnotes, the methods paragraph."""

from __future__ import annotations

from collections.abc import Iterable

from equipoise.analysis.results import Result
from equipoise.protocol.definition import Proportion, Protocol
from equipoise.report.labels import ARM, OVERALL, Labels, by_of, group_of, listed, lower_first
from equipoise.report.numbers import level_text, plain
from equipoise.report.rows import Rows

# How the methods of rows begin.
DIFFERENCE, ODDS_RATIO, LOGISTIC = "risk difference, ", "odds ratio, ", "logistic regression"
TESTS = {
    "Pearson chi-square": "Pearson’s chi-square test without continuity correction",
    "Fisher exact": "Fisher’s exact test",
    "Fisher-Freeman-Halton exact": "the Fisher–Freeman–Halton exact test",
    "Pearson chi-square or Fisher exact": "Pearson’s chi-square test or Fisher’s exact test",
}


def pairs_of(plan: Proportion) -> list[str]:
    """The groups that the rows of a test and of its estimates stand under: each comparison, or all levels."""
    return [group_of(one) for one in plan.comparisons] or [OVERALL]


def test_row(rows: Rows, name: str, group: str) -> Result | None:
    """The P value of the planned test."""
    for statistic in ("p_value_two_sided", "p_value_one_sided"):
        for row in rows.all(name, statistic, group=group, variable=name):
            if not row.method.startswith(LOGISTIC):
                return row
    return None


def estimate_rows(rows: Rows, name: str, group: str, statistic: str, method: str) -> list[Result]:
    """An estimate and its limits; nothing where it is not planned."""
    found = [rows.one(name, one, group=group, variable=name, method=method) for one in (statistic, "lower", "upper")]  # fmt: skip
    return [row for row in found if row is not None]


def short_test_of(row: Result) -> str:
    """The test of a row in a sentence of results."""
    return test_of(row).replace(" without continuity correction", "")


def test_of(row: Result) -> str:
    """The test of a row in words.

    >>> test_of(Result(analysis="x", population="itt", statistic="p_value_two_sided", value=0.5,
    ...                method="Fisher exact (smallest count 1, at most 5)"))
    'Fisher’s exact test, two-sided'
    """
    kind = row.method.partition(" (")[0].partition(", alternative")[0]
    side = "one-sided" if row.statistic == "p_value_one_sided" else "two-sided"
    return f"{TESTS.get(kind, kind)}, {side}"


def test_notes(rows: Rows, names: Iterable[str], labels: Labels) -> list[str]:
    """Which test gave which P value, and which way a one-sided one looks."""
    found = [
        (name, row) for name in names for group in pairs_of(labels.protocol.proportions[name])
        if (row := test_row(rows, name, group)) is not None
    ]  # fmt: skip
    if not found:
        return []
    notes = [f"P values: {_grouped([(name, test_of(row)) for name, row in found], labels)}."]
    if any(row.statistic == "p_value_one_sided" for _, row in found):
        notes.append("The alternative of a one-sided test is a larger share in the experimental arm.")
    return notes


def interval_notes(rows: Rows, names: list[str], labels: Labels) -> list[str]:
    """What differences and odds ratios are, and the methods of their intervals."""
    notes = []
    for statistic, method, meaning in (
        ("risk_difference", DIFFERENCE, "Absolute differences, in percentage points: experimental minus control"),
        ("odds_ratio", ODDS_RATIO, "Odds ratios: odds in the experimental over odds in the control arm, from the counts"),
    ):  # fmt: skip
        found = [
            (name, row.method.removeprefix(method).replace("N - 1", "N − 1")) for name in names
            for row in rows.of(name) if row.statistic == statistic and row.method.startswith(method)
        ]  # fmt: skip
        if found:
            notes.append(f"{meaning}; intervals: {_grouped(found, labels)}.")
    return notes


def _grouped(pairs: list[tuple[str, str]], labels: Labels) -> str:
    """Methods with the shares that each is for; one method alone needs no list."""
    by_method: dict[str, list[str]] = {}
    for name, method in pairs:
        members = by_method.setdefault(method, [])
        label = lower_first(labels.protocol.proportions[name].label)
        if label not in members:
            members.append(label)
    if len(by_method) == 1:
        return next(iter(by_method))
    return "; ".join(
        f"{method}{',' if ', ' in method else ''} for {listed(members)}"
        for method, members in by_method.items()
    )


def methods_of_shares(protocol: Protocol, rows: Rows) -> list[str]:
    """The sentences of the methods about shares that were counted, tested and estimated."""
    labels = Labels(protocol)
    plans = {name: plan for name, plan in protocol.proportions.items() if rows.of(name)}
    if not plans:
        return []
    sentences = [
        "Shares are numbers of patients who meet the criterion, of all in the population; patients for whom it "
        "is unknown are counted as not meeting it."
    ]
    tested = [(name, plan) for name, plan in plans.items() if any(test_row(rows, name, group) for group in pairs_of(plan))]  # fmt: skip
    sentences += _tests(rows, tested, labels)
    notes = interval_notes(rows, list(plans), labels)
    if notes:
        levels = {
            level_text(plan.confidence_level) for name, plan in plans.items() if _has_interval(rows, name)
        }
        sentences += [*notes, f"Confidence level of these intervals: {listed(sorted(levels))}."]
    sentences += _models(rows, plans, labels)
    thresholds = {
        plain(plan.threshold) for _, plan in tested if plan.threshold is not None and not isinstance(plan.threshold, str)
    }  # fmt: skip
    if thresholds:
        below = listed([text.replace("0.", ".", 1) if protocol.report.style == "jama" else text for text in sorted(thresholds)])  # fmt: skip
        sentences.append(f"Planned threshold of significance for shares: P < {below}.")
    return sentences


def estimates_shares(protocol: Protocol, rows: Rows) -> bool:
    """Whether anything was estimated or tested of any share."""
    return any(row.method for name in protocol.proportions for row in rows.of(name))


def _has_interval(rows: Rows, name: str) -> bool:
    return any(row.method.startswith((DIFFERENCE, ODDS_RATIO)) for row in rows.of(name))


def _tests(rows: Rows, tested: list[tuple[str, Proportion]], labels: Labels) -> list[str]:
    """What groups were compared by."""
    if not tested:
        return []
    kinds: dict[str, list[str]] = {}
    for _, plan in tested:
        words = {
            "chi-squared": TESTS["Pearson chi-square"], "fisher": TESTS["Fisher exact"],
            "chi-squared or fisher": "Fisher’s exact test where a count of the table (with or without the criterion) is 5 "
            "or less, otherwise by Pearson’s chi-square test without continuity correction",
        }.get(str(plan.test), str(plan.test))  # fmt: skip
        kinds.setdefault(words, []).append(lower_first(plan.label))
    arms = all(by_of(plan) == ARM for _, plan in tested)
    who = "Arms" if arms else "Groups"
    sentences = [
        f"{who} were compared{'' if len(kinds) == 1 else f' in {listed(names)}'} by {words}."
        for words, names in kinds.items()
    ]
    sides = {plan.sided == 1 and bool(plan.comparisons) for _, plan in tested}
    if sides == {False}:
        sentences.append("P values of these tests are two-sided.")
    else:
        sentences += test_notes(rows, [name for name, _ in tested], labels)
    return sentences


def _models(rows: Rows, plans: dict[str, Proportion], labels: Labels) -> list[str]:
    """The logistic models."""
    kinds: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for name, plan in plans.items():
        if any(row.method.startswith(LOGISTIC) for row in rows.of(name)):
            key = plan.covariates, level_text(plan.confidence_level)
            kinds.setdefault(key, []).append(lower_first(plan.label))
    return [
        f"Adjusted odds ratios of {listed(names)} are from a logistic regression with {labels.factors(covariates)}, "
        f"of the patients who have a value of all of them; {level} intervals and two-sided P values are Wald’s."
        for (covariates, level), names in kinds.items()
    ]  # fmt: skip
