"""Rules in words: the tree of a rule as sentences whose brackets are lists, so that they can be read in one way only.

The words follow three-valued logic: what is unknown makes a condition unknown, never false. ``not`` is moved
inside only where that changes nothing (not of ``or`` is none of them, also with unknowns).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from equipoise.protocol.definition import Protocol
from equipoise.protocol.rules import columns
from equipoise.protocol.rules.rule import parse
from equipoise.report.explain.conditions import bare, chain
from equipoise.report.explain.document import Block, Bullets, Inline, Paragraph
from equipoise.report.explain.names import Names
from equipoise.report.explain.sentences import (
    Group,
    Leaf,
    Words,
    blocks,
    capital,
    day,
    noted,
    sentence,
)
from equipoise.report.labels import plural

if TYPE_CHECKING:
    from sqlglot import expressions as exp

_ORDER = {"LT": "below", "LTE": "at most", "GT": "above", "GTE": "at least"}
_DAYS = {"LT": "before", "LTE": "on or before", "GT": "after", "GTE": "on or after"}
_SIGNS = {"Add": "plus", "Sub": "minus", "Mul": "times"}
_CALENDAR = {
    "completed_months": "completed months",
    "completed_years": "completed years",
    "days_between": "days",
}


class Wording:
    """Words for the rules of one protocol."""

    def __init__(self, protocol: Protocol) -> None:
        self.names = Names(protocol)
        self._event = False

    def read(self, text: str, *, event: bool = False) -> Words:
        """The rule in words. event: it is a rule over adverse events. The file has been checked before."""
        self._event = event
        tree = parse(text)
        return self._truth(tree) if self._gives_truth(tree) else Leaf(_unbracketed(self._value(tree)))

    def sentence(self, text: str, *, event: bool = False) -> str:
        """The rule as one sentence, with brackets."""
        return capital(sentence(self.read(text, event=event)))

    def lines(self, text: str) -> str:
        """The rule on several lines, for drawings: what stands in brackets is a list that is set in."""
        return "\n".join(_lines(blocks(self.read(text))))

    def blocks(self, text: str, *, event: bool = False, lead: tuple[Inline, ...] = ()) -> tuple[Block, ...]:
        """The rule as a line or as lists. lead: what stands before it in the same paragraph."""
        return blocks(self.read(text, event=event), lead=lead)

    def _gives_truth(self, node: exp.Expr) -> bool:
        """Whether a part of a rule is a condition, not a value."""
        node = bare(node)
        kind = type(node).__name__
        if kind == "Column":
            return self._holds_truth(node.name)
        if kind == "Coalesce":
            return any(self._gives_truth(one) for one in (node.this, *node.expressions))
        if kind == "Case":
            results = [branch.args["true"] for branch in node.args["ifs"]]
            default = node.args.get("default")
            return any(self._gives_truth(one) for one in [*results, *([] if default is None else [default])])
        return kind in ("And", "Or", "Not", "Boolean", "Is", "In", "Between", "EQ", "NEQ", *_ORDER)

    def _holds_truth(self, name: str) -> bool:
        protocol = self.names.protocol
        if name in protocol.items:
            return protocol.items[name].type == "boolean"
        if name in protocol.derived:
            value = protocol.derived[name].value
            if self.names.is_made_eligible(name):  # of many criteria, it may be longer than a rule can be
                return True
            return value is not None and self._gives_truth(parse(value))
        return name in columns.STATUS or str(columns.ADVERSE_EVENT.get(name)) == "Boolean"

    # -- conditions --------------------------------------------------------------------------------

    def _truth(self, node: exp.Expr) -> Words:
        node = bare(node)
        kind = type(node).__name__
        if kind in ("And", "Or"):
            operands = chain(node)
            if kind == "Or":
                return Group("any", tuple(self._truth(one) for one in operands))
            parts = self._between_bounds(operands)
            return Group("all", parts) if len(parts) > 1 else parts[0]
        if kind == "Not":
            return self._not(bare(node.this))
        if kind == "Column":
            return Leaf(self._yes(node.name, yes=True))
        if kind == "Boolean":
            return Leaf("always" if node.this else "never")
        if kind == "Coalesce":
            return self._counted(node)
        if kind == "Case":
            return self._cases(node)
        return Leaf(self._predicate(node, yes=True))

    def _between_bounds(self, operands: list[exp.Expr]) -> tuple[Words, ...]:
        """The parts of a chain of ``and``; two bounds of one item in a row are said in one breath."""
        parts: list[Words] = []
        waiting = list(operands)
        while waiting:
            first, *rest = waiting
            item = self._available(first)
            if item and rest and _name(getattr(bare(rest[0]), "this", None)) == item:
                known, *others = self._between_bounds(rest)
                label = self.names.label(item)
                if isinstance(known, Leaf) and known.text.startswith(f"{label} "):
                    said = known.text.removeprefix(f"{label} ").removeprefix("is ")
                    return (*parts, Leaf(f"{label} available and {said}"), *others)
            if rest and _bounded(first) and _bounded(first) == _bounded(rest[0]):
                low = self._predicate(first, yes=True, unit=False)
                high = self._predicate(rest[0], yes=True)
                subject = self._value(first.this)
                parts.append(Leaf(f"{low} and {high.removeprefix(subject).strip()}"))
                waiting = rest[1:]
            else:
                parts.append(self._truth(first))
                waiting = rest
        return tuple(parts)

    def _available(self, node: exp.Expr) -> str:
        """The item that a part of a rule says is not recorded as unavailable; empty for any other part."""
        node = bare(node)
        null = type(node).__name__ == "Is" and type(bare(node.expression)).__name__ == "Null"
        return self.names.reasons_of(_name(node.this)) if null and not node.args.get("negate") else ""

    def _not(self, node: exp.Expr) -> Words:
        kind = type(node).__name__
        if kind == "Not":
            return self._truth(node.this)
        if kind == "Column":
            return Leaf(self._yes(node.name, yes=False))
        if kind in ("In", "Between", "Is", "EQ", "NEQ"):
            return Leaf(self._predicate(node, yes=False))
        if kind == "Coalesce" and len(node.expressions) == 1 and _constant(node.expressions[0]) is False:
            inner = self._not(bare(node.this))
            return noted(inner, "or unknown")
        words = self._truth(node)
        if isinstance(words, Group) and not words.note and words.kind in ("all", "any"):
            return replace(words, kind="not all" if words.kind == "all" else "none")
        return Group("none", (words,))

    def _yes(self, name: str, *, yes: bool) -> str:
        made = name in ("randomized", "treated") or self.names.is_made_eligible(name)
        if made and not self._event:
            return name if yes else f"not {name}"
        return f"{self.names.label(name, event=self._event)}: {'yes' if yes else 'no'}"

    def _counted(self, node: exp.Expr) -> Words:
        """A condition that says itself what unknown counts as."""
        constant = _constant(node.expressions[0]) if len(node.expressions) == 1 else None
        if constant is None:
            return Leaf(f"{self._value(node)} is true")
        return noted(self._truth(node.this), f"unknown counts as {'met' if constant else 'not met'}")

    def _cases(self, node: exp.Expr) -> Words:
        parts: list[Words] = []
        for branch in node.args["ifs"]:
            result = sentence(self._truth(branch.args["true"]))
            parts.append(Leaf(f"if {sentence(self._truth(branch.this), inner=True)}: {result}"))
        default = node.args.get("default")
        last = "unknown" if default is None else sentence(self._truth(default))
        return Group("cases", (*parts, Leaf(f"otherwise: {last}")))

    def _predicate(self, node: exp.Expr, *, yes: bool, unit: bool = True) -> str:
        kind = type(node).__name__
        if kind == "Is":
            return self._is(node, yes=yes != bool(node.args.get("negate")))
        subject = self._value(node.this)
        name = _name(node.this)
        no = "" if yes else "not "
        if kind == "In":
            listed = [self._literal(name, one) for one in node.expressions]
            if len(listed) == 1:
                return f"{subject} is {no}{listed[0]}"
            joined = f"{', '.join(listed[:-1])} or {listed[-1]}"
            return f"{subject} is {joined}" if yes else f"{subject} is none of {', '.join(listed)}"
        if kind == "Between":
            low, high = (self._literal(name, node.args[end]) for end in ("low", "high"))
            return f"{subject} is {no}from {low} to {high}, both included"
        constant = _constant(node.expression)
        if kind in ("EQ", "NEQ") and name and constant is not None:
            return self._yes(name, yes=constant == (yes == (kind == "EQ")))
        other = self._literal(name if unit else "", node.expression)
        if type(bare(node.this)).__name__ in ("Literal", "Cast", "Neg") and _name(node.expression):
            subject = self._literal(_name(node.expression), node.this)
        if kind in ("EQ", "NEQ"):
            return f"{subject} {'is' if yes == (kind == 'EQ') else 'other than'} {other}"
        days = self._days(node.this) or self._days(node.expression)
        return f"{subject} {'is ' if days else ''}{(_DAYS if days else _ORDER)[kind]} {other}"

    def _is(self, node: exp.Expr, *, yes: bool) -> str:
        name, right = _name(node.this), bare(node.expression)
        no = "" if yes else "not "
        if type(right).__name__ != "Null":
            inner = sentence(self._truth(node.this))
            return f"{inner} (known to be {'true' if right.this else 'false'})" if yes else (
                f"{inner} (not known to be {'true' if right.this else 'false'})"
            )  # fmt: skip
        item = self.names.reasons_of(name)
        if item:
            return f"{self.names.label(item)} is {'not ' if yes else ''}recorded as unavailable"
        if not self._event and name == "registered_on":
            return "not registered" if yes else "registered"
        if name in self.names.protocol.items and self.names.is_date(name):
            return f"{self.names.label(name)}: {'no date recorded' if yes else 'date recorded'}"
        return f"{self._value(node.this)} is {'unknown' if yes else 'known'}" if name else (
            f"{self._value(node.this)} is {no}unknown"
        )  # fmt: skip

    # -- values ------------------------------------------------------------------------------------

    def _value(self, node: exp.Expr) -> str:
        node = bare(node)
        kind = type(node).__name__
        if kind == "Column":
            return self.names.label(node.name, event=self._event)
        if kind == "Coalesce":
            values = [self._value(node.this), *(self._value(one) for one in node.expressions)]
            return f"({', or where that is unknown '.join(values)})"
        if kind in _SIGNS:
            return f"({self._value(node.this)} {_SIGNS[kind]} {self._value(node.expression)})"
        if kind == "Neg":
            return f"−{self._value(node.this)}"
        if kind in ("Literal", "Cast", "Boolean", "Null"):
            return self._literal("", node)
        if kind == "Case":
            return self._case_value(node)
        if kind == "Anonymous":
            return self._calendar(node)
        return f"({sentence(self._truth(node), inner=True)})"

    def _case_value(self, node: exp.Expr) -> str:
        parts = [
            f"{self._value(branch.args['true'])} if {sentence(self._truth(branch.this), inner=True)}"
            for branch in node.args["ifs"]
        ]
        default = node.args.get("default")
        parts.append(f"otherwise {'unknown' if default is None else self._value(default)}")
        return f"(the first that applies: {'; '.join(parts)})"

    def _calendar(self, node: exp.Expr) -> str:
        """A function of days; the last ones of the list are its arguments, from the first day to the later."""
        arguments = [self._value(one) for one in node.expressions]
        function = str(node.this)
        words = _CALENDAR.get(function, function.replace("_", " "))
        return f"{words} from {' to '.join(arguments)}"

    def _literal(self, name: str, node: exp.Expr) -> str:
        """A value beside a column: its label, or the number with the unit of the column."""
        node = bare(node)
        kind = type(node).__name__
        if kind == "Cast":
            return day(date.fromisoformat(str(node.this.this)))
        if kind == "Null":
            return "unknown"
        if kind == "Boolean":
            return "yes" if node.this else "no"
        if kind == "Neg" and type(bare(node.this)).__name__ == "Literal":
            return f"−{self._literal(name, node.this)}"
        if kind != "Literal":
            return self._value(node)
        text = str(node.this)
        if node.is_string:
            return f"“{self.names.code(name, text)}”"
        unit = "" if self._event else self.names.unit(name)
        return f"{text} {unit if text == '1' else plural(unit)}" if unit else text

    def _days(self, node: exp.Expr) -> bool:
        node = bare(node)
        return type(node).__name__ == "Cast" or (bool(_name(node)) and self.names.is_date(_name(node)))


def _lines(said: tuple[Block, ...]) -> Iterator[str]:
    for block in said:
        if isinstance(block, Paragraph):
            yield "".join(part if isinstance(part, str) else part.text for part in block.parts)
        elif isinstance(block, Bullets):
            for item in block.items:
                first, *rest = _lines(item)
                yield f"  – {first}"
                yield from (f"  {line}" for line in rest)


def _unbracketed(text: str) -> str:
    """A value that stands alone needs no brackets around it."""
    inside = text[1:-1]
    depth = 0
    for character in inside:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return text
    return inside if text.startswith("(") and text.endswith(")") else text


def _bounded(node: Any) -> str:
    """The column that a comparison with a number bounds; empty for anything else."""
    node = bare(node)
    number = type(node).__name__ in _ORDER and type(bare(node.expression)).__name__ == "Literal"
    return _name(node.this) if number else ""


def _name(node: Any) -> str:
    node = bare(node)
    return str(node.name) if type(node).__name__ == "Column" else ""


def _constant(node: Any) -> bool | None:
    node = bare(node)
    return bool(node.this) if type(node).__name__ == "Boolean" else None
