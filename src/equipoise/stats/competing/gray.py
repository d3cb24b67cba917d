"""Gray's test: is the cumulative incidence of one cause the same in all groups?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats import compiling
from equipoise.stats.competing.causes import (
    Label,
    at_risk,
    checked_causes,
    checked_groups,
    counted,
    of_interest,
)
from equipoise.stats.frames import Frame, columns
from equipoise.stats.numerics.distributions import chi_square_sf, normal_sf
from equipoise.stats.numerics.elimination import independent_columns
from equipoise.stats.observations import (
    NEAR_TIE,
    BoolArray,
    FloatArray,
    IntArray,
    checked_number,
    checked_times,
    read_only,
    refused,
    stratum_codes,
)
from equipoise.stats.results import Row, StatisticalResult

# A group's own variance below this share of the largest (or of 1, an event's) is rounding: the others determined it.
_RANK_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GrayTest(StatisticalResult):
    """Gray's test; arrays follow the order of ``groups``, sums are over strata.

    n_events: of the cause.  score: weighted events less those expected if all groups had the same subdistribution
    hazard; variance: of the score.  z and p_value_one_sided are for two groups only, NaN otherwise: z is positive when
    the second group, the experimental one, had fewer events than expected.
    warnings: what made a number not estimable (NaN), in words.
    """

    groups: tuple[Label, ...]
    cause_of_interest: Label
    rho: float
    n_strata: int
    n: IntArray
    n_events: IntArray
    score: FloatArray
    variance: FloatArray
    chi_square: float
    df: int
    p_value_two_sided: float
    z: float
    p_value_one_sided: float
    warnings: tuple[str, ...]

    def _title(self) -> str:
        strata = f", {self.n_strata} strata" if self.n_strata > 1 else ""
        return f"Gray's test of cause {self.cause_of_interest}, rho {self.rho:g}{strata}"

    def rows(self) -> Iterator[Row]:
        """Counts and score by group, then the test."""
        for i, label in enumerate(self.groups):
            yield Row("n", float(self.n[i]), group=str(label))
            yield Row("n_events", float(self.n_events[i]), group=str(label))
            yield Row("score", float(self.score[i]), group=str(label))
        warning = self.warnings[-1] if self.warnings else ""
        yield Row("chi_square", self.chi_square, method="gray", warning=warning)
        yield Row("df", float(self.df), method="gray")
        yield Row("p_value_two_sided", self.p_value_two_sided, method="gray", warning=warning)
        if len(self.groups) == 2:
            yield Row("z", self.z, method="gray", warning=warning)
            yield Row("p_value_one_sided", self.p_value_one_sided, method="gray", warning=warning)


def gray_test(
    time: ArrayLike | str,
    cause: ArrayLike | str,
    group: ArrayLike | str,
    *,
    cause_of_interest: Label = 1,
    groups: Sequence[Label] | None = None,
    strata: ArrayLike | Sequence[str] | str | None = None,
    rho: float = 0.0,
    causes: Sequence[Label] | None = None,
    censored: Label = 0,
    data: Frame | None = None,
) -> GrayTest:
    """Test equality of the cumulative incidence of one cause in two or more groups.

    time: shape (n,), at least 0.  cause: shape (n,), whole numbers with 0 for censoring, or texts, where ``censored``
    names the text that is censoring; causes: all of them, to refuse another one.  cause_of_interest: whose incidence.
    group: shape (n,) labels.  groups: all of them in order, (control, experimental) for two; without it sorted.
    strata: None, (n,) labels, or (n, f) labels of f crossed factors: scores and variances are added over strata.
    rho: the weight at a time is (1 - F) to the power rho, with F the pooled incidence just before it.
    data: any frame; then texts name its columns.
    Returns a GrayTest.  df is the rank of the variance: a group that adds nothing is left out, with a warning.
    Raises DataError on unusable times, causes, labels, rho or lengths.
    Source: Gray 1988; values as R cmprsk 2.2, cuminc (its Tests), also with strata and rho.

    >>> test = gray_test([1, 2, 3, 4, 5, 6], [1, 1, 2, 1, 2, 0], list("AABBAB"))
    >>> round(test.chi_square, 6), test.df, test.z > 0
    (0.995798, 1, True)
    """
    time, cause, group, strata = columns(data, time=time, cause=cause, group=group, strata=strata)
    times = checked_times(time, large_joined=strata is not None)
    found = checked_causes(cause, times.size, censored=censored, causes=causes)
    labels, codes = checked_groups(group, groups, times.size)
    if len(labels) < 2 or group is None:
        raise refused("group", repr(labels), "at least two groups", "there is nothing to compare")
    checked_number(
        rho,
        argument="rho",
        expected="a finite number",
        remedy="0 weighs all times alike, 1 the early ones more",
    )
    interest = found.position(cause_of_interest, "cause_of_interest")
    stratum = stratum_codes(strata, times.size)
    kind = of_interest(found.code, interest)

    k = len(labels)
    score, variance = np.zeros(k), np.zeros((k, k))
    compiled = compiling.worthwhile(times.size)
    strata_rows = _rows_of(stratum)
    for chosen in strata_rows:
        if np.any(kind[chosen] == 1):
            of_stratum = _score_and_variance(
                times[chosen],
                kind[chosen],
                codes[chosen],
                k,
                float(rho),
                compiled,
                near=NEAR_TIE if strata is None else 0.0,
            )
            score += of_stratum[0]
            variance += of_stratum[1]

    n = np.bincount(codes, minlength=k).astype(np.int64)
    n_events = np.bincount(codes[kind == 1], minlength=k).astype(np.int64)
    negligible = _RANK_TOLERANCE * max(float(np.max(np.diag(variance), initial=0.0)), 1.0)
    # Its correction for ties can make the variance negative where hardly anyone is left to be at risk.
    usable = bool(np.isfinite(variance).all()) and bool(
        np.min(np.linalg.eigvalsh(variance), initial=0.0) >= -negligible
    )
    kept = (
        independent_columns(variance, smallest=np.full(k, negligible))
        if usable
        else np.zeros(k, dtype=np.bool_)
    )
    df = int(kept.sum())
    chi_square, z = math.nan, math.nan
    if df:
        chosen_score = score[kept]
        chi_square = float(chosen_score @ np.linalg.solve(variance[np.ix_(kept, kept)], chosen_score))
    if k == 2 and df == 1:
        z = math.copysign(math.sqrt(chi_square), -score[1])
    for array in (n, n_events, score, variance):
        read_only(array)
    return GrayTest(
        groups=labels,
        cause_of_interest=cause_of_interest,
        rho=float(rho),
        n_strata=len(strata_rows),
        n=n,
        n_events=n_events,
        score=score,
        variance=variance,
        chi_square=chi_square,
        df=df,
        p_value_two_sided=chi_square_sf(chi_square, df),
        z=z,
        p_value_one_sided=normal_sf(z),
        warnings=_warnings(labels, n, np.diag(variance) > negligible, df, usable),
    )


def _rows_of(stratum: IntArray) -> list[IntArray | slice]:
    """The rows of each stratum."""
    if not stratum.any():
        return [slice(None)]
    order = np.argsort(stratum, kind="stable")
    return list(np.split(order, np.flatnonzero(np.diff(stratum[order])) + 1))


def _score_and_variance(
    times: FloatArray,
    kind: IntArray,
    codes: IntArray,
    k: int,
    rho: float,
    compiled: bool,
    near: float = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """Gray's score and its variance in one stratum.  kind: 0 censored, 1 the cause of interest, 2 another.

    With S and F1 of a group just before a time, R = n / S is its risk set had nobody been censored, and a group's
    share of the sum of all R is what it is expected to have of the events.
    """
    cells = counted(times, codes * 3 + kind, 3 * k, compiled=compiled, near=near)[1]
    if compiled:
        from equipoise.stats.compiled.competing import gray_moments

        score, variance = np.zeros(k), np.zeros((k, k))
        gray_moments(cells, np.bincount(codes, minlength=k), rho, score, variance)
        return score, variance
    counts = cells.reshape(-1, k, 3)
    n_at_risk = at_risk(counts.sum(axis=2))
    some = counts[:, :, 1:].any(axis=(1, 2))
    # What overflows or divides by zero ends as a variance that is not finite, which the caller reports.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return _moments(
            n_at_risk[some].astype(np.float64),
            counts[some, :, 1].astype(np.float64),
            counts[some, :, 2].astype(np.float64),
            rho,
        )


def _moments(
    n: FloatArray, events: FloatArray, others: FloatArray, rho: float
) -> tuple[FloatArray, FloatArray]:
    """Score and variance from at risk, events of interest and others, each of shape (times with an event, groups)."""
    k = n.shape[1]
    safe = np.where(n > 0, n, 1.0)
    after = np.cumprod(1 - (events + others) / safe, axis=0)
    survival = np.vstack([np.ones(k), after[:-1]])
    # A group that nobody is left of keeps a survival above 0; its risk set is 0 whatever that is.
    survival = np.where(survival > 0, survival, 1.0)
    incidence = np.cumsum(survival * events / safe, axis=0)
    incidence = np.vstack([np.zeros(k), incidence[:-1]])
    of_group = n / survival
    total = of_group.sum(axis=1)
    event_total = events.sum(axis=1)
    pooled = np.cumsum(event_total / total)
    pooled_before = np.concatenate(([0.0], pooled[:-1]))
    weight = (1 - pooled_before) ** rho

    still = of_group * (1 - incidence)
    expected = event_total[:, None] * still / still.sum(axis=1)[:, None]
    score = weight @ (events - expected)

    # The influence of group j on the score of group i, at a time and carried over from earlier times.
    share = of_group / total[:, None]
    at_time = -weight[:, None, None] * of_group[:, :, None] * share[:, None, :]
    diagonal = np.arange(k)
    at_time[:, diagonal, diagonal] += weight[:, None] * of_group
    carried = np.cumsum(at_time * (event_total / (total * (1 - pooled_before)))[:, None, None], axis=0)
    to_come = carried[-1] - carried

    # The pooled probability of no event of interest yet, over a group's own of no event at all; a group that nobody is
    # left of has nothing to come, so that its share does not matter.
    left = np.zeros_like(after)
    np.divide((1 - pooled)[:, None], after, out=left, where=after > 0)
    of_events, of_others = _sizes(n, events.sum(axis=1)[:, None], others, survival, total[:, None])
    variance = np.zeros((k, k))
    for j in range(k):
        # What an event of group j does to every score, now and later.
        now = at_time[:, :, j] + (1 - left[:, j, None]) * to_come[:, :, j]
        later = left[:, j, None] * to_come[:, :, j]
        variance += now.T @ (of_events[:, j, None] * now) + later.T @ (of_others[:, j, None] * later)
    return score, variance


def _sizes(
    n: FloatArray, event_total: FloatArray, others: FloatArray, survival: FloatArray, total: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The variances of the increments, of events of interest and of others, corrected for ties, by time and group."""
    present = n > 0
    safe = np.where(present, n, 1.0)
    tied = np.where(event_total > 1, 1 - (event_total - 1) / (total * survival - 1), 1.0)
    of_events = np.where(present, tied * survival * event_total / (total * safe), 0.0)
    tied_others = np.where(others > 1, 1 - (others - 1) / np.maximum(n - 1, 1), 1.0)
    return of_events, tied_others * (survival / safe) ** 2 * others


def _warnings(
    labels: tuple[Label, ...], n: IntArray, informative: BoolArray, df: int, usable: bool
) -> tuple[str, ...]:
    if not usable:
        return (
            "so many events are tied among so few at risk that the variance is not positive: not estimable",
        )
    if df == 0:
        return ("no event of the cause while two groups were at risk: the test is not estimable",)
    found = []
    for label, count, informs in zip(labels, n.tolist(), informative.tolist(), strict=True):
        if count == 0:
            found.append(f"group {label!r} has no subjects: it is left out of the test")
        elif not informs:
            found.append(f"group {label!r} was at risk at no event of the cause: it is left out of the test")
    return tuple(found)
