"""The protocol as a whole: what a trial says should happen, as one frozen object."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from equipoise.protocol.definition.analyses import (
    Analysis,
    Baseline,
    CutoffDate,
    Population,
    Proportion,
    Report,
    Statistics,
    Tabulation,
)
from equipoise.protocol.definition.blocks import (
    Block,
    Code,
    Identifier,
    Named,
    NotStated,
    Statement,
    Table,
    Text,
)
from equipoise.protocol.definition.items import Assay, Criterion, Derived, Dispositions, Item, Visit
from equipoise.protocol.definition.outcomes import AdverseEvents, Endpoint, Estimand, EventKind
from equipoise.protocol.definition.oversight import Monitoring, Oversight
from equipoise.protocol.definition.path import Consent, Randomization, Step, Version
from equipoise.protocol.definition.treatment import Arm, Course, Drug, Group

ELIGIBLE = "eligible"  # the derived item that a protocol with criteria of eligibility has by itself


class Protocol(Block):
    """A trial, as its protocol file says it.  ``hash`` is computed from the content, not the layout."""

    equipoise: Annotated[int, Field(ge=1, le=1)]  # version of the language
    protocol: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._\-/]{0,59}$")]
    title: Text
    summary: Text | None = None
    registry: Text | NotStated = "not stated"
    sponsor: Text | NotStated = "not stated"
    phase: Text | NotStated = "not stated"
    masking: Text | NotStated = "not stated"
    condition: Text | NotStated = "not stated"
    sources: Named[Identifier, Text] = Field(default_factory=Table)
    notes: tuple[Text, ...] = ()
    background: tuple[Statement, ...] = ()
    versions: Named[Code, Version] = Field(default_factory=Table)
    oversight: Oversight = Oversight()

    visits: Named[Identifier, Visit] = Field(default_factory=Table)
    assays: Named[Identifier, Assay] = Field(default_factory=Table)
    items: Named[Identifier, Item] = Field(default_factory=Table)
    derived: Named[Identifier, Derived] = Field(default_factory=Table)
    eligibility: Named[Code, Criterion] = Field(default_factory=Table)
    consents: Named[Identifier, Consent] = Field(default_factory=Table)
    drugs: Named[Identifier, Drug] = Field(default_factory=Table)
    courses: Named[Identifier, Course] = Field(default_factory=Table)
    arms: Named[Identifier, Arm] = Field(min_length=2)
    groups: Named[Identifier, Group] = Field(default_factory=Table)
    randomizations: Named[Identifier, Randomization] = Field(min_length=1)
    path: Named[Identifier, Step] = Field(default_factory=Table)
    dispositions: Dispositions = Dispositions()
    events: Named[Identifier, EventKind] = Field(default_factory=Table)
    endpoints: Named[Identifier, Endpoint] = Field(default_factory=Table)
    estimands: Named[Identifier, Estimand] = Field(default_factory=Table)
    adverse_events: AdverseEvents | None = None
    monitoring: Named[Identifier, Monitoring] = Field(default_factory=Table)
    populations: Named[Identifier, Population] = Field(min_length=1)
    cutoffs: Named[Identifier, CutoffDate] = Field(default_factory=Table)
    baselines: Named[Identifier, Baseline] = Field(default_factory=Table)
    analyses: Named[Identifier, Analysis] = Field(default_factory=Table)
    proportions: Named[Identifier, Proportion] = Field(default_factory=Table)
    tables: Named[Identifier, Tabulation] = Field(default_factory=Table)
    statistics: Statistics = Statistics()
    report: Report = Report()

    def model_post_init(self, context: Any, /) -> None:
        """Write out what the file says in short: an item of several visits, and who is eligible."""
        object.__setattr__(self, "items", Table(_of_each_visit(self)))
        if self.eligibility and ELIGIBLE not in self.derived:
            object.__setattr__(self, "derived", Table({**self.derived, ELIGIBLE: _eligible(self)}))

    def __repr__(self) -> str:
        return f"Protocol({self.protocol!r}, hash={self.hash[:12]!r})"

    __str__ = __repr__

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the content: comments, layout and the order of a block's keys do not change it."""
        from equipoise.protocol.canonical import content_hash

        return content_hash(self)

    def factor_levels(self, factor: str) -> dict[str, str]:
        """Levels (code → label) of a choice, boolean or classified item, in the order of the file."""
        if factor in self.derived and self.derived[factor].classes is not None:
            return {code: level.label for code, level in (self.derived[factor].classes or {}).items()}
        item = self.items[factor]
        return {"true": "Yes", "false": "No"} if item.type == "boolean" else dict(item.choices or {})

    def label(self, name: str) -> str:
        """The label of an item or derived item."""
        return self.items[name].label if name in self.items else self.derived[name].label


def _of_each_visit(protocol: Protocol) -> dict[str, Item]:
    """The items by name; one that is collected at several visits becomes one of each, named after both."""
    items: dict[str, Item] = {}
    for name, item in protocol.items.items():
        if isinstance(item.collected, str):
            items[name] = item
            continue
        for visit in item.collected:
            at = protocol.visits[visit].label if visit in protocol.visits else visit
            label = f"{item.label}, {at[:1].lower()}{at[1:]}"
            items[f"{name}_{visit}"] = item.model_copy(update={"label": label, "collected": visit})
    return items


def _eligible(protocol: Protocol) -> Derived:
    """Whether all criteria are met: false where one is not, unknown where one is unknown and none is not met."""
    every = " and ".join(f"({criterion.require})" for criterion in protocol.eligibility.values())
    # Built without its checks: each criterion has passed its own, and together they may be longer than one rule.
    return Derived.model_construct(
        label="Eligible", value=every, source="the criteria under eligibility, all of them"
    )
