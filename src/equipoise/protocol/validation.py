"""Document → model, with every violation worded as a problem in its place."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from equipoise.errors import InputError, Problem, ProtocolError
from equipoise.protocol.reading import MAX_PROBLEMS, Document, Path, count_of, shown

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
_MANY = 300  # names among which a likeness is looked for


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


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known word, or all of them when they are few.

    >>> did_you_mean("relaps", ["relapse", "death"])
    "did you mean 'relapse'?"
    """
    names = list(islice(known, _MANY))
    near = difflib.get_close_matches(word[:80], names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    if not names:
        return ""
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f"known: {', '.join(names[:12])}{more}"


def _problems(model: type[BaseModel], document: Document, errors: list[ErrorDetails]) -> Iterable[Problem]:
    by_path: dict[Path, list[ErrorDetails]] = {}
    for detail in errors:
        by_path.setdefault(_path(document, detail), []).append(detail)
    parents = {path[:length] for path in by_path for length in range(len(path))}
    # A list or mapping that is wrong inside is also none of the other things that may stand here: say it once.
    told = [
        path for path, details in by_path.items() if path not in parents or not all(map(_of_kind, details))
    ]
    for path in sorted(told, key=document.position)[:MAX_PROBLEMS]:
        yield _problem(model, document, path, by_path[path])


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
        return document.problem(
            path[:-1], f"a list of {last}", "a longer list", "add what is missing", key=True
        )
    if kind == "missing":
        return document.problem(path[:-1], "nothing", f"the key {last!r}", "add it", key=True)
    if kind == "extra_forbidden":
        known = _fields(model, path[:-1])
        return document.problem(path, f"the unknown key {shown(last)}", "a key that is part of the language",
                                did_you_mean(str(last), known), key=True)  # fmt: skip
    return document.problem(path, shown(value), _expected(details), _remedy(path, details))


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


def _remedy(path: Path, details: Sequence[ErrorDetails]) -> str:
    """What to do about a value of the wrong kind, by what stands there."""
    kinds, value = {detail["type"] for detail in details}, details[0]["input"]
    words = _words(details)
    if value is None:
        return "write the value, or remove the key"
    if path == ("equipoise",):
        return "this version of equipoise reads version 1 of the language"
    if isinstance(value, str) and difflib.get_close_matches(value[:80], words):
        return did_you_mean(value, words)
    if "string_type" in kinds and not kinds & _DATES:
        return (
            "put it in quotes"
            if not isinstance(value, dict | tuple)
            else "put text that begins with a bracket in quotes"
        )
    if "bool_type" in kinds:
        return "write true or false, without quotes"
    if kinds & {"int_type", "float_type"} and isinstance(value, str):
        return "write the number in digits, without quotes"
    if "tuple_type" in kinds and "string_pattern_mismatch" not in kinds:
        return "write it in brackets: [a, b]"
    if "less_than" in kinds and isinstance(value, int | float) and 1 <= value < 100:
        return "write 0.95 for 95%"
    return _remedy_of_date(kinds, value) if kinds & {*_DATES, "datetime_type"} else ""


def _remedy_of_date(kinds: set[str], value: object) -> str:
    if isinstance(value, datetime):
        return "write the day only"
    if isinstance(value, date):
        return "add the time and its zone, such as T23:59:59Z"
    if not isinstance(value, str):
        return "write year-month-day"
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return "write a day of the calendar, as year-month-day"
    if "datetime_type" in kinds and instant.tzinfo is None:
        return "add the time zone: Z is UTC"
    return "write it without quotes"


def _fields(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the block at a path may have."""
    current: Any = model
    for part in path:
        blocks = list(_blocks(current))
        if isinstance(part, str) and blocks and part in blocks[0].model_fields and _is_block(current):
            current = blocks[0].model_fields[part].annotation
        else:
            current = _inner(current)
    blocks = list(_blocks(current))
    return list(blocks[0].model_fields) if blocks else []


def _is_block(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType, Annotated):
        return any(_is_block(part) for part in get_args(annotation))
    return False


def _inner(annotation: Any) -> Any:
    """The annotation of the values of a mapping or of the elements of a sequence."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType, Annotated):
        return next((inner for part in args if (inner := _inner(part)) is not None), None)
    if origin is tuple:
        return args[0]
    return args[1] if len(args) == 2 else None


def _blocks(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, types.UnionType, Annotated):
        for part in get_args(annotation):
            yield from _blocks(part)
