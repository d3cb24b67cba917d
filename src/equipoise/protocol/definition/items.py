"""What is recorded about a subject, what is derived from it, and who is eligible."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from equipoise.protocol.definition.blocks import (
    Block,
    Code,
    Identifier,
    Named,
    NotStated,
    RuleText,
    Share,
    Table,
    Text,
)


class Visit(Block):
    """An encounter at which items are recorded, on a day that the path of the trial gives it.

    window: the days before and after that day within which it may take place.
    """

    label: Text
    window: tuple[int, int] | NotStated = "not stated"
    evaluates: tuple[Text, ...] = ()
    source: Text | None = None


class Assay(Block):
    """How a value is measured. sensitivity: the smallest share of cells that can be found (0.0001 is 1 in 10 000).

    performed_by: the laboratory by name.  masked: the laboratory does not know the arm.
    """

    label: Text
    method: Text | NotStated = "not stated"
    specimen: Text | NotStated = "not stated"
    laboratory: Literal["local", "central"] | NotStated = "not stated"
    performed_by: Text | None = None
    sensitivity: Share | NotStated = "not stated"
    masked: bool | NotStated = "not stated"
    panels: tuple[Text, ...] = ()
    source: Text | None = None


class Item(Block):
    """Something recorded about a subject: a form field, a column, a covariate.

    collected: ``baseline`` (the last value until treatment starts), ``ongoing`` (whenever it becomes known; the last
    value counts), a visit, or a list of visits. An item of several visits is one item for each, named after both:
    ``mrd`` at ``end_of_cycle_1`` is ``mrd_end_of_cycle_1``.
    """

    label: Text
    type: Literal["integer", "decimal", "text", "choice", "boolean", "date"]
    unit: Text | None = None
    collected: Identifier | tuple[Identifier, ...] = "baseline"
    assay: Identifier | None = None
    range: tuple[float, float] | None = None
    choices: Named[Code, Text] | None = None
    unavailable: tuple[Text, ...] = ()
    detection_limit: float | None = None
    source: Text | None = None


class Class(Block):
    """One class of a classification: its label and the rule that puts a subject into it."""

    label: Text
    when: RuleText


class Derived(Block):
    """An item computed by rule: ordered classes of which the first that holds applies, or a value.

    Classes are meant to be exhaustive. ``undecided`` says in words who may be left without one, and why;
    without it, every subject whose items are within their declared values must have a class.
    """

    label: Text
    classes: Named[Code, Class] | None = None
    value: RuleText | None = None
    undecided: Text | None = None
    unit: Text | None = None
    source: Text | None = None


class Criterion(Block):
    """One condition of eligibility: ``require`` must be true for a subject to take part; unknown is not true.

    exclusion: worded as what keeps a subject out; ``require`` is still what must be true.
    """

    text: Text
    require: RuleText
    exclusion: bool = False
    source: Text | None = None


class Dispositions(Block):
    """The coded reasons for which a subject leaves, by stage. final: those with which follow-up ends, too (death, withdrawal)."""

    screening: Named[Code, Text] = Field(default_factory=Table)
    treatment: Named[Code, Text] = Field(default_factory=Table)
    follow_up: Named[Code, Text] = Field(default_factory=Table)
    final: tuple[Code, ...] = ()
    source: Text | None = None
