"""Probabilities of states and their covariance from time to time, with a pass over the times instead of one over subjects
and times: what subjects that share a state have in common is carried once.

The influence U of a subject on the probabilities p goes U -> U H + x, where H is the step and x = p_j / n_j (its
destination - H_j) while it is at risk in state j (Therneau & Grambsch; Andersen et al. 1993, IV.4). The covariance of the
infinitesimal jackknife is the sum of U'U; the part without products of two times is that of Greenwood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from equipoise.stats.observations import FloatArray, IntArray

# What is left of a variance that ends as nothing is rounding when it is this much smaller than it has been.
_ROUNDING = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What happens from a start on: d is k, or 2 k when areas are carried too.

    steps: (t, d, d).  chances: (t, k, k) the steps of the states alone.  at_risk: (t, k).
    subject, nth, origin, target, first, beyond: of each row that is at risk; target is -1 without a transition.
    """

    steps: FloatArray
    chances: FloatArray
    at_risk: IntArray
    subject: IntArray
    nth: IntArray
    origin: IntArray
    target: IntArray
    first: IntArray
    beyond: IntArray
    compiled: bool


def probabilities(course: Course, initial: FloatArray) -> FloatArray:
    """The probabilities (and areas) before the first and after each step, (t + 1, d)."""
    found = np.empty((len(course.steps) + 1, initial.size))
    found[0] = initial
    if course.compiled:
        from equipoise.stats.compiled import states

        states.probabilities(course.steps, found)
        return found
    for i, step in enumerate(course.steps):
        found[i + 1] = found[i] @ step
    return found


def covariances(
    course: Course, found: FloatArray, initial_influence: FloatArray, *, jackknife: bool
) -> FloatArray:
    """The covariance before the first and after each step, (t + 1, d, d).

    found: from ``probabilities``.  initial_influence: (subjects, d), that of each subject on the initial probabilities.
    """
    t, d = len(course.steps), found.shape[1]
    k = course.at_risk.shape[1]
    weight = found[:-1, :k] / np.maximum(course.at_risk, 1)
    own = np.zeros((t, d, d))
    spread = weight * found[:-1, :k]
    own[:, :k, :k] = -np.einsum("tj,tja,tjb->tab", spread, course.chances, course.chances)
    diagonal = np.arange(k)
    own[:, diagonal, diagonal] = 0
    # Each diagonal element is a sum without subtraction, so that a state all go to has variance 0.
    own[:, diagonal, diagonal] = np.einsum("tj,tja->ta", spread, course.chances * _rest(course.chances))
    if jackknife:
        own += _between_times(course, weight, initial_influence)
    covariance = np.empty((t + 1, d, d))
    covariance[0] = initial_influence.T @ initial_influence
    if course.compiled:
        from equipoise.stats.compiled import states

        states.covariance(course.steps, own, np.empty((d, d)), covariance)
    else:
        for i, step in enumerate(course.steps):
            covariance[i + 1] = step.T @ covariance[i] @ step + own[i]
    variance = covariance[:, np.arange(d), np.arange(d)]
    largest = np.maximum.accumulate(variance, axis=0)
    covariance[:, np.arange(d), np.arange(d)] = np.where(variance <= _ROUNDING * largest, 0.0, variance)
    return covariance


def _rest(chances: FloatArray) -> FloatArray:
    """1 less each chance, as the sum of the others of its row."""
    k = chances.shape[-1]
    return chances @ (1 - np.eye(k))


