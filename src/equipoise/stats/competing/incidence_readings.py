"""Readings of cumulative incidence curves: values at times, and two groups compared at times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from equipoise.stats.competing.causes import Label
from equipoise.stats.competing.incidence_limits import IncidenceInterval
from equipoise.stats.observations import FloatArray, IntArray
from equipoise.stats.results import Row, StatisticalResult

IncidenceVariance = Literal["aalen", "greenwood"]

_METHOD = {"aalen": "Aalen's (cmprsk)", "greenwood": "Greenwood's (multinomial)"}


def variant(method: IncidenceVariance, interval: IncidenceInterval, confidence_level: float) -> str:
    """Variance and limits in words.

    >>> variant("aalen", "log-log", 0.95)
    "Aalen's (cmprsk) variance, 95% limits on the log-log scale"
    """
    return f"{_METHOD[method]} variance, {100 * confidence_level:g}% limits on the {interval} scale"


def group_word(label: Label) -> str:
    """The group of a result row; empty where there is only one.

    >>> group_word("all"), group_word(2)
    ('', '2')
    """
    return "" if label == "all" else str(label)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IncidenceAt(StatisticalResult):
    """Incidences at chosen times, arrays of shape (groups, causes, times); n_at_risk of shape (groups, times)."""

    groups: tuple[Label, ...]
    causes: tuple[Label, ...]
    time: FloatArray
    n_at_risk: IntArray
    estimate: FloatArray
    variance: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    variance_method: IncidenceVariance
    interval: IncidenceInterval
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Cumulative incidence; {variant(self.variance_method, self.interval, self.confidence_level)}"

    def rows(self) -> Iterator[Row]:
        """Estimate, standard error and limits by group, cause and time."""
        for g, group in enumerate(self.groups):
            for c, cause in enumerate(self.causes):
                for t, at in enumerate(self.time.tolist()):
                    for name in ("estimate", "std_err", "lower", "upper"):
                        yield Row(
                            name, float(getattr(self, name)[g, c, t]), group=group_word(group), variable="cause",
                            level=str(cause), at=at, method=self.variance_method,
                        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IncidenceDifference(StatisticalResult):
    """Two groups compared at times: arrays of one length.

    risk_difference and risk_ratio: the second group, the experimental one, less or over the first.  The difference
    has plain limits, the ratio those of its logarithm.  z is of the difference, positive when the second group has
    the lower incidence, and p_value_one_sided its upper tail.
    """

    groups: tuple[Label, Label]
    cause: Label
    time: FloatArray
    risk_difference: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    risk_ratio: FloatArray
    ratio_lower: FloatArray
    ratio_upper: FloatArray
    z: FloatArray
    p_value_two_sided: FloatArray
    p_value_one_sided: FloatArray
    variance_method: IncidenceVariance
    confidence_level: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        control, experimental = self.groups
        return (
            f"Cumulative incidence of cause {self.cause}, {experimental} against {control}; "
            f"{_METHOD[self.variance_method]} variance, {100 * self.confidence_level:g}% limits"
        )

    def rows(self) -> Iterator[Row]:
        """Difference, ratio, their limits and the test, time by time."""
        names = (
            "risk_difference", "std_err", "lower", "upper", "risk_ratio", "ratio_lower", "ratio_upper", "z",
            "p_value_two_sided", "p_value_one_sided",
        )  # fmt: skip
        for t, at in enumerate(self.time.tolist()):
            for name in names:
                yield Row(name, float(getattr(self, name)[t]), variable="cause", level=str(self.cause), at=at)
