"""Words for the codes in result rows, from the protocol; a code it does not know stands for itself."""

from __future__ import annotations

from equipoise.dates import Unit
from equipoise.protocol.definition import Analysis, Comparison, Endpoint, Proportion, Protocol
from equipoise.report.numbers import in_unit, plain

ORIGINS = {
    "randomization": "randomization",
    "registration": "registration",
    "treatment_start": "start of treatment",
}
FIXED = {"arm": "Arm", "site_id": "Site"}  # factors that no protocol declares
OVERALL = "overall"
ARM = "arm"


class Labels:
    """Reads labels out of a protocol."""

    def __init__(self, protocol: Protocol, everyone: str = "Overall") -> None:
        """everyone: what all patients together are called."""
        self.protocol = protocol
        self.everyone = everyone

    @classmethod
    def of(cls, protocol: Protocol, plan: Analysis | Proportion) -> Labels:
        """The labels for one plan: where nobody is told apart, a column of everyone is not called overall."""
        return cls(protocol, "Overall" if by_of(plan) else "All patients")

    def arm(self, arm: str) -> str:
        """Full label of an arm, of everyone together, or of ``factor=level``, which is that of the level."""
        if arm == OVERALL:
            return self.everyone
        if arm in self.protocol.arms:
            return self.protocol.arms[arm].label
        factor, equals, code = arm.partition("=")
        return self.level_alone(factor, code) if equals else arm

    def short(self, arm: str) -> str:
        """Short label of an arm, where it has one."""
        if arm in self.protocol.arms:
            return self.protocol.arms[arm].short or self.protocol.arms[arm].label
        return self.arm(arm)

    def group(self, group: str) -> str:
        """Label of an arm, of ``overall``, or of a comparison."""
        experimental, versus, control = group.partition(" vs ")
        return f"{self.short(experimental)} vs {self.short(control)}" if versus else self.arm(group)

    def full_group(self, group: str) -> str:
        """Label of a comparison with the full labels of its arms."""
        return " vs ".join(self.arm(arm) for arm in group.split(" vs "))

    def abbreviations(self) -> str:
        """The short labels of arms with what they stand for; empty where none is shortened.

        A reader meets short labels in figures and narrow tables, away from where they were explained.
        """
        pairs = [(arm.short, arm.label) for arm in self.protocol.arms.values() if arm.short]
        return "; ".join(f"{short}, {label}" for short, label in pairs if short != label)

    def groups_in(self, by: str, groups: set[str]) -> list[str]:
        """The groups that an analysis tells apart, in the protocol's order.

        by: ``arm``, a factor, or nothing, which is everyone together.
        """
        if not by:
            return [OVERALL] if OVERALL in groups else []
        if by == ARM:
            return self.arms_in({group for group in groups if "=" not in group})
        known = [f"{by}={code}" for code in self.levels(by)]
        found = {group for group in groups if group.startswith(f"{by}=") and " vs " not in group}
        return [group for group in known if group in found] + sorted(found - set(known))

    def arms_in(self, groups: set[str]) -> list[str]:
        """The arms among some groups, in the protocol's order, then any that it does not name."""
        known = [arm for arm in self.protocol.arms if arm in groups]
        unknown = sorted(
            group
            for group in groups
            if group and group not in self.protocol.arms and group != OVERALL and " vs " not in group
        )
        return known + unknown

    def factor(self, name: str) -> str:
        """Label of an item or derived item."""
        known = name in self.protocol.items or name in self.protocol.derived
        return self.protocol.label(name) if known else FIXED.get(name, name)

    def factors(self, names: tuple[str, ...]) -> str:
        """Labels of several factors as a phrase."""
        return listed([lower_first(self.factor(name)) for name in names])

    def level(self, factor: str, code: str) -> str:
        """Label of a level of an item or derived item."""
        return self.levels(factor).get(code, code)

    def levels(self, factor: str) -> dict[str, str]:
        """Levels (code → label) that the protocol declares; none for a number or a site."""
        derived = self.protocol.derived.get(factor)
        if factor in self.protocol.items or (derived is not None and derived.classes is not None):
            return self.protocol.factor_levels(factor)
        return {}

    def level_alone(self, factor: str, code: str) -> str:
        """Label of a level away from its factor: what is only yes or no is named."""
        label = self.level(factor, code)
        return f"{self.factor(factor)}: {lower_first(label)}" if code in ("true", "false") else label

    def origin(self, endpoint: Endpoint) -> str:
        """What an end point counts from, after "since": an entry to the trial, an event, or a date on record."""
        if endpoint.origin in ORIGINS:
            return ORIGINS[endpoint.origin]
        if endpoint.origin in self.protocol.events:
            return lower_first(self.event(endpoint.origin))
        return lower_first(self.factor(endpoint.origin)).removeprefix("date of ").removeprefix("day of ")

    def event(self, name: str) -> str:
        """Label of an event kind."""
        return self.protocol.events[name].label if name in self.protocol.events else name

    def population(self, name: str) -> str:
        """Label of an analysis population."""
        return self.protocol.populations[name].label if name in self.protocol.populations else name

    def endpoint(self, name: str) -> str:
        """Label of an end point."""
        return self.protocol.endpoints[name].label if name in self.protocol.endpoints else name

    def endpoint_of(self, analysis: Analysis) -> Endpoint:
        """The end point that an analysis is about."""
        return self.protocol.endpoints[analysis.endpoint]

    def analysis(self, name: str) -> str:
        """Label of a planned analysis: its own, or that of its end point and of what tells its groups apart."""
        planned = self.protocol.analyses.get(name)
        if planned is None:
            return name
        by = by_of(planned)
        apart = "" if by in (ARM, "") else f" by {lower_first(self.factor(by))}"
        return planned.label or self.endpoint(planned.endpoint) + apart

    def reason(self, stage: str, code: str) -> str:
        """Label of a coded reason for which a subject leaves, at a stage of ``dispositions``."""
        choices: dict[str, str] = dict(getattr(self.protocol.dispositions, stage, {}))
        return choices.get(code, "reason not recorded" if code == "not_recorded" else code)

    def variable(self, name: str) -> str:
        """Label of whatever stands in the column ``variable`` of a row."""
        if name in self.protocol.endpoints:
            return self.endpoint(name)
        if name in self.protocol.proportions:
            return self.protocol.proportions[name].label
        return self.factor(name)


