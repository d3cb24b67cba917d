"""Who is at risk of the cause of interest, and with which weight: the risk sets of Fine and Gray's model.

Whoever had a competing event stays at risk, with the chance G(t) / G(of the own time) of still being under
observation, G being the Kaplan–Meier curve of the censoring. A *cell* is one time of an event of interest in one
stratum. Each subject stands in a *slot*, between two cells of its stratum: it is at risk at the cells before the slot
(with weight 1), and after a competing event at the cells from the slot on, with weights that fall with G. So all sums
over risk sets are cumulative sums over slots, and nothing of the size of subjects by cells is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from equipoise.stats.competing.causes import at_risk, distinct_times, table
from equipoise.stats.observations import FloatArray, IntArray

CensoringTies = Literal["cmprsk", "survival"]

# Cells are found by counting while the table of strata by times has at most this many places for each subject.
_PLACES_A_SUBJECT = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Censoring:
    """The censoring curves: t distinct times, g groups.

    row: (n,) each subject's time.  group: (n,).  before: (g, t) the curve just before each time.
    at_risk, n_censored: (g, t), of the curve.  after_events: events leave the risk set of the censorings at their time.
    """

    time: FloatArray
    row: IntArray
    group: IntArray
    before: FloatArray
    at_risk: FloatArray
    n_censored: FloatArray
    after_events: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subdistribution:
    """Risk sets: n subjects, c cells, e events of interest, m competing events, s strata, g censoring groups.

    slot: (n,).  stratum: (n,).  event: (e,) subjects, cell by cell.  event_cell: (e,).  event_start: (c,) first event
    of each cell.  share: (e,) what Efron takes off the tied events' part of the risk set; 0 for Breslow.
    competing: (m,) subjects.  competing_slot: (m,) slot + number of slots times censoring group.  inverse: (m,) 1 / G
    just before the subject's own time.  still: (g, c) G just before each cell.  segments: first cell and the one
    after the last, for each stratum.  cell_row: (c,) place of each cell's time among the distinct times.  compiled: whether kernels do the sums.
    """

    slot: IntArray
    stratum: IntArray
    event: IntArray
    event_cell: IntArray
    event_start: IntArray
    share: FloatArray
    competing: IntArray
    competing_slot: IntArray
    inverse: FloatArray
    still: FloatArray
    segments: tuple[tuple[int, int], ...]
    cell_row: IntArray
    compiled: bool

    @property
    def n_slots(self) -> int:
        """Slots of all strata: one more than the cells in each."""
        return int(self.cell_row.size) + len(self.segments)


def censoring_curves(times: FloatArray, kind: IntArray, group: IntArray, ties: CensoringTies) -> Censoring:
    """The curves of censoring in each group.  kind: 0 censored, 1 the cause of interest, 2 another.

    ties: at equal times "cmprsk" has events still at risk of censoring, "survival" (finegray) no longer.
    After the last follow-up of a group its curve is 0, as in cmprsk.

    >>> found = censoring_curves(np.array([1.0, 2, 2, 3]), np.array([0, 0, 1, 2]), np.zeros(4, dtype=np.int64), "survival")
    >>> found.before.round(4).tolist()
    [[1.0, 0.75, 0.375]]
    """
    distinct, row = distinct_times(times)
    groups = int(group.max()) + 1
    counts = table(row, group * 2 + (kind > 0), distinct.size, 2 * groups).reshape(-1, groups, 2)
    n = at_risk(counts.sum(axis=2)).T.astype(np.float64)
    present = n > 0
    if ties == "survival":
        n = n - counts[:, :, 1].T
    censored = np.ascontiguousarray(counts[:, :, 0].T, dtype=np.float64)
    factor = 1 - censored / np.where(n > 0, n, 1.0)
    before = np.ones((groups, distinct.size))
    np.cumprod(factor[:, :-1], axis=1, out=before[:, 1:])
    return Censoring(
        time=distinct,
        row=row,
        group=group,
        before=before * present,
        at_risk=n,
        n_censored=censored,
        after_events=ties == "survival",
    )


def risk_sets(
    kind: IntArray, stratum: IntArray, curves: Censoring, *, efron: bool, compiled: bool = False
) -> Subdistribution:
    """File every subject in its slot.  kind: as above, with at least one event of interest.  stratum: (n,).

    >>> curves = censoring_curves(np.array([1.0, 2, 2, 3]), np.array([1, 2, 1, 0]), np.zeros(4, dtype=np.int64), "cmprsk")
    >>> sets = risk_sets(np.array([1, 2, 1, 0]), np.zeros(4, dtype=np.int64), curves, efron=False)
    >>> sets.slot.tolist(), sets.event_cell.tolist(), sets.segments
    ([1, 2, 2, 2], [0, 1], ((0, 2),))
    """
    row, many = curves.row, curves.time.size
    strata = int(stratum.max()) + 1
    event = np.flatnonzero(kind == 1)
    key = row if strata == 1 else stratum * many + row
    if strata * many <= _PLACES_A_SUBJECT * row.size + 100:
        reached = np.cumsum(np.bincount(key[event], minlength=strata * many) > 0)
        cell_key = np.flatnonzero(np.diff(reached, prepend=0))
        passed = reached[key]
    else:
        cell_key = np.unique(key[event])
        passed = np.searchsorted(cell_key, key, side="right")
    event_cell = passed[event] - 1
    order = np.argsort(event_cell, kind="stable")
    event, event_cell = event[order], event_cell[order]
    deaths = np.bincount(event_cell)
    event_start = np.cumsum(deaths) - deaths
    share = np.zeros(event.size)
    if efron:
        share = (np.arange(event.size) - event_start[event_cell]) / deaths[event_cell]

    ends = np.searchsorted(cell_key, np.arange(1, strata + 1) * many)
    segments = tuple(zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True))
    slot = passed + stratum
    competing = np.flatnonzero(kind == 2)
    cell_row = cell_key % many
    of = curves.group[competing]
    return Subdistribution(
        slot=slot,
        stratum=stratum,
        event=event,
        event_cell=event_cell,
        event_start=event_start,
        share=share,
        competing=competing,
        competing_slot=slot[competing] + of * (cell_key.size + strata),
        inverse=1 / curves.before[of, row[competing]],
        still=np.ascontiguousarray(curves.before[:, cell_row]),
        segments=segments,
        cell_row=cell_row,
        compiled=compiled,
    )


def over_later_slots(sets: Subdistribution, values: FloatArray) -> FloatArray:
    """Sums over the slots after each cell, within strata: (..., slots) to (..., cells).

    >>> sets = _doctest_sets()
    >>> over_later_slots(sets, np.array([1.0, 10, 100])).tolist()
    [110.0, 100.0]
    """
    sums = np.empty((*values.shape[:-1], values.shape[-1] - len(sets.segments)))
    for s, (first, last) in enumerate(sets.segments):
        part = values[..., first + s + 1 : last + s + 1]
        np.cumsum(part[..., ::-1], axis=-1, out=sums[..., first:last][..., ::-1])
    return sums


def over_earlier_slots(sets: Subdistribution, values: FloatArray) -> FloatArray:
    """Sums over the slots up to each cell, within strata: (..., slots) to (..., cells).

    >>> over_earlier_slots(_doctest_sets(), np.array([1.0, 10, 100])).tolist()
    [1.0, 11.0]
    """
    sums = np.empty((*values.shape[:-1], values.shape[-1] - len(sets.segments)))
    for s, (first, last) in enumerate(sets.segments):
        np.cumsum(values[..., first + s : last + s], axis=-1, out=sums[..., first:last])
    return sums


def over_earlier_cells(sets: Subdistribution, values: FloatArray) -> FloatArray:
    """Sums over the cells before each slot, within strata: (..., cells) to (..., slots).

    >>> over_earlier_cells(_doctest_sets(), np.array([1.0, 10])).tolist()
    [0.0, 1.0, 11.0]
    """
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + len(sets.segments)))
    for s, (first, last) in enumerate(sets.segments):
        np.cumsum(values[..., first:last], axis=-1, out=sums[..., first + s + 1 : last + s + 1])
    return sums


def over_later_cells(sets: Subdistribution, values: FloatArray) -> FloatArray:
    """Sums over the cells after each slot, within strata: (..., cells) to (..., slots).

    >>> over_later_cells(_doctest_sets(), np.array([1.0, 10])).tolist()
    [11.0, 10.0, 0.0]
    """
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + len(sets.segments)))
    for s, (first, last) in enumerate(sets.segments):
        part = sums[..., first + s : last + s]
        np.cumsum(values[..., first:last][..., ::-1], axis=-1, out=part[..., ::-1])
    return sums


def _doctest_sets() -> Subdistribution:
    """Two events of interest at two times, nothing else."""
    kind, alone = np.array([1, 1]), np.zeros(2, dtype=np.int64)
    return risk_sets(kind, alone, censoring_curves(np.array([1.0, 2.0]), kind, alone, "cmprsk"), efron=False)
