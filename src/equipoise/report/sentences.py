"""Headline sentences, generated from rows in neutral words; their numbers link to the table they are in.

No sentence calls a result significant: the rows hold no decision rule, and a P value speaks for itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from equipoise.analysis.results import Result
from equipoise.dates import DAYS_IN
from equipoise.protocol.definition import Analysis, Comparison, Proportion, Protocol
from equipoise.report.labels import (
    ARM,
    OVERALL,
    Labels,
    by_of,
    group_of,
    listed,
    lower_first,
    plural,
    time_label,
)
from equipoise.report.numbers import count, duration, fixed, interval_text, p_text, percent_decimals
from equipoise.report.proportions import (
    DIFFERENCE,
    ODDS_RATIO,
    estimate_rows,
    short_test_of,
    test_row,
)
from equipoise.report.rows import Rows
from equipoise.report.tables.adverse_events import severe_label
from equipoise.report.tables.endpoints import p_row
from equipoise.report.tables.incidence import gray_rows, incidence_at, incidence_of


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence, with the anchor on the page that it leads to, if any."""

    text: str
    anchor: str = ""


Sentence = tuple[Phrase, ...]


def headlines(protocol: Protocol, rows: Rows, anchors: set[str]) -> list[tuple[str, list[Sentence]]]:
    """Paragraphs, each with a heading.  anchors: the tables on the page; others are not linked to."""
    labels = Labels(protocol)
    paragraphs = [("Patients", _patients(rows, labels, anchors))]
    for name in _headlined(protocol):
        if rows.of(name):
            paragraphs.append((labels.analysis(name), _analysis(protocol, rows, name, labels, anchors)))
    for name, share in protocol.proportions.items():
        if share.role != "descriptive":
            paragraphs.append((share.label, _share(rows, name, share, labels, anchors)))
    paragraphs.append(("Adverse events", _adverse_events(protocol, rows, labels, anchors)))
    return [(heading, found) for heading, found in paragraphs if found]


def _headlined(protocol: Protocol) -> list[str]:
    """The analyses that a summary speaks of: comparisons of arms, and others of no exploratory end point.

    A protocol may plan dozens of exploratory curves; they stand in their sections. Without any comparison of arms,
    every analysis is spoken of.
    """
    chosen = [
        name for name, plan in protocol.analyses.items()
        if plan.comparisons or protocol.endpoints[plan.endpoint].role not in ("exploratory", "post hoc")
    ]  # fmt: skip
    return chosen if any(protocol.analyses[name].comparisons for name in chosen) else list(protocol.analyses)


def _phrase(text: str, anchor: str, anchors: set[str]) -> Phrase:
    """A phrase that links only to what exists."""
    return Phrase(text, anchor if anchor in anchors else "")


def _patients(rows: Rows, labels: Labels, anchors: set[str]) -> list[Sentence]:
    """How many were randomized to what, and how long they were followed."""
    sentences: list[Sentence] = []
    total = rows.value("flow", "n", variable="randomized")
    arms = [
        (arm, n) for arm in labels.arms_in(rows.groups("flow"))
        if (n := rows.value("flow", "n", group=arm, variable="allocated")) is not None
    ]  # fmt: skip
    if total is not None and arms:
        parts = listed(
            [f"{count(n)} to {lower_first(labels.arm(arm))}{_abbreviated(labels, arm)}" for arm, n in arms]
        )
        total_text = _phrase(count(total), "figure-flow", anchors)
        sentences.append((total_text, Phrase(f" patients were randomized: {parts}.")))
    median = _median_follow_up(rows)
    if median is not None and median.value is not None:
        endpoint = labels.protocol.endpoints.get(median.variable)
        unit = endpoint.unit if endpoint is not None else "year"
        how = "reverse Kaplan–Meier" if median.method.startswith("reverse") else median.method
        several = len({row.population for row in rows.of("follow_up")}) > 1
        where = f" in {lower_first(labels.population(median.population))}" if several else ""
        anchor = f"table-follow-up-{median.population}" if several else "table-follow-up"
        text = _phrase(f"{duration(median.value, unit)} {plural(unit)}", anchor, anchors)
        sentences.append((Phrase("Median follow-up was "), text, Phrase(f" ({how}){where}.")))
    return sentences


def _abbreviated(labels: Labels, arm: str) -> str:
    """An arm's short label in parentheses: the sentences that follow use it."""
    return "" if labels.short(arm) == labels.arm(arm) else f" ({labels.short(arm)})"


def _median_follow_up(rows: Rows) -> Result | None:
    """The overall median, by the reverse Kaplan-Meier method where there is one, else as observed."""
    found = [
        row for row in rows.of("follow_up")
        if row.group == "overall" and row.statistic == "median" and row.value is not None
    ]  # fmt: skip
    return next((row for row in found if row.method.startswith("reverse")), found[0] if found else None)


