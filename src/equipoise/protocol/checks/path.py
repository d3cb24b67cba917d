"""Each step of the path does one thing, and goes on in a way that fits it; for leaving it there are coded reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks
from equipoise.protocol.definition import Step
from equipoise.protocol.reading.document import Path

_DOES = (
    "does (eligibility, registration, follow_up, end), or one consent, visit, course, randomization or group"
)


def check_path(checks: Checks) -> Iterator[Problem]:
    """Yield what no path can be, whoever its patients are; what hangs on patients is proved elsewhere."""
    for name, step in checks.protocol.path.items():
        place: Path = ("path", name)
        yield from _thing(checks, place, step)
        yield from _targets(checks, place, step)
        yield from _goes_on(checks, place, step)
        yield from _branches(checks, place, step)
        yield from _arms(checks, place, step)
        yield from _leaving(checks, place, step)
    yield from _dispositions(checks)


def _thing(checks: Checks, place: Path, step: Step) -> Iterator[Problem]:
    of, things = checks.protocol, step.things()
    if len(things) != 1:
        yield checks.problem(place, f"a step that does {' and '.join(things) or 'nothing'}", "exactly one thing",
                             "make a step of each" if things else f"write {_DOES}")  # fmt: skip
    for kind, declared in (("consent", of.consents), ("visit", of.visits), ("course", of.courses),
                           ("randomization", of.randomizations), ("group", of.groups)):  # fmt: skip
        yield from checks.known((*place, kind), getattr(step, kind), declared, kind)
    if step.times is not None and step.times != "not stated" and step.times[0] > step.times[1]:
        yield checks.problem(
            (*place, "times"), f"[{step.times[0]}, {step.times[1]}]", "[fewest, most]", "exchange them"
        )


def _targets(checks: Checks, place: Path, step: Step) -> Iterator[Problem]:
    steps = checks.protocol.path
    if isinstance(step.next, str):
        yield from checks.known((*place, "next"), step.next, steps, "step")
    for index, branch in enumerate(step.next if isinstance(step.next, tuple) else ()):
        yield from checks.known((*place, "next", index, "to"), branch.to, steps, "step")
    for arm, to in step.arms.items():
        yield from checks.known((*place, "arms", arm), to, steps, "step")
    for code, deviation in step.deviations.items():
        yield from checks.known((*place, "deviations", code, "to"), deviation.to, steps, "step")
        yield from checks.condition((*place, "deviations", code, "when"), deviation.when)
    for key in ("refused", "leave_to"):
        yield from checks.known((*place, key), getattr(step, key), steps, "step")


def _goes_on(checks: Checks, place: Path, step: Step) -> Iterator[Problem]:
    """Every step leads on but the last ones, which lead nowhere; follow-up may lead to an end."""
    if step.does == "end":
        for key in ("next", "leave_to", "deviations"):
            if getattr(step, key):
                yield checks.problem(
                    (*place, key), "a way on from an end", "a step that is the last", "remove it"
                )
    elif step.does == "follow_up":
        steps = checks.protocol.path
        to = step.next if isinstance(step.next, str) else None
        if step.next is not None and (to is None or (to in steps and steps[to].does != "end")):
            yield checks.problem((*place, "next"), "a way on from follow-up" if to is None else f"{to!r}, which is no end",
                                 "nothing, or a step that does end", "put steps before follow-up")  # fmt: skip
    elif step.next is None and step.kind != "randomization":
        yield checks.problem(place, "a step without next", "the step after it", "add next, or let it do end")


def _branches(checks: Checks, place: Path, step: Step) -> Iterator[Problem]:
    branches = step.next if isinstance(step.next, tuple) else ()
    if isinstance(step.next, tuple) and not branches:
        yield checks.problem(
            (*place, "next"), "an empty list", "a step, or at least one branch", "name the next step"
        )
    for index, branch in enumerate(branches):
        yield from checks.condition((*place, "next", index, "when"), branch.when)
        if branch.when is None and index < len(branches) - 1:
            yield checks.problem((*place, "next", index), f"a branch without a rule before {branches[index + 1].to!r}",
                                 "a branch that takes all others as the last one", "give it a rule, or move it down")  # fmt: skip
        if branch.when is not None and branch.when in [one.when for one in branches[:index]]:
            yield checks.problem(
                (*place, "next", index, "when"),
                "the rule of an earlier branch",
                "a rule of its own",
                "remove one",
            )
    if step.undecided and not any(branch.when for branch in branches):
        yield checks.problem(
            (*place, "undecided"),
            "who is left without a branch",
            "it beside branches by rule only",
            "remove it",
        )


def _arms(checks: Checks, place: Path, step: Step) -> Iterator[Problem]:
    """After a randomization, one step for each of its arms; arms nowhere else."""
    if step.kind != "randomization":
        if step.arms:
            yield checks.problem((*place, "arms"), f"arms after {step.kind or 'no randomization'}", "arms after a randomization only",
                                 "remove them, or name the randomization")  # fmt: skip
        return
    randomization = checks.protocol.randomizations.get(step.randomization or "")
    if step.next is not None:
        yield checks.problem(
            (*place, "next"), "next after a randomization", "arms, each with its step", "write arms"
        )
    if randomization is None or not set(randomization.arms) <= set(checks.protocol.arms):
        return  # that is said where it is named
    missing = [arm for arm in randomization.arms if arm not in step.arms]
    if missing:
        yield checks.problem((*place, "arms"), f"no step for {', '.join(missing)}",
                             f"a step for each arm of {step.randomization}", "add it")  # fmt: skip
    for arm in step.arms:
        if arm not in randomization.arms:
            yield checks.problem((*place, "arms", arm), repr(arm), f"an arm of {step.randomization}",
                                 f"known: {', '.join(randomization.arms)}", key=True)  # fmt: skip


def _leaving(checks: Checks, place: Path, step: Step) -> Iterator[Problem]:
    if step.refused is not None and step.kind != "consent":
        yield checks.problem(
            (*place, "refused"),
            f"refused after {step.kind or 'nothing'}",
            "refused after a consent only",
            "remove it",
        )
    of = checks.protocol.dispositions
    codes = [*of.screening, *of.treatment, *of.follow_up]
    yield from checks.all_known((*place, "leave"), step.reasons, codes, "reason under dispositions")
    if bool(step.leave) != (step.leave_to is not None):
        found = "reasons for leaving without leave_to" if step.leave else "leave_to without a reason"
        yield checks.problem(place, found, "both, or neither", "say for which reasons, and where to")


def _dispositions(checks: Checks) -> Iterator[Problem]:
    """The reasons for leaving at each stage; who completes a stage does not leave it."""
    for stage in ("screening", "treatment", "follow_up"):
        reasons: Mapping[str, str] = getattr(checks.protocol.dispositions, stage)
        place: Path = ("dispositions", stage)
        yield from checks.labels(place, reasons, "reason")
        if "completed" in reasons:
            yield checks.problem((*place, "completed"), "the code 'completed'", "a reason for leaving",
                                 "remove it: a stage that was completed has no reason", key=True)  # fmt: skip
    of = checks.protocol.dispositions
    every = [*of.screening, *of.treatment, *of.follow_up]
    yield from checks.all_known(("dispositions", "final"), of.final, every, "reason under dispositions")
