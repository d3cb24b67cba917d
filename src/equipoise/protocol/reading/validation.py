"""Document → model, with every violation worded as a problem in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from equipoise.errors import InputError, Problem, ProtocolError
from equipoise.protocol.reading.annotations import fields_at, length_at
from equipoise.protocol.reading.document import MAX_PROBLEMS, Document, Path, count_of, shown
from equipoise.protocol.reading.remedies import did_you_mean, of_key, of_value

__all__ = ["did_you_mean", "in_order", "validate"]

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "string_type": "text",
    "string_unicode": "text",
    "string_too_short": "text that is not empty",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "date_type": "a date such as 2020-01-31",
    "date_from_datetime_inexact": "a date such as 2020-01-31",
    "datetime_type": "an instant such as 2020-01-31T12:00:00Z",
    "mapping_type": "a mapping (key: value)",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "tuple_type": "a list",
    "list_type": "a list",
}
_LIMIT = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_DATES = {"date_type", "date_from_datetime_inexact"}
MONTH = "^[0-9]{4}-(0[1-9]|1[0-2])$"
_PATTERN = {
    "^[a-z][a-z0-9_]{0,39}$": "a name of a-z, 0-9 and _ that begins with a letter, at most 40 long",
    r"^[A-Za-z0-9][A-Za-z0-9_.+\-]{0,39}$": "a code of letters, digits and _ . + -, at most 40 long",
    r"^[A-Za-z0-9][A-Za-z0-9 ._\-/]{0,59}$": "a name of letters, digits, spaces and . _ - /, at most 60 long",
    "^[1-5]$": "a grade from 1 to 5",
    MONTH: "a month such as 2020-01",
}
_WORD = re.compile(r"'([^']*)'|(-?\d+)")  # the words and numbers in pydantic's list of literals


def validate(model: type[Model], document: Document, error: type[InputError] = ProtocolError) -> Model:
    """Build the model from the document. Raises ``error`` with all problems, in the order of the file."""
    try:
        return model.model_validate(document.value)
    except ValidationError as failure:
        errors = failure.errors(include_url=False, include_context=True)
        problems = in_order(_problems(model, document, errors))
    raise error(f"{count_of(problems)} in {document.file}", problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems as a reader meets them, without repetitions."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.line or 0, p.column or 0, p.path))


def _problems(model: type[BaseModel], document: Document, errors: list[ErrorDetails]) -> Iterable[Problem]:
    by_path: dict[Path, list[ErrorDetails]] = {}
    for detail in errors:
        if not _long_enough(detail):
            by_path.setdefault(_path(document, detail), []).append(detail)
    missing = _missing(model, document, by_path)
    if missing.get((), 0) and len(missing[()]) > 1 and not set(document.value) & _needed(model):
        yield _another_file(model, document)
        return
    left_over = _left_over(document, by_path)
    parents = {path[:length] for path in by_path for length in range(len(path))}
    # A list or mapping that is wrong inside is also none of the other things that may stand here: say it once.
    told = [
        path for path, details in by_path.items()
        if (path not in parents or not all(map(_of_kind, details)))
        and not _is_missing(path, by_path)
        and path not in left_over
    ]  # fmt: skip
    alike = _alike(document, told, by_path)
    for path in sorted([*missing, *told], key=document.position)[:MAX_PROBLEMS]:
        if path in missing:
            yield _incomplete(document, path, missing[path])
        if path in by_path and path in told and alike.get(path, 1):
            problem = _problem(model, document, path, by_path[path])
            more = alike.get(path, 1) - 1
            yield replace(problem, found=f"{problem.found}, and {more} more like it") if more else problem


def _long_enough(detail: ErrorDetails) -> bool:
    """Whether a list is said to be too short only because its entries are wrong, of which something is said anyway."""
    least = detail.get("ctx", {}).get("min_length", 0)
    return detail["type"] == "too_short" and len(detail["input"]) >= least


def _alike(
    document: Document, told: Iterable[Path], by_path: Mapping[Path, list[ErrorDetails]]
) -> dict[Path, int]:
    """Where every entry of a list is wrong in the same way: how many the first stands for, and 0 for the others."""
    lists: dict[Path, list[Path]] = {}
    for path in told:
        if (
            path
            and isinstance(path[-1], int)
            and "literal_error" not in [one["type"] for one in by_path[path]]
        ):
            lists.setdefault(path[:-1], []).append(path)
    alike: dict[Path, int] = {}
    for place, paths in lists.items():
        same = len({_expected(by_path[path]) for path in paths}) == 1
        if same and 1 < len(paths) == len(document.get(place)):
            alike |= dict.fromkeys(paths, 0) | {paths[0]: len(paths)}
    return alike


def _is_missing(path: Path, by_path: Mapping[Path, list[ErrorDetails]]) -> bool:
    return by_path[path][0]["type"] == "missing" and isinstance(path[-1], str)


def _is_unknown(path: Path, by_path: Mapping[Path, list[ErrorDetails]]) -> bool:
    return path in by_path and by_path[path][0]["type"] == "extra_forbidden"


def _missing(
    model: type[BaseModel], document: Document, by_path: Mapping[Path, list[ErrorDetails]]
) -> dict[Path, list[str]]:
    """The keys that are missing, by block; not those that only are misspelled, which is said of the unknown key."""
    blocks: dict[Path, list[str]] = {}
    unknown: dict[Path, list[str]] = {}
    for path in by_path:
        if _is_missing(path, by_path):
            blocks.setdefault(path[:-1], []).append(str(path[-1]))
        elif _is_unknown(path, by_path) and len(unknown.setdefault(path[:-1], [])) < MAX_PROBLEMS:
            unknown[path[:-1]].append(str(path[-1]))
    # Likenesses are looked for where they will be told: in as many blocks as problems are.
    for block in sorted(blocks, key=document.position)[:MAX_PROBLEMS]:
        known = fields_at(model, block)
        meant = {did_you_mean(key, known) for key in unknown.get(block, ())}
        blocks[block] = [key for key in blocks[block] if f"did you mean {key!r}?" not in meant]
    return {block: keys for block, keys in blocks.items() if keys}


def _incomplete(document: Document, path: Path, keys: list[str]) -> Problem:
    *others, last = map(repr, keys)
    expected = f"the keys {', '.join(others)} and {last}" if others else f"the key {last}"
    return document.problem(path, "nothing", expected, "add them" if others else "add it", key=True)


def _left_over(document: Document, by_path: Mapping[Path, list[ErrorDetails]]) -> set[Path]:
    """Keys that are what a comma left over of the value before them, of which something is said already."""
    blocks = {path[:-1] for path in by_path if _is_unknown(path, by_path)}
    return {
        (*block, key)
        for block in blocks
        for before, key in pairwise(document.get(block))
        if _one_line(document, block, before, key)
        and (*block, before) in by_path
        and _is_unknown((*block, key), by_path)
        and document.get((*block, key)) is None
    }


def _one_line(document: Document, block: Path, before: str, key: str) -> bool:
    """Whether two keys stand in one line, as what a comma divides."""
    return document.keys[(*block, before)][0] == document.keys[(*block, key)][0]


def _needed(model: type[BaseModel]) -> set[str]:
    return {name for name, field in model.model_fields.items() if field.is_required()}


def _another_file(model: type[BaseModel], document: Document) -> Problem:
    """One problem of a file that has none of the keys that it must have."""
    keys, needed = (
        list(document.value),
        [name for name, field in model.model_fields.items() if field.is_required()],
    )
    found = f"the key {shown(keys[0])}" if len(keys) == 1 else f"the keys {', '.join(map(shown, keys[:3]))}"
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    expected = f"a file with the keys {', '.join(needed[:-1])} and {needed[-1]}"
    return document.problem(
        (), found + more if keys else "an empty mapping", expected, "is it the right file?"
    )


def _of_kind(detail: ErrorDetails) -> bool:
    return detail["type"] == "literal_error" or detail["type"] in _EXPECTED


def _path(document: Document, detail: ErrorDetails) -> Path:
    """Keep the parts of pydantic's location that stand in the document (it adds union members and [key])."""
    path: Path = ()
    value = document.value
    parts = [part for part in detail["loc"] if part != "[key]"]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if isinstance(value, dict) and (part in value or (last and detail["type"] == "missing")):
            value = value.get(part)
            path = (*path, part)
        elif isinstance(value, tuple) and isinstance(part, int):
            value = value[part] if part < len(value) else None  # a list that is too short lacks an entry
            path = (*path, part)
    return path


