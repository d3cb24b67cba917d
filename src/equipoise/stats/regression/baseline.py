"""The baseline hazard of a Cox model, and the steps from which it and every predicted curve are added up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.observations import (
    FloatArray,
    checked_flag,
    checked_times,
    read_only,
)
from equipoise.stats.regression.cox_model import CoxModel
from equipoise.stats.regression.fitted import Fitted, fitted, sums, used_covariance
from equipoise.stats.results import Row, StatisticalResult


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BaselineStratum:
    """The baseline of one stratum: arrays of one length, a row for each distinct time, of event or censoring.

    cumulative_hazard is its value at and just after the time; hazard is the step there.  std_err is that of the
    cumulative hazard and includes the uncertainty of the coefficients.  n_at_risk, n_events, n_censored are sums of weights.
    """

    stratum: str
    time: FloatArray
    n_at_risk: FloatArray
    n_events: FloatArray
    n_censored: FloatArray
    hazard: FloatArray
    cumulative_hazard: FloatArray
    std_err: FloatArray

    @property
    def survival(self) -> FloatArray:
        """exp(-cumulative hazard)."""
        return np.asarray(np.exp(-self.cumulative_hazard))

    def at(self, times: ArrayLike) -> FloatArray:
        """The cumulative hazard at times, (m,): 0 before the first, NaN after the last follow-up of the stratum.

        Raises DataError on times that are negative or not finite.

        >>> from equipoise.stats import baseline_hazard, cox
        >>> baseline_hazard(cox([1, 2, 3], [1, 1, 1], [0, 0, 0])).strata[0].at([0, 1, 9]).round(6).tolist()
        [0.0, 0.333333, nan]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        row = np.searchsorted(self.time, ticks, side="right")
        values = np.concatenate(([0.0], self.cumulative_hazard))[row]
        return np.where(ticks > self.time[-1], np.nan, values)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BaselineHazard(StatisticalResult):
    """The cumulative baseline hazard of each stratum, in ``strata``.

    centered: whether it is at the means of the covariates (``means``, not weighted) instead of at zero.
    """

    strata: tuple[BaselineStratum, ...]
    centered: bool
    means: FloatArray
    names: tuple[str, ...]
    method: str
    warnings: tuple[str, ...] = ()

    def _title(self) -> str:
        place = "the means of the covariates" if self.centered else "covariates zero"
        return f"Cumulative baseline hazard at {place}: {self.method}"

    def _headline(self) -> Iterator[Row]:
        for one in self.strata:
            yield Row("n_events", float(one.n_events.sum()), group=one.stratum, method=self.method)
            for name in ("cumulative_hazard", "std_err"):
                yield Row(
                    f"final_{name}", float(getattr(one, name)[-1]), group=one.stratum, method=self.method
                )

    def rows(self) -> Iterator[Row]:
        """Events and last value of each stratum, then its curve."""
        yield from self._headline()
        for one in self.strata:
            for name in ("hazard", "cumulative_hazard", "std_err", "n_at_risk", "n_events", "n_censored"):
                for at, value in zip(one.time.tolist(), getattr(one, name).tolist(), strict=True):
                    yield Row(name, value, group=one.stratum, at=at, method=self.method)


