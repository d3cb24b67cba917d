"""A YAML 1.2 file → plain data with the line and column of every key and value.

Protocols and mappings are written by people and read by a program that patients depend on. So the file
is a small, strict part of YAML: mappings, sequences and scalars. Anchors, aliases, tags, several
documents and repeated keys are problems, and size and depth are limited before anything is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path as FilePath
from typing import Any

from equipoise.errors import InputError, Problem, ProtocolError

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 24
MAX_NODES = 200_000

Path = tuple[str | int, ...]
Position = tuple[int, int]

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[-+]\d{2}:\d{2})\Z", re.ASCII
)
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True,
          "TRUE": True, "false": False, "False": False, "FALSE": False}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a file: mappings as dict (keys are text), sequences as tuple, and where each part stands."""

    file: str
    value: Any
    keys: dict[Path, Position] = field(repr=False)
    values: dict[Path, Position] = field(repr=False)

    def problem(
        self, path: Path, found: str, expected: str, remedy: str = "", *, key: bool = False
    ) -> Problem:
        """A problem at a path, with the position of its nearest known ancestor."""
        line, column = self._position(path, key)
        return Problem(file=self.file, line=line, column=column, path=dotted(path), found=found,
                       expected=expected, remedy=remedy)  # fmt: skip

    def _position(self, path: Path, key: bool) -> Position:
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def get(self, path: Path) -> Any:
        """The value at a path; KeyError if there is none."""
        value = self.value
        for part in path:
            try:
                value = value[part]
            except (IndexError, TypeError):
                raise KeyError(path) from None
        return value


