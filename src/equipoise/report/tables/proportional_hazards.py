"""The table of tests of proportional hazards."""

from __future__ import annotations

from equipoise.protocol.definition import Analysis, Protocol
from equipoise.report.labels import ARM, OVERALL, Labels, group_of
from equipoise.report.numbers import NOT_ESTIMABLE, count, fixed, p_value
from equipoise.report.rows import Rows
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes, warnings_of

METHOD = "proportional hazards"
GLOBAL = "GLOBAL"


def proportional_hazards_table(protocol: Protocol, rows: Rows, name: str) -> Table | None:
    """The test of each term of each model, and of all of its terms; None without any."""
    plan = protocol.analyses[name]
    every = [row for row in rows.of(name) if row.method.startswith(METHOD)]
    if not every:
        return None
    labels = Labels.of(protocol, plan)
    style = protocol.report.style
    groups = groups_of(plan)
    body: list[Row] = []
    for group in groups:
        terms = list(dict.fromkeys(row.level for row in every if row.group == group))
        if len(groups) > 1 and terms:
            body.append(Row(labels.full_group(group)))
        for term in terms if len(terms) > 2 else terms[:1]:  # of one term, the test of all is the same
            chi_square, df, p = (
                rows.value(name, one, group=group, variable=plan.endpoint, level=term, method=METHOD)
                for one in ("chi_square", "df", "p_value_two_sided")
            )
            cells = (
                NOT_ESTIMABLE if chi_square is None else fixed(chi_square, 2), "" if df is None else count(df),
                "" if p is None else p_value(p, style),
            )  # fmt: skip
            body.append(Row(term_label(labels, group, term), cells, strong=term == GLOBAL))
    notes = [
        "Score test of Grambsch and Therneau, time transformed by 1 minus the Kaplan–Meier estimate (as R’s cox.zph); a "
        "small P value speaks against proportional hazards."
    ]
    return Table(
        name=f"{name}-proportional-hazards", title=f"Tests of Proportional Hazards, {labels.analysis(name)}", stub="Term",
        columns=(Column("χ²"), Column("df"), Column("P value", "two-sided")), rows=tuple(body),
        footnotes=footnotes(notes, body, (), warnings_of(every), labels), csv_rows=csv_rows(every, labels),
    )  # fmt: skip


def groups_of(plan: Analysis) -> list[str]:
    """The models of an analysis as the rows of their tests name them."""
    return [group_of(one) for one in plan.comparisons] or [OVERALL]


def term_label(labels: Labels, group: str, term: str) -> str:
    """A term in words: what is compared, a covariate, or all of them."""
    if term == GLOBAL:
        return "All terms together"
    return labels.full_group(group) if term == ARM else labels.factor(term)
