"""The reference page of the protocol language, written from the model: it cannot drift from it."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from equipoise.protocol.definition import Protocol

_SCALARS = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_NAMED = {"date": "date", "datetime": "instant (UTC)"}


def reference() -> str:
    """The page as Markdown: every block in the order of the file, with its keys, values and defaults."""
    parts = [
        "# Reference of the protocol file",
        "Generated from the model (`equipoise.protocol.reference`); the tests compare. See [the guide](protocol.md).",
    ]
    for block in _blocks(Protocol, []):
        parts.append(f"## {block.__name__}\n\n{' '.join((getdoc(block) or '').split())}")
        rows = [
            f"| `{name}` | {words(field.annotation)} | {_default(field)} |"
            for name, field in block.model_fields.items()
        ]
        parts.append("\n".join(["| key | value | if left out |", "|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def words(annotation: Any) -> str:
    """What a key takes, in words.

    >>> words(tuple[Literal["jama", "nejm"], ...])
    'list of jama, nejm'
    """
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return words(args[0])
    if origin is Literal:
        return ", ".join(str(value) for value in args)
    if origin in (Union, types.UnionType):
        return " or ".join(words(part) for part in args if part is not type(None))
    if origin is tuple:
        several = len(args) == 2 and args[1] is Ellipsis
        return f"list of {words(args[0])}" if several else f"[{', '.join(words(part) for part in args)}]"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"name → {words(args[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _SCALARS.get(annotation) or _NAMED.get(getattr(annotation, "__name__", ""), str(annotation))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    default = field.default
    if default is PydanticUndefined or default == () or isinstance(default, Mapping):
        return "empty"
    if isinstance(default, BaseModel):
        return "its defaults"
    if isinstance(default, tuple):
        return ", ".join(str(part) for part in default)
    return (
        "nothing" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
    )


def _blocks(model: type[BaseModel], seen: list[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """A block, then the blocks that its keys hold, each once."""
    seen.append(model)
    yield model
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            if inner not in seen:
                yield from _blocks(inner, seen)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