def dotted(path: Path) -> str:
    """Write a path as people do.

    >>> dotted(("endpoints", "dfs", "events", 1))
    'endpoints.dfs.events[1]'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: Any) -> str:
    """A value as a message may print it: short, on one line.

    >>> shown("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'"
    """
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return f"a mapping of {len(value)} keys" if value else "an empty mapping"
    if isinstance(value, tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    text = value.isoformat() if isinstance(value, date) else repr(value)
    quote = text[0] if text[0] in "\"'" else ""
    return text if len(text) <= 60 else f"{text[:58]}…{quote}"


def read_text(path: FilePath, error: type[InputError] = ProtocolError) -> str:
    """Read a UTF-8 file; a missing, unreadable, too large or wrongly encoded one is one problem."""

    def fail(found: str, expected: str, remedy: str, line: int | None = None) -> InputError:
        problem = Problem(file=str(path), line=line, found=found, expected=expected, remedy=remedy)
        return error(f"cannot read {path.name}", [problem])

    try:
        if path.is_dir():
            raise fail("a folder", "a file", "name the file in it")
        if path.stat().st_size > MAX_BYTES:
            raise fail(f"{path.stat().st_size} bytes", f"at most {MAX_BYTES}", "is it the right file?")
        raw = path.read_bytes()
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise fail(reason, "a readable file", "check the path and its permissions") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        found = f"byte 0x{raw[problem.start]:02x}, which is not UTF-8"
        raise fail(found, "UTF-8 text", "save the file as UTF-8", line=line) from None


def read_document(text: str, file: str, error: type[InputError] = ProtocolError) -> Document:
    """Parse the text. Raises ``error`` with every structural problem that can be seen in one reading.

    >>> read_document("arms: {a: 1, b: [2020-01-31, no]}", "x.yaml").value
    {'arms': {'a': 1, 'b': (datetime.date(2020, 1, 31), 'no')}}
    """
    builder = _Builder(file)
    problem = builder.run(text)
    if problem is not None:
        builder.problems.append(problem)
    if not builder.problems and not isinstance(builder.root, dict):
        builder.report(
            (1, 1), (), shown(builder.root), "a mapping (key: value)", "see the examples under trials/"
        )
    if builder.problems:
        count = len(builder.problems)
        raise error(f"{count} problem{'s' * (count > 1)} in {file}", builder.problems)
    return Document(file, builder.root, builder.keys, builder.values)


class _Builder:
    """Builds the tree from parser events, on a stack of its own: depth cannot exhaust Python's."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Any = None
        self.keys: dict[Path, Position] = {}
        self.values: dict[Path, Position] = {}
        self.problems: list[Problem] = []
        self.stack: list[tuple[Path, Any]] = []  # open containers: their path, and dict or list
        self.pending: list[str | None] = []  # for each open dict, the key that waits for its value
        self.documents = 0
        self.nodes = 0

    def report(self, at: Position, path: Path, found: str, expected: str, remedy: str = "") -> None:
        self.problems.append(Problem(file=self.file, line=at[0], column=at[1], path=dotted(path), found=found,
                                     expected=expected, remedy=remedy))  # fmt: skip

    def run(self, text: str) -> Problem | None:
        """Consume the events; returns the problem that stopped the parser, if any."""
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        if "\x00" in text:
            return Problem(file=self.file, line=text.count("\n", 0, text.index("\x00")) + 1, found="a NUL character",
                           expected="text", remedy="save the file as UTF-8 text")  # fmt: skip
        try:
            for event in _events(text):
                if not self._take(event):
                    return None
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = {"line": mark.line + 1, "column": mark.column + 1} if mark else {}
            what = " ".join(str(error.problem or error.context or "a syntax error").split())
            return Problem(file=self.file, found=what, expected="YAML 1.2",
                           remedy="check indentation, quotes, brackets and the space after each colon", **place)  # fmt: skip
        except (
            YAMLError,
            ValueError,
            IndexError,
            TypeError,
            AttributeError,
            AssertionError,
            KeyError,
            RecursionError,
        ) as error:
            # The parser's own slips on hostile text; the text is at fault all the same.
            what = " ".join(str(error).split())[:120]
            return Problem(file=self.file, found=f"text that cannot be parsed ({what})", expected="YAML 1.2")
        return None

    def _take(self, event: Any) -> bool:
        kind = type(event).__name__
        at = (event.start_mark.line + 1, event.start_mark.column + 1)
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self.report(at, (), "a second document", "one document a file", "remove the line ---")
                return False
        elif kind == "AliasEvent":
            self.report(
                at, self._here(), f"the alias *{event.anchor}", "the value itself", "write the value out"
            )
            self._place(None, at)
        elif kind in ("MappingStartEvent", "SequenceStartEvent", "ScalarEvent"):
            return self._node(event, kind, at)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._close()
        return True

    def _node(self, event: Any, kind: str, at: Position) -> bool:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(self.stack) > MAX_DEPTH:
            self.report(
                at, self._here(), f"more than {MAX_NODES} values or {MAX_DEPTH} levels", "a smaller file"
            )
            return False
        if event.anchor is not None:
            self.report(at, self._here(), f"the anchor &{event.anchor}", "no anchors", "remove it")
        tag = getattr(event, "ctag", None) or event.tag
        if tag is not None and str(tag) not in ("!", "None"):
            self.report(at, self._here(), f"the tag {tag}", "no tags", "remove it")
        if kind == "ScalarEvent":
            plain = event.style in (None, "")
            if self.stack and isinstance(self.stack[-1][1], dict) and self.pending[-1] is None:
                self._key(str(event.value), at)
            else:
                self._place(_scalar(event.value) if plain else event.value, at)
            return True
        if self.stack and isinstance(self.stack[-1][1], dict) and self.pending[-1] is None:
            self.report(at, self._here(), "a list or mapping as a key", "a word as a key")
            return False
        container: Any = {} if kind == "MappingStartEvent" else []
        path = self._place(container, at)
        self.stack.append((path, container))
        self.pending.append(None)
        return True

    def _key(self, key: str, at: Position) -> None:
        path, container = self.stack[-1]
        if key in container:
            first = self.keys[(*path, key)]
            found = f"the key {key!r} a second time (first in line {first[0]})"
            self.report(at, (*path, key), found, "each key once", "merge or rename one of them")
        self.keys[(*path, key)] = at
        self.pending[-1] = key

    def _place(self, value: Any, at: Position) -> Path:
        path: Path = ()
        if not self.stack:
            self.root = value
        else:
            parent, container = self.stack[-1]
            if isinstance(container, dict):
                key = self.pending[-1]
                self.pending[-1] = None
                path = (*parent, str(key))
                container[str(key)] = value
            else:
                path = (*parent, len(container))
                container.append(value)
        self.values[path] = at
        return path

    def _close(self) -> None:
        path, container = self.stack.pop()
        self.pending.pop()
        if not isinstance(container, list):
            return
        closed = tuple(container)  # tuples, because the models behind are frozen
        if not self.stack:
            self.root = closed
        else:
            self.stack[-1][1][path[-1]] = closed

    def _here(self) -> Path:
        if not self.stack:
            return ()
        path, container = self.stack[-1]
        if isinstance(container, list):
            return (*path, len(container))
        return (*path, self.pending[-1]) if self.pending[-1] else path


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    parser = YAML(typ="safe", pure=True)
    parser.version = (1, 2)
    yield from parser.parse(text)


def _scalar(text: str) -> Any:
    """Resolve a plain scalar by the YAML 1.2 core schema, plus ISO dates; anything else is text."""
    if text in _WORDS:
        return _WORDS[text]
    try:
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        if _DATE.match(text):
            return date.fromisoformat(text)
        if _INSTANT.match(text):
            return datetime.fromisoformat(text)
    except ValueError:  # such as 2020-02-30: stays text, and the model says that it is no date
        return text
    return text
