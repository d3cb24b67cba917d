"""Survival that a Cox model predicts for given covariates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.observations import (
    FloatArray,
    checked_fraction,
    checked_model,
    checked_times,
    read_only,
    refused,
)
from equipoise.stats.regression.baseline import steps_of
from equipoise.stats.regression.cox_model import CoxModel
from equipoise.stats.regression.fitted import fitted, used_covariance
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.intervals import Interval, checked_interval, critical_value, limits
from equipoise.stats.survival.readings import SurvivalAt, SurvivalQuantile, crossing, percent

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictedCurve(StatisticalResult):
    """The predicted survival of one subject: arrays of one length, a row for each distinct time of the stratum.

    cumulative_hazard and survival = exp(-cumulative_hazard) are values at and just after the time.  log_std_err is
    the standard error of both the cumulative hazard and log survival; std_err = survival * log_std_err.
    lower, upper: limits of survival.  n_at_risk and n_events of the stratum, sums of weights.
    linear_predictor: covariates times coefficients, with the offset, not centered.
    """

    label: str
    stratum: str
    linear_predictor: float
    time: FloatArray
    n_at_risk: FloatArray
    n_events: FloatArray
    cumulative_hazard: FloatArray
    log_std_err: FloatArray
    survival: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    confidence_level: float
    interval: Interval
    method: str
    warnings: tuple[str, ...] = ()

    def at(self, times: ArrayLike) -> SurvivalAt:
        """Read the curve at the given times: 1 before the first, NaN after the last follow-up of the stratum.

        Raises DataError on times that are negative or not finite.

        >>> from equipoise.stats import cox
        >>> curve = predicted_survival(cox([1, 2, 3], [1, 1, 1], [0, 1, 0]), [[0]]).curves[0]
        >>> curve.at([0, 9]).survival.tolist()
        [1.0, nan]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        row = np.searchsorted(self.time, ticks, side="right")
        beyond = ticks > self.time[-1]
        survival, std_err, lower, upper = (
            np.where(beyond, np.nan, np.concatenate(([before], column))[row])
            for before, column in (
                (1.0, self.survival),
                (0.0, self.std_err),
                (1.0, self.lower),
                (1.0, self.upper),
            )
        )
        ahead = np.searchsorted(self.time, ticks, side="left")
        return SurvivalAt(
            time=ticks, n_at_risk=np.append(self.n_at_risk, 0.0)[ahead], survival=survival, std_err=std_err,
            lower=lower, upper=upper, last=float(self.time[-1]), confidence_level=self.confidence_level,
            interval=self.interval,
        )  # fmt: skip

    def quantile(self, probability: float) -> SurvivalQuantile:
        """The first time at which the predicted survival is at most 1 - probability; NaN when it is not reached.

        >>> from equipoise.stats import cox
        >>> predicted_survival(cox([1, 2, 3], [1, 1, 1], [0, 1, 0]), [[0]]).curves[0].quantile(0.5).estimate
        2.0
        """
        p = checked_fraction(probability, argument="probability")
        return SurvivalQuantile(
            probability=p,
            estimate=crossing(self.time, self.survival, p),
            lower=crossing(self.time, self.lower, p),
            upper=crossing(self.time, self.upper, p),
            confidence_level=self.confidence_level,
            interval=self.interval,
        )

    def median(self) -> SurvivalQuantile:
        """The median predicted survival time: ``quantile(0.5)``.

        >>> from equipoise.stats import cox
        >>> predicted_survival(cox([1, 2, 3], [1, 1, 1], [0, 1, 0]), [[1]]).curves[0].median().estimate
        2.0
        """
        return self.quantile(0.5)

    def _title(self) -> str:
        return f"Predicted survival{' of ' if self.label else ''}{self.label}, {percent(self.confidence_level)} {self.interval} limits: {self.method}"

    def _headline(self) -> Iterator[Row]:
        median = self.median()
        found = {"linear_predictor": self.linear_predictor, "median": median.estimate, "median_lower": median.lower,
                 "median_upper": median.upper}  # fmt: skip
        for name, value in found.items():
            yield Row(
                name,
                value,
                group=self.label,
                method=self.interval,
                warning="not reached" if value != value else "",
            )

    def rows(self) -> Iterator[Row]:
        """Linear predictor and median, then the curve."""
        yield from self._headline()
        for name in ("survival", "std_err", "lower", "upper", "cumulative_hazard", "log_std_err"):
            for at, value in zip(self.time.tolist(), getattr(self, name).tolist(), strict=True):
                yield Row(name, value, group=self.label, at=at, method=f"curve {self.interval}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PredictedSurvival(StatisticalResult):
    """Predicted curves, one for each row of covariates, in ``curves``."""

    curves: tuple[PredictedCurve, ...]
    confidence_level: float
    interval: Interval
    method: str

    @property
    def warnings(self) -> tuple[str, ...]:
        """Those of the curves, once each."""
        return tuple(dict.fromkeys(words for curve in self.curves for words in curve.warnings))

    def at(self, times: ArrayLike, *, curve: int = 0) -> SurvivalAt:
        """Read one curve, by its position, at the given times.

        >>> from equipoise.stats import cox
        >>> predicted_survival(cox([1, 2, 3], [1, 1, 1], [0, 1, 0]), [[0], [1]]).at(0.5, curve=1).survival.tolist()
        [1.0]
        """
        return self.curves[curve].at(times)

    def median(self, *, curve: int = 0) -> SurvivalQuantile:
        """The median of one curve, by its position.

        >>> from equipoise.stats import cox
        >>> predicted_survival(cox([1, 2, 3], [1, 1, 1], [0, 1, 0]), [[0], [1]]).median(curve=1).estimate
        2.0
        """
        return self.curves[curve].median()

    def plot(
        self, *, title: str = "Predicted survival", x_label: str = "Time", y_label: str = "Survival"
    ) -> Picture:
        """Draw the curves with their limits.

        >>> from equipoise.stats import cox
        >>> "<svg" in predicted_survival(cox([1, 2, 3], [1, 1, 1], [0, 1, 0]), [[0], [1]]).plot().svg
        True
        """
        from equipoise.drawing.step_plot import Line, step_plot

        lines = [Line(c.label, c.time, c.survival, c.lower, c.upper) for c in self.curves]
        return step_plot(lines, title=title, x_label=x_label, y_label=y_label, description=self.summary(),
                         notes=self.warnings)  # fmt: skip

    def _title(self) -> str:
        return f"Predicted survival, {percent(self.confidence_level)} {self.interval} limits: {self.method}"

    def _headline(self) -> Iterator[Row]:
        for curve in self.curves:
            yield from curve._headline()

    def rows(self) -> Iterator[Row]:
        """Every row of every curve."""
        for curve in self.curves:
            yield from curve.rows()


def predicted_survival(
    model: CoxModel,
    covariates: Any,
    *,
    strata: Sequence[Any] | None = None,
    offset: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    interval: Interval = "log",
    confidence_level: float = 0.95,
) -> PredictedSurvival:
    """Predict survival curves for given covariates from a Cox model.

    covariates: a mapping or frame with a value, or k values, for every name of the model, or an array (k, p) in the
    order of ``model.names``.  strata: k labels as given to ``cox`` (of several factors joined by ", "); every
    stratum for every row of covariates when not given.  offset: (k,), zeros when not given.  labels: k names.
    interval: "log" (R's default), "log-log", "plain", "logit" or "arcsin", of survival.
    The standard error holds both that of the baseline and that of the coefficients (the robust one of a robust model).
    Large linear predictors cost no digits: everything is added up as logarithms, and where survival is below the
    smallest double a warning says so and cumulative_hazard holds it.
    Covariates that change over time are not followed: the curve is that of a subject who keeps these.
    Returns a PredictedSurvival.  Raises DataError on unknown names or strata, missing values, exact ties, a
    coefficient at infinity, or no events.
    Source: Tsiatis 1981; Link 1984; Therneau & Grambsch 2000, 10.2; values as R survival 3.5-3, survfit.coxph.

    >>> from equipoise.stats import cox
    >>> found = predicted_survival(cox([1, 2, 3], [1, 1, 1], [0, 0, 0]), [[0]])
    >>> found.curves[0].cumulative_hazard.round(6).tolist()
    [0.333333, 0.833333, 1.833333]
    """
    checked_interval(interval)
    z = critical_value(checked_fraction(confidence_level, argument="confidence_level"))
    checked_model(model, CoxModel, "cox")
    matrix = _rows(model, covariates)
    shifts = np.zeros(len(matrix)) if offset is None else np.atleast_1d(np.asarray(offset, dtype=np.float64))
    if shifts.shape != (len(matrix),) or not np.isfinite(shifts).all():
        raise refused("offset", f"shape {shifts.shape}", f"{len(matrix)} finite numbers", "give one for each row of covariates")  # fmt: skip
    now = fitted(model, "predicted survival")
    covariance = used_covariance(model)
    wanted = _wanted(model, strata, labels, len(matrix))
    steps = {code: steps_of(model, now, code) for code in sorted({code for _, code, _ in wanted})}
    curves = []
    for i, code, label in wanted:
        here, target = steps[code], matrix[i] - now.center
        centered = float(target @ now.coefficients) + float(shifts[i])
        _, hazard, log_std_err = here.of(target, centered, covariance)
        with np.errstate(under="ignore", over="ignore", invalid="ignore"):
            survival = np.exp(-hazard)
            lower, upper = _limits(interval, hazard, survival, log_std_err, z)
            std_err = np.where(survival > 0, survival * log_std_err, 0.0)
        warnings: tuple[str, ...] = ()
        if (survival == 0).any():
            warnings = (
                "survival falls below the smallest double and shows as 0: cumulative_hazard holds it",
            )
        for array in (hazard, log_std_err, survival, std_err, lower, upper):
            read_only(array)
        curves.append(
            PredictedCurve(
                label=label,
                stratum=model.data.stratum_labels[code],
                linear_predictor=float(matrix[i] @ now.coefficients) + float(shifts[i]),
                time=here.time,
                n_at_risk=here.n_at_risk,
                n_events=here.n_events,
                cumulative_hazard=hazard,
                log_std_err=log_std_err,
                survival=survival,
                std_err=std_err,
                lower=lower,
                upper=upper,
                confidence_level=confidence_level,
                interval=interval,
                method=model.method,
                warnings=warnings,
            )
        )
    return PredictedSurvival(
        curves=tuple(curves), confidence_level=confidence_level, interval=interval, method=model.method
    )


def _limits(
    interval: Interval, hazard: FloatArray, survival: FloatArray, log_std_err: FloatArray, z: float
) -> tuple[FloatArray, FloatArray]:
    """Limits of survival; of log and log-log from the hazard itself, which is there where survival is not."""
    reach = z * log_std_err
    if interval == "log":
        return np.exp(-hazard - reach), np.exp(np.minimum(reach - hazard, 0.0))
    if interval == "log-log":
        positive = np.where(hazard > 0, hazard, np.nan)
        widen = np.exp(np.minimum(reach / positive, 700))
        return np.exp(-positive * widen), np.exp(-positive / widen)
    known = survival > 0
    lower, upper = np.full(survival.size, np.nan), np.full(survival.size, np.nan)
    lower[known], upper[known] = limits(interval, survival[known], log_std_err[known], z)
    return lower, upper


def _wanted(
    model: CoxModel, strata: Sequence[Any] | None, labels: Sequence[str] | None, k: int
) -> list[tuple[int, int, str]]:
    """Which row of covariates in which stratum, and what the curve is called."""
    known = model.data.stratum_labels
    if labels is not None and len(labels) != k:
        raise refused(
            "labels", f"{len(labels)} labels", f"{k}: one for each row of covariates", "name each row"
        )
    names = list(labels) if labels is not None else [""] if k == 1 else [str(i + 1) for i in range(k)]
    if strata is None:
        several = len(known) > 1
        return [
            (i, code, ", ".join(part for part in (names[i], known[code] if several else "") if part))
            for i in range(k)
            for code in range(len(known))
        ]
    given = [strata] if isinstance(strata, str) else list(strata)
    words = [f"{one:g}" if isinstance(one, float) else str(one) for one in given]
    foreign = [word for word in words if word not in known]
    if foreign or len(words) != k:
        raise refused("strata", repr(foreign[0]) if foreign else f"{len(words)} labels",
                      f"{k} of {known!r}", "name the stratum of each row of covariates")  # fmt: skip
    codes = [known.index(word) for word in words]
    return [(i, code, names[i] or known[code]) for i, code in enumerate(codes)]


def _numbers(values: Any, argument: str) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise refused(argument, repr(values), "numbers", "code categories as for the fit") from None


def _rows(model: CoxModel, covariates: Any) -> FloatArray:
    """The covariates as (k, p), each finite."""
    names = model.names
    if isinstance(covariates, Mapping) or hasattr(covariates, "columns"):
        given = list(covariates) if isinstance(covariates, Mapping) else list(covariates.columns)
        wrong = sorted(set(names) - set(map(str, given)))
        if isinstance(covariates, Mapping):
            wrong += sorted(set(map(str, given)) - set(names))
        if wrong:
            raise refused("covariates", f"{wrong[0]!r} missing or unknown", f"the names {names!r}", "give every covariate of the model")  # fmt: skip
        columns = [np.atleast_1d(_numbers(covariates[name], f"covariates[{name}]")) for name in names]
        k = max((one.size for one in columns), default=1)
        if any(one.size not in (1, k) for one in columns):
            raise refused("covariates", "columns of different lengths", "one value or equally many of each",
                          "give k values of each covariate")  # fmt: skip
        matrix = (
            np.column_stack([np.broadcast_to(one, (k,)) for one in columns]) if columns else np.empty((k, 0))
        )
    else:
        matrix = _numbers(covariates, "covariates")
        if matrix.ndim == 1 and matrix.size == len(names):
            matrix = matrix[None, :]
    if matrix.ndim != 2 or matrix.shape[1] != len(names) or not len(matrix):
        raise refused("covariates", f"shape {matrix.shape}", f"(k, {len(names)}): one column for each of {names!r}",
                      "give one row for each subject")  # fmt: skip
    if not np.isfinite(matrix).all():
        i, j = (int(one) for one in np.argwhere(~np.isfinite(matrix))[0])
        raise refused(f"covariates[{names[j]}]", f"{matrix[i, j]} at row {i}", "finite numbers", "give every covariate a value")  # fmt: skip
    return matrix
