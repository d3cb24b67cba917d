"""Cumulative incidence of each of several causes that compete: the Aalen–Johansen estimate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats import compiling
from equipoise.stats.competing.causes import (
    Causes,
    Label,
    at_risk,
    checked_causes,
    checked_groups,
    counted,
    table,
)
from equipoise.stats.competing.incidence_curves import CumulativeIncidence, IncidenceCurve
from equipoise.stats.competing.incidence_limits import INTERVALS, IncidenceInterval
from equipoise.stats.competing.incidence_readings import IncidenceVariance
from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_choice,
    checked_fraction,
    checked_times,
    read_only,
    refused,
)
from equipoise.stats.survival.counts import checked_entries


def cumulative_incidence(
    time: ArrayLike | str,
    cause: ArrayLike | str,
    *,
    group: ArrayLike | str | None = None,
    groups: Sequence[Label] | None = None,
    causes: Sequence[Label] | None = None,
    censored: Label = 0,
    entry: ArrayLike | str | None = None,
    variance: IncidenceVariance = "aalen",
    interval: IncidenceInterval = "log-log",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> CumulativeIncidence:
    """Estimate the probability of having had an event of each cause by each time, in each group.

    time: shape (n,), at least 0.  cause: shape (n,), whole numbers with 0 for censoring, or texts, where ``censored``
    names the text that is censoring.  causes: all of them in the order wanted (without it those that occurred, sorted).
    group: None or shape (n,) labels; groups: all of them in order, control first (without it sorted).
    entry: None, or times from which the subjects were under observation (who enters at 0 was from the origin on).
    variance: "aalen" (R cmprsk) or "greenwood" (R survival, prodlim, etm).  interval: plain, log, log-log, cloglog,
    logit or arcsin, see ``incidence_limits``; confidence_level: of these limits.
    data: any frame; then texts name its columns.
    Returns a CumulativeIncidence.  Events precede censorings at a tie.
    Raises DataError on unusable times, causes, labels, or lengths.
    Source: Aalen & Johansen 1978; Kalbfleisch & Prentice 1980; variances as cmprsk 2.2 (cuminc, timepoints) and
    survival 3.5-3 (survfit of several states; Andersen et al. 1993, formula 4.4.19).

    >>> found = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1])
    >>> found.curve(1).estimate.tolist(), found.at(2).estimate.tolist()
    ([0.25, 0.25, 0.25, 0.75], [[[0.25], [0.25]]])
    """
    time, cause, group, entry = columns(data, time=time, cause=cause, group=group, entry=entry)
    times = checked_times(time)
    found = checked_causes(cause, times.size, censored=censored, causes=causes)
    if not found.labels:
        raise refused("cause", f"{censored!r} only", "an event of some cause, or causes",
                      "name the causes that could have occurred in causes")  # fmt: skip
    labels, codes = checked_groups(group, groups, times.size)
    entries, times = checked_entries(entry, times)
    checked_choice(variance, _VARIANCE, argument="variance")
    checked_choice(interval, INTERVALS, argument="interval")
    checked_fraction(confidence_level, argument="confidence_level")

    per_group = table(codes, found.code, len(labels), len(found.labels) + 1)
    curves: list[IncidenceCurve] = []
    warnings: list[str] = []
    for index, label in enumerate(labels):
        if not per_group[index].any():
            raise refused("groups", repr(label), "groups with subjects", "leave out the empty group")
        chosen = slice(None) if len(labels) == 1 else codes == index
        of_group, remark = _curves(
            times[chosen],
            found.code[chosen],
            None if entries is None else entries[chosen],
            found,
            label,
            variance,
            interval,
            confidence_level,
            compiling.worthwhile(times.size),
        )
        curves.extend(of_group)
        where = "" if group is None else f"group {label!r}, "
        if remark:
            warnings.append(where + remark)
        warnings.extend(
            f"{where}cause {one!r}: no events, so its incidence is 0 without a standard error that means anything"
            for one, count in zip(found.labels, per_group[index, 1:].tolist(), strict=True)
            if count == 0
        )
    read_only(per_group)
    return CumulativeIncidence(
        groups=labels,
        causes=found.labels,
        n=per_group.sum(axis=1),
        n_events=per_group[:, 1:],
        n_censored=per_group[:, 0],
        curves=tuple(curves),
        variance_method=variance,
        interval=interval,
        confidence_level=float(confidence_level),
        warnings=tuple(warnings),
    )


def _curves(
    times: FloatArray,
    code: IntArray,
    entries: FloatArray | None,
    causes: Causes,
    group: Label,
    variance: IncidenceVariance,
    interval: IncidenceInterval,
    confidence_level: float,
    compiled: bool,
) -> tuple[list[IncidenceCurve], str]:
    """The curves of all causes in one group, and a remark when a gap in observation ends them."""
    distinct, counts = counted(times, code, len(causes.labels) + 1, compiled=compiled)
    entering = None
    if entries is not None:
        first = np.where(entries == 0, 0, np.searchsorted(distinct, entries, side="right"))
        entering = np.bincount(first, minlength=distinct.size)
    # Column by column: numpy is slow in adding up many rows of a few numbers.
    n_at_risk = at_risk(sum(counts.T[1:], start=counts.T[0]), entering)
    event_free, estimates, variances = _estimates(counts, n_at_risk, variance, compiled)
    n_censored = np.ascontiguousarray(counts[:, 0])
    seen = np.array([column.any() for column in counts.T[1:]])
    if np.count_nonzero(seen) == 1 and event_free[-1] == 0:
        # Everyone had the one event: exactly 1, whatever the sum's rounding.
        estimates[seen, event_free == 0] = 1.0
    for array in (distinct, n_at_risk, n_censored, event_free):
        read_only(array)
    curves = []
    for j, label in enumerate(causes.labels):
        n_events = np.ascontiguousarray(counts[:, j + 1])
        estimate, spread = estimates[j], variances[j]
        std_err = np.sqrt(spread)
        for array in (n_events, estimate, spread, std_err):
            read_only(array)
        curves.append(
            IncidenceCurve(
                group=group,
                cause=label,
                time=distinct,
                n_at_risk=n_at_risk,
                n_events=n_events,
                n_censored=n_censored,
                event_free=event_free,
                estimate=estimate,
                variance=spread,
                std_err=std_err,
                variance_method=variance,
                interval=interval,
                confidence_level=float(confidence_level),
            )
        )
    gone = np.flatnonzero(event_free == 0)
    remark = ""
    if gone.size and gone[0] < distinct.size - 1:
        remark = (
            f"everyone at risk at time {distinct[gone[0]]:g} had an event, and others entered later: "
            "the curves cannot rise after it"
        )
    return curves, remark


def _estimates(
    counts: IntArray, n_at_risk: IntArray, variance: IncidenceVariance, compiled: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The probability of no event (t,), the incidence of each cause (k, t) and its variance (k, t)."""
    many, k = len(counts), counts.shape[1] - 1
    estimates, variances = np.empty((k, many)), np.empty((k, many))
    if compiled:
        from equipoise.stats.compiled import competing

        event_free = np.empty(many)
        competing.aalen_johansen(counts, n_at_risk, event_free, estimates)
        kernel = competing.aalen_variance if variance == "aalen" else competing.greenwood_variance
        kernel(counts, n_at_risk, event_free, estimates, variances)
        return event_free, estimates, variances
    n_all = counts[:, 1:].sum(axis=1)
    event_free = np.cumprod((n_at_risk - n_all) / n_at_risk)
    before = np.concatenate(([1.0], event_free[:-1]))
    for j in range(k):
        n_events = counts[:, j + 1]
        np.cumsum(before * n_events / n_at_risk, out=estimates[j])
        variances[j] = _VARIANCE[variance](
            before, event_free, n_at_risk, n_events, n_all - n_events, estimates[j]
        )
    return event_free, estimates, variances


