"""Rows of tables → facts of the log: every row is used as the mapping says, or nothing is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from equipoise.errors import DataError, MappingError, Problem
from equipoise.exchange import values
from equipoise.exchange.cells import Cells, Read, Unavailable
from equipoise.exchange.consistency import Placed, check
from equipoise.exchange.mapping import FactRule, LoadedMapping, load_mapping
from equipoise.exchange.references import open_tables
from equipoise.exchange.rejects import rejected
from equipoise.exchange.values import Unfit
from equipoise.log import facts as kinds
from equipoise.log.facts import SYNTHETIC, Fact
from equipoise.protocol.definition import Protocol

# At one subject's day, what comes first in the log.
_IN_ORDER = (
    kinds.Registered, kinds.ItemRecorded, kinds.Randomized, kinds.TreatmentStarted,
    kinds.AdverseEventRecorded, kinds.FollowedUp, kinds.EventOccurred, kinds.StageEnded,
)  # fmt: skip
ORDER: dict[type, int] = {kind: rank for rank, kind in enumerate(_IN_ORDER)}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import gives: facts ready to be appended, and where they came from.

    rows: the number of rows of each table.  files: (name as in the mapping, SHA-256) of each table.
    warnings: what is suspicious but possible; the facts hold it.
    """

    entries: tuple[Fact, ...] = field(repr=False)  # rows are patients: never in a repr
    rows: tuple[tuple[str, int], ...]
    files: tuple[tuple[str, str], ...]
    warnings: tuple[Problem, ...] = ()


def import_tables(
    protocol: Protocol, mapping: str | Path | LoadedMapping, recorded_at: datetime, recorded_by: str = ""
) -> Imported:
    """Read the tables of a mapping and turn their rows into facts.

    mapping: the file, or what was loaded of it.  recorded_at: the instant of the import, UTC.  recorded_by: who imports.  The facts are in the order
    of the subjects as first met, then of the days, then of ORDER.
    Raises MappingError for a mapping that does not fit the protocol or the tables, and RejectedData with
    every row that cannot be used; then nothing is imported.
    """
    loaded = mapping if isinstance(mapping, LoadedMapping) else load_mapping(mapping)
    if loaded.content.tables is None:
        problem = loaded.document.problem(("adam",), "ADaM data sets", "tables", "read them with read_adam")
        raise MappingError(f"{loaded.document.file} gives datasets, not facts", [problem])
    if recorded_at.utcoffset() != timedelta(0):
        raise DataError(f"recorded_at is {recorded_at!r}; expected an instant in UTC")
    if loaded.content.synthetic:
        recorded_by = f"{SYNTHETIC}: {recorded_by}" if recorded_by else SYNTHETIC
    cells = open_tables(loaded, protocol)
    findings = _Findings()
    placed = list(_facts(loaded, cells, protocol, recorded_at, recorded_by, findings))
    # A broken row would make its subject look inconsistent too; all other subjects are checked.
    whole = [one for one in placed if one.fact.subject_id not in findings.broken]
    kept, warnings = check(whole, protocol, recorded_at, findings.problems)
    if findings.problems:
        raise rejected(findings.problems)
    met = {subject: rank for rank, subject in enumerate(dict.fromkeys(one.fact.subject_id for one in kept))}
    kept.sort(key=lambda one: (met[one.fact.subject_id], one.fact.occurred_on, ORDER[type(one.fact)]))
    tables = {block.file: cells["tables", n] for n, block in enumerate(loaded.content.tables)}
    return Imported(
        entries=tuple(one.fact for one in kept),
        rows=tuple((name, table.height) for name, table in tables.items()),
        files=tuple((name, table.table.sha256) for name, table in tables.items()),
        warnings=(*findings.warnings, *warnings),
    )


@dataclass(slots=True)
class _Findings:
    """What is wrong or suspicious so far, and the subjects of which not every row could be used."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    broken: set[object] = field(default_factory=set)

    def reject(self, table: Cells, index: int, subject: object, column: str, unfit: Unfit) -> None:
        self.problems.append(table.reject(index, column, unfit))
        self.broken.add(None if isinstance(subject, Unfit) else subject)


def _facts(
    loaded: LoadedMapping, cells: Mapping[Any, Cells], protocol: Protocol,
    recorded_at: datetime, recorded_by: str, findings: _Findings,
) -> Iterator[Placed]:  # fmt: skip
    about = {"recorded_at": recorded_at, "recorded_by": recorded_by}
    for t, block in enumerate(loaded.content.tables or ()):
        table = cells["tables", t]
        for rule in block.facts:
            for index, attributes in _rows(table, rule, protocol, findings):
                try:
                    fact = KINDS[rule.fact](**attributes, **about)
                except DataError as error:
                    unfit = Unfit(str(error), "a possible fact")
                    findings.reject(table, index, attributes["subject_id"], "", unfit)
                else:
                    yield Placed(fact, table, index)


KINDS: dict[str, Callable[..., Fact]] = {
    "registered": kinds.Registered,
    "items": kinds.ItemRecorded,
    "long_items": kinds.ItemRecorded,
    "randomized": kinds.Randomized,
    "treatment_started": kinds.TreatmentStarted,
    "event": kinds.EventOccurred,
    "adverse_event": kinds.AdverseEventRecorded,
    "followed_up": kinds.FollowedUp,
    "stage_ended": kinds.StageEnded,
}
_REQUIRED = frozenset({"subject_id", "on", "randomization", "arm", "event", "term", "stage", "completed"})
_TEXTS = frozenset({"site", "detail", "category", "related", "reason"})


def _rows(
    table: Cells, rule: FactRule, protocol: Protocol, findings: _Findings
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The attributes of each fact of a rule, with the row it stands in; broken rows become problems."""
    subjects = table.subjects()
    selected = _selected(table, rule.where, subjects, findings)
    reads = {"subject_id": subjects, "on": table.dates(rule.on), **_fields(table, rule, protocol)}
    if rule.fact == "items":
        for name, source in (rule.items or {}).items():
            item = table.read(source, values.of_item(name, protocol.items[name]))
            yield from _records(
                table, selected, {**reads, "item": _constant(table, name), "value": item}, findings
            )
    elif rule.fact == "long_items":
        yield from _records(table, selected, {**reads, **_long(table, rule, protocol)}, findings)
    else:
        yield from _records(table, selected, reads, findings)


