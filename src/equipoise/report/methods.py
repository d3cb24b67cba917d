"""The methods, written from the plan and from the rows: what was not planned and computed is not said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from equipoise.dates import Unit
from equipoise.protocol.definition import Analysis, Endpoint, Protocol, RestrictedMeanPlan, WeightsPlan
from equipoise.report.labels import ARM, ORIGINS, Labels, by_of, listed, lower_first, time_label
from equipoise.report.numbers import level_text, plain
from equipoise.report.proportions import estimates_shares, methods_of_shares
from equipoise.report.rows import Rows
from equipoise.report.tables.endpoints import LOG_RANK
from equipoise.report.tables.incidence import competing_words

DAYS: Mapping[Unit, str] = {"day": "1", "week": "7", "month": "30.4375", "year": "365.25"}
NOT_STATED = "not stated"
INCIDENCE = "cumulative_incidence"


def methods(protocol: Protocol, rows: Rows, versions: Mapping[str, str]) -> list[tuple[str, str]]:
    """Paragraphs, each with its heading; only about analyses that have rows."""
    labels = Labels(protocol)
    analyzed = {name: plan for name, plan in protocol.analyses.items() if rows.of(name)}
    paragraphs = [
        ("Design", _design(protocol, labels)),
        ("End points", _endpoints(protocol, labels, analyzed)),
        ("Analysis populations", _populations(protocol, rows, analyzed)),
        *_analyses(rows, analyzed, labels),
        ("Numbers of patients", _counts(protocol, rows)),
        ("Follow-up", _follow_up(rows)),
        ("Adverse events", _adverse_events(protocol, rows, labels)),
        ("Presentation and software", _presentation(protocol, rows, versions)),
    ]  # fmt: skip
    return [(heading, text) for heading, text in paragraphs if text]


def _design(protocol: Protocol, labels: Labels) -> str:
    """Who was allocated to what, and how."""
    sentences = []
    for plan in protocol.randomizations.values():
        arms = listed([lower_first(labels.arm(arm)) for arm in plan.arms])
        ratio = ""
        if plan.ratio != NOT_STATED and not isinstance(plan.ratio, str):
            ratio = f" in a ratio of {':'.join(str(plan.ratio.get(arm, 1)) for arm in plan.arms)}"
        method = "" if plan.method == NOT_STATED else f", by {_method_name(plan.method)}"
        strata = ""
        if not isinstance(plan.strata, str) and plan.strata:
            strata = f", stratified by {labels.factors(plan.strata)}"
        sentences.append(f"Patients were randomly assigned{ratio} to {arms}{method}{strata}.")
        silent = [name for name in ("ratio", "method", "strata") if getattr(plan, name) == NOT_STATED]
        if silent:
            sentences.append(
                f"The source of the protocol does not state the {listed(silent)} of the allocation."
            )
    if protocol.masking != NOT_STATED:
        sentences.append(f"Masking: {protocol.masking}.")
    return " ".join(sentences)


def _method_name(method: str) -> str:
    """The method of allocation as a noun."""
    return "simple randomization" if method == "simple" else method


def _endpoints(protocol: Protocol, labels: Labels, analyzed: Mapping[str, Analysis]) -> str:
    """What was counted from when, and when patients without an event were censored."""
    used = dict.fromkeys(plan.endpoint for plan in analyzed.values())
    return " ".join(_endpoint(protocol.endpoints[name], labels) for name in used)


def _endpoint(endpoint: Endpoint, labels: Labels) -> str:
    """One end point."""
    events = listed([lower_first(labels.event(event)) for event in endpoint.events])
    first = "the first of " if len(endpoint.events) > 1 else ""
    article = {
        "primary": "The primary",
        "secondary": "A secondary",
        "exploratory": "An exploratory",
        "post hoc": "A post hoc",
    }
    role = f"{article[endpoint.role]} end point"
    meaning = f"the time from {labels.origin(endpoint)} to {first}{events}"
    sentences = [
        f"{role}, {lower_first(endpoint.label)}, was {lower_first(endpoint.definition or meaning)}".rstrip(
            "."
        )
        + "."
    ]
    if endpoint.definition:
        sentences.append(f"Events counted: {events}; origin: {labels.origin(endpoint)}.")
    if endpoint.origin not in ORIGINS:
        sentences.append(
            "Patients who reached this origin are counted from it; what happened before it is not."
        )
    if endpoint.competing:
        competing = listed([lower_first(labels.event(event)) for event in endpoint.competing])
        sentences.append(f"Competing events: {competing}.")
    last = "known to be alive" if endpoint.censored_at == "last_known_alive" else "of follow-up"
    sentences.append(f"Data of patients without an event were censored at the last date {last}.")
    if endpoint.count_days == "inclusive":
        sentences.append("Both the first and the last day were counted.")
    return " ".join(sentences)


def _populations(protocol: Protocol, rows: Rows, analyzed: Mapping[str, Analysis]) -> str:
    """The populations that rows are about."""
    uses = [(plan.population, by_of(plan) == ARM) for plan in analyzed.values()]
    uses += [(population, by_arm) for name, population, by_arm in _other_plans(protocol) if rows.of(name)]
    used = dict.fromkeys(population for population, _ in uses)
    by_arm = {population for population, apart in uses if apart}
    sentences = []
    for name in used:
        population = protocol.populations[name]
        if name not in by_arm:
            meaning = f": {lower_first(population.definition)}" if population.definition else ""
            sentences.append(
                f"The population “{population.label}” is not told apart by arm{meaning}".rstrip(".") + "."
            )
            continue
        arm = "the arm assigned" if population.arm == "planned" else "the treatment received"
        meaning = f" ({lower_first(population.definition).rstrip('.')})" if population.definition else ""
        sentences.append(f"In the population “{population.label}”{meaning}, patients were counted by {arm}.")
    return " ".join(sentences)


def _other_plans(protocol: Protocol) -> Iterator[tuple[str, str, bool]]:
    """What beside the time-to-event analyses is about a population: the id of its rows, whether it tells arms apart."""
    for name, table in protocol.baselines.items():
        yield name, table.population, table.by == ARM
    if protocol.adverse_events is not None:
        yield "adverse_events", protocol.adverse_events.population, True
    for name, share in protocol.proportions.items():
        yield name, share.population, by_of(share) == ARM
    for name, counts in protocol.tables.items():
        yield name, counts.population, ARM in (counts.columns, counts.by)


def _analyses(rows: Rows, analyzed: Mapping[str, Analysis], labels: Labels) -> list[tuple[str, str]]:
    """A paragraph for each way to analyze; analyses that were done alike share theirs."""
    shared: dict[str, list[str]] = {}
    for name, plan in analyzed.items():
        shared.setdefault(_analysis(rows, name, plan, labels), []).append(lower_first(labels.analysis(name)))
    return [(f"Analysis of {listed(names)}", text) for text, names in shared.items() if text]


def _analysis(rows: Rows, name: str, plan: Analysis, labels: Labels) -> str:
    """Estimates, test, model and subgroups of one analysis."""
    statistics = {
        (row.statistic, row.method.split(",")[0].split(" by ")[0], row.subset == "all")
        for row in rows.of(name)
    }
    found = {statistic for statistic, _, _ in statistics}
    sentences = []
    if "survival" in found or "median" in found:
        km = plan.kaplan_meier
        unit = labels.endpoint_of(plan).unit
        times = listed([time_label(time * float(DAYS[unit]), unit) for time in km.times])
        at = f", reported at {times}" if times else ""
        sentences.append(
            f"Probabilities were estimated by the Kaplan–Meier method{at}, with {level_text(km.confidence_level)} "
            f"confidence intervals from Greenwood’s variance on the {_scale(km.interval)} scale."
        )
    if INCIDENCE in found and plan.cumulative_incidence is not None:
        sentences.append(
            _incidence(plan, labels, any(method == "Gray's test" for _, method, _ in statistics))
        )
    if plan.log_rank is not None and any(method.startswith(LOG_RANK) for _, method, _ in statistics):
        strata = f", stratified by {labels.factors(plan.log_rank.strata)}" if plan.log_rank.strata else ""
        side = "one" if plan.log_rank.sided == 1 else "two"
        if plan.log_rank.weights is not None:
            strata = (
                f" with the weights of Fleming and Harrington ({_weights(plan.log_rank.weights)}){strata}"
            )
        if plan.comparisons:
            sentences.append(f"Arms were compared by the log-rank test{strata}; P values are {side}-sided.")
        else:
            factor = lower_first(labels.factor(by_of(plan)))
            sentences.append(
                f"The levels of {factor} were compared by the log-rank test{strata}, which has no side."
            )
        if plan.log_rank.overall and plan.comparisons:
            sentences.append("All arms together were also compared, by a test that has no side.")
    if plan.restricted_mean is not None and "restricted_mean" in found:
        sentences.append(_restricted_mean(plan.restricted_mean, plan, labels))
    if plan.cox is not None and "hazard_ratio" in found:
        sentences.append(_cox(plan, labels))
        if any(method == "backward selection" for _, method, _ in statistics):
            sentences.append(_selection(plan, labels))
    if plan.cumulative_incidence is not None and found & {"hazard_ratio", "observed"}:
        sentences.append("Log-rank tests and hazard ratios censor patients at a competing event.")
    if plan.diagnostics:
        sentences.append(_diagnostics(plan, found))
    if any(statistic == "hazard_ratio" and not whole for statistic, _, whole in statistics):
        sentences.append(
            f"Hazard ratios were also estimated in the planned subgroups ({labels.factors(plan.subgroups)})."
        )
    if "interaction_p_value" in found:
        sentences.append(
            "Interaction of arm and subgroup was tested by the likelihood ratio; neither these tests nor the "
            "intervals were adjusted for multiple comparisons."
        )
    if plan.cutoff is not None and sentences:
        cutoff = labels.protocol.cutoffs.get(plan.cutoff)
        on = f"“{cutoff.label}” ({cutoff.on})" if cutoff is not None else plan.cutoff
        sentences.append(f"The analysis was planned for the data cutoff {on}.")
    return " ".join(sentences)


def _incidence(plan: Analysis, labels: Labels, gray: bool) -> str:
    """Cumulative incidence and its test."""
    planned = plan.cumulative_incidence
    if planned is None:
        return ""
    unit = labels.endpoint_of(plan).unit
    times = listed([time_label(time * float(DAYS[unit]), unit) for time in planned.times])
    at = f", reported at {times}" if times else ""
    sentence = (
        f"Cumulative incidence was estimated by the Aalen–Johansen method with {competing_words(plan, labels)}{at}, with "
        f"{level_text(planned.confidence_level)} confidence intervals from Aalen’s variance on the log–log scale."
    )
    if not gray:
        return sentence
    who = "Arms" if by_of(plan) == ARM else f"The levels of {lower_first(labels.factor(by_of(plan)))}"
    return f"{sentence} {who} were compared by Gray’s test, two-sided."


def _weights(weights: WeightsPlan) -> str:
    """The powers of weights."""
    return f"ρ = {plain(weights.rho)}, γ = {plain(weights.gamma)}"


def _restricted_mean(planned: RestrictedMeanPlan, plan: Analysis, labels: Labels) -> str:
    """Restricted mean times."""
    unit = labels.endpoint_of(plan).unit
    until = time_label(planned.until * float(DAYS[unit]), unit)
    compared = "; differences are experimental minus control" if plan.comparisons else ""
    return (
        f"Restricted mean times are areas below the Kaplan–Meier curve up to {until}, with "
        f"{level_text(planned.confidence_level)} Wald intervals{compared}."
    )


def _selection(plan: Analysis, labels: Labels) -> str:
    """How covariates were selected."""
    if plan.cox is None or plan.cox.selection is None:
        return ""
    kept = ""
    if by_of(plan):
        kept = (
            "; "
            + ("the arms" if by_of(plan) == ARM else lower_first(labels.factor(by_of(plan))))
            + " always stayed"
        )
    strata = " Strata stayed strata." if plan.cox.strata else ""
    return (
        f"Covariates were selected backward among {labels.factors(plan.cox.covariates)}: at each step the one with the "
        f"largest P value (Wald’s test of all its levels) left if that was above {plain(plan.cox.selection.stay)}{kept}. "
        f"Every step was of the patients in whom all of them are known.{strata} P values and intervals of the final model "
        "do not take account of the selection."
    )


def _diagnostics(plan: Analysis, found: set[str]) -> str:
    """How proportional hazards were examined."""
    ways = []
    if "log_minus_log_survival" in found:
        ways.append("log-log plots")
    if any(statistic.startswith("scaled_schoenfeld") for statistic in found):
        ways.append(
            "scaled Schoenfeld residuals (score test of Grambsch and Therneau, time transformed by 1 minus the "
            "Kaplan–Meier estimate)"
        )
    return f"Proportional hazards were examined by {listed(ways)}." if ways else ""


def _scale(interval: str) -> str:
    """The scale of an interval."""
    return {
        "plain": "untransformed",
        "log": "log",
        "log-log": "log–log",
        "logit": "logit",
        "arcsin": "arcsine",
    }[interval]


def _cox(plan: Analysis, labels: Labels) -> str:
    """The Cox model."""
    if plan.cox is None:
        return ""
    strata = f", stratified by {labels.factors(plan.cox.strata)}" if plan.cox.strata else ""
    adjusted = f", adjusted for {labels.factors(plan.cox.covariates)}" if plan.cox.covariates else ""
    if plan.cox.selection is not None:
        adjusted = ", adjusted for the covariates that were selected" if plan.comparisons else ""
    model = ", with all arms in one model" if plan.cox.arms == "all" and plan.comparisons else ""
    limits = "; limits are those of the profile likelihood" if plan.cox.interval == "profile" else ""
    meaning = "experimental arm over control arm; below 1 favors the experimental arm"
    if not plan.comparisons:
        leveled = [by_of(plan), *(one for one in plan.cox.covariates if labels.levels(one))]
        numbers = [one for one in plan.cox.covariates if not labels.levels(one)]
        meaning = "; ".join([
            *(["each level over the first one"] if any(leveled) else []),
            *(["for a number, one more of its unit"] if numbers else []),
        ])  # fmt: skip
    return (
        f"Hazard ratios ({meaning}) and "
        f"{level_text(plan.cox.confidence_level)} confidence intervals are from Cox proportional-hazards models"
        f"{strata}{adjusted}{model}, with {_ties(plan.cox.ties)} for ties{limits}."
    )


def _ties(ties: str) -> str:
    """The method for equal times."""
    return {
        "exact-partial": "the exact partial likelihood", "exact-marginal": "the exact marginal likelihood",
    }.get(ties, f"{ties.capitalize()}’s method")  # fmt: skip


def _counts(protocol: Protocol, rows: Rows) -> str:
    """What the planned shares and tables of counts are, and are not."""
    sentences = methods_of_shares(protocol, rows)
    estimated = estimates_shares(protocol, rows)
    if any(rows.of(name) for name in protocol.tables) or (sentences and not estimated):
        which = "Other numbers" if estimated else "Numbers"
        sentences.append(f"{which} of patients are given without intervals and tests.")
    return " ".join(sentences)


def _follow_up(rows: Rows) -> str:
    """How follow-up was measured, by the methods that rows name."""
    used = {row.method for row in rows.of("follow_up")}
    ways = []
    if any("living" in method for method in used):
        ways.append("as observed among patients alive at their last contact")
    if any("without the event" in method for method in used):
        ways.append("as observed among patients without an event of the end point")
    if any(method.startswith("reverse") for method in used):
        ways.append("by the reverse Kaplan–Meier method")
    return f"The duration of follow-up was summarized {listed(ways)}." if ways else ""


def _adverse_events(protocol: Protocol, rows: Rows, labels: Labels) -> str:
    """Dictionary, grading and which events counted."""
    plan = protocol.adverse_events
    if plan is None or not rows.of("adverse_events"):
        return ""
    emergent = {
        "recorded": "Events recorded as treatment-emergent were counted.",
        "on_or_after_treatment_start": "Events that began on or after the first day of treatment were counted.",
    }[plan.treatment_emergent]
    limit = ""
    if plan.minimum_percent > 0:
        limit = f" Events in at least {plain(plan.minimum_percent)}% of the patients of an arm are shown."
    return (
        f"Adverse events were coded with {plan.dictionary} and graded by {plan.grading}, in "
        f"{lower_first(labels.population(plan.population))}. {emergent} Each patient was counted once per event, at the worst "
        f"grade.{limit}"
    )


def _presentation(protocol: Protocol, rows: Rows, versions: Mapping[str, str]) -> str:
    """Rounding, units and software."""
    units = dict.fromkeys(
        protocol.endpoints[plan.endpoint].unit for name, plan in protocol.analyses.items() if rows.of(name)
    )
    lengths = [f"a {unit} is {DAYS[unit]} days" for unit in units if unit != "day"]
    counted = f" Times were computed in whole days; for display, {listed(lengths)}." if lengths else ""
    baseline = ""
    tables = [plan for name, plan in protocol.baselines.items() if rows.of(name)]
    if tables:
        between = "arms" if all(plan.by == ARM for plan in tables) else "columns"
        baseline = f" Differences between {between} at baseline were not tested; quartiles interpolate linearly (type 7)."
    software = (
        f" Software: {listed([f'{name} {number}' for name, number in versions.items()])}." if versions else ""
    )
    return f"Numbers were rounded once, at display, half away from zero.{counted}{baseline}{software}"
