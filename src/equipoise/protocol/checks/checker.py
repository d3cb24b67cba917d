"""The small checks of which the cross-checks of blocks are made: a name is declared, a label stands once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from equipoise.errors import Problem
from equipoise.protocol.definition import Protocol
from equipoise.protocol.reading.document import Document, Path
from equipoise.protocol.reading.validation import did_you_mean


@dataclass(frozen=True)
class Checks:
    """A protocol, where it was read from, and how a rule at a place is checked."""

    protocol: Protocol
    document: Document
    condition: Callable[[Path, str], Iterator[Problem]]

    def problem(
        self, path: Path, found: str, expected: str, remedy: str = "", *, key: bool = False
    ) -> Problem:
        """A problem in its place."""
        return self.document.problem(path, found, expected, remedy, key=key)

    def known(self, path: Path, name: str | None, names: Iterable[str], what: str) -> Iterator[Problem]:
        """A name, where there is one, is declared."""
        declared = list(names)
        if name is not None and name not in declared:
            remedy = did_you_mean(name, declared) if declared else f"declare a {what}"
            yield self.problem(path, repr(name), f"a declared {what}", remedy)

    def all_known(
        self, path: Path, given: Sequence[str], names: Iterable[str], what: str
    ) -> Iterator[Problem]:
        """Names are declared, each stands once."""
        declared = list(names)
        for index, name in enumerate(given):
            yield from self.known((*path, index), name, declared, what)
        yield from self.different(path, given)

    def different(self, path: Path, values: Sequence[object]) -> Iterator[Problem]:
        """No value stands twice."""
        for index, value in enumerate(values):
            if value in values[:index]:
                yield self.problem((*path, index), f"{value!r} a second time", "each once", "remove it")

    def labels(self, block: Path, labels: Mapping[str, str], what: str) -> Iterator[Problem]:
        """Labels stand in documents without their names: two that are equal cannot be told apart."""
        first: dict[str, str] = {}
        for name, label in labels.items():
            if label in first:
                found = f"the label {label!r} for both {first[label]} and {name}"
                yield self.problem((*block, name), found, f"a label of its own for each {what}", "reword one")
            first.setdefault(label, name)

    def rule(self, path: Path, text: str | None) -> Iterator[Problem]:
        """A rule, where there is one, runs and is not constantly false."""
        if text is not None:
            yield from self.condition(path, text)

    def factor(self, path: Path, name: str | None, *others: str) -> Iterator[Problem]:
        """An item with levels, or one of the other names."""
        of = self.protocol
        if name is None or name in others:
            return
        yield from self.known(path, name, [*of.items, *of.derived, *others], "item or derived item")
        item, derived = of.items.get(name), of.derived.get(name)
        if (derived is not None and derived.classes is None) or (
            derived is None and item is not None and item.type not in ("choice", "boolean")
        ):
            yield self.problem(path, f"{name!r}, which has no levels", "a choice, a boolean or a classified item",
                               "derive classes from it")  # fmt: skip


def earlier(day: date | str, other: date | str) -> bool:
    """Whether a day is before another one; a month is any of its days, and what is not stated is never earlier.

    >>> earlier("2020-01", date(2020, 1, 1)), earlier("2019-12", date(2020, 1, 1))
    (False, True)
    """
    if "not stated" in (day, other):
        return False
    length = min(len(str(day)), len(str(other)))
    return str(day)[:length] < str(other)[:length]
