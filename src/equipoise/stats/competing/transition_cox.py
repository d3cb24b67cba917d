"""Cox's model of one transition between states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.competing.causes import Label
from equipoise.stats.competing.multi_state_rows import Transition, state_rows
from equipoise.stats.frames import Frame, columns, named_covariates
from equipoise.stats.observations import (
    checked_choice,
    refused,
)
from equipoise.stats.regression.cox import CoxModel, cox
from equipoise.stats.regression.cox_data import Ties

Clock = Literal["forward", "reset"]


def transition_cox(
    subject: ArrayLike | str,
    start: ArrayLike | str,
    stop: ArrayLike | str,
    from_state: ArrayLike | str,
    to_state: ArrayLike | str,
    covariates: Any,
    *,
    transition: Transition,
    clock: Clock = "forward",
    censored: Label = 0,
    names: Sequence[str] | None = None,
    strata: ArrayLike | str | Sequence[str] | None = None,
    ties: Ties = "efron",
    confidence_level: float = 0.95,
    data: Frame | None = None,
) -> CoxModel:
    """Estimate log ratios of the hazard of one transition among those who are in the state that it leaves.

    subject, start, stop, from_state, to_state, censored: rows as for ``aalen_johansen``, checked as there.
    covariates, names, strata, ties, confidence_level: as for ``cox``, a line for each row.
    transition: (from, to).  clock: "forward" counts time from 0, with delayed entry at the start of each row; "reset"
    counts from the entry into the state.  data: a frame whose columns the arguments name.
    Returns the CoxModel of the rows in the state; other ways out of it are censorings.
    Raises DataError on what ``aalen_johansen`` or ``cox`` refuse, and a transition between states that do not occur.
    Source: Andersen & Keiding 2002; values as R survival 3.5-3, coxph(Surv(start, stop, to == b) ~ x, subset from == a).

    >>> rows = ([1, 1, 2, 3, 4], [0, 3, 0, 0, 0], [3, 5, 4, 2, 6], [1, 2, 1, 1, 1], [2, 3, 3, 0, 2])
    >>> model = transition_cox(*rows, [1, 1, 0, 0, 1], names=["treated"], transition=(1, 2))
    >>> model.n, model.n_events
    (4, 2)
    """
    checked_choice(clock, get_args(Clock), argument="clock")
    rows = state_rows(data, subject, start, stop, from_state, to_state, censored=censored)
    paired = isinstance(transition, (list, tuple)) and len(transition) == 2
    if not paired or any(label not in rows.states for label in transition):
        raise refused(
            "transition", repr(transition), f"two of the states {rows.states!r}", "correct the labels"
        )
    a, b = (rows.states.index(label) for label in transition)
    given, labels = named_covariates(data, covariates, names)
    (strata,) = columns(data, strata=strata)
    n = rows.order.size
    if strata is not None and np.shape(strata)[:1] != (n,):
        raise refused("strata", f"shape {np.shape(strata)}", f"one label for each of the {n} rows",
                      "pass labels of the same rows, in the same order")  # fmt: skip
    given = np.asarray(given)
    if given.shape[:1] != (n,):
        raise refused("covariates", f"shape {given.shape}", f"a line for each of the {n} rows",
                      "pass covariates of the same rows, in the same order")  # fmt: skip
    inside = np.flatnonzero(rows.origin == a)
    if not inside.size:
        raise refused("transition", repr(transition), f"a state that somebody was in, of {rows.states!r}",
                      "correct the label")  # fmt: skip
    chosen = rows.order[inside]
    forward = clock == "forward"
    return cox(
        rows.stop[inside] if forward else rows.stop[inside] - rows.start[inside],
        rows.target[inside] == b,
        given[chosen],
        names=labels,
        entry=rows.start[inside] if forward else None,
        strata=None if strata is None else np.asarray(strata)[chosen],
        ties=ties,
        confidence_level=confidence_level,
    )
