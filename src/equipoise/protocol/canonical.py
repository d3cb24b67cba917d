"""The content hash of a protocol."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel


def content_hash(block: BaseModel) -> str:
    """SHA-256 (hex) of the block as JSON with sorted object keys.

    Classes, arms and choices are ordered lists in meaning, so their order of keys is kept beside them.
    """
    tree = block.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(_ordered(tree), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _ordered(node: object) -> object:
    """Write each object as a list of pairs: the order of classes and choices is part of the meaning."""
    if isinstance(node, dict):
        return [[key, _ordered(value)] for key, value in node.items()]
    if isinstance(node, list):
        return [_ordered(value) for value in node]
    return node
