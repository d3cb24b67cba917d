"""Rows of subjects that pass through states, checked: who was in which state from when to when, and went where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equipoise.stats.competing.causes import Label, labels_of
from equipoise.stats.frames import Frame, columns
from equipoise.stats.observations import (
    FloatArray,
    IntArray,
    checked_label,
    checked_times,
    listed,
    refused,
)

Transition = tuple[Label, Label]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateRows:
    """Rows sorted by subject and start.

    subject: from 0 on.  nth: which row of its subject each is, from 0 on.  origin, target: positions among states;
    target is -1 where observation ended in the state.  order: each row's place in the input.
    """

    states: tuple[Label, ...]
    subject: IntArray
    nth: IntArray
    start: FloatArray
    stop: FloatArray
    origin: IntArray
    target: IntArray
    order: IntArray
    warnings: tuple[str, ...]


def state_rows(
    data: Frame | None,
    subject: Any,
    start: Any,
    stop: Any,
    from_state: Any,
    to_state: Any,
    *,
    censored: Label = 0,
    states: Sequence[Label] | None = None,
    transitions: Sequence[Transition] | None = None,
) -> StateRows:
    """The rows that the functions of several states share, or DataError.

    >>> found = state_rows(None, [1, 1], [0, 3], [3, 5], ["ill", "well"], ["well", "none"], censored="none")
    >>> found.states, found.target.tolist()
    (('ill', 'well'), [1, -1])
    """
    subject, start, stop, from_state, to_state = columns(
        data, subject=subject, start=start, stop=stop, from_state=from_state, to_state=to_state
    )
    starts = checked_times(start, argument="start")
    n = starts.size
    stops = checked_times(stop, argument="stop")
    if stops.size != n:
        raise refused("stop", f"shape {stops.shape}", f"one for each of the {n} starts",
                      "pass start and stop of the same rows, in the same order")  # fmt: skip
    joined = checked_times(np.concatenate((starts, stops)))
    starts, stops = joined[:n], joined[n:]
    # At 0 a subject may leave at once; later a row covers the time after its start.
    empty = (stops <= starts) & ~((starts == 0) & (stops == 0))
    if empty.any():
        where = int(np.argmax(empty))
        raise refused("stop", f"{stops[where]} with start {starts[where]} at position {where} ({int(empty.sum())} in all)",
                      "a stop after the start", "leave out rows without duration")  # fmt: skip
    labels, origin, target = _states(from_state, to_state, n, censored, states)
    _, persons = labels_of(subject, n, "subject")
    order = np.lexsort((stops, starts, persons))
    rows = StateRows(
        states=labels,
        subject=persons[order],
        nth=_places(persons[order]),
        start=starts[order],
        stop=stops[order],
        origin=origin[order],
        target=target[order],
        order=order.astype(np.int64),
        warnings=(),
    )
    if transitions is not None:
        _refuse_unforeseen(rows, transitions)
    return _with_warnings(rows)


def _states(
    from_state: Any, to_state: Any, n: int, censored: Label, states: Sequence[Label] | None
) -> tuple[tuple[Label, ...], IntArray, IntArray]:
    """The states in order, and each row's two as positions, -1 for the end of observation."""
    checked_label(censored, argument="censored")
    if states is not None:
        listed(states, argument="states")
    left, origin = labels_of(from_state, n, "from_state")
    reached, target = labels_of(to_state, n, "to_state")
    if isinstance(left[0], str) != isinstance(reached[0], str):
        raise refused("to_state", f"{reached[0]!r} where from_state has {left[0]!r}", "labels of one kind",
                      "make all states texts, or all of them whole numbers")  # fmt: skip
    if isinstance(left[0], str) != isinstance(censored, str):
        raise refused("censored", repr(censored), f"the label of a row without transition, of the kind of {left[0]!r}",
                      "say which to_state means that observation ended")  # fmt: skip
    if censored in left:
        raise refused("from_state", repr(censored), "a state, not the label of censoring",
                      "give the state a label of its own, or name another one in censored")  # fmt: skip
    seen: set[Any] = (set(left) | set(reached)) - {censored}
    labels: tuple[Label, ...] = tuple(sorted(seen)) if states is None else tuple(states)
    if len(set(labels)) < len(labels) or censored in labels:
        raise refused("states", repr(labels), f"different states, without {censored!r}, which is censoring",
                      "name each state once")  # fmt: skip
    foreign = [label for label in (*left, *reached) if label not in labels and label != censored]
    if foreign:
        raise refused("from_state" if foreign[0] in left else "to_state", repr(foreign[0]), f"one of the states {labels!r}",
                      "list it in states, or correct the row")  # fmt: skip
    place = {label: i for i, label in enumerate(labels)} | {censored: -1}
    origins = np.array([place[label] for label in left], dtype=np.int64)[origin]
    targets = np.array([place[label] for label in reached], dtype=np.int64)[target]
    same = origins == targets
    if same.any():
        where = int(np.argmax(same))
        raise refused("to_state", f"{labels[origins[where]]!r}, the row's own state, at position {where}",
                      "another state", f"code a row that ends without transition as {censored!r}")  # fmt: skip
    return labels, origins, targets


