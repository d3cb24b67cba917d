"""What the figures of a path say, before it is laid out: titles, owners, ways on, ways out, and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from equipoise.protocol.definition import Branch, Deviation, Protocol, Step
from equipoise.report.labels import lower_first

Words = Callable[[str], str]

CAPTIONS = {
    "consent": "Consent", "visit": "Visit", "course": "Course", "randomization": "Randomization",
    "group": "Group by rule", "eligibility": "Eligibility", "registration": "Registration",
    "follow_up": "Follow-up", "end": "End",
}  # fmt: skip
AWAY = ("follow_up", "end")  # where treatment is over
STAGES = ("screening", "treatment", "follow_up")


@dataclass(frozen=True, slots=True)
class Way:
    """A way on. kind: next, aside (out of treatment, beside other branches), arm, or deviation."""

    tail: str
    head: str
    kind: str
    label: str = ""
    arm: str = ""


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a step: consent refused, reasons to leave, or a rule that leads where those who leave go.

    reasons: labels.  drawn: it has a line; not where everyone goes the same way anyway.  final: those of the labels
    with which follow-up ends, too, where others go to follow-up.
    """

    to: str
    lead: str
    reasons: tuple[str, ...] = ()
    drawn: bool = True
    final: tuple[str, ...] = ()


def title_of(protocol: Protocol, name: str) -> str:
    """What a step is called: its own label, or that of what it names."""
    step = protocol.path.get(name)
    if step is None:
        return name
    if step.label:
        return step.label
    kind = step.kind
    if kind in ("eligibility", "registration", "follow_up", "end"):
        return CAPTIONS[kind]
    code = getattr(step, kind, None) if kind else None
    if code is None:
        return name
    entry = getattr(protocol, f"{kind}s").get(code)
    return str(getattr(entry, "label", None) or code)


