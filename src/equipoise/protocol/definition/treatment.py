"""What is given: drugs, courses with their treatments, arms and groups."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from equipoise.protocol.definition.blocks import (
    Block,
    Count,
    Identifier,
    Named,
    NotStated,
    RuleText,
    Table,
    Text,
)


class Drug(Block):
    """A drug of the trial."""

    label: Text
    role: Literal["investigational", "background"] | NotStated = "not stated"
    description: Text | None = None
    source: Text | None = None


class Dose(Block):
    """An amount of a unit such as ``mg/m2``; at most ``maximum`` of the same unit."""

    amount: Annotated[float, Field(gt=0)]
    unit: Text
    maximum: Annotated[float, Field(gt=0)] | None = None


class Span(Block):
    """Days of a course, from the first to the last, both included."""

    first: Count
    last: Count


class Treatment(Block):
    """One thing given in a course: a drug, or a procedure such as radiotherapy or transplant.

    days: the days of the course, or a span of them.  infusion: how a drug given into a vein runs.
    when: who receives it; without a rule, everyone in the course.  reduction: how doses are reduced, and for what.
    prescribed: ``false`` where it is part of the plan, and how it is done is not laid down.
    """

    label: Text | None = None
    drug: Identifier | None = None
    procedure: Literal["radiotherapy", "transplant", "intrathecal therapy", "surgery", "other"] | None = None
    dose: Dose | NotStated = "not stated"
    route: Text | NotStated = "not stated"
    infusion: Literal["bolus", "intermittent", "continuous"] | NotStated = "not stated"
    days: tuple[Count, ...] | Span | NotStated = "not stated"
    when: RuleText | None = None
    reduction: Text | NotStated = "not stated"
    prescribed: bool = True
    detail: Text | None = None
    source: Text | None = None


class Course(Block):
    """A course of treatment (a cycle, block or phase). days: its length.  rest: days without treatment after it."""

    label: Text
    days: Count | NotStated = "not stated"
    rest: Annotated[int, Field(ge=0)] | NotStated = "not stated"
    treatments: Named[Identifier, Treatment] = Field(default_factory=Table)
    detail: Text | None = None
    source: Text | None = None


class Arm(Block):
    """A planned pathway of treatment."""

    label: Text
    short: Text | None = None
    role: Literal["experimental", "control"]
    description: Text | None = None
    source: Text | None = None


class Group(Block):
    """Subjects who are treated by rule, without randomization."""

    label: Text
    short: Text | None = None
    when: RuleText
    description: Text | None = None
    source: Text | None = None
