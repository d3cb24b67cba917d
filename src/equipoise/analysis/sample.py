"""The subjects of one analysis: one end point, one population, counted by arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.datasets.derivation import POPULATION
from equipoise.datasets.frames import Datasets
from equipoise.errors import DataError
from equipoise.protocol.definition import Protocol


@dataclass(frozen=True, slots=True)
class Sample:
    """Subjects with their arm, time, event, cause and factors.

    frame: one row a subject, with columns ``arm`` (as the population counts it), ``time`` (days),
    ``event``, ``cause`` and every item and derived item.  subset: ``all`` or ``factor=level``.
    """

    protocol: Protocol
    endpoint: str
    population: str
    frame: pl.DataFrame = field(repr=False)
    subset: str = "all"

    @property
    def arms(self) -> list[str]:
        """The arms, in the protocol's order, that have subjects."""
        present = set(self.frame["arm"].unique())
        return [arm for arm in self.protocol.arms if arm in present]

    def of_arm(self, arm: str) -> Sample:
        """The subjects of one arm."""
        return replace(self, frame=self.frame.filter(pl.col("arm") == arm))

    def of_arms(self, arms: Sequence[str]) -> Sample:
        """The subjects of some arms."""
        return replace(self, frame=self.frame.filter(pl.col("arm").is_in(list(arms))))

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
        missing = [name.removeprefix("stratum_") for name in names if self.frame[name].null_count()]
        warning = f"{lost} without a value of {' or '.join(missing)} left out" if lost else ""
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
        """The columns that hold the strata: as used at randomization where there are such, else as on record."""
        used = {factor: f"stratum_{factor}" for factor in factors if strata_as == "randomized"}
        return [used[factor] if used.get(factor) in self.frame.columns else factor for factor in factors]

    def strata(self, columns: Sequence[str]) -> NDArray[np.str_] | None:
        """The levels of crossed factors, shape (n, f); None without factors."""
        return np.column_stack([self.labels(name) for name in columns]) if columns else None


def factor_values(frame: pl.DataFrame, factor: str) -> pl.Series:
    """A factor's levels as text (``true`` and ``false`` for booleans); null where unknown."""
    return frame[factor].cast(pl.String)


def sample(datasets: Datasets, endpoint: str, population: str) -> Sample:
    """Select the subjects of a population who have the end point's origin: none, early in a trial.

    Raises DataError if the protocol has no such end point or population.
    """
    protocol = datasets.protocol
    for name, known, what in ((endpoint, protocol.endpoints, "end point"), (population, protocol.populations, "population")):  # fmt: skip
        if name not in known:
            raise DataError(f"{what} is {name!r}; expected one of {', '.join(known) or 'none'}")
    members = members_of(datasets, population)
    rows = datasets.time_to_event.filter(pl.col("endpoint") == endpoint).drop("endpoint", "source")
    frame = members.drop("source").join(rows, on="subject_id", how="inner", maintain_order="left")
    return Sample(protocol, endpoint, population, frame)


def members_of(datasets: Datasets, population: str) -> pl.DataFrame:
    """The subjects of a population who have an arm, with ``arm`` as that population counts it."""
    column = "arm" if datasets.protocol.populations[population].arm == "planned" else "actual_arm"
    members = datasets.subjects.filter(pl.col(POPULATION + population))
    return members.with_columns(pl.col(column).alias("arm")).filter(pl.col("arm").is_not_null())
