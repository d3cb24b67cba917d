"""The mapping file: how tables of others become facts, or the datasets of an analysis.

::

    mapping: 1
    protocol: INT-0035                  # the protocol's own name: a mapping belongs to one trial
    tables:                             # → facts; or adam: → datasets (see below)
      - file: data/colon.csv            # beside the mapping or below; .csv .tsv .parquet .xpt
        subject: id                     # or {column: id, prefix: "INT0035-"}
        missing: ["", NA]               # the cells that mean "no value" (default: empty cells)
        day_zero: 1900-01-01            # only where a table has days and no dates: a nominal day 0
        facts:
          - {fact: randomized, where: etype = '2', on: {days: 0}, randomization: main,
             arm: {column: rx, values: {Obs: observation, Lev: levamisole}}, stratum: {sex: sex}}
          - {fact: items, where: etype = '2', on: {days: 0}, items: {age: age, nodes: {column: nodes,
             unavailable: not recorded}}}
          - {fact: event, event: recurrence, where: etype = '1' and status = '1', on: {days: time}}

Where a value comes from: a column's name, or ``{column: …}``, or ``{constant: …}``. Beside a column:
``values`` maps cells to what they mean (a cell that is not in the map is a reject), ``if_missing`` says
what a missing cell means, ``where`` limits the rows that have a value, and, for items,
``unavailable`` gives the reason that a missing cell stands for, or reasons by cell. A *code* (event,
randomization, arm, stage, reason, endpoint) may be a plain word: then it is the protocol's own code.

Where a date comes from: a column of ISO dates (a time of day is dropped; the day, or day and month, may
be unknown), or ``{column: …, format: DD/MM/YYYY}``, or ``{days: column or number, since: column}``
(``since`` defaults to day_zero), or a date. ``where`` limits the rows that have one.

``where`` is a rule as in protocols. Every cell is text in it, a missing cell is unknown, and a row for
which it is unknown is a reject: write ``is null`` or ``is not null`` to decide it.

A long table, an item a row: ``{fact: long_items, on: …, name_column: TESTCD, value_column: RESULT,
items: {age: AGE, sex: {named: SEX, values: {…}}}, others: skip}``.

``synthetic: true`` marks made-up patients: facts and reports of them are labelled so.

``adam`` names three data sets: ``adsl``, ``adtte`` and ``adae``; their keys are the fields of the
classes below, each a value, a code or a date as above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from equipoise.errors import MappingError, Problem
from equipoise.protocol.definition import Block, Identifier, RuleText
from equipoise.protocol.reading.document import Document, read_document, read_text
from equipoise.protocol.reading.validation import validate


def _as_text(value: Any) -> Any:
    """Cells and codes are text, however YAML reads them: 1, true and 2020-01-31 mean what they show."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return value.isoformat() if isinstance(value, date) else value


def _named(key: str) -> BeforeValidator:
    """A plain word stands for ``{key: word}``."""

    def expand(value: Any) -> Any:
        text = _as_text(value)
        return {key: text} if isinstance(text, str) else value

    return BeforeValidator(expand)


def _as_date(value: Any) -> Any:
    return (
        {"date": value} if isinstance(value, date) else {"column": value} if isinstance(value, str) else value
    )


Day = date  # a field of this name would hide the type
Scalar = Annotated[str, BeforeValidator(_as_text), StringConstraints(max_length=4000)]
Cell = Annotated[str, StringConstraints(max_length=200)]
Column = Annotated[str, BeforeValidator(_as_text), StringConstraints(min_length=1, max_length=200)]


class Source(Block):
    """Where a value comes from."""

    column: Column | None = None
    constant: Scalar | None = None
    named: Scalar | None = None  # long tables: the cell of the name column
    values: Mapping[Cell, Scalar] | None = None
    if_missing: Scalar | None = None
    unavailable: Scalar | Mapping[Cell, Scalar] | None = None
    where: RuleText | None = None


class When(Block):
    """Where a date comes from."""

    column: Column | None = None
    format: Literal["YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY", "DDMMMYYYY"] = "YYYY-MM-DD"
    days: Annotated[int, Field(ge=-100_000, le=100_000)] | Column | None = None
    since: Column | None = None
    date: Day | None = None
    where: RuleText | None = None


class Subject(Block):
    """The column that identifies the subject, and what to write before it."""

    column: Column
    prefix: Annotated[str, StringConstraints(max_length=60)] = ""


Value = Annotated[Source, _named("column")]
Code = Annotated[Source, _named("constant")]
On = Annotated[When, BeforeValidator(_as_date)]
Identity = Annotated[Subject, _named("column")]

Kind = Literal[
    "registered", "items", "long_items", "randomized", "treatment_started",
    "event", "adverse_event", "followed_up", "stage_ended",
]  # fmt: skip

# What each kind of fact takes beside fact, where and on: required, then optional.
FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "registered": ((), ("site",)),
    "items": (("items",), ()),
    "long_items": (("name_column", "value_column", "items"), ("others",)),
    "randomized": (("randomization", "arm"), ("stratum",)),
    "treatment_started": (("arm",), ()),
    "event": (("event",), ("detail",)),
    "adverse_event": (("term",), ("category", "grade", "serious", "related", "emergent", "ended_on")),
    "followed_up": ((), ()),
    "stage_ended": (("stage", "completed"), ("reason",)),
}


