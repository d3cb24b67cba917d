"""The content hash of a protocol."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel


def content_hash(block: BaseModel) -> str:
    """SHA-256 (hex) of what the block says, as compact JSON.

    The keys of a block are sorted and defaults left out; named entries (items, classes, arms, choices) keep
    the order of the file, which is part of what it says: the first class that holds applies.
    """
    text = json.dumps(_tree(block), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _tree(value: Any) -> Any:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        said = {name: getattr(value, name) for name in sorted(fields)}
        return {
            name: _tree(one)
            for name, one in said.items()
            if one != fields[name].get_default(call_default_factory=True)
        }
    if isinstance(value, Mapping):
        return {key: _tree(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_tree(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()  # one instant, however its zone was written
    return value.isoformat() if isinstance(value, date) else value
