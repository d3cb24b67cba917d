"""The protocol language as a JSON Schema, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any

from equipoise.protocol.definition import Protocol

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The structure of a protocol file; names and rules are only checked by loading it.

    >>> schema = json_schema()
    >>> schema["title"], schema["additionalProperties"], "endpoints" in schema["properties"]
    ('equipoise protocol', False, True)
    """
    schema = Protocol.model_json_schema()
    return {"$schema": DIALECT, **schema, "title": "equipoise protocol"}
