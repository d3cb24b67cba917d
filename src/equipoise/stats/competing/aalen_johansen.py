"""The Aalen–Johansen estimator: the probability of being in each state of any diagram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.competing.causes import Label
from equipoise.stats.competing.incidence_limits import INTERVALS, IncidenceInterval, incidence_limits
from equipoise.stats.competing.multi_state_counts import (
    Passage,
    StateVariance,
    state_counts,
    step_matrices,
)
from equipoise.stats.competing.multi_state_results import StateProbabilities
from equipoise.stats.competing.multi_state_rows import Transition, state_rows
from equipoise.stats.frames import Frame
from equipoise.stats.observations import (
    checked_choice,
    checked_fraction,
    read_only,
)


def aalen_johansen(
    subject: ArrayLike | str,
    start: ArrayLike | str,
    stop: ArrayLike | str,
    from_state: ArrayLike | str,
    to_state: ArrayLike | str,
    *,
    censored: Label = 0,
    states: Sequence[Label] | None = None,
    transitions: Sequence[Transition] | None = None,
    variance: StateVariance = "infinitesimal-jackknife",
    interval: IncidenceInterval = "log",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> StateProbabilities:
    """Estimate the probability of being in each state at each time, and of getting from each state to each other.

    A row says that a subject was in from_state from start to stop, and what happened then.
    subject: shape (n,), labels.  start, stop: shape (n,), at least 0; at risk at t is who has start < t <= stop, and
    from 0 on whoever starts there; a start above 0 in a first row is left truncation.
    from_state, to_state: shape (n,), texts or whole numbers; ``censored`` is the to_state of a row without transition.
    states: the order wanted; without it those that occur, sorted.  transitions: the arrows of the diagram as
    (from, to); any other transition is then refused.
    variance: "infinitesimal-jackknife" (by subject, as R survfit) or "greenwood" (as R etm).
    interval: plain, log, log-log, cloglog, logit or arcsin.  data: a frame whose columns the arguments name.
    Probabilities begin with the shares of those at risk just before the first transition.
    Returns StateProbabilities.  Raises DataError on unusable times or labels, on rows of a subject that overlap or
    begin in another state than the one in which the subject was left, and on transitions that are not in the diagram.
    Source: Aalen & Johansen 1978; Andersen et al. 1993, IV.4; values as R survival 3.5-3, survfit(Surv(start, stop,
    factor) ~ 1, id=, istate=), and etm 1.1.1.

    >>> found = aalen_johansen([1, 1, 2, 3], [0, 3, 0, 0], [3, 5, 4, 2], [1, 2, 1, 1], [2, 3, 3, 0])
    >>> found.time.tolist(), found.probability[-1].tolist()
    ([3.0, 4.0, 5.0], [0.0, 0.0, 1.0])
    """
    checked_choice(variance, get_args(StateVariance), argument="variance")
    checked_choice(interval, INTERVALS, argument="interval")
    checked_fraction(confidence_level, argument="confidence_level")
    rows = state_rows(
        data,
        subject,
        start,
        stop,
        from_state,
        to_state,
        censored=censored,
        states=states,
        transitions=transitions,
    )
    k = len(rows.states)
    counts = state_counts(rows)
    if counts.time.size:
        there = (counts.first == 0) & (counts.beyond > 0)
    else:
        there = (rows.nth == 0) & (rows.start == rows.start.min())
    passage = Passage(
        rows=rows, counts=counts, chances=step_matrices(counts, k), there=there, variance=variance
    )
    n_initial = passage.n_initial()
    initial = n_initial / n_initial.sum()
    found, squared = passage.run(passage.course(-1.0)[1], initial, passage.initial_influence())
    probability, std_err = found[1:], np.sqrt(squared[1:])
    lower, upper = incidence_limits(probability, std_err, interval, confidence_level)
    warnings = list(rows.warnings)
    if not counts.time.size:
        warnings.append("no transitions: the probabilities stay what they are at the start")
    first = float(rows.start.min())
    if first > 0:
        warnings.append(f"nobody was under observation before {first:g}: probabilities begin with the states of those "
                        "who were at risk at the first transition")  # fmt: skip
    for array in (
        counts.time,
        counts.n_at_risk,
        counts.n_transitions,
        probability,
        std_err,
        lower,
        upper,
        initial,
    ):
        read_only(array)
    return StateProbabilities(
        states=rows.states,
        n=int(rows.subject[-1]) + 1,
        initial=initial,
        time=counts.time,
        n_at_risk=counts.n_at_risk,
        probability=probability,
        std_err=std_err,
        lower=lower,
        upper=upper,
        pairs=tuple((rows.states[a], rows.states[b]) for a, b in counts.pairs.tolist()),
        n_transitions=counts.n_transitions,
        last=float(rows.stop.max()),
        variance_method=variance,
        interval=interval,
        confidence_level=confidence_level,
        warnings=tuple(warnings),
        passage=passage,
    )
