"""Document → model, with every violation worded as a problem in its place."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from equipoise.errors import InputError, Problem, ProtocolError
from equipoise.protocol.reading import Document, Path, shown

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "string_type": ("text", "put it in quotes"),
    "int_type": ("a whole number", ""),
    "int_from_float": ("a whole number", ""),
    "float_type": ("a number", "write it without quotes"),
    "bool_type": ("true or false", "write it without quotes"),
    "date_type": ("a date such as 2020-01-31", "write it without quotes"),
    "datetime_type": ("an instant such as 2020-01-31T12:00:00Z", "write it without quotes"),
    "mapping_type": ("a mapping (key: value)", ""),
    "dict_type": ("a mapping (key: value)", ""),
    "model_type": ("a mapping (key: value)", ""),
    "model_attributes_type": ("a mapping (key: value)", ""),
    "tuple_type": ("a list", "write [a, b]"),
    "list_type": ("a list", "write [a, b]"),
}


def validate(model: type[Model], document: Document, error: type[InputError] = ProtocolError) -> Model:
    """Build the model from the document. Raises ``error`` with all problems, in the order of the file."""
    try:
        return model.model_validate(document.value)
    except ValidationError as failure:
        problems = in_order(_problems(model, document, failure.errors(include_url=False)))
    raise error(f"{count_of(problems)} in {document.file}", problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems as a reader meets them, without repetitions."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.line or 0, p.column or 0, p.path))


def count_of(problems: list[Problem]) -> str:
    """``1 problem`` or ``7 problems``."""
    return f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known word, or all of them when they are few.

    >>> did_you_mean("relaps", ["relapse", "death"])
    "did you mean 'relapse'?"
    """
    names = list(known)
    near = difflib.get_close_matches(word[:80], names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    if not names:
        return ""
    return f"known: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}"


def _problems(model: type[BaseModel], document: Document, errors: list[ErrorDetails]) -> Iterable[Problem]:
    by_path: dict[Path, list[ErrorDetails]] = {}
    for detail in errors:
        by_path.setdefault(_path(document, detail), []).append(detail)
    for path, details in by_path.items():
        # A list or mapping that is wrong inside also fails to be the words ``not stated``: say it once.
        inside = any(other[: len(path)] == path and len(other) > len(path) for other in by_path)
        if inside and all(detail["type"] == "literal_error" for detail in details):
            continue
        details = [detail for detail in details if detail["type"] != "literal_error"] or details
        yield _problem(model, document, path, details[0])


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
        elif isinstance(value, tuple) and isinstance(part, int) and part < len(value):
            value = value[part]
            path = (*path, part)
    return path


def _problem(model: type[BaseModel], document: Document, path: Path, detail: ErrorDetails) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    found = shown(detail["input"])
    if "[key]" in detail["loc"]:
        return document.problem(path, f"the name {found}", _pattern(context), "rename it", key=True)
    if kind == "missing":
        return document.problem(path[:-1], "nothing", f"the key {str(path[-1])!r}", "add it")
    if kind == "extra_forbidden":
        known = _fields(model, path[:-1])
        return document.problem(path, f"the unknown key {str(path[-1])!r}", "a key that is part of the language",
                                did_you_mean(str(path[-1]), known), key=True)  # fmt: skip
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        return document.problem(
            path, found, f"one of {expected}", did_you_mean(str(detail["input"]), expected.split(", "))
        )
    if kind == "string_pattern_mismatch":
        return document.problem(path, found, _pattern(context), "rename it")
    if kind == "too_short":
        return document.problem(path, found, f"at least {context.get('min_length')} entries")
    if kind in _EXPECTED:
        expected, remedy = _EXPECTED[kind]
        return document.problem(path, found, expected, remedy)
    return document.problem(path, found, _sentence(detail["msg"]))


def _sentence(message: str) -> str:
    for prefix in ("Input should be ", "Value error, ", "Value should have "):
        message = message.removeprefix(prefix)
    return message[:1].lower() + message[1:]


def _pattern(context: dict[str, Any]) -> str:
    pattern = str(context.get("pattern", ""))
    if pattern.startswith("^[a-z]["):
        return "a name of a-z, 0-9 and _ that begins with a letter, at most 40 long"
    if pattern == "^[1-5]$":
        return "a grade from 1 to 5"
    return f"text that matches {pattern}" if pattern else "a shorter, non-empty text"


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
