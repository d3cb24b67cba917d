"""The log-rank test of two small groups by the exact distribution over all ways to have formed the groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from equipoise.stats.frames import Frame
from equipoise.stats.observations import (
    IntArray,
    listed,
    refused,
)
from equipoise.stats.results import Row, StatisticalResult
from equipoise.stats.survival.log_rank import Labels
from equipoise.stats.survival.log_rank_tables import EventTables, Followed, event_tables, followed

# Beyond it the normal test is as good. What is listed are the ways of two halves, about the root of it each.
MOST_ARRANGEMENTS = 10**12

# Distinct sums, ascending, and in how many ways each comes about.
Distribution = tuple[IntArray, IntArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExactLogRank(StatisticalResult):
    """A permutation log-rank test: score is expected minus observed of the experimental group.

    p_value_one_sided: the share of arrangements with a score as large; p_value_two_sided: as far from 0.
    n_arrangements: in how many ways the groups could have been formed, within strata.
    """

    groups: Labels
    n: int
    n_arrangements: int
    score: float
    p_value_one_sided: float
    p_value_two_sided: float
    stratified: bool
    warnings: tuple[str, ...]

    def _title(self) -> str:
        return f"Exact{' stratified' if self.stratified else ''} log-rank test, all arrangements"

    def rows(self) -> Iterator[Row]:
        """The test."""
        method = "exact stratified log-rank" if self.stratified else "exact log-rank"
        for statistic in ("n", "n_arrangements", "score", "p_value_one_sided", "p_value_two_sided"):
            yield Row(statistic, float(getattr(self, statistic)), group=f"{self.groups[1]} vs {self.groups[0]}",
                      method=method, warning="; ".join(self.warnings))  # fmt: skip


def exact_log_rank(
    time: ArrayLike | str,
    event: ArrayLike | str,
    group: ArrayLike | str,
    *,
    groups: Sequence[str] | Sequence[int],
    strata: ArrayLike | str | Sequence[str] | None = None,
    data: Frame | None = None,
) -> ExactLogRank:
    """Test equality of survival in two small groups without an approximation.

    Arguments: as ``log_rank``; two groups, (control, experimental); within strata labels are exchanged.
    Given times, events and the size of the groups, all arrangements are equally likely where neither survival
    nor censoring differs between the groups.  Scores are whole multiples of one fraction, so that ties between
    arrangements are exact.
    Returns an ExactLogRank.  Without an event both P values are 1, with a warning.
    Raises DataError as ``log_rank``, on more than two groups, and beyond 10**12 arrangements.
    Source: Peto & Peto 1972 (the scores); Streitberg & Röhmel 1986, van de Wiel 2001 (counting without listing);
    as R coin 1.4-2, logrank_test(distribution = "exact", ties.method = "mid-ranks"), its default.

    >>> test = exact_log_rank([1, 2, 3, 4, 5, 6], [1] * 6, list("AAABBB"), groups=("A", "B"))
    >>> test.n_arrangements, test.p_value_one_sided
    (20, 0.05)
    """
    listed(groups, argument="groups")
    if len(groups) != 2:
        raise refused("groups", repr(tuple(groups)), "two groups, control first", "compare two at a time")
    seen = followed(data, time, event, group, groups, strata, None)
    stratum = np.zeros(seen.time.size, dtype=np.int64) if seen.stratum is None else seen.stratum
    experimental = seen.group == 1
    members = [stratum == s for s in range(int(stratum.max()) + 1)]
    sizes = [int(experimental[who].sum()) for who in members]
    ways = math.prod(math.comb(int(who.sum()), size) for who, size in zip(members, sizes, strict=True))
    if ways > MOST_ARRANGEMENTS:
        raise refused("time", f"{seen.time.size} subjects, who could form the groups in {float(ways):.3g} ways",
                      f"at most {MOST_ARRANGEMENTS:.0e} ways", "use log_rank: with so many it is exact enough")  # fmt: skip

    scores, unit = _scores(seen, event_tables(seen), stratum)
    found = scores[experimental].sum()
    pairs = _pairs([scores[who] for who in members], sizes)
    far = abs(found)
    # Scores are whole: at most -far is all but those of at least 1 - far.
    as_far = _at_least(pairs, far) + ways - _at_least(pairs, 1 - far) if far else ways
    return ExactLogRank(
        groups=cast("Labels", tuple(groups)),
        n=seen.time.size,
        n_arrangements=ways,
        score=float(found) / unit,
        p_value_one_sided=_at_least(pairs, found) / ways,
        p_value_two_sided=as_far / ways,
        stratified=seen.stratum is not None,
        warnings=tuple(_warnings(seen, groups)),
    )


def _warnings(seen: Followed, groups: Sequence[str] | Sequence[int]) -> Iterator[str]:
    for label, size in zip(groups, seen.n().tolist(), strict=True):
        if size == 0:
            yield f"group {label!r} has no subjects: there is one arrangement, and every P value is 1"
    if not seen.event.any():
        yield "no events: every arrangement is alike"


def _scores(seen: Followed, tables: EventTables, stratum: IntArray) -> tuple[IntArray, int]:
    """Each subject's cumulative hazard to its time minus its event, in whole numbers of 1/unit."""
    at_risk = [int(n) for n in tables.at_risk.sum(axis=1)]
    unit = math.lcm(*at_risk) if at_risk else 1
    deaths = [int(d) for d in tables.deaths.sum(axis=1)]
    hazard = [d * (unit // n) for d, n in zip(deaths, at_risk, strict=True)]
    scores = []
    for when, happened, s in zip(seen.time.tolist(), seen.event.tolist(), stratum.tolist(), strict=True):
        first, last = np.searchsorted(tables.stratum, [s, s + 1])
        reached = first + int(np.searchsorted(tables.time[first:last], when, side="right"))
        scores.append(sum(hazard[first:reached]) - unit * happened)
    small = unit * (len(tables.time) + 1) * len(scores) < 2**62
    return np.array(scores, dtype=np.int64 if small else object), unit


def _pairs(scores: list[IntArray], sizes: list[int]) -> list[tuple[Distribution, Distribution]]:
    """All arrangements as pairs: of a part of the largest stratum with some of the other strata, and of the rest."""
    largest = max(range(len(scores)), key=lambda s: len(scores[s]))
    whole, size = scores[largest], sizes[largest]
    halves = [_subsets(whole[::2], size), _subsets(whole[1::2], size)]
    nothing = (np.zeros(1, dtype=whole.dtype), np.ones(1, dtype=np.int64))
    others = [nothing, nothing]
    for s in range(len(scores)):
        if s != largest:
            shorter = int(len(others[1][0]) < len(others[0][0]))
            others[shorter] = _added(others[shorter], _subsets(scores[s], sizes[s])[sizes[s]])
    return [
        (_added(halves[0][m], others[0]), _added(halves[1][size - m], others[1]))
        for m in halves[0]
        if size - m in halves[1]
    ]


def _at_least(pairs: list[tuple[Distribution, Distribution]], least: int) -> int:
    """How many arrangements sum to at least that much."""
    found = 0
    for one, two in pairs:
        ways = np.concatenate(([0], np.cumsum(two[1])))
        found += int((one[1] * (ways[-1] - ways[np.searchsorted(two[0], least - one[0])])).sum())
    return found


def _subsets(scores: IntArray, most: int) -> dict[int, Distribution]:
    """The sums of all subsets, by size of the subset, up to a largest one."""
    of_size: dict[int, Distribution] = {0: (np.zeros(1, dtype=scores.dtype), np.ones(1, dtype=np.int64))}
    for score in scores:
        for m in range(min(len(of_size), most), 0, -1):
            with_it = (of_size[m - 1][0] + score, of_size[m - 1][1])
            without = of_size.get(m)
            of_size[m] = (
                with_it
                if without is None
                else _distinct(*map(np.concatenate, zip(without, with_it, strict=True)))
            )
    return of_size


def _added(one: Distribution, two: Distribution) -> Distribution:
    """The distribution of the sum of two independent ones."""
    return _distinct((one[0][:, None] + two[0]).ravel(), (one[1][:, None] * two[1]).ravel())


def _distinct(sums: IntArray, ways: IntArray) -> Distribution:
    """Equal sums as one, with their ways added."""
    order = np.argsort(sums)
    sums, ways = sums[order], ways[order]
    first = np.flatnonzero(np.concatenate(([True], sums[1:] != sums[:-1])))
    return sums[first], np.add.reduceat(ways, first)
