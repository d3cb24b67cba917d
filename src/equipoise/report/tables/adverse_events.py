"""The adverse-event table: patients by worst grade, and what was left off the page said below it."""

from __future__ import annotations

from equipoise.protocol.definition import AdverseEvents, Protocol
from equipoise.report.labels import OVERALL, Labels, lower_first
from equipoise.report.numbers import count, n_percent, percent_decimals, plain
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes

NAME = "adverse_events"
INTEREST = "special_interest"
NOT_MONITORED = "NA"


def adverse_event_table(protocol: Protocol, rows: Rows) -> Table | None:
    """Any event, then each class with its terms by falling frequency; two columns an arm."""
    plan = protocol.adverse_events
    groups = rows.groups(NAME)
    labels = Labels(protocol)
    arms = labels.arms_in(groups)
    if plan is None or not arms:
        return None
    sizes = {arm: rows.value(NAME, "n", group=arm, variable="subjects") or 0.0 for arm in arms}
    body = [*_any_rows(rows, plan, arms, sizes), *_class_rows(rows, plan, arms, sizes)]
    severe = severe_label(plan)
    spans = (*((f"{labels.arm(arm)}\n(N = {count(sizes[arm])})", 2) for arm in arms),)
    columns = tuple(Column(head) for _ in arms for head in ("Any grade", severe))
    joint = "No. (%)" if protocol.report.style == "jama" else "no. (%)"
    return Table(
        name="adverse-events", title=f"Adverse Events, {lower_first(labels.population(plan.population))}",
        stub=f"Event, {joint}", columns=columns, spans=spans, rows=tuple(body),
        footnotes=footnotes(_notes(plan, body), body), csv_rows=csv_rows(rows.of(NAME), labels),
    )  # fmt: skip


def severe_label(plan: AdverseEvents) -> str:
    """The grades that count as severe: by number on CTCAE's five, by name on a shorter scale.

    >>> plan = AdverseEvents(population="safety", dictionary="d", grading="g", grades={})
    >>> severe_label(plan), severe_label(plan.model_copy(update={"grades": {"1": "Mild", "3": "Severe"}}))
    ('Grade ≥3', 'Severe')
    """
    named = [label for grade, label in plan.grades.items() if int(grade) >= plan.severe_from]
    if named and len(plan.grades) < 5:
        return " or ".join(named)
    return "Grade 5" if plan.severe_from == 5 else f"Grade ≥{plan.severe_from}"


def _notes(plan: AdverseEvents, body: list[Row]) -> list[str]:
    """Footnotes: how patients are counted and which rows the page leaves out."""
    notes = ["A patient with several events is counted once in each row, at the worst grade."]
    if plan.minimum_percent > 0:
        notes.append(
            f"The page shows events of any grade in at least {plain(plan.minimum_percent)}% of the patients "
            "of at least one arm; the CSV file holds all of them."
        )
    if any(NOT_MONITORED in row.cells for row in body):
        notes.append(f"{NOT_MONITORED}: events of this kind were not monitored in this arm.")
    return notes


def _cells(
    rows: Rows,
    plan_arms: list[str],
    sizes: dict[str, float],
    variable: str,
    level: str,
    monitored: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """Any grade and severe, an arm after the other; an absent row is an event that nobody had.

    monitored: the arms in which the event was looked for; without any, all.
    """
    cells = []
    for arm in plan_arms:
        if monitored and arm not in monitored:
            cells += [NOT_MONITORED, NOT_MONITORED]
            continue
        for statistic in ("n_any_grade", "n_severe"):
            n = rows.value(NAME, statistic, group=arm, variable=variable, level=level) or 0.0
            cells.append(n_percent(n, sizes[arm], percent_decimals(sizes[arm])))
    return tuple(cells)


def _any_rows(rows: Rows, plan: AdverseEvents, arms: list[str], sizes: dict[str, float]) -> list[Row]:
    """Any event, serious events and, where grade 5 exists, deaths: they count across classes."""
    body = [Row("Any adverse event", _cells(rows, arms, sizes, "any", ""), strong=True)]
    for statistic, label in (
        ("n_serious", "Any serious adverse event"), ("n_grade_5", _fatal(plan)),
        ("n_not_graded", "No grade recorded"),
    ):  # fmt: skip
        found = [rows.value(NAME, statistic, group=arm, variable="any") for arm in arms]
        if not label or not any(found):
            continue
        cells: list[str] = []
        for arm, n in zip(arms, found, strict=True):
            cells += [n_percent(n or 0.0, sizes[arm], percent_decimals(sizes[arm])), ""]
        body.append(Row(label, tuple(cells), 1))
    chosen = [
        Row(interest.label, _cells(rows, arms, sizes, INTEREST, name, interest.arms), 1)
        for name, interest in plan.special_interest.items()
        if any(rows.one(NAME, "n_any_grade", group=arm, variable=INTEREST, level=name) for arm in arms)
    ]  # fmt: skip
    return [*body, *([Row("Of special interest"), *chosen] if chosen else [])]


def _fatal(plan: AdverseEvents) -> str:
    """The row of grade 5, unless the severe column already is that grade."""
    if "5" not in plan.grades or plan.severe_from == 5:
        return ""
    return f"Worst grade 5 ({lower_first(plan.grades['5'])})"


def _class_rows(rows: Rows, plan: AdverseEvents, arms: list[str], sizes: dict[str, float]) -> list[Row]:
    """Classes and their terms, those above the protocol's limit, by falling frequency."""
    terms: dict[str, list[str]] = {}
    for row in rows.of(NAME):
        if row.statistic == "n_any_grade" and row.variable not in ("any", "subjects", INTEREST):
            found = terms.setdefault(row.variable, [])
            if row.level and row.level not in found:
                found.append(row.level)
    body: list[Row] = []
    for name in sorted(terms, key=lambda name: (-_frequency(rows, arms, name, ""), name)):
        shown = [term for term in terms[name] if _reaches(rows, plan, arms, sizes, name, term)]
        shown.sort(key=lambda term: (-_frequency(rows, arms, name, term), term))
        if not shown and not (_reaches(rows, plan, arms, sizes, name, "") and not terms[name]):
            continue
        body.append(Row(name, _cells(rows, arms, sizes, name, ""), strong=True))
        body.extend(Row(term, _cells(rows, arms, sizes, name, term), 1) for term in shown)
    return body


def _frequency(rows: Rows, arms: list[str], name: str, term: str) -> float:
    """Patients with an event: the order of the rows, nothing that is printed."""
    overall = rows.value(NAME, "n_any_grade", group=OVERALL, variable=name, level=term)
    if overall is not None:
        return overall
    return sum(rows.value(NAME, "n_any_grade", group=arm, variable=name, level=term) or 0.0 for arm in arms)


def _reaches(
    rows: Rows, plan: AdverseEvents, arms: list[str], sizes: dict[str, float], name: str, term: str
) -> bool:
    """Whether an event reaches the protocol's minimum in some arm."""
    if plan.minimum_percent <= 0:
        return True
    counts = {
        arm: rows.value(NAME, "n_any_grade", group=arm, variable=name, level=term) or 0.0 for arm in arms
    }
    return any(100 * counts[arm] >= plan.minimum_percent * sizes[arm] > 0 for arm in arms)
