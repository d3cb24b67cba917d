"""The path of a participant, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from equipoise.protocol.definition import Protocol, Step
from equipoise.report.explain.document import (
    Block,
    Inline,
    Link,
    Strong,
    bullets,
    grid,
    paragraph,
    words,
)
from equipoise.report.explain.saying import Saying, phrase, stated, text_blocks, times

_WHERE = {"consent": "11.3", "course": "6.3", "randomization": "6.7"}
_WHAT = {
    "consent": "Consent",
    "visit": "Visit",
    "course": "Course",
    "randomization": "Randomization",
    "group": "The participant enters the group",
}
_DOES: dict[str, tuple[Inline, ...]] = {
    "eligibility": ("All criteria of eligibility are checked (", Link("Section 5", "section-5"), ")."),
    "registration": ("The participant is registered.",),
    "follow_up": ("Follow-up without treatment, until the end.",),
    "end": ("The end of the trial for the participant.",),
}


def path_table(say: Saying) -> list[Block]:
    protocol = say.protocol
    numbers = {name: index for index, name in enumerate(protocol.path, 1)}
    rows = [
        (
            str(numbers[name]),
            (*words(Strong(step_label(protocol, step))), *_what(say, step), *say.source(step.source)),
            _then(say, step, numbers),
        )
        for name, step in protocol.path.items()
    ]
    return [
        paragraph(
            "The path of a participant begins with step 1. Where a step names several ways on, the first whose rule "
            "holds is taken; a rule that cannot be decided, because a value is unknown, holds a participant at the "
            "step and never lets a later rule apply."
        ),
        grid("Path of a participant", ("Step", "What is done", "Then"), rows, (0.35, 1.7, 2.2)),
    ]


def step_label(protocol: Protocol, step: Step) -> str:
    """What a step is called: its own label, or that of the thing that is done."""
    return step.label or _thing(protocol, step)[1] or phrase(step.does or "").capitalize()


def _thing(protocol: Protocol, step: Step) -> tuple[str, str]:
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
    kind, label = _thing(say.protocol, step)
    said = _DOES.get(step.does or "", ())
    if kind:
        place = _WHERE.get(kind)
        linked: tuple[Inline, ...] = (
            (" (", Link(f"Section {place}", f"section-{place.replace('.', '-')}"), ")") if place else ()
        )
        named = f"{_WHAT[kind]}: {label}" if step.label else _WHAT[kind]  # else the step bears its label
        said = (named, *linked, ".")
    repeated: tuple[Block, ...] = ()
    if step.times is not None:
        repeated = (paragraph("How often in a row: ", stated(step.times, times), "."),)
    return ((paragraph(*said),) if said else ()) + repeated + text_blocks(step.detail)


def _then(say: Saying, step: Step, numbers: dict[str, int]) -> tuple[Block, ...]:
    protocol = say.protocol

    def to(name: str | None) -> str:
        if name is None or name not in protocol.path:
            return name or ""
        return f"step {numbers[name]}, {step_label(protocol, protocol.path[name])}"

    lines: list[Block] = []
    if isinstance(step.next, str):
        lines.append(paragraph(f"On to {to(step.next)}."))
    elif step.next is not None:
        lines.append(paragraph("The first of these whose rule holds:"))
        lines.append(
            bullets(
                (
                    [
                        paragraph(
                            *((Strong(branch.label), ": ") if branch.label else ()), f"to {to(branch.to)}, if"
                        ),
                        *say.rule(branch.when),
                    ]
                    if branch.when is not None
                    else paragraph(
                        *((Strong(branch.label), ": ") if branch.label else ()),
                        f"all others to {to(branch.to)}",
                    )
                    for branch in step.next
                ),
                ordered=True,
            )
        )
    if step.arms:
        lines.append(bullets(f"{say.labels.arm(arm)}: to {to(then)}" for arm, then in step.arms.items()))
    if step.refused:
        lines.append(paragraph(f"If consent is refused: to {to(step.refused)}."))
    if step.leave:
        where = f", to {to(step.leave_to)}" if step.leave_to else ""
        reasons = stated(step.leave, lambda codes: "; ".join(_reason(say, code) for code in codes))
        lines.append(paragraph(f"May leave here{where}, because: ", reasons, "."))
    for deviation in step.deviations.values():
        lines.append(paragraph(Strong("Also allowed: "), f"{deviation.label}, to {to(deviation.to)}."))
    if step.undecided:
        lines.append(paragraph("Who may be left without a way on: ", step.undecided))
    return tuple(lines)


def _reason(say: Saying, code: str) -> str:
    """The label of a coded reason, of whatever stage has it."""
    for stage in ("treatment", "follow_up", "screening"):
        reasons = getattr(say.protocol.dispositions, stage)
        if code in reasons:
            return str(reasons[code])
    return code
