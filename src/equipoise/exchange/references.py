"""Whether the names in a mapping exist: in the protocol, in the tables, and beside the mapping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import polars as pl

from equipoise.errors import Problem
from equipoise.exchange import values
from equipoise.exchange.cells import Cells
from equipoise.exchange.mapping import FactRule, LoadedMapping, Source, TableBlock, When, mapping_error
from equipoise.exchange.tables import Table, read_table
from equipoise.exchange.values import Reader, Unfit
from equipoise.protocol.definition import Block, Protocol
from equipoise.protocol.reading.document import Document
from equipoise.protocol.reading.document import Path as Place
from equipoise.protocol.reading.validation import did_you_mean
from equipoise.protocol.rules.columns import SITE
from equipoise.protocol.rules.rule import RuleProblem, compile_rule


def open_tables(loaded: LoadedMapping, protocol: Protocol) -> dict[Place, Cells]:
    """Check the mapping against the protocol, read its tables, and check it against them.

    Returns the tables by their place in the mapping.  Raises MappingError with every wrong name, or
    RejectedData for files that are no tables.
    """
    document, content = loaded.document, loaded.content
    problems = list(_of_protocol(loaded, protocol))
    blocks = {path: block for path, block in _blocks(content, ()) if isinstance(block, TableBlock)}
    paths = {place: _beside(block, (*place, "file"), loaded, problems) for place, block in blocks.items()}
    for place, block in blocks.items():
        for path, part in _blocks(block, place):
            problems += _shape(document, path, part, block)
    if problems:
        raise mapping_error(document, problems)
    read: dict[tuple[Path, str | None], Table] = {}  # a file that several blocks name is read once
    cells = {}
    for place, block in blocks.items():
        key = (paths[place], block.delimiter)
        if key not in read:
            read[key] = read_table(paths[place], str(loaded.folder / block.file), block.delimiter)
        cells[place] = Cells(read[key], block)
        for path, part in _blocks(block, place):
            problems += _columns(document, path, part, read[key].frame.columns)
    if problems:
        raise mapping_error(document, problems)
    return cells


def _blocks(block: Block, path: Place) -> Iterator[tuple[Place, Block]]:
    """Every block inside a block, with its place in the document."""
    yield path, block
    for name in type(block).model_fields:
        value = getattr(block, name)
        for key, part in _parts(value):
            yield from _blocks(part, (*path, name, *key))


def _parts(value: object) -> Iterator[tuple[Place, Block]]:
    if isinstance(value, Block):
        yield (), value
    elif isinstance(value, tuple):
        yield from (((index,), part) for index, part in enumerate(value) if isinstance(part, Block))
    elif isinstance(value, dict):
        yield from (((key,), part) for key, part in value.items() if isinstance(part, Block))


def _beside(block: TableBlock, place: Place, loaded: LoadedMapping, problems: list[Problem]) -> Path:
    """The path of a table; it may not lead out of the mapping's folder, not even by a link."""
    name = PurePosixPath(block.file)
    expected = "a file beside the mapping or in a folder below it, written with /"
    path = loaded.folder / block.file
    bad = (
        name.is_absolute()
        or ".." in name.parts
        or "\\" in block.file
        or ":" in block.file
        or "\0" in block.file
    )
    try:
        bad = bad or not path.resolve().is_relative_to(loaded.folder.resolve())
    except (OSError, ValueError, RuntimeError):
        bad = True
    if bad:
        problems.append(
            loaded.document.problem(place, repr(block.file), expected, "move the table, or the mapping")
        )
    return path


def _shape(document: Document, path: Place, part: Block, table: TableBlock) -> Iterator[Problem]:
    """What a source or a date must say, whatever the table holds."""
    if isinstance(part, Source):
        named = [name for name in ("column", "constant", "named") if getattr(part, name) is not None]
        long = "named" if path[-2:-1] == ("items",) and _is_long(document, path) else ""
        expected = ["named"] if long else ["column", "constant"]
        if len(named) != 1 or named[0] not in expected:
            yield document.problem(
                path, " and ".join(named) or "no source", f"one of {' and '.join(expected)}"
            )
        elif named == ["constant"] and part.model_fields_set - {"constant"}:
            extra = min(part.model_fields_set - {"constant"})
            yield document.problem(path, f"{extra} beside a constant", "it beside a column")
        if not isinstance(part.unavailable, str | None) or part.values:
            reasons = {} if isinstance(part.unavailable, str | None) else part.unavailable
            for cell in sorted(({*(part.values or {})} | {*reasons} - {""}) & {*table.missing}):
                yield document.problem(
                    path, f"a meaning for the cell {cell!r}", "none: missing has it", "use if_missing"
                )
    elif isinstance(part, When):
        named = [name for name in ("column", "days", "date") if getattr(part, name) is not None]
        if len(named) != 1:
            yield document.problem(path, " and ".join(named) or "no date", "one of column, days and date")
        elif named == ["days"] and part.since is None and table.day_zero is None:
            yield document.problem(
                path, "days without since", "since, or day_zero for the table", "name what day 0 is"
            )
        if named != ["days"] and part.since is not None:
            yield document.problem(path, "since without days", "since beside days")


