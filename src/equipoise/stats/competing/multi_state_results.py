"""What an Aalen–Johansen estimate holds, and how it is read: at times, from a landmark on, as areas, as a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.competing.causes import Label
from equipoise.stats.competing.incidence_limits import IncidenceInterval, incidence_limits
from equipoise.stats.competing.multi_state_counts import Passage, StateVariance
from equipoise.stats.numerics.distributions import normal_quantile
from equipoise.stats.observations import FloatArray, IntArray, checked_times, read_only, refused
from equipoise.stats.results import Row, StatisticalResult

if TYPE_CHECKING:
    from equipoise.drawing.step_plot import Picture

_WORDS = {"infinitesimal-jackknife": "infinitesimal jackknife by subject", "greenwood": "Greenwood variance"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateProbabilitiesAt(StatisticalResult):
    """Probabilities at chosen times, (times, states); NaN beyond the last follow-up."""

    states: tuple[Label, ...]
    time: FloatArray
    n_at_risk: IntArray
    probability: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    last: float
    method: str

    @property
    def warnings(self) -> tuple[str, ...]:
        """Times at which nothing is estimable."""
        beyond = self.time[np.isnan(self.probability[:, 0])].tolist()
        listed = ", ".join(f"{time:g}" for time in beyond)
        return (f"not estimable at {listed}: beyond the last follow-up, {self.last:g}",) if beyond else ()

    def _title(self) -> str:
        return f"Probability of each state at chosen times; {self.method}"

    def rows(self) -> Iterator[Row]:
        """Five statistics at each time, state by state."""
        for j, state in enumerate(self.states):
            for i, at in enumerate(self.time.tolist()):
                for name in ("n_at_risk", "probability", "std_err", "lower", "upper"):
                    value = float(getattr(self, name)[i, j])
                    words = "beyond the last follow-up" if value != value and at > self.last else ""
                    yield Row(name, value, group=str(state), at=at, method=self.method, warning=words)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransitionProbabilities(StatisticalResult):
    """The probability of being in a state at each time, given the state at ``start``: (times, from states, to states).

    NaN beyond the last follow-up, and for a state that nobody was in after ``start`` though others leave it.
    """

    states: tuple[Label, ...]
    start: float
    time: FloatArray
    probability: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    method: str
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Transition probabilities from {self.start:g} on; {self.method}"

    def rows(self) -> Iterator[Row]:
        """Four statistics for each pair of states at each time."""
        for a, origin in enumerate(self.states):
            for b, target in enumerate(self.states):
                for i, at in enumerate(self.time.tolist()):
                    for name in ("probability", "std_err", "lower", "upper"):
                        yield Row(name, float(getattr(self, name)[i, a, b]), group=str(origin), level=str(target), at=at,
                                  method=self.method)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeInState(StatisticalResult):
    """The mean time spent in each state until ``tau``: arrays follow the states; limits are plain."""

    states: tuple[Label, ...]
    tau: float
    estimate: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    method: str

    def _title(self) -> str:
        return f"Mean time in each state until {self.tau:g}; {self.method}"

    def rows(self) -> Iterator[Row]:
        """Four statistics for each state."""
        for j, state in enumerate(self.states):
            for name in ("estimate", "std_err", "lower", "upper"):
                yield Row(
                    name, float(getattr(self, name)[j]), group=str(state), at=self.tau, method=self.method
                )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateProbabilities(StatisticalResult):
    """The probability of being in each state: a row for each distinct time of a transition, a column for each state.

    n: subjects.  initial: (states,) the probabilities at the start.  n_at_risk: just before the time.
    probability, std_err, lower, upper: (times, states), at and just after the time.
    pairs: the transitions that occurred, (from, to) labels.  n_transitions: (times, transitions).
    last: the last follow-up.  warnings: what a reader must know.
    """

    states: tuple[Label, ...]
    n: int
    initial: FloatArray
    time: FloatArray
    n_at_risk: IntArray
    probability: FloatArray
    std_err: FloatArray
    lower: FloatArray
    upper: FloatArray
    pairs: tuple[tuple[Label, Label], ...]
    n_transitions: IntArray
    last: float
    variance_method: StateVariance
    interval: IncidenceInterval
    confidence_level: float
    warnings: tuple[str, ...]
    passage: Passage = field(repr=False)

    @property
    def method(self) -> str:
        """The variant in words."""
        return f"Aalen–Johansen, {_WORDS[self.variance_method]}, {100 * self.confidence_level:.10g}% {self.interval} limits"

    def at(self, times: ArrayLike) -> StateProbabilitiesAt:
        """Read all probabilities at the given times, in the order given.

        times: shape (m,) or one number, each at least 0.  After the last follow-up NaN (not estimable), unless everyone
        was by then in states that nobody leaves.  Raises DataError on times that are negative or not finite.

        >>> from equipoise.stats import aalen_johansen
        >>> aalen_johansen([1, 2], [0, 0], [2, 3], [1, 1], [2, 0]).at([2, 9]).probability[:, 1].tolist()
        [0.5, nan]
        """
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        row = np.searchsorted(self.time, ticks, side="right")
        unknown = self._unknown(ticks)[:, None]
        probability = np.concatenate((self.initial[None], self.probability))[row]
        start = self.passage.initial_std_err()
        std_err = np.concatenate((start[None], self.std_err))[row]
        limits = (
            np.concatenate((first, rest))[row]
            for first, rest in zip(
                self._limits(self.initial[None], start[None]), (self.lower, self.upper), strict=True
            )
        )
        lower, upper = (np.where(unknown, np.nan, limit) for limit in limits)
        return StateProbabilitiesAt(
            states=self.states,
            time=ticks,
            n_at_risk=self.passage.at_risk(ticks),
            probability=np.where(unknown, np.nan, probability),
            std_err=np.where(unknown, np.nan, std_err),
            lower=lower,
            upper=upper,
            last=self.last,
            method=self.method,
        )

    def transition_probabilities(self, start: float, times: ArrayLike) -> TransitionProbabilities:
        """The probability of each state at the given times for who is in each state at ``start``, a landmark.

        start: at least 0.  times: shape (m,) or one number, none before start.
        Transitions after start count, by whoever is at risk then.  The error is that of the estimated hazards; the
        infinitesimal jackknife takes it by subject.
        Raises DataError on unusable times.  Source: Andersen et al. 1993, IV.4.2; values as etm(s =), trprob, trcov.

        >>> from equipoise.stats import aalen_johansen
        >>> found = aalen_johansen([1, 1, 2, 3], [0, 3, 0, 0], [3, 5, 4, 2], [1, 2, 1, 1], [2, 3, 3, 0])
        >>> found.transition_probabilities(2, [3]).probability[0, 0].tolist()
        [0.5, 0.5, 0.0]
        """
        begin = float(checked_times([start], argument="start")[0])
        ticks = checked_times(np.atleast_1d(np.asarray(times)), argument="times")
        if (ticks < begin).any():
            raise refused("times", f"{ticks.min():g}", f"times from {begin:g} on", "begin with the landmark")
        k = len(self.states)
        after, found = self.passage.course(begin)
        probability, std_err = np.empty((ticks.size, k, k)), np.empty((ticks.size, k, k))
        row = np.searchsorted(after, ticks, side="right")
        empty = self.passage.empty_after(begin)
        for j in range(k):
            course, variance = self.passage.run(found, np.eye(k)[j], None)
            probability[:, j], std_err[:, j] = course[row], np.sqrt(variance)[row]
        unknown = self._unknown(ticks)[:, None, None] | (empty[:, None] & (ticks > begin)[:, None, None])
        probability, std_err = (np.where(unknown, np.nan, column) for column in (probability, std_err))
        lower, upper = self._limits(probability, std_err)
        words = tuple(f"not estimable from {self.states[j]}: nobody was at risk in it after {begin:g}"
                      for j in np.flatnonzero(empty).tolist())  # fmt: skip
        return TransitionProbabilities(
            states=self.states,
            start=begin,
            time=ticks,
            probability=probability,
            std_err=std_err,
            lower=lower,
            upper=upper,
            method=self.method,
            warnings=words,
        )

    def restricted_mean(self, tau: float) -> TimeInState:
        """The mean time in each state from 0 to tau: areas under the probabilities, with their standard errors.

        tau: above 0, within the follow-up.  Returns a TimeInState; the estimates sum to tau.
        Raises DataError on another tau.  Source: Andersen 2013; R survfit, print(rmean = tau).

        >>> from equipoise.stats import aalen_johansen
        >>> aalen_johansen([1, 2], [0, 0], [2, 4], [1, 1], [2, 2]).restricted_mean(3).estimate.tolist()
        [2.5, 0.5]
        """
        if not tau > 0 or self._unknown(np.array([float(tau)]))[0]:
            raise refused("tau", tau, f"a time above 0, at most {self.last:g}, where follow-up ends",
                          "choose an earlier time")  # fmt: skip
        estimate, variance = self.passage.areas(float(tau), self.initial)
        std_err = np.sqrt(variance)
        reach = -normal_quantile((1 - self.confidence_level) / 2) * std_err
        for array in (estimate, std_err):
            read_only(array)
        return TimeInState(
            states=self.states,
            tau=float(tau),
            estimate=estimate,
            std_err=std_err,
            lower=np.maximum(estimate - reach, 0),
            upper=np.minimum(estimate + reach, tau),
            method=f"Aalen–Johansen, {_WORDS[self.variance_method]}, {100 * self.confidence_level:.10g}% plain limits",
        )

    def plot(
        self, *, title: str = "Probability of each state", x_label: str = "Time", limits: bool = False
    ) -> Picture:
        """Draw the probability of each state; ``limits`` adds their limits.

        >>> from equipoise.stats import aalen_johansen
        >>> "</svg>" in aalen_johansen([1, 2], [0, 0], [2, 4], [1, 1], [2, 2]).plot().svg
        True
        """
        from equipoise.drawing.step_plot import Line, step_plot

        time = np.append(self.time[self.time < self.last], self.last)
        read = self.at(time)
        lines = []
        for j, state in enumerate(self.states):
            lower, upper = (read.lower[:, j], read.upper[:, j]) if limits else (None, None)
            start = float(self.initial[j])
            lines.append(Line(str(state), time, read.probability[:, j], lower, upper, start=start))
        return step_plot(lines, title=title, x_label=x_label, y_label="Probability", description=self.summary(),
                         notes=self.warnings)  # fmt: skip

    def _limits(self, probability: FloatArray, std_err: FloatArray) -> tuple[FloatArray, FloatArray]:
        return incidence_limits(probability, std_err, self.interval, self.confidence_level)

    def _unknown(self, ticks: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        end = self.probability[-1] if self.time.size else self.initial
        inside = end[self.passage.ever_left()]
        found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (ticks > self.last) & bool(inside.any())
        return found

    def _title(self) -> str:
        return f"Probability of each of {len(self.states)} states; {self.method}"

    def rows(self) -> Iterator[Row]:
        """Subjects, counts of transitions, then the columns, state by state."""
        yield from self._counts()
        for j, state in enumerate(self.states):
            for name in ("n_at_risk", "probability", "std_err", "lower", "upper"):
                for i, at in enumerate(self.time.tolist()):
                    yield Row(
                        name, float(getattr(self, name)[i, j]), group=str(state), at=at, method=self.method
                    )

    def _counts(self) -> Iterator[Row]:
        yield Row("n", float(self.n), variable="subjects")
        for m, (origin, target) in enumerate(self.pairs):
            yield Row("n_events", float(self.n_transitions[:, m].sum()), variable=f"{origin} to {target}")

    def _headline(self) -> Iterator[Row]:
        yield from self._counts()
        if self.time.size:
            last = float(self.time[-1])
            for j, state in enumerate(self.states):
                for name in ("probability", "std_err", "lower", "upper"):
                    yield Row(
                        name, float(getattr(self, name)[-1, j]), group=str(state), at=last, method=self.method
                    )
