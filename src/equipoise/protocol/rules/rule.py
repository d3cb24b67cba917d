"""Rules: SQL boolean expressions over declared items, with SQL's three-valued logic.

A rule is parsed by sqlglot. Its tree is read node by node against a list of what is allowed
(:mod:`equipoise.protocol.rules.grammar`), typed against the declared columns, and turned into a polars expression
that runs for one subject as for a million. What is not on the list cannot be evaluated, because nothing
here knows how. Unknown is not false: a rule over a missing value is null, and a class applies only where it
is true and every class before it is known to be false. Arithmetic is done in double precision, so that
whole numbers never overflow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from equipoise.protocol.rules.grammar import MAX_NESTING, SPLIT, Reader, RuleProblem

__all__ = ["MAX_LENGTH", "MAX_NESTING", "Rule", "RuleProblem", "compile_rule", "parse"]

MAX_LENGTH = 4000  # characters
_CLOSED = re.compile(r"""'(?:[^']|'')*+'|"(?:[^"]|"")*+\"""")


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule.

    text: as written.  sql: the same, with every bracket written out.  kind: ``truth``, ``number``, ``text``
    or ``date``.  columns: the items that it reads.  expression: what is evaluated.
    """

    text: str
    sql: str = field(repr=False)
    kind: str = field(repr=False)
    columns: frozenset[str] = field(repr=False)
    expression: pl.Expr = field(repr=False, compare=False)

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        """Evaluate over the rows; null is unknown.

        >>> frame = pl.DataFrame({"mrd": [0.2, 0.05, None]})
        >>> compile_rule("mrd >= 0.1", {"mrd": pl.Float64()}).evaluate(frame).to_list()
        [True, False, None]
        """
        value = frame.select(self.expression.alias("rule"))["rule"]
        # A rule without columns is one constant, the same for every row.
        return value if value.len() == frame.height else value.new_from_index(0, frame.height)


def compile_rule(
    text: str,
    columns: Mapping[str, pl.DataType],
    choices: Mapping[str, tuple[str, ...]] | None = None,
    kind: str = "truth",
) -> Rule:
    """Check a rule and make it ready to run.

    columns: the names that it may use, with their types.  choices: for columns of choices, their codes.
    kind: what the rule must give (``any`` to accept all).  Raises RuleProblem.
    """
    reader = Reader(text, columns, choices or {})
    part = reader.read(parse(text))
    if part.kind == "null":
        raise RuleProblem(0, "an expression that is always unknown", "one that gives a value")
    if kind not in ("any", part.kind):
        raise RuleProblem(0, f"an expression that gives {part.kind}", f"one that gives {kind}")
    rule = Rule(text, part.sql, part.kind, frozenset(reader.used), part.value)
    _try(rule, columns)
    return rule


def _try(rule: Rule, columns: Mapping[str, pl.DataType]) -> None:
    """Run the rule once over a row of unknowns: what polars cannot run is a problem of the file, now."""
    unknown = {name: columns[name] for name in rule.columns} or {"": pl.Null()}
    try:
        rule.evaluate(pl.DataFrame({name: [None] for name in unknown}, schema=unknown))
    except (pl.exceptions.PolarsError, ValueError, OverflowError, TypeError) as error:
        raise RuleProblem(0, "an expression that cannot be evaluated", "a simpler one", SPLIT) from error


@lru_cache(maxsize=4096)
def parse(text: str) -> Any:
    """The tree of a rule, not yet checked against the list of what is allowed. Raises RuleProblem."""
    from sqlglot import expressions as exp
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import ParseError, TokenError

    if len(text) > MAX_LENGTH:
        raise RuleProblem(0, f"a rule of {len(text)} characters", f"at most {MAX_LENGTH}", SPLIT)
    try:
        text.encode()
    except UnicodeEncodeError as error:  # half a character; nothing that evaluates could hold it
        found = f"the character {text[error.start]!r}"
        raise RuleProblem(error.start, found, "text that can be written in UTF-8") from None
    depth = 0
    for offset, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_NESTING:
            raise RuleProblem(offset, "a deeply nested rule", f"at most {MAX_NESTING} levels", SPLIT)
    try:
        # As a condition, never as a statement: SELECT, DROP and IF … THEN are not even parsed.
        dialect = Dialect.get_or_raise("postgres")
        # It would log paths that it cannot read; no rule has one.
        dialect.to_json_path = lambda path: path  # type: ignore[method-assign]
        parser = dialect.parser()
        parser.NO_PAREN_IF_COMMANDS = False  # type: ignore[misc]
        trees = parser.parse_into(exp.Condition, dialect.tokenize(text), text)
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        said, marked = str(first.get("description") or ""), str(first.get("highlight") or "")
        found = f"{marked!r}, which fits nothing before it" if marked else "nothing that could be evaluated"
        if said.startswith("Required keyword"):
            found = f"nothing after {marked!r}"
        elif said.startswith("Expecting )"):
            found = "a bracket that is not closed"
        elif said.startswith("Expected END"):
            found = "a case without end"
        offset = _offset(text, first.get("line"), first.get("col"), marked)
        expected = "an SQL expression such as age >= 18 and sex = 'female'"
        raise RuleProblem(offset, found, expected, _instead(marked, found)) from None
    except RecursionError:
        raise RuleProblem(0, "a deeply nested rule", f"at most {MAX_NESTING} levels", SPLIT) from None
    except TokenError:
        found = "a quote or comment that is never closed"
        raise RuleProblem(
            _open_quote(text), found, "an SQL expression", "close it; text stands in 'single quotes'"
        ) from None
    except Exception as error:  # the parser's own slips on hostile text; the text is at fault all the same
        raise RuleProblem(0, "text that is no SQL", "an SQL expression") from error
    if len(trees) != 1 or trees[0] is None:
        found = "nothing that could be evaluated" if not any(trees) else f"{len(trees)} expressions"
        remedy = "join them by and" if len(trees) > 1 else ""
        raise RuleProblem(0, found, "an SQL expression such as age >= 18 and sex = 'female'", remedy)
    return trees[0]


_SIGNS = {
    "≥": "write >=", "=>": "write >=", "⩾": "write >=", "≤": "write <=", "=<": "write <=", "⩽": "write <=",
    "≠": "write <>", "%": "write the number alone: its unit is that of the item", ",": "write decimals with a point",
}  # fmt: skip


def _instead(marked: str, found: str) -> str:
    """What to write for a sign that rules do not have."""
    if marked.isalpha() and found.endswith("fits nothing before it"):
        return "write text in 'single quotes', and no units"
    return _SIGNS.get(marked, "")


def _open_quote(text: str) -> int:
    """Where the quote begins that is never closed; 0 if there is none."""
    closed = _CLOSED.sub(lambda found: " " * len(found[0]), text)
    return max(0, min((closed.find(quote) for quote in "'\"" if quote in closed), default=0))


def _offset(text: str, line: Any, column: Any, marked: str) -> int:
    """Where the marked text begins; the parser gives the line and the column of its last character."""
    if not isinstance(line, int) or not isinstance(column, int):
        return 0
    begin = 0
    for _ in range(line - 1):
        begin = text.find("\n", begin) + 1
    return max(0, min(begin + column - len(marked), len(text)))
