"""One end point at the analyst's hand: curves, tests, models, with tables and figures of each.

Every call takes its variant in words (ties, interval, strata, side); what is left out is as the
protocol's Kaplan-Meier, log-rank and Cox plans default. Results are rows, as in a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from equipoise.analysis import survival
from equipoise.analysis.results import Result, Results
from equipoise.analysis.sample import ARM, Sample, by_of
from equipoise.dates import in_days
from equipoise.errors import DataError
from equipoise.protocol.definition import Analysis, Comparison, CoxPlan, KaplanMeierPlan, LogRankPlan

Interval = Literal["plain", "log", "log-log"]
Ties = Literal["efron", "breslow"]
AD_HOC = "ad_hoc"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as SVG text; notebooks show it."""

    svg: str = field(repr=False)

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str) -> None:
        """Write the SVG to a file."""
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(self.svg)


@dataclass(frozen=True, slots=True)
class Curves:
    """Kaplan-Meier curves, one for each group: an arm, a level of a factor, or everyone."""

    sample: Sample = field(repr=False)
    plan: KaplanMeierPlan
    results: Results = field(repr=False)

    def table(self) -> pl.DataFrame:
        """The curves' values at every distinct time: one row a group and time (days)."""
        rows = self.results.frame.filter(pl.col("method") == f"curve {self.plan.interval}")
        return _wide(rows, ["group", "at"]).rename({**self._named, "at": "time"})

    def at(self, *times: float) -> pl.DataFrame:
        """Survival with standard error, interval and number at risk at times in the end point's unit."""
        unit = self.sample.protocol.endpoints[self.sample.endpoint].unit
        plan = self.plan.model_copy(update={"times": tuple(float(time) for time in times)})
        rows = Results.of(survival.kaplan_meier_rows(AD_HOC, self.sample, plan, ())).frame
        days = {in_days(float(time), unit) for time in times}
        there = rows.filter((pl.col("method") == plan.interval) & pl.col("at").is_in(list(days)))
        return _wide(there, ["group", "at"]).rename({**self._named, "at": "time"})

    def median(self) -> pl.DataFrame:
        """Median time in days with its interval, by group; null where it is not reached."""
        rows = self.results.frame.filter(pl.col("statistic").str.starts_with("median"))
        return _wide(rows, ["group"]).rename(self._named)

    @property
    def _named(self) -> dict[str, str]:
        """What the column of groups is called: ``arm`` where they are arms."""
        return {"group": "arm"} if self.sample.by == ARM else {}

    def plot(self) -> Figure:
        """The curves with the numbers at risk, as in the report."""
        from equipoise.report.figures.kaplan_meier import kaplan_meier_figure
        from equipoise.report.rows import Rows

        protocol, by = self.sample.protocol, self.sample.by
        alike = [
            plan for plan in protocol.analyses.values()
            if plan.endpoint == self.sample.endpoint and by_of(plan) == by
        ]  # fmt: skip
        ends = (self.sample.groups[-1], self.sample.groups[0])
        compared = (Comparison(experimental=ends[0], control=ends[1]),) if by == ARM else ()
        plan = alike[0] if alike else Analysis(endpoint=self.sample.endpoint, population=self.sample.population,
                                               comparisons=compared, by=by if by != ARM and by else None)  # fmt: skip
        plan = plan.model_copy(update={"kaplan_meier": self.plan, "log_rank": None, "cox": None})
        ticks = survival.ticks_of(plan, self.sample)
        rows = Results.of(survival.kaplan_meier_rows(AD_HOC, self.sample, self.plan, ticks))
        planned = protocol.model_copy(update={"analyses": {**protocol.analyses, AD_HOC: plan}})
        svg = kaplan_meier_figure(planned, Rows(rows), AD_HOC, f"km-{self.sample.endpoint}")
        if svg is None:
            raise DataError(f"end point {self.sample.endpoint!r} has no curve to draw")
        return Figure(svg)

    def _repr_html_(self) -> str:
        return str(self.median()._repr_html_())


@dataclass(frozen=True, slots=True)
class Estimates:
    """A test or a model: its statistics by name, and the result rows behind them."""

    results: Results = field(repr=False)
    method: str
    warning: str

    def __getattr__(self, name: str) -> float | None:
        if name.startswith("_") or name in self.__slots__:
            raise AttributeError(name)
        rows = self.results.frame.filter((pl.col("statistic") == name) & (pl.col("level") == ""))
        if rows.height != 1:
            raise AttributeError(
                f"{name!r} is no statistic of this {self.method}; there are {', '.join(self._names())}"
            )
        value: float | None = rows["value"][0]
        return value

    def _names(self) -> list[str]:
        return self.results.frame.filter(pl.col("level") == "")["statistic"].to_list()

    def table(self) -> pl.DataFrame:
        """The statistics, one row each."""
        return self.results.frame.select("group", "level", "statistic", "method", "value", "warning")

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._names())
        return f"Estimates({self.method}: {values}{'; ' + self.warning if self.warning else ''})"

    def _repr_html_(self) -> str:
        return str(self.table()._repr_html_())