def _series(lead: str, parts: list[tuple[str, str]], anchor: str, anchors: set[str]) -> list[Sentence]:
    """A sentence that lists numbers, each a link, with what follows each; nothing for an empty list."""
    if not parts:
        return []
    phrases = [Phrase(lead)]
    for index, (number, after) in enumerate(parts):
        last = index == len(parts) - 1
        joint = "." if last else " and " if len(parts) == 2 else ", and " if index == len(parts) - 2 else ", "
        phrases += [_phrase(number, anchor, anchors), Phrase(after + joint)]
    return [tuple(phrases)]


def _analysis(protocol: Protocol, rows: Rows, name: str, labels: Labels, anchors: set[str]) -> list[Sentence]:
    """Events, the last planned estimate by arm, and each comparison."""
    plan = protocol.analyses[name]
    by = by_of(plan)
    arms = labels.groups_in(by, rows.groups(name))
    counts = []
    for arm in arms:
        n = rows.value(name, "n", group=arm, variable=plan.endpoint)
        events = rows.value(name, "events", group=arm, variable=plan.endpoint)
        if n is not None and events is not None:
            counts.append((f"{count(events)} of {count(n)}", _aside(labels, arm, by)))
    sentences = _series("Patients with an event: ", counts, f"table-{name}-results", anchors)
    sentences += _estimate(rows, name, plan, arms, labels, anchors)
    sentences += _incidence(rows, name, plan, arms, labels, anchors)
    for comparison in plan.comparisons:
        sentences += _comparison(protocol, rows, name, comparison, labels, anchors)
    return sentences + _all_groups(protocol, rows, name, labels, anchors)


def _aside(labels: Labels, group: str, by: str) -> str:
    """The group that a number is about, in parentheses; nothing where there is but one."""
    return f" ({labels.short(group)})" if by else ""


def _all_groups(
    protocol: Protocol, rows: Rows, name: str, labels: Labels, anchors: set[str]
) -> list[Sentence]:
    """The test of all groups together, where no comparison pairs them."""
    plan = protocol.analyses[name]
    test = None if plan.comparisons else p_row(rows, name, plan, OVERALL)
    if test is None or test.value is None:
        return []
    number = _phrase(p_text(test.value, protocol.report.style), f"table-{name}-results", anchors)
    kind = test.method.split(" by ")[0]
    factor = lower_first(labels.factor(by_of(plan)))
    return [(Phrase(f"By {factor}: "), number, Phrase(f" ({kind} test, two-sided)."))]


def _estimate(
    rows: Rows, name: str, plan: Analysis, arms: list[str], labels: Labels, anchors: set[str]
) -> list[Sentence]:
    """The Kaplan-Meier estimate at the last planned time."""
    if not plan.kaplan_meier.times:
        return []
    endpoint = labels.endpoint_of(plan)
    days = plan.kaplan_meier.times[-1] * DAYS_IN[endpoint.unit]
    parts = []
    for arm in arms:
        found = [
            row.value for row in rows.all(
                name, "survival", group=arm, variable=plan.endpoint, method=plan.kaplan_meier.interval
            ) if row.at is not None and abs(row.at - days) < 0.5 and row.value is not None
        ]  # fmt: skip
        if found:
            parts.append((f"{fixed(100 * found[0], 1)}%", _aside(labels, arm, by_of(plan))))
    lead = f"Kaplan–Meier estimates at {time_label(days, endpoint.unit)}: "
    return _series(lead, parts, f"table-{name}-results", anchors)


def _incidence(
    rows: Rows, name: str, plan: Analysis, groups: list[str], labels: Labels, anchors: set[str]
) -> list[Sentence]:
    """The cumulative incidence at the last planned time, and Gray's test."""
    if plan.cumulative_incidence is None:
        return []
    endpoint, anchor = labels.endpoint_of(plan), f"table-{name}-results"
    sentences: list[Sentence] = []
    if plan.cumulative_incidence.times:
        days = plan.cumulative_incidence.times[-1] * DAYS_IN[endpoint.unit]
        parts = []
        for group in groups:
            row = incidence_at(rows, name, plan, group, "cumulative_incidence", days)
            if row is not None and row.value is not None:
                parts.append((f"{fixed(100 * row.value, 1)}%", _aside(labels, group, by_of(plan))))
        lead = f"{incidence_of(endpoint)} at {time_label(days, endpoint.unit)}: "
        sentences += _series(lead, parts, anchor, anchors)
    for group, row in gray_rows(rows, name, plan):
        if row.value is not None:
            number = _phrase(p_text(row.value, labels.protocol.report.style), anchor, anchors)
            about = (
                labels.group(group) if " vs " in group else f"By {lower_first(labels.factor(by_of(plan)))}"
            )
            sentences.append((Phrase(f"{about}: "), number, Phrase(" (Gray’s test, two-sided).")))
    return sentences


