"""Protocol file → :class:`Protocol`: the one reader of files on this side of the house."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from equipoise.errors import ProtocolError
from equipoise.protocol.checks import check
from equipoise.protocol.definition import Protocol
from equipoise.protocol.reading.document import MAX_PROBLEMS, Document, count_of, read_document, read_text
from equipoise.protocol.reading.validation import in_order, validate


def load_protocol(path: str | Path) -> Protocol:
    """Read a protocol file.

    Raises ProtocolError with every problem found, each with file, line, column, the value found, what
    was expected and the remedy. Structure is reported first: names and rules are only checked in a file
    whose keys and types are right.
    """
    return load_with_document(path)[0]


def load_with_document(path: str | Path) -> tuple[Protocol, Document]:
    """Read a protocol file as ``load_protocol`` does, and keep where each part stands, for further messages."""
    document = read_document(read_text(Path(path)), str(path))
    return _checked(document), document


def parse_protocol(text: str, file: str = "protocol.yaml") -> Protocol:
    """Read a protocol from text; ``file`` is the name that messages give."""
    return _checked(read_document(text, file))


def _checked(document: Document) -> Protocol:
    protocol = validate(Protocol, document)
    problems = in_order(islice(check(protocol, document), MAX_PROBLEMS))
    if problems:
        raise ProtocolError(f"{count_of(problems)} in {document.file}", problems)
    return protocol
