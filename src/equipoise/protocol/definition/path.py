"""How a subject goes through the trial: consents, randomizations, and the path as steps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from equipoise.protocol.definition.blocks import (
    Block,
    Code,
    Count,
    Day,
    Identifier,
    Named,
    NotStated,
    RuleText,
    Table,
    Text,
)


class Version(Block):
    """A dated version of a text: of the protocol (an amendment) or of a consent. The last one is in force."""

    on: Day
    changes: Text | NotStated = "not stated"
    approved_by: tuple[Text, ...] = ()
    source: Text | None = None


class Consent(Block):
    """An informed consent. given_by: who may give it.  assent: of a child.  informs: what its text must say."""

    label: Text
    form: Literal["written", "oral", "electronic"] | NotStated = "not stated"
    given_by: tuple[Literal["patient", "parent or guardian"], ...] | NotStated = "not stated"
    assent: Text | NotStated = "not stated"
    informs: tuple[Text, ...] = ()
    versions: Named[Code, Version] | NotStated = "not stated"
    source: Text | None = None


class Randomization(Block):
    """Who is allocated among which arms, in which ratio, within which strata, and how.

    strata: factors with levels, or ``site_id``.  stratified_by: factors in words, where their levels are not stated.
     blocks: the sizes among which one is drawn at random.
    planned: subjects to be randomized.  opened, closed: the first and the last day of randomization, or the month
    where no day is known.
    """

    label: Text | None = None
    when: RuleText | None = None
    arms: tuple[Identifier, ...] = Field(min_length=2)
    ratio: Named[Identifier, Annotated[int, Field(ge=1, le=100)]] | NotStated = "not stated"
    strata: tuple[Identifier, ...] | NotStated = "not stated"
    stratified_by: tuple[Text, ...] = ()
    method: Literal["permuted blocks", "minimization", "simple"] | NotStated = "not stated"
    blocks: tuple[Annotated[int, Field(ge=2, le=100)], ...] | NotStated = "not stated"
    planned: Count | NotStated = "not stated"
    masking: Text | NotStated = "not stated"
    rationale: Text | None = None
    opened: Day = "not stated"
    closed: Day = "not stated"
    closed_because: Text | None = None
    source: Text | None = None


class Branch(Block):
    """Where a path goes on. Of several, the first whose rule holds; one without a rule takes all others."""

    to: Identifier
    when: RuleText | None = None
    label: Text | None = None


class Deviation(Block):
    """Another way on than the planned one. allowed: whether the protocol allows it.  counts: how who takes it is counted."""

    label: Text
    allowed: bool | NotStated = "not stated"
    to: Identifier
    when: RuleText | None = None
    counts: Text | None = None
    source: Text | None = None


class Step(Block):
    """One step of the path. It does exactly one thing, and then goes on.

    does: ``eligibility`` (all criteria are checked), ``registration``, ``follow_up`` (without treatment, until the
    end) or ``end``; or the step names one consent, visit, course, randomization or group.
    times: the fewest and the most times in a row that it is done.
    next: the step after it, or branches by rule.  arms: after a randomization, the step of each arm.
    refused: after a consent, the step of those who do not give it.
    leave, leave_to: the coded reasons for which a subject leaves here, and where such a subject goes.
    deviations: other ways on than the planned one.  undecided: who may be left without a branch, and why.
    """

    label: Text | None = None
    does: Literal["eligibility", "registration", "follow_up", "end"] | None = None
    consent: Identifier | None = None
    visit: Identifier | None = None
    course: Identifier | None = None
    randomization: Identifier | None = None
    group: Identifier | None = None
    times: tuple[Count, Count] | NotStated | None = None
    next: Identifier | tuple[Branch, ...] | None = None
    arms: Named[Identifier, Identifier] = Field(default_factory=Table)
    refused: Identifier | None = None
    leave: tuple[Code, ...] | NotStated = ()
    leave_to: Identifier | None = None
    deviations: Named[Code, Deviation] = Field(default_factory=Table)
    undecided: Text | None = None
    detail: Text | None = None
    source: Text | None = None

    @property
    def kind(self) -> str:
        """What the step does, in one word: a key of the step, or the value of ``does``."""
        return next(iter(self.things()), "")

    @property
    def reasons(self) -> tuple[str, ...]:
        """The coded reasons for leaving here; none where they are not stated."""
        return () if self.leave == "not stated" else self.leave

    def things(self) -> list[str]:
        """Everything that the step is said to do: one thing in a valid file."""
        named = ("consent", "visit", "course", "randomization", "group")
        return [*([self.does] if self.does else []), *(key for key in named if getattr(self, key))]

    def ways(self) -> list[tuple[str, str]]:
        """Every way on, as (step, kind): kind is next, arm, refused, deviation or leave."""
        branches = (
            [(self.next, "next")]
            if isinstance(self.next, str)
            else [(one.to, "next") for one in self.next or ()]
        )
        branches += [(step, "arm") for step in self.arms.values()]
        branches += [(self.refused, "refused")] if self.refused else []
        branches += [(one.to, "deviation") for one in self.deviations.values()]
        return branches + ([(self.leave_to, "leave")] if self.leave_to else [])