def _aalen(
    before: FloatArray,
    after: FloatArray,
    n_at_risk: IntArray,
    n_events: IntArray,
    n_others: IntArray,
    estimate: FloatArray,
) -> FloatArray:
    """The variance of R cmprsk, with its correction for ties."""
    n, d, other = (x.astype(np.float64) for x in (n_at_risk, n_events, n_others))
    some = after > 0
    inverse = np.zeros_like(after)
    np.divide(1, after, out=inverse, where=some)
    share = estimate * inverse
    fewer = np.maximum(n - 1, 1)
    per_event = (before / n) ** 2
    own = per_event * d * (1 - np.maximum(d - 1, 0) / fewer)
    of_others = per_event * other * (1 - np.maximum(other - 1, 0) / fewer) * some
    constant = np.cumsum(own * (1 + share) ** 2 + of_others * share**2)
    linear = np.cumsum(own * inverse * (1 + share) + of_others * inverse * share)
    square = np.cumsum((own + of_others) * inverse**2)
    spread: FloatArray = np.maximum(constant - estimate * (2 * linear - estimate * square), 0)
    return spread


def _greenwood(
    before: FloatArray,
    after: FloatArray,
    n_at_risk: IntArray,
    n_events: IntArray,
    n_others: IntArray,
    estimate: FloatArray,
) -> FloatArray:
    """The variance by multinomial increments of the hazards; for a single cause it is Greenwood's."""
    n = n_at_risk.astype(np.float64)
    hazard, all_hazards = n_events / n, (n_events + n_others) / n
    odds = np.zeros_like(n)
    np.divide(all_hazards, 1 - all_hazards, out=odds, where=after > 0)
    step = before * hazard
    constant = np.cumsum((before * step * (1 - hazard) + estimate * (2 * step + estimate * odds)) / n)
    linear = np.cumsum((step + estimate * odds) / n)
    square = np.cumsum(odds / n)
    spread: FloatArray = np.maximum(constant - estimate * (2 * linear - estimate * square), 0)
    return spread


_VARIANCE = {"aalen": _aalen, "greenwood": _greenwood}
