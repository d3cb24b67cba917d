"""Patients as the protocol allows them: one is found by the solver, and believed when the evaluator agrees.

What is searched for is a list of claims, each a rule and the values that it may have. The solver reads the
rule as a formula, the evaluator runs it on the patient that was found: one text, two readings. If they
disagree, one of them is wrong, and no proof of ours can be trusted: that is an AssertionError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from equipoise.protocol.definition import Protocol
from equipoise.protocol.proofs.calendar import Span, days_of
from equipoise.protocol.proofs.symbolic import STATUS_OF, Symbols

LOOKUPS, LOOKUPS_OF_A_WISH = 20, 3  # of days in the calendar
NEAR = range(-3, 4)  # months about the one that is looked up
Row = dict[str, Any]

EFFORT = 2_000_000  # of z3's resource units a question: about a second, and no clock


@dataclass(frozen=True, slots=True)
class Claim:
    """A rule, and what it may be for the patient in question; None is unknown."""

    rule: str
    wanted: tuple[bool | None, ...] = (True,)


@dataclass(frozen=True, slots=True)
class Search:
    """found: ``row`` is such a patient.  none: there is no such patient.  open: the solver did not find out."""

    state: Literal["found", "none", "open"]
    row: Row | None = None
    why: str = ""


def name_of(column: str) -> str:
    """A column as a rule names it, whatever words SQL keeps to itself."""
    return f'"{column}"'


def text_of(text: str) -> str:
    """A text as a rule writes it."""
    return "'" + text.replace("'", "''") + "'"


class Patients:
    """All patients that a protocol's items allow."""

    def __init__(self, protocol: Protocol, effort: int = EFFORT) -> None:
        self.protocol, self.effort = protocol, effort
        self.symbols = Symbols(protocol)

    # -- search ------------------------------------------------------------------------------------

    def find(self, claims: Iterable[Claim], *, plain: bool = False) -> Search:
        """A patient of whom every claim is true. plain: one that is easy to read, with round numbers."""
        claims = tuple(claims)
        texts = [claim.rule for claim in claims]
        formulas = [self.symbols.truth(claim.rule, claim.wanted) for claim in claims]
        names = self._related(self.symbols.reads(texts))
        for name in names:  # also what no rule reads has its domain
            self.symbols.column(name)
        z3 = self.symbols.z3
        solver = z3.SimpleSolver(ctx=self.symbols.context)  # many small questions: no strategy pays its cost
        solver.set("rlimit", self.effort)
        solver.add([one for name in names for one in self.symbols.domain.get(name, ())])
        solver.add(formulas)
        spans = self.symbols.spans(texts)
        solver.add(self.symbols.calendar.facts(spans))
        verdict, model = self._solved(solver, spans, LOOKUPS)
        if model is None:
            return Search("none") if verdict == z3.unsat else Search("open", None, _why(solver))
        rows = [self._row(model, names)]
        if plain or not self._confirmed(rows[0], claims):
            rows.insert(0, self._row(self._plain(solver, model, names, spans), names))
        for row in rows:
            if self._confirmed(row, claims):
                return Search("found", row)
        if self.symbols.computes(texts):  # exact for the solver, rounded for the evaluator
            return Search("open", None, "it hangs on the rounding of a computed number")
        said = "; ".join(f"{claim.rule} is one of {claim.wanted}" for claim in claims)
        raise AssertionError(f"the solver's patient {rows[-1]} is not what the evaluator finds: {said}")

    def _solved(
        self, solver: Any, spans: Sequence[Span], lookups: int, thorough: bool = True
    ) -> tuple[Any, Any]:
        """The solver's verdict, and a model whose days are days of the calendar (:mod:`equipoise.protocol.proofs.calendar`).

        lookups: how often the solver is told of the months that it has chosen, before it is told of all.
        """
        z3, calendar, days = self.symbols.z3, self.symbols.calendar, days_of(spans)
        verdict = solver.check()
        for _ in range(lookups):
            if verdict != z3.sat:
                return verdict, None
            model = solver.model()
            months = calendar.months_of(model, days)
            if months is None:
                return verdict, model
            about = list(zip(days, ([month + step for step in NEAR] for month in months), strict=True))
            solver.add([fact for day, these in about for fact in calendar.exactly(day, these)])
            solver.push()
            solver.add(
                [bound for day, these in about for bound in (day.month >= these[0], day.month <= these[-1])]
            )
            if solver.check() == z3.sat:  # about these months there are such days
                model = solver.model()
                solver.pop()
                return z3.sat, model
            solver.pop()
            verdict = solver.check()
        if not thorough:
            return z3.unknown, None
        solver.add(calendar.all(days))
        verdict = solver.check()
        return verdict, solver.model() if verdict == z3.sat else None

    def _plain(self, solver: Any, model: Any, names: Sequence[str], spans: Sequence[Span]) -> Any:
        """A model in which as much is known and as many numbers are round as the claims allow."""
        z3, symbols = self.symbols.z3, self.symbols
        solver.set("rlimit", self.effort // 10)
        wishes = [[symbols.column(name).known] for name in names if not name.endswith("_unavailable")]
        wishes += [list(self._apart(span)) for span in spans]
        wishes += [list(self._preferred(name)) for name in names if name in symbols.variables]
        for alternatives in wishes:
            for wish in alternatives:
                if z3.is_true(model.eval(wish, model_completion=True)):
                    solver.add(wish)
                    break
                solver.push()
                solver.add(wish)
                _, found = self._solved(solver, spans, LOOKUPS_OF_A_WISH, thorough=False)
                if found is not None:
                    model = found
                    break
                solver.pop()
        return model

    def _apart(self, span: Span) -> Iterator[Any]:
        """How far apart two days should be, the best first: on a boundary and to the day, on one, to the day."""
        near = [span.count == self.symbols.number(boundary) for boundary in sorted(span.near)]
        if span.days:
            exact = self.symbols.calendar.whole(span)
            yield from (self.symbols.z3.And(boundary, exact) for boundary in near)
            near.append(exact)
        yield from near

    def _preferred(self, name: str) -> Iterator[Any]:
        """What a value should be like, the best first: on a boundary, beside one, small, round."""
        z3, variable = self.symbols.z3, self.symbols.variables[name]
        kind = self.symbols.column(name).kind
        if kind not in ("number", "date"):
            return
        near = sorted(self.symbols.near.get(name, ()))
        if kind == "date":
            yield from self._preferred_days(variable, [int(boundary) for boundary in near])
            return
        value = z3.ToReal(variable) if variable.is_int() else variable
        for boundary in near:
            yield value == self.symbols.number(boundary)
        for boundary in near:
            yield from (value == self.symbols.number(boundary + step) for step in (-1, 1))
        if variable.is_int():
            yield z3.And(variable >= 0, variable <= 100)
            return
        for places in range(7):
            yield z3.And(value >= 0, value <= 100, z3.IsInt(value * 10**places))
            yield z3.IsInt(value * 10**places)

    def _preferred_days(self, variable: Any, near: Sequence[int]) -> Iterator[Any]:
        beside = [boundary + step for boundary in near for step in (-1, 1)]
        begin = date(2020, 1, 1).toordinal()
        for number in (*near, *beside, begin):
            if 1 <= number <= date.max.toordinal():
                yield self.symbols.calendar.on(variable, date.fromordinal(number))
        yield self.symbols.z3.And(variable >= begin, variable <= begin + 100)

    def _related(self, names: Sequence[str]) -> list[str]:
        """The names, and what they hang together with: a status and its column, an item and its reason."""
        related = set(names) | {STATUS_OF[name] for name in names if name in STATUS_OF}
        for item, declared in self.protocol.items.items():
            if declared.unavailable and related & {item, f"{item}_unavailable"}:
                related |= {item, f"{item}_unavailable"}
        return [name for name in self.symbols.types if name in related]

    # -- solver's model → row → evaluator ------------------------------------------------------------

    def _row(self, model: Any, names: Sequence[str]) -> Row:
        row = {name: self._decoded(model, name) for name in names if name not in self.protocol.derived}
        for name, item in self.protocol.items.items():
            reason = f"{name}_unavailable"
            if reason in row:  # where no rule reads the reason, any will do
                row[reason] = None if row[name] is not None else row[reason] or item.unavailable[0]
        return row

    def _decoded(self, model: Any, name: str) -> Any:
        z3, column = self.symbols.z3, self.symbols.column(name)
        if not z3.is_true(model.eval(column.known, model_completion=True)):
            return None
        if name in STATUS_OF:
            return z3.is_true(model.eval(column.value, model_completion=True))
        value = model.eval(self.symbols.variables[name], model_completion=True)
        if column.kind == "truth":
            return z3.is_true(value)
        if self.symbols.types[name] == pl.Float64():
            if z3.is_algebraic_value(value):
                value = value.approx(20)
            return float(Fraction(value.numerator_as_long(), value.denominator_as_long()))
        number = value.as_long()
        if column.kind == "date":
            return date.fromordinal(number)
        return self._text(number) if column.kind == "text" else number

    def _text(self, number: int) -> str:
        of = {code: text for text, code in self.symbols.texts.items()}
        if number in of:
            return of[number]
        other = f"other {number}"
        while other in self.symbols.texts:
            other += "'"
        return other

    def _confirmed(self, row: Row, claims: Sequence[Claim]) -> bool:
        """Whether the evaluator finds every claim true; classes in order, as the datasets apply them."""
        types, symbols = self.symbols.types, self.symbols
        frame = pl.DataFrame({name: [row[name]] for name in row} or {"": [None]},
                             schema={name: types[name] for name in row} or {"": pl.Null()})  # fmt: skip
        needed = set(symbols.reads([claim.rule for claim in claims]))
        for name, derived in self.protocol.derived.items():
            if name not in needed:
                continue
            value = None
            if derived.value is not None:
                value = symbols.reading(derived.value).rule.evaluate(frame).item()
            for code, level in (derived.classes or {}).items():
                holds = symbols.reading(level.when).rule.evaluate(frame).item()
                if holds is not False:  # the class, or nobody's: unknown never falls through
                    value = code if holds else None
                    break
            frame = frame.with_columns(pl.lit(value, dtype=types[name]).alias(name))
        rules = ((symbols.reading(claim.rule).rule, claim.wanted) for claim in claims)
        return all(rule.evaluate(frame).item() in wanted for rule, wanted in rules)

    # -- for readers -------------------------------------------------------------------------------

    def shown(self, row: Row, rules: Iterable[str]) -> dict[str, str]:
        """The patient in words: what the rules read of it, by the name of the item."""
        names = [name.removesuffix("_unavailable") for name in self.symbols.reads(list(rules))]
        recorded = [name for name in dict.fromkeys(names) if name not in self.protocol.derived]
        return {name: self._shown(name, row) for name in recorded}

    def _shown(self, name: str, row: Row) -> str:
        value, item = row[name], self.protocol.items.get(name)
        if value is None:
            reason = row.get(f"{name}_unavailable")
            return f"unavailable: {reason}" if reason else "unknown"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | float):
            unit = f" {item.unit}" if item is not None and item.unit else ""
            return f"{value:.15g}{unit}"
        if item is not None and item.choices:
            return item.choices[value]
        if name in ("arm", "actual_arm") and value in self.protocol.arms:
            return self.protocol.arms[value].label
        return str(value)


def _why(solver: Any) -> str:
    """Why the solver did not find out: nothing where its effort was spent, else its own words."""
    said = str(solver.reason_unknown())
    return "" if "cancel" in said or "resource" in said else said