def _selected(table: Cells, where: str | None, subjects: Read, findings: _Findings) -> list[int]:
    mask = table.mask(where)
    unknown = Unfit(
        f"{where!r} unknown: a cell is missing", "true or false", "decide it with is null or is not null"
    )
    for index, holds in enumerate(mask):
        if holds is None:
            findings.reject(table, index, subjects.meanings[index], "", unknown)
    return [index for index, holds in enumerate(mask) if holds]


def _fields(table: Cells, rule: FactRule, protocol: Protocol) -> dict[str, Read]:
    reads: dict[str, Read] = {}
    for name in type(rule).model_fields:
        source = getattr(rule, name)
        reader = values.for_field(name, protocol)
        if name == "reason" and rule.stage is not None and rule.stage.constant is not None:
            reader = values.code(
                values.stages(protocol)[rule.stage.constant], f"a reason to end {rule.stage.constant}"
            )
        if source is not None and reader is not None:
            reads[name] = table.read(source, reader)
    if rule.ended_on is not None:
        reads["ended_on"] = table.dates(rule.ended_on)
    for factor, source in (rule.stratum or {}).items():
        reads[f"stratum {factor}"] = table.read(source, values.for_stratum(factor, protocol))
    return reads


def _long(table: Cells, rule: FactRule, protocol: Protocol) -> dict[str, Read]:
    """In a long table the name column says, row by row, which item the value column holds."""
    names, column = rule.name_column or "", rule.value_column or ""
    items = {str(source.named): name for name, source in (rule.items or {}).items()}
    reads = {
        name: table.read(source, values.of_item(name, protocol.items[name]), column).meanings
        for name, source in (rule.items or {}).items()
    }
    others = Unfit(
        "a name that the mapping does not have",
        f"one of {', '.join(items)}",
        "others: skip leaves such rows out",
    )
    found: list[Any] = []
    item: list[Any] = []
    for index, cell in enumerate(table.column(names)):
        name = items.get(cell or "")
        item.append(name or (None if rule.others == "skip" else others))
        found.append(reads[name][index] if name else None)
    return {"item": Read(names, item), "value": Read(column, found)}


def _constant(table: Cells, value: str) -> Read:
    return Read("", [value] * table.height)


def _records(
    table: Cells, selected: Sequence[int], reads: Mapping[str, Read], findings: _Findings
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Gather the meanings of each selected row; a row with an unfit one gives problems instead."""
    for index in selected:
        row = {name: read.meanings[index] for name, read in reads.items()}
        if "item" in row and _says_nothing(row["item"], row["value"]):
            continue
        faults = [(reads[name].column, value) for name, value in row.items() if isinstance(value, Unfit)]
        for name in row:
            if row[name] is None and (name in _REQUIRED or name.startswith("stratum ")):
                what = "date" if name == "on" else name.removeprefix("stratum ")
                missing = Unfit(
                    "no value", f"the {what} of the fact", "leave the row out with where, or say if_missing"
                )
                faults.append((reads[name].column, missing))
        if not faults:
            if row.get("ended_on") is not None and row["ended_on"][1] != "day":
                unfit = Unfit(f"an end with its {row['ended_on'][1]} only", "a day; the end is left open")
                findings.warnings.append(table.reject(index, reads["ended_on"].column, unfit))
            attributes, faults = _attributes(row, reads)
        for column, unfit in faults:
            findings.reject(table, index, row.get("subject_id"), column, unfit)
        if not faults:
            yield index, attributes


def _says_nothing(item: Any, value: Any) -> bool:
    """Whether the row holds an item that is to be skipped, or none of its value: then there is no fact."""
    return item is None or (value is None and not isinstance(item, Unfit))


def _attributes(
    row: dict[str, Any], reads: Mapping[str, Read]
) -> tuple[dict[str, Any], list[tuple[str, Unfit]]]:
    """Turn the meanings of a row into the attributes of its fact."""
    occurred_on, precision = row.pop("on")
    attributes: dict[str, Any] = {"occurred_on": occurred_on, "precision": precision}
    stratum = {
        name.removeprefix("stratum "): row.pop(name) for name in list(row) if name.startswith("stratum ")
    }
    if stratum:
        attributes["stratum"] = stratum
    if isinstance(row.get("value"), Unavailable):
        row["unavailable"] = row.pop("value").reason
    if row.get("ended_on") is not None:
        ended_on, known = row["ended_on"]
        row["ended_on"] = ended_on if known == "day" else None  # the fact holds whole days only
        if known == "day" and ended_on < occurred_on:
            return {}, [(reads["ended_on"].column, _before(ended_on, occurred_on))]
    if "completed" in row and bool(row.get("reason")) == row["completed"]:
        column = reads["reason" if "reason" in reads else "completed"].column
        found = "a reason beside completed" if row["completed"] else "no reason"
        return {}, [(column, Unfit(found, "a reason if and only if the stage was not completed"))]
    attributes |= {name: "" if value is None and name in _TEXTS else value for name, value in row.items()}
    return attributes, []


def _before(ended_on: date, started_on: date) -> Unfit:
    return Unfit(f"an end on {ended_on}", f"a day not before the onset on {started_on}")
