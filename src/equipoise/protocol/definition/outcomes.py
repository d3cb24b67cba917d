"""What is observed: events, time-to-event end points, estimands, adverse events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from equipoise.dates import Unit
from equipoise.protocol.definition.blocks import (
    Block,
    Identifier,
    Named,
    NotStated,
    RuleText,
    Table,
    Text,
)


class EventKind(Block):
    """Something dated that can happen to a subject and that an end point may count.

    visit: where it is established; without one, it can happen on any day.  when: the rule that establishes it there.
    """

    label: Text
    terminal: bool = False
    visit: Identifier | None = None
    when: RuleText | None = None
    source: Text | None = None


class Endpoint(Block):
    """A time-to-event end point: from an origin to the first of its events.

    origin: ``randomization``, ``registration``, ``treatment_start``, an event (its first day) or an item of type date.
    """

    label: Text
    short: Text | None = None
    role: Literal["primary", "secondary", "exploratory", "post hoc"]
    origin: Identifier = "randomization"
    events: tuple[Identifier, ...] = Field(min_length=1)
    competing: tuple[Identifier, ...] = ()
    censored_at: Literal["last_known_alive", "last_follow_up"] = "last_known_alive"
    count_days: Literal["elapsed", "inclusive"] = "elapsed"
    unit: Unit = "year"
    definition: Text | None = None
    source: Text | None = None


class IntercurrentEvent(Block):
    """An event after the start of treatment that affects what is seen, and how the estimand takes it (ICH E9(R1))."""

    label: Text
    strategy: (
        Literal[
            "treatment policy",
            "hypothetical",
            "composite variable",
            "while on treatment",
            "principal stratum",
        ]
        | NotStated
    ) = "not stated"
    detail: Text | None = None
    source: Text | None = None


class Estimand(Block):
    """What an objective asks, in the five attributes of ICH E9(R1); ``analysis`` estimates it.

    population: whom it is about, in words.  variable: an end point or a proportion.  summary: what is compared.
    """

    objective: Text
    role: Literal["primary", "secondary", "exploratory"]
    treatment: Text
    population: Text
    variable: Identifier
    intercurrent_events: Named[Identifier, IntercurrentEvent] | NotStated = "not stated"
    summary: Text
    analysis: Identifier | None = None
    source: Text | None = None


class SpecialInterest(Block):
    """Adverse events that are told together: those for which a rule over the event's columns is true.

    kind: of special interest; of the treatment, monitored because the drug is known for them; or a composite of terms.
    arms: the arms in which they are monitored; without any, all.
    """

    label: Text
    where: RuleText
    kind: Literal["special interest", "of the treatment", "composite"] = "special interest"
    arms: tuple[Identifier, ...] = ()
    source: Text | None = None


class Period(Block):
    """A part of the trial in which adverse events are counted. population: the denominator."""

    label: Text
    courses: tuple[Identifier, ...] = Field(min_length=1)
    population: Identifier
    source: Text | None = None


class AdverseEventTable(Block):
    """A table of adverse events beside the main one. by: the columns, an item with levels or ``arm``; ``null`` is one
    column of everyone.  grades: the lowest grade of each column ([1, 3] is any grade and 3 or higher).
    periods: one set of columns for each; none is the whole trial.  per: subjects, or courses given.
    kinds: of special interest; none is every term.
    """

    label: Text
    population: Identifier
    by: Identifier | None = "arm"
    periods: tuple[Identifier, ...] = ()
    per: Literal["subject", "course"] = "subject"
    minimum_percent: Annotated[float, Field(ge=0, le=100)] = 0.0
    grades: tuple[Annotated[int, Field(ge=1, le=5)], ...] = ()
    kinds: tuple[Identifier, ...] = ()
    test: bool = False
    source: Text | None = None


class AdverseEvents(Block):
    """How adverse events are graded, counted and shown. expedited: which are reported at once, and by which rule."""

    population: Identifier
    dictionary: Text
    grading: Text
    grades: Named[Annotated[str, StringConstraints(pattern=r"^[1-5]$")], Text]
    severe_from: Annotated[int, Field(ge=1, le=5)] = 3
    treatment_emergent: Literal["recorded", "on_or_after_treatment_start"] = "on_or_after_treatment_start"
    minimum_percent: Annotated[float, Field(ge=0, le=100)] = 0.0
    special_interest: Named[Identifier, SpecialInterest] = Field(default_factory=Table)
    periods: Named[Identifier, Period] = Field(default_factory=Table)
    tables: Named[Identifier, AdverseEventTable] = Field(default_factory=Table)
    graded_by: Text | NotStated = "not stated"
    expedited: Text | NotStated = "not stated"
    source: Text | None = None
