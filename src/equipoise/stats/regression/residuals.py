"""Residuals of a Cox model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame, column
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    checked_flag,
    read_only,
    refused,
    stratum_codes,
)
from equipoise.stats.regression.cox_model import CoxModel
from equipoise.stats.regression.fitted import Fitted, fitted, sums, usable
from equipoise.stats.regression.robust import score_residuals
from equipoise.stats.results import Row, StatisticalResult

Kind = Literal["martingale", "deviance", "score", "dfbeta", "dfbetas", "schoenfeld", "scaled schoenfeld"]
KINDS: tuple[Kind, ...] = (
    "martingale",
    "deviance",
    "score",
    "dfbeta",
    "dfbetas",
    "schoenfeld",
    "scaled schoenfeld",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoxResiduals(StatisticalResult):
    """Residuals: (n,) for martingale and deviance, else (n, p), columns as ``names``.

    One row for each row of the data, in its order; for collapse one for each cluster, in the order of the sorted
    labels; for Schoenfeld one for each event, ordered by stratum and time.
    expected: (n,) of martingale and deviance, the cumulative hazard of each row (times its weight when weighted);
    None for the others.  time: of each event, for Schoenfeld; else None.  row: the row of the data of each value;
    None with collapse.  A covariate that the fit dropped has NaN, except for score and Schoenfeld.
    """

    kind: Kind
    values: FloatArray
    names: tuple[str, ...]
    weighted: bool
    row: IntArray | None
    expected: FloatArray | None
    time: FloatArray | None
    method: str

    def _title(self) -> str:
        weighted = ", weighted" if self.weighted else ""
        return f"{self.kind.capitalize()} residuals{weighted}: {self.method}"

    def _columns(self) -> Iterator[tuple[str, FloatArray]]:
        if self.values.ndim == 1:
            yield "", self.values
        else:
            yield from zip(self.names, self.values.T, strict=True)

    def _headline(self) -> Iterator[Row]:
        for name, values in self._columns():
            yield Row("n", float(values.size), variable=name, method=self.kind)
            for statistic, value in (
                ("minimum", values.min()),
                ("sum", values.sum()),
                ("maximum", values.max()),
            ):
                yield Row(statistic, float(value), variable=name, method=self.kind)

    def rows(self) -> Iterator[Row]:
        """Every residual; ``level`` is the row of the data from 0 (of the cluster with collapse), ``at`` the event time."""
        rows = range(len(self.values)) if self.row is None else self.row.tolist()
        times = [None] * len(self.values) if self.time is None else self.time.tolist()
        for name, values in self._columns():
            for row, at, value in zip(rows, times, values.tolist(), strict=True):
                yield Row("residual", value, variable=name, level=str(row), at=at, method=self.kind)


def cox_residuals(
    model: CoxModel,
    *,
    kind: Kind = "martingale",
    collapse: ArrayLike | str | None = None,
    weighted: bool | None = None,
    data: Frame | None = None,
) -> CoxResiduals:
    """Residuals of a Cox model, one a row, a cluster or an event.

    kind: "martingale" (events less expected events), "deviance" (the same made symmetric), "score" (each row's part of
    the score), "dfbeta" (the change of the coefficients that each row makes, to first order), "dfbetas" (the same in
    standard errors), "schoenfeld" (covariates of each event less their mean at that time), or "scaled schoenfeld"
    (by the covariance and the number of events, plus the coefficients).
    collapse: None, or (n,) labels: residuals are summed over the rows of each label; not for Schoenfeld.
    weighted: whether residuals are multiplied by the weights; by default those of dfbeta and dfbetas, as in R.
    Covariance and standard errors here are the model-based ones, also of a robust model.
    Returns a CoxResiduals.  Raises DataError with exact ties, a coefficient at infinity, and without events.
    Source: Therneau, Grambsch & Fleming 1990; Grambsch & Therneau 1994; values as R survival 3.5-3, residuals.coxph.

    >>> from equipoise.stats import cox
    >>> cox_residuals(cox([1, 2, 3], [1, 1, 1], [0, 0, 0])).values.round(6).tolist()
    [0.666667, 0.166667, -0.833333]
    """
    checked_choice(kind, KINDS, argument="kind")
    by_event = kind in ("schoenfeld", "scaled schoenfeld")
    if weighted is not None:
        checked_flag(weighted, argument="weighted")
    use_weights = kind in ("dfbeta", "dfbetas") if weighted is None else weighted
    if kind == "deviance" and use_weights:
        raise refused("weighted", "True for deviance residuals", "None or False",
                      "ask for weighted martingale residuals")  # fmt: skip
    labels = column(data, collapse, "collapse")
    if labels is not None and by_event:
        raise refused("collapse", f"given for {kind} residuals", "None: these belong to events",
                      "collapse another kind")  # fmt: skip
    now = fitted(model, f"{kind} residuals")
    cluster = None if labels is None else _clusters(labels, model.data.time.size)
    row: IntArray | None = None
    expected = time = None
    if by_event:
        row, time, values = _by_event(model, now, kind, use_weights)
    elif kind in ("martingale", "deviance"):
        expected = expected_events(model, now)
        factor = model.data.weights if use_weights else np.ones(expected.size)
        observed, expected = _summed(model.data.event * factor, cluster), _summed(expected * factor, cluster)
        values = observed - expected if kind == "martingale" else _deviance(observed, expected)
        read_only(expected)
    else:
        values = _summed(_by_score(model, now, kind, use_weights), cluster)
    if row is None and cluster is None:
        row = np.arange(len(values))
    read_only(values)
    return CoxResiduals(
        kind=kind, values=values, names=model.names, weighted=bool(use_weights and (model.data.weights != 1).any()),
        row=row, expected=expected, time=time, method=model.method,
    )  # fmt: skip


def expected_events(model: CoxModel, now: Fitted) -> FloatArray:
    """The cumulative hazard of each row over its time at risk, (n,).

    >>> from equipoise.stats import cox
    >>> model = cox([1, 2], [1, 1], [0, 0])
    >>> expected_events(model, fitted(model, "")).tolist()
    [0.5, 1.5]
    """
    found = np.zeros(model.data.time.size)
    shared = now.moments.back(now.sets.multiplier[:, None])[:, 0]
    found[now.sets.row] = shared / now.sets.weights
    return found


def _deviance(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """Without a difference of large numbers; rows with neither events nor hazard have 0."""
    positive = observed > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(positive, observed * np.log(np.where(positive, observed / expected, 1.0)), 0.0)
    squared = 2 * (expected - observed + ratio)
    found: FloatArray = np.sign(observed - expected) * np.sqrt(np.maximum(squared, 0))
    return found


def _by_score(model: CoxModel, now: Fitted, kind: Kind, weighted: bool) -> FloatArray:
    values = np.zeros(model.data.matrix.shape)
    values[now.sets.row] = score_residuals(now.likelihood, now.coefficients)
    if not weighted:
        values /= model.data.weights[:, None]
    if kind == "score":
        return values
    influence: FloatArray = values @ usable(model.covariance)
    influence[:, np.isnan(model.coefficients)] = np.nan
    return influence if kind == "dfbeta" else influence / model.std_err


def schoenfeld(now: Fitted) -> FloatArray:
    """Covariates of each event less the mean of its risk set, (e, p), in the order of ``sets.dying``.

    With Efron ties the mean is the average of the means of the tied events' denominators.

    >>> from equipoise.stats import cox
    >>> schoenfeld(fitted(cox([1, 2, 3], [1, 1, 1], [0, 1, 0], ties="breslow"), "")).round(4).ravel().tolist()
    [-0.4142, 0.4142, 0.0]
    """
    sets = now.sets
    terms = np.diff(np.append(sets.term_start, sets.term_cell.size))
    mean = np.add.reduceat(now.moments.mean, sets.term_start, axis=0) / terms[:, None]
    own = now.likelihood.design[sets.dying, 1:]
    found: FloatArray = own - mean[sets.dying_cell]
    return found


def _by_event(
    model: CoxModel, now: Fitted, kind: Kind, weighted: bool
) -> tuple[IntArray, FloatArray, FloatArray]:
    values = schoenfeld(now)
    row: IntArray = now.sets.row[now.sets.dying]
    if weighted:
        values = values * model.data.weights[row][:, None]
    if kind == "scaled schoenfeld":
        values = values @ usable(model.covariance) * row.size + model.coefficients
    return row, model.data.time[row], values


def _summed(values: FloatArray, cluster: IntArray | None) -> FloatArray:
    if cluster is None:
        return values
    if values.ndim == 1:
        return sums(cluster, values)
    return np.column_stack([sums(cluster, one) for one in values.T])


def _clusters(labels: Any, n: int) -> IntArray:
    found = np.asarray(labels)
    if found.shape != (n,):
        raise refused("collapse", f"shape {found.shape}", f"one label for each of the {n} rows",
                      "pass labels of the rows that were fitted, in the same order")  # fmt: skip
    missing = (found == None) | (found != found)  # noqa: E711
    if np.any(missing):
        where = int(np.argmax(missing))
        raise refused("collapse", f"an unknown label at position {where}", "a known label for every row",
                      "give the unknown a label of its own")  # fmt: skip
    return stratum_codes(found, n)
