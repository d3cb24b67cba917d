"""A YAML 1.2 file → plain data with the line and column of every key and value.

Protocols and mappings are written by people and read by a program that patients depend on. So the file
is a small, strict part of YAML: mappings, sequences and scalars. Anchors, aliases, tags, merge keys,
several documents, repeated keys and characters that nobody sees are problems. Size, depth and number of
values are limited while reading, so that no file keeps a reader for more than two seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path as FilePath
from typing import Any

from equipoise.errors import InputError, Problem, ProtocolError
from equipoise.protocol.reading import syntax
from equipoise.protocol.reading.scalars import scalar

MAX_BYTES = 256 * 1024
MAX_DEPTH = 24
MAX_NODES = 20_000
MAX_PROBLEMS = 100

Path = tuple[str | int, ...]
Position = tuple[int, int]


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
        line, column = self.position(path, key=key)
        return Problem(file=self.file, line=line, column=column, path=dotted(path), found=found,
                       expected=expected, remedy=remedy)  # fmt: skip

    def position(self, path: Path, *, key: bool = False) -> Position:
        """Line and column of the value at a path, or of its key, or of what is known nearest above."""
        if path in self.keys and (key or isinstance(self._at(path), dict)):
            return self.keys[path]  # a mapping's own place is that of its first key, lines below its name
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def _at(self, path: Path) -> Any:
        try:
            return self.get(path)
        except KeyError:
            return None

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
        if isinstance(part, str) and (len(part) > 60 or not part.isprintable()):
            part = shown(part)
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
        keys = "1 key" if len(value) == 1 else f"{len(value)} keys"
        return f"a mapping of {keys}" if value else "an empty mapping"
    if isinstance(value, tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = (
        value.isoformat()
        if isinstance(value, date)
        else repr(value[:100] if isinstance(value, str) else value)
    )
    quote = text[0] if text[0] in "\"'" else ""
    return text if len(text) <= 60 else f"{text[:58]}…{quote}"


def read_text(path: FilePath, error: type[InputError] = ProtocolError) -> str:
    """Read a UTF-8 file; a missing, unreadable, too large or wrongly encoded one is one problem."""

    def fail(
        found: str, expected: str, remedy: str, line: int | None = None, column: int | None = None
    ) -> InputError:
        problem = Problem(
            file=str(path), line=line, column=column, found=found, expected=expected, remedy=remedy
        )
        return error(f"cannot read {path.name}", [problem])

    try:
        if path.is_dir():
            raise fail("a folder", "a file", "name the file in it")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise fail(reason, "a readable file", "check the path and its permissions") from None
    if len(raw) > MAX_BYTES:
        raise fail(f"more than {MAX_BYTES:,} bytes", "a smaller file", "is it the right file?", 1, 1)
    if kind := syntax.of_bytes(raw):
        raise fail(kind[0], "UTF-8 text", kind[1], 1, 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        begin = raw.rfind(b"\n", 0, problem.start) + 1
        column = len(raw[begin : problem.start].decode("utf-8-sig", "replace")) + 1
        found = f"the byte 0x{raw[problem.start]:02x}, which is not UTF-8"
        raise fail(found, "UTF-8 text", "save the file as UTF-8", line, column) from None


def count_of(problems: list[Problem]) -> str:
    """``1 problem`` or ``7 problems``."""
    count = len(problems)
    return f"{count} problem{'s' * (count != 1)}{' or more' * (count >= MAX_PROBLEMS)}"


def read_document(text: str, file: str, error: type[InputError] = ProtocolError) -> Document:
    """Parse the text. Raises ``error`` with every structural problem that can be seen in one reading.

    >>> read_document("arms: {a: 1, b: [2020-01-31, no]}", "x.yaml").value
    {'arms': {'a': 1, 'b': (datetime.date(2020, 1, 31), 'no')}}
    """
    builder = _Builder(file)
    problem = builder.run(text)
    # What the parser stumbles over in a line with a problem is that problem.
    if problem is not None and problem.line not in [one.line for one in builder.problems]:
        builder.problems.append(problem)
    if not builder.problems and not isinstance(builder.root, dict):
        at = builder.values.get((), (1, 1))
        remedy = "equipoise new FOLDER writes one to begin with"
        builder.report(at, (), shown(builder.root), "a mapping (key: value)", remedy)
    if builder.problems:
        problems = sorted(builder.problems, key=lambda one: (one.line or 0, one.column or 0))
        raise error(f"{count_of(problems)} in {file}", problems)
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
        # The last quoted text of several lines: where it begins, and its last line.
        self.quote: tuple[int, int, int] | None = None

    def report(self, at: Position, path: Path, found: str, expected: str, remedy: str = "") -> None:
        self.problems.append(Problem(file=self.file, line=at[0], column=at[1], path=dotted(path), found=found,
                                     expected=expected, remedy=remedy))  # fmt: skip

    def run(self, text: str) -> Problem | None:
        """Consume the events; returns the problem that stopped the parser, if any."""
        from ruamel.yaml.error import MarkedYAMLError

        text = text.removeprefix("\ufeff")
        if len(text) > MAX_BYTES:
            return self._problem(
                (1, 1), f"more than {MAX_BYTES:,} characters", "a smaller file", "is it the right file?"
            )
        if fault := syntax.of_characters(text):
            return self._fault(fault)
        try:
            for event in _events(text):
                if not self._take(event) or len(self.problems) >= MAX_PROBLEMS:
                    return None
        except MarkedYAMLError as error:
            return self._fault(syntax.of_parser(text, error, self.quote))
        except Exception:  # the parser's own slips on hostile text; the text is at fault all the same
            found, remedy = "text that cannot be parsed", "compare with the examples under trials/"
            return self._problem((1, 1), found, "YAML 1.2", remedy)
        return None

    def _problem(self, at: Position, found: str, expected: str, remedy: str) -> Problem:
        return Problem(
            file=self.file, line=at[0], column=at[1], found=found, expected=expected, remedy=remedy
        )

    def _fault(self, fault: syntax.Fault) -> Problem:
        line, column, *words = fault
        return self._problem((line, column), *words)

    def _take(self, event: Any) -> bool:
        kind = type(event).__name__
        at = (event.start_mark.line + 1, event.start_mark.column + 1)
        if kind == "DocumentStartEvent":
            self.documents += 1
            if event.version or event.tags:
                self.report(at, (), "a directive that begins with %", "none", "remove the line")
            if self.documents > 1:
                self.report(at, (), "a second document", "one document a file", "remove the line ---")
                return False
        elif kind == "AliasEvent":
            found = f"the alias *{_name(event.anchor)}"
            remedy = "write the value out, or put text that begins with * in quotes"
            self.report(at, self._here(), found, "the value itself", remedy)
            if self._awaits_key():
                self._key(f"*{event.anchor}", at)
            else:
                self._place(None, at)
        elif kind in ("MappingStartEvent", "SequenceStartEvent", "ScalarEvent"):
            return self._node(event, kind, at)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._close()
        return True

    def _node(self, event: Any, kind: str, at: Position) -> bool:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(self.stack) > MAX_DEPTH:
            found = (
                f"more than {MAX_NODES:,} values"
                if self.nodes > MAX_NODES
                else f"more than {MAX_DEPTH} levels"
            )
            self.report(at, (), found, "a smaller file", "is it the right file?")
            return False
        if event.anchor is not None:
            found = f"the anchor &{_name(event.anchor)}"
            self.report(at, self._here(), found, "no anchors", "remove it, and write out what refers to it")
        tag = str(event.tag or event.ctag or "")
        if tag not in ("", "None"):
            found = f"the tag {_name(tag.replace('tag:yaml.org,2002:', '!!'))}"
            self.report(at, self._here(), found, "no tags", "remove it")
        if kind == "ScalarEvent":
            if event.style in ("'", '"') and event.start_mark.line != event.end_mark.line:
                self.quote = (*at, event.end_mark.line + 1)
            self._scalar_node(str(event.value), event.style in (None, ""), at)
            return True
        if self._awaits_key():
            self.report(at, self._here(), "a list or mapping as a key", "a word as a key",
                        "put text that begins with a bracket or ? in quotes")  # fmt: skip
            return False
        container: Any = {} if kind == "MappingStartEvent" else []
        path = self._place(container, at)
        self.stack.append((path, container))
        self.pending.append(None)
        return True

    def _awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1][1], dict) and self.pending[-1] is None

    def _scalar_node(self, text: str, plain: bool, at: Position) -> None:
        unseen = syntax.UNSEEN.search(text)
        if unseen:
            found = f"the character {syntax.code(unseen[0])}"
            self.report(at, self._here(), found, "text that can be seen", "remove the escape")
        if self._awaits_key():
            if text == "<<" and plain:
                self.report(at, self._here(), "the merge key <<", "the keys themselves", "write them out")
            self._key(text, at)
            return
        if plain and not text:  # an empty value stands where its key does, not where the parser noticed
            at = self.keys.get(self._here(), at)
        self._place(scalar(text) if plain else text, at)

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
        return (*path, str(self.pending[-1])) if self.pending[-1] is not None else path


def _name(text: str) -> str:
    return text if text.isprintable() and len(text) <= 60 else shown(text)


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    parser = YAML(typ="safe", pure=True)
    parser.version = (1, 2)
    yield from parser.parse(text)
