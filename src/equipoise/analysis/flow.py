"""The participant flow (CONSORT) → result rows, counted from the record with its reasons.

Rows exist only for what the record holds: a trial without treatment records has no ``treated`` box.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from equipoise.analysis.results import Result
from equipoise.analysis.sample import ARM, by_of
from equipoise.datasets.derivation import POPULATION
from equipoise.datasets.frames import Datasets
from equipoise.protocol.definition import Analysis, Proportion, Protocol

COMPLETED = "completed"


def rows(datasets: Datasets) -> Iterator[Result]:
    """Counts of every box of the flow diagram, each reason a row of its own."""
    subjects = datasets.subjects
    reasons = datasets.protocol.dispositions
    randomized = subjects.filter(pl.col("randomized"))
    if subjects["registered_on"].is_not_null().any():
        yield _row("registered", "overall", subjects.height)
        yield from _left(
            "not_randomized",
            "overall",
            subjects.filter(~pl.col("randomized"))["screening_ended"],
            reasons.screening,
        )
    yield _row("randomized", "overall", randomized.height)
    for arm in datasets.protocol.arms:
        of_arm = randomized.filter(pl.col("arm") == arm)
        if of_arm.height:
            yield from _arm(datasets, randomized, arm, of_arm)
    yield from _never_randomized(datasets)


def _arm(datasets: Datasets, randomized: pl.DataFrame, arm: str, of_arm: pl.DataFrame) -> Iterator[Result]:
    reasons = datasets.protocol.dispositions
    yield _row("allocated", arm, of_arm.height)
    if randomized["treated"].any():
        treated = of_arm.filter(pl.col("treated"))
        yield _row("treated", arm, treated.height)
        yield from _left(
            "not_treated", arm, of_arm.filter(~pl.col("treated"))["treatment_ended"], reasons.treatment
        )
        if randomized["treatment_ended"].is_not_null().any():
            stopped = treated["treatment_ended"].drop_nulls()
            yield from _left(
                "treatment_discontinued", arm, stopped.filter(stopped != COMPLETED), reasons.treatment
            )
            yield _row("treatment_completed", arm, int((stopped == COMPLETED).sum()))
    died = of_arm.filter(pl.col("died_on").is_not_null())
    if randomized["died_on"].is_not_null().any():
        yield _row("died", arm, died.height)
    alive = of_arm.filter(pl.col("died_on").is_null())
    ended = alive["follow_up_ended"].drop_nulls()
    if randomized["follow_up_ended"].is_not_null().any():
        yield _row("follow_up_completed", arm, int((ended == COMPLETED).sum()))
        yield from _left("follow_up_discontinued", arm, ended.filter(ended != COMPLETED), reasons.follow_up)
    if randomized["last_follow_up"].is_not_null().any() and alive.height - ended.len():
        yield _row("in_follow_up", arm, alive.height - ended.len())
    for name, population in datasets.protocol.populations.items():
        if not _concerns(datasets, name, arm):
            continue
        by = "arm" if population.arm == "planned" else "actual_arm"
        analyzed = datasets.subjects.filter(pl.col(POPULATION + name) & (pl.col(by) == arm)).height
        yield _row("analyzed", arm, analyzed, population=name)
        if population.arm == "planned":
            yield _row("analyzed", arm, of_arm.height - analyzed, level="excluded", population=name)


def _concerns(datasets: Datasets, population: str, arm: str) -> bool:
    """Whether an arm's box says how many of it are in a population.

    Not where the population is analyzed without regard to arms only, and not where it is made of others, such as
    those of another randomization: it would exclude the whole arm.
    """
    by_arm, beyond = _used(datasets.protocol)
    if population in beyond - by_arm:
        return False
    members = datasets.subjects.filter(pl.col(POPULATION + population))
    akin = [one for one in datasets.protocol.randomizations.values() if arm in one.arms]
    arms = {name for one in akin for name in one.arms}
    return not members.height or bool({*members["arm"], *members["actual_arm"]} & arms)


def _used(protocol: Protocol) -> tuple[set[str], set[str]]:
    """The populations in which arms are told apart, and those that are analyzed without regard to them."""
    plans: list[Analysis | Proportion] = [*protocol.analyses.values(), *protocol.proportions.values()]
    uses = [(plan.population, by_of(plan)) for plan in plans]
    uses += [(table.population, table.by) for table in protocol.baselines.values()]
    uses += [
        (table.population, ARM if ARM in (table.columns, table.by) else "")
        for table in protocol.tables.values()
    ]
    by_arm = {population for population, by in uses if by == ARM}
    return by_arm, {population for population, by in uses if by != ARM}


def _never_randomized(datasets: Datasets) -> Iterator[Result]:
    """How many of those who were never randomized are analyzed, by population: no arm's box holds them."""
    _, beyond = _used(datasets.protocol)
    left = datasets.subjects.filter(~pl.col("randomized"))
    for name in datasets.protocol.populations:
        if name in beyond:
            n = left.filter(pl.col(POPULATION + name)).height
            yield _row("analyzed_not_randomized", "overall", n, population=name)


def _left(box: str, group: str, codes: pl.Series, known: Mapping[str, str]) -> Iterator[Result]:
    """A box with its total and one row a reason, in the protocol's order; unrecorded reasons last."""
    yield _row(box, group, codes.len())
    counts = dict(codes.value_counts().iter_rows())
    for code in known:
        if code in counts:
            yield _row(box, group, counts.pop(code), level=code)
    for code in sorted(counts, key=str):
        if code is not None:
            yield _row(box, group, counts[code], level=str(code))
    if counts.get(None):
        yield _row(box, group, counts[None], level="not_recorded")


def _row(box: str, group: str, value: int, *, level: str = "", population: str = "") -> Result:
    return Result(
        analysis="flow",
        population=population,
        group=group,
        variable=box,
        level=level,
        statistic="n",
        value=float(value),
    )
