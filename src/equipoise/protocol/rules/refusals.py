"""What is said of a rule that cannot be read: where in its text, what stands there, and what to write instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from equipoise.protocol.reading.validation import did_you_mean
from equipoise.protocol.rules.language import ALLOWED, ELSEWHERE, FUNCTIONS

if TYPE_CHECKING:
    from sqlglot import expressions as exp

_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(", re.ASCII)
# What to write for a part of SQL that rules do not have.
_INSTEAD = {
    "ArrayOverlaps": "write and",
    "DPipe": "write or",
    "Div": "multiply the other side instead",
    "Mod": "write the number alone: its unit is that of the item",
    "Like": "use = or in",
    "ILike": "use = or in",
    "In": "write the values in brackets: in ('a', 'b')",
}


class RuleProblem(Exception):
    """What is wrong in a rule: offset in its text, what was found, expected, and the remedy."""

    def __init__(self, offset: int, found: str, expected: str, remedy: str = "") -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.offset, self.found, self.expected, self.remedy = offset, found, expected, remedy


def refused(text: str, node: exp.Expr) -> RuleProblem:
    """A part of SQL that rules do not have, or not in this form."""
    begin = span_of(text, node)[0]
    called = _CALL.match(text, node.meta["start"]) if "start" in node.meta else None
    if called is None:
        return RuleProblem(begin, words_of(text, node), ALLOWED, _INSTEAD.get(type(node).__name__, ""))
    near = ELSEWHERE.get(called[1].lower())
    known = (*FUNCTIONS, "coalesce")
    remedy = f"did you mean {near!r}?" if near else did_you_mean(called[1].lower(), known)
    return RuleProblem(begin, f"the function {short(called[1])}", "a function of rules", remedy)


def words_of(text: str, node: exp.Expr) -> str:
    """The part of the text that a node stands for, as far as the parser tells."""
    begin, end = span_of(text, node)
    words, after = text[begin:end], text[end:].lstrip()
    if after.startswith(")") and words.count("(") > words.count(")"):  # the bracket that ends a call
        words += ")"
    return short(words)


def span_of(text: str, node: exp.Expr) -> tuple[int, int]:
    """Where a node begins and ends in the text; the whole text where the parser does not tell."""
    spans = [(one.meta["start"], one.meta["end"] + 1) for one in node.walk() if "start" in one.meta]
    return (min(begin for begin, _ in spans), max(end for _, end in spans)) if spans else (0, len(text))


def short(text: str) -> str:
    """A text as a message may quote it.

    >>> short("x" * 50)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"
    """
    return repr(text if len(text) <= 40 else f"{text[:39]}…")
