"""Who watches over the trial, and by which statistical plan."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from equipoise.protocol.definition.blocks import (
    Block,
    Count,
    Day,
    Identifier,
    NotStated,
    Share,
    Text,
)


class Oversight(Block):
    """Review boards, the data and safety monitoring committee, sites and dates of enrollment."""

    review: tuple[Text, ...] | NotStated = "not stated"
    committee: Text | NotStated = "not stated"
    meetings: Text | NotStated = "not stated"
    sites: Count | NotStated = "not stated"
    countries: tuple[Text, ...] | NotStated = "not stated"
    opened: Day = "not stated"
    closed: Day = "not stated"
    enrolled: Count | NotStated = "not stated"
    source: Text | None = None


class Expected(Block):
    """What the design expects: the share without event at a time (in the end point's unit), by group."""

    at: Annotated[float, Field(gt=0)]
    control: Share
    experimental: Share


class Efficacy(Block):
    """The boundary for efficacy: the spending function of the type I error, and at which information."""

    spending: Literal["obrien_fleming", "pocock", "hwang_shih_decani", "kim_demets"] | NotStated = (
        "not stated"
    )
    parameter: float | None = None
    information: Literal["observed", "planned"] | NotStated = "not stated"


class Futility(Block):
    """The boundary for futility: the alternative tested at a level, spending of the type II error, or a least
    conditional power."""

    rule: Literal["alternative_rejected", "beta_spending", "conditional_power"] | NotStated = "not stated"
    level: Share | NotStated = "not stated"


class Look(Block):
    """An interim or final look that was held: its cutoff, the events by then, the critical P value, what was decided."""

    cutoff: Identifier | None = None
    held: Day = "not stated"
    events: Count | NotStated = "not stated"
    critical_p: Share | NotStated = "not stated"
    decision: Text | NotStated = "not stated"
    source: Text | None = None


class Monitoring(Block):
    """The group-sequential plan of one comparison.

    events: planned at full information.  analyses: how many, the final one included; looks: their planned information
    fractions.  safety: a stopping rule for adverse events.  considers: what else the committee may weigh; a closure
    on the totality of data is recorded as a decision, not as a crossed boundary.
    release: when results of this comparison may be seen outside the committee.  held: the looks that took place.
    rationale: why this effect was looked for.
    """

    label: Text | None = None
    randomization: Identifier
    endpoint: Identifier
    analysis: Identifier | None = None
    alpha: Share | NotStated = "not stated"
    sided: Literal[1, 2] | NotStated = "not stated"
    power: Share | NotStated = "not stated"
    hazard_ratio: Annotated[float, Field(gt=0)] | NotStated = "not stated"
    expected: Expected | NotStated = "not stated"
    subjects: Count | NotStated = "not stated"
    events: Count | NotStated = "not stated"
    analyses: Count | NotStated = "not stated"
    looks: tuple[Annotated[float, Field(gt=0, le=1)], ...] | NotStated = "not stated"
    efficacy: Efficacy | NotStated = "not stated"
    futility: Futility | NotStated = "not stated"
    safety: Text | NotStated = "not stated"
    considers: tuple[Text, ...] = ()
    release: Text | NotStated = "not stated"
    cutoffs: tuple[Identifier, ...] = ()
    held: tuple[Look, ...] = ()
    rationale: Text | None = None
    detail: Text | None = None
    source: Text | None = None