def _problem(model: type[BaseModel], document: Document, path: Path, details: list[ErrorDetails]) -> Problem:
    detail = details[0]
    kind, value, last = detail["type"], detail["input"], path[-1] if path else ""
    if "[key]" in detail["loc"]:
        expected = _expected(details)
        return document.problem(path, f"the name {shown(value)}", expected, "rename it", key=True)
    if kind == "missing" and isinstance(last, int):
        wanted = f"{length_at(model, path[:-1]) or 'more'} entries"
        return document.problem(path[:-1], shown(document.get(path[:-1])), wanted, "add what is missing")
    if kind == "extra_forbidden":
        known = fields_at(model, path[:-1])
        return document.problem(path, f"the unknown key {shown(last)}", "a key that is part of the language",
                                of_key(str(last), known, _is_rest(document, path)), key=True)  # fmt: skip
    expected = "1" if path == ("equipoise",) else _expected(details)
    if kind == "too_long" or any(one["type"] == "tuple_type" for one in details):
        expected = _with_length(expected, length_at(model, path))
    remedy = _remedy(model, path, details)
    if remedy.startswith("write it in brackets") and not isinstance(value, str):
        whole = [shown(value)] * (length_at(model, path) or 1) + _after_commas(document, path)
        remedy = f"write it in brackets: [{', '.join(whole)}]"
    return document.problem(path, shown(value), expected, remedy)


