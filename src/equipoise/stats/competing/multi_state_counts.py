"""From rows to numbers at the times of transitions: who is at risk in each state, and how many go where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from equipoise.stats.competing.multi_state_rows import StateRows
from equipoise.stats.competing.multi_state_variance import Course, covariances, probabilities
from equipoise.stats.compiling import worthwhile
from equipoise.stats.observations import BoolArray, FloatArray, IntArray

StateVariance = Literal["infinitesimal-jackknife", "greenwood"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateCounts:
    """A row for each distinct time of a transition.

    n_at_risk: (t, states), just before the time.  pairs: (transitions, 2) positions of from and to.
    n_transitions: (t, transitions).  pair: each row's transition, -1 without one.
    first, beyond: each row is at risk at the times first, …, beyond - 1.
    """

    time: FloatArray
    n_at_risk: IntArray
    pairs: IntArray
    n_transitions: IntArray
    pair: IntArray
    first: IntArray
    beyond: IntArray


def state_counts(rows: StateRows) -> StateCounts:
    """Count by time and state. A row is at risk at t when start < t <= stop; from 0 on at 0 already.

    >>> from equipoise.stats.competing.multi_state_rows import state_rows
    >>> counts = state_counts(state_rows(None, [1, 1, 2], [0, 3, 0], [3, 5, 4], [1, 2, 1], [2, 0, 2]))
    >>> counts.time.tolist(), counts.n_at_risk.tolist()
    ([3.0, 4.0], [[2, 0], [1, 1]])
    """
    k = len(rows.states)
    moved = rows.target >= 0
    time = np.unique(rows.stop[moved])
    code = rows.origin * k + rows.target
    used = np.unique(code[moved])
    pair = np.full(code.size, -1, dtype=np.int64)
    pair[moved] = np.searchsorted(used, code[moved])
    first = np.searchsorted(time, rows.start, side="right")
    # The first row of a subject that begins at 0 includes 0 itself; a later one follows a transition at 0.
    first[(rows.start == 0) & (rows.nth == 0)] = 0
    beyond = np.searchsorted(time, rows.stop, side="right")
    size = time.size + 1
    entering = np.bincount(first * k + rows.origin, minlength=size * k).reshape(size, k)
    leaving = np.bincount(beyond * k + rows.origin, minlength=size * k).reshape(size, k)
    n_at_risk = np.cumsum(entering - leaving, axis=0)[:-1]
    m = used.size
    n_transitions = np.bincount((beyond[moved] - 1) * m + pair[moved], minlength=time.size * m).reshape(
        time.size, m
    )
    return StateCounts(
        time=time,
        n_at_risk=n_at_risk.astype(np.int64),
        pairs=np.column_stack((used // k, used % k)).astype(np.int64),
        n_transitions=n_transitions.astype(np.int64),
        pair=pair,
        first=first.astype(np.int64),
        beyond=beyond.astype(np.int64),
    )


def step_matrices(counts: StateCounts, k: int) -> FloatArray:
    """What each time does to a row of probabilities, (t, k, k): rows sum to 1; a state without anybody keeps its share."""
    t = counts.time.size
    at_risk = np.maximum(counts.n_at_risk, 1)
    steps = np.zeros((t, k, k))
    left = np.zeros((t, k), dtype=np.int64)
    for m, (a, b) in enumerate(counts.pairs.tolist()):
        steps[:, a, b] = counts.n_transitions[:, m] / at_risk[:, a]
        left[:, a] += counts.n_transitions[:, m]
    # Counted, not subtracted from 1: where all leave, nothing stays.
    stay = np.where(counts.n_at_risk > 0, counts.n_at_risk - left, 1) / at_risk
    diagonal = np.arange(k)
    steps[:, diagonal, diagonal] = stay
    return steps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passage:
    """Rows, counts and steps together: probabilities from any time on, with their variances.

    there: which rows are at risk at the start; their states are the initial probabilities.
    """

    rows: StateRows
    counts: StateCounts
    chances: FloatArray
    there: BoolArray
    variance: StateVariance

    def n_initial(self) -> IntArray:
        """How many are in each state at the start."""
        return np.bincount(self.rows.origin[self.there], minlength=len(self.rows.states))

    def initial_influence(self) -> FloatArray:
        """(subjects, states): of each subject on the initial probabilities."""
        count = self.n_initial()
        total = count.sum()
        k = count.size
        found = np.zeros((int(self.rows.subject[-1]) + 1, k))
        # A state that all start in is certain.
        if (count > 0).sum() > 1:
            found[self.rows.subject[self.there]] = (
                np.eye(k)[self.rows.origin[self.there]] - count / total
            ) / total
        return found

    def initial_std_err(self) -> FloatArray:
        """(states,): of the initial probabilities."""
        found: FloatArray = np.sqrt((self.initial_influence() ** 2).sum(axis=0))
        return found

    def course(self, begin: float, until: float = np.inf) -> tuple[FloatArray, Course]:
        """The times of transitions after begin and up to until, and what happens at them."""
        # Transitions at 0 belong to the whole course; after a landmark count only later ones.
        low = int(np.searchsorted(self.counts.time, begin, side="right")) if begin >= 0 else 0
        high = int(np.searchsorted(self.counts.time, until, side="right"))
        first = np.clip(self.counts.first, low, high) - low
        beyond = np.clip(self.counts.beyond, low, high) - low
        target = np.where((self.counts.beyond > low) & (self.counts.beyond <= high), self.rows.target, -1)
        used = first < beyond
        return self.counts.time[low:high], Course(
            steps=self.chances[low:high],
            chances=self.chances[low:high],
            at_risk=self.counts.n_at_risk[low:high],
            subject=self.rows.subject[used],
            nth=self.rows.nth[used],
            origin=self.rows.origin[used],
            target=target[used],
            first=first[used],
            beyond=beyond[used],
            compiled=worthwhile(self.rows.subject.size),
        )

    def run(
        self, course: Course, initial: FloatArray, influence: FloatArray | None
    ) -> tuple[FloatArray, FloatArray]:
        """Probabilities and variances, (t + 1, d), from the start of a course; without influence the start is certain."""
        if influence is None:
            influence = np.zeros((int(self.rows.subject[-1]) + 1, initial.size))
        found = probabilities(course, initial)
        covariance = covariances(
            course, found, influence, jackknife=self.variance == "infinitesimal-jackknife"
        )
        d = np.arange(initial.size)
        return found, covariance[:, d, d]

    def areas(self, tau: float, initial: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The areas under the probabilities from 0 to tau, and their variances, (states,)."""
        time, course = self.course(-1.0, tau)
        k = initial.size
        steps = np.zeros((time.size + 1, 2 * k, 2 * k))
        chances = np.concatenate((course.chances, np.eye(k)[None]))
        steps[:, :k, :k] = chances
        # Before each step, and at tau, the area grows by the probability times the days since the last one.
        steps[:, :k, k:] = np.diff(time, prepend=0.0, append=tau)[:, None, None] * np.eye(k)
        steps[:, k:, k:] = np.eye(k)
        wide = replace(
            course,
            steps=steps,
            chances=chances,
            at_risk=np.concatenate((course.at_risk, np.zeros((1, k), dtype=np.int64))),
        )
        influence = self.initial_influence()
        found, variance = self.run(
            wide, np.concatenate((initial, np.zeros(k))), np.hstack((influence, np.zeros_like(influence)))
        )
        return found[-1, k:], variance[-1, k:]

    def at_risk(self, ticks: FloatArray) -> IntArray:
        """How many are at risk in each state just before each time, (ticks, states)."""
        opened = np.where((self.rows.start == 0) & (self.rows.nth == 0), -1.0, self.rows.start)
        found = np.empty((ticks.size, len(self.rows.states)), dtype=np.int64)
        for j in range(found.shape[1]):
            own = self.rows.origin == j
            entered = np.searchsorted(np.sort(opened[own]), ticks, side="left")
            found[:, j] = entered - np.searchsorted(np.sort(self.rows.stop[own]), ticks, side="left")
        return found

    def ever_left(self) -> BoolArray:
        """(states,): whether anyone was ever observed in the state, so that it is not an end."""
        return np.bincount(self.rows.origin, minlength=len(self.rows.states)) > 0

    def empty_after(self, begin: float) -> BoolArray:
        """(states,): states that are left by some, but in which nobody was under observation after a time."""
        seen = np.bincount(self.rows.origin[self.rows.stop > begin], minlength=len(self.rows.states)) > 0
        return self.ever_left() & ~seen