def _comparison(
    protocol: Protocol, rows: Rows, name: str, comparison: Comparison, labels: Labels, anchors: set[str]
) -> list[Sentence]:
    """The hazard ratio and P value of a comparison."""
    plan = protocol.analyses[name]
    group = group_of(comparison)
    style = protocol.report.style
    anchor = f"table-{name}-results"
    phrases: list[Phrase] = []
    value = rows.value(name, "hazard_ratio", group=group, variable=plan.endpoint, method="Cox")
    if value is not None and plan.cox is not None:
        lower = rows.value(name, "lower", group=group, variable=plan.endpoint, method="Cox")
        upper = rows.value(name, "upper", group=group, variable=plan.endpoint, method="Cox")
        limits = interval_text(lower, upper, 2, plan.cox.confidence_level, style)
        phrases += [Phrase("hazard ratio, "), _phrase(f"{fixed(value, 2)} ({limits})", anchor, anchors)]
    test = p_row(rows, name, plan, group)
    if test is not None and test.value is not None:
        side = "one-sided" if test.statistic.endswith("one_sided") else "two-sided"
        cox = test.method.startswith("Cox")
        kind = "Cox model" if cox else f"{test.method.split(' by ')[0]} test"
        joint = "; " if phrases else ""
        phrases += [
            Phrase(joint),
            _phrase(p_text(test.value, style), anchor, anchors),
            Phrase(f" ({kind}, {side})"),
        ]
    if not phrases:
        return []
    return [(Phrase(f"{labels.group(group)}: "), *phrases, Phrase("."))]


def _share(rows: Rows, name: str, plan: Proportion, labels: Labels, anchors: set[str]) -> list[Sentence]:
    """A planned share by arm, and what was estimated and tested of each comparison; nothing where nothing was."""
    anchor, style = f"table-shares-{plan.population}", labels.protocol.report.style
    arms = labels.groups_in(ARM, rows.groups(name))
    sizes = {arm: rows.value(name, "denominator", group=arm, variable=name) or 0.0 for arm in arms}
    places = percent_decimals(min(sizes.values(), default=0.0))
    compared: list[Sentence] = []
    for comparison in plan.comparisons:
        group = group_of(comparison)
        parts: list[tuple[str, str, str]] = []  # before a number, the number, after it
        for lead, statistic, method, factor, decimals in (
            ("difference, ", "risk_difference", DIFFERENCE, 100, places),
            ("odds ratio, ", "odds_ratio", ODDS_RATIO, 1, 2),
        ):
            values = [row.value for row in estimate_rows(rows, name, group, statistic, method)]
            if values and None not in values:  # the table says why a number is missing, and what is infinite
                value, lower, upper = (factor * (one or 0.0) for one in values)
                points = " percentage points" if statistic == "risk_difference" else ""
                limits = interval_text(lower, upper, decimals, plan.confidence_level, style)
                parts.append((lead, f"{fixed(value, decimals)}{points} ({limits})", ""))
        test = test_row(rows, name, group)
        if test is not None and test.value is not None:
            parts.append(("", p_text(test.value, style), f" ({short_test_of(test)})"))
        phrases = [Phrase(f"{labels.group(group)}: ")]
        for index, (lead, number, after) in enumerate(parts):
            before = f"{'; ' if index else ''}{lead}"
            phrases += [Phrase(before), _phrase(number, anchor, anchors), Phrase(after)]
        if parts:
            compared.append((*phrases, Phrase(".")))
    if not compared:
        return []
    counts = []
    for arm in arms:
        n = rows.value(name, "n", group=arm, variable=name) or 0.0
        counts.append((f"{count(n)} of {count(sizes[arm])}", _aside(labels, arm, ARM)))
    return _series("Patients: ", counts, anchor, anchors) + compared


def _adverse_events(protocol: Protocol, rows: Rows, labels: Labels, anchors: set[str]) -> list[Sentence]:
    """Patients with a severe event."""
    plan = protocol.adverse_events
    if plan is None:
        return []
    parts = []
    for arm in labels.arms_in(rows.groups("adverse_events")):
        n = rows.value("adverse_events", "n", group=arm, variable="subjects")
        severe = rows.value("adverse_events", "n_severe", group=arm, variable="any")
        if n is not None:
            parts.append((f"{count(severe or 0)} of {count(n)}", f" ({labels.short(arm)})"))
    lead = f"Patients whose worst event was {lower_first(severe_label(plan))}: "
    return _series(lead, parts, "table-adverse-events", anchors)
