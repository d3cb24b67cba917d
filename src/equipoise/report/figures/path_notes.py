"""What one figure of a path says: its steps and ways, what its boxes say of ways out, and the notes below it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby

from equipoise.drawing.lettering import set_width, width
from equipoise.protocol.definition import Protocol
from equipoise.report.figures.cards import SMALL, Line, small
from equipoise.report.figures.path_cards import Said
from equipoise.report.figures.path_content import (
    AWAY,
    Exit,
    Way,
    Words,
    arms_of,
    departure,
    exits_of,
    reached,
    titles_of,
    ways_of,
    where,
)
from equipoise.report.labels import lower_first

SHORT = 46  # letters of reasons that a box has room for; more are numbered
FEW = 3  # exceptions that a line of the key names
FINAL = "(ends follow-up)"


@dataclass(frozen=True, slots=True)
class Notes:
    """Letters of notes by step, numbered reasons, and the notes below the figure."""

    departures: dict[str, str]
    undecided: dict[str, str]
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]


class Content:
    """What one figure says.

    steps: in the order of the file, then names that are no steps.  ways, exits: without those of steps that go on in
    another figure.  targets: where drawn ways out lead.  order: ways out, for the order from top to bottom.
    """

    def __init__(
        self, protocol: Protocol, words: Words, steps: tuple[str, ...], elsewhere: dict[str, str]
    ) -> None:
        self.protocol, self.words, self.elsewhere = protocol, words, elsewhere
        self.titles, self.arms = titles_of(protocol), arms_of(protocol)
        here = [name for name in steps if name not in elsewhere]
        self.ways: list[Way] = [way for name in here for way in ways_of(protocol, words, name)]
        self.steps = [*steps, *sorted({way.head for way in self.ways} - set(protocol.path))]
        late = set(protocol.path) - self._early()
        self.exits = {name: exits_of(protocol, words, name, name in late) for name in here}
        drawn = [
            (name, one.to) for name, found in self.exits.items() for one in found
            if one.drawn and one.to in self.steps
        ]  # fmt: skip
        self.exits_to: dict[str, list[str]] = {
            name: sorted({to for _, to in pairs}) for name, pairs in _grouped(drawn).items()
        }
        self._many = Counter(to for _, to in drawn)
        self.targets = [name for name in self.steps if name in self._many]
        ends = [(name, one.to) for name in steps for one in exits_of(protocol, words, name, False)]
        self.order = [(name, to) for name, to in ends if to in self.steps]
        self.deviates = any(way.kind == "deviation" for way in self.ways)
        self._numbers = self._numbered()
        self._final = {text for found in self.exits.values() for one in found for text in one.final}
        self._anywhere = self._left_anywhere()

    def _early(self) -> set[str]:
        """The steps before any randomization or group."""
        path = self.protocol.path
        roots = {name for name, step in path.items() if step.kind in ("randomization", "group")}
        first = set(reached(self.protocol, next(iter(path)), roots, ("leave", "refused"))) if path else set()
        return first - roots

    def level(self, target: str) -> int:
        """How far down ways out to a target run sideways: those that are taken most, first."""
        order = sorted(self._many, key=lambda one: (-self._many[one], self.steps.index(one)))
        return order.index(target) if target in self._many else 1

    # -- what a box says ---------------------------------------------------------------------------

    def said(self, name: str, notes: Notes) -> Said:
        """What the box of a step says."""
        arm = self.arms.get(name, "")
        repeated = Counter(self.titles.get(one, one) for one in self.steps if one in self.arms)
        columns = any(many > 1 for many in repeated.values())  # then a title alone does not say which column
        known = self.protocol.arms.get(arm)
        return Said(
            title=self.titles.get(name, name),
            arm=lower_first(known.short or known.label) if known and columns else "",
            elsewhere=self.elsewhere.get(name, ""),
            exits=tuple(text for one in self.exits.get(name, []) if (text := self._exit(one))),
            notes=notes.departures.get(name, ""),
        )

    def _exit(self, one: Exit) -> str:
        """A way out as its box says it; nothing where the line says it all."""
        # The line shows where most ways out lead; where it leads elsewhere, or is not drawn, the box says so.
        shown = one.drawn and not self.level(one.to) and one.to in self.targets
        told = one.to and one.drawn and not shown
        to = f" → {where(self.protocol, self.titles, one.to)}" if told else ""
        if one.lead != "Leaves":
            return one.lead + to
        if not one.reasons:
            told_once = shown or (self._anywhere and not told)
            return "" if told_once else f"May leave, reasons not stated{to}"
        if _short(one):
            return f"Leaves: {'; '.join(_marked(one))}{to}"
        return f"Leaves: reasons {_ranges([self._numbers[text] for text in one.reasons])}{to}"

    @property
    def leaving(self) -> str:
        """What the line of those who leave means in this figure."""
        shown = [one for found in self.exits.values() for one in found if one.drawn]
        leads = {one.lead.split(":")[0] for one in shown}
        if self._anywhere:
            leads.discard("Leaves")
        said = [text for lead, text in LEAVING.items() if lead in leads]
        silent = any(_silent(one) for one in shown) and not self._anywhere
        text = " or ".join(said) if len(said) < 3 else f"{', '.join(said[:-1])}, or {said[-1]}"
        text = f"{text[:1].upper()}{text[1:]}" + (
            " (reasons that no box gives are not stated)" if silent else ""
        )
        return ". ".join(part for part in (self._anywhere, text) if part)

    def _left_anywhere(self) -> str:
        """What the key says once where most steps have no stated reasons to leave; nothing where few are so."""
        named = [name for name in self.exits if self.protocol.path[name].kind not in AWAY]
        silent = [name for name in named if any(_silent(one) for one in self.exits[name])]
        others = [name for name in named if not any(one.lead == "Leaves" for one in self.exits[name])]
        drawn = any(one.drawn and _silent(one) for name in silent for one in self.exits[name])
        if not drawn or 2 * len(silent) <= len(named) or len(others) > FEW:
            return ""
        but = f" but {', '.join(self.titles[name] for name in others)}" if others else ""
        some = "" if len(silent) + len(others) == len(named) else " that no box gives"
        return f"Patients may leave at any step{but}; reasons{some} are not stated"

    def _numbered(self) -> dict[str, int]:
        """Numbers of the reasons that some box has no room for, as they come."""
        found: dict[str, int] = {}
        for one in (one for ways in self.exits.values() for one in ways if not _short(one)):
            for text in one.reasons:
                found.setdefault(text, len(found) + 1)
        return found

    # -- notes -------------------------------------------------------------------------------------

    def notes(self, noted: bool) -> Notes:
        """The notes of the figure. noted: deviations are among them."""
        letters: dict[str, str] = {}
        departures: dict[str, str] = {}
        undecided: dict[str, str] = {}
        for name in self.exits:
            step = self.protocol.path[name]
            if noted and step.deviations:
                texts = [departure(self.protocol, self.titles, one) for one in step.deviations.values()]
                found = [letters.setdefault(text, letter(len(letters))) for text in texts]
                departures[name] = f"{'note' if len(found) == 1 else 'notes'} {', '.join(found)}"
            if step.undecided:
                undecided[name] = letters.setdefault(step.undecided, letter(len(letters)))
        lines = [_note(mark, text) for text, mark in letters.items()]
        reasons = tuple(
            f"{number} {text}{f' {FINAL}' if text in self._final else ''}"
            for text, number in self._numbers.items()
        )
        return Notes(departures, undecided, reasons, tuple(lines))

    def description(self) -> str:
        """The figure in words, step by step."""
        said = []
        for name in self.steps:
            ways = []
            for way in self.ways:
                if way.tail == name:
                    lead = "may depart to" if way.kind == "deviation" else "goes on to"
                    ways.append(
                        f"{lead} {self.titles.get(way.head, way.head)}"
                        + (f" ({way.label})" if way.label else "")
                    )
            for one in self.exits.get(name, []):
                why = ", ".join(lower_first(text) for text in _marked(one))
                why = why or ("reasons not stated" if one.lead == "Leaves" else "")
                lead = "may leave" if one.lead == "Leaves" else lower_first(one.lead)
                to = f" → {where(self.protocol, self.titles, one.to)}" if one.to else ""
                ways.append(lead + (f" ({why})" if why else "") + to)
            note = self.protocol.path[name].undecided if name in self.exits else None
            ways += [f"may be left without a way on: {note}"] if note else []
            said.append(f"{self.titles.get(name, name)}" + (f": {'; '.join(ways)}" if ways else ""))
        return ". ".join(text.rstrip(".") for text in said) + "."


LEAVING = {"Leaves": "leaves", "Refused": "refuses consent", "By rule": "meets the rule in the box"}


def letter(index: int) -> str:
    """The mark of a note.

    >>> letter(0), letter(25), letter(26)
    ('a', 'z', 'aa')
    """
    mark = chr(ord("a") + index % 26)
    return mark if index < 26 else letter(index // 26 - 1) + mark


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    return {key: list(found) for key, found in groupby(pairs, key=lambda pair: pair[0])}


def _short(one: Exit) -> bool:
    return len("; ".join(_marked(one))) <= SHORT


def _marked(one: Exit) -> list[str]:
    """The reasons to leave; those with which follow-up ends, too, say so."""
    return [f"{text} {FINAL}" if text in one.final else text for text in one.reasons]


def _silent(one: Exit) -> bool:
    """Whether a step may be left for reasons that are not stated."""
    return one.lead == "Leaves" and not one.reasons


def _ranges(numbers: list[int]) -> str:
    """Numbers in ascending order, three or more in a row as a range.

    >>> _ranges([5, 1, 2, 3, 7])
    '1–3, 5, 7'
    """
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(parts)


def listed(reasons: tuple[str, ...], limit: float) -> list[Line]:
    """Numbered reasons on lines that break between them, so that no number stands apart from what it means."""
    lines = ["Reasons:"] if reasons else []
    for index, text in enumerate(reasons, 1):
        part = f"{text}{';' if index < len(reasons) else '.'}"
        if width(f"{lines[-1]} {part}", SMALL) > limit and lines[-1] != "Reasons:":
            lines.append(part)
        else:
            lines[-1] += f" {part}"
    return [small(line) for line in lines]


def _note(mark: str, text: str) -> Line:
    """A line below the figure, whose later lines begin under its text."""
    line = small(f"{mark} {text}")
    return replace(line, hang=set_width(f"{mark} ", line.size) or 0.0)