def _between_times(course: Course, weight: FloatArray, initial_influence: FloatArray) -> FloatArray:
    """(t, d, d): the products of what subjects bring to each time with what happens to them there, both orders."""
    t, d = len(course.steps), course.steps.shape[1]
    k = weight.shape[1]
    common = np.zeros((t, k, d))  # x of who is at risk in a state and stays
    common[:, :, :k] = -weight[:, :, None] * course.chances
    common[:, np.arange(k), np.arange(k)] = 0
    common[:, np.arange(k), np.arange(k)] = weight * (_rest(course.chances)[:, np.arange(k), np.arange(k)])
    carried = np.zeros((t + 1, k, d))  # the sum of x of who has been in a state all the time
    if course.compiled:
        from equipoise.stats.compiled import states

        states.carried(course.steps, common, carried)
    else:
        for i, step in enumerate(course.steps):
            carried[i + 1] = carried[i] @ step + common[i]
    entering, leaving = np.zeros((t + 1, k, d)), np.zeros((t + 1, k, d))
    products = np.zeros((t, d, d))
    tree = _Products(course.steps)
    current = initial_influence.copy()
    position = np.zeros(len(current), dtype=np.int64)
    for nth in range(int(course.nth.max(initial=-1)) + 1):
        rows = np.flatnonzero(course.nth == nth)
        who, state = course.subject[rows], course.origin[rows]
        first, beyond = course.first[rows], course.beyond[rows]
        at_start = tree.applied(current[who], position[who], first)
        at_end = tree.applied(at_start - carried[first, state], first, beyond) + carried[beyond, state]
        moved = course.target[rows] >= 0
        when, a, b = beyond[moved] - 1, state[moved], course.target[rows][moved]
        share = weight[when, a]
        brought = at_end[moved] - common[when, a]
        at_end[np.flatnonzero(moved), a] -= share
        at_end[np.flatnonzero(moved), b] += share
        _add(entering, first, state, at_start)
        _add(leaving, beyond, state, at_end)
        for column in range(k):
            sign = (b == column).astype(np.float64) - (a == column)
            for line in range(d):
                products[:, line, column] += np.bincount(when, brought[:, line] * share * sign, minlength=t)
        current[who], position[who] = at_end, beyond
    if course.compiled:
        states.present(course.steps, entering, leaving, common, np.zeros((2, k, d)), products)
    else:
        present = np.zeros((k, d))
        for i, step in enumerate(course.steps):
            present = (present - leaving[i] + entering[i]) @ step
            products[i] += present.T @ common[i]
    both: FloatArray = products + products.transpose(0, 2, 1)
    return both


def _add(total: FloatArray, when: IntArray, state: IntArray, values: FloatArray) -> None:
    times, k, d = total.shape
    cell = when * k + state
    for column in range(d):
        total[:, :, column] += np.bincount(cell, values[:, column], minlength=times * k).reshape(times, k)


class _Products:
    """Products of steps over any stretch, from products over stretches of 1, 2, 4, … steps."""

    def __init__(self, steps: FloatArray) -> None:
        self.levels = [steps]
        identity = np.eye(steps.shape[1])[None]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            if len(below) % 2:
                below = np.concatenate((below, identity))
            self.levels.append(below[0::2] @ below[1::2])

    def applied(self, rows: FloatArray, first: IntArray, beyond: IntArray) -> FloatArray:
        """Each row times the steps first, …, beyond - 1."""
        found = rows.copy()
        # Zero stays zero: subjects who just came.
        live = np.flatnonzero(rows.any(axis=1) & (first < beyond))
        low, high = first[live], beyond[live]
        later: list[tuple[int, IntArray, IntArray]] = []
        for level in range(len(self.levels)):
            if not live.size:
                break
            odd = (low % 2 == 1) & (low < high)
            self._apply(found, level, live[odd], low[odd])
            low = low + odd
            odd = (high % 2 == 1) & (low < high)
            high = high - odd
            later.append((level, live[odd], high[odd]))
            low, high = low // 2, high // 2
            more = low < high
            live, low, high = live[more], low[more], high[more]
        for level, chosen, node in reversed(later):
            self._apply(found, level, chosen, node)
        return found

    def _apply(self, found: FloatArray, level: int, chosen: IntArray, node: IntArray) -> None:
        if chosen.size:
            found[chosen] = np.einsum("ni,nij->nj", found[chosen], self.levels[level][node])