def by_of(plan: Analysis | Proportion) -> str:
    """What tells the groups of a plan apart: arms where it compares any, else its factor, or nothing."""
    return ARM if plan.comparisons else plan.by or ""


def pairs_of(plan: Analysis, groups: list[str]) -> list[tuple[str, str]]:
    """What a hazard ratio sets against what: the comparisons planned, or each group against the first."""
    if plan.comparisons:
        return [(one.experimental, one.control) for one in plan.comparisons]
    return [(group, groups[0]) for group in groups[1:]]


def group_of(comparison: Comparison) -> str:
    """The group under which a comparison's rows stand."""
    return f"{comparison.experimental} vs {comparison.control}"


def time_label(days: float, unit: Unit) -> str:
    """A time of an estimate in words.

    >>> time_label(1826.25, "year"), time_label(365.25, "year")
    ('5 years', '1 year')
    """
    number = plain(in_unit(days, unit))
    return f"{number} {unit}" if number == "1" else f"{number} {unit}s"


def plural(unit: str) -> str:
    """A unit after a number; only units of time take an s."""
    return f"{unit}s" if unit in {"day", "week", "month", "year"} else unit


def patients(n: float) -> str:
    """The word after a number of patients.

    >>> patients(1), patients(2)
    ('patient', 'patients')
    """
    return "patient" if n == 1 else "patients"


def listed(words: list[str]) -> str:
    """A list in a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b, and c')
    """
    if len(words) < 3:
        return " and ".join(words)
    return f"{', '.join(words[:-1])}, and {words[-1]}"


def lower_first(text: str) -> str:
    """A label inside a sentence: its first letter small, unless the word is an acronym.

    >>> lower_first("Overall survival"), lower_first("DFS"), lower_first("T stage")
    ('overall survival', 'DFS', 'T stage')
    """
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if len(first) > 1 and first[1:].islower() else text