def reached(
    protocol: Protocol, start: str, closed: set[str], besides: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The steps reached from one, in the order of the file; closed steps go on nowhere, unless out.

    besides: kinds of ways that are not taken.
    """
    seen, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        step = protocol.path.get(name)
        if step is None:
            continue
        for to, kind in step.ways():
            shut = name in closed and kind in ("next", "arm", "deviation")
            if to not in seen and kind not in besides and not shut:
                seen.add(to)
                waiting.append(to)
    return tuple(name for name in protocol.path if name in seen)


def arms_of(protocol: Protocol) -> dict[str, str]:
    """The arm of each step that only one arm of a randomization reaches, and nobody before it."""
    path = protocol.path
    randomizations = {name for name, step in path.items() if step.arms}
    common = set(reached(protocol, next(iter(path)), randomizations)) if path else set()
    owners: dict[str, set[str]] = {}
    for name in randomizations:
        for arm, to in path[name].arms.items():
            for step in reached(protocol, to, randomizations, ("deviation", "leave", "refused")):
                owners.setdefault(step, set()).add(arm)
    return {
        step: next(iter(arms)) for step, arms in owners.items()
        if len(arms) == 1 and step not in common and step not in randomizations
    }  # fmt: skip


def titles_of(protocol: Protocol) -> dict[str, str]:
    """The title of every step; the same course given again on the same way has its number.

    >>> ordinal(1), ordinal(2), ordinal(3), ordinal(4), ordinal(11), ordinal(22)
    ('1st', '2nd', '3rd', '4th', '11th', '22nd')
    """
    titles = {name: title_of(protocol, name) for name in protocol.path}
    arms = arms_of(protocol)
    alike: dict[tuple[str | None, str, str], list[str]] = {}
    for name, step in protocol.path.items():
        if step.course:
            alike.setdefault((step.course, titles[name], arms.get(name, "")), []).append(name)
    for names in alike.values():
        after = {
            name: set(reached(protocol, name, set(), ("deviation", "leave", "refused"))) for name in names
        }
        row = sorted(names, key=lambda name: -sum(one in after[name] for one in names))
        chain = all(
            later in after[name] and name not in after[later]
            for index, name in enumerate(row) for later in row[index + 1 :]
        )  # fmt: skip
        if len(row) > 1 and chain:  # one after the other, not one instead of the other
            for index, name in enumerate(row, 1):
                titles[name] += f", {ordinal(index)} of {len(row)}"
    return titles


def ordinal(number: int) -> str:
    """A number as a place in a row."""
    teen = 10 < number % 100 < 14
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def branches_of(step: Step) -> tuple[Branch, ...]:
    """The ways on by rule; a step with one way on has one branch without rule."""
    return (Branch(to=step.next),) if isinstance(step.next, str) else step.next or ()


def leaving(step: Step, branch: Branch) -> bool:
    """Whether a branch leads, by its rule and beside others, where those who leave the step go."""
    return branch.when is not None and branch.to == step.leave_to and len(branches_of(step)) > 1


def ways_of(protocol: Protocol, words: Words, name: str) -> Iterator[Way]:
    """The ways on from a step, but those that are drawn as ways out."""
    step = protocol.path[name]
    branches = branches_of(step)
    on = {one.to for one in branches if _kind(protocol, one.to) not in AWAY}
    for branch in branches:
        if leaving(step, branch):
            continue
        text = branch.label or (words(branch.when) if branch.when else "")
        aside = on and branch.to not in on
        yield Way(
            name, branch.to, "aside" if aside else "next", text or ("Otherwise" if len(branches) > 1 else "")
        )
    for arm, to in step.arms.items():
        label = protocol.arms[arm].label if arm in protocol.arms else arm
        yield Way(name, to, "arm", label, arm)
    for deviation in step.deviations.values():
        yield Way(name, deviation.to, "deviation", deviation.label)


def exits_of(protocol: Protocol, words: Words, name: str, late: bool) -> list[Exit]:
    """The ways out of a step. late: it comes after a randomization or group, where reasons have other labels."""
    step, found = protocol.path[name], []
    straight = step.next if isinstance(step.next, str) else None
    if step.refused:
        found.append(Exit(step.refused, "Refused", (), step.refused != straight))
    rules = [one for one in branches_of(step) if leaving(step, one)]
    for branch in rules:
        text = branch.label or words(branch.when or "")
        found.append(Exit(branch.to, f"By rule: {lower_first(text)}"))
    if step.leave or step.leave_to:
        labels = {code: _reason(protocol, code, step.kind, late) for code in step.reasons}
        ends = _kind(protocol, step.leave_to or "") == "end"  # then it ends with every reason
        final = () if ends else tuple(labels[code] for code in labels if code in protocol.dispositions.final)
        found.append(
            Exit(step.leave_to or "", "Leaves", tuple(labels.values()), step.leave_to != straight, final)
        )
    return found


def _reason(protocol: Protocol, code: str, kind: str, late: bool) -> str:
    """The label of a coded reason: of the stage that the step belongs to, else of whatever stage has it."""
    own = "follow_up" if kind == "follow_up" else "treatment" if late else "screening"
    for stage in (own, *STAGES):
        reasons = getattr(protocol.dispositions, stage)
        if code in reasons:
            return str(reasons[code])
    return code


def where(protocol: Protocol, titles: dict[str, str], name: str) -> str:
    """Where a way leads, briefly where the path has one follow-up or one end."""
    kind = _kind(protocol, name)
    alike = [step for step in protocol.path.values() if step.kind == kind]
    brief = kind in AWAY and len(alike) == 1
    return CAPTIONS[kind].lower() if brief else lower_first(titles.get(name, name))


def departure(protocol: Protocol, titles: dict[str, str], deviation: Deviation) -> str:
    """A deviation as a note under the figure."""
    said = "whether the protocol allows it is not stated"
    if deviation.allowed != "not stated":
        said = f"{'' if deviation.allowed else 'not '}allowed by the protocol"
    return f"{deviation.label} (on to: {titles.get(deviation.to, deviation.to)}; {said})"


def _kind(protocol: Protocol, name: str) -> str:
    return protocol.path[name].kind if name in protocol.path else ""