def _places(subject: IntArray) -> IntArray:
    first = np.concatenate(([True], subject[1:] != subject[:-1]))
    heads = np.flatnonzero(first)
    place: IntArray = np.arange(subject.size) - heads[np.cumsum(first) - 1]
    return place


def _refuse_unforeseen(rows: StateRows, transitions: Sequence[Transition]) -> None:
    pairs = isinstance(transitions, (list, tuple))
    if not pairs or not all(isinstance(one, (list, tuple)) and len(one) == 2 for one in transitions):
        raise refused(
            "transitions", repr(transitions), "pairs of states", "write transitions=[(from, to), ...]"
        )
    allowed = {(a, b) for a, b in transitions}
    unknown = [label for pair in transitions for label in pair if label not in rows.states]
    if unknown:
        raise refused("transitions", repr(unknown[0]), f"pairs of the states {rows.states!r}",
                      "correct the label, or list it in states")  # fmt: skip
    for i in np.flatnonzero(rows.target >= 0).tolist():
        pair = (rows.states[rows.origin[i]], rows.states[rows.target[i]])
        if pair not in allowed:
            raise refused("to_state", f"a transition from {pair[0]!r} to {pair[1]!r} at position {rows.order[i]}",
                          f"one of the transitions {tuple(transitions)!r}",
                          "correct the row, or add the transition to the diagram")  # fmt: skip


def _with_warnings(rows: StateRows) -> StateRows:
    """Refuse paths that cannot be; count what can be, but is often a mistake."""
    follows = rows.subject[1:] == rows.subject[:-1]
    overlap = follows & (rows.start[1:] < rows.stop[:-1])
    if overlap.any():
        i = int(np.argmax(overlap))
        raise refused("start", f"{rows.start[i + 1]:g} at position {rows.order[i + 1]}, before the subject's earlier row "
                      f"(position {rows.order[i]}) stops at {rows.stop[i]:g}", "a subject in one state at a time",
                      "let the rows of a subject follow each other")  # fmt: skip
    entered = np.where(rows.target[:-1] >= 0, rows.target[:-1], rows.origin[:-1])
    jump = follows & (rows.origin[1:] != entered)
    if jump.any():
        i = int(np.argmax(jump))
        raise refused("from_state", f"{rows.states[rows.origin[i + 1]]!r} at position {rows.order[i + 1]}, though the subject's "
                      f"earlier row (position {rows.order[i]}) ends in {rows.states[entered[i]]!r}",
                      "rows that begin in the state in which the subject was left",
                      "add the row with the transition between them")  # fmt: skip
    found = []
    gaps = int(np.sum(follows & (rows.start[1:] > rows.stop[:-1])))
    if gaps:
        found.append(f"gaps between rows of a subject: {gaps}; during a gap nobody is at risk in it")
    last = np.concatenate((~follows, [True]))
    left = np.zeros(len(rows.states), dtype=np.bool_)
    left[rows.origin] = True
    silent = last & (rows.target >= 0) & left[rows.target]
    if silent.any():
        found.append(f"subjects without a row after they entered a state that others leave: {int(silent.sum())}; "
                     "their observation ends with the transition")  # fmt: skip
    return StateRows(
        **{name: getattr(rows, name) for name in StateRows.__slots__ if name != "warnings"},
        warnings=tuple(found),
    )