def baseline_hazard(model: CoxModel, *, centered: bool = False) -> BaselineHazard:
    """Estimate the cumulative baseline hazard of a Cox model, by stratum.

    model: of ``cox`` with Efron or Breslow ties.  centered: at the means of the covariates instead of at zero; the
    offset is zero in both.
    The steps follow the ties of the model: with Breslow d / (sum of the risks at that time), with Efron the average
    denominators of the likelihood.  Returns a BaselineHazard.
    Where covariates zero lies far from the data the hazard can be 0 or infinite in floating point; a warning says so.
    Raises DataError with exact ties, a coefficient at infinity, and without events.
    Source: Breslow 1974; Efron 1977; Tsiatis 1981; values as R survival 3.5-3, basehaz(centered = FALSE) and survfit.coxph; R's default centers
    other covariates than 0/1 columns only, at weighted means.

    >>> from equipoise.stats import cox
    >>> found = baseline_hazard(cox([1, 2, 3], [1, 1, 0], [0, 0, 0]))
    >>> found.strata[0].cumulative_hazard.round(6).tolist()
    [0.333333, 0.833333, 0.833333]
    """
    now = fitted(model, "the baseline hazard")
    checked_flag(centered, argument="centered")
    data = model.data
    where = now.center if centered else np.zeros(data.matrix.shape[1])
    target = where - now.center
    strata = []
    for code, label in enumerate(data.stratum_labels):
        steps = steps_of(model, now, code)
        hazard, cumulative, std_err = steps.of(
            target, float(target @ now.coefficients), used_covariance(model)
        )
        strata.append(
            BaselineStratum(
                stratum=label,
                time=steps.time,
                n_at_risk=steps.n_at_risk,
                n_events=steps.n_events,
                n_censored=steps.n_censored,
                hazard=hazard,
                cumulative_hazard=cumulative,
                std_err=std_err,
            )
        )
        for array in (hazard, cumulative, std_err):
            read_only(array)
    warnings = []
    ends = np.array([one.cumulative_hazard[-1] for one in strata if one.n_events.sum()])
    if (ends == 0).any() or np.isinf(ends).any():
        warnings.append("covariates zero lies so far from the data that the baseline hazard there is not a number "
                        "of the floating point: use centered=True or predicted_survival")  # fmt: skip
    read_only(now.center)
    return BaselineHazard(
        strata=tuple(strata), centered=centered, means=now.center, names=model.names,
        method=model.method, warnings=tuple(warnings),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steps:
    """One stratum: k distinct times and counts, and e steps at its event times.

    row: (k,) how many of the steps lie at or before each time.  log_hazard, log_variance: (e,) logs of the sums
    over a cell's terms of multiplier / total and multiplier / total**2, in centered units.  mean: (e, p) the
    means of the risk sets, weighted as the hazard.
    """

    time: FloatArray
    n_at_risk: FloatArray
    n_events: FloatArray
    n_censored: FloatArray
    row: np.ndarray[tuple[int], np.dtype[np.int64]]
    log_hazard: FloatArray
    log_variance: FloatArray
    mean: FloatArray

    def of(
        self, target: FloatArray, predictor: float, covariance: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Hazard, cumulative hazard and its standard error, each (k,), for covariates ``target`` (centered).

        predictor: their linear predictor in centered units, with the offset.
        """
        # exp of a sum of logs: a large predictor times a small hazard never passes through 0 or infinity.
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            hazard = np.exp(self.log_hazard + predictor)
            own = np.cumsum(np.exp(self.log_variance + 2 * predictor))
            apart = np.cumsum(hazard[:, None] * (self.mean - target), axis=0)
            variance = own + np.einsum("ij,jk,ik->i", apart, covariance, apart)
            cumulative = np.concatenate(([0.0], np.cumsum(hazard)))[self.row]
            std_err = np.sqrt(np.concatenate(([0.0], np.maximum(variance, 0))))[self.row]
        steps = np.diff(self.row, prepend=0) > 0
        at_times = np.zeros(self.time.size)
        at_times[steps] = hazard
        return at_times, cumulative, std_err


def steps_of(model: CoxModel, now: Fitted, code: int) -> Steps:
    """The steps of one stratum.

    >>> from equipoise.stats import cox
    >>> model = cox([1, 2, 3], [1, 1, 0], [0, 0, 0])
    >>> np.exp(steps_of(model, fitted(model, ""), 0).log_hazard).round(6).tolist()
    [0.333333, 0.5]
    """
    data = model.data
    mine = data.stratum == code
    time, place = np.unique(data.time[mine], return_inverse=True)
    event, weight = data.event[mine], data.weights[mine]
    n_events = sums(place, weight * event, time.size)
    total = sums(place, weight, time.size)
    n_at_risk = np.cumsum(total[::-1])[::-1]
    if data.entry is not None:
        entry = data.entry[mine]
        # Who enters at or after a time is not yet at risk at it; an entry of 0 is from the origin on.
        late = np.searchsorted(time, np.where(entry > 0, entry, -1.0), side="right")
        entered = sums(late, weight, time.size + 1)[: time.size]
        n_at_risk = np.cumsum(entered) - (np.cumsum(total) - total)
    sets, found = now.sets, now.moments
    happened = np.bincount(place[event], minlength=time.size) > 0
    first, last = _cells(now, code, data.stratum)
    begin, end = np.searchsorted(sets.term_cell, (first, last))
    cell = sets.term_cell[begin:end] - first
    log_total, multiplier = found.log_total[begin:end], sets.multiplier[begin:end]
    mean = found.mean[begin:end]
    lowest = np.full(last - first, np.inf)
    np.minimum.at(lowest, cell, log_total)
    relative = np.exp(lowest[cell] - log_total)

    def by_cell(values: FloatArray) -> FloatArray:
        return sums(cell, values, last - first)

    hazard = by_cell(multiplier * relative)
    means = np.column_stack(
        [by_cell(multiplier * relative * mean[:, j]) / hazard for j in range(mean.shape[1])]
        or [np.empty((last - first, 0))]
    )
    for array in (time, n_at_risk, n_events):
        read_only(array)
    return Steps(
        time=time,
        n_at_risk=n_at_risk,
        n_events=n_events,
        n_censored=sums(place, weight * ~event, time.size),
        row=np.cumsum(happened),
        log_hazard=np.log(hazard) - lowest,
        log_variance=np.log(by_cell(multiplier * relative**2)) - 2 * lowest,
        mean=means,
    )


def _cells(now: Fitted, code: int, stratum: np.ndarray[tuple[int], np.dtype[np.int64]]) -> tuple[int, int]:
    """The first cell of a stratum, and the one after its last; equal for a stratum without events."""
    of_cell = stratum[now.sets.row[now.sets.dying[now.sets.dying_start]]]
    first, last = np.searchsorted(of_cell, (code, code + 1))
    return int(first), int(last)
