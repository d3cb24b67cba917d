"""Parts of rules: the columns that they read, and what must all hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from equipoise.protocol.rules.rule import parse


def columns_of(rules: Iterable[str]) -> set[str]:
    """The names that rules read.

    >>> sorted(columns_of(["age > 1 and not fit", "fit"]))
    ['age', 'fit']
    """
    found: set[str] = set()
    for text in rules:
        found |= {node.name for node in parse(text).walk() if type(node).__name__ == "Column"}
    return found


def conditions(text: str) -> list[str]:
    """The parts of a rule that must all hold, as written; one for a rule that is no chain of ``and``.

    >>> conditions("a and (b or c) and d = 1")
    ['a', '(b OR c)', 'd = 1']
    """
    tree = bare(parse(text))
    parts = chain(tree) if type(tree).__name__ == "And" else [tree]
    return [f"({one.sql()})" if type(one).__name__ == "Or" else str(one.sql()) for one in parts]


def bare(node: Any) -> Any:
    """A part of a rule without the brackets around it."""
    while type(node).__name__ == "Paren":
        node = node.this
    return node


def chain(node: Any) -> list[Any]:
    """The operands of a chain of one operator, from left to right; brackets around such a chain mean nothing."""
    waiting, operands = [node], []
    while waiting:
        one = bare(waiting.pop())
        if type(one) is type(node):
            waiting += [one.expression, one.this]
        else:
            operands.append(one)
    return operands
