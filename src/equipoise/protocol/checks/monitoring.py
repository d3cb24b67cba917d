"""What monitoring says of the randomization, end point and analysis that it names, and of its looks."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.errors import Problem
from equipoise.protocol.checks.checker import Checks
from equipoise.protocol.definition import Monitoring
from equipoise.protocol.reading.document import Path

_PARAMETRIC = ("hwang_shih_decani", "kim_demets")


def check_monitoring(checks: Checks) -> Iterator[Problem]:
    """Yield what does not fit in the monitoring of each randomization."""
    for name, plan in checks.protocol.monitoring.items():
        place: Path = ("monitoring", name)
        yield from _names(checks, place, plan)
        yield from _looks(checks, place, plan)
        yield from _analysis(checks, place, plan)
        yield from _boundaries(checks, place, plan)


def _names(checks: Checks, place: Path, plan: Monitoring) -> Iterator[Problem]:
    of = checks.protocol
    yield from checks.known((*place, "randomization"), plan.randomization, of.randomizations, "randomization")
    yield from checks.known((*place, "endpoint"), plan.endpoint, of.endpoints, "end point")
    yield from checks.known((*place, "analysis"), plan.analysis, of.analyses, "analysis")
    yield from checks.all_known((*place, "cutoffs"), plan.cutoffs, of.cutoffs, "cutoff")
    for index, look in enumerate(plan.held):
        yield from checks.known((*place, "held", index, "cutoff"), look.cutoff, of.cutoffs, "cutoff")


def _analysis(checks: Checks, place: Path, plan: Monitoring) -> Iterator[Problem]:
    """The analysis of each look is one of the monitored end point, and compares the arms that are randomized."""
    of = checks.protocol
    analysis, randomization = of.analyses.get(plan.analysis or ""), of.randomizations.get(plan.randomization)
    if analysis is not None and plan.endpoint in of.endpoints and analysis.endpoint != plan.endpoint:
        yield checks.problem((*place, "analysis"), f"{plan.analysis!r}, which analyzes {analysis.endpoint}", f"an analysis of {plan.endpoint}",
                             "name another analysis, or another end point")  # fmt: skip
    if analysis is not None and randomization is not None and set(randomization.arms) <= set(of.arms):
        compared = {arm for one in analysis.comparisons for arm in (one.experimental, one.control)}
        if not compared or not compared <= set(randomization.arms):
            found = f"{plan.analysis!r}, which compares {', '.join(sorted(compared)) or 'no arms'}"
            yield checks.problem((*place, "analysis"), found, f"arms of {plan.randomization}: {', '.join(randomization.arms)}",
                                 "name another analysis, or another randomization")  # fmt: skip


def _boundaries(checks: Checks, place: Path, plan: Monitoring) -> Iterator[Problem]:
    spending = None if plan.efficacy == "not stated" else plan.efficacy
    if spending is not None and spending.parameter is not None and spending.spending not in _PARAMETRIC:
        yield checks.problem((*place, "efficacy", "parameter"), f"a parameter of {spending.spending}",
                             f"a parameter of {' or '.join(_PARAMETRIC)} only", "remove it")  # fmt: skip
    if plan.alpha != "not stated" and plan.power != "not stated" and plan.power <= plan.alpha:
        yield checks.problem(
            (*place, "power"), f"{plan.power:g}", f"more than alpha ({plan.alpha:g})", "exchange them"
        )


def _looks(checks: Checks, place: Path, plan: Monitoring) -> Iterator[Problem]:
    if plan.looks == "not stated":
        return
    looks = plan.looks
    for index in range(1, len(looks)):
        if looks[index] <= looks[index - 1]:
            yield checks.problem(
                (*place, "looks", index),
                f"{looks[index]:g} after {looks[index - 1]:g}",
                "increasing fractions",
                "sort them",
            )
    if not looks or looks[-1] != 1:
        yield checks.problem((*place, "looks"), f"looks that end at {looks[-1]:g}" if looks else "an empty list", "a last look at 1",
                             "the final analysis is at full information" if looks else "write not stated")  # fmt: skip
    if plan.analyses != "not stated" and plan.analyses != len(looks):
        yield checks.problem((*place, "analyses"), f"{plan.analyses} analyses and {len(looks)} looks", "one look each, the final one included",
                             "correct one of them")  # fmt: skip
