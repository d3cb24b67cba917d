"""Tables of planned shares of patients: numbers by group, differences, odds ratios, P values; logistic models."""

from __future__ import annotations

from collections.abc import Iterable

from equipoise.analysis.results import Result
from equipoise.protocol.definition import Proportion, Protocol
from equipoise.report.labels import ARM, OVERALL, Labels, by_of, listed, lower_first
from equipoise.report.numbers import (
    NOT_APPLICABLE,
    NOT_ESTIMABLE,
    Style,
    bounds,
    count,
    fixed,
    level_text,
    n_percent,
    p_value,
    percent_decimals,
    ranged,
)
from equipoise.report.proportions import (
    DIFFERENCE,
    LOGISTIC,
    ODDS_RATIO,
    estimate_rows,
    interval_notes,
    pairs_of,
    test_notes,
    test_row,
)
from equipoise.report.rows import Rows
from equipoise.report.tables.endpoints import described
from equipoise.report.tables.model import Column, Row, Table, csv_rows, footnotes, warnings_of

INFINITE = "∞"


def proportion_tables(protocol: Protocol, rows: Rows) -> list[Table]:
    """The planned shares that have rows: a table for those of one population with the same columns, and its models."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name, plan in protocol.proportions.items():
        if rows.of(name):
            alike.setdefault((plan.population, by_of(plan)), []).append(name)
    tables: list[Table] = []
    for (population, by), names in alike.items():
        tables.append(_shares(protocol, rows, population, by, names))
        models = (_model(protocol, rows, name) for name in names)
        tables += [table for table in models if table is not None]
    return tables


def _shares(protocol: Protocol, rows: Rows, population: str, by: str, names: list[str]) -> Table:
    """How many patients of a population meet each criterion, and what was estimated and tested of it."""
    labels = Labels.of(protocol, protocol.proportions[names[0]])
    groups = labels.groups_in(by, rows.groups(names[0]))
    beside = _Beside(protocol, rows, names)
    # Beside differences of arms, a column of everyone is one too many: journals print none.
    columns = groups if beside.columns and by == ARM else list(dict.fromkeys([*groups, OVERALL]))
    sizes = {group: _value(rows, names[0], "denominator", group) for group in columns}
    smallest = min((sizes[group] for group in groups), default=0.0)
    body: list[Row] = []
    for name in names:
        plan = protocol.proportions[name]
        cells = tuple(_share(_value(rows, name, "n", group), sizes[group]) for group in columns)
        pairs = [pair for pair in pairs_of(plan) if beside.has(name, pair)]
        own = beside.cells(name, pairs[0], smallest) if pairs and beside.one_pair else beside.blank
        body.append(Row(f"{plan.label}{_joint(protocol)}", cells + own))
        if pairs and not beside.one_pair:
            empty = ("",) * len(columns)
            body += [
                Row(_pair(pair, labels), empty + beside.cells(name, pair, smallest), 1) for pair in pairs
            ]
        unknown = tuple(_value(rows, name, "n_unknown", group) for group in columns)
        if any(unknown):
            body.append(Row("Unknown, counted as not", (*(count(n) for n in unknown), *beside.blank), 1))
    every = "Patients" if by else "All Patients"
    apart = "" if by in (ARM, "") else f" by {lower_first(labels.factor(by))}"
    heads = (*(Column(labels.arm(group), _size(sizes[group])) for group in columns), *beside.heads)
    return Table(
        name=f"shares-{population}{f'-by-{by}' if by not in (ARM, '') else ''}{'' if by else '-all'}",
        title=f"Shares of {every}{apart}, {lower_first(labels.population(population))}", stub="Share",
        columns=heads, rows=tuple(body),
        footnotes=footnotes(beside.notes(labels), body, ["CI"] if beside.intervals else [],
                            beside.warnings, labels),
        csv_rows=csv_rows((row for name in names for row in rows.of(name) if not row.method.startswith(LOGISTIC)), labels),
    )  # fmt: skip


class _Beside:
    """The columns beside the numbers: difference, odds ratio and P value, as far as any share has them."""

    def __init__(self, protocol: Protocol, rows: Rows, names: list[str]) -> None:
        self.protocol, self.rows, self.names = protocol, rows, names
        self.style: Style = protocol.report.style
        self.used: list[Result] = []
        plans = {name: protocol.proportions[name] for name in names}
        self.columns = [
            column for column in ("difference", "odds_ratio", "p")
            if any(self._found(name, pair, column) for name, plan in plans.items() for pair in pairs_of(plan))
        ]  # fmt: skip
        self.intervals = bool({"difference", "odds_ratio"} & set(self.columns))
        self.pairs = list(dict.fromkeys(
            pair for name, plan in plans.items() for pair in pairs_of(plan) if self.has(name, pair)
        ))  # fmt: skip
        self.one_pair = len(self.pairs) == 1
        self.levels: dict[str, list[str]] = {}
        for name, plan in plans.items():
            if any(
                self._found(name, pair, one)
                for pair in pairs_of(plan)
                for one in ("difference", "odds_ratio")
            ):
                self.levels.setdefault(level_text(plan.confidence_level), []).append(lower_first(plan.label))

    def _found(self, name: str, pair: str, column: str) -> list[Result]:
        if column == "p":
            row = test_row(self.rows, name, pair)
            return [] if row is None else [row]
        statistic, method = {"difference": ("risk_difference", DIFFERENCE), "odds_ratio": ("odds_ratio", ODDS_RATIO)}[column]  # fmt: skip
        return estimate_rows(self.rows, name, pair, statistic, method)

    def has(self, name: str, pair: str) -> bool:
        """Whether anything was estimated or tested of a share, for a comparison or all levels."""
        return any(self._found(name, pair, column) for column in self.columns)

    @property
    def blank(self) -> tuple[str, ...]:
        return ("",) * len(self.columns)

    @property
    def heads(self) -> tuple[Column, ...]:
        level = f"{next(iter(self.levels))} CI" if len(self.levels) == 1 else "CI"
        heads = {
            "difference": Column("Absolute difference", f"({level}), %"),
            "odds_ratio": Column("Odds ratio", f"({level})"), "p": Column("P value"),
        }  # fmt: skip
        return tuple(heads[column] for column in self.columns)

    def cells(self, name: str, pair: str, smallest: float) -> tuple[str, ...]:
        """smallest: number of patients of the smallest group, which decides the decimals as it does for shares."""
        cells = []
        for column in self.columns:
            found = self._found(name, pair, column)
            self.used += found
            if column == "p":
                cells.append("".join(NOT_ESTIMABLE if row.value is None else p_value(row.value, self.style) for row in found))  # fmt: skip
            elif not found:
                cells.append("")
            elif column == "difference":
                cells.append(_points(found, percent_decimals(smallest), self.style))
            else:
                cells.append(ratio(found, self.style))
        return tuple(cells)

    @property
    def warnings(self) -> list[tuple[float | None, str]]:
        return warnings_of(row for row in self.used if not row.warning.startswith("infinite"))

    def notes(self, labels: Labels) -> list[str]:
        if not self.columns:
            return ["Numbers and percentages only: no interval and no test was planned."]
        notes = []
        if self.one_pair and self.intervals:
            notes.append(f"Compared: {_pair(self.pairs[0], labels)}.")
        notes += interval_notes(self.rows, self.names, labels)
        if len(self.levels) > 1:
            each = (f"{level} for {listed(names)}" for level, names in self.levels.items())
            notes.append(f"Confidence levels: {'; '.join(each)}.")
        notes += test_notes(self.rows, self.names, labels)
        if any(row.warning.startswith("infinite") for row in self.used):
            notes.append(f"{INFINITE}, infinite: a count of the two-by-two table is 0.")
        return notes


def _pair(pair: str, labels: Labels) -> str:
    return "All groups" if pair == OVERALL else labels.full_group(pair)


def _points(found: list[Result], decimals: int, style: Style) -> str:
    """A difference of shares with its limits, in percentage points."""
    estimate, *limits = [None if row.value is None else 100 * row.value for row in found]
    if estimate is None:
        return NOT_ESTIMABLE
    return f"{fixed(estimate, decimals)} ({bounds(limits[0], limits[1], decimals, style)})"


def ratio(found: list[Result], style: Style) -> str:
    """An odds ratio with its limits; one that a count of 0 makes infinite is said to be so."""
    estimate, lower, upper = [
        fixed(row.value, 2) if row.value is not None
        else INFINITE if row.warning.startswith("infinite") else NOT_ESTIMABLE
        for row in found
    ]  # fmt: skip
    return NOT_ESTIMABLE if estimate == NOT_ESTIMABLE else f"{estimate} ({ranged(lower, upper, style)})"


def _share(n: float, size: float) -> str:
    return n_percent(n, size, percent_decimals(size)) if size else NOT_APPLICABLE


def _value(rows: Rows, name: str, statistic: str, group: str) -> float:
    return rows.value(name, statistic, group=group, variable=name) or 0.0


def _joint(protocol: Protocol) -> str:
    return ", No. (%)" if protocol.report.style == "jama" else " — no. (%)"


def _size(n: float) -> str:
    return f"(N = {count(n)})"


# -- logistic models ---------------------------------------------------------------------------------


def _model(protocol: Protocol, rows: Rows, name: str) -> Table | None:
    """Each coefficient of a logistic model as an odds ratio with its interval and P value; None without a model."""
    plan = protocol.proportions[name]
    own = [row for row in rows.of(name) if row.method.startswith(LOGISTIC)]
    terms = [row for row in own if row.statistic == "odds_ratio"]
    if not terms:
        return None
    labels = Labels.of(protocol, plan)
    body = list(_model_rows(rows, name, plan, terms, labels))
    level = level_text(plan.confidence_level)
    note = f"{described(terms[0].method[:1].upper() + terms[0].method[1:], labels)}."
    return Table(
        name=f"{name}-model", title=f"Logistic Model, {plan.label}", stub="Covariate",
        columns=(Column("Odds ratio", f"({level} CI)"), Column("P value", "two-sided")), rows=tuple(body),
        footnotes=footnotes([note, "Above 1: a larger share than in the reference."], body, ["CI"],
                            warnings_of(terms), labels),
        csv_rows=csv_rows(own, labels),
    )  # fmt: skip


def _model_rows(
    rows: Rows, name: str, plan: Proportion, terms: list[Result], labels: Labels
) -> Iterable[Row]:
    """A comparison of arms as one row; a factor as its reference and its other levels; a number with its unit."""
    style = labels.protocol.report.style
    reference = "1 [Reference]" if style == "jama" else "1.00 (reference)"
    before = ""
    for row in terms:
        found = [
            rows.one(name, one, group=row.group, variable=name, level=row.level, method=LOGISTIC)
            for one in ("odds_ratio", "lower", "upper", "p_value_two_sided")
        ]  # fmt: skip
        *interval, p = [one for one in found if one is not None]
        cells = ratio(interval, style), "" if p.value is None else p_value(p.value, style)
        term, versus, against = (row.level or row.group).partition(" vs ")
        factor, equals, code = against.partition("=")
        if versus and not equals:
            yield Row(labels.full_group(row.group), cells, strong=len(plan.comparisons) > 1)
            before = ""
        elif versus:
            if factor != before:
                yield Row(labels.factor(factor))
                yield Row(labels.level(factor, code), (reference, ""), 1)
            before = factor
            yield Row(labels.level(factor, term.removeprefix(f"{factor}=")), cells, 1)
        else:
            known = labels.protocol.items.get(term) or labels.protocol.derived.get(term)
            per = f", per {known.unit}" if known is not None and known.unit else ""
            yield Row(f"{labels.factor(term)}{per}", cells)
            before = ""
