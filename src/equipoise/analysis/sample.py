"""The subjects of one analysis: one end point, one population, told apart by arm, by a factor, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.datasets.derivation import POPULATION
from equipoise.datasets.frames import Datasets
from equipoise.errors import DataError
from equipoise.protocol.definition import Analysis, Proportion, Protocol

ARM = "arm"
OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Sample:
    """Subjects with their group, time, event, cause and factors.

    frame: one row a subject, with columns ``arm`` (as the population counts it), ``time`` (days),
    ``event``, ``cause`` and every item and derived item.  subset: ``all`` or ``factor=level``.
    by: what tells the groups apart: ``arm``, a factor, or nothing (then all are one group, ``overall``).
    """

    protocol: Protocol
    endpoint: str
    population: str
    frame: pl.DataFrame = field(repr=False)
    subset: str = "all"
    by: str = ARM

    @property
    def groups(self) -> list[str]:
        """The groups that have subjects, in the protocol's order: arms, ``factor=level``, or ``overall``."""
        return groups_in(self.protocol, self.frame, self.by)

    def of_group(self, group: str) -> Sample:
        """The subjects of one group."""
        return self.of_groups([group])

    def of_groups(self, groups: Sequence[str]) -> Sample:
        """The subjects of some groups."""
        return replace(self, frame=self.frame.filter(group_of_each(self.frame, self.by).is_in(list(groups))))

    def group_labels(self) -> list[str]:
        """The group of each subject; none may be missing."""
        return group_of_each(self.frame, self.by).to_list()

    def of_level(self, factor: str, level: str) -> Sample:
        """The subjects at one level of a factor."""
        chosen = self.frame.filter(factor_values(self.frame, factor) == level)
        return replace(self, frame=chosen, subset=f"{factor}={level}")

    def complete(self, names: Sequence[str]) -> tuple[Sample, str]:
        """The subjects with a value of every named item, and a warning that counts the others."""
        if not names:
            return self, ""
        kept = self.frame.drop_nulls(list(names))
        lost = self.frame.height - kept.height
        known = {name.removeprefix("stratum_"): self.frame[name].null_count() for name in names}
        warning = (
            f"{lost} without a value of {' or '.join(name for name, nulls in known.items() if nulls)} left out"
            if lost
            else ""
        )
        return replace(self, frame=kept), warning

    @property
    def time(self) -> NDArray[np.int64]:
        """Days from the origin."""
        return self.frame["time"].to_numpy()

    @property
    def event(self) -> NDArray[np.bool_]:
        """Whether the end point occurred."""
        return self.frame["event"].to_numpy()

    def labels(self, factor: str) -> list[str]:
        """The levels of a factor as text, subject by subject; none may be missing."""
        return factor_values(self.frame, factor).to_list()

    def stratum_columns(self, factors: Sequence[str], strata_as: str) -> list[str]:
        """The columns that hold the strata: as used at randomization where there are such, else as on record.

        An analysis that is not of arms also holds subjects who were never randomized: it takes the record.
        """
        as_used = strata_as == "randomized" and self.by == ARM
        used = {factor: f"stratum_{factor}" for factor in factors if as_used}
        return [used[factor] if used.get(factor) in self.frame.columns else factor for factor in factors]

    def strata(self, columns: Sequence[str]) -> NDArray[np.str_] | None:
        """The levels of crossed factors, shape (n, f); None without factors."""
        return np.column_stack([self.labels(name) for name in columns]) if columns else None


def factor_values(frame: pl.DataFrame, factor: str) -> pl.Series:
    """A factor's levels as text (``true`` and ``false`` for booleans); null where unknown."""
    return frame[factor].cast(pl.String)


def group_of_each(frame: pl.DataFrame, by: str) -> pl.Series:
    """The group of each subject as result rows name it; null where the factor is unknown."""
    if not by:
        return pl.Series("group", [OVERALL] * frame.height, dtype=pl.String)
    if by == ARM:
        return frame[ARM]
    return frame.select(pl.concat_str(pl.lit(f"{by}="), pl.col(by).cast(pl.String))).to_series()


def groups_in(protocol: Protocol, frame: pl.DataFrame, by: str) -> list[str]:
    """The groups of some subjects, in the protocol's order.

    Everyone together is a group even when nobody is there: a count of 0 is a count.
    """
    if not by:
        return [OVERALL]
    if by == ARM:
        known = list(protocol.arms)
    else:
        known = [f"{by}={level}" for level in level_codes(protocol, frame, by)]
    present = set(group_of_each(frame, by).unique())
    return [group for group in known if group in present]


def level_codes(protocol: Protocol, frame: pl.DataFrame, factor: str) -> list[str]:
    """The levels of a factor: those declared in the protocol's order, else those of the data."""
    derived = protocol.derived.get(factor)
    if factor in protocol.items or (derived is not None and derived.classes is not None):
        return list(protocol.factor_levels(factor))
    if frame[factor].dtype == pl.Boolean:
        return ["true", "false"]
    return sorted(factor_values(frame, factor).drop_nulls().unique())


def by_of(plan: Analysis | Proportion) -> str:
    """What tells the groups of a plan apart: arms where it compares any, else its factor, or nothing."""
    return ARM if plan.comparisons else plan.by or ""


def sample(datasets: Datasets, endpoint: str, population: str, by: str = ARM) -> Sample:
    """Select the subjects of a population who have the end point's origin: none, early in a trial.

    by: ``arm``; or a factor, or nothing, and then subjects without an arm belong to it too.
    Raises DataError if the protocol has no such end point, population or factor.
    """
    protocol = datasets.protocol
    factors = [ARM, "", *protocol.items, *protocol.derived]
    for name, known, what in (
        (endpoint, protocol.endpoints, "end point"), (population, protocol.populations, "population"),
        (by, factors, "by"),
    ):  # fmt: skip
        if name not in known:
            raise DataError(f"{what} is {name!r}; expected one of {', '.join(known) or 'none'}")
    members = members_of(datasets, population, by)
    rows = datasets.time_to_event.filter(pl.col("endpoint") == endpoint).drop("endpoint", "source")
    frame = members.drop("source").join(rows, on="subject_id", how="inner", maintain_order="left")
    return Sample(protocol, endpoint, population, frame, by=by)


def members_of(datasets: Datasets, population: str, by: str = ARM) -> pl.DataFrame:
    """The subjects of a population, with ``arm`` as that population counts it.

    by: counted by arm, only subjects who have one; else also those who were never randomized.
    """
    column = "arm" if datasets.protocol.populations[population].arm == "planned" else "actual_arm"
    members = datasets.subjects.filter(pl.col(POPULATION + population))
    members = members.with_columns(pl.col(column).alias("arm"))
    return members.filter(pl.col("arm").is_not_null()) if by == ARM else members