def _is_long(document: Document, path: Place) -> bool:
    return bool(document.get(path[:-2]).get("fact") == "long_items")


def _columns(document: Document, path: Place, part: Block, columns: list[str]) -> Iterator[Problem]:
    """The names of columns in one block, and its rule."""
    for field in ("column", "days", "since", "name_column", "value_column"):
        name = getattr(part, field, None)
        if isinstance(name, str) and name not in columns:
            yield document.problem(
                (*path, field), f"the column {name!r}", "a column of the table", did_you_mean(name, columns)
            )
    where = getattr(part, "where", None)
    if where is not None:
        try:
            compile_rule(where, {name: pl.String() for name in columns})
        except RuleProblem as problem:
            yield document.problem((*path, "where"), problem.found, problem.expected, problem.remedy)


def _of_protocol(loaded: LoadedMapping, protocol: Protocol) -> Iterator[Problem]:
    """The codes and items that the mapping writes."""
    document, content = loaded.document, loaded.content
    if content.protocol != protocol.protocol:
        found = f"a mapping for {content.protocol!r}"
        yield document.problem(
            ("protocol",), found, f"{protocol.protocol!r}", "use the mapping of this trial"
        )
    for path, block in _blocks(content, ()):
        if isinstance(block, FactRule | TableBlock):
            for name in type(block).model_fields:
                value = getattr(block, name)
                if name in ("items", "stratum"):
                    yield from _items(document, (*path, name), value or {}, protocol)
                elif isinstance(value, Source):
                    reader = values.for_field(name, protocol)
                    yield from _meanings(document, (*path, name), value, reader, ())
        if isinstance(block, FactRule):
            yield from _agreement(document, path, block, protocol)


def _items(
    document: Document, path: Place, sources: dict[str, Source], protocol: Protocol
) -> Iterator[Problem]:
    for name, source in sources.items():
        place = (*path, name)
        if path[-1] == "stratum":
            known: tuple[str, ...] = (*protocol.items, *protocol.derived, SITE)
            reasons: tuple[str, ...] = ()
            reader = values.for_stratum(name, protocol)
        else:
            known = tuple(protocol.items)
            item = protocol.items.get(name)
            reader = values.of_item(name, item) if item else values.text
            reasons = item.unavailable if item else ()
        if name not in known:
            found = f"the {'factor' if path[-1] == 'stratum' else 'item'} {name!r}"
            yield document.problem(
                place, found, "one that the protocol declares", did_you_mean(name, known), key=True
            )
        else:
            yield from _meanings(document, place, source, reader, reasons)


def _meanings(
    document: Document, path: Place, source: Source, reader: Reader | None, reasons: tuple[str, ...]
) -> Iterator[Problem]:
    """Whatever the mapping itself writes must be readable: constants, values, if_missing, reasons."""
    written: list[tuple[Place, str]] = [
        ((*path, "values", key), text) for key, text in (source.values or {}).items()
    ]
    written += [
        ((*path, name), text)
        for name in ("constant", "if_missing")
        if (text := getattr(source, name)) is not None
    ]
    for place, text in written:
        try:
            if reader is not None:
                reader(text)
        except Unfit as unfit:
            yield document.problem(place, unfit.found, unfit.expected, unfit.remedy)
    given = source.unavailable
    for reason in [] if given is None else [given] if isinstance(given, str) else given.values():
        if reason not in reasons:
            remedy = did_you_mean(reason, reasons) or "declare it at the item, under unavailable"
            yield document.problem(
                (*path, "unavailable"), f"the reason {reason!r}", "one that the item declares", remedy
            )


def _agreement(document: Document, path: Place, rule: FactRule, protocol: Protocol) -> Iterator[Problem]:
    """Arms belong to their randomization, reasons to their stage, factors to the strata."""
    fixed = rule.randomization.constant if rule.randomization else None
    randomization = protocol.randomizations.get(fixed or "")
    if randomization is not None and rule.arm is not None:
        for arm in _written(rule.arm):
            if arm in protocol.arms and arm not in randomization.arms:
                yield document.problem(
                    (*path, "arm"), f"the arm {arm!r}", f"an arm of randomization {fixed!r}"
                )
    if randomization is not None and randomization.strata != "not stated":
        given, strata = set(rule.stratum or {}), set(randomization.strata)
        for factor in sorted(given ^ strata):
            found = f"{'a level' if factor in given else 'no level'} of {factor}"
            yield document.problem(
                (*path, "stratum"), found, f"the strata of {fixed!r}: {', '.join(sorted(strata))}"
            )
    stage = rule.stage.constant if rule.stage else None
    if stage is not None and rule.reason is not None:
        codes = values.stages(protocol).get(stage, ())
        for reason in _written(rule.reason):
            if reason not in codes:
                yield document.problem(
                    (*path, "reason"),
                    f"the reason {reason!r}",
                    f"one of stage {stage}",
                    did_you_mean(reason, codes),
                )


def _written(source: Source) -> tuple[str, ...]:
    return tuple(
        text for text in (source.constant, source.if_missing, *(source.values or {}).values()) if text
    )
