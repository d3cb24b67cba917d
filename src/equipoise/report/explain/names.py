"""What the names in rules stand for: labels of columns, labels of codes, units."""

from __future__ import annotations

from equipoise.protocol.definition import Protocol
from equipoise.protocol.definition.trial import ELIGIBLE
from equipoise.protocol.rules import columns
from equipoise.report.labels import lower_first

SUBJECT = {
    "subject_id": "subject identifier",
    "site_id": "site",
    "registered_on": "day of registration",
    "randomization": "randomization",
    "randomized_on": "day of randomization",
    "arm": "planned arm",
    "treatment_started_on": "first day of treatment",
    "actual_arm": "arm as treated",
    "screening_ended": "end of screening",
    "treatment_ended": "end of treatment",
    "follow_up_ended": "end of follow-up",
    "last_follow_up": "last follow-up",
    "last_known_alive": "last day known to be alive",
    "died_on": "day of death",
    "randomized": "randomized",
    "treated": "treated",
}
ADVERSE_EVENT = {
    "category": "category of the event",
    "term": "term of the event",
    "grade": "grade of the event",
    "serious": "serious event",
    "related": "relation of the event to treatment",
    "emergent": "treatment-emergent event",
    "started_on": "first day of the event",
    "ended_on": "last day of the event",
}
UNAVAILABLE = "_unavailable"


def family(protocol: Protocol, name: str) -> tuple[str, str]:
    """The label that an item of several visits shares with the others, and the visit; else its own label alone.

    The model writes an item of several visits out as one for each, and names and labels it after both.
    """
    item = protocol.items[name]
    visit = item.collected if isinstance(item.collected, str) else ""
    if visit in protocol.visits and name.endswith(f"_{visit}"):
        at = protocol.visits[visit].label
        base = item.label.removesuffix(f", {at[:1].lower()}{at[1:]}")
        return (base, at) if base != item.label else (item.label, "")
    return item.label, ""


class Names:
    """Reads what names stand for out of a protocol."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        labels = [one.label for one in protocol.items.values()]
        labels += [one.label for one in protocol.derived.values()]
        self._shared = {label for label in labels if labels.count(label) > 1}

    def label(self, name: str, *, event: bool = False) -> str:
        """The label of a column inside a sentence.

        event: the rule is over adverse events, whose own columns come first. Yes-or-no items keep their capital: they stand
        as names of fields. A class that bears the label of the item that it is made of is told apart from it.
        """
        protocol = self.protocol
        if event and name in ADVERSE_EVENT:
            return ADVERSE_EVENT[name]
        if name in protocol.items:
            item = protocol.items[name]
            base, visit = family(protocol, name)
            label = f"{base} at {lower_first(visit)}" if visit else base
            return label if item.type == "boolean" else lower_first(label)
        if name in protocol.derived:
            label = lower_first(protocol.derived[name].label)
            return f"{label} (class)" if protocol.derived[name].label in self._shared else label
        if self.reasons_of(name):
            return f"the reason why {self.label(self.reasons_of(name))} is unavailable"
        return SUBJECT.get(name, name.replace("_", " "))

    def reasons_of(self, name: str) -> str:
        """The item for which a column holds the reason why it is unavailable; empty for any other column."""
        item = name.removesuffix(UNAVAILABLE)
        known = item != name and item in self.protocol.items and name not in self.protocol.items
        return item if known else ""

    def unit(self, name: str) -> str:
        """The unit of a column, as far as it has one."""
        one = self.protocol.items.get(name) or self.protocol.derived.get(name)
        return "" if one is None else one.unit or ""

    def code(self, name: str, code: str) -> str:
        """The label of a code of a column; a text stands for itself."""
        protocol = self.protocol
        if name in ("arm", "actual_arm") and code in protocol.arms:
            return protocol.arms[code].label
        if name == "randomization" and code in protocol.randomizations:
            return protocol.randomizations[code].label or code
        stage = name.removesuffix("_ended")
        if stage != name and name in SUBJECT:
            reasons: dict[str, str] = dict(getattr(protocol.dispositions, stage))
            return reasons.get(code, code)
        if name in protocol.items and protocol.items[name].choices:
            return (protocol.items[name].choices or {}).get(code, code)
        if name in protocol.derived and (classes := protocol.derived[name].classes) is not None:
            return classes[code].label if code in classes else code
        return code

    def is_date(self, name: str) -> bool:
        """Whether a column holds days."""
        item = self.protocol.items.get(name)
        if item is not None:
            return item.type == "date"
        return str(columns.SUBJECT.get(name)) == "Date"

    def is_made_eligible(self, name: str) -> bool:
        """Whether a derived item is the one that the language makes of all criteria of eligibility."""
        one = self.protocol.derived.get(name) if name == ELIGIBLE else None
        made = " and ".join(f"({criterion.require})" for criterion in self.protocol.eligibility.values())
        return one is not None and one.value == made

    def used(self, names: set[str]) -> list[tuple[str, str]]:
        """Names with their labels: those of subjects first, then items and derived items as the file orders them.

        An item of several visits is there once; names that read as their labels, and reasons why an item is unavailable,
        are left out.
        """
        found: dict[str, str] = {}
        for name in (*SUBJECT, *self.protocol.items, *self.protocol.derived):
            if name not in names:
                continue
            label = self.label(name)
            if name in self.protocol.items:
                base, visit = family(self.protocol, name)
                if visit:
                    at = str(self.protocol.items[name].collected)
                    name, label = f"{name.removesuffix(at)}…", f"{base}, at the visit named"
            if label.lower() != name.replace("_", " "):
                found[name] = label
        return list(found.items())
