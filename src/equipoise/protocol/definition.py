"""The protocol: what a trial says should happen, as one frozen object.

Each class below is one block of the protocol file; its fields are the file's keys. Nothing here knows
a subject. Files are read by :mod:`equipoise.protocol.load`, which reports every problem at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from equipoise.dates import Unit

Key = TypeVar("Key")
Entry = TypeVar("Entry")


class Table(dict[Key, Entry]):
    """A mapping that cannot be changed, because the blocks that hold it cannot be either."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("a protocol cannot be changed; write another one")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return Table, (dict(self),)


Named = Annotated[Mapping[Key, Entry], AfterValidator(Table)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+\-]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
RuleText = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Level = Annotated[float, Field(gt=0.5, lt=1)]
NotStated = Literal["not stated"]  # the source does not say; never filled in


class Block(BaseModel):
    """A block of the protocol file: strict, frozen, and without unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Item(Block):
    """Something recorded about a subject: a form field, a column, a covariate."""

    label: Text
    type: Literal["integer", "decimal", "text", "choice", "boolean", "date"]
    unit: Text | None = None
    collected: Text = "baseline"
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
    """One condition of eligibility: ``require`` must be true for a subject to take part; unknown is not true."""

    text: Text
    require: RuleText
    source: Text | None = None


class EventKind(Block):
    """Something dated that can happen to a subject and that an end point may count."""

    label: Text
    terminal: bool = False
    source: Text | None = None


class Arm(Block):
    """A planned pathway of treatment."""

    label: Text
    short: Text | None = None
    role: Literal["experimental", "control"]
    description: Text | None = None
    source: Text | None = None


class Randomization(Block):
    """Who is allocated among which arms, in which ratio, within which strata, and how.

    blocks: the sizes among which one is drawn at random.  planned: subjects to be randomized.
    opened, closed: the first and the last day of randomization.
    """

    label: Text | None = None
    when: RuleText | None = None
    arms: tuple[Identifier, ...] = Field(min_length=2)
    ratio: Named[Identifier, Annotated[int, Field(ge=1, le=100)]] | NotStated = "not stated"
    strata: tuple[Identifier, ...] | NotStated = "not stated"
    method: Literal["permuted blocks", "minimization", "simple"] | NotStated = "not stated"
    blocks: tuple[Annotated[int, Field(ge=2, le=100)], ...] | NotStated = "not stated"
    planned: Annotated[int, Field(ge=1)] | NotStated = "not stated"
    opened: date | NotStated = "not stated"
    closed: date | NotStated = "not stated"
    source: Text | None = None


class Endpoint(Block):
    """A time-to-event end point: from an origin to the first of its events."""

    label: Text
    short: Text | None = None
    role: Literal["primary", "secondary", "exploratory"]
    origin: Literal["randomization", "registration", "treatment_start"] = "randomization"
    events: tuple[Identifier, ...] = Field(min_length=1)
    competing: tuple[Identifier, ...] = ()
    censored_at: Literal["last_known_alive", "last_follow_up"] = "last_known_alive"
    count_days: Literal["elapsed", "inclusive"] = "elapsed"
    unit: Unit = "year"
    definition: Text | None = None
    source: Text | None = None


class Population(Block):
    """An analysis population: who is in it, and by which arm a subject is counted."""

    label: Text
    require: RuleText
    arm: Literal["planned", "actual"] = "planned"
    definition: Text | None = None


class CutoffDate(Block):
    """A named data cutoff: the last day included and, where it matters, what was known by when."""

    label: Text
    on: date
    recorded_by: datetime | None = None


class Comparison(Block):
    """One contrast between two arms; a hazard ratio is experimental over control."""

    experimental: Identifier
    control: Identifier


class KaplanMeierPlan(Block):
    """Which Kaplan-Meier estimates to report."""

    interval: Literal["plain", "log", "log-log"] = "log-log"
    confidence_level: Level = 0.95
    times: tuple[Annotated[float, Field(ge=0)], ...] = ()


class LogRankPlan(Block):
    """The log-rank test: its strata and its side.

    strata_as: a factor that stratified the randomization counts as it was used there, right or wrong;
    ``verified`` takes the value on record instead.
    """

    strata: tuple[Identifier, ...] = ()
    strata_as: Literal["randomized", "verified"] = "randomized"
    sided: Literal[1, 2] = 2
    overall: bool = False


class CoxPlan(Block):
    """The Cox model for the hazard ratio: ties, strata, covariates beside the arm.

    arms: ``compared`` fits each comparison on its two arms; ``all`` fits one model with every arm of the
    analysis, so that each hazard ratio also draws on the others (R's ``coxph(Surv(...) ~ arm)``).
    """

    arms: Literal["compared", "all"] = "compared"
    ties: Literal["efron", "breslow"] = "efron"
    strata: tuple[Identifier, ...] = ()
    strata_as: Literal["randomized", "verified"] = "randomized"
    covariates: tuple[Identifier, ...] = ()
    confidence_level: Level = 0.95


class FigurePlan(Block):
    """The axis of a Kaplan-Meier figure, in the end point's unit."""

    until: Annotated[float, Field(gt=0)]
    every: Annotated[float, Field(gt=0)]


class Analysis(Block):
    """One planned analysis of one end point in one population."""

    label: Text | None = None
    endpoint: Identifier
    population: Identifier
    comparisons: tuple[Comparison, ...] = Field(min_length=1)
    kaplan_meier: KaplanMeierPlan = KaplanMeierPlan()
    log_rank: LogRankPlan | None = LogRankPlan()
    cox: CoxPlan | None = CoxPlan()
    subgroups: tuple[Identifier, ...] = ()
    figure: FigurePlan | None = None
    source: Text | None = None


class BaselineItem(Block):
    """One variable of the baseline table and how it is summarized."""

    item: Identifier
    show: tuple[Literal["mean_sd", "median_iqr", "range"], ...] = ("median_iqr",)
    percent_of: Literal["known", "all"] = "known"


class Baseline(Block):
    """The baseline table."""

    population: Identifier
    items: tuple[BaselineItem, ...] = Field(min_length=1)


class SpecialInterest(Block):
    """Adverse events of special interest: those for which a rule over the event's columns is true."""

    label: Text
    where: RuleText


class AdverseEvents(Block):
    """How adverse events are graded, counted and shown."""

    population: Identifier
    dictionary: Text
    grading: Text
    grades: Named[Annotated[str, StringConstraints(pattern=r"^[1-5]$")], Text]
    severe_from: Annotated[int, Field(ge=1, le=5)] = 3
    treatment_emergent: Literal["recorded", "on_or_after_treatment_start"] = "on_or_after_treatment_start"
    minimum_percent: Annotated[float, Field(ge=0, le=100)] = 0.0
    special_interest: Named[Identifier, SpecialInterest] = Field(default_factory=Table)


class Report(Block):
    """What the report shows, and in which journal's style."""

    style: Literal["jama", "nejm"] = "jama"
    sections: tuple[
        Literal["flow", "baseline", "follow_up", "endpoints", "subgroups", "adverse_events", "published"], ...
    ] = ("flow", "baseline", "follow_up", "endpoints", "subgroups", "adverse_events", "published")


class Dispositions(Block):
    """The coded reasons for which a subject leaves, by stage."""

    screening: Named[Code, Text] = Field(default_factory=Table)
    treatment: Named[Code, Text] = Field(default_factory=Table)
    follow_up: Named[Code, Text] = Field(default_factory=Table)


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

    items: Named[Identifier, Item] = Field(default_factory=Table)
    derived: Named[Identifier, Derived] = Field(default_factory=Table)
    eligibility: Named[Code, Criterion] = Field(default_factory=Table)
    events: Named[Identifier, EventKind] = Field(default_factory=Table)
    dispositions: Dispositions = Dispositions()
    arms: Named[Identifier, Arm] = Field(min_length=2)
    randomizations: Named[Identifier, Randomization] = Field(min_length=1)
    endpoints: Named[Identifier, Endpoint] = Field(default_factory=Table)
    populations: Named[Identifier, Population] = Field(min_length=1)
    cutoffs: Named[Identifier, CutoffDate] = Field(default_factory=Table)
    baseline: Baseline | None = None
    analyses: Named[Identifier, Analysis] = Field(default_factory=Table)
    adverse_events: AdverseEvents | None = None
    report: Report = Report()

    def __repr__(self) -> str:
        return f"Protocol({self.protocol!r}, hash={self.hash[:12]!r})"

    __str__ = __repr__

    @property
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