def _after_commas(document: Document, path: Path) -> list[str]:
    """The values that were meant to be of one list with this one, and became keys because it has no brackets."""
    block = document.get(path[:-1])
    if not isinstance(block, dict):
        return []
    keys = list(block)
    after = keys[keys.index(path[-1]) + 1 :]
    first = str(path[-1])
    return list(
        takewhile(lambda key: block[key] is None and _one_line(document, path[:-1], first, key), after)
    )


def _is_rest(document: Document, path: Path) -> bool:
    """Whether a key without value is the rest of a text with a comma, in the line of the key before it."""
    keys = list(document.get(path[:-1]))
    at = keys.index(path[-1])
    return document.get(path) is None and at > 0 and _one_line(document, path[:-1], keys[at - 1], keys[at])


def _with_length(expected: str, length: int | None) -> str:
    """A list that must have exactly so many entries is neither any list nor one of at most so many."""
    if length is None:
        return expected
    return expected.replace("a list", f"a list of {length}", 1).replace(
        f"at most {length} entries", f"{length} entries"
    )


def _expected(details: Sequence[ErrorDetails]) -> str:
    """What could stand there, of all the kinds that the language allows in this place."""
    dated = any(detail["type"] in _DATES for detail in details)
    phrases = [
        _PATTERN[MONTH] if dated and detail["type"] == "string_type" else _phrase(detail)
        for detail in details
        if detail["type"] != "literal_error"
    ]
    words = _words(details)
    if words == ["not stated"]:
        phrases.append("the words not stated")
    elif words:
        phrases.append(f"one of {', '.join(words)}" if len(words) > 1 else words[0])
    return " or ".join(dict.fromkeys(phrases))


def _words(details: Sequence[ErrorDetails]) -> list[str]:
    texts = [
        detail.get("ctx", {}).get("expected", "") for detail in details if detail["type"] == "literal_error"
    ]
    return [text or number for one in texts for text, number in _WORD.findall(one)]


def _phrase(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind in _LIMIT:
        words, key = _LIMIT[kind]
        return f"{words} {context[key]:g}"
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", ""))
        return _PATTERN.get(pattern, f"text that matches {pattern}")
    if kind == "string_too_long":
        return f"text of at most {context.get('max_length')} characters"
    if kind in ("too_short", "too_long"):
        few = kind == "too_short"
        count = context.get("min_length" if few else "max_length")
        return f"{'at least' if few else 'at most'} {count} {'entry' if count == 1 else 'entries'}"
    return detail["msg"].removeprefix("Value error, ") if kind == "value_error" else "another value"


def _remedy(model: type[BaseModel], path: Path, details: Sequence[ErrorDetails]) -> str:
    """What to do about a value that may not stand in its place."""
    if path == ("equipoise",):
        return "this version of equipoise reads version 1 of the language"
    kinds = {detail["type"] for detail in details}
    limits = [
        (kind, float(detail.get("ctx", {})[_LIMIT[kind][1]]))
        for detail in details
        if (kind := detail["type"]) in _LIMIT
    ]
    value = details[0]["input"]
    entries = fields_at(model, (*path, 0)) if "tuple_type" in kinds else []
    if entries and isinstance(value, str) and not fields_at(model, path):
        return f"begin each entry with - and a space; its keys are {', '.join(entries)}"
    return of_value(value, kinds, _words(details), fields_at(model, path), limits)