@dataclass(frozen=True, slots=True)
class EndpointData:
    """One end point in one population, as of the trial's cutoff."""

    sample: Sample = field(repr=False)

    def __repr__(self) -> str:
        counts = f"{self.sample.frame.height} subjects, {int(self.sample.event.sum())} events"
        return f"EndpointData({self.sample.endpoint!r}, {self.sample.population!r}: {counts})"

    def to_frame(self) -> pl.DataFrame:
        """The rows themselves: subject, arm, time (days), event, cause, items."""
        return self.sample.frame

    def subset(self, factor: str, level: str) -> EndpointData:
        """The subjects at one level of a factor."""
        levels = self.sample.protocol.factor_levels(factor)
        if level not in levels:
            raise DataError(f"level is {level!r}; {factor} has {', '.join(levels)}")
        return EndpointData(self.sample.of_level(factor, level))

    def _needs_subjects(self) -> None:
        if not self.sample.groups or not self.sample.frame.height:
            raise DataError(f"population {self.sample.population!r} has no subject with the origin of end point "
                            f"{self.sample.endpoint!r} as of the cutoff")  # fmt: skip

    def kaplan_meier(self, *, interval: Interval = "log-log", confidence_level: float = 0.95) -> Curves:
        """Kaplan-Meier curves by group with Greenwood's standard error."""
        self._needs_subjects()
        plan = KaplanMeierPlan(interval=interval, confidence_level=confidence_level)
        return Curves(
            self.sample, plan, Results.of(survival.kaplan_meier_rows(AD_HOC, self.sample, plan, ()))
        )

    def log_rank(
        self,
        experimental: str | None = None,
        control: str | None = None,
        *,
        strata: Sequence[str] = (),
        sided: Literal[1, 2] = 2,
    ) -> Estimates:
        """The log-rank test of two arms, or of all groups when none is named."""
        self._needs_subjects()
        if len(self.sample.groups) < 2:
            raise DataError(f"one group, {self.sample.groups[0]}; expected two or more to compare")
        plan = LogRankPlan(strata=tuple(strata), sided=sided)
        compared = (
            None if experimental is None and control is None else self._comparison(experimental, control)
        )
        return _estimates(list(survival.log_rank_rows(AD_HOC, self.sample, plan, compared)), "chi_square")

    def cox(
        self,
        experimental: str,
        control: str | None = None,
        *,
        ties: Ties = "efron",
        strata: Sequence[str] = (),
        covariates: Sequence[str] = (),
        arms: Literal["compared", "all"] = "compared",
        confidence_level: float = 0.95,
    ) -> Estimates:
        """The Cox hazard ratio, experimental over control (the protocol's control arm unless named)."""
        self._needs_subjects()
        if self.sample.by != ARM:
            raise DataError(
                "the subjects are not told apart by arm; open the end point with by='arm' to compare arms"
            )
        plan = CoxPlan(ties=ties, strata=tuple(strata), covariates=tuple(covariates), arms=arms,
                       confidence_level=confidence_level)  # fmt: skip
        comparison = self._comparison(experimental, control)
        return _estimates(
            list(survival.cox_rows(AD_HOC, self.sample, plan, comparison, self.sample.groups)), "hazard_ratio"
        )

    def _comparison(self, experimental: str | None, control: str | None) -> Comparison:
        arms = self.sample.protocol.arms
        if control is None:
            control = next(name for name, arm in arms.items() if arm.role == "control")
        for side, arm in (("experimental", experimental), ("control", control)):
            if arm not in arms:
                raise DataError(f"{side} is {arm!r}; expected one of the arms {', '.join(arms)}")
        if experimental == control:
            raise DataError(f"experimental and control are both {control!r}; expected two arms")
        return Comparison(experimental=str(experimental), control=control)


def _estimates(rows: list[Result], main: str) -> Estimates:
    chosen = next(row for row in rows if row.statistic == main)
    return Estimates(Results.of(rows), chosen.method, chosen.warning)


def _wide(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return rows.pivot(on="statistic", index=keys, values="value", aggregate_function="first")