class FactRule(Block):
    """How rows become facts of one kind; FIELDS says which fields belong to which kind."""

    fact: Kind
    on: On
    where: RuleText | None = None
    randomization: Code | None = None
    arm: Code | None = None
    stratum: Mapping[Identifier, Value] | None = None
    site: Value | None = None
    items: Mapping[Identifier, Value] | None = Field(default=None, min_length=1)
    name_column: Column | None = None
    value_column: Column | None = None
    others: Literal["reject", "skip"] | None = None
    event: Code | None = None
    detail: Value | None = None
    term: Value | None = None
    category: Value | None = None
    grade: Value | None = None
    serious: Value | None = None
    related: Value | None = None
    emergent: Value | None = None
    ended_on: On | None = None
    stage: Code | None = None
    completed: Code | None = None
    reason: Code | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_items(cls, raw: Any) -> Any:
        """In a long table a plain word is the item's name in the name column, not a column."""
        if (
            not isinstance(raw, dict)
            or raw.get("fact") != "long_items"
            or not isinstance(raw.get("items"), dict)
        ):
            return raw
        items = {
            name: text if isinstance(text := _as_text(plain), dict) else {"named": text}
            for name, plain in raw["items"].items()
        }
        return {**raw, "items": items}


class TableBlock(Block):
    """One file and who its rows are about."""

    file: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    delimiter: Literal["comma", "semicolon", "tab"] | None = None
    subject: Identity
    missing: tuple[Scalar, ...] = ("",)
    day_zero: Day | None = None


class FactTable(TableBlock):
    """A table whose rows become facts."""

    facts: tuple[FactRule, ...] = Field(min_length=1)


class Adsl(TableBlock):
    """The subject-level data set."""

    randomization: Code | None = None
    arm: Code
    actual_arm: Code | None = None
    site: Value | None = None
    registered_on: On | None = None
    randomized_on: On | None = None
    treatment_started_on: On | None = None
    screening_ended: Code | None = None
    treatment_ended: Code | None = None
    follow_up_ended: Code | None = None
    last_follow_up: On | None = None
    last_known_alive: On | None = None
    died_on: On | None = None
    items: Mapping[Identifier, Value] = {}
    stratum: Mapping[Identifier, Value] = {}


class Adtte(TableBlock):
    """The time-to-event data set. ``censored`` is CNSR: 0 is an event, 1 and above are not."""

    endpoint: Code
    time: Value
    censored: Value
    origin_on: On | None = None
    ended_on: On | None = None
    cause: Code | None = None
    censor_reason: Value | None = None
    where: RuleText | None = None


class Adae(TableBlock):
    """The adverse events."""

    term: Value
    category: Value | None = None
    grade: Value | None = None
    serious: Value | None = None
    related: Value | None = None
    emergent: Value | None = None
    started_on: On | None = None
    ended_on: On | None = None
    where: RuleText | None = None


class Adam(Block):
    """The ADaM data sets of a trial."""

    adsl: Adsl
    adtte: Adtte
    adae: Adae | None = None


class MappingFile(Block):
    """The whole file: facts from tables, or datasets from ADaM."""

    mapping: Literal[1]
    protocol: Scalar
    synthetic: bool = False  # no person stands behind the rows: every report of them says so
    tables: Annotated[tuple[FactTable, ...], Field(min_length=1)] | None = None
    adam: Adam | None = None


@dataclass(frozen=True, slots=True)
class LoadedMapping:
    """A mapping, with the positions of its parts and the folder that its files are in."""

    content: MappingFile
    document: Document
    folder: Path

    @property
    def kind(self) -> Literal["tables", "adam"]:
        """What the mapping gives: facts from tables, or datasets from ADaM."""
        return "tables" if self.content.tables is not None else "adam"


def load_mapping(path: str | Path) -> LoadedMapping:
    """Read a mapping file and check its form.

    Raises MappingError with every problem found, each with line and column. Whether its names exist in
    a protocol and in the tables is checked by :mod:`equipoise.exchange.references`.
    """
    file = Path(path)
    document = read_document(read_text(file, MappingError), str(path), MappingError)
    content = validate(MappingFile, document, MappingError)
    problems = [*_one_kind(content, document), *_fields(content, document)]
    if problems:
        raise mapping_error(document, problems)
    return LoadedMapping(content, document, file.parent)


def mapping_error(document: Document, problems: list[Problem]) -> MappingError:
    """Make the error for a mapping with these problems, in the order of the file."""
    unique = sorted(dict.fromkeys(problems), key=lambda problem: (problem.line or 0, problem.column or 0))
    return MappingError(f"{len(unique)} problem{'s' * (len(unique) != 1)} in {document.file}", unique)


def _one_kind(content: MappingFile, document: Document) -> list[Problem]:
    if (content.tables is None) == (content.adam is None):
        found = "both tables and adam" if content.adam else "neither tables nor adam"
        return [document.problem((), found, "one of the two", "tables become facts, adam becomes datasets")]
    return []


def _fields(content: MappingFile, document: Document) -> list[Problem]:
    """Check by FIELDS which keys stand in which kind of fact."""
    problems = []
    for t, table in enumerate(content.tables or ()):
        for f, rule in enumerate(table.facts):
            required, optional = FIELDS[rule.fact]
            path = ("tables", t, "facts", f)
            for name in required:
                if getattr(rule, name) is None:
                    problems.append(
                        document.problem(path, f"{rule.fact} without {name}", f"the key {name!r}", "add it")
                    )
            for name in sorted(rule.model_fields_set - {"fact", "on", "where", *required, *optional}):
                expected = ", ".join((*required, *optional)) or "only on and where"
                problems.append(
                    document.problem((*path, name), f"{name!r} in {rule.fact}", expected, key=True)
                )
    return problems
