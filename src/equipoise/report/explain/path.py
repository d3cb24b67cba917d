"""The path of a participant, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from equipoise.protocol.definition import Protocol, Step
from equipoise.report.explain.document import (
    NOT_STATED,
    Block,
    Inline,
    Link,
    Missing,
    Strong,
    bullets,
    grid,
    note,
    paragraph,
)
from equipoise.report.explain.saying import Saying, phrase, ranges, sentence_end, stated, text_blocks, times

_WHERE = {"consent": "11.3", "course": "6.3", "randomization": "6.7"}
_KINDS = {
    "consent": "consent", "visit": "visit", "course": "course", "randomization": "randomization",
    "group": "entry into the group",
}  # fmt: skip
_DOES: dict[str, tuple[Inline, ...]] = {
    "eligibility": ("All criteria are checked (", Link("Section 5", "section-5"), ")."),
    "registration": ("The participant is registered.",),
    "follow_up": ("Without treatment of the protocol, until the end.",),
    "end": ("The end of the trial for the participant.",),
}
ORDER = (
    "The path begins with step 1. Of several ways on, the first whose rule holds is taken; a rule that cannot be decided, "
    "because a value is unknown, holds a participant at the step and never lets a later rule apply."
)


def path_table(say: Saying) -> list[Block]:
    """The steps as a table, then what they share."""
    protocol = say.protocol
    numbers = {name: index for index, name in enumerate(protocol.path, 1)}
    ends = Counter(step.leave_to for step in protocol.path.values() if step.leave_to)
    usual = ends.most_common(1)[0][0] if ends else ""
    rows = [
        (str(numbers[name]), _what(say, step), _then(say, step, numbers, usual))
        for name, step in protocol.path.items()
    ]
    blocks: list[Block] = [paragraph(ORDER, *_places(protocol))]
    if usual:
        whole = (
            f"{numbers.get(usual, '')}, {step_label(protocol, protocol.path[usual])}"
            if usual in numbers
            else usual
        )
        blocks.append(
            paragraph(
                f"Who leaves for one of the reasons named goes to step {whole}, unless another step is named."
                + (" With reasons marked “to the end” follow-up ends, too." if _final(protocol) else "")
            )
        )
    blocks.append(grid("Path of a participant", ("Step", "What is done", "Then"), rows, (0.3, 1.5, 2.4)))
    silent = [str(numbers[name]) for name, step in protocol.path.items() if step.leave == NOT_STATED]
    if silent:
        blocks.append(note("Why participants leave at these steps is ", Missing(), f": {ranges(silent)}."))
    return [*blocks, *say.sources((str(numbers[name]), step.source) for name, step in protocol.path.items())]


def _places(protocol: Protocol) -> tuple[Inline, ...]:
    """Where the things that steps name are described."""
    parts: list[Inline] = []
    for kind, place in _WHERE.items():
        if any(getattr(step, kind) for step in protocol.path.values()):
            parts += [", " if parts else " See ", f"{kind}s: ", Link(f"Section {place}", f"section-{place.replace('.', '-')}")]  # fmt: skip
    return (*parts, ".") if parts else ()


def step_label(protocol: Protocol, step: Step) -> str:
    """What a step is called: its own label, or that of the thing that is done."""
    return step.label or thing(protocol, step)[1] or phrase(step.does or "").capitalize()


def thing(protocol: Protocol, step: Step) -> tuple[str, str]:
    """What a step names, and its label; both empty for a step that names nothing."""
    tables: dict[str, Mapping[str, Any]] = {
        "consent": protocol.consents,
        "visit": protocol.visits,
        "course": protocol.courses,
        "randomization": protocol.randomizations,
        "group": protocol.groups,
    }
    for kind, table in tables.items():
        name = getattr(step, kind)
        if name is not None:
            return kind, str(table[name].label or name) if name in table else name
    return "", ""


def _what(say: Saying, step: Step) -> tuple[Block, ...]:
    kind, label = thing(say.protocol, step)
    title: list[Inline] = [Strong(step_label(say.protocol, step))]
    if kind:
        word = "" if kind in label.lower() and not step.label else f", {_KINDS[kind]}"
        title.append(f"{word}: {label}" if step.label and step.label != label else word)
    if step.times is not None:
        often: Inline = stated(step.times, times)
        if isinstance(often, Missing):
            title += [", how often in a row: ", often]
        else:
            title.append(f", {often}" if often == "once" else f", {often} in a row")
    said = _DOES.get(step.does or "", ())
    lines = [paragraph(*(part for part in title if part != "")), *((paragraph(*said),) if said else ())]
    return (*lines, *text_blocks(step.detail))


def _then(say: Saying, step: Step, numbers: dict[str, int], usual: str) -> tuple[Block, ...]:
    protocol = say.protocol

    def to(name: str | None) -> str:
        if name is None or name not in protocol.path:
            return name or ""
        return f"step {numbers[name]}, {step_label(protocol, protocol.path[name])}"

    lines: list[Block] = []
    following = isinstance(step.next, str) and numbers.get(step.next, 0)
    if isinstance(step.next, str):
        near = following == next((numbers[name] for name, one in protocol.path.items() if one is step), 0) + 1
        lines.append(paragraph(f"To step {following}." if near else f"To {to(step.next)}."))
    elif step.next is not None:
        items: list[tuple[Block, ...]] = []
        for branch in step.next:
            lead: tuple[Inline, ...] = (
                *((Strong(branch.label), ": ") if branch.label else ()),
                f"to {to(branch.to)}",
            )
            if branch.when is None:
                items.append((paragraph(*lead, ", all others"),))
            else:
                items.append(say.rule(branch.when, lead=(*lead, ", if ")))
        lines.append(bullets(items, ordered=True))
    if step.arms:
        lines.append(bullets(f"{say.labels.arm(arm)}: to {to(then)}" for arm, then in step.arms.items()))
    if step.refused:
        lines.append(paragraph(f"Without consent: to {to(step.refused)}."))
    if step.leave and step.leave != NOT_STATED:
        final = final_here(protocol, step)
        where = f", to {to(step.leave_to)}" if step.leave_to and (step.leave_to != usual) else ""
        others = "; ".join(reason(say, code) for code in step.reasons if code not in final)
        if final:
            ending = f"{'; '.join(reason(say, code) for code in final)}: to the end"
            whither = where or (f", to step {numbers[usual]}" if usual in numbers else "")
            more = f"; other reasons{whither}: {others}" if others else ""
            lines.append(paragraph("Leaves: ", sentence_end(f"{ending}{more}")))
        else:
            lines.append(paragraph(f"Leaves{where}: ", sentence_end(others)))
    elif step.leave_to and step.leave_to != usual:
        lines.append(paragraph(f"Who leaves goes to {to(step.leave_to)}."))
    for deviation in step.deviations.values():
        lines.append(
            paragraph(
                f"Also taken: {deviation.label}, to {to(deviation.to)} (",
                Link("Section 11.10", "section-11-10"),
                ").",
            )
        )
    if step.undecided:
        lines.append(paragraph("Who may be left without a way on: ", sentence_end(step.undecided)))
    return tuple(lines)


def final_here(protocol: Protocol, step: Step) -> list[str]:
    """The reasons to leave a step with which follow-up ends, too; none where every reason leads to an end."""
    to = protocol.path.get(step.leave_to or "")
    if to is None or to.does == "end":
        return []
    return [code for code in step.reasons if code in protocol.dispositions.final]


def _final(protocol: Protocol) -> bool:
    return any(final_here(protocol, step) for step in protocol.path.values())


def reason(say: Saying, code: str) -> str:
    """The label of a coded reason, of whatever stage has it."""
    for stage in ("treatment", "follow_up", "screening"):
        reasons = getattr(say.protocol.dispositions, stage)
        if code in reasons:
            return str(reasons[code])
    return code
