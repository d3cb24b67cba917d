"""What is wrong with a text that is no YAML, in the words of who wrote it, and in the place where they would mend it.

The parser says where it could not go on. Often that is lines after the fault: a quote that is not closed ends at the
next quote of the file, and a bracket at the next name.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

# Control characters, those that have no width or reorder the text around them, and halves of characters.
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u2028\u2029\ufeff\ud800-\udfff]"
)
_WIDE = re.compile(r"^ *([\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])", re.MULTILINE)
_CONFLICT = re.compile(r"^(<{7}|>{7})(?: |$)", re.MULTILINE)
_KEY = re.compile(r" *(?:- +)?[A-Za-z][A-Za-z0-9_]*:\S")
_FLOW = re.compile(r"expected ',' or '([\]}])', but got '(.+)'")

# What files begin with that are no text.
_KINDS = (
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "an archive, such as a Word or Excel file"),
    (b"\xd0\xcf\x11\xe0", "an Office file"),
    (b"SQLite format 3\x00", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a compressed file"),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Fault(NamedTuple):
    """What is wrong, where (line and column from 1), what was expected, and the remedy."""

    line: int
    column: int
    found: str
    expected: str
    remedy: str


def of_bytes(raw: bytes) -> tuple[str, str] | None:
    """What a file is, by its first bytes, if it is no text in UTF-8; and the remedy.

    >>> of_bytes(b"%PDF-1.7")
    ('a PDF file', 'name the file that was written as text')
    """
    for begin, kind in _KINDS:
        if raw.startswith(begin):
            return kind, "name the file that was written as text"
    return ("UTF-16 text", "save the file as UTF-8") if raw.startswith(_UTF16) else None


def of_characters(text: str) -> Fault | None:
    """The first character that nobody sees or that only looks like a space, or the mark of a merge conflict.

    >>> of_characters("a: 1\\nb: x\\x00y").found
    'the character U+0000'
    """
    lines = text.replace("\r", "\n")
    if unseen := UNSEEN.search(lines):
        remedy = "remove it, or save the file as UTF-8 text"
        return Fault(
            *_place(text, unseen.start()),
            f"the character {code(unseen[0])}",
            "text that can be seen",
            remedy,
        )
    if wide := _WIDE.search(lines):
        found = f"the space {code(wide[1])} in the indentation"
        return Fault(*_place(text, wide.start(1)), found, "spaces of the space bar", "type it again")
    if mark := _CONFLICT.search(lines):
        return Fault(*_place(text, mark.start()), f"{mark[1]}, the mark of a merge conflict", "one version of the file",
                     "keep one of the two, and remove the marks")  # fmt: skip
    return None


def of_parser(text: str, error: Any, quote: tuple[int, int, int] | None) -> Fault:
    """The fault behind what the parser says.

    quote: line and column (from 1) where the last quoted text of several lines begins, and the line where it ends.
    """
    said = " ".join(str(error.problem or error.context or "").split())
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Fault(1, 1, said[:80] or "a syntax error", "YAML 1.2", _LOOK)
    begin = error.context_mark or mark
    lines = re.split("\r\n|[\r\n]", text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    if quote is not None and quote[2] == mark.line + 1:
        found = f"a quote that is closed in line {quote[2]} only"
        return Fault(quote[0], quote[1], found, "the closing quote where its text ends", "close it")
    flow = _FLOW.match(said)
    if flow and flow[2] == ":" and mark.line == begin.line:
        return Fault(mark.line + 1, mark.column + 1, "a colon within a text", f"a comma or {flow[1]} before it",
                     "add the comma between entries, or put text that holds a colon in quotes")  # fmt: skip
    if said.startswith("expected <block end>") and (before := line[: mark.column].strip(" -")):
        return _after(mark, before[-1])
    if said.startswith("could not find expected ':'"):
        return _no_colon(begin, lines[begin.line] if begin.line < len(lines) else "")
    return _by_table(said, mark, begin)


def code(character: str) -> str:
    """The number of a character, as Unicode writes it.

    >>> code("é")
    'U+00E9'
    """
    return f"U+{ord(character):04X}"


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _after(mark: Any, last: str) -> Fault:
    """Text on a line on which a value has ended."""
    if last in "\"'":
        found, remedy = (
            "text after a closing quote",
            "put the whole text in double quotes",
        )
    elif last in "]}":
        found, remedy = "text after a closing bracket", "put text that holds brackets in quotes"
    else:
        found, remedy = "text after a value", "put text that begins with a sign in quotes"
    return Fault(mark.line + 1, mark.column + 1, found, "the end of the line", remedy)


def _no_colon(mark: Any, line: str) -> Fault:
    """A line that should begin with a name and a colon."""
    at = (mark.line + 1, mark.column + 1)
    if line[mark.column : mark.column + 1] in ("{", "["):
        return Fault(*at, "a bracket where a name must stand", "key: value, or - before an entry of a list",
                     "begin each entry of a list with - and a space")  # fmt: skip
    if _KEY.match(line):
        found = "a colon without a space after it"
        return Fault(*at, found, "key: value", "add the space")
    remedy = "add the colon, or indent text that goes on from the line above"
    return Fault(*at, "a line without a colon", "key: value", remedy)


def _by_table(said: str, mark: Any, begin: Any) -> Fault:
    for pattern, at_start, found, expected, remedy in _SAID:
        if match := re.search(pattern, said):
            place = begin if at_start else mark
            words = (text.format(*match.groups()) for text in (found, expected, remedy))
            return Fault(place.line + 1, place.column + 1, *words)
    return Fault(mark.line + 1, mark.column + 1, said.removeprefix("found ")[:80] or "a syntax error", "YAML 1.2", _LOOK)  # fmt: skip


_LOOK = "check indentation, quotes, brackets and the space after each colon"

# What the parser's message holds; whether the place is where the construct begins; found; expected; remedy.
_SAID = (
    (r"character '\\t'", False, "a tab", "spaces", "replace tabs by spaces"),
    (r"character (.+) that cannot start", False, "text that begins with {0}", "a word, a number or a quote",
     "put it in quotes"),
    (r"mapping values are not allowed", False, "a colon where no key can stand", "one key: value a line",
     "put text that holds a colon in quotes, or check the indentation"),
    (r"sequence entries are not allowed", False, "a dash where no list can begin", "a list on lines of its own",
     "begin the list on the next line, or put text that begins with a dash in quotes"),
    (r"expected <block end>", False, "a line that is indented like none above it", "the indentation of its block",
     "line it up with the others of its block"),
    (r"unexpected end of stream", True, "a quote that is never closed", "a closing quote", "close it"),
    (r"unexpected document separator", True, "a quote that is never closed", "a closing quote", "close it"),
    (r"expected ',' or '([\]}])'", True, "a bracket that is not closed in time", "a comma or {0} after each entry",
     "close it with {0}, or put text that holds brackets, commas, colons or # in quotes"),
    (r"in a block scalar", False, "a line that is indented more than the first line of its text",
     "a text whose first line is indented like the others", "line the text up, or remove an empty first line"),
    (r"indentation indicators", False, "text that begins with > or |", "a word, a number or a quote", "put it in quotes"),
    (r"expected the node content|did not find expected node", False, "nothing where a value must be", "a value",
     "remove the comma, or write the value"),
    (r"unknown escape character (.+)|escape sequence", False, "an unknown escape after \\", "a known escape such as \\n",
     "put the text in single quotes"),
)  # fmt: skip
