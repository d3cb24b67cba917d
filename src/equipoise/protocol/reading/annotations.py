"""What the model allows at a place of the file: the keys of its blocks, the length of its lists."""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from equipoise.protocol.reading.document import Path


def fields_at(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the block at a path may have."""
    blocks = list(_blocks(_annotation(model, path)))
    return list(blocks[0].model_fields) if blocks else []


def length_at(model: type[BaseModel], path: Path) -> int | None:
    """How many entries the list at a path must have, if the language says so."""
    current = _annotation(model, path)
    parts = [
        current,
        *(get_args(current) if get_origin(current) in (Union, types.UnionType, Annotated) else ()),
    ]
    fixed = [get_args(part) for part in parts if get_origin(part) is tuple and Ellipsis not in get_args(part)]
    return len(fixed[0]) if fixed else None


def _annotation(model: type[BaseModel], path: Path) -> Any:
    """What may stand at a path."""
    current: Any = model
    for part in path:
        blocks = list(_blocks(current))
        if isinstance(part, str) and blocks and part in blocks[0].model_fields and _is_block(current):
            current = blocks[0].model_fields[part].annotation
        else:
            current = _inner(current)
    return current


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
